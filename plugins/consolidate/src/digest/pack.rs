//! The bytes of a digest: numbers of variable length, and a table of texts.
//!
//! Texts are written once and referred to by number; each shares its start with the one
//! before it (front coding), which event ids do for most of their length.

use std::collections::BTreeMap;
use std::rc::Rc;

/// What the bytes start with: a name and the version of the form.
const MAGIC: [u8; 4] = *b"LCD2";
/// Integers up to here are exact as numbers.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;
/// A digest with more texts is damaged.
const TEXTS_MAX: u64 = 65_536;

/// Writes a digest.
#[derive(Default)]
pub(super) struct Packer {
    body: Vec<u8>,
    texts: Vec<Rc<str>>,
    places: BTreeMap<Rc<str>, u64>,
}

impl Packer {
    pub(super) fn number(&mut self, value: u64) {
        varint(&mut self.body, value);
    }

    pub(super) fn flag(&mut self, value: bool) {
        self.body.push(u8::from(value));
    }

    pub(super) fn text(&mut self, text: &Rc<str>) {
        let next = self.texts.len() as u64;
        let place = match self.places.get(text) {
            Some(place) => *place,
            None => {
                self.places.insert(text.clone(), next);
                self.texts.push(text.clone());
                next
            }
        };
        self.number(place);
    }

    /// A number as it is, bit for bit; small integers take a byte or two.
    pub(super) fn float(&mut self, value: f64) {
        let whole = value as i64;
        let exact = value.abs() < EXACT_MAX && (whole as f64).to_bits() == value.to_bits();
        self.flag(exact);
        if exact {
            self.number(((whole << 1) ^ (whole >> 63)) as u64);
        } else {
            self.body.extend_from_slice(&value.to_le_bytes());
        }
    }

    pub(super) fn finish(self) -> Vec<u8> {
        let mut out = MAGIC.to_vec();
        varint(&mut out, self.texts.len() as u64);
        let mut before: &[u8] = &[];
        for text in &self.texts {
            let bytes = text.as_bytes();
            let shared = before.iter().zip(bytes).take_while(|(a, b)| a == b).count();
            varint(&mut out, shared as u64);
            varint(&mut out, (bytes.len() - shared) as u64);
            out.extend_from_slice(&bytes[shared..]);
            before = bytes;
        }
        out.extend_from_slice(&self.body);
        out
    }
}

fn varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Reads a digest; every step gives none where the bytes are damaged.
pub(super) struct Unpacker<'a> {
    rest: &'a [u8],
    texts: Vec<Rc<str>>,
}

impl<'a> Unpacker<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let rest = bytes.strip_prefix(&MAGIC)?;
        let mut unpacker = Unpacker { rest, texts: Vec::new() };
        let count = unpacker.number().filter(|count| *count <= TEXTS_MAX)?;
        let mut text: Vec<u8> = Vec::new();
        for _ in 0..count {
            let shared = usize::try_from(unpacker.number()?).ok()?;
            let own = usize::try_from(unpacker.number()?).ok()?;
            if shared > text.len() {
                return None;
            }
            text.truncate(shared);
            text.extend_from_slice(unpacker.take(own)?);
            unpacker.texts.push(Rc::from(std::str::from_utf8(&text).ok()?));
        }
        Some(unpacker)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.rest.split_at_checked(count)?;
        self.rest = rest;
        Some(taken)
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        let mut value = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    /// How many things follow; each takes a byte at least, so that a damaged count cannot
    /// ask for more than there is.
    pub(super) fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.rest.len()).then_some(count)
    }

    pub(super) fn flag(&mut self) -> Option<bool> {
        match self.take(1)?.first()? {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    pub(super) fn text(&mut self) -> Option<Rc<str>> {
        let place = usize::try_from(self.number()?).ok()?;
        self.texts.get(place).cloned()
    }

    pub(super) fn float(&mut self) -> Option<f64> {
        if self.flag()? {
            let folded = self.number()?;
            return Some(((folded >> 1) as i64 ^ -((folded & 1) as i64)) as f64);
        }
        let bytes: [u8; 8] = self.take(8)?.try_into().ok()?;
        Some(f64::from_le_bytes(bytes))
    }

    /// Whether nothing is left over.
    pub(super) fn ended(&self) -> bool {
        self.rest.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_texts_come_back_as_they_were() {
        let floats =
            [0.0, -0.0, 1.0, -1.0, 1.5, 1e300, f64::MIN_POSITIVE, -9e15, 9_007_199_254_740_991.0];
        let numbers = [0, 1, 127, 128, 300, u64::from(u32::MAX), u64::MAX];
        let texts = ["sevt_1", "sevt_12", "", "sevt_1", "\u{e4}\u{f6}", "\u{e4}\u{fc}"];
        let mut packer = Packer::default();
        floats.iter().for_each(|value| packer.float(*value));
        numbers.iter().for_each(|value| packer.number(*value));
        texts.iter().for_each(|text| packer.text(&Rc::from(*text)));
        let bytes = packer.finish();
        let mut unpacker = Unpacker::new(&bytes).unwrap();
        for value in floats {
            assert_eq!(unpacker.float().unwrap().to_bits(), value.to_bits());
        }
        for value in numbers {
            assert_eq!(unpacker.number(), Some(value));
        }
        for text in texts {
            assert_eq!(unpacker.text().as_deref(), Some(text));
        }
        assert!(unpacker.ended());
    }

    #[test]
    fn damaged_bytes_are_none_and_never_a_panic() {
        let mut packer = Packer::default();
        packer.text(&Rc::from("\u{e4}bc"));
        packer.text(&Rc::from("\u{e4}bd"));
        packer.float(1.5);
        let bytes = packer.finish();
        let read = |bytes: &[u8]| {
            let mut unpacker = Unpacker::new(bytes)?;
            let (a, b) = (unpacker.text()?, unpacker.text()?);
            Some((a, b, unpacker.float()?))
        };
        assert!(read(&bytes).is_some());
        for cut in 0..bytes.len() {
            assert!(read(&bytes[..cut]).is_none(), "{cut}");
        }
        for place in 0..bytes.len() {
            for value in [0, 1, 0x7f, 0x80, 0xff] {
                let mut damaged = bytes.clone();
                damaged[place] = value;
                read(&damaged);
            }
        }
    }
}
