//! The rows of the checklist: phases, their steps, boxes, conditions and reasons. Done phases fold to one row; phases
//! to come open as far as there is room.

use super::action::Action;
use super::answers::{key_of, offered, soak};
use super::facts::explained;
use super::model::{Model, PaneId, Target};
use super::only;
use super::panes::checklist::{box_lines, title_lines};
use super::pen::{fit, width as width_of, wrap};
use super::ticks::keys_of_row;
use super::view;
use crate::core::condition::Condition;
use crate::core::ids::{PhaseId, StepId};
use crate::core::launch::answers::must_hold;
use crate::core::launch::{LaunchState, Progress, Status, StepStatus};
use crate::core::order::What;
use crate::core::outline::{Outline, StepOutline};
use crate::core::time::{Span, Timestamp};
use crate::core::view::{ConditionOf, ConditionView};

/// A row.
#[derive(Clone, Debug)]
pub enum RowOf<'a> {
    /// The way back that is under way.
    Rollback,
    /// An item of it.
    RollbackItem(usize),
    /// A phase, with how many of its boxes are over.
    Phase {
        /// Its number, from 0.
        phase: usize,
        /// Boxes that are over.
        done: usize,
        /// All its boxes.
        of: usize,
        /// Its steps are shown.
        open: bool,
    },
    /// Phases at the beginning that are done and closed, in one row where there is little room.
    Done {
        /// How many phases.
        phases: usize,
        /// All their boxes.
        of: usize,
    },
    /// A step.
    Step(&'a StepOutline),
    /// What of the selected row's text has no room in it, and from which column on.
    More(u16, String),
    /// How far a step is: a gauge over the whole row.
    Gauge(&'a StepOutline),
    /// A box of a step.
    Item(&'a StepOutline, usize),
    /// One of a step's conditions.
    Condition {
        /// It must not hold.
        fails: bool,
        /// What must or must not hold.
        condition: &'a Condition,
        /// What it comes to, where that is known.
        view: Option<&'a ConditionView>,
    },
    /// Why a step waits.
    Because(String),
    /// What moves it: key and word.
    Keys(Vec<(String, &'static str)>),
}

/// A row, and what is selected with it.
pub type Rows<'a> = Vec<(Option<Target>, RowOf<'a>)>;

/// The rows of the checklist for a pane with so many columns, and so many rows below its head.
pub fn rows(model: &Model, (width, height): (u16, u16)) -> Rows<'_> {
    let Some(launch) = &model.launch else { return Vec::new() };
    let mut rows = Vec::new();
    if let Status::RollingBack(number) = launch.status
        && let Some(rollback) = launch.rollbacks.get((number as usize).saturating_sub(1))
    {
        rows.push((Some(Target::Rollback), RowOf::Rollback));
        for i in 0..rollback.items.len() {
            rows.push((None, RowOf::RollbackItem(i)));
            let waits = if i == rollback.next { must_hold(launch, rollback) } else { Vec::new() };
            rows.extend(waits.into_iter().map(|(condition, of)| {
                let view = model.readout.conditions.get(&of);
                (None, RowOf::Condition { fails: false, condition, view })
            }));
        }
    }
    let filter = model.filter(PaneId::Checklist);
    let mut room = usize::from(height).saturating_sub(rows.len() + launch.outline.phases.len());
    let mut current = false;
    for (index, phase) in launch.outline.phases.iter().enumerate() {
        let Progress { done, of, .. } = Progress::of_phase(launch, &phase.id);
        let mut inner = Vec::new();
        for step in launch.outline.steps_of(&phase.id) {
            if filter.is_empty() || only::lets(model, launch, step) {
                push_step(&mut inner, model, launch, step, (width, height));
            }
        }
        let busy = launch.outline.steps_of(&phase.id).any(|s| is_busy(launch, model, s));
        let first_open = !current && done < of;
        current |= first_open;
        let fits = done < of && inner.len() <= room;
        if !filter.is_empty() && inner.is_empty() {
            continue;
        }
        let asked = model.opened.get(&Target::Phase(phase.id.clone())).copied();
        let open = !filter.is_empty() || asked.unwrap_or(busy || first_open || fits);
        rows.push((Some(Target::Phase(phase.id.clone())), RowOf::Phase { phase: index, done, of, open }));
        if open {
            room = room.saturating_sub(inner.len());
            rows.extend(inner);
        }
    }
    if rows.len() > usize::from(height) && filter.is_empty() {
        fold(&mut rows);
    }
    rows
}

/// Whether something of a phase is done, goes on, or came to a stop; not where all of it was taken back.
pub fn has_begun(launch: &LaunchState, phase: &PhaseId) -> bool {
    let begun = |status: &StepStatus| !matches!(status, StepStatus::Todo | StepStatus::Undone { .. });
    let mut states = launch.outline.steps_of(phase).filter_map(|step| launch.steps.get(&step.id));
    states.any(|state| begun(&state.status) || !state.ticks.is_empty())
}

/// About how many rows it has with all its phases open; 0 where it has no step. Of the plan alone: it stays the same while
/// the selection moves.
pub fn most(outline: &Outline) -> usize {
    // What is selected tells more: its conditions, reasons and keys.
    let selected = |s: &StepOutline| 3 + s.verify.len() + s.fail.len() + s.gate.as_ref().map_or(0, |g| g.require.len());
    let steps = &outline.steps;
    let more = steps.iter().map(|s| s.items.len() + selected(s)).max();
    more.map_or(0, |more| outline.phases.len() + steps.len() + more)
}

/// Joins the done phases at the beginning into one row.
fn fold(rows: &mut Rows<'_>) {
    let done = |row: &RowOf<'_>| match row {
        RowOf::Phase { done, of, open: false, .. } if done >= of => Some(*of),
        _ => None,
    };
    let boxes: Vec<usize> = rows.iter().map_while(|(_, row)| done(row)).collect();
    if boxes.len() > 1 {
        rows.drain(..boxes.len() - 1);
        rows[0].1 = RowOf::Done { phases: boxes.len(), of: boxes.iter().sum() };
    }
}

fn is_busy(launch: &LaunchState, model: &Model, step: &StepOutline) -> bool {
    let status = launch.steps.get(&step.id).map(|s| &s.status);
    status.is_some_and(|s| {
        s.is_active()
            || matches!(
                s,
                StepStatus::Failed { .. }
                    | StepStatus::Interrupted { .. }
                    | StepStatus::NoGo { .. }
                    | StepStatus::Expired { .. }
            )
    }) || model.selected_step() == Some(&step.id)
}

/// Fewer rows than this have no place for gauges.
const ROOMY: u16 = 16;

fn push_step<'a>(
    rows: &mut Rows<'a>,
    model: &'a Model,
    launch: &'a LaunchState,
    step: &'a StepOutline,
    (width, height): (u16, u16),
) {
    rows.push((Some(Target::Step(step.id.clone())), RowOf::Step(step)));
    if model.selected == Some(Target::Step(step.id.clone())) {
        let lines = title_lines(model, launch, step, width).into_iter().skip(1);
        rows.extend(lines.map(|line| (None, RowOf::More(6, line))));
    }
    let status = launch.steps.get(&step.id).map(|s| s.status.clone()).unwrap_or_default();
    let selected = model.selected_step() == Some(&step.id);
    let due = model.facts.due(&step.id);
    let boxes = !step.items.is_empty();
    if !(status.is_active() || (selected && (boxes || !status.is_over())) || (due && boxes)) {
        return;
    }
    if height >= ROOMY && how_far(model, step, &status).is_some() {
        rows.push((None, RowOf::Gauge(step)));
    }
    for i in 0..step.items.len() {
        let target = Some(Target::Item(step.id.clone(), i));
        let chosen = model.selected == target;
        rows.push((target, RowOf::Item(step, i)));
        if chosen {
            let lines = box_lines(step, launch.steps.get(&step.id), i, width).into_iter().skip(1);
            rows.extend(lines.map(|line| (None, RowOf::More(8, line))));
        }
    }
    let view = |of: ConditionOf| model.readout.conditions.get(&of);
    let id = &step.id;
    let small = height < ROOMY;
    let explanation = Some(id).filter(|_| selected).and_then(|id| explained(model, id));
    // What failed says why below; of what was undone nothing must hold now.
    let failed = matches!(status, StepStatus::Failed { .. } | StepStatus::Interrupted { .. });
    let undone = small && matches!(status, StepStatus::Undone { .. });
    // What must hold once it is undone stands with the way back.
    let undoing = matches!(status, StepStatus::Undoing { .. });
    if !undoing && (status.is_active() || (selected && !failed && !undone && !status.is_over())) {
        let require = step.gate.iter().flat_map(|g| &g.require);
        for (i, c) in require.enumerate() {
            let view = view(ConditionOf::Require(id.clone(), i));
            rows.push((None, RowOf::Condition { fails: false, condition: c, view }));
        }
        for (i, c) in step.verify.iter().enumerate() {
            let view = view(ConditionOf::Verify(id.clone(), i));
            rows.push((None, RowOf::Condition { fails: false, condition: c, view }));
        }
        for (i, c) in step.fail.iter().enumerate() {
            let view = view(ConditionOf::Fail(id.clone(), i));
            rows.push((None, RowOf::Condition { fails: true, condition: c, view }));
        }
    }
    if let Some(explanation) = explanation {
        // The conditions stand above already, with their values.
        let require = step.gate.iter().flat_map(|g| &g.require);
        let shown: Vec<String> = require.chain(&step.verify).map(|c| format!("{c}: ")).collect();
        let new = explanation.because.iter().filter(|b| !shown.iter().any(|s| b.starts_with(s)));
        // Its page has all of it; here its keys and what comes next stay in sight.
        let (each, all) = if small { (2, 4) } else { (usize::from(height / 5).max(3), usize::from(height / 2)) };
        let room = width.saturating_sub(6);
        let lines = new.flat_map(|b| shortened(b, room, each, model.glyphs.more)).take(all);
        rows.extend(lines.map(|line| (None, RowOf::Because(line))));
        let mut keys = keys_of_row(model, &explanation.orders);
        // What leads back stands at the bottom of every screen.
        let wide: usize = keys.iter().map(|(key, word)| width_of(key) + width_of(word) + 2).map(usize::from).sum();
        if wide > usize::from(room) {
            let back = model.key_of(Action::GoBack);
            keys.retain(|(key, _)| *key != back);
        }
        if !keys.is_empty() {
            rows.push((None, RowOf::Keys(keys)));
        }
    }
}

/// A text in so many lines at most, the last of them with a sign that it goes on.
fn shortened(text: &str, room: u16, most: usize, more: &str) -> Vec<String> {
    let mut lines = wrap(text, room);
    if lines.len() > most {
        let rest = lines.split_off(most.saturating_sub(1)).concat();
        let (shown, _) = fit(&rest, usize::from(room), more);
        lines.push(format!("{shown}{more}"));
    }
    lines
}

/// How far a step is, and how far it must come: its soak, else its command against the estimate.
pub fn how_far(model: &Model, step: &StepOutline, status: &StepStatus) -> Option<(Span, Span)> {
    match status {
        StepStatus::Soaking { .. } => soak(model, step),
        StepStatus::Running { .. } => {
            let started = model.launch.as_ref()?.steps.get(&step.id)?.started?;
            Some((model.seen().since(started), step.estimate?))
        }
        _ => None,
    }
}

/// The keys of the orders that would move a step; what has no key is typed.
pub fn keys_for(model: &Model, orders: &[What]) -> Vec<(String, &'static str)> {
    let mut keys = Vec::new();
    for order in orders.iter().filter(|order| offered(model, order)) {
        let word = match order {
            What::Run { .. } => "run",
            What::Resolve { .. } => "say what became of it",
            What::Tick { .. } => "tick",
            What::Done { why: None, .. } => "done",
            What::Done { .. } | What::Skip { .. } => "WHY",
            What::Stop { .. } => "stop",
            What::StopNow { .. } => "stop it now",
            What::Input { .. } => "send it a line",
            What::Vote { .. } => "vote",
            What::Decide { .. }
            | What::RollbackAgain { .. }
            | What::RollbackByHand { .. }
            | What::RollbackLeave { .. } => "decide",
            What::Approve { .. } => "",
            What::Release { .. } => "release",
            What::Rollback { .. } => "go back",
            _ => continue,
        };
        let key = match order {
            What::Skip { .. } => ":skip".to_owned(),
            What::Done { why: Some(_), .. } => ":done".to_owned(),
            _ => key_of(&model.keymap, order).unwrap_or_default(),
        };
        if !keys.iter().any(|(k, _)| *k == key) {
            keys.push((key, word));
        }
    }
    keys
}

/// What the selection stands on: itself where its row is there, else the nearest that is.
pub fn position(rows: &Rows<'_>, selected: Option<&Target>) -> Option<usize> {
    let selected = selected?;
    let find = |t: &Target| rows.iter().position(|(r, _)| r.as_ref() == Some(t));
    find(selected).or_else(|| match selected {
        Target::Item(step, _) => find(&Target::Step(step.clone())),
        _ => None,
    })
}

/// Whether the checklist has the selected row, on the screen or not: a filter or a closed phase may leave it out.
pub fn has_row(model: &Model) -> bool {
    let rows = rows(model, view::area_of(model, PaneId::Checklist));
    model.selected.is_none() || rows.iter().any(|(target, _)| *target == model.selected)
}

/// Whether the person sees what is selected: its row, or the page that is open. True where nothing is selected.
pub fn is_shown(model: &Model) -> bool {
    if !view::is_here(model) {
        return false;
    }
    match &model.page {
        Some(page) => model.selected_step() == Some(page),
        None => view::layout(model).pane(PaneId::Checklist).is_some() && has_row(model),
    }
}

/// Where the selected row was filtered out, the first step that is left is selected.
pub fn to_shown(model: &mut Model) {
    let of_step = model.selected.as_ref().is_some_and(|target| target.step().is_some());
    if of_step && has_row(model) {
        return;
    }
    let targets: Vec<Target> =
        rows(model, view::area_of(model, PaneId::Checklist)).into_iter().filter_map(|(target, _)| target).collect();
    let first = targets.iter().find(|target| target.step().is_some()).or(targets.first()).cloned();
    if first.is_some() && first != model.selected {
        model.selected = first;
        model.selected_at = model.mono;
    }
}

/// The row that deserves the selection where a person has chosen none: what is broken, runs, or is due.
pub fn start(model: &Model) -> Option<Target> {
    next(model, None)
}

/// The same for who stands at a step: what is due below it comes before what was passed over above it.
pub fn next(model: &Model, from: Option<&StepId>) -> Option<Target> {
    let launch = model.launch.as_ref()?;
    if matches!(launch.status, Status::RollingBack(_)) {
        return Some(Target::Rollback);
    }
    let status = |s: &StepOutline| launch.steps.get(&s.id).map(|s| s.status.clone()).unwrap_or_default();
    let steps = &launch.outline.steps;
    let found = steps
        .iter()
        .find(|s| matches!(status(s), StepStatus::Interrupted { .. } | StepStatus::Failed { .. }))
        .or_else(|| steps.iter().find(|s| status(s).is_active()))
        .or_else(|| {
            let passed = steps.iter().position(|s| Some(&s.id) == from).map_or(0, |at| at + 1);
            let due = |s: &&StepOutline| model.facts.due(&s.id);
            steps[passed..].iter().find(due).or_else(|| steps.iter().find(due))
        })
        .or_else(|| steps.iter().find(|s| !status(s).is_over()));
    // Where boxes are what is due, the first open one.
    found.map(|s| open_box(launch, s).unwrap_or_else(|| Target::Step(s.id.clone())))
}

/// The first open box of a step that is theirs to tick.
pub fn open_box(launch: &LaunchState, step: &StepOutline) -> Option<Target> {
    let state = launch.steps.get(&step.id)?;
    let theirs = match state.status {
        StepStatus::Todo => step.gate.is_none() && step.run.is_none(),
        StepStatus::Claimed => true,
        _ => false,
    };
    if !theirs {
        return None;
    }
    let item = (0..step.items.len()).find(|i| !state.ticks.contains_key(i))?;
    Some(Target::Item(step.id.clone(), item))
}

/// When a step was over; none where it is not.
pub fn over_at(status: &StepStatus) -> Option<Timestamp> {
    match status {
        StepStatus::Done { at, .. }
        | StepStatus::Failed { at, .. }
        | StepStatus::NoGo { at, .. }
        | StepStatus::Expired { at }
        | StepStatus::Skipped { at, .. }
        | StepStatus::Interrupted { at, .. }
        | StepStatus::Undone { at } => Some(*at),
        _ => None,
    }
}
