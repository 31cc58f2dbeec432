use super::*;
use crate::core::reading::Point;

const T: i64 = 1_763_690_400_000; // 02:00:00.000, a whole quarter.

fn poll(at: i64, value: f64) -> Poll {
    let points = vec![
        Point::new("latency", Outcome::number(value)),
        Point::of("replica 1", "bytes", Outcome::Failing("refused".to_owned())),
        Point::new("version", Outcome::Text("v1".to_owned())),
    ];
    Poll { probe: "api".into(), at: Timestamp(at), took_ms: 12, points: Ok(points) }
}

fn latency() -> SignalId {
    "api.latency".parse().unwrap()
}

fn means(series: &Series) -> Vec<Option<f64>> {
    series.values.iter().map(|v| v.map(|[_, mean, _]| mean.get())).collect()
}

#[test]
fn polls_come_back_as_they_were_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("readings.db");
    let (mut history, said) = History::open(&path, Span::ZERO).unwrap();
    assert_eq!(said, None);
    let failed = Poll { points: Err("401 from Sentry".to_owned()), probe: "errors".into(), ..poll(T + 500, 0.0) };
    let polls = [poll(T, 0.1 + 0.2), failed, poll(T + 1000, 0.5)];
    polls.iter().for_each(|p| history.add(p));
    history.flush(Timestamp(T + 1000)).unwrap();
    drop(history);
    let (mut history, said) = History::open(&path, Span::ZERO).unwrap();
    assert_eq!(said, None);
    assert_eq!(history.since(Timestamp(T)).unwrap(), polls);
    assert_eq!(history.since(Timestamp(T + 1)).unwrap(), polls[1..]);
    history.add(&poll(T + 2000, 1.0));
    assert_eq!(history.since(Timestamp(T)).unwrap().len(), 4, "what waits to be written is there as well");
}

#[test]
fn nothing_is_drawn_before_the_first_reading() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("readings.db");
    let (mut history, _) = History::open(&path, Span::ZERO).unwrap();
    // A launch that begins 9:18 into a quarter of an hour and is asked for the last five minutes after 20 s.
    let begun = T + 558_000;
    for n in 0..10 {
        history.add(&poll(begun + n * 2000, 1.0));
    }
    let now = Timestamp(begun + 20_000);
    history.flush(now).unwrap();
    let past = Reader::open(&path).unwrap();
    let five = past.history(&latency(), now - Span::mins(5), now, 300).unwrap();
    let known: Vec<usize> = (0..300).filter(|i| five.values[*i].is_some()).collect();
    assert_eq!(known, (280..300).step_by(2).collect::<Vec<_>>());
}

#[test]
fn raw_polls_are_let_go_of_and_minutes_stay() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("readings.db");
    let (mut history, _) = History::open(&path, Span::ZERO).unwrap();
    let hours = 3;
    for n in 0..hours * 720 {
        let at = T + n * 5000;
        history.add(&poll(at, (n % 12) as f64));
        if n % 12 == 11 {
            history.flush(Timestamp(at)).unwrap();
        }
    }
    let now = Timestamp(T + hours * 3_600_000);
    history.flush(now).unwrap();
    let raw = history.since(Timestamp(0)).unwrap();
    assert!((720..=733).contains(&raw.len()), "{}", raw.len());
    let past = Reader::open(&path).unwrap();
    // Old and new in one, from minutes where raw polls are gone.
    let all = past.history(&latency(), Timestamp(T), now, 180).unwrap();
    assert_eq!(all.bucket, MINUTE);
    assert!(all.values.iter().all(|v| v.is_some_and(|v| v.map(Finite::get) == [0.0, 5.5, 11.0])), "{all:?}");
    // Finer than a minute: the old part is the minute's, the new part each poll.
    let fine = past.history(&latency(), now - Span::mins(90), now, 270).unwrap();
    assert_eq!(fine.bucket, Span::secs(20));
    assert_eq!(means(&fine)[..3], [Some(5.5); 3]);
    assert_eq!(means(&fine)[267..], [Some(1.5), Some(5.5), Some(9.5)]);
    // A failing thing is at zero, an unknown signal is nothing, and nothing was measured before the launch.
    let failing = past.history(&"api[\"replica 1\"].bytes".parse().unwrap(), Timestamp(T), now, 1).unwrap();
    assert_eq!(means(&failing), [Some(0.0)]);
    assert_eq!(means(&past.history(&"x.y".parse().unwrap(), Timestamp(T), now, 2).unwrap()), [None, None]);
    let before = past.history(&latency(), Timestamp(T) - Span::mins(60), Timestamp(T) + Span::mins(60), 2).unwrap();
    assert_eq!(means(&before), [None, Some(5.5)]);
}

use crate::core::units::Finite;

#[test]
fn after_two_days_there_are_quarters() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("readings.db");
    let (mut history, _) = History::open(&path, Span::ZERO).unwrap();
    for n in 0..72 * 12 {
        history.add(&poll(T + n * 300_000, n as f64));
    }
    let now = Timestamp(T) + Span::mins(72 * 60);
    history.flush(now).unwrap();
    let past = Reader::open(&path).unwrap();
    let series = past.history(&latency(), Timestamp(T), now, 72).unwrap();
    let expected: Vec<_> = (0..72).map(|h| Some(h as f64 * 12.0 + 5.5)).collect();
    assert_eq!(means(&series), expected);
}

#[test]
fn the_more_signals_the_fewer_days_of_quarters() {
    let days = |signals| store::keep_quarters(signals, QUARTERS).millis() / Span::mins(24 * 60).millis();
    assert_eq!([1, 100, 115, 200, 1000, SIGNALS].map(days), [90, 90, 90, 52, 10, 2]);
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("readings.db");
    let (mut history, _) = History::open(&path, Span::ZERO).unwrap();
    history.quarters = 300;
    // Two signals and their probe: a hundred rows for each name.
    let count = |history: &History| {
        history.db.query_row("SELECT count(*) FROM quarter", [], |row| row.get::<_, i64>(0)).unwrap()
    };
    let mut most = 0;
    for n in 0..400 {
        history.add(&poll(T + n * 900_000, n as f64));
        history.flush(Timestamp(T + n * 900_000)).unwrap();
        most = most.max(count(&history));
    }
    assert_eq!(most, 200, "of two signals as many as of three names are allowed to them");
    let now = Timestamp(T) + Span::mins(400 * 15);
    let past = Reader::open(&path).unwrap();
    let series = past.history(&latency(), now - Span::mins(15 * 99), now, 99).unwrap();
    assert!(series.values.iter().all(Option::is_some), "the newest stay");
}

/// Fifty hours of an engine that ends and comes back every few hours, once in the middle of a minute and with polls that
/// it had not written.
#[test]
fn two_days_outlive_engines_in_minutes_and_the_file_has_an_end() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("readings.db");
    let (every, hours) = (Span::secs(10), 50);
    let polls = hours * 360;
    let value = |n: i64| ((n % 6) as f64).mul_add(2.0, (n / 360) as f64);
    let (mut history, _) = History::open(&path, Span::ZERO).unwrap();
    let mut biggest = 0;
    for n in 0..polls {
        let at = Timestamp(T) + every.times(n);
        history.add(&poll(at.millis(), value(n)));
        if n % 5 == 4 {
            history.flush(at).unwrap();
        }
        if n % 2503 == 2502 {
            history = History::open(&path, Span::ZERO).unwrap().0;
        }
        if n % 360 == 359 && n > 49 * 360 {
            biggest = biggest.max(std::fs::metadata(&path).unwrap().len());
        }
    }
    let end = Timestamp(T) + every.times(polls);
    history.flush(end).unwrap();
    let raw = history.since(Timestamp(0)).unwrap();
    assert_eq!(raw.iter().filter(|p| end.since(p.at) <= RAW).count(), 360, "each poll of the last hour");
    assert!(raw.len() <= 366, "and those of one minute more at most: {}", raw.len());

    let mut rows = BTreeMap::new();
    let id = store::known(&history.db, "api.latency").unwrap().unwrap();
    store::rows(&history.db, MINUTE, id, Timestamp(0), end, |at, row| {
        rows.insert(at, row);
    })
    .unwrap();
    assert!(rows.len() <= 49 * 60 + 2, "{}", rows.len());
    let begin = Timestamp(T) + Span::mins((hours - 48) * 60);
    let mut broken = 0;
    for minute in 0..48 * 60 {
        let at = begin + Span::mins(minute);
        let first = at.since(Timestamp(T)).millis() / every.millis();
        let row = rows.get(&at).unwrap_or_else(|| panic!("no row {minute} minutes in"));
        let base = (first / 360) as f64;
        if row.n == 6 {
            let Row { min, max, last, .. } = *row;
            assert_eq!((min, max, last), (base, base + 10.0, base + 10.0), "{minute}");
            assert!((row.mean - base - 5.0).abs() < 1e-9, "{minute}: {row:?}");
        } else {
            broken += 1;
        }
    }
    assert!(
        (1..=polls / 2503 * 2).contains(&broken),
        "only where an engine ended may polls be lacking: {broken} minutes"
    );

    // In the last hour nothing was added but what replaced something older.
    let size = std::fs::metadata(&path).unwrap().len();
    assert!(size <= biggest + (64 << 10), "{biggest} bytes, then {size}");
    let past = Reader::open(&path).unwrap();
    let all = past.history(&latency(), end - Span::mins(48 * 60), end, 48).unwrap();
    assert!(all.values.iter().all(Option::is_some), "{all:?}");
}

#[test]
fn how_often_it_is_written_makes_no_difference() {
    let of = |every: i64| {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("readings.db");
        let (mut history, _) = History::open(&path, Span::ZERO).unwrap();
        for n in 0..100 {
            history.add(&poll(T + n * 1000, n as f64));
            if n % every == 0 {
                history.flush(Timestamp(T + n * 1000)).unwrap();
            }
        }
        history.flush(Timestamp(T + 100_000)).unwrap();
        Reader::open(&path).unwrap().history(&latency(), Timestamp(T), Timestamp(T + 120_000), 2).unwrap()
    };
    let (often, once) = (of(1), of(1000));
    for (a, b) in means(&often).into_iter().zip(means(&once)) {
        assert!((a.unwrap() - b.unwrap()).abs() < 1e-9, "{often:?} {once:?}");
    }
}

#[test]
fn a_file_that_can_not_be_read_is_put_aside() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("readings.db");
    std::fs::write(&path, "not a database at all, but long enough to be looked at as one: ".repeat(20)).unwrap();
    let (mut history, said) = History::open(&path, Span::ZERO).unwrap();
    let said = said.unwrap();
    assert!(said.contains("begins anew") && said.contains("readings.db.broken-1"), "{said}");
    history.add(&poll(T, 1.0));
    history.flush(Timestamp(T)).unwrap();
    assert!(dir.path().join("readings.db.broken-1").exists());
    assert_eq!(History::open(&path, Span::ZERO).unwrap().0.since(Timestamp(T)).unwrap().len(), 1);
}

#[test]
fn a_file_that_breaks_while_it_is_open_is_begun_anew_and_loses_nothing_that_waits() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("readings.db");
    let (mut history, _) = History::open(&path, Span::ZERO).unwrap();
    Connection::open(&path).unwrap().execute_batch("DROP TABLE minute").unwrap();
    history.add(&poll(T, 1.0));
    history.flush(Timestamp(T)).unwrap_err();
    history.flush(Timestamp(T)).unwrap();
    assert_eq!(history.since(Timestamp(T)).unwrap().len(), 1);
}

#[test]
fn where_no_file_can_be_made_it_is_kept_in_memory() {
    let (mut history, said) = History::open(Path::new("/no/such/dir/readings.db"), Span::ZERO).unwrap();
    assert!(said.unwrap().contains("in memory only"));
    history.add(&poll(T, 1.0));
    history.flush(Timestamp(T)).unwrap();
    assert_eq!(history.since(Timestamp(T)).unwrap().len(), 1);
}
