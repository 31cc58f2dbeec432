//! The choice of a way back: why, to what, what it does, how it is started.

use ratatui::layout::Position;

use super::{buttons, raise, what_it_does, why};
use crate::core::ids::StepId;
use crate::core::launch::answers::{NO_LOSS, failed_undo};
use crate::core::launch::{LaunchState, StepStatus, Unwritten, WayView, open_incidents};
use crate::core::order::Way;
use crate::core::outline::StepOutline;
use crate::tui::dialogs::go_back::{SHOWN, grounds, more, must_type, place};
use crate::tui::edit::Edit;
use crate::tui::incidents::name;
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, fit, width};
use crate::tui::role::Role;
use crate::tui::words;

/// Draws it; says where the cursor stands, where something must be typed.
pub(super) fn draw(
    model: &Model,
    chosen: Option<&Way>,
    typed: &Edit,
    layout: &Layout,
    pen: &mut Pen<'_>,
) -> Option<Position> {
    let chosen = place(model, chosen);
    let launch = model.launch.as_ref()?;
    let ways = &model.facts.ways;
    let way = chosen.and_then(|at| ways.get(at));
    let columns = if pen.width() >= 110 { 102 } else { pen.width() };
    let does = way.map_or(0, |way| what_it_does::height(model, launch, way, columns.saturating_sub(4)));
    let mut evidence = grounds(model, way.map(|way| &way.way));
    let others = (evidence.len() > SHOWN).then(|| more(&evidence));
    evidence.truncate(SHOWN);
    let reasons = evidence.len().max(1);
    // What it does goes before air between the ways.
    let below = usize::from(pen.height().saturating_sub(layout.answers.y + layout.answers.height + 2));
    let roomy = pen.height() >= 34 && 9 + reasons + 3 * ways.len() + does <= below;
    let each = if roomy { 3 } else { 1 };
    let fixed = if roomy { 9 } else { 5 };
    // Signals of the reasons stand below these, as far as there is room.
    let mut grounds = why::grounds(model, way.map(|way| &way.way));
    let room = below.saturating_sub(fixed + reasons + ways.len() * each + does.min(20));
    grounds.truncate(if roomy && !evidence.is_empty() { room } else { 0 });
    let signals = u16::try_from(grounds.len()).unwrap_or(0);
    let rows = u16::try_from(fixed + reasons + grounds.len() + ways.len() * each + does.min(20)).unwrap_or(40);
    let (mut pen, left, top) = raise(pen, layout, rows, columns, Role::Crit);
    let end = pen.width().saturating_sub(3);
    let all = pen.height();
    let x = pen.bold(3, usize_row(roomy), "Go back", Role::Hi);
    let of = format!("{}, {}", launch.outline.called(), launch.outline.environment);
    pen.cut(x + 3, usize_row(roomy), &of, end.saturating_sub(x + 3), Role::Text.style());
    let mut y = usize_row(roomy) + step_row(roomy);
    pen.bold(3, y, "WHY", Role::Muted);
    if let Some(others) = others {
        pen.put(3, y + 1, &others, Role::Crit);
    }
    if evidence.is_empty() {
        // What people opened is a reason, though nothing that is measured is critical.
        let open = open_incidents(launch).first().map(|number| name(launch, *number));
        let open = open.unwrap_or_else(|| "nothing is critical".to_owned());
        pen.cut(13, y, &format!("{open}; it is your decision"), end.saturating_sub(13), Role::Text.style());
        y += 1;
    }
    for alarm in &evidence {
        let start = pen.right(end, y, &alarm.when, Role::Crit.bold());
        pen.cut(13, y, alarm.text.long(), start.saturating_sub(14), Role::Text.style());
        y += 1;
    }
    why::draw(model, &grounds, &mut pen, y..y + signals, (15, end));
    y += signals + u16::from(roomy);
    let (takes, loses, ready) = columns_of(end);
    section(&mut pen, y, "TO", end, &[(takes, "takes"), (loses, "loses"), (ready, "ready")]);
    y += 1;
    for (i, way) in ways.iter().enumerate() {
        if y + 4 > all {
            break;
        }
        if Some(i) == chosen {
            for row in y..y + if roomy { 2 } else { 1 } {
                pen.behind(row, Role::Selection);
            }
            pen.cell(1, y, pen.glyphs.bar, Role::Accent.style());
        }
        pen.bold(3, y, &(i + 1).to_string(), Role::Accent);
        pen.cut(
            6,
            y,
            &way.title,
            takes.saturating_sub(7),
            (if Some(i) == chosen { Role::Hi } else { Role::Text }).style(),
        );
        let estimate = way.estimate.map_or_else(|| "?".to_owned(), words::about);
        pen.cut(takes, y, &estimate, loses - takes - 1, Role::Hi.style());
        match &way.loses {
            None => pen.cut(loses, y, NO_LOSS, ready - loses - 1, Role::Muted.style()),
            Some(what) => {
                let text = format!("{} {what}", pen.glyphs.warn);
                pen.cut(loses, y, &text, ready - loses - 1, Role::Warn.bold())
            }
        };
        let failed = failed_undo(launch, way, model.now());
        let (word, style) = match (&way.closed, &way.ready) {
            (Some(_), _) => ("closed".to_owned(), Role::Muted.style()),
            (None, Ok(())) if failed.is_some() => (format!("{} READY", pen.glyphs.warn), Role::Warn.bold()),
            (None, Ok(())) => (format!("{} READY", pen.glyphs.done), Role::Ok.bold()),
            (None, Err(_)) => ("NOT READY".to_owned(), Role::WarnText.style()),
        };
        pen.cut(ready, y, &word, u16::MAX, style);
        if roomy {
            let more = way
                .closed
                .clone()
                .or_else(|| way.ready.as_ref().err().cloned())
                .or_else(|| way.first.clone())
                .or(failed)
                .unwrap_or_else(|| comes_to(launch, way));
            pen.cut(6, y + 1, &more, end.saturating_sub(6), Role::Muted.style());
        }
        y += if roomy { 3 } else { 1 };
    }
    let bottom = all.saturating_sub(if roomy { 2 } else { 1 });
    let Some((at, way)) = chosen.zip(way) else {
        confirm(model, chosen, typed, &mut pen, bottom, end);
        return None;
    };
    let does = format!("WHAT {} DOES", at + 1);
    section(&mut pen, y, &does, end, &[]);
    if !roomy {
        // Where the ways have a row each, what the chosen one comes to stands here; why it is not ready stands at the end.
        let more = way.first.clone().or_else(|| failed_undo(launch, way, model.now()));
        let x = 3 + width(&does) + 1;
        let text = format!("{} ", more.unwrap_or_else(|| comes_to(launch, way)));
        pen.cut(x, y, &text, end.saturating_sub(x), Role::Muted.style());
    }
    y += 1;
    let last = all.saturating_sub(if roomy { 3 } else { 2 });
    what_it_does::draw(model, launch, way, &mut pen, y..last, end);
    confirm(model, chosen, typed, &mut pen, bottom, end).map(|x| Position::new(left + x, top + bottom))
}

fn usize_row(roomy: bool) -> u16 {
    u16::from(roomy)
}

fn step_row(roomy: bool) -> u16 {
    if roomy { 2 } else { 1 }
}

fn columns_of(end: u16) -> (u16, u16, u16) {
    let ready = end.saturating_sub(10);
    let loses = ready.saturating_sub(end * 26 / 100);
    (loses.saturating_sub(9), loses, ready)
}

fn section(pen: &mut Pen<'_>, y: u16, title: &str, end: u16, labels: &[(u16, &str)]) {
    let style = Role::Rule.style();
    let rule = pen.glyphs.rule;
    pen.line(3, end, y, rule, style);
    let bold = Role::Muted.bold();
    pen.cut(3, y, &format!("{title} "), u16::MAX, bold);
    for (x, label) in labels {
        let muted = Role::Muted.style();
        pen.cut(x.saturating_sub(1), y, &format!(" {label} "), u16::MAX, muted);
    }
}

/// The last row: how it is started. Says where the cursor stands where something must be typed.
fn confirm(model: &Model, chosen: Option<usize>, typed: &Edit, pen: &mut Pen<'_>, y: u16, end: u16) -> Option<u16> {
    let Some((chosen, way)) = chosen.and_then(|at| Some((at, model.facts.ways.get(at)?))) else {
        let gone = if model.facts.ways.is_empty() { "there is no way back now" } else { "it is gone; choose another" };
        pen.put(3, y, gone, Role::Warn);
        return None;
    };
    if let Some(why) = &way.closed {
        pen.put(3, y, &format!("closed: {why}"), Role::Warn);
        return None;
    }
    if let Some(first) = &way.barred {
        pen.cut(3, y, &format!("not yet: {first}"), end.saturating_sub(3), Role::Warn.style());
        return None;
    }
    if model.observe {
        pen.put(3, y, "you observe: those who drive start it", Role::Muted);
        return None;
    }
    if let Some(wanted) = must_type(model, way, typed) {
        let ground = match (&way.loses, &way.ready) {
            (Some(_), Ok(())) => "something is lost".to_owned(),
            (Some(_), Err(why)) => format!("something is lost, and not ready: {why}"),
            (None, Err(why)) => format!("not ready: {why}"),
            (None, Ok(())) => "it is ready now".to_owned(),
        };
        let ground = match model.trouble.journal.as_ref().is_some_and(Unwritten::wants_word) {
            true if way.typed || way.ready.is_err() => format!("nothing can be written down; {ground}"),
            true => "it is kept in memory, not written down".to_owned(),
            false => ground,
        };
        let ask = format!("; type {wanted} and Enter: ");
        let room = end.saturating_sub(3 + width(&ask) + width(&wanted) + 1);
        let x = pen.cut(3, y, &ground, room, Role::Warn.style());
        let x = pen.put(x, y, &ask, Role::Warn);
        let x = pen.bold(x, y, typed.text(), Role::Hi);
        return Some(x);
    }
    let start = format!("start {}: {}", chosen + 1, way.title);
    let numbers = words::numbers(model.facts.ways.len());
    let choice: &[(&str, &str)] = if model.facts.ways.len() > 1 { &[(&numbers, "choose")] } else { &[] };
    // What a long title has no room for is the title's end, not the other keys.
    let others = [choice, &[("Esc", "not now")]].concat();
    let wide = |(key, word): &(&str, &str)| width(key) + 1 + width(word) + 4;
    let nothing = "Enter, R: nothing";
    let hint = if end > 90 { width(nothing) + 2 } else { 0 };
    let room = end.saturating_sub(3 + 4 + hint + 4 + others.iter().map(wide).sum::<u16>()).max(12);
    let (short, more) = fit(&start, usize::from(room), pen.glyphs.more);
    let start = if more { format!("{short}{}", pen.glyphs.more) } else { start.clone() };
    buttons(pen, y, &[&[("y", start.as_str())], others.as_slice()].concat());
    if hint > 0 {
        pen.right(end, y, nothing, Role::Muted.style());
    }
    None
}

/// What a way comes to: `1 command, to 5 % to green; 1 step undone, may run again; 1 gate, 2 steps by hand ask again`.
fn comes_to(launch: &LaunchState, way: &WayView) -> String {
    let gates = way.undoes.iter().filter(|id| is_gate(launch, id)).count();
    let by_hand = way.asks.iter().filter(|id| !is_gate(launch, id)).count();
    let undone = match way.undoes.len() - gates - by_hand {
        0 => String::new(),
        n => format!("; {} undone, may run again", words::count(n, "step")),
    };
    let asks = match (gates, by_hand) {
        (0, 0) => String::new(),
        (1, 0) => "; 1 gate asks again".to_owned(),
        (n, 0) => format!("; {n} gates ask again"),
        (0, 1) => "; 1 step by hand asks again".to_owned(),
        (0, n) => format!("; {n} steps by hand ask again"),
        (n, m) => format!("; {}, {} by hand ask again", words::count(n, "gate"), words::count(m, "step")),
    };
    let to = leads_to(launch, way).map_or_else(String::new, |to| format!(", to {to}"));
    let hands = way.items.iter().filter(|item| item.command.is_none()).count();
    let runs = match (way.items.len() - hands, hands) {
        (n, 0) => words::count(n, "command"),
        (0, n) => format!("{n} by hand"),
        (n, m) => format!("{}, {m} by hand", words::count(n, "command")),
    };
    format!("{runs}{to}{undone}{asks}")
}

pub(super) fn is_gate(launch: &LaunchState, step: &StepId) -> bool {
    launch.outline.step(step).is_some_and(|s| s.gate.is_some())
}

/// The stage at which one stage back ends: the newest one of its phase that is done and stays so.
fn leads_to<'a>(launch: &'a LaunchState, way: &WayView) -> Option<&'a str> {
    let Way::Stage(id) = &way.way else { return None };
    let newest = launch.outline.step(id)?;
    let earlier = launch.outline.steps_of(&newest.phase).take_while(|step| step.id != *id);
    let done = |step: &&StepOutline| {
        let status = launch.steps.get(&step.id).map(|s| &s.status);
        step.undo.is_some() && matches!(status, Some(StepStatus::Done { .. }))
    };
    earlier.filter(done).last().map(|stage| stage.title.as_str())
}
