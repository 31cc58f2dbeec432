//! Which commands change production for sure. Of others nothing is said: `./smoke.sh` may do anything.

use super::shell::Word;
use super::unwrap::{program, runs};

/// Programs with the subcommands that change something.
const CHANGES: &[(&str, &str)] = &[
    ("kubectl", "apply create set scale delete patch replace drain cordon restart undo"),
    ("helm", "install upgrade rollback uninstall"),
    ("terraform", "apply destroy"),
    ("tofu", "apply destroy"),
    ("docker-compose", "up down restart stop start"),
    ("docker", "stop start restart rm"),
    ("systemctl", "start stop restart reload enable disable"),
    ("pm2", "start stop restart reload delete"),
    ("rails", "db:migrate"),
    ("artisan", "migrate"),
];

/// Parts of the name of a script or a task that changes production.
const NAMES: &[&str] = &["migrat", "deploy", "cutover", "promote", "failover", "rollout"];

/// Parts of a name that take it back.
const LOOKS: &[&str] = &["check", "status", "verify", "test", "dry", "plan", "wait", "list", "notify", "announce"];

/// Whether a shell command changes production for sure.
pub(in crate::plan) fn changes(text: &str) -> bool {
    runs(text).iter().any(|run| {
        let words: &[Word] = &run.command.words;
        let name = program(words);
        let texts = || words.iter().skip(1).map(|w| w.text.as_str());
        if run.wraps || texts().any(|w| w.starts_with("--dry-run") || LOOKS.iter().any(|l| w.contains(l))) {
            return false;
        }
        let known = CHANGES.iter().find(|(program, _)| *program == name);
        let stem = name.rsplit('/').next().unwrap_or(name);
        known.is_some_and(|(_, subs)| texts().any(|w| subs.split(' ').any(|s| s == w)))
            || NAMES.iter().any(|n| stem.contains(n)) && !LOOKS.iter().any(|l| stem.contains(l))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_changes_production_is_told_from_what_may() {
        for text in [
            "migrate",
            "./deploy.sh green",
            "ssh h 'systemctl restart web'",
            "kubectl -n x apply -f y",
            "bin/rails db:migrate",
        ] {
            assert!(changes(text), "{text}");
        }
        for text in [
            "./smoke.sh",
            "curl -f h",
            "kubectl apply --dry-run=server -f y",
            "kubectl rollout status deploy/web",
            "./check-deploy.sh",
            "./deploy.sh --check",
            "echo deploy",
            "pg_dump db",
        ] {
            assert!(!changes(text), "{text}");
        }
    }
}
