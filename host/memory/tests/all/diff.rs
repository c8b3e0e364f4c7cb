//! Showing what changes.

use std::collections::BTreeMap;

use lucid_memory::{DiffTag, FileDiff, FileStatus, diff};

use crate::generate::documents;

fn files(files: &[(&str, &str)]) -> BTreeMap<String, String> {
    files.iter().map(|(path, text)| (path.to_string(), text.to_string())).collect()
}

#[test]
fn a_diff_reads_as_a_unified_diff() {
    let old: String = (1..=12).map(|line| format!("{line}\n")).collect();
    let new = old.replace("2\n3\n", "2\nnew\n3\n").replace("11\n", "");
    let before = files(&[("/a.md", &old), ("/gone.md", "x\n"), ("/same.md", "s")]);
    let after = files(&[("/a.md", &new), ("/new.md", "y"), ("/same.md", "s")]);
    let diffs = diff(&before, &after);
    let statuses: Vec<_> = diffs.iter().map(|diff| (diff.path.as_str(), diff.status)).collect();
    let expected = [
        ("/a.md", FileStatus::Changed),
        ("/gone.md", FileStatus::Removed),
        ("/new.md", FileStatus::Added),
    ];
    assert_eq!(statuses, expected);
    let shown: String = diffs.iter().map(FileDiff::to_string).collect();
    let expected = "--- a/a.md\n+++ b/a.md\n@@ -1,4 +1,5 @@\n 1\n 2\n+new\n 3\n 4\n\
        @@ -9,4 +10,3 @@\n 9\n 10\n-11\n 12\n\
        --- a/gone.md\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n\
        --- /dev/null\n+++ b/new.md\n@@ -0,0 +1 @@\n+y\n\\ No newline at end of file\n";
    assert_eq!(shown, expected);
}

#[test]
fn a_diff_says_every_line_that_changes() {
    let documents = documents();
    for pair in documents.windows(2) {
        let (old, new) = (pair[0].as_str(), pair[1].as_str());
        let diffs = diff(&files(&[("/a.md", old)]), &files(&[("/a.md", new)]));
        let Some(diff) = diffs.first() else {
            assert_eq!(old, new);
            continue;
        };
        let count = |tag| diff.lines.iter().filter(|line| line.tag == tag).count();
        let lines = |text: &str| text.split_inclusive('\n').count();
        let same = lines(old) - count(DiffTag::Removed);
        assert_eq!(same, lines(new) - count(DiffTag::Added));
        assert!(count(DiffTag::Context) <= same);
    }
}

#[test]
fn the_largest_memories_are_compared_in_time() {
    let old: String = (0..51_200).map(|line| if line % 3 == 0 { "a\n" } else { "b\n" }).collect();
    let new: String = (0..51_200).map(|line| if line % 7 == 0 { "c\n" } else { "b\n" }).collect();
    let unlike: String = (0..51_200).map(|_| "d\n").collect();
    for new in [new, unlike] {
        assert_eq!(diff(&files(&[("/a.md", &old)]), &files(&[("/a.md", &new)])).len(), 1);
    }
}
