//! ZIP archives, byte by byte, so that an honest and a hostile one are made alike.

/// One file of an archive.
pub(super) struct Part<'a> {
    pub(super) name: &'a str,
    pub(super) packed: &'a [u8],
    /// 0 as it is, 8 deflated.
    pub(super) method: u16,
    pub(super) crc: u32,
    /// How many bytes it says it unpacks to.
    pub(super) bytes: u32,
}

impl<'a> Part<'a> {
    /// A file as it is.
    pub(super) fn plain(name: &'a str, text: &'a str) -> Self {
        let packed = text.as_bytes();
        Self { name, packed, method: 0, crc: crc(packed), bytes: length(packed) }
    }
}

/// An archive of these files.
pub(super) fn with(parts: &[Part<'_>]) -> Vec<u8> {
    let (mut files, mut directory) = (Vec::new(), Vec::new());
    let field = |value: u16| value.to_le_bytes();
    for part in parts {
        let name = part.name.as_bytes();
        let shared = [
            &field(20)[..],
            &field(0),
            &field(part.method),
            &[0; 4],
            &part.crc.to_le_bytes(),
            &length(part.packed).to_le_bytes(),
            &part.bytes.to_le_bytes(),
            &field(u16::try_from(name.len()).unwrap()),
            &field(0),
        ]
        .concat();
        let at = length(&files).to_le_bytes();
        // Of the directory alone: comment, disk, attributes, and where the file is.
        let own = [&[0; 10][..], &at].concat();
        directory.extend([&b"PK\x01\x02"[..], &field(20), &shared, &own, name].concat());
        files.extend([&b"PK\x03\x04"[..], &shared, name, part.packed].concat());
    }
    let count = field(u16::try_from(parts.len()).unwrap());
    let (size, at) = (length(&directory).to_le_bytes(), length(&files).to_le_bytes());
    let end = [&b"PK\x05\x06"[..], &[0; 4], &count, &count, &size, &at, &field(0)].concat();
    [files, directory, end].concat()
}

fn length(bytes: &[u8]) -> u32 {
    u32::try_from(bytes.len()).unwrap()
}

fn crc(bytes: &[u8]) -> u32 {
    let step = |crc: u32| if crc & 1 == 1 { (crc >> 1) ^ 0xedb8_8320 } else { crc >> 1 };
    let byte = |crc: u32, byte: &u8| (0..8).fold(crc ^ u32::from(*byte), |crc, _| step(crc));
    !bytes.iter().fold(u32::MAX, byte)
}
