//! The `[channel]` and `[[notify]]` tables, and the heartbeat.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::DeValue;

use super::file::{ChannelTable, HeartbeatTable, NotifyTable, Text, Time, UnackedTable};
use super::lost::Lost;
use super::places::Places;
use super::problem::Problem;
use super::sense;
use super::tree::{
    Value, array, check_id, lengthen, lengthen_keys, nearest, read, read_by, tables_by_name, take, unfilled,
};
use crate::core::ids::ChannelId;
use crate::core::notice::{Backup, ChannelOutline, NoticeKind, NotifyOutline};
use crate::core::outline::Outline;
use crate::core::time::Span;
use crate::notify::{KINDS, Spec, heartbeat};

/// So many messages a minute, where the plan does not say.
const PER_MINUTE: u32 = 10;

/// How often the engine says that it lives, where the plan does not say.
const EVERY: Span = Span::secs(60);

/// What the tables come to, beside what the outline has of it.
pub(super) struct Channels {
    /// What each channel does; secrets in it are references still.
    pub specs: BTreeMap<ChannelId, Spec>,
    /// Those that are there but wrong.
    lost: Lost,
}

/// Reads the channels.
pub(super) fn channels(
    value: Option<Value<'_>>,
    outline: &mut Outline,
    places: &mut Places,
    problems: &mut Vec<Problem>,
) -> Channels {
    let mut found = Channels { specs: BTreeMap::new(), lost: Lost::default() };
    for (name, mut value) in tables_by_name(value, "channel", problems) {
        check_id(&name, false, problems);
        let at = value.span();
        let id = ChannelId::from(name.get_ref().as_str());
        places.channels.insert(id.clone(), name.span());
        let DeValue::Table(table) = value.get_mut() else {
            found.lost.add(Some(id.as_str()));
            continue;
        };
        let mut kinds: Vec<(&str, Value<'_>)> = KINDS.iter().filter_map(|k| Some((*k, take(table, k)?))).collect();
        let Some(own) = read::<ChannelTable>(&value, KINDS, problems) else { continue };
        let (Some((kind, asked)), true) = (kinds.pop(), kinds.is_empty()) else {
            // A kind of the wrong name was reported as a key that is not known.
            if own.left_out.iter().all(|key| nearest(key, KINDS.iter().copied()).is_none()) {
                let message = format!("a channel has exactly one kind: {}", KINDS.join(", "));
                problems.push(Problem::error("channel-kind", at, message));
            }
            found.lost.add(Some(id.as_str()));
            continue;
        };
        let Some(spec) = kind_of(kind, asked, problems) else {
            found.lost.add(Some(id.as_str()));
            continue;
        };
        let per_minute = own.table.per_minute;
        if let Some(none) = per_minute.as_ref().filter(|n| *n.get_ref() == 0) {
            let message = format!("by `{id}` nothing would ever be sent");
            problems.push(Problem::error("wrong-value", none.span(), message).help("write 1 or more, or leave it out"));
        }
        outline.channels.push(ChannelOutline {
            id: id.clone(),
            kind: kind.to_owned(),
            target: spec.target(),
            per_minute: per_minute.map_or(PER_MINUTE, Spanned::into_inner).max(1),
            together: spec.together(),
        });
        found.specs.insert(id, spec);
    }
    found
}

fn kind_of(kind: &str, mut asked: Value<'_>, problems: &mut Vec<Problem>) -> Option<Spec> {
    let at = asked.span();
    if matches!(asked.get_ref(), DeValue::Array(_)) {
        problems.push(Problem::error("wrong-value", at, format!("`{kind}` is no list")));
        return None;
    }
    if let DeValue::Table(table) = asked.get_mut() {
        lengthen(table);
    }
    let by = |table| Spec::read(kind, table).unwrap_or_else(|| Err(serde::de::Error::custom("no such kind")));
    let spec = read_by(&asked, &[], problems, by)?;
    for (key, why) in if spec.guessed { Vec::new() } else { spec.table.problems() } {
        let at = asked.get_ref().get(key).map_or_else(|| at.clone(), Spanned::span);
        problems.push(Problem::error("channel", at, format!("{key}: {why}")));
    }
    Some(spec.table)
}

/// Reads the rules.
pub(super) fn rules(
    value: Option<Value<'_>>,
    channels: &Channels,
    outline: &mut Outline,
    places: &mut Places,
    problems: &mut Vec<Problem>,
) {
    let before = problems.len();
    for mut value in array(value, "notify", &mut Lost::default(), problems) {
        let at = value.span();
        if let DeValue::Table(table) = value.get_mut() {
            lengthen(table);
            if let Some(DeValue::Table(unacked)) = table.get_mut("unacked").map(Spanned::get_mut) {
                lengthen_keys(unacked, &["to"]);
            }
        }
        let Some(read) = read::<NotifyTable>(&value, &[], problems) else { continue };
        let (lacks_on, lacks_to) = (read.lacks("on"), read.lacks("to"));
        let NotifyTable { on, to, unacked } = read.table;
        for (key, empty) in [("on", on.is_empty() && !lacks_on), ("to", to.is_empty() && !lacks_to)] {
            if empty {
                let message = format!("`{key}` names nothing, so the rule tells nobody of anything");
                problems.push(Problem::error("empty", at.clone(), message));
            }
        }
        let kinds: Vec<NoticeKind> = on.iter().filter_map(|name| kind(name, problems)).collect();
        let to = named(&to, channels, outline, problems);
        let unacked = unacked.map(|unacked| backup(unacked, channels, outline, problems));
        outline.notify.push(NotifyOutline { on: kinds, to, unacked });
    }
    places.gaps.rules = problems.len() > before;
}

fn kind(name: &Text, problems: &mut Vec<Problem>) -> Option<NoticeKind> {
    let kind = NoticeKind::planned(name.get_ref());
    if kind.is_none() && !unfilled(name, problems) {
        let known = NoticeKind::PLANNED.map(NoticeKind::name);
        let near = nearest(name.get_ref(), known);
        let help = near.map_or_else(|| format!("there are {}", known.join(", ")), |n| format!("did you mean `{n}`?"));
        let message = format!("nothing is told under the name `{}`", name.get_ref());
        problems.push(Problem::error("no-notice", name.span(), message).help(help));
    }
    kind
}

fn backup(table: UnackedTable, channels: &Channels, outline: &Outline, problems: &mut Vec<Problem>) -> Backup {
    sense::some(Some(&table.after), problems);
    if table.to.is_empty() {
        let message = "`to` names nothing, so nobody stands in";
        problems.push(Problem::error("empty", table.after.span(), message));
    }
    let to = named(&table.to, channels, outline, problems);
    Backup { after: table.after.into_inner(), to }
}

fn named(names: &[Text], channels: &Channels, outline: &Outline, problems: &mut Vec<Problem>) -> Vec<ChannelId> {
    for name in names {
        let id = name.get_ref().as_str();
        if channels.specs.contains_key(id) || channels.lost.may_be(id) || unfilled(name, problems) {
            continue;
        }
        let known: Vec<&str> = outline.channels.iter().map(|c| c.id.as_str()).collect();
        let help = match nearest(id, known.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None if known.is_empty() => format!("add [channel.{id}]"),
            None => format!("there are {}; or add [channel.{id}]", known.join(", ")),
        };
        problems.push(Problem::error("no-channel", name.span(), format!("there is no channel `{id}`")).help(help));
    }
    names.iter().map(|name| ChannelId::from(name.get_ref().as_str())).collect()
}

/// The heartbeat's URL; its interval goes into the outline.
pub(super) fn beats(table: HeartbeatTable, outline: &mut Outline, problems: &mut Vec<Problem>) -> String {
    if let Some(why) = heartbeat::problem(table.url.get_ref()) {
        problems.push(Problem::error("wrong-value", table.url.span(), why));
    }
    let short = |every: &&Time| *every.get_ref() < Span::secs(1);
    if let Some(every) = table.every.as_ref().filter(short) {
        let message = format!("`{}` is too often for a heartbeat", every.get_ref());
        problems.push(Problem::error("wrong-value", every.span(), message).help("write 30s or 60s"));
    }
    outline.heartbeat = Some(table.every.map_or(EVERY, Spanned::into_inner).max(Span::secs(1)));
    table.url.into_inner()
}
