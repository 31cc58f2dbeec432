//! How the triggers stand, for `tminus status`: armed, pending, fired, clearing, or led to a way back.

use serde_json::json;

use super::standing::going_back;
use crate::core::condition::with_found;
use crate::core::ids::TriggerId;
use crate::core::launch::{
    LaunchState, RollbackStatus, TriggerStands, TriggerState, answered, answered_seen, asks, closed_way, still_runs,
    trigger_stands, way_was_left, ways,
};
use crate::core::order::What;
use crate::core::outline::{TriggerAction, TriggerOutline};
use crate::core::spell;
use crate::core::time::Span;
use crate::core::view::{ConditionView, Readout};
use crate::core::words::clock;

/// A trigger as it stands.
pub struct Trigger<'a> {
    /// Its id.
    pub id: &'a TriggerId,
    outline: &'a TriggerOutline,
    own: Option<&'a TriggerState>,
    stands: TriggerStands,
    /// The way back that it led to was left.
    left: bool,
    /// What it asks of a person, where it fired.
    asks: String,
    view: Option<&'a ConditionView>,
}

/// All triggers of the plan.
pub fn triggers<'a>(state: &'a LaunchState, readout: Option<&'a Readout>) -> impl Iterator<Item = Trigger<'a>> {
    let unknown = Readout::default();
    let ways = ways(state, readout.unwrap_or(&unknown));
    let going_back = going_back(state).map(|back| match back.status {
        RollbackStatus::Stopped { .. } => "; its way back stopped",
        _ => "; a way back is under way",
    });
    let now = readout.map_or(state.last_at, |readout| readout.at);
    state.outline.triggers.iter().map(move |outline| {
        let own = state.triggers.get(&outline.id);
        let (stands, view) = match readout {
            Some(readout) => trigger_stands(state, readout, outline),
            None => (trigger_stands(state, &Readout::default(), outline).0, None),
        };
        let answered = match readout {
            Some(readout) => answered_seen(state, readout, outline),
            None => answered(state, outline, now),
        };
        let full = readout.and_then(|readout| readout.unwritten.as_ref());
        let takes = |what: &What| full.is_none_or(|by| by.takes(state, what));
        let asks_back = outline.action != TriggerAction::Notify;
        let asks = match (asks(state, &ways, outline, now), answered) {
            (Some(order), _) if !takes(&order) => String::new(),
            (Some(order), _) => {
                let typed = |order: &What| format!("`tminus do {}`", spell::write(order));
                let dismiss = What::Dismiss { trigger: outline.id.clone(), why: String::new() };
                let dismiss = Some(&dismiss).filter(|what| takes(what)).map(typed);
                match (state.stands_beside(readout.unwrap_or(&unknown), &order), dismiss) {
                    (Some((run, pid)), Some(dismiss)) => format!(" ({}; or {dismiss})", still_runs(&run, pid)),
                    (Some((run, pid)), None) => format!(" ({})", still_runs(&run, pid)),
                    (None, Some(dismiss)) => format!(" ({} or {dismiss})", typed(&order)),
                    (None, None) => format!(" ({})", typed(&order)),
                }
            }
            (None, _) if let Some(said) = going_back => said.to_owned(),
            (None, Some(_)) => "; the launch went back, it should recover".to_owned(),
            (None, None) if asks_back && closed_way(state, &ways, outline).is_some() => {
                format!("; its way back is closed, a person decides (`tminus do explain {}`)", outline.id)
            }
            (None, None) => String::new(),
        };
        Trigger { id: &outline.id, outline, own, stands, left: way_was_left(state, outline), asks, view }
    })
}

impl Trigger<'_> {
    /// It fired, still holds, and nobody answers for it.
    pub fn is_critical(&self) -> bool {
        self.stands == TriggerStands::Fired && self.outline.action != TriggerAction::Notify
    }

    /// It only tells people, and fired; its clock runs, one way or the other, or stands still for want of data, or what it
    /// led to has not ended it, or its condition holds though it was dismissed.
    pub fn wants_a_look(&self) -> bool {
        let frozen = || self.view.is_some_and(|view| view.frozen && view.lasted > Span::ZERO);
        match self.stands {
            TriggerStands::Fired => !self.is_critical(),
            TriggerStands::Pending | TriggerStands::Clearing | TriggerStands::Followed => true,
            TriggerStands::Unknown => frozen(),
            // What it was dismissed for may be another thing by now.
            TriggerStands::Dismissed => self.view.is_some_and(|view| view.now == Some(true)),
            _ => false,
        }
    }

    /// `trigger high PENDING: errors > 5% for 1m: 6 % > 5 %, 0:20 / 1:00`.
    pub fn words(&self) -> String {
        let Self { id, outline: TriggerOutline { fires: when, .. }, .. } = self;
        let of = |found: &str| with_found(&when.to_string(), found);
        let found = self.view.map_or_else(|| when.to_string(), |v| of(&v.found));
        let clock = self.view.and_then(|v| Some(format!("{} / {}", clock(v.lasted), clock(v.needs?))));
        let then = || clock.as_ref().map_or_else(String::new, |c| format!(", {c}"));
        match self.stands {
            TriggerStands::Armed if self.outline.is_asked() => {
                format!("trigger {id} is for people to fire: {when} (`tminus do fire {id} WHY`)")
            }
            TriggerStands::Armed => format!("trigger {id} is armed: {when}"),
            TriggerStands::Unknown if self.wants_a_look() => {
                format!("trigger {id} has no data: {found}{}; its clock stands still meanwhile", then())
            }
            TriggerStands::Unknown => format!("trigger {id} has no data: {found}"),
            TriggerStands::Pending => format!("trigger {id} PENDING: {found}{}", then()),
            TriggerStands::Fired => {
                let fired = self.own.and_then(|t| t.fired.as_ref());
                let found = fired.map_or("", |f| f.evidence.found.as_str());
                let on_it = fired.and_then(|f| f.acked.as_ref()).map(|said| format!(", {} is on it", said.by));
                let on_it = on_it.unwrap_or_default();
                match fired.and_then(|f| f.by.as_ref()) {
                    Some(by) => format!("trigger {id} FIRED by {by}: {when} {found}{on_it}{}", self.asks),
                    None => {
                        let now = self.view.filter(|view| view.now.is_some()).map(|view| view.found.as_str());
                        let told = match now.filter(|now| *now != found) {
                            Some(now) => format!("{now}; it fired upon {found}"),
                            None => found.to_owned(),
                        };
                        format!("trigger {id} FIRED: {}{on_it}{}", of(&told), self.asks)
                    }
                }
            }
            TriggerStands::Clearing => format!("trigger {id} fired, quiet for {}", clock.unwrap_or_default()),
            TriggerStands::Dismissed if self.outline.is_asked() => {
                format!("trigger {id} fired and was dismissed (`tminus do clear {id} WHY`)")
            }
            TriggerStands::Followed if self.own.is_some_and(|own| own.fired.is_some()) => {
                format!("trigger {id} fired: {found}; a way back that does what it asks for is under way")
            }
            TriggerStands::Followed if self.outline.is_asked() => {
                format!("trigger {id} led to the way back; armed again once cleared (`tminus do clear {id} WHY`)")
            }
            TriggerStands::Dismissed => format!("trigger {id} fired and was dismissed: {found}"),
            TriggerStands::Followed if self.left => {
                format!("trigger {id} is disarmed until it clears, since the way back was left: {found}")
            }
            TriggerStands::Followed => format!("trigger {id} led to the way back; armed again when {when} is false"),
        }
    }

    /// The same as data.
    pub fn json(&self) -> serde_json::Value {
        json!({
            "state": self.stands, "when": self.outline.when().map(ToString::to_string),
            "ask": self.outline.is_asked().then(|| self.outline.fires.to_string()), "action": self.outline.action,
            "found": self.view.map(|v| &v.found), "lasted_ms": self.view.map(|v| v.lasted.millis()),
            "needs_ms": self.view.and_then(|v| v.needs).map(|n| n.millis()), "times": self.own.map_or(0, |t| t.times),
            "fired": self.own.and_then(|t| t.fired.as_ref()).map(|f| f.at), "text": self.words(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::event::RunEnd;
    use crate::core::launch::testing::{Sim, after, plan, rollback, runs, trigger};
    use crate::core::outline::TriggerAction;
    use crate::core::reading::Outcome;

    #[test]
    fn what_is_refused_beside_a_command_that_runs_on_is_not_offered() {
        let mut outline = plan(vec![runs("deploy", |_| {})]);
        outline.triggers = vec![trigger("high", "errors > 5% for 20s", TriggerAction::Propose)];
        let mut traffic = rollback("traffic", vec![runs("traffic/to-blue", |_| {})]);
        traffic.undoes = after(&["deploy"]);
        outline.rollbacks = vec![traffic];
        outline.rollback = Some("traffic".into());
        let mut sim = Sim::new(outline);
        sim.start("deploy").unwrap();
        sim.ended("deploy.do.1", RunEnd::Interrupted);
        sim.measures("errors", Outcome::number(0.3));
        sim.pass(Span::mins(1));
        let said = |readout: &Readout| triggers(&sim.state, Some(readout)).map(|t| t.words()).collect::<String>();
        assert!(said(&sim.readout()).contains("(`tminus do rollback traffic"), "{}", said(&sim.readout()));
        let full = said(&sim.readout_full());
        assert!(full.contains("(`tminus do rollback traffic") && !full.contains("dismiss"), "{full}");
        let lives = Readout { processes: [("deploy.do.1".parse().unwrap(), 4711)].into(), ..sim.readout() };
        let said = said(&lives);
        assert!(
            said.contains("`kill 4711`; or `tminus do dismiss high WHY`)") && !said.contains("do rollback"),
            "{said}"
        );
    }

    #[test]
    fn a_clock_that_stands_still_for_want_of_data_wants_a_look() {
        let mut outline = plan(Vec::new());
        outline.triggers = vec![trigger("high", "errors > 5% for 1m", TriggerAction::Propose)];
        let mut sim = Sim::new(outline);
        let stands = |sim: &Sim| {
            let readout = sim.readout();
            triggers(&sim.state, Some(&readout)).map(|t| (t.wants_a_look(), t.words())).next().unwrap()
        };
        sim.measures("errors", Outcome::NoData("HTTP 503".into()));
        sim.pass(Span::secs(10));
        assert!(!stands(&sim).0, "nothing has begun: {stands:?}", stands = stands(&sim));
        sim.measures("errors", Outcome::number(0.3));
        sim.pass(Span::secs(20));
        sim.measures("errors", Outcome::NoData("HTTP 503".into()));
        sim.pass(Span::secs(10));
        let (look, words) = stands(&sim);
        assert!(look && words.contains("no data") && words.contains(" / 1:00; its clock stands still"), "{words}");
    }
}
