//! What the answers say, case by case. Times on the wall are written as offsets from T-0 here.

mod alarm;
mod back;
mod next;
mod now;
mod waits;

use super::{Answers, Moment, answers};
use crate::core::launch::testing::*;
use crate::core::launch::ways;
use crate::core::outline::{OnFail, Outline, TriggerAction};
use crate::core::secret::MissingSecret;
use crate::core::spell;
use crate::core::time::{Offset, Span, Timestamp};
use crate::core::view::Readout;

fn told(sim: &Sim) -> Answers {
    told_with(sim, &sim.readout(), &[])
}

fn told_with(sim: &Sim, readout: &Readout, secrets: &[MissingSecret]) -> Answers {
    told_all(sim, readout, secrets, None)
}

fn told_all(sim: &Sim, readout: &Readout, secrets: &[MissingSecret], plan: Option<&str>) -> Answers {
    let t0 = sim.state.t0;
    let ways = ways(&sim.state, readout);
    let wall = |at: Timestamp| Offset(at.since(t0).seconds()).to_string();
    answers(&Moment { state: &sim.state, readout, ways: &ways, secrets, plan, ready: None, now: sim.now, wall: &wall })
}

/// The answer, what goes on, the counts.
fn now(sim: &Sim) -> [String; 3] {
    let now = told(sim).now;
    [now.head, now.doing, now.counts].map(|w| w.long().to_owned())
}

/// When, what, who, and the orders that answer.
fn next(sim: &Sim) -> [String; 4] {
    shown(&told(sim))
}

fn shown(told: &Answers) -> [String; 4] {
    let next = &told.next;
    let orders: Vec<String> = next.moves.iter().map(|m| format!("{} {}", spell::write(&m.order), m.does)).collect();
    let head = format!("{} {}", next.head.long(), next.at).trim().to_owned();
    [head, next.what.long().to_owned(), next.who.long().to_owned(), orders.join("; ")]
}

/// The answer with its minutes, to what, why.
fn back(sim: &Sim) -> [String; 3] {
    let back = told(sim).back;
    let head = format!("{} {}", back.head.long(), back.takes).trim().to_owned();
    [head, back.to.long().to_owned(), back.why.long().to_owned()]
}

/// The alarms, each in a line.
fn alarms(sim: &Sim) -> Vec<String> {
    told(sim).alarms.iter().map(super::Alarm::line).collect()
}

/// Two versions; `a` shifts traffic and fails over 1 %; a rollback needs green to be ok.
fn shift(on_fail: OnFail) -> Outline {
    let mut plan = plan(vec![
        runs("a", |s| {
            s.title = "25 % to green".into();
            s.verify = conditions(&["errors[green] < 1%"]);
            s.soak = Some(Span::mins(5));
            s.fail = conditions(&["errors[green] > 1% for 3m"]);
            s.on_fail = on_fail;
            s.undo = undo(&[]);
        }),
        step("go", |s| {
            s.title = "Go for 50 %?".into();
            s.gate = gate(&[], &["dba", "support"], None);
            s.after = after(&["a"]);
        }),
        runs("b", |s| s.after = after(&["go"])),
    ]);
    let mut traffic = rollback("traffic", vec![runs("traffic/to-blue", |_| {})]);
    traffic.title = "All traffic to blue".into();
    traffic.require = conditions(&["green is ok"]);
    traffic.undoes = after(&["a"]);
    plan.rollbacks = vec![traffic];
    plan.rollback = Some("traffic".into());
    plan
}

/// The same launched, with both versions measured for a minute.
fn shifting(with: impl FnOnce(&mut Outline)) -> Sim {
    let mut plan = shift(OnFail::Propose);
    with(&mut plan);
    let mut sim = Sim::new(plan);
    sim.measures_each("errors", &[("green", 0.0006), ("blue", 0.0005)]);
    sim.pass(Span::mins(1));
    sim
}

/// The new version fails, the old one does not.
fn breaks(sim: &mut Sim, for_: Span) {
    sim.measures_each("errors", &[("green", 0.061), ("blue", 0.0005)]);
    sim.pass(for_);
}

fn recovers(sim: &mut Sim, for_: Span) {
    sim.measures_each("errors", &[("green", 0.0006), ("blue", 0.0005)]);
    sim.pass(for_);
}

fn watch(when: &str, action: TriggerAction) -> impl FnOnce(&mut Outline) {
    let mut trigger = trigger("high", when, action);
    trigger.title = "Too many errors".into();
    trigger.clear_after = Span::mins(1);
    |plan| plan.triggers = vec![trigger]
}
