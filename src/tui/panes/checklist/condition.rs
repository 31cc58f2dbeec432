//! A condition's row: whether it holds, what it is, what it rests on.

use crate::core::condition::{Condition, Operand, Test};
use crate::core::launch::INJECTED;
use crate::core::view::ConditionView;
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::words;

/// Draws it over the whole of the pen's row. Where it must not hold, `fails` says what stands before it.
pub fn draw(pen: &mut Pen<'_>, fails: Option<&str>, condition: &Condition, view: Option<&ConditionView>) {
    let g = pen.glyphs;
    let word = fails.unwrap_or("");
    let fails = fails.is_some();
    let bad = view.is_some_and(|v| if fails { v.now == Some(true) } else { v.now == Some(false) });
    let waits = view.is_some_and(|v| v.waits);
    let (sign, role) = match view.map(|v| v.now) {
        _ if waits => (g.waiting, Role::Accent),
        None => (g.todo, Role::Muted),
        Some(None) => (g.unknown, Role::Unknown),
        Some(Some(_)) if bad => (g.critical, Role::Crit),
        Some(Some(_)) if fails => (g.armed, Role::Muted),
        Some(Some(_)) => (g.done, Role::Ok),
    };
    pen.bold(0, 0, sign, role);
    let found = view.map_or_else(String::new, |v| match v.needs {
        Some(needs) if fails && v.now == Some(true) => {
            format!("{} / {}{}", words::clock(v.lasted), words::clock(needs), if v.frozen { " frozen" } else { "" })
        }
        _ => measured(condition, v),
    });
    let style = match role {
        Role::Crit => role.bold(),
        Role::Unknown => role.style(),
        _ if waits => Role::Muted.style(),
        _ => Role::Text.style(),
    };
    let end = pen.width();
    let label = format!("{word}{condition}");
    // What is found has the first right to the row; the condition is written in the plan.
    // How long until there are enough samples stands at its end, so it has nearly all of the row.
    let share = if view.is_some_and(|v| v.few) { end.saturating_sub(12) } else { end.saturating_sub(4) * 2 / 3 };
    let room = width(&found).min(share.max(end.saturating_sub(width(&label) + 4)));
    let start = end - room;
    pen.cut(start, 0, &found, room, style);
    pen.cut(2, 0, &label, start.saturating_sub(4), (if bad { Role::Crit } else { Role::Muted }).style());
}

/// What is measured, without the limit where the condition itself has it; of `k of n` with how many agree: `6.10 %, 2 of 3`.
pub fn measured(condition: &Condition, view: &ConditionView) -> String {
    let found = view.found.strip_suffix(INJECTED);
    let injected = if found.is_some() { INJECTED } else { "" };
    let found = found.unwrap_or(&view.found);
    let value = value(condition, found);
    match condition.polls.zip(view.agreed).filter(|_| value.len() < found.len()) {
        Some((polls, agreed)) => format!("{value}, {agreed} of {}{injected}", polls.of),
        None => format!("{value}{injected}"),
    }
}

/// What is measured, without the limit where the condition itself has it.
fn value<'f>(condition: &Condition, found: &'f str) -> &'f str {
    match &condition.test {
        Test::Compare { to: Operand::Const(_), .. } => {
            let value = found.split([' ']).scan(0, |at, word| {
                let from = *at;
                *at += word.len() + 1;
                Some((from, word))
            });
            let mut operators = value.filter(|(_, word)| matches!(*word, "<" | "<=" | ">" | ">=" | "=" | "!="));
            operators.next().map_or(found, |(at, _)| found[..at].trim_end())
        }
        _ => found,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::grammar::parse;

    #[test]
    fn a_constant_limit_is_said_once() {
        let constant = parse("errors[green] > 1% for 3m", None).unwrap();
        assert_eq!(value(&constant, "6.10 % > 1 %"), "6.10 %");
        assert_eq!(value(&constant, "replica-1 430 ms <= 1 s"), "replica-1 430 ms");
        assert_eq!(value(&constant, "no data: 401"), "no data: 401");
        let other = parse("errors[green] <= errors[blue] * 1.5", None).unwrap();
        assert_eq!(value(&other, "6.10 % > 0.19 %"), "6.10 % > 0.19 %");
    }
}
