//! Everything that has a repository of images: its mirrors in their order, then its own registry.

use crate::oci::Descriptor;
use crate::oci::Digest;
use crate::registry::Fetched;
use crate::registry::Reason;
use crate::registry::RegistryError;
use crate::registry::Repository;

/// The places of one repository; the first one that has something gives it.
pub struct ImageSource<'c>(pub(super) Vec<Repository<'c>>);

impl ImageSource<'_> {
    /// The digest that a tag names now; `None` when nobody has it.
    pub fn resolve(&self, tag: &str) -> Result<Option<Digest>, RegistryError> {
        self.first(|repository| repository.resolve(tag))
    }

    /// A manifest or index; `None` when nobody has it.
    pub fn manifest(&self, reference: &str) -> Result<Option<Fetched>, RegistryError> {
        self.first(|repository| repository.manifest(reference))
    }

    /// A small blob.
    pub fn blob(&self, descriptor: &Descriptor, limit: u64) -> Result<Option<Vec<u8>>, RegistryError> {
        self.first(|repository| found(repository.blob(descriptor, limit)))
    }

    /// Asks one after another. When nobody has it, the first error of those that could not be asked is given.
    pub fn first<T>(
        &self,
        ask: impl Fn(&Repository) -> Result<Option<T>, RegistryError>,
    ) -> Result<Option<T>, RegistryError> {
        let mut failure = None;
        for repository in self.0.iter().filter(|repository| self.0.len() == 1 || !repository.is_down()) {
            match ask(repository) {
                Ok(Some(found)) => return Ok(Some(found)),
                Ok(None) => {}
                // The disk is no better for the next one.
                Err(error) if matches!(error.reason, Reason::File(_)) => return Err(error),
                Err(error) => {
                    if matches!(error.reason, Reason::Connection(_)) {
                        repository.mark_down();
                    }
                    failure.get_or_insert(error);
                }
            }
        }
        failure.map_or(Ok(None), Err)
    }

    /// Where it would have been, for messages.
    pub fn address(&self, reference: &str) -> String {
        self.0.last().map(|repository| repository.address(reference)).unwrap_or_default()
    }
}

/// What is not there is no failure.
pub(super) fn found<T>(outcome: Result<T, RegistryError>) -> Result<Option<T>, RegistryError> {
    match outcome {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.reason, Reason::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
