//! What would help, as orders, where an order is not taken. A rejection carries them as data: the screen names their
//! keys, the command line spells their `do`.

use super::Case;
use crate::core::ids::StepId;
use crate::core::launch::due::Obstacle;
use crate::core::launch::explain::{go_on, leads_on, stops};
use crate::core::launch::{RollbackStatus, Status, WayView, explain, ways};
use crate::core::order::{Rejection, Way, What};
use crate::core::outline::StepOutline;
use crate::core::view::Readout;

impl<'a> Case<'a> {
    /// What stands against starting a step, with what would help.
    pub(super) fn may_start(&self, step: &StepOutline) -> Result<(), Rejection> {
        match Obstacle::of(self.state, step, self.now) {
            Some(obstacle) => Err(self.in_the_way(step, &obstacle)),
            None => Ok(()),
        }
    }

    fn in_the_way(&self, step: &StepOutline, obstacle: &Obstacle) -> Rejection {
        let why = obstacle.words(self.state, &step.id, self.now);
        match obstacle {
            Obstacle::Ended => Rejection::new(why).or(What::Note { text: String::new() }),
            Obstacle::UnderWay | Obstacle::Done => Rejection::new(why),
            Obstacle::Runs(_) => Rejection::but(why, "wait for its end").any(self.stops(&step.id)),
            Obstacle::GoingBack(number) => self.going_back(why, *number),
            Obstacle::Held => Rejection::new(why).any(self.state.releases("")),
            Obstacle::After(first) => {
                let instead = "it must be done, decided go, or left out with a reason";
                Rejection::but(why, instead).any(first.first().and_then(|first| self.moves(first).into_iter().next()))
            }
            Obstacle::Until(_) => Rejection::but(why, "wait for its time"),
            Obstacle::Outside(_) => {
                let attempt = self.state.steps.get(&step.id).map_or(0, |own| own.attempt).saturating_add(1);
                let pass = What::Outside { step: step.id.clone(), attempt, why: String::new() };
                Rejection::but(why, "wait until it opens; the lead may let it start before, an override").or(pass)
            }
            Obstacle::Needs(missing) => {
                let (name, text) = (missing.name.clone(), String::new);
                let given = What::Output { name, value: text(), why: text() };
                let first =
                    self.moves(&missing.of).into_iter().next().filter(|order| matches!(order, What::Run { .. }));
                Rejection::but(why, "its step gives it, or a person says what it is").any(first).or(given)
            }
        }
    }

    /// What moves a step, or what it waits for, as `explain` says; a few, best first.
    pub(super) fn moves(&self, step: &StepId) -> Vec<What> {
        let said = explain(self.state, &self.readout(), step, self.now);
        said.orders.into_iter().chain(said.elsewhere).filter(leads_on).take(2).collect()
    }

    /// What ends the command that runs for a step; an override where the plan lets it finish.
    pub(super) fn stops(&self, step: &StepId) -> Option<What> {
        stops(self.state, self.open_run(step)?)
    }

    /// The command of a step that still runs stands against it; `then` is what may follow, as `, then leave`.
    pub(super) fn runs_on(&self, why: String, step: &StepId, then: &str) -> Rejection {
        let stop = self.stops(step);
        let or_stop = if stop.is_some() { ", or stop it" } else { "" };
        Rejection::but(why, format!("wait for its end{or_stop}{then}")).any(stop)
    }

    /// A way back stands against it: how it goes on, or is left.
    pub(super) fn going_back(&self, why: String, number: u32) -> Rejection {
        let status = self.state.rollbacks.get((number as usize).saturating_sub(1)).map(|r| &r.status);
        match status {
            Some(RollbackStatus::Running) => Rejection::but(why, "wait for its end"),
            _ => Rejection::new(why),
        }
        .any(go_on(self.state, number))
    }

    /// The ways back that can be taken, the one that is offered first at the top; without those that are not meant.
    pub(super) fn ways_but(&self, not: Option<&Way>) -> Vec<What> {
        if matches!(self.state.status, Status::RollingBack(_)) {
            return Vec::new();
        }
        let open = ways(self.state, &self.readout()).into_iter();
        let open = open.filter(|view| view.closed.is_none() && Some(&view.way) != not).take(2);
        open.map(begun).collect()
    }

    /// The order that takes a way back, where it can be taken.
    pub(super) fn takes(&self, way: &Way) -> Option<What> {
        ways(self.state, &self.readout()).into_iter().find(|view| view.way == *way && view.closed.is_none()).map(begun)
    }

    /// The order itself, to be given anew with what it lacks.
    pub(super) fn anew(&self) -> Option<What> {
        self.order.cloned()
    }

    fn readout(&self) -> Readout {
        Readout::of(self.state, self.signals, self.now)
    }
}

/// The order that begins a way back.
fn begun(view: WayView) -> What {
    let typed = view.typed.then(String::new);
    What::Rollback { way: view.way, trigger: None, typed, why: String::new() }
}
