//! `--t0`: the planned moment, as people write it.

use chrono::{DateTime, Days, Local, NaiveTime, TimeZone};

use crate::core::time::{Span, Timestamp};

/// Reads `now`, `+30m`, `02:00` (the next such time here) or an RFC 3339 time.
pub fn parse(text: &str) -> Result<Timestamp, String> {
    read(text, Local::now())
}

fn read<Z: TimeZone>(text: &str, now: DateTime<Z>) -> Result<Timestamp, String> {
    let at = Timestamp(now.timestamp_millis());
    if text == "now" {
        return Ok(at);
    }
    if let Some(after) = text.strip_prefix('+') {
        return after.parse::<Span>().map(|span| at + span);
    }
    if let Ok(time) = NaiveTime::parse_from_str(text, "%H:%M") {
        let today = now.date_naive();
        let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
        let next = [today, tomorrow].into_iter().find_map(|day| {
            let local = now.timezone().from_local_datetime(&day.and_time(time)).earliest()?;
            let local = Timestamp(local.timestamp_millis());
            (local > at).then_some(local)
        });
        return next
            .ok_or_else(|| format!("there is no {text} today: the clocks are changed; write a time with its offset"));
    }
    DateTime::parse_from_rfc3339(text)
        .map(|t| Timestamp(t.timestamp_millis()))
        .map_err(|_| format!("`{text}` is no time: write now, +30m, 02:00 or 2026-11-21T02:00:00+01:00"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_write_them() {
        let now = DateTime::parse_from_rfc3339("2026-11-21T23:30:00+01:00").unwrap();
        for (text, expected) in [
            ("now", "2026-11-21T22:30:00.000Z"),
            ("+1h30m", "2026-11-22T00:00:00.000Z"),
            ("23:45", "2026-11-21T22:45:00.000Z"),
            ("02:00", "2026-11-22T01:00:00.000Z"),
            ("2026-11-22T02:00:00+02:00", "2026-11-22T00:00:00.000Z"),
        ] {
            assert_eq!(read(text, now).unwrap().to_string(), expected, "{text}");
        }
        assert!(read("soon", now).unwrap_err().contains("write now"));
        assert!(read("25:00", now).is_err());
    }
}
