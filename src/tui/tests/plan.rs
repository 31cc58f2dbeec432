//! The plan of the fixture: 5 % to 100 % of the traffic to a new version, with two ways back.

use crate::core::condition::{Condition, NoDataRule};
use crate::core::grammar::parse;
use crate::core::ids::ProbeId;
use crate::core::launch::testing;
use crate::core::outline::{
    Fires, Gate, MeasureOutline, OnFail, Outline, Pane, ProbeOutline, Role, RollbackOutline, SeverityOutline,
    StepOutline, TriggerAction, TriggerOutline, Undo,
};
use crate::core::time::{Offset, Span};
use crate::core::units::Unit;

fn condition(text: &str, own: Option<&str>) -> Condition {
    parse(text, own.map(ProbeId::from).as_ref()).unwrap_or_else(|e| panic!("{text}: {e:?}"))
}

#[expect(clippy::too_many_arguments)]
fn probe(
    id: &str,
    pane: Pane,
    kind: &str,
    every: i64,
    measures: &[(&str, Unit)],
    expect: &[&str],
    warn: &[&str],
    critical: &[&str],
) -> ProbeOutline {
    ProbeOutline {
        id: id.into(),
        title: id.into(),
        pane,
        kind: kind.into(),
        target: String::new(),
        every: Span::secs(every),
        timeout: Span::secs(2),
        measures: measures
            .iter()
            .map(|(name, unit)| MeasureOutline { name: (*name).into(), unit: *unit, what: String::new(), whole: false })
            .collect(),
        expect: expect.iter().map(|i| (*i).into()).collect(),
        warn: warn.iter().map(|c| condition(c, Some(id))).collect(),
        critical: critical.iter().map(|c| condition(c, Some(id))).collect(),
    }
}

fn step(phase: &str, id: &str, title: &str) -> StepOutline {
    testing::step(id, |s| {
        s.title = title.into();
        s.phase = phase.into();
        s.owner = Some("devops".into());
        s.on_fail = OnFail::Propose;
    })
}

fn gate(phase: &str, id: &str, title: &str) -> StepOutline {
    let require = ["errors[green] < 1%", "lag.time < 5s"].map(|c| condition(c, None)).into();
    let poll = ["release-lead", "dba", "support"].map(Into::into).into();
    StepOutline { gate: Some(Gate { require, poll, expires: None }), ..step(phase, id, title) }
}

fn share(n: u32) -> StepOutline {
    StepOutline {
        run: Some(format!("./weight.sh {n}")),
        verify: vec![
            condition(&format!("share[green] = {n}% ± 3%"), None),
            condition("errors[green] <= errors[blue] * 1.5 + 0.1%", None),
        ],
        soak: Some(Span::mins(120)),
        fail: vec![condition("errors[green] > 1% for 3m", None)],
        undo: Some(Undo {
            run: "./weight.sh 0".into(),
            require: Vec::new(),
            timeout: None,
            estimate: Some(Span::mins(1)),
        }),
        ..step("traffic", &format!("share-{n}"), &format!("{n} % to green"))
    }
}

fn trigger(id: &str, when: &str, action: TriggerAction) -> TriggerOutline {
    TriggerOutline {
        id: id.into(),
        title: when.into(),
        fires: Fires::When(condition(when, None)),
        action,
        rollback: Some("traffic".into()),
        no_data: NoDataRule::Freeze,
        clear_after: Span::mins(1),
    }
}

pub fn outline() -> Outline {
    let mut outline = unordered();
    for i in 1..outline.steps.len() {
        outline.steps[i].after = vec![outline.steps[i - 1].id.clone()];
    }
    outline
}

fn unordered() -> Outline {
    use Unit::{Bytes, Count, PerSecond, Percent, Seconds, State};
    let phase =
        |id: &str, title: &str, at: Option<i64>| testing::phase(id, title, at.map(|h| Offset(Span::mins(h * 60))));
    let mut smoke = step("green", "smoke", "Critical paths by hand");
    smoke.items = ["Home", "Login", "Payment, then refund", "Webhook"].map(Into::into).into();
    let mut start = step("green", "start", "Start the green instances");
    start.run = Some("./start-green.sh \"$version\"".into());
    start.estimate = Some(Span::mins(10));
    let http = [("up", State), ("latency", Seconds)];
    Outline {
        name: "Wallet".into(),
        version: "v1.0.0".into(),
        environment: "production".into(),
        zone: Some("Europe/Berlin".into()),
        rollback: Some("traffic".into()),
        roles: [("release-lead", "Ana"), ("dba", "Tom"), ("support", "Mia"), ("devops", "Raj")]
            .map(|(id, name)| (id.into(), Role { name: name.into(), ..Role::default() }))
            .into(),
        probes: vec![
            probe("share", Pane::Signals, "prometheus", 15, &[("value", Percent)], &[], &[], &[]),
            probe("requests", Pane::Signals, "prometheus", 15, &[("value", PerSecond)], &[], &[], &[]),
            probe("errors", Pane::Errors, "prometheus", 15, &[("value", Percent)], &[], &[], &["> 5% for 1m"]),
            probe("api", Pane::Health, "http", 5, &http, &[], &["latency > 300ms"], &["is failing for 30s"]),
            probe("database", Pane::Health, "postgres", 5, &[("up", State), ("latency", Seconds)], &[], &[], &[]),
            probe("stripe", Pane::Health, "http", 20, &http, &[], &["latency > 500ms"], &[]),
            probe(
                "lag",
                Pane::Replication,
                "postgres",
                5,
                &[("time", Seconds), ("bytes", Bytes)],
                &["replica-1", "replica-2"],
                &["> 5s"],
                &[],
            ),
            probe(
                "queues",
                Pane::Queues,
                "redis",
                5,
                &[("depth", Count), ("oldest", Seconds)],
                &[],
                &["depth > 1000"],
                &[],
            ),
        ],
        phases: vec![
            phase("prepare", "Prepare", Some(-72)),
            phase("green", "Green on 3002", Some(0)),
            phase("traffic", "Traffic to green", None),
            phase("watch", "Watch 48 h", Some(24)),
            phase("retire", "Retire blue", Some(72)),
        ],
        steps: vec![
            step("prepare", "backup", "Verified backup"),
            step("prepare", "freeze", "Code freeze is announced"),
            start,
            smoke,
            gate("traffic", "go-5", "Go for 5 %?"),
            share(5),
            gate("traffic", "go-25", "Go for 25 %?"),
            share(25),
            gate("traffic", "go-50", "Go for 50 %?"),
            share(50),
            share(100),
            step("watch", "metrics", "Metrics, payments, webhooks"),
            gate("retire", "go-retire", "Go to retire blue?"),
            step("retire", "retire-blue", "Stop blue, the way back closes here"),
        ],
        triggers: vec![
            trigger("errors-5", "errors > 5% for 10m", TriggerAction::Propose),
            trigger("errors-green", "errors[green] > 1% for 3m", TriggerAction::Propose),
            trigger("api-down", "api is failing for 30s", TriggerAction::Propose),
            trigger("queue", "queues.depth > 5000 for 5m", TriggerAction::Consider),
        ],
        rollbacks: vec![
            RollbackOutline {
                id: "traffic".into(),
                title: "All traffic to blue v0.9.9".into(),
                estimate: Some(Span::mins(2)),
                require: vec![condition("api is ok", None)],
                undoes: vec!["share-5".into(), "share-25".into()],
                loses: None,
                possible_until: Some("retire-blue".into()),
                steps: vec![StepOutline {
                    run: Some("./weight.sh 0".into()),
                    ..step("traffic", "traffic/to-blue", "nginx to blue")
                }],
            },
            RollbackOutline {
                id: "database".into(),
                title: "Restore the database".into(),
                estimate: Some(Span::mins(15)),
                require: Vec::new(),
                undoes: Vec::new(),
                loses: Some("every write since the backup".into()),
                possible_until: None,
                steps: vec![StepOutline {
                    run: Some("./restore.sh".into()),
                    ..step("traffic", "database/restore", "Restore the backup")
                }],
            },
        ],
        severities: [
            (1, "Application down", Some(0), Some(15)),
            (2, "Payments fail", Some(15), Some(30)),
            (3, "Degraded", None, Some(120)),
            (4, "Cosmetic", None, None),
        ]
        .map(|(n, what, respond, update)| {
            let (respond, update) = (respond.map(Span::mins), update.map(Span::mins));
            (n, SeverityOutline { means: vec![what.into()], respond, update, ..SeverityOutline::default() })
        })
        .into(),
        ..Outline::default()
    }
}
