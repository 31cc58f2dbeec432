//! What NEXT and the alarms say of the checks of a watch.

use super::alarm::Alarm;
use super::next::Next;
use super::{AlarmKind, Moment, Move, Scene, Words};
use crate::core::launch::checks::check_in;
use crate::core::launch::{OpenCheck, coming_check, open_checks, who_fills};
use crate::core::reading::Level;
use crate::core::watch::WatchOutline;

/// A check that is overdue.
pub(super) fn overdue(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    let open = open_checks(m.state).into_iter().find(|open| open.is_overdue(m.now))?;
    Some(hands_on(m, &open).level(Level::Warn))
}

/// A check that is due.
pub(super) fn due(scene: &Scene<'_>) -> Option<Next> {
    let m = scene.moment;
    open_checks(m.state).first().map(|open| hands_on(m, open))
}

/// The next check, where it comes before what else would be next.
pub(super) fn sooner(scene: &Scene<'_>, next: Next) -> Next {
    let m = scene.moment;
    let later = |coming| next.time.is_none_or(|time| time > coming);
    match coming_check(m.state, m.now).filter(|(_, at)| next.level == Level::Ok && later(*at)) {
        Some((watch, at)) => Next::new(check_in(at, m.now), title(watch), who(m, watch)).at(m, at),
        None => next,
    }
}

fn hands_on(m: &Moment<'_>, open: &OpenCheck<'_>) -> Next {
    let (ticked, of) = (open.check.ticks.len(), open.watch.items.len());
    let boxes = if ticked > 0 { format!("  {ticked} of {of}") } else { String::new() };
    let title = title(open.watch).map(|title| format!("{title}{boxes}"));
    let does = if open.first_open().is_some() { "ticks it" } else { "all is well" };
    let next = Next::wanted(title, who(m, open.watch), open.order(), does);
    Next { head: open.words(m.now).into(), ..next }
}

fn title(watch: &WatchOutline) -> Words {
    Words::of([format!("check: {}", watch.title), watch.title.clone()])
}

/// `on-call: Ana`, `any operator`.
pub(super) fn who(m: &Moment<'_>, watch: &WatchOutline) -> String {
    let Some(role) = &watch.owner else { return "any operator".to_owned() };
    match who_fills(m.state, role) {
        Some(name) => format!("{role}: {name}"),
        None => role.to_string(),
    }
}

/// Checks that nobody did in time.
pub(super) fn alarms<'a>(m: &'a Moment<'a>) -> impl Iterator<Item = Alarm> + 'a {
    open_checks(m.state).into_iter().filter(|open| open.is_overdue(m.now)).map(|open| {
        let what = format!("the check of {} is {}", (m.wall)(open.check.due), open.words(m.now));
        let mut alarm = Alarm::new(Level::Warn, AlarmKind::Overdue, &open.watch.title, what);
        alarm.then = who(m, open.watch).into();
        alarm.answer = Some(Move::new(open.order(), "does it"));
        alarm
    })
}
