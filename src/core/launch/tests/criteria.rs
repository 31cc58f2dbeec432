//! Success over time: which share of the observed time a criterion held, and the error budget used.

use crate::core::criterion::CriterionOutline;
use crate::core::event::Event;
use crate::core::launch::answers::AlarmKind;
use crate::core::launch::testing::*;
use crate::core::launch::{CriterionView, LaunchState, criteria, explain_named};
use crate::core::notice::NoticeKind;
use crate::core::order::What;
use crate::core::reading::{Level, Outcome};
use crate::core::report::Report;
use crate::core::spell;
use crate::core::time::Span;
use crate::core::units::Finite;

fn sim(hours: i64) -> Sim {
    let when = conditions(&["errors < 1%"]).remove(0);
    let of = CriterionOutline {
        id: "calm".into(),
        title: "errors < 1%".into(),
        when,
        over: Span::mins(hours * 60),
        target: Finite::new(0.99),
    };
    let mut outline = plan(vec![step("a", |_| {})]);
    outline.criteria = vec![of];
    Sim::new(outline)
}

fn view(sim: &Sim) -> CriterionView {
    criteria(&sim.state, &sim.readout(), sim.now).remove(0)
}

#[test]
fn a_criterion_is_the_share_of_the_observed_time_that_it_held_with_the_budget_used() {
    let mut sim = sim(24);
    assert_eq!((view(&sim).level(), view(&sim).held()), (Level::Unknown, "not seen yet".to_owned()));
    sim.pass(Span::mins(120));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(7));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::mins(113));
    let view = view(&sim);
    assert_eq!(view.broke, Span::mins(7));
    assert_eq!(view.spent().unwrap(), "7m of 14m24s budget used, 49 %");
    assert!(view.observed > Span::mins(220), "{view:?}");
    assert_eq!(view.level(), Level::Ok);
    assert_eq!(view.share.map(|s| (s.get() * 1000.0).floor()), Some(970.0), "{}", view.line(&|at| at.0.to_string()));
}

#[test]
fn the_figure_is_as_fresh_as_the_last_reading_and_nothing_counts_twice() {
    let mut sim = sim(24);
    sim.pass(Span::mins(20));
    let before = sim.readout();
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(3));
    let now = view(&sim);
    assert_eq!((now.broke, now.until), (Span::mins(3), Some(sim.now)), "three minutes ago it was all well");
    let explained = explain_named(&sim.state, &sim.readout(), "calm", sim.now).unwrap().remove(0).why.because;
    assert!(explained.iter().any(|line| line == "as of T+23m"), "{explained:?}");
    // Where a part was put on record since the last readout, it is not added to what that says.
    let late = sim.readout();
    sim.pass(Span::mins(30));
    let shown = criteria(&sim.state, &late, sim.now).remove(0);
    let on_record = criteria(&sim.state, &before, sim.now).remove(0);
    assert_eq!(shown, on_record);
    assert!(shown.observed <= Span::mins(53), "{}", shown.observed);
}

#[test]
fn half_of_an_error_budget_and_all_of_it_are_told_once_each_and_at_once() {
    let mut outline = super::notices::told();
    outline.criteria = sim(24).state.outline.criteria.clone();
    outline.probes[0].critical.clear();
    outline.triggers.clear();
    let mut sim = Sim::new(outline);
    sim.pass(Span::mins(1));
    sim.measures("errors", Outcome::number(0.06));
    let told = |sim: &Sim| -> Vec<String> {
        let of = |n: &&crate::core::launch::Notice| n.kind == NoticeKind::Budget;
        let short = |text: &str| text.split("; ").next().unwrap_or_default().to_owned();
        sim.state.notices.raised.iter().filter(of).map(|n| short(&n.text)).collect()
    };
    sim.pass(Span::mins(7));
    assert_eq!(told(&sim), [""; 0]);
    sim.pass(Span::secs(20));
    let half = "errors < 1% over 24h: half of its error budget is used: 7m20s of 14m24s, 51 %";
    assert_eq!(told(&sim), [half], "within two readings");
    assert_eq!(view(&sim).level(), Level::Warn);
    sim.pass(Span::mins(7));
    assert_eq!(told(&sim).len(), 1, "it is said once");
    sim.pass(Span::secs(10));
    let all = "errors < 1% over 24h: its error budget is used up: 14m30s of 14m24s, 101 %";
    assert_eq!(told(&sim), [half, all]);
    let over = sim.state.notices.raised[0].over.as_ref().map(|(_, why)| why.as_str());
    assert_eq!(over, Some("it is used up"), "who was told of the half need not acknowledge both");
    sim.pass(Span::mins(60));
    assert_eq!(told(&sim).len(), 2);
}

#[test]
fn what_nobody_observed_is_neither_good_nor_bad() {
    let mut sim = sim(24);
    sim.pass(Span::mins(60));
    sim.measures("errors", Outcome::NoData("401".to_owned()));
    sim.pass(Span::mins(60));
    sim.measures("errors", Outcome::number(0.001));
    sim.gap(Span::mins(60));
    sim.pass(Span::mins(60));
    let view = view(&sim);
    assert_eq!((view.broke, view.share.map(Finite::get)), (Span::ZERO, Some(1.0)));
    assert!(view.observed > Span::mins(100) && view.observed <= Span::mins(120), "{}", view.observed);
}

#[test]
fn it_survives_engines_and_its_time_ends() {
    let mut sim = sim(3);
    sim.pass(Span::mins(50));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(3));
    sim.crash(Span::secs(20));
    sim.pass(Span::mins(2));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::mins(200));
    let end = view(&sim);
    assert!(end.over_now && end.observed <= Span::mins(180) && end.observed > Span::mins(178), "{end:?}");
    assert!((end.broke - Span::mins(5)).millis().abs() <= 40_000, "{}", end.broke);
    assert_eq!(end.level(), Level::Critical, "{}", end.line(&|at| at.0.to_string()));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(60));
    assert_eq!(view(&sim).broke, end.broke, "what comes after it does not count");
    let parts = sim.events.iter().filter(|r| matches!(r.event, Event::CriterionMeasured(_))).count();
    assert!(parts <= 16, "it is quiet: {parts}");
    let mut again = LaunchState::open(&sim.events[0]).unwrap();
    sim.events[1..].iter().for_each(|r| again.apply(r));
    assert_eq!(again, sim.state);
}

#[test]
fn an_error_budget_that_is_used_up_alarms_once_with_its_figures_and_is_told_by_the_rule_that_names_it() {
    let mut outline = super::notices::told();
    outline.criteria = sim(24).state.outline.criteria.clone();
    outline.probes[0].critical.clear();
    outline.triggers.clear();
    let mut sim = Sim::new(outline);
    let told = |sim: &Sim| -> Vec<String> {
        let of = |n: &&crate::core::launch::Notice| n.kind == NoticeKind::Budget;
        sim.state.notices.raised.iter().filter(of).map(|n| n.text.clone()).collect()
    };
    let alarms = |sim: &Sim| {
        let of = sim.answers().alarms.into_iter().filter(|a| a.kind == AlarmKind::Budget);
        of.map(|a| a.line()).collect::<Vec<_>>()
    };
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(14));
    assert!(told(&sim).len() == 1 && alarms(&sim).is_empty(), "not all of it is used");
    sim.pass(Span::mins(11));
    let text = &told(&sim)[1];
    assert!(text.starts_with("errors < 1% over 24h: its error budget is used up: "), "{text}");
    assert!(text.contains(" of 14m24s, 1") && text.contains("held 0 % of "), "{text}");
    assert_eq!(alarms(&sim).len(), 1);
    assert!(alarms(&sim)[0].starts_with("BUDGET USED UP errors < 1%: "), "{:?}", alarms(&sim));
    sim.measures("errors", Outcome::number(0.001));
    sim.pass(Span::mins(20));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(45));
    assert!(alarms(&sim).is_empty(), "it does not stand for ever");
    let edges = sim.events.iter().filter(|r| matches!(r.event, Event::BudgetUsedUp { .. })).count();
    assert_eq!((edges, told(&sim).len()), (1, 2), "it is said once, as the half of it was");
    // Explain says which messages were sent of it.
    let said = explain_named(&sim.state, &sim.readout(), "calm", sim.now).unwrap();
    let said = said[0].why.because.join("; ");
    assert!(said.contains("notice-1 (budget), raised at "), "{said}");
}

#[test]
fn it_begins_anew_when_t_0_moves() {
    let mut sim = sim(24);
    sim.pass(Span::mins(60));
    let what = spell::read(&spell::words("slip +90m late").unwrap(), &sim.state, &sim.readout()).unwrap();
    sim.order(what).unwrap();
    sim.pass(Span::mins(30));
    assert_eq!(view(&sim).share, None, "T-0 is to come, or now");
    sim.pass(Span::mins(30));
    assert!(view(&sim).observed > Span::mins(14) && view(&sim).observed <= Span::mins(30));
}

#[test]
fn the_end_of_the_launch_puts_the_rest_on_record_and_the_report_says_it() {
    let mut sim = sim(24);
    sim.pass(Span::mins(20));
    sim.order(What::End { typed: "production".into(), why: "done".into() }).unwrap();
    assert_eq!(view(&sim).observed, Span::mins(20) - Span::secs(10), "from the first reading to the last");
    let page = crate::core::report::markdown(&Report::of(&sim.events, None).unwrap());
    let line = "- errors < 1% over 24h: held 100 % of 19m seen; 0s of 14m24s budget used, 0 %; as of ";
    assert!(page.replace('\\', "").contains(line), "{page}");
}

#[test]
fn the_report_of_a_launch_that_goes_on_is_as_fresh_as_what_its_engine_shows() {
    let mut sim = sim(24);
    sim.pass(Span::mins(20));
    sim.measures("errors", Outcome::number(0.06));
    sim.pass(Span::mins(3));
    let readout = sim.readout();
    let of = |live| Report::of(&sim.events, live).unwrap().criteria.remove(0);
    assert_eq!(of(Some(&readout)).broke, Span::mins(3));
    assert_eq!(of(None).broke, Span::secs(10), "without an engine it is what is on record");
}
