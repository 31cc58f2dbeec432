//! Reading conditions from text; [`super::condition`] has the grammar and prints them back.

#[cfg(test)]
mod tests;
mod tokens;

use std::ops::Range;

use self::tokens::{Kind, SIGNS, Token, tokens};
use super::condition::{Condition, Op, Operand, Polls, Subject, Test};
use super::ids::{Instance, Measure, ProbeId};
use super::reading::Level;
use super::text::nearest;
use super::time::Span;
use super::units::{Finite, Quantity};

/// Why a text is no condition, with the bytes of it that are wrong.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{why}")]
pub struct Syntax {
    /// What is wrong and what would be right, a lower-case fragment.
    pub why: String,
    /// The offending part, as a byte range of the text.
    pub at: Range<usize>,
}

/// Where the parts of a condition stand in its text, as byte ranges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    /// The subject, then the one it is compared with.
    pub names: Vec<NameParts>,
    /// What it is compared with or what is added to that, then the tolerance; as many as there are.
    pub quantities: Vec<Range<usize>>,
}

/// Where the parts of a name stand; a part that is not written has no place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NameParts {
    /// The probe.
    pub probe: Option<Range<usize>>,
    /// The instance, without its brackets.
    pub instance: Option<Range<usize>>,
    /// The measure.
    pub measure: Option<Range<usize>>,
}

impl Syntax {
    /// With what was probably meant.
    fn with(mut self, meant: Option<&str>) -> Self {
        if let Some(meant) = meant {
            self.why.push_str(&format!("; did you mean `{meant}`?"));
        }
        self
    }
}

impl NameParts {
    /// From the first part to the last, if any is written.
    pub fn whole(&self) -> Option<Range<usize>> {
        let parts = || [&self.probe, &self.instance, &self.measure].into_iter().flatten();
        Some(parts().map(|p| p.start).min()?..parts().map(|p| p.end).max()?)
    }
}

/// Reads a condition. `own` is the probe whose `warn` or `critical` it is: then the subject may be left out, and a bare
/// name on the left is one of its measures. Names are not checked against the plan here.
pub fn parse(text: &str, own: Option<&ProbeId>) -> Result<Condition, Syntax> {
    parse_parts(text, own).map(|(condition, _)| condition)
}

/// As [`parse`], with where the parts stand.
pub fn parse_parts(text: &str, own: Option<&ProbeId>) -> Result<(Condition, Parts), Syntax> {
    let tokens = tokens(text)?;
    read(text, &tokens, own).map_err(|wrong| misplaced_polls(text, &tokens, own).unwrap_or(wrong))
}

fn read(text: &str, tokens: &[Token], own: Option<&ProbeId>) -> Result<(Condition, Parts), Syntax> {
    let mut reader = Reader { text, tokens, next: 0, own, parts: Parts::default() };
    let condition = reader.condition()?;
    match reader.peek() {
        None => Ok((condition, reader.parts)),
        Some(token) => Err(reader.unexpected(token, "the end of the condition")),
    }
}

/// `k of n` at another place than behind the comparison, as `at least 1 of 2 lag < 5s`: what was meant, where the rest is a
/// condition.
fn misplaced_polls(text: &str, tokens: &[Token], own: Option<&ProbeId>) -> Option<Syntax> {
    let word = |at: usize| tokens.get(at).filter(|t| t.kind == Kind::Word).map(|t| &text[t.at.clone()]);
    let number = |at: usize| match tokens.get(at)?.kind {
        Kind::Number(n) if (1.0..=100.0).contains(&n) && n.fract() == 0.0 => Some(n as u8),
        _ => None,
    };
    let at = (0..tokens.len()).find(|at| number(*at).is_some() && word(at + 1) == Some("of"))?;
    let (k, of) = (number(at)?, number(at + 2));
    if of.is_some_and(|of| of < k) {
        return None;
    }
    let begin = (0..at).rev().take_while(|at| matches!(word(*at), Some("at" | "least" | "on" | "in"))).last();
    let (begin, end) = (begin.unwrap_or(at), if of.is_some() { at + 3 } else { at + 2 });
    let range = tokens.get(begin)?.at.start..tokens.get(end - 1)?.at.end;
    let rest = format!("{} {}", &text[..range.start], &text[range.end..]);
    let (mut meant, _) =
        read(&rest, &self::tokens::tokens(&rest).ok()?, own).ok().filter(|(c, _)| c.polls.is_none())?;
    meant.polls = Some(Polls { k, of: of.unwrap_or((k + 1).min(100)) });
    let why = format!("how many of the last polls must agree stands behind the comparison: `{meant}`");
    (meant.to_string() != text.trim()).then_some(Syntax { why, at: range })
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    next: usize,
    own: Option<&'a ProbeId>,
    parts: Parts,
}

impl<'a> Reader<'a> {
    fn condition(&mut self) -> Result<Condition, Syntax> {
        let subject = self.left()?;
        let test = self.test()?;
        let polls = self.polls()?;
        let lasting = self.lasting()?;
        Ok(Condition { subject, test, polls, lasting })
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.next)
    }

    fn word(&self) -> Option<&'a str> {
        self.word_at(self.next)
    }

    fn word_at(&self, index: usize) -> Option<&'a str> {
        self.tokens.get(index).filter(|t| t.kind == Kind::Word).map(|t| &self.text[t.at.clone()])
    }

    fn sign(&mut self, sign: &str) -> bool {
        let there =
            self.peek().is_some_and(|t| t.kind == Kind::Sign(SIGNS.iter().find(|s| **s == sign).unwrap_or(&"")));
        self.next += usize::from(there);
        there
    }

    fn keyword(&mut self, word: &str) -> bool {
        let there = self.word() == Some(word);
        self.next += usize::from(there);
        there
    }

    fn error<T>(&self, wanted: &str) -> Result<T, Syntax> {
        Err(match self.peek() {
            Some(token) => self.unexpected(token, wanted),
            None => Syntax { why: format!("{wanted} is missing"), at: self.text.len()..self.text.len() },
        })
    }

    fn unexpected(&self, token: &Token, wanted: &str) -> Syntax {
        let found = &self.text[token.at.clone()];
        let why = if matches!(found, "and" | "or" | "not") {
            format!("`{found}` is not understood: a condition is one comparison")
        } else {
            format!("`{found}` stands where {wanted} was expected")
        };
        Syntax { why, at: token.at.clone() }
    }

    fn begins_test(&self) -> bool {
        match self.peek().map(|t| &t.kind) {
            Some(Kind::Sign(s)) => matches!(*s, "<" | "<=" | ">" | ">=" | "=" | "==" | "!="),
            Some(Kind::Word) => self.word() == Some("is") && self.tokens.len() > self.next + 1,
            _ => false,
        }
    }

    fn left(&mut self) -> Result<Subject, Syntax> {
        if let Some(own) = self.own {
            self.parts.names.push(NameParts::default());
            let bare = |measure| Subject { probe: own.clone(), instance: None, measure };
            if self.begins_test() {
                return Ok(bare(None));
            }
            if self.sign("[") {
                let instance = Some(self.instance()?);
                let measure = if self.sign(".") { Some(self.measure()?) } else { None };
                return Ok(Subject { probe: own.clone(), instance, measure });
            }
            if let Some(word) = self.word().filter(|w| *w != own.as_str()) {
                let at = self.peek().map_or(0..0, |t| t.at.clone());
                let measure = self.measure()?;
                if matches!(self.peek(), Some(Token { kind: Kind::Sign("." | "["), .. })) {
                    let why = format!("the limits of {own} are about {own} alone: a trigger may ask about `{word}`");
                    return Err(Syntax { why, at });
                }
                if !self.begins_test() {
                    return self.error("a comparison as `> 5%` or `is failing`");
                }
                return Ok(bare(Some(measure)));
            }
            self.parts.names.clear();
        }
        self.subject()
    }

    fn subject(&mut self) -> Result<Subject, Syntax> {
        let Some(probe) = self.word().filter(|w| !matches!(*w, "and" | "or" | "not")) else {
            return self.error("a probe");
        };
        let probe = ProbeId::from(probe);
        self.parts.names.push(NameParts { probe: self.peek().map(|t| t.at.clone()), ..NameParts::default() });
        self.next += 1;
        let instance = if self.sign("[") { Some(self.instance()?) } else { None };
        let measure = if self.sign(".") { Some(self.measure()?) } else { None };
        Ok(Subject { probe, instance, measure })
    }

    fn measure(&mut self) -> Result<Measure, Syntax> {
        let Some(word) = self.word() else { return self.error("a measure") };
        let at = self.peek().map(|t| t.at.clone());
        self.parts.names.iter_mut().last().into_iter().for_each(|name| name.measure = at.clone());
        self.next += 1;
        Ok(word.into())
    }

    /// What stands between brackets: any plain name (`v1.0.0`, `10.0.0.7:5432`, `5`), or anything in quotes.
    fn instance(&mut self) -> Result<Instance, Syntax> {
        let name = match self.peek() {
            Some(Token { kind: Kind::Quoted(name), .. }) => name.as_str(),
            Some(Token { kind: Kind::Inside, at }) => {
                let name = self.text[at.clone()].trim();
                if name == "*" {
                    let why = "`*` names no instance: leave the brackets out, and all of them are meant".into();
                    return Err(Syntax { why, at: at.clone() });
                }
                if !super::ids::is_plain(name) {
                    return Err(Syntax { why: "this is no plain name: put it in quotes".into(), at: at.clone() });
                }
                name
            }
            _ => return self.error("an instance"),
        };
        let at = self.peek().map(|t| t.at.clone());
        self.parts.names.iter_mut().last().into_iter().for_each(|name| name.instance = at.clone());
        self.next += 1;
        if self.sign("]") { Ok(name.into()) } else { self.error("`]`") }
    }

    fn test(&mut self) -> Result<Test, Syntax> {
        if self.keyword("is") {
            let level = match self.word() {
                Some("failing") => {
                    self.next += 1;
                    return Ok(Test::Failing);
                }
                Some("ok" | "warn" | "critical" | "unknown") if self.own.is_some() => {
                    return self.error("`failing` (the limits of a probe make its level, so they can't ask for it)");
                }
                Some("ok") => Level::Ok,
                Some("warn") => Level::Warn,
                Some("critical") => Level::Critical,
                Some("unknown") => Level::Unknown,
                found => {
                    let wanted = "ok, warn, critical, unknown or failing";
                    let meant = found.and_then(|word| meant_level(word, self.own.is_some()));
                    return self.error(wanted).map_err(|wrong: Syntax| wrong.with(meant));
                }
            };
            self.next += 1;
            return Ok(Test::Is(level));
        }
        let op = match self.peek().map(|t| &t.kind) {
            Some(Kind::Sign("<")) => Op::Less,
            Some(Kind::Sign("<=")) => Op::AtMost,
            Some(Kind::Sign(">")) => Op::More,
            Some(Kind::Sign(">=")) => Op::AtLeast,
            Some(Kind::Sign("=" | "==")) => Op::Equal,
            Some(Kind::Sign("!=")) => Op::NotEqual,
            _ => return self.error("a comparison as `> 5%` or `is failing`"),
        };
        self.next += 1;
        if let Some(Token { kind: Kind::Quoted(text), .. }) = self.peek() {
            if !matches!(op, Op::Equal | Op::NotEqual) {
                return self.error("a number: words are only equal or not");
            }
            self.next += 1;
            return Ok(Test::Words { equal: op == Op::Equal, text: text.clone() });
        }
        let to = self.operand()?;
        let at = self.peek().map(|t| t.at.clone());
        let within = if self.sign("±") || self.sign("+-") { Some(self.quantity()?) } else { None };
        if within.is_some() && !matches!(op, Op::Equal | Op::NotEqual) {
            return Err(Syntax {
                why: format!("a tolerance goes with `=` and `!=`, not with `{op}`"),
                at: at.unwrap_or(0..0),
            });
        }
        Ok(Test::Compare { op, to, within })
    }

    fn operand(&mut self) -> Result<Operand, Syntax> {
        if self.word() == Some("baseline") {
            self.next += 1;
            let (times, plus) = self.scale()?;
            return Ok(Operand::Baseline { times, plus });
        }
        if self.word().is_some() {
            let subject = self.subject()?;
            let (times, plus) = self.scale()?;
            return Ok(Operand::Signal { subject, times, plus });
        }
        self.quantity().map(Operand::Const)
    }

    fn scale(&mut self) -> Result<(Finite, Option<Quantity>), Syntax> {
        let times = if self.sign("*") {
            let Some(Token { kind: Kind::Number(n), .. }) = self.peek() else { return self.error("a number") };
            self.next += 1;
            Finite::new(*n).unwrap_or_default()
        } else {
            Finite::from(1)
        };
        let plus = if self.sign("+") {
            Some(self.quantity()?)
        } else if self.sign("-") {
            Some(negative(self.unsigned()?))
        } else {
            None
        };
        Ok((times, plus))
    }

    fn quantity(&mut self) -> Result<Quantity, Syntax> {
        let begin = self.peek().map_or(self.text.len(), |t| t.at.start);
        let found = if self.sign("-") { self.unsigned().map(negative) } else { self.unsigned() }?;
        self.parts.quantities.iter_mut().last().into_iter().for_each(|at| at.start = begin);
        Ok(found)
    }

    fn unsigned(&mut self) -> Result<Quantity, Syntax> {
        let Some(token @ Token { kind: Kind::Number(number), .. }) = self.peek() else { return self.error("a number") };
        self.next += 1;
        let mut unit = String::new();
        if self.sign("%") {
            unit.push('%');
        } else if let Some(word) = self.word() {
            let glued = self.peek().is_some_and(|t| t.at.start == token.at.end);
            let two = self.word_at(self.next + 1).map(|next| format!("{word} {next}"));
            let known = |u: &str| Quantity::known_units().any(|k| k == u);
            if let Some(two) = two.filter(|two| known(two)) {
                unit = two;
                self.next += 2;
            } else if glued || known(word) {
                unit = word.to_owned();
                self.next += 1;
            }
        }
        let parts = self.more_of_a_span(&unit);
        let end = self.tokens.get(self.next.wrapping_sub(1)).map_or(token.at.end, |t| t.at.end);
        let at = token.at.start..end;
        self.parts.quantities.push(at.clone());
        // `1h30m` is a number and a word, `1h 30m` are two of them.
        let span = || self.text[at.clone()].parse::<Span>().ok().and_then(seconds);
        let whole = if parts { None } else { Quantity::from_parts(*number, &unit) };
        whole.or_else(span).ok_or_else(|| {
            let why = format!("`{unit}` is no unit: write %, ms, s, min, h, days, B, kB, MB, GB, /s or /min");
            let meant = Quantity::known_units().find(|known| known.eq_ignore_ascii_case(&unit));
            Syntax { why, at: at.clone() }.with(meant)
        })
    }

    /// Takes the further parts of a length of time that is written with blanks: `30m` of `1h 30m`.
    fn more_of_a_span(&mut self, unit: &str) -> bool {
        let is_time = |word: &str| format!("1{word}").parse::<Span>().is_ok();
        let begin = self.next;
        while is_time(unit)
            && let Some(Token { kind: Kind::Number(_), at }) = self.peek()
            && self.tokens.get(self.next + 1).is_some_and(|word| word.at.start == at.end)
            && self.word_at(self.next + 1).is_some_and(is_time)
        {
            self.next += 2;
        }
        self.next > begin
    }

    fn polls(&mut self) -> Result<Option<Polls>, Syntax> {
        let Some(Token { kind: Kind::Number(k), at }) = self.peek() else { return Ok(None) };
        self.next += 1;
        if !self.keyword("of") {
            return self.error("`of`, as in `2 of 3`");
        }
        let Some(Token { kind: Kind::Number(of), at: last }) = self.peek() else {
            return self.error("a number of polls");
        };
        self.next += 1;
        let whole = |n: f64| (1.0..=100.0).contains(&n) && n.fract() == 0.0;
        if !whole(*k) || !whole(*of) || k > of {
            let why = "write k of n with whole numbers, k from 1 to n and n up to 100".into();
            return Err(Syntax { why, at: at.start..last.end });
        }
        Ok(Some(Polls { k: *k as u8, of: *of as u8 }))
    }

    fn lasting(&mut self) -> Result<Option<Span>, Syntax> {
        if !self.keyword("for") {
            return Ok(None);
        }
        let Some(begin) = self.peek().map(|token| token.at.start) else {
            let why = "a length of time, such as 1m, is missing after `for`".into();
            return Err(Syntax { why, at: self.text.len()..self.text.len() });
        };
        let rest = &self.text[begin..];
        self.next = self.tokens.len();
        match rest.parse::<Span>() {
            Ok(span) if span > Span::ZERO => Ok(Some(span)),
            Ok(_) => {
                Err(Syntax { why: "a time that must pass is longer than nothing".into(), at: begin..self.text.len() })
            }
            Err(why) => Err(Syntax { why, at: begin..self.text.len() }),
        }
    }
}

/// What people write for a level of a probe. In a probe's own limits only `failing` can be asked for.
fn meant_level(word: &str, own: bool) -> Option<&'static str> {
    let level = match word.to_lowercase().as_str() {
        "failing" | "failed" | "fails" | "down" | "dead" | "broken" | "error" | "unhealthy" => "failing",
        "ok" | "okay" | "up" | "well" | "fine" | "good" | "green" | "healthy" => "ok",
        "warn" | "warning" | "yellow" | "degraded" => "warn",
        "critical" | "crit" | "red" => "critical",
        "unknown" | "missing" => "unknown",
        typed => {
            let words = ["ok", "warn", "critical", "unknown", "failing"];
            nearest(typed, words)?
        }
    };
    (!own || level == "failing").then_some(level)
}

fn seconds(span: Span) -> Option<Quantity> {
    Quantity::from_parts(span.as_secs_f64(), "s")
}

fn negative(q: Quantity) -> Quantity {
    Quantity { base: Finite::new(-q.base.get()).unwrap_or_default(), dimension: q.dimension }
}
