//! Known secrets, in all forms in which they could come out, and where bytes have one.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use regex::bytes::Regex;

/// What is looked for: which secret, in which form.
pub struct Needles {
    all: Vec<(String, Vec<u8>)>,
    any: Regex,
}

impl Needles {
    /// Of some secrets by name.
    pub fn of(secrets: &[(&str, String)]) -> Self {
        let mut all: Vec<(String, Vec<u8>)> = Vec::new();
        for (name, value) in secrets {
            let mut add = |form: &str, text: &[u8]| all.push((format!("{name}, {form}"), text.to_vec()));
            add("as it is", value.as_bytes());
            for (form, text) in urls(value).iter().enumerate() {
                add(&format!("%-encoded {form}"), text.as_bytes());
            }
            add("in JSON", serde_json::to_string(value).unwrap().trim_matches('"').as_bytes());
            let hex = value.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
            add("in hex", hex.as_bytes());
            add("in HEX", hex.to_uppercase().as_bytes());
            for at in 0..3 {
                for (alphabet, engine) in [("base64", STANDARD), ("base64url", URL_SAFE)] {
                    let whole = engine.encode(["xyz".as_bytes().get(..at).unwrap(), value.as_bytes()].concat());
                    // Only characters that are of the secret alone.
                    let (from, to) = ((8 * at).div_ceil(6), 8 * (at + value.len()) / 6);
                    add(&format!("{alphabet} at {at}"), whole.as_bytes().get(from..to).unwrap());
                }
            }
        }
        let forms = all.iter().map(|(_, form)| form.iter().map(|byte| format!(r"\x{byte:02x}")).collect::<String>());
        let forms: Vec<String> = forms.collect();
        Self { all, any: regex::bytes::RegexBuilder::new(&forms.join("|")).unicode(false).build().unwrap() }
    }

    /// Which forms stand in some bytes, or do so without the ends of lines; each once, with what stands around it.
    pub fn found(&self, bytes: &[u8]) -> BTreeSet<String> {
        let joined: Vec<u8> = bytes.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect();
        let mut found = BTreeSet::new();
        for bytes in [bytes, &joined] {
            for hit in self.any.find_iter(bytes) {
                let around = hit.start().saturating_sub(60)..(hit.end() + 20).min(bytes.len());
                let names = self.all.iter().filter(|(_, form)| form == hit.as_bytes()).map(|(name, _)| name.as_str());
                let names = names.collect::<Vec<_>>().join(" or ");
                found.insert(format!("{names}: {:?}", String::from_utf8_lossy(&bytes[around])));
            }
        }
        found
    }
}

/// As URLs have it: all that is no letter or digit encoded, in capitals and small; and as forms send it.
pub fn urls(value: &str) -> Vec<String> {
    let encoded = |small: bool| {
        let one = |byte: u8| match byte {
            b if b.is_ascii_alphanumeric() => char::from(b).to_string(),
            b if small => format!("%{b:02x}"),
            b => format!("%{b:02X}"),
        };
        value.bytes().map(one).collect::<String>()
    };
    vec![encoded(false), encoded(true), url::form_urlencoded::byte_serialize(value.as_bytes()).collect()]
}

/// How a server or a command may say it: as it is, with words before it so that whoever cuts it off cuts through it, and
/// encoded, also as a part of something longer.
pub fn said(value: &str) -> Vec<String> {
    let mut all = vec![value.to_owned(), format!("{} {value}", "far from the beginning of the line, ".repeat(3))];
    for before in ["", "u", "me", "me:", "user:"] {
        all.push(STANDARD.encode(format!("{before}{value}")));
        all.push(URL_SAFE.encode(format!("{before}{value}:more")).trim_end_matches('=').to_owned());
    }
    all.extend(urls(value));
    all.push(serde_json::to_string(value).unwrap());
    all.push(value.bytes().map(|byte| format!("{byte:02x}")).collect());
    all
}

#[test]
fn what_is_looked_for_is_found() {
    let needles = Needles::of(&[("token", "s3cr3t/+? \"word".to_owned())]);
    for text in said("s3cr3t/+? \"word") {
        assert!(!needles.found(format!("a {text} b").as_bytes()).is_empty(), "{text}");
    }
    let lines = STANDARD.encode("me:s3cr3t/+? \"word").as_bytes().chunks(5).collect::<Vec<_>>().join(&b"\r\n"[..]);
    assert!(!needles.found(&lines).is_empty());
    assert!(needles.found(b"nothing of the kind: s3cr3t").is_empty());
}
