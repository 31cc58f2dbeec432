//! What keeps the engine or a command from its work is seen until it is over, by whoever attaches.

use super::Cockpit;
use super::fixture::{Weather, cockpit, cockpit_of};
use crate::core::ids::{RunId, RunKind};
use crate::core::launch::testing::no_value;
use crate::core::launch::{LaunchState, StepStatus, Unwritten};
use crate::core::order::What;
use crate::core::time::Span;
use crate::core::view::Asks;
use crate::tui::answers::told;
use crate::tui::model::Target;
use crate::tui::output::Output;
use crate::wire::message::{EngineMessage, Trouble};

fn run() -> RunId {
    RunId { step: "share-5".into(), kind: RunKind::Do, attempt: 1 }
}

/// Its command runs, and takes input.
fn running(state: &mut LaunchState) {
    state.runs.get_mut(&run()).unwrap().end = None;
    state.steps.get_mut(&run().step).unwrap().status = StepStatus::Running { run: run() };
    let outline = std::sync::Arc::make_mut(&mut state.outline);
    outline.steps.iter_mut().filter(|step| step.id == run().step).for_each(|step| step.input = true);
}

fn full(cockpit: &Cockpit) -> Unwritten {
    let (why, out) = ("disk I/O error".to_owned(), "make room on the disk".to_owned());
    Unwritten { why, since: cockpit.model.now(), out, reserve: true, word: false, late: None }
}

fn asks(cockpit: &mut Cockpit, prompt: &str, hidden: bool) {
    let asks = Asks { since: cockpit.model.now(), prompt: prompt.into(), hidden };
    cockpit.hears(EngineMessage::Asking { runs: [(run(), asks)].into() });
}

#[test]
fn a_command_that_asks_is_seen_in_its_row_until_it_has_its_line() {
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, running);
    cockpit.model.selected = Some(Target::Step(run().step));
    asks(&mut cockpit, "Really? [y/N]", false);
    // Longer than any toast.
    cockpit.waits(Span::mins(2));
    let screen = cockpit.text();
    for part in ["waits for input", "its command asks: Really? [y/N]", "i send it a line"] {
        assert!(screen.contains(part), "`{part}` is not on:\n{screen}");
    }
    cockpit.hears(EngineMessage::Asking { runs: [].into() });
    assert!(!cockpit.text().contains("waits for input") && !cockpit.text().contains("Really?"));
}

#[test]
fn to_send_a_line_is_offered_while_the_command_that_is_shown_runs_and_takes_one() {
    let offered = |change: fn(&mut LaunchState), shown: RunId| {
        let mut cockpit = cockpit_of((120, 40), Weather::Calm, change);
        cockpit.keys("9");
        // A key may lead to another one's output.
        cockpit.model.output = Output::of(Some(shown.clone()));
        let footer = cockpit.text().lines().last().unwrap().contains("i send a line");
        cockpit.keys("?");
        cockpit.model.output = Output::of(Some(shown));
        let help = cockpit.text();
        assert!(help.contains("show only lines with this text"), "{help}");
        // Among all keys it stands in any case.
        (footer, help.matches("send a line to the running command").count() == 2)
    };
    assert_eq!(offered(running, run()), (true, true));
    assert_eq!(offered(running, RunId { step: "migrate".into(), ..run() }), (false, false), "another one's output");
    let takes_none = |state: &mut LaunchState| {
        running(state);
        std::sync::Arc::make_mut(&mut state.outline).steps.iter_mut().for_each(|step| step.input = false);
    };
    assert_eq!(offered(takes_none, run()), (false, false));
    let over = |state: &mut LaunchState| {
        let steps = std::sync::Arc::make_mut(&mut state.outline).steps.iter_mut();
        steps.for_each(|step| step.input = true);
    };
    assert_eq!(offered(over, run()), (false, false));
}

#[test]
fn a_missing_secret_and_a_full_disk_stand_in_the_alarm_row_until_they_are_over() {
    let mut cockpit = cockpit((160, 40), Weather::Calm);
    let secrets = vec![no_value("primary", "PRIMARY_URL")];
    cockpit.hears(EngineMessage::Trouble(Trouble { secrets: secrets.clone(), ..Trouble::default() }));
    assert!(cockpit.text().contains("PRIMARY_URL is not set"), "{}", cockpit.text());
    let journal = Some(full(&cockpit));
    cockpit.hears(EngineMessage::Trouble(Trouble { secrets, journal, ..Trouble::default() }));
    assert!(cockpit.text().contains("nothing can be written down: disk I/O error"), "{}", cockpit.text());
    cockpit.hears(EngineMessage::Trouble(Trouble::default()));
    let screen = cockpit.text();
    assert!(!screen.contains("PRIMARY_URL") && !screen.contains("written down"), "{screen}");
}

#[test]
fn where_nothing_at_all_can_be_written_down_a_way_back_wants_a_word_typed() {
    for size in [(80, 24), (120, 40), (20, 5)] {
        let mut cockpit = cockpit(size, Weather::Calm);
        let journal = Some(Unwritten { reserve: false, word: true, ..full(&cockpit) });
        cockpit.hears(EngineMessage::Trouble(Trouble { journal: journal.clone(), ..Trouble::default() }));
        cockpit.keys("R").waits(Span::secs(1));
        if size.0 > 20 {
            let text = cockpit.text();
            assert!(text.contains("type unjournalled") && !text.contains("y start"), "{text}");
        }
        cockpit.keys("y");
        assert!(cockpit.orders().is_empty());
        cockpit.keys("<backspace>unjournalled<enter>");
        let typed = cockpit.orders().into_iter().find_map(|what| match what {
            What::Rollback { typed, .. } => typed.clone(),
            _ => None,
        });
        assert_eq!(typed.as_deref(), Some("unjournalled"), "{}", cockpit.text());
        // Once it is kept in memory no second word is wanted.
        let mut goes = super::fixture::cockpit(size, Weather::Calm);
        let journal = journal.map(|by| Unwritten { late: Some(crate::core::ids::Seq(41)), ..by });
        goes.hears(EngineMessage::Trouble(Trouble { journal, ..Trouble::default() }));
        goes.keys("R").waits(Span::secs(1)).keys("y");
        assert!(matches!(goes.orders()[..], [What::Rollback { typed: None, .. }]), "{}", goes.text());
    }
}

#[test]
fn a_plan_file_that_was_edited_is_said_also_while_worse_stands_in_the_alarm_row() {
    let mut cockpit = cockpit((120, 40), Weather::Breach);
    let plan = Some("plan.toml is no longer the plan that the launch runs".to_owned());
    let trouble = Trouble { plan, ..Trouble::default() };
    let said = "plan.toml is no longer the plan that the launch runs: :diff shows it";
    cockpit.hears(EngineMessage::Trouble(trouble.clone()));
    assert!(cockpit.text().contains(said), "{}", cockpit.text());
    cockpit.waits(Span::mins(2));
    let secrets = vec![no_value("token", "TOKEN")];
    cockpit.hears(EngineMessage::Trouble(Trouble { secrets, ..trouble }));
    assert!(!cockpit.text().contains(said), "once");
}

#[test]
fn the_key_that_goes_back_stays_beside_whatever_is_said() {
    let mut cockpit = cockpit((120, 40), Weather::Breach);
    cockpit.model.refuse("not taken: a long sentence that would fill the whole row and more than that ".repeat(3));
    assert!(cockpit.text().lines().last().unwrap().contains("R go back"), "{}", cockpit.text());
}

#[test]
fn a_plan_file_that_was_edited_stands_in_the_alarm_row_and_in_now() {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    let head = |cockpit: &Cockpit| told(&cockpit.model).unwrap().now.head.long().to_owned();
    assert_eq!(head(&cockpit), "ALL OK");
    let plan = Some("plan.toml was changed and has an error, in line 7: there is no key `rnu`".to_owned());
    cockpit.hears(EngineMessage::Trouble(Trouble { plan, ..Trouble::default() }));
    let screen = cockpit.text();
    let row = screen.lines().find(|line| line.contains("PLAN FILE")).unwrap_or_else(|| panic!("{screen}"));
    assert!(
        row.contains("plan.toml was changed and has an error, in line 7") && row.contains(":diff shows it"),
        "{row}"
    );
    assert_eq!(head(&cockpit), "PLAN FILE", "as `tminus status` has it");
    cockpit.hears(EngineMessage::Trouble(Trouble::default()));
    assert_eq!(head(&cockpit), "ALL OK");
    assert!(!cockpit.text().contains("PLAN FILE"));
}

#[test]
fn what_is_typed_at_a_hidden_prompt_is_not_seen_and_goes_into_no_history() {
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, running);
    asks(&mut cockpit, "Password:", true);
    cockpit.keys("ihunter<backspace>");
    let text = cockpit.text();
    assert!(!text.contains("hunte") && text.contains("Password: •••••"), "{text}");
    assert!(text.contains("hidden: the command asked for no echo"), "{text}");
    cockpit.keys("<enter>");
    assert!(matches!(cockpit.orders()[..], [What::Input { line, .. }] if line == "hunte"), "{:?}", cockpit.orders());
    assert!(!cockpit.text().contains("hunte"), "{}", cockpit.text());
    asks(&mut cockpit, "Name?", false);
    cockpit.keys("iana");
    assert!(cockpit.text().contains("Name?: ana"), "{}", cockpit.text());
    // Nor what is typed after the word.
    cockpit.keys("<esc>:input share-5 hunter<enter>:<up>");
    assert!(!cockpit.text().contains("hunter"), "{}", cockpit.text());
}

#[test]
fn on_a_full_disk_no_hint_leads_to_an_order_that_is_refused() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut cockpit = cockpit_of(size, Weather::Calm, |state| {
            let done = state.steps["go-5"].clone();
            state.steps.insert("share-5".into(), done);
        });
        cockpit.model.selected = Some(Target::Step("go-25".into()));
        let offered = |cockpit: &Cockpit| cockpit.text().contains("x run") || cockpit.text().contains("x opens");
        assert!(offered(&cockpit), "{}", cockpit.text());
        let journal = Some(full(&cockpit));
        cockpit.hears(EngineMessage::Trouble(Trouble { journal, ..Trouble::default() }));
        let screen = cockpit.text();
        assert!(screen.contains("make room") && !offered(&cockpit), "{size:?}\n{screen}");
        let footer = screen.lines().last().unwrap();
        assert!(footer.contains("R go back") && footer.contains("S severity"), "{footer}");
        let said = cockpit.keys(":explain<enter>").text();
        assert!(said.contains("The journal") && said.contains("nothing can be written down"), "{said}");
    }
}
