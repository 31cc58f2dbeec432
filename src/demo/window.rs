//! Requests and errors of the last seconds, as a metrics server would have scraped them. They are whole: of eleven
//! requests one fails or none, and no rate says otherwise.

use std::collections::VecDeque;

/// Counts in steps of [`STEP`](super::model::STEP), for some time back.
#[derive(Clone, Debug)]
pub(super) struct Window {
    steps: usize,
    counts: VecDeque<(f64, f64)>,
}

impl Window {
    pub fn new(seconds: f64) -> Self {
        Self { steps: (seconds / super::model::STEP) as usize, counts: VecDeque::new() }
    }

    /// Counts a step's requests, and how many of them failed.
    pub fn add(&mut self, requests: f64, errors: f64) {
        self.counts.push_back((requests, errors));
        while self.counts.len() > self.steps {
            self.counts.pop_front();
        }
    }

    pub fn requests(&self) -> f64 {
        self.counts.iter().map(|(requests, _)| requests).sum()
    }

    /// The share that failed; NaN without requests, as a division in a query gives.
    pub fn error_share(&self) -> f64 {
        self.counts.iter().map(|(_, errors)| errors).sum::<f64>() / self.requests()
    }
}

/// Makes whole things of a flow; what is left over is kept for the next step.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Whole(f64);

impl Whole {
    /// How many there are after so much more, at most `limit`.
    pub fn take(&mut self, more: f64, limit: f64) -> f64 {
        self.0 += more;
        // Sums of tenths fall a hair short.
        let whole = (self.0 + 1e-9).floor().min(limit);
        self.0 -= whole;
        whole
    }
}
