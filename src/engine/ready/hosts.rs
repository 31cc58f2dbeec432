//! Hosts of probes, channels and the heartbeat, and those that `ssh` goes to: found by name, and taking a connection.

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Url;

use super::Needs;
use crate::core::ready::{Grade, Kind, Row};

/// So long for one name or connection.
const PATIENCE: Duration = Duration::from_secs(3);

/// One row a host and port.
pub(super) fn rows(needs: &Needs) -> Vec<Row> {
    let mut of: BTreeMap<(String, u16), Vec<String>> = BTreeMap::new();
    let mut rows = Vec::new();
    for (whose, address) in &needs.places {
        match place(address) {
            Some(place) => of.entry(place).or_default().push(whose.clone()),
            None => rows.push(
                Row::new(Kind::Host, Grade::Unknown, whose, "its address names no host and port that can be tried")
                    .todo("see how its probe measures"),
            ),
        }
    }
    let ssh = needs.uses.hosts.iter().map(|host| ((host.clone(), 22), true));
    let all: Vec<((String, u16), Vec<String>, bool)> = of
        .into_iter()
        .map(|(place, whose)| (place, whose, false))
        .chain(ssh.map(|(place, ssh)| (place, vec!["ssh".to_owned()], ssh)))
        .collect();
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_all().build() else { return rows };
    let tried =
        runtime.block_on(futures_util::future::join_all(all.iter().map(|((host, port), ..)| reach(host, *port))));
    // A name that is still looked up must not keep us.
    runtime.shutdown_background();
    for (((host, port), whose, ssh), result) in all.into_iter().zip(tried) {
        let what = format!("{host}:{port}");
        let whose = whose.join(", ");
        rows.push(match result {
            Ok(()) => Row::new(Kind::Host, Grade::Ok, what, format!("takes a connection ({whose})")),
            Err(Lost::Name(why)) if ssh => {
                Row::new(Kind::Host, Grade::Unknown, what, format!("{why}; ssh may know it by its own configuration"))
                    .todo(format!("try: ssh {host} true"))
            }
            Err(lost) if ssh => Row::new(Kind::Host, Grade::Warning, what, format!("{} (ssh)", lost.why()))
                .todo(format!("try: ssh {host} true")),
            // That a service is down is what a probe is there to say; it may come with the launch.
            Err(Lost::Connection(why)) if whose.starts_with("probe ") => {
                Row::new(Kind::Host, Grade::Warning, what, format!("{why} ({whose})"))
                    .todo("start it, or see that the launch brings it")
            }
            Err(lost) => Row::new(Kind::Host, Grade::Blocker, what, format!("{} ({whose})", lost.why()))
                .todo("mend the name, the address or the way there"),
        });
    }
    rows
}

/// Why a host was not reached.
enum Lost {
    /// Its name says nothing.
    Name(String),
    /// It takes no connection.
    Connection(String),
}

impl Lost {
    fn why(self) -> String {
        match self {
            Lost::Name(why) | Lost::Connection(why) => why,
        }
    }
}

async fn reach(host: &str, port: u16) -> Result<(), Lost> {
    let looked_up = tokio::time::timeout(PATIENCE, tokio::net::lookup_host((host, port))).await;
    let addresses: Vec<_> = match looked_up {
        Err(_) => return Err(Lost::Name(format!("its name was not found within {}s", PATIENCE.as_secs()))),
        Ok(Err(_)) => return Err(Lost::Name("no such name".to_owned())),
        Ok(Ok(found)) => found.collect(),
    };
    let connect = async {
        let mut last = "its name has no address".to_owned();
        for address in addresses {
            match tokio::net::TcpStream::connect(address).await {
                Ok(_) => return Ok(()),
                Err(e) => last = crate::core::text::clean(&e.kind().to_string()),
            }
        }
        Err(Lost::Connection(last))
    };
    let silent = || Err(Lost::Connection(format!("no answer within {}s", PATIENCE.as_secs())));
    tokio::time::timeout(PATIENCE, connect).await.unwrap_or_else(|_| silent())
}

/// Host and port of a URL, or of `host:port`.
fn place(address: &str) -> Option<(String, u16)> {
    let (host, port) = if address.contains("://") {
        let url = Url::parse(address).ok()?;
        let port = url.port_or_known_default().or(match url.scheme() {
            "redis" | "rediss" => Some(6379),
            "postgres" | "postgresql" => Some(5432),
            _ => None,
        })?;
        (url.host_str()?.to_owned(), port)
    } else {
        let (host, port) = address.trim().rsplit_once(':')?;
        (host.to_owned(), port.parse().ok()?)
    };
    let host = host.trim_matches(['[', ']']).to_owned();
    (!host.is_empty() && !host.contains(',')).then_some((host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn host_and_port_of_what_plans_write() {
        let at = |address: &str| place(address).map(|(host, port)| format!("{host} {port}"));
        for (address, found) in [
            ("http://h/x", Some("h 80")),
            ("https://h:8443", Some("h 8443")),
            ("postgres://u:p@db/app", Some("db 5432")),
            ("rediss://cache", Some("cache 6379")),
            ("gateway:443", Some("gateway 443")),
            ("[::1]:443", Some("::1 443")),
            ("http://[::1]:80/", Some("::1 80")),
            ("nothing", None),
        ] {
            assert_eq!(at(address).as_deref(), found, "{address}");
        }
    }
}
