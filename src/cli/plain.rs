//! `--plain`: a launch as lines instead of a screen, for who hears it read aloud, and for the log of a build. A line is
//! written when something changes and never rewritten; clocks that only run on write none. What commands write is said line by
//! line. What is typed is an order, with the words of `tminus do`; its answer has its time as every line has.

mod changes;
mod output;

use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;
use std::time::Duration;

use tokio::sync::mpsc;

use super::attach::reconnect;
use super::do_;
use super::reach::{self, Who};
use super::session::{Lost, Session};
use super::standing::Standing;
use super::status;
use crate::core::event::Recorded;
use crate::core::ids::LaunchId;
use crate::core::launch::LaunchState;
use crate::core::tell;
use crate::core::text::clean;
use crate::core::time::Timestamp;
use crate::tui::words::Zone;
use crate::wire::link::{Link, Reconnect};
use changes::Said;
use output::Outputs;

/// How often a lost link is tried again, and how long is waited between.
const TRIES: u32 = 20;
const BETWEEN: Duration = Duration::from_secs(3);

/// The engine speaks every second: after so long without a word what was written may be no longer so.
const SILENT: Duration = Duration::from_secs(10);

/// Writes what changes until the launch is over, or the person leaves: with `quit`, at a terminal also with Ctrl-D. The end
/// of a pipe ends nothing, since a build has nothing to type and reads on.
pub fn follow(id: &LaunchId, who: &Who) -> color_eyre::Result<ExitCode> {
    let who = &Who { screen: true, ..who.clone() };
    let left = reach::block_on(async {
        let (link, _) = reach::link(id, who).await?;
        on(link, Some(reconnect(id.clone(), who.clone()))).await
    })?;
    match left.over {
        true => println!("{id} is over: `tminus report {id}` shows what happened"),
        false => println!("{id} goes on: `tminus attach {id} --plain` comes back"),
    }
    Ok(ExitCode::from(left.status))
}

/// How the lines ended.
pub struct Left {
    /// The launch is over.
    pub over: bool,
    /// The exit status: 0, or where orders came by a pipe, that of the first one that was not taken, as `tminus do` has it.
    pub status: u8,
}

/// The same on a link, which is made again by `again` where it is lost.
pub async fn on(link: Link, mut again: Option<Reconnect>) -> color_eyre::Result<Left> {
    let mut session = Session::open(link).await?;
    session.signals().await?;
    let mut lines = Lines::begin(&session.state);
    let mut outputs = Outputs::begin(&session.state);
    let mut typed = typed();
    let (mut asks, mut silent) = (true, false);
    // A person sees what is refused; a script is told by how this ends.
    let script = !std::io::stdin().is_terminal();
    let mut status = 0;
    let left = |over, status| Ok(Left { over, status });
    loop {
        lines.write(&mut session);
        if reach::over(&session.state) {
            return left(true, status);
        }
        let heard = async {
            session.hear().await?;
            outputs.news(&mut session).await
        };
        let line = tokio::select! {
            heard = heard => match (heard, &mut again) {
                (Err(e), Some(again)) if e.is::<Lost>() => {
                    lines.link("lost, and tried again; what is above is as of then");
                    session = joined(again).await?;
                    lines.write(&mut session);
                    lines.link("back; `tminus log` has what happened meanwhile");
                    continue;
                }
                (heard, _) => {
                    // What a command wrote stands before its end.
                    heard?.into_iter().for_each(|said| lines.say_now(&session, "output", &said));
                    if std::mem::take(&mut silent) {
                        lines.write(&mut session);
                        lines.link("the engine speaks again");
                    }
                    continue;
                }
            },
            () = tokio::time::sleep(SILENT), if !silent => {
                silent = true;
                lines.link("the engine says nothing any more; what is above is as of then");
                continue;
            }
            line = typed.recv(), if asks => line,
        };
        let line = match line {
            Some(Ok(line)) => line,
            Some(Err(why)) => {
                lines.say_now(&session, "answer", &format!("not taken: {why}; type it again"));
                status = if script && status == 0 { do_::MISSPELT } else { status };
                continue;
            }
            None if !script => return left(false, status),
            None => {
                println!("nothing more is typed; what changes is written until the launch is over");
                asks = false;
                continue;
            }
        };
        match order(&line) {
            "" => {}
            "quit" | "q" | "detach" | "exit" => return left(false, status),
            line => {
                let answer = answer(&mut session, &mut outputs, line).await;
                lines.write(&mut session);
                match answer {
                    // The link is made again; whether the order was taken is in the log.
                    Err(e) if e.is::<Lost>() && again.is_some() => lines.say_now(&session, "answer", &e.to_string()),
                    answer => {
                        let (code, said) = answer?;
                        status = if script && status == 0 { code } else { status };
                        said.iter().for_each(|said| lines.answer(&session, said));
                    }
                }
            }
        }
    }
}

/// The answer to a line that was typed, and its exit status as `tminus do` has it.
async fn answer(session: &mut Session, outputs: &mut Outputs, line: &str) -> color_eyre::Result<(u8, Option<String>)> {
    let mut words = line.split_whitespace();
    match (words.next().unwrap_or_default(), words.next(), words.next()) {
        ("status", None, None) => {
            session.signals().await?;
            let standing = Standing::of(&session.state, Some(&session.readout), &session.trouble);
            Ok((0, Some(status::long(&standing, &session.state))))
        }
        ("output", step, None) => Ok((0, Some(output::asked(session, step).await?.join("\n")))),
        ("quiet", None, None) => {
            outputs.follows = !outputs.follows;
            let said = if outputs.follows { "output of commands is said again" } else { OUTPUT_OFF };
            Ok((0, Some(said.to_owned())))
        }
        ("help" | "?", None, None) => Ok((0, Some(format!("{}{OWN_WORDS}", do_::orders())))),
        _ => do_::typed(session, line).await,
    }
}

const OUTPUT_OFF: &str = "output of commands is not said any more; `quiet` says it again, `output STEP` the end of one";

/// What can be typed here alone.
const OWN_WORDS: &str = "\nHere also: `status` says how all stands, `output STEP` the end of what its command wrote, `quiet` \
keeps the output of commands back, `quit` leaves.";

/// What is typed, line by line; a line that can't be read says why.
fn typed() -> mpsc::Receiver<Result<String, String>> {
    let (tell, told) = mpsc::channel(16);
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().split(b'\n') {
            let Ok(line) = line else { return };
            let line = String::from_utf8(line).map_err(|e| format!("the line is no UTF-8: {e}"));
            if tell.blocking_send(line).is_err() {
                return;
            }
        }
    });
    told
}

/// The order in a line, also where it is typed as at the screen's `:` or as hints spell it for a shell.
fn order(line: &str) -> &str {
    let line = line.trim().trim_start_matches(':');
    line.strip_prefix("tminus do ").or_else(|| line.strip_prefix("do ")).unwrap_or(line).trim()
}

/// A new link to the engine, which is started again once where it died.
async fn joined(again: &mut Reconnect) -> color_eyre::Result<Session> {
    let mut left = TRIES;
    loop {
        left -= 1;
        match again().await {
            Ok(link) => {
                let mut session = Session::open(link).await?;
                session.signals().await?;
                return Ok(session);
            }
            Err(why) if left == 0 => return Err(color_eyre::eyre::eyre!("the link is lost: {why}")),
            Err(_) => tokio::time::sleep(BETWEEN).await,
        }
    }
}

/// What was written.
struct Lines {
    zone: Zone,
    day: String,
    said: Said,
    /// When the engine was heard last.
    heard: Timestamp,
}

impl Lines {
    fn begin(state: &LaunchState) -> Self {
        let zone = Zone::new(state.outline.zone.as_deref(), state.wall);
        let mode = state.rehearsal().unwrap_or_else(|| "live".to_owned());
        let about = format!("{}: {}, {}, {mode}", state.id, state.outline.name, state.outline.environment);
        println!("{}", clean(&about));
        println!(
            "an order is typed as after `tminus do`: run STEP, explain, hold WHY, rollback stage WHY; `help` lists them, `status` says how all stands, `quit` leaves"
        );
        Self { zone, day: String::new(), said: Said::default(), heard: state.last_at }
    }

    /// Writes what happened, then what is otherwise than it was.
    fn write(&mut self, session: &mut Session) {
        for event in std::mem::take(&mut session.events) {
            self.event(&session.state, &event);
        }
        let standing = Standing::of(&session.state, Some(&session.readout), &session.trouble);
        self.heard = standing.now;
        for (kind, text) in self.said.news(&standing, &session.readout) {
            self.say(standing.now, kind, &text);
        }
    }

    /// Something else, now.
    fn say_now(&mut self, session: &Session, kind: &str, text: &str) {
        self.heard = self.heard.max(session.readout.at);
        self.say(self.heard, kind, text);
    }

    /// An answer: its first line with its time, the others below it.
    fn answer(&mut self, session: &Session, said: &str) {
        let (first, rest) = said.split_once('\n').unwrap_or((said, ""));
        self.say_now(session, "answer", first);
        rest.lines().for_each(|line| println!("{line}"));
    }

    /// Something of the link, with the moment in which the engine was heard last.
    fn link(&mut self, text: &str) {
        self.say(self.heard, "link", text);
    }

    fn event(&mut self, state: &LaunchState, event: &Recorded) {
        let told = tell::tell(state, &event.event);
        self.say(event.at, told.kind, &told.text);
    }

    fn say(&mut self, at: Timestamp, kind: &str, text: &str) {
        let full = self.zone.full(at);
        let day = full.split(' ').next().unwrap_or_default();
        if self.day != day {
            println!("{full}");
            day.clone_into(&mut self.day);
        }
        println!("{}  {kind:<8} {}", self.zone.seconds(at), clean(text));
    }
}
