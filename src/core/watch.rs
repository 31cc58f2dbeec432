//! Checks that come again, of `[[watch]]`: the plan's words, the facts that the journal keeps of them, and what people
//! order. The rules are in [`super::launch`].

use serde::{Deserialize, Serialize};

use super::ids::{ProbeId, RoleId, SignalId, WatchId};
use super::order::Operator;
use super::reading::Level;
use super::time::{Offset, Span, Timestamp};

/// Where the plan does not say: a check is overdue after this long.
const GRACE: Span = Span::mins(10);

/// A watch of the plan: the same check, again and again. It has `rounds` or `at`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WatchOutline {
    /// Its id.
    pub id: WatchId,
    /// What people call it; the id where the plan has none.
    pub title: String,
    /// The role that does it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<RoleId>,
    /// How often, one span of time after the other. The first begins at T-0, each other one where the one before ends.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rounds: Vec<Round>,
    /// Or when, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub at: Vec<Offset>,
    /// Boxes to tick each time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub items: Vec<String>,
    /// Probes whose signals are kept with each check; all where none is named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<ProbeId>,
    /// How long after its time a check is overdue, where the plan says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grace: Option<Span>,
}

/// A span of time with a check every so often: the first one `every` after its beginning, the last one no later than its
/// end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// Its end; later than that of the one before, and than T-0.
    pub until: Offset,
    /// How often; positive.
    pub every: Span,
}

impl WatchOutline {
    /// The rounds with their beginnings, and how many checks each has.
    fn parts(&self) -> impl Iterator<Item = (Span, Span, i64)> {
        let starts = std::iter::once(Span::ZERO).chain(self.rounds.iter().map(|round| round.until.0));
        starts.zip(&self.rounds).map(|(start, round)| {
            let every = round.every.millis().max(1);
            (start, Span(every), ((round.until.0 - start).millis() / every).max(0))
        })
    }

    /// The first check after an offset from T-0; none where there is no more.
    pub fn after(&self, offset: Span) -> Option<Offset> {
        let round = self.parts().find_map(|(start, every, count)| {
            let nth = ((offset - start).millis().div_euclid(every.millis()) + 1).max(1);
            (nth <= count).then(|| Offset(start + every.times(nth)))
        });
        round.or_else(|| self.at.iter().copied().find(|at| at.0 > offset))
    }

    /// The last check at or before an offset from T-0; none before the first.
    pub fn latest(&self, offset: Span) -> Option<Offset> {
        let rounds = self.parts().filter_map(|(start, every, count)| {
            let nth = (offset - start).millis().div_euclid(every.millis()).min(count);
            (nth >= 1).then(|| Offset(start + every.times(nth)))
        });
        rounds.last().or_else(|| self.at.iter().copied().rfind(|at| at.0 <= offset))
    }

    /// How many checks there are up to an offset from T-0, that moment included.
    pub fn count(&self, offset: Span) -> i64 {
        let rounds: i64 = self
            .parts()
            .map(|(start, every, count)| (offset - start).millis().div_euclid(every.millis()).clamp(0, count))
            .sum();
        rounds + self.at.iter().filter(|at| at.0 <= offset).count() as i64
    }

    /// How long after its time the check of an offset is overdue: as the plan says, else ten minutes, or a third of the
    /// time between two checks where that is less.
    pub fn grace(&self, of: Offset) -> Span {
        let every = self.rounds.iter().find(|round| of <= round.until).map(|round| round.every);
        self.grace.unwrap_or_else(|| every.map_or(GRACE, |every| GRACE.min(Span(every.millis() / 3))))
    }
}

/// A signal as it was when a check was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckReading {
    /// Which.
    pub signal: SignalId,
    /// Its level.
    pub level: Level,
    /// Its newest value as people read it, or why there is none.
    pub value: String,
}

/// `errors 0.06 %`, `api unknown: 401`.
impl std::fmt::Display for CheckReading {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.level {
            Level::Ok => write!(f, "{} {}", self.signal, self.value),
            level => write!(f, "{} {} ({})", self.signal, self.value, level.word()),
        }
    }
}

/// What happened about a watch. Its checks are counted from 1, those that were missed among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "fact", rename_all = "kebab-case")]
pub enum CheckFact {
    /// A check is due. At most one of a watch is open.
    Due {
        /// The watch.
        watch: WatchId,
        /// The check.
        check: u32,
        /// Its time.
        due: Timestamp,
        /// How long after that it is overdue.
        grace: Span,
    },
    /// A box was ticked or unticked.
    Ticked {
        /// The watch.
        watch: WatchId,
        /// The check.
        check: u32,
        /// The item, counted from 0.
        item: usize,
        /// What it said then: a changed plan may say something else there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        text: Option<String>,
        /// On or off.
        on: bool,
        /// Who.
        by: Operator,
    },
    /// Somebody did it.
    Done {
        /// The watch.
        watch: WatchId,
        /// The check.
        check: u32,
        /// Who.
        by: Operator,
        /// All was well; else something was found, and `text` says what.
        well: bool,
        /// What they say; may be empty.
        #[serde(default, skip_serializing_if = "String::is_empty")]
        text: String,
        /// Items that nobody ticked, counted from 0.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        open: Vec<usize>,
        /// What was measured at that moment.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        readings: Vec<CheckReading>,
    },
    /// It is left out this time.
    Skipped {
        /// The watch.
        watch: WatchId,
        /// The check.
        check: u32,
        /// Who.
        by: Operator,
        /// Why.
        why: String,
    },
    /// Nobody did it until the next one was due. Nothing catches up.
    Missed {
        /// The watch.
        watch: WatchId,
        /// The check; of several the first.
        check: u32,
        /// How many.
        count: u32,
        /// They came due while no engine ran.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        unattended: bool,
    },
    /// Written by a newer tminus.
    #[serde(other)]
    Unknown,
}

/// What a person does about a check that is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CheckAct {
    /// Tick or untick a box. With the last one the check is done.
    Tick {
        /// The item, counted from 0.
        item: usize,
        /// On or off.
        on: bool,
    },
    /// All is well.
    Done {
        /// What they say; needed where boxes are open.
        why: Option<String>,
    },
    /// Something is not well.
    Found {
        /// What.
        text: String,
    },
    /// It is left out this time.
    Skip {
        /// Why.
        why: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watch(rounds: &[(i64, i64)], at: &[i64]) -> WatchOutline {
        let round =
            |(until, every): &(i64, i64)| Round { until: Offset(Span::mins(*until)), every: Span::mins(*every) };
        WatchOutline {
            id: "metrics".into(),
            title: "Metrics".to_owned(),
            owner: None,
            rounds: rounds.iter().map(round).collect(),
            at: at.iter().map(|at| Offset(Span::mins(*at))).collect(),
            items: Vec::new(),
            signals: Vec::new(),
            grace: None,
        }
    }

    #[test]
    fn rounds_come_one_after_the_other_from_t_0() {
        let watch = watch(&[(120, 15), (360, 30), (2880, 120)], &[]);
        let (mut at, mut all) = (Span::mins(-60), Vec::new());
        while let Some(next) = watch.after(at) {
            assert_eq!(watch.latest(next.0), Some(next));
            assert_eq!(watch.latest(next.0 + Span(1)), Some(next));
            assert_eq!(watch.count(next.0), all.len() as i64 + 1);
            assert_eq!(watch.count(next.0 - Span(1)), all.len() as i64);
            all.push(next.0.millis() / 60_000);
            at = next.0;
        }
        assert_eq!(&all[..10], [15, 30, 45, 60, 75, 90, 105, 120, 150, 180]);
        assert_eq!((all[15], all[16], all.len(), all.last()), (360, 480, 37, Some(&2880)));
        assert_eq!(watch.latest(Span::mins(14)), None);
        let graces = [15, 150, 480].map(|at| watch.grace(Offset(Span::mins(at))));
        assert_eq!(graces, [5, 10, 10].map(Span::mins));
    }

    #[test]
    fn a_sync_comes_at_its_moments() {
        let watch = watch(&[], &[360, 1440]);
        assert_eq!(watch.after(Span::ZERO), Some(Offset(Span::mins(360))));
        assert_eq!(watch.after(Span::mins(360)), Some(Offset(Span::mins(1440))));
        assert_eq!(watch.after(Span::mins(1440)), None);
        assert_eq!(watch.latest(Span::mins(1439)), Some(Offset(Span::mins(360))));
        assert_eq!((watch.count(Span::mins(359)), watch.count(Span::mins(9999))), (0, 2));
        assert_eq!(watch.grace(Offset(Span::mins(360))), Span::mins(10));
    }
}
