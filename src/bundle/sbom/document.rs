//! Charts, images and their packages in; an SPDX 2.3 document (JSON) out, always the same; and whether one is complete.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;
use serde_json::json;

use crate::bundle::contents::Contents;
use crate::bundle::contents::Image;
use crate::bundle::sbom::inventory::Inventory;
use crate::bundle::sbom::inventory::Package;
use crate::helm::timestamp;
use crate::oci::Digest;
use crate::oci::ImageReference;

/// What the document describes.
pub struct Materials<'a> {
    pub contents: &'a Contents,
    pub chart: Digest,
    /// Name and version of each subchart.
    pub subcharts: &'a [(String, String)],
    /// The images of `contents`, with what is in each of their manifests.
    pub images: Vec<Described<'a>>,
    /// When it was made, in seconds since 1970.
    pub seconds: u64,
}

/// One image.
pub struct Described<'a> {
    pub image: &'a Image,
    pub inventories: Vec<Inventory>,
}

const DOCUMENT: &str = "SPDXRef-DOCUMENT";
const NOTHING_SAID: &str = "NOASSERTION";

/// The bytes of the document.
pub fn document(materials: &Materials<'_>) -> Vec<u8> {
    let mut writer = Writer::default();
    let chart = &materials.contents.chart;
    let umbrella = writer.add(
        &format!("Chart-{}", chart.name),
        json!({
            "name": chart.name,
            "versionInfo": chart.version,
            "checksums": checksum(&materials.chart),
            "primaryPackagePurpose": "INSTALL",
        }),
    );
    writer.relate(DOCUMENT, "DESCRIBES", &umbrella);
    for (name, version) in materials.subcharts {
        let fields = json!({ "name": name, "versionInfo": version, "primaryPackagePurpose": "INSTALL" });
        let subchart = writer.add(&format!("Chart-{}-{name}", chart.name), fields);
        writer.relate(&umbrella, "CONTAINS", &subchart);
    }
    for described in &materials.images {
        let id = writer.image(described);
        writer.relate(DOCUMENT, "DESCRIBES", &id);
    }
    let packages = Value::Array(writer.packages);
    let unique = Digest::of(packages.to_string().as_bytes()).hex();
    let document = json!({
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": DOCUMENT,
        "name": format!("{}-{}", chart.name, chart.version),
        "documentNamespace": format!("https://helm-ha.dev/spdx/{}-{}/{unique}", encoded(&chart.name), encoded(&chart.version)),
        "creationInfo": {
            "created": timestamp(materials.seconds),
            "creators": [format!("Tool: helm-ha-{}", env!("CARGO_PKG_VERSION"))],
        },
        "comment": "Charts, images and the operating-system packages in the layers of images. What programs bring inside \
                    of themselves, such as modules of a language, is not looked for.",
        "packages": packages,
        "relationships": writer.relationships,
    });
    let mut bytes = document.to_string().into_bytes();
    bytes.push(b'\n');
    bytes
}

#[derive(Default)]
struct Writer {
    packages: Vec<Value>,
    relationships: Vec<Value>,
    known: BTreeSet<String>,
}

impl Writer {
    /// Adds a package, unless it is there; gives back its identifier.
    fn add(&mut self, name: &str, fields: Value) -> String {
        let ordinary = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
        let id = format!("SPDXRef-{}", name.chars().map(ordinary).collect::<String>());
        if self.known.insert(id.clone()) {
            let mut package = json!({
                "SPDXID": id,
                "downloadLocation": NOTHING_SAID,
                "filesAnalyzed": false,
                "licenseConcluded": NOTHING_SAID,
                "licenseDeclared": NOTHING_SAID,
                "copyrightText": NOTHING_SAID,
            });
            if let (Some(package), Value::Object(fields)) = (package.as_object_mut(), fields) {
                package.extend(fields);
            }
            self.packages.push(package);
        }
        id
    }

    fn relate(&mut self, from: &str, kind: &str, to: &str) {
        self.relationships.push(json!({
            "spdxElementId": from, "relationshipType": kind, "relatedSpdxElement": to,
        }));
    }

    fn image(&mut self, described: &Described<'_>) -> String {
        let image = described.image;
        let reference = image.name.parse::<ImageReference>().ok();
        let (name, tag) = match &reference {
            Some(it) => (format!("{}/{}", it.registry, it.repository), it.tag_and_digest().0.to_owned()),
            None => (image.name.clone(), String::new()),
        };
        let short = Digest::of(image.name.as_bytes()).hex();
        let short = short.get(..16).unwrap_or_default().to_owned();
        let id = self.add(
            &format!("Image-{short}"),
            json!({
                "name": name,
                "versionInfo": tag,
                "checksums": checksum(&image.digest),
                "externalRefs": purl(&image_url(&name, &tag, &image.digest, None)),
                "primaryPackagePurpose": "CONTAINER",
            }),
        );
        for (manifest, inventory) in image.manifests.iter().zip(&described.inventories) {
            let platform = manifest.platform.to_string();
            let architecture = Some(manifest.platform.architecture.as_str());
            let variant = self.add(
                &format!("Image-{short}-{platform}"),
                json!({
                    "name": format!("{name} ({platform})"),
                    "versionInfo": tag,
                    "checksums": checksum(&manifest.digest),
                    "externalRefs": purl(&image_url(&name, &tag, &manifest.digest, architecture)),
                    "primaryPackagePurpose": "CONTAINER",
                }),
            );
            self.relate(&variant, "VARIANT_OF", &id);
            for package in &inventory.packages {
                let package = self.package(package, inventory.system.as_ref());
                self.relate(&variant, "CONTAINS", &package);
            }
            if !inventory.unread.is_empty() {
                let fields = json!({
                    "name": "unknown",
                    "versionInfo": NOTHING_SAID,
                    "comment": format!("There may be packages that are not listed: {}.", inventory.unread.join("; ")),
                });
                let unknown = self.add(&format!("Unknown-{short}-{platform}"), fields);
                self.relate(&variant, "CONTAINS", &unknown);
            }
        }
        id
    }

    fn package(&mut self, package: &Package, system: Option<&(String, String)>) -> String {
        let url = package_url(package, system);
        let unique = Digest::of(url.as_bytes()).hex();
        let unique = unique.get(..12).unwrap_or_default();
        let fields = json!({ "name": package.name, "versionInfo": package.version, "externalRefs": purl(&url) });
        self.add(&format!("Package-{}-{}-{unique}", package.kind, package.name), fields)
    }
}

fn checksum(digest: &Digest) -> Value {
    json!([{ "algorithm": "SHA256", "checksumValue": digest.hex() }])
}

fn purl(url: &str) -> Value {
    json!([{ "referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": url }])
}

/// `pkg:oci/NAME@DIGEST?...` (package-url, types/oci).
fn image_url(name: &str, tag: &str, digest: &Digest, architecture: Option<&str>) -> String {
    let last = name.rsplit('/').next().unwrap_or(name);
    let architecture = architecture.map(|it| format!("arch={}&", encoded(it))).unwrap_or_default();
    let (digest, name) = (encoded(&digest.to_string()), encoded(name));
    format!("pkg:oci/{}@{digest}?{architecture}repository_url={name}&tag={}", encoded(last), encoded(tag))
}

/// `pkg:deb/debian/libc6@2.36?arch=amd64&distro=debian-12` (package-url, types/deb and types/apk).
fn package_url(package: &Package, system: Option<&(String, String)>) -> String {
    let Package { kind, name, version, architecture } = package;
    let mut url = format!("pkg:{kind}/");
    if let Some((id, _)) = system {
        url.push_str(&format!("{}/", encoded(id)));
    }
    url.push_str(&format!("{}@{}", encoded(name), encoded(version)));
    let mut qualifiers = Vec::new();
    if !architecture.is_empty() {
        qualifiers.push(format!("arch={}", encoded(architecture)));
    }
    if let Some((id, version)) = system.filter(|(_, version)| !version.is_empty()) {
        qualifiers.push(format!("distro={}", encoded(&format!("{id}-{version}"))));
    }
    if !qualifiers.is_empty() {
        url.push_str(&format!("?{}", qualifiers.join("&")));
    }
    url
}

/// Everything but letters, digits and `-._~` as `%XX`.
fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

/// Whether a document describes all that is in a bundle; the error says what it lacks.
pub fn check(bytes: &[u8], contents: &Contents, chart: &Digest) -> Result<(), String> {
    let document: Value = serde_json::from_slice(bytes).map_err(|error| format!("it is no SPDX document: {error}"))?;
    let list = |key: &str| document.get(key).and_then(Value::as_array).into_iter().flatten();
    let text = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    if text(&document, "spdxVersion") != "SPDX-2.3" {
        return Err("it is no document of SPDX 2.3".to_owned());
    }
    let mut described: BTreeMap<String, String> = BTreeMap::new();
    for package in list("packages") {
        let sums = package.get("checksums").and_then(Value::as_array).into_iter().flatten();
        described.extend(sums.map(|sum| (text(sum, "checksumValue"), text(package, "SPDXID"))));
    }
    let contains = list("relationships").filter(|it| text(it, "relationshipType") == "CONTAINS");
    let full: BTreeSet<String> = contains.map(|it| text(it, "spdxElementId")).collect();
    if !described.contains_key(&chart.hex()) {
        return Err("it does not describe the chart".to_owned());
    }
    for image in &contents.images {
        if !described.contains_key(&image.digest.hex()) {
            return Err(format!("it does not describe {}", image.name));
        }
        for manifest in &image.manifests {
            if described.get(&manifest.digest.hex()).is_none_or(|id| !full.contains(id)) {
                return Err(format!("it does not say what is in {} for {}", image.name, manifest.platform));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bundle::contents::Chart;
    use crate::bundle::contents::PlatformManifest;
    use crate::oci::Platform;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, expect) in [
            (0, "1970-01-01T00:00:00Z"),
            (946_684_799, "1999-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_871_000, "2026-11-28T13:03:20Z"),
            (u64::MAX, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(timestamp(seconds), expect);
        }
    }

    #[test]
    fn packages_have_an_address() {
        let package =
            Package { kind: "deb", name: "g++".into(), version: "1:2+a~b".into(), architecture: "amd64".into() };
        let debian = ("debian".to_owned(), "12".to_owned());
        let url = package_url(&package, Some(&debian));
        assert_eq!(url, "pkg:deb/debian/g%2B%2B@1%3A2%2Ba~b?arch=amd64&distro=debian-12");
        assert_eq!(package_url(&package, None), "pkg:deb/g%2B%2B@1%3A2%2Ba~b?arch=amd64");
    }

    #[test]
    fn a_document_describes_everything_or_is_refused() {
        let manifest = PlatformManifest { platform: Platform::linux("amd64"), digest: Digest::of(b"m") };
        let image = Image {
            name: "docker.io/a/b:1".to_owned(),
            media_type: "application/vnd.oci.image.index.v1+json".to_owned(),
            digest: Digest::of(b"i"),
            size: 1,
            manifests: vec![manifest],
        };
        let mut contents = Contents::new(Chart { name: "home".into(), version: "1.0.0".into() }, Vec::new());
        contents.images.push(image);
        let of = |inventory: Inventory| {
            let images = contents.images.iter().map(|image| Described { image, inventories: vec![inventory.clone()] });
            let chart = Digest::of(b"c");
            document(&Materials { contents: &contents, chart, subcharts: &[], images: images.collect(), seconds: 0 })
        };
        let unread = Inventory { unread: vec!["?".to_owned()], ..Inventory::default() };
        assert_eq!(of(unread.clone()), of(unread.clone()));
        assert_eq!(check(&of(unread.clone()), &contents, &Digest::of(b"c")), Ok(()));
        assert_eq!(check(&of(unread), &contents, &Digest::of(b"d")), Err("it does not describe the chart".into()));
        let expect = "it does not say what is in docker.io/a/b:1 for linux/amd64";
        assert_eq!(check(&of(Inventory::default()), &contents, &Digest::of(b"c")), Err(expect.into()));
    }
}
