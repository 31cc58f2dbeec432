//! Coming back to a launch that lives. It is what it was launched as: who asks for something else is told, and what to do.

use std::fmt;

use super::open::{Origin, Wanted};
use crate::core::ids::LaunchId;
use crate::core::launch::LaunchState;
use crate::plan::Plan;

/// A live launch that was launched with other values than are asked for now; its text is for people, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Otherwise {
    id: LaunchId,
    differences: Vec<Difference>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Difference {
    flag: String,
    was: String,
    asked: String,
    /// A changed plan that is taken in would bring it.
    by_plan: bool,
}

impl Otherwise {
    /// What is asked for explicitly and is not so; none where nothing differs. `plan` is the plan file as it is now with
    /// what is asked for, where a plan comes of it.
    pub fn of(wanted: &Wanted, plan: Option<&Plan>, origin: &Origin, state: &LaunchState) -> Option<Self> {
        let mut differences = Vec::new();
        let (asked, had) = (&wanted.origin.choices, &origin.choices);
        if asked.environment.is_some() && asked.environment != had.environment {
            differences.push(Difference {
                flag: "--env".to_owned(),
                was: had.environment.clone().unwrap_or_else(|| "none".to_owned()),
                asked: asked.environment.clone().unwrap_or_default(),
                by_plan: false,
            });
        }
        for (name, given) in &asked.vars {
            let is = state.outline.vars.get(name);
            let becomes = plan.map_or(Some(given), |plan| plan.outline.vars.get(name));
            if had.vars.get(name) != Some(given) && is != becomes {
                differences.push(Difference {
                    flag: format!("--var {name}"),
                    was: is.map_or_else(|| "nothing".to_owned(), |is| format!("`{is}`")),
                    asked: format!("`{given}`"),
                    by_plan: !had.vars.contains_key(name),
                });
            }
        }
        if let Some(t0) = wanted.t0.filter(|t0| *t0 != state.t0) {
            let flag = "--t0".to_owned();
            differences.push(Difference { flag, was: state.t0.to_string(), asked: t0.to_string(), by_plan: false });
        }
        let had = state.practice.as_ref().map_or(1, |practice| practice.speed);
        if let Some(asked) = wanted.speed.filter(|asked| *asked != had) {
            let (flag, was, asked) = ("--speed".to_owned(), had.to_string(), asked.to_string());
            differences.push(Difference { flag, was, asked, by_plan: false });
        }
        let asked = plan.filter(|_| wanted.scenario.is_some()).and_then(|plan| wanted.scenario_for(plan).ok());
        if asked.is_some_and(|asked| state.practice.as_ref().is_none_or(|practice| practice.scenario != asked)) {
            let asked = wanted.scenario.as_ref().map_or_else(String::new, |path| path.display().to_string());
            let (flag, was) = ("--scenario".to_owned(), "another one, or none".to_owned());
            differences.push(Difference { flag, was, asked, by_plan: false });
        }
        (!differences.is_empty()).then(|| Self { id: state.id.clone(), differences })
    }
}

impl fmt::Display for Otherwise {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = &self.id;
        writeln!(f, "{id} is live and was launched otherwise:")?;
        for Difference { flag, was, asked, .. } in &self.differences {
            writeln!(f, "  {flag}: was {was}, asked {asked}")?;
        }
        writeln!(f, "  → as it is: `tminus attach {id}`, or launch without the flag")?;
        if self.differences.iter().all(|d| d.by_plan) {
            writeln!(f, "  → to change it: edit the plan, then `tminus do diff` and `tminus do adopt HASH`")?;
        }
        if self.differences.iter().any(|d| d.flag == "--t0") {
            writeln!(f, "  → to move T-0: `tminus do slip +35m WHY --launch {id}`, or `slip to TIME WHY`")?;
        }
        write!(f, "  → a second launch beside it: --new")
    }
}
