//! Checks that come again.

use super::rows::{errors, warnings};
use crate::core::time::{Offset, Span};
use crate::plan::{Choices, load};

#[test]
fn a_watch_comes_to_what_it_says() {
    let text = "[plan]\nname='x'\nenvironment='t'\n[roles]\nops={name='Ana'}\n\
        [[probe]]\nid='web'\nevery='5s'\nhttp={url='http://h'}\n\
        [[watch]]\nid='metrics'\nowner='ops'\nrounds=[{until='T+2h',every='15m'},{until='T+48h',every='2h'}]\n\
        items='Payments'\nsignals='web'\ngrace='5m'\n\
        [[watch]]\nid='sync'\ntitle='Sync'\nowner='ops'\nat=['T+24h','T+6h']\n\
        [[phase]]\nid='d'\nstep=[{id='s'}]\n";
    let plan = load(text, "plan.toml", &Choices::default()).unwrap();
    let [metrics, sync] = &plan.outline.watches[..] else { panic!("{:?}", plan.outline.watches) };
    assert_eq!((metrics.title.as_str(), metrics.rounds.len(), metrics.count(Span::mins(2880))), ("metrics", 2, 31));
    assert_eq!((&metrics.items[..], metrics.grace), (&["Payments".to_owned()][..], Some(Span::mins(5))));
    assert_eq!(metrics.signals, ["web".into()]);
    assert_eq!((sync.title.as_str(), &sync.at[..]), ("Sync", &[360, 1440].map(|at| Offset(Span::mins(at)))[..]));
}

#[test]
fn what_is_wrong_with_a_watch_is_said() {
    let with = |keys: &str| format!("STEP[[watch]]\nid='w'\nowner='ops'\n{keys}\n");
    let rounds = "rounds=[{until='T+2h',every='15m'}]";
    errors(&[
        (&with(""), &["no check of `w` ever comes // add rounds = ["]),
        (&with(&format!("{rounds}\nat='T+6h'")), &["«'T+6h'» `w` has both `rounds` and `at`"]),
        (&with("rounds=[{until='T+2h',every='5s'}]"), &["«'5s'» nobody checks every 5s // write 1m or longer"]),
        (&with("rounds=[{until='T-2h',every='5m'}]"), &["«'T-2h'» T-2h is not after T-0"]),
        (
            &with("rounds=[{until='T+2h',every='5m'},{until='T+1h',every='5m'}]"),
            &["«'T+1h'» T+1h is not after T+2h, where the rounds before it end"],
        ),
        (&with("rounds=[{until='2h',every='5m'}]"), &["`2h` is no offset from T-0"]),
        (
            &with("round=[{until='T+2h',every='5m'}]"),
            &["«round» there is no key `round` here // did you mean `rounds`?"],
        ),
        (&with(&format!("{rounds}\nowener='x'")), &["«owener» there is no key `owener` here // did you mean `owner`?"]),
        (
            &with(rounds).replace("owner='ops'", "owner='opps'"),
            &["«'opps'» there is no role `opps` // did you mean `ops`?"],
        ),
        (&with(&format!("{rounds}\nsignals='apii'")), &["«'apii'» there is no probe `apii` // did you mean `api`?"]),
        (&with(&format!("{rounds}\nitems=['a','a']")), &["there are two boxes `a`"]),
        (&with(&format!("{rounds}\ngrace='0s'")), &["«'0s'» `0s` is no time at all"]),
        (&with(rounds).replace("id='w'", "id='s'"), &["«'s'» there is a step `s` too // give one of them another id"]),
        (&format!("{}[[watch]]\nid='w'\nat='T+6h'\n", with(rounds)), &["there are two watches `w`"]),
        (&with(rounds).replace("id='w'", "id='a b'"), &["`a b` is no id"]),
        ("[watch]\nid='w'\n", &["write each one as [[watch]]"]),
        ("[[watch]]\nat='T+6h'\n", &["missing"]),
    ]);
}

#[test]
fn what_a_reviewer_says_of_a_watch() {
    let with = |keys: &str| format!("STEP[[watch]]\nid='w'\n{keys}\n");
    let rounds = "rounds=[{until='T+2h',every='15m'}]";
    warnings(&[
        (&with(rounds), &["nobody owns `w`"]),
        (
            &with(&format!("owner='ops'\n{rounds}\ngrace='15m'")),
            &["«'15m'» with a grace of 15m a check every 15m is never overdue"],
        ),
        (
            &with("owner='ops'\nrounds=[{until='T+1h',every='2h'}]"),
            &["«'2h'» no check every 2h comes between T+0s and T+1h"],
        ),
    ]);
}
