//! The production of `tests/plans/world.toml`: the app in two versions behind nginx, with users, and the servers beside it.

use std::path::{Path, PathBuf};

use super::app::App;
use super::nginx::Nginx;
use super::postgres::Postgres;
use super::prometheus::Prometheus;
use super::redis::Redis;
use super::users::Users;

/// All of it.
pub struct Production {
    /// Blue and green.
    pub app: App,
    /// What shares the traffic between them.
    pub nginx: Nginx,
    /// Who asks for the public name.
    pub users: Users,
    prometheus: Prometheus,
    /// The database.
    pub primary: Postgres,
    /// Its replica.
    pub replica: Postgres,
    /// The queues.
    pub redis: Redis,
}

impl Production {
    /// Starts it, with all the traffic on blue.
    pub fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let app = App::start();
        let nginx = Nginx::start(app.blue.address, app.green.address);
        let users = Users::start(&format!("{}/pay", nginx.url()));
        let prometheus = Prometheus::start(&app.metrics);
        let primary = Postgres::primary();
        let replica = primary.replica("replica-1");
        Self { app, nginx, users, prometheus, primary, replica, redis: Redis::start(&[]) }
    }

    /// The plan of a launch in it.
    pub fn plan() -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans/world.toml")
    }

    /// Where everything listens, as arguments for `launch`.
    pub fn vars(&self) -> Vec<String> {
        let vars = [
            ("site", self.nginx.url()),
            ("blue", format!("http://{}", self.app.blue.address)),
            ("green", format!("http://{}", self.app.green.address)),
            ("prometheus", self.prometheus.url()),
            ("primary", self.primary.url("postgres", "postgres")),
            ("redis", self.redis.url()),
            ("shift", self.nginx.shift().display().to_string()),
        ];
        vars.iter().flat_map(|(name, value)| ["--var".to_owned(), format!("{name}={value}")]).collect()
    }
}
