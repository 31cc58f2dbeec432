//! Launch windows and times of day: when the people's clock lets a step with effects start. Pure arithmetic over the
//! zone's rules; a day on which the clocks are changed is as long as it is.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Days, NaiveDate, NaiveTime, TimeZone, Weekday};
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};

use super::time::{Span, Timestamp};

/// A time of day in minutes since midnight, `00:00` to `24:00`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DayTime(u16);

impl DayTime {
    const DAY: u16 = 24 * 60;

    /// `24:00`, the end of a day.
    pub const END: DayTime = DayTime(Self::DAY);

    /// The moment of this time on a day. Where the clocks skip it, the first moment after; of two, the first or `last`.
    fn on(self, day: NaiveDate, zone: Tz, last: bool) -> DateTime<chrono::Utc> {
        let (day, minutes) = match self.0 {
            Self::DAY => (day.checked_add_days(Days::new(1)).unwrap_or(day), 0),
            minutes => (day, minutes),
        };
        let time = NaiveTime::from_num_seconds_from_midnight_opt(u32::from(minutes) * 60, 0).unwrap_or_default();
        let local = day.and_time(time);
        // No zone skips more than a day.
        let later = (0..=24 * 4).filter_map(|n| local.checked_add_signed(chrono::TimeDelta::minutes(15 * n)));
        let mut found = later.map(|at| zone.from_local_datetime(&at)).filter_map(|at| match last {
            true => at.latest(),
            false => at.earliest(),
        });
        found.next().map_or_else(|| local.and_utc(), |at| at.to_utc())
    }

    /// The moment of this time on the day of another moment, both by the wall.
    pub fn on_day_of(self, at: Timestamp, zone: Tz) -> Timestamp {
        self.on(day_of(at, zone), zone, false).into()
    }
}

fn day_of(at: Timestamp, zone: Tz) -> NaiveDate {
    zone.from_utc_datetime(&at.utc().naive_utc()).date_naive()
}

impl fmt::Display for DayTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:02}:{:02}", self.0 / 60, self.0 % 60))
    }
}

impl FromStr for DayTime {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let figures = |part: &str| part.parse::<u16>().ok().filter(|_| part.len() == 2 && !part.starts_with('+'));
        let parts = text.split_once(':').and_then(|(h, m)| Some((figures(h)?, figures(m)?)));
        match parts {
            Some((h, m)) if m < 60 && h * 60 + m <= Self::DAY => Ok(Self(h * 60 + m)),
            _ => Err(format!("`{text}` is no time of day: write 02:00, up to 24:00")),
        }
    }
}

impl Serialize for DayTime {
    fn serialize<S: serde::Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for DayTime {
    fn deserialize<D: serde::Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        std::borrow::Cow::<str>::deserialize(d)?.parse().map_err(serde::de::Error::custom)
    }
}

impl schemars::JsonSchema for DayTime {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "DayTime".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A time of day: 02:00, up to 24:00.",
            "pattern": r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$|\$\{"
        })
    }
}

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "their names say all")]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
}

impl Day {
    const WEEK: [(Day, &str); 7] = [
        (Day::Mon, "mon"),
        (Day::Tue, "tue"),
        (Day::Wed, "wed"),
        (Day::Thu, "thu"),
        (Day::Fri, "fri"),
        (Day::Sat, "sat"),
        (Day::Sun, "sun"),
    ];

    fn of(day: Weekday) -> Day {
        Self::WEEK[day.num_days_from_monday() as usize].0
    }

    fn name(self) -> &'static str {
        Self::WEEK[self as usize].1
    }
}

/// When steps with effects may start. It may cross midnight: then it belongs to the day on which it opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Window {
    /// The days on which it opens; none means every day.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub days: Vec<Day>,
    /// When it opens.
    pub from: DayTime,
    /// When it closes; at or before `from` it is on the day after.
    pub to: DayTime,
    /// The zone of its times (IANA name).
    pub zone: String,
}

/// How a window stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stands {
    /// Open.
    Open {
        /// Since when.
        since: Timestamp,
        /// Until when.
        until: Timestamp,
    },
    /// Closed.
    Closed {
        /// When it opens next; none where it never does within the year.
        opens: Option<Timestamp>,
    },
}

impl Window {
    /// How it stands at a moment by the wall. Days that touch are one window, of up to two weeks.
    pub fn stands(&self, at: Timestamp) -> Stands {
        const WEEK: Span = Span::mins(8 * 24 * 60);
        let zone = self.zone();
        let today = day_of(at, zone);
        let first = today.checked_sub_days(Days::new(8)).unwrap_or(today);
        let mut run: Option<(Timestamp, Timestamp)> = None;
        for (from, to) in first.iter_days().take(380).filter_map(|day| self.of_day(day, zone)) {
            match &mut run {
                Some((_, until)) if from <= *until && until.since(at) < WEEK => *until = to.max(*until),
                Some((_, until)) if *until > at => break,
                _ => run = Some((from, to)),
            }
        }
        match run.filter(|(_, until)| *until > at) {
            Some((since, until)) if since <= at => Stands::Open { since, until },
            next => Stands::Closed { opens: next.map(|(opens, _)| opens) },
        }
    }

    /// How long it is by its times.
    pub fn length(&self) -> Span {
        let (from, to) = (i64::from(self.from.0), i64::from(self.to.0));
        Span::mins(if to <= from { to + i64::from(DayTime::DAY) - from } else { to - from })
    }

    /// The window that opens on a day; none where it does not open then, or where the change of the clocks skips it.
    fn of_day(&self, day: NaiveDate, zone: Tz) -> Option<(Timestamp, Timestamp)> {
        if !self.days.is_empty() && !self.days.contains(&Day::of(day.weekday())) {
            return None;
        }
        let last = if self.to <= self.from { day.checked_add_days(Days::new(1))? } else { day };
        let (from, to) = (self.from.on(day, zone, false), self.to.on(last, zone, true));
        (from < to).then(|| (from.into(), to.into()))
    }

    fn zone(&self) -> Tz {
        self.zone.parse().unwrap_or(Tz::UTC)
    }
}

/// `tue, wed, thu 02:00 to 04:00 Europe/Berlin`.
impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let days: Vec<&str> = self.days.iter().map(|day| day.name()).collect();
        let space = if days.is_empty() { "" } else { " " };
        write!(f, "{}{space}{} to {} {}", days.join(", "), self.from, self.to, self.zone)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(text: &str) -> Timestamp {
        DateTime::parse_from_rfc3339(text).unwrap().to_utc().into()
    }

    fn window(days: &[Day], from: &str, to: &str) -> Window {
        let (from, to) = (from.parse().unwrap(), to.parse().unwrap());
        Window { days: days.to_vec(), from, to, zone: "Europe/Berlin".to_owned() }
    }

    #[test]
    fn it_is_open_on_its_days_from_its_beginning_up_to_its_end() {
        let nights = window(&[Day::Tue, Day::Wed, Day::Thu], "02:00", "04:00");
        let (from, to) = (at("2026-11-24T02:00:00+01:00"), at("2026-11-24T04:00:00+01:00"));
        let open = Stands::Open { since: from, until: to };
        for (moment, stands) in [
            ("2026-11-23T03:00:00+01:00", Stands::Closed { opens: Some(from) }),
            ("2026-11-24T01:59:59+01:00", Stands::Closed { opens: Some(from) }),
            ("2026-11-24T02:00:00+01:00", open),
            ("2026-11-24T03:59:59+01:00", open),
            ("2026-11-24T04:00:00+01:00", Stands::Closed { opens: Some(at("2026-11-25T02:00:00+01:00")) }),
            ("2026-11-26T05:00:00+01:00", Stands::Closed { opens: Some(at("2026-12-01T02:00:00+01:00")) }),
        ] {
            assert_eq!(nights.stands(at(moment)), stands, "{moment}");
        }
        assert_eq!(nights.to_string(), "tue, wed, thu 02:00 to 04:00 Europe/Berlin");
    }

    #[test]
    fn one_that_crosses_midnight_belongs_to_the_day_on_which_it_opens() {
        let friday = window(&[Day::Fri], "22:00", "04:00");
        let open = Stands::Open { since: at("2026-11-27T22:00:00+01:00"), until: at("2026-11-28T04:00:00+01:00") };
        assert_eq!(friday.stands(at("2026-11-28T03:00:00+01:00")), open);
        let next = Stands::Closed { opens: Some(at("2026-11-27T22:00:00+01:00")) };
        assert_eq!(friday.stands(at("2026-11-27T03:00:00+01:00")), next);
    }

    #[test]
    fn days_that_touch_are_one_window() {
        let weekend = window(&[Day::Sat, Day::Sun], "00:00", "24:00");
        let open = Stands::Open { since: at("2026-11-28T00:00:00+01:00"), until: at("2026-11-30T00:00:00+01:00") };
        assert_eq!(weekend.stands(at("2026-11-28T12:00:00+01:00")), open);
        let Stands::Open { until, .. } = window(&[], "00:00", "24:00").stands(at("2026-11-28T12:00:00+01:00")) else {
            panic!()
        };
        assert!(until > at("2026-12-06T00:00:00+01:00"), "always open ends in no sight");
    }

    #[test]
    fn the_change_of_the_clocks_makes_it_shorter_or_longer_and_never_odd() {
        // 02:00 to 03:00 is not there on 29 March 2026.
        let Stands::Open { since, until } = window(&[], "02:00", "04:00").stands(at("2026-03-29T03:30:00+02:00"))
        else {
            panic!()
        };
        assert_eq!(until.since(since), Span::mins(60));
        let skipped = window(&[], "02:00", "03:00").stands(at("2026-03-29T01:59:00+01:00"));
        assert_eq!(skipped, Stands::Closed { opens: Some(at("2026-03-30T02:00:00+02:00")) });
        // 02:00 to 03:00 is there twice on 25 October 2026.
        let Stands::Open { since, until } = window(&[], "02:00", "04:00").stands(at("2026-10-25T02:30:00+02:00"))
        else {
            panic!()
        };
        assert_eq!(until.since(since), Span::mins(180));
    }

    #[test]
    fn a_time_of_day_has_two_figures_and_two() {
        for text in ["00:00", "02:05", "23:59", "24:00"] {
            assert_eq!(text.parse::<DayTime>().unwrap().to_string(), text);
        }
        for text in ["2:00", "24:01", "12:60", "0200", "+2:00", "now", "::", "99:99"] {
            assert!(text.parse::<DayTime>().unwrap_err().contains("is no time of day"), "{text}");
        }
    }

    proptest! {
        #[test]
        fn it_opens_before_it_closes_and_stands_as_it_says(
            from in 0..1440_u16, to in 1..=1440_u16, days in 0..128_u8, hours in 490_000..500_000_i64, minutes in 0..60_i64,
        ) {
            prop_assume!(from != to && (from, to) != (0, 1440));
            let days = Day::WEEK.iter().filter(|(d, _)| days & (1 << *d as u8) != 0).map(|(d, _)| *d).collect();
            let window = Window { days, from: DayTime(from), to: DayTime(to), zone: "Europe/Berlin".to_owned() };
            let at = Timestamp((hours * 60 + minutes) * 60_000);
            match window.stands(at) {
                Stands::Open { since, until } => {
                    prop_assert!(since <= at && at < until);
                    prop_assert_eq!(window.stands(until - Span(1)), Stands::Open { since, until });
                }
                Stands::Closed { opens } => {
                    let opens = opens.unwrap();
                    prop_assert!(opens > at);
                    prop_assert_eq!(window.stands(opens - Span(1)), Stands::Closed { opens: Some(opens) });
                    let opened = matches!(window.stands(opens), Stands::Open { since, .. } if since == opens);
                    prop_assert!(opened);
                }
            }
        }
    }
}
