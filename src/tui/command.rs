//! The `:` line: every action by its name, and every order as `tminus do` spells it. The step may be left out; then the
//! selected one is meant.

use super::action::Action;
use super::checklist::is_shown;
use super::fuzzy::Fuzzy;
use super::incidents::opened;
use super::model::Model;
use crate::core::ids::StepId;
use crate::core::launch::{LaunchState, explain_named, next_call};
use crate::core::order::What;
use crate::core::spell;
use crate::core::text::nearest;

/// What a typed line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// An order.
    Order(What),
    /// What a key would do.
    Action(Action),
    /// Show a command that is not in the plan, and ask whether to run it.
    Sh(String),
    /// Ask how it goes with an incident.
    Update(u32),
    /// Show who is on shift and what is handed over.
    Handover,
    /// Show what happened since the person was here.
    Away,
    /// Show how the plan file differs.
    Diff,
    /// Show a step's page: what it waits for, and what moves it.
    Page(StepId),
    /// Show what something else waits for, and what moves it; all that waits where it has no name.
    Explain(Option<String>),
}

/// Words that other programs taught people.
const ALIASES: &[(&str, &str)] = &[("q", "detach"), ("quit", "detach"), ("h", "help"), ("nogo", "no-go")];

/// Reads a line that was opened while the step `about` was selected. An error says what is wrong, and how it is spelled.
pub fn read(model: &Model, line: &str, about: Option<&StepId>) -> Result<Command, String> {
    if let Some(command) = spell::command_of(line) {
        return Ok(Command::Sh(command.to_owned()));
    }
    let mut words = spell::words(line)?;
    let Some(first) = words.first_mut() else { return Err("type a command; Tab completes".to_owned()) };
    *first = alias(first).to_owned();
    if first == "away" {
        return Ok(Command::Away);
    }
    if first == "diff" {
        return Ok(Command::Diff);
    }
    if let [word @ ("handover" | "accept" | "take-over")] = &words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        let shifts = model.outline().is_some_and(|outline| outline.shifts.is_some());
        return if shifts { Ok(Command::Handover) } else { Err(format!("{word}: the plan has no [shifts]")) };
    }
    let word = words[0].clone();
    let known = spell::ORDERS.iter().find(|o| o.word == word);
    // An order's word alone is its key: it opens the dialog or asks for what is missing.
    if let (1, Some(action)) = (words.len(), alone(&word)) {
        return Ok(Command::Action(action));
    }
    let launch = model.launch.as_ref().ok_or("the launch is not here yet")?;
    if word == "explain" {
        return explained(model, launch, &words[1..]);
    }
    let Some(known) = known else {
        return Action::named(&word).map(Command::Action).ok_or_else(|| unknown(&word));
    };
    if let [word, number] = words.as_slice()
        && word == "update"
        && let Ok(number) = number.trim_start_matches('#').parse()
        && opened(launch).contains(&number)
    {
        return Ok(Command::Update(number));
    }
    if known.args.starts_with("STEP") || word == "fix" || known.args.starts_with("GATE") {
        let named = words.get(1).is_some_and(|w| {
            let outline = &launch.outline;
            outline.step(&w.as_str().into()).is_some() || outline.watch(&w.as_str().into()).is_some()
        });
        let selected = || model.selected_step().filter(|_| is_shown(model));
        let meant = if known.args.starts_with("GATE") { model.gate() } else { selected() };
        if let (false, Some(step)) = (named, meant) {
            if model.selected_step() != about {
                return Err(format!("the selection moved to {step} meanwhile; Enter again means that one"));
            }
            words.insert(1, step.to_string());
        }
    }
    spell::read(&words, launch, &model.readout).map(Command::Order)
}

/// The page of a step; of anything else that has a name, and of all that waits, a text over the screen.
fn explained(model: &Model, launch: &LaunchState, words: &[String]) -> Result<Command, String> {
    match words {
        [] => Ok(Command::Explain(None)),
        [name] if launch.outline.step(&name.as_str().into()).is_some() => Ok(Command::Page(name.as_str().into())),
        [name] => {
            explain_named(launch, model.seen_readout(), name, model.seen())?;
            Ok(Command::Explain(Some(name.clone())))
        }
        [_, more, ..] => Err(format!("`{more}` is one word too many")),
    }
}

fn alone(word: &str) -> Option<Action> {
    let word = if word == "rollback" { "go-back" } else { word };
    Action::named(word).or(match word {
        "release" => Some(Action::Hold),
        _ => None,
    })
}

fn unknown(word: &str) -> String {
    match nearest(word, candidates().map(|(word, _)| word)) {
        Some(near) => format!("there is no command `{word}`; did you mean `{near}`?"),
        None => format!("there is no command `{word}`; Tab shows them"),
    }
}

fn candidates() -> impl Iterator<Item = (&'static str, &'static str)> {
    let orders = spell::ORDERS.iter().map(|o| (o.word, o.what));
    let other = Action::all().filter(|a| !spell::ORDERS.iter().any(|o| o.word == a.name()));
    orders
        .chain([
            ("away", "what happened since your last screen closed"),
            ("diff", "how the plan file differs from the plan that was taken in"),
            ("explain", "[NAME]  what all that waits waits for, or a step, trigger, way back, incident, probe"),
        ])
        .chain(other.map(|a| (a.name(), a.doc())))
}

/// What could stand here, with what it means: the whole line as it would be, and a hint.
pub fn complete(model: &Model, line: &str) -> Vec<(String, String)> {
    let Some((head, last)) = line.rsplit_once(' ') else { return words(model, line) };
    let Some(launch) = &model.launch else { return Vec::new() };
    let outline = &*launch.outline;
    let before: Vec<&str> = head.split_whitespace().collect();
    let order = before.first().and_then(|w| spell::ORDERS.iter().find(|o| o.word == *w || alias(w) == o.word));
    let kind = match (order, before.as_slice()) {
        (Some(order), _) => order.args.split_whitespace().nth(before.len() - 1).unwrap_or(""),
        (None, ["explain"]) => "NAME",
        (None, _) => return Vec::new(),
    };
    let options: Vec<(String, String)> = match kind {
        "STEP" => outline.steps.iter().map(|s| (s.id.to_string(), s.title.clone())).collect(),
        "NAME" if order.is_some() => people(model, launch),
        "NAME" => named(launch),
        "GATE" => {
            outline.steps.iter().filter(|s| s.gate.is_some()).map(|s| (s.id.to_string(), s.title.clone())).collect()
        }
        "ROLE" => outline.roles.iter().map(|(id, r)| (id.to_string(), r.name.clone())).collect(),
        "TRIGGER" if order.is_some_and(|o| matches!(o.word, "fire" | "clear")) => {
            let asked = outline.triggers.iter().filter(|t| t.is_asked());
            asked.map(|t| (t.id.to_string(), t.fires.to_string())).collect()
        }
        "TRIGGER" => outline.triggers.iter().map(|t| (t.id.to_string(), t.title.clone())).collect(),
        "[PROBE]" => outline.probes.iter().map(|p| (p.id.to_string(), p.title.clone())).collect(),
        "ENVIRONMENT" => Vec::new(),
        "INCIDENT" | "[INCIDENT]" => (1..)
            .zip(&launch.incidents)
            .filter(|(_, i)| i.resolved.is_none())
            .map(|(n, i): (u32, _)| (n.to_string(), format!("SEV{} {}", i.level, i.text)))
            .collect(),
        "[ROLE]" => called(launch, &before),
        "answered|no-answer" => ["answered", "no-answer"].map(|word| (word.to_owned(), String::new())).to_vec(),
        "1..4" => (1..=4_u8)
            .map(|n| (n.to_string(), outline.severities.get(&n).map_or(String::new(), |s| s.means.join(", "))))
            .collect(),
        "go|no-go" => vec![("go".into(), String::new()), ("no-go".into(), "with a reason".into())],
        "done|not-done" => vec![("done".into(), String::new()), ("not-done".into(), String::new())],
        "NAME|all" => loud(launch, order.is_some_and(|o| o.word == "unmute")),
        _ if kind.starts_with("NAME|") => {
            let named = outline.rollbacks.iter().map(|r| (r.id.to_string(), r.title.clone()));
            named.chain([("stage".into(), "one stage back".into()), ("all".into(), "everything".into())]).collect()
        }
        _ => Vec::new(),
    };
    let fits = best(last, options.into_iter().map(|(o, hint)| (o.clone(), hint.clone(), (o, hint))));
    fits.into_iter().map(|(o, hint)| (format!("{head} {o}"), hint)).collect()
}

/// The commands that a first word may mean; once it has letters, what has a name in the launch too.
fn words(model: &Model, line: &str) -> Vec<(String, String)> {
    let args = |w: &str| spell::ORDERS.iter().find(|o| o.word == w).map_or("", |o| o.args);
    let hint = |w: &str, doc: &str| {
        let keys = Action::named(w).map_or_else(Vec::new, |action| model.keymap.keys_of(action)).join(" ");
        [keys.as_str(), args(w), doc].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("  ")
    };
    let commands = candidates().map(|(w, doc)| (w.to_owned(), doc.to_owned(), (w.to_owned(), hint(w, doc))));
    let things = model.launch.as_ref().filter(|_| !line.is_empty()).map_or_else(Vec::new, named);
    let things = things.into_iter().map(|(id, title)| {
        let shown = (format!("explain {id}"), title.clone());
        (id, title, shown)
    });
    best(line, commands.chain(things))
}

/// What fits, the best first, each with its name and what it is called.
fn best<T>(typed: &str, all: impl Iterator<Item = (String, String, T)>) -> Vec<T> {
    let mut fuzzy = Fuzzy::of(typed);
    let mut found: Vec<_> = all.filter_map(|(name, text, shown)| Some((fuzzy.rank(&name, &text)?, shown))).collect();
    // What is as good stays in its order.
    let rank = |rank: (u8, u32)| if typed.is_empty() { 0 } else { u64::from(rank.0) << 32 | u64::from(rank.1) };
    found.sort_by_key(|(own, _)| std::cmp::Reverse(rank(*own)));
    found.into_iter().map(|(_, shown)| shown).collect()
}

/// What a line that is no command comes nearest to: what Enter puts there. None where it is one.
pub fn meant(model: &Model, line: &str) -> Option<String> {
    let known = |word: &str| candidates().any(|(other, _)| other == alias(word)) || alone(alias(word)).is_some();
    if line.is_empty() || line.contains(' ') || spell::command_of(line).is_some() || known(line) {
        return None;
    }
    words(model, line).into_iter().next().map(|(found, _)| found)
}

/// After `called`: whom the plan would have called next, without naming the role; else any role.
fn called(launch: &LaunchState, before: &[&str]) -> Vec<(String, String)> {
    let incident = before.get(1).and_then(|word| word.trim_start_matches('#').parse().ok());
    let next = incident.and_then(|incident| next_call(launch, incident)).map_or_else(String::new, |call| call.words());
    let words = ["answered", "no-answer"].map(|word| (word.to_owned(), next.clone()));
    let roles = launch.outline.roles.iter().map(|(id, role)| (id.to_string(), role.name.clone()));
    words.into_iter().chain(roles).collect()
}

/// What can be muted, or what is.
fn loud(launch: &LaunchState, muted: bool) -> Vec<(String, String)> {
    if muted {
        return launch.notices.mutes.iter().map(|mute| (mute.of.to_string(), mute.why.clone())).collect();
    }
    let outline = &launch.outline;
    let triggers = outline.triggers.iter().map(|t| (t.id.to_string(), t.title.clone()));
    let probes = outline.probes.iter().map(|p| (p.id.to_string(), p.title.clone()));
    triggers.chain(probes).chain([("all".to_owned(), "everything that is told".to_owned())]).collect()
}

/// Who may lead: those who are attached, and those whom the plan's roles name.
fn people(model: &Model, launch: &LaunchState) -> Vec<(String, String)> {
    let here = model.people.iter().map(|person| (person.who.name.clone(), "here".to_owned()));
    let roles = launch.outline.roles.iter();
    let named = roles.flat_map(|(id, role)| role.names().map(move |name| (name.to_owned(), id.to_string())));
    let mut all: Vec<(String, String)> = here.chain(named).collect();
    all.sort();
    all.dedup_by(|a, b| a.0 == b.0);
    all
}

/// All that `explain` knows, with what people call it.
fn named(launch: &LaunchState) -> Vec<(String, String)> {
    let outline = &launch.outline;
    let steps = outline.steps.iter().map(|s| (s.id.to_string(), s.title.clone()));
    let triggers = outline.triggers.iter().map(|t| (t.id.to_string(), t.title.clone()));
    let ways = outline.rollbacks.iter().map(|r| (r.id.to_string(), r.title.clone()));
    let incidents = (1..).zip(&launch.incidents).map(|(n, i): (u32, _)| (format!("#{n}"), i.text.clone()));
    let probes = outline.probes.iter().map(|p| (p.id.to_string(), p.title.clone()));
    steps.chain(triggers).chain(ways).chain(incidents).chain(probes).collect()
}

fn alias(word: &str) -> &str {
    ALIASES.iter().find(|(short, _)| *short == word).map_or_else(|| spell::canonical(word), |(_, long)| *long)
}
