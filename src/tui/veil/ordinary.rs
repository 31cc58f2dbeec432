//! Ordinary words that are names too. Such a name is covered only as it is written, so that no sentence of ours has holes.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use crate::core::spell::ORDERS;
use crate::tui::action::Action;
use crate::tui::hints;
use crate::tui::model::PaneId;

/// English words by which people are called.
const NAMES: &str = "you me we he she they will may might long short mark art bill grant hope faith grace joy rose lily dawn \
    june april august summer autumn rain sky star storm frank ernest miles chase chance rich rob sue pat drew guy jack ray \
    reed wade cliff dale glen heath brook lane ford park hill wood woods stone field moor marsh lake rivers banks church \
    house hall king knight bishop page cook baker smith mason carter cooper fisher fox wolf bird lamb bull drake swan small \
    little young old strong power swift bright white black green blue brown gray grey gold silver day noon weeks winter snow \
    frost snowball north west east good best noble love price rice case chase close cross down early fair first last free gate \
    hold holder key law major minor more most moody new next one other plain post read ready real right root round sharp \
    still stop swing till true walker ward way well wise wells work yes no ok ask tell must be can do an in on to so";

/// Whether it is one, in small letters, or stands in what our own hints, keys and orders say.
pub(super) fn is_ordinary(word: &str) -> bool {
    static ALL: LazyLock<BTreeSet<String>> = LazyLock::new(|| {
        let hints =
            PaneId::ALL.iter().flat_map(|pane| hints::of(*pane).iter().flat_map(|(_, short, long)| [*short, *long]));
        let orders = ORDERS.iter().map(|order| order.what);
        let texts = Action::all().map(Action::doc).chain(hints).chain(orders).chain([NAMES]);
        let words = texts.flat_map(|text| text.split(|c: char| !c.is_alphanumeric()));
        words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect()
    });
    ALL.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_every_day_and_of_our_own_texts_are_ordinary_and_names_are_not() {
        for word in ["you", "will", "may", "long", "mark", "grant", "alarm", "rollback"] {
            assert!(is_ordinary(word), "{word}");
        }
        for word in ["ana", "devon", "quinn", "weber", "benjamin", "tom"] {
            assert!(!is_ordinary(word), "{word}");
        }
    }
}
