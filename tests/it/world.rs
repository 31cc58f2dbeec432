//! The test world itself: it does what the journey through it rests on.

use crate::support::app::{App, Manner};
use crate::support::nginx::Nginx;
use crate::support::users::Users;
use crate::support::wait_for;
use std::process::Command;

fn shift(nginx: &Nginx, percent: u32) -> bool {
    Command::new(nginx.shift()).arg(percent.to_string()).output().unwrap().status.success()
}

fn count(users: &Users, of: impl Fn(&str, u16) -> bool) -> u64 {
    users.got().iter().filter(|((version, status), _)| of(version, *status)).map(|(_, n)| n).sum()
}

/// Why the plan probes each version and the share: the public name tells nothing of a dead green.
#[test]
fn the_public_name_hides_a_dead_version_but_not_one_that_answers_500() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let app = App::start();
    let nginx = Nginx::start(app.blue.address, app.green.address);
    let users = Users::start(&format!("{}/pay", nginx.url()));
    wait_for("some answers from blue", || (count(&users, |v, s| v == "blue" && s == 200) > 20).then_some(()));
    assert_eq!(count(&users, |v, _| v == "green"), 0);

    assert!(shift(&nginx, 25));
    users.forget();
    wait_for("a quarter from green", || {
        let (green, all) = (count(&users, |v, _| v == "green"), count(&users, |_, _| true));
        (all > 60 && green as f64 / all as f64 > 0.15).then_some(())
    });

    app.green.set(Manner::Dead);
    users.forget();
    wait_for("many answers", || (count(&users, |_, _| true) > 100).then_some(()));
    let bad = count(&users, |_, status| status != 200);
    assert!(bad <= 4, "only what was under way may be lost: {:?}", users.got());

    app.green.set(Manner::Fails);
    assert!(shift(&nginx, 25));
    wait_for("500 for the users", || (count(&users, |v, s| v == "green" && s == 500) > 5).then_some(()));

    assert!(shift(&nginx, 0));
    app.green.set(Manner::Well);
    wait_for("nothing but blue", || {
        users.forget();
        wait_for("answers", || (count(&users, |_, _| true) > 20).then_some(()));
        (count(&users, |v, _| v == "green") == 0).then_some(())
    });
    assert!(nginx.upstream().contains("down"), "{}", nginx.upstream());
    assert!(app.answered("blue", 200) > 0 && app.answered("green", 500) > 0);
}
