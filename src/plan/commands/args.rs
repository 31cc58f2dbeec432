//! The arguments of a program: options, their values, and words.

use super::shell::Word;
use super::table::VALUED;
use super::unwrap::{cluster, takes_next};
use crate::plan::order::fits;

/// The arguments of a program.
pub(super) struct Args<'a> {
    /// The program's name.
    pub name: &'a str,
    /// As they are written.
    pub options: Vec<&'a str>,
    /// What is no option, and no value of one.
    pub words: Vec<&'a str>,
    /// Its options with a value.
    pub valued: &'static str,
}

impl<'a> Args<'a> {
    /// Of a command's words, the program's name first.
    pub fn of(all: &'a [Word], name: &'a str) -> Self {
        let valued = VALUED.iter().find(|(names, _)| names.split('|').any(|n| n == name)).map_or("", |(_, v)| v);
        let valued = if name == "ssh" { "-b -c -D -E -F -I -i -J -L -l -m -O -o -p -Q -R -S -W -w" } else { valued };
        let (mut options, mut words) = (Vec::new(), Vec::new());
        let mut rest = all.iter().skip(1).map(|w| w.text.as_str());
        let mut ended = false;
        while let Some(word) = rest.next() {
            match word {
                "--" if !ended => ended = true,
                _ if ended || !word.starts_with('-') || word.len() == 1 => words.push(word),
                // `-f` of `docker-compose logs` takes no value, that before the subcommand does and means another.
                _ if takes_next(word, valued) && !(words.first() == Some(&"logs") && matches!(word, "-f" | "-n")) => {
                    rest.next();
                    if !(words.is_empty() && matches!(name, "docker-compose" | "kubectl" | "git")) {
                        options.push(word);
                    }
                }
                _ => options.push(word),
            }
        }
        Self { name, options, words, valued }
    }

    /// Whether it only says something about the program.
    pub fn about(&self) -> bool {
        self.options.iter().any(|o| matches!(*o, "--version" | "--help" | "-V"))
            || self.words.is_empty()
                && matches!(self.options.as_slice(), ["-v" | "-h" | "-version"])
                && !self.options.iter().any(|o| takes_next(o, self.valued))
            || matches!(self.words.first(), Some(&("help" | "version")))
    }

    /// Whether program and first words are those of a pattern.
    pub fn fits(&self, pattern: &str) -> bool {
        let mut parts = pattern.split(' ');
        let any = |part: &str, word: &str| part.split('|').any(|p| fits(p, word));
        parts.next().is_some_and(|names| names.split('|').any(|n| n == self.name))
            && parts.enumerate().all(|(at, part)| self.words.get(at).is_some_and(|w| any(part, w)))
    }

    /// Whether the option is there just so.
    pub fn exact(&self, option: &str) -> bool {
        self.options.contains(&option)
    }

    /// Whether one of these options is there: as it is, in a cluster as `-it`, or with `=value` other than false.
    pub fn has(&self, any: &str) -> bool {
        self.which(any).is_some()
    }

    /// How often one of these options is there.
    pub fn times(&self, any: &str) -> usize {
        self.those(any).count()
    }

    /// Which of its options is one of these.
    pub fn which(&self, any: &str) -> Option<&'a str> {
        self.those(any).next()
    }

    fn those(&self, any: &str) -> impl Iterator<Item = &'a str> {
        let is = |there: &&str| any.split(' ').filter(|o| !o.is_empty()).any(|option| self.is(there, option));
        self.options.iter().copied().filter(is)
    }

    fn is(&self, there: &str, option: &str) -> bool {
        if there == option {
            return true;
        }
        match (cluster(option), cluster(there)) {
            (Some(letter), Some(letters)) if letter.chars().count() == 1 => {
                let (letters, value) = letters.split_once('=').unwrap_or((letters, ""));
                if letters.ends_with(letter) && matches!(value, "false" | "no") {
                    return false;
                }
                // Behind an option with a value comes the value.
                let known = letters.char_indices().find(|(_, c)| {
                    takes_next(&format!("-{c}"), self.valued) && self.words.first().is_none_or(|w| *w != "logs")
                });
                let letters = known.map_or(letters, |(at, c)| &letters[..at + c.len_utf8()]);
                letters.contains(letter)
            }
            _ => {
                there.strip_prefix(option).and_then(|v| v.strip_prefix('=')).is_some_and(|v| v != "false" && v != "no")
            }
        }
    }
}
