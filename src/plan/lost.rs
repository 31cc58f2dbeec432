//! What the file has but could not be read. Who names it is not wrong too.

use super::order::fits;

/// Ids that could not be read, as patterns.
#[derive(Clone, Debug, Default)]
pub struct Lost(Vec<String>);

impl Lost {
    /// One more; what a variable would fill in may be anything, and so may one without an id.
    pub fn add(&mut self, id: Option<&str>) {
        let mut pattern = String::new();
        let mut rest = id.unwrap_or("*");
        while let Some((before, after)) = rest.split_once("${") {
            pattern.push_str(before);
            pattern.push('*');
            rest = after.split_once('}').map_or("", |(_, after)| after);
        }
        pattern.push_str(rest);
        self.0.push(pattern);
    }

    /// Whether everything could be read.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a name, or a pattern of them, may mean one of these.
    pub fn may_be(&self, name: &str) -> bool {
        self.0.iter().any(|lost| fits(lost, name) || fits(name, lost))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_with_a_variable_may_be_many() {
        let mut lost = Lost::default();
        lost.add(Some("share-${n}-b"));
        lost.add(Some("plain"));
        for (name, may_be) in
            [("share-5-b", true), ("share-5", false), ("pl*", true), ("plain", true), ("other", false)]
        {
            assert_eq!(lost.may_be(name), may_be, "{name}");
        }
        lost.add(None);
        assert!(lost.may_be("other"));
    }
}
