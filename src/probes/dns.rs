//! Looking names up. `getaddrinfo` blocks a thread and can't be cancelled, so there is one flight a name: however many
//! probes ask for a dead name, and however often they give up, it holds one thread.

use std::collections::HashMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};

/// A name could not be looked up: trouble of our own side, as long as nobody has shown otherwise.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{host}` can't be looked up: {why}")]
pub(crate) struct DnsError {
    host: Arc<str>,
    why: Arc<str>,
}

type Flight = Shared<BoxFuture<'static, Result<Arc<[SocketAddr]>, DnsError>>>;

static FLIGHTS: LazyLock<Mutex<HashMap<String, Flight>>> = LazyLock::new(Mutex::default);

/// The addresses of a host, with port 0.
pub(crate) async fn lookup(host: &str) -> Result<Arc<[SocketAddr]>, DnsError> {
    let flight = {
        let mut flights = FLIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
        flights.entry(host.to_owned()).or_insert_with(|| start(host.to_owned())).clone()
    };
    flight.await
}

/// Starts a look-up that ends by itself, waited for or not, and forgets itself then.
fn start(host: String) -> Flight {
    let name: Arc<str> = Arc::from(host.as_str());
    let failed = name.clone();
    let task = tokio::task::spawn_blocking(move || {
        let found = (&*name, 0).to_socket_addrs().map(Iterator::collect::<Arc<[SocketAddr]>>);
        FLIGHTS.lock().unwrap_or_else(PoisonError::into_inner).remove(&*name);
        found.map_err(|e| {
            let text = e.to_string();
            // glibc's words behind Rust's prefix: `Name or service not known`.
            let why = text.rsplit(": ").next().unwrap_or(&text).to_owned();
            DnsError { host: name, why: why.into() }
        })
    });
    task.map(move |joined| joined.unwrap_or_else(|e| Err(DnsError { host: failed, why: e.to_string().into() })))
        .boxed()
        .shared()
}

/// The same for reqwest.
pub(crate) struct Resolver;

impl reqwest::dns::Resolve for Resolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        Box::pin(async move {
            let found = lookup(name.as_str()).await?;
            let owned: Vec<SocketAddr> = found.iter().copied().collect();
            Ok(Box::new(owned.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_name_is_found_or_the_reason_told() {
        assert!(lookup("localhost").await.unwrap().iter().all(|a| a.ip().is_loopback()));
        let why = lookup("no-such-host.invalid").await.unwrap_err().to_string();
        assert!(why.starts_with("`no-such-host.invalid` can't be looked up: "), "{why}");
        assert!(FLIGHTS.lock().unwrap().get("no-such-host.invalid").is_none());
    }
}
