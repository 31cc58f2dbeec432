//! The schedule of one probe: when it is asked, and what is reported when it does not answer.
//!
//! The engine starts [`run`] once per probe, each as a task of its own; `tminus check --probe` asks by [`each_once`]. A probe is
//! asked at a fixed rate and never twice at a time. At every interval there is a report: the poll's result, or why there
//! is none (timed out, backing off, not opened), so that no report at all means only that no engine was running. A
//! timeout is never longer than the interval: else a slow endpoint would give a value and nothing by turns, and the clock
//! of a condition on it would never run.
//! Whatever a prober says is masked and made safe for a screen here, and a prober that panics harms its own probe alone.

use std::collections::BTreeSet;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use futures_util::future::join_all;
use rustix::time::{ClockId, clock_gettime};
use tokio::sync::Semaphore;
use tokio::time::MissedTickBehavior;

use super::{AnyProber, Miss, Prober, Setup, Spec};
use crate::core::ids::{Instance, ProbeId};
use crate::core::reading::{Outcome, Point};
use crate::core::secret::Secrets;
use crate::core::time::Span;

/// At most this many instances of one probe are taken in.
pub const MAX_INSTANCES: usize = 64;

/// The longest text that a prober may report, in characters.
const MAX_TEXT: usize = 300;

/// A poll that lasts so much longer than it may was not waited for all that time.
const STOOD_STILL: Duration = Duration::from_secs(2);

/// A probe, ready to be asked again and again. Its interval and timeout stand in the setup.
#[derive(Clone, Debug)]
pub struct Job {
    /// The probe.
    pub probe: ProbeId,
    /// What it measures.
    pub spec: Spec,
    /// What its prober gets.
    pub setup: Setup,
    /// How long to wait before the first poll; see [`spread`].
    pub phase: Span,
}

/// What one interval brought. The engine stamps it with the launch's time on receipt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// The probe.
    pub probe: ProbeId,
    /// How long the poll took, in milliseconds.
    pub took_ms: u32,
    /// The points, or why the probe as a whole learnt nothing.
    pub points: Result<Vec<Point>, String>,
}

/// The phase of the `index`th probe: probes of the same interval are spread over it, and the first values come within
/// five seconds whatever the interval.
pub fn spread(index: usize, every: Span) -> Span {
    let golden = (index as f64 * 0.618_033_988_75).fract();
    Span((every.millis().clamp(0, 5000) as f64 * golden) as i64)
}

/// Asks a probe for ever and gives each report to `sink`, which must not block. Drop the future to stop; a poll that is
/// under way is dropped with it.
pub async fn run(job: Job, mut sink: impl FnMut(Report) + Send) {
    let Job { probe, spec, mut setup, phase } = job;
    setup.timeout = setup.timeout.min(setup.every);
    let schedule = Schedule { every: setup.every, timeout: setup.timeout, phase };
    let secrets = setup.secrets.clone();
    let open = || spec.clone().open(setup.clone());
    schedule
        .run(open, |took, result| sink(Report { probe: probe.clone(), took_ms: took, points: tidy(result, &secrets) }))
        .await;
}

/// Says at every interval why nothing is measured. Drop the future to stop.
pub async fn unmeasured(job: Job, why: String, mut sink: impl FnMut(Report) + Send) {
    let every = job.setup.every.to_std().max(std::time::Duration::from_millis(1));
    let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + job.phase.to_std(), every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
    loop {
        ticks.tick().await;
        sink(Report { probe: job.probe.clone(), took_ms: 0, points: Err(why.clone()) });
    }
}

/// Opens a probe, asks it once and drops it.
pub async fn once(job: Job) -> Report {
    Opened::of(job).ask().await
}

/// So many are asked at a time by [`each_once`].
const TOGETHER: usize = 4;
/// Who has not answered after so long is waited for beside the others: the next one is asked.
const LONG: Duration = Duration::from_millis(250);

/// Opens all probes, asks each once and drops it; the reports come in the jobs' order. Few are asked at a time, so that
/// what is measured is how long they take, and not how long we do.
pub async fn each_once(jobs: Vec<Job>) -> Vec<Report> {
    let opened: Vec<Opened> = jobs.into_iter().map(Opened::of).collect();
    let places = &Semaphore::new(TOGETHER);
    let asked = opened.into_iter().map(|opened| async move {
        let place = places.acquire().await;
        let mut answer = std::pin::pin!(opened.ask());
        match tokio::time::timeout(LONG, answer.as_mut()).await {
            Ok(report) => report,
            Err(_) => {
                drop(place);
                answer.await
            }
        }
    });
    join_all(asked).await
}

/// A probe that may be asked, or why it can't be.
struct Opened {
    probe: ProbeId,
    timeout: Span,
    secrets: Arc<Secrets>,
    prober: Result<AnyProber, Miss>,
}

impl Opened {
    fn of(Job { probe, spec, setup, .. }: Job) -> Self {
        let (timeout, secrets) = (setup.timeout, setup.secrets.clone());
        Self { probe, timeout, secrets, prober: guarded_open(|| spec.open(setup)) }
    }

    async fn ask(self) -> Report {
        let begun = Instant::now();
        let result = match self.prober {
            Ok(mut prober) => ask(&mut prober, self.timeout).await.0,
            Err(miss) => Err(miss),
        };
        let points = tidy(result.map_err(|miss| miss.why), &self.secrets);
        Report { probe: self.probe, took_ms: millis(begun), points }
    }
}

struct Schedule {
    every: Span,
    timeout: Span,
    phase: Span,
}

impl Schedule {
    async fn run<P: Prober>(
        self,
        mut open: impl FnMut() -> Result<P, Miss> + Send,
        mut report: impl FnMut(u32, Result<Vec<Point>, String>) + Send,
    ) {
        let every = self.every.to_std().max(std::time::Duration::from_millis(1));
        let mut ticks = tokio::time::interval_at(tokio::time::Instant::now() + self.phase.to_std(), every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        let mut prober: Option<P> = None;
        let mut pause: Option<(Instant, String)> = None;
        loop {
            ticks.tick().await;
            if let Some((until, why)) = &pause {
                let left = until.saturating_duration_since(Instant::now());
                if !left.is_zero() {
                    let left = Span::secs(i64::try_from(left.as_secs()).unwrap_or(i64::MAX / 1000).saturating_add(1));
                    report(0, Err(format!("{why}; asked again in {left}")));
                    continue;
                }
                pause = None;
            }
            let begun = Instant::now();
            let mut current = match prober.take().map_or_else(|| guarded_open(&mut open), Ok) {
                Ok(prober) => prober,
                Err(miss) => {
                    pause = miss.retry_after.map(|after| (begun + after.to_std(), miss.why.clone()));
                    report(0, Err(miss.why));
                    continue;
                }
            };
            let (result, sound) = ask(&mut current, self.timeout).await;
            let took = millis(begun);
            if sound {
                prober = Some(current);
            }
            match result {
                Ok(points) => report(took, Ok(points)),
                Err(miss) => {
                    pause = miss.retry_after.map(|after| (Instant::now() + after.to_std(), miss.why.clone()));
                    report(took, Err(miss.why));
                }
            }
        }
    }
}

/// One poll within its timeout. The flag is false where the prober panicked and must not be used again.
async fn ask<P: Prober>(prober: &mut P, timeout: Span) -> (Result<Vec<Point>, Miss>, bool) {
    let begun = boot();
    let asked = tokio::time::timeout(timeout.to_std(), AssertUnwindSafe(prober.poll()).catch_unwind()).await;
    let took = boot().saturating_sub(begun);
    // What comes out then is neither an answer in time nor a fault of whoever was asked.
    if took > timeout.to_std() + STOOD_STILL && !matches!(asked, Ok(Err(_))) {
        let secs = i64::try_from(took.as_secs()).unwrap_or(i64::MAX / 1000);
        let why = format!(
            "the engine stood still for {} while it asked: stopped, or its machine suspended",
            Span::secs(secs)
        );
        return (Err(Miss::new(why)), true);
    }
    match asked {
        Ok(Ok(result)) => (result, true),
        Ok(Err(_)) => (Err(Miss::new("the prober failed inside; the engine's log says where")), false),
        Err(_) => (prober.timed_out(timeout), true),
    }
}

/// The clock that also counts suspended time.
fn boot() -> Duration {
    let now = clock_gettime(ClockId::Boottime);
    Duration::new(now.tv_sec.try_into().unwrap_or_default(), now.tv_nsec.try_into().unwrap_or_default())
}

fn guarded_open<P>(open: impl FnOnce() -> Result<P, Miss>) -> Result<P, Miss> {
    std::panic::catch_unwind(AssertUnwindSafe(open))
        .unwrap_or_else(|_| Err(Miss::new("the prober failed inside; the engine's log says where")))
}

fn millis(since: Instant) -> u32 {
    u32::try_from(since.elapsed().as_millis()).unwrap_or(u32::MAX)
}

/// Masks secrets, removes what could harm a screen, and refuses answers with too many instances.
fn tidy(result: Result<Vec<Point>, String>, secrets: &Secrets) -> Result<Vec<Point>, String> {
    let text = |text: &str| -> String { secrets.shown(text).chars().take(MAX_TEXT).collect() };
    let mut points = result.map_err(|why| text(&why))?;
    for point in &mut points {
        if let Some(instance) = &mut point.instance {
            *instance = Instance::from(text(instance.as_str()));
        }
        match &mut point.outcome {
            Outcome::Value(_) | Outcome::AtLeast(_) => {}
            Outcome::Text(words) | Outcome::Failing(words) | Outcome::NoData(words) | Outcome::CutOff(words) => {
                *words = text(words);
            }
            Outcome::Few(few) => few.of = text(&few.of),
        }
    }
    let instances = points.iter().filter_map(|p| p.instance.as_ref()).collect::<BTreeSet<_>>().len();
    if instances > MAX_INSTANCES {
        return Err(format!(
            "the answer has {instances} instances and a probe may have {MAX_INSTANCES}: narrow what it asks"
        ));
    }
    Ok(points)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;
    use tokio::sync::mpsc;

    /// Answers, hangs, is limited or panics, by the number of the poll.
    struct Odd {
        polls: usize,
        acts: fn(usize) -> Act,
    }

    enum Act {
        Answer,
        Hang,
        Limited,
        Panic,
        StandStill,
    }

    impl Prober for Odd {
        async fn poll(&mut self) -> Result<Vec<Point>, Miss> {
            self.polls += 1;
            match (self.acts)(self.polls) {
                Act::Answer => Ok(vec![Point::new("value", Outcome::number(self.polls as f64))]),
                Act::Hang => std::future::pending().await,
                Act::Limited => Err(Miss { why: "429".into(), retry_after: Some(Span(150)) }),
                Act::Panic => panic!("on purpose"),
                // As where the process is stopped: no timer runs meanwhile.
                Act::StandStill => {
                    std::thread::sleep(STOOD_STILL + Duration::from_millis(100));
                    Ok(vec![Point::new("value", Outcome::number(99.0))])
                }
            }
        }
    }

    /// The reports of a schedule up to the one that says `last`, as short words.
    async fn reports(
        last: &str,
        every: i64,
        timeout: i64,
        open: impl FnMut() -> Result<Odd, Miss> + Send + 'static,
    ) -> Vec<String> {
        let (tx, mut rx) = mpsc::unbounded_channel();
        let schedule = Schedule { every: Span(every), timeout: Span(timeout), phase: Span::ZERO };
        let task = tokio::spawn(schedule.run(open, move |_, result| {
            let _ = tx.send(match result {
                Ok(points) => format!("{}", points[0].outcome.value().unwrap()),
                Err(why) => why.split(", asked").next().unwrap_or("").to_owned(),
            });
        }));
        let mut seen = Vec::new();
        while seen.last().is_none_or(|s| s != last) {
            seen.push(tokio::time::timeout(Duration::from_secs(10), rx.recv()).await.unwrap().unwrap());
        }
        task.abort();
        seen
    }

    #[tokio::test]
    async fn a_poll_that_hangs_is_given_up_and_asked_again_at_the_next_interval() {
        let acts = |n| if n == 2 || n == 3 { Act::Hang } else { Act::Answer };
        let seen = reports("4", 50, 50, move || Ok(Odd { polls: 0, acts })).await;
        assert_eq!(seen, ["1", "no answer within 50ms", "no answer within 50ms", "4"]);
    }

    #[tokio::test]
    async fn a_poll_over_which_the_process_stood_still_is_neither_an_answer_nor_a_fault() {
        let acts = |n| if n == 1 { Act::StandStill } else { Act::Answer };
        let seen = reports("2", 50, 50, move || Ok(Odd { polls: 0, acts })).await;
        assert_eq!(seen, ["the engine stood still for 2s while it asked: stopped, or its machine suspended", "2"]);
    }

    /// Takes several intervals for an answer, and knows how many do so at the same time.
    struct Slow<'a> {
        now: &'a AtomicUsize,
        most: &'a AtomicUsize,
    }

    impl Prober for Slow<'static> {
        async fn poll(&mut self) -> Result<Vec<Point>, Miss> {
            let now = self.now.fetch_add(1, Ordering::SeqCst) + 1;
            self.most.fetch_max(now, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(70)).await;
            self.now.fetch_sub(1, Ordering::SeqCst);
            Ok(vec![Point::new("value", Outcome::number(now as f64))])
        }
    }

    #[tokio::test]
    async fn a_probe_is_never_asked_twice_at_a_time() {
        static NOW: AtomicUsize = AtomicUsize::new(0);
        static MOST: AtomicUsize = AtomicUsize::new(0);
        let (tx, mut rx) = mpsc::unbounded_channel();
        let schedule = Schedule { every: Span(20), timeout: Span(5000), phase: Span::ZERO };
        let open = || Ok(Slow { now: &NOW, most: &MOST });
        let task = tokio::spawn(schedule.run(open, move |took, result| drop(tx.send((took, result)))));
        for _ in 0..4 {
            let (took, result) = tokio::time::timeout(Duration::from_secs(10), rx.recv()).await.unwrap().unwrap();
            assert!(result.is_ok() && took >= 70, "{took}: {result:?}");
        }
        task.abort();
        assert_eq!(MOST.load(Ordering::SeqCst), 1);
    }

    #[tokio::test]
    async fn a_rate_limit_is_honoured_and_told_at_every_interval() {
        let acts = |n| if n == 1 { Act::Limited } else { Act::Answer };
        let seen = reports("2", 40, 40, move || Ok(Odd { polls: 0, acts })).await;
        assert_eq!(seen[0], "429");
        assert!(seen.len() > 2 && seen[1..seen.len() - 1].iter().all(|s| s == "429; asked again in 1s"), "{seen:?}");
    }

    #[tokio::test]
    async fn a_probe_that_can_not_be_opened_is_tried_again() {
        let tries = AtomicUsize::new(0);
        let seen = reports("2", 20, 20, move || match tries.fetch_add(1, Ordering::Relaxed) {
            0 => Err(Miss::new("no secret")),
            _ => Ok(Odd { polls: 0, acts: |_| Act::Answer }),
        })
        .await;
        assert_eq!(seen, ["no secret", "1", "2"]);
    }

    #[tokio::test]
    async fn a_panic_harms_one_poll_only() {
        let opened = AtomicUsize::new(0);
        let acts = |n| if n == 2 { Act::Panic } else { Act::Answer };
        let fresh = |_| Act::Answer;
        let seen = reports("2", 20, 1000, move || {
            Ok(Odd { polls: 0, acts: if opened.fetch_add(1, Ordering::Relaxed) == 0 { acts } else { fresh } })
        })
        .await;
        assert_eq!(seen, ["1", "the prober failed inside; the engine's log says where", "1", "2"]);
    }

    #[test]
    fn what_a_prober_says_is_masked_and_cleaned() {
        let secrets = Secrets::new([("t".to_owned(), "hunter22".to_owned())].into());
        assert_eq!(tidy(Err("GET ?k=hunter22\u{1b}[2J".into()), &secrets), Err("GET ?k=••••••[2J".into()));
        let many = (0..65).map(|n| Point::of(&n.to_string(), "value", Outcome::number(1.0))).collect();
        assert!(tidy(Ok(many), &secrets).unwrap_err().contains("65 instances"));
    }

    #[test]
    fn first_polls_come_soon_and_not_at_once() {
        let phases: BTreeSet<i64> = (0..20).map(|n| spread(n, Span::secs(60)).millis()).collect();
        assert_eq!(phases.len(), 20);
        assert!(phases.iter().all(|p| (0..5000).contains(p)));
    }
}
