//! Servers that say again what they were trusted with, in every form.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use serde_json::json;

use super::needles::said;
use crate::support::web::{Reply, Web};

/// An HTTP server whose answers depend on the path, and hold the next form of the value that belongs to it.
pub async fn web(values: Arc<OnceLock<BTreeMap<String, String>>>) -> Web {
    let turn = AtomicUsize::new(0);
    Web::start(move |asked| {
        let turn = turn.fetch_add(1, Ordering::Relaxed);
        let next = |name: &str| {
            let forms = said(&values.get().unwrap()[name]);
            forms[turn % forms.len()].clone()
        };
        let place = asked.path.split(['/', '?']).nth(1).unwrap_or_default();
        match place {
            "status" => Reply::json(500, json!({ "status": next("header") })),
            "redirect" => {
                Reply::text(302, "text/plain", "").with("location", &format!("/at?{}", plain(&next("query"))))
            }
            "body" => Reply::text(200, "text/html", &format!("{} {}", next("body"), asked.body)),
            "version" => Reply::json(200, json!({ "version": next("file"), "services": { next("file"): "up" } })),
            "refused" => {
                let error = format!("bad token {}", next("prometheus"));
                Reply::json(400, json!({ "status": "error", "errorType": "bad_data", "error": error }))
            }
            "noted" => {
                let row = json!({ "metric": { "job": next("prometheus") }, "value": [0, "1"] });
                let data = json!({ "resultType": "vector", "result": [row] });
                Reply::json(200, json!({ "status": "success", "infos": [next("prometheus")], "data": data }))
            }
            "sentry" => Reply::json(400, json!({ "detail": next("sentry") })),
            "outside" => Reply::text(200, "text/plain", &next("outside")),
            "beat" => Reply::text(500, "text/plain", &format!("{} {}", next("beat"), asked.path)),
            "hook" => Reply::text(
                500,
                "text/plain",
                &format!("{} {} {}", next("hook_key"), next("hook_header"), next("hook")),
            ),
            "slack" => Reply::text(500, "text/plain", &format!("{} {}", asked.path, next("slack"))),
            "pager" => Reply::text(400, "text/plain", &format!("{} {}", next("pager"), asked.body)),
            _ => Reply::text(404, "text/plain", &asked.path),
        }
    })
    .await
}

/// What can stand in a header.
fn plain(text: &str) -> String {
    text.chars().filter(|c| c.is_ascii_graphic() || *c == ' ').collect()
}

/// A mail server that says to who logs in what it was given, as it came and read.
pub fn mail(values: BTreeMap<String, String>) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for (turn, stream) in listener.incoming().enumerate() {
            let Ok(mut stream) = stream else { return };
            let forms = said(&values["mail"]);
            let said = forms[turn % forms.len()].clone();
            std::thread::spawn(move || {
                let mut reader = BufReader::new(stream.try_clone().unwrap());
                let _ = stream.write_all(b"220 here\r\n");
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|n| n > 0) {
                    let answer = match line.split_whitespace().next().unwrap_or_default() {
                        "EHLO" => "250-here\r\n250 AUTH PLAIN LOGIN\r\n".to_owned(),
                        "AUTH" => format!("535 5.7.8 not {} that is {said}\r\n", line.trim()),
                        _ => "250 well\r\n".to_owned(),
                    };
                    let _ = stream.write_all(answer.as_bytes());
                    line.clear();
                }
            });
        }
    });
    port
}
