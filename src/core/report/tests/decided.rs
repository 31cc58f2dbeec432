//! Who decided what: beside the gates.

use crate::core::launch::testing::{Sim, plan, runs};
use crate::core::order::What;
use crate::core::report::{Report, markdown};
use crate::core::time::Span;

#[test]
fn approvals_stand_among_the_decisions_with_time_person_step_and_attempt() {
    let mut sim = Sim::new(plan(vec![runs("deploy", |s| s.approvals = 2)]));
    let approve = |sim: &mut Sim, who: &str, attempt, alone: Option<&str>| {
        let alone = alone.map(str::to_owned);
        sim.order_by(who, What::Approve { step: "deploy".into(), attempt, alone }).unwrap();
        sim.pass(Span::secs(10));
    };
    approve(&mut sim, "ben", 1, None);
    approve(&mut sim, "mia", 1, None);
    sim.start("deploy").unwrap();
    sim.ends("deploy.do.1", 1);
    approve(&mut sim, "mia", 2, Some("ben is asleep"));
    let report = Report::of(&sim.events, None).unwrap();
    let page = markdown(&report);
    let said = "## Decisions\n\n\
                - 2027-01-15 08:00:00 **approved** Step deploy, attempt 1, by ben\n\
                - 2027-01-15 08:00:10 **approved** Step deploy, attempt 1, by mia\n\
                - 2027-01-15 08:00:20 **approved** Step deploy, attempt 2, by mia, alone: ben is asleep\n";
    assert!(page.contains(said), "{page}");
    let json = serde_json::to_value(&report).unwrap();
    let second = &json["approvals"][1];
    assert_eq!((&second["step"], &second["attempt"], &second["by"]), (&"Step deploy".into(), &1.into(), &"mia".into()));
    assert_eq!(json["approvals"][2]["alone"], "ben is asleep");
}

#[test]
fn an_output_that_a_person_gave_instead_of_a_command_is_among_the_overrides() {
    let mut sim = Sim::new(plan(vec![runs("build", |s| s.output = Some("IMAGE".into()))]));
    sim.start("build").unwrap();
    sim.gives("build.do.1", Ok("v1"));
    assert_eq!(Report::of(&sim.events, None).unwrap().overrides, []);
    let value = "v2".to_owned();
    sim.order(What::Output { name: "IMAGE".into(), value, why: "read from the registry".into() }).unwrap();
    let page = markdown(&Report::of(&sim.events, None).unwrap());
    let said = "## Overrides\n\n- 2027-01-15 08:00:00 ana: Step build: gives IMAGE: v2, instead of its command: read from the registry\n";
    assert!(page.contains(said), "{page}");
}
