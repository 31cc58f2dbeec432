//! Calling whoever looks elsewhere: the terminal's bell, and a notification of the desktop where the terminal is known to
//! make one; once for each alarm that comes, and not while the terminal says that it has the focus. What is muted calls
//! nobody.

use std::collections::BTreeMap;

use super::alarm::Alarm;
use super::model::Model;
use crate::core::text::clean;
use crate::core::time::Span;

/// An alarm that comes again within this long after it went is not new.
const SAME: Span = Span::mins(1);
/// No notification shows more characters of one.
const LONGEST: usize = 200;

/// How the terminal calls. All but the last ring its bell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum How {
    /// As the terminal is known to do it
    #[default]
    Auto,
    /// By its bell alone; tmux marks the window then
    Bell,
    /// By OSC 9, as iTerm2 and WezTerm take it
    Osc9,
    /// By OSC 777, as foot, Ghostty and rxvt take it
    Osc777,
    /// By OSC 99, as kitty takes it
    Osc99,
    /// Not at all
    Off,
}

impl How {
    /// The same, chosen by what the environment says of the terminal where it is [`How::Auto`]. tmux and screen drop
    /// notifications, and pass the bell on.
    pub fn here(self, var: impl Fn(&str) -> Option<String>) -> Self {
        if self != How::Auto {
            return self;
        }
        let said = |name: &str| var(name).unwrap_or_default();
        let (term, program) = (said("TERM"), said("TERM_PROGRAM"));
        let begins = |words: &[&str]| words.iter().any(|word| term.starts_with(word));
        match program.as_str() {
            _ if !said("TMUX").is_empty() || begins(&["tmux", "screen"]) => How::Bell,
            "iTerm.app" | "WezTerm" => How::Osc9,
            "ghostty" => How::Osc777,
            _ if begins(&["xterm-kitty"]) => How::Osc99,
            _ if begins(&["wezterm"]) => How::Osc9,
            _ if begins(&["foot", "xterm-ghostty", "rxvt-unicode"]) => How::Osc777,
            _ => How::Bell,
        }
    }

    /// What the terminal is sent so that it calls with this text.
    fn sequence(self, title: &str, text: &str) -> String {
        // A semicolon parts the fields.
        let plain = |text: &str| clean(text).replace(';', ",").chars().take(LONGEST).collect::<String>();
        let (title, text) = (plain(title), plain(text));
        match self {
            How::Off => String::new(),
            How::Auto | How::Bell => "\x07".to_owned(),
            How::Osc9 => format!("\x1b]9;{title}: {text}\x07\x07"),
            How::Osc777 => format!("\x1b]777;notify;{title};{text}\x07\x07"),
            How::Osc99 => format!("\x1b]99;;{title}: {text}\x1b\\\x07"),
        }
    }
}

/// Knows which alarms were there.
#[derive(Default)]
pub struct Caller {
    /// When each was there last; none before the first look.
    seen: Option<BTreeMap<String, Span>>,
}

impl Caller {
    /// What is sent to the terminal because of alarms that were not there before. Those that stand when the screen opens
    /// call nobody: somebody just opened it.
    pub fn look(&mut self, model: &Model, alarms: &[Alarm]) -> Option<String> {
        let launch = model.launch.as_ref().filter(|_| model.loaded)?;
        let now = model.mono;
        let first = self.seen.is_none();
        let seen = self.seen.get_or_insert_default();
        seen.retain(|_, at| now - *at < SAME);
        let came: Vec<&Alarm> =
            alarms.iter().filter(|alarm| seen.insert(alarm.identity.clone(), now).is_none() && alarm.calls).collect();
        let alarm = came.first().filter(|_| !first && !model.focused && model.alerts)?;
        let more = if came.len() > 1 { format!(" (and {} more)", came.len() - 1) } else { String::new() };
        let title = format!("tminus {}", launch.outline.called());
        let text = format!("{} {}{more}", alarm.word, alarm.text.long());
        // A shared screen shows what the desktop tells, too.
        let text = model.veil.as_ref().map_or(text.clone(), |veil| veil.text(&text, model.glyphs.dot));
        Some(model.calls_by.sequence(&title, &text)).filter(|sequence| !sequence.is_empty())
    }
}

/// Lets alarms call, or no longer.
pub(super) fn toggle(model: &mut Model) {
    if model.calls_by == How::Off {
        return model.refuse("`--alerts off` was asked for; begin again without it");
    }
    model.alerts = !model.alerts;
    model.toast(match (model.alerts, model.calls_by) {
        (false, _) => "new alarms ring no more",
        (true, How::Auto | How::Bell | How::Off) => "new alarms ring the terminal's bell while you look elsewhere",
        (true, _) => "new alarms ring the bell and the desktop tells them while you look elsewhere",
    });
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum as _;

    use super::*;

    #[test]
    fn a_terminal_is_sent_what_it_is_known_to_take_and_else_the_bell() {
        let here = |said: &[(&str, &str)]| {
            let known: BTreeMap<&str, &str> = said.iter().copied().collect();
            How::Auto.here(|name| known.get(name).map(|value| (*value).to_owned()))
        };
        for (said, how) in [
            (&[("TERM", "xterm-256color")][..], How::Bell),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "iTerm.app")], How::Osc9),
            (&[("TERM", "xterm-256color"), ("TERM_PROGRAM", "WezTerm")], How::Osc9),
            (&[("TERM", "xterm-ghostty")], How::Osc777),
            (&[("TERM", "foot")], How::Osc777),
            (&[("TERM", "xterm-kitty")], How::Osc99),
            (&[("TERM", "tmux-256color"), ("TERM_PROGRAM", "WezTerm")], How::Bell),
            (&[("TERM", "xterm-kitty"), ("TMUX", "/tmp/tmux-0/default,1,0")], How::Bell),
        ] {
            assert_eq!(here(said), how, "{said:?}");
        }
        assert_eq!(How::Off.here(|_| Some("foot".to_owned())), How::Off, "what was asked for is done");
        let names = How::value_variants().iter().filter_map(How::to_possible_value).map(|v| v.get_name().to_owned());
        assert_eq!(names.collect::<Vec<_>>(), ["auto", "bell", "osc9", "osc777", "osc99", "off"]);
        assert!(How::from_str("osc8", false).is_err());
    }

    #[test]
    fn what_is_told_can_not_end_its_sequence() {
        let told = How::Osc777.sequence("a;b\x07", "x\x1b]0;y\x07z");
        assert_eq!(told.matches('\x07').count(), 2);
        assert_eq!(told.matches('\x1b').count(), 1);
        assert_eq!(told.matches(';').count(), 3);
        assert!(How::Osc9.sequence("t", &"x".repeat(5000)).len() < 300);
    }
}
