//! `redis`: queue backlogs in the layouts of the libraries that are in use: BullMQ, Bull, Sidekiq, Celery, plain lists,
//! and streams with groups. One instance a queue.
//!
//! It reads only, in one connection, and never with `KEYS`. A key that is missing is not an empty queue: a wrong name
//! would look like one, and so would a server that lost its data. BullMQ, Bull, Sidekiq and Celery keep the names of their
//! queues when these are worked off: a name that vanishes is a loss. A plain list has no name but itself: of that a loss
//! can't be told from the last job's end. Ages are taken by Redis' own clock.

mod bounded;
mod layouts;

use std::collections::BTreeMap;

use ::redis::aio::MultiplexedConnection;
use ::redis::{AsyncConnectionConfig, ConnectionAddr, ErrorKind, RedisError};
use serde::Deserialize;
use tokio::net::TcpStream;

use self::bounded::{Bounded, CAP, Taken};
use super::client::{RESET, Trouble, cause};
use super::greeting::{closed, elsewhere, no_such};
use super::tls::WayOut;
use super::wait::{Look, Wait};
use super::{Kind, Miss, Prober, Setup, measure, nothing};
use crate::core::ids::Instance;
use crate::core::outline::{MeasureOutline, Pane};
use crate::core::reading::{Outcome, Point};
use crate::core::time::Span;
use crate::core::units::Unit;

/// What else may hang up on who connects.
const TLS: &str = "or does it want rediss://?";

/// `redis = { url = "redis://…", layout = "bullmq", queues = ["email", "webhooks"] }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Redis {
    /// `redis://user:password@host:6379/0`, or `rediss://` for TLS; best as `${secret.NAME}`. An account that may read is
    /// enough: `ACL SETUSER tminus on >… ~* +@read +ping +time +select`. Of a cluster it names the node that has the keys;
    /// when they move, as in a failover, it is no data that says where they are.
    url: String,
    /// Which library's keys to read.
    layout: Layout,
    /// The queues: names for BullMQ, Bull, Sidekiq and Celery, keys for lists and streams. Each is an instance.
    queues: Vec<String>,
    /// For streams: the groups to watch, each as the instance `stream/group`. Without it all that there are.
    #[serde(default)]
    groups: Vec<String>,
    /// What stands before the library's keys: for BullMQ and Bull `bull` unless said otherwise (`{bull}` on a cluster),
    /// for Sidekiq the namespace, for Celery the `global_keyprefix`.
    #[serde(default)]
    prefix: Option<String>,
    /// What a queue is of which nothing is found. Redis removes a list when it becomes empty, so that an empty list and
    /// a wrong name look the same.
    #[serde(default)]
    missing: Missing,
}

/// Whose keys they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// A plain list: its length is `ready`. Redis removes it with its last item, so one that was lost looks worked off.
    List,
    /// A stream with consumer groups: `ready` is the group's lag, `in-flight` what is delivered and not acknowledged.
    Stream,
    /// BullMQ, all versions on Redis.
    Bullmq,
    /// Bull 3 and 4.
    Bull,
    /// Sidekiq. `in-flight`, `delayed` (scheduled and to be retried) and `failed` (dead) are of all queues together; no
    /// data while nothing of Sidekiq is found.
    Sidekiq,
    /// Celery on Redis, priorities included. `in-flight` is of all queues together, and has tasks with an ETA in it; no
    /// data while nothing of Celery is found.
    Celery,
}

impl Layout {
    /// Whether each queue has a figure of its own for that measure; else there is one for all queues together.
    fn has_own(self, measure: &str) -> bool {
        match self {
            Layout::Sidekiq => matches!(measure, "ready" | "oldest"),
            Layout::Celery => measure == "ready",
            Layout::List | Layout::Stream | Layout::Bullmq | Layout::Bull => true,
        }
    }
}

/// What a queue is of which nothing is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Missing {
    /// No data until it was seen once in this launch. When it vanishes after that: empty where only its jobs were seen, as
    /// of a list; no data where its library would have kept its name.
    #[default]
    Unknown,
    /// Empty, unless its name was seen and is lost.
    Empty,
}

impl Kind for Redis {
    const PANE: Pane = Pane::Queues;
    const EVERY: Span = Span::secs(10);
    const TIMEOUT: Span = Span::secs(5);
    type Prober = RedisProber;

    fn measures(&self) -> Vec<MeasureOutline> {
        let all = [
            measure("ready", Unit::Count, "jobs that could run now"),
            measure("oldest", Unit::Seconds, "the age of the oldest job that waits; 0 where none does"),
            measure("in-flight", Unit::Count, "jobs that workers have taken"),
            measure("delayed", Unit::Count, "jobs that wait for their time"),
            measure("failed", Unit::Count, "jobs that failed for good and are kept"),
        ];
        let has = |name: &str| match self.layout {
            Layout::List => name == "ready",
            Layout::Stream => matches!(name, "ready" | "oldest" | "in-flight"),
            Layout::Celery => matches!(name, "ready" | "in-flight"),
            Layout::Bullmq | Layout::Bull | Layout::Sidekiq => true,
        };
        let here = all.into_iter().filter(|m| has(m.name.as_str()));
        here.map(|m| MeasureOutline { whole: !self.layout.has_own(m.name.as_str()), ..m }).collect()
    }

    fn well(&self) -> Vec<Point> {
        // Queues in which nothing waits.
        nothing(&["ready", "oldest", "in-flight", "delayed", "failed"])
    }

    fn expect(&self) -> Vec<Instance> {
        match self.layout {
            Layout::Stream => self
                .queues
                .iter()
                .flat_map(|stream| self.groups.iter().map(move |group| format!("{stream}/{group}").into()))
                .collect(),
            _ => self.queues.iter().map(|q| q.as_str().into()).collect(),
        }
    }

    fn many(&self) -> bool {
        true
    }

    fn target(&self) -> String {
        format!("{:?} {}", self.layout, self.queues.join(", ")).to_lowercase()
    }

    fn address(&self) -> Option<String> {
        Some(self.url.clone())
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.queues.is_empty() {
            problems.push(("queues", "names no queue".to_owned()));
        }
        if !self.groups.is_empty() && self.layout != Layout::Stream {
            problems.push(("groups", "only streams have groups".to_owned()));
        }
        if self.prefix.is_some() && matches!(self.layout, Layout::List | Layout::Stream) {
            problems.push(("prefix", "lists and streams are named by their whole key in `queues`".to_owned()));
        }
        if !self.url.contains("${") && !self.url.starts_with("redis://") && !self.url.starts_with("rediss://") {
            problems.push(("url", format!("`{}` does not begin with redis:// or rediss://", self.url)));
        }
        problems
    }

    fn open(self, setup: Setup) -> Result<RedisProber, Miss> {
        // Without a provider rustls panics at the first rediss:// connection; in the binary main has installed it.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let url = setup.secrets.fill(&self.url).map_err(Miss::new)?;
        let client = ::redis::Client::open(url).map_err(|e| Miss::new(format!("the url can't be used: {e}")))?;
        let wait = Wait::new(setup.timeout);
        // A list has no name beside its items; of other queues that were seen the name still stands, or it is lost.
        let lists = self.queues.iter().filter(|queue| {
            self.layout == Layout::List && setup.seen.contains(&Instance::from(queue.as_str()))
        });
        let seen = lists.map(|queue| (queue.clone(), layouts::Trace::Jobs)).collect();
        Ok(RedisProber { spec: self, client, wait, connection: None, taken: Taken::default(), seen })
    }
}

/// Reads the queues over one connection.
pub struct RedisProber {
    spec: Redis,
    client: ::redis::Client,
    wait: Wait,
    connection: Option<MultiplexedConnection>,
    taken: Taken,
    /// The queues of which something was found in this launch.
    seen: BTreeMap<String, layouts::Trace>,
}

/// Why a queue could not be read.
enum Fault {
    /// The server says so.
    Redis(RedisError),
    /// Nothing is found of it.
    Absent(String),
}

impl From<RedisError> for Fault {
    fn from(e: RedisError) -> Self {
        Fault::Redis(single(e))
    }
}

/// The first error of a pipeline; any other as it is.
fn single(e: RedisError) -> RedisError {
    let first = e.clone().into_server_errors().and_then(|all| all.first().map(|(_, error)| error.clone()));
    first.map_or(e, RedisError::from)
}

impl Prober for RedisProber {
    async fn poll(&mut self) -> Result<Vec<Point>, Miss> {
        let (wait, address) = (self.wait.clone(), self.client.get_connection_info().addr().clone());
        wait.begin();
        self.taken.begin();
        let found = wait.beside(look(&address), self.measure()).await;
        if self.taken.is_over() {
            return Err(Miss::new(format!("{address} answers with more than {CAP} bytes")));
        }
        found
    }

    fn timed_out(&self, after: Span) -> Result<Vec<Point>, Miss> {
        Err(Miss::new(self.wait.in_vain(after).why()))
    }
}

impl RedisProber {
    async fn measure(&mut self) -> Result<Vec<Point>, Miss> {
        let place = self.client.get_connection_info().addr().to_string();
        let words = |e: &RedisError| words(e, &place);
        // Taken out, so that a poll that fails or is given up leaves no half-read connection behind.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => self.connect().await?,
        };
        let mut points = Vec::new();
        for queue in self.spec.queues.clone() {
            match self.read(&mut connection, &queue).await {
                Ok(found) => points.extend(found),
                Err(Fault::Redis(e)) if concerns_all(&e) => return Err(Miss::new(words(&e))),
                Err(Fault::Redis(e)) => points.extend(self.unknown(&queue, &words(&e))),
                Err(Fault::Absent(why)) => points.extend(self.unknown(&queue, &why)),
            }
        }
        match layouts::shared(&mut connection, &self.spec).await {
            Ok(found) => points.extend(found),
            Err(Fault::Redis(e)) if concerns_all(&e) => return Err(Miss::new(words(&e))),
            Err(fault) => {
                let why = match fault {
                    Fault::Redis(e) => words(&e),
                    Fault::Absent(why) => why,
                };
                let all = self.spec.measures().into_iter().filter(|m| !self.spec.layout.has_own(m.name.as_str()));
                points.extend(all.map(|m| Point::new(m.name.as_str(), Outcome::NoData(why.clone()))));
            }
        }
        self.connection = Some(connection);
        Ok(points)
    }

    async fn connect(&self) -> Result<MultiplexedConnection, Miss> {
        let address = self.client.get_connection_info().addr().clone();
        if let ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, .. } = &address {
            self.wait.lookup(host).await.map_err(|e| Miss::new(e.to_string()))?;
        }
        // The runner has the timeout.
        let config = AsyncConnectionConfig::new().set_connection_timeout(None).set_response_timeout(None);
        let place = address.to_string();
        let connected = match &address {
            ConnectionAddr::Tcp(host, port) => self.plain(host, *port, config).await,
            _ => self.client.get_multiplexed_async_connection_with_config(&config).await,
        };
        connected.map_err(|e| {
            let dropped = e.is_connection_dropped() && !e.is_connection_refusal();
            Miss::new(match e.kind() {
                ErrorKind::Parse => no_such("Redis", &place),
                _ if dropped => match trouble(&e, &place).filter(|why| why.starts_with(RESET)) {
                    Some(reset) => format!("{reset}: {}", elsewhere(TLS)),
                    None => closed(&place, TLS),
                },
                _ => words(&e, &place),
            })
        })
    }

    async fn plain(
        &self,
        host: &str,
        port: u16,
        config: AsyncConnectionConfig,
    ) -> Result<MultiplexedConnection, RedisError> {
        let stream = TcpStream::connect((host, port)).await?;
        stream.set_nodelay(true)?;
        let stream = Bounded { stream, taken: self.taken.clone() };
        let info = self.client.get_connection_info().redis_settings();
        let (connection, driver) = MultiplexedConnection::new_with_config(info, stream, config).await?;
        tokio::spawn(driver);
        Ok(connection)
    }

    async fn read(&mut self, connection: &mut MultiplexedConnection, queue: &str) -> Result<Vec<Point>, Fault> {
        let seen = self.seen.get(queue).copied();
        let before = layouts::Before { seen, empty: self.spec.missing == Missing::Empty };
        let (trace, points) = layouts::read(connection, &self.spec, queue, before).await?;
        self.seen.insert(queue.to_owned(), seen.map_or(trace, |seen| seen.max(trace)));
        Ok(points)
    }

    /// No data for all that a queue should have told.
    fn unknown(&self, queue: &str, why: &str) -> Vec<Point> {
        let no = |name: &str, measure: &str| Point::of(name, measure, Outcome::NoData(why.to_owned()));
        let names: Vec<String> = match self.spec.layout {
            Layout::Stream => self.spec.groups.iter().map(|group| format!("{queue}/{group}")).collect(),
            _ => Vec::new(),
        };
        let names = if names.is_empty() { vec![queue.to_owned()] } else { names };
        let measures = self.spec.measures();
        let wanted = measures.iter().map(|m| m.name.as_str()).filter(|m| self.spec.layout.has_own(m));
        wanted.flat_map(|measure| names.iter().map(move |name| no(name, measure))).collect()
    }
}

/// Where to look while nothing is answered: PING is answered by any, also with a refusal; under TLS it would be none.
fn look(address: &ConnectionAddr) -> Option<Look<'_>> {
    match address {
        ConnectionAddr::Tcp(host, port) => {
            let silent = "says nothing: it hangs, or it is no Redis server";
            Some(Look { host, port: *port, hello: b"PING\r\n", silent })
        }
        ConnectionAddr::TcpTls { host, port, .. } => {
            Some(Look { host, port: *port, hello: &[], silent: "its answer never came whole" })
        }
        _ => None,
    }
}

/// Whether an error concerns the whole connection, not one queue.
fn concerns_all(e: &RedisError) -> bool {
    use ::redis::ServerErrorKind;
    e.is_io_error()
        || e.is_connection_dropped()
        || matches!(
            e.kind(),
            ErrorKind::AuthenticationFailed
                | ErrorKind::Parse
                | ErrorKind::Server(ServerErrorKind::BusyLoading | ServerErrorKind::MasterDown)
        )
        || e.code() == Some("NOAUTH")
}

/// What the network or TLS has against it.
fn trouble(e: &RedisError, place: &str) -> Option<String> {
    std::error::Error::source(e).and_then(|e| cause(e, place, WayOut::Machine)).map(Trouble::why)
}

/// An error in plain words.
fn words(e: &RedisError, place: &str) -> String {
    let detail = e.detail().unwrap_or_default();
    match e.code() {
        Some("NOAUTH") => "NOAUTH: the server wants a password, and the url has none".to_owned(),
        Some("WRONGPASS") => "WRONGPASS: the user name or the password is wrong".to_owned(),
        Some("NOPERM") => format!("NOPERM: the account may not read this: {detail}"),
        Some("WRONGTYPE") => "WRONGTYPE: the key holds something else; is it another library's layout?".to_owned(),
        Some("MOVED" | "ASK") => format!("the key is on another node of the cluster ({detail}): name that node in the url"),
        Some("LOADING") => "LOADING: the server is reading its data after a start".to_owned(),
        _ if e.kind() == ::redis::ErrorKind::AuthenticationFailed => "the user name or the password is wrong".to_owned(),
        _ => trouble(e, place).unwrap_or_else(|| format!("{place}: {e}")),
    }
}
