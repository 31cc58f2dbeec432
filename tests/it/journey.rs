//! The whole way, as a person goes it: the built binary in a real terminal, a real production before it.

use std::path::Path;

use tminus::core::event::Event;
use tminus::core::order::Way;

use crate::support::app::{App, Manner};
use crate::support::hands;
use crate::support::launches::{Launches, text};
use crate::support::nginx::Nginx;
use crate::support::postgres::Postgres;
use crate::support::prometheus::Prometheus;
use crate::support::redis::Redis;
use crate::support::terminal::Terminal;
use crate::support::users::Users;
use crate::support::wait_for;

/// The production.
struct World {
    app: App,
    nginx: Nginx,
    prometheus: Prometheus,
    primary: Postgres,
    _replica: Postgres,
    redis: Redis,
    users: Users,
}

impl World {
    fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let app = App::start();
        let nginx = Nginx::start(app.blue.address, app.green.address);
        let users = Users::start(&format!("{}/pay", nginx.url()));
        let prometheus = Prometheus::start(&app.metrics);
        let primary = Postgres::primary();
        let replica = primary.replica("replica-1");
        Self { app, nginx, prometheus, primary, _replica: replica, redis: Redis::start(&[]), users }
    }

    fn vars(&self) -> Vec<String> {
        let vars = [
            ("site", self.nginx.url()),
            ("blue", format!("http://{}", self.app.blue.address)),
            ("green", format!("http://{}", self.app.green.address)),
            ("prometheus", self.prometheus.url()),
            ("primary", self.primary.url("postgres", "postgres")),
            ("redis", self.redis.url()),
            ("shift", self.nginx.shift().display().to_string()),
        ];
        vars.iter().flat_map(|(name, value)| ["--var".to_owned(), format!("{name}={value}")]).collect()
    }
}

const TOP: &str = "Prepare";

/// The whole way; `manner` is what green does at 25 %.
fn journey(manner: Manner, found: &str, trigger: &str) {
    let world = World::start();
    let launches = Launches::new();
    let plan = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans/world.toml");
    let mut launch = launches.tminus(["launch"]);
    launch.arg(plan).args(world.vars());
    let mut screen = Terminal::start(&launch, 120, 40);

    // Launched, and everything is measured.
    screen.wait_for("World v1.0.0");
    screen.wait_for("replica-1");

    // Tick a box.
    hands::select(&mut screen, TOP, "The backup was restored once");
    screen.press_until(" ", "the box ticked", |s| s.contains("✓ The backup was restored once"));
    let done = |step: &'static str| move |e: &Event| matches!(e, Event::StepDone { step: s, .. } if s.as_str() == step);
    launches.wait_for("the box ticked", done("backup"));

    // Run a command.
    hands::start(&mut screen, TOP, "Warm green up");
    launches.wait_for("green warm", done("warm-up"));

    // Pass a gate.
    hands::go(&mut screen, TOP, "Go for traffic?");
    screen.press_until("alone ", "why without a vote", |s| s.contains("alone"));
    screen.press_until("\r", "the reason given", |s| !s.contains("Go over what is not met"));
    launches.wait_for("go", |e| matches!(e, Event::GateDecided { go: true, .. }));

    // Shift traffic: 5 %, then 25 %.
    hands::start(&mut screen, TOP, "5 % to green");
    launches.wait_for("5 %", done("share-5"));
    hands::start(&mut screen, TOP, "25 % to green");
    screen.wait_for("soak");
    assert!(world.nginx.upstream().contains("weight=25"), "{}", world.nginx.upstream());

    // Green fails; the public name hides a dead one.
    world.users.forget();
    world.app.green.set(manner);
    screen.wait_for("BREACH");
    screen.wait_for(found);
    launches
        .wait_for("the step failed", |e| matches!(e, Event::StepFailed { step, .. } if step.as_str() == "share-25"));
    launches.wait_for(
        "the trigger fired",
        |e| matches!(e, Event::TriggerFired { trigger: t, .. } if t.as_str() == trigger),
    );
    screen.wait_for("TRIGGER");
    if manner == Manner::Dead {
        let got = world.users.got();
        let bad: u64 = got.iter().filter(|((_, status), _)| *status != 200).map(|(_, n)| n).sum();
        assert!(bad <= 4, "the public name hides a dead version: {got:?}");
        assert!(!screen.screen().contains("public is failing"));
    }

    // Say how bad it is: first the number, the words later.
    screen.press_until("S", "the severities", |s| s.contains("How bad is it?"));
    screen.press_until("2", "the severity's text", |s| s.contains("SEV2, what is wrong"));
    screen.press_until("\r", "the severity without words", |s| !s.contains("SEV2, what is wrong"));
    launches.wait_for("the severity", |e| matches!(e, Event::SeveritySet { level: 2, .. }));
    screen.wait_for("SEV2");

    // Back one stage.
    screen.press_until("R", "the ways back", |s| s.contains("Go back"));
    screen.wait_for("undo: 25 % to green");
    screen.press_until("1", "one stage chosen", |s| s.contains("WHAT 1 DOES"));
    screen.press_until("y", "the way back begun", |s| !s.contains("WHAT 1 DOES"));
    launches.wait_for(
        "one stage back",
        |e| matches!(e, Event::RollbackStarted { way: Way::Stage(step), .. } if step.as_str() == "share-25"),
    );
    launches.wait_for("the way back done", |e| matches!(e, Event::RollbackDone { .. }));
    assert!(world.nginx.upstream().contains("weight=5;"), "{}", world.nginx.upstream());
    launches.wait_for("the step undone", |e| matches!(e, Event::StepUndone { step } if step.as_str() == "share-25"));

    // It recovers.
    world.app.green.set(Manner::Well);
    launches.wait_for(
        "the trigger cleared",
        |e| matches!(e, Event::TriggerCleared { trigger: t } if t.as_str() == trigger),
    );
    screen.wait_gone("TRIGGER");
    screen.wait_until("no alarm", |s| !s.contains("BREACH") && !s.contains("CRITICAL"));

    // Detach: the terminal goes, the engine stays.
    let engine = launches.engines();
    assert_eq!(engine.len(), 1);
    screen.keys("q");
    assert!(screen.ended().success());
    assert_eq!(launches.engines(), engine);
    let status = launches.run(&["status"]);
    assert!(text(&status.stdout).contains("world"), "{}{}", text(&status.stdout), text(&status.stderr));

    // Attach: everything is still there.
    let mut screen = Terminal::start(&launches.tminus(["attach"]), 120, 40);
    screen.wait_for("World v1.0.0");
    screen.wait_for("SEV2");
    screen.kill();
    assert_eq!(launches.engines(), engine, "the death of a screen is nothing to the engine");

    // The journal is whole, and in the order in which it happened.
    let events = launches.events();
    let at = |what: &str, is: &dyn Fn(&Event) -> bool| {
        events.iter().position(is).unwrap_or_else(|| panic!("not in the journal: {what}"))
    };
    let order = [
        at("opened", &|e| matches!(e, Event::Opened { .. })),
        at("ticked", &done("backup")),
        at("run", &|e| matches!(e, Event::RunStarted { run, .. } if run.to_string().starts_with("warm-up"))),
        at("run's end", &|e| matches!(e, Event::RunEnded { run, .. } if run.to_string().starts_with("warm-up"))),
        at("go", &|e| matches!(e, Event::GateDecided { .. })),
        at("5 %", &done("share-5")),
        at("failed", &|e| matches!(e, Event::StepFailed { .. })),
        at("severity", &|e| matches!(e, Event::SeveritySet { .. })),
        at("rollback", &|e| matches!(e, Event::RollbackStarted { .. })),
        at("undone", &|e| matches!(e, Event::StepUndone { .. })),
    ];
    assert!(order.is_sorted(), "{order:?}");
    let verified = launches.run(&["log", "--verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stderr));
    launches.order(&["end", "world", "the test is over"]);
    wait_for("the engine's end", || launches.engines().is_empty().then_some(()));
}

#[test]
fn green_dead_at_25_percent() {
    journey(Manner::Dead, "refused", "green-down");
}
