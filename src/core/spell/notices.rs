//! How orders about notices and mutes are spelled.

use super::read::Reader;
use super::write::quoted;
use crate::core::ids::TriggerId;
use crate::core::notice::{Muted, Subject};
use crate::core::order::What;
use crate::core::text::did_you_mean;
use crate::core::time::Span;

/// What is acknowledged by its number.
enum Numbered {
    Notice(u32),
    Incident(u32),
}

impl Reader<'_> {
    pub(super) fn notices(&mut self, word: &str) -> Result<What, String> {
        Ok(match word {
            "ack" => self.acknowledge()?,
            "mute" => {
                let of = self.muted()?;
                let span = self.next("how long")?;
                let span: Span = span.parse()?;
                What::Mute { of, span, why: self.text("why")? }
            }
            "unmute" => What::Unmute { of: self.muted()? },
            _ => What::NotifyTest { channel: self.next("the channel")?.into() },
        })
    }

    /// What is meant by a name: an incident (`#2`, `SEV1 #2`), a notice (`notice 5`), a trigger, or whatever the notices that
    /// stand are about. A number alone is of a notice or of an incident, and refused where it may be both. With `all`, or no
    /// word at all, all that nobody is on yet. A misspelt name must not mean all.
    fn acknowledge(&mut self) -> Result<What, String> {
        let state = self.state;
        let open = || state.notices.standing().filter(|n| n.wants_someone());
        let fired = |id: &TriggerId| {
            state.triggers.get(id).and_then(|t| t.fired.as_ref()).is_some_and(|f| f.dismissed.is_none())
        };
        let unseen =
            |id: &TriggerId| state.triggers.get(id).and_then(|t| t.fired.as_ref()).is_some_and(|f| f.acked.is_none());
        if let Some(named) = self.numbered()? {
            return Ok(match named {
                Numbered::Notice(number) => {
                    What::Acknowledge { notices: vec![number], triggers: Vec::new(), text: self.rest_text() }
                }
                Numbered::Incident(incident) => {
                    let about = state.notices.standing().filter(|n| n.subject == Subject::Incident(incident));
                    let notices: Vec<u32> = about.map(|n| n.number).collect();
                    let text = self.rest_text();
                    match notices.is_empty() {
                        // Nobody is told of it, and its clock runs all the same.
                        true => What::Respond { incident, text },
                        false => What::Acknowledge { notices, triggers: Vec::new(), text },
                    }
                }
            });
        }
        if let Some(name) = self.rest.first().filter(|name| *name != "all") {
            let about = state.notices.standing().filter(|n| n.subject.to_string() == *name);
            let notices: Vec<u32> = about.map(|n| n.number).collect();
            let trigger = state.outline.triggers.iter().map(|t| &t.id).find(|id| id.as_str() == name);
            let triggers: Vec<TriggerId> = trigger.into_iter().cloned().collect();
            if !notices.is_empty() || !triggers.is_empty() {
                self.rest = &self.rest[1..];
                return Ok(What::Acknowledge { notices, triggers, text: self.rest_text() });
            }
            if state.outline.probes.iter().any(|p| {
                name.strip_prefix(p.id.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
            }) {
                return Err(format!(
                    "nobody was told of `{name}`, so that nothing waits for a word on it: no rule of `[[notify]]` did, or it is over; \
                     `note TEXT` puts on record that you look into it"
                ));
            }
            let about = state.notices.standing().map(|n| n.subject.to_string());
            let known: Vec<String> = about
                .chain(state.outline.triggers.iter().map(|t| t.id.to_string()))
                .chain(["all".to_owned()])
                .collect();
            let hint = did_you_mean(name, known.iter().map(String::as_str));
            return Err(format!(
                "nothing that people were told of is called `{name}`{hint}; `ack all TEXT` takes all of it"
            ));
        }
        self.rest = self.rest.get(1..).unwrap_or_default();
        let notices: Vec<u32> = open().map(|n| n.number).collect();
        let triggers = state.outline.triggers.iter().map(|t| &t.id).filter(|id| fired(id) && unseen(id));
        Ok(What::Acknowledge { notices, triggers: triggers.cloned().collect(), text: self.rest_text() })
    }

    /// A notice or an incident that is named by its number; none where a name or nothing stands there.
    fn numbered(&mut self) -> Result<Option<Numbered>, String> {
        let state = self.state;
        let bare = |word: &str| word.parse::<u32>().ok();
        let incident = |word: &str| bare(word.strip_prefix('#')?);
        let severity = |word: &str| {
            let level = word.to_ascii_lowercase();
            matches!(level.as_str(), "sev1" | "sev2" | "sev3" | "sev4")
        };
        let (found, words) = match self.rest {
            [word, number, ..] if word == "notice" && bare(number).is_some() => (bare(number).map(Numbered::Notice), 2),
            [word, number, ..] if severity(word) => (incident(number).map(Numbered::Incident), 2),
            [word, ..] if incident(word).is_some() => (incident(word).map(Numbered::Incident), 1),
            [word, ..] => match bare(word) {
                Some(number) => (Some(self.either(number)?), 1),
                None => (None, 0),
            },
            [] => (None, 0),
        };
        if let Some(Numbered::Incident(number)) = found
            && (number as usize).checked_sub(1).is_none_or(|at| at >= state.incidents.len())
        {
            return Err(format!("there is no incident #{number}"));
        }
        if found.is_some() {
            self.rest = &self.rest[words..];
        }
        Ok(found)
    }

    /// What a number alone means.
    fn either(&self, number: u32) -> Result<Numbered, String> {
        let state = self.state;
        let notice = state.notices.standing().find(|n| n.number == number);
        let incident = (number as usize).checked_sub(1).and_then(|at| state.incidents.get(at));
        let incident = incident.filter(|incident| incident.resolved.is_none());
        match (notice, incident) {
            (Some(notice), Some(incident)) if notice.subject != Subject::Incident(number) => {
                let what = format!("SEV{} #{number} {}", incident.level, incident.text);
                Err(format!(
                    "{number} is an incident and a notice: `ack #{number}` for {}, `ack notice {number}` for {}",
                    what.trim_end(),
                    notice.text
                ))
            }
            (_, Some(_)) => Ok(Numbered::Incident(number)),
            _ => Ok(Numbered::Notice(number)),
        }
    }

    fn muted(&mut self) -> Result<Muted, String> {
        let outline = self.state.outline.clone();
        let name = self.next("what is muted")?;
        if name == "all" {
            return Ok(Muted::All);
        }
        if let Some(trigger) = outline.triggers.iter().find(|t| t.id.as_str() == name) {
            return Ok(Muted::Trigger(trigger.id.clone()));
        }
        if let Some(probe) = outline.probes.iter().find(|p| p.id.as_str() == name) {
            return Ok(Muted::Probe(probe.id.clone()));
        }
        let known = outline.triggers.iter().map(|t| t.id.as_str()).chain(outline.probes.iter().map(|p| p.id.as_str()));
        let hint = did_you_mean(name, known);
        Err(format!("the plan has no trigger or probe `{name}`{hint}"))
    }
}

/// Such an order as it would be typed.
pub(super) fn write(what: &What) -> String {
    let or = |text: &str, else_: &str| if text.trim().is_empty() { else_.to_owned() } else { quoted(text) };
    match what {
        What::Acknowledge { notices, triggers, text } => {
            let name = match (notices.as_slice(), triggers.as_slice()) {
                (_, [trigger]) => trigger.to_string(),
                ([number], []) => format!("notice {number}"),
                _ => "all".to_owned(),
            };
            format!("ack {name} {}", or(text, "")).trim_end().to_owned()
        }
        What::Mute { of, span, why } => format!("mute {of} {span} {}", or(why, "WHY")),
        What::Unmute { of } => format!("unmute {of}"),
        What::NotifyTest { channel } => format!("notify-test {channel}"),
        _ => String::new(),
    }
}
