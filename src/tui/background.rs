//! Whether the terminal's background is light or dark, asked of the terminal itself (OSC 11).
//!
//! Nothing waits for the answer: the first frame is drawn by what the environment says, and drawn again where the answer
//! says otherwise. An answer comes in the stream of keys, where crossterm takes it for keys that somebody typed. So what
//! could begin an answer is held for a moment; it is swallowed where it is one, and typed where it is none.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use tokio::time::Instant;

/// The question. Inside tmux it is tmux that answers, as far as it knows the terminal's background.
pub const ASK: &[u8] = b"\x1b]11;?\x07";

/// What could be the next byte of an answer is waited for so long.
const HOLD: Duration = Duration::from_millis(60);
/// So long after the question an Escape may be the first byte of an answer that came in two pieces.
const SOON: Duration = Duration::from_secs(3);

/// Listens to the keys for an answer.
pub struct Ear {
    asked: Instant,
    held: Vec<Event>,
    bytes: String,
    until: Instant,
}

/// What somebody typed, and whether the background is light, where the terminal said so.
pub type Heard = (Vec<Event>, Option<bool>);

impl Ear {
    /// From now on.
    pub fn new(now: Instant) -> Self {
        Self { asked: now, held: Vec::new(), bytes: String::new(), until: now }
    }

    /// Takes an event; gives back what was typed.
    pub fn hear(&mut self, event: Event, now: Instant) -> Heard {
        let is_key = matches!(event, Event::Key(_));
        if !is_key || (self.held.is_empty() && !self.may_begin(&event, now)) {
            return (vec![event], None);
        }
        let begins = self.held.is_empty();
        let bytes = bytes_of(&event);
        self.held.push(event);
        self.until = now + HOLD;
        self.bytes.push_str(bytes.as_deref().unwrap_or("\0"));
        match answer(&self.bytes) {
            Answer::Whole(light) => {
                self.held.clear();
                self.bytes.clear();
                (Vec::new(), Some(light))
            }
            Answer::Begun => (Vec::new(), None),
            Answer::None if begins => (self.give_up(), None),
            Answer::None => {
                // What broke it off may begin another.
                let last = self.held.pop();
                let mut typed = self.give_up();
                let (more, light) = last.map_or_else(Heard::default, |last| self.hear(last, now));
                typed.extend(more);
                (typed, light)
            }
        }
    }

    /// Until when it holds something; none where it holds nothing.
    pub fn holds(&self) -> Option<Instant> {
        (!self.held.is_empty()).then_some(self.until)
    }

    /// What was held was typed.
    pub fn give_up(&mut self) -> Vec<Event> {
        self.bytes.clear();
        std::mem::take(&mut self.held)
    }

    fn may_begin(&self, event: &Event, now: Instant) -> bool {
        match bytes_of(event).as_deref() {
            Some("\x1b]") => true,
            Some("\x1b") => now.duration_since(self.asked) < SOON,
            _ => false,
        }
    }
}

/// The bytes that crossterm made a key of, where they can be part of an answer.
fn bytes_of(event: &Event) -> Option<String> {
    let Event::Key(key) = event else { return None };
    if key.kind != KeyEventKind::Press {
        return None;
    }
    let held = key.modifiers - KeyModifiers::SHIFT;
    match key.code {
        KeyCode::Esc if held.is_empty() => Some("\x1b".to_owned()),
        KeyCode::Char('g') if held == KeyModifiers::CONTROL => Some("\x07".to_owned()),
        KeyCode::Char(c) if held == KeyModifiers::ALT => Some(format!("\x1b{c}")),
        KeyCode::Char(c) if held.is_empty() => Some(c.to_string()),
        _ => None,
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    Whole(bool),
    Begun,
    None,
}

/// Reads `ESC ] 11 ; rgb:RRRR/GGGG/BBBB`, ended by BEL or `ESC \`.
fn answer(bytes: &str) -> Answer {
    const HEAD: &str = "\x1b]11;rgb";
    const LONGEST: usize = 48;
    if HEAD.starts_with(bytes) {
        return Answer::Begun;
    }
    let Some(rest) = bytes.strip_prefix(HEAD) else { return Answer::None };
    let rest = rest.strip_prefix('a').unwrap_or(rest);
    if rest.is_empty() {
        return Answer::Begun;
    }
    let Some(rest) = rest.strip_prefix(':') else { return Answer::None };
    let colours = rest.trim_end_matches(['\x07', '\x1b', '\\']);
    if bytes.len() > LONGEST || !colours.chars().all(|c| c.is_ascii_hexdigit() || c == '/') {
        return Answer::None;
    }
    match &rest[colours.len()..] {
        "" | "\x1b" => return Answer::Begun,
        "\x07" | "\x1b\\" => {}
        _ => return Answer::None,
    }
    let part = |hex: &str| {
        let most = (1_u32 << (4 * hex.len().clamp(1, 4))) - 1;
        Some(f64::from(u32::from_str_radix(hex, 16).ok().filter(|n| *n <= most)?) / f64::from(most))
    };
    let parts: Vec<f64> = colours.split('/').filter_map(part).collect();
    match parts[..] {
        [r, g, b, ..] => Answer::Whole(0.299 * r + 0.587 * g + 0.114 * b > 0.5),
        _ => Answer::None,
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::KeyEvent;

    use super::*;

    /// The events that crossterm makes of bytes.
    fn events(bytes: &str) -> Vec<Event> {
        let mut events = Vec::new();
        let mut chars = bytes.chars().peekable();
        while let Some(c) = chars.next() {
            let (code, modifiers) = match c {
                '\x1b' => match chars.next() {
                    None => (KeyCode::Esc, KeyModifiers::NONE),
                    Some(next) => (KeyCode::Char(next), KeyModifiers::ALT),
                },
                '\x07' => (KeyCode::Char('g'), KeyModifiers::CONTROL),
                c if c.is_ascii_uppercase() => (KeyCode::Char(c), KeyModifiers::SHIFT),
                c => (KeyCode::Char(c), KeyModifiers::NONE),
            };
            events.push(Event::Key(KeyEvent::new(code, modifiers)));
        }
        events
    }

    fn heard(ear: &mut Ear, events: Vec<Event>) -> Heard {
        let mut all = Heard::default();
        for event in events {
            let (typed, light) = ear.hear(event, ear.asked);
            all.0.extend(typed);
            all.1 = all.1.or(light);
        }
        all
    }

    #[test]
    fn an_answer_is_understood_and_never_typed() {
        for (bytes, light) in [
            ("\x1b]11;rgb:ffff/ffff/ffff\x07", true),
            ("\x1b]11;rgb:FAFA/FAFA/F7F7\x1b\\", true),
            ("\x1b]11;rgb:0/0/0\x07", false),
            ("\x1b]11;rgb:0e/13/18\x07", false),
            ("\x1b]11;rgba:ffff/ffff/ffff/8000\x1b\\", true),
        ] {
            let mut ear = Ear::new(Instant::now());
            let (typed, said) = heard(&mut ear, events(bytes));
            assert_eq!((typed, said, ear.holds()), (vec![], Some(light), None), "{bytes:?}");
        }
    }

    #[test]
    fn an_answer_in_two_pieces_is_one() {
        let mut ear = Ear::new(Instant::now());
        let escape = events("\x1b");
        let pieces = [escape.clone(), events("]11;rgb:ffff/ffff/ffff"), escape, events("\\j")].concat();
        assert_eq!(heard(&mut ear, pieces), (events("j"), Some(true)));
    }

    #[test]
    fn a_new_size_in_the_middle_breaks_nothing() {
        let mut ear = Ear::new(Instant::now());
        let resize = Event::Resize(80, 24);
        let pieces = [events("\x1b]11;rgb:ffff/"), vec![resize.clone()], events("ffff/ffff\x07")].concat();
        assert_eq!(heard(&mut ear, pieces), (vec![resize], Some(true)));
    }

    #[test]
    fn what_somebody_types_comes_through_in_order() {
        for bytes in ["jk11;rgb", "\x1b]x", "\x1b]11;rgb:zz", "\x1b]1\x1b]2", "\x1b]11;rgb:1/2\x07", "\x1b]11;?\x07q"] {
            let mut ear = Ear::new(Instant::now());
            let (mut typed, light) = heard(&mut ear, events(bytes));
            typed.extend(ear.give_up());
            assert_eq!((typed, light), (events(bytes), None), "{bytes:?}");
        }
        let mut ear = Ear::new(Instant::now());
        assert_eq!(heard(&mut ear, events("\x1b")), (vec![], None));
        assert!(ear.holds().is_some(), "an Escape is held for a moment");
        assert_eq!(ear.give_up(), events("\x1b"));
        let later = ear.asked + SOON;
        assert_eq!(ear.hear(events("\x1b").remove(0), later).0, events("\x1b"), "and no longer after a while");
    }
}
