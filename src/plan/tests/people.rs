//! Mistakes in what people fire, are called for and wait for: triggers, severities, outputs, times; one a row.

use super::rows::{errors, warnings};
use crate::plan::{Choices, check};

#[test]
fn a_trigger_is_measured_or_asked() {
    errors(&[
        ("[[trigger]]\nid='t'\nask='Corrupt?'\naction='propose'\n", &[]),
        ("[[trigger]]\nid='t'\n", &["«'t'» missing key `when` or `ask`: nothing fires the trigger"]),
        (
            "[[trigger]]\nid='t'\nask='Corrupt?'\nwhen='api is failing'\n",
            &["«'Corrupt?'» the trigger `t` has both `when` and `ask` // a probe fires it or a person does"],
        ),
        ("[[trigger]]\nid='t'\nask=' '\n", &["«' '» `ask` is empty"]),
        (
            "[[trigger]]\nid='t'\nask='Corrupt?'\nno-data='reset'\nclear-after='5m'\n",
            &["«'reset'» `no-data` does nothing in `t`: a person fires", "«'5m'» `clear-after` does nothing in `t`"],
        ),
        ("[[trigger]]\nid='t'\nwhne='api is failing'\n", &["«whne» there is no key `whne`"]),
    ]);
}

#[test]
fn triggers_without_a_title_of_one_condition_are_told_apart_by_their_ids() {
    let probe = "[[probe]]\nid='api'\nhttp={url='http://127.0.0.1/'}\n";
    let trigger = |id: &str, more: &str| format!("[[trigger]]\nid='{id}'\nwhen='api is failing for 30s'\n{more}\n");
    let text = [
        "[plan]\nname='x'\nenvironment='t'\n",
        probe,
        &trigger("low", "action='notify'"),
        &trigger("high", "action='consider'"),
        &trigger("named", "action='notify'\ntitle='The API is down'"),
    ];
    let plan = crate::plan::load(&text.concat(), "p", &Choices::default()).unwrap();
    let titles: Vec<&str> = plan.outline.triggers.iter().map(|t| t.title.as_str()).collect();
    assert_eq!(titles, ["low: api is failing for 30s", "high: api is failing for 30s", "The API is down"]);
}

#[test]
fn a_severity_names_roles_times_and_live_values_that_there_are() {
    let rung = |rung: &str| format!("[severity.1]\nescalate=[{rung}]\n");
    errors(&[
        (&rung("{after='0m',to='ops'},{after='15m',to=['ops']}"), &[]),
        (&rung("{after='0m',to=['osp']}"), &["«'osp'» there is no role `osp` // did you mean `ops`?"]),
        (&rung("{after='-5m',to='ops'}"), &["«'-5m'» `-5m` is before the incident"]),
        (&rung("{after='5m',to=[]}"), &["«'5m'» `to` is empty: nobody would be called"]),
        ("[severity.1]\nthen='stop'\n", &["«'stop'» "]),
        ("[severity.1]\ntemplate='${live.now}: $${x} ${live.signals}'\n", &[]),
        (
            "[severity.1]\ntemplate='${live.signal}'\n",
            &["«'${live.signal}'» nothing is called `${live.signal}` // did you mean `${live.signals}`?"],
        ),
        ("[severity.1]\ntemplate='${now}'\n", &["«'${now}'» there is no variable `now`"]),
        ("[severity.1]\nmeans='${live.now}'\n", &["«'${live.now}'» there is no variable `live.now`"]),
    ]);
    warnings(&[
        (
            &rung("{after='0m',to='ops'}"),
            &[
                "no phase",
                "«1» a SEV1 must be answered in time, and no [[notify]] tells",
                "«'ops'» `ops` is to be called, and the plan does not say how",
            ],
        ),
        (
            "[severity.1]\nthen=['hold','propose']\n",
            &["no phase", "«'propose'» it proposes a way back, and the plan has none"],
        ),
    ]);
}

#[test]
fn an_output_has_a_name_of_its_own_and_only_commands_know_it() {
    let step = |more: &str| format!("[[phase]]\nid='d'\nstep=[{{id='s',owner='ops',run='x',output='IMAGE'}},{more}]\n");
    errors(&[
        (&step("{id='t',owner='ops',run='deploy $IMAGE'}"), &[]),
        ("STEPrun='x'\noutput='an image'\n", &["«'an image'» `an image` is no name for a step's output"]),
        ("STEPrun='x'\noutput='token'\n", &["«'token'» `token` is a secret and an output"]),
        ("STEPoutput='IMAGE'\n", &["«'IMAGE'» `output` does nothing in `s`: it runs no command"]),
        (&step("{id='t',owner='ops',run='y',output='IMAGE'}"), &["`s` and `t` both give `IMAGE`: one would be lost"]),
        (
            &step("{id='t',owner='ops',title='${IMAGE}'}"),
            &[
                "`IMAGE` is an output: it is known once `s` ran, and to commands alone // use it in a `run`, as \"$IMAGE\"",
            ],
        ),
        (
            "[[phase]]\nid='d'\neach=[{n=1},{n=2}]\nstep=[{id='s-${n}',run='x',output='IMAGE'}]\n",
            &["both give `IMAGE`: one would be lost // put the row's variable into the name, as IMAGE_${n}"],
        ),
    ]);
}

#[test]
fn a_wrong_severity_is_echoed_as_written() {
    errors(&[
        ("[severity.SEV1]", &["«SEV1» there is no severity `SEV1` // write [severity.1]"]),
        ("[severity.01]", &["`01` // write [severity.1]"]),
        ("[severity.5]\n[severity.high]", &["`5` // they are 1 to 4", "`high` // they are 1 to 4"]),
    ]);
}

#[test]
fn times_count_from_what_there_is_and_windows_can_be_kept() {
    let zone = "[plan]\nname='x'\nenvironment='t'\nzone='Europe/Berlin'\n";
    errors(&[
        ("STEPat='T+2h'\n[[phase]]\nid='e'\nat='d.done + 2h'\nstep=[{id='w',at='s.done'}]", &[]),
        ("STEPat='deplyo.done + 2h'", &["«'deplyo.done + 2h'» there is no step or phase `deplyo`"]),
        ("STEPat='s.done'", &["«'s.done'» `s` waits for itself and can never start // let `at` count from"]),
        ("STEPat='d.done + 1m'", &["`s` waits for its own phase `d`"]),
        (
            "STEPat='x.done'\n[[phase.step]]\nid='x'\nafter='s'",
            &["wait for each other and none can ever start: s → x → s"],
        ),
        ("[[phase]]\nid='e'\nat='e.done'\nstep=[{id='a'}]", &["`a` waits for its own phase `e`"]),
        ("STEPat='s.done - 5m'", &["before `s` is done nobody knows"]),
        ("STEPat='soon'", &["«'soon'» `soon` is no time: write T-72h, T+0 or T+30m, or deploy.done + 2h"]),
        ("STEPnot-before='6:00'", &["«'6:00'» `6:00` is no time of day: write 02:00"]),
        ("STEPnot-before='06:00'", &["«'06:00'» `not-before` is a time of day, and the plan has no zone"]),
        ("[[phase]]\nid='e'\nwindow={from='02:00',to='04:00'}\nstep=[{id='a'}]", &["the window has no zone"]),
        (
            "[[phase]]\nid='e'\nwindow={from='02:00',to='02:00',zone='UTC'}\nstep=[{id='a'}]",
            &["«'02:00'» from 02:00 to 02:00"],
        ),
        ("[[phase]]\nid='e'\nwindow={from='24:00',to='02:00',zone='UTC'}\nstep=[{id='a'}]", &["opens at 24:00"]),
        ("[[phase]]\nid='e'\nwindow={days=['teu'],from='22:00',to='02:00',zone='UTC'}\nstep=[{id='a'}]", &["`teu`"]),
        ("[[phase]]\nid='e'\nwindow={from='22:00',to='02:00',zone='Europe/Berln'}\nstep=[{id='a'}]", &["no time zone"]),
        ("[rollback.r]\n[[rollback.r.step]]\nid='x'\nrun='y'\nnot-before='06:00'", &["`not-before` does nothing in"]),
    ]);
    let of = |more: &str| check(&format!("{zone}{more}"), &Choices::default());
    let (plan, problems) = of("window={days=['tue'],from='22:00',to='04:00'}\n[[phase]]\nid='d'\nnot-before='06:00'\n\
        step=[{id='s',run='x',undo='y',owner='o'},{id='t',at='s.done + 10m'}]\n[[phase]]\nid='e'\nat='d.done + 2h'\n\
        step=[{id='u'}]\n[roles]\no={name='Ana'}");
    let outline = plan.unwrap_or_else(|| panic!("{problems:?}")).outline;
    assert_eq!(outline.window.unwrap().to_string(), "tue 22:00 to 04:00 Europe/Berlin");
    let ids = |of: &[crate::core::ids::StepId]| of.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(ids(&outline.steps[1].after), ["s"]);
    assert_eq!(ids(&outline.phases[1].since.as_ref().unwrap().of), ["s", "t"]);
    assert_eq!(ids(&outline.steps[2].after), ["s", "t"]);
}
