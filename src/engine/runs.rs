//! Effects on commands: they are started beside a supervisor, looked at by its files, and stopped through it. A restarted
//! engine takes the same path: look at what is there.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::standins;
use crate::core::asked;
use crate::core::event::RunEnd;
use crate::core::ids::{RunId, RunKind};
use crate::core::launch::{LaunchState, missing_outputs};
use crate::core::mask::MASK;
use crate::core::outline::StepOutline;
use crate::core::secret::Secrets;
use crate::core::text::{clean, mentions};
use crate::core::time::{Span, Timestamp};
use crate::core::view::Asks;
use crate::paths;
use crate::plan::commands;
use crate::supervise::{self, Look, Spec};

/// How long a supervisor may take to claim its run.
const CLAIM: Duration = Duration::from_secs(10);

/// As much of the end of an output is looked at for a question, in bytes.
const TAIL: u64 = 16 * 1024;

/// A longer line is no output to keep, in bytes.
const OUTPUT: usize = 4096;

/// At most this many characters of a question are shown.
const PROMPT: usize = 120;

/// A run that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ended {
    /// Which.
    pub run: RunId,
    /// How.
    pub end: RunEnd,
    /// Processes that it started run on in the background.
    pub left_running: bool,
    /// The sign that it asked for input, which it did not have.
    pub asked: Option<String>,
    /// Bytes of its output that were not kept.
    pub unkept: u64,
    /// The last line of its output, or why it can't be kept; none where there is none.
    pub last: Option<Result<String, String>>,
}

/// The commands of a launch.
#[derive(Debug)]
pub struct Runs {
    dir: PathBuf,
    plan_dir: PathBuf,
    /// Those that this engine started and nobody has claimed yet.
    started: BTreeMap<RunId, Instant>,
    asking: BTreeMap<RunId, Asks>,
    processes: BTreeMap<RunId, i32>,
}

impl Runs {
    /// Of the launch in `dir`; commands run in `plan_dir`.
    pub fn new(dir: PathBuf, plan_dir: PathBuf) -> Self {
        Self { dir, plan_dir, started: BTreeMap::new(), asking: BTreeMap::new(), processes: BTreeMap::new() }
    }

    /// Starts a command whose intent is durable, or kept in memory where that is `late`, and its files with it. An end
    /// means that it could not be started.
    pub fn start(&mut self, state: &LaunchState, run: &RunId, secrets: &Secrets, late: bool) -> Option<RunEnd> {
        let dir = paths::run_dir(&if late { paths::late(&self.dir) } else { self.dir.clone() }, run);
        if state.stands_in() {
            standins::start(state, run, &dir);
            return None;
        }
        let spec = match spec(state, run, secrets, &self.plan_dir) {
            Ok(spec) => spec,
            Err(why) => return Some(RunEnd::NotStarted { why }),
        };
        match supervise::start(&dir, &spec) {
            Ok(()) => {
                self.started.insert(run.clone(), Instant::now());
                None
            }
            // The end of whoever claimed it before is not that of this run.
            Err(e) if e.kind() == io::ErrorKind::AlreadyExists => {
                Some(RunEnd::NotStarted { why: format!("{e}, by a run that the journal does not know") })
            }
            // A supervisor that comes up late must not start what we say did not start.
            Err(e) => match supervise::void_claim(&dir) {
                Ok(true) => Some(RunEnd::NotStarted { why: e.to_string() }),
                Ok(false) | Err(_) => None,
            },
        }
    }

    /// Asks for a command's end.
    pub fn stop(&self, run: &RunId) {
        match supervise::stop(&self.directory(run)) {
            Ok(true) => {}
            Ok(false) => tracing::info!("{run} has no supervisor to stop it any more"),
            Err(e) => tracing::error!("{run} can't be stopped: {e}"),
        }
    }

    /// A process of a run's command that is alive, also where its supervisor is gone, as far as that is known.
    pub fn outlived(&self, run: &RunId) -> Option<i32> {
        supervise::outlived(&self.directory(run)).unwrap_or_else(|e| {
            tracing::error!("whether the command of {run} lives on can't be told: {e}");
            None
        })
    }

    /// Sends a line to a command. The error is for the person who sent it.
    pub fn input(&self, run: &RunId, line: &str) -> Result<(), String> {
        supervise::send_line(&self.directory(run), line).map_err(|e| format!("{run} took no line: {e}"))
    }

    /// Those of the open runs that wait for a line of input, as of the last look.
    pub fn asking(&self) -> &BTreeMap<RunId, Asks> {
        &self.asking
    }

    /// The processes of the open runs, and of those whose end nobody observed, as of the last look; those that were not
    /// noted yet are left out.
    pub fn processes(&self) -> &BTreeMap<RunId, i32> {
        &self.processes
    }

    /// Those of the open runs that have ended. `now` is for those that ask.
    pub fn ended(&mut self, state: &LaunchState, now: Timestamp) -> Vec<Ended> {
        let open = state.runs.iter().filter(|(_, r)| r.end.is_none()).map(|(id, _)| id.clone());
        let open: Vec<RunId> = open.collect();
        self.asking.retain(|run, _| open.contains(run));
        self.processes.retain(|run, _| open.contains(run));
        let lost = state.runs.iter().filter(|(_, r)| matches!(r.end, Some((_, RunEnd::Interrupted)))).map(|(id, _)| id);
        let lost = lost.filter_map(|run| Some((run.clone(), self.outlived(run)?)));
        let lost: Vec<_> = lost.collect();
        self.processes.extend(lost);
        let ended = open.into_iter().filter_map(|run| {
            if state.stands_in() {
                return standins::ended(state, run, now);
            }
            let (end, left_running, unkept) = self.end(&run, now, state.pace())?;
            let asked = asked(state, &run, &end, &self.directory(&run));
            let keeps = state.outline.step(&run.step).is_some_and(|step| step.output.is_some());
            let last = if keeps { last_line(&self.directory(&run)) } else { None };
            Some(Ended { run, end, left_running, asked, unkept, last })
        });
        let ended: Vec<Ended> = ended.collect();
        for Ended { run, end, .. } in &ended {
            self.asking.remove(run);
            self.processes.remove(run);
            if *end == RunEnd::Interrupted {
                self.processes.extend(self.outlived(run).map(|process| (run.clone(), process)));
            }
        }
        ended
    }

    /// `pace` is how many times as fast as the wall clock the timeline runs.
    fn end(&mut self, run: &RunId, now: Timestamp, pace: i64) -> Option<(RunEnd, bool, u64)> {
        let dir = self.directory(run);
        match supervise::look(&dir) {
            Ok(Look::Running { asks, .. }) => {
                match asks {
                    Some(asks) => {
                        let quiet = i64::try_from(asks.quiet.as_millis()).unwrap_or(i64::MAX);
                        let (since, prompt) = (now - Span(quiet).times(pace), prompt(&asks.line));
                        let hidden = asks.hidden;
                        // When it fell silent is known to a moment only; what was told stays.
                        let known = self.asking.get(run).filter(|known| known.prompt == prompt);
                        let since = known.map_or(since, |known| known.since);
                        self.asking.insert(run.clone(), Asks { since, prompt, hidden });
                    }
                    None => drop(self.asking.remove(run)),
                }
                self.started.remove(run);
                if !self.processes.contains_key(run) {
                    let process = self.outlived(run);
                    self.processes.extend(process.map(|process| (run.clone(), process)));
                }
                None
            }
            Ok(Look::Ended { end, left_running, unkept, .. }) => Some((end, left_running, unkept)),
            Ok(Look::Interrupted { .. }) => Some((RunEnd::Interrupted, self.outlived(run).is_some(), 0)),
            Ok(Look::NeverStarted) => {
                let begun = self.started.get(run);
                if begun.is_some_and(|at| at.elapsed() < CLAIM) {
                    return None;
                }
                let why = match begun {
                    Some(_) => "its supervisor did not come up within 10 s",
                    None => "the engine ended before it was started",
                };
                match supervise::void_claim(&dir) {
                    Ok(true) => Some((RunEnd::NotStarted { why: why.to_owned() }, false, 0)),
                    // Somebody was first: the next look tells.
                    Ok(false) => None,
                    Err(e) => {
                        tracing::error!("{run}: {e}");
                        None
                    }
                }
            }
            Err(e) => {
                tracing::error!("{run} can't be looked at: {e}");
                None
            }
        }
    }

    /// Moves what ended runs have in memory to where their launch is: there is room again.
    pub fn bring_home(&self, state: &LaunchState) {
        let late = paths::late(&self.dir);
        let Ok(entries) = fs::read_dir(paths::runs(&late)) else { return };
        let mut all = true;
        for entry in entries.flatten() {
            let name = entry.file_name();
            let run = paths::run_of(&name.to_string_lossy());
            let ended = run.as_ref().and_then(|run| state.runs.get(run)).is_none_or(|known| known.end.is_some());
            if !ended || supervise::outlived(&entry.path()).ok().flatten().is_some() {
                all = false;
                continue;
            }
            if let Err(e) = move_files(&entry.path(), &paths::runs(&self.dir).join(name)) {
                tracing::warn!("{} stays in memory: {e}", entry.path().display());
                all = false;
            }
        }
        if all {
            let _ = fs::remove_dir_all(late);
        }
    }

    fn directory(&self, run: &RunId) -> PathBuf {
        paths::run_now(&self.dir, run)
    }
}

/// Moves a directory's files to another file system. Where it fails they stay where they are.
fn move_files(from: &Path, to: &Path) -> io::Result<()> {
    let half = to.with_extension("half");
    let _ = fs::remove_dir_all(&half);
    paths::make(&half)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        if entry.file_type()?.is_file() {
            fs::copy(entry.path(), half.join(entry.file_name()))?;
        }
    }
    fs::rename(&half, to)?;
    fs::remove_dir_all(from)
}

/// The sign that a command without input asked for some: it failed, or repeated its question until its timeout.
fn asked(state: &LaunchState, run: &RunId, end: &RunEnd, dir: &Path) -> Option<String> {
    let failed = matches!(end, RunEnd::Exited { code: 1.., .. } | RunEnd::TimedOut { .. });
    let step = state.outline.step(&run.step)?;
    let stopping = state.runs.get(run).is_some_and(|r| r.stopping);
    if !failed || stopping || has_input(step, run) {
        return None;
    }
    let tail = supervise::read_last(dir, TAIL).unwrap_or_default();
    let lines: Vec<String> = tail.split(|b| *b == b'\n').map(shown).collect();
    // A shell's `read` shows its question to a terminal only, and ends with 1.
    let in_text = || {
        let text = command(step, run).filter(|_| matches!(end, RunEnd::Exited { code: 1, .. }))?;
        commands::question(text).map(asked::sign_in_text)
    };
    asked::sign(&lines).or_else(in_text)
}

/// The last line that says something, as a terminal shows it. One with a secret in it, or that is cut, is not kept.
fn last_line(dir: &Path) -> Option<Result<String, String>> {
    let tail = match supervise::read_last(dir, TAIL) {
        Ok(tail) => tail,
        Err(e) => return Some(Err(format!("its output can't be read: {e}"))),
    };
    let cut = tail.len() as u64 >= TAIL;
    let lines = tail.split(|b| *b == b'\n').map(shown).enumerate();
    let (at, line) = lines.filter(|(_, line)| !line.is_empty()).last()?;
    Some(if line.contains(MASK) {
        Err("the last line of its output holds a secret, which is never kept".to_owned())
    } else if line.len() > OUTPUT || (cut && at == 0) {
        Err(format!("the last line of its output is longer than {OUTPUT} bytes"))
    } else {
        Ok(line)
    })
}

/// A question as a screen can show it.
fn prompt(line: &[u8]) -> String {
    shown(line).chars().take(PROMPT).collect()
}

/// A line as a terminal shows it: without escape sequences, from the last return of the carriage on.
fn shown(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let (mut shown, mut returned, mut chars) = (String::new(), false, text.chars());
    while let Some(c) = chars.next() {
        match c {
            '\r' => returned = true,
            '\x1b' => match chars.next() {
                // A control sequence ends with a letter or `~`, a string such as a title with a bell or `ESC \`.
                Some('[') => drop(chars.find(|c| matches!(c, '@'..='~'))),
                Some(']' | 'P' | '_' | '^' | 'X') => drop(chars.find(|c| matches!(c, '\x07' | '\\'))),
                _ => {}
            },
            c => {
                if std::mem::take(&mut returned) {
                    shown.clear();
                }
                shown.push(c);
            }
        }
    }
    clean(&shown).trim().to_owned()
}

/// The text of a run's command.
fn command<'a>(step: &'a StepOutline, run: &RunId) -> Option<&'a str> {
    match run.kind {
        RunKind::Do => step.run.as_deref(),
        RunKind::Undo => step.undo.as_ref().map(|u| u.run.as_str()),
    }
}

/// An undo never has input.
fn has_input(step: &StepOutline, run: &RunId) -> bool {
    step.input && run.kind == RunKind::Do
}

/// What to run for a run.
fn spec(state: &LaunchState, run: &RunId, secrets: &Secrets, dir: &Path) -> Result<Spec, String> {
    let outline = &state.outline;
    let step = outline.step(&run.step).ok_or_else(|| format!("the plan has no step `{}` any more", run.step))?;
    let timeout = match run.kind {
        RunKind::Do => step.timeout,
        RunKind::Undo => step.undo.as_ref().and_then(|u| u.timeout),
    };
    let text = command(step, run).ok_or_else(|| format!("the plan has no command for {run} any more"))?;
    let unknown = outline.secrets.keys().find(|name| secrets.get(name).is_none() && mentions(text, name));
    if let Some(name) = unknown {
        return Err(format!("the secret `{name}` has no value in the engine: send it with `tminus do env {name}`"));
    }
    if let Some(missing) = missing_outputs(state, run, text).first() {
        return Err(missing.words());
    }
    let shell = if outline.shell.is_empty() {
        ["bash", "-eo", "pipefail", "-c"].map(str::to_owned).to_vec()
    } else {
        outline.shell.clone()
    };
    let argv = shell.into_iter().chain([text.to_owned()]).collect();
    let mut spec = Spec::new(argv, dir.to_owned());
    spec.env.extend(outline.vars.clone());
    spec.env.extend(step.vars.clone());
    spec.env.extend(state.outputs.iter().filter_map(|(name, kept)| Some((name.clone(), kept.value.clone()?))));
    spec.env.insert("TMINUS_LAUNCH".to_owned(), state.id.to_string());
    spec.env.insert("TMINUS_STEP".to_owned(), run.step.to_string());
    spec.secrets = secrets.used();
    spec.masked = secrets.besides();
    spec.timeout = timeout.map(|t| t.to_std());
    spec.input = has_input(step, run);
    if let Some(r) = state.runs.get(run) {
        (spec.cols, spec.rows) = (r.cols.max(1), r.rows.max(1));
    }
    Ok(spec)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_what_a_terminal_would_show() {
        assert_eq!(prompt(b"Sure? [y/N] "), "Sure? [y/N]");
        assert_eq!(prompt(b"50 %\r\x1b[2K\x1b[1;31mReally\x1b[0m? \x1b]0;title\x07"), "Really?");
        assert_eq!(prompt(b"Retry? \r"), "Retry?");
        assert_eq!(prompt(&[b'x'; 4000]).len(), PROMPT);
        assert_eq!(prompt(b"a\x1b[12"), "a");
    }

    #[test]
    fn a_command_that_speaks_of_a_secret_is_found() {
        assert!(mentions("psql \"$primary\" -c x", "primary"));
        assert!(mentions("psql ${primary:?}", "primary"));
        assert!(!mentions("psql $primary_url primary", "primary"));
    }
}
