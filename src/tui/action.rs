//! What a person can do on the screen. The names here feed the keymap, the `:` line, the help and `tminus keys`.

use super::panes::PaneId;

macro_rules! actions {
    ($($group:literal { $($variant:ident = $name:literal, $doc:literal;)* })*) => {
        /// Something a key does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Action {
            $($(#[doc = $doc] $variant,)*)*
            /// Focus a pane.
            Pane(PaneId),
        }

        impl Action {
            /// All but those of the panes, in the order of the help.
            const OWN: &[Action] = &[$($(Action::$variant,)*)*];

            /// Its name, in the keymap and on the `:` line.
            pub fn name(self) -> &'static str {
                match self {
                    $($(Action::$variant => $name,)*)*
                    Action::Pane(pane) => pane.name(),
                }
            }

            /// What it does, in a line.
            pub fn doc(self) -> &'static str {
                match self {
                    $($(Action::$variant => $doc,)*)*
                    Action::Pane(pane) => pane.doc(),
                }
            }

            /// Under which heading the help shows it.
            pub fn group(self) -> &'static str {
                match self {
                    $($(Action::$variant => $group,)*)*
                    Action::Pane(_) => "Panes",
                }
            }
        }
    };
}

actions! {
    "Launch" {
        Ready = "ready", "can it start: what would not work of the launch, and what to do";
        Run = "run", "start the selected step; open a gate's poll";
        Tick = "tick", "tick or untick the selected box; a hand step is done";
        Vote = "vote", "vote at the open gate";
        Decide = "decide", "decide the open gate (the lead)";
        Hold = "hold", "hold: no new step starts; again: release";
        Severity = "severity", "open an incident, SEV1 to SEV4, or change one";
        Respond = "respond", "you are on it: the open incident, what fired, what people were told";
        Mute = "mute", "silence what is told of a trigger, a probe or all for a while";
        Update = "update", "say how it goes with the open incident";
        GoBack = "go-back", "go back: choose a rollback, see what it does, start it";
        Stop = "stop", "stop the running step";
        Input = "input", "send a line to the running command";
        Note = "note", "write a note into the log";
    }
    "Move" {
        Down = "down", "next row";
        Up = "up", "previous row";
        HalfDown = "half-down", "half a page down";
        HalfUp = "half-up", "half a page up";
        Top = "top", "first row";
        Bottom = "bottom", "last row; follow the output or log again";
        Open = "open", "open the step or the incident; open or close the phase; a pane large, then as a chart";
        Back = "back", "one level back: close, unzoom, clear the filter";
        NextAlarm = "next-alarm", "the next alarm in the alarm row, for some seconds";
        Filter = "filter", "show only rows with this text (checklist, log, output)";
        Found = "found", "the next row with that text, among all the others; in a chart the next mark";
        FoundBefore = "found-before", "the one before it";
        Mine = "mine", "show only what is yours in the checklist; again: all";
        Due = "due", "show only what is due or goes on in the checklist; again: all";
    }
    "Panes" {
        NextPane = "next-pane", "focus the next pane";
        PreviousPane = "previous-pane", "focus the previous pane";
        Zoom = "zoom", "zoom the pane, and back";
        Longer = "longer", "charts show a longer time";
        Shorter = "shorter", "charts show a shorter time";
        Earlier = "earlier", "the charts' cursor back in time: all panes of signals show that moment";
        Later = "later", "the cursor forward again, up to now";
        OwnSpan = "own-span", "what is now again; charts show as long as they would by themselves";
        Freeze = "freeze", "hold what is measured still, to read it; again: go on";
    }
    "Screen" {
        Command = "command", "an order, a step or a probe by a few letters; Tab completes";
        Help = "help", "this help; / searches it, Enter runs what is selected";
        Copy = "copy", "copy the selected step, or what the pane shows";
        Chat = "chat", "copy how the launch stands, as Markdown for a chat";
        Select = "select", "show what was copied as plain text, to be selected by hand";
        Alerts = "alerts", "new alarms ring while you look elsewhere, or not";
        WarRoom = "war-room", "the few numbers that matter in large type, for a projector; again: the cockpit";
        Mask = "mask", "cover names, hosts and secrets on this screen, for others to look at it; again: show them";
        Mouse = "mouse", "a click focuses and selects, the wheel scrolls; again: the mouse is the terminal's";
        Redraw = "redraw", "draw everything anew";
        Suspend = "suspend", "to the shell, and back with fg";
        Detach = "detach", "leave the screen; the launch goes on";
    }
}

impl Action {
    /// All of them, in the order of the help.
    pub fn all() -> impl Iterator<Item = Action> {
        Action::OWN.iter().flat_map(|action| {
            let panes = if *action == Action::PreviousPane { PaneId::ALL } else { &[] };
            std::iter::once(*action).chain(panes.iter().copied().map(Action::Pane))
        })
    }

    /// The action of that name.
    pub fn named(name: &str) -> Option<Action> {
        Action::all().find(|a| a.name() == name)
    }
}
