//! Checks that come again, on the screen: seen where people look, worked by keys.

use super::Cockpit;
use super::fixture::{Weather, ana, cockpit, cockpit_of};
use crate::core::criterion::CriterionOutline;
use crate::core::launch::{Check, CheckEnd, CheckResult, CriterionState, LaunchState, Tick, WatchState};
use crate::core::order::What;
use crate::core::time::{Offset, Span};
use crate::core::units::Finite;
use crate::core::watch::{CheckAct, Round, WatchOutline};

/// The present of a calm fixture is T+2h21m.
fn watched(state: &mut LaunchState) {
    let now = state.last_at + Span::mins(71);
    let outline = std::sync::Arc::make_mut(&mut state.outline);
    let watch = |id: &str, title: &str, items: &[&str]| WatchOutline {
        id: id.into(),
        title: title.to_owned(),
        owner: outline.roles.keys().next().cloned(),
        rounds: vec![Round { until: Offset(Span::mins(2880)), every: Span::mins(30) }],
        at: Vec::new(),
        items: items.iter().map(|item| (*item).to_owned()).collect(),
        signals: Vec::new(),
        grace: None,
    };
    let sync = WatchOutline {
        rounds: Vec::new(),
        at: vec![Offset(Span::mins(360)), Offset(Span::mins(1440))],
        ..watch("sync", "Sync with product and support", &[])
    };
    let metrics = watch("metrics", "Metrics and payments", &["Dashboards", "Payments", "Webhook backlog"]);
    let logs = watch("logs", "Logs of both versions", &[]);
    outline.watches = vec![sync, metrics, logs];
    let due = now - Span::mins(12);
    let end = CheckEnd {
        number: 3,
        at: now - Span::mins(40),
        by: Some(ana()),
        how: CheckResult::Found,
        text: "two cards declined".into(),
    };
    let check =
        |number, due| Check { number, due, grace: Span::mins(10), ticks: [(0, Tick { at: now, by: ana() })].into() };
    let own = WatchState {
        since: state.opened,
        count: 4,
        last: Some(now),
        open: Some(check(4, due)),
        end: Some(end),
        done: 2,
        missed: 1,
        skipped: 0,
    };
    let open = Check { ticks: Default::default(), ..check(4, now - Span::mins(2)) };
    let calm = WatchState { open: Some(open), end: None, missed: 0, done: 3, ..own.clone() };
    state.watches = [("metrics".into(), own), ("logs".into(), calm)].into();
    state.watches.insert("sync".into(), WatchState { since: state.opened, ..WatchState::default() });
}

fn cockpit_with(size: (u16, u16)) -> Cockpit {
    cockpit_of(size, Weather::Calm, watched)
}

fn check(check: u32, watch: &str, act: CheckAct) -> What {
    What::Check { watch: watch.into(), check, act }
}

#[test]
fn what_is_due_and_overdue_is_seen_and_worked_by_keys() {
    let mut screen = cockpit_with((120, 40));
    screen.keys("w");
    insta::assert_snapshot!("checks", screen.screen());
    screen.keys("<space>");
    screen.keys("<space>");
    let tick = |item| check(4, "metrics", CheckAct::Tick { item, on: true });
    assert_eq!(screen.orders(), [&tick(1), &tick(2)], "the first open box, then the next");
}

#[test]
fn a_check_of_tomorrow_never_loses_its_time() {
    let mut screen = cockpit_of((120, 40), Weather::Calm, |state| {
        watched(state);
        std::sync::Arc::make_mut(&mut state.outline).watches[0].at = vec![Offset(Span::mins(1440))];
    });
    let text = screen.keys("wz").text();
    assert!(text.contains(" at 12 Nov 02:00"), "{text}");
}

#[test]
fn a_word_can_be_said_with_it_and_what_is_not_well() {
    let mut screen = cockpit_with((120, 40));
    screen.keys("w<enter>");
    screen.keys("dashboards<space>are<space>down");
    screen.keys("<enter>");
    screen.keys("u<enter>");
    screen.keys("payments<space>hang");
    screen.keys("<enter>");
    screen.keys("jjt");
    screen.keys("incident<space>first");
    screen.keys("<enter>");
    let orders: Vec<What> = screen.orders().into_iter().cloned().collect();
    assert_eq!(orders[0], check(4, "metrics", CheckAct::Done { why: Some("dashboards are down".into()) }));
    assert_eq!(orders[1], check(4, "metrics", CheckAct::Found { text: "payments hang".into() }), "{}", screen.screen());
    assert_eq!(orders[2], check(4, "logs", CheckAct::Skip { why: "incident first".into() }));
}

#[test]
fn a_check_without_boxes_is_done_with_one_key() {
    let mut screen = cockpit_with((80, 24));
    screen.keys("wjj<space>");
    assert_eq!(screen.orders(), [&check(4, "logs", CheckAct::Done { why: None })], "{}", screen.screen());
}

#[test]
fn at_80_columns_too() {
    let mut screen = cockpit_with((80, 24));
    insta::assert_snapshot!("checks-alarm-80", screen.screen());
    screen.keys("w");
    insta::assert_snapshot!("checks-80", screen.screen());
    screen.keys("z");
    insta::assert_snapshot!("checks-80-zoom", screen.screen());
}

#[test]
fn where_the_plan_has_none_the_pane_says_so() {
    let mut screen = cockpit((120, 40), Weather::Calm);
    assert!(!screen.screen().contains("Checks"));
    screen.keys("w");
    assert!(screen.screen().contains("it has no [[watch]] and no [[criterion]]"));
}

#[test]
fn success_over_time_stands_below_with_its_budget() {
    let over = |id: &str, when: &str, target: f64| CriterionOutline {
        id: id.to_owned(),
        title: when.to_owned(),
        when: crate::core::grammar::parse(when, None).unwrap(),
        over: Span::mins(1440),
        target: Finite::new(target),
    };
    let with = |state: &mut LaunchState| {
        watched(state);
        let until = state.last_at;
        let outline = std::sync::Arc::make_mut(&mut state.outline);
        let all = [("calm", "errors < 1%", 0.999), ("up", "api is ok", 0.99), ("lag", "lag < 5s", 0.99)];
        outline.criteria = all.map(|(id, when, target)| over(id, when, target)).into();
        let seen = |held, broke| CriterionState {
            held: Span::mins(held),
            broke: Span::secs(broke),
            until,
            ..Default::default()
        };
        state.criteria = [("calm".to_owned(), seen(250, 80)), ("up".to_owned(), seen(240, 130))].into();
    };
    for size in [(80, 24), (120, 40)] {
        let mut screen = cockpit_of(size, Weather::Calm, with);
        screen.keys("wz");
        insta::assert_snapshot!(format!("criteria-{}", size.0), screen.screen());
    }
}

#[test]
fn a_budget_is_at_risk_only_where_some_of_it_was_used_and_not_before_anything_was_seen() {
    let with = |broke: Option<i64>| {
        move |state: &mut LaunchState| {
            let outline = std::sync::Arc::make_mut(&mut state.outline);
            outline.watches.clear();
            outline.criteria = vec![CriterionOutline {
                id: "up".to_owned(),
                title: "up".to_owned(),
                when: crate::core::grammar::parse("api is ok", None).unwrap(),
                over: Span::mins(60),
                target: Finite::new(0.99),
            }];
            let (held, until) = (Span::mins(10), state.last_at);
            let seen =
                broke.map(|broke| CriterionState { held, broke: Span::secs(broke), until, ..Default::default() });
            state.criteria = seen.into_iter().map(|seen| ("up".to_owned(), seen)).collect();
        }
    };
    for (broke, tab) in [
        (None, "Checks not seen yet"),
        (Some(0), "Checks success over time"),
        (Some(30), "Checks 1 budget at risk"),
        (Some(60), "Checks 1 budget USED UP"),
    ] {
        let text = cockpit_of((120, 40), Weather::Calm, with(broke)).text();
        assert!(text.contains(tab), "{tab}: {text}");
    }
}
