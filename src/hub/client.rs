//! One client's task. It alone writes to that client's socket; where the socket is full it waits here, and what it
//! missed meanwhile it takes from the journal (events) or leaves out (telemetry).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::net::unix::OwnedWriteHalf;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{mpsc, oneshot};

use super::output::Follower;
use super::people::{Presence, is_own, name_to_go_by, operator, user};
use super::seen::Visit;
use super::{Ask, Hub, MOST, telemetry};
use crate::core::event::Recorded;
use crate::core::ids::{OrderId, Seq};
use crate::core::order::{Operator, Order, Rejection, What};
use crate::core::view::Readout;
use crate::wire::PROTO;
use crate::wire::codec::{self, CodecError, Lines};
use crate::wire::message::{Answer, ClientMessage, EngineMessage, LastHere, Person};

/// How long a client may take to say hello.
const HELLO: Duration = Duration::from_secs(10);

/// Orders of one client that may be under way at a time; more wait in its socket.
const ORDERS: usize = 32;

/// Questions of one client that may be under way at a time; more are refused.
const QUESTIONS: usize = 16;

/// Why a client's task ends.
enum Leave {
    /// It went, or its connection did.
    Gone,
    /// It is told why.
    Told(String),
}

impl From<CodecError> for Leave {
    fn from(error: CodecError) -> Self {
        match error {
            CodecError::Io(_) => Leave::Gone,
            other => Leave::Told(other.to_string()),
        }
    }
}

/// Serves a client until it leaves.
pub async fn serve(hub: Arc<Hub>, stream: UnixStream, session: u64) {
    let user = user(&stream);
    let (read, mut write) = stream.into_split();
    let mut lines = Lines::new(read);
    let left = match user {
        Err(why) => Err(Leave::Told(why)),
        Ok(_) if hub.people.borrow().len() >= MOST => Err(Leave::Told(format!("{MOST} clients are attached already"))),
        Ok(user) => greet(&hub, &mut lines, &mut write, user, session).await,
    };
    if let Err(Leave::Told(why)) = left {
        let goodbye = EngineMessage::Goodbye { why };
        let _ = tokio::time::timeout(Duration::from_secs(1), codec::send(&mut write, &goodbye)).await;
    }
}

/// Hello and welcome, then everything else.
async fn greet(
    hub: &Hub,
    lines: &mut Lines<tokio::net::unix::OwnedReadHalf>,
    write: &mut OwnedWriteHalf,
    user: String,
    session: u64,
) -> Result<(), Leave> {
    let hello = tokio::time::timeout(HELLO, lines.next::<ClientMessage>()).await;
    let hello = hello.map_err(|_| Leave::Told("no hello came within 10 s".to_owned()))??;
    let Some(ClientMessage::Hello { proto, declared, observe, screen, .. }) = hello else {
        return Err(Leave::Told("the first line must be a hello".to_owned()));
    };
    if let Some(Err(why)) = declared.as_deref().map(name_to_go_by) {
        return Err(Leave::Told(why));
    }
    let nameless = hub.shown.borrow().state.shared
        && is_own(&user)
        && declared.as_deref().is_none_or(|name| name.trim().is_empty());
    let observe = observe || nameless;
    let you = operator(user, declared, session);
    // From here on nothing is missed: what happens after the state is taken is in the ring.
    let events = hub.events.subscribe();
    let shown = hub.shown.borrow().clone();
    let now = (hub.source.now)();
    let speaks = proto == PROTO;
    let visit = (screen && speaks).then(|| hub.seen.comes(&you.name, LastHere { head: shown.state.head, at: now }));
    let (last_here, visit) = visit.map_or((None, None), |(last, visit)| (last, Some(visit)));
    let leaving = Leaving { hub, visit };
    let welcome = EngineMessage::Welcome {
        proto: PROTO,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        launch: shown.state.id.clone(),
        you: you.clone(),
        observe,
        now,
        wall: shown.wall,
        last_here,
    };
    codec::send(write, &welcome).await?;
    if proto != PROTO {
        return Err(Leave::Told(format!("this engine speaks protocol {PROTO}, you speak {proto}")));
    }
    let person = Person { who: you.clone(), since: now, observe };
    let _here = Presence::new(&hub.people, session, person);
    for piece in telemetry::state(&shown.state) {
        codec::send(write, &piece).await?;
    }
    let (answers, answered) = mpsc::channel(QUESTIONS);
    let mut client = Client {
        hub,
        write,
        you,
        observe,
        nameless,
        head: shown.state.head,
        known: Readout::default(),
        replies: VecDeque::new(),
        parts: VecDeque::new(),
        questions: 0,
        answers,
        follower: None,
    };
    let left = client.attend(lines, events, answered).await;
    drop(leaving);
    left
}

/// Notes when a screen closed, however its task ends.
struct Leaving<'a> {
    hub: &'a Hub,
    visit: Option<Visit<'a>>,
}

impl Drop for Leaving<'_> {
    fn drop(&mut self) {
        if let Some(visit) = self.visit.take() {
            let head = self.hub.shown.borrow().state.head;
            visit.ends(LastHere { head, at: (self.hub.source.now)() });
        }
    }
}

/// What is kept for a client.
struct Client<'a> {
    hub: &'a Hub,
    write: &'a mut OwnedWriteHalf,
    you: Operator,
    observe: bool,
    /// It observes since it gave no name in an account that several share.
    nameless: bool,
    /// The last event that it has.
    head: Seq,
    /// The readout that it has.
    known: Readout,
    /// Orders that the loop has not answered yet, oldest first.
    replies: VecDeque<(OrderId, oneshot::Receiver<Result<Seq, Rejection>>)>,
    /// Parts of answers, not yet sent.
    parts: VecDeque<EngineMessage>,
    /// Questions under way at the reader.
    questions: usize,
    answers: mpsc::Sender<(u64, Vec<Answer>)>,
    follower: Option<Follower>,
}

impl Client<'_> {
    async fn attend(
        &mut self,
        lines: &mut Lines<tokio::net::unix::OwnedReadHalf>,
        mut events: tokio::sync::broadcast::Receiver<Arc<Recorded>>,
        mut answered: mpsc::Receiver<(u64, Vec<Answer>)>,
    ) -> Result<(), Leave> {
        let mut readout = self.hub.readout.clone();
        readout.mark_changed();
        let mut people = self.hub.people.subscribe();
        people.mark_changed();
        let mut trouble = self.hub.trouble.clone();
        trouble.mark_changed();
        let mut goodbye = self.hub.goodbye.clone();
        goodbye.mark_changed();
        let mut beat = tokio::time::interval(Duration::from_millis(100));
        beat.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                event = events.recv() => match event {
                    Ok(event) => self.event(event).await?,
                    Err(RecvError::Lagged(_)) => self.catch_up().await?,
                    Err(RecvError::Closed) => return Err(Leave::Told("the engine ended".to_owned())),
                },
                reply = async { match self.replies.front_mut() {
                    Some((_, reply)) => reply.await,
                    None => std::future::pending().await,
                } } => {
                    let result = reply.unwrap_or_else(|_| Err(Rejection::new("the engine ends")));
                    if let Some((id, _)) = self.replies.pop_front() {
                        self.send(&EngineMessage::Reply { id, result }).await?;
                    }
                }
                Ok(()) = goodbye.changed() => {
                    let why = goodbye.borrow_and_update().clone();
                    if let Some(why) = why {
                        // What happened last is still theirs.
                        while let Ok(event) = events.try_recv() {
                            self.event(event).await?;
                        }
                        return Err(Leave::Told(why));
                    }
                }
                message = lines.next::<ClientMessage>(), if self.replies.len() < ORDERS => match message {
                    Ok(Some(message)) => self.take(message).await?,
                    Ok(None) => return Err(Leave::Gone),
                    Err(e) => return Err(e.into()),
                },
                Ok(()) = people.changed() => {
                    let people = people.borrow_and_update().iter().map(|(_, p)| p.clone()).collect();
                    self.send(&EngineMessage::Here { people }).await?;
                }
                Ok(()) = trouble.changed() => {
                    let trouble = trouble.borrow_and_update().clone();
                    self.send(&EngineMessage::Trouble(trouble)).await?;
                }
                Ok(()) = readout.changed() => {
                    let now = readout.borrow_and_update().clone();
                    for message in telemetry::changes(&self.known, &now) {
                        self.send(&message).await?;
                    }
                    self.known = Readout::clone(&now);
                }
                () = std::future::ready(()), if !self.parts.is_empty() => {
                    if let Some(part) = self.parts.pop_front() {
                        self.send(&part).await?;
                    }
                }
                Some((id, answer)) = answered.recv() => {
                    self.questions = self.questions.saturating_sub(1);
                    let last = answer.len().saturating_sub(1);
                    let parts = answer.into_iter().enumerate();
                    self.parts.extend(parts.map(|(n, answer)| EngineMessage::Part { id, more: n < last, answer }));
                }
                _ = beat.tick(), if self.follower.is_some() => {
                    let piece = self.follower.as_mut().and_then(|f| f.next(&self.hub.source.dir));
                    if let Some(piece) = piece {
                        self.send(&piece).await?;
                        // There may be more; the next look comes at once then.
                        beat.reset_immediately();
                    }
                }
            }
        }
    }

    async fn send(&mut self, message: &EngineMessage) -> Result<(), Leave> {
        match codec::send(self.write, message).await {
            // Can't be: everything is cut to fit. If it is, the client is better off without that one.
            Err(CodecError::TooLong) => {
                tracing::error!("a message was too long for a line and was left out");
                Ok(())
            }
            other => Ok(other?),
        }
    }

    async fn event(&mut self, event: Arc<Recorded>) -> Result<(), Leave> {
        if event.seq <= self.head {
            return Ok(());
        }
        let (event, cut) = telemetry::fit(&event);
        if cut {
            let state = self.hub.shown.borrow().state.clone();
            for piece in telemetry::state(&state) {
                self.send(&piece).await?;
            }
        }
        self.head = event.seq;
        self.send(&EngineMessage::Event(Box::new(Recorded::clone(&event)))).await
    }

    /// The ring has gone on without us: takes what is missing from the journal.
    async fn catch_up(&mut self) -> Result<(), Leave> {
        let to = self.hub.shown.borrow().state.head;
        while self.head < to {
            let (tell, told) = oneshot::channel();
            let upto = Seq(to.0.min(self.head.0.saturating_add(500)));
            let asked = self.hub.reader.events(Seq(self.head.0 + 1), upto, tell);
            let missed = match (asked, told.await) {
                (true, Ok(Ok(missed))) if !missed.is_empty() => missed,
                (true, Ok(Err(why))) => return Err(Leave::Told(format!("you lag and {why}: attach again"))),
                _ => return Err(Leave::Told("you lag too far behind: attach again".to_owned())),
            };
            for event in missed {
                self.event(Arc::new(event)).await?;
            }
        }
        Ok(())
    }

    /// Why an order of this client is not taken, and how it would be.
    fn observes(&self) -> Rejection {
        if self.nameless {
            let why =
                "this account is shared, its people go by names of their own: without one you may look, note and hold";
            return Rejection::but(why, "say who you are: --as NAME, or TMINUS_AS=NAME");
        }
        Rejection::but("you observe: you may look, note and hold", "come without --observe")
    }

    async fn take(&mut self, message: ClientMessage) -> Result<(), Leave> {
        match message {
            ClientMessage::Hello { .. } => {}
            ClientMessage::Order { id, mut what } => {
                if let What::Lead { here, .. } = &mut what {
                    *here = self.hub.people.borrow().iter().map(|(_, person)| person.who.name.clone()).collect();
                }
                let (tell, told) = oneshot::channel();
                if self.observe && !matches!(what, What::Note { .. } | What::Fix { .. } | What::Hold { .. }) {
                    let _ = tell.send(Err(self.observes()));
                } else {
                    let order = Order { id: id.clone(), by: self.you.clone(), what };
                    let _ = self.hub.asks.send(Ask::Order(order, tell)).await;
                }
                self.replies.push_back((id, told));
            }
            ClientMessage::Env { id, values } => {
                let (tell, told) = oneshot::channel();
                if self.observe {
                    let _ = tell.send(Err(self.observes()));
                } else {
                    let _ = self.hub.asks.send(Ask::Env(self.you.clone(), values, tell)).await;
                }
                self.replies.push_back((id, told));
            }
            ClientMessage::Watch { output } => {
                self.follower = output.map(|(run, from)| Follower::new(run, from));
            }
            ClientMessage::Get { id, what } => {
                let state = self.hub.shown.borrow().state.clone();
                let full = self.questions >= QUESTIONS || self.parts.len() > 256;
                if full || !self.hub.reader.ask(what, state, id, self.answers.clone()) {
                    let answer = Answer::Failed("too many questions at once: ask again".to_owned());
                    self.parts.push_back(EngineMessage::Part { id, more: false, answer });
                } else {
                    self.questions += 1;
                }
            }
        }
        Ok(())
    }
}
