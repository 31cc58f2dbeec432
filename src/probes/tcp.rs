//! `tcp`: whether a port accepts a connection, and how long that takes. Refused and timed out is failing; a name that
//! can't be looked up and a missing route are no data.

use std::net::SocketAddr;
use std::time::Instant;

use serde::Deserialize;
use tokio::net::TcpStream;

use super::client::{Trouble, io_trouble};
use super::wait::Wait;
use super::{Kind, Miss, Prober, Setup, measure};
use crate::core::outline::{MeasureOutline, Pane};
use crate::core::reading::{Outcome, Point};
use crate::core::time::Span;
use crate::core::units::Unit;

/// A host, or a variable, and a port from 1 to 65535.
const PATTERN: &str = concat!(
    r"^\s*[^:\s].*:0*",
    r"([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])\s*$|\$\{"
);

/// `tcp = "host:port"`: a connection is opened and closed again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Tcp {
    /// Host and port.
    #[schemars(regex(pattern = PATTERN))]
    address: String,
}

impl Kind for Tcp {
    const PANE: Pane = Pane::Health;
    const EVERY: Span = Span::secs(5);
    const TIMEOUT: Span = Span::secs(3);
    type Prober = TcpProber;

    fn measures(&self) -> Vec<MeasureOutline> {
        vec![
            measure("up", Unit::State, "whether the port accepts a connection"),
            measure("latency", Unit::Seconds, "how long connecting took"),
        ]
    }

    fn well(&self) -> Vec<Point> {
        vec![Point::new("latency", Outcome::number(0.005))]
    }

    fn target(&self) -> String {
        format!("tcp {}", self.address)
    }

    fn address(&self) -> Option<String> {
        Some(self.address.clone())
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        match split(&self.address) {
            None if !self.address.contains("${") => vec![("tcp", no_port(&self.address))],
            _ => Vec::new(),
        }
    }

    fn open(self, setup: Setup) -> Result<TcpProber, Miss> {
        Ok(TcpProber { address: setup.secrets.fill(&self.address).map_err(Miss::new)?, wait: Wait::new(setup.timeout) })
    }
}

/// Opens a connection at every poll.
pub struct TcpProber {
    address: String,
    wait: Wait,
}

impl Prober for TcpProber {
    async fn poll(&mut self) -> Result<Vec<Point>, Miss> {
        let (host, port) = split(&self.address)
            .ok_or_else(|| Miss::new(no_port(&self.address)))?;
        let found = self.wait.lookup(host).await.map_err(|e| Miss::new(e.to_string()))?;
        let addresses: Vec<SocketAddr> = found.iter().map(|a| SocketAddr::new(a.ip(), port)).collect();
        let begun = Instant::now();
        match TcpStream::connect(&*addresses).await {
            Ok(_) => Ok(vec![
                Point::new("up", Outcome::well()),
                Point::new("latency", Outcome::number(begun.elapsed().as_secs_f64())),
            ]),
            Err(e) => match io_trouble(&e, &self.address) {
                Trouble::Theirs(why) => Ok(failing(&why)),
                Trouble::Ours(why) => Err(Miss::new(why)),
            },
        }
    }

    fn timed_out(&self, after: Span) -> Result<Vec<Point>, Miss> {
        match self.wait.in_vain(after) {
            Trouble::Ours(why) => Err(Miss::new(why)),
            Trouble::Theirs(_) => Ok(failing(&format!("no connection within {after}"))),
        }
    }
}

/// Host and port; an IPv6 address stands in brackets.
fn split(address: &str) -> Option<(&str, u16)> {
    let (host, port) = address.trim().rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port > 0)?;
    let host = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')).unwrap_or(host);
    (!host.is_empty()).then_some((host, port))
}

/// Why an address is none that can be connected to.
fn no_port(address: &str) -> String {
    match address.trim().rsplit_once(':') {
        Some(("", _)) => format!("`{address}` has no host: write host:port"),
        Some((_, port)) if !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit()) => {
            format!("`{address}`: there is no port {port}, they are 1 to 65535")
        }
        _ => format!("`{address}` has no port: write host:port"),
    }
}

fn failing(why: &str) -> Vec<Point> {
    vec![
        Point::new("up", Outcome::Failing(why.to_owned())),
        Point::new("latency", Outcome::NoData("not connected".to_owned())),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::runner::{Job, once};
    use crate::probes::{Spec, test_setup};

    async fn ask(address: &str) -> Result<Outcome, String> {
        let spec = Spec::read("tcp", serde_json::Value::from(address)).unwrap().unwrap();
        let job = Job { probe: "t".into(), spec, setup: test_setup(&[]), phase: Span::ZERO };
        once(job).await.points.map(|points| points[0].outcome.clone())
    }

    #[tokio::test]
    async fn open_refused_and_unknown() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        assert_eq!(ask(&address).await, Ok(Outcome::well()));
        drop(listener);
        assert_eq!(ask(&address).await, Ok(Outcome::Failing(format!("connection refused by {address}"))));
        assert!(ask("no-such-host.invalid:1").await.unwrap_err().contains("can't be looked up"));
    }

    #[test]
    fn a_name_that_is_looked_up_for_too_long_says_nothing_of_the_port() {
        let prober = TcpProber { address: "db:5432".into(), wait: Wait::new(Span::secs(3)) };
        assert_eq!(prober.timed_out(Span::secs(3)).unwrap()[0].outcome, Outcome::Failing("no connection within 3s".into()));
        prober.wait.stands(Some(Trouble::Ours("`db` is still being looked up".into())));
        let why = prober.timed_out(Span::secs(3)).unwrap_err().why;
        assert_eq!(why, "no answer within 3s: `db` is still being looked up");
    }

    #[test]
    fn addresses_as_people_write_them() {
        for (text, found) in
            [("db:5432", Some(("db", 5432))), ("[::1]:80", Some(("::1", 80))), ("db", None), (":80", None), ("db:0", None)]
        {
            assert_eq!(split(text), found, "{text}");
        }
        for (text, said) in [
            ("db", "no port: write host:port"),
            ("db:", "no port: write"),
            ("db:http", "no port: write"),
            (":80", "has no host: write host:port"),
            ("a:99999", "there is no port 99999, they are 1 to 65535"),
            ("[::1]:0", "there is no port 0, they are"),
        ] {
            assert!(no_port(text).contains(said), "{text}: {}", no_port(text));
        }
    }
}
