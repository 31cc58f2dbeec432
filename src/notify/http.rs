//! What channels over HTTP share: the client, and what an answer means. Redirects are not followed and TLS is verified; a
//! proxy from the environment is used except for loopback addresses.

use std::error::Error as _;
use std::time::Duration;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode, Url};

use super::{Setup, brief};
use crate::core::launch::Undelivered;
use crate::core::time::Span;
use crate::core::web;

/// Longer answers are cut: what they say in the first bytes is enough.
const CAP: usize = 4096;

/// A URL of the plan with its secrets. What is wrong with it is said without them.
pub(super) fn url(text: &str, setup: &Setup) -> Result<Url, Undelivered> {
    web::url(text, &setup.fill(text)?).map_err(Undelivered::refused)
}

/// A header of the plan, its value never shown.
pub(super) fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Undelivered> {
    let key = HeaderName::try_from(name);
    let key = key.map_err(|_| Undelivered::refused(format!("`{name}` can't be a header's name")))?;
    let value = HeaderValue::try_from(value.trim());
    let mut value = value.map_err(|_| {
        Undelivered::refused(format!("the value of the header `{name}` has characters that headers can't have"))
    })?;
    value.set_sensitive(true);
    Ok((key, value))
}

/// Asks once. The answer's status and the first of its words.
pub(super) async fn ask(
    method: Method,
    url: Url,
    headers: HeaderMap,
    body: String,
) -> Result<(StatusCode, String, Option<Span>), Undelivered> {
    // In the binary it is installed already; a second call changes nothing.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let loopback = url.host_str().is_some_and(web::is_loopback);
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
        .user_agent(concat!("tminus/", env!("CARGO_PKG_VERSION")));
    if loopback {
        builder = builder.no_proxy();
    }
    if url.scheme() == "http" {
        builder = builder.tls_certs_only([]);
    }
    let client = builder.build().map_err(|e| Undelivered::new(format!("TLS can't be set up: {}", words(e))))?;
    let sent = client.request(method, url).headers(headers).body(body).send().await;
    let mut response = sent.map_err(|e| Undelivered::new(words(e)))?;
    let mut text = Vec::new();
    // A status came: what the body says beyond it is for people.
    while text.len() < CAP {
        let Ok(Some(chunk)) = response.chunk().await else { break };
        text.extend_from_slice(&chunk);
    }
    text.truncate(CAP);
    let retry_after = response.headers().get("retry-after").and_then(|v| v.to_str().ok()).and_then(wait);
    Ok((response.status(), String::from_utf8_lossy(&text).trim().to_owned(), retry_after))
}

/// What an answer other than 2xx means: too often, in trouble, or not wanted.
pub(super) fn taken(status: StatusCode, text: &str, retry_after: Option<Span>) -> Result<(), Undelivered> {
    if status.is_success() {
        return Ok(());
    }
    let why = match brief(text).as_str() {
        "" => format!("answered {status}"),
        said => format!("answered {status}: {said}"),
    };
    let later = status.is_server_error()
        || matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_EARLY);
    Err(Undelivered { why, refused: !later, retry_after: retry_after.filter(|_| later) })
}

/// The wait that `Retry-After` asks for in seconds, at most a quarter of an hour: what is told later is told too late.
fn wait(text: &str) -> Option<Span> {
    let seconds = text.trim().parse::<f64>().ok().filter(|s| *s >= 0.0)?;
    Some(Span((seconds.min(900.0) * 1000.0).ceil() as i64))
}

/// The innermost cause, which has the words that help; without the URL, which may be a secret as a whole.
fn words(error: reqwest::Error) -> String {
    let place = error.url().and_then(web::place);
    let error = error.without_url();
    let mut cause: &dyn std::error::Error = &error;
    let mut next = error.source();
    while let Some(inner) = next {
        cause = inner;
        next = inner.source();
    }
    let text = cause.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text).to_lowercase();
    place.map_or_else(|| text.clone(), |place| format!("{place}: {text}"))
}
