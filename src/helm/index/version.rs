//! The text of a chart's version in, its place among others out, as Helm reads versions (`Masterminds/semver`, `NewVersion`).

use std::cmp::Ordering;

/// A version as Helm's loose reader takes it: `1.2.3`, `v1.2`, `1.0.0-rc.1+build`. Build metadata has no place in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LooseVersion {
    numbers: [u64; 3],
    /// Parts of the pre-release; empty for a release.
    pre: Vec<String>,
}

impl LooseVersion {
    /// `None` for what Helm refuses as a version of a chart.
    pub fn read(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let (text, build) = text.split_once('+').map_or((text, None), |(text, build)| (text, Some(build)));
        let (core, pre) = text.split_once('-').map_or((text, None), |(core, pre)| (core, Some(pre)));
        let mut numbers = [0; 3];
        let parts: Vec<&str> = core.split('.').collect();
        if parts.len() > numbers.len() {
            return None;
        }
        for (number, part) in numbers.iter_mut().zip(parts) {
            *number = part.parse().ok().filter(|_| is_number(part))?;
        }
        let pre: Vec<String> = pre.map(|pre| pre.split('.').map(str::to_owned).collect()).unwrap_or_default();
        let leads_with_zero = |part: &String| is_number(part) && part.len() > 1 && part.starts_with('0');
        let sound = pre.iter().all(|part| is_part(part) && !leads_with_zero(part));
        (sound && build.is_none_or(|build| build.split('.').all(is_part))).then_some(Self { numbers, pre })
    }
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_part(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

impl Ord for LooseVersion {
    /// <https://semver.org/#spec-item-11>
    fn cmp(&self, other: &Self) -> Ordering {
        let pre = || match (self.pre.is_empty(), other.pre.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Greater,
            (false, true) => Ordering::Less,
            (false, false) => parts(&self.pre, &other.pre),
        };
        self.numbers.cmp(&other.numbers).then_with(pre)
    }
}

impl PartialOrd for LooseVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

fn parts(own: &[String], other: &[String]) -> Ordering {
    let differ = own.iter().zip(other).map(|(own, other)| part(own, other)).find(|order| order.is_ne());
    differ.unwrap_or_else(|| own.len().cmp(&other.len()))
}

fn part(own: &str, other: &str) -> Ordering {
    match (is_number(own), is_number(other)) {
        // Without leading zeros the longer number is the larger one.
        (true, true) => own.len().cmp(&other.len()).then_with(|| own.cmp(other)),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => own.cmp(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_ordered_as_semver_orders_them() {
        let sorted = [
            "0.1",
            "v1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1-beta",
            "1.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "1.0.0",
            "v1.2",
            "1.10.0",
            "18446744073709551615.0.0",
        ];
        let read: Vec<_> = sorted.iter().map(|text| LooseVersion::read(text).unwrap()).collect();
        assert!(read.is_sorted_by(|one, other| one < other), "{read:#?}");
        let equal = |text: &str| LooseVersion::read(text).unwrap();
        assert_eq!(equal("1.0.0+a").cmp(&equal("v1+b")), Ordering::Equal);
    }

    #[test]
    fn what_helm_refuses_is_no_version() {
        for text in [
            "",
            "v",
            "1.",
            "1.2.3.4",
            "a",
            "1.x",
            "-1",
            "1-",
            "1-01",
            "1-a..b",
            "1+",
            "1+a_b",
            "18446744073709551616",
            " 1",
            "1.٣",
        ] {
            assert_eq!(LooseVersion::read(text), None, "{text}");
        }
    }
}
