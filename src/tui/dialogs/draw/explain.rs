//! *Explain*: what all that waits waits for, or what has one name; live, with the keys that move it.

use super::raise;
use crate::core::launch::{Explanation, Waiting, explain_named, waiting};
use crate::core::order::What;
use crate::core::spell;
use crate::tui::answers::{key_of, offered};
use crate::tui::checklist::keys_for;
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, wrap};
use crate::tui::role::Role;
use crate::tui::words;

/// A row: what it is, how it looks.
enum Row {
    /// Something that waits: what it is called, its state and since when.
    Head(String, String),
    /// A sentence.
    Because(String),
    /// A key, or `:` and a word, with what it does.
    Key(String, String),
    Blank,
}

fn rows(model: &Model, name: Option<&str>, columns: u16) -> Vec<Row> {
    let Some(launch) = &model.launch else { return vec![Row::Because("the launch is not here yet".into())] };
    let found = match name {
        None => Ok(waiting(launch, model.seen_readout(), model.seen())),
        Some(name) => explain_named(launch, model.seen_readout(), name, model.seen()),
    };
    let mut rows = Vec::new();
    if model.is_past() {
        rows.extend([Row::Because("the link is lost: so it stood when the engine was heard last".into()), Row::Blank]);
    }
    match found {
        Ok(found) if found.is_empty() => rows.push(Row::Because("nothing waits".into())),
        Ok(found) => found.iter().for_each(|one| told(&mut rows, model, one, columns)),
        Err(why) => rows.extend(wrap(&why, columns).into_iter().map(Row::Because)),
    }
    rows
}

fn told(rows: &mut Vec<Row>, model: &Model, Waiting { title, why, .. }: &Waiting, columns: u16) {
    if !matches!(rows.last(), None | Some(Row::Blank)) {
        rows.push(Row::Blank);
    }
    let Explanation { state, because, orders, elsewhere, since, .. } = why;
    let since = since.filter(|at| *at < model.seen());
    let since = since.map_or_else(String::new, |at| format!(" for {}", words::clock(model.seen().since(at))));
    rows.push(Row::Head(title.clone(), format!("{state}{since}")));
    let sentences = because.iter().flat_map(|said| wrap(said, columns.saturating_sub(2)));
    rows.extend(sentences.map(Row::Because));
    let orders = orders.iter().chain(elsewhere).filter(|_| !model.is_past());
    rows.extend(orders.filter(|order| offered(model, order)).map(|order| key(model, order)));
}

/// What gives an order here: its key, else what is typed after `:`.
fn key(model: &Model, order: &What) -> Row {
    let word = keys_for(model, std::slice::from_ref(order)).into_iter().next().map(|(_, word)| word);
    match key_of(&model.keymap, order).filter(|key| !key.starts_with(':')) {
        Some(key) => {
            let plain = spell::write(order);
            let verb = plain.split(' ').next().unwrap_or_default();
            Row::Key(key, word.unwrap_or(verb).to_owned())
        }
        None => Row::Key(format!(":{}", spell::write(order).trim_end()), String::new()),
    }
}

/// How many rows it has on this screen.
pub fn height(model: &Model, name: Option<&str>) -> usize {
    rows(model, name, columns(model.size.0)).len()
}

/// How wide its text is on a screen so wide.
fn columns(width: u16) -> u16 {
    100.min(width).saturating_sub(6)
}

/// Draws it.
pub(super) fn draw(model: &Model, name: Option<&str>, scroll: usize, layout: &Layout, pen: &mut Pen<'_>) {
    let rows = rows(model, name, columns(pen.width()));
    let high = u16::try_from(rows.len()).unwrap_or(200).saturating_add(4);
    let (mut pen, ..) = raise(pen, layout, high, 100.min(pen.width()), Role::Accent);
    let x = pen.bold(3, 1, name.unwrap_or("What waits"), Role::Hi);
    pen.put(x + 3, 1, "j k scroll, any other key closes", Role::Muted);
    let shown = usize::from(pen.height().saturating_sub(4));
    let scroll = scroll.min(rows.len().saturating_sub(shown));
    let end = pen.width().saturating_sub(3);
    for (y, row) in (3..).zip(rows.iter().skip(scroll).take(shown)) {
        match row {
            Row::Head(title, state) => {
                let start = pen.right(end, y, state, Role::Text.bold());
                let style = Role::Hi.bold();
                pen.cut(3, y, title, start.saturating_sub(5), style);
            }
            Row::Because(said) => {
                pen.put(5, y, said, Role::Text);
            }
            Row::Key(key, word) => {
                let x = pen.bold(5, y, key, Role::Accent);
                pen.put(x + 1, y, word, Role::Muted);
            }
            Row::Blank => {}
        }
    }
    let below = rows.len().saturating_sub(scroll + shown);
    if below > 0 {
        let (end, y) = (pen.width().saturating_sub(2), pen.height().saturating_sub(1));
        pen.right(end, y, &format!("{below} more"), Role::Muted.style());
    }
}
