//! `postgres`: replication as the primary sees it, lag as a replica sees it, connections, long queries, blocked sessions,
//! and queries of one's own.
//!
//! It uses one connection and the simple query protocol, each poll in a read-only transaction with a statement and a lock
//! timeout of its own, so that it works through PgBouncer, never waits for a migration's lock, and never writes. A query of
//! one's own is one statement: the server is asked once a connection, with an unnamed statement in a transaction, which
//! PgBouncer carries too. Its console knows only the simple protocol: there a `SHOW` goes bare, and may have no `;`. The
//! role needs `GRANT pg_monitor TO tminus`: without it PostgreSQL answers with nulls that look like health, so its
//! absence is no data.

mod lag;
mod read;

use std::time::Duration;

use futures_util::TryStreamExt as _;
use serde::Deserialize;
use sqlx::postgres::{PgConnectOptions, PgConnection, PgRow};
use sqlx::{AssertSqlSafe, ConnectOptions, Executor, Row};

use self::lag::Track;
use super::client::{Trouble, cause};
use super::greeting::{closed, no_such};
use super::scale::{self, Declared, brief};
use super::tls::WayOut;
use super::wait::{Look, Wait};
use super::{Kind, Miss, Prober, Setup, measure, nothing};
use crate::core::ids::Instance;
use crate::core::outline::{MeasureOutline, Pane};
use crate::core::reading::Point;
use crate::core::time::Span;
use crate::core::units::Unit;

/// What else may hang up on who connects.
const STOPPED: &str = "or is it being stopped?";

/// A client's first question, whether the server has TLS, which any answers with one letter.
const SSL_REQUEST: &[u8] = &[0, 0, 0, 8, 4, 210, 22, 47];

/// Said where a query would be several.
const SEVERAL: &str = "the query has several statements";

/// `postgres = { url = "${secret.primary}", measure = "replication", expect = ["replica-1"] }`, or with a `query`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Postgres {
    /// `postgres://user:password@host:5432/database`, best as `${secret.NAME}`. `?sslmode=verify-full` verifies the
    /// server's certificate; without it TLS is used where the server offers it, unverified.
    url: String,
    /// What to measure. Either this or `query`.
    #[serde(default)]
    measure: Option<What>,
    /// For `replication`: the replicas that must be there, by `application_name` or address. For `query`: instances that
    /// must be there.
    #[serde(default)]
    expect: Vec<String>,
    /// For `long-queries`: from which age on a transaction counts; 5 minutes unless said otherwise.
    #[serde(default)]
    over: Option<Span>,
    /// SQL that returns numbers: its columns are the measures, each row with a text column `instance` is an instance,
    /// one row without it is the probe itself. `SHOW …` works too, as on PgBouncer's console.
    #[serde(default)]
    query: Option<String>,
    /// For `query`: the column that names the instances, where it is not called `instance`.
    #[serde(default)]
    instance: Option<String>,
    /// For `query`: the columns to read, the first being the default.
    #[serde(default)]
    measures: Vec<Declared>,
}

/// What can be measured without SQL of one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// On a primary: one instance a replica, `seconds` and `bytes` behind, `up` while it streams. A replica of `expect`
    /// that is not connected is failing.
    Replication,
    /// On a replica: `seconds` and `bytes` that it has received and not replayed, `up` while it receives. A primary that
    /// writes nothing is no lag. Of one that was behind at the first look `seconds` are the least that it can be, until
    /// it has replayed what it had received then; its `bytes` are exact. A primary that stops answering is noticed here
    /// when the receiver itself notices, half of `wal_receiver_timeout` (30 s) later: the primary's own probe is sooner.
    Replica,
    /// `used`, the share of the connections that ordinary roles may open; their `count`; and those `idle` in a
    /// transaction.
    Connections,
    /// Transactions older than `over`: their `count`, and the age of the `longest` of all.
    LongQueries,
    /// Sessions that wait for a lock: how many are `blocked`, and the `longest` wait.
    Locks,
}

impl Kind for Postgres {
    const PANE: Pane = Pane::Replication;
    const EVERY: Span = Span::secs(5);
    const TIMEOUT: Span = Span::secs(5);
    type Prober = PostgresProber;

    /// Connections, queries and locks are no lag.
    fn pane(&self) -> Pane {
        match self.measure {
            Some(What::Replication | What::Replica) => Self::PANE,
            Some(What::Connections | What::LongQueries | What::Locks) | None => Pane::Signals,
        }
    }

    fn measures(&self) -> Vec<MeasureOutline> {
        match self.measure {
            Some(What::Replication | What::Replica) => vec![
                measure("seconds", Unit::Seconds, "how long ago was written what is not replayed yet"),
                measure("bytes", Unit::Bytes, "how much is not replayed yet"),
                measure("up", Unit::State, "whether the replica is connected and streams"),
            ],
            Some(What::Connections) => vec![
                measure("used", Unit::Percent, "connections in use, of those that ordinary roles may open"),
                measure("count", Unit::Count, "connections in use"),
                measure("idle", Unit::Count, "connections that hold a transaction open and do nothing"),
            ],
            Some(What::LongQueries) => vec![
                measure("count", Unit::Count, "transactions that run for longer than `over`"),
                measure("longest", Unit::Seconds, "the age of the oldest transaction"),
            ],
            Some(What::Locks) => vec![
                measure("blocked", Unit::Count, "sessions that wait for a lock"),
                measure("longest", Unit::Seconds, "the longest of those waits"),
            ],
            None => self.measures.iter().map(Declared::outline).collect(),
        }
    }

    fn well(&self) -> Vec<Point> {
        match self.measure {
            Some(What::Replication | What::Replica) => nothing(&["seconds", "bytes"]),
            Some(What::LongQueries) => nothing(&["count", "longest"]),
            Some(What::Locks) => nothing(&["blocked", "longest"]),
            // How many connections are usual, and what a query of one's own gives, nobody knows before.
            Some(What::Connections) | None => Vec::new(),
        }
    }

    fn expect(&self) -> Vec<Instance> {
        self.expect.iter().map(|name| name.as_str().into()).collect()
    }

    fn many(&self) -> bool {
        self.query.is_some() || self.measure == Some(What::Replication)
    }

    fn target(&self) -> String {
        match (&self.query, self.measure) {
            (Some(query), _) => brief(&query.split_whitespace().collect::<Vec<_>>().join(" ")),
            (None, Some(What::Replication)) => "replication, from the primary".to_owned(),
            (None, Some(What::Replica)) => "lag, from the replica".to_owned(),
            (None, Some(What::Connections)) => "connections".to_owned(),
            (None, Some(What::LongQueries)) => format!("transactions over {}", self.over()),
            (None, Some(What::Locks)) => "blocked sessions".to_owned(),
            (None, None) => String::new(),
        }
    }

    fn address(&self) -> Option<String> {
        Some(self.url.clone())
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        match (self.measure, &self.query) {
            (None, None) => {
                problems.push((
                    "measure",
                    "say what to measure: replication, replica, connections, long-queries or locks; or give a `query`"
                        .to_owned(),
                ));
            }
            (Some(_), Some(_)) => problems.push(("query", "`measure` and `query` exclude each other".to_owned())),
            (None, Some(_)) if self.measures.is_empty() => {
                problems.push(("measures", "name the query's columns: measures = [{ name = \"ready\" }, …]".to_owned()));
            }
            (Some(_), None) if !self.measures.is_empty() => {
                problems.push(("measures", "only a `query` has measures of its own".to_owned()));
            }
            _ => {}
        }
        if self.instance.is_some() && self.query.is_none() {
            problems.push(("instance", "only a `query` has columns to name instances by".to_owned()));
        }
        if self.over.is_some() && self.measure != Some(What::LongQueries) {
            problems.push(("over", "only `long-queries` has it".to_owned()));
        }
        if !self.expect.is_empty() && !matches!(self.measure, Some(What::Replication) | None) {
            problems.push(("expect", "only `replication` and a `query` have instances".to_owned()));
        }
        if !self.url.contains("${") && !self.url.starts_with("postgres://") && !self.url.starts_with("postgresql://") {
            problems.push(("url", format!("`{}` does not begin with postgres://", self.url)));
        }
        problems
    }

    fn set_unit(&mut self, measure: &str, unit: Unit) -> bool {
        self.query.is_some() && scale::set_unit(&mut self.measures, measure, unit)
    }

    fn open(self, setup: Setup) -> Result<PostgresProber, Miss> {
        let url = setup.secrets.fill(&self.url).map_err(Miss::new)?;
        let options: PgConnectOptions =
            url.parse().map_err(|e: sqlx::Error| Miss::new(format!("the url can't be used: {e}")))?;
        let options = options
            .application_name("tminus")
            // PgBouncer refuses it at start-up unless it is told to ignore it.
            .extra_float_digits(None)
            .disable_statement_logging();
        let limit = setup.timeout.millis().clamp(100, 3000);
        let wait = Wait::new(setup.timeout);
        Ok(PostgresProber { spec: self, options, limit, wait, connection: None, track: Track::default() })
    }
}

impl Postgres {
    fn over(&self) -> Span {
        self.over.unwrap_or(Span::mins(5))
    }
}

/// Asks over one connection, which is opened again after any trouble.
pub struct PostgresProber {
    spec: Postgres,
    options: PgConnectOptions,
    /// The statement timeout, in milliseconds.
    limit: i64,
    wait: Wait,
    connection: Option<PgConnection>,
    track: Track,
}

impl Prober for PostgresProber {
    async fn poll(&mut self) -> Result<Vec<Point>, Miss> {
        let (wait, options) = (self.wait.clone(), self.options.clone());
        wait.begin();
        let look = reaches_out(&options).then(|| Look {
            host: options.get_host(),
            port: options.get_port(),
            hello: SSL_REQUEST,
            silent: "says nothing: it hangs, or it is no PostgreSQL server",
        });
        wait.beside(look, self.measure()).await
    }

    fn timed_out(&self, after: Span) -> Result<Vec<Point>, Miss> {
        Err(Miss::new(self.wait.in_vain(after).why()))
    }
}

impl PostgresProber {
    async fn measure(&mut self) -> Result<Vec<Point>, Miss> {
        // Taken out, so that a poll that fails or is given up never leaves a transaction open.
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => {
                let mut connection = self.connect().await?;
                self.vet(&mut connection).await?;
                connection
            }
        };
        let points = self.ask(&mut connection).await?;
        self.connection = Some(connection);
        Ok(points)
    }

    async fn connect(&self) -> Result<PgConnection, Miss> {
        if reaches_out(&self.options) {
            self.wait.lookup(self.options.get_host()).await.map_err(|e| Miss::new(e.to_string()))?;
        }
        let place = self.place();
        self.options.connect().await.map_err(|e| {
            Miss::new(match &e {
                // Its answer to the first question was the end of the stream.
                sqlx::Error::Protocol(said) if said.contains(": 0x00") => closed(&place, STOPPED),
                sqlx::Error::Protocol(_) => no_such("PostgreSQL", &place),
                sqlx::Error::Io(io) if io.kind() == std::io::ErrorKind::UnexpectedEof => closed(&place, STOPPED),
                _ => words(&e, &place),
            })
        })
    }

    /// Refuses a query of several statements, of which one could end the transaction that keeps the others from writing.
    /// The server is asked, which splits as it will when it runs them: only one statement can be explained and prepared.
    async fn vet(&self, connection: &mut PgConnection) -> Result<(), Miss> {
        let Some(query) = self.spec.query.as_deref().map(alone) else { return Ok(()) };
        if shows(query) {
            let several = || Miss::new(format!("{SEVERAL}; a query is one statement that reads"));
            return if query.contains(';') { Err(several()) } else { Ok(()) };
        }
        let explain = sqlx::query(AssertSqlSafe(format!("EXPLAIN {query}"))).persistent(false);
        let asked = async {
            connection.execute(sqlx::raw_sql(AssertSqlSafe(self.begin()))).await?;
            let explained = connection.execute(explain).await;
            connection.execute(sqlx::raw_sql("ROLLBACK")).await?;
            explained
        };
        match asked.await {
            // It was split and understood before that; when it runs, what it may not is told better.
            Err(sqlx::Error::Database(e)) if e.code().as_deref() == Some("42501") => Ok(()),
            Err(e) => {
                let syntax = e.as_database_error().is_some_and(|e| e.code().as_deref() == Some("42601"));
                let hint = if syntax { "; a query is one statement that reads" } else { "" };
                Err(Miss::new(format!("{}{hint}", words(&e, &self.place()))))
            }
            Ok(_) => Ok(()),
        }
    }

    async fn ask(&mut self, connection: &mut PgConnection) -> Result<Vec<Point>, Miss> {
        match (self.spec.measure, &self.spec.query) {
            (Some(What::Replication), _) => {
                if self.track.is_new() {
                    // One look can't tell a replica that is busy from one that stands still: the first poll takes two.
                    let rows = self.rows(connection, read::REPLICATION).await?;
                    read::replication(&rows, &self.spec.expect, &mut self.track)?;
                    tokio::time::sleep(Duration::from_millis(self.limit.unsigned_abs() / 8)).await;
                }
                let rows = self.rows(connection, read::REPLICATION).await?;
                read::replication(&rows, &self.spec.expect, &mut self.track)
            }
            (Some(What::Replica), _) => {
                let rows = self.rows(connection, read::REPLICA).await?;
                read::replica(&rows, &mut self.track, std::time::Instant::now())
            }
            (Some(What::Connections), _) => read::connections(&self.rows(connection, read::CONNECTIONS).await?),
            (Some(What::LongQueries), _) => {
                let rows = self.rows(connection, &read::long_queries(self.spec.over())).await?;
                read::plain(&rows, &["count", "longest"])
            }
            (Some(What::Locks), _) => read::plain(&self.rows(connection, read::LOCKS).await?, &["blocked", "longest"]),
            (None, Some(query)) => {
                let name = self.spec.instance.as_deref().unwrap_or("instance");
                read::custom(&self.rows(connection, query).await?, name, &self.spec.measures)
            },
            (None, None) => Err(Miss::new("the probe says neither `measure` nor `query`")),
        }
    }

    /// The rows of a query, in a transaction that can't write and gives up early. PgBouncer's console knows no
    /// transactions: `SHOW` goes bare.
    async fn rows(&self, connection: &mut PgConnection, sql: &str) -> Result<Vec<Fields>, Miss> {
        let sql = alone(sql);
        let text = if shows(sql) { sql.to_owned() } else { format!("{}; {sql}\n; COMMIT", self.begin()) };
        let mut answer = connection.fetch(sqlx::raw_sql(AssertSqlSafe(text)));
        let mut rows = Vec::new();
        while let Some(row) = answer.try_next().await.map_err(|e| Miss::new(words(&e, &self.place())))? {
            if rows.len() == MAX_ROWS {
                return Err(Miss::new(format!("the answer has more than {MAX_ROWS} rows: narrow what it asks")));
            }
            rows.push(Fields::read(&row)?);
        }
        Ok(rows)
    }

    fn begin(&self) -> String {
        format!(
            "BEGIN READ ONLY; SET LOCAL statement_timeout = {0}; SET LOCAL lock_timeout = {1}",
            self.limit,
            self.limit.min(1000)
        )
    }

    fn place(&self) -> String {
        format!("{}:{}", self.options.get_host(), self.options.get_port())
    }
}

/// So many rows of an answer are taken: many more than a probe may have instances.
const MAX_ROWS: usize = 1000;

/// The longest value that is taken, in bytes.
const MAX_VALUE: usize = 4096;

/// Whether it connects over the network.
fn reaches_out(options: &PgConnectOptions) -> bool {
    options.get_socket().is_none() && !options.get_host().starts_with('/')
}

/// A statement without the semicolon that may end it.
fn alone(sql: &str) -> &str {
    sql.trim().trim_end_matches(';').trim_end()
}

/// Whether it is a `SHOW`, which PgBouncer's console takes only bare.
fn shows(sql: &str) -> bool {
    sql.get(..5).is_some_and(|word| word.eq_ignore_ascii_case("show "))
}

/// A row as text by column; nulls are left out.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    fn read(row: &PgRow) -> Result<Self, Miss> {
        use sqlx::{Column, ValueRef};
        let mut fields = Vec::new();
        for column in row.columns() {
            let bad = |e: &dyn std::fmt::Display| Miss::new(format!("column `{}` can't be read: {e}", column.name()));
            let value = row.try_get_raw(column.ordinal()).map_err(|e| bad(&e))?;
            if !value.is_null() {
                let text = value.as_str().map_err(|e| bad(&e))?;
                if text.len() > MAX_VALUE {
                    return Err(bad(&format!("it has {} bytes, and {MAX_VALUE} are taken", text.len())));
                }
                fields.push((column.name().to_owned(), text.to_owned()));
            }
        }
        Ok(Self(fields))
    }

    /// A column's text; none where it is null or there is no such column.
    fn text(&self, column: &str) -> Option<&str> {
        self.0.iter().find(|(name, _)| name == column).map(|(_, text)| text.as_str())
    }

    fn number(&self, column: &str) -> Option<f64> {
        self.text(column)?.parse().ok()
    }

    fn is_true(&self, column: &str) -> bool {
        self.text(column) == Some("t")
    }
}

/// An error in plain words.
fn words(error: &sqlx::Error, place: &str) -> String {
    match error {
        sqlx::Error::Database(e) => {
            if e.code().as_deref() == Some("42601") && e.message().contains("multiple commands") {
                return SEVERAL.to_owned();
            }
            let hint = match e.code().as_deref() {
                Some("42501") => "; the role may not: GRANT pg_monitor TO it, or the right on the table",
                Some("57014") => "; the query took too long and was cancelled",
                Some("55P03") => "; it waited for a lock, which a probe never does for long",
                Some("25006") => "; a probe runs in a read-only transaction",
                _ => "",
            };
            format!("{}{hint}", e.message())
        }
        other => cause(other, place, WayOut::Url).map_or_else(|| other.to_string(), Trouble::why),
    }
}
