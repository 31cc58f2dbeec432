//! Orders about the checks of a watch, and what time makes of them.

use super::Case;
use crate::core::event::Event;
use crate::core::ids::WatchId;
use crate::core::launch::checks::{after, check_in, check_offset, next_check, open_check};
use crate::core::launch::{OpenCheck, WatchState};
use crate::core::order::{Operator, Rejection};
use crate::core::outline::ProbeOutline;
use crate::core::reading::Level;
use crate::core::units::Unit;
use crate::core::watch::{CheckAct, CheckFact, CheckReading, WatchOutline};

/// So many readings are kept with a check, those that are not well first.
const READINGS: usize = 24;

/// What came due, what was missed, and what is done because its last box was ticked.
pub(super) fn look(case: Case<'_>, events: &mut Vec<Event>) {
    for watch in &case.state.outline.watches {
        let Some(own) = case.state.watches.get(&watch.id) else { continue };
        let open = open_check(case.state, &watch.id);
        match open.filter(|open| !watch.items.is_empty() && open.first_open().is_none()) {
            Some(full) => {
                let last = full.check.ticks.values().max_by_key(|tick| tick.at);
                events.extend(last.map(|tick| done(case, &full, &tick.by, true, "")));
            }
            None => comes_due(case, watch, own, events),
        }
    }
}

fn comes_due(case: Case<'_>, watch: &WatchOutline, own: &WatchState, events: &mut Vec<Event>) {
    let (from, to) = (after(own).since(case.state.t0), case.now.since(case.state.t0));
    let count = u32::try_from(watch.count(to) - watch.count(from)).unwrap_or(0);
    let Some(newest) = watch.latest(to).filter(|_| count > 0) else { return };
    let id = || watch.id.clone();
    if let Some(open) = &own.open {
        let missed = CheckFact::Missed { watch: id(), check: open.number, count: 1, unattended: false };
        events.push(Event::Check(missed));
    }
    if count > 1 {
        let (check, count) = (own.count.saturating_add(1), count - 1);
        events.push(Event::Check(CheckFact::Missed { watch: id(), check, count, unattended: true }));
    }
    let (check, due) = (own.count.saturating_add(count), case.state.t0 + newest.0);
    events.push(Event::Check(CheckFact::Due { watch: id(), check, due, grace: watch.grace(newest) }));
}

pub(super) fn act(
    case: Case<'_>,
    by: &Operator,
    id: &WatchId,
    check: u32,
    act: &CheckAct,
) -> Result<Vec<Event>, Rejection> {
    let watch = case.state.outline.watch(id).ok_or_else(|| Rejection::new(format!("the plan has no watch `{id}`")))?;
    let open = open_check(case.state, id).ok_or_else(|| nothing_due(case, watch))?;
    if open.check.number != check {
        let why = format!("check {check} of `{id}` is over; {} is due", open.check.number);
        return Err(Rejection::but(why, "look again, then order it").or(open.order()));
    }
    let event = match act {
        CheckAct::Tick { item, on } => tick(&open, by, *item, *on)?,
        CheckAct::Done { why } => {
            let text = why.as_deref().unwrap_or_default();
            let missing = open.open_items().len();
            if missing > 0 && text.trim().is_empty() {
                let why = format!("{missing} of {} boxes of `{id}` are open", watch.items.len());
                let orders = [open.order(), open.act(CheckAct::Done { why: Some(String::new()) })];
                return Err(Rejection::but(why, "tick them, or say why it is done without").any(orders));
            }
            done(case, &open, by, true, text)
        }
        CheckAct::Found { text } => done(case, &open, by, false, case.said(text, "what was found")?),
        CheckAct::Skip { why } => {
            let why = case.said(why, "leaving out a check")?.to_owned();
            Event::Check(CheckFact::Skipped { watch: id.clone(), check, by: by.clone(), why })
        }
    };
    Ok(vec![event])
}

fn nothing_due(case: Case<'_>, watch: &WatchOutline) -> Rejection {
    let own = case.state.watches.get(&watch.id);
    let end = own.and_then(|own| own.end.as_ref());
    let last = end.map_or_else(String::new, |end| {
        let by = end.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
        format!("; the last one was {}{by}", end.how.word())
    });
    let why = format!("no check of `{}` is due{last}", watch.id);
    match next_check(case.state, watch, case.now) {
        Some(at) => {
            let when = format!("{}, {}", check_offset(case.state, at), check_in(at, case.now));
            Rejection::but(why, format!("the next one is due at {when}"))
        }
        None => Rejection::but(why, "no more of it comes"),
    }
}

fn tick(open: &OpenCheck<'_>, by: &Operator, item: usize, on: bool) -> Result<Event, Rejection> {
    let (id, boxes) = (&open.watch.id, open.watch.items.len());
    if item >= boxes {
        let why = match boxes {
            0 => format!("`{id}` has no boxes"),
            _ => format!("`{id}` has no box {}, only 1 to {boxes}", item.saturating_add(1)),
        };
        return Err(Rejection::new(why).or(open.order()));
    }
    if open.check.ticks.contains_key(&item) == on {
        let is = if on { "ticked" } else { "open" };
        return Err(Rejection::new(format!("that box of `{id}` is {is} already")));
    }
    let (watch, check) = (id.clone(), open.check.number);
    let text = open.watch.items.get(item).cloned();
    Ok(Event::Check(CheckFact::Ticked { watch, check, item, text, on, by: by.clone() }))
}

fn done(case: Case<'_>, open: &OpenCheck<'_>, by: &Operator, well: bool, text: &str) -> Event {
    Event::Check(CheckFact::Done {
        watch: open.watch.id.clone(),
        check: open.check.number,
        by: by.clone(),
        well,
        text: text.trim().to_owned(),
        open: open.open_items(),
        readings: readings(case, open.watch),
    })
}

/// The first measure of each instance of the probes that the watch names, or of all probes; and of any probe what is not
/// well.
fn readings(case: Case<'_>, watch: &WatchOutline) -> Vec<CheckReading> {
    let named = |probe: &ProbeOutline| watch.signals.is_empty() || watch.signals.contains(&probe.id);
    let mut all = Vec::new();
    for probe in &case.state.outline.probes {
        for signal in case.signals.of_probe(&probe.id) {
            let (level, why) = case.signals.level(&signal, case.now);
            let first = probe.measures.first().is_some_and(|m| m.name == signal.measure);
            if level == Level::Ok && !(first && named(probe)) {
                continue;
            }
            let unit = probe.measure(Some(&signal.measure)).map_or(Unit::Count, |m| m.unit);
            let newest = case.signals.newest(&signal, 1).next().filter(|_| level != Level::Unknown);
            let value = newest
                .and_then(|(_, outcome)| outcome.shown(unit))
                .or(why)
                .unwrap_or_else(|| "not measured".to_owned());
            all.push(CheckReading { signal, level, value });
        }
    }
    all.sort_by_key(|reading| reading.level == Level::Ok);
    all.truncate(READINGS);
    all
}
