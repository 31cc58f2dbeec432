//! The dialog behind `R`: why, where to, what it does. A number chooses, `y` starts; where something is lost the
//! environment's name is typed instead, and where nothing can be written down [`WORD`](crate::core::launch::WORD).

use std::cmp::Reverse;

use crossterm::event::KeyCode;

use super::{Dialog, Kind, Overlay};
use crate::core::launch::{WayView, leading_to, open_incidents_called};
use crate::core::order::{Way, What};
use crate::core::time::Span;
use crate::tui::alarm::{Alarm, alarms};
use crate::tui::edit::Edit;
use crate::tui::keymap::Key;
use crate::tui::model::Model;
use crate::tui::update::{Effects, order};

/// So many reasons are shown; of the others how many there are.
pub const SHOWN: usize = 3;

/// How many reasons are not shown: `+2 more`.
pub fn more(grounds: &[Alarm]) -> String {
    format!("+{} more", grounds.len().saturating_sub(SHOWN))
}

/// Where the chosen way stands by now, from 0; none where it is gone.
pub fn place(model: &Model, chosen: Option<&Way>) -> Option<usize> {
    model.facts.ways.iter().position(|w| chosen == Some(&w.way))
}

/// Whether keys are letters of what must be typed for the chosen way.
pub(super) fn wants_text(model: &Model, chosen: Option<&Way>, typed: &Edit) -> bool {
    let way = place(model, chosen).and_then(|at| model.facts.ways.get(at));
    way.is_some_and(|way| must_type(model, way, typed).is_some() && may_begin(way) && !model.observe)
}

/// Whether it can be begun at all.
fn may_begin(way: &WayView) -> bool {
    way.closed.is_none() && way.barred.is_none()
}

/// What must be typed to start it; none where a key does. What became ready meanwhile doesn't start at a `y` in it.
pub fn must_type(model: &Model, way: &WayView, typed: &Edit) -> Option<String> {
    let environment = model.outline().map_or("", |o| o.environment.as_str());
    let own = Some(environment).filter(|_| way.typed || way.ready.is_err());
    let wanted = match &model.trouble.journal {
        Some(by) => by.to_type(own),
        None => own.map(str::to_owned),
    };
    wanted.or_else(|| (!typed.text().is_empty()).then(|| environment.to_owned()))
}

/// Why one would go back this way: the trigger that is followed, then what is worst; what fired before what pends.
pub fn grounds(model: &Model, way: Option<&Way>) -> Vec<Alarm> {
    let trigger = model.launch.as_ref().zip(way).and_then(|(launch, way)| leading_to(launch, &model.readout, way));
    let mut all = alarms(model);
    all.retain(|alarm| alarm.ground);
    let fired = |alarm: &Alarm| alarm.trigger.is_some() && alarm.clock.is_none();
    all.sort_by_key(|alarm| (trigger.is_none() || alarm.trigger != trigger, Reverse(alarm.level), !fired(alarm)));
    all
}

pub(super) fn key(model: &mut Model, opened: Span, chosen: Option<Way>, mut typed: Edit, key: Key, out: &mut Effects) {
    let count = model.facts.ways.len();
    let choose = |model: &mut Model, place: usize, typed: Edit| {
        let chosen = model.facts.ways.get(place).map(|w| w.way.clone());
        model.overlay = Some(Overlay::Dialog(Dialog { opened, kind: Kind::GoBack { chosen, typed } }));
    };
    let at = place(model, chosen.as_ref());
    let Some((at, way)) = at.and_then(|at| Some((at, model.facts.ways.get(at).cloned()?))) else {
        // It went while the dialog stood there: nothing takes its place by itself.
        match key.code {
            KeyCode::Char(c @ '1'..='9') if c as usize - ('1' as usize) < count => {
                choose(model, c as usize - '1' as usize, Edit::default());
            }
            KeyCode::Down | KeyCode::Tab | KeyCode::Up | KeyCode::BackTab => choose(model, 0, Edit::default()),
            _ => {}
        }
        return;
    };
    let must_type = must_type(model, &way, &typed).filter(|_| !model.observe);
    let open = may_begin(&way);
    match key.code {
        KeyCode::Char(c @ '1'..='9') if typed.text().is_empty() && !key.ctrl => {
            let next = c as usize - '1' as usize;
            if next < count {
                choose(model, next, Edit::default());
            }
        }
        KeyCode::Down | KeyCode::Tab => choose(model, (at + 1) % count, Edit::default()),
        KeyCode::Up | KeyCode::BackTab => choose(model, (at + count - 1) % count, Edit::default()),
        KeyCode::Enter if open && must_type.as_deref() == Some(typed.text()) => start(model, way.way, must_type, out),
        KeyCode::Enter => {}
        KeyCode::Char('y') if model.observe => model.refuse("you observe: those who drive start it"),
        KeyCode::Char('y') if let Some(first) = &way.barred => model.refuse(format!("not yet: {first}")),
        KeyCode::Char('y') if must_type.is_none() && open && !key.ctrl => start(model, way.way, None, out),
        _ if must_type.is_some() && open && typed.key(key) => choose(model, at, typed),
        _ => {}
    }
}

fn start(model: &mut Model, way: Way, typed: Option<String>, out: &mut Effects) {
    model.overlay = None;
    let trigger = model.launch.as_ref().and_then(|launch| leading_to(launch, &model.readout, &way));
    let mut grounds = grounds(model, Some(&way));
    grounds.retain(|alarm| !alarm.clearing);
    let mut shown: Vec<String> = grounds.iter().take(SHOWN).map(|a| a.text.long().to_owned()).collect();
    shown.extend((grounds.len() > SHOWN).then(|| more(&grounds)));
    if shown.is_empty() {
        // What people opened is a reason too.
        shown.extend(model.launch.iter().flat_map(open_incidents_called).take(1));
    }
    let why = if shown.is_empty() { "decided by hand".to_owned() } else { shown.join("; ") };
    order(model, What::Rollback { way, trigger, typed, why }, out);
}
