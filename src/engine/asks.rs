//! What people ask of the loop: orders, a changed plan, values of secrets.

use std::collections::BTreeMap;

use super::open::write;
use super::turn::Turn;
use crate::core::event::Event;
use crate::core::ids::Seq;
use crate::core::launch::{Input, decide};
use crate::core::order::{Operator, Order, Rejection, What};
use crate::hub::Ask;
use crate::wire::message::Hidden;
use crate::{paths, plan};

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
        let id = order.id.clone();
        let line = match &order.what {
            What::Input { run, line } => Some((run.clone(), line.clone())),
            _ => None,
        };
        let head = self.state().head;
        let reply = self.step(Input::Order(order))?;
        if let Some((run, line)) = line {
            self.runs.input(&run, &line).map_err(Rejection::new)?;
        }
        if self.state().head == head {
            self.quiet.push_front((id, reply));
            self.quiet.truncate(QUIET);
        }
        Ok(reply)
    }

    /// Takes in the plan file as it is now. The file is read here, not in the pure rules.
    fn adopt(&mut self, order: Order, hash: &str) -> Result<Seq, Rejection> {
        let name = self.origin.plan.display().to_string();
        let wrong = |e: plan::Wrong| Rejection::but(e.to_string(), "mend the file, then look at the difference again");
        let text = plan::read(&self.origin.plan).map_err(wrong)?;
        let plan = plan::load(&text, &name, &self.origin.choices).map_err(wrong)?;
        if plan.hash != hash {
            return Err(Rejection::but(
                "the file has changed since you looked",
                "look at the difference again, and take that in",
            ));
        }
        let (hash, outline) = (plan.hash, Box::new(plan.outline));
        let input = Input::Adopt { by: order.by, hash, outline };
        let events = decide(self.state(), self.engine.signals(), input, self.now())?;
        let new = paths::plan(&self.dir).with_extension("new");
        write(&new, text.as_bytes()).map_err(|e| Rejection::new(e.to_string()))?;
        let stepped = self.engine.record(events, Some(order.id), self.now());
        let seq = self.follow(stepped)?;
        if let Err(e) = std::fs::rename(&new, paths::plan(&self.dir)) {
            // Its text is beside the old one; that is found again.
            tracing::error!("{}: {e}", new.display());
        }
        self.specs = plan.probes;
        let references = self.state().outline.secrets.clone();
        if let Err(e) = self.vault.take(Vec::new(), &references) {
            tracing::warn!("the digests of the secrets can't be written: {e}");
        }
        self.history.keep(self.engine.signals().horizon());
        self.generation += 1;
        self.reschedule();
        self.show_trouble();
        self.show();
        Ok(seq)
    }

    /// Takes values of secrets. They are used also where the disk is full: a way back may need them.
    fn env(&mut self, by: Operator, values: Vec<(String, Hidden)>) -> Result<Seq, Rejection> {
        let references: BTreeMap<String, String> = self.state().outline.secrets.clone();
        let names: Vec<String> = values.iter().map(|(name, _)| name.clone()).collect();
        if let Some(unknown) = names.iter().find(|name| !references.contains_key(*name)) {
            return Err(Rejection::but(
                format!("the plan has no secret `{unknown}`"),
                format!("it has {}", references.keys().cloned().collect::<Vec<_>>().join(", ")),
            ));
        }
        let values = values.into_iter().map(|(name, value)| (name, value.0)).collect();
        if let Err(e) = self.vault.take(values, &references) {
            tracing::warn!("the digests of the secrets can't be written; the next engine will ask for them again: {e}");
        }
        self.generation += 1;
        self.reschedule();
        self.record(vec![Event::Noted { by, text: format!("gave the engine {}", names.join(", ")) }]);
        self.show_trouble();
        Ok(self.state().head)
    }
}
