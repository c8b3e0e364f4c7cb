//! What is written is found, and nothing in a file's bytes can break the walk.

use super::*;

const NAME: &str = "lucid:manifest";

/// The smallest component: a preamble and nothing else.
const EMPTY: [u8; 8] = [0x00, 0x61, 0x73, 0x6d, 0x0d, 0x00, 0x01, 0x00];

/// A component with a nested one that carries a section of the same name.
fn nested() -> Vec<u8> {
    let inner = embed(&EMPTY, NAME, b"inner").unwrap();
    let mut outer = EMPTY.to_vec();
    outer.push(4);
    write_length(&mut outer, u32::try_from(inner.len()).unwrap());
    outer.extend_from_slice(&inner);
    outer
}

#[test]
fn what_was_embedded_is_found() {
    for size in [0_usize, 1, 100, 127, 128, 16_383, 16_384, 70_000] {
        let payload = vec![b'x'; size];
        let packed = embed(&EMPTY, NAME, &payload).unwrap();
        assert_eq!(find(&packed, NAME).unwrap(), Some(payload.as_slice()));
        assert_eq!(find(&packed, "lucid:other").unwrap(), None);
    }
}

#[test]
fn embedding_again_replaces_and_keeps_the_other_sections() {
    let other = embed(&nested(), "name", b"kept").unwrap();
    let first = embed(&other, NAME, b"first").unwrap();
    let second = embed(&first, NAME, b"second, and longer").unwrap();
    assert_eq!(find(&second, NAME).unwrap(), Some(b"second, and longer".as_slice()));
    assert_eq!(find(&second, "name").unwrap(), Some(b"kept".as_slice()));
    assert_eq!(embed(&second, NAME, b"first").unwrap(), first);
}

#[test]
fn a_section_of_a_nested_component_is_not_the_plugins() {
    assert_eq!(find(&nested(), NAME).unwrap(), None);
}

#[test]
fn two_sections_of_one_name_are_refused() {
    let once = embed(&EMPTY, NAME, b"a").unwrap();
    let mut twice = once.clone();
    twice.extend_from_slice(once.get(EMPTY.len()..).unwrap());
    let duplicate = SectionError::Duplicate { name: NAME.to_owned() };
    assert_eq!(find(&twice, NAME), Err(duplicate.clone()));
    assert_eq!(embed(&twice, NAME, b"b"), Err(duplicate));
}

#[test]
fn a_core_module_is_named_as_what_it_is() {
    let module = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
    assert_eq!(find(&module, NAME), Err(SectionError::CoreModule));
    assert_eq!(embed(&module, NAME, b""), Err(SectionError::CoreModule));
    assert_eq!(find(b"#!/bin/sh", NAME), Err(SectionError::NotWasm));
    assert_eq!(find(b"\0asm\x0e\0\x01\0", NAME), Err(SectionError::UnknownVersion));
}

#[test]
fn no_truncation_of_a_component_panics_or_yields_a_cut_section() {
    let whole = embed(&nested(), NAME, b"name = \"x\"").unwrap();
    for end in 0..whole.len() {
        let cut = whole.get(..end).unwrap();
        assert!(!matches!(find(cut, NAME), Ok(Some(_))), "cut at {end}");
        let _ = embed(cut, NAME, b"y");
    }
}

#[test]
fn no_change_of_one_byte_panics() {
    let whole = embed(&nested(), NAME, b"name = \"x\"").unwrap();
    for at in 0..whole.len() {
        for value in 0..=u8::MAX {
            let mut changed = whole.clone();
            changed[at] = value;
            let _ = find(&changed, NAME);
            let _ = embed(&changed, NAME, b"y");
        }
    }
}

#[test]
fn lengths_beyond_32_bits_or_the_file_are_refused() {
    let with = |tail: &[u8]| find(&[&EMPTY, tail].concat(), NAME).map(|found| found.is_some());
    let malformed = Err(SectionError::MalformedLength { offset: 9 });
    assert_eq!(with(&[0, 0xff, 0xff, 0xff, 0xff, 0x1f]), malformed);
    assert_eq!(with(&[0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]), malformed);
    let beyond = Err(SectionError::Truncated { offset: 14 });
    assert_eq!(with(&[0, 0xff, 0xff, 0xff, 0xff, 0x0f]), beyond);
    // The name claims more than its section has, though the file goes on.
    let outside = Err(SectionError::Truncated { offset: 11 });
    assert_eq!(with(&[0, 2, 9, b'a', 0, 0, 0, 0, 0, 0, 0, 0]), outside);
}
