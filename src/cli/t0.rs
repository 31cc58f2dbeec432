//! `--t0`: the planned moment, as people write it. A time of day is one of the plan's zone, wherever the machine stands.

use chrono::{DateTime, Days, Local, NaiveTime, TimeZone, Utc};
use chrono_tz::Tz;

use crate::core::time::{Span, Timestamp};

/// The planned moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum T0 {
    /// A moment.
    At(Timestamp),
    /// The next such time of day.
    Next(NaiveTime),
}

impl T0 {
    /// The moment; a time of day in this zone, in that of this machine where there is none.
    ///
    /// # Errors
    /// There is no such time that day: the clocks go forward.
    pub fn moment(self, zone: Option<Tz>) -> Result<Timestamp, String> {
        match (self, zone) {
            (T0::At(at), _) => Ok(at),
            (T0::Next(time), Some(zone)) => next(time, Utc::now().with_timezone(&zone)),
            (T0::Next(time), None) => next(time, Local::now()),
        }
    }
}

/// Reads `now`, `+30m`, `02:00` (the next such time) or an RFC 3339 time.
pub fn parse(text: &str) -> Result<T0, String> {
    let now = Timestamp::from(Utc::now());
    if text == "now" {
        return Ok(T0::At(now));
    }
    if let Some(after) = text.strip_prefix('+') {
        return after.parse::<Span>().map(|span| T0::At(now + span));
    }
    if let Ok(time) = NaiveTime::parse_from_str(text, "%H:%M") {
        return Ok(T0::Next(time));
    }
    DateTime::parse_from_rfc3339(text)
        .map(|t| T0::At(Timestamp(t.timestamp_millis())))
        .map_err(|_| format!("`{text}` is no time: write now, +30m, 02:00 or 2026-11-21T02:00:00+01:00"))
}

/// The next such time of day after `now`, in its zone.
fn next<Z: TimeZone>(time: NaiveTime, now: DateTime<Z>) -> Result<Timestamp, String> {
    let at = Timestamp(now.timestamp_millis());
    let today = now.date_naive();
    let tomorrow = today.checked_add_days(Days::new(1)).unwrap_or(today);
    let next = [today, tomorrow].into_iter().find_map(|day| {
        let local = now.timezone().from_local_datetime(&day.and_time(time)).earliest()?;
        let local = Timestamp(local.timestamp_millis());
        (local > at).then_some(local)
    });
    let time = time.format("%H:%M");
    next.ok_or_else(|| format!("there is no {time} today: the clocks are changed; write a time with its offset"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_write_them() {
        let now = DateTime::parse_from_rfc3339("2026-11-21T23:30:00+01:00").unwrap();
        for (text, expected) in [("23:45", "2026-11-21T22:45:00.000Z"), ("02:00", "2026-11-22T01:00:00.000Z")] {
            let Ok(T0::Next(time)) = parse(text) else { panic!("{text}") };
            assert_eq!(next(time, now).unwrap().to_string(), expected, "{text}");
        }
        let at = parse("2026-11-22T02:00:00+02:00").unwrap();
        assert_eq!(at.moment(None).unwrap().to_string(), "2026-11-22T00:00:00.000Z");
        let Ok(T0::At(later)) = parse("+1h30m") else { panic!() };
        let until = later.since(Timestamp::from(Utc::now()));
        assert!(until > Span::mins(89) && until <= Span::mins(90), "{until}");
        assert!(parse("soon").unwrap_err().contains("write now"));
        assert!(parse("25:00").is_err());
    }

    #[test]
    fn a_time_of_day_is_one_of_the_plans_zone_and_not_of_the_machine() {
        for zone in [Tz::Pacific__Auckland, Tz::America__Los_Angeles] {
            let at = parse("23:40").unwrap().moment(Some(zone)).unwrap();
            assert_eq!(at.utc().with_timezone(&zone).format("%H:%M:%S").to_string(), "23:40:00", "{zone}");
            let until = at.since(Timestamp::from(Utc::now()));
            assert!(until > Span::ZERO && until <= Span::mins(25 * 60), "{until}");
        }
    }
}
