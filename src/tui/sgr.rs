//! The sixteen colours in the words that every terminal knows: `31`, `91`, `41`, `101`. Crossterm writes `38;5;1`, which
//! those that have no more than sixteen need not understand.

/// Rewrites the colours 0 to 15 of the sequences in a frame; everything else stays as it is.
pub fn plain_colours(frame: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(frame.len());
    let mut rest = frame;
    while let Some(at) = rest.windows(2).position(|pair| pair == b"\x1b[") {
        let (before, sequence) = rest.split_at(at + 2);
        out.extend_from_slice(before);
        let end = sequence.iter().position(|b| !matches!(b, b'0'..=b'9' | b';')).unwrap_or(sequence.len());
        let (numbers, after) = sequence.split_at(end);
        if after.first() == Some(&b'm') {
            rewrite(numbers, &mut out);
        } else {
            out.extend_from_slice(numbers);
        }
        rest = after;
    }
    out.extend_from_slice(rest);
    out
}

fn rewrite(numbers: &[u8], out: &mut Vec<u8>) {
    let all: Vec<&[u8]> = numbers.split(|b| *b == b';').collect();
    let mut i = 0;
    while i < all.len() {
        if i > 0 {
            out.push(b';');
        }
        let number = |bytes: &[u8]| std::str::from_utf8(bytes).ok()?.parse::<u8>().ok();
        let kind = all.get(i + 1).copied();
        let (base, steps) = match (all[i], kind, all.get(i + 2).copied().and_then(number)) {
            (b"38", Some(b"5"), Some(n @ 0..=15)) => (Some(if n < 8 { 30 + n } else { 82 + n }), 3),
            (b"48", Some(b"5"), Some(n @ 0..=15)) => (Some(if n < 8 { 40 + n } else { 92 + n }), 3),
            (b"38" | b"48", Some(b"5"), _) => (None, 3),
            (b"38" | b"48", Some(b"2"), _) => (None, 5),
            _ => (None, 1),
        };
        let steps = steps.min(all.len() - i);
        match base {
            Some(colour) => out.extend_from_slice(colour.to_string().as_bytes()),
            None => out.extend_from_slice(&all[i..i + steps].join(&b';')),
        }
        i += steps;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_colours_are_written_as_all_know_them() {
        for (frame, plain) in [
            ("\x1b[38;5;1;48;5;0mx", "\x1b[31;40mx"),
            ("\x1b[38;5;8m\x1b[48;5;15m", "\x1b[90m\x1b[107m"),
            ("\x1b[1;38;5;12;49mé", "\x1b[1;94;49mé"),
            ("\x1b[38;5;196m 38;5;1m", "\x1b[38;5;196m 38;5;1m"),
            ("\x1b[38;2;1;38;5;48;5;7m", "\x1b[38;2;1;38;5;47m"),
            ("\x1b[3;7H\x1b[?25l\x1b[m\x1b[", "\x1b[3;7H\x1b[?25l\x1b[m\x1b["),
            ("\x1b[38;5", "\x1b[38;5"),
            ("\x1b[38;5m", "\x1b[38;5m"),
        ] {
            assert_eq!(String::from_utf8(plain_colours(frame.as_bytes())).unwrap(), plain);
        }
    }
}
