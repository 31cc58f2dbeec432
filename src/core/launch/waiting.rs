//! *Explain* of all that has a name, and of all that waits at a moment: holds, the way back, triggers, incidents, gates and
//! steps; a probe's signals where they are asked for. The command line and the screen's `:explain` print these.

mod incident;
mod shift;
mod trigger;

use incident::incident;
use shift::{change_wants, shift, with_sheet};
use trigger::trigger;

use super::due::{ended, going_back};
use super::explain::{Explanation, criterion, explain, go_on, item, notice, stands, stops, told_of, watch};
use super::proposed::proposed;
use super::triggers::{TriggerStands, holds_now, leading_to, trigger_stands};
use super::way_view;
use super::{
    HalfBack, LaunchState, Mute, RollbackStatus, Status, StepStatus, USUAL, Unwritten, WayView, normal, open_checks,
    open_incidents, ways, worth,
};
use crate::core::ids::{ProbeId, StepId};
use crate::core::notice::Muted;
use crate::core::order::{Way, What};
use crate::core::outline::StepOutline;
use crate::core::reading::{Level, Outcome};
use crate::core::ready::lacks_baseline;
use crate::core::signals::let_go;
use crate::core::text::did_you_mean;
use crate::core::time::Timestamp;
use crate::core::units::Unit;
use crate::core::view::{ConditionOf, ConditionView, Readout, SignalView};
use crate::core::words::{clock, short};

/// Something that waits, or was asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The name by which it is asked about: `deploy`, `#1`, `errors-high`, `hold`, `rollback`, `api.latency`.
    pub name: String,
    /// What people call it.
    pub title: String,
    /// How it stands, on what it waits, since when, and which order moves it.
    pub why: Explanation,
}

/// All that waits now, what concerns the whole launch first. Steps that are not due are left out: they wait for these; but
/// where nothing else waits, the first of them is what all wait for.
pub fn waiting(state: &LaunchState, readout: &Readout, now: Timestamp) -> Vec<Waiting> {
    if matches!(state.status, Status::Ended { .. }) {
        return Vec::new();
    }
    if let Some(unwritten) = &readout.unwritten {
        let all = waiting(state, &written(readout), now);
        return unwritten_first(state, readout, unwritten, all);
    }
    let ways = ways(state, readout);
    let first = rollback(state, readout).into_iter().chain(holds(state));
    let mut all: Vec<Waiting> = first.chain(state.unplanned_waiting()).collect();
    let triggers = state.outline.triggers.iter().map(|t| (t, trigger_stands(state, readout, t).0));
    let loud = triggers.filter(|(of, stands)| match stands {
        TriggerStands::Pending | TriggerStands::Fired | TriggerStands::Clearing => true,
        TriggerStands::Dismissed => holds_now(readout, of),
        _ => false,
    });
    all.extend(loud.map(|(t, _)| trigger(state, readout, &ways, t)));
    all.extend(state.outline.steps.iter().filter_map(|step| proposal(state, &ways, step)));
    all.extend(open_incidents(state).into_iter().map(|number| incident(state, &ways, number, now)));
    all.extend(open_checks(state).iter().map(|open| watch(state, open.watch, now)));
    all.extend(shift(state, now).filter(|_| change_wants(state, now)));
    let steps = state.outline.steps.iter().map(|s| step(state, readout, &s.id, now));
    all.extend(steps.filter(|w| w.why.due || wants_someone(state, &w.name)));
    if all.is_empty() {
        let open = |s: &&StepOutline| state.steps.get(&s.id).is_none_or(|own| !own.status.is_over());
        all.extend(state.outline.steps.iter().find(open).map(|s| step(state, readout, &s.id, now)));
    }
    // Nothing waits for a mute, but who asks why nothing is heard must find it.
    all.extend(mutes(state, now));
    beside_nothing(state, readout, all)
}

/// What a name means: a step or gate, a phase, a trigger, a watch, a way back, an incident (`#1`), `hold`, `mute`, `rollback`
/// (the one under way), `handover` (who is on shift and who is next), `baseline` (all that were captured), `journal` (where it
/// can't be written), `plan` (where commands were found that are of none of its steps), a probe or one of its signals, a
/// message (`notice-3`). Several where several have it. What people were told of it, by which channels and what became of
/// that stands at the end. The error names the nearest.
pub fn explain_named(
    state: &LaunchState,
    readout: &Readout,
    name: &str,
    now: Timestamp,
) -> Result<Vec<Waiting>, String> {
    if let Some(unwritten) = &readout.unwritten {
        let found = if name == "journal" { Vec::new() } else { explain_named(state, &written(readout), name, now)? };
        return Ok(unwritten_first(state, readout, unwritten, found));
    }
    let mut found = Vec::new();
    if state.outline.step(&name.into()).is_some() {
        found.push(step(state, readout, &name.into(), now));
    }
    found.extend(state.outline.step_of_rollback(name).map(|id| step(state, readout, id, now)));
    found.extend(state.outline.watch(&name.into()).map(|of| watch(state, of, now)));
    let criteria = state.outline.criteria.iter().filter(|of| of.id == name);
    found.extend(criteria.filter_map(|of| criterion(state, readout, of, now)));
    let open = |id: &StepId| state.steps.get(id).is_none_or(|own| !own.status.is_over());
    let phase = state.outline.steps.iter().filter(|s| s.phase.as_str() == name && open(&s.id));
    found.extend(phase.map(|s| step(state, readout, &s.id, now)));
    let ways = ways(state, readout);
    let triggers = state.outline.triggers.iter().filter(|t| t.id.as_str() == name);
    found.extend(triggers.map(|t| trigger(state, readout, &ways, t)));
    found.extend(ways.iter().filter(|view| way_name(&view.way) == name).map(|view| way(state, readout, view)));
    // Where it does the same as one stage it is not listed, and can be taken all the same.
    let listed = ways.iter().any(|view| view.way == Way::All);
    let all = (name == "all" && !listed).then(|| way_view(state, readout, Way::All)).flatten();
    found.extend(all.iter().map(|view| way(state, readout, view)));
    let number = name.strip_prefix('#').unwrap_or(name).parse::<u32>().ok();
    found.extend(
        number.filter(|n| (1..=state.incidents.len() as u32).contains(n)).map(|n| incident(state, &ways, n, now)),
    );
    match name {
        "hold" => found.extend(holds(state)),
        "mute" => found.extend(mutes(state, now)),
        "rollback" => found.extend(rollback(state, readout)),
        "handover" => found.extend(shift(state, now).map(|told| with_sheet(state, readout, told, now))),
        "baseline" => found.extend(baseline(state)),
        "plan" => found.extend(state.unplanned_waiting()),
        _ => {}
    }
    let is_meant = |v: &&SignalView| v.id.probe.as_str() == name || v.id.to_string() == name;
    let before = found.len();
    found.extend(readout.signals.values().filter(is_meant).map(|v| signal(state, readout, v, now)));
    // What of it counts no more is seen in none of the others.
    if let Some((first, gone)) = found.get_mut(before).zip(let_go(&name.into(), &state.forgotten)) {
        first.why.because.push(gone);
    }
    // A probe of which nothing is measured, or nothing counts any more.
    let silent = |id: &ProbeId| readout.signals.keys().all(|signal| signal.probe != *id);
    if let Some(probe) = state.outline.probe(&name.into()).filter(|probe| silent(&probe.id)) {
        let why = let_go(&probe.id, &state.forgotten).unwrap_or_else(|| "not measured yet".to_owned());
        let why = Explanation::new("unknown", None).because(why);
        found.push(Waiting { name: name.to_owned(), title: name.to_owned(), why });
    }
    // The way that is under way or was left half done, where it is none to begin any more.
    if found.is_empty() {
        let under_way = state.rollbacks.last().filter(|of| way_name(&of.way) == name);
        found.extend(under_way.and_then(|_| self::under_way(state, readout)));
        let halves = state.half_backs().filter(|half| way_name(&half.of.way) == name);
        found.extend(halves.map(|half| half_back(state, readout, half)));
    }
    found.extend(notice(state, name, now));
    let mut told = told_of(state, name, now);
    // What silences it, also where nothing was told of it yet.
    let silences = |mute: &&Mute| mute.of.to_string() == name || (mute.of == Muted::All && name != "mute");
    let silent = state.notices.mutes.iter().filter(silences).filter(|_| !found.is_empty());
    told.extend(silent.map(|mute| mute.words(state, now)));
    match &mut found[..] {
        _ if told.is_empty() => {}
        [one] => one.why.because.extend(told),
        // Of several signals of a probe it is of none of them alone.
        _ => {
            let why = Explanation { because: told, ..Explanation::new("people were told", None) };
            found.push(Waiting { name: name.to_owned(), title: name.to_owned(), why });
        }
    }
    if found.is_empty() { Err(unknown(state, readout, name)) } else { Ok(beside_nothing(state, readout, found)) }
}

/// The same as if the journal could be written.
fn written(readout: &Readout) -> Readout {
    Readout { unwritten: None, ..readout.clone() }
}

/// That nothing can be written down comes before all that waits, and of that no order is offered that would be refused.
fn unwritten_first(state: &LaunchState, readout: &Readout, by: &Unwritten, all: Vec<Waiting>) -> Vec<Waiting> {
    let first = by.waiting(state, &ways(state, readout));
    let rest = all.into_iter().map(|one| Waiting { why: one.why.only_taken(state, readout), ..one });
    std::iter::once(first).chain(rest).collect()
}

fn beside_nothing(state: &LaunchState, readout: &Readout, mut all: Vec<Waiting>) -> Vec<Waiting> {
    for one in &mut all {
        let said = std::mem::replace(&mut one.why, Explanation::new("", None));
        one.why = said.beside_nothing(state, readout);
    }
    all
}

fn unknown(state: &LaunchState, readout: &Readout, name: &str) -> String {
    match name {
        "hold" => return "nobody holds the launch".to_owned(),
        "mute" => return "nothing is muted".to_owned(),
        "rollback" => return "no way back is under way or left half done".to_owned(),
        "handover" => return "the plan has no [shifts]".to_owned(),
        "baseline" => return "no baseline was captured; `baseline 10m` does it".to_owned(),
        "journal" => return "the journal can be written".to_owned(),
        "plan" => return "no command was found that is of none of its steps".to_owned(),
        _ => {}
    }
    if name.strip_prefix('#').is_some_and(|number| number.parse::<u32>().is_ok()) {
        return match state.incidents.len() {
            0 => format!("there is no incident {name}: none was opened; `severity 1 WHAT` opens one"),
            n => format!("there is no incident {name}: the newest is #{n}"),
        };
    }
    let nothing_yet = "there is nothing to undo yet, or it is no way back of this plan";
    if matches!(name, "stage" | "all") || state.outline.rollback(&name.into()).is_some() {
        return format!("`{name}`: {nothing_yet}");
    }
    let outline = &state.outline;
    if outline.phases.iter().any(|p| p.id.as_str() == name) {
        return format!("nothing of `{name}` waits: all its steps are over");
    }
    let known = outline
        .steps
        .iter()
        .map(|s| s.id.to_string())
        .chain(outline.triggers.iter().map(|t| t.id.to_string()))
        .chain(outline.rollbacks.iter().map(|r| r.id.to_string()))
        .chain(outline.watches.iter().map(|w| w.id.to_string()))
        .chain(outline.criteria.iter().map(|c| c.id.clone()))
        .chain(outline.probes.iter().map(|p| p.id.to_string()))
        .chain(readout.signals.keys().map(ToString::to_string));
    let known: Vec<String> = known.collect();
    let near = did_you_mean(name, known.iter().map(String::as_str));
    format!("there is no step, phase, trigger, watch, way back, incident or probe `{name}`{near}")
}

fn step(state: &LaunchState, readout: &Readout, id: &StepId, now: Timestamp) -> Waiting {
    let title = state.outline.step(id).map_or(id.as_str(), |s| s.title.as_str()).to_owned();
    let mut why = explain(state, readout, id, now);
    // On the screen its clocks stand in rows of their own.
    let goes_on = state.steps.get(id).is_some_and(|own| own.status.is_active());
    let fails = state.outline.step(id).filter(|_| goes_on).map_or(&[][..], |step| &step.fail);
    why.because.extend(fails.iter().enumerate().filter_map(|(i, condition)| {
        let counts = |view: &&ConditionView| view.now == Some(true) || view.now.is_none() && !view.waits;
        let view = readout.conditions.get(&ConditionOf::Fail(id.clone(), i)).filter(counts)?;
        Some(format!("it fails over {}", condition.with(&stands(view))))
    }));
    Waiting { name: id.to_string(), title, why }
}

/// Whether a step goes on, or is over in a way that a person answers.
fn wants_someone(state: &LaunchState, id: &str) -> bool {
    let id = StepId::from(id);
    state.steps.get(&id).is_some_and(|own| {
        match own.status {
            // What failed beside the plan is in its output.
            StepStatus::Failed { .. } => !state.is_added(&id),
            StepStatus::Interrupted { .. } | StepStatus::NoGo { .. } | StepStatus::Expired { .. } => true,
            _ => own.status.is_active(),
        }
    })
}

fn holds(state: &LaunchState) -> Vec<Waiting> {
    let each = state.holds().zip(state.releases("")).map(|(hold, release)| {
        let mut why = Explanation::new("holds", Some(hold.since)).because(hold.why.clone());
        why.because.push("no new step starts until it is released".to_owned());
        why.orders.push(release);
        Waiting { name: "hold".to_owned(), title: hold.by.to_string(), why }
    });
    each.collect()
}

/// What is muted, by whom, until when, and how to end it.
fn mutes(state: &LaunchState, now: Timestamp) -> Vec<Waiting> {
    let each = state.notices.mutes.iter().map(|mute| {
        let mut why = Explanation::new("muted", Some(mute.since)).because(mute.words(state, now));
        why.because.push("it is measured and fires as before; what still stands then is told when it ends".to_owned());
        why.orders.push(What::Unmute { of: mute.of.clone() });
        Waiting { name: "mute".to_owned(), title: mute.of.to_string(), why }
    });
    each.collect()
}

/// All that was captured as normal.
fn baseline(state: &LaunchState) -> Option<Waiting> {
    let newest = state.baselines.values().map(|own| own.at).max()?;
    let mut why = Explanation::new("captured", Some(newest));
    why.because.extend(state.baselines.iter().map(|(id, own)| normal(&state.outline, id, own)));
    Some(Waiting { name: "baseline".to_owned(), title: "The normal".to_owned(), why })
}

/// The way back that is under way or stopped; else those that were left half done, until that was put right.
fn rollback(state: &LaunchState, readout: &Readout) -> Vec<Waiting> {
    let under_way = under_way(state, readout);
    under_way.into_iter().chain(state.half_backs().map(|half| half_back(state, readout, half))).collect()
}

fn under_way(state: &LaunchState, readout: &Readout) -> Option<Waiting> {
    let Status::RollingBack(number) = state.status else { return None };
    let of = state.rollbacks.get((number as usize).checked_sub(1)?)?;
    let mut why = Explanation::new("under way", Some(of.started));
    why.because.push(format!("started by {}: {}", of.by, of.why));
    if let RollbackStatus::Stopped { at, why: stopped } = &of.status {
        why.state = "stopped".to_owned();
        why.since = Some(*at);
        why.because.push(stopped.clone());
        why.because.extend(state.stopped_command());
        why.because.push("nothing after it runs until a person says how to go on".to_owned());
        why.orders.extend(go_on(state, number));
    } else if let Some(at) = of.items.get(of.next) {
        why.because.push(format!("{} of {}: {}", of.next + 1, of.items.len(), at.title));
        item(&mut why, state, readout, number);
    }
    Some(Waiting { name: "rollback".to_owned(), title: of.title.clone(), why })
}

fn half_back(state: &LaunchState, readout: &Readout, half: HalfBack<'_>) -> Waiting {
    let mut why = Explanation::new("left half done", Some(half.left)).because(half.ran(state));
    why.because.push(format!("left because: {}", half.why));
    why.because.push("it is taken once more, or put right by other means, and somebody says so".to_owned());
    why.orders.extend(half.orders(&ways(state, readout)));
    Waiting { name: "rollback".to_owned(), title: half.of.title.clone(), why }
}

/// The way back that a step proposes since it failed.
fn proposal(state: &LaunchState, ways: &[WayView], step: &StepOutline) -> Option<Waiting> {
    let (way, order) = proposed(state, ways, step)?;
    let StepStatus::Failed { at, why: failed, .. } = &state.steps.get(&step.id)?.status else { return None };
    let mut why = Explanation::new("proposed", Some(*at)).because(format!("{} failed: {failed}", step.title));
    why.because.extend(way.ready.as_ref().err().cloned());
    why.orders.push(order);
    Some(Waiting { name: way_name(&way.way).to_owned(), title: way.title.clone(), why })
}

fn way_name(way: &Way) -> &str {
    match way {
        Way::Named(id) => id.as_str(),
        Way::Stage(_) => "stage",
        Way::All => "all",
    }
}

fn way(state: &LaunchState, readout: &Readout, view: &WayView) -> Waiting {
    let taken = match state.status {
        Status::RollingBack(number) => state.rollbacks.get((number as usize).wrapping_sub(1)).map(|of| (number, of)),
        _ => None,
    };
    let taken = taken.filter(|(_, of)| of.way == view.way);
    if let Some((number, of)) = taken {
        let (word, since) = match &of.status {
            RollbackStatus::Stopped { at, .. } => ("stopped", *at),
            _ => ("under way", of.started),
        };
        let mut why = Explanation::new(word, Some(since));
        if let RollbackStatus::Stopped { why: stopped, .. } = &of.status {
            why.because.push(stopped.clone());
        }
        why.because.push(format!("rollback {number}, {} of {} done", of.next, of.items.len()));
        match of.items.get(of.next).filter(|_| of.status == RollbackStatus::Running) {
            Some(at) => {
                why.because.push(format!("{} of {}: {}", of.next + 1, of.items.len(), at.title));
                item(&mut why, state, readout, number);
            }
            None => why.orders.extend(go_on(state, number)),
        }
        return Waiting { name: way_name(&view.way).to_owned(), title: view.title.clone(), why };
    }
    let word = match (&state.status, &view.closed, &view.ready) {
        (Status::Ended { .. }, ..) => "over",
        (_, Some(_), _) => "closed",
        (Status::RollingBack(_), ..) => "NOT NOW",
        (_, None, Ok(())) => "READY",
        (_, None, Err(_)) => "NOT READY",
    };
    let mut why = Explanation::new(word, None);
    match state.status {
        Status::RollingBack(number) => why.because.push(going_back(state, number)),
        Status::Ended { .. } => why.because.push(ended(state)),
        Status::Live | Status::RolledBack(_) => {}
    }
    let half = state.half_backs().find(|half| half.of.way == view.way);
    why.because.extend(half.iter().map(|half| format!("left half done: {}", half.ran(state))));
    why.because.extend(view.ready.as_ref().err().cloned());
    why.because.extend(view.first.clone());
    why.because.push(match view.estimate {
        Some(estimate) => format!("it takes about {}", short(estimate)),
        None => "the plan does not say how long it takes".to_owned(),
    });
    why.because.extend(view.loses.as_ref().map(|lost| format!("it loses {lost}")));
    why.because.extend((1..).zip(&view.items).map(|(n, item): (u32, _)| format!("{n}. {}", item.title)));
    for (what, of) in
        [("rests on what is undone, and asks again", &view.asks), ("without an undo, stays as it is", &view.stays)]
    {
        let names: Vec<&str> = of.iter().map(|id| id.as_str()).collect();
        why.because.extend((!names.is_empty()).then(|| format!("{what}: {}", names.join(", "))));
    }
    why.orders.extend(half.map(|half| half.settled()).filter(|_| view.closed.is_some()));
    if view.closed.is_none() && !matches!(state.status, Status::RollingBack(_) | Status::Ended { .. }) {
        let (way, typed) = (view.way.clone(), view.typed.then(String::new));
        why.orders.push(What::Rollback { trigger: leading_to(state, readout, &way), way, typed, why: String::new() });
        let runs = state.runs.iter().filter(|(run, known)| known.end.is_none() && view.undoes.contains(&run.step));
        why.orders.extend(runs.filter(|(run, _)| state.lets_finish(run)).find_map(|(run, _)| stops(state, run)));
    }
    Waiting { name: way_name(&view.way).to_owned(), title: view.title.clone(), why }
}

/// Whether an instance answers, as [`crate::core::signals::Signals::is_there`] has it: then it can't be let go.
fn is_there(state: &LaunchState, readout: &Readout, of: &SignalView, now: Timestamp) -> bool {
    let Some(probe) = state.outline.probe(&of.id.probe) else { return false };
    let own = readout.signals.values().filter(|v| v.id.probe == of.id.probe && v.id.instance == of.id.instance);
    let fresh = own.filter(|v| v.at.is_some_and(|at| now.since(at) <= probe.every.times(3)));
    let answers = |v: &SignalView| v.last.as_ref().is_some_and(|o| o.counts() && !matches!(o, Outcome::Failing(_)));
    let of_state = |v: &SignalView| probe.measure(Some(&v.id.measure)).is_some_and(|m| m.unit == Unit::State);
    let (states, others): (Vec<_>, Vec<_>) = fresh.partition(|v| of_state(v));
    if states.is_empty() { others.iter().any(|v| answers(v)) } else { states.iter().all(|v| answers(v)) }
}

fn signal(state: &LaunchState, readout: &Readout, view: &SignalView, now: Timestamp) -> Waiting {
    let name = view.id.to_string();
    let measures = state.outline.probe(&view.id.probe).map_or(&[][..], |p| &p.measures);
    let unit = measures.iter().find(|m| m.name == view.id.measure).map(|m| m.unit);
    let words = |outcome: &Outcome| match outcome {
        Outcome::Value(_) | Outcome::AtLeast(_) => outcome.shown(unit.unwrap_or(Unit::Count)).unwrap_or_default(),
        Outcome::Text(text) | Outcome::Failing(text) | Outcome::NoData(text) | Outcome::CutOff(text) => text.clone(),
        Outcome::Few(few) => few.words(unit.unwrap_or(Unit::Count)),
    };
    let mut why = Explanation::new(&view.level.to_string(), None);
    why.because.extend(view.why.clone());
    let measured = view.last.as_ref().filter(|outcome| outcome.counts());
    if let Some(outcome) = measured {
        let age = view.at.map_or_else(String::new, |at| format!(", {} ago", clock(now.since(at))));
        why.because.push(format!("measured: {}{age}", words(outcome)));
    }
    if let Some(was) = &view.was {
        why.because.push(format!("the last that was measured: {}", words(was)));
    }
    if let Some(pending) = view.pending {
        let (level, lasted, needs) = (pending.level, clock(pending.lasted), clock(pending.needs));
        why.because.push(format!("it is over a limit and becomes {level}: {lasted} of {needs}"));
    }
    if let Some(own) = state.baselines.get(&view.id) {
        let ago = clock(now.since(own.at));
        why.because.push(format!("its baseline: {}, captured {ago} ago", worth(&state.outline, &view.id, own)));
    }
    if measured.is_none() && view.was.is_none() && view.why.is_none() {
        why.because.push("not measured yet".to_owned());
    }
    if view.level == Level::Unknown && view.id.instance.is_some() && !is_there(state, readout, view, now) {
        why.orders.push(What::Forget { signal: view.id.clone(), why: String::new() });
    }
    if view.level == Level::Unknown && view.why.as_deref().is_some_and(lacks_baseline) {
        why.orders.push(What::Baseline { probe: Some(view.id.probe.clone()), over: USUAL });
    }
    Waiting { title: name.clone(), name, why }
}
