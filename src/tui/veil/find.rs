//! What in a line of text is an address, a name or a secret. It is found by how it is written, and by words that are known
//! to be one; what is doubtful counts as one, for a dot too many costs less than a name too many.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::core::clear::in_clear;

/// Words that are known, in small letters where nothing else is said.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// People, word by word.
    pub people: BTreeSet<String>,
    /// The words of their names that are ordinary words too, as they are written: `You` is somebody, `you` is not.
    pub written: BTreeSet<String>,
    /// Machines that have no dots in their name.
    pub hosts: BTreeSet<String>,
    /// The plan's own words, whole: never a host, nor a person.
    pub own: BTreeSet<String>,
}

/// The parts of a line that are to be covered. `more` is the sign that a word was cut there.
pub fn private(line: &str, known: &Known, more: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = in_clear(line).into_iter().map(|one| one.secret).collect();
    found.extend(handed_over(line));
    let mut before = "";
    for word in words(line) {
        let text = &line[word.clone()];
        if let Some(at) = text.find("://") {
            found.push(word.start + at + 3..word.end);
            before = text;
            continue;
        }
        if is_told(before) || is_random(text) || is_said(before, text) {
            found.push(word.clone());
            before = text;
            continue;
        }
        before = text;
        if let Some((_, value)) = text.split_once('=').filter(|(name, value)| names_secret(name) && !is_named(value)) {
            found.push(word.end - value.len()..word.end);
            continue;
        }
        for part in parts(line, &word) {
            let cut = line[part.end..].starts_with(more);
            let written = &line[part.clone()];
            let text = written.to_lowercase();
            if known.is_person(&text, cut)
                || known.is_written(written, cut)
                || known.is_host(&text, cut)
                || text.contains('@') && is_contact(&text)
            {
                found.push(part);
            }
        }
    }
    found.extend(numbers_to_call(line));
    found
}

/// Words as blanks part them, without the brackets and quotes around.
fn words(line: &str) -> impl Iterator<Item = Range<usize>> {
    let blank = |c: char| c.is_whitespace() || "\"'`()<>{}|".contains(c);
    ranges(line, 0, blank)
}

/// The parts of a word: what stands between commas, brackets, signs of equality; no stop or colon at its end.
fn parts<'l>(line: &'l str, word: &Range<usize>) -> impl Iterator<Item = Range<usize>> + use<'l> {
    let parting = |c: char| "=,;[]…~›".contains(c);
    ranges(&line[word.clone()], word.start, parting).filter_map(|part| {
        let text = line[part.clone()].trim_end_matches(['.', ':', '?', '!', '/']);
        (!text.is_empty()).then_some(part.start..part.start + text.len())
    })
}

fn ranges(text: &str, from: usize, ends: impl Fn(char) -> bool) -> impl Iterator<Item = Range<usize>> {
    let mut found = Vec::new();
    let mut start = 0;
    for (at, c) in text.char_indices() {
        if ends(c) {
            found.push(from + start..from + at);
            start = at + c.len_utf8();
        }
    }
    found.push(from + start..from + text.len());
    found.into_iter().filter(|range| !range.is_empty())
}

impl Known {
    /// Whether a word is somebody's name, or the beginning of one that was cut.
    fn is_person(&self, word: &str, cut: bool) -> bool {
        self.people.contains(word) || cut && self.people.iter().any(|name| name.starts_with(word))
    }

    /// The same of names that are ordinary words too.
    fn is_written(&self, word: &str, cut: bool) -> bool {
        self.written.contains(word) || cut && self.written.iter().any(|name| name.starts_with(word))
    }

    /// Whether a word is a machine, with its port and what stands behind it.
    fn is_host(&self, word: &str, cut: bool) -> bool {
        if word.starts_with(['.', '/', '~', '$', '-']) {
            return false;
        }
        let place = word.split('/').next().unwrap_or_default();
        let (name, port) = match place.rsplit_once(':') {
            Some((name, port)) if !name.contains(':') => (name, Some(port)),
            _ => (place, None),
        };
        let port = port.is_some_and(|port| (2..=5).contains(&port.len()) && port.chars().all(|c| c.is_ascii_digit()));
        let labels: Vec<&str> = name.split('.').collect();
        let written =
            |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
        let lettered = labels.first().is_some_and(|label| label.chars().any(char::is_alphabetic));
        let own = self.own.contains(word);
        if self.hosts.contains(name) || is_ip4(&labels) || is_ip6(place) {
            return true;
        }
        if own || !lettered || !labels.iter().all(written) {
            return false;
        }
        match labels.as_slice() {
            [_] => port,
            [.., last] => (last.len() >= 2 || cut) && last.chars().all(char::is_alphabetic) && !FILES.contains(last),
            [] => false,
        }
    }
}

/// Ends of names of files, which are no machines.
const FILES: [&str; 14] =
    ["toml", "sql", "py", "yml", "yaml", "json", "txt", "log", "conf", "md", "rb", "js", "sh", "service"];

fn is_ip4(labels: &[&str]) -> bool {
    labels.len() == 4 && labels.iter().all(|label| label.parse::<u8>().is_ok())
}

/// Groups of hexadecimal figures; a clock has no letters and no empty group.
fn is_ip6(text: &str) -> bool {
    let text = text.trim_matches(|c| c == '[' || c == ']');
    text.matches(':').count() >= 2
        && text.chars().all(|c| c.is_ascii_hexdigit() || c == ':')
        && (text.contains("::") || text.chars().any(|c| c.is_ascii_alphabetic()))
}

/// `ana@example.com`, `@ana`; not what stands for a filter.
fn is_contact(word: &str) -> bool {
    !["@mine", "@due"].contains(&word) && word.len() > 2
}

/// Whether a name says that its value is a secret.
fn names_secret(name: &str) -> bool {
    let name = name.to_lowercase();
    ["password", "passwd", "pwd", "secret", "token", "key", "auth", "credential"].iter().any(|word| name.contains(word))
}

/// Whether the word before says that this one is a secret: `--password hunter2`, `Bearer eyJ…`.
fn is_told(before: &str) -> bool {
    before == "Bearer" || before.starts_with("--") && !before.contains('=') && names_secret(before)
}

/// Whether the word before names a secret and this one is its value: `passwort: geheim12`, and not `password: ask the lead`.
fn is_said(before: &str, word: &str) -> bool {
    let Some(name) = before.strip_suffix(':').map(str::to_lowercase) else { return false };
    let figure = word.chars().any(|c| c.is_ascii_digit());
    let known = ["password", "passwort", "passwd", "pwd", "kennwort", "passphrase", "token", "secret"];
    known.iter().any(|known| name.ends_with(known)) && figure && word.len() >= 4 && !is_named(word)
}

/// What is given to a program where everybody sees it: `curl -u ana:hunter2`, `mysql -phunter2`, `sshpass -p hunter2`.
fn handed_over(line: &str) -> Vec<Range<usize>> {
    let (mut program, mut before) = ("", "");
    let mut found = Vec::new();
    for word in words(line) {
        let text = &line[word.clone()];
        let glued = text.strip_prefix("-p").filter(|rest| !rest.is_empty());
        match program {
            "curl" if ["-u", "--user"].contains(&before) => {
                let secret = text.split_once(':').filter(|(_, secret)| !is_named(secret));
                found.extend(secret.map(|(_, secret)| word.end - secret.len()..word.end));
            }
            "mysql" | "mysqldump" | "mysqladmin" | "mariadb" => {
                found.extend(glued.filter(|secret| !is_named(secret)).map(|secret| word.end - secret.len()..word.end));
            }
            "sshpass" if before == "-p" && !is_named(text) => found.push(word.clone()),
            "sshpass" => found.extend(glued.map(|secret| word.end - secret.len()..word.end)),
            "redis-cli" if before == "-a" && !is_named(text) => found.push(word.clone()),
            _ => {}
        }
        let name = text.rsplit('/').next().unwrap_or(text);
        if ["curl", "mysql", "mysqldump", "mysqladmin", "mariadb", "sshpass", "redis-cli"].contains(&name) {
            program = name;
        } else if ["|", ";", "&&", "||"].contains(&text) {
            program = "";
        }
        before = text;
    }
    found
}

/// Whether a value only says where the secret is.
fn is_named(value: &str) -> bool {
    value.is_empty() || value.starts_with('$')
}

/// Whether a word is long and looks like no word: a key, a token, a hash.
fn is_random(word: &str) -> bool {
    let figures = word.chars().filter(char::is_ascii_digit).count();
    let letters = word.chars().filter(char::is_ascii_alphabetic).count();
    let written = word.chars().all(|c| c.is_ascii_alphanumeric() || "+/_=-".contains(c));
    word.len() >= 20 && written && figures >= 3 && letters >= 3 && !word.starts_with(['/', '-'])
}

/// Telephone numbers: `+49 30 123456`.
fn numbers_to_call(line: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for (at, _) in line.match_indices('+') {
        let stands_alone = line[..at].chars().next_back().is_none_or(char::is_whitespace);
        let rest = &line[at + 1..];
        let end = rest.find(|c: char| !c.is_ascii_digit() && !" -/()".contains(c)).unwrap_or(rest.len());
        let number = rest[..end].split("  ").next().unwrap_or_default().trim_end();
        let digits = number.chars().filter(char::is_ascii_digit).count();
        let clock = rest[number.len()..].starts_with(':');
        if stands_alone && digits >= 5 && !clock && number.starts_with(|c: char| c.is_ascii_digit()) {
            found.push(at..at + 1 + number.len());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn covered(line: &str) -> String {
        let words = |all: &[&str]| all.iter().map(|word| (*word).to_owned()).collect();
        let known = Known {
            people: words(&["ana", "weber", "benjamin"]),
            written: words(&["You", "Will", "Long"]),
            hosts: words(&["db1"]),
            own: words(&["errors", "errors.value", "share-25", "share-25.started", "wallet"]),
        };
        let mut text: Vec<char> = Vec::new();
        let found = private(line, &known, "…");
        for (at, c) in line.char_indices() {
            text.push(if found.iter().any(|range| range.contains(&at)) { '*' } else { c });
        }
        text.into_iter().collect()
    }

    #[test]
    fn names_addresses_and_secrets_are_covered() {
        for (line, expected) in [
            ("ana: vacuum is done", "***: vacuum is done"),
            ("HOLD Ana 0:12", "HOLD *** 0:12"),
            ("by Ana Weber (declared)", "by *** ***** (declared)"),
            ("by Benj… at 02:10", "by ****… at 02:10"),
            ("ask ana's boss", "ask ***'s boss"),
            ("GET https://wallet.example/pay?x=1 → 502", "GET https://********************** → 502"),
            ("psql -h db1 -p 5432", "psql -h *** -p 5432"),
            ("wallet.example 46.3 ms", "************** 46.3 ms"),
            ("to db-2:5432, db-3:5432", "to *********, *********"),
            ("ssh deploy@web-3 restart", "ssh ************ restart"),
            ("node wallet-7.internal is slow", "node ***************** is slow"),
            ("node wallet-7.inter…", "node **************…"),
            ("10.0.12.7:9090 and fe80::1 refuse", "************** and ******* refuse"),
            ("DB_PASSWORD=hunter2 ./deploy.sh", "DB_PASSWORD=******* ./deploy.sh"),
            ("curl --token abc123 x", "curl --token ****** x"),
            ("Authorization: Bearer abc", "Authorization: Bearer ***"),
            ("key AKIAIOSFODNN7EXAMPLE12 is old", "key ********************** is old"),
            ("key AKIAIOSFODNN7EXAMPLE, old", "key ********************, old"),
            ("ghp_abcdefghijklmnopqrstuvwxyzabcdefghij", "****************************************"),
            ("the token: s3cr3tvalueXYZ", "the token: **************"),
            ("passwort: geheim12.", "passwort: *********"),
            ("curl -fsS -u app:hunter2 h", "curl -fsS -u app:******* h"),
            ("mysql -u app -phunter2 shop", "mysql -u app -p******* shop"),
            ("sshpass -p hunter2 x", "sshpass -p ******* x"),
            ("DB_PASSWD=\"hunter22\" x", "DB_PASSWD=\"********\" x"),
            ("Will Long is on it, You too", "**** **** is on it, *** too"),
            ("lead Wi… ", "lead **… "),
            ("call +49 30 901820 now", "call ************* now"),
            ("mail ana@example.com", "mail ***************"),
        ] {
            assert_eq!(covered(line), expected);
        }
    }

    #[test]
    fn what_a_launch_is_about_stays() {
        for line in [
            "errors[green] 6.10 % > 1 %, blue 0.05 %   2:10 / 3:00   asks: back to blue?",
            "Wallet v1.0.0  LIVE production  no hold  02:42:10 CET  window to 04:00  T+00:42:10",
            "share-25.started + 2m, at = T+30m, 1:12:11 left, in ~9:40",
            "$ ./weight.sh 25 && /usr/bin/psql -f plans/scripts/migrate.sql plan.toml",
            "errors.value is unknown; 1,840 ms; 3.2/s; 34/96; +2  A next; PASSWORD=$DB_PASSWORD",
            "you are on it; it will take long; what will you do?",
            "psql -p 5432 -h shop; docker run -u 1000:1000 app; ls | grep -p x",
            "password: ask the lead; token: none; secret: PRIMARY_URL is not set; make -j4 -pn",
            "on-call to 16:00, SEV2  respond in 4:10, 2026-11-22 16:04:40 UTC",
        ] {
            assert_eq!(covered(line), line);
        }
    }
}
