//! The test world for a person: `tests/run world` starts it, says how to launch a plan in it, and takes words that make
//! things go wrong. It is no test: `cargo test` leaves it out.

use std::io::{BufRead as _, Write as _};

use crate::support::app::{Manner, Version};
use crate::support::production::Production;

const WORDS: &str = "  green well|dead|fails|slow   how the new version behaves; so does blue
  replay pause|resume          the replica stops replaying, or goes on
  write                        20 MB into the primary, for the replica to be behind of
  queue N                      N jobs more in the queue `webhooks`; 0 empties it
  end                          ends all of it, as does Ctrl-D";

#[test]
#[ignore = "for a person: tests/run world"]
fn the_world_for_a_person() {
    let world = Production::start();
    let vars = world.vars().chunks(2).map(|pair| format!("  --var '{}'", pair[1])).collect::<Vec<_>>().join(" \\\n");
    println!("\nThe world is up: nginx before blue and green, PostgreSQL with a replica, Redis, Prometheus, users.");
    println!("In another terminal, in this directory:\n");
    println!("cargo run --release -- launch tests/plans/world.toml --new \\\n{vars}\n");
    println!("Here, while it runs:\n\n{WORDS}\n");
    let mut lines = std::io::stdin().lock().lines();
    loop {
        print!("world> ");
        std::io::stdout().flush().unwrap();
        let Some(Ok(line)) = lines.next() else { break };
        let words: Vec<&str> = line.split_whitespace().collect();
        match words[..] {
            [] => continue,
            ["end" | "quit" | "exit"] => break,
            _ => println!("{}", does(&world, &words).unwrap_or_else(|| WORDS.to_owned())),
        }
    }
    println!();
}

/// Does what the words say; none where they are not understood.
fn does(world: &Production, words: &[&str]) -> Option<String> {
    match *words {
        ["green", manner] => behaves(&world.app.green, manner),
        ["blue", manner] => behaves(&world.app.blue, manner),
        ["replay", "pause"] => {
            world.replica.must("select pg_wal_replay_pause()");
            Some("the replica does not replay; it falls behind with what is written".to_owned())
        }
        ["replay", "resume"] => {
            world.replica.must("select pg_wal_replay_resume()");
            Some("the replica replays".to_owned())
        }
        ["write"] => {
            world.primary.must("create table if not exists filler (t text)");
            world.primary.must("insert into filler select repeat(md5(i::text), 30) from generate_series(1, 20000) i");
            Some("written".to_owned())
        }
        ["queue", n] => {
            let n: usize = n.parse().ok()?;
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut redis = world.redis.connect().await;
                let command = match n {
                    0 => ::redis::cmd("DEL").arg("webhooks").to_owned(),
                    n => ::redis::cmd("RPUSH").arg("webhooks").arg(vec!["job"; n]).to_owned(),
                };
                let _: i64 = command.query_async(&mut redis).await.unwrap();
            });
            Some("done".to_owned())
        }
        _ => None,
    }
}

fn behaves(version: &Version, manner: &str) -> Option<String> {
    let (manner, what) = match manner {
        "well" => (Manner::Well, "answers 200"),
        "dead" => (Manner::Dead, "refuses connections"),
        "fails" => (Manner::Fails, "answers 500"),
        "slow" => (Manner::Slow, "answers after more than a second"),
        _ => return None,
    };
    version.set(manner);
    Some(format!("{} {what}", version.address))
}
