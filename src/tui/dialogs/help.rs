//! The help: what the pane in focus can do, then every key and every order that is typed by name, to be searched, and to be
//! run from here.

use crossterm::event::KeyCode;

use super::{Overlay, Purpose, ask};
use crate::core::spell;
use crate::tui::act::{act, orders};
use crate::tui::action::Action;
use crate::tui::edit::Edit;
use crate::tui::hints;
use crate::tui::keymap::Key;
use crate::tui::model::Model;
use crate::tui::update::Effects;

/// Where a person is in it.
#[derive(Clone, Debug, Default)]
pub struct Help {
    /// The selected entry, of those that are shown.
    pub at: usize,
    /// What is searched for; none shows all.
    pub find: Option<Edit>,
    /// Keys are letters of what is searched for.
    pub typing: bool,
}

/// A line that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Under which heading it stands.
    pub group: &'static str,
    /// Its keys, or what is typed after `:`.
    pub keys: String,
    /// What it does.
    pub text: String,
    /// What Enter does with it.
    pub runs: Runs,
}

/// What an entry comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Runs {
    /// What its key does.
    Action(Action),
    /// The line at the bottom begins with this word.
    Word(&'static str),
}

/// The entries that are shown, in their order; those of a key that is searched for come first.
pub fn entries(model: &Model, help: &Help) -> Vec<Entry> {
    let sought = help.find.as_ref().map_or_else(String::new, |find| find.text().trim().to_lowercase());
    let words: Vec<&str> = sought.split_whitespace().collect();
    let fits = |entry: &Entry| {
        let all = format!("{} {} {} {}", entry.group, entry.keys, name(entry), entry.text).to_lowercase();
        words.iter().all(|word| all.contains(word))
    };
    // What is searched for stands once.
    let first = if help.find.is_none() { here(model) } else { Vec::new() };
    let mut shown: Vec<Entry> = first.into_iter().chain(all(model).into_iter().filter(fits)).collect();
    if let Some(find) = help.find.as_ref().filter(|find| !find.text().is_empty()) {
        let typed = find.text().trim();
        shown.sort_by_key(|entry| (!entry.keys.split(' ').any(|key| key == typed), name(entry) != sought));
    }
    shown
}

/// What can be done in the pane in focus.
fn here(model: &Model) -> Vec<Entry> {
    let hints = (!model.war).then(|| hints::for_person(model, model.focus));
    let entry = |(action, _, text): &hints::Hint| Entry {
        group: model.focus.title(),
        keys: model.keymap.keys_of(*action).join(" "),
        text: (*text).to_owned(),
        runs: Runs::Action(*action),
    };
    hints.into_iter().flatten().map(entry).collect()
}

fn name(entry: &Entry) -> &'static str {
    match entry.runs {
        Runs::Action(action) => action.name(),
        Runs::Word(word) => word,
    }
}

fn all(model: &Model) -> Vec<Entry> {
    let may = |action: &Action| !(model.observe && orders(*action));
    let actions = Action::all().filter(may).map(|action| Entry {
        group: action.group(),
        keys: model.keymap.keys_of(action).join(" "),
        text: doc(action, model.observe),
        runs: Runs::Action(action),
    });
    let typed = spell::ORDERS.iter().filter(|order| !model.observe && Action::named(order.word).is_none());
    let typed = typed.map(|order| Entry {
        group: "By name",
        keys: format!(":{}", order.word),
        text: format!("{}  {}", order.args, order.what).trim_start().to_owned(),
        runs: Runs::Word(order.word),
    });
    actions.chain(typed).collect()
}

/// What a key does; who observes is told what it does for them.
fn doc(action: Action, observe: bool) -> String {
    match action {
        Action::Hold if observe => "hold: no new step starts; those who drive release it".to_owned(),
        Action::GoBack if observe => "the ways back, to look at; those who drive start one".to_owned(),
        _ => action.doc().to_owned(),
    }
}

/// A key while it is open.
pub fn key(model: &mut Model, mut help: Help, key: Key, out: &mut Effects) {
    let shown = entries(model, &help);
    let last = shown.len().saturating_sub(1);
    let to = |by: isize| help.at.min(last).saturating_add_signed(by).min(last);
    match (key.code, help.typing) {
        (KeyCode::Enter, _) => {
            model.overlay = None;
            if let Some(entry) = shown.get(help.at.min(last)) {
                run(model, entry.runs, out);
            }
            return;
        }
        (KeyCode::Down, _) | (KeyCode::Char('j' | ' '), false) => help.at = to(1),
        (KeyCode::Up, _) | (KeyCode::Char('k'), false) => help.at = to(-1),
        (KeyCode::PageDown, _) | (KeyCode::Char('d'), false) => help.at = to(10),
        (KeyCode::PageUp, _) | (KeyCode::Char('u'), false) => help.at = to(-10),
        (KeyCode::Char('G') | KeyCode::End, false) => help.at = last,
        (KeyCode::Char('g') | KeyCode::Home, false) => help.at = 0,
        (KeyCode::Char('/'), false) => {
            help.typing = true;
            help.find.get_or_insert_with(Edit::default);
        }
        (KeyCode::Esc, _) if help.find.is_some() => help = Help::default(),
        (KeyCode::Backspace, true) if help.find.as_ref().is_none_or(|find| find.text().is_empty()) => {
            help = Help::default();
        }
        (_, true) => {
            help.find.get_or_insert_with(Edit::default).key(key);
            help.at = 0;
        }
        _ => {
            model.overlay = None;
            return;
        }
    }
    model.overlay = Some(Overlay::Help(help));
}

fn run(model: &mut Model, runs: Runs, out: &mut Effects) {
    match runs {
        Runs::Action(action) => act(model, action, out),
        Runs::Word(word) => ask(model, ":", Purpose::Command, format!("{word} ")),
    }
}
