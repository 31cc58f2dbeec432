//! How a launch is rehearsed: on stand-ins or for real, how fast, and what goes wrong in it. It is in the first event of
//! the journal.
//!
//! At a speed above 1 the launch's timeline runs so many times as fast as the wall clock, and with it all that is said in
//! its time: estimates of stand-ins, soaks, limits, rounds, shifts, the clocks of triggers. What is not of this timeline
//! keeps its real time: commands and messages of a rehearsal for real (their minutes stand on record multiplied), and the
//! answers of what is measured. Probes are asked more often, by as much, down to a floor: [`Practice::stretch`].

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::ids::{Instance, Measure, ProbeId, StepId};
use super::outline::{Outline, ProbeOutline};
use super::reading::Outcome;
use super::time::{Offset, Span};

/// The fastest that a rehearsal can be.
pub const FASTEST: u32 = 3600;

/// At most so often, on the wall clock, a probe is asked for the sake of speed: production has others to answer.
const OFTEN: Span = Span::secs(1);

/// The same where the environment is marked for rehearsals, and where nobody is asked.
const OFTENER: Span = Span(100);

/// Begins why a probe is not measured in a rehearsal, where that is as it should be.
pub const NOT_MEASURED: &str = "not measured: ";

/// How a rehearsal is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Practice {
    /// Commands run and messages are sent: the plan says so of its environment, which is not the live one.
    #[serde(default)]
    pub real: bool,
    /// How many times as fast as the plan says it goes; 1 to [`FASTEST`].
    #[serde(default = "one")]
    pub speed: u32,
    /// What is injected into the signals.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scenario: Vec<Injection>,
}

/// A value or a fault that takes the place of what a probe measures, for a while.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Injection {
    /// The signal as the scenario has it: `errors[green]`.
    pub signal: String,
    /// The probe.
    pub probe: ProbeId,
    /// One instance, or all that there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<Instance>,
    /// The measure.
    pub measure: Measure,
    /// Further measures of the probe that it sets, where it is about the whole probe.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub also: BTreeMap<Measure, Outcome>,
    /// What it is, in words: `8 %`, `failing: refused`.
    pub shown: String,
    /// What is found instead.
    pub outcome: Outcome,
    /// From when on; from the beginning where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Moment>,
    /// Until when; else for as long as `lasts`, else until the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Moment>,
    /// How long.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasts: Option<Span>,
}

/// A moment of a scenario. Its times are the launch's, however fast that goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// `T+5m`
    T0(Offset),
    /// `share-25.started + 2m`
    Step {
        /// The step.
        step: StepId,
        /// What became of it.
        what: Happening,
        /// How long after that.
        plus: Span,
    },
    /// `rollback.done`: of any way back.
    Rollback {
        /// What became of it; never failed.
        what: Happening,
        /// How long after that.
        plus: Span,
    },
}

/// What becomes of a step or a way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Happening {
    /// It began.
    Started,
    /// It is done.
    Done,
    /// It failed; a way back stopped.
    Failed,
}

impl Happening {
    /// All, by the word of a scenario.
    pub const ALL: [(&str, Happening); 3] =
        [("started", Happening::Started), ("done", Happening::Done), ("failed", Happening::Failed)];
}

impl fmt::Display for Happening {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::ALL.iter().find(|(_, known)| known == self).map_or("", |(word, _)| word);
        f.write_str(word)
    }
}

fn one() -> u32 {
    1
}

impl Practice {
    /// How many times as fast as the wall clock the timeline runs; 1 or more.
    pub fn pace(&self) -> i64 {
        i64::from(self.speed.max(1))
    }

    /// Whether the scenario sets all that a probe measures, from the beginning to the end: then nobody is asked.
    pub fn plays(&self, probe: &ProbeOutline) -> bool {
        !probe.measures.is_empty() && self.left(probe).is_empty()
    }

    /// The measures of a probe that the scenario does not set from the beginning to the end, of all that the plan expects.
    pub fn left<'p>(&self, probe: &'p ProbeOutline) -> Vec<&'p Measure> {
        let always = |own: &&Injection| own.probe == probe.id && own.is_always();
        let whole = |measure: &&Measure| {
            let parts = || self.scenario.iter().filter(always).filter(|own| own.outcome_of(measure).is_some());
            let named = |instance| parts().any(|own| own.instance.as_ref() == Some(instance));
            parts().any(|own| own.instance.is_none()) || (!probe.expect.is_empty() && probe.expect.iter().all(named))
        };
        probe.measures.iter().map(|measure| &measure.name).filter(|measure| !whole(measure)).collect()
    }

    /// Makes the intervals of a plan's probes, on the timeline, as long as the floor of the wall clock makes them: at 60
    /// times the speed a probe that is asked once a second gives a reading a minute. Where nothing is measured, and in an
    /// environment that is marked for rehearsals, the floor is 100 ms, else 1 s.
    pub fn stretch(&self, outline: &mut Outline) {
        for probe in outline.probes.iter_mut().filter(|_| self.pace() > 1) {
            let floor = if self.real || self.plays(probe) { OFTENER } else { OFTEN };
            probe.every = probe.every.max(floor.times(self.pace()));
        }
    }
}

impl Injection {
    /// The measures that it sets, and to what.
    pub fn sets(&self) -> impl Iterator<Item = (&Measure, &Outcome)> {
        std::iter::once((&self.measure, &self.outcome)).chain(&self.also)
    }

    /// What it sets a measure to; none where it does not.
    pub fn outcome_of(&self, measure: &Measure) -> Option<&Outcome> {
        self.sets().find(|(own, _)| *own == measure).map(|(_, outcome)| outcome)
    }

    /// Whether it is there from the beginning to the end.
    pub fn is_always(&self) -> bool {
        self.from.is_none() && self.until.is_none() && self.lasts.is_none()
    }
}

impl Default for Practice {
    fn default() -> Self {
        Self { real: false, speed: one(), scenario: Vec::new() }
    }
}
