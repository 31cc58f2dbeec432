//! What the plan says of time: `at`, `not-before` and windows, from the file's words to the outline's.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use chrono_tz::Tz;
use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;

use super::file::Text;
use super::problem::Problem;
use super::tree::unfilled;
use crate::core::ids::PhaseId;
use crate::core::outline::{Outline, Since, StepOutline};
use crate::core::time::{Offset, SPAN, Span};
use crate::core::window::{Day, DayTime, Window};

/// A moment of the plan: an offset from T-0, or from what happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum At {
    /// `T+30m`
    T0(Offset),
    /// `deploy.done + 2h`
    Done {
        /// A step or a phase.
        name: String,
        /// How long after its end.
        plus: Span,
    },
}

impl FromStr for At {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(offset) = text.parse() {
            return Ok(At::T0(offset));
        }
        let bad = || format!("`{text}` is no time: write T-72h, T+0 or T+30m, or deploy.done + 2h for what happened");
        let (name, rest) = text.rsplit_once(".done").ok_or_else(bad)?;
        let (name, rest) = (name.trim(), rest.trim());
        if name.is_empty() || name.contains(char::is_whitespace) {
            return Err(bad());
        }
        let plus = match (rest, rest.strip_prefix('+')) {
            ("", _) => Span::ZERO,
            (_, Some(span)) => span.parse().map_err(|_| bad())?,
            _ if rest.starts_with('-') => {
                return Err(format!("`{text}` can't be: before `{name}` is done nobody knows when that will be"));
            }
            _ => return Err(bad()),
        };
        if plus < Span::ZERO {
            return Err(bad());
        }
        Ok(At::Done { name: name.to_owned(), plus })
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            At::T0(offset) => offset.fmt(f),
            At::Done { name, plus } => write!(f, "{name}.done + {plus}"),
        }
    }
}

impl<'de> Deserialize<'de> for At {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for At {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "At".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let t0 = format!(r"^\s*[Tt]\s*([+-]0|[+-]({SPAN})+)?\s*$");
        let done = format!(r"^\s*[^\s]+\.done\s*(\+({SPAN})+)?\s*$");
        schemars::json_schema!({
            "type": "string",
            "description": "An offset from T-0 (T-72h, T+0, T+30m) or from what happened (deploy.done + 2h).",
            "pattern": format!(r"{t0}|{done}|\$\{{")
        })
    }
}

/// `window`: when steps with a command may start. Crossing midnight it belongs to the day on which it opens.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WindowTable {
    /// The days on which it opens; every day unless given.
    #[serde(default)]
    pub days: Vec<Day>,
    /// When it opens.
    #[schemars(with = "DayTime")]
    pub from: Spanned<DayTime>,
    /// When it closes; at or before `from` it is on the day after.
    #[schemars(with = "DayTime")]
    pub to: Spanned<DayTime>,
    /// The zone of its times, as `Europe/Berlin`; the plan's unless given.
    #[schemars(with = "Option<String>")]
    pub zone: Option<Text>,
}

/// What must wait for the plan's zone.
#[derive(Default)]
pub(super) struct Clocks {
    /// The windows of phases.
    pub windows: Vec<(PhaseId, Spanned<WindowTable>)>,
    /// Where `not-before` stands.
    pub times: Vec<Range<usize>>,
}

impl Clocks {
    /// A time of day that the zone is wanted for.
    pub fn time(&mut self, written: Option<Spanned<DayTime>>) -> Option<DayTime> {
        self.times.extend(written.as_ref().map(Spanned::span));
        written.map(Spanned::into_inner)
    }
}

/// An `at` in its two kinds.
pub(super) fn split(at: Option<Spanned<At>>) -> (Option<Offset>, Option<(Text, Since)>) {
    match at.map(|at| (at.span(), at.into_inner())) {
        None => (None, None),
        Some((_, At::T0(offset))) => (Some(offset), None),
        Some((span, At::Done { name, plus })) => {
            let since = Since { name: name.clone(), of: Vec::new(), plus };
            (None, Some((Text::new(span, name), since)))
        }
    }
}

/// Which steps each `since` counts from.
pub(super) fn anchors(outline: &mut Outline) {
    let of = |since: &Since, steps: &[StepOutline]| {
        let named = steps.iter().filter(|s| s.id.as_str() == since.name);
        let named: Vec<_> = named.map(|s| s.id.clone()).collect();
        let part = steps.iter().filter(|s| s.phase.as_str() == since.name);
        if named.is_empty() { part.map(|s| s.id.clone()).collect() } else { named }
    };
    let steps = outline.steps.clone();
    let all = outline.phases.iter_mut().filter_map(|p| p.since.as_mut());
    for since in all.chain(outline.steps.iter_mut().filter_map(|s| s.since.as_mut())) {
        since.of = of(since, &steps);
    }
}

/// Windows and times of day, once the plan's zone is known. A window with a zone gives a plan without one its zone.
pub(super) fn windows(
    plan: Option<Spanned<WindowTable>>,
    clocks: Clocks,
    outline: &mut Outline,
    problems: &mut Vec<Problem>,
) {
    outline.window = plan.and_then(|table| window(table, outline.zone.as_deref(), problems));
    if outline.zone.is_none() {
        outline.zone = outline.window.as_ref().map(|window| window.zone.clone());
    }
    for (phase, table) in clocks.windows {
        let window = window(table, outline.zone.as_deref(), problems);
        if let Some(phase) = outline.phases.iter_mut().find(|p| p.id == phase) {
            phase.window = window;
        }
    }
    if outline.zone.is_none() {
        for at in clocks.times {
            let problem = Problem::error("zone", at, "`not-before` is a time of day, and the plan has no zone");
            problems.push(problem.help("write zone = \"Europe/Berlin\" under [plan]"));
        }
    }
}

fn window(table: Spanned<WindowTable>, zone: Option<&str>, problems: &mut Vec<Problem>) -> Option<Window> {
    let (at, table) = (table.span(), table.into_inner());
    let before = problems.len();
    let (from, to) = (*table.from.get_ref(), *table.to.get_ref());
    if from == to {
        let problem = Problem::error("window", table.to.span(), format!("from {from} to {to} is no time at all"));
        problems.push(problem.help("for all day write from = \"00:00\", to = \"24:00\""));
    }
    if from == DayTime::END {
        let problem = Problem::error("window", table.from.span(), format!("a window that opens at {from}"));
        problems.push(problem.help("write 00:00 of the day after"));
    }
    if let Some(zone) = &table.zone {
        self::zone(zone, problems);
    }
    let zone = table.zone.map(Spanned::into_inner).or(zone.map(str::to_owned));
    if zone.is_none() {
        let problem = Problem::error("zone", at, "the window has no zone");
        problems.push(problem.help("write zone = \"Europe/Berlin\" in it, or under [plan]"));
    }
    let zone = zone.filter(|_| problems.len() == before)?;
    Some(Window { days: table.days, from, to, zone })
}

/// Says so where a name is no time zone.
pub(super) fn zone(name: &Text, problems: &mut Vec<Problem>) {
    if name.get_ref().parse::<Tz>().is_err() && !unfilled(name, problems) {
        let message = format!("`{}` is no time zone", name.get_ref());
        problems.push(Problem::error("zone", name.span(), message).help("write an IANA name, as Europe/Berlin"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_the_plan_as_people_write_them() {
        let done = |name: &str, plus| At::Done { name: name.to_owned(), plus };
        for (text, at) in [
            ("T+30m", At::T0(Offset(Span::mins(30)))),
            ("deploy.done + 2h", done("deploy", Span::mins(120))),
            ("share-25.done+10m", done("share-25", Span::mins(10))),
            ("v1.2.done", done("v1.2", Span::ZERO)),
        ] {
            assert_eq!(text.parse(), Ok(at), "{text}");
        }
        for text in ["deploy", "deploy.done 2h", "deploy.done + soon", "deploy.done + -2h", ".done + 2h", "T+soon", ""]
        {
            assert!(text.parse::<At>().unwrap_err().contains("is no time: write"), "{text}");
        }
        let back = "deploy.done - 2h".parse::<At>().unwrap_err();
        assert!(back.contains("before `deploy` is done nobody knows"), "{back}");
    }
}
