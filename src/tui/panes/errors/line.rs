//! The moment that a zoomed chart tells of: when, how the versions compare then, and what it rests on.

use super::Line;
use crate::core::reading::Outcome;
use crate::core::time::Timestamp;
use crate::core::units::Unit;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::rows::show;
use crate::tui::words;

/// Draws it. `values` are said where no table says them.
pub(super) fn draw(model: &Model, lines: &[Line<'_>], unit: Unit, values: bool, pen: &mut Pen<'_>) {
    let now = model.readout.at;
    let (word, at, role) = match model.cursor() {
        Some(at) => ("cursor", at, Role::Accent),
        None => ("now", now, Role::Hi),
    };
    let x = pen.put(3, 0, word, Role::Muted);
    let mut x = pen.bold(x + 2, 0, &model.zone.stamp(at, now), role) + 3;
    let mut said: Vec<(String, Role)> = Vec::new();
    if at < now {
        said.push((format!("{} before the newest", words::clock(now.since(at))), Role::Text));
        let here = super::moments(model).into_iter().find(|moment| moment.at == at);
        said.extend(here.map(|moment| (moment.label, moment.role)));
    }
    if values {
        said.extend(lines.iter().map(|(id, label, role)| {
            let last = model.readout.signals.get(id).and_then(|view| view.last.as_ref());
            let value = Some(show(unit, last)).filter(|v| !v.is_empty());
            (format!("{label} {}", value.as_deref().unwrap_or("not measured")).trim().to_owned(), *role)
        }));
    }
    said.extend(compared(model, lines).map(|text| (text, Role::Hi)));
    said.extend(rests_on(model, lines, unit, at));
    for (text, role) in said {
        if x + width(&text) > pen.width() {
            break;
        }
        x = pen.put(x, 0, &text, role) + 3;
    }
}

/// `green is 122 times blue`, where that is worth saying.
fn compared(model: &Model, lines: &[Line<'_>]) -> Option<String> {
    let [(new, a, _), (old, b, _)] = lines else { return None };
    let value = |id| model.readout.signals.get(id)?.last.as_ref()?.value();
    let (new, old) = (value(new)?, value(old)?);
    times(new, old).map(|times| format!("{a} is {times} times {b}"))
}

/// How many times as large one value is as the other. Two versions never agree: less than twice is not worth a word. Of
/// nothing there is no telling.
fn times(new: f64, old: f64) -> Option<String> {
    let times = new / old;
    let worth = old > 0.0 && times.is_finite() && times >= 2.0;
    worth.then(|| if times < 10.0 { format!("{times:.1}") } else { crate::core::units::number(times.round()) })
}

/// How old what is shown was at that moment, and how few samples it rests on.
fn rests_on(model: &Model, lines: &[Line<'_>], unit: Unit, at: Timestamp) -> Vec<(String, Role)> {
    let views: Vec<_> =
        lines.iter().filter_map(|(id, label, _)| Some((*label, model.readout.signals.get(id)?))).collect();
    let few = views.iter().filter_map(|(label, view)| match &view.last {
        Some(Outcome::Few(few)) => Some((format!("{label}: {}", few.words(unit)), Role::Unknown)),
        _ => None,
    });
    let newest = views.iter().filter_map(|(_, view)| view.at.filter(|_| view.last.is_some())).max();
    let age = match (newest, model.loading()) {
        (Some(then), _) => (format!("measured {} before", words::age(at, then)), Role::Muted),
        (None, true) => ("loading".to_owned(), Role::Unknown),
        (None, false) if model.cursor().is_none() => ("nothing is measured yet".to_owned(), Role::Unknown),
        (None, false) => ("nothing was measured then".to_owned(), Role::Unknown),
    };
    few.chain([age]).collect()
}

#[cfg(test)]
mod tests {
    use super::times;

    #[test]
    fn how_many_times_as_large_is_said_where_it_is_worth_it() {
        let cases = [
            (0.061, 0.0005, Some("122")),
            (0.003, 0.001, Some("3.0")),
            (0.0019, 0.001, None),
            (0.5, 0.0, None),
            (0.0, 0.0, None),
            (f64::NAN, 1.0, None),
            (1.0, -1.0, None),
        ];
        for (new, old, said) in cases {
            assert_eq!(times(new, old).as_deref(), said, "{new} {old}");
        }
    }
}
