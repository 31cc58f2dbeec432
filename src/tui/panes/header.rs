//! `Wallet v1.0.0  LIVE production   no hold   no SEV      02:42:10 CET   T+00:42:10   ana, lead  3 here`

use ratatui::style::Modifier;

use crate::core::event::{Actor, Mode};
use crate::core::reading::Level;
use crate::tui::incidents;
use crate::tui::model::Model;
use crate::tui::pen::{Pen, width};
use crate::tui::theme::Role;
use crate::tui::words;

/// Draws the header; on a tiny screen the clocks alone.
pub fn draw(model: &Model, pen: &mut Pen<'_>, tiny: bool) {
    let Some(launch) = &model.launch else { return };
    pen.fill(Role::Panel);
    let now = model.now();
    let time = if model.seconds() { model.zone.seconds(now) } else { model.zone.minutes(now) };
    let t = words::t_clock(now.since(launch.t0), model.seconds());
    if tiny {
        let x = pen.bold(0, 0, &t, Role::Hi);
        pen.put(x + 1, 0, &time, Role::Text);
        return;
    }
    let wide = pen.width() >= 110;
    let mut end = pen.width() - 1;
    let here = model.people.len();
    if here > 0 && pen.width() >= 100 {
        end = pen.right(end, 0, &format!("{here} here"), pen.theme.style(Role::Muted)).saturating_sub(2);
    }
    if let Some(you) = &model.you {
        let role = if model.observe {
            ", observes"
        } else if launch.lead == you.name {
            ", lead"
        } else {
            ""
        };
        let name = if wide { format!("{}{role}", you.name) } else { you.name.clone() };
        if width(&name) < 24 {
            end = pen.right(end, 0, &name, pen.theme.style(Role::Text)).saturating_sub(if wide { 4 } else { 2 });
        }
    }
    end = pen.right(end, 0, &t, pen.theme.style(Role::Hi)).saturating_sub(if wide { 4 } else { 2 });
    let zone = if pen.width() >= 75 { format!("{time} {}", model.zone.name(now)) } else { time };
    end = pen.right(end, 0, &zone, pen.theme.style(Role::Hi)).saturating_sub(2);

    let mut pen = pen.part(0, 0, end, 1);
    let x = pen.cut(1, 0, &launch.outline.name, end / 3, pen.theme.style(Role::Hi));
    let x = pen.cut(x + 1, 0, &launch.outline.version, end / 4, pen.theme.style(Role::Text));
    let x = match launch.mode {
        Mode::Live => {
            let style = pen.theme.bold(Role::Ground).bg(pen.theme.colour(Role::Hi));
            pen.badge(x + 2, 0, "LIVE", style)
        }
        Mode::Rehearsal => {
            let style = pen.theme.style(Role::Hi).add_modifier(Modifier::UNDERLINED);
            pen.cut(x + 2, 0, "REHEARSAL", u16::MAX, style)
        }
    };
    let x = pen.put(x + 1, 0, &launch.outline.environment, Role::Text);
    let gap = if wide { 3 } else { 2 };
    let x = match &launch.hold {
        None if wide => pen.put(x + gap, 0, "no hold", Role::Muted),
        None => x,
        Some(hold) => {
            let who = match &hold.by {
                Actor::Operator(o) => o.name.as_str(),
                Actor::Engine => "engine",
            };
            let text = format!("HOLD {who} {}", words::clock(now.since(hold.since)));
            let style = pen.theme.style(Role::WarnText);
            pen.badge(x + gap, 0, &text, style)
        }
    };
    severity(model, &mut pen, x + gap, wide);
}

fn severity(model: &Model, pen: &mut Pen<'_>, x: u16, wide: bool) {
    let open: Vec<u8> =
        model.launch.iter().flat_map(|l| &l.incidents).filter(|i| i.resolved.is_none()).map(|i| i.level).collect();
    match open.iter().min() {
        None if wide => {
            pen.put(x, 0, "no SEV", Role::Muted);
        }
        None => {}
        Some(level) => {
            let more = if open.len() > 1 { format!(" +{}", open.len() - 1) } else { String::new() };
            let mut text = format!("SEV{level}{more}");
            let mut worst = match level {
                1 => Level::Critical,
                2 => Level::Warn,
                _ => Level::Ok,
            };
            if let Some(due) = incidents::pressing(model) {
                let forms = [due.words(model.now()), due.when(model.now())];
                let room = pen.width().saturating_sub(x + width(&text) + 4);
                if let Some(fits) = forms.iter().find(|form| width(form) <= room) {
                    text = format!("{text}  {fits}");
                }
                worst = worst.max(due.level(model.now()));
            }
            match worst {
                Level::Critical => pen.badge(x, 0, &text, pen.theme.style(Role::CritText)),
                Level::Warn => pen.badge(x, 0, &text, pen.theme.style(Role::WarnText)),
                _ => pen.bold(x, 0, &text, Role::Hi),
            };
        }
    }
}
