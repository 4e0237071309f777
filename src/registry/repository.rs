//! One repository of a registry: manifests and blobs, as the distribution specification has them
//! (<https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md>).

use std::io::Read;

use crate::machine::Method;
use crate::machine::Response;
use crate::oci::Descriptor;
use crate::oci::Digest;
use crate::oci::MANIFEST_LIMIT;
use crate::oci::Named;
use crate::oci::media_type;
use crate::registry::Reason;
use crate::registry::RegistryError;
use crate::registry::backoff::Backoff;
use crate::registry::client::Ask;
use crate::registry::client::Client;
use crate::registry::client::Open;
use crate::registry::client::Payload;
use crate::registry::client::all;
use crate::registry::client::unexpected;
use crate::registry::mirrors::Address;
use crate::registry::url;

/// A repository; every method sends requests, and tries again what may pass.
pub struct Repository<'c> {
    client: &'c Client<'c>,
    registry: String,
    path: String,
    base: String,
}

/// A manifest or index with its bytes.
#[derive(Clone, Debug)]
pub struct Fetched {
    pub descriptor: Descriptor,
    pub bytes: Vec<u8>,
    pub named: Named,
}

/// A body, and the place in the blob at which it starts.
pub struct Part {
    pub start: u64,
    pub body: Box<dyn Read + Send>,
}

impl<'c> Repository<'c> {
    pub(super) fn new(client: &'c Client<'c>, registry: &str, path: &str) -> Self {
        let base = format!("{}/v2/{path}", client.base(registry));
        Self { client, registry: registry.to_owned(), path: path.to_owned(), base }
    }

    /// Of a mirror.
    pub(super) fn at(client: &'c Client<'c>, address: Address) -> Self {
        let path = address.base.split_once("/v2/").map_or("", |(_, path)| path).to_owned();
        Self { client, registry: address.host, path, base: address.base }
    }

    pub(super) fn is_down(&self) -> bool {
        self.client.is_down(url::origin(&self.base))
    }

    pub(super) fn mark_down(&self) {
        self.client.mark_down(url::origin(&self.base));
    }

    /// The address of a manifest, by tag or digest, for messages.
    pub fn address(&self, reference: &str) -> String {
        format!("{}/manifests/{reference}", self.base)
    }

    fn scope(&self, actions: &str) -> String {
        format!("repository:{}:{actions}", self.path)
    }

    fn ask(
        &self,
        method: Method,
        url: &str,
        headers: &[(&'static str, String)],
        payload: Payload,
    ) -> Result<Response, Reason> {
        // Reading with the right to write as well would be refused to those who may only read.
        let actions = if matches!(method, Method::Get | Method::Head) { "pull" } else { "pull,push" };
        self.client.once(&Ask {
            method,
            url,
            headers,
            payload,
            scope: &self.scope(actions),
            registry: &self.registry,
            home: url::origin(&self.base),
        })
    }

    /// The digest that a tag names now; `None` when there is no such tag.
    pub fn resolve(&self, reference: &str) -> Result<Option<Digest>, RegistryError> {
        let url = self.address(reference);
        let headers = [("accept", media_type::MANIFESTS.join(", "))];
        let head = self.client.persist("asking for", &url, |_| {
            let answer = self.ask(Method::Head, &url, &headers, Payload::Nothing)?;
            match answer.status {
                200 => Ok(Some(answer.header("docker-content-digest").and_then(|digest| digest.parse().ok()))),
                404 => Ok(None),
                _ => Err(unexpected(answer)),
            }
        })?;
        match head {
            None => Ok(None),
            Some(Some(digest)) => Ok(Some(digest)),
            // A registry need not say it.
            Some(None) => Ok(self.manifest(reference)?.map(|fetched| fetched.descriptor.digest)),
        }
    }

    /// A manifest or index by tag or digest; `None` when there is none.
    pub fn manifest(&self, reference: &str) -> Result<Option<Fetched>, RegistryError> {
        let url = self.address(reference);
        let headers = [("accept", media_type::MANIFESTS.join(", "))];
        self.client.persist("reading", &url, |_| {
            let answer = self.ask(Method::Get, &url, &headers, Payload::Nothing)?;
            match answer.status {
                200 => {}
                404 => return Ok(None),
                _ => return Err(unexpected(answer)),
            }
            let said = answer.header("content-type").map(str::to_owned);
            let digest = answer.header("docker-content-digest").and_then(|digest| digest.parse::<Digest>().ok());
            let length = answer.header("content-length").and_then(|length| length.parse::<u64>().ok());
            let bytes = all(answer, MANIFEST_LIMIT)?;
            let found = bytes.len() as u64;
            if let Some(expected) = length.filter(|expected| *expected != found) {
                return Err(Reason::WrongSize { expected, found });
            }
            let found = Digest::of(&bytes);
            for expected in reference.parse::<Digest>().ok().into_iter().chain(digest) {
                if expected != found {
                    return Err(Reason::WrongDigest { expected, found });
                }
            }
            let named = Named::read(&bytes, said.as_deref())?;
            let own = match &named {
                Named::Manifest(manifest) => manifest.media_type.clone(),
                Named::Index(index) => index.media_type.clone(),
            };
            let media_type = own.or_else(|| said.map(|said| said.split(';').next().unwrap_or_default().to_owned()));
            Ok(Some(Fetched { descriptor: Descriptor::of(&media_type.unwrap_or_default(), &bytes), bytes, named }))
        })
    }

    /// Puts a manifest or index under a tag or its digest. All that it names must be there.
    pub fn put_manifest(&self, reference: &str, media_type: &str, bytes: &[u8]) -> Result<(), RegistryError> {
        let url = self.address(reference);
        let headers = [("content-type", media_type.to_owned())];
        self.client.persist("writing", &url, |_| {
            let answer = self.ask(Method::Put, &url, &headers, Payload::Bytes(bytes))?;
            accepted(answer, Digest::of(bytes))
        })
    }

    /// Whether a blob is there.
    pub fn has(&self, digest: &Digest) -> Result<bool, RegistryError> {
        let url = self.blob_address(digest);
        self.client.persist("asking for", &url, |_| {
            let answer = self.ask(Method::Head, &url, &[], Payload::Nothing)?;
            match answer.status {
                200 => Ok(true),
                404 => Ok(false),
                _ => Err(unexpected(answer)),
            }
        })
    }

    /// Takes a blob over from another repository of the same registry; `false` where the registry does not do that.
    pub fn mount(&self, digest: &Digest, from: &str) -> Result<bool, RegistryError> {
        let url = format!(
            "{}/blobs/uploads/?mount={}&from={}",
            self.base,
            url::escape(&digest.to_string()),
            url::escape(from)
        );
        self.client.persist("copying to", &url, |_| {
            let answer = self.ask(Method::Post, &url, &[], Payload::Nothing)?;
            match answer.status {
                201 => Ok(true),
                202 => Ok(false),
                _ => Err(unexpected(answer)),
            }
        })
    }

    /// Uploads a blob unless it is there. Gives whether it had to.
    pub fn upload(&self, digest: &Digest, size: u64, open: &Open) -> Result<bool, RegistryError> {
        if self.has(digest)? {
            return Ok(false);
        }
        let start = format!("{}/blobs/uploads/", self.base);
        self.client.persist("uploading to", &start, |_| {
            let answer = self.ask(Method::Post, &start, &[], Payload::Nothing)?;
            if answer.status != 202 {
                return Err(unexpected(answer));
            }
            let Some(location) = answer.header("location") else {
                return Err(Reason::Garbage("an upload without a `Location`".to_owned()));
            };
            let place = url::resolve(&start, location);
            if start.starts_with("https://") && !place.starts_with("https://") {
                return Err(Reason::Downgrade(url::origin(&place).to_owned()));
            }
            let join = if place.contains('?') { '&' } else { '?' };
            let place = format!("{place}{join}digest={}", url::escape(&digest.to_string()));
            let headers = [("content-type", "application/octet-stream".to_owned())];
            let payload = Payload::Stream { open, size };
            // A registry may have another server take uploads. It gets no login: the address is its own permission.
            let answer = self.ask(Method::Put, &place, &headers, payload)?;
            accepted(answer, *digest)
        })?;
        Ok(true)
    }

    /// A small blob, whole and verified.
    pub fn blob(&self, descriptor: &Descriptor, limit: u64) -> Result<Vec<u8>, RegistryError> {
        let url = self.blob_address(&descriptor.digest);
        self.client.persist("reading", &url, |_| {
            if descriptor.size > limit {
                return Err(Reason::TooLarge(limit));
            }
            let part = self.try_part(&descriptor.digest, 0)?;
            let mut bytes = Vec::new();
            part.body.take(descriptor.size + 1).read_to_end(&mut bytes).map_err(Reason::Connection)?;
            let found = bytes.len() as u64;
            if found != descriptor.size {
                return Err(Reason::WrongSize { expected: descriptor.size, found });
            }
            match Digest::of(&bytes) {
                found if found == descriptor.digest => Ok(bytes),
                found => Err(Reason::WrongDigest { expected: descriptor.digest, found }),
            }
        })
    }

    /// Reads a blob piece by piece: `attempt` gets a body, and is asked again after what may pass.
    pub fn read_blob<T>(
        &self,
        digest: &Digest,
        mut attempt: impl FnMut(&dyn Fn(u64) -> Result<Part, Reason>, &mut Backoff) -> Result<T, Reason>,
    ) -> Result<T, RegistryError> {
        let url = self.blob_address(digest);
        self.client.persist("reading", &url, |backoff| attempt(&|start| self.try_part(digest, start), backoff))
    }

    /// A blob from some byte on, or from its start where the registry cannot do that.
    fn try_part(&self, digest: &Digest, start: u64) -> Result<Part, Reason> {
        let range = (start > 0).then(|| ("range", format!("bytes={start}-")));
        let headers: Vec<_> = range.into_iter().collect();
        let answer = self.ask(Method::Get, &self.blob_address(digest), &headers, Payload::Nothing)?;
        let said = answer.header("content-range").and_then(|range| range.strip_prefix("bytes ")?.split('-').next());
        let start = match answer.status {
            200 => 0,
            206 => match said.and_then(|said| said.parse::<u64>().ok()) {
                Some(said) if said == start => start,
                _ => return Err(Reason::Garbage("another range of bytes than asked for".to_owned())),
            },
            _ => return Err(unexpected(answer)),
        };
        Ok(Part { start, body: answer.body })
    }

    fn blob_address(&self, digest: &Digest) -> String {
        format!("{}/blobs/{digest}", self.base)
    }
}

/// Whether something was taken over, as what we know it to be.
fn accepted(answer: Response, expected: Digest) -> Result<(), Reason> {
    if !(200..300).contains(&answer.status) {
        return Err(unexpected(answer));
    }
    match answer.header("docker-content-digest").and_then(|digest| digest.parse::<Digest>().ok()) {
        Some(found) if found != expected => Err(Reason::WrongDigest { expected, found }),
        _ => Ok(()),
    }
}
