//! `tminus demo`: a simulated production and a launch in it, to be tried without any risk.
//!
//! ```text
//! tminus demo ─pipe─▶ tminus demo world DIR (the production) ─pipe─▶ tminus engine DIR/plan.toml
//!      └───────────── the screen, over the engine's socket ─────────────────────┘
//! ```
//!
//! Each process is tied to the one before it by a pipe: however the screen ends, `kill -9` included, the world notices,
//! ends the engine and all that the plan's commands left, and removes the directory.

use std::ffi::OsString;
use std::fs;
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use clap::builder::PossibleValuesParser;
use color_eyre::eyre::{WrapErr as _, bail, eyre};
use rustix::process::{Pid, Signal, WaitOptions};

use super::attach::Show;
use super::plain;
use super::reach::Who;
use crate::demo::scenario::{self, SCENARIOS, Scenario};
use crate::demo::server::Server;
use crate::demo::{PLAN, tell};
use crate::wire::connect::connect;
use crate::{paths, tui};

/// How long the world gets to end, and the engine before it is killed.
const GRACE: Duration = Duration::from_secs(8);

/// What goes wrong, and how fast.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// What happens
    #[arg(long, value_name = "NAME", default_value = SCENARIOS[0].name,
        value_parser = PossibleValuesParser::new(SCENARIOS.iter().map(|s| s.name)), long_help = told())]
    scenario: String,
    /// How fast the production lives against the clock, 0.1 to 20; all that it says of itself is in its own seconds
    #[arg(long, default_value_t = 1.0, value_parser = speed)]
    speed: f64,
    #[command(flatten)]
    who: Who,
    #[command(flatten)]
    show: Show,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What the demo starts of itself.
#[derive(Debug, clap::Subcommand)]
enum Part {
    /// What the demo plan's commands do to the simulated production
    #[command(hide = true)]
    Tell {
        /// Where it listens
        url: String,
        #[command(subcommand)]
        word: tell::Word,
    },
    /// The simulated production and its engine, until standard input ends
    #[command(hide = true)]
    World {
        /// Its directory, removed in the end
        dir: PathBuf,
    },
}

fn told() -> String {
    let lines = SCENARIOS.iter().map(|s| format!("  {:<12} {}", s.name, s.what));
    format!("What happens:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

fn speed(text: &str) -> Result<f64, String> {
    let speed: f64 = text.parse().map_err(|_| "this is no number".to_owned())?;
    if (0.1..=20.0).contains(&speed) { Ok(speed) } else { Err("it goes from 0.1 to 20".to_owned()) }
}

/// Shows the demo, or is a part of it.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    let story = scenario::find(&args.scenario).ok_or_else(|| eyre!("there is no scenario `{}`", args.scenario))?;
    match &args.part {
        Some(Part::Tell { url, word }) => {
            tell::tell(url, word, &mut io::stdout().lock())?;
            Ok(ExitCode::SUCCESS)
        }
        Some(Part::World { dir }) => world(dir, story, args.speed),
        None => show(&args),
    }
}

/// The screen, and around it the world's beginning and end.
fn show(args: &Args) -> color_eyre::Result<ExitCode> {
    if !args.show.plain() && (!io::stdin().is_terminal() || !io::stdout().is_terminal()) {
        bail!("this is no terminal, and the demo is a screen");
    }
    let dir = std::env::temp_dir().join(format!("tminus-demo-{:016x}", rand::random::<u64>()));
    paths::make(&dir).wrap_err_with(|| format!("the demo needs a directory of its own at {}", dir.display()))?;
    let shown = shown(&dir, args);
    let swept = fs::remove_dir_all(&dir);
    if let Err(e) = swept
        && e.kind() != io::ErrorKind::NotFound
    {
        eprintln!("tminus: {} could not be removed: {e}", dir.display());
    }
    match shown? {
        tui::Left::Signalled(signal) => Ok(ExitCode::from(128_u8.saturating_add(signal))),
        tui::Left::Detached | tui::Left::Over => {
            println!("The demo is over. Nothing of it is left running.");
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn shown(dir: &Path, args: &Args) -> color_eyre::Result<tui::Left> {
    let mut world = Command::new(std::env::current_exe()?)
        // Who sits here opens the launch, and leads it.
        .envs(args.who.declared.iter().map(|name| ("TMINUS_AS", name)))
        .args(["demo", "--scenario", &args.scenario, "--speed", &args.speed.to_string(), "world"])
        .arg(dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(fs::File::create(dir.join("world.log"))?)
        // Ctrl-C is for the screen.
        .process_group(0)
        .spawn()?;
    let left = attached(dir, &mut world, args);
    drop(world.stdin.take());
    ended(&mut world, GRACE + Duration::from_secs(4));
    left
}

fn attached(dir: &Path, world: &mut Child, args: &Args) -> color_eyre::Result<tui::Left> {
    let Ok(launch) = first_word(world.stdout.take()) else {
        let said = fs::read_to_string(dir.join("world.log")).unwrap_or_default();
        bail!("the demo's production did not start: {}", said.trim());
    };
    let socket = paths::socket(&state(dir).join(launch));
    let options = tui::Options { quiet: true, ..args.show.options() };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let left = runtime.block_on(async {
        let link = connect(&socket, &args.who.hello()).await?;
        if args.show.plain() {
            let over = plain::on(link, None).await?.over;
            return Ok(if over { tui::Left::Over } else { tui::Left::Detached });
        }
        Ok::<_, color_eyre::Report>(tui::run(options, link).await?)
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
    left
}

/// The production and its engine.
fn world(dir: &Path, story: Scenario, speed: f64) -> color_eyre::Result<ExitCode> {
    // What the engine's supervisors leave behind comes to us, so that we can end it.
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    let result = runtime.block_on(lived(dir, story, speed));
    runtime.shutdown_background();
    end_children();
    let _ = fs::remove_dir_all(dir);
    result.map(|()| ExitCode::SUCCESS)
}

async fn lived(dir: &Path, story: Scenario, speed: f64) -> color_eyre::Result<()> {
    let server = Server::bind(story, speed).await?;
    let production = format!("http://{}", server.address()?);
    let serving = tokio::spawn(server.serve());
    let mut engine = engine(dir, &production)?;
    let launch = match first_word(engine.stdout.take()) {
        Ok(launch) => launch,
        Err(said) => {
            engine.wait()?;
            bail!("the engine did not start: {said}");
        }
    };
    println!("ready {launch}");
    io::stdout().flush()?;
    let mut terminate = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    let mut look = tokio::time::interval(Duration::from_millis(250));
    let mut ends = Box::pin(tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink())));
    loop {
        tokio::select! {
            _ = &mut ends => break,
            _ = terminate.recv() => break,
            _ = look.tick() => if engine.try_wait()?.is_some() { break },
        }
    }
    drop(engine.stdin.take());
    ended(&mut engine, GRACE);
    serving.abort();
    Ok(())
}

fn engine(dir: &Path, production: &str) -> color_eyre::Result<Child> {
    let exe = std::env::current_exe()?;
    let plan = dir.join("plan.toml");
    fs::write(&plan, PLAN)?;
    let var = |name: &str, value: OsString| {
        let mut var = OsString::from(name);
        var.push("=");
        var.push(value);
        [OsString::from("--var"), var]
    };
    Ok(Command::new(&exe)
        .arg("engine")
        .arg(&plan)
        .args(["--daemon", "--tied"])
        .args(var("production", production.into()))
        .args(var("tminus", exe.clone().into()))
        .env("TMINUS_STATE", state(dir))
        .env("TMINUS_DEMO_SENTRY", "sntryu_of_the_demo")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(fs::File::create(dir.join("engine.log"))?)
        .spawn()?)
}

fn state(dir: &Path) -> PathBuf {
    dir.join("state")
}

/// The launch's name, from the line with which a process says that it is ready; else all that it says.
fn first_word(stdout: Option<ChildStdout>) -> Result<String, String> {
    let mut stdout = BufReader::new(stdout.ok_or("it has no standard output")?);
    let mut said = String::new();
    stdout.read_line(&mut said).map_err(|e| e.to_string())?;
    if let Some(launch) = said.strip_prefix("ready ") {
        return Ok(launch.trim().to_owned());
    }
    let _ = stdout.read_to_string(&mut said);
    Err(said.trim().to_owned())
}

/// Waits for a process's end, and kills it where it takes too long.
fn ended(child: &mut Child, grace: Duration) {
    let deadline = Instant::now() + grace;
    while matches!(child.try_wait(), Ok(None)) {
        if Instant::now() > deadline {
            let _ = child.kill();
            let _ = child.wait();
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Kills whatever still is a child of ours, until nothing is.
fn end_children() {
    let deadline = Instant::now() + GRACE;
    while Instant::now() < deadline {
        for child in children() {
            let _ = rustix::process::kill_process(child, Signal::KILL);
        }
        match rustix::process::wait(WaitOptions::NOHANG) {
            Err(_) => return,
            Ok(Some(_)) => {}
            Ok(None) => std::thread::sleep(Duration::from_millis(10)),
        }
    }
}

fn children() -> Vec<Pid> {
    let me = rustix::process::getpid().as_raw_nonzero().get();
    let parent = |pid: i32| -> Option<i32> {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
    };
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let pids = entries.filter_map(|e| e.file_name().to_str()?.parse::<i32>().ok());
    pids.filter(|pid| parent(*pid) == Some(me)).filter_map(Pid::from_raw).collect()
}
