//! Secrets in clear and blanks to fill in: by their look in any text, by where they stand in a command.

use std::sync::LazyLock;

use regex::Regex;

use super::Remark;
use super::shell::Word;
use super::unwrap::{Run, cluster, program};
use crate::core::clear::{in_clear, opaque};

pub(super) const IN_CLEAR: &str = "this looks like a secret in clear: put a reference in [secrets], as \"${env:NAME}\"";

/// The remarks on any text.
pub(super) fn on_text(text: &str) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    let blank = "this is a blank to fill in";
    for found in in_clear(text) {
        if !remarks.iter().any(|r| r.at.start < found.at.end && found.at.start < r.at.end) {
            remarks.push(Remark { at: found.at, why: IN_CLEAR.to_owned() });
        }
    }
    for pattern in [&BLANK, &BRACKETS, &OPEN, &DAY] {
        for found in pattern.iter().flat_map(|p| p.captures_iter(text)) {
            let Some(at) = found.name("x").or(found.name("day")).or_else(|| found.get(0)).map(|m| m.range()) else {
                continue;
            };
            // `to_char(now(), 'x_YYYYMMDD')` is a form of a date, not a date.
            let form = found.name("day").is_some() && FORMS.iter().any(|f| text[..at.start].to_lowercase().contains(f));
            // `<<EOT > file` is a document that follows.
            let here = text[..at.start].ends_with('<') && text[at.clone()].starts_with('<');
            if !here && !form && !remarks.iter().any(|r| r.at.start < at.end && at.start < r.at.end) {
                remarks.push(Remark { at, why: blank.to_owned() });
            }
        }
    }
    remarks
}

/// A secret that is given to a program in a place where everybody sees it: `mysql -phunter22`, `curl -u me:hunter22`.
pub(super) fn on_words(run: &Run) -> Option<Remark> {
    let words = &run.command.words;
    let name = program(words);
    let secret = words.iter().enumerate().skip(1).find_map(|(at, word)| {
        let next = words.get(at + 1);
        let here = |w: &Word| Some(w.clone());
        match name {
            "mysql" | "mysqldump" | "mysqladmin" | "mariadb" => {
                word.text.strip_prefix("-p").filter(|p| clear(p)).and_then(|_| here(word))
            }
            "curl" if word.text == "--user" || cluster(&word.text).is_some_and(|c| c.ends_with('u')) => {
                next.filter(|w| w.text.split_once(':').is_some_and(|(_, p)| clear(p))).cloned()
            }
            // `docker login -p hunter22`, `-phunter22`.
            "docker" | "podman" | "helm" | "oras"
                if word.text.starts_with("-p") && words.iter().any(|w| w.text == "login") =>
            {
                let rest = word.text[2..].trim_start_matches('=');
                if rest.is_empty() {
                    next.filter(|w| clear(&w.text)).cloned()
                } else {
                    here(word).filter(|_| clear(rest))
                }
            }
            "kubectl" | "oc" if words.iter().any(|w| w.text == "secret") => {
                let behind = words[at - 1].text == "--from-literal";
                let literal = word.text.strip_prefix("--from-literal=").or(behind.then_some(word.text.as_str()));
                literal.and_then(|l| l.split_once('=')).filter(|(_, value)| clear(value)).and_then(|_| here(word))
            }
            "aws" if behind(words, at, &["configure", "set"]) => {
                let named = ["secret_access_key", "session_token"].iter().any(|name| word.text.ends_with(name));
                next.filter(|w| named && clear(&w.text)).cloned()
            }
            "sshpass" if word.text == "-p" => next.filter(|w| clear(&w.text)).cloned(),
            "redis-cli" if word.text == "-a" => next.filter(|w| clear(&w.text)).cloned(),
            _ if word.text.starts_with("--") && word.text.ends_with("password") => {
                next.filter(|w| clear(&w.text) && w.text.len() >= 6).cloned()
            }
            _ if ["--token", "--secret", "--api-key"].contains(&word.text.as_str()) => {
                next.filter(|w| opaque(&w.text)).cloned()
            }
            _ => None,
        }
    })?;
    Some(Remark { at: secret.at, why: IN_CLEAR.to_owned() })
}

/// Whether these words stand before the one at a place.
fn behind(words: &[Word], at: usize, before: &[&str]) -> bool {
    let begin = at.checked_sub(before.len());
    begin
        .and_then(|begin| words.get(begin..at))
        .is_some_and(|all| all.iter().map(|w| w.text.as_str()).eq(before.iter().copied()))
}

/// Whether a value is written out: no expansion, path, blank or option.
fn clear(value: &str) -> bool {
    !value.is_empty() && !value.starts_with(['$', '/', '<', '{', '-', '.', '~', '@', '`']) && !value.contains("$(")
}

static BLANK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"_{4,}|<[A-Z](?:[A-Z0-9_ -]*[A-Z0-9_])?>|\bYOUR_[A-Z0-9_]+",
        r"|\b(?:TODO|FIXME|TBD|CHANGE_?ME)\b|(?:^|[\s'\x22=])(?P<x>XXX+)\b",
        r"|<[A-Z][a-z]+(?: [A-Za-z]+)+>|<(?:your|the) [a-z]+(?: [a-z]+)*>|<[a-z]+(?:[_-][a-z]+)+>|<(?:role|name|host|user|team|date|time|url|person|version|owner)>",
        r"|\{\{\s*[A-Z][A-Z0-9_]*\s*\}\}",
        r"|\[(?:[a-z]+[_-])+(?:host|bucket|name|url|domain|email|number|user|channel|link|database|server|id)\]",
        r"|\byour-(?:domain|company|site|app|org|bucket|project|server|host)\b(?:\.[a-z]+)*",
    ))
    .ok()
});

/// What somebody still has to say, as a word of its own: `tbd`, `???`, `to be decided`.
static OPEN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let word = r"(?i:tbd|tba|fixme|to be (?:defined|decided|determined|announced))|\?{3,}";
    Regex::new(&format!(r"(?:^|[\s'\x22=:(])(?P<x>{word})(?:[\s'\x22),.;:!]|$)")).ok()
});

/// The day in a file's name, which nobody has put there: `backup_YYYYMMDD.sql`.
static DAY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let day = "(?:YYYY[-_]?MM[-_]?DD|yyyy[-_]?mm[-_]?dd)(?:[-_T]?(?:HH[-_]?MM|hh[-_]?mm)(?:[-_]?(?:SS|ss))?)?";
    Regex::new(&format!(r"[A-Za-z0-9][._-](?P<day>{day})(?:[^A-Za-z0-9]|$)|\b(?P<x>{day})\.[a-z]{{2,4}}\b")).ok()
});

/// What stands before the form of a date that a program fills in.
const FORMS: &[&str] = &["to_char", "to_date", "to_timestamp", "format", "strftime", "pattern"];

/// A name in brackets where no instance stands: in a URL or a file's name, or alone in quotes.
static BRACKETS: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let name = concat!(
        r"\[(?:[a-z]+[ _-])*(?:password|passwd|user|username|host|hostname|port|database|db|domain|region|bucket|token",
        r"|name|version|date|time|timestamp|ip|id|email|phone|number|team|role|url|link|channel)\]",
    );
    Regex::new(&format!(r"(?i)[:@/_-](?P<x>{name})|['\x22]{name}['\x22]")).ok()
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_and_blanks_in_any_text() {
        for (text, part) in [
            ("export STRIPE=sk_live_abcdefghijklmnop", "sk_live_abcdefghijklmnop"),
            ("psql -c x postgres://app:hunter22@db/app", "postgres://app:hunter22@"),
            ("curl -f -H 'Authorization: Bearer abcdefghijklmnopqrstuvwx' h", "abcdefghijklmnopqrstuvwx"),
            ("curl -f -H \"Authorization: Bearer sk_live_51Habcdef\" h", "sk_live_51Habcdef"),
            ("curl -f -H 'Authorization: Bearer 51Habcdefg' h", "Authorization: Bearer 51Habcdefg"),
            ("echo sk-proj-abcdefghijklmnopqrstuvwx", "sk-proj-abcdefghijklmnopqrstuvwx"),
            ("curl -f -H 'X: eyJhbGciOiJI.eyJzdWIi.abc-d_e' h", "eyJhbGciOiJI.eyJzdWIi.abc-d_e"),
            ("DB_PASSWORD=hunter22 ./x", "DB_PASSWORD=hunter22"),
            ("-H 'X-Api-Key: 9f8e7d6c5b4a'", "X-Api-Key: 9f8e7d6c5b4a"),
            ("-H 'Authorization: Basic YWRtaW46aHVudGVyMjI='", "Authorization: Basic YWRtaW46aHVudGVyMjI="),
            (
                "export AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
            ),
            ("AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI7MDENG ./x", "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI7MDENG"),
            ("db_password = \"hunter22xyz\"", "db_password = \"hunter22xyz"),
            ("./restore.sh ____", "____"),
            ("call <ON_CALL>", "<ON_CALL>"),
            ("call <role>", "<role>"),
            ("call the <Release Manager>", "<Release Manager>"),
            ("call <your name>", "<your name>"),
            ("ssh <the db host>", "<the db host>"),
            ("aws s3 ls s3://[backup-bucket]/x", "[backup-bucket]"),
            ("ssh {{HOST}} ls", "{{HOST}}"),
            ("https://your-domain.com/health", "your-domain.com"),
            ("key=YOUR_API_KEY", "YOUR_API_KEY"),
            ("TODO", "TODO"),
            ("owner = 'tbd'", "tbd"),
            ("loses: TBD", "TBD"),
            ("title = \"???\"", "???"),
            ("ask Ana (to be decided)", "to be decided"),
            ("./restore.sh # fixme: which one", "fixme"),
            ("FIXME", "FIXME"),
            ("pg_restore backup_YYYYMMDD.sql", "YYYYMMDD"),
            ("aws s3 cp s3://x/YYYY-MM-DD.dump .", "YYYY-MM-DD"),
            ("./restore db-yyyymmdd-hhmm", "yyyymmdd-hhmm"),
        ] {
            let first = on_text(text).into_iter().next().map(|r| text[r.at].to_owned());
            assert_eq!(first.as_deref(), Some(part), "{text}");
        }
        for text in r#"./x "$token"
            psql -c x "postgres://app:$pw@db"
            DB_PASSWORD=$pw ./x
            a < b > c
            __init__
            ./re_deploy_everything.sh
            pip install sk-learn-contrib
            ./task-runner-productionclusters
            ls disk-abcdefghijklmnopqrstuvwx
            git tag re_production_release
            --from-file=token=/etc/x
            --secret=my-app-secret-v2
            npm_config_cache_directory=x
            mktemp /tmp/x.XXXXXX
            docker inspect -f '{{.State.Status}}' x
            grep -q '<title>' page
            errors[blue] > 5%
            lag[db-a] < 5s
            password = "ask the one on call"
            cat <<EOT > f
            cat <<EOT >> f
            cat <<-END>f
            curl -H "Authorization: Bearer $TOKEN" h
            curl -H "Authorization: Bearer ${token}" h
            authorization: bearer token
            pg_dump > backup_$(date +%Y%m%d).sql
            date '+%Y-%m-%d'
            psql -c "select to_char(now(), 'backup_YYYYMMDD')"
            java -Dformat=x-yyyy-MM-dd
            ls log???.txt
            ls x_tbd_y tbd-1 tbdx
            curl -f 'http://h/?q=???x'
            the tbdata store"#
            .lines()
            .map(str::trim)
        {
            assert_eq!(on_text(text), [], "{text}");
        }
    }

    #[test]
    fn the_patterns_can_be_read() {
        assert!(BLANK.is_some() && BRACKETS.is_some() && OPEN.is_some() && DAY.is_some());
    }
}
