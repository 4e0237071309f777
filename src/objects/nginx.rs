//! A planned gateway in, its `nginx.conf` out: every word is made here, the template only places them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Serialize;

use crate::assets;
use crate::objects::nginx_locations;
use crate::objects::nginx_locations::Header;
use crate::objects::nginx_locations::LocationView;
use crate::objects::nginx_locations::LoginView;
use crate::plan::gateways::Families;
use crate::plan::gateways::GatewayPlan;
use crate::plan::gateways::Server;
use crate::plan::logins::Login;
use crate::plan::routes::Upstream;
use crate::plan::streams::StreamPlan;
use crate::plan::tunnel;
use crate::text;
use crate::values::ports::Protocol;
use crate::values::route::Backend;
use crate::values::route::RateLimit;

/// Ports inside the pods. That for cloudflared is [`tunnel::PORT`].
pub const HTTP: u16 = 8080;
pub const HTTPS: u16 = 8443;
pub const STATUS: u16 = 8081;

/// Where the Secrets with the certificates and with the files of basic logins are.
pub const CERTIFICATES: &str = "/certificates";
pub const LOGINS: &str = "/logins";

/// Where the check of the certificates writes its metrics.
pub const METRICS: &str = "/tmp/certificates.prom";

/// The `&` that are escaped in a wanted URL: nginx knows nine captures.
const AMPERSANDS: usize = 8;

const TEMPLATE: &str = assets::text("charts-src/gateway/nginx.conf.hbs");
const PARTS: [(&str, &str); 3] = [
    ("server", assets::text("charts-src/gateway/server.hbs")),
    ("location", assets::text("charts-src/gateway/location.hbs")),
    ("stream", assets::text("charts-src/gateway/stream.hbs")),
];
/// What is the same in every cluster.
const SETTINGS: &str = assets::text("charts-src/gateway/settings.conf");

#[derive(Serialize)]
struct View<'a> {
    settings: &'static str,
    resolver: String,
    tunnel_port: u16,
    metrics: &'a str,
    certificates_path: &'a str,
    listen: Listen,
    certificates: Vec<CertificateView<'a>>,
    signins: bool,
    ampersands: Vec<Replacement>,
    limits: Vec<LimitZone>,
    request_headers: Vec<Header>,
    grpc_headers: Vec<Header>,
    upstreams: Vec<UpstreamView<'a>>,
    solvers: Option<Solvers<'a>>,
    servers: Vec<ServerView<'a>>,
    streams: Vec<StreamView<'a>>,
}

#[derive(Serialize)]
struct Listen {
    http: Vec<String>,
    https: Vec<String>,
    status: Vec<String>,
    tunnel: Vec<String>,
}

#[derive(Serialize)]
struct CertificateView<'a> {
    host: &'a str,
    certificate: &'a str,
}

#[derive(Serialize)]
struct Replacement {
    from: String,
    to: String,
}

#[derive(Serialize)]
struct LimitZone {
    zone: String,
    rate: RateLimit,
}

#[derive(Serialize)]
struct UpstreamView<'a> {
    name: &'a str,
    server: String,
}

#[derive(Serialize)]
struct Solvers<'a> {
    hosts: Vec<&'a str>,
    resolver: String,
    service: &'a str,
}

#[derive(Serialize)]
struct ServerView<'a> {
    listen: Vec<String>,
    host: &'a str,
    from_tunnel: bool,
    /// Whether no route has the path `/`.
    rootless: bool,
    logins: Vec<LoginView>,
    locations: Vec<LocationView<'a>>,
}

#[derive(Serialize)]
struct StreamView<'a> {
    name: &'a str,
    server: String,
    listen: Vec<String>,
    timeout: &'a str,
    proxy_protocol: bool,
}

/// The configuration of a gateway.
pub fn conf(plan: &GatewayPlan) -> String {
    // The template is a constant, and the view has every field that it names: this cannot fail.
    text::render_parts(TEMPLATE, &PARTS, &view(plan)).unwrap_or_default()
}

fn view(plan: &GatewayPlan) -> View<'_> {
    let mut locations = plan.servers.iter().chain(&plan.tunnel_servers).flat_map(|server| &server.locations);
    let mut zones = Zones::default();
    let on_address = plan.servers.iter().map(|server| (server, false));
    let on_tunnel = plan.tunnel_servers.iter().map(|server| (server, true));
    let views = on_address.chain(on_tunnel).map(|(server, tunnel)| server_view(plan, server, tunnel, &mut zones));
    let servers: Vec<_> = views.collect();
    let has_signin = |login: &Login| matches!(login, Login::Request(asked) if asked.signin.is_some());
    let grpc = locations.any(|location| location.backend == Backend::Grpc);
    View {
        settings: SETTINGS.trim_end(),
        resolver: resolver(plan, "5s"),
        tunnel_port: tunnel::PORT,
        metrics: METRICS,
        certificates_path: CERTIFICATES,
        listen: Listen {
            http: listen(plan.families, &HTTP.to_string(), ""),
            https: listen(plan.families, &HTTPS.to_string(), " ssl"),
            status: listen(plan.families, &STATUS.to_string(), ""),
            tunnel: match plan.tunnel_servers.is_empty() {
                true => Vec::new(),
                false => listen(plan.families, &tunnel::PORT.to_string(), ""),
            },
        },
        certificates: plan.servers.iter().filter_map(certificate).collect(),
        signins: plan.logins.values().any(has_signin),
        ampersands: (1..=AMPERSANDS).map(ampersands).collect(),
        limits: zones.limits,
        request_headers: nginx_locations::request_headers(&plan.login_headers, Backend::Http),
        grpc_headers: match grpc {
            true => nginx_locations::request_headers(&plan.login_headers, Backend::Grpc),
            false => Vec::new(),
        },
        upstreams: plan
            .upstreams
            .iter()
            .map(|(name, upstream)| UpstreamView { name, server: server_of(upstream) })
            .collect(),
        solvers: plan.solvers.as_ref().map(|service| Solvers {
            hosts: plan.servers.iter().filter(|server| server.http01).map(|server| server.host.as_str()).collect(),
            resolver: resolver(plan, "2s"),
            service,
        }),
        servers,
        streams: plan.streams.iter().map(|stream| stream_view(plan.families, stream)).collect(),
    }
}

/// One zone of counters for each route with a limit.
#[derive(Default)]
pub struct Zones {
    limits: Vec<LimitZone>,
}

impl Zones {
    /// The zone of a limit.
    pub fn add(&mut self, rate: &RateLimit) -> String {
        let zone = format!("limit_{}", self.limits.len());
        self.limits.push(LimitZone { zone: zone.clone(), rate: rate.clone() });
        zone
    }
}

fn server_view<'a>(plan: &'a GatewayPlan, server: &'a Server, from_tunnel: bool, zones: &mut Zones) -> ServerView<'a> {
    let names: BTreeSet<&String> = server.locations.iter().filter_map(|location| location.login.as_ref()).collect();
    let logins: BTreeMap<&String, &Login> =
        names.into_iter().filter_map(|name| Some((name, plan.logins.get(name)?))).collect();
    let (port, parameters) = if from_tunnel { (tunnel::PORT, "") } else { (HTTPS, " ssl") };
    ServerView {
        listen: listen(plan.families, &port.to_string(), parameters),
        host: &server.host,
        from_tunnel,
        rootless: server.locations.iter().all(|location| location.path != "/"),
        logins: logins.iter().filter_map(|(name, login)| nginx_locations::login(name, login)).collect(),
        locations: server
            .locations
            .iter()
            .flat_map(|location| nginx_locations::locations(plan, location, zones))
            .collect(),
    }
}

fn certificate(server: &Server) -> Option<CertificateView<'_>> {
    Some(CertificateView { host: &server.host, certificate: server.certificate.as_ref()? })
}

/// `listen` of every family; nginx takes `[::]` for IPv6 alone.
fn listen(families: Families, port: &str, parameters: &str) -> Vec<String> {
    let ipv4 = families.ipv4.then(|| format!("{port}{parameters}"));
    let ipv6 = families.ipv6.then(|| format!("[::]:{port}{parameters}"));
    ipv4.into_iter().chain(ipv6).collect()
}

fn resolver(plan: &GatewayPlan, valid: &str) -> String {
    let address = match plan.resolver.is_ipv6() {
        true => format!("[{}]", plan.resolver),
        false => plan.resolver.to_string(),
    };
    let off = match plan.families {
        Families { ipv6: false, .. } => " ipv6=off",
        Families { ipv4: false, .. } => " ipv4=off",
        _ => "",
    };
    format!("{address} valid={valid}{off}")
}

fn server_of(upstream: &Upstream) -> String {
    format!("{}:{}", upstream.host, upstream.port)
}

/// A URI with so many `&`.
fn ampersands(count: usize) -> Replacement {
    let to: Vec<String> = (1..=count + 1).map(|capture| format!("${capture}")).collect();
    Replacement { from: format!("\"~^([^&]*){}$\"", "&([^&]*)".repeat(count)), to: format!("\"{}\"", to.join("%26")) }
}

fn stream_view(families: Families, stream: &StreamPlan) -> StreamView<'_> {
    // Packets of one client come to one worker by `reuseport` alone. A dead peer of a connection is found by keepalive.
    let (parameters, timeout) = match stream.protocol {
        Protocol::Tcp => (" so_keepalive=on", "24h"),
        Protocol::Udp => (" udp reuseport", "60s"),
    };
    StreamView {
        name: &stream.name,
        server: server_of(&stream.upstream),
        listen: listen(families, &stream.inside.to_string(), parameters),
        timeout,
        proxy_protocol: stream.proxy_protocol,
    }
}
