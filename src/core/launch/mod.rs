//! The state of a launch and the rules that move it. All of it is pure:
//!
//! - [`decide`]: what an input (a person's order, a run's report, a look at the signals) comes to, as events or a rejection;
//! - [`LaunchState::apply`]: the fold of events into state, total and idempotent by sequence number;
//! - [`effects`]: what the engine must do after an event is durable;
//! - [`next_deadline`]: when a look is due though nothing happens;
//! - [`explain`]: what a step waits for, since when, and which order moves it;
//! - [`waiting`], [`explain_named`]: the same of all that waits, and of whatever has a name;
//! - [`forecast`]: planned, actual and projected ends, and the latest safe go;
//! - [`trigger_stands`]: how a trigger stands;
//! - [`duties`]: what the open incidents want of people, and by when;
//! - [`normal`]: a captured baseline;
//! - [`open_checks`], [`coming_check`]: which checks of a `[[watch]]` are due, overdue, and next;
//! - [`criteria`]: which share of the time what must hold over time did;
//! - [`next_call`]: whom to call next about an incident;
//! - [`update_text`]: the plan's update with what is so now;
//! - [`notices`]: what people are told, and what of it is to be sent;
//! - [`inject`]: what a scenario puts in the place of what is measured;
//! - [`stand_in`], [`judge_effect`]: what takes the place of a command and of its effects in a rehearsal;
//! - [`missing_outputs`]: what a command needs of an earlier one and is not there;
//! - [`Progress`]: how many boxes are over, of a phase or of all;
//! - [`answers`]: NOW, NEXT, BACK and the alarms, in words;
//! - [`ways`]: where the launch could go back to, and whether it is ready;
//! - [`asks`]: what a fired trigger asks, and which way back answers it;
//! - [`on_shift`], [`next_change`]: who is on shift, and who is next; [`handover`]: what the next one must know;
//! - [`aftermath`]: what a way back that was taken left; [`HalfBack`]: one that was left half done.
//!
//! Rules reconcile, they don't react. An order or a report becomes the fact alone; what follows from it (a step is done,
//! the next item of a way back starts) is found by the look after it. So a fact whose consequence was lost in a crash
//! has it at the next look. The engine looks after every input until a look finds nothing.

mod adopted;
mod aftermath;
pub mod answers;
mod apply;
mod beside;
pub(in crate::core) mod checks;
mod course;
mod criteria;
mod deadline;
mod decide;
mod due;
mod effects;
mod escalation;
mod explain;
mod forecast;
mod half_back;
mod handover;
mod hold;
mod incidents;
mod injection;
mod normal;
pub mod notices;
mod outputs;
mod patience;
mod progress;
mod proposed;
mod rehearsal;
mod rests;
mod shifts;
mod side;
pub(in crate::core) mod standing;
mod state;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
pub(crate) mod tests;
mod took;
mod triggers;
mod unplanned;
mod unwatched;
mod unwritten;
mod update;
mod waiting;
mod ways;

pub use aftermath::aftermath;
pub use beside::can_be_added;
pub use checks::{
    Check, CheckEnd, CheckResult, OpenCheck, WatchState, check_in, check_offset, coming_check, next_check, open_check,
    open_checks,
};
pub use course::*;
pub use criteria::{CriterionState, CriterionView, criteria, so_far};
pub use deadline::next_deadline;
pub use decide::{Input, LostRun, Undelivered, decide};
pub use due::{
    Closed, FirstBound, Waits, due_at, first_bound, observed_before, poll_ends, t0_outside, waits, window_now,
};
pub use effects::effects;
use escalation::calling_since;
pub use escalation::{NextCall, Unreached, next_call, unreached, who_of};
pub use explain::secrets::missing as missing_secrets;
pub use explain::{Explanation, explain};
pub use forecast::{Ends, Fit, Forecast, Room, Slot, forecast, planned_slots};
pub use half_back::HalfBack;
pub use handover::handover;
pub use hold::Hold;
pub use incidents::{Duty, DutyKind, duties, next_duty, open_incidents, open_incidents_called, proposes_back};
pub use injection::{INJECTED, inject, injected, marked};
pub use normal::{USUAL, normal, wanted_baseline, worth};
pub use notices::{Mute, Notice, Notices};
pub use outputs::{Kept, Missing, missing_outputs};
pub use progress::Progress;
pub use rehearsal::{StandIn, judge_effect, stand_in};
use shifts::turns_left;
pub use shifts::{Change, Near, Offer, OnShift, Shifts, Taken, calls, change_words, next_change, on_shift, who_fills};
pub use side::Side;
pub use state::*;
pub use triggers::{
    TriggerStands, answered, answered_seen, asks, blind, closed_way, disarmed, follows, leading_to, trigger_stands,
    way_was_left,
};
pub use unwatched::{beside_unwatched, still_runs};
pub use unwritten::{Unwritten, WORD, has_room, must_be_said, without_word};
pub use update::{LIVE, UpdateOf, update_text};
pub use waiting::{Waiting, explain_named, waiting};
pub use ways::{WayView, estimate_of_way, lacks, newest_stage, way_view, ways};
