//! How texts of the plan are written, for its JSON Schema alone: what `tminus check` refuses by its form, an editor
//! underlines too. A text with a variable in it may become anything, so it is taken.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::vars::SHELL;
use crate::core::notice::NoticeKind;
use crate::core::time::SPAN;

/// A letter or digit of any script; what else is beyond ASCII is left to `tminus check`. Not every editor's patterns know
/// `\p{L}`.
const LETTER: &str = r"([A-Za-z0-9]|[^\x00-\x7F])";

/// A pattern, or any text with a variable in it.
fn or_variable(pattern: &str) -> String {
    format!(r"{pattern}|\$\{{")
}

/// One form a line: its name, what it is, and what it takes beside texts.
macro_rules! forms {
    ($($name:ident: $what:literal, $form:expr;)*) => {
        $(
            #[doc = $what]
            pub struct $name;

            impl JsonSchema for $name {
                fn schema_name() -> Cow<'static, str> {
                    stringify!($name).into()
                }
                fn json_schema(_: &mut SchemaGenerator) -> Schema {
                    let mut schema = json_schema!({ "type": "string", "description": $what });
                    let form: Value = $form;
                    form.as_object().into_iter().flatten().for_each(|(key, value)| {
                        schema.insert(key.clone(), value.clone());
                    });
                    schema
                }
            }
        )*
    };
}

forms! {
    Id: "Letters, digits, - _ and ., at most 64.",
        json!({ "pattern": or_variable(&format!("^{LETTER}({LETTER}|[._-]){{0,63}}$")) });
    ProbeId: "Letters, digits, - and _, at most 64; no word of conditions.",
        json!({
            "pattern": or_variable(&format!("^{LETTER}({LETTER}|[_-]){{0,63}}$")),
            "not": { "enum": ["and", "or", "not", "is", "baseline", "for", "of"] }
        });
    Some: "A length of time, longer than nothing: 250ms, 30s, 5m, 2h, 1h30m, 3d.",
        json!({
            "pattern": or_variable(&format!(r"^\s*({SPAN})+\s*$")),
            "allOf": [{ "pattern": or_variable("[1-9]") }]
        });
    Least: "A length of time, 0s or longer: 0s, 30s, 5m, 2h, 1h30m, 3d.",
        json!({ "pattern": or_variable(&format!(r"^\s*({SPAN})+\s*$")) });
    Shell: "A command, with more than comments in it.",
        json!({ "pattern": r"(^|\n)[ \t\r]*[^#\s]" });
    Notices: "What is told: one or a list of these.",
        {
            let one = json!({ "enum": NoticeKind::PLANNED.map(NoticeKind::name) });
            json!({ "type": ["string", "array"], "anyOf": [one, { "type": "array", "minItems": 1, "items": one }] })
        };
    Moment: "A moment of a scenario: T+5m, share-25.started + 2m, share-25.done, share-25.failed, rollback.done.",
        json!({
            "pattern": format!(
                r"^\s*(T[+-]({SPAN}|0)+|.+\.(started|done|failed)\s*(\+\s*({SPAN})+)?)\s*$"
            )
        });
    Boxes: "Some words, or a list of them without one twice.",
        {
            let words = json!({ "type": "string", "pattern": r"\S" });
            let list = json!({ "type": "array", "items": words, "uniqueItems": true });
            json!({ "type": ["string", "array"], "anyOf": [words, list] })
        };
    Words: "Some words.",
        json!({ "pattern": r"\S" });
    Reference: "Where a secret's value is: ${env:NAME} or ${file:/path}; never the value.",
        json!({ "pattern": r"^\$\{(env|file):.+\}$" });
}

/// What names of variables and secrets must be: those that a shell takes and leaves alone.
pub(super) fn names() -> Value {
    json!({
        "pattern": "^[A-Za-z_][A-Za-z0-9_]*$",
        "not": { "anyOf": [{ "enum": SHELL }, { "pattern": "^(BASH|LD_|DYLD_|TMINUS_)" }] }
    })
}
