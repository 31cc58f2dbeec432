//! The keys, from the keymap.

use super::raise;
use crate::tui::act::orders;
use crate::tui::action::Action;
use crate::tui::keymap::Keymap;
use crate::tui::layout::Layout;
use crate::tui::model::Model;
use crate::tui::pen::Pen;
use crate::tui::role::Role;

/// The lines of the help: heading, key, text.
fn help_lines(map: &Keymap, observe: bool) -> Vec<(Option<&'static str>, String, String)> {
    let mut lines = Vec::new();
    let mut group = "";
    for action in Action::all().filter(|action| !(observe && orders(*action))) {
        if action.group() != group {
            group = action.group();
            if !lines.is_empty() {
                lines.push((None, String::new(), String::new()));
            }
            lines.push((Some(group), String::new(), String::new()));
        }
        lines.push((None, map.keys_of(action).join(" "), doc(action, observe)));
    }
    lines
}

/// What a key does; who observes is told what it does for them.
fn doc(action: Action, observe: bool) -> String {
    match action {
        Action::Hold if observe => "hold: no new step starts; those who drive release it".to_owned(),
        Action::GoBack if observe => "the ways back, to look at; those who drive start one".to_owned(),
        _ => action.doc().to_owned(),
    }
}

/// How many rows the help has.
pub fn height(model: &Model) -> usize {
    help_lines(&model.keymap, model.observe).len()
}

/// Draws them.
pub(super) fn draw(model: &Model, scroll: usize, layout: &Layout, pen: &mut Pen<'_>) {
    let lines = help_lines(&model.keymap, model.observe);
    let rows = u16::try_from(lines.len()).unwrap_or(100) + 4;
    let (mut pen, ..) = raise(pen, layout, rows, 84, Role::Accent);
    let x = pen.bold(3, 1, "Keys", Role::Hi);
    let rest = if model.observe { "you observe: look, note and hold" } else { "`:` takes every order by name" };
    pen.put(x + 3, 1, &format!("j k scroll, any other key closes; {rest}"), Role::Muted);
    let shown = usize::from(pen.height().saturating_sub(4));
    let scroll = scroll.min(lines.len().saturating_sub(shown));
    for (y, (heading, key, text)) in (3..).zip(lines.iter().skip(scroll).take(shown)) {
        if let Some(heading) = heading {
            pen.bold(3, y, heading, Role::Muted);
        }
        pen.cut(3, y, key, 16, Role::Accent.bold());
        pen.put(20, y, text, Role::Text);
    }
    let below = lines.len().saturating_sub(scroll + shown);
    if below > 0 {
        let (end, y) = (pen.width().saturating_sub(2), pen.height().saturating_sub(1));
        pen.right(end, y, &format!("{below} more"), Role::Muted.style());
    }
}
