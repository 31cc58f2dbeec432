//! The numbers of the war room. Each is what was measured, or says that nothing was.

use crate::core::launch::answers::Words;
use crate::core::reading::Level;
use crate::core::time::Timestamp;
use crate::tui::model::{Model, PaneId};
use crate::tui::panes::{errors, level_word};
use crate::tui::role::Role;
use crate::tui::rows::{self, Row};
use crate::tui::words;

/// A number in large type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Figure {
    /// What is measured.
    pub name: Words,
    /// The value as people read it: `6.10 %`.
    pub value: String,
    /// How it is drawn.
    pub role: Role,
    /// How it stands; none for what is no measurement, as a limit.
    pub level: Option<Level>,
    /// What stands beside the level: how long it is over its limit, its age, what it was.
    pub beside: Words,
}

/// So many are shown.
const MOST: usize = 3;

/// The error rates of both versions and their limit; where the plan measures none, the worst of what it measures.
pub fn figures(model: &Model) -> Vec<Figure> {
    let rates = errors::figures(model);
    if !rates.is_empty() {
        return rates;
    }
    let panes = [PaneId::Health, PaneId::Lag, PaneId::Queues];
    let mut all: Vec<&Row> = panes.iter().flat_map(|pane| rows::rows(model, *pane)).collect();
    all.sort_by_key(|row| std::cmp::Reverse(row.level));
    all.into_iter().take(MOST).map(|row| of_row(model, row)).collect()
}

fn of_row(model: &Model, row: &Row) -> Figure {
    let unknown = row.level == Level::Unknown;
    let value = if unknown || row.value.is_empty() { level_word(row.level).to_uppercase() } else { row.value.clone() };
    let pending = row.pending.map(|p| words::far(p.lasted, p.needs)).unwrap_or_default();
    Figure {
        name: row.name.clone().into(),
        value,
        role: role_of(row.level, Role::Hi),
        level: Some(row.level),
        beside: beside(model, row.level, &pending, (row.was.as_deref(), row.why.as_deref()), row.at),
    }
}

/// How a value of that level is drawn.
pub fn role_of(level: Level, well: Role) -> Role {
    match level {
        Level::Ok => well,
        Level::Warn => Role::Warn,
        Level::Critical => Role::Crit,
        Level::Unknown => Role::Unknown,
    }
}

/// What stands beside a level: of what is unknown what it was, else why.
pub fn beside(
    model: &Model,
    level: Level,
    pending: &str,
    (was, why): (Option<&str>, Option<&str>),
    at: Option<Timestamp>,
) -> Words {
    let was = was.filter(|was| !was.is_empty()).map(|was| format!("was {was}"));
    let was = was.or_else(|| why.map(str::to_owned)).filter(|_| level == Level::Unknown);
    let age = at.map(|at| format!("{} ago", words::age(model.now(), at)));
    let said = [Some(pending.to_owned()).filter(|p| !p.is_empty()), was, age];
    let said: Vec<String> = said.into_iter().flatten().collect();
    Words::of([said.join(", "), said.into_iter().next().unwrap_or_default()])
}

/// A value as a number and its unit: `1,840` and `ms`. A sign that needs no letters stays with its number.
pub fn parts(value: &str) -> (String, String) {
    match value.split_once(' ') {
        Some((number, "%")) => (format!("{number}%"), String::new()),
        Some((number, unit)) if number.chars().all(|c| !c.is_alphabetic()) => (number.to_owned(), unit.to_owned()),
        _ => (value.to_owned(), String::new()),
    }
}

/// An estimate with its unit as people say it: `~2 m` is `~2` and `min`, `~1 h 10 m` is `~1:10` and `h`.
pub fn estimate(takes: &str) -> (String, String) {
    let words: Vec<&str> = takes.split(' ').collect();
    match words.as_slice() {
        [number, "m"] => ((*number).to_owned(), "min".to_owned()),
        [hours, "h", minutes, "m"] => (format!("{hours}:{minutes:0>2}"), "h".to_owned()),
        _ => parts(takes),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_of_letters_stands_beside_its_number() {
        for (value, number, unit) in [
            ("6.10 %", "6.10%", ""),
            ("1,840 ms", "1,840", "ms"),
            ("12 /min", "12", "/min"),
            ("6:12", "6:12", ""),
            ("failing", "failing", ""),
            ("no data", "no data", ""),
        ] {
            assert_eq!(parts(value), (number.to_owned(), unit.to_owned()));
        }
        for (takes, number, unit) in [("~2 m", "~2", "min"), ("~40 s", "~40", "s"), ("~1 h 5 m", "~1:05", "h")] {
            assert_eq!(estimate(takes), (number.to_owned(), unit.to_owned()));
        }
    }
}
