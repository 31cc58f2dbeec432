//! From events to the report.

use super::attempts::Attempts;
use super::planned::Planned;
use super::{
    Approval, CheckReport, Command, CutOff, Decision, Firing, HandoverReport, IncidentReport, MessageReport, Report,
    RollbackReport, Said, StepReport, checks, decisions, onset, open, shifts, told,
};
use crate::core::event::{Actor, Event, IncidentState, Onset, Recorded, RunEnd};
use crate::core::ids::{RunId, RunKind, StepId, TriggerId};
use crate::core::launch::{
    LaunchState, Progress, RollbackStatus, criteria, due_at, estimate_of_way, normal, t0_outside,
};
use crate::core::notice::Fact;
use crate::core::order::{Found, Operator};
use crate::core::shift;
use crate::core::tell;
use crate::core::time::{Span, Timestamp};
use crate::core::view::Readout;
use crate::core::wall::Wall;

impl Report {
    /// The report of these events, which must be a launch's from its first on; none where they are not. With what an
    /// engine measures at this moment it also says how a trigger stands that has not cleared.
    pub fn of(events: &[Recorded], live: Option<&Readout>) -> Option<Report> {
        let (first, rest) = events.split_first()?;
        let mut state = LaunchState::open(first)?;
        let Event::Opened { by, .. } = &first.event else { return None };
        let mut fold = Fold::default();
        for recorded in rest {
            // A rollback's requirements and a trigger's state are told as they were before the event.
            fold.before(&state, recorded);
            state.apply(recorded);
            fold.after(&state, recorded);
        }
        Some(fold.close(&state, live, said(first.at, by, "")))
    }
}

/// A length of time to the second.
pub(super) fn whole(span: Span) -> String {
    if span.millis().abs() < 1000 { "under 1s".to_owned() } else { span.seconds().to_string() }
}

/// Something that a person said or did: when, and what.
pub(super) fn said(at: Timestamp, by: &Operator, text: impl Into<String>) -> Said {
    Said { at, by: by.to_string(), text: text.into() }
}

/// Something that was done: when, by whom, and what is said of it.
pub(super) fn acted(at: Timestamp, by: &Actor, text: impl Into<String>) -> Said {
    Said { at, by: by.to_string(), text: text.into() }
}

pub(super) fn title(state: &LaunchState, step: &StepId) -> String {
    state.outline.step(step).map_or_else(|| step.to_string(), |s| s.title.clone())
}

/// `5 % to green`, `undo of 5 % to green`.
fn run_title(state: &LaunchState, run: &RunId) -> String {
    let title = title(state, &run.step);
    if run.kind == RunKind::Undo { format!("undo of {title}") } else { title }
}

/// What is gathered on the way.
#[derive(Default)]
struct Fold {
    attempts: Attempts,
    commands: Vec<(RunId, Command)>,
    decisions: Vec<Decision>,
    approvals: Vec<Approval>,
    overrides: Vec<Said>,
    firings: Vec<(TriggerId, Firing)>,
    holds: Vec<Said>,
    incidents: Vec<IncidentReport>,
    rollbacks: Vec<RollbackReport>,
    plans: Vec<Said>,
    checks: Vec<CheckReport>,
    handovers: Vec<HandoverReport>,
    messages: Vec<MessageReport>,
    mutes: Vec<Said>,
    cut_off: Vec<CutOff>,
    baselines: Vec<Said>,
    notes: Vec<Said>,
    slips: Vec<Said>,
    ended: Option<Said>,
    failing: onset::Failing,
    planned: Planned,
    stalls: Vec<(Timestamp, Span)>,
}

impl Fold {
    /// What must be read from the state as it stood when the event came.
    fn before(&mut self, state: &LaunchState, recorded: &Recorded) {
        let at = recorded.at;
        self.planned.fold(state, &recorded.event);
        match &recorded.event {
            Event::GateDecided { .. } | Event::GateExpired { .. } => {
                self.decisions.extend(decisions::decided(state, &recorded.event, at));
                self.overrides.extend(decisions::gone_over(state, &recorded.event, at));
            }
            Event::SeveritySet { incident, level, by, text, onset, .. } => {
                self.severity(state, at, (*incident, *level), by, text, onset.as_ref())
            }
            Event::RollbackStarted {
                title: name, items, by, why, trigger, way, evidence, over, loses, stays, ..
            } => {
                let estimate = estimate_of_way(&state.outline, way, items);
                self.rollbacks.push(RollbackReport {
                    title: name.clone(),
                    began: said(at, by, why.clone()),
                    trigger: trigger.as_ref().map(|id| trigger_title(state, id)),
                    estimate,
                    took: None,
                    outcome: "under way".to_owned(),
                    loses: loses.clone(),
                    over: over.clone(),
                    stays: stays.iter().map(|step| title(state, step)).collect(),
                    course: Vec::new(),
                    evidence: evidence.clone(),
                });
                for unmet in evidence.iter().filter(|e| e.held != Some(true)) {
                    let text = format!("{name}: begun over {}, {}: {why}", unmet.condition, unmet.found);
                    self.overrides.push(said(at, by, text));
                }
                let measured = |line: &str| evidence.iter().any(|e| line.starts_with(&e.condition));
                for line in over.iter().filter(|line| !measured(line)) {
                    self.overrides.push(said(at, by, format!("{name}: begun over {line}: {why}")));
                }
            }
            Event::Check(fact) => self.checks.extend(checks::ended(state, fact, at)),
            Event::Shift(fact) => {
                shifts::fold(&mut self.handovers, state, fact, at);
                if let shift::Fact::TakenOver { by, from, why, .. } = fact {
                    self.overrides.push(said(
                        at,
                        by,
                        format!("took over the shift of {from} without a handover: {why}"),
                    ));
                }
            }
            _ => {}
        }
    }

    fn after(&mut self, state: &LaunchState, recorded: &Recorded) {
        let at = recorded.at;
        self.failing.fold(state, &recorded.event, at);
        self.attempts.fold(state, recorded);
        match &recorded.event {
            Event::T0Moved { by, from, to, why, moved } => {
                let outside = t0_outside(state, *to).map_or_else(String::new, |said| format!("; {said}"));
                let (head, with) = (tell::t0_moved(state, *from, *to), tell::with_it(state, moved, *to));
                let text = format!("{head}: {why}{with}{outside}");
                self.slips.push(said(at, by, text));
            }
            Event::PlanAdopted { by, plan_hash, .. } => {
                self.plans.push(said(at, by, plan_hash.chars().take(12).collect::<String>()));
            }
            Event::RunStarted { run, .. } => self.run_started(state, at, run),
            Event::RunFound { run, began } => self.run_started(state, *began, run),
            Event::RunEnded { run, end, .. } => self.run_ended(run, end),
            Event::StepDone { step, by, over: Some(why), .. } => {
                let why = why.strip_prefix(&format!("{} says done: ", by.name())).unwrap_or(why);
                self.overrides.push(acted(at, by, format!("{}: counts as done: {why}", title(state, step))));
            }
            Event::StopAsked { step, by, over: Some(why), .. } => {
                let text = format!("{}: stopped though the plan lets it finish: {why}", title(state, step));
                self.overrides.push(said(at, by, text));
            }
            Event::Approved { step, by, alone, attempt } => {
                if let Some(why) = alone {
                    self.overrides.push(said(at, by, format!("{}: approved alone: {why}", title(state, step))));
                }
                let (by, step, attempt) = (by.to_string(), title(state, step), *attempt);
                self.approvals.push(Approval { at, by, step, attempt, alone: alone.clone() });
            }
            Event::OutputKept { name, step, value: Some(value), by: by @ Actor::Operator(_), why } => {
                let (step, why) = (title(state, step), why.as_deref().map_or_else(String::new, colon));
                let text = format!("{step}: gives {name}: {value}, instead of its command{why}");
                self.overrides.push(acted(at, by, text));
            }
            Event::StoodStill { gap } => self.stalls.push((at - *gap, *gap)),
            Event::WindowPassed { step, by, why, .. } => {
                let text = format!("{}: may start outside its window: {why}", title(state, step));
                self.overrides.push(said(at, by, text));
            }
            Event::LeadTaken { by, name, why: Some(why) } => {
                self.overrides.push(said(at, by, format!("gave the lead to {name}: {why}")));
            }
            Event::Notice(fact) => {
                told::fold(&mut self.messages, fact, at);
                if let Fact::Acknowledged { triggers, by, text, .. } = fact {
                    for trigger in triggers {
                        let firing = self.firing(trigger);
                        if let Some(own) = firing {
                            own.acked.get_or_insert(said(at, by, text.clone()));
                        }
                    }
                }
                self.mutes.extend(told::mute(fact, at, Wall::of(state)));
            }
            Event::InstanceForgotten { probe, instance, by, why } => {
                self.overrides.push(said(
                    at,
                    by,
                    format!("let {instance} of `{probe}` go, so that it counts no more: {why}"),
                ));
            }
            Event::SideCutOff { why } => self.cut_off.push(CutOff { from: at, until: None, why: why.clone() }),
            Event::SideBack { .. } => self.cut_off.last_mut().into_iter().for_each(|last| last.until = Some(at)),
            Event::Held { by, why } => self.holds.push(acted(at, by, format!("holds: {why}"))),
            Event::Released { of: Some(of), by, why } if of.name() != by.name => {
                self.holds.push(said(at, by, format!("released the hold of {of}: {why}")));
            }
            Event::Released { by, why, .. } => self.holds.push(said(at, by, format!("released the hold: {why}"))),
            Event::BaselineCaptured { by, of, .. } => {
                let each = of.iter().map(|(id, own)| acted(at, by, normal(&state.outline, id, own)));
                self.baselines.extend(each);
            }
            Event::Noted { by, text } => self.notes.push(said(at, by, text.clone())),
            Event::Ended { by, why } => self.ended = Some(said(at, by, why.clone())),
            Event::TriggerFired { trigger, evidence, .. } => self.firings.push((
                trigger.clone(),
                Firing {
                    at,
                    trigger: trigger_title(state, trigger),
                    evidence: evidence.clone(),
                    cleared: None,
                    stands: String::new(),
                    acked: None,
                    dismissed: None,
                },
            )),
            Event::TriggerCleared { trigger, rearmed, by, .. } => {
                let quiet = state.outline.trigger(trigger).map_or(Span::ZERO, |of| of.clear_after);
                if let Some(firing) = self.firing(trigger) {
                    let since = whole(at.since(firing.at));
                    firing.cleared = Some(at);
                    firing.stands = match by {
                        Some(by) => format!("cleared by {by} {since} after it fired"),
                        None if *rearmed => {
                            format!("armed again {since} after it fired: it was false since a way back")
                        }
                        None => {
                            let began = firing.at - firing.evidence.lasted.unwrap_or_default();
                            let good = whole(at.since(began) - quiet);
                            format!(
                                "its condition was false for good {good} after it began, and quiet for {quiet} then"
                            )
                        }
                    };
                }
            }
            Event::TriggerDismissed { trigger, by, why, late } => {
                let late = late.map_or_else(String::new, |number| format!("too late, rollback {number} had begun: "));
                if let Some(firing) = self.firing(trigger) {
                    firing.dismissed = Some(said(at, by, format!("{late}{why}")));
                }
            }
            Event::IncidentAnswered { incident, by, text } => {
                if let Some(own) = self.incident(*incident) {
                    own.answered.get_or_insert(at.since(own.opened.at));
                    own.course.push(said(at, by, format!("is on it{}", colon(text))));
                }
            }
            Event::IncidentUpdated { incident, by, text } => {
                if let Some(own) = self.incident(*incident) {
                    own.course.push(said(at, by, format!("update{}", colon(text))));
                }
            }
            Event::IncidentMoved { incident, to, by, text } => {
                if let Some(own) = self.incident(*incident) {
                    let after = at.since(own.opened.at);
                    if *to > IncidentState::Investigating {
                        own.answered.get_or_insert(after);
                    }
                    own.mitigated = (*to == IncidentState::Mitigated).then_some(after);
                    own.course.push(said(at, by, format!("{}{}", to.word(), colon(text))));
                }
            }
            Event::IncidentCalled { incident, role, who, backup, answered, by, text } => {
                if let Some(own) = self.incident(*incident) {
                    let of = if *backup { "backup of " } else { "" };
                    let how = if *answered { "answered" } else { "did not answer" };
                    own.course.push(said(at, by, format!("called {who}, {of}{role}: {how}{}", colon(text))));
                }
            }
            Event::IncidentResolved { incident, by, text } => {
                if let Some(own) = self.incident(*incident) {
                    own.closed = Some(at.since(own.opened.at));
                    own.course.push(said(at, by, format!("closed{}", colon(text))));
                }
            }
            Event::RollbackStopped { rollback, item, why } => {
                let stopped = format!("stopped{}", state.stopped_at(*rollback, *item, why));
                self.rollback(*rollback, Some(acted(at, &Actor::Engine, stopped)), None);
            }
            Event::RollbackRetried { rollback, run, by, .. } => {
                // What still runs or has ended well is not begun once more.
                let what = if state.runs.contains_key(run) { "gone on with" } else { "tried again:" };
                self.rollback(*rollback, Some(said(at, by, format!("{what} {}", run_title(state, run)))), None);
            }
            Event::RollbackItemDone { rollback, item, by, by_hand: Some(how) } => {
                self.rollback(*rollback, Some(acted(at, by, done_by(state, *rollback, *item, how))), None);
            }
            Event::RollbackLeft { rollback, by, why } => {
                self.rollback(*rollback, Some(said(at, by, format!("left: {why}"))), None);
            }
            Event::RollbackSettled { rollback, by, why } => {
                self.rollback(*rollback, Some(said(at, by, format!("put right: {why}"))), None);
            }
            Event::RollbackDone { rollback, took } => {
                self.rollback(*rollback, None, Some(*took));
                let name =
                    self.rollbacks.get((*rollback as usize).wrapping_sub(1)).map_or("", |own| &own.title).to_owned();
                for (earlier, open) in state.put_right_by(*rollback) {
                    let open =
                        if open.is_empty() { String::new() } else { format!("; nobody did {}", open.join(", ")) };
                    let text = format!("put right: rollback {rollback}, {name}, went as far{open}");
                    self.rollback(earlier, Some(acted(at, &Actor::Engine, text)), None);
                }
            }
            _ => {}
        }
    }

    fn run_started(&mut self, state: &LaunchState, at: Timestamp, run: &RunId) {
        let undo = run.kind == RunKind::Undo;
        let step = state.outline.step(&run.step);
        let command = match undo {
            true => step.and_then(|s| s.undo.as_ref()).map(|u| u.run.as_str()),
            false => step.and_then(|s| s.run.as_deref()),
        };
        let what = run_title(state, run);
        let command = state.outline.as_run(&run.step, command.unwrap_or_default());
        self.commands.push((run.clone(), Command { started: at, what, command, end: None, exit: None, took: None }));
    }

    fn run_ended(&mut self, run: &RunId, end: &RunEnd) {
        let Some((_, command)) = self.commands.iter_mut().rev().find(|(id, _)| id == run) else { return };
        command.end = Some(tell::end(end));
        (command.exit, command.took) = match end {
            RunEnd::Exited { code, took } => (Some(*code), Some(*took)),
            RunEnd::Signalled { took, .. } | RunEnd::TimedOut { took } => (None, Some(*took)),
            RunEnd::StoodIn { .. } | RunEnd::NotStarted { .. } | RunEnd::Interrupted => (None, None),
        };
    }

    fn severity(
        &mut self,
        state: &LaunchState,
        at: Timestamp,
        (number, level): (u32, u8),
        by: &Operator,
        text: &str,
        measured: Option<&Onset>,
    ) {
        match self.incident(number) {
            None => {
                let measured = measured.map(|onset| (onset.since, onset.what.clone()));
                let known = |(since, what): &(Timestamp, String)| {
                    let about = |own: &IncidentReport| own.onset.as_ref() == Some(what) && *since <= own.opened.at;
                    self.incidents.iter().any(about)
                };
                let wrong = onset::wrong(state, &self.failing).into_iter().chain(measured);
                let onset = wrong.filter(|wrong| !known(wrong)).min_by_key(|(at, _)| *at);
                self.incidents.push(IncidentReport {
                    number,
                    worst: level,
                    text: text.to_owned(),
                    opened: said(at, by, format!("opened as SEV{level}{}", colon(text))),
                    detected: onset.as_ref().map(|(first, _)| at.since(*first)),
                    onset: onset.map(|(_, what)| what),
                    answered: None,
                    mitigated: None,
                    closed: None,
                    course: Vec::new(),
                });
            }
            Some(own) => {
                own.worst = own.worst.min(level);
                if !text.is_empty() {
                    own.text = text.to_owned();
                }
                let was = state.incidents.get((number as usize).wrapping_sub(1)).map(|known| known.level);
                let what = if was == Some(level) { "described".to_owned() } else { format!("now SEV{level}") };
                own.course.push(said(at, by, format!("{what}{}", colon(text))));
            }
        }
    }

    fn incident(&mut self, number: u32) -> Option<&mut IncidentReport> {
        self.incidents.iter_mut().find(|own| own.number == number)
    }

    fn firing(&mut self, trigger: &TriggerId) -> Option<&mut Firing> {
        self.firings.iter_mut().rev().find(|(id, _)| id == trigger).map(|(_, firing)| firing)
    }

    fn rollback(&mut self, number: u32, course: Option<Said>, took: Option<Span>) {
        let Some(own) = self.rollbacks.get_mut((number as usize).wrapping_sub(1)) else { return };
        own.course.extend(course);
        own.took = took.or(own.took);
    }

    fn close(mut self, state: &LaunchState, live: Option<&Readout>, opened: Said) -> Report {
        let outline = &state.outline;
        let seen = match live {
            Some(live) => criteria(state, live, live.at.max(state.last_at)),
            None => criteria(state, &Readout::default(), state.last_at),
        };
        for (id, firing) in &mut self.firings {
            if firing.cleared.is_none() {
                firing.stands = open::uncleared(state, live, id);
            }
        }
        for (own, now) in self.rollbacks.iter_mut().zip(&state.rollbacks) {
            own.outcome = match &now.status {
                RollbackStatus::Running => "under way".to_owned(),
                RollbackStatus::Stopped { why, .. } => format!("stopped: {why}"),
                RollbackStatus::Left { why, .. } => format!("left: {why}"),
                RollbackStatus::Done { .. } => "done".to_owned(),
            };
        }
        let steps = outline.steps.iter().map(|step| {
            let attempts = self.attempts.of(state, &step.id);
            StepReport {
                id: step.id.to_string(),
                title: step.title.clone(),
                phase: outline.phase(&step.phase).map_or_else(|| step.phase.to_string(), |p| p.title.clone()),
                owner: step.owner.as_ref().map(ToString::to_string),
                planned: attempts.first().and_then(|first| first.planned).or_else(|| due_at(state, step)),
                estimate: step.estimate,
                status: state.word(&step.id).to_owned(),
                attempts,
            }
        });
        let steps = steps.collect();
        let progress = Progress::of_all(state);
        let (phases, planned_end) = self.planned.ends(state);
        let gaps = state.gaps.iter().map(|(from, to)| (*from, to.since(*from)));
        Report {
            launch: state.id.to_string(),
            title: format!("{}, {}", outline.called(), outline.environment),
            mode: state.mode,
            wall: Wall::of(state),
            opened,
            t0: state.t0,
            slips: self.slips,
            ended: self.ended,
            progress: (progress.done, progress.of),
            plans: self.plans,
            gaps: gaps.filter(|gap| !self.stalls.contains(gap)).collect(),
            stalls: self.stalls,
            planned_end,
            phases,
            steps,
            decisions: self.decisions,
            approvals: self.approvals,
            overrides: self.overrides,
            commands: self.commands.into_iter().map(|(_, command)| command).collect(),
            triggers: self.firings.into_iter().map(|(_, firing)| firing).collect(),
            holds: self.holds,
            incidents: self.incidents,
            rollbacks: self.rollbacks,
            checks: self.checks,
            handovers: self.handovers,
            messages: self.messages,
            mutes: self.mutes,
            cut_off: self.cut_off,
            criteria: seen,
            baselines: self.baselines,
            notes: self.notes,
            fixes: state.fixes.iter().map(|fix| said(fix.at, &fix.by, fix.words())).collect(),
            open: open::open(state, live),
            head: None,
            broken: None,
        }
    }
}

pub(super) fn trigger_title(state: &LaunchState, id: &TriggerId) -> String {
    state.outline.trigger(id).map_or_else(|| id.to_string(), |t| t.title.clone())
}

/// How a person says that an item of a way back is done: what they did by hand, or that its command had done its work
/// where nobody observed its end.
fn done_by(state: &LaunchState, rollback: u32, item: usize, how: &str) -> String {
    let item = state.rollbacks.get((rollback as usize).wrapping_sub(1)).and_then(|own| own.items.get(item));
    match item.filter(|of| state.runs.get(&of.run).is_some_and(|run| run.found_done.is_some())) {
        Some(of) => format!("{} {}: {how}", run_title(state, &of.run), tell::found(Found::Done)),
        None => format!(
            "{}done by hand: {how}",
            item.map_or_else(String::new, |of| format!("{} ", run_title(state, &of.run)))
        ),
    }
}

fn colon(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(": {text}") }
}
