//! What a command needs of the machine that it runs on: programs, scripts, hosts that `ssh` goes to. Only what is certain:
//! what stands behind a variable, in a directory that the text changes to, or on another machine, is left out.

use std::collections::{BTreeMap, BTreeSet};

use super::runs;
use super::shell::Word;
use super::unwrap::{Run, program, ssh_host};

/// What a shell knows by itself, and words that begin its compound commands.
const BUILTIN: &str = "
    . : [ [[ alias bg bind break builtin caller case cd command compgen complete continue coproc declare dirs disown do
    done echo elif else enable esac eval exec exit export false fc fg fi for function getopts hash help history if in
    jobs kill let local logout mapfile popd printf pushd pwd read readarray readonly return select set shift shopt source
    suspend test then time times trap true type typeset ulimit umask unalias unset until wait while { } ! ]]";

/// Programs whose first argument is a script that they read.
const READERS: [&str; 13] =
    ["bash", "sh", "dash", "zsh", "ksh", "python", "python3", "node", "ruby", "perl", "php", ".", "source"];

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

/// What a command needs for certain, with the values of the plan's variables.
pub fn uses(text: &str, vars: &BTreeMap<String, String>) -> Uses {
    let all = runs(text);
    let moves = all.iter().any(|run| matches!(program(&run.command.words), "cd" | "pushd" | "popd"));
    let own = |name: &str| text.contains(&format!("{name}()")) || text.contains(&format!("{name} ()"));
    let mut uses = Uses::default();
    for run in all.iter().filter(|run| !run.away) {
        let Some(first) = run.command.words.first() else { continue };
        uses.hosts.extend(ssh_host(run));
        let Some(word) = plain(first, vars) else { continue };
        if word.contains('/') {
            add(&mut uses, word, true, moves);
        } else if !BUILTIN.split_whitespace().any(|b| b == word)
            && !own(&word)
            && !word.contains('=')
            && !word.is_empty()
        {
            uses.programs.insert(word);
        }
        if let Some(script) = script(run).and_then(|word| plain(word, vars)) {
            add(&mut uses, script, false, moves);
        }
    }
    uses
}

fn add(uses: &mut Uses, file: String, run: bool, moves: bool) {
    if file.starts_with('/') || !moves {
        *uses.files.entry(file).or_default() |= run;
    }
}

/// The script that an interpreter is given, where it is written with its path.
fn script(run: &Run) -> Option<&Word> {
    let words = &run.command.words;
    let reader = READERS.contains(&program(words));
    let first = words.get(1).filter(|w| reader && !w.text.starts_with('-') && w.text.contains('/'));
    first.filter(|w| !w.text.contains("://"))
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
            // Not certain: behind another variable, elsewhere, of its own.
            ("\"$HOME/x.sh\"; $TOOL run; ~/y.sh", ""),
            ("cd build && ./x.sh && /opt/y", "/opt/y*"),
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
