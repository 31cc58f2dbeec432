//! NEXT of a step whose command is over, and which holds for a while, does not, or waits for boxes.

use super::following::{Following, following};
use super::{Next, few, who_of};
use crate::core::launch::StepStatus;
use crate::core::launch::answers::{
    Moment, Scene, Words, checks, cut_off, fails_at, lacks_data, only_boxes, soak, unmet,
};
use crate::core::launch::explain::first_open;
use crate::core::order::What;
use crate::core::outline::StepOutline;
use crate::core::reading::Level;
use crate::core::time::Span;
use crate::core::view::ConditionOf;
use crate::core::words::left;

/// A step whose command is over: when it will have held, what it lacks, or which boxes are left.
pub(super) fn soaking(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let soaks = m.active().filter(|(_, status)| matches!(status, StepStatus::Soaking { .. }));
    let next = soaks.map(|(step, _)| {
        if only_boxes(m.state, m.readout, step, m.now) {
            return (Span::ZERO, boxes(m, step));
        }
        let broken = m.state.soak_is_broken(m.readout, &step.id);
        let cut = cut_off(m.state, m.readout, step, m.now);
        let held = soak(m.state, m.readout, step, m.now).map_or(m.now, |s| s.reading.unwrap_or(m.now + s.left(m.now)));
        let Following { then, who: decides, gate, at: from } = following(m, step, held);
        if let Some(unmet) = unmet(m.state, m.readout, step, m.now) {
            let until = unmet.until(m.now);
            let who = Words::of([
                format!("{}: {}; {until}", step.title, unmet.what),
                format!("{}; {until}", unmet.what),
                until,
            ]);
            let next = Next::new("when it holds", then, who).level(Level::Warn);
            return (Span(i64::MAX), unmet.fails.map_or(next.clone(), |at| next.at(m, at).until()));
        }
        let soak = soak(m.state, m.readout, step, m.now);
        match soak {
            _ if lacks_data(m.state, m.readout, step, m.now) => {
                let head = match soak {
                    Some(_) => Words::of(["its clock stands still", "stands still"]),
                    None => "when it holds".into(),
                };
                let fails = fails_at(m.state, step).map(|at| format!("; fails in {}", left(at.since(m.now))));
                let fails = fails.unwrap_or_default();
                let few = few(m, &step.verify, |i| ConditionOf::Verify(step.id.clone(), i));
                let what = few.unwrap_or_else(|| "no data for what must hold".to_owned());
                let who = Words::of([
                    format!("{}: {what}{fails}", step.title),
                    format!("no data for what must hold{fails}"),
                    format!("no data{fails}"),
                ]);
                let next = Next { gate, ..Next::new(head, then, who) };
                (Span(i64::MAX), next.level(Level::Unknown))
            }
            Some(soak) if !broken && cut.is_some() => {
                let limit = step.limit.unwrap_or_default();
                let who = Words::of([
                    format!(
                        "{}: its limit of {limit} comes before {} more of soak",
                        step.title,
                        left(soak.left(m.now))
                    ),
                    format!("its limit of {limit} comes before its soak is over"),
                    "its limit comes first".to_owned(),
                ]);
                let fails = cut.unwrap_or(m.now);
                let head = format!("fails in {}", left(fails.since(m.now)));
                (fails.since(m.now), Next { gate, ..Next::new(head, then, who) }.level(Level::Warn).at(m, fails))
            }
            Some(soak) if !broken => {
                let (span, reading) = match from > held {
                    true => (from.since(m.now), None),
                    false => (soak.left(m.now), soak.reading),
                };
                let when = format!("in ~{}", left(span));
                let last = reading.map(|_| format!("{when}, with the next reading"));
                let head = Words::of(last.into_iter().chain([when]));
                let next = Next { gate, ..Next::new(head, then, decides) };
                (soak.left(m.now), next.at(m, from))
            }
            _ => {
                let fails = fails_at(m.state, step).map(|at| format!("; fails in {}", left(at.since(m.now))));
                let who = format!("{} must hold{}", step.title, fails.unwrap_or_default());
                (Span(i64::MAX), Next::new("when it holds", then, who))
            }
        }
    });
    next.min_by_key(|(left, _)| *left).map(|(_, next)| checks::sooner(scene, next))
}

/// Its command is over and what must hold does: a person ticks the boxes that are left.
fn boxes(m: &Moment<'_>, step: &StepOutline) -> Next {
    let item = m.own(&step.id).and_then(|own| first_open(step, own));
    let order = What::Tick { step: step.id.clone(), item, on: true };
    Next::wanted(step.title.as_str(), who_of(m, step), order, "ticks it")
}
