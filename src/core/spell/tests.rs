//! How orders are read and written.

use super::*;

#[test]
fn a_line_is_split_as_a_shell_would() {
    assert_eq!(words("hold \"looks odd\" x").unwrap(), ["hold", "looks odd", "x"]);
    assert_eq!(words("note don't").unwrap(), ["note", "don't"]);
    assert_eq!(words("a '' b").unwrap(), ["a", "", "b"]);
    assert!(words("a \"b").is_err());
}

#[test]
fn a_box_is_meant_by_its_number_its_whole_text_or_how_only_its_text_begins() {
    let items = ["One", "Two", "one more", "Three", "thrice"].map(str::to_owned);
    let found = |text: &str| super::read::box_of(&items, text);
    assert_eq!([found("2"), found("one"), found("ONE M"), found("tw")], [Some(1), Some(0), Some(2), Some(1)]);
    assert_eq!([found("thr"), found("9"), found("x")], [None; 3]);
}

#[test]
fn no_two_orders_begin_with_the_same_word() {
    let mut seen = std::collections::BTreeSet::new();
    for order in ORDERS {
        assert!(seen.insert(order.word), "{}", order.word);
        assert!(!order.what.is_empty());
    }
}
