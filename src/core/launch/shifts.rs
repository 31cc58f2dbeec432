//! Who is on shift, who is next, and what of the handover is late. What was handed over is stored; the rest follows from
//! the plan's turns, so that a slip moves it.
//!
//! - The first turn begins by itself. Every later one begins when the next one accepts the handover, or takes over
//!   without one; until then the one on shift stays, in everything that goes by the role.
//! - Of turns that nobody took, the newest whose time has come is the one that is wanted.
//! - These are clocks of people who look at a wall clock: they do not stand still where no engine ran.

use serde::{Deserialize, Serialize};

use super::escalation::person;
use super::{LaunchState, Said, Status};
use crate::core::head::Head;
use crate::core::ids::RoleId;
use crate::core::order::Operator;
use crate::core::outline::{ShiftsOutline, Turn};
use crate::core::reading::Level;
use crate::core::shift::{Fact, Part};
use crate::core::time::{Offset, Span, Timestamp};
use crate::core::wall::Wall;
use crate::core::words::{clock, short};

/// So many notes are kept for the next handover.
const NOTES: usize = 50;

/// What happened about shifts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shifts {
    /// Who took over last; none while it is still the first turn.
    pub taken: Option<Taken>,
    /// A handover that waits for its acceptance.
    pub offer: Option<Offer>,
    /// How many handovers were written.
    pub count: u32,
    /// What people wrote down since somebody took over last, oldest first.
    pub notes: Vec<Said>,
}

/// Somebody on shift, since they said so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    /// Who, by name.
    pub who: String,
    /// Since when.
    pub since: Timestamp,
    /// The newest turn that is no longer wanted.
    pub turn: Option<Offset>,
}

/// A handover as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// Counted from 1.
    pub number: u32,
    /// When it was written.
    pub at: Timestamp,
    /// Who wrote it.
    pub by: Operator,
    /// Who is to accept it, by name.
    pub to: String,
    /// The turn that it is for.
    pub turn: Option<Offset>,
    /// What stood then.
    pub sheet: Vec<Part>,
    /// What the writer added.
    pub text: String,
    /// The journal's head then, where it was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
}

impl LaunchState {
    pub(super) fn fold_shift(&mut self, fact: &Fact, at: Timestamp) {
        let shifts = &mut self.shifts;
        match fact {
            Fact::Offered { handover, by, to, turn, sheet, text, head } => {
                shifts.count = shifts.count.max(*handover);
                let (number, by, to, turn, head) = (*handover, by.clone(), to.clone(), *turn, head.clone());
                shifts.offer = Some(Offer { number, at, by, to, turn, sheet: sheet.clone(), text: text.clone(), head });
            }
            Fact::Accepted { handover, by } => {
                let offer = shifts.offer.take().filter(|offer| offer.number == *handover);
                // The page that was accepted has the notes of before it was written.
                let told = offer.as_ref().map_or(at, |offer| offer.at);
                self.on_shift_now(&by.name, at, offer.and_then(|offer| offer.turn), told);
            }
            Fact::TakenOver { by, turn, .. } => self.on_shift_now(&by.name, at, *turn, at),
            Fact::Unknown => {}
        }
    }

    /// Who is on shift now; notes up to `told` are known to them.
    fn on_shift_now(&mut self, name: &str, since: Timestamp, turn: Option<Offset>, told: Timestamp) {
        let first = self.outline.shifts.as_ref().and_then(|plan| plan.turns.first()).map(|first| first.at);
        let before = self.shifts.taken.as_ref().and_then(|taken| taken.turn).or(first);
        // As the plan writes the name.
        let planned = self.outline.shifts.iter().flat_map(|plan| &plan.turns).find(|turn| same(&turn.who, name));
        let who = planned.map_or_else(|| name.to_owned(), |turn| turn.who.clone());
        self.shifts.taken = Some(Taken { who, since, turn: turn.max(before) });
        self.shifts.offer = None;
        self.shifts.notes.retain(|said| said.at > told);
    }

    pub(super) fn fold_note(&mut self, by: &Operator, text: &str, at: Timestamp) {
        if self.outline.shifts.is_none() {
            return;
        }
        let notes = &mut self.shifts.notes;
        notes.push(Said { at, by: by.clone(), text: text.to_owned() });
        let over = notes.len().saturating_sub(NOTES);
        notes.drain(..over);
    }
}

/// Whether two names are one person's: capitals do not matter.
pub(super) fn same(one: &str, other: &str) -> bool {
    one.trim().eq_ignore_ascii_case(other.trim())
}

/// The plan's shifts, while the launch lives.
fn planned(state: &LaunchState) -> Option<&ShiftsOutline> {
    state.outline.shifts.as_ref().filter(|_| !matches!(state.status, Status::Ended { .. }))
}

/// Who is on shift, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OnShift<'a> {
    /// The role that they fill.
    pub role: &'a RoleId,
    /// Who, by name.
    pub who: &'a str,
    /// Since when; may lie ahead before the first turn.
    pub since: Timestamp,
}

/// Who is on shift: who took over last, else whose the first turn is, also before it begins; none where the plan has no
/// shifts.
pub fn on_shift(state: &LaunchState) -> Option<OnShift<'_>> {
    let plan = planned(state)?;
    let (who, since) = match &state.shifts.taken {
        Some(taken) => (taken.who.as_str(), taken.since),
        None => plan.turns.first().map(|first| (first.who.as_str(), begins(state, first)))?,
    };
    Some(OnShift { role: &plan.role, who, since })
}

fn begins(state: &LaunchState, turn: &Turn) -> Timestamp {
    state.t0 + turn.at.0
}

/// Who fills a role, by name: who is on shift where it has shifts, else who the plan names; none where it names nobody.
pub fn who_fills<'a>(state: &'a LaunchState, role: &RoleId) -> Option<&'a str> {
    let on = on_shift(state).filter(|on| on.role == role).map(|on| on.who);
    let planned = || state.outline.roles.get(role).map(|role| role.name.as_str());
    on.or_else(planned).filter(|name| !name.is_empty())
}

/// A change of shift: one turn of the plan after the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change<'a> {
    /// The role.
    pub role: &'a RoleId,
    /// The turn, as the plan has it.
    pub turn: &'a Turn,
    /// When it begins.
    pub at: Timestamp,
    /// From when on people are reminded of it.
    pub remind: Timestamp,
    /// When it is overdue.
    pub late: Timestamp,
}

/// The turn that is wanted next: of those that nobody took, the newest whose time has come, else the first to come; where
/// that is the turn of who is on shift already, the next one of somebody else. None where none is left.
pub fn next_change(state: &LaunchState, now: Timestamp) -> Option<Change<'_>> {
    let plan = planned(state)?;
    let taken = match &state.shifts.taken {
        Some(taken) => taken.turn,
        None => plan.turns.first().map(|first| first.at),
    };
    let left = || plan.turns.iter().filter(|turn| taken.is_none_or(|taken| turn.at > taken));
    let on = on_shift(state).map(|on| on.who);
    let theirs = |turn: &&Turn| on.is_some_and(|who| same(who, &turn.who));
    let turn = left().rfind(|turn| begins(state, turn) <= now).or_else(|| left().next())?;
    // Who stayed over a turn that nobody took is on shift in their own: nobody relieves themselves.
    let turn = left().filter(|one| one.at >= turn.at).find(|one| !theirs(one))?;
    let at = begins(state, turn);
    Some(Change { role: &plan.role, turn, at, remind: at - plan.remind, late: at + plan.late })
}

/// When the newest turn begins, from T-0, whose time has come and that nobody took; none where there is none.
pub(super) fn untaken_turn(state: &LaunchState, now: Timestamp) -> Option<Offset> {
    turns_left(state).filter(|(_, begins)| *begins <= now).last().map(|(turn, _)| turn.at)
}

/// The turns that nobody took yet, each with when it begins.
pub(super) fn turns_left(state: &LaunchState) -> impl Iterator<Item = (&Turn, Timestamp)> {
    let plan = planned(state);
    let taken = match &state.shifts.taken {
        Some(taken) => taken.turn,
        None => plan.and_then(|plan| plan.turns.first()).map(|first| first.at),
    };
    let all = plan.into_iter().flat_map(|plan| &plan.turns);
    all.filter(move |turn| taken.is_none_or(|taken| turn.at > taken)).map(|turn| (turn, begins(state, turn)))
}

/// How near a change of shift is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Near {
    /// Not yet to be thought of.
    Ahead,
    /// People are reminded.
    Soon,
    /// Its time has come.
    Due,
    /// Nobody accepted it in time.
    Overdue,
}

impl Change<'_> {
    /// How near it is.
    pub fn near(&self, now: Timestamp) -> Near {
        match now {
            now if now >= self.late => Near::Overdue,
            now if now >= self.at => Near::Due,
            now if now >= self.remind => Near::Soon,
            _ => Near::Ahead,
        }
    }

    /// How much it matters now. It warns when its time has come. It is critical once its grace (`late` of `[shifts]`) is
    /// over, for that is when the backup is reached for. It stays a matter of people: production may be well.
    pub fn level(&self, now: Timestamp) -> Level {
        match self.near(now) {
            Near::Overdue => Level::Critical,
            Near::Due => Level::Warn,
            Near::Soon | Near::Ahead => Level::Ok,
        }
    }

    /// `in 14m`, `due now`, `due for 4:10`, `OVERDUE 12:00`; counted from when its turn begins.
    pub fn when(&self, now: Timestamp) -> String {
        let since = now.since(self.at).seconds();
        match self.near(now) {
            Near::Ahead | Near::Soon => format!("in {}", short(Span::ZERO - since)),
            Near::Due if since < Span::secs(1) => "due now".to_owned(),
            Near::Due => format!("due for {}", clock(since)),
            Near::Overdue => format!("OVERDUE {}", clock(since)),
        }
    }
}

/// The moments at which something here changes by itself.
pub(super) fn moments(state: &LaunchState) -> Vec<Timestamp> {
    let Some(plan) = planned(state) else { return Vec::new() };
    let of = |turn: &Turn| [begins(state, turn) - plan.remind, begins(state, turn), begins(state, turn) + plan.late];
    plan.turns.iter().flat_map(of).collect()
}

/// Whom to call where a handover does not come: the next one, then who stands in for them, else for the role:
/// `call Ben, +49 30 2, else Tom, +49 30 3`.
pub fn calls(state: &LaunchState, change: &Change<'_>) -> String {
    let outline = &*state.outline;
    let said = |(name, contact): (&str, Option<&str>)| match contact {
        Some(contact) => format!("{name}, {contact}"),
        None => name.to_owned(),
    };
    // Who is on shift is to be relieved, and calls nobody there.
    let on = on_shift(state).map(|on| on.who);
    let relieved = |name: &&str| !on.is_some_and(|who| same(who, name));
    let backup = stands_in(state, change.role, &change.turn.who).filter(relieved);
    let backup = backup.map_or_else(String::new, |name| format!(", else the backup {}", said(person(outline, name))));
    format!("call {}{backup}", said(person(outline, &change.turn.who)))
}

/// Who stands in for a person on shift: their own backup where a role of theirs has one, else the shift's.
pub(super) fn stands_in<'a>(state: &'a LaunchState, role: &RoleId, who: &str) -> Option<&'a str> {
    let roles = &state.outline.roles;
    let own = roles.values().filter(|known| same(&known.name, who)).find_map(|known| known.backup.as_deref());
    let backup = own.or_else(|| roles.get(role)?.backup.as_deref())?;
    (!same(backup, who)).then_some(backup)
}

/// `on-call: Ben takes over from Ana at 16:00, in 14m`; who does what next is for the caller to say.
pub fn change_words(state: &LaunchState, change: &Change<'_>, now: Timestamp) -> String {
    let from = on_shift(state).map_or_else(String::new, |on| format!(" from {}", on.who));
    let at = Wall::of(state).near(change.at, now);
    format!("{}: {} takes over{from} at {at}, {}", change.role, change.turn.who, change.when(now))
}
