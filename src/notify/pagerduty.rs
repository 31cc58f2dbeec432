//! `pagerduty`: events of the Events API v2. A notice triggers, acknowledges and resolves by one `dedup_key`, so that an
//! alert in PagerDuty lives as long as what it tells, and a repeated event changes nothing.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::{Kind, Setup, http};
use crate::core::launch::Undelivered;
use crate::core::notice::{Act, Message};
use crate::core::web;

/// The longest key that is taken.
const KEY: usize = 255;
/// The longest summary that is taken.
const SUMMARY: usize = 1024;

/// `pagerduty = { routing-key = "${secret.pagerduty}" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pagerduty {
    /// The integration key of the service, as `${secret.pagerduty}`.
    routing_key: String,
    /// Where the API is; `https://events.eu.pagerduty.com` for the EU service region.
    #[serde(default = "world")]
    url: String,
}

fn world() -> String {
    "https://events.pagerduty.com".to_owned()
}

impl Kind for Pagerduty {
    // An event is about one key.
    const TOGETHER: bool = false;

    fn target(&self) -> String {
        format!("{} {}", self.url, self.routing_key)
    }

    fn address(&self) -> Option<String> {
        Some(self.url.clone())
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let clear = !self.routing_key.contains("${secret.");
        let key = clear.then(|| ("routing-key", "the key is a secret: write ${secret.NAME}".to_owned()));
        web::problem(&self.url).map(|why| ("url", why)).into_iter().chain(key).collect()
    }

    async fn send(&self, message: &Message, setup: &Setup) -> Result<(), Undelivered> {
        let mut url = http::url(&self.url, setup)?;
        url.set_path(&format!("{}/v2/enqueue", url.path().trim_end_matches('/')));
        let key = setup.fill(&self.routing_key)?;
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let body = event(message, key.trim()).to_string();
        let (status, text, retry_after) = http::ask(Method::POST, url, headers, body).await?;
        http::taken(status, &text, retry_after)
    }
}

fn event(message: &Message, routing_key: &str) -> Value {
    let act = message.act();
    let mut event = json!({
        "routing_key": routing_key,
        "event_action": act.name(),
        "dedup_key": dedup_key(message.key()),
    });
    // The others need the key alone.
    if act == Act::Trigger {
        let first = message.notices.first();
        event["payload"] = json!({
            "summary": message.title.chars().take(SUMMARY).collect::<String>(),
            "source": message.launch,
            "severity": message.gravity(),
            "timestamp": first.map(|said| said.at),
            "component": message.plan,
            "group": message.environment,
            "class": first.map(|said| said.kind),
            "custom_details": { "about": first.map(|said| &said.about), "attach": format!("tminus attach {}", message.launch) },
        });
        event["client"] = json!("tminus");
    }
    event
}

/// The key, or what stands for one that is too long.
fn dedup_key(key: &str) -> String {
    if key.chars().count() <= KEY {
        return key.to_owned();
    }
    Sha256::digest(key.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::tests::message;

    #[test]
    fn an_event_stays_within_what_is_taken() {
        let mut message = message(&"x".repeat(5000));
        message.notices[0].key = "k".repeat(300);
        let event = event(&message, "R");
        assert_eq!(event["payload"]["summary"].as_str().unwrap().len(), SUMMARY);
        assert_eq!(event["dedup_key"].as_str().unwrap().len(), 64);
        assert_eq!((&event["event_action"], &event["payload"]["severity"]), (&json!("trigger"), &json!("critical")));
    }
}
