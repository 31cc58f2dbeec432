//! What a process costs, as Linux counts it in `/proc`.

use std::time::{Duration, Instant};

use super::pty::Pty;

/// What was counted over a span of time.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// Seconds that were watched.
    pub seconds: f64,
    /// Bytes written to the terminal.
    pub bytes: usize,
    /// Frames of them.
    pub frames: usize,
    /// The largest frame, in bytes.
    pub largest: usize,
    /// On a core, in percent of one.
    pub cpu: f64,
    /// How often a second a thread that had gone to sleep was woken.
    pub wakes: f64,
}

impl Cost {
    /// Bytes a second.
    pub fn rate(&self) -> f64 {
        self.bytes as f64 / self.seconds
    }

    /// Frames a second.
    pub fn frames_a_second(&self) -> f64 {
        self.frames as f64 / self.seconds
    }
}

/// Nanoseconds on a core, and voluntary switches, of all threads of a process.
fn used(pid: u32) -> (u64, u64) {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    tasks.fold((0, 0), |(ran, slept), task| {
        let read = |name: &str| std::fs::read_to_string(task.path().join(name)).unwrap_or_default();
        let on_core = read("schedstat").split_whitespace().next().and_then(|n| n.parse::<u64>().ok());
        let switches =
            read("status").lines().find_map(|l| l.strip_prefix("voluntary_ctxt_switches:")?.trim().parse().ok());
        (ran + on_core.unwrap_or(0), slept + switches.unwrap_or(0))
    })
}

/// Watches programs side by side for so long, and a process without a terminal.
pub fn watch(programs: &[&Pty], beside: Option<u32>, span: Duration) -> (Vec<Cost>, Cost) {
    let begun = Instant::now();
    let pids: Vec<u32> = programs.iter().map(|p| p.pid()).chain(beside).collect();
    let before: Vec<_> = pids.iter().map(|pid| used(*pid)).collect();
    std::thread::sleep(span);
    let seconds = begun.elapsed().as_secs_f64();
    let mut costs: Vec<Cost> = pids
        .iter()
        .zip(before)
        .map(|(pid, (ran, slept))| {
            let (ran_now, slept_now) = used(*pid);
            Cost {
                seconds,
                cpu: (ran_now - ran) as f64 / 1e7 / seconds,
                wakes: (slept_now - slept) as f64 / seconds,
                ..Cost::default()
            }
        })
        .collect();
    for (cost, program) in costs.iter_mut().zip(programs) {
        let frames = program.frames(begun);
        (cost.bytes, cost.frames) = (frames.iter().sum(), frames.len());
        cost.largest = frames.into_iter().max().unwrap_or(0);
    }
    let beside = if beside.is_some() { costs.pop().unwrap_or_default() } else { Cost::default() };
    (costs, beside)
}

/// Memory of a process in MiB: what is its own with its part of what it shares (Pss), and all that is mapped and there (Rss).
pub fn memory(pid: u32) -> (f64, f64) {
    let text = std::fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    let of = |name: &str| {
        let line = text.lines().find_map(|l| l.strip_prefix(name));
        line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(0.0) / 1024.0
    };
    (of("Pss:"), of("Rss:"))
}

/// The share of a sorted list below which so much of it lies.
pub fn quantile(values: &mut [f64], share: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let at = (values.len() as f64 * share).ceil() as usize;
    values.get(at.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// What a process holds.
#[derive(Clone, Copy, Debug)]
pub struct Held {
    /// Memory that is its own or shared and there, in MiB.
    pub resident: f64,
    pub descriptors: usize,
    pub threads: usize,
    /// Processes that it began and that are there, ended ones that nobody took up too.
    pub children: usize,
}

impl Held {
    pub fn by(pid: u32) -> Self {
        let count = |what: &str| std::fs::read_dir(format!("/proc/{pid}/{what}")).map_or(0, Iterator::count);
        let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
        let children =
            |task: std::fs::DirEntry| std::fs::read_to_string(task.path().join("children")).unwrap_or_default();
        Self {
            resident: memory(pid).1,
            descriptors: count("fd"),
            threads: count("task"),
            children: tasks.map(|task| children(task).split_whitespace().count()).sum(),
        }
    }
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { resident, descriptors, threads, children } = self;
        write!(f, "{resident:.1} MiB, {descriptors} descriptors, {threads} threads, {children} children")
    }
}
