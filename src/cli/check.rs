//! `tminus check PLAN…`: all that is wrong or risky in a plan, with file, line and column.
//!
//! Exit codes: 0 nothing is wrong (warnings may be printed), 1 with `--probe`: something could not be measured, 2 wrong
//! usage, 3 an error, or a warning with `--strict`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use color_eyre::eyre::Result;
use serde_json::{Value, json};
use tokio::sync::watch;

use super::sheet::sheet;
use crate::core::outline::Outline;
use crate::core::reading::{Level, Outcome, Poll};
use crate::core::signals::Signals;
use crate::core::text::Secrets;
use crate::core::time::{Span, Timestamp};
use crate::engine::secrets::resolve;
use crate::plan::problem::{Problem, Severity};
use crate::plan::{self, Choices, Plan};
use crate::probes::Setup;
use crate::probes::runner::{Job, Report, once};

/// Which plans, and how to check them.
#[derive(Debug, clap::Args)]
#[command(after_help = "Exit codes: 0 nothing is wrong, 1 a probe could not be measured, 2 wrong usage, 3 an error \
    (with --strict: or a warning).")]
pub struct Args {
    /// The plan files
    #[arg(required = true)]
    plans: Vec<PathBuf>,
    /// Check with this environment laid over
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Set a variable of the plan
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    vars: Vec<(String, String)>,
    /// Measure every probe once
    #[arg(long)]
    probe: bool,
    /// Print the break-glass page instead: ways back, people and probes on one page that needs no tminus
    #[arg(long, conflicts_with_all = ["probe", "json"])]
    sheet: bool,
    /// Warnings fail too
    #[arg(long)]
    strict: bool,
    /// Print as JSON
    #[arg(long)]
    json: bool,
}

/// Splits `NAME=VALUE`.
pub fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` has no `=`: write NAME=VALUE"))?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Checks the plans.
pub fn run(args: Args) -> Result<ExitCode> {
    let choices = Choices { environment: args.env.clone(), vars: args.vars.iter().cloned().collect() };
    let mut worst = 0;
    let mut answers = Vec::new();
    for path in &args.plans {
        let name = path.display().to_string();
        let text = match plan::read(path) {
            Ok(text) => text,
            Err(wrong) => {
                worst = 3;
                if args.json {
                    answers.push(json!({ "file": name, "problems": [{ "severity": "error", "code": "unreadable", "message": wrong.to_string() }] }));
                } else {
                    eprintln!("error: {wrong}");
                }
                continue;
            }
        };
        let (plan, problems) = plan::check(&text, &choices);
        let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
        if errors > 0 || (args.strict && !problems.is_empty()) {
            worst = 3;
        }
        if args.sheet {
            for problem in problems.iter().filter(|p| p.severity == Severity::Error) {
                eprintln!("{}\n", problem.render(&text, &name));
            }
            if let Some(plan) = plan.filter(|_| errors == 0) {
                let file = path.canonicalize()?;
                let now = Timestamp::from(chrono::Utc::now());
                println!("{}", sheet(&plan.outline, &file, &plan::hash(&text), now));
            }
            continue;
        }
        let measured = match plan.as_ref().filter(|_| args.probe) {
            Some(plan) => Some(measure(plan, path)?),
            None => None,
        };
        if measured.iter().flatten().any(|m| m.level == Level::Unknown) {
            worst = worst.max(1);
        }
        if args.json {
            let problems: Vec<Value> = problems.iter().map(|p| as_json(p, &text, &name)).collect();
            let measured: Option<Vec<Value>> = measured.map(|all| all.iter().map(Measured::json).collect());
            answers.push(json!({ "file": name, "problems": problems, "measured": measured }));
            continue;
        }
        for problem in &problems {
            println!("{}\n", problem.render(&text, &name));
        }
        for row in measured.iter().flatten() {
            println!("{}", row.line());
        }
        println!("{}", summary(&name, errors, problems.len() - errors, plan.as_ref().map(|p| &p.outline)));
    }
    if args.json {
        println!("{}", serde_json::to_string_pretty(&answers)?);
    }
    Ok(ExitCode::from(worst))
}

fn summary(name: &str, errors: usize, warnings: usize, outline: Option<&Outline>) -> String {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    match (outline, errors, warnings) {
        (Some(o), 0, 0) => format!(
            "{name}: nothing is wrong; {}, {}, {}",
            count(o.phases.len(), "phase"),
            count(o.steps.len(), "step"),
            count(o.probes.len(), "probe")
        ),
        (_, 0, _) => format!("{name}: {}", count(warnings, "warning")),
        _ => format!("{name}: {}; warnings come when nothing is an error any more", count(errors, "error")),
    }
}

fn as_json(problem: &Problem, text: &str, name: &str) -> Value {
    let (line, column) = problem.place(text);
    let (end_line, end_column) = plan::problem::place(text, problem.at.end.max(problem.at.start));
    json!({
        "file": name, "line": line, "column": column, "end_line": end_line, "end_column": end_column,
        "severity": problem.severity, "code": problem.code, "message": problem.message, "help": problem.help,
    })
}

/// One signal as one poll found it.
struct Measured {
    signal: String,
    value: String,
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
        json!({ "signal": self.signal, "value": self.value, "level": self.level, "took_ms": self.took_ms, "why": self.why })
    }
}

/// Measures every probe once, all at the same time.
fn measure(plan: &Plan, path: &Path) -> Result<Vec<Measured>> {
    let mut values = BTreeMap::new();
    for (name, reference) in &plan.outline.secrets {
        match resolve(reference) {
            Ok(value) => {
                values.insert(name.clone(), value);
            }
            Err(why) => println!("  secret {name}: {why}"),
        }
    }
    let secrets = Arc::new(Secrets::new(values));
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
            };
            let spec = plan.probes.get(&outline.id)?.clone();
            Some(Job { probe: outline.id.clone(), spec, setup, phase: Span::ZERO })
        })
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let reports: Vec<Report> = runtime.block_on(futures_util::future::join_all(jobs.into_iter().map(once)));
    let mut signals = Signals::new(&plan.outline);
    let mut took = BTreeMap::new();
    for report in reports {
        took.insert(report.probe.clone(), report.took_ms);
        signals.observe(&Poll { probe: report.probe, at: now, took_ms: report.took_ms, points: report.points });
    }
    Ok(signals
        .ids()
        .into_iter()
        .map(|id| {
            let (level, why) = signals.level(&id, now);
            let unit = plan.outline.probe(&id.probe).and_then(|p| p.measure(Some(&id.measure))).map(|m| m.unit);
            let last = signals.newest(&id, 1).next().map(|(_, outcome)| outcome.clone());
            let value = match (last, unit) {
                (Some(Outcome::Value(v)), Some(unit)) => unit.show(v.get()),
                (Some(Outcome::Text(text)), _) => text,
                (Some(Outcome::Failing(_)), _) => "failing".to_owned(),
                _ => "no data".to_owned(),
            };
            let took_ms = took.get(&id.probe).copied().unwrap_or_default();
            Measured { signal: id.to_string(), value, level, took_ms, why }
        })
        .collect())
}
