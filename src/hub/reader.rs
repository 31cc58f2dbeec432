//! Answers questions about the past, in one thread with connections of its own, so that history never touches the loop.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::mpsc::{SyncSender, sync_channel};

use tokio::sync::{mpsc, oneshot};

use super::{Source, output, telemetry};
use crate::core::event::{Event, Recorded};
use crate::core::ids::Seq;
use crate::core::launch::LaunchState;
use crate::core::outline::Outline;
use crate::wire::MAX_LINE;
use crate::wire::message::{Answer, Query};
use crate::{journal, paths, readings};

/// Questions that may wait; one more is refused.
const QUEUE: usize = 64;

/// Events that are given at once at most.
const EVENTS: u64 = 20_000;

/// Signals whose past is given at once at most.
const SIGNALS: usize = 64;

enum Job {
    Ask { what: Query, state: Arc<LaunchState>, id: u64, to: mpsc::Sender<(u64, Vec<Answer>)> },
    Events { from: Seq, to: Seq, tell: oneshot::Sender<Result<Vec<Recorded>, String>> },
}

/// The queue to the reader's thread, which ends when this is dropped.
pub struct Reader(SyncSender<Job>);

impl Reader {
    /// Starts the thread.
    pub fn start(source: Arc<Source>) -> std::io::Result<Self> {
        let (jobs, queue) = sync_channel(QUEUE);
        std::thread::Builder::new().name("reader".to_owned()).spawn(move || {
            for job in queue {
                match job {
                    // The channel has room for every question that its client may have under way.
                    Job::Ask { what, state, id, to } => drop(to.try_send((id, answer(&source, what, &state)))),
                    Job::Events { from, to, tell } => drop(tell.send(events(&source, from, to))),
                }
            }
        })?;
        Ok(Self(jobs))
    }

    /// Asks; false where too much waits already.
    pub fn ask(&self, what: Query, state: Arc<LaunchState>, id: u64, to: mpsc::Sender<(u64, Vec<Answer>)>) -> bool {
        self.0.try_send(Job::Ask { what, state, id, to }).is_ok()
    }

    /// Asks for events; false where too much waits already.
    pub fn events(&self, from: Seq, to: Seq, tell: oneshot::Sender<Result<Vec<Recorded>, String>>) -> bool {
        self.0.try_send(Job::Events { from, to, tell }).is_ok()
    }
}

fn answer(source: &Source, what: Query, state: &LaunchState) -> Vec<Answer> {
    match what {
        Query::Events { from, to } => match events(source, from, Seq(to.0.min(from.0.saturating_add(EVENTS)))) {
            Err(why) => vec![Answer::Failed(why)],
            Ok(events) if events.is_empty() => vec![Answer::Events(Vec::new())],
            Ok(events) => {
                let events = events.into_iter().map(|mut event| {
                    // The client has the outline from the state; a list of events does not carry it again.
                    if let Event::Opened { outline, .. } | Event::PlanAdopted { outline, .. } = &mut event.event {
                        **outline = Outline::default();
                    }
                    event
                });
                telemetry::batches(events.collect()).into_iter().map(Answer::Events).collect()
            }
        },
        Query::History { signals, from, to, buckets } => {
            let signals: BTreeSet<_> = signals.into_iter().take(SIGNALS).collect();
            let past = readings::Reader::open(&paths::readings(&source.dir)).map_err(|e| e.to_string());
            let past = past.and_then(|past| {
                let series = signals.iter().map(|signal| past.history(signal, from, to, buckets.clamp(1, 400)));
                series.collect::<Result<Vec<_>, _>>().map_err(|e| e.to_string())
            });
            match past {
                Err(why) => vec![Answer::Failed(why)],
                Ok(past) => past.into_iter().map(Answer::History).collect(),
            }
        }
        Query::Output { run, from, max } => output::answer(&source.dir, &run, from, max),
        Query::PlanDiff => match (source.plan_diff)(state) {
            Answer::PlanDiff { hash, mut lines, problems } => {
                let mut room = MAX_LINE / 2;
                let fits = lines.iter().take_while(|l| {
                    room = room.saturating_sub(l.len() * 2 + 3);
                    room > 0
                });
                let (fits, all) = (fits.count(), lines.len());
                if fits < all {
                    lines.truncate(fits);
                    lines.push(format!(" … {} more lines", all - fits));
                }
                vec![Answer::PlanDiff { hash, lines, problems }]
            }
            other => vec![other],
        },
    }
}

fn events(source: &Source, from: Seq, to: Seq) -> Result<Vec<Recorded>, String> {
    let journal = journal::Reader::open(&paths::journal(&source.dir)).map_err(|e| e.to_string())?;
    journal.events(from, to).map_err(|e| e.to_string())
}
