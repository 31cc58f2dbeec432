//! An editor with the JSON Schema refuses what `check` refuses by its form, and takes what it takes.

use crate::plan::problem::Severity;
use crate::plan::schema::schema;
use crate::plan::{Choices, check};

/// The head of a phase and a step with a command, for rows that begin with it.
const STEP: &str = "[[phase]]\nid='d'\n[[phase.step]]\nid='s'\n";

const ID: &[&str] = &["a", "5xx", "a-b_c", "größe", "切り替え", "デプロイ-2", "s-${n}"];
const NO_ID: &[&str] = &["", "a b", "-a", "a/b", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"];
const SOME: &[&str] = &["30s", "1h30m", "1h 30m", " 2 days ", "1.5h", "250ms", "${n}s", "0.5s"];
const NONE: &[&str] = &["", "5", "5 parsecs", "1.2.3s", "m", "5m!", "1 h x", "0s", "-5m", "0h0m"];
const LEAST: &[&str] = &["30s", "1m30s", "2min", "0s", "0m"];
const LESS: &[&str] = &["", "5", "5 parsecs", "-5m", "1.2.3s"];
const NAME: &[&str] = &["a", "_x", "A_1", "Path", "LDX"];
const NO_NAME: &[&str] = &["a-b", "5a", "PATH", "LD_PRELOAD", "BASH_ENV", "TMINUS_X", "a b", "ä"];
const NOTHING: &[&str] = &["", " "];
const COMMAND: &[&str] = &["x", "# why\nx", "echo '# x'"];
const NO_COMMAND: &[&str] = &["", "   ", "# only", " # a\n\n # b\n"];

/// The text with `…` replaced by each as a text, `@` as it is; those that are right, those that are wrong.
const ROWS: &[(&str, &[&str], &[&str])] = &[
    ("[[probe]]\nid=…\ntcp='a:1'", ID, NO_ID),
    ("[[probe]]\nid=…\ntcp='a:1'", &["nots"], &["not", "a.b", "for"]),
    ("[[probe]]\nid='p'\ntcp='a:1'\ntitle=…", &["a", "${n}"], NOTHING),
    ("[[phase]]\nid='p'\ntitle=…", &["a"], NOTHING),
    ("STEPtitle=…", &["a"], NOTHING),
    ("[[trigger]]\nid='t'\nwhen='web is failing'\ntitle=…", &["a"], NOTHING),
    ("[rollback.r]\ntitle=…\n[[rollback.r.step]]\nid='b'", &["a"], NOTHING),
    ("[roles]\na={name=…}", &["Ana"], NOTHING),
    ("[[probe]]\nid='p'\ntcp='a:1'\nevery=…", &["30s", "1m30s", "5m"], NONE),
    ("[[probe]]\nid='p'\ntcp='a:1'\ntimeout=…", SOME, NONE),
    (
        "[[probe]]\nid='p'\ntcp=…",
        &["a:1", "[::1]:80", "a.b:65535", "${h}:1"],
        &["a", "a:", ":80", "a:0", "a:x", "a:99999"],
    ),
    ("[[probe]]\nid='p'\nhttp={url=…}", &["http://a", "https://b/x", "${h}/x"], &["a", "ftp://a"]),
    ("[[probe]]\nid='p'\ncommand={run='x',unit=…}", &["s", "h", "d", "days", "ratio"], &["", "D", "furlongs"]),
    ("[[phase]]\nid=…", ID, NO_ID),
    (
        "[[phase]]\nid='p'\nat=…",
        &["T+0", "T-72h", "t + 30m", "T", "T-${n}m"],
        &["5m", "T5m", "T+", "T+x", "T+5 parsecs"],
    ),
    ("[[phase]]\nid='p'\n[[phase.step]]\nid=…", ID, NO_ID),
    ("[[phase]]\nid='p'\n[[phase.step]]\nid=…", &["a.b"], &["a:b"]),
    ("STEPrun=…", COMMAND, NO_COMMAND),
    ("STEPrun='x'\nundo=…", COMMAND, NO_COMMAND),
    ("STEPrun='x'\nundo={run=…}", COMMAND, NO_COMMAND),
    ("STEPrun='x'\nundo={run='x',timeout=…}", SOME, NONE),
    ("STEPrun='x'\nundo={run='x',estimate=…}", LEAST, LESS),
    ("STEPrun='x'\ntimeout=…", SOME, NONE),
    ("STEPrun='x'\nlimit=…", SOME, NONE),
    ("STEPverify='web is ok'\nsoak=…", SOME, NONE),
    ("STEPpoll=[]\nexpires=…", SOME, NONE),
    ("STEPestimate=…", LEAST, LESS),
    ("STEPapprovals=@", &["1", "2"], &["0", "-1", "300", "1.5"]),
    ("STEPitems=[…,'b']", &["a", "B"], &["", " ", "b"]),
    ("[rollback.…]\n[[rollback.….step]]\nid='b'\nrun='x'", &["a", "a-b", "5"], NO_ID),
    ("[rollback.r]\nestimate=…\n[[rollback.r.step]]\nid='b'", LEAST, LESS),
    ("[[trigger]]\nid=…\nwhen='web is failing'", ID, NO_ID),
    ("[[trigger]]\nid='t'\nwhen='web is failing'\nclear-after=…", LEAST, LESS),
    ("[[trigger]]\nid='t'\nask=…", &["a", "Data corruption?"], &["", " "]),
    ("[[trigger]]\nid='t'\nask='a'@", &[""], &["\nwhen='web is failing'"]),
    ("[[trigger]]\nid='t'@", &["\nwhen='web is failing'", "\nask='a'"], &[""]),
    ("[severity.…]", &["1", "4"], &["0", "5", "SEV1", "01", "x"]),
    ("[severity.1]\nrespond=…", LEAST, LESS),
    ("[severity.1]\nupdate=…", SOME, NONE),
    ("[severity.1]\ntemplate=…", &["a", "${live.now}"], &["", " "]),
    ("[roles]\na={name='A',contact='1'}\n[severity.1]\nescalate=[{to='a',after=…}]", LEAST, LESS),
    ("[severity.1]\nthen=…", &["hold", "propose"], &["", "stop"]),
    ("[vars]\n…='1'", NAME, NO_NAME),
    ("[secrets]\n…='${env:X}'", NAME, NO_NAME),
    ("[secrets]\ns=…", &["${env:X}", "${file:/x}"], &["x", "${x}", "${env:}", "${url:x}"]),
    ("[vars]\n…='0'\n[environment.e.vars]\n…='1'", NAME, NO_NAME),
    ("[secrets]\n…='${env:W}'\n[environment.e.secrets]\n…='${env:X}'", NAME, NO_NAME),
    ("[[phase]]\nid='p'\neach=[{…=5}]\nstep=[{id='s'}]", NAME, NO_NAME),
    ("[[phase]]\nid='p'\neach=[@]\nstep=[{id='s'}]", &["{n=5}"], &["", "5", "{n=[1]}", "{n={m=1}}"]),
    ("[channel.m]\nsmtp={host='h',from=\"a\\u0040b.c\",to=@}", &["\"d\\u0040b.c\"", "[\"d\\u0040b.c\"]"], &["5"]),
    ("[[watch]]\nid='w'\nat='T+5m'\nitems=@", &["'x'", "['x','y']"], &["' '", "['x','x']", "5"]),
];

#[test]
fn the_schema_draws_the_line_where_the_reader_does() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut wrong = String::new();
    for (row, good, bad) in ROWS {
        for (value, right) in good.iter().map(|g| (g, true)).chain(bad.iter().map(|b| (b, false))) {
            let quoted = toml::Value::from(*value).to_string();
            let row = row.replace("STEP", STEP).replace('…', &quoted).replace('@', value);
            let vars = if row.contains("${") && !row.contains("[vars]") { "[vars]\nn='5'\nh='http://h'\n" } else { "" };
            let web = "[[probe]]\nid='web'\ntcp='a:1'\n";
            let web = if row.contains("web is") { web } else { "" };
            let text = format!("[plan]\nname='x'\nenvironment='t'\n{vars}{web}{row}\n");
            let json = text.parse::<toml::Table>().map(|table| serde_json::to_value(table).unwrap());
            let json = json.unwrap_or_else(|e| panic!("{text}: {e}"));
            let (_, problems) = check(&text, &Choices::default());
            let said: Vec<_> = problems.iter().filter(|p| p.severity == Severity::Error).map(|p| &p.message).collect();
            if said.is_empty() != right {
                wrong.push_str(&format!("\ncheck says {said:?} of {row}\n"));
            }
            let said: Vec<_> = validator.iter_errors(&json).map(|e| e.to_string()).collect();
            if said.is_empty() != right {
                wrong.push_str(&format!("\nthe schema says {said:?} of {row}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Editors read the schema with what their language has for patterns: JavaScript, Python, Go and Rust share plain classes,
/// groups and counts alone.
#[test]
fn every_editor_reads_the_patterns() {
    fn patterns(of: &serde_json::Value, found: &mut Vec<String>) {
        match of {
            serde_json::Value::Object(keys) => {
                found.extend(keys.get("pattern").and_then(|p| p.as_str()).map(str::to_owned));
                found.extend(
                    keys.get("patternProperties").iter().flat_map(|p| p.as_object()).flat_map(|p| p.keys().cloned()),
                );
                keys.values().for_each(|inner| patterns(inner, found));
            }
            serde_json::Value::Array(list) => list.iter().for_each(|inner| patterns(inner, found)),
            _ => {}
        }
    }
    let mut found = Vec::new();
    patterns(&schema(), &mut found);
    assert!(found.len() > 10, "{found:?}");
    for pattern in found {
        for foreign in [r"\p", r"\P", r"\u", r"\A", r"\z", r"\Z", r"\h", "(?", "[["] {
            assert!(!pattern.contains(foreign), "{pattern}: not every editor knows {foreign}");
        }
    }
}

#[test]
fn the_schema_says_when_the_plans_rollback_is_offered_first() {
    let said = schema()["properties"]["plan"]["properties"]["rollback"]["description"].to_string();
    assert!(said.contains("offered first where it undoes something"), "{said}");
}
