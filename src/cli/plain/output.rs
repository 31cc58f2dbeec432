//! What commands write, a line each as it comes; of much at once only the end. Whoever has enough of it types `quiet`.

use std::collections::BTreeMap;

use base64::Engine as _;

use crate::cli::session::Session;
use crate::core::ids::RunId;
use crate::core::launch::LaunchState;
use crate::core::text::clean;
use crate::core::words::count;
use crate::tui::output::Output;
use crate::wire::message::{Answer, Query};

/// So many lines of a command are said at once.
const AT_ONCE: usize = 12;

/// So many are said of the one that is asked for.
const ASKED: usize = 20;

/// The end of an output that is looked at where only that is said.
const END: u64 = 64 * 1024;

/// Bytes that are asked for at once.
const PIECE: u32 = 256 * 1024;

/// The commands that run, with what was said of each.
pub struct Outputs {
    /// Whether they are said.
    pub follows: bool,
    runs: BTreeMap<RunId, Heard>,
}

/// What was heard of a command.
#[derive(Default)]
struct Heard {
    next: u64,
    /// A line that has no end yet.
    open: Vec<u8>,
    over: bool,
}

impl Outputs {
    /// From now on: of what is over already nothing is said.
    pub fn begin(state: &LaunchState) -> Self {
        let over = state.runs.iter().filter(|(_, run)| run.end.is_some());
        let runs = over.map(|(id, _)| (id.clone(), Heard { over: true, ..Heard::default() })).collect();
        Self { follows: true, runs }
    }

    /// What was written since; an error where the link is lost. May be given up and begun anew.
    pub async fn news(&mut self, session: &mut Session) -> color_eyre::Result<Vec<String>> {
        let mut said = Vec::new();
        let all: Vec<(RunId, bool)> =
            session.state.runs.iter().map(|(id, run)| (id.clone(), run.end.is_some())).collect();
        for (id, ended) in all {
            let heard = self.runs.entry(id.clone()).or_default();
            if heard.over {
                continue;
            }
            let (mut bytes, mut next) = (Vec::new(), heard.next);
            if self.follows {
                loop {
                    let piece = piece(session, &id, next).await?;
                    next += piece.len() as u64;
                    if piece.is_empty() {
                        break;
                    }
                    bytes.extend(piece);
                }
            }
            heard.next = next;
            heard.over = ended;
            heard.open.extend(bytes);
            let end = if ended {
                heard.open.len()
            } else {
                heard.open.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)
            };
            let whole: Vec<u8> = heard.open.drain(..end).collect();
            said.extend(last(&lines(&whole), AT_ONCE, &id));
        }
        Ok(said)
    }
}

/// The end of what a step's command wrote last; of the one that runs, or ran last, where none is named.
pub async fn asked(session: &mut Session, step: Option<&str>) -> color_eyre::Result<Vec<String>> {
    let runs = session.state.runs.iter().filter(|(id, _)| step.is_none_or(|step| id.step.as_str() == step));
    let newest = runs.max_by_key(|(_, run)| (run.end.is_none(), run.started)).map(|(id, _)| id.clone());
    let Some(run) = newest else {
        return Ok(vec![match step {
            Some(step) => format!("no command of `{step}` has run"),
            None => "no command has run yet".to_owned(),
        }]);
    };
    let total = total(session, &run).await?;
    let mut from = total.saturating_sub(END);
    let cut = from > 0;
    let mut bytes = Vec::new();
    loop {
        let piece = piece(session, &run, from).await?;
        if piece.is_empty() {
            break;
        }
        from += piece.len() as u64;
        bytes.extend(piece);
    }
    let mut all = lines(&bytes);
    if cut && !all.is_empty() {
        all.remove(0);
    }
    if all.is_empty() {
        return Ok(vec![format!("{run} wrote nothing")]);
    }
    Ok(last(&all, ASKED, &run))
}

async fn total(session: &mut Session, run: &RunId) -> color_eyre::Result<u64> {
    let parts = session.get(Query::Output { run: run.clone(), from: 0, max: 0 }).await?;
    let totals = parts.iter().map(|part| if let Answer::Output { total, .. } = part { *total } else { 0 });
    Ok(totals.max().unwrap_or(0))
}

async fn piece(session: &mut Session, run: &RunId, from: u64) -> color_eyre::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for part in session.get(Query::Output { run: run.clone(), from, max: PIECE }).await? {
        if let Answer::Output { data, .. } = part {
            bytes.extend(base64::engine::general_purpose::STANDARD.decode(data)?);
        }
    }
    Ok(bytes)
}

/// Lines as a screen would show them: without colours, and of a line that was written anew only its last form.
fn lines(bytes: &[u8]) -> Vec<String> {
    let mut output = Output::of(None);
    output.feed(0, bytes, bytes.len() as u64, None);
    let said = output.lines.iter().map(|line| clean(line.text.trim_end()));
    said.filter(|line| !line.is_empty()).collect()
}

/// The last of several lines, each with its command; before them how many are left out.
fn last(lines: &[String], most: usize, run: &RunId) -> Vec<String> {
    let out = lines.len().saturating_sub(most);
    let left = (out > 0).then(|| format!("{}: {} before are left out", run.step, count(out, "line")));
    left.into_iter().chain(lines[out..].iter().map(|line| format!("{}: {line}", run.step))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::ids::RunKind;

    #[test]
    fn a_line_is_said_as_it_stood_at_its_end_and_of_many_the_last() {
        assert_eq!(lines(b"\x1b[31mred\x1b[0m\n10 %\r50 %\r100 %\n\n  two\n"), ["red", "100 %", "  two"]);
        let run = RunId { step: "deploy".into(), kind: RunKind::Do, attempt: 1 };
        let many: Vec<String> = (0..20).map(|i| format!("line {i}")).collect();
        let said = last(&many, 3, &run);
        assert!(said[0] == "deploy: 17 lines before are left out", "{said:?}");
        assert_eq!(said[1..], ["deploy: line 17", "deploy: line 18", "deploy: line 19"]);
        assert_eq!(last(&many[..1], 3, &run), ["deploy: line 0"]);
    }
}
