//! A certificate from an ACME server on the client's machine, proved by a file on port 80 of the virtual IP.

use std::fs;
use std::time::Duration;
use std::time::Instant;

use super::client::Client;
use super::figures::measured;
use super::machines::becomes_true;
use super::site::Site;
use super::site::virtual_ip;
use crate::oracle::oracle;

const HOST: &str = "open.example.com";

/// Without waits that only make a load even, and with a proof for each order.
const START: &str = r#"
cd "$1"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -keyout key.pem -out cert.pem \
  -subj /CN=acme -addext subjectAltName=IP:192.168.56.100 2>openssl.log
cat >pebble.json <<C
{"pebble": {"listenAddress": "192.168.56.100:14000", "managementListenAddress": "192.168.56.100:15000",
  "certificate": "cert.pem", "privateKey": "key.pem", "httpPort": 80, "tlsPort": 443}}
C
"$3" -defaultIPv4 192.168.56.240 -defaultIPv6 "" -dnsserver 127.0.0.1:8053 -http01 "" -https01 "" -tlsalpn01 "" -doh "" \
  -management 127.0.0.1:8055 >names.log 2>&1 </dev/null &
PEBBLE_VA_NOSLEEP=1 PEBBLE_AUTHZREUSE=0 PEBBLE_WFE_NONCEREJECT=0 \
  "$2" -config pebble.json -dnsserver 127.0.0.1:8053 >pebble.log 2>&1 </dev/null &
"#;

impl Site {
    pub fn one_comes_from_an_acme_server(&self) {
        let (Some(pebble), Some(names)) = (oracle("pebble"), oracle("pebble-challtestsrv")) else { return };
        let folder = self.machines.path("acme");
        fs::create_dir(&folder).unwrap();
        let paths = [folder.as_path(), pebble.path(), names.path()].map(|path| path.display().to_string());
        let shell = ["sh", "-ec", START, "sh", &paths[0], &paths[1], &paths[2]];
        let said = self.machines.exec("client", &shell, "");
        assert!(said.succeeded, "{}", said.stderr);
        let mut root = String::new();
        let curl = ["curl", "--silent", "--fail", "--insecure", "https://192.168.56.100:15000/roots/0"];
        let starts = becomes_true(Duration::from_secs(30), || {
            root = self.machines.exec("client", &curl, "").stdout;
            root.contains("BEGIN CERTIFICATE")
        });
        let logs = || fs::read_to_string(folder.join("pebble.log")).unwrap_or_default();
        assert!(starts, "{}", logs());

        let pem = fs::read_to_string(folder.join("cert.pem")).unwrap().trim_end().replace('\n', "\\n");
        let issuer = format!(
            "issuers: {{ own: {{ default: true, ca: {{}} }}, open: {{ acme: {{ email: admin@home.example.net, http01: {{}}, \
             server: \"https://192.168.56.100:14000/dir\", caBundle: \"{pem}\" }} }} }}, domains: {{ {HOST}: {{ issuer: open }},"
        );
        self.change("issuers: { own: { ca: {} } }, domains: {", &issuer);
        self.change("routes: { web: http,", &format!("routes: {{ web: http, {HOST}: http,"));
        let start = Instant::now();
        self.upgrade();
        let client = Client::trusting(&root);
        let is_served = || {
            let asked = || client.get(virtual_ip(443), HOST, &["GET /"]);
            self.machines.within("client", asked).is_ok_and(|answer| answer.status == 200)
        };
        let described = || self.machines.asked(&["--namespace=proof", "describe", "certificates,orders,challenges"]);
        assert!(becomes_true(Duration::from_secs(240), is_served), "{}\n{}", described(), logs());
        measured("acme", start.elapsed().as_secs_f64());
    }
}
