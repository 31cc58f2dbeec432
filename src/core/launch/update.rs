//! The update that people are told, from the plan's template and what is so at this moment. It is filled where it is
//! written, on the screen or the command line, so that its author reads it before it goes.

use super::LaunchState;
use super::answers::Now;
use super::escalation::next_call;
use crate::core::outline::Outline;
use crate::core::reading::{Level, Outcome};
use crate::core::text::fill;
use crate::core::time::Timestamp;
use crate::core::view::{Readout, SignalView};
use crate::core::words::short;

/// What stands after `live.` in a template, with what it becomes.
pub const LIVE: &[(&str, &str)] = &[
    ("incident", "its number"),
    ("severity", "SEV1 to SEV4"),
    ("text", "what is wrong"),
    ("state", "investigating, mitigating or mitigated"),
    ("open", "how long it is open"),
    ("who", "who is on it"),
    ("now", "NOW, as the screen says it"),
    ("signals", "the worst signals with their values"),
    ("back", "whether a way back was taken, and how far it is"),
    ("call", "whom to call next"),
    ("next", "when the next update is due, once this one is told"),
];

/// So many signals are named.
const SIGNALS: usize = 3;

/// What an update is made of beside the state.
pub struct UpdateOf<'a> {
    /// What is measured.
    pub readout: &'a Readout,
    /// NOW.
    pub answer: &'a Now,
    /// The present.
    pub now: Timestamp,
    /// How a moment is written.
    pub wall: &'a dyn Fn(Timestamp) -> String,
}

/// The update of an incident as its severity's template has it; none where the plan has none for it, or it has ended.
pub fn update_text(state: &LaunchState, number: u32, of: &UpdateOf<'_>) -> Option<String> {
    let incident = state.incidents.get((number as usize).checked_sub(1)?)?;
    let severity = state.outline.severities.get(&incident.level)?;
    let template = severity.template.as_ref().filter(|_| incident.resolved.is_none())?;
    let live = |name: &str| {
        Some(match name {
            "incident" => format!("#{number}"),
            "severity" => format!("SEV{}", incident.level),
            "text" if incident.text.is_empty() => "not described yet".to_owned(),
            "text" => incident.text.clone(),
            "state" => incident.state.word().to_owned(),
            "open" => short(of.now.since(incident.opened)),
            "who" => incident.answered.as_ref().map_or_else(|| "nobody yet".to_owned(), |said| said.by.name.clone()),
            "now" => format!("{}: {}", of.answer.head.long(), of.answer.doing.long()),
            "signals" => worst(&state.outline, of.readout),
            "back" => back(state),
            "call" => next_call(state, number).map_or_else(|| "nobody".to_owned(), |call| call.words()),
            "next" => match severity.update {
                Some(span) => (of.wall)(of.now + span),
                None => "when there is something new".to_owned(),
            },
            _ => return None,
        })
    };
    // What is not known was refused when the plan was read.
    let filled =
        fill(template, |name| Ok(name.strip_prefix("live.").and_then(live).unwrap_or_else(|| format!("${{{name}}}"))));
    filled.ok()
}

/// The worst first: `errors[green] 6.10 % (critical), lag[replica-1].bytes no data: 401 (unknown)`.
fn worst(outline: &Outline, readout: &Readout) -> String {
    let mut all: Vec<&SignalView> = readout.signals.values().filter(|view| view.level != Level::Ok).collect();
    if all.is_empty() {
        let any = !readout.signals.is_empty();
        return if any { "all that is measured is within its limits" } else { "nothing is measured" }.to_owned();
    }
    all.sort_by_key(|view| match view.level {
        Level::Critical => 0,
        Level::Unknown => 1,
        _ => 2,
    });
    let more = all.len().saturating_sub(SIGNALS);
    let said = all.iter().take(SIGNALS).map(|view| {
        let unit = outline.probe(&view.id.probe).and_then(|p| p.measure(Some(&view.id.measure))).map(|m| m.unit);
        let shown = |value: f64| unit.map_or_else(|| value.to_string(), |unit| unit.show(value));
        let value = match &view.last {
            Some(Outcome::AtLeast(value)) => format!("at least {}", shown(value.get())),
            Some(Outcome::Value(value)) => shown(value.get()),
            Some(Outcome::Text(text)) => text.clone(),
            Some(Outcome::Failing(why)) => format!("failing: {why}"),
            Some(Outcome::NoData(why) | Outcome::CutOff(why)) => format!("no data: {why}"),
            Some(Outcome::Few(few)) => few.words(unit.unwrap_or(crate::core::units::Unit::Count)),
            None => "never measured".to_owned(),
        };
        format!("{} {value} ({})", view.id, view.level)
    });
    let said = said.collect::<Vec<_>>().join(", ");
    if more > 0 { format!("{said}, +{more} more") } else { said }
}

fn back(state: &LaunchState) -> String {
    use super::RollbackStatus::{Done, Left, Running, Stopped};
    let Some(back) = state.rollbacks.last() else { return "no way back was taken".to_owned() };
    let (title, at, of) = (&back.title, back.next, back.items.len());
    match &back.status {
        Running => format!("{title}: under way, {at} of {of} done"),
        Stopped { why, .. } => format!("{title}: stopped, {at} of {of} done: {why}"),
        Left { why, .. } => format!("{title}: left, {at} of {of} done: {why}"),
        Done { took, .. } => format!("{title}: done in {}", short(*took)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_a_value_and_is_described() {
        use crate::core::launch::testing::*;
        use crate::core::order::What;
        use crate::core::outline::SeverityOutline;
        let names: Vec<String> = LIVE.iter().map(|(name, _)| format!("{name}=${{live.{name}}}")).collect();
        let template = Some(names.join("\n"));
        let severity = SeverityOutline { template, ..Default::default() };
        let mut outline = plan(vec![]);
        outline.severities.insert(1, severity);
        let mut sim = Sim::new(outline);
        sim.order(What::Severity { incident: None, level: 1, text: "x".into() }).unwrap();
        let (readout, told) = (sim.readout(), sim.answers());
        let of = UpdateOf { readout: &readout, answer: &told.now, now: sim.now, wall: &|_| "09:00".to_owned() };
        let text = update_text(&sim.state, 1, &of).unwrap();
        assert!(!text.contains("${"), "{text}");
        assert!(LIVE.iter().all(|(_, what)| !what.is_empty()));
    }
}
