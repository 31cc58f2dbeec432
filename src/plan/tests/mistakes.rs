//! One mistake hides no other, and nothing false follows from it: neither an error nor a warning.

use super::rows::{STEP, errors, said};
use crate::plan::problem::Severity;

#[test]
fn of_variables_each_mistake_is_said_once_where_it_is() {
    errors(&[
        ("[vars]\na='${a}'\n", &["«'${a}'» the variable `a` is made of itself // give one"]),
        (
            "[vars]\nz='${c}/x'\nc='${b}'\nb='${a}'\na='${c}'\n",
            &["«'${b}'» these variables are made of each other: c → b → a → c"],
        ),
        (
            "[vars]\na='${b}'\nb='${c}'\nc='${hots}'\nhost='h'\n",
            &["«'${hots}'» there is no variable `hots`; did you mean `host`?"],
        ),
        (
            "[vars]\na='${b}'\nb='${secret.token}'\nSTEPtitle='${a}'\n".replace("STEP", STEP).as_str(),
            &["can't hold a secret"],
        ),
        ("[vars]\na='${b}'\nb='${a}'\nx='${y}'\ny='${x}'\n", &["a → b → a", "x → y → x"]),
        ("[vars]\na=['1']\nb='${a}'\n", &["«['1']» a variable is a text"]),
    ]);
}

#[test]
fn what_has_a_name_says_it() {
    errors(&[
        ("STEPtitle=''", &["«''» `title` is empty // say what people call it, or leave it out: its id is shown then"]),
        ("[[probe]]\nid='p'\ntcp='a:1'\ntitle=' '", &["«' '» `title` is empty"]),
        ("[roles.qa]\nname=''", &["«''» `name` is empty // say what people call it"]),
    ]);
    let text = "[plan]\nname=''\nenvironment=''\n";
    let found = said(text, Severity::Error);
    assert!(found.len() == 2 && found[0].contains("`name` is empty"), "{found:#?}");
    assert!(found[1].contains("`environment` is empty // say where"), "{found:#?}");
}
