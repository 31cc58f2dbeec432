//! Whoever answers a probe, or a command of the plan, may say as much as they like: no process of ours grows with it, and
//! it is told what was not taken.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use super::support::launch::Launch;
use super::support::launches::text;
use super::support::postgres::Postgres;
use super::support::terminal::Terminal;
use super::support::wait_for;

/// The most memory that a process may ever have held, in KiB: what is kept of outputs and histories included.
const MOST: u64 = 200 * 1024;

/// The most memory that a process held, in KiB.
fn peak(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

/// A server that begins so and then goes on with the same bytes for as long as somebody takes them.
fn endless(begin: &'static str, on: &'static str) -> SocketAddr {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let pour = move |mut stream: TcpStream| {
        let _ = stream.read(&mut [0; 4096]);
        let _ = stream.write_all(begin.as_bytes());
        let on = on.repeat(65_536 / on.len());
        while stream.write_all(on.as_bytes()).is_ok() {}
    };
    thread::spawn(move || listener.incoming().flatten().for_each(|stream| drop(thread::spawn(move || pour(stream)))));
    address
}

const JSON: &str = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n";

#[test]
fn who_answers_without_an_end_is_cut_off_and_the_engine_does_not_grow() {
    let body = endless("HTTP/1.1 200 OK\r\n\r\n", "x");
    let head = endless("HTTP/1.1 200 OK\r\nX-Long: ", "x");
    let heads = endless("HTTP/1.1 200 OK\r\n", "X-Another: 1\r\n");
    let deep = endless(JSON, "[");
    let services = endless("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"services\":{", "\"a\":1,");
    let labels = endless("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{\"data\":[", "{\"a\":1},");
    let bomb = endless("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Type: application/json\r\n\r\n", "\0");
    let postgres = Postgres::primary();
    let sql = postgres.url("postgres", "postgres");
    let query = |id: &str, query: &str| {
        format!(
            "[[probe]]\nid='{id}'\nevery='10s'\ntimeout='9s'\n\
             postgres={{url='{sql}', query=\"{query}\", measures=[{{name='n'}}]}}\n"
        )
    };
    let http = |id: &str, at: SocketAddr, more: &str| {
        format!("[[probe]]\nid='{id}'\nevery='10s'\ntimeout='9s'\nhttp={{url='http://{at}/'{more}}}\n")
    };
    let sets = "expect={json={'$.ok'=true}}";
    let mut plan = "[plan]\nname='Bounded'\nenvironment='test'\n[vars]\nflags=''\n".to_owned();
    plan += &http("body", body, ", expect={text='ready'}");
    plan += &http("head", head, "");
    plan += &http("heads", heads, "");
    plan += &http("deep", deep, &format!(", {sets}"));
    plan += &http("services", services, ", services='$.services.*'");
    plan += &http("bomb", bomb, &format!(", {sets}"));
    plan += &format!("[[probe]]\nid='labels'\nevery='10s'\nprometheus={{url='http://{labels}/', query='a'}}\n");
    let bulk = endless("$2000000000\r\n", "x");
    plan +=
        &format!("[[probe]]\nid='bulk'\nevery='10s'\nredis={{url='redis://{bulk}', layout='list', queues=['q']}}\n");
    plan += "[[probe]]\nid='said'\nevery='10s'\ntimeout='9s'\ncommand={run='yes'}\n";
    plan += &query("rows", "select n from generate_series(1, 10000000) as n");
    plan += &query("value", "select repeat('x', 20000000) as n");
    plan += "[[phase]]\nid='p'\n[[phase.step]]\nid='look'\n";
    let mut launch = Launch::planned(&plan);
    launch.id = launch.start("");
    for (probe, why) in [
        ("body", "the first 1048576 bytes of the body"),
        ("head", "does not answer in HTTP"),
        ("heads", "does not answer in HTTP"),
        ("deep", "longer than 1048576 bytes"),
        ("services", "longer than 1048576 bytes"),
        ("bomb", "compressed (gzip)"),
        ("bulk", "answers with more than 8388608 bytes"),
        ("labels", "longer than 8388608 bytes"),
        ("said", "printed more than 262144 bytes"),
        ("rows", "more than 1000 rows"),
        ("value", "20000000 bytes, and 4096 are taken"),
    ] {
        let said = || text(&launch.tminus(&["do", "explain", probe]).stdout);
        wait_for(&format!("{probe}: {why}"), || said().contains(why).then_some(()));
    }
    let peak = peak(launch.engine().unwrap());
    assert!(peak < MOST, "the engine held {peak} KiB");
}

#[test]
fn a_command_that_prints_without_an_end_fills_neither_the_disk_nor_a_process() {
    let step = |id: &str, run: &str| format!("[[phase.step]]\nid='{id}'\nrun='{run}'\ntimeout='2m'\n");
    let mut plan = "[plan]\nname='Bounded'\nenvironment='test'\n[vars]\nflags=''\n[[phase]]\nid='p'\n".to_owned();
    plan += &step("line", "head -c 150000000 /dev/zero | tr \"\\\\0\" x");
    plan += &step(
        "lines",
        "yes a line that is as long as lines of a build mostly are, and says as little | head -c 100000000 || true",
    );
    let mut launch = Launch::planned(&plan);
    launch.id = launch.start("");
    let mut screen = Terminal::start(&launch.command(&["attach", &launch.id.clone()]), 120, 40);
    screen.past_ready();
    for id in ["line", "lines"] {
        launch.taken(&["run", id]);
        launch.until(id, "done");
        let kept = std::fs::metadata(launch.directory().join(format!("runs/{id}.do.1/output"))).unwrap().len();
        assert!(kept <= (64 << 20) + (128 << 10), "{kept} bytes are kept");
        let end = launch.output(&format!("{id}.do.1"));
        assert!(end.contains("bytes were not kept"), "{}", &end[end.len() - 200..]);
        let log = text(&launch.tminus(&["log"]).stdout);
        assert!(log.len() < 100_000 && log.contains("MB of its output were not kept"), "{log}");
    }
    screen.wait_for("MB of its output were not kept");
    for (who, pid) in [("the engine", launch.engine().unwrap()), ("the screen", screen.pid().as_raw_nonzero().get())] {
        let peak = peak(pid);
        assert!(peak < MOST, "{who} held {peak} KiB");
    }
}
