//! A screen as an SVG picture, with its colours.

use std::fmt::Write as _;

/// The size of a cell, in the picture's units.
const CELL: (u16, u16) = (9, 19);

/// Draws a screen.
pub fn svg(screen: &vt100::Screen) -> String {
    let (rows, cols) = screen.size();
    let (rows, cols) = (u16::from(rows), u16::from(cols));
    let (width, height) = (cols * CELL.0 + 20, rows * CELL.1 + 20);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-size=\"15\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"#14161b\"/>\n"
    );
    for row in 0..rows {
        for col in 0..cols {
            let Some(cell) = screen.cell(row, col) else { continue };
            let (x, y) = (10 + col * CELL.0, 10 + row * CELL.1);
            let (mut ink, mut ground) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
            if cell.inverse() {
                (ink, ground) = (ground.or(Some("#14161b".into())), ink.or(Some("#d0d4dc".into())));
            }
            if let Some(ground) = ground {
                let _ = writeln!(
                    svg,
                    "<rect x=\"{x}\" y=\"{y}\" width=\"{}\" height=\"{}\" fill=\"{ground}\"/>",
                    CELL.0, CELL.1
                );
            }
            let text = cell.contents();
            if text.trim().is_empty() {
                continue;
            }
            let text = text.replace('&', "&amp;").replace('<', "&lt;");
            let ink = ink.unwrap_or_else(|| "#d0d4dc".into());
            let bold = if cell.bold() { " font-weight=\"bold\"" } else { "" };
            let _ = writeln!(svg, "<text x=\"{x}\" y=\"{}\" fill=\"{ink}\"{bold}>{text}</text>", y + 15);
        }
    }
    svg + "</svg>\n"
}

fn colour(colour: vt100::Color) -> Option<String> {
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        vt100::Color::Idx(n) => Some(format!("#{:02x}{:02x}{:02x}", n, n, n)),
    }
}
