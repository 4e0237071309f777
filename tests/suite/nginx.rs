//! Real requests to a real nginx that has the configuration of the examples and of `tests/fixtures/ok/ways-in.yaml`.

mod backend;
pub mod client;
pub mod names;
mod streams;
mod transfers;
mod world;

use std::fs;
use std::process::Command;
use std::time::Duration;
use std::time::Instant;

use helm_ha::plan::gateways::Server;
use helm_ha::plan::routes::Location;
use helm_ha::values::route::Backend;

use crate::made::Made;
use crate::made::cases;
use crate::made::made;
use crate::nginx::client::Answer;
use crate::nginx::client::http;
use crate::nginx::client::https;
use crate::nginx::client::https_from;
use crate::nginx::client::statuses;
use crate::nginx::world::World;
use crate::oracle::file;
use crate::rules::examples;
use crate::rules::fixtures;

const NGINX: &str = "nginx/nginx";
const HTTP: u16 = 8080;
const STATUS: u16 = 8081;
const HTTPS: u16 = 8443;
const TUNNEL: u16 = 8444;

/// The chart of an example, or of the fixture with every way in.
fn chart(name: &str) -> Made {
    let all = examples().into_iter().chain(fixtures("ok"));
    let (_, sources) = all.into_iter().find(|(found, _)| found == name).unwrap();
    made(name, &sources)
}

/// The gateway `lan` of the fixture; `None` without nginx.
fn ways_in() -> Option<World> {
    Some(World::start(&file(NGINX)?, &chart("ways-in"), "lan", &[]))
}

/// A path that the location takes, and no other one of its host does.
fn path_in(location: &Location) -> String {
    format!("{}/x?a=b", location.path.trim_end_matches('/').replace(' ', "%20"))
}

#[test]
fn every_route_of_every_example_answers() {
    let Some(nginx) = file(NGINX) else { return };
    for name in ["minimal", "homelab", "everything", "ways-in"] {
        let made = chart(name);
        for plan in &made.built.plan.gateways {
            let world = World::start(&nginx, &made, &plan.name, &[]);
            for (server, location) in locations(&plan.servers) {
                let ask = |path: &str| https(world.at(HTTPS), &request_host(server), &[&format!("GET {path}")]);
                check_answer(&world, server, location, ask);
            }
            for (server, location) in locations(&plan.tunnel_servers) {
                let ask = |path: &str| http(world.at(TUNNEL), &request_host(server), &[&format!("GET {path}")]);
                check_answer(&world, server, location, ask);
            }
        }
    }
}

/// Also those that no request is made to, such as of clusters with two networks.
#[test]
fn every_configuration_is_accepted() {
    let Some(nginx) = file(NGINX) else { return };
    let folder = tempfile::tempdir().unwrap();
    for made in cases() {
        for plan in &made.built.plan.gateways {
            let place = folder.path().join("nginx.conf");
            let text = world::conf(&made.built.charts, &plan.object);
            fs::write(&place, text.replace(" /tmp/", &format!(" {}/", folder.path().display()))).unwrap();
            let test = Command::new(&nginx).args(["-t", "-e", "stderr", "-c"]).arg(&place).output().unwrap();
            let said = String::from_utf8_lossy(&test.stderr);
            assert!(test.status.success() && !said.contains("[warn]"), "{} {}: {said}", made.name, plan.name);
        }
    }
}

fn locations(servers: &[Server]) -> impl Iterator<Item = (&Server, &Location)> {
    servers.iter().flat_map(|server| server.locations.iter().map(move |location| (server, location)))
}

fn request_host(server: &Server) -> String {
    server.host.replace('*', "any")
}

/// Its service answers; without a login, or from an address that may not, nobody does.
fn check_answer(world: &World, server: &Server, location: &Location, ask: impl Fn(&str) -> Answer) {
    let answer = ask(&path_in(location));
    let context = format!("{}{}: {answer:?}", server.host, location.path);
    let allowed = location.allow.is_empty() || location.allow.iter().any(|network| network.starts_with("127."));
    match (allowed, &location.login) {
        (false, _) => assert_eq!(answer.status, 403, "{context}"),
        (true, Some(login)) if login == "family" => assert_eq!(answer.status, 401, "{context}"),
        (true, Some(_)) => assert_eq!(answer.status, 302, "{context}"),
        (true, None) => {
            assert_eq!(answer.status, 200, "{context}");
            assert!(answer.body.contains(&format!("at {}\n", world.upstream(&location.upstream))), "{context}");
            let own = Some(request_host(server)).filter(|_| location.backend != Backend::Grpc);
            assert_eq!(answer.got("X-Forwarded-Host"), Some(request_host(server).as_str()), "{context}");
            assert!(own.is_none_or(|host| answer.got("Host") == Some(&host)), "{context}");
        }
    }
}

#[test]
fn hosts_are_told_apart_before_anything_is_served() {
    let Some(world) = ways_in() else { return };
    let redirect = http(world.at(HTTP), "web.example.com:80", &["GET /a?b=c"]);
    assert_eq!((redirect.status, redirect.headers_named("Location")), (301, vec!["https://web.example.com/a?b=c"]));
    for unknown in ["unknown.example.com", "tunneled.example.com", "example.com", "localhost"] {
        assert_eq!(https(world.at(HTTPS), unknown, &["GET /"]).status, 0, "{unknown}");
        assert_eq!(
            http(world.at(TUNNEL), unknown, &["GET /"]).status,
            if unknown.starts_with('t') { 200 } else { 404 }
        );
    }
    let other = https(world.at(HTTPS), "web.example.com", &["GET https://unknown.example.com/"]);
    assert_eq!(other.status, 421, "{other:?}");
    let shown = Command::new("sh")
        .args(["-c", "openssl s_client -connect $0 -servername $1 -alpn h2 </dev/null 2>/dev/null"])
        .args([&world.at(HTTPS).to_string(), "www.example.org"])
        .output()
        .unwrap();
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains("ALPN protocol: h2") && shown.contains("CN = www.example.org-tls"), "{shown}");
    assert_eq!(http(world.at(STATUS), "any", &["GET /healthz"]).body, "ok\n");
    assert!(http(world.at(STATUS), "any", &["GET /status"]).body.starts_with("Active connections:"));
}

#[test]
fn the_longest_path_decides_in_whole_segments() {
    let Some(world) = ways_in() else { return };
    let check = |host: &str, path: &str, expect: Option<u16>| {
        let answer = https(world.at(HTTPS), host, &[&format!("GET {path}")]);
        let found = expect.map_or("404".to_owned(), |port| format!("at {}\nGET {path} ", world.service("web", port)));
        assert!(answer.body.contains(&found), "{host}{path}: {answer:?}");
    };
    check("web.example.com", "/", Some(8080));
    check("web.example.com", "/api", Some(8090));
    check("web.example.com", "/api/", Some(8090));
    check("web.example.com", "/api?x", Some(8090));
    check("web.example.com", "/apix", Some(8080));
    check("web.example.com", "/api/v1", Some(8080));
    check("web.example.com", "/api/v1/x", Some(8080));
    check("web.example.com", "/api/v10", Some(8090));
    check("web.example.com", "//api//v2", Some(8090));
    check("web.example.com", "/x/../api", Some(8090));
    check("web.example.com", "/%61pi/%20", Some(8090));
    check("web.example.com", "/a%20b/c", Some(8090));
    check("paths.example.com", "/only/x", Some(8090));
    check("paths.example.com", "/other", None);
    check("any.apps.example.com", "/", Some(8080));
    check("a.b.apps.example.com", "/", Some(8080));
    check("named.apps.example.com", "/", Some(8090));
}

#[test]
fn services_learn_who_asks_and_nothing_that_a_client_makes_up() {
    let Some(world) = ways_in() else { return };
    let lies = ["X-Forwarded-For: 1.2.3.4", "X-Forwarded-Proto: http", "Forwarded: for=1.2.3.4", "remote-user: root"];
    let head = [&["GET /"], lies.as_slice(), &["Remote-Groups: admins", "Remote_User: root"]].concat();
    for host in ["web.example.com", "snippet.example.com", "replace.example.com"] {
        let answer = https_from(world.at(HTTPS), host, &head, "127.0.0.7");
        let got = ["Host", "X-Forwarded-For", "X-Real-IP", "X-Forwarded-Proto", "X-Forwarded-Host", "X-Forwarded-Port"];
        let expect = [host, "127.0.0.7", "127.0.0.7", "https", host, "443"].map(Some);
        assert_eq!(got.map(|name| answer.got(name)), expect, "{answer:?}");
        let none = ["Forwarded", "Remote-User", "Remote-Groups", "Remote_User", "Upgrade"];
        assert_eq!(none.map(|name| answer.got(name)), [None; 5], "{answer:?}");
    }
    let port = https(world.at(HTTPS), "web.example.com:8443", &["GET /"]);
    assert_eq!(port.got("Host"), Some("web.example.com:8443"));
}

#[test]
fn each_feature_of_a_route_does_what_it_says() {
    let Some(world) = ways_in() else { return };
    let get =
        |host: &str, path: &str| https(world.at(HTTPS), &format!("{host}.example.com"), &[&format!("GET {path}")]);

    let tls = get("tls", "/");
    assert_eq!((tls.status, tls.got("X-Service-Scheme")), (200, Some("https")), "{tls:?}");
    let grpc = get("grpc", "/a.Service/Method");
    assert_eq!(grpc.status, 200, "{grpc:?}");
    assert_eq!((grpc.got("X-Service-Scheme"), grpc.got("X-Forwarded-Host")), (Some("http"), Some("grpc.example.com")));

    assert_eq!(get("allowed", "/").status, 200);
    assert_eq!(https_from(world.at(HTTPS), "allowed.example.com", &["GET /"], "127.0.0.2").status, 403);

    let statuses = statuses(world.at(HTTPS), "limited.example.com", 8);
    assert!(statuses.starts_with(&[200, 200]) && statuses.ends_with(&[429]), "{statuses:?}");
    assert_eq!(https_from(world.at(HTTPS), "limited.example.com", &["GET /"], "127.0.0.2").status, 200);
    assert_eq!(get("limited", "/api").status, 200, "each route counts for itself");

    let headers = get("headers", "/");
    assert_eq!(headers.headers_named("X-Quoted"), [r#"a "b" $host \n \ {c}; d"#]);
    assert_eq!(headers.headers_named("Content-Security-Policy"), ["default-src 'self'; img-src *"]);
    assert_eq!(headers.headers_named("X-Powered-By"), ["us"]);
    assert!(headers.headers_named("X-Secret").is_empty());

    let replaced = get("replace", "/inside");
    assert_eq!(replaced.body, "see https://outside/a and \"{y};\\$host\" and https://outside/b\n");
    assert_eq!(get("replace", "/").got("Accept-Encoding"), None);

    assert_eq!(get("snippet", "/").got("X-Snippet"), Some("of a snippet"));
    let forbidden = get("snippet", "/?forbidden=1");
    assert_eq!((forbidden.status, forbidden.body.as_str()), (403, "no }\n"));
}

#[test]
fn logins_are_asked_and_tell_who_it_is() {
    let Some(world) = ways_in() else { return };
    let sso = "sso.example.com";
    let stranger = https(world.at(HTTPS), sso, &["GET /a?b=c&d=%20&e", "Remote-User: root"]);
    let wanted = "https://id.example.com/login?rd=https://sso.example.com/a?b=c%26d=%20%26e";
    assert_eq!((stranger.status, stranger.headers_named("Location")), (302, vec![wanted]), "{stranger:?}");
    let lies = ["GET /a?b", "Cookie: session=anna", "Remote-User: root", "X-Original-URL: https://free/"];
    let known = https(world.at(HTTPS), sso, &lies);
    assert_eq!(known.status, 200, "{known:?}");
    assert_eq!(known.got("Remote-User"), Some("anna"));
    assert_eq!(known.got("Remote-Groups"), Some("https://sso.example.com/a?b"), "the asked URL, as the login got it");
    assert_eq!(known.headers_named("Set-Cookie"), ["seen=1"]);
    // The login is asked about the host that is served, whatever the header says.
    let absolute = ["GET https://sso.example.com/a", "Cookie: session=anna"];
    let absolute = https(world.at(HTTPS), "web.example.com", &absolute);
    assert_eq!(absolute.got("Remote-Groups"), Some("https://sso.example.com/a"), "{absolute:?}");
    assert_eq!(https(world.at(HTTPS), sso, &["GET /free"]).status, 200);
    assert_eq!(https(world.at(HTTPS), sso, &["GET /.helm-ha/login/sso"]).status, 404);
    let upload = https(world.at(HTTPS), sso, &["POST /bytes", "Cookie: session=anna", "Content-Length: 0"]);
    assert_eq!(upload.body, "0 bytes\n");

    let basic = "basic.example.com";
    let with = |password: &str| https(world.at(HTTPS), basic, &["GET /", &format!("Authorization: Basic {password}")]);
    assert_eq!(with("YW5uYTpzZWNyZXQ=").status, 403, "without the Secret nobody comes in");
    let folder = world.path("logins/family-htpasswd");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("htpasswd"), "anna:{PLAIN}secret\n").unwrap();
    assert_eq!(https(world.at(HTTPS), basic, &["GET /"]).status, 401);
    assert_eq!(with("YW5uYTpzZWNyZXQ=").status, 200);
    assert_eq!(with("YW5uYTp3cm9uZw==").status, 401);
    let elsewhere =
        https_from(world.at(HTTPS), basic, &["GET /", "Authorization: Basic YW5uYTpzZWNyZXQ="], "127.0.0.2");
    assert_eq!(elsewhere.status, 403, "networks and login are both asked for");
}

#[test]
fn each_way_has_its_own_login_and_the_tunnel_its_own_port() {
    let Some(nginx) = file(NGINX) else { return };
    let made = chart("ways-in");
    let guests = World::start(&nginx, &made, "guests", &[]);
    let free = https(guests.at(HTTPS), "sso.example.com", &["GET /", "Remote-User: root"]);
    assert_eq!((free.status, free.got("Remote-User")), (200, None));
    assert!(guests.plan.tunnel_servers.is_empty());

    let world = World::start(&nginx, &made, "lan", &[]);
    let client = "CF-Connecting-IP: 203.0.113.7";
    let ask = |host: &str, more: &[&str]| http(world.at(TUNNEL), host, &[&["GET /a"], more].concat());
    let stranger = ask("sso.example.com", &[client]);
    let signin = "https://id.example.com/login?rd=https://sso.example.com/a";
    assert_eq!(stranger.headers_named("Location"), [signin], "{stranger:?}, {}", world.log());
    let known = ask("sso.example.com", &[client, "X-Forwarded-Proto: https", "Cookie: session=anna"]);
    let got = ["Remote-User", "X-Forwarded-For", "X-Real-IP", "X-Forwarded-Proto"].map(|name| known.got(name));
    assert_eq!(got, ["anna", "203.0.113.7", "203.0.113.7", "https"].map(Some), "{known:?}");
    let clear = ask("tunneled.example.com", &[client, "X-Forwarded-Proto: http"]);
    assert_eq!((clear.got("X-Forwarded-Proto"), clear.got("X-Forwarded-Port")), (Some("http"), Some("80")));
    assert_eq!(ask("web.example.com", &[client]).status, 404, "not through the tunnel");
    // Elsewhere the header is a client's own text.
    let direct = https(world.at(HTTPS), "web.example.com", &["GET /", client]);
    assert_eq!(direct.got("X-Forwarded-For"), Some("127.0.0.1"));
}

#[test]
fn a_certificate_costs_its_own_host_alone_and_needs_no_reload() {
    let Some(nginx) = file(NGINX) else { return };
    let made = chart("ways-in");
    let world = World::start(&nginx, &made, "lan", &["www.example.org-tls"]);
    let status = |host: &str| https(world.at(HTTPS), host, &["GET /"]).status;
    assert_eq!((status("web.example.com"), status("www.example.org")), (200, 0));
    let metrics = || http(world.at(STATUS), "any", &["GET /metrics"]);
    assert_eq!(metrics().status, 404);

    let objects = made.built.charts.iter().flat_map(|chart| &chart.objects);
    let config = objects.map(|item| item.object.json()).find(|json| json["data"]["check-certificates.sh"].is_string());
    let script = world.path("check.sh");
    fs::write(&script, config.unwrap()["data"]["check-certificates.sh"].as_str().unwrap()).unwrap();
    let mut check = Command::new("timeout")
        .args(["60", "sh"])
        .args([&script, &world.path("certificates"), &world.path("tmp/certificates.prom")])
        .args(["example.com-wildcard", "www.example.org-tls"])
        .env("INTERVAL", "0.2")
        .stdout(fs::File::create(world.path("check.log")).unwrap())
        .spawn()
        .unwrap();
    let until = |what: &str, happened: &dyn Fn() -> bool| {
        let deadline = Instant::now() + Duration::from_secs(20);
        while !happened() {
            assert!(Instant::now() < deadline, "{what}: {:?}", metrics());
            std::thread::sleep(Duration::from_millis(100));
        }
    };
    let usable = |name: &str, value: u8| {
        metrics().body.contains(&format!("helm_ha_certificate_usable{{certificate=\"{name}\"}} {value}\n"))
    };
    until("missing", &|| usable("www.example.org-tls", 0) && usable("example.com-wildcard", 1));
    let folder = world.path("certificates/www.example.org-tls");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("tls.crt"), "no certificate\n").unwrap();
    fs::copy(world.path("certificates/example.com-wildcard/tls.key"), folder.join("tls.key")).unwrap();
    assert_eq!((status("web.example.com"), status("www.example.org")), (200, 0));
    world.make_certificate("www.example.org-tls", "DNS:www.example.org");
    until("issued", &|| usable("www.example.org-tls", 1) && metrics().body.contains("_expires_seconds{"));
    until("served", &|| status("www.example.org") == 200);
    fs::copy(world.path("certificates/example.com-wildcard/tls.key"), folder.join("tls.key")).unwrap();
    until("another key", &|| usable("www.example.org-tls", 0));
    Command::new("kill").arg(check.id().to_string()).status().unwrap();
    check.wait().unwrap();
    let log = fs::read_to_string(world.path("check.log")).unwrap();
    for line in ["www.example.org-tls: not there", "every certificate is usable", "tls.key is of another certificate"] {
        assert!(log.contains(line), "{line}: {log}");
    }
}

#[test]
fn the_solver_of_a_challenge_is_asked_in_the_clear() {
    let Some(world) = ways_in() else { return };
    let path = "GET /.well-known/acme-challenge/token";
    let solved = http(world.at(HTTP), "www.example.org", &[path]);
    assert!(solved.body.contains(&format!("at {}\n", world.service("acme-solvers", 8089))), "{solved:?}");
    assert_eq!(solved.got("Host"), Some("www.example.org"));
    assert_eq!(http(world.at(HTTP), "www.example.org", &["GET /"]).status, 301);
    assert_eq!(http(world.at(HTTP), "web.example.com", &[path]).status, 301, "its issuer does not ask over HTTP");
}

#[test]
fn a_service_that_is_gone_costs_itself_alone() {
    let Some(world) = ways_in() else { return };
    let status = |host: &str| https(world.at(HTTPS), host, &["GET /"]).status;
    let name = &world.plan.upstreams["plain-8080"].host;
    world.names.names.lock().unwrap().remove(name);
    let deadline = Instant::now() + Duration::from_secs(30);
    while status("plain.example.com") != 502 {
        assert!(Instant::now() < deadline, "{}", world.log());
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(status("web.example.com"), 200);
    // Of two pods one is dead: nobody notices.
    let alive = world.service("plain", 8080);
    world.names.set(name, &["127.255.255.1".parse().unwrap(), *alive.ip()]);
    while status("plain.example.com") != 200 {
        assert!(Instant::now() < deadline, "{}", world.log());
        std::thread::sleep(Duration::from_millis(200));
    }
    for _ in 0..10 {
        assert_eq!(status("plain.example.com"), 200);
    }
}
