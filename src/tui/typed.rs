//! The line that is typed at the bottom: its keys, and what it comes to with Enter.

use super::act::act;
use super::away;
use super::checklist;
use super::command::{self, Command};
use super::dialogs::{Kind, LineInput, Overlay, Purpose, open};
use super::edit::Edit;
use super::incidents;
use super::keymap::Key;
use super::model::{Asked, Model, PaneId};
use super::moves;
use super::msg::Effect;
use super::update::{Effects, get, order, send};
use crate::core::order::What;
use crate::core::watch::CheckAct;
use crate::wire::message::Query;
use crossterm::event::KeyCode;

/// A key for the line.
pub(super) fn on_line(model: &mut Model, mut line: LineInput, key: Key, out: &mut Effects) {
    match key.code {
        KeyCode::Esc => {
            model.overlay = None;
            match line.purpose {
                Purpose::Filter(pane) => _ = model.filters.remove(&pane),
                purpose => {
                    model.recall.keep(&purpose, line.edit.text());
                    if let Purpose::Text(What::Respond { .. } | What::Acknowledge { .. }) = purpose {
                        model.refuse("not sent: you did not take it on");
                    }
                }
            }
            return;
        }
        KeyCode::Char('c') if key.ctrl => {
            model.overlay = None;
            return;
        }
        KeyCode::Backspace if line.edit.text().is_empty() => {
            model.overlay = None;
            return;
        }
        KeyCode::Enter => {
            model.overlay = None;
            submit(model, line, out);
            return;
        }
        KeyCode::Tab | KeyCode::BackTab if matches!(line.purpose, Purpose::Command) => {
            let (turn, before) = line.completing.clone().unwrap_or((0, line.edit.text().to_owned()));
            let mut options = command::complete(model, &before);
            // The only one that begins so is meant, whatever else resembles it.
            if options.iter().filter(|(text, _)| text.starts_with(&before)).count() == 1 {
                options.truncate(1);
            }
            if !options.is_empty() {
                let turn = if key.code == KeyCode::Tab { turn } else { turn + options.len().saturating_sub(2) };
                line.edit = Edit::with(options[turn % options.len()].0.clone());
                line.completing = Some((turn + 1, before));
                if options.len() == 1 {
                    line.edit.insert(" ");
                    line.completing = None;
                }
            }
        }
        KeyCode::Char('x') if key.ctrl => match model.editor.clone() {
            Some(editor) if takes_editor(&line.purpose) => out.push(Effect::Edit(editor, line.edit.text().to_owned())),
            Some(_) => line.problem = Some("an editor is for longer texts: notes, reasons, messages".to_owned()),
            None => line.problem = Some("no editor is known: set VISUAL or EDITOR".to_owned()),
        },
        KeyCode::Up => model.recall.show(&mut line, true),
        KeyCode::Down => model.recall.show(&mut line, false),
        _ => {
            if line.edit.key(key) {
                line.completing = None;
                line.problem = None;
                line.recalled = None;
            }
        }
    }
    if let Purpose::Filter(pane) = line.purpose {
        model.filters.insert(pane, line.edit.text().to_owned());
        model.scroll.remove(&pane);
        if pane == PaneId::Checklist {
            checklist::to_shown(model);
        }
    }
    model.overlay = Some(Overlay::Line(line));
}

/// Whether the text of a line may become long. What a command is sent may be a secret, and goes into no file.
pub fn takes_editor(purpose: &Purpose) -> bool {
    matches!(purpose, Purpose::Text(what) if !matches!(what, What::Input { .. }))
        || matches!(purpose, Purpose::Describe(_))
}

/// The editor ended. Enter is still the person's: what was written is seen before it goes.
pub(super) fn edited(model: &mut Model, text: Result<String, String>) {
    model.dirty = true;
    match (text, &mut model.overlay) {
        (Ok(text), Some(Overlay::Line(line))) if takes_editor(&line.purpose) => {
            line.edit = Edit::with(text);
            line.problem = None;
        }
        // The line is gone; the text is found again with Up.
        (Ok(text), _) => model.recall.keep(&Purpose::Text(What::Note { text: String::new() }), &text),
        (Err(why), Some(Overlay::Line(line))) => line.problem = Some(why),
        (Err(why), _) => model.refuse(why),
    }
}

fn submit(model: &mut Model, mut line: LineInput, out: &mut Effects) {
    match line.purpose.clone() {
        Purpose::Filter(pane) => {
            model.recall.keep(&line.purpose, line.edit.text());
            if line.edit.text().is_empty() {
                model.filters.remove(&pane);
            }
        }
        Purpose::Command => {
            let text = line.edit.text().trim().to_owned();
            if text.is_empty() {
                return;
            }
            if let Some(found) = command::meant(model, &text) {
                // What only shows something does so at once; an order is seen in the line before it is given.
                if !found.starts_with("explain ") {
                    line.edit = Edit::with(format!("{found} "));
                    line.completing = None;
                    model.overlay = Some(Overlay::Line(line));
                    return;
                }
                line.edit = Edit::with(found);
                return submit(model, line, out);
            }
            match command::read(model, &text, line.about.as_ref()) {
                Ok(command) => {
                    // What a command is sent may be a secret.
                    if !matches!(command, Command::Order(What::Input { .. })) {
                        model.recall.keep(&Purpose::Command, &text);
                    }
                    match command {
                        Command::Order(what) => order(model, what, out),
                        Command::Action(action) => act(model, action, out),
                        Command::Page(step) => moves::open_page(model, step),
                        Command::Explain(name) => model.overlay = Some(Overlay::Explain { name, scroll: 0 }),
                        Command::Sh(command) => run_beside(model, command),
                        Command::Update(number) => incidents::ask_update(model, number),
                        Command::Handover => super::dialogs::open(model, super::dialogs::Kind::Handover { scroll: 0 }),
                        Command::Away => away::show(model),
                        Command::Diff => get(model, Asked::PlanDiff, Query::PlanDiff, out),
                    }
                }
                Err(problem) => {
                    line.problem = Some(problem);
                    // It was said which one it is now.
                    line.about = model.selected_step().cloned();
                    model.overlay = Some(Overlay::Line(line));
                }
            }
        }
        Purpose::Text(what) => {
            let text = line.edit.text().trim().to_owned();
            let may_be_empty = matches!(
                what,
                What::Severity { .. }
                    | What::Respond { .. }
                    | What::Acknowledge { .. }
                    | What::Resolved { .. }
                    | What::Move { .. }
                    | What::Called { .. }
                    | What::Input { .. }
                    | What::Handover { .. }
                    | What::Check { act: CheckAct::Done { .. }, .. }
            );
            if text.is_empty() && !may_be_empty {
                let missing = match what {
                    What::Update { .. } => "say how it goes, or Esc",
                    What::Describe { .. } | What::Check { act: CheckAct::Found { .. }, .. } => {
                        "say what is wrong, or Esc"
                    }
                    _ => "say why, or Esc",
                };
                line.problem = Some(missing.to_owned());
                model.overlay = Some(Overlay::Line(line));
                return;
            }
            model.recall.keep(&line.purpose, &text);
            let alone = text.is_empty();
            let follows = match what {
                What::Severity { incident, level, .. } if alone => Some((incident, level)),
                _ => None,
            };
            let sent = send(model, with_text(what, text), out);
            if let (Some(id), Some((of, level))) = (sent, follows) {
                incidents::ask_more(model, id, of, level);
            }
        }
        Purpose::Describe(id) => {
            let text = line.edit.text().trim().to_owned();
            model.recall.keep(&Purpose::Describe(id.clone()), &text);
            if !text.is_empty() && !incidents::describe(model, &id, text) {
                line.problem = Some("not said: the incident was not opened; Esc leaves".to_owned());
                model.overlay = Some(Overlay::Line(line));
                return;
            }
            incidents::described(model, out);
        }
    }
}

/// Asks whether to run a command that is not in the plan.
fn run_beside(model: &mut Model, command: String) {
    if model.observe {
        return model.refuse("you observe: you may look, note and hold; come without --observe");
    }
    open(model, Kind::Sh(command));
}

/// The order with the text that it lacked.
fn with_text(mut what: What, said: String) -> What {
    match &mut what {
        What::Hold { why }
        | What::Release { why, .. }
        | What::Skip { why, .. }
        | What::Resolve { why, .. }
        | What::RollbackByHand { why, .. }
        | What::RollbackLeave { why, .. }
        | What::RollbackSettled { why, .. }
        | What::Outside { why, .. }
        | What::StopNow { why, .. }
        | What::Dismiss { why, .. }
        | What::TakeOver { why, .. } => *why = said,
        What::Severity { text, .. }
        | What::Describe { text, .. }
        | What::Respond { text, .. }
        | What::Acknowledge { text, .. }
        | What::Update { text, .. }
        | What::Resolved { text, .. }
        | What::Move { text, .. }
        | What::Called { text, .. }
        | What::Handover { text, .. }
        | What::Note { text } => *text = said,
        What::Input { line, .. } => *line = said,
        What::Check { act, .. } => match act {
            CheckAct::Done { why } => *why = Some(said).filter(|said| !said.is_empty()),
            CheckAct::Found { text } => *text = said,
            CheckAct::Skip { why } => *why = said,
            CheckAct::Tick { .. } => {}
        },
        What::Vote { why, .. } | What::Decide { why, .. } | What::Done { why, .. } => *why = Some(said),
        _ => {}
    }
    what
}
