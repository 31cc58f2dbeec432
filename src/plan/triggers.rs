//! `[[trigger]]`: what is watched in every state, by a probe or by a person.

use std::collections::BTreeSet;

use super::build::rollback_named;
use super::file::TriggerTable;
use super::lost::Lost;
use super::problem::Problem;
use super::sense;
use super::steps::{Reader, plain};
use super::tree::{Value, array, check_id, nearest, read, unfilled};
use crate::core::outline::{Fires, Outline, TriggerOutline};
use crate::core::time::Span;

impl Reader<'_, '_> {
    /// `[[trigger]]`.
    pub fn triggers(&mut self, values: Option<Value<'_>>, outline: &mut Outline) {
        let values = array(values, "trigger", &mut Lost::default(), self.problems);
        let mut seen = BTreeSet::new();
        for value in values {
            let Some(read) = read::<TriggerTable>(&value, &[], self.problems) else { continue };
            let no_id = read.lacks("id");
            let partly = read.left_out.iter().any(|key| nearest(key, ["when", "ask"]).is_some());
            let mut trigger = read.table;
            if !no_id {
                check_id(&trigger.id, true, self.problems);
            }
            if !no_id && !seen.insert(trigger.id.get_ref().clone()) {
                let message = format!("there are two triggers `{}`", trigger.id.get_ref());
                self.problems.push(Problem::error("twice", trigger.id.span(), message));
            }
            sense::estimate(trigger.clear_after.as_ref(), self.problems);
            if trigger.ask.is_some() {
                self.asked_alone(&trigger);
            }
            let rollback = trigger
                .rollback
                .take()
                .and_then(|name| rollback_named(&name, outline, &self.lost_rollbacks, self.problems));
            let at = trigger.when.as_ref().or(trigger.ask.as_ref()).map_or(trigger.id.span(), |text| text.span());
            let Some(fires) = self.fires(&trigger, partly, at.clone()) else { continue };
            self.places.triggers.push((trigger.id.span(), at));
            outline.triggers.push(TriggerOutline {
                id: trigger.id.into_inner().into(),
                title: trigger.title.unwrap_or_else(|| fires.to_string()),
                fires,
                action: trigger.action,
                rollback,
                no_data: plain(trigger.no_data).unwrap_or_default(),
                clear_after: plain(trigger.clear_after).unwrap_or(Span::mins(2)),
            });
        }
        // Two that fire at the same would look like one: their names tell them apart.
        let titles: Vec<String> = outline.triggers.iter().map(|trigger| trigger.title.clone()).collect();
        for trigger in &mut outline.triggers {
            if titles.iter().filter(|title| **title == trigger.title).count() > 1 {
                trigger.title = format!("{}: {}", trigger.id, trigger.title);
            }
        }
    }

    /// What makes it fire: a condition or a question, one of the two.
    fn fires(&mut self, trigger: &TriggerTable, partly: bool, at: std::ops::Range<usize>) -> Option<Fires> {
        match (&trigger.when, &trigger.ask) {
            (Some(when), None) => self.probes.one(when, self.problems).map(Fires::When),
            (None, Some(ask)) if ask.get_ref().trim().is_empty() => {
                let problem = Problem::error("empty", ask.span(), "`ask` is empty: nobody would know when to fire it");
                self.problems.push(problem.help("write the question, as Data corruption?"));
                None
            }
            (None, Some(ask)) => (!unfilled(ask, self.problems)).then(|| Fires::Ask(ask.get_ref().trim().to_owned())),
            (Some(_), Some(ask)) => {
                let message = format!("the trigger `{}` has both `when` and `ask`", trigger.id.get_ref());
                let help = "a probe fires it or a person does: make it two triggers";
                self.problems.push(Problem::error("two-ways", ask.span(), message).help(help));
                None
            }
            (None, None) => {
                if !partly {
                    let message = "missing key `when` or `ask`: nothing fires the trigger";
                    let help =
                        "add when = \"errors > 5% for 10m\", or ask = \"Data corruption?\" where a person must say";
                    self.problems.push(Problem::error("missing-key", at, message).help(help));
                }
                None
            }
        }
    }

    /// A question is not measured: what is about readings does nothing.
    fn asked_alone(&mut self, trigger: &TriggerTable) {
        let keys = [
            ("no-data", trigger.no_data.as_ref().map(|key| key.span())),
            ("clear-after", trigger.clear_after.as_ref().map(|key| key.span())),
        ];
        for (key, at) in keys.into_iter().filter_map(|(key, at)| Some((key, at?))) {
            let message = format!("`{key}` does nothing in `{}`: a person fires and clears it", trigger.id.get_ref());
            self.problems.push(Problem::error("no-effect", at, message).help("leave it out"));
        }
    }
}
