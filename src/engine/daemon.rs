//! The engine as a process: the socket, the signals, the loop's thread, the end.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UnixListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{mpsc, oneshot};

use super::open::{Origin, Ours};
use super::post::Post;
use super::schedule::Schedule;
use super::show::shown;
use super::turn::{Leave, Turn};
use super::{diff, systemd};
use crate::core::ids::LaunchId;
use crate::core::launch::LaunchState;
use crate::core::order::Rejection;
use crate::hub::{Hub, Source};
use crate::wire::connect::reach;
use crate::wire::message::{Answer, LastHere};
use crate::{paths, plan};

/// Reports of probes that may wait for the loop.
const REPORTS: usize = 4096;

/// Why the engine could not go on.
#[derive(Debug, thiserror::Error)]
pub enum DaemonError {
    /// A thread, a runtime, a signal, the socket.
    #[error("the engine can't be set up: {0}")]
    Setup(#[from] io::Error),
    /// The launch could not be taken up.
    #[error("the launch can't be taken up: {}{}", .0.why, .0.instead.as_ref().map_or(String::new(), |i| format!("\n  → {i}")))]
    NotTakenUp(Rejection),
    /// The loop ended by a panic; its state can't be trusted any more, the journal can.
    #[error("the engine failed inside; its log says where. The next `tminus attach` starts it again from its journal")]
    Failed,
}

/// What ends the commands along with the engine.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ties {
    /// The end of standard input, which then ends the engine.
    pub stdin: bool,
    /// A signal: nothing outlives the engine where it is.
    pub signal: bool,
}

/// Serves a launch until it is over or a signal comes. `ready` is called once clients can come.
pub fn serve(ours: Ours, ties: Ties, ready: impl FnOnce(&LaunchId)) -> Result<(), DaemonError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).max_blocking_threads(64).enable_all().build()?;
    let result = runtime.block_on(serving(ours, ties, ready));
    // A prober that hangs in the system's resolver can't be waited for.
    runtime.shutdown_timeout(Duration::from_millis(200));
    result
}

async fn serving(ours: Ours, ties: Ties, ready: impl FnOnce(&LaunchId)) -> Result<(), DaemonError> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    // The terminal that it was started from may go.
    let mut hangup = signal(SignalKind::hangup())?;
    let id = ours.engine.state().id.clone();
    let dir = ours.dir.clone();
    let socket = paths::socket(&dir);
    let (timeline, origin, directory) = (ours.timeline, ours.origin.clone(), dir.clone());
    let source = Source {
        dir: dir.clone(),
        now: Box::new(move || timeline.now()),
        plan_diff: Box::new(move |state| plan_diff(&directory, &origin, state)),
    };
    let died = ours.gap.map(|gap| LastHere { head: ours.engine.state().head, at: timeline.now() - gap });
    let (hub, publisher, asks) = Hub::new(source, shown(ours.engine.state(), timeline.wall()), died)?;
    let (report, reports) = mpsc::channel(REPORTS);
    let t0 = timeline.real(ours.engine.state().t0, timeline.wall());
    let schedule = Schedule::new(tokio::runtime::Handle::current(), report, ours.origin.dir(), t0);
    let (leave, left) = oneshot::channel();
    let (over, mut ended) = oneshot::channel();
    let (post, letters) = Post::new(tokio::runtime::Handle::current(), ours.origin.dir());
    let turn = Turn::new(ours, schedule, post, publisher).map_err(DaemonError::NotTakenUp)?;
    // After what can fail: a runtime must not be dropped within another one.
    let loop_runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("engine".to_owned()).spawn(move || {
        loop_runtime.block_on(turn.run(asks, reports, letters, left));
        let _ = over.send(());
    })?;
    let mut accepting = tokio::spawn(hub.clone().run(bind(&socket)?));
    ready(&id);
    systemd::tell("READY=1");
    let mut stdin_ended = Box::pin(async {
        if ties.stdin {
            let ended = tokio::task::spawn_blocking(|| io::copy(&mut io::stdin(), &mut io::sink()));
            let _ = ended.await;
        } else {
            std::future::pending::<()>().await;
        }
    });
    let mut every = tokio::time::interval(Duration::from_secs(5));
    let asked = if ties.signal { Leave::Contained } else { Leave::Asked };
    let why = loop {
        tokio::select! {
            _ = terminate.recv() => break asked,
            _ = interrupt.recv() => break asked,
            _ = hangup.recv() => {}
            () = &mut stdin_ended => break Leave::Tied,
            over = &mut ended => {
                let _ = fs::remove_file(&socket);
                return over.map_err(|_| DaemonError::Failed);
            }
            _ = every.tick() => {
                // Somebody tidied up, or another file system came over ours: clients must find us again.
                if !socket.exists() && let Ok(listener) = bind(&socket) {
                    tracing::warn!("{} was gone and is made again", socket.display());
                    accepting.abort();
                    accepting = tokio::spawn(Arc::clone(&hub).run(listener));
                }
            }
        }
    };
    systemd::tell("STOPPING=1");
    let _ = leave.send(why);
    let over = ended.await;
    let _ = fs::remove_file(&socket);
    over.map_err(|_| DaemonError::Failed)
}

/// Binds the socket for its owner alone. The lock says that nobody else is the engine, so an old one is in the way only.
fn bind(socket: &Path) -> io::Result<UnixListener> {
    match fs::remove_file(socket) {
        Err(e) if e.kind() != io::ErrorKind::NotFound => {
            return Err(io::Error::new(
                e.kind(),
                format!("{}: {e}; its directory must be yours to write", socket.display()),
            ));
        }
        _ => {}
    }
    let listener = reach(socket, |path| std::os::unix::net::UnixListener::bind(path));
    let listener = listener.map_err(|e| io::Error::new(e.kind(), format!("{}: {e}", socket.display())))?;
    fs::set_permissions(socket, fs::Permissions::from_mode(0o600))?;
    listener.set_nonblocking(true)?;
    UnixListener::from_std(listener)
}

/// How the plan's file differs from the plan that was taken in.
fn plan_diff(dir: &Path, origin: &Origin, state: &LaunchState) -> Answer {
    let before = match plan::read(&paths::plan(dir, &state.plan_hash)) {
        Ok(text) => text,
        Err(e) => return Answer::Failed(e.to_string()),
    };
    let after = match plan::read(&origin.plan) {
        Ok(text) => text,
        Err(e) => return Answer::PlanDiff { hash: String::new(), lines: Vec::new(), problems: e.problems },
    };
    let lines = diff::lines(&before, &after);
    match plan::load(&after, &origin.plan.display().to_string(), &origin.choices) {
        Ok(plan) if plan.hash == state.plan_hash => {
            Answer::PlanDiff { hash: plan.hash, lines: Vec::new(), problems: Vec::new() }
        }
        Ok(plan) => Answer::PlanDiff { hash: plan.hash, lines, problems: Vec::new() },
        Err(e) => Answer::PlanDiff { hash: String::new(), lines, problems: e.problems },
    }
}
