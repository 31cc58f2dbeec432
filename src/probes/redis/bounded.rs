//! A connection that takes so much of a poll's answers and no more: the client would hold a value as large as the server
//! says that it is.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// So many bytes of a poll's answers are taken.
pub(super) const CAP: usize = 8 << 20;

/// How many bytes of the poll under way were taken, for all who share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken(Arc<AtomicUsize>);

impl Taken {
    /// A poll begins.
    pub(super) fn begin(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Whether there was more than is taken.
    pub(super) fn is_over(&self) -> bool {
        self.0.load(Ordering::Relaxed) > CAP
    }
}

/// A stream of which so much is read.
pub(super) struct Bounded<S> {
    pub(super) stream: S,
    pub(super) taken: Taken,
}

impl<S: AsyncRead + Unpin> AsyncRead for Bounded<S> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let before = buf.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(cx, buf);
        this.taken.0.fetch_add(buf.filled().len() - before, Ordering::Relaxed);
        if this.taken.is_over() {
            return Poll::Ready(Err(io::Error::new(io::ErrorKind::InvalidData, "more than is taken of a poll")));
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Bounded<S> {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().stream).poll_write(cx, buf)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().stream).poll_shutdown(cx)
    }
}
