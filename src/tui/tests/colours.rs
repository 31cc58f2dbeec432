//! Every theme that comes with tminus, measured: words can be read on every ground, and ok, warning and critical stay
//! apart for every kind of colour vision.

use palette::color_difference::{Ciede2000, Wcag21RelativeContrast};
use palette::{IntoColor, Lab, LinSrgb, Srgb};
use ratatui::style::Color;

use crate::tui::role::Role;
use crate::tui::theme::{Theme, built_in, load};

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
