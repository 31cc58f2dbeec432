//! The vantage through a real engine and real servers: where our own side is cut off nothing is known and no trigger fires;
//! where only what is watched is gone, it fails and its trigger fires.

use super::support::launch::Launch;
use super::support::launches::text;
use super::support::wait_for;
use super::support::web::{Reply, Web};

/// A server that is gone with all its connections when it is dropped.
struct Server(Option<tokio::runtime::Runtime>, Web);

impl Server {
    fn start() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let web = runtime.block_on(Web::start(|_| Reply::text(200, "text/plain", "ok")));
        Self(Some(runtime), web)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

fn launched(api: &Server, gateway: &Server) -> Launch {
    let mut launch = Launch::planned(&format!(
        "[plan]\nname = 'Vantage'\nenvironment = 'test'\n\
         vantage = {{ http = {{ url = '{}' }}, every = '200ms' }}\n[vars]\nsite = ''\nflags = ''\n\
         [[probe]]\nid = 'api'\nevery = '200ms'\nhttp = {{ url = '{}' }}\n\
         [[phase]]\nid = 'p'\nstep = [{{ id = 's' }}]\n\
         [[trigger]]\nid = 'down'\nwhen = 'api is failing for 1s'\naction = 'propose'\nno-data = 'breach'\n",
        gateway.1.url("/"),
        api.1.url("/health"),
    ));
    launch.id = launch.start("");
    wait_for("the api is measured", || (launch.status()["signals"]["api.up"]["level"] == "ok").then_some(()));
    launch
}

#[test]
fn where_the_vantage_is_gone_too_nothing_is_known_and_no_trigger_fires() {
    let (api, gateway) = (Server::start(), Server::start());
    let launch = launched(&api, &gateway);
    let why = format!("our own side is cut off: vantage {} does not answer", gateway.1.url("/"));
    drop((api, gateway));
    wait_for("the api is unknown", || (launch.status()["signals"]["api.up"]["why"] == why.as_str()).then_some(()));
    // As many readings as the trigger's clock would need, three times over.
    let mut seen = std::collections::BTreeSet::new();
    wait_for("three seconds of readings", || {
        seen.insert(launch.status()["signals"]["api.up"]["at"].to_string());
        (seen.len() > 15).then_some(())
    });
    assert_eq!((launch.count("trigger-fired"), launch.count("side-cut-off"), launch.count("side-back")), (0, 1, 0));
    let said = text(&launch.tminus(&["status", "--long"]).stdout);
    assert!(said.contains("NOW   CUT OFF") && said.contains(&why), "{said}");
    let log = text(&launch.tminus(&["log", &launch.id]).stdout);
    assert_eq!(log.matches(&why).count(), 1, "it is said once: {log}");
    launch.taken(&["end", "test", "the test is over"]);
}

#[test]
fn where_only_what_is_watched_is_gone_it_is_failing_and_its_trigger_fires() {
    let (api, gateway) = (Server::start(), Server::start());
    let launch = launched(&api, &gateway);
    drop(api);
    wait_for("the trigger fires", || (launch.count("trigger-fired") == 1).then_some(()));
    assert_eq!(launch.status()["signals"]["api.up"]["level"], "critical");
    assert_eq!(launch.count("side-cut-off"), 0);
    drop(gateway);
    launch.taken(&["end", "test", "the test is over"]);
}
