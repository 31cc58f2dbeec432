//! Variables that nothing sets and whose names are nearly those of the plan: `$verison`. A shell takes them for empty and
//! goes on. Only a near miss is told: what else a command speaks of may come from the environment of the engine.

use super::Remark;
use super::shell::read;
use crate::core::expand::{Use, expansions, mentions, uses};

/// Names with capitals that the environment often has: near to one of the plan's they are still meant.
const OFTEN: &[&str] = &[
    "USER", "LOGNAME", "HOST", "HOSTNAME", "HOSTTYPE", "OSTYPE", "LANG", "LC_ALL", "MAIL", "EDITOR", "VISUAL", "PAGER",
    "DISPLAY", "TMPDIR", "TZ", "CI", "REPLY", "COLUMNS", "LINES",
];

/// Words that let a script have names from elsewhere.
const ELSEWHERE: &[&str] = &[".", "source", "eval"];

/// The remarks on the names in a command that has these variables: those that it uses and nothing sets.
pub fn on_names(text: &str, known: &[&str]) -> Vec<Remark> {
    let commands = read(text).commands;
    if commands.iter().any(|c| c.words.first().is_some_and(|w| ELSEWHERE.contains(&w.text.as_str()))) {
        return Vec::new();
    }
    let mut remarks = Vec::new();
    for used in expansions(text) {
        let own = used.given || known.contains(&used.name) || OFTEN.contains(&used.name) || mentions(text, used.name);
        if let Some(near) = (!own).then(|| near(used.name, known)).flatten() {
            let why = format!("nothing sets `{}`, and a shell takes it for empty; did you mean `{near}`?", used.name);
            remarks.push(Remark { at: used.at..used.end, why });
        }
    }
    remarks
}

/// The remarks on the names in a text that is no command: `$name`, where `${name}` is filled in and this is not.
pub fn on_plain_names(text: &str, known: &[&str]) -> Vec<Remark> {
    let bare = uses(text).into_iter().filter(|used| !text[used.at..].starts_with("${"));
    let remark = |used: Use<'_>| {
        let name = known.iter().copied().find(|k| *k == used.name).or_else(|| near(used.name, known))?;
        let why = if name == used.name {
            format!("`${name}` stays as it is: outside of commands write `${{{name}}}`")
        } else {
            format!("`${}` stays as it is; did you mean `${{{name}}}`?", used.name)
        };
        Some(Remark { at: used.at..used.end, why })
    };
    bare.filter_map(remark).collect()
}

/// The name of which one is nearly the same: a letter more or less, another, or two in the wrong order; of six letters
/// and more two such slips. Capitals count: `VERSION` is another name than `version`, often the environment's.
fn near<'a>(name: &str, known: &[&'a str]) -> Option<&'a str> {
    let length = name.chars().count();
    let most = match length {
        0..3 => return None,
        3..6 => 1,
        _ => 2,
    };
    let far = |known: &&'a str| strsim::damerau_levenshtein(known, name);
    known.iter().copied().min_by_key(far).filter(|known| (1..=most).contains(&far(known)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const KNOWN: &[&str] = &["version", "site", "TAGS", "user", "n", "TMINUS_STEP"];

    fn said(text: &str) -> Vec<(&str, String)> {
        on_names(text, KNOWN).into_iter().map(|r| (&text[r.at], r.why)).collect()
    }

    #[test]
    fn a_name_that_is_nearly_a_variable_is_told() {
        for (text, part, name) in [
            ("./deploy.sh $verison", "$verison", "version"),
            ("./deploy.sh \"v$vesion\"", "$vesion", "version"),
            ("./deploy.sh ${versions}", "${versions}", "version"),
            ("./deploy.sh ${verison%%-*}", "${verison", "version"),
            ("curl -f https://$stie/health", "$stie", "site"),
            ("bash -ec './x $verison'", "$verison", "version"),
            ("echo \"it's\"; ./x $verison", "$verison", "version"),
            ("cat <<EOF > x\n$verison\nEOF", "$verison", "version"),
            ("docker pull x:$TAG", "$TAG", "TAGS"),
            ("echo $TMINUS_STPE", "$TMINUS_STPE", "TMINUS_STEP"),
        ] {
            let said = said(text);
            assert!(said.len() == 1 && said[0].0 == part, "{text}: {said:?}");
            assert!(said[0].1.ends_with(&format!("did you mean `{name}`?")), "{text}: {said:?}");
        }
    }

    #[test]
    fn a_name_that_something_sets_or_that_is_not_near_is_not() {
        for text in [
            "./deploy.sh $version ${site} $n",
            "versions=$(ls); ./x $versions",
            "for sites in a b; do ./x $sites; done",
            "read -r verison < x; echo $verison",
            "printf -v verison x; echo $verison",
            "./x --arg verison 1 '.a = $verison'",
            "echo $HOME $PATH $USER $HOSTNAME $PWD $? $$ $1 $@",
            "echo $VERSION",
            "echo $other $m $si",
            "echo \\$verison",
            "awk '{ print $verison }' x",
            "./x # then $verison",
            "cat <<'EOF' > x\n$verison\nEOF\n./x",
            "echo ${verison:-none} ${stie-}",
            ". ./settings; echo $verison",
            "eval \"$(./settings)\"; echo $version $verison",
        ] {
            assert_eq!(said(text), [], "{text}");
        }
    }

    #[test]
    fn outside_of_commands_a_name_wants_braces() {
        let said = |text: &str| on_plain_names(text, KNOWN).into_iter().map(|r| r.why).collect::<Vec<_>>();
        assert_eq!(said("to $version"), ["`$version` stays as it is: outside of commands write `${version}`"]);
        assert_eq!(said("https://$stie/x"), ["`$stie` stays as it is; did you mean `${site}`?"]);
        for text in ["${version}", "$$", "$.checks", "costs 5 $", "^a$", "$other", "$VERSION", "$1"] {
            assert_eq!(said(text), [] as [&str; 0], "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "[$\\{}'\"<\\\\ \\nEOFé#a-c:!-]{0,40}") {
            for remark in on_names(&text, &["abc", "aé"]).into_iter().chain(on_plain_names(&text, &["abc"])) {
                prop_assert!(text.get(remark.at).is_some());
            }
        }
    }
}
