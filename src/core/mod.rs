//! The pure part: the words of a launch as types, and the rules that move them. No clock, no files, no async, no
//! terminal; `now` is an argument and readings are data. Everything else imports core; core imports nothing of ours.

pub mod asked;
pub mod away;
pub mod condition;
pub mod criterion;
pub mod estimates;
pub mod event;
pub mod expand;
mod facts;
pub mod grammar;
pub mod ids;
mod incident_state;
pub mod launch;
pub mod notice;
pub mod order;
pub mod outline;
pub mod practice;
pub mod reading;
pub mod ready;
pub mod rehearsed;
mod rejection;
pub mod report;
mod run_end;
pub mod secret;
pub mod shift;
pub mod signals;
pub mod spell;
pub mod tell;
pub mod text;
pub mod time;
pub mod units;
pub mod view;
pub mod wall;
pub mod watch;
pub mod web;
pub mod window;
pub mod words;
