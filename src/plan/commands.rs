//! What a good reviewer would say of a text in a plan: of a command that it never ends, hides its failure or carries a
//! secret; of any text that it still has a blank to fill in. Warnings only: each is a guess, and may be wrong.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

/// A warning: which bytes of the text, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// The bytes that it is about.
    pub at: Range<usize>,
    /// What is wrong and what would be right, a lower-case fragment.
    pub why: String,
}

/// The remarks on a shell command, secrets and blanks included.
pub fn on_command(text: &str) -> Vec<Remark> {
    let mut remarks = Vec::new();
    for part in parts(text) {
        let words = part.words(text);
        let Some(name) = words.first().map(|w| w.rsplit('/').next().unwrap_or(w)) else { continue };
        let rest = &words[1..];
        let remark = endless(name, rest).filter(|_| !part.in_background).or_else(|| silent(name, rest));
        remarks.extend(remark.map(|why| Remark { at: part.at.clone(), why }));
    }
    remarks.extend(on_text(text));
    remarks
}

/// The remarks on any text: secrets in clear, and blanks.
pub fn on_text(text: &str) -> Vec<Remark> {
    let mut remarks: Vec<Remark> = Vec::new();
    let mut add = |pattern: &Option<Regex>, why: &str| {
        for found in pattern.iter().flat_map(|p| p.captures_iter(text)) {
            let Some(at) = found.name("x").or_else(|| found.get(0)).map(|m| m.range()) else { continue };
            if !remarks.iter().any(|r| r.at.start < at.end && at.start < r.at.end) {
                remarks.push(Remark { at, why: why.to_owned() });
            }
        }
    };
    add(&SECRET, "this looks like a secret in clear: put a reference in [secrets], as \"${env:NAME}\"");
    add(&BLANK, "this is a blank to fill in");
    remarks
}

static SECRET: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b(?:[rs]k_live_|[rs]k_test_|rzp_live_|rzp_test_|whsec_|ghp_|gho_|github_pat_|glpat-|xox[abps]-|sntry[su]_|npm_|re_)[A-Za-z0-9_-]{10,}",
        r"|\bAKIA[0-9A-Z]{16}\b|\bAIza[A-Za-z0-9_-]{30,}",
        r"|-----BEGIN [A-Z ]*PRIVATE KEY-----",
        r"|hooks\.slack\.com/services/[A-Za-z0-9/]+",
        r"|(?i:bearer)\s+(?P<x>[A-Za-z0-9._~+/-]{20,}=*)",
        r"|(?i:postgres|postgresql|mysql|redis|rediss|mongodb|amqp|https?)://[^\s:@/'\x22]*:[^\s$@/'\x22{}<]{3,}@",
        r"|(?i:[a-z_]*(?:password|passwd|secret|token|api_?key))=['\x22]?[^\s$'\x22<{&|;]{6,}",
    ))
    .ok()
});

static BLANK: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"_{4,}|<[A-Z][A-Z0-9_ -]*>|\bYOUR_[A-Z0-9_]+|\b(?:TODO|FIXME|TBD|CHANGE_?ME|XXX+)\b").ok()
});

/// Why a command never returns by itself.
fn endless(name: &str, rest: &[&str]) -> Option<String> {
    let has = |flags: &[&str]| rest.iter().any(|w| flags.contains(w));
    let short = |letter: char| {
        rest.iter().any(|w| w.strip_prefix('-').is_some_and(|l| !l.starts_with('-') && l.contains(letter)))
    };
    let first = rest.iter().find(|w| !w.starts_with('-')).copied().unwrap_or("");
    let follows = short('f') || has(&["--follow", "-F"]);
    let why = match name {
        "tail" if follows || short('F') || rest.iter().any(|w| w.starts_with("--follow")) => "`tail -f` never ends",
        "watch" => "`watch` never ends",
        "htop" | "btop" | "atop" | "iotop" | "nethogs" => "it is a screen for a person and never ends",
        "top" if !short('b') => "it is a screen for a person and never ends",
        "vi" | "vim" | "nvim" | "nano" | "emacs" | "pico" | "visudo" => "an editor waits for a person",
        "less" | "more" => "a pager waits for a person",
        "ping" if !short('c') && !short('w') => "`ping` without `-c` never ends",
        "journalctl" if follows => "`journalctl -f` never ends",
        "kubectl" if first == "port-forward" || has(&["-w", "--watch"]) => "it watches and never ends",
        "kubectl" | "docker" | "docker-compose" if has(&["logs"]) && follows => "following logs never ends",
        "docker" | "docker-compose" if has(&["up"]) && !short('d') && !has(&["--detach", "--wait"]) => {
            "`up` without `-d` stays in the foreground"
        }
        "pm2" if first == "monit" => "it is a screen for a person and never ends",
        "pm2" if first == "logs" && !has(&["--nostream"]) => "`pm2 logs` without `--nostream` never ends",
        "npm" | "yarn" | "pnpm" | "bun" if serves(rest) => "a server in the foreground never returns",
        "uvicorn" | "hypercorn" | "nodemon" => "a server in the foreground never returns",
        "gunicorn" if !has(&["--daemon", "-D"]) => "a server in the foreground never returns",
        "flask" | "next" if matches!(first, "run" | "start" | "dev") => "a server in the foreground never returns",
        "rails" if matches!(first, "server" | "s" | "console" | "c") => "it stays in the foreground",
        "python" | "python3" if has(&["http.server"]) || has(&["runserver"]) => {
            "a server in the foreground never returns"
        }
        "stripe" if first == "listen" => "`stripe listen` never ends",
        _ => return None,
    };
    Some(format!("{why}: the step would run until its timeout; start a service, or measure with a probe"))
}

/// `npm start`, `npm run dev`, `yarn start:production`.
fn serves(rest: &[&str]) -> bool {
    let mut words = rest.iter().filter(|w| !w.starts_with('-'));
    let script = match words.next() {
        Some(&"run") => words.next(),
        other => other,
    };
    script.is_some_and(|s| matches!(s.split(':').next(), Some("start" | "dev" | "serve" | "preview" | "watch")))
}

/// Why a command ends well although it failed.
fn silent(name: &str, rest: &[&str]) -> Option<String> {
    let short = |letter: char| {
        rest.iter().any(|w| w.strip_prefix('-').is_some_and(|l| !l.starts_with('-') && l.contains(letter)))
    };
    let long = |prefix: &str| rest.iter().any(|w| w.starts_with(prefix));
    match name {
        "curl" if !short('f') && !long("--fail") => {
            Some("`curl` without `-f` ends well on a 404 and a 500: write `curl -fsS --max-time 10`".to_owned())
        }
        "psql"
            if !rest.iter().any(|w| w.contains("ON_ERROR_STOP"))
                && !short('c')
                && !long("--command")
                && !short('l') =>
        {
            Some(
                "`psql` goes on after an error and ends well: write `psql -v ON_ERROR_STOP=1 --single-transaction`"
                    .to_owned(),
            )
        }
        _ => None,
    }
}

/// One simple command of a shell text.
struct Part {
    at: Range<usize>,
    in_background: bool,
}

impl Part {
    /// Its words without quotes, beginning with the program: assignments and what only wraps it are left out. Empty for a
    /// command under `timeout`, which ends.
    fn words<'a>(&self, text: &'a str) -> Vec<&'a str> {
        let text = text.get(self.at.clone()).unwrap_or("");
        let mut words = text.split_whitespace().map(|w| w.trim_matches(['"', '\'', '(', ')', '{', '}'])).peekable();
        while let Some(word) = words.peek() {
            let assigns = word.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
            });
            let wraps = matches!(
                *word,
                "sudo" | "env" | "time" | "exec" | "nice" | "then" | "do" | "else" | "if" | "while" | "!" | ""
            );
            if !assigns && !wraps {
                break;
            }
            words.next();
        }
        if words.peek() == Some(&"timeout") {
            return Vec::new();
        }
        words.collect()
    }
}

/// The simple commands of a shell text, roughly: split where `;`, `|`, `&` and line ends stand outside of quotes.
fn parts(text: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut quote: Option<char> = None;
    let mut start = 0;
    let mut escaped = false;
    let mut comment = false;
    let mut push = |range: Range<usize>, in_background: bool| {
        let Some(part) = text.get(range.clone()) else { return };
        let trimmed = part.trim();
        if !trimmed.is_empty() && !trimmed.starts_with('#') {
            let begin = range.start + (part.len() - part.trim_start().len());
            parts.push(Part { at: begin..begin + trimmed.len(), in_background });
        }
    };
    let mut chars = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, c)| *c);
        match (quote, c) {
            _ if escaped => escaped = false,
            _ if comment && c != '\n' => {}
            (None | Some('"'), '\\') => escaped = true,
            (Some(q), c) if q == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '#') if before.is_whitespace() => {
                push(start..at, false);
                (start, comment) = (at, true);
            }
            (None, '&') if before == '>' || next == Some('>') => {}
            (None, ';' | '|' | '&' | '\n') => {
                push(start..at, c == '&' && next != Some('&') && before != '&');
                (start, comment) = (at + c.len_utf8(), false);
            }
            (None, _) => {}
        }
        before = c;
    }
    push(start..text.len(), false);
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(String, String)> {
        on_command(text).into_iter().map(|r| (text[r.at].to_owned(), r.why)).collect()
    }

    #[test]
    fn commands_that_never_return() {
        for text in [
            "tail -f /var/log/syslog",
            "tail -n 5 --follow=name x",
            "watch kubectl get pods",
            "sudo htop",
            "cd app && npm start",
            "npm run start:production",
            "PORT=3 uvicorn main:app",
            "pm2 logs",
            "kubectl logs -f deploy/web",
            "sudo nano /etc/hosts",
            "./x.sh; journalctl -fu web",
            "python3 -m http.server 80",
            "docker compose up",
            "ping example.com",
        ] {
            assert_eq!(said(text).len(), 1, "{text}: {:?}", said(text));
        }
        for text in [
            "tail -n 50 x",
            "npm start &",
            "timeout 30 tail -f x",
            "npm run build",
            "npm ci",
            "pm2 logs --nostream",
            "docker compose up -d",
            "echo 'tail -f x'",
            "# watch the logs with tail -f",
            "ping -c 3 h",
            "./deploy.sh >log 2>&1",
            "top -bn1",
        ] {
            assert_eq!(said(text), [], "{text}");
        }
    }

    #[test]
    fn commands_that_hide_their_failure() {
        let (part, why) = &said("set -x; curl -s https://example.com/health | jq .")[0];
        assert_eq!(part, "curl -s https://example.com/health");
        assert!(why.contains("curl -fsS"));
        assert!(said("psql \"$DB\" < dump.sql")[0].1.contains("ON_ERROR_STOP"));
        for text in
            ["curl -fsS h", "curl --fail h", "curl -sSf h", "psql -v ON_ERROR_STOP=1 -f x", "psql -c 'select 1'"]
        {
            assert_eq!(said(text), [], "{text}");
        }
    }

    #[test]
    fn secrets_in_clear_and_blanks() {
        for (text, part) in [
            ("export STRIPE=sk_live_abcdefghijklmnop", "sk_live_abcdefghijklmnop"),
            ("psql -c x postgres://app:hunter22@db/app", "postgres://app:hunter22@"),
            ("curl -f -H 'Authorization: Bearer abcdefghijklmnopqrstuvwx' h", "abcdefghijklmnopqrstuvwx"),
            ("DB_PASSWORD=hunter22 ./x", "DB_PASSWORD=hunter22"),
            ("./restore.sh ____", "____"),
            ("call <ON_CALL>", "<ON_CALL>"),
            ("key=YOUR_API_KEY", "YOUR_API_KEY"),
            ("TODO", "TODO"),
        ] {
            assert_eq!(said(text).first().map(|(p, _)| p.as_str()), Some(part), "{text}");
        }
        for text in
            ["./x \"$token\"", "psql -c x \"postgres://app:$pw@db\"", "DB_PASSWORD=$pw ./x", "a < b > c", "__init__"]
        {
            assert_eq!(said(text), [], "{text}");
        }
    }

    #[test]
    fn any_text_is_taken() {
        for text in ["", "'", "\\", "a 'b\n", "é; tail -f ü &&", "|||&&;;", "((", "#"] {
            let _ = on_command(text);
        }
        assert!(SECRET.is_some() && BLANK.is_some());
    }
}
