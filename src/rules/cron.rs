//! A cron expression in, why Kubernetes would refuse it out: `ParseStandard` of `robfig/cron`, which its controller uses.

/// One of the five fields.
struct Field {
    name: &'static str,
    first: u32,
    last: u32,
    /// Words for the values from `first` on.
    words: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { name: "minute", first: 0, last: 59, words: &[] },
    Field { name: "hour", first: 0, last: 23, words: &[] },
    Field { name: "day", first: 1, last: 31, words: &[] },
    Field {
        name: "month",
        first: 1,
        last: 12,
        words: &["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"],
    },
    Field { name: "weekday", first: 0, last: 6, words: &["sun", "mon", "tue", "wed", "thu", "fri", "sat"] },
];

const WORDS: &[&str] = &["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];

/// Five fields, a word such as `@daily`, or `@every TIME`.
pub fn check(text: &str) -> Result<(), String> {
    if text.starts_with("TZ=") || text.starts_with("CRON_TZ=") {
        return Err("the time zone stands at the top of the file: `timezone`".to_owned());
    }
    if let Some(time) = text.strip_prefix("@every ") {
        return if is_duration(time) {
            Ok(())
        } else {
            Err(format!("expected a time such as `1h30m`, found `{time}`"))
        };
    }
    if text.starts_with('@') {
        let known = || WORDS.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ");
        return if WORDS.contains(&text) { Ok(()) } else { Err(format!("expected one of {}", known())) };
    }
    let fields: Vec<&str> = text.split_whitespace().collect();
    if fields.len() != FIELDS.len() {
        return Err(format!("expected five fields, found {}", fields.len()));
    }
    FIELDS.iter().zip(fields).try_for_each(|(field, text)| text.split(',').try_for_each(|part| field.check(part)))
}

impl Field {
    /// `*`, `?`, `N` or `N-M`, perhaps with `/STEP`.
    fn check(&self, part: &str) -> Result<(), String> {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, Some(step)),
            None => (part, None),
        };
        if step.is_some_and(|step| step.parse::<u32>().map_or(true, |step| step == 0) || step.starts_with('+')) {
            return Err(format!("`{part}` in the {}: expected a step from 1 on", self.name));
        }
        if matches!(range, "*" | "?") {
            return Ok(());
        }
        let (from, to) = range.split_once('-').unwrap_or((range, range));
        let (first, last) = (self.value(from)?, self.value(to)?);
        if first > last { Err(format!("`{range}` in the {} is reversed", self.name)) } else { Ok(()) }
    }

    fn value(&self, text: &str) -> Result<u32, String> {
        let word = self.words.iter().zip(self.first..).find(|(word, _)| text.eq_ignore_ascii_case(word));
        let number = || text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let value = word.map(|(_, value)| value).or_else(number);
        let value = value.filter(|value| (self.first..=self.last).contains(value));
        value.ok_or_else(|| format!("expected a {} from {} to {}, found `{text}`", self.name, self.first, self.last))
    }
}

/// Go's `time.ParseDuration` without a sign: numbers with units, not all zero.
fn is_duration(text: &str) -> bool {
    let mut rest = text;
    let mut is_positive = false;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, behind) = rest.split_at(end);
        let Some(unit) = ["ms", "us", "ns", "h", "m", "s"].into_iter().find(|unit| behind.starts_with(unit)) else {
            return false;
        };
        let Ok(number) = number.parse::<f64>() else { return false };
        is_positive |= number > 0.0;
        rest = behind.strip_prefix(unit).unwrap_or_default();
    }
    is_positive
}

#[cfg(test)]
mod tests {
    #[test]
    fn schedules_are_read_as_kubernetes_reads_them() {
        let check = |text: &str, expect: Result<(), &str>| {
            assert_eq!(super::check(text), expect.map_err(str::to_owned), "{text}");
        };
        for text in [
            "17 3 * * *",
            "*/5 0-6,12 1,15 jan-JUN mon",
            "0 0 ? * 0",
            "5/15 * * * *",
            "  0  3 * * *",
            "@daily",
            "@every 1h30m",
            "@every 0.5h",
        ] {
            check(text, Ok(()));
        }
        check("61 3 * * *", Err("expected a minute from 0 to 59, found `61`"));
        check("0 3 * * 7", Err("expected a weekday from 0 to 6, found `7`"));
        check("0 3 0 * *", Err("expected a day from 1 to 31, found `0`"));
        check("0 3 * *", Err("expected five fields, found 4"));
        check("0 0 3 * * *", Err("expected five fields, found 6"));
        check("0 6-3 * * *", Err("`6-3` in the hour is reversed"));
        check("*/0 * * * *", Err("`*/0` in the minute: expected a step from 1 on"));
        check("0 3 * foo *", Err("expected a month from 1 to 12, found `foo`"));
        check("-5 3 * * *", Err("expected a minute from 0 to 59, found ``"));
        check("@every day", Err("expected a time such as `1h30m`, found `day`"));
        check("TZ=UTC 0 3 * * *", Err("the time zone stands at the top of the file: `timezone`"));
        assert!(super::check("@dayly").is_err() && super::check("").is_err() && super::check("@every 0s").is_err());
    }
}
