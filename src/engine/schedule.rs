//! The probes of a launch, each a task of its own. Reports go to the loop by a queue that is dropped into, never waited
//! for; the loop stamps them with its time.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::AbortHandle;

use crate::core::ids::ProbeId;
use crate::core::outline::Outline;
use crate::core::practice::{NOT_MEASURED, Practice};
use crate::core::secret::Secrets;
use crate::core::signals::Signals;
use crate::core::time::{Span, Timestamp};
use crate::probes::runner::{self, Job, Report};
use crate::probes::{Setup, Spec};

/// Runs probes, and stops them when dropped.
#[derive(Debug)]
pub struct Schedule {
    runtime: Handle,
    reports: mpsc::Sender<Report>,
    dir: PathBuf,
    t0: watch::Sender<Timestamp>,
    running: BTreeMap<ProbeId, (Key, AbortHandle)>,
}

/// What a running probe depends on; where it is the same, the probe goes on.
type Key = (Spec, BTreeMap<String, String>, Vec<String>, (i64, i64), u64);

impl Schedule {
    /// Nothing yet. `dir` is the plan's directory.
    pub fn new(runtime: Handle, reports: mpsc::Sender<Report>, dir: PathBuf, t0: Timestamp) -> Self {
        Self { runtime, reports, dir, t0: watch::Sender::new(t0), running: BTreeMap::new() }
    }

    /// Runs exactly these probes: what is new or changed is begun, what is gone is stopped, the rest goes on.
    /// `generation` counts changes of the secrets. In a rehearsal on stand-ins what would do more than read is not measured,
    /// nor in any what its scenario sets for good.
    pub fn set(
        &mut self,
        outline: &Outline,
        specs: &BTreeMap<ProbeId, Spec>,
        secrets: &Arc<Secrets>,
        generation: u64,
        practice: Option<&Practice>,
        signals: &Signals,
    ) {
        let mut before = std::mem::take(&mut self.running);
        for (index, probe) in outline.probes.iter().enumerate() {
            let Some(spec) = specs.get(&probe.id) else { continue };
            let every = Span(probe.every.millis() / practice.map_or(1, Practice::pace));
            let times = (every.millis(), probe.timeout.millis());
            let key: Key = (spec.clone(), outline.vars.clone(), outline.shell.clone(), times, generation);
            if let Some((old, task)) = before.remove(&probe.id) {
                if old == key {
                    self.running.insert(probe.id.clone(), (old, task));
                    continue;
                }
                task.abort();
            }
            let job = Job {
                probe: probe.id.clone(),
                spec: spec.clone(),
                setup: Setup {
                    secrets: secrets.clone(),
                    timeout: probe.timeout,
                    every,
                    t0: self.t0.subscribe(),
                    dir: self.dir.clone(),
                    shell: outline.shell.clone(),
                    vars: outline.vars.clone(),
                    seen: signals.measured(&probe.id),
                },
                phase: runner::spread(index, every),
            };
            let reports = self.reports.clone();
            // A full queue means that the loop stands still; then a gap in the readings is the truth.
            let sink = move |report| drop(reports.try_send(report));
            let plays = practice.is_some_and(|practice| practice.plays(probe));
            let acts = spec.acts().filter(|_| practice.is_some_and(|practice| !practice.real));
            let why = match acts {
                _ if plays => Some(format!("{NOT_MEASURED}the scenario sets it")),
                acts => acts.map(|acts| format!("{NOT_MEASURED}{acts}, and this is a rehearsal")),
            };
            let task = match why {
                Some(why) => self.runtime.spawn(runner::unmeasured(job, why, sink)),
                None => self.runtime.spawn(runner::run(job, sink)),
            };
            self.running.insert(probe.id.clone(), (key, task.abort_handle()));
        }
        for (_, task) in before.into_values() {
            task.abort();
        }
    }

    /// T-0 on the wall clock moved.
    pub fn t0(&self, t0: Timestamp) {
        self.t0.send_if_modified(|old| std::mem::replace(old, t0) != t0);
    }

    /// Stops all.
    pub fn stop(&mut self) {
        for (_, task) in std::mem::take(&mut self.running).into_values() {
            task.abort();
        }
    }
}

impl Drop for Schedule {
    fn drop(&mut self) {
        self.stop();
    }
}
