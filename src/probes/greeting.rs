//! What a server says first tells whether it is one of the right kind at all: for probes that speak a protocol of their own.

/// What answered, and not as a server of that kind does.
pub(super) fn no_such(kind: &str, place: &str) -> String {
    format!("what answers at {place} is no {kind} server: is it another server's port?")
}

/// What closed the connection instead of greeting.
pub(super) fn closed(place: &str, or: &str) -> String {
    format!("{place} closed the connection before it had answered: {}", elsewhere(or))
}

/// What it may be instead.
pub(super) fn elsewhere(or: &str) -> String {
    format!("is it another server's port, {or}")
}
