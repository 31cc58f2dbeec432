//! A scenario against its plan.

use crate::plan::scenario;
use crate::plan::{Choices, load};

const PLAN: &str = r#"
[plan]
name = "x"
environment = "test"
[[probe]]
id = "green"
tcp = "localhost:1"
[[probe]]
id = "errors"
prometheus = { url = "http://localhost/", query = "q", unit = "ratio" }
"#;

#[test]
fn a_scenario_is_read_against_its_plan() {
    let plan = format!("{PLAN}\n[[phase]]\nid='p'\n[[phase.step]]\nid='deploy'\nrun='true'\n");
    let outline = load(&plan, "plan.toml", &Choices::default()).unwrap().outline;
    for (set, wanted) in [
        ("signal='errors'\nvalue='8%'", ""),
        ("signal='green'\nfailing='refused'\nfrom='T+5m'\nfor='10m'", ""),
        ("signal='green.up'\nvalue='ok'\nuntil='rollback.started'", ""),
        ("signal='erors'\nvalue='8%'", "the plan has no probe `erors`|did you mean `errors`?"),
        ("signal='errors.vale'\nvalue='8%'", "`errors` has no measure `vale`|did you mean `value`?"),
        ("signal='errors'\nvalue='8ms'", "`8ms` is no value of value|write it as"),
        ("signal='errors'\nfailing='x'", "is a number, which does not fail"),
        ("signal='green'\nvalue='up'", "write value = \"ok\", or failing"),
        ("signal='green'", "it does not say what is set"),
        ("signal='green'\nvalue='ok'\nno-data='x'", "it says more than one thing"),
        ("signal='green'\nvalue='ok'\nfrom='deplo.done'", "the plan has no step `deplo`|did you mean `deploy`?"),
        ("signal='green'\nvalue='ok'\nfrom='deploy.ready'", "is no moment of a scenario|write T+5m"),
        ("signal='green'\nvalue='ok'\nfor='0m'", "lasts for some time"),
        ("signal='green'\nvalue='ok'\nform='T+1m'", "there is no key `form` here|did you mean"),
    ] {
        let (_, problems) = scenario::check(&format!("[[set]]\n{set}\n"), &outline);
        let said =
            problems.iter().map(|p| format!("{}|{}", p.message, p.help.as_deref().unwrap_or(""))).collect::<String>();
        let all = wanted.split('|').all(|part| said.contains(part));
        assert!(all && problems.len() == usize::from(!wanted.is_empty()), "{set}: {said}");
    }
    let wrong = scenario::load("[[set]]\nsignal = \"erors\"\nvalue = \"8%\"\n", "night.toml", &outline).unwrap_err();
    assert!(wrong.to_string().contains("night.toml:2:10"), "{wrong}");
}
