//! Probes as they were written in, probes with every default out.

use serde::Serialize;

use crate::model;
use crate::model::Service;
use crate::plan::ports::number;
use crate::values;
use crate::values::name::Duration;
use crate::values::ports::Protocol;

/// How often the startup probe that nobody wrote may fail, at one try each [`STARTUP_PERIOD`]: ten minutes, for programs
/// that migrate data before they listen. Without it the liveness probe would kill them while they start.
const STARTUP_FAILURES: u32 = 120;
/// Seconds.
const STARTUP_PERIOD: u32 = 5;

/// The probes of a container.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Probes {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub liveness: Option<Probe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub readiness: Option<Probe>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub startup: Option<Probe>,
}

/// A probe; times in seconds.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Probe {
    pub action: Action,
    pub period: u32,
    pub timeout: u32,
    pub failures: u32,
    pub delay: u32,
}

/// What a probe does.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Action {
    Http { path: String, port: u16 },
    Tcp(u16),
    Exec(Vec<String>),
    Grpc(u16),
}

impl Probes {
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// The probes of a container of the service. Where the main container says nothing, liveness and readiness are a TCP
/// connection to the main port; what runs on a schedule has none unless said.
pub fn probes(service: &Service, container: &model::Probes, is_main: bool) -> Probes {
    let said = |probe: &Option<values::probe::Probe>| probe.as_ref().and_then(|probe| self::probe(service, probe));
    let scheduled = matches!(service.workload, model::Workload::CronJob(_));
    let nothing_said = container.liveness.is_none() && container.readiness.is_none();
    let default = default(service).filter(|_| container.defaults && nothing_said && is_main && !scheduled);
    let liveness = said(&container.liveness).or_else(|| default.clone());
    // Who says when the first try is does not want another probe before it.
    let startup = liveness.clone().filter(|liveness| is_main && !scheduled && liveness.delay == 0);
    Probes {
        readiness: said(&container.readiness).or(default),
        startup: said(&container.startup)
            .or_else(|| startup.map(|probe| Probe { period: STARTUP_PERIOD, failures: STARTUP_FAILURES, ..probe })),
        liveness,
    }
}

fn default(service: &Service) -> Option<Probe> {
    let tcp = |name: &&_| service.ports.get(*name).is_some_and(|port| port.protocols.contains(&Protocol::Tcp));
    let name = service.main_port().filter(tcp).or_else(|| service.ports.keys().find(tcp))?;
    Some(Probe { action: Action::Tcp(number(service, name)?), period: 10, timeout: 5, failures: 3, delay: 0 })
}

/// `None` when the port that it names is not there.
fn probe(service: &Service, probe: &values::probe::Probe) -> Option<Probe> {
    let action = match probe {
        values::probe::Probe { http: Some(path), port, .. } => {
            let port = port.as_ref().or_else(|| service.main_port())?;
            Action::Http { path: path.clone(), port: number(service, port)? }
        }
        values::probe::Probe { tcp: Some(port), .. } => Action::Tcp(number(service, port)?),
        values::probe::Probe { exec: Some(command), .. } => Action::Exec(command.clone()),
        values::probe::Probe { grpc: Some(port), .. } => Action::Grpc(number(service, port)?),
        _ => return None,
    };
    let seconds = |time: &Option<Duration>, default| time.as_ref().map_or(default, Duration::seconds);
    Some(Probe {
        action,
        // Kubernetes takes no zero for these two.
        period: seconds(&probe.period, 10).max(1),
        timeout: seconds(&probe.timeout, 5).max(1),
        failures: probe.failures.unwrap_or(3),
        delay: seconds(&probe.delay, 0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::sample;

    fn check(service: &str, expect: [Option<(Action, u32)>; 3]) {
        let cluster = sample::cluster(&format!("services: {{ web: {{ image: nginx:1, {service} }} }}"));
        let service = cluster.services.values().next().unwrap();
        let Probes { liveness, readiness, startup } = probes(service, &service.main.probes, true);
        let found = [liveness, readiness, startup].map(|probe| probe.map(|probe| (probe.action, probe.failures)));
        assert_eq!(found, expect);
    }

    #[test]
    fn what_is_not_said_is_a_tcp_connection_to_the_main_port() {
        let tcp = |port, failures| Some((Action::Tcp(port), failures));
        check("ports: { a: 1, http: 80 }", [tcp(80, 3), tcp(80, 3), tcp(80, 120)]);
        check("ports: { a: { port: 1, protocol: [UDP] }, b: 2 }", [tcp(2, 3), tcp(2, 3), tcp(2, 120)]);
        check("ports: { a: { port: 1, protocol: [UDP] } }", [None, None, None]);
        check("ports: { http: 80 }, schedule: '1 1 * * *'", [None, None, None]);
        check("ports: { http: 80 }, probe: none", [None, None, None]);
        check("ports: { http: 80 }, probes: { readiness: { tcp: http } }", [None, tcp(80, 3), None]);
        check("ports: { http: 80 }, probes: { liveness: { tcp: http, delay: 1m } }", [tcp(80, 3), None, None]);
        check("ports: { http: 80 }, probes: { liveness: { tcp: nothing } }", [None, None, None]);
        let http = |failures| Some((Action::Http { path: "/ok".to_owned(), port: 80 }, failures));
        check("ports: { http: 80 }, probe: { http: /ok }", [http(3), http(3), http(120)]);
        check(
            "ports: { http: 80 }, probes: { startup: { exec: [check], failures: 7 }, liveness: { grpc: http } }",
            [Some((Action::Grpc(80), 3)), None, Some((Action::Exec(vec!["check".to_owned()]), 7))],
        );
    }
}
