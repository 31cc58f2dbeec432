//! A scenario against its plan.

use std::collections::BTreeMap;

use serde_json::json;

use crate::core::reading::Outcome;
use crate::plan::schema;
use crate::plan::{Choices, Plan, load, scenario};

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
critical = "errors[green] > 5%"
[[probe]]
id = "api"
http = { url = "http://localhost/", version = "$.v", services = "$.s.*", expect = { status = 204 } }
[[probe]]
id = "lag"
postgres = { url = "${secret.db}", measure = "replication", expect = ["replica-1"] }
[[probe]]
id = "pool"
postgres = { url = "${secret.db}", measure = "connections" }
[secrets]
db = "${env:DB}"
"#;

fn plan() -> Plan {
    let text = format!("{PLAN}\n[[phase]]\nid='p'\n[[phase.step]]\nid='deploy'\nrun='true'\n");
    load(&text, "plan.toml", &Choices::default()).unwrap()
}

#[test]
fn a_scenario_is_read_against_its_plan() {
    let plan = plan();
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
        ("signal='errors'\nvalue='ok'", "what is ok of `errors.value` can't be known|write it as"),
        ("signal='pool'\nvalue='ok'", "what is ok of `pool.used` can't be known|write it as"),
        ("signal='errors[gren]'\nvalue='8%'", "nothing in the plan speaks of `errors[gren]`|did you mean `green`?"),
        ("signal='lag[replica-2]'\nvalue='2s'", "lag does not expect an instance `replica-2`|`replica-1`?"),
        ("signal='green[x]'\nvalue='ok'", "green measures one thing: it has no instance `x`|leave the brackets out"),
        ("signal='green'\nvalue='ok'\nform='T+1m'", "there is no key `form` here|did you mean"),
    ] {
        let (_, problems) = scenario::check(&format!("[[set]]\n{set}\n"), &plan);
        let said =
            problems.iter().map(|p| format!("{}|{}", p.message, p.help.as_deref().unwrap_or(""))).collect::<String>();
        let all = wanted.split('|').all(|part| said.contains(part));
        assert!(all && problems.len() == usize::from(!wanted.is_empty()), "{set}: {said}");
    }
    let wrong = scenario::load("[[set]]\nsignal = \"erors\"\nvalue = \"8%\"\n", "night.toml", &plan).unwrap_err();
    assert!(wrong.to_string().contains("night.toml:2:10"), "{wrong}");
}

/// What a line sets, by measure.
fn sets(set: &str) -> BTreeMap<String, String> {
    let found = scenario::load(&format!("[[set]]\n{set}\n"), "night.toml", &plan()).unwrap();
    let word = |outcome: &Outcome| match outcome {
        Outcome::Value(v) => v.get().to_string(),
        Outcome::NoData(why) => format!("none: {why}"),
        Outcome::Failing(why) => format!("failing: {why}"),
        other => format!("{other:?}"),
    };
    found[0].sets().map(|(measure, outcome)| (measure.to_string(), word(outcome))).collect()
}

#[test]
fn a_line_for_a_whole_probe_sets_all_that_can_be_known_of_it() {
    let of = |all: &[(&str, &str)]| all.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let is: BTreeMap<_, _> = of(&[("up", "1"), ("latency", "0.02"), ("status", "204")]);
    assert_eq!(sets("signal='api'\nvalue='ok'"), is, "which version answers is not known");
    assert_eq!(sets("signal='api[db]'\nvalue='ok'"), of(&[("up", "1")]), "a service is up, and has no status");
    assert_eq!(sets("signal='api.up'\nvalue='ok'"), of(&[("up", "1")]), "one measure is one measure");
    assert_eq!(sets("signal='lag'\nvalue='ok'"), of(&[("seconds", "0"), ("bytes", "0"), ("up", "1")]));
    let refused = of(&[("up", "failing: refused"), ("latency", "none: refused")]);
    assert_eq!(sets("signal='green'\nfailing='refused'"), refused);
    assert_eq!(sets("signal='green'\nno-data='401'"), of(&[("up", "none: 401"), ("latency", "none: 401")]));
    assert_eq!(sets("signal='pool'\nvalue='20%'"), of(&[("used", "0.2")]), "a number is the first measure's");
}

#[test]
fn the_schema_of_a_scenario_takes_what_the_reader_takes() {
    let validator = jsonschema::validator_for(&schema::scenario()).unwrap();
    for (set, right) in [
        (json!({ "signal": "green", "value": "ok", "from": "T+5m", "until": "rollback.done" }), true),
        (json!({ "signal": "green", "failing": "refused", "from": "deploy.started + 1h30m", "for": "10m" }), true),
        (json!({ "signal": "green", "no-data": "401", "from": "T-1d", "until": "T+0" }), true),
        (json!({ "signal": "green", "value": "ok", "no-data": "401" }), false),
        (json!({ "signal": "green" }), false),
        (json!({ "value": "ok" }), false),
        (json!({ "signal": "green", "value": "ok", "form": "T+5m" }), false),
        (json!({ "signal": "green", "value": "ok", "from": "soon" }), false),
        (json!({ "signal": "green", "value": "ok", "for": "0m" }), false),
    ] {
        let file = json!({ "set": [set] });
        let (_, problems) = scenario::check(&toml::to_string(&file).unwrap(), &plan());
        assert_eq!((validator.is_valid(&file), problems.is_empty()), (right, right), "{file}: {problems:?}");
    }
}
