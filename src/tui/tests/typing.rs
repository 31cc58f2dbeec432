//! What keys do.

use ratatui::style::Color;

use super::Cockpit;
use super::fixture::{T0, Weather, ana, cockpit, cockpit_of, polling, stopped_rollback};
use crate::core::event::{Actor, Event, Recorded};
use crate::core::ids::{RunId, RunKind, Seq, StepId};
use crate::core::launch::{Hold, StepState, StepStatus};
use crate::core::order::{Ballot, Found, Rejection, Way, What};
use crate::core::time::Span;
use crate::tui::checklist;
use crate::tui::depth::Depth;
use crate::tui::dialogs::{Dialog, Kind, Overlay};
use crate::tui::model::{Line, PaneId, Target};
use crate::tui::msg::{Effect, Happened};
use crate::tui::theme::Role;
use crate::wire::message::{ClientMessage, EngineMessage};

const SIZE: (u16, u16) = (120, 40);

fn calm() -> Cockpit {
    cockpit(SIZE, Weather::Calm)
}

fn breach() -> Cockpit {
    cockpit(SIZE, Weather::Breach)
}

fn select(cockpit: &mut Cockpit, step: &str) {
    cockpit.model.selected = Some(Target::Step(step.into()));
    cockpit.waits(Span::secs(1));
}

#[test]
fn only_y_starts_the_way_back_and_only_after_a_moment() {
    for keys in ["R<enter>", "RR", "R<space>", "R<enter><enter>RR", "Rn", "R<esc>y"] {
        let mut cockpit = breach();
        cockpit.keys(keys);
        assert!(!cockpit.orders().iter().any(|o| matches!(o, What::Rollback { .. })), "{keys}");
    }
    let mut cockpit = breach();
    cockpit.keys("R").hastily("y");
    assert!(cockpit.orders().is_empty(), "a key that was typed ahead");
    cockpit.keys("y");
    assert!(matches!(cockpit.orders()[..], [What::Rollback { typed: None, .. }]), "{:?}", cockpit.orders());
}

#[test]
fn a_number_chooses_and_the_name_is_typed_where_something_is_lost() {
    let mut cockpit = breach();
    let database = cockpit.model.facts.ways.iter().position(|w| w.way == Way::Named("database".into())).unwrap() + 1;
    cockpit.keys(&format!("R{database}y<enter>"));
    assert!(cockpit.orders().is_empty());
    cockpit.keys("<backspace>stage<enter>");
    assert!(cockpit.orders().is_empty());
    cockpit.keys("<c-u>production<enter>");
    let [What::Rollback { way, typed, .. }] = cockpit.orders()[..] else { panic!("{:?}", cockpit.orders()) };
    assert_eq!((way, typed.as_deref()), (&Way::Named("database".into()), Some("production")));
}

#[test]
fn a_rollback_that_stopped_offers_its_three_ways_on() {
    let stopped = || cockpit_of(SIZE, Weather::Calm, stopped_rollback);
    let mut cockpit = stopped();
    assert!(cockpit.text().contains("ROLLBACK STOPPED"));
    cockpit.keys("Rt");
    assert_eq!(cockpit.orders(), [&What::RollbackAgain { rollback: 1, item: 0 }]);
    let mut cockpit = stopped();
    cockpit.keys("Redone by hand<enter>");
    assert_eq!(cockpit.orders(), [&What::RollbackByHand { rollback: 1, item: 0, why: "done by hand".into() }]);
    let mut cockpit = stopped();
    cockpit.keys("Rlother way<enter>");
    assert_eq!(cockpit.orders(), [&What::RollbackLeave { rollback: 1, why: "other way".into() }]);
}

#[test]
fn a_tick_names_its_row_and_is_refused_where_the_selection_moved_by_itself() {
    let mut cockpit = calm();
    select(&mut cockpit, "share-5");
    let done =
        Event::StepDone { step: "share-5".into(), attempt: 1, by: Actor::Engine, over: None, evidence: Vec::new() };
    let recorded = Recorded { seq: Seq(41), at: cockpit.model.now(), order: None, event: done };
    cockpit.hears(EngineMessage::Event(Box::new(recorded)));
    assert_ne!(cockpit.model.selected, Some(Target::Step("share-5".into())), "taken along");
    cockpit.hastily("<space>");
    assert!(cockpit.orders().is_empty());
    assert!(cockpit.text().contains("the selection had just moved"));
    // Who moves it knows where it is, however fast the link brings the keys.
    select(&mut cockpit, "share-5");
    cockpit.hastily("G<space>");
    assert!(matches!(cockpit.orders()[..], [What::Tick { .. }]), "{:?}", cockpit.orders());
    let mut cockpit = calm();
    select(&mut cockpit, "metrics");
    cockpit.keys("<space>");
    assert_eq!(cockpit.orders(), [&What::Tick { step: "metrics".into(), item: None, on: true }]);
    let Some(Effect::Send(ClientMessage::Order { id, .. })) = cockpit.effects.last().cloned() else { panic!() };
    cockpit.hears(EngineMessage::Reply { id, result: Ok(Seq(41)) });
    assert!(cockpit.text().contains("ticked: Metrics, payments, webhooks"), "{}", cockpit.text());
}

#[test]
fn boxes_are_ticked_one_by_one_and_back() {
    let mut cockpit = calm();
    cockpit.model.selected = Some(Target::Item("smoke".into(), 2));
    cockpit.waits(Span::secs(1));
    cockpit.keys("<space>");
    assert_eq!(cockpit.orders(), [&What::Tick { step: "smoke".into(), item: Some(2), on: false }]);
}

#[test]
fn who_comes_to_a_step_with_boxes_stands_at_its_first_open_one() {
    let at = |box_number| Some(Target::Item("smoke".into(), box_number));
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        for step in state.steps.values_mut() {
            step.status = StepStatus::Todo;
        }
        let smoke = state.steps.get_mut(&StepId::from("smoke")).unwrap();
        smoke.status = StepStatus::Claimed;
        smoke.ticks.retain(|item, _| *item == 0);
    });
    assert_eq!(checklist::start(&cockpit.model), at(1));
    select(&mut cockpit, "smoke");
    cockpit.waits(Span(400));
    cockpit.hastily("<space><space>");
    assert_eq!(cockpit.model.selected, at(1), "the first press goes there");
    assert!(cockpit.orders().is_empty(), "a second one at once was not meant for a row unseen");
    cockpit.waits(Span(400));
    cockpit.keys("<space>");
    let tick = What::Tick { step: "smoke".into(), item: Some(1), on: true };
    assert_eq!(cockpit.orders(), [&tick], "{}", cockpit.text());
}

#[test]
fn a_command_starts_after_y_and_says_which_attempt_was_seen() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        let failed = StepStatus::Failed { at: T0, why: "exit 1".into(), evidence: vec![] };
        state.steps.insert("share-25".into(), StepState { status: failed, attempt: 2, ..StepState::default() });
    });
    select(&mut cockpit, "share-25");
    cockpit.keys("r");
    assert!(cockpit.text().contains("$ ./weight.sh 25"), "{}", cockpit.text());
    cockpit.keys("<enter>r");
    assert!(cockpit.orders().is_empty());
    cockpit.keys("y");
    assert_eq!(cockpit.orders(), [&What::Run { step: "share-25".into(), attempt: 3 }]);
}

#[test]
fn votes_and_decisions_carry_the_round() {
    let open = || {
        let mut cockpit = cockpit_of(SIZE, Weather::Calm, polling);
        select(&mut cockpit, "go-25");
        cockpit
    };
    let mut cockpit = open();
    cockpit.keys("v2g");
    let vote = What::Vote { gate: "go-25".into(), round: 1, role: "dba".into(), vote: Ballot::Go, why: None };
    assert_eq!(cockpit.orders(), [&vote]);
    let mut cockpit = open();
    cockpit.keys("dn<enter>");
    assert!(cockpit.orders().is_empty(), "no-go needs a reason");
    cockpit.keys("lag<enter>");
    let no = What::Decide { gate: "go-25".into(), round: 1, go: false, why: Some("lag".into()) };
    assert_eq!(cockpit.orders(), [&no]);
    let mut cockpit = open();
    cockpit.keys("dg");
    assert!(cockpit.orders().is_empty(), "votes are missing: a go needs a reason");
    cockpit.keys("all agreed by voice<enter>");
    assert!(matches!(cockpit.orders()[..], [What::Decide { go: true, why: Some(_), .. }]));
    let mut cockpit = calm();
    select(&mut cockpit, "go-25");
    cockpit.keys("d");
    assert!(cockpit.text().contains("its poll is not open"));
}

#[test]
fn hold_severity_note_and_the_way_out_of_a_hold() {
    let mut cockpit = calm();
    cockpit.keys("Hlooks odd<enter>S2payments fail<enter>call tom back<enter>S1<enter>");
    let [hold, sev2, note, sev1] = cockpit.orders()[..] else { panic!("{:?}", cockpit.orders()) };
    assert_eq!(*hold, What::Hold { why: "looks odd".into() });
    assert_eq!(*sev2, What::Severity { incident: None, level: 2, text: "payments fail".into() });
    assert_eq!(*note, What::Note { text: "all tom back".into() });
    assert_eq!(*sev1, What::Severity { incident: None, level: 1, text: String::new() });
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |s| {
        s.hold = Some(Hold { since: s.last_at, by: Actor::Operator(ana()), why: "odd".into() });
    });
    assert!(cockpit.text().contains("HOLD ana"));
    cockpit.keys("Hfine again<enter>");
    assert_eq!(cockpit.orders(), [&What::Release { of: Some("ana".into()), why: "fine again".into() }]);
}

#[test]
fn an_interrupted_run_is_resolved_never_run_again_by_a_key() {
    let run = RunId { step: "share-5".into(), kind: RunKind::Do, attempt: 1 };
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        let status = StepStatus::Interrupted { at: T0, run: run.clone() };
        state.steps.insert("share-5".into(), StepState { status, attempt: 1, ..StepState::default() });
    });
    assert!(cockpit.text().contains("INTERRUPTED"));
    cockpit.keys("ry<esc>");
    assert!(cockpit.orders().is_empty());
    cockpit.keys("rdnginx says 5 percent<enter>");
    let what = What::Resolve { run, found: Found::Done, why: "nginx says 5 percent".into() };
    assert_eq!(cockpit.orders(), [&what]);
}

#[test]
fn every_order_can_be_typed_and_the_step_may_be_left_out() {
    let mut cockpit = calm();
    select(&mut cockpit, "share-25");
    cockpit.keys(":skip not tonight<enter>");
    cockpit.keys(":sev 2 #1 payments<enter>");
    cockpit.keys(":rollback traffic typed production slow<enter>");
    cockpit.keys(":lead tom<enter>:note two words<enter>");
    let orders = cockpit.orders();
    assert_eq!(*orders[0], What::Skip { step: "share-25".into(), why: "not tonight".into(), not_applicable: false });
    assert_eq!(*orders[1], What::Severity { incident: Some(1), level: 2, text: "payments".into() });
    assert!(matches!(orders[2], What::Rollback { way: Way::Named(_), typed: Some(_), .. }));
    assert_eq!(*orders[3], What::Lead { name: "tom".into() });
    assert_eq!(*orders[4], What::Note { text: "two words".into() });
    cockpit.keys(":rollbak x<enter>");
    assert!(cockpit.text().contains("did you mean `rollback`?"), "{}", cockpit.text());
}

#[test]
fn tab_completes_commands_and_their_words() {
    let mut cockpit = calm();
    cockpit.keys(":rollb<tab>tr<tab>");
    let Some(Overlay::Line(line)) = &cockpit.model.overlay else { panic!() };
    assert_eq!(line.edit.text, "rollback traffic ");
    cockpit.keys("<esc>:run sh<tab><tab>");
    let Some(Overlay::Line(line)) = &cockpit.model.overlay else { panic!() };
    assert_eq!(line.edit.text, "run share-25");
}

#[test]
fn a_paste_presses_no_keys() {
    let mut cockpit = breach();
    cockpit.happens(Happened::Paste("Ryyy q :end\n".into()));
    assert!(cockpit.effects.is_empty() && cockpit.model.overlay.is_none());
    assert!(cockpit.text().contains("the paste was not taken"));
    cockpit.keys("R");
    cockpit.happens(Happened::Paste("y".into()));
    assert!(cockpit.orders().is_empty());
    cockpit.keys("<esc>c");
    cockpit.happens(Happened::Paste("from the wiki\n".into()));
    cockpit.keys("<enter>");
    assert_eq!(cockpit.orders(), [&What::Note { text: "from the wiki ".trim().into() }]);
}

#[test]
fn a_rejection_is_shown_with_what_to_do_instead() {
    let mut cockpit = calm();
    cockpit.keys("Hx<enter>");
    let Some(Effect::Send(ClientMessage::Order { id, .. })) = cockpit.effects.last().cloned() else { panic!() };
    let result = Err(Rejection::but("it holds already", "release it"));
    cockpit.hears(EngineMessage::Reply { id, result });
    assert!(cockpit.text().contains("it holds already; instead: release it"), "{}", cockpit.text());
}

#[test]
fn a_lost_link_is_said_and_nothing_is_sent_into_it() {
    let mut cockpit = calm();
    cockpit.happens(Happened::Lost("the engine closed the connection".into()));
    cockpit.waits(Span::secs(12));
    let text = cockpit.text();
    assert!(text.contains("LINK LOST") && text.contains("for 0:12"), "{text}");
    cockpit.keys("Hx<enter>");
    assert!(cockpit.orders().is_empty());
    assert!(cockpit.text().contains("nothing is queued"));
    assert!(matches!(cockpit.model.line, Line::Lost { .. }));
}

#[test]
fn q_and_ctrl_c_detach_but_close_what_is_open_first() {
    for keys in ["q", "<c-c>", ":quit<enter>", "R<c-c>q", "?<esc>q", ":abc<c-c><c-c>"] {
        let mut cockpit = breach();
        cockpit.keys(keys);
        assert_eq!(cockpit.effects.iter().filter(|e| **e == Effect::Detach).count(), 1, "{keys}");
    }
    let mut cockpit = breach();
    cockpit.keys("R<c-c>:q");
    assert!(!cockpit.effects.contains(&Effect::Detach));
}

#[test]
fn panes_are_focused_zoomed_and_left_again() {
    let mut cockpit = calm();
    cockpit.keys("4");
    assert_eq!(cockpit.model.focus, PaneId::Health);
    cockpit.keys("z");
    assert!(cockpit.model.zoom && !cockpit.text().contains("Checklist"));
    cockpit.keys("<esc>");
    assert!(cockpit.text().contains("Checklist"));
    cockpit.keys("9");
    assert_eq!((cockpit.model.focus, cockpit.model.tab), (PaneId::Output, PaneId::Output));
    for _ in 0..12 {
        cockpit.keys("<tab>");
        assert!(cockpit.text().contains(cockpit.model.focus.title().split(' ').next().unwrap()));
    }
}

#[test]
fn the_log_is_filtered_and_the_filter_left() {
    let mut cockpit = calm();
    cockpit.keys("8/vacuum<enter>");
    let text = cockpit.text();
    assert!(text.contains("vacuum on") && !text.contains("GO, decided by ana"), "{text}");
    cockpit.keys("<esc>");
    assert!(cockpit.text().contains("GO, decided by ana"));
    cockpit.keys("1/retire<enter>");
    assert!(cockpit.text().contains("Go to retire blue?") && !cockpit.text().contains("Go for 50 %?"));
}

#[test]
fn an_event_moves_the_screen_at_once() {
    let mut cockpit = calm();
    let event = Event::Held { by: Actor::Operator(ana()), why: "odd".into() };
    let recorded = Recorded { seq: Seq(41), at: cockpit.model.now(), order: None, event };
    cockpit.hears(EngineMessage::Event(Box::new(recorded)));
    assert!(cockpit.text().contains("HOLD ana 0:00") && cockpit.text().contains("ana holds: odd"));
}

#[test]
fn no_size_and_no_keys_break_it() {
    let keys = "jjkGgg<tab>z<tab><enter>?<esc>R12<esc>S<esc>:ru<tab><esc>/x<esc>890<c-d><c-u>+-";
    for weather in [Weather::Calm, Weather::Breach, Weather::Unknown, Weather::Empty] {
        for size in [(1, 1), (2, 1), (20, 5), (39, 11), (40, 12), (60, 15), (69, 19), (70, 20), (80, 24), (300, 100)] {
            let mut cockpit = cockpit(size, weather);
            cockpit.text();
            for key in crate::tui::keymap::parse(keys).unwrap() {
                cockpit.happens(Happened::Key(key));
                cockpit.text();
            }
            cockpit.happens(Happened::Resize(1, 1));
            cockpit.text();
        }
    }
}

#[test]
fn the_smallest_screen_still_answers() {
    let text = cockpit((20, 5), Weather::Breach).text();
    for word in ["BREACH", "CRITICAL", "in 1:00", "READY", "T+04:18"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn long_and_wide_texts_and_300_steps_fit() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut cockpit = cockpit_of(size, Weather::Calm, |state| {
            let mut outline = (*state.outline).clone();
            let step = outline.steps[11].clone();
            for i in 0..300 {
                let mut more = step.clone();
                more.id = format!("more-{i}").into();
                more.title = format!("決済サービスの切り替えを確認する、そして長い題名が続く {i}");
                state.steps.insert(more.id.clone(), StepState::default());
                outline.steps.push(more);
            }
            outline.name = "とても長い名前のサービス、そのまた続き".into();
            state.outline = std::sync::Arc::new(outline);
        });
        for row in cockpit.text().lines() {
            assert!(usize::from(size.0) >= unicode_width::UnicodeWidthStr::width(row), "{row}");
        }
        assert!(!cockpit.text().contains("切り替えを確認する、そして長い題名が続く 299"), "what is to come is folded");
        cockpit.keys("G");
        assert!(cockpit.text().contains("Retire blue"), "{}", cockpit.text());
    }
}

#[test]
fn a_young_launch_fills_its_chart_and_a_person_may_choose() {
    let mut cockpit = breach();
    assert!(cockpit.text().contains("last 30 min"), "{}", cockpit.text());
    let young = cockpit.model.readout.at - Span::secs(100);
    cockpit.model.traces.values_mut().for_each(|points| points.retain(|(at, _)| *at > young));
    assert!(cockpit.text().contains("last 2 min"), "{}", cockpit.text());
    cockpit.keys("-");
    assert!(cockpit.text().contains("last 5 min"));
    cockpit.keys("+");
    assert_eq!(cockpit.model.look_back, None, "what it is by itself goes on growing by itself");
}

#[test]
fn a_chart_names_its_limits_what_happened_and_where_nothing_was_measured() {
    let mut cockpit = breach();
    for points in cockpit.model.traces.values_mut() {
        let from = points.last().unwrap().0 - Span::mins(20);
        points.retain(|(at, _)| *at < from || *at > from + Span::mins(9));
    }
    let text = cockpit.text();
    for word in ["fail 1 %", "crit 5 %", "25 % to green ", "◆ go", "no data", "~9m", "░"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn titles_never_touch_what_stands_at_their_right() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        let mut outline = (*state.outline).clone();
        for (id, title) in [
            ("share-5", "5 % of the whole traffic of wallet.example goes to the new green instances"),
            ("go-25", "決済サービスの切り替えを確認する、そして長い題名が続く、まだ続く"),
        ] {
            outline.steps.iter_mut().find(|s| s.id == id.into()).unwrap().title = title.into();
        }
        state.outline = std::sync::Arc::new(outline);
    });
    let text = cockpit.text();
    let has = |text: &str, row: &str| text.lines().any(|l| l.contains(row));
    assert!(has(&text, "◐ 5 % of the whole traffic of wallet…  soak →07:48"), "{text}");
    assert!(has(&text, "◇ 決済サービスの切り替えを確認する、そし…  3 votes"), "{text}");
    cockpit.happens(Happened::Resize(80, 24));
    let text = cockpit.text();
    assert!(has(&text, "◐ 5 % of the whole traffi…  soak  "), "{text}");
}

#[test]
fn what_is_unknown_says_why_and_what_it_was() {
    let text = cockpit((200, 60), Weather::Unknown).text();
    assert!(text.contains("? api      UNKNOWN: HTTP 401: the token is not taken "), "{text}");
    assert!(text.contains("? replica-1 UNKNOWN ") && text.contains("  was 469 ms; stale: no reading for 2m"), "{text}");
    assert!(!text.contains("replica-1 469 ms"), "an old value never looks like a new one");
}

#[test]
fn output_keeps_its_colours_and_nothing_else_of_its_sequences() {
    let mut cockpit = calm();
    cockpit.keys("9");
    let run = cockpit.model.output.run.clone().unwrap();
    let bytes = b"\x1b[2J\x1b]0;owned\x07\x1b[31mfailed\x1b[0m 3 \x1b[42mok\x1b[m\x1b[5n\n";
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    cockpit.hears(EngineMessage::Output { run, offset: 0, data, total: bytes.len() as u64 });
    assert!(cockpit.text().contains(" failed 3 ok\n"), "{}", cockpit.text());
    let sent = cockpit.ansi(Depth::True);
    let Color::Rgb(r, g, b) = cockpit.model.theme.colour(Role::Crit) else { panic!() };
    assert!(sent.contains(&format!("\x1b[0;38;2;{r};{g};{b};48;2;14;19;24mf")), "red is the theme's red");
    let Color::Rgb(r, g, b) = cockpit.model.theme.colour(Role::Ok) else { panic!() };
    assert!(sent.contains(&format!("\x1b[0;7;38;2;{r};{g};{b};48;2;14;19;24mo")), "a ground of green is turned around");
    assert!(!sent.contains("owned") && !sent.contains("\x1b[2J") && !sent.contains("\x1b[5n"));
}

#[test]
fn who_passed_a_step_over_is_not_taken_back_up_to_it() {
    let cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        for (id, step) in &mut state.steps {
            let open = ["freeze", "go-25", "share-5"].contains(&id.as_str());
            step.status = if open { StepStatus::Todo } else { step.status.clone() };
        }
    });
    let freeze = Some(Target::Step("freeze".into()));
    assert_eq!(checklist::start(&cockpit.model), freeze);
    assert_eq!(checklist::next(&cockpit.model, Some(&"go-5".into())), Some(Target::Step("share-5".into())));
    assert_eq!(checklist::next(&cockpit.model, Some(&"share-5".into())), freeze, "below it nothing is due");
}

#[test]
fn a_way_back_that_is_not_ready_says_why_and_wants_the_name_at_any_size() {
    for size in [(80, 24), (120, 40)] {
        let mut cockpit = cockpit(size, Weather::Calm);
        cockpit.keys("R");
        let way = cockpit.model.facts.ways.iter_mut().find(|w| w.loses.is_none()).unwrap();
        (way.ready, way.typed) = (Err("blue is failing".into()), true);
        let chosen = Some(way.way.clone());
        cockpit.model.overlay = Some(Overlay::Dialog(Dialog {
            opened: Span::ZERO,
            kind: Kind::GoBack { chosen, typed: Default::default() },
        }));
        let text = cockpit.text();
        assert!(text.contains("not ready: blue is failing; type production and Enter"), "{text}");
        assert!(!text.contains("something is lost") && !text.contains("y start"), "{text}");
    }
}

#[test]
fn what_is_asked_for_is_what_is_chosen_and_nothing_else_takes_its_place() {
    let mut cockpit = cockpit_of(SIZE, Weather::Breach, |state| {
        // Its own clock would ask for one stage.
        state.steps.get_mut(&StepId::from("share-25")).unwrap().status =
            StepStatus::Done { at: T0, by: Actor::Engine, over: None };
    });
    let asked = cockpit.model.facts.ways.iter().position(|w| matches!(w.way, Way::Named(_))).unwrap();
    assert!(asked > 0, "one stage is the shortest");
    let title = cockpit.model.facts.ways[asked].title.clone();
    assert!(cockpit.text().contains(&format!("asks: {title}?")), "{}", cockpit.text());
    cockpit.keys("R");
    assert!(cockpit.text().contains(&format!("start {}: {title}", asked + 1)), "{}", cockpit.text());
    let all = std::mem::take(&mut cockpit.model.facts.ways);
    cockpit.model.facts.ways = all[..asked].to_vec();
    assert!(cockpit.text().contains("it is gone; choose another"), "{}", cockpit.text());
    cockpit.keys("y");
    assert!(cockpit.orders().is_empty());
    cockpit.keys("1");
    assert!(cockpit.text().contains(&format!("start 1: {}", all[0].title)), "{}", cockpit.text());
}
