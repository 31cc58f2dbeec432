//! Reading conditions from text; [`super::condition`] has the grammar and prints them back.

use std::ops::Range;

use super::condition::{Condition, Op, Operand, Polls, Subject, Test};
use super::ids::{Instance, Measure, ProbeId};
use super::reading::Level;
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

/// Reads a condition. `own` is the probe whose `warn` or `critical` it is: then the subject may be left out, and a bare
/// name on the left is one of its measures. Names are not checked against the plan here.
pub fn parse(text: &str, own: Option<&ProbeId>) -> Result<Condition, Syntax> {
    let tokens = tokens(text)?;
    let mut reader = Reader { text, tokens: &tokens, next: 0, own };
    let condition = reader.condition()?;
    match reader.peek() {
        None => Ok(condition),
        Some(token) => Err(reader.unexpected(token, "the end of the condition")),
    }
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    Word,
    Number(f64),
    Quoted(String),
    /// What stands between brackets without quotes.
    Inside,
    Sign(&'static str),
}

#[derive(Clone, Debug)]
struct Token {
    kind: Kind,
    at: Range<usize>,
}

const SIGNS: [&str; 16] = ["<=", ">=", "==", "!=", "+-", "±", "<", ">", "=", "*", "+", "-", "[", "]", ".", "%"];

fn tokens(text: &str) -> Result<Vec<Token>, Syntax> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = &text[at..];
        let (kind, length) = if c.is_whitespace() {
            at += c.len_utf8();
            continue;
        } else if c == '"' {
            quoted(rest).ok_or_else(|| Syntax { why: "this quote is not closed".into(), at: at..text.len() })?
        } else if c.is_ascii_digit() {
            let length = number_length(rest);
            let number = rest[..length].parse::<f64>().ok().filter(|n| n.is_finite());
            let number = number.ok_or_else(|| Syntax { why: "this is no number".into(), at: at..at + length })?;
            (Kind::Number(number), length)
        } else if is_word(c) {
            let length = word_length(rest);
            (Kind::Word, length)
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            (Kind::Sign(sign), sign.len())
        } else if c == '/' {
            let letters = rest[1..].find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len() - 1);
            (Kind::Word, 1 + letters)
        } else {
            return Err(Syntax { why: format!("`{c}` has no meaning here"), at: at..at + c.len_utf8() });
        };
        found.push(Token { kind, at: at..at + length });
        at += length;
        if c == '[' && !text[at..].trim_start().starts_with('"') {
            let end =
                text[at..].find(']').ok_or_else(|| Syntax { why: "`]` is missing".into(), at: at..text.len() })?;
            found.push(Token { kind: Kind::Inside, at: at..at + end });
            at += end;
        }
    }
    Ok(found)
}

fn is_word(c: char) -> bool {
    c.is_alphabetic() || c == '_'
}

/// A name may hold dashes between letters or digits, as `error-rate` and `replica-1` do; `baseline - 1` needs blanks.
fn word_length(rest: &str) -> usize {
    let mut end = 0;
    let mut chars = rest.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let inside = c == '-' && end > 0 && chars.peek().is_some_and(|(_, n)| n.is_alphanumeric());
        if !(c.is_alphanumeric() || c == '_' || inside) {
            return at;
        }
        end = at + c.len_utf8();
    }
    end
}

fn number_length(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut end = 0;
    while digit(end) {
        end += 1;
    }
    if bytes.get(end) == Some(&b'.') && digit(end + 1) {
        end += 1;
        while digit(end) {
            end += 1;
        }
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        if digit(end + 1 + sign) {
            end += 1 + sign;
            while digit(end) {
                end += 1;
            }
        }
    }
    end
}

/// A JSON string at the beginning of the text, and its length.
fn quoted(rest: &str) -> Option<(Kind, usize)> {
    let mut stream = serde_json::Deserializer::from_str(rest).into_iter::<String>();
    let text = stream.next()?.ok()?;
    Some((Kind::Quoted(text), stream.byte_offset()))
}

struct Reader<'a> {
    text: &'a str,
    tokens: &'a [Token],
    next: usize,
    own: Option<&'a ProbeId>,
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
            format!("`{found}` is not understood: a condition is one comparison; write a list of them")
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
            let bare = |measure| Subject { probe: own.clone(), instance: None, measure };
            if self.begins_test() {
                return Ok(bare(None));
            }
            if self.sign("[") {
                let instance = Some(self.instance()?);
                let measure = if self.sign(".") { Some(self.measure()?) } else { None };
                return Ok(Subject { probe: own.clone(), instance, measure });
            }
            if self.word().is_some_and(|w| w != own.as_str()) {
                let measure = self.measure()?;
                if !self.begins_test() {
                    return self.error("a comparison as `> 5%` or `is failing`");
                }
                return Ok(bare(Some(measure)));
            }
        }
        self.subject()
    }

    fn subject(&mut self) -> Result<Subject, Syntax> {
        let Some(probe) = self.word().filter(|w| !matches!(*w, "and" | "or" | "not")) else {
            return self.error("a probe");
        };
        let probe = ProbeId::from(probe);
        self.next += 1;
        let instance = if self.sign("[") { Some(self.instance()?) } else { None };
        let measure = if self.sign(".") { Some(self.measure()?) } else { None };
        Ok(Subject { probe, instance, measure })
    }

    fn measure(&mut self) -> Result<Measure, Syntax> {
        let Some(word) = self.word() else { return self.error("a measure") };
        self.next += 1;
        Ok(word.into())
    }

    /// What stands between brackets: any plain name (`v1.0.0`, `10.0.0.7:5432`, `5`), or anything in quotes.
    fn instance(&mut self) -> Result<Instance, Syntax> {
        let name = match self.peek() {
            Some(Token { kind: Kind::Quoted(name), .. }) => name.as_str(),
            Some(Token { kind: Kind::Inside, at }) => {
                let name = self.text[at.clone()].trim();
                if !super::ids::is_plain(name) {
                    return Err(Syntax { why: "this is no plain name: put it in quotes".into(), at: at.clone() });
                }
                name
            }
            _ => return self.error("an instance"),
        };
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
                Some("ok") => Level::Ok,
                Some("warn") => Level::Warn,
                Some("critical") => Level::Critical,
                Some("unknown") => Level::Unknown,
                _ => return self.error("ok, warn, critical, unknown or failing"),
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
        if self.sign("-") { self.unsigned().map(negative) } else { self.unsigned() }
    }

    fn unsigned(&mut self) -> Result<Quantity, Syntax> {
        let Some(token @ Token { kind: Kind::Number(number), .. }) = self.peek() else { return self.error("a number") };
        self.next += 1;
        let mut end = token.at.end;
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
                end = self.peek().map_or(end, |t| t.at.end);
                self.next += 1;
            }
        }
        Quantity::from_parts(*number, &unit).ok_or_else(|| Syntax {
            why: format!("`{unit}` is no unit: write %, ms, s, min, h, days, B, kB, MB, GB, /s or /min"),
            at: token.at.start..end,
        })
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
        let begin = self.peek().map_or(self.text.len(), |t| t.at.start);
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

fn negative(q: Quantity) -> Quantity {
    Quantity { base: Finite::new(-q.base.get()).unwrap_or_default(), dimension: q.dimension }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn reads_as(text: &str, own: Option<&str>, printed: &str) {
        let own = own.map(ProbeId::from);
        match parse(text, own.as_ref()) {
            Ok(condition) => assert_eq!(condition.to_string(), printed, "{text}"),
            Err(e) => panic!("{text}: {e} at {:?}", e.at),
        }
    }

    #[test]
    fn conditions_as_people_write_them() {
        for (text, printed) in [
            ("error-rate > 1% for 10m", "error-rate > 1% for 10m"),
            ("api is failing for 30s", "api is failing for 30s"),
            ("lag.bytes > 64MB", "lag.bytes > 64MB"),
            ("lag[replica-1].bytes > 64 MB", "lag[replica-1].bytes > 64MB"),
            ("errors[green] <= errors[blue] * 1.5", "errors[green] <= errors[blue] * 1.5"),
            ("share[green] = 25% ± 3%", "share[green] = 25% ± 3%"),
            ("share[green] == 25 % +- 3 %", "share[green] = 25% ± 3%"),
            ("api is failing 2 of 3", "api is failing 2 of 3"),
            ("errors <= baseline * 1.5 + 0.5%", "errors <= baseline * 1.5 + 0.5%"),
            ("errors <= baseline - 0.5%", "errors <= baseline - 0.5%"),
            ("green.version = \"v1.0.0\"", "green.version = \"v1.0.0\""),
            ("api[v1.0.0] is ok", "api[v1.0.0] is ok"),
            ("db[10.0.0.7:5432].s > 5s", "db[10.0.0.7:5432].s > 5s"),
            ("db[\"a b\"] > 5", "db[\"a b\"] > 5"),
            ("rate > 20/min 2 of 3 for 1h 30m", "rate > 20/min 2 of 3 for 1h30m"),
            ("rate > 20 per minute", "rate > 20/min"),
            ("temp > -3", "temp > -3"),
            ("age > 21 days", "age > 21d"),
        ] {
            reads_as(text, None, printed);
        }
    }

    #[test]
    fn inside_its_own_probe_the_subject_may_be_left_out() {
        for (text, printed) in [
            ("> 5s for 1m", "lag > 5s for 1m"),
            ("is failing for 30s", "lag is failing for 30s"),
            ("bytes > 64MB", "lag.bytes > 64MB"),
            ("[replica-1].bytes > 64MB", "lag[replica-1].bytes > 64MB"),
            ("lag.bytes > 64MB", "lag.bytes > 64MB"),
        ] {
            reads_as(text, Some("lag"), printed);
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_underlined() {
        for (text, why, at) in [
            ("errors > 1 % and lag > 5s", "one comparison; write a list", "and"),
            ("errors > 5 parsecs", "`parsecs` stands where", "parsecs"),
            ("errors > 5parsecs", "is no unit", "5parsecs"),
            ("errors", "a comparison", ""),
            ("errors is sad", "ok, warn", "sad"),
            ("errors > 5% for soon", "no length of time", "soon"),
            ("api is failing 4 of 3", "k from 1 to n", "4 of 3"),
            ("errors > 5% ± 1%", "a tolerance goes with", "±"),
            ("errors[green > 5%", "`]` is missing", "green > 5%"),
            ("", "a probe is missing", ""),
            ("errors > \"x\"", "only equal or not", "\"x\""),
            ("errors > 5; rm", "has no meaning", ";"),
        ] {
            let error = parse(text, None).unwrap_err();
            assert!(error.why.contains(why), "{text}: {}", error.why);
            assert_eq!(&text[error.at], at, "{text}");
        }
    }

    fn quantities() -> impl Strategy<Value = Quantity> {
        const UNITS: &[&str] = &["%", "ms", "s", "min", "h", "d", "B", "kB", "MB", "GiB", "/s", "/min", "/h", ""];
        (-1_000_000_i32..1_000_000, 0..3_i32, proptest::sample::select(UNITS))
            .prop_map(|(n, digits, unit)| Quantity::from_parts(f64::from(n) / 10_f64.powi(digits), unit).unwrap())
    }

    fn subjects() -> impl Strategy<Value = Subject> {
        ("[a-z][a-z0-9_]{0,6}(-[a-z0-9]{1,4})?", proptest::option::of("\\PC{1,8}"), proptest::option::of("[a-z]{1,6}"))
            .prop_filter("reserved", |(p, ..)| !["and", "or", "not", "is", "baseline"].contains(&p.as_str()))
            .prop_map(|(probe, instance, measure)| Subject {
                probe: probe.into(),
                instance: instance.map(Instance::from),
                measure: measure.map(Measure::from),
            })
    }

    fn tests() -> impl Strategy<Value = Test> {
        let op = proptest::sample::select(vec![Op::Less, Op::AtMost, Op::More, Op::AtLeast]);
        let equal = proptest::sample::select(vec![Op::Equal, Op::NotEqual]);
        let times = (1..1000_i32).prop_map(|n| Finite::new(f64::from(n) / 100.0).unwrap());
        let operand = prop_oneof![
            quantities().prop_map(Operand::Const),
            (times.clone(), proptest::option::of(quantities()))
                .prop_map(|(times, plus)| Operand::Baseline { times, plus }),
            (subjects(), times, proptest::option::of(quantities()))
                .prop_map(|(subject, times, plus)| Operand::Signal { subject, times, plus }),
        ];
        prop_oneof![
            (op, operand.clone()).prop_map(|(op, to)| Test::Compare { op, to, within: None }),
            (equal, operand, proptest::option::of(quantities())).prop_map(|(op, to, within)| Test::Compare {
                op,
                to,
                within
            }),
            Just(Test::Failing),
            proptest::sample::select(vec![Level::Ok, Level::Warn, Level::Critical, Level::Unknown]).prop_map(Test::Is),
            (any::<bool>(), "\\PC{0,8}").prop_map(|(equal, text)| Test::Words { equal, text }),
        ]
    }

    prop_compose! {
        fn conditions()(
            subject in subjects(), test in tests(), polls in proptest::option::of((1..5_u8, 0..5_u8)),
            lasting in proptest::option::of(1..100_000_000_i64),
        ) -> Condition {
            let polls = polls.map(|(k, more)| Polls { k, of: k + more });
            Condition { subject, test, polls, lasting: lasting.map(Span) }
        }
    }

    proptest! {
        #[test]
        fn printing_and_reading_round_trip(condition in conditions()) {
            let text = condition.to_string();
            prop_assert_eq!(parse(&text, None).map_err(|e| TestCaseError::fail(format!("{text}: {e}")))?, condition);
        }

        #[test]
        fn no_text_makes_it_panic(text in "\\PC*") {
            let _ = parse(&text, None);
            let _ = parse(&text, Some(&"own".into()));
        }

        #[test]
        fn no_text_of_its_own_signs_makes_it_panic(text in "[a-z0-9<>=!.\\[\\]*+±%\" -]{0,30}") {
            if let Err(e) = parse(&text, None) {
                prop_assert!(text.get(e.at).is_some());
            }
        }
    }
}
