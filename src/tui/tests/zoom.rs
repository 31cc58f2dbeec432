//! A zoomed pane tells everything that is known of what it shows.

use super::Cockpit;
use super::fixture::{Weather, cockpit};
use super::screens::look;

fn zoomed(size: (u16, u16), weather: Weather, keys: &str) -> Cockpit {
    let mut cockpit = cockpit(size, weather);
    cockpit.keys(keys);
    cockpit
}

#[test]
fn of_a_signal_it_says_how_it_is_measured_each_value_its_limits_and_why() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let calm = zoomed(size, Weather::Calm, "4<enter>");
        look("zoom-health", &calm);
        let text = calm.text();
        for part in
            ["● api  http every 5s, at most 2s", "latency", "warn where api.latency > 300ms", "● database  postgres"]
        {
            assert!(text.contains(part), "{part}: {text}");
        }
        assert!(text.contains("critical where api is failing for 30s"), "{text}");
        let text = zoomed(size, Weather::Unknown, "4z").text();
        assert!(text.contains("api  UNKNOWN") && text.contains("HTTP 401: the token is not taken"), "{text}");
        let lag = zoomed(size, Weather::Calm, "5z").text();
        assert!(lag.contains("lag replica-2") && lag.contains("bytes") && lag.contains("MB"), "{lag}");
        let queues = zoomed(size, Weather::Breach, "6z").text();
        for part in ["▲ queues webhooks  warn", "depth", "oldest", "1,559 > 1,000", "warn where queues.depth > 1000"]
        {
            assert!(queues.contains(part), "{part}: {queues}");
        }
    }
}

#[test]
fn of_a_trigger_it_says_what_it_watches_and_what_comes_of_it() {
    for size in [(80, 24), (120, 40)] {
        let triggers = zoomed(size, Weather::Breach, "7z");
        look("zoom-triggers", &triggers);
        let text = triggers.text();
        assert!(text.contains("then the launch holds and it asks to go back: All traffic to"), "{text}");
        assert!(text.contains("then going back is to be considered"), "{text}");
        assert!(text.contains("2:00 / 3:00"), "the clocks are still there: {text}");
    }
}

#[test]
fn it_scrolls_to_its_end_and_no_size_breaks_it() {
    let mut health = zoomed((80, 24), Weather::Breach, "4z");
    assert!(health.text().contains("■ errors green  CRITICAL"), "the worst is first: {}", health.text());
    assert!(health.text().contains(" below\n"), "{}", health.text());
    let end = health.keys("G").text();
    assert!(!end.contains(" below\n"), "{end}");
    assert!(end.contains("● requests green") && !end.contains("CRITICAL  prometheus"), "{end}");
    assert!(health.keys("gg").text().contains("■ errors green  CRITICAL"));
    for size in [(1, 1), (20, 5), (40, 12), (70, 20), (300, 9)] {
        for keys in ["4z", "7zG", "5zjjj", "6zGkk"] {
            zoomed(size, Weather::Breach, keys).screen();
        }
    }
}
