//! Where a reviewer's remarks stand in the file: on the words they are about, not on others that read the same.

use super::super::problem::Problem;
use super::super::{Choices, check};
use super::rows::{BASE, warnings};

#[test]
fn each_of_two_equal_commands_is_warned() {
    let steps = "[[phase]]\nid='d'\nstep=[{id='s',owner='ops',run='curl h',undo='x'},\
        {id='t',owner='ops',run='curl h',undo='curl h'}]\n";
    let curl = "«curl h» `curl` without `-f`";
    warnings(&[(steps, &[curl, curl, curl])]);
}

#[test]
fn a_command_that_a_person_answers_may_ask_and_its_undo_may_not() {
    warnings(&[
        ("STEPrun='read -p ok? a'\nundo='y'", &["«read -p ok? a» `read -p`: it waits for a person: answer it with"]),
        ("STEPinput=true\nrun='read -p ok? a'\nundo='y'", &[]),
        ("STEPinput=true\nrun='apt-get install x'\nundo='y'", &[]),
        ("STEPinput=true\nrun='x'\nundo='read -p ok? a'", &["«read -p ok? a» `read -p`"]),
    ]);
}

#[test]
fn what_an_each_has_once_is_said_once_and_of_a_row_at_the_row() {
    let apart = "[[phase]]\nid='d'\neach=[{n=1,x=''},{n=2,x='s-1'}]\nafter='e'\n[[phase.step]]\nid='s-${n}'\n";
    warnings(&[
        (
            "[[phase]]\nid='d'\neach=[{n=5},{n=25}]\n[[phase.step]]\nid='s-${n}'\nrun='curl h'\nundo='x'\n",
            &[
                "«{n=25}» the rows of `d` do not wait for each other: `s-5` and `s-25`",
                "«'s-${n}'» nobody owns `s-${n}`",
                "«curl h» `curl`",
            ],
        ),
        (&format!("{apart}[[phase]]\nid='e'\nstep=[{{id='x',owner='ops'}}]\n"), &["«'s-${n}'» nobody owns `s-${n}`"]),
        (
            "[[phase]]\nid='d'\neach=[{n=5},{n=25}]\n[[phase.step]]\nid='go-${n}'\npoll=['ops']\nowner='ops'\n\
            [[phase.step]]\nid='s-${n}'\nrun='./deploy.sh'\nowner='ops'\n\
            [[phase.step]]\nid='t-${n}'\nrun='x'\nundo='y'\nowner='ops'\nafter='s-${n}'\n",
            &["«'d'» nothing takes back what `s-${n}` changes in production"],
        ),
    ]);
}

#[test]
fn escapes_and_lines_do_not_move_the_underline() {
    warnings(&[
        (
            "STEPrun=\"X=\\\"a\\\" \\u00e9 && psql \\\"$db\\\" < x\"\nundo='y'",
            &["«psql \\\"$db\\\"» `psql` goes on after an error"],
        ),
        ("STEPrun='''\n# curl h\n./x\ncurl h | jq .\n'''\nundo='y'", &["«curl h» `curl`"]),
        ("STEPverify='''errors <= baseline'''", &["«baseline» `errors <= baseline` is false about half"]),
    ]);
}

#[test]
fn what_is_let_finish_and_may_hang_is_warned() {
    warnings(&[
        (
            "STEPrun='./check-m.sh'\non-stop='finish'",
            &["«'s'» `s` is let finish and has no `timeout`: where it hangs a way back waits for it"],
        ),
        ("STEPrun='./check-m.sh'\non-stop='finish'\ntimeout='5m'", &[]),
        ("STEPrun='./check-m.sh'\non-stop='signal'", &[]),
    ]);
}

#[test]
fn a_name_in_brackets_is_a_blank() {
    let blank = |part: &str| format!("«{part}» this is a blank to fill in");
    warnings(&[
        (
            "STEPrun='psql -v ON_ERROR_STOP=1 -f x postgresql://postgres:[password]@[host]:5432/app'\nundo='y'",
            &[&blank("[password]"), &blank("[host]")],
        ),
        ("STEPrun='./restore production_backup_[timestamp].sql'\nundo='y'", &[&blank("[timestamp]")]),
        ("STEPrun='./x'\nundo='y'\n[roles.dba]\nname='[NAME]'\n", &[&blank("'[NAME]'")]),
        ("STEPrun='ls log_[a-z]* [::1]:80; echo x | grep \"[abc]\"'\nundo='y'\nverify='errors[host] < 5%'", &[]),
    ]);
}

#[test]
fn what_its_name_calls_a_secret_is_one_in_clear() {
    warnings(&[
        ("STEP[vars]\ndbpass='hunter2x'\n", &["«'hunter2x'»"]),
        ("STEP[vars]\nDB_PASS='hunter2x'\n", &["«'hunter2x'»"]),
        ("STEP[vars]\nbypass='hunter2x'\ncompass='hunter2x'\n", &[]),
    ]);
    let told = "this looks like a secret in clear: put a reference in [secrets]";
    let rows = [
        ("[vars]\npassword", "'correct-horse-battery'"),
        ("[vars]\ndb_password", "'S3cr3t!pass'"),
        ("[vars]\nDB_PASSWD", "'hunter2'"),
        ("[vars]\npassphrase", "'hunter2'"),
        ("[vars]\napi_key", "'0a1b2c3d4e5f'"),
        ("[vars]\napiKey", "'0a1b2c3d4e5f'"),
        ("[vars]\ntoken", "'7f3a-99c1'"),
        ("[vars]\nclient_secret", "'Zq8kk-pp'"),
        ("[vars]\njwt", "'abcDEF123'"),
        ("[vars]\nadmin_password=''\n[environment.e.vars]\nadmin_password", "'hunter2'"),
    ];
    for (table, value) in rows {
        warnings(&[(&format!("STEP{table} = {value}\n"), &[told])]);
    }
    let shaped = ["sk-proj-abcdefghijklmnopqrstuvwx", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abcdefghijkl"];
    for value in shaped {
        warnings(&[(&format!("STEP[vars]\nx='{value}'\n"), &[&format!("«{value}» this looks like a secret")])]);
    }
    for calm in [
        "token_url='https://id.example.com/oauth/token'",
        "token='https://id.example.com/oauth/token'",
        "password_file='/run/secrets/db'",
        "password='/run/secrets/db'",
        "password='./db.txt'",
        "password=''",
        "password='${other}'\nother='x'",
        "token='GITHUB_TOKEN'",
        "tokens='500'",
        "secret='wallet-tls'",
        "tls_secret='wallet-tls-v2'",
        "api_key='wallet'",
        "password='ask the one on call'",
        "has_password='true'",
        "password='true'",
        "password_length='12345678'",
        "key='abc12345'",
        "monkey='abc12345'",
        "max_token='4096'",
    ] {
        warnings(&[(&format!("STEP[vars]\n{calm}\n"), &[])]);
    }
    let bearer = "[[probe]]\nid='p'\nhttp={url='http://a/',headers={X-Api-Key='q1w2e3'}}\n";
    warnings(&[(&format!("{bearer}{STEP}"), &[&format!("«'q1w2e3'» {told}")])]);
    let right = "[[probe]]\nid='p'\nhttp={url='http://a/',headers={X-Api-Key='${secret.token}'}}\n";
    warnings(&[(&format!("{right}{STEP}"), &[])]);
}

#[test]
fn a_comment_with_the_same_words_takes_no_underline() {
    let text = "# rollback.r: run `curl h`, id = \"s\", baseline, when = 'errors > 200%'\n\
        [plan]\nname='x'\nenvironment='t'\n[roles]\nops={name='O'}\n\
        [[probe]]\nid='errors'\nprometheus={url='http://h/',query='q',unit='ratio'}\n\
        [[phase]]\nid='d'\n[[phase.step]]\nid=\"s\"\nrun='./x; curl h'\nverify='errors <= baseline'\n\
        [[trigger]]\nid='t'\nwhen='errors > 200%'\n\
        [rollback.r]\nundoes=[]\n[[rollback.r.step]]\nid='b'\nowner='ops'\nrun='x'\n";
    let (plan, problems) = check(text, &Choices::default());
    assert!(plan.is_some(), "{problems:?}");
    let comment = text.find('\n').unwrap();
    let said: Vec<(bool, &str)> =
        problems.iter().map(|p: &Problem| (p.at.start > comment, &text[p.at.clone()])).collect();
    let wanted = ["'d'", "\"s\"", "curl h", "baseline", "'errors > 200%'", "r", "r"];
    assert_eq!(said, wanted.map(|at| (true, at)), "{problems:#?}");
}

#[test]
fn a_probe_whose_command_never_returns_is_warned() {
    let probe = |run: &str| format!("[[probe]]\nid='q'\ncommand={{run={run}}}\n{STEP}");
    warnings(&[
        (
            &probe("\"x; tail -f \\\"$log\\\"\""),
            &["«tail -f \\\"$log\\\"» `tail -f` does not return by itself: every poll"],
        ),
        (&probe("'watch ls'"), &["«watch ls» `watch` does not return"]),
        (
            &probe("'psql -h db app'"),
            &["«psql -h db app» `psql` takes what a person types, and nobody does: it gives no"],
        ),
        (&probe("'nohup ./count'"), &[]),
        (&probe("'timeout 5 tail -f x | grep -c y'"), &[]),
        (&probe("'curl -s h | jq .n'"), &[]),
        (&format!("[environment.test.probe.q]\ncommand={{run='watch ls'}}\n{}", probe("'ls'")), &[]),
    ]);
}

#[test]
fn a_word_that_says_that_there_is_no_command_is_warned() {
    let plan = |undo: &str| format!("STEPrun='./x'\nundo={undo}\n");
    let said = "«none» `none` is run as a command; where there is none, leave the key out";
    warnings(&[
        (&plan("'none'"), &[said]),
        (&plan("{run='none',estimate='1m'}"), &[said]),
        (&plan("' N/A '"), &["`N/A` is run as a command"]),
        (&plan("'./none'"), &[]),
    ]);
}

#[test]
fn a_name_that_is_nearly_a_variable_is_warned() {
    let vars = "[vars]\nversion='1'\n";
    let plan = |step: &str| format!("STEP{step}\n{vars}");
    let probes = "[[probe]]\nid='q'\nhttp={url='http://h/$verison'}\n[[probe]]\nid='r'\ncommand={run='./x $verison'}\n";
    let rows = "[[phase]]\nid='q'\neach=[{n='1',parts='2'}]\n[[phase.step]]\nid='q-${n}'\nowner='ops'\n\
        run='./x $part $n $parts $version'\nundo='./y'\n";
    let nothing = "nothing sets `verison`, and a shell takes it for empty; did you mean `version`?";
    let stays = "«$verison» `$verison` stays as it is; did you mean `${version}`?";
    warnings(&[
        (&plan("run='./x \"$verison\"'\nundo='./y $version'"), &[&format!("«$verison» {nothing}")]),
        (&plan("run='./x'\nundo='./y ${verison}'"), &[&format!("«${{verison}}» {nothing}")]),
        (&plan("run='./x'\nundo={run='./y $verison'}"), &[&format!("«$verison» {nothing}")]),
        (&plan("run='./x $tokne'\nundo='y'"), &["«$tokne» nothing sets `tokne`"]),
        (&plan("title='deploy $version'"), &["«$version» `$version` stays as it is: outside of commands write"]),
        (&plan("title='deploy $verison, $token'"), &[stays]),
        (&plan("title='deploy ${version}'"), &[]),
        (&format!("{}[environment.test.vars]\nversion='$verison'\n", plan("")), &[stays]),
        (
            &format!("{probes}[[phase]]\nid='d'\nstep=[{{id='s',owner='ops'}}]\n{vars}"),
            &[stays, &format!("«$verison» {nothing}")],
        ),
        (
            &format!("{rows}{vars}"),
            &["«$part» nothing sets `part`, and a shell takes it for empty; did you mean `parts`?"],
        ),
    ]);
}

#[test]
fn a_proposal_without_any_way_back_is_warned() {
    let propose = "[[trigger]]\nid='t'\nwhen='api is failing'\naction='propose'\n";
    let back = "[rollback.r]\nestimate='1m'\nrequire='api is ok'\n[[rollback.r.step]]\nid='b'\nowner='ops'\nrun='x'\n";
    warnings(&[
        (
            &format!("{STEP}{propose}"),
            &["«'t'» the trigger `t` proposes a way back, and the plan has none // give steps an `undo`"],
        ),
        (&format!("{STEP}{}", propose.replace("propose", "notify")), &[]),
        (&format!("{STEP}run='x'\nundo='y'\n{propose}"), &[]),
        (&format!("{STEP}{propose}{back}"), &[]),
    ]);
}

#[test]
fn a_rollback_says_what_it_undoes_or_that_it_undoes_nothing() {
    let back = |undoes: &str| {
        let back = "estimate='1m'\nrequire='api is ok'\n[[rollback.r.step]]\nid='b'\nowner='ops'\nrun='x'\n";
        format!("{STEP}run='./check-m.sh'\n[rollback.r]\n{undoes}{back}")
    };
    let message = "«r» the rollback `r` says nothing of what it undoes: each step counts as in effect after it // name the \
                   steps, as undoes = [\"share-*\"]; undoes = [] says that it undoes none";
    warnings(&[(&back(""), &[message]), (&back("undoes=[]\n"), &[]), (&back("undoes='s'\n"), &[])]);
}

#[test]
fn a_way_back_that_closes_before_what_it_takes_back_is_begun_is_warned_of() {
    let plan = |until: &str| {
        let steps = "{id='zero',owner='ops',items=['x']},{id='one',owner='ops',after='zero',run='./deploy.sh'},\
                     {id='drop',owner='ops',after='one',run='./check-m.sh'}";
        let back = "[rollback.r]\nestimate='1m'\nrequire='api is ok'\nundoes=['one']\n";
        let does = "[[rollback.r.step]]\nid='b'\nowner='ops'\nrun='x'\n";
        format!("[[phase]]\nid='d'\nstep=[{steps}]\n{back}possible-until='{until}'\n{does}")
    };
    let (same, before) = (
        "«r» the rollback `r` never takes back `one`: it closes when `one` starts // name in `possible-until` the step from",
        "«r» the rollback `r` never takes back `one`: it closes when `zero` starts, and `one` comes after that",
    );
    warnings(&[(&plan("one"), &[same]), (&plan("zero"), &[before]), (&plan("drop"), &[])]);
}

#[test]
fn only_what_changes_production_needs_a_way_back() {
    let sure = "«'d'» the phase `d` changes production by `s` and has no way back // give it an `undo`, or name it in";
    let perhaps = "«'d'» the phase `d` has no way back; whether `s` changes production can't be told from here // give it \
        an `undo`, or name it in a rollback's `undoes`; a script that only looks is known by its name, as check-web.sh";
    let looks = [
        "kubectl get pods",
        "curl -fsS http://x",
        "terraform plan",
        "nginx -t",
        "echo hi",
        "./smoke-test.sh",
        "kubectl rollout status deploy/web",
        "psql -c \"select 1\"",
    ];
    for run in looks {
        warnings(&[(&format!("STEPrun='{run}'"), &[])]);
    }
    for run in ["kubectl apply -f x", "./deploy.sh green", "helm upgrade x y --wait", "ssh h systemctl restart web"] {
        warnings(&[(&format!("STEPrun='{run}'"), &[sure])]);
    }
    for run in ["./weight.sh 5", "curl -fsSX POST http://x", "echo 5 > /etc/weight"] {
        warnings(&[(&format!("STEPrun='{run}'"), &[perhaps])]);
    }
    let many: String = (0..6).map(|n| format!("{{id='s{n}',owner='ops',run='./deploy.sh'}},")).collect();
    warnings(&[
        (
            &format!("[[phase]]\nid='d'\nstep=[{many}]\n"),
            &["the phase `d` changes production by `s0`, `s1`, `s2`, `s3` and 2 more and has no way back"],
        ),
        (
            "STEPrun='./weight.sh'\n[[phase.step]]\nid='t'\nowner='ops'\nrun='./deploy.sh'",
            &["changes production by `t` and"],
        ),
        ("STEPrun='./weight.sh'\n[[phase.step]]\nid='t'\nowner='ops'\nrun='x'\nundo='y'", &[]),
    ]);
}

/// A step by hand.
const STEP: &str = "[[phase]]\nid='d'\n[[phase.step]]\nid='s'\nowner='ops'\n";

#[test]
fn a_step_that_does_not_fit_its_window_is_warned() {
    let phase = "[[phase]]\nid='d'\nwindow={from='02:00',to='04:00',zone='UTC'}\nstep=[";
    let step = "{id='s',owner='ops',run='./check-x.sh',undo='y'";
    warnings(&[
        (
            &format!("{phase}{step},estimate='3h'}}]"),
            &["«'s'» `s` takes 3h, its window is 2h long: 02:00 to 04:00 UTC"],
        ),
        (&format!("{phase}{step},estimate='2h'}}]"), &[]),
    ]);
}

#[test]
fn a_gate_that_bars_nothing_is_warned() {
    let gate = "[[phase]]\nid='go'\nstep=[{id='ask',owner='ops',poll=['ops']}]\n";
    let traffic = |after: &str| {
        format!("[[phase]]\nid='traffic'\n{after}\n[[phase.step]]\nid='share'\nowner='ops'\nrun='x'\nundo='y'\n")
    };
    let free = "«'traffic'» the phase `traffic` waits for nothing: `share` can start while the gate `ask` is open // write \
        after = [\"go\"]";
    let tell = "[[phase]]\nid='tell'\nafter='go'\nstep=[{id='mail',owner='ops'}]\n";
    let before = "[[phase]]\nid='before'\nstep=[{id='look',owner='ops'}]\n";
    let past = "«'ask'» nothing waits for the gate `ask`: the phase `traffic` goes on without it // write after = [\"go\"] in \
        the phase `traffic`, or in what the gate decides";
    warnings(&[
        (&format!("{gate}{}", traffic("")), &[free]),
        (&format!("{gate}{tell}{}", traffic("")), &[free]),
        (&format!("{gate}{}", traffic("after='go'")), &[]),
        (&format!("{gate}{tell}{}", traffic("after='tell'")), &[]),
        (&format!("{before}{gate}{}", traffic("after='before'")), &[past]),
        // What runs before it, and what people do, is not barred by it.
        (&format!("{}{gate}{tell}", traffic("")), &[]),
        (&format!("{gate}{}[[phase]]\nid='e'\nstep=[{{id='by-hand',owner='ops'}}]\n", traffic("after='ask'")), &[]),
    ]);
}

#[test]
fn steps_that_nobody_owns_are_told_once_a_phase_with_their_lines() {
    let steps =
        "[[phase]]\nid='d'\n[[phase.step]]\nid='a'\n[[phase.step]]\nid='b'\nowner='ops'\n[[phase.step]]\nid='c'\n";
    let line = BASE.lines().count() + 4;
    let both = format!("«'a'» nobody owns `a` (line {line}), `c` (line {}) // say who with `owner`", line + 5);
    warnings(&[(steps, &[both.as_str()])]);
}
