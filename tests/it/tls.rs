//! The `http` probe against real TLS: whose certificate it trusts, and which faults of a certificate are the server's.

use std::path::Path;
use std::process::Command;

use serde_json::json;
use tminus::core::reading::Outcome;

use crate::support::probe::{Found, ask, setup};
use crate::support::web::{Reply, Web};
use crate::support::{Server, free_port, program};

pub fn openssl(dir: &Path, arguments: &str) {
    let mut command = Command::new(program("openssl", "openssl", &["/usr/bin"]));
    let out = command.current_dir(dir).args(arguments.split_whitespace()).output().unwrap();
    assert!(out.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&out.stderr));
}

/// A web server whose certificate an authority of the test's own has signed for `name`, valid between two days.
fn serve(dir: &Path, name: &str, valid: &str) -> (Server, u16) {
    std::fs::write(dir.join("san"), format!("subjectAltName={name}\n")).unwrap();
    openssl(dir, "req -newkey rsa:2048 -nodes -keyout key.pem -out request.pem -subj /CN=server");
    openssl(
        dir,
        &format!(
            "x509 -req -in request.pem -CA ca.pem -CAkey ca-key.pem -CAcreateserial -extfile san -out cert.pem {valid}"
        ),
    );
    show(dir, "key.pem", "cert.pem")
}

/// A web server with that key and that certificate.
pub fn show(dir: &Path, key: &str, certificate: &str) -> (Server, u16) {
    let port = free_port();
    let mut command = Command::new(program("openssl", "openssl", &["/usr/bin"]));
    command.current_dir(dir).args(["s_server", "-quiet", "-www", "-key", key, "-cert", certificate]);
    command.args(["-accept", &format!("127.0.0.1:{port}")]);
    let mut server = Server::start(command, dir);
    server.wait_for_port(port);
    (server, port)
}

async fn look(port: u16, ca: Option<&Path>) -> Result<Found, String> {
    let mut table = json!({ "url": format!("https://127.0.0.1:{port}/") });
    if let Some(ca) = ca {
        table["ca"] = ca.display().to_string().into();
    }
    ask("http", table, setup(&[])).await
}

#[tokio::test(flavor = "multi_thread")]
async fn certificates_good_unknown_expired_and_for_another_name() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    openssl(
        dir,
        "req -x509 -newkey rsa:2048 -nodes -keyout other-key.pem -out other-ca.pem -days 30 -subj /CN=another",
    );
    openssl(dir, "req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -days 30 -subj /CN=authority");
    let ca = dir.join("ca.pem");

    let (good, port) = serve(dir, "IP:127.0.0.1", "-days 30");
    assert_eq!(look(port, Some(&ca)).await.unwrap().get("up"), &Outcome::well());
    let stranger = look(port, Some(&dir.join("other-ca.pem"))).await.unwrap_err();
    assert!(stranger.contains("an authority that this machine does not know"), "{stranger}");
    assert!(look(port, None).await.is_err(), "nothing of it is trusted unasked");
    let nowhere = look(port, Some(&dir.join("none.pem"))).await.unwrap_err();
    assert!(nowhere.contains("none.pem"), "{nowhere}");
    drop(good);

    let (_other, port) = serve(dir, "DNS:elsewhere.example", "-days 30");
    let wrong = look(port, Some(&ca)).await.unwrap();
    assert!(wrong.failing("up").ends_with("is for another name"), "{wrong:?}");

    let (_expired, port) = serve(dir, "IP:127.0.0.1", "-days -1");
    let expired = look(port, Some(&ca)).await.unwrap();
    assert!(expired.failing("up").ends_with("has expired"), "{expired:?}");
    assert_eq!(expired.no_data("status"), "no HTTP answer");

    let plain = Web::start(|_| Reply::text(200, "text/plain", "hello")).await;
    let found = look(plain.address.port(), Some(&ca)).await.unwrap();
    assert!(found.failing("up").ends_with("does not speak TLS"), "{found:?}");
}

/// As `openssl req -x509` makes it, which says that it is an authority's.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_signed_itself_is_taken_where_the_plan_names_that_very_one() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let make = |name: &str, san: &str| {
        openssl(
            dir,
            &format!(
                "req -x509 -newkey rsa:2048 -nodes -keyout {name}-key.pem -out {name}.pem -days 30 -subj /CN=x -addext \
                 subjectAltName={san}"
            ),
        );
    };
    make("own", "IP:127.0.0.1");
    make("other", "IP:127.0.0.1");
    make("elsewhere", "DNS:elsewhere.example");
    let (own, port) = show(dir, "own-key.pem", "own.pem");
    assert_eq!(look(port, Some(&dir.join("own.pem"))).await.unwrap().get("up"), &Outcome::well());
    // Who does not know it can't tell whether the server is well, and is told the way out.
    for ca in [None, Some(dir.join("other.pem"))] {
        let why = look(port, ca.as_deref()).await.unwrap_err();
        assert!(why.ends_with("as a self-signed one is: name that very one with `ca`"), "{why}");
    }
    drop(own);

    let (elsewhere, port) = show(dir, "elsewhere-key.pem", "elsewhere.pem");
    let found = look(port, Some(&dir.join("elsewhere.pem"))).await.unwrap();
    assert!(found.failing("up").ends_with("is for another name"), "{found:?}");
    drop(elsewhere);

    std::fs::write(dir.join("old"), "basicConstraints=CA:TRUE\nsubjectAltName=IP:127.0.0.1\n").unwrap();
    openssl(dir, "req -new -key own-key.pem -out old.csr -subj /CN=x");
    openssl(dir, "x509 -req -in old.csr -signkey own-key.pem -extfile old -days -1 -out old.pem");
    let (_old, port) = show(dir, "own-key.pem", "old.pem");
    let found = look(port, Some(&dir.join("old.pem"))).await.unwrap();
    assert!(found.failing("up").ends_with("has expired"), "{found:?}");

    std::fs::write(dir.join("none.pem"), "no certificate\n").unwrap();
    assert!(look(port, Some(&dir.join("none.pem"))).await.unwrap_err().ends_with("it has no certificate in it"));
}

/// What signed it bears the name of an authority that is trusted, and is another.
#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_by_somebody_of_an_authoritys_name_is_not_trusted_and_that_is_not_the_servers_fault() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    openssl(dir, "req -x509 -newkey rsa:2048 -nodes -keyout ca-key.pem -out ca.pem -days 30 -subj /CN=localhost");
    openssl(
        dir,
        "req -x509 -newkey rsa:2048 -nodes -keyout own-key.pem -out own.pem -days 30 -subj /CN=localhost -addext \
         subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE",
    );
    let (_own, port) = show(dir, "own-key.pem", "own.pem");
    let why = look(port, Some(&dir.join("ca.pem"))).await.unwrap_err();
    assert!(why.contains("no authority of this machine has signed"), "{why}");
    assert!(why.ends_with("name it with `ca`"), "{why}");
    assert_eq!(look(port, Some(&dir.join("own.pem"))).await.unwrap().get("up"), &Outcome::well());
}
