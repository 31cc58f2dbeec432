//! The file: its tables, and what is asked of them.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OptionalExtension as _, Result, params};

use super::SIGNALS;
use super::bucket::Row;
use crate::core::reading::{Point, Poll};
use crate::core::time::{Span, Timestamp};

/// Two of the three grains; the third is the raw poll.
pub(super) const MINUTE: Span = Span::mins(1);
pub(super) const QUARTER: Span = Span::mins(15);

/// How long minutes and quarters are kept. With an hour to spare, so that of 48 hours no minute is missing at the edge.
const KEEP_MINUTES: Span = Span::mins(49 * 60);
const KEEP_QUARTERS: Span = Span::mins(90 * 24 * 60);

/// So many rows of quarters are kept at most: about 90 MB. The more signals, the fewer days.
pub(super) const QUARTERS: i64 = 1_000_000;

/// How long one connection waits for another.
pub(super) const WAIT: Duration = Duration::from_secs(5);

/// The format of the tables. Another one is begun anew.
const FORMAT: i64 = 1;

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS name (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    CREATE TABLE IF NOT EXISTS poll (probe INTEGER NOT NULL, at INTEGER NOT NULL, took INTEGER NOT NULL,
        points TEXT NOT NULL, PRIMARY KEY (probe, at)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS minute (signal INTEGER NOT NULL, at INTEGER NOT NULL, min REAL NOT NULL,
        mean REAL NOT NULL, max REAL NOT NULL, last REAL NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (signal, at)) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS quarter (signal INTEGER NOT NULL, at INTEGER NOT NULL, min REAL NOT NULL,
        mean REAL NOT NULL, max REAL NOT NULL, last REAL NOT NULL, n INTEGER NOT NULL,
        PRIMARY KEY (signal, at)) STRICT, WITHOUT ROWID;";

/// Opens the file or makes it, and says what was wrong with the one that was there.
pub(super) fn open(path: &Path) -> Result<(Connection, Option<String>)> {
    match try_open(path) {
        Ok(db) => Ok((db, None)),
        Err(e) => {
            let (db, said) = if is_broken(&e) { begin_anew(path, &e)? } else { in_memory(path, &e)? };
            Ok((db, Some(said)))
        }
    }
}

/// Whether the file itself is at fault.
pub(super) fn is_broken(e: &rusqlite::Error) -> bool {
    match e {
        rusqlite::Error::SqliteFailure(e, _) => {
            // 1: no such table or column; these are not our tables.
            matches!(e.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) || e.extended_code == 1
        }
        rusqlite::Error::SqlInputError { .. } | rusqlite::Error::InvalidColumnType(..) => true,
        rusqlite::Error::IntegralValueOutOfRange(..) => true,
        _ => false,
    }
}

/// Puts the file aside and makes a new one.
pub(super) fn begin_anew(path: &Path, why: &rusqlite::Error) -> Result<(Connection, String)> {
    let free = |n: &u32| !beside(path, &format!(".broken-{n}")).exists();
    let number = (1..1000).find(free).unwrap_or(1000);
    let aside = beside(path, &format!(".broken-{number}"));
    let renamed = fs::rename(path, &aside);
    for side in ["-wal", "-shm"] {
        let _ = fs::rename(beside(path, side), beside(&aside, side));
    }
    match renamed.map_err(|e| e.to_string()).and_then(|()| try_open(path).map_err(|e| e.to_string())) {
        Ok(db) => {
            let (path, aside) = (path.display(), aside.display());
            Ok((db, format!("{path} can't be read ({why}): the history begins anew; the old file is {aside}")))
        }
        Err(e) => {
            let (db, said) = in_memory(path, why)?;
            Ok((db, format!("{said} ({e})")))
        }
    }
}

fn in_memory(path: &Path, why: &rusqlite::Error) -> Result<(Connection, String)> {
    let db = Connection::open_in_memory()?;
    db.execute_batch(TABLES)?;
    Ok((db, format!("{}: {why}: until the engine starts anew, its history is in memory only", path.display())))
}

fn try_open(path: &Path) -> Result<Connection> {
    let db = Connection::open(path)?;
    let _ = fs::set_permissions(path, fs::Permissions::from_mode(0o600));
    db.busy_timeout(WAIT)?;
    let _: String = db.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
    let format: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if format != FORMAT && format != 0 {
        return Err(rusqlite::Error::IntegralValueOutOfRange(0, format));
    }
    db.execute_batch("PRAGMA synchronous=NORMAL; PRAGMA user_version=1;")?;
    db.execute_batch(TABLES)?;
    names(&db)?;
    Ok(db)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    name.into()
}

pub(super) fn names(db: &Connection) -> Result<BTreeMap<String, i64>> {
    let mut select = db.prepare("SELECT name, id FROM name")?;
    select.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// The id of a name, which is made where there is room for one more.
pub(super) fn id(db: &Connection, names: &mut BTreeMap<String, i64>, name: &str) -> Result<Option<i64>> {
    if let Some(id) = names.get(name) {
        return Ok(Some(*id));
    }
    if names.len() >= SIGNALS {
        return Ok(None);
    }
    db.prepare("INSERT INTO name (name) VALUES (?1)")?.execute([name])?;
    let id = db.last_insert_rowid();
    names.insert(name.to_owned(), id);
    Ok(Some(id))
}

/// The id of a name, where there is one.
pub(super) fn known(db: &Connection, name: &str) -> Result<Option<i64>> {
    db.query_row("SELECT id FROM name WHERE name = ?1", [name], |row| row.get(0)).optional()
}

fn table(length: Span) -> &'static str {
    if length == MINUTE { "minute" } else { "quarter" }
}

/// Adds a row to what is known of that stretch of time.
pub(super) fn merge(db: &Connection, length: Span, signal: i64, begin: i64, row: Row) -> Result<()> {
    let table = table(length);
    let known = db
        .prepare(&format!("SELECT min, mean, max, last, n FROM {table} WHERE signal = ?1 AND at = ?2"))?
        .query_row([signal, begin], |r| {
            Ok(Row { min: r.get(0)?, mean: r.get(1)?, max: r.get(2)?, last: r.get(3)?, n: r.get(4)? })
        })
        .optional()?;
    let row = known.map_or(row, |mut known| {
        known.merge(row);
        known
    });
    db.prepare(&format!("INSERT OR REPLACE INTO {table} VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)"))?
        .execute(params![signal, begin, row.min, row.mean, row.max, row.last, row.n])?;
    Ok(())
}

/// How long the quarters of so many signals are kept, so that there are at most `rows` of them.
pub(super) fn keep_quarters(signals: usize, rows: i64) -> Span {
    let each = rows / i64::try_from(signals.max(1)).unwrap_or(i64::MAX);
    // One row begins before the time that is kept.
    KEEP_QUARTERS.min(QUARTER.times((each - 1).max(1)))
}

/// Lets go of what is too old, and of quarters beyond so many rows. `signals` is how many names there are.
pub(super) fn tidy(db: &Connection, now: Timestamp, keep: Span, signals: usize, rows: i64) -> Result<()> {
    let quarters = keep_quarters(signals, rows);
    let kept = [("poll", "probe", keep), ("minute", "signal", KEEP_MINUTES), ("quarter", "signal", quarters)];
    for (table, key, keep) in kept {
        // By key, so that it is a search and no scan.
        let delete = format!("DELETE FROM {table} WHERE {key} IN (SELECT id FROM name) AND at < ?1");
        db.prepare(&delete)?.execute([(now - keep).millis()])?;
    }
    Ok(())
}

/// The raw polls since a moment, probe by probe. Those that can't be understood are left out.
pub(super) fn polls(db: &Connection, from: Timestamp, mut with: impl FnMut(Poll)) -> Result<()> {
    let mut select = db.prepare(
        "SELECT name.name, poll.at, poll.took, poll.points FROM name, poll WHERE poll.probe = name.id AND poll.at >= ?1",
    )?;
    let mut rows = select.query([from.millis()])?;
    while let Some(row) = rows.next()? {
        let (probe, at, took, text): (String, i64, u32, String) = (row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?);
        if let Ok(points) = serde_json::from_str(&text) {
            with(Poll { probe: probe.into(), at: Timestamp(at), took_ms: took, points });
        }
    }
    Ok(())
}

/// When a signal's rows begin.
pub(super) fn first(db: &Connection, length: Span, signal: i64) -> Result<Option<Timestamp>> {
    let select = format!("SELECT min(at) FROM {} WHERE signal = ?1", table(length));
    Ok(db.query_row(&select, [signal], |row| row.get::<_, Option<i64>>(0))?.map(Timestamp))
}

/// When a probe's raw polls begin.
pub(super) fn first_poll(db: &Connection, probe: i64) -> Result<Option<Timestamp>> {
    let select = "SELECT min(at) FROM poll WHERE probe = ?1";
    Ok(db.query_row(select, [probe], |row| row.get::<_, Option<i64>>(0))?.map(Timestamp))
}

/// The rows of a signal that touch `from` until before `to`, in order.
pub(super) fn rows(
    db: &Connection,
    length: Span,
    signal: i64,
    from: Timestamp,
    to: Timestamp,
    mut with: impl FnMut(Timestamp, Row),
) -> Result<()> {
    let mut select = db.prepare(&format!(
        "SELECT at, min, mean, max, last, n FROM {} WHERE signal = ?1 AND at > ?2 AND at < ?3 ORDER BY at",
        table(length)
    ))?;
    let mut rows = select.query([signal, (from - length).millis(), to.millis()])?;
    while let Some(r) = rows.next()? {
        let row = Row { min: r.get(1)?, mean: r.get(2)?, max: r.get(3)?, last: r.get(4)?, n: r.get(5)? };
        with(Timestamp(r.get(0)?), row);
    }
    Ok(())
}

/// The points of a probe's raw polls from `from` until before `to`, in order.
pub(super) fn poll_points(
    db: &Connection,
    probe: i64,
    from: Timestamp,
    to: Timestamp,
    mut with: impl FnMut(Timestamp, Vec<Point>),
) -> Result<()> {
    let mut select = db.prepare("SELECT at, points FROM poll WHERE probe = ?1 AND at >= ?2 AND at < ?3 ORDER BY at")?;
    let mut rows = select.query([probe, from.millis(), to.millis()])?;
    while let Some(row) = rows.next()? {
        let text: String = row.get(1)?;
        if let Ok(Ok(points)) = serde_json::from_str::<std::result::Result<Vec<Point>, String>>(&text) {
            with(Timestamp(row.get(0)?), points);
        }
    }
    Ok(())
}
