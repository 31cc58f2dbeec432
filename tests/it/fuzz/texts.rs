//! Readers of files, lines and bytes.

use std::path::Path;

use tminus::core::event::Recorded;
use tminus::core::grammar;
use tminus::core::ids::Seq;
use tminus::core::launch::answers::{Moment, answers};
use tminus::core::launch::{LaunchState, waiting, ways};
use tminus::core::report::{Report, markdown};
use tminus::core::time::Timestamp;
use tminus::core::view::Readout;
use tminus::core::{spell, tell};
use tminus::journal::{Journal, Reader};
use tminus::plan::{self, Choices, Plan, scenario};
use tminus::tui::keymap::Keymap;
use tminus::tui::output::Output;
use tminus::tui::theme;
use tminus::wire::codec::{CodecError, Lines};
use tminus::wire::message::{ClientMessage, EngineMessage};

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// Every problem points into the text and can be shown; what is taken has none.
pub fn plan(bytes: &[u8]) {
    let text = text(bytes);
    let (plan, problems) = plan::check(&text, &Choices::default());
    for problem in &problems {
        let shown = problem.render(&text, "plan.toml");
        assert!(problem.at.end <= text.len() && shown.contains("plan.toml"), "{problem:?}");
    }
    let taken = plan::load(&text, "plan.toml", &Choices::default());
    assert_eq!(taken.is_ok(), plan.is_some(), "what `check` finds good is what a launch takes");
}

/// In the plan of the demo.
pub fn scenario(bytes: &[u8]) {
    let text = text(bytes);
    let (_, problems) = scenario::check(&text, &demo());
    for problem in &problems {
        assert!(problem.at.end <= text.len(), "{problem:?}");
        problem.render(&text, "scenario.toml");
    }
}

fn demo() -> Plan {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans/demo.toml");
    plan::load(&std::fs::read_to_string(path).unwrap(), "demo.toml", &Choices::default()).unwrap()
}

/// One a line. What is read prints as what reads the same.
pub fn condition(bytes: &[u8]) {
    for line in text(bytes).lines() {
        let own = "own".into();
        for own in [None, Some(&own)] {
            match grammar::parse(line, own) {
                Ok(read) => {
                    let printed = read.to_string();
                    let again = grammar::parse(&printed, None);
                    assert_eq!(again.as_ref().ok(), Some(&read), "`{line}` prints as `{printed}`: {again:?}");
                }
                Err(wrong) => assert!(line.get(wrong.at.clone()).is_some(), "`{line}`: {wrong:?}"),
            }
        }
    }
}

/// Typed lines, as of a launch; what is read is spelled as what reads the same.
pub fn order(bytes: &[u8]) {
    let state = launched();
    let readout = Readout::default();
    for line in text(bytes).lines() {
        let Ok(words) = spell::words(line) else { continue };
        let Ok(what) = spell::read(&words, &state, &readout) else { continue };
        let spelled = spell::write(&what);
        let again = spell::words(&spelled).and_then(|words| spell::read(&words, &state, &readout));
        assert!(again.is_ok(), "`{line}` is spelled `{spelled}`: {again:?}");
    }
}

fn kept() -> Vec<Recorded> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals/v1.jsonl");
    std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn launched() -> LaunchState {
    LaunchState::open(&kept()[0]).unwrap()
}

/// What is wrong has its line.
pub fn keymap(bytes: &[u8]) {
    let text = text(bytes);
    let lines = text.split('\n').count();
    if let Err(all) = Keymap::standard().with(&text) {
        assert!(!all.is_empty() && all.iter().all(|wrong| (1..=lines).contains(&wrong.line)), "{lines} lines: {all:?}");
    }
}

pub fn theme(bytes: &[u8]) {
    let file = tempfile::Builder::new().suffix(".toml").tempfile().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let _ = theme::load(file.path().to_str().unwrap());
}

/// After a line that is none the next one is read, except after one that is too long.
fn frames<T: serde::de::DeserializeOwned>(bytes: &[u8]) {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
        let mut lines = Lines::new(bytes);
        let most = bytes.iter().filter(|b| **b == b'\n').count();
        for _ in 0..=most {
            match lines.next::<T>().await {
                Ok(Some(_)) | Err(CodecError::NoMessage { .. }) => {}
                Ok(None) | Err(_) => return,
            }
        }
        panic!("{most} lines are more than {most} messages");
    });
}

pub fn client_frame(bytes: &[u8]) {
    frames::<ClientMessage>(bytes);
}

pub fn engine_frame(bytes: &[u8]) {
    frames::<EngineMessage>(bytes);
}

/// Rows of a journal, a line each, whatever they say: they fold, and all that is told of them can be told.
pub fn events(bytes: &[u8]) {
    let all = text(bytes);
    let all = all.lines().filter_map(|line| serde_json::from_str::<Recorded>(line).ok());
    let all: Vec<Recorded> = (1..).zip(all).map(|(seq, event)| Recorded { seq: Seq(seq), ..event }).collect();
    let Some((mut state, rest)) = all.split_first().and_then(|(first, rest)| Some((LaunchState::open(first)?, rest)))
    else {
        return;
    };
    for recorded in rest {
        tell::tell(&state, &recorded.event);
        state.apply(recorded);
        said(&state, recorded.at);
    }
    if let Some(report) = Report::of(&all, None) {
        markdown(&report);
    }
}

fn said(state: &LaunchState, now: Timestamp) {
    let readout = Readout { at: now, ..Readout::default() };
    let ways = ways(state, &readout);
    let wall = |at: Timestamp| at.to_string();
    answers(&Moment { state, readout: &readout, ways: &ways, secrets: &[], plan: None, ready: None, now, wall: &wall });
    waiting(state, &readout, now);
}

/// The file of a journal, damaged anyhow: it is read as far as it is sound, or refused.
pub fn journal_file(bytes: &[u8]) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("journal.db");
    std::fs::write(&path, bytes).unwrap();
    let sound = Reader::open(&path).and_then(|reader| reader.checked());
    let whole = sound.is_ok_and(|checked| checked.broken.is_none());
    assert!(whole || Journal::open(&path).is_err(), "it goes on in a journal that is not whole");
}

/// However it comes in, nothing but letters is shown of it.
pub fn output(bytes: &[u8]) {
    let mut output = Output::default();
    for (n, piece) in bytes.chunks(7).enumerate() {
        output.feed(n as u64 * 7, piece, bytes.len() as u64, None);
    }
    for line in &output.lines {
        let bad = line.text.chars().find(|c| c.is_control() || tminus::core::text::hides(*c));
        assert_eq!(bad, None, "{:?}", line.text);
        let pieces: String = line.pieces().map(|(text, _)| text).collect();
        assert_eq!(pieces, line.text);
    }
}
