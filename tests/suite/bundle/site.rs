//! Images made here, in a folder as a cache of pulled images is; a chart that names them; bundles of both.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::path::PathBuf;

use helm_ha::bundle;
use helm_ha::bundle::BundleError;
use helm_ha::bundle::Chart;
use helm_ha::bundle::ChartFacts;
use helm_ha::bundle::CheckedBundle;
use helm_ha::bundle::Head;
use helm_ha::bundle::Ingredients;
use helm_ha::bundle::K3s;
use helm_ha::bundle::Packing;
use helm_ha::bundle::Source;
use helm_ha::bundle::Store;
use helm_ha::host::Host;
use helm_ha::machine::Terminal;
use helm_ha::oci::Descriptor;
use helm_ha::oci::Index;
use helm_ha::oci::Manifest;
use helm_ha::oci::Platform;
use helm_ha::oci::go_json;
use helm_ha::oci::media_type;
use serde_json::json;

use crate::program::Folder;

pub const LAYER: &str = "application/vnd.oci.image.layer.v1.tar";
pub const WEB: &str = "docker.io/example/web:1.0.0";
pub const TOOLS: &str = "ghcr.io/example/tools:2";

const VALUES: &str = "\
apiVersion: helm-ha.dev/v1
name: home
version: 1.0.0
nodes: { server1: { address: 192.168.1.11/24, role: server } }
services:
  web: { image: docker.io/example/web:1.0.0, ports: { http: 8080 } }
  tools: { image: ghcr.io/example/tools:2 }
";

/// A folder with a chart, a cache and the bundles made of them.
pub struct Site {
    pub folder: Folder,
    pub sources: Vec<Source>,
    /// The file of the chart.
    pub chart: &'static str,
}

/// A file of a layer: path, mode, bytes.
pub type Entry<'a> = (&'a str, u32, &'a [u8]);

impl Site {
    /// Two small images for two platforms, which share a layer.
    pub fn small() -> Self {
        let mut site = Self::empty();
        let base = site.layer(&[("etc/os-release", 0o644, b"ID=debian\nVERSION_ID=12\n")], Gzip::Yes);
        for (name, text) in [(WEB, "web"), (TOOLS, "tools")] {
            let top = |site: &Self, arch: &str| {
                let status =
                    format!("Package: {text}\nStatus: install ok installed\nVersion: 1\nArchitecture: {arch}\n");
                site.layer(&[("var/lib/dpkg/status", 0o644, status.as_bytes())], Gzip::No)
            };
            let (amd64, arm64) = (top(&site, "amd64"), top(&site, "arm64"));
            site.add_image(name, &[("amd64", vec![base.clone(), amd64]), ("arm64", vec![base.clone(), arm64])]);
        }
        site
    }

    /// A chart of the services `web` and `tools`; no images yet.
    pub fn empty() -> Self {
        let folder = Folder::new(&[("home.yaml", VALUES)]);
        let said = folder.run(&["generate", "home.yaml"], &[], b"");
        assert_eq!(said.code, Some(0), "{said}");
        Self { folder, sources: Vec::new(), chart: "home-1.0.0.tgz" }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path(name)
    }

    pub fn chart(&self) -> Vec<u8> {
        fs::read(self.path(self.chart)).unwrap()
    }

    /// Puts bytes into the cache.
    pub fn blob(&self, media_type: &str, bytes: &[u8]) -> Descriptor {
        let descriptor = Descriptor::of(media_type, bytes);
        self.folder.write(&format!("cache/blobs/sha256/{}", descriptor.digest.hex()), bytes);
        descriptor
    }

    pub fn layer(&self, files: &[Entry<'_>], gzip: Gzip) -> Descriptor {
        let mut builder = tar::Builder::new(Vec::new());
        for (path, mode, bytes) in files {
            let mut header = tar::Header::new_ustar();
            header.set_mode(*mode);
            header.set_size(bytes.len() as u64);
            builder.append_data(&mut header, path, *bytes).unwrap();
        }
        self.packed(&builder.into_inner().unwrap(), gzip)
    }

    /// A layer of these bytes of an archive.
    pub fn packed(&self, archive: &[u8], gzip: Gzip) -> Descriptor {
        match gzip {
            Gzip::No => self.blob(LAYER, archive),
            Gzip::Yes => {
                let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
                encoder.write_all(archive).unwrap();
                self.blob(&format!("{LAYER}+gzip"), &encoder.finish().unwrap())
            }
        }
    }

    /// An image with an index of these platforms.
    pub fn add_image(&mut self, name: &str, platforms: &[(&str, Vec<Descriptor>)]) -> Source {
        let mut manifests = Vec::new();
        for (architecture, layers) in platforms {
            let mut manifest = self.manifest(architecture, layers);
            manifest.platform = Some(Platform::linux(architecture));
            manifests.push(manifest);
        }
        let index = Index {
            schema_version: 2,
            media_type: Some(media_type::INDEX.to_owned()),
            manifests,
            annotations: BTreeMap::new(),
        };
        let root = self.blob(media_type::INDEX, &go_json(&index));
        self.sources.push(Source { name: name.to_owned(), root });
        self.sources.last().unwrap().clone()
    }

    /// An image without an index.
    pub fn add_single(&mut self, name: &str, manifest: &Descriptor) {
        self.sources.push(Source { name: name.to_owned(), root: manifest.clone() });
    }

    /// The manifest of an image of this configuration.
    pub fn single(&self, config: &[u8], layers: &[Descriptor]) -> Descriptor {
        let config = self.blob("application/vnd.oci.image.config.v1+json", config);
        self.blob(media_type::MANIFEST, &Manifest::new(config, layers.to_vec(), BTreeMap::new()).to_json())
    }

    fn manifest(&self, architecture: &str, layers: &[Descriptor]) -> Descriptor {
        let unpacked = |layer: &Descriptor| {
            let bytes = fs::read(self.path(&format!("cache/blobs/sha256/{}", layer.digest.hex()))).unwrap();
            let bytes = match layer.media_type.ends_with("gzip") {
                true => {
                    let mut unpacked = Vec::new();
                    std::io::Read::read_to_end(&mut flate2::read::GzDecoder::new(&bytes[..]), &mut unpacked).unwrap();
                    unpacked
                }
                false => bytes,
            };
            helm_ha::oci::Digest::of(&bytes).to_string()
        };
        let diff_ids: Vec<String> = layers.iter().map(unpacked).collect();
        let config = json!({
            "architecture": architecture, "os": "linux",
            "config": { "Entrypoint": ["/bin/busybox"], "Env": ["PATH=/bin"] },
            "rootfs": { "type": "layers", "diff_ids": diff_ids },
        });
        self.single(config.to_string().as_bytes(), layers)
    }

    /// Makes a bundle for `linux/amd64` and `linux/arm64`.
    pub fn bundle(&self, name: &str, packing: Packing) -> PathBuf {
        self.bundle_with(name, packing, &["amd64", "arm64"], None, None).unwrap()
    }

    pub fn bundle_with(
        &self,
        name: &str,
        packing: Packing,
        architectures: &[&str],
        since: Option<&Head>,
        k3s: Option<K3s>,
    ) -> Result<PathBuf, BundleError> {
        let archive = self.chart();
        let facts = bundle::read_chart(&archive).unwrap();
        self.bundle_of(name, packing, architectures, since, k3s, (&archive, facts))
    }

    /// A small one, whose chart is none: for those who read its bytes and no more.
    pub fn tiny(&self, packing: Packing) -> Vec<u8> {
        let facts = ChartFacts { name: "home".into(), version: "1.0.0".into(), ..ChartFacts::default() };
        let path = self.bundle_of("tiny", packing, &["amd64"], None, None, (b"chart", facts)).unwrap();
        fs::read(path).unwrap()
    }

    fn bundle_of(
        &self,
        name: &str,
        packing: Packing,
        architectures: &[&str],
        since: Option<&Head>,
        k3s: Option<K3s>,
        (archive, facts): (&[u8], ChartFacts),
    ) -> Result<PathBuf, BundleError> {
        let store = Store::new(self.path("cache"), &Host);
        let progress = Host.progress("", 0);
        let ingredients = Ingredients {
            chart: Chart { name: facts.name, version: facts.version },
            archive,
            subcharts: facts.subcharts,
            sources: self.sources.clone(),
            platforms: architectures.iter().map(|it| Platform::linux(it)).collect(),
            k3s,
            since,
            seconds: 946_684_800,
        };
        let prepared = bundle::prepare(ingredients, &store, progress.as_ref())?;
        let path = self.path(name);
        bundle::write(&prepared, &path, packing, &store, &Host, progress.as_ref())?;
        Ok(path)
    }
}

/// Whether a layer is compressed.
#[derive(Clone, Copy)]
pub enum Gzip {
    Yes,
    No,
}

/// Checks a bundle; the error is what is wrong with it.
pub fn check(path: &Path, older: Option<&CheckedBundle>) -> Result<CheckedBundle, String> {
    let progress = Host.progress("", 0);
    bundle::check(path, older, &Host, progress.as_ref()).map_err(|error| error.to_string())
}
