//! The channels by which people are told, one file each: the spec (what the plan may say, with its docs) above, the
//! behaviour below. Called by the engine alone, beside its loop, with a message that is on record already.
//!
//! A new channel is one file and one line in `channels!` below.
//!
//! | channel | what it sends |
//! |---|---|
//! | [`webhook`] | JSON by POST, signed where it has a `secret` |
//! | [`slack`] | a text to an incoming webhook of Slack, or of what speaks like it |
//! | [`pagerduty`] | events of its API v2: trigger, acknowledge and resolve by one key |
//! | [`smtp`] | a mail |
//! | [`command`] | runs a command, the notice in its environment and as JSON on its input |
//!
//! ```toml
//! [channel.hook]
//! webhook = { url = "${secret.hook}", secret = "${secret.hook_key}" }
//!
//! [channel.team]
//! slack = { url = "${secret.slack}" }
//!
//! [channel.oncall]
//! pagerduty = { routing-key = "${secret.pagerduty}", url = "https://events.eu.pagerduty.com" }
//!
//! [channel.mail]
//! smtp = { host = "mail.example.com", user = "tminus", password = "${secret.mail}", from = "tminus@example.com", to = ["oncall@example.com"] }
//!
//! [channel.siren]
//! command = { run = "./siren.sh \"$TMINUS_NOTICE_TITLE\"" }
//! ```

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use crate::core::launch::Undelivered;
use crate::core::notice::Message;
use crate::core::secret::Secrets;
use crate::core::web;

pub mod heartbeat;
mod http;

/// After this long a message counts as not sent.
const TIMEOUT: Duration = Duration::from_secs(20);

/// What a channel gets from the engine.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The values of secrets.
    pub secrets: Arc<Secrets>,
    /// The plan's directory, in which commands run.
    pub dir: PathBuf,
    /// The shell and its arguments.
    pub shell: Vec<String>,
    /// The plan's variables, for the environment of commands.
    pub vars: BTreeMap<String, String>,
}

impl Setup {
    /// A text of the plan with its secrets. The error says which has no value.
    fn fill(&self, text: &str) -> Result<String, Undelivered> {
        self.secrets.fill(text).map_err(Undelivered::new)
    }
}

/// A kind of channel, as the plan writes it.
pub trait Kind: for<'de> Deserialize<'de> + schemars::JsonSchema + Clone + PartialEq + Send + 'static {
    /// Whether several notices can go out as one message.
    const TOGETHER: bool = true;

    /// Where it leads, in a line, secrets as written.
    fn target(&self) -> String;

    /// The URL, or host and port, that it connects to, secrets as written; none where it connects to nothing by itself.
    fn address(&self) -> Option<String> {
        None
    }

    /// The command that it runs on the engine's machine; none where it runs none.
    fn command(&self) -> Option<&str> {
        None
    }

    /// What is wrong with it beyond types: `(key, problem)` pairs for `tminus check`.
    fn problems(&self) -> Vec<(&'static str, String)> {
        Vec::new()
    }

    /// Sends a message once. What it says of a failure may have secrets in it: [`Spec::send`] masks them.
    ///
    /// # Errors
    /// Why it was not taken, and whether trying again helps.
    fn send(&self, message: &Message, setup: &Setup) -> impl Future<Output = Result<(), Undelivered>> + Send;
}

macro_rules! channels {
    ($($module:ident: $variant:ident),* $(,)?) => {
        $(pub mod $module;)*

        /// The spec of a channel of any kind.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Spec {
            $(#[doc = concat!("See [`", stringify!($module), "`].")] $variant($module::$variant),)*
        }

        /// The names of all kinds, as the plan's keys.
        pub const KINDS: &[&str] = &[$(stringify!($module)),*];

        impl Spec {
            /// Reads the table under a kind's key. None where there is no such kind.
            pub fn read<'de, D: serde::Deserializer<'de>>(kind: &str, table: D) -> Option<Result<Self, D::Error>> {
                match kind {
                    $(stringify!($module) => Some($module::$variant::deserialize(table).map(Spec::$variant)),)*
                    _ => None,
                }
            }
            /// The JSON Schema of each kind's table.
            pub fn schemas(generator: &mut schemars::SchemaGenerator) -> Vec<(&'static str, schemars::Schema)> {
                vec![$((stringify!($module), generator.subschema_for::<$module::$variant>())),*]
            }
            /// The kind's name.
            pub fn kind(&self) -> &'static str {
                match self { $(Spec::$variant(_) => stringify!($module),)* }
            }
            /// See [`Kind::TOGETHER`].
            pub fn together(&self) -> bool {
                match self { $(Spec::$variant(_) => $module::$variant::TOGETHER,)* }
            }
            /// See [`Kind::target`].
            pub fn target(&self) -> String {
                match self { $(Spec::$variant(s) => s.target(),)* }
            }
            /// See [`Kind::address`].
            pub fn address(&self) -> Option<String> {
                match self { $(Spec::$variant(s) => s.address(),)* }
            }
            /// See [`Kind::command`].
            pub fn command(&self) -> Option<&str> {
                match self { $(Spec::$variant(s) => s.command(),)* }
            }
            /// See [`Kind::problems`].
            pub fn problems(&self) -> Vec<(&'static str, String)> {
                match self { $(Spec::$variant(s) => s.problems(),)* }
            }
            async fn try_to_send(&self, message: &Message, setup: &Setup) -> Result<(), Undelivered> {
                match self { $(Spec::$variant(s) => s.send(message, setup).await,)* }
            }
        }
    };
}

channels! {
    webhook: Webhook,
    slack: Slack,
    pagerduty: Pagerduty,
    smtp: Smtp,
    command: Command,
}

impl Spec {
    /// Sends a message once, within 20 seconds. No secret is in what it says of a failure.
    ///
    /// # Errors
    /// Why it was not taken, and whether trying again helps.
    pub async fn send(&self, message: &Message, setup: &Setup) -> Result<(), Undelivered> {
        let sent = tokio::time::timeout(TIMEOUT, self.try_to_send(message, setup)).await;
        sent.unwrap_or_else(|_| Err(silent(self.address().as_deref(), setup)))
            .map_err(|e| Undelivered { why: brief(&setup.secrets.shown(&e.why)), ..e })
    }
}

/// What did not answer in time, by its host and port. `address` is as the plan writes it.
fn silent(address: Option<&str>, setup: &Setup) -> Undelivered {
    let place = address.and_then(|address| match setup.fill(address).ok()?.parse() {
        Ok(url) => web::place(&url).or_else(|| Some(address.to_owned())),
        Err(_) => Some(address.to_owned()),
    });
    let place = place.map_or_else(String::new, |place| format!("{place}: "));
    Undelivered::new(format!("{place}no answer within {}s", TIMEOUT.as_secs()))
}

/// Words for a line: without control characters, at most 300 of them.
fn brief(text: &str) -> String {
    let text = crate::core::text::clean(text.trim());
    match text.char_indices().nth(300) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests;
