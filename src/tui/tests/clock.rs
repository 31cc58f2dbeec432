//! The clock in the header, and a step outside its window.

use super::fixture::{Weather, cockpit_of};
use super::typing::{SIZE, select};
use crate::core::launch::LaunchState;
use crate::core::order::What;
use crate::core::window::Window;

/// The calm launch at 06:18 in Berlin, with the plan's window.
fn window(from: &str, to: &str) -> impl FnOnce(&mut LaunchState) {
    let window = Window {
        days: Vec::new(),
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        zone: "Europe/Berlin".to_owned(),
    };
    move |state| std::sync::Arc::make_mut(&mut state.outline).window = Some(window)
}

#[test]
fn the_header_has_the_wall_clock_with_its_zone_and_the_windows_end() {
    let head = |from, to, width| {
        let text = cockpit_of((width, 40), Weather::Calm, window(from, to)).text();
        text.lines().next().unwrap_or_default().to_owned()
    };
    let open = head("20:00", "08:00", 150);
    // 25 % soaks for two hours, and 5 % until 07:49.
    assert!(open.contains(":44 CET  window to 08:00, too late to go") && open.contains("T+04:18"), "{open}");
    assert!(head("02:00", "08:00", 150).contains("window to 08:00, too short"), "{}", head("02:00", "08:00", 150));
    assert!(head("02:00", "23:30", 150).contains("window to 23:30, go by "), "{}", head("02:00", "23:30", 150));
    assert!(head("02:00", "04:00", 130).contains("window opens 12 Nov 02:00"), "{}", head("02:00", "04:00", 130));
    let narrow = head("02:00", "08:00", 80);
    assert!(narrow.contains("LIVE") && narrow.contains("window to 08:00"), "{narrow}");
}

#[test]
fn the_plans_name_is_whole_as_long_as_something_else_can_go() {
    use crate::core::launch::Incident;
    use crate::tui::tests::fixture::ana;
    let head = |width| {
        let with = |state: &mut LaunchState| {
            window("02:00", "23:30")(state);
            let outline = std::sync::Arc::make_mut(&mut state.outline);
            (outline.name, outline.version) = ("Shop rolling deploy".into(), "v2.14.0-rc.3".into());
            outline.environment = "production-eu-west-1".into();
            state.incidents.push(Incident::new(2, "cards fail", state.t0, ana()));
        };
        let text = cockpit_of((width, 40), Weather::Calm, with).text();
        text.lines().next().unwrap_or_default().to_owned()
    };
    for width in [80, 100, 120] {
        for word in ["Shop rolling deploy ", "LIVE", "SEV2", "T+04:18:44"] {
            assert!(head(width).contains(word), "{word}: {}", head(width));
        }
    }
    assert!(head(120).contains("prod") && head(120).contains("to 23:30"), "{}", head(120));
}

#[test]
fn a_moment_of_another_day_never_comes_without_its_time() {
    let mut cockpit = cockpit_of((120, 40), Weather::Calm, |_| {});
    assert!(cockpit.text().contains("Watch 48 h") && cockpit.text().contains("0/1 Wed 02:00"), "{}", cockpit.text());
    select(&mut cockpit, "retire-blue");
    let text = cockpit.keys("<enter>").text();
    assert!(text.contains("planned    14 Nov 02:00 CET"), "{text}");
}

#[test]
fn a_latest_safe_go_that_is_over_is_an_alarm() {
    let text = cockpit_of(SIZE, Weather::Calm, window("20:00", "08:00")).text();
    assert!(text.contains("WINDOW  latest safe go was "), "{text}");
    assert!(text.contains("NOW   ▲ WINDOW"), "{text}");
}

#[test]
fn a_step_outside_its_window_is_refused_with_the_way_out_and_the_lead_may_type_it() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, |state| {
        window("02:00", "04:00")(state);
        let outline = std::sync::Arc::make_mut(&mut state.outline);
        outline.steps.iter_mut().filter(|s| s.id.as_str() == "share-25").for_each(|s| s.after.clear());
    });
    select(&mut cockpit, "share-25");
    let text = cockpit.keys("x").text();
    assert!(text.contains("outside its window, 02:00 to 04:00 Europe/Berlin: it opens 12 Nov"), "{text}");
    cockpit.keys(":outside the fix can't wait<enter>");
    let why = "the fix can't wait".to_owned();
    assert_eq!(cockpit.orders(), [&What::Outside { step: "share-25".into(), attempt: 1, why }]);
}
