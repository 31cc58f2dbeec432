//! The regions of the screen, one file each. A pane draws its own head in row 0 of its part.
//!
//! A pane is a file here with `draw` and `length`, its `mod`, and a line in `panes!` below. That line gives it its name on
//! the `:` line, its key, its title and the whole screen; where it stands beside the others is said in `layout`.

pub mod alarm;
pub mod answers;
pub mod footer;
pub mod header;
pub mod joining;
pub mod timeline;

use ratatui::style::Style;

use super::frozen::Still;
use super::glyphs::Glyphs;
use super::model::Model;
use super::pen::{Pen, width};
use super::role::Role;
use super::widgets::section;
use crate::core::outline::Pane;
use crate::core::reading::Level;

macro_rules! panes {
    ($($id:ident in $file:ident: $name:literal, $key:literal, $title:literal, $doc:literal
       $(, shows [$($shown:ident),*])?;)*) => {
        /// A pane of the screen.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum PaneId { $(#[doc = $doc] $id,)* }

        impl PaneId {
            /// All of them, in the order of their keys.
            pub const ALL: &[PaneId] = &[$(PaneId::$id,)*];

            /// Its name on the `:` line.
            pub fn name(self) -> &'static str {
                match self { $(PaneId::$id => $name,)* }
            }

            /// The key that focuses it.
            pub fn key(self) -> char {
                match self { $(PaneId::$id => $key,)* }
            }

            /// Its title.
            pub fn title(self) -> &'static str {
                match self { $(PaneId::$id => $title,)* }
            }

            /// What it shows, in a line.
            pub fn doc(self) -> &'static str {
                match self { $(PaneId::$id => $doc,)* }
            }

            /// The plan's panes that it shows.
            pub fn probes(self) -> &'static [Pane] {
                match self { $(PaneId::$id => &[$($(Pane::$shown,)*)?],)* }
            }
        }

        /// Draws a pane.
        pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
            match pane { $(PaneId::$id => $file::draw(model, pane, pen),)* }
        }

        /// How many rows the content of a pane has.
        pub fn length(model: &Model, pane: PaneId) -> usize {
            match pane { $(PaneId::$id => $file::length(model, pane),)* }
        }
    };
}

pub mod checklist;
pub mod checks;
pub mod compare;
mod detail;
pub mod errors;
pub mod gate;
pub mod incidents;
pub mod log;
pub mod notices;
pub mod output;
pub mod signals;
pub mod step;
pub mod triggers;

panes! {
    Checklist in checklist: "checklist", '1', "Checklist", "the checklist: phases and steps";
    Compare in compare: "compare", '2', "New beside old", "the new version beside the old one";
    Errors in errors: "errors", '3', "Error rate", "error rates over time", shows [Errors];
    Health in signals: "health", '4', "Health", "health endpoints, and what fits nowhere else", shows [Health, Signals];
    Lag in signals: "lag", '5', "Replica lag", "how far replicas are behind", shows [Replication];
    Queues in signals: "queues", '6', "Queues", "queues: what waits, and how long", shows [Queues];
    Triggers in triggers: "triggers", '7', "Rollback triggers", "rollback triggers and their clocks";
    Log in log: "log", '8', "Log", "what happened";
    Output in output: "output", '9', "Output", "the output of the step's command";
    Incidents in incidents: "incidents", 'I', "Incidents", "incidents";
    Second in errors: "second", 'l', "Second chart", "the second chart: how long both versions take to answer";
    Gate in gate: "gate", 'e', "Next gate", "the next gate: what must hold, and who has voted";
    Notices in notices: "notices", 'b', "Told", "what people were told, who is on it, and what is muted";
    Checks in checks: "checks", 'w', "Checks", "checks that come again, and success over time";
    Step in step: "step", 'o', "Step", "the selected step alone: what it waits for, what must hold, its output";
}

impl PaneId {
    /// Whether it is one of the tabs at the bottom.
    pub fn is_tab(self) -> bool {
        matches!(self, PaneId::Log | PaneId::Output | PaneId::Incidents | PaneId::Checks)
    }
}

/// A pane's head; returns where its rule begins and ends.
fn head(model: &Model, pane: PaneId, title: &str, pen: &mut Pen<'_>, summary: &[(String, Style)]) -> (u16, u16) {
    let still = model.still.map(|still| match still {
        Still::Held => "frozen".to_owned(),
        Still::At(at) => format!("at {}", model.zone.stamp(at, model.readout.at)),
    });
    let still = still.map(|text| (text, Role::Unknown.bold()));
    let summary: Vec<_> = still.into_iter().chain(summary.iter().cloned()).collect();
    section::draw(pen, pane.key(), title, model.focus == pane, &summary)
}

/// What a pane says of the rows that are scrolled out at its top: how many, and how the worst of them is.
fn above(pen: &Pen<'_>, rows: impl IntoIterator<Item = Level>) -> Option<(String, Style)> {
    let (mut count, mut worst) = (0, Level::Ok);
    for level in rows {
        (count, worst) = (count + 1, worst.max(level));
    }
    let far = format!("{} {count}", pen.glyphs.up);
    let (_, role) = sign(pen, worst);
    (count > 0).then(|| match (worst, pen.width() >= 40) {
        (Level::Ok, true) => (format!("{far} above"), Role::Accent.style()),
        (Level::Ok, false) => (far, Role::Accent.style()),
        (_, true) => (format!("{far} above: {}", level_word(worst)), role.bold()),
        (_, false) => (format!("{far} {}", level_word(worst)), role.bold()),
    })
}

/// How many more rows there are, where the one or other of them is not ok.
fn below(rows: impl Iterator<Item = Level> + Clone) -> Option<(String, Style)> {
    let (count, worst) = (rows.clone().count(), rows.max().unwrap_or(Level::Ok));
    (worst > Level::Ok).then(|| (format!("+{count}"), Role::Muted.style()))
}

/// A level's symbol and its role.
pub fn sign(pen: &Pen<'_>, level: Level) -> (&'static str, Role) {
    let g = pen.glyphs;
    match level {
        Level::Ok => (g.ok, Role::Ok),
        Level::Warn => (g.warn, Role::Warn),
        Level::Critical => (g.critical, Role::Crit),
        Level::Unknown => (g.unknown, Role::Unknown),
    }
}

/// The same where what is shown may be of the past: which level that had is not known, so that nothing stands there.
fn sign_of(model: &Model, pen: &Pen<'_>, level: Level) -> (&'static str, Role) {
    if level == Level::Ok && is_past(model) { (" ", Role::Muted) } else { sign(pen, level) }
}

/// Whether what is shown is of a moment that a person looks at.
fn is_past(model: &Model) -> bool {
    matches!(model.still, Some(Still::At(_)))
}

/// The word that stands beside what is not ok, as loud as it is grave.
pub fn level_word(level: Level) -> &'static str {
    match level {
        Level::Ok => "ok",
        Level::Warn => "warn",
        Level::Critical => "CRITICAL",
        Level::Unknown => "UNKNOWN",
    }
}

/// Counts of levels as the right end of a head: what is not ok first; else how many are ok. Where the words have no room
/// beside the title, each level is its sign: none of them is left out.
fn tally(model: &Model, pane: PaneId, room: u16, levels: [usize; 4]) -> Vec<(String, Style)> {
    let [.., ok] = levels;
    let bad = counted(model.glyphs, room.saturating_sub(width(pane.title()) + 3), levels);
    if bad.is_empty() && !is_past(model) { vec![(format!("{ok} ok"), Role::Muted.style())] } else { bad }
}

fn counted(g: &Glyphs, room: u16, [critical, warn, unknown, _]: [usize; 4]) -> Vec<(String, Style)> {
    let all = [
        (critical, "critical", g.critical, Role::Crit),
        (warn, "warn", g.warn, Role::Warn),
        (unknown, "unknown", g.unknown, Role::Unknown),
    ];
    let bad = all.into_iter().filter(|(n, ..)| *n > 0);
    let words: Vec<_> = bad.clone().map(|(n, word, _, role)| (format!("{n} {word}"), role.bold())).collect();
    let wide: u16 = words.iter().map(|(text, _)| width(text) + 2).sum();
    if words.len() < 2 || wide <= room {
        return words;
    }
    bad.map(|(n, _, sign, role)| (format!("{sign} {n}"), role.bold())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_level_is_left_out_of_a_head_that_has_little_room() {
        let said = |room, levels| {
            let all = counted(&crate::tui::glyphs::UNICODE, room, levels);
            all.into_iter().map(|(text, _)| text).collect::<Vec<_>>().join("  ")
        };
        assert_eq!(said(51, [1, 1, 3, 2]), "1 critical  1 warn  3 unknown");
        assert_eq!(said(26, [1, 1, 3, 2]), "■ 1  ▲ 1  ? 3");
        assert_eq!(said(9, [1, 0, 0, 2]), "1 critical");
    }
}
