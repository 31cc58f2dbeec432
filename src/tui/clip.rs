//! What is copied, and on which way it goes: inside tmux by tmux itself, which hands it on to the terminal outside; else
//! by the terminal's own sequence (OSC 52); else as plain text to be selected by hand. Which way it went is said each time.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::action::Action;
use super::answers::{self, Answers};
use super::dialogs::Overlay;
use super::model::{Model, PaneId, Target};
use super::msg::Effect;
use super::pen::{Pen, wrap};
use super::update::Effects;
use super::{frozen, panes, view, words};
use crate::core::event::Mode;
use crate::core::launch::{LaunchState, explain};
use crate::core::text::clean;

/// Terminals take no more of it in one sequence, as it is encoded.
pub const MOST: usize = 74_994;

/// How a text went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Went {
    /// Tmux took it.
    Tmux,
    /// It was sent to the terminal; whether that took it, nobody says. Why tmux did not, where it was asked.
    Terminal(Option<String>),
    /// It is too long for a terminal.
    TooLong,
}

/// Copies what is selected, or what the pane shows.
pub(super) fn item(model: &mut Model, out: &mut Effects) {
    let text = match model.focus {
        PaneId::Checklist | PaneId::Step => step(model),
        pane => Some(rows(model, pane)),
    };
    match text.filter(|text| !text.trim().is_empty()) {
        Some(text) => copy(model, text, out),
        None => model.refuse("there is nothing here to copy"),
    }
}

/// Copies how the launch stands, for a chat.
pub(super) fn chat(model: &mut Model, out: &mut Effects) {
    match standing(model) {
        Some(text) => copy(model, text, out),
        None => model.refuse("the launch is not here yet"),
    }
}

fn copy(model: &mut Model, text: String, out: &mut Effects) {
    // What a plan or a command says may hold anything; it is pasted elsewhere.
    let text: String = text.lines().map(|line| clean(line) + "\n").collect();
    model.copied = Some(text.clone());
    out.push(Effect::Copy(text));
}

/// Shows what was copied last, plain.
pub(super) fn show(model: &mut Model) {
    if model.copied.is_some() {
        model.overlay = Some(Overlay::Plain { scroll: 0 });
    } else {
        let key = model.key_of(Action::Copy);
        model.refuse(format!("nothing was copied yet; {key} copies what is selected"));
    }
}

/// What was copied, in rows of at most so many columns.
pub fn lines(model: &Model, columns: u16) -> Vec<String> {
    let text = model.copied.as_deref().unwrap_or_default();
    text.lines().flat_map(|line| if line.is_empty() { vec![String::new()] } else { wrap(line, columns) }).collect()
}

/// Says how it went.
pub(super) fn went(model: &mut Model, went: &Went) {
    let key = model.key_of(Action::Select);
    let lines = model.copied.as_deref().map_or(0, |text| text.lines().count());
    let what = format!("copied {}", words::count(lines, "line"));
    match went {
        Went::Tmux => model.toast(format!("{what} into tmux, which hands it to your terminal; {key} shows it")),
        Went::Terminal(None) => {
            model.toast(format!("{what} by your terminal (OSC 52); where it takes none, {key} shows it to select"));
        }
        Went::Terminal(Some(why)) => {
            model.toast(format!("{what} by your terminal (OSC 52), for tmux did not take it: {why}; {key} shows it"));
        }
        Went::TooLong => {
            show(model);
            model.refuse("too long for a terminal's clipboard: select it here");
        }
    }
}

/// The selected step or box, with what it waits for.
fn step(model: &Model) -> Option<String> {
    let launch = model.launch.as_ref()?;
    let Some(id) = model.selected_step() else { return phase(model, launch) };
    let planned = launch.outline.step(id)?;
    if let Some(Target::Item(_, item)) = &model.selected
        && model.focus == PaneId::Checklist
    {
        return planned.items.get(*item).cloned();
    }
    let said = explain(launch, &model.readout, id, model.now());
    let mut text = format!("{} ({id}): {}\n", planned.title, said.state);
    said.because.iter().for_each(|because| text += &format!("- {because}\n"));
    Some(text)
}

fn phase(model: &Model, launch: &LaunchState) -> Option<String> {
    let Some(Target::Phase(id)) = &model.selected else { return None };
    launch.outline.phases.iter().find(|phase| phase.id == *id).map(|phase| phase.title.clone())
}

/// The rows of a pane as they are seen, without what only the screen needs.
fn rows(model: &Model, pane: PaneId) -> String {
    let Some(place) = view::layout(model).pane(pane) else { return String::new() };
    let area = Rect::new(0, 0, place.width, place.height);
    let mut buffer = Buffer::empty(area);
    panes::draw(frozen::of(model, pane), pane, &mut Pen::new(&mut buffer, area, model.glyphs));
    let row = |y: u16| (0..area.width).map(|x| buffer[(x, y)].symbol()).collect::<String>().trim_end().to_owned();
    (0..area.height).map(row).filter(|row| !row.is_empty()).map(|row| row + "\n").collect()
}

/// How the launch stands, in Markdown.
fn standing(model: &Model) -> Option<String> {
    let launch = model.launch.as_ref()?;
    let (said, told) = (Answers::of(model)?, answers::told(model)?);
    let (outline, now) = (&launch.outline, model.now());
    let mode = if launch.mode == Mode::Rehearsal { " REHEARSAL" } else { "" };
    let clock = words::t_clock(now.since(launch.t0), true);
    let (time, zone) = (model.zone.seconds(now), model.zone.name(now));
    let mut text = format!("**{}** {}{mode}, {time} {zone}, {clock}\n", outline.called(), outline.environment);
    for (name, answer, more) in [
        ("NOW", &said.now, String::new()),
        ("NEXT", &said.next, told.next.at.clone()),
        ("BACK", &said.back, told.back.takes.clone()),
    ] {
        let lines = answer.lines.iter().map(|line| line.long()).filter(|line| !line.is_empty());
        let rest =
            [more.as_str()].into_iter().filter(|more| !more.is_empty()).chain(lines).collect::<Vec<_>>().join("; ");
        // The screen parts counts by space.
        let rest = rest.replace("  ", ", ");
        text += &format!("- {name} **{}** {rest}\n", answer.head.long());
    }
    for alarm in super::alarm::alarms(model) {
        let parts = [alarm.text.long(), &alarm.when, alarm.then.long()];
        let rest = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        text += &format!("- {} {rest}\n", alarm.word);
    }
    for (number, incident) in (1..).zip(&launch.incidents).filter(|(_, incident)| incident.resolved.is_none()) {
        let number: u32 = number;
        text += &format!("- SEV{} #{number}: {}\n", incident.level, incident.text);
    }
    Some(text)
}
