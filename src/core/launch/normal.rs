//! A captured baseline in words: its value, of how many samples, over which window. The log, the answer to the order,
//! *explain*, `tminus status --long` and the report print these.

use super::LaunchState;
use crate::core::condition::{Condition, Operand, Test};
use crate::core::event::Baseline;
use crate::core::ids::SignalId;
use crate::core::order::What;
use crate::core::outline::Outline;
use crate::core::time::Span;
use crate::core::units::number;
use crate::core::words::{count, short};

/// The order that captures the baseline which the first of these is compared with and which is not there.
pub fn wanted_baseline<'c>(state: &LaunchState, conditions: impl IntoIterator<Item = &'c Condition>) -> Option<What> {
    let compared = |c: &&Condition| matches!(&c.test, Test::Compare { to: Operand::Baseline { .. }, .. });
    let missing = |c: &&Condition| !state.baselines.keys().any(|id| id.probe == c.subject.probe);
    let condition = conditions.into_iter().filter(compared).find(missing)?;
    Some(What::Baseline { probe: Some(condition.subject.probe.clone()), over: USUAL })
}

/// From how long a baseline is captured where nobody says.
pub const USUAL: Span = Span::mins(10);

/// A baseline with its signal: `errors[blue] 0.05 % of 40 samples in 30m`. A probe's first measure goes without a name.
pub fn normal(outline: &Outline, id: &SignalId, of: &Baseline) -> String {
    let probe = outline.probe(&id.probe);
    let is_first = probe.and_then(|p| p.measure(None)).is_some_and(|m| m.name == id.measure);
    let name = id.to_string();
    let name = if is_first { name.strip_suffix(&format!(".{}", id.measure)).unwrap_or(&name) } else { &name };
    format!("{name} {}", worth(outline, id, of))
}

/// The same without the signal's name: `0.05 % of 40 samples in 30m`; where nothing was measured in the older part of the
/// window, `3 of 52 samples in 3m of the 5h asked for`.
pub fn worth(outline: &Outline, id: &SignalId, of: &Baseline) -> String {
    let measure = outline.probe(&id.probe).and_then(|p| p.measure(Some(&id.measure)));
    let value = measure.map_or_else(|| number(of.median.get()), |m| m.unit.show(of.median.get()));
    let reach =
        of.from.map(|from| of.at.since(from)).filter(|reach| of.over.millis() - reach.millis() > tenth(of.over));
    let window = match reach {
        Some(reach) => format!("{} of the {} asked for", short(reach), of.over),
        None => of.over.to_string(),
    };
    format!("{value} of {} in {window}", count(of.samples as usize, "sample"))
}

fn tenth(span: Span) -> i64 {
    span.millis() / 10
}
