//! A line of text that is being typed.

use crossterm::event::KeyCode;
use unicode_segmentation::UnicodeSegmentation;

use super::keymap::Key;

/// The text and where the cursor stands in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Edit {
    /// What was typed.
    pub text: String,
    at: usize,
}

impl Edit {
    /// With a text in it, the cursor behind.
    pub fn with(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { at: text.len(), text }
    }

    /// The text before the cursor.
    pub fn before(&self) -> &str {
        &self.text[..self.at]
    }

    /// Puts a text where the cursor stands, without its line ends and control characters.
    pub fn insert(&mut self, text: &str) {
        let text = crate::core::text::clean(text);
        self.text.insert_str(self.at, &text);
        self.at += text.len();
    }

    fn left(&self) -> usize {
        self.before().grapheme_indices(true).next_back().map_or(0, |(i, _)| i)
    }

    fn right(&self) -> usize {
        self.text[self.at..].graphemes(true).next().map_or(self.at, |g| self.at + g.len())
    }

    fn word_left(&self) -> usize {
        let before = self.before().trim_end();
        before.rfind(char::is_whitespace).map_or(0, |i| i + before[i..].chars().next().map_or(0, char::len_utf8))
    }

    /// Takes a key; false where it means nothing here.
    pub fn key(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl) {
            (KeyCode::Char('u'), true) => {
                self.text.drain(..self.at);
                self.at = 0;
            }
            (KeyCode::Char('w'), true) => {
                let from = self.word_left();
                self.text.drain(from..self.at);
                self.at = from;
            }
            (KeyCode::Char('a'), true) | (KeyCode::Home, _) => self.at = 0,
            (KeyCode::Char('e'), true) | (KeyCode::End, _) => self.at = self.text.len(),
            (KeyCode::Char(c), false) => self.insert(c.encode_utf8(&mut [0; 4])),
            (KeyCode::Left, _) => self.at = self.left(),
            (KeyCode::Right, _) => self.at = self.right(),
            (KeyCode::Backspace, _) => {
                let from = self.left();
                self.text.drain(from..self.at);
                self.at = from;
            }
            (KeyCode::Delete, _) => {
                let to = self.right();
                self.text.drain(self.at..to);
            }
            _ => return false,
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn typed(keys: &str) -> Edit {
        let mut edit = Edit::default();
        for key in super::super::keymap::parse(keys).unwrap() {
            edit.key(key);
        }
        edit
    }

    #[test]
    fn a_line_can_be_mended() {
        assert_eq!(typed("vacum<left>u<end> ran").text, "vacuum ran");
        assert_eq!(typed("one two<c-w>three").text, "one three");
        assert_eq!(typed("日本語<backspace><left><delete>").text, "日");
        assert_eq!(typed("gone<c-u>kept").text, "kept");
    }

    proptest! {
        #[test]
        fn no_key_breaks_it(text in "\\PC{0,20}", moves in proptest::collection::vec(0_usize..7, 0..40)) {
            let mut edit = Edit::with(text);
            let keys = super::super::keymap::parse("<left><right><backspace><delete><c-w><home>é").unwrap();
            for m in moves {
                edit.key(keys[m]);
            }
            prop_assert!(edit.text.is_char_boundary(edit.at));
        }
    }
}
