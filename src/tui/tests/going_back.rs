//! The dialog behind `R`.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::fixture::{NOW, T0, Weather, ana, cockpit, cockpit_of, stopped_rollback};
use super::typing::{SIZE, breach};
use crate::core::event::{Actor, Evidence, RunEnd};
use crate::core::grammar::parse;
use crate::core::ids::{RunId, StepId, TriggerId};
use crate::core::launch::{Fired, Incident, LaunchState, RunState, StepStatus, TriggerState};
use crate::core::order::{Way, What};
use crate::core::outline::{Fires, TriggerAction, TriggerOutline};
use crate::core::time::Span;
use crate::tui::dialogs::{Dialog, Kind, Overlay};
use crate::wire::message::{EngineMessage, Trouble};

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
    cockpit.keys("Rx");
    assert_eq!(cockpit.orders(), [&What::RollbackAgain { rollback: 1, item: 0 }]);
    let mut cockpit = stopped();
    cockpit.keys("Redone by hand<enter>");
    assert_eq!(cockpit.orders(), [&What::RollbackByHand { rollback: 1, item: 0, why: "done by hand".into() }]);
    let mut cockpit = stopped();
    cockpit.keys("Rlother way<enter>");
    assert_eq!(cockpit.orders(), [&What::RollbackLeave { rollback: 1, why: "other way".into() }]);
}

#[test]
fn a_rollback_that_stopped_at_what_runs_on_unwatched_offers_only_what_is_taken() {
    let run: RunId = "traffic/to-blue.do.1".parse().unwrap();
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        stopped_rollback(state);
        let end = Some((state.last_at, RunEnd::Interrupted));
        let known = RunState { end, ..state.runs.values().next().unwrap().clone() };
        state.runs.insert(run.clone(), known);
    });
    cockpit.hears(EngineMessage::Processes { runs: [(run.clone(), 4711)].into() });
    cockpit.keys("R");
    let text = cockpit.text();
    let last = text.lines().last().unwrap();
    assert!(text.contains("still runs, unwatched, as process 4711"), "{text}");
    assert!(last.contains("l leave it") && !last.contains("again") && !text.contains("done by hand"), "{text}");
    cockpit.hears(EngineMessage::Processes { runs: BTreeMap::new() });
    assert!(cockpit.text().contains("run it again"), "{}", cockpit.text());
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

#[test]
fn the_journal_keeps_the_reasons_that_the_dialog_shows() {
    let mut cockpit = cockpit(SIZE, Weather::Breach);
    cockpit.keys("R");
    let shown = cockpit.text();
    let way = cockpit.model.facts.ways.iter().position(|w| !w.typed).unwrap();
    cockpit.keys(&(way + 1).to_string());
    cockpit.keys("y");
    let orders = cockpit.orders();
    let Some(What::Rollback { why, .. }) = orders.first() else { panic!("{orders:?}") };
    assert!(!why.is_empty() && why.split("; ").all(|reason| shown.contains(reason)), "{why}: {shown}");
}

#[test]
fn what_is_lost_and_the_end_of_a_long_command_can_be_read_at_any_size() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut cockpit = cockpit_of(size, Weather::Calm, |_| {});
        cockpit.keys("R");
        let way = cockpit.model.facts.ways.iter_mut().find(|w| w.way == Way::Named("database".into())).unwrap();
        way.loses = Some("every write since the backup of 01:40, payments among them".into());
        let long = format!("./restore.sh {} --last-word\nsecond", "--some-option ".repeat(8));
        way.items[0].command = Some(long);
        let chosen = Some(way.way.clone());
        cockpit.model.overlay = Some(Overlay::Dialog(Dialog {
            opened: Span::ZERO,
            kind: Kind::GoBack { chosen, typed: Default::default() },
        }));
        let text = cockpit.text();
        assert!(text.contains("loses every write since the backup of 01:40, payments among them"), "{text}");
        assert!(text.contains("--last-word …"), "{text}");
    }
}

#[test]
fn one_who_observes_sees_the_ways_back_and_starts_none() {
    for size in [(40, 12), (80, 24), (120, 40)] {
        let mut cockpit = cockpit(size, Weather::Breach);
        cockpit.model.observe = true;
        cockpit.keys("R");
        assert!(cockpit.text().contains("you observe: those who drive"), "{}", cockpit.text());
        assert!(!cockpit.text().contains("y start"), "{}", cockpit.text());
        cockpit.keys("y<enter>production<enter>");
        assert!(cockpit.orders().is_empty(), "{:?}", cockpit.orders());
    }
}

#[test]
fn a_way_back_that_must_wait_for_a_command_that_runs_on_says_so_and_is_not_asked_for() {
    for size in [(80, 24), (120, 40)] {
        let run: crate::core::ids::RunId = "share-5.do.1".parse().unwrap();
        let mut cockpit = cockpit_of(size, Weather::Calm, |state| {
            let lost = crate::core::event::RunEnd::Interrupted;
            state.runs.get_mut(&run).unwrap().end = Some((state.last_at, lost));
        });
        cockpit.hears(EngineMessage::Processes { runs: [(run, 4711)].into() });
        cockpit.keys("R");
        let said = "not yet: wait for the end of `share-5`, or `kill 4711`";
        assert!(cockpit.text().contains(said), "{}", cockpit.text());
        assert!(!cockpit.text().contains("and Enter"), "{}", cockpit.text());
        cockpit.keys("y");
        assert!(cockpit.orders().is_empty());
    }
}

#[test]
fn why_shows_each_signal_with_its_value_its_short_past_and_its_age_where_there_is_room() {
    for (size, shown) in [((120, 40), true), ((200, 60), true), ((80, 24), false)] {
        let mut cockpit = cockpit(size, Weather::Breach);
        cockpit.keys("R");
        super::screens::look("why", &cockpit);
        let text = cockpit.text();
        let rows: Vec<&str> = text.lines().skip_while(|row| !row.contains("WHY")).collect();
        let row = |name: &str| rows.iter().find(|row| row.contains(name)).copied();
        // What breaks, with its value, its limit and its clock, stands at every size.
        assert!(row("errors[green] 6.10 % > 1 %").is_some_and(|row| row.contains("2:00")), "{text}");
        let green = row("errors green");
        assert_eq!(green.is_some(), shown, "{text}");
        let Some((green, blue)) = green.zip(row("errors blue")) else { continue };
        assert!(green.contains("6.10 %  ▂▂") && green.contains("█████") && green.contains("limit 1 %"), "{text}");
        assert!(green.contains(" 2s") && blue.contains("0.06 %  ▁▁") && !blue.contains('█'), "{text}");
        // Nothing of the ways and of what is done gives way to it.
        for word in ["WHAT 1 DOES", "./weight.sh 0", "asks again  to be decided anew", "y  start 1"] {
            assert!(text.contains(word), "{word}: {text}");
        }
    }
    let mut calm = cockpit((120, 40), Weather::Calm);
    assert!(calm.keys("R").text().contains("nothing is critical") && !calm.text().contains("errors green"));
    for size in [(80, 24), (120, 40)] {
        let sev = |state: &mut LaunchState| state.incidents = vec![Incident::new(2, "cards are declined", NOW, ana())];
        let text = cockpit_of(size, Weather::Calm, sev).keys("R").text();
        assert!(text.contains("#1 SEV2 cards are declined") && !text.contains("nothing is critical"), "{text}");
    }
}

#[test]
fn a_signal_of_a_reason_that_is_unknown_by_now_says_so_and_shows_no_value() {
    let mut cockpit = cockpit((120, 40), Weather::Breach);
    let id = "errors[green].value".parse().unwrap();
    let view = cockpit.model.readout.signals.get_mut(&id).unwrap();
    (view.level, view.why) = (crate::core::reading::Level::Unknown, Some("HTTP 503".into()));
    let text = cockpit.keys("R").text();
    let row = text.lines().find(|row| row.contains("errors green")).unwrap();
    assert!(row.contains("UNKNOWN: HTTP 503") && !row.contains("6.10"), "{text}");
}

#[test]
fn the_limit_beside_a_signal_is_that_of_the_reason_above_else_its_level_is_said() {
    let mut cockpit = cockpit_of((120, 40), Weather::Breach, |state| {
        let outline = Arc::make_mut(&mut state.outline);
        let probe = |name: &str| outline.probes.iter().position(|p| p.id.as_str() == name).unwrap();
        let (errors, queues) = (probe("errors"), probe("queues"));
        let of = |text: &str, id: &str| parse(text, Some(&id.into())).unwrap();
        outline.probes[errors].warn = vec![of("> 0.5%", "errors")];
        outline.probes[errors].critical = vec![of("> 5%", "errors")];
        outline.probes[queues].critical = vec![of("depth > 1200", "queues")];
    });
    let text = cockpit.keys("R").text();
    let row = |name: &str| text.lines().find(|row| row.contains(name)).unwrap_or_else(|| panic!("{name}: {text}"));
    // The trigger says more than 1 %, the probe's own levels 0.5 % and 5 %.
    assert!(text.contains("errors[green] 6.10 % > 1 %") && row("errors green").contains("  limit 1 %"), "{text}");
    assert!(row("queues webhooks").contains("critical 1,200"), "{text}");
}

#[test]
fn reasons_that_have_no_room_are_counted_and_what_fired_comes_before_what_pends() {
    let more = |state: &mut LaunchState| {
        let outline = Arc::make_mut(&mut state.outline);
        for (i, when) in ["queues.depth > 900 for 1h", "errors > 2% for 1h", "errors > 3% for 1h"].iter().enumerate() {
            let when = parse(when, None).unwrap();
            let id = TriggerId::from(format!("more-{i}").as_str());
            let own = TriggerOutline { id: id.clone(), fires: Fires::When(when), ..outline.triggers[0].clone() };
            outline.triggers.push(own);
            state.triggers.insert(id, TriggerState::default());
        }
        // It fired and is to be considered only; what pends would ask.
        let own = outline.triggers.iter_mut().find(|t| t.id.as_str() == "more-0").unwrap();
        own.action = TriggerAction::Consider;
        let evidence = Evidence { condition: String::new(), found: "1,559".into(), held: Some(true), lasted: None };
        let at = NOW - Span::mins(1);
        let fired = Fired { at, instance: None, evidence, by: None, dismissed: None, acked: None };
        state.triggers.get_mut(&own.id).unwrap().fired = Some(fired);
    };
    let mut cockpit = cockpit_of((120, 40), Weather::Breach, more);
    let all = crate::tui::alarm::alarms(&cockpit.model).len();
    assert!(all > 3, "{all}");
    let text = cockpit.keys("R").text();
    assert!(text.contains(&format!("+{} more", all - 3)), "{text}");
    let why: Vec<&str> = text.lines().skip_while(|row| !row.contains("WHY")).collect();
    let at = |part: &str| why.iter().position(|row| row.contains(part));
    assert!(at("> 900") == Some(0) && at("2:00 / 3:00") == Some(1), "{text}");
}

#[test]
fn what_says_nothing_of_production_is_no_reason_to_go_back_and_an_open_incident_is() {
    let open = |state: &mut LaunchState| {
        state.incidents = vec![Incident::new(3, "odd prices", state.last_at, ana())];
    };
    for (with, reason) in [(None, "decided by hand"), (Some(open), "SEV3 #1 odd prices")] {
        let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| with.into_iter().for_each(|with| with(state)));
        let plan = Some("plan.toml was changed".to_owned());
        cockpit.hears(EngineMessage::Trouble(Trouble { plan, ..Trouble::default() }));
        cockpit.keys("R");
        let text = cockpit.text();
        let why = text.lines().find(|line| line.contains("WHY")).unwrap();
        assert!(!why.contains("plan.toml") && why.contains("it is your decision"), "{why}");
        cockpit.keys("y");
        let [What::Rollback { why, .. }] = cockpit.orders()[..] else { panic!("{:?}", cockpit.orders()) };
        assert_eq!(why, reason);
    }
}
