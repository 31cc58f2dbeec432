//! Whether somebody looks at the HTTP status that `curl` writes: `code=$(curl -s -w '%{http_code}' …)` without `-f` is right
//! where the command goes on with `$code`, and hides every failure where it does not.

use super::Remark;
use super::args::Args;
use super::unwrap::{Run, program};
use crate::core::text::mentions;

/// A `curl` whose status is kept in a variable that the command never names. `text` is the whole command.
pub(super) fn unread(run: &Run, runs: &[Run], text: &str) -> Option<Remark> {
    let args = Args::of(&run.command.words, program(&run.command.words));
    if args.name != "curl" || args.has("-f --fail --fail-with-body -K --config") || !args.has("-w --write-out") {
        return None;
    }
    let assigns = || runs.iter().flat_map(|other| &other.command.assigns);
    let kept = assigns().find(|word| word.at.start < run.at.start && run.at.end <= word.at.end)?;
    let name = text.get(kept.at.clone())?.split_once('=')?.0;
    // In `(( … ))` a name stands without `$`.
    let read = mentions(text, name) || text.contains("((");
    (!read).then(|| Remark {
        at: run.at.clone(),
        why: format!(
            "`curl` without `-f` ends well on a 404 and a 500, and nothing looks at `${name}`: write `curl -fsS`"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::{each, said};

    #[test]
    fn commands_that_hide_their_failure() {
        let (part, why) = &said("set -x; curl -s https://example.com/health | jq .")[0];
        assert_eq!(part, "curl -s https://example.com/health");
        assert!(why.contains("curl -fsS"));
        for text in each(
            r#"psql "$DB" < dump.sql
            x=$(curl -s u)
            curl -w "@curl-format.txt" -o /dev/null -s u
            curl -s -o /dev/null -w '%{http_code}' u
            code=$(curl -s -o /dev/null -w '%{http_code}' u)
            code=$(curl -s -o /dev/null -w '%{http_code}' u); echo "asked, $coded"
            timeout 10 curl u
            sudo -u postgres psql -f x
            docker exec db psql -f x
            psql -v ON_ERROR_STOP=0 -f x
            psql -f x -c y
            psql -c 'drop table a' -c 'select 1'
            psql --command='drop table a' --command='select 1'
            psql -c "$(cat a.sql)" -d app -c "$(cat b.sql)""#,
        ) {
            let said = said(text);
            assert!(
                said.len() == 1 && (said[0].1.contains("ON_ERROR_STOP") || said[0].1.contains("-fsS")),
                "{text}: {said:?}"
            );
        }
        for text in each(
            r#"curl -fsS h
            curl --fail h
            curl -sSf h
            curl -K conf
            curl --fail-with-body -X POST h
            code=$(curl -s -o /dev/null -w '%{http_code}' h); [ "$code" = 200 ]
            code=`curl -s -o /dev/null -w '%{http_code}' h`; echo "${code}" | grep 200
            if code=$(curl -s -o /dev/null -w '%{http_code}' h) && ((code < 500)); then ./x; fi
            export code=$(curl -s -w '%{http_code}' h); ./judge
            curl -s -w '%{http_code}' h | ./judge
            test "$(curl -s -o /dev/null -w '%{http_code}' h)" = 200
            curl -s h | grep -q ok
            psql -v ON_ERROR_STOP=1 -f x
            psql --set=ON_ERROR_STOP=on -f x
            psql -c 'select 1'
            psql -Atc 'select 1' "$DB""#,
        ) {
            assert_eq!(said(text), [], "{text}");
        }
    }
}
