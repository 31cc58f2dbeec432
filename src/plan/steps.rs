//! Phases, steps and rollbacks.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::clock::{Clocks, split};
use super::conditions::Probes;
use super::file::{PhaseTable, RollbackTable, StepTable, Text};
use super::lost::Lost;
use super::order::{Written, fits};
use super::places::Places;
use super::problem::Problem;
use super::sense;
use super::tree::{
    Read, Value, array, check_id, fill_in, id_of, lengthen, nearest, read, scalar, tables_by_name, take_meant, unfilled,
};
use super::vars::{Vars, both, check_name, lookup, no_variable};
use crate::core::condition::Quantifier;
use crate::core::ids::{PhaseId, RoleId, RollbackId, StepId};
use crate::core::outline::{Gate, Outline, PhaseOutline, Role, RollbackOutline, StepOutline, Undo};

/// The most rows of an `each`.
const MOST_ROWS: usize = 1000;

/// The most steps of a plan.
const MOST_STEPS: usize = 10_000;

/// The variables of a row of `each`.
type Row = BTreeMap<String, String>;

/// What the steps of a phase are read with.
#[derive(Default)]
struct Rows {
    /// Each row with its place; one empty row where there is no `each`, or none of its rows could be read.
    rows: Vec<(Row, Option<Range<usize>>)>,
    /// Names that have no value, since no row could be read.
    unread: Unread,
}

/// Names whose values could not be read: what they would fill in is left as it is written, and nothing follows from it.
#[derive(Default)]
enum Unread {
    #[default]
    None,
    These(BTreeSet<String>),
    /// Nobody can tell which.
    Any,
}

impl Unread {
    fn has(&self, name: &str) -> bool {
        match self {
            Unread::None => false,
            Unread::These(names) => names.contains(name.strip_prefix("previous_").unwrap_or(name)),
            Unread::Any => !name.starts_with("secret."),
        }
    }
}

pub(super) fn plain<T>(value: Option<Spanned<T>>) -> Option<T> {
    value.map(Spanned::into_inner)
}

/// Reads what is done, and remembers ids and `after` for what comes later.
pub(super) struct Reader<'a, 'f> {
    pub problems: &'a mut Vec<Problem>,
    pub probes: Probes<'f>,
    /// None where `[roles]` itself could not be read.
    pub roles: Option<&'a BTreeMap<RoleId, Role>>,
    pub vars: &'a Vars,
    /// Ids of steps and phases, with the place of the first.
    pub seen: BTreeMap<String, Range<usize>>,
    /// Steps and phases that could not be read.
    pub lost: Lost,
    /// Rollbacks that could not be read.
    pub lost_rollbacks: Lost,
    /// `after` as written.
    pub written: Vec<Written>,
    /// Windows and times of day, which wait for the plan's zone.
    pub clocks: Clocks,
    /// Where things stand in the file.
    pub places: Places,
}

impl Reader<'_, '_> {
    /// `[[phase]]` with its steps, once for each row.
    pub fn phases(&mut self, values: &mut [Value<'_>], outline: &mut Outline) {
        for value in values {
            let DeValue::Table(table) = value.get_mut() else { continue };
            let each = take_meant(table, "each");
            let steps = take_meant(table, "step");
            let hollow = steps.is_none();
            let steps = array(steps, "phase.step", &mut self.lost, self.problems);
            lengthen(table);
            fill_in(value, self.problems, &lookup(&self.vars.known, &self.vars.lost));
            let Some(read) = read::<PhaseTable>(value, &["step", "each"], self.problems) else {
                self.lost.add(id_of(value).as_deref());
                steps.iter().for_each(|step| self.lost.add(id_of(step).as_deref()));
                continue;
            };
            self.partly(&read, read.table.id.span());
            let phase = self.known(read, |phase| &phase.id, None);
            if hollow {
                let id = phase.id.get_ref();
                let problem = match phase.after.first() {
                    None => Problem::warning("empty", phase.id.span(), format!("the phase `{id}` has no step")),
                    Some(after) => {
                        let message = format!("the phase `{id}` has no step that could wait for `{}`", after.get_ref());
                        Problem::error("empty", after.span(), message)
                    }
                };
                self.problems.push(problem.help("add [[phase.step]]"));
            }
            let id = PhaseId::from(phase.id.get_ref().as_str());
            let title = phase.title.unwrap_or_else(|| id.to_string());
            self.places.phases.insert(id.clone(), phase.id.span());
            let (at, since) = split(phase.at);
            let (anchor, since) = since.unzip();
            self.clocks.windows.extend(phase.window.map(|window| (id.clone(), window)));
            let not_before = self.clocks.time(phase.not_before);
            outline.phases.push(PhaseOutline { id: id.clone(), title, at, since, not_before, window: None });
            let Rows { rows, unread } = self.rows(each, &steps, &outline.secrets);
            for (row, place) in rows {
                let mut all = self.vars.known.clone();
                all.extend(row.clone());
                for step in &steps {
                    if outline.steps.len() == MOST_STEPS {
                        let message = format!("the plan has more than {MOST_STEPS} steps");
                        let problem = Problem::error("too-many", step.span(), message);
                        self.problems.push(problem.help("launch it in parts, or do more in one command"));
                        self.lost.add(None);
                        return;
                    }
                    let mut step = step.clone();
                    let get = lookup(&all, &self.vars.lost);
                    let left = |name: &str| unread.has(name).then(|| format!("${{{name}}}"));
                    fill_in(&mut step, self.problems, &|name| get(name).or_else(|why| left(name).ok_or(why)));
                    if let Some((read, after, own)) = self.step(step, &id, row.clone(), None) {
                        let after = phase.after.iter().cloned().chain(after).collect();
                        if let Some(place) = &place {
                            self.places.rows.insert(read.id.clone(), place.clone());
                        }
                        let since = anchor.iter().cloned().chain(own).collect();
                        self.written.push(Written { step: read.id.clone(), after, since });
                        outline.steps.push(read);
                    }
                }
            }
        }
    }

    /// Notes what was not wholly read; `at` is where its id or name stands.
    fn partly<T>(&mut self, read: &Read<T>, at: Range<usize>) {
        if !read.complete() {
            let any = read.strange.then(String::new);
            self.places.gaps.partly.insert(at.start, read.left_out.iter().cloned().chain(any).collect());
        }
    }

    /// What was read, its id remembered: as one of its own, or as lost.
    fn known<T>(&mut self, read: Read<T>, id: impl Fn(&T) -> &Text, rollback: Option<&RollbackId>) -> T {
        let id = id(&read.table);
        if read.lacks("id") || unfilled(id, self.problems) {
            self.lost.add(if read.lacks("id") { None } else { Some(id.get_ref()) });
        } else {
            check_id(id, true, self.problems);
            let whole = rollback.map_or_else(|| id.get_ref().clone(), |r| format!("{r}/{}", id.get_ref()));
            self.unique(&Text::new(id.span(), whole));
        }
        read.table
    }

    /// The rows of `each` with the row before as `previous_…`. Where none could be read the steps are read once as they
    /// are written, so that what else is wrong in them is said too.
    fn rows(&mut self, each: Option<Value<'_>>, steps: &[Value<'_>], secrets: &BTreeMap<String, String>) -> Rows {
        let once = vec![(Row::new(), None)];
        let Some(mut each) = each else { return Rows { rows: once, unread: Unread::None } };
        let at = each.span();
        let tables = each.get_ref().as_array().into_iter().flatten().filter_map(|row| row.get_ref().as_table());
        let names: BTreeSet<String> = tables.flat_map(DeTable::keys).map(|name| name.get_ref().to_string()).collect();
        fill_in(&mut each, self.problems, &lookup(&self.vars.known, &self.vars.lost));
        let before = self.problems.len();
        let rows = self.rows_of(at, each, &names, secrets);
        if self.problems.len() > before {
            steps.iter().for_each(|step| self.lost.add(id_of(step).as_deref()));
        }
        if !rows.is_empty() {
            let rows = rows.into_iter().map(|(row, place)| (row, Some(place))).collect();
            return Rows { rows, unread: Unread::None };
        }
        Rows { rows: once, unread: if names.is_empty() { Unread::Any } else { Unread::These(names) } }
    }

    fn rows_of(
        &mut self,
        at: Range<usize>,
        each: Value<'_>,
        names: &BTreeSet<String>,
        secrets: &BTreeMap<String, String>,
    ) -> Vec<(Row, Range<usize>)> {
        let DeValue::Array(values) = each.into_inner() else {
            self.problems.push(Problem::error(
                "wrong-value",
                at,
                "`each` is a list of rows, as [{ n = 5 }, { n = 25 }]",
            ));
            return Vec::new();
        };
        if values.len() > MOST_ROWS {
            let message = format!("`each` has {} rows: at most {MOST_ROWS} can be looked after", values.len());
            self.problems.push(Problem::error("too-many", at, message).help("do several at once in one command"));
            return Vec::new();
        }
        if values.is_empty() {
            let message = "`each` has no row: the steps of this phase would not be there";
            self.problems.push(Problem::error("empty", at, message).help("add a row, or take the phase away"));
        }
        let mut rows: Vec<(Row, Range<usize>)> = Vec::new();
        for value in values {
            let row: Row = match value.get_ref() {
                DeValue::Table(table) => {
                    for name in table.keys() {
                        check_name(name.get_ref(), name.span(), "variable", self.problems);
                        if secrets.contains_key(name.get_ref().as_ref()) {
                            self.problems.push(both(name.get_ref(), name.span()));
                        }
                    }
                    let lacks = |name: &&String| !table.contains_key(name.as_str());
                    if let Some(name) = names.iter().find(lacks).filter(|name| !self.vars.known.contains_key(*name)) {
                        let message = format!("this row has no `{name}`, and others have");
                        let problem = Problem::error("row", value.span(), message);
                        self.problems.push(problem.help(format!("write {name} = \"\" where there is none")));
                        continue;
                    }
                    let no_text = |value: &&Value<'_>| scalar(value.get_ref()).is_none();
                    let wrong: Vec<_> = table.values().filter(no_text).map(Spanned::span).collect();
                    if !wrong.is_empty() {
                        self.problems.extend(wrong.into_iter().map(|at| no_variable(at, "variable")));
                        continue;
                    }
                    table.iter().filter_map(|(k, v)| Some((k.get_ref().to_string(), scalar(v.get_ref())?))).collect()
                }
                _ => {
                    self.problems.push(Problem::error(
                        "wrong-value",
                        value.span(),
                        "a row of `each` is a table, as { n = 5 }",
                    ));
                    continue;
                }
            };
            let mut all = row.clone();
            for name in row.keys() {
                let previous =
                    rows.last().and_then(|(row, _)| row.get(name)).cloned().unwrap_or_else(|| "0".to_owned());
                all.insert(format!("previous_{name}"), previous);
            }
            rows.push((all, value.span()));
        }
        rows
    }

    fn step(
        &mut self,
        mut value: Value<'_>,
        phase: &PhaseId,
        row: Row,
        rollback: Option<&RollbackId>,
    ) -> Option<(StepOutline, Vec<Text>, Option<Text>)> {
        let DeValue::Table(table) = value.get_mut() else { return None };
        lengthen(table);
        if let Some(undo) = table.iter_mut().find(|(k, _)| k.get_ref() == "undo").map(|(_, v)| v)
            && let DeValue::Table(undo) = undo.get_mut()
        {
            lengthen(undo);
        }
        let Some(read) = read::<StepTable>(&value, &[], self.problems) else {
            self.lost.add(id_of(&value).as_deref());
            return None;
        };
        let complete = read.complete();
        self.partly(&read, read.table.id.span());
        let step = self.known(read, |step| &step.id, rollback);
        let id = match rollback {
            Some(rollback) => StepId::from(format!("{rollback}/{}", step.id.get_ref())),
            None => StepId::from(step.id.get_ref().as_str()),
        };
        self.places.step(&id, &step);
        for owner in step.owner.iter().chain(step.poll.iter().flatten()) {
            self.role(owner);
        }
        if complete {
            sense::together(&step, &id, rollback.is_some(), self.problems);
        }
        sense::alone(&step, &id, self.problems);
        let gate = (step.require.is_some() || step.poll.is_some()).then(|| Gate {
            require: self.probes.read(step.require.as_deref().unwrap_or_default(), Quantifier::All, self.problems),
            poll: step.poll.iter().flatten().map(|r| RoleId::from(r.get_ref().as_str())).collect(),
            expires: plain(step.expires),
        });
        let undo = step.undo.map(|undo| Undo {
            require: self.probes.read(&undo.require, Quantifier::All, self.problems),
            run: undo.run.into_inner(),
            timeout: plain(undo.timeout),
            estimate: plain(undo.estimate),
        });
        let (at, since) = split(step.at);
        let (anchor, since) = since.unzip();
        let read = StepOutline {
            title: step.title.unwrap_or_else(|| step.id.get_ref().clone()),
            phase: phase.clone(),
            owner: step.owner.map(|o| RoleId::from(o.into_inner())),
            estimate: plain(step.estimate),
            at,
            since,
            not_before: self.clocks.time(step.not_before.filter(|_| rollback.is_none())),
            after: Vec::new(),
            items: step.items.into_iter().map(Spanned::into_inner).collect(),
            run: step.run.map(Spanned::into_inner),
            vars: row,
            timeout: plain(step.timeout),
            verify: self.probes.read(&step.verify, Quantifier::All, self.problems),
            soak: plain(step.soak),
            limit: plain(step.limit),
            fail: self.probes.read(&step.fail, Quantifier::Any, self.problems),
            on_fail: step.on_fail,
            undo,
            gate,
            approvals: step.approvals.map_or(0, Spanned::into_inner),
            on_stop: step.on_stop,
            auto: step.auto,
            input: step.input,
            output: plain(step.output),
            id,
        };
        Some((read, step.after, anchor))
    }

    /// `[rollback.NAME]` with its steps.
    pub fn rollbacks(&mut self, value: Option<Value<'_>>, outline: &mut Outline) {
        if value.as_ref().is_some_and(|v| !matches!(v.get_ref(), DeValue::Table(_))) {
            self.lost_rollbacks.add(None);
        }
        for (name, mut value) in tables_by_name(value, "rollback", self.problems) {
            let id = RollbackId::from(name.get_ref().as_str());
            check_id(&name, true, self.problems);
            self.places.rollbacks.insert(id.clone(), name.span());
            let DeValue::Table(table) = value.get_mut() else {
                self.lost_rollbacks.add(Some(id.as_str()));
                continue;
            };
            let before = self.problems.len();
            let steps = take_meant(table, "step");
            let steps = array(steps, &format!("rollback.{id}.step"), &mut Lost::default(), self.problems);
            let hollow = steps.is_empty() && self.problems.len() == before;
            lengthen(table);
            let Some(rollback) = read::<RollbackTable>(&value, &["step"], self.problems) else {
                self.lost_rollbacks.add(Some(id.as_str()));
                continue;
            };
            self.partly(&rollback, name.span());
            let whole = rollback.complete();
            self.places.gaps.rollbacks |= !whole;
            let rollback = rollback.table;
            if !rollback.require.is_empty() {
                self.places.gaps.required.insert(id.clone());
            }
            sense::estimate(rollback.estimate.as_ref(), self.problems);
            let at = rollback.estimate.as_ref().map(|estimate| (id.clone(), estimate.span()));
            self.places.rollback_estimates.extend(at);
            let mut undoes = Vec::new();
            if rollback.undoes.is_none() && whole && !hollow && outline.steps.iter().any(|s| s.run.is_some()) {
                let message = format!(
                    "the rollback `{id}` says nothing of what it undoes: each step counts as in effect after it"
                );
                let help = "name the steps, as undoes = [\"share-*\"]; undoes = [] says that it undoes none";
                self.problems.push(Problem::warning("undoes-nothing", name.span(), message).help(help));
            }
            for pattern in rollback.undoes.iter().flatten() {
                let before = undoes.len();
                undoes.extend(
                    outline.steps.iter().map(|s| &s.id).filter(|s| fits(pattern.get_ref(), s.as_str())).cloned(),
                );
                if undoes.len() == before && !self.lost.may_be(pattern.get_ref()) && !unfilled(pattern, self.problems) {
                    let message = format!("no step fits `{}`", pattern.get_ref());
                    let mut problem = Problem::error("no-step", pattern.span(), message);
                    let ids = || outline.steps.iter().map(|s| s.id.as_str());
                    let heads = ids().filter_map(|id| Some(format!("{}-*", id.rsplit_once('-')?.0)));
                    let heads: BTreeSet<String> = heads.collect();
                    let near = nearest(pattern.get_ref(), ids().chain(heads.iter().map(String::as_str)));
                    let phase = outline.phases.iter().find(|phase| phase.id.as_str() == pattern.get_ref());
                    let of_phase = phase.map(|phase| {
                        let of: Vec<&str> = outline.steps_of(&phase.id).map(|s| s.id.as_str()).take(4).collect();
                        format!("`{}` is a phase: name its steps, as {}", phase.id, of.join(", "))
                    });
                    problem.help = of_phase.or_else(|| near.map(|n| format!("did you mean `{n}`?")));
                    self.problems.push(problem);
                }
            }
            let possible_until = rollback.possible_until.and_then(|step| {
                let id = StepId::from(step.get_ref().as_str());
                if outline.steps.iter().any(|s| s.id == id)
                    || self.lost.may_be(id.as_str())
                    || unfilled(&step, self.problems)
                {
                    return Some(id);
                }
                let near = nearest(id.as_str(), outline.steps.iter().map(|s| s.id.as_str()));
                let mut problem = Problem::error("no-step", step.span(), format!("there is no step `{id}`"));
                problem.help = near.map(|n| format!("did you mean `{n}`?"));
                self.problems.push(problem);
                None
            });
            let phase = PhaseId::from(id.as_str());
            if hollow {
                let message = format!("the rollback `{id}` does nothing");
                let undoes =
                    if undoes.is_empty() { "" } else { "; `undoes` only says what is undone once those are done" };
                let help = format!("say what it does: add [[rollback.{id}.step]]{undoes}");
                self.problems.push(Problem::error("rollback", name.span(), message).help(help));
            }
            let steps = steps.into_iter().filter_map(|s| self.step(s, &phase, Row::new(), Some(&id)));
            let steps: Vec<StepOutline> = steps.map(|(step, ..)| step).collect();
            outline.rollbacks.push(RollbackOutline {
                title: rollback.title.unwrap_or_else(|| id.to_string()),
                estimate: plain(rollback.estimate),
                require: self.probes.read(&rollback.require, Quantifier::All, self.problems),
                undoes,
                loses: rollback.loses,
                possible_until,
                steps,
                id,
            });
        }
    }

    fn role(&mut self, name: &Text) {
        let Some(roles) = self.roles else { return };
        if !roles.contains_key(name.get_ref().as_str()) && !unfilled(name, self.problems) {
            let near = nearest(name.get_ref(), roles.keys().map(RoleId::as_str));
            let mut problem = Problem::error("no-role", name.span(), format!("there is no role `{}`", name.get_ref()));
            problem.help =
                Some(near.map_or_else(|| "add it under [roles]".to_owned(), |n| format!("did you mean `{n}`?")));
            self.problems.push(problem);
        }
    }

    fn unique(&mut self, id: &Text) {
        if let Some(first) = self.seen.insert(id.get_ref().clone(), id.span()) {
            let message = format!("there are two steps or phases `{}`", id.get_ref());
            let help = match first == id.span() {
                true => "put the row's variable into the id, as share-${n}".to_owned(),
                false => "give one of them another id".to_owned(),
            };
            self.problems.push(Problem::error("twice", id.span(), message).help(help));
        }
    }
}
