//! Several files -> one: maps merge deep, lists are replaced whole, `null` deletes, and where the keys say which kind
//! of thing it is, a new kind replaces the old one instead of mixing with it.

use crate::values::env::ENV_KINDS;
use crate::values::mount::MOUNT_KINDS;
use crate::values::probe::PROBE_KINDS;
use crate::yaml::Node;
use crate::yaml::Value;

/// A place where one of several kinds stands. `*` in the path is any name; the path counts from a service for those
/// that start with `service`, which stands for `services.*` and `defaults`.
pub struct Union {
    pub path: &'static str,
    pub kinds: &'static [&'static str],
    /// Keys that every kind has: they stay when the kind changes.
    pub common: &'static [&'static str],
}

/// Every union of the format.
pub const UNIONS: &[Union] = &[
    Union { path: "service.mounts.*", kinds: MOUNT_KINDS, common: &[] },
    Union { path: "service.init.*.mounts.*", kinds: MOUNT_KINDS, common: &[] },
    Union { path: "service.sidecars.*.mounts.*", kinds: MOUNT_KINDS, common: &[] },
    Union { path: "service.once.*.mounts.*", kinds: MOUNT_KINDS, common: &[] },
    Union { path: "service.env.*", kinds: ENV_KINDS, common: &[] },
    Union { path: "service.init.*.env.*", kinds: ENV_KINDS, common: &[] },
    Union { path: "service.sidecars.*.env.*", kinds: ENV_KINDS, common: &[] },
    Union { path: "service.once.*.env.*", kinds: ENV_KINDS, common: &[] },
    Union { path: "service.probes.*", kinds: PROBE_KINDS, common: &[] },
    Union { path: "service.sidecars.*.probes.*", kinds: PROBE_KINDS, common: &[] },
    Union { path: "service.expose", kinds: &["address", "pool"], common: &[] },
    Union { path: "volumes.*", kinds: &["size", "existing"], common: &["group"] },
    Union { path: "auth.*", kinds: &["request", "basic"], common: &[] },
    Union { path: "certificates.issuers.*", kinds: &["acme", "ca", "existing"], common: &["default"] },
    Union { path: "certificates.issuers.*.acme", kinds: &["dns01", "http01"], common: &["email", "server"] },
    Union { path: "certificates.issuers.*.acme.dns01", kinds: &["cloudflare", "rfc2136"], common: &[] },
];

/// Lays a file over what the files before it gave.
pub fn merge(base: &mut Node, over: Node) {
    merge_at(base, over, &[]);
}

/// Lays a service over `defaults`, by the same rules.
pub fn merge_service(defaults: &mut Node, service: Node) {
    merge_at(defaults, service, &["service".to_owned()]);
}

fn merge_at(base: &mut Node, over: Node, path: &[String]) {
    let Node { span, defined, value } = over;
    match value {
        Value::Map(entries) => {
            if base.map().is_none() {
                *base = Node { span, defined, value: Value::Map(Vec::new()) };
            } else if let Some(union) = union_at(path) {
                let is_kind = |key: &str| union.kinds.contains(&key);
                let new = entries.iter().find(|entry| is_kind(&entry.key)).map(|entry| &entry.key);
                if let (Some(new), Some(old)) = (new, base.map_mut())
                    && old.iter().any(|entry| is_kind(&entry.key) && entry.key != *new)
                {
                    old.retain(|entry| union.common.contains(&entry.key.as_str()));
                }
            }
            for entry in entries {
                let Some(known) = base.map_mut() else { return };
                match known.iter_mut().find(|old| old.key == entry.key) {
                    Some(old) => {
                        // A map that grows keeps the place where it began.
                        if old.node.map().is_none() || entry.node.map().is_none() {
                            old.key_span = entry.key_span;
                        }
                        merge_at(&mut old.node, entry.node, &below(path, &entry.key));
                    }
                    None => known.push(entry),
                }
            }
        }
        value => *base = Node { span, defined, value },
    }
}

/// Takes out what `null` deleted. It stays as a mark until `defaults` are laid under the services, and in the patch of an
/// object it stays for good: there it takes a field of the object away.
pub fn drop_nulls(node: &mut Node, path: &[&str]) {
    if matches!(path, ["services", _, "patch", _] | ["defaults", "patch", _]) {
        return;
    }
    for entry in node.map_mut().into_iter().flat_map(|entries| {
        entries.retain(|entry| entry.node.value != Value::Null);
        entries
    }) {
        match path.len() {
            // No other key is as deep.
            4.. => drop_nulls(&mut entry.node, path),
            _ => drop_nulls(&mut entry.node, &[path, &[entry.key.as_str()]].concat()),
        }
    }
}

/// `services.NAME` and `defaults` are both `service` in the paths of unions.
fn below(path: &[String], key: &str) -> Vec<String> {
    let is_service = (path.is_empty() && key == "defaults") || matches!(path, [only] if only == "services");
    if is_service { vec!["service".to_owned()] } else { [path, &[key.to_owned()]].concat() }
}

fn union_at(path: &[String]) -> Option<&'static Union> {
    UNIONS.iter().find(|union| {
        let mut steps = union.path.split('.');
        let mut keys = path.iter();
        loop {
            match (steps.next(), keys.next()) {
                (None, None) => return true,
                (Some(step), Some(key)) if step == "*" || step == key => {}
                _ => return false,
            }
        }
    })
}
