//! A mail server of its own: aiosmtpd, with STARTTLS and a login.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Server, free_port, program, wait_for};

/// Who may send, and the password.
pub const USER: &str = "tminus";
/// See [`USER`].
pub const PASSWORD: &str = "correct horse";

/// The server, and the directory of its mails.
pub struct Mail {
    dir: tempfile::TempDir,
    /// Where it listens.
    pub port: u16,
    _server: Server,
}

impl Mail {
    /// Starts it, with a certificate for `localhost` that the test makes.
    pub fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        program("aiosmtpd", "python3-aiosmtpd", &[]);
        let openssl = program("openssl", "openssl", &[]);
        let made = Command::new(openssl)
            .args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"])
            .args(["-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE"])
            .args(["-keyout", "key.pem", "-out", "cert.pem"])
            .current_dir(dir.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        let port = free_port();
        // Debian's packages are for its own Python.
        let mut command = Command::new("/usr/bin/python3");
        command
            .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/support/mail.py"))
            .args([&port.to_string(), "mails", "cert.pem", "key.pem", USER, PASSWORD])
            .current_dir(dir.path());
        let mut server = Server::start(command, dir.path());
        server.wait_for_port(port);
        Self { dir, port, _server: server }
    }

    /// The certificate that its clients must trust.
    pub fn certificate(&self) -> PathBuf {
        self.dir.path().join("cert.pem")
    }

    /// The mails that came, in no order.
    pub fn mails(&self) -> Vec<String> {
        let files = std::fs::read_dir(self.dir.path().join("mails/new")).into_iter().flatten().flatten();
        files.map(|file| std::fs::read_to_string(file.path()).unwrap()).collect()
    }

    /// Waits for a mail that has these words.
    pub fn wait(&self, words: &str) -> String {
        let of = || self.mails().into_iter().find(|mail| mail.contains(words));
        wait_for(&format!("a mail with `{words}` in {:?}", self.mails()), of)
    }
}
