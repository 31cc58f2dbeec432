//! Whatever the course, what is said of one moment in one place agrees with what is said of it in the others.

use proptest::prelude::*;

use super::invariants::{begun, given, going_back, moves, named, outline, play};
use crate::core::event::{Event, RunEnd};
use crate::core::ids::{RoleId, RunId, RunKind};
use crate::core::launch::answers::{Ground, Standing};
use crate::core::launch::testing::*;
use crate::core::launch::{Explanation, Status, StepStatus, handover, waiting};
use crate::core::notice::{Backup, ChannelOutline, NoticeKind, NotifyOutline};
use crate::core::order::{Found, Rejection, What};
use crate::core::outline::{OnFail, OnStop, Outline, Role, ShiftsOutline, TriggerAction, Turn};
use crate::core::reading::{Level, Outcome};
use crate::core::report::{Report, markdown};
use crate::core::spell;
use crate::core::tell::tell;
use crate::core::time::{Offset, Span};
use crate::core::watch::{Round, WatchOutline};

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
    let text_ = text.replace("0:0", "").replace("  0 ", " 0 ");
    marks.iter().any(|mark| text_.contains(mark))
        || text.ends_with([' ', ':', ',', ';'])
        || text.starts_with([' ', ':', ',', ';'])
        || text.is_empty()
}

/// Steps of every kind, ways back of every kind, triggers that are measured and that people fire, checks, shifts, channels.
fn rich() -> Outline {
    let mut outline = plan(vec![
        step("hand", |s| {
            s.items = vec!["x".into(), "y".into()];
            s.owner = Some("ops".into());
        }),
        runs("start", |s| {
            s.after = after(&["hand"]);
            s.undo = undo(&["errors < 1%"]);
            s.verify = conditions(&["green is ok"]);
            s.fail = conditions(&["green is failing for 30s"]);
            s.approvals = 2;
            s.estimate = Some(Span::mins(3));
        }),
        runs("ask", |s| {
            s.input = true;
            s.owner = Some("ops".into());
        }),
        step("go", |s| {
            s.gate = gate(&["errors < 1%", "errors <= baseline * 2 + 0.1%"], &["ops"], Some(Span::mins(10)));
            s.after = after(&["start"]);
        }),
        runs("share", |s| {
            s.after = after(&["go"]);
            s.undo = undo(&[]);
            s.verify = conditions(&["errors < 1%"]);
            s.soak = Some(Span::mins(1));
            s.limit = Some(Span::mins(10));
            s.on_fail = OnFail::Propose;
            s.on_stop = OnStop::Finish;
        }),
        runs("all", |s| {
            s.after = after(&["share"]);
            s.undo = undo(&[]);
            s.fail = conditions(&["errors > 5% for 20s"]);
            s.soak = Some(Span::mins(2));
            s.on_fail = OnFail::Hold;
        }),
        runs("auto", |s| {
            s.auto = true;
            s.at = Some(Offset(Span::mins(2)));
            s.after = after(&["start"]);
        }),
        step("tell", |s| {
            s.after = after(&["all"]);
            s.owner = Some("lead".into());
        }),
    ]);
    let mut gateway = outline.probes[1].clone();
    gateway.id = "gateway".into();
    outline.probes.push(gateway);
    outline.vantage = vec!["gateway".into()];
    outline.probes[0].warn = conditions(&["errors > 1%"]);
    outline.probes[0].critical = conditions(&["errors > 5%"]);
    outline.probes[1].critical = conditions(&["green is failing"]);
    let mut restore = trigger("lost", "green is failing for 1m", TriggerAction::Propose);
    restore.rollback = Some("restore".into());
    outline.triggers = vec![
        trigger("bad", "errors > 5% for 30s", TriggerAction::Propose),
        trigger("odd", "errors > 2% for 20s", TriggerAction::Consider),
        trigger("said", "green is failing", TriggerAction::Notify),
        restore,
        asks_people("corruption", "Data corruption?", TriggerAction::Propose),
    ];
    let mut traffic = rollback("traffic", vec![runs("traffic/to-blue", |s| s.verify = conditions(&["errors < 1%"]))]);
    traffic.undoes = after(&["share", "all"]);
    traffic.possible_until = Some("tell".into());
    let mut restore = rollback("restore", vec![step("restore/stop", |_| {}), runs("restore/load", |_| {})]);
    restore.undoes = after(&["start", "share", "all"]);
    restore.loses = Some("every write since".into());
    outline.rollbacks = vec![traffic, restore];
    outline.rollback = Some("traffic".into());
    let role = |name: &str, backup: Option<&str>| Role {
        name: name.into(),
        contact: Some("+49 1".into()),
        backup: backup.map(str::to_owned),
    };
    outline.roles =
        [("ops", role("bea", Some("tom"))), ("lead", role("ana", None)), ("on-call", role("ana", Some("zoe")))]
            .map(|(id, role)| (RoleId::from(id), role))
            .into();
    let turn = |mins, who: &str| Turn { at: Offset(Span::mins(mins)), who: who.to_owned() };
    outline.shifts = Some(ShiftsOutline {
        role: "on-call".into(),
        remind: Span::mins(5),
        late: Span::mins(3),
        turns: vec![turn(0, "ana"), turn(15, "bea"), turn(30, "ana")],
    });
    outline.watches = vec![WatchOutline {
        id: "metrics".into(),
        title: "Metrics".into(),
        owner: Some("on-call".into()),
        rounds: vec![Round { until: Offset(Span::mins(60)), every: Span::mins(10) }],
        at: Vec::new(),
        items: vec!["Payments".into(), "Mail".into()],
        signals: vec!["errors".into()],
        grace: Some(Span::mins(2)),
    }];
    let unacked = Some(Backup { after: Span::mins(2), to: vec!["backup".into()] });
    let on = vec![
        NoticeKind::Critical,
        NoticeKind::Trigger,
        NoticeKind::Gate,
        NoticeKind::Overdue,
        NoticeKind::Sev1,
        NoticeKind::Sev2,
        NoticeKind::StepFailed,
        NoticeKind::Rollback,
        NoticeKind::Handover,
        NoticeKind::Ended,
    ];
    outline.notify = vec![NotifyOutline { on, to: vec!["oncall".into()], unacked }];
    outline.channels = ["oncall", "backup"]
        .map(|id| ChannelOutline {
            id: id.into(),
            kind: "webhook".into(),
            target: String::new(),
            per_minute: 10,
            together: true,
        })
        .into();
    outline
}

/// What people type.
const LINES: &[&str] = &[
    "run hand",
    "run start",
    "run ask",
    "run go",
    "run share",
    "run all",
    "run tell",
    "run share",
    "run all",
    "tick hand x",
    "tick hand y",
    "untick hand x",
    "done hand",
    "done hand so",
    "done tell",
    "done share so",
    "approve start",
    "approve start",
    "approve start alone so",
    "vote go ops go",
    "vote go ops no-go so",
    "go go",
    "go go so",
    "no-go go so",
    "skip ask so",
    "na ask so",
    "skip auto so",
    "stop share",
    "stop share finish",
    "stop share now typed production so",
    "stop all",
    "stop start",
    "stop ask",
    "input ask yes",
    "resolve start done so",
    "resolve start not-done so",
    "resolve share undone so",
    "resolve share not-undone so",
    "resolve share done so",
    "resolve all not-done so",
    "hold odd",
    "release so",
    "release of engine so",
    "severity 2 it is slow",
    "severity 1",
    "severity 3 #1 less",
    "respond 1",
    "update 1 looking",
    "mitigating 1",
    "mitigated 1",
    "called 1 answered",
    "called 1 no-answer",
    "close 1 fine",
    "describe 1 pages",
    "rollback traffic so",
    "rollback stage so",
    "rollback all so",
    "rollback traffic typed production so",
    "rollback restore typed production so",
    "again",
    "by-hand so",
    "leave so",
    "settled so",
    "fire corruption so",
    "clear corruption so",
    "dismiss bad so",
    "dismiss lost so",
    "dismiss odd so",
    "ack bad",
    "ack #1",
    "mute all 10m so",
    "unmute all",
    "mute bad 5m so",
    "done metrics",
    "tick metrics Payments",
    "tick metrics Mail",
    "found metrics odd",
    "skip metrics so",
    "handover all quiet",
    "accept",
    "take-over so",
    "lead bea",
    "lead ana",
    "slip +5m so",
    "slip -5m so",
    "note so",
    "fix so",
    "baseline errors 5m",
    "sh 'true'",
    "end production so",
];

#[derive(Clone, Debug)]
enum Act {
    Line(&'static str, usize),
    /// One of the orders that are offered at this moment.
    Offered(usize, &'static str),
    Ends(usize, i32),
    Interrupted(usize),
    Pass(i64),
    Errors(u8),
    Green(bool),
    Gateway(bool),
    Gap(i64),
    StandsStill(i64),
    Crash(i64),
}

fn acts(long: usize) -> impl Strategy<Value = Vec<Act>> {
    let person = || prop_oneof![3 => Just("ana"), 2 => Just("bea"), 1 => Just("tom")];
    let one = prop_oneof![
        6 => (person(), 0..LINES.len()).prop_map(|(who, n)| Act::Line(who, n)),
        8 => (0..20_usize, person()).prop_map(|(n, who)| Act::Offered(n, who)),
        6 => (0..3_usize, prop_oneof![5 => Just(0), 1 => Just(1)]).prop_map(|(n, code)| Act::Ends(n, code)),
        1 => (0..3_usize).prop_map(Act::Interrupted),
        6 => (1..90_i64).prop_map(Act::Pass),
        1 => (90..900_i64).prop_map(Act::Pass),
        2 => (0..4_u8).prop_map(Act::Errors),
        1 => any::<bool>().prop_map(Act::Green),
        1 => prop::bool::weighted(0.3).prop_map(Act::Gateway),
        1 => (1..400_i64).prop_map(Act::Gap),
        1 => (11..400_i64).prop_map(Act::StandsStill),
        1 => (0..40_i64).prop_map(Act::Crash),
    ];
    prop::collection::vec(one, 1..long)
}

fn typed(sim: &Sim, line: &str) -> Option<What> {
    let words: Vec<_> = spell::words(line).unwrap();
    let words: Vec<_> =
        words.into_iter().map(|w| if w == "ENVIRONMENT" { "production".to_owned() } else { w }).collect();
    spell::read(&words, &sim.state, &sim.readout()).ok()
}

/// The orders that are offered at this moment, with where.
fn offers(sim: &Sim) -> Vec<(String, What)> {
    let told = sim.answers();
    let mut all: Vec<(String, What)> = told.next.moves.iter().map(|m| ("NEXT".to_owned(), m.order.clone())).collect();
    all.extend(told.alarms.iter().filter_map(|a| Some((a.line(), a.answer.as_ref()?.order.clone()))));
    for one in waiting(&sim.state, &sim.readout(), sim.now) {
        let orders = one.why.orders.iter().chain(&one.why.elsewhere).cloned();
        all.extend(orders.map(|order| (format!("explain {} {}", one.name, one.why.state), order)));
    }
    all
}

/// Whether somebody may give an order that is offered, as it is typed.
fn is_open(sim: &Sim, order: &What) -> Result<(), Rejection> {
    let Err(no) = named(sim, order) else { return Ok(()) };
    let what = typed(sim, &spell::write(order)).ok_or_else(|| Rejection::new("it can't be read"))?;
    let taken = ["ana", "bea", "tom", "zoe"].iter().any(|by| given(sim, by, what.clone()).is_ok());
    if taken { Ok(()) } else { Err(no) }
}

/// The log, for who reads a failure.
fn history(sim: &Sim) -> String {
    let from = sim.events[0].at;
    let line = |r: &crate::core::event::Recorded| {
        format!("{:>6}  {}", r.at.since(from).seconds(), tell(&sim.state, &r.event).text)
    };
    let lines: Vec<_> = sim.events.iter().map(line).collect();
    format!("{}\nnow {:>6}", lines.join("\n"), sim.now.since(from).seconds())
}

fn acted(sim: &mut Sim, act: &Act) {
    match act {
        Act::Line(who, n) => {
            if let Some(what) = typed(sim, LINES[*n]) {
                drop(sim.order_by(who, what));
            }
        }
        Act::Offered(n, who) => {
            let all = offers(sim);
            let Some((_, order)) = all.get(n % all.len().max(1)) else { return };
            if let Some(what) = typed(sim, &spell::write(order)) {
                drop(sim.order_by(who, what));
            }
        }
        Act::Ends(n, _) | Act::Interrupted(n) => {
            let open: Vec<_> = sim.state.runs.iter().filter(|(_, s)| s.end.is_none()).map(|(r, _)| r.clone()).collect();
            let Some(run) = open.get(n % open.len().max(1)) else { return };
            let end = match act {
                Act::Ends(_, code) => RunEnd::Exited { code: *code, took: Span::secs(1) },
                _ => RunEnd::Interrupted,
            };
            sim.ended(&run.to_string(), end);
        }
        Act::Pass(secs) => sim.pass(Span::secs(*secs)),
        Act::Errors(how) => sim.measures("errors", Outcome::number([0.001, 0.015, 0.03, 0.08][*how as usize])),
        Act::Green(up) => sim.measures("green", if *up { Outcome::well() } else { Outcome::Failing("refused".into()) }),
        Act::Gateway(down) => {
            sim.measures("gateway", if *down { Outcome::Failing("refused".into()) } else { Outcome::well() });
        }
        Act::Gap(secs) => sim.gap(Span::secs(*secs)),
        Act::StandsStill(secs) => sim.stands_still(Span::secs(*secs)),
        Act::Crash(secs) => sim.crash(Span::secs(*secs)),
    }
}

fn agrees(sim: &Sim) -> Result<(), TestCaseError> {
    let told = sim.answers();
    let state = &sim.state;
    let over = matches!(state.status, Status::Ended { .. });
    for (place, text) in said(sim) {
        let counts = ["now", "next", "alarm", "back"].contains(&place.as_str());
        let text = if counts { text.replace("  ", " ") } else { text.trim_start().to_owned() };
        if place == "back" && text.is_empty()
            || place == "next" && text.is_empty()
            || place.starts_with("now") && text.is_empty()
        {
            continue;
        }
        prop_assert!(!is_torn(&text), "{place}: {text:?}");
        if state.hold.is_none() && !over {
            prop_assert!(!text.contains("has held the launch"), "{place}: {text:?}");
        }
    }
    for (place, order) in offers(sim) {
        // Whether anything was measured in that time, who offers it does not look up: the answer says to wait.
        let waits = matches!(order, What::Baseline { .. });
        if let Err(no) = is_open(sim, &order).or_else(|no| if waits { Ok(()) } else { Err(no) }) {
            prop_assert!(false, "{place} offers {}: {no:?}", spell::write(&order));
        }
    }
    let going = matches!(state.status, Status::RollingBack(_));
    for way in sim.ways() {
        let typed = way.typed.then(|| "production".to_owned());
        let order = What::Rollback { way: way.way.clone(), trigger: None, typed, why: "so".into() };
        let taken = given(sim, "bea", order);
        let may = way.closed.is_none() && way.barred.is_none() && !going && !over;
        prop_assert_eq!(taken.is_ok(), may, "{:?}: {:?}", way, taken);
    }
    let runs: Vec<_> = state.runs.iter().filter(|(_, run)| run.end.is_none()).map(|(run, _)| run.clone()).collect();
    let nothing = told.now.doing.long().contains("nothing runs");
    if !over {
        prop_assert!(!nothing || runs.is_empty(), "{:?}: {runs:?}", told.now.doing);
    }
    // What failed has an alarm, and an alarm of a step that failed is of one that did.
    for id in state.outline.steps.iter().map(|step| step.id.as_str()) {
        let title = &state.outline.step(&id.into()).unwrap().title;
        let failed = matches!(sim.status(id), StepStatus::Failed { .. });
        let alarm = told.alarms.iter().any(|alarm| alarm.place == *title);
        let half = state.half_backs().next().is_some();
        if failed && !over && !going && !half && !state.is_added(&id.into()) {
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
    let critical = told.alarms.iter().any(|alarm| alarm.level == Level::Critical && !alarm.kind.is_of_people());
    if critical {
        prop_assert!(
            told.now.standing == Standing::Critical || told.now.going_back || told.now.standing == Standing::Unknown,
            "{:?} {:?}",
            told.now,
            told.alarms
        );
    }
    if told.alarms.is_empty() && !over && state.hold.is_none() {
        prop_assert!(
            matches!(
                told.now.standing,
                Standing::Ok | Standing::Unknown | Standing::Measuring | Standing::Warn | Standing::Critical
            ),
            "{:?}",
            told.now
        );
    }
    if told.now.standing == Standing::Ok {
        prop_assert!(told.alarms.iter().all(|alarm| alarm.level == Level::Ok), "{:?}", told.alarms);
        prop_assert!(state.hold.is_none(), "{:?} under a hold", told.now);
    }
    if told.back.ground == Ground::Taken && told.back.why.long().contains("nothing is left to undo") {
        let left: Vec<_> = state
            .steps
            .iter()
            .filter(|(id, own)| {
                own.touched
                    && state.outline.step(id).is_some_and(|s| s.undo.is_some())
                    && state.outline.steps.iter().any(|s| s.id == **id)
            })
            .map(|(id, _)| id)
            .collect();
        prop_assert!(left.is_empty(), "{:?}: {left:?}", told.back);
    }
    if told.back.ground == Ground::Ready {
        prop_assert!(sim.ways().iter().any(|way| way.ready.is_ok() && way.closed.is_none()), "{:?}", told.back);
    }
    Ok(())
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
    #![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

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
            acted(&mut sim, one);
            agrees(&sim).map_err(|e| TestCaseError::fail(format!("{e}\n{}", history(&sim))))?;
        }
        let report = Report::of(&sim.events, Some(&sim.readout())).unwrap();
        drop(markdown(&report));
        for open in &report.open {
            prop_assert!(!is_torn(open), "{open:?}");
        }
    }
}
