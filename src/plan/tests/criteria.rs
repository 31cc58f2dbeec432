//! Success over time.

use super::rows::errors;
use crate::core::time::Span;
use crate::plan::{Choices, load};

#[test]
fn a_criterion_comes_to_what_it_says() {
    let text = "[plan]\nname='x'\nenvironment='t'\n[[probe]]\nid='web'\nevery='5s'\nhttp={url='http://h'}\n\
        [[criterion]]\nwhen='web.latency < 300ms'\nover='24h'\ntarget='99.9%'\n\
        [[criterion]]\nid='up'\ntitle='It answers'\nwhen='web is ok'\nover='48h'\n\
        [[phase]]\nid='d'\nstep=[{id='s'}]\n";
    let plan = load(text, "plan.toml", &Choices::default()).unwrap();
    let [fast, up] = &plan.outline.criteria[..] else { panic!("{:?}", plan.outline.criteria) };
    assert_eq!((fast.id.as_str(), fast.over), ("web.latency < 300ms", Span::mins(1440)));
    assert_eq!(fast.allowed(), Some(Span(86_400)), "a thousandth of a day");
    assert_eq!((up.id.as_str(), up.title.as_str(), up.allowed()), ("up", "It answers", None));
}

#[test]
fn what_is_wrong_with_a_criterion_is_said() {
    let with = |keys: &str| format!("STEP[[criterion]]\n{keys}\n");
    errors(&[
        (&with("when='errors < 1%'\nover='24h'"), &[]),
        (&with("when='errors < 1s'\nover='24h'"), &["«1s»"]),
        (&with("when='erors < 1%'\nover='24h'"), &["did you mean `errors`?"]),
        (&with("when='errors < 1% for 5m'\nover='24h'"), &["takes no `for` and no `k of n`"]),
        (&with("when='errors < 1%'\nover='0s'"), &["«'0s'» `0s` is no time at all"]),
        (&with("when='errors < 1%'\nover='a day'"), &["is no length of time"]),
        (&with("when='errors < 1%'"), &["the key `over` is missing here"]),
        (&with("over='24h'"), &["the key `when` is missing here"]),
        (&with("when='errors < 1%'\nover='24h'\ntarget='100%'"), &["«'100%'» nothing may ever fail by that"]),
        (&with("when='errors < 1%'\nover='24h'\ntarget='99.9'"), &["«'99.9'» `99.9` is no share of the time"]),
        (&with("when='errors < 1%'\nover='24h'\ntargt='99%'"), &["did you mean `target`?"]),
        (
            &with("when='errors < 1%'\nover='24h'\n[[criterion]]\nwhen='errors < 1%'\nover='48h'"),
            &["there are two criteria `errors < 1%`"],
        ),
    ]);
}
