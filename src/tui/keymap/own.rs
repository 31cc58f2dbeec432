//! A person's own keys: a file beside the themes with lines as in the keymap that tminus comes with, laid over it. It is
//! taken whole or not at all, since half a keymap is one that nobody knows.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crossterm::event::KeyCode;
use toml::Spanned;

use super::{Key, Keymap, parse};
use crate::core::text::{line_of, nearest};
use crate::paths;
use crate::tui::action::Action;

/// What frees a key.
const NONE: &str = "none";

/// What leads to everything else, and the way back: these keep a key.
const KEPT: &[Action] = &[Action::Command, Action::Back, Action::GoBack];

/// What a terminal sends for some keys with Ctrl.
const SENT: &[(char, &str)] = &[('i', "Tab"), ('m', "Enter"), ('j', "Enter"), ('[', "Esc")];

/// What is wrong in a person's keymap.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}: {what}")]
pub struct Wrong {
    /// Counted from 1.
    pub line: usize,
    /// What, and what can be done.
    pub what: String,
}

/// Why a person's keymap is not taken.
#[derive(Debug, thiserror::Error)]
pub enum OwnError {
    /// It can't be read.
    #[error("{}: {why}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: std::io::Error,
    },
    /// It says what can't be.
    #[error("{}", all.iter().map(|wrong| format!("{}:{wrong}", path.display())).collect::<Vec<_>>().join("\n"))]
    Wrong {
        /// The file.
        path: PathBuf,
        /// All of it, by line.
        all: Vec<Wrong>,
    },
}

/// The keys of the person at this terminal: those of the file, else of `keys.toml` in the person's own directory, else those
/// that tminus comes with.
pub fn load(file: Option<&Path>) -> Result<Keymap, OwnError> {
    let standard = Keymap::standard();
    let own = paths::keys().filter(|path| path.exists());
    let Some(path) = file.map(Path::to_owned).or(own) else { return Ok(standard.clone()) };
    match paths::own_text(&path) {
        Ok(text) => standard.with(&text).map_err(|all| OwnError::Wrong { path, all }),
        Err(why) => Err(OwnError::Unreadable { path, why }),
    }
}

impl Keymap {
    /// These keys with a person's own laid over them: `r = "run"` gives a key to an action, `x = "none"` takes it away.
    /// All that is wrong in the text otherwise.
    pub fn with(&self, text: &str) -> Result<Keymap, Vec<Wrong>> {
        let wrong = |at: usize, what: String| Wrong { line: line_of(text, at), what };
        let table: BTreeMap<Spanned<String>, Spanned<toml::Value>> = toml::from_str(text).map_err(|e| {
            let at = e.span().map_or(0, |span| span.start);
            vec![wrong(at, format!("{}; a line is `x = \"run\"`", e.message().trim()))]
        })?;
        let (mut problems, mut own) = (Vec::new(), Vec::new());
        for (keys, name) in &table {
            let read = match name.get_ref() {
                toml::Value::String(name) => read(keys.get_ref(), name),
                other => Err(format!("invalid type: {}, expected a string; a line is `x = \"run\"`", shown(other))),
            };
            match read {
                Ok((typed, action)) => own.push((keys, typed, action)),
                Err(what) => problems.push(wrong(keys.span().start, what)),
            }
        }
        own.sort_by_key(|(keys, ..)| keys.span().start);
        let mut bindings = self.bindings.clone();
        bindings.retain(|(keys, _)| own.iter().all(|(_, typed, _)| typed != keys));
        for (keys, typed, action) in own {
            let Some(action) = action else { continue };
            let taken = bindings.iter().find(|(other, _)| other.starts_with(&typed) || typed.starts_with(other));
            if let Some((other, has)) = taken {
                let (other, has) = (spelled(other), has.name());
                let what = format!("`{}` can't be `{}`: `{other}` is `{has}`", keys.get_ref(), action.name());
                problems.push(wrong(keys.span().start, format!("{what}; `{other} = \"{NONE}\"` frees it")));
            } else {
                bindings.push((typed, action));
            }
        }
        let map = Keymap { bindings };
        if problems.is_empty() {
            let lost = KEPT.iter().filter(|action| map.keys_of(**action).is_empty());
            problems.extend(lost.map(|action| {
                let (name, had) = (action.name(), self.key_of(*action));
                let line = table.keys().find(|keys| parse(keys.get_ref()).is_ok_and(|k| spelled(&k) == had));
                wrong(line.map_or(0, |keys| keys.span().start), format!("`{name}` must keep a key: it had {had}"))
            }));
        }
        problems.sort_by_key(|problem| problem.line);
        if problems.is_empty() { Ok(map) } else { Err(problems) }
    }
}

/// A value that is no action's name: ``integer `3` ``.
fn shown(value: &toml::Value) -> String {
    match value {
        toml::Value::Array(_) | toml::Value::Table(_) => value.type_str().to_owned(),
        _ => format!("{} `{value}`", value.type_str()),
    }
}

/// Keys and the action that they get; none where they are freed.
fn read(keys: &str, name: &str) -> Result<(Vec<Key>, Option<Action>), String> {
    let typed = parse(keys)?;
    let Some(first) = typed.first() else { return Err("no key is named".to_owned()) };
    if let Some(pane) = Action::all().find(|action| matches!(action, Action::Pane(pane) if is(first, pane.key()))) {
        return Err(format!("`{keys}` stays the key of the pane `{}`, which shows it in its title", pane.name()));
    }
    let sent = typed.iter().find_map(|key| SENT.iter().find(|(c, _)| key.ctrl && key.code == KeyCode::Char(*c)));
    if let Some((_, sent)) = sent {
        return Err(format!("`{keys}` never arrives: terminals send {sent} for it"));
    }
    if name == NONE {
        return Ok((typed, None));
    }
    match Action::named(name) {
        Some(action) => Ok((typed, Some(action))),
        None => {
            let near = nearest(name, Action::all().map(Action::name));
            let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
            Err(format!("`{name}` is no action{near}; `tminus keys` lists them"))
        }
    }
}

fn is(key: &Key, c: char) -> bool {
    *key == Key { code: KeyCode::Char(c), ctrl: false, alt: false }
}

fn spelled(keys: &[Key]) -> String {
    keys.iter().map(Key::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::keymap::Match;

    fn with(text: &str) -> Result<Keymap, Vec<String>> {
        Keymap::standard().with(text).map_err(|all| all.iter().map(Wrong::to_string).collect())
    }

    #[test]
    fn a_persons_keys_lie_over_those_that_tminus_comes_with() {
        let map = with("# mine\nr = \"run\"\nx = \"none\"\n\"<c-e>\" = \"down\"\n\"<space>\" = \"note\"\n").unwrap();
        let found = |keys: &str| map.find(&parse(keys).unwrap());
        assert_eq!(map.keys_of(Action::Run), ["r"]);
        assert_eq!(found("x"), Match::None);
        assert_eq!(found("<c-e>"), Match::Action(Action::Down));
        assert_eq!(found("j"), Match::Action(Action::Down), "a further key takes none away");
        assert_eq!(found("<space>"), Match::Action(Action::Note));
        assert_eq!(map.key_of(Action::Tick), ":tick", "what lost its key is typed");
        assert_eq!(with("").unwrap().key_of(Action::Run), "x");
    }

    #[test]
    fn everything_wrong_in_it_is_said_with_its_line_and_the_way_out() {
        for (text, expected) in [
            ("\nx = \"runn\"", "2: `runn` is no action; did you mean `run`?; `tminus keys` lists them"),
            ("\"<nokey>\" = \"run\"", "1: `<nokey>` is no key"),
            ("g = \"run\"", "1: `g` can't be `run`: `gg` is `top`; `gg = \"none\"` frees it"),
            ("x = \"run\"\nxx = \"stop\"", "2: `xx` can't be `stop`: `x` is `run`; `x = \"none\"` frees it"),
            ("4 = \"run\"", "1: `4` stays the key of the pane `health`, which shows it in its title"),
            ("\"<c-i>\" = \"run\"", "1: `<c-i>` never arrives: terminals send Tab for it"),
            ("x = \"stop\"\nR = \"none\"", "2: `go-back` must keep a key: it had R"),
            ("x = 3", "1: invalid type: integer `3`, expected a string; a line is `x = \"run\"`"),
            ("x = \"run\"\nx = \"stop\"", "2: duplicate key; a line is `x = \"run\"`"),
        ] {
            assert_eq!(with(text).unwrap_err(), [expected], "{text}");
        }
        let both = with("x = \"runn\"\ng = \"run\"\n").unwrap_err();
        assert_eq!(both.len(), 2, "all of it at once: {both:?}");
        let all = with("x = 3\ny = \"runn\"\nz = [\"run\"]\n").unwrap_err();
        let begins = ["1: invalid type: integer `3`", "2: `runn` is no action", "3: invalid type: "];
        assert!(all.len() == 3 && all.iter().zip(begins).all(|(said, begin)| said.starts_with(begin)), "{all:?}");
        with("g = \"run\"\ngg = \"none\"").unwrap();
    }
}
