//! What time another machine has, by the `Date` of its answer to a HEAD request.

use reqwest::Method;
use reqwest::header::HeaderMap;

use super::client::{Client, Request, Terms, Trouble};
use super::tls::WayOut;
use crate::core::time::Span;
use crate::core::time::Timestamp;

/// The time that the server of a URL tells, to the second.
///
/// # Errors
/// Why it told none, secrets in the URL left out.
pub async fn date(url: &str) -> Result<Timestamp, String> {
    let url = reqwest::Url::parse(url).map_err(|e| format!("its URL can't be used: {e}"))?;
    // Who asks has the timeout, and words of its own for it.
    let terms = Terms { keep: false, ca: None, way_out: WayOut::Machine, timeout: Span::mins(1) };
    let client = Client::new(&url, terms).map_err(|miss| miss.why)?;
    let request = Request { method: Method::HEAD, url, headers: HeaderMap::new(), body: None, cap: 1 };
    let answer = client.ask(&request).await.map_err(Trouble::why)?;
    let told = answer.header("date").ok_or("its answer has no Date")?;
    let at = chrono::DateTime::parse_from_rfc2822(told).map_err(|_| "its Date can't be read".to_owned())?;
    Ok(Timestamp::from(at.to_utc()))
}
