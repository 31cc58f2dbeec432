//! Too few samples: how many of how many, and how long until there are enough, by how they grew.

use super::Series;
use crate::core::reading::{Few, Outcome};
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;
use crate::core::words::long;

/// The rate is taken over so much of the past at most.
const BACK: Span = Span::mins(10);

/// Of fewer readings than this the rate is a guess.
const LEAST: usize = 3;

/// Longer than this is not said: by then the rate is another.
const FAR: Span = Span::mins(48 * 60);

/// `0.00 % of 212/300 requests, about 7 min`: what is measured so far at a reading, and at the present rate how long until
/// there are enough. Nothing is said of time where the samples do not grow, or were not seen to.
pub(super) fn words(series: Option<&Series>, at: Timestamp, few: &Few, unit: Unit) -> String {
    let said = few.words(unit);
    match series.and_then(|series| until(series, at, few)) {
        Some(span) => format!("{said}, about {}", long(span)),
        None => said,
    }
}

/// How long from a reading until there are enough samples, if they go on to grow as they did since they last began anew.
fn until(series: &Series, at: Timestamp, few: &Few) -> Option<Span> {
    let end = series.partition_point(|(then, _)| *then <= at);
    let (mut first, mut before, mut readings) = ((at, few.samples.get()), few.samples.get(), 0);
    for (then, outcome) in series.range(..end).rev() {
        let Outcome::Few(older) = outcome else { break };
        let samples = older.samples.get();
        // Fewer than before: a counter began anew, and what was counted until then says nothing.
        if at.since(*then) > BACK || samples > before || older.needs != few.needs {
            break;
        }
        (first, before, readings) = ((*then, samples), samples, readings + 1);
    }
    let (grown, took) = (few.samples.get() - first.1, at.since(first.0).as_secs_f64());
    if readings < LEAST || grown <= 0.0 || took <= 0.0 {
        return None;
    }
    let left = (few.needs.get() - few.samples.get()) * took / grown;
    // The figures of a guess: no seconds above two minutes.
    let span = Span::secs(if left < 120.0 { (left / 10.0).ceil() * 10.0 } else { (left / 60.0).round() * 60.0 } as i64);
    (span <= FAR).then_some(span)
}
