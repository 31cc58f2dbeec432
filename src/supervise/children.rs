//! The processes below this one, from `/proc`: those that the command started, and those that were left to us.

use std::collections::BTreeMap;
use std::fs;

use rustix::process::{Pid, Signal, getpid, kill_process};

/// All that descend from this process, each with its process group.
pub(super) fn below() -> Vec<(Pid, i32)> {
    let mut children: BTreeMap<i32, Vec<(i32, i32)>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|n| n.parse::<i32>().ok()) else { continue };
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        // `pid (name) state ppid pgrp …`; the name may hold anything.
        let Some((_, rest)) = stat.rsplit_once(')') else { continue };
        let mut fields = rest.split_ascii_whitespace();
        let dead = matches!(fields.next(), Some("Z" | "X"));
        let (Some(parent), Some(group)) = (number(fields.next()), number(fields.next())) else { continue };
        if !dead {
            children.entry(parent).or_default().push((pid, group));
        }
    }
    let mut found = Vec::new();
    let mut parents = vec![getpid().as_raw_pid()];
    while let Some(parent) = parents.pop() {
        for (pid, group) in children.remove(&parent).unwrap_or_default() {
            parents.push(pid);
            found.extend(Pid::from_raw(pid).map(|pid| (pid, group)));
        }
    }
    found
}

/// Sends a signal to all that descend from this process but those of one process group.
pub(super) fn signal_outside(group: Pid, signal: Signal) {
    for (pid, of) in below() {
        if of != group.as_raw_pid() {
            let _ = kill_process(pid, signal);
        }
    }
}

fn number(field: Option<&str>) -> Option<i32> {
    field?.parse().ok()
}
