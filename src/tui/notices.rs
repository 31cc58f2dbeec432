//! What people are told, on the screen: what the keys mean, and the count in the header.

use super::action::Action;
use super::dialogs::{Purpose, ask};
use super::incidents;
use super::model::{Model, PaneId};
use crate::core::ids::TriggerId;
use crate::core::launch::{LaunchState, Notice};
use crate::core::notice::Muted;
use crate::core::order::What;
use crate::core::reading::Level;

/// Notices that nobody is on yet, oldest first.
pub fn open(launch: &LaunchState) -> impl Iterator<Item = &Notice> {
    launch.notices.standing().filter(|n| n.wants_someone())
}

/// Fired triggers that nobody is on yet.
fn fired(launch: &LaunchState) -> Vec<TriggerId> {
    let unseen = |id: &&TriggerId| {
        let fired = launch.triggers.get(*id).and_then(|t| t.fired.as_ref());
        fired.is_some_and(|fired| fired.acked.is_none() && fired.dismissed.is_none())
    };
    launch.outline.triggers.iter().map(|t| &t.id).filter(unseen).cloned().collect()
}

/// How many things nobody is on, how many are muted, how many channels can't send.
pub fn counts(launch: &LaunchState) -> (usize, usize, usize) {
    (open(launch).count(), launch.notices.mutes.len(), launch.notices.failing().count())
}

/// The key of a response: to the open incident that nobody is on, else to all that people were told of or that fired,
/// else to the open incident anew.
pub(super) fn respond(model: &mut Model) {
    let Some(launch) = &model.launch else { return };
    let unanswered = incidents::opened(launch)
        .iter()
        .any(|n| incidents::get(launch, *n).is_some_and(|incident| incident.answered.is_none()));
    let notices: Vec<u32> = open(launch).map(|n| n.number).collect();
    let triggers = fired(launch);
    let none = notices.is_empty() && triggers.is_empty();
    if model.focus == PaneId::Incidents || unanswered || (none && !incidents::opened(launch).is_empty()) {
        return incidents::respond(model);
    }
    if none {
        return model.refuse(format!(
            "no incident is open; {} opens one; nothing else wants somebody",
            model.key_of(Action::Severity)
        ));
    }
    let mut names: Vec<String> = triggers.iter().map(ToString::to_string).collect();
    for notice in open(launch) {
        let name = notice.subject.to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let prompt = format!("You take on {}; what you do (Enter alone: say it later; Esc: not taken)", names.join(", "));
    ask(model, prompt, Purpose::Text(What::Acknowledge { notices, triggers, text: String::new() }), "");
}

/// The key of a mute: the order as it is typed, with what is loud now.
pub(super) fn mute(model: &mut Model) {
    let Some(launch) = &model.launch else { return };
    let muted = |of: &Muted| launch.notices.mutes.iter().any(|m| m.of == *of);
    let told = launch.notices.standing().filter_map(|n| Muted::of(&n.subject));
    let critical = model.readout.signals.values().filter(|s| s.level == Level::Critical);
    let loud = told
        .chain(fired(launch).into_iter().map(Muted::Trigger))
        .chain(critical.map(|s| Muted::Probe(s.id.probe.clone())));
    let of = loud.into_iter().find(|of| !muted(of));
    let text = of.map_or_else(|| "mute ".to_owned(), |of| format!("mute {of} 1h "));
    ask(model, ":", Purpose::Command, text);
}
