//! A paste that lost its head. Over a slow link an Escape and a paste may come in one read; then crossterm takes both
//! ESC bytes for one Escape, and what was pasted for keys that somebody typed: `[200~` and the text. They press nothing.

use std::time::Duration;

use crossterm::event::{Event, KeyCode};
use tokio::time::Instant;

/// What begins a bracketed paste, after its ESC.
const HEAD: &str = "[200~";
/// Bytes of one paste come closer together than this; fingers don't.
const QUIET: Duration = Duration::from_millis(60);

/// Watches the keys for such a paste.
pub struct Torn {
    /// What came since an Escape, as far as it is the head of a paste.
    head: Option<String>,
    swallows: bool,
    last: Instant,
}

impl Torn {
    /// Nothing came yet.
    pub fn new(now: Instant) -> Self {
        Self { head: None, swallows: false, last: now }
    }

    /// Gives an event on; a paste without its text in place of what belongs to one.
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
        self.head = match (key.code, self.head.take().filter(|_| close)) {
            (KeyCode::Esc, _) => Some(String::new()),
            (KeyCode::Char(c), Some(head)) => Some(head + c.encode_utf8(&mut [0; 4])).filter(|h| HEAD.starts_with(h)),
            _ => None,
        };
        if self.head.as_deref() == Some(HEAD) {
            (self.head, self.swallows) = (None, true);
            return Some(Event::Paste(String::new()));
        }
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyEvent, KeyModifiers};

    use super::*;

    fn key(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn passed(torn: &mut Torn, text: &str, now: Instant) -> String {
        let events = text.chars().map(|c| key(if c == '\x1b' { KeyCode::Esc } else { KeyCode::Char(c) }));
        let kept = events.filter_map(|event| torn.pass(event, now));
        kept.map(|event| match event {
            Event::Key(k) => k.code.as_char().unwrap_or('^'),
            _ => '!',
        })
        .collect()
    }

    #[test]
    fn a_paste_that_an_escape_tore_presses_nothing_and_keys_after_it_do() {
        let start = Instant::now();
        let mut torn = Torn::new(start);
        assert_eq!(passed(&mut torn, "\x1b[200~Ryy S2:end", start), "^[200!");
        assert_eq!(passed(&mut torn, "Ry", start + Duration::from_millis(50)), "", "it comes in pieces");
        assert_eq!(passed(&mut torn, "Ry", start + Duration::from_millis(500)), "Ry");
        // What is typed with a moment between is no paste, nor is another sequence.
        assert_eq!(passed(&mut torn, "\x1b", start + Duration::from_secs(2)), "^");
        assert_eq!(passed(&mut torn, "[200~R", start + Duration::from_secs(3)), "[200~R");
        assert_eq!(passed(&mut torn, "\x1b[20R", start + Duration::from_secs(4)), "^[20R");
    }
}
