//! A checked cluster in; plan, objects and chart tree out, and from them the verified archive.

use std::collections::BTreeMap;

use crate::assets;
use crate::generate;
use crate::generate::NestedChart;
use crate::generate::UmbrellaInput;
use crate::generate::guide;
use crate::helm;
use crate::helm::ChartTree;
use crate::helm::Manifest;
use crate::model::Cluster;
use crate::objects;
use crate::objects::ChartObject;
use crate::objects::ChartObjects;
use crate::parallel;
use crate::plan;
use crate::plan::Plan;
use crate::verify;
use crate::verify::Expected;
use crate::verify::VerifiedArchive;
use crate::yaml;

/// Everything about a chart, before it is packed.
pub struct Built {
    pub plan: Plan,
    pub charts: Vec<ChartObjects>,
    pub tree: ChartTree,
    /// Name with version and bytes of the charts that are archives themselves.
    pub nested: Vec<(&'static str, &'static [u8])>,
    /// Bytes that Helm's record of the release will take in its Secret.
    pub record: usize,
}

/// Two of our own stages disagree: a bug of this program, never of the values.
#[derive(Debug, thiserror::Error)]
pub enum Bug {
    #[error(transparent)]
    Generate(#[from] generate::GenerateError),
    #[error(transparent)]
    Text(#[from] crate::text::TextError),
    #[error(transparent)]
    Archive(#[from] helm::ArchiveError),
    #[error("the archive is not what was planned: {0}")]
    Verify(#[from] verify::Disagreement),
}

/// Plans and writes the chart, without packing it. `app_version` is the chart's version unless said.
pub fn build(cluster: &Cluster, app_version: Option<&str>) -> Result<Built, Bug> {
    let plan = plan::plan(cluster);
    let charts = objects::charts(&plan);
    written(plan, charts, app_version)
}

/// The same chart with every image named by its digest; an image without one is left as it is, and its name is given.
/// `digests` by the name of the image.
pub fn lock_images(
    built: Built,
    app_version: Option<&str>,
    digests: &BTreeMap<String, String>,
) -> Result<(Built, Vec<String>), Bug> {
    let Built { plan, mut charts, .. } = built;
    let missing = objects::lock_images(&mut charts, digests);
    Ok((written(plan, charts, app_version)?, missing))
}

/// The chart with every object of another one that it does not have itself.
pub fn with_additions_of(before: Built, after: &Built) -> Result<Built, Bug> {
    let Built { mut plan, mut charts, .. } = before;
    for chart in &after.charts {
        let Some(own) = charts.iter_mut().find(|own| own.name == chart.name) else {
            charts.push(chart.clone());
            continue;
        };
        for item in &chart.objects {
            let is_it = |own: &ChartObject| {
                let (own, item) = (&own.object, &item.object);
                (own.kind(), own.namespace(), own.name()) == (item.kind(), item.namespace(), item.name())
            };
            if !own.objects.iter().any(is_it) {
                own.objects.push(item.clone());
            }
        }
    }
    for addon in &after.plan.crds {
        if !plan.crds.contains(addon) {
            plan.crds.push(addon);
        }
    }
    written(plan, charts, None)
}

fn written(plan: Plan, charts: Vec<ChartObjects>, app_version: Option<&str>) -> Result<Built, Bug> {
    let guide = guide::guide(&plan, &charts)?;
    let nested: Vec<NestedChart<'static>> = assets::crds(&plan.crds)
        .map(|archive| NestedChart { name: assets::CRDS_NAME, version: assets::CRDS_VERSION, archive })
        .into_iter()
        .collect();
    let tree = generate::chart_tree(&UmbrellaInput {
        name: &plan.facts.name,
        version: &plan.facts.version,
        app_version: app_version.unwrap_or(&plan.facts.version),
        namespace: &plan.facts.namespace,
        description: &guide::description(&plan),
        charts: &charts,
        nested: &nested,
        readme: &guide.readme,
        notes: &guide.notes,
    })?;
    let record = helm::record_size(&tree, &plan.facts.namespace, &manifests(&charts));
    let nested = nested.into_iter().map(|chart| (assets::CRDS_ARCHIVE, chart.archive)).collect();
    Ok(Built { plan, charts, tree, nested, record })
}

/// What Helm will render of the charts.
fn manifests(charts: &[ChartObjects]) -> Vec<Manifest> {
    let of = |chart: &ChartObjects| -> Vec<Manifest> {
        let manifest = |item: &ChartObject| Manifest {
            kind: item.object.kind().to_owned(),
            path: format!("charts/{}/templates/{}", chart.name, item.file),
            text: yaml::write_json(item.object.json()),
        };
        chart.objects.iter().map(manifest).collect()
    };
    parallel::map(charts, of).into_iter().flatten().collect()
}

/// Packs the chart and reads the bytes back. `seconds` since 1970 is the time of every file in it.
pub fn pack(built: &Built, seconds: u64) -> Result<VerifiedArchive, Bug> {
    let archive = helm::pack(&built.tree, seconds)?;
    Ok(verify::verify(archive, &expected(built))?)
}

/// What an archive of this chart must hold.
pub fn expected(built: &Built) -> Expected<'_> {
    Expected {
        name: &built.plan.facts.name,
        version: &built.plan.facts.version,
        namespace: &built.plan.facts.namespace,
        charts: &built.charts,
        nested: &built.nested,
    }
}
