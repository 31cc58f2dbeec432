//! Measured minutes as proposed `estimate`s: a difference of the plan's file in which nothing else changes, so that its
//! comments stay. Nothing here writes the file.

use std::collections::BTreeMap;
use std::ops::Range;

use super::places::Places;
use crate::core::estimates::{Measured, rounded};
use crate::core::outline::Outline;
use crate::core::time::Span;

/// Lines shown around a change, as other programs do.
const AROUND: usize = 3;

/// A proposal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Proposal {
    /// A unified difference that `patch` takes; empty where nothing would change.
    pub diff: String,
    /// What was measured and has no place in the file to write it, a line each.
    pub left_out: Vec<String>,
}

/// Bytes of the file that are replaced; none of them where something is put in.
struct Edit {
    at: Range<usize>,
    with: String,
}

/// What the estimates of a plan's file would be after what was measured. `name` stands for the file in the difference.
pub fn propose(text: &str, name: &str, outline: &Outline, places: &Places, measured: &Measured) -> Proposal {
    let mut proposal = Proposal::default();
    // Rows of an `each` share one place: the longest counts.
    let mut wanted: BTreeMap<usize, (Option<Range<usize>>, Span)> = BTreeMap::new();
    let mut want = |id: Range<usize>, at: Option<Range<usize>>, took: Span| {
        let known = wanted.entry(id.start).or_insert((at, took));
        known.1 = known.1.max(took);
    };
    for (step, took) in &measured.steps {
        match places.steps.get(step) {
            Some(id) => want(id.clone(), places.estimates.get(step).cloned(), *took),
            None => proposal.left_out.push(format!("{step} took {}: it is not in the file any more", rounded(*took))),
        }
    }
    for (rollback, took) in &measured.rollbacks {
        match places.rollback_estimates.get(rollback) {
            Some(at) => want(at.clone(), Some(at.clone()), *took),
            None => {
                proposal.left_out.push(format!("rollback {rollback} took {}: it has no `estimate` yet", rounded(*took)))
            }
        }
    }
    for (step, took) in &measured.undos {
        match places.undo_estimates.get(step) {
            Some(at) => want(at.clone(), Some(at.clone()), *took),
            None if outline.step(step).is_some() => {
                let how = "write undo = { run = …, estimate = … }";
                proposal.left_out.push(format!("the undo of {step} took {}: {how}", rounded(*took)));
            }
            None => {}
        }
    }
    let mut edits: Vec<Edit> =
        wanted.into_iter().filter_map(|(id, (at, took))| edit(text, id, at, rounded(took))).collect();
    edits.sort_by_key(|edit| edit.at.start);
    proposal.diff = unified(text, name, &edits);
    proposal
}

/// None where the estimate is that already.
fn edit(text: &str, id: usize, at: Option<Range<usize>>, took: Span) -> Option<Edit> {
    let Some(at) = at else {
        let begin = text.get(..id)?.rfind('\n').map_or(0, |at| at + 1);
        let end = text.get(id..)?.find('\n').map_or(text.len(), |at| id + at);
        let indent: String = text.get(begin..id)?.chars().take_while(|c| c.is_whitespace()).collect();
        return Some(Edit { at: end..end, with: format!("\n{indent}estimate = \"{took}\"") });
    };
    let written = text.get(at.clone())?.trim_matches(['"', '\'']);
    let known = written.contains("${") || written.parse().is_ok_and(|known: Span| known == took);
    (!known).then(|| Edit { at, with: format!("\"{took}\"") })
}

/// The difference, in hunks.
fn unified(text: &str, name: &str, edits: &[Edit]) -> String {
    let mut begin = 0;
    // Each line as it is, and what it becomes where it changes.
    let lines: Vec<(&str, Option<String>)> = text
        .split_inclusive('\n')
        .map(|line| {
            let (from, bare) = (begin, line.trim_end_matches('\n'));
            begin += line.len();
            let here = edits.iter().filter(|edit| edit.at.start >= from && edit.at.start <= from + bare.len());
            let mut new = bare.to_owned();
            for edit in here.rev() {
                new.replace_range(edit.at.start - from..edit.at.end - from, &edit.with);
            }
            (bare, Some(new).filter(|new| new != bare))
        })
        .collect();
    let changed: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].1.is_some()).collect();
    let (mut out, mut at, mut shift) = (String::new(), 0, 0);
    while let Some(first) = changed.get(at) {
        let mut last = at;
        while changed.get(last + 1).is_some_and(|next| *next <= changed[last] + 2 * AROUND) {
            last += 1;
        }
        let (from, to) = (first.saturating_sub(AROUND), (changed[last] + AROUND + 1).min(lines.len()));
        let mut hunk: Vec<String> = Vec::new();
        for (line, new) in &lines[from..to] {
            match new {
                None => hunk.push(format!(" {line}")),
                Some(new) => match new.strip_prefix(line).and_then(|more| more.strip_prefix('\n')) {
                    Some(more) => hunk.extend([format!(" {line}"), format!("+{more}")]),
                    None => {
                        hunk.push(format!("-{line}"));
                        hunk.extend(new.split('\n').map(|new| format!("+{new}")));
                    }
                },
            }
        }
        let count = |not: char| hunk.iter().filter(|line| !line.starts_with(not)).count();
        let (old, new) = (count('+'), count('-'));
        if out.is_empty() {
            out = format!("--- {name}\n+++ {name}\n");
        }
        out.push_str(&format!("@@ -{},{old} +{},{new} @@\n{}\n", from + 1, from + 1 + shift, hunk.join("\n")));
        shift = shift + new - old;
        at = last + 1;
    }
    out
}
