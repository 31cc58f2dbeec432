//! One mistake a row: what is said of it, with what is underlined. All that is said stands in the row, so that nothing
//! false follows from a mistake.

use crate::plan::problem::{Problem, Severity};
use crate::plan::{Choices, check};

/// A plan in which nothing is wrong, below which a row adds its own.
pub(super) const BASE: &str = r#"
[plan]
name = "x"
environment = "test"
[secrets]
token = "${env:TOKEN}"
[roles]
ops = { name = "Ana" }
[[probe]]
id = "api"
http = { url = "http://localhost/" }
[[probe]]
id = "errors"
prometheus = { url = "http://localhost/", query = "q", unit = "ratio" }
"#;

/// The head of a phase and a step, for rows that go on in it.
pub(super) const STEP: &str = "[[phase]]\nid='d'\n[[phase.step]]\nid='s'\nowner='ops'\n";

pub(super) fn said(text: &str, severity: Severity) -> Vec<String> {
    let (_, problems) = check(text, &Choices::default());
    let line = |p: &Problem| {
        let help = p.help.as_ref().map_or_else(String::new, |h| format!(" // {h}"));
        format!("«{}» {}{help}", text.get(p.at.clone()).unwrap_or("?"), p.message)
    };
    problems.iter().filter(|p| p.severity == severity).map(line).collect()
}

/// Each row's text below the base has these errors, in this order and no others.
pub(super) fn errors(rows: &[(&str, &[&str])]) {
    all(rows, Severity::Error);
}

pub(super) fn warnings(rows: &[(&str, &[&str])]) {
    all(rows, Severity::Warning);
}

fn all(rows: &[(&str, &[&str])], severity: Severity) {
    let mut wrong = String::new();
    for (more, wanted) in rows {
        let (head, rest) = more.strip_prefix("STEP").map_or(("", *more), |rest| (STEP, rest));
        let found = said(&format!("{BASE}{head}{rest}"), severity);
        if found.len() != wanted.len() || found.iter().zip(*wanted).any(|(f, w)| !f.contains(w)) {
            wrong.push_str(&format!("\n{more}\n  wanted {wanted:#?}\n  said {found:#?}\n"));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_base_is_right() {
    errors(&[("", &[]), ("STEP", &[])]);
}

#[test]
fn who_waits_for_itself_never_starts() {
    let two = "[[phase]]\nid='d'\n[[phase.step]]\nid='a'\nafter='b'\n[[phase.step]]\nid='b'\nafter='a'\n\
        [[phase.step]]\nid='x'\nafter='y'\n[[phase.step]]\nid='y'\nafter='x'\n";
    let knot = "[[phase]]\nid='d'\nstep=[{id='a',after='b'},{id='b',after=['x','a']},\
        {id='x',after='y'},{id='y',after=['a','x']}]\n";
    let twice = "[[phase]]\nid='d'\nstep=[{id='a',after='b'},{id='b',after='a'},{id='a'}]\n";
    let phases = "[[phase]]\nid='d'\nafter='e'\nstep=[{id='a'},{id='b'}]\n\
        [[phase]]\nid='e'\nafter='d'\nstep=[{id='f'},{id='g'}]\n";
    errors(&[
        ("STEPafter=['s']", &["«'s'» `s` waits for itself"]),
        ("STEPafter=['d']", &["«'d'» `s` waits for its own phase `d`"]),
        ("[[phase]]\nid='e'\nafter=['e']\nstep=[{id='a'},{id='b'}]", &["«'e'» `a` waits for its own phase"]),
        (two, &["«'b'» these wait for each other and none can ever start: a → b → a", ": x → y → x"]),
        (
            knot,
            &[
                "«'b'» these wait for each other and none can ever start: a → b → a",
                "«'y'» these wait for each other and none can ever start: x → y → x",
            ],
        ),
        (twice, &["«'b'» these wait for each other and none can ever start: a → b → a", "two steps or phases `a`"]),
        (phases, &["«'e'» these wait for each other"]),
        ("[[phase]]\nid='e'\nstep=[{id='g',poll=['ops']},{id='g',poll=['ops']}]", &["two steps or phases `g`"]),
    ]);
    let ring: String = (0..400).map(|n| format!("{{id='s{n}',after='s{}'}},", (n + 1) % 400)).collect();
    let row = format!("[[phase]]\nid='e'\nstep=[{ring}]");
    errors(&[(&row, &["s0 → s1 → s2 → s3 → … 395 more … → s399 → s0"])]);
}

#[test]
fn names_reach_commands_as_they_are_written() {
    errors(&[
        ("[vars]\nblue-port='3001'\n", &["«blue-port» `blue-port` is no name for a variable"]),
        ("[vars]\n'a b'='1'\n5xx='2'\n", &["write `a_b`: letters, digits and _", "write `n_5xx`"]),
        (
            "[vars]\nPATH='/x'\nLD_PRELOAD='y'\nBASH_ENV='z'\nIFS=','\nRANDOM='4'\n",
            &["PATH", "LD_", "BASH_", "IFS", "RA"],
        ),
        ("[vars]\nTMINUS_STEP='1'\n", &["tminus sets those"]),
        ("[vars]\ntoken='1'\n", &["`token` is a variable and a secret"]),
        ("[environment.e]\nvars={blue-port='1'}\nsecrets={pg-url='${env:X}'}\n", &["`blue_port`", "`pg_url`"]),
        (
            "[vars]\nsite='a'\n[environment.e]\nvars={site='b',sit='c',blank=''}\nsecrets={token='${env:T}',tokn='${env:X}'}\n",
            &[
                "«sit» there is no variable `sit` to lay this over // did you mean `site`?",
                "«blank» there is no variable `blank` to lay this over // add it under [vars]",
                "«tokn» there is no secret `tokn` to lay this over // did you mean `token`?",
            ],
        ),
        ("[[phase]]\nid='d'\neach=[{n-1='5'},{n-1='6'}]\nstep=[{id='s-${n-1}'}]", &["«n-1» `n-1` is no name", "«n-1»"]),
        (
            "[[phase]]\nid='d'\neach=[{token='5'}]\nstep=[{id='s-${token}'}]",
            &["«token» `token` is a variable and a secret"],
        ),
    ]);
}

#[test]
fn a_secret_is_never_shown() {
    errors(&[
        (
            "STEPtitle='say ${secret.token}'",
            &["«'say ${secret.token}'» a secret is never shown: `${secret.token}` may"],
        ),
        ("[[probe]]\nid='p'\ntitle='${secret.token}'\ntcp='${secret.token}:80'", &["«'${secret.token}'» a secret is"]),
        (
            "[[probe]]\nid='p'\nhttp={url='http://a/${secret.token}',body='${secret.token}',headers={A='${secret.token}'}}",
            &[],
        ),
    ]);
}

#[test]
fn an_overlay_and_a_row_may_use_variables() {
    let text = format!(
        "{BASE}[vars]\nhost='h'\n[environment.e.probe.api]\nhttp={{url='http://${{host}}/x'}}\n\
        [[phase]]\nid='d'\neach=[{{at='${{host}}-1'}}]\nstep=[{{id='s-${{at}}'}}]\n"
    );
    let choices = Choices { environment: Some("e".to_owned()), ..Choices::default() };
    let (plan, problems) = check(&text, &choices);
    let plan = plan.unwrap_or_else(|| panic!("{problems:?}"));
    assert_eq!(plan.outline.probes[0].target, "http://h/x");
    assert_eq!(plan.outline.steps[0].id, "s-h-1".into());
}

#[test]
fn a_key_that_would_do_nothing_is_an_error() {
    let back = "[rollback.r]\nestimate='1m'\nrequire='api is ok'\n[[rollback.r.step]]\nid='b'\nowner='ops'\nrun='x'\n";
    errors(&[
        ("STEPrun=''", &["«''» the `run` of `s` is an empty command // leave it out: without `run` a person"]),
        ("STEPrun='   '", &["empty command"]),
        ("STEPrun=\"\"\"\n# later\n\"\"\"", &["empty command"]),
        ("STEPrun='x'\nundo=''", &["«''» the `undo` of `s` is an empty command"]),
        ("STEPrun='x'\nundo={run=' '}", &["empty command"]),
        ("STEPtimeout='1m'", &["«'1m'» `timeout` does nothing in `s`: it runs no command"]),
        ("STEPon-stop='finish'\ninput=true", &["`on-stop` does nothing", "`input` does nothing"]),
        ("STEPsoak='1m'", &["`soak` does nothing in `s`: it verifies nothing"]),
        ("STEPexpires='1m'", &["`expires` does nothing in `s`: it is no gate"]),
        ("STEPpoll=['ops']\nrun='x'\nverify='api is ok'", &["«'x'» `run` does nothing", "«'api is ok'» `verify`"]),
        ("STEPauto=true\napprovals=2", &["needs approvals, so it never starts by itself"]),
        ("STEPundo='x'", &[]),
        (&format!("{back}after=['s']"), &["«'s'» `after` does nothing in `r/b`: the steps of a rollback are done one"]),
        (&format!("{back}undo='y'\nverify='api is ok'\nsoak='1m'\ntimeout='1m'\nlimit='3m'"), &["«'y'» `undo`"]),
    ]);
}

#[test]
fn what_can_not_be_kept_is_an_error() {
    let each = "[[phase]]\nid='d'\neach=[]\nstep=[{id='s-${n}'}]";
    errors(&[
        ("STEPrun='x'\ntimeout='0s'", &["«'0s'» `0s` is no time at all"]),
        ("STEPrun='x'\ntimeout='-5s'\nestimate='-1m'", &["no time at all", "`-1m` is less than nothing"]),
        ("STEPrun='x'\nundo={run='y',timeout='0s'}", &["no time at all"]),
        ("STEPlimit='1m'\nverify='api is ok'\nsoak='5m'", &["«'1m'» `s` can never be done: it soaks for 5m, and"]),
        ("STEPverify='errors = 25% ± -3%'", &["a tolerance of `-3%` is less than nothing"]),
        ("STEPitems=['', 'a', 'a']", &["«''» a box to tick without words", "«'a'» there are two boxes `a`"]),
        ("STEPapprovals=0", &["«0» nobody approves `s` with 0"]),
        (each, &["«[]» `each` has no row"]),
        ("[[probe]]\nid='p'\ntcp='a:1'\ntimeout='0s'", &["no time at all"]),
    ]);
    warnings(&[
        ("", &["the plan has no phase"]),
        ("[[phase]]\nid='d'\n", &["«'d'» the phase `d` has no step"]),
        ("STEPrun='x'\nundo='y'\ntimeout='5m'\nlimit='1m'", &["«'1m'» the command of `s` may take 5m, the whole"]),
    ]);
}

#[test]
fn every_problem_is_said_at_once() {
    let step = "STEP zwork='x'\nverify=['apu is ok', 5, 'api is okk']\nafter=['nope']\nundo={requir=['y is ok']}\ntimeout='0s'";
    let probe = "[[probe]]\nid='api'\nevery='5 parsecs'\nwarn='latency > 300MB'\nhttp={url='http://a/'}\n";
    let kind =
        "[[probe]]\nid='p'\nhttp={url='nonsense',versoin='$.v'}\nwarn=['latency > 1GB', 'latency >']\nevery='x'\n";
    errors(&[
        (
            step,
            &[
                "no key `zwork`",
                "no probe `apu` // did you mean `api`?",
                "«5» ",
                "ok, warn, critical",
                "no step or phase `nope`",
                "`run` is missing",
                "no key `requir`",
                "no probe `y`",
                "no time at all",
            ],
        ),
        ("STEP after=['t']\n[[phase.step]]\nid='u'\nonwer='opps'\nowner='opps'", &["`t`", "onwer", "no role `opps`"]),
        (probe, &["two probes `api`", "`5 parsecs`", "latency is a length of time"]),
        (
            kind,
            &[
                "`nonsense` is no URL",
                "no key `versoin`",
                "a length of time",
                "a number is missing",
                "`x` is no length",
            ],
        ),
        (
            "[environment.e]\nvars={x=['a']}\nsecrets={y='z'}\nnope=1\n",
            &["no variable `x`", "a variable is a text", "no secret `y`", "a reference", "`nope`"],
        ),
    ]);
    let plan = "[plan]\nnmae='x'\nenvironment='e'\nrollback='r'\n[[phase]]\nid='d'\nstep=[{id='s'}]\n";
    let found = said(plan, Severity::Error);
    assert!(found.len() == 2 && found[0].contains("`nmae`") && found[1].contains("no rollback `r`"), "{found:#?}");
}

#[test]
fn a_word_that_is_nearly_right_hides_nothing() {
    let probe = "[[probe]]\nid='lag'\npostgres={url='postgres://a',measure='replicaton',expect=['r-1']}\n\
        warn='secnds > 5s'\ncritical='bytes > 5s'\n[[phase]]\nid='p'\nstep=[{id='s',verify=['lag.bytez < 1MB','lag[r-2] is oky']}]\n";
    errors(&[
        (
            probe,
            &[
                "«'replicaton'» `replicaton` can't stand here: write replication, replica, connections, long-queries, locks // did you mean `replication`?",
                "«secnds» lag does not measure `secnds`",
                "«5s» lag.bytes is a number of bytes",
                "«bytez» lag does not measure `bytez`",
                "«r-2» lag does not expect an instance `r-2` // did you mean `r-1`?",
                "did you mean `ok`?",
            ],
        ),
        ("[[probe]]\nid='q'\ncommand={run='x',unit='sec'}\nwarn='> 5MB'", &["«'sec'»", "q is a length of time"]),
    ]);
}

#[test]
fn nothing_false_follows_from_a_mistake() {
    let back = "[rollback.r]\nestimate='< 2 minutes'\nrequire='api is ok'\n[[rollback.r.step]]\nid='b'\nrun='x'\n\
        [[trigger]]\nid='t'\nwhen='api is failing'\naction='propose'\nrollback='r'\n";
    let each = "[[phase]]\nid='d'\neach=[5]\nstep=[{id='s-${n}'}]\n[[phase]]\nid='e'\nafter='d'\n\
        step=[{id='t',after='s-5'}]\n";
    let vars = "[vars]\na='${b}'\nb='${a}'\nc=['x']\n[[phase]]\nid='d'\nstep=[{id='s-${a}',title='${b}'},{id='t-${c}',\
        verify='errors > ${a}',owner='${a}',after=['${a}','s-x']},{id='u',verify='${c} is ok'}]\n";
    errors(&[
        (back, &["«'< 2 minutes'» `< 2 minutes` is no length of time"]),
        (
            &back.replace("[rollback.r]", "[rollback]\nr='x'\n[rollback.q]").replace("rollback.r.", "rollback.q."),
            &["`r` must be a table", "< 2 minutes"],
        ),
        (each, &["«5» a row of `each` is a table"]),
        ("[[phase]]\nid='d'\nstep=[{id='s',after=['t']},{idd='t'}]", &["no key `idd`"]),
        ("[[phase]]\nid='d'\nstep=[{id='s',after=['t']},5]", &["«5» write each one as [[phase.step]]"]),
        (
            "[[phase]]\nidd='d'\nstep=[{id='s'}]\n[[phase]]\nid='e'\nafter='d'\nstep=[{id='t',after='s'}]",
            &["no key `idd`"],
        ),
        (
            vars,
            &[
                "«'${b}'» these variables are made of each other: a → b → a // give one of them a value of its own",
                "«['x']» a variable is a text",
            ],
        ),
        ("[[probe]]\nid='p'\nhttp={url='http://a/',versoin='$.v'}\nwarn='version = \"x\"'\n", &["`versoin`"]),
        (
            "[[probe]]\nid='p'\nhttpp={url='http://a/'}\nwarn='latency > 1s'\n[[trigger]]\nid='t'\nwhen='p[x].q > 5%'\n",
            &["`httpp`", "«q» p does not measure `q`"],
        ),
        ("[[probe]]\nid='p'\nhttp={}\nwarn='latency > 1s'\n", &["`url` is missing"]),
        (
            "[[probe]]\nid='p'\ncommand={run='x',unit='s'}\nwarn='< 5s for'\ncritical='>'",
            &[
                "«» in `< 5s for`: a length of time, such as 1m, is missing after `for`",
                "«» in `>`: a number is missing",
            ],
        ),
        ("STEPpol=['ops']\nexpires='4h'\n", &["«pol» there is no key `pol`"]),
        ("STEPon-fail='prupose'\nrequire='api is ok'", &["«'prupose'» "]),
    ]);
    for role in ["ops = { nam = \"Ana\" }", "ops = \"Ana\"", "ops = {}"] {
        let text = format!("{BASE}{STEP}").replace("ops = { name = \"Ana\" }", role);
        let found = said(&text, Severity::Error);
        assert!(found.len() == 1 && !found[0].contains("no role"), "{role}: {found:#?}");
    }
}

#[test]
fn in_a_condition_the_word_is_underlined() {
    errors(&[
        ("STEPverify='apu is ok'", &["«apu» there is no probe `apu` // did you mean `api`?"]),
        ("STEPverify='''apu is ok'''", &["«apu» there is no probe"]),
        ("STEPverify=\"\"\"\napi.latnecy > 5s\"\"\"", &["«latnecy» api does not measure `latnecy`"]),
        ("STEPverify='api > 300ms'", &["«api» api is up or failing, no number // did you mean `api.latency`?"]),
        (
            "STEPverify='api.latency > 300MB'",
            &["«300MB» api.latency is a length of time, and `300MB` is a number of bytes"],
        ),
        (
            "STEPverify='api.latency > errors.value'",
            &["«errors.value» api.latency is a length of time and errors.value is a share"],
        ),
        ("STEPverify='errors[*] > 1%'", &["«*» in `errors[*] > 1%`: `*` names no instance: leave the brackets out"]),
        ("STEPverify='errors < NaN'", &["«NaN» there is no probe `NaN`"]),
        ("STEPverify='api.version = \"x\"'", &["«version» api does not measure `version` // with `version = "]),
        ("[[phase]]\nid='d'\n[[phase.step]]\nid='s'\nowner='OPS'", &["// did you mean `ops`?"]),
    ]);
}

#[test]
fn an_instance_that_can_not_be_is_an_error() {
    let probe = |kind: &str, test: &str| format!("STEPverify='{test}'\n[[probe]]\nid='p'\n{kind}\n");
    let queue = "redis={url='${secret.token}',layout='list',queues=['email','webhooks']}";
    let json = "command={run='x',answer='json',measures=[{name='n'}]}";
    let one = "p measures one thing: it has no instance `x` // leave the brackets out";
    errors(&[
        (
            "STEPverify='api[x] is ok'",
            &["«x» api measures one thing: it has no instance `x` // say where its answer has"],
        ),
        (&probe("tcp='a:1'", "p[x] is ok"), &[one]),
        (&probe("command={run='x'}", "p[x] > 3"), &[one]),
        (&probe("command={run='x',unit='ratio'}", "errors > p[x]"), &[one]),
        (&probe("command={run='x'}\nwarn='[x] > 3'", "p > 3"), &[one]),
        (&probe("postgres={url='${secret.token}',measure='locks'}", "p[x].blocked > 3"), &[one]),
        (&probe(queue, "p[emial] > 3"), &["«emial» p does not expect an instance `emial` // did you mean `email`?"]),
        (&probe(queue, "p[email] > 3"), &[]),
        (&probe(json, "p[x] > 3"), &[]),
        (&probe("http={url='http://a/',services='$.s.*'}", "p[x] is ok"), &[]),
        ("STEPverify='errors[x] > 1%'", &[]),
    ]);
}

#[test]
fn a_share_of_a_number_without_a_unit_is_asked_about() {
    let command = |more: &str| {
        format!("STEP[[probe]]\nid='cpu'\ncommand={{run='echo 85'{more}}}\nwarn='> 80%'\ncritical='> 90%'\n")
    };
    warnings(&[
        (&command(""), &["«80%» nothing says whether cpu counts 5 or 0.05 for 5 %: 0.05 is taken // say unit = \"%\""]),
        (&command(",unit='%'"), &[]),
        (&command(",unit='ratio'"), &[]),
    ]);
}

#[test]
fn a_value_of_a_wrong_kind_is_said_in_our_words() {
    errors(&[
        ("STEPtitle=['ops']", &["«['ops']» a text belongs here, not a list"]),
        ("STEPtitle=5", &["«5» a text belongs here, not a number // put it in quotes"]),
        ("STEPrun=true", &["«true» a text belongs here, not true or false // put it in quotes"]),
        ("STEPverify={a=1}", &["a list belongs here, not a table"]),
        ("STEPauto='yes'", &["«'yes'» true or false belongs here, not a text"]),
        ("STEPapprovals='2'", &["«'2'» a whole number belongs here, not a text"]),
        ("STEPapprovals=300", &["«300» a whole number up to 255 belongs here"]),
        ("STEPapprovals=1.5", &["«1.5» a whole number up to 255 belongs here"]),
        ("STEPundo=['x']", &["«['x']» a command or a table with `run` belongs here, not a list"]),
        ("STEPundo=true", &["«true» a command or a table with `run` belongs here, not true or false"]),
        (
            "STEPon-stop={signal='INT',grace='10s'}",
            &["«{signal='INT',grace='10s'}» here stands one word, not a table // write ask, signal, finish"],
        ),
        ("STEPon-stop={}", &["«{}» here stands one word, not a table // write ask, signal, finish"]),
        ("STEPon-stop={signal=3}", &["«3» here stands one word, not a table"]),
        ("STEPon-fail='prupose'", &["«'prupose'» `prupose` can't stand here: write "]),
        ("[[probe]]\nid='p'\ncommand={run='x',unit='bytes'}", &["text // did you mean `B`?"]),
        ("[[probe]]\nid='p'\ncommand={run='x',unit='Percent'}", &["// did you mean `%`?"]),
        ("[[probe]]\nid='p'\ncommand={run='x',unit='mb'}", &["// did you mean `MB`?"]),
        (
            "[[probe]]\nid='p'\npostgres={url='postgres://a',measure='blocked'}",
            &["«'blocked'» `blocked` can't stand here: write replication, replica, connections, long-queries, locks"],
        ),
        (
            "[[probe]]\nid='p'\nredis={url='redis://a',layout='celery',queues=['a']}\nwarn='[a].in-flight > 3'",
            &["«a» p has one `in-flight` for all its instances together // leave the brackets out: `p.in-flight`"],
        ),
        (
            "[[probe]]\nid='p'\nhttp='http://a/'",
            &["«'http://a/'» `http` is a table, not a text // write http = { url = "],
        ),
        ("[[probe]]\nid='p'\nhttp=['http://a/']", &["«['http://a/']» `http` is no list"]),
        ("[[probe]]\nid='p'\ntcp=5432", &["«5432» a text belongs here, not a number // put it in quotes"]),
        (
            "[[probe]]\nid='p'\nmin-samples=-1\nsentry={url='http://a',organization='o',projects=['p'],token='${secret.token}'}",
            &["«-1» a whole number, 0 or more, belongs here"],
        ),
        ("[[probe]]\nid='p'\nhttp={url='http://a',expect={status=true}}", &["a status as 200, \"2xx\", \"200-399\""]),
    ]);
}

#[test]
fn words_of_other_tools_and_of_every_day_are_understood() {
    errors(&[
        (
            "[[probe]]\nid='p'\nhttp={url='http://a',redirects=true}",
            &["«redirects» there is no key `redirects` here // did you mean `follow`?"],
        ),
        ("STEPcommand='x'", &["// did you mean `run`?"]),
        ("STEPneeds=[]", &["// did you mean `after`?"]),
        ("STEPrequire='api is OK'", &["«OK» "]),
        (
            "STEPverify='api is down'",
            &[
                "in `api is down`: `down` stands where ok, warn, critical, unknown or failing was expected; did you mean `failing`?",
            ],
        ),
        ("STEPverify='api.latency > 64MS'", &["did you mean `ms`?"]),
        ("STEPverify='api.latency < 1h30m'", &[]),
        (
            "[[probe]]\nid='p'\ntcp='a:99999'",
            &["«'a:99999'» tcp: `a:99999`: there is no port 99999, they are 1 to 65535"],
        ),
    ]);
}

#[test]
fn rows_have_the_same_names() {
    let each = |vars: &str, rows: &str| {
        format!("{vars}[[phase]]\nid='d'\neach=[{rows}]\nstep=[{{id='s-${{n}}',title='to ${{m}}'}}]")
    };
    errors(&[
        (
            &each("", "{n=1,m=2},{n=2}"),
            &["«{n=2}» this row has no `m`, and others have // write m = \"\" where there is"],
        ),
        (&each("", "{n=1},{n=2,m=2},{n=3}"), &["«{n=1}» this row has no `m`", "«{n=3}» this row has no `m`"]),
        (&each("", "{n=1,m=''},{n=2,m=2}"), &[]),
        (&each("[vars]\nm='5'\n", "{n=1},{n=2,m=2}"), &[]),
    ]);
}

#[test]
fn a_wrong_row_hides_nothing_that_is_wrong_in_its_steps() {
    let step = "[[phase.step]]\nid='s-${n}'\ntitle='to ${n}, after ${previous_n}'\nowner='nobody'\n\
        timeout='5 minuts'\nverify=['apu is ok','errors < ${n}%']\nfrobnicate=1\n";
    let each = |rows: &str| format!("[[phase]]\nid='d'\neach={rows}\n{step}");
    let wrong = ["no role `nobody`", "`5 minuts`", "no probe `apu`", "no key `frobnicate`"];
    let all = |own: &[&'static str]| [own, &wrong].concat();
    errors(&[
        (&each("[{n=1},{m=2}]"), &all(&["this row has no `m`", "this row has no `n`"])),
        (&each("[{n=1},{n=2,m=3},{n=4}]"), &all(&["this row has no `m`", "this row has no `m`"])),
        (&each("[]"), &all(&["`each` has no row"])),
        (&each("[5]"), &all(&["a row of `each` is a table"])),
        (&each("{n=1}"), &all(&["`each` is a list of rows"])),
        (&each("[{n=[1]}]"), &all(&["«[1]» a variable is a text, a number or true/false"])),
        (&each("[{n='${nope}'}]"), &all(&["there is no variable `nope`"])),
    ]);
}

#[test]
fn there_is_an_end_to_what_is_looked_after() {
    let rows: String = (0..1001).map(|n| format!("{{n={n}}},")).collect();
    let each = format!(
        "[[phase]]\nid='d'\neach=[{rows}]\nstep=[{{id='s-${{n}}'}}]\n[[phase]]\nid='e'\n\
        step=[{{id='t',after='s-5'}}]"
    );
    let steps: String = (0..10_001).map(|n| format!("{{id='s{n}'}},")).collect();
    errors(&[
        (&each, &["`each` has 1001 rows: at most 1000"]),
        (&format!("[[phase]]\nid='d'\nstep=[{steps}]"), &["«{id='s10000'}» the plan has more than 10000 steps"]),
    ]);
}

#[test]
fn who_guesses_a_form_is_told_the_right_one() {
    let rollback = "[[trigger]]\nid='t'\nwhen='api is failing'\nrollback='back'\n";
    errors(&[
        ("STEPpayload='x'", &["«payload» there is no key `payload` here // there are "]),
        (
            "[[probe]]\nid='q'\nredis={url='redis://a',queues=['q']}",
            &["the key `layout` is missing here // write list, stream, bullmq, bull, sidekiq, celery"],
        ),
        ("[[probe]]\nid='q'\nredis={url='redis://a',layout='sidekiq'}", &["the key `queues` is missing here"]),
        ("[vars]\nx='${secret.nope}'\n", &["a variable can't hold a secret (`${secret.nope}`)"]),
        (
            &format!("{rollback}[[rollback]]\nid='back'\n"),
            &["a table belongs here // write each one as [rollback.NAME]"],
        ),
        (
            &format!("STEP{rollback}[rollback.back]\nundoes='s'\n"),
            &["the rollback `back` does nothing // say what it does: add [[rollback.back.step]]; `undoes` only says"],
        ),
        ("[[vars]]\nblue='a'\n", &["a table belongs here // write NAME = \"…\" under it, a line for each variable"]),
        ("[severity.2]\nmeans='payments are slow'\n", &[]),
    ]);
}

#[test]
fn a_rehearsal_runs_commands_in_no_live_environment() {
    errors(&[
        ("[environment.staging]\nrehearse='real'\nvars={}\n", &[]),
        (
            "[environment.test]\nrehearse='real'\n",
            &[
                "«'real'» a rehearsal never runs commands in `test`: it is the plan's own environment // leave `rehearse` out",
            ],
        ),
        ("[environment.Production]\nrehearse='real'\n", &["in `Production`: that is the name of a live environment"]),
        ("[environment.staging]\nrehearse='yes'\n", &["«'yes'» "]),
    ]);
    let laid = "[vars]\nsite='a'\n[environment.staging]\nrehearse='real'\nvars={site='b'}\n";
    warnings(&[(&format!("{laid}STEP").replace("STEP", ""), &["the plan has no phase"])]);
    let plain = "STEP[environment.staging]\nrehearse='real'\n";
    warnings(&[(
        plain,
        &["runs every command with the plan's own variables and secrets // lay the test system's over them"],
    )]);
}
