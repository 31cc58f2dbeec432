//! A person who presses anything, at any moment of a rich launch: the screen holds, shows what core says, and sends no
//! order that it could have known to be refused.

use proptest::prelude::*;

use super::Cockpit;
use crate::core::event::Recorded;
use crate::core::launch::Input;
use crate::core::launch::testing::{Sim, who};
use crate::core::launch::tests::rich::{Act, acted, acts, history, rich};
use crate::core::order::Order;
use crate::core::reading::Outcome;
use crate::core::time::Span;
use crate::core::view::Readout;
use crate::tui::msg::{Effect, Happened};
use crate::wire::message::{ClientMessage, EngineMessage};

/// What is pressed, a word where a text is asked for.
const KEYS: &[&str] = &[
    "x",
    "x",
    "x",
    "y",
    "y",
    "y",
    "y",
    "<space>",
    "<space>",
    "R",
    "R",
    "1",
    "2",
    "3",
    "e",
    "l",
    "H",
    "S",
    "<enter>",
    "<enter>",
    "<esc>",
    "<esc>",
    "d",
    "g",
    "n",
    "v",
    "t",
    "f",
    "a",
    "m",
    "u",
    "j",
    "j",
    "j",
    "k",
    "G",
    "gg",
    "<tab>",
    "o",
    "I",
    "w",
    "b",
    "Y",
    "i",
    "c",
    "z",
    "p",
    "A",
    "8",
    "9",
    "so<enter>",
    "production<enter>",
    "<left>",
    "?",
    "/",
    ":",
    ":hold odd<enter>",
    ":settled so<enter>",
    ":approve start<enter>",
];

#[derive(Clone, Debug)]
enum Do {
    Keys(usize),
    Happens(Act),
    Waits(i64),
    Size(usize),
}

const SIZES: &[(u16, u16)] = &[(120, 40), (80, 24), (200, 60), (60, 15), (20, 5), (300, 90), (47, 13)];

fn moves() -> impl Strategy<Value = Vec<Do>> {
    let act = acts(2).prop_filter_map("one", |all| all.first().cloned());
    let one = prop_oneof![
        12 => (0..KEYS.len()).prop_map(Do::Keys),
        5 => act.prop_map(Do::Happens),
        2 => (1..30_i64).prop_map(Do::Waits),
        1 => (0..SIZES.len()).prop_map(Do::Size),
    ];
    prop::collection::vec(one, 1..60)
}

/// A launch and a screen that is attached to it.
struct Pair {
    sim: Sim,
    cockpit: Cockpit,
    known: usize,
    readout: Readout,
    /// Orders that a dialog offered and that were refused.
    refused: Vec<String>,
    /// A dialog is open, and nothing happened since.
    offered: bool,
}

impl Pair {
    fn new() -> Self {
        let mut sim = Sim::new(rich());
        sim.measures("gateway", Outcome::well());
        sim.pass(Span::secs(20));
        let mut cockpit = Cockpit::new(SIZES[0]);
        cockpit.hears(EngineMessage::Welcome {
            proto: crate::wire::PROTO,
            version: "0.1.0".into(),
            launch: sim.state.id.clone(),
            you: who("ana"),
            observe: false,
            now: sim.now,
            wall: Span::ZERO,
            last_here: None,
        });
        cockpit.hears(EngineMessage::State { json: serde_json::to_string(&sim.state).unwrap(), more: false });
        let known = sim.events.len();
        let mut pair = Self { sim, cockpit, known, readout: Readout::default(), refused: Vec::new(), offered: false };
        pair.tells();
        pair
    }

    /// The engine says what is new.
    fn tells(&mut self) {
        for recorded in &self.sim.events[self.known..] {
            self.cockpit.hears(EngineMessage::Event(Box::new(Recorded::clone(recorded))));
        }
        self.known = self.sim.events.len();
        let readout = self.sim.readout();
        let (signals, conditions) = readout.changes(&self.readout);
        let gone: Vec<_> =
            self.readout.conditions.keys().filter(|of| !readout.conditions.contains_key(of)).cloned().collect();
        self.cockpit.hears(EngineMessage::Telemetry { at: self.sim.now, signals, conditions, more: false });
        self.cockpit.hears(EngineMessage::Gone { signals: Vec::new(), conditions: gone });
        self.readout = readout;
    }

    /// The engine takes what the screen sent.
    fn hears(&mut self) {
        for effect in std::mem::take(&mut self.cockpit.effects) {
            let Effect::Send(ClientMessage::Order { id, what }) = effect else { continue };
            let order = Order { id: id.clone(), by: who("ana"), what: what.clone() };
            let result = self.sim.input(Input::Order(order)).map(|()| self.sim.state.head);
            if let Err(no) = &result
                && self.offered
            {
                self.refused.push(format!("{what:?}: {no:?}"));
            }
            self.cockpit.hears(EngineMessage::Reply { id, result });
        }
    }

    fn does(&mut self, one: &Do) {
        self.do_alone(one);
        self.hears();
        self.cockpit.waits(Span::secs(1));
        self.tells();
    }

    fn do_alone(&mut self, one: &Do) {
        if !matches!(one, Do::Keys(_)) {
            self.offered = false;
        }
        match one {
            Do::Keys(n) => {
                let keys = KEYS[*n];
                self.offered &= !keys.starts_with(':') && self.cockpit.model.overlay.is_some();
                // What is typed after `:` is the typist's own.
                let opens = self.cockpit.model.overlay.is_none() && !keys.starts_with(':');
                self.cockpit.keys(keys);
                self.hears();
                self.offered |= opens && self.cockpit.model.overlay.is_some();
            }
            Do::Happens(act) => acted(&mut self.sim, act),
            Do::Waits(secs) => {
                for _ in 0..*secs {
                    self.cockpit.waits(Span::secs(1));
                    self.sim.pass(Span::secs(1));
                    self.tells();
                }
            }
            Do::Size(n) => self.cockpit.happens(Happened::Resize(SIZES[*n].0, SIZES[*n].1)),
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 50, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_pressed_the_screen_holds_and_sends_nothing_that_is_refused(all in moves()) {
        let mut pair = Pair::new();
        for one in &all {
            pair.does(one);
            let text = pair.cockpit.text();
            prop_assert!(pair.cockpit.model.launch.as_ref() == Some(&pair.sim.state), "the client folds the same");
            prop_assert!(pair.refused.is_empty(), "{one:?}: {}\n{text}\n{}", pair.refused.join("\n"), history(&pair.sim));
            let told = pair.sim.answers();
            let (_, rows) = pair.cockpit.model.size;
            if rows >= 15 && pair.cockpit.model.overlay.is_none() && !text.contains("frozen") {
                let said = told.now.head.forms().any(|form| text.contains(form));
                prop_assert!(said || text.contains("NOT SEEN") || pair.cockpit.model.war, "{:?}\n{text}", told.now.head);
            }
        }
    }
}
