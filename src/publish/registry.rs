//! A chart archive and a place in a registry in; the chart stands there under its name and version out.
//!
//! What is pushed is what `helm push` makes, with one difference: the time of the push is not in it, so that two machines
//! make the same manifest. `SOURCE_DATE_EPOCH` says a time where one is wanted.

use std::io;
use std::str::FromStr;

use crate::oci::Digest;
use crate::oci::Manifest;
use crate::oci::Named;
use crate::oci::is_component;
use crate::oci::is_registry;
use crate::oci::is_tag;
use crate::oci::media_type;
use crate::publish::ARCHIVE_LIMIT;
use crate::publish::Change;
use crate::publish::Package;
use crate::publish::Replace;
use crate::publish::artifact::Artifact;
use crate::publish::artifact::CHART;
use crate::publish::artifact::PROVENANCE;
use crate::publish::difference;
use crate::registry::Client;
use crate::registry::Reason;
use crate::registry::RegistryError;
use crate::registry::Repository;

/// `oci://HOST[:PORT]/PATH`, the place that charts are pushed below, each into a repository of its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegistryPath {
    registry: String,
    path: String,
}

/// A chart that is in a registry now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pushed {
    /// `oci://HOST/PATH/NAME:TAG`.
    pub reference: String,
    /// Of the manifest.
    pub digest: Digest,
    pub change: Change,
    /// Whether its provenance is there too.
    pub signed: bool,
}

/// Why a chart was not pushed.
#[derive(Debug, thiserror::Error)]
pub enum PushError {
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// The version stays as it is there.
    #[error("{0}")]
    Refused(String),
}

/// What a registry has under the name of a package.
struct There {
    digest: Digest,
    manifest: Option<Manifest>,
}

impl RegistryPath {
    /// Puts an archive and its provenance there. `created` is a time as an index has it, or nothing.
    pub fn push(
        &self,
        package: &Package,
        client: &Client,
        replace: Replace,
        created: Option<&str>,
    ) -> Result<Pushed, PushError> {
        let artifact = Artifact::new(package, created);
        let tag = self.tag(package)?;
        let path = format!("{}/{}", self.path, package.chart.name);
        let repository = client.repository(&self.registry, &path);
        let reference = format!("oci://{}/{path}:{tag}", self.registry);
        let there = there(&repository, &tag, artifact.digest())?;
        let change = match &there {
            None => Change::Added,
            Some(there) if there.digest == artifact.digest() => Change::Nothing,
            Some(there) => match (there.content(), replace) {
                (Some((chart, signature)), _) if chart == artifact.chart.digest => match &artifact.provenance {
                    // The same bytes, described in another way: by Helm, with the time of its push.
                    None => {
                        return Ok(Pushed {
                            reference,
                            digest: there.digest,
                            change: Change::Nothing,
                            signed: signature.is_some(),
                        });
                    }
                    Some(own) if signature == Some(own.digest) => {
                        return Ok(Pushed { reference, digest: there.digest, change: Change::Nothing, signed: true });
                    }
                    Some(_) => Change::Added,
                },
                (_, Replace::Wanted) => Change::Replaced,
                (content, Replace::Refused) => {
                    let chart = content.map(|(chart, _)| chart);
                    return Err(refusal(package, &reference, chart, &repository, there));
                }
            },
        };
        if change != Change::Nothing {
            for (descriptor, bytes) in artifact.blobs() {
                repository
                    .upload(&descriptor.digest, descriptor.size, &|| Ok(Box::new(io::Cursor::new(bytes.clone()))))?;
            }
            repository.put_manifest(&tag, media_type::MANIFEST, &artifact.manifest)?;
        }
        Ok(Pushed { reference, digest: artifact.digest(), change, signed: artifact.provenance.is_some() })
    }

    /// The version, with `_` where a tag may have no `+` (Helm's rule, helm/helm#10166).
    fn tag(&self, package: &Package) -> Result<String, PushError> {
        let (name, version) = (&package.chart.name, &package.chart.version);
        let tag = version.replace('+', "_");
        match (is_tag(&tag), is_component(name)) {
            (true, true) => Ok(tag),
            (false, _) => {
                Err(PushError::Refused(format!("while publishing {name} {version}: no registry takes such a version")))
            }
            (_, false) => Err(PushError::Refused(format!(
                "while publishing {name} {version}: no registry takes such a name; it would have to be lower-case letters, digits and `-`"
            ))),
        }
    }
}

fn there(repository: &Repository, tag: &str, own: Digest) -> Result<Option<There>, RegistryError> {
    let Some(digest) = repository.resolve(tag)? else { return Ok(None) };
    if digest == own {
        return Ok(Some(There { digest, manifest: None }));
    }
    let fetched = match repository.manifest(tag) {
        // What is no chart at all may be replaced as well, when that is wanted.
        Err(error) if matches!(error.reason, Reason::Manifest(_)) => None,
        fetched => fetched?,
    };
    let manifest = fetched.and_then(|fetched| match fetched.named {
        Named::Manifest(manifest) => Some(manifest),
        Named::Index(_) => None,
    });
    Ok(Some(There { digest, manifest }))
}

impl There {
    /// The digests of the archive and of its provenance; `None` where that is no chart.
    fn content(&self) -> Option<(Digest, Option<Digest>)> {
        let layers = &self.manifest.as_ref()?.layers;
        let of = |kind: &str| layers.iter().find(|layer| layer.media_type == kind).map(|layer| layer.digest);
        Some((of(CHART)?, of(PROVENANCE)))
    }
}

/// Why a version that is there stays: what differs, as far as that can be told.
fn refusal(
    package: &Package,
    reference: &str,
    chart: Option<Digest>,
    repository: &Repository,
    there: &There,
) -> PushError {
    let (name, version) = (&package.chart.name, &package.chart.version);
    let layers = there.manifest.iter().flat_map(|manifest| &manifest.layers);
    let layer = layers.into_iter().find(|layer| Some(layer.digest) == chart);
    let found = layer.map(|layer| repository.blob(layer, ARCHIVE_LIMIT).map(Package::open));
    let lines = match found {
        None => vec!["it is no chart".to_owned()],
        Some(Ok(Ok(other))) => difference(&other.tree, &package.tree),
        Some(Ok(Err(reason))) => vec![format!("the archive there is none: {reason}")],
        Some(Err(error)) => vec![format!("what differs cannot be told: {error}")],
    };
    PushError::Refused(format!(
        "while publishing {name} {version}: `{reference}` is there with other content\n  there: {}\n  here:  sha256:{}\n{}hint: make \
         a new version (`helm ha generate --version`), or replace the one that is there with `--force`",
        chart.unwrap_or(there.digest),
        package.digest,
        lines.iter().map(|line| format!("  {line}\n")).collect::<String>(),
    ))
}

impl FromStr for RegistryPath {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("expected `oci://HOST/PATH`, such as `oci://registry.example.com/charts`, found `{text}`");
        let rest = text.strip_prefix("oci://").ok_or_else(wrong)?.trim_end_matches('/');
        let (registry, path) = rest.split_once('/').ok_or_else(wrong)?;
        if !is_registry(registry) || !path.split('/').all(is_component) {
            return Err(wrong());
        }
        Ok(Self { registry: registry.to_owned(), path: path.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_host_and_a_path() {
        let check = |text: &str, expect: Option<(&str, &str)>| {
            let found = text.parse::<RegistryPath>().ok();
            let found = found.as_ref().map(|place| (place.registry.as_str(), place.path.as_str()));
            assert_eq!(found, expect, "{text}");
        };
        check("oci://localhost:5000/charts/", Some(("localhost:5000", "charts")));
        check("oci://r.example/a/b-c", Some(("r.example", "a/b-c")));
        for wrong in [
            "r.example/a",
            "oci://r.example",
            "oci://r.example/A",
            "oci://r.example/a:1",
            "oci://u:p@r.example/a",
            "oci:///a",
        ] {
            check(wrong, None);
        }
    }
}
