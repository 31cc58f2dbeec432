//! `tminus check --sheet`: the ways back on one page that needs no tminus, to be printed or posted before T-0. It holds
//! what a person with a shell must know when the engine or its whole machine is gone.

use std::fmt::Write as _;
use std::path::Path;

use crate::core::condition::Condition;
use crate::core::ids::{ProbeId, RoleId};
use crate::core::launch::answers::NO_LOSS;
use crate::core::outline::{Outline, RollbackOutline, StepOutline, Then, TriggerAction};
use crate::core::text::clean;
use crate::core::time::{Span, Timestamp};

/// The page of a plan. `address` says where a probe asks, secrets as written; `file` is the plan's path, `hash` that of its text.
pub fn sheet(
    outline: &Outline,
    address: impl Fn(&ProbeId) -> Option<String>,
    file: &Path,
    hash: &str,
    now: Timestamp,
) -> String {
    let mut page = String::new();
    let _ = writeln!(page, "BREAK GLASS: {}, {}", outline.called(), outline.environment);
    let made = now.utc().format("%Y-%m-%d %H:%M UTC");
    let short: String = hash.chars().take(12).collect();
    let _ = writeln!(page, "made {made} from {} ({short}); nothing on this page needs tminus", file.display());

    head(&mut page, "BEFORE ANY COMMAND");
    let dir = file.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _ = writeln!(page, "  cd {}", quote(&dir.display().to_string()));
    for (name, value) in &outline.vars {
        let _ = writeln!(page, "  export {name}={}", quote(value));
    }
    if !outline.secrets.is_empty() {
        let _ = writeln!(page, "  secrets, from where the plan takes them; their values are never on this page:");
    }
    for (name, reference) in &outline.secrets {
        let _ = writeln!(page, "  export {name}={}", secret(reference));
    }
    outputs(&mut page, outline);
    triggers(&mut page, outline);

    for (at, rollback) in first_first(outline).enumerate() {
        head(&mut page, &format!("WAY BACK {}: {}", at + 1, rollback.title));
        way(&mut page, outline, rollback);
    }
    let undone: Vec<&StepOutline> = outline.steps.iter().rev().filter(|s| s.undo.is_some()).collect();
    if !undone.is_empty() {
        head(&mut page, "STEP BY STEP: undo what was ever started, and only that, from here downwards");
        undone.iter().for_each(|step| undo(&mut page, &outline.shell, step));
    }
    if outline.rollbacks.is_empty() && undone.is_empty() {
        head(&mut page, "NO WAY BACK");
        let _ = writeln!(page, "  the plan has no rollback, and no step has an undo");
    }
    severities(&mut page, outline);
    head(&mut page, "PEOPLE");
    for (role, who) in &outline.roles {
        let contact = who.contact.as_ref().map_or_else(String::new, |c| format!("  {c}"));
        let backup = who.backup.as_ref().map_or_else(String::new, |b| format!("  backup {}", reached(outline, b)));
        let _ = writeln!(page, "  {:<16} {}{contact}{backup}", role.as_str(), who.name);
    }
    if outline.roles.is_empty() {
        let _ = writeln!(page, "  the plan names nobody");
    }
    if let Some(shifts) = &outline.shifts {
        head(&mut page, &format!("ON SHIFT, as {}, counted from T-0", shifts.role));
        for turn in &shifts.turns {
            let _ = writeln!(page, "  from {:<8} {}", turn.at.to_string(), reached(outline, &turn.who));
        }
    }
    head(&mut page, "WHERE TO LOOK");
    for probe in &outline.probes {
        let at = address(&probe.id).map(|at| place(&at)).filter(|at| !probe.target.contains(at.as_str()));
        let at = at.map_or_else(String::new, |at| format!(" at {at}"));
        let _ = writeln!(page, "  {:<16} {} {}{at}", probe.id.as_str(), probe.kind, probe.target);
    }
    // Tabs may matter to a command.
    page.lines().map(|line| line.split('\t').map(clean).collect::<Vec<_>>().join("\t") + "\n").collect()
}

/// An address without the name and the password in it.
fn place(address: &str) -> String {
    let Some((scheme, rest)) = address.split_once("://") else { return address.to_owned() };
    format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, place)| place))
}

/// What commands take from the output of earlier ones: without an engine a person fills it in.
fn outputs(page: &mut String, outline: &Outline) {
    let kept: Vec<_> = outline.steps.iter().filter_map(|s| Some((s.output.as_ref()?, s))).collect();
    if !kept.is_empty() {
        let _ = writeln!(page, "  fill in what earlier steps gave, each the last line that its command wrote:");
    }
    for (name, step) in kept {
        let _ = writeln!(page, "  export {name}=''    # of {}", step.title);
    }
}

/// What asks to go back.
fn triggers(page: &mut String, outline: &Outline) {
    if !outline.triggers.is_empty() {
        head(page, "WHEN TO GO BACK");
    }
    for trigger in &outline.triggers {
        let way = trigger.rollback.as_ref().or(outline.rollback.as_ref()).and_then(|id| outline.rollback(id));
        let way = way.map_or_else(String::new, |way| format!(": {}", way.title));
        let then = match trigger.action {
            TriggerAction::Notify => "look at it".to_owned(),
            TriggerAction::Consider => format!("consider{way}"),
            TriggerAction::Propose => format!("hold, and decide{way}"),
        };
        let _ = writeln!(page, "  {} -> {then}", trigger.fires);
    }
}

/// What is how bad, how fast somebody must be on it, and who is called.
fn severities(page: &mut String, outline: &Outline) {
    if !outline.severities.is_empty() {
        head(page, "HOW BAD IS IT, AND WHO IS CALLED");
    }
    for (level, own) in &outline.severities {
        let means = if own.means.is_empty() { String::new() } else { format!("  {}", own.means.join("; ")) };
        let _ = writeln!(page, "  SEV{level}{means}");
        let respond = own.respond.map(|span| match span {
            Span::ZERO => "respond at once".to_owned(),
            span => format!("respond within {span}"),
        });
        let update = own.update.map(|span| format!("tell how it goes every {span}"));
        let then = own.then.iter().map(|then| match then {
            Then::Hold => "start nothing new".to_owned(),
            Then::Propose => "decide whether to go back".to_owned(),
        });
        let all: Vec<String> = respond.into_iter().chain(update).chain(then).collect();
        if !all.is_empty() {
            let _ = writeln!(page, "        {}", all.join(", "));
        }
        for rung in &own.escalate {
            let when = if rung.after == Span::ZERO { "at once".to_owned() } else { format!("after {}", rung.after) };
            let to: Vec<String> = rung.to.iter().map(|role| called(outline, role)).collect();
            let _ = writeln!(page, "        {when}: {}", to.join(", "));
        }
    }
}

/// A role with its person and how to reach them, and who is called where they don't answer.
fn called(outline: &Outline, role: &RoleId) -> String {
    let Some(who) = outline.roles.get(role) else { return role.to_string() };
    let backup = who.backup.as_ref().map_or_else(String::new, |b| format!(", else {}", reached(outline, b)));
    format!("{role} {}{backup}", reached(outline, &who.name))
}

/// A person with how to reach them, where a role of theirs says so.
fn reached(outline: &Outline, name: &str) -> String {
    let known = outline.roles.values().find(|role| role.name.eq_ignore_ascii_case(name));
    let contact = known.and_then(|role| role.contact.as_ref()).map_or_else(String::new, |c| format!(" {c}"));
    format!("{name}{contact}")
}

/// The named rollbacks, the one that is offered first at the top.
fn first_first(outline: &Outline) -> impl Iterator<Item = &RollbackOutline> {
    let is_first = |r: &&RollbackOutline| Some(&r.id) == outline.rollback.as_ref();
    outline.rollbacks.iter().filter(is_first).chain(outline.rollbacks.iter().filter(move |r| !is_first(r)))
}

fn head(page: &mut String, title: &str) {
    let _ = writeln!(page, "\n{title}");
}

fn way(page: &mut String, outline: &Outline, rollback: &RollbackOutline) {
    let about = rollback.estimate.map_or("no estimate".to_owned(), |e| format!("about {e}"));
    let loses = rollback.loses.as_ref().map_or(NO_LOSS.to_owned(), |l| format!("LOSES {l}"));
    let _ = writeln!(page, "  {about}; {loses}");
    conditions(page, "only while", &rollback.require);
    if let Some(step) = rollback.possible_until.as_ref().and_then(|id| outline.step(id)) {
        let _ = writeln!(page, "  no longer once started: {}", step.title);
    }
    for (at, step) in rollback.steps.iter().enumerate() {
        let owner = step.owner.as_ref().map_or_else(String::new, |o| format!("  ({o})"));
        let _ = writeln!(page, "  {}. {}{owner}", at + 1, step.title);
        for item in &step.items {
            let _ = writeln!(page, "     [ ] {item}");
        }
        if let Some(run) = &step.run {
            command(page, &outline.shell, step, run);
        }
        conditions(page, "then must hold", &step.verify);
    }
}

fn undo(page: &mut String, shell: &[String], step: &StepOutline) {
    let Some(undo) = &step.undo else { return };
    let about = undo.estimate.map_or_else(String::new, |e| format!("  about {e}"));
    let _ = writeln!(page, "  - undo {}{about}", step.title);
    command(page, shell, step, &undo.run);
    conditions(page, "then must hold", &undo.require);
}

fn conditions(page: &mut String, what: &str, all: &[Condition]) {
    for condition in all {
        let _ = writeln!(page, "     {what}: {condition}");
    }
}

/// A command as it can be pasted, exactly as tminus would run it, its row's variables before it.
fn command(page: &mut String, shell: &[String], step: &StepOutline, run: &str) {
    let vars = step.vars.iter().map(|(name, value)| format!("{name}={}", quote(value)));
    let words = shell.iter().map(|word| quote(word));
    let line: Vec<String> = vars.chain(words).chain([quote(run.trim())]).collect();
    let _ = writeln!(page, "     {}", line.join(" "));
}

/// How a shell gets a secret's value; the value itself is never on the page.
fn secret(reference: &str) -> String {
    let inner = reference.trim().strip_prefix("${").and_then(|r| r.strip_suffix('}'));
    match inner.and_then(|r| r.split_once(':')) {
        Some(("env", name)) => format!("\"${{{name}:?set it first}}\""),
        Some(("file", path)) => format!("\"$(cat {})\"", quote(path)),
        _ => quote(reference),
    }
}

/// A text as one word of a POSIX shell.
fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:@%+,=".contains(c);
    match !text.is_empty() && text.chars().all(plain) {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::{Choices, check};

    const PLAN: &str = r#"
[plan]
name = "Shop"
version = "v2"
environment = "production"
rollback = "traffic"
[vars]
greeting = "it's me"
[secrets]
primary = "${env:PRIMARY_URL}"
token = "${file:/etc/shop token}"
[roles]
dba = { name = "Ana", contact = "+49 30 1", backup = "Tom" }
ops = { name = "Tom", contact = "+49 30 2" }
[severity.1]
means = ["Down", "Data loss"]
respond = "0m"
update = "15m"
escalate = [{ after = "0m", to = ["dba"] }, { after = "15m", to = ["ops"] }]
then = ["hold", "propose"]
[shifts]
role = "ops"
turns = [{ at = "T+0", who = "Tom" }, { at = "T+8h", who = "Ana" }]
[[trigger]]
id = "corrupt"
ask = "Is data corrupted?"
action = "propose"
rollback = "database"
[[probe]]
id = "ratio"
prometheus = { url = "http://prom.internal:9090", query = "ratio", unit = "%" }
[[probe]]
id = "blue"
http = { url = "http://127.0.0.1:1/health" }
[[phase]]
id = "prepare"
step = [{ id = "backup", title = "Back up", run = "./backup.sh", output = "dump" }]
[[phase]]
id = "traffic"
each = [{ n = 5 }, { n = 25 }]
[[phase.step]]
id = "share-${n}"
title = "${n} %"
owner = "dba"
run = "./weight.sh $n"
undo = "./weight.sh '$previous_n'"
[rollback.database]
title = "Restore the database"
estimate = "15m"
loses = "every write since the backup"
[[rollback.database.step]]
id = "restore"
title = "Restore"
owner = "dba"
run = "./restore.sh"
[rollback.traffic]
title = "All to blue"
require = ["blue is ok"]
possible-until = "share-25"
undoes = ["share-*"]
[[rollback.traffic.step]]
id = "to-blue"
run = "./weight.sh 0"
verify = ["blue is ok for 30s"]
"#;

    fn page() -> String {
        let (plan, problems) = check(PLAN, &Choices::default());
        let plan = plan.unwrap_or_else(|| panic!("{problems:?}"));
        sheet(
            &plan.outline,
            |id| plan.probes.get(id)?.address(),
            Path::new("/srv/my plans/shop.toml"),
            "0123456789abcdef",
            Timestamp::default(),
        )
    }

    #[test]
    fn where_a_probe_asks_is_told_without_a_password() {
        for (address, told) in [
            ("postgres://app:s3/cr@t@db-1:5432/shop", "postgres://db-1:5432/shop"),
            ("http://prom.internal:9090", "http://prom.internal:9090"),
            ("${secret.primary}", "${secret.primary}"),
        ] {
            assert_eq!(place(address), told);
        }
    }

    #[test]
    fn the_page_needs_no_tminus() {
        insta::assert_snapshot!(page());
    }

    #[test]
    fn a_shell_reads_every_command_as_the_engine_would() {
        let page = page();
        let line = page.lines().find(|line| line.contains("n=25")).unwrap();
        let script = line.replace("./weight.sh", "echo");
        let out = std::process::Command::new("bash").args(["-c", &script]).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stdout), "$previous_n\n");
    }
}
