//! The difference of two texts, line by line: what the file of a plan has become against what was taken in.

/// Lines shown around a change.
const AROUND: usize = 2;

/// Texts whose middles are larger than this (lines times lines) are shown as taken out and put in.
const LARGE: usize = 4_000_000;

/// The difference, a line each, with ` `, `-` or `+` in front and ` …` where equal lines are left out; empty where the
/// texts are equal.
pub fn lines(before: &str, after: &str) -> Vec<String> {
    let (a, b): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    let tail = tail.min(a.len().min(b.len()) - head);
    let mut all: Vec<(char, &str)> = a.iter().take(head).map(|l| (' ', *l)).collect();
    middle(&a[head..a.len() - tail], &b[head..b.len() - tail], &mut all);
    all.extend(a.iter().skip(a.len() - tail).map(|l| (' ', *l)));
    if all.iter().all(|(mark, _)| *mark == ' ') {
        return Vec::new();
    }
    let near = |at: usize| {
        let (from, to) = (at.saturating_sub(AROUND), (at + AROUND + 1).min(all.len()));
        all.get(from..to).is_some_and(|w| w.iter().any(|(mark, _)| *mark != ' '))
    };
    let mut shown = Vec::new();
    for (at, (mark, line)) in all.iter().enumerate() {
        if near(at) {
            shown.push(format!("{mark}{line}"));
        } else if shown.last().is_none_or(|l| l != " …") {
            shown.push(" …".to_owned());
        }
    }
    shown
}

/// By the longest common subsequence.
fn middle<'a>(a: &[&'a str], b: &[&'a str], out: &mut Vec<(char, &'a str)>) {
    if a.len().saturating_mul(b.len()) > LARGE {
        out.extend(a.iter().map(|l| ('-', *l)));
        out.extend(b.iter().map(|l| ('+', *l)));
        return;
    }
    let width = b.len() + 1;
    let mut longest = vec![0u32; (a.len() + 1) * width];
    for i in (0..a.len()).rev() {
        for j in (0..b.len()).rev() {
            longest[i * width + j] = if a[i] == b[j] {
                longest[(i + 1) * width + j + 1] + 1
            } else {
                longest[(i + 1) * width + j].max(longest[i * width + j + 1])
            };
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < a.len() || j < b.len() {
        if i < a.len() && j < b.len() && a[i] == b[j] {
            out.push((' ', a[i]));
            (i, j) = (i + 1, j + 1);
        } else if j == b.len() || (i < a.len() && longest[(i + 1) * width + j] >= longest[i * width + j + 1]) {
            out.push(('-', a[i]));
            i += 1;
        } else {
            out.push(('+', b[j]));
            j += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_change_is_shown_with_what_stands_around_it() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9";
        assert_eq!(lines(before, before), [""; 0]);
        assert_eq!(lines(before, &before.replace('5', "five")), [" …", " 3", " 4", "-5", "+five", " 6", " 7", " …"]);
        assert_eq!(lines("a", "a\nb"), [" a", "+b"]);
        assert_eq!(lines("", "x"), ["+x"]);
    }

    proptest! {
        #[test]
        fn both_texts_can_be_read_from_it(a in "[ab\n]{0,20}", b in "[ab\n]{0,20}") {
            let mut all = Vec::new();
            let (x, y): (Vec<&str>, Vec<&str>) = (a.lines().collect(), b.lines().collect());
            middle(&x, &y, &mut all);
            let side = |not: char| all.iter().filter(|(m, _)| *m != not).map(|(_, l)| *l).collect::<Vec<_>>();
            prop_assert_eq!(side('+'), x);
            prop_assert_eq!(side('-'), y);
            let _ = lines(&a, &b);
        }
    }
}
