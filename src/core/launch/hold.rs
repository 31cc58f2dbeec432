//! Holds: one a person, and one of the engine, each released by itself and only by one who saw its reason.

use serde::{Deserialize, Serialize};

use super::LaunchState;
use crate::core::event::Actor;
use crate::core::order::{Found, Operator, What};
use crate::core::tell;
use crate::core::time::Timestamp;

/// A stop that no new step passes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Since when.
    pub since: Timestamp,
    /// Who or what called it.
    pub by: Actor,
    /// Why; of the engine all reasons, in one sentence.
    pub why: String,
}

impl Hold {
    /// The name of who called it; `engine` for the engine.
    pub fn whose(&self) -> &str {
        self.by.name()
    }

    /// The order that releases this hold as it stands now: a reason that is added meanwhile stands against it.
    pub fn release(&self, why: impl Into<String>) -> What {
        What::Release { of: Some(self.whose().to_owned()), seen: Some(self.why.clone()), why: why.into() }
    }

    /// What a person found of a command whose end nobody observed stands where it was said that nobody knows.
    pub(super) fn found(&mut self, title: &str, found: Found, by: &Operator) {
        let known = format!("{title} was interrupted: its command {}, says {by}", tell::found(found));
        self.why = self.why.replacen(&unobserved(title), &known, 1);
    }

    /// What a sender did not see of it: all of it, or the reasons that were added since. None where they saw it all.
    pub(super) fn unseen(&self, seen: &str) -> Option<&str> {
        (self.why != seen)
            .then(|| self.why.strip_prefix(seen).and_then(|rest| rest.strip_prefix("; ")).unwrap_or(&self.why))
    }
}

/// Why the launch holds where nobody observed the end of a step's command.
pub(super) fn unobserved(title: &str) -> String {
    format!("{title} was interrupted: nobody knows whether its command did its work")
}

impl LaunchState {
    /// All holds that stand, oldest first.
    pub fn holds(&self) -> impl Iterator<Item = &Hold> {
        self.hold.iter().chain(&self.more_holds)
    }

    /// The hold that somebody called, if it stands.
    pub fn hold_of(&self, name: &str) -> Option<&Hold> {
        self.holds().find(|hold| hold.whose() == name)
    }

    /// The orders that release the holds that stand, oldest first; whose is left out where there is but one.
    pub fn releases(&self, why: &str) -> Vec<What> {
        let mut all: Vec<What> = self.holds().map(|hold| hold.release(why)).collect();
        if let [What::Release { of, .. }] = all.as_mut_slice() {
            *of = None;
        }
        all
    }

    /// All of them with their reasons: `tom: odd logs; engine: deploy failed`.
    pub fn holds_words(&self) -> String {
        self.holds().map(|hold| format!("{}: {}", hold.by, hold.why)).collect::<Vec<_>>().join("; ")
    }

    /// One more hold, or one more reason of the engine's.
    pub(super) fn held(&mut self, hold: Hold) {
        let mut standing = self.hold.iter_mut().chain(&mut self.more_holds);
        if let Some(own) = standing.find(|known| known.whose() == hold.whose()) {
            // The rules may have a further reason; a person has one.
            if hold.by == Actor::Engine {
                own.why = format!("{}; {}", own.why, hold.why);
            }
            return;
        }
        match self.hold {
            None => self.hold = Some(hold),
            Some(_) => self.more_holds.push(hold),
        }
    }

    /// The hold of that one is over; without a name all are, as a journal says that knew of one hold only.
    pub(super) fn released(&mut self, of: Option<&Actor>) {
        let mut standing: Vec<Hold> = self.hold.take().into_iter().chain(self.more_holds.drain(..)).collect();
        standing.retain(|hold| of.is_some_and(|of| hold.whose() != of.name()));
        let mut standing = standing.into_iter();
        self.hold = standing.next();
        self.more_holds = standing.collect();
    }
}
