//! Which signals of a probe count: those that it has once, and those of instances that a person let go.

use redis::AsyncCommands;

use super::support::launch::Launch;
use super::support::launches::text;
use super::support::postgres::Postgres;
use super::support::redis::Redis;
use super::support::wait_for;

/// The head of a plan; its probes follow.
const HEAD: &str = "[plan]\nname='Counted'\nenvironment='test'\n[vars]\nsite=''\nflags=''\n";

fn launched(probes: &str) -> Launch {
    let mut launch = Launch::planned(&format!("{HEAD}{probes}"));
    launch.id = launch.start("");
    launch
}

#[tokio::test(flavor = "multi_thread")]
async fn healthy_queues_of_celery_and_sidekiq_are_well_though_some_figures_are_of_all_queues_together() {
    let server = Redis::start(&[]);
    let mut c = server.connect().await;
    let _: () = c.lpush("celery", "a").await.unwrap();
    let _: () = c.hset("unacked", "tag", "message").await.unwrap();
    let _: () = c.sadd("queues", &["default", "low"]).await.unwrap();
    let launch = launched(&format!(
        "[[probe]]\nid='q'\nevery='200ms'\nredis={{url='{0}', layout='celery', queues=['celery']}}\n\
         [[probe]]\nid='sk'\nevery='200ms'\nredis={{url='{0}', layout='sidekiq', queues=['default','low']}}\n\
         [[phase]]\nid='p'\n[[phase.step]]\nid='look'\nrun='true'\n\
         verify=['q.in-flight < 10', 'q.ready < 10', 'sk.failed < 5', 'q is ok', 'sk is ok']\nsoak='1s'\n",
        server.url(),
    ));
    let out = launch.tminus(&["check", &launch.path("plan.toml").display().to_string(), "--probe"]);
    let said = text(&out.stdout);
    let measured = said.lines().filter(|line| line.starts_with("  q") || line.starts_with("  sk"));
    assert!(out.status.success() && measured.clone().count() == 9, "{out:?}");
    assert!(measured.clone().all(|line| line.contains("  ok  ")), "{out:?}");
    launch.taken(&["run", "look"]);
    launch.until("look", "done");
    let status = launch.tminus(&["status"]);
    assert!(!text(&status.stdout).to_lowercase().contains("unknown"), "{status:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_was_seen_and_is_worked_off_is_empty_for_the_next_engine_too() {
    let server = Redis::start(&[]);
    let mut c = server.connect().await;
    let _: () = c.lpush("jobs", "1").await.unwrap();
    let launch = launched(&format!(
        "[[probe]]\nid='q'\nevery='200ms'\nredis={{url='{}', layout='list', queues=['jobs', 'jbos']}}\n\
         [[phase]]\nid='p'\n[[phase.step]]\nid='look'\nrun='true'\nverify=['q[jobs].ready < 1']\n\
         [[phase.step]]\nid='wrong'\nrun='true'\nverify=['q[jbos].ready < 1']\n",
        server.url(),
    ));
    let says = |is: &str| {
        let said = text(&launch.tminus(&["do", "explain", "q"]).stdout);
        said.contains(is).then_some(())
    };
    wait_for("one job", || says("measured: 1"));
    let _: () = c.del("jobs").await.unwrap();
    wait_for("no job", || says("measured: 0"));
    launch.kill_engine();
    launch.taken(&["note", "the engine is back"]);
    launch.taken(&["release", "all is well"]);
    launch.taken(&["run", "look"]);
    launch.until("look", "done");
    launch.taken(&["run", "wrong"]);
    wait_for("the wrong name", || says("there is no list `jbos`"));
    assert_ne!(launch.step("wrong"), "done", "nothing was ever seen under that name");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_that_was_let_go_counts_nowhere_until_it_is_back() {
    let primary = Postgres::primary();
    let _here = primary.replica("replica-1");
    let launch = launched(&format!(
        "[[probe]]\nid='repl'\nevery='200ms'\n\
         postgres={{url='{}', measure='replication', expect=['replica-1','replica-2']}}\n\
         [[trigger]]\nid='gone'\nwhen='repl is failing'\naction='notify'\nclear-after='1s'\n\
         [[phase]]\nid='p'\n[[phase.step]]\nid='look'\nrun='true'\nverify='repl is ok'\n",
        primary.url("postgres", "postgres"),
    ));
    wait_for("the trigger on the missing one", || (launch.count("trigger-fired") == 1).then_some(()));
    let (status, answer) = launch.order(&["forget", "repl[replica-1].up", "not this one"]);
    assert!(status != 0 && answer.to_string().contains("is there"), "{answer}");
    launch.taken(&["forget", "repl[replica-2].seconds", "it is being rebuilt"]);
    wait_for("nothing of it to count", || (launch.count("trigger-cleared") == 1).then_some(()));
    assert!(!launch.status().to_string().contains("repl[replica-2]"), "{}", launch.status());
    launch.taken(&["run", "look"]);
    launch.until("look", "done");
    launch.kill_engine();
    launch.taken(&["note", "the engine is back"]);
    assert_eq!(launch.count("trigger-fired"), 1, "a new engine knows it too");

    let back = primary.replica("replica-2");
    wait_for("the replica to count again", || (launch.count("instance-back") == 1).then_some(()));
    drop(back);
    wait_for("the trigger to see it go", || (launch.count("trigger-fired") == 2).then_some(()));
}
