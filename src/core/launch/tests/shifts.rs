//! Shifts: who is on, the reminder, the handover, and what is late.

use super::super::answers::AlarmKind;
use super::super::testing::*;
use super::super::{explain_named, handover, next_call, next_change, on_shift, waiting};
use crate::core::event::Event;
use crate::core::ids::RoleId;
use crate::core::notice::{Backup, Fact, NoticeKind, NotifyOutline, Subject};
use crate::core::order::{Way, What};
use crate::core::outline::{Outline, Role, Rung, SeverityOutline, ShiftsOutline, TriggerAction, Turn};
use crate::core::reading::{Level, Outcome};
use crate::core::shift::Part;
use crate::core::time::{Offset, Span};

const HOUR: Span = Span::mins(60);

fn turn(at: Span, who: &str) -> Turn {
    Turn { at: Offset(at), who: who.to_owned() }
}

fn role(name: &str, contact: &str, backup: Option<&str>) -> Role {
    Role { name: name.into(), contact: Some(contact.into()), backup: backup.map(str::to_owned) }
}

/// Ana from T-0, Ben from T+8h, Cem from T+16h; Tom stands in. Rules for `handover` and `overdue`.
fn shifts() -> Outline {
    let mut outline = plan(vec![runs("deploy", |s| s.undo = undo(&[])), step("tell", |_| {})]);
    outline.shifts = Some(ShiftsOutline {
        role: "on-call".into(),
        remind: Span::mins(15),
        late: Span::mins(10),
        turns: vec![turn(Span::ZERO, "Ana"), turn(HOUR.times(8), "Ben"), turn(HOUR.times(16), "Cem")],
    });
    outline.roles = [
        ("on-call", role("Ana", "+49 1", Some("Tom"))),
        ("night", role("Ben", "+49 2", None)),
        ("standby", role("Tom", "+49 3", None)),
    ]
    .map(|(id, role)| (RoleId::from(id), role))
    .into();
    let unacked = Backup { after: Span::mins(5), to: vec!["backup".into()] };
    let on = vec![NoticeKind::Handover, NoticeKind::Overdue];
    outline.notify = vec![NotifyOutline { on, to: vec!["oncall".into()], unacked: Some(unacked) }];
    outline
}

fn sim() -> Sim {
    Sim::new(shifts())
}

fn who_is_on(sim: &Sim) -> &str {
    on_shift(&sim.state).unwrap().who
}

fn hand_over(sim: &mut Sim, by: &str, text: &str) -> Result<(), crate::core::order::Rejection> {
    sim.order_by(by, What::Handover { to: None, text: text.into() })
}

/// Notices that were raised: what kind, by which channels, in which words.
fn raised(sim: &Sim) -> Vec<(NoticeKind, String, String)> {
    let of = |event: &Event| match event {
        Event::Notice(Fact::Raised { kind, subject: Subject::Shift, to, text, .. }) => {
            let to: Vec<&str> = to.iter().map(|id| id.as_str()).collect();
            Some((*kind, to.join(" "), text.clone()))
        }
        _ => None,
    };
    sim.events.iter().filter_map(|recorded| of(&recorded.event)).collect()
}

fn lines<'a>(sheet: &'a [Part], head: &str) -> &'a [String] {
    &sheet.iter().find(|part| part.head == head).unwrap_or_else(|| panic!("no {head}: {sheet:?}")).lines
}

#[test]
fn people_are_reminded_before_a_turn_and_a_slip_moves_it() {
    let mut sim = sim();
    sim.pass(HOUR.times(7));
    let (from, to) = (sim.state.t0, sim.state.t0 + HOUR);
    sim.order(What::Slip { from, to, why: "late".into() }).unwrap();
    sim.pass(Span::mins(50));
    assert_eq!(raised(&sim), [], "T+8h is an hour later now");
    sim.pass(HOUR);
    let [(NoticeKind::Handover, to, text)] = &raised(&sim)[..] else { panic!("{:?}", raised(&sim)) };
    assert_eq!(to, "oncall");
    assert!(text.starts_with("on-call: Ben takes over from Ana at 17:00 UTC: Ana"), "{text}");
    assert!(text.ends_with("Ana writes the handover") && !text.contains(" in "), "{text}");
}

#[test]
fn the_next_one_accepts_and_until_then_the_current_one_stays() {
    let mut sim = sim();
    sim.pass(HOUR.times(8));
    hand_over(&mut sim, "ana", "watch the queue").unwrap();
    sim.pass(Span::mins(2));
    assert_eq!(who_is_on(&sim), "Ana", "it was not accepted yet");
    let said = explain_named(&sim.state, &sim.readout(), "handover", sim.now).unwrap().remove(0).why;
    assert!(said.because.contains(&"what stood 2:00 ago, when ana wrote it:".to_owned()), "{said:?}");
    sim.order(What::Note { text: "the bank calls at nine".into() }).unwrap();
    let refused = why(sim.order_by("tom", What::Accept { handover: 1 }));
    assert_eq!(
        refused,
        "it is Ben who accepts it, and you are tom; take over with a reason, where they can't; do take-over WHY"
    );
    sim.order_by("ben", What::Accept { handover: 1 }).unwrap();
    assert_eq!((who_is_on(&sim), sim.state.shifts.offer.as_ref()), ("Ben", None));
    let notes = lines(&handover(&sim.state, &sim.readout(), sim.now), "Notes").to_vec();
    assert!(notes[0].ends_with("ana: the bank calls at nine"), "it was on no page yet: {notes:?}");
    let asked = why(sim.order_by("ana", What::Handover { to: None, text: String::new() }));
    assert!(asked.starts_with("Ben is on shift, and hands over"), "{asked}");
    let ends: Vec<_> = sim.state.notices.standing().map(|n| n.text.clone()).collect();
    assert!(ends.is_empty(), "{ends:?}");
}

#[test]
fn an_overdue_handover_is_an_alarm_and_reaches_the_backup_at_once() {
    let mut sim = sim();
    sim.pass(HOUR.times(8));
    let alarm = sim.answers().alarms.remove(0);
    assert_eq!((alarm.kind, alarm.level), (AlarmKind::Handover, Level::Warn), "its time has come");
    sim.pass(Span::mins(10));
    let late: Vec<_> = raised(&sim).into_iter().filter(|(kind, ..)| *kind == NoticeKind::Overdue).collect();
    let [(_, to, text)] = &late[..] else { panic!("{late:?}") };
    assert_eq!(to, "oncall backup", "nobody waits for an acknowledgement");
    assert!(
        text.contains(
            "from Ana, OVERDUE, was due 16:00 UTC: Ana stays on shift; call Ben, +49 2, else the backup Tom, +49 3"
        ),
        "{text}"
    );
    let alarm = sim.answers().alarms.remove(0);
    assert_eq!((alarm.kind, alarm.level), (AlarmKind::HandoverOverdue, Level::Critical), "its grace is over");
    assert_eq!(sim.answers().now.head.long(), "HANDOVER OVERDUE", "that is not said of production");
    assert_eq!(who_is_on(&sim), "Ana");
    sim.order_by("tom", What::TakeOver { from: "Ana".into(), why: "Ben is ill".into() }).unwrap();
    assert_eq!(who_is_on(&sim), "tom");
    assert!(sim.answers().alarms.is_empty() && sim.state.notices.standing().next().is_none());
    sim.pass(HOUR);
    assert_eq!(raised(&sim).len(), 2, "that turn is taken; the next is Cem's");
}

#[test]
fn a_handover_that_was_written_and_not_accepted_is_overdue_too() {
    let mut sim = sim();
    sim.pass(HOUR.times(8));
    hand_over(&mut sim, "ana", "").unwrap();
    sim.pass(Span::mins(11));
    assert_eq!(sim.answers().alarms[0].kind, AlarmKind::HandoverOverdue);
    assert_eq!(raised(&sim).iter().filter(|(kind, ..)| *kind == NoticeKind::Overdue).count(), 1);
}

#[test]
fn taking_over_without_a_handover_needs_a_reason_and_names_whom_it_saw() {
    let mut sim = sim();
    sim.pass(HOUR);
    let take = |from: &str, why: &str| What::TakeOver { from: from.into(), why: why.into() };
    assert!(why(sim.order_by("tom", take("Ana", " "))).starts_with("to take over without a handover needs a reason"));
    assert!(why(sim.order_by("tom", take("Ben", "x"))).starts_with("Ana is on shift meanwhile"));
    assert_eq!(why(sim.order_by("ana", take("Ana", "x"))), "you are on shift already");
    sim.order_by("tom", take("Ana", "she fell asleep")).unwrap();
    sim.pass(HOUR.times(7));
    assert_eq!(sim.answers().alarms[0].kind, AlarmKind::Handover, "he stands in; Ben's turn is still wanted");
    hand_over(&mut sim, "tom", "").unwrap();
    assert!(why(sim.order_by("ben", take("tom", "x"))).contains("do accept"));
    sim.order_by("ben", What::Accept { handover: 1 }).unwrap();
    assert_eq!(who_is_on(&sim), "Ben");
}

#[test]
fn a_handover_may_come_early_and_to_somebody_else_and_be_written_anew() {
    let mut sim = sim();
    sim.pass(HOUR.times(3));
    let to = |name: &str| What::Handover { to: Some(name.into()), text: String::new() };
    assert!(why(sim.order(to("Tim"))).contains("knows nobody of the name `Tim`; did you mean `Tom`?"));
    sim.order(to("tom")).unwrap();
    sim.order(to("ben")).unwrap();
    assert!(why(sim.order_by("tom", What::Accept { handover: 1 })).starts_with("it was written anew by ana"));
    sim.order_by("ben", What::Accept { handover: 2 }).unwrap();
    sim.pass(HOUR.times(6));
    assert_eq!(sim.answers().alarms, [], "his turn began early");
}

#[test]
fn of_turns_that_nobody_took_the_newest_is_wanted() {
    let mut sim = sim();
    sim.pass(HOUR.times(16));
    hand_over(&mut sim, "ana", "").unwrap();
    assert_eq!(sim.state.shifts.offer.as_ref().unwrap().to, "Cem");
    sim.order_by("cem", What::Accept { handover: 1 }).unwrap();
    sim.pass(HOUR);
    assert_eq!(sim.answers().alarms, []);
    let refused = why(hand_over(&mut sim, "cem", ""));
    assert!(refused.starts_with("the plan has no turn after this one; say to whom"), "{refused}");
}

#[test]
fn a_handover_is_prefilled_with_all_that_the_next_one_must_know() {
    let mut outline = shifts();
    outline.triggers = vec![trigger("errors-5", "errors > 5% for 10m", TriggerAction::Propose)];
    let mut sim = Sim::new(outline);
    sim.does("deploy");
    sim.pass(HOUR.times(7));
    sim.order(What::Note { text: "queue was slow at noon".into() }).unwrap();
    sim.order(What::Severity { incident: None, level: 3, text: "webhooks late".into() }).unwrap();
    let of = crate::core::notice::Muted::Probe("green".into());
    sim.order(What::Mute { of, span: HOUR.times(2), why: "known noise".into() }).unwrap();
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(3));
    let sheet = handover(&sim.state, &sim.readout(), sim.now);
    assert_eq!(lines(&sheet, "Open incidents"), ["SEV3 #1 investigating, open 3m: webhooks late; nobody is on it"]);
    assert_eq!(lines(&sheet, "Triggers"), ["errors-5 pending 2:50 of 10:00: 6 % > 5 %"]);
    assert_eq!(lines(&sheet, "Muted"), ["green until 17:00 by ana: known noise"]);
    assert_eq!(lines(&sheet, "Ways back"), ["undo Step deploy: READY, about 1m; no loss named"]);
    assert_eq!(lines(&sheet, "Notes"), ["15:00 ana: queue was slow at noon"]);
    hand_over(&mut sim, "ana", "be nice to it").unwrap();
    let offer = sim.state.shifts.offer.clone().unwrap();
    assert_eq!((offer.sheet, offer.text.as_str()), (sheet, "be nice to it"), "it goes on record");
    sim.order_by("ben", What::Accept { handover: 1 }).unwrap();
    let sheet = handover(&sim.state, &sim.readout(), sim.now);
    assert_eq!(lines(&sheet, "Notes"), [""; 0], "notes are those since the last handover");
}

#[test]
fn a_way_back_that_was_taken_is_not_offered_to_the_next_one_as_something_to_undo() {
    let mut outline = shifts();
    outline.rollbacks = vec![rollback("traffic", vec![runs("traffic/to-blue", |_| {})])];
    let mut sim = Sim::new(outline);
    sim.does("deploy");
    sim.order(What::Rollback { way: Way::Named("traffic".into()), typed: None, why: "slow".into(), trigger: None })
        .unwrap();
    sim.ends("traffic/to-blue.do.1", 0);
    let sheet = handover(&sim.state, &sim.readout(), sim.now);
    let left = lines(&sheet, "Ways back");
    assert_eq!(left[1], "Rollback traffic: taken, and nothing is left that it would undo", "{left:?}");
}

#[test]
fn escalation_calls_who_is_on_shift_and_not_who_took_over_with_the_incident() {
    let mut outline = shifts();
    let escalate = vec![Rung { after: Span::ZERO, to: vec!["on-call".into()] }];
    outline.severities.insert(1, SeverityOutline { escalate, ..Default::default() });
    let mut sim = Sim::new(outline);
    let severity = |sim: &mut Sim, incident, level| {
        sim.order_by("lea", What::Severity { incident, level, text: "down".into() }).unwrap();
    };
    severity(&mut sim, None, 2);
    severity(&mut sim, Some(1), 1);
    let call = |sim: &Sim| next_call(&sim.state, 1).map(|call| call.words());
    assert_eq!(call(&sim).as_deref(), Some("Ana, on-call, +49 1"));
    let order =
        What::Called { incident: 1, role: "on-call".into(), backup: false, answered: false, text: String::new() };
    sim.order_by("lea", order).unwrap();
    assert_eq!(call(&sim).as_deref(), Some("Tom, backup of on-call, +49 3"));
    sim.pass(Span::mins(1));
    sim.order_by("ben", What::TakeOver { from: "Ana".into(), why: "she does not answer".into() }).unwrap();
    assert_eq!(call(&sim), None, "it stands on the page that he took over");
    let all = sim.answers().alarms;
    assert!(!all.iter().any(|alarm| alarm.text().long().contains("call Ben")), "{all:?}");
    sim.pass(Span::mins(1));
    severity(&mut sim, Some(1), 2);
    severity(&mut sim, Some(1), 1);
    assert_eq!(call(&sim).as_deref(), Some("Ben, on-call, +49 2"), "it got worse again, and that he may not know");
}

#[test]
fn a_step_of_the_role_is_whoever_is_on_shift() {
    let mut outline = shifts();
    outline.steps[0].owner = Some("on-call".into());
    let mut sim = Sim::new(outline);
    assert!(sim.answers().next.who.long().contains("on-call: Ana"), "{:?}", sim.answers().next);
    sim.order_by("ben", What::TakeOver { from: "Ana".into(), why: "she is ill".into() }).unwrap();
    assert!(sim.answers().next.who.long().contains("on-call: Ben"), "{:?}", sim.answers().next);
}

#[test]
fn what_waits_names_the_change_of_shift_and_the_order_that_moves_it() {
    let mut sim = sim();
    sim.pass(HOUR);
    let named = |sim: &Sim| waiting(&sim.state, &sim.readout(), sim.now).into_iter().any(|w| w.name == "handover");
    assert!(!named(&sim), "nobody waits for it yet");
    let told = explain_named(&sim.state, &sim.readout(), "handover", sim.now).unwrap();
    assert_eq!((told[0].title.as_str(), told[0].why.state.as_str()), ("on-call: Ana", "on shift"));
    sim.pass(HOUR.times(7));
    assert!(named(&sim));
    let told = explain_named(&sim.state, &sim.readout(), "handover", sim.now).unwrap();
    let orders: Vec<String> = told[0].why.orders.iter().map(crate::core::spell::write).collect();
    assert_eq!(orders, ["handover", "take-over WHY"]);
    hand_over(&mut sim, "ana", "").unwrap();
    let told = explain_named(&sim.state, &sim.readout(), "handover", sim.now).unwrap();
    assert_eq!(told[0].why.state, "handed over");
}

#[test]
fn a_plan_without_shifts_says_so() {
    let mut sim = Sim::new(plan(vec![step("tell", |_| {})]));
    assert!(why(hand_over(&mut sim, "ana", "")).starts_with("the plan has no [shifts]; hand over the lead"));
    assert!(explain_named(&sim.state, &sim.readout(), "handover", sim.now).is_err());
}

#[test]
fn who_takes_over_in_a_turn_that_is_the_other_s_own_is_not_relieved_by_them_at_once() {
    let mut outline = shifts();
    let turns = [(0, "Ana"), (8, "Ben"), (16, "Ana")].map(|(at, who)| turn(HOUR.times(at), who));
    outline.shifts.as_mut().unwrap().turns = turns.into();
    let mut sim = Sim::new(outline);
    sim.pass(HOUR.times(17));
    let before = raised(&sim).len();
    sim.order_by("ana", What::Handover { to: Some("Ben".into()), text: "late, but here".into() }).unwrap();
    let handover = sim.state.shifts.offer.as_ref().unwrap().number;
    sim.order_by("ben", What::Accept { handover }).unwrap();
    assert_eq!(who_is_on(&sim), "Ben");
    sim.pass(HOUR);
    assert_eq!(next_change(&sim.state, sim.now).map(|next| next.turn.who.clone()), None);
    let since: Vec<_> = raised(&sim).split_off(before);
    assert!(!since.iter().any(|(.., text)| text.contains("takes over from")), "{since:?}");
}

#[test]
fn who_is_to_be_relieved_is_not_called_as_the_backup_of_who_does_not_come() {
    let mut outline = shifts();
    outline.roles.get_mut(&RoleId::from("night")).unwrap().backup = Some("Ana".into());
    let mut sim = Sim::new(outline);
    sim.pass(HOUR.times(9));
    let change = next_change(&sim.state, sim.now).unwrap();
    assert_eq!(crate::core::launch::calls(&sim.state, &change), "call Ben, +49 2");
}

#[test]
fn who_stays_over_a_turn_that_nobody_took_does_not_relieve_themselves() {
    let mut outline = shifts();
    let turns = [(0, "Ana"), (8, "Ben"), (16, "Ana"), (24, "Cem")].map(|(at, who)| turn(HOUR.times(at), who));
    outline.shifts.as_mut().unwrap().turns = turns.into();
    let mut sim = Sim::new(outline);
    sim.pass(HOUR.times(15));
    assert_eq!(next_change(&sim.state, sim.now).unwrap().turn.who, "Ben", "he is late");
    sim.pass(HOUR.times(2));
    let next = next_change(&sim.state, sim.now).unwrap();
    assert_eq!((next.turn.who.as_str(), next.turn.at), ("Cem", Offset(HOUR.times(24))));
    let told = sim.answers();
    assert!(!told.alarms.iter().any(|a| a.what.contains("takes over from")), "{:?}", told.alarms);
    assert!(!raised(&sim).iter().any(|(.., text)| text.contains("Ana takes over from Ana")), "{:?}", raised(&sim));
    assert!(sim.state.notices.standing().all(|n| n.kind != NoticeKind::Overdue), "Ben is no longer wanted");
}
