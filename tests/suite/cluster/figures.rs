//! A measured figure in; a failure when it breaks the bound that stands in `docs/proof.md`. `UPDATE=1` writes the figure there.

use std::env;
use std::fs;
use std::sync::Mutex;

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/proof.md");

/// Tests run side by side.
static WRITING: Mutex<()> = Mutex::new(());

/// The row is `| NAME | what | bound | measured |`; the bound is `at most N UNIT` or `at least N UNIT`.
pub fn measured(name: &str, figure: f64) {
    let _writing = WRITING.lock().unwrap();
    let page = fs::read_to_string(PAGE).unwrap();
    let start = format!("| {name} |");
    let row = page.lines().find(|line| line.starts_with(&start)).unwrap_or_else(|| panic!("no row {name} in {PAGE}"));
    let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
    let words: Vec<&str> = cells[2].split(' ').collect();
    let [_, most, bound, unit] = words[..] else { panic!("no bound: {row}") };
    let holds = match most {
        "most" => figure <= bound.parse().unwrap(),
        "least" => figure >= bound.parse().unwrap(),
        _ => panic!("no bound: {row}"),
    };
    let digits = usize::from(figure.fract() != 0.0);
    let said = format!("{figure:.digits$} {unit}");
    println!("{name}: {} ({}): {said}", cells[1], cells[2]);
    if env::var_os("UPDATE").is_some() {
        let new = format!("| {name} | {} | {} | {said} |", cells[1], cells[2]);
        fs::write(PAGE, page.replace(row, &new)).unwrap();
    }
    assert!(holds, "{name}: {} is {said}, which must be {}", cells[1], cells[2]);
}
