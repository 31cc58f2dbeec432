//! The loop: what comes in (keys, messages, seconds) changes the model; what changed is drawn, one frame at a time.
//! Generic over the terminal and fed by streams, so that tests type keys into the real loop.

use std::collections::VecDeque;
use std::pin::Pin;
use std::time::Duration;

use base64::Engine as _;
use crossterm::event::{Event, KeyEventKind};
use futures_util::{Stream, StreamExt};
use ratatui::buffer::Buffer;
use ratatui::layout::{Position, Rect};
use tokio::time::{Instant, sleep, sleep_until};

use super::background::Ear;
use super::clip::{MOST, Went};
use super::depth::{self, Depth};
use super::model::{Line, Model};
use super::msg::{Effect, Happened, Msg};
use super::tmux;
use super::told::Told;
use super::torn::Torn;
use super::update::update;
use super::{alarm, alerts, editor, mouse, view};
use crate::core::event::Mode;
use crate::core::launch::{Progress, Status};
use crate::core::time::Span;
use crate::wire::link::{Link, Reconnect};
use crate::wire::message::EngineMessage;

/// What is drawn on.
pub trait Screen {
    /// Columns and rows; none where that can't be known.
    fn size(&self) -> Option<(u16, u16)>;
    /// Makes this the frame, with the cursor where it is to be seen.
    fn draw(&mut self, frame: Buffer, cursor: Option<Position>);
    /// Whether the last frame was written whole.
    fn ready(&self) -> bool;
    /// The title of the terminal's window, sent with the frame.
    fn title(&mut self, title: &str);
    /// Sends what changed since the last frame; where nothing did, nothing.
    fn send(&mut self);
    /// Waits until the frame in flight is written; for ever where there is none.
    fn landed(&mut self) -> impl Future<Output = ()>;
    /// The terminal said what its background is.
    fn answered(&mut self);
    /// Goes to the shell until it brings us back.
    fn suspend(&mut self);
    /// Gives the terminal to an editor.
    fn lend(&mut self);
    /// Has it again.
    fn take_back(&mut self);
    /// Forgets what the terminal shows.
    fn redraw(&mut self);
    /// Whether tmux is between this and the terminal.
    fn in_tmux(&self) -> bool;
    /// Hands what is to be copied, as the terminal's sequence has it, to the terminal with the next frame.
    fn clip(&mut self, encoded: &str);
    /// Takes the mouse, or gives it back, with the next frame.
    fn mouse(&mut self, on: bool);
    /// Sends this with the next frame: the bell, and a notification where there is one.
    fn call(&mut self, sequence: &str);
}

/// Messages of the engine are drawn at most this often; keys at once.
const CALM: Duration = Duration::from_millis(100);
/// The beat of the clocks.
const SECOND: Duration = Duration::from_secs(1);
/// Between attempts to come back, in seconds.
const PATIENCE: [u64; 5] = [0, 1, 2, 4, 8];

type Copying = Pin<Box<dyn Future<Output = (String, Result<(), String>)>>>;
type Editing = Pin<Box<dyn Future<Output = Result<String, String>>>>;
/// What a person types, as it comes.
pub type Input = Pin<Box<dyn Stream<Item = std::io::Result<Event>>>>;
type Attempt = Pin<Box<dyn Future<Output = Result<Link, String>>>>;

/// Runs until the person detaches or the input ends. `listen` begins to read what is typed; what it gave before is dropped
/// while an editor has the terminal.
pub async fn run<S: Screen>(
    model: &mut Model,
    depth: Depth,
    screen: &mut S,
    mut listen: impl FnMut() -> Input,
    link: Link,
    mut reconnect: Option<Reconnect>,
) {
    let start = Instant::now();
    let mono = || Span(i64::try_from(start.elapsed().as_millis()).unwrap_or(i64::MAX));
    let mut input = listen();
    let mut editing: Option<Editing> = None;
    let mut link = Some(link);
    let mut attempt: Option<Attempt> = None;
    let mut copying: Option<Copying> = None;
    let mut ticked = start;
    let mut painter = Painter::default();
    // What is there comes within that: the first frame is the launch, not that it is on its way.
    let mut not_before = start + CALM;
    let mut at_once = false;
    let mut ear = Ear::new(Instant::now());
    let mut torn = Torn::new(Instant::now());
    loop {
        let may_draw = model.dirty && screen.ready() && editing.is_none();
        if may_draw && (at_once || Instant::now() >= not_before) {
            painter.draw(model, depth, screen);
            model.dirty = false;
            at_once = false;
            not_before = Instant::now() + CALM;
        }
        let mut happened = Vec::new();
        tokio::select! {
            event = input.next() => match event {
                Some(Ok(event)) => {
                    at_once = true;
                    let (typed, light) = ear.hear(event, Instant::now());
                    let typed = typed.into_iter().filter_map(|event| torn.pass(event, Instant::now()));
                    happened.extend(typed.filter_map(read));
                    if let Some(light) = light {
                        screen.answered();
                        happened.push(Happened::Background(light));
                    }
                }
                // The terminal is gone.
                Some(Err(_)) | None => return,
            },
            message = receive(link.as_mut()) => match message {
                Some(message) => {
                    happened.push(Happened::Engine(Box::new(message)));
                    let more = link.as_mut().into_iter().flat_map(|l| std::iter::from_fn(|| l.incoming.try_recv().ok()));
                    happened.extend(more.take(200).map(|m| Happened::Engine(Box::new(m))));
                }
                None => {
                    link = None;
                    happened.push(Happened::Lost("the engine closed the connection".to_owned()));
                    attempt = try_again(&mut reconnect, 0);
                    if attempt.is_none() && let Line::Lost { given_up, .. } = &mut model.line {
                        *given_up = true;
                    }
                }
            },
            result = finish(attempt.as_mut()) => match result {
                Ok(new) => {
                    link = Some(new);
                    attempt = None;
                    happened.push(Happened::Joined);
                }
                Err(why) => {
                    let tries = if let Line::Lost { attempts, .. } = model.line { attempts + 1 } else { 1 };
                    attempt = try_again(&mut reconnect, tries);
                    happened.push(Happened::Missed(why));
                }
            },
            (text, took) = finish(copying.as_mut()) => {
                copying = None;
                happened.push(Happened::Copied(match took {
                    Ok(()) => Went::Tmux,
                    Err(why) => by_terminal(screen, &text, Some(why)),
                }));
            }
            edited = finish(editing.as_mut()) => {
                editing = None;
                screen.take_back();
                input = listen();
                            at_once = true;
                happened.push(Happened::Edited(edited));
            }
            () = sleep_until(next_tick(ticked, model.at_rest())) => {
                // On the beat still, however late we are.
                ticked += Duration::from_secs(ticked.elapsed().as_secs());
                at_once = true;
                happened.push(Happened::Tick);
            }
            () = sleep_until(ear.holds().unwrap_or(start)), if ear.holds().is_some() => {
                at_once = true;
                happened.extend(ear.give_up().into_iter().filter_map(read));
            }
            () = screen.landed() => {}
            () = sleep_until(not_before), if may_draw => {}
        }
        let mut happened = VecDeque::from(happened);
        let was_here = view::is_here(model);
        while let Some(what) = happened.pop_front() {
            for effect in update(model, Msg { at: mono(), what }) {
                match effect {
                    Effect::Send(message) => {
                        let sent = link.as_ref().is_some_and(|l| l.outgoing.try_send(message).is_ok());
                        if !sent {
                            model.refuse("not sent: the link does not take it");
                        }
                    }
                    Effect::Detach => return,
                    Effect::Copy(text) if screen.in_tmux() => {
                        copying = Some(Box::pin(async move {
                            let took = tmux::copy(text.clone()).await;
                            (text, took)
                        }));
                    }
                    Effect::Copy(text) => happened.push_back(Happened::Copied(by_terminal(screen, &text, None))),
                    Effect::Edit(command, text) => {
                        input = Box::pin(futures_util::stream::pending());
                        screen.lend();
                        editing = Some(Box::pin(editor::edit(command, text)));
                    }
                    Effect::Mouse(on) => {
                        screen.mouse(on);
                        model.dirty = true;
                    }
                    Effect::Suspend => {
                        screen.suspend();
                        model.dirty = true;
                    }
                    Effect::Redraw => {
                        screen.redraw();
                        model.dirty = true;
                    }
                }
            }
        }
        at_once |= view::is_here(model) && !was_here;
    }
}

/// When the clocks are looked at again: at rest every other second.
fn next_tick(last: Instant, at_rest: bool) -> Instant {
    last + if at_rest { 2 * SECOND } else { SECOND }
}

fn read(event: Event) -> Option<Happened> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => Some(Happened::Key(key.into())),
        Event::Paste(text) => Some(Happened::Paste(text)),
        Event::Resize(columns, rows) => Some(Happened::Resize(columns, rows)),
        Event::Mouse(event) => mouse::read(event).map(|(did, at)| Happened::Mouse(did, at)),
        Event::FocusGained => Some(Happened::Focus(true)),
        Event::FocusLost => Some(Happened::Focus(false)),
        _ => None,
    }
}

async fn receive(link: Option<&mut Link>) -> Option<EngineMessage> {
    match link {
        Some(link) => link.incoming.recv().await,
        None => std::future::pending().await,
    }
}

/// Hands a text to the terminal, where that takes so much.
fn by_terminal(screen: &mut impl Screen, text: &str, why: Option<String>) -> Went {
    let encoded = base64::engine::general_purpose::STANDARD.encode(text);
    if encoded.len() > MOST {
        return Went::TooLong;
    }
    screen.clip(&encoded);
    Went::Terminal(why)
}

async fn finish<T>(work: Option<&mut Pin<Box<dyn Future<Output = T>>>>) -> T {
    match work {
        Some(work) => work.await,
        None => std::future::pending().await,
    }
}

fn try_again(reconnect: &mut Option<Reconnect>, tries: u32) -> Option<Attempt> {
    let next = reconnect.as_mut()?();
    let wait = PATIENCE.get(tries as usize).copied().unwrap_or(8);
    Some(Box::pin(async move {
        sleep(Duration::from_secs(wait)).await;
        next.await
    }))
}

/// Draws what changed.
#[derive(Default)]
struct Painter {
    title: String,
    caller: alerts::Caller,
}

impl Painter {
    fn draw<S: Screen>(&mut self, model: &mut Model, depth: Depth, screen: &mut S) {
        let Some((columns, rows)) = screen.size() else { return };
        model.size = (columns, rows);
        let mut next = Buffer::empty(Rect::new(0, 0, columns, rows));
        let told = Told::of(model);
        let cursor = view::paint(model, &told, &mut next);
        depth::adapt(&mut next, &model.colours(), depth);
        if let Some(call) = self.caller.look(model, &told.alarms) {
            screen.call(&call);
        }
        let title = title(model, &told.alarms);
        if title != self.title {
            screen.title(&title);
            self.title = title;
        }
        screen.draw(next, cursor);
        screen.send();
    }
}

/// What the window is called: the state for the tab of who looks elsewhere.
fn title(model: &Model, alarms: &[alarm::Alarm]) -> String {
    let Some(launch) = &model.launch else { return "tminus".to_owned() };
    let Progress { done, of, .. } = Progress::of_all(launch);
    let severity = launch.incidents.iter().filter(|i| i.resolved.is_none()).map(|i| i.level).min();
    let state = match (severity, alarms.first(), &launch.status) {
        (Some(level), ..) => format!("SEV{level} "),
        (None, _, Status::Ended { .. }) => "ended ".to_owned(),
        (None, Some(alarm), _) => format!("{} ", alarm.word),
        _ => String::new(),
    };
    let mode = if launch.mode == Mode::Rehearsal { "REHEARSAL " } else { "" };
    crate::core::text::clean(&format!("{mode}{state}{} {done}/{of}", launch.outline.called()))
}
