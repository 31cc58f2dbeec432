//! Conditions that can never hold, where that can be told from the plan alone: beyond what a measure can be, against
//! itself, or about a level that nothing gives.

use crate::core::condition::{Condition, Op, Operand, Subject, Test};
use crate::core::outline::{MeasureOutline, Outline, ProbeOutline};
use crate::core::reading::Level;
use crate::core::units::{Dimension, Unit};

/// Words in the name of a number that is a share of something whoever counts it: never more than all of it.
const SHARES: &[&str] = &[
    "error",
    "errors",
    "failed",
    "failing",
    "failure",
    "failures",
    "success",
    "availability",
    "uptime",
    "loss",
    "share",
    "ratio",
];

/// Words beside them that make it something else: how fast a budget burns, how loaded something is.
const NO_SHARES: &[&str] = &["burn", "budget", "load"];

/// Whether a number is a share by its name. Only that is known of what the plan itself defines.
fn is_share(name: &str) -> bool {
    let words = || name.split(|c: char| !c.is_alphanumeric()).map(str::to_lowercase);
    words().any(|word| SHARES.contains(&word.as_str())) && !words().any(|word| NO_SHARES.contains(&word.as_str()))
}

/// Why a condition can never hold.
pub(super) fn never(condition: &Condition, outline: &Outline) -> Option<String> {
    let subject = &condition.subject;
    let probe = outline.probe(&subject.probe)?;
    match &condition.test {
        Test::Compare { op, to: Operand::Const(q), within: None } => {
            let measure = probe.measure(subject.measure.as_ref())?;
            let (least, most) = range(probe, measure);
            let n = q.base.get();
            let too_much = most.filter(|(most, _)| match op {
                Op::More => n >= *most,
                Op::AtLeast | Op::Equal => n > *most,
                Op::Less | Op::AtMost | Op::NotEqual => false,
            });
            let too_little = least.filter(|(least, _)| match op {
                Op::Less => n <= *least,
                Op::AtMost | Op::Equal => n < *least,
                Op::More | Op::AtLeast | Op::NotEqual => false,
            });
            let part = *op == Op::Equal && n.fract() != 0.0 && whole(probe, measure);
            let part = part.then(|| format!("{} is a whole number", called(probe, measure)));
            too_much.or(too_little).map(|(_, why)| why).or(part)
        }
        Test::Compare { op: op @ (Op::Less | Op::More | Op::NotEqual), to, within: None } => {
            let Operand::Signal { subject: other, times, plus: None } = to else { return None };
            let measure = probe.measure(subject.measure.as_ref())?;
            let least = range(probe, measure).0.is_some_and(|(least, _)| least >= 0.0);
            let times = times.get();
            let never = match op {
                _ if times == 1.0 => true,
                Op::More => least && times > 1.0,
                Op::Less => least && (0.0..1.0).contains(&times),
                _ => false,
            };
            (never && (other == subject || of_left(other, subject)))
                .then(|| format!("{subject} is compared with itself"))
        }
        Test::Is(Level::Critical) => {
            let fails = measures(probe, subject).any(|m| m.unit == Unit::State);
            (probe.critical.is_empty() && !fails).then(|| format!("{} has no `critical`", probe.id))
        }
        Test::Is(Level::Warn) => {
            // With a limit of its own a failure is a warning until it has lasted.
            let fails = !probe.critical.is_empty() && measures(probe, subject).any(|m| m.unit == Unit::State);
            (probe.warn.is_empty() && !fails).then(|| format!("{} has no `warn`", probe.id))
        }
        _ => None,
    }
}

/// Whether the right side, without an instance, takes the left side's and is then the same signal.
fn of_left(right: &Subject, left: &Subject) -> bool {
    right.instance.is_none() && right.probe == left.probe && right.measure == left.measure
}

fn measures<'a>(probe: &'a ProbeOutline, subject: &'a Subject) -> impl Iterator<Item = &'a MeasureOutline> {
    probe.measures.iter().filter(|m| subject.measure.as_ref().is_none_or(|name| *name == m.name))
}

/// What PostgreSQL is asked without a query of the plan's own: nothing of it is ever less than nothing.
const POSTGRES: &[&[&str]] =
    &[&["seconds", "bytes", "up"], &["used", "count", "idle"], &["count", "longest"], &["blocked", "longest"]];

/// Whether a probe measures what PostgreSQL is asked by us.
fn ours(probe: &ProbeOutline, name: &str) -> bool {
    let names: Vec<&str> = probe.measures.iter().map(|m| m.name.as_str()).collect();
    names.contains(&name) && POSTGRES.contains(&names.as_slice())
}

/// What a probe counts of itself: there is never half of one. A number that the plan defines may be anything.
fn whole(probe: &ProbeOutline, measure: &MeasureOutline) -> bool {
    measure.unit == Unit::Count
        && match probe.kind.as_str() {
            "http" | "redis" | "sentry" => true,
            "postgres" => ours(probe, measure.name.as_str()),
            _ => false,
        }
}

/// How people name a measure: `q.ready`, or the probe alone where it has one.
fn called(probe: &ProbeOutline, measure: &MeasureOutline) -> String {
    if probe.measures.len() > 1 { format!("{}.{}", probe.id, measure.name) } else { probe.id.to_string() }
}

/// A bound in base units, and how it is said.
type Bound = Option<(f64, String)>;

/// What a measure can be at least and at most.
fn range(probe: &ProbeOutline, measure: &MeasureOutline) -> (Bound, Bound) {
    let name = called(probe, measure);
    let nothing = || Some((0.0, format!("{name} is never less than nothing")));
    let all = || Some((1.0, format!("{name} is never more than 100 %")));
    match (probe.kind.as_str(), measure.name.as_str(), measure.unit.dimension()) {
        ("http", "status", _) => {
            let why = || format!("{name} is 100 to 599");
            (Some((100.0, why())), Some((599.0, why())))
        }
        ("http" | "tcp", "latency", _) => {
            let most = probe.timeout.0 as f64 / 1000.0;
            (nothing(), Some((most, format!("{} gives up after {}", probe.id, probe.timeout))))
        }
        ("sentry", _, Dimension::Ratio) => (nothing(), all()),
        ("sentry" | "redis", ..) => (nothing(), None),
        // Of the connections that ordinary roles may open: superusers have some more, never as many again.
        ("postgres", "used", Dimension::Ratio) if ours(probe, "used") => {
            (nothing(), Some((1.5, format!("{name} is a share of all connections, never far above 100 %"))))
        }
        ("postgres", name, unit) if unit != Dimension::State && ours(probe, name) => (nothing(), None),
        // A number that the plan defines itself may be anything, a difference below zero or a load of 250 %.
        (_, _, Dimension::Ratio) if is_share(&name) => {
            let most = format!("by its name {name} is a share, and a share is never more than 100 %");
            (nothing(), Some((1.0, most)))
        }
        _ => (None, None),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Choices, check};

    const PROBES: &str = "
        [plan]\nname='x'\nenvironment='t'
        [[phase]]\nid='p'\nstep=[{id='a',owner='o'}]\n[roles]\no={name='O'}
        [[probe]]\nid='api'\nhttp={url='http://h/'}\ntimeout='10s'\nevery='15s'\n
        [[probe]]\nid='errors'\nprometheus={url='http://h',query='q',unit='ratio'}
        [[probe]]\nid='lag'\nprometheus={url='http://h',query='q',unit='s'}\ncritical='> 5s'
        [[probe]]\nid='delta'\nprometheus={url='http://h',query='q'}
        [[probe]]\nid='cpu'\ncommand={run='echo 5',unit='%'}
        [[probe]]\nid='slow'\ncommand={run='echo 5',unit='s'}\nwarn='> 5s'
        [[probe]]\nid='rep'\npostgres={url='postgres://h/d',measure='replication'}
        [[probe]]\nid='conn'\npostgres={url='postgres://h/d',measure='connections'}
        [[probe]]\nid='q'\nredis={url='redis://h',layout='sidekiq',queues=['a']}
        [[probe]]\nid='own'\npostgres={url='postgres://h/d',query='select -1 as count',measures=[{name='count'}]}
        [[probe]]\nid='saturation'\ncommand={run='echo 5',unit='%'}
        [[probe]]\nid='error-budget-burn'\ncommand={run='echo 5',unit='%'}
        [[probe]]\nid='web'\nhttp={url='http://h/'}\ncritical='is failing for 1m'
        [[trigger]]\nid='t'\n";

    fn said(when: &str) -> Vec<String> {
        let (plan, problems) = check(&format!("{PROBES}when='{when}'\n"), &Choices::default());
        assert!(plan.is_some(), "{when}: {problems:?}");
        problems.into_iter().map(|p| p.message).collect()
    }

    #[test]
    fn what_can_never_be_is_said() {
        for (when, why) in [
            ("errors > 100%", "by its name errors is a share, and a share is never more than 100 %"),
            ("errors >= 101%", "by its name errors is a share, and a share is never more than 100 %"),
            ("errors = 150%", "by its name errors is a share, and a share is never more than 100 %"),
            ("errors = -1%", "errors is never less than nothing"),
            ("errors < 0%", "errors is never less than nothing"),
            ("errors is critical", "errors has no `critical`"),
            ("api.latency is critical", "api has no `critical`"),
            ("errors is warn", "errors has no `warn`"),
            ("lag is warn", "lag has no `warn`"),
            ("api is warn", "api has no `warn`"),
            ("errors != errors", "errors is compared with itself"),
            ("api.latency > api.latency * 2", "api.latency is compared with itself"),
            ("errors > errors * 1.5", "errors is compared with itself"),
            ("errors < errors * 0.5", "errors is compared with itself"),
            ("api.status > 599", "api.status is 100 to 599"),
            ("api.status = 42", "api.status is 100 to 599"),
            ("api.latency > 20s", "api gives up after 10s"),
            ("api.latency >= 10001ms", "api gives up after 10s"),
            ("rep.seconds < 0s", "rep.seconds is never less than nothing"),
            ("rep.bytes < 0MB", "rep.bytes is never less than nothing"),
            ("conn.count < 0", "conn.count is never less than nothing"),
            ("conn = -1%", "conn.used is never less than nothing"),
            ("conn.used > 200%", "conn.used is a share of all connections, never far above 100 %"),
            ("conn > 150%", "conn.used is a share of all connections, never far above 100 %"),
            ("q.ready = 3.5", "q.ready is a whole number"),
            ("q.failed = 0.5", "q.failed is a whole number"),
            ("api.status = 200.5", "api.status is a whole number"),
            ("conn.count = 2.5", "conn.count is a whole number"),
        ] {
            assert_eq!(said(when), [format!("the trigger `t` can't fire: {why}")], "{when}");
        }
    }

    #[test]
    fn what_may_be_is_not() {
        for when in [
            "errors >= 100%",
            "errors = 0%",
            "errors > 5%",
            "delta > delta * 1.5",
            "errors > errors * 0.5",
            "errors != 101%",
            "lag is critical",
            "slow is warn",
            "web is warn",
            "api is critical",
            "api.up is critical",
            "api.status > 499",
            "api.latency > 9s",
            "api.latency < 20s",
            "cpu > 150%",
            "lag < 0s",
            "delta < 0",
            "conn.count = 0",
            "conn.used > 100%",
            "conn.used >= 110%",
            "q.ready = 3",
            "q.ready > 3.5",
            "q.ready != 3.5",
            "q.ready = 3.5 ± 1",
            "q.oldest = 3.5s",
            "delta = 3.5",
            "cpu > 200%",
            "own.count = 3.5",
            "own.count < 0",
            "saturation > 200%",
            "error-budget-burn > 1440%",
        ] {
            assert_eq!(said(when), [""; 0], "{when}");
        }
    }
}
