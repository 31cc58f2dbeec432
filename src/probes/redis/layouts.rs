//! Where each library keeps what, and what to read of it.

use std::collections::{BTreeMap, HashMap};

use ::redis::aio::MultiplexedConnection;
use ::redis::{RedisError, Value, cmd, from_redis_value, pipe};

use super::{Fault, Layout, Redis};
use crate::core::reading::{Outcome, Point};

type Connection = MultiplexedConnection;

/// At most this many jobs with priorities, and entries of a stream, are looked at.
const SOME: usize = 1000;

/// By what a queue is known to be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Trace {
    /// By its jobs alone: when they are worked off, nothing is left of it.
    Jobs,
    /// By what its library writes down of it and keeps: that does not vanish with the last job.
    Name,
}

/// What is known of a queue before it is read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Before {
    /// How it was found at earlier polls.
    pub seen: Option<Trace>,
    /// The plan takes a queue of which nothing was ever found for an empty one.
    pub empty: bool,
}

impl Before {
    /// How it is found now, of a name and jobs that are there or not; or why nothing counts.
    fn now(self, name: bool, jobs: bool, what: impl Fn() -> String) -> Result<Trace, Fault> {
        match self.seen {
            _ if name => Ok(Trace::Name),
            _ if jobs => Ok(Trace::Jobs),
            Some(Trace::Name) => Err(Fault::Absent(format!(
                "{}, which was there: its data was lost, another server answers, or the queue was removed",
                what()
            ))),
            Some(Trace::Jobs) => Ok(Trace::Jobs),
            None if self.empty => Ok(Trace::Jobs),
            None => Err(Fault::Absent(format!(
                "{}: a wrong name, or empty since ever; `missing = \"empty\"` takes it for empty",
                what()
            ))),
        }
    }
}

/// What one queue says, and how it was found.
pub(super) async fn read(
    c: &mut Connection,
    spec: &Redis,
    queue: &str,
    before: Before,
) -> Result<(Trace, Vec<Point>), Fault> {
    match spec.layout {
        Layout::List => list(c, queue, before).await,
        Layout::Stream => Ok((Trace::Name, stream(c, queue, &spec.groups).await?)),
        Layout::Bullmq | Layout::Bull => {
            let prefix = spec.prefix.as_deref().unwrap_or("bull");
            bull(c, &format!("{prefix}:{queue}"), queue, before).await
        }
        Layout::Sidekiq => sidekiq(c, &namespace(spec), queue, before).await,
        Layout::Celery => celery(c, spec.prefix.as_deref().unwrap_or(""), queue, before).await,
    }
}

/// What a library keeps for all queues together, as measures without an instance. Where nothing of the library is found
/// they are no zeros: whoever looks under a wrong prefix or in a wrong database would find the same.
pub(super) async fn shared(c: &mut Connection, spec: &Redis) -> Result<Vec<Point>, Fault> {
    let keys = library(spec);
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let found: i64 = cmd("EXISTS").arg(keys).query_async(c).await?;
    let prefix = spec.prefix.as_deref().unwrap_or("");
    match spec.layout {
        _ if found == 0 => {
            let at = if prefix.is_empty() { String::new() } else { format!(" under `{prefix}`") };
            let of = if spec.layout == Layout::Sidekiq { "Sidekiq" } else { "Celery" };
            Err(Fault::Absent(format!("nothing of {of} is found{at}: a wrong prefix, a wrong database, or its data was lost")))
        }
        Layout::Sidekiq => Ok(sidekiq_shared(c, &namespace(spec)).await?),
        _ => {
            let held: i64 = cmd("HLEN").arg(format!("{prefix}unacked")).query_async(c).await?;
            Ok(vec![Point::new("in-flight", count(held))])
        }
    }
}

/// The keys of which a library that keeps something for all queues has one at least, wherever it has ever run.
fn library(spec: &Redis) -> Vec<String> {
    let (space, prefix) = (namespace(spec), spec.prefix.as_deref().unwrap_or(""));
    match spec.layout {
        Layout::Sidekiq => {
            let kept = ["queues", "processes", "schedule", "retry", "dead", "stat:processed", "stat:failed"];
            let queues = spec.queues.iter().map(|queue| format!("{space}queue:{queue}"));
            kept.map(|key| format!("{space}{key}")).into_iter().chain(queues).collect()
        }
        Layout::Celery => {
            let kept = ["unacked", "unacked_index"].map(|key| format!("{prefix}{key}"));
            let own = ["celery", "celeryev", "celery.pidbox"].into_iter();
            let bindings = own.chain(spec.queues.iter().map(String::as_str)).map(|q| format!("{prefix}_kombu.binding.{q}"));
            kept.into_iter().chain(bindings).chain(spec.queues.iter().flat_map(|q| celery_lists(prefix, q))).collect()
        }
        Layout::List | Layout::Stream | Layout::Bullmq | Layout::Bull => Vec::new(),
    }
}

fn count(n: i64) -> Outcome {
    Outcome::number(n as f64)
}

fn namespace(spec: &Redis) -> String {
    spec.prefix.as_deref().map_or(String::new(), |p| format!("{p}:"))
}

/// Redis' clock, in milliseconds since 1970, from `TIME`.
fn clock((seconds, micros): (f64, f64)) -> f64 {
    seconds * 1000.0 + micros / 1000.0
}

/// An age in seconds, never negative; zero where nothing waits.
fn age(now_ms: f64, oldest_ms: Option<f64>, waiting: i64) -> Outcome {
    match oldest_ms {
        _ if waiting == 0 => Outcome::number(0.0),
        Some(at) => Outcome::number(((now_ms - at) / 1000.0).max(0.0)),
        None => Outcome::NoData("the oldest job does not tell when it was made".to_owned()),
    }
}

async fn list(c: &mut Connection, key: &str, before: Before) -> Result<(Trace, Vec<Point>), Fault> {
    let length: i64 = cmd("LLEN").arg(key).query_async(c).await?;
    let trace = before.now(false, length > 0, || format!("there is no list `{key}`"))?;
    Ok((trace, vec![Point::of(key, "ready", count(length))]))
}

async fn bull(c: &mut Connection, base: &str, queue: &str, before: Before) -> Result<(Trace, Vec<Point>), Fault> {
    let key = |part: &str| format!("{base}:{part}");
    let (name, jobs, wait, paused, prioritized, active): (i64, i64, i64, i64, i64, i64) = pipe()
        .cmd("EXISTS")
        .arg(["meta", "id", "meta-paused"].map(key).as_slice())
        .cmd("EXISTS")
        .arg(["wait", "paused", "prioritized", "active", "delayed", "completed", "failed"].map(key).as_slice())
        .cmd("LLEN")
        .arg(key("wait"))
        .cmd("LLEN")
        .arg(key("paused"))
        .cmd("ZCARD")
        .arg(key("prioritized"))
        .cmd("LLEN")
        .arg(key("active"))
        .query_async(c)
        .await?;
    let trace = before.now(name > 0, jobs > 0, || format!("there is no queue under `{base}:`"))?;
    let (delayed, failed, now): (i64, i64, (f64, f64)) = pipe()
        .cmd("ZCARD")
        .arg(key("delayed"))
        .cmd("ZCARD")
        .arg(key("failed"))
        .cmd("TIME")
        .query_async(c)
        .await?;
    let (next, held, ranked): (Vec<String>, Vec<String>, Vec<String>) = pipe()
        .cmd("LRANGE")
        .arg(key("wait"))
        .arg(-2)
        .arg(-1)
        .cmd("LRANGE")
        .arg(key("paused"))
        .arg(-2)
        .arg(-1)
        .cmd("ZRANGE")
        .arg(key("prioritized"))
        .arg(0)
        .arg(SOME - 1)
        .query_async(c)
        .await?;
    // BullMQ 3 and 4 put a marker `0:…` among the jobs, so that workers wake up.
    let marker = |id: &&String| id.starts_with("0:");
    let markers = next.iter().chain(&held).filter(marker).count();
    let ready = wait + paused + prioritized - i64::try_from(markers).unwrap_or(0);
    let mut oldest: Vec<&String> = Vec::new();
    for list in [&next, &held] {
        oldest.extend(list.iter().rev().find(|id| !marker(id)));
    }
    oldest.extend(&ranked);
    let mut made = pipe();
    for id in &oldest {
        made.cmd("HGET").arg(format!("{base}:{id}")).arg("timestamp");
    }
    let made: Vec<Option<f64>> = if oldest.is_empty() { Vec::new() } else { made.query_async(c).await? };
    let made = made.into_iter().flatten().reduce(f64::min);
    let points = vec![
        Point::of(queue, "ready", count(ready)),
        Point::of(queue, "oldest", age(clock(now), made, ready)),
        Point::of(queue, "in-flight", count(active)),
        Point::of(queue, "delayed", count(delayed)),
        Point::of(queue, "failed", count(failed)),
    ];
    Ok((trace, points))
}

async fn sidekiq(c: &mut Connection, space: &str, queue: &str, before: Before) -> Result<(Trace, Vec<Point>), Fault> {
    let key = format!("{space}queue:{queue}");
    let (known, length, last, now): (i64, i64, Option<String>, (f64, f64)) = pipe()
        .cmd("SISMEMBER")
        .arg(format!("{space}queues"))
        .arg(queue)
        .cmd("LLEN")
        .arg(&key)
        .cmd("LINDEX")
        .arg(&key)
        .arg(-1)
        .cmd("TIME")
        .query_async(c)
        .await?;
    let trace = before.now(known > 0, length > 0, || format!("`{queue}` is not in `{space}queues`"))?;
    let job = last.and_then(|job| serde_json::from_str::<serde_json::Value>(&job).ok());
    let enqueued = job.as_ref().and_then(|job| job.get("enqueued_at")).and_then(serde_json::Value::as_f64);
    // Sidekiq 8 writes milliseconds, older ones seconds with a fraction.
    let made = enqueued.map(|at| if at > 1e11 { at } else { at * 1000.0 });
    let oldest = Point::of(queue, "oldest", age(clock(now), made, length));
    Ok((trace, vec![Point::of(queue, "ready", count(length)), oldest]))
}

async fn sidekiq_shared(c: &mut Connection, space: &str) -> Result<Vec<Point>, RedisError> {
    let (scheduled, retried, dead, processes, now): (i64, i64, i64, Vec<String>, (f64, f64)) = pipe()
        .cmd("ZCARD")
        .arg(format!("{space}schedule"))
        .cmd("ZCARD")
        .arg(format!("{space}retry"))
        .cmd("ZCARD")
        .arg(format!("{space}dead"))
        .cmd("SMEMBERS")
        .arg(format!("{space}processes"))
        .cmd("TIME")
        .query_async(c)
        .await?;
    let mut busy = 0;
    for process in processes {
        let (jobs, beat): (Option<i64>, Option<f64>) =
            cmd("HMGET").arg(format!("{space}{process}")).arg("busy").arg("beat").query_async(c).await?;
        // A process that has not beaten its heart for a minute is dead, whatever it last said.
        if beat.is_some_and(|beat| clock(now) / 1000.0 - beat <= 60.0) {
            busy += jobs.unwrap_or(0);
        }
    }
    Ok(vec![
        Point::new("in-flight", count(busy)),
        Point::new("delayed", count(scheduled + retried)),
        Point::new("failed", count(dead)),
    ])
}

/// The lists of a Celery queue, one a priority.
fn celery_lists(prefix: &str, queue: &str) -> [String; 4] {
    ["", "\u{6}\u{16}3", "\u{6}\u{16}6", "\u{6}\u{16}9"].map(|priority| format!("{prefix}{queue}{priority}"))
}

async fn celery(c: &mut Connection, prefix: &str, queue: &str, before: Before) -> Result<(Trace, Vec<Point>), Fault> {
    let mut lengths = pipe();
    lengths.cmd("EXISTS").arg(format!("{prefix}_kombu.binding.{queue}"));
    for list in celery_lists(prefix, queue) {
        lengths.cmd("LLEN").arg(list);
    }
    let (known, a, b, d, e): (i64, i64, i64, i64, i64) = lengths.query_async(c).await?;
    let ready = a + b + d + e;
    let trace = before.now(known > 0, ready > 0, || format!("there is no queue `{prefix}{queue}`"))?;
    Ok((trace, vec![Point::of(queue, "ready", count(ready))]))
}

async fn stream(c: &mut Connection, key: &str, wanted: &[String]) -> Result<Vec<Point>, Fault> {
    let exists: bool = cmd("EXISTS").arg(key).query_async(c).await?;
    if !exists {
        return Err(Fault::Absent(format!("there is no stream `{key}`")));
    }
    let (groups, now): (Vec<HashMap<String, Value>>, (f64, f64)) =
        pipe().cmd("XINFO").arg("GROUPS").arg(key).cmd("TIME").query_async(c).await?;
    let groups: BTreeMap<String, HashMap<String, Value>> =
        groups.into_iter().filter_map(|g| Some((field::<String>(&g, "name")?, g))).collect();
    if groups.is_empty() && wanted.is_empty() {
        return Err(Fault::Absent(format!("the stream `{key}` has no group: nothing reads it")));
    }
    let names: Vec<&String> = if wanted.is_empty() { groups.keys().collect() } else { wanted.iter().collect() };
    let mut points = Vec::new();
    for name in names {
        let instance = format!("{key}/{name}");
        match groups.get(name) {
            Some(group) => points.extend(group_points(c, key, name, group, clock(now), &instance).await?),
            None => {
                let why = || Outcome::NoData(format!("the stream `{key}` has no group `{name}`"));
                points.extend(["ready", "oldest", "in-flight"].map(|m| Point::of(&instance, m, why())));
            }
        }
    }
    Ok(points)
}

async fn group_points(
    c: &mut Connection,
    key: &str,
    name: &str,
    group: &HashMap<String, Value>,
    now: f64,
    instance: &str,
) -> Result<Vec<Point>, Fault> {
    let pending = field::<i64>(group, "pending").unwrap_or(0);
    let delivered = field::<String>(group, "last-delivered-id").unwrap_or_else(|| "0-0".to_owned());
    let after = format!("({delivered}");
    // The lag is null after entries were deleted or the group was made in the middle: then it is counted.
    let lag = field::<i64>(group, "lag");
    let look = if lag.is_some() { 1 } else { SOME };
    let (held, next): (Vec<Vec<Value>>, Vec<Vec<Value>>) = pipe()
        .cmd("XPENDING")
        .arg(key)
        .arg(name)
        .arg("-")
        .arg("+")
        .arg(1)
        .cmd("XRANGE")
        .arg(key)
        .arg(after)
        .arg("+")
        .arg("COUNT")
        .arg(look)
        .query_async(c)
        .await?;
    let ready = match lag {
        Some(lag) => count(lag),
        None if next.len() < SOME => Outcome::number(next.len() as f64),
        None => Outcome::NoData(format!("{SOME} entries or more; Redis has lost count of this group's lag")),
    };
    let waiting = pending + i64::from(!next.is_empty());
    let oldest = [held.first(), next.first()].into_iter().flatten().filter_map(|e| entry_time(e)).reduce(f64::min);
    Ok(vec![
        Point::of(instance, "ready", ready),
        Point::of(instance, "oldest", age(now, oldest, waiting)),
        Point::of(instance, "in-flight", count(pending)),
    ])
}

/// When an entry was added, in milliseconds: the first part of its id.
fn entry_time(entry: &[Value]) -> Option<f64> {
    let id: String = from_redis_value(entry.first()?.clone()).ok()?;
    id.split('-').next()?.parse().ok()
}

fn field<T: ::redis::FromRedisValue>(map: &HashMap<String, Value>, name: &str) -> Option<T> {
    match map.get(name)? {
        Value::Nil => None,
        value => from_redis_value(value.clone()).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How a queue is found: `found` is whether its name and its jobs are there.
    fn now(seen: Option<Trace>, empty: bool, found: (bool, bool)) -> Result<Trace, String> {
        Before { seen, empty }.now(found.0, found.1, || "no `q`".to_owned()).map_err(|fault| match fault {
            Fault::Absent(why) => why,
            Fault::Redis(e) => e.to_string(),
        })
    }

    #[test]
    fn a_queue_that_is_worked_off_is_empty_and_one_whose_name_vanishes_is_lost() {
        for empty in [false, true] {
            assert_eq!(now(Some(Trace::Jobs), empty, (false, false)), Ok(Trace::Jobs), "its last job was worked off");
            let lost = now(Some(Trace::Name), empty, (false, false)).unwrap_err();
            assert!(lost.starts_with("no `q`, which was there: its data was lost"), "{lost}");
            for seen in [None, Some(Trace::Jobs), Some(Trace::Name)] {
                assert_eq!(now(seen, empty, (true, false)), Ok(Trace::Name));
                assert_eq!(now(seen, empty, (false, true)), Ok(Trace::Jobs));
            }
        }
        assert!(now(None, false, (false, false)).unwrap_err().contains("a wrong name"));
        assert_eq!(now(None, true, (false, false)), Ok(Trace::Jobs), "the plan says that it is empty");
    }
}
