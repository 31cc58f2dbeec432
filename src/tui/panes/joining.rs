//! Before the state came: who is waited for, and what stands against it.

use crate::tui::model::{Line, Model};
use crate::tui::pen::Pen;
use crate::tui::role::Role;
use crate::tui::words;

/// Draws it in the middle.
pub fn draw(model: &Model, pen: &mut Pen<'_>) {
    let y = pen.height() / 2;
    let text = match &model.line {
        Line::Lost { since, why, attempts, .. } => {
            format!("no engine for {}: {why} (attempt {attempts})", words::clock(model.mono - *since))
        }
        _ if model.launch.is_some() => "loading what is measured".to_owned(),
        _ => "the launch is on its way".to_owned(),
    };
    let x = pen.width().saturating_sub(crate::tui::pen::width(&text)) / 2;
    pen.put(x, y, &text, Role::Text);
    if y + 2 < pen.height() {
        let hint = "q leaves; the launch goes on";
        let x = pen.width().saturating_sub(28) / 2;
        pen.put(x, y + 2, hint, Role::Muted);
    }
}
