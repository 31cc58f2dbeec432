//! How orders about shifts are spelled.

use super::read::Reader;
use super::write::quoted;
use crate::core::launch::on_shift;
use crate::core::order::What;

impl Reader<'_> {
    pub(super) fn shifts(&mut self, word: &str) -> Result<What, String> {
        Ok(match word {
            "handover" => {
                let to = if self.keyword("to") { Some(self.next("to whom")?.to_owned()) } else { None };
                What::Handover { to, text: self.rest_text() }
            }
            // Whether there is one is for the rules to say.
            "accept" => {
                let offer = self.state.shifts.offer.as_ref();
                What::Accept { handover: offer.map_or(self.state.shifts.count, |offer| offer.number) }
            }
            _ => What::TakeOver {
                from: on_shift(self.state).map_or_else(String::new, |on| on.who.to_owned()),
                why: self.text("why")?,
            },
        })
    }
}

/// Such an order as it would be typed.
pub(super) fn write(what: &What) -> String {
    let or = |text: &str, else_: &str| if text.trim().is_empty() { else_.to_owned() } else { quoted(text) };
    match what {
        What::Handover { to, text } => {
            let to = to.as_ref().map_or_else(String::new, |to| format!(" to {}", quoted(to)));
            format!("handover{to} {}", or(text, "")).trim_end().to_owned()
        }
        What::Accept { .. } => "accept".to_owned(),
        What::TakeOver { why, .. } => format!("take-over {}", or(why, "WHY")),
        _ => String::new(),
    }
}
