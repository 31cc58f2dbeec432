//! How well a few typed letters fit a name and what people call it.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

/// Finds what was typed in names and titles.
pub struct Fuzzy {
    typed: String,
    pattern: Pattern,
    matcher: Matcher,
}

impl Fuzzy {
    /// Looks for this.
    pub fn of(typed: &str) -> Self {
        let pattern = Pattern::parse(typed, CaseMatching::Ignore, Normalization::Smart);
        Self { typed: typed.to_lowercase(), pattern, matcher: Matcher::new(Config::DEFAULT) }
    }

    /// How well it fits, the better the more; none where it does not. What begins with it comes first, then a name that
    /// has it, what is called or explained by words that begin so, a name with its letters in their order, and what is
    /// explained so somewhere.
    pub fn rank(&mut self, name: &str, text: &str) -> Option<(u8, u32)> {
        let (lower, typed) = (name.to_lowercase(), self.typed.as_str());
        if lower.starts_with(typed) {
            return Some((5, u32::MAX - u32::try_from(lower.len()).unwrap_or(u32::MAX)));
        }
        if lower.contains(typed) {
            return Some((4, 0));
        }
        let text = text.to_lowercase();
        let begins = |word: &str| text.split_whitespace().any(|of| of.starts_with(word));
        if !typed.is_empty() && typed.split_whitespace().all(begins) {
            return Some((3, 0));
        }
        let mut letters = Vec::new();
        if let Some(score) = self.pattern.score(Utf32Str::new(name, &mut letters), &mut self.matcher) {
            return Some((2, score));
        }
        typed.split_whitespace().all(|word| text.contains(word)).then_some((1, 0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_so_comes_before_what_has_it_its_letters_or_its_words() {
        let all = [
            ("gone", "what is unshared"),
            ("rows", "a shared row"),
            ("s-h-a-r-e", ""),
            ("unshared", ""),
            ("share-25", "25 % to green"),
            ("share", ""),
            ("other", "else"),
        ];
        let mut fuzzy = Fuzzy::of("Share");
        let mut found: Vec<_> = all.iter().filter_map(|(name, text)| Some((fuzzy.rank(name, text)?, *name))).collect();
        found.sort_by_key(|(rank, _)| std::cmp::Reverse(*rank));
        let names: Vec<_> = found.into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["share", "share-25", "unshared", "rows", "s-h-a-r-e", "gone"]);
    }
}
