//! The state of a launch and the rules that move it. All of it is pure:
//!
//! - [`decide`]: what an input (a person's order, a run's report, a look at the signals) comes to, as events or a rejection;
//! - [`LaunchState::apply`]: the fold of events into state, total and idempotent by sequence number;
//! - [`effects`]: what the engine must do after an event is durable;
//! - [`next_deadline`]: when a look is due though nothing happens;
//! - [`explain`]: what a step waits for, since when, and which order moves it.

mod rules;
mod state;

pub use rules::*;
pub use state::*;
