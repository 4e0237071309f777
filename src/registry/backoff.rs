//! When something is tried again that failed: half a second later, then twice as long each time, or when the server says.

use std::time::Duration;

use crate::registry::Reason;

/// How often a request is sent before it is given up.
const TRIES: u32 = 5;
const FIRST: Duration = Duration::from_millis(500);
/// Whoever is asked to wait for longer wants to know, and decides.
const LONGEST: Duration = Duration::from_secs(120);

/// Counts what failed in a row.
#[derive(Default)]
pub struct Backoff {
    failed: u32,
}

impl Backoff {
    /// Something was received since the last failure: the connection is bad, and not the server.
    pub fn progressed(&mut self) {
        self.failed = 0;
    }

    /// How long to wait after this failure; `None` when it is the last one.
    pub fn after(&mut self, reason: &Reason) -> Option<Duration> {
        self.failed += 1;
        if self.failed >= TRIES || !reason.may_pass() {
            return None;
        }
        let doubled = FIRST * 2u32.pow(self.failed.saturating_sub(1));
        match reason {
            Reason::TooMany { seconds: Some(seconds) } => {
                Some(Duration::from_secs(*seconds).max(doubled)).filter(|wait| *wait <= LONGEST)
            }
            _ => Some(doubled),
        }
    }
}

/// The seconds that a header `Retry-After` means: a number, or a date (RFC 9110, 10.2.3). `now`: seconds since 1970.
pub fn retry_after(header: &str, now: u64) -> Option<u64> {
    let header = header.trim();
    header.parse().ok().or_else(|| date(header).map(|then| then.saturating_sub(now)))
}

/// Seconds since 1970 of `Sun, 06 Nov 1994 08:49:37 GMT`.
fn date(text: &str) -> Option<u64> {
    const MONTHS: &str = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let parts: Vec<&str> = text.split(' ').collect();
    let [_, day, month, year, time, "GMT"] = parts.as_slice() else { return None };
    let month = MONTHS.find(month).filter(|at| at % 3 == 0)? as u64 / 3 + 1;
    let (day, year): (u64, u64) = (day.parse().ok()?, year.parse().ok()?);
    let clock: Vec<u64> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let [hours, minutes, seconds] = clock.as_slice() else { return None };
    if !(1970..10_000).contains(&year) || !(1..=31).contains(&day) {
        return None;
    }
    // Days from March on, so that the leap day is a year's last (Howard Hinnant, `days_from_civil`).
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (153 * month + 2) / 5 + day - 1;
    Some(days.checked_sub(719_468)? * 86_400 + hours * 3600 + minutes * 60 + seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_are_numbers_or_dates() {
        assert_eq!(date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(date("Sun, 06 Nov 1994 08:49:37 GMT"), Some(784_111_777));
        assert_eq!(date("Thu, 29 Feb 2024 00:00:00 GMT"), Some(1_709_164_800));
        assert_eq!(retry_after("7", 0), Some(7));
        assert_eq!(retry_after("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_770), Some(7));
        for garbage in ["", "soon", "-1", "Sun, 06 Xyz 1994 08:49:37 GMT", "Sun, 99999999999 Nov 0 08:49:37 GMT"] {
            assert_eq!(retry_after(garbage, 0), None, "{garbage}");
        }
    }

    #[test]
    fn waits_grow_and_end() {
        let mut backoff = Backoff::default();
        let busy = Reason::Status { status: 503, said: String::new() };
        let waits: Vec<u128> = std::iter::from_fn(|| backoff.after(&busy)).map(|wait| wait.as_millis()).collect();
        assert_eq!(waits, [500, 1000, 2000, 4000]);
        let asked = |seconds| Backoff::default().after(&Reason::TooMany { seconds });
        assert_eq!(asked(Some(30)), Some(Duration::from_secs(30)));
        assert_eq!((asked(None), asked(Some(3600))), (Some(FIRST), None));
        assert_eq!(Backoff::default().after(&Reason::NotFound), None);
    }
}
