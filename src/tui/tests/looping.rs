//! The real loop, with a terminal that is a buffer.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures_util::stream;
use ratatui::buffer::Buffer;
use ratatui::layout::Position;
use tokio::sync::mpsc;

use super::fixture::{NOW, Weather, greeting, launch, measured};
use crate::core::order::What;
use crate::tui::depth::Depth;
use crate::tui::keymap;
use crate::tui::model::{Model, PaneId};
use crate::tui::run::{Input, Screen, run};
use crate::tui::theme::Theme;
use crate::wire::link::{Link, Reconnect};
use crate::wire::message::{ClientMessage, EngineMessage};

struct Fake {
    shown: Option<(Buffer, Option<Position>)>,
    changed: bool,
    frames: Rc<Cell<usize>>,
    title: Rc<std::cell::RefCell<String>>,
    clipped: Rc<std::cell::RefCell<String>>,
    calls: Rc<std::cell::RefCell<String>>,
    lent: Rc<Cell<usize>>,
}

impl Screen for Fake {
    fn size(&self) -> Option<(u16, u16)> {
        Some((80, 24))
    }
    fn draw(&mut self, frame: Buffer, cursor: Option<Position>) {
        let next = Some((frame, cursor));
        self.changed |= self.shown != next;
        self.shown = next;
    }
    fn ready(&self) -> bool {
        true
    }
    fn title(&mut self, title: &str) {
        *self.title.borrow_mut() = title.to_owned();
        self.changed = true;
    }
    fn send(&mut self) {
        self.frames.set(self.frames.get() + usize::from(std::mem::take(&mut self.changed)));
    }
    async fn landed(&mut self) {
        std::future::pending().await
    }
    fn answered(&mut self) {}
    fn suspend(&mut self) {}
    fn lend(&mut self) {
        self.lent.set(self.lent.get() + 1);
    }
    fn take_back(&mut self) {
        self.lent.set(self.lent.get() + 10);
    }
    fn redraw(&mut self) {}
    fn in_tmux(&self) -> bool {
        false
    }
    fn clip(&mut self, encoded: &str) {
        *self.clipped.borrow_mut() = encoded.to_owned();
    }
    fn mouse(&mut self, _on: bool) {}
    fn call(&mut self, sequence: &str) {
        self.calls.borrow_mut().push_str(sequence);
    }
}

fn typed(keys: &str) -> Vec<std::io::Result<Event>> {
    let event = |k: keymap::Key| {
        let modifiers = if k.ctrl { KeyModifiers::CONTROL } else { KeyModifiers::NONE };
        Ok(Event::Key(KeyEvent::new(k.code, modifiers)))
    };
    if let Some(keys) = keys.strip_prefix("<a-]>") {
        let alt = Event::Key(KeyEvent::new(KeyCode::Char(']'), KeyModifiers::ALT));
        return [vec![Ok(alt)], typed(keys)].into_iter().flatten().collect();
    }
    keymap::parse(keys).unwrap().into_iter().map(event).collect()
}

struct Run {
    screen: Fake,
    sent: Vec<ClientMessage>,
    model: Model,
}

/// Runs the loop over messages and keys that come at a pace, until the keys end.
async fn play(messages: Vec<EngineMessage>, keys: &str, pace: Duration, reconnect: Option<Reconnect>) -> Run {
    let (to_us, incoming) = mpsc::channel(64);
    let (outgoing, mut from_us) = mpsc::channel(64);
    for message in messages {
        to_us.try_send(message).unwrap();
    }
    let drops = reconnect.is_some();
    let keep = if drops {
        drop(to_us);
        None
    } else {
        Some(to_us)
    };
    let (frames, title, clipped, calls, lent) = Default::default();
    let mut screen = Fake { shown: None, changed: false, frames, title, clipped, calls, lent };
    let mut model = Model::new((80, 24), Theme::dark(), false, 1);
    let keys = Rc::new(std::cell::RefCell::new(std::collections::VecDeque::from(typed(keys))));
    let listen = || -> Input {
        Box::pin(stream::unfold(keys.clone(), move |keys| async move {
            tokio::time::sleep(pace).await;
            let key = keys.borrow_mut().pop_front();
            key.map(|key| (key, keys))
        }))
    };
    model.by_background = true;
    model.editor = Some("f() { echo \"$(cat \"$1\") and more\" > \"$1\"; }; f".to_owned());
    run(&mut model, Depth::True, &mut screen, listen, Link { incoming, outgoing }, reconnect).await;
    drop(keep);
    let mut sent = Vec::new();
    while let Ok(message) = from_us.try_recv() {
        sent.push(message);
    }
    Run { screen, sent, model }
}

fn hello() -> Vec<EngineMessage> {
    let measured = EngineMessage::Telemetry { at: NOW, signals: Vec::new(), conditions: Vec::new(), more: false };
    greeting(&launch(Weather::Calm, NOW)).into_iter().chain([measured]).collect()
}

#[tokio::test]
async fn keys_come_through_the_real_loop() {
    let run = play(hello(), "8Hodd<enter>", Duration::from_millis(20), None).await;
    assert!(run.sent.iter().any(|m| matches!(m, ClientMessage::Order { .. })), "{:?}", run.sent);
    assert!(run.sent.iter().any(|m| matches!(m, ClientMessage::Watch { output: Some(_) })));
    let text = crate::tui::ansi::rows(&run.screen.shown.unwrap().0, "\n");
    assert!(text.contains("Wallet") && text.contains("Checklist"), "{text}");
    assert_eq!(*run.screen.title.borrow(), "Wallet v1.0.0 8/17");
}

#[tokio::test]
async fn what_is_copied_goes_to_the_terminal_and_the_way_is_said() {
    use base64::Engine as _;
    let run = play(hello(), "yC", Duration::from_millis(20), None).await;
    let clipped = run.screen.clipped.borrow().clone();
    let text = String::from_utf8(base64::engine::general_purpose::STANDARD.decode(clipped).unwrap()).unwrap();
    assert!(text.starts_with("**Wallet v1.0.0** production, ") && text.contains("\n- BACK **"), "{text}");
    assert_eq!(run.model.copied.as_deref(), Some(text.as_str()));
    assert!(run.model.toasts.iter().any(|toast| toast.text.contains("by your terminal (OSC 52)")));
}

#[tokio::test]
async fn q_ends_the_loop_before_the_keys_behind_it() {
    let run = play(hello(), "qHodd<enter>", Duration::from_millis(20), None).await;
    assert!(!run.sent.iter().any(|m| matches!(m, ClientMessage::Order { .. })));
}

#[tokio::test]
async fn a_frame_that_changes_nothing_is_not_sent() {
    let mut state = launch(Weather::Calm, NOW);
    state.mode = crate::core::event::Mode::Rehearsal;
    // Nothing runs, and a rehearsal shows minutes: the screen is at rest.
    state.steps.remove("share-5");
    let run = play(greeting(&state).into(), "<a-Q><a-Q><a-Q>", Duration::from_secs(1), None).await;
    assert!(run.screen.frames.get() <= 3, "{} frames in 3 seconds at rest", run.screen.frames.get());
}

#[tokio::test]
async fn a_lost_link_is_taken_up_again() {
    let tries = Rc::new(Cell::new(0));
    let count = tries.clone();
    let state = launch(Weather::Breach, NOW);
    let links: Vec<EngineMessage> = greeting(&state).into_iter().chain([measured(Weather::Breach, NOW)]).collect();
    let keep = Rc::new(std::cell::RefCell::new(Vec::new()));
    let reconnect: Reconnect = Box::new(move || {
        let (count, keep, links) = (count.clone(), keep.clone(), links.clone());
        Box::pin(async move {
            count.set(count.get() + 1);
            if count.get() < 2 {
                return Err("no engine answers".to_owned());
            }
            let (to_us, incoming) = mpsc::channel(64);
            let (outgoing, from_us) = mpsc::channel(64);
            for message in links {
                to_us.try_send(message).unwrap();
            }
            keep.borrow_mut().push((to_us, from_us));
            Ok(Link { incoming, outgoing })
        })
    });
    let run = play(hello(), "jjjj", Duration::from_millis(600), Some(reconnect)).await;
    assert_eq!(tries.get(), 2);
    assert_eq!(run.model.line, crate::tui::model::Line::Up);
    let calls = "the loss calls who looks elsewhere, and what broke meanwhile: once each";
    assert_eq!(*run.screen.calls.borrow(), "\x07\x07", "{calls}");
}

#[tokio::test]
async fn a_terminal_that_says_it_is_light_is_drawn_so_and_types_nothing() {
    let answer = "<a-]>11;rgb:fafa/fafa/f7f7<c-g>";
    let said =
        |keys: &'static str| play(greeting(&launch(Weather::Calm, NOW)).into(), keys, Duration::from_millis(1), None);
    let light = said(answer).await;
    assert_eq!((light.model.theme, light.model.focus), (Theme::light(), PaneId::Checklist));
    let dark = said("<a-]>11;rgb:0000/0000/0000<c-g>").await;
    assert_eq!(dark.model.theme, Theme::dark());
    let other = said("<a-]>2").await;
    assert_eq!((other.model.theme, other.model.focus), (Theme::dark(), PaneId::Compare), "what was typed arrives");
}

#[tokio::test]
async fn a_long_text_is_written_in_the_editor_and_seen_before_it_goes() {
    let run = play(hello(), "cone<c-x><enter>", Duration::from_millis(200), None).await;
    assert_eq!(run.screen.lent.get(), 11, "lent once, and taken back");
    let note = run.sent.iter().find_map(|m| match m {
        ClientMessage::Order { what: What::Note { text }, .. } => Some(text.clone()),
        _ => None,
    });
    assert_eq!(note.as_deref(), Some("one and more"), "{:?}", run.sent);
    let run = play(hello(), "cone<c-x>", Duration::from_millis(200), None).await;
    assert!(!run.sent.iter().any(|m| matches!(m, ClientMessage::Order { .. })), "Enter is the person's");
}
