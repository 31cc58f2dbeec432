//! A Redis of the test's own.

use std::process::Command;

use super::{Server, free_port, program};

/// A running redis-server without persistence.
pub struct Redis {
    /// Where it listens.
    pub port: u16,
    server: Server,
    _dir: tempfile::TempDir,
}

impl Redis {
    /// Starts one, with further lines for its configuration.
    pub fn start(config: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        let mut lines = vec![format!("port {port}"), "bind 127.0.0.1".into(), "save \"\"".into()];
        lines.push(format!("dir {}", dir.path().display()));
        lines.extend(config.iter().map(|line| (*line).to_owned()));
        let file = dir.path().join("redis.conf");
        std::fs::write(&file, lines.join("\n")).unwrap();
        let mut command = Command::new(program("redis-server", "redis-server", &["/usr/bin"]));
        command.arg(&file);
        let mut server = Server::start(command, dir.path());
        server.wait_for_port(port);
        Self { port, server, _dir: dir }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    /// A connection to fill it with.
    pub async fn connect(&self) -> redis::aio::MultiplexedConnection {
        redis::Client::open(self.url()).unwrap().get_multiplexed_async_connection().await.unwrap()
    }

    /// Its process.
    pub fn server(&mut self) -> &mut Server {
        &mut self.server
    }
}
