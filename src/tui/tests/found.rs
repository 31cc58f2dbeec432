//! Output read to its beginning, long lines, and the filters of panes.

use base64::Engine as _;

use super::Cockpit;
use super::fixture::{NOW, Weather, cockpit, greeting, launch, signals};
use crate::core::view::Readout;
use crate::tui::model::{PaneId, Target};
use crate::wire::message::EngineMessage;

fn writes(size: (u16, u16), text: &str) -> Cockpit {
    let mut cockpit = cockpit(size, Weather::Calm);
    let run = cockpit.model.output.run.clone().unwrap();
    let data = base64::engine::general_purpose::STANDARD.encode(text);
    cockpit.hears(EngineMessage::Output { run, offset: 0, data, total: text.len() as u64 });
    cockpit.keys("9z");
    cockpit
}

#[test]
fn the_output_is_read_back_to_its_first_line() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let text: String = (1..=30_000).map(|n| format!("line {n} {}\n", "x".repeat(n % 300))).collect();
        let mut cockpit = writes(size, &text);
        assert!(cockpit.text().contains("line 30000"), "{}", cockpit.text());
        cockpit.keys("gg");
        assert!(cockpit.text().contains("line 1 x"), "{}", cockpit.text());
        // Each line is seen on the way down.
        let mut seen = String::new();
        for _ in 0..200 {
            seen += &cockpit.text();
            cockpit.keys("j");
        }
        for n in 1..200 {
            assert!(seen.contains(&format!("line {n} x")), "{n} at {size:?}");
        }
    }
}

#[test]
fn the_end_of_a_long_line_can_be_read() {
    let mut cockpit = writes((80, 24), &format!("error: {}THE END\n", "because ".repeat(150)));
    assert!(cockpit.text().contains("THE END"), "{}", cockpit.text());
    cockpit.keys("z");
    assert!(!cockpit.text().contains("THE END"), "beside others it is one row");
}

#[test]
fn a_filter_is_the_panes_own_and_says_where_it_finds_nothing() {
    let text: String = (1..=3000).map(|n| format!("line {n}\n")).collect();
    let mut cockpit = writes((120, 40), &text);
    cockpit.keys("/line 277<enter>");
    let seen = cockpit.text();
    assert!(seen.contains("line 277") && seen.contains("line 2779") && !seen.contains("line 278"), "{seen}");
    assert_eq!((cockpit.model.focus, cockpit.model.filter(PaneId::Checklist)), (PaneId::Output, ""));
    cockpit.keys("/nowhere<enter>");
    assert!(cockpit.text().contains("no line has this text"), "{}", cockpit.text());
    cockpit.keys("<esc>");
    assert!(cockpit.text().contains("line 3000"));
    let mut cockpit = super::fixture::cockpit((120, 40), Weather::Calm);
    cockpit.keys("/nowhere<enter>");
    assert!(cockpit.text().contains("no step has this text"), "{}", cockpit.text());
    cockpit.keys("<esc>4/");
    assert!(cockpit.model.overlay.is_none() && cockpit.text().contains("Health has no filter"), "{}", cockpit.text());
}

#[test]
fn nothing_is_said_of_what_is_measured_before_all_of_it_came() {
    let state = launch(Weather::Calm, NOW);
    let readout = Readout::of(&state, &signals(&state, Weather::Calm, NOW), NOW);
    let (mut all, conditions) = readout.changes(&Readout::default());
    let rest = all.split_off(3);
    let mut cockpit = Cockpit::new((120, 40));
    for message in greeting(&state) {
        cockpit.hears(message);
    }
    cockpit.hears(EngineMessage::Telemetry { at: NOW, signals: all, conditions: Vec::new(), more: true });
    let text = cockpit.text();
    assert!(text.contains("loading what is measured") && !text.contains("unknown"), "{text}");
    cockpit.keys("<space>");
    assert!(cockpit.orders().is_empty());
    let mut slow = Cockpit::new((120, 40));
    for message in greeting(&state) {
        slow.hears(message);
    }
    let text = slow.waits(crate::core::time::Span::secs(2)).text();
    assert!(text.contains("Checklist") && text.contains("◐ loading"), "nothing waits for it for ever: {text}");
    cockpit.hears(EngineMessage::Telemetry { at: NOW, signals: rest, conditions, more: false });
    let text = cockpit.text();
    assert!(text.contains("ALL OK") && !text.contains("never measured yet"), "{text}");
}

#[test]
fn n_shows_what_was_searched_for_among_the_other_lines() {
    let text: String = (1..=3000).map(|n| format!("line {n}\n")).collect();
    let mut cockpit = writes((120, 40), &text);
    cockpit.keys("/line 150<enter>n");
    let seen = cockpit.text();
    // The newest of 150 and 1500 to 1509 first, with its neighbours.
    assert!(seen.contains("line 1509") && seen.contains("line 1510") && seen.contains("line 1508"), "{seen}");
    assert_eq!(cockpit.model.filter(PaneId::Output), "");
    for _ in 0..10 {
        cockpit.keys("N");
    }
    let seen = cockpit.text();
    assert!(seen.contains(" line 150\n") && seen.contains(" line 149\n") && !seen.contains("line 1500"), "{seen}");
    cockpit.keys("N");
    assert!(cockpit.text().contains("this is the first line with it"), "{}", cockpit.text());
    cockpit.keys("n");
    assert!(cockpit.text().contains("line 1500"), "{}", cockpit.text());
    cockpit.keys("<esc>");
    assert!(cockpit.text().contains("line 3000"), "back to the end: {}", cockpit.text());
    let mut log = cockpit_of_log();
    log.keys("/vacuum<enter>n");
    let seen = log.text();
    assert!(seen.contains("vacuum") && seen.lines().any(|line| line.contains("exit 0")), "{seen}");
    let mut none = super::fixture::cockpit((120, 40), Weather::Calm);
    none.keys("n");
    assert!(none.text().contains("nothing was searched for here; / does"), "{}", none.text());
    none.keys("4n");
    assert!(none.text().contains("Health is not searched"), "{}", none.text());
}

fn cockpit_of_log() -> Cockpit {
    let mut cockpit = cockpit((120, 40), Weather::Calm);
    cockpit.keys("8z");
    cockpit
}

#[test]
fn n_leads_from_step_to_step_through_closed_phases_and_round_again() {
    let mut cockpit = super::fixture::cockpit((120, 40), Weather::Calm);
    cockpit.keys("/green<enter>");
    let mut seen = Vec::new();
    for _ in 0..12 {
        cockpit.keys("n");
        let selected = cockpit.model.selected.clone().unwrap();
        assert!(crate::tui::checklist::has_row(&cockpit.model), "{selected:?}\n{}", cockpit.text());
        seen.push(selected);
    }
    let titles = |target: &Target| cockpit.model.outline().unwrap().step(target.step().unwrap()).unwrap().title.clone();
    assert!(
        seen.iter().all(|target| titles(target).to_lowercase().contains("green") || matches!(target, Target::Item(..)))
    );
    assert!(seen.iter().collect::<std::collections::BTreeSet<_>>().len() < seen.len(), "round again: {seen:?}");
    assert_eq!(cockpit.model.filter(PaneId::Checklist), "", "among all the others");
    let at = cockpit.model.selected.clone();
    cockpit.keys("nN");
    assert_eq!(cockpit.model.selected, at, "N is the way back");
}

#[test]
fn the_checklist_shows_what_is_mine_or_due_and_both_with_words() {
    let mut cockpit = super::fixture::cockpit((120, 40), Weather::Calm);
    let shown = |cockpit: &Cockpit| -> Vec<String> {
        let area = crate::tui::view::area_of(&cockpit.model, PaneId::Checklist);
        let rows = crate::tui::checklist::rows(&cockpit.model, area);
        let mut steps: Vec<_> = rows.iter().filter_map(|(t, _)| t.as_ref()?.step().map(ToString::to_string)).collect();
        steps.dedup();
        steps
    };
    let all: Vec<String> = cockpit.model.outline().unwrap().steps.iter().map(|step| step.id.to_string()).collect();
    cockpit.keys("D");
    assert!(cockpit.text().contains("/@due"), "{}", cockpit.text());
    let due = shown(&cockpit);
    assert!(due.contains(&"share-5".to_owned()) && due.len() < all.len(), "{due:?}");
    cockpit.keys("M");
    let both = shown(&cockpit);
    assert!(both.iter().all(|step| due.contains(step)), "{both:?}");
    cockpit.keys("D");
    let mine = shown(&cockpit);
    let you = cockpit.model.you.clone().unwrap().name;
    let outline = cockpit.model.outline().unwrap();
    let owner = |id: &str| outline.step(&id.into()).unwrap().owner.clone();
    let theirs = |role: &crate::core::ids::RoleId| outline.roles[role].names().any(|name| name == you);
    assert!(!mine.is_empty() && mine.len() < all.len(), "{mine:?}");
    for step in outline.steps.iter().filter(|step| step.owner.as_ref().is_some_and(&theirs)) {
        assert!(mine.contains(&step.id.to_string()), "{} is {you}'s: {:?}", step.id, owner(step.id.as_str()));
    }
    cockpit.keys("M");
    assert_eq!(cockpit.model.filter(PaneId::Checklist), "");
    cockpit.keys("D/@due green<enter>");
    let named = shown(&cockpit);
    assert!(!named.is_empty() && named.iter().all(|step| due.contains(step)), "{named:?}");
    cockpit.keys("<esc>");
    assert!(!cockpit.text().contains("/@due"), "{}", cockpit.text());
}
