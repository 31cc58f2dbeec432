//! Variables and secrets: what `[vars]`, `[secrets]`, an environment and the command line come to.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::DeValue;

use super::Choices;
use super::file::{EnvironmentTable, Text};
use super::problem::{Problem, Severity};
use super::tree::{SECRET_KEYS, Value, nearest, read, scalar, tables_or_values, take};
use crate::core::text::fill;

/// What the chosen environment lays over the plan.
#[derive(Default)]
pub(super) struct Chosen<'i> {
    /// Over `[vars]`.
    pub vars: Named,
    /// Over `[secrets]`.
    pub secrets: Named,
    /// Over `[[probe]]`, by id.
    pub probes: Option<Value<'i>>,
    /// A rehearsal in it starts commands.
    pub real: bool,
    /// Every environment that says so of itself, and whether it lays anything over.
    pub marked: Vec<Marked>,
    /// The names that any environment lays over `[vars]`, and over `[secrets]`.
    pub overlaid: (Vec<Text>, Vec<Text>),
}

/// An environment with `rehearse = "real"`.
pub(super) struct Marked {
    /// Its name.
    name: String,
    /// Where it says so.
    at: Range<usize>,
    /// It has variables, secrets or probes of its own.
    apart: bool,
}

/// Texts under names, as written; none where the value is of another kind, which was reported.
pub(super) type Named = Vec<(Text, Option<Text>)>;

/// Variables: those that are known, and those that are there but wrong.
#[derive(Debug, Default)]
pub(super) struct Vars {
    /// Names and values.
    pub known: BTreeMap<String, String>,
    /// Names.
    pub lost: BTreeSet<String>,
}

/// The texts of `[vars]` or `[secrets]`. `what` is one of them, in words.
pub(super) fn named(value: Option<Value<'_>>, what: &str, problems: &mut Vec<Problem>) -> Named {
    let mut found = Vec::new();
    for (name, value) in
        tables_or_values(value, &format!("write NAME = \"…\" under it, a line for each {what}"), problems)
    {
        check_name(name.get_ref(), name.span(), what, problems);
        let text = scalar(value.get_ref()).map(|text| Text::new(value.span(), text));
        if text.is_none() {
            problems.push(no_variable(value.span(), what));
        }
        found.push((name, text));
    }
    found
}

/// A value that is a list or a table. `what` is a variable or a secret, in words.
pub(super) fn no_variable(at: Range<usize>, what: &str) -> Problem {
    Problem::error("wrong-value", at, format!("a {what} is a text, a number or true/false"))
}

/// The overlay that `--env` chose; the others are checked too.
pub(super) fn choose<'i>(
    choices: &Choices,
    environments: &mut Vec<(Spanned<String>, Value<'i>)>,
    problems: &mut Vec<Problem>,
) -> Chosen<'i> {
    let mut chosen = Chosen::default();
    let mut found = false;
    let mut overlaid = (Vec::new(), Vec::new());
    let mut marked = Vec::new();
    for (name, value) in environments.iter_mut() {
        let mut this = Chosen::default();
        if let DeValue::Table(table) = value.get_mut() {
            this.probes = take(table, "probe");
            this.vars = named(take(table, "vars"), "variable", problems);
            this.secrets = named(take(table, "secrets"), "secret", problems);
        }
        overlaid.0.extend(this.vars.iter().map(|(name, _)| name.clone()));
        overlaid.1.extend(this.secrets.iter().map(|(name, _)| name.clone()));
        let table = read::<EnvironmentTable>(value, &["vars", "secrets", "probe"], problems);
        let complete = table.as_ref().is_some_and(super::tree::Read::complete);
        if let Some(rehearse) = table.and_then(|read| read.table.rehearse) {
            this.real = true;
            let apart = !complete || !this.vars.is_empty() || !this.secrets.is_empty() || this.probes.is_some();
            marked.push(Marked { name: name.get_ref().clone(), at: rehearse.span(), apart });
        }
        if choices.environment.as_deref() == Some(name.get_ref().as_str()) {
            found = true;
            chosen = this;
        } else {
            for (name, text) in &this.secrets {
                check_reference(name.get_ref(), text.as_ref(), problems);
            }
        }
    }
    (chosen.overlaid, chosen.marked) = (overlaid, marked);
    if let Some(wanted) = choices.environment.as_deref().filter(|_| !found) {
        let names: Vec<&str> = environments.iter().map(|(n, _)| n.get_ref().as_str()).collect();
        let known = if names.is_empty() { "it has none".to_owned() } else { format!("it has {}", names.join(", ")) };
        let near = super::tree::nearest(wanted, names);
        let shown = environments.iter().find(|(n, _)| near.is_none_or(|near| n.get_ref() == near));
        let at = shown.map_or(0..0, |(n, _)| n.span());
        let message = format!("the plan has no [environment.{wanted}]: {known}");
        let help = near.map(|near| format!("did you mean `{near}`?"));
        problems.push(Problem { help, ..Problem::error("no-environment", at, message) });
    }
    chosen
}

/// Names under which the live environment goes, whatever the plan calls its own.
const LIVE: &[&str] = &["production", "prod", "live"];

/// A rehearsal starts commands in no live environment: neither in the plan's own, nor in one of such a name. `own` is
/// the plan's.
pub(super) fn check_marked(marked: &[Marked], own: &str, problems: &mut Vec<Problem>) {
    let same = |a: &str, b: &str| a.eq_ignore_ascii_case(b);
    for Marked { name, at, apart } in marked {
        let live = if same(name, own) {
            Some("it is the plan's own environment")
        } else if LIVE.iter().any(|live| same(name, live)) {
            Some("that is the name of a live environment")
        } else {
            None
        };
        if let Some(why) = live {
            let message = format!("a rehearsal never runs commands in `{name}`: {why}");
            let help = "leave `rehearse` out, and rehearse it on stand-ins, or mark a test environment";
            problems.push(Problem::error("rehearse", at.clone(), message).help(help));
        } else if !apart {
            let message =
                format!("a rehearsal in `{name}` runs every command with the plan's own variables and secrets");
            let help = format!("lay the test system's over them: vars = {{ … }} under [environment.{name}]");
            problems.push(Problem::warning("rehearse", at.clone(), message).help(help));
        }
    }
}

/// What an environment lays over must be there: a name that is not would change nothing without a word. `what` is a
/// variable or a secret, `table` where the plan has them.
pub(super) fn check_overlaid(over: &[Text], under: &Named, what: &str, table: &str, problems: &mut Vec<Problem>) {
    let known = || under.iter().map(|(name, _)| name.get_ref().as_str());
    for name in over.iter().filter(|name| known().all(|known| known != name.get_ref())) {
        // What can't be a name was reported already.
        if problems.iter().any(|p| p.at == name.span()) {
            continue;
        }
        let message = format!("there is no {what} `{}` to lay this over", name.get_ref());
        let near = nearest(name.get_ref(), known());
        let help = near.map_or_else(|| format!("add it under [{table}]"), |near| format!("did you mean `{near}`?"));
        problems.push(Problem::error("overlay", name.span(), message).help(help));
    }
}

/// `[vars]`, overlaid and filled: a variable may use others, but not itself.
pub(super) fn variables(
    written: Named,
    over: Named,
    given: &BTreeMap<String, String>,
    problems: &mut Vec<Problem>,
) -> Vars {
    let mut raw: BTreeMap<String, (String, Range<usize>)> = BTreeMap::new();
    let mut lost = BTreeSet::new();
    for (name, text) in written.into_iter().chain(over) {
        let name = name.into_inner();
        match text {
            Some(text) => {
                let at = text.span();
                raw.insert(name, (text.into_inner(), at));
            }
            None => drop(lost.insert(name)),
        }
    }
    for (name, value) in given {
        if !raw.contains_key(name) && !lost.contains(name) {
            let near = nearest(name, raw.keys().map(String::as_str));
            let mut problem =
                Problem::error("variable", 0..0, format!("--var {name}: the plan has no variable `{name}`"));
            problem.help =
                Some(near.map_or_else(|| "add it under [vars]".to_owned(), |n| format!("did you mean `{n}`?")));
            problems.push(problem);
        }
        // What is given on the command line is taken as it is.
        raw.insert(name.clone(), (value.replace("${", "$${"), 0..0));
    }
    let mut filling = Filling { raw: &raw, known: BTreeMap::new(), lost, problems };
    for name in raw.keys() {
        filling.one(name, &mut Vec::new());
    }
    Vars { known: filling.known, lost: filling.lost }
}

/// Variables while they are filled into each other. What is wrong is said once, at the variable that it is wrong in.
struct Filling<'a> {
    /// Each as written, and where.
    raw: &'a BTreeMap<String, (String, Range<usize>)>,
    known: BTreeMap<String, String>,
    lost: BTreeSet<String>,
    problems: &'a mut Vec<Problem>,
}

impl Filling<'_> {
    /// The text of a variable; none where it is wrong, which was said. `path`: the variables that are made of it.
    fn one(&mut self, name: &str, path: &mut Vec<String>) -> Option<String> {
        if let Some(known) = self.known.get(name) {
            return Some(known.clone());
        }
        if self.lost.contains(name) {
            return None;
        }
        if let Some(from) = path.iter().position(|p| p == name) {
            self.ring(&path[from..]);
            return None;
        }
        let raw = self.raw;
        let (text, _) = raw.get(name)?;
        if path.len() > 32 {
            let message = format!("more than 32 variables are made of each other: {} → …", path[..4].join(" → "));
            self.wrong(name, message, Some("write one of them out"));
            return None;
        }
        path.push(name.to_owned());
        let filled = fill(text, |inner| {
            if inner.starts_with("secret.") {
                return Err(format!("a variable can't hold a secret (`${{{inner}}}`): everybody sees variables"));
            }
            if !raw.contains_key(inner) && !self.lost.contains(inner) {
                let near = nearest(inner, raw.keys().map(String::as_str)).filter(|near| *near != name);
                let near = near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
                return Err(format!("there is no variable `{inner}`{near}"));
            }
            // What is wrong there was said there.
            self.one(inner, path).ok_or_else(String::new)
        });
        path.pop();
        match filled {
            Ok(filled) if filled.len() > 64 * 1024 => {
                self.wrong(name, format!("the variable `{name}` grows beyond 64 KiB"), None);
                None
            }
            Ok(filled) => {
                self.known.insert(name.to_owned(), filled.clone());
                Some(filled)
            }
            Err(said) if said.is_empty() => {
                self.lost.insert(name.to_owned());
                None
            }
            Err(why) => {
                self.wrong(name, why, None);
                None
            }
        }
    }

    /// Variables that are made of each other: said once, at the first of them in the file, with the whole chain.
    fn ring(&mut self, names: &[String]) {
        let start = |name: &String| self.raw.get(name).map_or(0, |(_, at)| at.start);
        let first = (0..names.len()).min_by_key(|n| start(&names[*n])).unwrap_or(0);
        let mut chain: Vec<&str> = names.iter().cycle().skip(first).take(names.len() + 1).map(String::as_str).collect();
        if chain.len() > 12 {
            chain.splice(4..chain.len() - 3, ["…"]);
        }
        let message = match names {
            [name] => format!("the variable `{name}` is made of itself"),
            _ => format!("these variables are made of each other: {}", chain.join(" → ")),
        };
        let name = names[first].clone();
        self.lost.extend(names.iter().cloned());
        self.wrong(&name, message, Some("give one of them a value of its own"));
    }

    fn wrong(&mut self, name: &str, message: String, help: Option<&str>) {
        let at = self.raw.get(name).map_or(0..0, |(_, at)| at.clone());
        let mut problem = Problem::error("variable", at, message);
        problem.help = help.map(str::to_owned);
        self.problems.push(problem);
        self.lost.insert(name.to_owned());
    }
}

/// `[secrets]`, overlaid: references only, never a value, and none with the name of a variable.
pub(super) fn secrets(
    written: Named,
    over: Named,
    vars: &Vars,
    problems: &mut Vec<Problem>,
) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for (name, text) in written.into_iter().chain(over) {
        let name = name.into_inner();
        check_reference(&name, text.as_ref(), problems);
        if vars.known.contains_key(&name) && !found.contains_key(&name) {
            problems.push(both(&name, text.as_ref().map_or(0..0, Text::span)));
        }
        found.insert(name, text.map(Text::into_inner).unwrap_or_default());
    }
    found
}

/// Every `${secret.NAME}` in the text must be one that the plan has, and none may stand in a command.
pub(super) fn check_secrets(text: &str, secrets: &BTreeMap<String, String>, problems: &mut Vec<Problem>) {
    for (at, _) in text.match_indices("${secret.") {
        let line = text[..at].rsplit('\n').next().unwrap_or_default();
        if line.trim_start().starts_with('#') {
            continue;
        }
        let name: String = text[at + 9..].chars().take_while(|c| *c != '}' && !c.is_whitespace()).collect();
        // Where none may stand that was said.
        let said = problems.iter().any(|p| p.severity == Severity::Error && p.at.contains(&at));
        if !secrets.contains_key(&name) && !said {
            let near = nearest(&name, secrets.keys().map(String::as_str));
            let mut problem =
                Problem::error("no-secret", at..at + 10 + name.len(), format!("there is no secret `{name}`"));
            problem.help = Some(near.map_or_else(
                || format!("add {name} = \"${{env:…}}\" under [secrets]"),
                |n| format!("did you mean `{n}`?"),
            ));
            problems.push(problem);
        }
    }
}

/// Looks a variable up; an error names the nearest. One that is there but wrong is left as written.
pub(super) fn lookup<'a>(
    known: &'a BTreeMap<String, String>,
    lost: &'a BTreeSet<String>,
) -> impl Fn(&str) -> Result<String, String> + 'a {
    move |name| {
        if name.starts_with("secret.") {
            return Err(format!(
                "a secret is never shown: `${{{name}}}` may stand in the {} of a probe or channel alone",
                SECRET_KEYS.join(", ")
            ));
        }
        if lost.contains(name) {
            return Ok(format!("${{{name}}}"));
        }
        // What a row of `each` gives has no other name before it.
        let bare = name.rsplit_once('.').map(|(_, bare)| bare).filter(|bare| known.contains_key(*bare));
        known.get(name).cloned().ok_or_else(|| match bare.or_else(|| nearest(name, known.keys().map(String::as_str))) {
            Some(near) => format!("there is no variable `{name}`; did you mean `{near}`?"),
            None => format!("there is no variable `{name}`; set it in [vars] or with --var {name}=…"),
        })
    }
}

/// Names that the shell sets or heeds itself: what a plan gives them is lost, or changes how every command is run.
pub(super) const SHELL: &[&str] = &[
    "PATH",
    "IFS",
    "ENV",
    "CDPATH",
    "GLOBIGNORE",
    "SHELLOPTS",
    "PS4",
    "HOME",
    "SHELL",
    "PWD",
    "OLDPWD",
    "TERM",
    "RANDOM",
    "SRANDOM",
    "SECONDS",
    "LINENO",
    "EPOCHSECONDS",
    "EPOCHREALTIME",
    "SHLVL",
    "PPID",
    "UID",
    "EUID",
    "OPTIND",
    "OPTERR",
    "HISTCMD",
    "GROUPS",
    "DIRSTACK",
    "FUNCNAME",
    "PIPESTATUS",
    "COMP_WORDBREAKS",
    "POSIXLY_CORRECT",
    "_",
];

/// Variables and secrets reach commands as environment variables, so they need names that a shell takes and leaves alone.
pub(super) fn check_name(name: &str, at: Range<usize>, what: &str, problems: &mut Vec<Problem>) {
    let letter = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.is_empty() || name.starts_with(|c: char| c.is_ascii_digit()) || !name.chars().all(letter) {
        let message = format!("`{name}` is no name for a {what}: commands receive it as an environment variable");
        let mut near: String = name.chars().map(|c| if letter(c) { c } else { '_' }).collect();
        if !near.starts_with(|c: char| c.is_ascii_alphabetic()) {
            near.insert_str(0, "n_");
        }
        problems.push(Problem::error("name", at, message).help(format!("write `{near}`: letters, digits and _")));
        return;
    }
    let heeded = SHELL.contains(&name) || ["BASH", "LD_", "DYLD_"].iter().any(|p| name.starts_with(p));
    if heeded {
        let message = format!("`{name}` belongs to the shell: as a {what} it is lost, or changes how commands are run");
        let help = "choose another name; a command that needs it can set it itself";
        problems.push(Problem::error("name", at, message).help(help));
    } else if name.starts_with("TMINUS_") {
        let message = format!("`{name}` is no name for a {what}: tminus sets those that begin with TMINUS_");
        problems.push(Problem::error("name", at, message).help("choose another name"));
    }
}

/// A variable and a secret of one name: one of them would be lost.
pub(super) fn both(name: &str, at: Range<usize>) -> Problem {
    let message = format!("`{name}` is a variable and a secret: commands receive both under one name");
    Problem::error("twice", at, message).help("give one of them another name")
}

/// A secret is a reference, never a value.
fn check_reference(name: &str, text: Option<&Text>, problems: &mut Vec<Problem>) {
    let Some(text) = text else { return };
    let reference = text.get_ref().strip_prefix("${").and_then(|t| t.strip_suffix('}'));
    let good = reference
        .and_then(|r| r.split_once(':'))
        .is_some_and(|(kind, rest)| matches!(kind, "env" | "file") && !rest.is_empty());
    if !good {
        let message = format!("the secret `{name}` must be a reference, not a value");
        let help = "write \"${env:NAME}\" or \"${file:/path}\"";
        problems.push(Problem::error("secret", text.span(), message).help(help));
    }
}
