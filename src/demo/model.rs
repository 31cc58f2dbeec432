//! The production itself. It moves in steps of a tenth of a second, so that what happens does not depend on how often it
//! is looked at.
//!
//! There is one cause: green's *strain*, 0 to 1, which rises while it has more traffic than its flaw bears and falls when
//! it has less. What follows from it (errors, latency, a starved database, replica lag, late webhooks) the story says;
//! all of it recovers when traffic goes back. Requests, failures and events are whole.

use std::collections::BTreeMap;

use super::scenario::Scenario;
use super::window::{Whole, Window};

/// The length of a step of the model, in seconds.
pub const STEP: f64 = 0.1;

/// Requests a second from users.
const TRAFFIC: f64 = 120.0;

/// Requests a second from the monitoring, which asks both versions always.
const SYNTHETIC: f64 = 2.0;

/// Webhooks a second that come in, and that the workers can deliver.
const WEBHOOKS: (f64, f64) = (40.0, 80.0);

/// The share of a version's requests that fail for no reason, where it has all the traffic. It falls with the traffic.
const STRAY: f64 = 0.0005;

/// Seconds from one crash of a version that dies to the next.
const CRASHES: f64 = 5.0;

/// How long a deployment takes, in seconds, and what it says when.
const DEPLOY: &[(f64, &str)] = &[
    (0.0, "draining green: 0 requests in flight"),
    (0.6, "pulling registry.internal/wallet:VERSION"),
    (1.8, "migrating: 3 migrations, each fits the version before it"),
    (2.8, "starting wallet@3002, wallet@3003"),
    (4.0, "green answers as VERSION"),
];

/// Which of the two versions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The one that has the traffic before the launch.
    Blue,
    /// The one that gets it.
    Green,
}

/// The production.
#[derive(Clone, Debug)]
pub struct Model {
    scenario: Scenario,
    speed: f64,
    /// Seconds since 1970, moving with the wall clock.
    now: f64,
    /// Time of the story that is not a whole step yet.
    rest: f64,
    steps: u64,
    share: f64,
    green: String,
    deploying: Option<f64>,
    strain: f64,
    webhooks: f64,
    blue_seen: Window,
    green_seen: Window,
    users: [Window; 2],
    /// Requests to living versions: what the error tracker hears of.
    heard: Window,
    flows: [Flow; 2],
    crashes: Whole,
    /// Error events a minute, by minutes since 1970.
    minutes: BTreeMap<i64, f64>,
    /// How often the flaw's issue was seen.
    issue: Option<f64>,
}

/// What a version is asked in a step, made whole.
#[derive(Clone, Copy, Debug, Default)]
struct Flow {
    users: Whole,
    monitoring: Whole,
    failures: Whole,
}

impl Model {
    /// A production in its normal state; `now` in seconds since 1970, `speed` of its story against the clock.
    pub fn new(scenario: Scenario, speed: f64, now: f64) -> Self {
        let mut model = Self {
            scenario,
            speed,
            now,
            rest: 0.0,
            steps: 0,
            share: 0.0,
            green: "v0.9.8".to_owned(),
            deploying: None,
            strain: 0.0,
            webhooks: 30.0,
            blue_seen: Window::new(10.0),
            green_seen: Window::new(10.0),
            users: [Window::new(5.0), Window::new(5.0)],
            heard: Window::new(10.0),
            flows: [Flow::default(); 2],
            crashes: Whole::default(),
            minutes: (1..=20).map(|back| ((now / 60.0) as i64 - back, 4.0 + (back % 3) as f64)).collect(),
            issue: None,
        };
        for _ in 0..400 {
            model.step();
        }
        model
    }

    /// Moves on to a moment, in seconds since 1970. A moment in the past changes nothing.
    pub fn advance(&mut self, now: f64) {
        let passed = (now - self.now).clamp(0.0, 600.0);
        self.now = self.now.max(now);
        self.rest += passed * self.speed;
        while self.rest >= STEP {
            self.rest -= STEP;
            self.step();
        }
    }

    /// Gives green a share of the traffic, in percent.
    pub fn set_share(&mut self, share: f64) {
        self.share = share.clamp(0.0, 100.0);
    }

    /// Starts to replace what runs on green.
    pub fn deploy(&mut self, version: &str) {
        version.clone_into(&mut self.green);
        self.deploying = Some(0.0);
        self.strain = 0.0;
    }

    /// What the deployment has said so far, and whether it is over.
    pub fn deployment(&self) -> (Vec<String>, bool) {
        let since = self.deploying.unwrap_or(f64::INFINITY);
        let said = DEPLOY.iter().filter(|(at, _)| *at <= since);
        (said.map(|(_, line)| line.replace("VERSION", &self.green)).collect(), self.deploying.is_none())
    }

    /// Whether a version answers at all.
    pub fn answers(&self, slot: Slot) -> bool {
        let dead = self.scenario.flaw.is_some_and(|f| f.dies) && self.strain > 0.5;
        slot == Slot::Blue || (self.deploying.is_none() && !dead)
    }

    /// What runs there.
    pub fn version(&self, slot: Slot) -> &str {
        match slot {
            Slot::Blue => "v0.9.9",
            Slot::Green => &self.green,
        }
    }

    /// How much of its database's connections a version lacks, 0 to 1.
    pub fn starved(&self, slot: Slot) -> f64 {
        let leaked = if self.scenario.flaw.is_some_and(|f| f.leaks) { self.strain } else { 0.0 };
        match slot {
            Slot::Blue => leaked * 0.1,
            Slot::Green => leaked,
        }
    }

    /// How long a version takes to answer, in seconds.
    pub fn latency(&self, slot: Slot) -> f64 {
        let worst = self.scenario.flaw.map_or(0.0, |f| f.latency);
        match slot {
            Slot::Blue => 0.038 + 0.004 * self.wobble(7.0) + 0.03 * worst * self.strain,
            Slot::Green => 0.034 + 0.004 * self.wobble(5.0) + worst * self.strain,
        }
    }

    /// Green's share of the traffic that the balancer is set to, in percent.
    pub fn set(&self) -> f64 {
        self.share
    }

    /// A version's share of the users' requests of the last seconds, 0 to 1.
    pub fn share(&self, slot: Slot) -> f64 {
        let [blue, green] = [self.users[0].requests(), self.users[1].requests()];
        (if slot == Slot::Blue { blue } else { green }) / (blue + green)
    }

    /// The share of a version's requests of the last ten seconds that failed, 0 to 1; NaN without requests.
    pub fn errors(&self, slot: Slot) -> f64 {
        self.seen(slot).error_share()
    }

    /// A version's requests of the last ten seconds.
    pub fn requests(&self, slot: Slot) -> f64 {
        self.seen(slot).requests()
    }

    /// What the error tracker heard of the last ten seconds: how many requests, and the share of them that failed, 0 to
    /// 1. What a dead version was asked nobody tells it.
    pub fn reported(&self) -> (f64, f64) {
        (self.heard.requests(), self.heard.error_share())
    }

    /// How far each replica is behind, in seconds.
    pub fn lag(&self) -> [(&'static str, f64); 2] {
        let worst = self.scenario.flaw.map_or(0.0, |f| f.lag) * self.strain;
        [
            ("replica-1", 0.4 + 0.2 * self.wobble(11.0) + worst * 0.2),
            ("replica-2", 0.5 + 0.3 * self.wobble(13.0) + worst),
        ]
    }

    /// Each queue: its name, how many wait, and for how long the oldest has waited, in seconds. They come in at a steady
    /// pace, so that the oldest came in as long ago as it takes that many to come in.
    pub fn queues(&self) -> [(&'static str, f64, f64); 3] {
        let emails = 12.0 + 8.0 * self.wobble(17.0);
        let reports = 3.0 + 2.0 * self.wobble(23.0);
        [
            ("webhooks", self.webhooks.floor(), self.webhooks / WEBHOOKS.0),
            ("emails", emails.floor(), emails / 6.0),
            ("reports", reports.floor(), reports * 1.5),
        ]
    }

    /// Error events of each of the last minutes: when it began, in seconds since 1970, and how many.
    pub fn minutes(&self) -> impl Iterator<Item = (i64, f64)> + '_ {
        self.minutes.iter().map(|(minute, count)| (minute * 60, *count))
    }

    /// What Sentry calls the flaw, and how often it has seen it, once it has.
    pub fn issue(&self) -> Option<(&'static str, f64)> {
        Some((self.scenario.flaw?.issue?, self.issue?))
    }

    /// Now, in seconds since 1970.
    pub fn now(&self) -> f64 {
        self.now
    }

    /// How often something was done, to choose who answers next.
    pub fn turn(&self) -> u64 {
        self.steps
    }

    fn seen(&self, slot: Slot) -> &Window {
        match slot {
            Slot::Blue => &self.blue_seen,
            Slot::Green => &self.green_seen,
        }
    }

    fn deliverable(&self) -> f64 {
        let lost = self.scenario.flaw.map_or(0.0, |f| f.webhooks) * self.strain;
        WEBHOOKS.1 * (1.0 - lost)
    }

    fn step(&mut self) {
        self.steps += 1;
        if let Some(since) = &mut self.deploying {
            *since += STEP;
            if DEPLOY.last().is_some_and(|(at, _)| *since > *at + STEP) {
                self.deploying = None;
            }
        }
        let flawed = self.green == "v1.0.0";
        if let Some(flaw) = self.scenario.flaw.filter(|_| flawed) {
            let pace = if self.share >= flaw.from { 1.0 / flaw.rise } else { -1.0 / 12.0 };
            self.strain = (self.strain + pace * STEP).clamp(0.0, 1.0);
            // A crashed process is started again at once and crashes again, until it has less to bear.
            if flaw.dies {
                match (self.strain > 0.5, self.share >= flaw.from) {
                    (true, true) => self.strain = 1.0,
                    (false, false) => self.strain = 0.0,
                    _ => {}
                }
            }
        }
        self.serve();
        let arrived = WEBHOOKS.0 * (0.9 + 0.2 * self.wobble(19.0)) * STEP;
        let idle = 20.0 + 15.0 * self.wobble(31.0);
        self.webhooks = (self.webhooks + arrived - self.deliverable() * STEP).max(idle);
    }

    /// The requests of a step: who answers them, and how many of them fail.
    fn serve(&mut self) {
        let worst = self.scenario.flaw.map_or(0.0, |f| f.errors) * self.strain.powf(1.5);
        let all = TRAFFIC * (1.0 + 0.06 * (self.wobble(29.0) - 0.5)) * STEP;
        let alive = self.answers(Slot::Green);
        let to_green = if alive { all * self.share / 100.0 } else { 0.0 };
        // While green is drained nobody asks it, the monitoring included.
        let asked = if self.deploying.is_some() { 0.0 } else { SYNTHETIC * STEP };
        let stray = |users: f64, period: f64| STRAY * users / all * (0.6 + 0.8 * self.wobble(period));
        let spilt = if self.scenario.flaw.is_some_and(|f| f.leaks) { 0.02 * worst } else { 0.0 };
        let to_blue = all - to_green;
        let blue = (to_blue, SYNTHETIC * STEP, stray(to_blue, 3.0) + spilt);
        let green = (to_green, asked, if alive { stray(to_green, 4.0) + worst } else { 1.0 });
        let [blue, green] = [(0, blue), (1, green)].map(|(slot, (users, monitoring, bad))| {
            let flow = &mut self.flows[slot];
            let users = flow.users.take(users, f64::INFINITY);
            let requests = users + flow.monitoring.take(monitoring, f64::INFINITY);
            self.users[slot].add(users, 0.0);
            (requests, flow.failures.take(requests * bad.min(1.0), requests))
        });
        self.blue_seen.add(blue.0, blue.1);
        self.green_seen.add(green.0, green.1);
        let crashed = !alive && self.deploying.is_none();
        let crashes = if crashed { self.crashes.take(STEP / CRASHES, 1.0) } else { 0.0 };
        let told = if alive { green } else { (0.0, 0.0) };
        self.heard.add(blue.0 + told.0, blue.1 + told.1);
        let flawed = crashes + if worst > 0.0 { told.1 } else { 0.0 };
        if flawed > 0.0 {
            *self.issue.get_or_insert(0.0) += flawed;
        }
        let minute = (self.now / 60.0) as i64;
        *self.minutes.entry(minute).or_default() += blue.1 + told.1 + crashes;
        self.minutes.retain(|at, _| *at > minute - 30);
    }

    /// Something between 0 and 1 that comes and goes, the same in every run.
    fn wobble(&self, period: f64) -> f64 {
        let t = self.steps as f64 * STEP;
        0.5 + 0.3 * (t / period * std::f64::consts::TAU).sin() + 0.2 * (t / period * 17.3).sin()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::scenario::{SCENARIOS, find};

    const START: f64 = 1_700_000_000.0;

    fn at_25(name: &str) -> Model {
        let mut model = Model::new(find(name).unwrap(), 1.0, START);
        model.deploy("v1.0.0");
        model.advance(START + 10.0);
        model.set_share(25.0);
        model
    }

    fn after(model: &mut Model, seconds: f64) {
        model.advance(model.now() + seconds);
    }

    #[test]
    fn every_story_begins_well() {
        for scenario in SCENARIOS {
            let model = Model::new(*scenario, 1.0, START);
            assert!(model.errors(Slot::Green) < 0.002 && model.errors(Slot::Blue) < 0.002, "{}", scenario.name);
            assert!(model.lag().iter().all(|(_, lag)| *lag < 1.5) && model.queues()[0].1 < 60.0);
            assert!(model.requests(Slot::Green) > 15.0, "the monitoring asks green too");
            assert_eq!(model.share(Slot::Green), 0.0);
        }
    }

    #[test]
    fn green_fails_at_25_percent_within_two_minutes_and_recovers_when_traffic_goes_back() {
        let mut model = at_25("green-fails");
        after(&mut model, 60.0);
        assert!(model.errors(Slot::Green) > 0.05, "{}", model.errors(Slot::Green));
        assert!(model.errors(Slot::Blue) < 0.01);
        assert!(model.lag()[1].1 > 10.0);
        let worst = model.queues()[0].1;
        assert!(worst > 300.0, "{worst}");
        assert!(model.issue().is_some());
        model.set_share(0.0);
        after(&mut model, 60.0);
        assert!(model.errors(Slot::Green) < 0.01 && model.lag()[1].1 < 2.0 && model.queues()[0].1 < worst / 4.0);
    }

    #[test]
    fn five_percent_is_borne_for_ever() {
        let mut model = at_25("green-fails");
        model.set_share(5.0);
        after(&mut model, 600.0);
        assert!(model.errors(Slot::Green) < 0.002);
    }

    #[test]
    fn a_dead_green_gets_no_requests_and_stays_down_while_it_has_traffic() {
        let mut model = at_25("green-dies");
        for _ in 0..30 {
            after(&mut model, 1.0);
            assert!(model.reported().1 < 0.002 && model.errors(Slot::Blue) < 0.002, "the public name hides it");
        }
        assert!(!model.answers(Slot::Green) && model.answers(Slot::Blue));
        assert_eq!(model.share(Slot::Green), 0.0);
        after(&mut model, 60.0);
        assert!(!model.answers(Slot::Green) && model.errors(Slot::Green) > 0.9);
        model.set_share(5.0);
        after(&mut model, 20.0);
        assert!(model.answers(Slot::Green) && model.errors(Slot::Green) < 0.01, "{}", model.errors(Slot::Green));
    }

    #[test]
    fn the_way_back_shows_within_fifteen_seconds() {
        for scenario in SCENARIOS.iter().filter(|s| s.flaw.is_some()) {
            let mut model = at_25(scenario.name);
            model.set_share(50.0);
            after(&mut model, 60.0);
            let bad = (model.errors(Slot::Green), model.lag()[1].1, model.queues()[0].1);
            model.set_share(0.0);
            after(&mut model, 15.0);
            let now = (model.errors(Slot::Green), model.lag()[1].1, model.queues()[0].1);
            let fell = |bad: f64, now: f64| now < bad * 0.8;
            assert!(bad.0 < 0.01 || now.0 < bad.0 / 2.0, "{}: {bad:?} {now:?}", scenario.name);
            assert!(bad.1 < 5.0 || fell(bad.1, now.1), "{}: {bad:?} {now:?}", scenario.name);
            assert!(bad.2 < 100.0 || now.2 < bad.2, "{}: {bad:?} {now:?}", scenario.name);
        }
    }

    #[test]
    fn a_rate_of_n_requests_is_so_many_of_n() {
        for scenario in SCENARIOS {
            let mut model = at_25(scenario.name);
            for second in 0..240 {
                model.set_share(if second < 120 { 50.0 } else { 0.0 });
                after(&mut model, 1.0);
                let (count, rate) = model.reported();
                for (n, rate) in [Slot::Blue, Slot::Green]
                    .map(|s| (model.requests(s), model.errors(s)))
                    .into_iter()
                    .chain([(count, rate)])
                {
                    assert_eq!(n, n.round(), "{}", scenario.name);
                    let failed = rate * n;
                    assert!(n == 0.0 || (failed - failed.round()).abs() < 1e-6, "{}: {rate} of {n}", scenario.name);
                }
                assert!(model.minutes().all(|(_, n)| n == n.round()), "{}", scenario.name);
            }
        }
    }

    #[test]
    fn nothing_waits_for_longer_than_time_has_passed() {
        for scenario in SCENARIOS {
            let mut model = at_25(scenario.name);
            model.set_share(50.0);
            let mut before = model.queues();
            for _ in 0..120 {
                after(&mut model, 1.0);
                let now = model.queues();
                for ((name, _, then), (.., age)) in before.into_iter().zip(now).take(1) {
                    assert!(age - then <= 1.0, "{}: {name} aged {} s in a second", scenario.name, age - then);
                }
                before = now;
            }
        }
    }

    #[test]
    fn calm_stays_calm_at_any_share() {
        let mut model = at_25("calm");
        for share in [25.0, 50.0, 100.0] {
            model.set_share(share);
            after(&mut model, 120.0);
            assert!(model.reported().1 < 0.003 && model.queues()[0].1 < 60.0, "{share}");
            assert!((model.share(Slot::Green) - share / 100.0).abs() < 0.01);
        }
    }

    #[test]
    fn how_often_it_is_looked_at_changes_nothing() {
        let mut rarely = at_25("green-fails");
        let mut often = rarely.clone();
        after(&mut rarely, 50.0);
        for _ in 0..500 {
            after(&mut often, 0.1);
        }
        assert!((rarely.errors(Slot::Green) - often.errors(Slot::Green)).abs() < 0.01);
        assert!((rarely.queues()[0].1 - often.queues()[0].1).abs() < 20.0);
    }
}
