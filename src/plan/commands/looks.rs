//! Which commands only look: they read, measure, test, build, or change what is the shell's own. One row each.

use super::args::Args;
use super::shell::Word;
use super::unwrap::{Run, cluster, takes_next};

/// A command that only looks: program and subcommands as in the rows of `table`, the options any of which it needs for
/// that, and those with which it does more.
type Row = (&'static str, &'static str, &'static str);

const LOOKS: &[Row] = &[
    // The shell.
    ("cd|pushd|popd|pwd|set|shopt|trap|exit|return|break|continue|export|declare|local|readonly|unset|shift", "", ""),
    ("for|case|select|function|true|false|:|test|[|sleep|wait|read|umask|jobs|type|hash|which|times", "", ""),
    ("command", "-v -V", ""),
    ("kill", "-0", ""),
    // Text, files and this machine.
    (
        "echo|printf|cat|head|tail|less|more|grep|egrep|fgrep|zgrep|rg|cut|uniq|wc|tr|column|nl|rev|jq|paste|comm",
        "",
        "",
    ),
    ("join|fold|seq|date|diff|cmp|md5sum|sha1sum|sha256sum|cksum|ls|stat|file|du|df|tree|yes", "", ""),
    ("free|uptime|ps|pgrep|pidof|lsof|ss|netstat|vmstat|iostat|mpstat|pidstat|sar|top|htop|who|w|id|whoami", "", ""),
    ("uname|nproc|lscpu|printenv|basename|dirname|realpath|readlink|mktemp|tcpdump|strace", "", ""),
    ("journalctl", "", "--rotate --vacuum-size --vacuum-time --vacuum-files"),
    ("sort", "", "-o --output"),
    ("sed|yq|awk|gawk", "", "-i --in-place --inplace"),
    ("find", "", "-delete -exec -execdir -ok -okdir -fprint -fls"),
    ("dmesg", "", "-c -C --clear --read-clear"),
    ("crontab", "-l", ""),
    ("service * status", "", ""),
    ("systemctl status|is-active|is-enabled|is-failed|show|list-*|cat|get-default", "", ""),
    ("supervisorctl status|tail|avail", "", ""),
    // The net.
    ("dig|host|nslookup|ping|ping6|traceroute|tracepath|mtr|ssh-keyscan|getent", "", ""),
    ("nc|ncat|netcat", "-z", ""),
    ("openssl s_client|x509|verify|version|dgst", "", ""),
    ("wget", "", "--post-data --post-file --method --body-data --body-file"),
    // Settings that are tried.
    ("nginx", "-t -T -v -V", ""),
    ("apachectl|apache2ctl|httpd", "-t -S", ""),
    ("apachectl|apache2ctl configtest", "", ""),
    ("haproxy|visudo", "-c", ""),
    ("sshd", "-t -T", ""),
    ("caddy validate|adapt|version|fmt", "", ""),
    ("promtool check|query|test", "", ""),
    // Clusters, clouds and containers.
    ("kubectl|oc get|describe|logs|top|version|cluster-info|api-resources|api-versions|explain|diff|wait", "", ""),
    ("kubectl|oc events|port-forward|proxy", "", ""),
    ("kubectl|oc rollout status|history", "", ""),
    ("kubectl|oc auth can-i|whoami", "", ""),
    ("kubectl|oc config view|get-*|current-context|use-context", "", ""),
    ("helm list|ls|status|get|history|show|template|lint|diff|version|search|verify|repo|dependency", "", ""),
    ("terraform|tofu plan|validate|fmt|show|output|version|graph|providers|init|get", "", ""),
    ("terraform|tofu state|workspace list|show|pull|select", "", ""),
    ("docker|podman ps|logs|inspect|images|stats|top|version|info|diff|port|events|history|search", "", ""),
    ("docker|podman pull|build|login|tag", "", ""),
    ("docker|podman image|container|network|volume ls|list|inspect", "", ""),
    ("docker-compose ps|logs|config|images|top|version|ls|pull|build|port|events", "", ""),
    ("ansible-playbook", "-C --check --syntax-check --list-tasks --list-hosts", ""),
    ("aws * describe-*|get-*|list-*|head-*|batch-get-*|wait|ls", "", ""),
    ("gcloud|az * list|describe|show", "", ""),
    ("gcloud|az * * list|describe|show", "", ""),
    ("gh * view|list|watch|checks|status|diff", "", ""),
    ("vercel|netlify|heroku|fly|flyctl ls|list|inspect|logs|status|whoami|ps|info|releases", "", ""),
    ("argocd app get|list|diff|wait|history|manifests|logs", "", ""),
    ("istioctl analyze|version|proxy-status|proxy-config", "", ""),
    ("pulumi preview|about", "", ""),
    ("stern|k9s", "", ""),
    ("pm2 ls|list|status|logs|jlist|prettylist|show|describe|info|monit|pid", "", ""),
    // Databases and queues: their backups too.
    ("pg_isready|pg_dump|pg_dumpall|pg_basebackup|mysqldump|mongodump|pg_controldata", "", ""),
    ("psql", "-l --list", ""),
    ("rabbitmqctl status|list_*|cluster_status|report", "", ""),
    ("redis-cli ping|info|get|mget|llen|lrange|ttl|exists|dbsize|xlen|xinfo|xpending|keys|scan|type|hget", "", ""),
    ("redis-cli hgetall|hlen|scard|smembers|zcard|zrange|strlen|role|time|lastsave|monitor|subscribe", "", ""),
    ("redis-cli config|client get|list", "", ""),
    ("vault status|read|list", "", ""),
    ("consul members|info|catalog", "", ""),
    ("alembic current|history|heads|check", "", ""),
    // Sources, builds and tests.
    ("git status|log|diff|show|fetch|rev-parse|describe|ls-remote|rev-list|ls-files|blame", "", ""),
    ("npm|yarn|pnpm|bun test*|lint*|audit|ls|outdated|view|build*", "", ""),
    ("npm|yarn|pnpm|bun run test*|lint*|check*|smoke*|e2e*|build*|verify*|typecheck*", "", ""),
    ("cargo|go test|check|clippy|vet|build|fmt|version", "", ""),
    ("make test*|check*|smoke*|lint*|verify*|build", "", ""),
    ("mvn|gradle|./gradlew|./mvnw test|verify|check|build|package", "", ""),
    ("pytest|jest|vitest|mocha|rspec|phpunit|playwright|cypress|newman|k6|ab|wrk|hey|vegeta|shellcheck", "", ""),
    ("rails|rake|artisan|prisma test|status|db:migrate:status|migrate:status|db:version|routes", "", ""),
    ("prisma migrate status", "", ""),
    ("php artisan test|migrate:status|about", "", ""),
    ("flyway|liquibase info|validate|status|history", "", ""),
];

/// Whether a command only looks, for sure.
pub(super) fn looks(run: &Run, args: &Args<'_>) -> bool {
    let words: &[Word] = &run.command.words;
    if run.wraps {
        // What it wraps stands behind it, but for `docker exec -d` and what `find` does itself.
        return match args.name {
            "docker" | "podman" => !args.has("-d --detach"),
            "find" => !args.has("-delete -fprint -fls"),
            _ => true,
        };
    }
    // A backup goes into a file.
    if run.command.writes && !args.name.contains("dump") {
        return false;
    }
    let row = |(command, any, none): &Row| args.fits(command) && (any.is_empty() || args.has(any)) && !args.has(none);
    words.is_empty()
        || args.about()
        || dry(words)
        || words[0].text.starts_with("((")
        || LOOKS.iter().any(row)
        || match args.name {
            "curl" => gets(words, args),
            "psql" | "mysql" | "mariadb" | "sqlite3" => selects(words, args),
            _ => false,
        }
}

/// Whether it only says what it would do.
pub(super) fn dry(words: &[Word]) -> bool {
    words.iter().skip(1).any(|w| w.text.starts_with("--dry-run") && w.text != "--dry-run=none")
}

/// Whether `curl` asks by GET or HEAD.
fn gets(words: &[Word], args: &Args<'_>) -> bool {
    let read = |method: &str| matches!(method, "GET" | "HEAD" | "OPTIONS");
    let next = |at: usize| words.get(at + 1).map(|w| w.text.as_str());
    let method = words.iter().enumerate().find_map(|(at, word)| {
        if word.text == "--request" {
            return next(at);
        }
        let letters = cluster(&word.text);
        // Behind the first letter that takes a value comes its value.
        let first = letters.and_then(|l| l.char_indices().find(|(_, c)| takes_next(&format!("-{c}"), args.valued)));
        match (letters, first) {
            (Some(letters), Some((x, 'X'))) => Some(&letters[x + 1..]).filter(|m| !m.is_empty()).or_else(|| next(at)),
            _ => word.text.strip_prefix("--request="),
        }
    });
    let sends = "-d --data --data-raw --data-ascii --data-binary --data-urlencode --json -F --form --form-string -T --upload-file";
    method.map_or_else(|| !args.has(sends) || args.has("-G --get"), |m| read(m) && !args.has("-T --upload-file"))
}

/// Words of statements that look like reading and change something.
const CHANGES: &[&str] = &[
    "pg_promote",
    "pg_terminate",
    "pg_cancel",
    "pg_switch",
    "pg_reload",
    "pg_create",
    "pg_drop",
    "_replay_",
    "setval",
    "nextval",
    "set_config",
    " into ",
    "analyze",
];

/// Whether the statements that a database's client is given only read.
fn selects(words: &[Word], args: &Args<'_>) -> bool {
    let texts = || words.iter().map(|w| w.text.as_str());
    let given = |before: &str, word: &str| {
        let whole = matches!(before, "--command" | "--execute");
        whole
            || cluster(before).is_some_and(|c| c.ends_with(if args.name == "psql" { 'c' } else { 'e' }))
                && !word.is_empty()
    };
    let mut sql: Vec<&str> = texts().zip(texts().skip(1)).filter(|(b, w)| given(b, w)).map(|(_, w)| w).collect();
    sql.extend(texts().filter_map(|t| t.strip_prefix("--command=").or(t.strip_prefix("--execute="))));
    if args.name == "sqlite3" {
        sql = args.words.get(1..).unwrap_or(&[]).to_vec();
    }
    let reads = |statement: &str| {
        let statement = statement.trim().to_lowercase();
        let first = statement.split(|c: char| c.is_whitespace() || c == '(').next().unwrap_or("");
        let looks = matches!(first, "" | "select" | "show" | "explain" | "table" | "values" | "describe")
            || first.starts_with("\\d")
            || first.starts_with("\\l")
            || first.starts_with(".tables")
            || first.starts_with(".schema");
        looks && !CHANGES.iter().any(|c| statement.contains(c))
    };
    !sql.is_empty() && !args.has("-f --file") && sql.iter().all(|sql| sql.split(';').all(reads))
}
