//! `vantage` of the `[plan]` table: what our own side must reach for a failure to count.
//!
//! Written as a kind of probe, `vantage = { tcp = "gateway.internal:443" }`, it is a probe of its own, called `vantage`;
//! written as names, `vantage = ["gateway", "resolver"]`, it is those probes of the plan.

use toml::Spanned;
use toml::de::{DeArray, DeValue};

use super::conditions::Probes;
use super::file::Text;
use super::places::Gaps;
use super::problem::Problem;
use super::tree::{Value, nearest, take, unfilled};
use crate::core::ids::ProbeId;
use crate::core::outline::ProbeOutline;
use crate::core::units::Unit;

/// What a vantage that measures by itself is called.
const OWN: &str = "vantage";

/// Takes it out of the `[plan]` table. One that measures by itself comes among the probes. What is left are names.
pub(super) fn take_out<'i>(
    plan: Option<&mut Value<'i>>,
    probes: &mut Option<Value<'i>>,
    problems: &mut Vec<Problem>,
) -> Vec<Text> {
    let Some(DeValue::Table(plan)) = plan.map(Spanned::get_mut) else { return Vec::new() };
    let Some(mut value) = take(plan, "vantage") else { return Vec::new() };
    let at = value.span();
    let form = "write a kind of probe, as { tcp = \"gateway:443\" }, or the names of probes";
    let mut wrong = |at| problems.push(Problem::error("wrong-value", at, "it names nothing to be reached").help(form));
    match value.get_mut() {
        DeValue::String(name) => vec![Text::new(at, name.to_string())],
        DeValue::Array(names) => {
            if names.is_empty() {
                wrong(at);
            }
            let mut known = Vec::new();
            for name in names.iter() {
                match name.get_ref().as_str() {
                    Some(text) => known.push(Text::new(name.span(), text.to_owned())),
                    None => wrong(name.span()),
                }
            }
            known
        }
        DeValue::Table(table) => {
            let text = |text: &str| Spanned::new(at.clone(), DeValue::String(text.to_owned().into()));
            for (key, value) in [("id", OWN), ("pane", "health")] {
                if key == "id" || table.get(key).is_none() {
                    table.insert(Spanned::new(at.clone(), key.into()), text(value));
                }
            }
            match probes.as_mut().map(Spanned::get_mut) {
                Some(DeValue::Array(all)) => all.push(value),
                _ => {
                    let mut all = DeArray::new();
                    all.push(value);
                    *probes = Some(Spanned::new(at.clone(), DeValue::Array(all)));
                }
            }
            vec![Text::new(at, OWN.to_owned())]
        }
        _ => {
            wrong(at);
            Vec::new()
        }
    }
}

/// The probes that the names are of.
pub(super) fn named(names: &[Text], probes: &Probes<'_>, gaps: &Gaps, problems: &mut Vec<Problem>) -> Vec<ProbeId> {
    let mut found: Vec<ProbeId> = Vec::new();
    for name in names {
        let id = ProbeId::from(name.get_ref().as_str());
        let Some(outline) = probes.outlines.iter().find(|p| p.id == id) else {
            if !probes.may_be(id.as_str()) && !unfilled(name, problems) {
                let near = nearest(id.as_str(), probes.outlines.iter().map(|p| p.id.as_str()));
                let mut problem = Problem::error("no-probe", name.span(), format!("there is no probe `{id}`"));
                problem.help = near.map(|n| format!("did you mean `{n}`?"));
                problems.push(problem);
            }
            continue;
        };
        if !outline.measures.iter().any(|m| m.unit == Unit::State) {
            let message = format!("`{id}` measures no health, so that it can't say whether it was reached");
            problems.push(Problem::error("vantage", name.span(), message).help("use tcp or http"));
        }
        problems.extend(slow(name, outline, probes, gaps));
        found.push(id);
    }
    found
}

/// A failure counts only once the vantage has answered after it: one that is asked seldom makes the others stale.
fn slow(name: &Text, vantage: &ProbeOutline, probes: &Probes<'_>, gaps: &Gaps) -> Option<Problem> {
    let read = |p: &&ProbeOutline| !gaps.probes.contains(&p.id);
    Some(vantage).filter(read)?;
    let quick = probes.outlines.iter().filter(read).filter(|p| p.measures.iter().any(|m| m.unit == Unit::State));
    let quick = quick.min_by_key(|p| p.every).filter(|p| p.every.times(2) < vantage.every)?;
    let (id, every) = (&vantage.id, vantage.every);
    let message = format!("`{id}` is asked every {every}, and a failure of `{}` counts only after that", quick.id);
    Some(Problem::warning("vantage", name.span(), message).help(format!("every = \"{}\"", quick.every)))
}
