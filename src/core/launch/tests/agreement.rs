//! Whatever the course, what is said of one moment in one place agrees with what is said of it in the others.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::invariants::{begun, given, going_back, moves, named, outline, play};
use super::rich::{acted, acts, history, offers, rich, typed};
use crate::core::event::{Event, RunEnd};
use crate::core::ids::{RunId, RunKind};
use crate::core::launch::answers::{Ground, Standing};
use crate::core::launch::testing::*;
use crate::core::launch::{
    Explanation, Status, StepStatus, TriggerStands, explain_named, forecast, handover, open_checks, trigger_stands,
    waiting,
};
use crate::core::notice::{NoticeKind, Subject};
use crate::core::order::{Found, Rejection, What};
use crate::core::reading::{Level, Outcome};
use crate::core::report::{Report, markdown};
use crate::core::spell;
use crate::core::tell::tell;
use crate::core::time::{Span, Timestamp};

/// All that is said of this moment, each with where.
fn said(sim: &Sim) -> Vec<(String, String)> {
    let readout = sim.readout();
    let told = sim.answers();
    let mut all = Vec::new();
    let mut add = |place: &str, text: &str| all.push((place.to_owned(), text.to_owned()));
    let mut explained = |name: &str, said: &Explanation| {
        add(&format!("explain {name}"), &said.state);
        said.because.iter().for_each(|because| add(&format!("explain {name}"), because));
    };
    for step in &sim.state.outline.steps {
        explained(step.id.as_str(), &sim.explain(step.id.as_str()));
    }
    for one in waiting(&sim.state, &readout, sim.now) {
        explained(&one.name, &one.why);
    }
    for words in [&told.now.head, &told.now.doing, &told.now.counts] {
        words.forms().for_each(|form| add("now", form));
    }
    for words in [&told.next.head, &told.next.what, &told.next.who] {
        words.forms().for_each(|form| add("next", form));
    }
    for words in [&told.back.head, &told.back.to, &told.back.why] {
        words.forms().for_each(|form| add("back", form));
    }
    told.alarms.iter().for_each(|alarm| add("alarm", &alarm.line()));
    for part in handover(&sim.state, &readout, sim.now) {
        part.lines.iter().for_each(|line| add("handover", line));
    }
    for way in sim.ways() {
        add("way", &way.title);
        way.first.iter().for_each(|text| add("way", text));
        way.ready.iter().for_each(|()| {});
        way.ready.err().iter().for_each(|text| add("way", text));
    }
    all
}

/// What shows that a part of a sentence is missing.
fn is_torn(text: &str) -> bool {
    let marks = ["  ", "()", "``", " ,", " ;", ";;", ": ;", ": ,", "::", ",,", " :", "; )", ", )", "( ", ": :"];
    marks.iter().any(|mark| text.contains(mark))
        || text.ends_with([' ', ':', ',', ';'])
        || text.starts_with([' ', ':', ',', ';'])
        || text.is_empty()
}

/// What stands of a moment: how each that waits stands, and since when.
type Since = BTreeMap<(String, String), Timestamp>;

fn since(sim: &Sim) -> Since {
    let all = waiting(&sim.state, &sim.readout(), sim.now);
    all.into_iter().filter_map(|one| Some(((one.name, one.why.state), one.why.since?))).collect()
}

/// What people are told stands as long as it is so, and no longer.
fn notices_agree(sim: &Sim) -> Result<(), TestCaseError> {
    let state = &sim.state;
    if matches!(state.status, Status::Ended { .. }) {
        return Ok(());
    }
    for notice in state.notices.standing() {
        let stands = match (&notice.kind, &notice.subject) {
            (NoticeKind::Trigger, Subject::Trigger(id)) => {
                state.triggers.get(id).is_some_and(|own| own.fired.is_some())
            }
            (NoticeKind::Gate, Subject::Step(id)) => matches!(sim.status(id.as_str()), StepStatus::Polling),
            (NoticeKind::StepFailed, Subject::Step(id)) => {
                matches!(sim.status(id.as_str()), StepStatus::Failed { .. } | StepStatus::Interrupted { .. })
            }
            (NoticeKind::Sev1 | NoticeKind::Sev2, Subject::Incident(n)) => {
                state.incidents[*n as usize - 1].resolved.is_none()
            }
            (NoticeKind::Overdue, Subject::Watch(id)) => {
                open_checks(state).iter().any(|open| open.watch.id == *id && open.is_overdue(sim.now))
            }
            (NoticeKind::Rollback, Subject::Rollback(n)) => {
                matches!(state.status, Status::RollingBack(at) if at == *n) || state.half_backs().next().is_some()
            }
            _ => continue,
        };
        prop_assert!(stands, "notice {} stands: {}", notice.number, notice.text);
    }
    Ok(())
}

fn triggers_agree(sim: &Sim) -> Result<(), TestCaseError> {
    let (state, readout, told) = (&sim.state, sim.readout(), sim.answers());
    if matches!(state.status, Status::Ended { .. } | Status::RollingBack(_)) {
        return Ok(());
    }
    for of in &state.outline.triggers {
        let stands = trigger_stands(state, &readout, of).0;
        let said = explain_named(state, &readout, of.id.as_str(), sim.now).unwrap().remove(0).why;
        let alarm = told.alarms.iter().any(|alarm| alarm.trigger.as_ref() == Some(&of.id));
        let loud = matches!(stands, TriggerStands::Fired | TriggerStands::Clearing | TriggerStands::Pending);
        prop_assert!(!loud || alarm, "{} {stands:?}, {}: no alarm", of.id, said.state);
        prop_assert!(!alarm || stands != TriggerStands::Armed, "{} is armed: an alarm", of.id);
        let word = match stands {
            TriggerStands::Armed => "armed",
            TriggerStands::Pending => "pending",
            TriggerStands::Unknown => "unknown",
            TriggerStands::Fired => "fired",
            TriggerStands::Clearing => "clearing",
            TriggerStands::Dismissed => "dismissed",
            TriggerStands::Followed => "",
        };
        prop_assert!(said.state.to_lowercase().contains(word), "{}: {stands:?} is {}", of.id, said.state);
    }
    Ok(())
}

fn forecasts_agree(sim: &Sim) -> Result<(), TestCaseError> {
    let told = forecast(&sim.state, &sim.readout(), sim.now);
    if matches!(sim.state.status, Status::Ended { .. }) {
        return Ok(());
    }
    for ends in told.phases.iter().chain([&told.launch]) {
        let past = ends.projected.is_some_and(|at| at < sim.now) && ends.actual.is_none();
        prop_assert!(!past, "{ends:?}, now {:?}", sim.now);
    }
    Ok(())
}

/// Whether somebody may give an order that is offered, as it is typed.
fn is_open(sim: &Sim, order: &What) -> Result<(), Rejection> {
    let Err(no) = named(sim, order) else { return Ok(()) };
    let what = typed(sim, &spell::write(order)).ok_or_else(|| Rejection::new("it can't be read"))?;
    let taken = ["ana", "bea", "tom", "zoe"].iter().any(|by| given(sim, by, what.clone()).is_ok());
    if taken { Ok(()) } else { Err(no) }
}

/// No sentence lacks a part, and none tells of a hold where none is.
fn words_agree(sim: &Sim) -> Result<(), TestCaseError> {
    let over = matches!(sim.state.status, Status::Ended { .. });
    for (place, text) in said(sim) {
        // These may be empty, and keep their parts apart by two blanks.
        let of_answers = ["now", "next", "alarm", "back"].contains(&place.as_str());
        let text = if of_answers { text.replace("  ", " ") } else { text.trim_start().to_owned() };
        if of_answers && text.is_empty() {
            continue;
        }
        prop_assert!(!is_torn(&text), "{place}: {text:?}");
        let held = text.contains("has held the launch");
        prop_assert!(!held || over || sim.state.hold.is_some(), "{place}: {text:?}");
    }
    Ok(())
}

/// What is offered is taken; a way back that may be taken is, and no other.
fn offers_agree(sim: &Sim) -> Result<(), TestCaseError> {
    for (place, order) in offers(sim) {
        // Whether anything was measured in that time, who offers it does not look up: the answer says to wait.
        let waits = matches!(order, What::Baseline { .. });
        if let Err(no) = is_open(sim, &order).or_else(|no| if waits { Ok(()) } else { Err(no) }) {
            prop_assert!(false, "{place} offers {}: {no:?}", spell::write(&order));
        }
    }
    let none = matches!(sim.state.status, Status::RollingBack(_) | Status::Ended { .. });
    for way in sim.ways() {
        let typed = way.typed.then(|| "production".to_owned());
        let order = What::Rollback { way: way.way.clone(), trigger: None, typed, why: "so".into() };
        let taken = given(sim, "bea", order);
        let may = way.closed.is_none() && way.barred.is_none() && !none;
        prop_assert_eq!(taken.is_ok(), may, "{:?}: {:?}", way, taken);
    }
    Ok(())
}

/// What failed has an alarm; what was undone says by what; nothing is so since a moment to come.
fn steps_agree(sim: &Sim) -> Result<(), TestCaseError> {
    let (state, told) = (&sim.state, sim.answers());
    let elsewhere =
        matches!(state.status, Status::Ended { .. } | Status::RollingBack(_)) || state.half_backs().count() > 0;
    for step in &state.outline.steps {
        let id = step.id.as_str();
        let failed = matches!(sim.status(id), StepStatus::Failed { .. });
        let alarm = told.alarms.iter().any(|alarm| alarm.place == step.title);
        if failed && !elsewhere && !state.is_added(&step.id) {
            prop_assert!(alarm, "{id} failed: {:?}", told.alarms.iter().map(|a| a.line()).collect::<Vec<_>>());
        }
        let explained = sim.explain(id);
        if explained.state == "undone" {
            let by = undone_by(sim, id);
            let said = &explained.because[0];
            prop_assert!(said.starts_with(by) || by == "settled", "{id}: {said}, by {by}");
        }
        prop_assert!(explained.since.is_none_or(|since| since <= sim.now), "{id}: {explained:?}");
    }
    Ok(())
}

/// NOW is as bad as the worst alarm, and BACK as the ways back.
fn answers_agree(sim: &Sim) -> Result<(), TestCaseError> {
    let (state, told) = (&sim.state, sim.answers());
    let runs = state.runs.iter().find(|(_, run)| run.end.is_none()).map(|(run, _)| run);
    let idle = told.now.doing.long().contains("nothing runs");
    prop_assert!(!idle || runs.is_none(), "{:?}: {runs:?}", told.now.doing);
    let critical = told.alarms.iter().find(|alarm| alarm.level == Level::Critical && !alarm.kind.is_of_people());
    if let Some(alarm) = critical.filter(|_| !told.now.going_back) {
        let bad = matches!(told.now.standing, Standing::Critical | Standing::Unknown);
        prop_assert!(bad, "{:?} beside {}", told.now, alarm.line());
    }
    if told.now.standing == Standing::Ok {
        let loud = told.alarms.iter().find(|alarm| alarm.level > Level::Ok);
        prop_assert!(loud.is_none() && state.hold.is_none(), "{:?} beside {loud:?}, {:?}", told.now, state.hold);
    }
    let ready = sim.ways().iter().any(|way| way.ready.is_ok() && way.closed.is_none());
    prop_assert!(ready || told.back.ground != Ground::Ready, "{:?}", told.back);
    if told.back.why.long().contains("nothing is left to undo") {
        let left = state.outline.steps.iter().find(|step| step.undo.is_some() && state.steps[&step.id].touched);
        prop_assert!(left.is_none(), "{:?}: {left:?}", told.back);
    }
    Ok(())
}

type Agree = fn(&Sim) -> Result<(), TestCaseError>;

const ALL: &[Agree] =
    &[words_agree, offers_agree, steps_agree, answers_agree, notices_agree, triggers_agree, forecasts_agree];

fn agrees(sim: &Sim) -> Result<(), TestCaseError> {
    let wrong = ALL.iter().try_for_each(|agree| agree(sim));
    wrong.map_err(|e| TestCaseError::fail(format!("{e}\n{}", history(sim))))
}

/// By what a step was undone, as the events of its newest attempt tell it.
fn undone_by(sim: &Sim, id: &str) -> &'static str {
    let mut by = "a way back undid it";
    let mut items: Vec<Vec<RunId>> = Vec::new();
    for recorded in &sim.events {
        match &recorded.event {
            Event::StepStarted { step, .. } if step.as_str() == id => by = "a way back undid it",
            Event::RollbackStarted { items: all, .. } => items.push(all.iter().map(|item| item.run.clone()).collect()),
            Event::RollbackRetried { rollback, item, run, .. } => items[*rollback as usize - 1][*item] = run.clone(),
            Event::RollbackItemDone { rollback, item, by_hand: Some(_), .. } => {
                let run = &items[*rollback as usize - 1][*item];
                let well = sim.state.runs.get(run).is_some_and(|run| run.succeeded() || run.found_done.is_some());
                if run.step.as_str() == id && run.kind == RunKind::Undo && !well {
                    by = "a person undid it by hand";
                }
            }
            Event::RunResolved { run, found: Found::Done, .. }
                if run.step.as_str() == id && run.kind == RunKind::Undo =>
            {
                by = "its undo did its work";
            }
            Event::RollbackSettled { .. } => by = "settled",
            Event::RunEnded { run, end: RunEnd::Exited { code: 0, .. }, .. }
                if run.step.as_str() == id && run.kind == RunKind::Undo =>
            {
                by = "a way back undid it";
            }
            _ => {}
        }
    }
    by
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn in_any_course_all_places_say_the_same(all in moves(), under_way in any::<bool>()) {
        let mut sim = if under_way { begun() } else { Sim::new(outline()) };
        let mut known = 0;
        for one in &all {
            play(&mut sim, one);
            agrees(&sim)?;
            for recorded in &sim.events[known..] {
                let text = tell(&sim.state, &recorded.event).text;
                prop_assert!(!is_torn(&text.replace("  ", " ")), "{:?}: {text:?}", recorded.event);
            }
            known = sim.events.len();
        }
        let report = Report::of(&sim.events, Some(&sim.readout())).unwrap();
        drop(markdown(&report));
        for open in &report.open {
            prop_assert!(!is_torn(open), "{open:?}");
        }
    }

    #[test]
    fn on_the_way_back_all_places_say_the_same(all in going_back()) {
        let mut sim = begun();
        for one in &all {
            play(&mut sim, one);
            agrees(&sim)?;
        }
    }

    #[test]
    fn in_a_rich_launch_all_places_say_the_same(all in acts(60)) {
        let mut sim = Sim::new(rich());
        sim.measures("gateway", Outcome::well());
        sim.pass(Span::secs(20));
        for one in &all {
            let (events, before) = (sim.events.len(), since(&sim));
            acted(&mut sim, one);
            if events == sim.events.len() {
                for (what, at) in since(&sim) {
                    let moved = before.get(&what).is_some_and(|before| *before != at);
                    prop_assert!(!moved, "{what:?} since {at:?}, before since {:?}\n{}", before.get(&what), history(&sim));
                }
            }
            agrees(&sim)?;
        }
        let report = Report::of(&sim.events, Some(&sim.readout())).unwrap();
        drop(markdown(&report));
        for open in &report.open {
            prop_assert!(!is_torn(open), "{open:?}");
        }
    }
}
