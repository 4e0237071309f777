//! A planned gateway in; a real nginx with its configuration, on loopback, with services behind it, out.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::net::Ipv4Addr;
use std::net::SocketAddrV4;
use std::net::TcpStream;
use std::path::Path;
use std::path::PathBuf;
use std::process::Child;
use std::process::Command;
use std::process::Stdio;
use std::sync::atomic::AtomicU8;
use std::sync::atomic::Ordering;
use std::time::Duration;
use std::time::Instant;

use helm_ha::objects::ChartObjects;
use helm_ha::plan::gateways::GatewayPlan;
use helm_ha::values::ports::Protocol;
use helm_ha::values::route::Backend;

use crate::made::Made;
use crate::nginx::backend::serve_http;
use crate::nginx::backend::serve_tcp;
use crate::nginx::backend::serve_udp;
use crate::nginx::names::NameServer;

/// One running gateway. All its addresses are of a network of its own inside 127/8.
pub struct World {
    pub plan: GatewayPlan,
    pub folder: tempfile::TempDir,
    pub names: NameServer,
    network: [u8; 3],
    services: BTreeMap<String, Ipv4Addr>,
    running: Vec<Running>,
}

/// An nginx, for at most ten minutes.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // `timeout` passes it on.
        Command::new("kill").arg(self.0.id().to_string()).status().ok();
        self.0.wait().ok();
    }
}

const SERVER: u8 = 1;
const NAMES: u8 = 2;
const FIRST_SERVICE: u8 = 10;
/// Where the services that speak TLS or HTTP/2 are in the clear: their own port and this.
const CLEAR: u16 = 20000;

static NETWORKS: AtomicU8 = AtomicU8::new(0);

impl World {
    /// Starts the gateway of a chart, with all certificates but those of `without`.
    pub fn start(nginx: &Path, made: &Made, gateway: &str, without: &[&str]) -> Self {
        let process = std::process::id();
        let network = [127, 16 + (process % 200) as u8, NETWORKS.fetch_add(1, Ordering::Relaxed)];
        let plan = made.built.plan.gateways.iter().find(|plan| plan.name == gateway).unwrap().clone();
        let names = NameServer::start(SocketAddrV4::new(address(network, NAMES), 5300));
        let folder = tempfile::tempdir().unwrap();
        let mut world = Self { plan, folder, names, network, services: BTreeMap::new(), running: Vec::new() };
        for (place, certificate) in world.certificates() {
            if !without.contains(&certificate.as_str()) {
                world.make_certificate(&certificate, &place);
            }
        }
        world.start_services(nginx);
        let conf = conf(&made.built.charts, &world.plan.object);
        let conf = world.adapted(&conf);
        world.run(nginx, "gateway", &conf);
        world.wait_for_names();
        world
    }

    /// Where the gateway listens on one of its own ports.
    pub fn at(&self, port: u16) -> SocketAddrV4 {
        SocketAddrV4::new(address(self.network, SERVER), port)
    }

    /// Where a service listens; `name` as in its full name, without `-headless`.
    pub fn service(&self, name: &str, port: u16) -> SocketAddrV4 {
        SocketAddrV4::new(self.services[name], port)
    }

    /// Where the service behind an upstream listens.
    pub fn upstream(&self, name: &str) -> SocketAddrV4 {
        let upstream = &self.plan.upstreams[name];
        self.service(base(&upstream.host), upstream.port)
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The start of what its nginx said on standard error.
    pub fn log(&self) -> String {
        let log = fs::read_to_string(self.path("gateway.log")).unwrap();
        log.chars().take(4000).collect()
    }

    /// The processes of its nginx, the master first.
    pub fn processes(&self) -> Vec<u32> {
        let master = fs::read_to_string(self.path("tmp/nginx.pid")).unwrap().trim().parse().unwrap();
        let children = fs::read_to_string(format!("/proc/{master}/task/{master}/children")).unwrap();
        [master].into_iter().chain(children.split_whitespace().map(|id| id.parse().unwrap())).collect()
    }

    /// Makes a certificate whose common name is that of its Secret.
    pub fn make_certificate(&self, name: &str, hosts: &str) {
        let folder = self.path("certificates").join(name);
        fs::create_dir_all(&folder).unwrap();
        let (crt, key) = (folder.join("tls.crt"), folder.join("tls.key"));
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"])
            .args(["-subj", &format!("/CN={name}"), "-addext", &format!("subjectAltName={hosts}")])
            .args([Path::new("-out"), &crt, Path::new("-keyout"), &key])
            .output()
            .expect("`openssl`");
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    }

    /// The Secrets with certificates, by the hosts that each is for.
    pub fn certificates(&self) -> BTreeMap<String, String> {
        let mut hosts: BTreeMap<&String, Vec<String>> = BTreeMap::new();
        for server in &self.plan.servers {
            let name = server.certificate.as_ref().unwrap();
            hosts.entry(name).or_default().push(format!("DNS:{}", server.host));
        }
        hosts.into_iter().map(|(name, hosts)| (hosts.join(","), name.clone())).collect()
    }

    /// Starts what the gateway leads to, and tells the name server.
    fn start_services(&mut self, nginx: &Path) {
        let solvers = self.plan.solvers.iter().map(|host| (host.clone(), 8089, Kind::Http));
        let speaks = self.backends();
        let upstreams = self.plan.upstreams.iter().map(|(name, upstream)| {
            let kind = speaks.get(name).copied().unwrap_or(Kind::Http);
            (upstream.host.clone(), upstream.port, kind)
        });
        let streams = self.plan.streams.iter().map(|stream| {
            let kind = if stream.protocol == Protocol::Tcp { Kind::Tcp } else { Kind::Udp };
            (stream.upstream.host.clone(), stream.upstream.port, kind)
        });
        let wanted: BTreeSet<(String, u16, Kind)> = solvers.chain(upstreams).chain(streams).collect();
        let mut terminator = String::new();
        for (host, port, kind) in wanted {
            let count = u8::try_from(self.services.len()).unwrap();
            let next = address(self.network, FIRST_SERVICE + count);
            let ip = *self.services.entry(base(&host).to_owned()).or_insert(next);
            self.names.set(&host, &[ip]);
            let here = SocketAddrV4::new(ip, port);
            match kind {
                Kind::Http => serve_http(here, here),
                Kind::Tcp => serve_tcp(here),
                Kind::Udp => serve_udp(here),
                Kind::Https | Kind::Grpc => {
                    let clear = SocketAddrV4::new(ip, port + CLEAR);
                    serve_http(clear, here);
                    terminator += &terminated(kind, here, clear);
                }
            }
        }
        if !terminator.is_empty() {
            self.make_certificate("service", "DNS:service");
            let kinds = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
            let places = kinds.map(|kind| format!("  {kind}_temp_path {}/{kind};\n", self.path("services").display()));
            let conf = format!(
                "http {{\n{places}  client_max_body_size 0;\n  access_log off;\n  proxy_request_buffering off;\n  ssl_certificate {0}/tls.crt;\n  \
                 ssl_certificate_key {0}/tls.key;\n{terminator}}}\n",
                self.path("certificates/service").display(),
                places = places.concat()
            );
            self.run(nginx, "services", &(own_settings(&self.path("services")) + &conf));
        }
    }

    /// What the upstreams of locations speak, where it is not HTTP. One that speaks HTTP as well takes both.
    fn backends(&self) -> BTreeMap<String, Kind> {
        let servers = self.plan.servers.iter().chain(&self.plan.tunnel_servers);
        let kind = |backend: Backend| match backend {
            Backend::Http => None,
            Backend::Https => Some(Kind::Https),
            Backend::Grpc => Some(Kind::Grpc),
        };
        let locations = servers.flat_map(|server| &server.locations);
        locations.filter_map(|location| Some((location.upstream.clone(), kind(location.backend)?))).collect()
    }

    /// The configuration with the addresses and paths of the test.
    fn adapted(&self, conf: &str) -> String {
        let root = self.folder.path().display().to_string();
        let ip = address(self.network, SERVER);
        let resolver = format!("resolver {} ", self.plan.resolver);
        let names = format!("resolver {}:5300 ", address(self.network, NAMES));
        fs::create_dir_all(self.path("tmp")).unwrap();
        let mut out = user();
        for line in conf.lines() {
            let line = match line.trim_start().strip_prefix("listen ") {
                Some(rest) => format!("listen {ip}:{rest}"),
                None => line.to_owned(),
            };
            let line = line
                .replace(&resolver, &names)
                .replace(" /tmp/", &format!(" {root}/tmp/"))
                .replace("/certificates/$", &format!("{root}/certificates/$"))
                .replace("\"/logins/", &format!("\"{root}/logins/"))
                .replace("/dev/stdout", &format!("{root}/access.log"));
            out += &line;
            out.push('\n');
        }
        out
    }

    /// Nginx asks for the names of its upstreams when it has started.
    fn wait_for_names(&self) {
        let upstreams = self.plan.upstreams.values().chain(self.plan.streams.iter().map(|stream| &stream.upstream));
        let wanted: BTreeSet<String> = upstreams.map(|upstream| upstream.host.clone()).collect();
        let deadline = Instant::now() + Duration::from_secs(20);
        while !wanted.is_subset(&self.names.asked.lock().unwrap()) {
            assert!(Instant::now() < deadline, "{}", self.log());
            std::thread::sleep(Duration::from_millis(20));
        }
        std::thread::sleep(Duration::from_millis(200));
    }

    fn run(&mut self, nginx: &Path, name: &str, conf: &str) {
        let (file, log) = (self.path(&format!("{name}.conf")), self.path(&format!("{name}.log")));
        fs::write(&file, conf).unwrap();
        let test = Command::new(nginx).arg("-t").args(["-e", "stderr", "-c"]).arg(&file).output().unwrap();
        assert!(test.status.success(), "{}\n{conf}", String::from_utf8_lossy(&test.stderr));
        let child = Command::new("timeout")
            .arg("600")
            .arg(nginx)
            .args(["-e", "stderr", "-c"])
            .arg(&file)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(fs::File::create(&log).unwrap())
            .spawn()
            .expect("`timeout`");
        self.running.push(Running(child));
        let first = conf.lines().find_map(|line| line.trim_start().strip_prefix("listen ")).unwrap();
        let first = first.split([' ', ';']).next().unwrap().parse().unwrap();
        let deadline = Instant::now() + Duration::from_secs(20);
        while TcpStream::connect_timeout(&first, Duration::from_secs(1)).is_err() {
            assert!(Instant::now() < deadline, "{name} does not answer: {}", fs::read_to_string(&log).unwrap());
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// What a service speaks.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Http,
    Https,
    Grpc,
    Tcp,
    Udp,
}

fn address([a, b, c]: [u8; 3], last: u8) -> Ipv4Addr {
    Ipv4Addr::new(a, b, c, last)
}

/// The service of a full name.
fn base(host: &str) -> &str {
    let name = host.split('.').next().unwrap();
    name.strip_suffix("-headless").unwrap_or(name)
}

/// The `nginx.conf` of a gateway.
pub fn conf(charts: &[ChartObjects], name: &str) -> String {
    let objects = charts.iter().flat_map(|chart| &chart.objects);
    let config = objects.map(|item| &item.object).find(|object| object.kind() == "ConfigMap" && object.name() == name);
    config.unwrap().json()["data"]["nginx.conf"].as_str().unwrap().to_owned()
}

/// Workers of a test that root runs must read its files.
fn user() -> String {
    let root = fs::metadata("/proc/self").is_ok_and(|own| std::os::unix::fs::MetadataExt::uid(&own) == 0);
    if root { "user root root;\n".to_owned() } else { String::new() }
}

/// What an nginx of the test itself needs before `http`.
fn own_settings(folder: &Path) -> String {
    fs::create_dir_all(folder).unwrap();
    let folder = folder.display();
    let mut out = user();
    _ = write!(out, "daemon off;\npid {folder}/pid;\nerror_log stderr warn;\nevents {{}}\n");
    out
}

/// A server that ends TLS, and takes HTTP in the clear on the same port, or takes HTTP/2.
fn terminated(kind: Kind, here: SocketAddrV4, clear: SocketAddrV4) -> String {
    let listen = if kind == Kind::Https { " ssl" } else { "" };
    let http2 = if kind == Kind::Grpc { "    http2 on;\n" } else { "" };
    format!(
        "  server {{\n    listen {here}{listen};\n{http2}    location / {{\n      proxy_pass http://{clear};\n      \
         proxy_set_header Host $host;\n      proxy_set_header X-Service-Scheme $scheme;\n    }}\n    \
         error_page 497 = @clear;\n    location @clear {{\n      proxy_pass http://{clear};\n      proxy_set_header Host $host;\n    }}\n  }}\n"
    )
}
