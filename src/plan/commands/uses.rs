//! What a command needs of the machine that it runs on: programs, scripts, hosts that `ssh` goes to. Only what is certain:
//! what stands behind a variable or on another machine is left out, and so is what is relative to a directory of which
//! nobody can tell from the text.

use std::collections::{BTreeMap, BTreeSet};

use super::runs;
use super::shell::Word;
use super::unwrap::{Run, cluster, program, ssh_host};

/// What a shell knows by itself, and words that begin its compound commands.
const BUILTIN: &str = "
    . : [ [[ alias bg bind break builtin caller case cd command compgen complete continue coproc declare dirs disown do
    done echo elif else enable esac eval exec exit export false fc fg fi for function getopts hash help history if in
    jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return select set shift shopt source
    suspend test then time times trap true type typeset ulimit umask unalias unset until wait while { } ! ]]";

/// Programs that read a script, with their options that have no value and leave that so.
const READERS: [(&str, &str); 12] = [
    ("bash", "abefhkmnprtuvxBCEHPT"),
    ("sh", "abefhkmnpruvxC"),
    ("dash", "abefhkmnpruvxC"),
    ("zsh", "efnuvx"),
    ("ksh", "efnuvx"),
    ("python", "bBdEIOPqsSuvx"),
    ("python3", "bBdEIOPqsSuvx"),
    ("node", ""),
    ("ruby", "wW"),
    ("perl", "wW"),
    (".", ""),
    ("source", ""),
];

/// Words that make of a list what may run elsewhere, or not at all: behind them nobody can tell where a `cd` leads.
const STRUCTURE: [&str; 9] = ["if", "for", "while", "until", "case", "function", "select", "{", "do"];

/// What a command needs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Uses {
    /// Programs to be found along `PATH`.
    pub programs: BTreeSet<String>,
    /// Files that must be there, as written but for variables; with whether they are run themselves, so that they must be
    /// executable.
    pub files: BTreeMap<String, bool>,
    /// Hosts that `ssh` goes to by its default port.
    pub hosts: BTreeSet<String>,
}

impl Uses {
    /// Takes in what another command needs.
    pub fn add(&mut self, mut other: Self) {
        self.programs.append(&mut other.programs);
        self.hosts.append(&mut other.hosts);
        other.files.into_iter().for_each(|(file, run)| *self.files.entry(file).or_default() |= run);
    }
}

/// What a command needs for certain, with the values of the plan's variables.
pub fn uses(text: &str, vars: &BTreeMap<String, String>) -> Uses {
    let all = runs(text);
    let own = |name: &str| text.contains(&format!("{name}()")) || text.contains(&format!("{name} ()"));
    let straight = is_straight(text, &all);
    let mut uses = Uses::default();
    // The directory in which a relative file is looked for: the plan's, until the text goes where nobody can tell.
    let mut dir = Some(String::new());
    for run in all.iter().filter(|run| !run.away) {
        let Some(first) = run.command.words.first() else { continue };
        uses.hosts.extend(ssh_host(run));
        let Some(word) = plain(first, vars) else { continue };
        if matches!(word.as_str(), "cd" | "pushd" | "popd") {
            dir = dir.filter(|_| straight && word == "cd").and_then(|dir| goes_to(run, &dir, vars));
        }
        if word.contains('/') {
            add(&mut uses, word, true, dir.as_deref());
        } else if !BUILTIN.split_whitespace().any(|b| b == word)
            && !own(&word)
            && !word.contains('=')
            && !word.is_empty()
        {
            uses.programs.insert(word);
        }
        if let Some(script) = script(run).and_then(|word| plain(word, vars)) {
            add(&mut uses, script, false, dir.as_deref());
        }
    }
    uses
}

/// Whether one command of a text follows the other, all in one shell, so that a `cd` holds for what comes after it.
fn is_straight(text: &str, all: &[Run]) -> bool {
    let alone = |run: &&Run| !run.command.piped && !run.command.fed && !run.command.in_background;
    let structured = all.iter().any(|run| STRUCTURE.contains(&program(&run.command.words)));
    // In a shell of its own, as `bash -c 'cd x'`, it would hold for that alone.
    let wrapped = all.iter().any(|run| run.wraps);
    let ends = |rest: &str| ["exit", "return"].iter().any(|word| rest.trim_start().starts_with(word));
    let either = text.split("||").skip(1).any(|rest| !ends(rest));
    let mut moves = all.iter().filter(|run| program(&run.command.words) == "cd");
    // `test -d x && cd x; ./y` may stay where it is.
    let perhaps = |run: &&Run| {
        let (before, after) = (text.get(..run.at.start).unwrap_or(""), text.get(run.at.end..).unwrap_or(""));
        before.trim_end().ends_with("&&") && after.trim_end().contains([';', '\n'])
    };
    !text.contains('(') && !structured && !wrapped && !either && moves.all(|run| alone(&run) && !perhaps(&run))
}

/// Where a `cd` leads from a directory; none where that is not certain.
fn goes_to(run: &Run, from: &str, vars: &BTreeMap<String, String>) -> Option<String> {
    let [_, to] = &run.command.words[..] else { return None };
    let to = plain(to, vars).filter(|to| !to.is_empty() && !to.starts_with('-'))?;
    Some(if to.starts_with('/') { format!("{to}/") } else { format!("{from}{to}/") })
}

/// `dir` is where a relative file is looked for, with a slash at its end; none where nobody can tell. A name alone, as in
/// `bash x.sh`, is looked for along `PATH` too.
fn add(uses: &mut Uses, file: String, run: bool, dir: Option<&str>) {
    let file = match dir {
        _ if file.starts_with('/') => file,
        Some("") => file,
        Some(dir) if file.contains('/') => format!("{dir}{}", file.strip_prefix("./").unwrap_or(&file)),
        _ => return,
    };
    *uses.files.entry(file).or_default() |= run;
}

/// The script that an interpreter is given, behind options that leave that so: with its path, or a name that has an
/// ending.
fn script(run: &Run) -> Option<&Word> {
    let words = &run.command.words;
    let (_, flags) = READERS.iter().find(|(name, _)| *name == program(words))?;
    let only = |word: &&Word| cluster(&word.text).is_some_and(|letters| letters.chars().all(|c| flags.contains(c)));
    let skipped = words.iter().skip(1).take_while(only).count();
    let first = words.get(1 + skipped).filter(|word| !word.text.starts_with(['-', '+']))?;
    let named = first.text.contains('/') || first.text.trim_start_matches('.').contains('.');
    (named && !first.text.contains("://")).then_some(first)
}

/// A word without anything that a shell expands, the plan's variables filled in; none where that is not certain.
fn plain(word: &Word, vars: &BTreeMap<String, String>) -> Option<String> {
    let mut text = word.text.clone();
    if text.contains('$') {
        // The longest first: `$site_url` is not `$site` and `_url`.
        let mut names: Vec<&String> = vars.keys().collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.len()));
        for name in names {
            text = text.replace(&format!("${{{name}}}"), &vars[name]).replace(&format!("${name}"), &vars[name]);
        }
    }
    (!text.contains(['$', '`', '*', '?', '~', '{', '<', '(', '\n', ' '])).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_command_needs_for_certain_is_found() {
        let vars: BTreeMap<String, String> =
            [("dir", "/opt/app"), ("host", "green-1")].map(|(k, v)| (k.to_owned(), v.to_owned())).into();
        let said = |text: &str| {
            let found = uses(text, &vars);
            let files = found.files.iter().map(|(f, run)| if *run { format!("{f}*") } else { f.clone() });
            let all = files.chain(found.programs).chain(found.hosts.into_iter().map(|h| format!("@{h}")));
            all.collect::<Vec<_>>().join(" ")
        };
        for (text, needs) in [
            ("./deploy.sh \"$version\"", "./deploy.sh*"),
            ("\"$dir/deploy\" --now && echo done", "/opt/app/deploy*"),
            ("sudo ./a.sh; kubectl apply -f x.yml | tee log", "./a.sh* kubectl sudo tee"),
            ("bash ./a.sh; python3 tools/x.py; . ./env.sh", "./a.sh ./env.sh tools/x.py bash python3"),
            ("if ! /usr/bin/test -e x; then exit 1; fi", "/usr/bin/test*"),
            ("bash -x ./a.sh; bash -eu ./b.sh; sh -x c.sh", "./a.sh ./b.sh c.sh bash sh"),
            ("python3 -u tools/x.py; . env.sh", "env.sh tools/x.py python3"),
            ("cd build && ./x.sh && /opt/y", "/opt/y* build/x.sh*"),
            ("set -e; cd build/now || exit 1; ./x.sh; cd /opt; bash ./y.sh", "/opt/y.sh build/now/x.sh* bash"),
            ("eval ./x.sh --now; eval './y.sh; kubectl get x'", "./x.sh* ./y.sh* kubectl"),
            // Not certain: behind another variable, elsewhere, of its own.
            ("\"$HOME/x.sh\"; $TOOL run; ~/y.sh", ""),
            ("cd \"$HOME\" && ./x.sh && /opt/y", "/opt/y*"),
            ("(cd build && ./x.sh); if cd a; then ./y.sh; fi", ""),
            ("cd a || cd b; ./x.sh", ""),
            ("test -d a && cd a; ./x.sh", ""),
            ("pushd build; ./x.sh; popd; ./y.sh", ""),
            ("bash -c 'cd build && ./x.sh'; ./y.sh", "bash"),
            ("bash -o pipefail ./x.sh; python3 -m tools.x; bash server", "bash python3"),
            ("eval \"$(./settings)\"", "./settings*"),
            ("f() { true; }; f", ""),
            ("ssh deploy@green-1 ./restart.sh", "ssh @green-1"),
            ("ssh \"$host\" 'sudo systemctl restart app'", "ssh"),
            ("ssh -p 2222 green-1 uptime; ssh -J jump green-2 ls", "ssh"),
            ("docker exec app ./migrate.sh", "docker"),
            ("", ""),
        ] {
            assert_eq!(said(text), needs, "{text}");
        }
    }
}
