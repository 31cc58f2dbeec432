//! A screen as an SVG picture, with its colours.

use std::fmt::Write as _;

/// The size of a cell, in the picture's units.
const CELL: (u16, u16) = (9, 19);
const INK: &str = "#d0d4dc";
const GROUND: &str = "#14161b";

/// What neighbouring cells have in common when they are drawn as one.
#[derive(Clone, PartialEq)]
struct Look {
    ink: String,
    ground: Option<String>,
    bold: bool,
}

/// Draws a screen.
pub fn svg(screen: &vt100::Screen) -> String {
    let (rows, cols) = screen.size();
    let (rows, cols) = (u16::from(rows), u16::from(cols));
    let (width, height) = (cols * CELL.0 + 20, rows * CELL.1 + 20);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" font-size=\"15\" \
         font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\">\n<rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{GROUND}\"/>\n"
    );
    for row in 0..rows {
        let cells: Vec<(Look, String)> = (0..cols).filter_map(|col| screen.cell(row, col)).map(cell).collect();
        grounds(&mut svg, row, &cells);
        texts(&mut svg, row, &cells);
    }
    svg + "</svg>\n"
}

fn cell(cell: &vt100::Cell) -> (Look, String) {
    let (mut ink, mut ground) = (colour(cell.fgcolor()), colour(cell.bgcolor()));
    if cell.inverse() {
        (ink, ground) = (ground.or(Some(GROUND.into())), ink.or(Some(INK.into())));
    }
    let look = Look { ink: ink.unwrap_or_else(|| INK.into()), ground, bold: cell.bold() };
    (look, cell.contents().to_owned())
}

/// One rectangle for each run of cells with one ground.
fn grounds(svg: &mut String, row: u16, cells: &[(Look, String)]) {
    let mut col = 0;
    for run in cells.chunk_by(|a, b| a.0.ground == b.0.ground) {
        let (x, y, wide) = (10 + col * CELL.0, 10 + row * CELL.1, run.len() as u16 * CELL.0);
        if let Some(ground) = &run[0].0.ground {
            let _ =
                writeln!(svg, "<rect x=\"{x}\" y=\"{y}\" width=\"{wide}\" height=\"{}\" fill=\"{ground}\"/>", CELL.1);
        }
        col += run.len() as u16;
    }
}

/// One text for each word. What is not ASCII stands alone: another font may draw it, at another width.
fn texts(svg: &mut String, row: u16, cells: &[(Look, String)]) {
    let joins = |(a, left): &(Look, String), (b, right): &(Look, String)| {
        let word = |text: &str| text.len() == 1 && text != " ";
        a.ink == b.ink && a.bold == b.bold && word(left) && word(right)
    };
    let mut col = 0;
    for run in cells.chunk_by(joins) {
        let (x, y, wide) = (10 + col * CELL.0, 25 + row * CELL.1, run.len() as u16 * CELL.0);
        col += run.len() as u16;
        let text: String = run.iter().map(|(_, text)| text.as_str()).collect();
        if text.trim().is_empty() {
            continue;
        }
        let (ink, text) = (&run[0].0.ink, text.replace('&', "&amp;").replace('<', "&lt;"));
        let bold = if run[0].0.bold { " font-weight=\"bold\"" } else { "" };
        let length = if run.len() > 1 { format!(" textLength=\"{wide}\"") } else { String::new() };
        let _ = writeln!(svg, "<text x=\"{x}\" y=\"{y}\"{length} fill=\"{ink}\"{bold}>{text}</text>");
    }
}

fn colour(colour: vt100::Color) -> Option<String> {
    match colour {
        vt100::Color::Default => None,
        vt100::Color::Rgb(r, g, b) => Some(format!("#{r:02x}{g:02x}{b:02x}")),
        vt100::Color::Idx(n) => Some(format!("#{:02x}{:02x}{:02x}", n, n, n)),
    }
}
