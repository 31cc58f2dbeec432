//! The tmux that this screen is in, where it is in one: what is copied reaches the terminal outside through it.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::time::timeout;

/// A tmux that does not answer is not waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Hands it a text. The error says why it did not take it.
pub async fn copy(text: String) -> Result<(), String> {
    let load = async {
        let mut tmux = Command::new("tmux");
        tmux.args(["load-buffer", "-w", "-"]).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut tmux = tmux.kill_on_drop(true).spawn().map_err(|e| e.to_string())?;
        if let Some(mut stdin) = tmux.stdin.take() {
            stdin.write_all(text.as_bytes()).await.map_err(|e| e.to_string())?;
        }
        let done = tmux.wait_with_output().await.map_err(|e| e.to_string())?;
        let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        if done.status.success() { Ok(()) } else { Err(said) }
    };
    timeout(PATIENCE, load).await.unwrap_or_else(|_| Err("it did not answer".to_owned()))
}
