//! What is wrong with a plan: where, what, and the way out; as text for people and as data for editors.

use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The plan can't be launched.
    Error,
    /// A good reviewer would ask.
    Warning,
}

/// Something wrong with a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad it is.
    pub severity: Severity,
    /// A short stable name, as `unknown-key`.
    pub code: &'static str,
    /// What is wrong, a lower-case fragment.
    pub message: String,
    /// The way out.
    pub help: Option<String>,
    /// The offending bytes of the text; empty at 0 where the file as a whole is meant.
    pub at: Range<usize>,
}

impl Problem {
    /// An error.
    pub fn error(code: &'static str, at: Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Error, code, message: message.into(), help: None, at }
    }

    /// A warning.
    pub fn warning(code: &'static str, at: Range<usize>, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, at, message) }
    }

    /// With the way out.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// Its place in the text: line and column, both from 1, columns in characters.
    pub fn place(&self, text: &str) -> (usize, usize) {
        place(text, self.at.start)
    }

    /// The problem with its place, the line and the offending part underlined.
    pub fn render(&self, text: &str, name: &str) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let (start, end) = (floor(text, self.at.start), floor(text, self.at.end.max(self.at.start)));
        // The lines it is about alone: a file of thousands of lines is not read again for each of its problems.
        let begin = text[..start].rfind('\n').map_or(0, |at| at + 1);
        let until = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
        let snippet = Snippet::source(&text[begin..until])
            .line_start(text[..begin].matches('\n').count() + 1)
            .path(name)
            .annotation(AnnotationKind::Primary.span(start - begin..end - begin));
        let mut group = level.primary_title(self.message.as_str()).element(snippet);
        if let Some(help) = &self.help {
            group = group.element(Level::HELP.message(help.as_str()));
        }
        Renderer::plain().render(&[group])
    }
}

/// Line and column of a byte, both from 1.
pub fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..floor(text, byte)).unwrap_or_default();
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

fn floor(text: &str, byte: usize) -> usize {
    let mut byte = byte.min(text.len());
    while !text.is_char_boundary(byte) {
        byte -= 1;
    }
    byte
}
