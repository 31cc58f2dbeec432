//! The question that an alarm puts: whether to go back, and which way.

use super::Alarm;
use crate::core::ids::{RollbackId, TriggerId};
use crate::core::launch::answers::now::back_at;
use crate::core::launch::answers::{Moment, Move, Words, rollback};
use crate::core::launch::proposed::nearest_way;
use crate::core::launch::{RollbackStatus, Status, StepStatus, answered_seen};
use crate::core::order::{Way, What};
use crate::core::outline::{StepOutline, TriggerAction, TriggerOutline};
use crate::core::time::Timestamp;

impl Alarm {
    /// Puts the question whether to go back, with the order that answers it with yes. A way back that began before `since`
    /// is no answer to what came after it.
    pub(super) fn propose(
        &mut self,
        m: &Moment<'_>,
        named: Option<&RollbackId>,
        trigger: Option<&TriggerId>,
        since: Timestamp,
    ) {
        if let Some((_, rollback)) = m.going_back() {
            let stopped = matches!(rollback.status, RollbackStatus::Stopped { .. });
            self.then = if stopped { "the way back stopped" } else { "the way back runs" }.into();
            return;
        }
        let open = || m.ways.iter().filter(|way| way.closed.is_none());
        let closed = named.and_then(|id| m.ways.iter().find(|w| w.way == Way::Named(id.clone()) && w.closed.is_some()));
        let went =
            |id: &TriggerId| m.state.outline.trigger(id).and_then(|t| answered_seen(m.state, m.readout, t)).is_some();
        if let Some(closed) = closed.filter(|_| !trigger.is_some_and(went)) {
            // Another way undoes something else: nobody is led to it.
            self.then = Words::of([
                format!("its way back, {}, is closed: a person decides", closed.title),
                "its way back is closed: you decide".to_owned(),
                "way back closed".to_owned(),
            ]);
            self.asks = true;
            return;
        }
        let considers = |of: &TriggerOutline| of.action == TriggerAction::Consider;
        let way = named.and_then(|id| open().find(|w| w.way == Way::Named(id.clone()))).or_else(|| open().next());
        match way {
            Some(way) => self.propose_way(m, &way.way, trigger, since),
            None if trigger.and_then(|id| m.state.outline.trigger(id)).is_some_and(considers) => {
                self.then = Words::of(["consider going back; there is no way back", "no way back"]);
            }
            None => self.then = Words::of(["asks to go back; there is no way back", "asks; no way back"]),
        }
    }

    /// Puts the question whether to go back this way.
    fn propose_way(&mut self, m: &Moment<'_>, way: &Way, trigger: Option<&TriggerId>, since: Timestamp) {
        let Some(way) = m.ways.iter().find(|view| view.way == *way) else { return };
        let by_trigger = trigger.and_then(|id| answered_seen(m.state, m.readout, m.state.outline.trigger(id)?));
        if let Status::RolledBack(number) = m.state.status
            && (by_trigger.is_some()
                || trigger.is_none()
                    && rollback(m.state, number).is_some_and(|r| r.way == way.way && r.started >= since))
        {
            self.then =
                Words::of([format!("went back{}; it should recover", back_at(m, number)).as_str(), "went back"]);
            return;
        }
        let (typed, title) = (way.typed.then(String::new), &way.title);
        // What has not fired yet leads to nothing: then a person says why.
        let fired = |id: &&TriggerId| m.state.triggers.get(*id).is_some_and(|own| own.fired.is_some());
        let trigger = trigger.filter(fired).cloned();
        let order = What::Rollback { way: way.way.clone(), trigger, typed, why: String::new() };
        self.then = Words::of([format!("asks: {title}?"), format!("{title}?"), "asks to go back".to_owned()]);
        self.answer = Some(Move::new(order, "goes back"));
        self.asks = true;
    }

    /// The same for a step: the nearest way that undoes it, where there is one. A newer step that is well is not in question.
    pub(super) fn propose_for(&mut self, m: &Moment<'_>, step: &StepOutline) {
        let way = nearest_way(m.ways, &step.id).filter(|_| m.going_back().is_none());
        let since = match m.status(step) {
            Some(StepStatus::Failed { at, .. }) => *at,
            _ => m.now,
        };
        match way.map(|way| way.way.clone()) {
            Some(way) => self.propose_way(m, &way, None, since),
            None => self.propose(m, None, None, since),
        }
    }
}
