//! `tminus status [LAUNCH]`: how a launch stands, in one line, for a prompt, a status bar, CI; with `--long` for a person.

use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::reach::{self, Who};
use super::session::Session;
use super::standing::{Active, Standing};
use super::triggers::triggers;
use crate::core::ids::LaunchId;
use crate::core::launch::answers::{Answers, Move};
use crate::core::launch::{
    Duty, Forecast, LaunchState, Near, Progress, RollbackState, RollbackStatus, Room, WayView, change_words, check_in,
    duties, next_change, next_check, next_duty, normal, on_shift, open_checks,
};
use crate::core::notice::Muted;
use crate::core::ready::{Card, Grade, Row};
use crate::core::signals::let_go;
use crate::core::spell;
use crate::core::text::clean;
use crate::core::time::Timestamp;
use crate::core::view::Readout;
use crate::core::words::count;
use crate::engine::{last, open};
use crate::tui::words::Zone;
use crate::wire::connect::ConnectError;
use crate::wire::message::Trouble;

/// No engine runs, or it gives no answer.
const NO_ENGINE: u8 = 21;

/// Which launch.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit status, the first that holds:\n\
\x20 3   no such launch; or none is live and none was named: the line says which ended last\n\
\x20 20  the launch that was named is over\n\
\x20 21  no engine runs, or the one that does gives no answer\n\
\x20 11  a rollback stopped and wants a person\n\
\x20 12  rolling back: it goes before what is critical, since it is the answer to that\n\
\x20 11  something is critical, as NOW says: a full disk, a signal, a trigger that fired or whose clock runs (one that only \
tells people: 10), a step's `fail`, SEV1 or SEV2\n\
\x20 13  rolled back\n\
\x20 10  something wants a person: a hold, a question of a command, a secret without a value, a plan file that differs, \
a failed or interrupted step, a step whose `verify` does not hold yet, a signal that warns or is unknown, a trigger that \
clears\n\
\x20 0   under way, and all that is measured is ok; a plan that measures nothing is NOT MEASURED, never OK\n\
1 is a failure of tminus itself. The first reason in the line is the one that the number is for.\n\n\
Boxes are the checklist's: a step counts as many as it has items, at least one; \
the last of them counts once the step is over. `done` and `of` in JSON count them too; its `now`, `next` and `back` are \
what the screen says, and `now.tally` counts what the screen counts: probes, or their instances, each by its worst signal.\n\
It never starts an engine.")]
pub struct Args {
    /// The launch, or a part of its name [default: the only live one]
    #[arg(env = "TMINUS_LAUNCH")]
    launch: Option<String>,
    /// Say all of it: NOW, NEXT and BACK as on the screen, what goes on, every reason
    #[arg(long, short, conflicts_with = "json")]
    long: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Says how it stands.
pub fn run(args: Args) -> color_eyre::Result<ExitCode> {
    let id = match reach::launch(args.launch.as_deref()) {
        Ok(id) => id,
        Err(e) => {
            if args.json {
                let last = reach::last().map(|state| state.id);
                let none = json!({ "launch": null, "state": "none", "why": e.to_string(), "last": last });
                println!("{}", super::json::line(&none)?);
            } else {
                super::complain(&e);
            }
            return Ok(ExitCode::from(3));
        }
    };
    let who = Who { observe: true, ..Who::default() };
    let reached = reach::block_on(async {
        let Some(link) = reach::link_if_present(&id, &who).await? else {
            return Ok((open::state(&id)?, None, Trouble::default()));
        };
        let mut session = Session::open(link).await?;
        session.signals().await?;
        Ok((session.state, Some(session.readout), session.trouble))
    });
    let (state, readout, trouble) = match reached {
        Err(e) if matches!(e.downcast_ref(), Some(ConnectError::Silent { .. })) => {
            let why = super::told(&e);
            if args.json {
                let silent = json!({ "launch": id, "state": "no answer", "exit": NO_ENGINE, "why": [why] });
                println!("{}", super::json::line(&silent)?);
            } else {
                println!("{id}  NO ANSWER  {why}");
            }
            return Ok(ExitCode::from(NO_ENGINE));
        }
        reached => reached?,
    };
    let mut standing = Standing::of(&state, readout.as_ref(), &trouble);
    if readout.is_none() {
        standing = standing.with_last_readings(&state, last::criteria(&state));
    }
    if args.json {
        println!("{}", super::json::line(&json(&standing, &id, &state, readout.as_ref(), &trouble))?);
    } else if args.long {
        println!("{}", long(&standing, &state));
    } else {
        println!("{}", line(&standing, &state));
    }
    Ok(ExitCode::from(standing.code))
}

fn head(standing: &Standing, state: &LaunchState) -> String {
    let progress @ Progress { done, of, .. } = standing.progress;
    let mode = state.rehearsal().map_or_else(String::new, |word| format!("{word}, "));
    format!("{}  {mode}{}  {done}/{of} boxes{}", state.id, standing.word.to_uppercase(), progress.but())
}

/// How it stands, the first reason, what goes on.
fn line(standing: &Standing, state: &LaunchState) -> String {
    let mut line = head(standing, state);
    // Without an engine the first says how it comes back, and the next what waits for it.
    let first = if standing.answers.is_none() { 2 } else { 1 };
    line.extend(standing.why.iter().take(first).map(|why| format!("  {}", clean(why))));
    if let more @ 1.. = standing.why.len().saturating_sub(first) {
        line.push_str(&format!(" (and {more} more: --long)"));
    }
    let active: Vec<String> = standing.active.iter().map(|step| clean(&step.words(standing.now))).collect();
    match &standing.answers {
        Some(_) if !active.is_empty() => line.push_str(&format!("  {}", active.join(", "))),
        // What a way back was, or is at, stands in its reason.
        Some(told) if !matches!(standing.code, 12 | 13 | 20) => {
            line.push_str(&format!("  {}", clean(told.now.doing.long())))
        }
        _ => {}
    }
    line.extend(silence(standing, state).map(|said| format!("  {said}")));
    line
}

/// That nobody is told anything, where that is so.
fn silence(standing: &Standing, state: &LaunchState) -> Option<String> {
    let all = state.notices.mutes.iter().find(|mute| mute.of == Muted::All)?;
    Some(clean(&all.words(state, standing.now)))
}

/// The same with the three answers, every reason in a line of its own, and what was captured as normal.
pub(super) fn long(standing: &Standing, state: &LaunchState) -> String {
    let mut lines = vec![head(standing, state)];
    lines.extend(standing.answers.iter().flat_map(answers));
    lines.extend(standing.forecast.as_ref().map(|of| end(state, of, standing.now)));
    lines.extend(on_shift(state).map(|on| {
        let next = next_change(state, standing.now).map(|change| change_words(state, &change, standing.now));
        let next = next.map_or_else(String::new, |next| format!("  {next}"));
        let offer = state.shifts.offer.as_ref();
        let offer = offer.map_or_else(String::new, |o| format!("  handed over: {} accepts it", o.to));
        clean(&format!("SHIFT {} {}{next}{offer}", on.role, on.who))
    }));
    lines.extend(standing.ready.iter().flat_map(ready));
    lines.extend(standing.active.iter().map(|step| goes_on(state, step, standing.now)));
    lines.extend(standing.why.iter().map(|why| format!("  {}", clean(why))));
    let mutes = state.notices.mutes.iter().map(|mute| mute.words(state, standing.now));
    lines.extend(mutes.map(|mute| format!("  {}", clean(&mute))));
    let gone = state.outline.probes.iter().filter_map(|probe| let_go(&probe.id, &state.forgotten));
    lines.extend(gone.map(|gone| format!("  {}", clean(&gone))));
    lines.extend(watched(standing, state).into_iter().map(|line| format!("  {}", clean(&line))));
    let normals = state.baselines.iter().map(|(id, own)| (normal(&state.outline, id, own), own.at));
    lines.extend(normals.map(|(normal, at)| format!("  baseline of {}: {}", reach::stamp(state, at), clean(&normal))));
    lines.join("\n")
}

/// Checks that are due, the next of each watch, and success over time.
fn watched(standing: &Standing, state: &LaunchState) -> Vec<String> {
    let now = standing.now;
    let open = open_checks(state);
    let due = open.iter().map(|open| format!("check {}: {}", open.watch.title, open.words(now)));
    let next = state.outline.watches.iter().filter_map(|watch| {
        let at = next_check(state, watch, now)?;
        Some(format!("check {}: next {}, {}", watch.title, check_in(at, now), reach::stamp(state, at)))
    });
    let wall = |at| Zone::new(state.outline.zone.as_deref(), state.wall).near(at, now);
    due.chain(next).chain(standing.criteria.iter().map(|view| view.line(&wall))).collect()
}

fn answers(told: &Answers) -> [String; 3] {
    let said = |name: &str, parts: &[&str]| {
        let parts: Vec<String> = parts.iter().filter(|part| !part.is_empty()).map(|part| clean(part)).collect();
        format!("{name:<4}  {}", parts.join("  "))
    };
    let Answers { now, next, back, .. } = told;
    let moves: Vec<String> =
        next.moves.iter().map(|Move { order, does }| format!("{does}: `tminus do {}`", spell::write(order))).collect();
    [
        said("NOW", &[now.head.long(), now.counts.long(), now.doing.long()]),
        said("NEXT", &[next.head.long(), &next.at, next.what.long(), next.who.long(), &moves.join(", ")]),
        said("BACK", &[back.head.long(), &back.takes, back.to.long(), back.why.long()]),
    ]
}

/// `END   2026-11-21 03:40:00 UTC at the earliest, planned 03:10  window to 04:00, latest safe go 03:12`
fn end(state: &LaunchState, of: &Forecast, now: Timestamp) -> String {
    let mut parts = Vec::new();
    let planned = of.launch.planned.map_or_else(String::new, |at| format!(", planned {}", reach::stamp(state, at)));
    parts.extend(of.launch.projected.filter(|_| of.launch.actual.is_none()).map(|at| {
        let unknown = match of.unknown {
            0 => String::new(),
            n => format!(", {} without an estimate", count(n, "step")),
        };
        format!("{} at the earliest{planned}{unknown}", reach::stamp(state, at))
    }));
    parts.extend(of.launch.actual.map(|at| format!("{}{planned}", reach::stamp(state, at))));
    parts.extend(of.fit.map(|fit| {
        let (go, begins) = (reach::stamp(state, fit.latest_go), reach::stamp(state, fit.begins));
        let go = match fit.room(now) {
            Room::Fits => format!("latest safe go {go}"),
            Room::Late => format!("latest safe go was {go}"),
            Room::BeginsLate => format!("latest safe go {go}, begins {begins} at the earliest"),
            Room::TooShort => "too short for the work and its way back".to_owned(),
        };
        format!("window to {}, {go}", reach::stamp(state, fit.until))
    }));
    format!("END   {}", parts.join("  "))
}

/// `READY  …`, and a row for all that is not ok: what was found, and what to do.
fn ready(card: &Card) -> Vec<String> {
    let head = format!("{}  {}", card.word(), card.summary());
    let open = card.rows.iter().filter(|row| row.grade != Grade::Ok);
    std::iter::once(head).chain(open.map(|row| format!("  {}", ready_row(row)))).collect()
}

/// `BLOCKER  secret primary: PRIMARY is not set: give it with …`.
pub(super) fn ready_row(row: &Row) -> String {
    let todo = if row.todo.is_empty() { String::new() } else { format!("  -> {}", row.todo) };
    clean(&format!("{:<8} {:<9} {}  {}{todo}", row.grade.word(), row.kind.word(), row.what, row.found))
}

/// `deploy running 0:45, since 2026-11-21 12:26:01 UTC: …`
fn goes_on(state: &LaunchState, step: &Active, now: Timestamp) -> String {
    let since = step.since.map_or_else(String::new, |at| format!(", since {}", reach::stamp(state, at)));
    let because = if step.because.is_empty() { String::new() } else { format!(": {}", step.because.join("; ")) };
    format!("  {}", clean(&format!("{}{since}{because}", step.words(now))))
}

fn json(
    standing: &Standing,
    id: &LaunchId,
    state: &LaunchState,
    readout: Option<&Readout>,
    trouble: &Trouble,
) -> Value {
    let now = standing.now;
    let steps = state.outline.steps.iter().filter_map(|outline| {
        let mut step = json!(state.steps.get(&outline.id)?.status);
        let active = standing.active.iter().find(|active| active.step == outline.id);
        if let Some(since) = active.and_then(|active| active.since) {
            step["since"] = json!(since);
        }
        Some((outline.id.to_string(), step))
    });
    let active = standing.active.iter().map(|step| {
        json!({
            "step": step.step, "state": step.state, "since": step.since,
            "for_ms": step.since.map(|at| now.since(at).millis()), "because": step.because,
            "soak": step.soak.map(|s| json!({ "lasted_ms": s.lasted.millis(), "needs_ms": s.needs.millis(), "frozen": s.frozen })),
        })
    });
    let signals = readout.map(|readout| {
        let signals = readout.signals.iter().map(|(id, view)| {
            (id.to_string(), json!({ "level": view.level, "why": view.why, "last": view.last, "at": view.at }))
        });
        signals.collect::<Map<_, _>>()
    });
    let incidents = (1..).zip(&state.incidents).map(|(number, incident)| {
        let mut json = json!(incident);
        json["number"] = json!(number);
        json["due"] = duties(state, number).iter().map(|d| due(d, now)).collect();
        json
    });
    let answers = standing.answers.as_ref();
    let notices = state.notices.standing().map(|n| {
        json!({
            "notice": n.number, "key": n.key, "kind": n.kind, "about": n.subject.to_string(), "text": n.text,
            "raised": n.raised, "to": n.to, "sent": n.sent, "acked": n.acked, "muted": n.muted,
        })
    });
    let mut all = json!({
        "launch": id, "plan": state.outline.name, "version": state.outline.version,
        "environment": state.outline.environment, "state": standing.word, "exit": standing.code, "why": standing.why,
        "mode": state.mode, "t0": state.t0, "lead": state.lead, "hold": state.hold,
        "holds": state.holds().collect::<Vec<_>>(), "done": standing.progress.done, "of": standing.progress.of, "skipped": standing.progress.skipped,
        "head": state.head, "status": state.status, "steps": steps.collect::<Map<_, _>>(),
        "active": active.collect::<Vec<_>>(), "now": answers.map(|a| &a.now), "next": answers.map(|a| &a.next),
        "back": answers.map(|a| &a.back), "ways": standing.ways.iter().map(way).collect::<Vec<_>>(),
        "rollback": state.rollbacks.last().map(|r| rollback(state, r)), "incidents": incidents.collect::<Vec<_>>(),
        "forecast": standing.forecast, "ready": standing.ready,
        "due": next_duty(state).map(|d| due(&d, now)), "engine": readout.is_some(),
        "triggers": triggers(state, readout).map(|t| (t.id.to_string(), t.json())).collect::<Map<_, _>>(),
        "signals": signals, "missing_secrets": trouble.secrets.iter().map(ToString::to_string).collect::<Vec<_>>(), "journal": trouble.journal.as_ref().map(|by| &by.why),
        "plan_file": trouble.plan, "heartbeat": trouble.heartbeat, "notices": notices.collect::<Vec<_>>(),
        "muted": state.notices.mutes, "channels": state.notices.channels,
        "asking": readout.map(|r| &r.asking), "shift": shift(state, now),
        "baselines": state.baselines.iter().map(|(id, own)| (id.to_string(), json!(own))).collect::<Map<_, _>>(),
    });
    all["not_applicable"] = json!(standing.progress.not_applicable);
    let checks = open_checks(state).into_iter().map(|open| {
        json!({
            "watch": open.watch.id, "check": open.check.number, "due": open.check.due,
            "overdue": open.is_overdue(now), "text": open.words(now),
        })
    });
    all["checks"] = checks.collect();
    all["pace"] = json!(state.pace());
    all["criteria"] = json!(standing.criteria);
    all
}

fn due(duty: &Duty, now: Timestamp) -> Value {
    json!({
        "incident": duty.incident, "what": duty.kind, "at": duty.at, "left_ms": duty.left(now).millis(),
        "overdue": duty.is_overdue(now), "text": duty.words(now),
    })
}

/// Who is on shift, who is next, and what waits to be accepted; null where the plan has no shifts.
fn shift(state: &LaunchState, now: Timestamp) -> Value {
    let Some(on) = on_shift(state) else { return Value::Null };
    let next = next_change(state, now).map(|change| {
        let overdue = change.near(now) == Near::Overdue;
        json!({ "who": change.turn.who, "at": change.at, "overdue": overdue, "text": change_words(state, &change, now) })
    });
    let offer = state.shifts.offer.as_ref();
    json!({ "role": on.role, "who": on.who, "since": on.since, "next": next, "handover": offer })
}

/// A way back as it stands: whether it can be taken now, else why not.
fn way(way: &WayView) -> Value {
    json!({
        "way": way.way, "title": way.title, "estimate_ms": way.estimate.map(|e| e.millis()), "ready": way.ready.is_ok(),
        "why": way.ready.as_ref().err(), "closed": way.closed.is_some(), "loses": way.loses, "undoes": way.undoes,
    })
}

/// The newest way back that was begun: how far it is, and why it stands where it stopped.
fn rollback(state: &LaunchState, rollback: &RollbackState) -> Value {
    let (is, why) = match &rollback.status {
        RollbackStatus::Running => ("running", None),
        RollbackStatus::Stopped { why, .. } => ("stopped", Some(why)),
        RollbackStatus::Left { why, .. } => ("left", Some(why)),
        RollbackStatus::Done { .. } => ("done", None),
    };
    json!({
        "number": state.rollbacks.len(), "way": rollback.way, "title": rollback.title, "is": is, "why": why,
        "done": rollback.next, "of": rollback.items.len(), "item": rollback.items.get(rollback.next).map(|i| &i.title),
        "started": rollback.started, "by": rollback.by.name,
    })
}
