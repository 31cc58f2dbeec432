//! A PostgreSQL primary of the test's own, and a streaming replica of it. The server refuses to run as root: then it runs
//! as the user `postgres`, which the package makes, and the directory belongs to that user.

use std::io::{BufRead, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};

use super::{Server, free_port, program, wait_for};

/// A running server: a primary, or a replica of one.
pub struct Postgres {
    /// Where it listens.
    pub port: u16,
    server: Server,
    dir: tempfile::TempDir,
}

impl Postgres {
    /// Starts a new primary with the superuser `postgres`, no password.
    pub fn primary() -> Self {
        Self::start(Self::made(), &[])
    }

    /// A directory with an empty cluster in it.
    fn made() -> tempfile::TempDir {
        let dir = home();
        let data = dir.path().join("data");
        let mut initdb = as_owner("initdb");
        initdb.args(["--auth=trust", "--username=postgres", "--no-sync", "--no-instructions", "--encoding=UTF8"]);
        initdb.args(["--locale=C", "--pgdata"]).arg(&data);
        run(&mut initdb);
        dir
    }

    /// Starts a primary that speaks TLS with this key and this certificate, in PEM.
    pub fn secured(key: &str, certificate: &str) -> Self {
        use std::os::unix::fs::{PermissionsExt as _, chown};
        let dir = Self::made();
        let mut options = vec!["-c".to_owned(), "ssl=on".to_owned()];
        for (name, text) in [("key", key), ("cert", certificate)] {
            let file = dir.path().join(format!("{name}.pem"));
            std::fs::write(&file, text).unwrap();
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
            if let Some((uid, gid)) = owner() {
                chown(&file, Some(uid), Some(gid)).unwrap();
            }
            options.extend(["-c".to_owned(), format!("ssl_{name}_file={}", file.display())]);
        }
        Self::start(dir, &options.iter().map(String::as_str).collect::<Vec<_>>())
    }

    /// Starts a replica of this server that calls itself `name`, and waits until it streams.
    pub fn replica(&self, name: &str) -> Self {
        let dir = home();
        let mut backup = as_owner("pg_basebackup");
        backup
            .args(["--checkpoint=fast", "--no-sync", "--write-recovery-conf", "--pgdata"])
            .arg(dir.path().join("data"));
        backup.arg(format!("--dbname=host=127.0.0.1 port={} user=postgres application_name={name}", self.port));
        run(&mut backup);
        let replica = Self::start(dir, &["-c", "wal_receiver_status_interval=1s"]);
        wait_for("the replica to stream", || {
            let sql =
                format!("select 1 from pg_stat_replication where application_name = '{name}' and state = 'streaming'");
            (self.psql(&sql) == "1").then_some(())
        });
        replica
    }

    fn start(dir: tempfile::TempDir, options: &[&str]) -> Self {
        let port = free_port();
        let mut postgres = as_owner("postgres");
        postgres.arg("-D").arg(dir.path().join("data")).args(["-p", &port.to_string(), "-h", "127.0.0.1"]);
        postgres.arg("-k").arg(dir.path()).args(["-c", "fsync=off", "-c", "max_wal_senders=4"]).args(options);
        let mut server = Server::start(postgres, dir.path());
        server.wait_for_port(port);
        let this = Self { port, server, dir };
        wait_for("the server to take queries", || (this.psql("select 1") == "1").then_some(()));
        this
    }

    /// Its URL for a user and a database.
    pub fn url(&self, user: &str, database: &str) -> String {
        format!("postgres://{user}@127.0.0.1:{}/{database}", self.port)
    }

    /// What psql prints for some SQL as the superuser; empty where it fails.
    pub fn psql(&self, sql: &str) -> String {
        let mut psql = Command::new(binary("psql"));
        psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", &self.url("postgres", "postgres"), "-c", sql]);
        let out = psql.output().unwrap();
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }

    /// The same, but an error fails the test.
    pub fn must(&self, sql: &str) -> String {
        let mut psql = Command::new(binary("psql"));
        psql.args(["-XqAt", "-v", "ON_ERROR_STOP=1", "-d", &self.url("postgres", "postgres"), "-c", sql]);
        let out = psql.output().unwrap();
        assert!(out.status.success(), "{sql}: {}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8_lossy(&out.stdout).trim().to_owned()
    }

    /// A session of the superuser that stays open; it is there when this returns.
    pub fn session(&self) -> Session {
        let mut psql = Command::new(binary("psql"));
        psql.args(["-XqAt", "-d", &self.url("postgres", "postgres")]);
        psql.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = psql.spawn().unwrap();
        let mut session = Session { keyboard: child.stdin.take().unwrap(), child };
        session.says("select 'here';");
        let mut line = String::new();
        let answers = session.child.stdout.as_mut().unwrap();
        std::io::BufReader::with_capacity(1, answers).read_line(&mut line).unwrap();
        assert_eq!(line, "here\n");
        session
    }

    /// Its directory.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }
}

/// A client that stays connected, until it goes out of scope.
pub struct Session {
    child: Child,
    keyboard: ChildStdin,
}

impl Session {
    /// Sends SQL, and waits for no answer.
    pub fn says(&mut self, sql: &str) {
        writeln!(self.keyboard, "{sql}").unwrap();
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Postgres {
    fn drop(&mut self) {
        // An immediate shutdown, so that the processes that serve its connections end too.
        self.server.stop(rustix::process::Signal::QUIT);
    }
}

/// Where PostgreSQL's programs are: those of the server's own version.
pub fn programs() -> PathBuf {
    binary("initdb").parent().unwrap().to_owned()
}

fn binary(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let places: Vec<String> = versions.map(|v| v.path().join("bin").display().to_string()).collect();
    program(name, "postgresql", &places.iter().map(String::as_str).collect::<Vec<_>>())
}

/// A command of PostgreSQL as a user that is not root.
fn as_owner(name: &str) -> Command {
    use std::os::unix::process::CommandExt;
    let mut command = Command::new(binary(name));
    if let Some((uid, gid)) = owner() {
        command.uid(uid).gid(gid);
    }
    command.current_dir("/");
    command
}

/// The user to run as, if we are root.
fn owner() -> Option<(u32, u32)> {
    rustix::process::geteuid().is_root().then(|| {
        let users = std::fs::read_to_string("/etc/passwd").unwrap();
        let line = users.lines().find(|line| line.starts_with("postgres:"));
        let line = line.unwrap_or_else(|| panic!("there is no user `postgres`: apt-get install postgresql"));
        let mut fields = line.split(':').skip(2);
        let mut id = || fields.next().and_then(|id| id.parse().ok()).unwrap();
        (id(), id())
    })
}

fn home() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    if let Some((uid, gid)) = owner() {
        std::os::unix::fs::chown(dir.path(), Some(uid), Some(gid)).unwrap();
    }
    dir
}

fn run(command: &mut Command) {
    let out = command.output().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(out.status.success(), "{command:?}: {}", String::from_utf8_lossy(&out.stderr));
}
