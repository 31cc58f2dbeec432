//! `[shifts]`: who is on shift when.

use schemars::JsonSchema;
use serde::Deserialize;
use toml::Spanned;
use toml::de::DeValue;

use super::file::{Text, Time};
use super::forms;
use super::problem::Problem;
use super::tree::{Read, Value, nearest, read, take, unfilled};
use crate::core::ids::RoleId;
use crate::core::notice::NoticeKind;
use crate::core::outline::{Outline, Role, ShiftsOutline, Turn};
use crate::core::time::{Offset, Span};

/// How long before a turn people are reminded, unless the plan says.
const REMIND: Span = Span::mins(15);

/// How long after its time a handover is overdue, unless the plan says.
const LATE: Span = Span::mins(10);

/// `[shifts]`, beside its turns: one role that several people fill, one after the other. The first turn begins by itself. Each later one
/// begins when the next one accepts the handover that the one on shift wrote (`handover`, `accept`), or takes over with a
/// reason (`take-over`); until then the one on shift stays, and is who is called for the role. A slip moves the turns.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ShiftsTable {
    /// The role that they fill, as `on-call`. Its `backup` stands in for those who have none of their own.
    #[schemars(with = "String")]
    pub role: Text,
    /// How long before a turn people are reminded of it; 15m unless given.
    #[schemars(with = "Option<forms::Least>")]
    pub remind: Option<Time>,
    /// How long after its time a handover that nobody accepted is overdue; 10m unless given. What the rules for `overdue`
    /// name is told then, and who stands in by their `unacked` at once: until then the alarm warns, from then on it is
    /// critical.
    #[schemars(with = "Option<forms::Least>")]
    pub late: Option<Time>,
}

/// One of the `turns` of `[shifts]`, in the order of time.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TurnTable {
    /// From when on, as an offset from T-0.
    #[schemars(with = "Offset")]
    pub at: Option<Spanned<Offset>>,
    /// Who: a name that `[roles]` has, a person's or a backup's; or a role, which stands for its person.
    #[schemars(with = "String")]
    pub who: Text,
}

/// Reads it. `roles_known` is false where `[roles]` itself could not be read.
pub(super) fn shifts(value: Option<Value<'_>>, roles_known: bool, outline: &mut Outline, problems: &mut Vec<Problem>) {
    let Some(mut value) = value else { return };
    let DeValue::Table(inner) = value.get_mut() else {
        problems.push(Problem::error("wrong-value", value.span(), "write it as [shifts]"));
        return;
    };
    // Each is read by itself, so that what is wrong with one says nothing of the others.
    let written = take(inner, "turns");
    let Some(shifts) = read::<ShiftsTable>(&value, &["turns"], problems) else { return };
    let (lacks_role, table) = (shifts.lacks("role"), shifts.table);
    let all = match written.map(|turns| (turns.span(), turns.into_inner())) {
        Some((_, DeValue::Array(all))) if !all.is_empty() => all,
        other => {
            let at = other.map_or_else(|| value.span(), |(at, _)| at);
            let problem = Problem::error("empty", at, "`turns` has no turn: nobody would be on shift");
            problems.push(
                problem.help("write turns = [{ at = \"T+0\", who = \"Ana\" }, { at = \"T+8h\", who = \"Ben\" }]"),
            );
            return;
        }
    };
    let roles = &outline.roles;
    if roles_known && !lacks_role && !roles.contains_key(table.role.get_ref().as_str()) {
        unknown("no-role", "role", &table.role, roles.keys().map(RoleId::as_str), problems);
    }
    let mut least = |given: Option<Time>, usual: Span| {
        let Some(given) = given else { return usual };
        if *given.get_ref() < Span::ZERO {
            let message = format!("`{}` is no length of time: write 0m or 15m", given.get_ref());
            problems.push(Problem::error("wrong-value", given.span(), message));
        }
        given.into_inner()
    };
    let (remind, late) = (least(table.remind, REMIND), least(table.late, LATE));
    let mut turns: Vec<Turn> = Vec::new();
    for turn in &all {
        if !matches!(turn.get_ref(), DeValue::Table(_)) {
            let message = "write each turn as { at = \"T+8h\", who = \"Ben\" }";
            problems.push(Problem::error("wrong-value", turn.span(), message));
            continue;
        }
        let place = turn.span();
        let Some(Read { table: turn, left_out, .. }) = read::<TurnTable>(turn, &[], problems) else { continue };
        let Some(written) = turn.at else {
            if left_out.is_empty() {
                let message = "`at` is missing: from when on, as at = \"T+8h\"";
                problems.push(Problem::error("missing-key", place, message));
            }
            continue;
        };
        let at = *written.get_ref();
        if let Some(before) = turns.last().filter(|before| before.at >= at) {
            let message = format!("`{at}` is not after `{}`, where the turn before begins", before.at);
            problems.push(Problem::error("order", written.span(), message).help("put the turns in the order of time"));
        }
        if !left_out.is_empty() {
            continue;
        }
        let who = if roles_known { person(&turn.who, outline, problems) } else { turn.who.get_ref().clone() };
        turns.push(Turn { at, who });
    }
    let told = outline.notify.iter().any(|rule| rule.on.contains(&NoticeKind::Overdue));
    let unread = problems.iter().any(|p| p.code == "no-notice");
    if !told && !unread && turns.len() > 1 {
        let message = "a handover that is overdue would be told to nobody";
        let help = "add a [[notify]] with on = [\"overdue\"], and who stands in as its `unacked`";
        problems.push(Problem::warning("nobody-told", value.span(), message).help(help));
    }
    let role = RoleId::from(table.role.into_inner());
    outline.shifts = (!turns.is_empty()).then_some(ShiftsOutline { role, remind, late, turns });
}

/// The person of that name, or whose the role of that name is.
fn person(name: &Text, outline: &Outline, problems: &mut Vec<Problem>) -> String {
    let written = name.get_ref().trim();
    let same = |one: &str| one.eq_ignore_ascii_case(written);
    let people = || outline.roles.values().flat_map(Role::names);
    let by_role = || outline.roles.iter().find(|(id, _)| same(id.as_str())).map(|(_, role)| role.name.as_str());
    if let Some(found) = people().find(|one| same(one)).or_else(by_role) {
        return found.to_owned();
    }
    let known = people().chain(outline.roles.keys().map(RoleId::as_str));
    unknown("no-person", "person", name, known, problems);
    written.to_owned()
}

fn unknown<'a>(
    code: &'static str,
    what: &str,
    name: &Text,
    known: impl Iterator<Item = &'a str>,
    problems: &mut Vec<Problem>,
) {
    if unfilled(name, problems) {
        return;
    }
    let help = match nearest(name.get_ref(), known) {
        Some(near) => format!("did you mean `{near}`?"),
        None if what == "role" => "add it under [roles]".to_owned(),
        None => "give them a role under [roles], with how to reach them".to_owned(),
    };
    problems.push(Problem::error(code, name.span(), format!("there is no {what} `{}`", name.get_ref())).help(help));
}
