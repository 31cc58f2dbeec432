//! Orders as people write them: `run start`, `hold "looks odd"`, `severity 2 checkout is slow`. One table feeds
//! `tminus do`, the screen's `:` line, its completion, the help, and the `do` lines that *explain* prints.
//!
//! What an order must name but nobody types (the attempt, the gate's round, the rollback's item) is taken from the
//! state that the writer sees.

mod notices;
#[cfg(test)]
mod tests;

use super::event::IncidentState;
use super::ids::{RoleId, RunId, RunKind, SignalId, StepId};
use super::launch::{LaunchState, StepStatus, leading_to, newest_stage, next_call, who_of};
use super::order::{Ballot, Found, Way, What};
use super::time::Span;
use super::wall::{Wall, signed};

/// A word that begins an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// The word.
    pub word: &'static str,
    /// What follows it.
    pub args: &'static str,
    /// What it does, one line.
    pub what: &'static str,
}

const fn spelling(word: &'static str, args: &'static str, what: &'static str) -> Spelling {
    Spelling { word, args, what }
}

/// All orders, in the order in which help shows them.
pub const ORDERS: &[Spelling] = &[
    spelling("run", "STEP", "start a step; again after a failure; open the poll of a gate"),
    spelling("sh", "COMMAND", "run a command that is not in the plan, on the record, as a step; also under a hold"),
    spelling("tick", "STEP [ITEM]", "tick a box, by its number from 1 or the beginning of its text"),
    spelling("untick", "STEP [ITEM]", "take a tick back"),
    spelling("done", "STEP [WHY]", "a step done by hand is done; with WHY, count a failed one as done (an override)"),
    spelling("skip", "STEP WHY", "leave a step out this time"),
    spelling("na", "STEP WHY", "a step does not apply"),
    spelling("stop", "STEP [finish]", "stop a running step; `finish` lets its command end by itself"),
    spelling("input", "STEP LINE", "send a line to a step's command"),
    spelling("output", "NAME VALUE WHY", "say what a step's output is where its command did not; VALUE in quotes"),
    spelling("resolve", "STEP done|not-done WHY", "say what became of an interrupted step"),
    spelling("vote", "GATE ROLE go|no-go [WHY]", "vote at an open gate"),
    spelling("go", "GATE [WHY]", "decide go; WHY is needed over an unmet requirement or a missing vote"),
    spelling("no-go", "GATE WHY", "decide no-go"),
    spelling("approve", "STEP [alone WHY]", "agree to the start of a step that needs more than one person"),
    spelling("hold", "WHY", "no new step starts until released; everyone's hold counts by itself"),
    spelling("release", "[of NAME] WHY", "release your hold, the only one, or NAME's (`engine` for the engine's)"),
    spelling("severity", "1..4 [TEXT]", "open an incident; `severity 2 #1 TEXT` changes incident 1"),
    spelling("describe", "INCIDENT TEXT", "say what is wrong, anew; the severity stays"),
    spelling("respond", "INCIDENT [TEXT]", "you are on it from now on: ends the response clock"),
    spelling("update", "INCIDENT TEXT", "tell how it goes: starts the update clock anew"),
    spelling("investigating", "INCIDENT [TEXT]", "nobody knows yet what it is, or again not"),
    spelling("mitigating", "INCIDENT [TEXT]", "something is being done against it"),
    spelling("mitigated", "INCIDENT [TEXT]", "people are no longer hurt: nobody more is called; updates go on"),
    spelling(
        "called",
        "INCIDENT [ROLE] answered|no-answer [TEXT]",
        "who was to be called next, or ROLE, was called; without an answer the backup comes next, then the next role",
    ),
    spelling("close", "INCIDENT [TEXT]", "close an incident, with what it was"),
    spelling("note", "TEXT", "write into the log"),
    spelling(
        "rollback",
        "NAME|stage|all [typed ENV] WHY",
        "start a way back; where a fired trigger asks for it, that is WHY enough",
    ),
    spelling("again", "", "a rollback that stopped: try its failed item again"),
    spelling("by-hand", "WHY", "a rollback that stopped: its failed item was done by hand"),
    spelling("leave", "WHY", "a rollback that stopped: give it up where it stands"),
    spelling("fire", "TRIGGER WHY", "fire a trigger that people fire: the answer to its question is yes"),
    spelling("clear", "TRIGGER WHY", "what a trigger was fired for by a person is over; it is armed again"),
    spelling("dismiss", "TRIGGER WHY", "answer for not following a trigger"),
    spelling(
        "ack",
        "[NAME|NUMBER] [TEXT]",
        "you are on it: what fired, is critical, or waits; all that people were told of, without a name",
    ),
    spelling("mute", "NAME|all SPAN WHY", "silence a trigger, a probe or all for SPAN (2h); it is evaluated as before"),
    spelling("unmute", "NAME|all", "end a mute"),
    spelling("notify-test", "CHANNEL", "send a message by a channel that says that it is a test"),
    spelling(
        "forget",
        "PROBE[INSTANCE] WHY",
        "an instance that is missing or fails no longer counts, until it is back",
    ),
    spelling(
        "baseline",
        "[PROBE] [SPAN]",
        "capture the normal of a probe's signals, or of all, from the last SPAN (10m)",
    ),
    spelling(
        "slip",
        "SPAN|to TIME WHY",
        "move T-0 and what counts from it: `+35m` later, `-10m` earlier, `to 02:35` in the plan's zone",
    ),
    spelling("outside", "STEP WHY", "the lead lets a step start though its window is closed; an override"),
    spelling("lead", "NAME [WHY]", "take or hand over the lead; WHY to a name that nobody known goes by"),
    spelling("adopt", "HASH", "take in the plan file as it is now; `tminus do diff` shows the difference and its hash"),
    spelling("end", "ENVIRONMENT WHY", "end the launch; the environment's name is typed"),
];

/// Other words for an order.
const ALSO: &[(&str, &str)] = &[("sev", "severity"), ("resolved", "close")];

/// The word of [`ORDERS`] that a typed word means; itself where it is no other word for one.
pub fn canonical(word: &str) -> &str {
    ALSO.iter().find(|(also, _)| *also == word).map_or(word, |(_, word)| word)
}

/// The command of a line that begins with `sh`, as it was typed: its quotes are the shell's.
pub fn command_of(line: &str) -> Option<&str> {
    let rest = line.trim_start().strip_prefix("sh")?;
    rest.starts_with(char::is_whitespace).then(|| rest.trim()).filter(|command| !command.is_empty())
}

/// Splits a typed line into words; double or single quotes keep blanks together.
pub fn words(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut begun = false;
    for c in line.chars() {
        match quote {
            Some(q) if c == q => quote = None,
            Some(_) => word.push(c),
            // An apostrophe inside a word is one: `don't`.
            None if c == '"' || (c == '\'' && word.is_empty()) => {
                quote = Some(c);
                begun = true;
            }
            None if c.is_whitespace() => {
                if begun || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            None => word.push(c),
        }
    }
    if let Some(q) = quote {
        return Err(format!("a quote {q} is not closed"));
    }
    if begun || !word.is_empty() {
        words.push(word);
    }
    Ok(words)
}

/// The step of that id. An error names the nearest one.
pub fn step(state: &LaunchState, name: &str) -> Result<StepId, String> {
    let id = StepId::from(name);
    if state.outline.step(&id).is_some() {
        return Ok(id);
    }
    let near = state.outline.steps.iter().map(|s| (strsim::damerau_levenshtein(s.id.as_str(), name), &s.id)).min();
    let hint =
        near.filter(|(far, _)| *far <= 3).map_or_else(String::new, |(_, near)| format!("; did you mean `{near}`?"));
    Err(format!("the plan has no step `{name}`{hint}"))
}

/// Reads an order. The error says what is wrong with it, and how it is spelled.
pub fn read(words: &[String], state: &LaunchState) -> Result<What, String> {
    let (word, rest) = words.split_first().ok_or("no order given")?;
    let Some(known) = ORDERS.iter().find(|o| o.word == canonical(word)) else {
        let near = ORDERS.iter().map(|o| (strsim::damerau_levenshtein(o.word, word), o.word)).min();
        let hint =
            near.filter(|(far, _)| *far <= 2).map_or_else(String::new, |(_, near)| format!("; did you mean `{near}`?"));
        return Err(format!("there is no order `{word}`{hint}"));
    };
    Reader { word: known, rest, state }
        .order()
        .map_err(|why| format!("{why}; it is spelled: {}", format!("{} {}", known.word, known.args).trim_end()))
}

struct Reader<'a> {
    word: &'static Spelling,
    rest: &'a [String],
    state: &'a LaunchState,
}

impl Reader<'_> {
    fn order(&mut self) -> Result<What, String> {
        let what = match self.word.word {
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
                let let_finish = self.keyword("finish");
                What::Stop { attempt: self.attempt(&step), step, let_finish }
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
                let found = match self.next("done or not-done")? {
                    "done" => Found::Done,
                    "not-done" => Found::NotDone,
                    other => return Err(format!("`{other}` is neither done nor not-done")),
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
            "release" => What::Release { of: self.whose_hold(), why: self.text("why")? },
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
            "adopt" => What::Adopt { hash: self.next("the hash")?.to_owned() },
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
        let trigger = leading_to(self.state, &way);
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
        let incident = self.incident()?;
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
                let has_one = who_of(&self.state.outline, &role, true).is_some();
                (role, backup && has_one)
            }
            (None, Some(next)) => (next.role, next.backup),
            (None, None) => return Err("nobody is to be called by the plan: say which role".to_owned()),
        };
        Ok(What::Called { incident, role, backup, answered, text: self.rest_text() })
    }

    fn next(&mut self, what: &str) -> Result<&str, String> {
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

    fn keyword(&mut self, word: &str) -> bool {
        let there = self.rest.first().is_some_and(|w| w == word);
        if there {
            self.rest = &self.rest[1..];
        }
        there
    }

    fn rest_text(&mut self) -> String {
        std::mem::take(&mut self.rest).join(" ")
    }

    fn maybe_text(&mut self) -> Option<String> {
        Some(self.rest_text()).filter(|t| !t.trim().is_empty())
    }

    fn text(&mut self, what: &str) -> Result<String, String> {
        self.maybe_text().ok_or_else(|| format!("{what} is missing"))
    }

    fn step(&mut self) -> Result<StepId, String> {
        step(self.state, self.next("the step")?)
    }

    fn incident(&mut self) -> Result<u32, String> {
        let number = self.next("the incident's number")?;
        number.trim_start_matches('#').parse().map_err(|_| format!("`{number}` is no incident's number"))
    }

    fn item(&mut self, step: &StepId) -> Result<Option<usize>, String> {
        let items = self.state.outline.step(step).map_or(&[][..], |s| &s.items);
        if items.is_empty() {
            return Ok(None);
        }
        let text = self.text("the item")?;
        let by_number = text.parse::<usize>().ok().and_then(|n| n.checked_sub(1)).filter(|n| *n < items.len());
        let by_text = || {
            let mut fits = items.iter().enumerate().filter(|(_, i)| i.to_lowercase().starts_with(&text.to_lowercase()));
            let first = fits.next()?;
            fits.next().is_none().then_some(first.0)
        };
        match by_number.or_else(by_text) {
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

    /// The newest way back, and the item it is at; whether it has stopped there is for the rules to say.
    fn newest_rollback(&self) -> (u32, usize) {
        let number = u32::try_from(self.state.rollbacks.len()).unwrap_or(u32::MAX);
        (number, self.state.rollbacks.last().map_or(0, |r| r.next))
    }
}

/// An order as it would be typed after `tminus do` or `:`, to be shown as advice; what a person must still supply stands
/// in capitals.
pub fn write(what: &What) -> String {
    let why = |text: &str| if text.trim().is_empty() { "WHY".to_owned() } else { quoted(text) };
    let or_text = |text: &str| if text.trim().is_empty() { "TEXT".to_owned() } else { quoted(text) };
    // None: no reason is needed.
    let or = |text: &Option<String>| text.as_deref().map_or_else(String::new, why);
    let line = match what {
        What::Run { step, .. } => format!("run {step}"),
        What::Sh { command } => {
            format!("sh {}", if command.is_empty() { "COMMAND".to_owned() } else { quoted(command) })
        }
        What::Tick { step, item, on } => {
            let item = item.map_or_else(String::new, |i| format!(" {}", i + 1));
            format!("{} {step}{item}", if *on { "tick" } else { "untick" })
        }
        What::Done { step, why: text } => format!("done {step} {}", or(text)),
        What::Skip { step, why: w, not_applicable } => {
            format!("{} {step} {}", if *not_applicable { "na" } else { "skip" }, why(w))
        }
        What::Stop { step, let_finish, .. } => format!("stop {step}{}", if *let_finish { " finish" } else { "" }),
        What::Input { run, line } => {
            format!("input {} {}", run.step, if line.is_empty() { "LINE".to_owned() } else { quoted(line) })
        }
        What::Output { name, value, why: w } => {
            let value = if value.is_empty() { "VALUE".to_owned() } else { quoted(value) };
            format!("output {name} {value} {}", why(w))
        }
        What::Resolve { run, found, why: w } => {
            format!("resolve {} {} {}", run.step, if *found == Found::Done { "done" } else { "not-done" }, why(w))
        }
        What::Vote { gate, role, vote, why: text, .. } => match vote {
            Ballot::Go => format!("vote {gate} {role} go {}", or(text)),
            Ballot::NoGo => format!("vote {gate} {role} no-go {}", why(text.as_deref().unwrap_or(""))),
        },
        What::Decide { gate, go, why: text, .. } => {
            format!(
                "{} {gate} {}",
                if *go { "go" } else { "no-go" },
                if *go { or(text) } else { why(text.as_deref().unwrap_or("")) }
            )
        }
        What::Approve { step, alone, .. } => match alone {
            Some(w) => format!("approve {step} alone {}", why(w)),
            None => format!("approve {step}"),
        },
        What::Hold { why: w } => format!("hold {}", why(w)),
        What::Release { of: None, why: w } => format!("release {}", why(w)),
        What::Release { of: Some(of), why: w } => format!("release of {} {}", quoted(of), why(w)),
        What::Severity { incident, level, text } => {
            let incident = incident.map_or_else(String::new, |n| format!(" #{n}"));
            format!("severity {level}{incident} {}", if text.is_empty() { String::new() } else { quoted(text) })
        }
        What::Describe { incident, text } => {
            format!("describe {incident} {}", or_text(text))
        }
        What::Respond { incident, text } => {
            format!("respond {incident} {}", if text.is_empty() { String::new() } else { quoted(text) })
        }
        What::Update { incident, text } => {
            format!("update {incident} {}", or_text(text))
        }
        What::Move { incident, to, text } => {
            format!("{} {incident} {}", to.word(), if text.is_empty() { String::new() } else { quoted(text) })
        }
        What::Called { incident, role, answered, text, .. } => {
            let how = if *answered { "answered" } else { "no-answer" };
            format!("called {incident} {role} {how} {}", if text.is_empty() { String::new() } else { quoted(text) })
        }
        What::Resolved { incident, text } => {
            format!("close {incident} {}", if text.is_empty() { String::new() } else { quoted(text) })
        }
        What::Note { text } => format!("note {}", or_text(text)),
        What::Rollback { way, trigger, typed, why: text } => {
            let way = match way {
                Way::Stage(_) => "stage".to_owned(),
                Way::All => "all".to_owned(),
                Way::Named(name) => name.to_string(),
            };
            let typed = typed.as_ref().map_or_else(String::new, |t| format!(" typed {}", environment(t)));
            // A trigger that asks for it is reason enough.
            let text = if text.is_empty() && trigger.is_some() { String::new() } else { why(text) };
            format!("rollback {way}{typed} {text}")
        }
        What::RollbackAgain { .. } => "again".to_owned(),
        What::RollbackByHand { why: w, .. } => format!("by-hand {}", why(w)),
        What::RollbackLeave { why: w, .. } => format!("leave {}", why(w)),
        What::Fire { trigger, why: w } => format!("fire {trigger} {}", why(w)),
        What::Clear { trigger, why: w } => format!("clear {trigger} {}", why(w)),
        What::Dismiss { trigger, why: w } => format!("dismiss {trigger} {}", why(w)),
        What::Acknowledge { .. } | What::Mute { .. } | What::Unmute { .. } | What::NotifyTest { .. } => {
            notices::write(what)
        }
        What::Forget { signal, why: w } => format!("forget {} {}", quoted(&signal.to_string()), why(w)),
        What::Baseline { probe, over } => {
            format!("baseline {}{over}", probe.as_ref().map_or_else(String::new, |p| format!("{p} ")))
        }
        What::Slip { from, to, why: w } => format!("slip {} {}", signed(to.since(*from)), why(w)),
        What::Outside { step, why: w, .. } => format!("outside {step} {}", why(w)),
        What::Lead { name, why: text, .. } => {
            let name = if name.is_empty() { "NAME".to_owned() } else { quoted(name) };
            format!("lead {name} {}", or(text))
        }
        What::Adopt { hash } => format!("adopt {hash}"),
        What::End { typed, why: w } => {
            format!("end {} {}", environment(typed), why(w))
        }
    };
    line.trim_end().to_owned()
}

fn environment(typed: &str) -> String {
    if typed.is_empty() { "ENVIRONMENT".to_owned() } else { quoted(typed) }
}

fn quoted(text: &str) -> String {
    let plain = !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_./:[]%#+".contains(c));
    if plain { text.to_owned() } else { format!("\"{}\"", text.replace('"', "'")) }
}
