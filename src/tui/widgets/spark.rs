//! A sparkline: its full height is the nearest limit, so that height says how near a value is to it.

use crate::tui::glyphs::{BLOCKS, STEPS};
use crate::tui::pen::Pen;
use crate::tui::role::Role;

/// Draws the newest `width` values, the last one at the right. Without a limit the full height leaves room above the
/// largest value. Values over the limit are full and in `over`; no data is a dot.
pub fn draw(pen: &mut Pen<'_>, x: u16, y: u16, width: u16, values: &[Option<f64>], limit: Option<f64>, over: Role) {
    let width = usize::from(width);
    let shown = &values[values.len().saturating_sub(width)..];
    let largest = shown.iter().flatten().copied().fold(0.0, f64::max);
    let full = limit.filter(|l| *l > 0.0).unwrap_or(largest * 1.6);
    let steps = if pen.glyphs.is_ascii() { STEPS } else { BLOCKS };
    let first = x + u16::try_from(width - shown.len()).unwrap_or(0);
    for (i, value) in shown.iter().enumerate() {
        let x = first + u16::try_from(i).unwrap_or(0);
        let Some(value) = value else {
            pen.cell(x, y, "·", Role::Unknown.style());
            continue;
        };
        let part = if full > 0.0 { (value / full).clamp(0.0, 1.0) } else { 0.0 };
        let step = ((part * 7.0).round() as usize).min(7);
        let role = match limit {
            // What is well again was not: that is no good news in green.
            Some(limit) if limit > 0.0 && *value > limit => {
                if over == Role::Ok {
                    Role::Warn
                } else {
                    over
                }
            }
            _ if i + 1 == shown.len() => Role::Text,
            _ => Role::Spark,
        };
        pen.cell(x, y, steps[step], role.style());
    }
}
