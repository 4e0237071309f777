//! Users and rights as they were written in, the security context of a container out.

use serde::Serialize;

use crate::model::Container;
use crate::model::Service;
use crate::values::container::User;

/// What a container may do. Always: no more rights than it starts with, seccomp `RuntimeDefault`, no capability but these.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Security {
    /// `None`: the image's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub group: Option<u32>,
    /// Whether it may not be root: for every user that is said, but 0.
    pub non_root: bool,
    pub read_only_root: bool,
    pub privileged: bool,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub capabilities: Vec<String>,
}

/// The security context of a container. `has_device`: it mounts a device file, which only a privileged one can open.
pub fn security(service: &Service, container: &Container, has_device: bool) -> Security {
    let id = |user: User| match user {
        User::Id(id) => Some(id),
        User::Image(_) => None,
    };
    let user = id(container.user.unwrap_or(service.user));
    // A group that only follows the service's user does not fit another user.
    let follows = service.group == id(service.user);
    let group = match container.user {
        Some(other) if other != service.user && follows => user,
        _ => service.group,
    };
    let privileged = container.privileged || has_device;
    Security {
        user,
        group,
        non_root: user.is_some_and(|id| id != 0),
        read_only_root: !container.writable_root,
        privileged,
        // A privileged container has them all.
        capabilities: if privileged {
            Vec::new()
        } else {
            container.capabilities.iter().map(|name| capability(name)).collect()
        },
    }
}

/// Kubernetes writes capabilities without the kernel's prefix.
fn capability(name: &str) -> String {
    name.strip_prefix("CAP_").unwrap_or(name).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn users_and_groups_follow() {
        let check = |service: &str, main: (Option<u32>, Option<u32>, bool), side: (Option<u32>, Option<u32>, bool)| {
            let cluster = sample::cluster(&format!("services: {{ web: {{ image: nginx:1, {service} }} }}"));
            let service = cluster.services.values().next().unwrap();
            let found = |container| {
                let security = security(service, container, false);
                (security.user, security.group, security.non_root)
            };
            assert_eq!(found(&service.main), main);
            assert_eq!(found(&service.sidecars["side"]), side);
        };
        let (default, other) = ((Some(1000), Some(1000), true), (Some(5), Some(5), true));
        check("sidecars: { side: {} }", default, default);
        check("sidecars: { side: { user: 5 } }", default, other);
        check("sidecars: { side: { user: image } }", default, (None, None, false));
        check("group: 7, sidecars: { side: { user: 5 } }", (Some(1000), Some(7), true), (Some(5), Some(7), true));
        check("user: 0, sidecars: { side: { user: 5 } }", (Some(0), Some(0), false), other);
        check("user: image, sidecars: { side: { user: 5 } }", (None, None, false), other);
    }
}
