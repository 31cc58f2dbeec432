//! The loopback server around the model.

use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use super::answers::{Reply, answer};
use super::model::Model;
use super::scenario::Scenario;

/// A production that listens.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    model: Arc<Mutex<Model>>,
}

impl Server {
    /// Takes a free port of the loopback interface. Must be called within a tokio runtime.
    pub async fn bind(scenario: Scenario, speed: f64) -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        Ok(Self { listener, model: Arc::new(Mutex::new(Model::new(scenario, speed, now()))) })
    }

    /// Where it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Answers until the future is dropped.
    pub async fn serve(self) {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                // Out of file descriptors, say: it may pass.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let model = self.model.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| respond(request, model.clone()));
                // An error here is a client that went away, or our own hanging up.
                let _ =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
            });
        }
    }
}

/// The connection is closed without an answer.
#[derive(Debug, thiserror::Error)]
#[error("hung up")]
struct HungUp;

async fn respond(request: Request<Incoming>, model: Arc<Mutex<Model>>) -> Result<Response<Full<Bytes>>, HungUp> {
    let target = request.uri().path_and_query().map_or("/", |p| p.as_str()).to_owned();
    let reply = {
        let mut model = model.lock().unwrap_or_else(PoisonError::into_inner);
        model.advance(now());
        answer(&mut model, request.method().as_str(), &target)
    };
    match reply {
        Reply::HangUp => Err(HungUp),
        Reply::Json { status, body, headers, after } => {
            tokio::time::sleep(Duration::from_secs_f64(after.clamp(0.0, 10.0))).await;
            let mut response = Response::builder().status(status).header("content-type", "application/json");
            for (name, value) in headers {
                response = response.header(name, value);
            }
            let whole = response.body(Full::new(Bytes::from(body.to_string())));
            Ok(whole.unwrap_or_else(|_: hyper::http::Error| Response::new(Full::default())))
        }
    }
}

fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs_f64()
}
