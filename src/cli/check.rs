//! `tminus check PLAN…`: all that is wrong or risky in a plan, with file, line and column.
//!
//! Exit codes: 0 nothing is wrong (warnings may be printed), 1 with `--probe`: something could not be measured, a secret is
//! not set, or another blocker stands against the start, 2 wrong usage, 3 an error, or a warning with `--strict`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use color_eyre::eyre::Result;
use serde_json::{Value, json};

use super::measure::Measurements;
use super::sheet::sheet;
use crate::core::outline::Outline;
use crate::core::practice::Practice;
use crate::core::time::Timestamp;
use crate::plan::problem::{Problem, Severity};
use crate::plan::source::Unreadable;
use crate::plan::{self, Choices, Plan};

/// The most problems of a plan that are printed for a person.
const MOST: usize = 200;

/// Which plans, and how to check them.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 nothing is wrong, 1 (with --probe) a probe could not be measured, a secret is not \
    set, or another blocker stands against the start: a script that is not there, a host that is not found, a full disk, a \
    wrong clock; 2 wrong usage, 3 an error (with --strict: or a warning).\n\n\
    Problems of a plan are what it prints, on standard output; a file that can't be read is an error of the command, on \
    standard error, and so are problems beside --sheet, whose output is the page. --json has all of it on standard output.\n\n\
    --probe prints what a launch shows as its READY card before T-0: blockers first, each with what to do. It looks at the \
    machine that it runs on: run it where the engine will run. It starts no command of a step, a way back or a \
    channel. It sends what the probes ask (a `command` probe is a measurement too, so its command runs once), a connection \
    to each host, and one HEAD request for the time."
)]
pub struct Args {
    /// The plan files
    #[arg(required = true)]
    plans: Vec<PathBuf>,
    /// Check with this environment laid over; without it the plan is checked as it is and with each of its environments
    #[arg(long, value_name = "NAME")]
    env: Option<String>,
    /// Set a variable of the plan
    #[arg(long = "var", value_name = "NAME=VALUE", value_parser = variable)]
    vars: Vec<(String, String)>,
    /// Check this scenario of a rehearsal too, against the plan
    #[arg(long, value_name = "FILE", conflicts_with = "sheet")]
    scenario: Option<PathBuf>,
    /// Can I start? Measure every probe once; look at secrets, scripts, hosts, disk, clock and blanks
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

/// Splits `NAME=VALUE`. An empty value is what an unset variable of the shell leaves; nobody means it here.
pub fn variable(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or_else(|| format!("`{text}` has no `=`: write NAME=VALUE"))?;
    if value.trim().is_empty() {
        return Err(format!("`{name}` has no value; where it is to be empty, write that into the plan"));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Checks a scenario against a plan; 3 where it can't be rehearsed.
fn scenario(file: &Path, plan: &Plan, args: &Args) -> Result<u8> {
    let text = plan::read(file)?;
    let (scenario, problems) = plan::scenario::check(&text, plan);
    let name = file.display().to_string();
    let say = |line: String| if args.json { eprintln!("{line}") } else { println!("{line}") };
    problems.iter().for_each(|problem| say(format!("{}\n", problem.render(&text, &name))));
    let errors = problems.iter().filter(|p| p.severity == Severity::Error).count();
    if problems.is_empty() {
        say(format!("{name}: nothing is wrong"));
        let practice = Practice { scenario, ..Practice::default() };
        let left = plan.outline.probes.iter().filter_map(|probe| match practice.left(probe) {
            left if left.is_empty() => None,
            left if left.len() == probe.measures.len() => Some(probe.id.to_string()),
            left => Some(left.iter().map(|measure| format!("{}.{measure}", probe.id)).collect::<Vec<_>>().join(", ")),
        });
        let left: Vec<String> = left.collect();
        say(if left.is_empty() {
            "it sets all that the plan measures: nothing is asked".to_owned()
        } else {
            format!("measured, since it does not set them for good: {}", left.join(", "))
        });
    }
    Ok(if errors > 0 || (args.strict && !problems.is_empty()) { 3 } else { 0 })
}

/// Checks the plans.
pub fn run(args: Args) -> Result<ExitCode> {
    let choices = Choices { environment: args.env.clone(), vars: args.vars.iter().cloned().collect() };
    let mut worst = 0;
    let mut answers = Vec::new();
    for path in &args.plans {
        let name = path.display().to_string();
        let text = match plan::source::text(path) {
            Ok(text) => text,
            Err(wrong) => {
                worst = 3;
                if args.json {
                    answers.push(json!({
                        "file": name, "problems": [unreadable(&wrong)],
                        "measured": null, "secrets_missing": null, "ready": null,
                    }));
                } else {
                    super::complain(format!("error: {wrong}"));
                }
                continue;
            }
        };
        let (plan, mut problems) = plan::check(&text, &choices);
        if choices.environment.is_none() {
            problems.extend(plan::check_environments(&text, &choices, &problems));
            problems.sort_by_key(|p| (p.at.start, p.severity));
        }
        if let Some((file, plan)) = args.scenario.as_ref().zip(plan.as_ref()) {
            worst = worst.max(scenario(file, plan, &args)?);
        }
        let measured = match plan.as_ref().filter(|_| args.probe) {
            Some(plan) => {
                let measured = Measurements::take(plan, path, &choices)?;
                problems.extend(measured.absent(plan));
                problems.sort_by_key(|p| (p.at.start, p.severity));
                Some(measured)
            }
            None => None,
        };
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
                println!(
                    "{}",
                    sheet(&plan.outline, |id| plan.probes.get(id)?.address(), &file, &plan::hash(&text), now)
                );
            }
            continue;
        }
        if measured.as_ref().is_some_and(|m| !m.complete()) {
            worst = worst.max(1);
        }
        if args.json {
            let problems: Vec<Value> = problems.iter().map(|p| as_json(p, &text, &name)).collect();
            let ready = measured.as_ref().map(|m| json!({ "is": m.card.word(), "rows": m.card.rows }));
            let (rows, missing) = measured.map(Measurements::json).unzip();
            answers.push(json!({
                "file": name, "problems": problems, "measured": rows, "secrets_missing": missing, "ready": ready,
            }));
            continue;
        }
        // Of too many the errors are mended first.
        let crowd = problems.len() > MOST && errors > 0;
        let shown = problems.iter().filter(|p| !crowd || p.severity == Severity::Error);
        for problem in shown.take(MOST) {
            println!("{}\n", problem.render(&text, &name));
        }
        if problems.len() > MOST {
            let shown = if crowd { errors.min(MOST) } else { MOST };
            println!("{name}: and {} more; mend these first, or read all with --json\n", problems.len() - shown);
        }
        if let Some(measured) = &measured {
            measured.lines().iter().for_each(|line| println!("{line}"));
        }
        let warnings = problems.len() - errors;
        println!("{}", summary(&name, errors, warnings, plan.as_ref().map(|p| &p.outline)));
        if let Some(measured) = &measured {
            println!("{name}: measured: {}", measured.summary());
            println!("{name}: {}: {}", measured.card.word(), measured.card.summary());
        }
    }
    if args.json {
        println!("{}", super::json::pretty(&answers)?);
    }
    Ok(ExitCode::from(worst))
}

fn summary(name: &str, errors: usize, warnings: usize, outline: Option<&Outline>) -> String {
    let count = |n: usize, what: &str| format!("{n} {what}{}", if n == 1 { "" } else { "s" });
    match (outline, errors, warnings) {
        (Some(o), 0, 0) => format!(
            "{name}: nothing is wrong in the plan; {}, {}, {}",
            count(o.phases.len(), "phase"),
            count(o.steps.len(), "step"),
            count(o.probes.len(), "probe")
        ),
        (_, 0, _) => format!("{name}: {}", count(warnings, "warning")),
        (_, _, 0) => format!("{name}: {}", count(errors, "error")),
        _ => format!("{name}: {}, {}", count(errors, "error"), count(warnings, "warning")),
    }
}

fn unreadable(wrong: &Unreadable) -> Value {
    let (line, column) = wrong.place.unwrap_or((1, 1));
    json!({
        "file": wrong.file, "line": line, "column": column, "end_line": line, "end_column": column,
        "severity": Severity::Error, "code": "unreadable", "message": wrong.why, "help": wrong.help,
    })
}

fn as_json(problem: &Problem, text: &str, name: &str) -> Value {
    let (line, column) = problem.place(text);
    let (end_line, end_column) = plan::problem::place(text, problem.at.end.max(problem.at.start));
    json!({
        "file": name, "line": line, "column": column, "end_line": end_line, "end_column": end_column,
        "severity": problem.severity, "code": problem.code, "message": problem.message, "help": problem.help,
    })
}
