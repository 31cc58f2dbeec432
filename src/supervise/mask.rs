//! Keeps secrets out of a stream of bytes, also where a secret is split over two reads.

use std::mem;

/// What stands for a secret in an output.
pub const MASK: &str = "••••••";

const DOTS: &[u8] = MASK.as_bytes();

/// Values shorter than this are not masked: they would blot out half of the output.
const SHORTEST: usize = 4;

/// Lines of a secret of many lines are masked one by one from this length on.
const SHORTEST_LINE: usize = 8;

/// Masks a stream, piece by piece.
#[derive(Debug)]
pub(super) struct Masker {
    /// The longest first.
    secrets: Vec<Vec<u8>>,
    /// Whether any secret begins with this byte.
    begins: [bool; 256],
    /// The end of the stream so far that may be the beginning of a secret.
    held: Vec<u8>,
}

impl Masker {
    pub(super) fn new(values: &[String]) -> Self {
        let mut secrets = Vec::new();
        for value in values.iter().filter(|v| v.len() >= SHORTEST) {
            secrets.push(value.clone().into_bytes());
            if value.contains('\n') {
                // A terminal ends lines by CR LF, and tools show such a value line by line.
                secrets.push(value.replace('\n', "\r\n").into_bytes());
                let lines = value.lines().map(str::trim_end).filter(|l| l.len() >= SHORTEST_LINE);
                secrets.extend(lines.map(|l| l.as_bytes().to_vec()));
            }
        }
        secrets.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        secrets.dedup();
        let mut begins = [false; 256];
        for first in secrets.iter().filter_map(|s| s.first()) {
            begins[usize::from(*first)] = true;
        }
        Self { secrets, begins, held: Vec::new() }
    }

    /// The next piece of the stream in, what can be shown of it out.
    pub(super) fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        if self.held.is_empty() && !piece.iter().any(|b| self.begins[usize::from(*b)]) {
            return piece.to_vec();
        }
        let mut stream = mem::take(&mut self.held);
        stream.extend_from_slice(piece);
        let (shown, held) = self.scan(&stream, false);
        self.held = held;
        shown
    }

    /// What is still held back at the end of the stream.
    pub(super) fn finish(&mut self) -> Vec<u8> {
        let stream = mem::take(&mut self.held);
        self.scan(&stream, true).0
    }

    fn scan(&self, stream: &[u8], last: bool) -> (Vec<u8>, Vec<u8>) {
        let mut shown = Vec::with_capacity(stream.len());
        let mut rest = stream;
        while let Some((first, after)) = rest.split_first() {
            if self.begins[usize::from(*first)] {
                if !last && self.secrets.iter().any(|s| s.len() > rest.len() && s.starts_with(rest)) {
                    return (shown, rest.to_vec());
                }
                if let Some(secret) = self.secrets.iter().find(|s| rest.starts_with(s)) {
                    shown.extend_from_slice(DOTS);
                    rest = rest.get(secret.len()..).unwrap_or_default();
                    continue;
                }
            }
            shown.push(*first);
            rest = after;
        }
        (shown, Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn masked(secrets: &[&str], pieces: &[&[u8]]) -> String {
        let mut masker = Masker::new(&secrets.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>());
        let mut shown: Vec<u8> = pieces.iter().flat_map(|p| masker.push(p)).collect();
        shown.extend(masker.finish());
        String::from_utf8(shown).unwrap()
    }

    #[test]
    fn a_secret_is_masked_wherever_it_is_split() {
        let text = b"url=postgres://u:hunter2@h\r\n";
        for at in 0..text.len() {
            let (a, b) = text.split_at(at);
            assert_eq!(masked(&["hunter2"], &[a, b]), "url=postgres://u:••••••@h\r\n");
        }
    }

    #[test]
    fn what_only_begins_like_a_secret_is_shown() {
        assert_eq!(masked(&["hunter2"], &[b"hunt", b"ing"]), "hunting");
        assert_eq!(masked(&["hunter2"], &[b"a hunte"]), "a hunte");
        assert_eq!(masked(&["aab!"], &[b"aaa", b"aab!"]), "aaa••••••");
    }

    #[test]
    fn the_longest_of_two_secrets_wins() {
        assert_eq!(masked(&["abcd", "abcdef"], &[b"abcd", b"ef"]), "••••••");
        assert_eq!(masked(&["abcd", "abcdef"], &[b"abcd", b"xx"]), "••••••xx");
    }

    #[test]
    fn short_values_are_left_and_long_ones_masked_by_line() {
        assert_eq!(masked(&["on"], &[b"on"]), "on");
        let key = "-----BEGIN KEY-----\nMIIEpAIBAAKCAQEA\n-----END KEY-----\n";
        let shown = masked(&[key], &[key.replace('\n', "\r\n").as_bytes(), b"grep MIIEpAIBAAKCAQEA\r\n"]);
        assert_eq!(shown, "••••••grep ••••••\r\n");
    }

    proptest! {
        #[test]
        fn how_it_is_split_makes_no_difference(
            text in "[ab]{0,40}", cuts in prop::collection::vec(0usize..40, 0..6),
            secrets in prop::collection::vec("[ab]{4,7}", 1..4),
        ) {
            let secrets: Vec<&str> = secrets.iter().map(String::as_str).collect();
            let mut cuts: Vec<usize> = cuts.into_iter().map(|c| c.min(text.len())).collect();
            cuts.extend([0, text.len()]);
            cuts.sort_unstable();
            let pieces: Vec<&[u8]> = cuts.windows(2).map(|w| &text.as_bytes()[w[0]..w[1]]).collect();
            let whole = masked(&secrets, &[text.as_bytes()]);
            prop_assert_eq!(masked(&secrets, &pieces), whole.clone());
            for secret in secrets {
                prop_assert!(!whole.contains(secret));
            }
        }
    }
}
