//! Themes: TOML files with a palette and a colour for each role. Nothing on the screen names a colour; panes name roles.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ratatui::style::Color;
use serde::Deserialize;
use toml::Spanned;

use super::role::Role;
use crate::core::text::{did_you_mean, line_of};
use crate::paths;

const COUNT: usize = Role::ALL.len();

/// A colour for each role, and what differs in some environments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Theme {
    colours: [Color; COUNT],
    environments: Vec<(String, Vec<(Role, Color)>)>,
}

/// Why a theme can't be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ThemeError {
    /// There is no such theme.
    #[error("`{0}` is no theme: choose {1}, or the path of a .toml file")]
    Unknown(String, String),
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
    roles: Roles,
    #[serde(default)]
    environments: BTreeMap<String, Roles>,
}

type Roles = BTreeMap<Spanned<String>, Spanned<String>>;

macro_rules! built_in {
    ($($name:literal),* $(,)?) => {
        /// A new theme is a file in `themes` and a name here.
        const BUILT_IN: &[(&str, &str)] = &[$(($name, include_str!(concat!("../../themes/", $name, ".toml")))),*];
    };
}

built_in!["dark", "light", "high-contrast", "colour-blind", "mono", "gruvbox", "catppuccin"];

/// The themes that come with tminus.
pub fn built_in() -> impl Iterator<Item = &'static str> {
    BUILT_IN.iter().map(|(name, _)| *name)
}

/// Every theme that can be chosen by its name: those that come with tminus, then the person's own.
pub fn names() -> Vec<String> {
    let own = paths::themes().and_then(|dir| std::fs::read_dir(dir).ok()).into_iter().flatten().flatten();
    let own = own.filter_map(|entry| Some(entry.file_name().to_str()?.strip_suffix(".toml")?.to_owned()));
    let mut own: Vec<String> = own.filter(|name| built_in().all(|known| known != name)).collect();
    own.sort();
    built_in().map(str::to_owned).chain(own).collect()
}

fn known() -> String {
    names().join(", ")
}

/// A theme by its name, built in or in the person's own directory, or one in a file.
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
    let path = if name.contains(['/', '.']) {
        PathBuf::from(name)
    } else {
        let own = paths::themes().map(|dir| dir.join(format!("{name}.toml")));
        own.filter(|path| path.exists()).ok_or_else(|| ThemeError::Unknown(name.to_owned(), known()))?
    };
    paths::own_text(&path).map_err(|e| ThemeError::Unreadable(path.display().to_string(), e.to_string()))
}

/// The nearest theme comes first; what it inherits from follows. A palette entry of the nearest one wins everywhere.
fn resolve(chain: &[(String, String, File)]) -> Result<Theme, ThemeError> {
    for (name, text, file) in chain {
        let wrong = |at: usize, what: String| ThemeError::Wrong { name: name.clone(), line: line_of(text, at), what };
        for colour in file.palette.values() {
            if parse_colour(colour.get_ref()).is_none() {
                return Err(wrong(colour.span().start, format!("`{}` is no colour: {COLOURS}", colour.get_ref())));
            }
        }
        for (role, colour) in file.environments.values().chain([&file.roles]).flatten() {
            if role_named(role.get_ref()).is_none() {
                let near = did_you_mean(role.get_ref(), Role::ALL.iter().map(|(name, _)| *name));
                let what = format!("`{}` is no role{near}", role.get_ref());
                return Err(wrong(role.span().start, what));
            }
            if palette(chain, colour.get_ref()).is_none() {
                let what = format!("`{}` is no colour and not in the palette: {COLOURS}", colour.get_ref());
                return Err(wrong(colour.span().start, what));
            }
        }
    }
    let mut theme = Theme { colours: [Color::Reset; COUNT], environments: Vec::new() };
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
    for (environment, roles) in chain.iter().flat_map(|(_, _, file)| &file.environments) {
        if theme.environments.iter().all(|(known, _)| known != environment) {
            let roles = roles
                .iter()
                .filter_map(|(role, colour)| Some((role_named(role.get_ref())?, palette(chain, colour.get_ref())?)));
            theme.environments.push((environment.clone(), roles.collect()));
        }
    }
    Ok(theme)
}

fn role_named(name: &str) -> Option<Role> {
    Role::ALL.iter().find(|(known, _)| *known == name).map(|(_, role)| *role)
}

fn palette(chain: &[(String, String, File)], name: &str) -> Option<Color> {
    chain
        .iter()
        .find_map(|(_, _, f)| f.palette.get(name))
        .map_or_else(|| parse_colour(name), |c| parse_colour(c.get_ref()))
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
        load("dark").unwrap_or(Theme { colours: [Color::Reset; COUNT], environments: Vec::new() })
    }

    /// The light theme.
    pub fn light() -> Self {
        load("light").unwrap_or_else(|_| Theme::dark())
    }

    /// The colour of a role.
    pub fn colour(&self, role: Role) -> Color {
        self.colours[role as usize]
    }

    /// What differs in this environment: by its whole name, else by the longest `beginning*` of it.
    fn differs(&self, environment: &str) -> Option<&[(Role, Color)]> {
        let begins = |key: &str| key.strip_suffix('*').is_some_and(|head| environment.starts_with(head));
        let whole = self.environments.iter().find(|(key, _)| key == environment);
        let beginning = || self.environments.iter().filter(|(key, _)| begins(key)).max_by_key(|(key, _)| key.len());
        whole.or_else(beginning).map(|(_, roles)| &roles[..])
    }

    /// Whether this environment has an accent of its own.
    pub fn accents(&self, environment: &str) -> bool {
        self.differs(environment).is_some_and(|roles| roles.iter().any(|(role, _)| *role == Role::Environment))
    }

    /// The theme as this environment has it.
    pub fn of_environment(&self, environment: &str) -> Theme {
        let mut theme = self.clone();
        for (role, colour) in self.differs(environment).unwrap_or_default() {
            theme.colours[*role as usize] = *colour;
        }
        theme
    }

    /// Whether its ground is light.
    pub fn is_light(&self) -> bool {
        match self.colour(Role::Ground) {
            Color::Rgb(r, g, b) => 299 * u32::from(r) + 587 * u32::from(g) + 114 * u32::from(b) > 500 * 255,
            colour => matches!(colour, Color::White | Color::Gray),
        }
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
    fn the_readme_names_them_all() {
        let list = built_in().collect::<Vec<_>>().join(", ");
        assert!(include_str!("../../README.md").replace('\n', " ").contains(&list), "{list}");
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
    fn an_environment_has_its_accent_by_its_name_or_by_how_it_begins() {
        let text = "inherits = \"dark\"\n[environments.prod-eu]\naccent = \"#010203\"\n";
        let theme = file(text).unwrap();
        let of = |environment: &str| theme.of_environment(environment).colour(Role::Environment);
        let plum = Color::Rgb(0xa3, 0x27, 0x8f);
        assert_eq!((of("production"), of("prod-us")), (plum, plum));
        assert_eq!((of("staging"), of("preprod")), (theme.colour(Role::Panel), theme.colour(Role::Panel)));
        assert_eq!(theme.of_environment("prod-eu").colour(Role::Accent), Color::Rgb(1, 2, 3));
        assert!(theme.accents("production") && !theme.accents("staging") && !theme.accents("prod-eu"));
    }

    #[test]
    fn what_is_wrong_is_said_with_its_line() {
        for (text, says) in [
            ("inherits = \"dark\"\n[roles]\nacent = \"#ffffff\"\n", ":3: `acent` is no role; did you mean `accent`?"),
            ("inherits = \"dark\"\n[roles]\n\nok = \"grean\"\n", ":4: `grean` is no colour and not in the palette"),
            ("inherits = \"dark\"\n[palette]\nx = \"#12345é\"\n", ":3: `#12345é` is no colour"),
            ("inherits = \"dark\"\n[environments.x]\nacent = \"red\"\n", ":3: `acent` is no role"),
            ("inherits = \"dark\"\n[environments.x]\nok = \"read\"\n", ":3: `read` is no colour"),
            ("[roles]\nok = \"#ffffff\"\n", "the role `ground` has no colour"),
            ("inherits = \"mauve\"\n", "`mauve` is no theme"),
            ("colours = 3\n", ":1: unknown field `colours`"),
        ] {
            let error = file(text).unwrap_err().to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}
