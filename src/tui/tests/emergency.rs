//! The keys of an emergency: `R` opens the ways back and `S` a severity, wherever a person is. Only in a text they are
//! letters.

use super::Cockpit;
use super::fixture::{T0, Weather, cockpit, cockpit_of, polling, stopped_rollback};
use crate::core::ids::{RunId, RunKind};
use crate::core::launch::{StepState, StepStatus};
use crate::core::order::What;
use crate::tui::dialogs::{Dialog, Kind, Overlay};
use crate::tui::model::Target;
use crate::wire::message::{Answer, EngineMessage};

const SIZE: (u16, u16) = (120, 40);

/// A breach with something failed, something interrupted, an open poll and an open incident.
fn busy() -> Cockpit {
    let mut cockpit = cockpit_of(SIZE, Weather::Breach, |state| {
        polling(state);
        let failed = StepStatus::Failed { at: T0, why: "exit 1".into(), evidence: vec![] };
        state.steps.insert("start".into(), StepState { status: failed, attempt: 1, ..StepState::default() });
        let run = RunId { step: "share-5".into(), kind: RunKind::Do, attempt: 1 };
        let status = StepStatus::Interrupted { at: T0, run };
        state.steps.insert("share-5".into(), StepState { status, attempt: 1, ..StepState::default() });
        super::incidents::three(state);
    });
    cockpit.waits(crate::core::time::Span::secs(1));
    cockpit
}

fn at(step: &'static str, keys: &'static str) -> impl Fn() -> Cockpit {
    move || {
        let mut cockpit = busy();
        cockpit.model.selected = Some(Target::Step(step.into()));
        cockpit.keys(keys);
        cockpit
    }
}

fn dialog(cockpit: &Cockpit) -> Option<&Kind> {
    match &cockpit.model.overlay {
        Some(Overlay::Dialog(Dialog { kind, .. })) => Some(kind),
        _ => None,
    }
}

/// The answer to `:diff`.
fn diff_arrives(cockpit: &mut Cockpit) {
    let id = *cockpit.model.asked.keys().last().unwrap();
    let answer = Answer::PlanDiff { hash: "abc".into(), lines: vec!["+x".into()], problems: Vec::new() };
    cockpit.hears(EngineMessage::Part { id, more: false, answer });
}

/// How one comes to a place.
type Way = Box<dyn Fn() -> Cockpit>;

/// Everywhere that is no text: what it is called, and how one comes there.
fn places() -> Vec<(&'static str, Way)> {
    let adopt = || {
        let mut cockpit = busy();
        cockpit.keys(":diff<enter>");
        diff_arrives(&mut cockpit);
        assert!(matches!(dialog(&cockpit), Some(Kind::Adopt { .. })));
        cockpit
    };
    vec![
        ("the checklist", Box::new(at("start", ""))),
        ("start", Box::new(at("start", "x"))),
        ("stop", Box::new(at("go-25", "t"))),
        ("resolve", Box::new(at("share-5", "x"))),
        ("vote", Box::new(at("go-25", "v"))),
        ("decide", Box::new(at("go-25", "d"))),
        ("adopt", Box::new(adopt)),
        ("one incident", Box::new(at("start", "I<enter>"))),
        ("the list of incidents", Box::new(at("start", "I"))),
        ("help", Box::new(at("start", "?jj"))),
        ("a zoomed output", Box::new(at("start", "9z"))),
        ("a filtered log", Box::new(at("start", "8/go<enter>"))),
        ("a step's page", Box::new(at("start", "<enter>"))),
        ("half of gg", Box::new(at("start", "g"))),
    ]
}

#[test]
fn the_ways_back_and_the_severity_open_from_wherever_a_person_is() {
    for (name, place) in places() {
        let mut cockpit = place();
        let sent = cockpit.orders().len();
        cockpit.keys("R");
        assert!(matches!(dialog(&cockpit), Some(Kind::GoBack { .. })), "R in {name}: {}", cockpit.text());
        cockpit.keys("y");
        let orders = &cockpit.orders()[sent..];
        assert!(matches!(orders, [What::Rollback { .. }]), "y after R in {name}: {orders:?}");
        let mut cockpit = place();
        cockpit.keys("S");
        assert!(matches!(dialog(&cockpit), Some(Kind::Severity(None))), "S in {name}: {}", cockpit.text());
    }
    let mut severity = busy();
    severity.keys("SR");
    assert!(matches!(dialog(&severity), Some(Kind::GoBack { .. })));
    severity.keys("S");
    assert!(matches!(dialog(&severity), Some(Kind::Severity(None))));
    let mut stopped = cockpit_of(SIZE, Weather::Calm, stopped_rollback);
    stopped.keys("RS");
    assert!(matches!(dialog(&stopped), Some(Kind::Severity(None))));
    stopped.keys("R");
    assert!(matches!(dialog(&stopped), Some(Kind::Stopped)));
}

#[test]
fn a_dialog_that_was_left_leaves_nothing_behind() {
    let mut cockpit = at("start", "x")();
    cockpit.hastily("x");
    assert!(cockpit.text().contains("the dialog had just opened"));
    // R is heard even in the first moment of a dialog; the y that follows at once was not meant for the new one.
    cockpit.hastily("Ry");
    assert!(cockpit.orders().is_empty());
    assert!(matches!(dialog(&cockpit), Some(Kind::GoBack { .. })));
    cockpit.keys("<esc>");
    assert!(cockpit.model.overlay.is_none(), "Esc leads to the screen, not to what was left");
    cockpit.keys("y");
    assert!(cockpit.orders().is_empty());
}

#[test]
fn what_comes_without_a_pause_starts_nothing_however_long_it_goes_on() {
    let mut cockpit = at("start", "R")();
    for _ in 0..6 {
        cockpit.hastily("Z").waits(crate::tui::Span(100));
    }
    cockpit.hastily("y");
    assert!(cockpit.orders().is_empty());
    cockpit.waits(crate::tui::Span(300)).hastily("y");
    assert!(matches!(cockpit.orders()[..], [What::Rollback { .. }]), "{}", cockpit.text());
}

#[test]
fn in_a_text_they_are_letters() {
    for keys in ["c", "H", ":", "/", "S2", "R3"] {
        let mut cockpit = cockpit(SIZE, Weather::Breach);
        if keys == "R3" {
            let lossy = cockpit.model.facts.ways.iter().position(|w| w.loses.is_some()).unwrap() + 1;
            cockpit.keys(&format!("R{lossy}"));
        } else {
            cockpit.keys(keys);
        }
        cockpit.keys("RS");
        let typed = match &cockpit.model.overlay {
            Some(Overlay::Line(line)) => line.edit.text().to_owned(),
            Some(Overlay::Dialog(Dialog { kind: Kind::GoBack { typed, .. }, .. })) => typed.text().to_owned(),
            other => panic!("{keys}: {other:?}"),
        };
        assert_eq!(typed, "RS", "{keys}");
    }
}

#[test]
fn an_answer_that_comes_late_takes_no_dialogs_place() {
    let mut cockpit = cockpit(SIZE, Weather::Breach);
    cockpit.keys(":diff<enter>R");
    diff_arrives(&mut cockpit);
    assert!(matches!(dialog(&cockpit), Some(Kind::GoBack { .. })), "{}", cockpit.text());
    assert!(cockpit.text().contains("the plan file differs; :diff shows how"), "{}", cockpit.text());
    cockpit.keys("y");
    assert!(matches!(cockpit.orders()[..], [What::Rollback { .. }]), "{:?}", cockpit.orders());
}

#[test]
fn a_way_that_becomes_ready_while_the_name_is_typed_does_not_start_at_a_letter_of_it() {
    let mut cockpit = cockpit_of(SIZE, Weather::Breach, |state| {
        let mut outline = (*state.outline).clone();
        outline.environment = "my-shop".into();
        state.outline = std::sync::Arc::new(outline);
    });
    cockpit.keys("R");
    let ready = cockpit.model.facts.ways.clone();
    let unready = |w: &mut crate::core::launch::WayView| (w.ready, w.typed) = (Err("blue is failing".into()), true);
    cockpit.model.facts.ways.iter_mut().for_each(unready);
    cockpit.keys("m");
    cockpit.model.facts.ways = ready;
    cockpit.keys("y");
    assert!(cockpit.orders().is_empty(), "{:?}", cockpit.orders());
    assert!(cockpit.text().contains("type my-shop and Enter: my"), "{}", cockpit.text());
    cockpit.keys("-shop<enter>");
    assert!(matches!(cockpit.orders()[..], [What::Rollback { .. }]), "{:?}", cockpit.orders());
}

#[test]
fn escape_and_a_key_in_one_read_are_both_heard() {
    let mut cockpit = at("start", "x")();
    cockpit.keys("<a-R>");
    assert!(matches!(dialog(&cockpit), Some(Kind::GoBack { .. })), "{}", cockpit.text());
    cockpit.keys("<a-y>");
    assert!(cockpit.orders().is_empty() && cockpit.model.overlay.is_none(), "the Escape came first");
    cockpit.keys("cto tom<a-b><a-R>");
    assert!(matches!(dialog(&cockpit), Some(Kind::GoBack { .. })), "out of a text too: {}", cockpit.text());
    cockpit.keys("<esc>c<up>");
    let Some(Overlay::Line(line)) = &cockpit.model.overlay else { panic!() };
    assert_eq!(line.edit.text(), "to tom", "and the text is not lost");
}
