//! The `postgres` probe against a real primary with a streaming replica.

use std::time::{Duration, Instant};

use serde_json::json;
use tminus::core::reading::Outcome;

use crate::support::postgres::Postgres;
use crate::support::probe::{Asker, ask, setup};
use crate::support::{eventually, wait_for};

#[tokio::test(flavor = "multi_thread")]
async fn lag_grows_while_replay_is_paused_and_falls_afterwards() {
    let primary = Postgres::primary();
    primary.must(
        "create role tminus login; grant pg_monitor to tminus; create role nobody login; create table t (x text)",
    );
    let replica = primary.replica("replica-1");
    let table = json!({
        "url": primary.url("tminus", "postgres"), "measure": "replication", "expect": ["replica-1", "replica-2"]
    });
    let mut from_primary = Asker::open("postgres", table);
    let mut from_replica =
        Asker::open("postgres", json!({"url": replica.url("tminus", "postgres"), "measure": "replica"}));

    // Caught up: no lag, whatever the clock says; and the one that is missing is not healthy.
    let well = eventually("no lag at first", async || {
        let found = from_primary.ask().await.unwrap();
        (found.get("replica-1 bytes").value() == Some(0.0)).then_some(found)
    })
    .await;
    assert_eq!(well.number("replica-1 seconds"), 0.0);
    assert_eq!(well.get("replica-1 up"), &Outcome::well());
    assert_eq!(well.failing("replica-2 up"), "not connected to the primary");
    assert_eq!(well.no_data("replica-2 seconds"), "it is not connected");
    let own = from_replica.ask().await.unwrap();
    assert_eq!((own.number("seconds"), own.get("up")), (0.0, &Outcome::well()));

    // Replay stands still while hardly anything is written: a few bytes are lag as well, from both sides.
    replica.must("select pg_wal_replay_pause()");
    for _ in 0..3 {
        primary.must("insert into t values ('a little')");
    }
    eventually("seconds that grow with a few bytes", async || {
        let (ours, theirs) = (from_replica.ask().await.unwrap(), from_primary.ask().await.unwrap());
        let grown = ours.number("seconds") > 1.0 && theirs.number("replica-1 seconds") > 1.0;
        assert!(ours.number("bytes") < 16_384.0, "{ours:?}");
        grown.then_some(())
    })
    .await;
    replica.must("select pg_wal_replay_resume()");
    eventually("the replica to have those rows", async || {
        (from_replica.ask().await.unwrap().number("seconds") == 0.0).then_some(())
    })
    .await;

    // Replay stands still, and something is written once: the delay grows, where PostgreSQL's own figure stands still.
    replica.must("select pg_wal_replay_pause()");
    let begun = Instant::now();
    primary.must("insert into t select repeat('x', 1000) from generate_series(1, 20000)");
    let before = eventually("bytes that are not replayed", async || {
        let found = from_primary.ask().await.unwrap();
        from_replica.ask().await.unwrap();
        (found.number("replica-1 bytes") > 10_000_000.0).then(|| found.number("replica-1 seconds"))
    })
    .await;
    eventually("a delay that grows", async || {
        (from_primary.ask().await.unwrap().number("replica-1 seconds") > before + 0.5).then_some(())
    })
    .await;
    // Who looks for the first time now can't know for how long it has stood still.
    let mut late = Asker::open(
        "postgres",
        json!({"url": primary.url("tminus", "postgres"), "measure": "replication", "expect": ["replica-1"]}),
    );
    let first = late.ask().await.unwrap();
    assert!(first.number("replica-1 bytes") > 10_000_000.0 && first.get("replica-1 up") == &Outcome::well());
    assert!(
        matches!(first.get("replica-1 seconds"), Outcome::AtLeast(least) if least.get() < 10.0),
        "only the least is known: {first:?}"
    );

    // Nor can the replica: how long ago it replayed something is mostly how long nobody wrote. The bytes are exact.
    wait_for("the last replay to be long ago", || {
        let age = replica.must("select coalesce(clock_timestamp() - pg_last_xact_replay_timestamp() > '2 s', true)");
        (age == "t").then_some(())
    });
    let mut late = Asker::open("postgres", json!({"url": replica.url("tminus", "postgres"), "measure": "replica"}));
    let first = late.ask().await.unwrap();
    assert!(first.number("bytes") > 10_000_000.0 && first.get("up") == &Outcome::well(), "{first:?}");
    assert_eq!(first.no_data("seconds"), "it was behind at the first look: for how long is not known yet");

    // Writes go on: both grow, on both sides.
    let mut seen: Vec<(f64, f64)> = Vec::new();
    while seen.len() < 6 {
        primary.must("insert into t select repeat('x', 1000) from generate_series(1, 500)");
        let last = seen.last().map_or(0.0, |(seconds, _)| *seconds);
        let found = eventually("some more delay", async || {
            from_replica.ask().await.unwrap();
            let found = from_primary.ask().await.unwrap();
            (found.number("replica-1 seconds") > last + 0.3).then_some(found)
        })
        .await;
        seen.push((found.number("replica-1 seconds"), found.number("replica-1 bytes")));
        assert_eq!(found.get("replica-1 up"), &Outcome::well());
    }
    assert!(seen.windows(2).all(|w| w[0].1 < w[1].1), "bytes do not grow: {seen:?}");
    assert!(seen[5].0 > 1.5 && seen[5].0 <= begun.elapsed().as_secs_f64() + 1.0, "{seen:?}");
    assert!(seen[5].1 > 2_000_000.0, "{seen:?}");
    let own = from_replica.ask().await.unwrap();
    assert!(own.number("bytes") > 1_000_000.0 && own.number("seconds") > 1.0, "{own:?}");

    replica.must("select pg_wal_replay_resume()");
    eventually("the replica to catch up", async || {
        let found = from_primary.ask().await.unwrap();
        (found.number("replica-1 bytes") == 0.0 && found.number("replica-1 seconds") == 0.0).then_some(())
    })
    .await;
    let own = from_replica.ask().await.unwrap();
    assert_eq!(own.number("seconds"), 0.0, "{own:?}");

    // Nobody writes: the last thing replayed gets older and older, which is no lag, from neither side.
    wait_for("the replica to be idle", || {
        let age = replica.must("select extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) > 2");
        (age == "t").then_some(())
    });
    assert_eq!(from_replica.ask().await.unwrap().number("seconds"), 0.0);
    assert_eq!(from_primary.ask().await.unwrap().number("replica-1 seconds"), 0.0);

    // Without the right PostgreSQL shows nulls that look like health.
    for what in ["replication", "connections", "long-queries", "locks", "replica"] {
        let server = if what == "replica" { &replica } else { &primary };
        let blind = json!({"url": server.url("nobody", "postgres"), "measure": what});
        let why = ask("postgres", blind, setup(&[])).await.unwrap_err();
        assert!(why.contains("GRANT pg_monitor TO nobody"), "{what}: {why}");
    }

    // The primary dies: the replica has replayed all it got, and that says nothing.
    drop(primary);
    eventually("the replica to notice", async || {
        let found = from_replica.ask().await.unwrap();
        matches!(found.get("up"), Outcome::Failing(_)).then_some(found)
    })
    .await;
    let orphan = from_replica.ask().await.unwrap();
    assert!(matches!(orphan.get("seconds"), Outcome::NoData(_)), "{orphan:?}");
    let gone = from_primary.ask().await.unwrap_err();
    assert!(!gone.is_empty());
    assert!(from_primary.ask().await.unwrap_err().contains("connection refused"));
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_long_queries_locks_and_queries_of_ones_own() {
    let primary = Postgres::primary();
    primary
        .must("create role tminus login; grant pg_monitor to tminus; create table jobs (queue text, made timestamptz)");
    primary.must("insert into jobs select 'email', now() - interval '90 s' from generate_series(1, 3); grant select on jobs to tminus");
    let url = primary.url("tminus", "postgres");
    let measure = |what: &str| json!({"url": url, "measure": what});

    // Ten that do nothing; one holds a lock in an open transaction, another waits for it.
    let mut idle: Vec<_> = (0..10).map(|_| primary.session()).collect();
    let mut holder = idle.remove(0);
    holder.says("begin; lock table jobs;");
    let mut connections = Asker::open("postgres", measure("connections"));
    let found = eventually("a transaction that is open and idle", async || {
        let found = connections.ask().await.unwrap();
        (found.number("idle") > 0.0).then_some(found)
    })
    .await;
    // The probe itself is one too. Of the 100, three are kept for superusers.
    assert_eq!((found.number("idle"), found.number("count")), (1.0, 11.0));
    assert!((found.number("used") - 11.0 / 97.0).abs() < 1e-9, "{found:?}");
    let mut waiter = idle.remove(0);
    waiter.says("select count(*) from jobs;");
    let mut locks = Asker::open("postgres", measure("locks"));
    let found = eventually("a blocked session", async || {
        let found = locks.ask().await.unwrap();
        (found.number("blocked") > 0.0).then_some(found)
    })
    .await;
    assert_eq!(found.number("blocked"), 1.0);
    let waited = found.number("longest");
    eventually("a longer wait", async || (locks.ask().await.unwrap().number("longest") > waited + 0.5).then_some(()))
        .await;
    let mut long = measure("long-queries");
    long["over"] = "1s".into();
    let mut long = Asker::open("postgres", long);
    let found = eventually("a long query", async || {
        let found = long.ask().await.unwrap();
        (found.number("count") > 0.0).then_some(found)
    })
    .await;
    assert!(found.number("longest") > 1.0, "{found:?}");
    let patient = ask("postgres", measure("long-queries"), setup(&[])).await.unwrap();
    assert!(patient.number("count") == 0.0 && patient.number("longest") > 1.0, "5m unless said: {patient:?}");

    // A probe gives up soon where it would wait for a lock itself, and is well again afterwards.
    let backlog = json!({
        "url": url,
        "query": "select queue as instance, count(*) as ready, extract(epoch from now() - min(made)) as oldest from jobs group by 1;",
        "measures": [{"name": "ready"}, {"name": "oldest", "unit": "s"}, {"name": "typo"}],
    });
    let mut backlog = Asker::open("postgres", backlog);
    let begun = Instant::now();
    let why = backlog.ask().await.unwrap_err();
    assert!(why.contains("lock") && begun.elapsed() < Duration::from_secs(4), "{why}");
    holder.says("commit;");
    eventually("nobody to wait any more", async || {
        let found = locks.ask().await.unwrap();
        (found.number("blocked") == 0.0 && found.number("longest") == 0.0).then_some(())
    })
    .await;
    let found = backlog.ask().await.unwrap();
    assert_eq!(found.number("email ready"), 3.0);
    assert!((90.0..120.0).contains(&found.number("email oldest")), "{found:?}");
    assert!(found.no_data("email typo").contains("null"));

    for (query, why) in [
        ("delete from jobs returning 1 as n", "read-only"),
        ("select 1 as n from generate_series(1, 2)", "`instance`"),
        ("select nonsense", "nonsense"),
        ("select 1 as n where false", "no row"),
        ("select pg_sleep(30) as n", "took too long"),
        ("commit; drop table jobs; select 1 as n", "one statement that reads"),
        ("select 1 as n; commit; drop table jobs", "several statements"),
        ("show max_connections; drop table jobs", "several statements"),
        ("commit", "one statement that reads"),
    ] {
        let table = json!({"url": url, "query": query, "measures": [{"name": "n"}]});
        let said = ask("postgres", table, setup(&[])).await.unwrap_err();
        assert!(said.contains(why), "{query}: {said}");
    }
    assert_eq!(primary.must("select count(*) from jobs"), "3");
    let odd = json!({"url": url, "query": "select ';' as a, 5 as n -- one; only\n ; ", "measures": [{"name": "n"}]});
    assert_eq!(ask("postgres", odd, setup(&[])).await.unwrap().number("n"), 5.0);
    let shown = json!({"url": url, "query": "show max_connections", "measures": [{"name": "max_connections"}]});
    assert_eq!(ask("postgres", shown, setup(&[])).await.unwrap().number("max_connections"), 100.0);
    let many = json!({
        "url": url,
        "query": "select null as a, 'many' as b, 3 as c, 2.5::numeric as d, 'NaN'::float8 as e, true as f, 'v1.2' as g, \
                  interval '90 s' as h, ' 7 ' as i, 80 as j",
        "measures": [{"name": "a"}, {"name": "b"}, {"name": "c"}, {"name": "d"}, {"name": "e"},
            {"name": "f", "unit": "state"}, {"name": "g", "unit": "text"}, {"name": "h"}, {"name": "i"},
            {"name": "j", "unit": "%"}],
    });
    let found = ask("postgres", many, setup(&[])).await.unwrap();
    assert_eq!(found.no_data("a"), "`a` is null, or no column of the query");
    assert_eq!(found.no_data("b"), "`many` is no number");
    assert_eq!((found.number("c"), found.number("d"), found.number("i"), found.number("j")), (3.0, 2.5, 7.0, 0.8));
    assert!(found.no_data("e").contains("not a number") && found.no_data("h").contains("`00:01:30` is no number"));
    assert_eq!((found.get("f"), found.get("g")), (&Outcome::well(), &Outcome::Text("v1.2".into())));
    let named = json!({
        "url": url, "query": "select 'a' as queue, 1 as n union all select 'b', 2", "instance": "queue", "measures": [{"name": "n"}]
    });
    assert_eq!(ask("postgres", named, setup(&[])).await.unwrap().number("b n"), 2.0);
    assert_eq!(primary.must("select count(*) from jobs"), "3");

    let stranger = json!({"url": primary.url("no-such-role", "postgres"), "measure": "locks"});
    let why = ask("postgres", stranger, setup(&[])).await.unwrap_err();
    assert!(why.contains("no-such-role"), "{why}");
}
