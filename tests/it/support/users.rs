//! Users of the public name: a thread that asks all the time and counts what it gets.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// What they got: answers by version and status; the status is 0 where there was no answer.
pub type Got = BTreeMap<(String, u16), u64>;

/// The users.
pub struct Users {
    got: Arc<Mutex<Got>>,
    gone: Arc<AtomicBool>,
    threads: Vec<std::thread::JoinHandle<()>>,
}

impl Users {
    /// They ask `url` some forty times a second, each over a new connection.
    pub fn start(url: &str) -> Self {
        let got: Arc<Mutex<Got>> = Arc::default();
        let gone = Arc::new(AtomicBool::new(false));
        let threads = (0..4)
            .map(|_| {
                let (url, got, gone) = (url.to_owned(), got.clone(), gone.clone());
                std::thread::spawn(move || {
                    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
                    let client = reqwest::Client::builder().pool_max_idle_per_host(0).no_proxy();
                    let client = client.timeout(Duration::from_secs(5)).build().unwrap();
                    runtime.block_on(async {
                        while !gone.load(Ordering::Relaxed) {
                            let (version, status) = match client.get(&url).send().await {
                                Ok(answer) => {
                                    let version = answer.headers().get("x-version").and_then(|v| v.to_str().ok());
                                    (version.unwrap_or("").to_owned(), answer.status().as_u16())
                                }
                                Err(_) => (String::new(), 0),
                            };
                            *got.lock().unwrap().entry((version, status)).or_default() += 1;
                            tokio::time::sleep(Duration::from_millis(100)).await;
                        }
                    });
                })
            })
            .collect();
        Self { got, gone, threads }
    }

    /// What they got so far.
    pub fn got(&self) -> Got {
        self.got.lock().unwrap().clone()
    }

    /// What they get from now on.
    pub fn forget(&self) {
        self.got.lock().unwrap().clear();
    }
}

impl Drop for Users {
    fn drop(&mut self) {
        self.gone.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}
