use super::*;
use lucid_core::FailureKind;
use proptest::prelude::*;

const COMPONENT: [u8; 8] = *b"\0asm\x0d\0\x01\0";
const MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";

fn leb(mut value: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let low = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 {
            bytes.push(low);
            return bytes;
        }
        bytes.push(low | 0x80);
    }
}

fn section(id: u8, body: &[u8]) -> Vec<u8> {
    [vec![id], leb(body.len()), body.to_vec()].concat()
}

fn component(sections: &[Vec<u8>]) -> Vec<u8> {
    [COMPONENT.to_vec(), sections.concat()].concat()
}

/// A component with a module of these sections inside.
fn with_module(sections: &[Vec<u8>]) -> Vec<u8> {
    component(&[section(1, &[MODULE.to_vec(), sections.concat()].concat())])
}

/// The sections of a module with so many functions that do nothing.
fn functions(count: usize) -> Vec<Vec<u8>> {
    let types = [leb(count), vec![0; count]].concat();
    let bodies = [leb(count), [2, 0, 11].repeat(count)].concat();
    vec![section(3, &types), section(10, &bodies)]
}

fn string(text: &str) -> Vec<u8> {
    [leb(text.len()), text.as_bytes().to_vec()].concat()
}

/// An import or export section with one instance of that name.
fn named(id: u8, name: &str) -> Vec<u8> {
    let end: &[u8] = if id == 11 { &[5, 0, 0] } else { &[5, 0] };
    section(id, &[vec![1, 0], string(name), end.to_vec()].concat())
}

#[track_caller]
fn exceeds(component: &[u8], what: &str) {
    let failure = read(component).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Exceeded, "{failure:?}");
    assert!(failure.message.contains(what), "{failure:?}");
    assert!(failure.hint.is_some(), "{failure:?}");
}

#[test]
fn imports_and_exports_are_read_by_name() {
    let inner = component(&[named(10, "a:b/inner"), named(11, "a:b/inner")]);
    let bytes = component(&[
        named(10, "wasi:cli/environment@0.2.6"),
        named(10, "lucid:plugin/log@0.1.0"),
        section(4, &inner),
        named(11, "lucid:plugin/tools@0.1.0"),
    ]);
    let interface = read(&bytes).unwrap();
    assert_eq!(interface.imports, ["wasi:cli/environment@0.2.6", "lucid:plugin/log@0.1.0"]);
    assert_eq!(interface.exports, ["lucid:plugin/tools@0.1.0"]);
    assert_eq!(read(&component(&[])).unwrap(), Interface::default());
}

#[test]
fn a_name_that_could_not_be_shown_is_refused() {
    for name in ["a\nb", "a\u{1b}[2J", "é", &"x".repeat(257)] {
        for id in [10, 11] {
            let failure = read(&component(&[named(id, name)])).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
            assert!(!failure.message.contains(name), "{failure:?}");
        }
    }
}

#[test]
fn what_is_no_component_is_refused() {
    let cut = &component(&[named(10, "a:b/c")])[..12];
    for bytes in [&b""[..], b"\0asm", &MODULE, b"\x7fELF\x02\x01\x01\0", cut] {
        let failure = read(bytes).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
        assert!(!failure.message.contains('\n'), "{failure:?}");
    }
}

#[test]
fn what_a_component_is_made_of_is_bounded() {
    assert!(read(&with_module(&functions(200_000))).is_ok());
    exceeds(&with_module(&functions(200_001)), "200000 functions");
    // What a section claims is enough: nothing is made room for.
    exceeds(&with_module(&[section(3, &leb(u32::MAX as usize))]), "200000 functions");
    exceeds(&with_module(&[section(1, &leb(100_001))]), "100000 types");
    exceeds(&component(&[section(7, &leb(100_001))]), "100000 types");
    exceeds(&with_module(&[section(7, &leb(1_000_001))]), "1000000 imports");
    let part = section(1, &MODULE);
    assert!(read(&component(&vec![part.clone(); 1_000])).is_ok());
    exceeds(&component(&vec![part; 1_001]), "1000 modules");
}

#[test]
fn many_small_modules_count_as_one_large_one() {
    let half = section(1, &[MODULE.to_vec(), functions(150_000).concat()].concat());
    exceeds(&component(&[half.clone(), half]), "200000 functions");
}

#[test]
fn one_function_is_bounded() {
    let with_function = |bytes: usize| {
        let body = [leb(bytes), vec![0; bytes]].concat();
        with_module(&[section(3, &[1, 0]), section(10, &[vec![1], body].concat())])
    };
    assert!(read(&with_function(1 << 20)).is_ok());
    exceeds(&with_function((1 << 20) + 1), "in one function");
}

#[test]
fn components_are_nested_only_so_deep() {
    let nested =
        |depth| (0..depth).fold(component(&[]), |inner, _| component(&[section(4, &inner)]));
    assert!(read(&nested(16)).is_ok());
    exceeds(&nested(17), "levels");
    exceeds(&nested(2_000), "levels");
}

/// Components of which each instantiates the one before twice.
fn doubling(count: u8) -> Vec<u8> {
    let twice = |alias: &[u8]| component(&[section(6, alias), section(5, &[2, 0, 0, 0, 0, 0, 0])]);
    let mut sections = vec![section(4, &component(&[]))];
    sections.extend((0..count).map(|last| section(4, &twice(&[1, 4, 2, 1, last]))));
    sections.push(section(5, &[1, 0, count, 0]));
    component(&sections)
}

#[test]
fn a_small_file_cannot_come_to_many_instances() {
    assert!(read(&doubling(10)).is_ok());
    for count in [16, 40, 100] {
        assert!(doubling(count).len() < 4_000);
        exceeds(&doubling(count), "with all its instances");
    }
}

#[test]
fn what_is_instantiated_has_to_be_known() {
    // A component that is imported, one that another instance exports, one that is not there.
    let instantiate = section(5, &[1, 0, 0, 0]);
    let imported = section(10, &[vec![1, 0], string("c"), vec![4, 0]].concat());
    let exported = section(6, &[vec![1, 4, 0, 0], string("c")].concat());
    for origin in [imported, exported, vec![]] {
        exceeds(&component(&[origin, instantiate.clone()]), "handed to it");
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        at in any::<prop::sample::Index>(),
        bytes in prop::collection::vec(any::<u8>(), 1..8),
        cut in any::<prop::sample::Index>(),
    ) {
        let mut whole = component(&[
            named(10, "a:b/c@0.1.0"),
            section(1, &[MODULE.to_vec(), functions(1).concat()].concat()),
            doubling(3)[8..].to_vec(),
            named(11, "a:b/c@0.1.0"),
        ]);
        let start = at.index(whole.len());
        for (place, byte) in whole[start..].iter_mut().zip(bytes) {
            *place = byte;
        }
        let _ = read(&whole);
        let _ = read(&whole[..cut.index(whole.len())]);
    }
}

#[test]
fn a_module_has_one_memory_and_a_component_as_many_as_it_has_modules() {
    // A section of so many memories of one page each; an import of one.
    let memories = |count: u8| section(5, &[vec![count], [0, 1].repeat(count.into())].concat());
    let one_import = [string("m"), string("m"), vec![2, 0, 1]].concat();
    let imports = |count: u8| section(2, &[vec![count], one_import.repeat(count.into())].concat());
    let one = section(1, &[MODULE.to_vec(), memories(1)].concat());
    assert!(read(&component(&[one.clone(), one])).is_ok());
    assert!(read(&with_module(&[imports(1)])).is_ok());
    for sections in [vec![memories(2)], vec![imports(1), memories(1)], vec![imports(2)]] {
        let failure = read(&with_module(&sections)).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Invalid, "{failure:?}");
        assert!(failure.message.contains("more than one memory"), "{failure:?}");
    }
}
