//! `tminus status [LAUNCH]`: how a launch stands, in one line, for a prompt, a status bar, CI.

use std::process::ExitCode;

use serde_json::json;

use super::reach::{self, Who};
use super::session::Session;
use super::triggers::{Trigger, triggers};
use crate::core::ids::LaunchId;
use crate::core::launch::{
    Duty, LaunchState, Progress, RollbackStatus, Status, StepStatus, aftermath, duties, explain, next_duty,
};
use crate::core::text::clean;
use crate::core::time::Timestamp;
use crate::core::view::Readout;
use crate::engine::open;
use crate::wire::message::Trouble;

/// Which launch.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit status: 0 under way and all ok, 1 tminus failed, 3 no such launch, or none is live and none was named (it says which ended last), 10 something wants a person \
(a hold, a question of a command, a secret without a value, a failed or interrupted step, a signal that warns or is unknown, a trigger whose clock runs), 11 something is critical (a full disk, a signal, a fired \
trigger, SEV1 or SEV2, a rollback that stopped), 12 rolling back, 13 rolled back, 20 over, 21 no engine runs.\n\
It never starts an engine."
)]
pub struct Args {
    /// The launch, or a part of its name [default: the only live one]
    #[arg(env = "TMINUS_LAUNCH")]
    launch: Option<String>,
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
                println!("{}", json!({ "launch": null, "state": "none", "why": e.to_string(), "last": last }));
            } else {
                eprintln!("{e}");
            }
            return Ok(ExitCode::from(3));
        }
    };
    let who = Who { declared: None, observe: true };
    let (state, readout, trouble) = reach::block_on(async {
        let Some(link) = reach::link_if_present(&id, &who).await? else {
            return Ok((open::state(&id)?, None, Trouble::default()));
        };
        let mut session = Session::open(link).await?;
        session.signals().await?;
        Ok((session.state, Some(session.readout), session.trouble))
    })?;
    let standing = Standing::of(&state, readout.as_ref(), &trouble);
    if args.json {
        println!("{}", standing.json(&id, &state, readout.as_ref(), &trouble));
    } else {
        println!("{}", standing.line(&id));
    }
    Ok(ExitCode::from(standing.code))
}

/// How a launch stands, worst first.
struct Standing {
    code: u8,
    word: &'static str,
    why: Vec<String>,
    progress: Progress,
}

impl Standing {
    fn of(state: &LaunchState, readout: Option<&Readout>, trouble: &Trouble) -> Self {
        let now = now(state, readout);
        let (critical, attention) = (critical(state, readout, trouble, now), attention(state, readout, trouble, now));
        let (code, word, why) = match &state.status {
            Status::Ended { why, .. } => (20, "over", vec![why.clone()]),
            _ if readout.is_none() => (21, "no engine", vec![format!("`tminus attach {}` starts it again", state.id)]),
            _ if !critical.is_empty() => (11, "critical", critical.into_iter().chain(attention).collect()),
            Status::RollingBack(n) => (12, "rolling back", beside(going_back(state, readout, *n, now), attention)),
            Status::RolledBack(n) => (13, "rolled back", beside(left_by(state, *n, now), attention)),
            Status::Live if !attention.is_empty() => (10, "attention", attention),
            Status::Live => (0, "ok", Vec::new()),
        };
        Self { code, word, why, progress: Progress::of_all(state) }
    }

    fn line(&self, id: &LaunchId) -> String {
        let Progress { done, of } = self.progress;
        let mut line = format!("{id}  {}  {done}/{of} boxes", self.word.to_uppercase());
        if let Some(first) = self.why.first() {
            line.push_str(&format!("  {}", clean(first)));
        }
        if self.why.len() > 1 {
            line.push_str(&format!(" (and {} more)", self.why.len() - 1));
        }
        line
    }

    fn json(
        &self,
        id: &LaunchId,
        state: &LaunchState,
        readout: Option<&Readout>,
        trouble: &Trouble,
    ) -> serde_json::Value {
        let steps: serde_json::Map<String, serde_json::Value> = state
            .outline
            .steps
            .iter()
            .filter_map(|o| Some((o.id.to_string(), serde_json::to_value(&state.steps.get(&o.id)?.status).ok()?)))
            .collect();
        let signals: Option<serde_json::Map<String, serde_json::Value>> = readout.map(|readout| {
            let signals = readout.signals.iter().map(|(id, view)| {
                (id.to_string(), json!({ "level": view.level, "why": view.why, "last": view.last, "at": view.at }))
            });
            signals.collect()
        });
        let now = now(state, readout);
        let incidents: Vec<serde_json::Value> = (1..)
            .zip(&state.incidents)
            .map(|(number, incident)| {
                let due = duties(state, number);
                let mut json = json!(incident);
                json["number"] = json!(number);
                json["due"] = due.iter().map(|d| due_json(d, now)).collect();
                json
            })
            .collect();
        json!({
            "launch": id, "environment": state.outline.environment, "state": self.word, "exit": self.code, "why": self.why, "mode": state.mode, "t0": state.t0,
            "lead": state.lead, "hold": state.hold, "holds": state.holds().collect::<Vec<_>>(), "done": self.progress.done, "of": self.progress.of, "head": state.head,
            "status": state.status, "steps": steps, "incidents": incidents,
            "due": next_duty(state).map(|d| due_json(&d, now)), "engine": readout.is_some(),
            "triggers": triggers(state, readout).map(|t| (t.id.to_string(), t.json())).collect::<serde_json::Map<_, _>>(),
            "signals": signals, "missing_secrets": trouble.secrets, "journal": trouble.journal,
            "asking": readout.map(|r| &r.asking),
        })
    }
}

/// The present on the launch's timeline; the wall clock's where no engine runs.
fn now(state: &LaunchState, readout: Option<&Readout>) -> Timestamp {
    readout.map_or_else(|| Timestamp::from(chrono::Utc::now()).max(state.last_at), |r| r.at)
}

fn due_json(duty: &Duty, now: Timestamp) -> serde_json::Value {
    json!({
        "incident": duty.incident, "what": duty.kind, "at": duty.at, "left_ms": duty.left(now).millis(),
        "overdue": duty.is_overdue(now), "text": duty.words(now),
    })
}

/// Open incidents with a severity from `levels`, each with what it wants: `SEV2 #1 payments fail: update due in 4:10`.
fn incidents(state: &LaunchState, levels: std::ops::RangeInclusive<u8>, now: Timestamp) -> Vec<String> {
    let all = (1..).zip(&state.incidents).filter(|(_, i)| i.resolved.is_none() && levels.contains(&i.level));
    let said = all.map(|(number, incident)| {
        let due: Vec<String> = duties(state, number).iter().map(|d| d.words(now)).collect();
        let due = if due.is_empty() { String::new() } else { format!(": {}", due.join(", ")) };
        format!("{}{due}", format!("SEV{} #{number} {}", incident.level, incident.text).trim_end())
    });
    said.collect()
}

/// A way back that was taken, and what it left, in one sentence: a status line shows no more than one.
fn left_by(state: &LaunchState, number: u32, now: Timestamp) -> Option<String> {
    let said = rollback(state, number).into_iter().chain(aftermath(state, number, now));
    Some(said.collect::<Vec<_>>().join("; "))
}

/// How far a way back is, and what its item waits for.
fn going_back(state: &LaunchState, readout: Option<&Readout>, number: u32, now: Timestamp) -> Option<String> {
    let mut said: Vec<String> = rollback(state, number).into_iter().collect();
    let item = state.rollbacks.last().and_then(|r| r.items.get(r.next));
    let waits = readout.zip(item).map(|(readout, item)| explain(state, readout, &item.run.step, now).because);
    said.extend(waits.into_iter().flatten().filter(|because| because.starts_with("waits for ")));
    Some(said.join("; ")).filter(|said| !said.is_empty())
}

fn rollback(state: &LaunchState, number: u32) -> Option<String> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    let rollback = state.rollbacks.get(index)?;
    Some(format!("{}, {} of {} done", rollback.title, rollback.next, rollback.items.len()))
}

/// The way back first, then what wants a person.
fn beside(back: Option<String>, attention: Vec<String>) -> Vec<String> {
    back.into_iter().chain(attention).collect()
}

fn critical(state: &LaunchState, readout: Option<&Readout>, trouble: &Trouble, now: Timestamp) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(trouble.journal.iter().map(|why| format!("nothing can be written down: {why}")));
    if let Some(RollbackStatus::Stopped { why, .. }) = state.rollbacks.last().map(|r| &r.status) {
        found.push(format!("the rollback stopped: {why}"));
    }
    found.extend(incidents(state, 1..=2, now));
    found.extend(triggers(state, readout).filter(Trigger::is_critical).map(|t| t.words()));
    found.extend(at_level(readout, crate::core::reading::Level::Critical));
    found
}

fn attention(state: &LaunchState, readout: Option<&Readout>, trouble: &Trouble, now: Timestamp) -> Vec<String> {
    let mut found = Vec::new();
    let asking = readout.into_iter().flat_map(|r| &r.asking);
    found.extend(
        asking.map(|(run, asks)| {
            format!("{0} waits for input: {1} (`tminus do input {0} LINE`)", run.step, asks.words())
        }),
    );
    found.extend(trouble.secrets.iter().map(|missing| format!("no value for the secret {missing}")));
    found.extend(triggers(state, readout).filter(Trigger::wants_a_look).map(|t| t.words()));
    // After a way back its own sentence says so.
    for hold in state.holds().filter(|_| !matches!(state.status, Status::RolledBack(_))) {
        found.push(format!("{} holds: {}", hold.whose(), hold.why));
    }
    for outline in &state.outline.steps {
        let Some(step) = state.steps.get(&outline.id) else { continue };
        match &step.status {
            StepStatus::Failed { why, .. } => found.push(format!("{} failed: {why}", outline.id)),
            StepStatus::Interrupted { .. } => found.push(format!("{} was interrupted", outline.id)),
            StepStatus::NoGo { .. } => found.push(format!("{} is no-go", outline.id)),
            StepStatus::Expired { .. } => found.push(format!("{} expired", outline.id)),
            _ => {}
        }
    }
    found.extend(incidents(state, 3..=4, now));
    found.extend(at_level(readout, crate::core::reading::Level::Warn));
    found.extend(at_level(readout, crate::core::reading::Level::Unknown));
    found
}

fn at_level(readout: Option<&Readout>, level: crate::core::reading::Level) -> Vec<String> {
    let signals = readout.into_iter().flat_map(|r| r.signals.values()).filter(|s| s.level == level);
    signals
        .map(|s| format!("{} is {level}{}", s.id, s.why.as_ref().map_or(String::new(), |w| format!(": {w}"))))
        .collect()
}
