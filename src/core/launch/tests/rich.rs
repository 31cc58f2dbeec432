//! A launch with all that a plan can have, and what may happen in it: orders as people type them and as they are offered,
//! ends of commands, readings, gaps. For properties.

use proptest::prelude::*;

use crate::core::event::RunEnd;
use crate::core::ids::RoleId;
use crate::core::launch::testing::*;
use crate::core::launch::waiting;
use crate::core::notice::{Backup, ChannelOutline, NoticeKind, NotifyOutline};
use crate::core::order::What;
use crate::core::outline::{OnFail, OnStop, Outline, Role, ShiftsOutline, TriggerAction, Turn};
use crate::core::reading::Outcome;
use crate::core::spell;
use crate::core::tell::tell;
use crate::core::time::{Offset, Span};
use crate::core::watch::{Round, WatchOutline};

/// Steps of every kind, ways back of every kind, triggers that are measured and that people fire, checks, shifts, channels.
pub(crate) fn rich() -> Outline {
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

/// What happens in it.
#[derive(Clone, Debug)]
pub(crate) enum Act {
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

/// Any course, shorter than that.
pub(crate) fn acts(long: usize) -> impl Strategy<Value = Vec<Act>> {
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

/// What a line means that somebody types; none where it means nothing now.
pub(crate) fn typed(sim: &Sim, line: &str) -> Option<What> {
    let words: Vec<_> = spell::words(line).unwrap();
    let words: Vec<_> =
        words.into_iter().map(|w| if w == "ENVIRONMENT" { "production".to_owned() } else { w }).collect();
    spell::read(&words, &sim.state, &sim.readout()).ok()
}

/// The orders that are offered at this moment, with where.
pub(crate) fn offers(sim: &Sim) -> Vec<(String, What)> {
    let told = sim.answers();
    let mut all: Vec<(String, What)> = told.next.moves.iter().map(|m| ("NEXT".to_owned(), m.order.clone())).collect();
    all.extend(told.alarms.iter().filter_map(|a| Some((a.line(), a.answer.as_ref()?.order.clone()))));
    for one in waiting(&sim.state, &sim.readout(), sim.now) {
        let orders = one.why.orders.iter().chain(&one.why.elsewhere).cloned();
        all.extend(orders.map(|order| (format!("explain {} {}", one.name, one.why.state), order)));
    }
    all
}

/// The log, for who reads a failure.
pub(crate) fn history(sim: &Sim) -> String {
    let from = sim.events[0].at;
    let line = |r: &crate::core::event::Recorded| {
        format!("{:>6}  {}", r.at.since(from).seconds(), tell(&sim.state, &r.event).text)
    };
    let lines: Vec<_> = sim.events.iter().map(line).collect();
    format!("{}\nnow {:>6}", lines.join("\n"), sim.now.since(from).seconds())
}

/// It happens.
pub(crate) fn acted(sim: &mut Sim, act: &Act) {
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
