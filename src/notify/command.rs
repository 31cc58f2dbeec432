//! `command`: runs a command of one's own, in the plan's shell and directory, without a terminal.
//!
//! The plan's variables and secrets are in its environment, and `TMINUS_LAUNCH`, `TMINUS_NOTICE_TITLE`,
//! `TMINUS_NOTICE_TEXT` (all lines), `TMINUS_NOTICE_KIND`, `TMINUS_NOTICE_ACT` (`trigger`, `acknowledge`, `resolve`),
//! `TMINUS_NOTICE_GRAVITY` and `TMINUS_NOTICE_KEY`; the whole message is on its input as JSON, as a webhook gets it. Exit
//! status 0 says that it was taken. Its process group is killed when it takes too long.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{Kind, Setup, brief, webhook};
use crate::core::launch::Undelivered;
use crate::core::notice::Message;
use crate::core::time::Span;

/// So much of what it says on its error output is read.
const CAP: u64 = 4096;

/// `command = { run = "./page.sh" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Command {
    /// What to run. Variables and secrets are environment variables, as `"$token"`.
    run: String,
    /// After this long it is killed and counts as failed; 15s unless given, at most 20s.
    #[serde(default)]
    timeout: Option<Span>,
}

impl Kind for Command {
    fn target(&self) -> String {
        brief(&self.run)
    }

    fn command(&self) -> Option<&str> {
        Some(&self.run)
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.run.trim().is_empty() {
            problems.push(("run", "the command is empty".to_owned()));
        }
        if self.run.contains("${secret.") {
            let why = "a secret is never pasted into a command: use its name as an environment variable, as \"$token\"";
            problems.push(("run", why.to_owned()));
        }
        if self.timeout.is_some_and(|t| t <= Span::ZERO || t > Span::secs(20)) {
            problems.push(("timeout", "write 1s to 20s".to_owned()));
        }
        problems
    }

    async fn send(&self, message: &Message, setup: &Setup) -> Result<(), Undelivered> {
        let timeout = self.timeout.unwrap_or(Span::secs(15));
        let (program, arguments) =
            setup.shell.split_first().ok_or_else(|| Undelivered::refused("the plan's shell is empty"))?;
        let mut child = tokio::process::Command::new(program)
            .args(arguments)
            .arg(&self.run)
            .current_dir(&setup.dir)
            .envs(&setup.vars)
            .envs(setup.secrets.iter())
            .env("TMINUS_LAUNCH", message.launch.as_str())
            .env("TMINUS_NOTICE_TITLE", &message.title)
            .env("TMINUS_NOTICE_TEXT", message.body())
            .env("TMINUS_NOTICE_KIND", message.notices.first().map_or("", |said| said.kind.name()))
            .env("TMINUS_NOTICE_ACT", message.act().name())
            .env("TMINUS_NOTICE_GRAVITY", message.gravity())
            .env("TMINUS_NOTICE_KEY", message.key())
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
            .map_err(|e| Undelivered::new(format!("{program}: {e}")))?;
        let group = Group(child.id().and_then(|id| Pid::from_raw(id.cast_signed())));
        let (input, said) = (child.stdin.take(), child.stderr.take());
        let body = webhook::body(message);
        // What reads no input is well too.
        let write = async move {
            if let Some(mut input) = input {
                let _ = input.write_all(body.as_bytes()).await;
            }
        };
        let read = async move {
            let mut text = Vec::new();
            if let Some(said) = said {
                let _ = said.take(CAP).read_to_end(&mut text).await;
            }
            // A secret that is cut in two is known by what follows.
            let cut = if text.len() as u64 == CAP { "…" } else { "" };
            String::from_utf8_lossy(&text).into_owned() + cut
        };
        let all = async { tokio::join!(write, read, child.wait()) };
        let ended = tokio::time::timeout(timeout.to_std(), all).await;
        let Ok(((), said, status)) = ended else {
            return Err(Undelivered::new(format!("took longer than {timeout} and was killed")));
        };
        // Nothing that it left runs on.
        drop(group);
        let status = status.map_err(|e| Undelivered::new(format!("its end can't be read: {e}")))?;
        if status.success() {
            return Ok(());
        }
        let how = status.code().map_or("was killed by a signal".to_owned(), |code| format!("exited with {code}"));
        let last = said.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or_default();
        Err(Undelivered::new(if last.is_empty() { how } else { format!("{how}: {last}") }))
    }
}

/// The processes of a command; dropped, they are killed.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(pid) = self.0 {
            let _ = kill_process_group(pid, Signal::KILL);
        }
    }
}
