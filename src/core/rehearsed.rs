//! The last rehearsal of a plan, for whoever is about to start it: when, how far, how long the way back took, what is
//! still to be mended. Pure: from the state of that rehearsal.

use serde::{Deserialize, Serialize};

use super::event::Mode;
use super::ids::LaunchId;
use super::launch::{LaunchState, Progress, RollbackStatus, Status, estimate_of_way};
use super::text::clean;
use super::time::{Span, Timestamp};
use super::words::{count, short};

/// A rehearsal as who starts the launch wants to know it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastRehearsal {
    /// Its id.
    pub launch: LaunchId,
    /// When it was opened.
    pub at: Timestamp,
    /// Its environment.
    pub environment: String,
    /// Commands ran in it; else stand-ins took their place, and their times say nothing.
    pub real: bool,
    /// The plan's text is another one since.
    pub changed: bool,
    /// Boxes that were over, and all boxes.
    pub boxes: (usize, usize),
    /// Who ended it, and why; none where it was not ended.
    pub ended: Option<String>,
    /// The ways back that were taken, oldest first.
    pub rollbacks: Vec<Practised>,
    /// What people noted to be mended in the plan.
    pub fixes: Vec<String>,
}

/// A way back that was rehearsed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practised {
    /// Its title.
    pub title: String,
    /// How long it took; none where it was not completed.
    pub took: Option<Span>,
    /// How long the plan said.
    pub estimate: Option<Span>,
}

impl LastRehearsal {
    /// What a rehearsal came to; none of a live launch. `plan_hash` is that of the plan's text as it is now.
    pub fn of(state: &LaunchState, plan_hash: &str) -> Option<Self> {
        if state.mode != Mode::Rehearsal {
            return None;
        }
        let progress = Progress::of_all(state);
        let practised = state.rollbacks.iter().map(|own| Practised {
            title: own.title.clone(),
            took: match own.status {
                RollbackStatus::Done { took, .. } => Some(took),
                _ => None,
            },
            estimate: estimate_of_way(&state.outline, &own.way, &own.items),
        });
        Some(Self {
            launch: state.id.clone(),
            at: state.opened,
            environment: state.outline.environment.clone(),
            real: !state.stands_in(),
            changed: state.plan_hash != plan_hash,
            boxes: (progress.done, progress.of),
            ended: match &state.status {
                Status::Ended { by, why, .. } => Some(format!("{by}: {why}")),
                _ => None,
            },
            rollbacks: practised.collect(),
            fixes: state.fixes.iter().map(super::launch::Fix::words).collect(),
        })
    }

    /// In lines: the first says when and how far, the others what came of it.
    pub fn words(&self, now: Timestamp) -> Vec<String> {
        let how = if self.real { "for real" } else { "on stand-ins" };
        let end = match &self.ended {
            Some(end) => format!("ended by {end}"),
            None => "not ended".to_owned(),
        };
        let (done, of) = self.boxes;
        let ago = short(now.since(self.at).max(Span::ZERO));
        let mut lines = vec![format!(
            "last rehearsal {ago} ago in {}, {how}: {done}/{of} boxes, {end} ({})",
            self.environment, self.launch
        )];
        lines.extend(self.changed.then(|| "the plan has changed since".to_owned()));
        if self.rollbacks.is_empty() {
            lines.push("no way back was rehearsed".to_owned());
        }
        lines.extend(self.rollbacks.iter().map(|own| {
            let stood_in = if self.real { "" } else { " with stand-ins" };
            let took = own
                .took
                .map_or_else(|| "was not completed".to_owned(), |took| format!("took {}{stood_in}", took.seconds()));
            let estimate = own.estimate.map_or_else(|| "no estimate".to_owned(), |e| format!("estimate {e}"));
            format!("way back, {}: {took}; {estimate}", own.title)
        }));
        if !self.fixes.is_empty() {
            lines.push(format!("{} to be mended in the plan:", count(self.fixes.len(), "thing")));
            lines.extend(self.fixes.iter().map(|fix| format!("  {fix}")));
        }
        lines.iter().map(|line| clean(line)).collect()
    }
}
