//! What is known only in part: a number that was not counted to its end, and instances that were looked for in vain.

use super::{poll, probe, secs, signals};
use crate::core::grammar::parse;
use crate::core::ids::SignalId;
use crate::core::reading::{Few, Level, NONE_FOUND, Outcome, Point, Verdict};
use crate::core::signals::Judge;
use crate::core::time::Span;
use crate::core::units::{Finite, Unit};

#[test]
fn of_a_number_that_is_the_least_only_what_follows_is_known() {
    let condition = |text: &str| parse(text, None).unwrap();
    let at_least = |at: i64| poll("new", at, Ok(vec![Point::new("value", Outcome::AtLeast(Finite::from(500)))]));
    let mut known = signals(vec![probe("new", Span::secs(10), Unit::Count)]);
    known.observe(&at_least(0));
    for (text, holds, found) in [
        ("new > 100", Some(true), "at least 500 > 100"),
        ("new >= 500", Some(true), "at least 500 >= 500"),
        ("new > 500", None, "no data: at least 500, not known whether > 500"),
        ("new < 100", Some(false), "at least 500 >= 100"),
        ("new <= 500", None, "no data: at least 500, not known whether <= 500"),
        ("new < 1000", None, "no data: at least 500, not known whether < 1,000"),
        ("new = 3", Some(false), "at least 500 != 3"),
        ("new != 3", Some(true), "at least 500 != 3"),
        ("new = 700", None, "no data: at least 500, not known whether = 700"),
        ("new = 499 ± 3", None, "no data: at least 500, not known whether = 499 ± 3"),
    ] {
        let finding = known.judge(&condition(text), Judge::any(secs(0)), secs(1));
        let verdict = match finding.verdict {
            Verdict::True => Some(true),
            Verdict::False => Some(false),
            Verdict::NoData(_) => None,
        };
        assert_eq!((verdict, finding.found.as_str()), (holds, found), "{text}");
    }
    for (warn, critical, level, why) in [
        ("new > 100", "new > 1000", Level::Warn, Some("at least 500 > 100")),
        ("new > 10", "new > 100", Level::Critical, Some("at least 500 > 100")),
        ("new > 800", "new > 1000", Level::Unknown, Some("at least 500, not known whether > 1,000")),
    ] {
        let mut probe = probe("new", Span::secs(10), Unit::Count);
        (probe.warn, probe.critical) = (vec![condition(warn)], vec![condition(critical)]);
        let mut known = signals(vec![probe]);
        known.observe(&at_least(0));
        let id: SignalId = "new.value".parse().unwrap();
        assert_eq!(known.level(&id, secs(1)), (level, why.map(str::to_owned)), "{warn} {critical}");
    }
}

#[test]
fn what_found_none_is_unknown_until_there_is_one() {
    let none = |at: i64| {
        let why = "no services at `$.checks`".to_owned();
        poll("api", at, Ok(vec![Point::new("up", Outcome::well()), Point::of(NONE_FOUND, "up", Outcome::NoData(why))]))
    };
    let mut known = signals(vec![probe("api", Span::secs(10), Unit::State)]);
    known.observe(&none(0));
    let id: SignalId = "api[\"(none)\"].up".parse().unwrap();
    assert_eq!(known.level(&id, secs(1)), (Level::Unknown, Some("no services at `$.checks`".to_owned())));
    let ok = parse("api is ok", None).unwrap();
    assert!(matches!(known.judge(&ok, Judge::all(secs(0)), secs(1)).verdict, Verdict::NoData(_)));
    let there = vec![Point::new("up", Outcome::well()), Point::of("database", "up", Outcome::well())];
    known.observe(&poll("api", 10, Ok(there)));
    assert!(!known.ids().contains(&id), "{:?}", known.ids());
    assert_eq!(known.judge(&ok, Judge::all(secs(0)), secs(11)).verdict, Verdict::True);
}

#[test]
fn too_few_samples_are_said_as_so_many_of_so_many_and_about_how_long_until_there_are_enough() {
    let mut asks = probe("errors", Span::secs(15), Unit::Percent);
    asks.critical = vec![parse("errors > 5%", None).unwrap()];
    let mut known = signals(vec![asks]);
    let few = |at: i64, samples: i32, value: f64| {
        let (value, samples, needs) = (Finite::new(value), Finite::from(samples), Finite::from(300));
        let few = Few { value, samples, needs, of: "requests".to_owned() };
        poll("errors", at, Ok(vec![Point::new("value", Outcome::Few(Box::new(few)))]))
    };
    let limit = parse("errors < 1%", None).unwrap();
    let found = |known: &super::Signals, at: i64| {
        let finding = known.judge(&limit, Judge::all(secs(0)), secs(at));
        assert!(matches!(finding.verdict, Verdict::NoData(_)), "too few are neither well nor bad: {finding:?}");
        finding.found
    };
    known.observe(&few(0, 203, 0.0));
    assert_eq!(found(&known, 0), "0 % of 203/300 requests", "one reading tells nothing of how they grow");
    known.observe(&few(15, 206, 0.0));
    known.observe(&few(30, 209, 0.0));
    known.observe(&few(45, 212, 0.0));
    assert_eq!(found(&known, 45), "0 % of 212/300 requests, about 7 min");
    let id: SignalId = "errors.value".parse().unwrap();
    let said = "0 % of 212/300 requests, about 7 min".to_owned();
    assert_eq!(known.level(&id, secs(46)), (Level::Unknown, Some(said)), "nor is it over its limit");
    // A counter that began anew says nothing of the rate before; one that stands still says nothing of time.
    known.observe(&few(60, 5, 0.9));
    assert_eq!(found(&known, 60), "90 % of 5/300 requests");
    (1..8).for_each(|n| known.observe(&few(60 + 15 * n, 5, 0.9)));
    assert_eq!(found(&known, 165), "90 % of 5/300 requests");
    known.observe(&poll("errors", 180, Ok(vec![Point::new("value", Outcome::number(0.002))])));
    assert!(known.judge(&limit, Judge::all(secs(0)), secs(181)).verdict.is_true());
}
