//! A client's end of a connection: messages in, messages out. Who made it (a socket, a replay, a test) is not seen.

use std::pin::Pin;

use tokio::sync::mpsc;

use super::message::{ClientMessage, EngineMessage};

/// A connection whose hello was answered: the first message that comes out of it is `Welcome`, then the state.
/// `incoming` ends when the connection is lost.
#[derive(Debug)]
pub struct Link {
    /// From the engine.
    pub incoming: mpsc::Receiver<EngineMessage>,
    /// To the engine.
    pub outgoing: mpsc::Sender<ClientMessage>,
}

/// Makes a new [`Link`] after one was lost; an error says why not, as a lower-case fragment.
pub type Reconnect = Box<dyn FnMut() -> Pin<Box<dyn Future<Output = Result<Link, String>>>>>;
