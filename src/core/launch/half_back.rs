//! A way back that was begun and left half done: production is neither as it was nor as it was to be. It is told of until it
//! was put right: by a way back since that goes as far, by beginning anew all that it undid, or by the word of a person.

use super::{LaunchState, RollbackState, RollbackStatus, StepStatus, StoppedItem, WayView};
use crate::core::event::RollbackItem;
use crate::core::ids::{RunId, RunKind};
use crate::core::order::{Way, What};
use crate::core::time::Timestamp;

/// A way back that was left half done.
#[derive(Clone, Copy, Debug)]
pub struct HalfBack<'a> {
    /// Its number, counted from 1.
    pub number: u32,
    /// It.
    pub of: &'a RollbackState,
    /// When it was left.
    pub left: Timestamp,
    /// Why, as the person said who left it.
    pub why: &'a str,
}

impl LaunchState {
    /// The newest way back that was left half done, as long as that was not put right.
    pub fn half_back(&self) -> Option<HalfBack<'_>> {
        self.half_backs().next()
    }

    /// All ways back that were left half done and not put right since, the newest first. None while one is under way.
    pub fn half_backs(&self) -> impl Iterator<Item = HalfBack<'_>> {
        let goes_on =
            |of: &RollbackState| matches!(of.status, RollbackStatus::Running | RollbackStatus::Stopped { .. });
        let all = if self.rollbacks.last().is_some_and(goes_on) { &[] } else { &self.rollbacks[..] };
        all.iter().enumerate().rev().filter_map(|(before, of)| {
            let RollbackStatus::Left { at, why } = &of.status else { return None };
            let mut later = self.rollbacks.iter().skip(before + 1);
            let anew = |item: &RollbackItem| {
                let began = self.steps.get(&item.run.step).and_then(|own| own.started);
                item.run.kind == RunKind::Undo && began.is_some_and(|began| began > *at)
            };
            // One that was left before it did anything has nothing to put right.
            let put_right = of.settled.is_some()
                || self.did(of).all(anew)
                || self.left_of(of).next().is_none()
                || later.any(|later| self.stands_for(later, of));
            let number = u32::try_from(before + 1).ok()?;
            (!put_right).then_some(HalfBack { number, of, left: *at, why })
        })
    }

    /// The ways back left half done that count as put right since this one was taken to its end, by their numbers; with
    /// what of each nobody did.
    pub fn put_right_by(&self, number: u32) -> Vec<(u32, Vec<&str>)> {
        let Some(before) = (number as usize).checked_sub(1) else { return Vec::new() };
        let Some(done) = self.rollbacks.get(before).filter(|of| matches!(of.status, RollbackStatus::Done { .. }))
        else {
            return Vec::new();
        };
        let earlier = (1..).zip(&self.rollbacks).take(before);
        let left = earlier.filter(|(_, of)| matches!(of.status, RollbackStatus::Left { .. }) && of.settled.is_none());
        let open = left.filter(|(nth, of)| {
            let between = self.rollbacks.iter().take(before).skip(*nth as usize);
            self.did(of).next().is_some() && !between.clone().any(|later| self.stands_for(later, of))
        });
        let counts = open.filter(|(_, of)| self.goes_as_far(done, of));
        counts.map(|(nth, of)| (nth, self.left_of(of).map(|item| item.title.as_str()).collect())).collect()
    }

    /// Whether nothing is to be told of an earlier way back for a later one: that was taken to its end and goes as far, or
    /// was left half done too, and what is open of the earlier one is part of it.
    fn stands_for(&self, later: &RollbackState, earlier: &RollbackState) -> bool {
        match later.status {
            RollbackStatus::Done { .. } => self.goes_as_far(later, earlier),
            _ => {
                let same = |a: &RollbackItem, b: &RollbackItem| (&a.run.step, a.run.kind) == (&b.run.step, b.run.kind);
                let mut open = earlier.items.iter().skip(earlier.next);
                self.did(later).next().is_some() && open.all(|item| later.items.iter().any(|of| same(item, of)))
            }
        }
    }

    /// Whether a way back takes back all that an earlier one was to take back.
    fn goes_as_far(&self, later: &RollbackState, earlier: &RollbackState) -> bool {
        let undone = |id| self.steps.get(id).is_some_and(|own| matches!(own.status, StepStatus::Undone { .. }));
        let all = || earlier.undoes.iter().all(|id| later.undoes.contains(id) || undone(id));
        later.way == earlier.way || later.way == Way::All || !earlier.undoes.is_empty() && all()
    }

    /// What is left of a way back: neither it nor anything since did it, nor did a person see that it was done.
    fn left_of<'a>(&'a self, of: &'a RollbackState) -> impl Iterator<Item = &'a RollbackItem> {
        let seen = |item: &RollbackItem| self.runs.get(&item.run).is_some_and(|run| run.found_done.is_some());
        let undone = |item: &RollbackItem| {
            let own = self.steps.get(&item.run.step);
            item.run.kind == RunKind::Undo && own.is_some_and(|own| matches!(own.status, StepStatus::Undone { .. }))
        };
        of.items.iter().skip(of.next).filter(move |item| !seen(item) && !undone(item))
    }

    /// What a way back did or began to do.
    fn did<'a>(&'a self, of: &'a RollbackState) -> impl Iterator<Item = &'a RollbackItem> {
        let done = of.next;
        of.items
            .iter()
            .enumerate()
            .filter(move |(i, item)| *i < done || self.runs.contains_key(&item.run))
            .map(|(_, i)| i)
    }
}

impl HalfBack<'_> {
    /// Which of its steps ran: `1 of 3 done (Drain); at To blue its command exited with 1 after 4s`.
    pub fn ran(&self, state: &LaunchState) -> String {
        let left: Vec<&RunId> = state.left_of(self.of).map(|item| &item.run).collect();
        let done = self.of.items.iter().filter(|item| !left.contains(&&item.run));
        let done: Vec<&str> = done.map(|item| item.title.as_str()).collect();
        let names = if done.is_empty() { String::new() } else { format!(" ({})", done.join(", ")) };
        let at = self.of.items.get(self.of.next).filter(|item| left.contains(&&item.run));
        let stood = at.and_then(|item| Some((item, state.item_stands(self.of, self.left)?)));
        let stood = stood.filter(|(_, (stands, _))| {
            !matches!(stands, StoppedItem::NotBegun | StoppedItem::Waits | StoppedItem::ByHand)
        });
        let stood = stood.map_or_else(String::new, |(item, (_, command))| format!("; at {} {command}", item.title));
        format!("{} of {} done{names}{stood}", done.len(), self.of.items.len())
    }

    /// The orders that put it right: the same way once more, where that is open, and the word of a person that it is.
    pub fn orders(&self, ways: &[WayView]) -> Vec<What> {
        let same = ways.iter().find(|way| way.way == self.of.way && way.closed.is_none());
        let again = same.map(|way| {
            let (way, typed) = (way.way.clone(), way.typed.then(String::new));
            What::Rollback { way, trigger: None, typed, why: String::new() }
        });
        again.into_iter().chain([self.settled()]).collect()
    }

    /// The order that says that it is put right by other means.
    pub fn settled(&self) -> What {
        What::RollbackSettled { rollback: self.number, why: String::new() }
    }
}
