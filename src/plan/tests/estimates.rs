//! Measured minutes come back as a difference in which comments stay.

use crate::core::estimates::Measured;
use crate::core::time::Span;
use crate::plan::Choices;
use crate::plan::build::build;
use crate::plan::estimates::propose;

const PLAN: &str = r#"[plan]
name = "x"                       # its name
environment = "test"

[[phase]]
id = "p"

  [[phase.step]]
  id = "deploy"                  # the one that matters
  estimate = "10m"               # a guess
  run = "true"
  undo = { run = "true", estimate = "1m" }

  [[phase.step]]
  id = "look"
  items = ["A", "B"]

[rollback.back]
estimate = "2m"
undoes = ["deploy"]

  [[rollback.back.step]]
  id = "switch"
  run = "true"
"#;

#[test]
fn measured_minutes_are_a_difference_of_the_file_and_nothing_else_changes() {
    let (plan, places) = build(PLAN, &Choices::default(), &mut Vec::new()).unwrap();
    let mut measured = Measured::default();
    measured.steps.insert("deploy".into(), Span::secs(701));
    measured.steps.insert("look".into(), Span::secs(45));
    measured.steps.insert("gone".into(), Span::secs(45));
    measured.undos.insert("deploy".into(), Span::mins(1));
    measured.rollbacks.insert("back".into(), Span::mins(11));
    let proposal = propose(PLAN, "plan.toml", &plan.outline, &places, &measured);
    let wanted = r#"--- plan.toml
+++ plan.toml
@@ -7,16 +7,17 @@
 
   [[phase.step]]
   id = "deploy"                  # the one that matters
-  estimate = "10m"               # a guess
+  estimate = "12m"               # a guess
   run = "true"
   undo = { run = "true", estimate = "1m" }
 
   [[phase.step]]
   id = "look"
+  estimate = "45s"
   items = ["A", "B"]
 
 [rollback.back]
-estimate = "2m"
+estimate = "11m"
 undoes = ["deploy"]
 
   [[rollback.back.step]]
"#;
    assert_eq!(proposal.diff, wanted);
    assert_eq!(proposal.left_out, ["gone took 45s: it is not in the file any more"]);
}
