//! Commands that were found and of which the plan in force has no step: the journal was put back from before a changed plan
//! was taken in. What they did no way back undoes, and whoever reads how one can go back must know.

use super::{Explanation, LaunchState, Waiting};

impl LaunchState {
    /// That some are, as a clause; none where there is none.
    pub(super) fn unplanned_words(&self) -> Option<String> {
        let names = self.unplanned.iter().map(|run| format!("`{run}`")).collect::<Vec<_>>();
        let is = match names.len() {
            0 => return None,
            1 => "is of no step of this plan and is",
            _ => "are of no step of this plan and are",
        };
        Some(format!("{} {is} not undone", names.join(", ")))
    }

    /// *Explain* of them: what is known, and what to do.
    pub(super) fn unplanned_waiting(&self) -> Option<Waiting> {
        let mut why = Explanation::new("lacks steps", Some(self.engine_since)).because(self.unplanned_words()?);
        why.because.push(
            "they were found beside a journal that is older than they are; take in the plan that has their steps \
             (`tminus do diff`, `tminus do adopt HASH`): then they are taken up, and can be undone"
                .to_owned(),
        );
        Some(Waiting { name: "plan".to_owned(), title: "The plan".to_owned(), why })
    }
}
