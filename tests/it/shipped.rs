//! The plans of `plans/`, with the scripts beside them, launched in a real production: each step is run, each gate decided,
//! each box ticked, to the end. Only what takes hours is hurried, and what a machine of tests has not (systemd, ssh) is
//! done by stand-ins that keep the word of the scripts that call them.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use redis::AsyncCommands as _;
use serde_json::json;
use tminus::core::event::{Event, Recorded};
use tminus::core::launch::{LaunchState, StepStatus};
use tminus::core::outline::StepOutline;

use crate::support::app::{App, Manner};
use crate::support::launches::{Launches, text};
use crate::support::nginx::Nginx;
use crate::support::postgres::{Postgres, programs};
use crate::support::prometheus::Prometheus;
use crate::support::redis::Redis;
use crate::support::users::Users;
use crate::support::web::{Reply, Web};
use crate::support::{program, wait_for};

/// What a plan of a night becomes for a test of a minute: clocks of seconds, no window, few samples.
fn hurried(plan: &str) -> String {
    // Shifts and checks are of two days: in a minute none comes.
    let of_days = |line: &&str| line.starts_with("turns = ") || line.starts_with("rounds = ");
    let lines = plan.lines().filter(|line| !line.starts_with("window = "));
    lines.map(|line| if of_days(&line) { line.to_owned() } else { hurried_line(line) } + "\n").collect()
}

fn hurried_line(plan: &str) -> String {
    let plan = with_times(plan, "every = \"", "\"", "1s");
    let plan = with_times(&plan, "soak = \"", "\"", "3s");
    let plan = with_times(&plan, " for ", "\"", "3s");
    let plan = with_times(&plan, "at = \"T+", "\"", "1s");
    let plan = with_times(&plan, "[", "]))", "10s");
    let plan = with_times(&with_times(&plan, "min-samples = ", " }", "5"), "min-samples = ", ",", "5");
    with_times(&plan, "over = \"", "\"", "10s")
}

/// Each time or number between two texts becomes another.
fn with_times(text: &str, before: &str, after: &str, new: &str) -> String {
    let mut parts = text.split(before);
    let mut done = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let number = part.trim_start_matches(|c: char| c.is_ascii_digit());
        let rest = number.trim_start_matches(['s', 'm', 'h']);
        done += before;
        done +=
            if number.len() < part.len() && rest.starts_with(after) { new } else { &part[..part.len() - rest.len()] };
        done += rest;
    }
    done
}

/// What Sentry answers where no error came in the last ten minutes.
fn quiet() -> serde_json::Value {
    let minute = chrono::Utc::now().timestamp() / 60 * 60;
    let value = |back: i64| json!({"timestamp": (minute - back * 60) * 1000, "value": 0, "incomplete": back < 3});
    let values: Vec<_> = (0..=10).rev().map(value).collect();
    json!({"timeSeries": [{"yAxis": "count()", "values": values, "meta": {"interval": 60_000}}], "meta": {}})
}

/// A production that the shipped plans fit, a directory with a plan and its scripts, and a launch of it.
struct Night {
    app: App,
    more: App,
    nginx: Nginx,
    _users: Users,
    prometheus: Prometheus,
    primary: Postgres,
    _replicas: Vec<Postgres>,
    redis: Redis,
    web: Web,
    dir: tempfile::TempDir,
    launches: Launches,
    runtime: tokio::runtime::Runtime,
}

impl Night {
    /// Everything runs; all traffic is on blue.
    fn start(replicas: &[&str], queues: &[&str]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let app = App::start();
        let nginx = Nginx::start(app.blue.address, app.green.address);
        let users = Users::start(&format!("{}/pay", nginx.url()));
        let primary = Postgres::primary();
        let replicas = replicas.iter().map(|name| primary.replica(name)).collect();
        for database in ["wallet", "scratch"] {
            primary.must(&format!("create database {database}"));
        }
        let redis = Redis::start(&[]);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut keys = runtime.block_on(redis.connect());
        for queue in queues {
            let meta = format!("bull:{queue}:meta");
            let _: () = runtime.block_on(keys.hset(meta, "version", "bullmq:5")).unwrap();
        }
        let web = runtime.block_on(Web::start(|asked| match asked.path.split('?').next().unwrap_or_default() {
            path if path.ends_with("/issues/") => Reply::json(200, json!([])),
            path if path.ends_with("/events-timeseries/") => Reply::json(200, quiet()),
            path if path.starts_with("/api/0/") => Reply::json(404, json!({"detail": "not found"})),
            _ => Reply::text(202, "text/plain", "ok"),
        }));
        let prometheus = Prometheus::start(&app.metrics);
        let dir = tempfile::tempdir().unwrap();
        let (launches, more) = (Launches::new(), App::start());
        Self {
            app,
            more,
            nginx,
            _users: users,
            prometheus,
            primary,
            _replicas: replicas,
            redis,
            web,
            dir,
            launches,
            runtime,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A program of the test's own.
    fn write(&self, name: &str, script: &str) {
        let file = self.path(name);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, format!("#!/usr/bin/env bash\nset -euo pipefail\n{script}\n")).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The shipped plan and its scripts, and what this machine has not in place of systemd and of other hosts.
    fn plan(&self, name: &str) -> PathBuf {
        let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("plans");
        std::fs::create_dir_all(self.path("scripts")).unwrap();
        for script in std::fs::read_dir(shipped.join("scripts")).unwrap().flatten() {
            std::fs::copy(script.path(), self.path("scripts").join(script.file_name())).unwrap();
        }
        // A release is started by telling the app that it is that version.
        self.write(
            "scripts/app.sh",
            "if [[ $1 = start && $2 != blue && $2 != green ]]; then curl -fsS \"$APP/version/$3\" >/dev/null; fi\n\
             echo \"$1 $2 ${3-}\" >>\"$(dirname \"$0\")/../slots\"",
        );
        // The command for another host runs here, with that host's address in APP.
        let host = |name, address| format!("{name}) export APP=http://{address} HEALTH=http://{address}/api/health ;;");
        let hosts = [
            host("app-1", self.app.blue.address),
            host("app-2", self.more.blue.address),
            host("app-3", self.more.green.address),
        ];
        self.write(
            "bin/ssh",
            &format!(
                "while [[ $1 = -o ]]; do shift 2; done\ncase $1 in\n{}\nesac\nshift\n\
                 [[ $1 != curl ]] || set -- curl -fsS \"$HEALTH\"\n\"$@\"",
                hosts.join("\n")
            ),
        );
        std::fs::create_dir_all(self.path("migrations")).unwrap();
        std::fs::write(self.path("migrations/1.sql"), "create table notes (id int)").unwrap();
        for dir in ["backups", "releases/v2.3.6"] {
            std::fs::create_dir_all(self.path(dir)).unwrap();
        }
        let service = |name, database| {
            format!("[{name}]\nhost=127.0.0.1\nport={}\nuser=postgres\ndbname={database}\n", self.primary.port)
        };
        let services = [service("wallet", "wallet"), service("wallet-scratch", "scratch")].concat();
        std::fs::write(self.path("services"), services).unwrap();
        let plan = hurried(&std::fs::read_to_string(shipped.join(name)).unwrap())
            .replace("/srv/wallet/releases", &self.path("releases").display().to_string())
            .replace("pagerduty = { ", &format!("pagerduty = {{ url = \"{}\", ", self.web.url("/pager")))
            .replace("mail.example.com\"", "127.0.0.1\", port = 9");
        std::fs::write(self.path(name), plan).unwrap();
        self.path(name)
    }

    /// Launches it.
    fn launch(&self, plan: &str) {
        let plan = self.plan(plan).display().to_string();
        let nginx = program("nginx", "nginx-light", &["/usr/sbin"]);
        let nginx = format!("{} -c {}/nginx.conf", nginx.display(), self.nginx.dir().display());
        let path = std::env::var("PATH").unwrap();
        let shown = |name: &str| self.path(name).display().to_string();
        let environment = [
            ("PATH", format!("{}:{}:{path}", shown("bin"), programs().display())),
            ("PRIMARY_URL", self.primary.url("postgres", "postgres")),
            ("REDIS_URL", self.redis.url()),
            ("SENTRY_TOKEN", "sntryu_0123456789abcdef".into()),
            ("ADMIN_TOKEN", "a-token".into()),
            ("PAGER_KEY", "0123456789abcdef0123456789abcdef".into()),
            ("BACKUP_PAGER_KEY", "fedcba9876543210fedcba9876543210".into()),
            ("MAIL_PASSWORD", "a-password".into()),
            ("TEAM_WEBHOOK", self.web.url("/team")),
            ("HEARTBEAT_URL", self.web.url("/alive")),
            ("PGSERVICEFILE", shown("services")),
            ("BACKUPS", shown("backups")),
            ("SCRATCH_SERVICE", "wallet-scratch".into()),
            ("MIGRATIONS", shown("migrations")),
            ("UPSTREAM_FILE", self.nginx.dir().join("upstream.conf").display().to_string()),
            ("UPSTREAM_NAME", "app".into()),
            ("BLUE_ADDRESS", self.app.blue.address.to_string()),
            ("GREEN_ADDRESS", self.app.green.address.to_string()),
            ("NGINX_TEST", format!("{nginx} -t")),
            ("NGINX_RELOAD", format!("{nginx} -s reload")),
            ("DRAIN_SECONDS", "0".into()),
            ("DRAIN_FILE", shown("drain")),
            ("APP_SCRIPT", shown("scripts/app.sh")),
        ];
        let vars = [
            ("site", self.nginx.url()),
            ("blue", format!("http://{}", self.app.blue.address)),
            ("green", format!("http://{}", self.app.green.address)),
            ("app_1", format!("http://{}", self.app.blue.address)),
            ("app_2", format!("http://{}", self.more.blue.address)),
            ("app_3", format!("http://{}", self.more.green.address)),
            ("prometheus", self.prometheus.url()),
            ("issues", self.web.url("")),
            ("outside", self.web.address.to_string()),
        ];
        let text_of_plan = std::fs::read_to_string(&plan).unwrap();
        let vars = vars.iter().filter(|(name, _)| text_of_plan.contains(&format!("\n{name} = ")));
        let vars: Vec<String> = vars.map(|(name, value)| format!("--var={name}={value}")).collect();
        let mut command = self.launches.tminus(["launch", &plan, "--headless", "--as", "ana"]);
        let out = command.args(vars).envs(environment).output().unwrap();
        assert!(out.status.success(), "{}{}", text(&out.stdout), text(&out.stderr));
    }

    /// How the launch stands, by its journal.
    fn state(&self) -> LaunchState {
        let out = self.launches.run(&["log", "--json"]);
        let (lines, trouble) = (text(&out.stdout), text(&out.stderr));
        assert!(out.status.success(), "{trouble}");
        let mut all = lines.lines().map(|line| serde_json::from_str::<Recorded>(line).unwrap());
        let mut state = LaunchState::open(&all.next().unwrap()).unwrap();
        all.for_each(|one| state.apply(&one));
        state
    }

    /// Gives an order until it is taken: what it waits for may have to be measured first.
    fn order(&self, words: &[&str]) {
        let taken = || {
            let out = self.launches.tminus(["do", "--as", "ana"].iter().chain(words)).output().unwrap();
            out.status.success()
        };
        let deadline = std::time::Instant::now() + crate::support::PATIENCE;
        while !taken() {
            assert!(std::time::Instant::now() < deadline, "{words:?}: {}", self.explained(words));
            std::thread::sleep(std::time::Duration::from_millis(200));
        }
    }

    fn explained(&self, words: &[&str]) -> String {
        let out = self.launches.tminus(["do", "--as", "ana"].iter().chain(words)).output().unwrap();
        let all = self.launches.run(&["do", "explain"]);
        format!("{}{}\n{}", text(&out.stdout), text(&out.stderr), text(&all.stdout))
    }

    fn asks(&self, url: &str) {
        let answer = self.runtime.block_on(reqwest::Client::new().get(url).send());
        answer.unwrap().error_for_status().unwrap();
    }

    /// Takes each step that is not done yet, in the order of the plan, up to and with `last`.
    fn goes_on(&self, last: Option<&str>) {
        let outline = self.state().outline;
        for step in &outline.steps {
            self.takes(step);
            if last == Some(step.id.as_str()) {
                return;
            }
        }
    }

    fn takes(&self, step: &StepOutline) {
        let id = step.id.as_str();
        let done = |state: &LaunchState| matches!(state.steps[&step.id].status, StepStatus::Done { .. });
        if done(&self.state()) {
            return;
        }
        if let Some(gate) = &step.gate {
            self.order(&["run", id]);
            for role in &gate.poll {
                self.order(&["vote", id, role.as_str(), "go"]);
            }
            self.order(&["go", id]);
        } else if step.run.is_some() {
            self.order(&["run", id]);
        } else if step.items.is_empty() {
            self.order(&["done", id]);
        } else {
            (1..=step.items.len()).for_each(|box_| self.order(&["tick", id, &box_.to_string()]));
        }
        wait_for(&format!("{id} done"), || {
            let state = self.state();
            let failed = matches!(state.steps[&step.id].status, StepStatus::Failed { .. });
            assert!(!failed, "{id}: {:?}\n{}", state.steps[&step.id].status, text(&self.launches.run(&["log"]).stdout));
            done(&state).then_some(())
        });
    }

    /// All is measured, but for what can't have a value yet.
    fn is_measured_but(&self, yet: &[&str]) {
        wait_for("all that has a value", || {
            let out = text(&self.launches.run(&["status", "--long"]).stdout);
            let unknown = out.lines().filter_map(|line| Some(line.split_once(" is unknown: ")?.0.trim()));
            (!out.contains("measuring") && unknown.eq(yet.iter().copied())).then_some(())
        });
    }

    /// The night is over: everything done, nothing failed, the team was told.
    fn ends(&self, environment: &str) {
        let state = self.state();
        let open = state.outline.steps.iter().filter(|s| !matches!(state.steps[&s.id].status, StepStatus::Done { .. }));
        assert_eq!(open.count(), 0);
        self.order(&["end", environment, "it is done"]);
        let paths: Vec<String> = self.web.asked().iter().map(|asked| asked.path.clone()).collect();
        assert!(paths.iter().any(|p| p == "/alive") && paths.iter().any(|p| p == "/team"), "{paths:?}");
    }
}

#[test]
fn blue_green_goes_wrong_goes_back_and_goes_all_the_way() {
    let night = Night::start(&["replica-1"], &["webhooks"]);
    night.launch("blue-green.toml");
    night.is_measured_but(&["errors[green].value", "p95[green].value"]);
    night.goes_on(Some("share-25"));
    night.app.green.set(Manner::Fails);
    night.launches.wait_for("the trigger fired", |e| matches!(e, Event::TriggerFired { .. }));
    night.order(&["rollback", "traffic", "green fails"]);
    night.launches.wait_for("all traffic on blue", |e| matches!(e, Event::RollbackDone { .. }));
    assert!(night.nginx.upstream().contains(&format!("server {} down", night.app.green.address)));
    let state = night.state();
    let words = ["go-canary", "go-wider", "by-hand"].map(|id| state.word(&id.into()));
    assert_eq!(words, ["asks again", "asks again", "done"]);
    night.app.green.set(Manner::Well);
    wait_for("no hold", || {
        let holds = night.state().holds().map(|hold| hold.by.to_string()).collect::<Vec<_>>();
        holds.iter().for_each(|name| night.order(&["release", "of", name, "it is well again"]));
        holds.is_empty().then_some(())
    });
    night.goes_on(None);
    let slots = std::fs::read_to_string(night.path("slots")).unwrap();
    assert_eq!(slots, "start green v1.0.0\nstop blue \n");
    let dump = night.state().outputs["dump"].value.clone().unwrap();
    assert!(Path::new(&dump).exists(), "{dump}");
    night.ends("production");
}

#[test]
fn rolling_goes_host_by_host_and_flag_by_flag() {
    let night = Night::start(&["replica-1", "replica-2"], &["webhooks", "email", "invoices"]);
    for address in [night.app.blue.address, night.more.blue.address, night.more.green.address] {
        night.asks(&format!("http://{address}/version/v2.3.6"));
    }
    night.launch("rolling.toml");
    night.is_measured_but(&[]);
    night.order(&["baseline", "errors", "10s"]);
    night.goes_on(Some("go-others"));
    night.order(&["rollback", "release", "not tonight"]);
    night.launches.wait_for("the old version everywhere", |e| matches!(e, Event::RollbackDone { .. }));
    night.takes(night.state().outline.step(&"roll-canary".into()).unwrap());
    // What was decided on the first canary does not let the others through after the second.
    assert_eq!(night.state().word(&"go-others".into()), "asks again");
    assert!(night.explained(&["run", "roll-app-2"]).contains("`go-others` (asks again)"));
    night.goes_on(None);
    let slots = std::fs::read_to_string(night.path("slots")).unwrap();
    let (new, old) = ("start app v2.4.0\n", "start app v2.3.6\n");
    assert_eq!(slots, [new, &old.repeat(3), &new.repeat(3)].concat());
    night.ends("production");
}

#[test]
fn hurrying_changes_times_alone() {
    let plan = "every = \"15s\"\nwhen = \"errors > 5% for 30m\"\nrate(x[2m])) y[5m]))\nat = \"T+6h\"\nat = \"T-3h\"\n";
    let want = "every = \"1s\"\nwhen = \"errors > 5% for 3s\"\nrate(x[10s])) y[10s]))\nat = \"T+1s\"\nat = \"T-3h\"";
    assert_eq!(hurried(plan).trim_end(), want);
}
