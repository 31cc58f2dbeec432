//! What a good reviewer would ask about a plan that could be launched. Warnings only.

use std::collections::BTreeSet;
use std::ops::Range;

use super::commands::{changes_production, on_command, on_text};
use super::never::never;
use super::problem::Problem;
use crate::core::condition::{Condition, Op, Operand, Test};
use crate::core::ids::StepId;
use crate::core::outline::{Outline, PhaseOutline, StepOutline, TriggerAction};

/// Says everything that a reviewer would.
pub fn lint(text: &str, outline: &Outline, problems: &mut Vec<Problem>) {
    let find = |needle: &str| place_of(text, needle);
    texts(text, problems);
    for step in all_steps(outline) {
        let at = place_of_id(text, step.id.as_str().rsplit('/').next().unwrap_or_default());
        if step.owner.is_none() {
            problems.push(
                Problem::warning("no-owner", at.clone(), format!("nobody owns `{}`", step.id))
                    .help("say who with `owner`"),
            );
        }
        for run in step.run.iter().chain(step.undo.as_ref().map(|u| &u.run)) {
            command(text, run, &at, problems);
        }
    }
    for phase in &outline.phases {
        let changes: Vec<&StepOutline> = outline.steps_of(&phase.id).filter(|s| s.run.is_some()).collect();
        let back = |s: &&StepOutline| s.undo.is_some() || outline.rollbacks.iter().any(|r| r.undoes.contains(&s.id));
        if !changes.is_empty() && !changes.iter().any(back) {
            let message = format!("the phase `{}` runs commands and has no way back", phase.id);
            let help = "give its steps an `undo`, or name them in a rollback's `undoes`";
            problems.push(Problem::warning("no-way-back", place_of_id(text, phase.id.as_str()), message).help(help));
        }
        let lasting = changes.iter().filter(|s| !back(s) && s.run.as_deref().is_some_and(changes_production));
        let lasting: Vec<String> = lasting.map(|s| format!("`{}`", s.id)).collect();
        if changes.iter().any(back) && !lasting.is_empty() {
            let message = format!("nothing takes back what {} changes in production", lasting.join(", "));
            let help = "give it an `undo`, or name it in a rollback's `undoes`";
            problems.push(Problem::warning("no-way-back", place_of_id(text, phase.id.as_str()), message).help(help));
        }
        if let Some((one, other)) = side_by_side(outline, phase) {
            let message =
                format!("the rows of `{}` do not wait for each other: `{one}` and `{other}` can run at once", phase.id);
            let help = "name in each row what it follows, as { n = 25, follows = \"share-5\" }, and write after = [\"${follows}\"]";
            problems.push(Problem::warning("rows-at-once", place_of_id(text, phase.id.as_str()), message).help(help));
        }
    }
    for rollback in &outline.rollbacks {
        let at = find(&format!("rollback.{}", rollback.id));
        if rollback.estimate.is_none() {
            let message = format!("nobody can tell how long the rollback `{}` takes", rollback.id);
            problems.push(
                Problem::warning("no-estimate", at.clone(), message)
                    .help("measure it in a rehearsal and write `estimate`"),
            );
        }
        if rollback.require.is_empty() {
            let message =
                format!("the rollback `{}` requires nothing: it is READY even where its target is down", rollback.id);
            problems.push(
                Problem::warning("no-require", at, message)
                    .help("say with `require` what it goes back to, as blue is ok"),
            );
        }
    }
    for trigger in &outline.triggers {
        let at = place_of_id(text, trigger.id.as_str());
        if let Some(why) = never(&trigger.when, outline) {
            problems.push(Problem::warning(
                "never-fires",
                at.clone(),
                format!("the trigger `{}` can't fire: {why}", trigger.id),
            ));
        }
        let back = !outline.rollbacks.is_empty() || outline.steps.iter().any(|s| s.undo.is_some());
        if trigger.action == TriggerAction::Propose && !back {
            let message = format!("the trigger `{}` proposes a way back, and the plan has none", trigger.id);
            let help = "give steps an `undo`, or add [rollback.NAME]; to be told only, write action = \"notify\"";
            problems.push(Problem::warning("no-way-back", at, message).help(help));
        }
    }
    for condition in conditions(outline) {
        if let Test::Compare { op: Op::AtMost | Op::Less, to: Operand::Baseline { times, plus: None }, .. } =
            &condition.test
            && times.get() <= 1.0
        {
            let message = format!("`{condition}` is false about half of the time: the baseline is a median");
            let help = "leave room, as baseline * 1.5 or baseline + 0.5%";
            problems.push(Problem::warning("bare-baseline", find("baseline"), message).help(help));
        }
    }
}

fn all_steps(outline: &Outline) -> impl Iterator<Item = &StepOutline> {
    outline.steps.iter().chain(outline.rollbacks.iter().flat_map(|r| &r.steps))
}

fn conditions(outline: &Outline) -> Vec<&Condition> {
    let steps = all_steps(outline).flat_map(|s| {
        let gate = s.gate.iter().flat_map(|g| &g.require);
        s.verify.iter().chain(&s.fail).chain(gate).chain(s.undo.iter().flat_map(|u| &u.require))
    });
    let probes = outline.probes.iter().flat_map(|p| p.warn.iter().chain(&p.critical));
    let triggers = outline.triggers.iter().map(|t| &t.when);
    steps.chain(probes).chain(triggers).chain(outline.rollbacks.iter().flat_map(|r| &r.require)).collect()
}

/// Two commands of different rows of a phase's `each` of which neither waits for the other, nor for a gate between them.
fn side_by_side<'a>(outline: &'a Outline, phase: &PhaseOutline) -> Option<(&'a StepId, &'a StepId)> {
    // Only the rows of `each` bring variables of their own.
    let steps: Vec<(usize, &StepOutline)> =
        outline.steps.iter().enumerate().filter(|(_, s)| s.phase == phase.id).collect();
    let runs = || steps.iter().filter(|(_, s)| s.run.is_some() && !s.vars.is_empty());
    runs().find_map(|(at, one)| {
        let below = runs().filter(|(_, other)| other.vars != one.vars).find(|(below, other)| {
            at < below && !waits(outline, other, *at..*below) && !waits(outline, one, *below..*below + 1)
        });
        below.map(|(_, other)| (&one.id, &other.id))
    })
}

/// Whether a step waits, itself or through others, for the first step of this part of the plan or for a gate in it.
fn waits(outline: &Outline, step: &StepOutline, part: Range<usize>) -> bool {
    let part = outline.steps[part].iter().enumerate();
    let stops: Vec<&StepId> = part.filter(|(at, s)| *at == 0 || s.gate.is_some()).map(|(_, s)| &s.id).collect();
    let (mut open, mut seen) = (vec![step], BTreeSet::new());
    while let Some(step) = open.pop() {
        if step.after.iter().any(|id| stops.contains(&id)) {
            return true;
        }
        open.extend(step.after.iter().filter(|id| seen.insert(*id)).filter_map(|id| outline.step(id)));
    }
    false
}

/// Remarks on the file's texts: on each line without its comment, so that a comment may name what is missing.
fn texts(text: &str, problems: &mut Vec<Problem>) {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let code = without_comment(line);
        for remark in on_text(code) {
            let at = offset + remark.at.start..offset + remark.at.end;
            problems.push(Problem::warning("text", at, remark.why));
        }
        offset += line.len();
    }
}

/// Remarks on a command, where it stands in the file if it stands there as it is.
fn command(text: &str, command: &str, at: &Range<usize>, problems: &mut Vec<Problem>) {
    let begin = text.find(command);
    for remark in on_command(command) {
        let whole = at.clone();
        let at = begin.map_or(whole, |begin| begin + remark.at.start..begin + remark.at.end);
        // Secrets and blanks were found in the file's text already.
        if !problems.iter().any(|p| p.at.start <= at.start && at.end <= p.at.end && p.message == remark.why) {
            problems.push(Problem::warning("command", at, remark.why));
        }
    }
}

/// A line without its comment; a `#` inside quotes is none.
fn without_comment(line: &str) -> &str {
    let mut quote = None;
    for (at, c) in line.char_indices() {
        match (quote, c) {
            (None, '#') => return &line[..at],
            (None, '"' | '\'') => quote = Some(c),
            (Some(q), c) if c == q => quote = None,
            _ => {}
        }
    }
    line
}

fn place_of(text: &str, needle: &str) -> Range<usize> {
    text.find(needle).map_or(0..0, |at| at..at + needle.len())
}

/// Where an id is given: after `id =`, else where it stands first in quotes. Ids of rows of `each` are not in the text;
/// then the file as a whole is meant.
fn place_of_id(text: &str, id: &str) -> Range<usize> {
    let quoted = format!("\"{id}\"");
    let given = text
        .match_indices(&quoted)
        .find(|(at, _)| text[..*at].trim_end().trim_end_matches('=').trim_end().ends_with("id"));
    given.map_or(0..0, |(at, found)| at..at + found.len())
}
