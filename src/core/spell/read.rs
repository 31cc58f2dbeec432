//! Reads an order from its words, word by word.

use super::{Spelling, step};
use crate::core::event::IncidentState;
use crate::core::ids::{RoleId, RunId, RunKind, SignalId, StepId};
use crate::core::launch::{LaunchState, StepStatus, leading_to, newest_stage, next_call, who_of};
use crate::core::order::{Ballot, Found, Way, What};
use crate::core::time::Span;
use crate::core::view::Readout;
use crate::core::wall::Wall;

pub(super) struct Reader<'a> {
    pub(super) word: &'static Spelling,
    pub(super) rest: &'a [String],
    pub(super) state: &'a LaunchState,
    pub(super) readout: &'a Readout,
}

impl Reader<'_> {
    pub(super) fn order(&mut self) -> Result<What, String> {
        let what = match self.word.word {
            word @ ("tick" | "untick" | "done" | "skip" | "found") if word == "found" || self.is_watch() => {
                self.check(word)?
            }
            "run" => {
                let step = self.step()?;
                What::Run { attempt: self.next_attempt(&step), step }
            }
            "sh" => What::Sh { command: self.text("the command")? },
            on @ ("tick" | "untick") => {
                let step = self.step()?;
                What::Tick { item: self.item(&step)?, step, on: on == "tick" }
            }
            "done" => What::Done { step: self.step()?, why: self.maybe_text() },
            "skip" => What::Skip { step: self.step()?, why: self.text("why")?, not_applicable: false },
            "na" => What::Skip { step: self.step()?, why: self.text("why")?, not_applicable: true },
            "stop" => {
                let step = self.step()?;
                let attempt = self.attempt(&step);
                if self.keyword("now") {
                    if !self.keyword("typed") {
                        return Err("`now` wants `typed` and the environment's name, then why".to_owned());
                    }
                    let typed = self.next("the environment's name")?.to_owned();
                    What::StopNow { attempt, step, typed, why: self.rest_text() }
                } else {
                    What::Stop { attempt, let_finish: self.keyword("finish"), step }
                }
            }
            "input" => {
                let step = self.step()?;
                What::Input { run: self.run_of(&step), line: self.rest_text() }
            }
            "output" => {
                let name = self.next("the output's name")?.to_owned();
                let value = self.next("its value")?.to_owned();
                What::Output { name, value, why: self.text("how you know")? }
            }
            "resolve" => {
                let step = self.step()?;
                let run = self.run_of(&step);
                let (done, not_done) = super::found_words(run.kind);
                let found = match self.next(&format!("{done} or {not_done}"))? {
                    word if word == done => Found::Done,
                    word if word == not_done => Found::NotDone,
                    other => {
                        let what = format!("what is asked is what became of {}", run.kind.of(format_args!("`{step}`")));
                        return Err(format!("`{other}` is neither {done} nor {not_done}: {what}"));
                    }
                };
                What::Resolve { run, found, why: self.text("how you know")? }
            }
            "vote" => {
                let gate = self.step()?;
                let role: RoleId = self.next("the role")?.into();
                let vote = match self.next("go or no-go")? {
                    "go" => Ballot::Go,
                    "no-go" | "nogo" => Ballot::NoGo,
                    other => return Err(format!("`{other}` is neither go nor no-go")),
                };
                What::Vote { round: self.round(&gate), gate, role, vote, why: self.maybe_text() }
            }
            go @ ("go" | "no-go") => {
                let gate = self.step()?;
                What::Decide { round: self.round(&gate), gate, go: go == "go", why: self.maybe_text() }
            }
            "approve" => {
                let step = self.step()?;
                let alone = if self.keyword("alone") { Some(self.text("why alone")?) } else { None };
                What::Approve { attempt: self.next_attempt(&step), step, alone }
            }
            "hold" => What::Hold { why: self.text("why")? },
            "release" => {
                let of = self.whose_hold();
                // What is read here was written in sight of this state.
                let seen = of.as_deref().and_then(|of| self.state.hold_of(of)).map(|hold| hold.why.clone());
                What::Release { of, seen, why: self.text("why")? }
            }
            "severity" => {
                let level = self.next("the level, 1 (worst) to 4")?;
                let level = level
                    .trim_start_matches("SEV")
                    .trim_start_matches("sev")
                    .parse()
                    .map_err(|_| format!("`{level}` is no level from 1 to 4"))?;
                let incident = match self.rest.first().and_then(|w| w.strip_prefix('#')) {
                    Some(number) => {
                        let number = number.parse().map_err(|_| format!("`#{number}` is no incident's number"))?;
                        self.rest = &self.rest[1..];
                        Some(number)
                    }
                    None => None,
                };
                What::Severity { incident, level, text: self.rest_text() }
            }
            "describe" => What::Describe { incident: self.incident()?, text: self.text("what is wrong")? },
            "respond" => What::Respond { incident: self.incident()?, text: self.rest_text() },
            "update" => What::Update { incident: self.incident()?, text: self.text("how it goes")? },
            state @ ("investigating" | "mitigating" | "mitigated") => {
                let to = match state {
                    "investigating" => IncidentState::Investigating,
                    "mitigating" => IncidentState::Mitigating,
                    _ => IncidentState::Mitigated,
                };
                What::Move { incident: self.incident()?, to, text: self.rest_text() }
            }
            "called" => self.called()?,
            "close" => What::Resolved { incident: self.incident()?, text: self.rest_text() },
            "note" => What::Note { text: self.text("the text")? },
            "fix" => {
                let named = self.rest.len() > 1 && self.state.outline.step(&self.rest[0].as_str().into()).is_some();
                let step = if named { Some(self.step()?) } else { None };
                What::Fix { step, text: self.text("what is to be mended")? }
            }
            "rollback" => self.rollback()?,
            "again" => {
                let (rollback, item) = self.newest_rollback();
                What::RollbackAgain { rollback, item }
            }
            "by-hand" => {
                let (rollback, item) = self.newest_rollback();
                What::RollbackByHand { rollback, item, why: self.text("how you know")? }
            }
            "leave" => What::RollbackLeave { rollback: self.newest_rollback().0, why: self.text("why")? },
            "settled" => {
                let rollback = self.left_half_done()?;
                What::RollbackSettled { rollback, why: self.text("how it was put right")? }
            }
            "fire" => What::Fire { trigger: self.next("the trigger")?.into(), why: self.text("why")? },
            "clear" => What::Clear { trigger: self.next("the trigger")?.into(), why: self.text("why")? },
            "dismiss" => What::Dismiss { trigger: self.next("the trigger")?.into(), why: self.text("why")? },
            word @ ("ack" | "mute" | "unmute" | "notify-test") => self.notices(word)?,
            "forget" => {
                let name = self.next("the instance, as probe[instance]")?.to_owned();
                let signal: SignalId = name.parse().or_else(|_| format!("{name}.any").parse())?;
                if signal.instance.is_none() {
                    return Err(format!("`{name}` names no instance"));
                }
                What::Forget { signal, why: self.text("why")? }
            }
            "baseline" => {
                let (mut over, mut probe) = (None, None);
                while let Some((word, rest)) = self.rest.split_first() {
                    match word.parse::<Span>() {
                        Ok(span) if over.is_none() => over = Some(span),
                        Err(_) if word.starts_with(|c: char| c.is_ascii_digit()) => {
                            return Err(format!("`{word}` is no length of time: 10s, 10m and 10h are"));
                        }
                        Err(_) if probe.is_none() => probe = Some(word.as_str().into()),
                        _ => break,
                    }
                    self.rest = rest;
                }
                What::Baseline { probe, over: over.unwrap_or(Span::mins(10)) }
            }
            "lead" => {
                let name = self.next("the name")?.to_owned();
                What::Lead { name, why: self.maybe_text(), here: Vec::new() }
            }
            "slip" => self.slip()?,
            "outside" => {
                let step = self.step()?;
                What::Outside { attempt: self.next_attempt(&step), step, why: self.text("why")? }
            }
            word @ ("handover" | "accept" | "take-over") => self.shifts(word)?,
            "adopt" => What::Adopt { hash: self.next("the hash")?.to_owned() },
            // As a way back is typed.
            "end"
                if self.rest.first().is_some_and(|word| word == "typed" && *word != self.state.outline.environment) =>
            {
                self.rest = &self.rest[1..];
                What::End { typed: self.next("the environment's name")?.to_owned(), why: self.text("why")? }
            }
            "end" => What::End { typed: self.next("the environment's name")?.to_owned(), why: self.text("why")? },
            other => return Err(format!("`{other}` can't be read")),
        };
        match self.rest.first() {
            Some(more) => Err(format!("`{more}` is one word too many")),
            None => Ok(what),
        }
    }

    fn rollback(&mut self) -> Result<What, String> {
        let name = self.next("which way back")?.to_owned();
        let way = match name.as_str() {
            "all" => Way::All,
            "stage" => {
                // Where none began, the launch says so: it is spelled well.
                let newest = newest_stage(self.state).or_else(|| self.state.outline.steps.first().map(|s| &s.id));
                Way::Stage(newest.ok_or("the plan has no step")?.clone())
            }
            named if self.state.outline.rollbacks.iter().any(|r| r.id.as_str() == named) => Way::Named(named.into()),
            other => {
                let known: Vec<&str> = self.state.outline.rollbacks.iter().map(|r| r.id.as_str()).collect();
                return Err(format!("there is no way back `{other}`: the plan has {}, stage, all", known.join(", ")));
            }
        };
        let typed = if self.keyword("typed") { Some(self.next("the environment's name")?.to_owned()) } else { None };
        let trigger = leading_to(self.state, self.readout, &way);
        Ok(What::Rollback { way, trigger, typed, why: self.rest_text() })
    }

    fn slip(&mut self) -> Result<What, String> {
        let from = self.state.t0;
        let to = if self.keyword("to") {
            let time = self.next("the time")?.to_owned();
            Wall::of(self.state).read(&time, from)?
        } else {
            let by = self.next("by how much")?;
            from + by.strip_prefix('+').unwrap_or(by).parse::<Span>()?
        };
        Ok(What::Slip { from, to, why: self.text("why")? })
    }

    /// Whom: as said, else who is to be called next. Of a role that did not answer it is the backup.
    fn called(&mut self) -> Result<What, String> {
        let incident = self.incident_or_only()?;
        let word = self.next("answered or no-answer")?.to_owned();
        let known = (incident as usize).checked_sub(1).and_then(|i| self.state.incidents.get(i));
        let next = next_call(self.state, incident);
        let (role, word) = if matches!(word.as_str(), "answered" | "no-answer") {
            (None, word)
        } else {
            (Some(RoleId::from(word)), self.next("answered or no-answer")?.to_owned())
        };
        let answered = match word.as_str() {
            "answered" => true,
            "no-answer" => false,
            other => return Err(format!("`{other}` is neither answered nor no-answer")),
        };
        let (role, backup) = match (role, next) {
            (Some(role), Some(next)) if next.role == role => (role, next.backup),
            (Some(role), _) => {
                let silent = known.and_then(|i| i.calls.iter().rev().find(|call| call.role == role));
                let backup = silent.is_some_and(|call| !call.answered && !call.backup);
                let has_one = who_of(self.state, &role, true).is_some();
                (role, backup && has_one)
            }
            (None, Some(next)) => (next.role, next.backup),
            (None, None) => return Err("nobody is to be called by the plan: say which role".to_owned()),
        };
        Ok(What::Called { incident, role, backup, answered, text: self.rest_text() })
    }

    pub(super) fn next(&mut self, what: &str) -> Result<&str, String> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| format!("{what} is missing"))?;
        self.rest = rest;
        Ok(first)
    }

    /// Whose hold is released: as said, or the only one that the writer sees. With several it is the writer's own.
    fn whose_hold(&mut self) -> Option<String> {
        if self.keyword("of") {
            return self.next("whose").ok().map(str::to_owned);
        }
        self.state.hold.as_ref().filter(|_| self.state.more_holds.is_empty()).map(|hold| hold.whose().to_owned())
    }

    pub(super) fn keyword(&mut self, word: &str) -> bool {
        let there = self.rest.first().is_some_and(|w| w == word);
        if there {
            self.rest = &self.rest[1..];
        }
        there
    }

    pub(super) fn rest_text(&mut self) -> String {
        std::mem::take(&mut self.rest).join(" ")
    }

    fn maybe_text(&mut self) -> Option<String> {
        Some(self.rest_text()).filter(|t| !t.trim().is_empty())
    }

    pub(super) fn text(&mut self, what: &str) -> Result<String, String> {
        self.maybe_text().ok_or_else(|| format!("{what} is missing"))
    }

    fn step(&mut self) -> Result<StepId, String> {
        step(self.state, self.next("the step")?)
    }

    fn incident(&mut self) -> Result<u32, String> {
        let number = self.next("the incident's number")?;
        number.trim_start_matches('#').parse().map_err(|_| format!("`{number}` is no incident's number"))
    }

    /// The number that stands there; where none does, the only incident that is open. Not before a text, whose first word
    /// may be a number.
    fn incident_or_only(&mut self) -> Result<u32, String> {
        if self.rest.first().is_some_and(|first| first.trim_start_matches('#').parse::<u32>().is_ok()) {
            return self.incident();
        }
        let all = (1..).zip(&self.state.incidents);
        let open: Vec<u32> = all.filter(|(_, i)| i.resolved.is_none()).map(|(n, _): (u32, _)| n).collect();
        match open.as_slice() {
            [only] => Ok(*only),
            [] => Err("no incident is open".to_owned()),
            [..] => {
                let names = open.iter().map(|n| format!("#{n}")).collect::<Vec<_>>().join(", ");
                Err(format!("{names} are open: say which"))
            }
        }
    }

    fn item(&mut self, step: &StepId) -> Result<Option<usize>, String> {
        let items = self.state.outline.step(step).map_or(&[][..], |s| &s.items);
        if items.is_empty() {
            return Ok(None);
        }
        let text = self.text("the item")?;
        match box_of(items, &text) {
            Some(item) => Ok(Some(item)),
            None => {
                Err(format!("`{text}` is no single item of {step}: 1 to {}, or the beginning of its text", items.len()))
            }
        }
    }

    fn attempt(&self, step: &StepId) -> u32 {
        self.state.steps.get(step).map_or(0, |s| s.attempt)
    }

    fn next_attempt(&self, step: &StepId) -> u32 {
        self.attempt(step) + 1
    }

    fn round(&self, gate: &StepId) -> u32 {
        self.state.steps.get(gate).and_then(|s| s.poll.as_ref()).map_or(0, |p| p.round)
    }

    /// The run that is under way at a step, else the newest; whether there is one is for the rules to say.
    fn run_of(&self, step: &StepId) -> RunId {
        match self.state.steps.get(step).map(|s| &s.status) {
            Some(StepStatus::Running { run } | StepStatus::Interrupted { run, .. } | StepStatus::Undoing { run }) => {
                run.clone()
            }
            _ => RunId { step: step.clone(), kind: RunKind::Do, attempt: self.attempt(step) },
        }
    }

    /// The number of a way back that was left half done: as it is said (`rollback 2`), else the only one.
    fn left_half_done(&mut self) -> Result<u32, String> {
        if let [word, number, text @ ..] = self.rest
            && word == "rollback"
            && let Ok(number) = number.parse()
        {
            self.rest = text;
            return Ok(number);
        }
        let all: Vec<_> = self.state.half_backs().collect();
        match all.as_slice() {
            [] => Ok(self.newest_rollback().0),
            [one] => Ok(one.number),
            several => {
                let each = several.iter().map(|half| format!("settled rollback {} ({})", half.number, half.of.title));
                let each = each.collect::<Vec<_>>().join(", ");
                Err(format!("{} ways back were left half done; say which: {each}", several.len()))
            }
        }
    }

    /// The newest way back, and the item it is at; whether it has stopped there is for the rules to say.
    fn newest_rollback(&self) -> (u32, usize) {
        let number = u32::try_from(self.state.rollbacks.len()).unwrap_or(u32::MAX);
        (number, self.state.rollbacks.last().map_or(0, |r| r.next))
    }
}

/// The one box that is meant: by its number from 1, its text, or the beginning of it.
pub(super) fn box_of(items: &[String], text: &str) -> Option<usize> {
    let by_number = text.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < items.len());
    let whole = || items.iter().position(|i| i.to_lowercase() == text.to_lowercase());
    by_number.or_else(whole).or_else(|| {
        let mut fits = items.iter().enumerate().filter(|(_, i)| i.to_lowercase().starts_with(&text.to_lowercase()));
        let first = fits.next()?;
        fits.next().is_none().then_some(first.0)
    })
}
