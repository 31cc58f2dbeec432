//! `[[criterion]]`: success over time.

use std::collections::BTreeSet;

use super::file::{CriterionTable, Text};
use super::lost::Lost;
use super::problem::Problem;
use super::sense;
use super::steps::Reader;
use super::tree::{Value, array, check_id, read, unfilled};
use crate::core::criterion::CriterionOutline;
use crate::core::outline::Outline;
use crate::core::units::Finite;

impl Reader<'_, '_> {
    /// `[[criterion]]`.
    pub fn criteria(&mut self, values: Option<Value<'_>>, outline: &mut Outline) {
        let mut seen = BTreeSet::new();
        for value in array(values, "criterion", &mut Lost::default(), self.problems) {
            let Some(read) = read::<CriterionTable>(&value, &[], self.problems) else { continue };
            let (lacks_when, lacks_over) = (read.lacks("when"), read.lacks("over"));
            let own = read.table;
            if own.over.is_none() && !lacks_over {
                let at = if lacks_when { value.span() } else { own.when.span() };
                let problem = Problem::error("missing-key", at, "the key `over` is missing here");
                self.problems.push(problem.help("add over = \"24h\""));
            }
            let (Some(over), false) = (own.over, lacks_when) else { continue };
            if let Some(id) = &own.id {
                check_id(id, true, self.problems);
            }
            sense::some(Some(&over), self.problems);
            let target = own.target.as_ref().and_then(|target| share(target, self.problems));
            let Some(when) = self.probes.one(&own.when, self.problems) else { continue };
            if when.lasting.is_some() || when.polls.is_some() {
                let message = format!("`{when}`: all of the time counts, so it takes no `for` and no `k of n`");
                let problem = Problem::error("no-effect", own.when.span(), message);
                self.problems.push(problem.help("leave it out; `target = \"99.9%\"` says how much may fail"));
            }
            let id = own.id.as_ref().map_or_else(|| when.to_string(), |id| id.get_ref().clone());
            if !seen.insert(id.clone()) {
                let at = own.id.as_ref().unwrap_or(&own.when).span();
                let problem = Problem::error("twice", at, format!("there are two criteria `{id}`"));
                self.problems.push(problem.help("give one of them another id"));
            }
            outline.criteria.push(CriterionOutline {
                title: own.title.unwrap_or_else(|| when.to_string()),
                id,
                when,
                over: over.into_inner(),
                target,
            });
        }
    }
}

/// `99.9%` as 0.999.
fn share(text: &Text, problems: &mut Vec<Problem>) -> Option<Finite> {
    if unfilled(text, problems) {
        return None;
    }
    let number = text.get_ref().trim().strip_suffix('%').and_then(|number| number.trim().parse::<f64>().ok());
    match number {
        Some(number) if number > 0.0 && number < 100.0 => Finite::new(number / 100.0),
        Some(number) if number >= 100.0 => {
            let message = "nothing may ever fail by that: there is no error budget";
            let help = "write less than 100%, as 99.9%, or leave it out";
            problems.push(Problem::error("wrong-value", text.span(), message).help(help));
            None
        }
        _ => {
            let message = format!("`{}` is no share of the time", text.get_ref());
            problems.push(Problem::error("wrong-value", text.span(), message).help("write 99.9%"));
            None
        }
    }
}
