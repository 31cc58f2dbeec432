//! Three hundred probes of all kinds in one engine, and what they ask hangs and lies: the engine answers as quickly as
//! while all is well, holds no more sockets than there are probes, and lets go of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use tminus::core::order::What;

use crate::lying::{Servers, table};
use crate::support::launch::{Client, Launch};
use crate::support::launches::text;
use crate::support::proxy::{Mode, Proxy};
use crate::support::{eventually, wait_for};

/// How many of each kind; together they are 300.
const KINDS: [(&str, usize); 6] =
    [("http", 200), ("tcp", 30), ("prometheus", 30), ("redis", 20), ("postgres", 10), ("sentry", 10)];

/// What is done to them, in turn.
const MODES: [Mode; 6] = [
    Mode::Silent,
    Mode::Late(Duration::from_secs(9)),
    Mode::Reset,
    Mode::HalfOpen,
    Mode::Trickle(0),
    Mode::Trickle(112),
];

/// How many orders are given for one figure.
const ORDERS: usize = 150;

/// How long orders take: half of them at most the first, all but one in a hundred at most the second.
#[derive(Clone, Copy, Debug)]
struct Took {
    median: Duration,
    p99: Duration,
}

fn orders(client: &mut Client) -> Took {
    let mut took: Vec<Duration> = (0..ORDERS)
        .map(|n| {
            let begun = Instant::now();
            client.order(What::Note { text: format!("note {n}") }).unwrap();
            let took = begun.elapsed();
            assert!(took < Duration::from_secs(5), "order {n} took {took:?}");
            took
        })
        .collect();
    took.sort();
    Took { median: took[ORDERS / 2], p99: took[ORDERS - 2] }
}

/// The sockets that a process has, of the network and others.
fn sockets(pid: i32) -> usize {
    let all = std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    all.filter(|fd| std::fs::read_link(fd.path()).is_ok_and(|to| to.to_string_lossy().starts_with("socket:"))).count()
}

/// How many signals each level has. What answers as a Sentry does has no series of errors.
fn levels(launch: &Launch) -> BTreeMap<String, usize> {
    let mut levels = BTreeMap::new();
    let status = launch.status();
    let signals = status["signals"].as_object().unwrap().iter();
    for (_, signal) in signals.filter(|(id, _)| !id.starts_with("sentry") || id.ends_with("new-issues")) {
        *levels.entry(signal["level"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    levels
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_hundred_probes_of_what_hangs_and_lies_leave_the_engine_as_quick_as_it_was() {
    let servers = Servers::start().await;
    let mut plan = "[plan]\nname = 'Many'\nenvironment = 'test'\n[roles]\nlead = { name = 'Ana' }\n".to_owned();
    let mut proxies = Vec::new();
    for (kind, count) in KINDS {
        for mode in MODES {
            proxies.push((kind, mode, Proxy::start(servers.of(kind), Mode::Through).await));
        }
        let ways = &proxies[proxies.len() - MODES.len()..];
        for n in 0..count {
            let spec: toml::Value = toml::Value::try_from(table(kind, ways[n % MODES.len()].2.address)).unwrap();
            writeln!(plan, "[[probe]]\nid = '{kind}-{n}'\nevery = '2s'\ntimeout = '2s'\n{kind} = {spec}").unwrap();
        }
    }
    plan.push_str("[[phase]]\nid = 'p'\nstep = [{ id = 's', owner = 'lead', items = ['One'] }]\n");
    let mut launch = Launch::planned(&plan);
    let started = launch.tminus(&["launch", &launch.path("plan.toml").display().to_string(), "--headless"]);
    assert!(started.status.success(), "{started:?}");
    launch.id = text(&started.stdout).trim().to_owned();
    let pid = launch.engine().unwrap();
    let held = || proxies.iter().map(|(_, _, proxy)| proxy.open()).sum::<usize>();
    let taken = || proxies.iter().map(|(_, _, proxy)| proxy.taken()).sum::<usize>();

    // All is well: what keeps connections keeps one each, and nothing else stays.
    let well = |launch: &Launch| levels(launch).keys().all(|level| level == "ok");
    wait_for("all is well", || (taken() >= 300 && well(&launch)).then_some(()));
    let mut client = Client::come(&launch);
    let good = orders(&mut client);
    let sockets_good = sockets(pid);

    for (_, mode, proxy) in &proxies {
        proxy.turn(*mode);
    }
    wait_for("nobody answers", || {
        let levels = levels(&launch);
        // The connections that tcp asks for are made, and a Redis that trickles later has said all that was asked.
        (levels.get("ok").is_none_or(|ok| *ok <= 100)).then_some(())
    });
    let before = taken();
    let bad = orders(&mut client);
    let mut most = 0;
    wait_for("another round of all", || {
        most = most.max(sockets(pid));
        (taken() >= before + 900).then_some(())
    });
    let again = orders(&mut client);

    for (_, _, proxy) in &proxies {
        proxy.turn(Mode::Through);
    }
    wait_for("all is well again", || well(&launch).then_some(()));
    eventually("only what is kept is held", async || (held() <= 70).then_some(())).await;
    let sockets_after = sockets(pid);
    println!("orders while all is well: {good:?}, {sockets_good} sockets");
    println!("while 300 probes hang: {bad:?}, later {again:?}, at most {most} sockets; afterwards {sockets_after}");
    for hung in [bad, again] {
        assert!(hung.median < good.median * 4 + Duration::from_millis(50), "{hung:?} after {good:?}");
        assert!(hung.p99 < Duration::from_secs(1), "{hung:?} after {good:?}");
    }
    // A question, and a look beside it.
    assert!(most < 2 * 300 + 50, "{most} sockets");
    assert!(sockets_after < 70 + 50, "{sockets_after} sockets");
}
