//! What was measured, in words: `errors[green] 6.10 % > 1 %`, and beside it `blue 0.05 %`.

use crate::core::condition::{Condition, Subject, Test};
use crate::core::ids::{Instance, Measure, ProbeId, SignalId};
use crate::core::launch::Fired;
use crate::core::outline::{Outline, ProbeOutline};
use crate::core::units::Unit;
use crate::core::view::{ConditionView, Readout, SignalView};

/// A condition with the live value: `errors[green] 6.10 % > 1 %`.
pub(super) fn live(condition: &Condition, view: &ConditionView) -> String {
    of_instance(condition, view.instance.as_ref(), &view.found)
}

/// What a trigger fired upon, as [`live`], for when there is no data now; after it, why there is none.
pub(super) fn fired_upon(condition: &Condition, fired: &Fired, view: Option<&ConditionView>) -> String {
    let upon = of_instance(condition, fired.instance.as_ref(), &fired.evidence.found);
    view.map_or_else(|| upon.clone(), |view| format!("{upon}; now {}", bare(&view.found, view.instance.as_ref())))
}

fn of_instance(condition: &Condition, found_of: Option<&Instance>, found: &str) -> String {
    let own = condition.subject.instance.as_ref();
    let subject = Subject { instance: own.or(found_of).cloned(), ..condition.subject.clone() };
    format!("{subject} {}", bare(found, found_of.filter(|_| own.is_none())))
}

/// What was found, without the instance in front.
fn bare<'a>(found: &'a str, instance: Option<&Instance>) -> &'a str {
    instance.and_then(|i| found.strip_prefix(i.as_str())?.strip_prefix(' ')).unwrap_or(found)
}

fn instance(condition: &Condition, view: &ConditionView) -> Option<Instance> {
    condition.subject.instance.clone().or_else(|| view.instance.clone())
}

/// The same measure of the other version: `blue 0.05 %`. Only where the probe has just two instances.
pub(super) fn other(
    outline: &Outline,
    readout: &Readout,
    condition: &Condition,
    view: &ConditionView,
) -> Option<String> {
    let probe = outline.probe(&condition.subject.probe)?;
    let measure = match (&condition.subject.measure, &condition.test) {
        (Some(measure), _) => Some(measure),
        (None, Test::Is(_)) => None,
        (None, Test::Failing) => probe.measures.iter().find(|m| m.unit == Unit::State).map(|m| &m.name),
        (None, _) => probe.measures.first().map(|m| &m.name),
    };
    sibling(readout, probe, &instance(condition, view)?, measure?)
}

/// The value of a probe's only other instance.
pub(super) fn sibling(
    readout: &Readout,
    probe: &ProbeOutline,
    instance: &Instance,
    measure: &Measure,
) -> Option<String> {
    let mut others = of_probe(readout, &probe.id)
        .filter(|v| v.id.measure == *measure && v.id.instance.as_ref().is_some_and(|i| i != instance));
    let (only, None) = (others.next()?, others.next()) else { return None };
    let unit = probe.measure(Some(measure))?.unit;
    Some(format!("{} {}", only.id.instance.as_ref()?, only.last.as_ref()?.shown(unit)?))
}

/// All signals of a probe.
pub(super) fn of_probe<'a>(readout: &'a Readout, probe: &ProbeId) -> impl Iterator<Item = &'a SignalView> {
    let first = SignalId { probe: probe.clone(), instance: None, measure: "".into() };
    let probe = probe.clone();
    readout.signals.range(first..).map(|(_, v)| v).take_while(move |v| v.id.probe == probe)
}

/// What people call a thing that is measured: the probe's title, and its instance.
pub(super) fn name(probe: &ProbeOutline, instance: Option<&Instance>) -> String {
    instance.map_or_else(|| probe.title.clone(), |i| format!("{} {i}", probe.title))
}
