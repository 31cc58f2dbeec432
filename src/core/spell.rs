//! Orders as people write them: `run start`, `hold "looks odd"`, `severity 2 checkout is slow`. One table feeds
//! `tminus do`, the screen's `:` line, its completion, the help, and the `do` lines that *explain* prints.
//!
//! What an order must name but nobody types (the attempt, the gate's round, the rollback's item) is taken from the
//! state that the writer sees.

mod checks;
mod notices;
mod read;
mod shifts;
#[cfg(test)]
mod tests;
mod write;

use super::ids::{RunKind, StepId};
use super::launch::LaunchState;
use super::order::What;
use super::text::did_you_mean;
use crate::core::view::Readout;
use read::Reader;

pub use write::write;

/// How it is said of a run that it did its work, and that it did not. That an undo did is the opposite of that its step did.
fn found_words(of: RunKind) -> (&'static str, &'static str) {
    match of {
        RunKind::Do => ("done", "not-done"),
        RunKind::Undo => ("undone", "not-undone"),
    }
}

/// A word that begins an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// The word.
    pub word: &'static str,
    /// What follows it.
    pub args: &'static str,
    /// What it does, one line.
    pub what: &'static str,
}

const fn spelling(word: &'static str, args: &'static str, what: &'static str) -> Spelling {
    Spelling { word, args, what }
}

/// All orders, in the order in which help shows them.
pub const ORDERS: &[Spelling] = &[
    spelling("run", "STEP", "start a step; again after a failure; open the poll of a gate"),
    spelling("sh", "COMMAND", "run a command that is not in the plan, on the record, as a step; also under a hold"),
    spelling(
        "tick",
        "STEP [ITEM]",
        "tick a box, by its number from 1 or the beginning of its text; with a watch for STEP, of its check",
    ),
    spelling("untick", "STEP [ITEM]", "take a tick back"),
    spelling(
        "done",
        "STEP [WHY]",
        "a step done by hand, or a watch's check, is done; with WHY, count a failed one as done (an override)",
    ),
    spelling("found", "WATCH TEXT", "a check is done, and something is not well"),
    spelling("skip", "STEP WHY", "leave a step, or a watch's check, out this time"),
    spelling("na", "STEP WHY", "a step does not apply"),
    spelling(
        "stop",
        "STEP [finish | now typed ENVIRONMENT WHY]",
        "stop a running step; `finish` lets its command end by itself, `now` stops one that the plan lets finish, an override",
    ),
    spelling("input", "STEP LINE", "send a line to a step's command"),
    spelling("output", "NAME VALUE WHY", "say what a step's output is where its command did not; VALUE in quotes"),
    spelling(
        "resolve",
        "STEP done|not-done|undone|not-undone WHY",
        "say what became of an interrupted step; where its undo was interrupted, undone or not-undone",
    ),
    spelling("vote", "GATE ROLE go|no-go [WHY]", "vote at an open gate"),
    spelling("go", "GATE [WHY]", "decide go; WHY is needed over an unmet requirement or a missing vote"),
    spelling("no-go", "GATE WHY", "decide no-go"),
    spelling("approve", "STEP [alone WHY]", "agree to the start of a step that needs more than one person"),
    spelling("hold", "WHY", "no new step starts until released; everyone's hold counts by itself"),
    spelling("release", "[of NAME] WHY", "release your hold, the only one, or NAME's (`engine` for the engine's)"),
    spelling("severity", "1..4 [TEXT]", "open an incident; `severity 2 #1 TEXT` changes incident 1"),
    spelling("describe", "INCIDENT TEXT", "say what is wrong, anew; the severity stays"),
    spelling("respond", "INCIDENT [TEXT]", "you are on it from now on: ends the response clock"),
    spelling("update", "INCIDENT TEXT", "tell how it goes: starts the update clock anew"),
    spelling("investigating", "INCIDENT [TEXT]", "nobody knows yet what it is, or again not"),
    spelling("mitigating", "INCIDENT [TEXT]", "something is being done against it"),
    spelling("mitigated", "INCIDENT [TEXT]", "people are no longer hurt: nobody more is called; updates go on"),
    spelling(
        "called",
        "[INCIDENT] [ROLE] answered|no-answer [TEXT]",
        "who was to be called next, or ROLE, was called; without an answer the backup comes next, then the next role",
    ),
    spelling("close", "INCIDENT [TEXT]", "close an incident, with what it was"),
    spelling("note", "TEXT", "write into the log"),
    spelling("fix", "[STEP] TEXT", "note what is to be mended in the plan, for the report and for who starts it next"),
    spelling(
        "rollback",
        "NAME|stage|all [typed ENV] WHY",
        "start a way back; where it does what a fired trigger asks for, that is WHY enough",
    ),
    spelling("again", "", "a rollback that stopped: try its failed item again"),
    spelling("by-hand", "WHY", "a rollback that stopped: its failed item was done by hand"),
    spelling("leave", "WHY", "a rollback that stopped: give it up where it stands"),
    spelling(
        "settled",
        "[rollback N] WHY",
        "what a rollback that was left half done left was put right by other means; N where several were",
    ),
    spelling("fire", "TRIGGER WHY", "fire a trigger that people fire: the answer to its question is yes"),
    spelling("clear", "TRIGGER WHY", "what a trigger was fired for by a person is over; it is armed again"),
    spelling("dismiss", "TRIGGER WHY", "answer for not following a trigger"),
    spelling(
        "ack",
        "[all|NAME|#INCIDENT|notice N] [TEXT]",
        "you are on it: what fired, and what people were told of by `[[notify]]`; alone, or with `all`, all of that",
    ),
    spelling("mute", "NAME|all SPAN WHY", "silence a trigger, a probe or all for SPAN (2h); it is evaluated as before"),
    spelling("unmute", "NAME|all", "end a mute"),
    spelling("notify-test", "CHANNEL", "send a message by a channel that says that it is a test"),
    spelling(
        "forget",
        "PROBE[INSTANCE] WHY",
        "an instance that is missing or fails no longer counts, until it is back",
    ),
    spelling(
        "baseline",
        "[PROBE] [SPAN]",
        "capture the normal of a probe's signals, or of all, from the last SPAN (10m)",
    ),
    spelling(
        "slip",
        "SPAN|to TIME WHY",
        "move T-0 and what counts from it: `+35m` later, `-10m` earlier, `to 02:35` in the plan's zone",
    ),
    spelling("outside", "STEP WHY", "the lead lets a step start though its window is closed; an override"),
    spelling("lead", "NAME [WHY]", "take or hand over the lead; WHY to a name that nobody known goes by"),
    spelling(
        "handover",
        "[to NAME] [TEXT]",
        "hand your shift over, with what stands now and TEXT; the next one accepts it",
    ),
    spelling("accept", "", "accept the handover that is yours: you are on shift from now on"),
    spelling("take-over", "WHY", "you are on shift from now on, without a handover; an override"),
    spelling("adopt", "HASH", "take in the plan file as it is now; `tminus do diff` shows the difference and its hash"),
    spelling("end", "ENVIRONMENT WHY", "end the launch; the environment's name is typed"),
];

/// Other words for an order.
const ALSO: &[(&str, &str)] = &[("sev", "severity"), ("resolved", "close")];

/// The word of [`ORDERS`] that a typed word means; itself where it is no other word for one.
pub fn canonical(word: &str) -> &str {
    ALSO.iter().find(|(also, _)| *also == word).map_or(word, |(_, word)| word)
}

/// The command of a line that begins with `sh`, as it was typed: its quotes are the shell's.
pub fn command_of(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("sh")?;
    rest.starts_with(char::is_whitespace).then(|| rest.trim()).filter(|command| !command.is_empty())
}

/// Splits a typed line into words; double or single quotes keep blanks together.
pub fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut begun = false;
    for c in line.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => word.push(c),
            // An apostrophe inside a word is one: `don't`.
            None if c == '"' || (c == '\'' && word.is_empty()) => {
                quote = Some(c);
                begun = true;
            }
            None if c.is_whitespace() => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            None => word.push(c),
        }
    }
    if let Some(q) = quote {
        return Err(format!("a quote {q} is not closed"));
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

/// The step of that id; of a rollback's own step, `traffic/to-blue`, the last word is enough where it is the only one.
/// An error names the nearest one.
pub fn step(state: &LaunchState, name: &str) -> Result<StepId, String> {
    let id = StepId::from(name);
    if state.outline.step(&id).is_some() {
        return Ok(id);
    }
    if let Some(id) = state.outline.step_of_rollback(name) {
        return Ok(id.clone());
    }
    let hint = did_you_mean(name, state.outline.steps.iter().map(|s| s.id.as_str()));
    Err(format!("the plan has no step `{name}`{hint}"))
}

/// Reads an order, as of what is known now. The error says what is wrong with it, and how it is spelled.
pub fn read(words: &[String], state: &LaunchState, readout: &Readout) -> Result<What, String> {
    let (word, rest) = words.split_first().ok_or("no order given")?;
    let Some(known) = ORDERS.iter().find(|o| o.word == canonical(word)) else {
        if matches!(word.as_str(), "explain" | "diff") {
            let takes = if word == "diff" { "no words" } else { "one name, or none" };
            return Err(format!("`{word}` takes {takes}"));
        }
        let hint = did_you_mean(word, ORDERS.iter().map(|o| o.word));
        return Err(format!("there is no order `{word}`{hint}"));
    };
    Reader { word: known, rest, state, readout }
        .order()
        .map_err(|why| format!("{why}; it is spelled: {}", format!("{} {}", known.word, known.args).trim_end()))
}
