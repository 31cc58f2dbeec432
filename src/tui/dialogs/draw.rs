//! How overlays look: the only raised surfaces of the screen.

use ratatui::layout::Position;

use super::{Dialog, Kind, LineInput, Overlay, Purpose};
use crate::core::ids::StepId;
use crate::core::order::Ballot;
use crate::core::view::ConditionOf;
use crate::tui::action::Action;
use crate::tui::alarm::alarms;
use crate::tui::command;
use crate::tui::edit::Edit;
use crate::tui::keymap::Keymap;
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width, wrap};
use crate::tui::theme::Role;
use crate::tui::words;

/// Draws what lies over the screen; says where the cursor stands.
pub fn draw(model: &Model, layout: &Layout, pen: &mut Pen<'_>) -> Option<Position> {
    match model.overlay.as_ref()? {
        Overlay::Help { scroll } => help(*scroll, layout, pen),
        Overlay::Line(line) => return Some(input(model, line, pen)),
        Overlay::Dialog(dialog) => return dialog_box(model, dialog, layout, pen),
    }
    None
}

/// A raised part of the screen below the answers, with a bar at its left.
fn raise<'a>(pen: &'a mut Pen<'_>, layout: &Layout, rows: u16, columns: u16, role: Role) -> (Pen<'a>, u16, u16) {
    let (w, h) = (pen.width(), pen.height());
    let top = if layout.tiny { 0 } else { (layout.answers.y + layout.answers.height + u16::from(h >= 30)).min(h) };
    let room = h.saturating_sub(top + u16::from(h > 5));
    let height = rows.min(room);
    let width = columns.min(w);
    let x = (w - width) / 2;
    let y = top + (room - height) / 3;
    let mut part = pen.part(x, y, width, height);
    part.fill(Role::Panel);
    for row in 0..height {
        let style = part.theme.style(role);
        let bar = part.glyphs.bar;
        part.cell(0, row, bar, style);
    }
    (part, x, y)
}

/// The lines of the help: heading, key, text.
fn help_lines() -> Vec<(Option<&'static str>, String, String)> {
    let map = Keymap::standard();
    let mut lines = Vec::new();
    let mut group = "";
    for action in Action::ALL {
        if action.group() != group {
            group = action.group();
            if !lines.is_empty() {
                lines.push((None, String::new(), String::new()));
            }
            lines.push((Some(group), String::new(), String::new()));
        }
        lines.push((None, map.keys_of(*action).join(" "), action.doc().to_owned()));
    }
    lines
}

/// How many rows the help has.
pub fn help_height(_model: &Model) -> usize {
    help_lines().len()
}

fn help(scroll: usize, layout: &Layout, pen: &mut Pen<'_>) {
    let lines = help_lines();
    let rows = u16::try_from(lines.len()).unwrap_or(100) + 4;
    let (mut pen, ..) = raise(pen, layout, rows, 84, Role::Accent);
    let x = pen.bold(3, 1, "Keys", Role::Hi);
    pen.put(x + 3, 1, "j k scroll, any other key closes; `:` takes every order by name", Role::Muted);
    let shown = usize::from(pen.height().saturating_sub(4));
    let scroll = scroll.min(lines.len().saturating_sub(shown));
    for (y, (heading, key, text)) in (3..).zip(lines.iter().skip(scroll).take(shown)) {
        if let Some(heading) = heading {
            pen.bold(3, y, heading, Role::Muted);
        }
        pen.cut(3, y, key, 16, pen.theme.bold(Role::Accent));
        pen.put(20, y, text, Role::Text);
    }
    let below = lines.len().saturating_sub(scroll + shown);
    if below > 0 {
        let (end, y) = (pen.width().saturating_sub(2), pen.height().saturating_sub(1));
        pen.right(end, y, &format!("{below} more"), pen.theme.style(Role::Muted));
    }
}

/// The line at the bottom, with its suggestions above it.
fn input(model: &Model, line: &LineInput, pen: &mut Pen<'_>) -> Position {
    let (w, h) = (pen.width(), pen.height());
    let y = h.saturating_sub(1);
    if let Some(problem) = &line.problem {
        let mut part = pen.part(0, y.saturating_sub(1), w, 1);
        part.fill(Role::WarnFill);
        let style = part.theme.style(Role::WarnText);
        part.cut(1, 0, problem, w.saturating_sub(2), style);
    } else if matches!(line.purpose, Purpose::Command) {
        let before = line.completing.as_ref().map_or(line.edit.text.as_str(), |(_, before)| before);
        let options = command::complete(model, before);
        let most = usize::from((h / 3).min(10));
        let rows = u16::try_from(options.len().min(most)).unwrap_or(0);
        let mut part = pen.part(0, y.saturating_sub(rows), w, rows);
        part.fill(Role::Panel);
        let chosen =
            line.completing.as_ref().and_then(|(turn, _)| (turn + options.len() - 1).checked_rem(options.len()));
        let first = chosen.map_or(0, |c| (c + 1).saturating_sub(most));
        for (row, (i, (text, hint))) in (0..).zip(options.iter().enumerate().skip(first).take(most)) {
            if chosen == Some(i) {
                part.behind(row, Role::Selection);
            }
            let x = part.cut(1, row, text, w / 2, part.theme.bold(Role::Accent));
            part.put((x + 2).max(14), row, hint, Role::Muted);
        }
    }
    let mut part = pen.part(0, y, w, 1);
    part.fill(Role::Panel);
    let colon = matches!(line.purpose, Purpose::Command | Purpose::Filter(_));
    let prompt = if colon { line.prompt.clone() } else { format!("{}: ", line.prompt) };
    let x = part.cut(0, 0, &prompt, w * 2 / 3, part.theme.bold(Role::Accent));
    let room = w.saturating_sub(x + 1);
    // The end of a long text is what is being typed.
    let before = line.edit.before();
    let mut skip = 0;
    while width(&before[skip..]) > room {
        skip += before[skip..].chars().next().map_or(1, char::len_utf8);
    }
    part.cut(x, 0, &line.edit.text[skip..], room + 1, part.theme.style(Role::Hi));
    Position::new((x + width(&before[skip..])).min(w.saturating_sub(1)), y)
}

fn dialog_box(model: &Model, dialog: &Dialog, layout: &Layout, pen: &mut Pen<'_>) -> Option<Position> {
    match &dialog.kind {
        Kind::GoBack { chosen, typed } => return go_back(model, *chosen, typed, layout, pen),
        Kind::Stopped => stopped(model, layout, pen),
        Kind::Run(step) => run(model, step, layout, pen),
        Kind::Stop(step) => stop(model, step, layout, pen),
        Kind::Vote(gate, role) => gate_box(model, gate, Some(*role), layout, pen),
        Kind::Decide(gate) => gate_box(model, gate, None, layout, pen),
        Kind::Severity => severity(model, layout, pen),
        Kind::Resolve(run) => {
            let step = title(model, &run.step);
            let lines = [
                format!("The end of `{run}` was not observed: the engine or the machine went down while it ran."),
                "It never runs again by itself. Look at the target, then say what you found.".to_owned(),
            ];
            let (mut pen, ..) = sentences(pen, layout, &format!("What became of {step}?"), &lines);
            let y = pen.height().saturating_sub(2);
            buttons(&mut pen, y, &[("d", "it did its work"), ("n", "it did not"), ("Esc", "not now")]);
        }
        Kind::Adopt { lines, problems, scroll, .. } => adopt(lines, problems, *scroll, layout, pen),
    }
    None
}

fn title(model: &Model, step: &StepId) -> String {
    model.outline().and_then(|o| o.step(step)).map_or_else(|| step.to_string(), |s| s.title.clone())
}

fn buttons(pen: &mut Pen<'_>, y: u16, keys: &[(&str, &str)]) {
    let mut x = 3;
    for (i, (key, word)) in keys.iter().enumerate() {
        if i == 0 {
            let style = pen.theme.bold(Role::Ground).bg(pen.theme.colour(Role::Hi));
            x = pen.badge(x, y, key, style);
            x = pen.bold(x + 1, y, word, Role::Hi) + 4;
        } else {
            x = pen.bold(x, y, key, Role::Accent);
            x = pen.put(x + 1, y, word, Role::Text) + 4;
        }
    }
}

/// A title and some sentences, with two free rows for keys.
fn sentences<'a>(pen: &'a mut Pen<'_>, layout: &Layout, title: &str, lines: &[String]) -> (Pen<'a>, u16, u16) {
    let columns = 84.min(pen.width());
    let wrapped: Vec<String> = lines.iter().flat_map(|l| wrap(l, columns.saturating_sub(6))).collect();
    let rows = u16::try_from(wrapped.len()).unwrap_or(20) + 6;
    let (mut pen, x, y) = raise(pen, layout, rows, columns, Role::Accent);
    pen.cut(3, 1, title, columns.saturating_sub(4), pen.theme.style(Role::Hi));
    for (y, line) in (3..pen.height().saturating_sub(2)).zip(&wrapped) {
        pen.put(3, y, line, Role::Text);
    }
    (pen, x, y)
}

fn run(model: &Model, step: &StepId, layout: &Layout, pen: &mut Pen<'_>) {
    let Some(outline) = model.outline().and_then(|o| o.step(step)) else { return };
    let environment = model.outline().map_or("", |o| o.environment.as_str());
    let attempt = super::attempt(model, step) + 1;
    let mut lines = vec![format!("$ {}", outline.run.as_deref().unwrap_or(""))];
    if let Some(estimate) = outline.estimate {
        lines.push(format!("takes {}", words::about(estimate)));
    }
    for condition in &outline.verify {
        lines.push(format!("then must hold: {condition}"));
    }
    if let Some(soak) = outline.soak {
        lines.push(format!("for {soak} (soak)"));
    }
    for condition in &outline.fail {
        lines.push(format!("fails at once if: {condition}"));
    }
    lines.push(match &outline.undo {
        Some(undo) => format!("undo: {}", undo.run),
        None => "it has no undo".to_owned(),
    });
    if let Some(e) = model.facts.steps.get(step).filter(|e| !e.due) {
        lines.push(format!("not due: {}", e.because.join("; ")));
    }
    let again = if attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
    let (mut pen, ..) = sentences(pen, layout, &format!("Start {}{again}, on {environment}?", outline.title), &lines);
    let y = pen.height().saturating_sub(2);
    buttons(&mut pen, y, &[("y", "start"), ("Esc", "not now")]);
}

fn stop(model: &Model, step: &StepId, layout: &Layout, pen: &mut Pen<'_>) {
    let lines = [
        "Its command gets a signal, a grace, then is killed with its group. What it began on another machine may go on."
            .to_owned(),
    ];
    let (mut pen, ..) = sentences(pen, layout, &format!("Stop {}?", title(model, step)), &lines);
    let y = pen.height().saturating_sub(2);
    buttons(&mut pen, y, &[("y", "stop it"), ("f", "let it finish"), ("Esc", "not now")]);
}

fn stopped(model: &Model, layout: &Layout, pen: &mut Pen<'_>) {
    let Some(launch) = &model.launch else { return };
    let Some((number, item)) = super::stopped_at(launch) else { return };
    let Some(rollback) = launch.rollbacks.get((number as usize).saturating_sub(1)) else { return };
    let mut lines = Vec::new();
    if let crate::core::launch::RollbackStatus::Stopped { why, at } = &rollback.status {
        lines.push(format!("{} ago: {why}", words::age(model.now(), *at)));
    }
    if let Some(failed) = rollback.items.get(item) {
        lines.push(format!("{} of {}: {}", item + 1, rollback.items.len(), failed.title));
        lines.push(format!("$ {}", failed.command.as_deref().unwrap_or("by hand")));
    }
    lines.push("Nothing after it runs until you say how to go on. The output pane (9) has what it wrote.".to_owned());
    let (mut pen, ..) = sentences(pen, layout, &format!("{} stopped", rollback.title), &lines);
    let y = pen.height().saturating_sub(2);
    buttons(&mut pen, y, &[("t", "try again"), ("e", "done by hand"), ("l", "leave it"), ("Esc", "not now")]);
}

fn severity(model: &Model, layout: &Layout, pen: &mut Pen<'_>) {
    let (mut pen, ..) = raise(pen, layout, 12, 84, Role::Crit);
    pen.put(3, 1, "How bad is it?", Role::Hi);
    pen.put(19, 1, "unsure between two: take the worse", Role::Muted);
    let plan = model.outline().map(|o| &o.severities);
    for level in 1..=4_u8 {
        let y = u16::from(level) + 2;
        pen.bold(3, y, &level.to_string(), Role::Accent);
        pen.put(6, y, &format!("SEV{level}"), Role::Hi);
        let means = plan.and_then(|p| p.get(&level)).map_or(String::new(), |s| s.means.join(", "));
        let room = pen.width().saturating_sub(13);
        pen.cut(12, y, &means, room, pen.theme.style(Role::Text));
    }
    let open = model.launch.as_ref().map_or(0, |l| l.incidents.iter().filter(|i| i.resolved.is_none()).count());
    let hint = match open {
        0 => "opens an incident; the text may come later".to_owned(),
        n => format!("opens another one; {n} open: `:sev 2 #1 TEXT` changes, `:resolved 1 TEXT` closes"),
    };
    pen.put(3, 8, &hint, Role::Muted);
    let y = pen.height().saturating_sub(2);
    pen.put(3, y, "1 2 3 4 choose    Esc not now", Role::Muted);
}

fn gate_box(model: &Model, gate: &StepId, role: Option<usize>, layout: &Layout, pen: &mut Pen<'_>) {
    let Some(step) = model.outline().and_then(|o| o.step(gate)) else { return };
    let Some(asked) = &step.gate else { return };
    let poll = model.launch.as_ref().and_then(|l| l.steps.get(gate)).and_then(|s| s.poll.as_ref());
    let rows = u16::try_from(asked.require.len() + asked.poll.len()).unwrap_or(20) + 9;
    let (mut pen, ..) = raise(pen, layout, rows, 84, Role::Accent);
    let end = pen.width().saturating_sub(3);
    let x = pen.bold(3, 1, &step.title, Role::Hi);
    if let Some(poll) = poll {
        let since = words::clock(model.now().since(poll.opened));
        pen.put(x + 3, 1, &format!("round {}, open {since}", poll.round), Role::Muted);
    }
    let mut y = 3;
    for (i, condition) in asked.require.iter().enumerate() {
        let view = model.readout.conditions.get(&ConditionOf::Require(gate.clone(), i));
        let (sign, role) = match view.and_then(|v| v.held) {
            Some(true) => (pen.glyphs.done, Role::Ok),
            Some(false) => (pen.glyphs.critical, Role::Crit),
            None => (pen.glyphs.unknown, Role::Unknown),
        };
        pen.bold(3, y, sign, role);
        let found = view.map_or("not measured", |v| v.found.as_str());
        let start = pen.right(end, y, found, pen.theme.style(if role == Role::Ok { Role::Text } else { role }));
        pen.cut(5, y, &condition.to_string(), start.saturating_sub(6), pen.theme.style(Role::Muted));
        y += 1;
    }
    y += 1;
    for (i, voter) in asked.poll.iter().enumerate() {
        let vote = poll.and_then(|p| p.votes.get(voter));
        let (sign, colour, word) = match vote.map(|v| v.vote) {
            Some(Ballot::Go) => (pen.glyphs.decided, Role::Ok, "go"),
            Some(Ballot::NoGo) => (pen.glyphs.decided, Role::Crit, "NO-GO"),
            None => (pen.glyphs.todo, Role::Muted, "no vote yet"),
        };
        if role == Some(i) {
            pen.behind(y, Role::Selection);
        }
        if role.is_some() {
            pen.bold(3, y, &(i + 1).to_string(), Role::Accent);
        }
        pen.put(5, y, sign, colour);
        let name = model.outline().and_then(|o| o.roles.get(voter)).map_or("", |r| r.name.as_str());
        pen.put(7, y, &format!("{voter}  {name}"), Role::Text);
        let by = vote.map_or_else(String::new, |v| {
            format!(", {}{}", v.by.name, v.why.as_ref().map_or(String::new(), |w| format!(": {w}")))
        });
        pen.put(40.min(end / 2), y, &format!("{word}{by}"), colour);
        y += 1;
    }
    let y = pen.height().saturating_sub(2);
    match role {
        Some(_) => buttons(&mut pen, y, &[("g", "go"), ("n", "no-go"), ("1 2 3", "role"), ("Esc", "not now")]),
        None => buttons(&mut pen, y, &[("g", "GO"), ("n", "NO-GO"), ("Esc", "not now")]),
    }
}

fn adopt(lines: &[String], problems: &[String], scroll: usize, layout: &Layout, pen: &mut Pen<'_>) {
    let rows = u16::try_from(lines.len() + problems.len()).unwrap_or(200).saturating_add(6);
    let columns = pen.width().saturating_sub(8).max(40);
    let (mut pen, ..) = raise(pen, layout, rows, columns, Role::Accent);
    pen.put(3, 1, "The plan file is not the plan that was taken in", Role::Hi);
    let mut y = 3;
    for problem in problems {
        pen.put(3, y, problem, Role::Crit);
        y += 1;
    }
    let last = pen.height().saturating_sub(2);
    for line in lines.iter().skip(scroll) {
        if y >= last {
            break;
        }
        let role = match line.chars().next() {
            Some('+') => Role::Ok,
            Some('-') => Role::Crit,
            _ => Role::Muted,
        };
        pen.put(3, y, line, role);
        y += 1;
    }
    if problems.is_empty() {
        buttons(&mut pen, last, &[("y", "take it in"), ("j k", "scroll"), ("Esc", "not now")]);
    } else {
        pen.put(3, last, "it can't be taken in as it is    Esc not now", Role::Warn);
    }
}

fn go_back(model: &Model, chosen: usize, typed: &Edit, layout: &Layout, pen: &mut Pen<'_>) -> Option<Position> {
    let launch = model.launch.as_ref()?;
    let ways = &model.facts.ways;
    let way = ways.get(chosen);
    let does = way.map_or(0, |w| w.items.len() + w.undoes.len() + w.stays.len());
    let evidence = alarms(model);
    let why = evidence.len().clamp(1, 3);
    let roomy = pen.height() >= 34;
    let each = if roomy { 3 } else { 1 };
    let fixed = if roomy { 9 } else { 5 };
    let rows = u16::try_from(fixed + why + ways.len() * each + does.min(12)).unwrap_or(40);
    let columns = if pen.width() >= 110 { 102 } else { pen.width() };
    let (mut pen, left, top) = raise(pen, layout, rows, columns, Role::Crit);
    let end = pen.width().saturating_sub(3);
    let all = pen.height();
    let x = pen.bold(3, usize_row(roomy), "Go back", Role::Hi);
    pen.put(
        x + 3,
        usize_row(roomy),
        &format!("{} {}, {}", launch.outline.name, launch.outline.version, launch.outline.environment),
        Role::Text,
    );
    let mut y = usize_row(roomy) + step_row(roomy);
    pen.bold(3, y, "WHY", Role::Muted);
    if evidence.is_empty() {
        pen.put(13, y, "nothing is critical; it is your decision", Role::Text);
        y += 1;
    }
    for alarm in evidence.iter().take(3) {
        let clock = alarm.clock.map_or(String::new(), |(l, n)| format!("{} / {}", words::clock(l), words::clock(n)));
        let start = pen.right(end, y, &clock, pen.theme.bold(Role::Crit));
        pen.cut(13, y, &alarm.text, start.saturating_sub(14), pen.theme.style(Role::Text));
        y += 1;
    }
    y += u16::from(roomy);
    let (takes, loses, ready) = columns_of(end);
    section(&mut pen, y, "TO", end, &[(takes, "takes"), (loses, "loses"), (ready, "ready")]);
    y += 1;
    for (i, way) in ways.iter().enumerate() {
        if y + 4 > all {
            break;
        }
        if i == chosen {
            for row in y..y + if roomy { 2 } else { 1 } {
                pen.behind(row, Role::Selection);
            }
            pen.cell(1, y, pen.glyphs.bar, pen.theme.style(Role::Accent));
        }
        pen.bold(3, y, &(i + 1).to_string(), Role::Accent);
        pen.cut(
            6,
            y,
            &way.title,
            takes.saturating_sub(7),
            pen.theme.style(if i == chosen { Role::Hi } else { Role::Text }),
        );
        let estimate = way.estimate.map_or_else(|| "?".to_owned(), words::about);
        pen.cut(takes, y, &estimate, loses - takes - 1, pen.theme.style(Role::Hi));
        match &way.loses {
            None => pen.cut(loses, y, "nothing", ready - loses - 1, pen.theme.style(Role::Text)),
            Some(what) => {
                let text = format!("{} {what}", pen.glyphs.warn);
                pen.cut(loses, y, &text, ready - loses - 1, pen.theme.bold(Role::Warn))
            }
        };
        let (word, style) = match (&way.closed, &way.ready) {
            (Some(_), _) => ("closed".to_owned(), pen.theme.style(Role::Muted)),
            (None, Ok(())) => (format!("{} READY", pen.glyphs.done), pen.theme.bold(Role::Ok)),
            (None, Err(_)) => ("NOT READY".to_owned(), pen.theme.style(Role::WarnText)),
        };
        pen.cut(ready, y, &word, u16::MAX, style);
        if roomy {
            let more = way.closed.clone().or_else(|| way.ready.as_ref().err().cloned()).unwrap_or_else(|| {
                let undone = words::count(way.undoes.len(), "step");
                format!("{}; {undone} undone, may run again", words::count(way.items.len(), "command"))
            });
            pen.cut(6, y + 1, &more, end.saturating_sub(6), pen.theme.style(Role::Muted));
        }
        y += if roomy { 3 } else { 1 };
    }
    let way = way?;
    section(&mut pen, y, &format!("WHAT {} DOES", chosen + 1), end, &[]);
    y += 1;
    let last = all.saturating_sub(if roomy { 3 } else { 2 });
    let mut lines: Vec<(String, String, String, Role)> = Vec::new();
    for (i, item) in way.items.iter().enumerate() {
        let command = item.command.as_ref().map_or("by hand".to_owned(), |c| c.lines().next().unwrap_or("").to_owned());
        lines.push(((i + 1).to_string(), item.title.clone(), command, Role::Text));
    }
    for step in &way.undoes {
        lines.push((
            pen.glyphs.undone.into(),
            format!("{} is undone", self::title(model, step)),
            "may run again".into(),
            Role::Muted,
        ));
    }
    for step in &way.stays {
        lines.push((
            pen.glyphs.warn.into(),
            format!("{} stays", self::title(model, step)),
            "it has no undo".into(),
            Role::Warn,
        ));
    }
    let room = usize::from(last.saturating_sub(y));
    let more = lines.len().saturating_sub(room);
    for (sign, what, how, role) in lines.iter().take(if more > 0 { room.saturating_sub(1) } else { room }) {
        pen.put(3, y, sign, Role::Muted);
        pen.cut(6, y, what, takes.saturating_sub(8).max(20), pen.theme.style(*role));
        pen.cut(takes.saturating_sub(1).max(28), y, how, end.saturating_sub(takes), pen.theme.style(Role::Muted));
        y += 1;
    }
    if more > 0 {
        pen.put(6, y, &format!("and {} more", more + 1), Role::Muted);
    }
    let y = all.saturating_sub(if roomy { 2 } else { 1 });
    confirm(model, chosen, typed, &mut pen, y, end).map(|x| Position::new(left + x, top + y))
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
    let style = pen.theme.style(Role::Rule);
    let rule = pen.glyphs.rule;
    pen.line(3, end, y, rule, style);
    let bold = pen.theme.bold(Role::Muted);
    pen.cut(3, y, &format!("{title} "), u16::MAX, bold);
    for (x, label) in labels {
        let muted = pen.theme.style(Role::Muted);
        pen.cut(x.saturating_sub(1), y, &format!(" {label} "), u16::MAX, muted);
    }
}

/// The last row: how it is started. Says where the cursor stands where something must be typed.
fn confirm(model: &Model, chosen: usize, typed: &Edit, pen: &mut Pen<'_>, y: u16, end: u16) -> Option<u16> {
    let way = model.facts.ways.get(chosen)?;
    if let Some(why) = &way.closed {
        pen.put(3, y, &format!("closed: {why}"), Role::Warn);
        return None;
    }
    if way.typed || way.ready.is_err() {
        let environment = model.outline().map_or("", |o| o.environment.as_str());
        let ground = if way.typed { "something is lost" } else { "it is not ready" };
        let x = pen.put(3, y, &format!("{ground}; type {environment} and Enter: "), Role::Warn);
        let x = pen.bold(x, y, &typed.text, Role::Hi);
        return Some(x);
    }
    buttons(pen, y, &[("y", &format!("start {}: {}", chosen + 1, way.title)), ("1 2 3", "choose"), ("Esc", "not now")]);
    if end > 90 {
        pen.right(end, y, "Enter, R: nothing", pen.theme.style(Role::Muted));
    }
    None
}
