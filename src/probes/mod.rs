//! The probe kinds, one file each: the spec (what the plan may say, with its docs) above, the behaviour below.
//!
//! A new kind is one file and one line in [`kinds!`] below. A probe that can't measure returns an error text or points
//! with no data, never a zero; refused and timed out are `Failing` for a health endpoint alone.

use std::path::PathBuf;
use std::sync::Arc;

use serde::Deserialize;
use tokio::sync::watch;

use crate::core::ids::Instance;
use crate::core::outline::{MeasureOutline, Pane};
use crate::core::reading::Point;
use crate::core::text::Secrets;
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;

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
    /// Its interval unless the plan says otherwise.
    const EVERY: Span;
    /// Its timeout unless the plan says otherwise.
    const TIMEOUT: Span;
    /// What measures.
    type Prober: Prober;

    /// What it measures, the first being the default.
    fn measures(&self) -> Vec<MeasureOutline>;
    /// Instances that must be there.
    fn expect(&self) -> Vec<Instance> {
        Vec::new()
    }
    /// What it asks, in a line, secrets as written.
    fn target(&self) -> String;
    /// What is wrong with it beyond types: `(key, problem)` pairs for `tminus check`.
    fn problems(&self) -> Vec<(&'static str, String)> {
        Vec::new()
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
    MeasureOutline { name: name.into(), unit, what: what.to_owned() }
}

pub mod expect;
pub mod runner;
pub mod scale;

mod client;
mod dns;
mod health;

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
                match self { $(Spec::$variant(_) => ($module::$variant::PANE, $module::$variant::EVERY, $module::$variant::TIMEOUT),)* }
            }
            /// See [`Kind::measures`].
            pub fn measures(&self) -> Vec<MeasureOutline> {
                match self { $(Spec::$variant(s) => s.measures(),)* }
            }
            /// See [`Kind::expect`].
            pub fn expect(&self) -> Vec<Instance> {
                match self { $(Spec::$variant(s) => s.expect(),)* }
            }
            /// See [`Kind::target`].
            pub fn target(&self) -> String {
                match self { $(Spec::$variant(s) => s.target(),)* }
            }
            /// See [`Kind::problems`].
            pub fn problems(&self) -> Vec<(&'static str, String)> {
                match self { $(Spec::$variant(s) => s.problems(),)* }
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
    }
}
