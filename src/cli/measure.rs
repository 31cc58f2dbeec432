//! `tminus check --probe`: every probe measured once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use color_eyre::eyre::Result;
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::core::reading::{Level, Outcome, Poll};
use crate::core::signals::Signals;
use crate::core::text::Secrets;
use crate::core::time::{Span, Timestamp};
use crate::engine::secrets::resolve;
use crate::plan::Plan;
use crate::probes::Setup;
use crate::probes::runner::{Job, Report, once};

/// One signal as one poll found it.
struct Measured {
    /// Whether it said that it is failing.
    failing: bool,
    signal: String,
    value: String,
    level: Level,
    took_ms: u32,
    why: Option<String>,
}

impl Measured {
    fn line(&self) -> String {
        let why = self.why.as_ref().map_or_else(String::new, |w| format!("  {w}"));
        format!("  {:<36} {:>14}  {:<8} {:>6} ms{why}", self.signal, self.value, self.level, self.took_ms)
    }

    fn json(&self) -> Value {
        json!({ "signal": self.signal, "value": self.value, "level": self.level, "took_ms": self.took_ms, "why": self.why })
    }
}

/// What one poll of every probe found.
pub struct Measurements {
    signals: Vec<Measured>,
    /// Secrets without a value, each with why.
    missing: Vec<(String, String)>,
}

impl Measurements {
    /// Measures every probe once, all at the same time.
    pub fn take(plan: &Plan, path: &Path) -> Result<Self> {
        let mut values = BTreeMap::new();
        let mut missing = Vec::new();
        for (name, reference) in &plan.outline.secrets {
            match resolve(reference) {
                Ok(value) => {
                    values.insert(name.clone(), value);
                }
                Err(why) => missing.push((name.clone(), why)),
            }
        }
        let secrets = Arc::new(Secrets::new(values));
        let dir = path.canonicalize()?.parent().map(Path::to_owned).unwrap_or_default();
        let now = Timestamp::from(chrono::Utc::now());
        let (_t0, t0) = watch::channel(now);
        let jobs: Vec<Job> = plan
            .outline
            .probes
            .iter()
            .filter_map(|outline| {
                let setup = Setup {
                    secrets: secrets.clone(),
                    timeout: outline.timeout,
                    every: outline.every,
                    t0: t0.clone(),
                    dir: dir.clone(),
                    shell: plan.outline.shell.clone(),
                    vars: plan.outline.vars.clone(),
                };
                let spec = plan.probes.get(&outline.id)?.clone();
                Some(Job { probe: outline.id.clone(), spec, setup, phase: Span::ZERO })
            })
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let reports: Vec<Report> = runtime.block_on(futures_util::future::join_all(jobs.into_iter().map(once)));
        let mut signals = Signals::new(&plan.outline);
        let mut took = BTreeMap::new();
        for report in reports {
            took.insert(report.probe.clone(), report.took_ms);
            signals.observe(&Poll { probe: report.probe, at: now, took_ms: report.took_ms, points: report.points });
        }
        let measured = signals
            .ids()
            .into_iter()
            .map(|id| {
                let (level, why) = signals.level(&id, now);
                let unit = plan.outline.probe(&id.probe).and_then(|p| p.measure(Some(&id.measure))).map(|m| m.unit);
                let last = signals.newest(&id, 1).next().map(|(_, outcome)| outcome.clone());
                let failing = matches!(last, Some(Outcome::Failing(_)));
                let value = match (last, unit) {
                    (Some(Outcome::Value(v)), Some(unit)) => unit.show(v.get()),
                    (Some(Outcome::Text(text)), _) => text,
                    (Some(Outcome::Failing(_)), _) => "failing".to_owned(),
                    _ => "no data".to_owned(),
                };
                let took_ms = took.get(&id.probe).copied().unwrap_or_default();
                Measured { failing, signal: id.to_string(), value, level, took_ms, why }
            })
            .collect();
        Ok(Self { signals: measured, missing })
    }

    /// Whether everything could be measured.
    pub fn complete(&self) -> bool {
        self.missing.is_empty() && !self.signals.iter().any(|m| m.level == Level::Unknown)
    }

    /// For a person, a line each.
    pub fn lines(&self) -> Vec<String> {
        let missing = self.missing.iter().map(|(name, why)| format!("  secret {name}: {why}"));
        missing.chain(self.signals.iter().map(Measured::line)).collect()
    }

    /// In one line, as `9 ok, 3 failing, 2 unknown, 2 secrets missing`.
    pub fn summary(&self) -> String {
        let level = |level: Level| self.signals.iter().filter(|m| !m.failing && m.level == level).count();
        let failing = self.signals.iter().filter(|m| m.failing).count();
        let secrets = if self.missing.len() == 1 { "secret missing" } else { "secrets missing" };
        let counts = [
            (level(Level::Ok), "ok"),
            (level(Level::Warn), "warn"),
            (level(Level::Critical), "critical"),
            (failing, "failing"),
            (level(Level::Unknown), "unknown"),
            (self.missing.len(), secrets),
        ];
        let said: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if said.is_empty() { "the plan measures nothing".to_owned() } else { said.join(", ") }
    }

    /// For a program: the signals, and the secrets without a value.
    pub fn json(self) -> (Vec<Value>, Vec<Value>) {
        let missing = self.missing.iter().map(|(name, why)| json!({ "name": name, "why": why }));
        (self.signals.iter().map(Measured::json).collect(), missing.collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Choices, load};

    #[test]
    fn what_was_measured_is_counted_and_a_missing_secret_is_said() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let text = format!(
            "[plan]\nname='x'\nenvironment='t'\n[secrets]\nnone='${{env:TMINUS_TEST_OF_CHECK_NOT_SET}}'\n\
             [[probe]]\nid='up'\ntcp='{}'\n[[probe]]\nid='down'\ntcp='{closed}'\n\
             [[probe]]\nid='dark'\ntcp='${{secret.none}}:80'\n",
            free.local_addr().unwrap(),
        );
        let plan = load(&text, "p", &Choices::default()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.toml");
        std::fs::write(&path, &text).unwrap();
        let measured = Measurements::take(&plan, &path).unwrap();
        let lines = measured.lines().join("\n");
        assert_eq!(measured.summary(), "2 ok, 1 failing, 2 unknown, 1 secret missing", "{lines}");
        assert!(lines.contains("secret none: ") && !measured.complete(), "{lines}");
        let (rows, missing) = measured.json();
        assert_eq!((rows.len(), missing.len()), (5, 1));
        assert_eq!(missing[0]["name"], "none");
    }
}
