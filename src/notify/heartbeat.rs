//! The heartbeat: a request at an interval, so that something else notices a dead engine. Services that wait for it (a
//! dead man's switch) raise the alarm when it does not come.

use reqwest::Method;
use reqwest::header::HeaderMap;

use super::{Setup, TIMEOUT, brief, http, silent};
use crate::core::web;

/// Says once that the engine lives: a GET of the URL, which may have secrets in it.
///
/// # Errors
/// Why nobody heard it, secrets masked.
pub async fn beat(url: &str, setup: &Setup) -> Result<(), String> {
    let asked = async {
        let (status, text, wait) =
            http::ask(Method::GET, http::url(url, setup)?, HeaderMap::new(), String::new()).await?;
        http::taken(status, &text, wait)
    };
    let heard = tokio::time::timeout(TIMEOUT, asked).await;
    heard.unwrap_or_else(|_| Err(silent(Some(url), setup))).map_err(|e| brief(&setup.secrets.shown(&e.why)))
}

/// What is wrong with a heartbeat's URL as the plan writes it.
pub fn problem(url: &str) -> Option<String> {
    web::problem(url)
}
