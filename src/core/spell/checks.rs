//! How orders about the checks of a watch are spelled: as those about steps, with the watch's id.

use super::read::{Reader, box_of};
use super::write::quoted;
use crate::core::ids::{StepId, WatchId};
use crate::core::launch::open_check;
use crate::core::order::What;
use crate::core::text::did_you_mean;
use crate::core::watch::CheckAct;

impl Reader<'_> {
    /// Whether what follows names a watch, and no step.
    pub(super) fn is_watch(&self) -> bool {
        let Some(name) = self.rest.first() else { return false };
        let outline = &self.state.outline;
        outline.watch(&WatchId::from(name.as_str())).is_some() && outline.step(&StepId::from(name.as_str())).is_none()
    }

    pub(super) fn check(&mut self, word: &str) -> Result<What, String> {
        let state = self.state;
        let name = self.next("the watch")?.to_owned();
        let Some(watch) = state.outline.watch(&WatchId::from(name.as_str())) else {
            let hint = did_you_mean(&name, state.outline.watches.iter().map(|w| w.id.as_str()));
            return Err(format!("the plan has no watch `{name}`{hint}"));
        };
        // Where none is due, the launch says so: it is spelled well.
        let check = open_check(state, &watch.id).map_or(0, |open| open.check.number);
        let act = match word {
            on @ ("tick" | "untick") => {
                let text = self.text("the item")?;
                let item = box_of(&watch.items, &text).ok_or_else(|| {
                    format!(
                        "`{text}` is no single item of {name}: 1 to {}, or the beginning of its text",
                        watch.items.len()
                    )
                })?;
                CheckAct::Tick { item, on: on == "tick" }
            }
            "done" => CheckAct::Done { why: Some(self.rest_text()).filter(|text| !text.trim().is_empty()) },
            "found" => CheckAct::Found { text: self.text("what was found")? },
            _ => CheckAct::Skip { why: self.text("why")? },
        };
        Ok(What::Check { watch: watch.id.clone(), check, act })
    }
}

/// Such an order as it would be typed.
pub(super) fn write(watch: &WatchId, act: &CheckAct) -> String {
    let or = |text: &str, name: &str| if text.trim().is_empty() { name.to_owned() } else { quoted(text) };
    match act {
        CheckAct::Tick { item, on } => {
            format!("{} {watch} {}", if *on { "tick" } else { "untick" }, item.saturating_add(1))
        }
        CheckAct::Done { why: None } => format!("done {watch}"),
        CheckAct::Done { why: Some(why) } => format!("done {watch} {}", or(why, "WHY")),
        CheckAct::Found { text } => format!("found {watch} {}", or(text, "TEXT")),
        CheckAct::Skip { why } => format!("skip {watch} {}", or(why, "WHY")),
    }
}
