//! The HTTP client of the kinds that ask over HTTP: what went wrong in plain words, and whose trouble it is.
//!
//! Redirects are not followed, TLS is verified, bodies are capped. A proxy from the environment is used except for
//! loopback addresses. Where the machine has no certificates, `http://` still works.

use std::collections::BTreeMap;
use std::error::Error as _;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, HeaderMap, HeaderName, HeaderValue, LOCATION};
use reqwest::{Method, Url};

use super::dns::{DnsError, Resolver};
use super::scale::brief;
use super::tls::WayOut;
use super::wait::{Look, Wait};
use super::{Miss, Setup, tls, trust};
use crate::core::time::Span;
use crate::core::web;

/// How what is said of a connection begins that was torn down.
pub(super) const RESET: &str = "connection reset by";

/// What names a proxy in the environment, also in small letters.
const PROXIES: [&str; 3] = ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// An answer with its body read.
#[derive(Debug)]
pub(crate) struct Answer {
    /// Who was asked for it.
    from: Url,
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body up to the cap.
    pub body: Vec<u8>,
    /// The body was longer than the cap.
    pub cut: bool,
    /// From asking until the body was read.
    pub took: Duration,
}

/// Why there is no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// We could not ask: no name, no route, no certificates to verify with. Says nothing about the other side.
    Ours(String),
    /// The other side did not answer as it should: refused, reset, a wrong certificate.
    Theirs(String),
}

impl Trouble {
    /// The words.
    pub fn why(self) -> String {
        match self {
            Trouble::Ours(why) | Trouble::Theirs(why) => why,
        }
    }
}

/// What to ask.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Request {
    /// GET, HEAD or POST.
    pub method: Method,
    /// Where.
    pub url: Url,
    /// With the values of secrets in them.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<String>,
    /// At most this many bytes of the answer are read.
    pub cap: usize,
}

/// Who is asked, and how.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terms<'a> {
    /// Keep connections between polls.
    pub keep: bool,
    /// A PEM file with further certificates to trust; the plan's way to name one, if it has any.
    pub ca: Option<&'a Path>,
    /// What mends a certificate that is not trusted.
    pub way_out: WayOut,
    /// How long a poll may take.
    pub timeout: Span,
}

/// The client.
#[derive(Clone, Debug)]
pub(crate) struct Client {
    inner: reqwest::Client,
    way_out: WayOut,
    wait: Wait,
}

impl Client {
    /// For one URL.
    pub fn new(url: &Url, terms: Terms<'_>) -> Result<Self, Miss> {
        // In the binary it is installed already; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let loopback = url.host_str().is_some_and(web::is_loopback);
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(Resolver))
            .user_agent(concat!("tminus/", env!("CARGO_PKG_VERSION")))
            .pool_max_idle_per_host(usize::from(terms.keep));
        if loopback {
            builder = builder.no_proxy();
        }
        let unready =
            |why: String| Miss::new(format!("TLS can't be set up: {why}; is the package ca-certificates installed?"));
        let tls = match terms.ca {
            Some(path) => trust::with(path).map_err(|why| Miss::new(format!("ca {}: {why}", path.display())))?,
            None if url.scheme() == "http" => trust::nobody().map_err(unready)?,
            None => trust::machine().map_err(unready)?,
        };
        let built = builder.tls_backend_preconfigured(tls).build();
        let wait = Wait::new(terms.timeout);
        built
            .map(|inner| Client { inner, way_out: terms.way_out, wait })
            .map_err(|e| Miss::new(format!("its HTTP client can't be made: {}", innermost(&e))))
    }

    /// A poll begins.
    pub fn begin(&self) {
        self.wait.begin();
    }

    /// What it was that did not answer in time.
    pub fn in_vain(&self, after: Span) -> Trouble {
        self.wait.in_vain(after)
    }

    /// Asks once. There is no timeout here: the runner drops what takes too long.
    pub async fn ask(&self, request: &Request) -> Result<Answer, Trouble> {
        let begun = Instant::now();
        let mut headers = request.headers.clone();
        // Without it a server may choose any.
        headers.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("identity"));
        let mut asked = self.inner.request(request.method.clone(), request.url.clone()).headers(headers);
        if let Some(body) = &request.body {
            asked = asked.body(body.clone());
        }
        let trouble = |e: reqwest::Error| trouble(&e, &request.url, self.way_out);
        let mut response = self.wait.beside(look(&request.url), asked.send()).await.map_err(trouble)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        let mut cut = false;
        loop {
            let so_far = if body.is_empty() { "nothing".to_owned() } else { format!("{} bytes", body.len()) };
            self.wait
                .stands(Some(Trouble::Theirs(format!("{status} came and {so_far} of the body, which never ended"))));
            let Some(chunk) = response.chunk().await.map_err(trouble)? else { break };
            let room = request.cap.saturating_sub(body.len());
            body.extend_from_slice(&chunk[..chunk.len().min(room)]);
            if chunk.len() > room {
                cut = true;
                break;
            }
        }
        self.wait.stands(None);
        let headers = std::mem::take(response.headers_mut());
        Ok(Answer { from: request.url.clone(), status, headers, body, cut, took: begun.elapsed() })
    }
}

impl Answer {
    /// A header's text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|v| v.to_str().ok())
    }

    /// Where a redirect leads.
    pub fn target(&self) -> Option<Url> {
        let to = self.header(LOCATION.as_str()).filter(|_| matches!(self.status, 301 | 302 | 303 | 307 | 308))?;
        self.from.join(to).ok().filter(|to| matches!(to.scheme(), "http" | "https"))
    }

    /// What it is as a redirect, in words.
    pub fn redirect(&self) -> Option<String> {
        let to = self.header(LOCATION.as_str()).filter(|_| (300..400).contains(&self.status))?;
        let itself = self.target().is_some_and(|to| to == self.from);
        Some(if itself { "a redirect to itself".to_owned() } else { format!("a redirect to {}", brief(to)) })
    }

    /// How the body is compressed, which no probe asks for.
    pub fn compressed(&self) -> Option<&str> {
        self.header(CONTENT_ENCODING.as_str()).filter(|how| !how.eq_ignore_ascii_case("identity"))
    }

    /// The body as JSON, or what it is instead.
    pub fn json(&self) -> Result<serde_json::Value, String> {
        if let Some(how) = self.compressed() {
            return Err(format!("the body is compressed ({how}), which was not asked for"));
        }
        if self.cut {
            return Err(format!("the body is longer than {} bytes", self.body.len()));
        }
        serde_json::from_slice(&self.body).map_err(|_| {
            let kind = self.header("content-type").unwrap_or("no content type");
            match brief(&String::from_utf8_lossy(&self.body)) {
                start if start.is_empty() => "the body is empty where JSON was expected".to_owned(),
                start => format!("the body is no JSON ({kind}): `{start}`"),
            }
        })
    }

    /// The wait that `Retry-After` asks for, in seconds or as a date.
    pub fn retry_after(&self) -> Option<Span> {
        let text = self.header("retry-after")?.trim();
        if let Ok(seconds) = text.parse::<f64>() {
            return (seconds >= 0.0).then(|| Span((seconds.min(86_400.0) * 1000.0).ceil() as i64));
        }
        let until = chrono::DateTime::parse_from_rfc2822(text).ok()?;
        Some(Span((until.timestamp_millis() - chrono::Utc::now().timestamp_millis()).clamp(0, 86_400_000)))
    }
}

/// A miss for a status that says that we may not ask: 401, 403, 407, 429. None for any other.
pub(crate) fn refusal(answer: &Answer, what: &str) -> Option<Miss> {
    let why = match answer.status {
        401 => format!("{what} answered 401: the credential is wrong, missing or expired"),
        403 => format!("{what} answered 403: the credential may not read this"),
        407 => format!("{what} answered 407: the proxy wants a credential"),
        429 => {
            let retry_after = Some(answer.retry_after().unwrap_or(Span::secs(30)).max(Span::secs(1)));
            return Some(Miss { why: format!("{what} answered 429: asked too often"), retry_after });
        }
        _ => return None,
    };
    Some(Miss::new(why))
}

/// A URL of the plan with its secrets, or why it is none.
pub(crate) fn url(text: &str, setup: &Setup) -> Result<Url, Miss> {
    let filled = setup.secrets.fill(text).map_err(Miss::new)?;
    web::url(text, &filled).map_err(Miss::new)
}

/// Headers of the plan with their secrets.
pub(crate) fn headers(written: &BTreeMap<String, String>, setup: &Setup) -> Result<HeaderMap, Miss> {
    let mut map = HeaderMap::new();
    for (name, value) in written {
        let key = HeaderName::try_from(name).map_err(|_| Miss::new(format!("`{name}` can't be a header's name")))?;
        let filled = setup.secrets.fill(value).map_err(Miss::new)?;
        let mut value = HeaderValue::try_from(filled.trim()).map_err(|_| {
            Miss::new(format!("the value of the header `{name}` has characters that headers can't have"))
        })?;
        value.set_sensitive(true);
        map.insert(key, value);
    }
    Ok(map)
}

/// Where to look while a URL does not answer; none where a proxy of the environment stands between.
fn look(url: &Url) -> Option<Look<'_>> {
    let host = url.host_str()?;
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if !web::is_loopback(host) && PROXIES.iter().any(|name| is_set(name) || is_set(&name.to_lowercase())) {
        return None;
    }
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let silent = "the head of its answer never came whole";
    Some(Look { host, port: url.port_or_known_default()?, hello: &[], silent })
}

/// What a failed request means.
fn trouble(error: &reqwest::Error, url: &Url, way_out: WayOut) -> Trouble {
    let place = match (url.host_str(), url.port_or_known_default()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        _ => url.to_string(),
    };
    let found = error.source().and_then(|first| cause(first, &place, way_out));
    found.unwrap_or_else(|| Trouble::Theirs(format!("{place}: {}", innermost(error))))
}

/// What a failure means, from its chain of causes; none where that has nothing known in it.
pub(super) fn cause(first: &(dyn std::error::Error + 'static), place: &str, way_out: WayOut) -> Option<Trouble> {
    let mut cause = Some(first);
    while let Some(mut e) = cause {
        // A shared error hides what it is.
        if let Some(shared) = e.downcast_ref::<Arc<dyn std::error::Error + Send + Sync>>() {
            e = &**shared;
        }
        if let Some(dns) = e.downcast_ref::<DnsError>() {
            return Some(Trouble::Ours(dns.to_string()));
        }
        if let Some(tls) = e.downcast_ref::<rustls::Error>() {
            return Some(tls::trouble(tls, place, way_out));
        }
        if let Some(mut io) = e.downcast_ref::<std::io::Error>() {
            // An io::Error may wrap another, or what rustls says; its own `source` skips what it wraps.
            while let Some(inner) = io.get_ref().and_then(|inner| inner.downcast_ref::<std::io::Error>()) {
                io = inner;
            }
            if let Some(tls) = io.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                return Some(tls::trouble(tls, place, way_out));
            }
            if io.get_ref().is_none() || io.kind() != ErrorKind::Other {
                return Some(io_trouble(io, place));
            }
        }
        if let Some(hyper) = e.downcast_ref::<hyper::Error>() {
            if hyper.is_incomplete_message() {
                return Some(Trouble::Theirs(format!("{place} closed the connection before it had answered")));
            }
            if hyper.is_parse() {
                return Some(Trouble::Theirs(format!("{place} does not answer in HTTP")));
            }
        }
        cause = e.source();
    }
    None
}

/// What a failed connection means.
pub(crate) fn io_trouble(io: &std::io::Error, place: &str) -> Trouble {
    match io.kind() {
        ErrorKind::ConnectionRefused => Trouble::Theirs(format!("connection refused by {place}")),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            Trouble::Theirs(format!("{RESET} {place}"))
        }
        ErrorKind::UnexpectedEof => Trouble::Theirs(format!("{place} closed the connection before it had answered")),
        ErrorKind::TimedOut => Trouble::Theirs(format!("connecting to {place} timed out")),
        ErrorKind::HostUnreachable => Trouble::Theirs(format!("{place} can't be reached: no route to the host")),
        _ => Trouble::Ours(format!("{place}: {}", os_words(io))),
    }
}

/// The last cause, which has the words that help.
fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    cause.to_string()
}

/// An operating system's error without its number.
pub(crate) fn os_words(io: &std::io::Error) -> String {
    let text = io.to_string();
    text.split(" (os error").next().unwrap_or(&text).to_lowercase()
}
