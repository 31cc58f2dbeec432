//! `tcp`: whether a port accepts a connection, and how long that takes.

use std::time::Instant;

use serde::Deserialize;
use tokio::net::TcpStream;

use super::{Kind, Miss, Prober, Setup, measure};
use crate::core::outline::{MeasureOutline, Pane};
use crate::core::reading::{Outcome, Point};
use crate::core::time::Span;
use crate::core::units::Unit;

/// `tcp = "host:port"`: a connection is opened and closed again.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct Tcp {
    /// Host and port.
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

    fn target(&self) -> String {
        format!("tcp {}", self.address)
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let port = self.address.rsplit_once(':').map(|(_, port)| port.parse::<u16>());
        match port {
            Some(Ok(1..)) => Vec::new(),
            _ => vec![("tcp", format!("`{}` has no port: write host:port", self.address))],
        }
    }

    fn open(self, setup: Setup) -> Result<TcpProber, Miss> {
        Ok(TcpProber { address: setup.secrets.fill(&self.address).map_err(Miss::new)? })
    }
}

/// Opens a connection at every poll.
pub struct TcpProber {
    address: String,
}

impl Prober for TcpProber {
    async fn poll(&mut self) -> Result<Vec<Point>, Miss> {
        let begun = Instant::now();
        Ok(match TcpStream::connect(&self.address).await {
            Ok(_) => vec![
                Point::new("up", Outcome::well()),
                Point::new("latency", Outcome::number(begun.elapsed().as_secs_f64())),
            ],
            Err(e) => failing(&format!("{e}")),
        })
    }

    fn timed_out(&self, after: Span) -> Result<Vec<Point>, Miss> {
        Ok(failing(&format!("no connection within {after}")))
    }
}

fn failing(why: &str) -> Vec<Point> {
    vec![
        Point::new("up", Outcome::Failing(why.to_owned())),
        Point::new("latency", Outcome::NoData("not connected".to_owned())),
    ]
}
