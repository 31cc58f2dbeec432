//! Scripts and programs: there, and such that this user can run them.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use rustix::fs::{Access, access};

use crate::core::ready::{Grade, Kind, Row};
use crate::plan::commands::Uses;

/// One row a file, and one for all programs that are there.
pub(super) fn rows(uses: &Uses, dir: &Path) -> Vec<Row> {
    let mut rows: Vec<Row> = uses.files.iter().map(|(file, run)| one(file, *run, &place(file, dir))).collect();
    let there = |program: &&String| along_path(|dir| can_run(&dir.join(program))).is_some();
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

/// The files that a command needs and could not use, and what mends each.
pub(super) fn lacking(uses: &Uses, dir: &Path) -> Option<String> {
    let rows = uses.files.iter().map(|(file, run)| one(file, *run, &place(file, dir)));
    let blockers = rows.filter(|row| row.grade == Grade::Blocker);
    let said: Vec<String> = blockers.map(|row| format!("{}: {}; {}", row.what, row.found, row.todo)).collect();
    (!said.is_empty()).then(|| said.join("; "))
}

/// The first directory of the engine's `PATH` that fits.
fn along_path(fits: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).find(|dir| fits(dir))
}

/// Where a file is looked for: a shell looks for the script of a name alone along `PATH` too.
fn place(file: &str, dir: &Path) -> PathBuf {
    let here = dir.join(file);
    let elsewhere = || along_path(|dir| dir.join(file).is_file()).map(|dir| dir.join(file));
    if file.contains('/') || here.exists() { here } else { elsewhere().unwrap_or(here) }
}

/// What lacks of the interpreter that a script names in its first line, and what mends it.
fn interpreter(path: &Path) -> Option<(String, String)> {
    let mut head = Vec::new();
    std::fs::File::open(path).ok()?.take(256).read_to_end(&mut head).ok()?;
    let line = head.strip_prefix(b"#!")?.split(|byte| *byte == b'\n').next()?;
    let line = String::from_utf8(line.to_vec()).ok()?;
    let shown = path.display();
    if line.ends_with('\r') {
        let why = "its first line ends in a carriage return, so that its interpreter is not found";
        return Some((why.to_owned(), format!("sed -i 's/\\r$//' {shown}")));
    }
    let mut words = line.split_whitespace();
    let program = words.next()?;
    let mend = || format!("install it, or mend the first line of {shown}");
    if !can_run(Path::new(program)) {
        return Some((format!("its interpreter {program} is not there"), mend()));
    }
    // `env` looks for what is behind its options and assignments.
    let named =
        words.find(|word| !word.starts_with('-') && !word.contains('=')).filter(|_| program.ends_with("/env"))?;
    let missing = !named.contains('/') && along_path(|dir| can_run(&dir.join(named))).is_none();
    missing.then(|| (format!("its interpreter {named} is not found along the engine's PATH"), mend()))
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
        Ok(_) if run => match interpreter(path) {
            Some((why, mend)) => row(Grade::Blocker, why).todo(mend),
            None => row(Grade::Ok, "there and executable".to_owned()),
        },
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
