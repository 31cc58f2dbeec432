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

#[test]
fn a_script_is_found_wherever_it_is_certain_and_its_interpreter_must_be_there_too() {
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, first: &str| {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, format!("{first}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    write("sub/good.sh", "#!/usr/bin/env -S sh -e");
    write("gone.sh", "#!/opt/no-such-interpreter");
    write("env.sh", "#!/usr/bin/env no-such-interpreter-x");
    write("dos.sh", "#!/bin/sh\r");
    let text = "[plan]\nname='x'\nenvironment='t'\n[channel.ops]\ncommand={run='./page.sh --now'}\n\
         [[phase]]\nid='p'\n[[phase.step]]\nid='a'\nrun='cd sub && ./good.sh && bash -x ./traced.sh'\n\
         [[phase.step]]\nid='b'\nrun='./gone.sh; ./env.sh; ./dos.sh; eval ./evaluated.sh'\n";
    let file = dir.path().join("plan.toml");
    std::fs::write(&file, text).unwrap();
    let choices = Choices::default();
    let plan = load(text, "plan.toml", &choices).unwrap();
    let found = gather(&Needs::of(&plan, &file, &choices, Arc::new(Secrets::default()), dir.path()));
    assert_eq!(said(&found, "sub/good.sh"), "ok there and executable // ");
    for missing in ["sub/traced.sh", "./evaluated.sh", "./page.sh"] {
        assert!(said(&found, missing).starts_with("BLOCKER not there: "), "{}", said(&found, missing));
    }
    for (script, why) in [
        ("./gone.sh", "its interpreter /opt/no-such-interpreter is not there // install it"),
        ("./env.sh", "its interpreter no-such-interpreter-x is not found along the engine's PATH // install it"),
        ("./dos.sh", "its first line ends in a carriage return, so that its interpreter is not found // sed -i"),
    ] {
        assert!(said(&found, script).starts_with(&format!("BLOCKER {why}")), "{}", said(&found, script));
    }
}
