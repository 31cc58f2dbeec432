//! What lies over the screen: the help, the line at the bottom, and dialogs that stand before an order.
//!
//! The ladder: what can be taken back needs no dialog; what is disruptive starts with `y`, never with Enter and never
//! with the key that opened the dialog; what can't be taken back wants the environment's name typed. A dialog takes no
//! keys in its first moments, which may have been typed for what was there before.
//!
//! The way back and the severity outrank them all: their keys leave whatever lies over the screen, at once, and a person
//! in an emergency never confirms something else. Only in a text they are letters.

pub mod draw;
pub mod go_back;
pub mod help;
pub mod incident;
pub mod shift;

use crossterm::event::KeyCode;

use self::help::Help;
use super::act::run_now;
use super::action::Action;
use super::edit::Edit;
use super::keymap::{Key, Match};
use super::model::{Model, PaneId};
use super::update::{Effects, order};
use crate::core::ids::{OrderId, RoleId, RunId, RunKind, StepId};
use crate::core::launch::{LaunchState, RollbackState, RollbackStatus, Status, StepStatus, StoppedItem, still_runs};
use crate::core::order::{Ballot, Found, Way, What};
use crate::core::time::Span;
use crate::core::view::ConditionOf;

/// How long a dialog ignores keys after it opened, and after a key that it ignored.
pub const DEAF: Span = Span(300);

/// What lies over the screen.
#[derive(Clone, Debug)]
pub enum Overlay {
    /// The keys, and what is typed by name.
    Help(Help),
    /// What all that waits waits for, or what has a name.
    Explain {
        /// The name; none for all that waits.
        name: Option<String>,
        /// Rows scrolled down.
        scroll: usize,
    },
    /// Whether the launch can start.
    Ready {
        /// Rows scrolled down.
        scroll: usize,
        /// When it came by itself, on the client's clock; none where somebody asked for it.
        came: Option<Span>,
    },
    /// What happened since the person was here.
    Away {
        /// Rows scrolled down.
        scroll: usize,
        /// When it came by itself, on the client's clock; none where somebody asked for it.
        came: Option<Span>,
    },
    /// What was copied, with nothing beside it.
    Plain {
        /// Rows scrolled down.
        scroll: usize,
    },
    /// A line that is being typed at the bottom.
    Line(LineInput),
    /// A dialog.
    Dialog(Dialog),
}

/// A line that is being typed.
#[derive(Clone, Debug)]
pub struct LineInput {
    /// What stands before it.
    pub prompt: String,
    /// The text.
    pub edit: Edit,
    /// What it is for.
    pub purpose: Purpose,
    /// Why the last attempt was refused.
    pub problem: Option<String>,
    /// How often Tab was pressed, and what was there before.
    pub completing: Option<(usize, String)>,
    /// How many lines back the one is that was typed before and is shown, and what was being typed.
    pub recalled: Option<(usize, String)>,
    /// The step that was selected when it was opened, or is said to be by now.
    pub about: Option<StepId>,
}

/// What a typed line is for.
#[derive(Clone, Debug)]
pub enum Purpose {
    /// A command.
    Command,
    /// The filter of a pane.
    Filter(PaneId),
    /// The text that an order still lacks.
    Text(What),
    /// What is wrong, for the incident that this order opens or changes; it may be left out.
    Describe(OrderId),
}

/// A dialog.
#[derive(Clone, Debug)]
pub struct Dialog {
    /// When it opened, on the client's clock.
    pub opened: Span,
    /// Which.
    pub kind: Kind,
}

/// Which dialog.
#[derive(Clone, Debug)]
pub enum Kind {
    /// Choose a way back and start it.
    GoBack {
        /// The chosen way, whatever place it has among the others by now.
        chosen: Option<Way>,
        /// The environment's name, as far as it is typed.
        typed: Edit,
    },
    /// A way back stopped: again, by hand, leave.
    Stopped,
    /// A way back is under way: stop what of it runs, or leave it.
    GoingBack,
    /// Start a command.
    Run(StepId),
    /// Run a command that is not in the plan.
    Sh(String),
    /// Stop a step.
    Stop(StepId),
    /// Vote at a gate, for the role of this number.
    Vote(StepId, usize),
    /// Decide a gate.
    Decide(StepId),
    /// How bad it is: a new incident, or this one.
    Severity(Option<u32>),
    /// One incident, and what can be done about it.
    Incident(u32),
    /// The change of shift: what is handed over.
    Handover {
        /// Rows scrolled down.
        scroll: usize,
    },
    /// What became of an interrupted run.
    Resolve(RunId),
    /// The plan file differs: what, its hash, what is wrong with it.
    Adopt {
        /// The hash of the file as it was shown.
        hash: String,
        /// The difference.
        lines: Vec<String>,
        /// What is wrong with the file.
        problems: Vec<String>,
        /// Rows scrolled down.
        scroll: usize,
    },
}

/// Opens a dialog.
pub fn open(model: &mut Model, kind: Kind) {
    model.overlay = Some(Overlay::Dialog(Dialog { opened: model.mono, kind }));
    model.dirty = true;
}

/// Opens the line at the bottom.
pub fn ask(model: &mut Model, prompt: impl Into<String>, purpose: Purpose, text: impl Into<String>) {
    model.overlay = Some(Overlay::Line(LineInput {
        prompt: prompt.into(),
        edit: Edit::with(text),
        purpose,
        problem: None,
        completing: None,
        recalled: None,
        about: model.selected_step().cloned(),
    }));
    model.dirty = true;
}

/// Whether the line is for a command that turned its terminal's echo off: it is not to be seen here either.
pub fn hides(model: &Model, line: &LineInput) -> bool {
    let Purpose::Text(What::Input { run, .. }) = &line.purpose else { return false };
    model.readout.asking.get(run).is_some_and(|asks| asks.hidden)
}

/// Whether keys are letters of a text.
pub(super) fn takes_text(model: &Model) -> bool {
    match &model.overlay {
        Some(Overlay::Line(_)) => true,
        Some(Overlay::Help(help)) => help.typing,
        Some(Overlay::Dialog(Dialog { kind: Kind::GoBack { chosen, typed }, .. })) => {
            go_back::wants_text(model, chosen.as_ref(), typed)
        }
        _ => false,
    }
}

/// The action of a key that leaves what lies over the screen: the way back, the severity. None where nothing does, where
/// a text is typed, and where it leads to what is open already.
pub(super) fn outranked(model: &Model, key: Key) -> Option<Action> {
    let Match::Action(action @ (Action::GoBack | Action::Severity)) = model.keymap.find(&[key]) else {
        return None;
    };
    let open = match model.overlay.as_ref()? {
        _ if takes_text(model) => return None,
        Overlay::Line(_) => return None,
        Overlay::Help(_)
        | Overlay::Plain { .. }
        | Overlay::Explain { .. }
        | Overlay::Ready { .. }
        | Overlay::Away { .. } => {
            return Some(action);
        }
        Overlay::Dialog(dialog) => &dialog.kind,
    };
    let stopped = model.launch.as_ref().and_then(stopped_at).is_some();
    let there = match open {
        Kind::GoBack { .. } => action == Action::GoBack && !stopped,
        Kind::Stopped => action == Action::GoBack && stopped,
        Kind::GoingBack => {
            action == Action::GoBack && !stopped && model.launch.as_ref().is_some_and(|l| under_way(l).is_some())
        }
        Kind::Severity(_) => action == Action::Severity,
        _ => false,
    };
    (!there).then_some(action)
}

/// A key for the dialog that is open.
pub fn key(model: &mut Model, dialog: Dialog, key: Key, out: &mut Effects) {
    if key.code == KeyCode::Esc || (key.ctrl && key.code == KeyCode::Char('c')) {
        model.overlay = None;
        return;
    }
    // What a severity is chosen with starts nothing: Enter still follows, and `S 2 Enter` may come in one packet.
    if model.mono - dialog.opened < DEAF && !matches!(dialog.kind, Kind::Severity(_)) {
        // What comes without a pause, as a paste that the terminal does not mark, never gets through.
        if let Some(Overlay::Dialog(open)) = &mut model.overlay {
            open.opened = model.mono;
        }
        return model.refuse("not taken: the dialog had just opened; read it and press again");
    }
    let opened = dialog.opened;
    let code = if key.ctrl || key.alt { KeyCode::Null } else { key.code };
    match dialog.kind {
        Kind::GoBack { chosen, typed } => go_back::key(model, opened, chosen, typed, key, out),
        Kind::Stopped => stopped(model, code, out),
        Kind::GoingBack => going_back(model, code),
        Kind::Run(step) => {
            if code == KeyCode::Char('y') {
                model.overlay = None;
                run_now(model, &step, out);
            }
        }
        Kind::Sh(command) => {
            if code == KeyCode::Char('y') {
                model.overlay = None;
                order(model, What::Sh { command }, out);
            }
        }
        Kind::Stop(step) => {
            let finishes = finishes(model, &step);
            let let_finish = match code {
                KeyCode::Char('y') if !finishes => false,
                KeyCode::Char('f') => true,
                // What passes over the plan is typed whole.
                KeyCode::Char('n') if finishes => {
                    return ask(model, ":", Purpose::Command, format!("stop {step} now typed "));
                }
                _ => return,
            };
            model.overlay = None;
            order(model, What::Stop { attempt: attempt(model, &step), step, let_finish }, out);
        }
        Kind::Vote(gate, role) => vote(model, opened, gate, role, code, out),
        Kind::Decide(gate) => decide(model, gate, code, out),
        Kind::Severity(of) => incident::severity(model, opened, of, code),
        Kind::Incident(number) => incident::key(model, number, code),
        Kind::Handover { scroll } => shift::key(model, opened, scroll, code, out),
        Kind::Resolve(run) => {
            let offered = |c| resolve_keys(model, &run).iter().any(|(key, _)| *key == String::from(c).as_str());
            let found = match (code, run.kind) {
                (KeyCode::Char(c), _) if !offered(c) => return,
                (KeyCode::Char('d'), RunKind::Do) | (KeyCode::Char('u'), RunKind::Undo) => Found::Done,
                (KeyCode::Char('n'), _) => Found::NotDone,
                _ => return,
            };
            ask(model, "How do you know", Purpose::Text(What::Resolve { run, found, why: String::new() }), "");
        }
        Kind::Adopt { hash, lines, problems, scroll } => {
            let scroll = match code {
                KeyCode::Char('j') | KeyCode::Down => (scroll + 1).min(lines.len().saturating_sub(1)),
                KeyCode::Char('k') | KeyCode::Up => scroll.saturating_sub(1),
                KeyCode::Char('y') if problems.is_empty() && !lines.is_empty() => {
                    model.overlay = None;
                    order(model, What::Adopt { hash }, out);
                    return;
                }
                _ => return,
            };
            let kind = Kind::Adopt { hash, lines, problems, scroll };
            model.overlay = Some(Overlay::Dialog(Dialog { opened, kind }));
        }
    }
}

/// Whether a gate's poll is open; where it is over that is said.
fn polls(model: &mut Model, gate: &StepId) -> bool {
    let polls = model.is_polling(gate);
    if !polls {
        model.refuse("the poll is over; it can be opened anew");
    }
    polls
}

fn decide(model: &mut Model, gate: StepId, code: KeyCode, out: &mut Effects) {
    if matches!(code, KeyCode::Char('g' | 'n')) && !polls(model, &gate) {
        return;
    }
    let round = round(model, &gate);
    match code {
        KeyCode::Char('g') => {
            model.overlay = None;
            let over = unmet(model, &gate);
            let what = What::Decide { gate, round, go: true, why: None };
            if over {
                ask(model, "Go over what is not met, why", Purpose::Text(what), "");
            } else {
                order(model, what, out);
            }
        }
        KeyCode::Char('n') => {
            ask(model, "No-go, why", Purpose::Text(What::Decide { gate, round, go: false, why: None }), "");
        }
        _ => {}
    }
}

fn vote(model: &mut Model, opened: Span, gate: StepId, role: usize, code: KeyCode, out: &mut Effects) {
    if matches!(code, KeyCode::Char('g' | 'n')) && !polls(model, &gate) {
        return;
    }
    let roles = roles(model, &gate);
    let vote = match code {
        KeyCode::Char('g') => Ballot::Go,
        KeyCode::Char('n') => Ballot::NoGo,
        KeyCode::Char(c @ '1'..='9') => {
            let role = (c as usize - '1' as usize).min(roles.len().saturating_sub(1));
            model.overlay = Some(Overlay::Dialog(Dialog { opened, kind: Kind::Vote(gate, role) }));
            return;
        }
        _ => return,
    };
    let Some(role) = roles.get(role).cloned() else { return };
    model.overlay = None;
    let what = What::Vote { round: round(model, &gate), gate, role, vote, why: None };
    if vote == Ballot::NoGo {
        ask(model, "No-go, why", Purpose::Text(what), "");
    } else {
        order(model, what, out);
    }
}

fn stopped(model: &mut Model, code: KeyCode, out: &mut Effects) {
    let Some((rollback, item)) = model.launch.as_ref().and_then(stopped_at) else {
        model.overlay = None;
        return;
    };
    let runs = model.launch.as_ref().and_then(still_goes);
    match code {
        KeyCode::Char('t') if let Some(step) = runs => open(model, Kind::Stop(step)),
        KeyCode::Char('e' | 'l') if runs.is_some() => {}
        KeyCode::Char('x') => {
            model.overlay = None;
            order(model, What::RollbackAgain { rollback, item }, out);
        }
        KeyCode::Char('e') => {
            let what = What::RollbackByHand { rollback, item, why: String::new() };
            ask(model, "Done by hand, how do you know", Purpose::Text(what), "");
        }
        KeyCode::Char('l') => {
            let what = What::RollbackLeave { rollback, why: String::new() };
            ask(model, "Leave it as it stands, why", Purpose::Text(what), "");
        }
        _ => {}
    }
}

/// The keys of a way back that stopped: what would be refused is not among them.
pub fn stopped_keys(model: &Model) -> Vec<(&'static str, &'static str)> {
    let launch = model.launch.as_ref();
    let again = ("x", launch.and_then(LaunchState::stopped_item).map_or("try again", |(stands, _)| stands.again()));
    let (by_hand, leave, not_now) = (("e", "done by hand"), ("l", "leave it"), ("Esc", "not now"));
    match launch.and_then(still_goes) {
        _ if runs_beside(model).is_some() => vec![leave, not_now],
        Some(_) => vec![again, ("t", "stop what runs"), not_now],
        None => vec![again, by_hand, leave, not_now],
    }
}

/// The step whose command still runs, at which the way back stopped.
fn still_goes(launch: &LaunchState) -> Option<StepId> {
    let (StoppedItem::Runs | StoppedItem::Waits, _) = launch.stopped_item()? else { return None };
    let (number, item) = stopped_at(launch)?;
    let rollback = launch.rollbacks.get((number as usize).checked_sub(1)?)?;
    Some(rollback.items.get(item)?.run.step.clone())
}

/// A key for the way back that is under way.
fn going_back(model: &mut Model, code: KeyCode) {
    let Some((rollback, _)) = model.launch.as_ref().and_then(under_way) else {
        model.overlay = None;
        return;
    };
    match (code, model.launch.as_ref().and_then(runs_back)) {
        (KeyCode::Char('t'), Some(step)) => open(model, Kind::Stop(step)),
        (KeyCode::Char('e'), None) => {
            if let Some(done) = model.launch.as_ref().and_then(LaunchState::way_back_done_by_hand) {
                ask(model, "It is done; what you did or saw", Purpose::Text(done), "");
            }
        }
        (KeyCode::Char('l'), None) => {
            let what = What::RollbackLeave { rollback, why: String::new() };
            ask(model, "Leave it as it stands, why", Purpose::Text(what), "");
        }
        _ => {}
    }
}

/// The keys of the way back that is under way.
pub fn going_keys(model: &Model) -> &'static [(&'static str, &'static str)] {
    match model.launch.as_ref().and_then(runs_back) {
        None if model.launch.as_ref().is_some_and(|l| l.way_back_by_hand().is_some()) => {
            &[("e", "it is done"), ("l", "leave it"), ("Esc", "not now")]
        }
        Some(_) => &[("t", "stop what runs"), ("Esc", "let it go on")],
        None => &[("l", "leave it"), ("Esc", "let it go on")],
    }
}

/// The way back that is under way and has not stopped, with its number.
pub fn under_way(launch: &LaunchState) -> Option<(u32, &RollbackState)> {
    let Status::RollingBack(number) = launch.status else { return None };
    let rollback = launch.rollbacks.get((number as usize).checked_sub(1)?)?;
    (rollback.status == RollbackStatus::Running).then_some((number, rollback))
}

/// The step whose command the way back runs at this moment.
pub fn runs_back(launch: &LaunchState) -> Option<StepId> {
    let (_, rollback) = under_way(launch)?;
    let run = &rollback.items.get(rollback.next)?.run;
    launch.runs.iter().any(|(id, r)| id.step == run.step && r.end.is_none()).then(|| run.step.clone())
}

/// Whether it is a step's undo that runs.
pub fn undoes(model: &Model, step: &StepId) -> bool {
    let state = model.launch.as_ref().and_then(|l| l.steps.get(step));
    state.is_some_and(|s| matches!(s.status, StepStatus::Undoing { .. }))
}

/// Whether its command runs and the plan lets it finish.
pub fn finishes(model: &Model, step: &StepId) -> bool {
    let Some(launch) = &model.launch else { return false };
    let mut open = launch.runs.iter().filter(|(run, known)| run.step == *step && known.end.is_none());
    open.any(|(run, _)| launch.lets_finish(run))
}

/// The way back that stopped, and the item it stopped at.
pub fn stopped_at(launch: &LaunchState) -> Option<(u32, usize)> {
    let Status::RollingBack(number) = launch.status else { return None };
    let rollback = launch.rollbacks.get((number as usize).checked_sub(1)?)?;
    matches!(rollback.status, RollbackStatus::Stopped { .. }).then_some((number, rollback.next))
}

/// The command of the way back that stopped, where it runs on unwatched: what is to be done first.
pub fn runs_beside(model: &Model) -> Option<String> {
    let launch = model.launch.as_ref()?;
    let (rollback, item) = stopped_at(launch)?;
    let (run, pid) = launch.stands_beside(&model.readout, &What::RollbackAgain { rollback, item })?;
    Some(still_runs(&run, pid))
}

/// The keys that say what became of an interrupted run. That an undo did its work is the opposite of that its step did.
/// While its process lives only that a step did its work can be said: an undo leads on to the next one.
pub(super) fn resolve_keys(model: &Model, run: &RunId) -> &'static [(&'static str, &'static str)] {
    match (run.kind, model.readout.processes.contains_key(run)) {
        (RunKind::Do, false) => &[("d", "it did its work"), ("n", "it did not"), ("Esc", "not now")],
        (RunKind::Do, true) => &[("d", "it did its work"), ("Esc", "not now")],
        (RunKind::Undo, false) => &[("u", "it is undone"), ("n", "it is not undone"), ("Esc", "not now")],
        (RunKind::Undo, true) => &[("Esc", "not now")],
    }
}

/// The roles that vote at a gate.
pub fn roles(model: &Model, gate: &StepId) -> Vec<RoleId> {
    let gate = model.outline().and_then(|o| o.step(gate)).and_then(|s| s.gate.as_ref());
    gate.map_or_else(Vec::new, |g| g.poll.clone())
}

/// The round of a gate's poll that is seen.
pub fn round(model: &Model, gate: &StepId) -> u32 {
    let state = model.launch.as_ref().and_then(|l| l.steps.get(gate));
    state.and_then(|s| s.poll.as_ref()).map_or(0, |p| p.round)
}

/// The attempt of a step that is seen.
pub fn attempt(model: &Model, step: &StepId) -> u32 {
    model.launch.as_ref().and_then(|l| l.steps.get(step)).map_or(0, |s| s.attempt)
}

/// Whether a go would be over something: a requirement that does not hold, a vote that is missing or no-go.
pub fn unmet(model: &Model, gate: &StepId) -> bool {
    let Some(asked) = model.outline().and_then(|o| o.step(gate)).and_then(|s| s.gate.as_ref()) else { return false };
    let view = |i| model.readout.conditions.get(&ConditionOf::Require(gate.clone(), i));
    let poll = model.launch.as_ref().and_then(|l| l.steps.get(gate)).and_then(|s| s.poll.as_ref());
    let go = |r| poll.and_then(|p| p.votes.get(r)).is_some_and(|v| v.vote == Ballot::Go);
    !(0..asked.require.len()).all(|i| view(i).and_then(|v| v.held) == Some(true)) || !asked.poll.iter().all(go)
}
