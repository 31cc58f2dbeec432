//! A command as a person reads it: with the plan's variables filled in, where a shell would look them up. It runs nothing,
//! and knows no secrets: those stay as they are written.

use std::ops::Range;

/// One `$name` or `${name}` of a text.
pub struct Use<'a> {
    /// The `$` of it.
    pub at: usize,
    /// The name.
    pub name: &'a str,
    /// With what stands between the braces, if there are any.
    pub end: usize,
    /// The script says what to take where it is not set.
    pub given: bool,
}

/// A command as it will run: `$name` and `${name}` with the values that the plan gives them. What is not known stays, and
/// what the command sets itself.
pub fn filled<'v>(command: &str, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut out = String::new();
    let mut from = 0;
    for used in expansions(command) {
        let whole = &command[used.at..used.end];
        let plain = !used.given && whole.trim_start_matches(['$', '{']).trim_end_matches('}') == used.name;
        let closed = whole.starts_with("${") == whole.ends_with('}');
        let known = || value(used.name).filter(|_| plain && closed && !mentions(command, used.name));
        let Some(value) = known() else { continue };
        let (mut before, mut behind) = (&command[from..used.at], used.end);
        // A word alone needs no quotes.
        let alone = before.ends_with('"') && command[behind..].starts_with('"');
        if alone && !value.is_empty() && !value.contains(char::is_whitespace) {
            (before, behind) = (&before[..before.len() - 1], behind + 1);
        }
        out.push_str(before);
        out.push_str(value);
        from = behind;
    }
    out + &command[from..]
}

/// Whether a script speaks of a name without a `$`, as where it sets it: `name=`, `for name in`, `read name`.
pub fn mentions(text: &str, name: &str) -> bool {
    let part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    text.match_indices(name).any(|(at, _)| {
        let (before, after) = (&text[..at], &text[at + name.len()..]);
        !before.ends_with(|c| part(c) || c == '$') && !before.ends_with("${") && !after.starts_with(part)
    })
}

/// The variables that a shell would look up: none in single quotes, in comments, behind a `\`, or in a here-document that
/// is taken as it stands. What another shell is given in single quotes (`bash -c '…'`) that one looks up.
pub fn expansions(text: &str) -> Vec<Use<'_>> {
    let quiet = literal(text);
    let shell = |at: usize| {
        let before = text[..at].trim_end();
        let option = before.rsplit(|c: char| c.is_whitespace()).next().unwrap_or("");
        before.len() < at && option.starts_with('-') && !option.starts_with("--") && option.ends_with('c')
    };
    let hidden = |at: usize| quiet.iter().any(|q| q.contains(&at) && !shell(q.start));
    uses(text).into_iter().filter(|used| !hidden(used.at)).collect()
}

/// The bytes of a shell text in single quotes, the quotes included, of comments, and of here-documents that are taken as
/// they stand.
fn literal(text: &str) -> Vec<Range<usize>> {
    let (mut found, mut at, mut double) = (Vec::new(), 0, false);
    let mut bodies: Vec<String> = Vec::new();
    while let Some(c) = text[at..].chars().next() {
        let next = at + c.len_utf8();
        at = match c {
            '\\' => next + text[next..].chars().next().map_or(0, char::len_utf8),
            '"' => {
                double = !double;
                next
            }
            '\'' if !double => {
                let end = text[next..].find('\'').map_or(text.len(), |length| next + length + 1);
                found.push(at..end);
                end
            }
            '#' if !double && !text[..at].ends_with(|c: char| !c.is_whitespace() && c != ';') => {
                let end = text[at..].find('\n').map_or(text.len(), |length| at + length);
                found.push(at..end);
                end
            }
            '<' if !double && text[at..].starts_with("<<") && !text[at..].starts_with("<<<") => {
                let rest = text[at + 2..].trim_start_matches(['-', ' ', '\t']);
                if let Some(quote) = rest.chars().next().filter(|c| matches!(c, '\'' | '"' | '\\')) {
                    let ends = |c: char| c == quote || c.is_whitespace();
                    bodies.extend(rest[1..].split(ends).next().map(str::to_owned));
                }
                at + 2
            }
            '\n' if !bodies.is_empty() => {
                let mut end = next;
                for last in std::mem::take(&mut bodies) {
                    while end < text.len() {
                        let line = text[end..].split('\n').next().unwrap_or("");
                        end = (end + line.len() + 1).min(text.len());
                        if line.trim() == last {
                            break;
                        }
                    }
                }
                found.push(next..end);
                end
            }
            _ => next,
        };
    }
    found
}

/// Every `$name` and `${name}` of a text, but those behind a `\` or another `$`.
pub fn uses(text: &str) -> Vec<Use<'_>> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices('$') {
        let slashes = text[..at].bytes().rev().take_while(|b| *b == b'\\').count();
        if slashes % 2 == 1 || text[..at].ends_with('$') {
            continue;
        }
        let braced = text[at + 1..].starts_with('{');
        let begin = at + 1 + usize::from(braced);
        let begin = begin + usize::from(braced && text[begin..].starts_with(['#', '!']));
        let length = text[begin..].bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count();
        let name = &text[begin..begin + length];
        if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) {
            continue;
        }
        let rest = &text[begin + length..];
        let given = braced && rest.trim_start_matches(':').starts_with(['-', '=', '?', '+']);
        let closing = usize::from(braced && rest.starts_with('}'));
        found.push(Use { at, name, end: begin + length + closing, given });
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(name: &str) -> Option<&'static str> {
        match name {
            "version" => Some("v2"),
            "hosts" => Some("a b"),
            "n" => Some("5"),
            _ => None,
        }
    }

    #[test]
    fn a_command_is_shown_as_it_will_run() {
        for (command, shown) in [
            ("./deploy.sh $version", "./deploy.sh v2"),
            ("./deploy.sh \"$version\" ${n}%", "./deploy.sh v2 5%"),
            ("./deploy.sh \"v$version\" \"$hosts\"", "./deploy.sh \"vv2\" \"a b\""),
            ("bash -c './x $version'", "bash -c './x v2'"),
            ("cat <<EOF\n$version\nEOF", "cat <<EOF\nv2\nEOF"),
            ("tell \"$hosts\" \"to $n\"", "tell \"a b\" \"to 5\""),
            ("日本 $n", "日本 5"),
            ("${n:-none} ${ $$ $ $1", "${n:-none} ${ $$ $ $1"),
            // What is no variable of the plan, or not as it is.
            ("./x \"$token\" $versions ${version", "./x \"$token\" $versions ${version"),
            ("./x ${version:-v1} ${#version} ${version%%.*}", "./x ${version:-v1} ${#version} ${version%%.*}"),
            ("awk '{ print $n }' \\$n $$n", "awk '{ print $n }' \\$n $$n"),
            ("for n in 1 2; do ./x $n $version; done", "for n in 1 2; do ./x $n v2; done"),
            ("./x # to $version", "./x # to $version"),
            ("cat <<'EOF'\n$version\nEOF", "cat <<'EOF'\n$version\nEOF"),
        ] {
            assert_eq!(filled(command, value), shown);
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "[$\\{}'\"<\\\\ \\nEOFé#a-c:!-]{0,40}") {
            filled(&text, |_| Some("x"));
        }
    }
}
