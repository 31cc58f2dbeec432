//! The clock on the people's wall: the launch's timeline in the plan's zone. Moments are written here for sentences that
//! core says, and read from what people type. The zone's rules (summer time) are chrono-tz's, so nothing here depends on
//! where tminus runs.

use std::fmt;

use chrono::{DateTime, Days, NaiveDateTime, NaiveTime, TimeZone};
use chrono_tz::Tz;

use super::launch::LaunchState;
use super::time::{Span, Timestamp};

/// The people's clock of one launch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wall {
    zone: Option<Tz>,
    /// What to add to the launch's timeline for the clock on the wall.
    ahead: Span,
}

impl Wall {
    /// In the plan's zone; in UTC, and says so, where the plan names none.
    pub fn of(state: &LaunchState) -> Self {
        let zone = state.outline.zone.as_deref().and_then(|name| name.parse().ok());
        Self { zone, ahead: state.wall }
    }

    /// A moment of the timeline as the wall shows it.
    pub fn shown(self, at: Timestamp) -> Timestamp {
        at + self.ahead
    }

    /// When the timeline comes to a moment on the wall.
    pub fn met(self, at: Timestamp) -> Timestamp {
        at - self.ahead
    }

    /// The plan's zone; UTC where it names none.
    pub fn zone(self) -> Tz {
        self.zone.unwrap_or(Tz::UTC)
    }

    fn show(self, at: Timestamp, form: &str) -> String {
        in_zone(&self.zone(), self.shown(at)).format(form).to_string()
    }

    /// `2026-11-22 02:35:07`, for a page that is read later.
    pub fn full(self, at: Timestamp) -> String {
        self.show(at, "%Y-%m-%d %H:%M:%S")
    }

    /// `02:35:07`, beside a full moment.
    pub fn clock(self, at: Timestamp) -> String {
        self.show(at, "%H:%M:%S")
    }

    /// `02:35`; with the day where it is another one than `beside`: `22 Nov 02:35`.
    pub fn near(self, at: Timestamp, beside: Timestamp) -> String {
        near(&in_zone(&self.zone(), self.shown(at)), &in_zone(&self.zone(), self.shown(beside)))
    }

    /// The same with the zone: `02:35 CET`.
    pub fn zoned(self, at: Timestamp, beside: Timestamp) -> String {
        format!("{} {}", self.near(at, beside), self.show(at, "%Z"))
    }

    /// Reads `02:35` (the nearest to `beside`), `2026-11-22T02:35` (both need the plan's zone) or an RFC 3339 time.
    ///
    /// # Errors
    /// It is no time, the plan has no zone, or there is no such time that day (the clocks go forward). Of two (they go
    /// back) it is the first.
    pub fn read(self, text: &str, beside: Timestamp) -> Result<Timestamp, String> {
        if let Ok(at) = DateTime::parse_from_rfc3339(text) {
            return Ok(self.met(at.to_utc().into()));
        }
        let time = NaiveTime::parse_from_str(text, "%H:%M");
        let local = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M");
        if time.is_err() && local.is_err() {
            return Err(format!("`{text}` is no time: write 02:35, 2026-11-22T02:35 or 2026-11-22T02:35:00+01:00"));
        }
        let zone = self.zone.ok_or_else(|| {
            format!("the plan has no zone for `{text}`: write it with its offset, as 2026-11-22T02:35:00+01:00")
        })?;
        let local = match (local, time) {
            (Ok(local), _) => local,
            (_, time) => {
                nearest(time.unwrap_or_default(), zone.from_utc_datetime(&self.shown(beside).utc().naive_utc()))
            }
        };
        let at = zone.from_local_datetime(&local).earliest();
        let at =
            at.ok_or_else(|| format!("there is no {} in {zone}: the clocks go forward", local.format("%-d %b %H:%M")))?;
        Ok(self.met(at.to_utc().into()))
    }
}

/// A moment of the wall in a zone.
pub fn in_zone<Z: TimeZone>(zone: &Z, at: Timestamp) -> DateTime<Z> {
    zone.from_utc_datetime(&at.utc().naive_utc())
}

/// `02:35`; with the day where it is another one than `beside`: `22 Nov 02:35`. A moment never loses its time of day.
pub fn near<Z: TimeZone<Offset: fmt::Display>>(at: &DateTime<Z>, beside: &DateTime<Z>) -> String {
    let form = if at.date_naive() == beside.date_naive() { "%H:%M" } else { "%-d %b %H:%M" };
    at.format(form).to_string()
}

/// The same for a narrow column: the day of the week within a week, `Sun 02:35`; the day alone beyond, `22 Nov`.
pub fn in_column<Z: TimeZone<Offset: fmt::Display>>(at: &DateTime<Z>, beside: &DateTime<Z>) -> String {
    let form = match (at.date_naive() - beside.date_naive()).num_days().abs() {
        0 => "%H:%M",
        1..=6 => "%a %H:%M",
        _ => "%-d %b",
    };
    at.format(form).to_string()
}

/// That time of day on the day on which it is nearest.
fn nearest(time: NaiveTime, beside: DateTime<Tz>) -> NaiveDateTime {
    let here = beside.naive_local();
    let today = here.date();
    let days = [Some(today), today.checked_sub_days(Days::new(1)), today.checked_add_days(Days::new(1))];
    let all = days.into_iter().flatten().map(|day| day.and_time(time));
    all.min_by_key(|at| (*at - here).abs()).unwrap_or(here)
}

/// A length of time with its sign, as a slip is written: `+35m`, `-10m`. Of what is longer than a second, whole seconds:
/// a T-0 that was `now` once has milliseconds that say nothing to people.
pub fn signed(span: Span) -> String {
    let near = Span::secs((span.millis() as f64 / 1000.0).round() as i64);
    let span = if near == Span::ZERO { span } else { near };
    if span < Span::ZERO { span.to_string() } else { format!("+{span}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BERLIN: Wall = Wall { zone: Some(Tz::Europe__Berlin), ahead: Span::ZERO };

    fn at(text: &str) -> Timestamp {
        Timestamp(DateTime::parse_from_rfc3339(text).unwrap().timestamp_millis())
    }

    #[test]
    fn a_time_of_day_is_the_nearest_one_in_the_plans_zone() {
        let evening = at("2026-11-21T23:30:00+01:00");
        for (text, expected) in [
            ("00:30", "2026-11-22T00:30:00+01:00"),
            ("22:00", "2026-11-21T22:00:00+01:00"),
            ("2026-12-05T02:00", "2026-12-05T02:00:00+01:00"),
            ("2026-07-05T02:00", "2026-07-05T02:00:00+02:00"),
            ("2026-11-22T02:00:00+02:00", "2026-11-22T02:00:00+02:00"),
        ] {
            assert_eq!(BERLIN.read(text, evening), Ok(at(expected)), "{text}");
        }
        assert!(BERLIN.read("soon", evening).unwrap_err().contains("write 02:35"));
        assert!(BERLIN.read("25:00", evening).is_err());
        assert!(
            Wall { zone: None, ahead: Span::ZERO }.read("02:35", evening).unwrap_err().contains("the plan has no zone")
        );
    }

    #[test]
    fn a_time_that_the_change_of_the_clocks_skips_is_refused_and_of_two_it_is_the_first() {
        let spring = at("2026-03-29T01:50:00+01:00");
        assert_eq!(
            BERLIN.read("02:30", spring).unwrap_err(),
            "there is no 29 Mar 02:30 in Europe/Berlin: the clocks go forward"
        );
        let autumn = at("2026-10-25T01:50:00+02:00");
        assert_eq!(BERLIN.read("02:30", autumn), Ok(at("2026-10-25T02:30:00+02:00")));
    }

    #[test]
    fn a_moment_of_another_day_says_so() {
        let night = at("2026-11-21T23:30:00+01:00");
        assert_eq!(BERLIN.zoned(night, night), "23:30 CET");
        assert_eq!(BERLIN.zoned(night + Span::mins(60), night), "22 Nov 00:30 CET");
        let column =
            |mins| in_column(&in_zone(&BERLIN.zone(), night + Span::mins(mins)), &in_zone(&BERLIN.zone(), night));
        assert_eq!([0, 60, -1440, 7 * 1440].map(column), ["23:30", "Sun 00:30", "Fri 23:30", "28 Nov"]);
        assert_eq!(Wall { zone: None, ahead: Span::ZERO }.zoned(night, night), "22:30 UTC");
    }
}
