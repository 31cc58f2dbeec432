//! Plans as files: those under `tests/plans/invalid` with what is said of each as a snapshot, those under `valid` without
//! an error. And any text at all: nothing makes it panic.

mod criteria;
mod estimates;
mod forms;
mod mistakes;
mod people;
mod remarks;
mod rows;
mod scenario;
mod shifts;
mod told;
mod vantage;
mod watches;

use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::order::fits;
use super::{Choices, check, load, load_again, read};
use crate::core::time::Span;

/// The plans that people start from.
fn shipped() -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
    let found = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path());
    let found: Vec<_> = found.filter(|p| p.extension().is_some_and(|e| e == "toml")).collect();
    assert!(found.len() >= 3, "{found:?}");
    found
}

fn plans(dir: &str) -> Vec<PathBuf> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans").join(dir);
    let mut found: Vec<PathBuf> = std::fs::read_dir(dir).unwrap().map(|e| e.unwrap().path()).collect();
    found.sort();
    assert!(!found.is_empty());
    found
}

fn said(path: &Path) -> String {
    let text = read(path).unwrap();
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    let (_, problems) = check(&text, &Choices::default());
    problems.iter().map(|p| format!("{}\n\n", p.render(&text, &name))).collect()
}

#[test]
fn what_is_wrong_is_said_with_its_place_and_the_way_out() {
    for path in plans("invalid") {
        let text = read(&path).unwrap();
        assert!(load(&text, "plan.toml", &Choices::default()).is_err(), "{}", path.display());
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        insta::with_settings!({ snapshot_path => "../../tests/plans/snapshots", prepend_module_to_snapshot => false }, {
            insta::assert_snapshot!(name, said(&path));
        });
    }
}

#[test]
fn a_reviewer_would_send_this_back() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans/valid/review.toml");
    insta::with_settings!({ snapshot_path => "../../tests/plans/snapshots", prepend_module_to_snapshot => false }, {
        insta::assert_snapshot!("review", said(&path));
    });
}

#[test]
fn every_key_at_once_is_a_plan() {
    for path in plans("valid") {
        let text = read(&path).unwrap();
        let loaded = load(&text, &path.display().to_string(), &Choices::default());
        assert!(loaded.is_ok(), "{}", loaded.unwrap_err());
    }
}

#[test]
fn each_row_is_a_stage_and_knows_the_one_before() {
    let text = read(&plans("valid")[0]).unwrap();
    let plan = load(&text, "everything.toml", &Choices::default()).unwrap();
    let traffic = "traffic".into();
    let stages: Vec<_> = plan.outline.steps_of(&traffic).collect();
    assert_eq!(stages.iter().map(|s| s.title.as_str()).collect::<Vec<_>>(), ["5 % to green", "25 % to green"]);
    assert_eq!(stages[1].vars["previous_n"], "5");
    assert_eq!(stages[0].vars["previous_n"], "0");
    assert_eq!(stages[1].undo.as_ref().unwrap().run, "./weight.sh \"$previous_n\"", "nothing is filled into a command");
    assert_eq!(stages[0].after, ["start".into(), "smoke".into(), "go".into()], "a phase means all of its steps");
    assert_eq!(stages[1].after.last(), Some(&"share-5".into()), "a row can name what it follows");
    assert_eq!(plan.outline.rollbacks[0].undoes, ["share-5".into(), "share-25".into()]);
    assert_eq!(plan.outline.rollbacks[0].steps[0].id, "traffic/to-blue".into());
}

#[test]
fn a_severity_has_its_clocks() {
    let text = read(&plans("valid")[0]).unwrap();
    let plan = load(&text, "everything.toml", &Choices::default()).unwrap();
    let clocks = plan.outline.severities.iter().map(|(level, s)| (*level, s.respond, s.update));
    let mins = |n| Some(Span::mins(n));
    assert_eq!(clocks.collect::<Vec<_>>(), [(1, mins(0), mins(15)), (2, mins(15), mins(60)), (3, None, mins(24 * 60))]);
}

#[test]
fn what_is_below_a_gate_waits_for_it() {
    let text = "[plan]\nname='x'\nenvironment='t'\n[[phase]]\nid='p'\n\
        step=[{id='a'},{id='g',poll=[]},{id='b'},{id='c',after='a'}]\n";
    let plan = load(text, "p", &Choices::default()).unwrap();
    let after: Vec<Vec<String>> =
        plan.outline.steps.iter().map(|s| s.after.iter().map(ToString::to_string).collect()).collect();
    assert_eq!(after, [vec![], vec![], vec!["g".to_owned()], vec!["a".to_owned(), "g".to_owned()]]);
}

#[test]
fn an_environment_lies_over_the_plan_and_the_command_line_over_both() {
    let text = read(&plans("valid")[0]).unwrap();
    let mut choices = Choices { environment: Some("staging".to_owned()), ..Choices::default() };
    let plan = load(&text, "p", &choices).unwrap();
    assert_eq!(plan.outline.vars["api"], "https://staging.example.com/api");
    assert_eq!(plan.outline.probes[0].every.to_string(), "10s");
    assert_eq!(plan.outline.environment, "staging");
    choices.vars.insert("site".to_owned(), "http://localhost".to_owned());
    assert_eq!(load(&text, "p", &choices).unwrap().outline.vars["api"], "http://localhost/api");
    choices.environment = Some("moon".to_owned());
    assert!(load(&text, "p", &choices).unwrap_err().to_string().contains("it has staging"));
}

#[test]
fn what_is_no_plan_is_said_in_one_sentence() {
    let dir = tempfile::tempdir().unwrap();
    assert!(read(dir.path()).unwrap_err().to_string().contains("directory"));
    let path = dir.path().join("plan.toml");
    assert!(read(&path).unwrap_err().to_string().contains("plan.toml"));
    std::fs::write(&path, b"[plan]\nname = \"\xff\"").unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("plan.toml:2:9: this byte is not UTF-8"));
    std::fs::File::create(&path).unwrap().set_len(50 * 1024 * 1024).unwrap();
    assert!(read(&path).unwrap_err().to_string().contains("50 MiB is no plan"));
}

#[test]
fn what_is_no_file_is_not_waited_for() {
    let said = read(Path::new("/dev/zero")).unwrap_err().to_string();
    assert!(said.contains("no ordinary file"), "{said}");
}

#[test]
fn an_overlay_holds_no_secret_in_clear_either() {
    let text = "[plan]\nname='x'\nenvironment='t'\n[environment.staging.secrets]\ndb='hunter22'\n";
    let choices = Choices { environment: Some("staging".to_owned()), ..Choices::default() };
    assert!(load(text, "p", &choices).unwrap_err().to_string().contains("must be a reference"));
}

#[test]
fn an_environment_that_the_plan_has_not_is_named_with_the_nearest() {
    let text = "[plan]\nname='x'\nenvironment='t'\n[environment.perf]\nvars={}\n[environment.staging]\nvars={}\n";
    let choices = Choices { environment: Some("stagin".to_owned()), ..Choices::default() };
    let said = load(text, "p", &choices).unwrap_err().to_string();
    assert!(said.contains("no [environment.stagin]: it has perf, staging"), "{said}");
    assert!(said.contains("did you mean `staging`?") && said.contains("p:6:14"), "{said}");
}

#[test]
fn a_variable_given_but_unknown_is_an_error() {
    let text = "[plan]\nname='x'\nenvironment='t'\n[vars]\nsite='y'\n";
    let choices = Choices { vars: [("siet".to_owned(), "z".to_owned())].into(), ..Choices::default() };
    assert!(load(text, "p", &choices).unwrap_err().to_string().contains("did you mean `site`?"));
}

#[test]
fn the_schema_takes_what_the_reader_takes() {
    let schema = super::schema::schema();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let json = |path: &Path| -> serde_json::Value {
        serde_json::to_value(read(path).unwrap().parse::<toml::Table>().unwrap()).unwrap()
    };
    for path in plans("valid").into_iter().chain(shipped()) {
        let wrong: Vec<String> =
            validator.iter_errors(&json(&path)).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(wrong.is_empty(), "{}: {wrong:#?}", path.display());
    }
    for name in ["unknown-key", "later-keys", "two-kinds"] {
        let path = plans("invalid").into_iter().find(|p| p.file_stem().is_some_and(|s| s == name)).unwrap();
        assert!(!validator.is_valid(&json(&path)), "{name}");
    }
}

#[test]
fn patterns_fit_names() {
    for (pattern, name, fit) in [
        ("share-*", "share-5", true),
        ("share-*", "shar-5", false),
        ("*", "anything", true),
        ("a*c", "abc", true),
        ("a*b*c", "a-b-c", true),
        ("a*b*c", "a-c-b", false),
        ("same", "same", true),
        ("same", "same-not", false),
    ] {
        assert_eq!(fits(pattern, name), fit, "{pattern} {name}");
    }
}

#[test]
fn shipped_plans_have_neither_errors_nor_warnings() {
    for path in shipped() {
        let (_, problems) = check(&read(&path).unwrap(), &Choices::default());
        assert!(problems.is_empty(), "{}", said(&path));
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,200}") {
        let _ = check(&text, &Choices::default());
    }

    #[test]
    fn no_plan_with_a_part_cut_out_makes_it_panic(from in 0..6000_usize, length in 0..80_usize) {
        let text = read(&plans("valid")[0]).unwrap();
        let keep = |range: std::ops::Range<usize>| text.chars().skip(range.start).take(range.len()).collect::<String>();
        let cut = format!("{}{}", keep(0..from), keep(from + length..text.chars().count().max(from + length)));
        let (_, problems) = check(&cut, &Choices::default());
        for problem in problems {
            let _ = problem.render(&cut, "cut.toml");
        }
    }
}

#[test]
fn a_launch_that_goes_on_takes_a_plan_that_would_not_start_any_more() {
    let text = r#"
[plan]
name = "x"
version = "1"
environment = "test"
[vars]
blue-port = "3001"
[roles]
ops = { name = "Ana" }
[[probe]]
id = "num"
command = { run = "echo 1" }
[[phase]]
id = "d"
[[phase.step]]
id = "s"
owner = "ops"
timeout = "1m"
verify = "num[x] > 3"
"#;
    let choices = Choices::default();
    assert!(load(text, "plan.toml", &choices).is_err());
    let plan = load_again(text, "plan.toml", &choices).unwrap();
    let kept = plan.outline.step(&"s".into()).map(|step| step.verify.len());
    assert_eq!(kept, Some(1), "it must not do without a condition that it was begun with");
    assert!(load_again("[plan", "plan.toml", &choices).is_err());
}
