//! Rows of numbers, and the equal parts of time that they are shown in.

use crate::core::time::{Span, Timestamp};
use crate::core::units::Finite;

/// What is known of a stretch of time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Row {
    pub(super) min: f64,
    pub(super) mean: f64,
    pub(super) max: f64,
    pub(super) last: f64,
    pub(super) n: i64,
}

impl Row {
    /// A row of one number.
    pub(super) fn of(value: f64) -> Self {
        Self { min: value, mean: value, max: value, last: value, n: 1 }
    }

    /// Takes in a later number.
    pub(super) fn add(&mut self, value: f64) {
        self.merge(Self::of(value));
    }

    /// Takes in a later row.
    pub(super) fn merge(&mut self, later: Self) {
        let n = self.n + later.n;
        // In this form no sum of large numbers can overflow.
        self.mean += (later.mean - self.mean) * (later.n as f64 / n as f64);
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        (self.last, self.n) = (later.last, n);
    }
}

/// Equal parts of time that rows are sorted into.
#[derive(Debug)]
pub(super) struct Buckets {
    from: Timestamp,
    to: Timestamp,
    length: Span,
    rows: Vec<Option<Row>>,
}

impl Buckets {
    pub(super) fn new(from: Timestamp, to: Timestamp, count: u16) -> Self {
        let count = count.max(1);
        let all = to.since(from).millis().max(1);
        // Rounded up, so that the last bucket reaches `to`.
        let length = all / i64::from(count) + i64::from(all % i64::from(count) != 0);
        Self { from, to: to.max(from), length: Span(length), rows: vec![None; usize::from(count)] }
    }

    pub(super) fn length(&self) -> Span {
        self.length
    }

    pub(super) fn range(&self) -> (Timestamp, Timestamp) {
        (self.from, self.to)
    }

    /// Takes in a row that stands for a stretch of time: into the bucket where it begins, or into all that it covers
    /// where buckets are shorter.
    pub(super) fn add(&mut self, at: Timestamp, lasting: Span, row: Row) {
        let begin = at.since(self.from).millis();
        let first = begin.div_euclid(self.length.millis()).max(0);
        let last = match lasting < self.length || lasting.millis() <= 1 {
            true => first,
            false => (begin + lasting.millis() - 1).div_euclid(self.length.millis()),
        };
        if begin + lasting.millis() <= 0 {
            return;
        }
        let (Ok(first), Ok(last)) = (usize::try_from(first), usize::try_from(last)) else { return };
        for bucket in self.rows.iter_mut().take(last.saturating_add(1)).skip(first) {
            match bucket {
                Some(known) => known.merge(row),
                None => *bucket = Some(row),
            }
        }
    }

    pub(super) fn values(&self) -> Vec<Option<[Finite; 3]>> {
        let three = |row: &Row| Some([Finite::new(row.min)?, Finite::new(row.mean)?, Finite::new(row.max)?]);
        self.rows.iter().map(|row| row.as_ref().and_then(three)).collect()
    }
}
