//! What a process says of itself on standard error, its log and the reports of its panics: libraries say there what they
//! like, so the values of secrets that it knows are masked in all of it.

use std::io::{self, Write};
use std::sync::{Arc, PoisonError, RwLock};

use crate::core::secret::Secrets;

/// Those of this process.
static KNOWN: RwLock<Option<Arc<Secrets>>> = RwLock::new(None);

/// From now on these are masked, instead of those before.
pub fn mask(secrets: Arc<Secrets>) {
    *KNOWN.write().unwrap_or_else(PoisonError::into_inner) = Some(secrets);
}

/// A text with the secrets masked that this process knows.
pub fn masked(text: &str) -> String {
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner).clone();
    known.map_or_else(|| text.to_owned(), |secrets| secrets.mask(text))
}

/// Standard error, with a text a time.
#[derive(Debug, Default)]
pub struct Log;

impl Write for Log {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.write_all(text).map(|()| text.len())
    }

    fn write_all(&mut self, text: &[u8]) -> io::Result<()> {
        io::stderr().write_all(masked(&String::from_utf8_lossy(text)).as_bytes())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
