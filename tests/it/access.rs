//! Nobody else reads what a launch keeps, puts something in its way, or changes what it runs.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::process::Command;

use super::support::launch::Launch;
use super::support::launches::text;
use super::support::wait_for;

/// One step with a command, whose end is seen.
const PLAN: &str = "[plan]\nname = 'Access'\nenvironment = 'test'\n[vars]\nflags = '/nowhere'\n[roles]\nlead = { name = 'Ana' }\n\
    [[phase]]\nid = 'one'\ntitle = 'One'\n[[phase.step]]\nid = 'say'\nowner = 'lead'\nrun = 'echo said'\n";

fn with_mode(path: &Path, mode: u32) {
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

/// Everything below a directory, itself included, that somebody else has any right to.
fn open_to_others(dir: &Path) -> Vec<String> {
    let about = std::fs::symlink_metadata(dir).unwrap();
    let own = (about.mode() & 0o077 != 0).then(|| format!("{} {:o}", dir.display(), about.mode()));
    let below = about.is_dir().then(|| std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()));
    own.into_iter().chain(below.into_iter().flatten().flat_map(|path| open_to_others(&path))).collect()
}

/// What a launch of the plan says, where it is refused.
fn refused(launch: &Launch, more: &[&str]) -> String {
    let plan = launch.path("plan.toml").display().to_string();
    let out = launch.tminus(&[&["launch", &plan, "--headless"], more].concat());
    assert!(!out.status.success(), "{out:?}");
    text(&out.stderr)
}

#[test]
fn what_a_launch_keeps_is_its_owners_alone_whatever_the_umask() {
    for umask in ["000", "022", "077"] {
        let mut launch = Launch::planned(PLAN);
        let plan = launch.path("plan.toml");
        let binary = env!("CARGO_BIN_EXE_tminus");
        let started = Command::new("sh")
            .args(["-c", &format!("umask {umask}; exec \"$0\" launch \"$1\" --headless"), binary])
            .arg(&plan)
            .env("TMINUS_STATE", launch.path("state"))
            .output()
            .unwrap();
        assert!(started.status.success(), "{started:?}");
        launch.id = text(&started.stdout).trim().to_owned();
        launch.taken(&["run", "say"]);
        launch.until("say", "done");
        launch.kill_engine();
        launch.looked_at();
        assert_eq!(open_to_others(&launch.path("state")), [""; 0], "umask {umask}");
    }
}

#[test]
fn a_plan_that_others_can_write_starts_no_live_launch_and_is_taken_into_none() {
    let mut launch = Launch::planned(PLAN);
    let plan = launch.path("plan.toml");
    with_mode(&plan, 0o666);
    let said = refused(&launch, &[]);
    assert!(said.contains("others can write this plan (mode 0666)") && said.contains("chmod go-w"), "{said}");
    assert_eq!(
        std::fs::read_dir(launch.path("state")).unwrap().filter(|e| e.as_ref().unwrap().path().is_dir()).count(),
        0
    );
    let card = launch.tminus(&["check", "--probe", &plan.display().to_string()]);
    assert!(text(&card.stdout).contains("others can write this plan"), "{card:?}");
    let mut other = Launch::planned(PLAN);
    with_mode(&other.path("plan.toml"), 0o666);
    let of_other = other.path("plan.toml").display().to_string();
    let rehearsal = other.tminus(&["launch", &of_other, "--headless", "--rehearse"]);
    assert!(rehearsal.status.success(), "stand-ins run nothing: {rehearsal:?}");
    other.id = text(&rehearsal.stdout).trim().to_owned();

    with_mode(&plan, 0o644);
    launch.id = launch.start("");
    std::fs::write(&plan, PLAN.replace("echo said", "echo more")).unwrap();
    with_mode(&plan, 0o666);
    wait_for("the edited file", || launch.status()["plan_file"].to_string().contains("no longer").then_some(()));
    let hash = launch.order(&["diff"]).1["hash"].as_str().unwrap().to_owned();
    let (status, answer) = launch.order(&["adopt", &hash]);
    assert_ne!(status, 0);
    assert!(answer.to_string().contains("others can write this plan"), "{answer}");
    with_mode(&plan, 0o644);
    launch.taken(&["adopt", &hash]);
}

#[test]
fn a_directory_that_others_made_or_could_have_changed_is_refused() {
    let mut launch = Launch::planned(PLAN);
    let (state, real) = (launch.path("state"), launch.path("real"));
    std::fs::create_dir(&real).unwrap();
    std::os::unix::fs::symlink(&real, &state).unwrap();
    let said = refused(&launch, &[]);
    assert!(said.contains("symbolic link") && said.contains("set TMINUS_STATE="), "{said}");
    std::fs::remove_file(&state).unwrap();

    std::fs::create_dir(&state).unwrap();
    with_mode(&state, 0o777);
    assert!(refused(&launch, &[]).contains("others can write into it (mode 0777)"));
    with_mode(&state, 0o755);
    launch.id = launch.start("");

    launch.kill_engine();
    with_mode(&launch.directory(), 0o777);
    assert!(refused(&launch, &[]).contains("others can write into it (mode 0777)"));
    with_mode(&launch.directory(), 0o755);
    launch.looked_at();
    assert_eq!(open_to_others(&launch.directory()), [""; 0], "closed again");
}
