//! The phases of a launch in one row, and the steps of the phase under way among them. They stand in the plan's order,
//! what has begun before what has not, and not to scale: a phase of three days stands beside one of ten minutes, and both
//! can be read. Pure: what is said and
//! where it stands follow from the launch and the columns that there are.

use super::checklist::{has_begun, over_at};
use super::model::Model;
use super::panes::step::sign;
use super::pen::{fit, width};
use super::role::Role;
use crate::core::launch::{LaunchState, Progress, StepState, StepStatus, due_at};
use crate::core::outline::{PhaseOutline, StepOutline};
use crate::core::time::Timestamp;

/// A phase or a step in its place.
#[derive(Clone, Debug)]
pub struct Stop {
    /// Its symbol.
    pub sign: &'static str,
    /// The colour of the symbol.
    pub role: Role,
    /// What it is called here; empty where there is room for the symbol alone.
    pub text: String,
    /// The colour of its name.
    pub name: Role,
    /// When it began, else when it is planned to.
    pub at: Option<Timestamp>,
    /// It is a step of the phase under way.
    pub step: bool,
    /// The phase under way, and its steps.
    pub open: bool,
    /// The launch stands here.
    pub here: bool,
    /// The column of its symbol.
    pub x: u16,
    /// How much is given up before its name: what has none gives up most.
    keeps: Keeps,
}

/// Whose names are left out first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Keeps {
    /// Steps that are over.
    Past,
    /// Steps to come.
    Coming,
    /// Phases that are done.
    Done,
    /// Phases to come.
    Later,
    /// The phase under way, where the launch stands, and the next gate.
    Now,
}

/// Columns of a name, at most.
const LONGEST: usize = 28;

/// Blanks between two of them, at least.
const GAP: u16 = 2;

/// The row of a launch, for so many columns: all that there is room for, spread over the whole width.
pub fn stops(model: &Model, columns: u16) -> Vec<Stop> {
    let Some(launch) = &model.launch else { return Vec::new() };
    let mut stops = all(model, launch);
    let needs = |stops: &[Stop]| stops.iter().map(|s| s.width() + GAP).sum::<u16>().saturating_sub(GAP);
    // Names go, those first that are worth least; of what is to come the last first.
    for keeps in [Keeps::Past, Keeps::Coming, Keeps::Done, Keeps::Later, Keeps::Now] {
        // Before the names that count most go, phases are folded: `4-9`.
        let now = keeps == Keeps::Now;
        while now && needs(&stops) > columns && (fold(&mut stops, Keeps::Later) || fold(&mut stops, Keeps::Done)) {}
        let mut at: Vec<usize> = (0..stops.len()).filter(|i| stops[*i].keeps == keeps).collect();
        if matches!(keeps, Keeps::Coming | Keeps::Later) {
            at.reverse();
        }
        for i in at {
            if needs(&stops) > columns {
                stops[i].shorten();
            }
        }
    }
    // Then steps go, then phases.
    while needs(&stops) > columns && stops.len() > 1 {
        let step = stops.iter().position(|s| s.step && !s.here);
        let last = stops.len() - 1;
        stops.remove(step.unwrap_or(if stops[0].here { last } else { 0 }));
    }
    spread(&mut stops, columns);
    stops
}

/// The last two phases of a kind become one; false where there are no two side by side with numbers that follow.
fn fold(stops: &mut Vec<Stop>, keeps: Keeps) -> bool {
    let Some(last) = stops.iter().rposition(|s| s.keeps == keeps) else { return false };
    if last == 0 || stops[last - 1].keeps != keeps {
        return false;
    }
    let ends = |i: usize| -> Option<(usize, usize)> {
        let text = &stops[i].text;
        let (first, end) = text.split_once('-').unwrap_or((text, text));
        Some((first.parse().ok()?, end.parse().ok()?))
    };
    let (Some((first, before)), Some((after, end))) = (ends(last - 1), ends(last)) else { return false };
    if before + 1 != after {
        return false;
    }
    stops.remove(last);
    stops[last - 1].text = format!("{first}-{end}");
    true
}

/// Puts them in their places, what is left over between them.
fn spread(stops: &mut [Stop], columns: u16) {
    let used: u16 = stops.iter().map(Stop::width).sum();
    let gaps = u16::try_from(stops.len()).unwrap_or(1).max(1);
    let room = columns.saturating_sub(used);
    let mut x = 0;
    for (i, stop) in (0..).zip(stops.iter_mut()) {
        stop.x = x + room * i / gaps;
        x += stop.width();
    }
}

impl Stop {
    /// Columns that it needs.
    pub fn width(&self) -> u16 {
        1 + if self.text.is_empty() { 0 } else { 1 + width(&self.text) }
    }

    /// Steps keep their symbol, phases their number too.
    fn shorten(&mut self) {
        let number = self.text.split(' ').next().filter(|_| !self.step).unwrap_or("").to_owned();
        self.text = number;
    }
}

/// A name for the timeline: the list has it whole.
fn short(model: &Model, title: &str) -> String {
    match fit(title, LONGEST, model.glyphs.more) {
        (shown, true) => format!("{shown}{}", model.glyphs.more),
        (shown, false) => shown.to_owned(),
    }
}

fn all(model: &Model, launch: &LaunchState) -> Vec<Stop> {
    let outline = &launch.outline;
    let status = |s: &StepOutline| launch.steps.get(&s.id).map(|s| &s.status);
    let active = |s: &&StepOutline| status(s).is_some_and(StepStatus::is_active);
    let open = |s: &&StepOutline| !status(s).is_some_and(StepStatus::is_over);
    // Where it stands: at what goes on, else at what is due, else at what is next.
    let due = |s: &&StepOutline| model.facts.due(&s.id);
    let steps = || outline.steps.iter();
    let here = steps().find(active).or_else(|| steps().find(due)).or_else(|| steps().find(open));
    let gate = steps().filter(open).find(|s| s.gate.is_some());
    let mut stops = Vec::new();
    let mut phases: Vec<_> = outline.phases.iter().enumerate().collect();
    phases.sort_by_key(|(_, phase)| !has_begun(launch, &phase.id));
    for (i, phase) in phases {
        let under_way = here.is_some_and(|s| s.phase == phase.id);
        stops.push(phase_stop(model, launch, (i, phase), under_way));
        for step in outline.steps_of(&phase.id).filter(|_| under_way) {
            let is = |other: Option<&StepOutline>| other.is_some_and(|o| o.id == step.id);
            stops.push(step_stop(model, launch, step, is(here), is(gate)));
        }
    }
    stops
}

/// When it began. What was undone and is to be done anew did not.
fn begun_at(state: &StepState) -> Option<Timestamp> {
    let anew = matches!(state.status, StepStatus::Todo | StepStatus::Undone { .. });
    if anew { None } else { state.begun.or(state.started).or(over_at(&state.status)) }
}

fn phase_stop(model: &Model, launch: &LaunchState, (i, phase): (usize, &PhaseOutline), under_way: bool) -> Stop {
    let g = model.glyphs;
    let Progress { done, of, .. } = Progress::of_phase(launch, &phase.id);
    let states = || launch.outline.steps_of(&phase.id).filter_map(|s| launch.steps.get(&s.id));
    let begun = states().filter_map(begun_at).min();
    let planned = || launch.outline.steps_of(&phase.id).filter_map(|step| due_at(launch, step)).min();
    let (sign, role) = match (done >= of, has_begun(launch, &phase.id)) {
        (true, _) => (g.done, Role::Ok),
        (false, true) => (g.running, Role::Accent),
        (false, false) => (g.todo, Role::Muted),
    };
    Stop {
        sign,
        role,
        text: format!("{} {}", i + 1, short(model, &phase.title)),
        name: if under_way { Role::Hi } else { Role::Muted },
        // A moment that is over stands at the right of now for nothing that is still to come.
        at: begun.or_else(|| planned().filter(|at| under_way || *at > model.now())),
        step: false,
        open: under_way,
        here: false,
        x: 0,
        keeps: if under_way {
            Keeps::Now
        } else if done >= of {
            Keeps::Done
        } else {
            Keeps::Later
        },
    }
}

fn step_stop(model: &Model, launch: &LaunchState, step: &StepOutline, here: bool, gate: bool) -> Stop {
    let none = StepState::default();
    let state = launch.steps.get(&step.id).unwrap_or(&none);
    let (sign, role) = sign(model, launch, step, state);
    let waits = state.status == StepStatus::Todo && !model.facts.due(&step.id);
    let over = state.status.is_over();
    let name = match &state.status {
        StepStatus::Failed { .. } | StepStatus::Interrupted { .. } => Role::Hi,
        _ if here => Role::Hi,
        _ if over || waits => Role::Muted,
        _ => Role::Text,
    };
    Stop {
        sign,
        role: if waits { Role::Muted } else { role },
        text: short(model, &step.title),
        name,
        at: begun_at(state),
        step: true,
        open: true,
        here,
        x: 0,
        keeps: match (here || gate, over) {
            (true, _) => Keeps::Now,
            (false, true) => Keeps::Past,
            (false, false) => Keeps::Coming,
        },
    }
}
