//! The path of a chart archive in, the archive with all that publishing needs to know of it out.

use std::io;
use std::path::Path;

use sha2::Digest;
use sha2::Sha256;

use crate::helm;
use crate::helm::ChartTree;
use crate::helm::ChartYaml;
use crate::helm::Provenance;
use crate::machine::Files;

/// Bytes of an archive that is read: what it unpacks to is limited too.
pub const ARCHIVE_LIMIT: u64 = helm::TREE_LIMIT;
/// An archive that Helm can load, with its provenance where it has one.
#[derive(Clone, Debug)]
pub struct Package {
    pub chart: ChartYaml,
    pub tree: ChartTree,
    pub bytes: Vec<u8>,
    /// SHA-256 in hexadecimal digits.
    pub digest: String,
    /// The file that lies beside it, `ARCHIVE.prov`.
    pub provenance: Option<Vec<u8>>,
}

impl Package {
    /// Reads the archive alone.
    pub fn read(path: &Path, files: &(impl Files + ?Sized)) -> io::Result<Self> {
        let bytes = files.read(path, ARCHIVE_LIMIT)?;
        let package =
            Self::open(bytes).map_err(|reason| invalid(format!("while reading `{}`: {reason}", path.display())))?;
        let name = package.file_name();
        if !is_file_name(&name) {
            let text = format!(
                "while reading `{}`: the chart's name `{}` cannot be the name of a file on a web server",
                path.display(),
                package.chart.name
            );
            return Err(invalid(text));
        }
        Ok(package)
    }

    /// Takes the `.prov` beside the archive along, where there is one. It must speak of this archive, under the name that
    /// it will have.
    pub fn take_provenance(&mut self, path: &Path, files: &(impl Files + ?Sized)) -> io::Result<()> {
        let beside = provenance_path(path);
        if files.exists(&beside) {
            let bytes = files.read(&beside, helm::PROVENANCE_LIMIT)?;
            let sound = Provenance::read(&bytes).and_then(|it| it.is_of(&self.chart, &self.file_name(), &self.digest));
            sound.map_err(|reason| invalid(format!("while reading `{}`: {reason}", beside.display())))?;
            self.provenance = Some(bytes);
        }
        Ok(())
    }

    /// The archive alone; a reason when Helm cannot load it.
    pub fn open(bytes: Vec<u8>) -> Result<Self, String> {
        let (tree, chart) = load(&bytes)?;
        let digest = digest(&bytes);
        Ok(Self { chart, tree, bytes, digest, provenance: None })
    }

    /// What an index says of an archive: its chart and its digest.
    pub fn describe(bytes: &[u8]) -> Result<(ChartYaml, String), String> {
        load(bytes).map(|(_, chart)| (chart, digest(bytes)))
    }

    /// As Helm names archives: `homelab-1.0.0.tgz`.
    pub fn file_name(&self) -> String {
        format!("{}-{}.tgz", self.chart.name, self.chart.version)
    }
}

fn load(bytes: &[u8]) -> Result<(ChartTree, ChartYaml), String> {
    let tree = helm::unpack(bytes).map_err(|error| error.to_string())?;
    let chart = ChartYaml::read(&tree).map_err(|error| error.to_string())?;
    Ok((tree, chart))
}

fn digest(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// Where the provenance of an archive lies.
pub fn provenance_path(archive: &Path) -> std::path::PathBuf {
    let mut path = archive.as_os_str().to_owned();
    path.push(".prov");
    path.into()
}

/// Whether it means the same in a path, in a URL and in a `.prov`.
fn is_file_name(name: &str) -> bool {
    !name.starts_with('.') && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte))
}

fn invalid(text: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}
