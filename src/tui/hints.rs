//! What can be done in a pane: the help says it first, and the footer as far as there is room.

use super::action::Action;
use super::model::{Model, PaneId};
use crate::core::launch::StepStatus;

/// An action, a word or two for the footer (none: for the help alone), and what it does there.
pub type Hint = (Action, &'static str, &'static str);

const LIST: &[Hint] = &[
    (Action::Down, "", "the row below"),
    (Action::Open, "", "open the step's page; open or close the phase"),
    (Action::Run, "", "start the selected step; open a gate's poll"),
    (Action::Tick, "", "tick or untick the selected box; a hand step is done"),
    (Action::Filter, "", "show only rows with this text"),
    (Action::Mine, "", "show only what is yours"),
    (Action::Due, "", "show only what is due or goes on"),
];

const CHART: &[Hint] = &[
    (Action::Zoom, "large", "the chart alone, with its limits in numbers and the clocks that run"),
    (Action::Earlier, "cursor", "a cursor back in time; all panes of signals show that moment"),
    (Action::Shorter, "time", "a shorter time"),
    (Action::Longer, "", "a longer time"),
    (Action::Found, "", "the cursor to the next thing that happened"),
    (Action::Down, "", "the next error rate"),
];

const ROWS: &[Hint] = &[
    (Action::Zoom, "large", "all its rows, with limits and reasons"),
    (Action::Down, "scroll", "the row below"),
    (Action::Open, "", "large; there, the chart of what is worst"),
    (Action::Freeze, "", "hold it still, to read it"),
];

const TRIGGERS: &[Hint] = &[
    (Action::Zoom, "large", "all triggers, each with its condition and clock"),
    (Action::Mute, "mute", "silence what is told of one for a while"),
    (Action::GoBack, "", "the ways back"),
];

const LOG: &[Hint] = &[
    (Action::Filter, "filter", "show only lines with this text"),
    (Action::Up, "older", "further back"),
    (Action::Bottom, "newest", "the newest line, and follow"),
    (Action::Found, "", "the next line with the text that was filtered by, among all others"),
    (Action::Zoom, "large", "more lines"),
    (Action::Note, "", "write a note into it"),
];

const OUTPUT: &[Hint] = &[
    (Action::Filter, "filter", "show only lines with this text"),
    (Action::Bottom, "follow", "the newest line, and follow"),
    (Action::Input, "send a line", "send a line to the running command"),
    (Action::Stop, "", "stop the running command"),
    (Action::Copy, "", "copy what is seen of it"),
    (Action::Zoom, "large", "more lines"),
];

const INCIDENTS: &[Hint] = &[
    (Action::Open, "open it", "the incident, and what can be done about it"),
    (Action::Update, "update", "say how it goes"),
    (Action::Respond, "you are on it", "you are on it"),
    (Action::Severity, "severity", "open one, or change the level"),
];

const CHECKS: &[Hint] = &[
    (Action::Tick, "tick", "tick the box; the last one ends the check"),
    (Action::Open, "done, with a word", "the check is done, with a word"),
    (Action::Update, "not well", "say what is not well"),
    (Action::Stop, "leave it out", "leave it out, and why"),
];

const NOTICES: &[Hint] = &[
    (Action::Respond, "you are on it", "you are on what people were told"),
    (Action::Mute, "mute", "silence what is told of a trigger, a probe or all for a while"),
];

const GATE: &[Hint] =
    &[(Action::Vote, "vote", "vote at the open gate"), (Action::Decide, "decide", "decide the open gate (the lead)")];

const STEP: &[Hint] = &[
    (Action::NextPane, "output", "its output"),
    (Action::Down, "", "scroll"),
    (Action::Bottom, "", "follow its output again"),
    (Action::Back, "", "back to the checklist"),
];

/// What can be done in a pane, what is worth most first.
pub fn of(pane: PaneId) -> &'static [Hint] {
    match pane {
        PaneId::Checklist => LIST,
        PaneId::Errors | PaneId::Second => CHART,
        PaneId::Compare | PaneId::Health | PaneId::Lag | PaneId::Queues => ROWS,
        PaneId::Triggers => TRIGGERS,
        PaneId::Log => LOG,
        PaneId::Output => OUTPUT,
        PaneId::Incidents => INCIDENTS,
        PaneId::Checks => CHECKS,
        PaneId::Notices => NOTICES,
        PaneId::Gate => GATE,
        PaneId::Step => STEP,
    }
}

/// What of it the one at this screen may do, as things are.
pub fn for_person(model: &Model, pane: PaneId) -> impl Iterator<Item = &'static Hint> {
    let (observe, input, leads) = (model.observe, takes_input(model), super::answers::leads(model));
    of(pane).iter().filter(move |(action, ..)| {
        !(observe && super::act::orders(*action))
            && (input || !matches!(action, Action::Input))
            && (leads || !matches!(action, Action::Decide))
    })
}

/// Whether the command whose output is shown runs and takes a line.
fn takes_input(model: &Model) -> bool {
    let Some((launch, run)) = model.launch.as_ref().zip(model.output.run.as_ref()) else { return false };
    let runs = launch.steps.get(&run.step).map(|step| &step.status);
    matches!(runs, Some(StepStatus::Running { run: now }) if now == run)
        && launch.outline.step(&run.step).is_some_and(|step| step.input)
}
