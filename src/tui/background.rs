//! Whether the terminal's background is light or dark, asked of the terminal itself (OSC 11).
//!
//! Nothing waits for the answer: the first frame is drawn by what the environment says, and drawn again where the answer
//! says otherwise. An answer comes in the stream of keys, where crossterm takes it for keys that somebody typed, and over a
//! slow link it comes in pieces. So what could begin an answer is held; what nobody can have typed is never typed.

use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};
use tokio::time::Instant;

/// The question. Inside tmux it is tmux that answers, as far as it knows the terminal's background.
pub const ASK: &[u8] = b"\x1b]11;?\x07";

/// An Escape that may begin an answer is held so long: a person wants it at once.
const HOLD: Duration = Duration::from_millis(60);
/// So long the rest of an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(2);
/// So long after the question an Escape may be the first byte of an answer that came in two pieces.
const SOON: Duration = Duration::from_secs(3);

/// Listens to the keys for an answer.
pub struct Ear {
    asked: Instant,
    held: Vec<Event>,
    bytes: String,
    since: Instant,
    /// When an Escape was held in vain: the rest of its answer may still come.
    escaped: Option<Instant>,
}

/// What somebody typed, and whether the background is light, where the terminal said so.
pub type Heard = (Vec<Event>, Option<bool>);

impl Ear {
    /// From now on.
    pub fn new(now: Instant) -> Self {
        Self { asked: now, held: Vec::new(), bytes: String::new(), since: now, escaped: None }
    }

    /// Takes an event; gives back what was typed.
    pub fn hear(&mut self, event: Event, now: Instant) -> Heard {
        let Some(bytes) = bytes_of(&event) else { return (vec![event], None) };
        if self.held.is_empty() {
            match self.first(&bytes, now) {
                Some(first) => self.bytes = first,
                None => return (vec![event], None),
            }
            self.since = now;
            self.held.push(event);
            return Heard::default();
        }
        self.bytes.push_str(&bytes);
        match answer(&self.bytes) {
            Answer::Whole(light) => {
                self.held.clear();
                (Vec::new(), light)
            }
            Answer::Begun => {
                self.held.push(event);
                Heard::default()
            }
            Answer::Broken => {
                let kept = self.bytes.len() - bytes.len();
                self.bytes.truncate(kept);
                let mut typed = self.give_up();
                let (more, light) = self.hear(event, now);
                typed.extend(more);
                (typed, light)
            }
        }
    }

    /// Until when it holds something; none where it holds nothing.
    pub fn holds(&self) -> Option<Instant> {
        let long = if self.bytes == ESCAPE { HOLD } else { PATIENCE };
        (!self.held.is_empty()).then(|| self.since + long)
    }

    /// No more came of it: what was held was typed, unless it is too much of an answer for that.
    pub fn give_up(&mut self) -> Vec<Event> {
        let held = std::mem::take(&mut self.held);
        if self.bytes == ESCAPE {
            self.escaped = Some(self.since);
        }
        if self.bytes.starts_with(HEAD) { Vec::new() } else { held }
    }

    /// The bytes of an answer, where this is how one can begin.
    fn first(&self, bytes: &str, now: Instant) -> Option<String> {
        let late = self.escaped.is_some_and(|at| now.duration_since(at) < PATIENCE);
        match bytes {
            "\x1b]" => Some(bytes.to_owned()),
            ESCAPE => (now.duration_since(self.asked) < SOON).then(|| bytes.to_owned()),
            "]" => late.then(|| "\x1b]".to_owned()),
            _ => None,
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

const ESCAPE: &str = "\x1b";
/// How an answer begins, and no person.
const HEAD: &str = "\x1b]11;";

#[derive(Debug, PartialEq, Eq)]
enum Answer {
    /// Whether it is light, where it says a colour.
    Whole(Option<bool>),
    Begun,
    Broken,
}

/// Reads `ESC ] 11 ; rgb:RRRR/GGGG/BBBB`, ended by BEL or `ESC \`.
fn answer(bytes: &str) -> Answer {
    const LONGEST: usize = 48;
    if HEAD.starts_with(bytes) {
        return Answer::Begun;
    }
    let Some(body) = bytes.strip_prefix(HEAD).filter(|_| bytes.len() <= LONGEST) else { return Answer::Broken };
    let said = body.trim_end_matches(['\x07', '\x1b', '\\']);
    if !said.chars().all(|c| c.is_ascii_hexdigit() || "rgb:/".contains(c)) {
        return Answer::Broken;
    }
    match &body[said.len()..] {
        "" | ESCAPE => Answer::Begun,
        "\x07" | "\x1b\\" => Answer::Whole(is_light(said)),
        _ => Answer::Broken,
    }
}

/// Whether `rgb:RRRR/GGGG/BBBB` is light.
fn is_light(colour: &str) -> Option<bool> {
    let part = |hex: &str| {
        let most = (1_u32 << (4 * hex.len().clamp(1, 4))) - 1;
        Some(f64::from(u32::from_str_radix(hex, 16).ok().filter(|n| *n <= most)?) / f64::from(most))
    };
    let parts = colour.strip_prefix("rgb:").or_else(|| colour.strip_prefix("rgba:"))?.split('/');
    match parts.map(part).collect::<Option<Vec<f64>>>()?[..] {
        [r, g, b] | [r, g, b, _] => Some(0.299 * r + 0.587 * g + 0.114 * b > 0.5),
        _ => None,
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
    fn an_answer_in_pieces_that_come_late_is_never_typed() {
        let whole = "\x1b]11;rgb:ffff/fafa/f7f7\x07";
        for cut in 1..whole.len() {
            let mut ear = Ear::new(Instant::now());
            let (before, after) = whole.split_at(cut);
            let (mut typed, _) = heard(&mut ear, events(before));
            let late = ear.asked + Duration::from_millis(900);
            if ear.holds().is_some_and(|until| until <= late) {
                typed.extend(ear.give_up());
            }
            let mut light = None;
            for event in events(after) {
                let (more, said) = ear.hear(event, late);
                typed.extend(more);
                light = light.or(said);
            }
            let escape = if cut == 1 { events("\x1b") } else { Vec::new() };
            assert_eq!((typed, light, ear.holds()), (escape, Some(true), None), "{before:?} then {after:?}");
        }
    }

    #[test]
    fn the_rest_of_an_answer_that_never_comes_swallows_no_order() {
        let mut ear = Ear::new(Instant::now());
        assert_eq!(heard(&mut ear, events("\x1b]11;rgb:ffff/S2\r")), (events("S2\r"), None));
        let mut ear = Ear::new(Instant::now());
        assert_eq!(heard(&mut ear, events("\x1b]11;rgb:ffff/")), (vec![], None));
        assert_eq!(ear.holds(), Some(ear.asked + PATIENCE));
        assert_eq!((ear.give_up(), ear.holds()), (vec![], None));
        assert_eq!(heard(&mut ear, events("acd")), (events("acd"), None));
    }

    #[test]
    fn what_somebody_types_comes_through_in_order() {
        for bytes in ["jk11;rgb", "\x1b]x", "\x1b]1\x1b]2", "]11"] {
            let mut ear = Ear::new(Instant::now());
            let (mut typed, light) = heard(&mut ear, events(bytes));
            typed.extend(ear.give_up());
            assert_eq!((typed, light), (events(bytes), None), "{bytes:?}");
        }
        let mut ear = Ear::new(Instant::now());
        assert_eq!(heard(&mut ear, events("\x1b]11;?\x07q")).1, None);
        let mut ear = Ear::new(Instant::now());
        assert_eq!(heard(&mut ear, events("\x1b")), (vec![], None));
        assert_eq!(ear.holds(), Some(ear.asked + HOLD), "an Escape is held for a moment");
        assert_eq!(ear.give_up(), events("\x1b"));
        let later = ear.asked + SOON;
        assert_eq!(ear.hear(events("\x1b").remove(0), later).0, events("\x1b"), "and no longer after a while");
    }
}
