//! The answer to an order that is not taken: what stands against it, and the way out.

use serde::{Deserialize, Serialize};

use super::order::What;

/// Why an order was not taken, and what to do instead. Texts are lower-case fragments; orders are data, since the screen
/// names their keys and the command line their `do`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{why}")]
pub struct Rejection {
    /// What stands against it.
    pub why: String,
    /// What would help and is no order: to wait, to look again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instead: Option<String>,
    /// Orders that would help, best first; texts in them that a person must give are empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub orders: Vec<What>,
}

impl Rejection {
    /// A rejection without advice.
    pub fn new(why: impl Into<String>) -> Self {
        Self { why: why.into(), instead: None, orders: Vec::new() }
    }

    /// A rejection with a way out that is no order.
    pub fn but(why: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { instead: Some(instead.into()), ..Self::new(why) }
    }

    /// A rejection over which the environment's name leads, typed: `order` has it already. `act` is what that does, as
    /// `to stop it`.
    pub fn unless_typed(why: impl Into<String>, act: &str, environment: &str, order: What) -> Self {
        Self::but(why, format!("{act} all the same, type the environment's name, {environment}")).or(order)
    }

    /// The same with an order that would help.
    pub fn or(mut self, order: What) -> Self {
        self.orders.push(order);
        self
    }

    /// The same with orders that would help, best first.
    pub fn any(mut self, orders: impl IntoIterator<Item = What>) -> Self {
        self.orders.extend(orders);
        self
    }
}
