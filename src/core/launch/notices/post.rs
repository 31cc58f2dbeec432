//! What a channel is to send next, and the message that this is. Everything comes from the state, so that an engine that
//! takes a launch up goes on where the one before died.

use super::{Delivery, MINUTE, Notice};
use crate::core::event::Mode;
use crate::core::ids::ChannelId;
use crate::core::launch::LaunchState;
use crate::core::notice::{Act, ChannelOutline, Message, NoticeKind, Said, Subject};
use crate::core::text::clean;
use crate::core::time::{Span, Timestamp};

/// How long a channel waits after each failure of what it tried least often.
const WAITS: [Span; 9] = [
    Span::secs(5),
    Span::secs(15),
    Span::secs(30),
    Span::mins(1),
    Span::mins(2),
    Span::mins(5),
    Span::mins(10),
    Span::mins(20),
    Span::mins(20),
];

/// What would be tried again later than this after it failed first is given up.
const PATIENCE: Span = Span::mins(60);

/// What the other side will never take is tried so often: a person may mend it meanwhile.
const REFUSALS: u32 = 3;

/// So many notices go into one message at most.
const TOGETHER: usize = 50;

/// What is as grave as this goes at any time within the rate; what is lighter leaves a part of it.
const GRAVE: u8 = 1;

/// The part of a channel's rate that is left to what is grave: a fifth.
const RESERVE: u32 = 5;

/// A text is cut after so many characters.
const LONG: usize = 600;

/// Something to be sent: what is said of which notices.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Post {
    /// By which channel.
    pub channel: ChannelId,
    /// Of which notices, and what.
    pub posts: Vec<(u32, Act)>,
}

/// What a channel is to send now; none where there is nothing, where its rate is spent, where it waits to try again and
/// nothing grave is new, or where all of it is muted. What is graver goes first; of two that are as grave, what was tried
/// less, then the older one. One notice a message; when the rate is nearly spent, and when the channel could not send for a
/// while, all that waits goes into one, where the kind can do that.
pub fn next_post(state: &LaunchState, channel: &ChannelOutline, now: Timestamp) -> Option<Post> {
    let notices = &state.notices;
    let waiting = notices.queue.iter().filter(|d| d.channel == channel.id && !notices.is_held(d));
    let mut waiting: Vec<&Delivery> = waiting.collect();
    waiting.sort_by_key(|d| rank(state, d));
    let own = state.notices.channels.get(&channel.id);
    let failing = own.and_then(|own| own.failing.as_ref());
    let at = match failing.and_then(|failing| failing.next).is_some_and(|next| next > now) {
        true => waiting.iter().position(|d| d.tries == 0 && rank(state, d) <= GRAVE)?,
        false => (0..waiting.len()).min_by_key(|at| (rank(state, waiting[*at]), waiting[*at].tries))?,
    };
    let first = waiting[at];
    let sent = own.map_or(0, |own| own.sent.iter().filter(|at| now.since(**at) < MINUTE).count());
    let reserve = match channel.per_minute {
        0 | 1 => 0,
        _ if rank(state, first) <= GRAVE => 0,
        rate => (rate / RESERVE).max(1),
    };
    let left = (channel.per_minute.saturating_sub(reserve) as usize).saturating_sub(sent);
    if left == 0 {
        return None;
    }
    let all = channel.together && (left == 1 || failing.is_some());
    if at >= TOGETHER {
        waiting.swap(0, at);
    }
    let posts = if all { &waiting[..waiting.len().min(TOGETHER)] } else { &[first][..] };
    Some(Post { channel: channel.id.clone(), posts: posts.iter().map(|d| (d.notice, d.act)).collect() })
}

/// Where something stands among all that a channel has to send, 0 first: how grave it is; who stands in for somebody who is
/// silent waits for nothing light. That somebody is on it, or that it is over, can wait, and comes after what it is about.
fn rank(state: &LaunchState, of: &Delivery) -> u8 {
    let Some(notice) = state.notices.get(of.notice).filter(|_| of.act == Act::Trigger) else { return 4 };
    let incident = match notice.subject {
        Subject::Incident(number) => (number as usize).checked_sub(1).and_then(|i| state.incidents.get(i)),
        _ => None,
    };
    let kind = match (notice.kind, &notice.subject) {
        (NoticeKind::Overdue, Subject::Watch(_)) => NoticeKind::Sev3,
        (NoticeKind::Overdue, _) => incident.map_or(NoticeKind::Overdue, |i| NoticeKind::severity(i.level)),
        (kind, _) => kind,
    };
    let own = match kind.gravity() {
        "critical" => 0,
        "error" => GRAVE,
        "warning" => 2,
        _ => 3,
    };
    if of.backup { GRAVE.min(own) } else { own }
}

/// When a channel that failed tries again. `tries` is how often it tried that of which it tried least, this one counted:
/// what is new need not wait as long as what is old. `asked` is how long the other side asked to be left alone.
pub fn retry(tries: u32, asked: Option<Span>, now: Timestamp) -> Timestamp {
    let wait = WAITS[(tries as usize).clamp(1, WAITS.len()) - 1];
    now + asked.map_or(wait, |asked| asked.max(wait))
}

/// Whether something that failed is given up, where it would be tried again at `next`. `refusals` is how often the other
/// side answered that it will not take it, this time counted; `first` is when it failed first.
pub fn gives_up(refusals: u32, first: Timestamp, next: Timestamp) -> bool {
    refusals >= REFUSALS || next.since(first) > PATIENCE
}

/// The message of a post. `wall` is what the wall clock is ahead of the launch's timeline.
pub fn compose(state: &LaunchState, post: &Post, wall: Span) -> Message {
    let outline = &state.outline;
    let said = post.posts.iter().filter_map(|(number, act)| Some(say(state, state.notices.get(*number)?, *act, wall)));
    let notices: Vec<Said> = said.collect();
    let plan = outline.called();
    let more = match notices.len() {
        0 | 1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    let first = notices.first().map_or("", |said| said.text.as_str());
    let rehearsal = if state.mode == Mode::Rehearsal { "REHEARSAL: " } else { "" };
    let title = format!("{rehearsal}[{}] {plan}: {first}{more}", outline.environment);
    Message { launch: state.id.clone(), plan, environment: outline.environment.clone(), title, notices }
}

fn say(state: &LaunchState, notice: &Notice, act: Act, wall: Span) -> Said {
    let (at, text) = match act {
        Act::Trigger => (notice.raised, notice.text.clone()),
        Act::Acknowledge => {
            let (at, by, what) = notice
                .acked
                .as_ref()
                .map_or((notice.raised, String::new(), ""), |said| (said.at, said.by.to_string(), said.text.as_str()));
            let what = if what.is_empty() { String::new() } else { format!(": {what}") };
            (at, format!("ACKNOWLEDGED by {by}{what} ({})", notice.text))
        }
        Act::Resolve => {
            let (at, why) = notice.over.clone().unwrap_or((notice.raised, String::new()));
            (at, format!("OVER: {why} ({})", notice.text))
        }
    };
    Said {
        key: format!("{}/{}", state.id, notice.key),
        notice: notice.number,
        act,
        kind: notice.kind,
        gravity: notice.kind.gravity(),
        about: notice.subject.to_string(),
        text: cut(&clean(&text)),
        at: at + wall,
    }
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(LONG) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
