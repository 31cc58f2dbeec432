//! The plan's text from its file. Not UTF-8, too large, a directory and unreadable are one clear message each.

use std::fmt;
use std::io::Read as _;
use std::path::Path;

use super::problem::place;

/// The largest plan that is read, in bytes.
pub const MAX_BYTES: u64 = 1024 * 1024;

/// Why a file is no plan's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// The file as it was named.
    pub file: String,
    /// Line and column, both from 1, where a part of the file is to blame.
    pub place: Option<(usize, usize)>,
    /// What is wrong, a lower-case fragment.
    pub why: String,
    /// The way out.
    pub help: Option<&'static str>,
}

impl std::error::Error for Unreadable {}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.file)?;
        if let Some((line, column)) = self.place {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.why)?;
        self.help.iter().try_for_each(|help| write!(f, "; {help}"))
    }
}

/// Reads a plan's text.
pub fn text(path: &Path) -> Result<String, Unreadable> {
    let file = path.display().to_string();
    let no = |why: String, help| Unreadable { file: file.clone(), place: None, why, help };
    let failed = |e: std::io::Error| no(e.to_string(), None);
    let about = std::fs::metadata(path).map_err(failed)?;
    if about.is_dir() {
        return Err(no("this is a directory".to_owned(), Some("name the plan file in it")));
    }
    if !about.is_file() {
        let help = "a plan is read again and again, so save it as one";
        return Err(no("this is no ordinary file".to_owned(), Some(help)));
    }
    // The length is not trusted: the file may grow while it is read.
    let mut bytes = Vec::new();
    std::fs::File::open(path).and_then(|f| f.take(MAX_BYTES + 1).read_to_end(&mut bytes)).map_err(failed)?;
    if bytes.len() as u64 > MAX_BYTES {
        let mega = about.len().div_ceil(1024 * 1024);
        return Err(no(format!("{mega} MiB is no plan"), Some("at most 1 MiB is read")));
    }
    String::from_utf8(bytes).map_err(|e| {
        let good = e.utf8_error().valid_up_to();
        let before = String::from_utf8_lossy(e.as_bytes().get(..good).unwrap_or_default());
        let place = Some(place(&before, before.len()));
        Unreadable { place, ..no("this byte is not UTF-8".to_owned(), Some("save the file as UTF-8")) }
    })
}
