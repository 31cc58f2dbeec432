//! What the subcommands print for machines. JSON lets most characters stand as they are; a terminal obeys some of them and
//! hides others, and people look at JSON too. Those are escaped: any reader of JSON gets the same text.

use serde::Serialize;

use crate::core::text::Shown;

/// A value as JSON on one line.
pub fn line(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(value).map(|text| escaped(&text))
}

/// A value as JSON that people can read.
pub fn pretty(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(|text| escaped(&text))
}

/// Outside of its texts JSON has no such character but for the ends of lines, which no text has.
fn escaped(json: &str) -> String {
    let mut safe = String::with_capacity(json.len());
    let mut shown = Shown::default();
    for c in json.chars() {
        if c != '\n' && (!shown.is(c) || matches!(c, '\u{2028}' | '\u{2029}')) {
            let mut units = [0; 2];
            safe.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_obeys_or_hides_is_escaped_and_reads_as_it_was() {
        let text = "a\u{1b}[2J \u{9b}2J \u{7f} \u{202e}drow \u{200b}\u{2028} \u{e0041} \"\\u009b\" äß 日本 👩‍🚀 e\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\u{301}\n";
        let value = serde_json::json!({ text: [text] });
        for said in [line(&value).unwrap(), pretty(&value).unwrap()] {
            let mut shown = Shown::default();
            assert!(said.chars().all(|c| c == '\n' || shown.is(c)), "{said:?}");
            assert!(
                said.contains("\\u009b2J") && said.contains("\\udb40\\udc41") && said.contains("äß 日本 👩‍🚀"),
                "{said}"
            );
            assert_eq!(serde_json::from_str::<serde_json::Value>(&said).unwrap(), value);
        }
        assert!(pretty(&value).unwrap().lines().count() > 3);
    }
}
