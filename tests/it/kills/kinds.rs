//! Every kind of event that there is, as the source names them: one that is added and never met is noticed.

use serde_json::Value;
use tminus::core::event::Recorded;

/// Where a kind is written, and what goes before its name.
const SOURCES: &[(&str, &str, &str)] = &[
    ("", "pub enum Event {", include_str!("../../../src/core/event.rs")),
    ("notice ", "pub enum Fact {", include_str!("../../../src/core/notice.rs")),
    ("check ", "pub enum CheckFact {", include_str!("../../../src/core/watch.rs")),
    ("shift ", "pub enum Fact {", include_str!("../../../src/core/shift.rs")),
];

/// Those that no engine of ours emits while it lives, and why.
const NEVER: &[(&str, &str)] = &[
    ("unknown", "stands for what a newer version wrote"),
    ("notice unknown", "the same"),
    ("check unknown", "the same"),
    ("shift unknown", "the same"),
    ("opened", "before it there is no launch, and no engine that could die; `launch` gives its first sign after it"),
    ("written-late", "only where a journal can't be written; `disk` meets it"),
    // What they wrap is counted by itself.
    ("notice", "has kinds of its own"),
    ("check", "has kinds of its own"),
    ("shift", "has kinds of its own"),
];

/// All that must be met.
pub fn all() -> Vec<String> {
    let each = SOURCES.iter().flat_map(|(before, head, text)| {
        let (_, body) = text.split_once(head).unwrap();
        let (body, _) = body.split_once("\n}").unwrap();
        let names = body
            .lines()
            .filter_map(|line| line.strip_prefix("    "))
            .filter(|line| line.starts_with(char::is_uppercase));
        names.map(move |line| format!("{before}{}", kebab(line.split(|c: char| !c.is_alphanumeric()).next().unwrap())))
    });
    each.filter(|kind| !NEVER.iter().any(|(never, _)| never == kind)).collect()
}

/// `StepDone` as it stands in a journal: `step-done`; with a number, `T0Moved`: `t0-moved`.
fn kebab(name: &str) -> String {
    let mut out = String::new();
    for (at, c) in name.char_indices() {
        if c.is_uppercase() && at > 0 {
            out.push('-');
        }
        out.extend(c.to_lowercase());
    }
    out
}

/// The kind of an event, as in [`all`].
pub fn kind(recorded: &Recorded) -> String {
    let json = serde_json::to_value(&recorded.event).unwrap();
    let text = |key: &str| json.get(key).and_then(Value::as_str).map(str::to_owned);
    [text("type"), text("fact")].into_iter().flatten().collect::<Vec<_>>().join(" ")
}
