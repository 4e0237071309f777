//! Kubernetes quantities (`apimachinery/pkg/api/resource`): text in, an exact number of thousandths out.

use std::borrow::Cow;
use std::fmt;

use schemars::JsonSchema;
use schemars::Schema;
use schemars::SchemaGenerator;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;

use crate::values::name::TextFormat;

const PATTERN: &str = "^([0-9]+(\\.[0-9]{0,9})?|\\.[0-9]{1,9})(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][+-]?[0-9]{1,2})?$";

/// An amount such as `500m`, `2`, `1.5Gi`: never negative. The text is kept as it was written.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(into = "String")]
pub struct Quantity {
    text: String,
    thousandths: u128,
}

/// A text that is no quantity.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an amount such as `500m`, `2` or `1.5Gi`, found `{0}`")]
pub struct QuantityError(String);

impl Quantity {
    /// What the schema says of it.
    pub const FORMAT: TextFormat = TextFormat {
        name: "Quantity",
        pattern: PATTERN,
        max: 40,
        expected: "an amount such as `500m`, `2` or `1.5Gi`",
        check: |text| parse(text).is_some(),
    };

    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The amount in thousandths of the unit (bytes, cores, pieces), rounded up as Kubernetes does.
    pub fn thousandths(&self) -> u128 {
        self.thousandths
    }

    /// The amount in whole units, rounded up.
    pub fn units(&self) -> u128 {
        self.thousandths.div_ceil(1000)
    }
}

impl std::str::FromStr for Quantity {
    type Err = QuantityError;

    fn from_str(text: &str) -> Result<Self, QuantityError> {
        let thousandths = parse(text).ok_or_else(|| QuantityError(text.to_owned()))?;
        Ok(Self { text: text.to_owned(), thousandths })
    }
}

fn parse(text: &str) -> Option<u128> {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if (whole.is_empty() && fraction.is_empty()) || whole.len() > 18 || fraction.len() > 9 || fraction.contains('.') {
        return None;
    }
    let mantissa: u128 = format!("{whole}{fraction}").parse().ok()?;
    let down = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let (up, down) = match suffix {
        "" => (1000, down),
        "m" => (1, down),
        "k" | "M" | "G" | "T" | "P" | "E" => (1000_u128.checked_pow(2 + position("kMGTPE", suffix)?)?, down),
        "Ki" | "Mi" | "Gi" | "Ti" | "Pi" | "Ei" => {
            (1000 * 1024_u128.checked_pow(1 + position("KMGTPE", suffix.get(..1)?)?)?, down)
        }
        exponent => {
            let exponent: i32 = exponent.strip_prefix(['e', 'E']).filter(|digits| digits.len() <= 3)?.parse().ok()?;
            let power = 10_u128.checked_pow(exponent.unsigned_abs())?;
            if exponent < 0 { (1000, down.checked_mul(power)?) } else { (power.checked_mul(1000)?, down) }
        }
    };
    Some(mantissa.checked_mul(up)?.div_ceil(down))
}

fn position(units: &str, unit: &str) -> Option<u32> {
    u32::try_from(units.find(unit)?).ok()
}

impl From<Quantity> for String {
    fn from(quantity: Quantity) -> Self {
        quantity.text
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for Quantity {
    fn schema_name() -> Cow<'static, str> {
        "Quantity".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        let mut schema = Self::FORMAT.schema();
        schema.insert("type".to_owned(), serde_json::json!(["string", "number"]));
        schema.insert("minimum".to_owned(), 0.into());
        schema
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_exact() {
        let check = |text: &str, expect: Option<u128>| {
            assert_eq!(text.parse::<Quantity>().ok().map(|quantity| quantity.thousandths()), expect, "{text}");
        };
        check("1", Some(1000));
        check("500m", Some(500));
        check("0.5", Some(500));
        check(".5", Some(500));
        check("1Ki", Some(1_024_000));
        check("1.5Gi", Some(1_610_612_736_000));
        check("1e3", Some(1_000_000));
        check("5e-1", Some(500));
        check("1k", Some(1_000_000));
        check("0", Some(0));
        for wrong in ["", ".", "1.2.3", "-1", "1 Gi", "1gb", "1KiB", "e3", "99999999999999999999", "1e999"] {
            check(wrong, None);
        }
    }
}
