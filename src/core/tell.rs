//! Events in words, one line each, for the log on the screen and `tminus log`.

mod checks;
mod notices;
mod rehearsal;
mod shifts;

use super::condition::with_found;
use super::event::{Actor, Event, Moved, Part, RunEnd};
use super::ids::{RunId, RunKind, StepId};
use super::incident_state::IncidentState;
use super::launch::standing::mended_after;
use super::launch::{LaunchState, normal, open_incidents_called, t0_outside};
use super::order::{Ballot, Found};
use super::outline::{Outline, TriggerAction, TriggerOutline};
use super::time::{Span, Timestamp};
use super::units::Unit;
use super::wall::{Wall, signed};
use super::words::clock;

/// How many baselines a line names.
const NORMALS: usize = 6;
/// A normal of fewer samples than this says little.
const FEW: u32 = 10;

/// How much a line matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    /// It went on.
    Plain,
    /// Something was done or holds again.
    Good,
    /// A person said something.
    Said,
    /// A gate or a vote.
    Decision,
    /// Look at it.
    Warn,
    /// Something broke.
    Bad,
}

/// An event in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// How much it matters.
    pub tone: Tone,
    /// What kind of thing it is, in a word: `step`, `run`, `gate`, `trigger`, `back`, `hold`, ….
    pub kind: &'static str,
    /// What happened.
    pub text: String,
}

fn step(outline: &Outline, id: &StepId) -> String {
    outline.step(id).map_or_else(|| id.to_string(), |s| s.title.clone())
}

fn run(outline: &Outline, id: &RunId) -> String {
    let title = step(outline, &id.step);
    match id.kind {
        RunKind::Do => title,
        RunKind::Undo => format!("undo of {title}"),
    }
}

/// What a trigger does when it fires: ``; the launch holds and asks: back to blue? (`rollback blue`)``.
fn consequence(outline: &Outline, trigger: &TriggerOutline, closed: bool, answered: Option<u32>) -> String {
    let way = trigger.rollback.as_ref().or(outline.rollback.as_ref()).and_then(|id| outline.rollback(id));
    // As it is typed after `:` and after `tminus do`.
    let typed = way.map_or_else(String::new, |way| format!(" (`rollback {}`)", way.id));
    let way = way.map_or("go back", |way| way.title.as_str());
    let holds = if trigger.action == TriggerAction::Propose { "; the launch holds" } else { "" };
    match trigger.action {
        TriggerAction::Notify => String::new(),
        _ if let Some(number) = answered => format!("{holds}; rollback {number} answers it"),
        _ if closed => format!("{holds}; its way back, {way}, is closed: a person decides"),
        TriggerAction::Consider => format!("; consider: {way}{typed}"),
        TriggerAction::Propose => format!("{holds} and asks: {way}?{typed}"),
    }
}

/// `T-0 moved by +35m to 02:35 CET`; with the day where that is not the day of the state's last moment.
pub fn t0_moved(state: &LaunchState, from: Timestamp, to: Timestamp) -> String {
    format!("T-0 moved by {} to {}", signed(to.since(from)), Wall::of(state).zoned(to, state.last_at))
}

/// What moved with T-0: `; with it: Deploy at 02:35, Traffic at 04:35, Sync at 08:35 and 2 more`.
pub(super) fn with_it(state: &LaunchState, all: &[Moved], beside: Timestamp) -> String {
    let (shown, more) = some_moved(state, all, 3, beside);
    match (shown.len(), more) {
        (0, _) => "; nothing else has a time that moves".to_owned(),
        (_, 0) => format!("; with it: {}", shown.join(", ")),
        (_, more) => format!("; with it: {} and {more} more", shown.join(", ")),
    }
}

/// The first so many phases and steps that moved, the first check and the first turn; and how many more there are.
pub fn some_moved(state: &LaunchState, all: &[Moved], work: usize, beside: Timestamp) -> (Vec<String>, usize) {
    let of = |is: fn(&Part) -> bool, most| all.iter().filter(move |one| is(&one.part)).take(most);
    let shown = of(|part| matches!(part, Part::Phase(_) | Part::Step(_)), work)
        .chain(of(|part| matches!(part, Part::Watch(_)), 1))
        .chain(of(|part| matches!(part, Part::Turn(_)), 1));
    let shown: Vec<String> = shown.map(|one| moved(state, one, beside)).collect();
    let more = all.len() - shown.len();
    (shown, more)
}

/// A part of the plan with its new time: `Deploy at 02:35`.
pub fn moved(state: &LaunchState, of: &Moved, beside: Timestamp) -> String {
    let title = match &of.part {
        Part::Phase(id) => state.outline.phase(id).map_or_else(|| id.to_string(), |phase| phase.title.clone()),
        Part::Step(id) => step(&state.outline, id),
        Part::Watch(id) => state.outline.watch(id).map_or_else(|| id.to_string(), |watch| watch.title.clone()),
        Part::Turn(who) => format!("the turn of {who}"),
    };
    format!("{title} at {}", Wall::of(state).near(of.at, beside))
}

fn because(why: &Option<String>) -> String {
    why.as_ref().map_or_else(String::new, |w| format!(": {w}"))
}

fn colon(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}

/// What a person found of a run whose end nobody observed, in words.
pub fn found(found: Found) -> &'static str {
    match found {
        Found::Done => "did its work",
        Found::NotDone => "did not do its work",
    }
}

/// How a run ended, in words: `exit 0 after 0:41`.
pub fn end(end: &RunEnd) -> String {
    match end {
        RunEnd::Exited { code, took } => format!("exit {code} after {}", clock(*took)),
        RunEnd::Signalled { signal, took, stopped: true } => {
            format!("stopped by signal {signal} after {}", clock(*took))
        }
        RunEnd::Signalled { signal, took, .. } => format!("killed by signal {signal} after {}", clock(*took)),
        RunEnd::TimedOut { took } => format!("ended by its timeout after {}", clock(*took)),
        RunEnd::StoodIn { took } => format!("a stand-in took {}; nothing ran", clock(*took)),
        RunEnd::NotStarted { why } => format!("did not start: {why}"),
        RunEnd::Interrupted => "interrupted: its end was not observed".to_owned(),
    }
}

/// An event in words. `state` is any later state of the launch; it gives the titles.
pub fn tell(state: &LaunchState, event: &Event) -> Told {
    let o = &*state.outline;
    let told = |tone, kind, text: String| Told { tone, kind, text };
    match event {
        Event::Opened { by, launch, .. } => {
            told(Tone::Plain, "launch", format!("{launch} opened by {by}{}", rehearsal::how(state)))
        }
        Event::PlanAdopted { by, plan_hash, lost, other_undo, under_way, .. } => {
            let gone = format!("; ticked boxes that it does not have: {}", lost.join(", "));
            let lost = if lost.is_empty() { String::new() } else { gone };
            let undo = format!("; what began is undone in another way: {}", other_undo.join("; "));
            let undo = if other_undo.is_empty() { String::new() } else { undo };
            let other = format!("; what is under way goes on in another way: {}", under_way.join("; "));
            let other = if under_way.is_empty() { String::new() } else { other };
            told(Tone::Said, "plan", format!("{by} took in the changed plan {plan_hash:.12}{lost}{other}{undo}"))
        }
        Event::EngineStarted { gap: None, version, .. } => {
            told(Tone::Plain, "engine", format!("the engine started, tminus {version}"))
        }
        Event::EngineStarted { gap: Some(gap), lost, torn, .. } => {
            let torn = torn.as_ref().map_or_else(String::new, |why| format!("; the journal lost something: {why}"));
            let lost = lost.as_ref().map_or_else(String::new, |why| {
                format!("; what was measured before is lost: {why}; look whether anything vanished meanwhile")
            });
            let again = format!("the engine started again; nothing was measured for {}{lost}{torn}", clock(*gap));
            told(Tone::Warn, "engine", again)
        }
        Event::StoodStill { gap } => {
            let how = "it was stopped, or its machine was suspended";
            told(
                Tone::Warn,
                "engine",
                format!("the engine stood still for {}: {how}; nothing was measured", clock(*gap)),
            )
        }
        Event::EngineEnded { why } => told(Tone::Warn, "engine", format!("the engine {why}")),
        Event::WrittenLate { from, since, events } => {
            let at = Wall::of(state).near(*since, state.last_at);
            let text =
                format!("{events} events, from {from} on, were kept in memory since {at} and are written down now");
            told(Tone::Warn, "journal", text)
        }
        Event::ClockStepped { by } => told(Tone::Warn, "clock", format!("the system clock was set by {by}")),
        Event::T0Moved { by, from, to, why, moved } => {
            let outside = t0_outside(state, *to).map_or_else(String::new, |said| format!("; {said}"));
            let (head, with) = (t0_moved(state, *from, *to), with_it(state, moved, *to));
            let text = format!("{head}, says {by}: {why}{with}{outside}");
            told(Tone::Warn, "clock", text)
        }
        Event::WindowPassed { step: id, by, why, .. } => {
            told(Tone::Warn, "step", format!("{}  may start outside its window, says {by}: {why}", step(o, id)))
        }
        Event::LeadTaken { by, name, why } => {
            let why = why.as_ref().map_or_else(String::new, |why| format!(": {why}"));
            told(Tone::Said, "lead", format!("{name} leads, says {by}{why}"))
        }
        Event::StepAdded { by, step } => {
            let command = step.run.as_deref().unwrap_or_default();
            told(Tone::Said, "step", format!("{}  is not in the plan; {by} runs it: {command}", step.id))
        }
        Event::StepStarted { step: id, attempt, by } => {
            let again = if *attempt > 1 { format!(", attempt {attempt}") } else { String::new() };
            told(Tone::Plain, "step", format!("{}  started by {}{again}", step(o, id), by))
        }
        Event::RunFound { run: id, .. } => {
            let found = format!("its command was found, attempt {}", id.attempt);
            told(Tone::Warn, "run", format!("{}  {found}: it began after what the journal ended with", run(o, id)))
        }
        Event::RunStarted { run: id, .. } => told(Tone::Plain, "run", format!("{}  its command starts", run(o, id))),
        Event::RunEnded { run: id, end: how, left_running, asked, unkept } => {
            let tone = match how {
                _ if how.succeeded() => Tone::Good,
                RunEnd::Interrupted => Tone::Warn,
                _ => Tone::Bad,
            };
            let (tone, left) = match (left_running, tone) {
                (false, tone) => (tone, ""),
                (true, tone) if *how == RunEnd::Interrupted => (tone, "; it still runs, and nobody watches it"),
                (true, Tone::Good) => (Tone::Warn, "; processes that it started still run"),
                (true, tone) => (tone, "; processes that it started still run"),
            };
            let asked =
                asked.as_ref().map_or_else(String::new, |sign| format!("; it may have asked for input: {sign}"));
            let cut = match unkept {
                0 => String::new(),
                n => format!("; {} of its output were not kept", Unit::Bytes.show(*n as f64)),
            };
            told(tone, "run", format!("{}  {}{left}{asked}{cut}", run(o, id), end(how)))
        }
        Event::OutputKept { name, step: id, value, by, why } => match value {
            Some(value) => {
                let says = if *by == Actor::Engine { String::new() } else { format!(", says {by}{}", because(why)) };
                told(Tone::Plain, "run", format!("{}  gives {name}: {value}{says}", step(o, id)))
            }
            None => told(Tone::Warn, "run", format!("{}  gives no {name}{}", step(o, id), because(why))),
        },
        Event::StopAsked { step: id, by, over: Some(why), .. } => {
            let text = format!("{}  is stopped though the plan lets it finish, says {by}: {why}", step(o, id));
            told(Tone::Bad, "step", text)
        }
        Event::StopAsked { step: id, by, let_finish, undo, over: None } => {
            let how = match (undo, let_finish) {
                (false, true) => "is let finish",
                (false, false) => "is stopped",
                (true, true) => "its undo is let finish",
                (true, false) => "its undo is stopped",
            };
            told(Tone::Warn, "step", format!("{}  {how}, says {}", step(o, id), by))
        }
        Event::RunResolved { run: id, by, found, why } => {
            told(Tone::Said, "run", format!("{}  {}, says {by}: {why}", run(o, id), self::found(*found)))
        }
        Event::Ticked { step: id, item, text, on, by } => {
            let title = step(o, id);
            let item = text.clone().or_else(|| item.and_then(|i| o.step(id)?.items.get(i).cloned()));
            let text = item.map_or_else(|| title.clone(), |i| format!("{title}: {i}"));
            let (tone, verb) = if *on { (Tone::Good, "ticked") } else { (Tone::Plain, "unticked") };
            told(tone, "box", format!("{text}  {verb} by {}", by))
        }
        Event::StepDone { step: id, attempt, by, over, evidence } => match over {
            Some(why) => {
                let why = why.strip_prefix(&format!("{} says done: ", by.name())).unwrap_or(why);
                told(Tone::Warn, "step", format!("{}  counts as done, says {by}: {why}", step(o, id)))
            }
            None => {
                let by = state.who_says_done(id, *attempt, by, evidence);
                let person = state.found_done(id, *attempt).filter(|_| evidence.is_empty());
                let how = person.map_or_else(String::new, |said| format!(": {}", said.text));
                let says = if by == Actor::Engine { String::new() } else { format!(", says {by}") };
                told(Tone::Good, "step", format!("{}  done{says}{how}", step(o, id)))
            }
        },
        Event::StepFailed { step: id, why, .. } => told(Tone::Bad, "step", format!("{}  failed: {why}", step(o, id))),
        Event::SoakBroken { step: id, evidence } => {
            let found = evidence.iter().map(|e| format!("{}: {}", e.condition, e.found)).collect::<Vec<_>>().join("; ");
            told(Tone::Bad, "step", format!("{}  soak broken: {found}", step(o, id)))
        }
        Event::SoakMended { step: id } => {
            let for_now = o
                .step(id)
                .and_then(|step| step.soak)
                .map_or_else(String::new, |soak| format!(" for {}", mended_after(soak)));
            told(Tone::Good, "step", format!("{}  holds again{for_now}; its soak runs since", step(o, id)))
        }
        Event::SoakFrozen { step: id, why } => {
            told(Tone::Warn, "step", format!("{}  its clock stands still: {why}", step(o, id)))
        }
        Event::SideCutOff { why } => {
            told(Tone::Bad, "vantage", format!("{why}; nothing is known of production, and no trigger fires"))
        }
        Event::SideBack { after } => {
            let text = format!("our own side reaches its vantage again, after {}; clocks go on", clock(*after));
            told(Tone::Good, "vantage", text)
        }
        Event::SoakThawed { step: id } => told(
            Tone::Good,
            "step",
            format!("{}  has data again, and its clock has gone on since that came", step(o, id)),
        ),
        Event::StepSkipped { step: id, by, why, not_applicable } => {
            let how = if *not_applicable { "does not apply" } else { "left out" };
            told(Tone::Plain, "step", format!("{}  {how}, says {}: {why}", step(o, id), by))
        }
        Event::StepUndone { step: id, since } if o.step(id).is_some_and(|s| s.gate.is_some()) => {
            let with = since.as_ref().map_or("too".to_owned(), |since| format!("with {}", step(o, since)));
            let text = format!("{}  went back {with}: no decision or vote on it counts; it asks again", step(o, id));
            told(Tone::Plain, "gate", text)
        }
        Event::StepUndone { step: id, since: Some(since) } => {
            let text = format!("{}  asks again: it rested on {}, which was undone", step(o, id), step(o, since));
            told(Tone::Plain, "step", text)
        }
        Event::StepUndone { step: id, since: None } => told(Tone::Plain, "step", format!("{}  undone", step(o, id))),
        Event::PollOpened { gate, by, round } => {
            let again = if *round > 1 { format!(", round {round}") } else { String::new() };
            told(Tone::Decision, "gate", format!("{}  poll opened by {}{again}", step(o, gate), by))
        }
        Event::Voted { gate, role, vote, by, why, .. } => {
            let vote = match vote {
                Ballot::Go => "go",
                Ballot::NoGo => "no-go",
            };
            told(Tone::Decision, "vote", format!("{}  {by} votes {vote} for {role}{}", step(o, gate), because(why)))
        }
        Event::GateDecided { gate, go, by, why, over, .. } => {
            let word = if *go { "GO" } else { "NO-GO" };
            let over = if over.is_empty() { String::new() } else { format!("; over {}", over.join(", ")) };
            let tone = if *go && over.is_empty() { Tone::Decision } else { Tone::Warn };
            told(tone, "gate", format!("{}  {word}, decided by {}{}{over}", step(o, gate), by, because(why)))
        }
        Event::GateExpired { gate, .. } => told(Tone::Warn, "gate", format!("{}  the poll expired", step(o, gate))),
        Event::Approved { step: id, by, alone, .. } => {
            let alone = alone.as_ref().map_or_else(String::new, |w| format!(", alone: {w}"));
            told(Tone::Decision, "step", format!("{}  approved by {}{alone}", step(o, id), by))
        }
        Event::Held { by, why } => told(Tone::Warn, "hold", format!("{} holds: {why}", by)),
        Event::Released { of: Some(of), by, why } if of.name() != by.name => {
            told(Tone::Good, "hold", format!("{of}'s hold released by {by}: {why}"))
        }
        Event::Released { of: Some(_), by, why } => {
            told(Tone::Good, "hold", format!("{by} released their own hold: {why}"))
        }
        Event::Released { by, why, .. } => told(Tone::Good, "hold", format!("the hold released by {by}: {why}")),
        Event::SeveritySet { incident, level, by, text, was, .. } => {
            let (by, text) = (&by, colon(text));
            match was {
                None => told(Tone::Bad, "sev", format!("SEV{level} #{incident} opened by {by}{text}")),
                Some(was) if was == level => {
                    told(Tone::Said, "sev", format!("incident #{incident} described by {by}{text}"))
                }
                Some(was) => {
                    let tone = if level < was { Tone::Bad } else { Tone::Said };
                    told(tone, "sev", format!("SEV{level} #{incident}, was SEV{was}, by {by}{text}"))
                }
            }
        }
        Event::IncidentAnswered { incident, by, text } => {
            told(Tone::Said, "sev", format!("incident #{incident}: {by} is on it{}", colon(text)))
        }
        Event::IncidentUpdated { incident, by, text } => {
            told(Tone::Said, "sev", format!("incident #{incident}: update by {by}{}", colon(text)))
        }
        Event::IncidentMoved { incident, to, by, text } => {
            let tone = if *to == IncidentState::Mitigated { Tone::Good } else { Tone::Said };
            told(tone, "sev", format!("incident #{incident} is {}, says {by}{}", to.word(), colon(text)))
        }
        Event::IncidentCalled { incident, role, who, backup, answered, by, text } => {
            let of = if *backup { "backup of " } else { "" };
            let (tone, how) = if *answered { (Tone::Said, "answered") } else { (Tone::Warn, "did not answer") };
            let text = format!("incident #{incident}: {by} called {who}, {of}{role}, who {how}{}", colon(text));
            told(tone, "sev", text)
        }
        Event::IncidentResolved { incident, by, text } => {
            told(Tone::Good, "sev", format!("incident #{incident} closed by {by}{}", colon(text)))
        }
        Event::Injected { signal, shown, .. } => {
            told(Tone::Warn, "inject", format!("the scenario injects {signal}: {shown}"))
        }
        Event::InjectionEnded { signal, .. } => {
            told(Tone::Plain, "inject", format!("{signal} is no longer injected: what is measured counts again"))
        }
        Event::FixNoted { by, step, text } => {
            let step = step.as_ref().map_or_else(String::new, |step| format!(" {step}"));
            told(Tone::Said, "fix", format!("{by}: fix{step} in the plan: {text}"))
        }
        Event::Noted { by, text } => told(Tone::Said, "note", format!("{by}: {text}")),
        Event::TriggerFired { trigger, instance, evidence, by, closed, answered } => {
            let planned = o.trigger(trigger);
            let title =
                planned.map(|t| t.title.as_str()).filter(|t| *t != evidence.condition && *t != trigger.as_str());
            let title = title.map_or_else(String::new, |title| format!(" ({title})"));
            let at = instance.as_ref().map_or_else(String::new, |i| format!(" [{i}]"));
            let then = planned.map_or_else(String::new, |t| consequence(o, t, *closed, *answered));
            let (asked, found) = (&evidence.condition, &evidence.found);
            let text = match by {
                Some(by) => format!("{trigger}{title} FIRED by {by}: {asked} {found}{then}"),
                None => format!("{trigger}{title} FIRED: {}{then}", with_found(&format!("{asked}{at}"), found)),
            };
            told(Tone::Bad, "trigger", text)
        }
        Event::TriggerCleared { trigger, by: Some(by), why, .. } => {
            told(Tone::Good, "trigger", format!("{trigger} cleared by {by}{}", because(why)))
        }
        Event::TriggerCleared { trigger, rearmed: true, .. } => {
            told(Tone::Good, "trigger", format!("{trigger} is armed again: it was false since the way back"))
        }
        Event::TriggerCleared { trigger, rearmed: false, .. } => {
            let quiet = o.trigger(trigger).map(|t| t.clear_after).filter(|quiet| *quiet > Span::ZERO);
            let quiet = quiet.map_or_else(|| "it no longer holds".to_owned(), |quiet| format!("quiet for {quiet}"));
            told(Tone::Good, "trigger", format!("{trigger} cleared: {quiet}"))
        }
        Event::TriggerDismissed { trigger, by, why, late: Some(number) } => {
            let rollback = state.rollbacks.get((*number as usize).saturating_sub(1));
            let begun = rollback.map_or_else(
                || format!("rollback {number} had begun"),
                |own| format!("{} had begun rollback {number}, {}", own.by, own.title),
            );
            told(Tone::Said, "trigger", format!("{trigger} dismissed by {by}, too late: {begun}: {why}"))
        }
        Event::TriggerDismissed { trigger, by, why, late: None } => {
            told(Tone::Said, "trigger", format!("{trigger} dismissed by {by}: {why}"))
        }
        Event::RollbackStarted { rollback, title, by, why, over, loses, stays, .. } => {
            let mut text = format!("rollback {rollback}, {title}, started by {by}: {why}");
            over.iter().for_each(|unmet| text.push_str(&format!("; over {unmet}")));
            text.extend(loses.iter().map(|lost| format!("; it loses {lost}")));
            if !stays.is_empty() {
                let stays: Vec<String> = stays.iter().map(|id| step(o, id)).collect();
                text.push_str(&format!("; without an undo, as it is: {}", stays.join(", ")));
            }
            told(Tone::Bad, "back", text)
        }
        Event::RollbackItemDone { rollback, item, by_hand, by } => {
            let of = state.rollbacks.get((*rollback as usize).saturating_sub(1)).and_then(|r| r.items.get(*item));
            let title = of.map_or_else(|| format!("item {}", item + 1), |i| run(o, &i.run));
            // What a person found of its command was told as that.
            let found = of.is_some_and(|i| state.runs.get(&i.run).is_some_and(|run| run.found_done.is_some()));
            let hand = by_hand.as_ref().filter(|_| !found);
            let hand = hand.map_or_else(String::new, |w| format!(" by hand, says {by}: {w}"));
            told(Tone::Good, "back", format!("{title}  done{hand}"))
        }
        Event::RollbackRetried { rollback, run: id, by, .. } => {
            told(Tone::Plain, "back", format!("rollback {rollback} goes on with {}, says {by}", run(o, id)))
        }
        Event::RollbackStopped { rollback, item, why } => {
            let why = state.stopped_at(*rollback, *item, why);
            let text = format!("rollback {rollback} stopped{why}; a person says `again`, `by-hand` or `leave`");
            told(Tone::Bad, "back", text)
        }
        Event::RollbackLeft { rollback, by, why } => {
            told(Tone::Warn, "back", format!("rollback {rollback} given up by {by} where it stood: {why}"))
        }
        Event::RollbackSettled { rollback, by, why } => {
            told(Tone::Plain, "back", format!("what rollback {rollback} left half done is put right, says {by}: {why}"))
        }
        Event::RollbackDone { rollback, took } => {
            let mut text = format!("rollback {rollback} done in {}", clock(*took));
            let mut tone = Tone::Good;
            for (earlier, open) in state.put_right_by(*rollback) {
                text.push_str(&format!("; with it rollback {earlier}, left half done, counts as put right"));
                if !open.is_empty() {
                    tone = Tone::Warn;
                    text.push_str(&format!(", though nobody did {}", open.join(", ")));
                }
            }
            told(tone, "back", text)
        }
        Event::BaselineCaptured { by, of, missed } => {
            // Plans have few signals with a number, or very many.
            let more = match of.len().saturating_sub(NORMALS) {
                0 => String::new(),
                more => format!(", and {more} more (`explain baseline`)"),
            };
            let each: Vec<String> = of.iter().take(NORMALS).map(|(id, own)| normal(o, id, own)).collect();
            let mut text = format!("baseline captured by {by}: {}{more}", each.join(", "));
            let few = of.iter().any(|(_, own)| own.samples < FEW);
            if few {
                text.push_str("; of so few samples chance may be most of it: capture it again over longer");
            }
            let lacking: Vec<String> = missed.iter().take(NORMALS).map(|(id, why)| format!("{id}: {why}")).collect();
            if !lacking.is_empty() {
                let more = match missed.len().saturating_sub(NORMALS) {
                    0 => String::new(),
                    more => format!(", and {more} more"),
                };
                text.push_str(&format!("; not captured: {}{more}", lacking.join(", ")));
            }
            let tone = if few || !missed.is_empty() { Tone::Warn } else { Tone::Plain };
            told(tone, "normal", text)
        }
        Event::InstanceForgotten { probe, instance, by, why } => {
            told(Tone::Said, "probe", format!("{probe}[{instance}] no longer counts, says {}: {why}", by))
        }
        Event::InstanceBack { probe, instance } => {
            told(Tone::Plain, "probe", format!("{probe}[{instance}] is there again, and counts"))
        }
        Event::Ended { by, why } => {
            let open = open_incidents_called(state);
            let tone = if open.is_empty() { Tone::Plain } else { Tone::Warn };
            let open = if open.is_empty() { String::new() } else { format!("; left open: {}", open.join(", ")) };
            told(tone, "launch", format!("the launch was ended by {by}: {why}{open}"))
        }
        Event::Notice(fact) => notices::tell(state, fact),
        Event::Check(fact) => checks::tell(state, fact),
        Event::Shift(fact) => shifts::tell(state, fact),
        Event::CriterionMeasured(part) => checks::measured(state, part),
        Event::BudgetHalfUsed { criterion, broke, budget } => checks::half_used(state, criterion, *broke, *budget),
        Event::BudgetUsedUp { criterion, broke, budget } => checks::used_up(state, criterion, *broke, *budget),
        Event::Unknown => told(Tone::Warn, "?", "written by a newer tminus".to_owned()),
    }
}
