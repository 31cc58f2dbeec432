//! What the engine says, folded into the model.

use base64::Engine as _;

use super::action::Action;
use super::along::{self, Stands};
use super::away;
use super::checklist;
use super::dialogs::{self, Kind};
use super::facts::Facts;
use super::incidents;
use super::model::{Asked, Line, Model, PaneId, Target};
use super::msg::Effect;
use super::output::Output;
use super::replies;
use super::update::{Effects, get};
use super::veil;
use super::words::Zone;
use crate::core::event::{Event, Recorded};
use crate::core::ids::{RunId, Seq, SignalId};
use crate::core::launch::{LaunchState, Status, StepStatus};
use crate::core::outline::Pane;
use crate::core::reading::Level;
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;
use crate::core::view::SignalView;
use crate::wire::message::{Answer, ClientMessage, EngineMessage, Query, Series, Trouble};

/// Events that the log keeps.
const KEEP: usize = 5000;

/// Takes in a message.
pub(super) fn message(model: &mut Model, message: EngineMessage, out: &mut Effects) {
    match message {
        EngineMessage::Welcome { you, observe, now, wall, last_here, .. } => {
            if model.launch.is_none() {
                model.last_here = last_here;
            }
            model.you = Some(you);
            model.observe = observe;
            model.trouble = Trouble::default();
            model.told = (now, model.mono);
            model.zone.wall = wall;
            model.state_text.clear();
            // What the link before was asked is answered no more.
            model.asked.retain(|_, asked| *asked != Asked::History);
            if let Some(frozen) = &mut model.frozen {
                (frozen.loaded, frozen.missed) = (None, None);
            }
            // What was seen before stands until all of it comes anew.
            model.readout.asking.clear();
            model.readout.processes.clear();
            model.waiting.clear();
            (model.loaded, model.partial) = (false, false);
        }
        EngineMessage::State { json, more } => {
            model.state_text.push_str(&json);
            if !more {
                state(model, out);
            }
        }
        EngineMessage::Event(recorded) => {
            let own =
                recorded.order.as_ref().is_some_and(|id| id.as_str().starts_with(&format!("{:016x}-", model.seed)));
            let added = match &recorded.event {
                Event::StepAdded { step, .. } if own => Some((step.phase.clone(), step.id.clone())),
                _ => None,
            };
            event(model, *recorded);
            // Who runs a command beside the plan looks at it.
            if let Some((phase, step)) = added {
                model.opened.insert(Target::Phase(phase), true);
                model.selected = Some(Target::Step(step));
                model.selected_at = model.mono;
            }
            follow_output(model, out);
        }
        EngineMessage::Gone { signals, conditions } => {
            flush(model);
            model.readout.drop_gone(&signals, &conditions);
            refresh(model);
            model.dirty = true;
        }
        EngineMessage::Telemetry { at, signals, conditions, more } => {
            model.told = (at, model.mono);
            model.partial = more;
            let first = !more && !model.loaded;
            if first {
                let asking = std::mem::take(&mut model.readout.asking);
                let processes = std::mem::take(&mut model.readout.processes);
                let criteria = std::mem::take(&mut model.readout.criteria);
                let (secrets, unwritten) = (model.trouble.secrets.clone(), model.trouble.journal.clone());
                model.readout = crate::core::view::Readout {
                    asking,
                    processes,
                    criteria,
                    secrets,
                    unwritten,
                    ..Default::default()
                };
                model.loaded = true;
                model.live_from.clear();
            }
            let alert = signals.iter().any(|s| level_changes(model, s));
            if first || more || !model.waiting.is_empty() || !signals.is_empty() || !conditions.is_empty() {
                model.waiting.push((at, signals, conditions));
            } else {
                // A sign of life.
                model.readout.at = at;
            }
            if first || alert {
                flush(model);
            }
            if first {
                ask_history(model, out);
                super::ready::open_once(model);
            }
        }
        EngineMessage::Output { run, offset, data, total } => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(data).unwrap_or_default();
            if model.output.run.as_ref() == Some(&run) {
                // Of what was there before we looked, nobody knows when it came; but a young run has no such past.
                let started = model.launch.as_ref().and_then(|l| l.runs.get(&run)).map(|r| r.started);
                let young = offset == 0 && started.is_some_and(|s| model.now().since(s) < Span::secs(2));
                let at = (model.output.caught_up() || young).then(|| model.now());
                model.output.feed(offset, &bytes, total, at);
                model.dirty = true;
            }
        }
        EngineMessage::Asking { runs } => {
            let key = model.key_of(Action::Input);
            let said = |run: &RunId| format!("{} waits for input: {key} sends it a line", run.step);
            let new = runs.keys().find(|run| !model.readout.asking.contains_key(run)).map(said);
            let over: Vec<_> = model.readout.asking.keys().filter(|run| !runs.contains_key(run)).map(said).collect();
            over.iter().for_each(|text| model.unsay(text));
            if let Some(text) = new {
                model.toast(text);
            }
            model.readout.asking = runs;
            refresh(model);
            model.dirty = true;
        }
        EngineMessage::Processes { runs } => {
            model.readout.processes = runs;
            refresh(model);
            model.dirty = true;
        }
        EngineMessage::Criteria { of } => {
            model.readout.criteria = of;
            model.dirty = true;
        }
        EngineMessage::Trouble(trouble) => {
            if let Some(plan) = trouble.plan.as_ref().filter(|plan| model.trouble.plan.as_ref() != Some(*plan)) {
                // Its alarm is the last of all.
                model.toast(format!("{plan}: :diff shows it"));
            }
            model.readout.secrets.clone_from(&trouble.secrets);
            model.readout.unwritten.clone_from(&trouble.journal);
            model.trouble = trouble;
            refresh(model);
            super::ready::open_once(model);
            model.dirty = true;
        }
        EngineMessage::Reply { id, result } => {
            if let Some((_, what)) = model.sent.remove(&id) {
                if let Err(rejection) = &result {
                    incidents::not_opened(model, &id, &rejection.why);
                }
                replies::said(model, &what, result);
            }
        }
        EngineMessage::Part { id, more, answer } => {
            let asked = if more { model.asked.get(&id).cloned() } else { model.asked.remove(&id) };
            if let Some(asked) = asked {
                if let (Asked::History, Answer::Failed(why)) = (&asked, &answer) {
                    super::cursor::missed(model, why);
                }
                let history = asked == Asked::History && !more;
                match (asked, answer) {
                    (Asked::Away, Answer::Events(events)) => away::part(model, events, more),
                    (Asked::Away, Answer::Failed(why)) => away::failed(model, why),
                    (asked, answer) => part(model, &asked, answer),
                }
                // What came for a moment that a person looks at is seen once all of it is here.
                if history {
                    super::cursor::came(model, out);
                }
            }
        }
        EngineMessage::Here { people } => {
            model.people = people;
            model.dirty = true;
        }
        EngineMessage::Goodbye { why } => model.toast(format!("the engine says goodbye: {why}")),
    }
}

fn state(model: &mut Model, out: &mut Effects) {
    let text = std::mem::take(&mut model.state_text);
    let launch: LaunchState = match serde_json::from_str(&text) {
        Ok(launch) => launch,
        Err(error) => return model.refuse(format!("the engine's state can't be read: {error}")),
    };
    let wall = model.zone.wall;
    model.zone = Zone::new(launch.outline.zone.as_deref(), wall);
    let first = model.launch.is_none();
    let head = launch.head;
    model.launch = Some(launch);
    model.came = model.mono;
    model.line = Line::Up;
    model.dirty = true;
    refresh(model);
    if first {
        model.selected = checklist::start(model);
        away::ask(model, out);
    } else {
        model.toast("the link is back");
    }
    model.events.clear();
    let from = Seq(head.0.saturating_sub(300).max(1));
    get(model, Asked::Events, Query::Events { from, to: head }, out);
    model.output.run = None;
    follow_output(model, out);
    super::cursor::came(model, out);
}

fn event(model: &mut Model, recorded: Recorded) {
    let Some(launch) = &mut model.launch else { return };
    if recorded.seq <= launch.head {
        return;
    }
    let stood = Stands::now(model);
    if let Some(launch) = &mut model.launch {
        launch.apply(&recorded);
        model.zone = Zone::new(launch.outline.zone.as_deref(), model.zone.wall);
    }
    veil::learn(model, [&recorded]);
    model.events.push_back(recorded);
    if model.events.len() > KEEP {
        model.events.pop_front();
    }
    refresh(model);
    super::ready::close_over(model);
    along::go(model, &stood);
    model.dirty = true;
}

/// Takes in the telemetry that waits.
pub(super) fn flush(model: &mut Model) {
    if model.waiting.is_empty() || model.partial {
        return;
    }
    for (at, signals, conditions) in std::mem::take(&mut model.waiting) {
        for view in &signals {
            trace(model, view);
        }
        model.readout.take(at, signals, conditions);
    }
    refresh(model);
    model.dirty = true;
}

/// Asks core about the present state.
pub(super) fn refresh(model: &mut Model) {
    super::silence::age(model);
    if let Some(launch) = &model.launch {
        model.facts = match &model.heard_last {
            Some(then) => Facts::past(launch, then, &model.readout),
            None => Facts::of(launch, &model.readout, model.now()),
        };
    }
}

fn level_changes(model: &Model, view: &SignalView) -> bool {
    let before = model.readout.signals.get(&view.id).map(|v| v.level);
    before != Some(view.level) && (view.level >= Level::Warn || before >= Some(Level::Warn))
}

fn in_chart(model: &Model, signal: &SignalId) -> bool {
    model
        .outline()
        .and_then(|o| o.probe(&signal.probe))
        .filter(|p| p.pane == Pane::Errors || model.facts.second.as_ref() == Some(&p.id))
        .is_some_and(|p| p.measures.first().is_some_and(|m| m.name == signal.measure))
        || model.facts.volumes.contains(signal)
        || model.charted.contains(signal)
}

fn trace(model: &mut Model, view: &SignalView) {
    let (Some(at), true) = (view.at, in_chart(model, &view.id)) else { return };
    model.live_from.entry(view.id.clone()).or_insert(at);
    let points = model.traces.entry(view.id.clone()).or_default();
    if points.last().is_some_and(|(last, _)| *last >= at) {
        return;
    }
    points.push((at, view.last.as_ref().and_then(crate::core::reading::Outcome::value)));
    if points.len() > 20_000 {
        points.drain(..5000);
    }
}

/// Asks for the past of what the charts show.
pub(super) fn ask_history(model: &mut Model, out: &mut Effects) {
    let signals = model.readout.signals.keys().filter(|s| in_chart(model, s)).cloned().collect();
    ask_past(model, signals, out);
}

/// The same of these signals.
fn ask_past(model: &mut Model, signals: Vec<SignalId>, out: &mut Effects) {
    if signals.is_empty() {
        return;
    }
    let to = model.now();
    // A young launch has a short past; its buckets are to be no longer than its readings are apart.
    let young = model.launch.as_ref().map_or(Span::mins(60), |l| to.since(l.opened) + Span::mins(1));
    let span = model.look_back.unwrap_or(young.min(Span::mins(60)));
    get(model, Asked::History, Query::History { signals, from: to - span, to, buckets: 400 }, out);
}

fn part(model: &mut Model, asked: &Asked, answer: Answer) {
    match answer {
        Answer::Events(events) if *asked == Asked::Events => {
            veil::learn(model, &events);
            model.events.extend(events);
            model.events.make_contiguous().sort_by_key(|e| e.seq);
            let mut last = Seq(0);
            model.events.retain(|e| {
                let new = e.seq != last;
                last = e.seq;
                new
            });
        }
        Answer::History(series) => past(model, &series),
        Answer::PlanDiff { hash, lines, problems } => {
            if lines.is_empty() && problems.is_empty() {
                model.toast("the plan file is as it was taken in");
            } else if model.overlay.is_some() {
                // A key on its way is meant for what is open.
                model.toast("the plan file differs; :diff shows how");
            } else {
                dialogs::open(model, Kind::Adopt { hash, lines, problems, scroll: 0 });
            }
        }
        Answer::Failed(why) => model.refuse(why),
        _ => {}
    }
    model.dirty = true;
}

/// The past of what charts show, and of everything for a moment that a person looks at.
fn past(model: &mut Model, series: &Series) {
    let of = model.outline().and_then(|o| o.probe(&series.signal.probe)?.measure(Some(&series.signal.measure)));
    // Of a thing that is up or failing the worst is kept; of a number the largest.
    let least = of.is_some_and(|m| m.unit == Unit::State);
    if let Some(frozen) = &mut model.frozen {
        let points = frozen.was.traces.entry(series.signal.clone()).or_default();
        let live = frozen.was.live_from.get(&series.signal).copied();
        past_of(points, live, series, least);
    }
    if in_chart(model, &series.signal) {
        let points = model.traces.entry(series.signal.clone()).or_default();
        let live = model.live_from.get(&series.signal).copied().or(points.first().map(|(at, _)| *at));
        if let Some(live) = past_of(points, live, series, least) {
            model.live_from.insert(series.signal.clone(), live);
        }
    }
}

/// Follows the chart that is alone on the screen: of what it draws the past is asked for, and of what it no longer draws
/// let go.
pub(super) fn follow_chart(model: &mut Model, out: &mut Effects) {
    let drawn = crate::tui::panes::errors::alone(model);
    if drawn == model.charted {
        return;
    }
    let before = std::mem::take(&mut model.charted);
    for id in before.iter().filter(|id| !drawn.contains(id)) {
        if !in_chart(model, id) {
            model.traces.remove(id);
            model.live_from.remove(id);
        }
    }
    let new: Vec<SignalId> = drawn.iter().filter(|id| !in_chart(model, id)).cloned().collect();
    model.charted = drawn;
    for id in &new {
        model.traces.remove(id);
        model.live_from.insert(id.clone(), model.readout.at);
    }
    ask_past(model, new, out);
}

/// The past comes in buckets, and takes the place of what came of that time before; what was measured from `live` on
/// stays as it was measured, but where buckets are long. Says from when on what is there is as it was measured.
fn past_of(
    points: &mut Vec<(Timestamp, Option<f64>)>,
    live: Option<Timestamp>,
    series: &Series,
    least: bool,
) -> Option<Timestamp> {
    let wide = series.bucket.max(Span(1));
    let long = wide.0 >= 60_000;
    let at = |i: usize| series.from + wide.times(i64::try_from(i).unwrap_or(0)) + Span(wide.0 / 2);
    let kept = |at: Timestamp| long || live.is_none_or(|live| at < live);
    // An empty bucket may only mean that buckets are shorter than the interval: gaps are seen by time, not here.
    let values = series.values.iter().enumerate().filter_map(|(i, value)| {
        let [min, _, max] = value.as_ref()?;
        Some((at(i), Some(if least { min } else { max }.get())))
    });
    let new: Vec<_> = values.take_while(|(at, _)| kept(*at)).collect();
    let end = match new.last() {
        Some((last, _)) if long => *last + Span(1),
        _ => live.map_or(at(series.values.len()), |live| live.min(at(series.values.len()))),
    };
    let before = points.partition_point(|(at, _)| *at < series.from);
    let after = points.partition_point(|(at, _)| *at < end).max(before);
    points.splice(before..after, new);
    if long { Some(live.map_or(end, |live| live.max(end))) } else { live }
}

/// The run whose output is shown: of the selected step, else the newest that runs or ended last.
fn wanted(model: &Model) -> Option<RunId> {
    let launch = model.launch.as_ref()?;
    let newest = |fits: &dyn Fn(&RunId) -> bool| {
        let runs = launch.runs.iter().filter(|(id, _)| fits(id));
        runs.max_by_key(|(id, r)| (r.started, id.attempt)).map(|(id, _)| id.clone())
    };
    if let Status::RollingBack(_) = launch.status
        && model.page.is_none()
        && model.selected.as_ref().is_none_or(|s| *s == Target::Rollback)
    {
        return newest(&|_| true);
    }
    let selected = model.selected_step().and_then(|step| match launch.steps.get(step).map(|s| &s.status) {
        Some(StepStatus::Running { run } | StepStatus::Undoing { run }) => Some(run.clone()),
        _ => newest(&|id| id.step == *step),
    });
    // A step's page shows its own output or none.
    selected.or_else(|| newest(&|_| model.page.is_none()))
}

/// Follows the output of the run that is wanted now.
pub(super) fn follow_output(model: &mut Model, out: &mut Effects) {
    let wanted = wanted(model);
    if wanted.is_none() || wanted == model.output.run || model.line != Line::Up {
        return;
    }
    model.output = Output::of(wanted.clone());
    model.scroll.remove(&PaneId::Output);
    out.push(Effect::Send(ClientMessage::Watch { output: wanted.map(|run| (run, 0)) }));
}
