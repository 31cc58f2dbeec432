//! What a way back does, in order: what is lost by it, its commands as they will run, what is undone and asks again, what
//! stays. A text that is too long for its row goes on below: what decides is often at its end.

use std::ops::Range;

use super::go_back::is_gate;
use super::title;
use crate::core::launch::{LaunchState, WayView};
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width, wrap};
use crate::tui::theme::Role;

/// A row: its sign, what, how.
struct Row {
    sign: String,
    what: String,
    how: String,
    role: Role,
}

/// How many rows all of it would take, up to the column `end`.
pub(super) fn height(model: &Model, launch: &LaunchState, way: &WayView, end: u16) -> usize {
    let all = rows_of(model, launch, way);
    let how = how_at(&all, end);
    let loses = loses(model, way).map_or(0, |text| wrap(&text, end.saturating_sub(3)).len());
    loses + all.iter().map(|row| wrap(&row.how, end.saturating_sub(how)).len()).sum::<usize>()
}

fn loses(model: &Model, way: &WayView) -> Option<String> {
    way.loses.as_ref().map(|what| format!("{} loses {what}", model.glyphs.warn))
}

/// The column in which it says how.
fn how_at(all: &[Row], end: u16) -> u16 {
    let widest = all.iter().filter(|row| !row.how.is_empty()).map(|row| width(&row.what)).max().unwrap_or(0);
    6 + widest.min(end.saturating_sub(6) / 2) + 2
}

/// Draws it into the rows given, up to the column `end`.
pub(super) fn draw(model: &Model, launch: &LaunchState, way: &WayView, pen: &mut Pen<'_>, rows: Range<u16>, end: u16) {
    let Range { start: mut y, end: last } = rows;
    for line in loses(model, way).iter().flat_map(|text| wrap(text, end.saturating_sub(3))) {
        if y < last {
            pen.bold(3, y, &line, Role::Warn);
            y += 1;
        }
    }
    let all = rows_of(model, launch, way);
    let how = how_at(&all, end);
    let room = usize::from(last.saturating_sub(y));
    let mut drawn = 0;
    for (i, row) in all.iter().enumerate() {
        let lines = wrap(&row.how, end.saturating_sub(how));
        let left = room.saturating_sub(drawn);
        // The last row says how many more there are.
        let spare = usize::from(i + 1 < all.len());
        if left < 1 + spare {
            if left > 0 {
                pen.put(6, y, &format!("and {} more", all.len() - i), Role::Muted);
            }
            return;
        }
        pen.put(3, y, &row.sign, Role::Muted);
        pen.cut(6, y, &row.what, how.saturating_sub(8), pen.theme.style(row.role));
        for line in lines.iter().take(left - spare) {
            pen.cut(how, y, line, end.saturating_sub(how), pen.theme.style(Role::Muted));
            y += 1;
            drawn += 1;
        }
    }
}

fn rows_of(model: &Model, launch: &LaunchState, way: &WayView) -> Vec<Row> {
    let mut all = Vec::new();
    for (i, item) in way.items.iter().enumerate() {
        let vars = (&launch.outline.vars, launch.outline.step(&item.run.step).map(|s| &s.vars));
        let value = |name: &str| vars.1.and_then(|own| own.get(name)).or(vars.0.get(name)).map(String::as_str);
        let how = item.command.as_ref().map_or("by hand".to_owned(), |command| {
            let mut lines = command.trim().lines();
            let first = filled(lines.next().unwrap_or(""), value);
            match lines.count() {
                0 => first,
                more => format!("{first} … {}", crate::tui::words::count(more, "more line")),
            }
        });
        all.push(Row { sign: (i + 1).to_string(), what: item.title.clone(), how, role: Role::Text });
    }
    for step in &way.undoes {
        let name = title(model, step);
        let (what, how) = if is_gate(launch, step) {
            (format!("{name} asks again"), "to be decided anew")
        } else {
            (format!("{name} is undone"), "may run again")
        };
        all.push(Row { sign: model.glyphs.undone.into(), what, how: how.into(), role: Role::Muted });
    }
    for step in &way.stays {
        let what = format!("{} stays", title(model, step));
        all.push(Row { sign: model.glyphs.warn.into(), what, how: "it has no undo".into(), role: Role::Warn });
    }
    all
}

/// A command as it will run: `$name` and `${name}` with the values that the plan gives them. What is not known stays.
fn filled<'v>(command: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut out = String::new();
    let mut rest = command;
    while let Some(at) = rest.find('$') {
        let (before, from) = rest.split_at(at);
        let name = |text: &str| text.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(text.len());
        let (word, end) = match from[1..].strip_prefix('{') {
            Some(inner) => {
                (&inner[..name(inner)], 2 + name(inner) + usize::from(inner[name(inner)..].starts_with('}')))
            }
            None => (&from[1..1 + name(&from[1..])], 1 + name(&from[1..])),
        };
        let whole = &from[..end];
        let known = value(word).filter(|_| !whole.starts_with("${") || whole.ends_with('}'));
        let quoted = before.ends_with('"') && from[end..].starts_with('"');
        match known {
            // A word alone needs no quotes.
            Some(value) if quoted && !value.contains(char::is_whitespace) && !value.is_empty() => {
                out.push_str(&before[..before.len() - 1]);
                out.push_str(value);
                rest = &from[end + 1..];
            }
            known => {
                out.push_str(before);
                out.push_str(known.unwrap_or(whole));
                rest = &from[end..];
            }
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    #[test]
    fn commands_are_shown_with_the_values_of_the_plan() {
        let value = |name: &str| match name {
            "site" => Some("x.org"),
            "who" => Some("all of us"),
            _ => None,
        };
        for (command, shown) in [
            ("./weight.sh \"$site\" 5", "./weight.sh x.org 5"),
            ("echo ${site}/a $HOME $1", "echo x.org/a $HOME $1"),
            ("tell \"$who\" \"to $site\"", "tell \"all of us\" \"to x.org\""),
            ("${site:-none} ${ $$ $", "${site:-none} ${ $$ $"),
            ("日本 $site", "日本 x.org"),
        ] {
            assert_eq!(super::filled(command, value), shown);
        }
    }
}
