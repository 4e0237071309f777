//! Values of clusters of a size, for measuring: a number of services in, a values file out.

use std::fmt::Write;

/// A cluster of this many services, which mount, route and expose as home clusters do on average.
pub fn values(services: usize) -> String {
    let mut text = String::from(
        "apiVersion: helm-ha.dev/v1\nname: bench\nversion: 1.0.0\ndomain: example.com\ntimezone: Europe/Berlin\nnodes:\n",
    );
    for node in 1..=3 {
        _ = writeln!(
            text,
            "  server{node}: {{ address: 192.168.1.1{node}/24, role: server, devices: [/dev/disk/by-id/ata-{node}] }}"
        );
    }
    text += "loadBalancer: { pools: { lan: { addresses: 192.168.1.200-192.168.1.239 } } }\ngateways: { lan: 192.168.1.240 }\n\
             certificates: { issuers: { home: { ca: {} } } }\nvolumes: { media: { size: 1Ti } }\nservices:\n";
    for number in 0..services {
        _ = write!(
            text,
            "  service-{number}:\n    image: ghcr.io/example/service-{number}:1.{number}.0\n    ports: {{ http: 8080 }}\n    \
             env: {{ LOG_LEVEL: info, TOKEN: {{ secret: service-{number}, key: token }} }}\n    resources: {{ requests: {{ cpu: 10m, \
             memory: 64Mi }}, limits: {{ memory: 256Mi }} }}\n    probe: {{ http: /healthz }}\n    routes: http\n"
        );
        text += match number % 4 {
            0 => "    replicas: 2\n    mounts: { /cache: { scratch: 64Mi } }\n",
            1 => "    mounts: { /data: { claim: 5Gi }, /etc/app.conf: { file: \"a: 1\\n\" } }\n",
            2 => "    replicas: 2\n    mounts: { /media: { volume: media, subPath: media, readOnly: true } }\n",
            _ => {
                "    mounts: { /config: { claim: 1Gi }, /media: { volume: media, readOnly: true }, /tmp/x: { scratch: 1Gi } }\n"
            }
        };
    }
    text
}
