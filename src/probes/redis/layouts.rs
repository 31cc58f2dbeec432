//! Where each library keeps what, and what to read of it.

use std::collections::{BTreeMap, HashMap};

use ::redis::aio::MultiplexedConnection;
use ::redis::{RedisError, Value, cmd, from_redis_value, pipe};

use super::{Fault, Layout, Redis};
use crate::core::reading::{Outcome, Point};

type Connection = MultiplexedConnection;

/// At most this many jobs with priorities, and entries of a stream, are looked at.
const SOME: usize = 1000;

/// What one queue says. `lenient` takes a queue of which nothing is found for an empty one.
pub(super) async fn read(c: &mut Connection, spec: &Redis, queue: &str, lenient: bool) -> Result<Vec<Point>, Fault> {
    match spec.layout {
        Layout::List => list(c, queue, lenient).await,
        Layout::Stream => stream(c, queue, &spec.groups).await,
        Layout::Bullmq | Layout::Bull => {
            let prefix = spec.prefix.as_deref().unwrap_or("bull");
            bull(c, &format!("{prefix}:{queue}"), queue, lenient).await
        }
        Layout::Sidekiq => sidekiq(c, &namespace(spec), queue, lenient).await,
        Layout::Celery => celery(c, spec.prefix.as_deref().unwrap_or(""), queue, lenient).await,
    }
}

/// What a library keeps for all queues together, as measures without an instance.
pub(super) async fn shared(c: &mut Connection, spec: &Redis) -> Result<Vec<Point>, RedisError> {
    match spec.layout {
        Layout::Sidekiq => sidekiq_shared(c, &namespace(spec)).await,
        Layout::Celery => {
            let key = format!("{}unacked", spec.prefix.as_deref().unwrap_or(""));
            let held: i64 = cmd("HLEN").arg(key).query_async(c).await?;
            Ok(vec![Point::new("in-flight", count(held))])
        }
        _ => Ok(Vec::new()),
    }
}

fn count(n: i64) -> Outcome {
    Outcome::number(n as f64)
}

fn namespace(spec: &Redis) -> String {
    spec.prefix.as_deref().map_or(String::new(), |p| format!("{p}:"))
}

fn absent(what: &str) -> Fault {
    Fault::Absent(format!("{what}: a wrong name, or empty since ever; `missing = \"empty\"` takes it for empty"))
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

async fn list(c: &mut Connection, key: &str, lenient: bool) -> Result<Vec<Point>, Fault> {
    let length: i64 = cmd("LLEN").arg(key).query_async(c).await?;
    if length == 0 && !lenient {
        return Err(absent(&format!("there is no list `{key}`")));
    }
    Ok(vec![Point::of(key, "ready", count(length))])
}

async fn bull(c: &mut Connection, base: &str, queue: &str, lenient: bool) -> Result<Vec<Point>, Fault> {
    let key = |part: &str| format!("{base}:{part}");
    let (known, wait, paused, prioritized, active): (i64, i64, i64, i64, i64) = pipe()
        .cmd("EXISTS")
        .arg(["meta", "id", "meta-paused", "wait", "paused", "active", "delayed", "completed", "failed"].map(key).as_slice())
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
    if known == 0 && !lenient {
        return Err(absent(&format!("there is no queue under `{base}:`")));
    }
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
    Ok(vec![
        Point::of(queue, "ready", count(ready)),
        Point::of(queue, "oldest", age(clock(now), made, ready)),
        Point::of(queue, "in-flight", count(active)),
        Point::of(queue, "delayed", count(delayed)),
        Point::of(queue, "failed", count(failed)),
    ])
}

async fn sidekiq(c: &mut Connection, space: &str, queue: &str, lenient: bool) -> Result<Vec<Point>, Fault> {
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
    if known == 0 && length == 0 && !lenient {
        return Err(absent(&format!("`{queue}` is not in `{space}queues`")));
    }
    let job = last.and_then(|job| serde_json::from_str::<serde_json::Value>(&job).ok());
    let enqueued = job.as_ref().and_then(|job| job.get("enqueued_at")).and_then(serde_json::Value::as_f64);
    // Sidekiq 8 writes milliseconds, older ones seconds with a fraction.
    let made = enqueued.map(|at| if at > 1e11 { at } else { at * 1000.0 });
    Ok(vec![
        Point::of(queue, "ready", count(length)),
        Point::of(queue, "oldest", age(clock(now), made, length)),
    ])
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

async fn celery(c: &mut Connection, prefix: &str, queue: &str, lenient: bool) -> Result<Vec<Point>, Fault> {
    let mut lengths = pipe();
    lengths.cmd("EXISTS").arg(format!("{prefix}_kombu.binding.{queue}"));
    lengths.cmd("LLEN").arg(format!("{prefix}{queue}"));
    for priority in ["3", "6", "9"] {
        lengths.cmd("LLEN").arg(format!("{prefix}{queue}\u{6}\u{16}{priority}"));
    }
    let (known, a, b, d, e): (i64, i64, i64, i64, i64) = lengths.query_async(c).await?;
    let ready = a + b + d + e;
    if known == 0 && ready == 0 && !lenient {
        return Err(absent(&format!("there is no queue `{prefix}{queue}`")));
    }
    Ok(vec![Point::of(queue, "ready", count(ready))])
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
