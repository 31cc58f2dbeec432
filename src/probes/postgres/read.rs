//! The SQL of each measure, and what its rows mean.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::lag::{Delay, Track};
use super::Fields;
use crate::core::ids::Instance;
use crate::core::reading::{Outcome, Point};
use crate::core::time::Span;
use crate::core::units::Finite;
use crate::probes::Miss;
use crate::probes::scale::Declared;

/// The most bytes of a record that has arrived in part: see [`waits`].
const PART: f64 = 16_384.0;

/// A primary that is idle completes such a record within this time, in seconds: its background writer logs a snapshot
/// every 15 s after anything was written, and may sleep for 10 s before it looks.
const COMPLETED: f64 = 30.0;

/// A primary that lives answers a receiver that asks it within this time, in seconds.
const ANSWERS: f64 = 5.0;

/// Where the least and the most that a delay can be lie no further apart, it is known: in seconds.
const CLOSE: f64 = 1.0;

/// Where the log stands on a primary, or on a replica that has replicas of its own; a row for each of them.
pub(super) const REPLICATION: &str = "
WITH me AS (SELECT pg_is_in_recovery() AS standby, pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS may,
    CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn() ELSE pg_current_wal_lsn() END AS lsn)
SELECT me.standby, me.may, current_user::text AS role, pg_wal_lsn_diff(me.lsn, '0/0')::float8 AS position,
    current_setting('wal_block_size')::float8 AS page, r.pid::text AS pid, r.application_name AS app, host(r.client_addr) AS address, r.state,
    pg_wal_lsn_diff(r.replay_lsn, '0/0')::float8 AS replayed, EXTRACT(EPOCH FROM r.replay_lag)::float8 AS replay_lag
FROM me LEFT JOIN pg_stat_replication r ON r.state IS DISTINCT FROM 'backup' ORDER BY r.application_name, r.pid";

/// What a replica has received and replayed.
pub(super) const REPLICA: &str = "
SELECT pg_is_in_recovery() AS standby, pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS may,
    current_user::text AS role, pg_wal_lsn_diff(pg_last_wal_receive_lsn(), '0/0')::float8 AS position,
    current_setting('wal_block_size')::float8 AS page,
    EXTRACT(EPOCH FROM current_setting('wal_receiver_timeout')::interval)::float8 AS gives_up,
    pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::float8 AS replayed,
    EXTRACT(EPOCH FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8 AS idle,
    (SELECT status FROM pg_stat_wal_receiver) AS receiver,
    (SELECT EXTRACT(EPOCH FROM clock_timestamp() - last_msg_receipt_time)::float8 FROM pg_stat_wal_receiver) AS silent";

/// Client connections beside what ordinary roles may open.
pub(super) const CONNECTIONS: &str = "
SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS may, current_user::text AS role,
    count(*) FILTER (WHERE backend_type = 'client backend') AS count,
    count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle,
    current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
        - COALESCE(current_setting('reserved_connections', true)::int, 0) AS open_to_all
FROM pg_stat_activity";

/// Sessions that wait for a lock.
pub(super) const LOCKS: &str = "
SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS may, current_user::text AS role,
    count(*) AS blocked,
    COALESCE(max(EXTRACT(EPOCH FROM clock_timestamp() - query_start)), 0)::float8 AS longest
FROM pg_stat_activity WHERE cardinality(pg_blocking_pids(pid)) > 0";

/// Transactions of clients that do something or hold something.
pub(super) fn long_queries(over: Span) -> String {
    format!(
        "SELECT pg_has_role(current_user, 'pg_read_all_stats', 'USAGE') AS may, current_user::text AS role,
            count(*) FILTER (WHERE age > {}) AS count, COALESCE(max(age), 0)::float8 AS longest
        FROM (SELECT EXTRACT(EPOCH FROM clock_timestamp() - COALESCE(xact_start, query_start)) AS age
            FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()
            AND (state = 'active' OR state LIKE 'idle in transaction%')) a",
        over.as_secs_f64()
    )
}

/// Nulls that a missing right causes look like health, so the right is asked for first.
fn first(rows: &[Fields]) -> Result<&Fields, Miss> {
    let first = rows.first().ok_or_else(|| Miss::new("the server answers with no row"))?;
    if first.is_true("may") {
        return Ok(first);
    }
    let role = first.text("role").unwrap_or("the role");
    Err(Miss::new(format!("`{role}` may not see other sessions, so nothing it sees counts: GRANT pg_monitor TO {role}")))
}

/// The points of replicas, as their primary sees them.
pub(super) fn replication(rows: &[Fields], expect: &[String], track: &mut Track) -> Result<Vec<Point>, Miss> {
    let me = first(rows)?;
    let now = Instant::now();
    if let Some(position) = me.number("position") {
        track.note(position, now);
    }
    let replicas: Vec<&Fields> = rows.iter().filter(|r| r.text("pid").is_some()).collect();
    if replicas.is_empty() && expect.is_empty() {
        let server = if me.is_true("standby") { "this server is itself a replica, and none" } else { "no replica" };
        return Err(Miss::new(format!("{server} is connected to it; name those that must be in `expect`")));
    }
    let mut named: BTreeMap<String, &Fields> = BTreeMap::new();
    for replica in replicas {
        named.insert(name(replica, expect, &named), replica);
    }
    let mut points = Vec::new();
    for (name, replica) in &named {
        let [seconds, bytes] = behind(me, name, replica, track, now);
        let up = match replica.text("state") {
            Some("streaming") => Outcome::well(),
            Some(state) => Outcome::Failing(format!("connected, in the state {state}, not streaming")),
            None => Outcome::NoData("its state can't be seen".to_owned()),
        };
        points.push(Point::of(name, "seconds", seconds));
        points.push(Point::of(name, "bytes", bytes));
        points.push(Point::of(name, "up", up));
    }
    for missing in expect.iter().filter(|e| !named.contains_key(*e)) {
        let unknown = || Outcome::NoData("it is not connected".to_owned());
        points.push(Point::of(missing, "seconds", unknown()));
        points.push(Point::of(missing, "bytes", unknown()));
        points.push(Point::of(missing, "up", Outcome::Failing("not connected to the primary".to_owned())));
    }
    Ok(points)
}

/// What a replica is called: as it is expected, else by the name it gives itself, else by its address.
fn name(replica: &Fields, expect: &[String], taken: &BTreeMap<String, &Fields>) -> String {
    let app = replica.text("app").unwrap_or("");
    let address = replica.text("address").unwrap_or("local");
    let pid = replica.text("pid").unwrap_or("");
    // `walreceiver` is what a replica is called that was given no name.
    let own = if matches!(app, "" | "walreceiver") { address } else { app };
    let candidates = [app.to_owned(), address.to_owned()].into_iter().filter(|n| expect.contains(n));
    candidates
        .chain([own.to_owned(), format!("{own}@{address}"), format!("{own}@{address}/{pid}")])
        .find(|name| !taken.contains_key(name))
        .unwrap_or_else(|| pid.to_owned())
}

/// Seconds and bytes of a replica behind its primary.
fn behind(me: &Fields, name: &str, replica: &Fields, track: &mut Track, now: Instant) -> [Outcome; 2] {
    let (Some(position), Some(replayed)) = (me.number("position"), replica.number("replayed")) else {
        let why = || Outcome::NoData("the replica has not told yet what it has replayed".to_owned());
        return [why(), why()];
    };
    let bytes = (position - replayed).max(0.0);
    let reported = replica.number("replay_lag");
    let moved = track.moves(name, replayed);
    let delay = track.delay(replayed, now);
    let at_least = delay.at_least.as_secs_f64();
    let seconds = if bytes == 0.0 {
        // Right after catching up PostgreSQL still shows the last lag it measured.
        Outcome::number(0.0)
    } else if waits(me, bytes, delay) {
        Outcome::number(reported.unwrap_or(0.0))
    } else if delay.bounded || moved {
        Outcome::number(at_least.max(reported.unwrap_or(0.0)))
    } else {
        // It may have stood still for hours, and what PostgreSQL reports would stand still with it.
        least(at_least)
    };
    [seconds, Outcome::number(bytes)]
}

/// Whether all that a replica lacks is a record of which only a part was written or has come. The log is written to the
/// end of a record, or to the border of a page: only there such a part can stand, and only until the rest follows. Bytes
/// of anything else, however few, are lag: replay that is paused while little is written leaves no more than those.
fn waits(stands: &Fields, bytes: f64, delay: Delay) -> bool {
    let at_border = match (stands.number("position"), stands.number("page")) {
        (Some(position), Some(page)) => position % page == 0.0,
        _ => false,
    };
    at_border && bytes <= PART && delay.at_least.as_secs_f64() < COMPLETED
}

/// The points of a replica, as it sees itself.
pub(super) fn replica(rows: &[Fields], track: &mut Track, now: Instant) -> Result<Vec<Point>, Miss> {
    let row = first(rows)?;
    let points = |seconds, bytes, up| {
        Ok(vec![Point::new("seconds", seconds), Point::new("bytes", bytes), Point::new("up", up)])
    };
    if !row.is_true("standby") {
        let none = || Outcome::NoData("the server is no replica".to_owned());
        return points(none(), none(), Outcome::Failing("the server is no replica: was it promoted?".to_owned()));
    }
    let silent = row.number("silent");
    // Halfway to giving up the receiver asks its primary for a word.
    let asks = row.number("gives_up").filter(|timeout| *timeout > 0.0).map_or(60.0, |timeout| timeout / 2.0 + ANSWERS);
    let fault = match (row.text("receiver"), silent) {
        (None, _) => Some("it is not connected to its primary".to_owned()),
        (Some("streaming"), Some(silent)) if silent >= asks => Some(format!("its primary has been silent for {silent:.0} s")),
        (Some("streaming"), _) => None,
        (Some(state), _) => Some(format!("its receiver is {state}, not streaming")),
    };
    let (Some(position), Some(replayed)) = (row.number("position"), row.number("replayed")) else {
        let none = || Outcome::NoData("it has received nothing yet".to_owned());
        return points(none(), none(), fault.map_or_else(Outcome::well, Outcome::Failing));
    };
    track.note(position, now);
    let bytes = (position - replayed).max(0.0);
    let delay = track.delay(replayed, now);
    let seconds = match (&fault, bytes == 0.0 || waits(row, bytes, delay)) {
        // Nothing left to replay of what came means nothing while nothing comes.
        (Some(fault), true) => Outcome::NoData(fault.clone()),
        (None, true) => Outcome::number(0.0),
        (_, false) => unreplayed(delay, row.number("idle")),
    };
    points(seconds, Outcome::number(bytes), fault.map_or_else(Outcome::well, Outcome::Failing))
}

/// How long ago was written what a replica has received and not replayed. The age of the last transaction that it has
/// replayed is the most it can be, and as much too much as the primary was idle.
fn unreplayed(delay: Delay, idle: Option<f64>) -> Outcome {
    let at_least = delay.at_least.as_secs_f64();
    match idle {
        _ if delay.bounded => Outcome::number(at_least),
        Some(idle) if idle - at_least <= CLOSE => Outcome::number(idle.max(at_least)),
        _ => least(at_least),
    }
}

/// Of a replica that was behind at the first look only the least is known, which is nothing at that look.
fn least(seconds: f64) -> Outcome {
    match Finite::new(seconds).filter(|least| least.get() > 0.0) {
        Some(least) => Outcome::AtLeast(least),
        None => Outcome::NoData("it was behind at the first look: for how long is not known yet".to_owned()),
    }
}

/// The share of connections in use.
pub(super) fn connections(rows: &[Fields]) -> Result<Vec<Point>, Miss> {
    let row = first(rows)?;
    let (Some(count), Some(limit)) = (row.number("count"), row.number("open_to_all")) else {
        return Err(Miss::new("the server does not tell its connections"));
    };
    let mut points = vec![Point::new("used", Outcome::number(count / limit.max(1.0)))];
    points.push(Point::new("count", Outcome::number(count)));
    points.push(Point::new("idle", Outcome::number(row.number("idle").unwrap_or(0.0))));
    Ok(points)
}

/// Columns that are measures already in base units.
pub(super) fn plain(rows: &[Fields], measures: &[&str]) -> Result<Vec<Point>, Miss> {
    let row = first(rows)?;
    let outcome = |m: &str| row.number(m).map_or_else(|| Outcome::NoData("the answer is null".to_owned()), Outcome::number);
    Ok(measures.iter().map(|m| Point::new(m, outcome(m))).collect())
}

/// The rows of a plan's own query.
pub(super) fn custom(rows: &[Fields], named_by: &str, measures: &[Declared]) -> Result<Vec<Point>, Miss> {
    if rows.is_empty() {
        return Err(Miss::new("the query returns no row"));
    }
    let mut points = Vec::new();
    let mut seen = BTreeSet::new();
    for row in rows {
        let instance: Option<Instance> = row.text(named_by).map(Into::into);
        if let Some(twice) = instance.as_ref().filter(|instance| !seen.insert((*instance).clone())) {
            return Err(Miss::new(format!(
                "the query returns several rows whose `{named_by}` is {twice}: one an instance; sum them, or name them apart"
            )));
        }
        if instance.is_none() && rows.len() > 1 {
            return Err(Miss::new(format!(
                "the query returns {} rows: name each in a text column `{named_by}`, or return one",
                rows.len()
            )));
        }
        for m in measures {
            let outcome = row.text(&m.name).map_or_else(
                || Outcome::NoData(format!("`{}` is null, or no column of the query", m.name)),
                |text| m.scale().text(text),
            );
            points.push(Point { instance: instance.clone(), measure: m.name.as_str().into(), outcome });
        }
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// A primary at `position` with a replica at `replayed`, for which PostgreSQL reports a lag.
    fn rows(position: f64, replayed: f64, lag: Option<f64>) -> Vec<Fields> {
        let mut row = vec![("may", "t".to_owned()), ("pid", "7".into()), ("app", "r".into()), ("state", "streaming".into())];
        row.extend([("position", position.to_string()), ("replayed", replayed.to_string()), ("page", "8192".to_owned())]);
        row.extend(lag.map(|lag| ("replay_lag", lag.to_string())));
        vec![Fields(row.into_iter().map(|(name, text)| (name.to_owned(), text)).collect())]
    }

    #[test]
    fn of_two_rows_of_one_instance_none_is_taken_for_it() {
        let row = |queue: &str, n: &str| {
            Fields([("queue", queue), ("n", n)].map(|(name, text)| (name.to_owned(), text.to_owned())).into())
        };
        let measures = [Declared { name: "n".into(), unit: None, what: None }];
        let points = custom(&[row("mail", "3"), row("sms", "4")], "queue", &measures).unwrap();
        assert_eq!(points.len(), 2);
        let miss = custom(&[row("mail", "3"), row("mail", "900")], "queue", &measures).unwrap_err();
        assert!(format!("{miss:?}").contains("several rows whose `queue` is mail"), "{miss:?}");
    }

    /// A replica that has received up to `position` and replayed up to `replayed`.
    fn own(position: f64, replayed: f64, silent: f64) -> Vec<Fields> {
        let text = [("may", "t"), ("standby", "t"), ("receiver", "streaming"), ("page", "8192"), ("gives_up", "60")];
        let mut row: Vec<_> = text.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let numbers = [("position", position), ("replayed", replayed), ("silent", silent), ("idle", 3600.0)];
        row.extend(numbers.map(|(name, number)| (name.to_owned(), number.to_string())));
        vec![Fields(row)]
    }

    #[test]
    fn few_bytes_are_lag_and_only_a_record_that_waits_for_its_rest_is_not() {
        let start = Instant::now();
        let at = |s: u64| start + Duration::from_secs(s);
        let (border, caught_up) = (8192.0 * 1000.0, 8192.0 * 1000.0 - 500.0);
        // Replay is paused, and no more than a row is written: from the replica and from the primary the delay grows.
        let row = caught_up + 160.0;
        for from_primary in [false, true] {
            let track = &mut Track::default();
            let mut look = |s, position| match from_primary {
                true => seconds(track, &rows(position, caught_up, None), at(s)),
                false => replica(&own(position, caught_up, 0.0), track, at(s)).unwrap()[0].outcome.clone(),
            };
            assert_eq!([look(0, caught_up), look(5, row), look(10, row)].map(|o| o.value()), [0.0, 0.0, 5.0].map(Some));
            assert_eq!([look(60, row + 160.0), look(95, row + 160.0)].map(|o| o.value()), [55.0, 90.0].map(Some));
            // Of a record that was cut at the border of a page the rest comes when something else is written.
            let track = &mut Track::default();
            let mut look = |s| match from_primary {
                true => seconds(track, &rows(border, caught_up, None), at(s)),
                false => replica(&own(border, caught_up, 0.0), track, at(s)).unwrap()[0].outcome.clone(),
            };
            assert_eq!([look(0), look(25)].map(|o| o.value()), [0.0, 0.0].map(Some));
            assert_eq!(look(31), Outcome::AtLeast(Finite::from(31)), "but not for ever");
        }
    }

    #[test]
    fn a_primary_that_does_not_answer_its_receiver_is_no_idle_one() {
        let track = &mut Track::default();
        let mut up = |silent| replica(&own(9.0, 9.0, silent), track, Instant::now()).unwrap().remove(2).outcome;
        assert_eq!(up(31.0), Outcome::well());
        assert_eq!(up(36.0), Outcome::Failing("its primary has been silent for 36 s".to_owned()));
    }

    fn seconds(track: &mut Track, rows: &[Fields], now: Instant) -> Outcome {
        track.note(rows[0].number("position").unwrap(), now);
        let [seconds, _] = behind(&rows[0], "r", &rows[0], track, now);
        seconds
    }

    #[test]
    fn a_replica_that_was_behind_at_the_first_look_is_not_said_to_be_nearly_there() {
        let (start, mega) = (Instant::now(), 1e6);
        let at = |s: u64| start + Duration::from_secs(s);
        let stands = &mut Track::default();
        let mut look = |s| seconds(stands, &rows(20.0 * mega, mega, Some(0.09)), at(s));
        assert!(matches!(look(0), Outcome::NoData(_)));
        assert_eq!([look(5), look(65)], [5, 65].map(|s| Outcome::AtLeast(Finite::from(s))));
        // One that is busy has PostgreSQL's own figure as soon as it moves, and ours once it has passed the first look.
        let busy = &mut Track::default();
        assert_eq!(seconds(busy, &rows(20.0 * mega, mega, Some(9.0)), at(0)).value(), None);
        assert_eq!(seconds(busy, &rows(30.0 * mega, 10.0 * mega, Some(9.0)), at(1)).value(), Some(9.0));
        assert_eq!(seconds(busy, &rows(40.0 * mega, 21.0 * mega, Some(0.5)), at(2)).value(), Some(1.0));
    }

    #[test]
    fn a_primary_that_was_idle_is_no_lag_of_a_replica_that_begins_to_lag() {
        let (start, mega) = (Instant::now(), 1e6);
        let track = &mut Track::default();
        let mut look = |s: u64, position: f64, replayed: f64, idle: f64| {
            let now = start + Duration::from_secs(s);
            track.note(position, now);
            unreplayed(track.delay(replayed, now), Some(idle))
        };
        // Nothing was written for an hour, then much, and the first look comes a moment later.
        let first = look(0, 20.0 * mega, mega, 3600.0);
        assert!(matches!(first, Outcome::NoData(_)), "{first:?}");
        let later = look(30, 20.0 * mega, mega, 3630.0);
        assert_eq!(later, Outcome::AtLeast(Finite::from(30)), "it may be half a minute or an hour");
        // What it lacked at the first look is replayed: from now on the figure is exact.
        assert_eq!(look(70, 40.0 * mega, 21.0 * mega, 3.0).value(), Some(0.0));
        assert_eq!(look(75, 40.0 * mega, 21.0 * mega, 3.0).value(), Some(5.0));
        // A busy one has a figure at once.
        assert_eq!(unreplayed(Track::default().delay(mega, start), Some(0.4)).value(), Some(0.4));
    }
}
