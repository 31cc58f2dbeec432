//! Who is at the other end: another user, an engine of another version. Both are played by perl, which every Debian-like
//! machine has and every user may run.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::support::launch::{Launch, kill};
use super::support::launches::text;
use super::support::{goes_without, program, right};

/// Says hello and prints what the engine says.
const CLIENT: &str = r#"
use IO::Socket::UNIX;
$SIG{PIPE} = 'IGNORE';
my $s = IO::Socket::UNIX->new(Peer => $ARGV[0]) or die "no way in: $!\n";
print $s qq({"say":"hello","proto":1,"version":"test"}\n);
$s->flush;
while (<$s>) { print; last if /goodbye|"more":false/ }
"#;

/// An engine that welcomes everybody in another protocol.
const OTHER: &str = r#"
use IO::Socket::UNIX;
unlink $ARGV[0];
my $l = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die "no socket: $!\n";
$| = 1;
print "up\n";
while (my $s = $l->accept) {
    <$s>;
    print $s qq({"say":"welcome","proto":$ARGV[1],"version":"9.9.9","launch":"x","you":{"name":"x","declared":false,"session":1},"observe":false,"now":"2026-01-01T00:00:00.000Z","wall":"0s"}\n);
    $s->flush;
}
"#;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

/// Runs a command as another user: as root by itself, else by `sudo` where that asks for no password.
fn as_another_user() -> Option<Command> {
    let perl = program("perl", "perl-base", &["/usr/bin"]);
    if rustix::process::geteuid().is_root() {
        let mut command = Command::new(perl);
        command.uid(65534).gid(65534);
        return Some(command);
    }
    let sudo = ["-n", "-u", "nobody", "--"];
    let may = Command::new("sudo").args(sudo).arg("true").stderr(Stdio::null()).status();
    may.is_ok_and(|status| status.success()).then(|| {
        let mut command = Command::new("sudo");
        command.args(sudo).arg(perl);
        command
    })
}

#[test]
fn another_user_does_not_get_in_and_is_told_whose_launch_it_is() {
    let launch = Launch::new("http://127.0.0.1:1");
    let socket = launch.directory().join("engine.sock");
    assert_eq!((mode(&socket), mode(&launch.directory())), (0o600, 0o700));
    if goes_without("second-user") {
        return;
    }
    let nobody = || {
        let mut other =
            right("second-user", as_another_user(), "root, or `sudo` without a password, to be another user");
        let out = other.args(["-e", CLIENT]).arg(&socket).current_dir("/").output().unwrap();
        format!("{}{}", text(&out.stdout), text(&out.stderr))
    };
    let said = nobody();
    assert!(said.contains("no way in: Permission denied"), "{said}");
    // Somebody opened all the doors: the engine still asks the kernel who comes.
    for dir in [launch.dir.path(), &launch.path("state"), &launch.directory()] {
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o666)).unwrap();
    let said = nobody();
    let me = Command::new("id").arg("-un").output().unwrap();
    let driven = format!("this launch is driven by user {}, you are ", text(&me.stdout).trim());
    assert!(said.contains("goodbye") && said.contains(&driven), "{said}");
    assert!(!said.contains("welcome") && !said.contains("state"), "{said}");
    launch.taken(&["note", "the owner gets in"]);
}

struct Other(Child);

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_client_that_meets_an_engine_of_another_version_goes_on_with_the_binary_of_that_one() {
    let launch = Launch::new("http://127.0.0.1:1");
    launch.kill_engine();
    let socket = launch.directory().join("engine.sock");
    // Also one that speaks the same protocol: it may fold the same events into another state.
    for proto in ["99", "1"] {
        let other = other_version(&socket, proto);
        meets(&launch, proto);
        drop(other);
    }
    let _ = std::fs::remove_file(&socket);
    launch.taken(&["note", "its own engine again"]);
    launch.engine().into_iter().for_each(kill);
}

/// Something that says it is the engine of another version.
fn other_version(socket: &Path, proto: &str) -> Other {
    let perl = program("perl", "perl-base", &["/usr/bin"]);
    let mut other = Command::new(&perl);
    let mut other = Other(other.args(["-e", OTHER]).arg(socket).arg(proto).stdout(Stdio::piped()).spawn().unwrap());
    let mut up = String::new();
    BufReader::new(other.0.stdout.take().unwrap()).read_line(&mut up).unwrap();
    other
}

/// Clients that meet it.
fn meets(launch: &Launch, proto: &str) {
    // What `perl do note hello` does is in a file called `do`, and so on.
    let script = "print \"became $0 @ARGV by $ENV{TMINUS_BECAME}\\n\";";
    for word in ["do", "status"] {
        std::fs::write(launch.path(word), script).unwrap();
        let out = launch
            .command(&[word, "note", "hello"][..if word == "do" { 3 } else { 1 }])
            .current_dir(launch.dir.path())
            .output();
        let out = out.unwrap();
        let said = format!("{}{}", text(&out.stdout), text(&out.stderr));
        let args = if word == "do" { " note hello" } else { " " };
        assert!(said.contains(&format!("became {word}{args}")) && said.contains("by 9.9.9"), "{said}");
        assert!(said.contains("the engine is tminus 9.9.9: going on with its own binary"), "{said}");
        // A binary that became another one and still meets another one gives up.
        let out = launch
            .command(&[word, "note", "hello"][..if word == "do" { 3 } else { 1 }])
            .env("TMINUS_BECAME", "9.9.9")
            .output();
        let out = out.unwrap();
        let said = format!("{}{}", text(&out.stdout), text(&out.stderr));
        assert!(
            !out.status.success() && said.contains(&format!("tminus 9.9.9 (protocol {proto}), this is ")),
            "{said}"
        );
    }
}
