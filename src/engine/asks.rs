//! What people ask of the loop: orders, a changed plan, values of secrets.

use std::collections::BTreeMap;

use super::open::write;
use super::strays;
use super::turn::Turn;
use crate::core::event::Event;
use crate::core::ids::{RunId, Seq};
use crate::core::launch::{Input, Status, beside_unwatched, decide, lacks, missing_secrets, still_runs, way_view};
use crate::core::order::{Operator, Order, Rejection, What};
use crate::core::secret::{Carried, Hidden};
use crate::hub::Ask;
use crate::{access, paths, plan};

/// So many orders that left no event are remembered with their answers.
const QUIET: usize = 200;

impl Turn {
    /// Answers a client.
    pub(super) fn ask(&mut self, ask: Ask) {
        // A client that has gone needs no reply.
        match ask {
            Ask::Order(order, reply) => drop(reply.send(self.order(order))),
            Ask::Env(by, values, reply) => drop(reply.send(self.env(by, values))),
        }
    }

    fn order(&mut self, order: Order) -> Result<Seq, Rejection> {
        if let Some((_, seq)) = self.quiet.iter().find(|(id, _)| *id == order.id) {
            return Ok(*seq);
        }
        if let What::Adopt { hash } = &order.what {
            let hash = hash.clone();
            return match self.state().orders.get(&order.id) {
                Some(seq) => Ok(*seq),
                None => self.adopt(order, &hash),
            };
        }
        if let What::Input { run, line } = &order.what {
            let (run, line) = (run.clone(), line.clone());
            return self.input(order, &run, &line);
        }
        if let What::Rollback { .. } = &order.what {
            // A script may have gone since the last look.
            self.look_at_ways_back();
        }
        self.alone(&order)?;
        self.can_start(&order)?;
        let lacks = self.can_go_back(&order)?;
        let id = order.id.clone();
        let head = self.state().head;
        let reply = self.step(match lacks {
            Some(lacks) => Input::GoBack { order, lacks },
            None => Input::Order(order),
        })?;
        if self.state().head == head {
            self.quiet.push_front((id, reply));
            self.quiet.truncate(QUIET);
        }
        Ok(reply)
    }

    /// Nothing is run beside itself: a command whose supervisor was killed may live on, and then its step is not begun
    /// again, nor undone, nor said not to have done its work; and an undo is not said to be done, since the next would start
    /// beside it.
    fn alone(&self, order: &Order) -> Result<(), Rejection> {
        let state = self.state();
        if state.orders.contains_key(&order.id) {
            return Ok(());
        }
        match beside_unwatched(state, &order.what, |run| self.runs.outlived(run)) {
            Some((run, pid)) => Err(Rejection::but(still_runs(&run, pid), "then order it again")),
            None => Ok(()),
        }
    }

    /// A step whose command lacks a secret could only fail, and hold the launch.
    fn can_start(&self, order: &Order) -> Result<(), Rejection> {
        let What::Run { step, .. } = &order.what else { return Ok(()) };
        let state = self.state();
        let command = state.outline.step(step).and_then(|step| step.run.as_deref());
        let Some(command) = command.filter(|_| !state.orders.contains_key(&order.id)) else { return Ok(()) };
        match missing_secrets(state, self.vault.missing(), command).into_iter().next() {
            Some(lacks) => Err(Rejection::new(format!("`{step}` could not start: {lacks}"))),
            None => Ok(()),
        }
    }

    /// A way back whose command could not start is not READY: as over a requirement, the environment's name is typed. What
    /// it goes over where that is typed.
    fn can_go_back(&self, order: &Order) -> Result<Option<String>, Rejection> {
        let What::Rollback { way, trigger, typed, why } = &order.what else { return Ok(None) };
        let state = self.state();
        let environment = &state.outline.environment;
        if state.orders.contains_key(&order.id) || matches!(state.status, Status::RollingBack(_)) {
            return Ok(None);
        }
        let readout = self.read();
        let view = way_view(state, &readout, way.clone()).filter(|view| view.closed.is_none());
        let Some(lacks) = view.and_then(|view| lacks(&readout, &view.items)) else { return Ok(None) };
        if typed.as_ref() == Some(environment) {
            return Ok(Some(lacks));
        }
        let (way, trigger, typed) = (way.clone(), trigger.clone(), Some(environment.clone()));
        let again = What::Rollback { way, trigger, typed, why: why.clone() };
        Err(Rejection::unless_typed(lacks, "mend that; to do it", environment, again))
    }

    /// Sends a line to a command, once an order. That it was sent is put on record, what it says is not.
    fn input(&mut self, order: Order, run: &RunId, line: &str) -> Result<Seq, Rejection> {
        if let Some(seq) = self.state().orders.get(&order.id) {
            return Ok(*seq);
        }
        decide(self.state(), self.engine.signals(), Input::Order(order.clone()), self.now())?;
        let noted = |text: String| Event::Noted { by: order.by.clone(), text };
        let sent = noted(format!("sent a line to the command of `{}`", run.step));
        let stepped = self.engine.record_order(sent, &order, self.now());
        let seq = self.follow(stepped)?;
        if let Err(why) = self.runs.input(run, line) {
            self.record(vec![noted(format!("the line did not reach the command of `{}`: {why}", run.step))]);
            return Err(Rejection::new(why));
        }
        Ok(seq)
    }

    /// Takes in the plan file as it is now. The file is read here, not in the pure rules.
    fn adopt(&mut self, order: Order, hash: &str) -> Result<Seq, Rejection> {
        let name = self.origin.plan.display().to_string();
        let wrong = |e: plan::Wrong| Rejection::but(e.to_string(), "mend the file, then look at `diff` again");
        if !self.state().stands_in() {
            let shared = access::plan(&self.origin.plan).map_err(|e| Rejection::new(format!("{name}: {e}")))?;
            shared
                .map_err(|shared| Rejection::but(format!("{}: {}", shared.path.display(), shared.why), shared.out))?;
        }
        let text = plan::read(&self.origin.plan).map_err(wrong)?;
        let plan = plan::load(&text, &name, &self.origin.choices).map_err(wrong)?;
        if plan.hash != hash {
            let now = &plan.hash[..plan.hash.len().min(12)];
            if plan.hash == self.state().plan_hash {
                let why = format!("`{hash}` is not the file: that is as it was taken in, {now}");
                return Err(Rejection::but(why, "there is nothing to take in"));
            }
            // What nobody can have looked at is misspelt.
            if hash.len() != plan.hash.len() || !hash.bytes().all(|b| b.is_ascii_hexdigit()) {
                let order = What::Adopt { hash: plan.hash };
                return Err(Rejection::but(format!("`{hash}` is no hash of a plan"), "`diff` says it").or(order));
            }
            return Err(Rejection::but(
                "the file has changed since you looked",
                "look at `diff` again, and take that in",
            ));
        }
        let (hash, mut outline) = (plan.hash, Box::new(plan.outline));
        self.state().practice.iter().for_each(|practice| practice.stretch(&mut outline));
        let strays = strays::find(&self.dir, self.state(), &outline).runs;
        let file = paths::plan(&self.dir, &hash);
        let input = Input::Adopt { by: order.by, hash, outline, strays };
        let events = decide(self.state(), self.engine.signals(), input, self.now())?;
        write(&file, text.as_bytes()).map_err(|e| Rejection::new(e.to_string()))?;
        let stepped = self.engine.record(events, Some(order.id), self.now());
        let seq = self.follow(stepped)?;
        self.file.was_taken(&self.engine.state().plan_hash);
        (self.specs, self.channels, self.heartbeat) = (plan.probes, plan.channels, plan.heartbeat);
        let references = self.state().outline.secrets.clone();
        if let Err(e) = self.vault.take(Carried::default(), &references) {
            tracing::warn!("the digests of the secrets can't be written: {e}");
        }
        self.history.keep(self.engine.signals().horizon());
        self.generation += 1;
        self.reschedule();
        self.look_whether_ready();
        self.look_at_ways_back();
        self.show_trouble();
        self.show();
        Ok(seq)
    }

    /// Takes values of secrets. They are used also where the disk is full: a way back may need them.
    fn env(&mut self, by: Operator, values: Carried) -> Result<Seq, Rejection> {
        let references: BTreeMap<String, String> = self.state().outline.secrets.clone();
        if let Some(unknown) = values.0.keys().find(|name| !references.contains_key(*name)) {
            return Err(Rejection::but(
                format!("the plan has no secret `{unknown}`"),
                format!("it has {}", references.keys().cloned().collect::<Vec<_>>().join(", ")),
            ));
        }
        let named = |(name, value): (&String, &Hidden)| match self.vault.is_another(name, value) {
            true => format!("{name}, another value than before"),
            false => name.clone(),
        };
        let said = values.0.iter().map(named).collect::<Vec<_>>().join("; ");
        if let Err(e) = self.vault.take(values, &references) {
            tracing::warn!("the digests of the secrets can't be written; the next engine will ask for them again: {e}");
        }
        self.generation += 1;
        self.reschedule();
        self.look_whether_ready();
        self.record(vec![Event::Noted { by, text: format!("gave the engine {said}") }]);
        self.show_trouble();
        Ok(self.state().head)
    }
}
