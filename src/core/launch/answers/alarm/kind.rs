//! The kinds of alarms, in the order in which they come of one level.

use serde::Serialize;

/// What kind of thing breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlarmKind {
    /// Nothing can be written down.
    Disk,
    /// Our own side is cut off: nothing is known of production.
    CutOff,
    /// The way back stopped; a person must say how to go on.
    RollbackStopped,
    /// A way back is under way.
    GoingBack,
    /// A trigger fired and still holds, or nobody can see whether it does.
    Trigger,
    /// A trigger or a step's `fail` is true at this moment, and its clock runs.
    Breach,
    /// A step failed.
    Failed,
    /// The undo of a step failed, and no way back is under way.
    UndoFailed,
    /// A way back was left half done, and that was not put right.
    HalfBack,
    /// A person stopped a step.
    Stopped,
    /// The end of a step's command was not observed.
    Interrupted,
    /// A trigger fired and holds no more; it counts as over when it was quiet for its `clear-after`.
    Clearing,
    /// There is no data for what must hold after a step, so that its clock stands still.
    NoData,
    /// A signal is over its `critical`.
    Critical,
    /// An incident asks to go back, as its severity says.
    Incident,
    /// What an incident wants of people is overdue, or a check.
    Overdue,
    /// Nobody is left to call for an incident: who could be called did not answer.
    Unreached,
    /// The error budget of a criterion is used up.
    Budget,
    /// Nobody accepted a handover in time.
    HandoverOverdue,
    /// The time of a change of shift has come.
    Handover,
    /// Secrets have no value.
    Secrets,
    /// A channel can't send.
    Channel,
    /// The work left and the way back do not fit before the end of the window any more.
    Window,
    /// The plan's file is not what the launch runs.
    Plan,
}

impl AlarmKind {
    /// Whether it is a matter of people: production may be well meanwhile.
    pub fn is_of_people(self) -> bool {
        matches!(self, AlarmKind::HandoverOverdue | AlarmKind::Handover)
    }

    /// Whether it may be why somebody goes back: it says something of production, or of what is being done to it.
    pub fn is_ground(self) -> bool {
        let apart = [AlarmKind::Overdue, AlarmKind::Unreached, AlarmKind::Secrets, AlarmKind::Channel, AlarmKind::Plan];
        !self.is_of_people() && !apart.contains(&self)
    }

    /// The word in front.
    pub fn word(self) -> &'static str {
        match self {
            AlarmKind::CutOff => "CUT OFF",
            AlarmKind::RollbackStopped => "ROLLBACK STOPPED",
            AlarmKind::GoingBack => "GOING BACK",
            AlarmKind::Trigger => "TRIGGER",
            AlarmKind::Breach => "BREACH",
            AlarmKind::Failed => "STEP FAILED",
            AlarmKind::UndoFailed => "UNDO FAILED",
            AlarmKind::HalfBack => "ROLLBACK LEFT",
            AlarmKind::Stopped => "STEP STOPPED",
            AlarmKind::Interrupted => "INTERRUPTED",
            AlarmKind::Clearing => "CLEARING",
            AlarmKind::NoData => "NO DATA",
            AlarmKind::Critical => "CRITICAL",
            AlarmKind::Disk => "DISK",
            AlarmKind::Incident => "INCIDENT",
            AlarmKind::Overdue => "OVERDUE",
            AlarmKind::Unreached => "NO ANSWER",
            AlarmKind::Budget => "BUDGET USED UP",
            AlarmKind::HandoverOverdue => "HANDOVER OVERDUE",
            AlarmKind::Handover => "HANDOVER",
            AlarmKind::Secrets => "SECRETS",
            AlarmKind::Channel => "CAN'T SEND",
            AlarmKind::Window => "WINDOW",
            AlarmKind::Plan => "PLAN FILE",
        }
    }
}
