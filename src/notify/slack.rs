//! `slack`: a text to an incoming webhook of Slack, or of what speaks like it (Mattermost, Rocket.Chat). Slack takes about
//! one message a second; the URL is a secret, since whoever has it can write.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::Deserialize;
use serde_json::json;

use super::{Kind, Setup, http};
use crate::core::launch::Undelivered;
use crate::core::notice::{Act, Message};
use crate::core::web;

/// Slack cuts longer texts.
const LONG: usize = 3000;

/// `slack = { url = "${secret.slack}" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Slack {
    /// The URL of the incoming webhook, as `${secret.slack}`.
    url: String,
}

impl Kind for Slack {
    fn target(&self) -> String {
        self.url.clone()
    }

    fn address(&self) -> Option<String> {
        Some(self.url.clone())
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        web::problem(&self.url).map(|why| ("url", why)).into_iter().collect()
    }

    async fn send(&self, message: &Message, setup: &Setup) -> Result<(), Undelivered> {
        let url = http::url(&self.url, setup)?;
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, HeaderValue::from_static("application/json"))]);
        let body = json!({ "text": text(message) }).to_string();
        let (status, text, retry_after) = http::ask(Method::POST, url, headers, body).await?;
        http::taken(status, &text, retry_after)
    }
}

/// The title in bold, then a line for each notice where there are several, and how to come to the launch.
fn text(message: &Message) -> String {
    let mark = match (message.act(), message.gravity()) {
        (Act::Resolve, _) => ":white_check_mark:",
        (Act::Acknowledge, _) => ":eyes:",
        (Act::Trigger, "critical") => ":rotating_light:",
        (Act::Trigger, "error") => ":x:",
        (Act::Trigger, "warning") => ":warning:",
        (Act::Trigger, _) => ":information_source:",
    };
    let mut text = format!("{mark} *{}*\n", escaped(&message.title));
    if message.notices.len() > 1 {
        text.extend(message.notices.iter().map(|said| format!("• {}\n", escaped(&said.text))));
    }
    if let Some((at, _)) = text.char_indices().nth(LONG) {
        text.truncate(at);
        text.push_str("…\n");
    }
    text.push_str(&format!("`tminus attach {}`", message.launch));
    text
}

/// What Slack reads as its own: `<!channel>` in a text of ours must call nobody.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::notify::tests::message;

    #[test]
    fn words_of_production_call_nobody() {
        let said = text(&message("<!channel> & more"));
        assert!(said.starts_with(":rotating_light: *"), "{said}");
        assert!(said.contains("&lt;!channel&gt; &amp; more"), "{said}");
        assert!(said.ends_with("`tminus attach wallet.production.2026-11-21.1`"), "{said}");
    }
}
