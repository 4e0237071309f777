//! Any bytes as a chart archive, and any text as a template in a sound one: errors, never a panic.

#![no_main]

use helm_ha::helm;
use helm_ha::verify;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(tree) = helm::unpack(bytes) {
        _ = verify::render(&tree, None);
    }
    let mut tree = helm::ChartTree::new("fuzz");
    let (values, template) = bytes.split_at(bytes.len() / 2);
    tree.insert("Chart.yaml", "apiVersion: v2\nname: fuzz\nversion: \"1.0.0\"\ndependencies:\n- name: a\n  version: \"1.0.0\"\n  repository: \"\"\n");
    tree.insert("values.yaml", values);
    tree.insert("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: \"1.0.0\"\n");
    tree.insert("charts/a/values.yaml", "image:\n  registry: a\n  repository: b\n  tag: c\n");
    tree.insert("charts/a/templates/a.yaml", template);
    _ = verify::render(&tree, None);
});
