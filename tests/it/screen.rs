//! The screen in a real pseudo-terminal: taken, given back in every case, gone when the terminal is gone.
//!
//! The program under test is this test binary itself, running [`child`] alone: the real `tui::run` over a link that a
//! launch without an engine answers.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use base64::Engine as _;
use rustix::fs::{Mode as FileMode, OFlags, open};
use rustix::process::{Pid, Signal, kill_process};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};
use tminus::core::event::{Event, Mode, Recorded};
use tminus::core::ids::Seq;
use tminus::core::launch::LaunchState;
use tminus::core::order::Operator;
use tminus::core::outline::Outline;
use tminus::core::time::{Span, Timestamp};
use tminus::tui::{Error, Options};
use tminus::wire::link::Link;
use tminus::wire::message::EngineMessage;
use tokio::sync::mpsc;

const DEADLINE: Duration = Duration::from_secs(20);
const NAME: &str = "TMINUS_TEST_SCREEN";
const CHILD: [&str; 4] = ["screen::child", "--exact", "--ignored", "--nocapture"];

/// A program in a pseudo-terminal of 80 by 24.
struct Pty {
    child: Child,
    keyboard: Option<File>,
    terminal: File,
    seen: Arc<Mutex<Vec<u8>>>,
    hung_up: Option<OwnedFd>,
}

impl Pty {
    fn start(mode: &str, env: &[(&str, &str)]) -> Self {
        Self::begin(Command::new(std::env::current_exe().unwrap()), mode, env)
    }

    /// The same of a program that runs this one in the end.
    fn begin(mut command: Command, mode: &str, env: &[(&str, &str)]) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        tcsetwinsize(&master, Winsize { ws_row: 24, ws_col: 80, ws_xpixel: 0, ws_ypixel: 0 }).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap().into_string().unwrap();
        let terminal = File::options().read(true).write(true).open(name).unwrap();
        command
            .args(CHILD)
            .env_remove("NO_COLOR")
            .env_remove("TMUX")
            .envs([(NAME, mode), ("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LC_ALL", "C.UTF-8")])
            .envs(env.iter().copied())
            .stdin(Stdio::from(terminal.try_clone().unwrap()))
            .stdout(Stdio::from(terminal.try_clone().unwrap()))
            .stderr(Stdio::from(terminal.try_clone().unwrap()));
        let child = command.spawn().unwrap();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let mut screen = File::from(master.try_clone().unwrap());
        let keyboard = File::from(master.try_clone().unwrap());
        let sink = seen.clone();
        // Where the hang-up is tested nobody may keep the master open.
        if mode == "hangup" {
            drop(screen);
            return Self { child, keyboard: Some(keyboard), terminal, seen, hung_up: Some(master) };
        }
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            while let Ok(n @ 1..) = screen.read(&mut bytes) {
                sink.lock().unwrap().extend_from_slice(&bytes[..n]);
            }
        });
        Self { child, keyboard: Some(keyboard), terminal, seen, hung_up: None }
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.seen.lock().unwrap()).into_owned()
    }

    fn wait_for(&self, text: &str) {
        let until = Instant::now() + DEADLINE;
        while !self.text().contains(text) {
            assert!(Instant::now() < until, "`{text}` never came:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn types(&mut self, keys: &str) {
        self.keyboard.as_mut().unwrap().write_all(keys.as_bytes()).unwrap();
    }

    fn ended(&mut self, within: Duration) -> Option<i32> {
        let until = Instant::now() + within;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            assert!(Instant::now() < until, "it did not end:\n{}", self.text());
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn signal(&self, signal: Signal) {
        kill_process(Pid::from_child(&self.child), signal).unwrap();
    }

    /// Whether the terminal is as it was: its own screen, a cursor, lines and echo.
    fn is_restored(&self) {
        for restored in ["\x1b[?1049l", "\x1b[?25h", "\x1b[?2004l", "\x1b[?1004l"] {
            self.wait_for(restored);
        }
        let modes = tcgetattr(&self.terminal).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO), "{modes:?}");
    }
}

impl Drop for Pty {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Not a test: the program that the tests of this module run.
#[test]
#[ignore = "run by the other tests of this module, in a terminal of its own"]
fn child() {
    let Ok(mode) = std::env::var(NAME) else { return };
    let by = Operator { name: "ana".into(), declared: false, session: 1 };
    let outline = Outline { name: "Wallet".into(), environment: "production".into(), ..Outline::default() };
    let now = Timestamp(1_762_822_800_000);
    let opened = Event::Opened {
        launch: "wallet.production.2025-11-11.1".into(),
        mode: Mode::Live,
        t0: now,
        by: by.clone(),
        plan_hash: String::new(),
        outline: Box::new(outline),
        practice: None,
    };
    let state = LaunchState::open(&Recorded { seq: Seq(1), at: now, order: None, event: opened }).unwrap();
    let (to_us, incoming) = mpsc::channel(16);
    let (outgoing, _from_us) = mpsc::channel(16);
    let welcome = EngineMessage::Welcome {
        proto: tminus::wire::PROTO,
        version: String::new(),
        launch: state.id.clone(),
        you: by,
        observe: false,
        now,
        wall: Span::ZERO,
        last_here: None,
    };
    to_us.try_send(welcome).unwrap();
    to_us.try_send(EngineMessage::State { json: serde_json::to_string(&state).unwrap(), more: false }).unwrap();
    let mut options = Options { mouse: mode == "mouse", ..Options::default() };
    if mode == "panic" {
        options.reconnect = Some(Box::new(|| panic!("as the test wants it")));
    }
    let keep = (mode != "panic").then_some(to_us);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let left = runtime.block_on(tminus::tui::run(options, Link { incoming, outgoing }));
    drop(keep);
    match left {
        Ok(left) => println!("left: {left:?}"),
        Err(Error::NotATerminal) => {
            println!("{}", Error::NotATerminal);
            std::process::exit(2);
        }
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_terminal_is_given_back_when_the_person_leaves() {
    let mut pty = Pty::start("plain", &[]);
    pty.wait_for("Checklist");
    let modes = tcgetattr(&pty.terminal).unwrap().local_modes;
    assert!(!modes.contains(LocalModes::ICANON) && pty.text().contains("\x1b[?1049h"));
    pty.types("q");
    assert_eq!(pty.ended(DEADLINE), Some(0));
    pty.is_restored();
    pty.wait_for("left: Detached");
}

#[test]
fn signals_and_panics_give_it_back_too() {
    for (signal, number) in [(Signal::TERM, 15), (Signal::HUP, 1), (Signal::INT, 2), (Signal::QUIT, 3)] {
        let mut pty = Pty::start("plain", &[]);
        pty.wait_for("Checklist");
        pty.signal(signal);
        pty.ended(DEADLINE);
        pty.is_restored();
        pty.wait_for(&format!("left: Signalled({number})"));
    }
    let mut pty = Pty::start("panic", &[]);
    pty.ended(DEADLINE);
    pty.is_restored();
    let text = pty.text();
    assert!(text.find("\x1b[?1049l") < text.find("as the test wants it"), "the message is on the person's own screen");
}

#[test]
fn when_the_terminal_is_gone_so_is_the_screen() {
    let mut pty = Pty::start("hangup", &[]);
    let mut screen = File::from(pty.hung_up.take().unwrap());
    let mut bytes = [0; 8192];
    let mut seen = Vec::new();
    while !String::from_utf8_lossy(&seen).contains("Checklist") {
        let n = screen.read(&mut bytes).unwrap();
        seen.extend_from_slice(&bytes[..n]);
    }
    // The slave stays open here: what the child sees is the hang-up alone.
    drop(screen);
    pty.keyboard = None;
    let began = Instant::now();
    assert_eq!(pty.ended(DEADLINE), Some(129));
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}

#[test]
fn a_terminal_that_is_not_read_holds_nobody_up() {
    for (signal, busy) in [(Signal::TERM, true), (Signal::HUP, true), (Signal::QUIT, true), (Signal::TERM, false)] {
        let mut pty = Pty::start("hangup", &[]);
        let mut screen = File::from(pty.hung_up.take().unwrap());
        let mut seen = Vec::new();
        while !String::from_utf8_lossy(&seen).contains("Checklist") {
            let mut bytes = [0; 8192];
            let n = screen.read(&mut bytes).unwrap();
            seen.extend_from_slice(&bytes[..n]);
        }
        // Nobody reads from here on, and nothing more fits.
        let name = ptsname(&screen, Vec::new()).unwrap().into_string().unwrap();
        let mut full =
            File::from(open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::NONBLOCK, FileMode::empty()).unwrap());
        while full.write(&[b'x'; 4096]).is_ok() {}
        while full.write(b"x").is_ok() {}
        if busy {
            pty.types("?");
        }
        let began = Instant::now();
        pty.signal(signal);
        pty.ended(DEADLINE);
        assert!(began.elapsed() < Duration::from_secs(6), "{signal:?}: {:?}", began.elapsed());
        let modes = tcgetattr(&pty.terminal).unwrap().local_modes;
        assert!(modes.contains(LocalModes::ICANON | LocalModes::ECHO), "{signal:?}: {modes:?}");
    }
}

#[test]
fn colours_are_as_many_as_the_terminal_has() {
    let colours = |env: &[(&str, &str)]| {
        let mut pty = Pty::start("plain", env);
        pty.wait_for("detach");
        pty.types("q");
        pty.ended(DEADLINE);
        pty.wait_for("left");
        pty.text()
    };
    assert!(colours(&[]).contains("8;2;"));
    let indexed = colours(&[("COLORTERM", "")]);
    assert!(!indexed.contains("8;2;") && indexed.contains("8;5;"));
    let none = colours(&[("NO_COLOR", "1")]);
    assert!(!none.contains("8;2;") && !none.contains("8;5;") && none.contains("Checklist"));
}

#[test]
fn without_a_terminal_it_says_so_and_ends_with_2() {
    let output = Command::new(std::env::current_exe().unwrap())
        .args(CHILD)
        .env(NAME, "plain")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(text.contains("this is no terminal") && !text.contains('\x1b'), "{text}");
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn the_screen_comes_back_whole_from_an_editor_and_nothing_is_asked_that_must_be_waited_for() {
    let editor = "f() { echo LENT; read -r line; echo \"$line\" >> \"$1\"; }; f";
    let mut pty = Pty::start("plain", &[("VISUAL", editor)]);
    pty.wait_for("Checklist");
    pty.types("c");
    pty.wait_for("Note: ");
    pty.types("one\x18");
    pty.wait_for("LENT");
    pty.types("two\r");
    let after = || pty.text().split_once("LENT").map(|(_, after)| after.to_owned()).unwrap_or_default();
    let until = Instant::now() + DEADLINE;
    while !(after().contains("Checklist") && after().contains("one two")) {
        assert!(Instant::now() < until, "it did not come back whole:\n{}", after());
        std::thread::sleep(Duration::from_millis(5));
    }
    assert!(!pty.text().contains("\x1b[6n"), "the place of the cursor was asked for");
}

#[test]
fn the_mouse_is_asked_for_only_where_it_is_wanted_and_is_given_back_in_every_case() {
    // No terminal has a column 0; what says so all the same does not make the screen deaf.
    let nowhere = "\x1b[<0;0;0Mq";
    for (mode, key, taken) in [
        ("plain", "q", false),
        ("plain", "Oq", true),
        ("mouse", "q", true),
        ("mouse", "Oq", true),
        ("mouse", nowhere, true),
    ] {
        let mut pty = Pty::start(mode, &[]);
        pty.wait_for("Checklist");
        pty.types(key);
        pty.ended(DEADLINE);
        pty.is_restored();
        let text = pty.text();
        let (took, left) = (text.rfind("\x1b[?1000h"), text.rfind("\x1b[?1000l"));
        assert_eq!(took.is_some(), taken, "{mode} {key}");
        assert!(took <= left, "{mode} {key}: it is the terminal's again");
    }
    for (signal, mode) in [(Signal::TERM, "mouse"), (Signal::HUP, "mouse"), (Signal::INT, "mouse")] {
        let mut pty = Pty::start(mode, &[]);
        pty.wait_for("Checklist");
        pty.wait_for("\x1b[?1000h");
        pty.signal(signal);
        pty.ended(DEADLINE);
        pty.is_restored();
        pty.wait_for("\x1b[?1000l");
    }
}

/// A tmux of its own, with the program in its only pane, in a pseudo-terminal.
struct Tmux {
    pty: Pty,
    dir: tempfile::TempDir,
}

impl Tmux {
    /// `inside` goes before the program: `env TMUX=` hides tmux from it.
    fn start(inside: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let config = dir.path().join("conf");
        std::fs::write(&config, "set -s set-clipboard on\nset -g status off\n").unwrap();
        let mut command = Command::new("tmux");
        command.arg("-S").arg(dir.path().join("socket")).arg("-f").arg(config).arg("new-session").args(inside);
        command.arg(std::env::current_exe().unwrap());
        let mut tmux = Self { pty: Pty::begin(command, "plain", &[("SHELL", "/bin/sh")]), dir };
        tmux.shows("Checklist");
        tmux.pty.types("8");
        tmux.shows("8 Log \u{2501}");
        tmux
    }

    fn asks(&self, args: &[&str]) -> String {
        let tmux = Command::new("tmux").arg("-S").arg(self.dir.path().join("socket")).args(args).output().unwrap();
        String::from_utf8_lossy(&tmux.stdout).into_owned()
    }

    fn comes(&self, what: &str, args: &[&str]) {
        let until = Instant::now() + DEADLINE;
        while !self.asks(args).contains(what) {
            assert!(Instant::now() < until, "`{what}` never came of {args:?}:\n{}", self.asks(&["capture-pane", "-p"]));
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Until the pane shows a text.
    fn shows(&self, text: &str) {
        self.comes(text, &["capture-pane", "-p"]);
    }
}

impl Drop for Tmux {
    fn drop(&mut self) {
        self.asks(&["kill-server"]);
    }
}

/// What the terminal outside is told to have in its clipboard.
fn clipboard(seen: &str) -> Option<String> {
    let encoded = seen.rsplit_once("\x1b]52;")?.1.split_once(';')?.1;
    let encoded = encoded.split(['\x07', '\x1b']).next()?;
    String::from_utf8(base64::engine::general_purpose::STANDARD.decode(encoded).ok()?).ok()
}

#[test]
fn inside_tmux_what_is_copied_goes_by_tmux_to_the_terminal_outside_and_can_be_seen_plain() {
    let mut tmux = Tmux::start(&[]);
    tmux.pty.types("y");
    tmux.comes("Log", &["show-buffer"]);
    tmux.shows("into tmux, which hands it to your terminal");
    tmux.pty.wait_for("\x1b]52;");
    let until = Instant::now() + DEADLINE;
    while clipboard(&tmux.pty.text()).is_none_or(|text| text != tmux.asks(&["show-buffer"])) {
        assert!(Instant::now() < until, "the terminal outside was told nothing: {:?}", tmux.pty.text());
        std::thread::sleep(Duration::from_millis(20));
    }
    tmux.pty.types("V");
    tmux.shows("8 Log");
    tmux.shows("any other closes");
}

#[test]
fn without_tmux_or_where_that_takes_nothing_it_goes_by_the_terminals_own_sequence_and_says_why() {
    for (inside, said) in [
        (&["env", "TMUX="][..], "by your terminal (OSC 52)"),
        (&["env", "TMUX=/nowhere/socket,1,0"], "(OSC 52), for tmux"),
    ] {
        let mut tmux = Tmux::start(inside);
        tmux.pty.types("y");
        tmux.shows(said);
        // The tmux around it is the terminal here: it takes the sequence.
        tmux.comes("Log", &["show-buffer"]);
    }
}
