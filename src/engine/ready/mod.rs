//! Can I start? What only the machine can tell of it that runs the engine: scripts and programs, hosts, disk, clock, blanks
//! in the plan. The engine asks while the launch is before its start or T-0; `tminus check --probe` asks once. Looking
//! changes nothing: files are only looked at, connections are opened and closed again.

pub(super) mod back;
mod hosts;
mod machine;
mod scripts;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use watch::Watch;

use super::rehearsed::last_rehearsal;
use crate::access;
use crate::core::ids::LaunchId;
use crate::core::ready::{Found, Grade, Kind, Row};
use crate::core::secret::Secrets;
use crate::core::time::Timestamp;
use crate::notify;
use crate::plan::commands::{Uses, uses};
use crate::plan::problem::Problem;
use crate::plan::{Choices, Plan, check};
use crate::probes::Spec;

/// What is looked for.
#[derive(Clone, Debug)]
pub struct Needs {
    /// What the plan's commands need for certain.
    uses: Uses,
    /// Whose address it is, as `probe api`, and the address, secrets filled in where they have a value.
    places: Vec<(String, String)>,
    /// URLs whose servers tell the time, of those that are asked.
    clocks: Vec<String>,
    /// The plan has a probe whose server tells the time, asked or not.
    has_clocks: bool,
    /// The plan's file.
    file: PathBuf,
    choices: Choices,
    /// Where launches are kept.
    state: PathBuf,
    /// The launch that asks, where there is one: it is not its own last rehearsal.
    launch: Option<LaunchId>,
    secrets: Arc<Secrets>,
}

impl Needs {
    /// Of a plan, which lies in `file`; `state` is where launches are kept.
    pub fn of(plan: &Plan, file: &Path, choices: &Choices, secrets: Arc<Secrets>, state: &Path) -> Self {
        Self::of_parts(
            (&plan.outline, plan.heartbeat.as_deref()),
            plan.probes.iter().map(|(id, spec)| (id.as_str(), spec)),
            plan.channels.iter().map(|(id, spec)| (id.as_str(), spec)),
            (file, choices, state),
            secrets,
        )
    }

    /// The same of what an engine keeps of its plan.
    pub(super) fn of_parts<'a>(
        (outline, heartbeat): (&crate::core::outline::Outline, Option<&str>),
        probes: impl Iterator<Item = (&'a str, &'a Spec)>,
        channels: impl Iterator<Item = (&'a str, &'a notify::Spec)>,
        (file, choices, state): (&Path, &Choices, &Path),
        secrets: Arc<Secrets>,
    ) -> Self {
        let mut all = Uses::default();
        for step in outline.steps.iter().chain(outline.rollbacks.iter().flat_map(|r| &r.steps)) {
            let mut vars = outline.vars.clone();
            vars.extend(step.vars.clone());
            for command in step.run.iter().chain(step.undo.iter().map(|undo| &undo.run)) {
                all.add(uses(command, &vars));
            }
        }
        all.programs.extend(outline.shell.first().cloned());
        // What has a secret without a value is said as a secret.
        let fill = |text: String| secrets.fill(&text).ok();
        let mut clocks = Vec::new();
        let mut places: Vec<(String, String)> = Vec::new();
        for (id, spec) in probes {
            let Some(address) = spec.address().and_then(fill) else { continue };
            if spec.kind() == "http" {
                clocks.push(address.clone());
            }
            places.push((format!("probe {id}"), address));
        }
        for (id, spec) in channels {
            places.extend(spec.address().and_then(fill).map(|address| (format!("channel {id}"), address)));
            spec.command().into_iter().for_each(|command| all.add(uses(command, &outline.vars)));
        }
        places.extend(heartbeat.and_then(|url| Some(("heartbeat".to_owned(), fill(url.to_owned())?))));
        let (file, choices, state) = (file.to_owned(), choices.clone(), state.to_owned());
        let has_clocks = outline.probes.iter().any(|probe| probe.kind == "http");
        Self { uses: all, places, clocks, has_clocks, file, choices, state, launch: None, secrets }
    }

    /// The same, asked by a launch.
    pub(super) fn asked_by(mut self, launch: &LaunchId) -> Self {
        self.launch = Some(launch.clone());
        self
    }

    /// The same without the hosts that only the plan's commands go to.
    pub(super) fn without_hosts_of_commands(mut self) -> Self {
        self.uses.hosts.clear();
        self
    }

    fn dir(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new("/"))
    }
}

/// Looks, for some seconds at most. Blocks: an engine's loop leaves it to a thread.
pub fn gather(needs: &Needs) -> Found {
    let mut rows = scripts::rows(&needs.uses, needs.dir());
    rows.extend(hosts::rows(needs));
    rows.extend(machine::disk(&[("launches", &needs.state), ("the plan", needs.dir())]));
    rows.push(machine::clock(&needs.clocks, needs.has_clocks));
    rows.extend(shared(needs));
    // A file that can't be read any more has an alarm of its own.
    if let Ok(text) = crate::plan::read(&needs.file) {
        let (plan, problems) = check(&text, &needs.choices);
        rows.push(blanks(needs, &text, &problems));
        rows.extend(plan.map(|plan| rehearsal(&plan, needs)));
    }
    for row in &mut rows {
        for text in [&mut row.what, &mut row.found, &mut row.todo] {
            *text = needs.secrets.mask(text);
        }
    }
    Found { at: Timestamp::from(chrono::Utc::now()), rows }
}

/// Others can write the plan's file: no live launch is begun with it, and none takes it in.
fn shared(needs: &Needs) -> Option<Row> {
    let Ok(Err(shared)) = access::plan(&needs.file) else { return None };
    // A launch that goes on has its own copy.
    let grade = if needs.launch.is_some() { Grade::Warning } else { Grade::Blocker };
    let name = needs.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Some(Row::new(Kind::Plan, grade, name, shared.why).todo(shared.out))
}

/// What is still to be filled in, as the plan's file stands.
fn blanks(needs: &Needs, text: &str, problems: &[Problem]) -> Row {
    let lines: Vec<String> = problems
        .iter()
        .filter(|p| p.message.contains("blank to fill in"))
        .map(|p| p.place(text).0.to_string())
        .collect();
    let name = needs.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    match lines.as_slice() {
        [] => Row::new(Kind::Blank, Grade::Ok, name, "nothing is left to fill in"),
        lines => {
            let found =
                format!("{} to fill in, line {}", crate::core::words::count(lines.len(), "blank"), lines.join(", "));
            Row::new(Kind::Blank, Grade::Warning, name, found).todo("fill them in, then take the file in with `diff`")
        }
    }
}

/// The last rehearsal of this plan, and how long its way back took.
fn rehearsal(plan: &Plan, needs: &Needs) -> Row {
    let file = needs.file.as_path();
    let row = |grade, found: String| Row::new(Kind::Rehearsal, grade, "of this plan", found);
    let Some(last) = last_rehearsal(plan, file, needs.launch.as_ref()) else {
        let todo = format!("tminus launch --rehearse {}", file.display());
        return row(Grade::Warning, "none yet on this machine".to_owned()).todo(todo);
    };
    let said = last.words(Timestamp::from(chrono::Utc::now())).join("; ");
    let said = said.strip_prefix("last rehearsal ").unwrap_or(&said).to_owned();
    match (last.changed, last.fixes.len()) {
        (true, _) => row(Grade::Warning, said).todo("rehearse what was changed"),
        (false, 1..) => row(Grade::Warning, said).todo("mend the plan, then rehearse it again"),
        _ => row(Grade::Ok, said),
    }
}

#[cfg(test)]
mod tests;
