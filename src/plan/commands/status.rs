//! Whether somebody looks at the HTTP status that `curl` writes: `code=$(curl -s -w '%{http_code}' …)` without `-f` is right
//! where the command goes on with `$code`, and hides every failure where it does not.

use super::Remark;
use super::args::Args;
use super::unwrap::{Run, program};
use crate::core::text::mentions;

/// A `curl` whose status is kept in a variable that the command never names. `text` is the whole command.
pub(super) fn unread(run: &Run, runs: &[Run], text: &str) -> Option<Remark> {
    let args = Args::of(&run.command.words, program(&run.command.words));
    if args.name != "curl" || args.has("-f --fail --fail-with-body -K --config") || !args.has("-w --write-out") {
        return None;
    }
    let assigns = || runs.iter().flat_map(|other| &other.command.assigns);
    let kept = assigns().find(|word| word.at.start < run.at.start && run.at.end <= word.at.end)?;
    let name = text.get(kept.at.clone())?.split_once('=')?.0;
    // In `(( … ))` a name stands without `$`.
    let read = mentions(text, name) || text.contains("((");
    (!read).then(|| Remark {
        at: run.at.clone(),
        why: format!(
            "`curl` without `-f` ends well on a 404 and a 500, and nothing looks at `${name}`: write `curl -fsS`"
        ),
    })
}
