//! How a client reaches an engine: the socket, the hello, and the tasks that move messages between it and a [`Link`].

use std::io;
use std::os::fd::AsRawFd;
use std::path::Path;
use std::time::Duration;

use tokio::net::UnixStream;
use tokio::sync::mpsc;

use super::PROTO;
use super::codec::{self, CodecError, Lines};
use super::link::Link;
use super::message::{ClientMessage, EngineMessage};

/// How long an engine may take to answer the hello.
const PATIENCE: Duration = Duration::from_secs(10);

/// The longest path that fits a socket's address, with its closing zero.
const LONGEST: usize = 107;

/// Who the client says it is.
#[derive(Clone, Debug, Default)]
pub struct Hello {
    /// The name declared with `--as`.
    pub declared: Option<String>,
    /// The link may only look.
    pub observe: bool,
    /// It is for a person's screen.
    pub screen: bool,
}

/// Why there is no link.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// Nobody listens.
    #[error("no engine listens at {path}: {source}")]
    NoEngine {
        /// The socket.
        path: String,
        /// What the system says.
        source: io::Error,
    },
    /// It listens, but not to us.
    #[error("the engine hung up: {0}")]
    Refused(String),
    /// It did not answer the hello.
    #[error("the engine{} did not answer within 10 s: it is stopped, or hangs", process(*pid))]
    Silent {
        /// Its process, where the kernel says so.
        pid: Option<i32>,
    },
    /// Somebody else listens there, who would see what is typed.
    #[error("user {uid} listens at {path}, not you: nothing was sent; look who made that directory")]
    Foreign {
        /// Whose process it is.
        uid: u32,
        /// The socket.
        path: String,
    },
    /// It speaks another protocol; its own binary can talk to it.
    #[error("the engine is tminus {version} (protocol {proto}), this is {} (protocol {PROTO})", env!("CARGO_PKG_VERSION"))]
    OtherVersion {
        /// Its protocol.
        proto: u32,
        /// Its version.
        version: String,
        /// Its process, whose binary is at `/proc/PID/exe`.
        pid: Option<i32>,
    },
    /// What it says makes no sense.
    #[error(transparent)]
    Codec(#[from] CodecError),
}

fn process(pid: Option<i32>) -> String {
    pid.map_or_else(String::new, |pid| format!(" (process {pid})"))
}

/// Calls `with` with a path to the socket that is short enough for a socket's address, by way of a file descriptor of
/// its directory where it is not.
pub fn reach<T>(socket: &Path, with: impl FnOnce(&Path) -> io::Result<T>) -> io::Result<T> {
    if socket.as_os_str().len() <= LONGEST {
        return with(socket);
    }
    let name = socket.file_name().ok_or_else(|| io::Error::other("the socket has no name"))?;
    let dir = std::fs::File::open(socket.parent().unwrap_or(Path::new("/")))?;
    with(&Path::new("/proc/self/fd").join(dir.as_raw_fd().to_string()).join(name))
}

/// Connects, says hello, and gives the link once the engine has welcomed us. Must be called within a tokio runtime; the
/// tasks end when the link is dropped or the connection is lost.
pub async fn connect(socket: &Path, hello: &Hello) -> Result<Link, ConnectError> {
    let no_engine = |source| ConnectError::NoEngine { path: socket.display().to_string(), source };
    let stream = reach(socket, |path| {
        let stream = std::os::unix::net::UnixStream::connect(path)?;
        stream.set_nonblocking(true)?;
        Ok(stream)
    });
    let stream = UnixStream::from_std(stream.map_err(no_engine)?).map_err(no_engine)?;
    let peer = stream.peer_cred().map_err(no_engine)?;
    let own = rustix::process::geteuid().as_raw();
    if own != 0 && ![own, 0].contains(&peer.uid()) {
        return Err(ConnectError::Foreign { uid: peer.uid(), path: socket.display().to_string() });
    }
    let pid = peer.pid();
    let (read, mut write) = stream.into_split();
    let mut lines = Lines::new(read);
    let first = ClientMessage::Hello {
        proto: PROTO,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        declared: hello.declared.clone(),
        observe: hello.observe,
        screen: hello.screen,
    };
    // An engine that refuses us says so at once and hangs up, perhaps before it has our hello.
    let said = codec::send(&mut write, &first).await;
    let answer = tokio::time::timeout(PATIENCE, lines.next::<EngineMessage>());
    let answer = match (answer.await.map_err(|_| ConnectError::Silent { pid })?, said) {
        // It died under us.
        (Err(CodecError::Io(source)), _) | (Ok(None), Err(CodecError::Io(source))) => return Err(no_engine(source)),
        (Ok(None), Ok(())) => return Err(no_engine(io::ErrorKind::UnexpectedEof.into())),
        (Ok(None) | Err(_), Err(said)) => return Err(said.into()),
        (answer, _) => answer?,
    };
    let welcome = match answer {
        // Also where the words are the same: it may fold the same events into another state.
        Some(EngineMessage::Welcome { proto, version, .. })
            if proto != PROTO || version != env!("CARGO_PKG_VERSION") =>
        {
            return Err(ConnectError::OtherVersion { proto, version, pid });
        }
        Some(welcome @ EngineMessage::Welcome { .. }) => welcome,
        Some(EngineMessage::Goodbye { why }) => return Err(ConnectError::Refused(why)),
        _ => return Err(ConnectError::Refused("it said no welcome".to_owned())),
    };
    let (to_client, incoming) = mpsc::channel(256);
    let (outgoing, mut from_client) = mpsc::channel::<ClientMessage>(64);
    let _ = to_client.try_send(welcome);
    tokio::spawn(async move {
        loop {
            let message = tokio::select! {
                message = lines.next::<EngineMessage>() => message,
                () = to_client.closed() => return,
            };
            match message {
                Ok(Some(message)) => {
                    if to_client.send(message).await.is_err() {
                        return;
                    }
                }
                // A kind of message that we don't know: the next may be one that we do.
                Err(CodecError::NoMessage { .. }) => {}
                Ok(None) | Err(_) => return,
            }
        }
    });
    tokio::spawn(async move {
        while let Some(message) = from_client.recv().await {
            if codec::send(&mut write, &message).await.is_err() {
                return;
            }
        }
    });
    Ok(Link { incoming, outgoing })
}
