//! The last row: keys, or a toast, or the line that is being typed.

use crate::core::launch::Status;
use crate::core::order::Way;
use crate::tui::action::Action;
use crate::tui::checks::meant;
use crate::tui::dialogs::go_back::{must_type, place};
use crate::tui::dialogs::{Kind, Overlay, roles};
use crate::tui::edit::Edit;
use crate::tui::facts::explained;
use crate::tui::frozen::{Frozen, Still};
use crate::tui::hints;
use crate::tui::incidents::opened;
use crate::tui::keymap::Keymap;
use crate::tui::model::{Model, PaneId, Toast};
use crate::tui::pen::{Pen, width};
use crate::tui::role::Role;
use crate::tui::ticks::keys_of_row;
use crate::tui::view::page_has_output;
use crate::tui::war;
use crate::tui::words;

/// Stands for the keys that choose one of those there are.
const NUMBERS: &str = "1…";

/// Actions that are two directions of one.
const PAIRS: [(Action, Action); 4] = [
    (Action::Down, Action::Up),
    (Action::Earlier, Action::Later),
    (Action::Shorter, Action::Longer),
    (Action::Found, Action::FoundBefore),
];

/// Draws it; `urgent` where there is an alarm.
pub fn draw(model: &Model, urgent: bool, pen: &mut Pen<'_>) {
    pen.fill(Role::Panel);
    if pen.height() == 0 {
        return;
    }
    if let Some(toast) = model.toasts.last() {
        return said(model, urgent, toast, pen);
    }
    if let Some(Overlay::Help(help)) = &model.overlay {
        let keys: &[(&str, &str)] = match (help.typing, &help.find) {
            (true, _) => &[("Enter", "runs it"), ("Down Up", "select"), ("Esc", "all of it")],
            (false, Some(_)) => &[("Enter", "runs it"), ("j k", "select"), ("/", "search"), ("Esc", "all of it")],
            (false, None) => &[("Enter", "runs it"), ("j k", "select"), ("/", "search"), ("any other", "closes")],
        };
        let mut x = if help.typing { 1 } else { listed(pen, 1, &model.key_of(Action::GoBack), "go back") };
        for (key, word) in keys {
            x = listed(pen, x, key, word);
        }
        return;
    }
    if let Some(Overlay::Plain { .. }) = &model.overlay {
        let x = listed(pen, 1, &model.key_of(Action::GoBack), "go back");
        let x = listed(pen, x, "j k", "scroll");
        listed(pen, x, "any other", "closes; select with the mouse");
        return;
    }
    if let Some(Overlay::Explain { .. } | Overlay::Away { came: None, .. }) = &model.overlay {
        let x = listed(pen, 1, &model.key_of(Action::GoBack), "go back");
        let severity = model.key_of(Action::Severity);
        let x = if model.observe { x } else { listed(pen, x, &severity, "severity") };
        let x = listed(pen, x, "j k", "scroll");
        listed(pen, x, "any other", "closes");
        return;
    }
    if let Some(Overlay::Dialog(dialog)) = &model.overlay {
        let (of_incident, of_shift);
        let keys: &[(&str, &str)] = match &dialog.kind {
            Kind::GoBack { chosen, typed } => ways(model, chosen.as_ref(), typed),
            Kind::Stopped => {
                of_shift = crate::tui::dialogs::stopped_keys(model);
                &of_shift
            }
            Kind::GoingBack => crate::tui::dialogs::going_keys(model),
            Kind::Run(_) => &[("y", "start"), ("Esc", "not now")],
            Kind::Sh(_) => &[("y", "run it"), ("Esc", "not now")],
            Kind::Stop(step) if crate::tui::dialogs::finishes(model, step) => {
                &[("f", "let it finish"), ("n", "stop it now"), ("Esc", "not now")]
            }
            Kind::Stop(_) => &[("y", "stop it"), ("f", "let it finish"), ("Esc", "not now")],
            Kind::Vote(gate, ..) | Kind::Decide(gate) if !model.is_polling(gate) => &[("Esc", "back")],
            Kind::Vote(..) => &[(NUMBERS, "role"), ("g", "go"), ("n", "no-go"), ("Esc", "not now")],
            Kind::Decide(_) => &[("g", "go"), ("n", "no-go"), ("Esc", "not now")],
            Kind::Severity(_) => &[("1 2 3 4", "severity"), ("Esc", "not now")],
            Kind::Incident(number) => {
                of_incident = crate::tui::dialogs::incident::keys(model, *number);
                &of_incident
            }
            Kind::Handover { .. } => {
                of_shift = crate::tui::dialogs::shift::keys(model);
                &of_shift
            }
            Kind::Resolve(run) => crate::tui::dialogs::resolve_keys(model, run),
            Kind::Adopt { .. } => &[("y", "take it in"), ("j k", "scroll"), ("Esc", "not now")],
        };
        // The dialog names them all; the way out of it is named here too.
        let mut keys = keys.to_vec();
        let long = |keys: &[(&str, &str)]| keys.iter().map(|(key, word)| width(key) + width(word) + 4).sum::<u16>();
        while keys.len() > 2 && long(&keys) > pen.width() {
            keys.remove(keys.len() - 2);
        }
        let numbers = words::numbers(match &dialog.kind {
            Kind::Vote(gate, _) => roles(model, gate).len(),
            _ => model.facts.ways.len(),
        });
        let mut x = 1;
        for (key, word) in keys {
            let key = if key == NUMBERS { &numbers } else { key };
            x = listed(pen, x, key, word);
        }
        return;
    }
    keys(model, urgent, pen);
}

/// A key with what it does; says where the next one begins.
fn listed(pen: &mut Pen<'_>, x: u16, key: &str, word: &str) -> u16 {
    let x = pen.bold(x, 0, key, Role::Accent);
    pen.put(x + 1, 0, word, Role::Muted) + 3
}

/// The keys that move the selected step, as its row shows them; else those of the gate whose poll is open. What is typed
/// after `:` is left out.
fn of_step(model: &Model) -> Vec<(String, &'static str)> {
    let keys = |step| {
        let said = explained(model, step);
        let orders = said.as_ref().map_or(&[][..], |e| &e.orders);
        keys_of_row(model, orders).into_iter().filter(|(key, _)| !key.starts_with(':')).collect::<Vec<_>>()
    };
    let own = model.selected_step().map(keys).unwrap_or_default();
    if own.is_empty() { model.gate().filter(|gate| model.is_polling(gate)).map(keys).unwrap_or_default() } else { own }
}

/// A toast. The key that goes back stays beside it, and what leads out of a moment of the past or of what was copied.
fn said(model: &Model, urgent: bool, toast: &Toast, pen: &mut Pen<'_>) {
    if toast.bad {
        pen.fill(Role::WarnFill);
    }
    let mut end = pen.width().saturating_sub(1);
    let over = model.launch.as_ref().is_some_and(|l| matches!(l.status, Status::Ended { .. }));
    if model.overlay.is_none() && !over && pen.width() >= 30 {
        let key = model.key_of(Action::GoBack);
        let text = format!(" {key} go back ");
        let role = match (urgent, toast.bad) {
            (true, _) => Role::CritText,
            (false, true) => Role::WarnText,
            (false, false) => Role::Text,
        };
        end = pen.right(pen.width(), 0, &text, role.style()).saturating_sub(1);
    }
    if matches!(model.overlay, Some(Overlay::Plain { .. })) {
        let role = if toast.bad { Role::WarnText } else { Role::Text };
        end = pen.right(pen.width(), 0, " Esc closes ", role.style()).saturating_sub(1);
    }
    if let Some(frozen) = model.frozen.as_ref().filter(|_| model.cursor().is_some() && model.overlay.is_none()) {
        end = still(model, frozen, end + 1, pen).saturating_sub(1);
    }
    if toast.bad {
        pen.cut(1, 0, &toast.text, end.saturating_sub(1), Role::WarnText.style());
    } else {
        let x = pen.bold(1, 0, pen.glyphs.done, Role::Ok);
        pen.cut(x + 1, 0, &toast.text, end.saturating_sub(x + 1), Role::Hi.style());
    }
}

/// How the chosen way back is started.
fn ways(model: &Model, chosen: Option<&Way>, typed: &Edit) -> &'static [(&'static str, &'static str)] {
    let way = place(model, chosen).and_then(|at| model.facts.ways.get(at));
    let typed = way.is_some_and(|w| must_type(model, w, typed).is_some());
    let starts = way.filter(|w| w.closed.is_none() && w.barred.is_none() && !model.observe);
    match (starts, typed, model.facts.ways.len() > 1) {
        (None, _, true) => &[(NUMBERS, "choose"), ("Esc", "not now")],
        (None, ..) => &[("Esc", "not now")],
        (_, true, true) => &[(NUMBERS, "choose"), ("Enter", "start, once it is typed"), ("Esc", "not now")],
        (_, true, false) => &[("Enter", "start, once it is typed"), ("Esc", "not now")],
        (_, false, true) => &[(NUMBERS, "choose"), ("y", "start"), ("Esc", "not now")],
        (_, false, false) => &[("y", "start"), ("Esc", "not now")],
    }
}

/// That what is measured stands still, for how long and what it misses, before the last key; says where it begins.
fn still(model: &Model, frozen: &Frozen, end: u16, pen: &mut Pen<'_>) -> u16 {
    let (lasted, mut key) = (words::clock(frozen.lasted(model)), model.key_of(Action::Freeze));
    let new = match frozen.new {
        0 => String::new(),
        n => format!(", {}", words::count(n, "new alarm")),
    };
    let what = match frozen.still() {
        Some(Still::At(at)) => {
            key = model.key_of(Action::OwnSpan);
            format!("at {}", model.zone.stamp(at, model.now()))
        }
        _ => format!("frozen +{lasted}"),
    };
    let text = match (pen.width(), model.cursor()) {
        (0..60, _) => format!(" {what} "),
        (60..100, _) => format!(" {what}{new}  {key} live "),
        (_, Some(_)) => format!(" {what}{new}   {key} back to now "),
        (_, None) => format!(" {what}{new}   {key} goes on "),
    };
    let x = end.saturating_sub(width(&text) + 1);
    pen.part(x, 0, width(&text), 1).fill(Role::WarnFill);
    pen.put(x, 0, &text, Role::WarnText);
    x
}

/// The key of an action; of one that is half of a pair, both keys.
fn both(map: &Keymap, action: Action) -> String {
    let (key, other) = (map.key_of(action), PAIRS.iter().find(|(one, _)| *one == action));
    other.map_or(key.clone(), |(_, other)| format!("{key} {}", map.key_of(*other)))
}

/// The way back first, always in the same place; then what moves the selected step, then the rest.
fn keys(model: &Model, urgent: bool, pen: &mut Pen<'_>) {
    let map = &model.keymap;
    let wide = pen.width() >= 100;
    let held = model.launch.as_ref().is_some_and(|l| l.hold.is_some());
    let over = model.launch.as_ref().is_some_and(|l| matches!(l.status, Status::Ended { .. }));
    let incidents = model.focus == PaneId::Incidents && !model.launch.as_ref().map_or_else(Vec::new, opened).is_empty();
    let check = model.focus == PaneId::Checks && model.launch.as_ref().is_some_and(|l| meant(model, l).is_some());
    let of_pane = incidents || check;
    let chart = model.zoom && matches!(model.focus, PaneId::Errors | PaneId::Second);
    let war = war::is_shown(model);
    let mask = (Action::Mask, if model.veil.is_some() { "unmask" } else { "mask" });
    let rest: &[(Action, &str)] = if war && (over || model.observe) {
        &[mask, (Action::Command, "command"), (Action::Help, "help")]
    } else if war {
        &[
            (Action::Severity, "severity"),
            mask,
            (Action::Respond, "you are on it"),
            (Action::Hold, if held { "release" } else { "hold" }),
            (Action::Command, "command"),
            (Action::Help, "help"),
        ]
    } else if chart && model.page.is_none() {
        &[
            (Action::Earlier, "cursor"),
            (Action::Shorter, "time"),
            (Action::Zoom, "all panes"),
            (Action::Found, "mark"),
            (Action::Freeze, "freeze"),
            (Action::Help, "help"),
        ]
    } else if over {
        &[(Action::Zoom, "zoom"), (Action::Help, "help")]
    } else if model.observe {
        &[
            (Action::Hold, "hold"),
            (Action::Note, "note"),
            (Action::Zoom, "zoom"),
            (Action::Command, "command"),
            (Action::Help, "help"),
        ]
    } else if of_pane {
        &[(Action::Severity, "severity"), (Action::Help, "help")]
    } else if model.zoom && matches!(model.focus, PaneId::Health | PaneId::Lag | PaneId::Queues) {
        &[
            (Action::Open, "chart"),
            (Action::Zoom, "all panes"),
            (Action::Hold, if held { "release" } else { "hold" }),
            (Action::Severity, "severity"),
            (Action::Help, "help"),
        ]
    } else if model.page.is_some() && !page_has_output(model) {
        &[(Action::Hold, if held { "release" } else { "hold" }), (Action::Severity, "severity"), (Action::Help, "help")]
    } else if model.page.is_some() {
        &[
            (Action::NextPane, "output"),
            (Action::Bottom, "follow"),
            (Action::Zoom, "zoom"),
            (Action::Hold, if held { "release" } else { "hold" }),
            (Action::Help, "help"),
        ]
    } else if wide {
        &[
            (Action::Hold, if held { "release" } else { "hold" }),
            (Action::Severity, "severity"),
            (Action::Note, "note"),
            (Action::Zoom, "zoom"),
            (Action::Command, "command"),
            (Action::Help, "help"),
        ]
    } else {
        &[(Action::Hold, if held { "release" } else { "hold" }), (Action::Severity, "severity"), (Action::Help, "help")]
    };
    let back = map.key_of(Action::GoBack);
    let mut all = Vec::new();
    all.extend((!over).then(|| (back.clone(), if model.observe { "ways back" } else { "go back" })));
    // What the pane in focus can do, where nothing above says it: all of it where its keys are about what stands in it.
    let own = !war && !over && (of_pane || model.page.is_none() && !model.zoom);
    let most = match (of_pane, wide) {
        (true, _) => usize::MAX,
        (false, true) => 3,
        (false, false) => 1,
    };
    let hints = hints::for_person(model, model.focus).filter(|(_, word, _)| own && !word.is_empty());
    all.extend(hints.take(most).map(|(action, word, _)| (both(map, *action), *word)));
    let of_step = of_step(model).into_iter().filter(|(key, _)| !war && !of_pane && !chart && *key != back);
    all.extend(of_step.take(if wide { 3 } else { 2 }));
    // While a picture stands, that key is said beside it.
    let rest = rest.iter().filter(|(action, _)| *action != Action::Freeze || model.frozen.is_none());
    let rest = rest.map(|(action, word)| (both(map, *action), *word));
    let known: Vec<String> = all.iter().map(|(key, _)| key.clone()).collect();
    all.extend(rest.filter(|(key, _)| !known.contains(key)));
    let (leave, word) = match (war, model.page.is_some()) {
        (true, _) => (Action::WarRoom, "cockpit"),
        (_, true) => (Action::Back, "back"),
        _ => (Action::Detach, "detach"),
    };
    let leave = map.key_of(leave);
    let end = pen.width().saturating_sub(width(&leave) + width(word) + 2);
    let x = pen.bold(end, 0, &leave, Role::Accent);
    pen.put(x + 1, 0, word, Role::Muted);
    let end = model.frozen.as_ref().map_or(end, |frozen| still(model, frozen, end, pen));
    let mut pen = pen.part(0, 0, end, 1);
    let mut x = 1;
    for (key, word) in all {
        if x + width(&key) + width(word) + 2 > pen.width() {
            break;
        }
        let is_back = key == back;
        let key_role = if is_back && urgent { Role::Crit } else { Role::Accent };
        let word_role = match (is_back, urgent) {
            (true, true) => Role::Crit,
            (true, false) => Role::Text,
            _ => Role::Muted,
        };
        x = pen.bold(x, 0, &key, key_role);
        x = pen.put(x + 1, 0, word, word_role) + if wide { 3 } else { 2 };
    }
}
