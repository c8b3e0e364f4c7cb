//! The memories of a store in pages, as files or as a folder.

/// One thing of such a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Item {
    /// The memory at this place of the list.
    Memory(usize),
    /// A folder, such as `/notes/`.
    Prefix(String),
}

/// At most `most` things behind the path `after`: every memory below `prefix`, or, with
/// `folders`, its direct children and the folders beside them. `paths` are in order.
///
/// A folder's path ends with `/` and stands before all that is in it, so folders and memories
/// are in one order by their paths.
#[must_use]
pub fn items(
    paths: &[&str],
    prefix: &str,
    folders: bool,
    after: Option<&str>,
    most: usize,
) -> Vec<Item> {
    let mut items: Vec<Item> = Vec::new();
    let first = paths.partition_point(|path| *path < prefix);
    let below = paths.iter().enumerate().skip(first).map_while(|(place, path)| {
        let rest = path.strip_prefix(prefix)?;
        Some((place, *path, rest))
    });
    for (place, path, rest) in below {
        if items.len() == most {
            break;
        }
        let folder = rest.split_once('/').filter(|_| folders);
        let item = match folder {
            Some((name, _)) => Item::Prefix(format!("{prefix}{name}/")),
            None => Item::Memory(place),
        };
        let key = if let Item::Prefix(folder) = &item { folder } else { path };
        if after.is_none_or(|after| key > after) && items.last() != Some(&item) {
            items.push(item);
        }
    }
    items
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    const PATHS: [&str; 7] = ["/a-b", "/a.md", "/a/x", "/a/y/z", "/a0", "/b/c/d", "/b/e"];

    fn shown(prefix: &str, folders: bool, after: Option<&str>, most: usize) -> Vec<String> {
        let of = |item: &Item| match item {
            Item::Memory(place) => PATHS[*place].to_owned(),
            Item::Prefix(folder) => folder.clone(),
        };
        items(&PATHS, prefix, folders, after, most).iter().map(of).collect()
    }

    #[test]
    fn a_folder_stands_for_all_that_is_in_it() {
        assert_eq!(shown("/", true, None, 9), ["/a-b", "/a.md", "/a/", "/a0", "/b/"]);
        assert_eq!(shown("/a/", true, None, 9), ["/a/x", "/a/y/"]);
        assert_eq!(shown("/a/", false, None, 9), ["/a/x", "/a/y/z"]);
        assert_eq!(shown("/", false, None, 9), PATHS);
        assert!(shown("/c/", true, None, 9).is_empty());
    }

    #[test]
    fn folders_count_and_a_page_goes_on_behind_one() {
        assert_eq!(shown("/", true, None, 3), ["/a-b", "/a.md", "/a/"]);
        assert_eq!(shown("/", true, Some("/a/"), 3), ["/a0", "/b/"]);
        // Also where what it stands behind is gone.
        assert_eq!(shown("/", false, Some("/a/w"), 2), ["/a/x", "/a/y/z"]);
    }

    proptest! {
        #[test]
        fn pages_together_are_the_list(
            paths in proptest::collection::btree_set("(/[ab.0-]{1,2}){1,3}", 0..20),
            folders: bool,
            most in 1_usize..5,
        ) {
            let paths: BTreeSet<String> = paths;
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            let all = items(&paths, "/", folders, None, usize::MAX);
            let (mut together, mut after): (Vec<Item>, Option<String>) = (Vec::new(), None);
            loop {
                let page = items(&paths, "/", folders, after.as_deref(), most);
                match page.last() {
                    None => break,
                    Some(Item::Prefix(folder)) => after = Some(folder.clone()),
                    Some(Item::Memory(place)) => after = Some(paths[*place].to_owned()),
                }
                together.extend(page);
            }
            prop_assert_eq!(together, all);
        }
    }
}
