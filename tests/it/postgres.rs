//! The `postgres` probe against a real primary with a streaming replica.

use std::time::{Duration, Instant};

use serde_json::json;
use tminus::core::reading::Outcome;

use crate::support::eventually;
use crate::support::postgres::Postgres;
use crate::support::probe::{Asker, ask, setup};

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
    tokio::time::sleep(Duration::from_millis(700)).await;
    let after = from_primary.ask().await.unwrap().number("replica-1 seconds");
    assert!(after > before + 0.5, "{before} then {after}");

    // Writes go on: both grow, on both sides.
    let mut seen: Vec<(f64, f64)> = Vec::new();
    while seen.len() < 6 {
        primary.must("insert into t select repeat('x', 1000) from generate_series(1, 500)");
        let found = from_primary.ask().await.unwrap();
        seen.push((found.number("replica-1 seconds"), found.number("replica-1 bytes")));
        assert_eq!(found.get("replica-1 up"), &Outcome::well());
        from_replica.ask().await.unwrap();
        tokio::time::sleep(Duration::from_millis(400)).await;
    }
    assert!(seen.windows(2).all(|w| w[0].1 < w[1].1), "bytes do not grow: {seen:?}");
    assert!(seen.windows(2).all(|w| w[0].0 < w[1].0), "seconds do not grow: {seen:?}");
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

    // Without the right PostgreSQL shows nulls that look like health.
    let blind = json!({"url": primary.url("nobody", "postgres"), "measure": "replication"});
    let why = ask("postgres", blind, setup(&[])).await.unwrap_err();
    assert!(why.contains("GRANT pg_monitor TO nobody"), "{why}");

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

    let found = ask("postgres", measure("connections"), setup(&[])).await.unwrap();
    assert!(found.number("count") >= 1.0 && found.number("used") > 0.0 && found.number("used") < 0.2, "{found:?}");

    // One session holds a lock in an open transaction, another waits for it.
    let holder = tokio::task::spawn_blocking({
        let url = primary.url("postgres", "postgres");
        move || {
            std::process::Command::new("psql")
                .args([&url, "-qc", "begin; lock table jobs; select pg_sleep(8)"])
                .output()
        }
    });
    let waiter = tokio::task::spawn_blocking({
        let url = primary.url("postgres", "postgres");
        move || {
            std::process::Command::new("psql")
                .args([&url, "-qc", "select pg_sleep(1); select count(*) from jobs"])
                .output()
        }
    });
    let mut locks = Asker::open("postgres", measure("locks"));
    let found = eventually("a blocked session", async || {
        let found = locks.ask().await.unwrap();
        (found.number("blocked") > 0.0).then_some(found)
    })
    .await;
    assert_eq!(found.number("blocked"), 1.0);
    let mut long = measure("long-queries");
    long["over"] = "1s".into();
    let mut long = Asker::open("postgres", long);
    let found = eventually("a long query", async || {
        let found = long.ask().await.unwrap();
        (found.number("count") > 0.0).then_some(found)
    })
    .await;
    assert!(found.number("longest") > 1.0, "{found:?}");

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
    holder.await.unwrap().unwrap();
    waiter.await.unwrap().unwrap();
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
    ] {
        let table = json!({"url": url, "query": query, "measures": [{"name": "n"}]});
        let said = ask("postgres", table, setup(&[])).await.unwrap_err();
        assert!(said.contains(why), "{query}: {said}");
    }
    let shown = json!({"url": url, "query": "show max_connections", "measures": [{"name": "max_connections"}]});
    assert_eq!(ask("postgres", shown, setup(&[])).await.unwrap().number("max_connections"), 100.0);
    let named = json!({
        "url": url, "query": "select 'a' as queue, 1 as n union all select 'b', 2", "instance": "queue", "measures": [{"name": "n"}]
    });
    assert_eq!(ask("postgres", named, setup(&[])).await.unwrap().number("b n"), 2.0);
    assert_eq!(primary.must("select count(*) from jobs"), "3");

    let stranger = json!({"url": primary.url("no-such-role", "postgres"), "measure": "locks"});
    let why = ask("postgres", stranger, setup(&[])).await.unwrap_err();
    assert!(why.contains("no-such-role"), "{why}");
}
