//! Things that several panes draw.

pub mod chart;
pub mod gauge;
pub mod section;
pub mod spark;
