//! Sequences that lost their head. Over a slow link an Escape and what is typed next may come in one read; then crossterm
//! takes both ESC bytes for one Escape, and the rest for keys that somebody typed: `[H` for Home, `[200~` and a text for a
//! paste. They are put together again, and what was pasted presses nothing.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use tokio::time::Instant;

/// What begins a bracketed paste, after its ESC.
const PASTE: &str = "[200~";
/// Bytes of one sequence come closer together than this; fingers don't.
const QUIET: Duration = Duration::from_millis(60);
/// No key has more parameters.
const LONGEST: usize = 12;

/// Watches the keys for such sequences.
pub struct Torn {
    /// What came since an Escape, as far as it is the head of a sequence.
    head: Option<String>,
    swallows: bool,
    last: Instant,
}

impl Torn {
    /// Nothing came yet.
    pub fn new(now: Instant) -> Self {
        Self { head: None, swallows: false, last: now }
    }

    /// Gives an event on; the key that a torn sequence means, or a paste without its text, in place of its end.
    pub fn pass(&mut self, event: Event, now: Instant) -> Option<Event> {
        let close = now.duration_since(self.last) < QUIET;
        self.last = now;
        if self.swallows && close {
            return None;
        }
        self.swallows = false;
        let Event::Key(key) = &event else {
            self.head = None;
            return Some(event);
        };
        let head = self.head.take().filter(|_| close);
        let (KeyCode::Char(c), Some(mut head)) = (key.code, head) else {
            self.head = (key.code == KeyCode::Esc).then(String::new);
            return Some(event);
        };
        if head.is_empty() && !matches!(c, '[' | 'O') {
            return Some(event);
        }
        head.push(c);
        if head == PASTE {
            self.swallows = true;
            return Some(Event::Paste(String::new()));
        }
        let ends = head.len() > 1 && matches!(c, '@'..='~') && (c != '[' || head.len() > 2);
        if ends {
            return meant(&head);
        }
        self.head = (head.len() < LONGEST).then_some(head);
        None
    }
}

/// The key that a sequence means, its ESC left out; none for one that means nothing here.
fn meant(sequence: &str) -> Option<Event> {
    let last = sequence.chars().last()?;
    let code = match (last, sequence.trim_start_matches(['[', 'O']).split([';', '~']).next()?) {
        ('A', _) => KeyCode::Up,
        ('B', _) => KeyCode::Down,
        ('C', _) => KeyCode::Right,
        ('D', _) => KeyCode::Left,
        ('H', _) | ('~', "1" | "7") => KeyCode::Home,
        ('F', _) | ('~', "4" | "8") => KeyCode::End,
        ('Z', _) => KeyCode::BackTab,
        ('~', "3") => KeyCode::Delete,
        ('~', "5") => KeyCode::PageUp,
        ('~', "6") => KeyCode::PageDown,
        _ => return None,
    };
    Some(Event::Key(KeyEvent::new(code, KeyModifiers::NONE)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn passed(torn: &mut Torn, text: &str, now: Instant) -> String {
        let events = text.chars().map(|c| key(if c == '\x1b' { KeyCode::Esc } else { KeyCode::Char(c) }));
        let kept = events.filter_map(|event| torn.pass(event, now));
        kept.map(|event| match event {
            Event::Key(k) => k.code.as_char().unwrap_or(named(k.code)),
            _ => '!',
        })
        .collect()
    }

    fn named(code: KeyCode) -> char {
        match code {
            KeyCode::Esc => '^',
            KeyCode::Up => '↑',
            KeyCode::Home => '⇱',
            KeyCode::PageDown => '⇟',
            KeyCode::Right => '→',
            _ => '?',
        }
    }

    #[test]
    fn a_paste_that_an_escape_tore_presses_nothing_and_keys_after_it_do() {
        let start = Instant::now();
        let mut torn = Torn::new(start);
        assert_eq!(passed(&mut torn, "\x1b[200~Ryy S2:end", start), "^!");
        assert_eq!(passed(&mut torn, "Ry", start + Duration::from_millis(50)), "", "it comes in pieces");
        assert_eq!(passed(&mut torn, "Ry", start + Duration::from_millis(500)), "Ry");
        // What is typed with a moment between is no paste.
        assert_eq!(passed(&mut torn, "\x1b", start + Duration::from_secs(2)), "^");
        assert_eq!(passed(&mut torn, "[200~R", start + Duration::from_secs(3)), "[200~R");
    }

    #[test]
    fn a_key_that_an_escape_tore_is_that_key_and_not_its_letters() {
        let mut now = Instant::now();
        for (typed, is) in [
            ("\x1b[HR", "^⇱R"),
            ("\x1b[A", "^↑"),
            ("\x1bOA", "^↑"),
            ("\x1b[6~", "^⇟"),
            ("\x1b[1;5Cj", "^→j"),
            ("\x1b[20R", "^"),
            ("\x1bR", "^R"),
            ("\x1b:", "^:"),
            ("H", "H"),
        ] {
            now += Duration::from_secs(1);
            assert_eq!(passed(&mut Torn::new(now), typed, now), is, "{typed:?}");
        }
    }
}
