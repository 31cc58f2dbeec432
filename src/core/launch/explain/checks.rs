//! *Explain* of a watch: its open check, who does it, and what comes next.

use super::super::checks::{check_in, check_offset, next_check, open_check};
use super::super::{LaunchState, Waiting, criteria};
use super::Explanation;
use crate::core::criterion::CriterionOutline;
use crate::core::time::Timestamp;
use crate::core::view::Readout;
use crate::core::watch::{CheckAct, WatchOutline};
use crate::core::words::{clock, short};

/// How success over time stands.
pub(in crate::core::launch) fn criterion(
    state: &LaunchState,
    readout: &Readout,
    of: &CriterionOutline,
    now: Timestamp,
) -> Option<Waiting> {
    let at = state.outline.criteria.iter().position(|c| c.id == of.id)?;
    let view = criteria(state, readout, now).into_iter().nth(at)?;
    let mut why = Explanation::new(if view.over_now { "over" } else { "under way" }, None);
    why.because.push(format!("{} over {} from T-0: {}", view.when, short(view.over), view.held()));
    why.because.extend(view.spent());
    why.because.extend(view.until.map(|at| format!("as of {}", check_offset(state, at))));
    why.because.push("time that nobody observed is neither good nor bad".to_owned());
    Some(Waiting { name: of.id.clone(), title: view.title, why })
}

/// How a watch stands.
pub(in crate::core::launch) fn watch(state: &LaunchState, watch: &WatchOutline, now: Timestamp) -> Waiting {
    let own = state.watches.get(&watch.id);
    let open = open_check(state, &watch.id);
    let word = match &open {
        Some(open) if open.is_overdue(now) => "overdue",
        Some(_) => "due",
        None => "not due",
    };
    let since = open.as_ref().map(|open| if open.is_overdue(now) { open.overdue } else { open.check.due });
    let mut why = Explanation::new(word, since);
    why.due = open.is_some();
    if let Some(open) = &open {
        let (number, at) = (open.check.number, check_offset(state, open.check.due));
        why.because.push(format!("check {number}, of {at}, {}", open.words(now)));
        let missing: Vec<&str> =
            open.open_items().into_iter().filter_map(|i| watch.items.get(i)).map(String::as_str).collect();
        if !missing.is_empty() {
            why.because.push(format!("open: {}", missing.join(", ")));
        }
        if !open.is_overdue(now) {
            why.because.push(format!("it is overdue {}", check_in(open.overdue, now)));
        }
        why.orders.push(open.order());
        why.orders.push(open.act(CheckAct::Found { text: String::new() }));
        why.orders.push(open.act(CheckAct::Skip { why: String::new() }));
    }
    why.because.extend(watch.owner.as_ref().map(|owner| format!("{owner} does it")));
    why.because.push(match next_check(state, watch, now) {
        Some(at) => format!("the next one is due at {}, {}", check_offset(state, at), check_in(at, now)),
        None => "no more of it comes".to_owned(),
    });
    if let Some(own) = own.filter(|own| own.count > 0) {
        let left_out = if own.skipped > 0 { format!(", {} left out", own.skipped) } else { String::new() };
        why.because.push(format!("{} done, {} missed{left_out} so far", own.done, own.missed));
    }
    if let Some(end) = own.and_then(|own| own.end.as_ref()) {
        let by = end.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
        let text = if end.text.is_empty() { String::new() } else { format!(": {}", end.text) };
        why.because.push(format!("the last one: {}{by} {} ago{text}", end.how.word(), clock(now.since(end.at))));
    }
    Waiting { name: watch.id.to_string(), title: watch.title.clone(), why }
}
