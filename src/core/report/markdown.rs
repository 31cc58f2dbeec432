//! The report as Markdown. Words from outside can't break its tables or its page.

use std::fmt::Write as _;

use super::fold::whole as dur;
use super::{Attempt, CutOff, Decision, Report, Said, checks, decisions, shifts, told};
use crate::core::event::{Evidence, Mode};
use crate::core::text::clean;
use crate::core::time::{Offset, Span, Timestamp};
use crate::core::wall::Wall;
use crate::core::words::count;

/// Writes the report as Markdown. Times are those of the plan's zone.
pub fn markdown(report: &Report) -> String {
    let wall = report.wall;
    let at = |moment| wall.full(moment);
    let mut page = Page { text: String::new(), wall };
    page.top(report);
    page.section("Left open", report.open.iter().map(|open| words(open)));
    page.said("Fix the plan", &report.fixes);
    page.said("Overrides", &report.overrides);
    incidents(&mut page, report);
    rollbacks(&mut page, report);
    decisions(&mut page, report);
    triggers(&mut page, report);
    phases(&mut page, report);
    steps(&mut page, report);
    commands(&mut page, report);
    handovers(&mut page, report);
    let messages = report.messages.iter().map(|own| {
        let course = words(&told::course(own, wall));
        format!("{} notice {}, {}: {}; {course}", at(own.at), own.notice, own.kind, words(&own.text))
    });
    page.section("Messages", messages);
    page.said("Mutes", &report.mutes);
    page.said("Holds", &report.holds);
    page.section("Success over time", report.criteria.iter().map(|own| words(&own.line(&at))));
    page.checks(report);
    page.said("Baselines", &report.baselines);
    page.said("Notes", &report.notes);
    let gone = report.gaps.iter().map(|gap| (gap, ""));
    let mut gaps: Vec<_> = gone.chain(report.stalls.iter().map(|gap| (gap, "the engine stood still, "))).collect();
    gaps.sort();
    let gap = |((from, long), how): &(&(Timestamp, Span), &str)| {
        format!("{} for {}: {how}nothing was measured", at(*from), dur(*long))
    };
    page.section("Without an engine", gaps.iter().map(gap));
    page.section("Cut off from production", report.cut_off.iter().map(|own| words(&cut_off(own, wall))));
    page.said("Plans taken in", &report.plans);
    page.text
}

struct Page {
    text: String,
    wall: Wall,
}

impl Page {
    fn top(&mut self, report: &Report) {
        let rehearsal = if report.mode == Mode::Rehearsal { ": rehearsal" } else { "" };
        let _ = writeln!(self.text, "# {}{rehearsal}\n", words(&report.title));
        let (done, all) = report.progress;
        let _ = writeln!(
            self.text,
            "- launch `{}`, opened {} by {}",
            report.launch,
            self.at(report.opened.at),
            words(&report.opened.by)
        );
        let _ = writeln!(self.text, "- T-0 {}", self.at(report.t0));
        report.slips.iter().for_each(|slip| self.line(&format!("  - {}", self.words_of(slip))));
        if let Some(end) = report.planned_end {
            let _ = writeln!(self.text, "- planned to be over {}", self.at(end));
        }
        let _ = match &report.ended {
            Some(end) => writeln!(
                self.text,
                "- ended {} by {}, after {}: {}",
                self.at(end.at),
                words(&end.by),
                dur(end.at.since(report.opened.at)),
                words(&end.text)
            ),
            None => writeln!(self.text, "- not ended yet"),
        };
        let _ = writeln!(self.text, "- {done} of {all} boxes done or left out; times are {}", self.wall.zone());
        if let Some(head) = &report.head {
            let check = format!("`tminus log {} --verify --head {head}` says whether it still is that", report.launch);
            let _ = writeln!(self.text, "- told from {}: {check}", count(head.seq.0 as usize, "event"));
        }
        if let Some(broken) = &report.broken {
            let _ = writeln!(
                self.text,
                "- **the journal is not as it was written: {}**; what came then is not told",
                words(broken)
            );
        }
    }

    fn at(&self, moment: Timestamp) -> String {
        self.wall.full(moment)
    }

    fn words_of(&self, own: &Said) -> String {
        format!("{} {}: {}", self.at(own.at), words(&own.by), words(&own.text))
    }

    /// A list of what was said.
    fn said(&mut self, title: &str, all: &[Said]) {
        let lines: Vec<String> = all.iter().map(|own| self.words_of(own)).collect();
        self.section(title, lines.into_iter());
    }

    fn head(&mut self, title: &str) {
        let _ = writeln!(self.text, "\n## {title}\n");
    }

    fn line(&mut self, line: &str) {
        let _ = writeln!(self.text, "{line}");
    }

    /// A list under a title; nothing where there is nothing to list.
    fn section(&mut self, title: &str, lines: impl Iterator<Item = String>) {
        let mut lines = lines.peekable();
        if lines.peek().is_some() {
            self.head(title);
            lines.for_each(|line| self.line(&format!("- {line}")));
        }
    }

    fn row<const N: usize>(&mut self, cells: [String; N]) {
        let _ = writeln!(self.text, "| {} |", cells.join(" | "));
    }

    fn table<const N: usize>(&mut self, title: &str, heads: [&str; N]) {
        self.head(title);
        self.row(heads.map(str::to_owned));
        self.row(heads.map(|_| "---".to_owned()));
    }

    fn checks(&mut self, report: &Report) {
        let wall = self.wall;
        self.section("Checks", report.checks.iter().map(|check| words(&checks::line(check, wall))));
    }

    fn evidence(&mut self, evidence: &[Evidence]) {
        for own in evidence {
            let held = match own.held {
                Some(true) => "held, ",
                Some(false) => "did not hold, ",
                None if own.found.contains("no data") => "",
                None => "no data, ",
            };
            self.line(&format!("  - {}: {held}{}", code(&own.condition), words(&own.found)));
        }
    }
}

fn incidents(page: &mut Page, report: &Report) {
    for own in &report.incidents {
        page.head(&format!("SEV{} #{} {}", own.worst, own.number, words(&own.text)));
        page.line(&format!("- {}", page.words_of(&own.opened)));
        let detected = own.detected.zip(own.onset.as_deref());
        let detected = detected.map(|(span, what)| {
            format!("detected: opened {} after the oldest of what was wrong began: {}", dur(span), words(what))
        });
        page.line(&format!(
            "- {}",
            detected.unwrap_or_else(|| "nothing new was seen wrong when it was opened".to_owned())
        ));
        let answered = own.answered.map(|span| format!("first response after {}", dur(span)));
        page.line(&format!("- {}", answered.unwrap_or_else(|| "nobody said that they are on it".to_owned())));
        let mitigated = own.mitigated.map(|span| format!("mitigated after {}", dur(span)));
        page.line(&format!("- {}", mitigated.unwrap_or_else(|| "nobody said that it is mitigated".to_owned())));
        let closed = own.closed.map(|span| format!("closed after {}", dur(span)));
        page.line(&format!("- {}", closed.unwrap_or_else(|| "still open".to_owned())));
        own.course.iter().for_each(|said| page.line(&format!("- {}", page.words_of(said))));
    }
}

fn rollbacks(page: &mut Page, report: &Report) {
    for own in &report.rollbacks {
        page.head(&format!("Way back: {}", words(&own.title)));
        page.line(&format!(
            "- begun {} by {}: {}",
            page.at(own.began.at),
            words(&own.began.by),
            words(&own.began.text)
        ));
        if let Some(trigger) = &own.trigger {
            page.line(&format!("- the trigger that it answers: {}", words(trigger)));
        }
        let planned = own.estimate.map_or_else(|| "no estimate".to_owned(), |e| format!("the estimate was {}", dur(e)));
        page.line(&match own.took {
            Some(took) => format!("- done in {}; {planned}", dur(took)),
            None => format!("- not finished, {}; {planned}", words(&own.outcome)),
        });
        if let Some(lost) = &own.loses {
            page.line(&format!("- **loses {}**", words(lost)));
        }
        own.over.iter().for_each(|unmet| page.line(&format!("- over: {}", words(unmet))));
        for step in &own.stays {
            page.line(&format!("- {} has no undo: it stays as it is", words(step)));
        }
        page.evidence(&own.evidence);
        own.course.iter().for_each(|said| page.line(&format!("- {}", page.words_of(said))));
    }
}

fn handovers(page: &mut Page, report: &Report) {
    if !report.handovers.is_empty() {
        page.head("Handovers");
    }
    for own in &report.handovers {
        let late = shifts::late(own).map_or_else(String::new, |late| format!(", {late}"));
        page.line(&match (&own.written, &own.taken) {
            (Some(written), Some(taken)) => format!(
                "- {} {} handed over to {}, who accepted it {}{late}",
                page.at(written.at),
                words(&own.from),
                words(&own.to),
                page.at(taken.at)
            ),
            (Some(written), None) => {
                format!(
                    "- {} {} handed over to {}: not accepted",
                    page.at(written.at),
                    words(&own.from),
                    words(&own.to)
                )
            }
            (None, taken) => {
                let (when, why) = taken.as_ref().map_or_else(Default::default, |t| (page.at(t.at), words(&t.text)));
                format!(
                    "- {when} {} took over from {} without a handover{late}: {why}",
                    words(&own.to),
                    words(&own.from)
                )
            }
        });
        let added = own.written.as_ref().filter(|written| !written.text.is_empty());
        added.iter().for_each(|written| page.line(&format!("  - {}", words(&written.text))));
        own.head.iter().for_each(|head| page.line(&format!("  - journal {head}")));
        for part in &own.sheet {
            let lines: Vec<String> = part.lines.iter().map(|line| words(line.trim())).collect();
            let lines = if lines.is_empty() { "none".to_owned() } else { lines.join("; ") };
            page.line(&format!("  - {}: {lines}", words(&part.head)));
        }
    }
}

fn decisions(page: &mut Page, report: &Report) {
    let all = decisions::in_time(&report.decisions, &report.approvals);
    if !all.is_empty() {
        page.head("Decisions");
    }
    for own in all {
        match own {
            decisions::Entry::Gate(own) => decision(page, own),
            decisions::Entry::Approval(own) => {
                let alone = own.alone.as_ref().map_or_else(String::new, |why| format!(", alone: {}", words(why)));
                let (when, step, by) = (page.at(own.at), words(&own.step), words(&own.by));
                page.line(&format!("- {when} **approved** {step}, attempt {}, by {by}{alone}", own.attempt));
            }
        }
    }
}

fn decision(page: &mut Page, own: &Decision) {
    let why = own.why.as_ref().map_or_else(String::new, |why| format!(": {}", words(why)));
    let round = if own.round > 1 { format!(", round {}", own.round) } else { String::new() };
    let (when, by) = (page.at(own.said.at), words(&own.said.by));
    page.line(&format!("- {when} **{}** at {}{round}, by {by}{why}", words(&own.said.text), words(&own.gate)));
    for over in &own.over {
        page.line(&format!("  - over: {}", words(over)));
    }
    if !own.votes.is_empty() {
        page.line(&format!("  - votes: {}", words(&own.votes.join(", "))));
    }
    page.evidence(&own.evidence);
}

fn triggers(page: &mut Page, report: &Report) {
    if !report.triggers.is_empty() {
        page.head("Triggers that fired");
    }
    for own in &report.triggers {
        let (when, trigger, found) = (page.at(own.at), words(&own.trigger), words(&own.evidence.found));
        page.line(&format!("- {when} {trigger}: {found}; {}", own.stands));
        if let Some(said) = &own.acked {
            let text = if said.text.is_empty() { String::new() } else { format!(": {}", words(&said.text)) };
            page.line(&format!("  - {} {} was on it{text}", page.at(said.at), words(&said.by)));
        }
        if let Some(said) = &own.dismissed {
            page.line(&format!("  - {} answers for not following it: {}", words(&said.by), words(&said.text)));
        }
    }
}

fn phases(page: &mut Page, report: &Report) {
    page.table("Phases", ["phase", "planned end", "end", "against the plan"]);
    for own in &report.phases {
        let when = |end: Option<Timestamp>| end.map_or_else(String::new, |end| page.at(end));
        let late = own.planned_end.zip(own.actual_end).map(|(planned, actual)| actual.since(planned));
        // As exact as the times beside it.
        let late = late.map_or_else(String::new, |by| match by.millis() {
            ..=-1000 => format!("{} earlier", dur(Span::ZERO - by)),
            1000.. => format!("{} later", dur(by)),
            _ => "as planned".to_owned(),
        });
        page.row([words(&own.title), when(own.planned_end), when(own.actual_end), late]);
    }
}

fn steps(page: &mut Page, report: &Report) {
    page.table("Steps", ["step", "owner", "planned", "began", "took", "estimate", "by", "outcome"]);
    for own in &report.steps {
        let owner = own.owner.as_deref().map_or_else(String::new, words);
        let estimate = own.estimate.map_or_else(String::new, dur);
        if own.attempts.is_empty() {
            let title = words(&own.title);
            page.row([
                title,
                owner,
                planned(page, own.planned, report.t0),
                String::new(),
                String::new(),
                estimate,
                String::new(),
                own.status.clone(),
            ]);
            continue;
        }
        let mut tries = 0;
        for attempt in &own.attempts {
            let left_out = attempt.started.is_none();
            tries += usize::from(!left_out);
            let again = tries > 1 && !left_out;
            let title = if again { format!("{}, attempt {tries}", words(&own.title)) } else { words(&own.title) };
            let (began, took, by, outcome) = tried(page, attempt, &own.status);
            let planned = planned(page, attempt.planned.or(own.planned), attempt.t0);
            page.row([title, owner.clone(), planned, began, took, estimate.clone(), by, outcome]);
        }
    }
}

/// `2026-11-21 02:02:17 (T+2m17s)`, beside T-0 as it stood then.
fn planned(page: &Page, at: Option<Timestamp>, t0: Timestamp) -> String {
    let offset = |at: Timestamp| Offset(Span::secs((at.since(t0).millis() + 500).div_euclid(1000)));
    at.map_or_else(String::new, |at| format!("{} ({})", page.at(at), offset(at)))
}

fn tried(page: &Page, attempt: &Attempt, status: &str) -> (String, String, String, String) {
    let took = attempt.took.map_or_else(String::new, dur);
    let outcome = if attempt.outcome.is_empty() { status.to_owned() } else { words(&attempt.outcome) };
    (attempt.started.map_or_else(String::new, |at| page.at(at)), took, words(&attempt.by), outcome)
}

fn commands(page: &mut Page, report: &Report) {
    if report.commands.is_empty() {
        return;
    }
    page.table("Commands", ["began", "for", "command", "end"]);
    for own in &report.commands {
        let end = own.end.as_deref().map_or_else(|| "runs".to_owned(), words);
        page.row([page.at(own.started), words(&own.what), code(&own.command), end]);
    }
}

/// `2026-11-21 02:10:00 to 2026-11-21 02:20:00, 10m: our own side is cut off: …`.
fn cut_off(own: &CutOff, wall: Wall) -> String {
    let until = match own.until {
        Some(until) => format!("to {}, {}", wall.full(until), dur(until.since(own.from))),
        None => "and not back since".to_owned(),
    };
    format!("{} {until}: {}; nothing was known of production, and no trigger fired", wall.full(own.from), own.why)
}

/// Words that can't be read as Markdown. They never begin a line, so what counts only there may stay.
fn words(text: &str) -> String {
    let mut safe = String::new();
    for c in clean(text).chars() {
        if "\\`*_[]<|".contains(c) {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

/// A command or a condition, as written, on one line of a table.
fn code(text: &str) -> String {
    let one = clean(text.trim()).replace('|', "\\|");
    if one.contains('`') { format!("`` {one} ``") } else { format!("`{one}`") }
}
