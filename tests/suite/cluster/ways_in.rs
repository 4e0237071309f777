//! From an empty cluster to services that answer a client on the segment, by every way in.

use std::io::Read;
use std::io::Write;
use std::net::UdpSocket;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use super::client;
use super::client::tcp;
use super::figures::measured;
use super::machines::becomes_true;
use super::site::NAMES;
use super::site::PASSWORD;
use super::site::Site;
use super::site::virtual_ip;
use crate::nginx::client::Answer;

impl Site {
    /// Fails unless a client reaches everything, whichever Helm installed it.
    pub fn answers_by_every_way_in(&self, helm: &str) {
        measured(&format!("install-{helm}"), self.took.as_secs_f64());
        let start = Instant::now();
        self.machines.within("client", || {
            self.the_virtual_ip_answers();
            self.hosts_have_their_service_and_certificate();
            self.streams_and_addresses_answer();
            self.what_must_be_refused_is();
            self.a_socket_stays_open();
        });
        self.every_mount_is_there();
        self.pods_find_each_other_and_the_hosts();
        self.instances_are_on_their_nodes();
        self.a_large_upload_passes(helm);
        self.the_schedule_is_kept();
        println!("every way in with {helm}: tried in {:.1} s", start.elapsed().as_secs_f64());
    }

    fn page(&self, host: &str, head: &[&str]) -> Answer {
        self.client.get(virtual_ip(443), host, head).unwrap_or_else(|error| panic!("{host}: {error}"))
    }

    fn the_virtual_ip_answers(&self) {
        let answer = client::get(virtual_ip(80), "web.example.com", &["GET /path?a=b"]).unwrap();
        assert_eq!(answer.status, 301);
        assert_eq!(answer.headers_named("location"), ["https://web.example.com/path?a=b"]);
        let found = self.machines.exec("client", &["ip", "neighbour", "show", "192.168.56.240"], "").stdout;
        assert!(found.contains("lladdr"), "nobody answered for it: {found}");
    }

    fn hosts_have_their_service_and_certificate(&self) {
        // One by the wildcard of the domain, one by a certificate of its own.
        for host in ["web.example.com", "deep.web.example.com"] {
            let answer = self.page(host, &["GET /"]);
            assert!(answer.got("name").unwrap().starts_with("web-"), "{answer:?}");
            assert_eq!(answer.got("x-real-ip"), Some("192.168.56.100"), "the client's own address");
        }
        for host in ["reader", "echo", "mounts", "ledger"] {
            let answer = self.page(&format!("{host}.example.com"), &["GET /"]);
            assert!(answer.got("name").unwrap().starts_with(host), "{answer:?}");
        }
        let refused = self.client.connect(virtual_ip(443), "unknown.example.com");
        let said = refused.map(|_| ()).unwrap_err().to_string();
        assert!(said.contains("UnrecognisedName"), "{said}");
    }

    fn streams_and_addresses_answer(&self) {
        let mut stream = tcp(virtual_ip(9000)).unwrap();
        stream.write_all(b"there and back").unwrap();
        let said = read_until(&mut stream, "there and back");
        assert!(said.starts_with("echo-"), "{said}");

        let socket = UdpSocket::bind("0.0.0.0:0").unwrap();
        socket.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
        socket.send_to(b"hello", NAMES).unwrap();
        let mut packet = [0; 200];
        let (length, from) = socket.recv_from(&mut packet).unwrap();
        let said = String::from_utf8_lossy(&packet[..length]);
        assert!(said.starts_with("names-") && said.ends_with(" hello"), "{said}");
        assert_eq!(from, NAMES);
    }

    fn what_must_be_refused_is(&self) {
        use base64::Engine;
        let login = |user: &str| {
            let word = base64::engine::general_purpose::STANDARD.encode(format!("{user}:{PASSWORD}"));
            self.page("login.example.com", &["GET /", &format!("Authorization: Basic {word}")]).status
        };
        assert_eq!(self.page("login.example.com", &["GET /"]).status, 401);
        assert_eq!((login("anna"), login("eve")), (200, 401));
        // The client is not among those who may.
        assert_eq!(self.page("near.example.com", &["GET /"]).status, 403);
        let many: Vec<u16> = (0..20).map(|_| self.page("slow.example.com", &["GET /"]).status).collect();
        assert!(many.contains(&200) && many.contains(&429), "{many:?}");
    }

    fn a_socket_stays_open(&self) {
        let mut stream = self.client.connect(virtual_ip(443), "web.example.com").unwrap();
        let head = "GET /socket HTTP/1.1\r\nHost: web.example.com\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
        stream.write_all(head.as_bytes()).unwrap();
        assert!(read_until(&mut stream, "\r\n\r\n").starts_with("HTTP/1.1 101 "));
        for pause in [0, 5] {
            thread::sleep(Duration::from_secs(pause)); // nothing to wait for: silence is what is tried
            stream.write_all(b"ping").unwrap();
            assert_eq!(read_until(&mut stream, "ping"), "ping");
        }
    }

    fn every_mount_is_there(&self) {
        let file = |host: &str, path: &str| {
            let path = format!("GET /file?path={path}");
            self.machines.within("client", || self.page(host, &[&path]))
        };
        let within = [
            ("/claim/filled", "filled\n"),
            ("/etc/mounts/file", "{{ a file }}\n"),
            ("/etc/mounts/config/here", "from a ConfigMap"),
            ("/etc/mounts/secret/htpasswd", "anna:$apr1$"),
            ("/etc/mounts/token/token", "ey"),
        ];
        for (path, start) in within {
            let answer = file("mounts.example.com", path);
            assert!(answer.status == 200 && answer.body.starts_with(start), "{path}: {answer:?}");
        }
        assert!(!file("mounts.example.com", "/etc/mounts/host").body.is_empty());
        let pod = self.pods("mounts").into_keys().next().unwrap();
        let inside = ["exec", "--namespace=proof", &pod, "--", "/bin/sh", "-ec"];
        let script = "touch /volume/a /claim/b /scratch/c /tmp/d; ! touch /e 2>/dev/null; id";
        let said = self.machines.asked(&[&inside[..], &[script]].concat());
        assert!(said.contains("uid=1000") && said.contains("2000"), "{said}");
        // What one service writes, another one reads, on other nodes too.
        let writer = self.pods("writer").into_keys().next().unwrap();
        assert!(file("reader.example.com", "/files/written").body.starts_with(&writer));
    }

    fn pods_find_each_other_and_the_hosts(&self) {
        for name in ["web", "web.proof.svc.cluster.local", "web.example.com", "ledger-k3s-server2"] {
            let path = format!("GET /lookup?name={name}");
            let answer = self.machines.within("client", || self.page("web.example.com", &[&path]));
            assert_eq!(answer.status, 200, "{name}: {}", answer.body);
        }
    }

    fn instances_are_on_their_nodes(&self) {
        for node in 1..=3 {
            let instance = format!("k3s-server{node}");
            let starts = self.machines.path(&format!("node{node}/lib/ledger/starts"));
            assert_eq!(std::fs::read_to_string(starts).unwrap(), format!("ledger-{instance}\n"));
        }
    }

    fn a_large_upload_passes(&self, helm: &str) {
        let authority = self.machines.path("authority.pem");
        let secret = self.machines.get(&["--namespace=proof", "secret", "own-ca"]);
        std::fs::write(&authority, super::site::decoded(&secret["data"]["tls.crt"])).unwrap();
        let script = format!(
            "head -c 1G /dev/zero | curl --silent --show-error --max-time 240 --cacert {} --upload-file - \
             --resolve web.example.com:443:192.168.56.240 https://web.example.com/upload",
            authority.display()
        );
        let start = Instant::now();
        let said = self.machines.exec("client", &["sh", "-c", &script], "");
        let expected = "1073741824 49bc20df15e412a64472421e13fe86ff1c5165e18b2afccf160d4dc19fe68a14\n";
        assert_eq!(said.stdout, expected, "{}", said.stderr);
        measured(&format!("upload-{helm}"), start.elapsed().as_secs_f64());
    }

    fn the_schedule_is_kept(&self) {
        let written = self.machines.path("shared/files/clock");
        assert!(becomes_true(Duration::from_secs(90), || written.exists()), "the CronJob did not run");
    }
}

/// What comes until this text has come.
fn read_until(stream: &mut impl Read, end: &str) -> String {
    let (mut text, mut byte) = (String::new(), [0]);
    while !text.ends_with(end) {
        stream.read_exact(&mut byte).unwrap_or_else(|error| panic!("after {text:?}: {error}"));
        text.push(byte[0].into());
    }
    text
}
