//! What a file tells of itself beside its content, where time stands still: nothing that
//! depends on when, or on which disk, it was made. The same files then look the same.

use lucid_core::{Timestamp, sha256_hex};
use wasmtime_wasi::p2::bindings::clocks::wall_clock::Datetime;
use wasmtime_wasi::p2::bindings::filesystem::types::{
    DescriptorStat, DescriptorType, MetadataHashValue,
};

/// The same file, as old as everything.
pub(super) fn fixed(stat: DescriptorStat, now: Timestamp) -> DescriptorStat {
    let millis = now.as_millis();
    // Less than a thousand milliseconds fit.
    let nanoseconds = (millis % 1_000) as u32 * 1_000_000;
    let time = Some(Datetime { seconds: millis / 1_000, nanoseconds });
    let is_folder = stat.type_ == DescriptorType::Directory;
    DescriptorStat {
        type_: stat.type_,
        // How large a folder is, and who counts as its link, is a disk's own.
        link_count: if is_folder { 1 } else { stat.link_count },
        size: if is_folder { 0 } else { stat.size },
        data_access_timestamp: time,
        data_modification_timestamp: time,
        status_change_timestamp: time,
    }
}

/// A hash by which two files are told apart: of where they are, and not of their numbers on
/// a disk.
pub(super) fn hash(path: &str) -> MetadataHashValue {
    let hex = sha256_hex(path.as_bytes());
    let part = |at: usize| {
        let digits = hex.get(at..at + 16).unwrap_or_default();
        u64::from_str_radix(digits, 16).unwrap_or_default()
    };
    MetadataHashValue { lower: part(0), upper: part(16) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_depends_on_the_disk_is_the_same_for_every_file() {
        let stat = |size, links, type_| DescriptorStat {
            type_,
            link_count: links,
            size,
            data_access_timestamp: Some(Datetime { seconds: 7, nanoseconds: 1 }),
            data_modification_timestamp: None,
            status_change_timestamp: Some(Datetime { seconds: 9, nanoseconds: 2 }),
        };
        let now = Timestamp(1_500);
        let folder = fixed(stat(4_096, 7, DescriptorType::Directory), now);
        assert_eq!((folder.size, folder.link_count), (0, 1));
        let file = fixed(stat(5, 2, DescriptorType::RegularFile), now);
        assert_eq!((file.size, file.link_count), (5, 2));
        for time in [file.data_access_timestamp, file.data_modification_timestamp] {
            let time = time.unwrap();
            assert_eq!((time.seconds, time.nanoseconds), (1, 500_000_000));
        }
        assert_eq!(hash("/a").lower, hash("/a").lower);
        assert_ne!(hash("/a").lower, hash("/b").lower);
    }
}
