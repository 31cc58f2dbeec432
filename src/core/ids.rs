//! Names of things. Every id is a cheap-to-clone string of its own type, so that a step can never be passed where a
//! probe is meant. Ids come from the plan (checked there: letters, digits, `-`, `_`, `.`) or, for instances, from
//! production, where anything may come.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }
        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(Arc::from(text))
            }
        }
        impl From<String> for $name {
            fn from(text: String) -> Self {
                Self(Arc::from(text))
            }
        }
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({:?})", stringify!($name), &*self.0)
            }
        }
        impl std::borrow::Borrow<str> for $name {
            fn borrow(&self) -> &str {
                &self.0
            }
        }
    };
}

id! {
    /// A launch: `service.environment.date.n`, as `wallet-service.production.2026-11-21.1`.
    LaunchId
}
id! {
    /// A phase of the plan.
    PhaseId
}
id! {
    /// A step. Unique over the whole plan; a step of a named rollback is `ROLLBACK/STEP`.
    StepId
}
id! {
    /// A probe of the plan.
    ProbeId
}
id! {
    /// One of several things that a probe measures: a replica, a queue, a version. Named by production, not by us.
    Instance
}
id! {
    /// What of it is measured: `latency`, `bytes`, `oldest`. Declared by the probe's kind.
    Measure
}
id! {
    /// A trigger of the plan.
    TriggerId
}
id! {
    /// A named rollback of the plan.
    RollbackId
}
id! {
    /// A role of the plan (`dba`, `release-lead`), which owns steps and votes.
    RoleId
}
id! {
    /// A watch of the plan: checks that come again (`metrics`, `sync`).
    WatchId
}
id! {
    /// A channel of the plan, over which people are told (`oncall`, `mail`).
    ChannelId
}
id! {
    /// Made by the client that sends an order, so that a retry after a lost reply gets the first reply again.
    OrderId
}

/// A position in the journal: 1 is the first event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Seq(pub u64);

impl fmt::Display for Seq {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A signal: `probe[instance].measure`, as `lag[replica-1].bytes`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SignalId {
    /// The probe that measures it.
    pub probe: ProbeId,
    /// Which of the probe's instances; none for a probe that measures one thing.
    pub instance: Option<Instance>,
    /// What is measured of it.
    pub measure: Measure,
}

impl fmt::Display for SignalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.probe)?;
        if let Some(instance) = &self.instance {
            write_instance(f, instance)?;
        }
        write!(f, ".{}", self.measure)
    }
}

/// Writes `[name]`, quoted where the name is not a plain word.
pub(crate) fn write_instance(f: &mut fmt::Formatter<'_>, instance: &Instance) -> fmt::Result {
    if is_plain(instance.as_str()) {
        write!(f, "[{instance}]")
    } else {
        write!(f, "[{}]", serde_json::Value::from(instance.as_str()))
    }
}

/// Whether a name can stand in a condition without quotes.
pub(crate) fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | ':' | '/'))
}

impl std::str::FromStr for SignalId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no signal: write probe[instance].measure");
        let (head, measure) = text.rsplit_once('.').ok_or_else(bad)?;
        let (probe, instance) = match head.split_once('[') {
            None => (head, None),
            Some((probe, rest)) => {
                let inner = rest.strip_suffix(']').ok_or_else(bad)?;
                let name = if inner.starts_with('"') {
                    serde_json::from_str(inner).map_err(|_| bad())?
                } else {
                    inner.to_owned()
                };
                (probe, Some(Instance::from(name)))
            }
        };
        if probe.is_empty() || measure.is_empty() {
            return Err(bad());
        }
        Ok(Self { probe: probe.into(), instance, measure: measure.into() })
    }
}

impl Serialize for SignalId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SignalId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

/// What a run is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RunKind {
    /// The step's own command, or the command of a rollback's step.
    Do,
    /// The step's `undo`.
    Undo,
}

impl RunKind {
    /// What of a step it is: `its command`, `its undo`.
    pub fn its(self) -> &'static str {
        match self {
            RunKind::Do => "its command",
            RunKind::Undo => "its undo",
        }
    }

    /// The step, or the undo of it, where a sentence speaks of what runs: `Migrate`, `the undo of Migrate`.
    pub fn of(self, step: impl fmt::Display) -> String {
        match self {
            RunKind::Do => step.to_string(),
            RunKind::Undo => format!("the undo of {step}"),
        }
    }
}

/// One attempt at doing or undoing a step. Everything that happened carries it. Text form: `start-green.do.2`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RunId {
    /// The step.
    pub step: StepId,
    /// Do or undo.
    pub kind: RunKind,
    /// Counted from 1 over all attempts of this kind at this step.
    pub attempt: u32,
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self.kind {
            RunKind::Do => "do",
            RunKind::Undo => "undo",
        };
        write!(f, "{}.{kind}.{}", self.step, self.attempt)
    }
}

impl RunId {
    /// As people read it: ``the command of `start-green` ``, ``the undo of `share-25` ``.
    pub fn words(&self) -> String {
        match self.kind {
            RunKind::Do => format!("the command of `{}`", self.step),
            RunKind::Undo => format!("the undo of `{}`", self.step),
        }
    }
}

impl std::str::FromStr for RunId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let bad = || format!("`{text}` is no run: write STEP.do.ATTEMPT or STEP.undo.ATTEMPT");
        let (head, attempt) = text.rsplit_once('.').ok_or_else(bad)?;
        let (step, kind) = head.rsplit_once('.').ok_or_else(bad)?;
        let kind = match kind {
            "do" => RunKind::Do,
            "undo" => RunKind::Undo,
            _ => return Err(bad()),
        };
        Ok(Self { step: step.into(), kind, attempt: attempt.parse().map_err(|_| bad())? })
    }
}

impl Serialize for RunId {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for RunId {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_reads_back_what_it_prints() {
        for text in ["errors.value", "lag[replica-1].bytes", "lag[\"a \\\" b]\"].s", "api[v1.0.0].latency"] {
            let id: SignalId = text.parse().unwrap();
            assert_eq!(id.to_string(), text);
        }
        assert!("errors".parse::<SignalId>().is_err());
        assert!("[x].y".parse::<SignalId>().is_err());
    }

    #[test]
    fn a_run_reads_back_what_it_prints() {
        for text in ["start-green.do.2", "traffic/to-blue.do.1", "share-5.undo.11"] {
            assert_eq!(text.parse::<RunId>().unwrap().to_string(), text);
        }
        assert!("x.maybe.1".parse::<RunId>().is_err());
    }
}
