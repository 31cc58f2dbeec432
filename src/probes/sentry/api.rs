//! The calls: their paths and parameters, fallbacks for older servers, limits and refusals.

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use serde_json::Value;

use super::read::{self, FailureRate, Minute};
use super::{Flavor, Sentry};
use crate::core::reading::Outcome;
use crate::core::time::{Span, Timestamp};
use crate::probes::client::{self, Answer, Client, Request, Terms};
use crate::probes::scale::brief;
use crate::probes::tls::WayOut;
use crate::probes::{Miss, Setup};

/// The longest answer that is read, in bytes.
const CAP: usize = 4 << 20;

/// So many pages of issues are counted where the server does not tell their number.
const PAGES: usize = 5;

/// Servers count no further than this, unless they say what else (`X-Max-Hits`).
const MAX_HITS: f64 = 1000.0;

/// Why something is not known.
pub(super) enum Lack {
    /// This measure alone.
    Part(String),
    /// Nothing at all: no answer, a bad token, a limit.
    All(Miss),
}

/// How many issues, and the worst of them.
pub(super) struct Issues {
    /// A number, or the least that it is.
    pub count: Outcome,
    pub worst: Option<String>,
}

impl Issues {
    fn of(count: f64, all: bool, found: &[Value]) -> Self {
        let count = match Outcome::number(count) {
            Outcome::Value(least) if !all => Outcome::AtLeast(least),
            count => count,
        };
        Self { count, worst: read::worst(found) }
    }
}

/// An organization of a server.
pub(super) struct Api {
    client: Client,
    base: Url,
    organization: String,
    /// Project and environment, for every call.
    scope: Vec<(&'static str, String)>,
    query: String,
    headers: HeaderMap,
    /// What the server is called in what is said of it.
    name: &'static str,
    /// The server is too old for `events-timeseries`.
    no_timeseries: bool,
    /// The server is too old for the `spans` dataset.
    no_spans: bool,
}

impl Api {
    pub fn open(spec: &Sentry, token: &str, setup: &Setup) -> Result<Self, Miss> {
        let base = client::url(spec.url.trim_end_matches('/'), setup)?;
        let mut bearer = HeaderValue::try_from(format!("Bearer {}", token.trim()))
            .map_err(|_| Miss::new("the token has characters that a header can't have"))?;
        bearer.set_sensitive(true);
        let mut scope: Vec<(&str, String)> = spec.projects.iter().map(|p| ("project", p.clone())).collect();
        scope.extend(spec.environment.iter().map(|e| ("environment", e.clone())));
        let terms = Terms { keep: true, ca: None, way_out: WayOut::Machine, timeout: setup.timeout };
        Ok(Self {
            client: Client::new(&base, terms)?,
            base,
            organization: spec.organization.clone(),
            scope,
            query: spec.query.clone().unwrap_or_default(),
            headers: HeaderMap::from_iter([(AUTHORIZATION, bearer)]),
            name: "Sentry",
            no_timeseries: false,
            no_spans: false,
        })
    }

    /// Whether it is Sentry's own service, which need not be asked.
    pub fn is_service(&self) -> bool {
        self.base.host_str().is_some_and(|host| host == "sentry.io" || host.ends_with(".sentry.io"))
    }

    /// Says which server it is.
    pub fn is(&mut self, flavor: Flavor) {
        self.name = match flavor {
            Flavor::Sentry => "Sentry",
            Flavor::Glitchtip => "GlitchTip",
        };
    }

    /// A poll begins.
    pub fn begin(&self) {
        self.client.begin();
    }

    /// What it was that did not answer in time.
    pub fn in_vain(&self, after: Span) -> Miss {
        Miss::new(self.client.in_vain(after).why())
    }

    /// Asks which server it is. GlitchTip has a page of settings that needs no token.
    pub async fn flavor(&self) -> Result<Flavor, Miss> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/api/settings/", self.base.path().trim_end_matches('/')));
        let request = Request { method: Method::GET, url, headers: HeaderMap::new(), body: None, cap: CAP };
        let answer = self.client.ask(&request).await.map_err(|t| Miss::new(t.why()))?;
        if let Some(miss) = limited(&answer, self.name) {
            return Err(miss);
        }
        let glitchtip = answer.json().is_ok_and(|body| body.get("glitchtipInstanceName").is_some());
        Ok(if glitchtip { Flavor::Glitchtip } else { Flavor::Sentry })
    }

    /// Errors per minute, from `events-timeseries`, or on older servers from `events-stats`.
    pub async fn errors(&mut self, minutes: u8) -> Result<f64, Lack> {
        let period = format!("{}m", u32::from(minutes) + 5);
        let common = [("statsPeriod", period), ("interval", "1m".to_owned()), ("query", self.query.clone())];
        let axis = ("yAxis", "count()".to_owned());
        if !self.no_timeseries {
            let mut parameters = vec![("dataset", "errors".to_owned()), axis.clone()];
            parameters.extend(common.clone());
            let answer = self.get("events-timeseries", &parameters).await?;
            if !matches!(answer.status, 400 | 404 | 405) {
                return rate(&self.read(&answer, "org:read")?, read::timeseries, minutes, &answer);
            }
            self.no_timeseries = true;
        }
        // Without a type, old servers count transactions too.
        let query = format!("event.type:error {}", self.query).trim().to_owned();
        let [period, interval, _] = common;
        let answer = self.get("events-stats", &[axis, period, interval, ("query", query)]).await?;
        let body = self.read(&answer, "org:read").inspect_err(|_| self.no_timeseries = false)?;
        rate(&body, read::stats, minutes, &answer)
    }

    /// The same from GlitchTip, which has neither of these.
    pub async fn glitchtip_errors(&self, minutes: u8) -> Result<f64, Lack> {
        let now = chrono::Utc::now();
        let time = |t: chrono::DateTime<chrono::Utc>| t.to_rfc3339_opts(chrono::SecondsFormat::Secs, true);
        let start = now - chrono::TimeDelta::minutes(i64::from(minutes) + 5);
        let parameters = [
            ("category", "error".to_owned()),
            ("field", "sum(quantity)".to_owned()),
            ("interval", "1m".to_owned()),
            ("start", time(start)),
            ("end", time(now)),
        ];
        let answer = self.get("stats_v2", &parameters).await?;
        rate(&self.read(&answer, "org:read")?, read::stats_v2, minutes, &answer)
    }

    /// The share of transactions that failed.
    pub async fn failure_rate(&mut self, minutes: u8) -> Result<FailureRate, Lack> {
        let fields = [
            ("field", "failure_rate()".to_owned()),
            ("field", "count()".to_owned()),
            ("statsPeriod", format!("{minutes}m")),
            ("per_page", "1".to_owned()),
        ];
        if !self.no_spans {
            let mut parameters = fields.to_vec();
            parameters.push(("dataset", "spans".to_owned()));
            parameters.push(("query", format!("is_transaction:true {}", self.query).trim().to_owned()));
            let answer = self.get("events", &parameters).await?;
            if !matches!(answer.status, 400 | 404) {
                return self.row(&answer);
            }
        }
        let mut parameters = fields.to_vec();
        parameters.push(("dataset", "discover".to_owned()));
        parameters.push(("query", format!("event.type:transaction {}", self.query).trim().to_owned()));
        let answer = self.get("events", &parameters).await?;
        let found = self.row(&answer)?;
        self.no_spans = true;
        Ok(found)
    }

    fn row(&self, answer: &Answer) -> Result<FailureRate, Lack> {
        let body = self.read(answer, "org:read")?;
        read::failure_rate(&body).ok_or_else(|| Lack::Part("the answer has no row with a failure rate".to_owned()))
    }

    /// Issues first seen since T-0.
    pub async fn new_issues(&self, flavor: Flavor, t0: Timestamp) -> Result<Issues, Lack> {
        let since = seconds(t0);
        let parameters = match flavor {
            Flavor::Sentry => self.search(&format!("is:unresolved firstSeen:>{since}")),
            // Its search knows no `firstSeen`; `start` means just that.
            Flavor::Glitchtip => vec![
                ("query", format!("is:unresolved {}", self.query).trim().to_owned()),
                ("start", format!("{since}Z")),
                ("sort", "-first_seen".to_owned()),
                ("limit", "100".to_owned()),
            ],
        };
        self.issues(parameters).await
    }

    /// Issues that were resolved and came back, seen since T-0.
    pub async fn regressed_issues(&self, t0: Timestamp) -> Result<Issues, Lack> {
        self.issues(self.search(&format!("is:unresolved is:regressed lastSeen:>{}", seconds(t0)))).await
    }

    fn search(&self, query: &str) -> Vec<(&'static str, String)> {
        vec![
            ("query", format!("{query} {}", self.query).trim().to_owned()),
            ("sort", "new".to_owned()),
            ("limit", "100".to_owned()),
            ("statsPeriod", "14d".to_owned()),
            ("collapse", "stats".to_owned()),
        ]
    }

    async fn issues(&self, parameters: Vec<(&'static str, String)>) -> Result<Issues, Lack> {
        let mut found: Vec<Value> = Vec::new();
        let mut cursor: Option<String> = None;
        for _ in 0..PAGES {
            let mut parameters = parameters.clone();
            parameters.extend(cursor.take().map(|cursor| ("cursor", cursor)));
            let answer = self.get("issues", &parameters).await?;
            let Value::Array(page) = self.read(&answer, "event:read")? else {
                return Err(Lack::Part("the answer is no list of issues".to_owned()));
            };
            found.extend(page);
            cursor = answer.header("link").and_then(read::next_cursor);
            if cursor.is_none() {
                return Ok(Issues::of(found.len() as f64, true, &found));
            }
            let told = |name: &str| answer.header(name)?.parse::<f64>().ok().filter(|n| n.is_finite());
            if let Some(hits) = told("x-hits") {
                let most = told("x-max-hits").unwrap_or(MAX_HITS);
                return Ok(Issues::of(hits.max(found.len() as f64), hits < most, &found));
            }
        }
        Ok(Issues::of(found.len() as f64, false, &found))
    }

    /// A call below the organization. A limit, a refused token and no answer concern all measures.
    async fn get(&self, path: &str, parameters: &[(&'static str, String)]) -> Result<Answer, Lack> {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "0", "organizations", &self.organization, path, ""]);
        }
        let shown = parameters.iter().filter(|(key, value)| *key != "query" || !value.is_empty() || path == "issues");
        url.query_pairs_mut().extend_pairs(shown).extend_pairs(&self.scope);
        let headers = self.headers.clone();
        let request = Request { method: Method::GET, url, headers, body: None, cap: CAP };
        let answer = self.client.ask(&request).await.map_err(|t| Lack::All(Miss::new(t.why())))?;
        if let Some(miss) = limited(&answer, self.name) {
            return Err(Lack::All(miss));
        }
        if answer.status == 401 {
            return Err(Lack::All(Miss::new(format!("{} answered 401: the token is wrong or expired", self.name))));
        }
        Ok(answer)
    }

    /// The body of a good answer; a refusal names the scope that is missing.
    fn read(&self, answer: &Answer, scope: &str) -> Result<Value, Lack> {
        let body = answer.json();
        if (200..300).contains(&answer.status) {
            return body.map_err(Lack::Part);
        }
        let detail = body.ok().and_then(|b| read::detail(&b)).map_or(String::new(), |d| format!(": {}", brief(&d)));
        Err(Lack::Part(match answer.status {
            403 => format!("403: the token lacks the scope {scope}"),
            404 => format!("404: there is no organization `{}`, or the token may not see it", self.organization),
            status @ 300..400 => {
                format!("{} answered {status}, {}", self.name, answer.redirect().unwrap_or_else(|| "a redirect to nowhere".to_owned()))
            }
            status => format!("{} answered {status}{detail}", self.name),
        }))
    }
}

/// The miss for a limit, with the wait that the server asks for.
fn limited(answer: &Answer, server: &str) -> Option<Miss> {
    if answer.status != 429 {
        return None;
    }
    let reset = || {
        let at: f64 = answer.header("x-sentry-rate-limit-reset")?.parse().ok()?;
        let wait = at * 1000.0 - now_ms(answer) as f64;
        Some(Span(wait.clamp(0.0, 3_600_000.0) as i64))
    };
    // As its relays say it: `60:error:organization, 2700:transaction:project`.
    let relay = || {
        let limits = answer.header("x-sentry-rate-limits")?.split(',');
        let longest = limits.filter_map(|limit| limit.split(':').next()?.trim().parse::<u32>().ok()).max()?;
        Some(Span::secs(i64::from(longest.min(3600))))
    };
    let wait = answer.retry_after().or_else(reset).or_else(relay).unwrap_or(Span::secs(30)).max(Span::secs(1));
    // Some jitter, so that several cockpits do not come back at once.
    let wait = wait + Span(rand::random_range(0..1000));
    Some(Miss { why: format!("{server} answered 429: asked too often"), retry_after: Some(wait) })
}

/// The server's clock where it tells it, else ours.
fn now_ms(answer: &Answer) -> i64 {
    let told = answer.header("date").and_then(|date| chrono::DateTime::parse_from_rfc2822(date).ok());
    told.map_or_else(|| chrono::Utc::now().timestamp_millis(), |date| date.timestamp_millis())
}

fn rate(body: &Value, series: fn(&Value) -> Option<Vec<Minute>>, minutes: u8, answer: &Answer) -> Result<f64, Lack> {
    let series = series(body).ok_or_else(|| Lack::Part("the answer has no series of errors".to_owned()))?;
    read::per_minute(&series, minutes, now_ms(answer)).map_err(Lack::Part)
}

/// A moment as searches take it: UTC to the second. A T-0 that is still to come counts from itself: nothing is new.
fn seconds(at: Timestamp) -> String {
    at.utc().format("%Y-%m-%dT%H:%M:%S").to_string()
}
