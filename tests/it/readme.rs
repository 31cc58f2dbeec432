//! What the README says is so.

use tminus::core::grammar::parse;

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

#[test]
fn each_condition_of_the_table_is_one() {
    let section = README.split("\n## Conditions\n").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap();
    let table = section.split("```text\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    for line in table.lines() {
        let (text, meaning) = line.split_once("  # ").expect(line);
        let text = text.trim();
        let own = text.starts_with(['>', '<', '[']).then(|| "lag".into());
        parse(text, own.as_ref()).unwrap_or_else(|e| panic!("{text}: {e}"));
        assert!(!meaning.trim().is_empty(), "{line}");
    }
    let all = ["is failing", " for ", "2 of 3", "baseline * ", "±", "[green]", "lag.bytes", "= \"", "] * "];
    for form in all {
        assert!(table.contains(form), "`{form}` is not shown");
    }
}
