//! No key acts on a row that nobody sees.

use super::fixture::{Weather, cockpit};
use crate::core::order::What;
use crate::core::time::Span;
use crate::tui::checklist;
use crate::tui::dialogs::{Kind, Overlay};
use crate::tui::model::{PaneId, Target};

const SIZE: (u16, u16) = (120, 40);

#[test]
fn a_filter_selects_a_row_that_it_leaves() {
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    cockpit.model.selected = Some(Target::Step("share-25".into()));
    cockpit.keys("/share-5");
    let title = cockpit.model.outline().unwrap().step(&"start".into()).unwrap().title.clone();
    cockpit.keys(&format!("<c-u>{}<enter>", title.replace(' ', "<space>")));
    assert_eq!(cockpit.model.selected_step().unwrap().as_str(), "start");
    assert!(checklist::is_shown(&cockpit.model));
    // What matches nothing leaves phases, and they can't be started.
    cockpit.keys("/<c-u>qqqq<enter>").waits(Span::secs(1));
    assert!(checklist::is_shown(&cockpit.model));
    cockpit.keys("r<space>");
    assert!(cockpit.orders().is_empty() && cockpit.model.overlay.is_none(), "{:?}", cockpit.orders());
}

#[test]
fn keys_for_the_selected_row_are_refused_while_another_pane_covers_it() {
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    cockpit.model.selected = Some(Target::Step("share-25".into()));
    cockpit.waits(Span::secs(1)).keys("8zr<space>:skip not tonight<enter>");
    assert!(cockpit.orders().is_empty(), "{:?}", cockpit.orders());
    assert!(!matches!(&cockpit.model.overlay, Some(Overlay::Dialog(_))));
    cockpit.keys("<esc>");
    assert!(cockpit.text().contains("the selected row is not on the screen; 1 shows"), "{}", cockpit.text());
    cockpit.keys("<esc>1:skip not tonight<enter>r");
    assert!(matches!(cockpit.orders()[..], [What::Skip { .. }]), "{:?}", cockpit.orders());
    assert!(matches!(&cockpit.model.overlay, Some(Overlay::Dialog(d)) if matches!(d.kind, Kind::Run(_))));
}

#[test]
fn explain_opens_the_page_of_a_step_and_esc_leads_to_its_row() {
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    cockpit.keys("8z:expl<tab>share-2<tab><enter>");
    assert_eq!(cockpit.model.page.as_ref().unwrap().as_str(), "share-25");
    assert_eq!(cockpit.model.focus, PaneId::Step);
    let because = cockpit.model.facts.steps.values().find_map(|e| e.because.first().cloned());
    assert!(cockpit.text().contains("Esc back"), "{because:?} {}", cockpit.text());
    cockpit.keys("<esc>");
    assert_eq!(cockpit.model.selected, Some(Target::Step("share-25".into())));
    assert!(checklist::is_shown(&cockpit.model), "{}", cockpit.text());
    // Without a step the selected one is meant; another is named.
    cockpit.keys(":explain<enter>");
    assert_eq!(cockpit.model.page.as_ref().unwrap().as_str(), "share-25");
    cockpit.keys(":explain strat<enter>");
    assert!(cockpit.text().contains("the plan has no step `strat`; did you mean `start`?"), "{}", cockpit.text());
}
