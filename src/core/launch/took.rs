//! How long what is over took. Time in which no engine ran counts only where a command ran on meanwhile, or where people
//! did the work: the clocks of what must hold stood still then.

use super::{LaunchState, RollbackState, RunState};
use crate::core::event::RunEnd;
use crate::core::ids::{RunKind, StepId};
use crate::core::time::{Span, Timestamp};

impl LaunchState {
    /// How long a step took that began and ended then.
    pub fn took(&self, step: &StepId, from: Timestamp, to: Timestamp) -> Span {
        let own = self.outline.step(step);
        let by_hand = own.is_some_and(|own| own.run.is_none() && (own.verify.is_empty() || !own.items.is_empty()));
        if by_hand {
            return to.since(from);
        }
        let runs = self.runs.iter().filter(|(run, own)| {
            run.step == *step && run.kind == RunKind::Do && own.started >= from && own.started <= to
        });
        to.since(from) - self.idle(from, to, runs.map(|(_, run)| run))
    }

    /// How long a way back took that ended then.
    pub fn back_took(&self, back: &RollbackState, to: Timestamp) -> Span {
        let runs = back.items.iter().filter_map(|item| self.runs.get(&item.run));
        to.since(back.started) - self.idle(back.started, to, runs)
    }

    /// For how long neither an engine ran nor one of these commands, of which no two ran at once.
    fn idle<'a>(&self, from: Timestamp, to: Timestamp, runs: impl Iterator<Item = &'a RunState>) -> Span {
        let both = |a: (Timestamp, Timestamp), b: (Timestamp, Timestamp)| {
            let (begin, end) = (a.0.max(b.0), a.1.min(b.1));
            if end > begin { end.since(begin) } else { Span::ZERO }
        };
        let sum = |spans: &mut dyn Iterator<Item = Span>| spans.fold(Span::ZERO, |all, span| all + span);
        let gaps = self.gaps.iter().map(|gap| (gap.0.max(from), gap.1.min(to))).filter(|(begin, end)| end > begin);
        let gaps: Vec<_> = gaps.collect();
        let all = sum(&mut gaps.iter().map(|gap| gap.1.since(gap.0)));
        runs.fold(all, |left, run| {
            let ran = (run.started, run.ended().unwrap_or(to));
            left - sum(&mut gaps.iter().map(|gap| both(*gap, ran)))
        })
    }
}

impl RunState {
    /// When its process ended, which may be before anybody saw it; none while it runs, and where nobody saw its end.
    fn ended(&self) -> Option<Timestamp> {
        let (seen, end) = self.end.as_ref()?;
        match end {
            RunEnd::Exited { took, .. } | RunEnd::Signalled { took, .. } | RunEnd::TimedOut { took } => {
                Some((self.started + *took).min(*seen))
            }
            _ => Some(*seen),
        }
    }
}
