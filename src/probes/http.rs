//! `http`: whether an endpoint answers as it should, how fast, and in which version; and the services behind it.
//!
//! Refused, reset, timed out, a wrong status or body is *failing*, and so is a certificate that is wrong for everybody:
//! expired, not valid yet, for another name. No name, no route, an unknown authority, 401, 407 and 429 are trouble of our
//! own side: no data, with the reason. A redirect is a finding unless the plan asks to follow it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{CACHE_CONTROL, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::Value;

use super::client::{self, Answer, Client, Request, Terms, Trouble};
use super::expect::{Expect, Path, Status, literal};
use super::scale::brief;
use super::tls::WayOut;
use super::{Kind, Miss, Prober, Setup, health, measure};
use crate::core::outline::{MeasureOutline, Pane};
use crate::core::reading::{NONE_FOUND, Outcome, Point};
use crate::core::time::Span;
use crate::core::units::Unit;
use crate::core::web;

/// The longest body that is read, in bytes.
const CAP: usize = 1 << 20;

/// The most redirects that are followed.
const HOPS: usize = 5;

/// `http = { url = "…" }`: an endpoint is asked, each time over a new connection.
#[derive(Clone, Debug, PartialEq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Http {
    /// What to ask. `${secret.NAME}` may stand in it.
    #[schemars(regex(pattern = r"^\s*[hH][tT][tT][pP][sS]?:|\$\{"))]
    url: String,
    /// How to ask.
    #[serde(default)]
    method: Verb,
    /// Headers to send, as `Authorization = "Bearer ${secret.token}"`.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// A body to send.
    #[serde(default)]
    body: Option<String>,
    /// What a good answer is. Without it any 2xx is, unless a JSON body says at its top that it is down: its `status`,
    /// `state`, `health`, `healthy`, `ok` or `up` is a word as `down` or `failed`, or false. `degraded`, and a word that
    /// means something else, are left alone: say in `expect` what must stand there.
    #[serde(default)]
    expect: Expect,
    /// A JSONPath to the services in a health body, as `$.services.*` or `$.components.*`: each becomes an instance, as
    /// `api[database].up`.
    #[serde(default)]
    services: Option<String>,
    /// Further words by which a service says that it is well, as `idle` or `degraded`.
    #[serde(default)]
    well: Vec<String>,
    /// A JSONPath to the version that answers, as `$.version`.
    #[serde(default)]
    version: Option<String>,
    /// Follow redirects, five at most. Headers of the plan go to the first host only.
    #[serde(default)]
    follow: bool,
    /// A PEM file with certificates to trust further, relative to the plan: of authorities, or the very one that the
    /// server shows, where it signed that itself.
    #[serde(default)]
    ca: Option<PathBuf>,
}

/// The methods that a probe may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
enum Verb {
    /// Ask for the whole answer.
    #[default]
    #[serde(rename = "GET")]
    Get,
    /// Ask for status and headers.
    #[serde(rename = "HEAD")]
    Head,
    /// Send a body.
    #[serde(rename = "POST")]
    Post,
}

impl Kind for Http {
    const PANE: Pane = Pane::Health;
    const EVERY: Span = Span::secs(5);
    const TIMEOUT: Span = Span::secs(5);
    type Prober = HttpProber;

    fn measures(&self) -> Vec<MeasureOutline> {
        let mut measures = vec![
            measure("up", Unit::State, "whether it answers as expected"),
            measure("latency", Unit::Seconds, "from asking until the whole answer was there, connecting included"),
            measure("status", Unit::Count, "the HTTP status"),
        ];
        if self.version.is_some() {
            measures.push(measure("version", Unit::Text, "the version that answers"));
        }
        measures
    }

    fn well(&self) -> Vec<Point> {
        let status = self.expect.status.as_ref().map_or(200, Status::first);
        // Which version answers, nobody knows before.
        vec![
            Point::new("latency", Outcome::number(0.02)),
            Point::new("status", Outcome::number(f64::from(status))),
        ]
    }

    fn many(&self) -> bool {
        self.services.is_some()
    }

    fn acts(&self) -> Option<&'static str> {
        (self.method == Verb::Post).then_some("it sends a POST")
    }

    fn target(&self) -> String {
        match self.method {
            Verb::Get => self.url.clone(),
            Verb::Head => format!("HEAD {}", self.url),
            Verb::Post => format!("POST {}", self.url),
        }
    }

    fn address(&self) -> Option<String> {
        Some(self.url.clone())
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems: Vec<(&'static str, String)> = Vec::new();
        problems.extend(web::problem(&self.url).map(|p| ("url", p)));
        for (key, path) in [("services", &self.services), ("version", &self.version)] {
            problems.extend(path.as_deref().and_then(path_problem).map(|p| (key, p)));
        }
        problems.extend(self.expect.json.keys().filter_map(|p| path_problem(p)).map(|p| ("expect", p)));
        if self.method == Verb::Head && self.needs_body() {
            problems.push(("method", "HEAD brings no body, and this probe reads one".to_owned()));
        }
        problems
    }

    fn open(self, setup: Setup) -> Result<HttpProber, Miss> {
        let url = client::url(&self.url, &setup)?;
        let mut headers = client::headers(&self.headers, &setup)?;
        headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-cache"));
        let body = self.body.as_deref().map(|b| setup.secrets.fill(b)).transpose().map_err(Miss::new)?;
        let method = match self.method {
            Verb::Get => Method::GET,
            Verb::Head => Method::HEAD,
            Verb::Post => Method::POST,
        };
        let path = |text: &Option<String>| text.as_deref().map(Path::parse).transpose().map_err(Miss::new);
        let json = self.expect.json.iter().map(|(p, v)| Ok((Path::parse(p)?, v.clone()))).collect::<Result<_, String>>();
        let ca = self.ca.map(|ca| setup.dir.join(ca));
        let terms = Terms { keep: false, ca: ca.as_deref(), way_out: WayOut::Ca, timeout: setup.timeout };
        Ok(HttpProber {
            client: Client::new(&url, terms)?,
            request: Request { method, url, headers, body, cap: CAP },
            services: path(&self.services)?,
            version: path(&self.version)?,
            json: json.map_err(Miss::new)?,
            status: self.expect.status,
            text: self.expect.text,
            well: self.well,
            follow: self.follow,
            known: BTreeSet::new(),
        })
    }
}

impl Http {
    fn needs_body(&self) -> bool {
        self.services.is_some() || self.version.is_some() || !self.expect.json.is_empty() || self.expect.text.is_some()
    }
}

fn path_problem(text: &str) -> Option<String> {
    Path::parse(text).err()
}

/// Asks an endpoint.
pub struct HttpProber {
    client: Client,
    request: Request,
    status: Option<Status>,
    text: Option<String>,
    json: Vec<(Path, Value)>,
    services: Option<Path>,
    well: Vec<String>,
    version: Option<Path>,
    follow: bool,
    /// The services seen so far: without a body they have no data.
    known: BTreeSet<String>,
}

impl Prober for HttpProber {
    async fn poll(&mut self) -> Result<Vec<Point>, Miss> {
        self.client.begin();
        match self.ask().await {
            Ok((answer, Some(fault))) => Ok(self.judge(&answer, Some(fault))),
            Ok((answer, None)) => {
                if !self.status_fits(answer.status)
                    && matches!(answer.status, 401 | 407 | 429)
                    && let Some(miss) = client::refusal(&answer, "it")
                {
                    return Err(miss);
                }
                Ok(self.judge(&answer, None))
            }
            Err(Trouble::Theirs(why)) => Ok(self.silent(&why)),
            Err(Trouble::Ours(why)) => Err(Miss::new(why)),
        }
    }

    fn timed_out(&self, after: Span) -> Result<Vec<Point>, Miss> {
        match self.client.in_vain(after) {
            Trouble::Theirs(why) => Ok(self.silent(&why)),
            Trouble::Ours(why) => Err(Miss::new(why)),
        }
    }
}

impl HttpProber {
    /// Asks, and follows redirects if the plan says so. The last answer, and what was wrong on the way to it.
    async fn ask(&self) -> Result<(Answer, Option<String>), Trouble> {
        let mut request = self.request.clone();
        let mut took = Duration::ZERO;
        let mut asked: Vec<Request> = Vec::new();
        loop {
            let mut answer = self.client.ask(&request).await?;
            took += answer.took;
            answer.took = took;
            let Some(next) = answer.target().filter(|_| self.follow) else { return Ok((answer, None)) };
            asked.push(request.clone());
            if next.origin() != request.url.origin() {
                request.headers = HeaderMap::from_iter([(CACHE_CONTROL, HeaderValue::from_static("no-cache"))]);
            }
            if answer.status == 303 || (matches!(answer.status, 301 | 302) && request.method == Method::POST) {
                request.method = Method::GET;
                request.body = None;
            }
            request.url = next;
            // The same question again gets the same answer.
            let fault = match asked.iter().rposition(|before| *before == request) {
                Some(last) if last + 1 == asked.len() => "it redirects to itself".to_owned(),
                Some(_) => format!("it redirects in a circle, back to {}", request.url),
                None if asked.len() == HOPS => format!("redirected more than {HOPS} times, last to {}", request.url),
                None => continue,
            };
            return Ok((answer, Some(fault)));
        }
    }

    fn status_fits(&self, status: u16) -> bool {
        self.status.as_ref().map_or((200..300).contains(&status), |s| s.fits(status))
    }

    /// The points of an answer; `fault` is what is wrong with it whatever it says.
    fn judge(&mut self, answer: &Answer, fault: Option<String>) -> Vec<Point> {
        let body = answer.json();
        let up = match fault.or_else(|| self.fault(answer, &body)) {
            Some(fault) => Outcome::Failing(fault),
            None => Outcome::well(),
        };
        let mut points = vec![
            Point::new("up", up),
            Point::new("latency", Outcome::number(answer.took.as_secs_f64())),
            Point::new("status", Outcome::number(f64::from(answer.status))),
        ];
        if let Some(path) = &self.version {
            points.push(Point::new("version", version(path, &body)));
        }
        match (&self.services, &body) {
            (Some(path), Ok(body)) => {
                let found = health::services(body, path, &self.well);
                self.known = found.iter().filter_map(|p| p.instance.as_ref()).map(ToString::to_string).collect();
                if found.is_empty() {
                    points.push(Point::of(NONE_FOUND, "up", Outcome::NoData(format!("no services at `{path}`"))));
                }
                points.extend(found);
            }
            (Some(path), Err(why)) if self.known.is_empty() => {
                let why = format!("no services at `{path}`: {why}");
                points.push(Point::of(NONE_FOUND, "up", Outcome::NoData(why)));
            }
            (Some(_), Err(why)) => points.extend(self.unknown_services(why)),
            (None, _) => {}
        }
        points
    }

    /// What is wrong with an answer; none if nothing is.
    fn fault(&self, answer: &Answer, body: &Result<Value, String>) -> Option<String> {
        if !self.status_fits(answer.status) {
            if let Some(redirect) = answer.redirect() {
                return Some(format!("answers {}, {redirect}, which is not followed", answer.status));
            }
            let wanted = self.status.as_ref().map_or("2xx".to_owned(), ToString::to_string);
            let says = body.as_ref().ok().and_then(own_word).map_or(String::new(), |w| format!(", says `{w}`"));
            return Some(format!("answers {}, not {wanted}{says}", answer.status));
        }
        for (path, wanted) in &self.json {
            match body {
                Err(why) => return Some(why.clone()),
                Ok(body) => {
                    if let Some(fault) = literal(path, wanted, body) {
                        return Some(fault);
                    }
                }
            }
        }
        if let Some(text) = &self.text
            && !String::from_utf8_lossy(&answer.body).contains(text)
        {
            return Some(match answer.compressed() {
                Some(how) => format!("the body is compressed ({how}), which was not asked for"),
                None if answer.cut => format!("the first {CAP} bytes of the body do not have `{text}` in them"),
                None => format!("the body does not have `{text}` in it"),
            });
        }
        // A body that says of itself that it is down is never well, asked or not.
        let unasked = self.json.is_empty() && self.text.is_none();
        body.as_ref().ok().filter(|_| unasked).and_then(|body| health::down(body, &self.well))
    }

    /// The points where there was no answer in HTTP: nobody listens, TLS failed, or it was too late.
    fn silent(&self, why: &str) -> Vec<Point> {
        let none = || Outcome::NoData("no HTTP answer".to_owned());
        let mut points = vec![
            Point::new("up", Outcome::Failing(why.to_owned())),
            Point::new("latency", none()),
            Point::new("status", none()),
        ];
        if self.version.is_some() {
            points.push(Point::new("version", none()));
        }
        points.extend(self.unknown_services("no answer to read it from"));
        points
    }

    fn unknown_services<'a>(&'a self, why: &'a str) -> impl Iterator<Item = Point> + 'a {
        self.known.iter().map(move |name| Point::of(name, "up", Outcome::NoData(why.to_owned())))
    }
}

/// The word that a health body says of itself.
fn own_word(body: &Value) -> Option<&str> {
    body.get("status")?.as_str()
}

fn version(path: &Path, body: &Result<Value, String>) -> Outcome {
    match body {
        Err(why) => Outcome::NoData(why.clone()),
        Ok(body) => {
            let found = path.query(body);
            let words = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            match found.first() {
                Some(Value::Null) | None => Outcome::NoData(format!("the body has nothing at {path}")),
                Some(first) => match found.iter().copied().find(|other| *other != first) {
                    None => Outcome::Text(words(first)),
                    Some(other) => {
                        let (one, two) = (brief(&words(first)), brief(&words(other)));
                        Outcome::NoData(format!("the body has several at {path}, as `{one}` and `{two}`"))
                    }
                },
            }
        }
    }
}
