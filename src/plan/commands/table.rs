//! Which commands never return by themselves, wait for a person, or end well although they failed: one row each.

use super::args::Args;
use super::shell::Word;
use super::unwrap::{Run, program};

const FOLLOWS: &str = "it follows and never ends: the step would run until its timeout; measure with a probe";
const SCREEN: &str = "it is a screen for a person and never ends: measure with a probe";
const PERSON: &str = "it waits for a person: answer it with `input = true`, or do it in a step by hand";
const EDITOR: &str = "an editor waits for a person: edit beforehand, or in a step by hand";
const PAGER: &str = "a pager waits for a person: use `cat`, `head` or `grep`";
const SERVER: &str = "a server in the foreground never returns: start it as a service";
const IMAGE: &str =
    "no command stands behind the image, and most images then serve for ever: add -d, or name the command";
const ASKS: &str = "it asks before it begins, and nobody answers: add -y";
const APPROVES: &str = "it asks before it begins, and nobody answers: apply a saved plan, or add -auto-approve";
const TYPED: &str =
    "it takes what a person types, and nobody does: give it a script or a statement, or set `input = true`";
const CHANGES: &str = "it waits for files to change and never ends: leave that out";
const LISTENS: &str = "it waits until somebody connects: give it a `timeout`, or measure with a probe";

/// Programs that edit a file.
const EDITORS: &[&str] = &["vi", "vim", "nvim", "nano", "emacs", "pico"];

/// A command that holds a step up: program and subcommands (`|` for or, `*` for anything), any of the options that make
/// it so, the options any of which make it harmless, and what to say.
type Row = (&'static str, &'static str, &'static str, &'static str);

const ENDLESS: &[Row] = &[
    ("tail", "-f -F --follow", "--pid", FOLLOWS),
    ("watch", "", "-g --chgexit", FOLLOWS),
    ("journalctl|dmesg", "-f -w -W --follow", "", FOLLOWS),
    ("kubectl|docker|podman|docker-compose|pm2 logs", "-f --follow", "", FOLLOWS),
    ("kubectl|oc get|events|top", "-w --watch --watch-only", "", FOLLOWS),
    ("kubectl port-forward|proxy|attach", "", "", FOLLOWS),
    ("docker|podman|docker-compose attach|events|stats", "", "--no-stream --until", FOLLOWS),
    ("pm2 logs", "", "--nostream", FOLLOWS),
    ("stern", "", "--no-follow", FOLLOWS),
    ("heroku|vercel logs", "-t -f --tail --follow", "", FOLLOWS),
    ("aws logs tail", "--follow", "", FOLLOWS),
    ("stripe listen", "", "", FOLLOWS),
    ("redis-cli monitor|MONITOR|subscribe|SUBSCRIBE", "", "", FOLLOWS),
    ("inotifywait", "-m --monitor", "", FOLLOWS),
    ("strace", "-p --attach", "", FOLLOWS),
    ("nc|ncat|netcat", "-l --listen", "", LISTENS),
    ("ping", "", "-c -w --count", "`ping` without `-c` never ends: add `-c 3`"),
    ("tcpdump", "", "-c -r -D", FOLLOWS),
    ("redis-cli", "--latency --latency-history --latency-dist --stat", "", FOLLOWS),
    ("sleep infinity|inf", "", "", "it sleeps for ever: measure with a probe, or write `soak`"),
    ("htop|btop|atop|iotop|nethogs|k9s|lazydocker|tig|ncdu|multitail|lnav", "", "-b -t -w -n", SCREEN),
    ("bpytop|bashtop|gotop|ctop|nload", "", "", SCREEN),
    ("glances", "", "--stdout --stdout-csv --stdout-json --stop-after", SCREEN),
    ("systemd-cgtop", "", "-b -n --batch --iterations", SCREEN),
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
    ("sudo", "-i -s --login --shell", "", TYPED),
    ("psql", "", "-c -f -l --command --file --list", TYPED),
    ("mysql|mariadb", "", "-e --execute", TYPED),
    ("tmux attach", "", "", PERSON),
    ("screen", "-r -x", "", PERSON),
    ("pulumi up|update|destroy|refresh", "", "-y --yes --preview-only", ASKS),
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
    ("vite preview|dev|serve", "", "", SERVER),
    ("ng|webpack serve", "", "", SERVER),
    ("jest", "--watch --watchAll", "", CHANGES),
    ("vitest|tsc|webpack|rollup|mocha", "-w --watch", "", CHANGES),
    ("dotnet watch", "", "", CHANGES),
    ("flask run", "", "", SERVER),
    ("rails s|server", "", "-d --daemon", SERVER),
    ("python|python3 http.server|uvicorn|hypercorn|daphne", "", "", SERVER),
    ("python|python3 flask run", "-m", "", SERVER),
    ("python|python3 gunicorn", "-m", "-D --daemon --check-config --print-config", SERVER),
    ("python|python3 *manage.py runserver", "", "", SERVER),
    ("manage.py|./manage.py runserver", "", "", SERVER),
    ("php artisan serve|horizon", "", "", SERVER),
    ("php", "-S", "", SERVER),
    ("node server.js|*/server.js|server.mjs|*/server.mjs", "", "", SERVER),
    ("uvicorn|hypercorn|daphne|nodemon|ts-node-dev|pm2-runtime|http-server|serve", "", "", SERVER),
    ("gunicorn", "", "-D --daemon --check-config --print-config", SERVER),
    ("puma|unicorn", "", "-D -d --daemonize --daemon", SERVER),
    ("sidekiq", "", "-d --daemon", SERVER),
    ("celery worker|beat|flower", "", "-D --detach", SERVER),
    ("mongod", "", "-f --fork --config --shutdown", SERVER),
    ("postgres", "", "-C --describe-config --single --boot", SERVER),
    ("mysqld|mariadbd", "", "-D --daemonize --initialize --initialize-insecure --validate-config", SERVER),
    ("supervisord", "-n --nodaemon", "", SERVER),
    ("nginx", "-g", "-t -T -s", SERVER),
    ("caddy run", "", "", SERVER),
    ("prometheus|alertmanager|grafana-server", "", "", SERVER),
    ("ngrok", "", "", SERVER),
    ("ssh", "-N", "-f", "a tunnel in the foreground never returns: add `-f`"),
];

/// Options with a value, of programs where a letter or a word of the value could be taken for something else.
pub(super) const VALUED: &[(&str, &str)] = &[
    ("kubectl", "-n -o -l -f -c -k --namespace --context --kubeconfig --output --selector --container --filename"),
    ("docker|podman", "-H -c -l --host --context --config"),
    ("docker-compose", "-f -p --file --profile --project-name --env-file --project-directory"),
    ("mvn|mvnw|./mvnw", "-f -P -pl -s -T -D --file --projects --settings --threads --activate-profiles"),
    ("gradle|gradlew|./gradlew", "-b -c -p -D -P -x --project-dir --exclude-task --console"),
    ("go", "-C -exec -mod -modfile -ldflags -gcflags -tags -p"),
    ("serve", "-l -p -c -L --listen --config"),
    ("git", "-C -c -m -F --git-dir --work-tree --message --file --author --date"),
    ("celery", "-A -b --app --broker -Q -c -l -n"),
    ("tail", "-n -c -s --lines --bytes"),
    ("curl", "-A -b -c -C -d -D -e -E -F -H -K -m -o -Q -r -t -T -u -U -w -x -X -y -Y -z"),
    (
        "psql",
        "-d -h -p -U -v -f -c -o -F -R -T -P -L --dbname --host --port --username --set --variable --file --command",
    ),
    ("journalctl", "-u -n -p -o -t -S -U --unit --lines --since --until --output"),
    ("redis-cli", "-h -p -a -n -u -r -i --user --pass"),
    ("mysql|mariadb", "-h -u -P -D -S -e --host --user --port --database --socket --execute"),
    ("dotnet", "-c -f -r -p -lp --configuration --framework --runtime --project --launch-profile --property"),
    ("vite", "-c -l -m --config --base --logLevel --mode --host --port --outDir"),
    ("npm|yarn|pnpm|bun", "-w -C --prefix --workspace --dir --cwd --filter"),
    ("apt|apt-get", "-o -c -t"),
    ("gunicorn", "-b -w -k -c -t"),
    ("terraform|tofu", "-var -var-file -target -replace -state -out -lock-timeout -parallelism"),
    ("vmstat", "-p -S --unit"),
    ("iostat", "-p -g -j -o -f"),
    ("mpstat", "-P -I -N -o"),
    ("pidstat", "-p -C -G -T -U -e"),
    ("sar", "-f -o -n -s -e -P -i -I -m"),
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
    held_up(run, &args, answered).map(Held::said).or_else(|| silent(run, &args))
}

/// What to say of a command that [`only_outlives`] its terminal.
pub(super) const NOHUP: &str = "`nohup` without `&` still waits until the command ends: a server wants `&` behind it; \
    what ends wants no `nohup`, since a run outlives the terminal anyway";

/// Whether `nohup` starts a command and nothing sends that to the background.
pub(super) fn only_outlives(run: &Run) -> bool {
    program(&run.command.words) == "nohup" && run.wraps && !run.command.in_background && !run.ends
}

/// Why the command of a probe never gives a reading.
pub(super) fn on_probe(run: &Run) -> Option<String> {
    let args = Args::of(&run.command.words, program(&run.command.words));
    let held = (!args.about() && !run.wraps).then(|| held_up(run, &args, false)).flatten()?;
    let words = held.words;
    if held.why == TYPED {
        return Some(format!("`{words}` takes what a person types, and nobody does: it gives no reading"));
    }
    Some(format!("`{words}` does not return by itself: every poll would be given up at its timeout"))
}

/// What holds a step up.
struct Held {
    /// The words of the command that make it so: `kubectl logs -f`.
    words: String,
    /// What to say; in a sentence that names them itself, it begins with a backtick.
    why: &'static str,
}

impl Held {
    fn said(self) -> String {
        if self.why.starts_with('`') { self.why.to_owned() } else { format!("`{}`: {}", self.words, self.why) }
    }
}

/// Why a command holds up what waits for it.
fn held_up(run: &Run, args: &Args<'_>, answered: bool) -> Option<Held> {
    (!run.command.in_background && !run.ends).then(|| endless(run, args, answered)).flatten()
}

/// The program, these of its words and this option, in their order; `-m` stands with the word behind it.
fn shown(words: &[Word], subs: &[&str], option: Option<&str>) -> String {
    let (mut subs, mut option) = (subs.iter().copied().peekable(), option);
    let texts: Vec<&str> = words.iter().map(|w| w.text.as_str()).collect();
    let mut shown: Vec<&str> = texts.iter().copied().take(1).collect();
    for (at, text) in texts.iter().copied().enumerate().skip(1) {
        let module = text == "-m" && subs.peek().is_some_and(|sub| texts.get(at + 1) == Some(sub));
        if module || subs.next_if_eq(&text).is_some() || option.take_if(|o| *o == text).is_some() {
            shown.push(text);
        }
    }
    shown.join(" ")
}

/// Why a command never returns by itself.
fn endless(run: &Run, args: &Args<'_>, answered: bool) -> Option<Held> {
    // What asks has its answer from somewhere.
    let fed = run.command.fed || answered;
    let words = &run.command.words;
    let row = ENDLESS.iter().find(|(command, any, none, why)| {
        let asks = [PERSON, ASKS, TYPED].contains(why);
        args.fits(command)
            && (any.is_empty() || args.has(any))
            && !args.has(none)
            && !(asks && fed)
            && !(*why == PAGER && run.command.fed)
            && !(*why == EDITOR && run.command.assigns.iter().any(|a| edits_itself(&a.text)))
            && (args.name != "nginx" || words.iter().any(|w| w.text.contains("daemon off")))
    });
    if let Some((command, any, _, why)) = row {
        let subs = args.words.get(..command.split(' ').count() - 1).unwrap_or(&[]);
        return Some(Held { words: shown(words, subs, args.which(any)), why });
    }
    let first = args.words.first().copied().unwrap_or("");
    let intervals = || args.words.iter().filter(|w| w.bytes().all(|b| b.is_ascii_digit()));
    let (words, why) = match args.name {
        "npm" | "yarn" | "pnpm" | "bun" if serves(args) => {
            (shown(words, &args.words[..if first == "run" { 2 } else { 1 }], None), SERVER)
        }
        // A file of settings may send it to the background.
        "redis-server" if args.words.is_empty() && !args.has("--daemonize --test-memory") => {
            (shown(words, &[], None), SERVER)
        }
        // A jar with arguments of its own is more often a tool.
        "java"
            if args.exact("-jar")
                && args.words.len() == 1
                && !tool(first)
                && words.last().is_some_and(|last| last.text == first) =>
        {
            (shown(words, &[first], Some("-jar")), SERVER)
        }
        // Goals and tasks in any place; another one behind it, as `spring-boot:stop`, comes too late.
        "mvn" | "mvnw" | "./mvnw" | "gradle" | "gradlew" | "./gradlew"
            if args.words.iter().any(|w| builds_to_serve(w)) =>
        {
            let goal: Vec<&str> = args.words.iter().copied().filter(|w| builds_to_serve(w)).take(1).collect();
            (shown(words, &goal, None), SERVER)
        }
        // What else it is that is run, nobody can tell.
        "go" if first == "run" && args.words.get(1).is_some_and(|path| names_server(path)) => {
            (shown(words, &args.words[..2], None), SERVER)
        }
        "docker" | "podman" if first == "run" && !args.has("-d --detach --entrypoint") && image(words) => {
            let image = words.last().map_or("", |w| w.text.as_str());
            (shown(words, &[first, image], None), SERVER)
        }
        // With `-it` and no command: what begins there waits for somebody who types.
        "docker" | "podman"
            if first == "run"
                && !fed
                && args.has("-i --interactive")
                && args.has("-t --tty")
                && !args.has("-d --detach --entrypoint")
                && !words.last().is_some_and(|image| tool(&image.text)) =>
        {
            let image = words.last().map_or("", |w| w.text.as_str());
            (shown(words, &[first, image], args.which("-i")), TYPED)
        }
        // `--rm` without a port is for what ends, and a jar's word for a tool is an image's too.
        "docker" | "podman"
            if first == "run"
                && !run.wraps
                && !args.has("-d --detach --entrypoint -i --interactive -t --tty")
                && (!args.has("--rm") || args.has("-p -P --publish --publish-all"))
                && !words.last().is_some_and(|image| tool(&image.text) || image.text.contains("hello-world")) =>
        {
            let image = words.last().map_or("", |w| w.text.as_str());
            (shown(words, &[first, image], None), IMAGE)
        }
        // The default of a project of the web; one with arguments is more often a tool.
        "dotnet" if args.words.as_slice() == ["run"] && !words.iter().any(|w| tool(&w.text.to_lowercase())) => {
            (shown(words, &[first], None), SERVER)
        }
        "vite" if args.words.is_empty() => (shown(words, &[], None), SERVER),
        // With words it is MinIO's client.
        "mc" if args.words.is_empty() && args.options.is_empty() => (shown(words, &[], None), SCREEN),
        "bash" | "sh" | "dash" | "zsh" | "ksh" | "ash" | "fish" if !fed && args.words.is_empty() => {
            (shown(words, &[], None), TYPED)
        }
        "python" | "python3" | "node" | "irb" if !fed && (args.words.is_empty() || args.has("-i")) => {
            (shown(words, &[], args.which("-i")), TYPED)
        }
        "sqlite3" if !fed && args.words.len() < 2 => (shown(words, &[], None), TYPED),
        "redis-cli" if !fed && args.words.is_empty() && !args.options.iter().any(|o| works_by_itself(o)) => {
            (shown(words, &[], None), TYPED)
        }
        "mongosh" | "mongo"
            if !fed && !args.has("--eval -f --file") && !args.words.iter().any(|w| w.ends_with("js")) =>
        {
            (shown(words, &[], None), TYPED)
        }
        "yes" if !run.command.piped => {
            (shown(words, &[], None), "it prints for ever: pipe it into the command that asks")
        }
        // A saved plan is applied without a question.
        "terraform" | "tofu"
            if args.words.len() == 1
                && matches!(first, "apply" | "destroy")
                && !fed
                && !args.has("-auto-approve --auto-approve") =>
        {
            (shown(words, &[first], None), APPROVES)
        }
        // An interval without a count.
        "iostat" | "vmstat" | "mpstat" | "pidstat" | "sar" if intervals().count() == 1 => {
            (shown(words, &intervals().copied().collect::<Vec<_>>(), None), FOLLOWS)
        }
        "ssh" if args.words.len() == 1 && !run.command.fed && !args.has("-N -f -O -Q -G -V -W") => (
            shown(words, &[first], None),
            "a shell on another host waits for a person, and the lines below run here: write `ssh host '…'`",
        ),
        "su" if !fed && !args.has("-c --command") => {
            (shown(words, &[], None), "a shell waits for a person: write `su -c '…'`")
        }
        "true" | ":" if run.command.loops == Some("while") => {
            (format!("while {}", args.name), "it loops for ever: measure with a probe")
        }
        _ => return None,
    };
    Some(Held { words, why })
}

/// Whether an option of `redis-cli` is a work of its own, as `--scan`, and not where the server is.
fn works_by_itself(option: &str) -> bool {
    option == "-x" || option.starts_with("--") && !["--user", "--pass", "--tls", "--raw"].contains(&option)
}

/// Whether an assignment names a program as the editor that no person works in.
fn edits_itself(assign: &str) -> bool {
    let program = |value: &str| value.split(' ').next().and_then(|p| p.rsplit('/').next()).map(str::to_owned);
    let named = assign.split_once("EDITOR=").and_then(|(_, value)| program(value));
    named.is_some_and(|name| !EDITORS.contains(&name.as_str()))
}

/// Whether a jar's name is that of a tool, not of a service.
fn tool(jar: &str) -> bool {
    ["migrat", "flyway", "liquibase", "cli", "tool", "gen", "check"].iter().any(|t| jar.contains(t))
}

/// Whether a goal of Maven or a task of Gradle builds a service and runs it in the foreground.
fn builds_to_serve(goal: &str) -> bool {
    let task = goal.rsplit(':').next().unwrap_or(goal);
    matches!(goal, "spring-boot:run" | "quarkus:dev" | "jetty:run" | "tomcat7:run" | "liberty:run" | "mn:run")
        || matches!(task, "bootRun" | "quarkusDev" | "appRun" | "jettyRun")
}

/// Whether a path names a server: `./cmd/server`, `server.go`, `cmd/api-server/main.go`.
fn names_server(path: &str) -> bool {
    let mut parts = path.rsplit('/').map(|part| part.trim_end_matches(".go"));
    let last = parts.next().filter(|last| *last != "main").or_else(|| parts.next()).unwrap_or("");
    last == "serve" || last.rsplit(['-', '_']).next().is_some_and(|word| matches!(word, "server" | "httpd" | "daemon"))
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
        // Who writes the status out for somebody to read looks at it.
        "curl"
            if !args.has("-f --fail --fail-with-body -K --config")
                && !run.judged
                && !(args.has("-w --write-out") && (run.command.piped || run.command.writes)) =>
        {
            Some("`curl` without `-f` ends well on a 404 and a 500: write `curl -fsS --max-time 10`".to_owned())
        }
        "psql" => {
            // Each of several `-c` is run, and the last one's end is its own.
            let script = args.has("-f --file") || !args.has("-c --command -l --list") || args.times("-c --command") > 1;
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
