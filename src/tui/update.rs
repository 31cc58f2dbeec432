//! How the model changes: keys become actions and orders, messages become state. Pure but for its argument.

use super::action::Action;
use super::checklist;
use super::command::{self, Command};
use super::dialogs::{self, Kind, LineInput, Overlay, Purpose, ask, attempt, open};
use super::edit::Edit;
use super::keymap::{Key, Keymap, Match};
use super::model::{Asked, Line, Model, PaneId, SETTLE, Target};
use super::msg::{Effect, Happened, Msg};
use super::{incoming, view};
use crate::core::ids::{OrderId, StepId};
use crate::core::launch::StepStatus;
use crate::core::order::What;
use crate::core::time::Span;
use crate::wire::message::{ClientMessage, Query};
use crossterm::event::KeyCode;

/// What the loop must do, in order.
pub type Effects = Vec<Effect>;

/// Takes in what happened.
pub fn update(model: &mut Model, msg: Msg) -> Effects {
    let mut out = Vec::new();
    model.mono = msg.at;
    match msg.what {
        Happened::Key(key) => {
            model.dirty = true;
            incoming::flush(model);
            on_key(model, key, &mut out);
        }
        Happened::Paste(text) => paste(model, &text),
        Happened::Resize(columns, rows) => {
            model.size = (columns, rows);
            model.dirty = true;
        }
        Happened::Engine(message) => incoming::message(model, *message, &mut out),
        Happened::Lost(why) => {
            incoming::flush(model);
            model.line = Line::Lost { since: msg.at, why, attempts: 0, given_up: false };
            model.dirty = true;
        }
        Happened::Missed(error) => {
            if let Line::Lost { why, attempts, .. } = &mut model.line {
                *why = error;
                *attempts += 1;
            }
            model.dirty = true;
        }
        Happened::Joined => {
            model.line = Line::Joining;
            model.dirty = true;
        }
        Happened::Tick => tick(model),
    }
    out
}

/// The shared beat: every second, every other one on small screens; data that waited is shown.
fn tick(model: &mut Model) {
    let before = model.toasts.len();
    model.toasts.retain(|t| t.until > model.mono);
    let slow = model.size.0 * model.size.1 <= 80 * 24;
    let beat = !slow || model.mono.millis() / 1000 % 2 == 0;
    if beat && !model.waiting.is_empty() {
        incoming::flush(model);
    }
    let lost = matches!(model.line, Line::Lost { .. });
    if model.seconds() || beat || lost || model.toasts.len() != before {
        incoming::refresh(model);
        model.dirty = true;
    }
}

fn paste(model: &mut Model, text: &str) {
    model.dirty = true;
    match &mut model.overlay {
        Some(Overlay::Line(line)) => line.edit.insert(text),
        _ => model.refuse("the paste was not taken: it would have pressed keys; open a line with : or c first"),
    }
}

fn on_key(model: &mut Model, key: Key, out: &mut Effects) {
    match model.overlay.clone() {
        Some(Overlay::Dialog(dialog)) => dialogs::key(model, dialog, key, out),
        Some(Overlay::Line(line)) => on_line(model, line, key, out),
        Some(Overlay::Help { scroll }) => on_help(model, scroll, key),
        None => {
            model.typed.push(key);
            match Keymap::standard().find(&model.typed) {
                Match::Prefix => {}
                Match::Action(action) => {
                    model.typed.clear();
                    act(model, action, out);
                }
                Match::None => {
                    let again = model.typed.len() > 1;
                    model.typed.clear();
                    if again {
                        on_key(model, key, out);
                    }
                }
            }
        }
    }
}

fn on_help(model: &mut Model, scroll: usize, key: Key) {
    let scroll = match key.code {
        KeyCode::Down | KeyCode::Char('j' | ' ') => scroll + 1,
        KeyCode::Up | KeyCode::Char('k') => scroll.saturating_sub(1),
        KeyCode::PageDown | KeyCode::Char('d') => scroll + 10,
        KeyCode::PageUp | KeyCode::Char('u') => scroll.saturating_sub(10),
        _ => {
            model.overlay = None;
            return;
        }
    };
    let most = dialogs::draw::help_height(model).saturating_sub(1);
    model.overlay = Some(Overlay::Help { scroll: scroll.min(most) });
}

fn on_line(model: &mut Model, mut line: LineInput, key: Key, out: &mut Effects) {
    match key.code {
        KeyCode::Esc => {
            model.overlay = None;
            if let Purpose::Filter(pane) = line.purpose {
                model.filters.remove(&pane);
            }
            return;
        }
        KeyCode::Char('c') if key.ctrl => {
            model.overlay = None;
            return;
        }
        KeyCode::Backspace if line.edit.text.is_empty() => {
            model.overlay = None;
            return;
        }
        KeyCode::Enter => {
            model.overlay = None;
            submit(model, line, out);
            return;
        }
        KeyCode::Tab | KeyCode::BackTab if matches!(line.purpose, Purpose::Command) => {
            let (turn, before) = line.completing.clone().unwrap_or((0, line.edit.text.clone()));
            let options = command::complete(model, &before);
            if !options.is_empty() {
                let turn = if key.code == KeyCode::Tab { turn } else { turn + options.len().saturating_sub(2) };
                line.edit = Edit::with(options[turn % options.len()].0.clone());
                line.completing = Some((turn + 1, before));
                if options.len() == 1 {
                    line.edit.insert(" ");
                    line.completing = None;
                }
            }
        }
        KeyCode::Up if matches!(line.purpose, Purpose::Command) => {
            if let Some(last) = model.history.last() {
                line.edit = last.clone();
            }
        }
        _ => {
            if line.edit.key(key) {
                line.completing = None;
                line.problem = None;
            }
        }
    }
    if let Purpose::Filter(pane) = line.purpose {
        model.filters.insert(pane, line.edit.text.clone());
        model.scroll.remove(&pane);
    }
    model.overlay = Some(Overlay::Line(line));
}

fn submit(model: &mut Model, mut line: LineInput, out: &mut Effects) {
    match line.purpose.clone() {
        Purpose::Filter(pane) => {
            if line.edit.text.is_empty() {
                model.filters.remove(&pane);
            }
        }
        Purpose::Command => {
            let text = line.edit.text.trim().to_owned();
            if text.is_empty() {
                return;
            }
            match command::read(model, &text) {
                Ok(command) => {
                    model.history.push(Edit::with(text));
                    match command {
                        Command::Order(what) => order(model, what, out),
                        Command::Action(action) => act(model, action, out),
                        Command::Diff => get(model, Asked::PlanDiff, Query::PlanDiff, out),
                    }
                }
                Err(problem) => {
                    line.problem = Some(problem);
                    model.overlay = Some(Overlay::Line(line));
                }
            }
        }
        Purpose::Text(what) => {
            let text = line.edit.text.trim().to_owned();
            let may_be_empty = matches!(what, What::Severity { .. } | What::Input { .. });
            if text.is_empty() && !may_be_empty {
                line.problem = Some("say why, or Esc".to_owned());
                model.overlay = Some(Overlay::Line(line));
                return;
            }
            order(model, with_text(what, text), out);
        }
    }
}

/// The order with the text that it lacked.
fn with_text(mut what: What, said: String) -> What {
    match &mut what {
        What::Hold { why }
        | What::Release { why }
        | What::Skip { why, .. }
        | What::Resolve { why, .. }
        | What::RollbackByHand { why, .. }
        | What::RollbackLeave { why, .. }
        | What::Dismiss { why, .. } => *why = said,
        What::Severity { text, .. } | What::Note { text } | What::Resolved { text, .. } => *text = said,
        What::Input { line, .. } => *line = said,
        What::Vote { why, .. } | What::Decide { why, .. } | What::Done { why, .. } => *why = Some(said),
        _ => {}
    }
    what
}

/// Sends an order.
pub fn order(model: &mut Model, what: What, out: &mut Effects) {
    if model.observe {
        model.refuse("this link may only look");
        return;
    }
    if model.line != Line::Up {
        model.refuse("not sent: the link is down; nothing is queued");
        return;
    }
    model.next_id += 1;
    let id = OrderId::from(format!("{:016x}-{}", model.seed, model.next_id));
    model.sent.insert(id.clone(), what.clone());
    model.dirty = true;
    out.push(Effect::Send(ClientMessage::Order { id, what }));
}

/// Asks the engine for something.
pub(super) fn get(model: &mut Model, asked: Asked, what: Query, out: &mut Effects) {
    model.next_id += 1;
    model.asked.insert(model.next_id, asked);
    out.push(Effect::Send(ClientMessage::Get { id: model.next_id, what }));
}

/// Starts a step, or opens a gate's poll.
pub fn run_now(model: &mut Model, step: &StepId, out: &mut Effects) {
    let attempt = attempt(model, step) + 1;
    order(model, What::Run { step: step.clone(), attempt }, out);
}

/// Does what a key means.
pub fn act(model: &mut Model, action: Action, out: &mut Effects) {
    match action {
        Action::Run => run(model, out),
        Action::Tick => tick_box(model, out),
        Action::Vote => at_gate(model, |gate| Kind::Vote(gate, 0)),
        Action::Decide => at_gate(model, Kind::Decide),
        Action::Hold => {
            let held = model.launch.as_ref().is_some_and(|l| l.hold.is_some());
            let (prompt, what) = if held {
                ("Release, why", What::Release { why: String::new() })
            } else {
                ("Hold, why", What::Hold { why: String::new() })
            };
            ask(model, prompt, Purpose::Text(what), "");
        }
        Action::Severity => open(model, Kind::Severity),
        Action::GoBack => {
            let stopped = model.launch.as_ref().and_then(dialogs::stopped_at).is_some();
            open(model, if stopped { Kind::Stopped } else { Kind::GoBack { chosen: 0, typed: Edit::default() } });
        }
        Action::Stop => match running(model, |_, s| s.is_active()) {
            Some(step) => open(model, Kind::Stop(step)),
            None => model.refuse("nothing runs that could be stopped"),
        },
        Action::Input => send_input(model),
        Action::Note => ask(model, "Note", Purpose::Text(What::Note { text: String::new() }), ""),
        Action::Down => step_by(model, 1),
        Action::Up => step_by(model, -1),
        Action::HalfDown => step_by(model, 10),
        Action::HalfUp => step_by(model, -10),
        Action::Top => step_by(model, isize::MIN / 2),
        Action::Bottom => step_by(model, isize::MAX / 2),
        Action::Open => toggle(model),
        Action::Back => back(model),
        Action::Filter => {
            let pane = if model.focus == PaneId::Log { PaneId::Log } else { PaneId::Checklist };
            model.focus = pane;
            let text = model.filter(pane).to_owned();
            ask(model, "/", Purpose::Filter(pane), text);
        }
        Action::NextPane => cycle(model, 1),
        Action::PreviousPane => cycle(model, -1),
        Action::Pane1 => focus(model, PaneId::Checklist),
        Action::Pane2 => focus(model, PaneId::Compare),
        Action::Pane3 => focus(model, PaneId::Errors),
        Action::Pane4 => focus(model, PaneId::Health),
        Action::Pane5 => focus(model, PaneId::Lag),
        Action::Pane6 => focus(model, PaneId::Queues),
        Action::Pane7 => focus(model, PaneId::Triggers),
        Action::Pane8 => focus(model, PaneId::Log),
        Action::Pane9 => focus(model, PaneId::Output),
        Action::Pane0 => focus(model, PaneId::Incidents),
        Action::Zoom => model.zoom = !model.zoom,
        Action::Longer => look_back(model, 1, out),
        Action::Shorter => look_back(model, -1, out),
        Action::Command => ask(model, ":", Purpose::Command, ""),
        Action::Help => model.overlay = Some(Overlay::Help { scroll: 0 }),
        Action::Redraw => out.push(Effect::Redraw),
        Action::Suspend => out.push(Effect::Suspend),
        Action::Detach => out.push(Effect::Detach),
    }
    incoming::follow_output(model, out);
    model.dirty = true;
}

fn run(model: &mut Model, out: &mut Effects) {
    if model.selected == Some(Target::Rollback) {
        return act(model, Action::GoBack, out);
    }
    if unsettled(model) {
        return;
    }
    let Some(step) = model.selected_step().cloned() else {
        return model.refuse("choose a step first: j and k move, Enter opens a phase");
    };
    let Some(outline) = model.outline().and_then(|o| o.step(&step)) else { return };
    let has_command = outline.run.is_some();
    let state = model.launch.as_ref().and_then(|l| l.steps.get(&step));
    if let Some(StepStatus::Interrupted { run, .. }) = state.map(|s| &s.status) {
        let kind = Kind::Resolve(run.clone());
        return open(model, kind);
    }
    if has_command {
        open(model, Kind::Run(step));
    } else {
        run_now(model, &step, out);
    }
}

/// Whether the selection moved so lately that a key may have been meant for another row; then it is said.
fn unsettled(model: &mut Model) -> bool {
    let unsettled = model.mono - model.selected_at < SETTLE;
    if unsettled {
        model.refuse("not taken: the selection had just moved; look at the row and press again");
    }
    unsettled
}

fn tick_box(model: &mut Model, out: &mut Effects) {
    if unsettled(model) {
        return;
    }
    let Some(launch) = &model.launch else { return };
    let what = match &model.selected {
        Some(Target::Item(step, item)) => {
            let on = !launch.steps.get(step).is_some_and(|s| s.ticks.contains_key(item));
            What::Tick { step: step.clone(), item: Some(*item), on }
        }
        Some(Target::Step(id)) => {
            let Some(step) = launch.outline.step(id) else { return };
            if step.gate.is_some() {
                return model.refuse("a gate is no box: r opens the poll, v votes, d decides");
            }
            if !step.items.is_empty() {
                return model.refuse("it has boxes of its own: choose one below it");
            }
            if step.run.is_some() {
                return model.refuse("it has a command: r starts it; `:done WHY` counts it as done");
            }
            let status = launch.steps.get(id).map(|s| &s.status);
            match status {
                Some(StepStatus::Done { .. }) => What::Tick { step: id.clone(), item: None, on: false },
                Some(StepStatus::Claimed) => What::Done { step: id.clone(), why: None },
                _ => What::Tick { step: id.clone(), item: None, on: true },
            }
        }
        _ => return model.refuse("choose a box first: j and k move, Enter opens a phase"),
    };
    order(model, what, out);
}

fn at_gate(model: &mut Model, kind: impl FnOnce(StepId) -> Kind) {
    let Some(gate) = model.gate().cloned() else {
        return model.refuse("no poll is open; choose a gate and open it with r");
    };
    let status = model.launch.as_ref().and_then(|l| l.steps.get(&gate)).map(|s| &s.status);
    if status == Some(&StepStatus::Polling) {
        let kind = kind(gate);
        open(model, kind);
    } else {
        model.refuse("its poll is not open; r opens it");
    }
}

/// The selected step where it fits, else the first that does.
fn running(model: &Model, fits: impl Fn(&StepId, &StepStatus) -> bool) -> Option<StepId> {
    let launch = model.launch.as_ref()?;
    let fits = |id: &&StepId| launch.steps.get(*id).is_some_and(|s| fits(id, &s.status));
    model.selected_step().filter(fits).or_else(|| launch.outline.steps.iter().map(|s| &s.id).find(fits)).cloned()
}

fn send_input(model: &mut Model) {
    let outline = model.launch.as_ref().map(|l| l.outline.clone());
    let takes = |id: &StepId| outline.as_ref().and_then(|o| o.step(id)).is_some_and(|s| s.input);
    let step = running(model, |id, s| matches!(s, StepStatus::Running { .. }) && takes(id));
    let run = step.and_then(|id| match &model.launch.as_ref()?.steps.get(&id)?.status {
        StepStatus::Running { run } => Some(run.clone()),
        _ => None,
    });
    match run {
        Some(run) => {
            let prompt = format!("Input for {}", run.step);
            ask(model, prompt, Purpose::Text(What::Input { run, line: String::new() }), "");
        }
        None => model.refuse("no running command takes input (`input = true` in the plan)"),
    }
}

fn toggle(model: &mut Model) {
    if model.focus != PaneId::Checklist {
        model.zoom = !model.zoom;
        return;
    }
    let height = view::height_of(model, PaneId::Checklist);
    let Some(target) = model.selected.clone() else { return };
    let rows = checklist::rows(model, height);
    let open = match &target {
        Target::Phase(_) => rows
            .iter()
            .any(|(t, r)| t.as_ref() == Some(&target) && matches!(r, checklist::RowOf::Phase { open: true, .. })),
        Target::Step(id) => {
            let at = checklist::position(&rows, Some(&target)).unwrap_or(0);
            rows.get(at + 1).is_some_and(|(t, r)| match r {
                checklist::RowOf::Item(step, _) => step.id == *id,
                checklist::RowOf::Condition { .. } | checklist::RowOf::Because(_) => t.is_none(),
                _ => false,
            })
        }
        _ => return,
    };
    model.opened.insert(target, !open);
}

fn back(model: &mut Model) {
    if model.filters.remove(&model.focus).is_some() {
    } else if model.zoom {
        model.zoom = false;
    } else if model.scroll.remove(&model.focus).is_none() {
        model.focus = PaneId::Checklist;
    }
    model.toasts.clear();
}

fn focus(model: &mut Model, pane: PaneId) {
    let layout = view::layout(model);
    if pane.is_tab() || (layout.pane(pane).is_none() && pane == PaneId::Triggers) {
        model.tab = pane;
    }
    if model.focus == pane && !model.zoom && layout.pane(pane).is_some() {
        return;
    }
    model.focus = pane;
    // A pane that has no place of its own is shown alone.
    model.zoom = view::layout(model).pane(pane).is_none() || model.zoom;
}

fn cycle(model: &mut Model, by: isize) {
    let layout = view::layout(model);
    let all: Vec<PaneId> = if layout.panes.len() > 1 {
        let mut panes: Vec<PaneId> = layout.panes.iter().map(|(p, _)| *p).collect();
        panes.extend([PaneId::Log, PaneId::Output, PaneId::Incidents]);
        panes.sort_unstable();
        panes.dedup();
        panes
    } else {
        PaneId::ALL.to_vec()
    };
    let at = all.iter().position(|p| *p == model.focus).unwrap_or(0);
    let next = (at as isize + by).rem_euclid(all.len() as isize) as usize;
    focus(model, all[next]);
}

fn step_by(model: &mut Model, by: isize) {
    let pane = model.focus;
    if pane != PaneId::Checklist {
        // Log and output are read from their end, the others from their beginning.
        let by = if matches!(pane, PaneId::Log | PaneId::Output) { -by } else { by };
        let now = model.scrolled(pane) as isize;
        let most = view::length_of(model, pane).saturating_sub(usize::from(view::height_of(model, pane)));
        let next = now.saturating_add(by).clamp(0, most as isize) as usize;
        model.scroll.insert(pane, next);
        return;
    }
    let height = view::height_of(model, PaneId::Checklist);
    let rows = checklist::rows(model, height);
    let can: Vec<usize> = rows.iter().enumerate().filter(|(_, (t, _))| t.is_some()).map(|(i, _)| i).collect();
    if can.is_empty() {
        return;
    }
    let at = checklist::position(&rows, model.selected.as_ref()).unwrap_or(0);
    let index = can.iter().position(|i| *i >= at).unwrap_or(can.len() - 1) as isize;
    let next = index.saturating_add(by).clamp(0, can.len() as isize - 1) as usize;
    let target = rows[can[next]].0.clone();
    if target != model.selected {
        model.selected = target;
        model.selected_at = model.mono;
    }
}

const SPANS: [i64; 8] = [5, 15, 30, 120, 360, 720, 1440, 2880];

fn look_back(model: &mut Model, by: isize, out: &mut Effects) {
    let at = SPANS.iter().position(|m| Span::mins(*m) >= model.chart_span).unwrap_or(2);
    let next = (at as isize + by).clamp(0, SPANS.len() as isize - 1) as usize;
    model.chart_span = Span::mins(SPANS[next]);
    incoming::ask_history(model, out);
}
