//! What 48 hours cost: 200 probes that are asked every 5 s through the real engine, with two screens attached, on a timeline
//! that runs fifty times as fast as the wall clock. A rehearsal for real is that quick at most while each probe is still
//! asked as often as the plan says.

use std::path::Path;
use std::time::{Duration, Instant};

use super::cost::{Held, quantile};
use super::many::Asked;
use super::plans::{Asks, plan};
use super::pty::Pty;
use super::rows::{LARGE, SMALL, Table, come, spread, start};
use super::world::Launch;

/// How many times as fast as the wall clock.
const SPEED: u32 = 50;

const PROBES: usize = 200;

/// On the wall clock, between two polls of a probe.
const EVERY: Duration = Duration::from_millis(5000 / SPEED as u64);

/// One hour of the launch, on the wall clock.
const HOUR: Duration = Duration::from_secs(3600 / SPEED as u64);

/// Lets so many hours pass; the table.
pub fn measure(binary: &Path, hours: u32) -> String {
    let asked = Asked::start();
    let plan = plan(&asked.address, (Asks::Prometheus, PROBES, "5s"), 40);
    let speed = SPEED.to_string();
    let launch = Launch::new(binary, &plan, &["--rehearse", "--env", "drill", "--speed", &speed]);
    let engine = launch.engine().expect("an engine");
    let mut small = come(&launch, SMALL);
    let large = come(&launch, LARGE);
    // A chart over the whole time.
    for key in ["4", "z", "\r", "-", "-", "-", "-", "-"] {
        small.keys(key);
        std::thread::sleep(Duration::from_millis(400));
    }
    let of = |screen: &Pty| Held::by(screen.pid());
    let (began, at_first) = (Instant::now(), [Held::by(engine), of(&small), of(&large)]);
    asked.forget();
    let mut most = 0.0_f64;
    let mut after_one = at_first;
    for hour in 1..=hours {
        std::thread::sleep((HOUR * hour).saturating_sub(began.elapsed()));
        let now = [Held::by(engine), of(&small), of(&large)];
        if hour == 1 {
            after_one = now;
        }
        most = most.max(now[0].resident);
        eprintln!("T+{hour} h: engine {}; screens {}, {}; disk {:.1} MiB", now[0], now[1], now[2], launch.disk());
    }
    let (passed, counts) = (began.elapsed(), asked.counts());
    let last = [Held::by(engine), of(&small), of(&large)];
    let mut table = Table::default();
    let due = passed.as_secs_f64() / EVERY.as_secs_f64();
    let offs = counts.iter().map(|n| *n as f64 - due);
    let off = offs.fold(0.0_f64, |worst, off| if off.abs() > worst.abs() { off } else { worst });
    let is = format!("{} of {PROBES} probes, each asked {due:.0} times; the worst {off:+.0}", counts.len());
    table.say("polls of that time", "none drifts by 0.1 %", is, Some(counts.len() == PROBES && off.abs() <= due / 1e3));
    let is = format!("{most:.1} MiB (first {:.1}, after an hour {:.1})", at_first[0].resident, after_one[0].resident);
    table.say("the engine, resident", "≤ 40 MiB", is, Some(most <= 40.0));
    for (n, name) in [(1, "80×24, a chart of the whole time"), (2, "200×50")] {
        let grown = last[n].resident - after_one[n].resident;
        let is = format!("{grown:+.1} MiB since the first hour's end, to {:.1}", last[n].resident);
        table.say(&format!("a client, {name}"), "grows by ≤ 2 MiB", is, Some(grown <= 2.0));
    }
    let disk = launch.disk();
    table.say("the launch on disk", "≤ 64 MB", format!("{:.1} MB", disk * 1.048_576), Some(disk * 1.048_576 <= 64.0));
    let held =
        |held: &[Held]| -> Vec<usize> { held.iter().flat_map(|h| [h.descriptors, h.threads, h.children]).collect() };
    let (first, now) = (held(&after_one), held(&last));
    let is = format!("{first:?} after an hour, {now:?} at the end");
    let none = first.iter().zip(&now).all(|(first, now)| now <= first);
    table.say("descriptors, threads, children of engine and clients", "no more", is, Some(none));
    let mut starts: Vec<f64> = (0..20).filter_map(|_| start(&launch)).collect();
    let met = quantile(&mut starts, 0.95) <= 100.0;
    table.say("start → first full frame, 200×50", "≤ 100 ms", spread(&mut starts, "ms"), Some(met));
    format!("{hours} hours in {:.0} minutes\n\n{}", passed.as_secs_f64() / 60.0, table.print(&[]))
}
