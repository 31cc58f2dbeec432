//! What people are told, and when: what is worth it, who is told next, what is muted.

use crate::core::event::{Event, Mode, Recorded, RunEnd};
use crate::core::ids::{ChannelId, Seq};
use crate::core::launch::testing::*;
use crate::core::launch::{Input, LaunchState, Notice, duties, explain_named, next_deadline, waiting};
use crate::core::notice::{Act, Backup, ChannelOutline, Fact, Muted, NoticeKind, NotifyOutline};
use crate::core::order::{Ballot, Way, What};
use crate::core::outline::{Outline, Role, Rung, SeverityOutline, TriggerAction};
use crate::core::reading::Outcome;
use crate::core::spell;
use crate::core::tell::tell;
use crate::core::time::Span;

/// Everything is told to `oncall`; after 5 minutes without an answer to `backup`.
pub(super) fn told() -> Outline {
    let channel = |id: &str| ChannelOutline {
        id: id.into(),
        kind: "webhook".into(),
        target: "http://127.0.0.1".into(),
        per_minute: 5,
        together: true,
    };
    let mut outline =
        plan(vec![runs("deploy", |_| {}), step("go", |s| s.gate = gate(&[], &["dba"], Some(Span::mins(10))))]);
    outline.probes[0].critical = conditions(&["errors > 5%"]);
    outline.triggers = vec![trigger("bad", "errors > 20% for 30s", TriggerAction::Propose)];
    outline.rollbacks = vec![rollback("traffic", vec![runs("traffic/to-blue", |_| {})])];
    outline.severities = [(1, SeverityOutline { respond: Some(Span::mins(2)), ..Default::default() })].into();
    outline.channels = vec![channel("oncall"), channel("backup")];
    outline.notify = vec![NotifyOutline {
        on: NoticeKind::PLANNED.to_vec(),
        to: vec!["oncall".into()],
        unacked: Some(Backup { after: Span::mins(5), to: vec!["backup".into()] }),
    }];
    outline
}

pub(super) fn launched() -> Sim {
    let mut sim = Sim::new(told());
    sim.pass(Span::mins(1));
    sim
}

/// The notices that stand, as `kind: channels`.
fn standing(sim: &Sim) -> Vec<String> {
    let to = |n: &Notice| n.to.iter().map(ChannelId::as_str).collect::<Vec<_>>().join("+");
    sim.state.notices.standing().map(|n| format!("{}: {}", n.kind, to(n))).collect()
}

/// What is to be sent, as `channel act number`.
fn queue(sim: &Sim) -> Vec<String> {
    sim.state.notices.queue.iter().map(|d| format!("{} {} {}", d.channel, d.act.name(), d.notice)).collect()
}

/// What happened about notices, in the log's words.
fn log(sim: &Sim) -> Vec<String> {
    let told = |r: &Recorded| matches!(r.event, Event::Notice(_)).then(|| tell(&sim.state, &r.event).text);
    sim.events.iter().filter_map(told).collect()
}

fn bad(sim: &mut Sim, share: f64) {
    sim.measures("errors", Outcome::number(share));
}

/// Gives an order as it is typed.
pub(super) fn types(sim: &mut Sim, line: &str) -> Result<(), crate::core::order::Rejection> {
    let what = spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()).unwrap();
    sim.order(what)
}

#[test]
fn what_is_critical_is_told_once_and_its_end_after_it_was_quiet_for_a_minute() {
    let mut sim = launched();
    bad(&mut sim, 0.06);
    sim.pass(Span::secs(20));
    assert_eq!(standing(&sim), ["critical: oncall"]);
    assert!(log(&sim)[0].starts_with("notice 1 to oncall: critical: errors.value 6 % > 5 %"), "{:?}", log(&sim));
    // It flaps, and is told once.
    for share in [0.01, 0.06, 0.01] {
        bad(&mut sim, share);
        sim.pass(Span::secs(30));
    }
    assert_eq!(sim.state.notices.count, 1);
    sim.pass(Span::secs(60));
    assert_eq!(standing(&sim), [""; 0]);
    assert_eq!(log(&sim)[1], "notice 1 is over: no longer critical, and not for 1m");
    // The next time is another notice, with a key of its own.
    bad(&mut sim, 0.06);
    sim.pass(Span::secs(20));
    let keys: Vec<&str> = sim.state.notices.raised.iter().map(|n| n.key.as_str()).collect();
    assert_eq!(keys, ["critical/errors/1", "critical/errors/2"]);
}

#[test]
fn without_data_what_was_critical_is_not_over() {
    let mut sim = launched();
    bad(&mut sim, 0.06);
    sim.pass(Span::secs(20));
    sim.measures("errors", Outcome::NoData("401".into()));
    sim.pass(Span::mins(10));
    assert_eq!(standing(&sim), ["critical: oncall+backup"]);
}

#[test]
fn a_fired_trigger_a_step_that_fails_and_a_way_back_are_told_and_so_is_their_end() {
    let mut sim = launched();
    sim.start("deploy").unwrap();
    sim.ends("deploy.do.1", 1);
    assert_eq!(standing(&sim), ["step-failed: oncall"]);
    bad(&mut sim, 0.3);
    sim.pass(Span::secs(50));
    assert_eq!(standing(&sim), ["step-failed: oncall", "critical: oncall", "trigger: oncall"]);
    let text = &sim.state.notices.raised[2].text;
    assert!(text.starts_with("bad FIRED: errors > 20% for 30s: "), "{text}");
    types(&mut sim, "rollback traffic because").unwrap();
    assert_eq!(standing(&sim), ["step-failed: oncall", "critical: oncall", "rollback: oncall"]);
    sim.ends("traffic/to-blue.do.1", 1);
    assert!(log(&sim).last().unwrap().contains("STOPPED: "), "{:?}", log(&sim));
    types(&mut sim, "leave enough").unwrap();
    assert!(!standing(&sim).iter().any(|n| n.starts_with("rollback")));
}

#[test]
fn a_gate_is_told_when_it_asks_and_again_when_nobody_decided() {
    let mut sim = launched();
    sim.start("go").unwrap();
    assert_eq!(standing(&sim), ["gate: oncall"]);
    let text = &sim.state.notices.raised[0].text;
    assert_eq!(text, "Step go asks for its decision: ana decides; dba vote");
    let mut decided = sim.clone();
    let vote = Ballot::Go;
    decided.order(What::Vote { gate: "go".into(), round: 1, role: "dba".into(), vote, why: None }).unwrap();
    decided.order(What::Decide { gate: "go".into(), round: 1, go: true, why: None }).unwrap();
    assert_eq!(log(&decided).last().unwrap(), "notice 1 is over: GO, decided by ana");
    sim.pass(Span::mins(11));
    assert_eq!(standing(&sim), ["overdue: oncall"]);
}

#[test]
fn an_incident_is_told_and_what_is_overdue_in_it() {
    let mut sim = launched();
    sim.order(What::Severity { incident: None, level: 1, text: "checkout is down".into() }).unwrap();
    assert_eq!(standing(&sim), ["sev1: oncall"]);
    sim.pass(Span::mins(3));
    assert_eq!(standing(&sim), ["sev1: oncall", "overdue: oncall"]);
    sim.order(What::Respond { incident: 1, text: "restarting".into() }).unwrap();
    assert_eq!(standing(&sim), ["sev1: oncall"]);
    // Who is on it has acknowledged it.
    assert_eq!(sim.state.notices.raised[0].acked.as_ref().unwrap().text, "restarting");
    sim.pass(Span::mins(10));
    assert_eq!(standing(&sim), ["sev1: oncall"], "nobody else is told");
    sim.order(What::Severity { incident: Some(1), level: 3, text: String::new() }).unwrap();
    assert_eq!(standing(&sim), ["sev3: oncall"]);
    sim.order(What::Resolved { incident: 1, text: String::new() }).unwrap();
    assert_eq!(standing(&sim), [""; 0]);
}

#[test]
fn unacknowledged_for_5_minutes_goes_to_the_backup_once() {
    let mut sim = launched();
    bad(&mut sim, 0.06);
    sim.pass(Span::secs(10));
    let due = next_deadline(&sim.state, &sim.signals, sim.now).unwrap();
    assert_eq!(due, sim.state.notices.raised[0].raised + Span::mins(5));
    sim.pass(Span::mins(4));
    assert_eq!(queue(&sim), ["oncall trigger 1"]);
    sim.pass(Span::mins(1));
    assert_eq!(queue(&sim), ["oncall trigger 1", "backup trigger 1"]);
    sim.pass(Span::mins(20));
    assert_eq!(queue(&sim), ["oncall trigger 1", "backup trigger 1"]);
    assert!(log(&sim).contains(&"notice 1 to backup: nobody acknowledged it for 5m".to_owned()));
}

#[test]
fn who_was_told_and_stands_in_is_told_once_more_where_nobody_acknowledged() {
    let mut outline = told();
    outline.notify[0].unacked = Some(Backup { after: Span::mins(5), to: vec!["oncall".into()] });
    let mut sim = Sim::new(outline);
    bad(&mut sim, 0.06);
    sim.pass(Span::secs(10));
    let sent = || Event::Notice(Fact::Sent { channel: "oncall".into(), posts: vec![(1, Act::Trigger)] });
    sim.fold(sent());
    assert_eq!(queue(&sim), [""; 0]);
    sim.pass(Span::mins(5));
    assert_eq!(queue(&sim), ["oncall trigger 1"]);
    sim.fold(sent());
    sim.pass(Span::mins(20));
    assert_eq!(queue(&sim), [""; 0], "once");
}

#[test]
fn what_was_acknowledged_goes_to_no_backup_and_those_who_were_told_hear_of_it() {
    let mut sim = launched();
    bad(&mut sim, 0.3);
    sim.pass(Span::secs(50));
    assert_eq!(standing(&sim).len(), 2);
    let words: Vec<String> = ["ack", "bda", "looking"].map(str::to_owned).into();
    let misspelt = crate::core::spell::read(&words, &sim.state, &sim.readout()).unwrap_err();
    assert!(misspelt.contains("called `bda`; did you mean `bad`?; `ack all TEXT` takes all of it"), "{misspelt}");
    types(&mut sim, "ack all looking at it").unwrap();
    assert_eq!(log(&sim).last().unwrap(), "ana is on it (bad, notice 1, 2): looking at it");
    sim.pass(Span::mins(20));
    let queue = queue(&sim);
    assert_eq!(queue, ["oncall trigger 1", "oncall trigger 2", "oncall acknowledge 1", "oncall acknowledge 2"]);
    assert!(why(types(&mut sim, "ack")).contains("nothing wants to be acknowledged"));
    assert_eq!(why(types(&mut sim, "ack 1")), "ana is on notice 1 already");
    assert_eq!(why(types(&mut sim, "ack bad")), "ana is on `bad` already");
    assert_eq!(why(types(&mut sim, "ack 9")), "there is no notice 9, or it was over long ago");
}

#[test]
fn who_acknowledges_what_is_told_of_an_incident_is_on_the_incident_once() {
    let mut sim = launched();
    sim.order(What::Severity { incident: None, level: 1, text: "cards fail".into() }).unwrap();
    sim.pass(Span::secs(90));
    types(&mut sim, "ack 1 looking").unwrap();
    let answered = sim.state.incidents[0].answered.clone().unwrap();
    assert_eq!((answered.by.name.as_str(), answered.text.as_str()), ("ana", "looking"));
    sim.pass(Span::mins(10));
    assert_eq!(duties(&sim.state, 1), [], "the clock of the response does not run on");
    assert_eq!(sim.state.notices.count, 1, "nothing is overdue, so nobody is told that it is");
    let told: Vec<String> = sim.events.iter().map(|r| tell(&sim.state, &r.event).text).collect();
    assert!(told.iter().any(|line| line.contains("ana is on it: looking")), "{told:?}");
    let report = crate::core::report::Report::of(&sim.events, None).unwrap();
    let acked = report.messages[0].acknowledged.as_ref().unwrap().at;
    assert_eq!(report.incidents[0].answered, Some(acked.since(report.messages[0].at)));
    // The next one is told who is, and a second notice of it answers nothing anew.
    assert_eq!(why(types(&mut sim, "ack 1 me too")), "ana is on notice 1 already");
    sim.order(What::Severity { incident: Some(1), level: 2, text: String::new() }).unwrap();
    _ = sim.order_by("tom", What::Acknowledge { notices: vec![2], triggers: Vec::new(), text: String::new() });
    assert_eq!((sim.count("incident-answered"), answered.by.name.as_str()), (1, "ana"));
}

#[test]
fn a_number_alone_is_acknowledged_only_where_it_means_one_thing() {
    let mut sim = launched();
    bad(&mut sim, 0.06);
    sim.pass(Span::secs(10));
    sim.order(What::Severity { incident: None, level: 4, text: "cards fail".into() }).unwrap();
    sim.order(What::Severity { incident: None, level: 3, text: "search is slow".into() }).unwrap();
    let read = |sim: &Sim, line: &str| spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout());
    let ack = |notices: &[u32], text: &str| {
        Ok(What::Acknowledge { notices: notices.to_vec(), triggers: Vec::new(), text: text.into() })
    };
    // Notice 1 is of the probe, 2 of incident #1, 3 of incident #2.
    let both = read(&sim, "ack 1 looking").unwrap_err();
    let readings =
        "1 is an incident and a notice: `ack #1` for SEV4 #1 cards fail, `ack notice 1` for critical: errors";
    assert!(both.starts_with(readings), "{both}");
    assert_eq!(read(&sim, "ack #1 looking"), ack(&[2], "looking"));
    assert_eq!(read(&sim, "ack SEV4 #1 looking"), ack(&[2], "looking"));
    assert_eq!(read(&sim, "ack notice 1 looking"), ack(&[1], "looking"));
    assert_eq!(read(&sim, "ack 3"), ack(&[3], ""), "there is no incident 3");
    assert!(read(&sim, "ack #3").unwrap_err().starts_with("there is no incident #3"));
    assert_eq!(spell::write(&ack(&[3], "mine").unwrap()), "ack notice 3 mine");
    sim.order(What::Resolved { incident: 1, text: String::new() }).unwrap();
    assert_eq!(read(&sim, "ack 1 looking"), ack(&[1], "looking"), "that incident is closed");
    // Where nobody is told of an incident, whoever is on it has responded all the same.
    let mut outline = told();
    outline.notify.clear();
    let mut sim = Sim::new(outline);
    sim.order(What::Severity { incident: None, level: 1, text: "cards fail".into() }).unwrap();
    types(&mut sim, "ack 1 looking").unwrap();
    assert_eq!(sim.state.incidents[0].answered.as_ref().unwrap().text, "looking");
}

#[test]
fn what_of_an_incident_is_overdue_at_once_is_one_notice_until_all_of_it_is_done() {
    let mut outline = told();
    let span = Some(Span::mins(2));
    outline.severities = [(1, SeverityOutline { respond: span, update: span, ..Default::default() })].into();
    let mut sim = Sim::new(outline);
    sim.order(What::Severity { incident: None, level: 1, text: "cards fail".into() }).unwrap();
    sim.pass(Span::mins(3));
    let overdue = |sim: &Sim| -> Vec<Notice> {
        sim.state.notices.raised.iter().filter(|n| n.kind == NoticeKind::Overdue).cloned().collect()
    };
    let texts: Vec<String> = overdue(&sim).into_iter().map(|n| n.text).collect();
    let both = "SEV1 #1: response OVERDUE, was due 08:02 UTC, update OVERDUE, was due 08:02 UTC: cards fail";
    assert_eq!(texts, [both]);
    sim.order(What::Respond { incident: 1, text: String::new() }).unwrap();
    assert_eq!(overdue(&sim)[0].over, None, "nobody was told how it goes");
    sim.order(What::Update { incident: 1, text: "one bank of three".into() }).unwrap();
    assert!(overdue(&sim)[0].over.is_some());
    sim.pass(Span::mins(3));
    assert_eq!(overdue(&sim).len(), 2, "the next update is another one");
}

#[test]
fn a_response_and_a_call_that_are_both_due_at_once_are_told_in_one_notice() {
    let mut outline = told();
    let escalate = vec![Rung { after: Span::ZERO, to: vec!["dba".into()] }];
    outline.roles = [("dba".into(), Role { name: "Zoe".into(), contact: Some("+49 1".into()), backup: None })].into();
    outline.severities = [(1, SeverityOutline { respond: Some(Span::ZERO), escalate, ..Default::default() })].into();
    let mut sim = Sim::new(outline);
    sim.order(What::Severity { incident: None, level: 1, text: "cards fail".into() }).unwrap();
    sim.pass(Span::mins(3));
    assert_eq!(standing(&sim), ["sev1: oncall", "overdue: oncall"]);
    let both =
        "SEV1 #1: response OVERDUE, was due 08:00 UTC, call OVERDUE, was due 08:00 UTC: Zoe, dba, +49 1: cards fail";
    assert_eq!(sim.state.notices.raised[1].text, both);
    sim.order(What::Respond { incident: 1, text: String::new() }).unwrap();
    assert_eq!(standing(&sim), ["sev1: oncall", "overdue: oncall"], "Zoe is still to be called");
    types(&mut sim, "called 1 answered").unwrap();
    sim.pass(Span::mins(10));
    assert_eq!((standing(&sim), sim.state.notices.count), (vec!["sev1: oncall".to_owned()], 2));
}

#[test]
fn a_trigger_can_be_acknowledged_where_nobody_is_told_of_it() {
    let mut outline = told();
    outline.notify.clear();
    let mut sim = Sim::new(outline);
    bad(&mut sim, 0.3);
    assert_eq!(why(types(&mut sim, "ack bad")), "`bad` has not fired");
    sim.pass(Span::secs(50));
    assert_eq!(sim.count("notice"), 0, "nothing is raised that no rule asks for");
    types(&mut sim, "ack bad").unwrap();
    let fired = sim.state.triggers["bad"].fired.clone().unwrap();
    assert_eq!(fired.acked.unwrap().by.name, "ana");
}

#[test]
fn a_mute_silences_messages_and_never_evaluation() {
    let mut sim = launched();
    types(&mut sim, "mute bad 2h known noise").unwrap();
    bad(&mut sim, 0.3);
    sim.pass(Span::mins(10));
    assert!(sim.state.triggers["bad"].fired.is_some(), "it fires all the same");
    assert!(sim.state.hold.is_some(), "and the launch holds");
    assert_eq!(queue(&sim), ["oncall trigger 1", "backup trigger 1"], "of the probe alone");
    let muted = &sim.state.notices.raised[1];
    assert_eq!((muted.kind, muted.muted.as_deref()), (NoticeKind::Trigger, Some("ana: known noise")));
}

#[test]
fn a_mute_says_until_when_on_the_peoples_wall() {
    let mut sim = launched();
    types(&mut sim, "mute all 1h the fire alarm is tested").unwrap();
    assert_eq!(log(&sim), ["everything muted until 09:01 UTC (T+1h1m) by ana: the fire alarm is tested"]);
    let words = "everything is muted until 09:01 UTC (T+1h1m) by ana: the fire alarm is tested";
    let explained = |sim: &Sim, name: &str| explain_named(&sim.state, &sim.readout(), name, sim.now).unwrap();
    for name in ["mute", "deploy", "errors", "bad"] {
        let because = explained(&sim, name).remove(0).why.because;
        assert!(because.contains(&words.to_owned()), "{name}: {because:?}");
    }
    let all = waiting(&sim.state, &sim.readout(), sim.now);
    let mute = all.iter().find(|waits| waits.name == "mute").unwrap();
    assert_eq!(mute.why.orders, [What::Unmute { of: Muted::All }]);
}

#[test]
fn when_a_mute_ends_what_still_stands_is_told() {
    let mut sim = launched();
    types(&mut sim, "mute errors 10m deploy makes noise").unwrap();
    bad(&mut sim, 0.06);
    sim.pass(Span::mins(9));
    assert_eq!(queue(&sim), [""; 0]);
    let due = next_deadline(&sim.state, &sim.signals, sim.now).unwrap();
    assert_eq!(due, sim.state.notices.mutes[0].until);
    sim.pass(Span::mins(2));
    assert_eq!(sim.state.notices.mutes, []);
    assert!(log(&sim).contains(&"errors is no longer muted: its time is over".to_owned()), "{:?}", log(&sim));
    assert!(log(&sim).contains(&"notice 1 to oncall: the mute is over".to_owned()), "{:?}", log(&sim));
    assert_eq!(queue(&sim)[0], "oncall trigger 1");
}

#[test]
fn who_stands_in_is_told_so_long_after_a_mute_ended_as_after_anything_that_is_told() {
    let mut sim = launched();
    bad(&mut sim, 0.06);
    types(&mut sim, "mute all 10m the pager is tested").unwrap();
    sim.order(What::Severity { incident: None, level: 1, text: String::new() }).unwrap();
    sim.pass(Span::mins(10));
    sim.pass(Span::mins(4));
    let backups = |sim: &Sim| queue(sim).into_iter().filter(|sent| sent.starts_with("backup")).collect::<Vec<_>>();
    assert_eq!(backups(&sim), [""; 0], "nobody could acknowledge it, or had to, while it was muted");
    sim.pass(Span::mins(2));
    assert_eq!(backups(&sim), ["backup trigger 1", "backup trigger 2", "backup trigger 3"]);
}

#[test]
fn what_came_and_went_under_a_mute_is_told_to_nobody() {
    let mut sim = launched();
    types(&mut sim, "mute all 1h rehearsing the pager").unwrap();
    sim.order(What::Severity { incident: None, level: 2, text: String::new() }).unwrap();
    sim.order(What::Resolved { incident: 1, text: String::new() }).unwrap();
    types(&mut sim, "unmute all").unwrap();
    assert_eq!(queue(&sim), [""; 0]);
    assert_eq!(log(&sim).last().unwrap(), "everything is no longer muted: says ana");
}

#[test]
fn a_mute_needs_a_reason_and_an_end_within_a_day() {
    let mut sim = launched();
    let mute = |span, why: &str| What::Mute { of: Muted::All, span, why: why.to_owned() };
    assert_eq!(why(sim.order(mute(Span::mins(60), " "))), "a mute needs a reason; do mute all 1h WHY");
    let long = why(sim.order(mute(Span::mins(60 * 25), "noise")));
    assert!(long.starts_with("a mute of 25h is none that ends in time; say how long, at most 1d"), "{long}");
    assert_eq!(why(sim.order(What::Unmute { of: Muted::All })), "nothing is muted");
    types(&mut sim, "mute bad 1h noise").unwrap();
    assert_eq!(why(sim.order(What::Unmute { of: Muted::All })), "`all` is not muted; do unmute bad");
    let misspelt = spell::read(&spell::words("mute bda 1h noise").unwrap(), &sim.state, &sim.readout()).unwrap_err();
    assert!(misspelt.contains("did you mean `bad`?"), "{misspelt}");
}

#[test]
fn a_rehearsal_sends_nothing() {
    let opened = Event::Opened {
        launch: "wallet.production.2026-11-21.1".into(),
        mode: Mode::Rehearsal,
        t0: crate::core::time::Timestamp(1_800_000_000_000),
        by: who("ana"),
        plan_hash: "0".into(),
        outline: Box::new(told()),
        practice: None,
    };
    let mut sim = launched();
    sim.state = LaunchState::open(&Recorded { seq: Seq(1), at: sim.now, order: None, event: opened }).unwrap();
    sim.order(What::Severity { incident: None, level: 1, text: String::new() }).unwrap();
    sim.pass(Span::mins(10));
    assert_eq!(queue(&sim), [""; 0]);
    assert!(
        log(&sim)[0].starts_with("notice 1 would go to oncall (a rehearsal sends nothing): SEV1"),
        "{:?}",
        log(&sim)
    );
    assert!(why(types(&mut sim, "notify-test oncall")).starts_with("a rehearsal sends nothing"));
}

#[test]
fn the_end_of_the_launch_is_told() {
    let mut sim = launched();
    sim.order(What::End { typed: "production".into(), why: "all done".into() }).unwrap();
    assert_eq!(queue(&sim), ["oncall trigger 1"]);
    assert_eq!(log(&sim), ["notice 1 to oncall: the launch was ended by ana: all done"]);
}

#[test]
fn a_channel_can_be_tried_whatever_is_muted() {
    let mut sim = launched();
    types(&mut sim, "mute all 1h quiet").unwrap();
    types(&mut sim, "notify-test backup").unwrap();
    assert_eq!(queue(&sim), ["backup trigger 1"]);
    assert_eq!(why(types(&mut sim, "notify-test pager")), "the plan has no channel `pager`: it has oncall, backup");
    sim.pass(Span::mins(10));
    assert_eq!(queue(&sim), ["backup trigger 1"], "nobody needs to acknowledge a test");
}

#[test]
fn an_engine_that_takes_the_launch_up_raises_nothing_twice() {
    let mut sim = launched();
    bad(&mut sim, 0.3);
    sim.pass(Span::mins(1));
    let raised = sim.state.notices.count;
    sim.crash(Span::secs(30));
    sim.pass(Span::mins(3));
    assert_eq!(sim.state.notices.count, raised);
}

#[test]
fn what_a_new_plan_has_no_channel_for_is_not_sent() {
    let mut sim = launched();
    bad(&mut sim, 0.06);
    sim.pass(Span::mins(6));
    assert_eq!(queue(&sim).len(), 2);
    let mut outline = told();
    outline.channels.remove(1);
    let by = who("ana");
    sim.input(Input::Adopt { by, hash: "1".into(), outline: Box::new(outline), strays: Vec::new() }).unwrap();
    assert_eq!(queue(&sim), ["oncall trigger 1"]);
}

#[test]
fn a_fact_of_a_newer_tminus_is_known_as_such() {
    let newer: Event = serde_json::from_str(r#"{"type":"notice","fact":"read","by":"ana"}"#).unwrap();
    assert!(newer.is_newer());
    let known = Event::Notice(Fact::Sent { channel: "a".into(), posts: vec![(1, Act::Trigger)] });
    assert!(!known.is_newer());
}

#[test]
fn what_is_told_again_after_it_was_over_has_a_key_of_its_own() {
    let mut outline = told();
    outline.notify[0].on.push(NoticeKind::StepFailed);
    outline.steps = vec![runs("a", |s| s.verify = conditions(&["errors < 1%"]))];
    let mut sim = Sim::new(outline);
    sim.pass(Span::mins(1));
    // The end of its command is not seen; a person says that it was done; then what must hold does not.
    sim.start("a").unwrap();
    sim.ended("a.do.1", RunEnd::Interrupted);
    let run = "a.do.1".parse().unwrap();
    sim.measures("errors", Outcome::number(0.5));
    sim.order(What::Resolve { run, found: crate::core::order::Found::Done, why: "seen".into() }).unwrap();
    sim.pass(Span::mins(1));
    sim.fold(Event::StepFailed { step: "a".into(), attempt: 1, why: "errors".into(), evidence: Vec::new() });
    sim.look();
    let keys = |event: &Event| match event {
        Event::Notice(Fact::Raised { key, kind: NoticeKind::StepFailed, .. }) => Some(key.clone()),
        _ => None,
    };
    let keys: Vec<String> = sim.events.iter().filter_map(|r| keys(&r.event)).collect();
    let [first, again] = &keys[..] else { panic!("{keys:?}") };
    assert_ne!(first, again, "a receiver would take it for what it knows to be over");
    // While it stands it is told once.
    sim.pass(Span::mins(5));
    assert_eq!(sim.state.notices.standing().filter(|n| n.kind == NoticeKind::StepFailed).count(), 1);
}

#[test]
fn a_way_back_that_began_before_a_trigger_fired_is_not_told_as_its_answer() {
    let mut sim = launched();
    sim.does("deploy");
    sim.order(What::Rollback { way: Way::Named("traffic".into()), trigger: None, typed: None, why: "x".into() })
        .unwrap();
    sim.ends("traffic/to-blue.do.1", 0);
    sim.pass(Span::mins(3));
    bad(&mut sim, 0.3);
    sim.pass(Span::mins(1));
    assert!(log(&sim).iter().any(|line| line.contains("bad FIRED")), "{:?}", log(&sim));
    bad(&mut sim, 0.01);
    sim.pass(Span::mins(4));
    let over: Vec<String> = log(&sim).into_iter().filter(|line| line.contains(" is over: ")).collect();
    assert!(over.iter().any(|line| line.ends_with("is over: cleared")), "{over:?}");
    assert!(!over.iter().any(|line| line.contains("answers it")), "{over:?}");
}

#[test]
fn an_end_that_nobody_observed_is_told_to_nobody() {
    for stands_still in [false, true] {
        let mut sim = launched();
        bad(&mut sim, 0.06);
        sim.pass(Span::secs(20));
        assert_eq!(standing(&sim), ["critical: oncall"]);
        bad(&mut sim, 0.01);
        sim.pass(Span::secs(15));
        let stood = Span::secs(56);
        if stands_still {
            sim.stands_still(stood)
        } else {
            sim.gap(stood)
        }
        sim.pass(Span::secs(20));
        assert_eq!(standing(&sim), ["critical: oncall"], "of a minute 35 s were observed");
        sim.pass(Span::secs(40));
        assert_eq!(standing(&sim), [""; 0]);
    }
}
