//! `prometheus`: an instant query, one instance a label set. Also for what speaks its API: Thanos, Mimir, VictoriaMetrics.
//!
//! An empty answer and NaN are no data, never zero: a ratio without a numerator is empty, and 0/0 is NaN. Nor is an answer
//! that comes with warnings a whole one: a store that did not answer leaves out its errors, and what is left looks well.
//! Notes on a query's style, which a Prometheus calls infos, cost nothing and go to the engine's log. With a `samples` query,
//! a value that rests on fewer than `min-samples` counts as no data too, and says how many there are.

use std::collections::BTreeMap;
use std::path::PathBuf;

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Method, Url};
use serde::Deserialize;

use super::client::{self, Client, Request, Terms};
use super::scale::{Scale, brief};
use super::tls::WayOut;
use super::{Kind, Miss, Prober, Setup, few, measure};
use crate::core::outline::{MeasureOutline, Pane};
use crate::core::reading::{Outcome, Point};
use crate::core::time::Span;
use crate::core::units::Unit;
use crate::core::web;

/// The longest answer that is read, in bytes.
const CAP: usize = 8 << 20;

/// A query longer than this is sent as a form, since proxies cut long URLs.
const LONG: usize = 4000;

/// `prometheus = { url = "http://prometheus:9090", query = "…" }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Prometheus {
    /// The server, as `http://prometheus:9090`; a path before `/api/v1` may follow.
    url: String,
    /// PromQL that gives one number for each label set, now. For a ratio that may have no errors at all write
    /// `(sum(rate(…5..[5m])) or vector(0)) / sum(rate(…[5m]))`: without it the answer is empty, which is no data.
    query: String,
    /// What the numbers are in: `"ratio"` for 0 to 1, `"%"`, `"s"`, `"ms"`, `"B"`, `"/s"`, `"count"`, … Without it they
    /// are what the conditions speak in, in base units: a ratio for `%`, seconds, bytes, per second.
    #[serde(default)]
    unit: Option<Scale>,
    /// PromQL for how many samples each value rests on, with the same labels.
    #[serde(default)]
    samples: Option<String>,
    /// Fewer samples than this are no data. May also stand beside the table.
    #[serde(default)]
    min_samples: Option<u64>,
    /// What a sample is, in the plural: `"requests"`, as in `0.00 % of 212/300 requests`.
    #[serde(default = "samples_of")]
    samples_of: String,
    /// The labels that name an instance. Without it all labels do, joined by `/`; a value without labels has no name.
    #[serde(default)]
    instance: Vec<String>,
    /// Headers to send, as `X-Scope-OrgID = "team"` or `Authorization = "Bearer ${secret.token}"`.
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// A PEM file with certificates of further authorities to trust, relative to the plan.
    #[serde(default)]
    ca: Option<PathBuf>,
}

fn samples_of() -> String {
    "samples".to_owned()
}

impl Kind for Prometheus {
    const PANE: Pane = Pane::Signals;
    const EVERY: Span = Span::secs(15);
    const TIMEOUT: Span = Span::secs(10);
    type Prober = PrometheusProber;

    fn measures(&self) -> Vec<MeasureOutline> {
        let unit = self.unit.unwrap_or(Scale::Count).unit();
        let mut measures = vec![measure("value", unit, "what the query gives")];
        if self.samples.is_some() {
            measures.push(measure("samples", Unit::Count, "how many samples the value rests on"));
        }
        measures
    }

    fn many(&self) -> bool {
        true
    }

    fn target(&self) -> String {
        brief(&self.query.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    fn address(&self) -> Option<String> {
        Some(self.url.clone())
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems: Vec<(&'static str, String)> = Vec::new();
        problems.extend(web::problem(&self.url).map(|p| ("url", p)));
        if self.query.trim().is_empty() {
            problems.push(("query", "the query is empty".to_owned()));
        }
        if matches!(self.unit, Some(Scale::Text)) {
            problems.push(("unit", "a query gives numbers, never text".to_owned()));
        }
        if self.min_samples.is_some() && self.samples.is_none() {
            problems.push(("min-samples", "needs a `samples` query, which counts them for each label set".to_owned()));
        }
        problems
    }

    fn set_min_samples(&mut self, at_least: u64) -> bool {
        self.min_samples = Some(at_least);
        true
    }

    fn set_unit(&mut self, measure: &str, unit: Unit) -> bool {
        let free = measure == "value" && self.unit.is_none() && unit != Unit::Text;
        if free {
            self.unit = Some(Scale::base_of(unit));
        }
        free
    }

    fn open(self, setup: Setup) -> Result<PrometheusProber, Miss> {
        let base = client::url(&self.url, &setup)?;
        let mut headers = client::headers(&self.headers, &setup)?;
        let mut endpoint = base.clone();
        endpoint.set_path(&format!("{}/api/v1/query", base.path().trim_end_matches('/')));
        let request = |query: &str, headers: &mut HeaderMap| -> Request {
            let mut url: Url = endpoint.clone();
            url.query_pairs_mut().append_pair("query", query);
            if url.as_str().len() <= LONG {
                return Request { method: Method::GET, url, headers: headers.clone(), body: None, cap: CAP };
            }
            let body = url.query().map(str::to_owned);
            let mut headers = headers.clone();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"));
            Request { method: Method::POST, url: endpoint.clone(), headers, body, cap: CAP }
        };
        let ca = self.ca.map(|ca| setup.dir.join(ca));
        let terms = Terms { keep: true, ca: ca.as_deref(), way_out: WayOut::Ca, timeout: setup.timeout };
        Ok(PrometheusProber {
            client: Client::new(&base, terms)?,
            query: request(&self.query, &mut headers),
            samples: self.samples.as_deref().map(|q| request(q, &mut headers)),
            least: Least { samples: self.min_samples.unwrap_or(0), of: self.samples_of },
            scale: self.unit.unwrap_or(Scale::Count),
            instance: self.instance,
            noted: Vec::new(),
        })
    }
}

/// Asks a Prometheus.
pub struct PrometheusProber {
    client: Client,
    query: Request,
    samples: Option<Request>,
    least: Least,
    scale: Scale,
    instance: Vec<String>,
    /// The notes on the queries that were logged last.
    noted: Vec<String>,
}

/// How many samples of what a value must rest on.
struct Least {
    samples: u64,
    of: String,
}

/// The values of an answer by instance; `""` is the value without labels.
type Values = BTreeMap<String, f64>;

impl Prober for PrometheusProber {
    async fn poll(&mut self) -> Result<Vec<Point>, Miss> {
        self.client.begin();
        let (values, samples, notes) = match &self.samples {
            None => {
                let (values, notes) = self.ask(&self.query).await?;
                (values, None, notes)
            }
            Some(samples) => {
                let (values, samples) = tokio::try_join!(self.ask(&self.query), self.ask(samples))?;
                (values.0, Some(samples.0), [values.1, samples.1].concat())
            }
        };
        if notes != self.noted {
            for note in &notes {
                tracing::info!(%note, "prometheus notes on a query");
            }
            self.noted = notes;
        }
        points(values, samples, &self.least, self.scale)
    }

    fn timed_out(&self, after: Span) -> Result<Vec<Point>, Miss> {
        Err(Miss::new(self.client.in_vain(after).why()))
    }
}

impl PrometheusProber {
    /// The values, and the server's notes on the query.
    async fn ask(&self, request: &Request) -> Result<(Values, Vec<String>), Miss> {
        let answer = self.client.ask(request).await.map_err(|t| Miss::new(t.why()))?;
        if let Some(miss) = client::refusal(&answer, "prometheus") {
            return Err(miss);
        }
        if let Some(redirect) = answer.redirect() {
            return Err(Miss::new(format!("prometheus answered {}, {redirect}: is the `url` right?", answer.status)));
        }
        let envelope = match answer.json().map(serde_json::from_value::<Envelope>) {
            Ok(Ok(envelope)) => envelope,
            Ok(Err(_)) => {
                return Err(Miss::new(format!("answered {} with JSON that is not Prometheus'", answer.status)));
            }
            Err(why) => return Err(Miss::new(format!("answered {}: {why}", answer.status))),
        };
        if let Some(error) = envelope.error.as_ref().filter(|_| envelope.status != "success") {
            let kind = envelope.error_type.as_deref().unwrap_or("error");
            return Err(Miss::new(format!("{kind}: {error}")));
        }
        let notes = envelope.notes().map_err(Miss::new)?;
        let data = envelope.data.ok_or_else(|| Miss::new(format!("answered {} without data", answer.status)))?;
        Ok((data.values(&self.instance).map_err(Miss::new)?, notes))
    }
}

/// What an answer comes to.
fn points(values: Values, samples: Option<Values>, least: &Least, scale: Scale) -> Result<Vec<Point>, Miss> {
    let point = |name: &str, measure: &str, outcome: Outcome| match name {
        "" => Point::new(measure, outcome),
        name => Point::of(name, measure, outcome),
    };
    if values.is_empty() && samples.as_ref().is_none_or(BTreeMap::is_empty) {
        return Err(Miss::new("the query gives nothing: no such series, or nothing happened"));
    }
    let mut points = Vec::new();
    let mut names: Vec<&String> = values.keys().collect();
    names.extend(samples.iter().flat_map(BTreeMap::keys).filter(|name| !values.contains_key(*name)));
    for name in names {
        let value = match values.get(name) {
            None => Outcome::NoData("the query gives nothing for it".to_owned()),
            Some(value) if value.is_nan() => Outcome::NoData("the query gives NaN: nothing to divide by".to_owned()),
            Some(value) => scale.outcome(*value),
        };
        let Some(samples) = &samples else {
            points.push(point(name, "value", value));
            continue;
        };
        let count = samples.get(name).copied().filter(|n| n.is_finite());
        let value = match count {
            None => Outcome::NoData("the samples query gives nothing for it".to_owned()),
            Some(n) if n < least.samples as f64 => few(value.value(), n, least.samples as f64, &least.of),
            Some(_) => value,
        };
        points.push(point(name, "value", value));
        let count = count.map_or_else(|| Outcome::NoData("no samples".to_owned()), Outcome::number);
        points.push(point(name, "samples", count));
    }
    Ok(points)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Envelope {
    status: String,
    data: Option<Data>,
    error_type: Option<String>,
    error: Option<String>,
    /// None or null where there are none.
    warnings: Option<Vec<String>>,
    infos: Option<Vec<String>>,
    /// So VictoriaMetrics calls it.
    is_partial: Option<bool>,
}

impl Envelope {
    /// What the server notes on the query; or why its answer is not the whole one.
    fn notes(&self) -> Result<Vec<String>, String> {
        let said = || self.warnings.iter().flatten();
        // Before 3.0 a Prometheus had the notes among the warnings.
        let is_note = |text: &&String| text.starts_with("PromQL info");
        if let Some(first) = said().find(|text| !is_note(text)) {
            let more = said().filter(|text| !is_note(text)).count() - 1;
            let more = if more == 0 { String::new() } else { format!(", and {more} more") };
            return Err(format!("partial answer: {}{more}", brief(first)));
        }
        if self.is_partial == Some(true) {
            return Err("partial answer: not all of its stores answered".to_owned());
        }
        Ok(said().chain(self.infos.iter().flatten()).cloned().collect())
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    result_type: String,
    result: serde_json::Value,
}

#[derive(Deserialize)]
struct Series {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    value: Option<(f64, String)>,
}

impl Data {
    /// The values by instance, or why there are none that could be used.
    fn values(self, labels: &[String]) -> Result<Values, String> {
        let bad = |e: serde_json::Error| format!("the answer can't be read: {e}");
        let parse = |text: &str| text.parse::<f64>().map_err(|_| format!("`{}` is no number", brief(text)));
        match self.result_type.as_str() {
            "scalar" => {
                let (_, text): (f64, String) = serde_json::from_value(self.result).map_err(bad)?;
                Ok([(String::new(), parse(&text)?)].into())
            }
            "vector" => {
                let series: Vec<Series> = serde_json::from_value(self.result).map_err(bad)?;
                let mut values = Values::new();
                for Series { metric, value } in series {
                    let name = name(&metric, labels);
                    let (_, text) =
                        value.ok_or("the query gives histograms: take a number from them with histogram_quantile")?;
                    if values.insert(name.clone(), parse(&text)?).is_some() {
                        return Err(format!(
                            "several series are named `{name}`: sum them, or name more labels in `instance`"
                        ));
                    }
                }
                Ok(values)
            }
            other => Err(format!("the query gives a {other}, not one number for each label set: leave the range out")),
        }
    }
}

/// What a label set is called.
fn name(metric: &BTreeMap<String, String>, labels: &[String]) -> String {
    let all = || metric.iter().filter(|(k, _)| *k != "__name__").map(|(_, v)| v.as_str()).collect::<Vec<_>>();
    let some = || labels.iter().map(|l| metric.get(l).map_or("", String::as_str)).collect::<Vec<_>>();
    let values = if labels.is_empty() { all() } else { some() };
    values.into_iter().filter(|v| !v.is_empty()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn values(data: serde_json::Value, labels: &[&str]) -> Result<Values, String> {
        let labels: Vec<String> = labels.iter().map(|l| (*l).to_owned()).collect();
        serde_json::from_value::<Data>(data).unwrap().values(&labels)
    }

    fn vector(series: serde_json::Value) -> serde_json::Value {
        json!({ "resultType": "vector", "result": series })
    }

    #[test]
    fn a_label_set_is_an_instance() {
        let two = vector(json!([
            {"metric": {"version": "green"}, "value": [1.0, "0.061"]},
            {"metric": {"version": "blue"}, "value": [1.0, "0.0005"]},
        ]));
        assert_eq!(values(two, &[]).unwrap(), [("blue".into(), 0.0005), ("green".into(), 0.061)].into());
        let full = json!([{"metric": {"__name__": "up", "job": "web", "instance": "h:1"}, "value": [1.0, "1"]}]);
        assert_eq!(values(vector(full.clone()), &[]).unwrap().keys().collect::<Vec<_>>(), ["h:1/web"]);
        assert_eq!(values(vector(full), &["job"]).unwrap().keys().collect::<Vec<_>>(), ["web"]);
        assert_eq!(values(json!({"resultType": "scalar", "result": [1.0, "3"]}), &[]).unwrap()[""], 3.0);
    }

    #[test]
    fn what_is_no_number_per_label_set_is_refused() {
        let twice = json!([
            {"metric": {"job": "a", "x": "1"}, "value": [1.0, "1"]},
            {"metric": {"job": "a", "x": "2"}, "value": [1.0, "1"]},
        ]);
        assert!(values(vector(twice), &["job"]).unwrap_err().contains("several series are named `a`"));
        assert!(values(json!({"resultType": "matrix", "result": []}), &[]).unwrap_err().contains("matrix"));
        let histogram = json!([{"metric": {}, "histogram": [1.0, {}]}]);
        assert!(values(vector(histogram), &[]).unwrap_err().contains("histogram_quantile"));
    }

    #[test]
    fn nothing_and_nan_and_few_samples_are_no_data() {
        let least = Least { samples: 300, of: "requests".to_owned() };
        assert!(points(Values::new(), None, &least, Scale::Ratio).unwrap_err().why.contains("gives nothing"));
        let found = points([(String::new(), f64::NAN)].into(), None, &least, Scale::Ratio).unwrap();
        assert!(matches!(&found[0].outcome, Outcome::NoData(why) if why.contains("NaN")));

        let rates: Values = [("blue".into(), 0.01), ("green".into(), 0.5)].into();
        let counts: Values = [("blue".into(), 4000.0), ("green".into(), 212.0), ("red".into(), 3.0)].into();
        let found = points(rates, Some(counts), &least, Scale::Ratio).unwrap();
        let outcome = |name: &str| {
            let wanted = Some(name.into());
            found.iter().find(|p| p.instance == wanted && p.measure.as_str() == "value").unwrap().outcome.clone()
        };
        assert_eq!(outcome("blue").value(), Some(0.01));
        let said = |name: &str| match outcome(name) {
            Outcome::Few(few) => few.words(Unit::Percent),
            other => format!("{other:?}"),
        };
        assert_eq!(said("green"), "50 % of 212/300 requests");
        assert_eq!(said("red"), "3/300 requests", "the query gives no value for it yet");
    }

    #[test]
    fn a_partial_answer_is_none() {
        let notes = |rest: serde_json::Value| {
            let mut answer = json!({"status": "success", "data": vector(json!([]))});
            answer.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
            serde_json::from_value::<Envelope>(answer).unwrap().notes()
        };
        let style = "PromQL info: metric might not be a counter";
        let store = "store 10.0.0.7:10901 is unavailable";
        assert_eq!(notes(json!({"warnings": [style, store]})).unwrap_err(), format!("partial answer: {store}"));
        let two = notes(json!({"warnings": [store, "PromQL warning: bucket label \"le\" is missing"]}));
        assert_eq!(two.unwrap_err(), format!("partial answer: {store}, and 1 more"));
        assert!(notes(json!({"isPartial": true})).unwrap_err().starts_with("partial answer"));
        let note = Ok(vec![style.to_owned()]);
        assert_eq!([notes(json!({"infos": [style]})), notes(json!({"warnings": [style]}))], [note.clone(), note]);
        for whole in [json!({}), json!({"warnings": null, "isPartial": false}), json!({"warnings": []})] {
            assert_eq!(notes(whole), Ok(Vec::new()));
        }
    }

    #[test]
    fn a_unit_is_found_out_where_the_plan_says_none() {
        let mut spec: Prometheus = serde_json::from_value(json!({"url": "http://p", "query": "x"})).unwrap();
        assert_eq!(spec.measures()[0].unit, Unit::Count);
        assert!(spec.set_unit("value", Unit::Percent));
        assert_eq!(spec.measures()[0].unit, Unit::Percent);
        assert!(!spec.set_unit("value", Unit::Seconds) && !spec.set_unit("samples", Unit::Seconds));
    }
}
