//! The stories. Each is what green does wrong once it has more of the traffic than it can bear.

/// A story.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scenario {
    /// Its name, for `--scenario`.
    pub name: &'static str,
    /// What happens, in a line.
    pub what: &'static str,
    /// What is wrong with green; nothing where the launch goes well.
    pub flaw: Option<Flaw>,
}

/// What is wrong with green, and how bad it gets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Flaw {
    /// It shows when green has at least this share of the traffic, in percent.
    pub from: f64,
    /// Seconds until it is as bad as it gets.
    pub rise: f64,
    /// Green is gone altogether: it refuses, and the balancer hides it.
    pub dies: bool,
    /// The share of green's requests that fail in the end, 0 to 1.
    pub errors: f64,
    /// How much slower green is in the end, in seconds.
    pub latency: f64,
    /// How far the slowest replica falls behind in the end, in seconds.
    pub lag: f64,
    /// How much of the webhook workers' capacity is lost in the end, 0 to 1.
    pub webhooks: f64,
    /// It leaks connections of the database that both versions share.
    pub leaks: bool,
    /// What Sentry calls it; nothing where nothing is raised.
    pub issue: Option<&'static str>,
}

/// All stories; the first is told unless another is asked for.
pub const SCENARIOS: &[Scenario] = &[
    Scenario {
        name: "green-fails",
        what: "green leaks database connections: at 25 % its errors rise, webhooks pile up, a replica falls behind",
        flaw: Some(Flaw {
            from: 20.0,
            rise: 40.0,
            dies: false,
            errors: 0.14,
            latency: 0.9,
            lag: 21.0,
            webhooks: 0.75,
            leaks: true,
            issue: Some("TimeoutError: no connection from the pool within 5000 ms"),
        }),
    },
    Scenario {
        name: "green-dies",
        what: "green crashes at 25 %; the balancer retries on blue, so that the public name never shows it",
        flaw: Some(Flaw {
            from: 20.0,
            rise: 12.0,
            dies: true,
            errors: 0.0,
            latency: 0.0,
            lag: 0.0,
            webhooks: 0.0,
            leaks: false,
            issue: Some("FatalError: heap out of memory"),
        }),
    },
    Scenario {
        name: "queue",
        what: "green answers well, but its webhook workers do not keep up from 50 % on",
        flaw: Some(Flaw {
            from: 45.0,
            rise: 10.0,
            dies: false,
            errors: 0.0,
            latency: 0.0,
            lag: 0.0,
            webhooks: 0.9,
            leaks: false,
            issue: None,
        }),
    },
    Scenario { name: "calm", what: "nothing goes wrong", flaw: None },
];

/// The story of that name.
pub fn find(name: &str) -> Option<Scenario> {
    SCENARIOS.iter().find(|s| s.name == name).copied()
}
