//! NOW, NEXT and BACK as the screen shows them: core's words ([`crate::core::launch::answers`]), with a colour, a symbol
//! and the keys of the orders that they name.

use super::action::Action;
use super::glyphs::Glyphs;
use super::keymap::Keymap;
use super::model::{Line, Model, PaneId};
use super::role::Role;
use super::ticks;
use super::words;
use crate::core::launch::answers::{self as core, Back, Ground, Moment, Move, Next, Now, Standing, Words};
use crate::core::launch::{LaunchState, due_at, ways};
use crate::core::order::What;
use crate::core::outline::StepOutline;
use crate::core::reading::Level;
use crate::core::time::{Span, Timestamp};

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The answer itself.
    pub head: Words,
    /// Its colour.
    pub role: Role,
    /// It stands on a fill.
    pub fill: Option<Role>,
    /// What stands beside it: when, how long, or the key that answers.
    pub more: Words,
    /// What it is, and its ground.
    pub lines: Vec<Words>,
}

/// All three.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// Are we OK.
    pub now: Answer,
    /// What comes next, when, who.
    pub next: Answer,
    /// Can I go back, to what, how long does it take.
    pub back: Answer,
}

/// What core says of this moment; none before the state came.
pub fn told(model: &Model) -> Option<core::Answers> {
    let state = model.launch.as_ref()?;
    // While the link is lost the answers are what they were; the screen says so beside them.
    let now = model.seen();
    let wall = |at| model.zone.near(at, now);
    let trouble = &model.trouble;
    let then = model.heard_last.as_ref().map(|heard| (heard, ways(state, heard)));
    let (readout, ways) = then.as_ref().map_or((&model.readout, &model.facts.ways), |(heard, ways)| (*heard, ways));
    let secrets = &trouble.secrets;
    let plan = trouble.plan.as_deref();
    let card = super::ready::card(model);
    let ready = card.as_ref();
    Some(core::answers(&Moment { state, readout, ways, secrets, plan, ready, now, wall: &wall }))
}

impl Answers {
    /// From what is known now; none before the state came.
    pub fn of(model: &Model) -> Option<Self> {
        Some(Self::from_told(model, told(model)?))
    }

    /// The same of what core said already.
    pub fn from_told(model: &Model, told: core::Answers) -> Self {
        let lost = match &model.line {
            Line::Lost { since, .. } => Some(words::clock(model.mono - *since)),
            _ => None,
        };
        // What was true then may not be true now.
        let unseen = |ago: &str, was: &Words, then: &Words| {
            let was = was.map(|head| format!("was {head}"));
            answer(format!("{} NOT SEEN {ago}", model.glyphs.unknown), Role::Unknown, [was, then.clone()])
        };
        let over = told.now.standing == Standing::Over;
        let now = match &lost {
            Some(ago) => unseen(ago, &told.now.head, &told.now.doing),
            None if !model.loaded => {
                answer(format!("{} loading", model.glyphs.waiting), Role::Unknown, ["what is measured".into()])
            }
            None => now(model.glyphs, told.now),
        };
        let back = match &lost {
            Some(ago) if told.back.ground != Ground::Over => {
                let was = told.back.head.map(|head| format!("{head} {}", told.back.takes).trim_end().to_owned());
                unseen(ago, &was, &told.back.to)
            }
            _ => back(model.glyphs, told.back),
        };
        let mut coming = told.next;
        if lost.is_some() {
            // No order reaches the engine.
            coming.moves.clear();
        }
        coming.moves.retain(|a| offered(model, &a.order));
        // Where the key would take back the tick of the selected box, the way to the box that is meant stands first.
        let ticks = coming.moves.first().filter(|first| matches!(first.order, What::Tick { on: true, .. }));
        let way = ticks.filter(|_| ticks::unticks(model)).map(|first| ticks::way_to(model, &first.order));
        let mut next = match &lost {
            Some(ago) if !over => unseen(ago, &coming.head, &coming.what),
            _ => next(model.glyphs, &model.keymap, coming),
        };
        next.more = way.unwrap_or(next.more);
        Self { now, next, back }
    }
}

fn answer(head: impl Into<Words>, role: Role, lines: impl Into<Vec<Words>>) -> Answer {
    Answer { head: head.into(), role, fill: None, more: Words::default(), lines: lines.into() }
}

fn now(g: &Glyphs, now: Now) -> Answer {
    let (sign, role, fill) = match now.standing {
        Standing::Critical => (g.critical, Role::Crit, Some(Role::CritText)),
        Standing::Warn if now.going_back => (g.undone, Role::Warn, Some(Role::WarnText)),
        Standing::Warn => (g.warn, Role::Warn, None),
        Standing::Unknown => (g.unknown, Role::Unknown, None),
        Standing::Measuring => (g.waiting, Role::Unknown, None),
        Standing::Ok => (g.ok, Role::Ok, None),
        Standing::Over => (g.done, Role::Muted, None),
    };
    Answer { fill, ..answer(now.head.map(|head| format!("{sign} {head}")), role, [now.doing, now.counts]) }
}

fn next(g: &Glyphs, keymap: &Keymap, next: Next) -> Answer {
    let role = match next.level {
        Level::Ok => Role::Hi,
        Level::Unknown => Role::Unknown,
        Level::Warn => Role::Warn,
        Level::Critical => Role::Crit,
    };
    let sign = match (next.gate, next.level) {
        (true, _) => g.gate,
        (false, Level::Critical | Level::Warn) => g.warn,
        (false, _) => g.due,
    };
    let what = next.what.map(|what| if what.is_empty() { String::new() } else { format!("{sign} {what}") });
    let mut keys: Vec<String> = next.moves.iter().filter_map(|m| keyed(keymap, m)).collect();
    // Which of several ways is chosen where the key leads.
    keys.dedup();
    let (more, who) = match keys.split_first() {
        // The key of what a person is wanted for stands where it can't be missed.
        Some((first, rest)) if next.wanted => {
            let short = |words: usize| first.split(' ').take(words).collect::<Vec<_>>().join(" ");
            // Of `you are on it` no part says anything.
            let forms = [first.clone(), short(2), short(1)].into_iter().filter(|form| !form.ends_with(" you"));
            (Words::of(forms), also(next.who, rest))
        }
        _ => (next.at.into(), also(next.who, &keys)),
    };
    Answer { more, ..answer(next.head, role, [what, who]) }
}

fn also(who: Words, keys: &[String]) -> Words {
    let keys = keys.join(", ");
    match (keys.is_empty(), who.is_empty()) {
        (true, _) => who,
        (false, true) => keys.into(),
        (false, false) => Words::of(who.forms().map(|who| format!("{who}; {keys}")).chain([keys.clone()])),
    }
}

fn back(g: &Glyphs, back: Back) -> Answer {
    let (sign, role, fill) = match back.ground {
        Ground::Ready => (g.done, Role::Ok, None),
        Ground::CutOff => (g.unknown, Role::Unknown, None),
        Ground::FailedBefore => (g.warn, Role::Warn, None),
        Ground::NotReady | Ground::None => ("", Role::Warn, Some(Role::WarnText)),
        Ground::Measuring => (g.waiting, Role::Unknown, None),
        Ground::Stopped => (g.critical, Role::Crit, Some(Role::CritText)),
        Ground::UnderWay => (g.undone, Role::Accent, None),
        Ground::Taken => (g.undone, Role::Hi, None),
        Ground::NothingYet | Ground::Closed | Ground::Over => ("", Role::Muted, None),
    };
    let head = back.head.map(|head| format!("{sign} {head}").trim_start().to_owned());
    Answer { more: back.takes.into(), fill, ..answer(head, role, [back.to, back.why]) }
}

/// The key of an order, with what it does: `r starts it`.
fn keyed(keymap: &Keymap, answer: &Move) -> Option<String> {
    Some(format!("{} {}", key_of(keymap, &answer.order)?, answer.does))
}

/// Whether one who observes may order it.
pub fn observers(order: &What) -> bool {
    matches!(order, What::Note { .. } | What::Fix { .. } | What::Hold { .. })
}

/// Whether the one at this screen may order it.
pub fn may(model: &Model, order: &What) -> bool {
    !model.observe || observers(order)
}

/// Whether it is shown to the one at this screen as what they can do: what they may order and would not be refused for who
/// they are. Only the lead decides a gate.
pub fn offered(model: &Model, order: &What) -> bool {
    may(model, order) && (leads(model) || !matches!(order, What::Decide { .. }))
}

/// Whether the one at this screen leads the launch.
pub fn leads(model: &Model) -> bool {
    let lead = model.launch.as_ref().map(|launch| &launch.lead);
    lead.is_some() && lead == model.you.as_ref().map(|you| &you.name)
}

/// The key that asks for an order; `:` and its word for what is typed.
pub fn key_of(keymap: &Keymap, order: &What) -> Option<String> {
    let action = match order {
        What::Run { .. } | What::Resolve { .. } => Action::Run,
        What::Tick { .. } | What::Done { why: None, .. } => Action::Tick,
        What::Stop { .. } | What::StopNow { .. } => Action::Stop,
        What::Vote { .. } => Action::Vote,
        What::Decide { .. } => Action::Decide,
        What::Hold { .. } | What::Release { .. } => Action::Hold,
        What::Rollback { .. }
        | What::RollbackAgain { .. }
        | What::RollbackByHand { .. }
        | What::RollbackLeave { .. } => Action::GoBack,
        What::Input { .. } => Action::Input,
        What::Respond { .. } => Action::Respond,
        What::Update { .. } => Action::Update,
        What::Severity { .. } => Action::Severity,
        What::Note { .. } => Action::Note,
        What::Check { .. } => Action::Pane(PaneId::Checks),
        What::RollbackSettled { .. } => return Some(":settled".to_owned()),
        What::Approve { .. } => return Some(":approve".to_owned()),
        What::End { .. } => return Some(":end".to_owned()),
        What::Called { .. } => return Some(":called".to_owned()),
        What::Fire { .. } => return Some(":fire".to_owned()),
        What::Clear { .. } => return Some(":clear".to_owned()),
        What::Handover { .. } => return Some(":handover".to_owned()),
        What::Accept { .. } => return Some(":accept".to_owned()),
        What::TakeOver { .. } => return Some(":take-over".to_owned()),
        _ => return None,
    };
    Some(keymap.key_of(action))
}

/// How far a soak is, and how long it must be.
pub fn soak(model: &Model, step: &StepOutline) -> Option<(Span, Span)> {
    let soak = core::soak(model.launch.as_ref()?, model.seen_readout(), step, model.seen())?;
    Some((soak.lasted, soak.needs))
}

/// How long it is until the reading that may fill a soak; none where more than one is wanted.
pub fn next_reading(model: &Model, step: &StepOutline) -> Option<Span> {
    let now = model.seen();
    let due = core::soak(model.launch.as_ref()?, model.seen_readout(), step, now)?.reading?;
    Some(due.since(now).max(Span::ZERO))
}

/// Whether there is no data for something that must hold, so that its clock stands still.
pub fn blind(model: &Model, step: &StepOutline) -> bool {
    model.launch.as_ref().is_some_and(|l| core::lacks_data(l, model.seen_readout(), step, model.seen()))
}

/// When a step is to become due, where the plan gives it or its phase a time.
pub fn planned(launch: &LaunchState, step: &StepOutline) -> Option<Timestamp> {
    due_at(launch, step)
}
