//! A reader of shell text: which simple commands stand in it, in which words. It expands and runs nothing. Any text is
//! taken; what it can't read it leaves out.

use std::ops::Range;

/// How deep `$(…)`, `(…)` and `${…}` are followed; deeper ones end the reading.
const DEEPEST: usize = 40;

/// A word with its quotes taken away; expansions stay as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// Its text.
    pub text: String,
    /// Its bytes, quotes included.
    pub at: Range<usize>,
}

/// One simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Command {
    /// Program and arguments, without redirections.
    pub words: Vec<Word>,
    /// Assignments before the program.
    pub assigns: Vec<Word>,
    /// It is what a `while` or an `until` asks.
    pub loops: Option<&'static str>,
    /// It reads a pipe, a file or a here-document.
    pub fed: bool,
    /// What it prints goes into a file, other than one under `/dev` or `/tmp`.
    pub writes: bool,
    /// Another command, or a word of one, takes what it prints.
    pub piped: bool,
    /// It is left running with `&`.
    pub in_background: bool,
    /// Commands of one pipeline have the same number.
    pub pipeline: usize,
}

impl Command {
    /// Its bytes, from the first word to the last.
    pub fn at(&self) -> Range<usize> {
        let words = || self.assigns.iter().chain(&self.words);
        words().map(|w| w.at.start).min().unwrap_or(0)..words().map(|w| w.at.end).max().unwrap_or(0)
    }
}

/// What stands in a shell text.
#[derive(Debug, Default)]
pub(super) struct Read {
    /// Its simple commands, those inside of `$(…)` included.
    pub commands: Vec<Command>,
    /// The bytes of its comments.
    pub comments: Vec<Range<usize>>,
}

/// Reads a shell text.
pub(super) fn read(text: &str) -> Read {
    let mut reader = Reader { text, end: text.len(), ..Reader::default() };
    reader.list(None);
    reader.found
}

#[derive(Default)]
struct Reader<'a> {
    text: &'a str,
    at: usize,
    end: usize,
    depth: usize,
    pipelines: usize,
    /// Here-documents whose bodies begin on the next line: how they end, and whether tabs are taken away.
    bodies: Vec<(String, bool)>,
    found: Read,
}

/// A command that is being read, and what it stands in.
#[derive(Default)]
struct Open {
    now: Command,
    /// Inside of `[[ … ]]`.
    test: bool,
    /// Where the list began that a `&` would leave running.
    statement: usize,
    /// The same of the compound commands around.
    groups: Vec<usize>,
    /// How many `case` are open.
    cases: usize,
    /// A pattern of a `case` comes.
    pattern: bool,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..self.end).unwrap_or("")
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += c.len_utf8();
        Some(c)
    }

    fn eat(&mut self, what: &str) -> bool {
        let there = self.rest().starts_with(what);
        if there {
            self.at += what.len();
        }
        there
    }

    /// Goes deeper, or gives the text up where it is too deep.
    fn deeper(&mut self, read: impl FnOnce(&mut Self)) {
        if self.depth >= DEEPEST {
            self.at = self.end;
            return;
        }
        self.depth += 1;
        read(self);
        self.depth -= 1;
    }

    /// A list of commands, up to a closing parenthesis that belongs to it.
    fn list(&mut self, closing: Option<char>) {
        let mut open = Open { statement: self.found.commands.len(), ..Open::default() };
        open.now.pipeline = self.pipeline();
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' => self.at += 1,
                '\\' if self.rest().starts_with("\\\n") => self.at += 2,
                '#' => self.comment(),
                '\n' => {
                    self.at += 1;
                    self.separate(&mut open, false);
                    self.skip_bodies();
                }
                ')' if open.pattern || open.test => {
                    self.at += 1;
                    open.pattern = false;
                }
                ')' => {
                    self.at += 1;
                    if closing == Some(')') {
                        break;
                    }
                }
                ';' | '|' | '&' | '(' if open.test || open.pattern => self.at += 1,
                ';' => {
                    open.pattern = [";;&", ";;", ";&"].iter().any(|end| self.eat(end)) && open.cases > 0;
                    if !open.pattern {
                        self.eat(";");
                    }
                    self.separate(&mut open, false);
                }
                '&' if self.eat("&&") => self.pipe(&mut open, false),
                '&' if self.eat("&>") => {
                    self.at -= 1;
                    self.redirect(&mut open);
                }
                '&' => {
                    self.at += 1;
                    self.separate(&mut open, true);
                }
                '|' if self.eat("||") => self.pipe(&mut open, false),
                '|' => {
                    self.at += 1;
                    self.eat("&");
                    self.pipe(&mut open, true);
                }
                '(' if self.eat("((") => {
                    let from = self.at;
                    self.parenthesis();
                    self.eat(")");
                    let text = format!("(({}", self.text.get(from..self.at).unwrap_or("").replace(' ', ""));
                    open.now.words.push(Word { text, at: from..self.at });
                }
                '(' => {
                    self.at += 1;
                    if open.now.words.is_empty() {
                        self.deeper(|r| r.list(Some(')')));
                    } else {
                        // `name ()` begins a function.
                        open.now.words.clear();
                    }
                }
                '<' | '>' if !open.test && !self.rest()[1..].starts_with('(') => self.redirect(&mut open),
                _ => self.take_word(&mut open),
            }
        }
        self.finish(&mut open);
    }

    fn pipeline(&mut self) -> usize {
        self.pipelines += 1;
        self.pipelines
    }

    /// Ends the command.
    fn finish(&mut self, open: &mut Open) {
        let pipeline = self.pipeline();
        let command = std::mem::replace(&mut open.now, Command { pipeline, ..Command::default() });
        if !command.words.is_empty() || !command.assigns.is_empty() {
            self.found.commands.push(command);
        }
    }

    /// Ends the command and its list, which may be left running.
    fn separate(&mut self, open: &mut Open, running: bool) {
        if open.test {
            return;
        }
        self.finish(open);
        if running {
            self.found.commands[open.statement..].iter_mut().for_each(|c| c.in_background = true);
        }
        open.statement = self.found.commands.len();
    }

    /// Ends the command before `|`, `&&` or `||`.
    fn pipe(&mut self, open: &mut Open, feeds: bool) {
        let pipeline = open.now.pipeline;
        if open.now.words.is_empty() && feeds {
            self.found.commands[open.statement..].iter_mut().for_each(|c| c.piped = true);
        }
        open.now.piped = feeds;
        self.finish(open);
        if feeds {
            open.now.pipeline = pipeline;
            open.now.fed = true;
        }
    }

    fn comment(&mut self) {
        let length = self.rest().find('\n').unwrap_or(self.rest().len());
        self.found.comments.push(self.at..self.at + length);
        self.at += length;
    }

    /// The bodies of here-documents.
    fn skip_bodies(&mut self) {
        for (end, tabs) in std::mem::take(&mut self.bodies) {
            while self.at < self.end {
                let line = self.rest().split('\n').next().unwrap_or("");
                let last = (if tabs { line.trim_start_matches('\t') } else { line }).trim_end_matches('\r') == end;
                self.at = (self.at + line.len() + 1).min(self.end);
                if last {
                    break;
                }
            }
        }
    }

    /// `< file`, `2>&1`, `<<EOF`: no words of the command.
    fn redirect(&mut self, open: &mut Open) {
        let begin = self.at;
        let descriptor = |w: &Word| w.at.end == begin && w.text.bytes().all(|b| b.is_ascii_digit());
        if open.now.words.last().is_some_and(descriptor) {
            open.now.words.pop();
        }
        let from = self.at;
        let here = if self.eat("<<<") { None } else { Some(self.eat("<<")) };
        let tabs = here == Some(true) && self.eat("-");
        open.now.fed |= here != Some(false) || self.peek() == Some('<');
        while self.peek().is_some_and(|c| matches!(c, '<' | '>' | '&' | '|')) {
            self.at += 1;
        }
        let sign = self.text.get(from..self.at).unwrap_or("");
        let (out, copies) = (sign.starts_with('>') || sign.starts_with("&>"), sign.ends_with('&'));
        while self.peek().is_some_and(|c| matches!(c, ' ' | '\t')) {
            self.at += 1;
        }
        let target = self.word();
        let scratch = ["/dev/", "/tmp/"].iter().any(|dir| target.text.starts_with(dir));
        open.now.writes |= out && !copies && !scratch;
        if here == Some(true) {
            self.bodies.push((target.text, tabs));
        }
    }

    /// One more word, which may be one of the shell's own.
    fn take_word(&mut self, open: &mut Open) {
        let word = self.word();
        if word.at.is_empty() {
            // Nothing that begins a word: it would stand here for ever.
            self.next();
            return;
        }
        let raw = self.text.get(word.at.clone()).unwrap_or("");
        let plain = raw == word.text;
        if open.test {
            open.test = word.text != "]]";
            return;
        }
        if open.pattern {
            if plain && word.text == "esac" {
                self.close(open);
            }
            return;
        }
        if open.now.words.is_empty() && plain {
            match word.text.as_str() {
                "{" | "if" => return open.groups.push(open.statement),
                "while" | "until" => {
                    open.groups.push(open.statement);
                    open.now.loops = Some(if raw == "while" { "while" } else { "until" });
                    return;
                }
                "for" | "select" => open.groups.push(open.statement),
                "case" => {
                    open.groups.push(open.statement);
                    open.cases += 1;
                }
                "then" | "else" | "elif" | "do" | "!" | "time" | "coproc" => return,
                "}" | "fi" | "done" | "esac" => return self.close(open),
                "[[" => {
                    open.test = true;
                    return;
                }
                _ => {}
            }
        }
        if open.now.words.is_empty() && assigns(raw) {
            open.now.assigns.push(word);
            return;
        }
        open.now.words.push(word);
        if open.now.words.len() == 3 && open.now.words[0].text == "case" && open.now.words[2].text == "in" {
            self.finish(open);
            open.pattern = true;
        }
    }

    /// The end of a compound command: a `&` behind it means all of it.
    fn close(&mut self, open: &mut Open) {
        let word_before = self.text.get(..self.at).is_some_and(|t| t.ends_with("esac"));
        if word_before {
            open.cases = open.cases.saturating_sub(1);
            open.pattern = false;
        }
        self.finish(open);
        open.statement = open.groups.pop().unwrap_or(open.statement);
    }

    fn word(&mut self) -> Word {
        let from = self.at;
        let mut text = String::new();
        while let Some(c) = self.peek() {
            match c {
                ' ' | '\t' | '\r' | '\n' | ';' | '&' | '|' | ')' => break,
                '(' if text.ends_with('=') => {
                    self.at += 1;
                    self.parenthesis();
                }
                '(' => break,
                '<' | '>' if self.rest()[1..].starts_with('(') => {
                    self.at += 2;
                    self.inner(&mut text, from);
                }
                '<' | '>' => break,
                '\\' => {
                    self.at += 1;
                    text.extend(self.next().filter(|c| *c != '\n'));
                }
                '\'' => {
                    self.at += 1;
                    self.up_to_quote(&mut text, false);
                }
                '"' => {
                    self.at += 1;
                    self.double_quotes(&mut text);
                }
                '$' | '`' => self.expansion(&mut text),
                _ => text.extend(self.next()),
            }
        }
        Word { text, at: from..self.at }
    }

    fn up_to_quote(&mut self, text: &mut String, escapes: bool) {
        while let Some(c) = self.next() {
            match c {
                '\'' => return,
                '\\' if escapes => text.extend(self.next()),
                c => text.push(c),
            }
        }
    }

    fn double_quotes(&mut self, text: &mut String) {
        while let Some(c) = self.peek() {
            match c {
                '"' => {
                    self.at += 1;
                    return;
                }
                '\\' => {
                    self.at += 1;
                    match self.next() {
                        Some('\n') => {}
                        Some(c) if matches!(c, '$' | '`' | '"' | '\\') => text.push(c),
                        Some(c) => text.extend(['\\', c]),
                        None => {}
                    }
                }
                '$' | '`' => self.expansion(text),
                _ => text.extend(self.next()),
            }
        }
    }

    /// `$name`, `${…}`, `$(…)`, `$((…))`, `$'…'` and backticks.
    fn expansion(&mut self, text: &mut String) {
        let from = self.at;
        if self.eat("`") {
            let inside = self.rest();
            let length = inside.find('`').unwrap_or(inside.len());
            let end = std::mem::replace(&mut self.end, self.at + length);
            self.taken(None);
            self.at = self.end;
            self.end = end;
            self.eat("`");
        } else if self.eat("$'") {
            return self.up_to_quote(text, true);
        } else if self.eat("$((") {
            self.parenthesis();
            self.eat(")");
        } else if self.eat("$(") {
            return self.inner(text, from);
        } else if self.eat("${") {
            self.deeper(Self::braces);
        } else {
            self.at += 1;
        }
        text.push_str(self.text.get(from..self.at).unwrap_or(""));
    }

    /// Commands inside of a word, which keeps their text.
    fn inner(&mut self, text: &mut String, from: usize) {
        self.taken(Some(')'));
        text.push_str(self.text.get(from..self.at).unwrap_or(""));
    }

    /// A list of commands whose output somebody takes.
    fn taken(&mut self, closing: Option<char>) {
        let first = self.found.commands.len();
        self.deeper(|r| r.list(closing));
        self.found.commands[first..].iter_mut().for_each(|c| c.piped = true);
    }

    fn braces(&mut self) {
        let mut unused = String::new();
        while let Some(c) = self.peek() {
            match c {
                '$' | '`' => self.expansion(&mut unused),
                _ => {
                    self.at += c.len_utf8();
                    match c {
                        '}' => return,
                        '\\' => drop(self.next()),
                        '"' => self.double_quotes(&mut unused),
                        _ => {}
                    }
                }
            }
        }
    }

    /// Up to the `)` that belongs to it.
    fn parenthesis(&mut self) {
        let mut open = 1;
        while let Some(c) = self.next() {
            match c {
                '(' => open += 1,
                ')' => open -= 1,
                _ => {}
            }
            if open == 0 {
                return;
            }
        }
    }
}

/// Whether a word at the beginning is `NAME=…`.
fn assigns(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| {
        let name = name.strip_suffix('+').unwrap_or(name);
        !name.is_empty()
            && !name.starts_with(|c: char| c.is_ascii_digit())
            && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
    })
}

#[cfg(test)]
#[path = "shell_tests.rs"]
mod tests;
