//! From a condition to a finding: the rows of its instances, each folded alone, then taken together by *any* or *all*.

use super::clock::{self, Clock, Rule};
use super::row::{Row, Truth, stale};
use super::{Signals, Tracked, measure_of};
use crate::core::condition::{Condition, NoDataRule, Quantifier};
use crate::core::event::Evidence;
use crate::core::ids::Instance;
use crate::core::reading::{Outcome, Verdict};
use crate::core::time::{Span, Timestamp};

/// What a condition comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// With `k of n`, `for` and the instances taken together.
    pub verdict: Verdict,
    /// The comparison at this moment, `k of n` included, `for` left out.
    pub now: Verdict,
    /// How long it has held, in observed time; of the instance that is furthest (any) or least far (all). It stops
    /// counting where it has reached what it needs.
    pub lasted: Span,
    /// How long it must hold.
    pub needs: Option<Span>,
    /// The clock stands still for want of data.
    pub frozen: bool,
    /// There are readings, but none yet that counts, and there was no time for one.
    pub waits: bool,
    /// It rests on fewer samples than the plan wants; `found` says how many there are.
    pub few: bool,
    /// What it rests on, in words: `6.10 % > 1 %`, `green 6.10 % > 1 %`, `no data: 401`.
    pub found: String,
    /// Of `k of n`: how many of the last polls agreed.
    pub agreed: Option<u8>,
    /// The instance that decides.
    pub instance: Option<Instance>,
    /// Since when it has held, while it has not held for long enough.
    pub since: Option<Timestamp>,
    /// When the clock would be full if every next reading agreed; for a deadline to look at.
    pub full_at: Option<Timestamp>,
}

/// How to judge a condition.
#[derive(Clone, Copy, Debug)]
pub struct Judge {
    /// Any or all instances.
    pub of: Quantifier,
    /// Readings before this moment don't count.
    pub from: Timestamp,
    /// What no data does to the clock.
    pub no_data: NoDataRule,
    /// Must hold at least this long, beside the condition's own `for` (a soak).
    pub soak: Option<Span>,
}

impl Judge {
    /// Any instance, since a moment.
    pub fn any(from: Timestamp) -> Self {
        Self { of: Quantifier::Any, from, no_data: NoDataRule::Freeze, soak: None }
    }

    /// All instances, since a moment.
    pub fn all(from: Timestamp) -> Self {
        Self { of: Quantifier::All, from, no_data: NoDataRule::Freeze, soak: None }
    }

    /// A condition's own `for` and the soak, one after the other: it must have held that long for a soak's length.
    fn rule(self, condition: &Condition) -> Rule {
        let needs = match (condition.lasting, self.soak) {
            (None, None) => None,
            (lasting, soak) => Some(lasting.unwrap_or_default() + soak.unwrap_or_default()),
        };
        Rule { from: self.from, needs, polls: condition.polls, no_data: self.no_data, not: false }
    }
}

impl Signals {
    /// What a condition comes to.
    pub fn judge(&self, condition: &Condition, how: Judge, now: Timestamp) -> Finding {
        self.found(condition, how, how.rule(condition), now)
    }

    /// Whether the bare comparison has been false for so long, of every instance: what a fired trigger waits for.
    pub fn quiet(&self, condition: &Condition, needs: Span, from: Timestamp, now: Timestamp) -> Finding {
        let how = Judge::all(from);
        let rule = Rule { needs: Some(needs), polls: None, not: true, ..how.rule(condition) };
        self.found(condition, how, rule, now)
    }

    fn found(&self, condition: &Condition, how: Judge, rule: Rule, now: Timestamp) -> Finding {
        let Some(tracked) = self.probes.get(&condition.subject.probe) else {
            return nothing(rule, format!("the plan has no probe {}", condition.subject.probe));
        };
        if let Some(gone) = self.gone(&condition.subject) {
            return nothing(rule, gone);
        }
        let instances = match &condition.subject.instance {
            Some(one) => vec![Some(one.clone())],
            None => self.instances_of(tracked, condition),
        };
        let named = condition.subject.instance.is_none() && instances.iter().any(Option::is_some);
        let all: Vec<(Option<Instance>, Row, Clock)> = instances
            .into_iter()
            .map(|instance| {
                let row = self.row(tracked, condition, instance.as_ref());
                let clock = clock::fold(&row, rule, now);
                (instance, row, clock)
            })
            .collect();
        let any = how.of == Quantifier::Any;
        let rank = |clock: &Clock| match (clock.verdict(), any) {
            (Truth::True, true) => 0,
            (Truth::NoData | Truth::CutOff, true) => 1,
            (Truth::False, true) => 2,
            // Of all, one that has not held for long enough yet hides none of which nobody knows anything.
            (Truth::False, false) if clock.agreed == Truth::True => 2,
            (Truth::False, false) => 0,
            (Truth::NoData | Truth::CutOff, false) => 1,
            (Truth::True, false) => 3,
        };
        // The instance that decides: by verdict, then by how far its clock has run (any) or how little (all).
        let far = |clock: &Clock| if any { Span::ZERO - clock.lasted } else { clock.lasted };
        // Of those that are alike, the one whose value is furthest on the side that is asked about.
        let margin = |row: &Row, clock: &Clock| {
            let newest = clock.newest.and_then(|index| row.series?.get(index));
            let margin = newest.map_or(f64::NEG_INFINITY, |entry| row.margin(entry));
            if any != rule.not { -margin } else { margin }
        };
        let order = |(_, a, x): &(_, Row, Clock), (_, b, y): &(_, Row, Clock)| {
            let by_clock = (rank(x), far(x)).cmp(&(rank(y), far(y)));
            by_clock.then_with(|| margin(a, x).total_cmp(&margin(b, y)))
        };
        let Some(decides) = all.iter().min_by(|a, b| order(a, b)) else {
            return nothing(rule, "never seen".to_owned());
        };
        // If none has held long enough but one is on its way, that one is shown, with the verdict of all.
        let pending = |clock: &Clock| clock.agreed == Truth::True && clock.verdict() == Truth::False;
        let on_its_way = all.iter().filter(|(.., clock)| any && pending(clock)).min_by(|a, b| order(a, b));
        let shown = if decides.2.verdict() == Truth::True { decides } else { on_its_way.unwrap_or(decides) };
        let (verdict, _) = verdict(&decides.1, &decides.2, rule, decides.2.verdict(), now);
        finding(shown, verdict, rule, named, now)
    }

    /// The instances that a condition without one is about.
    pub(super) fn instances_of(&self, tracked: &Tracked, condition: &Condition) -> Vec<Option<Instance>> {
        let measure = measure_of(condition, &tracked.outline);
        let keys = self.keys(tracked).into_iter().filter(|(_, m)| measure.is_none_or(|wanted| m == wanted));
        let mut instances: Vec<_> = keys.map(|(instance, _)| instance).collect();
        instances.dedup();
        instances
    }
}

fn finding(
    (instance, row, clock): &(Option<Instance>, Row, Clock),
    overall: Verdict,
    rule: Rule,
    named: bool,
    now: Timestamp,
) -> Finding {
    let (agreed, words) = verdict(row, clock, rule, clock.agreed, now);
    let found = match instance {
        Some(name) if named => format!("{name} {words}"),
        _ => words,
    };
    Finding {
        verdict: overall,
        frozen: matches!(agreed, Verdict::NoData(_)) && clock.lasted > Span::ZERO,
        waits: waits(row, clock, rule, now),
        few: few(row, clock),
        now: agreed,
        lasted: clock.lasted,
        needs: clock.needs,
        found,
        agreed: rule.polls.filter(|_| clock.fresh).map(|_| clock.yes),
        instance: instance.clone(),
        since: clock.since,
        full_at: clock.full_at,
    }
}

/// Whether the first reading that counts is still to come, and not late.
fn waits(row: &Row, clock: &Clock, rule: Rule, now: Timestamp) -> bool {
    let before = row.series.is_some_and(|series| !series.is_empty());
    clock.newest.is_none() && before && now.since(rule.from) <= row.gap
}

/// Whether the newest reading rests on too few samples.
fn few(row: &Row, clock: &Clock) -> bool {
    let newest = clock.newest.filter(|_| clock.fresh).and_then(|index| row.series?.get(index));
    newest.is_some_and(|(_, outcome)| matches!(outcome, Outcome::Few(_)))
}

/// A truth with its reason, and what it rests on in words.
fn verdict(row: &Row, clock: &Clock, rule: Rule, truth: Truth, now: Timestamp) -> (Verdict, String) {
    let newest = clock.newest.and_then(|index| row.series?.get(index));
    let bare = newest.map(|entry| (row.truth(entry), row.words(entry)));
    let why = match (newest, &bare, rule.polls) {
        (None, ..) if waits(row, clock, rule, now) => "waits for a newer reading".to_owned(),
        (None, ..) if row.series.is_some_and(|s| !s.is_empty()) => "no reading yet since it began".to_owned(),
        (None, ..) => "never seen".to_owned(),
        (Some((at, _)), ..) if !clock.fresh => stale(now, *at),
        (_, Some((Truth::True | Truth::False, _)), Some(polls)) => {
            format!("{} of the last {} polls, {} needed", clock.yes, polls.of, polls.k)
        }
        (_, Some((_, words)), _) => words.clone(),
        (_, None, _) => "never seen".to_owned(),
    };
    let words = match (bare, rule.polls) {
        (Some((Truth::True | Truth::False, words)), Some(polls)) if clock.fresh => {
            format!("{words}{}", clock.of_polls(polls))
        }
        (Some((Truth::True | Truth::False, words)), None) if clock.fresh => words,
        _ if waits(row, clock, rule, now) => why.clone(),
        // What is measured so far says by itself that it is not enough.
        _ if few(row, clock) => why.clone(),
        _ => format!("no data: {why}"),
    };
    let verdict = match truth {
        Truth::True => Verdict::True,
        Truth::False => Verdict::False,
        Truth::NoData | Truth::CutOff => Verdict::NoData(why),
    };
    (verdict, words)
}

fn nothing(rule: Rule, why: String) -> Finding {
    Finding {
        verdict: Verdict::NoData(why.clone()),
        now: Verdict::NoData(why.clone()),
        lasted: Span::ZERO,
        needs: rule.needs,
        frozen: false,
        waits: false,
        few: false,
        found: format!("no data: {why}"),
        agreed: None,
        instance: None,
        since: None,
        full_at: None,
    }
}

impl Finding {
    /// For the journal.
    pub fn evidence(&self, condition: &Condition) -> Evidence {
        let held = match self.verdict {
            Verdict::True => Some(true),
            Verdict::False => Some(false),
            Verdict::NoData(_) => None,
        };
        Evidence {
            condition: condition.to_string(),
            held,
            found: self.found.clone(),
            lasted: self.needs.map(|_| self.lasted),
        }
    }
}
