//! `command`: what a script of one's own measures: a number, JSON, or its exit status.
//!
//! It runs as the plan's commands do, in the plan's directory, with vars and secrets as environment variables and no
//! input. Its process group is killed when it takes too long.

use std::process::Stdio;
use std::time::Instant;

use rustix::process::{Pid, Signal, kill_process_group};
use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt};

use super::scale::{self, Declared, Scale, brief};
use super::{Kind, Miss, Prober, Setup, measure};
use crate::core::outline::{MeasureOutline, Pane};
use crate::core::reading::{Outcome, Point};
use crate::core::time::Span;
use crate::core::units::Unit;

/// The longest output that is read, in bytes.
const CAP: u64 = 256 * 1024;

/// `command = { run = "./queue-depth.sh" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Command {
    /// What to run, in the plan's shell and directory. Vars and secrets are environment variables, as `"$site"`.
    run: String,
    /// What its output means.
    #[serde(default)]
    answer: Answer,
    /// What a number is in: `"ratio"`, `"%"`, `"s"`, `"ms"`, `"MB"`, `"/s"`, `"count"`, … Without it it is what the
    /// conditions speak in, in base units.
    #[serde(default)]
    unit: Option<Scale>,
    /// For `answer = "json"`: the measures that the answer has, the first being the default.
    #[serde(default)]
    measures: Vec<Declared>,
}

/// What the output of a command means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// Its last line is a number, the measure `value`. An exit status other than 0 is no data.
    #[default]
    Number,
    /// It is a JSON object of measures, or of instances with measures in them:
    /// `{"email": {"ready": 12, "oldest": 3.5}, "webhooks": {…}}`. An exit status other than 0 is no data.
    Json,
    /// Exit status 0 is well, any other is failing, the measure `up`; 126 and 127, not found, are no data, and so is a
    /// command that a signal killed.
    Exit,
}

impl Kind for Command {
    const PANE: Pane = Pane::Signals;
    const EVERY: Span = Span::secs(15);
    const TIMEOUT: Span = Span::secs(10);
    type Prober = CommandProber;

    fn measures(&self) -> Vec<MeasureOutline> {
        match self.answer {
            Answer::Number => {
                vec![measure("value", self.unit.unwrap_or(Scale::Count).unit(), "the number that the command prints")]
            }
            Answer::Json => self.measures.iter().map(Declared::outline).collect(),
            Answer::Exit => vec![
                measure("up", Unit::State, "whether the command exits with 0"),
                measure("took", Unit::Seconds, "how long the command ran"),
            ],
        }
    }

    fn well(&self) -> Vec<Point> {
        // A number may be anything.
        match self.answer {
            Answer::Exit => vec![Point::new("took", Outcome::number(1.0))],
            Answer::Number | Answer::Json => Vec::new(),
        }
    }

    fn many(&self) -> bool {
        self.answer == Answer::Json
    }

    fn acts(&self) -> Option<&'static str> {
        Some("it starts a process")
    }

    fn target(&self) -> String {
        brief(&self.run)
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        if self.run.trim().is_empty() {
            problems.push(("run", "the command is empty".to_owned()));
        }
        match self.answer {
            Answer::Json if self.measures.is_empty() => {
                problems
                    .push(("measures", "name what the JSON holds: measures = [{ name = \"ready\" }, …]".to_owned()));
            }
            Answer::Number | Answer::Exit if !self.measures.is_empty() => {
                problems.push(("measures", "only answer = \"json\" has measures of its own".to_owned()));
            }
            _ => {}
        }
        if self.unit.is_some() && self.answer != Answer::Number {
            problems.push(("unit", "belongs to answer = \"number\"; in JSON each measure has its own".to_owned()));
        }
        problems
    }

    fn set_unit(&mut self, measure: &str, unit: Unit) -> bool {
        match self.answer {
            Answer::Number if measure == "value" && self.unit.is_none() => {
                self.unit = Some(Scale::base_of(unit));
                true
            }
            Answer::Json => scale::set_unit(&mut self.measures, measure, unit),
            Answer::Number | Answer::Exit => false,
        }
    }

    fn open(self, setup: Setup) -> Result<CommandProber, Miss> {
        if setup.shell.is_empty() {
            return Err(Miss::new("the plan's shell is empty"));
        }
        Ok(CommandProber { spec: self, setup })
    }
}

/// Runs the command at every poll.
pub struct CommandProber {
    spec: Command,
    setup: Setup,
}

/// How a command ended.
struct End {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Prober for CommandProber {
    async fn poll(&mut self) -> Result<Vec<Point>, Miss> {
        let begun = Instant::now();
        let end = self.run().await?;
        let last = |text: &str| text.lines().rev().find(|l| !l.trim().is_empty()).map(brief);
        let said = last(&end.err).or_else(|| last(&end.out)).map_or(String::new(), |line| format!(": {line}"));
        let ended = match end.code {
            Some(code) => format!("exited with {code}{said}"),
            None => format!("was killed by a signal{said}"),
        };
        match (self.spec.answer, end.code) {
            // Not found, or killed from outside, as for want of memory: it did not come to say anything.
            (Answer::Exit, Some(126 | 127) | None) => Err(Miss::new(ended)),
            (Answer::Exit, code) => {
                let up = if code == Some(0) { Outcome::well() } else { Outcome::Failing(ended) };
                Ok(vec![Point::new("up", up), Point::new("took", Outcome::number(begun.elapsed().as_secs_f64()))])
            }
            (Answer::Number, Some(0)) => {
                let line = last(&end.out).ok_or_else(|| Miss::new("printed nothing, where a number was expected"))?;
                let scale = self.spec.unit.unwrap_or(Scale::Count);
                Ok(vec![Point::new("value", scale.text(&line))])
            }
            (Answer::Json, Some(0)) => read_json(&end.out, &self.spec.measures),
            (Answer::Number | Answer::Json, _) => Err(Miss::new(ended)),
        }
    }
}

impl CommandProber {
    async fn run(&self) -> Result<End, Miss> {
        let (shell, arguments) =
            self.setup.shell.split_first().ok_or_else(|| Miss::new("the plan's shell is empty"))?;
        let mut child = tokio::process::Command::new(shell)
            .args(arguments)
            .arg(&self.spec.run)
            .current_dir(&self.setup.dir)
            .envs(&self.setup.vars)
            .envs(self.setup.secrets.iter())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .map_err(|e| Miss::new(format!("{shell} can't be started: {e}")))?;
        let mut group = Group(child.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw));
        let (out, err) = tokio::try_join!(read(child.stdout.take()), read(child.stderr.take()))?;
        let status = child.wait().await.map_err(|e| Miss::new(format!("its end can't be read: {e}")))?;
        group.0 = None;
        Ok(End { code: status.code(), out, err })
    }
}

/// Kills a process group when it goes out of scope, so that a poll that is given up leaves nothing behind.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}

async fn read(from: Option<impl AsyncRead + Unpin>) -> Result<String, Miss> {
    let mut bytes = Vec::new();
    if let Some(from) = from {
        let read = from.take(CAP + 1).read_to_end(&mut bytes).await;
        read.map_err(|e| Miss::new(format!("its output can't be read: {e}")))?;
    }
    if bytes.len() as u64 > CAP {
        return Err(Miss::new(format!("printed more than {CAP} bytes")));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// The measures of a JSON answer, or of its instances.
fn read_json(text: &str, measures: &[Declared]) -> Result<Vec<Point>, Miss> {
    let Value::Object(map) =
        serde_json::from_str(text).map_err(|e| Miss::new(format!("printed `{}`, no JSON: {e}", brief(text))))?
    else {
        return Err(Miss::new(format!("printed `{}`, where a JSON object was expected", brief(text))));
    };
    let of = |map: &serde_json::Map<String, Value>, m: &Declared| {
        map.get(&m.name)
            .map_or_else(|| Outcome::NoData(format!("the answer has no `{}`", m.name)), |v| m.scale().json(v))
    };
    let flat = measures.iter().any(|m| map.get(&m.name).is_some_and(|v| !v.is_object()));
    let mut points = Vec::new();
    if flat {
        points.extend(measures.iter().map(|m| Point::new(&m.name, of(&map, m))));
    }
    for (instance, inner) in map.iter().filter_map(|(k, v)| Some((k, v.as_object()?))) {
        points.extend(measures.iter().map(|m| Point::of(instance, &m.name, of(inner, m))));
    }
    if points.is_empty() {
        return Err(Miss::new("the JSON has none of the measures that the plan names"));
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probes::runner::{Job, once};
    use crate::probes::{Spec, test_setup};
    use serde_json::json;

    async fn run(table: Value) -> Result<Vec<Point>, String> {
        let spec = Spec::read("command", table).unwrap().unwrap();
        let mut setup = test_setup(&[("token", "s3cret-value")]);
        setup.vars.insert("site".into(), "example".into());
        setup.timeout = Span(2000);
        once(Job { probe: "c".into(), spec, setup, phase: Span::ZERO }).await.points
    }

    fn shown(points: &[Point]) -> Vec<String> {
        let name = |p: &Point| p.instance.as_ref().map_or(String::new(), |i| format!("[{i}]"));
        points.iter().map(|p| format!("{}{} {:?}", p.measure, name(p), p.outcome.value())).collect()
    }

    #[tokio::test]
    async fn a_number_is_the_last_line() {
        let points = run(json!({"run": "echo counting; echo 42", "unit": "%"})).await.unwrap();
        assert_eq!(shown(&points), ["value Some(0.42)"]);
        let why = run(json!({"run": "echo 17; echo 'no such queue' >&2; exit 3"})).await.unwrap_err();
        assert_eq!(why, "exited with 3: no such queue");
        assert!(run(json!({"run": "true"})).await.unwrap_err().contains("printed nothing"));
        let odd = run(json!({"run": "echo many"})).await.unwrap();
        assert_eq!(odd[0].outcome, Outcome::NoData("`many` is no number".into()));
    }

    #[tokio::test]
    async fn json_has_measures_or_instances_with_measures() {
        let measures = json!([{"name": "ready"}, {"name": "oldest", "unit": "ms"}]);
        let table = |run: &str| json!({"run": run, "answer": "json", "measures": measures});
        let flat = run(table(r#"echo '{"ready": 3, "oldest": 1500}'"#)).await.unwrap();
        assert_eq!(shown(&flat), ["ready Some(3.0)", "oldest Some(1.5)"]);
        let nested = run(table(r#"echo '{"mail": {"ready": 3, "oldest": null}}'"#)).await.unwrap();
        assert_eq!(shown(&nested), ["ready[mail] Some(3.0)", "oldest[mail] None"]);
        assert!(run(table("echo '[1]'")).await.unwrap_err().contains("object"));
        assert!(run(table(r#"echo '{"x": 1}'"#)).await.unwrap_err().contains("none of the measures"));
    }

    #[tokio::test]
    async fn an_exit_status_is_well_or_failing() {
        let exit = |run: &str| json!({"run": run, "answer": "exit"});
        assert_eq!(run(exit("true")).await.unwrap()[0].outcome, Outcome::well());
        let failing = run(exit("false | cat; echo unreachable")).await.unwrap();
        assert_eq!(failing[0].outcome, Outcome::Failing("exited with 1".into()));
        assert!(run(exit("no-such-command-here")).await.unwrap_err().starts_with("exited with 127"));
    }

    #[tokio::test]
    async fn vars_and_secrets_are_in_the_environment_and_secrets_masked_in_words() {
        let points = run(json!({"run": "[ \"$site\" = example ]; echo ${#token}"})).await.unwrap();
        assert_eq!(shown(&points), ["value Some(12.0)"]);
        let why = run(json!({"run": "echo \"bad token $token\" >&2; exit 1"})).await.unwrap_err();
        assert_eq!(why, "exited with 1: bad token ••••••");
    }

    #[tokio::test]
    async fn a_command_that_takes_too_long_is_killed_with_its_children() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("pid");
        let script = format!("sleep 300 & echo $! > {0}; wait", file.display());
        let why = run(json!({"run": script})).await.unwrap_err();
        assert_eq!(why, "no answer within 2s");
        let pid: i32 = std::fs::read_to_string(&file).unwrap().trim().parse().unwrap();
        let deadline = Instant::now() + std::time::Duration::from_secs(10);
        let gone = || match std::fs::read_to_string(format!("/proc/{pid}/stat")) {
            Ok(stat) => stat.contains(") Z"),
            Err(_) => true,
        };
        while !gone() {
            assert!(Instant::now() < deadline, "the child of the command lives on");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn output_without_end_is_cut_off() {
        for script in ["yes", "yes >&2", "echo 5; yes >&2"] {
            for answer in ["number", "exit"] {
                let why = run(json!({"run": script, "answer": answer})).await.unwrap_err();
                assert_eq!(why, "printed more than 262144 bytes", "{script}, {answer}");
            }
        }
        let much = "head -c 262000 /dev/zero | tr '\\0' x; echo; echo 7";
        assert_eq!(shown(&run(json!({"run": much})).await.unwrap()), ["value Some(7.0)"]);
    }

    #[tokio::test]
    async fn what_is_no_number_is_no_data_and_says_what_was_printed() {
        for (printed, why) in [
            ("12 ms", "`12 ms` is no number"),
            ("1,5", "`1,5` is no number"),
            ("0x10", "`0x10` is no number"),
            ("nan", "the answer is NaN, not a number to compare"),
            ("-inf", "the answer is -inf, not a number to compare"),
        ] {
            let found = run(json!({"run": format!("echo '{printed}'")})).await.unwrap();
            assert_eq!(found[0].outcome, Outcome::NoData(why.into()), "{printed}");
        }
        for (printed, value) in [(" -3.5 ", -3.5), ("1e3", 1000.0), ("+7", 7.0)] {
            let found = run(json!({"run": format!("echo '{printed}'")})).await.unwrap();
            assert_eq!(found[0].outcome.value(), Some(value), "{printed}");
        }
        for answer in ["number", "json", "exit"] {
            let measures = if answer == "json" { json!([{"name": "n"}]) } else { json!([]) };
            let killed = json!({"run": "kill -KILL $$", "answer": answer, "measures": measures});
            assert_eq!(run(killed).await.unwrap_err(), "was killed by a signal", "{answer}");
        }
        let reads = run(json!({"run": "read -r line; echo 1"})).await.unwrap_err();
        assert_eq!(reads, "exited with 1", "there is no input, and it does not wait for any");
    }

    /// A command that takes too long has no data: it says nothing of what it measures.
    #[tokio::test]
    async fn too_late_is_no_data_whatever_the_answer_means() {
        for answer in ["number", "exit"] {
            let why = run(json!({"run": "echo 5; sleep 60", "answer": answer})).await.unwrap_err();
            assert_eq!(why, "no answer within 2s");
        }
    }
}
