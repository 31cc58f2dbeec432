//! A client without a screen: it folds what the engine sends, gives an order, and reads the answer.

use std::time::Duration;

use color_eyre::eyre::eyre;

use crate::core::event::Recorded;
use crate::core::ids::{OrderId, Seq};
use crate::core::launch::LaunchState;
use crate::core::order::{Rejection, What};
use crate::core::secret::Carried;
use crate::core::view::Readout;
use crate::wire::link::Link;
use crate::wire::message::{Answer, ClientMessage, EngineMessage, Query, Trouble};
use crate::wire::{MAX_LINE, codec};

/// How long the engine may take to answer.
const PATIENCE: Duration = Duration::from_secs(20);

/// Telemetry that comes in several lines comes without a pause as long as this.
const PAUSE: Duration = Duration::from_millis(60);

/// The engine went away, or hung up. What was ordered may have been taken: the same order, by its id, can be given again.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Lost(String);

impl Lost {
    fn unanswered() -> color_eyre::Report {
        Self("the engine went before it answered: `tminus log` shows whether the order was taken".to_owned()).into()
    }

    fn hung_up(why: &str) -> color_eyre::Report {
        Self(format!("the engine hung up: {why}")).into()
    }
}

/// A link with what came by it.
pub struct Session {
    link: Link,
    /// The state, kept up.
    pub state: LaunchState,
    /// What is known of the signals.
    pub readout: Readout,
    /// What keeps the engine from its work.
    pub trouble: Trouble,
    /// Events since we came.
    pub events: Vec<Recorded>,
    pieces: String,
}

impl Session {
    /// Takes the welcome and the state.
    pub async fn open(mut link: Link) -> color_eyre::Result<Self> {
        let Some(EngineMessage::Welcome { .. }) = next(&mut link).await? else {
            return Err(eyre!("the engine did not say welcome"));
        };
        let mut text = String::new();
        loop {
            match next(&mut link).await? {
                Some(EngineMessage::State { json, more }) => {
                    text.push_str(&json);
                    if !more {
                        break;
                    }
                }
                Some(EngineMessage::Goodbye { why }) => return Err(Lost::hung_up(&why)),
                Some(_) => {}
                None => return Err(Lost::unanswered()),
            }
        }
        let state = serde_json::from_str(&text)?;
        let (readout, trouble) = (Readout::default(), Trouble::default());
        Ok(Self { link, trouble, state, readout, events: Vec::new(), pieces: String::new() })
    }

    /// Waits until the signals are known.
    pub async fn signals(&mut self) -> color_eyre::Result<()> {
        let mut seen = false;
        loop {
            let message = match tokio::time::timeout(if seen { PAUSE } else { PATIENCE }, next(&mut self.link)).await {
                Ok(message) => message?,
                Err(_) if seen => return Ok(()),
                Err(_) => return Err(eyre!("the engine says nothing")),
            };
            seen |= matches!(message, Some(EngineMessage::Telemetry { more: false, .. }));
            match message {
                Some(message) => drop(self.take(message)?),
                None => return Err(Lost::unanswered()),
            }
        }
    }

    /// Gives an order and waits for the answer. An id that was taken before has its answer of then; its event is then
    /// among [`Session::events`] too.
    pub async fn order(&mut self, id: OrderId, what: What) -> color_eyre::Result<Result<Seq, Rejection>> {
        self.send(ClientMessage::Order { id: id.clone(), what }).await?;
        let reply = self.reply(&id).await?;
        if let Ok(seq) = reply
            && self.state.orders.get(&id) == Some(&seq)
            && self.events.iter().all(|event| event.seq != seq)
        {
            for answer in self.get(Query::Events { from: seq, to: seq }).await? {
                if let Answer::Events(events) = answer {
                    self.events.splice(0..0, events);
                }
            }
        }
        Ok(reply)
    }

    /// Gives values of secrets and waits for the answer.
    pub async fn env(&mut self, values: Carried) -> color_eyre::Result<Result<Seq, Rejection>> {
        let id = new_id();
        self.send(ClientMessage::Env { id: id.clone(), values }).await?;
        self.reply(&id).await
    }

    /// Asks something and waits for all parts of the answer.
    pub async fn get(&mut self, what: Query) -> color_eyre::Result<Vec<Answer>> {
        let asked = rand::random();
        self.send(ClientMessage::Get { id: asked, what }).await?;
        let mut parts = Vec::new();
        loop {
            match next(&mut self.link).await? {
                Some(EngineMessage::Part { id, more, answer }) if id == asked => {
                    parts.push(answer);
                    if !more {
                        return Ok(parts);
                    }
                }
                Some(message) => drop(self.take(message)?),
                None => return Err(Lost::unanswered()),
            }
        }
    }

    async fn send(&mut self, message: ClientMessage) -> color_eyre::Result<()> {
        self.link.outgoing.send(message).await.map_err(|_| Lost::unanswered())
    }

    async fn reply(&mut self, id: &OrderId) -> color_eyre::Result<Result<Seq, Rejection>> {
        loop {
            let message = next(&mut self.link).await?.ok_or_else(Lost::unanswered)?;
            if let Some((answered, result)) = self.take(message)?
                && answered == *id
            {
                return Ok(result);
            }
        }
    }

    /// Waits for what comes next, and takes it with all that has come; may be given up and begun anew.
    pub async fn hear(&mut self) -> color_eyre::Result<()> {
        let mut next = self.link.incoming.recv().await;
        loop {
            self.take(next.ok_or_else(Lost::unanswered)?)?;
            match self.link.incoming.try_recv() {
                Ok(message) => next = Some(message),
                Err(_) => return Ok(()),
            }
        }
    }

    /// Waits until something holds of the state.
    pub async fn until(&mut self, mut holds: impl FnMut(&LaunchState, &Readout) -> bool) -> color_eyre::Result<()> {
        while !holds(&self.state, &self.readout) {
            match self.link.incoming.recv().await {
                Some(message) => drop(self.take(message)?),
                None => return Err(Lost::unanswered()),
            }
        }
        Ok(())
    }

    fn take(&mut self, message: EngineMessage) -> color_eyre::Result<Option<(OrderId, Result<Seq, Rejection>)>> {
        match message {
            EngineMessage::Event(event) => {
                self.state.apply(&event);
                self.events.push(*event);
            }
            EngineMessage::State { json, more } => {
                self.pieces.push_str(&json);
                if !more {
                    self.state = serde_json::from_str(&std::mem::take(&mut self.pieces))?;
                }
            }
            EngineMessage::Telemetry { at, signals, conditions, .. } => self.readout.take(at, signals, conditions),
            EngineMessage::Gone { signals, conditions } => self.readout.drop_gone(&signals, &conditions),
            EngineMessage::Asking { runs } => self.readout.asking = runs,
            EngineMessage::Processes { runs } => self.readout.processes = runs,
            EngineMessage::Criteria { of } => self.readout.criteria = of,
            EngineMessage::Trouble(trouble) => {
                self.readout.secrets.clone_from(&trouble.secrets);
                self.readout.unwritten.clone_from(&trouble.journal);
                self.trouble = trouble;
            }
            EngineMessage::Reply { id, result } => return Ok(Some((id, result))),
            EngineMessage::Goodbye { why } => return Err(Lost::hung_up(&why)),
            _ => {}
        }
        Ok(None)
    }
}

/// Whether an order can be sent; the error says why not.
pub fn fits(id: &OrderId, what: &What) -> Result<(), String> {
    let message = ClientMessage::Order { id: id.clone(), what: what.clone() };
    let too_long = || format!("the order is too long: with all its texts it may have {MAX_LINE} bytes");
    codec::line(&message).map(drop).ok_or_else(too_long)
}

async fn next(link: &mut Link) -> color_eyre::Result<Option<EngineMessage>> {
    tokio::time::timeout(PATIENCE, link.incoming.recv()).await.map_err(|_| eyre!("the engine does not answer"))
}

/// An order's id that nobody had before.
pub fn new_id() -> OrderId {
    OrderId::from(format!("{:032x}", rand::random::<u128>()))
}
