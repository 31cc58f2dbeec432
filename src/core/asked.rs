//! Whether a command that failed without input may have asked for some. Nobody can see a program wait at an input that
//! has ended; what it wrote last tells. Each sign is a guess and is told as one, with the words that it was taken from.

use super::ids::RunKind;

/// At most this many lines at the end of an output are looked at.
pub const LINES: usize = 20;

/// At most this many characters of a line are told.
const TOLD: usize = 120;

/// What programs say that can't ask: all words of a row stand in one line, whatever their case.
const SAID: &[&[&str]] = &[
    &["/dev/tty", "no such device or address"],
    &["open", "/dev/tty"],
    &["eof when reading a line"],
    &["eoferror"],
    &["inappropriate ioctl for device"],
    &["stdin is not a terminal"],
    &["stdin is not a tty"],
    &["standard input is not a terminal"],
    &["standard input is not a tty"],
    &["standard input is not interactive"],
    &["input is not a terminal"],
    &["input device is not a tty"],
    &["interactive login from a non tty"],
    &["prompts can not be meaningfully rendered"],
    &["not in an interactive session"],
    &["user force closed the prompt"],
    &["cannot prompt"],
    &["can't prompt"],
    &["unable to prompt"],
    &["terminal prompts disabled"],
    &["could not read username for"],
    &["could not read password for"],
    &["no password supplied"],
    &["a terminal is required"],
    &["a password is required"],
    &["no tty present"],
    &["must have a tty"],
    &["error asking for"],
    &["read: read error"],
    &["host key verification failed"],
    &["permission denied (", "password"],
    &["permission denied (", "keyboard-interactive"],
];

/// Where one of these stands as well, it was something else.
const ELSE: &[&str] = &["host identification has changed"];

/// A choice that a question gives.
const CHOICES: &[&str] = &["[y/n]", "(y/n)", "[yes/no]", "(yes/no)", "(yes/no/[fingerprint])", "[y/n/", "(y/n/"];

/// What a question without a question mark is about; a line like `checking health: ` is none.
const ABOUT: &[&str] = &[
    "password",
    "passphrase",
    "passcode",
    "pin",
    "otp",
    "code",
    "token",
    "username",
    "user name",
    "login",
    "enter",
    "type",
    "choose",
    "select",
    "your",
    "value",
    "confirm",
    "continue",
    "proceed",
    "yes",
    "answer",
];

/// The sign in the last lines of an output that the command asked, if there is one: `its output ends with "Name?"`. The
/// lines are as a terminal shows them; the last one is empty where the output ended with a line's end.
pub fn sign(lines: &[String]) -> Option<String> {
    let lines = lines.get(lines.len().saturating_sub(LINES)..).unwrap_or(lines);
    let lowered = |line: &String| line.to_lowercase();
    if lines.iter().map(lowered).any(|line| ELSE.iter().any(|other| line.contains(other))) {
        return None;
    }
    if let Some(last) = lines.last().filter(|last| is_question(&lowered(last))) {
        return Some(format!("its output ends with {}", quoted(last)));
    }
    let says = |line: &&String| {
        let line = lowered(line);
        SAID.iter().any(|row| row.iter().all(|words| has(&line, words)))
    };
    let chooses = |line: &&String| CHOICES.iter().any(|choice| lowered(line).contains(choice));
    let filled = || lines.iter().rev().filter(|line| !line.trim().is_empty());
    let said = filled().find(says).or_else(|| filled().take(2).find(chooses))?;
    Some(format!("its output says {}", quoted(said)))
}

/// The sign that the text of a command gives where a shell shows no question, since nobody is there to answer it.
pub fn sign_in_text(asking: &str) -> String {
    format!("its command has {}", quoted(asking))
}

/// A sign as the end of a sentence on the run's end, with the way out.
pub fn reason(sign: &str, kind: RunKind) -> String {
    let way = match kind {
        RunKind::Do => "set `input = true` on the step, or give the answer in its command",
        RunKind::Undo => "an undo has no input: give the answer in its command",
    };
    format!("it may have asked for input: {sign}; {way}")
}

/// Whether an open line, in small letters, is a question.
fn is_question(line: &str) -> bool {
    let line = line.trim();
    if CHOICES.iter().any(|choice| line.contains(choice)) || line.ends_with('?') {
        return true;
    }
    let open = line.strip_suffix([':', '>']).map(str::trim_end);
    let before = open.unwrap_or(line);
    // What the answer is where none is given, as in `Name? [bob]`.
    let default = before.strip_suffix([']', ')']).and_then(|bare| bare.get(..bare.rfind(['[', '('])?));
    if open.is_none() && default.is_none() {
        return false;
    }
    let bare = default.unwrap_or(before).trim_end();
    bare.ends_with('?') || ABOUT.iter().any(|word| is_word(bare, word))
}

/// Whether a line has these words; nothing of a word goes on behind them: `/dev/ttyUSB0` is no `/dev/tty`.
fn has(line: &str, words: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric();
    line.match_indices(words).any(|(at, _)| {
        !words.ends_with(goes_on) || !line.get(at + words.len()..).is_some_and(|rest| rest.starts_with(goes_on))
    })
}

/// Whether it stands there for itself.
fn is_word(line: &str, word: &str) -> bool {
    let goes_on = |c: char| c.is_ascii_alphanumeric();
    line.match_indices(word).any(|(at, _)| {
        !line.get(..at).is_some_and(|before| before.ends_with(goes_on))
            && !line.get(at + word.len()..).is_some_and(|rest| rest.starts_with(goes_on))
    })
}

/// The end of a line, quoted.
fn quoted(line: &str) -> String {
    let line = line.trim();
    let skipped = line.chars().count().saturating_sub(TOLD);
    let cut = if skipped > 0 { "…" } else { "" };
    format!("`{cut}{}`", line.chars().skip(skipped).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(output: &str) -> Option<String> {
        sign(&output.split('\n').map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn what_asked_is_told_with_its_words() {
        for (output, told) in [
            ("Name? ", "ends with `Name?`"),
            ("a\nb\nPassword: ", "ends with `Password:`"),
            ("[sudo] password for ana: ", "ends with `[sudo] password for ana:`"),
            ("Enter passphrase for key '/home/ana/.ssh/id_ed25519': ", "ends with `Enter passphrase"),
            ("Really deploy to production [y/N] ", "ends with `Really"),
            ("Region? [eu-west-1]: ", "ends with `Region?"),
            ("Your name (bob): ", "ends with `Your name"),
            ("Do you want to continue? [Y/n] Abort.\n", "says `Do you want"),
            ("Delete it? [y/N]: Aborted!\n", "says `Delete it?"),
            ("bash: line 1: /dev/tty: No such device or address\n", "says `bash: line 1: /dev/tty"),
            ("could not open /dev/tty\n", "says `could not open"),
            (
                "Name? Traceback (most recent call last):\n  File x\nEOFError: EOF when reading a line\n",
                "says `EOFError",
            ),
            ("termios.error: (25, 'Inappropriate ioctl for device')\n", "says `termios"),
            ("sudo: a terminal is required to read the password; either use -S\n", "says `sudo: a terminal"),
            ("the input device is not a TTY\n", "says `the input device"),
            ("ana@db: Permission denied (publickey,password).\n", "says `ana@db"),
            (
                "Host key verification failed.\r\nfatal: Could not read from remote repository.\n\nPlease\n",
                "says `Host",
            ),
            ("fatal: could not read Username for 'https://x.org': terminal prompts disabled\n", "says `fatal"),
        ] {
            let sign = of(output).unwrap_or_else(|| panic!("{output:?} asks"));
            assert!(sign.contains(told), "{output:?}: {sign}");
        }
    }

    #[test]
    fn what_did_not_ask_is_left_alone() {
        for output in [
            "",
            "\n",
            "error: connection refused\n",
            "checking health: ",
            "waiting for the pods [3/5]",
            "Cannot connect to the Docker daemon. Is the docker daemon running?\n",
            "typed values: 3\nresult => ",
            "ana@db: Permission denied (publickey).\n",
            "cp: x: Permission denied\n",
            "can't open /dev/ttyUSB0: busy\n",
            "@ WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED! @\nHost key verification failed.\n",
            "pinned versions: ",
        ] {
            assert_eq!(of(output), None, "{output:?}");
        }
        // A question long before the end was answered by something.
        let long = format!("Sure? [y/N] y\n{}", "building\n".repeat(30));
        assert_eq!(of(&long), None);
    }

    #[test]
    fn a_long_line_is_told_by_its_end() {
        let told = of(&"Please answer yes or no? ".repeat(100)).unwrap();
        assert!(told.chars().count() < 160 && told.ends_with("yes or no?`"), "{told}");
    }

    #[test]
    fn the_way_out_is_one_that_is_there() {
        assert!(reason("x", RunKind::Do).contains("`input = true`"));
        assert!(!reason("x", RunKind::Undo).contains("`input = true`"));
    }
}
