//! What a colour is for. Every pane draws in roles: a cell that is drawn holds the number of its role, and nothing in the
//! program names a colour but the themes. What comes last, [`depth`](super::depth), turns roles into what the terminal has.

use ratatui::style::{Color, Modifier, Style};

use crate::core::reading::Level;

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
    /// Behind the environment's name.
    Environment = "environment",
    /// On `Environment`.
    EnvironmentText = "environment-text",
    /// Lines; never text.
    Rule = "rule",
    /// History in sparklines; never text.
    Spark = "spark",
}

impl Role {
    /// The role as a cell holds it until colours come.
    pub fn ink(self) -> Color {
        Color::Indexed(self as u8)
    }

    /// The role that a cell holds.
    pub fn of(ink: Color) -> Option<Role> {
        let Color::Indexed(n) = ink else { return None };
        Role::ALL.get(usize::from(n)).map(|(_, role)| *role)
    }

    /// Words in this role; `hi` and words on a fill are bold.
    pub fn style(self) -> Style {
        let style = Style::new().fg(self.ink());
        match self {
            Role::Hi => style.add_modifier(Modifier::BOLD),
            Role::CritText => style.bg(Role::CritFill.ink()).add_modifier(Modifier::BOLD),
            Role::EnvironmentText => style.bg(Role::Environment.ink()).add_modifier(Modifier::BOLD),
            Role::WarnText => style.bg(Role::WarnFill.ink()).add_modifier(Modifier::BOLD),
            _ => style,
        }
    }

    /// How bad it is what is drawn in this role.
    pub fn level(self) -> Level {
        match self {
            Role::Crit | Role::CritFill | Role::CritText => Level::Critical,
            Role::Warn | Role::WarnFill | Role::WarnText => Level::Warn,
            Role::Unknown => Level::Unknown,
            _ => Level::Ok,
        }
    }

    /// Words in this role, bold.
    pub fn bold(self) -> Style {
        self.style().add_modifier(Modifier::BOLD)
    }
}
