//! A gate that is voted at or decided: what must hold and who has voted, what stands against a go first where not all fits.

use super::{buttons, raise};
use crate::core::ids::{RoleId, StepId};
use crate::core::launch::{PollState, poll_ends};
use crate::core::order::Ballot;
use crate::core::outline::Gate;
use crate::core::view::ConditionOf;
use crate::core::words::left;
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::words;

/// A requirement or a vote.
struct Row {
    sign: &'static str,
    role: Role,
    /// The number by which the role is chosen, where one votes.
    number: Option<usize>,
    what: String,
    said: String,
    /// What stands against a go comes first: 0 for a no-go and what does not hold, 1 for what nobody knows, 2 for the rest.
    rank: u8,
    chosen: bool,
}

fn requirements(model: &Model, gate: &StepId, asked: &Gate, pen: &Pen<'_>) -> Vec<Row> {
    let row = |(i, condition): (usize, &crate::core::condition::Condition)| {
        let view = model.readout.conditions.get(&ConditionOf::Require(gate.clone(), i));
        let (sign, role, rank) = match view.and_then(|v| v.held) {
            Some(true) => (pen.glyphs.done, Role::Ok, 2),
            Some(false) => (pen.glyphs.critical, Role::Crit, 0),
            None => (pen.glyphs.unknown, Role::Unknown, 1),
        };
        let said = view.map_or("not measured", |v| v.found.as_str()).to_owned();
        Row { sign, role, number: None, what: condition.to_string(), said, rank, chosen: false }
    };
    asked.require.iter().enumerate().map(row).collect()
}

fn votes(model: &Model, poll: Option<&PollState>, asked: &Gate, chosen: Option<usize>, pen: &Pen<'_>) -> Vec<Row> {
    let row = |(i, voter): (usize, &RoleId)| {
        let vote = poll.and_then(|p| p.votes.get(voter));
        let (sign, role, word, rank) = match vote.map(|v| v.vote) {
            Some(Ballot::Go) => (pen.glyphs.decided, Role::Ok, "go", 2),
            Some(Ballot::NoGo) => (pen.glyphs.decided, Role::Crit, "NO-GO", 0),
            None => (pen.glyphs.todo, Role::Muted, "no vote yet", 1),
        };
        let by = vote.map_or_else(String::new, |v| {
            format!(", {}{}", v.by, v.why.as_ref().map_or(String::new(), |w| format!(": {w}")))
        });
        let name = model.outline().and_then(|o| o.roles.get(voter)).map_or("", |r| r.name.as_str());
        let what = format!("{voter}  {name}").trim_end().to_owned();
        let number = chosen.is_some().then_some(i + 1);
        Row { sign, role, number, what, said: format!("{word}{by}"), rank, chosen: chosen == Some(i) }
    };
    asked.poll.iter().enumerate().map(row).collect()
}

/// Draws it; `role` is the number of the role that votes, none where the lead decides.
pub(super) fn draw(model: &Model, gate: &StepId, role: Option<usize>, layout: &Layout, pen: &mut Pen<'_>) {
    let Some(launch) = model.launch.as_ref() else { return };
    let Some(step) = launch.outline.step(gate) else { return };
    let Some(asked) = &step.gate else { return };
    let poll = launch.steps.get(gate).and_then(|s| s.poll.as_ref());
    let polls = model.is_polling(gate);
    let rows = u16::try_from(asked.require.len() + asked.poll.len()).unwrap_or(200).saturating_add(7);
    let (mut pen, ..) = raise(pen, layout, rows, 84, Role::Accent);
    let end = pen.width().saturating_sub(3);
    let low = pen.height() < rows;
    let x = pen.bold(3, u16::from(!low), &step.title, Role::Hi);
    if let Some(poll) = poll {
        let since = words::clock(model.now().since(poll.opened));
        let (open, role) = match polls {
            true if let Some(ends) = poll_ends(launch, step) => {
                let left = left(ends.since(model.now()));
                (format!("round {}, open {since}, ends in {left}", poll.round), Role::Text)
            }
            true => (format!("round {}, open {since}", poll.round), Role::Muted),
            false => (format!("round {} is over", poll.round), Role::Warn),
        };
        pen.put(x + 3, u16::from(!low), &open, role);
    }
    let mut all = requirements(model, gate, asked, &pen);
    let votes = votes(model, poll, asked, role, &pen);
    let (first, keys) = if low { (1, 1) } else { (3, 2) };
    let last = pen.height().saturating_sub(keys);
    let room = usize::from(last.saturating_sub(first));
    let between = all.len();
    all.extend(votes);
    let fits = all.len() < room || (all.len() == room && low);
    if !fits {
        all.sort_by_key(|row| (!row.chosen, row.rank));
    }
    let shown = if fits { all.len() } else { room.saturating_sub(1) };
    let mut y = first;
    for (i, row) in all.iter().enumerate().take(shown) {
        if fits && !low && i == between && between > 0 {
            y += 1;
        }
        one(&mut pen, y, end, row);
        y += 1;
    }
    if shown < all.len() && y < last {
        let against = all.iter().skip(shown).filter(|row| row.rank < 2).count();
        let (text, role) = match against {
            0 => (format!("+{} that hold or are go", all.len() - shown), Role::Muted),
            n => (format!("+{}, {n} of them against a go or unknown", all.len() - shown), Role::Crit),
        };
        pen.put(5, y, &text, role);
    }
    match role {
        _ if !polls => buttons(&mut pen, last, &[("Esc", "back")]),
        Some(role) => {
            // In words, for those who see no colours.
            let go = format!("go for {}", asked.poll.get(role).map_or("nobody", |r| r.as_str()));
            let numbers = words::numbers(asked.poll.len());
            buttons(&mut pen, last, &[("g", &go), ("n", "no-go"), (&numbers, "role"), ("Esc", "not now")]);
        }
        None => buttons(&mut pen, last, &[("g", "GO"), ("n", "NO-GO"), ("Esc", "not now")]),
    }
}

/// Neither what must hold nor what was found covers the other: each has at least half of the row.
fn one(pen: &mut Pen<'_>, y: u16, end: u16, row: &Row) {
    if row.chosen {
        pen.behind(y, Role::Selection);
    }
    if let Some(number) = row.number {
        pen.bold(3, y, &number.to_string(), Role::Accent);
    }
    let x = if row.number.is_some() { 5 } else { 3 };
    pen.bold(x, y, row.sign, row.role);
    let start = x + 2;
    let room = end.saturating_sub(start);
    let (what, said) = (width(&row.what), width(&row.said));
    let for_said = if what + 2 + said <= room { said } else { said.min(room.saturating_sub(what + 2).max(room / 2)) };
    let at = end.saturating_sub(for_said);
    let style = (if row.rank == 2 { Role::Text } else { row.role }).style();
    pen.cut(at, y, &row.said, for_said, style);
    let style = Role::Text.style();
    pen.cut(start, y, &row.what, at.saturating_sub(start + 2), style);
}
