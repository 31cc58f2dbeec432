//! What a good reviewer would say of a text in a plan: of a command that it never ends, hides its failure or carries a
//! secret; of any text that it still has a blank to fill in. Warnings only: each is a guess. A wrong one costs more than
//! a missing one, since it makes people overlook the others.
//!
//! | file | what |
//! |---|---|
//! | `shell` | shell text to simple commands and their words |
//! | `unwrap` | `sudo`, `ssh host`, `bash -c '…'` taken away, by a table |
//! | `args` | the arguments of a program |
//! | `status` | whether somebody looks at the HTTP status that `curl` writes |
//! | `table` | which commands hold a step up or hide a failure, by a table |
//! | `names` | variables whose names are nearly those of the plan |
//! | `text` | secrets in clear and blanks |
//! | `changes` | which commands change production for sure, and of which nobody can tell |
//! | `looks` | which commands only look, by a table |
//! | `uses` | the programs, scripts and hosts that a command needs for certain |

mod args;
mod changes;
mod looks;
mod named;
mod names;
mod shell;
mod status;
mod table;
#[cfg(test)]
mod tests;
mod text;
mod unwrap;
mod uses;

use std::ops::Range;

pub(in crate::plan) use changes::{Effect, effect};
pub use uses::{Uses, uses};

pub(in crate::plan) use names::{on_names, on_plain_names};

/// A warning: which bytes of the text, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The bytes that it is about.
    pub at: Range<usize>,
    /// What is wrong and what would be right, a lower-case fragment.
    pub why: String,
}

/// Words by which people say that there is no command.
const NOTHING: &[&str] =
    &["none", "no", "n/a", "na", "nil", "null", "nothing", "-", "--", "manual", "manually", "by hand", "not possible"];

/// The remarks on a shell command; [`on_text`] knows more secrets, and blanks. One that asks is right where a person
/// answers it (`input = true`).
pub fn on_command(text: &str, answered: bool) -> Vec<Remark> {
    let mut remarks = Vec::new();
    if NOTHING.contains(&text.trim().to_lowercase().as_str()) {
        let why = format!("`{}` is run as a command; where there is none, leave the key out", text.trim());
        return vec![Remark { at: 0..text.len(), why }];
    }
    let runs = runs(text);
    for run in &runs {
        remarks.extend(table::remark(run, answered).map(|why| Remark { at: run.at.clone(), why }));
        remarks.extend(text::on_words(run));
        remarks.extend(status::unread(run, &runs, text));
    }
    for run in runs.iter().filter(|run| table::only_outlives(run)) {
        let said = |r: &Remark| run.at.start <= r.at.start && r.at.end <= run.at.end;
        if !remarks.iter().any(said) {
            remarks.push(Remark { at: run.at.clone(), why: table::NOHUP.to_owned() });
        }
    }
    remarks.dedup();
    remarks
}

/// The remarks on the command of a probe: that it does not return, or carries a secret. A failure that it hides shows in
/// what it prints.
pub fn on_probe(text: &str) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for run in runs(text) {
        remarks.extend(table::on_probe(&run).map(|why| Remark { at: run.at.clone(), why }));
        remarks.extend(text::on_words(&run));
    }
    remarks.dedup();
    remarks
}

/// The commands of a text; a loop that something leaves ends.
fn runs(text: &str) -> Vec<unwrap::Run> {
    let mut runs = unwrap::runs(text);
    let leaves =
        |run: &unwrap::Run| matches!(unwrap::program(&run.command.words), "break" | "exit" | "return" | "exec");
    let left = runs.iter().any(leaves);
    runs.iter_mut().for_each(|run| run.ends |= left && run.command.loops.is_some());
    runs
}

/// The command in a shell text that asks a person by the shell's own `read`, if one does. A shell does not even show the
/// question of `read -p` where its input is no terminal. A bare `read` counts only where nothing in the text could feed it:
/// no pipe and no redirection. Of one that is fed nothing is said: with an input that is empty it fails as it does behind
/// the last line of a good one, and nobody can tell from the end of the command which of them failed, or what else did.
pub fn question(text: &str) -> Option<&str> {
    let runs = runs(text);
    let mut reads = runs.iter().filter(|run| unwrap::program(&run.command.words) == "read");
    let bare = !text.replace("||", "").contains(['|', '<']);
    let asks = reads.find(|run| bare || table::on_probe(run).is_some())?;
    text.get(asks.at.clone())
}

/// The remark on what stands under a name: a secret in clear by what it is called.
pub fn on_named(name: &str, value: &str) -> Option<&'static str> {
    named::in_clear(name, value).then_some(text::IN_CLEAR)
}

/// The remarks on any text: secrets in clear, and blanks.
pub fn on_text(text: &str) -> Vec<Remark> {
    text::on_text(text)
}
