//! `helm ha`: one typed values file in, one umbrella chart archive out.
//!
//! ```text
//! values files -> Raw (spanned) -> overlay schema -> expanded, merged -> Document -> cluster schema
//!    -> Cluster (typed, defaults) -> Plan (every decision) -> Objects per chart -> Chart tree
//!    -> all rules have passed -> ChartArchive (.tgz) -> verified -> written
//! ```
//!
//! The stages are the folders of `src/`; the same noun keeps its file name in every stage. A module imports only
//! modules of a lower rank (the order below), which `tests/tidy` holds. What is absent on purpose:
//!
//! - `objects` and `generate` never import `model`: every decision is in the `Plan`, so `helm ha plan` shows it.
//! - `verify` never imports `generate`: it reads the bytes with its own template reader.
//! - Only `host` touches disk, environment, processes, network and clock; everything else is testable with strings.
//! - Rules name field paths; only `report` knows lines and columns.
//! - `helm`, `oci` and `yaml` know no word of Ceph, MetalLB or K3s.
//! - Handlebars renders text (nginx.conf, NOTES), never Kubernetes objects.
//!
//! Decisions about services and ways in that are nobody's wish but ours, each explained where it is taken:
//!
//! - Init containers run before the sidecars, so that a migration comes first (`objects::pod`).
//! - Without a word on probes the main container also has ten minutes to start (`plan::probes`).
//! - Two pods of a service share a node only when no other living node may have one (`objects::pod`).
//! - Instances of `perNode` wait for their node instead of leaving it, and have a Service with an address (`plan::ports`).
//! - An exposed address is announced by nodes with a ready pod, unless pods run where nobody announces (`plan::ports`).
//! - Only what one pod may hold is recreated: single writers, ReadWriteOnce claims, ports of a node (`plan::workload`).
//! - Files with a mode that hides them from others belong to the group of the volumes (`plan::pod`).
//! - A version in a chart repository keeps its bytes and its `created`; entries of others stay as they are, and entries of
//!   archives that are gone from the folder go only with `helm ha index` (`publish::repository`).
//! - A route's path means whole segments, `/api` not `/apix`, decoded and without doubled slashes (`plan::routes`).
//! - A host of the tunnel that one route protects goes through a gateway with all its paths, and so does every host of a
//!   service that believes headers of a login (`plan::tunnel`). A snippet that does not end is left out (`plan::snippets`).
//! - Services get the client's address and scheme from the gateway alone, never headers that a client made up, and no
//!   client's header that any login sets (`objects::nginx_locations`).
//! - A gateway keeps no body back, in neither direction: events arrive at once (`charts-src/gateway/nginx.conf.hbs`).
//! - UDP streams end after a minute without a packet, TCP streams after a day; both may answer often (`objects::nginx`).
//! - Gateways have no PodDisruptionBudget and no tolerations in seconds: both mean nothing to DaemonSets
//!   (`objects::gateway_pods`).
//! - The cluster's DNS answers a wildcard for addresses of one label below it, not for what Mail and DNS-01 ask there;
//!   it stands in `kube-system`, where K3s' names of nodes and people's own zones are (`objects::cluster_dns`).
//! - Pods of `once` have no `app.kubernetes.io/name`: no Service may find them (`objects::once`).

pub mod machine;
pub mod source;
pub mod cli;
pub mod assets;
pub mod text;
pub mod parallel;
pub mod oci;
pub mod diagnostic;
pub mod yaml;
pub mod helm;
pub mod registry;
pub mod kubernetes;
pub mod values;
pub mod schema;
pub mod model;
pub mod lock;
pub mod plan;
pub mod objects;
pub mod generate;
pub mod rules;
pub mod verify;
pub mod bundle;
pub mod report;
pub mod host;
pub mod pipeline;
pub mod publish;
pub mod commands;
