//! A bar of one row: heavy for what is done, light for what is to come. Never empty or full unless it is.

use crate::tui::pen::Pen;
use crate::tui::role::Role;

/// Draws `part` (0 to 1) over `width` columns.
pub fn draw(pen: &mut Pen<'_>, x: u16, y: u16, width: u16, part: f64, role: Role) {
    let part = if part.is_finite() { part.clamp(0.0, 1.0) } else { 0.0 };
    let mut done = (part * f64::from(width)).round() as u16;
    if part > 0.0 && width > 1 {
        done = done.max(1);
    }
    if part < 1.0 {
        done = done.min(width.saturating_sub(1));
    }
    let (heavy, rule) = (pen.glyphs.heavy, pen.glyphs.rule);
    pen.line(x, x + done, y, heavy, role.bold());
    pen.line(x + done, x + width, y, rule, Role::Rule.style());
}
