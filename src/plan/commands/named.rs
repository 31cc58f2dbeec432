//! Secrets in clear by the name that they stand under: `db_password = "hunter22"`. A name that only speaks of one, as
//! `token_url` and `password_file`, holds none.

/// Whether what stands under a name is a secret that is written out.
pub fn in_clear(name: &str, value: &str) -> bool {
    let words = words_of(name);
    let ends =
        |with: &&[&str]| words.len() >= with.len() && words.iter().rev().zip(with.iter().rev()).all(|(a, b)| a == b);
    let password = PASSWORDS.iter().any(|with| ends(&with.as_slice()));
    let other = OTHERS.iter().any(ends);
    // A person may choose any word for a password; a token is made up by a machine, and what is not is the name of one.
    (password || (other && !is_name(value))) && is_written(value)
}

/// What the name of a password ends with.
const PASSWORDS: &[[&str; 1]] = &[["password"], ["passwd"], ["passphrase"], ["pwd"], ["dbpass"], ["userpass"]];

/// What the name of another secret ends with.
const OTHERS: &[&[&str]] = &[
    &["secret"],
    &["pass"],
    &["token"],
    &["jwt"],
    &["apikey"],
    &["api", "key"],
    &["access", "key"],
    &["secret", "key"],
    &["private", "key"],
    &["signing", "key"],
    &["encryption", "key"],
    &["auth", "key"],
];

/// The words of a name in small letters: `apiKey`, `API_KEY` and `X-Api-Key` end with api and key.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut small = false;
    for c in name.chars() {
        if !c.is_alphanumeric() || (small && c.is_uppercase()) {
            words.push(String::new());
        }
        small = c.is_lowercase();
        words.last_mut().filter(|_| c.is_alphanumeric()).into_iter().for_each(|word| word.extend(c.to_lowercase()));
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a value is itself written out: no reference, blank, path, address, sentence, or name of a variable.
fn is_written(value: &str) -> bool {
    let elsewhere = value.contains("${") || value.contains("://") || value.contains(char::is_whitespace);
    let begins = value.starts_with(['$', '/', '.', '~', '<', '{', '[', '@', '`']);
    let variable =
        value.contains('_') && value.chars().all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    let state = ["true", "false", "none", "null", "prompt", "required", "disabled"].contains(&value);
    value.len() >= 4 && !elsewhere && !begins && !variable && !state
}

/// Whether a value is made of words and small numbers, as names are: `wallet-tls-v2`, `Payments`, `4096`.
fn is_name(value: &str) -> bool {
    let word = |part: &str| {
        let letters = part.trim_end_matches(|c: char| c.is_ascii_digit());
        let case = letters.chars().skip(1).all(char::is_lowercase) || letters.chars().all(char::is_uppercase);
        case && letters.len() < 16 && part.len() - letters.len() <= if letters.is_empty() { 6 } else { 3 }
    };
    value.split(|c: char| !c.is_alphanumeric()).all(word)
}
