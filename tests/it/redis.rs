//! The `redis` probe against a real Redis, with keys as the libraries write them.

use redis::{AsyncCommands, cmd};
use serde_json::json;

use crate::support::probe::{Asker, ask, setup};
use crate::support::redis::Redis;

fn ago_ms(seconds: i64) -> i64 {
    chrono::Utc::now().timestamp_millis() - seconds * 1000
}

#[tokio::test]
async fn bullmq_and_bull_queues() {
    let server = Redis::start(&[]);
    let mut c = server.connect().await;
    let _: () = c.hset("bull:email:meta", "version", "bullmq:5.81.5").await.unwrap();
    // Producers push on the left, workers take from the right: `1` is the oldest; `0:…` is a marker of BullMQ 3 and 4.
    for id in ["1", "2", "3"] {
        let _: () = c.lpush("bull:email:wait", id).await.unwrap();
        let made = ago_ms(if id == "1" { 90 } else { 10 });
        let _: () = c.hset(format!("bull:email:{id}"), "timestamp", made).await.unwrap();
    }
    let _: () = c.rpush("bull:email:wait", "0:1234").await.unwrap();
    let _: () = c.zadd("bull:email:prioritized", "4", 1_i64 << 33).await.unwrap();
    let _: () = c.hset("bull:email:4", "timestamp", ago_ms(300)).await.unwrap();
    let _: () = c.lpush("bull:email:active", &["5", "6"]).await.unwrap();
    let _: () = c.zadd("bull:email:delayed", "7", ago_ms(-60) * 4096).await.unwrap();
    let _: () = c.zadd("bull:email:failed", "8", ago_ms(5)).await.unwrap();
    // A paused queue of Bull: jobs are in `paused`.
    let _: () = c.set("bull:webhooks:id", 9).await.unwrap();
    let _: () = c.lpush("bull:webhooks:paused", "9").await.unwrap();
    let _: () = c.hset("bull:webhooks:9", "timestamp", ago_ms(40)).await.unwrap();
    let _: () = c.hset("bull:idle:meta", "version", "bullmq:6.7.0").await.unwrap();

    let table = |layout: &str, queues: &[&str]| json!({"url": server.url(), "layout": layout, "queues": queues});
    let found = ask("redis", table("bullmq", &["email", "idle", "emial"]), setup(&[])).await.unwrap();
    assert_eq!(found.number("email ready"), 4.0);
    assert!((300.0..310.0).contains(&found.number("email oldest")), "{found:?}");
    assert_eq!(found.number("email in-flight"), 2.0);
    assert_eq!((found.number("email delayed"), found.number("email failed")), (1.0, 1.0));
    assert_eq!((found.number("idle ready"), found.number("idle oldest")), (0.0, 0.0));
    assert!(found.no_data("emial ready").contains("there is no queue under `bull:emial:`"), "{found:?}");
    let bull = ask("redis", table("bull", &["webhooks"]), setup(&[])).await.unwrap();
    assert_eq!(bull.number("webhooks ready"), 1.0);
    assert!((40.0..50.0).contains(&bull.number("webhooks oldest")));
}

#[tokio::test]
async fn sidekiq_queues_of_old_and_new_versions() {
    let server = Redis::start(&[]);
    let mut c = server.connect().await;
    let _: () = c.sadd("queues", &["default", "mailers", "low"]).await.unwrap();
    let old = json!({"class": "A", "enqueued_at": ago_ms(120) as f64 / 1000.0}).to_string();
    let new = json!({"class": "B", "enqueued_at": ago_ms(30)}).to_string();
    let _: () = c.lpush("queue:default", old).await.unwrap();
    let _: () = c.lpush("queue:default", "{}").await.unwrap();
    let _: () = c.lpush("queue:mailers", new).await.unwrap();
    let _: () = c.zadd("schedule", "s", 1).await.unwrap();
    let _: () = c.zadd("retry", "r", 1).await.unwrap();
    let _: () = c.zadd("dead", "d", 1).await.unwrap();
    let _: () = c.sadd("processes", &["alive:1", "dead:2"]).await.unwrap();
    let beat = |ms: i64| (ms as f64 / 1000.0).to_string();
    let _: () = c.hset_multiple("alive:1", &[("busy", "3".to_owned()), ("beat", beat(ago_ms(5)))]).await.unwrap();
    let _: () = c.hset_multiple("dead:2", &[("busy", "9".to_owned()), ("beat", beat(ago_ms(500)))]).await.unwrap();

    let table = json!({"url": server.url(), "layout": "sidekiq", "queues": ["default", "mailers", "low", "lwo"]});
    let found = ask("redis", table, setup(&[])).await.unwrap();
    assert_eq!(found.number("default ready"), 2.0);
    assert!((120.0..130.0).contains(&found.number("default oldest")));
    assert!((30.0..40.0).contains(&found.number("mailers oldest")));
    assert_eq!((found.number("low ready"), found.number("low oldest")), (0.0, 0.0));
    assert!(found.no_data("lwo ready").contains("`lwo` is not in `queues`"));
    assert_eq!((found.number("in-flight"), found.number("delayed"), found.number("failed")), (3.0, 2.0, 1.0));
}

#[tokio::test]
async fn celery_queues_with_priorities() {
    let server = Redis::start(&[]);
    let mut c = server.connect().await;
    let _: () = c.sadd("_kombu.binding.celery", "celery\u{6}\u{16}\u{6}\u{16}celery").await.unwrap();
    let _: () = c.sadd("_kombu.binding.idle", "idle").await.unwrap();
    let _: () = c.lpush("celery", &["a", "b"]).await.unwrap();
    let _: () = c.lpush("celery\u{6}\u{16}9", "c").await.unwrap();
    let _: () = c.hset("unacked", "tag", "message").await.unwrap();
    let table = json!({"url": server.url(), "layout": "celery", "queues": ["celery", "idle", "celry"]});
    let found = ask("redis", table, setup(&[])).await.unwrap();
    assert_eq!((found.number("celery ready"), found.number("idle ready"), found.number("in-flight")), (3.0, 0.0, 1.0));
    assert!(found.no_data("celry ready").contains("there is no queue `celry`"));
}

#[tokio::test]
async fn a_stream_with_a_group_that_falls_behind() {
    let server = Redis::start(&[]);
    let mut c = server.connect().await;
    let add = async |c: &mut redis::aio::MultiplexedConnection, id: String| {
        let _: String = cmd("XADD").arg("orders").arg(id).arg("n").arg(1).query_async(c).await.unwrap();
    };
    let _: () = cmd("XGROUP")
        .arg("CREATE")
        .arg("orders")
        .arg("billing")
        .arg("0")
        .arg("MKSTREAM")
        .query_async(&mut c)
        .await
        .unwrap();
    let table =
        json!({"url": server.url(), "layout": "stream", "queues": ["orders", "odrers"], "groups": ["billing", "mail"]});
    let mut asker = Asker::open("redis", table);
    let found = asker.ask().await.unwrap();
    assert_eq!((found.number("orders/billing ready"), found.number("orders/billing oldest")), (0.0, 0.0));
    assert!(found.no_data("orders/mail ready").contains("no group `mail`"));
    assert!(found.no_data("odrers/billing ready").contains("there is no stream `odrers`"));

    for n in 0..5 {
        add(&mut c, format!("{}-{n}", ago_ms(60))).await;
    }
    let read: redis::Value = cmd("XREADGROUP")
        .arg(&["GROUP", "billing", "w1", "COUNT", "2", "STREAMS", "orders", ">"])
        .query_async(&mut c)
        .await
        .unwrap();
    assert_ne!(read, redis::Value::Nil);
    let found = asker.ask().await.unwrap();
    assert_eq!((found.number("orders/billing ready"), found.number("orders/billing in-flight")), (3.0, 2.0));
    assert!((60.0..70.0).contains(&found.number("orders/billing oldest")), "{found:?}");

    // After a deletion Redis has lost count of the lag: it is counted instead.
    let _: i64 =
        cmd("XDEL").arg("orders").arg(format!("{}-4", last_ms(&mut c).await)).query_async(&mut c).await.unwrap();
    let found = asker.ask().await.unwrap();
    assert_eq!(found.number("orders/billing ready"), 2.0);
}

async fn last_ms(c: &mut redis::aio::MultiplexedConnection) -> String {
    let info: std::collections::HashMap<String, redis::Value> =
        cmd("XINFO").arg("STREAM").arg("orders").query_async(c).await.unwrap();
    let id: String = redis::from_redis_value(info["last-generated-id"].clone()).unwrap();
    id.split('-').next().unwrap().to_owned()
}

/// The data of a server is lost, or an empty one takes its place: what looks like queues that are worked off is no data.
#[tokio::test]
async fn queues_whose_names_vanish_are_lost_not_empty() {
    let server = Redis::start(&[]);
    let mut c = server.connect().await;
    let _: () = c.hset("bull:email:meta", "version", "bullmq:5.81.5").await.unwrap();
    let _: () = c.set("bull:old:id", 3).await.unwrap();
    let _: () = c.sadd("queues", "default").await.unwrap();
    let _: () = c.sadd("_kombu.binding.celery", "celery\u{6}\u{16}\u{6}\u{16}celery").await.unwrap();
    let _: () = c.lpush("jobs", "1").await.unwrap();
    let layouts =
        [("bullmq", "email"), ("bull", "old"), ("sidekiq", "default"), ("celery", "celery"), ("list", "jobs")];
    let mut askers = Vec::new();
    for (layout, queue) in layouts {
        for missing in ["unknown", "empty"] {
            let table = json!({"url": server.url(), "layout": layout, "queues": [queue], "missing": missing});
            askers.push((layout, queue, Asker::open("redis", table)));
        }
    }
    for (layout, queue, asker) in &mut askers {
        assert!(asker.ask().await.unwrap().0.iter().all(|p| p.outcome.value().is_some()), "{layout} {queue}");
    }
    let _: () = cmd("FLUSHALL").query_async(&mut c).await.unwrap();
    for (layout, queue, asker) in &mut askers {
        let found = asker.ask().await.unwrap();
        if *layout == "list" {
            assert_eq!(found.number("jobs ready"), 0.0, "a list is gone with its last item");
            continue;
        }
        assert!(found.no_data(&format!("{queue} ready")).contains("which was there"), "{layout}: {found:?}");
        assert!(found.0.iter().all(|p| p.outcome.value().is_none()), "{layout}: {found:?}");
    }
}

/// Under a wrong prefix, or in a wrong database, there are no jobs that failed either.
#[tokio::test]
async fn what_is_kept_for_all_queues_is_unknown_where_nothing_of_the_library_is_found() {
    let server = Redis::start(&[]);
    let mut c = server.connect().await;
    let _: () = c.sadd("queues", "default").await.unwrap();
    let _: () = c.sadd("_kombu.binding.celery", "celery\u{6}\u{16}\u{6}\u{16}celery").await.unwrap();
    let _: () = c.lpush("app:queue:default", "{}").await.unwrap();
    let table = |layout: &str, rest: serde_json::Value| {
        let mut table = json!({"url": server.url(), "layout": layout, "queues": ["default"]});
        table.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
        table
    };
    let there = ask("redis", table("sidekiq", json!({})), setup(&[])).await.unwrap();
    assert_eq!((there.number("in-flight"), there.number("delayed"), there.number("failed")), (0.0, 0.0, 0.0));
    let there = ask("redis", table("sidekiq", json!({"prefix": "app"})), setup(&[])).await.unwrap();
    assert_eq!((there.number("default ready"), there.number("failed")), (1.0, 0.0));
    let there = ask("redis", table("celery", json!({})), setup(&[])).await.unwrap();
    assert_eq!(there.number("in-flight"), 0.0, "a wrong queue, but Celery is there");
    for wrong in [
        json!({"prefix": "typo"}),
        json!({"prefix": "typo", "missing": "empty"}),
        json!({"url": format!("{}/1", server.url())}),
    ] {
        let found = ask("redis", table("sidekiq", wrong.clone()), setup(&[])).await.unwrap();
        for measure in ["in-flight", "delayed", "failed"] {
            assert!(found.no_data(measure).starts_with("nothing of Sidekiq is found"), "{wrong}: {found:?}");
        }
        let found = ask("redis", table("celery", wrong.clone()), setup(&[])).await.unwrap();
        assert!(found.no_data("in-flight").starts_with("nothing of Celery is found"), "{wrong}: {found:?}");
    }
}

#[tokio::test]
async fn a_list_counts_from_when_it_was_seen_first() {
    let server = Redis::start(&[]);
    let mut c = server.connect().await;
    let table = json!({"url": server.url(), "layout": "list", "queues": ["jobs"]});
    let mut asker = Asker::open("redis", table.clone());
    assert!(asker.ask().await.unwrap().no_data("jobs ready").contains("there is no list `jobs`"));
    let _: () = c.lpush("jobs", "x").await.unwrap();
    assert_eq!(asker.ask().await.unwrap().number("jobs ready"), 1.0);
    let _: () = c.del("jobs").await.unwrap();
    assert_eq!(asker.ask().await.unwrap().number("jobs ready"), 0.0);
    let _: () = c.set("jobs", "no list").await.unwrap();
    assert!(asker.ask().await.unwrap().no_data("jobs ready").starts_with("WRONGTYPE"));
    let mut lenient = table;
    lenient["missing"] = "empty".into();
    lenient["queues"] = json!(["other"]);
    assert_eq!(ask("redis", lenient, setup(&[])).await.unwrap().number("other ready"), 0.0);
}

#[tokio::test]
async fn passwords_restarts_and_tls() {
    let mut server = Redis::start(&["requirepass s3cret-pass"]);
    let url = |user: &str| format!("redis://{user}127.0.0.1:{}", server.port);
    let table = |url: String| json!({"url": url, "layout": "list", "queues": ["q"], "missing": "empty"});
    let none = ask("redis", table(url("")), setup(&[])).await.unwrap_err();
    assert!(none.contains("NOAUTH"), "{none}");
    let several = json!({"url": url(""), "layout": "bullmq", "queues": ["a", "b"]});
    assert_eq!(ask("redis", several, setup(&[])).await.unwrap_err(), none, "the same where several are asked at once");
    let wrong = ask("redis", table(url(":nope@")), setup(&[])).await.unwrap_err();
    assert!(wrong.contains("password"), "{wrong}");
    let mut asker = Asker::open("redis", table(url(":s3cret-pass@")));
    assert_eq!(asker.ask().await.unwrap().number("q ready"), 0.0);
    // rediss:// to a server without TLS is an answer, not a panic.
    let mut hurried = setup(&[]);
    hurried.timeout = tminus::core::time::Span(1000);
    let tls = ask("redis", table(url(":s3cret-pass@").replace("redis:", "rediss:")), hurried).await.unwrap_err();
    assert!(!tls.contains("failed inside"), "{tls}");
    let port = server.port;
    server.server().stop(rustix::process::Signal::KILL);
    assert!(asker.ask().await.is_err());
    let refused = asker.ask().await.unwrap_err();
    assert_eq!(refused, format!("connection refused by 127.0.0.1:{port}"));
}

#[tokio::test]
async fn a_key_of_another_type_is_told_and_costs_no_other_queue_its_figures() {
    let server = Redis::start(&[]);
    let mut c = server.connect().await;
    let _: () = c.hset("bull:good:meta", "version", "bullmq:5.81.5").await.unwrap();
    let _: () = c.set("bull:odd:wait", "no list").await.unwrap();
    let table = |layout: &str, queues: &[&str]| json!({"url": server.url(), "layout": layout, "queues": queues});
    let mut asker = Asker::open("redis", table("bullmq", &["odd", "good"]));
    for _ in 0..2 {
        let found = asker.ask().await.unwrap();
        for measure in ["ready", "oldest", "in-flight", "delayed", "failed"] {
            assert!(found.no_data(&format!("odd {measure}")).starts_with("WRONGTYPE"), "{found:?}");
            assert_eq!(found.number(&format!("good {measure}")), 0.0);
        }
    }

    // What Sidekiq and Celery keep for all queues together has no data with a reason, never no point at all.
    let _: () = c.sadd("queues", "default").await.unwrap();
    let _: () = c.set("dead", "no set").await.unwrap();
    let found = ask("redis", table("sidekiq", &["default"]), setup(&[])).await.unwrap();
    assert_eq!(found.number("default ready"), 0.0);
    for measure in ["in-flight", "delayed", "failed"] {
        assert!(found.no_data(measure).starts_with("WRONGTYPE"), "{found:?}");
    }
    let _: () = c.lpush("unacked", "no hash").await.unwrap();
    let _: () = c.lpush("celery", "a").await.unwrap();
    let found = ask("redis", table("celery", &["celery"]), setup(&[])).await.unwrap();
    assert_eq!(found.number("celery ready"), 1.0);
    assert!(found.no_data("in-flight").starts_with("WRONGTYPE"));

    // A stream that nothing reads, and a key that is no stream.
    let _: String = cmd("XADD").arg("unread").arg("*").arg("n").arg(1).query_async(&mut c).await.unwrap();
    let found = ask("redis", table("stream", &["unread", "celery"]), setup(&[])).await.unwrap();
    assert!(found.no_data("unread ready").contains("has no group"), "{found:?}");
    assert!(found.no_data("celery ready").starts_with("WRONGTYPE"));
}

/// The account that the docs of `url` name can read every layout, and is told where it may not.
#[tokio::test]
async fn the_account_in_the_docs_is_enough() {
    let server = Redis::start(&[]);
    let mut c = server.connect().await;
    let acl = "ACL SETUSER tminus on >s3cret-pass ~* +@read +ping +time +select";
    let source = include_str!("../../src/probes/redis/mod.rs");
    assert!(source.contains(&acl.replace(">s3cret-pass", ">…")), "the docs name another account");
    let mut set = cmd("ACL");
    let _: () = acl.split(' ').skip(1).fold(&mut set, |set, word| set.arg(word)).query_async(&mut c).await.unwrap();
    let _: () = cmd("SELECT").arg(2).query_async(&mut c).await.unwrap();
    let _: () = c.lpush("bull:q:wait", "1").await.unwrap();
    let _: () = c.hset("bull:q:1", "timestamp", ago_ms(10)).await.unwrap();
    let _: () = c.sadd("queues", "q").await.unwrap();
    let _: () = c.lpush("queue:q", json!({"enqueued_at": ago_ms(10)}).to_string()).await.unwrap();
    let _: () = c.sadd("processes", "p").await.unwrap();
    let _: () = c.lpush("q", "1").await.unwrap();
    let _: () = cmd("XGROUP").arg(&["CREATE", "s", "g", "0", "MKSTREAM"]).query_async(&mut c).await.unwrap();
    let _: String = cmd("XADD").arg("s").arg("*").arg("n").arg(1).query_async(&mut c).await.unwrap();
    let url = format!("redis://tminus:s3cret-pass@127.0.0.1:{}/2", server.port);
    for (layout, queue, instance) in [
        ("bullmq", "q", "q"),
        ("bull", "q", "q"),
        ("sidekiq", "q", "q"),
        ("celery", "q", "q"),
        ("list", "q", "q"),
        ("stream", "s", "s/g"),
    ] {
        let table = json!({"url": url, "layout": layout, "queues": [queue]});
        let found = ask("redis", table, setup(&[])).await.unwrap_or_else(|why| panic!("{layout}: {why}"));
        assert_eq!(found.number(&format!("{instance} ready")), 1.0, "{layout}");
        assert!(found.0.iter().all(|p| p.outcome.value().is_some()), "{layout}: {found:?}");
    }
    let _: () = cmd("ACL").arg(&["SETUSER", "tminus", "-lrange"]).query_async(&mut c).await.unwrap();
    let found = ask("redis", json!({"url": url, "layout": "bullmq", "queues": ["q"]}), setup(&[])).await.unwrap();
    assert!(found.no_data("q ready").starts_with("NOPERM"), "{found:?}");
    let refused = url.replace("s3cret-pass", "s3cret-past");
    let why = ask("redis", json!({"url": refused, "layout": "list", "queues": ["q"]}), setup(&[])).await.unwrap_err();
    assert!(why.contains("WRONGPASS") || why.contains("the user name or the password is wrong"), "{why}");
}
