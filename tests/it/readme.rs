//! What the README says is so.

use crate::support::launches::{Launches, text};

const README: &str = include_str!("../../README.md");

#[test]
fn the_keys_are_those_of_the_keymap() {
    let keys = Launches::new().run(&["keys", "--markdown"]);
    assert!(README.contains(text(&keys.stdout).trim()), "paste the output of `tminus keys --markdown` into README.md");
}

#[test]
fn the_shifts_can_be_pasted_into_the_first_plan() {
    let launches = Launches::new();
    let blocks: Vec<&str> = README.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    let shifts = blocks.iter().find(|block| block.contains("[shifts]")).unwrap();
    let file = launches.dir().join("plan.toml");
    std::fs::write(&file, format!("{}\n{shifts}", blocks[0])).unwrap();
    let check = launches.run(&["check", file.to_str().unwrap()]);
    let said = text(&check.stdout) + &text(&check.stderr);
    assert!(check.status.success() && !said.contains("error: "), "{said}");
}

#[test]
fn the_first_plan_has_nothing_wrong_with_it() {
    let launches = Launches::new();
    let plan = README.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let file = launches.dir().join("plan.toml");
    std::fs::write(&file, plan).unwrap();
    let check = launches.run(&["check", file.to_str().unwrap()]);
    let said = text(&check.stdout) + &text(&check.stderr);
    assert!(check.status.success() && said.contains("nothing is wrong"), "{said}");
}

/// The lines of the table of conditions: what is written, and what is said of it.
fn conditions() -> Vec<(&'static str, &'static str)> {
    let section = README.split("\n## Conditions\n").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let table = section.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let line = |line: &'static str| line.split_once("  # ").map(|(text, said)| (text.trim(), said)).expect(line);
    table.lines().map(line).collect()
}

/// What the lines speak of beside the first plan's own `site`.
const PROBES: &str = r#"
[[probe]]
id = "errors"
prometheus = { url = "http://127.0.0.1:9", query = "errors", unit = "ratio" }

[[probe]]
id = "share"
prometheus = { url = "http://127.0.0.1:9", query = "share", unit = "ratio" }

[[probe]]
id = "lag"
postgres = { url = "postgres://127.0.0.1/shop", measure = "replication" }

[[probe]]
id = "green"
http = { url = "http://127.0.0.1:9", version = "$.version" }
"#;

#[test]
fn each_condition_of_the_table_is_one_in_the_first_plan() {
    let launches = Launches::new();
    let plan = README.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    let own = |said: &str| said.starts_with("in a probe's own");
    let lines = conditions();
    assert!(lines.iter().any(|(_, said)| own(said)) && lines.len() > 10, "{lines:?}");
    let limits: Vec<&str> = lines.iter().filter(|(_, said)| own(said)).map(|(text, _)| *text).collect();
    let triggers = lines.iter().filter(|(_, said)| !own(said)).enumerate();
    let triggers =
        triggers.map(|(i, (text, _))| format!("[[trigger]]\nid = \"t{i}\"\nwhen = '{text}'\naction = \"notify\"\n"));
    let critical = "critical = \"is failing for 30s\"";
    assert!(plan.contains(critical));
    let plan = plan.replace(critical, &format!("{critical}\nwarn = {limits:?}"));
    let file = launches.dir().join("plan.toml");
    std::fs::write(&file, plan + PROBES + &triggers.collect::<String>()).unwrap();
    let check = launches.run(&["check", file.to_str().unwrap()]);
    let said = text(&check.stdout) + &text(&check.stderr);
    assert!(check.status.success() && !said.contains("error: "), "{said}");
}

#[test]
fn the_table_shows_each_form_of_a_condition() {
    let lines = conditions();
    assert!(lines.iter().all(|(_, said)| !said.trim().is_empty()), "{lines:?}");
    let all = ["is failing", " for ", "2 of 3", "baseline * ", "±", "[green]", "lag.bytes", "= \"", "] * "];
    for form in all {
        assert!(lines.iter().any(|(text, _)| text.contains(form)), "`{form}` is not shown");
    }
}
