//! Which commands never return by themselves, wait for a person, or end well although they failed: one row each.

use super::shell::Word;
use super::unwrap::{Run, cluster, program, takes_next};
use crate::plan::order::fits;

const FOLLOWS: &str = "it follows and never ends: the step would run until its timeout; measure with a probe";
const SCREEN: &str = "it is a screen for a person and never ends: measure with a probe";
const PERSON: &str = "it waits for a person: answer it with `input = true`, or do it in a step by hand";
const EDITOR: &str = "an editor waits for a person: edit beforehand, or in a step by hand";
const PAGER: &str = "a pager waits for a person: use `cat`, `head` or `grep`";
const SERVER: &str = "a server in the foreground never returns: start it as a service";
const ASKS: &str = "it asks before it begins, and nobody answers: add -y";

/// A command that holds a step up: program and subcommands (`|` for or, `*` for anything), any of the options that make
/// it so, the options any of which make it harmless, and what to say.
type Row = (&'static str, &'static str, &'static str, &'static str);

const ENDLESS: &[Row] = &[
    ("tail", "-f -F --follow", "--pid", FOLLOWS),
    ("watch", "", "-g --chgexit", FOLLOWS),
    ("journalctl|dmesg", "-f -w -W --follow", "", FOLLOWS),
    ("kubectl|docker|podman|docker-compose|pm2 logs", "-f --follow", "", FOLLOWS),
    ("kubectl get|events", "-w --watch --watch-only", "", FOLLOWS),
    ("kubectl port-forward|proxy|attach", "", "", FOLLOWS),
    ("docker|podman|docker-compose attach|events|stats", "", "--no-stream --until", FOLLOWS),
    ("pm2 logs", "", "--nostream", FOLLOWS),
    ("stern", "", "--no-follow", FOLLOWS),
    ("heroku|vercel logs", "-t -f --tail --follow", "", FOLLOWS),
    ("aws logs tail", "--follow", "", FOLLOWS),
    ("stripe listen", "", "", FOLLOWS),
    ("redis-cli monitor|MONITOR|subscribe|SUBSCRIBE", "", "", FOLLOWS),
    ("inotifywait", "-m --monitor", "", FOLLOWS),
    ("ping", "", "-c -w --count", "`ping` without `-c` never ends: add `-c 3`"),
    ("tcpdump", "", "-c -r -D", FOLLOWS),
    ("sleep infinity|inf", "", "", "it sleeps for ever: measure with a probe, or write `soak`"),
    ("htop|btop|atop|iotop|nethogs|k9s|lazydocker|tig|ncdu", "", "-b -t -w", SCREEN),
    ("top", "", "-b", SCREEN),
    ("pm2 monit", "", "", SCREEN),
    ("vi|vim|nvim|nano|emacs|pico|visudo|vipw|sudoedit", "", "-es -c -u --batch --cmd", EDITOR),
    ("crontab", "-e", "", EDITOR),
    ("kubectl|systemctl edit", "", "", EDITOR),
    ("git commit", "", "-m -F -C --message --file --no-edit --fixup --reuse-message --dry-run", EDITOR),
    ("git rebase", "-i --interactive", "", EDITOR),
    ("git tag", "-a -s --annotate --sign", "-m -F --message --file", EDITOR),
    ("less|more|most", "", "", PAGER),
    ("man|info", "", "-k -w", PAGER),
    ("read", "-p", "-t", PERSON),
    ("rails c|console|dbconsole", "", "", PERSON),
    ("tmux attach", "", "", PERSON),
    (
        "apt|apt-get install|upgrade|dist-upgrade|full-upgrade|remove|purge",
        "",
        "-y -s -qq --yes --assume-yes --dry-run",
        ASKS,
    ),
    ("docker-compose up", "", "-d --detach --wait --no-start --exit-code-from --abort-on-container-exit", SERVER),
    ("docker-compose watch", "", "", FOLLOWS),
    ("next|nuxt start|dev", "", "", SERVER),
    ("nest start", "", "", SERVER),
    ("vite preview|dev", "", "", SERVER),
    ("flask run", "", "", SERVER),
    ("rails s|server", "", "-d --daemon", SERVER),
    ("python|python3 http.server", "", "", SERVER),
    ("python|python3 *manage.py runserver", "", "", SERVER),
    ("php artisan serve|horizon", "", "", SERVER),
    ("php", "-S", "", SERVER),
    ("node server.js|*/server.js|server.mjs|*/server.mjs", "", "", SERVER),
    ("uvicorn|hypercorn|nodemon|ts-node-dev|pm2-runtime|http-server", "", "", SERVER),
    ("gunicorn", "", "-D --daemon --check-config --print-config", SERVER),
    ("puma|unicorn", "", "-D -d --daemonize --daemon", SERVER),
    ("sidekiq", "", "-d --daemon", SERVER),
    ("celery worker|beat|flower", "", "-D --detach", SERVER),
    ("mongod", "", "-f --fork --config --shutdown", SERVER),
    ("nginx", "-g", "-t -T -s", SERVER),
    ("caddy run", "", "", SERVER),
    ("ngrok", "", "", SERVER),
    ("ssh", "-N", "-f", "a tunnel in the foreground never returns: add `-f`"),
];

/// Options with a value, of programs where a letter or a word of the value could be taken for something else.
const VALUED: &[(&str, &str)] = &[
    ("kubectl", "-n -o -l -f -c -k --namespace --context --kubeconfig --output --selector --container --filename"),
    ("docker|podman", "-H -c -l --host --context --config"),
    ("docker-compose", "-f -p --file --profile --project-name --env-file --project-directory"),
    ("git", "-C -c -m -F --git-dir --work-tree --message --file --author --date"),
    ("celery", "-A -b --app --broker -Q -c -l -n"),
    ("tail", "-n -c -s --lines --bytes"),
    ("curl", "-A -b -c -C -d -D -e -E -F -H -K -m -o -Q -r -t -T -u -U -w -x -X -y -Y -z"),
    (
        "psql",
        "-d -h -p -U -v -f -c -o -F -R -T -P -L --dbname --host --port --username --set --variable --file --command",
    ),
    ("journalctl", "-u -n -p -o -t -S -U --unit --lines --since --until --output"),
    ("redis-cli", "-h -p -a -n -u -r -i"),
    ("npm|yarn|pnpm|bun", "-w -C --prefix --workspace --dir --cwd --filter"),
    ("apt|apt-get", "-o -c -t"),
    ("gunicorn", "-b -w -k -c -t"),
];

/// Images of servers.
const IMAGES: &[&str] = &[
    "nginx",
    "httpd",
    "caddy",
    "traefik",
    "haproxy",
    "redis",
    "valkey",
    "postgres",
    "mysql",
    "mariadb",
    "mongo",
    "rabbitmq",
    "memcached",
    "prometheus",
    "grafana",
    "registry",
];

/// What a reviewer would say of a command. With `answered` a person types into it.
pub(super) fn remark(run: &Run, answered: bool) -> Option<String> {
    let args = Args::of(&run.command.words, program(&run.command.words));
    if args.about() || run.wraps {
        return None;
    }
    held_up(run, &args, answered).or_else(|| silent(run, &args))
}

/// Why the command of a probe never gives a reading.
pub(super) fn on_probe(run: &Run) -> Option<String> {
    let args = Args::of(&run.command.words, program(&run.command.words));
    (!args.about() && !run.wraps).then(|| held_up(run, &args, false)).flatten().map(|_| {
        format!(
            "`{}` does not return by itself: every poll would be given up at its timeout",
            shown(&run.command.words)
        )
    })
}

/// Why a command holds up what waits for it.
fn held_up(run: &Run, args: &Args<'_>, answered: bool) -> Option<String> {
    (!run.command.in_background && !run.ends).then(|| endless(run, args, answered)).flatten()
}

fn shown(words: &[Word]) -> String {
    words.iter().take(2).map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
}

/// Why a command never returns by itself.
fn endless(run: &Run, args: &Args<'_>, answered: bool) -> Option<String> {
    // What asks has its answer from somewhere.
    let fed = run.command.fed || answered;
    let words = &run.command.words;
    let row = ENDLESS.iter().find(|(command, any, none, why)| {
        let asks = [PERSON, ASKS].contains(why);
        args.fits(command)
            && (any.is_empty() || args.has(any))
            && !args.has(none)
            && !(asks && fed)
            && !(*why == PAGER && run.command.fed)
            && !(*why == EDITOR && run.command.assigns.iter().any(|a| a.text.contains("EDITOR=")))
            && (args.name != "nginx" || words.iter().any(|w| w.text.contains("daemon off")))
    });
    let first = args.words.first().copied().unwrap_or("");
    let why = match (args.name, row) {
        (_, Some((.., why))) => why,
        ("npm" | "yarn" | "pnpm" | "bun", _) if serves(args) => SERVER,
        // A file of settings may send it to the background.
        ("redis-server", _) if args.words.is_empty() && !args.has("--daemonize --test-memory") => SERVER,
        // A jar with arguments of its own is more often a tool.
        ("java", _) if args.exact("-jar") && args.words.len() == 1 && !tool(first) => SERVER,
        ("docker" | "podman", _) if first == "run" && !args.has("-d --detach --entrypoint") && image(words) => SERVER,
        ("ssh", _) if args.words.len() == 1 && !run.command.fed && !args.has("-N -f -O -Q -G -V -W") => {
            "a shell on another host waits for a person, and the lines below run here: write `ssh host '…'`"
        }
        ("su", _) if !fed && !args.has("-c --command") => "a shell waits for a person: write `su -c '…'`",
        ("true" | ":", _) if run.command.loops == Some("while") => "it loops for ever: measure with a probe",
        _ => return None,
    };
    Some(if why.starts_with('`') { why.to_owned() } else { format!("`{}`: {why}", shown(words)) })
}

/// Whether a jar's name is that of a tool, not of a service.
fn tool(jar: &str) -> bool {
    ["migrat", "flyway", "liquibase", "cli", "tool", "gen", "check"].iter().any(|t| jar.contains(t))
}

/// Whether the last word of a `docker run` is the image of a server: no command follows it.
fn image(words: &[Word]) -> bool {
    let last = words.last().map_or("", |w| w.text.as_str());
    let name = last.rsplit('/').next().unwrap_or(last).split([':', '@']).next().unwrap_or("");
    IMAGES.contains(&name)
}

/// `npm start`, `npm run dev`, `yarn start:production`; `dev:migrate` is a task that ends.
fn serves(args: &Args<'_>) -> bool {
    let script = match args.words.as_slice() {
        ["run", script, ..] | [script, ..] => script,
        [] => return false,
    };
    let mut parts = script.split(':');
    let begins = parts.next().is_some_and(|p| matches!(p, "start" | "dev" | "serve" | "preview" | "watch"));
    begins && parts.all(|p| matches!(p, "prod" | "production" | "staging" | "dev" | "server" | "api" | "web" | "all"))
}

/// Why a command ends well although it failed.
fn silent(run: &Run, args: &Args<'_>) -> Option<String> {
    match args.name {
        "curl" if !args.has("-f --fail --fail-with-body -w --write-out -K --config") && !run.judged => {
            Some("`curl` without `-f` ends well on a 404 and a 500: write `curl -fsS --max-time 10`".to_owned())
        }
        "psql" => {
            let script = args.has("-f --file") || !args.has("-c --command -l --list");
            let stop = |w: &Word| {
                let at = w.text.find("ON_ERROR_STOP").map(|at| &w.text[at + "ON_ERROR_STOP".len()..]);
                at.is_some_and(|v| !["=0", "=off", "=false"].iter().any(|off| v.eq_ignore_ascii_case(off)))
            };
            (script && !run.command.words.iter().any(stop)).then(|| {
                "`psql` goes on after an error and ends well: write `psql -v ON_ERROR_STOP=1 --single-transaction`"
                    .to_owned()
            })
        }
        _ => None,
    }
}

/// The arguments of a program.
struct Args<'a> {
    name: &'a str,
    /// As they are written.
    options: Vec<&'a str>,
    /// What is no option, and no value of one.
    words: Vec<&'a str>,
    valued: &'static str,
}

impl<'a> Args<'a> {
    fn of(all: &'a [Word], name: &'a str) -> Self {
        let valued = VALUED.iter().find(|(names, _)| names.split('|').any(|n| n == name)).map_or("", |(_, v)| v);
        let valued = if name == "ssh" { "-b -c -D -E -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w" } else { valued };
        let (mut options, mut words) = (Vec::new(), Vec::new());
        let mut rest = all.iter().skip(1).map(|w| w.text.as_str());
        let mut ended = false;
        while let Some(word) = rest.next() {
            match word {
                "--" if !ended => ended = true,
                _ if ended || !word.starts_with('-') || word.len() == 1 => words.push(word),
                _ => {
                    options.push(word);
                    // `-f` of `docker-compose logs` takes no value, that before the subcommand does.
                    if takes_next(word, valued) && !(words.first() == Some(&"logs") && matches!(word, "-f" | "-n")) {
                        rest.next();
                    }
                }
            }
        }
        Self { name, options, words, valued }
    }

    /// Whether it only says something about the program.
    fn about(&self) -> bool {
        self.options.iter().any(|o| matches!(*o, "--version" | "--help" | "-V"))
            || self.words.is_empty() && matches!(self.options.as_slice(), ["-v" | "-h" | "-version"])
            || matches!(self.words.first(), Some(&("help" | "version")))
    }

    /// Whether program and first words are those of a pattern.
    fn fits(&self, pattern: &str) -> bool {
        let mut parts = pattern.split(' ');
        let any = |part: &str, word: &str| part.split('|').any(|p| fits(p, word));
        parts.next().is_some_and(|names| names.split('|').any(|n| n == self.name))
            && parts.enumerate().all(|(at, part)| self.words.get(at).is_some_and(|w| any(part, w)))
    }

    fn exact(&self, option: &str) -> bool {
        self.options.contains(&option)
    }

    /// Whether one of these options is there: as it is, in a cluster as `-it`, or with `=value` other than false.
    fn has(&self, any: &str) -> bool {
        any.split(' ').filter(|o| !o.is_empty()).any(|option| self.options.iter().any(|there| self.is(there, option)))
    }

    fn is(&self, there: &str, option: &str) -> bool {
        if there == option {
            return true;
        }
        match (cluster(option), cluster(there)) {
            (Some(letter), Some(letters)) if letter.chars().count() == 1 => {
                // Behind an option with a value comes the value.
                let known = letters.char_indices().find(|(_, c)| {
                    takes_next(&format!("-{c}"), self.valued) && self.words.first().is_none_or(|w| *w != "logs")
                });
                let letters = known.map_or(letters, |(at, c)| &letters[..at + c.len_utf8()]);
                letters.contains(letter)
            }
            _ => {
                there.strip_prefix(option).and_then(|v| v.strip_prefix('=')).is_some_and(|v| v != "false" && v != "no")
            }
        }
    }
}
