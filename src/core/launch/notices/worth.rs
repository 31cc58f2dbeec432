//! What is worth telling at a moment, whether a rule of the plan asks for it or not.

use super::{Notice, budget, shifts};
use crate::core::event::Event;
use crate::core::ids::{ProbeId, WatchId};
use crate::core::launch::triggers::is_closed;
use crate::core::launch::{
    CheckResult, DutyKind, INJECTED, Incident, LaunchState, OpenCheck, RollbackStatus, Status, StepState, StepStatus,
    StoppedItem, answered, calling_since, duties, injected, next_call, observed_before, open_checks,
};
use crate::core::notice::{NoticeKind, Subject};
use crate::core::order::Operator;
use crate::core::outline::{StepOutline, TriggerOutline};
use crate::core::reading::Level;
use crate::core::signals::Signals;
use crate::core::tell;
use crate::core::time::{Span, Timestamp};
use crate::core::wall::Wall;
use crate::core::words::clock;

/// A probe must have been within its limits for so long until its `critical` counts as over, so that one that flaps is
/// told once.
const QUIET: Span = Span::mins(1);

/// Who was told of an incident, or that it is worse, is not told within this time that something of it is overdue: they
/// know, and it was due at once.
const AGAIN: Span = Span::mins(1);

/// Stands before the number of a notice whose key another had before.
const ONCE_MORE: &str = "/again-";

/// Stands in the key of a notice between things of one incident that became overdue at once.
const AND: char = '+';

/// Something worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Worth {
    /// What kind of thing it is.
    pub kind: NoticeKind,
    /// What it is about.
    pub subject: Subject,
    /// What it is, once in a launch; a probe's `critical`, which comes and goes, gets a number at its end.
    pub key: String,
    /// What is told.
    pub text: String,
    /// Who is on it already, and what they do.
    pub seen: Option<(Operator, String)>,
}

impl Worth {
    pub(super) fn new(kind: NoticeKind, subject: Subject, nth: impl std::fmt::Display, text: String) -> Self {
        let key = format!("{kind}/{subject}/{nth}");
        Self { kind, subject, key, text, seen: None }
    }

    /// The key where another notice had the same and is over: what it told came back.
    pub fn once_more(&self, number: u32) -> String {
        format!("{}{ONCE_MORE}{number}", self.key)
    }

    /// Whether a notice tells this.
    pub fn is(&self, notice: &Notice) -> bool {
        let again = self.kind == NoticeKind::Critical && notice.kind == self.kind && notice.subject == self.subject;
        let key = notice.key.rsplit_once(ONCE_MORE).map_or(notice.key.as_str(), |(key, _)| key);
        let tells = |(about, nth): (&str, &str)| {
            notice.kind == self.kind && nth.split(AND).any(|nth| format!("{about}/{nth}") == self.key)
        };
        again || key == self.key || key.rsplit_once('/').is_some_and(tells)
    }
}

/// All that is worth telling now; the end of a launch, after which nobody looks, is told by itself.
pub fn worth(state: &LaunchState, signals: &Signals, now: Timestamp) -> Vec<Worth> {
    let mut all: Vec<Worth> =
        state.outline.probes.iter().filter_map(|p| critical(state, signals, &p.id, now)).collect();
    all.extend(state.outline.triggers.iter().filter_map(|t| trigger(state, t, now)));
    all.extend((1..).zip(&state.incidents).flat_map(|(number, known)| incident(state, number, known, now)));
    let steps = state.outline.steps.iter().filter_map(|s| Some((s, state.steps.get(&s.id)?)));
    all.extend(steps.filter_map(|(step, own)| self::step(state, step, own)));
    all.extend(rollback(state));
    all.extend(open_checks(state).iter().filter_map(|open| check(state, open, now)));
    all.extend(shifts::worth(state, now));
    all.extend(state.outline.criteria.iter().filter_map(|of| budget::budget(state, of, now)));
    all.extend(budget::side(state));
    all
}

/// How a notice that is no longer worth telling came to its end; none where it did not yet.
pub fn over(state: &LaunchState, signals: &Signals, notice: &Notice, now: Timestamp) -> Option<String> {
    match &notice.subject {
        Subject::Probe(id) => recovered(state, signals, id, now),
        Subject::Trigger(id) => {
            let trigger = state.outline.trigger(id);
            let dismissed = state.triggers.get(id).and_then(|t| t.fired.as_ref()?.dismissed.as_ref());
            // One that began before it fired is no answer.
            let began = |number: &u32| state.rollbacks.get((*number as usize).wrapping_sub(1)).map(|back| back.started);
            let answered = trigger.and_then(|t| answered(state, t, now)).filter(|n| began(n) >= Some(notice.raised));
            Some(match (dismissed, answered) {
                (Some(said), _) => format!("dismissed by {}: {}", said.by, said.text),
                (None, Some(number)) => format!("rollback {number} answers it"),
                (None, None) => "cleared".to_owned(),
            })
        }
        Subject::Step(id) => Some(match state.steps.get(id).map(|own| &own.status) {
            Some(StepStatus::Done { by, .. }) if notice.kind == NoticeKind::Gate => format!("GO, decided by {by}"),
            Some(StepStatus::NoGo { by, why, .. }) => {
                format!("NO-GO, decided by {by}{}", why.as_ref().map_or_else(String::new, |why| format!(": {why}")))
            }
            Some(StepStatus::Expired { .. }) => "nobody decided: the poll expired".to_owned(),
            Some(_) => state.word(id).to_owned(),
            None => "no longer in the plan".to_owned(),
        }),
        Subject::Incident(number) => {
            let known = (*number as usize).checked_sub(1).and_then(|i| state.incidents.get(i));
            let closed = known.and_then(Incident::closed).map(|closed| format!("closed {closed}"));
            Some(match (closed, known) {
                (Some(closed), _) => closed,
                (None, _) if notice.kind == NoticeKind::Overdue => "it was done".to_owned(),
                (None, Some(known)) => format!("a SEV{} now", known.level),
                (None, None) => "it was done".to_owned(),
            })
        }
        Subject::Rollback(number) => {
            let known = (*number as usize).checked_sub(1).and_then(|i| state.rollbacks.get(i));
            Some(match known.map(|r| &r.status) {
                Some(RollbackStatus::Done { took, .. }) => format!("done in {}", clock(*took)),
                Some(RollbackStatus::Left { why, .. }) => format!("given up where it stood: {why}"),
                _ => "it goes on".to_owned(),
            })
        }
        Subject::Watch(id) => Some(check_over(state, id)),
        Subject::Shift => Some(shifts::over(state, notice)),
        Subject::Criterion(id) => Some(budget::budget_over(state, id, now)),
        Subject::Side => Some("our own side reaches its vantage again".to_owned()),
        Subject::Launch => Some("it is over".to_owned()),
    }
}

fn critical(state: &LaunchState, signals: &Signals, id: &ProbeId, now: Timestamp) -> Option<Worth> {
    let found = signals.of_probe(id).into_iter().filter_map(|signal| {
        let (level, why) = signals.level(&signal, now);
        let injected = if injected(state, &signal) { INJECTED } else { "" };
        (level == Level::Critical).then(|| format!("{signal} {}{injected}", why.unwrap_or_default()))
    });
    let found: Vec<String> = found.collect();
    let title = state.outline.probe(id).map(|p| p.title.as_str()).filter(|title| *title != id.as_str());
    let called = title.map_or_else(String::new, |title| format!("{title}: "));
    let text = format!("{called}critical: {}", found.join("; "));
    (!found.is_empty()).then(|| Worth::new(NoticeKind::Critical, Subject::Probe(id.clone()), "", text))
}

/// All signals of a probe that was critical are known and within its limits, and have been for a while.
fn recovered(state: &LaunchState, signals: &Signals, id: &ProbeId, now: Timestamp) -> Option<String> {
    let all = signals.of_probe(id);
    if all.is_empty() {
        return Some("it is no longer measured".to_owned());
    }
    let known = |level: Level| matches!(level, Level::Ok | Level::Warn);
    // A minute that somebody observed: what nobody did is neither good nor bad.
    let since = observed_before(state, now, QUIET);
    let quiet = all.iter().all(|signal| {
        let recent = signals.readings_since(signal, since);
        known(signals.level(signal, now).0)
            && recent.into_iter().all(|at| signals.level(signal, at).0 != Level::Critical)
    });
    quiet.then(|| format!("no longer critical, and not for {QUIET}"))
}

fn trigger(state: &LaunchState, trigger: &TriggerOutline, now: Timestamp) -> Option<Worth> {
    let own = state.triggers.get(&trigger.id)?;
    let fired = own.fired.as_ref().filter(|fired| fired.dismissed.is_none())?;
    if answered(state, trigger, now).is_some() {
        return None;
    }
    let (id, instance) = (trigger.id.clone(), fired.instance.clone());
    let (evidence, by) = (fired.evidence.clone(), fired.by.clone());
    let closed = is_closed(state, trigger);
    let event = Event::TriggerFired { trigger: id.clone(), instance, evidence, by, closed, answered: None };
    let text = tell::tell(state, &event).text;
    let seen = fired.acked.as_ref().map(|said| (said.by.clone(), said.text.clone()));
    Some(Worth { seen, ..Worth::new(NoticeKind::Trigger, Subject::Trigger(id), own.times, text) })
}

fn incident(state: &LaunchState, number: u32, known: &Incident, now: Timestamp) -> Vec<Worth> {
    if known.resolved.is_some() {
        return Vec::new();
    }
    let (level, by) = (known.level, &known.by);
    let what = if known.text.is_empty() { String::new() } else { format!(": {}", known.text) };
    let subject = || Subject::Incident(number);
    let text = format!("SEV{level} #{number}, opened by {by}{what}");
    let seen = known.answered.as_ref().map(|said| (said.by.clone(), said.text.clone()));
    let open = Worth { seen, ..Worth::new(NoticeKind::severity(level), subject(), known.levels.len(), text) };
    let told = known.levels.last().map_or(known.opened, |(at, _)| *at) + AGAIN;
    let late = duties(state, number).into_iter().filter(|duty| duty.is_overdue(now) && told <= now);
    let late = late.filter(|duty| duty.kind != DutyKind::Call).map(|duty| {
        // Two may be due in the same second.
        let kind = if duty.kind == DutyKind::Response { "response" } else { "update" };
        (format!("{kind}-{}", duty.at.millis() / 1000), format!("{kind} {}", was_due(state, duty.at, now)))
    });
    // Whoever is called after one who did not answer: that is still the call that was told of.
    let call = calling_since(state, number).filter(|since| *since + Span::secs(1) <= now && told <= now);
    let call = call.and_then(|since| {
        let next = next_call(state, number).filter(|next| next.at <= now)?;
        let words = format!("call {}: {}", was_due(state, since, now), next.words());
        Some((format!("call-{}", since.millis() / 1000), words))
    });
    let overdue = |nth: String, words: String| {
        Worth::new(NoticeKind::Overdue, subject(), nth, format!("SEV{level} #{number}: {words}{what}"))
    };
    // What becomes overdue at once is one thing to be told.
    let one = late.chain(call).map(|(nth, words)| (overdue(nth.clone(), String::new()), nth, words));
    let (old, new): (Vec<_>, Vec<_>) = one.partition(|(one, ..)| state.notices.standing().any(|n| one.is(n)));
    let joined =
        |part: fn(&(Worth, String, String)) -> &str, by: &str| new.iter().map(part).collect::<Vec<_>>().join(by);
    let late = overdue(joined(|(_, nth, _)| nth, &AND.to_string()), joined(|(.., words)| words, ", "));
    let late = (!new.is_empty()).then_some(late);
    std::iter::once(open).chain(old.into_iter().map(|(one, ..)| one)).chain(late).collect()
}

/// `OVERDUE, was due 02:40 CET`: true also for who reads it later.
pub(super) fn was_due(state: &LaunchState, at: Timestamp, now: Timestamp) -> String {
    format!("OVERDUE, was due {}", Wall::of(state).zoned(at, now))
}

fn step(state: &LaunchState, step: &StepOutline, own: &StepState) -> Option<Worth> {
    let subject = Subject::Step(step.id.clone());
    let (kind, text) = match &own.status {
        StepStatus::Polling => {
            let votes: Vec<&str> = step.gate.iter().flat_map(|g| &g.poll).map(|role| role.as_str()).collect();
            let votes = if votes.is_empty() { String::new() } else { format!("; {} vote", votes.join(", ")) };
            (NoticeKind::Gate, format!("{} asks for its decision: {} decides{votes}", step.title, state.lead))
        }
        StepStatus::Expired { .. } => {
            (NoticeKind::Overdue, format!("{}: nobody decided: the poll expired", step.title))
        }
        StepStatus::Failed { why, .. } => (NoticeKind::StepFailed, format!("{} failed: {why}", step.title)),
        StepStatus::Interrupted { run, .. } => {
            let its = run.kind.its();
            let what = format!("interrupted: nobody saw the end of {its}, and a person says what became of it");
            (NoticeKind::StepFailed, format!("{}: {what}", step.title))
        }
        _ => return None,
    };
    // An undo that fails is another thing than the attempt that failed before it.
    let nth = format!("{}.{}", own.attempt, own.undo_attempts);
    Some(Worth::new(kind, subject, nth, text))
}

/// A check that nobody did in time.
fn check(state: &LaunchState, open: &OpenCheck<'_>, now: Timestamp) -> Option<Worth> {
    let owner = open.watch.owner.as_ref().map_or_else(String::new, |owner| format!(", by {owner}"));
    let due = Wall::of(state).zoned(open.check.due, now);
    let text = format!("{}: the check of {due} was to be done{owner}, and nobody did", open.watch.title);
    let subject = Subject::Watch(open.watch.id.clone());
    open.is_overdue(now).then(|| Worth::new(NoticeKind::Overdue, subject, open.check.number, text))
}

fn check_over(state: &LaunchState, id: &WatchId) -> String {
    let end = state.watches.get(id).and_then(|own| own.end.as_ref());
    match end.map(|end| (end.how, &end.by, &end.text)) {
        Some((CheckResult::Well, Some(by), _)) => format!("done by {by}"),
        Some((CheckResult::Found, Some(by), text)) => format!("done by {by}, who found: {text}"),
        Some((CheckResult::Skipped, Some(by), why)) => format!("left out by {by}: {why}"),
        Some((CheckResult::Missed, ..)) => "nobody did it; the next one is due".to_owned(),
        _ => "no longer in the plan".to_owned(),
    }
}

fn rollback(state: &LaunchState) -> Vec<Worth> {
    let Status::RollingBack(number) = state.status else { return Vec::new() };
    let Some(of) = (number as usize).checked_sub(1).and_then(|i| state.rollbacks.get(i)) else { return Vec::new() };
    let new = |nth: String, text| Worth::new(NoticeKind::Rollback, Subject::Rollback(number), nth, text);
    let begun = format!("rollback {number}, {}, started by {}: {}", of.title, of.by, of.why);
    let stopped: Vec<Worth> = match &of.status {
        RollbackStatus::Stopped { at, why } => {
            let at = at.millis() / 1000;
            let why = state.stopped_at(number, of.next, why);
            let text = format!("rollback {number}, {}, STOPPED{why}; a person says how to go on", of.title);
            // What became of its command is often known only after that: whoever took the launch up looks then.
            let item = of.items.get(of.next).map_or("", |item| item.title.as_str());
            let ended = match state.stopped_item() {
                Some((StoppedItem::Failed | StoppedItem::Interrupted, _)) => state.stopped_command(),
                _ => None,
            };
            let ended = ended.map(|command| {
                new(format!("{number}/stopped-{at}/ended"), format!("rollback {number}, stopped at {item}: {command}"))
            });
            std::iter::once(new(format!("{number}/stopped-{at}"), text)).chain(ended).collect()
        }
        _ => Vec::new(),
    };
    std::iter::once(new(number.to_string(), begun)).chain(stopped).collect()
}
