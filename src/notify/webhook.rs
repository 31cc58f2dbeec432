//! `webhook`: the notice as JSON by POST.
//!
//! The body has `launch`, `plan`, `environment`, `title`, `act`, `gravity` and the list `notices`, each with `key`,
//! `notice`, `act` (`trigger`, `acknowledge`, `resolve`), `kind`, `gravity`, `about`, `text` and `at`. It may have several
//! notices. A message may come twice; `key` and `act` say so.
//!
//! With a `secret` it is signed, so that the receiver knows who sent it and when:
//!
//! - `X-Tminus-Timestamp`: when it was sent, in seconds since 1970;
//! - `X-Tminus-Signature`: `sha256=` and the HMAC-SHA256, in hexadecimal, of the timestamp, a dot, and the body as it
//!   came, with the secret as the key. Compare it in constant time, and refuse timestamps that are minutes old.
//!
//! `X-Tminus-Event` is the first notice's key and act. Any status of 2xx says that it was taken; 408, 425, 429, 5xx and
//! silence are tried again, honouring `Retry-After`; any other is given up soon.

use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;

use super::{Kind, Setup, http};
use crate::core::launch::Undelivered;
use crate::core::notice::Message;
use crate::core::web;

/// `webhook = { url = "${secret.hook}", secret = "${secret.hook_key}" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Webhook {
    /// Where it is posted.
    url: String,
    /// The key that it is signed with, as `${secret.hook_key}`. Without it it is not signed.
    #[serde(default)]
    secret: Option<String>,
    /// Headers beside ours.
    #[serde(default)]
    headers: BTreeMap<String, String>,
}

impl Kind for Webhook {
    fn target(&self) -> String {
        self.url.clone()
    }

    fn address(&self) -> Option<String> {
        Some(self.url.clone())
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let clear = |text: &String| !text.contains("${secret.");
        let secret = self.secret.as_ref().filter(|s| clear(s));
        let secret = secret.map(|_| ("secret", "a key in clear signs nothing: write ${secret.NAME}".to_owned()));
        web::problem(&self.url).map(|why| ("url", why)).into_iter().chain(secret).collect()
    }

    async fn send(&self, message: &Message, setup: &Setup) -> Result<(), Undelivered> {
        let url = http::url(&self.url, setup)?;
        let body = body(message);
        let mut headers = HeaderMap::new();
        for (name, value) in &self.headers {
            let (name, value) = http::header(name, &setup.fill(value)?)?;
            headers.insert(name, value);
        }
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        let event = format!("{}/{}", message.key(), message.act().name());
        // An id may have letters that no header takes; the body has it too.
        if let Ok(event) = HeaderValue::try_from(event) {
            headers.insert("x-tminus-event", event);
        }
        if let Some(secret) = &self.secret {
            let sent = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().to_string();
            let signature = sign(setup.fill(secret)?.as_bytes(), &sent, &body);
            for (name, value) in [("x-tminus-timestamp", sent), ("x-tminus-signature", signature)] {
                let (name, value) = http::header(name, &value)?;
                headers.insert(name, value);
            }
        }
        let (status, text, retry_after) = http::ask(Method::POST, url, headers, body).await?;
        http::taken(status, &text, retry_after)
    }
}

pub(super) fn body(message: &Message) -> String {
    let mut body = json!(message);
    body["act"] = json!(message.act());
    body["gravity"] = json!(message.gravity());
    body.to_string()
}

/// `sha256=` and the signature of a body sent at that second.
fn sign(key: &[u8], sent: &str, body: &str) -> String {
    // Keys of any length are taken.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else { return String::new() };
    mac.update(sent.as_bytes());
    mac.update(b".");
    mac.update(body.as_bytes());
    let hex: String = mac.finalize().into_bytes().iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256={hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// From `printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac key`.
    #[test]
    fn it_is_signed_over_timestamp_and_body() {
        let known = "sha256=a438e398bfafc57e4396bb7fc2304422f0f768e965d073ca313cb52e22e6ad03";
        assert_eq!(sign(b"key", "1700000000", r#"{"a":1}"#), known);
    }
}
