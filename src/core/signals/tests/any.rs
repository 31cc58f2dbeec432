//! The same rules against their definitions, for any readings.

use proptest::prelude::*;

use super::*;

fn outcomes() -> impl Strategy<Value = Vec<(i64, Option<f64>)>> {
    proptest::collection::vec((1..80_i64, proptest::option::weighted(0.7, 0.04..0.1_f64)), 1..60).prop_map(|steps| {
        let mut at = 0;
        steps
            .into_iter()
            .map(|(gap, v)| {
                at += gap;
                (at, v)
            })
            .collect()
    })
}

/// The definition of the clock, reading by reading.
fn by_definition(readings: &[(i64, Option<f64>)], limit: f64, gap: i64, rule: NoDataRule) -> i64 {
    let (mut held, mut last_true) = (0, None);
    for (at, value) in readings {
        match (value.map(|v| v > limit), rule) {
            (Some(true), _) | (None, NoDataRule::Breach) => {
                held += last_true.map_or(0, |last| if at - last <= gap { at - last } else { 0 });
                last_true = Some(*at);
            }
            (Some(false), _) | (None, NoDataRule::Reset) => (held, last_true) = (0, None),
            (None, NoDataRule::Freeze) => last_true = None,
        }
    }
    held
}

proptest! {
    #[test]
    fn the_scan_agrees_with_the_definition(readings in outcomes(), rule in 0..3_usize) {
        let rule = [NoDataRule::Freeze, NoDataRule::Reset, NoDataRule::Breach][rule];
        let mut signals = signals(vec![probe("e", Span::secs(20), Unit::Percent)]);
        for (at, v) in &readings {
            signals.observe(&v.map_or_else(|| nothing("e", *at, "429"), |v| value("e", *at, v)));
        }
        let last = readings.last().unwrap().0;
        let condition = parse("e > 5% for 6h", None).unwrap();
        let found = signals.judge(&condition, Judge { no_data: rule, ..Judge::any(Timestamp(0)) }, secs(last));
        let recent: Vec<_> = readings.iter().copied().filter(|(at, _)| last - at <= signals.horizon().millis() / 1000).collect();
        prop_assert_eq!(found.lasted, Span::secs(by_definition(&recent, 0.05, 60, rule)));
    }

    #[test]
    fn any_is_true_exactly_when_one_alone_is(values in proptest::collection::vec((0.0..0.1_f64, 0.0..0.1_f64), 1..30)) {
        let mut signals = signals(vec![probe("e", Span::secs(10), Unit::Percent)]);
        for (at, (a, b)) in values.iter().enumerate() {
            signals.observe(&of("e", at as i64 * 10, &[("a", *a), ("b", *b)]));
        }
        let now = secs((values.len() as i64 - 1) * 10);
        let judge = |text: &str| signals.judge(&parse(text, None).unwrap(), Judge::any(Timestamp(0)), now).verdict.is_true();
        prop_assert_eq!(judge("e > 5% for 20s"), judge("e[a] > 5% for 20s") || judge("e[b] > 5% for 20s"));
    }

    /// However polls are cut into batches, with looks or a plan taken in again between them, the result is the same.
    #[test]
    fn batches_never_matter(
        polls in proptest::collection::vec((0..3_usize, 1..25_i64, proptest::option::of(0.0..0.1_f64)), 1..60),
        looks in proptest::collection::vec(any::<bool>(), 60),
        cut in 0..60_usize,
    ) {
        let mut e = probe("e", Span::secs(10), Unit::Percent);
        e.warn = vec![parse("> 5% for 20s", Some(&"e".into())).unwrap()];
        e.expect = vec!["a".into()];
        let outline = Outline { probes: vec![e, probe("f", Span::secs(10), Unit::Percent)], ..Outline::default() };
        let texts = [
            "e > 5% for 30s", "e is ok", "e <= f * 1.5 for 20s", "f > 5% 2 of 3 for 10s", "e[a] is warn for 20s",
        ];
        let conditions: Vec<_> = texts.iter().map(|t| parse(t, None).unwrap()).collect();
        let mut at = 0;
        let polls: Vec<Poll> = polls.into_iter().map(|(which, gap, v)| {
            at += gap;
            match (which, v) {
                (0, Some(v)) => of("e", at, &[("a", v), ("b", 0.1 - v)]),
                (1, Some(v)) => of("e", at, &[("a", v)]),
                (_, Some(v)) => value("f", at, v),
                (2, None) => nothing("f", at, "429"),
                (_, None) => nothing("e", at, "401"),
            }
        }).collect();
        let judge = |s: &Signals| -> Vec<_> {
            let of = |c| [Judge::any(secs(5)), Judge::all(secs(5))].map(|how| s.judge(c, how, secs(at)));
            conditions.iter().map(of).collect()
        };
        let (mut once, mut looked, mut again) = (Signals::new(&outline), Signals::new(&outline), Signals::new(&outline));
        for (poll, look) in polls.iter().zip(&looks) {
            once.observe(poll);
            looked.observe(poll);
            if *look {
                judge(&looked);
            }
        }
        let cut = cut.min(polls.len());
        polls[..cut].iter().for_each(|p| again.observe(p));
        again.adopt(&outline);
        polls[cut..].iter().for_each(|p| again.observe(p));
        prop_assert_eq!(judge(&once), judge(&looked));
        prop_assert_eq!(judge(&once), judge(&again));
    }
}
