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
//! - Only `host` touches disk, environment, processes and clock; everything else is testable with strings.
//! - Rules name field paths; only `report` knows lines and columns.
//! - `helm`, `oci` and `yaml` know no word of Ceph, MetalLB or K3s.
//! - Handlebars renders text (nginx.conf, NOTES), never Kubernetes objects.

pub mod machine;
pub mod source;
pub mod cli;
pub mod assets;
pub mod text;
pub mod oci;
pub mod diagnostic;
pub mod yaml;
pub mod helm;
pub mod values;
pub mod schema;
pub mod model;
pub mod plan;
pub mod objects;
pub mod generate;
pub mod rules;
pub mod verify;
pub mod report;
pub mod host;
pub mod pipeline;
pub mod commands;
