//! Keys: how they are written, and which action each has. Tests type with the same notation.

mod own;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

pub use self::own::{OwnError, Wrong, load};
use super::action::Action;
use super::panes::PaneId;

/// One key: a character, or `<enter>`, `<c-d>`, ….
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Hash)]
pub struct Key {
    /// Which.
    pub code: KeyCode,
    /// Ctrl.
    pub ctrl: bool,
    /// Alt.
    pub alt: bool,
}

const NAMED: &[(&str, KeyCode)] = &[
    ("enter", KeyCode::Enter),
    ("esc", KeyCode::Esc),
    ("tab", KeyCode::Tab),
    ("s-tab", KeyCode::BackTab),
    ("space", KeyCode::Char(' ')),
    ("backspace", KeyCode::Backspace),
    ("delete", KeyCode::Delete),
    ("up", KeyCode::Up),
    ("down", KeyCode::Down),
    ("left", KeyCode::Left),
    ("right", KeyCode::Right),
    ("home", KeyCode::Home),
    ("end", KeyCode::End),
    ("pageup", KeyCode::PageUp),
    ("pagedown", KeyCode::PageDown),
    ("f1", KeyCode::F(1)),
    ("lt", KeyCode::Char('<')),
];

/// Reads keys as they are written: `j`, `gg`, `<c-d>`, `jj<enter>`. An error names what is no key.
pub fn parse(text: &str) -> Result<Vec<Key>, String> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if c != '<' {
            keys.push(Key { code: KeyCode::Char(c), ctrl: false, alt: false });
            rest = &rest[c.len_utf8()..];
            continue;
        }
        let end = rest.find('>').ok_or_else(|| format!("`{rest}` has no `>`"))?;
        let mut name = &rest[1..end];
        let (mut ctrl, mut alt) = (false, false);
        while let Some((modifier, key)) = name.split_once('-').filter(|(m, k)| matches!(*m, "c" | "a") && !k.is_empty())
        {
            ctrl |= modifier == "c";
            alt |= modifier == "a";
            name = key;
        }
        let code = NAMED.iter().find(|(n, _)| *n == name).map(|(_, code)| *code);
        let mut chars = name.chars();
        let code = match (code, chars.next(), chars.next()) {
            (Some(code), ..) => code,
            (None, Some(c), None) => KeyCode::Char(c),
            _ => return Err(format!("`<{name}>` is no key")),
        };
        keys.push(Key { code, ctrl, alt });
        rest = &rest[end + 1..];
    }
    Ok(keys)
}

impl std::fmt::Display for Key {
    /// As people read it: `j`, `Space`, `Ctrl-d`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.ctrl {
            f.write_str("Ctrl-")?;
        }
        if self.alt {
            f.write_str("Alt-")?;
        }
        match self.code {
            KeyCode::Char(' ') => f.write_str("Space"),
            KeyCode::Char(c) => write!(f, "{c}"),
            KeyCode::BackTab => f.write_str("Shift-Tab"),
            KeyCode::F(n) => write!(f, "F{n}"),
            KeyCode::PageUp => f.write_str("PgUp"),
            KeyCode::PageDown => f.write_str("PgDn"),
            other => write!(f, "{other:?}"),
        }
    }
}

impl From<KeyEvent> for Key {
    fn from(event: KeyEvent) -> Self {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        let code = match event.code {
            KeyCode::Char(c) if ctrl => KeyCode::Char(c.to_ascii_lowercase()),
            KeyCode::Tab if event.modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
            code => code,
        };
        Key { code, ctrl, alt: event.modifiers.contains(KeyModifiers::ALT) }
    }
}

/// Which keys do what.
#[derive(Clone, Debug)]
pub struct Keymap {
    bindings: Vec<(Vec<Key>, Action)>,
}

/// What keys typed so far come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match {
    /// This action.
    Action(Action),
    /// The beginning of one.
    Prefix,
    /// Nothing.
    None,
}

impl Keymap {
    /// Reads `key = "action"` lines; each pane has its own key besides. An error names the key or the action that is
    /// unknown, or the key that has two actions.
    pub fn read(text: &str) -> Result<Self, String> {
        let table: BTreeMap<String, String> = toml::from_str(text).map_err(|e| e.to_string())?;
        let key = |pane: &PaneId| Key { code: KeyCode::Char(pane.key()), ctrl: false, alt: false };
        let mut bindings: Vec<_> = PaneId::ALL.iter().map(|p| (vec![key(p)], Action::Pane(*p))).collect();
        for (keys, name) in table {
            let action = Action::named(&name).ok_or_else(|| {
                let near = Action::all().min_by_key(|a| strsim::damerau_levenshtein(a.name(), &name));
                format!("`{name}` is no action; did you mean `{}`?", near.map_or("", |a| a.name()))
            })?;
            let typed = parse(&keys)?;
            // Of `g` and `gg` only the first would ever be taken.
            let taken = bindings.iter().find(|(other, _)| other.starts_with(&typed) || typed.starts_with(other));
            if let Some((_, other)) = taken {
                return Err(format!("`{keys}` can't be `{name}`: `{}` has that key, or its beginning", other.name()));
            }
            bindings.push((typed, action));
        }
        Ok(Self { bindings })
    }

    /// The keys that tminus comes with.
    pub fn standard() -> &'static Keymap {
        static STANDARD: LazyLock<Keymap> =
            LazyLock::new(|| Keymap::read(include_str!("keymap.toml")).unwrap_or(Keymap { bindings: Vec::new() }));
        &STANDARD
    }

    /// What these keys come to.
    pub fn find(&self, typed: &[Key]) -> Match {
        if let Some((_, action)) = self.bindings.iter().find(|(keys, _)| keys == typed) {
            return Match::Action(*action);
        }
        if self.bindings.iter().any(|(keys, _)| keys.starts_with(typed)) { Match::Prefix } else { Match::None }
    }

    /// All keys of an action, as people read them; the shortest first.
    pub fn keys_of(&self, action: Action) -> Vec<String> {
        let mut keys: Vec<_> = self.bindings.iter().filter(|(_, a)| *a == action).map(|(keys, _)| keys).collect();
        let letter = |k: &[Key]| !matches!(k, [Key { code: KeyCode::Char(_), ctrl: false, .. }]);
        keys.sort_by_key(|k| (letter(k), k.len()));
        keys.iter().map(|k| k.iter().map(Key::to_string).collect::<String>()).collect()
    }

    /// The first key of an action; what is typed for one that has none.
    pub fn key_of(&self, action: Action) -> String {
        self.keys_of(action).into_iter().next().unwrap_or_else(|| format!(":{}", action.name()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_a_key_and_every_key_an_action() {
        let map = Keymap::read(include_str!("keymap.toml")).unwrap();
        for action in Action::all() {
            assert!(!map.keys_of(action).is_empty(), "{}", action.name());
            assert_eq!(Action::named(action.name()), Some(action));
        }
        assert_eq!(map.find(&parse("g").unwrap()), Match::Prefix);
        assert_eq!(map.find(&parse("gg").unwrap()), Match::Action(Action::Top));
        assert_eq!(map.find(&parse("<c-d>").unwrap()), Match::Action(Action::HalfDown));
        assert_eq!(map.find(&parse("gx").unwrap()), Match::None);
        assert_eq!(map.keys_of(Action::Detach), ["q", "Ctrl-c"]);
    }

    #[test]
    fn no_two_orders_differ_by_shift_alone() {
        let map = Keymap::standard();
        let orders = Action::all().filter(|a| a.group() == "Launch");
        let mut keys: Vec<String> = orders.flat_map(|a| map.keys_of(a)).map(|key| key.to_lowercase()).collect();
        let all = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), all, "{keys:?}");
    }

    #[test]
    fn nothing_is_on_an_f_key_alone() {
        let map = Keymap::standard();
        for action in Action::all() {
            let keys = map.keys_of(action);
            assert!(keys.iter().any(|key| key.len() < 2 || !key.starts_with('F')), "{}: {keys:?}", action.name());
        }
    }

    #[test]
    fn no_key_is_bound_twice() {
        let keys: Vec<char> = PaneId::ALL.iter().map(|p| p.key()).collect();
        let unique: std::collections::BTreeSet<&char> = keys.iter().collect();
        assert_eq!(unique.len(), keys.len(), "{keys:?}");
        Keymap::read(include_str!("keymap.toml")).unwrap();
        for text in ["l = \"run\"", "gg = \"top\"\ng = \"bottom\"", "\"<c-d>\" = \"down\"\n\"<c-d>x\" = \"up\""] {
            let why = Keymap::read(text).unwrap_err();
            assert!(why.contains("has that key"), "{why}");
        }
    }

    #[test]
    fn keys_that_terminals_and_multiplexers_take_are_not_bound() {
        let map = Keymap::standard();
        for taken in
            ["<c-b>", "<c-a>", "<c-g>", "<c-p>", "<c-n>", "<c-t>", "<c-o>", "<c-s>", "<c-q>", "<c-i>", "<c-m>", "<c-j>"]
        {
            assert_eq!(map.find(&parse(taken).unwrap()), Match::None, "{taken}");
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(Keymap::read("x = \"detatch\"").unwrap_err(), "`detatch` is no action; did you mean `detach`?");
        assert_eq!(parse("<nokey>").unwrap_err(), "`<nokey>` is no key");
    }
}
