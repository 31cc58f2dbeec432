//! Measures what tminus costs, on the built binary with a live engine and real terminals, beside its peers where they are
//! there, and prints the table: the screen, 48 hours, many probes and clients and steps. `tests/measure` runs it.

mod cost;
mod endurance;
mod many;
mod peers;
mod plans;
mod pty;
mod rows;
mod scale;
mod world;

use std::path::PathBuf;
use std::time::Duration;

fn main() {
    let mut args = std::env::args().skip(1);
    let Some(binary) = args.next().map(PathBuf::from).filter(|b| b.is_file()) else {
        eprintln!(
            "usage: tests/measure [endurance|scale] [--quick]; it builds the binary and says to this program where it is"
        );
        std::process::exit(2);
    };
    let args: Vec<String> = args.collect();
    let quick = args.iter().any(|a| a == "--quick");
    let span = |full: u64| Duration::from_secs(if quick { full / 4 } else { full });
    println!("{}\n", machine());
    let table = match args.first().map(String::as_str) {
        Some("endurance") => endurance::measure(&binary, if quick { 2 } else { 48 }),
        Some("scale") => scale::measure(&binary, &span),
        None | Some("--quick") => rows::measure(&binary, &span),
        Some(other) => {
            eprintln!("there is no `{other}`: endurance, scale, or nothing for the screen");
            std::process::exit(2);
        }
    };
    println!("\n{table}");
    println!("load at the end: {}", load());
}

/// The machine, in a line.
fn machine() -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let model = info.lines().find_map(|l| l.strip_prefix("model name")?.split_once(": ")).map_or("?", |(_, name)| name);
    let cores = info.lines().filter(|l| l.starts_with("processor")).count();
    format!("{model}, {cores} cores, Linux {}; load {}", read("/proc/sys/kernel/osrelease").trim(), load())
}

/// How busy the machine is: over one, five and fifteen minutes.
fn load() -> String {
    let text = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    text.split_whitespace().take(3).collect::<Vec<_>>().join(" ")
}
