//! The process beside a run, with real commands. The supervisor is the built binary.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;
use tminus::core::event::RunEnd;
use tminus::supervise::{self, Look, Spec};

use crate::support::wait_for;

struct Step {
    dir: TempDir,
}

impl Step {
    fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    fn run(&self) -> PathBuf {
        self.dir.path().join("runs/deploy.do.1")
    }

    fn spec(&self, script: &str) -> Spec {
        let argv = ["bash", "-eo", "pipefail", "-c", script].map(str::to_owned).to_vec();
        Spec { grace: Duration::from_millis(500), ..Spec::new(argv, self.dir.path().to_owned()) }
    }

    fn start(&self, spec: &Spec) {
        supervise::start_with(Path::new(env!("CARGO_BIN_EXE_tminus")), &self.run(), spec).unwrap();
    }

    fn look(&self) -> Look {
        supervise::look(&self.run()).unwrap()
    }

    fn end(&self) -> (RunEnd, bool) {
        wait_for("the end of the command", || match self.look() {
            Look::Ended { end, left_running, .. } => Some((end, left_running)),
            Look::Running { .. } => None,
            other => panic!("{other:?}"),
        })
    }

    fn output(&self) -> String {
        String::from_utf8_lossy(&supervise::read_output(&self.run(), 0, usize::MAX).unwrap().0).into_owned()
    }

    fn says(&self, text: &str) {
        wait_for(text, || self.output().contains(text).then_some(()));
    }

    fn pid_in(&self, file: &str) -> i32 {
        let path = self.dir.path().join(file);
        wait_for(file, || std::fs::read_to_string(&path).ok()?.trim().parse().ok())
    }
}

fn lives(pid: i32) -> bool {
    // A zombie that nobody has buried yet is dead.
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|s| !s.rsplit_once(')').is_some_and(|(_, rest)| rest.starts_with(" Z")))
}

fn pid(raw: i32) -> Pid {
    assert!(raw > 1, "{raw} is no process to kill");
    Pid::from_raw(raw).unwrap()
}

fn kill(raw: i32) {
    kill_process(pid(raw), Signal::KILL).unwrap();
}

#[test]
fn a_command_has_its_exit_code_its_output_and_a_terminal() {
    let step = Step::new();
    let mut spec = step.spec("echo hello $NAME; test -t 1 && echo tty; stty size <&2 || tput cols; exit 3");
    spec.env.insert("NAME".to_owned(), "green".to_owned());
    (spec.cols, spec.rows) = (100, 30);
    assert_eq!(step.look(), Look::NeverStarted);
    step.start(&spec);
    let (end, left) = step.end();
    assert!(matches!(end, RunEnd::Exited { code: 3, .. }), "{end:?}");
    assert!(!left);
    assert!(step.output().starts_with("hello green\r\ntty\r\n"), "{}", step.output());
}

#[test]
fn a_command_that_can_not_be_started_says_why() {
    let step = Step::new();
    step.start(&Spec::new(vec!["no-such-program".to_owned()], step.dir.path().to_owned()));
    let RunEnd::NotStarted { why } = step.end().0 else { panic!() };
    assert!(why.contains("no-such-program"), "{why}");
    let step = Step::new();
    step.start(&Spec::new(vec!["true".to_owned()], "/no/such/dir".into()));
    let RunEnd::NotStarted { why } = step.end().0 else { panic!() };
    assert!(why.contains("/no/such/dir is no directory"), "{why}");
}

#[test]
fn the_exit_code_is_kept_when_the_engine_is_killed() {
    let step = Step::new();
    let go = step.dir.path().join("go");
    let spec =
        step.spec(&format!("echo begun; while ! test -e {}; do sleep 0.02; done; echo done; exit 7", go.display()));
    // A parent that starts the supervisor, and is killed together with its group.
    let mut parent = Command::new("bash")
        .process_group(0)
        .args(["-c", "\"$0\" step \"$1\" < \"$2\"; sleep 60", env!("CARGO_BIN_EXE_tminus")])
        .arg(step.run())
        .arg({
            let file = step.dir.path().join("spec");
            std::fs::create_dir_all(step.run()).unwrap();
            std::fs::write(&file, serde_json::to_vec(&spec).unwrap()).unwrap();
            file
        })
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    step.says("begun");
    kill_process_group(pid(parent.id().cast_signed()), Signal::KILL).unwrap();
    parent.wait().unwrap();
    assert!(matches!(step.look(), Look::Running { .. }));
    std::fs::write(go, "").unwrap();
    assert!(matches!(step.end().0, RunEnd::Exited { code: 7, .. }));
    assert!(step.output().ends_with("done\r\n"));
}

#[test]
fn a_server_in_the_background_survives_the_step() {
    let step = Step::new();
    step.start(&step.spec("sleep 300 & echo $! > server; echo started"));
    let (end, left) = step.end();
    assert!(end.succeeded(), "{end:?}");
    assert!(left, "the record of the end says that something was left");
    let server = step.pid_in("server");
    let supervisor = std::fs::read_to_string(step.run().join("claim")).unwrap().trim().parse().unwrap();
    wait_for("the supervisor's end", || (!lives(supervisor)).then_some(()));
    assert!(lives(server), "the server was hung up");
    kill(server);
}

#[test]
fn a_prompt_fails_at_once_without_input() {
    for script in ["read -p 'Go on? ' answer", "read answer < /dev/tty", "read answer <&2"] {
        let step = Step::new();
        let begun = Instant::now();
        step.start(&step.spec(script));
        let (end, _) = step.end();
        assert!(matches!(end, RunEnd::Exited { code: 1.., .. }), "{script}: {end:?}");
        assert!(begun.elapsed() < Duration::from_secs(5));
    }
    let step = Step::new();
    step.start(&step.spec("sleep 300"));
    let refused = supervise::send_line(&step.run(), "yes").unwrap_err().to_string();
    assert!(refused.contains("input = true"), "{refused}");
    supervise::stop(&step.run()).unwrap();
    step.end();
}

#[test]
fn a_command_with_input_is_seen_to_ask_and_gets_the_line() {
    let step = Step::new();
    let spec = Spec {
        input: true,
        ..step.spec("read -p 'Password: ' p < /dev/tty; echo \"got ${#p}\"; read -p 'Sure? ' q; echo \"you said ${q}\"")
    };
    step.start(&spec);
    step.says("Password: ");
    wait_for("it to be seen as asking", || matches!(step.look(), Look::Running { asks: Some(_), .. }).then_some(()));
    supervise::send_line(&step.run(), "hunter2").unwrap();
    step.says("got 7");
    step.says("Sure? ");
    supervise::send_line(&step.run(), "yes").unwrap();
    assert!(step.end().0.succeeded());
    assert!(step.output().ends_with("you said yes\r\n"), "{}", step.output());
    assert!(!step.output().contains("hunter2"), "what was typed was written down: {}", step.output());
    assert!(supervise::send_line(&step.run(), "more").is_err());
    assert!(supervise::send_line(&step.run(), "a\nb").is_err());
}

#[test]
fn what_asks_for_a_secret_is_told_from_what_asks_in_the_open() {
    let step = Step::new();
    let script = "read -r -p 'Name? ' n; read -r -s p; echo \"got $n ${#p}\"; stty sane; read -r -p 'Sure? ' q";
    step.start(&Spec { input: true, ..step.spec(script) });
    let asks = |hidden: bool, line: &str| {
        wait_for("it to be seen as asking", || match step.look() {
            Look::Running { asks: Some(asks), .. } if asks.line == line.as_bytes() => {
                Some(()).filter(|()| asks.hidden == hidden)
            }
            _ => None,
        });
    };
    asks(false, "Name? ");
    supervise::send_line(&step.run(), "ana").unwrap();
    asks(true, "");
    supervise::send_line(&step.run(), "hunter2").unwrap();
    step.says("got ana 7");
    // A command that sets its terminal anew shows nothing of it either.
    asks(false, "Sure? ");
    supervise::send_line(&step.run(), "s3cret").unwrap();
    assert!(step.end().0.succeeded());
    assert_eq!(step.output().matches("ana").count(), 1, "{}", step.output());
    assert!(!step.output().contains("hunter2") && !step.output().contains("s3cret"), "{}", step.output());
}

#[test]
fn secrets_are_masked_also_when_they_come_in_pieces() {
    let step = Step::new();
    let spec = Spec {
        masked: serde_json::from_value(serde_json::json!({ "token": "s3cr3t-token" })).unwrap(),
        ..step
            .spec("printf 'a s3cr'; sleep 0.2; printf '3t-tok'; sleep 0.2; echo 'en z'; echo s3cr3t-token; printf s3cr")
    };
    step.start(&spec);
    step.end();
    assert_eq!(step.output(), "a •••••• z\r\n••••••\r\ns3cr");
}

#[test]
fn a_timeout_ends_it_with_all_that_it_started() {
    let step = Step::new();
    let spec = Spec {
        timeout: Some(Duration::from_millis(400)),
        ..step.spec("trap '' TERM; (trap '' TERM; setsid sleep 300 & echo $! > child; wait) & wait; sleep 300")
    };
    step.start(&spec);
    let child = step.pid_in("child");
    let (end, left) = step.end();
    assert!(matches!(end, RunEnd::TimedOut { took } if took.millis() >= 400), "{end:?}");
    assert!(!left);
    assert!(!lives(child), "a grandchild of another session is left");
}

#[test]
fn stopping_asks_first_and_then_kills_the_group_and_what_left_it() {
    let step = Step::new();
    let script = "trap 'echo cleaning up; exit 9' TERM; setsid sleep 300 & echo $! > away; \
                  sleep 301 & echo $! > near; while :; do sleep 0.05; done";
    step.start(&step.spec(script));
    let (away, near) = (step.pid_in("away"), step.pid_in("near"));
    assert!(supervise::stop(&step.run()).unwrap());
    assert!(matches!(step.end().0, RunEnd::Exited { code: 9, .. }));
    assert!(step.output().contains("cleaning up"));
    assert!(!lives(away) && !lives(near));
    // The end is on record a moment before the supervisor is gone.
    wait_for("the supervisor's end", || (!supervise::stop(&step.run()).unwrap()).then_some(()));

    let step = Step::new();
    step.start(&step.spec("sleep 300"));
    assert!(supervise::stop(&step.run()).unwrap());
    let end = step.end().0;
    assert!(matches!(end, RunEnd::Signalled { signal: 15, stopped: true, .. }), "{end:?}");
}

#[test]
fn nothing_runs_twice() {
    let step = Step::new();
    let spec = step.spec("echo once >> times; sleep 0.1");
    let runs: Vec<_> = std::thread::scope(|s| {
        let start = || supervise::start_with(Path::new(env!("CARGO_BIN_EXE_tminus")), &step.run(), &spec);
        let threads: Vec<_> = (0..4).map(|_| s.spawn(start)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    });
    assert_eq!(runs.iter().filter(|r| r.is_ok()).count(), 1, "{runs:?}");
    assert!(runs.iter().flat_map(|r| r.as_ref().err()).all(|e| e.kind() == std::io::ErrorKind::AlreadyExists));
    step.end();
    assert!(supervise::start_with(Path::new(env!("CARGO_BIN_EXE_tminus")), &step.run(), &spec).is_err());
    assert_eq!(std::fs::read_to_string(step.dir.path().join("times")).unwrap(), "once\n");
}

#[test]
fn a_late_supervisor_finds_a_void_claim() {
    let step = Step::new();
    assert!(supervise::void_claim(&step.run()).unwrap());
    assert!(!supervise::void_claim(&step.run()).unwrap());
    let spec = step.spec("echo ran > ran");
    assert!(supervise::start_with(Path::new(env!("CARGO_BIN_EXE_tminus")), &step.run(), &spec).is_err());
    assert!(matches!(step.look(), Look::Ended { end: RunEnd::NotStarted { .. }, .. }));
    assert!(!step.dir.path().join("ran").exists());
}

#[test]
fn a_supervisor_that_died_leaves_the_run_interrupted() {
    let step = Step::new();
    step.start(&step.spec("echo $$ > pid; echo words; sleep 300"));
    let command = step.pid_in("pid");
    step.says("words");
    kill(std::fs::read_to_string(step.run().join("claim")).unwrap().trim().parse().unwrap());
    wait_for("it to be interrupted", || matches!(step.look(), Look::Interrupted { output: 7 }).then_some(()));
    assert!(!supervise::stop(&step.run()).unwrap());
    kill(command);
}

#[test]
fn output_without_end_is_bounded_and_its_end_is_kept() {
    let step = Step::new();
    step.start(&Spec { cap: 1000, ..step.spec("head -c 3000000 /dev/zero | tr '\\0' x; echo the end") });
    assert!(step.end().0.succeeded());
    let output = step.output();
    assert!(output.len() < 80_000, "{}", output.len());
    assert!(output.contains("bytes were not kept") && output.ends_with("the end\r\n"));
}
