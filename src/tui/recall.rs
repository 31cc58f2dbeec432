//! Lines that were typed before, for the keys Up and Down: commands among themselves, filters, and texts. A text that
//! Esc left is among them: who leaves a line for something more urgent finds it again. What a command was sent is kept
//! nowhere, it may be a secret.

use super::dialogs::{LineInput, Purpose};
use super::edit::Edit;
use crate::core::order::What;

/// Lines of a kind that are kept.
const KEEP: usize = 100;

/// The lines of this screen, of each kind the newest last.
#[derive(Clone, Debug, Default)]
pub struct Recall {
    commands: Vec<String>,
    filters: Vec<String>,
    texts: Vec<String>,
}

impl Recall {
    fn of(&mut self, purpose: &Purpose) -> Option<&mut Vec<String>> {
        match purpose {
            Purpose::Command => Some(&mut self.commands),
            Purpose::Filter(_) => Some(&mut self.filters),
            Purpose::Text(What::Input { .. }) => None,
            Purpose::Text(_) | Purpose::Describe(_) => Some(&mut self.texts),
        }
    }

    /// Keeps what was typed, once.
    pub(super) fn keep(&mut self, purpose: &Purpose, text: &str) {
        let Some(lines) = self.of(purpose).filter(|_| !text.trim().is_empty()) else { return };
        lines.retain(|line| line != text);
        lines.push(text.to_owned());
        if lines.len() > KEEP {
            lines.remove(0);
        }
    }

    /// The line before the one that is shown, or the one after it; behind the newest is what was being typed.
    pub(super) fn show(&mut self, line: &mut LineInput, older: bool) {
        let Some(lines) = self.of(&line.purpose) else { return };
        let (at, own) = line.recalled.clone().unwrap_or_else(|| (0, line.edit.text().to_owned()));
        let next = if older { (at + 1).min(lines.len()) } else { at.saturating_sub(1) };
        if next == at {
            return;
        }
        let text = lines.len().checked_sub(next).and_then(|i| lines.get(i)).unwrap_or(&own);
        line.edit = Edit::with(text.clone());
        line.recalled = Some((next, own));
    }
}
