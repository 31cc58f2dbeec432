//! What the screen knows: the launch as the engine told it, and where the person is. Plain data; `update` changes it,
//! `view` shows it.

use std::collections::{BTreeMap, VecDeque};

use ratatui::layout::Position;

use super::action::Action;
use super::alerts::How;
use super::away::SinceAway;
use super::checks::CheckRow;
use super::dialogs::Overlay;
use super::facts::Facts;
use super::found::Sought;
use super::frozen::{Frozen, Still};
use super::glyphs::{self, Glyphs};
use super::keymap::{Key, Keymap};
use super::layout::WIDE;
use super::output::Output;
pub use super::panes::PaneId;
use super::recall::Recall;
use super::theme::Theme;
use super::veil::Veil;
use super::words::Zone;
use crate::core::event::{Mode, Recorded};
use crate::core::ids::{OrderId, PhaseId, SignalId, StepId};
use crate::core::launch::{LaunchState, Status, StepStatus};
use crate::core::order::{Operator, What};
use crate::core::outline::Outline;
use crate::core::time::{Span, Timestamp};
use crate::core::view::{ConditionView, Readout, SignalView};
use crate::wire::message::{LastHere, Person, Trouble};

/// A row of the checklist that can be selected.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// The way back that is under way.
    Rollback,
    /// A phase.
    Phase(PhaseId),
    /// A step.
    Step(StepId),
    /// A box of a step.
    Item(StepId, usize),
}

impl Target {
    /// The step that is meant, if one is.
    pub fn step(&self) -> Option<&StepId> {
        match self {
            Target::Step(id) | Target::Item(id, _) => Some(id),
            _ => None,
        }
    }
}

/// A message that stands over the footer for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Toast {
    /// What it says.
    pub text: String,
    /// Something was refused or went wrong.
    pub bad: bool,
    /// When it goes, on the client's clock.
    pub until: Span,
}

/// How the connection is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Line {
    /// Waiting for the state.
    #[default]
    Joining,
    /// Up.
    Up,
    /// Lost, since when on the client's clock, and how the attempts to come back fare.
    Lost {
        /// Since.
        since: Span,
        /// Why.
        why: String,
        /// Attempts so far.
        attempts: u32,
        /// Nobody tries any more.
        given_up: bool,
    },
}

/// A message about signals that waits for the beat.
pub(super) type Waiting = (Timestamp, Vec<SignalView>, Vec<ConditionView>);

/// Everything.
#[derive(Clone)]
pub struct Model {
    /// Columns and rows.
    pub size: (u16, u16),
    /// The colours.
    pub theme: Theme,
    /// Which key does what.
    pub keymap: Keymap,
    /// Nobody chose a theme: it follows the terminal's background.
    pub by_background: bool,
    /// The symbols.
    pub glyphs: &'static Glyphs,
    /// The client's own clock; only differences count.
    pub mono: Span,
    /// A moment of the launch's timeline that was told, and of `mono` when it was.
    pub told: (Timestamp, Span),
    /// For wall clocks.
    pub zone: Zone,
    /// How the connection is.
    pub line: Line,
    /// The state; none until it came whole.
    pub launch: Option<LaunchState>,
    pub(super) state_text: String,
    /// Who we are to the engine.
    pub you: Option<Operator>,
    /// This link may only look.
    pub observe: bool,
    /// What keeps the engine from its work.
    pub trouble: Trouble,
    /// The READY card came by itself already, or has its turn later.
    pub shown_ready: bool,
    /// The READY card does not come by itself.
    pub quiet: bool,
    /// The command that edits a file, where the person named one.
    pub editor: Option<String>,
    /// How the terminal calls who looks elsewhere.
    pub calls_by: How,
    /// New alarms call.
    pub alerts: bool,
    /// The terminal says that it has the focus. Many say nothing.
    pub focused: bool,
    /// Who is attached.
    pub people: Vec<Person>,
    /// How signals and conditions are.
    pub readout: Readout,
    /// While the link is lost: the same as it was heard last. What is shown then has aged.
    pub(super) heard_last: Option<Readout>,
    pub(super) waiting: Vec<Waiting>,
    /// What is measured came once as a whole; until then nothing is said of it.
    pub(super) loaded: bool,
    /// When the state came.
    pub(super) came: Span,
    /// More of the same moment is on its way.
    pub(super) partial: bool,
    /// What core says about the present state; computed when something changed.
    pub facts: Facts,
    /// The past of signals that charts show.
    pub traces: BTreeMap<SignalId, Vec<(Timestamp, Option<f64>)>>,
    /// From when on each of those is as it was measured; before that it came in buckets.
    pub(super) live_from: BTreeMap<SignalId, Timestamp>,
    /// What the chart draws that is alone on the screen.
    pub(super) charted: Vec<SignalId>,
    /// How long charts look back, where a person chose; see [`Model::chart_span`].
    pub look_back: Option<Span>,
    /// The newest events, oldest first.
    pub events: VecDeque<Recorded>,
    /// The shown output.
    pub output: Output,
    /// The pane with the focus.
    pub focus: PaneId,
    /// It fills the screen.
    pub zoom: bool,
    /// Names, hosts and secrets are covered, by what is known of them.
    pub veil: Option<Veil>,
    /// The mouse is ours.
    pub mouse: bool,
    /// When and where it was clicked last.
    pub(super) clicked: Option<(Span, Position)>,
    /// The war room is shown instead of the panes.
    pub war: bool,
    /// The step whose page is open: itself at the left, its output beside it.
    pub page: Option<StepId>,
    /// The tab at the bottom.
    pub tab: PaneId,
    /// The selected row of the checklist.
    pub selected: Option<Target>,
    pub(super) selected_at: Span,
    /// When a box was ticked here last, until the selection was moved.
    pub(super) ticked_box: Option<Span>,
    /// Which alarm a person looks at, and until when on the client's clock; then it is the worst one again.
    pub alarm: Option<(usize, Span)>,
    /// The selected incident; none is the first in the list.
    pub incident: Option<u32>,
    /// The selected row of the checks; none is what is due first.
    pub check: Option<CheckRow>,
    /// Since when the person wants to be told, where they said so.
    pub since: Option<Span>,
    /// When their last screen was here, where the engine knows.
    pub last_here: Option<LastHere>,
    /// What happened since.
    pub away: Option<SinceAway>,
    /// Phases that a person opened or closed.
    pub opened: BTreeMap<Target, bool>,
    /// What was copied last.
    pub copied: Option<String>,
    /// What was searched for, a pane each.
    pub(super) sought: BTreeMap<PaneId, Sought>,
    /// What is measured stands still, where somebody froze it.
    pub frozen: Option<Frozen>,
    /// This is such a still picture, and of what.
    pub still: Option<Still>,
    /// Rows scrolled down, a pane each; for log and output rows up from the end.
    pub scroll: BTreeMap<PaneId, usize>,
    /// Of those, lines of log and output that came since somebody scrolled up.
    pub(super) fresh: BTreeMap<PaneId, usize>,
    /// Filters of checklist and log.
    pub filters: BTreeMap<PaneId, String>,
    /// What lies over the screen.
    pub overlay: Option<Overlay>,
    /// Messages over the footer, the newest last.
    pub toasts: Vec<Toast>,
    pub(super) typed: Vec<Key>,
    /// Orders that were not answered yet, and when each was sent.
    pub(super) sent: BTreeMap<OrderId, (Span, What)>,
    /// What is wrong, said before the engine answered the order that opens the incident.
    pub(super) said: BTreeMap<OrderId, String>,
    /// When the engine was heard last, on the client's clock. It speaks every second.
    pub(super) heard: Span,
    /// The link is counted as lost only because the engine says nothing.
    pub(super) silent: bool,
    /// The tick before.
    pub(super) ticked: Span,
    pub(super) asked: BTreeMap<u64, Asked>,
    pub(super) next_id: u64,
    pub(super) seed: u64,
    /// The screen differs from what was drawn last.
    pub dirty: bool,
    /// Lines that were typed before.
    pub(super) recall: Recall,
}

/// What a `get` was for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Events,
    History,
    PlanDiff,
    Away,
}

/// Who ticks a box and goes on to the next one does so within this time; the selection may have gone there already.
pub const RHYTHM: Span = Span(2000);

/// How long after the selection moved by itself an order for the row is refused: the key may have been meant for the row
/// that was there before.
pub const SETTLE: Span = Span(300);

impl Model {
    /// Before the first message. `seed` makes order ids that no other client makes.
    pub fn new(size: (u16, u16), theme: Theme, ascii: bool, seed: u64) -> Self {
        Self {
            size,
            theme,
            keymap: Keymap::standard().clone(),
            by_background: false,
            glyphs: if ascii { &glyphs::ASCII } else { &glyphs::UNICODE },
            mono: Span::ZERO,
            told: (Timestamp::default(), Span::ZERO),
            zone: Zone::default(),
            line: Line::Joining,
            launch: None,
            state_text: String::new(),
            you: None,
            observe: false,
            trouble: Trouble::default(),
            shown_ready: false,
            quiet: false,
            editor: None,
            calls_by: How::Bell,
            alerts: true,
            focused: false,
            people: Vec::new(),
            readout: Readout::default(),
            heard_last: None,
            waiting: Vec::new(),
            loaded: false,
            came: Span::ZERO,
            partial: false,
            facts: Facts::default(),
            traces: BTreeMap::new(),
            live_from: BTreeMap::new(),
            charted: Vec::new(),
            look_back: None,
            events: VecDeque::new(),
            output: Output::default(),
            focus: PaneId::Checklist,
            zoom: false,
            veil: None,
            mouse: false,
            clicked: None,
            war: false,
            page: None,
            tab: PaneId::Log,
            selected: None,
            selected_at: Span(-1000),
            ticked_box: None,
            alarm: None,
            incident: None,
            check: None,
            since: None,
            last_here: None,
            away: None,
            opened: BTreeMap::new(),
            copied: None,
            sought: BTreeMap::new(),
            frozen: None,
            still: None,
            scroll: BTreeMap::new(),
            fresh: BTreeMap::new(),
            filters: BTreeMap::new(),
            overlay: None,
            toasts: Vec::new(),
            typed: Vec::new(),
            sent: BTreeMap::new(),
            said: BTreeMap::new(),
            heard: Span::ZERO,
            silent: false,
            ticked: Span::ZERO,
            asked: BTreeMap::new(),
            next_id: 0,
            seed,
            dirty: true,
            recall: Recall::default(),
        }
    }

    /// Now, on the launch's timeline.
    pub fn now(&self) -> Timestamp {
        let (at, mono) = self.told;
        at + (self.mono - mono).times(self.launch.as_ref().map_or(1, LaunchState::pace))
    }

    /// The moment of which is told how steps and ways back stand: now, or while the link is lost the one in which the
    /// engine was heard last. What their clocks did since, nobody knows here: without an engine they stand still.
    pub fn seen(&self) -> Timestamp {
        self.heard_last.as_ref().map_or_else(|| self.now(), |heard| heard.at)
    }

    /// What was measured at [`Model::seen`].
    pub fn seen_readout(&self) -> &Readout {
        self.heard_last.as_ref().unwrap_or(&self.readout)
    }

    /// Whether what is told of steps is of the past, since the link is lost.
    pub fn is_past(&self) -> bool {
        self.heard_last.is_some()
    }

    /// The theme as the launch's environment has it.
    pub fn colours(&self) -> Theme {
        let environment = self.launch.as_ref().map_or("", |launch| &launch.outline.environment);
        self.theme.of_environment(environment)
    }

    /// The key of an action, as people read it; what is typed for one without a key.
    pub fn key_of(&self, action: Action) -> String {
        self.keymap.key_of(action)
    }

    /// The plan, once the state came.
    pub fn outline(&self) -> Option<&Outline> {
        self.launch.as_ref().map(|l| &*l.outline)
    }

    /// How much of the launch's time passes at least from one word of the engine on what is measured to the next: in a
    /// rehearsal that is quicker, more than a probe's interval.
    pub fn beat(&self) -> Span {
        Span::secs(1).times(self.launch.as_ref().map_or(1, LaunchState::pace))
    }

    /// Whether clocks show seconds: a live launch does, so that a dead link is seen; one that ended has no need.
    pub fn seconds(&self) -> bool {
        self.launch.as_ref().is_none_or(|l| l.mode == Mode::Live && !matches!(l.status, Status::Ended { .. }))
    }

    /// Whether nothing moves by itself, so that the screen may look less often what time it is.
    pub(super) fn at_rest(&self) -> bool {
        let still = self.toasts.is_empty() && self.waiting.is_empty() && self.sent.is_empty() && self.alarm.is_none();
        still && self.line == Line::Up && !self.seconds()
    }

    /// The step that is selected, or whose box is.
    pub fn selected_step(&self) -> Option<&StepId> {
        self.selected.as_ref().and_then(Target::step)
    }

    /// The gate that keys mean: the selected one, else the one whose poll is open.
    pub fn gate(&self) -> Option<&StepId> {
        let launch = self.launch.as_ref()?;
        let is_gate = |id: &&StepId| launch.outline.step(id).is_some_and(|s| s.gate.is_some());
        self.selected_step()
            .filter(is_gate)
            .or_else(|| launch.outline.steps.iter().map(|s| &s.id).find(|id| self.is_polling(id)))
    }

    /// Whether a gate's poll is open.
    pub fn is_polling(&self, gate: &StepId) -> bool {
        let own = self.launch.as_ref().and_then(|launch| launch.steps.get(gate));
        own.is_some_and(|own| own.status == StepStatus::Polling)
    }

    /// How long charts look back: as a person chose, else from the first reading on, growing up to half an hour, on a wide screen to an hour.
    pub fn chart_span(&self) -> Span {
        self.look_back.unwrap_or_else(|| self.own_span())
    }

    /// How long charts look back where nobody chose.
    pub(super) fn own_span(&self) -> Span {
        let old = self.first_reading().map_or(Span::ZERO, |at| self.readout.at.since(at));
        let most = Span::mins(if self.size.0 >= WIDE { 60 } else { 30 });
        let mut spans = [5, 10, 15, 30].map(Span::mins).into_iter().filter(|span| *span < most);
        spans.find(|span| *span >= old).unwrap_or(most)
    }

    /// Where the time axis of charts begins: where nobody chose how long it is, at the first reading, so that a young
    /// launch fills it from the left.
    pub fn chart_from(&self) -> Timestamp {
        let span = self.chart_span();
        let from = self.readout.at - span;
        let first = self.first_reading().filter(|_| self.look_back.is_none());
        let from = first.map_or(from, |first| first.max(from));
        // What is looked at stands in the last three quarters of the axis.
        let earliest = self.launch.as_ref().map_or(from, |l| l.opened.min(from));
        self.cursor().map_or(from, |at| from.min((at - Span(span.millis() / 4)).max(earliest)))
    }

    /// The moment that a person looks at; none while they look at what is now.
    pub fn cursor(&self) -> Option<Timestamp> {
        match self.still.or_else(|| self.frozen.as_ref()?.still())? {
            Still::At(at) => Some(at),
            Still::Held => None,
        }
    }

    /// Whether the past of signals was asked for and is not here yet.
    pub fn loading(&self) -> bool {
        self.asked.values().any(|asked| *asked == Asked::History)
    }

    fn first_reading(&self) -> Option<Timestamp> {
        let first = |points: &Vec<(Timestamp, Option<f64>)>| points.iter().find(|(_, v)| v.is_some()).map(|p| p.0);
        self.traces.values().filter_map(first).min()
    }

    /// A pane's filter; empty where there is none.
    pub fn filter(&self, pane: PaneId) -> &str {
        self.filters.get(&pane).map_or("", String::as_str)
    }

    /// Rows a pane is scrolled by.
    pub fn scrolled(&self, pane: PaneId) -> usize {
        self.scroll.get(&pane).copied().unwrap_or(0)
    }

    /// The first of `all` rows in a pane that has room for so many: as far as it is scrolled, and never past the last full
    /// page.
    pub fn first_row(&self, pane: PaneId, all: usize, height: usize) -> usize {
        self.scrolled(pane).min(all.saturating_sub(height))
    }

    /// Lines further down that came since somebody scrolled up.
    pub fn unseen(&self, pane: PaneId) -> usize {
        self.fresh.get(&pane).copied().unwrap_or(0).min(self.scrolled(pane))
    }

    /// Scrolls a pane.
    pub(super) fn scroll_to(&mut self, pane: PaneId, rows: usize) {
        if self.scrolled(pane) == 0 {
            self.fresh.remove(&pane);
        }
        self.scroll.insert(pane, rows);
        // What was seen is new no more.
        let unseen = self.unseen(pane);
        self.fresh.insert(pane, unseen);
        if rows == 0 {
            self.scroll.remove(&pane);
        }
    }

    /// Says something for a few seconds.
    pub fn toast(&mut self, text: impl Into<String>) {
        self.say(text.into(), false);
    }

    /// Takes back what is so no more.
    pub fn unsay(&mut self, text: &str) {
        self.toasts.retain(|toast| toast.text != text);
    }

    /// Says that something was refused.
    pub fn refuse(&mut self, text: impl Into<String>) {
        self.say(text.into(), true);
    }

    fn say(&mut self, text: String, bad: bool) {
        let until = self.mono + Span::secs(if bad { 9 } else { 5 });
        self.toasts.retain(|t| t.text != text);
        self.toasts.push(Toast { text, bad, until });
        if self.toasts.len() > 3 {
            self.toasts.remove(0);
        }
        self.dirty = true;
    }
}
