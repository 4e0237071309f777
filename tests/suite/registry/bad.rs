//! Registries that die, lie and lead elsewhere: one clear error each, nothing published, and no login for strangers.

use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;

use helm_ha::oci::Digest;

use crate::program::Folder;
use crate::program::Said;
use crate::publish::archive;
use crate::registry::web;
use crate::registry::web::Asked;
use crate::registry::web::answer;

type Seen = Arc<Mutex<Vec<String>>>;

/// A registry in memory that holds nothing and takes everything, but for requests that `bad` answers.
fn serve(bad: impl Fn(&Asked, &mut TcpStream) -> bool + Send + Sync + Clone + 'static) -> (String, Seen) {
    let seen = Seen::default();
    let log = Arc::clone(&seen);
    let address = web::serve(move |asked: &Asked, stream: &mut TcpStream| {
        let path = asked.path.split('?').next().unwrap_or_default();
        let login = asked.header("authorization");
        log.lock().unwrap().push(format!("{} {path} {login}", asked.method).trim_end().to_owned());
        if bad(asked, stream) {
            return;
        }
        match asked.method.as_str() {
            "POST" => answer(stream, 202, &[("location", "/upload")], b""),
            "PUT" => answer(stream, 201, &[("docker-content-digest", &Digest::of(&asked.body).to_string())], b""),
            _ if path == "/v2/" => answer(stream, 200, &[], b"{}"),
            _ => answer(stream, 404, &[], b""),
        }
    });
    (address, seen)
}

fn publish(address: &str, environment: &[(&str, &str)]) -> Said {
    let folder = Folder::new(&[]);
    folder.write("web-1.0.0.tgz", archive("web", "1.0.0", "first"));
    let logins = format!("{{\"auths\":{{\"{address}\":{{\"auth\":\"dTpw\"}}}}}}");
    folder.write("logins.json", logins);
    let logins = folder.path("logins.json").display().to_string();
    let destination = format!("oci://{address}/charts");
    folder.run(
        &["publish", "web-1.0.0.tgz", &destination],
        &[&[("HELM_REGISTRY_CONFIG", &*logins)], environment].concat(),
        b"",
    )
}

fn is_put(asked: &Asked) -> bool {
    asked.method == "PUT" && asked.path.contains("/manifests/")
}

/// What is said after `error: while DOING `URL`: `, and whether a manifest was taken over.
fn check(bad: impl Fn(&Asked, &mut TcpStream) -> bool + Send + Sync + Clone + 'static, expect: &str) {
    let (address, _) = serve(bad);
    let said = publish(&address, &[]);
    assert_eq!(said.code, Some(69), "{expect}: {said}");
    assert!(said.stderr.starts_with("error: while ") && said.stderr.lines().count() == 1, "{said}");
    assert!(said.stderr.contains(expect), "expected {expect}: {said}");
}

#[test]
fn a_registry_that_fails_is_told() {
    check(
        |asked, stream| {
            if is_put(asked) {
                answer(stream, 500, &[], b"out of luck\n");
            }
            is_put(asked)
        },
        "/manifests/1.0.0`: the registry answers with status 500: out of luck",
    );
    check(
        |asked, stream| {
            if is_put(asked) {
                answer(stream, 429, &[("retry-after", "86400")], b"");
            }
            is_put(asked)
        },
        "too many requests, and asks to wait for 86400 s",
    );
    check(
        |asked, stream| {
            if asked.method == "HEAD" {
                _ = stream.write_all(b"SSH-2.0-OpenSSH\r\n\r\n");
            }
            asked.method == "HEAD"
        },
        "while asking for `http://127.0.0.1:",
    );
    check(
        |asked, stream| {
            if asked.method == "POST" {
                answer(stream, 202, &[], b"");
            }
            asked.method == "POST"
        },
        "an upload without a `Location`",
    );
    // Half an answer, and none.
    check(
        |asked, stream| {
            if is_put(asked) {
                _ = stream.write_all(b"HTTP/1.1 201 Cre");
            }
            is_put(asked)
        },
        "while writing `http://127.0.0.1:",
    );
    check(|asked, _| is_put(asked), "while writing `http://127.0.0.1:");
    // Another content than what was sent.
    let wrong = Digest::of(b"other").to_string();
    check(
        move |asked, stream| {
            let is_upload = asked.method == "PUT" && asked.path.starts_with("/upload");
            if is_upload {
                answer(stream, 201, &[("docker-content-digest", &wrong)], b"");
            }
            is_upload
        },
        &format!("found {}", Digest::of(b"other")),
    );
    let folder = Folder::new(&[]);
    folder.write("web-1.0.0.tgz", archive("web", "1.0.0", "first"));
    let destination = format!("oci://127.0.0.1:{}/charts", crate::registry::server::free_port());
    let said = folder.run(&["publish", "web-1.0.0.tgz", &destination], &[], b"");
    assert!(said.code == Some(69) && said.stderr.to_lowercase().contains("connection refused"), "{said}");
}

#[test]
fn a_moment_of_weakness_is_forgiven() {
    let count = Arc::new(Mutex::new(0));
    let (address, _) = serve(move |asked, stream| {
        let mut count = count.lock().unwrap();
        *count += u32::from(asked.method == "PUT");
        let is_bad = asked.method == "PUT" && *count % 2 == 1;
        if is_bad {
            answer(stream, if *count == 1 { 503 } else { 429 }, &[("retry-after", "0")], b"");
        }
        is_bad
    });
    let said = publish(&address, &[]);
    assert!(said.code == Some(0) && said.stderr.contains(": published, "), "{said}");
}

#[test]
fn no_login_goes_to_strangers() {
    let (stranger, seen) = serve(|asked, stream| {
        answer(stream, 401, &[("www-authenticate", "Basic realm=\"give it to me\"")], b"");
        asked.path != "/v2/"
    });
    let (address, own) = {
        let stranger = stranger.clone();
        serve(move |asked, stream| {
            if asked.header("authorization") != "Basic dTpw" {
                answer(stream, 401, &[("www-authenticate", "Basic realm=\"mine\"")], b"");
                return true;
            }
            let elsewhere = format!("http://{stranger}/elsewhere");
            match asked.method.as_str() {
                "HEAD" if asked.path.contains("/blobs/") => answer(stream, 307, &[("location", &elsewhere)], b""),
                "POST" => answer(stream, 202, &[("location", &elsewhere)], b""),
                _ => return false,
            }
            true
        })
    };
    let said = publish(&address, &[]);
    assert!(said.code == Some(69) && said.stderr.contains("status 401"), "{said}");
    assert!(own.lock().unwrap().iter().any(|line| line.ends_with("Basic dTpw")));
    let seen = seen.lock().unwrap();
    assert!(!seen.is_empty() && seen.iter().all(|line| !line.contains("Basic")), "{seen:?}");
}

/// A token server as those of Docker Hub, GHCR and Harbor.
#[test]
fn a_login_becomes_a_token() {
    let (address, seen) = serve(|asked, stream| {
        let (path, query) = asked.path.split_once('?').unwrap_or((&asked.path, ""));
        if path == "/token" {
            let is_right = asked.header("authorization") == "Basic dTpw"
                && query.contains("service=test")
                && query.contains("scope=repository%3Acharts%2Fweb%3Apull");
            let (status, body) = if is_right { (200, "{\"access_token\":\"let-me-in\"}") } else { (401, "") };
            answer(stream, status, &[], body.as_bytes());
            return true;
        }
        let is_in = asked.header("authorization") == "Bearer let-me-in";
        if !is_in && path != "/v2/" {
            let realm = format!("Bearer realm=\"http://{}/token\",service=\"test\"", asked.header("host"));
            answer(stream, 401, &[("www-authenticate", &realm)], b"");
            return true;
        }
        false
    });
    let said = publish(&address, &[]);
    assert!(said.code == Some(0) && said.stderr.contains(": published, "), "{said}");
    let seen = seen.lock().unwrap();
    let tokens = seen.iter().filter(|line| line.starts_with("GET /token Basic")).count();
    assert_eq!(tokens, 2, "one to read and one to write: {seen:#?}");
    assert!(seen.iter().all(|line| line.contains("/token") || !line.contains("Basic")), "{seen:#?}");
}

/// A proxy of the environment is asked for what is not on this machine, and never for what is.
#[test]
fn proxies_of_the_environment_are_used() {
    let (proxy, seen) = serve(|_, stream| {
        answer(stream, 502, &[], b"");
        true
    });
    let (address, _) = serve(|_, _| false);
    let environment = [("http_proxy", &*format!("http://{proxy}"))];
    assert_eq!(publish(&address, &environment).code, Some(0));
    assert!(seen.lock().unwrap().is_empty());
    let folder = Folder::new(&[]);
    folder.write("web-1.0.0.tgz", archive("web", "1.0.0", "first"));
    let said =
        folder.run(&["publish", "web-1.0.0.tgz", "oci://registry.example/charts", "--plain-http"], &environment, b"");
    assert_eq!(said.code, Some(69), "{said}");
    assert!(!seen.lock().unwrap().is_empty(), "{said}");
}
