//! How the demo plan's commands talk to the production: `tminus demo tell URL WORD…`, so that a bare machine needs no
//! curl. It stands where a real plan has scripts.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

/// What can be said.
#[derive(Clone, Debug, clap::Subcommand)]
pub enum Word {
    /// Replace what runs on green
    Deploy {
        /// As v1.0.0
        version: String,
    },
    /// Give green a share of the traffic
    Weight {
        /// In percent
        green: f64,
    },
    /// Print the queues as JSON
    Queues,
}

/// Why it did not do it.
#[derive(Debug, thiserror::Error)]
pub enum TellError {
    /// It can't be reached.
    #[error("no production at {url}: {source}")]
    Unreachable {
        /// What was asked.
        url: String,
        /// What the system says.
        source: io::Error,
    },
    /// It refused.
    #[error("the production answered {0}")]
    Refused(String),
    /// The output can't be written.
    #[error("the output: {0}")]
    Output(#[from] io::Error),
}

/// Says it to the production at `url` and writes what comes back, until it is done.
pub fn tell(url: &str, word: &Word, out: &mut impl Write) -> Result<(), TellError> {
    match word {
        Word::Queues => writeln!(out, "{}", ask(url, "GET", "/admin/queues")?)?,
        Word::Weight { green } => {
            let answer = ask(url, "POST", &format!("/admin/weight?green={green}"))?;
            for line in lines(&answer) {
                writeln!(out, "{line}")?;
            }
        }
        Word::Deploy { version } => {
            ask(url, "POST", &format!("/admin/deploy?version={version}"))?;
            let mut told = 0;
            loop {
                let answer = ask(url, "GET", "/admin/deploy")?;
                let said = lines(&answer);
                for line in said.iter().skip(told) {
                    writeln!(out, "\x1b[32m✓\x1b[0m {line}")?;
                }
                out.flush()?;
                told = told.max(said.len());
                if answer["done"] == true {
                    break;
                }
                std::thread::sleep(Duration::from_millis(100));
            }
        }
    }
    Ok(())
}

fn lines(answer: &Value) -> Vec<String> {
    let lines = answer["lines"].as_array();
    lines.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// One request, one answer, in JSON.
fn ask(url: &str, method: &str, target: &str) -> Result<Value, TellError> {
    let address = url.trim_start_matches("http://").trim_end_matches('/');
    let answer = exchange(address, method, target);
    let answer = answer.map_err(|source| TellError::Unreachable { url: url.to_owned(), source })?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head.split_whitespace().nth(1).unwrap_or("nothing");
    match serde_json::from_str(body) {
        Ok(value) if status == "200" => Ok(value),
        _ => Err(TellError::Refused(format!("{status}: {body}"))),
    }
}

fn exchange(address: &str, method: &str, target: &str) -> io::Result<String> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "{method} {target} HTTP/1.1\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    Ok(answer)
}
