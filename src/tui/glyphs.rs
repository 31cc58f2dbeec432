//! The symbols of the screen, in Unicode and in ASCII. Each is one cell wide; none is an emoji.

macro_rules! glyphs {
    ($($(#[$doc:meta])* $name:ident: $unicode:literal, $ascii:literal;)*) => {
        /// A set of symbols.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct Glyphs { $($(#[$doc])* pub $name: &'static str,)* }

        /// For terminals that know Unicode.
        pub const UNICODE: Glyphs = Glyphs { $($name: $unicode,)* };
        /// For those that don't.
        pub const ASCII: Glyphs = Glyphs { $($name: $ascii,)* };
    };
}

glyphs! {
    /// Not due.
    todo: "○", ".";
    /// Due.
    due: "○", "o";
    /// Runs.
    running: "▸", ">";
    /// Waits: soak, input, approval.
    waiting: "◐", "~";
    /// A gate that is open.
    gate: "◇", "<";
    /// A gate that was decided.
    decided: "◆", "=";
    /// Done.
    done: "✓", "+";
    /// Failed.
    failed: "✗", "x";
    /// Its undo failed.
    undo_failed: "↚", "U";
    /// Left out.
    skipped: "–", "-";
    /// Undone.
    undone: "↶", "u";
    /// A letter that is not shown.
    dot: "•", "*";
    /// Its end was not observed.
    interrupted: "↯", "%";
    /// An unticked box.
    unticked: "□", "_";
    /// A ticked box.
    ticked: "✓", "+";
    /// Level ok.
    ok: "●", ".";
    /// Level warn.
    warn: "▲", "!";
    /// Level critical.
    critical: "■", "X";
    /// Level unknown.
    unknown: "?", "?";
    /// An armed trigger.
    armed: "○", ".";
    /// A person said something.
    said: "›", ">";
    /// The bar of the selection and of dialogs.
    bar: "▌", "|";
    /// A thin rule.
    rule: "─", "-";
    /// The rule of the pane in focus; a gauge's done part.
    heavy: "━", "=";
    /// A limit in a chart.
    limit: "╌", "-";
    /// The baseline in a chart.
    baseline: "┈", "_";
    /// Something that happened, in a chart.
    moment: "┊", "|";
    /// The present moment, in a chart whose axis goes on behind it.
    now: "│", "|";
    /// The moment that a person looks at, in a chart.
    cursor: "┃", "I";
    /// Where the launch stands, on the timeline.
    here: "▲", "^";
    /// No data in a chart.
    hatch: "░", ":";
    /// Expected.
    to: "→", ">";
    /// Further down.
    down: "↓", "v";
    /// Further up.
    up: "↑", "^";
    /// A folded phase.
    folded: "▸", ">";
    /// More than fits.
    more: "…", "~";
}

/// Heights of a sparkline, lowest first.
pub const BLOCKS: [&str; 8] = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"];
/// The same in ASCII.
pub const STEPS: [&str; 8] = ["_", ".", "-", "=", "+", "*", "#", "@"];

impl Glyphs {
    /// Whether this is the ASCII set.
    pub fn is_ascii(&self) -> bool {
        self.done == ASCII.done
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr;

    #[test]
    fn each_is_one_cell_wide() {
        let all = format!("{:?}{:?}", super::UNICODE, super::ASCII);
        for (i, glyph) in all.split('"').enumerate().filter(|(i, _)| i % 2 == 1) {
            assert_eq!(glyph.width(), 1, "{i} {glyph}");
        }
    }
}
