//! Custom sections of a component file: how a manifest travels inside a plugin.
//!
//! The walk is our own and knows only what it needs (the preamble, section identifiers
//! and sizes), so a plugin's manifest can be read before any engine has looked at the
//! file, and from hostile bytes: every length is checked, nothing is allocated from a
//! length that the file claims, and nested components are stepped over, never entered.

#[cfg(test)]
mod tests;

use std::ops::Range;

use thiserror::Error;

/// `\0asm`, with which modules and components begin.
const MAGIC: [u8; 4] = *b"\0asm";
/// Version 13 of layer 1: the component model's binary format.
const COMPONENT: [u8; 4] = [0x0d, 0x00, 0x01, 0x00];
/// Version 1 of layer 0: a core module.
const CORE_MODULE: [u8; 4] = [0x01, 0x00, 0x00, 0x00];
/// The identifier of a custom section.
const CUSTOM: u8 = 0;

/// Why the sections of a file could not be read or written.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SectionError {
    /// The file does not begin as WebAssembly does.
    #[error("the file is not WebAssembly")]
    NotWasm,
    /// The file is a core module, which has no typed interface.
    #[error("the file is a core module, not a component")]
    CoreModule,
    /// The file is of a version of the binary format that is not known here.
    #[error("the file is of an unknown version of the component format")]
    UnknownVersion,
    /// The file ends inside a section, or a name inside its section.
    #[error("the component is cut short or damaged at byte {offset}")]
    Truncated {
        /// Where the part that does not fit begins.
        offset: usize,
    },
    /// A length is not a 32-bit number in LEB128.
    #[error("the component has a malformed length at byte {offset}")]
    MalformedLength {
        /// Where the length begins.
        offset: usize,
    },
    /// Two sections have the name, so neither can be believed.
    #[error("the component has more than one section named `{name}`")]
    Duplicate {
        /// The name both have.
        name: String,
    },
    /// The new section would not fit the format's 32-bit lengths.
    #[error("the section `{name}` would be larger than 4 GiB")]
    TooLarge {
        /// The section's name.
        name: String,
    },
}

impl SectionError {
    /// The next step for a person who sees the error, where there is one.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotWasm | Self::CoreModule => {
                Some("build the plugin for the target wasm32-wasip2, which makes components")
            }
            Self::UnknownVersion => Some("build the plugin with the toolchain the guide names"),
            Self::Truncated { .. } | Self::MalformedLength { .. } | Self::Duplicate { .. } => {
                Some("build the plugin again, or fetch its file again")
            }
            Self::TooLarge { .. } => None,
        }
    }
}

/// Writes a custom section into a component, in place of an earlier one of that name.
///
/// # Errors
/// See [`SectionError`]; a file with two sections of the name is refused, not repaired.
pub fn embed(component: &[u8], name: &str, payload: &[u8]) -> Result<Vec<u8>, SectionError> {
    let too_large = || SectionError::TooLarge { name: name.to_owned() };
    let mut body = Vec::with_capacity(name.len() + payload.len() + 5);
    write_length(&mut body, u32::try_from(name.len()).map_err(|_| too_large())?);
    body.extend_from_slice(name.as_bytes());
    body.extend_from_slice(payload);
    let body_length = u32::try_from(body.len()).map_err(|_| too_large())?;

    let earlier = locate(component, name)?.map(|found| found.section);
    let earlier = earlier.unwrap_or(component.len()..component.len());
    let mut out = Vec::with_capacity(component.len() + body.len() + 6);
    out.extend_from_slice(component.get(..earlier.start).unwrap_or_default());
    out.extend_from_slice(component.get(earlier.end..).unwrap_or_default());
    out.push(CUSTOM);
    write_length(&mut out, body_length);
    out.extend_from_slice(&body);
    Ok(out)
}

/// Finds the one custom section of that name at the top level of a component.
///
/// # Errors
/// See [`SectionError`].
pub fn find<'a>(component: &'a [u8], name: &str) -> Result<Option<&'a [u8]>, SectionError> {
    Ok(locate(component, name)?.and_then(|found| component.get(found.payload)))
}

/// Where a custom section is.
struct Found {
    /// The whole section, from its identifier.
    section: Range<usize>,
    /// What follows its name.
    payload: Range<usize>,
}

fn locate(component: &[u8], name: &str) -> Result<Option<Found>, SectionError> {
    check_preamble(component)?;
    let mut reader = Reader { bytes: component, at: MAGIC.len() + COMPONENT.len() };
    let mut found: Option<Found> = None;
    while let Some(&identifier) = component.get(reader.at) {
        let start = reader.at;
        reader.at += 1;
        let length = reader.length()?;
        let body = reader.take(length)?;
        if identifier != CUSTOM {
            continue;
        }
        // The name has to end inside its own section, so it is read from that alone.
        let mut inner =
            Reader { bytes: component.get(..body.end).unwrap_or_default(), at: body.start };
        let name_length = inner.length()?;
        let name_range = inner.take(name_length)?;
        if component.get(name_range) != Some(name.as_bytes()) {
            continue;
        }
        if found.is_some() {
            return Err(SectionError::Duplicate { name: name.to_owned() });
        }
        found = Some(Found { section: start..body.end, payload: inner.at..body.end });
    }
    Ok(found)
}

fn check_preamble(bytes: &[u8]) -> Result<(), SectionError> {
    let Some(rest) = bytes.strip_prefix(&MAGIC) else {
        return Err(SectionError::NotWasm);
    };
    match rest.first_chunk() {
        Some(&COMPONENT) => Ok(()),
        Some(&CORE_MODULE) => Err(SectionError::CoreModule),
        Some(_) => Err(SectionError::UnknownVersion),
        None => Err(SectionError::Truncated { offset: MAGIC.len() }),
    }
}

/// A place in the bytes that only moves forward and never past their end.
struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Reader<'_> {
    /// Reads an unsigned 32-bit LEB128 number.
    fn length(&mut self) -> Result<usize, SectionError> {
        let offset = self.at;
        let mut value: u32 = 0;
        for shift in [0, 7, 14, 21, 28] {
            let Some(&byte) = self.bytes.get(self.at) else {
                return Err(SectionError::Truncated { offset });
            };
            self.at += 1;
            let low = u32::from(byte & 0x7f);
            // The fifth byte has room for the last four of the 32 bits.
            if shift == 28 && low > 0x0f {
                return Err(SectionError::MalformedLength { offset });
            }
            value |= low << shift;
            if byte & 0x80 == 0 {
                return usize::try_from(value)
                    .map_err(|_| SectionError::MalformedLength { offset });
            }
        }
        Err(SectionError::MalformedLength { offset })
    }

    /// Steps over `length` bytes and says where they were.
    fn take(&mut self, length: usize) -> Result<Range<usize>, SectionError> {
        let start = self.at;
        let end = start.checked_add(length).filter(|end| *end <= self.bytes.len());
        self.at = end.ok_or(SectionError::Truncated { offset: start })?;
        Ok(start..self.at)
    }
}

fn write_length(out: &mut Vec<u8>, mut value: u32) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}
