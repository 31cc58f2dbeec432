//! What a reason to go back rests on: each signal of what holds, with its value, its short past and its age.

use std::ops::Range;

use crate::core::condition::{Condition, Operand, Subject, Test};
use crate::core::ids::SignalId;
use crate::core::launch::{LaunchState, TriggerStands, leading_to, trigger_stands};
use crate::core::order::Way;
use crate::core::reading::Level;
use crate::core::units::{Finite, Unit};
use crate::core::view::{ConditionOf, SignalView};
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::rows::{limits, of_probe, show, upper};
use crate::tui::widgets::spark;
use crate::tui::words;

/// At most so many are shown.
const MOST: usize = 5;

/// A signal that a reason rests on.
pub(super) struct Ground {
    signal: SignalId,
    /// The limit that it is held against, where that is a constant.
    limit: Option<f64>,
    /// Whose limit it is: `limit` of a reason, else the probe's level.
    whose: &'static str,
}

/// The signals of what holds: of the trigger that this way follows, of other triggers, of what fails the steps that go on,
/// of what is critical; each with those that it is measured beside.
pub(super) fn grounds(model: &Model, way: Option<&Way>) -> Vec<Ground> {
    let Some(launch) = &model.launch else { return Vec::new() };
    let mut found: Vec<Ground> = Vec::new();
    for condition in conditions(model, launch, way) {
        add(&mut found, model, &condition.subject, upper(condition));
        if let Test::Compare { to: Operand::Signal { subject, .. }, .. } = &condition.test {
            add(&mut found, model, subject, None);
        }
    }
    for view in model.readout.signals.values().filter(|view| view.level == Level::Critical) {
        let probe = launch.outline.probe(&view.id.probe);
        let critical = probe.into_iter().flat_map(|probe| limits(probe, view)).filter(|(l, _)| *l == Level::Critical);
        push(&mut found, view, critical.map(|(_, limit)| limit).reduce(f64::min), "critical");
    }
    found.sort_by_key(|ground| !ground.is_over(model));
    found.truncate(MOST);
    found
}

impl Ground {
    /// Whether it is over its limit now.
    fn is_over(&self, model: &Model) -> bool {
        let view = model.readout.signals.get(&self.signal);
        let value = view.and_then(|view| view.last.as_ref()?.value());
        value.zip(self.limit).is_some_and(|(value, limit)| value > limit)
    }
}

/// What holds now and leads back.
fn conditions<'a>(model: &'a Model, launch: &'a LaunchState, way: Option<&Way>) -> Vec<&'a Condition> {
    let followed = way.and_then(|way| leading_to(launch, &model.readout, way));
    let mut triggers: Vec<_> = launch.outline.triggers.iter().collect();
    triggers.sort_by_key(|trigger| followed.as_ref() != Some(&trigger.id));
    let holds = |trigger: &&&_| {
        matches!(trigger_stands(launch, &model.readout, trigger).0, TriggerStands::Fired | TriggerStands::Pending)
    };
    let triggers = triggers.iter().filter(holds).filter_map(|trigger| trigger.when());
    let active = |id| launch.steps.get(id).is_some_and(|own| own.status.is_active());
    let fails = launch.outline.steps.iter().filter(|step| active(&step.id)).flat_map(|step| {
        step.fail.iter().enumerate().filter_map(|(i, condition)| {
            let view = model.readout.conditions.get(&ConditionOf::Fail(step.id.clone(), i))?;
            (view.now == Some(true)).then_some(condition)
        })
    });
    triggers.chain(fails).collect()
}

/// The signals of a subject; of a version that is named also the others of the same measure, which it is held beside.
fn add(found: &mut Vec<Ground>, model: &Model, subject: &Subject, limit: Option<f64>) {
    let measure = subject.measure.clone().or_else(|| {
        let probe = model.outline()?.probe(&subject.probe)?;
        probe.measures.first().map(|m| m.name.clone())
    });
    let mut views: Vec<_> =
        of_probe(&model.readout, &subject.probe).filter(|view| Some(&view.id.measure) == measure.as_ref()).collect();
    views.sort_by_key(|view| subject.instance.is_some() && view.id.instance != subject.instance);
    for view in views {
        let own = subject.instance.is_none() || view.id.instance == subject.instance;
        push(found, view, limit.filter(|_| own), "limit");
    }
}

fn push(found: &mut Vec<Ground>, view: &SignalView, limit: Option<f64>, whose: &'static str) {
    match found.iter_mut().find(|ground| ground.signal == view.id) {
        // Of those that reasons name the nearest says most; a level's own only where none does.
        Some(known) if known.limit.is_some() && whose != known.whose => {}
        Some(known) => {
            known.limit = [known.limit, limit].into_iter().flatten().reduce(f64::min);
            known.whose = whose;
        }
        None => found.push(Ground { signal: view.id.clone(), limit, whose }),
    }
}

/// Draws them, a row each: name, value, short past, age.
pub(super) fn draw(model: &Model, grounds: &[Ground], pen: &mut Pen<'_>, rows: Range<u16>, (left, end): (u16, u16)) {
    let Some(outline) = model.outline() else { return };
    let name = |ground: &Ground| {
        let title = outline.probe(&ground.signal.probe).map_or(ground.signal.probe.as_str(), |p| &p.title);
        format!("{title} {}", ground.signal.instance.as_ref().map_or("", |i| i.as_str())).trim_end().to_owned()
    };
    let names: Vec<String> = grounds.iter().map(name).collect();
    let column = names.iter().map(|name| width(name)).max().unwrap_or(0).min(24);
    for ((y, ground), name) in rows.zip(grounds).zip(&names) {
        let Some(view) = model.readout.signals.get(&ground.signal) else { continue };
        let unit = outline.probe(&view.id.probe).and_then(|p| p.measure(Some(&view.id.measure))).map(|m| m.unit);
        let unit = unit.unwrap_or(Unit::Count);
        let role = match view.level {
            Level::Unknown => Role::Unknown,
            Level::Critical => Role::Crit,
            _ if ground.is_over(model) => Role::Crit,
            Level::Warn => Role::Warn,
            Level::Ok => Role::Text,
        };
        let mut end = end;
        if let Some(at) = view.at {
            end = pen.right(end, y, &words::age(model.now(), at), Role::Muted.style()).saturating_sub(2);
        }
        pen.cut(left, y, name, column, Role::Text.style());
        let x = left + column + 12;
        let shown = show(unit, view.last.as_ref());
        if view.level == Level::Unknown {
            let why = view.why.as_deref().unwrap_or("no data");
            pen.cut(
                left + column + 2,
                y,
                &format!("UNKNOWN: {why}"),
                end.saturating_sub(left + column + 2),
                role.bold(),
            );
            continue;
        }
        pen.right(x, y, &shown, role.bold());
        let bars = end.saturating_sub(x + 2).min(24);
        if bars >= 6 && !matches!(unit, Unit::State | Unit::Text) {
            let values: Vec<_> = view.spark.iter().map(|v| v.map(Finite::get)).collect();
            spark::draw(pen, x + 2, y, bars, &values, ground.limit, Role::Crit);
        }
        let limit = ground.limit.map(|limit| format!("{} {}", ground.whose, unit.show(limit)));
        if let Some(limit) = limit.filter(|limit| x + 2 + bars + 2 + width(limit) <= end) {
            pen.put(x + 2 + bars + 2, y, &limit, Role::Muted);
        }
    }
}
