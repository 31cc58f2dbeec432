//! A small application in two versions, blue and green, each on a port of its own, whose behaviour a test can switch;
//! and its metrics for a Prometheus on a third port, so that a dead version does not take its figures along. Asked for
//! `/version/X` it is version X from then on, as after a deploy.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpSocket};
use tokio::task::JoinHandle;

/// How a version behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// It answers 200 at once.
    Well,
    /// Nobody listens: connections are refused.
    Dead,
    /// It answers 500.
    Fails,
    /// It answers 200 after more than a second.
    Slow,
}

/// One version.
pub struct Version {
    /// Where it listens while it lives.
    pub address: SocketAddr,
    name: &'static str,
    version: Arc<Mutex<String>>,
    manner: Arc<Mutex<Manner>>,
    counts: Counts,
    task: Mutex<Option<JoinHandle<()>>>,
    runtime: tokio::runtime::Handle,
}

/// Requests by version and status; how many of them took more than a second.
type Counts = Arc<Mutex<BTreeMap<(&'static str, u16), (u64, u64)>>>;

/// The application.
pub struct App {
    /// v0.9.9, which has the traffic.
    pub blue: Version,
    /// v1.0.0, which gets it.
    pub green: Version,
    /// Where its metrics are, as `host:port`.
    pub metrics: String,
    _runtime: tokio::runtime::Runtime,
}

impl App {
    /// Starts both versions and the metrics.
    pub fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let counts = Counts::default();
        let listeners: Vec<TcpListener> =
            (0..3).map(|_| runtime.block_on(TcpListener::bind(("127.0.0.1", 0))).unwrap()).collect();
        let addresses: Vec<SocketAddr> = listeners.iter().map(|l| l.local_addr().unwrap()).collect();
        let mut listeners = listeners.into_iter();
        let mut version = |at: usize, name, version| {
            let this = Version {
                address: addresses[at],
                name,
                version: Arc::new(Mutex::new(String::from(version))),
                manner: Arc::new(Mutex::new(Manner::Well)),
                counts: counts.clone(),
                task: Mutex::new(None),
                runtime: runtime.handle().clone(),
            };
            this.listen(listeners.next().unwrap());
            this
        };
        let (blue, green) = (version(0, "blue", "v0.9.9"), version(1, "green", "v1.0.0"));
        let told = counts.clone();
        runtime.spawn(serve(listeners.next().unwrap(), move |_| {
            let text = metrics(&told);
            async move { Some(Response::new(Full::new(Bytes::from(text)))) }
        }));
        Self { blue, green, metrics: addresses[2].to_string(), _runtime: runtime }
    }

    /// How many requests a version has answered with a status.
    pub fn answered(&self, name: &'static str, status: u16) -> u64 {
        self.blue.counts.lock().unwrap().get(&(name, status)).map_or(0, |(all, _)| *all)
    }
}

impl Version {
    /// From now on it behaves like this.
    pub fn set(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
        let mut task = self.task.lock().unwrap();
        if manner == Manner::Dead {
            if let Some(task) = task.take() {
                task.abort();
                // The port is free only when the listener is gone.
                while !task.is_finished() {
                    std::thread::yield_now();
                }
            }
        } else if task.is_none() {
            drop(task);
            let _inside = self.runtime.enter();
            let socket = TcpSocket::new_v4().unwrap();
            socket.set_reuseaddr(true).unwrap();
            socket.bind(self.address).unwrap();
            self.listen(socket.listen(256).unwrap());
        }
    }

    fn listen(&self, listener: TcpListener) {
        let (name, version, manner, counts) =
            (self.name, self.version.clone(), self.manner.clone(), self.counts.clone());
        let answer = move |path: String| {
            let (manner, counts) = (*manner.lock().unwrap(), counts.clone());
            if let Some(new) = path.strip_prefix("/version/") {
                new.clone_into(&mut version.lock().unwrap());
            }
            let version = version.lock().unwrap().clone();
            async move {
                if manner == Manner::Slow {
                    tokio::time::sleep(Duration::from_millis(1200)).await;
                }
                let status: u16 = if manner == Manner::Fails { 500 } else { 200 };
                if path == "/pay" {
                    let mut counts = counts.lock().unwrap();
                    let (all, slow) = counts.entry((name, status)).or_default();
                    *all += 1;
                    *slow += u64::from(manner == Manner::Slow);
                }
                let said = if status == 200 { "healthy" } else { "error" };
                let body = serde_json::json!({"status": said, "version": version, "services": {"payments": said}});
                let response = Response::builder().status(status).header("content-type", "application/json");
                Some(response.header("x-version", name).body(Full::new(Bytes::from(body.to_string()))).unwrap())
            }
        };
        *self.task.lock().unwrap() = Some(self.runtime.spawn(serve(listener, answer)));
    }
}

/// Answers each connection until the task is aborted; then those that are open end too.
async fn serve<A, F>(listener: TcpListener, answer: A)
where
    A: Fn(String) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Option<Response<Full<Bytes>>>> + Send,
{
    let mut open = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let answer = answer.clone();
        open.spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let answered = answer(request.uri().path().to_owned());
                async move { Ok::<_, Infallible>(answered.await.unwrap_or_default()) }
            });
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
        while open.try_join_next().is_some() {}
    }
}

fn metrics(counts: &Counts) -> String {
    let counts = counts.lock().unwrap();
    let mut text = "# TYPE http_requests_total counter\n".to_owned();
    for slot in ["blue", "green"] {
        for status in [200, 500] {
            let (n, _) = counts.get(&(slot, status)).unwrap_or(&(0, 0));
            text += &format!("http_requests_total{{slot=\"{slot}\",code=\"{status}\"}} {n}\n");
        }
    }
    text += "# TYPE http_request_duration_seconds histogram\n";
    for slot in ["blue", "green"] {
        let all = counts.iter().filter(|((name, _), _)| *name == slot).map(|(_, n)| *n);
        let (all, slow) = all.fold((0, 0), |sum, n| (sum.0 + n.0, sum.1 + n.1));
        for (limit, n) in [("0.1", all - slow), ("1", all - slow), ("2", all), ("+Inf", all)] {
            text += &format!("http_request_duration_seconds_bucket{{slot=\"{slot}\",le=\"{limit}\"}} {n}\n");
        }
    }
    text
}
