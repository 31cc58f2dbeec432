//! The engine: the only owner of a launch's state, in a process of its own.
//!
//! | file | what |
//! |---|---|
//! | [`machine`] | the step function: decide → append → apply; synchronous, total, no clock |
//! | [`turn`] | the loop around it, on a thread of its own: orders, reports, deadlines, the beat |
//! | `asks` | what people ask of the loop: orders, a changed plan, secrets |
//! | [`show`] | what the loop shows to clients |
//! | [`runs`] | effects on commands: start, look, stop, and what a restarted engine finds |
//! | `standins` | what takes the place of commands in a rehearsal |
//! | [`schedule`] | the probes |
//! | [`post`] | what people are told goes out; the heartbeat |
//! | `planfile` | what became of the plan's file meanwhile |
//! | [`secrets`] | values of secrets |
//! | [`log`] | the process's own words, secrets masked |
//! | [`reserve`] | room on the disk for a way back |
//! | [`timeline`] | the launch's clock |
//! | [`open`] | a launch is made, found, or taken up after its engine died |
//! | `found` | the journal of a launch that is taken up: checked, and kept as it is where it is damaged |
//! | [`lock`] | one engine a launch |
//! | [`last`] | what a launch had come to when its engine was seen last |
//! | [`ready`] | what the machine has of what a launch needs, before its start |
//! | [`rehearsed`] | the last rehearsal of a plan |
//! | [`resume`] | what is asked of a live launch against what it is |
//! | [`daemon`] | the process: socket, signals, the end |
//! | [`start`] | the client's side: how an engine process is started |
//! | [`diff`] | the difference of two texts, for a changed plan |
//! | [`systemd`] | what systemd is told |

mod asks;
pub mod daemon;
pub mod diff;
mod found;
pub mod last;
pub mod lock;
pub mod log;
pub mod machine;
pub mod open;
mod planfile;
pub mod post;
pub mod ready;
pub mod rehearsed;
pub mod reserve;
pub mod resume;
pub mod runs;
pub mod schedule;
pub mod secrets;
pub mod show;
mod standins;
pub mod start;
mod strays;
pub mod systemd;
pub mod timeline;
pub mod turn;
