//! The whole way, as a person goes it: the built binary in a real terminal, a real production before it, and green that
//! goes wrong at 25 % in three ways, the first of which the public name hides. Each thing is seen on the screen and found
//! in the journal. With `TMINUS_KEEP_JOURNAL=FILE` the journal is kept: those under `tests/journals` of real launches are
//! made so, once a version.

use tminus::core::event::{Event, RunEnd};
use tminus::core::order::{Ballot, Way};
use tminus::core::time::Span;

use crate::support::app::Manner;
use crate::support::hands;
use crate::support::launches::{Launches, text};
use crate::support::production::Production;
use crate::support::terminal::Terminal;
use crate::support::users::Got;
use crate::support::wait_for;

const TOP: &str = "Prepare";

/// By what a failure of green is known.
struct Signs {
    manner: Manner,
    /// What is found, in the words of the screen and of the journal.
    found: String,
    /// What of green the alarm row names.
    what: &'static str,
    /// How the step says why it failed: by the condition that was first.
    fail: &'static [&'static str],
    /// The trigger that fires, and its title.
    trigger: (&'static str, &'static str),
}

impl Signs {
    fn of(manner: Manner, production: &Production) -> Self {
        let down = ("green-down", "Green does not answer");
        let (found, what, fail, trigger): (_, _, &[&str], _) = match manner {
            Manner::Dead => {
                let found = format!("failing: connection refused by {}", production.app.green.address);
                (found, "green ", &["green is failing for 4s: connection refused by "], down)
            }
            Manner::Fails => {
                let found = "failing: answers 500, not 2xx, says `error`".to_owned();
                let first: &[&str] = &["green is failing for 4s: answers 500", "errors[green] > 5% for 4s: "];
                (found, "green ", first, down)
            }
            Manner::Slow => {
                let slow = ("green-slow", "Green is slow");
                ("> 800 ms".to_owned(), "green.latency 1.", &["green.latency > 800ms for 4s: 1."], slow)
            }
            Manner::Well => panic!("that is no failure"),
        };
        Self { manner, found, what, fail, trigger }
    }

    /// Whether the panes show it, and nothing that is not so.
    fn shown(&self, screen: &str) -> bool {
        let (green, errors, public) = (row(screen, "green"), row(screen, "errors"), row(screen, "public"));
        match self.manner {
            Manner::Dead => is(green, "■", "failing") && !is(errors, "■", "critical") && is(public, "●", "ms"),
            Manner::Fails => is(green, "■", "failing") && is(errors, "■", "critical"),
            _ => is(green, "▲", "s") && seconds(green) >= 1.2 && is(errors, "●", "%") && is(public, "●", "s"),
        }
    }

    /// Whether it is what the users of the public name get.
    fn felt(&self, got: &Got) -> bool {
        let count = |version: &str, status: u16| got.get(&(version.to_owned(), status)).copied().unwrap_or(0);
        let (blue, green, failed) = (count("blue", 200), count("green", 200), count("green", 500));
        blue > 30
            && blue + green + failed == got.values().sum::<u64>()
            && match self.manner {
                Manner::Dead => green + failed == 0,
                Manner::Fails => green == 0 && failed > 5,
                _ => green > 5 && failed == 0,
            }
    }
}

/// A row of a pane at the right: from its sign on.
fn row<'a>(screen: &'a str, name: &str) -> &'a str {
    let from = |line: &'a str| {
        let at = ["●", "▲", "■", "?"].iter().find_map(|sign| line.rfind(&format!("{sign} {name} ")))?;
        (at > 30).then(|| &line[at..])
    };
    screen.lines().find_map(from).unwrap_or_default()
}

/// Whether a row has this sign and, behind its name, this word.
fn is(row: &str, sign: &str, word: &str) -> bool {
    row.starts_with(sign) && row.split_whitespace().skip(2).any(|w| w.to_lowercase().ends_with(word))
}

fn seconds(row: &str) -> f64 {
    let mut words = row.split_whitespace().skip(2);
    match (words.next().and_then(|n| n.parse().ok()), words.next()) {
        (Some(n), Some("s")) => n,
        _ => 0.0,
    }
}

/// The percentage of green that a row of the comparison shows.
fn percent(screen: &str, name: &str) -> Option<f64> {
    row(screen, name).split_whitespace().nth(2)?.parse().ok()
}

fn alarm(screen: &str) -> &str {
    screen.lines().nth(1).unwrap_or_default()
}

fn done(step: &'static str) -> impl Fn(&Event) -> bool {
    move |e| matches!(e, Event::StepDone { step: s, .. } if s.as_str() == step)
}

fn journey(manner: Manner) {
    let world = Production::start();
    let signs = Signs::of(manner, &world);
    let launches = Launches::new();
    let mut launch = launches.tminus(["launch"]);
    launch.arg(Production::plan()).args(world.vars());
    let mut screen = Terminal::start(&launch, 120, 40);

    // Launched, and everything is measured.
    screen.wait_for("World v1.0.0");
    screen.past_ready();
    screen.wait_for("● replica-1");
    // Green has no traffic yet, so that its error rate is not known.
    screen.wait_for("9 ok  0 warn  1 unknown");

    // Tick a box.
    hands::select(&mut screen, TOP, "The backup was restored once");
    screen.press_until(" ", "the box ticked", |s| s.contains("✓ The backup was restored once"));

    // Run a command.
    hands::start(&mut screen, TOP, "Warm green up");
    screen.wait_for("✓ Warm green up  ");

    // A gate: one votes no-go, then is convinced; all votes are in, and the lead decides.
    hands::select(&mut screen, TOP, "Go for traffic?");
    screen.press_until("x", "the poll open", |s| s.contains("poll opened"));
    hands::vote(&mut screen, 1, "lead", Ballot::Go);
    hands::vote(&mut screen, 2, "devops", Ballot::NoGo);
    hands::says(&mut screen, "No-go, why", "the pager is silent");
    screen.wait_for("the pager is silent");
    hands::vote(&mut screen, 2, "devops", Ballot::Go);
    screen.wait_for("voted for devops");
    screen.press_until("d", "all votes, each go", |s| {
        let go = |role: &str| s.lines().any(|l| l.contains(&format!("◆ {role}  ")) && l.contains("  go, "));
        s.contains("NO-GO") && go("lead") && go("devops")
    });
    screen.press_until("g", "the decision made", |s| !s.contains("NO-GO"));
    screen.wait_for("Go for traffic?  GO, decided by ");

    // Shift traffic: 5 %, then 25 %.
    hands::start(&mut screen, TOP, "5 % to green");
    screen.wait_for("✓ 5 % to green  ");
    hands::start(&mut screen, TOP, "25 % to green");
    screen.wait_for("25 % to green, soaking");
    assert!(world.nginx.upstream().contains("weight=25"), "{}", world.nginx.upstream());

    // Green fails. First the step's clock runs in the alarm row, beside it the trigger's.
    world.app.green.set(manner);
    screen.wait_until("the breach", |s| {
        let alarm = alarm(s);
        let says = |part: &str| alarm.contains(part);
        says("■ BREACH  ") && says(signs.what) && says(&signs.found) && says(" / 0:04")
    });
    screen.wait_until("the trigger pending", |s| {
        let pending = |line: &str| line.starts_with(&format!(" ■ {} ", signs.trigger.1)) && line.contains(" / 0:08 ");
        s.contains("1 pending") && s.lines().any(pending)
    });
    world.users.forget();
    screen.wait_until("the step failed", |s| s.contains("✗ 25 % to green") && s.contains("FAILED"));
    screen.wait_until("the trigger fired", |s| {
        let alarm = alarm(s);
        let fired = |line: &str| line.starts_with(&format!(" ■ {} ", signs.trigger.1)) && line.contains("FIRED");
        alarm.contains("■ TRIGGER  ") && alarm.contains(&signs.found) && s.lines().any(fired)
    });
    screen.wait_until("how green stands", |s| signs.shown(s));
    wait_for(&format!("what users get of {manner:?}"), || signs.felt(&world.users.got()).then_some(()));

    // Say how bad it is: first the number, the words later.
    screen.press_until("S", "the severities", |s| s.contains("How bad is it?"));
    screen.press_until("2", "the severity's text", |s| s.contains("SEV2, what is wrong"));
    screen.press_until("\r", "the severity without words", |s| !s.contains("SEV2, what is wrong"));
    screen.press_until("\u{1b}", "the words left out", |s| !s.contains("what is wrong ("));
    screen.wait_until("the severity in the header", |s| s.lines().next().is_some_and(|h| h.contains(" SEV2 ")));

    // Back one stage.
    screen.press_until("R", "the ways back", |s| s.contains("Go back"));
    screen.press_until("1", "one stage chosen", |s| s.contains("WHAT 1 DOES"));
    screen.wait_for("↶  25 % to green is undone");
    screen.press_until("y", "the way back begun", |s| !s.contains("WHAT 1 DOES"));
    screen.wait_for("↶ 25 % to green  ");
    wait_for("nginx to have 5 % again", || world.nginx.upstream().contains("weight=5;").then_some(()));

    // It recovers.
    world.app.green.set(Manner::Well);
    screen.wait_gone("TRIGGER");
    screen.wait_until("all well, at 5 %", |s| {
        let share = percent(s, "share").is_some_and(|share| (1.0..9.0).contains(&share));
        s.contains("10 ok  0 warn  0 unknown") && alarm(s).trim().is_empty() && is(row(s, "green"), "●", "ms") && share
    });

    // Detach: the terminal goes, the engine stays.
    let engine = launches.engines();
    assert_eq!(engine.len(), 1);
    screen.keys("q");
    assert!(screen.ended().success());
    screen.wait_for("tminus attach");
    assert_eq!(launches.engines(), engine);
    let status = launches.run(&["status"]);
    assert!(text(&status.stdout).contains("world"), "{}{}", text(&status.stdout), text(&status.stderr));

    // Attach: everything is still there.
    let mut screen = Terminal::start(&launches.tminus(["attach"]), 120, 40);
    screen.wait_for("World v1.0.0");
    for there in ["HOLD", "SEV2", "↶ Go for traffic?", "2 armed", "10 ok  0 warn  0 unknown"] {
        screen.wait_for(there);
    }
    // The gate asks again, so that its phase is open; the other one is opened.
    hands::select(&mut screen, TOP, "Traffic to green");
    screen.press_until("\r", "the other phase", |s| s.contains("✓ 5 % to green") && s.contains("↶ 25 % to green"));

    // The rest of the way back: the plan's own step gives everything to blue.
    hands::back(&mut screen, "Traffic back to blue");
    screen.wait_for("↶ 5 % to green  ");
    world.users.forget();
    wait_for("blue alone", || (world.users.got().values().sum::<u64>() > 40).then_some(()));
    let got = world.users.got();
    assert!(got.keys().all(|(version, status)| version == "blue" && *status == 200), "{got:?}");
    screen.kill();
    assert_eq!(launches.engines(), engine, "the death of a screen is nothing to the engine");

    in_the_journal(&launches, &signs);
    launches.order(&["end", "world", "the test is over"]);
    wait_for("the engine's end", || launches.engines().is_empty().then_some(()));
    if let Some(file) = std::env::var_os("TMINUS_KEEP_JOURNAL") {
        std::fs::copy(launches.directory().join("journal.db"), file).unwrap();
    }
}

/// The journal is whole, and has everything in the order in which it happened.
fn in_the_journal(launches: &Launches, signs: &Signs) {
    let events = launches.events();
    let at = |what: &str, is: &dyn Fn(&Event) -> bool| {
        events.iter().position(is).unwrap_or_else(|| panic!("not in the journal: {what}\n{events:?}"))
    };
    let ran = |e: &Event| matches!(e, Event::RunEnded { run, end: RunEnd::Exited { code: 0, .. }, .. } if run.step.as_str() == "warm-up");
    let voted = |on: &'static str, how| {
        at(on, &|e| matches!(e, Event::Voted { role, vote, .. } if role.as_str() == on && *vote == how))
    };
    let order = [
        at("opened", &|e| matches!(e, Event::Opened { .. })),
        at("ticked", &done("backup")),
        at("run", &ran),
        at("poll", &|e| matches!(e, Event::PollOpened { .. })),
        voted("lead", Ballot::Go),
        voted("devops", Ballot::NoGo),
        voted("devops", Ballot::Go),
        at("go, over nothing", &|e| matches!(e, Event::GateDecided { go: true, over, .. } if over.is_empty())),
        at("5 %", &done("share-5")),
        at("failed", &|e| {
            matches!(e, Event::StepFailed { step, why, .. } if step.as_str() == "share-25"
                && signs.fail.iter().any(|fail| why.starts_with(fail)))
        }),
        at("fired", &|e| {
            matches!(e, Event::TriggerFired { trigger, evidence, .. } if trigger.as_str() == signs.trigger.0
                && evidence.found.contains(&signs.found) && evidence.lasted >= Some(Span::secs(8)))
        }),
        at("severity", &|e| matches!(e, Event::SeveritySet { level: 2, .. })),
        at(
            "one stage back",
            &|e| matches!(e, Event::RollbackStarted { way: Way::Stage(step), .. } if step.as_str() == "share-25"),
        ),
        at("undone", &|e| matches!(e, Event::StepUndone { step, .. } if step.as_str() == "share-25")),
        at("gone back", &|e| matches!(e, Event::RollbackDone { .. })),
        at("cleared", &|e| matches!(e, Event::TriggerCleared { trigger, .. } if trigger.as_str() == signs.trigger.0)),
        at("all the way back", &|e| matches!(e, Event::RollbackStarted { way: Way::Named(_), .. })),
        at("5 % undone", &|e| matches!(e, Event::StepUndone { step, .. } if step.as_str() == "share-5")),
    ];
    assert!(order.is_sorted(), "{order:?}\n{events:?}");
    let count = |is: &dyn Fn(&Event) -> bool| events.iter().filter(|e| is(e)).count();
    assert_eq!(count(&|e| matches!(e, Event::TriggerFired { .. })), 1, "one trigger, once: {events:?}");
    assert_eq!(count(&|e| matches!(e, Event::EngineStarted { .. })), 1, "one engine all the way");
    let verified = launches.run(&["log", "--verify"]);
    assert!(verified.status.success(), "{}", text(&verified.stderr));
}

#[test]
fn green_dead_at_25_percent() {
    journey(Manner::Dead);
}

#[test]
fn green_answers_500_at_25_percent() {
    journey(Manner::Fails);
}

#[test]
fn green_slow_at_25_percent() {
    journey(Manner::Slow);
}
