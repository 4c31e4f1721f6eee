//! Days as people say them.

use std::str::FromStr;

use chrono::{Datelike, Days, Local, Months, NaiveDate, Weekday};

/// A day, or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day(pub Option<NaiveDate>);

impl FromStr for Day {
    type Err = String;

    /// Reads a day as of today, here.
    fn from_str(text: &str) -> Result<Self, String> {
        read(text, Local::now().date_naive())
    }
}

/// Reads a day as of some day.
fn read(text: &str, today: NaiveDate) -> Result<Day, String> {
    let word = text.trim().to_lowercase();
    let day = match word.as_str() {
        "none" => return Ok(Day(None)),
        "today" => Some(today),
        "tomorrow" => today.checked_add_days(Days::new(1)),
        "yesterday" => today.checked_sub_days(Days::new(1)),
        _ => exact(&word).or_else(|| from_now(&word, today)).or_else(|| next(&word, today)),
    };
    day.map(|day| Day(Some(day))).ok_or_else(|| {
        "say a day like 2026-12-01, today, tomorrow, friday (the next one), +3d, +2w or +1m, or none".to_owned()
    })
}

/// `2026-12-01`, in this spelling.
fn exact(word: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(word, "%Y-%m-%d").ok().filter(|day| day.to_string() == word)
}

/// `+3d`, `+2w`, `+1m`.
fn from_now(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    let word = word.strip_prefix('+')?;
    let (count, unit) = word.split_at_checked(word.len().checked_sub(1)?)?;
    let count: u32 = count.parse().ok()?;
    match unit {
        "d" => today.checked_add_days(Days::new(count.into())),
        "w" => today.checked_add_days(Days::new(u64::from(count) * 7)),
        "m" => today.checked_add_months(Months::new(count)),
        _ => None,
    }
}

/// The next day of the week called so; never today.
fn next(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    let wanted: Weekday = word.parse().ok()?;
    let ahead = (wanted.num_days_from_monday() + 6 - today.weekday().num_days_from_monday()) % 7 + 1;
    today.checked_add_days(Days::new(ahead.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As of Saturday, 28 November 2026.
    fn said(text: &str) -> Option<String> {
        let today = NaiveDate::from_ymd_opt(2026, 11, 28).expect("a day");
        read(text, today).ok().map(|Day(day)| day.map_or("none".to_owned(), |day| day.to_string()))
    }

    #[test]
    fn days_are_read_as_people_say_them() {
        for (text, day) in [
            ("2026-12-01", "2026-12-01"),
            ("today", "2026-11-28"),
            ("Tomorrow", "2026-11-29"),
            ("yesterday", "2026-11-27"),
            ("sunday", "2026-11-29"),
            ("fri", "2026-12-04"),
            ("saturday", "2026-12-05"),
            ("+3d", "2026-12-01"),
            ("+2w", "2026-12-12"),
            ("+3m", "2027-02-28"),
            ("none", "none"),
        ] {
            assert_eq!(said(text).as_deref(), Some(day), "{text}");
        }
    }

    #[test]
    fn anything_else_is_no_day() {
        for text in ["", "2026-2-9", "2026-02-30", "01/02/2026", "someday", "+", "+d", "+3", "+3y", "3d", "+é"] {
            assert_eq!(said(text), None, "{text}");
        }
    }
}
