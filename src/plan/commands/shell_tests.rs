//! Shell texts and what is read of them.

use proptest::prelude::*;

use super::*;

/// The words of each command, `<` where it is fed and `&` where it is left running.
fn said(text: &str) -> Vec<String> {
    let commands = read(text).commands;
    let one = |c: &Command| {
        let mut words: Vec<&str> = c.loops.into_iter().collect();
        words.extend(c.assigns.iter().chain(&c.words).map(|w| w.text.as_str()));
        words.extend(c.fed.then_some("<"));
        words.extend(c.in_background.then_some("&"));
        words.join(" ")
    };
    commands.iter().map(one).collect()
}

#[test]
fn the_commands_of_a_text() {
    for (text, commands) in [
        ("a b", &["a b"][..]),
        ("a 'b;c' \"d|e\" f\\ g", &["a b;c d|e f g"]),
        ("a && b || c; d\ne", &["a", "b", "c", "d", "e"]),
        ("a | b |& c", &["a", "b <", "c <"]),
        ("a & b", &["a &", "b"]),
        ("a && b & c", &["a &", "b &", "c"]),
        ("( a; b ) & c", &["a &", "b &", "c"]),
        ("{ a; b; } & c", &["a &", "b &", "c"]),
        ("while a; do b; done & c", &["while a &", "b &", "c"]),
        ("a # b; c\nd", &["a", "d"]),
        ("a b#c", &["a b#c"]),
        ("a > x 2>&1 < y", &["a <"]),
        ("a &> x b", &["a b"]),
        ("a <<EOF\ntail -f x\nEOF\nb", &["a <", "b"]),
        ("a <<-'E F' | b\n\ttail -f\n\tE F\nc", &["a <", "b <", "c"]),
        ("a <<< 'x y' z", &["a z <"]),
        ("x=$(a b) c=1 d", &["a b", "x=$(a b) c=1 d"]),
        ("x=(a b) c", &["x= c"]),
        ("echo \"$(a \"b\")\" `c d`", &["a b", "c d", "echo $(a \"b\") `c d`"]),
        ("echo ${x:-$(a)} $((1 + (2))) b", &["a", "echo ${x:-$(a)} $((1 + (2))) b"]),
        ("diff <(a) <(b) c", &["a", "b", "diff <(a) <(b) c"]),
        ("if a; then b; else c; fi", &["a", "b", "c"]),
        ("for x in 1 2; do a; done", &["for x in 1 2", "a"]),
        ("for ((;;)); do a; done", &["for ((;;))", "a"]),
        ("case $x in less|more) a;; (vi) b;; esac; c", &["case $x in", "a", "b", "c"]),
        ("[[ a && b || less ]] && c", &["c"]),
        ("watch() { a; }; b", &["a", "b"]),
        ("a \\\n b", &["a b"]),
        ("! time a", &["a"]),
        ("", &[]),
    ] {
        assert_eq!(said(text), commands, "{text}");
    }
}

#[test]
fn comments_are_told_apart() {
    let text = "a '#b' # c\n# d\ne#f <<X\n# g\nX\n";
    let comments: Vec<&str> = read(text).comments.into_iter().map(|at| &text[at]).collect();
    assert_eq!(comments, ["# c", "# d"]);
}

#[test]
fn a_deep_text_ends() {
    for text in ["$(", "(", "${", "`$(", "\"$(", "<(", "{ ", "case x in "] {
        let _ = read(&text.repeat(20_000));
    }
}

proptest! {
    #[test]
    fn any_text_is_read(text in "[ \\PC\n'\"`$(){}<>|&;#\\\\=a-c]{0,60}") {
        for command in read(&text).commands {
            prop_assert!(text.get(command.at()).is_some());
        }
    }

    #[test]
    fn any_row_of_the_shells_own_words_is_read(
        words in prop::collection::vec(
            prop::sample::select(vec![
                "a", " ", "\n", ";", ";;", "&", "|", "(", ")", "{", "}", "case", "in", "esac", "while", "do",
                "done", "[[", "]]", "$(", "`", "'", "\"", "<<E", "E", "${", "((", "))", "#", "\\", "é",
            ]),
            0..40,
        )
    ) {
        let text = words.concat();
        for command in read(&text).commands {
            prop_assert!(text.get(command.at()).is_some());
        }
    }
}
