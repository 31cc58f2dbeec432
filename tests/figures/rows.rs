//! The rows of the table: what each measures, how, and its goal.

use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::Signal;

use super::cost::{Cost, memory, quantile, watch};
use super::peers;
use super::pty::Pty;
use super::world::{Launch, Server, Sources, plan};

pub const SMALL: (u16, u16) = (80, 24);
pub const MIDDLE: (u16, u16) = (120, 36);
pub const LARGE: (u16, u16) = (200, 50);

/// What stands at the bottom of a screen that is whole.
const WHOLE: &[&str] = &["NOW", "Part 1 of", "BACK", "? help"];

/// A row: what was measured, what it should be, what it is.
struct Row {
    what: String,
    goal: String,
    is: String,
    /// Whether that meets the goal; none where there is no goal.
    met: Option<bool>,
}

/// The table as it grows; each row is said at once.
#[derive(Default)]
pub struct Table(Vec<Row>);

impl Table {
    pub fn say(&mut self, what: &str, goal: &str, is: String, met: Option<bool>) {
        eprintln!("{what}: {is}  (goal {goal}: {})", word(met));
        self.0.push(Row { what: what.into(), goal: goal.into(), is, met });
    }

    /// All rows as Markdown, with the peers beside them.
    pub fn print(&self, peers: &[(&str, peers::Figures)]) -> String {
        let names: String = peers.iter().map(|(name, _)| format!(" {name} |")).collect();
        let mut text = format!("| | goal | tminus | |{names}\n|---|---|---|---|{}\n", "---|".repeat(peers.len()));
        for row in &self.0 {
            let beside = peers.iter().map(|(_, of)| format!(" {} |", of.get(&row.what).map_or("", |text| text)));
            let beside: String = beside.collect();
            text += &format!("| {} | {} | {} | {} |{beside}\n", row.what, row.goal, row.is, word(row.met));
        }
        text
    }
}

fn word(met: Option<bool>) -> &'static str {
    match met {
        Some(true) => "met",
        Some(false) => "missed",
        None => "",
    }
}

/// Measures everything.
pub fn measure(binary: &Path, span: &impl Fn(u64) -> Duration) -> String {
    let server = Server::start();
    let mut table = Table::default();
    let launch = |sources, further: &[&str]| Launch::new(binary, &plan(&server, sources), further);
    still(&mut table, &launch(Sources::Still, &[]), &launch(Sources::Still, &["--rehearse"]), span);
    one(&mut table, &launch(Sources::One, &[]), &server);
    busy(&mut table, &launch(Sources::Busy, &[]), span);
    dead(&mut table, &launch(Sources::Dead, &[]));
    let peers: Vec<_> = peers::PEERS.iter().map(|peer| peer.measure(span)).collect();
    table.print(&peers)
}

/// The screen. What happened since one was here last is told on a card first.
pub fn come(launch: &Launch, size: (u16, u16)) -> Pty {
    let mut screen = Pty::start(&launch.attach(), size);
    screen.wait_until("the whole screen", |s| WHOLE.iter().all(|text| s.contains(text)));
    std::thread::sleep(Duration::from_secs(2));
    while screen.screen().contains("Esc closes") {
        screen.keys("\x1b");
        std::thread::sleep(Duration::from_millis(500));
    }
    screen
}

/// The middle of many values, and what one in twenty is above.
pub fn spread(values: &mut [f64], unit: &str) -> String {
    let digits = usize::from(unit == "ms");
    let (median, p95) = (quantile(values, 0.5), quantile(values, 0.95));
    format!("median {median:.digits$}, p95 {p95:.digits$} {unit}")
}

pub fn cheap(cost: &Cost) -> String {
    format!("{:.0} B/s, {:.2} % CPU, {:.1} wakes/s", cost.rate(), cost.cpu, cost.wakes)
}

/// Where nothing changes.
fn still(table: &mut Table, live: &Launch, rehearsal: &Launch, span: &impl Fn(u64) -> Duration) {
    let (small, large) = (come(live, SMALL), come(live, LARGE));
    let practice = come(rehearsal, LARGE);
    // What is younger than two minutes says its age in seconds.
    std::thread::sleep(Duration::from_secs(130));
    let (costs, engine) = watch(&[&small, &large, &practice], live.engine(), span(60));
    for (name, cost) in [("80×24", &costs[0]), ("200×50", &costs[1])] {
        let is = format!("{:.0} B/s, {:.1} frames/s, {:.2} % CPU", cost.rate(), cost.frames_a_second(), cost.cpu);
        let met = cost.rate() <= 70.0 && cost.frames_a_second() <= 1.1;
        table.say(&format!("live, nothing but the seconds, {name}"), "≤ 70 B/s, one frame a second", is, Some(met));
    }
    table.say("the engine of that", "", cheap(&engine), None);
    // Where clocks show minutes one frame a minute has the new one.
    let quiet = |cost: &Cost| cost.rate() < 0.5 && cost.cpu <= 0.1 && cost.wakes <= 2.0;
    let rested = |cost: &Cost| {
        format!("{} B in {:.0} s, {:.2} % CPU, {:.1} wakes/s", cost.bytes, cost.seconds, cost.cpu, cost.wakes)
    };
    let goal = "0 B/s, ≤ 0.1 % CPU, ≤ 2 wakes/s";
    table.say("rehearsal, nothing changes, 200×50", goal, rested(&costs[2]), Some(quiet(&costs[2])));
    live.tminus(&["do", "end", "production", "measured"]);
    std::thread::sleep(span(90));
    let (costs, _) = watch(&[&large], None, span(60));
    table.say("ended launch, 200×50", goal, rested(&costs[0]), Some(quiet(&costs[0])));
}

/// What one key and one alert cost.
fn one(table: &mut Table, launch: &Launch, server: &Server) {
    let mut screen = come(launch, MIDDLE);
    std::thread::sleep(Duration::from_secs(2));
    let mut sizes = moves(&mut screen, ["j", "k"]);
    let met = quantile(&mut sizes, 0.95) <= 200.0;
    table.say("a selection move, 120×36", "≤ 200 B", spread(&mut sizes, "B"), Some(met));
    let begun = Instant::now();
    server.fail(true);
    screen.wait_until("the alarm", |s| s.contains("CRITICAL") || s.contains("critical"));
    screen.quiet(Duration::from_millis(100));
    let alert = screen.frames(begun).into_iter().max().unwrap_or(0);
    server.fail(false);
    table.say("an alert, 120×36", "≤ 400 B", format!("{alert} B"), Some(alert <= 400));
}

/// Moves the selection back and forth, a byte count each, right after the second's own frame.
pub fn moves(screen: &mut Pty, keys: [&str; 2]) -> Vec<f64> {
    let mut sizes = Vec::new();
    for n in 0..40 {
        let before = Instant::now();
        screen.first_byte(before, Duration::from_millis(1100));
        screen.quiet(Duration::from_millis(60));
        let begun = Instant::now();
        screen.keys(keys[usize::from(n % 10 >= 5)]);
        if screen.first_byte(begun, Duration::from_millis(500)).is_some() {
            screen.quiet(Duration::from_millis(30));
            sizes.push(screen.frames(begun).first().copied().unwrap_or(0) as f64);
        }
    }
    sizes
}

/// From a key to the first byte that answers it, in milliseconds.
pub fn latency(screen: &mut Pty, keys: [&str; 2]) -> Vec<f64> {
    let mut all = Vec::new();
    for n in 0..120 {
        screen.quiet(Duration::from_millis(15));
        std::thread::sleep(Duration::from_millis(7 * (n % 9)));
        let begun = Instant::now();
        screen.keys(keys[usize::from(n % 10 >= 5)]);
        if let Some(first) = screen.first_byte(begun, Duration::from_millis(500)) {
            all.push(first.as_secs_f64() * 1e3);
        }
    }
    all
}

/// All sources answer something new each 1 to 5 seconds.
fn busy(table: &mut Table, launch: &Launch, span: &impl Fn(u64) -> Duration) {
    let (mut small, mut large) = (come(launch, SMALL), come(launch, LARGE));
    std::thread::sleep(span(20));
    let (costs, engine) = watch(&[&small, &large], launch.engine(), span(60));
    for (name, cost, most) in [("80×24", &costs[0], 300.0), ("200×50", &costs[1], 1200.0)] {
        let is = format!("{}, {:.1} frames/s", cheap(cost), cost.frames_a_second());
        let goal = format!("≤ {most:.0} B/s, ≤ 1 % CPU");
        table.say(&format!("live, all sources, {name}"), &goal, is, Some(cost.rate() <= most && cost.cpu <= 1.0));
    }
    table.say("the engine of that", "", cheap(&engine), None);
    for (name, screen) in [("80×24", &mut small), ("200×50", &mut large)] {
        let mut all = latency(screen, ["j", "k"]);
        let met = quantile(&mut all, 0.95) <= 5.0;
        let name = format!("key → first byte, all sources, {name}");
        table.say(&name, "p95 ≤ 5 ms", spread(&mut all, "ms"), Some(met));
    }
    for (name, screen, most) in [("80×24", &mut small, 5 << 10), ("200×50", &mut large, 15 << 10)] {
        let first = screen.frames(screen.began).into_iter().take(3).max().unwrap_or(0);
        let begun = Instant::now();
        for key in TOUR {
            screen.keys(key);
            std::thread::sleep(Duration::from_millis(350));
        }
        let largest = screen.frames(begun).into_iter().max().unwrap_or(0).max(first);
        let is = format!("{largest} B (first {first})");
        table.say(&format!("any one frame, {name}"), &format!("≤ {} KB", most >> 10), is, Some(largest <= most));
    }
    let (pss, rss) = memory(large.pid());
    table.say("client memory", "≤ 12 MiB", format!("{pss:.1} MiB Pss, {rss:.1} Rss"), Some(rss <= 12.0));
    let mut starts: Vec<f64> = (0..20).filter_map(|_| start(launch)).collect();
    let met = quantile(&mut starts, 0.5) <= 25.0;
    table.say("start → first full frame, 200×50", "≤ 25 ms", spread(&mut starts, "ms"), Some(met));
    for (name, set, unset) in [("no COLORTERM", None, Some("COLORTERM")), ("NO_COLOR", Some("NO_COLOR"), None)] {
        let mut command = launch.attach();
        if let Some(name) = set {
            command.env(name, "1");
        }
        if let Some(name) = unset {
            command.env_remove(name);
        }
        let mut screen = Pty::start(&command, LARGE);
        screen.wait_until("the screen", |s| s.contains("NOW"));
        for key in TOUR {
            screen.keys(key);
            std::thread::sleep(Duration::from_millis(350));
        }
        let (colours, rgb) = colours(&screen.bytes());
        let (goal, found) = if set.is_some() { ("no colour codes", colours) } else { ("no RGB codes", rgb) };
        table.say(name, goal, format!("{found}"), Some(found == 0));
    }
    ends(table, launch);
}

/// Keys that show every kind of screen.
const TOUR: &[&str] = &[
    "\x1b", "z", "z", "3", "z", "-", "0", "z", "4", "z", "\r", "\x1b", "\x1b", "8", "z", "z", "1", "G", "gg", "\r",
    "o", "\x1b", "?", "\x1b", ":", "\x1b", "Y", "\x1b", "R", "\x1b", "I", "b", "w", "9", "\x0c",
];

/// From the start to the first frame that has everything.
pub fn start(launch: &Launch) -> Option<f64> {
    let screen = Pty::start(&launch.attach(), LARGE);
    screen.wait_until("the whole screen", |s| WHOLE.iter().all(|text| s.contains(text)));
    screen.shown_after(WHOLE).map(|took| took.as_secs_f64() * 1e3)
}

/// Sequences that set a colour, and those of them that set one of 24 bits.
pub fn colours(bytes: &[u8]) -> (usize, usize) {
    let (mut any, mut rgb) = (0, 0);
    for at in 0..bytes.len() {
        let Some(rest) = bytes[at..].strip_prefix(b"\x1b[") else { continue };
        let end = rest.iter().position(|b| !matches!(b, b'0'..=b'9' | b';' | b':')).unwrap_or(rest.len());
        if rest.get(end) != Some(&b'm') {
            continue;
        }
        let text = String::from_utf8_lossy(&rest[..end]).into_owned();
        let mut numbers = text.split([';', ':']).map(|n| n.parse::<u32>().unwrap_or(0));
        while let Some(number) = numbers.next() {
            match number {
                38 | 48 | 58 => {
                    let kind = numbers.next();
                    any += 1;
                    rgb += usize::from(kind == Some(2));
                    numbers.by_ref().take(if kind == Some(2) { 3 } else { 1 }).for_each(drop);
                }
                30..=37 | 40..=47 | 90..=97 | 100..=107 => any += 1,
                _ => {}
            }
        }
    }
    (any, rgb)
}

/// Whether the terminal is as it was after each way to end.
fn ends(table: &mut Table, launch: &Launch) {
    for (name, signal) in ENDS {
        let is = end(come(launch, SMALL), *signal);
        let met = is == RESTORED;
        table.say(&format!("terminal after {name}"), RESTORED, is, Some(met));
    }
    let mut shell = launch.command(&[]);
    shell = {
        let mut sh = std::process::Command::new("sh");
        sh.arg("-i").envs(shell.get_envs().filter_map(|(k, v)| Some((k, v?)))).env("PS1", "PROMPT ");
        sh.env("TMINUS_BINARY", shell.get_program());
        sh
    };
    let mut screen = Pty::start(&shell, SMALL);
    screen.wait_until("a prompt", |s| s.contains("PROMPT"));
    screen.keys("\"$TMINUS_BINARY\" attach\r");
    screen.wait_until("the screen", |s| s.contains("NOW"));
    screen.quiet(Duration::from_millis(300));
    screen.keys("\x1a");
    screen.wait_until("the shell's prompt", |s| s.contains("Stopped"));
    screen.quiet(Duration::from_millis(200));
    let left = screen.left_behind();
    screen.keys("fg\r");
    screen.wait_until("the screen again", |s| s.contains("NOW"));
    screen.keys("q");
    screen.wait_until("the shell again", |s| s.contains("goes on"));
    let after = screen.left_behind();
    let is = format!("{}; after fg and q {}", said(&left), said(&after));
    table.say("terminal after Ctrl-Z", "restored, and back", is, Some(left.is_empty() && after.is_empty()));
}

const RESTORED: &str = "restored";

/// Ends a program by a signal, or by its key; how the terminal is then.
pub fn end(mut screen: Pty, signal: Option<Signal>) -> String {
    match signal {
        Some(signal) => screen.signal(signal),
        None => screen.keys("q"),
    }
    if screen.ended().is_none() {
        return "does not end".to_owned();
    }
    said(&screen.left_behind())
}

pub const ENDS: &[(&str, Option<Signal>)] = &[
    ("exit (q)", None),
    ("SIGTERM", Some(Signal::TERM)),
    ("SIGHUP", Some(Signal::HUP)),
    ("SIGINT", Some(Signal::INT)),
    ("SIGQUIT", Some(Signal::QUIT)),
];

pub fn said(left: &[&str]) -> String {
    if left.is_empty() { RESTORED.to_owned() } else { format!("left: {}", left.join(", ")) }
}

/// Sources that take the connection and never answer.
fn dead(table: &mut Table, launch: &Launch) {
    let mut screen = come(launch, LARGE);
    std::thread::sleep(Duration::from_secs(12));
    let mut all = latency(&mut screen, ["j", "k"]);
    let met = quantile(&mut all, 0.95) <= 5.0;
    table.say("key → first byte, 30 dead endpoints", "p95 ≤ 5 ms", spread(&mut all, "ms"), Some(met));
}
