//! tminus, a launch cockpit for the terminal.
//!
//! This page is the architecture. `README.md` is for those who use tminus, this for those who change it.
//!
//! # One launch, two processes and a file
//!
//! ```text
//!  plan.toml ──▶ plan ──▶ Outline ─┐                                   operators (screen, `tminus do`, CI)
//!                                  ▼                                      │ order          ▲ event, telemetry
//!  probes ──reading──▶ ┌──────────────────────── engine ──────────────────▼────────────────┴───┐
//!  runs ─────end─────▶ │ one loop owns LaunchState:  decide → append (fsync) → apply → publish → act │
//!  clock ──deadline──▶ └──────┬──────────────────────────────────────────────┬─────────────────┘
//!                             ▼                                              ▼
//!                   journal (events), readings                    effects: start a run, stop it
//! ```
//!
//! - The **engine** is its own process. It owns the state of one launch and outlives every terminal. What it is asked
//!   and what it sees come as inputs to one synchronous step; nothing else writes the state.
//! - The **clients** (the screen, `tminus do`, `tminus status`) are thin. They get the state once, fold the same events
//!   with the same code, and can't slow the engine.
//! - The **journal** is the truth: what is in it happened, what is not did not. The intent to run a command is on disk
//!   before the command starts. The one exception is a person's, who types a word for it: a way back where nothing can be
//!   written at all goes with its events in memory, until they can be moved in.
//! - Each command runs beside a **supervisor**, a third tiny process that holds its terminal and writes down its end, so
//!   that neither the engine's death nor the terminal's costs a deploy or its exit code.
//!
//! A reading takes this way: a prober answers → [`probes::runner`] masks secrets and reports → the loop stamps it with the
//! launch's time as a [`core::reading::Poll`] → it is folded into [`core::signals::Signals`] and written to [`readings`] → a
//! look finds what it changes → events, if any, and a [`core::view::Readout`] for the clients.
//!
//! A notice takes this way: a look finds something worth telling that a rule of the plan names
//! ([`core::launch::notices::worth`]) → the fact that it was raised is durable → a channel sends it, beside the loop → how
//! that went is a fact too. What is raised and neither sent nor given up is sent by whichever engine finds it.
//!
//! Whether a launch can start takes this way: before its start the engine has its machine looked at, in a thread
//! ([`engine::ready`]) → what was found goes to the clients with [`Trouble`] → with the signals and the missing secrets it is
//! folded into a [`core::ready::Card`]. A poll that failed waits, where the plan names a vantage, until that has answered:
//! `core::signals::vantage`.
//!
//! # What is said over the socket
//!
//! One JSON object a line, in [`wire::message`]. A client says [`Hello`], then [`Order`], [`Env`] (values of secrets),
//! [`Watch`] (follow a run's output) and [`Get`] (events, the past of signals, output, the plan's difference). The engine
//! answers with [`Welcome`] and [`State`], then sends each [`Event`], and as things change [`Telemetry`] and [`Gone`],
//! [`Output`], [`Asking`] (commands that wait for input), [`Processes`] (of the commands that run), [`Trouble`] and
//! [`Here`]; a [`Reply`] to each order and secret, a [`Part`] of the answer to a `Get`; and [`Goodbye`] with the reason
//! before it hangs up.
//!
//! # Where things are
//!
//! | module | what lives there | may import |
//! |---|---|---|
//! | [`core`] | the words of a launch as types, and the rules that move them: pure, `now` is an argument | nothing of ours |
//! | [`probes`] | what measures production, one file or directory a kind, and the schedule | `core` |
//! | [`notify`] | the channels by which people are told, one file a kind, and the heartbeat | `core` |
//! | [`plan`] | TOML to [`core::outline::Outline`], diagnostics, schema | `core`, the specs in `probes` and `notify` |
//! | [`journal`] | events, in SQLite | `core`, `paths`, `access` |
//! | [`readings`] | the history of signals, in SQLite | `core`, `wire` (series) |
//! | [`supervise`] | the process beside a run | `core` (how a run ends) |
//! | [`access`] | who else could change a directory or a plan file | nothing of ours |
//! | [`paths`] | the directory of a launch | `core` |
//! | [`wire`] | messages, the JSON-lines codec, the client's link | `core`, `paths` |
//! | [`hub`] | what happens per client: attach, catch-up, history, output | `core`, `wire`, `journal`, `readings`, `supervise`, `paths` |
//! | [`engine`] | the step function, its thread, the effects, the daemon | all of the above |
//! | [`tui`] | the screen | `core`, `wire`, `paths` |
//! | [`demo`] | the simulated production | nothing of ours |
//! | [`trust`] | who is trusted with what, and what was tried to break it: a page | nothing of ours |
//! | [`cli`] | one file a subcommand | everything |
//!
//! A test (`tests/it/layers.rs`) holds the last column.
//!
//! # Where to add…
//!
//! - **a kind of probe**: one file in `src/probes`, one line in `kinds!` in `src/probes/mod.rs`;
//! - **a channel by which people are told**: one file in `src/notify`, one line in `channels!` in `src/notify/mod.rs`;
//! - **a key**: one line in `src/tui/keymap.toml`, and an arm where its action is new;
//! - **a pane**: one file in `src/tui/panes`, its `mod` and one line of `panes!` in `mod.rs`. It then has its key, its
//!   name on the `:` line and the whole screen; where it stands beside the others is said in `src/tui/layout.rs`;
//! - **a theme**: one TOML file in `themes`, and its name in `built_in!` in `src/tui/theme.rs`; a test measures it. One's own
//!   needs no line: `--theme` reads a file too;
//! - **an order**: a variant of [`core::order::What`], its rule under `src/core/launch/decide`, its spelling in [`core::spell`];
//! - **an event**: a variant of [`core::event::Event`] and its arm in `apply`. Events are for ever: an old journal must load.
//!
//! # Rules that shape the code
//!
//! - *Reconcile, don't react.* A reading is no event. It is folded into [`core::signals::Signals`]; a *look* then compares
//!   what holds with what is recorded and emits the difference. An edge lost in a crash is found at the next look.
//! - *Clocks are computed, never stored.* How long a condition has held is a fold over readings since an anchor that is
//!   in the journal. Time that nobody observed counts for nothing.
//! - *One timeline.* [`engine::timeline`] alone reads the system's clocks. A rehearsal at 60 times the speed runs the whole
//!   timeline that much faster; the rules know of no speed.
//! - *Unknown is not ok.* Stale, errored, too few samples and never seen are one level with a reason.
//! - *One wording.* Orders are spelled in [`core::spell`], events are told in [`core::tell`], what a step waits for is
//!   explained in [`core::launch::explain`], and NOW, NEXT, BACK and the alarms are answered in [`core::launch::answers`];
//!   the screen and the command line both print those.
//! - *Orders name what they saw* and carry the client's own id: a retry can't do a thing twice, and of two people who
//!   press at once one wins.
//!
//! [`Hello`]: wire::message::ClientMessage::Hello
//! [`Order`]: wire::message::ClientMessage::Order
//! [`Env`]: wire::message::ClientMessage::Env
//! [`Watch`]: wire::message::ClientMessage::Watch
//! [`Get`]: wire::message::ClientMessage::Get
//! [`Welcome`]: wire::message::EngineMessage::Welcome
//! [`State`]: wire::message::EngineMessage::State
//! [`Event`]: wire::message::EngineMessage::Event
//! [`Telemetry`]: wire::message::EngineMessage::Telemetry
//! [`Gone`]: wire::message::EngineMessage::Gone
//! [`Output`]: wire::message::EngineMessage::Output
//! [`Asking`]: wire::message::EngineMessage::Asking
//! [`Processes`]: wire::message::EngineMessage::Processes
//! [`Trouble`]: wire::message::EngineMessage::Trouble
//! [`Here`]: wire::message::EngineMessage::Here
//! [`Reply`]: wire::message::EngineMessage::Reply
//! [`Part`]: wire::message::EngineMessage::Part
//! [`Goodbye`]: wire::message::EngineMessage::Goodbye

#![warn(missing_docs)]

pub mod access;
pub mod cli;
pub mod core;
pub mod demo;
pub mod engine;
pub mod hub;
pub mod journal;
pub mod notify;
pub mod paths;
pub mod plan;
pub mod probes;
pub mod readings;
pub mod supervise;
pub mod trust;
pub mod tui;
pub mod wire;
