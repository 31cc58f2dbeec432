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
fn no_two_orders_begin_with_the_same_word() {
    let mut seen = std::collections::BTreeSet::new();
    for order in ORDERS {
        assert!(seen.insert(order.word), "{}", order.word);
        assert!(!order.what.is_empty());
    }
}
