//! What is shown is what is meant: no key acts on a row that nobody sees, a name that was only declared is marked.

use super::fixture::{Weather, cockpit, cockpit_of};
use crate::core::event::Actor;
use crate::core::launch::{Hold, StepStatus};
use crate::core::order::{Operator, What};
use crate::core::time::Span;
use crate::tui::checklist;
use crate::tui::dialogs::{Kind, Overlay};
use crate::tui::model::{Asked, PaneId, Target};
use crate::tui::role::Role;

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
    // What matches nothing leaves nothing, and what isn't seen can't be started.
    cockpit.keys("/<c-u>qqqq<enter>").waits(Span::secs(1));
    assert!(!checklist::is_shown(&cockpit.model) && cockpit.text().contains("no step has this text"));
    cockpit.keys("x<space>");
    assert!(cockpit.orders().is_empty() && cockpit.model.overlay.is_none(), "{:?}", cockpit.orders());
}

#[test]
fn keys_for_the_selected_row_are_refused_while_another_pane_covers_it() {
    let mut cockpit = cockpit(SIZE, Weather::Calm);
    cockpit.model.selected = Some(Target::Step("share-25".into()));
    cockpit.waits(Span::secs(1)).keys("8zx<space>:skip not tonight<enter>");
    assert!(cockpit.orders().is_empty(), "{:?}", cockpit.orders());
    assert!(!matches!(&cockpit.model.overlay, Some(Overlay::Dialog(_))));
    cockpit.keys("<esc>");
    assert!(cockpit.text().contains("the selected row is not on the screen; 1 shows"), "{}", cockpit.text());
    cockpit.keys("<esc>1:skip not tonight<enter>x");
    assert!(matches!(cockpit.orders()[..], [What::Skip { .. }]), "{:?}", cockpit.orders());
    assert!(cockpit.text().contains("not started: `share-25` waits for"), "now it is what r means: {}", cockpit.text());
}

#[test]
fn the_selected_row_shows_its_whole_text() {
    let long =
        "Write down what the locks on wallet_transactions were before and what they are now, and tell supporters";
    let change = |state: &mut crate::core::launch::LaunchState| {
        let outline = std::sync::Arc::make_mut(&mut state.outline);
        let step =
            |o: &mut crate::core::outline::Outline, id: &str| o.steps.iter().position(|s| s.id.as_str() == id).unwrap();
        let (metrics, smoke) = (step(outline, "metrics"), step(outline, "smoke"));
        outline.steps[metrics].title = long.to_owned();
        outline.steps[smoke].items[1] = long.to_owned();
    };
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut cockpit = cockpit_of(size, Weather::Calm, change);
        let flat = |cockpit: &super::Cockpit| {
            let right = cockpit.model.size.0 * 3 / 10;
            let left = |row: &str| row.chars().take(usize::from(right)).collect::<String>();
            let words = cockpit.text().lines().map(left).collect::<Vec<_>>().join(" ").replace('▌', " ");
            words.split_whitespace().collect::<Vec<_>>().join(" ")
        };
        assert!(!flat(&cockpit).contains("supporters"), "{}", cockpit.text());
        for target in [Target::Step("metrics".into()), Target::Item("smoke".into(), 1)] {
            cockpit.model.selected = Some(target.clone());
            cockpit.waits(Span::secs(1));
            let text = cockpit.text();
            assert!(text.contains("supporters") && text.contains("before"), "{target:?} {text}");
        }
    }
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
    cockpit.keys(":explain strat<enter>");
    assert!(cockpit.text().contains("probe `strat`; did you mean `start`?"), "{}", cockpit.text());
}

#[test]
fn explain_tells_all_that_waits_and_whatever_has_a_name_with_the_keys_that_move_it() {
    let mut cockpit = cockpit(SIZE, Weather::Breach);
    cockpit.keys(":explain<enter>");
    let text = cockpit.text();
    assert!(text.contains("What waits"), "{text}");
    assert!(text.contains("R go back"), "{text}");
    let trigger = cockpit.model.outline().unwrap().triggers[0].clone();
    cockpit.keys(&format!("<esc>:explain {}<enter>", trigger.id));
    let text = cockpit.text();
    assert!(text.contains(&trigger.fires.to_string()), "{text}");
    // `R` leads on from here, as from everywhere.
    cockpit.keys("R");
    assert!(matches!(&cockpit.model.overlay, Some(Overlay::Dialog(d)) if matches!(d.kind, Kind::GoBack { .. })));
}

#[test]
fn a_declared_name_is_marked_in_the_header_and_in_rows() {
    let mia = Operator { name: "mia".into(), declared: true, session: 2 };
    let by = mia.clone();
    let mut cockpit = cockpit_of((200, 60), Weather::Calm, move |state| {
        state.hold = Some(Hold { since: state.t0, by: Actor::Operator(by.clone()), why: "odd".into() });
        let step = state.steps.get_mut("share-25").unwrap();
        step.status = StepStatus::Skipped { at: state.t0, by: by.clone(), why: "no".into(), not_applicable: false };
    });
    cockpit.model.you = Some(mia);
    cockpit.waits(Span::secs(1));
    let text = cockpit.text();
    assert!(text.lines().next().unwrap().contains("HOLD mia (declared)"), "{text}");
    assert!(text.lines().next().unwrap().contains("   mia (declared)"), "{text}");
    assert!(text.contains("skipped, mia (declared)"), "{text}");
}

#[test]
fn the_way_back_has_one_name_and_gates_ask_again() {
    let mut cockpit = cockpit(SIZE, Weather::Breach);
    let title = cockpit.model.facts.ways[0].title.clone();
    cockpit.keys("R1");
    let text = cockpit.text();
    assert!(text.contains(&format!("1  {title}")) && text.contains(&format!("start 1: {title}")), "{text}");
    let outline = cockpit.model.outline().unwrap();
    let gate = |id: &&crate::core::ids::StepId| outline.step(id).is_some_and(|s| s.gate.is_some());
    let gates = cockpit.model.facts.ways[0].undoes.iter().filter(gate).count();
    assert!(gates > 0 && text.contains("1 step undone, may run again; 1 gate asks again"), "{gates} {text}");
}

#[test]
fn what_breaks_is_heavier_than_what_is_said_of_it_and_each_count_has_its_colour() {
    use ratatui::style::Modifier;
    let cockpit = cockpit((200, 60), Weather::Breach);
    let (buffer, _) = cockpit.painted(crate::tui::depth::Depth::True);
    let cell = |text: &str| {
        let rows = super::rows(&buffer);
        let (y, row) = rows.iter().enumerate().find(|(_, row)| row.contains(text)).unwrap();
        let x = row[..row.find(text).unwrap()].chars().count();
        &buffer[(u16::try_from(x).unwrap(), u16::try_from(y).unwrap())]
    };
    assert!(cell("errors[green] 6.10 % > 1 %").modifier.contains(Modifier::BOLD));
    assert!(!cell("25 % to green: errors").modifier.contains(Modifier::BOLD), "where it is comes after what it is");
    assert!(cell("25 % to green, failing").modifier.contains(Modifier::BOLD));
    let colour = |role| cockpit.model.theme.colour(role);
    assert_eq!((cell("1 critical  ").fg, cell("1 warn  ").fg), (colour(Role::Crit), colour(Role::Warn)));
    assert_eq!(cell("11 ok").fg, colour(Role::Muted));
    // On wide screens each answer stands over its column of panes.
    let text = cockpit.text();
    let at = |word: &str| text.lines().find_map(|l| Some(l[..l.find(word)?].chars().count()));
    assert_eq!((at("NEXT "), at("BACK ")), (at("2 New beside old"), at("4 Health ")), "{text}");
}

#[test]
fn a_log_that_is_still_on_its_way_is_not_said_to_be_empty() {
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, |_| {});
    cockpit.model.events.clear();
    assert!(cockpit.model.asked.values().any(|asked| *asked == Asked::Events), "nobody answers here");
    let text = cockpit.text();
    assert!(text.contains("◐ loading") && !text.contains("nothing happened yet"), "{text}");
    cockpit.model.asked.clear();
    assert!(cockpit.text().contains("nothing happened yet"));
}
