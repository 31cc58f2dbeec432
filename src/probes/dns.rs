//! Looking names up. `getaddrinfo` blocks a thread and can't be cancelled, so there is one flight a name: however many
//! probes ask for a dead name, and however often they give up, it holds one thread.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use futures_util::FutureExt;
use futures_util::future::{BoxFuture, Shared};
use tokio::task::JoinError;

/// A name could not be looked up: trouble of our own side, as long as nobody has shown otherwise.
#[derive(Clone, Debug, thiserror::Error)]
#[error("`{host}` can't be looked up: {why}")]
pub(crate) struct DnsError {
    host: Arc<str>,
    why: Arc<str>,
}

/// What was found; none where its runtime ended before the look-up began.
type Flight = Shared<BoxFuture<'static, Option<Result<Arc<[SocketAddr]>, DnsError>>>>;

static FLIGHTS: LazyLock<Mutex<HashMap<String, Flight>>> = LazyLock::new(Mutex::default);

/// The addresses of a host, with port 0. An address needs no look-up.
pub(crate) async fn lookup(host: &str) -> Result<Arc<[SocketAddr]>, DnsError> {
    if let Ok(address) = host.parse::<IpAddr>() {
        return Ok(Arc::from([SocketAddr::new(address, 0)]));
    }
    // Another runtime's end may have taken a look-up along, and nobody forgot it; but what ends here is our own end.
    for _ in 0..2 {
        let flight = {
            let mut flights = FLIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
            flights.entry(host.to_owned()).or_insert_with(|| start(host.to_owned())).clone()
        };
        if let Some(found) = flight.clone().await {
            return found;
        }
        let mut flights = FLIGHTS.lock().unwrap_or_else(PoisonError::into_inner);
        if flights.get(host).is_some_and(|known| known.ptr_eq(&flight)) {
            flights.remove(host);
        }
    }
    Err(DnsError { host: host.into(), why: "nobody looks any more: tminus ends".into() })
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
    let ended = move |joined: Result<_, JoinError>| match joined {
        Ok(found) => Some(found),
        Err(e) if e.is_cancelled() => None,
        Err(e) => Some(Err(DnsError { host: failed, why: e.to_string().into() })),
    };
    task.map(ended).boxed().shared()
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

    #[test]
    fn a_look_up_that_ended_with_its_runtime_is_begun_anew() {
        let runtime = || tokio::runtime::Runtime::new().unwrap();
        let first = runtime();
        let handle = first.handle().clone();
        first.shutdown_background();
        let context = handle.enter();
        // Begun where nothing begins any more.
        FLIGHTS.lock().unwrap().insert("another.invalid".to_owned(), start("another.invalid".to_owned()));
        drop(context);
        let found = runtime().block_on(lookup("another.invalid"));
        let why = found.unwrap_err().to_string();
        assert!(!why.contains("cancelled") && !why.contains("any more"), "{why}");
    }

    #[tokio::test]
    async fn an_address_is_its_own() {
        assert_eq!(*lookup("127.0.0.1").await.unwrap(), ["127.0.0.1:0".parse().unwrap()]);
        assert_eq!(*lookup("::1").await.unwrap(), ["[::1]:0".parse().unwrap()]);
    }

    #[tokio::test]
    async fn a_name_is_found_or_the_reason_told() {
        assert!(lookup("localhost").await.unwrap().iter().all(|a| a.ip().is_loopback()));
        let why = lookup("no-such-host.invalid").await.unwrap_err().to_string();
        assert!(why.starts_with("`no-such-host.invalid` can't be looked up: "), "{why}");
        assert!(FLIGHTS.lock().unwrap().get("no-such-host.invalid").is_none());
    }
}
