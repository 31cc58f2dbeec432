//! Scripts and programs: there, and such that this user can run them.

use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::core::ready::{Grade, Kind, Row};
use crate::plan::commands::Uses;

/// One row a file, and one for all programs that are there.
pub(super) fn rows(uses: &Uses, dir: &Path) -> Vec<Row> {
    let mut rows: Vec<Row> = uses.files.iter().map(|(file, run)| one(file, *run, &dir.join(file))).collect();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let there = |program: &&String| std::env::split_paths(&path).any(|dir| can_run(&dir.join(program)));
    let (found, missing): (Vec<&String>, Vec<&String>) = uses.programs.iter().partition(there);
    rows.extend(missing.into_iter().map(|program| {
        let row = Row::new(Kind::Script, Grade::Warning, program, "not found along the engine's PATH");
        row.todo("install it, or start the engine with a PATH that has it")
    }));
    if !found.is_empty() {
        let names = found.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        rows.push(Row::new(Kind::Script, Grade::Ok, names, "found along PATH"));
    }
    rows
}

/// The first file that a command needs and could not use, and what mends it.
pub(super) fn lacking(uses: &Uses, dir: &Path) -> Option<String> {
    let mut rows = uses.files.iter().map(|(file, run)| one(file, *run, &dir.join(file)));
    let row = rows.find(|row| row.grade == Grade::Blocker)?;
    Some(format!("{}: {}; {}", row.what, row.found, row.todo))
}

fn can_run(path: &Path) -> bool {
    path.is_file() && access(path, Access::EXEC_OK).is_ok()
}

fn one(file: &str, run: bool, path: &Path) -> Row {
    let row = |grade, found: String| Row::new(Kind::Script, grade, file, found);
    // Without the `.` of `./deploy.sh`.
    let whole: PathBuf = path.components().collect();
    let shown = whole.display();
    match std::fs::metadata(path) {
        Err(e) => row(Grade::Blocker, format!("{}: {shown}", crate::core::text::clean(&os(&e))))
            .todo("put it there, or mend the step's command"),
        Ok(about) if about.is_dir() => row(Grade::Blocker, format!("{shown} is a directory")).todo("mend the command"),
        Ok(_) if run && access(path, Access::EXEC_OK).is_err() => {
            row(Grade::Blocker, "it is not executable".to_owned()).todo(format!("chmod +x {shown}"))
        }
        Ok(_) if !run && access(path, Access::READ_OK).is_err() => {
            row(Grade::Blocker, "it can't be read".to_owned()).todo(format!("chmod +r {shown}"))
        }
        Ok(_) if run => row(Grade::Ok, "there and executable".to_owned()),
        Ok(_) => row(Grade::Ok, "there".to_owned()),
    }
}

fn os(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::NotFound => "not there".to_owned(),
        std::io::ErrorKind::PermissionDenied => "no permission to look at it".to_owned(),
        _ => e.to_string(),
    }
}
