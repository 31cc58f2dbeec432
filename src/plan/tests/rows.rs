//! One mistake a row: what is said of it, with what is underlined. All that is said stands in the row, so that nothing
//! false follows from a mistake.

use crate::plan::problem::{Problem, Severity};
use crate::plan::{Choices, check};

/// A plan in which nothing is wrong, below which a row adds its own.
const BASE: &str = r#"
[plan]
name = "x"
environment = "test"
[secrets]
token = "${env:TOKEN}"
[roles]
ops = { name = "Ana" }
[[probe]]
id = "api"
http = { url = "http://localhost/" }
[[probe]]
id = "errors"
prometheus = { url = "http://localhost/", query = "q", unit = "ratio" }
"#;

/// The head of a phase and a step, for rows that go on in it.
const STEP: &str = "[[phase]]\nid='d'\n[[phase.step]]\nid='s'\nowner='ops'\n";

fn said(text: &str, severity: Severity) -> Vec<String> {
    let (_, problems) = check(text, &Choices::default());
    let line = |p: &Problem| {
        let help = p.help.as_ref().map_or_else(String::new, |h| format!(" // {h}"));
        format!("«{}» {}{help}", text.get(p.at.clone()).unwrap_or("?"), p.message)
    };
    problems.iter().filter(|p| p.severity == severity).map(line).collect()
}

/// Each row's text below the base has these errors, in this order and no others.
fn errors(rows: &[(&str, &[&str])]) {
    all(rows, Severity::Error);
}

fn all(rows: &[(&str, &[&str])], severity: Severity) {
    let mut wrong = String::new();
    for (more, wanted) in rows {
        let (head, rest) = more.strip_prefix("STEP").map_or(("", *more), |rest| (STEP, rest));
        let found = said(&format!("{BASE}{head}{rest}"), severity);
        if found.len() != wanted.len() || found.iter().zip(*wanted).any(|(f, w)| !f.contains(w)) {
            wrong.push_str(&format!("\n{more}\n  wanted {wanted:#?}\n  said {found:#?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_base_is_right() {
    errors(&[("", &[]), ("STEP", &[])]);
}

#[test]
fn who_waits_for_itself_never_starts() {
    let two = "[[phase]]\nid='d'\n[[phase.step]]\nid='a'\nafter='b'\n[[phase.step]]\nid='b'\nafter='a'\n\
        [[phase.step]]\nid='x'\nafter='y'\n[[phase.step]]\nid='y'\nafter='x'\n";
    let phases = "[[phase]]\nid='d'\nafter='e'\nstep=[{id='a'},{id='b'}]\n\
        [[phase]]\nid='e'\nafter='d'\nstep=[{id='f'},{id='g'}]\n";
    errors(&[
        ("STEPafter=['s']", &["«'s'» `s` waits for itself"]),
        ("STEPafter=['d']", &["«'d'» `s` waits for its own phase `d`"]),
        ("[[phase]]\nid='e'\nafter=['e']\nstep=[{id='a'},{id='b'}]", &["«'e'» `a` waits for its own phase"]),
        (two, &["«'b'» these wait for each other and none can ever start: a → b → a", ": x → y → x"]),
        (phases, &["«'e'» these wait for each other"]),
        ("[[phase]]\nid='e'\nstep=[{id='g',poll=['ops']},{id='g',poll=['ops']}]", &["two steps or phases `g`"]),
    ]);
    let ring: String = (0..400).map(|n| format!("{{id='s{n}',after='s{}'}},", (n + 1) % 400)).collect();
    let row = format!("[[phase]]\nid='e'\nstep=[{ring}]");
    errors(&[(&row, &["s0 → s1 → s2 → s3 → … 395 more … → s399 → s0"])]);
}

#[test]
fn names_reach_commands_as_they_are_written() {
    errors(&[
        ("[vars]\nblue-port='3001'\n", &["«blue-port» `blue-port` is no name for a variable"]),
        ("[vars]\n'a b'='1'\n5xx='2'\n", &["write `a_b`: letters, digits and _", "write `n_5xx`"]),
        (
            "[vars]\nPATH='/x'\nLD_PRELOAD='y'\nBASH_ENV='z'\nIFS=','\nRANDOM='4'\n",
            &["PATH", "LD_", "BASH_", "IFS", "RA"],
        ),
        ("[vars]\nTMINUS_STEP='1'\n", &["tminus sets those"]),
        ("[vars]\ntoken='1'\n", &["`token` is a variable and a secret"]),
        ("[environment.e]\nvars={blue-port='1'}\nsecrets={pg-url='${env:X}'}\n", &["`blue_port`", "`pg_url`"]),
        ("[[phase]]\nid='d'\neach=[{n-1='5'},{n-1='6'}]\nstep=[{id='s-${n-1}'}]", &["«n-1» `n-1` is no name", "«n-1»"]),
        (
            "[[phase]]\nid='d'\neach=[{token='5'}]\nstep=[{id='s-${token}'}]",
            &["«token» `token` is a variable and a secret"],
        ),
    ]);
}

#[test]
fn a_secret_is_never_shown() {
    errors(&[
        (
            "STEPtitle='say ${secret.token}'",
            &["«'say ${secret.token}'» a secret is never shown: `${secret.token}` may"],
        ),
        ("[[probe]]\nid='p'\ntitle='${secret.token}'\ntcp='${secret.token}:80'", &["«'${secret.token}'» a secret is"]),
        (
            "[[probe]]\nid='p'\nhttp={url='http://a/${secret.token}',body='${secret.token}',headers={A='${secret.token}'}}",
            &[],
        ),
    ]);
}

#[test]
fn an_overlay_and_a_row_may_use_variables() {
    let text = format!(
        "{BASE}[vars]\nhost='h'\n[environment.e.probe.api]\nhttp={{url='http://${{host}}/x'}}\n\
        [[phase]]\nid='d'\neach=[{{at='${{host}}-1'}}]\nstep=[{{id='s-${{at}}'}}]\n"
    );
    let choices = Choices { environment: Some("e".to_owned()), ..Choices::default() };
    let (plan, problems) = check(&text, &choices);
    let plan = plan.unwrap_or_else(|| panic!("{problems:?}"));
    assert_eq!(plan.outline.probes[0].target, "http://h/x");
    assert_eq!(plan.outline.steps[0].id, "s-h-1".into());
}
