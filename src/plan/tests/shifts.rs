//! `[shifts]`: who is on when.

use super::rows::{errors, warnings};
use crate::core::time::Span;
use crate::plan::{Choices, load};

const PEOPLE: &str = "[roles.on-call]\nname='Ana'\nbackup='Tom'\n[roles.night]\nname='Ben'\n";

#[test]
fn shifts_come_to_what_they_say() {
    let text = format!(
        "[plan]\nname='x'\nenvironment='t'\n{PEOPLE}[shifts]\nrole='on-call'\n\
         turns=[{{at='T+0',who='ana'}},{{at='T+8h',who='night'}},{{at='T+16h',who='Tom'}}]\n\
         [[phase]]\nid='d'\nstep=[{{id='s'}}]\n"
    );
    let shifts = load(&text, "plan.toml", &Choices::default()).unwrap().outline.shifts.unwrap();
    let turns: Vec<_> = shifts.turns.iter().map(|turn| (turn.at.to_string(), turn.who.as_str())).collect();
    let is = |at: &str, who| (at.to_owned(), who);
    assert_eq!(turns, [is("T+0s", "Ana"), is("T+8h", "Ben"), is("T+16h", "Tom")], "names as [roles] writes them");
    assert_eq!((shifts.remind, shifts.late), (Span::mins(15), Span::mins(10)));
}

#[test]
fn what_is_wrong_with_shifts_is_said() {
    let with = |rest: &str| format!("{PEOPLE}[shifts]\n{rest}\n");
    let turns = "turns=[{at='T+0',who='Ana'}]";
    errors(&[
        (
            &with(&format!("role='oncall'\n{turns}")),
            &["«'oncall'» there is no role `oncall` // did you mean `on-call`?"],
        ),
        (
            &with("role='on-call'\nturns=[{at='T+0',who='Anna'}]"),
            &["«'Anna'» there is no person `Anna` // did you mean `Ana`?"],
        ),
        (&with("role='on-call'\nturns=[{at='T+0',who='Zacharias'}]"), &["give them a role under [roles]"]),
        (&with("role='on-call'\nturns=[]"), &["«[]» `turns` has no turn: nobody would be on shift"]),
        (
            &with("role='on-call'\nturns=[{at='T+8h',who='Ana'},{at='T+8h',who='Ben'}]"),
            &["`T+8h` is not after `T+8h`, where the turn before begins // put the turns in the order of time"],
        ),
        (&with(&format!("role='on-call'\nremind='-5m'\n{turns}")), &["«'-5m'»"]),
        (&with(&format!("role='on-call'\nturn='x'\n{turns}")), &["there is no key `turn` here"]),
        (
            &with("role='on-call'\nturns=[{at='8h',who='Ana'}]"),
            &["«'8h'» `8h` is no offset from T-0: write T-72h, T+0 or T+30m"],
        ),
        (&with("role='on-call'"), &["«[shifts]» `turns` has no turn"]),
        (&with("role='on-call'\nturns=[1]"), &["«1» write each turn as {"]),
        (
            &with("role='on-call'\nturns=[{at='T+0'},{at='T+1h',hwo='Ana'},{who='Ana'}]"),
            &["`who`", "`hwo`", "`at` is missing"],
        ),
        ("[[shifts]]\nrole='ops'\n", &["write it as [shifts]"]),
    ]);
}

#[test]
fn an_overdue_handover_that_reaches_nobody_is_a_warning() {
    let shifts = "[shifts]\nrole='on-call'\nturns=[{at='T+0',who='Ana'},{at='T+8h',who='Ben'}]\n";
    let phase = "[[phase]]\nid='d'\nstep=[{id='s',owner='ops'}]\n";
    warnings(&[(&format!("{PEOPLE}{shifts}{phase}"), &["a handover that is overdue would be told to nobody"])]);
}
