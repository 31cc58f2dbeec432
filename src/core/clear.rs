//! Secrets in clear, as far as a text shows by its form that it is one: the keys of known services, passwords in addresses, and
//! values that look like one behind a name that says so. `tminus check` warns of them, and the screen covers them.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A secret that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InClear {
    /// With what says that it is one, in bytes of the text: `DB_PASSWORD=hunter22`.
    pub at: Range<usize>,
    /// Itself: `hunter22`.
    pub secret: Range<usize>,
}

/// The secrets in a text. Two may overlap.
pub fn in_clear(text: &str) -> Vec<InClear> {
    let mut all = Vec::new();
    for pattern in [&SECRET, &NAMED] {
        for found in pattern.iter().flat_map(|pattern| pattern.captures_iter(text)) {
            let part = |names: &[&str]| names.iter().find_map(|name| found.name(name)).map(|part| part.range());
            let whole = found.get(0).map_or(0..0, |whole| whole.range());
            let at = part(&["x"]).unwrap_or(whole);
            let secret = part(&["x", "value", "basic", "aws", "url", "password"]).unwrap_or_else(|| at.clone());
            if found.name("value").is_none_or(|value| opaque(value.as_str())) {
                all.push(InClear { at, secret });
            }
        }
    }
    all
}

/// Whether a value looks made up by a machine: eight letters and digits in a row, both among them.
pub fn opaque(value: &str) -> bool {
    let row = |part: &str| {
        let digits = part.bytes().filter(u8::is_ascii_digit).count();
        part.len() >= 8 && digits > 0 && digits < part.len()
    };
    value.split(|c: char| !c.is_ascii_alphanumeric()).any(row)
}

/// What is a secret wherever it stands.
static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b(?:[rs]k_live_|[rs]k_test_|rzp_live_|rzp_test_|whsec_|ghp_|gho_|github_pat_|glpat-|xox[abps]-|sntry[su]_)[A-Za-z0-9_-]{8,}",
        r"|\bsk-(?:[a-z0-9]{2,8}-){0,2}[A-Za-z0-9_]{16,}|\beyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{4,}[A-Za-z0-9_.-]*",
        r"|\bnpm_[A-Za-z0-9]{30,}|\bre_[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}",
        r"|\bAKIA[0-9A-Z]{16}\b|\bAIza[A-Za-z0-9_-]{30,}",
        r"|-----BEGIN [A-Z ]*PRIVATE KEY-----",
        r"|(?i:aws_secret_access_key[\x22']?\s*[=:]\s*[\x22']?)(?P<aws>[A-Za-z0-9/+]{40})",
        r"|hooks\.slack\.com/services/[A-Za-z0-9/]+",
        r"|(?i:bearer)\s+(?P<x>[A-Za-z0-9._~+/-]{20,}=*)",
        r"|(?i:authorization:\s*basic\s+)(?P<basic>[A-Za-z0-9+/]{6,}=*)",
        r"|(?i:postgres|postgresql|mysql|redis|rediss|mongodb|amqp|https?)://[^\s:@/'\x22]*:(?P<url>[^\s$@/'\x22{}<\[]{3,})@",
        r"|(?i:[a-z_]*(?:password|passwd))=['\x22]?(?P<password>[^\s$'\x22<{&|;/]{6,})",
    ))
    .ok()
});

/// What is one by its name, where the value looks like one too: `X-Api-Key: …`, `AWS_SECRET_ACCESS_KEY=…`, and TOML.
static NAMED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:[a-z_-]*(?:password|passwd|secret|token|(?:api|access|private|secret|signing|auth)[_-]?key)",
        r"(?:\s*:\s*|=['\x22]?|\s+=\s+['\x22])|authorization['\x22]?\s*[:=]\s*['\x22]?(?:bearer|token)\s+)(?P<value>[^\s$'\x22<>{}&|;/]{8,})",
    ))
    .ok()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_known_by_its_form_and_parted_from_what_names_it() {
        assert!(SECRET.is_some() && NAMED.is_some(), "the patterns can be read");
        for (text, at, secret) in [
            ("key AKIAIOSFODNN7EXAMPLE is old", "AKIAIOSFODNN7EXAMPLE", "AKIAIOSFODNN7EXAMPLE"),
            ("ghp_aaaaaaaaaaaa", "ghp_aaaaaaaaaaaa", "ghp_aaaaaaaaaaaa"),
            ("DB_PASSWORD=hunter22 ./x", "DB_PASSWORD=hunter22", "hunter22"),
            ("psql postgres://app:hunter22@db/app", "postgres://app:hunter22@", "hunter22"),
            ("-H 'X-Api-Key: 9f8e7d6c5b4a'", "X-Api-Key: 9f8e7d6c5b4a", "9f8e7d6c5b4a"),
            (
                "Authorization: Basic YWRtaW46aHVudGVyMjI=",
                "Authorization: Basic YWRtaW46aHVudGVyMjI=",
                "YWRtaW46aHVudGVyMjI=",
            ),
        ] {
            let found = in_clear(text).into_iter().next().map(|f| (text[f.at].to_owned(), text[f.secret].to_owned()));
            assert_eq!(found, Some((at.to_owned(), secret.to_owned())), "{text}");
        }
        for text in ["./x $token", "DB_PASSWORD=$pw ./x", "token: none", "AKIA is a prefix"] {
            assert_eq!(in_clear(text), [], "{text}");
        }
    }
}
