//! A Prometheus of the test's own.

use std::process::Command;

use super::{Server, free_port, program};

/// A running Prometheus that scrapes one target every second.
pub struct Prometheus {
    /// Where it listens.
    pub port: u16,
    _server: Server,
    _dir: tempfile::TempDir,
}

impl Prometheus {
    /// Starts one that scrapes `target` (`host:port`) at `/metrics`.
    pub fn start(target: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        let config = format!(
            "global: {{scrape_interval: 1s, evaluation_interval: 1s}}\n\
             scrape_configs:\n- job_name: app\n  static_configs: [{{targets: ['{target}']}}]\n"
        );
        let file = dir.path().join("prometheus.yml");
        std::fs::write(&file, config).unwrap();
        let mut command = Command::new(program("prometheus", "prometheus", &["/usr/bin"]));
        command
            .arg(format!("--config.file={}", file.display()))
            .arg(format!("--storage.tsdb.path={}", dir.path().join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .current_dir(dir.path());
        let mut server = Server::start(command, dir.path());
        server.wait_for_port(port);
        Self { port, _server: server, _dir: dir }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}
