//! The plans of `plans/`, rehearsed with their scenarios: a night of each in seconds, on a clock that runs a thousand times
//! as fast, to its end. Its system calls are written down: nothing starts and nobody is asked.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use tminus::core::launch::{LaunchState, Status, StepStatus};
use tminus::core::outline::StepOutline;
use tminus::core::spell;
use tminus::core::time::Span;
use tminus::core::view::Readout;

use crate::support::launch::{Client, Launch};
use crate::support::program;

/// A rehearsal whose engine is traced; it ends with the launch.
struct Played {
    launch: Launch,
    client: Client,
    engine: Child,
}

impl Played {
    /// `since` is how long ago T-0 was, so that what the plan wants hours later is due.
    fn begin(plan: &str, scenario: &Path, since: Span) -> Self {
        Self::at_speed("1000", plan, scenario, since)
    }

    fn at_speed(speed: &str, plan: &str, scenario: &Path, since: Span) -> Self {
        let mut launch = Launch::planned("");
        let strace = program("strace", "strace", &["/usr/bin"]);
        let tminus = launch.command(&[]);
        let t0 = chrono::Utc::now() - chrono::Duration::milliseconds(since.millis());
        let mut command = Command::new(strace);
        command
            .args(["-f", "-qq", "-e", "trace=execve,execveat,connect,sendto,sendmsg", "-o"])
            .arg(launch.path("calls"));
        command.arg(tminus.get_program()).args(["engine", "--rehearse", "--speed", speed, "--as", "tester"]);
        command.args(["--t0", &t0.to_rfc3339(), "--scenario"]).arg(scenario).arg(plans().join(plan));
        command.envs(tminus.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let mut engine = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let said = BufReader::new(engine.stdout.take().unwrap()).lines().next().unwrap().unwrap();
        launch.id = said.strip_prefix("launch ").unwrap().to_owned();
        let client = Client::come(&launch);
        Self { launch, client, engine }
    }

    fn is(&self, step: &StepOutline) -> &StepStatus {
        &self.client.state().steps[&step.id].status
    }

    /// An order as people write it.
    fn try_order(&mut self, line: &str) -> Result<(), String> {
        let what = spell::read(&spell::words(line).unwrap(), self.client.state(), &Readout::default()).unwrap();
        self.client.order(what).map(drop).map_err(|rejection| rejection.why)
    }

    /// Gives an order whenever something is heard, until it is taken.
    fn order(&mut self, line: &str) {
        let until = std::time::Instant::now() + crate::support::PATIENCE;
        let mut reasons: Vec<String> = Vec::new();
        while let Err(why) = self.try_order(line) {
            reasons.push(why);
            reasons.dedup();
            assert!(std::time::Instant::now() < until, "{line}: {reasons:#?}");
            self.client.until(|_, _| Some(()));
        }
    }

    fn wait(&mut self, what: &str, is: impl Fn(&LaunchState) -> bool) {
        let log = |launch: &Launch| String::from_utf8(launch.tminus(&["log", &launch.id]).stdout).unwrap();
        let until = std::time::Instant::now() + crate::support::PATIENCE;
        while !is(self.client.state()) {
            assert!(std::time::Instant::now() < until, "{what} never came:\n{}", log(&self.launch));
            self.client.until(|_, _| Some(()));
        }
    }

    /// Takes each step in the order of the plan, as people would, as long as none fails.
    fn goes_on(&mut self) {
        let outline = self.client.state().outline.clone();
        for step in &outline.steps {
            let id = step.id.as_str();
            match &step.gate {
                Some(gate) => {
                    self.order(&format!("run {id}"));
                    gate.poll.iter().for_each(|role| self.order(&format!("vote {id} {role} go")));
                    self.order(&format!("go {id}"));
                }
                None if step.run.is_some() => self.order(&format!("run {id}")),
                None if step.items.is_empty() => self.order(&format!("done {id}")),
                None => (1..=step.items.len()).for_each(|item| self.order(&format!("tick {id} {item}"))),
            }
            let wants = |state: &LaunchState| state.triggers.values().any(|own| own.fired.is_some());
            let over = |status: &StepStatus| matches!(status, StepStatus::Done { .. } | StepStatus::Failed { .. });
            self.wait(id, |state| over(&state.steps[&step.id].status) || wants(state));
            if !matches!(self.is(step), StepStatus::Done { .. }) {
                return;
            }
        }
    }

    /// It is ended; then what its engine did, and its report.
    fn ends(mut self) -> String {
        let environment = self.client.state().outline.environment.clone();
        self.order(&format!("end {environment} \"it is played\""));
        self.wait("its end", |state| matches!(state.status, Status::Ended { .. }));
        let report = String::from_utf8(self.launch.tminus(&["report", &self.launch.id]).stdout).unwrap();
        drop(self.client);
        assert!(self.engine.wait().unwrap().success());
        let calls = std::fs::read_to_string(self.launch.path("calls")).unwrap();
        let started: Vec<&str> = calls.lines().filter(|l| l.contains("execve")).collect();
        assert_eq!(started.len(), 1, "tminus itself and nothing else: {started:#?}");
        let away: Vec<&str> = calls.lines().filter(|l| l.contains("sin_port") || l.contains("sin6_port")).collect();
        assert_eq!(away, [""; 0], "nobody is asked");
        let other: Vec<&str> = calls.lines().filter(|l| l.contains("connect(")).collect();
        assert_eq!(other, [""; 0], "and no socket of this machine either");
        report
    }
}

fn plans() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("plans")
}

#[test]
fn green_fails_at_a_quarter_of_the_traffic_and_blue_has_it_all_again() {
    let scenario = plans().join("scenarios/green-fails.toml");
    let mut played = Played::begin("blue-green.toml", &scenario, Span::mins(6 * 60));
    played.goes_on();
    played.wait("the trigger", |state| state.triggers["errors-10"].fired.is_some());
    let found = played.client.state().triggers["errors-10"].fired.as_ref().unwrap().evidence.found.clone();
    assert_eq!(found, "14 % > 10 %, injected");
    played.order("rollback traffic \"green fails\"");
    played.wait("all traffic on blue", |state| matches!(state.status, Status::RolledBack(_)));
    let report = played.ends();
    assert!(report.contains(", injected"), "{report}");
}

#[test]
fn the_canary_fails_and_the_old_version_is_everywhere_again() {
    let scenario = plans().join("scenarios/canary-fails.toml");
    let mut played = Played::begin("rolling.toml", &scenario, Span::ZERO);
    played.order("baseline errors 30m");
    played.goes_on();
    let failed = |state: &LaunchState| matches!(state.steps["roll-canary"].status, StepStatus::Failed { .. });
    assert!(failed(played.client.state()), "{:?}", played.client.state().steps["roll-canary"].status);
    played.order("rollback release \"the canary fails\"");
    played.wait("the old version", |state| matches!(state.status, Status::RolledBack(_)));
    let report = played.ends();
    assert!(report.contains(", injected"), "{report}");
}

#[test]
fn the_demo_plan_is_rehearsed_where_no_demo_runs() {
    let scenario = plans().join("scenarios/demo-fails.toml");
    // Its clocks are of seconds: a thousand times as fast no probe would be asked in time.
    let mut played = Played::at_speed("20", "demo.toml", &scenario, Span::ZERO);
    played.goes_on();
    let failed = |state: &LaunchState| matches!(state.steps["share-25"].status, StepStatus::Failed { .. });
    played.wait("the step's end", failed);
    let list = String::from_utf8(played.launch.tminus(&["ls"]).stdout).unwrap();
    assert!(list.contains("REHEARSAL 20x, "), "{list}");
    played.order("rollback traffic \"green fails\"");
    played.wait("all traffic on blue", |state| matches!(state.status, Status::RolledBack(_)));
    played.ends();
}

#[test]
fn without_the_fault_the_release_goes_all_the_way() {
    let text = std::fs::read_to_string(plans().join("scenarios/canary-fails.toml")).unwrap();
    let (well, _) = text.split_once("# What goes wrong").unwrap();
    let dir = tempfile::tempdir().unwrap();
    let scenario = dir.path().join("all-well.toml");
    std::fs::write(&scenario, well).unwrap();
    let mut played = Played::begin("rolling.toml", &scenario, Span::mins(48 * 60));
    played.order("baseline errors 30m");
    played.goes_on();
    let state = played.client.state();
    let open = state.outline.steps.iter().filter(|step| !matches!(played.is(step), StepStatus::Done { .. }));
    assert_eq!(open.map(|step| step.id.as_str()).collect::<Vec<_>>(), [""; 0]);
    played.ends();
}
