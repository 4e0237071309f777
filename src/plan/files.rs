//! Files that mounts hold in, the data of the service's own ConfigMap out.

use std::collections::BTreeMap;

use crate::model::Service;
use crate::values::mount::Mount;

/// The longest key of a ConfigMap.
const LONGEST_KEY: usize = 253;

/// Everything in the ConfigMap of the service: the text of each key. Several mounts of one path with one text share it.
pub fn data(service: &Service) -> BTreeMap<String, String> {
    entries(service).into_iter().map(|(key, (_, text))| (key, text.to_owned())).collect()
}

/// The key of the file that a container finds at `path` with this text.
pub fn key(service: &Service, path: &str, text: &str) -> Option<String> {
    entries(service).into_iter().find(|(_, (at, found))| at == path && *found == text).map(|(key, _)| key)
}

/// The key of every file of a folder at `path`, by file name.
pub fn folder_keys(service: &Service, path: &str, files: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let known = entries(service);
    let key_of = |name: &str, text: &str| {
        let at = in_folder(path, name);
        known.iter().find(|(_, (from, found))| *from == at && *found == text).map(|(key, _)| key.clone())
    };
    files.iter().filter_map(|(name, text)| Some((name.clone(), key_of(name, text)?))).collect()
}

fn in_folder(path: &str, name: &str) -> String {
    format!("{}/{name}", path.trim_end_matches('/'))
}

/// Path and text of each key, in the order of containers and paths.
fn entries(service: &Service) -> BTreeMap<String, (String, &str)> {
    let mut entries: BTreeMap<String, (String, &str)> = BTreeMap::new();
    let mounts = service.containers().flat_map(|(_, container)| &container.mounts);
    let files = mounts.flat_map(|(path, mount)| match mount {
        Mount::File(mount) => vec![(path.to_string(), mount.file.as_str())],
        Mount::FilesFrom(mount) => {
            // Kubernetes takes no path that starts with two dots.
            let files = mount.files.iter().filter(|(name, _)| !name.starts_with(".."));
            files.map(|(name, text)| (in_folder(path.as_str(), name), text.as_str())).collect()
        }
        _ => Vec::new(),
    });
    for file in files {
        let wish = key_of_path(&file.0);
        let numbered = (2..).map(|number| format!("{wish}-{number}"));
        let free = |key: &String| entries.get(key).is_none_or(|known| *known == file);
        if let Some(key) = std::iter::once(wish.clone()).chain(numbered).find(free) {
            entries.insert(key, file);
        }
    }
    entries
}

/// `/etc/app/a.conf` is `etc_app_a.conf`.
fn key_of_path(path: &str) -> String {
    let kept = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_') { c } else { '_' };
    let key: String = path.trim_matches('/').chars().map(kept).collect();
    // The end of a path says more than its start; room is left for a number.
    let from = key.len().saturating_sub(LONGEST_KEY - 8);
    let key = key.get(from..).unwrap_or_default().to_owned();
    if key.is_empty() || key.starts_with("..") { format!("_{key}") } else { key }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    #[test]
    fn every_file_has_a_key_of_its_own() {
        let cluster = sample::cluster(
            "services: { web: { image: nginx:1,
               mounts: { /etc/a.conf: { file: one }, /etc_a.conf: { file: two }, /d: { filesFrom: d, files: { ä: x } } },
               sidecars: { same: { mounts: { /etc/a.conf: { file: one } } }, other: { mounts: { /etc/a.conf: { file: '3' } } } } } }",
        );
        let service = cluster.services.values().next().unwrap();
        let found: Vec<_> = data(service).into_iter().map(|(key, text)| format!("{key}={text}")).collect();
        assert_eq!(found, ["d__=x", "etc_a.conf=one", "etc_a.conf-2=two", "etc_a.conf-3=3"]);
        assert_eq!(key(service, "/etc/a.conf", "3").as_deref(), Some("etc_a.conf-3"));
    }
}
