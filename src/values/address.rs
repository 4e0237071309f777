//! Addresses of the LAN: one or one of each family, with a prefix, or a range.

use std::borrow::Cow;
use std::fmt;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;
use std::str::FromStr;

use ipnet::IpNet;
use schemars::JsonSchema;
use schemars::Schema;
use schemars::SchemaGenerator;
use serde::Deserialize;
use serde::Serialize;

use crate::values::name::NameError;
use crate::values::name::TextFormat;

/// One value, or a list of one for IPv4 and one for IPv6. Never empty once decoded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum OneOrTwo<T> {
    One(T),
    Two(#[schemars(length(min = 1, max = 2))] Vec<T>),
}

impl<T> OneOrTwo<T> {
    pub fn as_slice(&self) -> &[T] {
        match self {
            Self::One(one) => std::slice::from_ref(one),
            Self::Two(two) => two,
        }
    }
}

macro_rules! address_type {
    ($(#[$doc:meta])* $name:ident($inner:ty), $expected:expr) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(pub $inner);

        impl $name {
            /// What the schema says of it.
            pub const FORMAT: TextFormat = TextFormat {
                name: stringify!($name),
                pattern: "^[0-9a-fA-F.:/ -]+$",
                max: 100,
                expected: $expected,
                check: |text| $name::try_from(text.to_owned()).is_ok(),
            };
        }

        impl TryFrom<String> for $name {
            type Error = NameError;

            fn try_from(text: String) -> Result<Self, NameError> {
                text.parse().map(Self).map_err(|_| NameError { expected: $expected, found: text })
            }
        }

        impl From<$name> for String {
            fn from(address: $name) -> Self {
                address.0.to_string()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
Self::FORMAT.schema()
            }
        }
    };
}

address_type!(
    /// An address such as `192.168.56.240`.
    Address(IpAddr), "an address such as `192.168.56.240`"
);
address_type!(
    /// An address with the prefix length of its network: `192.168.56.2/24`.
    PrefixedAddress(IpNet), "an address with its prefix such as `192.168.56.2/24`"
);
address_type!(
    /// A network such as `10.43.0.0/16`.
    Network(IpNet), "a network such as `10.43.0.0/16`"
);
address_type!(
    /// `FIRST-LAST` or a network: the addresses of a pool.
    AddressRange(Range), "a range such as `192.168.56.241-192.168.56.250` or `192.168.56.0/28`"
);

/// The address that is so many above that of the network itself; it may lie outside of a small one.
pub fn nth(network: &IpNet, count: u32) -> IpAddr {
    match network {
        IpNet::V4(network) => Ipv4Addr::from(u32::from(network.network()).saturating_add(count)).into(),
        IpNet::V6(network) => Ipv6Addr::from(u128::from(network.network()).saturating_add(u128::from(count))).into(),
    }
}

/// An inclusive range of addresses of one family, not reversed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Range {
    pub first: IpAddr,
    pub last: IpAddr,
    /// Written as a network.
    network: Option<IpNet>,
}

/// Not a range: malformed, reversed or of two families.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RangeError;

impl Range {
    pub fn contains(&self, address: IpAddr) -> bool {
        address.is_ipv4() == self.first.is_ipv4() && self.first <= address && address <= self.last
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        self.first.is_ipv4() == other.first.is_ipv4() && self.first <= other.last && other.first <= self.last
    }

    pub fn of(address: IpAddr) -> Self {
        Self { first: address, last: address, network: Some(IpNet::from(address)) }
    }
}

impl FromStr for Range {
    type Err = RangeError;

    fn from_str(text: &str) -> Result<Self, RangeError> {
        let range = match text.split_once('-') {
            Some((first, last)) => {
                let parse = |text: &str| text.trim().parse().map_err(|_| RangeError);
                Self { first: parse(first)?, last: parse(last)?, network: None }
            }
            None => {
                let network: IpNet = match text.parse() {
                    Ok(network) => network,
                    Err(_) => IpNet::from(text.parse::<IpAddr>().map_err(|_| RangeError)?),
                };
                Self { first: network.network(), last: last_of(&network), network: Some(network.trunc()) }
            }
        };
        if range.first.is_ipv4() == range.last.is_ipv4() && range.first <= range.last {
            Ok(range)
        } else {
            Err(RangeError)
        }
    }
}

/// The last address of a network, IPv6 as well.
fn last_of(network: &IpNet) -> IpAddr {
    match network {
        IpNet::V4(v4) => IpAddr::V4(Ipv4Addr::from(u32::from(v4.network()) | !u32::from(v4.netmask()))),
        IpNet::V6(v6) => IpAddr::V6(Ipv6Addr::from(u128::from(v6.network()) | !u128::from(v6.netmask()))),
    }
}

impl fmt::Display for Range {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.network {
            Some(network) => write!(f, "{network}"),
            None => write!(f, "{}-{}", self.first, self.last),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_checked() {
        let check = |text: &str, expect: Option<&str>| {
            assert_eq!(text.parse::<Range>().ok().map(|range| range.to_string()).as_deref(), expect, "{text}");
        };
        check("10.0.0.1-10.0.0.9", Some("10.0.0.1-10.0.0.9"));
        check("10.0.0.0/30", Some("10.0.0.0/30"));
        check("10.0.0.7", Some("10.0.0.7/32"));
        check("fd00::1-fd00::ff", Some("fd00::1-fd00::ff"));
        check("10.0.0.9-10.0.0.1", None);
        check("10.0.0.1-fd00::1", None);
        check("10.0.0.1-", None);
        let range: Range = "10.0.0.0/30".parse().unwrap();
        assert!(range.contains("10.0.0.3".parse().unwrap()) && !range.contains("10.0.0.4".parse().unwrap()));
    }
}
