//! What was measured and what was written: charts, values that are unknown, a command's output.

use ratatui::style::Color;

use super::fixture::{Weather, cockpit};
use super::typing::{breach, calm};
use crate::core::ids::SignalId;
use crate::core::outline::{MeasureOutline, Outline, Pane, ProbeOutline};
use crate::core::reading::{Level, Outcome};
use crate::core::signals::Signals;
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;
use crate::core::view::{Readout, SignalView};
use crate::tui::depth::Depth;
use crate::tui::model::PaneId;
use crate::tui::role::Role;
use crate::tui::rows::rows_of;
use crate::wire::message::EngineMessage;

#[test]
fn a_young_launch_fills_its_chart_from_the_left_and_a_person_may_choose() {
    let mut cockpit = breach();
    assert!(cockpit.text().contains("since 05:48"), "{}", cockpit.text());
    let young = cockpit.model.readout.at - Span::secs(100);
    cockpit.model.traces.values_mut().for_each(|points| points.retain(|(at, _)| *at > young));
    let text = cockpit.text();
    assert!(text.contains("since 06:17") && text.contains('│'), "{text}");
    assert_eq!(cockpit.model.chart_span(), Span::mins(5));
    assert!(!text.contains("no data"), "what is to come is no gap: {text}");
    let dot = |c: char| ('\u{2801}'..='\u{28ff}').contains(&c);
    let row = text.lines().find(|row| row.contains(" green") && row.contains(dot)).expect("it has its line");
    assert!(row.rfind(dot) < row.rfind(" green"), "nothing is drawn behind now, and its name stands there: {text}");
    cockpit.keys("-");
    assert!(cockpit.text().contains("last 10 min"), "{}", cockpit.text());
    cockpit.keys("++");
    assert!(cockpit.text().contains("last 2 min"), "{}", cockpit.text());
    cockpit.keys("-");
    assert_eq!(cockpit.model.look_back, None, "what it is by itself goes on growing by itself");
}

#[test]
fn a_chart_names_its_limits_what_happened_and_where_nothing_was_measured() {
    let mut cockpit = breach();
    for points in cockpit.model.traces.values_mut() {
        let from = points.last().unwrap().0 - Span::mins(20);
        points.retain(|(at, _)| *at < from || *at > from + Span::mins(9));
    }
    let text = cockpit.text();
    for word in ["fail 1 %", "crit 5 %", "25 % to green ", "◆ go", "no data", "~", "░"] {
        assert!(text.contains(word), "{word}: {text}");
    }
}

#[test]
fn what_is_unknown_says_why_and_what_it_was() {
    let text = cockpit((200, 60), Weather::Unknown).text();
    assert!(text.contains("? api      UNKNOWN: HTTP 401: the token is not taken "), "{text}");
    assert!(text.contains("? replica-1 UNKNOWN ") && text.contains("  was 469 ms; stale: no reading for 2m"), "{text}");
    assert!(!text.contains("replica-1 469 ms"), "an old value never looks like a new one");
}

/// A health body that has no services where the plan looks for them.
#[test]
fn services_that_were_looked_for_in_vain_are_unknown_and_the_path_is_named() {
    let mut cockpit = cockpit((200, 60), Weather::Calm);
    let id: SignalId = "api[\"(none)\"].up".parse().unwrap();
    let why = "no services at `$.checks`".to_owned();
    let none = SignalView {
        injected: false,
        id,
        level: Level::Unknown,
        why: Some(why.clone()),
        last: Some(Outcome::NoData(why)),
        at: Some(cockpit.model.readout.at),
        was: None,
        pending: None,
        spark: Vec::new(),
    };
    let at = cockpit.model.readout.at;
    cockpit.hears(EngineMessage::Telemetry { at, signals: vec![none], conditions: Vec::new(), more: false });
    let text = cockpit.waits(Span::secs(1)).text();
    assert!(text.contains("api (none) UNKNOWN: no services at `$.checks`"), "{text}");
}

#[test]
fn rows_of_one_name_say_whose_they_are_and_what_is_of_all_queues_together_says_what_it_is() {
    let mut launch = calm().model.launch.unwrap();
    let some = launch.outline.probes[0].clone();
    let probe = |id: &str, pane, measures: &[(&str, bool)], instance: &str| {
        let measure = |(name, whole): &(&str, bool)| MeasureOutline {
            name: (*name).into(),
            whole: *whole,
            unit: Unit::Count,
            what: String::new(),
        };
        let (measures, expect) = (measures.iter().map(measure).collect(), vec![instance.into()]);
        ProbeOutline { id: id.into(), title: id.into(), pane, measures, expect, ..some.clone() }
    };
    let lag = |id: &str, instance: &str| probe(id, Pane::Replication, &[("seconds", false)], instance);
    let queues = probe("celery", Pane::Queues, &[("ready", false), ("in-flight", true)], "emails");
    let called =
        |id: &str| ProbeOutline { title: "mail".into(), ..probe(id, Pane::Queues, &[("ready", false)], "default") };
    let lags = [lag("repl", "replica-1"), lag("repl-low", "replica-1"), lag("own", "replica-9")];
    let probes = lags.into_iter().chain([queues, called("mail-eu"), called("mail-us")]).collect();
    launch.outline = Outline { probes, ..(*launch.outline).clone() }.into();
    let outline = &launch.outline;
    let readout = Readout::of(&launch, &Signals::new(outline), Timestamp(0));
    let names = |pane| rows_of(outline, &readout, &[], pane).into_iter().map(|r| r.name).collect::<Vec<_>>();
    assert_eq!(names(PaneId::Lag), ["repl replica-1", "repl-low replica-1", "replica-9"]);
    assert_eq!(names(PaneId::Queues), ["celery in-flight", "emails", "mail-eu default", "mail-us default"]);
}

#[test]
fn output_keeps_its_colours_and_nothing_else_of_its_sequences() {
    let mut cockpit = calm();
    cockpit.keys("9");
    let run = cockpit.model.output.run.clone().unwrap();
    let bytes = b"\x1b[2J\x1b]0;owned\x07\x1b[31mfailed\x1b[0m 3 \x1b[42mok\x1b[m\x1b[5n\n";
    let data = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, bytes);
    cockpit.hears(EngineMessage::Output { run, offset: 0, data, total: bytes.len() as u64 });
    assert!(cockpit.text().contains(" failed 3 ok\n"), "{}", cockpit.text());
    let sent = cockpit.ansi(Depth::True);
    let Color::Rgb(r, g, b) = cockpit.model.theme.colour(Role::Crit) else { panic!() };
    assert!(sent.contains(&format!("\x1b[0;38;2;{r};{g};{b};48;2;14;19;24mf")), "red is the theme's red");
    let Color::Rgb(r, g, b) = cockpit.model.theme.colour(Role::Ok) else { panic!() };
    assert!(sent.contains(&format!("\x1b[0;7;38;2;{r};{g};{b};48;2;14;19;24mo")), "a ground of green is turned around");
    assert!(!sent.contains("owned") && !sent.contains("\x1b[2J") && !sent.contains("\x1b[5n"));
}

#[test]
fn what_is_split_between_the_versions_is_drawn_as_a_split_and_only_where_it_was_measured_to_be_one() {
    let split = |rest: f64| {
        let model = calm().model;
        let (state, mut readout) = (model.launch.unwrap(), model.readout);
        let old = readout.signals.get_mut(&"share[blue].value".parse().unwrap()).unwrap();
        old.last = Some(Outcome::number(rest));
        let pairs = crate::tui::rows::pairs_of(&state.outline, &readout);
        pairs.into_iter().filter_map(|pair| Some((pair.name, pair.split?))).collect::<Vec<_>>()
    };
    assert_eq!(split(0.949), [("share".to_owned(), 0.051)]);
    assert_eq!(split(0.5), [], "what is missing is somewhere else");
    let text = calm().text();
    let row = text.lines().find(|row| row.contains("● share")).unwrap();
    assert!(row.contains("━─────"), "{row}");
}
