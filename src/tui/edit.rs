//! A line of text that is being typed: one line of a `ratatui-textarea`, with the keys that shells taught people.

use crossterm::event::KeyCode;
use ratatui_textarea::{CursorMove, TextArea};
use unicode_segmentation::UnicodeSegmentation;

use super::keymap::Key;

/// The text and where the cursor stands in it.
#[derive(Clone, Debug, Default)]
pub struct Edit(Box<TextArea<'static>>);

impl Edit {
    /// With a text in it, the cursor behind.
    pub fn with(text: impl Into<String>) -> Self {
        let mut area = TextArea::new(vec![crate::core::text::clean(&text.into())]);
        area.move_cursor(CursorMove::End);
        Self(Box::new(area))
    }

    /// What was typed.
    pub fn text(&self) -> &str {
        self.0.lines().first().map_or("", String::as_str)
    }

    /// The text before the cursor.
    pub fn before(&self) -> &str {
        let (text, at) = (self.text(), self.0.cursor().1);
        text.char_indices().nth(at).map_or(text, |(end, _)| &text[..end])
    }

    /// Puts a text where the cursor stands, without its line ends and control characters.
    pub fn insert(&mut self, text: &str) {
        self.0.insert_str(crate::core::text::clean(text));
    }

    /// How many characters the letter before the cursor has; a letter may be of several.
    fn left(&self) -> usize {
        self.before().graphemes(true).next_back().map_or(0, |letter| letter.chars().count())
    }

    /// How many the letter behind it has.
    fn right(&self) -> usize {
        self.text()[self.before().len()..].graphemes(true).next().map_or(0, |letter| letter.chars().count())
    }

    fn moves(&mut self, step: CursorMove, times: usize) {
        (0..times).for_each(|_| self.0.move_cursor(step));
    }

    /// Whether a key with Alt means something here.
    pub fn takes_alt(key: Key) -> bool {
        key.alt && matches!(key.code, KeyCode::Char('b' | 'f' | 'd') | KeyCode::Backspace)
    }

    /// Takes a key; false where it means nothing here.
    pub fn key(&mut self, key: Key) -> bool {
        match (key.code, key.ctrl, key.alt) {
            (KeyCode::Char('u'), true, _) => _ = self.0.delete_line_by_head(),
            (KeyCode::Char('k'), true, _) => _ = self.0.delete_line_by_end(),
            (KeyCode::Char('w'), true, _) => self.word_left(),
            (KeyCode::Backspace, _, true) => _ = self.0.delete_word(),
            (KeyCode::Char('d'), false, true) => _ = self.0.delete_next_word(),
            (KeyCode::Char('y'), true, _) => _ = self.0.paste(),
            (KeyCode::Char('_' | '7' | '/'), true, _) => _ = self.0.undo(),
            (KeyCode::Char('b'), false, true) | (KeyCode::Left, true, _) => self.0.move_cursor(CursorMove::WordBack),
            (KeyCode::Char('f'), false, true) | (KeyCode::Right, true, _) => {
                self.0.move_cursor(CursorMove::WordForward)
            }
            (KeyCode::Char('a'), true, _) | (KeyCode::Home, ..) => self.0.move_cursor(CursorMove::Head),
            (KeyCode::Char('e'), true, _) | (KeyCode::End, ..) => self.0.move_cursor(CursorMove::End),
            (KeyCode::Char(c), false, false) => self.insert(c.encode_utf8(&mut [0; 4])),
            (KeyCode::Left, ..) => self.moves(CursorMove::Back, self.left()),
            (KeyCode::Right, ..) => self.moves(CursorMove::Forward, self.right()),
            (KeyCode::Backspace, ..) => (0..self.left()).for_each(|_| _ = self.0.delete_char()),
            (KeyCode::Delete, ..) => (0..self.right()).for_each(|_| _ = self.0.delete_next_char()),
            _ => return false,
        }
        true
    }

    /// Deletes back to the blank before the word, as shells do; a path or an id is one word.
    fn word_left(&mut self) {
        let before = self.before().trim_end();
        let keep = before.rfind(char::is_whitespace).map_or(0, |at| before[..at].chars().count() + 1);
        let gone = self.before().chars().count() - keep;
        self.moves(CursorMove::Back, gone);
        self.0.delete_str(gone);
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
        assert_eq!(typed("vacum<left>u<end> ran").text(), "vacuum ran");
        assert_eq!(typed("one two<c-w>three").text(), "one three");
        assert_eq!(typed("日本語<backspace><left><delete>").text(), "日");
        assert_eq!(typed("gone<c-u>kept").text(), "kept");
        assert_eq!(typed("one two<home><c-k>three").text(), "three");
        assert_eq!(typed("one two<a-b><c-k>three").text(), "one three");
        assert_eq!(typed("one two<c-w><c-_>").text(), "one two");
        assert_eq!(typed("run a/b-c.d<c-w>x").text(), "run x");
    }

    proptest! {
        #[test]
        fn no_key_breaks_it(text in "\\PC{0,20}", moves in proptest::collection::vec(0_usize..7, 0..40)) {
            let mut edit = Edit::with(text);
            let keys = super::super::keymap::parse("<left><right><backspace><delete><c-w><home>é").unwrap();
            for m in moves {
                edit.key(keys[m]);
            }
            prop_assert!(edit.text().is_char_boundary(edit.before().len()));
        }
    }
}
