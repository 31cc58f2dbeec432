//! Themes: TOML files with a palette and a colour for each role. Nothing on the screen names a colour; panes name roles.

use std::collections::BTreeMap;
use std::path::Path;

use ratatui::style::{Color, Modifier, Style};
use serde::Deserialize;
use toml::Spanned;

macro_rules! roles {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// What a colour is for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Role { $($(#[$doc])* $variant),* }

        impl Role {
            /// All roles, as theme files name them.
            pub const ALL: &[(&'static str, Role)] = &[$(($name, Role::$variant)),*];
        }
    };
}

roles! {
    /// Behind everything.
    Ground = "ground",
    /// Behind header, footer and dialogs.
    Panel = "panel",
    /// Behind the selected row.
    Selection = "selection",
    /// Names and current values.
    Text = "text",
    /// Titles, answers, the running step, the new version. Bold.
    Hi = "hi",
    /// Labels, limits, ages, the past and the old version.
    Muted = "muted",
    /// What acts, what runs, where the focus is.
    Accent = "accent",
    /// Ok.
    Ok = "ok",
    /// Warning.
    Warn = "warn",
    /// Critical.
    Crit = "crit",
    /// Unknown.
    Unknown = "unknown",
    /// Behind critical words.
    CritFill = "crit-fill",
    /// On `CritFill`.
    CritText = "crit-text",
    /// Behind words of warning.
    WarnFill = "warn-fill",
    /// On `WarnFill`.
    WarnText = "warn-text",
    /// Lines; never text.
    Rule = "rule",
    /// History in sparklines; never text.
    Spark = "spark",
}

const COUNT: usize = Role::ALL.len();

/// A colour for each role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    colours: [Color; COUNT],
}

/// Why a theme can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// There is no such theme.
    #[error("`{0}` is no theme: dark, light, or the path of a .toml file")]
    Unknown(String),
    /// The file can't be read.
    #[error("{0}: {1}")]
    Unreadable(String, String),
    /// The file says something that can't be.
    #[error("{name}:{line}: {what}")]
    Wrong {
        /// The theme.
        name: String,
        /// Counted from 1.
        line: usize,
        /// What is wrong.
        what: String,
    },
    /// A theme inherits from itself.
    #[error("{0}: inherits from itself")]
    Circle(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    inherits: Option<String>,
    #[serde(default)]
    palette: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    roles: BTreeMap<Spanned<String>, Spanned<String>>,
}

const BUILT_IN: &[(&str, &str)] =
    &[("dark", include_str!("../../themes/dark.toml")), ("light", include_str!("../../themes/light.toml"))];

/// The themes that come with tminus.
pub fn built_in() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// A built-in theme by name, or one in a file.
pub fn load(name: &str) -> Result<Theme, ThemeError> {
    let mut chain = Vec::new();
    let mut next = Some(name.to_owned());
    while let Some(name) = next.take() {
        if chain.iter().any(|(n, _, _): &(String, String, File)| *n == name) || chain.len() > 8 {
            return Err(ThemeError::Circle(name));
        }
        let text = source(&name)?;
        let file: File = toml::from_str(&text).map_err(|e| ThemeError::Wrong {
            name: name.clone(),
            line: line_of(&text, e.span().map_or(0, |s| s.start)),
            what: e.message().to_owned(),
        })?;
        next.clone_from(&file.inherits);
        chain.push((name, text, file));
    }
    resolve(&chain)
}

fn source(name: &str) -> Result<String, ThemeError> {
    if let Some((_, text)) = BUILT_IN.iter().find(|(n, _)| *n == name) {
        return Ok((*text).to_owned());
    }
    if !name.contains(['/', '.']) {
        return Err(ThemeError::Unknown(name.to_owned()));
    }
    std::fs::read_to_string(Path::new(name)).map_err(|e| ThemeError::Unreadable(name.to_owned(), e.to_string()))
}

/// The nearest theme comes first; what it inherits from follows. A palette entry of the nearest one wins everywhere.
fn resolve(chain: &[(String, String, File)]) -> Result<Theme, ThemeError> {
    let mut theme = Theme { colours: [Color::Reset; COUNT] };
    for (name, text, file) in chain.iter().rev() {
        let wrong = |at: usize, what: String| ThemeError::Wrong { name: name.clone(), line: line_of(text, at), what };
        for colour in file.palette.values() {
            if parse_colour(colour.get_ref()).is_none() {
                return Err(wrong(colour.span().start, format!("`{}` is no colour: {COLOURS}", colour.get_ref())));
            }
        }
        for (role, colour) in &file.roles {
            let Some((_, known)) = Role::ALL.iter().find(|(n, _)| n == role.get_ref()) else {
                let near = nearest(role.get_ref());
                return Err(wrong(
                    role.span().start,
                    format!("`{}` is no role; did you mean `{near}`?", role.get_ref()),
                ));
            };
            if palette(chain, colour.get_ref()).is_none() {
                return Err(wrong(
                    colour.span().start,
                    format!("`{}` is no colour and not in the palette: {COLOURS}", colour.get_ref()),
                ));
            }
            let _ = known;
        }
    }
    for (name, role) in Role::ALL {
        let named = chain.iter().find_map(|(_, _, f)| f.roles.iter().find(|(r, _)| r.get_ref() == name));
        let Some((_, colour)) = named else {
            let (theme, text, _) = &chain[0];
            return Err(ThemeError::Wrong {
                name: theme.clone(),
                line: line_of(text, 0),
                what: format!("the role `{name}` has no colour; add it, or `inherits = \"dark\"`"),
            });
        };
        if let Some(colour) = palette(chain, colour.get_ref()) {
            theme.colours[*role as usize] = colour;
        }
    }
    Ok(theme)
}

fn palette(chain: &[(String, String, File)], name: &str) -> Option<Color> {
    chain
        .iter()
        .find_map(|(_, _, f)| f.palette.get(name))
        .map_or_else(|| parse_colour(name), |c| parse_colour(c.get_ref()))
}

fn nearest(word: &str) -> &'static str {
    Role::ALL.iter().map(|(n, _)| *n).min_by_key(|n| strsim::damerau_levenshtein(n, word)).unwrap_or("text")
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}

const COLOURS: &str = "write \"#rrggbb\", a palette name, a terminal colour such as \"bright-black\", or \"default\"";

fn parse_colour(text: &str) -> Option<Color> {
    if let Some(hex) = text.strip_prefix('#') {
        let n = (hex.len() == 6).then(|| u32::from_str_radix(hex, 16).ok())??;
        return Some(Color::from_u32(n));
    }
    Some(match text {
        "default" => Color::Reset,
        "black" => Color::Black,
        "red" => Color::Red,
        "green" => Color::Green,
        "yellow" => Color::Yellow,
        "blue" => Color::Blue,
        "magenta" => Color::Magenta,
        "cyan" => Color::Cyan,
        "white" => Color::Gray,
        "bright-black" => Color::DarkGray,
        "bright-red" => Color::LightRed,
        "bright-green" => Color::LightGreen,
        "bright-yellow" => Color::LightYellow,
        "bright-blue" => Color::LightBlue,
        "bright-magenta" => Color::LightMagenta,
        "bright-cyan" => Color::LightCyan,
        "bright-white" => Color::White,
        _ => return None,
    })
}

impl Theme {
    /// The dark theme.
    pub fn dark() -> Self {
        load("dark").unwrap_or(Theme { colours: [Color::Reset; COUNT] })
    }

    /// The light theme.
    pub fn light() -> Self {
        load("light").unwrap_or(Theme { colours: [Color::Reset; COUNT] })
    }

    /// The colour of a role.
    pub fn colour(&self, role: Role) -> Color {
        self.colours[role as usize]
    }

    /// Words in a role; `hi` is bold.
    pub fn style(&self, role: Role) -> Style {
        let style = Style::new().fg(self.colour(role));
        match role {
            Role::Hi => style.add_modifier(Modifier::BOLD),
            Role::CritText => style.bg(self.colour(Role::CritFill)).add_modifier(Modifier::BOLD),
            Role::WarnText => style.bg(self.colour(Role::WarnFill)).add_modifier(Modifier::BOLD),
            _ => style,
        }
    }

    /// Words in a role, bold.
    pub fn bold(&self, role: Role) -> Style {
        self.style(role).add_modifier(Modifier::BOLD)
    }

    /// Whether its ground is light.
    pub fn is_light(&self) -> bool {
        match self.colour(Role::Ground) {
            Color::Rgb(r, g, b) => 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) > 500 * 255,
            colour => matches!(colour, Color::White | Color::Gray),
        }
    }

    /// The role that has this colour, if any.
    pub(super) fn role_of(&self, colour: Color) -> Option<Role> {
        Role::ALL.iter().find(|(_, r)| self.colour(*r) == colour).map(|(_, r)| *r)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(text: &str) -> Result<Theme, ThemeError> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("t.toml");
        std::fs::write(&path, text).unwrap();
        load(path.to_str().unwrap())
    }

    #[test]
    fn the_built_in_themes_are_whole() {
        for name in built_in() {
            let theme = load(name).unwrap();
            assert!(theme.colours.iter().all(|c| *c != Color::Reset), "{name}");
        }
    }

    #[test]
    fn a_theme_overrides_what_it_inherits() {
        let theme =
            file("inherits = \"dark\"\n[palette]\nsky = \"#123456\"\n[roles]\nok = \"bright-green\"\n").unwrap();
        assert_eq!(theme.colour(Role::Accent), Color::Rgb(0x12, 0x34, 0x56));
        assert_eq!(theme.colour(Role::Ok), Color::LightGreen);
        assert_eq!(theme.colour(Role::Crit), Theme::dark().colour(Role::Crit));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, says) in [
            ("inherits = \"dark\"\n[roles]\nacent = \"#ffffff\"\n", ":3: `acent` is no role; did you mean `accent`?"),
            ("inherits = \"dark\"\n[roles]\n\nok = \"grean\"\n", ":4: `grean` is no colour and not in the palette"),
            ("inherits = \"dark\"\n[palette]\nx = \"#12345é\"\n", ":3: `#12345é` is no colour"),
            ("[roles]\nok = \"#ffffff\"\n", "the role `ground` has no colour"),
            ("inherits = \"mauve\"\n", "`mauve` is no theme"),
            ("colours = 3\n", ":1: unknown field `colours`"),
        ] {
            let error = file(text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
