//! The veil: what nobody is to read on a screen that others see too. It lies over what was drawn, whatever drew it, so that
//! nothing is forgotten: people's names, hosts and addresses, and what looks like a secret. Secrets of the plan never come
//! here at all. What is copied is not veiled.

mod find;
mod ordinary;

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use serde_json::Value;

use self::find::{Known, private};
use super::action::Action;
use super::model::Model;
use crate::core::event::Recorded;
use crate::core::outline::Outline;

/// What is known to be covered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Veil {
    known: Known,
    /// People who did something, by name.
    did: BTreeSet<String>,
}

/// Covers the screen, or shows it again.
pub(super) fn toggle(model: &mut Model) {
    if model.veil.take().is_some() {
        return model.toast("names, hosts and secrets are seen again");
    }
    drop_over(model);
    let key = model.key_of(Action::Mask);
    model.toast(format!("names, hosts and secrets are covered, on this screen alone; {key} shows them"));
}

/// Covers it.
pub(super) fn drop_over(model: &mut Model) {
    let did = model.events.iter().flat_map(people_of).collect();
    model.veil = Some(Veil { did, ..Veil::default() });
    follow(model);
}

/// Somebody did something.
pub(super) fn learn<'e>(model: &mut Model, events: impl IntoIterator<Item = &'e Recorded>) {
    if let Some(veil) = &mut model.veil {
        veil.did.extend(events.into_iter().flat_map(people_of));
    }
}

/// Takes in who is known by now, and what the plan calls its own. To be called after each message.
pub(super) fn follow(model: &mut Model) {
    let Some(mut veil) = model.veil.take() else { return };
    let mut names: BTreeSet<String> = veil.did.clone();
    names.extend(model.people.iter().map(|person| person.who.name.clone()));
    names.extend(model.you.iter().map(|you| you.name.clone()));
    let mut known = Known::default();
    if let Some(launch) = &model.launch {
        names.insert(launch.lead.clone());
        names.extend(launch.shifts.taken.iter().map(|taken| taken.who.clone()));
        names.extend(launch.incidents.iter().flat_map(|incident| people_in(&serde_json::to_value(incident).ok())));
        names.extend(people_of_plan(&launch.outline));
        known.own = words_of_plan(&launch.outline);
        known.hosts = hosts_of_plan(&launch.outline);
    }
    let words = names.iter().flat_map(|name| name.split(|c: char| !c.is_alphanumeric() && c != '-'));
    let words = words.filter(|word| !word.is_empty() && !known.own.contains(&word.to_lowercase()));
    let (written, people): (BTreeSet<&str>, BTreeSet<&str>) =
        words.partition(|word| ordinary::is_ordinary(&word.to_lowercase()));
    known.people = people.into_iter().map(str::to_lowercase).collect();
    known.written = written.into_iter().map(str::to_owned).collect();
    veil.known = known;
    model.veil = Some(veil);
}

fn people_of_plan(outline: &Outline) -> impl Iterator<Item = String> {
    let roles = outline.roles.values();
    let roles = roles.flat_map(|role| [Some(&role.name), role.backup.as_ref(), role.contact.as_ref()]).flatten();
    let turns = outline.shifts.iter().flat_map(|shifts| shifts.turns.iter().map(|turn| &turn.who));
    roles.chain(turns).cloned().collect::<Vec<_>>().into_iter()
}

/// Ids, and what the plan itself is called.
fn words_of_plan(outline: &Outline) -> BTreeSet<String> {
    let mut own = BTreeSet::new();
    let mut add = |word: &str| _ = own.insert(word.to_lowercase());
    outline.probes.iter().for_each(|probe| {
        add(probe.id.as_str());
        probe.measures.iter().for_each(|measure| {
            add(measure.name.as_str());
            add(&format!("{}.{}", probe.id, measure.name));
        });
    });
    let back = outline.rollbacks.iter().flat_map(|rollback| &rollback.steps);
    outline.steps.iter().chain(back).for_each(|step| {
        add(step.id.as_str());
        ["started", "done", "failed"].iter().for_each(|moment| add(&format!("{}.{moment}", step.id)));
    });
    outline.phases.iter().for_each(|phase| add(phase.id.as_str()));
    outline.triggers.iter().for_each(|trigger| add(trigger.id.as_str()));
    outline.rollbacks.iter().for_each(|rollback| add(rollback.id.as_str()));
    outline.roles.keys().for_each(|role| add(role.as_str()));
    [&outline.name, &outline.environment, &outline.version].into_iter().for_each(|text| add(text));
    outline.name.split_whitespace().for_each(&mut add);
    own
}

/// Machines that probes and commands name without a dot.
fn hosts_of_plan(outline: &Outline) -> BTreeSet<String> {
    let mut hosts = BTreeSet::new();
    let commands = outline.steps.iter().flat_map(|s| s.run.iter().chain(s.undo.as_ref().map(|u| &u.run)));
    let targets = outline.probes.iter().map(|probe| &probe.target);
    for text in commands.chain(targets) {
        let mut before = "";
        for word in text.split([' ', '=', '\n', '"', '\'']).filter(|word| !word.is_empty()) {
            let place = word.rsplit("://").next().unwrap_or(word);
            let named = ["ssh", "scp", "-h", "--host", "-H", "host"].contains(&before) || place.len() < word.len();
            let place = place.split(['/', '?']).next().unwrap_or_default();
            let place = place.rsplit('@').next().unwrap_or(place).split(':').next().unwrap_or_default();
            if named && !place.is_empty() && !place.starts_with(['-', '$']) {
                hosts.insert(place.to_lowercase());
            }
            before = word;
        }
    }
    hosts
}

/// People named in an event: whatever has a name and a session.
fn people_of(event: &Recorded) -> BTreeSet<String> {
    people_in(&serde_json::to_value(&event.event).ok())
}

fn people_in(value: &Option<Value>) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut left: Vec<&Value> = value.iter().collect();
    while let Some(value) = left.pop() {
        match value {
            Value::Object(fields) => {
                let name = fields.get("name").and_then(Value::as_str).filter(|_| fields.contains_key("session"));
                found.extend(name.map(str::to_owned));
                left.extend(fields.values());
            }
            Value::Array(all) => left.extend(all),
            _ => {}
        }
    }
    found
}

impl Veil {
    /// Covers what is drawn.
    pub fn cover(&self, buffer: &mut Buffer, more: &str, dot: &str) {
        let area = buffer.area;
        for y in area.top()..area.bottom() {
            let (mut line, mut cells) = (String::new(), Vec::new());
            for x in area.left()..area.right() {
                let symbol = buffer[(x, y)].symbol();
                cells.push((line.len(), x));
                line.push_str(symbol);
            }
            for range in private(&line, &self.known, more) {
                for (_, x) in cells.iter().filter(|(at, _)| range.contains(at)) {
                    buffer[(*x, y)].set_symbol(dot);
                }
            }
        }
    }

    /// The same of a text that leaves the screen: a notice on the desktop.
    pub fn text(&self, text: &str, dot: &str) -> String {
        let found = private(text, &self.known, "…");
        let at = |at: usize| found.iter().any(|range| range.contains(&at));
        text.char_indices().map(|(i, c)| if at(i) { dot.to_owned() } else { c.to_string() }).collect()
    }
}
