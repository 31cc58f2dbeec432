//! `Wallet v1.0.0  LIVE production   no hold   no SEV      02:42:10 CET  window to 04:00    T+00:42:10   ana, lead  3 here`
//!
//! Where it is narrow, what is worth least goes first. LIVE, a hold and a severity never go.

use ratatui::style::{Modifier, Style};

use crate::core::launch::{LaunchState, Near, Room, next_change, next_duty, on_shift, window_now};
use crate::core::notice::Muted;
use crate::core::outline::Outline;
use crate::core::reading::Level;
use crate::core::time::Span;
use crate::core::wall::Wall;
use crate::core::window::Stands;
use crate::tui::model::Model;
use crate::tui::notices;
use crate::tui::pen::{Pen, both_ends, fit, width};
use crate::tui::role::Role;
use crate::tui::words;

use super::notices::words_of;

/// Something that the header says.
struct Part {
    /// The longest form first; an empty one says nothing.
    forms: Vec<String>,
    style: Style,
    /// On a fill, with a blank on both sides.
    filled: bool,
    /// Columns before it.
    gap: u16,
    /// The form that is shown.
    at: usize,
}

const NAME: usize = 0;
const VERSION: usize = 1;
/// LIVE gives up nothing; a rehearsal, that something is injected.
const MODE: usize = 2;
const ENVIRONMENT: usize = 3;
const HOLD: usize = 4;
const SEVERITY: usize = 5;
const TOLD: usize = 6;
const SHIFT: usize = 7;
/// From here on the parts stand at the right.
const WALL: usize = 8;
const WINDOW: usize = 9;
const CLOCK: usize = 10;
const YOU: usize = 11;
const HERE: usize = 12;

/// Who gives up a form, one after the other, until all fits. A long name and a long version are cut before the environment
/// is: which of two it is often stands at its end. What is left of the name is what the screen is of, and goes nearly last.
const GIVES: [usize; 33] = [
    SHIFT,
    SEVERITY,
    HOLD,
    HERE,
    SHIFT,
    YOU,
    TOLD,
    MODE,
    WINDOW,
    NAME,
    VERSION,
    SHIFT,
    YOU,
    WALL,
    WINDOW,
    VERSION,
    SEVERITY,
    YOU,
    HOLD,
    WINDOW,
    TOLD,
    WALL,
    NAME,
    NAME,
    ENVIRONMENT,
    ENVIRONMENT,
    ENVIRONMENT,
    SEVERITY,
    HOLD,
    ENVIRONMENT,
    NAME,
    CLOCK,
    CLOCK,
];

/// Draws the header.
pub fn draw(model: &Model, pen: &mut Pen<'_>) {
    let Some(launch) = &model.launch else { return };
    pen.fill(Role::Panel);
    let all = pen.width();
    let mut parts = parts(model, launch, pen);
    space(&mut parts, all);
    // The clock is worth more than the blanks around LIVE and HOLD.
    parts.iter_mut().filter(|_| all < 24).for_each(|part| part.filled = false);
    for part in GIVES {
        if needs(&parts) <= all {
            break;
        }
        parts[part].at = (parts[part].at + 1).min(parts[part].forms.len() - 1);
    }
    // What is left over goes to the name.
    let name = width(parts[NAME].shown()) + all.saturating_sub(needs(&parts));
    let (short, more) = fit(&launch.outline.name, usize::from(name), pen.glyphs.more);
    if !parts[NAME].shown().is_empty() {
        let more = if more { pen.glyphs.more } else { "" };
        (parts[NAME].forms, parts[NAME].at) = (vec![format!("{short}{more}")], 0);
    }
    let mut x = 1;
    for part in &parts[..WALL] {
        x = part.draw(pen, x);
    }
    let mut x = all.saturating_sub(1 + parts[WALL..].iter().map(Part::width).sum::<u16>()).max(x);
    for part in &parts[WALL..] {
        x = part.draw(pen, x);
    }
}

impl Part {
    fn new<T: Into<String>>(style: Style, forms: impl IntoIterator<Item = T>) -> Self {
        Self { forms: forms.into_iter().map(Into::into).collect(), style, filled: false, gap: 1, at: 0 }
    }

    fn on_fill(self) -> Self {
        Self { filled: true, ..self }
    }

    fn shown(&self) -> &str {
        self.forms.get(self.at).map_or("", String::as_str)
    }

    fn width(&self) -> u16 {
        match self.shown() {
            "" => 0,
            text => self.gap + width(text) + if self.filled { 2 } else { 0 },
        }
    }

    fn draw(&self, pen: &mut Pen<'_>, x: u16) -> u16 {
        match self.shown() {
            "" => x,
            text if self.filled => pen.badge(x + self.gap, 0, text, self.style),
            text => pen.cut(x + self.gap, 0, text, u16::MAX, self.style),
        }
    }
}

/// Columns that all of it needs: a blank at both ends, and two before what stands at the right.
fn needs(parts: &[Part]) -> u16 {
    2 + parts.iter().map(Part::width).sum::<u16>()
}

fn space(parts: &mut [Part], all: u16) {
    let roomy = all >= 110;
    for (i, part) in parts.iter_mut().enumerate() {
        part.gap = match i {
            NAME => 0,
            // Its fill touches the word LIVE, as one block.
            ENVIRONMENT if part.filled => 0,
            VERSION | ENVIRONMENT => 1,
            _ if all < 60 => 1,
            HOLD | SEVERITY | TOLD | SHIFT if roomy => 3,
            CLOCK | YOU if roomy => 4,
            _ => 2,
        };
    }
}

fn parts(model: &Model, launch: &LaunchState, pen: &Pen<'_>) -> Vec<Part> {
    let now = model.now();
    let style = Role::style;
    let short = |text: &str, room: u16| match fit(text, usize::from(room), pen.glyphs.more) {
        (_, false) => text.to_owned(),
        (shown, true) => format!("{shown}{}", pen.glyphs.more),
    };
    let Outline { name, version, environment, .. } = &*launch.outline;
    let ends = |room: u16| both_ends(environment, usize::from(room), pen.glyphs.more);
    let mode = match launch.rehearsal() {
        None => Part::new(Role::Ground.bold().bg(Role::Hi.ink()), ["LIVE"]).on_fill(),
        Some(word) => {
            let injected = model.readout.signals.values().any(|view| view.injected);
            let long = injected.then(|| format!("{word} INJECTED"));
            Part::new(style(Role::Hi).add_modifier(Modifier::UNDERLINED), long.into_iter().chain([word]))
        }
    };
    let time = if model.seconds() { model.zone.seconds(now) } else { model.zone.minutes(now) };
    let zone = format!("{time} {}", model.zone.name(now));
    let clock = |seconds| words::t_clock(now.since(launch.t0), seconds);
    let you = model.you.as_ref().map_or_else(
        || vec![String::new()],
        |you| {
            let role = match (model.observe, launch.lead == you.name) {
                (true, true) => ", observes".to_owned(),
                (false, true) => ", lead".to_owned(),
                (observes, false) => {
                    let observes = if observes { ", observes" } else { "" };
                    format!("{observes}; {} leads", short(&launch.lead, 24))
                }
            };
            let name = short(&you.name, 24);
            let mark = if you.declared { " (declared)" } else { "" };
            vec![format!("{name}{mark}{role}"), format!("{name}{mark}"), name, String::new()]
        },
    );
    let here = match model.people.len() {
        0 => String::new(),
        n => format!("{n} here"),
    };
    vec![
        Part::new(style(Role::Hi), [name.clone(), short(name, 24), short(name, 14), short(name, 8), String::new()]),
        Part::new(style(Role::Text), [short(version, 20), short(version, 10), String::new()]),
        mode,
        place(model, environment, [environment.clone(), ends(24), ends(16), short(environment, 6), String::new()]),
        hold(model, launch),
        severity(model, launch),
        told(model, launch),
        shift(model, launch),
        Part::new(style(Role::Hi), [zone, time, String::new()]),
        window(model, launch),
        Part::new(style(Role::Hi), [clock(model.seconds()), clock(false), String::new()]),
        Part::new(style(Role::Text), you),
        Part::new(style(Role::Muted), [here, String::new()]),
    ]
}

/// The environment, on its accent where the theme gives it one.
fn place<const N: usize>(model: &Model, environment: &str, forms: [String; N]) -> Part {
    if model.theme.accents(environment) {
        Part::new(Role::EnvironmentText.style(), forms).on_fill()
    } else {
        Part::new(Role::Text.style(), forms)
    }
}

/// A window is near its end for so long.
const ENDS: Span = Span::mins(30);

/// `window to 04:00`, or when it opens.
fn window(model: &Model, launch: &LaunchState) -> Part {
    let now = model.now();
    let wall = Wall::of(launch);
    let (role, forms) = match window_now(launch, now) {
        None => (Role::Muted, vec![String::new()]),
        Some(Stands::Open { until, .. }) => {
            let role = if until.since(now) <= ENDS { Role::Warn } else { Role::Text };
            let until = wall.near(until, now);
            let fit = model.facts.forecast.fit.filter(|fit| fit.waits);
            let go = fit.map(|fit| match fit.room(now) {
                Room::Fits => format!("window to {until}, go by {}", wall.near(fit.latest_go, now)),
                Room::Late => format!("window to {until}, too late to go"),
                Room::BeginsLate => format!("window to {until}, begins too late"),
                Room::TooShort => format!("window to {until}, too short"),
            });
            let role = if fit.is_some_and(|fit| fit.late) { Role::Warn } else { role };
            let forms = go.into_iter().chain([format!("window to {until}"), format!("to {until}"), String::new()]);
            (role, forms.collect())
        }
        Some(Stands::Closed { opens: Some(opens) }) => {
            let opens = wall.near(opens, now);
            (Role::Warn, vec![format!("window opens {opens}"), format!("opens {opens}"), String::new()])
        }
        Some(Stands::Closed { opens: None }) => (Role::Warn, vec!["window closed".to_owned(), String::new()]),
    };
    Part::new(role.style(), forms)
}

fn hold(model: &Model, launch: &LaunchState) -> Part {
    let Some(hold) = &launch.hold else { return Part::new(Role::Muted.style(), ["no hold", ""]) };
    let (who, whole) = (hold.whose(), hold.by.to_string());
    let since = words::clock(model.now().since(hold.since));
    let more = match launch.more_holds.len() {
        0 => String::new(),
        more => format!(" +{more}"),
    };
    let forms = [
        format!("HOLD {whole} {since}{more}"),
        format!("HOLD {who} {since}{more}"),
        format!("HOLD {since}{more}"),
        format!("HOLD{more}"),
    ];
    Part::new(Role::WarnText.style(), forms).on_fill()
}

/// What people were told of and nobody is on, what is muted, and channels that can't send: `2 unacked, 1 muted`.
/// That everything is muted goes before how much, and stays to the last.
fn told(model: &Model, launch: &LaunchState) -> Part {
    if let Some(mute) = launch.notices.mutes.iter().find(|mute| mute.of == Muted::All) {
        let until = Wall::of(launch).near(mute.until, model.now());
        let forms = [format!("ALL MUTED to {until}"), "ALL MUTED".to_owned(), "MUTED".to_owned()];
        return Part::new(Role::WarnText.style(), forms).on_fill();
    }
    let all @ (open, muted, failing) = notices::counts(launch);
    let loud = words_of((open, 0, failing), ", ");
    let role = if loud.is_empty() { Role::Hi } else { Role::Warn };
    let short = if loud.is_empty() { words_of((0, muted, 0), "") } else { loud };
    Part::new(role.style(), [words_of(all, ", "), short, String::new()])
}

/// `on-call Ana to 16:00`, `on-call Ana, Ben is due for 4:10`.
fn shift(model: &Model, launch: &LaunchState) -> Part {
    let now = model.now();
    let Some(on) = on_shift(launch) else { return Part::new(Role::Muted.style(), [""]) };
    let who = format!("{} {}", on.role, on.who);
    let change = next_change(launch, now);
    let near = change.map_or(Near::Ahead, |change| change.near(now));
    let long = change.map(|change| match near {
        Near::Ahead | Near::Soon => format!("{who} to {}", Wall::of(launch).near(change.at, now)),
        Near::Due | Near::Overdue => format!("{who}, {} is {}", change.turn.who, change.when(now)),
    });
    let role = if near > Near::Ahead { Role::Warn } else { Role::Text };
    Part::new(role.style(), [long.unwrap_or_else(|| who.clone()), who, on.who.to_owned(), String::new()])
}

fn severity(model: &Model, launch: &LaunchState) -> Part {
    let open: Vec<u8> = launch.incidents.iter().filter(|i| i.resolved.is_none()).map(|i| i.level).collect();
    let Some(level) = open.iter().min() else {
        return Part::new(Role::Muted.style(), ["no SEV", ""]);
    };
    let more = if open.len() > 1 { format!(" +{}", open.len() - 1) } else { String::new() };
    let name = format!("SEV{level}{more}");
    let due = next_duty(launch);
    let pressing = due.as_ref().map_or(Level::Ok, |due| due.level(model.now()));
    let worst = pressing.max(match level {
        1 => Level::Critical,
        2 => Level::Warn,
        _ => Level::Ok,
    });
    let beside = due.iter().flat_map(|due| [due.words(model.now()), due.when(model.now())]);
    let forms: Vec<String> = beside.map(|due| format!("{name}  {due}")).chain([name.clone()]).collect();
    match worst {
        Level::Critical => Part::new(Role::CritText.style(), forms).on_fill(),
        Level::Warn => Part::new(Role::WarnText.style(), forms).on_fill(),
        _ => Part::new(Role::Hi.bold(), forms),
    }
}
