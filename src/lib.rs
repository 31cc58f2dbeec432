//! tminus, a launch cockpit for the terminal.

#![forbid(unsafe_code)]
#![warn(missing_docs)]

pub mod cli;
pub mod core;
pub mod probes;
pub mod tui;
pub mod wire;
