//! Writes an order as it would be typed.

use super::{checks, notices, shifts};
use crate::core::order::{Ballot, Found, Way, What};
use crate::core::wall::signed;

/// An order as it would be typed after `tminus do` or `:`, to be shown as advice; what a person must still supply stands
/// in capitals.
pub fn write(what: &What) -> String {
    let why = |text: &str| if text.trim().is_empty() { "WHY".to_owned() } else { quoted(text) };
    let or_text = |text: &str| if text.trim().is_empty() { "TEXT".to_owned() } else { quoted(text) };
    // A text that may be left out.
    let maybe = |text: &str| if text.is_empty() { String::new() } else { quoted(text) };
    // What has no text yet has its name in capitals.
    let named = |text: &str, name: &str| if text.is_empty() { name.to_owned() } else { quoted(text) };
    // None: no reason is needed.
    let or = |text: &Option<String>| text.as_deref().map_or_else(String::new, why);
    let line = match what {
        What::Run { step, .. } => format!("run {step}"),
        What::Sh { command } => {
            format!("sh {}", named(command, "COMMAND"))
        }
        What::Tick { step, item, on } => {
            let item = item.map_or_else(String::new, |i| format!(" {}", i + 1));
            format!("{} {step}{item}", if *on { "tick" } else { "untick" })
        }
        What::Done { step, why: text } => format!("done {step} {}", or(text)),
        What::Skip { step, why: w, not_applicable } => {
            format!("{} {step} {}", if *not_applicable { "na" } else { "skip" }, why(w))
        }
        What::Stop { step, let_finish, .. } => format!("stop {step}{}", if *let_finish { " finish" } else { "" }),
        What::StopNow { step, typed, why: w, .. } => format!("stop {step} now typed {} {}", environment(typed), why(w)),
        What::Input { run, line } => {
            format!("input {} {}", run.step, named(line, "LINE"))
        }
        What::Output { name, value, why: w } => {
            let value = named(value, "VALUE");
            format!("output {name} {value} {}", why(w))
        }
        What::Resolve { run, found, why: w } => {
            let (done, not_done) = super::found_words(run.kind);
            let word = if *found == Found::Done { done } else { not_done };
            format!("resolve {} {word} {}", run.step, why(w))
        }
        What::Vote { gate, role, vote, why: text, .. } => match vote {
            Ballot::Go => format!("vote {gate} {role} go {}", or(text)),
            Ballot::NoGo => format!("vote {gate} {role} no-go {}", why(text.as_deref().unwrap_or(""))),
        },
        What::Decide { gate, go, why: text, .. } => {
            format!(
                "{} {gate} {}",
                if *go { "go" } else { "no-go" },
                if *go { or(text) } else { why(text.as_deref().unwrap_or("")) }
            )
        }
        What::Approve { step, alone, .. } => match alone {
            Some(w) => format!("approve {step} alone {}", why(w)),
            None => format!("approve {step}"),
        },
        What::Hold { why: w } => format!("hold {}", why(w)),
        What::Release { of: None, why: w, seen: _ } => format!("release {}", why(w)),
        What::Release { of: Some(of), why: w, seen: _ } => format!("release of {} {}", quoted(of), why(w)),
        What::Severity { incident, level, text } => {
            let incident = incident.map_or_else(String::new, |n| format!(" #{n}"));
            format!("severity {level}{incident} {}", maybe(text))
        }
        What::Describe { incident, text } => {
            format!("describe {incident} {}", or_text(text))
        }
        What::Respond { incident, text } => {
            format!("respond {incident} {}", maybe(text))
        }
        What::Update { incident, text } => {
            format!("update {incident} {}", or_text(text))
        }
        What::Move { incident, to, text } => {
            format!("{} {incident} {}", to.word(), maybe(text))
        }
        What::Called { incident, role, answered, text, .. } => {
            let how = if *answered { "answered" } else { "no-answer" };
            format!("called {incident} {role} {how} {}", maybe(text))
        }
        What::Resolved { incident, text } => {
            format!("close {incident} {}", maybe(text))
        }
        What::Fix { step, text } => {
            let step = step.as_ref().map_or_else(String::new, |step| format!("{step} "));
            format!("fix {step}{}", or_text(text))
        }
        What::Note { text } => format!("note {}", or_text(text)),
        What::Rollback { way, trigger, typed, why: text } => {
            let way = match way {
                Way::Stage(_) => "stage".to_owned(),
                Way::All => "all".to_owned(),
                Way::Named(name) => name.to_string(),
            };
            let typed = typed.as_ref().map_or_else(String::new, |t| format!(" typed {}", environment(t)));
            // A trigger that asks for it is reason enough.
            let text = if text.is_empty() && trigger.is_some() { String::new() } else { why(text) };
            format!("rollback {way}{typed} {text}")
        }
        What::RollbackAgain { .. } => "again".to_owned(),
        What::RollbackByHand { why: w, .. } => format!("by-hand {}", why(w)),
        What::RollbackLeave { why: w, .. } => format!("leave {}", why(w)),
        What::RollbackSettled { rollback, why: w } => format!("settled rollback {rollback} {}", why(w)),
        What::Fire { trigger, why: w } => format!("fire {trigger} {}", why(w)),
        What::Clear { trigger, why: w } => format!("clear {trigger} {}", why(w)),
        What::Dismiss { trigger, why: w } => format!("dismiss {trigger} {}", why(w)),
        What::Check { watch, act, .. } => checks::write(watch, act),
        What::Acknowledge { .. } | What::Mute { .. } | What::Unmute { .. } | What::NotifyTest { .. } => {
            notices::write(what)
        }
        What::Handover { .. } | What::Accept { .. } | What::TakeOver { .. } => shifts::write(what),
        What::Forget { signal, why: w } => format!("forget {} {}", quoted(&signal.to_string()), why(w)),
        What::Baseline { probe, over } => {
            format!("baseline {}{over}", probe.as_ref().map_or_else(String::new, |p| format!("{p} ")))
        }
        What::Slip { from, to, why: w } => format!("slip {} {}", signed(to.since(*from)), why(w)),
        What::Outside { step, why: w, .. } => format!("outside {step} {}", why(w)),
        What::Lead { name, why: text, .. } => {
            let name = named(name, "NAME");
            format!("lead {name} {}", or(text))
        }
        What::Adopt { hash } => format!("adopt {}", quoted(hash)),
        What::End { typed, why: w } => {
            format!("end {} {}", environment(typed), why(w))
        }
    };
    line.trim_end().to_owned()
}

fn environment(typed: &str) -> String {
    if typed.is_empty() { "ENVIRONMENT".to_owned() } else { quoted(typed) }
}

pub(super) fn quoted(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_./:[]%#+".contains(c));
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "'")) }
}
