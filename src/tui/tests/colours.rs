//! Every theme that comes with tminus, measured: words can be read on every ground, and ok, warning and critical stay
//! apart for every kind of colour vision.

use palette::color_difference::{Ciede2000, Wcag21RelativeContrast};
use palette::{IntoColor, Lab, LinSrgb, Srgb};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Color, Modifier, Style};

use super::Cockpit;
use super::fixture::{Weather, cockpit};
use crate::tui::depth::{Depth, adapt};
use crate::tui::role::Role;
use crate::tui::theme::{Theme, built_in, load};
use crate::tui::told::Told;
use crate::tui::view;

/// Machado, Oliveira and Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency (2009), at full
/// severity, on linear RGB.
const VISIONS: [(&str, [[f32; 3]; 3]); 4] = [
    ("all colours", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
    ),
    (
        "deuteranopia",
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
    ),
    (
        "tritanopia",
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    ),
];

fn srgb(colour: Color) -> Srgb<f32> {
    let Color::Rgb(r, g, b) = colour else { panic!("{colour:?} can't be measured") };
    Srgb::new(r, g, b).into_format()
}

fn contrast(theme: &Theme, front: Role, behind: Role) -> f32 {
    srgb(theme.colour(front)).relative_contrast(srgb(theme.colour(behind)))
}

fn seen(colour: Color, vision: &[[f32; 3]; 3]) -> Lab {
    let linear: LinSrgb<f32> = srgb(colour).into_linear();
    let [r, g, b] = vision.map(|[x, y, z]| (x * linear.red + y * linear.green + z * linear.blue).clamp(0.0, 1.0));
    LinSrgb::new(r, g, b).into_color()
}

#[test]
fn every_word_can_be_read_in_every_theme_and_on_its_selection_too() {
    let words = [Role::Text, Role::Hi, Role::Muted, Role::Accent, Role::Ok, Role::Warn, Role::Crit, Role::Unknown];
    let fills = [
        (Role::CritText, Role::CritFill),
        (Role::WarnText, Role::WarnFill),
        (Role::EnvironmentText, Role::Environment),
        (Role::Ground, Role::Hi),
    ];
    for name in built_in() {
        for theme in [load(name).unwrap(), load(name).unwrap().of_environment("production")] {
            let grounds = [Role::Ground, Role::Panel, Role::Selection];
            let plain = words.iter().flat_map(|word| grounds.map(|ground| (*word, ground)));
            for (front, behind) in plain.chain(fills) {
                let contrast = contrast(&theme, front, behind);
                assert!(contrast >= 4.5, "{name}: {front:?} on {behind:?} is {contrast:.2}");
            }
        }
    }
}

#[test]
fn ok_warning_and_critical_stay_apart_for_every_kind_of_colour_vision() {
    let pairs =
        [(Role::Ok, Role::Warn), (Role::Warn, Role::Crit), (Role::Ok, Role::Crit), (Role::CritFill, Role::WarnFill)];
    for name in built_in() {
        let theme = load(name).unwrap();
        for (vision, matrix) in &VISIONS {
            for (one, other) in pairs {
                let apart = seen(theme.colour(one), matrix).difference(seen(theme.colour(other), matrix));
                assert!(apart >= 10.0, "{name}, {vision}: {one:?} and {other:?} are {apart:.1} apart");
            }
        }
    }
}

/// The first 16 of xterm; of its own, a light terminal has black on white and a dark one pale grey on black.
fn of_xterm(colour: Color, own: Srgb<u8>) -> Srgb<u8> {
    let (r, g, b) = match colour {
        Color::Reset => return own,
        Color::Black => (0, 0, 0),
        Color::Red => (205, 0, 0),
        Color::Green => (0, 205, 0),
        Color::Yellow => (205, 205, 0),
        Color::Blue => (0, 0, 238),
        Color::Magenta => (205, 0, 205),
        Color::Cyan => (0, 205, 205),
        Color::Gray => (229, 229, 229),
        Color::DarkGray => (127, 127, 127),
        Color::LightRed => (255, 0, 0),
        Color::LightGreen => (0, 255, 0),
        Color::LightYellow => (255, 255, 0),
        Color::LightBlue => (92, 92, 255),
        Color::LightMagenta => (255, 0, 255),
        Color::LightCyan => (0, 255, 255),
        Color::White => (255, 255, 255),
        other => panic!("{other:?} is none of the 16"),
    };
    Srgb::new(r, g, b)
}

/// How a cell of that style looks on a terminal of 16 colours: its letter and what is behind it.
fn in_sixteen(theme: &Theme, symbol: &str, style: Style) -> (Srgb<u8>, Srgb<u8>) {
    let mut buffer = Buffer::empty(Rect::new(0, 0, 1, 1));
    buffer[(0, 0)].set_symbol(symbol).set_style(style);
    adapt(&mut buffer, theme, Depth::Ansi);
    let cell = &buffer[(0, 0)];
    let (ink, ground) = match theme.is_light() {
        true => (Srgb::new(0, 0, 0), Srgb::new(255, 255, 255)),
        false => (Srgb::new(229, 229, 229), Srgb::new(0, 0, 0)),
    };
    let (front, behind) = (of_xterm(cell.fg, ink), of_xterm(cell.bg, ground));
    if cell.modifier.contains(Modifier::REVERSED) { (behind, front) } else { (front, behind) }
}

#[test]
fn every_word_and_every_symbol_can_be_read_with_16_colours_too() {
    let words = [Role::Text, Role::Hi, Role::Muted, Role::Accent, Role::Ok, Role::Warn, Role::Crit, Role::Unknown];
    let fills = [
        (Role::CritText, Role::CritFill),
        (Role::WarnText, Role::WarnFill),
        (Role::EnvironmentText, Role::Environment),
        (Role::Ground, Role::Hi),
    ];
    for name in built_in() {
        let theme = load(name).unwrap().of_environment("production");
        let grounds = [Role::Ground, Role::Panel, Role::Selection];
        let plain = words.iter().flat_map(|word| grounds.map(|ground| (*word, ground)));
        for (front, behind) in plain.chain(fills) {
            // Letters, signs of a level, and lines that mean something.
            for (symbol, least) in [("x", 4.5), ("✓", 4.5), ("●", 4.5), ("▲", 4.5), ("╌", 3.0), ("⣀", 3.0)] {
                let style = Style::new().fg(front.ink()).bg(behind.ink());
                let (letter, ground) = in_sixteen(&theme, symbol, style);
                let contrast = letter.into_format::<f32>().relative_contrast(ground.into_format());
                assert!(contrast >= least, "{name}: {symbol} of {front:?} on {behind:?} is {contrast:.2}");
            }
        }
    }
}

/// The colours of what is drawn there as words, and of what is behind them.
fn inks(cockpit: &Cockpit) -> Vec<(Role, Role, String)> {
    let (w, h) = cockpit.model.size;
    let mut buffer = Buffer::empty(Rect::new(0, 0, w, h));
    view::paint(&cockpit.model, &Told::of(&cockpit.model), &mut buffer);
    let mut all: Vec<(Role, Role, String)> = Vec::new();
    for (i, cell) in buffer.content.iter().enumerate() {
        let (Some(front), Some(behind)) = (Role::of(cell.fg), Role::of(cell.bg)) else { continue };
        let word = cell.symbol().chars().any(char::is_alphanumeric);
        if word && !all.iter().any(|(f, b, _)| (*f, *b) == (front, behind)) {
            let (x, y) = buffer.pos_of(i);
            all.push((front, behind, format!("{} at {x},{y}", cell.symbol())));
        }
    }
    all
}

#[test]
fn every_word_that_is_drawn_can_be_read_under_a_toast_and_in_a_dialog_too() {
    let mut drawn = Vec::new();
    for weather in [Weather::Calm, Weather::Breach, Weather::Unknown, Weather::Empty] {
        for size in [(120, 40), (80, 24)] {
            for keys in ["", "R", "S", "?", "f", "V", ":"] {
                let mut cockpit = cockpit(size, weather);
                cockpit.keys(keys);
                drawn.extend(inks(&cockpit));
                cockpit.model.refuse("not taken: the selection had just moved");
                drawn.extend(inks(&cockpit));
                cockpit.model.toasts.clear();
                cockpit.model.toast("copied 1 line");
                drawn.extend(inks(&cockpit));
            }
        }
    }
    assert!(drawn.iter().any(|(_, behind, _)| *behind == Role::WarnFill));
    for name in built_in() {
        let theme = load(name).unwrap().of_environment("production");
        for (front, behind, place) in &drawn {
            let contrast = contrast(&theme, *front, *behind);
            assert!(contrast >= 4.5, "{name}: {place}: {front:?} on {behind:?} is {contrast:.2}");
        }
    }
}
