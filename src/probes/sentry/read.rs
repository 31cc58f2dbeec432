//! What Sentry's and GlitchTip's answers mean. Fields that are not known are passed over; nulls and numbers written as
//! strings occur.

use serde_json::Value;

use crate::probes::scale::brief;

/// A minute's errors: when it begins, in milliseconds since 1970, and how many; none where the server says null.
pub(super) type Minute = (i64, Option<f64>);

/// For so long after its end a minute may still grow.
const INGESTION_MS: i64 = 90_000;

/// The rate over the last whole minutes, or why there is none.
pub(super) fn per_minute(series: &[Minute], minutes: u8, now_ms: i64) -> Result<f64, String> {
    let complete: Vec<&Minute> =
        series.iter().filter(|(begin, _)| begin.saturating_add(60_000 + INGESTION_MS) <= now_ms).collect();
    let last = complete.len().saturating_sub(usize::from(minutes));
    let known: Vec<f64> = complete.get(last..).unwrap_or_default().iter().filter_map(|(_, count)| *count).collect();
    if known.is_empty() || known.len() * 2 < usize::from(minutes) {
        return Err(format!("{} of {minutes} minutes are known", known.len()));
    }
    Ok(known.iter().sum::<f64>() / known.len() as f64)
}

/// What a refusal says of itself: Sentry's words, or GlitchTip's list of what is wrong with which parameter.
pub(super) fn detail(body: &Value) -> Option<String> {
    let detail = body.get("detail")?;
    let one = |wrong: &Value| {
        let place: Vec<&str> = wrong.get("loc").and_then(Value::as_array)?.iter().filter_map(Value::as_str).collect();
        Some(format!("{}: {}", place.last()?, wrong.get("msg")?.as_str()?))
    };
    match detail {
        Value::String(text) => Some(text.clone()),
        Value::Array(list) => Some(list.iter().filter_map(one).collect::<Vec<_>>().join("; ")).filter(|d| !d.is_empty()),
        other => other.get("message")?.as_str().map(str::to_owned),
    }
}

/// The series of `events-timeseries`; buckets that say they are incomplete are left out.
pub(super) fn timeseries(body: &Value) -> Option<Vec<Minute>> {
    let values = body.get("timeSeries")?.as_array()?.first()?.get("values")?.as_array()?;
    let minute = |v: &Value| {
        let incomplete = v.get("incomplete").and_then(Value::as_bool).unwrap_or(false);
        let begin = v.get("timestamp").and_then(Value::as_f64)?;
        (!incomplete).then(|| (millis(begin), v.get("value").and_then(loose)))
    };
    Some(values.iter().filter_map(minute).collect())
}

/// The series of `events-stats`: `{"data": [[seconds, [{"count": n}]], …]}`, where one value was asked for.
pub(super) fn stats(body: &Value) -> Option<Vec<Minute>> {
    let data = body.get("data")?.as_array()?;
    let minute = |v: &Value| {
        let begin = v.get(0).and_then(Value::as_f64)?;
        Some((millis(begin), v.get(1).and_then(|c| c.get(0)).and_then(|c| c.get("count")).and_then(loose)))
    };
    Some(data.iter().filter_map(minute).collect())
}

/// GlitchTip's `stats_v2`: times in one list, counts in another.
pub(super) fn stats_v2(body: &Value) -> Option<Vec<Minute>> {
    let intervals = body.get("intervals")?.as_array()?;
    let series = body.get("groups")?.as_array()?.first()?.get("series")?.as_object()?.values().next()?.as_array()?;
    let minute = |(time, count): (&Value, &Value)| {
        let begin = chrono::DateTime::parse_from_rfc3339(time.as_str()?).ok()?;
        Some((begin.timestamp_millis(), loose(count)))
    };
    Some(intervals.iter().zip(series).filter_map(minute).collect())
}

/// The share of transactions that failed, 0 to 1, and how many there were.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct FailureRate {
    pub share: Option<f64>,
    pub count: f64,
}

/// The one row of `events` with `failure_rate()` and `count()`.
pub(super) fn failure_rate(body: &Value) -> Option<FailureRate> {
    let row = body.get("data")?.as_array()?.first()?;
    Some(FailureRate { share: row.get("failure_rate()").and_then(loose), count: loose(row.get("count()")?)? })
}

/// The worst of a list of issues, in a line.
pub(super) fn worst(issues: &[Value]) -> Option<String> {
    let text = |issue: &Value, key: &str| issue.get(key).and_then(Value::as_str).unwrap_or("").to_owned();
    let count = |issue: &Value| issue.get("count").and_then(loose).unwrap_or(0.0);
    let rank = |issue: &Value| match text(issue, "level").as_str() {
        "fatal" => 4,
        "error" if issue.get("isUnhandled").and_then(Value::as_bool).unwrap_or(false) => 3,
        "error" => 2,
        "warning" => 1,
        _ => 0,
    };
    let worst =
        issues.iter().max_by(|a, b| rank(a).cmp(&rank(b)).then(count(a).total_cmp(&count(b))))?;
    let name = match text(worst, "shortId") {
        id if id.is_empty() => String::new(),
        id => format!("{id} "),
    };
    Some(format!("{name}{} ({}, {} events)", brief(&text(worst, "title")), text(worst, "level"), count(worst)))
}

/// Whether a `Link` header has a next page with results, and its cursor. GlitchTip wraps the header in braces and quotes.
pub(super) fn next_cursor(link: &str) -> Option<String> {
    let next = link.split("rel=\"").find_map(|part| part.strip_prefix("next\""))?;
    if !next.contains("results=\"true\"") {
        return None;
    }
    Some(next.split("cursor=\"").nth(1)?.split('"').next()?.to_owned())
}

/// A number, or a string that holds one.
fn loose(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok()).filter(|n| n.is_finite())
}

/// Seconds or milliseconds since 1970, by their size, as milliseconds.
fn millis(time: f64) -> i64 {
    if time.abs() > 1e11 { time as i64 } else { (time * 1000.0) as i64 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_whole_minutes_count() {
        let minutes: Vec<Minute> = (0..10).map(|m| (m * 60_000, Some(if m < 8 { 4.0 } else { 100.0 }))).collect();
        // Ten minutes in, the last one has just ended and the one before it may still grow.
        assert_eq!(per_minute(&minutes, 5, 600_000), Ok(4.0));
        assert_eq!(per_minute(&minutes, 5, 690_000), Ok((3.0 * 4.0 + 200.0) / 5.0));
        assert_eq!(per_minute(&[], 5, 600_000), Err("0 of 5 minutes are known".into()));
        let gaps: Vec<Minute> = (0..5).map(|m| (m * 60_000, (m == 0).then_some(1.0))).collect();
        assert_eq!(per_minute(&gaps, 5, 900_000), Err("1 of 5 minutes are known".into()));
    }

    #[test]
    fn series_in_all_their_shapes() {
        let new = json!({"timeSeries": [{"yAxis": "count()", "values": [
            {"timestamp": 1_700_000_040_000_i64, "value": 3, "incomplete": false},
            {"timestamp": 1_700_000_100_000_i64, "value": 1, "incomplete": true, "incompleteReason": "INCOMPLETE_BUCKET"},
        ]}]});
        assert_eq!(timeseries(&new), Some(vec![(1_700_000_040_000, Some(3.0))]));
        let old = json!({"data": [[1_700_000_040, [{"count": 3}]], [1_700_000_100, [{"count": null}]]]});
        assert_eq!(stats(&old), Some(vec![(1_700_000_040_000, Some(3.0)), (1_700_000_100_000, None)]));
        let tip = json!({"intervals": ["2023-11-14T22:14:00Z"], "groups": [{"series": {"sum(quantity)": ["3"]}}]});
        assert_eq!(stats_v2(&tip), Some(vec![(1_700_000_040_000, Some(3.0))]));
        for odd in [json!({}), json!({"timeSeries": []}), json!([1]), json!({"data": 3})] {
            assert_eq!((timeseries(&odd), stats(&odd), stats_v2(&odd)), (None, None, None));
        }
    }

    #[test]
    fn the_worst_issue_is_the_most_severe_then_the_most_frequent() {
        let issues = [
            json!({"shortId": "WEB-1", "title": "slow", "level": "warning", "count": "900"}),
            json!({"shortId": "WEB-2", "title": "boom", "level": "error", "count": "3", "isUnhandled": true}),
            json!({"shortId": "WEB-3", "title": "oops", "level": "error", "count": "30"}),
        ];
        assert_eq!(worst(&issues).unwrap(), "WEB-2 boom (error, 3 events)");
        assert_eq!(worst(&[]), None);
    }

    #[test]
    fn pages_go_on_only_with_results() {
        let link = |more: bool| {
            format!(
                "<https://s/?cursor=0:0:1>; rel=\"previous\"; results=\"false\"; cursor=\"0:0:1\", \
                 <https://s/?cursor=0:100:0>; rel=\"next\"; results=\"{more}\"; cursor=\"0:100:0\""
            )
        };
        assert_eq!(next_cursor(&link(true)).as_deref(), Some("0:100:0"));
        assert_eq!(next_cursor(&link(false)), None);
        assert_eq!(next_cursor(&format!("{{'{}'}}", link(true))).as_deref(), Some("0:100:0"));
        assert_eq!(next_cursor("nonsense"), None);
    }
}
