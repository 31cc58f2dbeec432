//! Probes as a test asks them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde_json::Value;
use tminus::core::reading::{Outcome, Point};
use tminus::core::secret::Secrets;
use tminus::core::time::{Span, Timestamp};
use tminus::probes::runner::{Job, once};
use tminus::probes::{AnyProber, Prober, Setup, Spec};
use tokio::sync::watch;

/// What a prober gets, with these secrets; T-0 was a minute ago.
pub fn setup(secrets: &[(&str, &str)]) -> Setup {
    let t0 = Timestamp(chrono::Utc::now().timestamp_millis() - 60_000);
    Setup {
        secrets: Arc::new(Secrets::new(secrets.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect())),
        timeout: Span::secs(20),
        every: Span::secs(5),
        t0: watch::channel(t0).1,
        dir: std::env::temp_dir(),
        shell: ["bash", "-eo", "pipefail", "-c"].map(str::to_owned).into(),
        vars: BTreeMap::new(),
        seen: BTreeSet::new(),
    }
}

/// A spec from its table.
pub fn spec(kind: &str, table: Value) -> Spec {
    let spec = Spec::read(kind, table).unwrap().unwrap();
    assert_eq!(spec.problems(), []);
    spec
}

/// Asks once, as `tminus check --probe` does.
pub async fn ask(kind: &str, table: Value, setup: Setup) -> Result<Found, String> {
    let job = Job { probe: "p".into(), spec: spec(kind, table), setup, phase: Span::ZERO };
    once(job).await.points.map(Found)
}

/// A probe that is asked several times over its own connection.
pub struct Asker {
    prober: AnyProber,
    timeout: Span,
}

impl Asker {
    /// Opens it.
    pub fn open(kind: &str, table: Value) -> Self {
        Self::within(kind, table, setup(&[]).timeout)
    }

    /// Opens one whose polls are given up after so long.
    pub fn within(kind: &str, table: Value, timeout: Span) -> Self {
        let mut setup = setup(&[]);
        setup.timeout = timeout;
        Self { prober: spec(kind, table).open(setup).unwrap(), timeout }
    }

    /// Asks it.
    pub async fn ask(&mut self) -> Result<Found, String> {
        let polled = tokio::time::timeout(self.timeout.to_std(), self.prober.poll()).await;
        polled.unwrap_or_else(|_| self.prober.timed_out(self.timeout)).map(Found).map_err(|miss| miss.why)
    }
}

/// The points of a poll.
#[derive(Debug)]
pub struct Found(pub Vec<Point>);

impl Found {
    /// The outcome of a measure: `"up"` or `"queue up"`, the instance first.
    pub fn get(&self, name: &str) -> &Outcome {
        let (instance, measure) = match name.rsplit_once(' ') {
            Some((instance, measure)) => (Some(instance), measure),
            None => (None, name),
        };
        let fits = |p: &&Point| p.instance.as_ref().map(|i| i.as_str()) == instance && p.measure.as_str() == measure;
        &self.0.iter().find(fits).unwrap_or_else(|| panic!("no `{name}` in {:?}", self.0)).outcome
    }

    /// Its number.
    pub fn number(&self, name: &str) -> f64 {
        self.get(name).value().unwrap_or_else(|| panic!("`{name}` is {:?}", self.get(name)))
    }

    /// Why it has no data.
    pub fn no_data(&self, name: &str) -> &str {
        match self.get(name) {
            Outcome::NoData(why) => why,
            other => panic!("`{name}` is {other:?}"),
        }
    }

    /// What it is of too few samples, as a share.
    pub fn few(&self, name: &str) -> String {
        match self.get(name) {
            Outcome::Few(few) => few.words(tminus::core::units::Unit::Percent),
            other => panic!("`{name}` is {other:?}"),
        }
    }

    /// Why it is failing.
    pub fn failing(&self, name: &str) -> &str {
        match self.get(name) {
            Outcome::Failing(why) => why,
            other => panic!("`{name}` is {other:?}"),
        }
    }
}
