//! What is met while an answer is waited for, so that one that never comes is told by what it was: a name that is still
//! being looked up, a port that takes nobody, a server that takes the connection and is silent, one that begins to answer
//! and never ends.
//!
//! The libraries that speak a protocol keep their connection to themselves. So, when three quarters of the time are over,
//! a look of our own is taken beside the question, which goes on; what it finds is said only if the time runs out.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::client::{Trouble, io_trouble};
use super::dns;
use crate::core::time::Span;

/// What was met since a poll began.
#[derive(Clone, Debug)]
pub(super) struct Wait {
    timeout: Duration,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    begun: Instant,
    met: Option<Trouble>,
}

/// Where to look, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look<'a> {
    /// The host's name or address.
    pub host: &'a str,
    /// The port.
    pub port: u16,
    /// What makes any server of the kind say something; empty where there is no such thing.
    pub hello: &'a [u8],
    /// What is said of one that takes the connection and gives no sign: what follows `… takes the connection and`.
    pub silent: &'a str,
}

impl Wait {
    /// For polls that may take so long.
    pub fn new(timeout: Span) -> Self {
        let state = State { begun: Instant::now(), met: None };
        Self { timeout: timeout.to_std(), state: Arc::new(Mutex::new(state)) }
    }

    /// A poll begins: nothing is met yet.
    pub fn begin(&self) {
        self.with(|state| *state = State { begun: Instant::now(), met: None });
    }

    /// This is how it stands; none where nothing is waited for.
    pub fn stands(&self, met: Option<Trouble>) {
        self.with(|state| state.met = met);
    }

    /// What it was that did not answer in time.
    pub fn in_vain(&self, after: Span) -> Trouble {
        let said = |met: &str| format!("no answer within {after}: {met}");
        match self.with(|state| state.met.clone()) {
            None => Trouble::Theirs(format!("no answer within {after}")),
            Some(Trouble::Theirs(met)) => Trouble::Theirs(said(&met)),
            Some(Trouble::Ours(met)) => Trouble::Ours(said(&met)),
        }
    }

    /// The addresses of a host; while it is looked up, that is what stands.
    pub async fn lookup(&self, host: &str) -> Result<Arc<[SocketAddr]>, dns::DnsError> {
        self.stands(Some(Trouble::Ours(format!("`{host}` is still being looked up"))));
        let found = dns::lookup(host).await;
        self.stands(None);
        found
    }

    /// Waits for an answer, and has a look beside it when little of the time is left.
    pub async fn beside<T>(&self, look: Option<Look<'_>>, answer: impl Future<Output = T>) -> T {
        let Some(look) = look else { return answer.await };
        let patience = (self.timeout * 3 / 4).saturating_sub(self.with(|state| state.begun.elapsed()));
        let looks = async {
            // A later question of a poll is given some time as well before it is doubted.
            tokio::time::sleep(patience.max(self.timeout / 8)).await;
            self.look(look).await;
            std::future::pending::<std::convert::Infallible>().await
        };
        match select(std::pin::pin!(answer), std::pin::pin!(looks)).await {
            Either::Left((answer, _)) => {
                self.stands(None);
                answer
            }
            Either::Right((never, _)) => match never {},
        }
    }

    async fn look(&self, Look { host, port, hello, silent }: Look<'_>) {
        let place = format!("{host}:{port}");
        let theirs = |what: &str| self.stands(Some(Trouble::Theirs(format!("{place} {what}"))));
        let found = match self.lookup(host).await {
            Ok(found) => found,
            Err(e) => return self.stands(Some(Trouble::Ours(e.to_string()))),
        };
        theirs("takes no connection");
        let addresses: Vec<SocketAddr> = found.iter().map(|a| SocketAddr::new(a.ip(), port)).collect();
        let mut stream = match TcpStream::connect(&*addresses).await {
            Ok(stream) => stream,
            Err(e) => return self.stands(Some(io_trouble(&e, &place))),
        };
        theirs(&format!("takes the connection and {silent}"));
        if hello.is_empty() || stream.write_all(hello).await.is_err() {
            return;
        }
        match stream.read(&mut [0; 64]).await {
            Ok(1..) => theirs("answers who connects anew, and this answer did not come whole"),
            Ok(0) => theirs("takes the connection and closes it"),
            Err(e) => self.stands(Some(io_trouble(&e, &place))),
        }
    }

    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_met_is_said_and_whose_trouble_it_is() {
        let wait = Wait::new(Span::secs(2));
        let after = Span::secs(2);
        assert_eq!(wait.in_vain(after), Trouble::Theirs("no answer within 2s".into()));
        wait.stands(Some(Trouble::Theirs("it hangs".into())));
        assert_eq!(wait.in_vain(after), Trouble::Theirs("no answer within 2s: it hangs".into()));
        wait.stands(Some(Trouble::Ours("no name".into())));
        assert_eq!(wait.in_vain(after), Trouble::Ours("no answer within 2s: no name".into()));
        wait.begin();
        assert_eq!(wait.in_vain(after), Trouble::Theirs("no answer within 2s".into()));
    }

    /// Nothing accepts any more: who connects is neither taken nor refused.
    #[tokio::test]
    async fn a_port_that_takes_nobody_is_told_from_one_that_takes_and_is_silent() {
        let full =
            rustix::net::socket(rustix::net::AddressFamily::INET, rustix::net::SocketType::STREAM, None).unwrap();
        rustix::net::bind(&full, &SocketAddr::from(([127, 0, 0, 1], 0))).unwrap();
        rustix::net::listen(&full, 0).unwrap();
        let port = std::net::TcpListener::from(full.try_clone().unwrap()).local_addr().unwrap().port();
        let _waits = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        for (port, said) in
            [(port, "takes no connection"), (silent.local_addr().unwrap().port(), "takes the connection and is still")]
        {
            let wait = Wait::new(Span(400));
            let look = Look { host: "127.0.0.1", port, hello: b"PING\r\n", silent: "is still" };
            let never = wait.beside(Some(look), std::future::pending::<()>());
            assert!(tokio::time::timeout(Duration::from_millis(400), never).await.is_err());
            let told = format!("no answer within 400ms: 127.0.0.1:{port} {said}");
            assert_eq!(wait.in_vain(Span(400)), Trouble::Theirs(told));
        }
    }
}
