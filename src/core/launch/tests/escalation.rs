//! Whom to call about an incident, how far people are with it, what follows of it at once, what people are told.

use crate::core::event::IncidentState;
use crate::core::launch::answers::AlarmKind;
use crate::core::launch::testing::*;
use crate::core::launch::{
    LaunchState, NextCall, UpdateOf, duties, explain_named, next_call, proposes_back, update_text,
};
use crate::core::notice::{NoticeKind, NotifyOutline};
use crate::core::order::{Rejection, Way, What};
use crate::core::outline::{Outline, Role, Rung, SeverityOutline, Then};
use crate::core::reading::{Level, Outcome};
use crate::core::spell;
use crate::core::time::Span;

/// SEV1 holds, proposes, calls zoe (backup tom) at once and carl after 15 m; SEV2 calls zoe after 10 m.
fn planned() -> Outline {
    let mut outline = plan(vec![runs("a", |s| s.undo = undo(&[])), runs("b", |_| {})]);
    let role = |name: &str, contact: Option<&str>, backup: Option<&str>| Role {
        name: name.into(),
        contact: contact.map(Into::into),
        backup: backup.map(Into::into),
    };
    outline.roles = [
        ("dba".into(), role("Zoe", Some("+49 1"), Some("Tom"))),
        ("cto".into(), role("Carl", Some("+49 2"), None)),
        ("support".into(), role("Tom", Some("+49 3"), None)),
    ]
    .into();
    let rung = |after, to: &str| Rung { after: Span::mins(after), to: vec![to.into()] };
    let template = "${live.severity} ${live.incident}: ${live.text}, ${live.state}, ${live.open}, by ${live.who}. \
        ${live.now}; ${live.signals}. ${live.back}. Next at ${live.next}";
    let first = SeverityOutline {
        update: Some(Span::mins(15)),
        escalate: vec![rung(0, "dba"), rung(15, "cto")],
        then: vec![Then::Hold, Then::Propose],
        template: Some(template.into()),
        ..SeverityOutline::default()
    };
    let second = SeverityOutline { escalate: vec![rung(10, "dba")], ..SeverityOutline::default() };
    outline.severities = [(1, first), (2, second)].into();
    outline
}

fn opened(level: u8) -> Sim {
    let mut sim = Sim::new(planned());
    sim.pass(Span::mins(1));
    sim.does("a");
    severity(&mut sim, None, level, "nobody can pay");
    sim
}

fn severity(sim: &mut Sim, incident: Option<u32>, level: u8, text: &str) {
    sim.order(What::Severity { incident, level, text: text.into() }).unwrap();
}

/// Takes an order as it is typed.
fn typed(sim: &mut Sim, line: &str) -> Result<(), Rejection> {
    let what = spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()).unwrap_or_else(|e| panic!("{e}"));
    sim.order_by("bea", what)
}

/// Who is called next and in how many minutes.
fn next(sim: &Sim) -> Option<(String, i64)> {
    let NextCall { who, at, .. } = next_call(&sim.state, 1)?;
    Some((who, at.since(sim.now).millis() / 60_000))
}

fn is(who: &str, minutes: i64) -> Option<(String, i64)> {
    Some((who.to_owned(), minutes))
}

#[test]
fn an_incident_that_asks_to_go_back_says_which_way_and_the_order_that_takes_it() {
    let mut sim = opened(1);
    let explained = |sim: &Sim| explain_named(&sim.state, &sim.readout(), "#1", sim.now).unwrap().remove(0).why;
    let said = explained(&sim);
    assert!(said.because.contains(&"it asks: undo Step a? until something is done against it".to_owned()), "{said:?}");
    assert!(said.orders.iter().any(|order| matches!(order, What::Rollback { way: Way::Stage(_), .. })), "{said:?}");
    typed(&mut sim, "mitigating 1").unwrap();
    let said = explained(&sim);
    assert!(!said.because.iter().any(|why| why.starts_with("it asks")), "{said:?}");
    assert!(!said.orders.iter().any(|order| matches!(order, What::Rollback { way: Way::Stage(_), .. })), "{said:?}");
}

#[test]
fn the_plan_says_who_is_called_next_with_contact_and_backup() {
    let mut sim = opened(1);
    let call = next_call(&sim.state, 1).unwrap();
    assert_eq!((call.words().as_str(), call.then.as_deref()), ("Zoe, dba, +49 1", Some("Tom")));
    let due = duties(&sim.state, 1).remove(0);
    assert_eq!(due.said(&sim.state, sim.now), "call Zoe, dba, +49 1, due now");
    let next = sim.answers().next;
    assert_eq!(next.what.long(), "asks: undo Step a?", "the way back that it asks for comes first");
    typed(&mut sim, "mitigating 1").unwrap();
    let next = sim.answers().next;
    assert_eq!(next.what.long(), "call Zoe, dba, +49 1 about #1 SEV1 nobody can pay");
    assert_eq!(next.who.long(), "anyone calls; no answer: Tom");
    assert_eq!(spell::write(&next.moves[0].order), "called 1 dba answered");
}

#[test]
fn the_backup_of_who_did_not_answer_comes_before_a_rung_that_came_due_meanwhile() {
    let mut sim = opened(1);
    sim.pass(Span::mins(60));
    typed(&mut sim, "called 1 no-answer").unwrap();
    assert_eq!(next(&sim), is("Tom", 0), "the rung of Carl is overdue, and Zoe's backup was not called yet");
    typed(&mut sim, "called 1 no-answer").unwrap();
    assert_eq!(next(&sim).unwrap().0, "Carl");
}

#[test]
fn who_does_not_answer_has_a_backup_then_comes_the_next_role_at_once_and_then_it_begins_anew() {
    let mut sim = opened(1);
    typed(&mut sim, "called no-answer").unwrap();
    assert_eq!((next(&sim), next_call(&sim.state, 1).unwrap().backup), (is("Tom", 0), true));
    assert_eq!(next_call(&sim.state, 1).unwrap().words(), "Tom, backup of dba, +49 3", "he has a role of his own");
    sim.pass(Span::mins(2));
    typed(&mut sim, "called 1 no-answer \"straight to voicemail\"").unwrap();
    assert_eq!(next(&sim), is("Carl", 0), "the next rung does not wait for its time");
    typed(&mut sim, "called 1 cto no-answer").unwrap();
    assert_eq!(next(&sim), is("Zoe", 0), "nobody was reached, so it begins anew");
    typed(&mut sim, "called 1 answered \"on her way\"").unwrap();
    assert_eq!(next(&sim), is("Carl", 13), "who is reached is not called again, and the next rung has its time");
    let last = sim.state.incidents[0].calls.last().unwrap();
    assert_eq!((last.who.as_str(), last.by.name.as_str(), last.answered), ("Zoe", "bea", true));
}

/// The same, and `oncall` is told of everything.
fn told_of(level: u8) -> Sim {
    let mut outline = planned();
    outline.notify = vec![NotifyOutline { on: NoticeKind::PLANNED.to_vec(), to: vec!["oncall".into()], unacked: None }];
    let mut sim = Sim::new(outline);
    sim.pass(Span::mins(1));
    severity(&mut sim, None, level, "nobody can pay");
    sim
}

fn texts(sim: &Sim) -> Vec<&str> {
    sim.state.notices.raised.iter().map(|n| n.text.as_str()).collect()
}

#[test]
fn a_call_that_is_due_at_once_pages_nobody_twice_and_a_call_without_an_answer_pages_nobody_anew() {
    let mut sim = told_of(1);
    sim.pass(Span::secs(50));
    assert_eq!(texts(&sim), ["SEV1 #1, opened by ana: nobody can pay"], "who was just told knows");
    sim.pass(Span::secs(20));
    let call = "SEV1 #1: call OVERDUE, was due 08:01 UTC: Zoe, dba, +49 1: nobody can pay";
    assert_eq!(texts(&sim)[1..], [call]);
    for _ in 0..4 {
        typed(&mut sim, "called 1 no-answer").unwrap();
        sim.pass(Span::secs(90));
    }
    assert_eq!(texts(&sim).len(), 2, "{:?}", texts(&sim));
    typed(&mut sim, "called 1 answered").unwrap();
    sim.pass(Span::secs(10));
    assert!(sim.state.notices.raised[1].over.is_some(), "somebody was reached");
}

#[test]
fn when_nobody_is_left_to_call_it_is_said_with_what_to_do() {
    let mut sim = opened(1);
    let alarm = |sim: &Sim| sim.answers().alarms.into_iter().find(|a| a.kind == AlarmKind::Unreached);
    typed(&mut sim, "called 1 no-answer").unwrap();
    typed(&mut sim, "called 1 no-answer").unwrap();
    assert_eq!(alarm(&sim), None, "Carl is left");
    typed(&mut sim, "called 1 no-answer").unwrap();
    let said = alarm(&sim).unwrap();
    assert_eq!(
        said.line(),
        "NO ANSWER SEV1 #1: Zoe, Tom, Carl did not answer; nobody is left to call  begin again, or reach somebody else \
         by name and note it"
    );
    assert_eq!(
        (said.level, spell::write(&said.answer.unwrap().order).as_str()),
        (Level::Critical, "called 1 dba answered")
    );
    typed(&mut sim, "called 1 no-answer").unwrap();
    assert!(alarm(&sim).is_some(), "also while it begins again");
    typed(&mut sim, "called 1 answered").unwrap();
    assert_eq!(alarm(&sim), None);
    // Who is reached does not hide that the last rung is silent.
    sim.pass(Span::mins(20));
    typed(&mut sim, "called 1 cto no-answer").unwrap();
    assert_eq!((alarm(&sim).map(|a| a.level), next_call(&sim.state, 1)), (Some(Level::Warn), None));
}

#[test]
fn the_next_rung_comes_in_its_time_where_it_takes_too_long_and_ends_with_mitigated() {
    let mut sim = opened(1);
    typed(&mut sim, "called 1 answered").unwrap();
    assert_eq!(next(&sim), is("Carl", 15));
    sim.pass(Span::mins(17));
    let overdue = duties(&sim.state, 1).into_iter().find(|d| d.said(&sim.state, sim.now).starts_with("call")).unwrap();
    assert!(overdue.is_overdue(sim.now) && overdue.level(sim.now) == Level::Critical);
    let told = sim.answers();
    let alarm = told.alarms.iter().find(|a| a.kind == AlarmKind::Overdue).unwrap();
    assert_eq!(alarm.line(), "OVERDUE SEV1 #1: call Carl, cto, +49 2, overdue for 2:00");
    typed(&mut sim, "mitigated 1 \"traffic is on blue\"").unwrap();
    assert_eq!(next(&sim), None, "nobody more is called");
    let wants: Vec<String> = duties(&sim.state, 1).iter().map(|d| d.words(sim.now)).collect();
    assert_eq!(wants, ["update OVERDUE 2:00"], "the clock of updates goes on");
    typed(&mut sim, "investigating 1 \"it is back\"").unwrap();
    assert_eq!(next(&sim), is("Carl", -2), "it was not over");
}

#[test]
fn who_is_here_is_not_called_and_a_worse_severity_calls_from_then_on() {
    let mut sim = opened(2);
    assert_eq!(next(&sim), is("Zoe", 10));
    sim.order_by("zoe", What::Respond { incident: 1, text: String::new() }).unwrap();
    assert_eq!(next(&sim), None, "zoe is on it");
    sim.pass(Span::mins(4));
    severity(&mut sim, Some(1), 1, "");
    assert_eq!(next(&sim), is("Carl", 15));
}

#[test]
fn a_call_is_about_an_open_incident_and_a_role_of_the_plan() {
    let mut sim = opened(1);
    let refused = |sim: &mut Sim, line: &str| why(typed(sim, line));
    assert_eq!(refused(&mut sim, "called 1 dbx answered"), "the plan has no role `dbx`: it has cto, dba, support");
    assert!(refused(&mut sim, "called 2 dba answered").starts_with("there is no incident 2"));
    let words = |line: &str| spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()).unwrap_err();
    assert!(words("called 1 dba perhaps").starts_with("`perhaps` is neither answered nor no-answer; it is spelled"));
    typed(&mut sim, "called 1 support answered").unwrap();
    assert_eq!(next(&sim), is("Zoe", 0), "who is called beside the plan stands in for nobody");
}

#[test]
fn states_say_how_far_people_are_and_who_acts_is_on_it() {
    let mut sim = opened(1);
    assert_eq!(sim.state.incidents[0].state, IncidentState::Investigating);
    typed(&mut sim, "mitigating 1 \"back to blue\"").unwrap();
    let incident = &sim.state.incidents[0];
    assert_eq!(
        (incident.state, incident.answered.as_ref().unwrap().by.name.as_str()),
        (IncidentState::Mitigating, "bea")
    );
    let twice = why(typed(&mut sim, "mitigating 1"));
    assert_eq!(twice, "incident 1 is mitigating already; do update 1 TEXT");
    typed(&mut sim, "mitigated 1").unwrap();
    assert!(sim.state.incidents[0].resolved.is_none(), "mitigated is not resolved");
    typed(&mut sim, "close 1 \"the pool was full\"").unwrap();
    assert_eq!(sim.state.incidents[0].state, IncidentState::Resolved);
    assert!(why(typed(&mut sim, "mitigating 1")).starts_with("incident 1 was closed by bea"));
}

#[test]
fn a_severity_that_holds_holds_at_once_and_one_that_proposes_asks_to_go_back_and_opens_nothing() {
    let mut sim = opened(2);
    assert!(sim.state.hold.is_none() && proposes_back(&sim.state, 1).is_none());
    severity(&mut sim, Some(1), 1, "");
    assert_eq!(sim.state.hold.as_ref().unwrap().why, "SEV1 #1: not described yet");
    assert!(sim.start("b").is_err());
    let told = sim.answers();
    let alarm = &told.alarms[0];
    assert_eq!((alarm.kind, alarm.level), (AlarmKind::Incident, Level::Critical));
    assert_eq!(spell::write(&alarm.answer.as_ref().unwrap().order), "rollback stage WHY");
    assert!(sim.state.rollbacks.is_empty(), "nothing went back by itself");
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "SEV1".into() }).unwrap();
    sim.ends("a.undo.1", 0);
    assert_eq!(proposes_back(&sim.state, 1), None, "it was followed");
}

#[test]
fn who_does_something_else_against_it_answers_the_question_until_it_gets_worse_again() {
    let mut sim = opened(1);
    assert!(proposes_back(&sim.state, 1).is_some());
    sim.order(What::Release { of: None, seen: None, why: "a hotfix".into() }).unwrap();
    sim.pass(Span::mins(1));
    typed(&mut sim, "mitigating 1 \"a hotfix\"").unwrap();
    assert_eq!(proposes_back(&sim.state, 1), None);
    severity(&mut sim, Some(1), 2, "");
    assert!(sim.state.hold.is_none(), "a better one does not hold");
    sim.pass(Span::mins(1));
    severity(&mut sim, Some(1), 1, "again");
    assert!(sim.state.hold.is_some() && proposes_back(&sim.state, 1).is_some());
}

#[test]
fn an_update_is_filled_with_what_is_so_now() {
    let mut sim = opened(1);
    sim.measures("errors", Outcome::number(0.061));
    sim.pass(Span::mins(3));
    typed(&mut sim, "mitigating 1").unwrap();
    let (readout, told) = (sim.readout(), sim.answers());
    let of = UpdateOf {
        readout: &readout,
        answer: &told.now,
        now: sim.now,
        wall: &|at| format!("T+{}m", at.since(sim.state.t0).millis() / 60_000),
    };
    assert_eq!(
        update_text(&sim.state, 1, &of).unwrap(),
        "SEV1 #1: nobody can pay, mitigating, 3m, by bea. SEV1: Phase 1/2, held; all that is measured is within its \
         limits. no way back was taken. Next at T+19m"
    );
    let mut none = opened(2);
    none.pass(Span::mins(1));
    assert_eq!(update_text(&none.state, 1, &of), None, "SEV2 has no template");
}

#[test]
fn a_state_from_before_reads_and_what_was_done_reads_back() {
    let mut sim = opened(1);
    typed(&mut sim, "called 1 no-answer").unwrap();
    typed(&mut sim, "mitigated 1 x").unwrap();
    let json = serde_json::to_value(&sim.state).unwrap();
    assert_eq!(serde_json::from_value::<LaunchState>(json.clone()).unwrap(), sim.state);
    let mut old = json;
    for key in ["state", "states", "calls"] {
        old["incidents"][0].as_object_mut().unwrap().remove(key);
    }
    let read: LaunchState = serde_json::from_value(old).unwrap();
    assert_eq!(read.incidents[0].state, IncidentState::Investigating);
}

#[test]
fn a_severity_that_came_after_a_way_back_asks_for_it_anew() {
    let mut outline = planned();
    outline.rollbacks = vec![rollback("traffic", vec![runs("traffic/blue", |_| {})])];
    outline.rollback = Some("traffic".into());
    let mut sim = Sim::new(outline);
    sim.does("a");
    let way = Way::Named("traffic".into());
    sim.order(What::Rollback { way, trigger: None, typed: None, why: "slow".into() }).unwrap();
    sim.ends("traffic/blue.do.1", 0);
    sim.pass(Span::mins(3));
    severity(&mut sim, None, 1, "login is down");
    let told = sim.answers();
    let alarm = told.alarms.iter().find(|alarm| alarm.kind == AlarmKind::Incident).unwrap();
    assert!(!alarm.then.long().contains("should recover"), "{alarm:?}");
    assert_eq!(alarm.answer.as_ref().map(|own| spell::write(&own.order)), Some("rollback traffic WHY".to_owned()));
}
