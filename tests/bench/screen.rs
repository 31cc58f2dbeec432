//! What the screen does again and again: drawing.

use tminus::core::event::{Event, Mode, Recorded};
use tminus::core::ids::{Instance, Seq, SignalId};
use tminus::core::launch::LaunchState;
use tminus::core::order::Operator;
use tminus::core::outline::{MeasureOutline, Outline, Pane, PhaseOutline, ProbeOutline};
use tminus::core::reading::{Level, Outcome};
use tminus::core::time::{Span, Timestamp};
use tminus::core::units::{Finite, Unit};
use tminus::core::view::SignalView;
use tminus::tui::model::Model;
use tminus::tui::msg::{Happened, Msg};
use tminus::tui::theme::Theme;
use tminus::tui::told::Told;
use tminus::tui::update::update;
use tminus::wire::message::EngineMessage;

/// One drawing of the largest screen with 500 signals, from a model that is up to date.
#[divan::bench]
fn draw_200x60_with_500_signals(bencher: divan::Bencher) {
    let model = model();
    let mut buffer = ratatui::buffer::Buffer::empty(ratatui::layout::Rect::new(0, 0, 200, 60));
    bencher.bench_local(move || {
        buffer.reset();
        tminus::tui::view::paint(&model, &Told::of(&model), &mut buffer)
    });
}

/// 100 probes with five instances each, over all panes.
fn model() -> Model {
    let now = Timestamp(1_762_822_800_000);
    let panes = [Pane::Errors, Pane::Health, Pane::Replication, Pane::Queues];
    let probes: Vec<ProbeOutline> = (0..100)
        .map(|i| ProbeOutline {
            id: format!("probe-{i}").as_str().into(),
            title: format!("Probe {i}"),
            pane: panes[i % panes.len()],
            kind: "http".into(),
            target: String::new(),
            every: Span::secs(5),
            timeout: Span::secs(2),
            measures: vec![MeasureOutline {
                name: "value".into(),
                unit: Unit::Percent,
                what: String::new(),
                whole: false,
            }],
            expect: Vec::new(),
            warn: Vec::new(),
            critical: Vec::new(),
        })
        .collect();
    let views = probes.iter().flat_map(|p| (0..5).map(move |i| (p.id.clone(), i)));
    let views = views.map(|(probe, i)| {
        let outcome = Some(Outcome::number(0.01 * f64::from(i)));
        SignalView {
            injected: false,
            id: SignalId { probe, instance: Some(Instance::from(format!("i{i}"))), measure: "value".into() },
            level: Level::Ok,
            why: None,
            last: outcome,
            at: Some(now),
            was: None,
            pending: None,
            spark: (0..60).map(|n| Finite::new(f64::from(n % 7) / 100.0)).collect(),
        }
    });
    let signals: Vec<SignalView> = views.collect();
    let phases =
        vec![PhaseOutline { id: "a".into(), title: "A".into(), at: None, since: None, not_before: None, window: None }];
    let outline = Outline { name: "Wallet".into(), probes, phases, ..Outline::default() };
    let by = Operator { name: "ana".into(), declared: false, session: 1 };
    let opened = Event::Opened {
        launch: "l".into(),
        mode: Mode::Live,
        t0: now,
        by: by.clone(),
        plan_hash: String::new(),
        outline: Box::new(outline),
        practice: None,
    };
    let Some(state) = LaunchState::open(&Recorded { seq: Seq(1), at: now, order: None, event: opened }) else {
        unreachable!("the first event opens")
    };
    let mut model = Model::new((200, 60), Theme::dark(), false, 1);
    let welcome = EngineMessage::Welcome {
        proto: tminus::wire::PROTO,
        version: String::new(),
        launch: state.id.clone(),
        you: by,
        observe: false,
        now,
        wall: Span::ZERO,
        last_here: None,
    };
    let json = serde_json::to_string(&state).unwrap_or_default();
    let state = EngineMessage::State { json, more: false };
    for message in [welcome, state, EngineMessage::Telemetry { at: now, signals, conditions: Vec::new(), more: false }]
    {
        update(&mut model, Msg { at: Span::ZERO, what: Happened::Engine(Box::new(message)) });
    }
    model
}
