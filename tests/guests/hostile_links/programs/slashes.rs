//! Opens links that lead out with something at the end that makes a folder of them
//! (GHSA-vqjp), with every mixture of flags.

use hostile_paths::{DescriptorFlags, FOLLOW, OpenFlags, STAY, first, tally};

/// `across` leads to a folder outside, `nowhere` to one that is not there, `up` to a file.
fn slashes(_input: &str) -> String {
    let folder = first();
    let ends = ["/", "//", "///", "/.", "//.", "/./", "/.//", "/././", "/..", "/../", "/../."];
    let paths: Vec<String> = ["across", "nowhere", "up", "folder/../across", "./across"]
        .into_iter()
        .flat_map(|link| ends.map(|end| format!("{link}{end}")))
        .collect();
    let mut opened = 0;
    for path in &paths {
        for bits in 0..16 {
            for access in 0..8 {
                let how = OpenFlags::from_bits_truncate(bits);
                let access = DescriptorFlags::from_bits_truncate(access);
                for flags in [STAY, FOLLOW] {
                    opened += u32::from(folder.open_at(flags, path, how, access).is_ok());
                }
            }
        }
    }
    format!("{opened} opened, {}", tally(&folder, &paths))
}

hostile_kit::attack!(slashes);
