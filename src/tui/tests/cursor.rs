//! The zoomed chart, and the cursor that leads all panes of signals to a moment of the past.

use std::collections::BTreeMap;

use super::Cockpit;
use super::fixture::{NOW, Weather, cockpit, cockpit_of, greeting, launch, measured};
use super::screens::look;
use crate::core::ids::SignalId;
use crate::core::time::{Span, Timestamp};
use crate::core::units::Finite;
use crate::tui::msg::{Effect, Happened};
use crate::tui::theme;
use crate::wire::message::{Answer, ClientMessage, EngineMessage, Query, Series};

const SIZES: [(u16, u16); 3] = [(80, 24), (120, 40), (200, 60)];

type World = BTreeMap<SignalId, Vec<(Timestamp, Option<f64>)>>;

/// A screen as it is in life: of what no chart shows there is no past at hand. What was measured is with the engine.
fn attached(size: (u16, u16), weather: Weather) -> (Cockpit, World) {
    let mut cockpit = cockpit(size, weather);
    let world = cockpit.model.traces.clone();
    let first = NOW - Span::mins(30);
    cockpit.model.traces.retain(|id, _| ["errors", "share", "requests"].contains(&id.probe.as_str()));
    cockpit.model.live_from = cockpit.model.traces.keys().map(|id| (id.clone(), first)).collect();
    cockpit.model.asked.clear();
    (cockpit, world)
}

/// The questions about the past that were not taken yet.
fn questions(cockpit: &mut Cockpit) -> Vec<(u64, Query)> {
    let all = std::mem::take(&mut cockpit.effects);
    let asked = all.into_iter().filter_map(|effect| match effect {
        Effect::Send(ClientMessage::Get { id, what: what @ Query::History { .. } }) => Some((id, what)),
        _ => None,
    });
    asked.collect()
}

/// The engine answers them; says how many there were.
fn answers(cockpit: &mut Cockpit, world: &World) -> usize {
    let all = questions(cockpit);
    for (id, what) in &all {
        let Query::History { signals, from, to, buckets } = what else { continue };
        assert!(signals.len() <= 64, "more than the engine gives at once");
        let bucket = Span(to.since(*from).millis() / i64::from(*buckets) + 1);
        for (i, signal) in signals.iter().enumerate() {
            let mut values: Vec<Option<[Finite; 3]>> = vec![None; usize::from(*buckets)];
            for (at, value) in world.get(signal).into_iter().flatten().filter(|(at, _)| at >= from && at <= to) {
                let place = &mut values[(at.since(*from).millis() / bucket.millis()) as usize];
                let value = value.and_then(Finite::new);
                *place = value.map(|v| {
                    place.map_or([v; 3], |[low, _, high]| {
                        [if v < low { v } else { low }, v, if v > high { v } else { high }]
                    })
                });
            }
            let series = Series { signal: signal.clone(), from: *from, bucket, values };
            let more = i + 1 < signals.len();
            cockpit.hears(EngineMessage::Part { id: *id, more, answer: Answer::History(series) });
        }
    }
    all.len()
}

fn row<'a>(text: &'a str, part: &str) -> &'a str {
    text.lines().find(|row| row.contains(part)).unwrap_or_else(|| panic!("{part}: {text}"))
}

#[test]
fn a_zoomed_chart_has_its_clocks_along_its_axis_its_lines_in_numbers_and_how_they_compare() {
    for size in SIZES {
        for (name, weather) in [("calm", Weather::Calm), ("breach", Weather::Breach), ("unknown", Weather::Unknown)] {
            let (mut cockpit, _) = attached(size, weather);
            cockpit.keys("3z");
            for theme in ["dark", "light"] {
                cockpit.model.theme = theme::load(theme).unwrap();
                look(&format!("zoomed-{name}-{theme}"), &cockpit);
            }
        }
        let (mut cockpit, _) = attached(size, Weather::Breach);
        let text = cockpit.keys("3z").text();
        assert!(row(&text, "    soak ").contains("broken after 9:55 of 2:00:00"), "{text}");
        assert!(row(&text, "    fail ").contains("2:0") && row(&text, "    fail ").contains("━"), "{text}");
        assert!(row(&text, "now  06:").contains("green is 99 times blue"), "{text}");
        for word in ["median", "p95", "largest", "normal", "none captured"] {
            assert!(text.contains(word), "{word}: {text}");
        }
        let calm = attached(size, Weather::Calm).0.keys("3z").text();
        assert!(row(&calm, "    soak ").contains("29:45 / 2:00:00") && !calm.contains("times blue"), "{calm}");
        assert!(row(&calm, "    soak ").contains('━') && !row(&calm, "    fail ").contains('━'), "{calm}");
        assert!(row(&calm, "    fail ").contains("0:00 / 3:00  errors[green] > 1% for 3m"), "{calm}");
    }
    let (mut cockpit, _) = attached((120, 40), Weather::Breach);
    let text = cockpit.keys("3z").text();
    assert!(row(&text, "requests ").contains("10.2 /s"), "how much goes to the new version: {text}");
    assert!(row(&text, "   share ").contains("24.8 %"), "{text}");
}

/// Compares with what a person has looked at and found good.
macro_rules! same {
    ($name:literal, $cockpit:expr) => {
        let (w, h) = $cockpit.model.size;
        insta::assert_snapshot!(format!("{}-{w}x{h}", $name), $cockpit.screen());
    };
}

#[test]
fn zoomed_charts_and_the_cursor_are_as_they_were_found_good() {
    for size in SIZES {
        let (mut cockpit, world) = attached(size, Weather::Breach);
        cockpit.keys("3z");
        same!("zoomed", cockpit);
        cockpit.keys(&"<left>".repeat(12));
        answers(&mut cockpit, &world);
        same!("at", cockpit);
        cockpit.keys("z");
        same!("at-all", cockpit);
    }
}

#[test]
fn n_leads_the_cursor_from_one_thing_that_happened_to_the_next() {
    let (mut cockpit, world) = attached((120, 40), Weather::Breach);
    cockpit.keys("3zN");
    answers(&mut cockpit, &world);
    let last = cockpit.model.cursor().unwrap();
    assert_eq!(NOW.since(last), Span::mins(12) + Span::secs(41), "the command that set 25 %");
    assert!(row(&cockpit.text(), "cursor ").contains("25 % to green"), "{}", cockpit.text());
    let before = cockpit.keys("N").model.cursor().unwrap();
    assert!(before < last);
    assert_eq!(cockpit.keys("n").model.cursor(), Some(last));
    assert!(cockpit.keys("n").text().contains("nothing happened after that"), "{}", cockpit.text());
    assert_eq!(cockpit.model.cursor(), Some(last));
}

#[test]
fn what_is_not_measured_has_no_strip_and_no_number() {
    let (mut cockpit, _) = attached((120, 40), Weather::Empty);
    let text = cockpit.keys("3z").text();
    assert!(!text.contains("requests") && !text.contains("   share "), "{text}");
    assert!(text.contains("nothing is measured yet") && !text.contains("times"), "{text}");
    assert!(row(&text, "? errors ").matches("  ?").count() == 5, "{text}");
}

#[test]
fn the_cursor_leads_all_panes_of_signals_to_its_moment_and_the_answers_stay() {
    for size in SIZES {
        let (mut cockpit, world) = attached(size, Weather::Breach);
        cockpit.keys("3z");
        let now = cockpit.text();
        let column = {
            cockpit.keys("<left>");
            cockpit.model.readout.at.since(cockpit.model.cursor().unwrap())
        };
        assert!(row(&cockpit.text(), "cursor ").contains("before the newest"), "{}", cockpit.text());
        // To four minutes ago: before the breach.
        let steps = Span::mins(4).millis() / column.millis();
        cockpit.keys(&"<left>".repeat(steps as usize));
        assert_eq!(answers(&mut cockpit, &world), 1, "asked once, not at each step");
        let at = cockpit.model.zone.seconds(cockpit.model.cursor().unwrap());
        let text = cockpit.text();
        look("cursor-zoomed", &cockpit);
        assert!(text.lines().last().unwrap().contains(&format!("at {at}")), "{text}");
        assert!(row(&text, "━").contains("Error rate") || text.contains(&format!("at {at}")), "{text}");
        assert!(row(&text, "cursor ").contains(&at) && !row(&text, "cursor ").contains("times"), "{text}");
        assert!(text.contains('┃'), "it is seen in the chart: {text}");
        // What must be seen of now still is.
        let answers = |text: &str| text.lines().skip(1).take(3).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(answers(&text), answers(&now));
        assert!(text.contains("CRITICAL"), "{text}");
        let text = cockpit.keys("z").text();
        look("cursor", &cockpit);
        assert!(text.lines().last().unwrap().contains(&format!("at {at}")), "{text}");
        if size.0 >= 120 {
            let errors = row(&text, " errors ");
            assert!(errors.contains("0.0") && !errors.contains("6.10 %") && !errors.contains('●'), "{text}");
            assert!(
                row(&text, "4 Health").contains(&format!("at {at}")) && !row(&text, "4 Health").contains(" ok"),
                "{text}"
            );
        }
        // Back to now, by either key.
        for key in ["0", "<esc>", "f"] {
            let mut cockpit = Cockpit { model: cockpit.model.clone(), effects: Vec::new(), at: cockpit.at };
            cockpit.keys(key);
            assert_eq!(cockpit.model.cursor(), None, "{key}");
            assert!(cockpit.text().contains("6.10 %") && !cockpit.text().contains(&format!("at {at}")), "{key}");
        }
    }
}

#[test]
fn what_was_measured_then_is_shown_and_where_nothing_was_that_is_said() {
    let (mut cockpit, mut world) = attached((120, 40), Weather::Calm);
    let then = NOW - Span::mins(12);
    for (id, points) in &mut world {
        match id.probe.as_str() {
            // It was worse, and one thing was not measured.
            "lag" => points.iter_mut().filter(|(at, _)| *at < then).for_each(|(_, v)| *v = Some(77.0)),
            "queues" => points.retain(|(at, _)| *at > then + Span::mins(5)),
            "database" if id.measure.as_str() == "up" => {
                points.iter_mut().filter(|(at, _)| *at < then).for_each(|(_, v)| *v = Some(0.0));
            }
            _ => {}
        }
    }
    cockpit.keys("3z<left>");
    assert!(cockpit.keys("z").text().contains("loading"), "{}", cockpit.text());
    answers(&mut cockpit, &world);
    assert!(!cockpit.text().contains("loading"), "{}", cockpit.text());
    let lag = |text: &str| row(text, "replica-1").split_once("replica-1").unwrap().1.to_owned();
    assert!(!lag(&cockpit.text()).contains("77"), "{}", cockpit.text());
    while cockpit.model.cursor().unwrap() > then - Span::mins(2) {
        cockpit.keys("<left>");
    }
    assert_eq!(questions(&mut cockpit).len(), 0, "the past is at hand");
    let text = cockpit.text();
    assert!(lag(&text).contains("77.0 s") || lag(&text).contains("77 s"), "{text}");
    assert!(row(&text, "database").contains("failing"), "{text}");
    assert!(text.contains("nothing was measured then") || row(&text, "email").contains("UNKNOWN"), "{text}");
    // What is measured meanwhile changes nothing of it.
    cockpit.hears(measured(Weather::Breach, NOW + Span::secs(9)));
    cockpit.waits(Span::secs(9));
    let later = cockpit.text();
    assert_eq!(lag(&later), lag(&text));
    assert!(later.contains("CRITICAL"), "alarms go on: {later}");
    assert!(later.lines().last().unwrap().contains("new alarm"), "{later}");
}

#[test]
fn forward_again_it_comes_to_now_and_there_it_goes_away() {
    let (mut cockpit, world) = attached((120, 40), Weather::Calm);
    cockpit.keys("3z<left><left><left>");
    answers(&mut cockpit, &world);
    cockpit.keys("<right><right>");
    assert!(cockpit.model.cursor().is_some());
    cockpit.keys("<right>");
    assert!(cockpit.model.frozen.is_none(), "{}", cockpit.text());
    cockpit.keys("<right>");
    assert!(cockpit.text().contains("this is now"), "{}", cockpit.text());
    let mut other = attached((120, 40), Weather::Calm).0;
    assert!(other.keys("<left>").text().contains("the cursor stands in a chart: 3 leads to one"), "{}", other.text());
}

/// Readings four times a minute for so long, and none in the two hours before the last one.
fn long(cockpit: &mut Cockpit, hours: i64) -> World {
    let ids: Vec<SignalId> = cockpit.model.readout.signals.keys().cloned().collect();
    let points = (0..hours * 240).map(|i| NOW - Span::secs(i * 15)).rev();
    let points = points.filter(|at| !(60..180).contains(&(NOW.since(*at).millis() / 60_000)));
    let points: Vec<_> = points.map(|at| (at, Some(0.003))).collect();
    ids.into_iter().map(|id| (id, points.clone())).collect()
}

#[test]
fn from_minutes_to_two_days_and_back_what_was_measured_is_drawn_and_a_gap_stays_a_gap() {
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, |state| state.opened = NOW - Span::mins(50 * 60));
    let world = long(&mut cockpit, 49);
    cockpit.model.traces.clear();
    cockpit.model.asked.clear();
    cockpit.keys("3z");
    let dots = |text: &str| text.chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count();
    for _ in 0..11 {
        cockpit.keys("-");
        answers(&mut cockpit, &world);
    }
    let text = cockpit.text();
    look("two-days", &cockpit);
    assert!(text.contains("last 2 d") || text.contains("last 48 h"), "{text}");
    assert!(dots(&text) > 90 && text.contains('░'), "{text}");
    // A day back, everything shows that day.
    while cockpit.model.cursor().is_none_or(|at| NOW.since(at) < Span::mins(24 * 60)) {
        cockpit.keys("<left>");
        answers(&mut cockpit, &world);
    }
    assert!(
        row(&cockpit.text(), "cursor ").contains("Nov") || row(&cockpit.text(), "cursor ").contains("24:"),
        "{}",
        cockpit.text()
    );
    for _ in 0..10 {
        cockpit.keys("+");
        answers(&mut cockpit, &world);
        let text = cockpit.text();
        assert!(text.contains('┃') && dots(&text) > 20, "{text}");
        assert!(row(&text, "cursor ").contains("measured "), "{text}");
    }
    assert_eq!(cockpit.model.chart_span(), Span::mins(2));
    // And so does what lies beside that.
    for _ in 0..500 {
        cockpit.keys("<right>");
        answers(&mut cockpit, &world);
        assert!(row(&cockpit.text(), "cursor ").contains("measured "), "{}", cockpit.text());
        assert!(!cockpit.text().contains("nothing was measured"), "{}", cockpit.text());
    }
    // Within the gap nothing was measured, whatever is shown around it.
    cockpit.keys("0");
    answers(&mut cockpit, &world);
    while cockpit.model.chart_span() < Span::mins(360) {
        cockpit.keys("-");
        answers(&mut cockpit, &world);
    }
    while cockpit.model.cursor().is_none_or(|at| NOW.since(at) < Span::mins(120)) {
        cockpit.keys("<left>");
        answers(&mut cockpit, &world);
    }
    assert!(row(&cockpit.text(), "cursor ").contains("nothing was measured then"), "{}", cockpit.text());
}

#[test]
fn a_past_that_is_not_loaded_is_asked_for_and_until_it_is_here_that_is_said() {
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, |state| state.opened = NOW - Span::mins(50 * 60));
    let world = long(&mut cockpit, 49);
    cockpit.model.asked.clear();
    cockpit.keys("3z<left>");
    assert_eq!(answers(&mut cockpit, &world), 1);
    let mut asked = 0;
    for _ in 0..400 {
        cockpit.keys("<left>");
        if !cockpit.effects.is_empty() {
            assert!(cockpit.text().contains("loading"), "{}", cockpit.text());
            asked += answers(&mut cockpit, &world);
            assert!(!cockpit.text().contains("loading"), "{}", cockpit.text());
        }
    }
    assert!((1..=5).contains(&asked), "asked {asked} times on the way through four screens");
}

#[test]
fn no_size_and_no_weather_breaks_it() {
    for size in [(1, 1), (20, 5), (40, 12), (56, 20), (70, 20), (99, 30), (300, 9)] {
        for weather in [Weather::Calm, Weather::Breach, Weather::Unknown, Weather::Empty] {
            let (mut cockpit, world) = attached(size, weather);
            for keys in ["3z<left>", "<left><left>-", "++", "z", "4z<left>", "pz<right>", "<esc><esc>f<left>f"] {
                cockpit.keys(keys);
                cockpit.screen();
                answers(&mut cockpit, &world);
                cockpit.screen();
            }
        }
    }
}

#[test]
fn every_signal_with_numbers_has_a_chart_and_its_past_is_asked_for_once() {
    for (pane, unit) in [("5", " s"), ("6", "webhooks")] {
        let (mut cockpit, world) = attached((120, 40), Weather::Breach);
        assert!(cockpit.keys(&format!("{pane}z")).text().lines().last().unwrap().contains("Enter chart"));
        cockpit.keys("<enter>");
        let loading = cockpit.text();
        assert!(!loading.contains("Error rate"), "{loading}");
        assert_eq!(answers(&mut cockpit, &world), 1, "{pane}");
        let text = cockpit.text();
        look(&format!("chart-{pane}"), &cockpit);
        let dots = text.chars().filter(|c| ('\u{2801}'..='\u{28ff}').contains(c)).count();
        assert!(dots > 60 && text.contains(unit), "{text}");
        assert!(text.contains(" of 8, "), "{text}");
        // It goes on by itself.
        let drawn = cockpit.model.charted[0].clone();
        let before = cockpit.model.traces[&drawn].len();
        let mut view = cockpit.model.readout.signals[&drawn].clone();
        let at = NOW + Span::secs(5);
        view.at = Some(at);
        cockpit.hears(EngineMessage::Telemetry { at, signals: vec![view], conditions: Vec::new(), more: false });
        cockpit.waits(Span::secs(2));
        assert_eq!(cockpit.model.traces[&drawn].len(), before + 1);
        // Unzoomed the pane is that of the error rate again.
        assert!(row(&cockpit.keys("z").text(), "3 Error rate").contains("6.10 %"), "{}", cockpit.text());
        assert!(!cockpit.model.traces.contains_key(&drawn), "what is drawn no more is let go");
    }
    // What is worst in health is an error rate.
    assert!(attached((120, 40), Weather::Breach).0.keys("4z<enter>").text().contains("Error rate: errors"));
    let (mut cockpit, world) = attached((120, 40), Weather::Calm);
    cockpit.keys("3z");
    for _ in 0..12 {
        cockpit.keys("j");
        answers(&mut cockpit, &world);
    }
    assert!(cockpit.text().contains("8 of 8, k back"), "{}", cockpit.text());
    cockpit.keys("<left>kk<left>");
    answers(&mut cockpit, &world);
    assert!(
        cockpit.text().contains("6 of 8") && row(&cockpit.text(), "cursor ").contains("measured"),
        "{}",
        cockpit.text()
    );
}

#[test]
fn a_past_that_the_engine_can_not_give_is_no_silence() {
    let (mut cockpit, _) = attached((120, 40), Weather::Calm);
    cockpit.keys("3z<left>z");
    for (id, _) in questions(&mut cockpit) {
        let answer = Answer::Failed("disk I/O error".into());
        cockpit.hears(EngineMessage::Part { id, more: false, answer });
    }
    assert!(cockpit.effects.is_empty(), "it is not asked for without end");
    cockpit.keys("4z");
    assert!(cockpit.text().contains("the past can't be had: disk I/O error"), "{}", cockpit.text());
    cockpit.keys("z<left>");
    assert_eq!(questions(&mut cockpit).len(), 1, "with the next step it is asked for again");
    // A link that is lost answers no more: the next one is asked.
    cockpit.happens(Happened::Lost("gone".into()));
    cockpit.keys("<left>");
    assert_eq!(questions(&mut cockpit).len(), 0);
    let state = launch(Weather::Calm, NOW);
    greeting(&state).into_iter().for_each(|message| cockpit.hears(message));
    assert!(row(&cockpit.text(), "? api ").contains("UNKNOWN") && cockpit.text().contains("loading"));
    assert!(!cockpit.text().contains("nothing was measured"), "{}", cockpit.text());
    assert_eq!(questions(&mut cockpit).len(), 1, "{}", cockpit.text());
}
