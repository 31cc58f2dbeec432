//! `tminus check --probe`: every probe measured once.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use color_eyre::eyre::Result;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::status::ready_row;
use crate::core::event::{Event, Mode, Recorded};
use crate::core::ids::{Instance, LaunchId, ProbeId, Seq};
use crate::core::launch::LaunchState;
use crate::core::order::Operator;
use crate::core::reading::{Level, NONE_FOUND, Outcome, Poll};
use crate::core::ready::{Card, Grade, Row, lacks_baseline, window};
use crate::core::secret::MissingSecret;
use crate::core::secret::Secrets;
use crate::core::signals::Signals;
use crate::core::time::{Span, Timestamp};
use crate::core::units::{Dimension, Unit};
use crate::core::view::Readout;
use crate::engine::log;
use crate::engine::ready::{Needs, gather};
use crate::engine::secrets::resolve;
use crate::plan::problem::Problem;
use crate::plan::tree::nearest;
use crate::plan::{Choices, Plan};
use crate::probes::Setup;
use crate::probes::runner::{Job, Report, each_once};

/// One signal as one poll found it.
struct Measured {
    /// Whether it said that it is failing.
    failing: bool,
    signal: String,
    value: String,
    /// In the base unit of `unit`; none where no number was measured.
    number: Option<f64>,
    unit: Option<Unit>,
    level: Level,
    took_ms: u32,
    why: Option<String>,
}

impl Measured {
    fn line(&self) -> String {
        let why = self.why.as_ref().map_or_else(String::new, |w| format!("  {w}"));
        format!("  {:<36} {:>14}  {:<8} {:>6} ms{why}", self.signal, self.value, self.level, self.took_ms)
    }

    fn json(&self) -> Value {
        // Base units, as everywhere in JSON: a share of 1, seconds, bytes, events per second.
        let unit = self.unit.map(|unit| match unit.dimension() {
            Dimension::Ratio => "ratio",
            Dimension::Time => "s",
            Dimension::Bytes => "B",
            Dimension::Rate => "/s",
            Dimension::Count => "count",
            Dimension::State => "state",
            Dimension::Text => "text",
        });
        json!({
            "signal": self.signal, "value": self.number, "unit": unit, "text": self.value, "level": self.level,
            "took_ms": self.took_ms, "why": self.why,
        })
    }
}

/// What one poll of every probe found.
pub struct Measurements {
    signals: Vec<Measured>,
    /// Secrets without a value, each with why.
    missing: Vec<MissingSecret>,
    /// The instances that each probe answered for; none for a probe that did not answer.
    instances: BTreeMap<ProbeId, BTreeSet<Instance>>,
    /// What the launch needs, with that.
    pub card: Card,
}

impl Measurements {
    /// Measures every probe once, a few at a time.
    pub fn take(plan: &Plan, path: &Path, choices: &Choices) -> Result<Self> {
        let mut values = BTreeMap::new();
        let mut missing = Vec::new();
        for (name, reference) in &plan.outline.secrets {
            match resolve(reference) {
                Ok(value) => {
                    values.insert(name.clone(), value);
                }
                Err(why) => {
                    let out = "set it where the engine is started".to_owned();
                    missing.push(MissingSecret { name: name.clone(), why, out });
                }
            }
        }
        let secrets = Arc::new(Secrets::new(values));
        log::mask(secrets.clone());
        let file = path.canonicalize()?;
        let launches = crate::paths::state().unwrap_or_default();
        let needs = Needs::of(plan, &file, choices, secrets.clone(), &launches);
        let looks = std::thread::spawn(move || gather(&needs));
        let dir = path.canonicalize()?.parent().map(Path::to_owned).unwrap_or_default();
        let now = Timestamp::from(chrono::Utc::now());
        let (_t0, t0) = watch::channel(now);
        let jobs: Vec<Job> = plan
            .outline
            .probes
            .iter()
            .filter_map(|outline| {
                let setup = Setup {
                    secrets: secrets.clone(),
                    timeout: outline.timeout,
                    every: outline.every,
                    t0: t0.clone(),
                    dir: dir.clone(),
                    shell: plan.outline.shell.clone(),
                    vars: plan.outline.vars.clone(),
                    seen: BTreeSet::new(),
                };
                let spec = plan.probes.get(&outline.id)?.clone();
                Some(Job { probe: outline.id.clone(), spec, setup, phase: Span::ZERO })
            })
            .collect();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let reports: Vec<Report> = runtime.block_on(each_once(jobs));
        let mut signals = Signals::new(&plan.outline);
        let (mut took, mut instances) = (BTreeMap::new(), BTreeMap::new());
        for report in reports {
            if let Ok(points) = &report.points {
                let named = points.iter().filter_map(|p| p.instance.clone());
                let named: BTreeSet<Instance> = named.filter(|i| i.as_str() != NONE_FOUND).collect();
                instances.insert(report.probe.clone(), named);
            }
            took.insert(report.probe.clone(), report.took_ms);
            signals.observe(&Poll { probe: report.probe, at: now, took_ms: report.took_ms, points: report.points });
        }
        let measured = signals
            .ids()
            .into_iter()
            .map(|id| {
                let (level, why) = signals.level(&id, now);
                let unit = plan.outline.probe(&id.probe).and_then(|p| p.measure(Some(&id.measure))).map(|m| m.unit);
                let last = signals.newest(&id, 1).next().map(|(_, outcome)| outcome.clone());
                let failing = matches!(last, Some(Outcome::Failing(_)));
                let number = last.as_ref().and_then(Outcome::value);
                let few = matches!(last, Some(Outcome::Few(_)));
                let shown = last.zip(unit).and_then(|(last, unit)| last.shown(unit));
                let value = shown.unwrap_or_else(|| if few { "too few" } else { "no data" }.to_owned());
                let took_ms = took.get(&id.probe).copied().unwrap_or_default();
                Measured { failing, signal: id.to_string(), value, number, unit, level, took_ms, why }
            })
            .collect();
        let found = looks.join().ok();
        let views = Readout::measured(&signals, now);
        let card = Card::of(&plan.outline, &views, &missing, found.as_ref());
        let card = card.with_side(&plan.outline, &views, signals.cut_off(now).as_deref());
        let card = card.and(closed_now(plan, now));
        Ok(Self { signals: measured, missing, instances, card })
    }

    /// Whether everything could be measured, and nothing else stands against the start.
    pub fn complete(&self) -> bool {
        self.missing.is_empty()
            && self.card.blocker().is_none()
            && !self.signals.iter().any(|m| m.level == Level::Unknown && !m.why.as_deref().is_some_and(lacks_baseline))
    }

    /// Warnings: instances that conditions name and that were not among what their probes found. Of an instance that the
    /// plan expects the signals say so.
    pub fn absent(&self, plan: &Plan) -> Vec<Problem> {
        let expected = |probe: &ProbeId, instance: &Instance| {
            plan.outline.probe(probe).is_some_and(|p| p.expect.contains(instance))
        };
        let absent = plan.named.iter().filter_map(|named| {
            let there = self.instances.get(&named.probe)?;
            if there.contains(&named.instance) || expected(&named.probe, &named.instance) {
                return None;
            }
            let message = format!("{} has no instance `{}` now", named.probe, named.instance);
            let names = || there.iter().map(Instance::as_str);
            let few = names().take(8).collect::<Vec<_>>().join(", ");
            let more = if there.len() > 8 { format!(" and {} more", there.len() - 8) } else { String::new() };
            let help = match nearest(named.instance.as_str(), names()) {
                Some(near) => format!("did you mean `{near}`? it has {few}{more}"),
                None if there.is_empty() => {
                    "its answer names none: leave the brackets out, or see what it asks".to_owned()
                }
                None => format!("it has {few}{more}; until `{}` is there too, this is unknown", named.instance),
            };
            Some(Problem::warning("no-instance", named.at.clone(), message).help(help))
        });
        absent.collect()
    }

    /// For a person, a line each.
    pub fn lines(&self) -> Vec<String> {
        let rows = self.card.rows.iter().map(|row| format!("  {}", ready_row(row)));
        self.signals.iter().map(Measured::line).chain(rows).collect()
    }

    /// In one line, as `9 ok, 3 failing, 2 unknown, 2 secrets missing`.
    pub fn summary(&self) -> String {
        let level = |level: Level| self.signals.iter().filter(|m| !m.failing && m.level == level).count();
        let failing = self.signals.iter().filter(|m| m.failing).count();
        let secrets = if self.missing.len() == 1 { "secret missing" } else { "secrets missing" };
        let counts = [
            (level(Level::Ok), "ok"),
            (level(Level::Warn), "warn"),
            (level(Level::Critical), "critical"),
            (failing, "failing"),
            (level(Level::Unknown), "unknown"),
            (self.missing.len(), secrets),
        ];
        let said: Vec<String> = counts.iter().filter(|(n, _)| *n > 0).map(|(n, what)| format!("{n} {what}")).collect();
        if said.is_empty() { "the plan measures nothing".to_owned() } else { said.join(", ") }
    }

    /// For a program: the signals, and the secrets without a value.
    pub fn json(self) -> (Vec<Value>, Vec<Value>) {
        let missing = self.missing.iter().map(|secret| json!({ "name": secret.name, "why": secret.why }));
        (self.signals.iter().map(Measured::json).collect(), missing.collect())
    }
}

/// How the window would stand for a launch now. Nobody has said when T-0 is, so that a closed one is but a warning.
fn closed_now(plan: &Plan, now: Timestamp) -> Option<Row> {
    let row = window(&as_launched(plan, now)?, now)?;
    Some(Row { grade: row.grade.max(Grade::Warning), ..row })
}

/// The launch that this plan would be were it launched now, with T-0 at once.
fn as_launched(plan: &Plan, now: Timestamp) -> Option<LaunchState> {
    let opened = Event::Opened {
        launch: LaunchId::from("check"),
        mode: Mode::Live,
        t0: now,
        by: Operator { name: String::new(), declared: false, session: 0 },
        plan_hash: String::new(),
        outline: Box::new(plan.outline.clone()),
        practice: None,
    };
    LaunchState::open(&Recorded { seq: Seq(1), at: now, order: None, event: opened })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::load;

    fn taken(text: &str) -> Measurements {
        let plan = load(text, "p", &Choices::default()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.toml");
        std::fs::write(&path, text).unwrap();
        Measurements::take(&plan, &path, &Choices::default()).unwrap()
    }

    #[test]
    fn what_was_measured_is_counted_and_a_missing_secret_is_said() {
        let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let closed = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let text = format!(
            "[plan]\nname='x'\nenvironment='t'\n[secrets]\nnone='${{env:TMINUS_TEST_OF_CHECK_NOT_SET}}'\n\
             [[probe]]\nid='up'\ntcp='{}'\n[[probe]]\nid='down'\ntcp='{closed}'\n\
             [[probe]]\nid='dark'\ntcp='${{secret.none}}:80'\n",
            free.local_addr().unwrap(),
        );
        let measured = taken(&text);
        let lines = measured.lines().join("\n");
        assert_eq!(measured.summary(), "2 ok, 1 failing, 2 unknown, 1 secret missing", "{lines}");
        assert!(lines.contains("BLOCKER  secret    none  TMINUS_TEST") && !measured.complete(), "{lines}");
        let (rows, missing) = measured.json();
        assert_eq!((rows.len(), missing.len()), (5, 1));
        assert_eq!(missing[0]["name"], "none");
        let row = |signal: &str| rows.iter().find(|row| row["signal"] == signal).unwrap();
        let latency = row("up.latency");
        assert!(latency["value"].is_f64() && latency["unit"] == "s", "{latency}");
        assert!(row("dark.up")["value"].is_null() && row("dark.up")["text"] == "no data");
    }

    /// A server that answers each request once so many were there at a time, or after a while; it says how many it had at
    /// most at a time.
    fn server(
        together: usize,
        after: std::time::Duration,
    ) -> (std::net::SocketAddr, Arc<std::sync::atomic::AtomicUsize>) {
        use std::io::{Read, Write};
        use std::sync::atomic::{AtomicUsize, Ordering};
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let seen = most.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (now, seen) = (now.clone(), seen.clone());
                std::thread::spawn(move || {
                    let mut stream = stream.unwrap();
                    // Who only looks whether somebody is here asks nothing.
                    if stream.read(&mut [0; 4096]).is_ok_and(|n| n == 0) {
                        return;
                    }
                    seen.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let begun = std::time::Instant::now();
                    while seen.load(Ordering::SeqCst) < together && begun.elapsed() < after {
                        std::thread::sleep(std::time::Duration::from_millis(1));
                    }
                    now.fetch_sub(1, Ordering::SeqCst);
                    let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
                });
            }
        });
        (address, most)
    }

    #[test]
    fn few_are_asked_at_a_time_so_that_a_latency_is_the_servers() {
        let (address, most) = server(usize::MAX, std::time::Duration::from_millis(30));
        let probe = |n: usize| format!("[[probe]]\nid='p{n}'\nhttp={{url='http://{address}/{n}'}}\n");
        let probes: String = (0..16).map(probe).collect();
        let measured = taken(&format!("[plan]\nname='x'\nenvironment='t'\n{probes}"));
        assert_eq!(measured.summary(), "48 ok", "{}", measured.lines().join("\n"));
        let most = most.load(std::sync::atomic::Ordering::SeqCst);
        assert!((1..=4).contains(&most), "{most} at a time");
    }

    #[test]
    fn who_does_not_answer_keeps_nobody_waiting() {
        // It answers nobody until all are there: one after the other they would wait for their timeouts.
        let (address, _) = server(16, std::time::Duration::MAX);
        let probe = |n: usize| format!("[[probe]]\nid='p{n}'\ntimeout='30s'\nhttp={{url='http://{address}/{n}'}}\n");
        let probes: String = (0..16).map(probe).collect();
        let measured = taken(&format!("[plan]\nname='x'\nenvironment='t'\n{probes}"));
        assert_eq!(measured.summary(), "48 ok", "{}", measured.lines().join("\n"));
    }

    #[test]
    fn a_window_that_is_closed_now_is_on_the_card_and_blocks_nothing() {
        let at = |hours| (chrono::Utc::now() + chrono::TimeDelta::hours(hours)).format("%H:%M").to_string();
        let text = format!(
            "[plan]\nname='x'\nenvironment='t'\nwindow={{from='{}',to='{}',zone='UTC'}}\n[[phase]]\nid='p'\n\
             [[phase.step]]\nid='s'\nrun='true'\nundo='true'\n",
            at(2),
            at(3),
        );
        let measured = taken(&text);
        let lines = measured.lines().join("\n");
        assert!(lines.contains("warning  window") && lines.contains("it opens"), "{lines}");
        assert!(measured.complete(), "{lines}");
    }

    #[test]
    fn an_instance_that_is_not_there_is_said_with_the_nearest_name() {
        let probe = |id: &str, run: &str| {
            format!("[[probe]]\nid='{id}'\ncommand={{run='''{run}''',answer='json',measures=[{{name='n'}}]}}\n")
        };
        let text = format!(
            "[plan]\nname='x'\nenvironment='t'\n[roles]\no={{name='O'}}\n{}{}{}\
             [[phase]]\nid='p'\n[[phase.step]]\nid='s'\nowner='o'\n\
             verify=['err[blue].n > 1','err[gren].n > 1','err[canary].n > err[blu].n','one[a] > 1','down[x] > 1']\n\
             [[trigger]]\nid='t'\naction='notify'\nwhen='err[redd].n > 1'\n",
            probe("err", r#"echo '{"blue":{"n":1},"green":{"n":2}}'"#),
            probe("one", r#"echo '{"n":1}'"#),
            probe("down", "exit 1"),
        );
        let plan = load(&text, "p", &Choices::default()).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("plan.toml");
        std::fs::write(&path, &text).unwrap();
        let absent = Measurements::take(&plan, &path, &Choices::default()).unwrap().absent(&plan);
        let said = |p: Problem| format!("«{}» {} // {}", &text[p.at.clone()], p.message, p.help.unwrap_or_default());
        assert_eq!(
            absent.into_iter().map(said).collect::<Vec<_>>(),
            [
                "«gren» err has no instance `gren` now // did you mean `green`? it has blue, green",
                "«canary» err has no instance `canary` now // it has blue, green; until `canary` is there too, this is unknown",
                "«blu» err has no instance `blu` now // did you mean `blue`? it has blue, green",
                "«a» one has no instance `a` now // its answer names none: leave the brackets out, or see what it asks",
                "«redd» err has no instance `redd` now // it has blue, green; until `redd` is there too, this is unknown",
            ]
        );
    }
}
