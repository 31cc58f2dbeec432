//! Room on the disk, and whether the clock is right.

use std::path::Path;
use std::time::Duration;

use rustix::fs::statvfs;

use crate::core::ready::{Grade, Kind, Row};
use crate::core::time::{Span, Timestamp};
use crate::core::units::Unit;
use crate::core::web::is_loopback;
use crate::core::words::short;

/// Less room than this and the journal may not last for the launch, in bytes.
const LITTLE: u64 = 1 << 30;

/// Less than this is no room, in bytes.
const NONE: u64 = 100 << 20;

/// So far may our clock be from another's, which tells seconds only and was asked over a network.
const NEAR: Span = Span::secs(5);

/// So far off, times of the log and of other systems can't be put together.
const FAR: Span = Span::mins(1);

/// How long a server may take to tell the time.
const PATIENCE: Duration = Duration::from_secs(5);

/// The room in each directory; one row where they share a file system.
pub(super) fn disk(places: &[(&str, &Path)]) -> Vec<Row> {
    let mut rows: Vec<Row> = Vec::new();
    let mut known = Vec::new();
    for (of, dir) in places {
        // A directory that is not made yet is made where its nearest parent is.
        let dir = dir.ancestors().find(|dir| dir.exists()).unwrap_or(Path::new("/"));
        let what = format!("{} ({of})", dir.display());
        let about = match statvfs(dir) {
            Ok(about) => about,
            Err(e) => {
                rows.push(Row::new(Kind::Disk, Grade::Unknown, what, format!("the room can't be told: {e}")));
                continue;
            }
        };
        if known.contains(&about.f_fsid) && about.f_fsid != 0 {
            continue;
        }
        known.push(about.f_fsid);
        let free = about.f_bavail.saturating_mul(about.f_frsize);
        let said = format!("{} free", Unit::Bytes.show(free as f64));
        rows.push(match free {
            _ if free < NONE => {
                Row::new(Kind::Disk, Grade::Blocker, what, said).todo("make room: a full disk stops the launch")
            }
            _ if free < LITTLE => Row::new(Kind::Disk, Grade::Warning, what, said).todo("make room"),
            _ => Row::new(Kind::Disk, Grade::Ok, what, said),
        });
    }
    rows
}

/// Whether our clock agrees with that of the first server that tells the time. `planned` is whether the plan has one, asked
/// or not.
pub(super) fn clock(urls: &[String], planned: bool) -> Row {
    let row = |grade, found: String| Row::new(Kind::Clock, grade, "this machine", found);
    let unknown = |why: &str| {
        row(Grade::Unknown, format!("nothing tells the time: {why}"))
            .todo("look yourself: timedatectl, chronyc tracking")
    };
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else {
        return unknown("no runtime");
    };
    let none = if planned { "none of the plan's http probes is asked here" } else { "the plan has no http probe" };
    let Some(first) = urls.first() else { return unknown(none) };
    // What this machine itself says is no witness of its clock.
    let mut why = format!("{} is this machine itself", host(first));
    for url in urls.iter().filter(|url| !is_loopback(&host(url))).take(3) {
        let before = Timestamp::from(chrono::Utc::now());
        let asked = runtime.block_on(async { tokio::time::timeout(PATIENCE, crate::probes::date::date(url)).await });
        let now = Timestamp::from(chrono::Utc::now());
        let theirs = match asked {
            Ok(Ok(theirs)) => theirs,
            Ok(Err(e)) => {
                why = e;
                continue;
            }
            Err(_) => {
                why = format!("no answer within {}s", PATIENCE.as_secs());
                continue;
            }
        };
        return judge(before, theirs, now, &host(url), row);
    }
    unknown(&why)
}

/// `theirs` was cut to the second, and told between two moments of ours.
fn judge(
    before: Timestamp,
    theirs: Timestamp,
    after: Timestamp,
    host: &str,
    row: impl Fn(Grade, String) -> Row,
) -> Row {
    let (ahead, behind) = (before.since(theirs) - Span::secs(1), theirs.since(after));
    let (off, word) = if ahead > behind { (ahead, "ahead of") } else { (behind, "behind") };
    let source = "by the Date that it sends";
    if off <= NEAR {
        return row(Grade::Ok, format!("agrees with {host} to {NEAR}, {source}"));
    }
    let grade = if off > FAR { Grade::Blocker } else { Grade::Warning };
    row(grade, format!("{} {word} {host}, {source}", short(off)))
        .todo("set one of the two by NTP: chronyc, timedatectl")
}

fn host(url: &str) -> String {
    reqwest::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_right_within_what_a_date_can_tell() {
        let at = |secs: i64| Timestamp(secs * 1000);
        let judged = |theirs: i64| {
            let row = judge(at(100), at(theirs), at(101), "h", |grade, found| {
                Row::new(Kind::Clock, grade, "this machine", found)
            });
            (row.grade, row.found)
        };
        assert_eq!(judged(100), (Grade::Ok, "agrees with h to 5s, by the Date that it sends".to_owned()));
        assert_eq!(judged(80), (Grade::Warning, "19s ahead of h, by the Date that it sends".to_owned()));
        assert_eq!(judged(131), (Grade::Warning, "30s behind h, by the Date that it sends".to_owned()));
        assert_eq!(judged(1101).0, Grade::Blocker);
        let none = clock(&[], false);
        assert_eq!(none.grade, Grade::Unknown, "where nothing tells it, it is never ok");
        assert_eq!(none.found, "nothing tells the time: the plan has no http probe");
        let unasked = clock(&[], true).found;
        assert_eq!(unasked, "nothing tells the time: none of the plan's http probes is asked here");
        let own = clock(&["http://127.0.0.1:1/".to_owned(), "http://localhost:1/".to_owned()], true);
        assert_eq!(own.grade, Grade::Unknown);
        assert_eq!(own.found, "nothing tells the time: 127.0.0.1 is this machine itself");
    }

    #[test]
    fn the_room_of_a_directory_is_told_also_before_it_is_made() {
        let dir = tempfile::tempdir().unwrap();
        let rows = disk(&[("launches", &dir.path().join("not/yet")), ("the plan", dir.path())]);
        assert!(rows[0].found.ends_with(" free"), "{rows:?}");
        assert!(rows.len() <= 2);
    }
}
