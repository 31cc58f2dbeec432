//! The head of a journal: which event is the last one, and the hash that it and all before it come to. Whoever wrote it
//! down can tell later whether the journal still has the history that it had then.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::ids::Seq;

/// The fewest digits of a hash that are taken for it: 64 bits.
const SHORT: usize = 16;

/// All digits of a hash.
const WHOLE: usize = 64;

/// An event and its hash, as `57:3fa9c1d2e4f5a6b7…`: SHA-256 over the hash of the event before and this one's text, so it
/// stands for every event up to this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The event.
    pub seq: Seq,
    /// Its hash, 64 hexadecimal digits in lower case; at least 16 where a person gave it.
    pub hash: String,
}

impl Head {
    /// Of an event and the bytes of its hash.
    pub fn new(seq: Seq, hash: &[u8]) -> Self {
        Self { seq, hash: hash.iter().map(|byte| format!("{byte:02x}")).collect() }
    }

    /// The same in few letters, to be said over a telephone: `57:3fa9c1d2e4f5a6b7`.
    pub fn short(&self) -> String {
        format!("{}:{:.SHORT$}", self.seq, self.hash)
    }

    /// Whether both are one event of one history; one of the hashes may be the beginning of the other.
    pub fn is(&self, other: &Head) -> bool {
        let shorter = self.hash.len().min(other.hash.len());
        self.seq == other.seq && shorter >= SHORT && self.hash.get(..shorter) == other.hash.get(..shorter)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, self.hash)
    }
}

impl FromStr for Head {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("`{text}` is no head of a journal: SEQ:HASH, as `57:3fa9c1d2e4f5a6b7`");
        let (seq, hash) = text.trim().split_once(':').ok_or_else(wrong)?;
        let seq = seq.parse().map_err(|_| wrong())?;
        let digits = hash.bytes().all(|b| b.is_ascii_hexdigit());
        if !digits || !(SHORT..=WHOLE).contains(&hash.len()) || seq == 0 {
            return Err(wrong());
        }
        Ok(Self { seq: Seq(seq), hash: hash.to_ascii_lowercase() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_known_by_its_first_sixteen_digits() {
        let whole = Head::new(Seq(57), &[0xab; 32]);
        assert_eq!(whole.to_string().parse::<Head>().unwrap(), whole);
        let short: Head = "57:ABABABABABABABAB".parse().unwrap();
        assert!(short.is(&whole) && whole.is(&short));
        assert_eq!(whole.short(), "57:abababababababab");
        assert!(!Head { seq: Seq(58), ..short.clone() }.is(&whole));
        assert!(!Head { hash: "abababababababac".into(), ..short }.is(&whole));
        for wrong in ["", "57", "57:", "57:abab", "x:abababababababab", "0:abababababababab", "57:xbababababababab"] {
            assert!(wrong.parse::<Head>().unwrap_err().contains("SEQ:HASH"), "{wrong}");
        }
        assert!(format!("57:{}", "a".repeat(65)).parse::<Head>().is_err());
    }
}
