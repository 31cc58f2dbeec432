//! What the engine's loop does again and again: taking in polls, judging conditions, computing what screens show, and
//! folding the journal. `cargo bench --bench core`.

mod screen;

use tminus::core::condition::{Condition, NoDataRule};
use tminus::core::event::{Event, Mode, Recorded};
use tminus::core::grammar::parse;
use tminus::core::ids::{ProbeId, Seq};
use tminus::core::launch::{Input, LaunchState, decide};
use tminus::core::order::{Operator, Order, What};
use tminus::core::outline::{
    Fires, MeasureOutline, Outline, Pane, ProbeOutline, StepOutline, TriggerAction, TriggerOutline,
};
use tminus::core::reading::{Outcome, Point, Poll};
use tminus::core::signals::{Judge, Signals};
use tminus::core::time::{Span, Timestamp};
use tminus::core::units::Unit;
use tminus::core::view::Readout;

const EVERY: Span = Span::secs(5);

fn main() {
    divan::main();
}

fn condition(text: &str) -> Condition {
    parse(text, None).expect("a condition")
}

fn probe(id: &str, limit: &str) -> ProbeOutline {
    let own = ProbeId::from(id);
    ProbeOutline {
        id: own.clone(),
        title: id.into(),
        pane: Pane::Errors,
        kind: "prometheus".into(),
        target: String::new(),
        every: EVERY,
        timeout: EVERY,
        measures: vec![MeasureOutline { name: "value".into(), unit: Unit::Percent, what: String::new(), whole: false }],
        expect: Vec::new(),
        warn: Vec::new(),
        critical: vec![parse(limit, Some(&own)).expect("a limit")],
    }
}

/// As many probes of ten instances each as give so many signals.
fn outline(signals: usize, limit: &str) -> Outline {
    Outline { probes: (0..signals / 10).map(|n| probe(&format!("p{n}"), limit)).collect(), ..Outline::default() }
}

fn poll(outline: &Outline, probe: usize, n: i64, value: f64) -> Poll {
    let points = (0..10).map(|i| Point::of(&format!("i{i}"), "value", Outcome::number(value))).collect();
    Poll { probe: outline.probes[probe].id.clone(), at: Timestamp(n * EVERY.millis()), took_ms: 1, points: Ok(points) }
}

/// Signals with so many polls of each probe, and the moment of the last.
fn filled(outline: &Outline, polls: i64, value: f64) -> (Signals, Timestamp) {
    let mut signals = Signals::new(outline);
    for n in 0..polls {
        for probe in 0..outline.probes.len() {
            signals.observe(&poll(outline, probe, n, value));
        }
    }
    (signals, Timestamp((polls - 1) * EVERY.millis()))
}

#[divan::bench]
fn parse_a_condition(bencher: divan::Bencher) {
    bencher.bench(|| parse(divan::black_box("errors[green] <= errors[blue] * 1.5 + 0.5% for 10m"), None));
}

/// One poll with ten instances, into an hour of history.
#[divan::bench]
fn observe_a_poll(bencher: divan::Bencher) {
    let outline = outline(10, "> 5% for 1m");
    let (mut signals, at) = filled(&outline, 720, 0.01);
    let mut n = at.millis() / EVERY.millis();
    bencher.bench_local(|| {
        n += 1;
        signals.observe(&poll(&outline, 0, n, 0.01));
    });
}

/// Six hours at five seconds that hold all the time, on ten instances: 43,200 comparisons.
#[divan::bench]
fn judge_a_clock_of_six_hours(bencher: divan::Bencher) {
    let outline = outline(10, "> 5% for 6h");
    let (signals, now) = filled(&outline, 4320, 0.01);
    let soak = condition("p0 < 5% for 6h");
    bencher.bench(|| signals.judge(&soak, Judge::all(Timestamp(0)), now));
}

/// A condition without a clock, on ten instances.
#[divan::bench]
fn judge_a_comparison(bencher: divan::Bencher) {
    let outline = outline(10, "> 5% for 1m");
    let (signals, now) = filled(&outline, 720, 0.01);
    let now_only = condition("p0 < 5%");
    bencher.bench(|| signals.judge(&now_only, Judge::all(Timestamp(0)), now));
}

/// A soak of two hours over levels, each as it stood at its moment.
#[divan::bench]
fn judge_levels_over_two_hours(bencher: divan::Bencher) {
    let outline = outline(10, "> 5% for 1m");
    let (signals, now) = filled(&outline, 720, 0.01);
    let ok = condition("p0 is ok");
    let how = Judge { soak: Some(Span::mins(120)), ..Judge::all(Timestamp(0)) };
    bencher.bench(|| signals.judge(&ok, how, now));
}

/// All that a screen shows, of 500 signals.
#[divan::bench]
fn read_out_500_signals(bencher: divan::Bencher) {
    let outline = outline(500, "> 5% for 1m");
    let (signals, now) = filled(&outline, 100, 0.01);
    let launch = launch(outline, 1);
    bencher.bench(|| Readout::of(&launch, &signals, now));
}

fn opened(mut outline: Outline, steps: usize) -> Recorded {
    let step = |n: usize| -> StepOutline {
        let text = format!(r#"{{"id": "s{n}", "title": "Step {n}", "phase": "go", "run": "true"}}"#);
        serde_json::from_str(&text).expect("a step")
    };
    outline.steps = (0..steps).map(step).collect();
    let by = Operator { name: "ana".into(), declared: false, session: 1 };
    let event = Event::Opened {
        launch: "bench".into(),
        mode: Mode::Live,
        t0: Timestamp(0),
        by,
        plan_hash: String::new(),
        outline: Box::new(outline),
        practice: None,
    };
    Recorded { seq: Seq(1), at: Timestamp(0), order: None, event }
}

fn launch(outline: Outline, steps: usize) -> LaunchState {
    LaunchState::open(&opened(outline, steps)).expect("the first event opens the launch")
}

/// A look at a plan of 200 steps and 20 triggers that finds nothing new.
#[divan::bench]
fn look(bencher: divan::Bencher) {
    let mut outline = outline(200, "> 5% for 1m");
    outline.triggers = (0..20)
        .map(|n| TriggerOutline {
            id: format!("t{n}").into(),
            title: String::new(),
            fires: Fires::When(condition(&format!("p{n} > 5% for 10m"))),
            action: TriggerAction::Propose,
            rollback: None,
            no_data: NoDataRule::Freeze,
            clear_after: Span::mins(2),
        })
        .collect();
    let (signals, now) = filled(&outline, 720, 0.01);
    let launch = launch(outline, 200);
    bencher.bench(|| decide(&launch, &signals, Input::Look, now));
}

/// A whole order in a plan of 200 steps and 200 signals: decided, its events folded in, and the look that follows.
#[divan::bench]
fn decide_and_apply_an_order(bencher: divan::Bencher) {
    let outline = outline(200, "> 5% for 1m");
    let (signals, now) = filled(&outline, 100, 0.01);
    let launch = launch(outline, 200);
    let by = Operator { name: "ana".into(), declared: false, session: 1 };
    let order = || Order { id: "o1".into(), by: by.clone(), what: What::Run { step: "s100".into(), attempt: 1 } };
    bencher.with_inputs(|| (launch.clone(), Some(Input::Order(order())))).bench_local_refs(|(state, input)| {
        for input in input.take().into_iter().chain([Input::Look]) {
            for event in decide(state, &signals, input, now).expect("a step that is due starts") {
                let recorded = Recorded { seq: Seq(state.head.0 + 1), at: now, order: None, event };
                state.apply(&recorded);
            }
        }
        assert!(state.runs.len() == 1, "the order was taken");
    });
}

/// The whole journal of a long launch: 10,000 events.
#[divan::bench]
fn fold_10_000_events(bencher: divan::Bencher) {
    let first = opened(Outline::default(), 200);
    let by = Operator { name: "ana".into(), declared: false, session: 1 };
    let events: Vec<Recorded> = (0..10_000_u64)
        .map(|n| {
            let step = format!("s{}", n / 2 % 200).as_str().into();
            let event = Event::Ticked { step, item: None, text: None, on: n % 2 == 0, by: by.clone() };
            Recorded { seq: Seq(n + 2), at: Timestamp(n as i64), order: None, event }
        })
        .collect();
    bencher.bench(|| {
        let mut state = LaunchState::open(&first).expect("the first event opens the launch");
        events.iter().for_each(|event| state.apply(event));
        state
    });
}
