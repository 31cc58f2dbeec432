//! What comes due though nothing happens is seen when it comes due, not at the next beat of a second.

use serde_json::Value;
use tminus::core::time::Timestamp;

use super::support::launch::Launch;

const STEPS: usize = 12;

#[test]
fn a_step_fails_at_its_limit() {
    let mut plan = "[plan]\nname = \"Deadlines\"\nenvironment = \"test\"\n[vars]\nsite = \"\"\nflags = \"\"\n\
                    [[phase]]\nid = \"p\"\n"
        .to_owned();
    for n in 0..STEPS {
        // They come due all over the second.
        let limit = 1500 + n * 137;
        plan.push_str(&format!("[[phase.step]]\nid = \"s{n}\"\nlimit = \"{limit}ms\"\n"));
    }
    let mut launch = Launch::planned(&plan);
    launch.id = launch.start("none");
    let steps: Vec<String> = (0..STEPS).map(|n| format!("s{n}")).collect();
    steps.iter().for_each(|s| launch.taken(&["run", s]));
    steps.iter().for_each(|s| launch.until(s, "failed"));
    let events = launch.events();
    let at = |kind: &str, step: &str| {
        let is = |e: &&Value| {
            e["event"]["type"] == kind && (e["event"]["step"] == step || e["event"]["run"] == format!("{step}.do.1"))
        };
        let event = events.iter().find(is).unwrap_or_else(|| panic!("no {kind} of {step}"));
        serde_json::from_value::<Timestamp>(event["at"].clone()).unwrap().millis()
    };
    let took = |step: &String| at("step-failed", step) - at("step-started", step);
    let mut late: Vec<i64> = steps.iter().zip(0..).map(|(step, n)| took(step) - 1500 - n * 137).collect();
    late.sort_unstable();
    assert!(late[0] >= 0, "none ends early: {late:?}");
    // The half, because a machine under load may be late itself; at the beat alone the half would be 500.
    assert!(late[STEPS / 2] <= 50, "{late:?}");
}
