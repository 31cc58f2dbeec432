//! How much one engine carries: 1,000 HTTP probes at 1 s on one core, with a Prometheus and its blackbox exporter doing the
//! same where they are there; twenty clients; a plan of 1,000 steps.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::cost::{Held, memory, quantile, watch};
use super::many::Asked;
use super::plans::{Asks, plan};
use super::pty::Pty;
use super::rows::{LARGE, MIDDLE, Table, come, latency, moves, spread, start};
use super::world::Launch;

const PROBES: usize = 1000;

/// Measures it; the table.
pub fn measure(binary: &Path, span: &impl Fn(u64) -> Duration) -> String {
    let mut table = Table::default();
    let asked = Asked::start();
    // The server and who asks it have a core each.
    pin(std::process::id(), "1");
    thousand(&mut table, binary, &asked, span);
    blackbox(&mut table, &asked, span);
    pin(std::process::id(), "0,1");
    clients(&mut table, binary, &asked, span);
    steps(&mut table, binary, &asked);
    table.print(&[])
}

/// Lets a process, with all of its threads, run on these cores alone.
fn pin(pid: u32, cores: &str) {
    let out = Command::new("taskset").args(["-a", "-p", "-c", cores, &pid.to_string()]).output();
    assert!(out.is_ok_and(|out| out.status.success()), "taskset of util-linux keeps a process on one core");
}

/// How late visits were, in words, and one in a hundred of them.
fn late(asked: &Asked) -> (String, f64) {
    let mut jitter = asked.jitter(Duration::from_secs(1));
    let (median, p99) = (quantile(&mut jitter, 0.5), quantile(&mut jitter, 0.99));
    let most = jitter.last().copied().unwrap_or(f64::NAN);
    (format!("median {median:.1} ms, p99 {p99:.1} ms, at most {most:.1} ms"), p99)
}

/// How many came, of those that were due.
fn came(asked: &Asked, passed: f64) -> (String, bool) {
    let came: usize = asked.counts().into_iter().sum();
    let due = passed * PROBES as f64;
    (format!("{came} of {due:.0}"), came as f64 >= due * 0.99)
}

fn thousand(table: &mut Table, binary: &Path, asked: &Asked, span: &impl Fn(u64) -> Duration) {
    let launch = Launch::new(binary, &plan(&asked.address, (Asks::Http, PROBES, "1s"), 40), &[]);
    let engine = launch.engine().expect("an engine");
    pin(engine, "0");
    std::thread::sleep(span(20));
    asked.forget();
    let (_, cost) = watch(&[], Some(engine), span(60));
    let (polls, all) = came(asked, cost.seconds);
    let (is, p99) = late(asked);
    table.say("1,000 HTTP probes at 1 s on one core: start jitter", "p99 < 50 ms", is, Some(p99 < 50.0));
    table.say("polls of that", "all", polls, Some(all));
    let is = format!(
        "{:.0} % of a core, {:.0} MiB resident, {} descriptors",
        cost.cpu,
        memory(engine).1,
        Held::by(engine).descriptors
    );
    table.say("the engine of that", "one core", is, Some(cost.cpu < 100.0));
}

/// A process that ends with this.
struct Beside(Child);

impl Drop for Beside {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The same, as who has a Prometheus would do it.
fn blackbox(table: &mut Table, asked: &Asked, span: &impl Fn(u64) -> Duration) {
    let dir = tempfile::tempdir().unwrap();
    let free = || std::net::TcpListener::bind(("127.0.0.1", 0)).and_then(|l| l.local_addr()).unwrap().to_string();
    let (exporter, server) = (free(), free());
    let modules = dir.path().join("blackbox.yml");
    std::fs::write(
        &modules,
        "modules:\n  http:\n    prober: http\n    timeout: 1s\n    http: {preferred_ip_protocol: ip4}\n",
    )
    .unwrap();
    let mut config = format!(
        "global: {{scrape_interval: 1s, scrape_timeout: 1s}}\nscrape_configs:\n- job_name: many\n  metrics_path: /probe\n  \
         params: {{module: [http]}}\n  relabel_configs:\n  - {{source_labels: [__address__], target_label: __param_target}}\n  \
         - {{target_label: __address__, replacement: '{exporter}'}}\n  static_configs:\n  - targets:\n"
    );
    for n in 0..PROBES {
        let _ = writeln!(config, "    - http://{}/health/{n}", asked.address);
    }
    let file = dir.path().join("prometheus.yml");
    std::fs::write(&file, config).unwrap();
    let run = |name: &str, args: &[String]| {
        let child =
            Command::new(name).args(args).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
        child.map(Beside).ok()
    };
    let beside = run(
        "prometheus-blackbox-exporter",
        &[format!("--config.file={}", modules.display()), format!("--web.listen-address={exporter}")],
    );
    let args = [
        format!("--config.file={}", file.display()),
        format!("--web.listen-address={server}"),
        format!("--storage.tsdb.path={}", dir.path().join("data").display()),
    ];
    let (Some(exporter), Some(server)) = (beside, run("prometheus", &args)) else {
        eprintln!("not here: apt-get install prometheus prometheus-blackbox-exporter");
        return;
    };
    let (exporter, server) = (&exporter, &server);
    pin(exporter.0.id(), "0");
    pin(server.0.id(), "0");
    std::thread::sleep(span(20));
    asked.forget();
    let time = span(60);
    let watched = std::thread::scope(|scope| {
        let of = |pid| scope.spawn(move || watch(&[], Some(pid), time).1);
        [exporter.0.id(), server.0.id()].map(of).map(|it| it.join().unwrap())
    });
    let (is, _) = late(asked);
    table.say("the same by Prometheus and its blackbox exporter: start jitter", "", is, None);
    table.say("polls of that", "", came(asked, watched[0].seconds).0, None);
    let is = format!(
        "{:.0} % + {:.0} % of a core, {:.0} + {:.0} MiB resident",
        watched[0].cpu,
        watched[1].cpu,
        memory(exporter.0.id()).1,
        memory(server.0.id()).1
    );
    table.say("the exporter and Prometheus of that", "", is, None);
}

fn clients(table: &mut Table, binary: &Path, asked: &Asked, span: &impl Fn(u64) -> Duration) {
    let launch = Launch::new(binary, &plan(&asked.address, (Asks::Prometheus, 200, "5s"), 40), &[]);
    let engine = launch.engine().expect("an engine");
    std::thread::sleep(span(20));
    let (_, alone) = watch(&[], Some(engine), span(60));
    let screens: Vec<Pty> = (0..20).map(|_| come(&launch, MIDDLE)).collect();
    std::thread::sleep(span(20));
    let (costs, watched) = watch(&screens.iter().collect::<Vec<_>>(), Some(engine), span(60));
    let (more, own) = (watched.cpu - alone.cpu, costs.iter().map(|c| c.cpu).sum::<f64>());
    let is = format!("{more:+.1} % of a core to {:.1} % (the clients' own: {own:.1} %)", alone.cpu);
    table.say("20 attached clients, 200 probes at 5 s: the engine", "≤ 2 % of a core more", is, Some(more <= 2.0));
}

fn steps(table: &mut Table, binary: &Path, asked: &Asked) {
    let plan = plan(&asked.address, (Asks::Prometheus, 30, "5s"), 1000);
    let launch = Launch::new(binary, &plan, &[]);
    let timed = |args: &[&str]| {
        let mut took: Vec<f64> = (0..20)
            .map(|_| {
                let begun = Instant::now();
                launch.tminus(args);
                begun.elapsed().as_secs_f64() * 1e3
            })
            .collect();
        spread(&mut took, "ms")
    };
    table.say("1,000 steps: `check`", "", timed(&["check", &launch.plan()]), None);
    table.say("1,000 steps: `do note`", "", timed(&["do", "note", "measured"]), None);
    let mut starts: Vec<f64> = (0..20).filter_map(|_| start(&launch)).collect();
    let met = quantile(&mut starts, 0.95) <= 100.0;
    table.say("1,000 steps: start → first full frame, 200×50", "≤ 100 ms", spread(&mut starts, "ms"), Some(met));
    let mut screen = come(&launch, LARGE);
    let mut all = latency(&mut screen, ["j", "k"]);
    let met = quantile(&mut all, 0.95) <= 5.0;
    table.say("1,000 steps: key → first byte, 200×50", "p95 ≤ 5 ms", spread(&mut all, "ms"), Some(met));
    let sizes = spread(&mut moves(&mut come(&launch, MIDDLE), ["j", "k"]), "B");
    table.say("1,000 steps: a selection move, 120×36", "", sizes, None);
}
