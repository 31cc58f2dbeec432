//! `sentry`: errors per minute, the share of requests that fail, and issues that are new or came back since T-0; from
//! Sentry's own service, a self-hosted Sentry, or GlitchTip.
//!
//! One call at a time, a few a poll. Only whole minutes count: the newest always look like a drop. A limit that the
//! server sets is kept. Issues are counted up to a few hundred, or as far as the server counts: beyond that the number is
//! known as the least that it is, and `projects` or `query` narrow it to one that is known. A missing scope concerns its own measure and is named; the rest goes on.

mod api;
mod read;

use serde::Deserialize;

use self::api::{Api, Lack};
use super::{Kind, Miss, Prober, Setup, few, measure, nothing};
use crate::core::outline::{MeasureOutline, Pane};
use crate::core::reading::{Outcome, Point};
use crate::core::time::{Span, Timestamp};
use crate::core::units::{Unit};
use crate::core::web;

/// `sentry = { url = "https://us.sentry.io", organization = "acme", projects = ["web"], token = "${secret.sentry}" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sentry {
    /// The server: `https://us.sentry.io` or `https://de.sentry.io` for the service, else one's own.
    url: String,
    /// The organization's slug.
    organization: String,
    /// Ids or slugs of projects; without it all that the token may see.
    #[serde(default)]
    projects: Vec<String>,
    /// Only events of this environment, as `production`.
    #[serde(default)]
    environment: Option<String>,
    /// Only events that this search finds, as `release:web@1.2.3`. GlitchTip does not have it for counts.
    #[serde(default)]
    query: Option<String>,
    /// A token of an internal integration or a user, as `${secret.sentry}`, with the scopes `org:read` and `event:read`.
    /// A DSN can't read, nor can an organization token (`sntrys_…`).
    token: String,
    /// How many whole minutes `errors` and `error-rate` look back, 1 to 60; 5 unless said otherwise.
    #[serde(default)]
    minutes: Option<u8>,
    /// The application sends traces: `error-rate`, the share of its transactions that fail, is measured too.
    #[serde(default)]
    tracing: bool,
    /// With `tracing`: fewer transactions than this are no data. May also stand beside the table.
    #[serde(default)]
    min_samples: Option<u64>,
    /// Which server it is; without it, it is asked once.
    #[serde(default)]
    flavor: Option<Flavor>,
}

/// Which server speaks the API.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Flavor {
    /// Sentry, the service or self-hosted.
    Sentry,
    /// GlitchTip: it knows neither regressions nor traces.
    Glitchtip,
}

impl Kind for Sentry {
    const PANE: Pane = Pane::Errors;
    const EVERY: Span = Span::secs(30);
    const TIMEOUT: Span = Span::secs(20);
    type Prober = SentryProber;

    fn measures(&self) -> Vec<MeasureOutline> {
        let mut measures = vec![
            measure("errors", Unit::PerMinute, "error events, over the last whole minutes"),
            measure("new-issues", Unit::Count, "issues first seen since T-0"),
        ];
        if self.flavor != Some(Flavor::Glitchtip) {
            measures.push(measure("regressed-issues", Unit::Count, "resolved issues that came back, seen since T-0"));
        }
        if self.tracing {
            measures.push(measure("error-rate", Unit::Percent, "transactions that failed, over the last whole minutes"));
        }
        measures.push(measure("worst-issue", Unit::Text, "the worst of the new issues"));
        measures
    }

    fn well(&self) -> Vec<Point> {
        let mut points = nothing(&["errors", "new-issues", "regressed-issues", "error-rate"]);
        points.push(Point::new("worst-issue", Outcome::Text("none".to_owned())));
        points
    }

    fn target(&self) -> String {
        let projects = if self.projects.is_empty() { String::new() } else { format!("/{}", self.projects.join(",")) };
        format!("{} {}{projects}", self.url, self.organization)
    }

    fn address(&self) -> Option<String> {
        Some(self.url.clone())
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems: Vec<(&'static str, String)> = Vec::new();
        problems.extend(web::problem(&self.url).map(|p| ("url", p)));
        problems.extend(token_problem(&self.token).map(|p| ("token", p)));
        if self.minutes.is_some_and(|m| !(1..=60).contains(&m)) {
            problems.push(("minutes", "must be 1 to 60".to_owned()));
        }
        if self.tracing && self.flavor == Some(Flavor::Glitchtip) {
            problems.push(("tracing", "GlitchTip does not tell failure rates".to_owned()));
        }
        if self.min_samples.is_some() && !self.tracing {
            problems.push(("min-samples", "only `error-rate` has samples, which needs `tracing = true`".to_owned()));
        }
        problems
    }

    fn set_min_samples(&mut self, at_least: u64) -> bool {
        self.min_samples = Some(at_least);
        true
    }

    fn open(self, setup: Setup) -> Result<SentryProber, Miss> {
        let token = setup.secrets.fill(&self.token).map_err(Miss::new)?;
        if let Some(problem) = token_problem(&token) {
            return Err(Miss::new(problem));
        }
        let mut api = Api::open(&self, &token, &setup)?;
        let known = self.flavor.or_else(|| api.is_service().then_some(Flavor::Sentry));
        known.into_iter().for_each(|flavor| api.is(flavor));
        Ok(SentryProber { api, t0: setup.t0, flavor: known, spec: self })
    }
}

/// What is wrong with a token by its look.
fn token_problem(token: &str) -> Option<String> {
    if token.contains("://") {
        return Some("this is a DSN, with which an application sends; reading needs an auth token".to_owned());
    }
    token
        .starts_with("sntrys_")
        .then(|| "an organization token (sntrys_…) can't read events: make one in an internal integration".to_owned())
}

/// Asks a Sentry.
pub struct SentryProber {
    spec: Sentry,
    api: Api,
    t0: tokio::sync::watch::Receiver<Timestamp>,
    flavor: Option<Flavor>,
}

impl Prober for SentryProber {
    async fn poll(&mut self) -> Result<Vec<Point>, Miss> {
        self.api.begin();
        let flavor = match self.flavor {
            Some(flavor) => flavor,
            None => {
                let flavor = self.api.flavor().await?;
                self.api.is(flavor);
                *self.flavor.insert(flavor)
            }
        };
        let minutes = self.spec.minutes.unwrap_or(5);
        let t0 = *self.t0.borrow();
        let mut points = Vec::new();
        let mut tell = |name: &str, found: Result<Outcome, Lack>| match found {
            Ok(outcome) => {
                points.push(Point::new(name, outcome));
                Ok(())
            }
            Err(Lack::Part(why)) => {
                points.push(Point::new(name, Outcome::NoData(why)));
                Ok(())
            }
            Err(Lack::All(miss)) => Err(miss),
        };
        let errors = match flavor {
            Flavor::Sentry => self.api.errors(minutes).await,
            Flavor::Glitchtip => self.api.glitchtip_errors(minutes).await,
        };
        tell("errors", errors.map(|per_minute| Outcome::number(per_minute / 60.0)))?;
        match self.api.new_issues(flavor, t0).await {
            Ok(issues) => {
                tell("new-issues", Ok(issues.count))?;
                tell("worst-issue", Ok(Outcome::Text(issues.worst.unwrap_or_else(|| "none".to_owned()))))?;
            }
            Err(Lack::Part(why)) => {
                tell("new-issues", Err(Lack::Part(why.clone())))?;
                tell("worst-issue", Err(Lack::Part(why)))?;
            }
            Err(lack) => tell("new-issues", Err(lack))?,
        }
        if self.spec.flavor != Some(Flavor::Glitchtip) {
            let regressed = match flavor {
                Flavor::Sentry => self.api.regressed_issues(t0).await.map(|issues| issues.count),
                Flavor::Glitchtip => Err(Lack::Part("GlitchTip does not tell regressions".to_owned())),
            };
            tell("regressed-issues", regressed)?;
        }
        if self.spec.tracing {
            let rate = match flavor {
                Flavor::Sentry => self.api.failure_rate(minutes).await.map(|rate| self.judge(rate)),
                Flavor::Glitchtip => Err(Lack::Part("GlitchTip does not tell failure rates".to_owned())),
            };
            tell("error-rate", rate)?;
        }
        Ok(points)
    }

    fn timed_out(&self, after: Span) -> Result<Vec<Point>, Miss> {
        Err(self.api.in_vain(after))
    }
}

impl SentryProber {
    fn judge(&self, rate: read::FailureRate) -> Outcome {
        let at_least = self.spec.min_samples.unwrap_or(0) as f64;
        match rate.share {
            _ if rate.count == 0.0 => {
                Outcome::NoData("no transactions: the application sends no traces, or nobody calls it".to_owned())
            }
            _ if rate.count < at_least => few(rate.share, rate.count, at_least, "transactions"),
            Some(share) => Outcome::number(share),
            None => Outcome::NoData("no failure rate in the answer".to_owned()),
        }
    }
}
