//! What the machine tells, with real files and a real port.

use std::os::unix::fs::PermissionsExt as _;

use super::*;
use crate::plan::load;

fn said(found: &Found, what: &str) -> String {
    let row = found.rows.iter().find(|row| row.what.contains(what));
    row.map_or_else(
        || format!("no {what} in {:#?}", found.rows),
        |row| format!("{} {} // {}", row.grade.word(), row.found, row.todo),
    )
}

#[test]
fn every_script_is_present_and_executable_and_every_host_is_reached_or_a_row_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let open = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let at = open.local_addr().unwrap();
    let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    for (name, mode) in [("good.sh", 0o755), ("plain.sh", 0o644)] {
        let path = dir.path().join(name);
        std::fs::write(&path, "#!/bin/sh\n").unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
    }
    let text = format!(
        "[plan]\nname='x'\nenvironment='t'\n[secrets]\nhook='${{env:TMINUS_READY_NOT_SET}}'\n\
         [[probe]]\nid='up'\ntcp='{at}'\n[[probe]]\nid='down'\ntcp='{closed}'\n\
         [channel.ops]\nwebhook={{url='http://{closed}/x'}}\n[channel.dark]\nwebhook={{url='${{secret.hook}}'}}\n\
         [[phase]]\nid='p'\n[[phase.step]]\nid='a'\nrun='./good.sh && ./plain.sh; bash ./plain.sh; no-such-program-x'\n\
         undo='./gone.sh'\n",
    );
    let file = dir.path().join("plan.toml");
    std::fs::write(&file, &text).unwrap();
    let choices = Choices::default();
    let plan = load(&text, "plan.toml", &choices).unwrap();
    let needs = Needs::of(&plan, &file, &choices, Arc::new(Secrets::default()), dir.path());
    let found = gather(&needs);
    assert_eq!(said(&found, "./good.sh"), "ok there and executable // ");
    let plain = said(&found, "./plain.sh");
    assert!(plain.starts_with("BLOCKER it is not executable // chmod +x"), "{plain}");
    assert!(said(&found, "./gone.sh").starts_with("BLOCKER not there: "), "{}", said(&found, "./gone.sh"));
    let program = said(&found, "no-such-program-x");
    assert!(program.starts_with("warning not found along the engine's PATH // install it"), "{program}");
    assert!(said(&found, "bash").starts_with("ok found along PATH"), "{}", said(&found, "bash"));
    assert_eq!(said(&found, &at.to_string()), "ok takes a connection (probe up) // ");
    let down = said(&found, &closed.to_string());
    assert!(down.starts_with("warning connection refused (probe down, channel ops)"), "{down}");
    assert!(!found.rows.iter().any(|row| row.found.contains("dark")), "a secret without a value is said as a secret");
    assert!(
        said(&found, "this machine").starts_with("unknown nothing tells the time"),
        "{}",
        said(&found, "this machine")
    );
    assert_eq!(said(&found, "plan.toml"), "ok nothing is left to fill in // ");
    drop(open);
}
