//! Who observes may look, note and hold. Nothing else that an observer sends, well made or not, leaves a trace in the journal.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::UnixStream;

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use serde_json::{Value, json};
use tminus::core::ids::OrderId;
use tminus::core::launch::LaunchState;
use tminus::core::order::What;
use tminus::core::spell;
use tminus::core::view::Readout;
use tminus::wire::message::{ClientMessage, Query};

use super::support::launch::{Client, Launch, PLAN, hello};

/// So many inputs, in so many links at once.
const INPUTS: usize = 100_000;
const LINKS: usize = 4;
/// One link of bytes that are no message in so many inputs.
const BROKEN: usize = 100;

/// What else there can be to order: a trigger that people fire, rounds, shifts, a severity.
const MORE: &str = r#"
[[trigger]]
id = "corruption"
title = "Data"
ask = "Is data wrong?"
action = "propose"

[[watch]]
id = "round"
title = "Look round"
rounds = [{ until = "T+48h", every = "1h" }]
items = ["Inbox", "Logs"]

[shifts]
role = "lead"
turns = [{ at = "T+0", who = "Ana" }, { at = "T+8h", who = "Ana" }]

[severity.1]
means = "down"
then = ["hold", "propose"]
"#;

/// Words of which orders are made.
const WORDS: &str = "greet slow asks boxes settle go-on after switch back all stage round corruption api lead ana ben engine \
    1 2 3 #1 30m +35m -5m 0 go no-go done not-done finish now typed test alone of to because answered no-answer x \
    02:35 blue colour nobody mitigated api[green]";

fn hello_of_an_observer() -> Value {
    let mut hello = hello();
    hello["observe"] = json!(true);
    hello
}

/// An order as somebody types it; none where such words make none.
fn order(rng: &mut SmallRng, vocabulary: &[&str], state: &LaunchState) -> Option<(&'static str, What)> {
    let spelling = spell::ORDERS[rng.random_range(0..spell::ORDERS.len())];
    let mut words = vec![spelling.word.to_owned()];
    words.extend((0..rng.random_range(0..6)).map(|_| vocabulary[rng.random_range(0..vocabulary.len())].to_owned()));
    Some((spelling.word, spell::read(&words, state, &Readout::default()).ok()?))
}

/// Whether an observer may order it.
fn may(what: &What) -> bool {
    matches!(what, What::Note { .. } | What::Fix { .. } | What::Hold { .. })
}

fn message(rng: &mut SmallRng, orders: &[What], number: usize, link: usize) -> ClientMessage {
    let id = OrderId::from(format!("{link}-{number}"));
    match rng.random_range(0..100) {
        0 => ClientMessage::Env { id, values: serde_json::from_value(json!({ "token": "stolen" })).unwrap() },
        1 => ClientMessage::Watch { output: Some(("greet.do.1".parse().unwrap(), 0)) },
        2 => ClientMessage::Get {
            id: number as u64,
            what: Query::Events {
                from: serde_json::from_value(json!(1)).unwrap(),
                to: serde_json::from_value(json!(9)).unwrap(),
            },
        },
        _ => loop {
            let what = &orders[rng.random_range(0..orders.len())];
            // What is durable takes time; a few hundred are enough.
            if !may(what) || rng.random_ratio(1, 20) {
                break ClientMessage::Order { id, what: what.clone() };
            }
        },
    }
}

/// Sends its share, and says how many orders were taken, and how many of what an observer may not.
fn sends(stream: UnixStream, seed: u64, orders: &[What], link: usize) -> (usize, usize) {
    let mut rng = SmallRng::seed_from_u64(seed);
    let mut out = stream.try_clone().unwrap();
    let all: Vec<ClientMessage> = (0..INPUTS / LINKS).map(|number| message(&mut rng, orders, number, link)).collect();
    let answered = |m: &&ClientMessage| matches!(m, ClientMessage::Order { .. } | ClientMessage::Env { .. });
    let mut open: BTreeMap<String, bool> = all
        .iter()
        .filter(answered)
        .map(|m| match m {
            ClientMessage::Order { id, what } => (id.to_string(), may(what)),
            ClientMessage::Env { id, .. } => (id.to_string(), false),
            _ => unreachable!("it has no answer"),
        })
        .collect();
    let writer = std::thread::spawn(move || {
        writeln!(out, "{}", hello_of_an_observer()).unwrap();
        for message in all {
            writeln!(out, "{}", serde_json::to_string(&message).unwrap()).unwrap();
        }
    });
    let (mut taken, mut wrongly) = (0, 0);
    for line in BufReader::new(stream).lines() {
        let line: Value = serde_json::from_str(&line.unwrap()).unwrap();
        assert_ne!(line["say"], "goodbye", "{line}");
        if line["say"] != "reply" {
            continue;
        }
        let allowed = open.remove(line["id"].as_str().unwrap()).expect("an answer to an order of this link");
        if line["result"].get("Ok").is_some() {
            taken += 1;
            wrongly += usize::from(!allowed);
        }
        if open.is_empty() {
            break;
        }
    }
    writer.join().unwrap();
    (taken, wrongly)
}

/// A message with some bytes of it changed, on a link of its own, until the engine hangs up or has answered.
fn breaks(launch: &Launch, rng: &mut SmallRng, orders: &[What], number: usize) {
    let mut stream = launch.socket();
    let mut line = serde_json::to_vec(&message(rng, orders, number, LINKS)).unwrap();
    for _ in 0..rng.random_range(1..8) {
        let at = rng.random_range(0..line.len().max(1));
        match rng.random_range(0..3) {
            0 if !line.is_empty() => line[at] = rng.random(),
            1 if !line.is_empty() => _ = line.remove(at),
            _ => line.truncate(at.max(1)),
        }
    }
    let _ = writeln!(stream, "{}", hello_of_an_observer());
    let _ = stream.write_all(&line);
    let _ = stream.write_all(b"\n");
    let _ = stream.shutdown(std::net::Shutdown::Write);
    let mut all = Vec::new();
    let _ = stream.read_to_end(&mut all);
}

#[test]
fn of_a_hundred_thousand_inputs_of_observers_only_notes_and_holds_are_in_the_journal() {
    let mut launch = Launch::planned(&format!("{PLAN}{MORE}"));
    launch.id = launch.start("http://127.0.0.1:1");
    let seed: u64 = rand::random();
    eprintln!("seed {seed}");
    let mut rng = SmallRng::seed_from_u64(seed);
    let state = Client::come(&launch).state().clone();
    let hash = "0".repeat(64);
    let vocabulary: Vec<&str> = WORDS.split_whitespace().chain([hash.as_str()]).collect();
    let (mut orders, mut words) = (Vec::new(), BTreeSet::new());
    for _ in 0..200_000 {
        if let Some((word, what)) = order(&mut rng, &vocabulary, &state) {
            orders.push(what);
            words.insert(word);
        }
    }
    let never: Vec<&str> = spell::ORDERS.iter().map(|of| of.word).filter(|word| !words.contains(word)).collect();
    assert_eq!(never, [""; 0], "the plan and the vocabulary have something for each of them");

    let before = launch.events().len();
    let sum = std::thread::scope(|scope| {
        let links: Vec<_> = (0..LINKS)
            .map(|link| {
                let (stream, orders) = (launch.socket(), &orders);
                scope.spawn(move || sends(stream, seed + link as u64, orders, link))
            })
            .collect();
        (0..INPUTS / BROKEN).for_each(|number| breaks(&launch, &mut rng, &orders, number));
        links.into_iter().map(|link| link.join().unwrap()).fold((0, 0), |sum, own| (sum.0 + own.0, sum.1 + own.1))
    });
    assert_eq!(sum.1, 0, "of what an observer may not order nothing was taken");
    let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
    for event in launch.events().into_iter().skip(before) {
        *kinds.entry(event["event"]["type"].as_str().unwrap().to_owned()).or_default() += 1;
    }
    let names: Vec<&str> = kinds.keys().map(String::as_str).collect();
    assert_eq!(names, ["fix-noted", "held", "noted"], "{kinds:?}");
    assert!(kinds.values().sum::<usize>() >= sum.0, "{kinds:?}, and {} were taken", sum.0);
    assert!(kinds["noted"] > 10, "{kinds:?}");
}
