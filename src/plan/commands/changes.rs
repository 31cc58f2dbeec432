//! Whether a command changes production: for sure, surely not, or nobody can tell from here, as of `./weight.sh`.

use super::args::Args;
use super::looks::{dry, looks};
use super::shell::Word;
use super::unwrap::{Run, program, runs};

/// What a shell command does to production.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::plan) enum Effect {
    /// It changes it for sure.
    Changes,
    /// It only looks, for sure.
    Looks,
    /// Nobody can tell from its words.
    Unknown,
}

/// Programs with the subcommands that change something; without any, each does.
const CHANGES: &[(&str, &str)] = &[
    ("kubectl", "apply create set scale delete patch replace drain cordon uncordon restart undo"),
    ("oc", "apply create set scale delete patch replace"),
    ("helm", "install upgrade rollback uninstall"),
    ("terraform", "apply destroy"),
    ("tofu", "apply destroy"),
    ("pulumi", "up update destroy"),
    ("ansible-playbook", ""),
    ("docker-compose", "up down restart stop start"),
    ("docker", "stop start restart rm"),
    ("systemctl", "start stop restart reload enable disable"),
    ("pm2", "start stop restart reload delete"),
    ("rails", "db:migrate"),
    ("rake", "db:migrate"),
    ("artisan", "migrate"),
    ("php", "migrate"),
    ("flyway", "migrate"),
    ("liquibase", "update"),
    ("alembic", "upgrade downgrade"),
    ("git", "push"),
];

/// How the subcommands of `aws` begin that change something.
const AWS: &[&str] =
    &["update-", "create-", "delete-", "put-", "modify-", "register-", "deregister-", "start-", "stop-", "reboot-"];

/// Parts of the name of a script or a task that changes production.
const NAMES: &[&str] = &["migrat", "deploy", "cutover", "promote", "failover", "rollout"];

/// Words in a name that take it back.
const LOOKS: &[&str] = &[
    "check",
    "status",
    "verify",
    "test",
    "dry",
    "plan",
    "wait",
    "list",
    "notify",
    "announce",
    "smoke",
    "validate",
    "lint",
    "show",
    "diff",
    "preflight",
    "probe",
    "backup",
];

/// First arguments and options with which a script only looks.
const ASKS: &[&str] = &["check", "status", "verify", "validate", "plan", "list", "show", "diff", "lint", "noop"];

/// Programs that run a script.
const INTERPRETERS: &[&str] = &["bash", "sh", "zsh", "python", "python3", "node", "ruby", "perl", "php"];

/// What a shell command does to production.
pub(in crate::plan) fn effect(text: &str) -> Effect {
    let of = runs(text).iter().map(one).collect::<Vec<_>>();
    if of.contains(&Effect::Changes) {
        Effect::Changes
    } else if of.iter().all(|effect| *effect == Effect::Looks) {
        Effect::Looks
    } else {
        Effect::Unknown
    }
}

fn one(run: &Run) -> Effect {
    let words: &[Word] = &run.command.words;
    let args = Args::of(words, program(words));
    if looks(run, &args) || dry(words) {
        return Effect::Looks;
    }
    let has = |subs: &str| subs.is_empty() || args.words.iter().any(|w| subs.split(' ').any(|s| s == *w));
    let aws = || args.words.get(1).is_some_and(|w| AWS.iter().any(|verb| w.starts_with(verb)));
    if CHANGES.iter().any(|(name, subs)| *name == args.name && has(subs)) || args.name == "aws" && aws() {
        return Effect::Changes;
    }
    let (script, first) = match args.words.as_slice() {
        [script, rest @ ..] if INTERPRETERS.contains(&args.name) => (*script, rest.first()),
        rest => (args.name, rest.first()),
    };
    let stem = script.rsplit('/').next().unwrap_or(script);
    let changes = NAMES.iter().any(|n| stem.contains(n));
    let asks = first.is_some_and(|w| ASKS.contains(w) || *w == "test" && !changes)
        || args.options.iter().any(|o| o.strip_prefix("--").is_some_and(|o| ASKS.contains(&o)));
    let ours = script.contains(['/', '.']) || changes;
    match (ours && (asks || named_so(stem)), changes) {
        // What it prints is what it does, unless that goes into a file.
        (true, _) if !run.command.writes => Effect::Looks,
        (false, true) => Effect::Changes,
        _ => Effect::Unknown,
    }
}

/// Whether a name says that it only looks: one of its words does, as in `smoke-test.sh` and `healthcheck.sh`, and not
/// in `deploy-latest.sh`.
fn named_so(stem: &str) -> bool {
    stem.split(|c: char| !c.is_ascii_alphanumeric()).any(|part| {
        let is = |look: &&str| part.strip_prefix(*look).is_some_and(|rest| matches!(rest, "" | "s" | "er" | "ing"));
        LOOKS.iter().any(is) || part.ends_with("check") || part.starts_with("smoke") || part == "health"
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// In each row commands of one kind, a line each.
    const TOLD: &[(Effect, &str)] = &[
        (
            Effect::Changes,
            "migrate
            ./deploy.sh green
            ./deploy-latest.sh
            ./deploy.sh latest
            ./deploy.sh checkout-service
            bash deploy.sh
            ssh h 'systemctl restart web'
            kubectl -n x apply -f y
            kubectl rollout restart deploy/web
            kubectl rollout undo deploy/test
            helm upgrade x y --wait --timeout 5m
            terraform apply -auto-approve
            ansible-playbook x.yml
            docker compose up -d
            docker run --rm image:1 ./migrate.sh
            find . -name x.yml -exec kubectl apply -f {} +
            aws ecs update-service --service web
            php artisan migrate --force
            bin/rails db:migrate
            curl -fsS http://x; ./deploy.sh",
        ),
        (
            Effect::Looks,
            "kubectl get pods
            kubectl get pods -o json > /tmp/pods.json
            kubectl -n x rollout status deploy/web --timeout=60s
            kubectl apply --dry-run=server -f y
            kubectl wait --for=condition=ready pod/x
            helm list
            curl -fsS http://x
            curl -fsSX GET http://x
            curl -fsS -o /dev/null -w '%{http_code}' http://x
            curl -fG -d a=b http://x
            curl -f -H 'X-A: 1' http://x | jq -e .ok
            terraform plan -out x
            nginx -t
            sudo nginx -t
            echo hi
            echo deploy
            command -v jq
            ./smoke-test.sh
            ./smoke.sh
            ./check-deploy.sh
            ./healthcheck.sh
            ./deploy.sh --check
            ./deploy.sh status
            bash scripts/verify.sh
            npm test
            docker run --rm -e A=b image:1 npm test
            find . -name x -exec grep -q y {} \\;
            npm run test:e2e
            make check
            pg_dump db > dump.sql
            psql -c 'select 1'
            psql -Atc \"select count(*) from pg_stat_replication\" db
            mysql -e 'show slave status'
            redis-cli -h x info
            aws ecs describe-services --cluster x
            x=$(curl -fsS http://x); test \"$x\" = ok
            for h in a b; do ssh $h uptime; done
            if ! curl -fsS http://x; then exit 1; fi
            until curl -fsS http://x; do sleep 1; done
            [ -f x ] && [[ $a = b ]] && echo well >&2
            true",
        ),
        (
            Effect::Unknown,
            "./weight.sh 5
            curl -f -X POST http://x
            curl -fsSXDELETE http://x
            curl -f -d a=b http://x
            curl -fsS --json '{}' http://x
            psql -v ON_ERROR_STOP=1 -f x.sql
            psql -c 'drop table x'
            psql -c 'select pg_promote()'
            psql -c 'select 1; delete from x'
            echo 5 > /etc/weight
            command ./x
            git checkout v2
            pulumi config set a b
            kubectl get pods -o json > pods.json
            sed -i s/a/b/ /etc/x
            find . -delete
            find . -exec ls {} + -delete
            find . -exec rm {} +
            docker run -d image ls
            rm -rf x
            docker exec -d web ./x
            docker exec web ./x
            nginx -s reload
            $cmd
            ./run-all.sh test-data
            python3 -c 'x()'",
        ),
    ];

    #[test]
    fn what_changes_production_is_told_from_what_looks_and_from_what_nobody_can_tell() {
        let mut wrong = String::new();
        for (wanted, commands) in TOLD {
            for text in commands.lines().map(str::trim) {
                let found = effect(text);
                if found != *wanted {
                    wrong.push_str(&format!("{text}: {found:?}, not {wanted:?}\n"));
                }
            }
        }
        assert!(wrong.is_empty(), "{wrong}");
    }
}
