//! What commands give to later ones.

use crate::core::ids::{RunId, RunKind};
use crate::core::launch::testing::*;
use crate::core::launch::{LaunchState, StepStatus, missing_outputs};
use crate::core::order::{Way, What};
use crate::core::outline::{Outline, Undo};
use crate::core::tell::tell;
use crate::core::time::Span;

/// `build` gives IMAGE, `ship` needs it, `other` does not.
fn planned() -> Outline {
    plan(vec![
        runs("build", |s| {
            s.output = Some("IMAGE".into());
            s.undo = undo(&[]);
        }),
        runs("ship", |s| s.run = Some("./ship \"${IMAGE}\"".into())),
        runs("other", |s| s.run = Some("./x $IMAGES".into())),
    ])
}

fn begun() -> Sim {
    let mut sim = Sim::new(planned());
    sim.pass(Span::secs(20));
    sim
}

fn run(step: &str, kind: RunKind) -> RunId {
    RunId { step: step.into(), kind, attempt: 1 }
}

fn value(sim: &Sim) -> Option<String> {
    sim.state.outputs.get("IMAGE")?.value.clone()
}

#[test]
fn the_last_line_is_kept_for_later_steps_and_a_step_that_needs_one_that_is_not_there_is_refused() {
    let mut sim = begun();
    let refused = why(sim.start("ship"));
    assert_eq!(
        refused,
        "`ship` can't start: it needs the output `IMAGE` of `build`, which is not there yet; its step gives it, or a \
         person says what it is; do run build; do output IMAGE VALUE WHY"
    );
    let said = sim.explain("ship");
    assert!(
        !said.due && said.because.contains(&"it needs the output `IMAGE` of `build`, which is not there yet".into())
    );
    sim.start("other").unwrap();
    sim.start("build").unwrap();
    sim.gives("build.do.1", Ok("registry/app@sha256:1"));
    assert_eq!(value(&sim).as_deref(), Some("registry/app@sha256:1"));
    sim.start("ship").unwrap();
    assert!(sim.explain("ship").because.iter().all(|b| !b.contains("IMAGE")));
    let told = sim.events.iter().map(|r| tell(&sim.state, &r.event).text).find(|text| text.contains("gives"));
    assert_eq!(told.as_deref(), Some("Step build  gives IMAGE: registry/app@sha256:1"));
}

#[test]
fn what_can_not_be_kept_is_said_and_a_person_may_give_it() {
    for (last, found) in [(Some(Err("it holds a secret")), "it holds a secret"), (None, "its command printed no line")]
    {
        let mut sim = begun();
        sim.start("build").unwrap();
        match last {
            Some(last) => sim.gives("build.do.1", last),
            None => sim.ends("build.do.1", 0),
        }
        assert!(matches!(sim.status("build"), StepStatus::Done { .. }));
        assert!(why(sim.start("ship")).contains(&format!("which has none: {found}")), "{found}");
        let give = |value: &str, why: &str| What::Output { name: "IMAGE".into(), value: value.into(), why: why.into() };
        assert!(why(sim.order(give("x", ""))).contains("needs a reason"));
        assert!(why(sim.order(give("a\nb", "x"))).contains("one line"));
        sim.order(give("app:1", "from the registry")).unwrap();
        sim.start("ship").unwrap();
    }
    let mut sim = begun();
    let wrong = sim.order(What::Output { name: "IMGE".into(), value: "x".into(), why: "y".into() });
    assert_eq!(why(wrong), "no step of the plan has an output `IMGE`: it has IMAGE");
}

#[test]
fn a_command_that_failed_gives_nothing_and_an_undone_step_takes_its_output_along() {
    let mut sim = begun();
    sim.start("build").unwrap();
    sim.ends("build.do.1", 1);
    assert!(sim.state.outputs.is_empty());
    sim.order(What::Release { of: None, seen: None, why: "again".into() }).unwrap();
    sim.start("build").unwrap();
    sim.gives("build.do.2", Ok("app:1"));
    let state: LaunchState = serde_json::from_value(serde_json::to_value(&sim.state).unwrap()).unwrap();
    assert_eq!(state, sim.state);
    sim.order(What::Rollback { way: Way::All, trigger: None, typed: None, why: "bad".into() }).unwrap();
    assert_eq!(value(&sim).as_deref(), Some("app:1"), "its undo may need it");
    sim.ends("build.undo.1", 0);
    assert_eq!((value(&sim), missing_outputs(&sim.state, &run("ship", RunKind::Do), "$IMAGE").len()), (None, 1));
}

#[test]
fn the_command_that_gives_an_output_does_not_need_it() {
    let mut outline = planned();
    outline.steps[0].run = Some("IMAGE=$(./build.sh); echo \"$IMAGE\"".into());
    outline.steps[0].undo = undo(&[]).map(|undo| Undo { run: "./remove.sh \"$IMAGE\"".into(), ..undo });
    let mut sim = Sim::new(outline);
    let said = sim.explain("build");
    assert!(said.due && !said.orders.iter().any(|order| matches!(order, What::Output { .. })), "{said:?}");
    sim.start("build").unwrap();
    // What undoes it needs it, and so do later ones.
    let missing = |sim: &Sim, kind| missing_outputs(&sim.state, &run("build", kind), "./remove.sh \"$IMAGE\"").len();
    assert_eq!((missing(&sim, RunKind::Do), missing(&sim, RunKind::Undo)), (0, 1));
    assert!(sim.explain("ship").orders.iter().any(|order| matches!(order, What::Output { .. })));
}

#[test]
fn a_step_is_due_since_its_output_is_there_and_explain_names_first_the_step_that_gives_it() {
    let mut sim = begun();
    let lacks = sim.explain("ship");
    let orders: Vec<String> = lacks.orders.iter().map(crate::core::spell::write).collect();
    assert_eq!(orders, ["run build", "output IMAGE VALUE WHY"]);
    sim.pass(Span::secs(7));
    sim.start("build").unwrap();
    let lacks = sim.explain("ship");
    let orders: Vec<String> = lacks.orders.iter().map(crate::core::spell::write).collect();
    assert_eq!(orders, ["output IMAGE VALUE WHY"]);
    sim.pass(Span::secs(5));
    sim.gives("build.do.1", Ok("app:1"));
    let now = sim.now;
    sim.pass(Span::secs(3));
    let due = sim.explain("ship");
    assert_eq!((due.state.as_str(), due.since), ("due", Some(now)));
}
