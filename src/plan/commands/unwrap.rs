//! Commands in commands: `sudo`, `timeout`, `ssh host`, `bash -c '…'` and their like, taken away by a table.

use std::ops::Range;

use super::shell::{Command, Word, read};

/// How often a command is unwrapped at most.
const DEEPEST: usize = 8;

/// A simple command as remarks read it.
#[derive(Clone, Debug, Default)]
pub(super) struct Run {
    /// Program and arguments, and how it stands in its list.
    pub command: Command,
    /// Its bytes in the whole text.
    pub at: Range<usize>,
    /// Something ends it: `timeout` before it, `head` behind it.
    pub ends: bool,
    /// What it says is looked at by `grep`.
    pub judged: bool,
    /// It wraps another command, which follows.
    pub wraps: bool,
    /// It runs on another machine, or in a container.
    pub away: bool,
}

/// The wrappers that run a command elsewhere.
const AWAY: [&str; 6] = ["ssh", "docker", "podman", "docker-compose", "kubectl", "oc"];

/// What a wrapper leaves.
#[derive(Clone, Copy)]
enum Then {
    /// A command, in words.
    Words,
    /// A command, in words, that is ended after a while.
    Ended,
    /// Shell text: the words that are left, with blanks between them.
    Text,
    /// Shell text: the word after the option `-c`.
    Option,
    /// A command in words behind `--`.
    Dashes,
    /// Commands in words, each behind `-exec` or one of its like.
    Each,
    /// Nothing that holds the step up.
    Nothing,
}

/// A program with the words that make it a wrapper, its options that take a value, how many arguments stand before what
/// is wrapped, and what that is. The first row that fits counts.
type Row = (&'static str, &'static str, usize, Then);

/// The options of `docker run` that take a value.
const DOCKER_RUN: &str = concat!(
    "-a -c -e -h -l -m -p -u -v -w --add-host --annotation --attach --blkio-weight --cap-add --cap-drop --cgroup-parent ",
    "--cgroupns --cidfile --cpu-period --cpu-quota --cpu-shares --cpus --cpuset-cpus --cpuset-mems --device --dns ",
    "--dns-search --domainname --entrypoint --env --env-file --expose --gpus --group-add --health-cmd --hostname --ip ",
    "--ipc --isolation --label --label-file --link --log-driver --log-opt --mac-address --memory --memory-swap --mount ",
    "--name --net --network --network-alias --oom-score-adj --pid --pids-limit --platform --publish --pull --restart ",
    "--runtime --secret --security-opt --shm-size --stop-signal --stop-timeout --storage-opt --sysctl --tmpfs --ulimit ",
    "--user --userns --uts --volume --volumes-from --workdir",
);

const WRAPPERS: &[Row] = &[
    ("sudo", "-u -g -h -p -C -r -t -T -U -D -R --user --group --chdir --prompt --host", 0, Then::Words),
    ("doas", "-u -C", 0, Then::Words),
    ("env", "-u -C --unset --chdir", 0, Then::Words),
    ("nohup", "", 0, Then::Words),
    ("exec", "-a", 0, Then::Words),
    ("builtin|command", "", 0, Then::Words),
    ("eval", "", 0, Then::Text),
    ("time", "-f -o", 0, Then::Words),
    ("nice", "-n --adjustment", 0, Then::Words),
    ("ionice", "-c -n --class --classdata", 0, Then::Words),
    ("setsid", "", 0, Then::Words),
    ("stdbuf", "-i -o -e", 0, Then::Words),
    ("chronic", "", 0, Then::Words),
    ("unbuffer", "", 0, Then::Words),
    ("flock", "-w -E --timeout --wait --conflict-exit-code", 1, Then::Words),
    ("timeout", "-s -k --signal --kill-after", 1, Then::Ended),
    ("gtimeout", "-s -k --signal --kill-after", 1, Then::Ended),
    ("xargs", "-n -I -P -L -d -s -a -E --max-args --max-procs --delimiter --arg-file", 0, Then::Words),
    ("bash|sh|dash|zsh|ksh|ash", "-c -o -O", 0, Then::Option),
    ("su", "-c -s -g --command --shell", 0, Then::Option),
    ("ssh", "-B -b -c -D -E -e -F -I -i -J -L -l -m -O -o -P -p -Q -R -S -W -w", 1, Then::Text),
    ("docker|podman exec -d|--detach", "", 0, Then::Nothing),
    ("docker|podman exec", "-e -u -w --env --user --workdir --env-file --detach-keys", 1, Then::Words),
    ("docker-compose exec", "-e -u -w --env --user --workdir --index", 1, Then::Words),
    (
        "docker-compose run",
        "-e -u -w -v -p -l --env --user --workdir --volume --publish --name --entrypoint",
        1,
        Then::Words,
    ),
    ("docker|podman run -d|--detach", "", 0, Then::Nothing),
    ("docker|podman run", DOCKER_RUN, 1, Then::Words),
    ("kubectl|oc exec|run", "", 0, Then::Dashes),
    ("find", "", 0, Then::Each),
    ("bundle exec", "", 0, Then::Words),
    ("npx|bunx", "-p --package", 0, Then::Words),
    ("npm|pnpm|yarn exec|dlx", "", 0, Then::Words),
    ("poetry|pipenv|uv|hatch run", "", 0, Then::Words),
    ("op|doppler|infisical|aws-vault|chamber|dotenv run|exec", "", 0, Then::Dashes),
];

/// The simple commands of a text, each wrapper followed by what it wraps.
pub(super) fn runs(text: &str) -> Vec<Run> {
    let mut found = Vec::new();
    inside(text, &Run::default(), &|at| at, 0, &mut found);
    found
}

/// The program's name: without its path where that is one of programs. `./watch` is a script of one's own.
pub(super) fn program(words: &[Word]) -> &str {
    let word = words.first().map_or("", |w| w.text.as_str());
    match word.rsplit_once('/') {
        _ if matches!(word, "docker compose" | "podman compose") => "docker-compose",
        Some((path, name)) if path.ends_with("bin") => name,
        _ => word,
    }
}

/// Adds the commands of a text that stands in another.
fn inside(text: &str, around: &Run, place: &dyn Fn(Range<usize>) -> Range<usize>, depth: usize, found: &mut Vec<Run>) {
    let commands = read(text).commands;
    // From the last: what a pipeline ends in is known first.
    let mut last = (0, false, false);
    let mut runs = Vec::new();
    for mut command in commands.into_iter().rev() {
        if command.pipeline != last.0 {
            last = (command.pipeline, false, false);
        }
        let (_, stopped, judged) = last;
        let flag = |letters: &str| {
            let cluster = |w: &Word| w.text.starts_with('-') && w.text.contains(|c| letters.contains(c));
            command.words.iter().any(cluster)
        };
        last.1 |= match program(&command.words) {
            "head" => true,
            "grep" | "egrep" => flag("qm"),
            "sed" | "awk" => command.words.iter().any(|w| w.text.ends_with('q') || w.text.contains("exit")),
            _ => false,
        };
        last.2 |= matches!(program(&command.words), "grep" | "egrep");
        for word in command.assigns.iter_mut().chain(&mut command.words) {
            word.at = place(word.at.clone());
        }
        command.fed |= around.command.fed;
        command.in_background |= around.command.in_background;
        let at = command.at();
        runs.push(Run { command, at, ends: stopped || around.ends, judged, wraps: false, away: around.away });
    }
    runs.reverse();
    runs.into_iter().for_each(|run| unwrap(run, depth, found));
}

/// Adds a command and what it wraps.
fn unwrap(mut run: Run, depth: usize, found: &mut Vec<Run>) {
    let words = &run.command.words;
    let row =
        WRAPPERS.iter().find_map(|(pattern, valued, skip, then)| Some((fits(pattern, words)?, valued, skip, then)));
    // `docker compose -f x up` is `docker-compose -f x up`: two words, one program.
    if matches!(program(words), "docker" | "podman") && words.get(1).is_some_and(|w| w.text == "compose") {
        let both = format!("{} compose", program(words));
        run.command.words.remove(0);
        run.command.words[0].text = both;
        return unwrap(run, depth, found);
    }
    // It asks where the command is.
    let asks = program(words) == "command" && words.get(1).is_some_and(|w| matches!(w.text.as_str(), "-v" | "-V"));
    let row = row.filter(|_| depth < DEEPEST && !asks);
    let Some((from, valued, skip, then)) = row else { return found.push(run) };
    let mut at = from;
    let rest = |at: usize| words.get(at..).unwrap_or(&[]);
    match then {
        Then::Option => {
            let asks = |w: &Word| w.text == "--command" || cluster(&w.text).is_some_and(|c| c.ends_with('c'));
            at = words.iter().position(asks).map_or(words.len(), |at| at + 1);
        }
        Then::Dashes => at = words.iter().position(|w| w.text == "--").map_or(words.len(), |at| at + 1),
        Then::Each => return each(run, depth, found),
        Then::Words | Then::Ended | Then::Text => {
            for _ in 0..*skip {
                at = options(words, at, valued) + 1;
            }
            // Behind the host `ssh` takes options too; other wrappers' are the command's.
            if *skip == 0 || matches!(then, Then::Text) {
                at = options(words, at, valued);
            }
            let named = |w: &Word| w.text.split_once('=').is_some_and(|(n, _)| !n.is_empty() && !n.contains('/'));
            at += rest(at).iter().take_while(|w| named(w)).count();
        }
        Then::Nothing => {}
    }
    let left = rest(at).to_vec();
    let ended = matches!(then, Then::Ended) && words.get(at - 1).is_some_and(|time| !endless(&time.text));
    let away = run.away || AWAY.contains(&program(words));
    let mut inner = Run { wraps: false, ends: run.ends || ended, away, ..run.clone() };
    run.wraps = !left.is_empty() || matches!(then, Then::Nothing);
    found.push(run);
    match (then, left.as_slice()) {
        (_, []) | (Then::Nothing | Then::Each, _) => {}
        (Then::Text, [first, .., last]) => {
            let whole = first.at.start..last.at.end;
            let text: Vec<&str> = left.iter().map(|w| w.text.as_str()).collect();
            inside(&text.join(" "), &inner, &|_| whole.clone(), depth + 1, found);
        }
        (Then::Text | Then::Option, [text, ..]) => {
            // In plain quotes, places inside are known.
            let (at, inside_at) = (text.at.clone(), text.at.start + 1);
            let exact = at.len() == text.text.len() + 2;
            let place = |r: Range<usize>| if exact { inside_at + r.start..inside_at + r.end } else { at.clone() };
            inside(&text.text, &inner, &place, depth + 1, found);
        }
        (Then::Words | Then::Ended | Then::Dashes, _) => {
            inner.command.words = left;
            unwrap(inner, depth + 1, found);
        }
    }
}

/// Adds `find`, and what it runs for each file.
fn each(mut run: Run, depth: usize, found: &mut Vec<Run>) {
    let words = run.command.words.clone();
    let runs = |w: &Word| matches!(w.text.as_str(), "-exec" | "-execdir" | "-ok" | "-okdir");
    run.wraps = words.iter().any(runs);
    let inner = Run { wraps: false, ..run.clone() };
    found.push(run);
    for at in (0..words.len()).filter(|at| runs(&words[*at])) {
        let ends = |w: &&Word| !matches!(w.text.as_str(), ";" | "+");
        let mut one = inner.clone();
        one.command.words = words[at + 1..].iter().take_while(ends).cloned().collect();
        unwrap(one, depth + 1, found);
    }
}

/// The host that an `ssh` goes to, where it is written out and no option leads elsewhere.
pub(super) fn ssh_host(run: &Run) -> Option<String> {
    let words = &run.command.words;
    let (.., valued, _, _) = WRAPPERS.iter().find(|(pattern, ..)| *pattern == "ssh")?;
    if program(words) != "ssh" {
        return None;
    }
    let at = options(words, 1, valued);
    let leads = |w: &Word| ["-p", "-J", "-F", "-o", "-W", "-S"].iter().any(|o| w.text.starts_with(o));
    if words.get(1..at)?.iter().any(leads) {
        return None;
    }
    let host = words.get(at)?.text.rsplit('@').next()?;
    let plain = !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || ".-_".contains(c));
    plain.then(|| host.to_owned())
}

/// Whether the time that `timeout` is given is none, which is no limit.
fn endless(time: &str) -> bool {
    time.trim_end_matches(['s', 'm', 'h', 'd']).parse() == Ok(0.0)
}

/// Where the words of a pattern as `docker|podman exec` end in a command, if they stand there. Of a pattern's third
/// word it is enough that it stands anywhere.
fn fits(pattern: &str, words: &[Word]) -> Option<usize> {
    let mut parts = pattern.split(' ');
    let is = |part: &str, word: &str| part.split('|').any(|p| p == word);
    if !is(parts.next()?, program(words)) {
        return None;
    }
    let Some(sub) = parts.next() else { return Some(1) };
    let at = words.iter().skip(1).position(|w| is(sub, &w.text)).filter(|at| *at < 6)? + 2;
    // `-d` of `-itd` too.
    let among = |part: &str, word: &str| {
        let letters = cluster(word).filter(|c| c.chars().all(|c| "ditqP".contains(c)));
        letters.is_some_and(|letters| part.split('|').filter_map(cluster).any(|letter| letters.contains(letter)))
    };
    parts.all(|part| words.iter().any(|w| is(part, &w.text) || among(part, &w.text))).then_some(at)
}

/// The letters of `-abc`.
pub(super) fn cluster(word: &str) -> Option<&str> {
    word.strip_prefix('-').filter(|l| !l.is_empty() && !l.starts_with('-'))
}

/// Whether an option's value is the next word.
pub(super) fn takes_next(word: &str, valued: &str) -> bool {
    let is = |option: &str| valued.split(' ').any(|v| v == option);
    match cluster(word) {
        Some(letters) if !is(word) => {
            let first = letters.char_indices().find(|(_, c)| is(&format!("-{c}")));
            first.is_some_and(|(at, c)| at + c.len_utf8() == letters.len())
        }
        _ => is(word),
    }
}

/// Where the options that begin at a word end.
fn options(words: &[Word], mut at: usize, valued: &str) -> usize {
    while let Some(word) = words.get(at).filter(|w| w.text.starts_with('-') && w.text.len() > 1) {
        at += if takes_next(&word.text, valued) { 2 } else { 1 };
        if word.text == "--" {
            break;
        }
    }
    at.min(words.len())
}
