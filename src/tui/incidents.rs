//! Incidents on the screen: which one keys mean, what they ask for, what of it belongs beside NEXT.

use super::action::Action;
use super::answers;
use super::dialogs::{Kind, Overlay, Purpose, ask, open};
use super::model::{Model, PaneId};
use super::role::Role;
use super::update::{Effects, order};
use crate::core::event::{Event, IncidentState};
use crate::core::ids::OrderId;
use crate::core::launch::{DutyKind, Incident, LaunchState, NextCall, UpdateOf, duties, next_call, update_text};
use crate::core::order::What;
use crate::core::reading::Level;

/// The numbers of all incidents as they are shown: open ones first, the worst at the top.
pub fn listed(launch: &LaunchState) -> Vec<u32> {
    let mut all: Vec<(u32, &Incident)> = (1..).zip(&launch.incidents).collect();
    all.sort_by_key(|(number, i)| (i.resolved.is_some(), i.level, *number));
    all.into_iter().map(|(number, _)| number).collect()
}

/// The open ones of them.
pub fn opened(launch: &LaunchState) -> Vec<u32> {
    let mut all = listed(launch);
    all.retain(|n| get(launch, *n).is_some_and(|i| i.resolved.is_none()));
    all
}

/// An incident by its number.
pub fn get(launch: &LaunchState, number: u32) -> Option<&Incident> {
    launch.incidents.get((number as usize).checked_sub(1)?)
}

/// `#1 SEV2 payments fail`
pub fn name(launch: &LaunchState, number: u32) -> String {
    let incident = get(launch, number);
    let (level, text) = incident.map_or((0, ""), |i| (i.level, i.text.as_str()));
    format!("#{number} SEV{level} {text}").trim_end().to_owned()
}

/// How something that is due is written.
pub fn role(level: Level) -> Role {
    match level {
        Level::Critical => Role::Crit,
        Level::Warn => Role::Warn,
        _ => Role::Text,
    }
}

/// The incident that is selected in the pane.
pub fn selected(model: &Model) -> Option<u32> {
    let all = listed(model.launch.as_ref()?);
    model.incident.filter(|n| all.contains(n)).or_else(|| all.first().copied())
}

/// Selects another one in the pane.
pub(super) fn step_by(model: &mut Model, by: isize) {
    let Some(launch) = &model.launch else { return };
    let all = listed(launch);
    let at = selected(model).and_then(|n| all.iter().position(|o| *o == n)).unwrap_or(0) as isize;
    let next = at.saturating_add(by).clamp(0, (all.len() as isize - 1).max(0)) as usize;
    model.incident = all.get(next).copied();
}

/// Opens the selected one; false where there is none.
pub(super) fn enter(model: &mut Model) -> bool {
    let number = selected(model);
    if let Some(number) = number {
        open(model, Kind::Incident(number));
    }
    number.is_some()
}

/// The open incident that a key means: the one selected in the pane, else the one that wants this first.
fn meant(model: &Model, kind: DutyKind) -> Option<u32> {
    let launch = model.launch.as_ref()?;
    let open = opened(launch);
    let here = selected(model).filter(|n| model.focus == PaneId::Incidents && open.contains(n));
    let wanted = open.iter().flat_map(|n| duties(launch, *n)).filter(|d| d.kind == kind).min_by_key(|d| d.at);
    here.or(wanted.map(|d| d.incident)).or(open.first().copied())
}

/// The key of an update: asks how it goes.
pub(super) fn update(model: &mut Model) {
    match meant(model, DutyKind::Update) {
        Some(number) => ask_update(model, number),
        None => model.refuse(format!("no incident is open; {} opens one", model.key_of(Action::Severity))),
    }
}

/// The key of a response: asks what its sender does.
pub(super) fn respond(model: &mut Model) {
    match meant(model, DutyKind::Response) {
        Some(number) => ask_response(model, number),
        None => model.refuse(format!("no incident is open; {} opens one", model.key_of(Action::Severity))),
    }
}

fn called(model: &Model, number: u32) -> String {
    model.launch.as_ref().map_or_else(String::new, |l| name(l, number))
}

/// Asks how it goes, beginning with the plan's template as it reads now, in one line.
pub(super) fn ask_update(model: &mut Model, incident: u32) {
    let prompt = format!("Update on {}", called(model, incident));
    let begun = template(model, incident).unwrap_or_default();
    ask(model, prompt, Purpose::Text(What::Update { incident, text: String::new() }), begun);
}

fn template(model: &Model, incident: u32) -> Option<String> {
    let (launch, told, now) = (model.launch.as_ref()?, answers::told(model)?, model.now());
    let wall = |at| format!("{} {}", model.zone.minutes(at), model.zone.name(at));
    let of = UpdateOf { readout: &model.readout, answer: &told.now, now, wall: &wall };
    let text = update_text(launch, incident, &of)?;
    Some(text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; "))
}

/// Asks what people do, or found, who are further with an incident.
pub(super) fn ask_move(model: &mut Model, incident: u32, to: IncidentState) {
    let prompt = format!("{} is {}; what you do (Enter alone: say it later)", called(model, incident), to.word());
    ask(model, prompt, Purpose::Text(What::Move { incident, to, text: String::new() }), "");
}

/// Asks what came of the call that is to be made next.
pub(super) fn ask_called(model: &mut Model, incident: u32, answered: bool) {
    let Some(call) = model.launch.as_ref().and_then(|launch| next_call(launch, incident)) else { return };
    let how = if answered { "answered" } else { "did not answer" };
    let prompt = format!("{} {how}; what was said (Enter alone: nothing)", call.who);
    let NextCall { role, backup, .. } = call;
    ask(model, prompt, Purpose::Text(What::Called { incident, role, backup, answered, text: String::new() }), "");
}

/// Asks what its sender does.
pub(super) fn ask_response(model: &mut Model, incident: u32) {
    let prompt =
        format!("You take on {}; what you do (Enter alone: say it later; Esc: not taken)", called(model, incident));
    ask(model, prompt, Purpose::Text(What::Respond { incident, text: String::new() }), "");
}

/// Asks what is wrong, beginning with what was said of it.
pub(super) fn ask_text(model: &mut Model, incident: u32) {
    let before = model.launch.as_ref().and_then(|l| get(l, incident)).map_or_else(String::new, |i| i.text.clone());
    let prompt = format!("What is wrong, #{incident}");
    ask(model, prompt, Purpose::Text(What::Describe { incident, text: String::new() }), before);
}

/// Asks what it was.
pub(super) fn ask_close(model: &mut Model, incident: u32) {
    let prompt = format!("Close {}; what it was (Enter alone: as it says)", called(model, incident));
    ask(model, prompt, Purpose::Text(What::Resolved { incident, text: String::new() }), "");
}

/// Asks what is wrong, for a severity that is chosen: of a new incident, or of one that is open.
pub(super) fn ask_severity(model: &mut Model, of: Option<u32>, level: u8) {
    let prompt = match of {
        None => format!("SEV{level}, what is wrong (Enter alone: say it later)"),
        Some(number) => {
            let before = model.launch.as_ref().and_then(|l| get(l, number)).map(|i| i.level);
            if before == Some(level) {
                model.overlay = None;
                return model.refuse(format!("#{number} is a SEV{level} already"));
            }
            format!("#{number} becomes SEV{level}, what is wrong (Enter alone: as it says)")
        }
    };
    ask(model, prompt, Purpose::Text(What::Severity { incident: of, level, text: String::new() }), "");
}

/// The severity was sent; what is typed now may still say what is wrong, and presses no keys.
pub(super) fn ask_more(model: &mut Model, order: OrderId, of: Option<u32>, level: u8) {
    let prompt = match of {
        None => format!("SEV{level} opens; what is wrong (Enter or Esc: say it later)"),
        Some(number) => format!("#{number} becomes SEV{level}; what is wrong (Enter or Esc: as it says)"),
    };
    ask(model, prompt, Purpose::Describe(order), "");
}

/// Keeps what is wrong for the incident of this order until its number is known; false where it will never be.
pub(super) fn describe(model: &mut Model, order: &OrderId, text: String) -> bool {
    let comes = model.sent.contains_key(order) || incident_of(model, order).is_some();
    if comes {
        model.said.insert(order.clone(), text);
    }
    comes
}

/// The order was refused: the open line says so, and what was said already is not lost without a word.
pub(super) fn not_opened(model: &mut Model, order: &OrderId, why: &str) {
    let said = model.said.remove(order);
    let line = match &mut model.overlay {
        Some(Overlay::Line(line)) if matches!(&line.purpose, Purpose::Describe(id) if id == order) => line,
        _ => {
            if let Some(text) = said {
                model.refuse(format!("the severity was refused, so this was not said: {text}"));
            }
            return;
        }
    };
    line.problem = Some(format!("the severity was refused: {why}; Esc leaves"));
}

/// Sends what was said of incidents whose number is known by now, and says in the open line that the incident is open.
pub(super) fn described(model: &mut Model, out: &mut Effects) {
    if let Some(Overlay::Line(line)) = &model.overlay
        && let Purpose::Describe(id) = &line.purpose
        && let Some((number, level)) = incident_of(model, id)
        && let Some(Overlay::Line(line)) = &mut model.overlay
    {
        line.prompt = format!("SEV{level} is open, #{number}; what is wrong (Enter or Esc: say it later)");
    }
    let known = |id: &OrderId| Some((id.clone(), incident_of(model, id)?.0));
    let known: Vec<(OrderId, u32)> = model.said.keys().filter_map(known).collect();
    for (id, incident) in known {
        if let Some(text) = model.said.remove(&id) {
            order(model, What::Describe { incident, text }, out);
        }
    }
}

/// The incident that an order opened or changed, and its severity, as its event tells.
fn incident_of(model: &Model, order: &OrderId) -> Option<(u32, u8)> {
    model.events.iter().rev().find(|e| e.order.as_ref() == Some(order)).and_then(|e| match e.event {
        Event::SeveritySet { incident, level, .. } => Some((incident, level)),
        _ => None,
    })
}
