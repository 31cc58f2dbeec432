//! Health, replica lag and queues: a row for each thing. Name, value, second value, limit, history and age stand in
//! columns; where there is little room the limit goes first, then the second value of what is ok, then history. Of what
//! is not ok the value and the level are never cut.

use ratatui::style::Style;

use super::{above, below, detail, head, is_past, level_word, sign, sign_of, tally};
use crate::core::reading::Level;
use crate::tui::model::{Model, PaneId};
use crate::tui::pen::{Pen, apart, width};
use crate::tui::role::Role;
use crate::tui::rows::{INJECTED, Row, counts, rows};
use crate::tui::widgets::spark;
use crate::tui::words;

/// How many rows it has.
pub fn length(model: &Model, pane: PaneId) -> usize {
    if detail::is_open(model, pane) { detail::signals(model, pane).1.len() } else { rows(model, pane).len() }
}

/// Draws one of the three.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let all = rows(model, pane);
    let height = usize::from(pen.height().saturating_sub(1));
    if detail::is_open(model, pane) {
        let (levels, lines) = detail::signals(model, pane);
        let first = model.first_row(pane, lines.len(), height);
        let mut summary: Vec<_> = above(pen, detail::levels(&lines[..first])).into_iter().collect();
        summary.extend(tally(model, pane, pen.width(), counts(levels.iter())));
        head(model, pane, pane.title(), pen, &summary);
        return detail::draw(model, pen, &lines, first);
    }
    let mut shown: Vec<&Row> = all.iter().collect();
    // What is not ok is seen even where not all rows fit.
    if shown.len() > height {
        shown.sort_by_key(|r| std::cmp::Reverse(r.level));
    }
    let first = model.first_row(pane, shown.len(), height);
    let mut summary: Vec<_> = above(pen, shown[..first].iter().map(|r| r.level)).into_iter().collect();
    summary.extend(tally(model, pane, pen.width(), counts(all.iter().map(|r| &r.level))));
    summary.extend(below(shown.iter().skip(first + height).map(|r| r.level)).filter(|_| height > 0));
    head(model, pane, pane.title(), pen, &summary);
    if all.is_empty() {
        pen.put(3, 1, "the plan measures nothing here", Role::Muted);
        return;
    }
    // Rows to spare tell why what is not ok is not.
    let mut spare = height.saturating_sub(shown.len());
    let columns = Columns::of(all, pen.width());
    let shown: Vec<&Row> = shown.into_iter().skip(first).take(height).collect();
    let names: Vec<&str> = shown.iter().map(|r| r.name.as_str()).collect();
    let more = pen.glyphs.more;
    let cut = fitted(&names, usize::from(columns.names), more);
    let mut y = 1;
    for (i, row) in shown.into_iter().enumerate() {
        if usize::from(y) > height {
            break;
        }
        mark(model, pen, y, row);
        if row.level == Level::Ok && row.pending.is_none() {
            draw_ok(model, pen, y, row, &cut[i], &columns);
            y += 1;
            continue;
        }
        let name = |room: u16| match room {
            room if room >= columns.names => cut[i].clone(),
            room => fitted(&names, usize::from(room), more).swap_remove(i),
        };
        let all_told = draw_bad(model, pen, y, (row, &name), &columns, spare > 0);
        y += 1;
        if !all_told && spare > 0 {
            let (_, role) = sign(pen, row.level);
            pen.cut(5, y, &reason(row), pen.width().saturating_sub(5), role.style());
            spare -= 1;
            y += 1;
        }
    }
}

/// Where the columns end; a column of no width is left out.
struct Columns {
    names: u16,
    value: u16,
    second: u16,
    limit: u16,
    /// Where the history ends; the age stands behind it.
    end: u16,
}

/// Columns for the age.
const AGE: u16 = 5;
/// Columns before the name.
const SIGN: u16 = 3;
/// Columns that a history needs, the gap before it included.
const LEAST: u16 = 6;
/// Between two things that are said.
const GAP: u16 = 2;

impl Columns {
    fn of(rows: &[Row], all: u16) -> Self {
        let widest = |of: fn(&Row) -> &str| rows.iter().map(|r| width(of(r))).max().unwrap_or(0);
        let end = all.saturating_sub(AGE);
        let room = end.saturating_sub(SIGN + 1);
        let names = widest(|r| &r.name).max(4);
        let value = widest(|r| &r.value).clamp(6, 16).min(room.saturating_sub(names.min(all / 3)));
        let names = names.min(room.saturating_sub(value));
        let mut columns = Self { names, value: (SIGN + names + 1 + value).min(end), second: 0, limit: 0, end };
        let mut last = columns.value;
        let second = widest(|r| r.second.as_deref().unwrap_or(""));
        if second > 0 && last + second + GAP + LEAST <= end {
            last += second + GAP;
            columns.second = last;
        }
        let limit = widest(|r| &r.limit_text);
        if limit > 0 && last + limit + GAP + 12 <= end {
            columns.limit = last + limit + GAP;
        }
        columns
    }

    /// Where the last column of figures ends.
    fn figures(&self) -> u16 {
        self.limit.max(self.second).max(self.value)
    }
}

/// The names as far as there is room, kept apart. That one is injected stays, in short where it does not fit in full.
fn fitted(names: &[&str], room: usize, more: &str) -> Vec<String> {
    let bare: Vec<(bool, &str)> =
        names.iter().map(|name| name.strip_prefix(INJECTED).map_or((false, *name), |bare| (true, bare))).collect();
    if names.iter().all(|name| usize::from(width(name)) <= room) || bare.iter().all(|(injected, _)| !injected) {
        return apart(names, room, more);
    }
    let short = "INJ ";
    let rest: Vec<&str> = bare.iter().map(|(_, bare)| *bare).collect();
    let cut = apart(&rest, room.saturating_sub(short.len()), more);
    bare.iter().zip(cut).map(|((injected, _), name)| format!("{}{name}", if *injected { short } else { "" })).collect()
}

/// Columns that rows need for whole names and a short history.
pub fn wanted(rows: &[Row]) -> u16 {
    let widest = |of: fn(&Row) -> &str| rows.iter().map(|r| width(of(r))).max().unwrap_or(0);
    SIGN + widest(|r| &r.name).min(24) + 1 + widest(|r| &r.value).clamp(6, 16) + LEAST + AGE
}

/// Why it is not ok, and what it was.
fn reason(row: &Row) -> String {
    let why = row.why.as_deref().unwrap_or("no data");
    match &row.was {
        Some(was) => format!("was {was}; {why}"),
        None => why.to_owned(),
    }
}

fn mark(model: &Model, pen: &mut Pen<'_>, y: u16, row: &Row) {
    let (glyph, role) = sign_of(model, pen, row.level);
    let style = if row.level == Level::Ok { role.style() } else { role.bold() };
    pen.cut(1, y, glyph, 1, style);
}

fn draw_age(model: &Model, pen: &mut Pen<'_>, y: u16, row: &Row) {
    if let Some(at) = row.at {
        let stale = model.now().since(at) > row.every.max(model.beat()).times(3);
        let role = if stale { Role::Unknown } else { Role::Muted };
        pen.right(pen.width(), y, &words::age(model.now(), at), role.style());
    }
}

/// Name, value, second value, limit, history, age: each in its column.
fn draw_ok(model: &Model, pen: &mut Pen<'_>, y: u16, row: &Row, name: &str, columns: &Columns) {
    draw_age(model, pen, y, row);
    pen.cut(SIGN, y, name, columns.names, Role::Text.style());
    let room = columns.value.saturating_sub(SIGN + columns.names + 1);
    let start = columns.value - width(&row.value).min(room);
    // Of the past it is known which limit a value was over, but not for how long.
    let over = row.limit.is_some() && row.spark.last().copied().flatten() > row.limit || row.value == "failing";
    let over = over && is_past(model);
    pen.cut(start, y, &row.value, room, if over { Role::Warn.bold() } else { Role::Text.style() });
    if let (Some(second), true) = (&row.second, columns.second > 0) {
        pen.right(columns.second, y, second, Role::Text.style());
    }
    if columns.limit > 0 {
        pen.right(columns.limit, y, &row.limit_text, Role::Muted.style());
    }
    let x = columns.figures() + GAP;
    if columns.end + GAP >= x + LEAST {
        let bars = (columns.end - x).min(60);
        spark::draw(pen, columns.end - bars, y, bars, &row.spark, row.limit, Role::Ok);
    }
}

/// What is not ok: its values and the word of its level stand whole. The history has no place here, then the age goes,
/// then letters of the name. Why follows as far as there is room; says whether all of it was told.
fn draw_bad(
    model: &Model,
    pen: &mut Pen<'_>,
    y: u16,
    (row, name): (&Row, &dyn Fn(u16) -> String),
    columns: &Columns,
    spare: bool,
) -> bool {
    let calm = row.pending.filter(|_| row.level == Level::Ok);
    let (_, role) = sign(pen, calm.map_or(row.level, |p| p.level));
    let all = pen.width();
    // What is over a limit but not yet for long enough says how long.
    let (word, why) = match &calm {
        Some(p) => (&*words::far(p.lasted, p.needs), String::new()),
        None => (level_word(row.level), format!(": {}", reason(row))),
    };
    let bold = if calm.is_some() { role.style() } else { role.bold() };
    let x = SIGN + columns.names + 1;
    // Each thing, and where it ends where it stands in its column.
    let mut said: Vec<(&str, u16, Style)> = Vec::new();
    if row.level != Level::Unknown {
        let style = if row.level == Level::Critical { Role::CritText.style() } else { bold };
        said.push((&row.value, columns.value, style));
        // Why is worth more than a value that is within its limits.
        let room = columns.second > 0 && columns.second + GAP + width(word) + width(&why) <= columns.end;
        let second = row.second.as_deref().filter(|_| row.second_broke || room);
        said.extend(second.map(|second| (second, columns.second, bold)));
    }
    said.push((word, 0, bold));
    let ends = |said: &[(&str, u16, Style)], from: u16, in_columns: bool| -> Vec<u16> {
        let place = |at: &mut u16, (text, column, _): &(&str, u16, Style)| {
            let end = (*at + width(text)).max(if in_columns { *column } else { 0 });
            *at = end + GAP;
            Some(end)
        };
        said.iter().scan(from, place).collect()
    };
    let over = |places: &[u16]| places.last().is_some_and(|end| *end > all);
    let mut places = ends(&said, x, true);
    let mut room = columns.names;
    let needs = |said: &[(&str, u16, Style)]| ends(said, 0, false).last().copied().unwrap_or(0);
    let failing = row.value == "failing";
    let least = SIGN + 1 + width(&row.name).min(if failing { 24 } else { 4 });
    // Beside its level and its name, that it fails is the least of it; of figures the one that broke counts.
    while over(&places) && needs(&said) + least > all && said.len() > 1 {
        match said.len() {
            3.. if row.second_broke => said.remove(0),
            3.. => said.remove(1),
            _ if failing => said.remove(0),
            _ => break,
        };
        places = ends(&said, x, true);
    }
    if over(&places) && needs(&said) + SIGN + 2 > all && said.len() > 1 {
        said.pop();
        places = ends(&said, x, true);
    }
    if over(&places) {
        let from = all.saturating_sub(needs(&said)).max(least.min(all));
        room = room.min(from.saturating_sub(SIGN + 1));
        places = ends(&said, from, false);
    }
    let name_style = if calm.is_some() { Role::Text.style() } else { bold };
    pen.cut(SIGN, y, &name(room), room, name_style);
    for ((text, _, style), end) in said.iter().zip(&places) {
        let start = end.saturating_sub(width(text));
        pen.cut(start, y, text, all.saturating_sub(start), *style);
    }
    let after = places.last().copied().unwrap_or(x);
    let fresh = after + AGE <= all;
    if fresh {
        draw_age(model, pen, y, row);
    }
    let room = if fresh { columns.end } else { all }.saturating_sub(after);
    let has_word = said.last().is_some_and(|(text, ..)| *text == word);
    if has_word && (width(&why) <= room || (!spare && room >= 12)) {
        pen.cut(after, y, &why, room, bold);
        return true;
    }
    calm.is_some()
}

#[cfg(test)]
mod tests {
    use ratatui::buffer::Buffer;
    use ratatui::layout::Rect;

    use super::*;
    use crate::core::time::{Span, Timestamp};
    use crate::core::view::Pending;
    use crate::tui::tests::Cockpit;

    fn row(name: &str, level: Level, value: &str, second: Option<&str>) -> Row {
        Row {
            name: name.into(),
            level,
            why: (level != Level::Ok).then(|| "49.2 s > 20 s".to_owned()),
            value: value.into(),
            second: second.map(Into::into),
            second_broke: second.is_some(),
            spark: vec![Some(1.0); 60],
            limit: Some(2.0),
            limit_text: "< 1,000".into(),
            was: None,
            pending: None,
            at: Some(Timestamp(0)),
            every: Span::secs(5),
        }
    }

    fn drawn(rows: Vec<Row>, columns: u16) -> Vec<String> {
        let mut model = Cockpit::new((columns, 9)).model;
        let height = u16::try_from(rows.len()).unwrap() + 1;
        model.facts.rows.insert(PaneId::Queues, rows);
        let mut buffer = Buffer::empty(Rect::new(0, 0, columns, height));
        draw(&model, PaneId::Queues, &mut Pen::new(&mut buffer, Rect::new(0, 0, columns, height), model.glyphs));
        let text = crate::tui::tests::rows(&buffer).into_iter().skip(1);
        text.map(|row| row.trim_end().to_owned()).collect()
    }

    #[test]
    fn the_value_that_broke_and_the_level_are_never_cut() {
        let rows = || {
            vec![
                row("emails", Level::Ok, "19", Some("3.20 s")),
                row("reports", Level::Ok, "4", Some("6.10 s")),
                row("webhooks", Level::Warn, "644", Some("49.2 s")),
            ]
        };
        let seen = drawn(rows(), 30);
        assert_eq!(seen[0], " ● emails       19  ▅▅▅▅▅   0s");
        assert_eq!(seen[2], " ▲ webhooks  644  49.2 s  warn");
        let seen = drawn(rows(), 25);
        assert_eq!(seen[2], " ▲ web… 644  49.2 s  warn", "then letters of the name go");
        let seen = drawn(rows(), 60);
        assert_eq!(seen[2], " ▲ webhooks    644  49.2 s  warn: 49.2 s > 20 s           0s");
    }

    #[test]
    fn what_is_over_a_limit_but_not_for_long_enough_says_how_long() {
        let pending = Pending { level: Level::Warn, lasted: Span::secs(2), needs: Span::secs(4) };
        let over = Row { pending: Some(pending), ..row("replica-2", Level::Ok, "5.7 s", None) };
        let rows = || vec![row("replica-1", Level::Ok, "0.4 s", None), over.clone()];
        assert_eq!(drawn(rows(), 40)[1], " ● replica-2  5.7 s  0:02/0:04        0s");
        assert_eq!(drawn(rows(), 27)[1], " ● re…ca-2 5.7 s  0:02/0:04");
    }

    #[test]
    fn what_is_injected_says_so_however_narrow_it_is() {
        let names = ["INJECTED wallet.example.com", "INJECTED blue", "lag"];
        assert_eq!(fitted(&names, 30, "…"), names);
        assert_eq!(fitted(&names, 14, "…"), ["INJ wallet.ex…", "INJ blue", "lag"]);
        assert_eq!(fitted(&["wallet.example.com"], 8, "…"), ["wallet.…"]);
    }

    #[test]
    fn names_keep_what_tells_them_apart_and_a_gap() {
        let names = ["決済API エンドポイント 1", "決済API エンドポイント 2", "endpoint that hangs for ever"];
        let rows = names.map(|name| row(name, Level::Critical, "failing", None)).into();
        let seen = drawn(rows, 29);
        assert_eq!(seen[0], " ■ 決済…イント 1 CRITICAL");
        assert_eq!(seen[1], " ■ 決済…イント 2 CRITICAL");
        assert_eq!(seen[2], " ■ endpoint…     CRITICAL");
    }

    #[test]
    fn what_fails_says_how_grave_that_is() {
        let rows = || {
            vec![
                row("green", Level::Ok, "41 ms", None),
                row("green database", Level::Critical, "failing", None),
                row("green stripe", Level::Warn, "failing", None),
            ]
        };
        for columns in [24, 26, 28, 31, 34, 40, 60, 90] {
            let seen = drawn(rows(), columns);
            assert!(seen[1].contains("CRITICAL"), "{columns}: {seen:?}");
            assert!(seen[2].contains("warn"), "{columns}: {seen:?}");
        }
        assert_eq!(drawn(rows(), 31)[1..3], [" ■ green database CRITICAL   0s", " ▲ green stripe   failing  warn"]);
        assert_eq!(drawn(rows(), 24)[1..3], [" ■ gr…abase CRITICAL", " ▲ gr…tripe warn      0s"]);
    }
}
