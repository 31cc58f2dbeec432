//! A rehearsal: stand-ins take the place of commands, and of what commands would bring about.
//!
//! A stand-in starts nothing. It takes the plan's `estimate` without the soak, a step of a way back without one its share of
//! that of the way back, and [`SHORT`] where there is none; and it ends well. It changed nothing, so what must hold after it (`verify`, the `require` of an undo) can't be measured: that is taken as held once
//! its `soak` and `for` are over, and says so in its evidence. What would end a step (`fail`) is not looked at either.
//! Where a scenario injects a signal, conditions about it are looked at as in a live launch, from then on and as long as it
//! does. Gates, limits, triggers and whether a way back is ready look at what is measured, as in a live launch.

use super::LaunchState;
use super::due::appointment;
use super::injection::{injected_about, marked};
use crate::core::condition::{Condition, Quantifier};
use crate::core::event::Mode;
use crate::core::ids::{RunId, RunKind, StepId};
use crate::core::practice::Practice;
use crate::core::reading::Verdict;
use crate::core::signals::{Finding, Judge, Signals};
use crate::core::time::{Span, Timestamp};

/// What a stand-in takes where the plan has no estimate.
pub const SHORT: Span = Span::secs(10);

/// What takes the place of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StandIn {
    /// How long it takes.
    pub takes: Span,
    /// The plan's estimate of the whole step; none where it has none.
    pub estimate: Option<Span>,
    /// The estimate of the way back of which it takes a share, where the step has none of its own.
    pub share_of: Option<Span>,
    /// The command as it would run, variables filled in, secrets as written.
    pub command: String,
    /// The name of the output that the step keeps, and what is kept.
    pub output: Option<(String, String)>,
}

impl LaunchState {
    /// Whether it starts no command and sends nothing: a rehearsal, unless the plan marks its environment as real.
    pub fn stands_in(&self) -> bool {
        self.mode == Mode::Rehearsal && !self.practice.as_ref().is_some_and(|p| p.real)
    }

    /// How many times as fast as the wall clock its timeline runs; 1 but in a rehearsal that is quicker.
    pub fn pace(&self) -> i64 {
        self.practice.as_ref().map_or(1, Practice::pace)
    }

    /// What a rehearsal is called so that nobody takes it for the launch: `REHEARSAL 300x`, or without how much quicker
    /// its timeline is; `REAL REHEARSAL` where commands run. None where it is live.
    pub fn rehearsal(&self) -> Option<String> {
        let quicker = Some(self.pace()).filter(|pace| *pace > 1).map(|pace| format!(" {pace}x"));
        let real = if self.stands_in() { "" } else { "REAL " };
        (self.mode == Mode::Rehearsal).then(|| format!("{real}REHEARSAL{}", quicker.unwrap_or_default()))
    }
}

/// What takes the place of a run's command; none in a launch that runs commands, and where the plan has none.
pub fn stand_in(state: &LaunchState, run: &RunId) -> Option<StandIn> {
    if !state.stands_in() {
        return None;
    }
    let step = state.outline.step(&run.step)?;
    let (command, estimate) = match (run.kind, &step.undo) {
        (RunKind::Do, _) => (step.run.as_ref()?, step.estimate),
        (RunKind::Undo, Some(undo)) => (&undo.run, undo.estimate),
        (RunKind::Undo, None) => return None,
    };
    let output = step.output.clone().filter(|_| run.kind == RunKind::Do);
    // The estimate is of the whole step, and the soak comes after the command.
    let soak = step.soak.filter(|_| run.kind == RunKind::Do).unwrap_or(Span::ZERO);
    let share = if estimate.is_none() { share(state, &run.step) } else { None };
    let short = share.map_or(SHORT, |(share, _)| share);
    Some(StandIn {
        share_of: share.map(|(_, whole)| whole),
        takes: estimate.map_or(short, |estimate| (estimate - soak).max(Span::secs(1).min(estimate))),
        estimate,
        command: state.outline.as_run(&run.step, command),
        output: output.map(|name| (name.clone(), format!("rehearsal-{name}"))),
    })
}

/// What is left of the estimate of a named way back for one of its steps that has none of its own, and the whole estimate.
fn share(state: &LaunchState, step: &StepId) -> Option<(Span, Span)> {
    let way = state.outline.rollbacks.iter().find(|way| way.steps.iter().any(|own| own.id == *step))?;
    let whole = way.estimate?;
    let known = way.steps.iter().filter_map(|own| own.estimate).fold(Span::ZERO, |all, one| all + one);
    let others = way.steps.iter().filter(|own| own.estimate.is_none()).count();
    let each = (whole - known).millis() / i64::try_from(others.max(1)).unwrap_or(i64::MAX);
    Some((Span(each).max(Span::secs(1)), whole))
}

impl StandIn {
    /// What stands where a command's output would.
    pub fn says(&self) -> String {
        let time = match self.estimate {
            Some(estimate) if estimate == self.takes => format!("{estimate}, its estimate"),
            Some(estimate) => format!("{}, its estimate of {estimate} without its soak", self.takes),
            None => match self.share_of {
                Some(whole) => format!("{}, its share of the way back's estimate of {whole}", self.takes),
                None => format!("{}; it has no estimate", self.takes),
            },
        };
        let kept =
            self.output.as_ref().map(|(name, value)| format!("rehearsal: {name} would be kept; `{value}` stands in\n"));
        let command = self.command.trim_end().lines().map(|line| format!("  {line}\n")).collect::<String>();
        format!(
            "rehearsal: nothing is run; a stand-in takes {time}\nrehearsal: would run\n{command}{}",
            kept.unwrap_or_default()
        )
    }
}

/// What must hold, or must not happen, after a step did its work. On stand-ins that is not measured.
pub fn judge_effect(
    state: &LaunchState,
    signals: &Signals,
    condition: &Condition,
    how: Judge,
    now: Timestamp,
) -> Finding {
    let injected = injected_about(state, condition);
    if let Some(since) = injected.since {
        let how = Judge { from: how.from.max(since), ..how };
        return marked(state, condition, signals.judge(condition, how, now));
    }
    if !state.stands_in() {
        return signals.judge(condition, how, now);
    }
    if how.of == Quantifier::Any {
        return finding(Verdict::False, Verdict::False, None, Span::ZERO, None, "not looked at in a rehearsal");
    }
    let needs = match (condition.lasting, how.soak) {
        (None, None) => None,
        (lasting, soak) => Some(lasting.unwrap_or_default() + soak.unwrap_or_default()),
    };
    let from = injected.ended.map_or(how.from, |ended| ended.max(how.from));
    let full = appointment(state, from, needs.unwrap_or_default());
    let left = full.since(now).max(Span::ZERO);
    let lasted = (needs.unwrap_or_default() - left).max(Span::ZERO);
    let verdict = if left == Span::ZERO { Verdict::True } else { Verdict::False };
    let full = needs.filter(|_| left > Span::ZERO).map(|_| full);
    finding(verdict, Verdict::True, needs, lasted, full, "not measured: taken as held in the rehearsal")
}

fn finding(
    verdict: Verdict,
    now: Verdict,
    needs: Option<Span>,
    lasted: Span,
    full_at: Option<Timestamp>,
    found: &str,
) -> Finding {
    Finding {
        verdict,
        now,
        lasted,
        since: None,
        needs,
        frozen: false,
        waits: false,
        few: false,
        found: found.to_owned(),
        agreed: None,
        instance: None,
        full_at,
    }
}
