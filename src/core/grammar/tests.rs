//! What is read, how it is printed back, and what is said of what can't be read.

use proptest::prelude::*;

use super::parse;
use crate::core::condition::{Condition, Op, Operand, Polls, Subject, Test};
use crate::core::ids::{Instance, Measure, ProbeId};
use crate::core::reading::Level;
use crate::core::time::Span;
use crate::core::units::{Finite, Quantity};

fn reads_as(text: &str, own: Option<&str>, printed: &str) {
    let own = own.map(ProbeId::from);
    match parse(text, own.as_ref()) {
        Ok(condition) => assert_eq!(condition.to_string(), printed, "{text}"),
        Err(e) => panic!("{text}: {e} at {:?}", e.at),
    }
}

#[test]
fn conditions_as_people_write_them() {
    for (text, printed) in [
        ("error-rate > 1% for 10m", "error-rate > 1% for 10m"),
        ("api is failing for 30s", "api is failing for 30s"),
        ("lag.bytes > 64MB", "lag.bytes > 64MB"),
        ("lag[replica-1].bytes > 64 MB", "lag[replica-1].bytes > 64MB"),
        ("errors[green] <= errors[blue] * 1.5", "errors[green] <= errors[blue] * 1.5"),
        ("share[green] = 25% ± 3%", "share[green] = 25% ± 3%"),
        ("share[green] == 25 % +- 3 %", "share[green] = 25% ± 3%"),
        ("api is failing 2 of 3", "api is failing 2 of 3"),
        ("errors <= baseline * 1.5 + 0.5%", "errors <= baseline * 1.5 + 0.5%"),
        ("errors <= baseline - 0.5%", "errors <= baseline - 0.5%"),
        ("green.version = \"v1.0.0\"", "green.version = \"v1.0.0\""),
        ("api[v1.0.0] is ok", "api[v1.0.0] is ok"),
        ("db[10.0.0.7:5432].s > 5s", "db[10.0.0.7:5432].s > 5s"),
        ("db[\"a b\"] > 5", "db[\"a b\"] > 5"),
        ("rate > 20/min 2 of 3 for 1h 30m", "rate > 20/min 2 of 3 for 1h30m"),
        ("rate > 20 per minute", "rate > 20/min"),
        ("lag.bytes > 300MB", "lag.bytes > 300MB"),
        ("api.latency > 300 ms", "api.latency > 300ms"),
        ("temp > -3", "temp > -3"),
        ("age > 21 days", "age > 21d"),
        ("5xx > 1%", "5xx > 1%"),
        ("requests.5xx > 1%", "requests.5xx > 1%"),
        ("requests[eu].2fa-failures > requests[us].5xx * 2", "requests[eu].2fa-failures > requests[us].5xx * 2"),
    ] {
        reads_as(text, None, printed);
    }
}

#[test]
fn inside_its_own_probe_the_subject_may_be_left_out() {
    for (text, printed) in [
        ("> 5s for 1m", "lag > 5s for 1m"),
        ("is failing for 30s", "lag is failing for 30s"),
        ("bytes > 64MB", "lag.bytes > 64MB"),
        ("[replica-1].bytes > 64MB", "lag[replica-1].bytes > 64MB"),
        ("lag.bytes > 64MB", "lag.bytes > 64MB"),
    ] {
        reads_as(text, Some("lag"), printed);
    }
}

#[test]
fn the_parts_are_told_with_their_places() {
    for (text, own, parts) in [
        ("errors[green].rate <= errors[blue] * 1.5 + 0.5 %", None, "errors green rate|errors blue| 0.5 %"),
        ("share = -25% ± 3 %", None, "share| -25% 3 %"),
        ("[a].bytes > 300MB for 5m", Some("lag"), "a bytes| 300MB"),
        ("> 20 per minute", Some("lag"), "| 20 per minute"),
        ("lag.bytes is failing", Some("lag"), "lag bytes|"),
    ] {
        let own = own.map(ProbeId::from);
        let (_, found) = super::parse_parts(text, own.as_ref()).unwrap();
        let names = found.names.iter().map(|n| {
            let parts = [&n.probe, &n.instance, &n.measure].into_iter().flatten();
            parts.map(|at| &text[at.clone()]).collect::<Vec<_>>().join(" ") + "|"
        });
        let names: String = names.collect();
        let quantities: String = found.quantities.into_iter().map(|at| format!(" {}", &text[at])).collect();
        assert_eq!(format!("{names}{quantities}"), parts, "{text}");
    }
}

#[test]
fn what_is_wrong_is_named_and_underlined() {
    for (text, why, at) in [
        ("errors > 1 % and lag > 5s", "a condition is one comparison", "and"),
        ("errors > 5 parsecs", "`parsecs` stands where", "parsecs"),
        ("errors > 5parsecs", "is no unit", "5parsecs"),
        ("errors", "a comparison", ""),
        ("errors is sad", "ok, warn, critical, unknown or failing was expected", "sad"),
        ("api is OK", "; did you mean `ok`?", "OK"),
        ("api is down", "; did you mean `failing`?", "down"),
        ("api is Warning", "; did you mean `warn`?", "Warning"),
        ("api is oky", "; did you mean `ok`?", "oky"),
        ("api is failng for 5m", "; did you mean `failing`?", "failng"),
        (
            "q > 64mb",
            "`mb` is no unit: write %, ms, s, min, h, days, B, kB, MB, GB, /s or /min; did you mean `MB`?",
            "64mb",
        ),
        ("q > 64 Ms", "`Ms` stands where", "Ms"),
        ("q > 1h30x", "`h30x` is no unit", "1h30x"),
        ("errors > 5% for soon", "no length of time", "soon"),
        ("lag < 5s for", "a length of time, such as 1m, is missing after `for`", ""),
        ("api is failing 4 of 3", "k from 1 to n", "4 of 3"),
        ("1 of 2 lag < 5s", "behind the comparison: `lag < 5s 1 of 2`", "1 of 2"),
        ("lag < 5s on 1 of 2", "behind the comparison: `lag < 5s 1 of 2`", "on 1 of 2"),
        ("1 of lag < 5s", "behind the comparison: `lag < 5s 1 of 2`", "1 of"),
        ("at least 1 of lag < 5s", "behind the comparison: `lag < 5s 1 of 2`", "at least 1 of"),
        ("lag < 5s for 1m 2 of 3", "behind the comparison: `lag < 5s 2 of 3 for 1m`", "2 of 3"),
        ("errors > 5% ± 1%", "a tolerance goes with", "±"),
        ("errors[*] > 5%", "`*` names no instance: leave the brackets out", "*"),
        ("errors[a b] > 5%", "no plain name: put it in quotes", "a b"),
        ("errors[green > 5%", "`]` is missing", "green > 5%"),
        ("", "a probe is missing", ""),
        ("errors > \"x\"", "only equal or not", "\"x\""),
        ("errors > 5; rm", "has no meaning", ";"),
    ] {
        let error = parse(text, None).unwrap_err();
        assert!(error.why.contains(why), "{text}: {}", error.why);
        assert_eq!(&text[error.at.clone()], at, "{text}");
        assert!(!at.is_empty() || error.at.start == text.len(), "{text}: what is missing is missing at its end");
    }
}

#[test]
fn limits_of_a_probe_are_about_itself_and_never_about_a_level() {
    for (text, why, at) in [
        ("queue.depth > 5", "the limits of lag are about lag alone", "queue"),
        ("queue[a] > 5", "a trigger may ask about `queue`", "queue"),
        ("is down", "; did you mean `failing`?", "down"),
        ("is Good", "or failing was expected", "Good"),
        ("is critical for 1m", "can't ask for it", "critical"),
        ("bytes is ok", "can't ask for it", "ok"),
    ] {
        let error = parse(text, Some(&"lag".into())).unwrap_err();
        assert!(error.why.contains(why), "{text}: {}", error.why);
        assert_eq!(&text[error.at], at, "{text}");
    }
}

#[test]
fn a_length_of_time_may_have_several_parts() {
    for (text, same) in [
        ("q > 1h30m", "q > 90m"),
        ("q = 1m30s ± 1s500ms", "q = 90s ± 1500ms"),
        ("q < -1d12h", "q < -36h"),
        ("q > 1h 30m", "q > 90m"),
        ("q > 1h 30m 15s 2 of 3 for 1h 5m", "q > 5415s 2 of 3 for 65m"),
        ("q < 1 h 2 of 3", "q < 1h 2 of 3"),
    ] {
        assert_eq!(parse(text, None).unwrap(), parse(same, None).unwrap(), "{text}");
    }
}

fn quantities() -> impl Strategy<Value = Quantity> {
    const UNITS: &[&str] = &["%", "ms", "s", "min", "h", "d", "B", "kB", "MB", "GiB", "/s", "/min", "/h", ""];
    (-1_000_000_i32..1_000_000, 0..3_i32, proptest::sample::select(UNITS))
        .prop_map(|(n, digits, unit)| Quantity::from_parts(f64::from(n) / 10_f64.powi(digits), unit).unwrap())
}

fn subjects() -> impl Strategy<Value = Subject> {
    ("[a-z][a-z0-9_]{0,6}(-[a-z0-9]{1,4})?", proptest::option::of("\\PC{1,8}"), proptest::option::of("[a-z]{1,6}"))
        .prop_filter("reserved", |(p, ..)| !["and", "or", "not", "is", "baseline"].contains(&p.as_str()))
        .prop_map(|(probe, instance, measure)| Subject {
            probe: probe.into(),
            instance: instance.map(Instance::from),
            measure: measure.map(Measure::from),
        })
}

fn tests() -> impl Strategy<Value = Test> {
    let op = proptest::sample::select(vec![Op::Less, Op::AtMost, Op::More, Op::AtLeast]);
    let equal = proptest::sample::select(vec![Op::Equal, Op::NotEqual]);
    let times = (1..1000_i32).prop_map(|n| Finite::new(f64::from(n) / 100.0).unwrap());
    let operand =
        prop_oneof![
            quantities().prop_map(Operand::Const),
            (times.clone(), proptest::option::of(quantities()))
                .prop_map(|(times, plus)| Operand::Baseline { times, plus }),
            (subjects(), times, proptest::option::of(quantities()))
                .prop_map(|(subject, times, plus)| Operand::Signal { subject, times, plus }),
        ];
    prop_oneof![
        (op, operand.clone()).prop_map(|(op, to)| Test::Compare { op, to, within: None }),
        (equal, operand, proptest::option::of(quantities())).prop_map(|(op, to, within)| Test::Compare {
            op,
            to,
            within
        }),
        Just(Test::Failing),
        proptest::sample::select(vec![Level::Ok, Level::Warn, Level::Critical, Level::Unknown]).prop_map(Test::Is),
        (any::<bool>(), "\\PC{0,8}").prop_map(|(equal, text)| Test::Words { equal, text }),
    ]
}

prop_compose! {
    fn conditions()(
        subject in subjects(), test in tests(), polls in proptest::option::of((1..5_u8, 0..5_u8)),
        lasting in proptest::option::of(1..100_000_000_i64),
    ) -> Condition {
        let polls = polls.map(|(k, more)| Polls { k, of: k + more });
        Condition { subject, test, polls, lasting: lasting.map(Span) }
    }
}

proptest! {
    #[test]
    fn printing_and_reading_round_trip(condition in conditions()) {
        let text = condition.to_string();
        prop_assert_eq!(parse(&text, None).map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?, condition);
    }

    #[test]
    fn no_text_makes_it_panic(text in "\\PC*") {
        let _ = parse(&text, None);
        let _ = parse(&text, Some(&"own".into()));
    }

    #[test]
    fn no_text_of_its_own_signs_makes_it_panic(text in "[a-z0-9<>=!.\\[\\]*+±%\" -]{0,30}") {
        if let Err(e) = parse(&text, None) {
            prop_assert!(text.get(e.at).is_some());
        }
    }
}
