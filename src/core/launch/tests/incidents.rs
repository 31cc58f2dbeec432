//! What open incidents want of people, and by when.

use crate::core::launch::testing::*;
use crate::core::launch::{LaunchState, duties, explain_named, handover, next_duty, waiting};
use crate::core::order::What;
use crate::core::outline::{Outline, SeverityOutline};
use crate::core::reading::Level;
use crate::core::report::{Report, markdown};
use crate::core::spell;
use crate::core::tell::{Tone, tell};
use crate::core::time::Span;

/// SEV1: response at once, update every 15 m; SEV2: 15 m and 30 m; SEV3: an update every 2 h; SEV4: nothing.
fn planned() -> Outline {
    let severity = |respond: Option<i64>, update: Option<i64>| SeverityOutline {
        means: Vec::new(),
        respond: respond.map(Span::mins),
        update: update.map(Span::mins),
        ..SeverityOutline::default()
    };
    let severities = [
        (1, severity(Some(0), Some(15))),
        (2, severity(Some(15), Some(30))),
        (3, severity(None, Some(120))),
        (4, severity(None, None)),
    ];
    Outline { severities: severities.into(), ..plan(vec![]) }
}

fn opened(level: u8) -> Sim {
    let mut sim = Sim::new(planned());
    sim.order(open(level)).unwrap();
    sim
}

fn open(level: u8) -> What {
    What::Severity { incident: None, level, text: String::new() }
}

fn becomes(level: u8) -> What {
    What::Severity { incident: Some(1), level, text: String::new() }
}

fn update(text: &str) -> What {
    What::Update { incident: 1, text: text.into() }
}

fn respond() -> What {
    What::Respond { incident: 1, text: String::new() }
}

/// What the first incident wants, in words.
fn wants(sim: &Sim) -> Vec<String> {
    duties(&sim.state, 1).iter().map(|d| d.words(sim.now)).collect()
}

fn level(sim: &Sim) -> Level {
    next_duty(&sim.state).unwrap().level(sim.now)
}

#[test]
fn an_incident_says_what_is_due_next_and_when() {
    let mut sim = opened(2);
    assert_eq!(wants(&sim), ["response due in 15:00", "update due in 30:00"]);
    sim.pass(Span::secs(650));
    assert_eq!(wants(&sim), ["response due in 4:10", "update due in 19:10"]);
    assert_eq!(level(&sim), Level::Ok);
    sim.pass(Span::secs(80));
    assert_eq!((wants(&sim)[0].as_str(), level(&sim)), ("response due in 2:50", Level::Warn), "a fifth is left");
    sim.pass(Span::secs(170));
    assert_eq!((wants(&sim)[0].as_str(), level(&sim)), ("response due now", Level::Critical));
    sim.pass(Span::mins(3));
    assert_eq!((wants(&sim)[0].as_str(), level(&sim)), ("response OVERDUE 3:00", Level::Critical));
}

#[test]
fn to_open_an_incident_is_no_response_and_to_say_so_is_one() {
    let mut sim = Sim::new(planned());
    sim.order(What::Severity { incident: None, level: 1, text: "payments fail".into() }).unwrap();
    assert_eq!(wants(&sim), ["response due now", "update due in 15:00"]);
    sim.order(respond()).unwrap();
    assert_eq!(wants(&sim), ["update due in 15:00"]);
    assert!(why(sim.order(respond())).contains("you are on incident 1 already; do update 1 TEXT"));
    sim.order_by("tom", respond()).unwrap();
    let on_it = sim.state.incidents[0].answered.clone().unwrap();
    assert_eq!(on_it.by.name, "tom", "another one takes it over");
    assert_eq!(sim.count("incident-answered"), 2);
}

#[test]
fn an_update_starts_its_clock_anew_and_nothing_else_does() {
    let mut sim = opened(2);
    sim.order(respond()).unwrap();
    sim.pass(Span::mins(20));
    sim.order(What::Describe { incident: 1, text: "payments fail".into() }).unwrap();
    sim.order(What::Respond { incident: 1, text: "looking at the queue".into() }).unwrap();
    assert_eq!(wants(&sim), ["update due in 10:00"]);
    assert!(why(sim.order(update("  "))).contains("needs a text; do update 1 TEXT"));
    sim.order(update("the queue is stuck")).unwrap();
    assert_eq!(wants(&sim), ["update due in 30:00"]);
    sim.pass(Span::mins(33));
    assert_eq!(wants(&sim), ["update OVERDUE 3:00"]);
    sim.order(update("still stuck")).unwrap();
    assert_eq!(wants(&sim), ["update due in 30:00"]);
}

#[test]
fn a_worse_severity_gives_its_own_time_but_never_more_than_there_was() {
    let mut sim = opened(3);
    sim.order(respond()).unwrap();
    sim.pass(Span::mins(60));
    sim.order(becomes(2)).unwrap();
    assert_eq!(wants(&sim), ["update due in 30:00"], "nobody is late for what nobody had to do");
    sim.pass(Span::mins(20));
    sim.order(becomes(1)).unwrap();
    assert_eq!(wants(&sim), ["update due in 10:00"], "it would have been due then as a SEV2");
}

#[test]
fn a_better_severity_counts_from_when_it_was_at_least_that_bad() {
    let mut sim = opened(1);
    sim.order(update("all hands")).unwrap();
    sim.pass(Span::mins(10));
    sim.order(becomes(2)).unwrap();
    assert_eq!(wants(&sim), ["response due in 5:00", "update due in 20:00"]);
    sim.pass(Span::mins(10));
    sim.order(becomes(4)).unwrap();
    assert_eq!(wants(&sim), [""; 0]);
    sim.order(becomes(3)).unwrap();
    assert_eq!(wants(&sim), ["update due in 2:00:00"], "it was better in between");
}

#[test]
fn a_response_stands_when_it_gets_worse() {
    let mut sim = opened(2);
    sim.order(respond()).unwrap();
    sim.order(becomes(1)).unwrap();
    assert_eq!(wants(&sim), ["update due in 15:00"]);
}

#[test]
fn a_new_description_keeps_the_severity_that_there_is() {
    let mut sim = opened(2);
    sim.order_by("tom", becomes(1)).unwrap();
    sim.order(What::Describe { incident: 1, text: "payments fail".into() }).unwrap();
    let incident = &sim.state.incidents[0];
    assert_eq!((incident.level, incident.text.as_str(), incident.levels.len()), (1, "payments fail", 2));
    assert!(sim.order(What::Describe { incident: 1, text: "payments fail".into() }).is_err());
}

#[test]
fn the_next_of_all_is_what_is_due_first() {
    let mut sim = opened(3);
    sim.order(open(2)).unwrap();
    sim.pass(Span::mins(1));
    let next = next_duty(&sim.state).unwrap();
    assert_eq!((next.incident, next.words(sim.now).as_str()), (2, "response due in 14:00"));
}

#[test]
fn what_is_closed_or_over_wants_nothing() {
    let mut sim = opened(1);
    sim.order(open(2)).unwrap();
    sim.order(What::Resolved { incident: 1, text: String::new() }).unwrap();
    assert_eq!((wants(&sim), next_duty(&sim.state).unwrap().incident), (vec![], 2));
    for what in [update("x"), respond(), What::Describe { incident: 1, text: "x".into() }] {
        assert!(why(sim.order(what)).contains("incident 1 was closed by ana"));
    }
    sim.order(What::End { typed: "production".into(), why: "over".into() }).unwrap();
    assert_eq!(next_duty(&sim.state), None);
}

#[test]
fn a_clock_that_runs_out_while_no_engine_runs_is_overdue() {
    let mut sim = opened(2);
    sim.order(respond()).unwrap();
    sim.gap(Span::mins(45));
    assert_eq!(wants(&sim), ["update OVERDUE 15:00"]);
}

#[test]
fn a_changed_plan_changes_the_clocks() {
    let mut sim = opened(4);
    assert_eq!(next_duty(&sim.state), None);
    let mut outline = planned();
    outline.severities.get_mut(&4).unwrap().update = Some(Span::mins(1));
    let input = crate::core::launch::Input::Adopt {
        by: who("ana"),
        hash: "1".into(),
        outline: Box::new(outline),
        strays: Vec::new(),
    };
    sim.input(input).unwrap();
    assert_eq!(wants(&sim), ["update due in 1:00"]);
}

#[test]
fn the_log_says_whether_it_was_opened_changed_or_described() {
    let mut sim = opened(2);
    sim.order_by("tom", becomes(1)).unwrap();
    sim.order(What::Describe { incident: 1, text: "payments fail".into() }).unwrap();
    sim.order(What::Severity { incident: Some(1), level: 3, text: "half of them".into() }).unwrap();
    sim.order_by("tom", respond()).unwrap();
    sim.order(update("the bank knows")).unwrap();
    sim.order(What::Resolved { incident: 1, text: String::new() }).unwrap();
    let told: Vec<_> = sim.events.iter().map(|r| tell(&sim.state, &r.event)).filter(|t| t.kind == "sev").collect();
    let expected = [
        (Tone::Bad, "SEV2 #1 opened by ana"),
        (Tone::Bad, "SEV1 #1, was SEV2, by tom"),
        (Tone::Said, "incident #1 described by ana: payments fail"),
        (Tone::Said, "SEV3 #1, was SEV1, by ana: half of them"),
        (Tone::Said, "incident #1: tom is on it"),
        (Tone::Said, "incident #1: update by ana: the bank knows"),
        (Tone::Good, "incident #1 closed by ana"),
    ];
    assert_eq!(told.iter().map(|t| (t.tone, t.text.as_str())).collect::<Vec<_>>(), expected);
}

#[test]
fn orders_about_incidents_are_written_as_they_are_read() {
    let sim = opened(2);
    for (line, what) in [
        (
            "severity 1 #1 \"payments fail\"",
            What::Severity { incident: Some(1), level: 1, text: "payments fail".into() },
        ),
        ("describe 1 \"payments fail\"", What::Describe { incident: 1, text: "payments fail".into() }),
        ("respond 1", respond()),
        ("update 1 \"half of them\"", update("half of them")),
        ("close 1 restarted", What::Resolved { incident: 1, text: "restarted".into() }),
    ] {
        assert_eq!(spell::write(&what), line);
        assert_eq!(spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()), Ok(what));
    }
    let read = |line| spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout());
    assert_eq!(read("resolved #1"), read("close 1"));
    assert_eq!(read("update x y").unwrap_err(), "`x` is no incident's number; it is spelled: update INCIDENT TEXT");
    assert_eq!(read("update 1").unwrap_err(), "how it goes is missing; it is spelled: update INCIDENT TEXT");
}

#[test]
fn a_state_of_an_older_engine_has_its_clocks_too() {
    let sim = opened(2);
    let mut json = serde_json::to_value(&sim.state).unwrap();
    let incident = json["incidents"][0].as_object_mut().unwrap();
    for key in ["levels", "answered", "updated"] {
        incident.remove(key).unwrap();
    }
    let state: LaunchState = serde_json::from_value(json).unwrap();
    assert_eq!(duties(&state, 1), duties(&sim.state, 1));
}

#[test]
fn the_gravest_incident_is_named_first_wherever_they_are_listed() {
    let mut sim = opened(2);
    sim.order(open(3)).unwrap();
    sim.order(open(1)).unwrap();
    sim.pass(Span::mins(121));
    let numbers = |lines: Vec<String>| -> Vec<String> {
        let of = |line: &String| line.split_whitespace().find(|word| word.starts_with('#')).map(|w| w[..2].to_owned());
        let mut all: Vec<String> = lines.iter().filter_map(of).collect();
        all.dedup();
        all
    };
    let alarms = sim.answers().alarms.iter().map(|alarm| alarm.line()).collect();
    let waits = waiting(&sim.state, &sim.readout(), sim.now).into_iter().map(|waits| waits.name).collect();
    let sheet = handover(&sim.state, &sim.readout(), sim.now).remove(0).lines;
    for (what, lines) in [("alarms", alarms), ("explain", waits), ("handover", sheet)] {
        assert_eq!(numbers(lines), ["#3", "#1", "#2"], "{what}");
    }
}

#[test]
fn of_several_incidents_the_gravest_is_told_first() {
    let mut outline = plan(vec![runs("a", |_| {})]);
    outline.severities = (1..=4)
        .map(|level| {
            let severity = SeverityOutline { respond: Some(Span::mins(1)), ..SeverityOutline::default() };
            (level, severity)
        })
        .collect();
    let mut sim = Sim::new(outline);
    for (level, text) in [(3, "slow"), (1, "down"), (2, "cards")] {
        sim.order(What::Severity { level, text: text.into(), incident: None }).unwrap();
    }
    sim.pass(Span::mins(5));
    let places = |all: Vec<String>| -> Vec<usize> {
        let place = |n: &str| all.iter().position(|line| line.contains(n)).unwrap_or_else(|| panic!("{n}: {all:?}"));
        vec![place("#2"), place("#3"), place("#1")]
    };
    let sheet = handover(&sim.state, &sim.readout(), sim.now).swap_remove(0).lines;
    let alarms = sim.answers().alarms.iter().map(|alarm| alarm.line()).collect();
    let waits = waiting(&sim.state, &sim.readout(), sim.now).into_iter().map(|one| one.name).collect();
    let report = crate::core::report::Report::of(&sim.events, None).unwrap().open;
    for (what, all) in [("handover", sheet), ("alarms", alarms), ("explain", waits), ("report", report)] {
        let found = places(all);
        assert!(found.is_sorted(), "{what}: {found:?}");
    }
}

#[test]
fn who_ends_a_launch_with_an_open_incident_is_told_that_it_stays_open() {
    let mut sim = opened(2);
    let end = What::End { typed: String::new(), why: "over".into() };
    let why = sim.order(end).unwrap_err().why;
    assert!(why.contains("is open, and can't be closed after it"), "{why}");
    let mut ended = sim.clone();
    ended.order(What::End { typed: ended.state.outline.environment.clone(), why: "over".into() }).unwrap();
    let log = crate::core::tell::tell(&ended.state, &ended.events.last().unwrap().event).text;
    assert!(log.starts_with("the launch was ended by ana: over; left open: SEV2 #1"), "{log}");
    let resolved = What::Resolved { incident: 1, text: "failover".into() };
    sim.order(resolved).unwrap();
    let end = What::End { typed: String::new(), why: "over".into() };
    assert!(!sim.order(end).unwrap_err().why.contains("SEV2"));
}

#[test]
fn an_incident_keeps_its_name_and_what_was_said_at_its_close_stands_beside_it() {
    let mut sim = Sim::new(planned());
    let text = "payments fail".to_owned();
    sim.order(What::Severity { incident: None, level: 1, text }).unwrap();
    sim.order(What::Resolved { incident: 1, text: "was failover".into() }).unwrap();
    let said = explain_named(&sim.state, &sim.readout(), "#1", sim.now).unwrap().remove(0);
    assert_eq!(said.title, "SEV1 #1 payments fail");
    assert_eq!(said.why.because, ["by ana: was failover"]);
    assert_eq!(sim.state.incidents[0].text, "payments fail");
    let json = serde_json::to_value(&sim.state.incidents[0]).unwrap();
    assert_eq!((&json["text"], &json["closing"]), (&"payments fail".into(), &"was failover".into()));
    let report = Report::of(&sim.events, None).unwrap();
    assert_eq!(report.incidents[0].text, "payments fail");
    assert!(markdown(&report).contains("ana: closed: was failover"));
}
