//! `tminus do ORDER…`: any order from a script or a shell, with the words of the screen's `:` line.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{IsTerminal as _, Read as _};
use std::process::ExitCode;

use color_eyre::eyre::eyre;
use serde_json::json;

use super::reach::{self, Who};
use super::session::{self, Lost, Session};
use super::standing::Standing;
use crate::core::event::{Event, Recorded};
use crate::core::ids::{LaunchId, OrderId, Seq};
use crate::core::launch::{LaunchState, UpdateOf, Waiting, duties, explain, explain_named, update_text, waiting};
use crate::core::order::{Rejection, What};
use crate::core::secret::{Carried, Hidden};
use crate::core::text::clean;
use crate::core::time::{Span, Timestamp};
use crate::core::view::Readout;
use crate::core::words::clock;
use crate::core::{spell, tell};
use crate::engine::open::{self, OpenError};
use crate::engine::secrets;
use crate::tui::words::Zone;
use crate::wire::link::Link;
use crate::wire::message::{self as wire, Query};

/// Taken.
const TAKEN: u8 = 0;
/// tminus failed.
const FAILED: u8 = 1;
/// The order can't be read.
pub(super) const MISSPELT: u8 = 2;
/// There is no such launch, or its engine can't be reached.
const NO_LAUNCH: u8 = 3;
/// The engine refused it.
const REJECTED: u8 = 4;

/// With `--wait`: the step is over and is not done.
const NOT_DONE: u8 = 5;

/// How often an order is given whose engine dies before it answers.
const TRIES: u8 = 3;

/// The order.
#[derive(Debug, clap::Args)]
#[command(after_help = orders())]
pub struct Args {
    /// The order and what it needs, as `run start-green` or `hold "looks odd"`
    #[arg(required = true, value_name = "ORDER")]
    order: Vec<String>,
    /// The launch, or a part of its name [default: the only live one]
    #[arg(long, value_name = "LAUNCH", env = "TMINUS_LAUNCH")]
    launch: Option<String>,
    #[command(flatten)]
    who: Who,
    /// With `run STEP`: wait until the step is over; what it is at goes to standard error
    #[arg(long)]
    wait: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// The arguments of the process as clap takes them: in an order `-10m` is a length of time and no flag. A blank before it
/// says so; whoever reads a length of time passes it over.
pub(super) fn arguments(all: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut all: Vec<OsString> = all.collect();
    let is_span =
        |word: &str| word.strip_prefix('-').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    if all.get(1).is_some_and(|first| first == "do") {
        for word in &mut all[2..] {
            if let Some(span) = word.to_str().filter(|word| is_span(word)) {
                *word = format!(" {span}").into();
            }
        }
    }
    all
}

/// What help says of the orders, from the table that the screen uses too.
pub(super) fn orders() -> String {
    let mut text = String::from("Orders:\n");
    for order in spell::ORDERS {
        text.push_str(&format!("  {:<40} {}\n", format!("{} {}", order.word, order.args), order.what));
    }
    text.push_str(&format!(
        "  {:<40} {}\n",
        "explain [NAME]",
        "what all that waits waits for, since when, and which order moves it; or a step, trigger, \
         way back, incident (#1), probe; starts no engine"
    ));
    text.push_str(&format!(
        "  {:<40} {}\n",
        "diff", "how the plan file differs from the plan that was taken in, and its hash"
    ));
    text.push_str(&format!(
        "  {:<40} {}\n",
        "env SECRET…", "give the engine secrets from this environment, or one from standard input"
    ));
    text.push_str("\nA gate is never passed by default: `run GATE` opens its poll, only `go GATE` decides it.\n");
    text.push_str(
        "Exit status: 0 taken, 1 tminus failed, 2 the order can't be read, 3 no such launch, or its engine can't be \
         reached, 4 rejected, \
         5 taken, but with --wait the step did not come to be done.",
    );
    text
}

/// Gives the order.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    let words = match args.order.as_slice() {
        // A command keeps its own quotes: `tminus do "sh grep 'a b' log"`.
        [one] if let Some(command) = spell::command_of(one) => Ok(vec!["sh".to_owned(), command.to_owned()]),
        // Quoted as one word: `tminus do "run start"`.
        [one] if one.contains(char::is_whitespace) => spell::words(one),
        several => Ok(several.iter().map(|word| word.trim_start().to_owned()).collect()),
    };
    let answer = match words {
        Err(why) => Answer::misspelt(why),
        Ok(words) => match reach::launch(args.launch.as_deref()) {
            Err(e) => Answer { status: NO_LAUNCH, ..Answer::misspelt(e.to_string()) },
            Ok(id) => reach::block_on(deliver(&id, &args, &words))
                .unwrap_or_else(|e| Answer { status: FAILED, ..Answer::misspelt(super::told(&e)) }),
        },
    };
    answer.say(args.json)
}

/// Gives an order that was typed as a line: its exit status, and what is to be said of it; what it led to is told by its
/// events.
pub(super) async fn typed(session: &mut Session, line: &str) -> color_eyre::Result<(u8, Option<String>)> {
    let words = match spell::command_of(line) {
        Some(command) => Ok(vec!["sh".to_owned(), command.to_owned()]),
        None => spell::words(line),
    };
    let words = match words {
        Ok(words) => words,
        Err(why) => return Ok((MISSPELT, Some(Answer::misspelt(why).text))),
    };
    let answer = give(session, session::new_id(), &words, false, false).await?;
    let said = answer.status != TAKEN || only_asks(&words);
    Ok((answer.status, said.then_some(answer.text)))
}

/// Gives the order, again where the engine dies over it: by its id it is taken once.
async fn deliver(launch: &LaunchId, args: &Args, words: &[String]) -> color_eyre::Result<Answer> {
    let id = session::new_id();
    // Secrets may come by standard input, and that comes once.
    let mut left = if words.first().is_some_and(|word| word == "env") { 1 } else { TRIES };
    let mut had_died = false;
    loop {
        left -= 1;
        let (link, died) = match link(launch, &args.who, words).await {
            Ok(Some(link)) => link,
            Ok(None) => return without_engine(launch, words),
            Err(e) => return Ok(Answer { status: NO_LAUNCH, ..Answer::misspelt(super::told(&e)) }),
        };
        had_died |= died;
        let given = async {
            let mut session = Session::open(link).await?;
            give(&mut session, id.clone(), words, args.wait, had_died).await
        };
        match given.await {
            Err(e) if left > 0 && e.is::<Lost>() => {}
            given => return given,
        }
    }
}

/// A link to the engine, and whether that had died and was started again. Who only asks starts none.
async fn link(launch: &LaunchId, who: &Who, words: &[String]) -> color_eyre::Result<Option<(Link, bool)>> {
    match only_asks(words) {
        true => Ok(reach::link_if_present(launch, who).await?.map(|link| (link, false))),
        false => reach::link(launch, who).await.map(Some),
    }
}

fn only_asks(words: &[String]) -> bool {
    matches!(words.first().map(String::as_str), Some("explain" | "diff"))
}

/// What the journal says to who asks where no engine runs: all of an incident, and of the rest what stood last.
fn without_engine(launch: &LaunchId, words: &[String]) -> color_eyre::Result<Answer> {
    let state = open::state(launch)?;
    if reach::over(&state) {
        return Ok(Answer { status: NO_LAUNCH, ..Answer::misspelt(OpenError::Over(launch.clone()).to_string()) });
    }
    let Standing { why, now, .. } = Standing::of(&state, None, &wire::Trouble::default());
    let (out, stood) = why.split_first().map_or(("", &[][..]), |(out, stood)| (out.as_str(), stood));
    let out = format!("no engine runs, and asking starts none: {}", clean(out));
    if let [word, name] = words
        && word == "explain"
        && name.starts_with('#')
    {
        let measured = Readout { at: now, ..Readout::default() };
        return Ok(match explain_named(&state, &measured, name, now) {
            Ok(found) => {
                let told = explanation(&found, &state, now);
                Answer { text: format!("{}\n{out}", told.text), ..told }
            }
            Err(why) => Answer::misspelt(why),
        });
    }
    let stood = stood.iter().filter(|_| words.first().is_some_and(|word| word == "explain"));
    let said = stood.map(|line| format!("\n  {}", clean(line)));
    let text = format!("{out}{}", said.collect::<String>());
    Ok(Answer { status: NO_LAUNCH, ..Answer::misspelt(text) })
}

async fn give(
    session: &mut Session,
    id: OrderId,
    words: &[String],
    wait: bool,
    had_died: bool,
) -> color_eyre::Result<Answer> {
    match words {
        [word] if word == "explain" => return explained(session, None).await,
        [word, name] if word == "explain" => return explained(session, Some(name)).await,
        [word] if word == "diff" => return diff(session).await,
        [word, names @ ..] if word == "env" => {
            let references = session.state.outline.secrets.clone();
            let values = match values(names, &references) {
                Ok(values) => values,
                Err(why) => return Ok(Answer::misspelt(why)),
            };
            let reply = session.env(values).await?;
            return Ok(Answer::of(session, reply));
        }
        _ => {}
    }
    let words = &filled(session, words).await?;
    let what = match spell::read(words, &session.state, &session.readout) {
        Ok(what) => what,
        Err(why) => return Ok(Answer::misspelt(why)),
    };
    if let What::Release { why, .. } = &what
        && had_died
        && session.state.hold.is_some()
        && !session.state.orders.contains_key(&id)
    {
        let holds = session.state.holds_words();
        let unseen =
            format!("the engine had died, this order started it again, and nobody saw what holds now: {holds}");
        let unseen = Rejection::but(unseen, "look at it, then order it again").any(session.state.releases(why));
        return Ok(Answer::of(session, Err(unseen)));
    }
    let waits_for = match &what {
        What::Run { step, .. } if wait => Some(step.clone()),
        _ => None,
    };
    if let Err(why) = session::fits(&id, &what) {
        return Ok(Answer::misspelt(why));
    }
    let reply = session.order(id, what).await?;
    let mut status = TAKEN;
    if let (Some(step), Ok(_)) = (waits_for, &reply) {
        let now = |state: &LaunchState| state.steps.get(&step).map(|s| s.status.clone()).unwrap_or_default();
        // It may last, and may want a person: who reads a build's log sees what it is at.
        let mut said = String::new();
        session.signals().await?;
        session
            .until(|state, readout| {
                let found = explain(state, readout, &step, readout.at.max(state.last_at));
                if found.state != said && now(state).is_active() {
                    let because = found.because.first().map_or_else(String::new, |b| format!(": {}", clean(b)));
                    eprintln!("{step} {}{because}", found.state);
                    said = found.state;
                }
                !now(state).is_active()
            })
            .await?;
        if !now(&session.state).is_over() {
            status = NOT_DONE;
        }
    }
    let mut answer = Answer::of(session, reply);
    answer.status = answer.status.max(status);
    Ok(answer)
}

/// An update without a text says what the plan's template makes of this moment, where there is one.
async fn filled(session: &mut Session, words: &[String]) -> color_eyre::Result<Vec<String>> {
    let mut words = words.to_vec();
    let [word, number] = words.as_slice() else { return Ok(words) };
    let number = number.trim_start_matches('#').parse::<u32>().ok().filter(|_| word == "update");
    let level = number.and_then(|n| Some(session.state.incidents.get((n as usize).checked_sub(1)?)?.level));
    let template = level.and_then(|level| session.state.outline.severities.get(&level)?.template.as_ref());
    if let (Some(number), Some(_)) = (number, template) {
        session.signals().await?;
        let (state, readout) = (&session.state, &session.readout);
        let Standing { answers: Some(told), now, .. } = Standing::of(state, Some(readout), &wire::Trouble::default())
        else {
            return Ok(words);
        };
        let zone = Zone::new(state.outline.zone.as_deref(), Span::ZERO);
        let wall = |at| format!("{} {}", zone.minutes(at), zone.name(at));
        words.extend(update_text(state, number, &UpdateOf { readout, answer: &told.now, now, wall: &wall }));
    }
    Ok(words)
}

/// The values of secrets, from this process's environment and files, or one from standard input.
fn values(names: &[String], references: &BTreeMap<String, String>) -> Result<Carried, String> {
    if names.is_empty() {
        let known: Vec<&str> = references.keys().map(String::as_str).collect();
        if known.is_empty() {
            return Err("the plan has no secrets".to_owned());
        }
        return Err(format!("say which secrets: the plan has {}", known.join(", ")));
    }
    let mut values = BTreeMap::new();
    for name in names {
        let by_name = references.get_key_value(name);
        let by_variable = || references.iter().find(|(_, r)| **r == format!("${{env:{name}}}"));
        let (secret, reference) =
            by_name.or_else(by_variable).ok_or_else(|| format!("the plan has no secret `{name}`"))?;
        let value = match secrets::resolve(reference) {
            Ok(value) => value,
            Err(_) if names.len() == 1 && !std::io::stdin().is_terminal() => {
                let mut text = String::new();
                std::io::stdin().take(64 * 1024).read_to_string(&mut text).map_err(|e| e.to_string())?;
                let text = text.trim_end_matches(['\r', '\n']);
                if text.is_empty() {
                    return Err(format!("standard input is empty, and {reference} has no value here either"));
                }
                text.to_owned()
            }
            Err(why) => return Err(format!("{secret}: {why}; set it here, or give it by standard input")),
        };
        values.insert(secret.clone(), Hidden::from(value));
    }
    Ok(Carried(values))
}

/// What something waits for, or all that waits.
async fn explained(session: &mut Session, name: Option<&str>) -> color_eyre::Result<Answer> {
    session.signals().await?;
    let (state, readout, now) = (&session.state, &session.readout, session.readout.at);
    let found = match name {
        None => waiting(state, readout, now),
        Some(name) => match explain_named(state, readout, name, now) {
            Ok(found) => found,
            Err(why) => return Ok(Answer::misspelt(why)),
        },
    };
    Ok(explanation(&found, state, now))
}

fn explanation(found: &[Waiting], state: &LaunchState, now: Timestamp) -> Answer {
    let written =
        |orders: &[What]| -> Vec<String> { orders.iter().map(|o| format!("tminus do {}", spell::write(o))).collect() };
    let mut text = Vec::new();
    let mut json = Vec::new();
    for Waiting { name, title, why: e } in found {
        let (orders, elsewhere) = (written(&e.orders), written(&e.elsewhere));
        let since = e.since.filter(|since| *since < now);
        let since = since
            .map_or_else(String::new, |at| format!(" for {}, since {}", clock(now.since(at)), reach::stamp(state, at)));
        text.push(format!("{}: {}{since}", clean(title), e.state));
        text.extend(e.because.iter().map(|b| format!("  {}", clean(b))));
        text.extend(orders.iter().chain(&elsewhere).map(|o| format!("  → {}", clean(o))));
        json.push(json!({
            "name": name, "title": title, "state": e.state, "due": e.due, "since": e.since, "because": e.because,
            "orders": orders, "elsewhere": elsewhere,
        }));
    }
    if found.is_empty() {
        text.push("nothing waits".to_owned());
    }
    Answer { status: TAKEN, text: text.join("\n"), json: json!({ "ok": true, "explained": json }) }
}

/// What the incident wants next, of which the first event tells: `response due in 15:00, update due in 30:00`; after a
/// release, who holds still.
fn wanted(state: &LaunchState, events: &[&Recorded]) -> Option<String> {
    let first = events.first()?;
    if let Event::Released { .. } = &first.event {
        let still: Vec<String> = state.holds().map(|h| format!("{} holds still: {}", h.by, clean(&h.why))).collect();
        return (!still.is_empty()).then(|| still.join("; "));
    }
    if let Event::T0Moved { moved, .. } = &first.event {
        let all: Vec<String> = moved.iter().map(|one| clean(&tell::moved(state, one, first.at))).collect();
        // Three are told in the line itself.
        return (all.len() > 3).then(|| all.join("\n  → "));
    }
    let (Event::SeveritySet { incident, .. }
    | Event::IncidentAnswered { incident, .. }
    | Event::IncidentMoved { incident, .. }
    | Event::IncidentCalled { incident, .. }
    | Event::IncidentUpdated { incident, .. }) = &first.event
    else {
        return None;
    };
    let due: Vec<String> = duties(state, *incident).iter().map(|d| d.said(state, first.at)).collect();
    (!due.is_empty()).then(|| due.join(", "))
}

/// How the plan file differs from the plan that was taken in, and the order that takes it in.
async fn diff(session: &mut Session) -> color_eyre::Result<Answer> {
    let Some(answer) = session.get(Query::PlanDiff).await?.into_iter().next() else {
        return Err(eyre!("the engine gave no answer"));
    };
    let (hash, lines, problems) = match answer {
        wire::Answer::PlanDiff { hash, lines, problems } => (hash, lines, problems),
        wire::Answer::Failed(why) => return Ok(Answer::of(session, Err(Rejection::new(why)))),
        _ => return Err(eyre!("the engine gave another answer")),
    };
    let same = lines.is_empty() && problems.is_empty();
    let mut text: Vec<String> = lines.iter().map(|line| clean(line)).collect();
    if same {
        text.push("the plan file is as it was taken in".to_owned());
    } else if problems.is_empty() {
        text.push(format!("  → tminus do adopt {hash}"));
    } else {
        text.push("it can't be taken in:".to_owned());
        text.extend(problems.iter().cloned());
    }
    let json = json!({ "ok": true, "same": same, "hash": hash, "lines": lines, "problems": problems });
    Ok(Answer { status: TAKEN, text: text.join("\n"), json })
}

/// What is said at the end.
struct Answer {
    status: u8,
    text: String,
    json: serde_json::Value,
}

impl Answer {
    fn misspelt(why: String) -> Self {
        // An answer of several lines says so by its own means.
        let text = why.lines().map(clean).collect::<Vec<_>>().join("\n");
        Self { status: MISSPELT, json: json!({ "ok": false, "why": why }), text }
    }

    fn of(session: &Session, reply: Result<Seq, Rejection>) -> Self {
        match reply {
            Ok(seq) => {
                let told = |r: &Recorded| clean(&tell::tell(&session.state, &r.event).text);
                let events: Vec<&Recorded> = session.events.iter().filter(|r| r.seq >= seq).collect();
                let texts: Vec<String> = events.iter().map(|r| told(r)).collect();
                let mut text = if texts.is_empty() { "taken".to_owned() } else { texts.join("\n") };
                text.extend(wanted(&session.state, &events).map(|due| format!("\n  → {due}")));
                Self { status: TAKEN, json: json!({ "ok": true, "seq": seq, "events": events, "text": texts }), text }
            }
            Err(rejection) => {
                let why: Vec<String> = rejection.why.lines().map(clean).collect();
                let mut text = format!("not taken: {}", why.join("\n  "));
                if let Some(instead) = &rejection.instead {
                    text.push_str(&format!("\n  → {}", clean(instead)));
                }
                let orders: Vec<String> =
                    rejection.orders.iter().map(|o| format!("tminus do {}", spell::write(o))).collect();
                orders.iter().for_each(|o| text.push_str(&format!("\n  → {}", clean(o))));
                let json = json!({
                    "ok": false, "why": rejection.why, "instead": rejection.instead, "orders": orders,
                });
                Self { status: REJECTED, text, json }
            }
        }
    }

    fn say(self, as_json: bool) -> color_eyre::Result<ExitCode> {
        if as_json {
            println!("{}", super::json::line(&self.json)?);
        } else if matches!(self.status, TAKEN | NOT_DONE) {
            println!("{}", self.text);
        } else {
            super::complain(&self.text);
        }
        Ok(ExitCode::from(self.status))
    }
}
