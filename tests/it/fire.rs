//! A trigger that people fire, through a real engine: what a person says holds the launch and leads to the way back.

use super::support::launch::Launch;
use super::support::launches::text;
use super::support::wait_for;

const PLAN: &str = r#"
[plan]
name = "Fire"
environment = "test"

[vars]
site = ""
flags = "/nowhere"

[[phase]]
id = "ship"

  [[phase.step]]
  id = "deploy"
  run = "true"
  undo = "echo undone > \"$flags/undone\""

[[trigger]]
id = "corruption"
ask = "Data corruption?"
action = "propose"
"#;

#[test]
fn what_a_person_fires_holds_the_launch_asks_to_go_back_and_leads_there() {
    let mut launch = Launch::planned(PLAN);
    launch.id = launch.start("");
    launch.taken(&["run", "deploy"]);
    launch.until("deploy", "done");
    let long = || text(&launch.tminus(&["status", "--long"]).stdout);
    let armed = "trigger corruption is for people to fire: Data corruption? (`tminus do fire corruption WHY`)";
    assert_eq!(launch.status()["triggers"]["corruption"]["text"], armed);
    let (status, refused) = launch.order(&["fire", "corruption"]);
    assert_eq!((status, refused["why"].as_str().unwrap().starts_with("why is missing")), (2, true), "{refused}");
    let fired = launch.tminus(&["do", "--as", "mia", "fire", "corruption", "two balances are negative"]);
    assert!(fired.status.success(), "{fired:?}");

    let said = long();
    for part in ["FIRED by mia (declared): Data corruption? two balances are negative", "asks: undo deploy"] {
        assert!(said.contains(part), "{part}: {said}");
    }
    let (status, refused) = launch.order(&["run", "deploy"]);
    assert_eq!(status, 4, "the launch holds: {refused}");
    let json = launch.status();
    let trigger = &json["triggers"]["corruption"];
    assert_eq!((&trigger["state"], &trigger["ask"]), (&"fired".into(), &"Data corruption?".into()), "{trigger}");

    launch.taken(&["rollback", "stage"]);
    wait_for("the undo's mark", || std::fs::metadata(launch.path("undone")).ok());
    wait_for("the end of the way back", || (launch.count("rollback-done") == 1).then_some(()));
    let started = launch.events().into_iter().find(|e| e["event"]["type"] == "rollback-started").unwrap();
    assert_eq!(started["event"]["trigger"], "corruption", "{started}");
    assert_eq!(launch.status()["triggers"]["corruption"]["state"], "followed");
    launch.taken(&["clear", "corruption", "the data were repaired"]);
    let report = text(&launch.tminus(&["report"]).stdout);
    assert!(report.contains("Data corruption?: two balances are negative"), "{report}");
}
