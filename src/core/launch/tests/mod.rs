//! Each rule with a test that reads like its sentence.

mod back;
mod beside;
mod checks;
mod clock;
mod criteria;
mod design;
mod escalation;
mod finish;
mod fire;
mod forecast;
mod gates;
mod incidents;
mod invariants;
mod notices;
mod outputs;
mod posts;
mod refused;
pub(crate) mod rehearsal;
mod rests;
mod shifts;
mod side;
mod signals;
mod standing;
mod steps;
mod triggers;
mod waiting;
mod words;
