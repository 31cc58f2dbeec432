//! A command that will run is shown with the plan's values in it, wherever a person reads one; a secret never is.

use super::Cockpit;
use super::fixture::{Weather, cockpit_of, stopped_rollback};
use crate::core::launch::LaunchState;
use crate::core::outline::Undo;
use crate::tui::dialogs::{Kind, open};

const SIZE: (u16, u16) = (120, 40);

/// Of the step `start`, its undo and the first part of a way back.
fn values(state: &mut LaunchState) {
    stopped_rollback(state);
    let item = &mut state.rollbacks[0].items[0];
    item.command = Some("./weight.sh \"$version\" ${share} $token".into());
    let outline = std::sync::Arc::make_mut(&mut state.outline);
    outline.vars = [("version", "v1.0.0"), ("share", "25")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
    outline.secrets.insert("token".into(), "${env:TOKEN}".into());
    let start = outline.steps.iter_mut().find(|s| s.id == "start".into()).unwrap();
    start.run = Some("./start-green.sh \"$version\" $share ${token}".into());
    start.vars = [("share".to_owned(), "5".to_owned())].into();
    start.undo = Some(Undo {
        run: "./stop-green.sh $version $token".into(),
        require: Vec::new(),
        timeout: None,
        estimate: None,
    });
}

#[track_caller]
fn shows(cockpit: &mut Cockpit, parts: &[&str]) {
    let text = cockpit.text();
    for part in parts {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert!(!text.contains("$version") && !text.contains("share}"), "{text}");
}

#[test]
fn dialogs_and_a_steps_page_show_what_will_run() {
    let mut cockpit = cockpit_of(SIZE, Weather::Calm, values);
    open(&mut cockpit.model, Kind::Run("start".into()));
    shows(&mut cockpit, &["$ ./start-green.sh v1.0.0 5 ${token}", "undo: ./stop-green.sh v1.0.0 $token"]);
    open(&mut cockpit.model, Kind::Stopped);
    shows(&mut cockpit, &["$ ./weight.sh v1.0.0 25 $token"]);
    cockpit.keys("<esc>");
    cockpit.model.page = Some("start".into());
    shows(&mut cockpit, &["./start-green.sh v1.0.0 5 ${token}", "./stop-green.sh v1.0.0 $token"]);
}
