//! What channels send: one after the other, not too many, again after a failure, and each at least once.

use super::notices::{launched, told};
use crate::core::event::Event;
use crate::core::ids::ChannelId;
use crate::core::launch::notices::{Post, compose, next_post};
use crate::core::launch::testing::*;
use crate::core::launch::{Input, Undelivered};
use crate::core::notice::{Act, Backup, Message, NoticeKind};
use crate::core::order::What;
use crate::core::reading::Outcome;
use crate::core::spell;
use crate::core::time::Span;

fn next(sim: &Sim, channel: &str) -> Option<Post> {
    let channel = sim.state.outline.channels.iter().find(|c| c.id.as_str() == channel).unwrap();
    next_post(&sim.state, channel, sim.now)
}

fn posted(sim: &mut Sim, post: &Post, result: Result<(), Undelivered>) {
    let Post { channel, posts } = post.clone();
    sim.input(Input::Posted { channel, posts, result }).unwrap();
}

/// Sends what is to be sent, and says what it was.
fn sends(sim: &mut Sim, channel: &str) -> Option<Message> {
    let post = next(sim, channel)?;
    let message = compose(&sim.state, &post, Span::ZERO);
    posted(sim, &post, Ok(()));
    Some(message)
}

/// Gives an order as it is typed.
fn typed(sim: &mut Sim, line: &str) {
    let what = spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()).unwrap();
    sim.order(what).unwrap();
}

fn incidents(sim: &mut Sim, count: usize) {
    for n in 0..count {
        sim.order(What::Severity { incident: None, level: 4, text: format!("incident number {n}") }).unwrap();
    }
}

#[test]
fn a_message_says_which_launch_what_and_how_to_come_to_it() {
    let mut sim = launched();
    incidents(&mut sim, 1);
    let message = sends(&mut sim, "oncall").unwrap();
    assert_eq!(message.title, "[production] Wallet: SEV4 #1, opened by ana: incident number 0");
    assert_eq!(message.key(), "wallet.production.2026-11-21.1/sev4/#1/1");
    assert!(message.body().contains("tminus attach wallet.production.2026-11-21.1"));
    assert_eq!(next(&sim, "oncall"), None, "once");
    sim.order(What::Respond { incident: 1, text: String::new() }).unwrap();
    sim.order(What::Resolved { incident: 1, text: String::new() }).unwrap();
    let acked = sends(&mut sim, "oncall").unwrap();
    assert_eq!((acked.act(), acked.key()), (Act::Acknowledge, message.key()));
    assert_eq!(acked.notices[0].text, "ACKNOWLEDGED by ana (SEV4 #1, opened by ana: incident number 0)");
    let over = sends(&mut sim, "oncall").unwrap();
    assert_eq!((over.act(), over.key()), (Act::Resolve, message.key()));
    assert_eq!(over.notices[0].text, "OVER: closed by ana (SEV4 #1, opened by ana: incident number 0)");
    assert_eq!(next(&sim, "oncall"), None);
}

#[test]
fn of_many_at_once_the_last_that_may_go_says_the_rest() {
    let mut sim = launched();
    incidents(&mut sim, 17);
    let titles: Vec<String> = std::iter::from_fn(|| sends(&mut sim, "oncall")).map(|m| m.title).collect();
    assert_eq!(titles.len(), 4, "five a minute, one of them for what is grave: {titles:?}");
    assert_eq!(titles[3], "[production] Wallet: SEV4 #4, opened by ana: incident number 3 (and 13 more)");
    incidents(&mut sim, 1);
    assert_eq!(next(&sim, "oncall"), None, "the minute is not over");
    sim.now = sim.now + Span::secs(60);
    assert_eq!(sends(&mut sim, "oncall").unwrap().notices.len(), 1);
}

#[test]
fn a_kind_that_says_one_thing_at_a_time_goes_on_when_the_minute_is_over() {
    let mut sim = one_at_a_time();
    incidents(&mut sim, 7);
    assert_eq!(goes(&mut sim).len(), 4);
    sim.now = sim.now + Span::secs(60);
    assert_eq!(goes(&mut sim).len(), 3);
}

/// Everything is told to `oncall`, five a minute, one message each.
fn one_at_a_time() -> Sim {
    let mut outline = told();
    outline.channels[0].together = false;
    Sim::new(outline)
}

/// Sends what may go now; what was said of which notice.
fn goes(sim: &mut Sim) -> Vec<String> {
    let said = |message: Message| message.notices.iter().map(|n| format!("{} {}", n.act.name(), n.notice)).collect();
    std::iter::from_fn(|| sends(sim, "oncall")).flat_map(|message| -> Vec<String> { said(message) }).collect()
}

#[test]
fn the_graver_message_goes_before_the_lighter_one_and_ends_go_last() {
    let mut sim = one_at_a_time();
    incidents(&mut sim, 1);
    assert_eq!(goes(&mut sim), ["trigger 1"]);
    sim.order(What::Resolved { incident: 1, text: String::new() }).unwrap();
    incidents(&mut sim, 1);
    sim.order(What::Severity { incident: None, level: 2, text: String::new() }).unwrap();
    sim.order(What::Severity { incident: None, level: 1, text: String::new() }).unwrap();
    assert_eq!(goes(&mut sim), ["trigger 4", "trigger 3", "trigger 2"], "one is left of the rate, for what is grave");
    sim.now = sim.now + Span::secs(60);
    assert_eq!(goes(&mut sim), ["resolve 1"]);
}

#[test]
fn light_messages_leave_a_part_of_the_rate_to_grave_ones() {
    let mut sim = one_at_a_time();
    incidents(&mut sim, 9);
    assert_eq!(goes(&mut sim).len(), 4, "of five a minute");
    sim.order(What::Severity { incident: None, level: 1, text: String::new() }).unwrap();
    assert_eq!(goes(&mut sim), ["trigger 10"], "at once");
    sim.order(What::Severity { incident: None, level: 1, text: String::new() }).unwrap();
    assert_eq!(goes(&mut sim), [""; 0], "never more than five");
    let mut rest = Vec::new();
    for _ in 0..2 {
        sim.now = sim.now + Span::secs(60);
        rest.extend(goes(&mut sim));
    }
    assert_eq!(
        rest,
        ["trigger 11", "trigger 5", "trigger 6", "trigger 7", "trigger 8", "trigger 9"],
        "and none is lost"
    );
}

#[test]
fn who_stands_in_is_told_before_what_is_as_light_and_new() {
    let mut outline = told();
    outline.channels.iter_mut().for_each(|channel| channel.together = false);
    outline.notify[0].to = vec!["oncall".into(), "backup".into()];
    outline.notify[0].unacked = None;
    let mut of_sev4 = outline.notify[0].clone();
    of_sev4.on = vec![NoticeKind::Sev4];
    of_sev4.to = vec!["oncall".into()];
    of_sev4.unacked = Some(Backup { after: Span::mins(5), to: vec!["backup".into()] });
    outline.notify[0].on = vec![NoticeKind::Sev3, NoticeKind::Gate];
    outline.notify.push(of_sev4);
    let mut sim = Sim::new(outline);
    incidents(&mut sim, 1);
    sim.pass(Span::mins(4));
    sim.order(What::Severity { incident: None, level: 3, text: String::new() }).unwrap();
    sim.pass(Span::mins(1));
    let first = next(&sim, "backup").unwrap();
    assert_eq!(first.posts, [(1, Act::Trigger)], "nobody acknowledged it");
}

#[test]
fn what_waits_when_it_is_muted_is_held_back_and_told_at_the_end() {
    let mut sim = launched();
    incidents(&mut sim, 1);
    typed(&mut sim, "mute all 1h the fire alarm is tested");
    assert_eq!(next(&sim, "oncall"), None);
    sim.pass(Span::mins(20));
    assert_eq!((next(&sim, "oncall"), next(&sim, "backup")), (None, None), "nor its backup");
    typed(&mut sim, "unmute all");
    assert_eq!(goes(&mut sim), ["trigger 1"]);
}

#[test]
fn what_waited_and_was_over_in_a_mute_is_told_to_nobody() {
    let mut sim = launched();
    incidents(&mut sim, 1);
    typed(&mut sim, "mute all 1h the fire alarm is tested");
    sim.order(What::Respond { incident: 1, text: String::new() }).unwrap();
    sim.order(What::Resolved { incident: 1, text: String::new() }).unwrap();
    typed(&mut sim, "unmute all");
    assert_eq!(goes(&mut sim), [""; 0]);
    assert_eq!(sim.state.notices.queue, []);
}

#[test]
fn a_page_that_went_out_before_a_mute_is_acknowledged_and_resolved_in_it() {
    let mut sim = launched();
    incidents(&mut sim, 2);
    // One is told, the other is on its way when the mute comes, and was told to nobody as far as one knows.
    sends(&mut sim, "oncall");
    let under_way = next(&sim, "oncall").unwrap();
    typed(&mut sim, "mute all 1h the fire alarm is tested");
    sim.order(What::Respond { incident: 1, text: String::new() }).unwrap();
    for incident in [1, 2] {
        sim.order(What::Resolved { incident, text: String::new() }).unwrap();
    }
    assert_eq!(goes(&mut sim), ["acknowledge 1", "resolve 1"]);
    posted(&mut sim, &under_way, Ok(()));
    sim.now = sim.now + Span::mins(1);
    assert_eq!(goes(&mut sim), ["resolve 2"], "it went out after all");
}

#[test]
fn what_may_have_gone_out_before_a_mute_is_told_with_its_end_after_it() {
    let mut sim = launched();
    incidents(&mut sim, 1);
    let post = next(&sim, "oncall").unwrap();
    posted(&mut sim, &post, Err(Undelivered::new("no answer within 10s")));
    typed(&mut sim, "mute all 1h the fire alarm is tested");
    sim.order(What::Resolved { incident: 1, text: String::new() }).unwrap();
    sim.now = sim.now + Span::mins(1);
    assert_eq!(next(&sim, "oncall"), None);
    typed(&mut sim, "unmute all");
    assert_eq!(goes(&mut sim), ["trigger 1", "resolve 1"]);
}

#[test]
fn a_mute_of_one_thing_holds_back_nothing_else() {
    let mut sim = launched();
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::secs(20));
    incidents(&mut sim, 1);
    typed(&mut sim, "mute errors 1h the load test runs");
    assert_eq!(goes(&mut sim), ["trigger 2"]);
    typed(&mut sim, "unmute errors");
    assert_eq!(goes(&mut sim), ["trigger 1"]);
}

#[test]
fn what_failed_is_tried_again_later_and_later_and_given_up_after_an_hour() {
    let mut sim = launched();
    incidents(&mut sim, 1);
    let begun = sim.now;
    let mut tries = 0;
    while let Some(post) = next(&sim, "oncall") {
        tries += 1;
        posted(&mut sim, &post, Err(Undelivered::new("connection refused")));
        if let Some(again) = sim.state.notices.channels["oncall"].failing.as_ref().unwrap().next {
            assert_eq!(next(&sim, "oncall"), None, "not at once");
            sim.now = again;
        }
    }
    assert_eq!(tries, 10);
    assert!((55..65).contains(&(sim.now.since(begun).millis() / 60_000)), "{}", sim.now.since(begun));
    let channel = ChannelId::from("oncall");
    assert_eq!(sim.state.notices.raised[0].given_up, std::slice::from_ref(&channel));
    assert_eq!(sim.state.notices.channels[&channel].given_up, 1);
    // Who was never told of it is not told of its end.
    sim.order(What::Resolved { incident: 1, text: String::new() }).unwrap();
    assert_eq!(next(&sim, "oncall"), None);
}

#[test]
fn what_is_grave_and_was_not_tried_yet_does_not_wait_for_a_channel_to_try_again() {
    let fails = |sim: &mut Sim| {
        let post = next(sim, "oncall").unwrap();
        posted(sim, &post, Err(Undelivered::new("no route to host")));
        let again = sim.state.notices.channels["oncall"].failing.as_ref().unwrap().next.unwrap();
        (post.posts, again)
    };
    for together in [false, true] {
        let mut outline = told();
        outline.channels[0].together = together;
        let mut sim = Sim::new(outline);
        incidents(&mut sim, 1);
        for _ in 0..6 {
            sim.now = fails(&mut sim).1;
        }
        sim.now = sim.now - Span::mins(4);
        incidents(&mut sim, 1);
        assert_eq!(next(&sim, "oncall"), None, "what is light waits");
        sim.order(What::Severity { incident: None, level: 1, text: String::new() }).unwrap();
        let (first, again) = fails(&mut sim);
        let new = (3, Act::Trigger);
        assert_eq!((first[0], first.len()), (new, if together { 3 } else { 1 }));
        assert_eq!((again, next(&sim, "oncall")), (sim.now + Span::secs(5), None), "once at once, then soon");
        sim.now = again;
        assert_eq!(fails(&mut sim).0[0], new, "before what was tried for long");
    }
}

#[test]
fn what_waits_is_given_up_no_sooner_because_newer_ones_fail_beside_it() {
    let mut sim = launched();
    let begun = sim.now;
    let last = |sim: &Sim| sim.state.notices.channels["oncall"].failing.as_ref().unwrap().next.unwrap();
    while sim.now.since(begun) < Span::mins(50) {
        incidents(&mut sim, 1);
        for _ in 0..5 {
            let post = next(&sim, "oncall").unwrap();
            posted(&mut sim, &post, Err(Undelivered::new("no route to host")));
            sim.now = last(&sim);
        }
    }
    assert!(sim.state.notices.raised.iter().all(|n| n.given_up.is_empty()));
    let all = sends(&mut sim, "oncall").unwrap();
    assert_eq!(all.notices[0].notice, 1, "the first is told when the line is back");
}

#[test]
fn when_our_own_side_is_back_what_could_not_be_sent_waits_no_longer() {
    let mut sim = launched();
    incidents(&mut sim, 1);
    for _ in 0..6 {
        let post = next(&sim, "oncall").unwrap();
        posted(&mut sim, &post, Err(Undelivered::new("no route to host")));
        sim.now = sim.state.notices.channels["oncall"].failing.as_ref().unwrap().next.unwrap();
    }
    sim.now = sim.now - Span::mins(4);
    assert_eq!(next(&sim, "oncall"), None);
    sim.fold(Event::SideBack { after: Span::mins(10) });
    assert!(next(&sim, "oncall").is_some());
}

#[test]
fn what_the_other_side_refuses_is_given_up_soon_and_a_wait_that_it_asks_for_is_kept() {
    let mut sim = launched();
    incidents(&mut sim, 1);
    let post = next(&sim, "oncall").unwrap();
    let slow = Undelivered { retry_after: Some(Span::mins(3)), ..Undelivered::new("429") };
    posted(&mut sim, &post, Err(slow));
    sim.now = sim.now + Span::secs(179);
    assert_eq!(next(&sim, "oncall"), None);
    sim.now = sim.now + Span::secs(1);
    let waits = |sim: &Sim| sim.state.notices.queue.iter().filter(|d| d.channel.as_str() == "oncall").count();
    for _ in 0..3 {
        assert_eq!(waits(&sim), 1, "tries that met no refusal count for none");
        posted(&mut sim, &post, Err(Undelivered::refused("404 no_service")));
        sim.now = sim.now + Span::mins(1);
    }
    assert_eq!(next(&sim, "oncall"), None);
    assert_eq!(waits(&sim), 0);
}

#[test]
fn after_an_outage_all_that_waited_goes_into_one_message() {
    let mut sim = launched();
    incidents(&mut sim, 1);
    let post = next(&sim, "oncall").unwrap();
    posted(&mut sim, &post, Err(Undelivered::new("no route")));
    incidents(&mut sim, 2);
    assert_eq!(sim.state.notices.failing().map(|(_, _, waits)| waits).collect::<Vec<_>>(), [3]);
    sim.now = sim.now + Span::secs(5);
    assert_eq!(sends(&mut sim, "oncall").unwrap().notices.len(), 3);
    assert_eq!(sim.state.notices.failing().count(), 0);
}

#[test]
fn an_engine_that_died_between_raise_and_send_is_followed_by_one_that_sends() {
    let mut sim = launched();
    incidents(&mut sim, 1);
    let before = compose(&sim.state, &next(&sim, "oncall").unwrap(), Span::ZERO);
    sim.gap(Span::secs(30));
    let after = sends(&mut sim, "oncall").unwrap();
    assert_eq!(after.key(), before.key());
    assert_eq!(next(&sim, "oncall"), None);
    // A word that comes late changes nothing.
    let events = sim.events.len();
    let posts = vec![(1, Act::Trigger)];
    let result = Err(Undelivered::new("too late"));
    sim.input(Input::Posted { channel: "oncall".into(), posts, result }).unwrap();
    assert_eq!(sim.events.len(), events);
}

#[test]
fn the_worst_of_several_says_how_bad_a_message_is() {
    let mut sim = launched();
    sim.order(What::Severity { incident: None, level: 4, text: String::new() }).unwrap();
    sim.order(What::Severity { incident: None, level: 1, text: String::new() }).unwrap();
    let posts = vec![(1, Act::Trigger), (2, Act::Trigger)];
    let message = compose(&sim.state, &Post { channel: "oncall".into(), posts }, Span::ZERO);
    assert_eq!(message.gravity(), "critical");
    assert_eq!(message.notices[0].kind, NoticeKind::Sev4);
}

#[test]
fn old_notices_are_forgotten_and_open_ones_never() {
    let mut sim = launched();
    incidents(&mut sim, 60);
    for incident in 1..=50 {
        sim.order(What::Resolved { incident, text: String::new() }).unwrap();
    }
    while !sim.state.notices.queue.is_empty() {
        while sends(&mut sim, "oncall").is_some() {}
        sim.now = sim.now + Span::mins(1);
        sim.look();
        while sends(&mut sim, "backup").is_some() {}
    }
    assert_eq!(sim.state.notices.standing().count(), 10);
    assert!(sim.state.notices.raised.len() <= 40, "{}", sim.state.notices.raised.len());
}
