//! A probe whose address is another server's says so in plain words.

use serde_json::{Value, json};
use tminus::core::time::Span;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;

use crate::support::probe::{ask, setup};
use crate::support::web::{Reply, Web};

/// What each kind says of what listens there.
async fn said(port: u16) -> [String; 2] {
    let redis = json!({"url": format!("redis://127.0.0.1:{port}"), "layout": "list", "queues": ["q"]});
    let postgres = json!({"url": format!("postgres://u:p@127.0.0.1:{port}/d"), "measure": "connections"});
    let hurried = |kind: &'static str, table: Value| async move {
        let mut setup = setup(&[]);
        setup.timeout = Span(2000);
        ask(kind, table, setup).await.unwrap_err()
    };
    [hurried("redis", redis).await, hurried("postgres", postgres).await]
}

#[tokio::test]
async fn a_web_server_is_neither_redis_nor_postgresql() {
    let web = Web::start(|_| Reply::text(200, "text/plain", "hello")).await;
    let port: u16 = web.url("").trim_end_matches('/').rsplit_once(':').unwrap().1.parse().unwrap();
    let [redis, postgres] = said(port).await;
    assert_eq!(redis, format!("what answers at 127.0.0.1:{port} is no Redis server: is it another server's port?"));
    assert_eq!(
        postgres,
        format!("what answers at 127.0.0.1:{port} is no PostgreSQL server: is it another server's port?")
    );
}

#[tokio::test]
async fn one_that_takes_connections_and_is_silent_may_hang_or_be_another() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    for (said, kind) in said(port).await.into_iter().zip(["Redis", "PostgreSQL"]) {
        let told = format!(
            "no answer within 2s: 127.0.0.1:{port} takes the connection and says nothing: it hangs, or it is no {kind} server"
        );
        assert_eq!(said, told);
    }
}

#[tokio::test]
async fn one_that_hangs_up_is_told_from_one_that_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let hangs_up = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut first = [0; 4096];
            let _ = stream.read(&mut first).await;
        }
    });
    // Where something was still unread, hanging up tears the connection down.
    let how =
        [format!("127.0.0.1:{port} closed the connection before"), format!("connection reset by 127.0.0.1:{port}")];
    for said in said(port).await {
        assert!(how.iter().any(|how| said.starts_with(how)), "{said}");
        assert!(said.contains(": is it another server's port, or"), "{said}");
    }
    hangs_up.abort();
    let _ = hangs_up.await;
    let [redis, postgres] = said(port).await;
    assert_eq!(redis, format!("connection refused by 127.0.0.1:{port}"));
    assert_eq!(postgres, format!("connection refused by 127.0.0.1:{port}"));
}
