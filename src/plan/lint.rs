//! What a good reviewer would ask about a plan that could be launched. Warnings only.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::closing;
use super::commands::{Effect, Remark, effect, on_command, on_named, on_names, on_plain_names, on_probe, on_text};
use super::file::Text;
use super::gates;
use super::never::never;
use super::places::{Gaps, Places, inside};
use super::problem::{Problem, Severity, place};
use super::tree::is_command;
use crate::core::condition::{Condition, Op, Operand, Test};
use crate::core::ids::StepId;
use crate::core::notice::{NoticeKind, NotifyOutline};
use crate::core::outline::{OnStop, Outline, PhaseOutline, StepOutline, TriggerAction};
use crate::core::time::Span;

/// Says everything that a reviewer would; of a condition that stands alone it is said where it is read.
pub fn lint(text: &str, outline: &Outline, places: &Places, problems: &mut Vec<Problem>) {
    let gaps = &places.gaps;
    let wrong: BTreeSet<&str> = problems.iter().filter(|p| p.severity == Severity::Error).map(|p| p.code).collect();
    let wrong = |codes: &[&str]| codes.iter().any(|code| wrong.contains(code));
    // Names of steps that could not be found: who waits for whom and what is undone is not wholly known.
    let unlinked = gaps.lost || wrong(&["no-step", "cycle", "twice", "row", "variable"]);
    texts(text, problems);
    named(text, problems);
    commands(text, outline, places, problems);
    if !gaps.lost {
        plain_names(text, outline, gaps, problems);
    }
    nobodys(text, outline, places, problems);
    if !unlinked {
        gates::lint(outline, places, problems);
        closing::lint(outline, places, problems);
    }
    // Of the rows of an `each` what is written once is said once.
    let mut tight = BTreeSet::new();
    endless(text, outline, places, problems);
    for phase in &outline.phases {
        let at = known(places.phases.get(&phase.id));
        let changes: Vec<&StepOutline> = outline.steps_of(&phase.id).filter(|s| s.run.is_some()).collect();
        let unsure = unlinked
            || gaps.rollbacks
            || changes.iter().any(|s| gaps.may_have(&known(places.steps.get(&s.id)), "undo"));
        let back = |s: &&StepOutline| s.undo.is_some() || outline.rollbacks.iter().any(|r| r.undoes.contains(&s.id));
        let lasting = |wanted: Effect| {
            if unsure {
                return None;
            }
            let steps = changes.iter().filter(|s| !back(s) && s.run.as_deref().is_some_and(|r| effect(r) == wanted));
            let mut ids: Vec<String> = steps.map(|s| format!("`{}`", written(text, s, places))).collect();
            ids.dedup();
            listed(&ids)
        };
        let help = "give it an `undo`, or name it in a rollback's `undoes`";
        if let Some(steps) = lasting(Effect::Changes) {
            let message = if changes.iter().any(back) {
                format!("nothing takes back what {steps} changes in production")
            } else {
                format!("the phase `{}` changes production by {steps} and has no way back", phase.id)
            };
            problems.push(Problem::warning("no-way-back", at.clone(), message).help(help));
        } else if let Some(steps) = lasting(Effect::Unknown).filter(|_| !changes.iter().any(back)) {
            let id = &phase.id;
            let message =
                format!("the phase `{id}` has no way back; whether {steps} changes production can't be told from here");
            let help = format!("{help}; a script that only looks is known by its name, as check-web.sh");
            problems.push(Problem::warning("no-way-back", at.clone(), message).help(help));
        }
        if let Some(window) =
            phase.window.as_ref().or(outline.window.as_ref()).filter(|_| !gaps.may_have(&at, "window"))
        {
            for step in &changes {
                let takes = step.estimate.max(step.soak).unwrap_or(Span::ZERO);
                let at = known(places.steps.get(&step.id));
                if takes > window.length() && window.length() < Span::mins(24 * 60) && tight.insert(at.start) {
                    let id = written(text, step, places);
                    let message = format!("`{id}` takes {takes}, its window is {} long: {window}", window.length());
                    problems.push(
                        Problem::warning("window", at, message).help(
                            "a window only says when a step may start; give the phase a longer one if it must fit",
                        ),
                    );
                }
            }
        }
        if let Some((one, other)) = side_by_side(outline, phase).filter(|_| !unlinked) {
            let message =
                format!("the rows of `{}` do not wait for each other: `{one}` and `{other}` can run at once", phase.id);
            let help = "name in each row what it follows, as { n = 25, follows = \"share-5\" }, and write after = [\"${follows}\"]";
            let row = places.rows.get(other).cloned().unwrap_or(at);
            problems.push(Problem::warning("rows-at-once", row, message).help(help));
        }
    }
    for rollback in &outline.rollbacks {
        let at = known(places.rollbacks.get(&rollback.id));
        if rollback.estimate.is_none() && !gaps.may_have(&at, "estimate") {
            let message = format!("nobody can tell how long the rollback `{}` takes", rollback.id);
            problems.push(
                Problem::warning("no-estimate", at.clone(), message)
                    .help("measure it in a rehearsal and write `estimate`"),
            );
        }
        if rollback.require.is_empty() && !gaps.may_have(&at, "require") && !gaps.required.contains(&rollback.id) {
            let message =
                format!("the rollback `{}` requires nothing: it is READY even where its target is down", rollback.id);
            problems.push(
                Problem::warning("no-require", at, message)
                    .help("say with `require` what it goes back to, as blue is ok"),
            );
        }
    }
    if !gaps.rules {
        told(outline, places, problems);
    }
    for (trigger, (id, when)) in outline.triggers.iter().zip(&places.triggers) {
        let read = |condition: &&Condition| !gaps.probes.contains(&condition.subject.probe);
        if let Some(why) = trigger.when().filter(read).and_then(|condition| never(condition, outline)) {
            let message = format!("the trigger `{}` can't fire: {why}", trigger.id);
            problems.push(Problem::warning("never-fires", when.clone(), message));
        }
        let back = gaps.may_undo() || !outline.rollbacks.is_empty() || outline.steps.iter().any(|s| s.undo.is_some());
        if trigger.action == TriggerAction::Propose && !back {
            let message = format!("the trigger `{}` proposes a way back, and the plan has none", trigger.id);
            let help = "give steps an `undo`, or add [rollback.NAME]; to be told only, write action = \"notify\"";
            problems.push(Problem::warning("no-way-back", id.clone(), message).help(help));
        }
    }
}

/// Channels that tell nobody anything, and severities with clocks that nobody is told of though there are channels.
fn told(outline: &Outline, places: &Places, problems: &mut Vec<Problem>) {
    let known = |at: Option<&Range<usize>>| at.cloned().unwrap_or(0..0);
    for channel in &outline.channels {
        let backup = |rule: &NotifyOutline| rule.unacked.as_ref().is_some_and(|b| b.to.contains(&channel.id));
        if !outline.notify.iter().any(|rule| rule.to.contains(&channel.id) || backup(rule)) {
            let message = format!("nothing is told by the channel `{}`", channel.id);
            let help = "name it in a [[notify]]: on = [\"critical\", \"trigger\", \"sev1\"], to = …";
            let at = known(places.channels.get(&channel.id));
            problems.push(Problem::warning("unused-channel", at, message).help(help));
        }
    }
    for (level, severity) in &outline.severities {
        let kind = NoticeKind::severity(*level);
        let told = outline.notify.iter().any(|rule| rule.on.contains(&kind));
        // Without any channel it may be that all sit in one room; whom to call is for those who do not.
        let wanted = !severity.escalate.is_empty() || (severity.respond.is_some() && !outline.channels.is_empty());
        if wanted && !told {
            let message = format!("a SEV{level} must be answered in time, and no [[notify]] tells anybody of one");
            let at = known(places.severities.get(level));
            problems.push(Problem::warning("untold", at, message).help(format!("add `{kind}` to the `on` of one")));
        }
    }
}

/// A limit that is the baseline itself. `at` tells where the word stands.
pub(super) fn bare_baseline(condition: &Condition, at: impl Fn() -> Range<usize>) -> Option<Problem> {
    let Test::Compare { op: Op::AtMost | Op::Less, to: Operand::Baseline { times, plus: None }, .. } = &condition.test
    else {
        return None;
    };
    (times.get() <= 1.0).then(|| {
        let message = format!("`{condition}` is false about half of the time: the baseline is a median");
        let help = "leave room, as baseline * 1.5 or baseline + 0.5%";
        Problem::warning("bare-baseline", at(), message).help(help)
    })
}

/// Steps that nobody owns: of each phase and rollback one remark, which names their lines.
fn nobodys(text: &str, outline: &Outline, places: &Places, problems: &mut Vec<Problem>) {
    let mut said = BTreeSet::new();
    let mut own = |step: &&StepOutline| {
        let at = known(places.steps.get(&step.id));
        step.owner.is_none() && !places.gaps.may_have(&at, "owner") && said.insert(at.start)
    };
    let phases = outline.phases.iter().map(|phase| outline.steps_of(&phase.id).filter(&mut own).collect());
    let phases: Vec<Vec<&StepOutline>> = phases.collect();
    let rollbacks = outline.rollbacks.iter().map(|rollback| rollback.steps.iter().filter(&mut own).collect());
    for steps in phases.into_iter().chain(rollbacks) {
        let named = |step: &StepOutline, at: &Range<usize>| match steps.len() {
            1 => format!("`{}`", written(text, step, places)),
            _ => format!("`{}` (line {})", written(text, step, places), place(text, at.start).0),
        };
        let all: Vec<(Range<usize>, String)> = steps
            .iter()
            .map(|step| known(places.steps.get(&step.id)))
            .zip(&steps)
            .map(|(at, step)| (at.clone(), named(step, &at)))
            .collect();
        let Some((first, _)) = all.first() else { continue };
        let names: Vec<&str> = all.iter().map(|(_, name)| name.as_str()).collect();
        let message = format!("nobody owns {}", names.join(", "));
        problems.push(Problem::warning("no-owner", first.clone(), message).help("say who with `owner`"));
    }
}

/// A command that nobody stops and nothing ends: a way back would wait for it without end.
fn endless(text: &str, outline: &Outline, places: &Places, problems: &mut Vec<Problem>) {
    let mut said = BTreeSet::new();
    let finishes = |s: &&StepOutline| s.run.is_some() && s.on_stop == OnStop::Finish && s.timeout.is_none();
    for step in all_steps(outline).filter(finishes) {
        let at = known(places.steps.get(&step.id));
        if said.insert(at.start) {
            let step = written(text, step, places);
            let message =
                format!("`{step}` is let finish and has no `timeout`: where it hangs a way back waits for it");
            let help = "give it a `timeout`; until then only `stop STEP now` ends it, an override";
            problems.push(Problem::warning("no-timeout", at, message).help(help));
        }
    }
}

fn all_steps(outline: &Outline) -> impl Iterator<Item = &StepOutline> {
    outline.steps.iter().chain(outline.rollbacks.iter().flat_map(|r| &r.steps))
}

/// Some names, of many the first ones; none where there are none.
fn listed(names: &[String]) -> Option<String> {
    const MOST: usize = 4;
    let first = names.iter().take(MOST).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len() {
        0 => None,
        n if n > MOST => Some(format!("{first} and {} more", n - MOST)),
        _ => Some(first),
    }
}

/// A place that the parser noted.
fn known(place: Option<&Range<usize>>) -> Range<usize> {
    place.cloned().unwrap_or(0..0)
}

/// A step's id, for all rows of an `each` as it is written: `share-${n}`.
fn written(text: &str, step: &StepOutline, places: &Places) -> String {
    let row = places.rows.contains_key(&step.id).then(|| places.steps.get(&step.id)).flatten();
    let id = row.and_then(|at| text.get(at.clone())).map(|id| id.trim_matches(['"', '\'']));
    id.map_or_else(|| step.id.to_string(), str::to_owned)
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

/// Remarks on secrets that their names tell, where nothing was said of them yet.
fn named(text: &str, problems: &mut Vec<Problem>) {
    let Ok(table) = DeTable::parse(text) else { return };
    each_text(table.get_ref(), &mut |at, key, content| {
        let said = problems.iter().any(|p| p.at.start < at.end && at.start < p.at.end);
        if let Some(why) = on_named(key, content).filter(|_| !said) {
            problems.push(Problem::warning("text", at, why));
        }
    });
}

/// Remarks on the commands of steps and probes.
fn commands(text: &str, outline: &Outline, places: &Places, problems: &mut Vec<Problem>) {
    // Secrets and blanks were found in the file's text already.
    let already = problems.clone();
    let lost: Vec<&str> = places.gaps.names.iter().map(String::as_str).collect();
    let names = |command: &Text, known: Vec<&str>| match places.gaps.lost {
        false => on_names(command.get_ref(), &[known, lost.clone()].concat()),
        true => Vec::new(),
    };
    let of_steps = places.commands.iter().map(|(at, command)| {
        let remarks = on_command(command.get_ref(), places.answered.contains(at));
        (command, [remarks, names(command, reach(outline, command))].concat())
    });
    let of_probes = places
        .polled
        .values()
        .map(|command| (command, [on_probe(command.get_ref()), names(command, of_plan(outline).collect())].concat()));
    for (command, remarks) in of_steps.chain(of_probes) {
        for remark in remarks {
            let at = inside(text, command, Some(&remark.at));
            if !already.iter().any(|p| p.at.start < at.end && at.start < p.at.end && p.message == remark.why) {
                problems.push(Problem::warning("command", at, remark.why));
            }
        }
    }
}

/// The names of the plan's variables and secrets.
fn of_plan(outline: &Outline) -> impl Iterator<Item = &str> {
    outline.vars.keys().chain(outline.secrets.keys()).map(String::as_str)
}

/// The names of what a step's command finds in its environment from us.
fn reach<'a>(outline: &'a Outline, command: &Text) -> Vec<&'a str> {
    let runs = |s: &&StepOutline| {
        s.run.iter().chain(s.undo.as_ref().map(|undo| &undo.run)).any(|run| run == command.get_ref())
    };
    let rows = all_steps(outline).filter(runs).flat_map(|s| s.vars.keys()).map(String::as_str);
    let outputs = all_steps(outline).filter_map(|s| s.output.as_deref());
    of_plan(outline).chain(rows).chain(outputs).chain(["TMINUS_LAUNCH", "TMINUS_STEP"]).collect()
}

/// Remarks on the names in all texts but commands.
fn plain_names(text: &str, outline: &Outline, gaps: &Gaps, problems: &mut Vec<Problem>) {
    let rows = all_steps(outline).flat_map(|s| s.vars.keys()).map(String::as_str);
    let known: Vec<&str> = of_plan(outline)
        .filter(|name| !outline.secrets.contains_key(*name))
        .chain(rows)
        .chain(gaps.names.iter().map(String::as_str))
        .collect();
    let Ok(table) = DeTable::parse(text) else { return };
    each_text(table.get_ref(), &mut |value, _, content| {
        let whole = Text::new(value, content.to_owned());
        for Remark { at, why } in on_plain_names(content, &known) {
            let at = inside(text, &whole, Some(&at));
            problems.push(Problem::warning("variable", at, why));
        }
    });
}

/// Every text of a table but commands, with its bytes of the file and its key.
fn each_text(table: &DeTable<'_>, take: &mut dyn FnMut(Range<usize>, &str, &str)) {
    fn value(key: &str, of: &Spanned<DeValue<'_>>, take: &mut dyn FnMut(Range<usize>, &str, &str)) {
        match of.get_ref() {
            DeValue::String(text) => take(of.span(), key, text),
            DeValue::Array(values) => values.iter().for_each(|of| value(key, of, take)),
            DeValue::Table(table) => each_text(table, take),
            _ => {}
        }
    }
    table
        .iter()
        .filter(|(key, of)| !is_command(key.get_ref(), of.get_ref()))
        .for_each(|(key, of)| value(key.get_ref(), of, take));
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
