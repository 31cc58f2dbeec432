//! Checks that come again: due, overdue, done by whom on which readings, missed; over 48 hours, gaps and a slip.

use crate::core::event::Event;
use crate::core::launch::testing::*;
use crate::core::launch::{Input, LaunchState, check_offset, decide, next_check, next_deadline, open_checks};
use crate::core::notice::{ChannelOutline, Fact, NoticeKind, NotifyOutline};
use crate::core::order::What;
use crate::core::outline::Outline;
use crate::core::reading::{Level, Outcome};
use crate::core::report::Report;
use crate::core::spell;
use crate::core::tell::tell;
use crate::core::time::{Offset, Span};
use crate::core::watch::{CheckFact, Round, WatchOutline};

fn round(until: i64, every: i64) -> Round {
    Round { until: Offset(Span::mins(until)), every: Span::mins(every) }
}

fn watch(id: &str, items: &[&str], rounds: Vec<Round>, at: &[i64]) -> WatchOutline {
    WatchOutline {
        id: id.into(),
        title: id.to_uppercase(),
        owner: Some("on-call".into()),
        rounds,
        at: at.iter().map(|at| Offset(Span::mins(*at))).collect(),
        items: items.iter().map(|item| (*item).to_owned()).collect(),
        signals: vec!["errors".into()],
        grace: None,
    }
}

fn outline() -> Outline {
    let rounds = vec![round(120, 15), round(360, 30), round(2880, 120)];
    let watches =
        vec![watch("metrics", &["Payments", "Webhooks"], rounds, &[]), watch("sync", &[], vec![], &[360, 1440])];
    let notify = vec![NotifyOutline { on: vec![NoticeKind::Overdue], to: vec!["oncall".into()], unacked: None }];
    let channel = ChannelOutline {
        id: "oncall".into(),
        kind: "webhook".into(),
        target: String::new(),
        per_minute: 10,
        together: true,
    };
    Outline {
        watches,
        notify,
        channels: vec![channel],
        ..plan(vec![step("a", |s| s.at = Some(Offset(Span::mins(9999))))])
    }
}

pub(super) fn sim() -> Sim {
    Sim::new(outline())
}

/// An order as it is typed.
fn says(sim: &mut Sim, name: &str, line: &str) -> Result<(), String> {
    let what = spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout())?;
    let told = sim.order_by(name, what);
    if told.is_err() { Err(why(told)) } else { Ok(()) }
}

pub(super) fn told(sim: &Sim) -> Vec<String> {
    let checks = sim.events.iter().filter(|r| matches!(r.event, Event::Check(_)));
    checks.map(|r| tell(&sim.state, &r.event).text).collect()
}

/// What is due, with how it stands.
fn due(sim: &Sim) -> Vec<String> {
    open_checks(&sim.state).iter().map(|open| format!("{} {}", open.watch.id, open.words(sim.now))).collect()
}

#[test]
fn a_check_becomes_due_at_its_time_and_overdue_after_its_grace() {
    let mut sim = sim();
    assert_eq!(next_check(&sim.state, &sim.state.outline.watches[0], sim.now), Some(sim.now + Span::mins(15)));
    assert_eq!(next_deadline(&sim.state, &sim.signals, sim.now), Some(sim.now + Span::mins(15)));
    sim.pass(Span::mins(15) - Span(1));
    assert!(due(&sim).is_empty());
    sim.now = sim.now + Span(1);
    sim.look();
    assert_eq!(due(&sim), ["metrics due since 0:00"]);
    assert_eq!(told(&sim), ["METRICS  check 1 is due, of T+15m, for on-call"]);
    sim.pass(Span::mins(5) - Span(1));
    assert!(sim.answers().alarms.is_empty());
    assert_eq!(sim.answers().next.head.long(), "due since 4:59");
    sim.pass(Span(1) + Span::secs(12));
    assert_eq!(due(&sim), ["metrics overdue 0:12"]);
    let said =
        crate::core::launch::explain_named(&sim.state, &sim.readout(), "metrics", sim.now).unwrap().remove(0).why;
    assert_eq!((said.state.as_str(), said.since), ("overdue", Some(sim.now - Span::secs(12))));
    let alarm = sim.answers().alarms[0].line();
    assert_eq!(alarm, "OVERDUE METRICS: the check of T+15m is overdue 0:12  on-call");
}

#[test]
fn it_is_done_by_whoever_ticks_the_last_box_with_the_readings_of_that_moment() {
    let mut sim = sim();
    sim.pass(Span::mins(16));
    says(&mut sim, "ana", "tick metrics pay").unwrap();
    sim.measures("errors", Outcome::number(0.0006));
    sim.pass(Span::secs(10));
    assert_eq!(says(&mut sim, "ben", "tick metrics 1").unwrap_err(), "that box of `metrics` is ticked already");
    says(&mut sim, "ben", "tick metrics 2").unwrap();
    assert!(due(&sim).is_empty());
    let done = sim.events.iter().find_map(|r| match &r.event {
        Event::Check(CheckFact::Done { by, well, readings, open, .. }) => Some((by, *well, readings, open)),
        _ => None,
    });
    let (by, well, readings, open) = done.unwrap();
    assert_eq!((by.name.as_str(), well, open.len()), ("ben", true, 0));
    let readings: Vec<String> = readings.iter().map(ToString::to_string).collect();
    assert_eq!(readings, ["errors.value 0.06 %"], "what its plan names");
    assert_eq!(told(&sim).last().unwrap(), "METRICS  checked by ben; errors.value 0.06 %");
    assert_eq!(sim.state.watches["metrics"].done, 1);
}

#[test]
fn what_is_not_well_is_kept_with_a_check_whatever_it_names() {
    let mut outline = outline();
    outline.probes[1].critical = conditions(&["green is failing"]);
    let mut sim = Sim::new(outline);
    sim.measures("green", Outcome::Failing("refused".to_owned()));
    sim.pass(Span::mins(16));
    says(&mut sim, "ana", "found metrics payments hang").unwrap();
    let Some(Event::Check(CheckFact::Done { readings, well: false, text, open, .. })) =
        sim.events.iter().map(|r| &r.event).rfind(|e| matches!(e, Event::Check(_)))
    else {
        panic!("{:?}", told(&sim))
    };
    assert_eq!((text.as_str(), open.as_slice()), ("payments hang", &[0, 1][..]));
    assert_eq!((readings[0].signal.to_string().as_str(), readings[0].level), ("green.up", Level::Critical));
    assert_eq!(readings.len(), 2);
}

#[test]
fn a_check_with_open_boxes_is_done_only_with_a_word() {
    let mut sim = sim();
    assert_eq!(
        says(&mut sim, "ana", "done metrics").unwrap_err(),
        "no check of `metrics` is due; the next one is due at T+15m, in 15:00"
    );
    sim.pass(Span::mins(16));
    assert_eq!(
        says(&mut sim, "ana", "done metrics").unwrap_err(),
        "2 of 2 boxes of `metrics` are open; tick them, or say why it is done without; do tick metrics 1; do done metrics WHY"
    );
    assert!(says(&mut sim, "ana", "skip metrics").unwrap_err().contains("why is missing"));
    assert!(says(&mut sim, "ana", "found metrics").unwrap_err().contains("what was found is missing"));
    assert!(says(&mut sim, "ana", "found metrix x").unwrap_err().contains("did you mean `metrics`?"));
    says(&mut sim, "ana", "done metrics dashboards are down, looked at the logs").unwrap();
    assert!(told(&sim).last().unwrap().starts_with("METRICS  checked by ana without Payments, Webhooks: dashboards"));
    sim.pass(Span::mins(15));
    says(&mut sim, "ana", "skip metrics all hands on the incident").unwrap();
    assert_eq!(told(&sim).last().unwrap(), "METRICS  check 2 left out, says ana: all hands on the incident");
}

#[test]
fn who_acts_on_a_check_that_is_over_is_told_so() {
    let mut sim = sim();
    sim.pass(Span::mins(16));
    let late = spell::read(&spell::words("done metrics fine").unwrap(), &sim.state, &sim.readout()).unwrap();
    sim.pass(Span::mins(15));
    let told = why(sim.order(late));
    assert_eq!(told, "check 1 of `metrics` is over; 2 is due; look again, then order it; do tick metrics 1");
}

#[test]
fn one_check_is_open_at_a_time_and_what_nobody_did_is_missed() {
    let mut sim = sim();
    sim.pass(Span::mins(46));
    assert_eq!(due(&sim), ["metrics due since 1:00"]);
    let own = &sim.state.watches["metrics"];
    assert_eq!((own.count, own.missed, own.done), (3, 2, 0));
    assert_eq!(told(&sim)[1], "METRICS  check 1 missed: nobody did it until the next one was due");
}

#[test]
fn after_a_gap_nothing_catches_up_the_newest_is_open_and_its_clock_did_not_run() {
    let mut sim = sim();
    sim.pass(Span::mins(16));
    sim.gap(Span::mins(240));
    // T+4h16m: the checks of T+30m to T+3h30m came due while nobody measured; that of T+4h is open.
    assert_eq!(due(&sim), ["metrics due since 16:00"]);
    let lines = told(&sim);
    let lines = &lines[lines.len() - 3..];
    assert_eq!(
        lines,
        [
            "METRICS  check 1 missed: nobody did it until the next one was due",
            "METRICS  10 checks missed: no engine ran",
            "METRICS  check 12 is due, of T+4h, for on-call"
        ]
    );
    sim.pass(Span::mins(10) - Span::secs(1));
    assert_eq!(due(&sim), ["metrics due since 25:59"], "people had no time in the gap");
    sim.pass(Span::secs(1));
    assert_eq!(due(&sim), ["metrics overdue 0:00"]);
}

#[test]
fn a_slip_moves_what_is_not_due_yet_and_what_it_jumps_over_never_was() {
    let mut sim = sim();
    sim.pass(Span::mins(16));
    says(&mut sim, "ana", "slip +35m late").unwrap();
    assert_eq!(due(&sim), ["metrics due since 1:00"], "what is due stays");
    sim.pass(Span::mins(33));
    assert_eq!(sim.state.watches["metrics"].count, 1, "T+15m is 35 minutes later now");
    sim.pass(Span::mins(1));
    assert_eq!(sim.state.watches["metrics"].count, 2);
    says(&mut sim, "ana", "slip -5h early").unwrap();
    assert_eq!((told(&sim).len(), sim.state.watches["metrics"].missed), (3, 1));
    let next = next_check(&sim.state, &sim.state.outline.watches[0], sim.now).unwrap();
    assert_eq!(check_offset(&sim.state, next), Offset(Span::mins(330)));
}

#[test]
fn a_launch_opened_late_does_not_owe_what_was_before() {
    let mut sim = sim();
    let opened = sim.events[0].clone();
    let Event::Opened { t0, .. } = &opened.event else { unreachable!() };
    let late = crate::core::event::Recorded { at: *t0 + Span::mins(300), ..opened.clone() };
    sim.state = LaunchState::open(&late).unwrap();
    sim.now = late.at;
    sim.look();
    assert!(due(&sim).len() <= 1 && sim.state.watches["metrics"].missed == 0);
}

#[test]
fn a_sync_comes_at_its_times() {
    let mut sim = sim();
    let sync = |sim: &Sim| due(sim).into_iter().filter(|d| d.starts_with("sync")).collect::<Vec<_>>();
    sim.pass(Span::mins(360));
    assert_eq!(sync(&sim), ["sync due since 0:00"]);
    says(&mut sim, "ana", "done sync told product: all well").unwrap();
    assert!(told(&sim).last().unwrap().starts_with("SYNC  checked by ana: told product: all well"));
    sim.pass(Span::mins(1080));
    assert_eq!(sync(&sim), ["sync due since 0:00"]);
}

#[test]
fn an_overdue_check_is_told_once_and_so_is_its_end() {
    let mut sim = sim();
    sim.pass(Span::mins(21));
    says(&mut sim, "ben", "done metrics looked at all").unwrap();
    let raised: Vec<String> = sim
        .events
        .iter()
        .filter_map(|r| match &r.event {
            Event::Notice(Fact::Raised { key, text, .. }) => Some(format!("{key}: {text}")),
            Event::Notice(Fact::Over { why, .. }) => Some(format!("over: {why}")),
            _ => None,
        })
        .collect();
    let text = "overdue/metrics/1: METRICS: the check of 08:15 UTC was to be done, by on-call, and nobody did";
    assert_eq!(raised, [text, "over: done by ben"]);
}

#[test]
fn next_says_the_next_check_with_its_time_and_owner() {
    let mut sim = sim();
    let next = |sim: &Sim| {
        let next = sim.answers().next;
        let order = next.moves.first().map_or_else(String::new, |m| spell::write(&m.order));
        format!("{} {} | {} | {} | {order}", next.head.long(), next.at, next.what.long(), next.who.long())
    };
    sim.pass(Span::mins(11));
    assert_eq!(next(&sim), "in 4:00 at T+15m | check: METRICS | on-call | ");
    sim.pass(Span::mins(4));
    assert_eq!(next(&sim), "due since 0:00  | check: METRICS | on-call | tick metrics 1");
    says(&mut sim, "ana", "tick metrics 1").unwrap();
    assert_eq!(next(&sim), "due since 0:00  | check: METRICS  1 of 2 | on-call | tick metrics 2");
}

#[test]
fn once_the_launch_is_over_nothing_is_due() {
    let mut sim = sim();
    sim.pass(Span::mins(20));
    sim.order(What::End { typed: "production".into(), why: "done".into() }).unwrap();
    assert!(due(&sim).is_empty() && next_check(&sim.state, &sim.state.outline.watches[0], sim.now).is_none());
    assert!(decide(&sim.state, &sim.signals, Input::Look, sim.now + Span::mins(60)).unwrap().is_empty());
}

#[test]
fn forty_eight_hours_of_rounds_with_gaps_and_a_slip_add_up() {
    let mut sim = sim();
    let mut done = 0;
    for quarter in 0..200 {
        // Every third check nobody comes; from T+10h to T+15h no engine runs; at T+20h T-0 slips by 35 minutes.
        match quarter {
            40 => sim.gap(Span::mins(300)),
            60 => says(&mut sim, "ana", "slip +35m late").unwrap(),
            _ => sim.pass(Span::mins(15)),
        }
        let open = open_checks(&sim.state).first().map(|open| (open.watch.id.to_string(), open.check.number));
        if let Some((id, number)) = open.filter(|(_, number)| number % 3 != 0) {
            says(&mut sim, "ben", &format!("done {id} number {number}")).unwrap();
            done += 1;
        }
        assert!(open_checks(&sim.state).len() <= 2, "one of each watch at most");
    }
    let metrics = &sim.state.watches["metrics"];
    let sync = &sim.state.watches["sync"];
    assert_eq!((metrics.count, sync.count), (37, 2), "37 rounds and 2 syncs, whatever happened");
    let open = u32::from(metrics.open.is_some()) + u32::from(sync.open.is_some());
    assert_eq!(metrics.done + metrics.missed + sync.done + sync.missed + open, 39);
    assert_eq!(metrics.done + sync.done, done);
    let facts = sim.events.iter().filter(|r| matches!(r.event, Event::Check(_))).count();
    assert!(facts < 3 * 39, "nothing piles up: {facts}");
    let mut again = LaunchState::open(&sim.events[0]).unwrap();
    sim.events[1..].iter().for_each(|r| again.apply(r));
    assert_eq!(again, sim.state);
}

#[test]
fn the_report_says_how_each_check_ended_by_whom_and_on_what() {
    let mut sim = sim();
    sim.pass(Span::mins(16));
    says(&mut sim, "ben", "found metrics payments hang").unwrap();
    sim.pass(Span::mins(30));
    sim.gap(Span::mins(60));
    let report = Report::of(&sim.events, None).unwrap();
    let page = crate::core::report::markdown(&report);
    let section = page.split("## Checks\n").nth(1).unwrap();
    let lines: Vec<&str> =
        section.lines().filter(|line| line.starts_with("- ")).map(|line| &line[22..]).take(4).collect();
    assert_eq!(
        lines,
        [
            "ben: METRICS, check 1 found, without Payments, Webhooks: payments hang; errors.value 0.10 %",
            "METRICS, check 2: missed, nobody did it until the next one was due",
            "METRICS, check 3: missed, nobody did it until the next one was due",
            "METRICS, 3 checks: missed, no engine ran",
        ]
    );
    assert!(report.open.contains(&"METRICS: check 7 was not done".to_owned()), "{:?}", report.open);
}
