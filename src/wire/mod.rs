//! What clients and the engine say to each other: JSON lines over a Unix socket, readable with `socat` and `jq`.
//!
//! Two loss classes cross it. *Events* are sequenced and never lost; *telemetry* (signal views, output bytes) may be
//! dropped for a slow client, latest wins. No line is longer than [`MAX_LINE`]; long answers come in parts.

pub mod codec;
pub mod connect;
pub mod link;
pub mod message;

/// The version of the protocol. A client that meets another one, or another version of tminus, runs the engine's own binary
/// instead.
pub const PROTO: u32 = 1;

/// The longest line, in bytes, in either direction.
pub const MAX_LINE: usize = 64 * 1024;
