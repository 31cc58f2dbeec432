//! JSON lines: one message a line, none longer than [`MAX_LINE`] in either direction. Used by both ends.

use std::io;

use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};

use super::MAX_LINE;

/// Why a line could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum CodecError {
    /// The connection failed.
    #[error("the connection: {0}")]
    Io(#[from] io::Error),
    /// The other side sent a line that does not end in time.
    #[error("a line is longer than {MAX_LINE} bytes")]
    TooLong,
    /// The line is no message.
    #[error("`{line}` is no message: {why}")]
    NoMessage {
        /// The beginning of the line.
        line: String,
        /// What the parser says.
        why: String,
    },
}

/// Reads messages. [`next`](Lines::next) may be dropped half-way and called again: nothing is lost.
#[derive(Debug)]
pub struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
}

impl<R: AsyncRead + Unpin> Lines<R> {
    /// Over a stream.
    pub fn new(reader: R) -> Self {
        Self { reader: BufReader::new(reader), line: Vec::new() }
    }

    /// The next message; none when the other side is gone. A line that is no message is an error after which reading
    /// can go on; one that is too long is not.
    pub async fn next<T: DeserializeOwned>(&mut self) -> Result<Option<T>, CodecError> {
        loop {
            let chunk = self.reader.fill_buf().await?;
            if chunk.is_empty() {
                return Ok(None);
            }
            let end = chunk.iter().position(|b| *b == b'\n');
            let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
            if self.line.len() + part.len() > MAX_LINE {
                return Err(CodecError::TooLong);
            }
            self.line.extend_from_slice(part);
            let used = part.len() + usize::from(end.is_some());
            self.reader.consume(used);
            if end.is_some() {
                let line = std::mem::take(&mut self.line);
                if line.iter().all(u8::is_ascii_whitespace) {
                    continue;
                }
                return serde_json::from_slice(&line).map(Some).map_err(|e| CodecError::NoMessage {
                    line: String::from_utf8_lossy(&line).chars().take(60).collect(),
                    why: e.to_string(),
                });
            }
        }
    }
}

/// A message as its line. None where it would be longer than [`MAX_LINE`].
pub fn line(message: &impl Serialize) -> Option<String> {
    let mut text = serde_json::to_string(message).ok()?;
    text.push('\n');
    (text.len() <= MAX_LINE).then_some(text)
}

/// Writes a message. One that is too long is an error and nothing is written.
pub async fn send<W: AsyncWrite + Unpin>(writer: &mut W, message: &impl Serialize) -> Result<(), CodecError> {
    let line = line(message).ok_or(CodecError::TooLong)?;
    writer.write_all(line.as_bytes()).await?;
    Ok(writer.flush().await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(bytes: &[u8]) -> Vec<Result<u32, String>> {
        let mut lines = Lines::new(bytes);
        let mut seen = Vec::new();
        loop {
            match lines.next::<u32>().await {
                Ok(Some(n)) => seen.push(Ok(n)),
                Ok(None) => return seen,
                Err(e @ CodecError::NoMessage { .. }) => seen.push(Err(e.to_string())),
                Err(e) => {
                    seen.push(Err(e.to_string()));
                    return seen;
                }
            }
        }
    }

    #[tokio::test]
    async fn lines_are_messages_and_garbage_is_said() {
        let seen = read(b"1\n\n2\nwhat\n3\n4").await;
        assert_eq!(seen[0], Ok(1));
        assert_eq!(seen[1], Ok(2));
        assert!(seen[2].as_ref().unwrap_err().starts_with("`what` is no message"));
        assert_eq!(seen[3..], [Ok(3)]);
    }

    #[tokio::test]
    async fn a_line_without_end_is_refused_before_it_fills_the_memory() {
        let seen = read(&vec![b'1'; 10 * 1024 * 1024]).await;
        assert_eq!(seen, [Err("a line is longer than 65536 bytes".to_owned())]);
    }

    #[test]
    fn what_is_sent_fits_a_line() {
        assert!(line(&"x".repeat(MAX_LINE - 3)).is_some());
        assert!(line(&"x".repeat(MAX_LINE - 2)).is_none());
    }
}
