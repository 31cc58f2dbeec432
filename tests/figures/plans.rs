//! Plans of any size.

use std::fmt::Write as _;

/// How a probe asks.
#[derive(Clone, Copy)]
pub enum Asks {
    /// A health endpoint.
    Http,
    /// A Prometheus: one signal.
    Prometheus,
}

/// A plan of so many probes and steps, in an environment that may be rehearsed for real.
pub fn plan(address: &str, (asks, probes, every): (Asks, usize, &str), steps: usize) -> String {
    let mut plan = String::from(HEAD);
    for n in 0..probes {
        let kind = match asks {
            Asks::Http => format!("http = {{ url = \"http://{address}/health/{n}\" }}"),
            Asks::Prometheus => format!(
                "prometheus = {{ url = \"http://{address}\", query = \"q_{n}\", unit = \"count\" }}\n\
                 warn = \"> 500 for 1m\""
            ),
        };
        let _ = write!(plan, "[[probe]]\nid = \"probe-{n}\"\nevery = \"{every}\"\n{kind}\n");
    }
    for phase in 1..=steps.div_ceil(25) {
        let _ = write!(plan, "[[phase]]\nid = \"phase-{phase}\"\ntitle = \"Part {phase} of the launch\"\n");
        for step in 1..=25.min(steps - (phase - 1) * 25) {
            let _ = write!(
                plan,
                "  [[phase.step]]\n  id = \"step-{phase}-{step}\"\n  title = \"Step {step} of part {phase}\"\n  owner = \"ops\"\n"
            );
        }
    }
    plan + TAIL
}

const HEAD: &str = r#"[plan]
name = "Many"
version = "v1.0.0"
environment = "production"
rollback = "traffic"

[environment.drill]
rehearse = "real"

[roles]
lead = { name = "Ana" }
ops = { name = "Ben" }

"#;

const TAIL: &str = r#"
[rollback.traffic]
title = "Traffic back to blue"
estimate = "2m"
require = ["probe-0 is ok"]

  [[rollback.traffic.step]]
  id = "to-blue"
  title = "Balancer to blue"
  owner = "ops"
"#;
