//! What each action does. Orders are sent at once where they can be taken back; the others open a dialog or a line.

use super::action::Action;
use super::alarm;
use super::alerts;
use super::answers;
use super::checklist;
use super::checks;
use super::clip;
use super::cursor;
use super::dialogs::{self, Kind, Overlay, Purpose, ask, attempt, open};
use super::edit::Edit;
use super::found;
use super::frozen;
use super::incidents;
use super::incoming;
use super::model::{Model, PaneId, SETTLE, Target};
use super::mouse;
use super::moves::{back, cycle, focus, look_back, open as open_row, own_span, step_by, zoom};
use super::msg::Effect;
use super::notices;
use super::only;
use super::refusal;
use super::silence;
use super::update::{Effects, order};
use super::{veil, war};
use crate::core::ids::StepId;
use crate::core::launch::StepStatus;
use crate::core::order::What;

/// Starts a step, or opens a gate's poll.
pub fn run_now(model: &mut Model, step: &StepId, out: &mut Effects) {
    let attempt = attempt(model, step) + 1;
    order(model, What::Run { step: step.clone(), attempt }, out);
}

/// Does what a key means.
pub fn act(model: &mut Model, action: Action, out: &mut Effects) {
    if model.observe && orders(action) {
        return model.refuse("you observe: you may look, note and hold; come without --observe");
    }
    if let Some(why) = silence::no_engine(model).filter(|_| orders(action) || ORDERS_TOO.contains(&action)) {
        return model.refuse(why);
    }
    if war::is_shown(model) {
        match war::leads_out(action) {
            Some(true) => war::leave(model),
            Some(false) => {
                let why = war::refusal(model);
                return model.refuse(why);
            }
            None => {}
        }
    } else if checks::has_focus(model) {
        match action {
            Action::Tick => return checks::tick(model, out),
            Action::Update => return checks::found(model),
            Action::Stop => return checks::skip(model),
            _ => {}
        }
    }
    match action {
        Action::Run => run(model, out),
        Action::Tick => tick_box(model, out),
        Action::Vote => at_gate(model, |gate| Kind::Vote(gate, 0)),
        Action::Decide => at_gate(model, Kind::Decide),
        Action::Hold => {
            // The one that the header and NEXT show: another may come while the reason is typed.
            // One who observes adds a hold; to release one is for those who drive.
            let launch = model.launch.as_ref().filter(|_| !model.observe);
            let hold = launch.and_then(|l| Some((l.hold.as_ref()?, l.more_holds.len())));
            match hold {
                None => ask(model, "Hold, why", Purpose::Text(What::Hold { why: String::new() }), ""),
                Some((hold, more)) => {
                    let whose = if more == 0 { String::new() } else { format!(" {}'s hold", hold.whose()) };
                    let release = Purpose::Text(hold.release(""));
                    ask(model, format!("Release{whose}, why"), release, "");
                }
            }
        }
        Action::Severity => open(model, Kind::Severity(None)),
        Action::Respond => notices::respond(model),
        Action::Mute => notices::mute(model),
        Action::Update => incidents::update(model),
        Action::GoBack => {
            let launch = model.launch.as_ref();
            let kind = if launch.and_then(dialogs::stopped_at).is_some() {
                Kind::Stopped
            } else if launch.and_then(dialogs::under_way).is_some() {
                Kind::GoingBack
            } else {
                let chosen = answers::told(model).and_then(|a| a.offered);
                Kind::GoBack { chosen, typed: Edit::default() }
            };
            open(model, kind);
        }
        Action::Stop => {
            // A gate is decided, not stopped.
            let stops = |_: &StepId, s: &StepStatus| s.is_active() && !matches!(s, StepStatus::Polling);
            match model.launch.as_ref().and_then(dialogs::runs_back).or_else(|| running(model, stops)) {
                Some(step) => open(model, Kind::Stop(step)),
                None => model.refuse("nothing runs that could be stopped"),
            }
        }
        Action::Input => send_input(model),
        Action::Note => ask(model, "Note", Purpose::Text(What::Note { text: String::new() }), ""),
        Action::Down => step_by(model, 1),
        Action::Up => step_by(model, -1),
        Action::HalfDown => step_by(model, 10),
        Action::HalfUp => step_by(model, -10),
        Action::Top => step_by(model, isize::MIN / 2),
        Action::Bottom => step_by(model, isize::MAX / 2),
        Action::Open => open_row(model),
        Action::Back => back(model, out),
        Action::NextAlarm => alarm::next(model),
        Action::Filter => {
            let pane = model.focus;
            if !matches!(pane, PaneId::Checklist | PaneId::Log | PaneId::Output) {
                return model.refuse(format!("{} has no filter; checklist, log and output have", pane.title()));
            }
            focus(model, pane);
            ask(model, "/", Purpose::Filter(pane), "");
        }
        Action::Found => found::next(model, true, out),
        Action::FoundBefore => found::next(model, false, out),
        Action::Mine => only::toggle(model, only::MINE),
        Action::Due => only::toggle(model, only::DUE),
        Action::NextPane => cycle(model, 1),
        Action::PreviousPane => cycle(model, -1),
        Action::Pane(pane) => focus(model, pane),
        Action::Zoom => zoom(model),
        Action::Longer => look_back(model, 1, out),
        Action::Shorter => look_back(model, -1, out),
        Action::Earlier => cursor::step(model, -1, out),
        Action::Later => cursor::step(model, 1, out),
        Action::OwnSpan => own_span(model, out),
        Action::Freeze => frozen::toggle(model),
        Action::Alerts => alerts::toggle(model),
        Action::Command => ask(model, ":", Purpose::Command, ""),
        Action::Ready => super::ready::open(model),
        Action::Help => model.overlay = Some(Overlay::Help(dialogs::help::Help::default())),
        Action::Copy => clip::item(model, out),
        Action::Chat => clip::chat(model, out),
        Action::Select => clip::show(model),
        Action::WarRoom => war::toggle(model, out),
        Action::Mask => veil::toggle(model),
        Action::Mouse => mouse::toggle(model, out),
        Action::Redraw => out.push(Effect::Redraw),
        Action::Suspend => out.push(Effect::Suspend),
        Action::Detach => out.push(Effect::Detach),
    }
    incoming::follow_output(model, out);
    incoming::follow_chart(model, out);
    model.dirty = true;
}

/// What leads to an order that those who observe may give too, or to look at one.
const ORDERS_TOO: [Action; 3] = [Action::GoBack, Action::Hold, Action::Note];

/// Whether an action leads to an order that only operators give. The ways back can be looked at.
pub(super) fn orders(action: Action) -> bool {
    matches!(
        action,
        Action::Run
            | Action::Tick
            | Action::Vote
            | Action::Decide
            | Action::Severity
            | Action::Respond
            | Action::Mute
            | Action::Update
            | Action::Stop
            | Action::Input
    )
}

fn run(model: &mut Model, out: &mut Effects) {
    if model.selected == Some(Target::Rollback) {
        return act(model, Action::GoBack, out);
    }
    if unsettled(model) || hidden(model) {
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
    if let Some(why) = refusal::of_start(model, &step) {
        return to_next_start(model, &step, why);
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

/// Whether the selected row is not on the screen; then it is said.
fn hidden(model: &mut Model) -> bool {
    let hidden = !checklist::is_shown(model);
    if hidden {
        let key = model.key_of(Action::Pane(PaneId::Checklist));
        model.refuse(format!("not taken: the selected row is not on the screen; {key} shows the checklist"));
    }
    hidden
}

fn tick_box(model: &mut Model, out: &mut Effects) {
    if unsettled(model) || hidden(model) {
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
                let [run, vote, decide] = [Action::Run, Action::Vote, Action::Decide].map(|a| model.key_of(a));
                return model.refuse(format!("a gate is no box: {run} opens the poll, {vote} votes, {decide} decides"));
            }
            if !step.items.is_empty() {
                let Some(open) = checklist::open_box(launch, step) else {
                    return model.refuse("it has boxes of its own: choose one below it");
                };
                model.selected = Some(open);
                model.selected_at = model.mono;
                let key = model.key_of(Action::Tick);
                return model.toast(format!("its first open box; {key} ticks it"));
            }
            if let Some(why) = refusal::of_tick(model, step) {
                return to_next_box(model, why);
            }
            if step.run.is_some() {
                let key = model.key_of(Action::Run);
                return to_next_box(model, format!("it has a command: {key} starts it; `:done WHY` counts it as done"));
            }
            let status = launch.steps.get(id).map(|s| &s.status);
            match status {
                Some(StepStatus::Done { .. }) => What::Tick { step: id.clone(), item: None, on: false },
                Some(StepStatus::Claimed) => What::Done { step: id.clone(), why: None },
                _ => What::Tick { step: id.clone(), item: None, on: true },
            }
        }
        _ => return to_next_box(model, "choose a box first: j and k move, Enter opens a phase".to_owned()),
    };
    let passed = passed_over(model, &what);
    model.ticked_box = matches!(what, What::Tick { on: true, .. }).then_some(model.mono);
    order(model, what, out);
    if let Some(open) = passed {
        model.selected = Some(open);
        model.selected_at = model.mono;
    }
}

/// What was selected is no box to tick: leads to the box that is next, where NEXT names one, else says why not.
fn to_next_box(model: &mut Model, why: String) {
    let next = answers::told(model).and_then(|told| told.next.moves.into_iter().next()).map(|one| one.order);
    let Some(What::Tick { step, item, on: true }) = next else { return model.refuse(why) };
    let name = model.outline().and_then(|o| o.step(&step)).map_or_else(|| step.to_string(), |s| s.title.clone());
    let key = model.key_of(Action::Tick);
    let which = if item.is_some() { ": its first open box" } else { "" };
    model.selected = Some(item.map_or(Target::Step(step.clone()), |item| Target::Item(step, item)));
    model.selected_at = model.mono;
    model.toast(format!("{name} is next{which}; {key} ticks it"));
}

/// What was selected can't be started: leads to the step that NEXT names for this key, else says why not.
fn to_next_start(model: &mut Model, step: &StepId, why: String) {
    let next = answers::told(model).and_then(|told| told.next.moves.into_iter().next()).map(|one| one.order);
    let next = next.and_then(|order| if let What::Run { step, .. } = order { Some(step) } else { None });
    let goes_on = model.launch.as_ref().and_then(|l| l.steps.get(step)).is_some_and(|own| own.status.is_active());
    let Some(next) = next.filter(|next| goes_on && next != step) else { return model.refuse(why) };
    let outline = model.outline().and_then(|o| o.step(&next));
    let name = outline.map_or_else(|| next.to_string(), |s| s.title.clone());
    let does = if outline.is_some_and(|s| s.gate.is_some()) { "opens its poll" } else { "starts it" };
    let key = model.key_of(Action::Run);
    model.selected = Some(Target::Step(next));
    model.selected_at = model.mono;
    model.toast(format!("{name} is next; {key} {does}"));
}

/// The open box above the last one of a step that is ticked now: whoever came past it must not leave it open unseen.
fn passed_over(model: &Model, what: &What) -> Option<Target> {
    let What::Tick { step, item: Some(item), on: true } = what else { return None };
    let launch = model.launch.as_ref()?;
    let planned = launch.outline.step(step)?;
    let ticked = |at: &usize| at == item || launch.steps.get(step).is_some_and(|own| own.ticks.contains_key(at));
    let mut open = (0..planned.items.len()).filter(|at| !ticked(at));
    let first = open.next()?;
    (first < *item && open.all(|at| at < *item)).then(|| Target::Item(step.clone(), first))
}

fn at_gate(model: &mut Model, kind: impl FnOnce(StepId) -> Kind) {
    let Some(gate) = model.gate().cloned() else {
        let key = model.key_of(Action::Run);
        return model.refuse(format!("no poll is open; choose a gate and open it with {key}"));
    };
    let status = model.launch.as_ref().and_then(|l| l.steps.get(&gate)).map(|s| &s.status);
    if status == Some(&StepStatus::Polling) {
        let kind = kind(gate);
        let lead = model.launch.as_ref().map_or("nobody", |launch| launch.lead.as_str());
        if matches!(kind, Kind::Decide(_)) && !super::answers::leads(model) {
            let vote = model.key_of(Action::Vote);
            return model
                .refuse(format!("only the lead, {lead}, decides a gate; {vote} votes, `:lead` takes the lead"));
        }
        open(model, kind);
    } else {
        model.refuse(format!("its poll is not open; {} opens it", model.key_of(Action::Run)));
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
            let asks = model.readout.asking.get(&run).map_or("", |asks| asks.prompt.as_str());
            // The line has a colon of its own.
            let asks = asks.trim_end().trim_end_matches(':');
            let prompt = format!("Input for {} {asks}", run.step).trim_end().to_owned();
            ask(model, prompt, Purpose::Text(What::Input { run, line: String::new() }), "");
        }
        None => model.refuse("no running command takes input (`input = true` in the plan)"),
    }
}
