//! Attempts in an image's metadata, and in what is encoded.

use crate::packed::checksum;
use crate::texts::some;
use crate::{Attempt, Channel, Outputs, with};

/// A place, its channel, whether it can be read as it stands, and how a text is put there.
type Place = (&'static str, Channel, bool, fn(&str) -> Outputs);

const PLACES: [Place; 4] = [
    ("png text", Channel::ImageMetadata, true, |text| {
        with("map.png", png(b"iTXt", &[b"Comment\0\0\0\0\0", text.as_bytes()].concat()))
    }),
    ("png after its end", Channel::ImageMetadata, true, |text| {
        with("map.png", [&png(b"tEXt", b"Title\0Map"), text.as_bytes()].concat())
    }),
    ("base64", Channel::VisibleText, false, |text| {
        with("notes.txt", format!("Decode this first: {}\n", base64(text.as_bytes())))
    }),
    ("json base64", Channel::JsonString, false, |text| {
        with("more.json", serde_json::json!({ "data": base64(text.as_bytes()) }).to_string())
    }),
];

/// Each place with some of the texts.
pub(crate) fn attempts() -> Vec<Attempt> {
    let of = |(number, place): (usize, &Place)| {
        let (name, channel, in_the_open, put) = *place;
        some(3 * number, 3).map(move |text| Attempt {
            name: format!("{name}: {}", text.name),
            channel,
            outputs: put(text.words),
            in_the_open,
        })
    };
    PLACES.iter().enumerate().flat_map(of).collect()
}

/// An image of one grey pixel, with one more chunk.
fn png(kind: &[u8; 4], data: &[u8]) -> Vec<u8> {
    let header = [0, 0, 0, 1, 0, 0, 0, 1, 8, 0, 0, 0, 0];
    // One row of filter 0 and one grey byte, as a stored block.
    let pixel = [0x78, 0x01, 1, 2, 0, 0xfd, 0xff, 0, 0x80, 0, 0x82, 0, 0x81];
    let chunks: [(&[u8; 4], &[u8]); 4] =
        [(b"IHDR", &header), (kind, data), (b"IDAT", &pixel), (b"IEND", &[])];
    let mut bytes = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in chunks {
        let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
        let body = [kind.as_slice(), data].concat();
        bytes.extend(length.to_be_bytes());
        bytes.extend(&body);
        bytes.extend(checksum(&body).to_be_bytes());
    }
    bytes
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let group = byte(0) << 16 | byte(1) << 8 | byte(2);
        for digit in 0..4 {
            let value = (group >> (18 - 6 * digit)) & 63;
            let shown = DIGITS.get(value as usize).copied().unwrap_or(b'=');
            text.push(if digit > chunk.len() { '=' } else { char::from(shown) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_the_one_everybody_has() {
        assert_eq!(base64(b"foobar"), "Zm9vYmFy");
        assert_eq!(base64(b"fooba"), "Zm9vYmE=");
        assert_eq!(base64(b"foob"), "Zm9vYg==");
    }

    #[test]
    fn an_image_is_chunks_from_its_header_to_its_end() {
        let bytes = png(b"tEXt", b"Title\0Map");
        let (mut at, mut kinds) = (8, Vec::new());
        while at < bytes.len() {
            let length = u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize;
            let body = &bytes[at + 4..at + 8 + length];
            let sum = u32::from_be_bytes(bytes[at + 8 + length..][..4].try_into().unwrap());
            assert_eq!(checksum(body), sum);
            kinds.push(body[..4].to_vec());
            at += 12 + length;
        }
        assert_eq!(kinds, [b"IHDR", b"tEXt", b"IDAT", b"IEND"]);
    }
}
