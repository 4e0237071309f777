//! A certificate that is renewed under load, and one that is broken: what clients see, and what nginx says.

use std::collections::BTreeMap;
use std::thread;
use std::time::Duration;
use std::time::Instant;

use super::client::TIMEOUT;
use super::figures::measured;
use super::is_long;
use super::load::Load;
use super::load::during;
use super::machines::becomes_true;
use super::site::Site;
use super::site::virtual_ip;

const HOST: &str = "web.example.com";
const BROKEN: &str = "deep.web.example.com";

#[test]
fn what_helm_4_installs_answers_through_a_renewal_and_a_broken_certificate() {
    let Some(site) = Site::install("helm4") else { return };
    site.answers_by_every_way_in("helm4");
    if !is_long() {
        return;
    }
    site.is_renewed_under_load();
    site.a_broken_one_costs_its_host_alone();
    site.one_comes_from_an_acme_server();
}

impl Site {
    fn is_renewed_under_load(&self) {
        let new = Load {
            name: "new connections",
            address: virtual_ip(443),
            host: HOST,
            path: "/",
            kept: false,
            pause: Duration::from_millis(10),
            timeout: TIMEOUT,
        };
        let kept = Load { name: "kept connection", kept: true, ..new };
        let restarts = self.restarts();
        let (took, counts) = during(self, &[new, new, kept, kept], || {
            let old = self.served(HOST).unwrap();
            // What `cmctl renew` does.
            let patch = r#"[{"op": "add", "path": "/status/conditions/-", "value": {"type": "Issuing", "status": "True",
                "reason": "ManuallyTriggered", "message": "asked for", "lastTransitionTime": "2026-01-01T00:00:00Z"}}]"#;
            let certificate = ["certificate", "web.example.com-tls", "--namespace=proof"];
            let how = ["--subresource=status", "--type=json", "--patch", patch];
            let secret = || {
                self.machines.get(&["--namespace=proof", "secret", "web.example.com-tls"])["data"]["tls.crt"].clone()
            };
            let before = secret();
            self.machines.asked(&[&["patch"], &certificate[..], &how].concat());
            assert!(becomes_true(Duration::from_secs(60), || secret() != before), "it is not renewed");
            let start = Instant::now();
            let is_new = || self.served(HOST).is_some_and(|served| served != old);
            assert!(becomes_true(Duration::from_secs(120), is_new), "the new one is not served");
            let took = start.elapsed();
            thread::sleep(Duration::from_secs(3)); // for requests afterwards
            took
        });
        measured("renewal", took.as_secs_f64());
        measured("renewal-failed", counts.iter().map(|count| count.failed.len()).sum::<usize>() as f64);
        assert_eq!(self.restarts(), restarts, "no pod is restarted for it");
    }

    fn a_broken_one_costs_its_host_alone(&self) {
        // The one who would mend it is away.
        self.machines.asked(&["--namespace=cert-manager", "scale", "deployment", "cert-manager", "--replicas=0"]);
        let patch = r#"{"data": {"tls.crt": "Z2FyYmFnZQ=="}}"#;
        let secret = ["--namespace=proof", "patch", "secret", "deep.web.example.com-tls", "--patch", patch];
        self.machines.asked(&secret);
        assert!(becomes_true(Duration::from_secs(90), || self.served(BROKEN).is_none()), "garbage is served");
        assert!(self.served(HOST).is_some() && self.served("reader.example.com").is_some());
        let unusable = "helm_ha_certificate_usable{certificate=\"deep.web.example.com-tls\"} 0";
        let address = self.gateways()[0];
        assert!(becomes_true(Duration::from_secs(120), || self.metrics(address).contains(unusable)));
        let logs = ["--namespace=proof", "logs", "daemonset/gateway-lan", "--container=certificates"];
        let says = || self.machines.asked(&logs).contains("deep.web.example.com-tls: no certificate in tls.crt");
        assert!(becomes_true(Duration::from_secs(120), says), "{}", self.machines.asked(&logs));
        self.machines.asked(&["--namespace=cert-manager", "scale", "deployment", "cert-manager", "--replicas=2"]);
        assert!(becomes_true(Duration::from_secs(180), || self.served(BROKEN).is_some()), "it is not mended");
    }

    /// The certificate that a host gets.
    fn served(&self, host: &str) -> Option<Vec<u8>> {
        let connected = self.machines.within("client", || self.client.connect(virtual_ip(443), host)).ok()?;
        Some(connected.conn.peer_certificates()?.first()?.to_vec())
    }

    fn restarts(&self) -> BTreeMap<String, String> {
        let pods = self.machines.get(&["--namespace=proof", "pods", "--selector=app.kubernetes.io/part-of=proof"]);
        let of = |pod: &serde_json::Value| {
            let counts = pod["status"]["containerStatuses"].as_array().cloned().unwrap_or_default();
            let counts: Vec<String> = counts.iter().map(|status| status["restartCount"].to_string()).collect();
            (pod["metadata"]["name"].to_string(), counts.join(" "))
        };
        let pods = pods["items"].as_array().unwrap().iter();
        pods.filter(|pod| pod["status"]["phase"] == "Running")
            .map(of)
            .filter(|(name, _)| !name.contains("clock"))
            .collect()
    }
}
