//! The way back under way, as rows of the checklist.

use crate::core::launch::answers::awaited;
use crate::core::launch::{LaunchState, RollbackStatus, Status, StoppedItem};
use crate::tui::action::Action;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::words;

/// Its title and how far it is.
pub(super) fn title(launch: &LaunchState, pen: &mut Pen<'_>, y: u16) {
    let Status::RollingBack(n) = launch.status else { return };
    let Some(rollback) = launch.rollbacks.get((n as usize).saturating_sub(1)) else { return };
    let stopped = matches!(rollback.status, RollbackStatus::Stopped { .. });
    let role = if stopped { Role::Crit } else { Role::Warn };
    pen.bold(1, y, pen.glyphs.undone, role);
    let word = if stopped { "STOPPED" } else { "going back" };
    let right = format!("{word} {}/{}", rollback.next, rollback.items.len());
    let start = pen.right(pen.width(), y, &right, role.bold());
    pen.cut(3, y, &rollback.title, start.saturating_sub(4), Role::Hi.style());
}

/// One thing that it does.
pub(super) fn item(model: &Model, launch: &LaunchState, pen: &mut Pen<'_>, y: u16, i: usize) {
    let Status::RollingBack(n) = launch.status else { return };
    let Some(rollback) = launch.rollbacks.get((n as usize).saturating_sub(1)) else { return };
    let Some(item) = rollback.items.get(i) else { return };
    let g = pen.glyphs;
    let stopped = matches!(rollback.status, RollbackStatus::Stopped { .. });
    let run = launch.runs.get(&item.run).filter(|r| r.end.is_none());
    let (sign, role, word) = match i.cmp(&rollback.next) {
        std::cmp::Ordering::Less => (g.done, Role::Ok, "done".to_owned()),
        std::cmp::Ordering::Equal if stopped => {
            let stands = launch.stopped_item().map_or(StoppedItem::Failed, |(stands, _)| stands);
            let sign = if stands == StoppedItem::Failed { g.failed } else { g.waiting };
            (sign, Role::Crit, format!("{}; R decides", stands.word()))
        }
        std::cmp::Ordering::Equal => match (run, rollback.awaiting) {
            (Some(run), _) => {
                (g.running, Role::Accent, format!("running {}", words::clock(model.seen().since(run.started))))
            }
            (None, Some(since)) if launch.way_back_by_hand().is_some() => {
                let (key, lasted) = (model.key_of(Action::GoBack), words::clock(model.seen().since(since)));
                (g.waiting, Role::Warn, format!("by hand; {key}: it is done  {lasted}"))
            }
            (None, Some(since)) => {
                let lasted = words::clock(model.seen().since(since));
                let waits = awaited(launch, model.seen_readout());
                // What it waits for is said where there is room beside its title.
                let room = pen.width().saturating_sub(9 + width(&item.title));
                let forms = [waits.map(|waits| format!("{waits} {lasted}")), Some(format!("must hold {lasted}"))];
                let forms: Vec<String> = forms.into_iter().flatten().collect();
                let fits = forms.iter().find(|form| width(form) <= room).or(forms.last());
                (g.waiting, Role::Accent, fits.cloned().unwrap_or_default())
            }
            (None, None) => match launch.way_back_awaits() {
                Some((_, run)) => {
                    let waits = launch.way_back_awaits_words(model.seen_readout()).unwrap_or_default();
                    // It waits since it came to this item, not since that command began.
                    let before =
                        rollback.items.iter().take(rollback.next).filter_map(|item| launch.runs.get(&item.run));
                    let came = before.filter_map(|run| Some(run.end.as_ref()?.0)).max().unwrap_or(rollback.started);
                    let lasted = words::clock(model.seen().since(came.max(run.started)));
                    let room = pen.width().saturating_sub(9 + width(&item.title));
                    let long = format!("waits until {waits} {lasted}");
                    let word = if width(&long) <= room { long } else { format!("waits for a command {lasted}") };
                    (g.waiting, Role::Accent, word)
                }
                None => (g.due, Role::Accent, "next".to_owned()),
            },
        },
        std::cmp::Ordering::Greater => (g.todo, Role::Muted, String::new()),
    };
    let (role, word) = match i == rollback.next && model.is_past() && !word.is_empty() {
        true => (Role::Unknown, format!("was {word}")),
        false => (role, word),
    };
    pen.bold(4, y, sign, role);
    let start = pen.right(pen.width(), y, &word, role.style());
    let title = if i == rollback.next { Role::Hi } else { Role::Muted };
    pen.cut(6, y, &item.title, start.saturating_sub(7), title.style());
}
