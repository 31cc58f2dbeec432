//! The post: what is on record to be told goes out, beside the loop, one message a channel at a time, and the heartbeat
//! says that the loop turns. Nothing here waits, and nothing that fails here stops anything.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio::time::Instant;

use crate::core::ids::ChannelId;
use crate::core::launch::{Input, LaunchState, Undelivered, notices};
use crate::core::notice::Act;
use crate::core::secret::Secrets;
use crate::core::time::{Span, Timestamp};
use crate::notify::{Setup, Spec, heartbeat};

/// A heartbeat that nobody heard is sent again after so long, where the next one would come later.
const SOON: Duration = Duration::from_secs(5);

/// A loop that did not turn for so long does not live, whatever its process does.
const TURNS: Duration = Duration::from_secs(5);

/// What comes back.
#[derive(Debug)]
pub enum Back {
    /// A channel has sent something, or could not.
    Posted {
        /// Which.
        channel: ChannelId,
        /// What was said of which notices.
        posts: Vec<(u32, Act)>,
        /// How it went.
        result: Result<(), Undelivered>,
    },
    /// Somebody heard the heartbeat, or why nobody did.
    Beat(Result<(), String>),
}

/// Sends, and stops what is under way when dropped.
#[derive(Debug)]
pub struct Post {
    runtime: Handle,
    /// There are no more answers than channels, and one for the heart.
    back: mpsc::UnboundedSender<Back>,
    dir: PathBuf,
    busy: BTreeSet<ChannelId>,
    /// When the loop turned last, in milliseconds after `begun`.
    turned: Arc<AtomicU64>,
    begun: Instant,
    heart: Option<(Heart, AbortHandle)>,
    /// Why nobody heard the heart at its last beat.
    unheard: Option<String>,
}

/// What a beating heart depends on; where it is the same, it goes on.
type Heart = (String, Span, u64);

/// What the post needs to know of a launch.
pub struct Letters<'a> {
    /// The state.
    pub state: &'a LaunchState,
    /// What each channel does.
    pub specs: &'a BTreeMap<ChannelId, Spec>,
    /// The values of secrets.
    pub secrets: &'a Arc<Secrets>,
    /// Now, on the launch's timeline.
    pub now: Timestamp,
    /// What the wall clock is ahead of it.
    pub wall: Span,
}

impl Post {
    /// Nothing yet, and where answers come in. `dir` is the plan's directory.
    pub fn new(runtime: Handle, dir: PathBuf) -> (Self, mpsc::UnboundedReceiver<Back>) {
        let (back, answers) = mpsc::unbounded_channel();
        let post = Self {
            runtime,
            back,
            dir,
            busy: BTreeSet::new(),
            turned: Arc::default(),
            begun: Instant::now(),
            heart: None,
            unheard: None,
        };
        (post, answers)
    }

    /// Sends what is to be sent now. To be called at each turn of the loop.
    pub fn send(&mut self, letters: &Letters<'_>) {
        let since = u64::try_from(self.begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.turned.store(since, Ordering::Relaxed);
        if letters.state.notices.queue.is_empty() {
            return;
        }
        for channel in &letters.state.outline.channels {
            let Some(spec) = letters.specs.get(&channel.id).filter(|_| !self.busy.contains(&channel.id)) else {
                continue;
            };
            let Some(post) = notices::next_post(letters.state, channel, letters.now) else { continue };
            let message = notices::compose(letters.state, &post, letters.wall);
            let (spec, setup, back) = (spec.clone(), self.setup(letters.state, letters.secrets), self.back.clone());
            self.busy.insert(channel.id.clone());
            self.runtime.spawn(async move {
                let result = spec.send(&message, &setup).await;
                // A loop that has ended asks nothing any more; the next engine sends it again.
                let _ = back.send(Back::Posted { channel: post.channel, posts: post.posts, result });
            });
        }
    }

    /// Takes an answer in; what the rules make of it.
    pub fn back(&mut self, back: Back) -> Option<Input> {
        match back {
            Back::Posted { channel, posts, result } => {
                self.busy.remove(&channel);
                Some(Input::Posted { channel, posts, result })
            }
            Back::Beat(heard) => {
                if let Err(why) = &heard
                    && self.unheard.is_none()
                {
                    tracing::warn!("nobody hears the heartbeat: {why}");
                }
                self.unheard = heard.err();
                None
            }
        }
    }

    /// Whether something is on its way.
    pub fn is_busy(&self) -> bool {
        !self.busy.is_empty()
    }

    /// Why nobody heard the heartbeat; none where it was heard or there is none.
    pub fn unheard(&self) -> Option<&str> {
        self.unheard.as_deref()
    }

    /// Beats as the plan says it; not in a rehearsal on stand-ins, nor once the launch is over. `generation` counts changes of secrets.
    pub fn beat(&mut self, url: Option<&String>, state: &LaunchState, secrets: &Arc<Secrets>, generation: u64) {
        let wanted = url.zip(state.outline.heartbeat).filter(|_| !state.stands_in());
        let wanted = wanted.map(|(url, every)| (url.clone(), every, generation));
        if self.heart.as_ref().map(|(heart, _)| heart) == wanted.as_ref() {
            return;
        }
        self.still();
        let Some((url, every, generation)) = wanted else { return };
        let (setup, back) = (self.setup(state, secrets), self.back.clone());
        let (turned, begun, asked) = (self.turned.clone(), self.begun, url.clone());
        let task = self.runtime.spawn(async move {
            let mut beats = tokio::time::interval(every.to_std());
            beats.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
            loop {
                beats.tick().await;
                // What nobody heard is said again soon, so that it is heard as soon as somebody can.
                loop {
                    let turned = Duration::from_millis(turned.load(Ordering::Relaxed));
                    if begun.elapsed().saturating_sub(turned) >= TURNS {
                        break;
                    }
                    let heard = heartbeat::beat(&asked, &setup).await;
                    let failed = heard.is_err();
                    if back.send(Back::Beat(heard)).is_err() {
                        return;
                    }
                    if !failed || every.to_std() <= SOON {
                        break;
                    }
                    tokio::time::sleep(SOON).await;
                }
            }
        });
        self.heart = Some(((url, every, generation), task.abort_handle()));
    }

    /// The heart stands still.
    pub fn still(&mut self) {
        if let Some((_, task)) = self.heart.take() {
            task.abort();
        }
        self.unheard = None;
    }

    fn setup(&self, state: &LaunchState, secrets: &Arc<Secrets>) -> Setup {
        Setup {
            secrets: secrets.clone(),
            dir: self.dir.clone(),
            shell: state.outline.shell.clone(),
            vars: state.outline.vars.clone(),
        }
    }
}

impl Drop for Post {
    fn drop(&mut self) {
        self.still();
    }
}
