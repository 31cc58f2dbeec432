//! What of the screen a person finds again as they left it: the tab at the bottom, how long charts look back, whether alarms
//! ring, whether names are covered, whose the mouse is. Kept beside the launches when the screen is left; what can't be read
//! or written is as if nothing was kept.

use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::model::{Model, PaneId};
use super::moves::is_span;
use super::veil;
use crate::core::time::Span;

/// How the screen was left.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tab: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    look_back: Option<Span>,
    #[serde(default = "yes")]
    alerts: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    masked: bool,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    mouse: bool,
}

fn yes() -> bool {
    true
}

impl Kept {
    fn unchanged(&self) -> bool {
        self.tab.as_deref() == Some(PaneId::Log.name())
            && self.look_back.is_none()
            && self.alerts
            && !self.masked
            && !self.mouse
    }

    fn of(model: &Model) -> Self {
        let tab = Some(model.tab.name().to_owned());
        Self { tab, look_back: model.look_back, alerts: model.alerts, masked: model.veil.is_some(), mouse: model.mouse }
    }
}

fn read(file: &Path) -> Option<Kept> {
    serde_json::from_slice(&fs::read(file).ok()?).ok()
}

/// Brings the screen to how it was left.
pub(super) fn bring(model: &mut Model, file: &Path) {
    let Some(kept) = read(file) else { return };
    let named = |name: &String| PaneId::ALL.iter().copied().find(|pane| pane.name() == name && pane.is_tab());
    if let Some(tab) = kept.tab.as_ref().and_then(named) {
        model.tab = tab;
    }
    model.look_back = kept.look_back.filter(|span| is_span(*span));
    model.alerts = kept.alerts;
    model.mouse = kept.mouse;
    if kept.masked {
        veil::drop_over(model);
    }
}

/// Keeps how it is left, where that is another way than it was.
pub(super) fn keep(model: &Model, file: &Path) {
    let now = Kept::of(model);
    if read(file).map_or(now.unchanged(), |before| before == now) {
        return;
    }
    let Ok(text) = serde_json::to_vec(&now) else { return };
    let new = file.with_extension("new");
    if fs::write(&new, text).is_ok() {
        let _ = fs::rename(&new, file);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Theme;

    fn model() -> Model {
        Model::new((120, 40), Theme::dark(), false, 1)
    }

    #[test]
    fn a_screen_comes_back_as_it_was_left() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("screen.json");
        let mut left = model();
        keep(&left, &file);
        assert!(!file.exists(), "nothing was changed");
        (left.tab, left.look_back, left.alerts) = (PaneId::Output, Some(Span::mins(60)), false);
        veil::drop_over(&mut left);
        left.mouse = true;
        keep(&left, &file);
        let mut again = model();
        bring(&mut again, &file);
        assert_eq!((again.tab, again.look_back, again.alerts), (PaneId::Output, Some(Span::mins(60)), false));
        assert!(again.veil.is_some() && again.mouse, "what was covered stays so");
        keep(&model(), &file);
        bring(&mut again, &file);
        assert_eq!(
            (again.tab, again.look_back, again.alerts),
            (PaneId::Log, None, true),
            "back to what it was at first"
        );
    }

    #[test]
    fn what_can_not_be_is_not_taken() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("screen.json");
        let odd = r#"{"tab":"checklist","look_back":7,"alerts":true}"#;
        for text in ["", "{", "[]", odd, r#"{"tab":"nowhere","look_back":-300000}"#] {
            fs::write(&file, text).unwrap();
            let mut model = model();
            bring(&mut model, &file);
            assert_eq!((model.tab, model.look_back, model.alerts), (PaneId::Log, None, true), "{text}");
        }
        keep(&model(), Path::new("/proc/self/no/screen.json"));
    }
}
