//! The command of a run whose supervisor is gone: whether it lives on. The supervisor notes its process for that.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use rustix::process::Pid;

/// The note: the process, when it began in ticks since the machine did, and which start of the machine that was.
const NAME: &str = "command";

/// A process as `/proc` has it.
struct Process {
    pid: i32,
    group: i32,
    began: u64,
    dead: bool,
}

/// Notes which process the command of a run is. It leads a group of its own.
pub(super) fn note(dir: &Path, pid: Pid) -> io::Result<()> {
    let pid = pid.as_raw_pid();
    let began = read(pid).map(|own| own.began).ok_or_else(|| io::Error::other(format!("process {pid} has no stat")))?;
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(dir.join(NAME))?;
    file.write_all(format!("{pid} {began} {}\n", boot()?).as_bytes())
}

/// A process of a run's command that is alive: the command itself, else one of its group. None where none is, and where
/// the supervisor did not come to note it.
pub fn outlived(dir: &Path) -> io::Result<Option<i32>> {
    let text = match fs::read_to_string(dir.join(NAME)) {
        Ok(text) => text,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e),
    };
    let mut parts = text.split_whitespace();
    let (Some(pid), Some(began)) =
        (parts.next().and_then(|p| p.parse::<i32>().ok()), parts.next().and_then(|b| b.parse::<u64>().ok()))
    else {
        return Ok(None);
    };
    if parts.next() != Some(boot()?.as_str()) {
        return Ok(None);
    }
    // A number is not given again while a group has it: where the process is another one, the group is gone too.
    match read(pid) {
        Some(own) if own.began != began => return Ok(None),
        Some(own) if !own.dead => return Ok(Some(pid)),
        _ => {}
    }
    let all = fs::read_dir("/proc")?.flatten();
    let all = all.filter_map(|entry| read(entry.file_name().to_str()?.parse().ok()?));
    Ok(all.filter(|one| one.group == pid && !one.dead).map(|one| one.pid).min())
}

fn boot() -> io::Result<String> {
    Ok(fs::read_to_string("/proc/sys/kernel/random/boot_id")?.trim().to_owned())
}

fn read(pid: i32) -> Option<Process> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // `pid (name) state ppid pgrp … starttime`; the name may hold anything.
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_ascii_whitespace().collect();
    let dead = matches!(fields.first(), Some(&("Z" | "X")));
    Some(Process { pid, group: fields.get(2)?.parse().ok()?, began: fields.get(19)?.parse().ok()?, dead })
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::CommandExt as _;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_command_is_found_as_long_as_it_or_its_group_lives() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(outlived(dir.path()).unwrap(), None, "nothing was noted");
        let mut leader = Command::new("sh").args(["-c", "sleep 60 & wait"]).process_group(0).spawn().unwrap();
        let pid = Pid::from_child(&leader);
        note(dir.path(), pid).unwrap();
        assert_eq!(outlived(dir.path()).unwrap(), Some(pid.as_raw_pid()));
        let of_group = || {
            let all = fs::read_dir("/proc").unwrap().flatten();
            let all = all.filter_map(|entry| read(entry.file_name().to_str()?.parse().ok()?));
            all.filter(|one| one.group == pid.as_raw_pid() && one.pid != pid.as_raw_pid()).map(|one| one.pid).min()
        };
        let child = (0..1000).find_map(|_| {
            of_group().or_else(|| {
                std::thread::sleep(std::time::Duration::from_millis(5));
                None
            })
        });
        leader.kill().unwrap();
        leader.wait().unwrap();
        assert_eq!(outlived(dir.path()).unwrap(), child);
        let child = Pid::from_raw(child.unwrap()).unwrap();
        rustix::process::kill_process(child, rustix::process::Signal::KILL).unwrap();
        let gone = (0..1000).any(|_| {
            std::thread::sleep(std::time::Duration::from_millis(5));
            outlived(dir.path()).unwrap().is_none()
        });
        assert!(gone);
        // Its number is another process's now.
        fs::write(dir.path().join(NAME), format!("{} 1 {}\n", std::process::id(), boot().unwrap())).unwrap();
        assert_eq!(outlived(dir.path()).unwrap(), None);
    }
}
