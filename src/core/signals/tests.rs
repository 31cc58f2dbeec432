//! The rules of clocks, levels and instances, each in a sentence.

mod any;
mod least;

use super::{Judge, Signals};
use crate::core::condition::NoDataRule;
use crate::core::grammar::parse;
use crate::core::ids::SignalId;
use crate::core::outline::{MeasureOutline, Outline, Pane, ProbeOutline};
use crate::core::reading::{Level, Outcome, Point, Poll, Verdict};
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;

fn probe(id: &str, every: Span, unit: Unit) -> ProbeOutline {
    let measures =
        if unit == Unit::State { vec![("up", Unit::State), ("latency", Unit::Seconds)] } else { vec![("value", unit)] };
    ProbeOutline {
        id: id.into(),
        title: id.into(),
        pane: Pane::Signals,
        kind: "test".into(),
        target: String::new(),
        every,
        timeout: every,
        measures: measures
            .into_iter()
            .map(|(name, unit)| MeasureOutline { name: name.into(), unit, what: String::new(), whole: false })
            .collect(),
        expect: Vec::new(),
        warn: Vec::new(),
        critical: Vec::new(),
    }
}

fn signals(probes: Vec<ProbeOutline>) -> Signals {
    Signals::new(&Outline { probes, ..Outline::default() })
}

fn value(id: &str, at: i64, value: f64) -> Poll {
    poll(id, at, Ok(vec![Point::new("value", Outcome::number(value))]))
}

fn of(id: &str, at: i64, values: &[(&str, f64)]) -> Poll {
    poll(id, at, Ok(values.iter().map(|(i, v)| Point::of(i, "value", Outcome::number(*v))).collect()))
}

fn poll(id: &str, at: i64, points: Result<Vec<Point>, String>) -> Poll {
    Poll { probe: id.into(), at: Timestamp(at * 1000), took_ms: 1, points }
}

fn nothing(id: &str, at: i64, why: &str) -> Poll {
    poll(id, at, Err(why.to_owned()))
}

fn secs(at: i64) -> Timestamp {
    Timestamp(at * 1000)
}

/// Seconds since 02:00:00.
fn clock(text: &str) -> i64 {
    let mut parts = text.split(':').map(|p| p.parse::<i64>().unwrap());
    (parts.next().unwrap() - 2) * 3600 + parts.next().unwrap() * 60 + parts.next().unwrap()
}

#[test]
fn a_short_death_of_the_engine_earns_nothing_either() {
    // Asked every 10 s; the engine is dead from 12 s to 32 s, which is less than three intervals between two readings.
    let condition = parse("errors > 5% for 40s", None).unwrap();
    let mut signals = signals(vec![probe("errors", Span::secs(10), Unit::Percent)]);
    for at in [0, 10, 33] {
        signals.observe(&value("errors", at, 0.061));
    }
    let held = |s: &Signals, at: i64| s.judge(&condition, Judge::any(Timestamp(0)), secs(at)).lasted;
    assert_eq!(held(&signals, 33), Span::secs(33), "one late reading");
    signals.unobserved(&[(secs(12), secs(32))]);
    assert_eq!(held(&signals, 33), Span::secs(13), "but for what nobody observed");
    signals.unobserved(&[(secs(2), secs(5)), (secs(12), secs(13)), (secs(20), secs(32))]);
    assert_eq!(held(&signals, 33), Span::secs(17), "each death by itself");
}

#[test]
fn a_trigger_counts_observed_time_only() {
    // `> 5% for 10m`, asked every 60 s. The engine dies at 02:04:20 and is back at 02:09:10.
    let condition = parse("errors > 5% for 10m", None).unwrap();
    for (rule, after_gap, fires) in [
        (NoDataRule::Freeze, "4m", "02:17:30"),
        (NoDataRule::Breach, "6m", "02:15:30"),
        (NoDataRule::Reset, "0s", "02:21:30"),
    ] {
        let mut signals = signals(vec![probe("errors", Span::secs(60), Unit::Percent)]);
        let how = Judge { no_data: rule, ..Judge::any(Timestamp(0)) };
        for minute in 0..=4 {
            signals.observe(&value("errors", minute * 60, 0.061));
        }
        let held = |s: &Signals, at: &str| s.judge(&condition, how, secs(clock(at)));
        assert_eq!(held(&signals, "02:04:00").lasted, Span::mins(4));
        signals.observe(&value("errors", clock("02:09:30"), 0.061));
        assert_eq!(held(&signals, "02:09:30").lasted, Span::mins(4), "a gap of 5:30 earns nothing");
        signals.observe(&nothing("errors", clock("02:10:30"), "401"));
        let frozen = held(&signals, "02:10:30");
        assert_eq!(frozen.frozen, rule == NoDataRule::Freeze);
        signals.observe(&value("errors", clock("02:11:30"), 0.063));
        let now = held(&signals, "02:11:30");
        assert_eq!(now.lasted.to_string(), after_gap, "{rule:?}");
        assert_eq!(now.verdict, Verdict::False);
        let fired = (1..30).map(|n| clock("02:11:30") + n * 60).find(|at| {
            signals.observe(&value("errors", *at, 0.062));
            signals.judge(&condition, how, secs(*at)).verdict.is_true()
        });
        assert_eq!(fired, Some(clock(fires)), "{rule:?}");
    }
}

#[test]
fn one_false_reading_starts_the_clock_over() {
    let mut signals = signals(vec![probe("e", Span::secs(10), Unit::Percent)]);
    let condition = parse("e > 5% for 30s", None).unwrap();
    for (at, v) in [(0, 0.1), (10, 0.1), (20, 0.01), (30, 0.1), (40, 0.1), (50, 0.1)] {
        signals.observe(&value("e", at, v));
    }
    let found = signals.judge(&condition, Judge::any(Timestamp(0)), secs(50));
    assert_eq!((found.verdict, found.lasted), (Verdict::False, Span::secs(20)));
    assert_eq!(found.full_at, Some(secs(60)));
    assert_eq!(found.found, "10 % > 5 %");
}

#[test]
fn each_instance_has_its_own_clock() {
    let mut signals = signals(vec![probe("lag", Span::secs(10), Unit::Seconds)]);
    let condition = parse("lag > 5s for 1m", None).unwrap();
    for at in 0..=3 {
        signals.observe(&of("lag", at * 10, &[("a", 9.0), ("b", 1.0)]));
    }
    for at in 4..=7 {
        signals.observe(&of("lag", at * 10, &[("a", 1.0), ("b", 9.0)]));
    }
    let found = signals.judge(&condition, Judge::any(Timestamp(0)), secs(70));
    assert_eq!((found.verdict, found.lasted, found.instance), (Verdict::False, Span::secs(30), Some("b".into())));
    for at in 8..=10 {
        signals.observe(&of("lag", at * 10, &[("a", 1.0), ("b", 9.0)]));
    }
    let found = signals.judge(&condition, Judge::any(Timestamp(0)), secs(100));
    assert_eq!((found.verdict, found.found.as_str()), (Verdict::True, "b 9 s > 5 s"));
}

#[test]
fn of_several_instances_the_worst_is_named() {
    let mut signals = signals(vec![probe("lag", Span::secs(10), Unit::Seconds)]);
    let trigger = parse("lag > 5s for 1m", None).unwrap();
    let named = |s: &Signals, text: &str, how, at| s.judge(&parse(text, None).unwrap(), how, secs(at)).found;
    let (any, all) = (Judge::any(Timestamp(0)), Judge::all(Timestamp(0)));
    signals.observe(&of("lag", 0, &[("a", 1.4), ("b", 4.9), ("c", 0.1)]));
    assert_eq!(named(&signals, "lag > 5s for 1m", any, 0), "b 4.90 s <= 5 s", "the nearest to the limit");
    assert_eq!(named(&signals, "lag < 5s", all, 0), "b 4.90 s < 5 s");
    assert_eq!(signals.quiet(&trigger, Span::secs(60), Timestamp(0), secs(0)).found, "b 4.90 s <= 5 s");
    signals.observe(&of("lag", 10, &[("a", 6.0), ("b", 8.0), ("c", 0.1)]));
    assert_eq!(named(&signals, "lag > 5s for 1m", any, 10), "b 8 s > 5 s", "the furthest over it");
    assert_eq!(named(&signals, "lag < 5s", all, 10), "b 8 s >= 5 s");
}

#[test]
fn all_is_known_only_when_every_instance_is() {
    let mut lag = probe("lag", Span::secs(10), Unit::Seconds);
    lag.expect = vec!["a".into(), "b".into()];
    let mut signals = signals(vec![lag]);
    let condition = parse("lag < 5s", None).unwrap();
    let all = |s: &Signals, at| s.judge(&condition, Judge::all(Timestamp(0)), secs(at)).verdict;
    signals.observe(&of("lag", 0, &[("a", 1.0)]));
    assert!(matches!(all(&signals, 0), Verdict::NoData(_)), "an expected instance is missing");
    signals.observe(&of("lag", 10, &[("a", 1.0), ("b", 1.0)]));
    assert_eq!(all(&signals, 10), Verdict::True);
    signals.observe(&of("lag", 20, &[("a", 9.0)]));
    assert_eq!(all(&signals, 20), Verdict::False, "one that is over the limit decides");
    signals.observe(&of("lag", 30, &[("a", 1.0)]));
    assert!(matches!(all(&signals, 30), Verdict::NoData(_)), "one that vanished is unknown");
    signals.inform(&Default::default(), &[("lag".into(), "b".into())]);
    assert_eq!(all(&signals, 30), Verdict::True, "until a person lets it go");
}

#[test]
fn one_that_has_not_held_for_long_enough_hides_none_that_nobody_knows() {
    let mut lag = probe("lag", Span::secs(10), Unit::Seconds);
    lag.expect = vec!["a".into(), "b".into()];
    let mut signals = signals(vec![lag]);
    let condition = parse("lag < 5s for 1m", None).unwrap();
    for at in 0..4 {
        signals.observe(&of("lag", at * 10, &[("a", 1.0)]));
    }
    let found = signals.judge(&condition, Judge::all(Timestamp(0)), secs(30));
    assert!(matches!(found.verdict, Verdict::NoData(_)), "{found:?}");
    assert!(found.found.starts_with("b no data") && found.lasted == Span::ZERO, "{found:?}");
    // What is false at this moment decides before both.
    signals.observe(&of("lag", 40, &[("a", 9.0)]));
    let found = signals.judge(&condition, Judge::all(Timestamp(0)), secs(40));
    assert!(found.verdict == Verdict::False && found.found.starts_with("a 9"), "{found:?}");
}

#[test]
fn what_a_probe_has_once_is_expected_once() {
    let mut q = probe("q", Span::secs(10), Unit::Count);
    q.measures.push(MeasureOutline { name: "held".into(), whole: true, ..q.measures[0].clone() });
    q.expect = vec!["a".into(), "b".into()];
    let mut signals = signals(vec![q]);
    let ids = |s: &Signals| s.ids().iter().map(ToString::to_string).collect::<Vec<_>>();
    let all = ["q.held", "q[a].value", "q[b].value"];
    assert_eq!(ids(&signals), all, "before anything was measured");
    signals.observe(&nothing("q", 0, "refused"));
    assert_eq!(ids(&signals), all);
    let mut full = of("q", 10, &[("a", 1.0), ("b", 2.0)]);
    full.points.as_mut().unwrap().push(Point::new("held", Outcome::number(3.0)));
    signals.observe(&full);
    assert_eq!(ids(&signals), all);
    let verdict =
        |s: &Signals, text: &str| s.judge(&parse(text, None).unwrap(), Judge::all(Timestamp(0)), secs(20)).verdict;
    for text in ["q.held < 10", "q.value < 10", "q is ok"] {
        assert_eq!(verdict(&signals, text), Verdict::True, "{text}");
    }
    signals.observe(&of("q", 20, &[("a", 1.0), ("b", 2.0)]));
    assert!(matches!(verdict(&signals, "q.held < 10"), Verdict::NoData(_)), "it is missed where it is not told");
}

#[test]
fn a_forgotten_instance_counts_nowhere_until_it_is_there_again() {
    let mut lag = probe("lag", Span::secs(10), Unit::State);
    lag.expect = vec!["a".into(), "b".into()];
    let mut signals = signals(vec![lag]);
    let told = |at, b: Vec<(&str, Outcome)>| {
        let a = [("up", Outcome::well()), ("latency", Outcome::number(1.0))].map(|(m, o)| Point::of("a", m, o));
        let b = b.into_iter().map(|(m, o)| Point::of("b", m, o));
        poll("lag", at, Ok(a.into_iter().chain(b).collect()))
    };
    let no = || Outcome::NoData("it is not connected".into());
    let failing = || Outcome::Failing("not connected".into());
    let judge = |s: &Signals, text: &str, how, at| s.judge(&parse(text, None).unwrap(), how, secs(at)).verdict;
    let (any, all) = (Judge::any(Timestamp(0)), Judge::all(Timestamp(0)));
    let there = |s: &Signals, at| s.is_there(&"lag".into(), &"b".into(), secs(at));
    signals.observe(&told(0, vec![("up", failing()), ("latency", no())]));
    assert_eq!((judge(&signals, "lag is failing", any, 0), there(&signals, 0)), (Verdict::True, false));
    signals.inform(&Default::default(), &[("lag".into(), "b".into())]);
    signals.observe(&told(10, vec![("up", failing()), ("latency", no())]));
    assert_eq!(judge(&signals, "lag is failing", any, 10), Verdict::False);
    assert_eq!(judge(&signals, "lag is ok", all, 10), Verdict::True);
    assert_eq!(signals.ids().len(), 2, "{:?}", signals.ids());
    for text in ["lag[b] is failing", "lag[b].up is failing", "lag[b] is critical", "lag[a].latency < lag[b].latency"] {
        let Verdict::NoData(why) = judge(&signals, text, any, 10) else { panic!("{text} holds") };
        assert!(why.contains("was forgotten"), "{text}: {why}");
    }
    // Connected again, but not yet well; then well.
    signals.observe(&told(20, vec![("up", failing()), ("latency", Outcome::number(9.0))]));
    assert!(!there(&signals, 20));
    signals.observe(&told(30, vec![("up", Outcome::well()), ("latency", no())]));
    assert!(there(&signals, 30) && !there(&signals, 61), "what is stale is not there");
}

#[test]
fn where_all_instances_were_forgotten_that_is_said_and_not_that_none_was_ever_seen() {
    let mut signals = signals(vec![probe("lag", Span::secs(10), Unit::State)]);
    let judged = |s: &Signals| s.judge(&parse("lag is ok", None).unwrap(), Judge::all(Timestamp(0)), secs(0)).verdict;
    assert_eq!(judged(&signals), Verdict::NoData("never seen".into()));
    signals.observe(&poll("lag", 0, Ok(vec![Point::of("a", "up", Outcome::Failing("gone".into()))])));
    signals.inform(&Default::default(), &[("lag".into(), "a".into())]);
    assert_eq!(judged(&signals), Verdict::NoData("a of lag was forgotten, and has not come back".into()));
}

#[test]
fn k_of_n_waits_until_it_can_say() {
    let mut signals = signals(vec![probe("api", Span::secs(5), Unit::State)]);
    let condition = parse("api is failing 2 of 3", None).unwrap();
    let up = |at, outcome| poll("api", at, Ok(vec![Point::new("up", outcome)]));
    let now = |s: &Signals, at| s.judge(&condition, Judge::any(Timestamp(0)), secs(at)).verdict;
    signals.observe(&up(0, Outcome::well()));
    signals.observe(&up(5, Outcome::Failing("500".into())));
    signals.observe(&up(10, Outcome::NoData("dns".into())));
    assert!(matches!(now(&signals, 10), Verdict::NoData(_)));
    signals.observe(&up(15, Outcome::Failing("500".into())));
    assert_eq!(now(&signals, 15), Verdict::True);
    signals.observe(&up(20, Outcome::well()));
    signals.observe(&up(25, Outcome::well()));
    assert_eq!(now(&signals, 25), Verdict::False);
}

#[test]
fn silence_is_unknown_after_three_intervals() {
    let mut signals = signals(vec![probe("e", Span::secs(10), Unit::Percent)]);
    let id: SignalId = "e.value".parse().unwrap();
    assert_eq!(signals.level(&id, secs(0)).0, Level::Unknown);
    signals.observe(&value("e", 0, 0.1));
    assert_eq!(signals.level(&id, secs(30)).0, Level::Ok);
    let (level, why) = signals.level(&id, secs(31));
    assert_eq!(level, Level::Unknown);
    assert!(why.unwrap().contains("no reading for 31s"));
    assert_eq!(signals.next_due(secs(0)), Some(Timestamp(30_001)));
}

#[test]
fn just_begun_it_waits_for_a_newer_reading_and_only_then_there_is_no_data() {
    let mut signals = signals(vec![probe("errors", Span::secs(10), Unit::Percent)]);
    signals.observe(&value("errors", 0, 0.001));
    let condition = parse("errors < 1%", None).unwrap();
    let at = |signals: &Signals, now: i64| signals.judge(&condition, Judge::all(secs(5)), secs(now));
    let begun = at(&signals, 6);
    assert_eq!((begun.waits, begun.found.as_str()), (true, "waits for a newer reading"));
    let late = at(&signals, 40);
    assert_eq!((late.waits, late.found.as_str()), (false, "no data: no reading yet since it began"));
    signals.observe(&value("errors", 41, 0.001));
    assert!(!at(&signals, 42).waits && at(&signals, 42).verdict == Verdict::True);
}

#[test]
fn what_is_over_a_limit_but_not_for_long_enough_is_pending() {
    let mut lag = probe("lag", Span::secs(2), Unit::Seconds);
    lag.warn = vec![parse("> 5s for 4s", Some(&lag.id)).unwrap()];
    lag.critical = vec![parse("> 15s for 10s", Some(&lag.id)).unwrap()];
    let mut signals = signals(vec![lag]);
    let id = SignalId { probe: "lag".into(), instance: None, measure: "value".into() };
    let mut seen = Vec::new();
    for (at, lag) in [(0, 1.0), (2, 6.0), (4, 6.0), (6, 16.0), (8, 1.0)] {
        signals.observe(&value("lag", at, lag));
        let pending =
            signals.pending(&id, secs(at)).map(|p| (p.level, p.lasted.millis() / 1000, p.needs.millis() / 1000));
        seen.push((signals.level(&id, secs(at)).0, pending));
    }
    let (warn, critical) = (Level::Warn, Level::Critical);
    let wanted = [
        (Level::Ok, None),
        (Level::Ok, Some((warn, 0, 4))),
        (Level::Ok, Some((warn, 2, 4))),
        (warn, Some((critical, 0, 10))),
        (Level::Ok, None),
    ];
    assert_eq!(seen, wanted);
}

#[test]
fn a_failing_endpoint_is_critical_unless_its_limits_say_how_long() {
    let up = |at, outcome| poll("api", at, Ok(vec![Point::new("up", outcome)]));
    let id: SignalId = "api.up".parse().unwrap();
    let plain = probe("api", Span::secs(5), Unit::State);
    let mut limited = plain.clone();
    limited.critical = vec![parse("is failing for 10s", Some(&"api".into())).unwrap()];
    let mut first = signals(vec![plain]);
    let mut second = signals(vec![limited]);
    for at in 0..=2 {
        for s in [&mut first, &mut second] {
            s.observe(&up(at * 5, Outcome::Failing("refused".into())));
        }
        assert_eq!(first.level(&id, secs(at * 5)).0, Level::Critical);
        assert_eq!(second.level(&id, secs(at * 5)).0, if at < 2 { Level::Warn } else { Level::Critical });
    }
    let ok = parse("api is ok", None).unwrap();
    assert_eq!(first.judge(&ok, Judge::all(Timestamp(0)), secs(10)).verdict, Verdict::False);
}

#[test]
fn old_and_new_are_compared_as_they_stood() {
    let mut signals = signals(vec![probe("e", Span::secs(10), Unit::Percent)]);
    let condition = parse("e[green] <= e[blue] * 1.5", None).unwrap();
    signals.observe(&of("e", 0, &[("green", 0.0006), ("blue", 0.0005)]));
    let found = signals.judge(&condition, Judge::all(Timestamp(0)), secs(0));
    assert_eq!((found.verdict, found.found.as_str()), (Verdict::True, "0.06 % <= 0.07 %"));
    signals.observe(&of("e", 10, &[("green", 0.061)]));
    assert!(matches!(signals.judge(&condition, Judge::all(Timestamp(0)), secs(10)).verdict, Verdict::NoData(_)));
}

#[test]
fn a_baseline_must_be_captured_to_be_compared_with() {
    let mut signals = signals(vec![probe("e", Span::secs(10), Unit::Percent)]);
    let condition = parse("e <= baseline * 1.5", None).unwrap();
    for at in 0..10 {
        signals.observe(&value("e", at * 10, 0.01 + at as f64 / 1e6));
    }
    let judge = |s: &Signals| s.judge(&condition, Judge::all(Timestamp(0)), secs(90)).verdict;
    assert!(matches!(judge(&signals), Verdict::NoData(_)));
    let captured: std::collections::BTreeMap<_, _> =
        signals.baseline(None, Span::mins(5), secs(90)).into_iter().collect();
    assert_eq!(captured.values().next().unwrap().samples, 10);
    signals.inform(&captured, &[]);
    assert_eq!(judge(&signals), Verdict::True);
}

#[test]
fn before_the_first_reading_nothing_fires_also_where_no_data_counts_as_a_breach() {
    let mut signals = signals(vec![probe("e", Span::secs(10), Unit::Percent)]);
    let how = Judge { no_data: NoDataRule::Breach, ..Judge::any(Timestamp(0)) };
    for text in ["e > 5%", "e > 5% 2 of 3", "e > 5% for 10s"] {
        let judge = |s: &Signals, at| s.judge(&parse(text, None).unwrap(), how, secs(at)).verdict;
        assert!(matches!(judge(&signals, 0), Verdict::NoData(_)), "{text}");
    }
    signals.observe(&value("e", 0, 0.01));
    assert!(!signals.judge(&parse("e > 5% 2 of 3", None).unwrap(), how, secs(0)).verdict.is_true());
    signals.observe(&nothing("e", 10, "401"));
    signals.observe(&nothing("e", 20, "401"));
    for text in ["e > 5%", "e > 5% 2 of 3", "e > 5% for 10s"] {
        let found = signals.judge(&parse(text, None).unwrap(), how, secs(20));
        assert!(found.verdict.is_true(), "{text}");
        assert!(found.found.contains("no data: 401"), "{}", found.found);
    }
    // An engine that comes back after an hour has only old readings: it waits for the first new one.
    assert!(matches!(signals.judge(&parse("e > 5%", None).unwrap(), how, secs(3600)).verdict, Verdict::NoData(_)));
}

#[test]
fn instances_past_the_cap_are_said_and_all_is_not_true_of_a_part() {
    let mut signals = signals(vec![probe("lag", Span::secs(10), Unit::Seconds)]);
    let names: Vec<String> = (0..70).map(|n| format!("r{n}")).collect();
    let values: Vec<(&str, f64)> = names.iter().map(|n| (n.as_str(), 1.0)).collect();
    signals.observe(&of("lag", 0, &values));
    assert_eq!(signals.ids().len(), 65);
    let all = |s: &Signals, at| s.judge(&parse("lag < 5s", None).unwrap(), Judge::all(Timestamp(0)), secs(at));
    assert_eq!(all(&signals, 0).found, "(more) no data: 6 more instances are not watched: 64 at most");
    signals.observe(&of("lag", 10, &values[..64]));
    assert_eq!((all(&signals, 10).verdict, signals.ids().len()), (Verdict::True, 64));
}

#[test]
fn one_let_go_makes_room_and_counts_again_when_it_is_back() {
    let mut signals = signals(vec![probe("pod", Span::secs(10), Unit::Count)]);
    let names: Vec<String> = (0..65).map(|n| format!("p{n}")).collect();
    let values: Vec<(&str, f64)> = names.iter().map(|n| (n.as_str(), 1.0)).collect();
    signals.observe(&of("pod", 0, &values[..64]));
    signals.observe(&of("pod", 10, &values[1..64]));
    signals.inform(&Default::default(), &[("pod".into(), "p0".into())]);
    signals.observe(&of("pod", 20, &values[1..65]));
    let known = signals.ids();
    assert!(known.contains(&"pod[p64].value".parse().unwrap()) && !known.contains(&"pod[p0].value".parse().unwrap()));
    assert!(!signals.is_there(&"pod".into(), &"p0".into(), secs(20)));
    signals.observe(&of("pod", 30, &values[..10]));
    assert!(signals.is_there(&"pod".into(), &"p0".into(), secs(30)));
    signals.inform(&Default::default(), &[]);
    assert!(signals.ids().contains(&"pod[p0].value".parse().unwrap()));
}

#[test]
fn a_limit_about_its_own_level_or_about_another_probe_is_no_limit() {
    let (mut a, b) = (probe("a", Span::secs(10), Unit::Count), probe("b", Span::secs(10), Unit::Count));
    a.critical = vec![parse("a.value is critical", None).unwrap(), parse("b > 1", None).unwrap()];
    let mut signals = signals(vec![a, b]);
    signals.observe(&value("a", 0, 5.0));
    signals.observe(&value("b", 0, 5.0));
    assert_eq!(signals.level(&"a.value".parse().unwrap(), secs(0)).0, Level::Ok);
}

#[test]
fn a_level_is_soaked_as_it_stood_at_each_moment() {
    let mut api = probe("api", Span::secs(10), Unit::Percent);
    api.critical = vec![parse("> 5% for 20s", Some(&"api".into())).unwrap()];
    let mut signals = signals(vec![api]);
    let how = Judge { soak: Some(Span::mins(1)), ..Judge::all(Timestamp(0)) };
    let judge = |s: &Signals, at| s.judge(&parse("api is ok", None).unwrap(), how, secs(at));
    // Over its limit at 20, 30 and 40: critical at 40 only.
    for at in 0..=10 {
        signals.observe(&value("api", at * 10, if (2..=4).contains(&at) { 0.1 } else { 0.01 }));
        let lasted = if at < 4 { at * 10 } else { (at * 10 - 50).max(0) };
        assert_eq!(judge(&signals, at * 10).lasted, Span::secs(lasted), "at {at}");
    }
    assert_eq!(judge(&signals, 40).found, "critical: 10 % > 5 %");
    signals.observe(&value("api", 110, 0.01));
    assert_eq!(judge(&signals, 110).verdict, Verdict::True);
}

#[test]
fn readings_are_kept_as_long_as_the_longest_clock_that_looks_at_them_needs() {
    let mut e = probe("e", Span::secs(10), Unit::Percent);
    e.critical = vec![parse("> 5% for 3h", Some(&"e".into())).unwrap()];
    let mut signals = signals(vec![e, probe("f", Span::secs(10), Unit::Percent)]);
    for at in 0..3000 {
        signals.observe(&value("e", at * 10, 0.01));
        signals.observe(&value("f", at * 10, 0.01));
    }
    let kept = |s: &Signals, id: &str| {
        let all = s.readings(&id.parse().unwrap());
        all.last().unwrap().0.since(all.first().unwrap().0)
    };
    assert!(kept(&signals, "e.value") >= Span::mins(360));
    assert_eq!(kept(&signals, "f.value"), Span::mins(60));
}

#[test]
fn a_stream_that_was_missing_needs_no_row_once_its_groups_are_named() {
    let mut all = signals(vec![probe("queue", Span::secs(5), Unit::Count)]);
    let missing = |queue: &str| Point::of(queue, "value", Outcome::NoData("there is no stream".into()));
    all.observe(&of("queue", 0, &[("orders/workers", 3.0), ("mails", 1.0)]));
    all.observe(&poll("queue", 5, Ok(vec![missing("orders"), missing("mails")])));
    let names = |all: &Signals| {
        all.ids().iter().filter_map(|id| id.instance.as_ref().map(|i| i.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(names(&all), ["mails", "orders", "orders/workers"], "what was known stays unknown");
    all.observe(&of("queue", 10, &[("orders/workers", 3.0)]));
    assert_eq!(names(&all), ["mails", "orders/workers"], "what was measured once is missed");
}
