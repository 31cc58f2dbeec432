//! The simulated production of `tminus demo`: a small web shop's two versions behind a balancer, with its database, its
//! queues and its monitoring, all of it numbers that move with a clock and are served over the loopback interface.
//!
//! Nothing else of tminus is simulated in the demo: the plan, the engine, the probes and the screen are the real ones,
//! and they know of this production only what it answers. It knows nothing of them.
//!
//! - [`scenario`]: the stories, as data;
//! - [`model`]: the production: pure, it moves when its clock is advanced;
//! - [`answers`]: what it answers to a request;
//! - [`server`]: the loopback server around it;
//! - [`tell`]: how the plan's commands talk to it.

pub mod answers;
pub mod model;
pub mod scenario;
pub mod server;
pub mod tell;

mod window;

/// The plan that goes with it.
pub const PLAN: &str = include_str!("../../plans/demo.toml");
