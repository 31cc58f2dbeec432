//! Channels, rules of who is told, the heartbeat.

use super::rows::{errors, warnings};
use crate::core::notice::NoticeKind;
use crate::core::time::Span;
use crate::plan::{Choices, load};

const HOOK: &str = "[channel.hook]\nwebhook={url='${secret.token}'}\n";

#[test]
fn channels_and_rules_come_to_what_they_say() {
    let text = "[plan]\nname='x'\nenvironment='t'\nheartbeat={url='http://h/${secret.token}',every='30s'}\n\
        [secrets]\ntoken='${env:T}'\n[channel.hook]\nper-minute=3\nwebhook={url='${secret.token}'}\n\
        [channel.page]\npagerduty={routing-key='${secret.token}'}\n\
        [[notify]]\non='critical'\nto='hook'\nunacked={after='5m',to='page'}\n\
        [[phase]]\nid='d'\nstep=[{id='s'}]\n";
    let plan = load(text, "plan.toml", &Choices::default()).unwrap();
    let outline = &plan.outline;
    let channels: Vec<_> = outline.channels.iter().map(|c| (c.id.as_str(), c.per_minute, c.together)).collect();
    assert_eq!(channels, [("hook", 3, true), ("page", 10, false)]);
    let rule = &outline.notify[0];
    assert_eq!((&rule.on[..], &rule.to[..]), (&[NoticeKind::Critical][..], &["hook".into()][..]));
    assert_eq!(rule.unacked.as_ref().unwrap().after, Span::mins(5));
    assert_eq!(outline.heartbeat, Some(Span::secs(30)));
    assert_eq!(plan.heartbeat.as_deref(), Some("http://h/${secret.token}"), "no value is in the plan");
}

#[test]
fn what_is_wrong_with_a_channel_is_said() {
    errors(&[
        ("[channel.a]\n", &["a channel has exactly one kind: webhook, slack, pagerduty, smtp, command"]),
        (
            "[channel.a]\nwebhok={url='http://h'}\n",
            &["«webhok» there is no key `webhok` here // did you mean `webhook`?"],
        ),
        ("[channel.a]\nwebhook={url='x'}\n", &["«'x'» url: `x` is no URL"]),
        ("[channel.a]\nslack={url='http://h'}\nsmtp={host='m',from='a@b.c',to='d@e.f'}\n", &["exactly one kind"]),
        ("[channel.a]\nsmtp={host='m.org',tls='none',from='a@b.c',to='d@e.f'}\n", &["«'none'» tls: in clear `m.org`"]),
        ("[channel.a]\nper-minute=0\nslack={url='http://h'}\n", &["«0» by `a` nothing would ever be sent"]),
        ("[channel]\nhook='x'\n", &["«'x'» `hook` must be a table"]),
        ("[channel.'a b']\nslack={url='http://h'}\n", &["`a b` is no id"]),
        ("[channel.a]\nwebhook={url='http://${secret.tokn}'}\n", &["no secret `tokn` // did you mean `token`?"]),
    ]);
}

#[test]
fn what_is_wrong_with_a_rule_is_said() {
    let with = |rule: &str| format!("{HOOK}[[notify]]\n{rule}\n");
    errors(&[
        (&with("on=['critical']\nto=['hok']"), &["«'hok'» there is no channel `hok` // did you mean `hook`?"]),
        (
            &with("on=['citical']\nto=['hook']"),
            &["«'citical'» nothing is told under the name `citical` // did you mean `critical`?"],
        ),
        (&with("on='test'\nto='hook'"), &["under the name `test` // there are critical, trigger, gate, overdue, sev1"]),
        (&with("on='sev1'\nto=[]"), &["`to` names nothing, so the rule tells nobody of anything"]),
        (&with("to='hook'"), &["`on` names nothing, so the rule tells nobody of anything"]),
        (&with("on='sev1'\nto='hook'\nunacked={after='0s',to='hook'}"), &["«'0s'» `0s` is no time at all"]),
        (&with("on='sev1'\nto='hook'\nunacked={after='5m',to='bakup'}"), &["no channel `bakup`"]),
        ("[[notify]]\non='sev1'\nto='hook'\n", &["there is no channel `hook` // add [channel.hook]"]),
        ("[channel.a]\nslack={}\n[[notify]]\non='sev1'\nto='a'\n", &["the key `url` is missing here"]),
    ]);
}

#[test]
fn a_channel_that_nothing_names_and_a_severity_that_nobody_hears_of_are_remarked() {
    let clocks = "[severity.1]\nrespond='5m'\n";
    let step = "[[phase]]\nid='d'\nstep=[{id='s',owner='ops'}]\n";
    warnings(&[
        (&format!("{step}{HOOK}"), &["«hook» nothing is told by the channel `hook` // name it in a [[notify]]"]),
        (
            &format!("{step}{HOOK}[[notify]]\non='trigger'\nto='hook'\n{clocks}"),
            &["«1» a SEV1 must be answered in time, and no [[notify]] tells anybody of one // add `sev1`"],
        ),
        (&format!("{step}{HOOK}[[notify]]\non='sev1'\nto='hook'\n{clocks}"), &[]),
        (&format!("{step}{clocks}"), &[]),
        (
            &format!("{step}{clocks}escalate=[{{after='5m',to='ops'}}]\n"),
            &["«1» a SEV1 must be answered in time, and no [[notify]]", "«'ops'» `ops` is to be called"],
        ),
    ]);
}
