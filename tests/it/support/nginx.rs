//! An nginx of the test's own before two servers, with the script by which a plan shifts traffic between them.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Server, free_port, program};

/// A running nginx.
pub struct Nginx {
    /// Where it listens: the public name.
    pub port: u16,
    dir: tempfile::TempDir,
    server: Server,
}

impl Nginx {
    /// Starts one that gives everything to `blue`.
    pub fn start(blue: SocketAddr, green: SocketAddr) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let port = free_port();
        let nginx = program("nginx", "nginx-light", &["/usr/sbin"]);
        let here = dir.path().display();
        // As root, nginx would let its workers run as somebody who can't read our directory.
        let user = if rustix::process::geteuid().is_root() { "user root;" } else { "" };
        let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
            .iter()
            .map(|kind| format!("  {kind}_temp_path {here}/{kind};\n"))
            .collect();
        let config = format!(
            "{user}\npid {here}/nginx.pid;\nerror_log {here}/error.log;\nworker_processes 1;\ndaemon off;\n\
             events {{ worker_connections 256; }}\nhttp {{\n  access_log off;\n{temporary}  include {here}/upstream.conf;\n\
             server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://app; }} }}\n}}\n"
        );
        std::fs::write(dir.path().join("nginx.conf"), config).unwrap();
        let nginx_shown = nginx.display();
        // A weight of 0 is refused by nginx; `down` is its word for it.
        let shift = format!(
            "#!/usr/bin/env bash\n\
             # Gives green a share of the traffic, in percent, and blue the rest.\n\
             set -euo pipefail\n\
             cd '{here}'\n\
             server() {{ if (($2 == 0)); then echo \"  server $1 down;\"; else echo \"  server $1 weight=$2;\"; fi; }}\n\
             {{ echo 'upstream app {{'; server {blue} $((100 - $1)); server {green} \"$1\"; echo '}}'; }} >upstream.conf\n\
             '{nginx_shown}' -t -c '{here}/nginx.conf'\n\
             [[ ${{2-}} = no-reload ]] || '{nginx_shown}' -s reload -c '{here}/nginx.conf'\n\
             echo \"$1 % to green\"\n"
        );
        let script = dir.path().join("shift.sh");
        std::fs::write(&script, shift).unwrap();
        std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
        run(Command::new(&script).args(["0", "no-reload"]));
        let mut command = Command::new(nginx);
        command.arg("-c").arg(dir.path().join("nginx.conf"));
        let mut server = Server::start(command, dir.path());
        server.wait_for_port(port);
        Self { port, dir, server }
    }

    /// Its URL: the public name.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The script that shifts traffic: `shift.sh PERCENT`.
    pub fn shift(&self) -> PathBuf {
        self.dir.path().join("shift.sh")
    }

    /// What the balancer is set to now.
    pub fn upstream(&self) -> String {
        std::fs::read_to_string(self.dir.path().join("upstream.conf")).unwrap()
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // A fast shutdown, so that its workers end too.
        self.server.stop(rustix::process::Signal::TERM);
    }
}

fn run(command: &mut Command) {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
}
