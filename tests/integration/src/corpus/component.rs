//! The bytes of a program: packed by `cargo xtask guests`, or made of its text.

use std::fmt::Write as _;

use lucid_policy::manifest::SECTION;
use lucid_policy::section::embed;

/// The component of a program, with its manifest.
///
/// A program that is text is added to the neighbour, an honest tool: a `(module …)` is
/// instantiated beside its own, a `(component …)` inside of it. So a module's start function
/// runs whenever the tool is called.
#[must_use]
pub fn component(program: &str) -> Vec<u8> {
    let (class, trick) = program.strip_prefix("hostile_").unwrap().split_once('_').unwrap();
    let folder = crate::repository().join("tests/guests").join(format!("hostile_{class}"));
    let text = folder.join("programs").join(format!("{trick}.wat"));
    let Ok(text) = std::fs::read_to_string(text) else { return crate::guest(program) };
    let own = folder.join("programs").join(format!("{trick}.toml"));
    let manifest = std::fs::read(&own).or_else(|_| std::fs::read(folder.join("plugin.toml")));
    let text = repeated(&text);
    let part = wat::parse_str(&text).unwrap_or_else(|error| panic!("{program}: {error}"));
    let whole = with_module(&crate::guest("neighbour"), &part);
    embed(&whole, SECTION, &manifest.unwrap()).unwrap()
}

/// A component with another manifest.
#[must_use]
pub fn with_manifest(component: &[u8], manifest: &str) -> Vec<u8> {
    embed(component, SECTION, manifest.as_bytes()).unwrap()
}

/// A component, and in it an instance of a core module or component without imports.
#[must_use]
pub fn with_module(component: &[u8], part: &[u8]) -> Vec<u8> {
    const MODULE: u8 = 1;
    const MODULE_INSTANCE: u8 = 2;
    const COMPONENT: u8 = 4;
    const COMPONENT_INSTANCE: u8 = 5;
    let is_module = part.get(4..8) == Some(&[1, 0, 0, 0]);
    let (defined, instance) =
        if is_module { (MODULE, MODULE_INSTANCE) } else { (COMPONENT, COMPONENT_INSTANCE) };
    let mut out = component.to_vec();
    let index = sections(component).filter(|id| *id == defined).count();
    section(&mut out, defined, part);
    // One instance, of this definition, without arguments.
    let mut body = vec![1, 0];
    length(&mut body, index);
    body.push(0);
    section(&mut out, instance, &body);
    out
}

/// The identifiers of a component's sections.
fn sections(component: &[u8]) -> impl Iterator<Item = u8> {
    let mut at = 8;
    std::iter::from_fn(move || {
        let id = *component.get(at)?;
        at += 1;
        let (mut size, mut shift) = (0, 0);
        loop {
            let byte = usize::from(*component.get(at)?);
            at += 1;
            size |= (byte & 0x7f) << shift;
            shift += 7;
            if byte & 0x80 == 0 {
                break;
            }
        }
        at += size;
        Some(id)
    })
}

fn section(out: &mut Vec<u8>, id: u8, body: &[u8]) {
    out.push(id);
    length(out, body.len());
    out.extend(body);
}

fn length(out: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).unwrap());
}

/// Expands a program's text: the line after `;;@ N` is written N times, `{n}` in it being
/// which.
fn repeated(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut times = None;
    for line in text.lines() {
        if let Some(count) = line.trim().strip_prefix(";;@ ") {
            times = Some(count.trim().parse::<u32>().expect("`;;@ N`"));
            continue;
        }
        match times.take() {
            None => writeln!(out, "{line}").unwrap(),
            Some(times) if line.contains("{n}") => {
                for n in 0..times {
                    writeln!(out, "{}", line.replace("{n}", &n.to_string())).unwrap();
                }
            }
            Some(times) => {
                for _ in 0..times {
                    writeln!(out, "{line}").unwrap();
                }
            }
        }
    }
    out
}
