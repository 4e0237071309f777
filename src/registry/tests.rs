//! Registries in memory that behave well and badly, and what comes of it.

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use crate::machine::Answer;
use crate::machine::MemoryMachine;
use crate::oci::Descriptor;
use crate::oci::Digest;
use crate::oci::Platform;
use crate::oci::media_type;
use crate::registry::Cache;
use crate::registry::Client;
use crate::registry::Encryption;
use crate::registry::Options;
use crate::registry::Puller;
use crate::registry::Wanted;

const LOGINS: &str = "{\"auths\":{\"r.example\":{\"auth\":\"dTpw\"}}}";

type Seen = Arc<Mutex<Vec<String>>>;

/// A machine whose server answers by this function of method, URL and the header `Authorization`, and all that it saw.
fn machine(answer: impl Fn(&str, &str, &str) -> Answer + Send + Sync + 'static) -> (MemoryMachine, Seen) {
    let seen = Seen::default();
    let server = {
        let seen = Arc::clone(&seen);
        move |method: &str, url: &str, headers: &[(&'static str, String)], _: &[u8]| {
            let header = |name: &str| headers.iter().find(|(it, _)| *it == name).map_or("", |(_, value)| value);
            let login = header("authorization");
            seen.lock().unwrap().push(format!("{method} {url} {login}{}", header("range")).trim_end().to_owned());
            answer(method, url, login)
        }
    };
    let files = MemoryMachine::default().variable("HOME", "/h").file("/h/.docker/config.json", LOGINS);
    (files.server(server), seen)
}

fn client(machine: &MemoryMachine) -> Client<'_> {
    Client::new(machine, Options::default()).unwrap()
}

fn manifest() -> Vec<u8> {
    let config = Descriptor::of("application/vnd.oci.image.config.v1+json", b"{}");
    crate::oci::Manifest::new(config, Vec::new(), [].into()).to_json()
}

fn served(bytes: &[u8]) -> Answer {
    Answer::new(200, bytes).header("content-type", media_type::MANIFEST)
}

/// What reading the tag `1` of `r.example/a` gives.
fn read(machine: &MemoryMachine) -> Result<Option<Digest>, String> {
    let fetched = client(machine).repository("r.example", "a").manifest("1").map_err(|error| error.to_string())?;
    Ok(fetched.map(|fetched| fetched.descriptor.digest))
}

const HOME: &str = "while reading `https://r.example/v2/a/manifests/1`: ";

#[test]
fn a_login_becomes_a_token_that_is_kept() {
    let (machine, seen) = machine(|_, url, login| match (url.split('?').next().unwrap(), login) {
        ("https://t.example/token", "Basic dTpw") => Answer::new(200, "{\"token\":\"xyz\"}"),
        ("https://t.example/token", _) => Answer::new(401, ""),
        (_, "Bearer xyz") => served(&manifest()),
        _ => Answer::new(401, "").header("www-authenticate", "Bearer realm=\"https://t.example/token\",service=\"r\""),
    });
    let client = client(&machine);
    for _ in 0..2 {
        assert!(client.repository("r.example", "a").manifest("1").unwrap().is_some());
    }
    let address = "https://r.example/v2/a/manifests/1";
    let token = "GET https://t.example/token?account=u&service=r&scope=repository%3Aa%3Apull Basic dTpw";
    let expect = [
        format!("GET {address}"),
        token.to_owned(),
        format!("GET {address} Bearer xyz"),
        format!("GET {address} Bearer xyz"),
    ];
    assert_eq!(*seen.lock().unwrap(), expect);
}

#[test]
fn a_login_goes_to_nobody_else() {
    let elsewhere = |location: &'static str| {
        machine(move |_, url, login| match (url, login) {
            ("https://r.example/v2/a/manifests/1", "Basic dTpw") => Answer::new(307, "").header("location", location),
            ("https://r.example/v2/a/manifests/1", _) => {
                Answer::new(401, "").header("www-authenticate", "Basic realm=\"r\"")
            }
            // A server that wants the login for itself.
            _ if location.contains("greedy") => Answer::new(401, "").header("www-authenticate", "Basic realm=\"x\""),
            _ => served(&manifest()),
        })
    };
    for (location, expect, login) in [
        ("https://s.example/x?signature=y", Ok(Some(Digest::of(&manifest()))), ""),
        ("https://r.example:444/x", Ok(Some(Digest::of(&manifest()))), ""),
        ("https://r.example/x", Ok(Some(Digest::of(&manifest()))), " Basic dTpw"),
        ("https://greedy.example/x", Err(format!("{HOME}the registry answers with status 401")), ""),
    ] {
        let (machine, seen) = elsewhere(location);
        assert_eq!(read(&machine), expect, "{location}");
        assert_eq!(seen.lock().unwrap().last().unwrap(), &format!("GET {location}{login}"));
    }
    let (machine, seen) = elsewhere("http://r.example/x");
    let refused = format!("{HOME}the registry leads to `http://r.example`, which is not encrypted");
    assert_eq!(read(&machine), Err(refused));
    assert!(seen.lock().unwrap().iter().all(|line| !line.contains("http:")));
}

#[test]
fn uploads_elsewhere_get_no_login() {
    let (machine, seen) = machine(|method, url, login| match (method, url, login) {
        ("HEAD", _, "Basic dTpw") => Answer::new(404, ""),
        ("POST", _, "Basic dTpw") => Answer::new(202, "").header("location", "https://s.example/up?state=1"),
        (
            _,
            "https://s.example/up?state=1&digest=sha256%3Ae3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "",
        ) => Answer::new(401, "").header("www-authenticate", "Basic realm=\"x\""),
        _ => Answer::new(401, "").header("www-authenticate", "Basic realm=\"r\""),
    });
    let error =
        client(&machine).repository("r.example", "a").upload(&Digest::of(b""), 0, &|| Ok(Box::new(std::io::empty())));
    let expect = "while uploading to `https://r.example/v2/a/blobs/uploads/`: the registry answers with status 401";
    assert_eq!(error.unwrap_err().to_string(), expect);
    assert!(seen.lock().unwrap().iter().all(|line| !(line.contains("s.example") && line.contains("Basic"))));
}

#[test]
fn what_may_pass_is_tried_again() {
    let check = |first: Answer, waited: u64, expect: Result<(), &str>| {
        let count = Mutex::new(0);
        let (machine, _) = machine(move |_, _, _| {
            let mut count = count.lock().unwrap();
            *count += 1;
            if *count == 1 { first.clone() } else { served(&manifest()) }
        });
        let expect = expect.map(|()| Some(Digest::of(&manifest()))).map_err(|reason| format!("{HOME}{reason}"));
        assert_eq!(read(&machine), expect);
        assert_eq!(machine.waited(), Duration::from_millis(waited));
    };
    check(Answer::new(500, ""), 500, Ok(()));
    check(Answer::new(429, "").header("retry-after", "7"), 7000, Ok(()));
    check(Answer::default(), 500, Ok(()));
    // Half an answer.
    check(served(&manifest()[..50]).header("content-length", "300"), 500, Ok(()));
    check(
        Answer::new(429, "").header("retry-after", "86400"),
        0,
        Err("the registry answers with status 429, too many requests, and asks to wait for 86400 s"),
    );
    check(
        Answer::new(400, "{\"errors\":[{\"code\":\"X\",\"message\":\"no\\u0007pe\"}]}"),
        0,
        Err("the registry answers with status 400: nope"),
    );
    check(
        served(b"<html>"),
        0,
        Err("expected a manifest of an image (JSON), found something else: expected value at line 1 column 1"),
    );
    let digest = Digest::of(b"");
    let found = Digest::of(&manifest());
    check(
        served(&manifest()).header("docker-content-digest", digest.to_string()),
        0,
        Err(&format!("expected {digest}, found {found}")),
    );
    check(
        served(&vec![b' '; 5 << 20]),
        0,
        Err("the answer has more than 4194304 bytes, which is more than expected here"),
    );
    check(
        Answer::new(302, ""),
        0,
        Err(
            "the registry speaks another language than the distribution specification: a redirect without a `Location`",
        ),
    );
}

#[test]
fn a_server_that_stays_down_is_given_up() {
    let (machine, seen) = machine(|_, _, _| Answer::new(503, "down for maintenance\nuntil tomorrow"));
    assert_eq!(read(&machine), Err(format!("{HOME}the registry answers with status 503: down for maintenance")));
    assert_eq!((seen.lock().unwrap().len(), machine.waited()), (5, Duration::from_millis(7500)));
}

#[test]
fn whoever_is_nobody_is_told_how_to_log_in() {
    let challenge = || Answer::new(401, "").header("www-authenticate", "Basic realm=\"r\"");
    let (anonymous, _) = machine(move |_, _, _| challenge());
    let anonymous = anonymous.file("/h/.docker/config.json", "{}");
    let reason = "the registry wants a login, and none is known for `r.example`: run `helm registry login r.example`";
    assert_eq!(read(&anonymous), Err(format!("{HOME}{reason}")));
    let (refused, _) = machine(move |_, _, _| challenge());
    let reason = "the login for `r.example` is refused: run `helm registry login r.example` again, or ask for the right to do this";
    assert_eq!(read(&refused), Err(format!("{HOME}{reason}")));
}

#[test]
fn a_registry_on_this_machine_may_be_plain() {
    let check = |options: Options, tls: bool, expect: &str| {
        let (machine, seen) = machine(move |_, url, _| match tls && url.starts_with("http://") {
            true => Answer::new(400, "Client sent an HTTP request to an HTTPS server."),
            false => served(&manifest()),
        });
        let client = Client::new(&machine, options).unwrap();
        client.repository("localhost:5000", "a").manifest("1").unwrap();
        assert_eq!(seen.lock().unwrap().last().unwrap(), expect);
    };
    check(Options::default(), false, "GET http://localhost:5000/v2/a/manifests/1");
    check(Options::default(), true, "GET https://localhost:5000/v2/a/manifests/1");
    let plain = Options { encryption: Encryption::Never, ..Options::default() };
    check(plain, false, "GET http://localhost:5000/v2/a/manifests/1");
}

/// The blob that `pull` needs comes in parts of these lengths, each ending with a broken connection; then all of it.
fn pull(
    blob: &'static [u8],
    parts: &'static [usize],
    there: &'static [u8],
) -> (Result<(), String>, MemoryMachine, Seen) {
    let config = b"{\"os\":\"linux\",\"architecture\":\"amd64\"}";
    let descriptor = Descriptor::of("application/vnd.oci.image.layer.v1.tar", BLOB);
    let manifest = crate::oci::Manifest::new(Descriptor::of("x/y", config), vec![descriptor], [].into()).to_json();
    let count = Mutex::new(0);
    let (machine, seen) = machine(move |method, url, _| {
        if url.contains("/manifests/") {
            let body = if method == "GET" { manifest.clone() } else { Vec::new() };
            return served(&body).header("docker-content-digest", Digest::of(&manifest).to_string());
        }
        if url.ends_with(&Digest::of(config).to_string()) {
            return Answer::new(200, config);
        }
        let mut count = count.lock().unwrap();
        let length = parts.get(*count).copied().unwrap_or(blob.len());
        *count += 1;
        Answer::new(200, &blob[..length])
    });
    let partial = format!("/cache/partial/{}", Digest::of(BLOB).hex());
    let machine = if there.is_empty() { machine } else { machine.file(partial, there) };
    let (cache, client) = (Cache::new("/cache", &machine), client(&machine));
    let platforms = [Platform::linux("amd64")];
    let puller = Puller { client: &client, cache: &cache, machine: &machine, platforms: &platforms };
    let wanted = [Wanted { image: "r.example/a:1".parse().unwrap(), digest: None }];
    let outcome = puller.pull(&wanted).map(|_| ()).map_err(|error| error.to_string());
    drop((cache, client));
    (outcome, machine, seen)
}

const BLOB: &[u8] = b"0123456789";

proptest::proptest! {
    /// Whatever a server says, nothing worse comes of it than an error.
    #[test]
    fn headers_of_any_kind_are_survived(
        challenge in "(Basic|Bearer|,| |=|\"|\\\\|realm|[a-z]{0,3}|[^a-z]{0,2}){0,12}",
        location in "(https?|:|/|//|\\?|#|[a-z.]{0,4}|[^a-z]{0,2}){0,8}",
        wait in "(-|[0-9]{0,22}|[A-Z][a-z]{2},? ?| |:|GMT){0,10}",
    ) {
        let (machine, _) = machine(move |_, url, _| match url.ends_with("/1") {
            true => Answer::new(401, "").header("www-authenticate", challenge.clone()),
            false => Answer::new(302, "").header("location", location.clone()).header("retry-after", wait.clone()),
        });
        let _ = read(&machine);
        let _ = client(&machine).repository("r.example", "a").manifest("2");
        let _ = client(&machine).repository("r.example", "a").upload(&Digest::of(b""), 0, &|| Ok(Box::new(std::io::empty())));
    }
}

#[test]
fn a_blob_comes_in_parts_and_is_verified() {
    let whole = format!("/cache/blobs/sha256/{}", Digest::of(BLOB).hex());
    let check = |parts, there, ranges: &[&str]| {
        let (outcome, machine, seen) = pull(BLOB, parts, there);
        assert_eq!(outcome, Ok(()));
        let files = machine.files();
        assert_eq!(files.get(std::path::Path::new(&whole)).map(Vec::as_slice), Some(BLOB));
        assert!(files.keys().all(|path| !path.starts_with("/cache/partial")), "{:?}", files.keys());
        let seen = seen.lock().unwrap();
        let blob = seen.iter().filter(|line| line.contains(&Digest::of(BLOB).hex()));
        let found: Vec<&str> = blob.map(|line| line.split(' ').nth(2).unwrap_or_default()).collect();
        assert_eq!(found, ranges);
    };
    check(&[], b"", &[""]);
    check(&[4, 7], b"", &["", "bytes=4-", "bytes=7-"]);
    check(&[], b"0123", &["bytes=4-"]);
    // What lay there is damaged, or too long: it is read anew.
    check(&[], b"01x3", &["bytes=4-", ""]);
    check(&[], b"0123456789abc", &[""]);
    // Complete, but its process ended before it got its name.
    check(&[], BLOB, &[]);
}

#[test]
fn a_wrong_blob_is_not_kept() {
    let (outcome, machine, _) = pull(b"0123456780", &[], b"");
    let error = outcome.unwrap_err();
    assert!(error.starts_with("r.example/a:1: while reading `https://r.example/v2/a/blobs/sha256:"), "{error}");
    assert!(error.contains(&format!("expected {}, found {}", Digest::of(BLOB), Digest::of(b"0123456780"))), "{error}");
    let whole = format!("/cache/blobs/sha256/{}", Digest::of(BLOB).hex());
    assert!(!machine.files().contains_key(std::path::Path::new(&whole)));
}
