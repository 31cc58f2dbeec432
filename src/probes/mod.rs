//! The probe kinds, one file each: the spec (what the plan may say, with its docs) above, the behaviour below.
//!
//! A new kind is one file and one line in `kinds!` below. A probe that can't measure returns an error text or points
//! with no data, never a zero; refused and timed out are `Failing` for a health endpoint alone.
//!
//! | kind | measures, the first being the default | instances |
//! |---|---|---|
//! | [`tcp`] | `up`, `latency` | |
//! | [`http`] | `up`, `latency`, `status`, `version`; `up`, `latency` of a service | the services in a health body |
//! | [`prometheus`] | `value`, `samples` | one a label set |
//! | [`command`] | `value`; or `up`, `took`; or what its JSON has | those that its JSON names |
//! | [`redis`] | `ready`, `oldest`, `in-flight`, `delayed`, `failed` | one a queue, `stream/group` for streams |
//! | [`postgres`] `replication` | `seconds`, `bytes`, `up` | one a replica |
//! | [`postgres`] `replica` | `seconds`, `bytes`, `up` | |
//! | [`postgres`] `connections` | `used`, `count`, `idle` | |
//! | [`postgres`] `long-queries` | `count`, `longest` | |
//! | [`postgres`] `locks` | `blocked`, `longest` | |
//! | [`postgres`] `query` | its columns | its rows |
//! | [`sentry`] | `errors`, `new-issues`, `regressed-issues`, `error-rate`, `worst-issue` | |
//!
//! ```toml
//! [[probe]]
//! id = "gateway"
//! tcp = "gateway.internal:443"
//!
//! [[probe]]
//! id = "api"
//! http = { url = "https://example.com/api/health", expect = { status = 200, json = { "$.status" = ["ok", "healthy"] } }, services = "$.services.*", version = "$.version" }
//!
//! [[probe]]
//! id = "admin"
//! http = { url = "https://admin.example.com/health", headers = { Authorization = "Bearer ${secret.admin}" }, expect = { text = "ready" } }
//!
//! [[probe]]
//! id = "errors"
//! prometheus = { url = "http://prometheus:9090", query = "sum by (version) (rate(http_requests_total{code=~'5..'}[1m])) / sum by (version) (rate(http_requests_total[1m]))", samples = "sum by (version) (increase(http_requests_total[1m]))", min-samples = 300, unit = "ratio" }
//!
//! [[probe]]
//! id = "disk"
//! command = { run = "df --output=pcent / | tail -n 1 | tr -d ' %'", unit = "%" }
//!
//! [[probe]]
//! id = "workers"
//! command = { run = "pgrep -x worker", answer = "exit" }
//!
//! [[probe]]
//! id = "own-queue"
//! command = { run = "./queues.sh", answer = "json", measures = [{ name = "ready" }, { name = "oldest", unit = "s" }] }
//!
//! [[probe]]
//! id = "queues"
//! redis = { url = "${secret.redis}", layout = "bullmq", queues = ["email", "webhooks"] }
//!
//! [[probe]]
//! id = "orders"
//! redis = { url = "${secret.redis}", layout = "stream", queues = ["orders"], groups = ["billing"] }
//!
//! [[probe]]
//! id = "lag"
//! postgres = { url = "${secret.primary}", measure = "replication", expect = ["replica-1", "replica-2"] }
//!
//! [[probe]]
//! id = "long"
//! postgres = { url = "${secret.primary}", measure = "long-queries", over = "5m" }
//!
//! [[probe]]
//! id = "backlog"
//! postgres = { url = "${secret.primary}", query = "select queue as instance, count(*) as ready from jobs group by 1", measures = [{ name = "ready" }] }
//!
//! [[probe]]
//! id = "issues"
//! sentry = { url = "https://us.sentry.io", organization = "acme", projects = ["web"], environment = "production", token = "${secret.sentry}" }
//! ```

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::watch;

use crate::core::ids::Instance;
use crate::core::outline::{MeasureOutline, Pane};
use crate::core::reading::{Few, Outcome, Point};
use crate::core::secret::Secrets;
use crate::core::time::{Span, Timestamp};
use crate::core::units::{Finite, Unit};

/// What a prober gets from the engine.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The values of secrets.
    pub secrets: Arc<Secrets>,
    /// After this long the runner gives a poll up; a prober may use less for its parts.
    pub timeout: Span,
    /// The probe's interval.
    pub every: Span,
    /// T-0 on the wall clock, as it is now; moves when the launch slips.
    pub t0: watch::Receiver<Timestamp>,
    /// The plan's directory.
    pub dir: PathBuf,
    /// The shell and its arguments, for `command`.
    pub shell: Vec<String>,
    /// The plan's variables, for the environment of `command`.
    pub vars: std::collections::BTreeMap<String, String>,
    /// The instances of which something was measured in this launch already, as by the engine before.
    pub seen: std::collections::BTreeSet<Instance>,
}

/// Why a poll as a whole learnt nothing, and when to ask again.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Miss {
    /// In words, with the way out; secrets already masked or absent.
    pub why: String,
    /// Not before this long from now (a rate limit); none means at the next interval.
    pub retry_after: Option<Span>,
}

impl Miss {
    /// A miss that may be tried again at the next interval.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), retry_after: None }
    }
}

/// A kind of probe, as the plan writes it.
pub trait Kind: for<'de> Deserialize<'de> + schemars::JsonSchema + Clone + PartialEq + Send + 'static {
    /// Where it is shown unless the plan says otherwise.
    const PANE: Pane;
    /// The same, where it hangs on what is measured.
    fn pane(&self) -> Pane {
        Self::PANE
    }
    /// Its interval unless the plan says otherwise.
    const EVERY: Span;
    /// Its timeout unless the plan says otherwise.
    const TIMEOUT: Span;
    /// What measures.
    type Prober: Prober;

    /// What it measures, the first being the default.
    fn measures(&self) -> Vec<MeasureOutline>;
    /// What it reads where all is well, as far as that can be said without asking: for a scenario that sets the whole
    /// probe. What is not in it can't be known, and measures of state are well anyway.
    fn well(&self) -> Vec<Point> {
        Vec::new()
    }
    /// Instances that must be there.
    fn expect(&self) -> Vec<Instance> {
        Vec::new()
    }
    /// Whether its readings may name instances; false where it measures one thing.
    fn many(&self) -> bool {
        false
    }
    /// What it asks, in a line, secrets as written.
    fn target(&self) -> String;
    /// The URL, or host and port, that it connects to, secrets as written; none where it connects to nothing by itself.
    fn address(&self) -> Option<String> {
        None
    }
    /// What is wrong with it beyond types: `(key, problem)` pairs for `tminus check`.
    fn problems(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }
    /// What it does beyond reading, in words (`it starts a process`): then a rehearsal does not measure it.
    fn acts(&self) -> Option<&'static str> {
        None
    }
    /// Takes the plan's `min-samples` of this probe: fewer are no data. False where the kind counts no samples.
    fn set_min_samples(&mut self, _at_least: u64) -> bool {
        false
    }
    /// Gives a measure for which the plan declares no unit the unit that its conditions speak in (`> 5%` makes it a
    /// ratio); its numbers are then taken as being in that dimension's base unit. False where there is no such measure
    /// or its unit is fixed. [`measures`](Kind::measures) answers with the new unit afterwards.
    fn set_unit(&mut self, _measure: &str, _unit: Unit) -> bool {
        false
    }
    /// Makes the prober. An error is shown as no data until the plan or the secret is mended.
    fn open(self, setup: Setup) -> Result<Self::Prober, Miss>;
}

/// Something that measures. It keeps its connection between polls; the runner never polls it twice at once, and drops
/// the future of a poll that takes too long, so a poll must be safe to cancel (start anew after one).
pub trait Prober: Send + 'static {
    /// Measures once.
    fn poll(&mut self) -> impl Future<Output = Result<Vec<Point>, Miss>> + Send;
    /// What to report where the runner gave a poll up after the timeout: for a health endpoint that *is* the measurement.
    fn timed_out(&self, after: Span) -> Result<Vec<Point>, Miss> {
        Err(Miss::new(format!("no answer within {after}")))
    }
}

/// One measure, for [`Kind::measures`].
pub fn measure(name: &str, unit: Unit, what: &str) -> MeasureOutline {
    MeasureOutline { name: name.into(), unit, what: what.to_owned(), whole: false }
}

/// A number that rests on too few samples; `value` is what it is so far.
fn few(value: Option<f64>, samples: f64, needs: f64, of: &str) -> Outcome {
    match (Finite::new(samples), Finite::new(needs)) {
        (Some(samples), Some(needs)) => {
            Outcome::Few(Box::new(Few { value: value.and_then(Finite::new), samples, needs, of: of.to_owned() }))
        }
        _ => Outcome::NoData(format!("{samples} samples is no count")),
    }
}

pub mod expect;
pub mod runner;
pub mod scale;

mod client;
pub mod date;
mod dns;
mod greeting;
mod health;
mod tls;
mod trust;
mod wait;

macro_rules! kinds {
    ($($module:ident: $variant:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// The spec of a probe of any kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Spec {
            $(#[doc = concat!("See [`", stringify!($module), "`].")] $variant($module::$variant),)*
        }

        /// A prober of any kind.
        pub enum AnyProber {
            $(#[doc = concat!("See [`", stringify!($module), "`].")] $variant(<$module::$variant as Kind>::Prober),)*
        }

        /// The names of all kinds, as the plan's keys.
        pub const KINDS: &[&str] = &[$(stringify!($module)),*];

        impl Spec {
            /// Reads the table under a kind's key. None where there is no such kind.
            pub fn read<'de, D: serde::Deserializer<'de>>(kind: &str, table: D) -> Option<Result<Self, D::Error>> {
                match kind {
                    $(stringify!($module) => Some($module::$variant::deserialize(table).map(Spec::$variant)),)*
                    _ => None,
                }
            }
            /// The JSON Schema of each kind's table.
            pub fn schemas(generator: &mut schemars::SchemaGenerator) -> Vec<(&'static str, schemars::Schema)> {
                vec![$((stringify!($module), generator.subschema_for::<$module::$variant>())),*]
            }
            /// The kind's name.
            pub fn kind(&self) -> &'static str {
                match self { $(Spec::$variant(_) => stringify!($module),)* }
            }
            /// The kind's pane, interval and timeout, where the plan says nothing.
            pub fn defaults(&self) -> (Pane, Span, Span) {
                match self { $(Spec::$variant(s) => (s.pane(), $module::$variant::EVERY, $module::$variant::TIMEOUT),)* }
            }
            /// See [`Kind::measures`].
            pub fn measures(&self) -> Vec<MeasureOutline> {
                match self { $(Spec::$variant(s) => s.measures(),)* }
            }
            /// See [`Kind::well`].
            pub fn well(&self) -> Vec<Point> {
                match self { $(Spec::$variant(s) => s.well(),)* }
            }
            /// See [`Kind::expect`].
            pub fn expect(&self) -> Vec<Instance> {
                match self { $(Spec::$variant(s) => s.expect(),)* }
            }
            /// See [`Kind::many`].
            pub fn many(&self) -> bool {
                match self { $(Spec::$variant(s) => s.many(),)* }
            }
            /// See [`Kind::target`].
            pub fn target(&self) -> String {
                match self { $(Spec::$variant(s) => s.target(),)* }
            }
            /// See [`Kind::address`].
            pub fn address(&self) -> Option<String> {
                match self { $(Spec::$variant(s) => s.address(),)* }
            }
            /// See [`Kind::problems`].
            pub fn problems(&self) -> Vec<(&'static str, String)> {
                match self { $(Spec::$variant(s) => s.problems(),)* }
            }
            /// See [`Kind::acts`].
            pub fn acts(&self) -> Option<&'static str> {
                match self { $(Spec::$variant(s) => s.acts(),)* }
            }
            /// See [`Kind::set_min_samples`].
            pub fn set_min_samples(&mut self, at_least: u64) -> bool {
                match self { $(Spec::$variant(s) => s.set_min_samples(at_least),)* }
            }
            /// See [`Kind::set_unit`].
            pub fn set_unit(&mut self, measure: &str, unit: Unit) -> bool {
                match self { $(Spec::$variant(s) => s.set_unit(measure, unit),)* }
            }
            /// See [`Kind::open`].
            pub fn open(self, setup: Setup) -> Result<AnyProber, Miss> {
                match self { $(Spec::$variant(s) => s.open(setup).map(AnyProber::$variant),)* }
            }
        }

        impl Prober for AnyProber {
            async fn poll(&mut self) -> Result<Vec<Point>, Miss> {
                match self { $(AnyProber::$variant(p) => p.poll().await,)* }
            }
            fn timed_out(&self, after: Span) -> Result<Vec<Point>, Miss> {
                match self { $(AnyProber::$variant(p) => p.timed_out(after),)* }
            }
        }
    };
}

kinds! {
    tcp: Tcp,
    http: Http,
    prometheus: Prometheus,
    command: Command,
    redis: Redis,
    postgres: Postgres,
    sentry: Sentry,
}

/// Points that read 0, which is what is well of what must not be there.
fn nothing(measures: &[&str]) -> Vec<Point> {
    measures.iter().map(|measure| Point::new(measure, Outcome::number(0.0))).collect()
}

/// A setup for tests, with these secrets.
#[cfg(test)]
pub(crate) fn test_setup(secrets: &[(&str, &str)]) -> Setup {
    let secrets = secrets.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    Setup {
        secrets: Arc::new(Secrets::new(secrets)),
        timeout: Span::secs(5),
        every: Span::secs(5),
        t0: watch::channel(Timestamp(0)).1,
        dir: PathBuf::from("."),
        shell: ["bash", "-eo", "pipefail", "-c"].map(str::to_owned).into(),
        vars: std::collections::BTreeMap::new(),
        seen: std::collections::BTreeSet::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The module's docs promise that these can be written.
    #[test]
    fn the_examples_above_are_read_and_have_no_problems() {
        let docs: String =
            include_str!("mod.rs").lines().map_while(|l| l.strip_prefix("//!")).map(|l| format!("{l}\n")).collect();
        let plan: toml::Table = docs.split("```toml").nth(1).unwrap().split("```").next().unwrap().parse().unwrap();
        let mut seen = std::collections::BTreeSet::new();
        for probe in plan["probe"].as_array().unwrap() {
            let (kind, table) = probe.as_table().unwrap().iter().find(|(key, _)| *key != "id").unwrap();
            let spec = Spec::read(kind, table.clone()).unwrap_or_else(|| panic!("no kind `{kind}`")).unwrap();
            assert_eq!(spec.problems(), [], "{probe}");
            assert!(!spec.measures().is_empty() && !spec.target().is_empty());
            seen.insert(spec.kind());
        }
        assert_eq!(seen.into_iter().collect::<Vec<_>>(), {
            let mut all = KINDS.to_vec();
            all.sort_unstable();
            all
        });
    }

    #[test]
    fn only_what_measures_lag_stands_among_lags() {
        let pane = |table: &str| {
            let table: toml::Table = format!("url = 'postgres://u@h/d'\n{table}").parse().unwrap();
            Spec::read("postgres", table).unwrap().unwrap().defaults().0
        };
        for lag in ["replication", "replica"] {
            assert_eq!(pane(&format!("measure = '{lag}'")), Pane::Replication, "{lag}");
        }
        for other in ["connections", "long-queries", "locks"] {
            assert_eq!(pane(&format!("measure = '{other}'")), Pane::Signals, "{other}");
        }
        assert_eq!(pane("query = 'select 1 as n'\nmeasures = [{ name = 'n' }]"), Pane::Signals);
    }

    #[test]
    fn an_unknown_key_is_refused_in_every_kind() {
        for kind in KINDS.iter().filter(|kind| **kind != "tcp") {
            let table: toml::Table = "no-such-key = 1".parse().unwrap();
            let error = Spec::read(kind, table).unwrap().unwrap_err().to_string();
            assert!(error.contains("no-such-key"), "{kind}: {error}");
        }
    }

    #[test]
    fn every_kind_has_a_schema_with_its_docs() {
        let mut generator = schemars::SchemaGenerator::default();
        let schemas = Spec::schemas(&mut generator);
        assert_eq!(schemas.len(), KINDS.len());
        let definitions = serde_json::to_string(&generator.definitions()).unwrap();
        assert!(definitions.contains("A JSONPath to the services in a health body"));
    }
}
