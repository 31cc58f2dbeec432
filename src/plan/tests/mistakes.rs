//! One mistake hides no other, and nothing false follows from it: neither an error nor a warning.

use super::rows::{BASE, STEP, errors, said};
use crate::plan::problem::Severity;
use crate::plan::{Choices, check, check_environments};

#[test]
fn of_variables_each_mistake_is_said_once_where_it_is() {
    errors(&[
        ("[vars]\na='${a}'\n", &["«'${a}'» the variable `a` is made of itself // give one"]),
        (
            "[vars]\nz='${c}/x'\nc='${b}'\nb='${a}'\na='${c}'\n",
            &["«'${b}'» these variables are made of each other: c → b → a → c"],
        ),
        (
            "[vars]\na='${b}'\nb='${c}'\nc='${hots}'\nhost='h'\n",
            &["«'${hots}'» there is no variable `hots`; did you mean `host`?"],
        ),
        (
            "[vars]\nhost='h'\nSTEPtitle='${each.host}'\n".replace("STEP", STEP).as_str(),
            &["«'${each.host}'» there is no variable `each.host`; did you mean `host`?"],
        ),
        (
            "[vars]\na='${b}'\nb='${secret.token}'\nSTEPtitle='${a}'\n".replace("STEP", STEP).as_str(),
            &["can't hold a secret"],
        ),
        ("[vars]\na='${b}'\nb='${a}'\nx='${y}'\ny='${x}'\n", &["a → b → a", "x → y → x"]),
        ("[vars]\na=['1']\nb='${a}'\n", &["«['1']» a variable is a text"]),
    ]);
}

#[test]
fn what_has_a_name_says_it() {
    errors(&[
        ("STEPtitle=''", &["«''» `title` is empty // say what people call it, or leave it out: its id is shown then"]),
        ("[[probe]]\nid='p'\ntcp='a:1'\ntitle=' '", &["«' '» `title` is empty"]),
        ("[roles.qa]\nname=''", &["«''» `name` is empty // say what people call it"]),
    ]);
    let text = "[plan]\nname=''\nenvironment=''\n";
    let found = said(text, Severity::Error);
    assert!(found.len() == 2 && found[0].contains("`name` is empty"), "{found:#?}");
    assert!(found[1].contains("`environment` is empty // say where"), "{found:#?}");
}

#[test]
fn a_condition_that_is_none_hides_no_wrong_name_before_it() {
    let plan = |verify: &str| format!("[[probe]]\nid='app1'\nhttp={{url='http://a/'}}\n{STEP}verify=['{verify}']\n");
    errors(&[
        (&plan("ap1 is failng for 6s"), &["«ap1» there is no probe `ap1`", "«failng»"]),
        (&plan("app1.latncy > > 5s"), &["«latncy» app1 does not measure `latncy` // did you mean `latency`?", "«>»"]),
        (&plan("app1 is failng"), &["«failng»"]),
        (&plan("is failng"), &["«failng»"]),
    ]);
}

#[test]
fn an_unknown_key_of_a_probe_hides_nothing_of_its_conditions() {
    let http = "[[probe]]\nid='p'\nhttp={url='http://a/',KEY}\nwarn=[LIMITS]\n";
    let http = |key: &str, limits: &str| http.replace("KEY", key).replace("LIMITS", limits);
    let lag = "[[probe]]\nid='lag'\npostgres={url='postgres://a',measure='replication',expct=['r-1']}\n\
        STEPverify=['lag[r-2].seconds < 5s','lag.secs < 5s']\n"
        .replace("STEP", STEP);
    errors(&[
        (
            &http("versoin='$.v'", "'latency > 1GB','latnecy > 1s','version = \"x\"'"),
            &[
                "«versoin» there is no key `versoin` here // did you mean `version`?",
                "«1GB» p.latency is a length of time",
                "«latnecy» p does not measure `latnecy`",
            ],
        ),
        // What it would have made of the probe nobody knows; what such a probe measures anyway is known.
        (&http("zork='$.v'", "'latency > 1GB','zork > 5'"), &["«zork»", "«1GB» p.latency is a length of time"]),
        (&http("methd='GET',timeot=5", "'latency > 1GB'"), &["«methd»", "«timeot»", "«1GB»"]),
        (&lag, &["«expct»", "«r-2» lag does not expect an instance `r-2` // did you mean `r-1`?", "«secs»"]),
        ("[[probe]]\nid='q'\ncommand={run='x',unitt='s'}\nwarn='> 5MB'", &["«unitt»", "«5MB» q is a length of time"]),
        ("[[probe]]\nid='q'\ncommand={run='x',unit='furlongs'}\nwarn='> 5MB'", &["«'furlongs'»"]),
        ("[[probe]]\nid='q'\ncommand={run=5}\nwarn=['> 5MB','< 3%']", &["«5» a text", "«3%» q is a number of bytes"]),
        (
            "[[probe]]\nid='q'\nhtttp={url='http://a/'}\nwarn='latency > 1GB'",
            &["«htttp» there is no key `htttp` here // did you mean `http`?", "«1GB»"],
        ),
    ]);
}

#[test]
fn a_key_that_is_nearly_right_is_taken_for_the_one_that_was_meant() {
    let rollback = "[rollback.r]\nundoez='s-*'\nrequier='apu is ok'\n[[rollback.r.steps]]\nid='b'\nowner='opps'\n";
    errors(&[
        ("STEPverfy='apu is ok'", &["«verfy»", "«apu» there is no probe `apu`"]),
        ("STEPneeds='t'", &["did you mean `after`?", "«'t'» there is no step or phase `t`"]),
        ("STEPneeds=5\nauto='x'", &["did you mean `after`?", "«'x'» true or false"]),
        ("STEPonwer='opps'", &["«onwer» there is no key"]),
        ("[[phase]]\nid='d'\n[[phase.steps]]\nid='s'\nowner='opps'", &["«steps»", "«'opps'» there is no role"]),
        ("[[phases]]\nid='d'\nstep=[{id='s',after='d-1'}]", &["«phases»", "«'d-1'» there is no step"]),
        (
            "[[probes]]\nid='p'\ntcp='a:1'\nwarn='latency > 1GB'\n[[triger]]\nid='t'\nwhen='p is okk'",
            &["«probes»", "«1GB»", "«triger»", "ok, warn"],
        ),
        (
            rollback,
            &["«undoez»", "«'s-*'» no step fits `s-*`", "«requier»", "«apu»", "«steps»", "«'opps'» there is no role"],
        ),
    ]);
}

/// What stands below the base, its errors, and the warnings beside them.
type Beside<'a> = (&'a str, &'a [&'a str], &'a [&'a str]);

#[test]
fn warnings_are_told_beside_errors_and_none_follows_from_one() {
    let rows: &[Beside] = &[
        (
            "[[phase]]\nid='d'\n[[phase.step]]\nid='s'\nrun='curl h; ./deploy.sh; tail -f x'\nverify='apu is ok'\n",
            &["«apu»"],
            &["«'d'» the phase `d` changes", "«'s'» nobody owns `s`", "«curl h» `curl` without", "«tail -f x»"],
        ),
        (
            "STEPrun='x'\nundo='y'\nafter='nope'\ntimeout='5m'\nlimit='1m'",
            &["«'nope'»"],
            &["the command of `s` may take 5m"],
        ),
        ("STEPrun='./x tbd'\nzork=1", &["«zork»"], &["«tbd» this is a blank"]),
        // Who owns it, what undoes it and what it waits for was said, wrongly.
        ("[[phase]]\nid='d'\nstep=[{id='s',owner=5,run='./deploy.sh'}]", &["«5»"], &["«'d'» the phase `d` changes"]),
        ("[[phase]]\nid='d'\nstep=[{id='s',onwer='ops',run='./deploy.sh',undo='x'}]", &["«onwer»"], &[]),
        ("STEPrun='./deploy.sh'\nundo={cmd=5}", &["«cmd»"], &[]),
        (
            "[[phase]]\nid='d'\neach=[{n=1,f='d-0'},{n=2,f='d-1'}]\nstep=[{id='s-${n}',owner='ops',run='x',undo='y',after='${f}'}]",
            &["no step or phase `d-0`", "no step or phase `d-1`"],
            &[],
        ),
        (
            "STEPrun='./deploy.sh'\n[rollback.r]\nestimate='soon'\nrequire='apu is ok'\nundoes='sx'\n[[rollback.r.step]]\nid='b'\nowner='ops'\nrun='x'",
            &["«'soon'»", "«apu»", "«'sx'»"],
            &[],
        ),
        (
            "[[probe]]\nid='p'\ntcp='a:1'\nevery='soon'\ntimeout='1h'\ncritical='latnecy > 1s'\n[[trigger]]\nid='t'\nwhen='p.latency is critical'\naction='notify'",
            &["«'soon'»", "«latnecy»"],
            &["the plan has no phase"],
        ),
        (
            "STEPitems=['a']\n[channel.chat]\ncommand={run='x'}\n[[notify]]\non=['critical']\nto='chta'\n",
            &["«'chta'» there is no channel `chta`"],
            &[],
        ),
        ("[phase]\nid='d'\n", &["[[phase]]"], &[]),
        ("[[phase]]\nid='d'\n[[phase.stepp]]\nid='s'\n", &["«stepp»"], &["nobody owns `s`"]),
        (
            "[[trigger]]\nid='t'\nwhen='api is failing'\naction='propose'\n[rollback]\nr=5",
            &["`r` must be"],
            &["the plan has no phase"],
        ),
        (
            "[vars]\nsite_a='x'\nsite_b='${site_b}'\nSTEPrun='./x $site_b $site_aa'\nundo='y'",
            &["made of itself"],
            &["site_aa"],
        ),
        ("[secrets.x]\ny='sk_live_abcdefghijklmnop'\n", &["«"], &["the plan has no phase", "«sk_live_"]),
        ("STEPrun='curl -u x:${secret.token} h'\nundo='y'", &["never pasted"], &["`curl` without"]),
    ];
    let mut wrong = String::new();
    for (more, errors, warnings) in rows {
        let text = format!("{BASE}{}", more.replacen("STEP", STEP, 1));
        for (severity, wanted) in [(Severity::Error, errors), (Severity::Warning, warnings)] {
            let found = said(&text, severity);
            if found.len() != wanted.len() || found.iter().zip(*wanted).any(|(f, w)| !f.contains(w)) {
                wrong.push_str(&format!("\n{more}\n  {severity:?}: wanted {wanted:#?}\n  said {found:#?}\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn the_way_out_is_the_right_one() {
    errors(&[
        (
            "[[probe]]\nid='p'\nhttp={url='http://a/',timeout='2s'}",
            &["«timeout» there is no key `timeout` here // write `timeout` beside `http`"],
        ),
        (
            "[[probe]]\nid='p'\nprometheus='http://a'",
            &["«'http://a'» `prometheus` is a table, not a text // write prometheus = { url = "],
        ),
        ("[[probe]]\nid='api'\ntcp='a:1'", &["two probes `api` // give one of them another id"]),
        ("STEPrun='x'\ntimeout=60", &["«60» a text belongs here, not a number // write it with its unit, as \"60s\""]),
        (
            "[[phase]]\nid='d'\n[[phase.step]]\nid='check it!'",
            &["is no id: write letters, digits, - _ and ., at most 64 // write `check-it`"],
        ),
        ("STEPon-fail='rollback'", &["// did you mean `propose`?"]),
        (
            "[[trigger]]\nid='t'\nwhen='api is failing'\nthen='hold'",
            &["«then» there is no key `then` here // did you mean `action`?"],
        ),
    ]);
}

#[test]
fn a_pattern_that_no_step_fits_names_the_nearest() {
    let way = "[[rollback.x.step]]\nid='y'\nrun='./y'\n[rollback.x]\nundoes=['swich-*']\n[[phase]]\nid='d'\n\
        [[phase.step]]\nid='switch-1'\nowner='ops'\n";
    let way =
        way.replacen("[[rollback.x.step]]\nid='y'\nrun='./y'\n", "", 1) + "[[rollback.x.step]]\nid='y'\nrun='./y'\n";
    let phase = way.replace("swich-*", "d");
    errors(&[(&phase, &["«'d'» no step fits `d` // `d` is a phase: name its steps, as "])]);
    errors(&[(&way, &["«'swich-*'» no step fits `swich-*` // did you mean `switch-*`?"])]);
}

#[test]
fn several_comparisons_in_one_are_answered_with_what_that_place_takes() {
    let trigger = "[[trigger]]\nid='t'\nwhen=";
    errors(&[
        (
            &format!("{trigger}'api is failing and errors > 5%'"),
            &[
                "«and» in `api is failing and errors > 5%`: `and` is not understood: a condition is one comparison // only one \
               stands here: keep one of the two, as when = \"api is failing\", or have a command measure both",
            ],
        ),
        (
            &format!("{trigger}'api is failing or errors > 5%'"),
            &[
                "«or» in `api is failing or errors > 5%`: `or` is not understood: a condition is one comparison // make it two, \
               one with when = \"api is failing\" and one with when = \"errors > 5%\"",
            ],
        ),
        (&format!("{trigger}'not api is ok'"), &["«not» in `not api is ok`: "]),
        ("STEPverify='api is ok and errors < 1%'", &["must hold: [\"api is ok\", \"errors < 1%\"]"]),
        ("STEPfail='api is failing or errors > 5%'", &["enough: [\"api is failing\", \"errors > 5%\"]"]),
        ("STEPfail='api is failing and errors > 5%'", &["keep one of the two, as \"api is failing\""]),
        ("STEPverify='api is ok or errors < 1%'", &["keep one of the two, as \"api is ok\""]),
        // As was advised.
        (&format!("{trigger}\"api is failing\""), &[]),
        (&format!("{trigger}\"api is failing\"\n[[trigger]]\nid='u'\nwhen=\"errors > 5%\""), &[]),
        ("STEPverify=[\"api is ok\", \"errors < 1%\"]", &[]),
        ("STEPfail=[\"api is failing\", \"errors > 5%\"]", &[]),
    ]);
}

#[test]
fn what_is_wrong_only_in_an_environment_is_said_without_naming_it() {
    let text = format!(
        "{BASE}[vars]\nevery='5s'\n[[probe]]\nid='web'\nhttp={{url='http://h/'}}\nevery='${{every}}'\n\
        [environment.staging.vars]\nevery='banana'\n[environment.test.probe.wbe]\nevery='5s'\n"
    );
    let choices = Choices::default();
    let (_, said) = check(&text, &choices);
    let more = check_environments(&text, &choices, &said);
    let more: Vec<&str> = more.iter().map(|p| p.message.as_str()).collect();
    assert_eq!(more.len(), 2, "{more:?}");
    assert!(more[0].starts_with("with --env staging: ") && more[0].contains("banana"), "{more:?}");
    assert!(more[1].starts_with("with --env test: ") && more[1].contains("wbe"), "{more:?}");
    let well = text.replace("banana", "9s").replace("wbe", "web");
    let (_, said) = check(&well, &choices);
    assert_eq!(check_environments(&well, &choices, &said), []);
}
