//! Can I start? Each rule of the card in a sentence.

use super::*;
use crate::core::event::Mode;
use crate::core::launch::testing::*;
use crate::core::reading::Outcome;
use crate::core::spell;
use crate::core::time::Span;
use crate::core::window::Window;

fn card(sim: &Sim, missing: &[MissingSecret], found: Option<&Found>) -> Card {
    Card::of(&sim.state.outline, &sim.readout().signals, missing, found)
}

fn lines(card: &Card) -> Vec<String> {
    card.rows.iter().map(|row| format!("{} {} // {}", row.grade.word(), row.words(), row.todo)).collect()
}

fn sim() -> Sim {
    let mut plan = plan(vec![runs("a", |_| {})]);
    plan.secrets =
        [("primary".to_owned(), "${env:PRIMARY}".to_owned()), ("token".to_owned(), "${env:T}".to_owned())].into();
    let mut sim = Sim::new(plan);
    sim.pass(Span::mins(1));
    sim
}

#[test]
fn every_probe_is_measured_and_every_secret_has_a_value_or_the_card_says_what_to_do() {
    let mut sim = sim();
    let found = Found { at: sim.now, rows: vec![Row::new(Kind::Disk, Grade::Ok, "/", "12 GB free")] };
    let well = card(&sim, &[], Some(&found));
    assert_eq!((well.word(), well.summary().as_str()), ("READY", "5 ok"), "{:?}", lines(&well));
    assert_eq!(well.blocker(), None);
    sim.measures("errors", Outcome::NoData("HTTP 401".into()));
    sim.measures("green", Outcome::Failing("refused".into()));
    sim.pass(Span::secs(20));
    let bad = card(&sim, &[no_value("primary", "PRIMARY")], Some(&found));
    assert_eq!((bad.word(), bad.summary().as_str()), ("NOT READY", "2 blockers, 1 warning, 2 ok"), "{:?}", lines(&bad));
    let said = lines(&bad);
    assert_eq!(said[0], "BLOCKER secret primary: PRIMARY is not set // give it with `tminus do env primary`");
    assert!(said[1].starts_with("BLOCKER probe errors: HTTP 401 // mend what it asks"), "{said:?}");
    let lacks = "the secret `primary` has no value here: set what [secrets] refers to".to_owned();
    sim.measures("errors", Outcome::NoData(lacks));
    sim.pass(Span::secs(20));
    let lacks = lines(&card(&sim, &[no_value("primary", "PRIMARY")], Some(&found)));
    assert!(lacks[1].ends_with("// give that secret its value; its own row says how"), "{lacks:?}");
    assert!(said[2].starts_with("warning probe green: failing: refused // start only if"), "{said:?}");
    assert_eq!(bad.blocker().unwrap().what, "primary");
    sim.measures("errors", Outcome::NoData("connection refused by 127.0.0.1:9090".into()));
    sim.pass(Span::secs(20));
    let silent = lines(&card(&sim, &[], Some(&found)));
    assert!(silent[0].contains("refused by 127.0.0.1:9090 // start it, or see why"), "{silent:?}");
}

#[test]
fn a_probe_that_was_asked_too_often_is_waited_for_not_mended() {
    let mut sim = sim();
    sim.measures("errors", Outcome::NoData("sentry answered 429: asked too often".into()));
    sim.pass(Span::secs(20));
    let found = Found { at: sim.now, rows: Vec::new() };
    let card = card(&sim, &[], Some(&found));
    assert_eq!(card.word(), "READY?");
    let said = lines(&card);
    assert!(said[0].starts_with("unknown probe errors: sentry answered 429: asked too often // wait"), "{said:?}");
}

#[test]
fn a_probe_is_told_by_the_measure_that_conditions_mean() {
    let sim = sim();
    let mut outline = (*sim.state.outline).clone();
    let probe = outline.probes.iter_mut().find(|probe| probe.id.as_str() == "errors").unwrap();
    let ahead = crate::core::outline::MeasureOutline { name: "a".into(), ..probe.measures[0].clone() };
    let main = probe.measures[0].name.clone();
    probe.measures.push(ahead);
    let mut signals = sim.readout().signals;
    let of_main = signals.values().find(|v| v.id.probe.as_str() == "errors" && v.id.measure == main).unwrap().clone();
    let mut other = of_main.clone();
    other.id.measure = "a".into();
    other.last = Some(Outcome::number(77.0));
    signals.insert(other.id.clone(), other);
    let card = Card::of(&outline, &signals, &[], None);
    let row = card.rows.iter().find(|row| row.what == "errors").unwrap();
    assert!(!row.found.contains("77"), "the first by the alphabet says nothing: {row:?}");
    let row = card.rows.iter().find(|row| row.what == "green").unwrap();
    assert_eq!(row.found, "up ok", "it is said of what it is");
}

#[test]
fn what_is_not_known_yet_is_not_ready() {
    let sim = sim();
    let early = card(&sim, &[], None);
    assert_eq!(early.word(), "READY?");
    assert!(
        lines(&early)[0].starts_with("unknown script scripts, hosts, disk: not looked at yet"),
        "{:?}",
        lines(&early)
    );
    let fresh = Sim::new(plan(vec![runs("a", |_| {})]));
    let unmeasured = card(&fresh, &[], Some(&Found::default()));
    assert!(unmeasured.rows.iter().all(|row| row.found == "not measured yet"), "{:?}", lines(&unmeasured));
}

#[test]
fn a_launch_is_before_its_start_until_a_step_was_begun() {
    let mut sim = sim();
    assert!(is_before(&sim.state));
    sim.start("a").unwrap();
    assert!(!is_before(&sim.state));
}

#[test]
fn nothing_blocks_a_rehearsal_on_stand_ins_and_what_would_block_the_launch_is_a_warning() {
    let sim = sim();
    let missing = [no_value("primary", "PRIMARY")];
    let card = |state: &LaunchState| Card::of_launch(state, &sim.readout().signals, &missing, None, sim.now);
    let (live, rehearsed) = (card(&sim.state), card(&LaunchState { mode: Mode::Rehearsal, ..sim.state.clone() }));
    assert_eq!((live.word(), rehearsed.word()), ("NOT READY", "READY?"));
    assert!(lines(&rehearsed)[0].starts_with("warning "), "{:?}", lines(&rehearsed));
}

#[test]
fn a_rehearsal_is_not_warned_that_the_plan_was_not_rehearsed() {
    let sim = sim();
    let none = Row::new(Kind::Rehearsal, Grade::Warning, "of this plan", "none yet on this machine");
    let found = Found { rows: vec![none], ..Found::default() };
    let card = |state: &LaunchState| Card::of_launch(state, &sim.readout().signals, &[], Some(&found), sim.now);
    let grade = |card: Card| card.rows.iter().find(|row| row.kind == Kind::Rehearsal).unwrap().grade;
    assert_eq!(grade(card(&sim.state)), Grade::Warning);
    assert_eq!(grade(card(&LaunchState { mode: Mode::Rehearsal, ..sim.state.clone() })), Grade::Ok);
}

#[test]
fn a_window_that_is_closed_when_the_first_command_is_due_and_our_own_side_cut_off_stand_on_the_card() {
    // T-0 is 2027-01-15 09:00 in Berlin, a Friday.
    let with = |from: &str, of_phase: bool| {
        let (from, to) = (from.parse().unwrap(), "23:00".parse().unwrap());
        let window = Some(Window { days: Vec::new(), from, to, zone: "Europe/Berlin".into() });
        let mut outline = plan(vec![step("look", |_| {}), runs("a", |_| {})]);
        outline.zone = Some("Europe/Berlin".into());
        outline.vantage = vec!["green".into()];
        if of_phase {
            outline.phases[0].window = window
        } else {
            outline.window = window
        }
        let mut sim = Sim::new(outline);
        sim.pass(Span::mins(1));
        sim
    };
    let card = |sim: &Sim| {
        let found = Found { at: sim.now, rows: Vec::new() };
        Card::of_launch(&sim.state, &sim.readout().signals, &[], Some(&found), sim.now)
    };
    let mut sim = with("08:00", false);
    let said = lines(&card(&sim));
    assert!(said.contains(&"ok vantage green: our own side reaches it // ".to_owned()), "{said:?}");
    let open = "ok window 08:00 to 23:00 Europe/Berlin: open when Step a is due, 09:01 CET // ";
    assert!(said.contains(&open.to_owned()), "{said:?}");
    let closed = |grade: &str, due: &str| {
        format!(
            "{grade} window 10:00 to 23:00 Europe/Berlin: closed when Step a is due, {due} CET: it opens 10:00 \
             CET // slip T-0 into it, or the lead passes it for that start: an override"
        )
    };
    for of_phase in [false, true] {
        let mut sim = with("10:00", of_phase);
        let said = lines(&card(&sim));
        assert!(said.contains(&closed("BLOCKER", "09:01")), "T-0 is over: {said:?}");
        let slip = spell::read(&spell::words("slip +30m late").unwrap(), &sim.state, &sim.readout()).unwrap();
        sim.order(slip).unwrap();
        let said = lines(&card(&sim));
        assert!(said.contains(&closed("warning", "09:30")), "{said:?}");
    }
    sim.measures("green", Outcome::Failing("timed out".into()));
    sim.pass(Span::mins(1));
    let cut = card(&sim);
    assert_eq!(cut.word(), "NOT READY");
    let blocker = cut.blocker().unwrap().words();
    assert_eq!(blocker, "vantage green: our own side is cut off: vantage green does not answer");
}

#[test]
fn what_a_rehearsal_does_not_measure_is_nothing_to_mend() {
    let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
    sim.measures("green", Outcome::NoData(format!("{NOT_MEASURED}it starts a process, and this is a rehearsal")));
    sim.pass(Span::mins(1));
    let said = lines(&Card::of(&sim.state.outline, &sim.readout().signals, &[], None));
    let row = "warning probe green: not measured: it starts a process, and this is a rehearsal // nothing to mend: a \
               launch measures it, a scenario can set it";
    assert!(said.contains(&row.to_owned()), "{said:?}");
}

#[test]
fn of_several_signals_that_are_bad_the_first_does_not_hide_the_others() {
    let mut outline = plan(vec![runs("a", |_| {})]);
    outline.probes[0].critical = conditions(&["errors > 5%"]);
    let mut sim = Sim::new(outline);
    sim.measures_each("errors", &[("blue", 0.06), ("green", 0.07), ("red", 0.001)]);
    sim.pass(Span::mins(1));
    let card = card(&sim, &[], None);
    let row = card.rows.iter().find(|row| row.what == "errors").unwrap();
    assert!(row.found.ends_with("; and 1 more of its signals"), "{row:?}");
}

#[test]
fn while_our_own_side_is_cut_off_nothing_else_is_to_be_mended_and_before_it_was_asked_nobody_knows() {
    let mut outline = plan(vec![runs("a", |_| {})]);
    let mut gateway = outline.probes.iter().find(|p| p.id.as_str() == "green").unwrap().clone();
    gateway.id = "gateway".into();
    outline.probes.push(gateway);
    outline.vantage = vec!["gateway".into()];
    let mut sim = Sim::new(outline);
    let host = Row::new(Kind::Host, Grade::Blocker, "api:443", "no answer").todo("mend it");
    let card = |sim: &Sim| {
        let found = Found { at: sim.now, rows: vec![host.clone()] };
        Card::of_launch(&sim.state, &sim.readout().signals, &[], Some(&found), sim.now)
    };
    let fresh = lines(&card(&sim));
    assert!(fresh.contains(&"unknown vantage gateway: not measured yet // ".to_owned()), "{fresh:?}");
    for probe in ["green", "gateway"] {
        sim.measures(probe, Outcome::Failing("timed out".into()));
    }
    sim.measures("errors", Outcome::NoData("timed out".into()));
    sim.pass(Span::mins(2));
    let cut = card(&sim);
    let said = lines(&cut);
    assert_eq!((cut.word(), cut.summary().as_str()), ("NOT READY", "1 blocker, 4 unknown"), "{said:?}");
    let words = "BLOCKER vantage gateway: our own side is cut off: vantage gateway does not answer // mend the network";
    assert!(said[0].starts_with(words) && said[1..].iter().all(|line| line.ends_with(" // ")), "{said:?}");
}

#[test]
fn a_window_binds_no_stand_in_and_the_card_says_so() {
    let mut outline = plan(vec![runs("a", |_| {})]);
    let (from, to) = ("22:00".parse().unwrap(), "23:00".parse().unwrap());
    outline.window = Some(Window { days: Vec::new(), from, to, zone: "Europe/Berlin".into() });
    let sim = Sim::new(outline);
    let state = LaunchState { mode: Mode::Rehearsal, ..sim.state.clone() };
    let card = Card::of_launch(&state, &sim.readout().signals, &[], None, sim.now);
    let row = card.rows.iter().find(|row| row.kind == Kind::Window).unwrap();
    assert_eq!(
        (row.grade, row.found.as_str()),
        (Grade::Ok, "it binds no stand-in: this rehearsal goes on at any time")
    );
    assert_eq!(crate::core::launch::window_now(&state, sim.now), None);
}

#[test]
fn rules_that_nobody_could_judge_are_warned_of_with_what_makes_them_good() {
    let mut plan = plan(vec![runs("a", |s| s.fail = conditions(&["errors[gren] > 5%"]))]);
    plan.triggers = vec![
        trigger("typo", "errors[gren] > 9% for 1m", crate::core::outline::TriggerAction::Propose),
        trigger("usual", "errors > baseline * 3 for 1m", crate::core::outline::TriggerAction::Propose),
    ];
    let mut sim = Sim::new(plan);
    let rules = |sim: &Sim| {
        let card = Card::of_launch(&sim.state, &sim.readout().signals, &[], None, sim.now);
        let rows = card.rows.iter().filter(|row| row.kind == Kind::Rule);
        rows.map(|row| format!("{} {} // {}", row.grade.word(), row.words(), row.todo)).collect::<Vec<_>>()
    };
    let baseline = "warning rule baseline of errors: not captured, and 1 rule compares with it // tminus do baseline errors 10m, \
                    while all is as usual";
    assert_eq!(rules(&sim), [baseline], "what was not measured yet may have it");
    sim.measures_each("errors", &[("green", 0.01), ("blue", 0.01)]);
    sim.pass(Span::mins(1));
    let typo = "warning rule errors[gren]: not among blue, green, and named by the trigger typo, a // did you mean `green`? until \
                it is there too, nobody can say whether that holds";
    assert_eq!(rules(&sim), [typo, baseline]);
    sim.order(crate::core::order::What::Baseline { probe: Some("errors".into()), over: Span::mins(1) }).unwrap();
    sim.measures_each("errors", &[("green", 0.01), ("blue", 0.01), ("gren", 0.01)]);
    sim.pass(Span::mins(1));
    assert_eq!(rules(&sim), Vec::<String>::new());
}

#[test]
fn a_limit_without_its_baseline_is_no_blocker_and_names_the_order_that_captures_it() {
    let mut plan = plan(vec![runs("a", |_| {})]);
    plan.probes[0].critical = conditions(&["errors > baseline * 3"]);
    let mut sim = Sim::new(plan);
    sim.pass(Span::mins(1));
    let said = lines(&card(&sim, &[], None));
    let row = "warning probe errors: no baseline of errors.value was captured // tminus do baseline errors 10m";
    assert!(said.contains(&row.to_owned()), "{said:?}");
}
