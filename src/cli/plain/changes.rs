//! What is otherwise than it was said: the three answers, alarms, levels of signals.

use std::collections::BTreeMap;

use crate::cli::standing::Standing;
use crate::core::ids::SignalId;
use crate::core::launch::answers::{Alarm, Answers};
use crate::core::reading::Level;
use crate::core::spell;
use crate::core::view::{Readout, SignalView};

/// What was said last.
#[derive(Default)]
pub struct Said {
    now: String,
    next: String,
    back: String,
    /// By what they are about, with the words of the moment in which they came.
    alarms: BTreeMap<String, String>,
    levels: BTreeMap<SignalId, Level>,
}

impl Said {
    /// What changed since the last time, each with its kind in a word: alarms that came and went, levels, then NOW, NEXT
    /// and BACK. The first time all of it is news, but for signals that are ok.
    pub fn news(&mut self, standing: &Standing, readout: &Readout) -> Vec<(&'static str, String)> {
        let Some(told) = &standing.answers else { return Vec::new() };
        let mut news = self.alarms(&told.alarms);
        news.extend(readout.signals.values().filter_map(|view| self.level(view)).map(|text| ("signal", text)));
        let Answers { now, next, back, .. } = told;
        let moves: Vec<String> = next.moves.iter().map(|one| format!("`{}`", spell::write(&one.order))).collect();
        let moves = if moves.is_empty() { String::new() } else { format!(": {}", moves.join(" or ")) };
        // A clock that runs on, or a figure that moves, is no news; another step is, also where only its number differs.
        let active: Vec<String> = standing.active.iter().map(|one| format!("{} {}", one.step, one.state)).collect();
        let doing = if active.is_empty() { now.doing.long().to_owned() } else { active.join(", ") };
        let all = [
            (
                (&mut self.now, format!("{} {doing}", letters(now.head.long()))),
                ("now", sentence(&[now.head.long(), now.doing.long()])),
            ),
            (
                (&mut self.next, format!("{}{moves}", next.what.long())),
                ("next", sentence(&[next.what.long(), next.who.long()]) + &moves),
            ),
            (
                (&mut self.back, sentence(&[back.head.long(), back.to.long()])),
                ("back", sentence(&[back.head.long(), back.to.long(), back.why.long()])),
            ),
        ];
        for ((before, now), said) in all {
            if *before != now {
                *before = now;
                news.push(said);
            }
        }
        news
    }

    fn alarms(&mut self, alarms: &[Alarm]) -> Vec<(&'static str, String)> {
        let now: BTreeMap<String, String> = alarms.iter().map(|alarm| (alarm.identity(), alarm.line())).collect();
        let over = self.alarms.iter().filter(|(id, _)| !now.contains_key(*id)).map(|(_, line)| ("over", line.clone()));
        let came = now.iter().filter(|(id, _)| !self.alarms.contains_key(*id)).map(|(_, line)| ("alarm", line.clone()));
        let news = over.chain(came).collect();
        self.alarms = now;
        news
    }

    fn level(&mut self, view: &SignalView) -> Option<String> {
        // While the first reading is on its way, NOW says so.
        view.last.as_ref()?;
        let was = match self.levels.insert(view.id.clone(), view.level) {
            Some(before) if before == view.level => return None,
            Some(before) => format!(", was {before}"),
            None if view.level == Level::Ok => return None,
            None => String::new(),
        };
        let why =
            view.why.as_ref().filter(|_| view.level != Level::Ok).map_or_else(String::new, |why| format!(": {why}"));
        Some(format!("{} {}{was}{why}", view.id, view.level))
    }
}

fn sentence(parts: &[&str]) -> String {
    let said: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    said.join("; ")
}

/// A text without its figures.
fn letters(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::launch::testing::*;
    use crate::core::order::What;
    use crate::core::time::Span;
    use crate::wire::message::Trouble;

    fn news(said: &mut Said, sim: &Sim) -> Vec<String> {
        let readout = sim.readout();
        let standing = Standing::of(&sim.state, Some(&readout), &Trouble::default());
        said.news(&standing, &readout).into_iter().map(|(kind, text)| format!("{kind} {text}")).collect()
    }

    #[test]
    fn a_line_comes_with_a_change_and_none_with_a_clock_that_runs() {
        let mut sim = Sim::new(plan(vec![runs("a", |_| {}), runs("b", |_| {})]));
        let mut said = Said::default();
        let first = news(&mut said, &sim);
        assert!(first.iter().any(|line| line.starts_with("next Step a")), "{first:?}");
        assert!(first.iter().any(|line| line.contains("`run a`")), "with the order to type: {first:?}");
        sim.pass(Span::secs(10));
        assert!(news(&mut said, &sim).iter().any(|line| line.starts_with("now ALL OK")));
        sim.start("a").unwrap();
        let started = news(&mut said, &sim);
        assert!(started.iter().any(|line| line.starts_with("now ") && line.contains("Step a, running")), "{started:?}");
        sim.pass(Span::secs(30));
        assert_eq!(news(&mut said, &sim), Vec::<String>::new(), "a clock alone is no news");
        sim.order(What::Hold { why: "looks odd".into() }).unwrap();
        assert!(!news(&mut said, &sim).is_empty());
    }

    #[test]
    fn another_step_is_news_also_where_only_its_number_differs() {
        let titled = |id: &str, title: &str, first: &[&str]| {
            runs(id, |s| {
                s.title = title.into();
                s.after = after(first);
            })
        };
        let all = vec![titled("share-5", "5 % to green", &[]), titled("share-25", "25 % to green", &["share-5"])];
        let mut sim = Sim::new(plan(all));
        sim.pass(Span::secs(10));
        let mut said = Said::default();
        assert!(news(&mut said, &sim).iter().any(|line| line.starts_with("next 5 % to green")));
        sim.does("share-5");
        let lines = news(&mut said, &sim);
        assert!(lines.iter().any(|line| line.starts_with("next 25 % to green")), "{lines:?}");
    }

    #[test]
    fn an_alarm_is_said_when_it_comes_and_when_it_is_over() {
        let mut sim = Sim::new(plan(vec![runs("a", |_| {})]));
        let mut said = Said::default();
        news(&mut said, &sim);
        sim.start("a").unwrap();
        sim.ends("a.do.1", 1);
        let failed = news(&mut said, &sim);
        assert!(failed.iter().any(|line| line.starts_with("alarm STEP FAILED Step a")), "{failed:?}");
        sim.pass(Span::mins(1));
        assert_eq!(news(&mut said, &sim), Vec::<String>::new(), "once");
        sim.order(What::Skip { step: "a".into(), why: "late".into(), not_applicable: false }).unwrap();
        let over = news(&mut said, &sim);
        assert!(over.iter().any(|line| line.starts_with("over STEP FAILED Step a")), "{over:?}");
    }
}
