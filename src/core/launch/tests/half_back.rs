use super::super::explain_named;
use super::back::back;
use crate::core::event::{Event, Recorded, RunEnd};
use crate::core::launch::answers::Standing;
use crate::core::launch::testing::*;
use crate::core::order::{Found, Way, What};
use crate::core::outline::Outline;
use crate::core::tell::tell;
use crate::core::time::Span;

fn release() -> What {
    What::Release { of: None, seen: None, why: "looked".into() }
}

fn leave(rollback: u32) -> What {
    What::RollbackLeave { rollback, why: "by hand is quicker".into() }
}

/// A step that can be undone, and a way back of two commands.
fn outline() -> Outline {
    let undoes = |s: &mut crate::core::outline::StepOutline| s.undo = undo(&[]);
    let mut outline = plan(vec![runs("share", undoes), runs("more", undoes), runs("next", |_| {})]);
    let steps = vec![runs("traffic/drain", |_| {}), runs("traffic/to-blue", |_| {})];
    let mut traffic = rollback("traffic", steps);
    traffic.undoes = after(&["share", "more"]);
    outline.rollbacks = vec![traffic];
    outline
}

/// The way back to blue stopped at its second command and was left; the hold is released.
fn half() -> Sim {
    let mut sim = Sim::new(outline());
    sim.does("share");
    sim.order(back(Way::Named("traffic".into()))).unwrap();
    sim.ends("traffic/drain.do.1", 0);
    sim.pass(Span::secs(10));
    sim.ends("traffic/to-blue.do.1", 7);
    sim.order(leave(1)).unwrap();
    sim.order(release()).unwrap();
    sim
}

fn head(sim: &Sim) -> String {
    sim.answers().now.head.long().to_owned()
}

#[test]
fn a_way_back_that_was_left_half_done_is_told_of_until_it_is_completed() {
    let mut sim = half();
    assert_eq!((head(&sim).as_str(), sim.answers().now.standing), ("ROLLBACK LEFT", Standing::Warn));
    sim.pass(Span::secs(60));
    let told = sim.answers();
    let line = told.alarms.iter().map(crate::core::launch::answers::Alarm::line).collect::<String>();
    assert!(
        line.contains("1 of 2 done (Step traffic/drain); at Step traffic/to-blue its command exited with 7"),
        "{line}"
    );
    let said = explain_named(&sim.state, &sim.readout(), "rollback", sim.now).unwrap().remove(0).why;
    assert_eq!(said.state, "left half done");
    assert_eq!(said.because[1], "left because: by hand is quicker");
    let way = explain_named(&sim.state, &sim.readout(), "traffic", sim.now).unwrap().remove(0).why;
    assert!(way.because[0].starts_with("left half done: 1 of 2 done"), "under its own name too: {way:?}");
    let [again @ What::Rollback { .. }, What::RollbackSettled { rollback: 1, .. }] = &said.orders[..] else {
        panic!("{:?}", said.orders)
    };
    let What::Rollback { way, .. } = again else { return };
    sim.order(back(way.clone())).unwrap();
    assert!(sim.state.half_back().is_none(), "it is under way");
    sim.ends("traffic/drain.do.2", 0);
    sim.pass(Span::secs(10));
    sim.ends("traffic/to-blue.do.2", 0);
    sim.pass(Span::secs(10));
    assert!(sim.state.half_back().is_none());
}

#[test]
fn it_is_told_of_no_more_when_a_person_says_that_it_was_put_right() {
    let mut sim = half();
    let settled = |rollback| What::RollbackSettled { rollback, why: "all of it is on green again".into() };
    assert!(why(sim.order(settled(2))).contains("rollback 2 was not left half done, or is put right"));
    sim.order(settled(1)).unwrap();
    assert!(sim.state.half_back().is_none());
    assert_ne!(head(&sim), "ROLLBACK LEFT");
    assert!(why(sim.order(settled(1))).contains("no way back was left half done"), "once is enough");
}

#[test]
fn it_is_told_of_no_more_when_another_way_back_was_taken() {
    let mut sim = half();
    sim.order(back(Way::All)).unwrap();
    sim.ends("share.undo.1", 0);
    sim.pass(Span::secs(10));
    assert!(sim.state.half_back().is_none());
}

#[test]
fn it_is_told_of_still_when_one_was_taken_that_does_not_go_as_far() {
    let mut sim = Sim::new(outline());
    sim.does("share");
    sim.pass(Span::secs(1));
    sim.does("more");
    sim.order(back(Way::Named("traffic".into()))).unwrap();
    sim.ends("traffic/drain.do.1", 0);
    sim.pass(Span::secs(10));
    sim.ends("traffic/to-blue.do.1", 7);
    sim.order(leave(1)).unwrap();
    sim.order(release()).unwrap();
    sim.order(back(Way::Stage("more".into()))).unwrap();
    assert!(sim.state.half_back().is_none(), "one is under way");
    sim.ends("more.undo.1", 0);
    sim.pass(Span::secs(10));
    assert_eq!(sim.state.half_back().map(|half| half.number), Some(1), "what share changed was not taken back");
    assert_eq!(head(&sim), "ROLLBACK LEFT");
    sim.order(back(Way::Stage("share".into()))).unwrap();
    sim.ends("share.undo.1", 0);
    sim.pass(Span::secs(10));
    assert!(sim.state.half_back().is_none(), "both stages are back");
}

#[test]
fn one_that_was_left_before_it_did_anything_changes_nothing() {
    let mut sim = Sim::new(outline());
    sim.start("share").unwrap();
    sim.order(back(Way::Named("traffic".into()))).unwrap();
    sim.order(leave(1)).unwrap();
    assert!(sim.state.half_back().is_none(), "it waited for the end of what runs");
    let mut sim = half();
    sim.start("more").unwrap();
    sim.order(back(Way::Named("traffic".into()))).unwrap();
    sim.order(leave(2)).unwrap();
    assert_eq!(sim.state.half_back().map(|half| half.number), Some(1), "what was half done before is so still");
    sim.crash(Span::secs(30));
    assert_eq!(sim.state.half_back().map(|half| half.number), Some(1), "the next engine says so too");
}

#[test]
fn what_it_undid_and_was_begun_anew_is_as_the_plan_wants_it() {
    let mut sim = Sim::new(outline());
    sim.does("share");
    sim.pass(Span::secs(1));
    sim.does("more");
    sim.order(back(Way::All)).unwrap();
    sim.ends("more.undo.1", 0);
    sim.pass(Span::secs(10));
    sim.ends("share.undo.1", 3);
    sim.order(leave(1)).unwrap();
    sim.order(release()).unwrap();
    sim.pass(Span::secs(10));
    assert_eq!(
        sim.state.half_back().map(|half| half.ran(&sim.state)).unwrap(),
        "1 of 2 done (Step more); at Step share its undo exited with 3 after 1s"
    );
    sim.does("share");
    assert!(sim.state.half_back().is_some(), "one of two");
    sim.does("more");
    assert!(sim.state.half_back().is_none());
}

#[test]
fn of_an_undo_that_failed_and_was_put_right_nobody_is_asked_any_more() {
    let mut sim = Sim::new(outline());
    sim.does("share");
    sim.order(back(Way::Stage("share".into()))).unwrap();
    sim.ends("share.undo.1", 3);
    sim.order(leave(1)).unwrap();
    sim.order(release()).unwrap();
    assert!(sim.answers().alarms.iter().any(|alarm| alarm.line().starts_with("UNDO FAILED")));
    let skip = What::Skip { step: "share".into(), why: "not today".into(), not_applicable: false };
    assert!(sim.order(skip.clone()).is_err(), "it would hide what is in effect");
    sim.order(What::RollbackSettled { rollback: 1, why: "by hand".into() }).unwrap();
    let told = sim.answers();
    assert!(told.alarms.is_empty(), "{:?}", told.alarms);
    assert!(!told.next.what.long().contains("undo"), "{:?}", told.next);
    assert_eq!(sim.word("share"), "undone");
    assert_eq!(
        sim.explain("share").because[0],
        "its undo exited with 3 after 1s; it was put right by other means, says ana: by hand; it may run again as attempt 2"
    );
    assert!(sim.order(back(Way::All)).is_err(), "its undo does not run once more");
    sim.order(skip).unwrap();
}

#[test]
fn what_a_way_back_under_way_undoes_is_not_left_out_meanwhile() {
    let mut sim = Sim::new(outline());
    sim.does("share");
    sim.does("more");
    sim.order(back(Way::All)).unwrap();
    sim.ends("more.undo.1", 0);
    sim.pass(Span::secs(10));
    let skip = What::Skip { step: "more".into(), why: "not today".into(), not_applicable: false };
    assert!(why(sim.order(skip.clone())).contains("it undoes `more` too; leave it out after that"));
    sim.ends("share.undo.1", 0);
    sim.pass(Span::secs(10));
    sim.order(skip).unwrap();
}

#[test]
fn where_all_else_is_done_what_was_left_half_done_is_next() {
    let mut sim = half();
    for id in ["more", "next"] {
        sim.order(What::Skip { step: id.into(), why: "not today".into(), not_applicable: false }).unwrap();
    }
    let next = sim.answers().next;
    assert!(next.what.long().contains("was left half done"), "{next:?}");
    sim.order(What::RollbackSettled { rollback: 1, why: "by hand".into() }).unwrap();
    assert_eq!(sim.answers().next.head.long(), "nothing is left");
}

/// Two ways back that were left, the second at its only command.
fn two_left() -> Sim {
    let mut sim = half();
    sim.order(back(Way::Stage("share".into()))).unwrap();
    sim.ends("share.undo.1", 9);
    sim.order(leave(2)).unwrap();
    sim.order(release()).unwrap();
    sim
}

#[test]
fn one_that_was_merely_tried_and_failed_puts_nothing_right() {
    let mut sim = two_left();
    let numbers = |sim: &Sim| sim.state.half_backs().map(|half| half.number).collect::<Vec<_>>();
    assert_eq!(numbers(&sim), [2, 1]);
    let told = sim.answers();
    let lines: Vec<_> = told.alarms.iter().map(crate::core::launch::answers::Alarm::line).collect();
    assert_eq!(lines.iter().filter(|line| line.starts_with("ROLLBACK LEFT")).count(), 2, "{lines:?}");
    let said = explain_named(&sim.state, &sim.readout(), "rollback", sim.now).unwrap();
    assert_eq!(said.iter().map(|one| one.title.as_str()).collect::<Vec<_>>(), ["undo Step share", "Rollback traffic"]);
    sim.order(What::RollbackSettled { rollback: 2, why: "by hand".into() }).unwrap();
    assert_eq!(numbers(&sim), [1], "what the plan's own way back left is told of still");
    let mut sim = two_left();
    sim.order(What::RollbackSettled { rollback: 1, why: "by hand".into() }).unwrap();
    assert_eq!(numbers(&sim), [2], "each may be put right by itself");
    assert!(why(sim.order(What::RollbackSettled { rollback: 1, why: "again".into() })).contains("or is put right"));
    let mut sim = two_left();
    sim.order(back(Way::Named("traffic".into()))).unwrap();
    sim.ends("traffic/drain.do.2", 0);
    sim.pass(Span::secs(10));
    sim.ends("traffic/to-blue.do.2", 7);
    sim.order(leave(3)).unwrap();
    assert_eq!(numbers(&sim), [3, 2], "the same way once more stands for its first try");
}

#[test]
fn what_the_command_did_at_which_an_engine_died_is_said_beside_why_the_way_back_stopped() {
    let mut sim = Sim::new(outline());
    sim.does("share");
    sim.order(back(Way::Named("traffic".into()))).unwrap();
    sim.crash(Span::secs(30));
    sim.ends("traffic/drain.do.1", 7);
    let alarm = sim.answers().alarms.remove(0).line();
    assert!(
        alarm.contains("drain: its command exited with 7 after 1s; no engine ran for"),
        "what failed comes first: {alarm}"
    );
    let under_way = sim.answers().back.why;
    assert!(
        under_way.long().starts_with("stopped: its command exited with 7 after 1s; no engine ran"),
        "{under_way:?}"
    );
    let told = |r: &Recorded| matches!(r.event, Event::RollbackStopped { .. }).then(|| tell(&sim.state, &r.event).text);
    let log: Vec<String> = sim.events.iter().filter_map(told).collect();
    assert!(log[0].starts_with("rollback 1 stopped at Step traffic/drain: no engine ran for"), "{log:?}");
    let said = explain_named(&sim.state, &sim.readout(), "rollback", sim.now).unwrap().remove(0).why;
    assert!(said.because[2].starts_with("its command exited with 7"), "{said:?}");
    sim.order(What::RollbackAgain { rollback: 1, item: 0 }).unwrap();
    sim.ends("traffic/drain.do.2", 8);
    let alarm = sim.answers().alarms.remove(0).line();
    assert_eq!(alarm.matches("exited with 8").count(), 1, "once is enough: {alarm}");
}

#[test]
fn where_two_were_left_the_word_that_one_is_put_right_says_which() {
    let sim = two_left();
    let read = |words: &[&str]| {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        crate::core::spell::read(&words, &sim.state, &sim.readout())
    };
    let said = explain_named(&sim.state, &sim.readout(), "rollback", sim.now).unwrap();
    for (one, number) in said.iter().zip([2, 1]) {
        let order = one.why.orders.last().unwrap();
        assert_eq!(crate::core::spell::write(order), format!("settled rollback {number} WHY"));
    }
    let settled = What::RollbackSettled { rollback: 1, why: "purged it".into() };
    assert_eq!(read(&["settled", "rollback", "1", "purged it"]), Ok(settled));
    assert_eq!(
        read(&["settled", "purged it"]).unwrap_err(),
        "2 ways back were left half done; say which: settled rollback 2 (undo Step share), settled rollback 1 (Rollback traffic); it is \
         spelled: settled [rollback N] WHY"
    );
}

#[test]
fn what_a_person_saw_done_of_one_that_was_left_counts_as_done_and_all_of_it_puts_it_right() {
    let mut sim = Sim::new(outline());
    sim.does("share");
    sim.does("more");
    sim.order(back(Way::All)).unwrap();
    sim.ended("more.undo.1", RunEnd::Interrupted);
    sim.order(leave(1)).unwrap();
    let left = |sim: &Sim| sim.state.half_back().map(|half| half.ran(&sim.state));
    let interrupted = "0 of 2 done; at Step more its undo was interrupted: its end was not observed";
    assert_eq!(left(&sim).as_deref(), Some(interrupted));
    let found = |run: &str| What::Resolve { run: run.parse().unwrap(), found: Found::Done, why: "looked".into() };
    sim.order(found("more.undo.1")).unwrap();
    assert_eq!(left(&sim).as_deref(), Some("1 of 2 done (Step more)"), "share is in effect still");
    sim.order(release()).unwrap();
    sim.order(back(Way::Stage("share".into()))).unwrap();
    sim.ended("share.undo.1", RunEnd::Interrupted);
    sim.order(leave(2)).unwrap();
    sim.order(found("share.undo.1")).unwrap();
    assert_eq!(left(&sim), None, "nothing is left of either");
}

#[test]
fn the_way_back_that_counts_for_one_that_was_left_says_so_and_what_nobody_did_of_that() {
    let mut sim = half();
    sim.order(back(Way::All)).unwrap();
    sim.ends("share.undo.1", 0);
    let done = sim.events.iter().rev().find(|r| matches!(r.event, Event::RollbackDone { .. })).unwrap();
    let log = tell(&sim.state, &done.event).text;
    let said = "; with it rollback 1, left half done, counts as put right, though nobody did Step traffic/to-blue";
    assert!(log.ends_with(said), "{log}");
    let report = crate::core::report::Report::of(&sim.events, None).unwrap();
    let course: Vec<&str> = report.rollbacks[0].course.iter().map(|said| said.text.as_str()).collect();
    let last = "put right: rollback 2, undo Step share, went as far; nobody did Step traffic/to-blue";
    assert_eq!(course.last(), Some(&last), "{course:?}");
    sim.order(What::Release { of: None, seen: None, why: "go".into() }).ok();
    sim.does("share");
    sim.order(back(Way::All)).unwrap();
    sim.ends("share.undo.2", 0);
    let done = sim.events.iter().rev().find(|r| matches!(r.event, Event::RollbackDone { .. })).unwrap();
    assert!(!tell(&sim.state, &done.event).text.contains("left half done"), "it was told once");
}

#[test]
fn who_undid_a_step_is_said_a_way_back_a_person_by_hand_or_a_person_who_looked() {
    let told = |end: &dyn Fn(&mut Sim)| {
        let mut sim = Sim::new(outline());
        sim.does("share");
        sim.order(back(Way::All)).unwrap();
        end(&mut sim);
        let said = sim.explain("share");
        assert_eq!(said.state, "undone");
        said.because[0].clone()
    };
    let again = "; it may run again as attempt 2";
    assert_eq!(told(&|sim| sim.ends("share.undo.1", 0)), format!("a way back undid it{again}"));
    let by_hand = told(&|sim| {
        sim.ends("share.undo.1", 1);
        sim.order(What::RollbackByHand { rollback: 1, item: 0, why: "purged".into() }).unwrap();
    });
    assert_eq!(by_hand, format!("a person undid it by hand{again}"));
    let found = told(&|sim| {
        sim.ended("share.undo.1", RunEnd::Interrupted);
        let run = "share.undo.1".parse().unwrap();
        sim.order(What::Resolve { run, found: Found::Done, why: "looked".into() }).unwrap();
    });
    assert_eq!(found, format!("its undo did its work, says ana{again}"));
}

#[test]
fn who_undid_a_step_is_said_of_the_newest_way_back_though_an_older_one_needed_a_person() {
    let mut sim = Sim::new(outline());
    sim.does("share");
    sim.order(back(Way::All)).unwrap();
    sim.ends("share.undo.1", 1);
    sim.order(What::RollbackByHand { rollback: 1, item: 0, why: "purged".into() }).unwrap();
    sim.order(release()).ok();
    sim.does("share");
    sim.order(back(Way::Named("traffic".into()))).unwrap();
    for step in ["drain", "to-blue"] {
        sim.ends(&format!("traffic/{step}.do.1"), 0);
    }
    let said = sim.explain("share");
    assert_eq!(
        (said.state.as_str(), said.because[0].as_str()),
        ("undone", "a way back undid it; it may run again as attempt 3")
    );
    // The same where the older one was settled.
    let mut sim = Sim::new(outline());
    sim.does("share");
    sim.order(back(Way::Stage("share".into()))).unwrap();
    sim.ends("share.undo.1", 3);
    sim.order(leave(1)).unwrap();
    sim.order(What::RollbackSettled { rollback: 1, why: "by hand".into() }).unwrap();
    sim.order(release()).unwrap();
    sim.does("share");
    sim.order(back(Way::Named("traffic".into()))).unwrap();
    for step in ["drain", "to-blue"] {
        sim.ends(&format!("traffic/{step}.do.1"), 0);
    }
    assert_eq!(sim.explain("share").because[0], "a way back undid it; it may run again as attempt 3");
}
