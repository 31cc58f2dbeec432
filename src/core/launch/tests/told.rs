//! In which words people are told, and how one asks what they were told of.

use super::notices::{launched, types};
use crate::core::launch::explain_named;
use crate::core::launch::testing::*;
use crate::core::reading::Outcome;
use crate::core::spell;
use crate::core::time::Span;

#[test]
fn what_became_of_the_command_of_a_way_back_that_stopped_with_its_engine_is_told_once_it_is_known() {
    let mut sim = launched();
    sim.does("deploy");
    types(&mut sim, "rollback traffic because").unwrap();
    sim.crash(Span::secs(30));
    let text = |sim: &Sim| sim.state.notices.raised.last().unwrap().text.clone();
    assert!(text(&sim).contains("STOPPED at Step traffic/to-blue: no engine ran for"), "{}", text(&sim));
    let told = sim.state.notices.raised.len();
    sim.ends("traffic/to-blue.do.1", 3);
    assert_eq!(sim.state.notices.raised.len(), told + 1);
    assert_eq!(text(&sim), "rollback 1, stopped at Step traffic/to-blue: its command exited with 3 after 1s");
    types(&mut sim, "again").unwrap();
    sim.ends("traffic/to-blue.do.2", 4);
    assert_eq!(sim.state.notices.raised.len(), told + 2, "why it stopped says it: {}", text(&sim));
}

#[test]
fn what_people_were_told_of_a_probe_stands_under_none_of_its_several_signals() {
    let mut sim = launched();
    sim.measures_of("errors", "web-1", Outcome::number(0.01));
    sim.measures_of("errors", "web-2", Outcome::number(0.06));
    sim.pass(Span::secs(20));
    let said = explain_named(&sim.state, &sim.readout(), "errors", sim.now).unwrap();
    let told = |one: &crate::core::launch::Waiting| one.why.because.iter().any(|line| line.starts_with("notice-1"));
    let (with, without): (Vec<_>, Vec<_>) = said.iter().partition(|one| told(one));
    assert_eq!(
        with.iter().map(|one| (one.name.as_str(), one.why.state.as_str())).collect::<Vec<_>>(),
        [("errors", "people were told")]
    );
    assert_eq!(without.len(), 2, "{said:?}");
}

#[test]
fn a_word_on_a_probe_of_which_nobody_was_told_is_refused_with_what_takes_it() {
    let sim = launched();
    let words = |line: &str| spell::read(&spell::words(line).unwrap(), &sim.state, &sim.readout()).unwrap_err();
    for name in ["errors", "errors.value", "errors[web-1].value"] {
        let said = words(&format!("ack {name} on it"));
        assert!(said.starts_with(&format!("nobody was told of `{name}`")) && said.contains("`note TEXT`"), "{said}");
    }
}
