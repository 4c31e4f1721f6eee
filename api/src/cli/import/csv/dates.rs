//! Days and instants, as other products write them.

use chrono::{DateTime, Datelike, FixedOffset, NaiveDate, NaiveDateTime, Utc};

/// Ways to write a day that mean one day only, with or without a time behind it.
const DAYS: [&str; 8] =
    ["%Y-%m-%d", "%Y/%m/%d", "%d/%B/%y", "%d/%B/%Y", "%d %B %Y", "%d-%B-%Y", "%B %d, %Y", "%d.%m.%Y"];
/// Ways to write a time behind a day.
const TIMES: [&str; 6] = [" %H:%M:%S", " %H:%M", " %I:%M %p", "T%H:%M:%S%.f", ", %I:%M %p", ", %H:%M"];
/// How JavaScript writes an instant.
const SCRIPT: &str = "%a %b %d %Y %H:%M:%S GMT%z";

/// The day that is written, whatever the time and zone behind it.
pub fn day(text: &str, format: Option<&str>) -> Result<NaiveDate, String> {
    local(text, format).map(|time| time.date())
}

/// The instant that is written; UTC, if no zone is.
pub fn instant(text: &str, format: Option<&str>) -> Result<DateTime<Utc>, String> {
    match (zoned(text), format) {
        (Some(instant), None) => Ok(instant.to_utc()),
        _ => local(text, format).map(|time| time.and_utc()),
    }
}

/// What calendar and clock show.
fn local(text: &str, format: Option<&str>) -> Result<NaiveDateTime, String> {
    if let Some(format) = format {
        return read(text, format).ok_or_else(|| format!("“{text}” is not written like {format}"));
    }
    let forms =
        || DAYS.iter().flat_map(|day| TIMES.map(|time| format!("{day}{time}")).into_iter().chain([(*day).into()]));
    let found = zoned(text).map(|time| time.naive_local()).or_else(|| forms().find_map(|form| read(text, &form)));
    found.ok_or_else(|| format!("“{text}” may mean several days or none: say --date-format, like '%m/%d/%Y'"))
}

fn read(text: &str, format: &str) -> Option<NaiveDateTime> {
    let day = || NaiveDate::parse_from_str(text, format).ok().map(NaiveDateTime::from);
    let read = NaiveDateTime::parse_from_str(text, format).ok().or_else(day);
    read.filter(may_be)
}

/// An instant with its zone.
fn zoned(text: &str) -> Option<DateTime<FixedOffset>> {
    let read = DateTime::parse_from_rfc3339(text).or_else(|_| DateTime::parse_from_str(plain(text), SCRIPT));
    read.ok().filter(|instant| may_be(instant) && may_be(&instant.to_utc()))
}

/// A year of two digits is none of the first century, and no task is older than its product.
fn may_be(day: &impl Datelike) -> bool {
    (1970..=9999).contains(&day.year())
}

/// Without the zone's name in parentheses.
fn plain(text: &str) -> &str {
    text.split_once(" (").map_or(text, |(time, _)| time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_stay_the_days_that_are_written() {
        for text in [
            "2026-03-12",
            "2026-03-12T23:30:00.000Z",
            "2026-03-12T00:30:00+14:00",
            "2026-03-12 15:04",
            "12/Mar/26",
            "12/Mar/26 3:04 PM",
            "12/Mar/2026 15:04",
            "12 Mar 2026",
            "12 March 2026",
            "Mar 12, 2026",
            "Mar 12, 2026, 3:04 PM",
            "12.03.2026",
            "Thu Mar 12 2026 18:28:34 GMT+0000 (Coordinated Universal Time)",
        ] {
            assert_eq!(day(text, None).map(|day| day.to_string()).as_deref(), Ok("2026-03-12"), "{text}");
        }
    }

    #[test]
    fn instants_are_utc_unless_they_say_otherwise() {
        for (text, instant_) in [
            ("2026-03-12T15:04:05+02:00", "2026-03-12T13:04:05Z"),
            ("2026-03-12 15:04:05", "2026-03-12T15:04:05Z"),
            ("12/Mar/26 3:04 PM", "2026-03-12T15:04:00Z"),
            ("2026-03-12", "2026-03-12T00:00:00Z"),
            ("Thu Mar 12 2026 18:28:34 GMT+0100 (CET)", "2026-03-12T17:28:34Z"),
        ] {
            assert_eq!(
                instant(text, None).map(|at| at.to_rfc3339()),
                instant_.parse().map(|at: DateTime<Utc>| at.to_rfc3339()).map_err(|_| String::new()),
                "{text}"
            );
        }
    }

    #[test]
    fn what_may_mean_several_days_needs_a_format() {
        let out_of_reach = ["1013-03-02T08:30:00+01:00", "1970-01-01T00:30:00+01:00", "9999-12-31T23:30:00-01:00"];
        for text in ["03/04/2026", "3/4/26", "soon", "2026-02-30", "26-03-04", ""].into_iter().chain(out_of_reach) {
            assert!(day(text, None).is_err() && instant(text, None).is_err(), "{text}");
        }
        assert_eq!(day("03/04/2026", Some("%m/%d/%Y")).map(|day| day.to_string()).as_deref(), Ok("2026-03-04"));
        assert!(day("2026-03-04", Some("%m/%d/%Y")).is_err());
    }
}
