//! What a person does with the checklist on the screen. The selection follows what is next, so that each way begins at
//! the top; and a key that must have an effect is pressed until it has.

use tminus::core::order::Ballot;

use super::terminal::Terminal;

/// The row that is selected.
pub fn selected(screen: &str) -> &str {
    screen.lines().find(|line| line.starts_with('▌')).unwrap_or_default()
}

/// Selects the first row under `top` with this title; `top` is the title of the first phase.
pub fn select(screen: &mut Terminal, top: &str, title: &str) {
    screen.press_until("gg", &format!("{top} selected"), |s| selected(s).contains(top));
    screen.press_until("j", &format!("{title} selected"), |s| selected(s).contains(title));
}

/// Selects a step and starts it.
pub fn start(screen: &mut Terminal, top: &str, title: &str) {
    select(screen, top, title);
    let asked = format!("Start {title}");
    screen.press_until("x", &format!("{title} asked"), |s| s.contains(&asked));
    screen.press_until("y", &format!("{title} begun"), |s| !s.contains(&asked));
}

/// Selects a box and ticks it.
pub fn tick(screen: &mut Terminal, top: &str, title: &str) {
    select(screen, top, title);
    screen.keys(" ");
    screen.wait_for(&format!("ticked: {title}"));
}

/// Selects a gate, opens its poll and decides go.
pub fn go(screen: &mut Terminal, top: &str, title: &str) {
    select(screen, top, title);
    screen.press_until("x", "the poll open", |s| s.contains("poll opened"));
    screen.press_until("d", "the decision asked", |s| s.contains("NO-GO"));
    screen.press_until("g", "the decision made", |s| !s.contains("NO-GO"));
}

/// Votes at the gate that is selected, for the role of this number and name; a no-go then asks why.
pub fn vote(screen: &mut Terminal, number: usize, role: &str, ballot: Ballot) {
    screen.press_until("v", "the votes", |s| s.contains("g  go for "));
    screen.press_until(&number.to_string(), "the role chosen", |s| s.contains(&format!("g  go for {role}")));
    let key = if ballot == Ballot::Go { "g" } else { "n" };
    screen.press_until(key, "the vote cast", |s| !s.contains("g  go for "));
}

/// Types the answer to the question at the bottom.
pub fn says(screen: &mut Terminal, question: &str, answer: &str) {
    screen.wait_for(question);
    screen.keys(answer);
    screen.wait_for(answer);
    screen.press_until("\r", "the answer taken", |s| !s.contains(question));
}

/// Takes the way back of this title.
pub fn back(screen: &mut Terminal, title: &str) {
    screen.press_until("R", "the ways back", |s| s.contains("Go back"));
    screen.wait_for(title);
    let number = |screen: &str| -> Option<char> {
        let line = screen.lines().rev().find(|line| line.contains(title) && line.contains('▌'))?;
        line[..line.find(title)?].chars().rfind(char::is_ascii_digit)
    };
    let number = number(&screen.screen()).unwrap_or_else(|| panic!("no number: {}", screen.screen()));
    screen.press_until(&number.to_string(), "the way chosen", |s| s.contains(&format!("WHAT {number} DOES")));
    screen.press_until("y", "the way back begun", |s| !s.contains("DOES"));
}
