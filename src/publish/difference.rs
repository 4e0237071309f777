//! Two trees of one chart in, what differs between them out, as lines for people.

use crate::helm::ChartTree;

/// More lines help nobody.
const LINES: usize = 10;

/// A line for each file that differs, with archives in `charts/` as one file.
pub fn difference(old: &ChartTree, new: &ChartTree) -> Vec<String> {
    let mut lines = Vec::new();
    for (path, bytes) in new.files() {
        match old.get(path) {
            None => lines.push(format!("`{path}` is new")),
            Some(before) if before != bytes => lines.push(format!("`{path}` differs")),
            Some(_) => {}
        }
    }
    lines.extend(old.files().filter(|(path, _)| new.get(path).is_none()).map(|(path, _)| format!("`{path}` is gone")));
    if lines.is_empty() {
        lines.push("no file differs, only how they are packed: times, order, compression".to_owned());
    }
    let more = lines.len().saturating_sub(LINES);
    if more > 1 {
        lines.truncate(LINES);
        lines.push(format!("and {more} more files"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[&str]) -> ChartTree {
        let mut tree = ChartTree::new("a");
        for file in files {
            tree.insert(file.trim_end_matches('!'), *file);
        }
        tree
    }

    #[test]
    fn every_difference_is_told_once() {
        let check = |old: &[&str], new: &[&str], expect: &[&str]| {
            assert_eq!(difference(&tree(old), &tree(new)), expect);
        };
        check(&["a", "b", "c"], &["a", "b!", "d"], &["`b` differs", "`d` is new", "`c` is gone"]);
        check(&["a"], &["a"], &["no file differs, only how they are packed: times, order, compression"]);
        let many: Vec<String> = (0..20).map(|number| format!("f{number:02}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        let lines = difference(&tree(&[]), &tree(&many));
        assert_eq!((lines.len(), lines.last().map(String::as_str)), (11, Some("and 10 more files")));
    }
}
