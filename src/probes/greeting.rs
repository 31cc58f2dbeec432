//! What a server says first, before it is asked anything: it tells whether it is one of the right kind at all. For probes
//! that speak a protocol of their own; what comes after the greeting is theirs.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::net::TcpStream;

use super::{Miss, dns};
use crate::core::time::Span;

/// How long a server may take to greet, so that within the probe's timeout there is time to see who does not.
pub(super) fn patience(timeout: Span) -> Duration {
    timeout.to_std() * 3 / 4
}

/// Waits for the greeting of a server of `kind`. One that takes connections and stays silent is told from one that can't
/// be reached: of that the runner's timeout tells.
pub(super) async fn greeted<T>(
    kind: &str,
    (host, port): (&str, u16),
    patience: Duration,
    greeting: impl Future<Output = T>,
) -> Result<T, Miss> {
    if let Ok(greeted) = tokio::time::timeout(patience, greeting).await {
        return Ok(greeted);
    }
    let addresses = dns::lookup(host).await.map_err(|e| Miss::new(e.to_string()))?;
    let addresses: Vec<SocketAddr> = addresses.iter().map(|a| SocketAddr::new(a.ip(), port)).collect();
    match TcpStream::connect(&*addresses).await {
        Ok(_) => Err(Miss::new(format!(
            "{host}:{port} takes the connection and says nothing: it hangs, or it is no {kind} server"
        ))),
        Err(e) => Err(Miss::new(super::client::io_trouble(&e, &format!("{host}:{port}")).why())),
    }
}

/// What answered, and not as a server of that kind does.
pub(super) fn no_such(kind: &str, place: &str) -> String {
    format!("what answers at {place} is no {kind} server: is it another server's port?")
}

/// What closed the connection instead of greeting.
pub(super) fn closed(place: &str, or: &str) -> String {
    format!("{place} closed the connection before it had answered: is it another server's port, {or}")
}
