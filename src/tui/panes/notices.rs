//! Notices: what people were told, by which channels, who is on it; what is muted, and channels that can't send.

use super::{above, head};
use crate::core::launch::Notice;
use crate::tui::model::{Model, PaneId};
use crate::tui::notices;
use crate::tui::pen::Pen;
use crate::tui::role::Role;
use crate::tui::words;

/// A row: what stands at its left, in which role, and what at its right.
struct Row {
    word: String,
    role: Role,
    text: String,
    right: String,
}

/// How many rows it has.
pub fn length(model: &Model, _pane: PaneId) -> usize {
    rows(model).len()
}

/// Draws it: mutes and channels that fail first, then what stands, newest first, then what is over.
pub fn draw(model: &Model, pane: PaneId, pen: &mut Pen<'_>) {
    let counts = model.launch.as_ref().map(notices::counts).unwrap_or_default();
    let rows = rows(model);
    let height = usize::from(pen.height().saturating_sub(1));
    let first = model.first_row(pane, rows.len(), height);
    let mut summary: Vec<_> = above(pen, rows[..first].iter().map(|row| row.role.level())).into_iter().collect();
    summary.push(match counts {
        (0, 0, 0) => ("nothing wants somebody".to_owned(), Role::Muted.style()),
        _ => (words_of(counts, ", "), Role::Warn.bold()),
    });
    head(model, pane, pane.title(), pen, &summary);
    if rows.is_empty() {
        let told = model.outline().is_some_and(|o| !o.notify.is_empty());
        let none = if told { "nobody was told of anything yet" } else { "the plan tells nobody: it has no [[notify]]" };
        pen.put(1, 1, none, Role::Muted);
    }
    for (y, row) in (1..).zip(rows.iter().skip(first).take(height)) {
        pen.put(1, y, &row.word, row.role);
        let end = pen.right(pen.width().saturating_sub(1), y, &row.right, Role::Muted.style());
        pen.cut(14, y, &row.text, end.saturating_sub(16), row.role.style());
    }
}

/// `2 unacknowledged, 1 muted, 1 channel fails`; the separator is given.
pub fn words_of((open, muted, failing): (usize, usize, usize), between: &str) -> String {
    let failing = match failing {
        0 => None,
        1 => Some("1 channel fails".to_owned()),
        n => Some(format!("{n} channels fail")),
    };
    let open = (open > 0).then(|| format!("{open} unacked"));
    let muted = (muted > 0).then(|| format!("{muted} muted"));
    open.into_iter().chain(muted).chain(failing).collect::<Vec<_>>().join(between)
}

fn rows(model: &Model) -> Vec<Row> {
    let Some(launch) = &model.launch else { return Vec::new() };
    let now = model.now();
    let failing = launch.notices.failing().map(|(id, failing, waits)| Row {
        word: "CAN'T SEND".to_owned(),
        role: Role::Warn,
        text: format!("{id}: {}", failing.why),
        right: match failing.next.filter(|next| *next > now) {
            Some(next) => format!("{waits} wait, again in {}", words::clock(next.since(now))),
            None if waits == 0 => "given up".to_owned(),
            None => format!("{waits} wait"),
        },
    });
    let mutes = launch.notices.mutes.iter().map(|mute| Row {
        word: "muted".to_owned(),
        role: Role::Hi,
        text: format!("{}: {}", mute.of, mute.why),
        right: format!("until {}, by {}", model.zone.minutes(mute.until), mute.by),
    });
    let mut told: Vec<&Notice> = launch.notices.raised.iter().collect();
    told.sort_by_key(|n| (n.over.is_some(), std::cmp::Reverse(n.number)));
    let told = told.into_iter().map(|notice| {
        let to = notice.to.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
        let muted = notice.muted.is_some() || launch.notices.mute_of(&notice.subject).is_some();
        let (role, who) = match (&notice.over, &notice.acked) {
            (Some(_), _) => (Role::Muted, "over".to_owned()),
            (None, Some(said)) => (Role::Text, format!("{} is on it", said.by)),
            (None, None) if muted => (Role::Text, "muted, nobody is on it".to_owned()),
            (None, None) => (Role::Warn, "nobody is on it".to_owned()),
        };
        // A notice that was raised muted went to nobody.
        let to = if notice.muted.is_some() { "nobody".to_owned() } else { to };
        let age = words::age(now, notice.raised);
        Row {
            word: notice.kind.to_string(),
            role,
            text: notice.text.clone(),
            right: format!("{who}  to {to}  {age:>3}"),
        }
    });
    failing.chain(mutes).chain(told).collect()
}
