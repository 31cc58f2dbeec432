//! A server that hundreds of probes ask, and that knows when each of them came.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// When a path was asked for.
type Visits = Arc<Mutex<BTreeMap<String, Vec<Instant>>>>;

/// The server. It has a thread of its own and ends with the program.
pub struct Asked {
    pub address: String,
    visits: Visits,
}

impl Asked {
    pub fn start() -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let visits = Visits::default();
        let noted = visits.clone();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async move {
                let listener = TcpListener::from_std(listener).unwrap();
                while let Ok((stream, _)) = listener.accept().await {
                    tokio::spawn(answer(stream, noted.clone()));
                }
            });
        });
        Self { address, visits }
    }

    /// Forgets who came so far.
    pub fn forget(&self) {
        self.visits.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// How often each path was asked for.
    pub fn counts(&self) -> Vec<usize> {
        self.visits.lock().unwrap_or_else(PoisonError::into_inner).values().map(Vec::len).collect()
    }

    /// How far each visit was from where it was due, in milliseconds: visits to a path are due one interval after another,
    /// and where they began is the middle of where all of them say it was.
    pub fn jitter(&self, every: Duration) -> Vec<f64> {
        let visits = self.visits.lock().unwrap_or_else(PoisonError::into_inner);
        let all = visits.values().filter_map(|at| Some((at.first()?, at)));
        all.flat_map(|(first, at)| {
            // One that was left out does not move those after it.
            let every = every.as_secs_f64();
            let offs = at.iter().map(|at| (*at - *first).as_secs_f64() / every).map(|n| (n - n.round()) * every * 1e3);
            let mut offs: Vec<f64> = offs.collect();
            offs.sort_by(f64::total_cmp);
            let middle = offs[offs.len() / 2];
            offs.into_iter().map(move |off| (off - middle).abs()).collect::<Vec<_>>()
        })
        .collect()
    }
}

/// Answers whatever one connection asks, one request after the other.
async fn answer(mut stream: TcpStream, visits: Visits) {
    let (mut held, mut bytes, mut asked) = (Vec::new(), [0; 4096], 0_u32);
    while let Ok(n @ 1..) = stream.read(&mut bytes).await {
        let at = Instant::now();
        held.extend_from_slice(&bytes[..n]);
        let Some(end) = held.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&held[..end]).into_owned();
        held.drain(..end + 4);
        let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
        asked += 1;
        let body = body(&path, asked);
        visits.lock().unwrap_or_else(PoisonError::into_inner).entry(path).or_default().push(at);
        let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length";
        if stream.write_all(format!("{head}: {}\r\n\r\n{body}", body.len()).as_bytes()).await.is_err() {
            return;
        }
    }
}

/// A health body, or what Prometheus answers: another value each time.
fn body(path: &str, asked: u32) -> String {
    if !path.contains("query=") {
        return r#"{"status":"ok","version":"v1.0.0"}"#.to_owned();
    }
    let seed: u32 = path.bytes().map(u32::from).sum();
    let value = (f64::from(asked) / f64::from(7 + seed % 17)).sin() * 40.0 + 100.0;
    let now = chrono::Utc::now().timestamp();
    format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[{now},"{value:.4}"]}}]}}}}"#
    )
}
