//! What happens in the lives that are killed: a plan that has much in it, and what people, commands and production do,
//! a line each. Together they come by every kind of event.
//!
//! A line is an order as `tminus do` takes it, with `ben:` before it where ben gives it, or one of these:
//!
//! | line | what happens |
//! |---|---|
//! | `pass SPAN` | time passes, and all probes report every 30 s |
//! | `measure PROBE ok\|failing\|silent` | what a probe finds from now on |
//! | `next CODE\|lost` | how the next command ends: with a status, or nobody knows |
//! | `hook up\|down` | whether messages come through |
//! | `adopt` | a changed plan is taken in |
//! | `found RUN` | the journal is put back from a copy that does not know this run |
//! | `wall SPAN` | the wall clock jumps |
//! | `still SPAN` | the engine stands still |
//! | `leaves` | the engine is asked to end, and another one comes |

pub const PLAN: &str = r#"
[plan]
name = "Kills"
environment = "test"
zone = "UTC"
rollback = "back"
vantage = ["out"]

[roles]
lead = { name = "ana", backup = "eva" }
dba = { name = "ben", backup = "ana" }

[shifts]
role = "lead"
turns = [{ at = "T+0", who = "ana" }, { at = "T+1h", who = "ben" }]

[[probe]]
id = "api"
every = "30s"
http = { url = "http://127.0.0.1:1/" }
critical = "is failing for 1m"

[[probe]]
id = "out"
every = "30s"
http = { url = "http://127.0.0.1:2/" }

[[probe]]
id = "errors"
every = "30s"
prometheus = { url = "http://127.0.0.1:3", query = "ratio", unit = "ratio" }

[channel.hook]
webhook = { url = "http://127.0.0.1:4/" }

[channel.second]
webhook = { url = "http://127.0.0.1:5/" }

[[notify]]
on = ["critical", "trigger", "gate", "sev1", "step-failed", "rollback", "ended", "side-cut-off"]
to = ["hook"]
unacked = { after = "2m", to = ["second"] }

[[phase]]
id = "deploy"
title = "Deploy"

  [[phase.step]]
  id = "boxes"
  items = ["One", "Two"]

  [[phase.step]]
  id = "migrate"
  run = "true"
  output = "dump"
  undo = "true"

  [[phase.step]]
  id = "start"
  run = "true"
  verify = ["api is ok"]
  soak = "2m"
  undo = { run = "true" }

  [[phase.step]]
  id = "go"
  require = ["api is ok"]
  poll = ["dba"]
  expires = "4m"

  [[phase.step]]
  id = "both"
  run = "true"
  approvals = 2

  [[phase.step]]
  id = "wait"
  verify = ["api is ok"]
  soak = "1m"

[[phase]]
id = "traffic"
title = "Traffic"
each = [{ n = 5 }, { n = 25 }]

  [[phase.step]]
  id = "share-${n}"
  title = "${n} %"
  run = "true"
  soak = "1m"
  verify = ["api is ok"]
  undo = "true"

[[phase]]
id = "night"
title = "Night"

  [[phase.step]]
  id = "by-itself"
  run = "true"
  auto = true
  at = "T+10m"

[[phase]]
id = "late"
title = "Late"
window = { from = "02:00", to = "03:00" }

  [[phase.step]]
  id = "at-two"
  run = "true"

[[trigger]]
id = "down"
when = "api is failing for 1m"
action = "propose"
rollback = "back"

[[trigger]]
id = "data"
ask = "Is data wrong?"
action = "propose"

[[watch]]
id = "look"
owner = "lead"
items = ["Metrics"]
rounds = [{ until = "T+6h", every = "5m" }]

[[criterion]]
when = "api is ok"
over = "18m"
target = "90%"

[rollback.back]
title = "Back"
estimate = "1m"
undoes = ["share-*"]

  [[rollback.back.step]]
  id = "switch"
  title = "Switch"
  run = "true"

[severity.1]
means = ["Down"]
respond = "2m"
update = "5m"
escalate = [{ after = "0m", to = ["dba"] }]
"#;

/// Taken in in the midst of a launch.
pub fn changed() -> String {
    PLAN.replace("soak = \"1m\"\n  verify", "soak = \"90s\"\n  verify")
}

/// What is injected where a story is a rehearsal.
pub const SCENARIO: &str = r#"
[[set]]
signal = "api"
failing = "refused"
from = "T+1m"
until = "T+4m"
"#;

/// A life, by its name.
pub struct Story {
    pub name: &'static str,
    pub lines: &'static str,
}

pub const STORIES: &[Story] = &[
    Story {
        name: "forth",
        lines: "
            tick boxes 1
            untick boxes 1
            tick boxes 1
            tick boxes 2
            run migrate
            pass 30s
            output dump /other.dump 'ben saw it'
            run start
            pass 1m
            measure api silent
            pass 150s
            measure api ok
            pass 90s
            measure api failing
            pass 30s
            measure api ok
            pass 5m
            run go
            ben: vote go dba no-go 'not yet'
            ben: vote go dba go
            go go because
            handover 'all is well'
            run share-5
            ben: accept
            pass 2m
            ben: note between
            ben: run share-25
            pass 1m
            sev 1 down
            take-over 'ben sleeps'
            pass 90s
            run wait
            pass 2m",
    },
    Story {
        name: "back",
        lines: "
            run migrate
            pass 30s
            run start
            pass 3m
            run share-5
            pass 2m
            run share-25
            pass 2m
            measure api failing
            pass 90s
            ben: dismiss down 'it is the probe'
            measure api ok
            pass 3m
            measure api failing
            pass 150s
            next 1
            rollback all back
            pass 30s
            again
            pass 1m
            measure api ok
            next 1
            pass 1m
            again
            pass 30s
            ben: by-hand 'put it back'
            pass 90s
            run share-5
            pass 30s
            next 1
            rollback back again
            pass 30s
            leave 'other way'
            settled 'by hand'
            release of engine looked
            run migrate
            pass 30s
            rollback all enough
            stop migrate
            pass 2m",
    },
    Story {
        name: "people",
        lines: "
            hook down
            severity 1 down
            called 1 dba no-answer
            called 1 dba answered
            respond 1 looking
            describe 1 'nobody can pay'
            pass 30s
            hook up
            investigating 1
            mitigating 1 'turned off'
            update 1 'still down'
            pass 30s
            mute all 2m noise
            unmute all
            mute api 1m noise
            pass 2m
            close 1 over
            notify-test second
            lead ben
            slip +5m late
            fix migrate 'takes longer'
            fix 'too long'
            hold look
            ben: hold 'me too'
            ben: release looked
            release of ana looked
            baseline errors 1m
            measure errors failing
            pass 2m
            forget errors[green] 'taken down'
            pass 30s
            measure errors ok
            pass 1m
            fire data 'two rows'
            ack all 'on it'
            pass 30s
            clear data 'was none'
            fire data again
            dismiss data 'not so'
            severity 1 slow
            pass 150s
            ack all late",
    },
    Story {
        name: "night",
        lines: "
            run go
            pass 5m
            tick look 1
            pass 5m
            ben: found look 'errors'
            pass 1m
            measure out failing
            pass 2m
            measure out ok
            pass 2m
            skip look late
            measure api failing
            pass 150s
            measure api ok
            pass 5m
            outside at-two 'the lead says so'
            run at-two
            done look all
            pass 6m",
    },
    Story {
        name: "odd",
        lines: "
            run migrate
            pass 30s
            adopt
            run share-5
            sh 'df -h'
            pass 2m
            wall 2h
            still 3m
            leaves
            release of engine looked
            next 1
            run start
            pass 30s
            release of engine looked
            done start anyway
            next lost
            run share-25
            pass 30s
            resolve share-25 not-done looked
            release of engine looked
            run share-25
            stop share-25
            pass 30s
            approve both
            ben: approve both
            run both
            pass 30s
            found at-two.do.1
            skip boxes late
            na wait 'not here'
            pass 2m
            end test enough
            note 'and so to bed'",
    },
    Story {
        name: "rehearsal",
        lines: "
            pass 90s
            run migrate
            pass 2m
            pass 2m
            fix 'the words'",
    },
];

/// What people ask for beside that, sensible or not at that moment.
pub const ORDERS: &[&str] = &[
    "run migrate",
    "run start",
    "run share-5",
    "run share-25",
    "run by-itself",
    "run go",
    "run wait",
    "done start anyway",
    "done share-5 anyway",
    "skip boxes late",
    "stop start",
    "stop migrate",
    "stop share-5 finish",
    "resolve start done seen",
    "resolve migrate not-done seen",
    "hold look",
    "release of engine looked",
    "release of engine looked",
    "release looked",
    "release of ana looked",
    "severity 2 slow",
    "resolved 1 over",
    "note hello",
    "rollback all back",
    "rollback stage back",
    "again",
    "by-hand done",
    "leave 'other way'",
    "handover 'all is well'",
    "accept",
    "take-over asleep",
    "done look fine",
    "dismiss down known",
    "ack all 'on it'",
    "sh 'echo x'",
    "slip +10m late",
    "lead ben",
    "lead ana",
];

/// What somebody orders as soon as there is an engine again, before they looked.
pub const IMPATIENT: &[&str] = &[
    "again",
    "again",
    "again",
    "by-hand done",
    "rollback all back",
    "run migrate",
    "run share-5",
    "run share-25",
    "release of engine looked",
];
