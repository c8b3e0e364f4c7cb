//! Limits as people write them: changes to the standard of a kind, one over the other.
//!
//! What a call may use is the standard of its plugin's kind, then what the mission says, then
//! the plugin's section, then the agent's, then the command line. Each names some limits and
//! leaves the others as they are.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;

use lucid_core::{Failure, Limits, Result};
use lucid_engine::MEMORY_BYTES_MAX;
use lucid_policy::manifest::{Kind, Manifest};
use toml::{Spanned, Value};

use super::file::{LimitsSection, SessionSection};
use super::source::Source;

/// The longest deadline, as manifests have it: a day.
pub(crate) const DEADLINE_MS_MAX: u64 = 24 * 60 * 60 * 1_000;

type Set = fn(&mut Limits, u64);

/// Every limit by name, and how it is set.
const FIELDS: [(&str, Set); 16] = [
    ("memory_bytes", |limits, value| limits.memory_bytes = value),
    ("deadline_ms", |limits, value| limits.deadline_ms = value),
    ("fuel", |limits, value| limits.fuel = Some(value)),
    ("guest_to_host_bytes", |limits, value| limits.guest_to_host_bytes = value),
    ("handles", |limits, value| limits.handles = narrow(value)),
    ("resources", |limits, value| limits.resources = narrow(value)),
    ("stdio_bytes", |limits, value| limits.stdio_bytes = value),
    ("log_bytes", |limits, value| limits.log_bytes = value),
    ("random_bytes", |limits, value| limits.random_bytes = value),
    ("result_bytes", |limits, value| limits.result_bytes = value),
    ("host_calls", |limits, value| limits.host_calls = value),
    ("model_tokens", |limits, value| limits.model_tokens = value),
    ("file_bytes", |limits, value| limits.file_bytes = value),
    ("files", |limits, value| limits.files = value),
    ("http_requests", |limits, value| limits.http_requests = value),
    ("http_bytes", |limits, value| limits.http_bytes = value),
];

/// What can stand behind a number, and how much it is.
type Units = &'static [(&'static str, u64)];

const SIZES: Units = &[("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)];
const TIMES: Units = &[("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000)];

/// Changes to limits: what is not named stays as it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LimitChanges(BTreeMap<&'static str, u64>);

impl LimitChanges {
    /// Takes changes as they are written on a command line: `NAME=VALUE`, such as
    /// `memory_bytes=128MiB`, `deadline_ms=10s` or `http_requests=4`; the later wins.
    ///
    /// # Errors
    /// Invalid, when there is no such limit or the value is none for it.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self> {
        let mut changes = Self::default();
        for text in texts {
            let (name, value) = text.split_once('=').ok_or_else(|| {
                Failure::invalid(format!("`{text}` is no limit"))
                    .hint("write NAME=VALUE, such as `deadline_ms=10s`")
            })?;
            let name = known(name.trim())?;
            let amount = amount(value, units(name)).ok_or_else(|| wrong(name, value.trim()))?;
            changes.set(name, amount)?;
        }
        Ok(changes)
    }

    /// Sets one limit.
    ///
    /// # Errors
    /// Invalid, when there is no such limit or the value is outside of its range.
    pub fn set(&mut self, name: &str, value: u64) -> Result<()> {
        let name = known(name)?;
        let (least, most) = range(name);
        if !(least..=most).contains(&value) {
            return Err(Failure::invalid(format!("limit `{name}` is {value}"))
                .hint(format!("give it {least} to {most}")));
        }
        self.0.insert(name, value);
        Ok(())
    }

    /// The limits with these changes.
    #[must_use]
    pub fn over(&self, mut limits: Limits) -> Limits {
        for (name, set) in FIELDS {
            if let Some(value) = self.0.get(name) {
                set(&mut limits, *value);
            }
        }
        limits
    }

    /// Whether nothing is changed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Reads a table of limits; a mistake is shown with its line.
pub(crate) fn read(source: &Source, section: &LimitsSection) -> Result<LimitChanges> {
    let mut changes = LimitChanges::default();
    for (name, value) in section {
        let known = known(name.get_ref());
        let known = known.map_err(|failure| source.at(&name.span(), failure))?;
        let set = whole(known, value.get_ref()).and_then(|amount| changes.set(known, amount));
        set.map_err(|failure| source.at(&value.span(), failure))?;
    }
    Ok(changes)
}

/// Reads one setting: a whole number in a range, alone or with a unit that fits its name; a
/// mistake is shown with its line.
pub(crate) fn setting(
    source: &Source,
    name: &str,
    value: &Spanned<Value>,
    range: RangeInclusive<u64>,
) -> Result<u64> {
    let amount = whole(name, value.get_ref()).and_then(|amount| {
        if range.contains(&amount) {
            return Ok(amount);
        }
        Err(Failure::invalid(format!("`{name}` is {amount}")).hint(format!(
            "give it {} to {}",
            range.start(),
            range.end()
        )))
    });
    amount.map_err(|failure| source.at(&value.span(), failure))
}

/// What a plugin may use unless somebody says otherwise: by its kind, and by whether it asks a
/// model.
pub(crate) fn standard(kind: Kind, asks: bool) -> Limits {
    match kind {
        Kind::Tool | Kind::Model => Limits::STANDARD,
        Kind::Grader if asks => Limits::ASKING_GRADER,
        Kind::Grader => Limits::GRADER,
        Kind::Dream if asks => Limits::ASKING_DREAM,
        Kind::Dream => Limits::DREAM,
    }
}

/// A plugin says what it needs beyond the standard; a mission has to allow it.
///
/// # Errors
/// Denied, with the line that grants it.
pub fn check_needs(manifest: &Manifest, limits: &Limits) -> Result<()> {
    let memory = manifest.limits.memory_mib.map(|mib| u64::from(mib) << 20);
    let deadline = manifest.limits.deadline_ms;
    let needs = [
        ("memory_bytes", memory, limits.memory_bytes),
        ("deadline_ms", deadline, limits.deadline_ms),
    ];
    for (setting, needed, given) in needs {
        if let Some(needed) = needed.filter(|needed| *needed > given) {
            let name = &manifest.name;
            return Err(Failure::denied(format!(
                "plugin `{name}` needs {needed} as its limit of {setting}, and has {given}"
            ))
            .hint(format!("grant it with `limits.{setting} = {needed}`")));
        }
    }
    Ok(())
}

/// What the filesystem of one session may hold: everything in its folders, whoever wrote it.
///
/// [`DiskQuota::STANDARD`] is what a session gets unless its mission says otherwise; nothing
/// else in the code holds a default.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DiskQuota {
    /// Bytes of all files. 1 GiB.
    pub bytes: u64,
    /// Files, folders and links. 20,000.
    pub files: u64,
}

impl DiskQuota {
    /// What a session gets unless its mission says otherwise.
    pub const STANDARD: Self = Self { bytes: 1 << 30, files: 20_000 };

    /// Reads `[session]`; a mistake is shown with its line.
    pub(crate) fn read(source: &Source, section: &SessionSection) -> Result<Self> {
        let read = |name: &str, value: &Option<Spanned<Value>>, standard| match value {
            None => Ok(standard),
            Some(value) => setting(source, name, value, 0..=u64::MAX),
        };
        Ok(Self {
            bytes: read("disk_bytes", &section.disk_bytes, Self::STANDARD.bytes)?,
            files: read("disk_files", &section.disk_files, Self::STANDARD.files)?,
        })
    }
}

fn narrow(value: u64) -> u32 {
    u32::try_from(value).unwrap_or(u32::MAX)
}

fn known(name: &str) -> Result<&'static str> {
    let found = FIELDS.iter().find(|(known, _)| *known == name);
    found.map(|(known, _)| *known).ok_or_else(|| {
        let names = FIELDS.map(|(name, _)| name).join(", ");
        Failure::invalid(format!("no such limit: `{}`", name.escape_debug()))
            .hint(format!("limits are {names}"))
    })
}

/// The least and the most that a limit can be.
fn range(name: &str) -> (u64, u64) {
    match name {
        "memory_bytes" => (1, MEMORY_BYTES_MAX),
        "deadline_ms" => (1, DEADLINE_MS_MAX),
        "handles" | "resources" => (0, u32::MAX.into()),
        _ => (0, u64::MAX),
    }
}

fn units(name: &str) -> Units {
    if name.ends_with("_bytes") {
        SIZES
    } else if name.ends_with("_ms") {
        TIMES
    } else {
        &[]
    }
}

/// A setting's value in a file: a whole number, or a text with a unit.
fn whole(name: &str, value: &Value) -> Result<u64> {
    let amount = match value {
        Value::Integer(number) => u64::try_from(*number).ok(),
        Value::String(text) => amount(text, units(name)),
        _ => None,
    };
    let written = || value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    amount.ok_or_else(|| wrong(name, &written()))
}

/// A whole number, with a unit or without.
fn amount(text: &str, units: Units) -> Option<u64> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    if !digits.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.replace('_', "").parse().ok()?;
    let factor = match unit.trim_start() {
        "" => 1,
        unit => units.iter().find(|(name, _)| *name == unit)?.1,
    };
    number.checked_mul(factor)
}

fn wrong(name: &str, value: &str) -> Failure {
    let units: Vec<_> = units(name).iter().map(|(unit, _)| *unit).collect();
    let hint = match units.as_slice() {
        [] => "write a whole number".to_owned(),
        units => format!("write a whole number, alone or with {}", units.join(", ")),
    };
    Failure::invalid(format!("`{name}` cannot be `{}`", value.escape_debug())).hint(hint)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn changes(texts: &[&str]) -> Result<LimitChanges> {
        LimitChanges::parse(texts.iter().copied())
    }

    #[test]
    fn every_limit_there_is_can_be_set_by_its_name() {
        let everything = Limits { fuel: Some(1), ..Limits::STANDARD };
        let table = toml::Table::try_from(everything).unwrap();
        let names: BTreeSet<_> = FIELDS.iter().map(|(name, _)| *name).collect();
        assert_eq!(names, table.keys().map(String::as_str).collect());
        for (name, _) in FIELDS {
            let changed = changes(&[&format!("{name}=7")]).unwrap().over(everything);
            let mut expected = table.clone();
            expected.insert(name.to_owned(), Value::Integer(7));
            assert_eq!(toml::Table::try_from(changed).unwrap(), expected, "{name}");
        }
    }

    #[test]
    fn changing_one_limit_leaves_the_others_as_their_kind_has_them() {
        let changed = changes(&["deadline_ms=5"]).unwrap().over(standard(Kind::Dream, false));
        assert_eq!(changed, Limits { deadline_ms: 5, ..Limits::DREAM });
        assert_eq!(LimitChanges::default().over(Limits::GRADER), Limits::GRADER);
    }

    #[test]
    fn sizes_and_times_can_have_a_unit() {
        let cases = [
            ("memory_bytes=64 MiB", 64 << 20),
            ("memory_bytes=1GiB", 1 << 30),
            ("file_bytes=1_000", 1_000),
            ("deadline_ms=10s", 10_000),
            ("deadline_ms= 2 min ", 120_000),
            ("deadline_ms=7 ms", 7),
            ("deadline_ms=1 h", 3_600_000),
            ("http_requests=0", 0),
        ];
        for (text, expected) in cases {
            let changes = changes(&[text]).unwrap();
            assert_eq!(changes.0.values().collect::<Vec<_>>(), [&expected], "{text}");
        }
        let twice = changes(&["deadline_ms=1s", "deadline_ms=2s"]).unwrap();
        assert_eq!(twice.over(Limits::STANDARD).deadline_ms, 2_000, "the later wins");
    }

    #[test]
    fn limits_that_make_no_sense_are_refused() {
        let wrong = [
            "deadline=5",
            "deadline_ms",
            "deadline_ms=",
            "deadline_ms=-1",
            "deadline_ms=0",
            "deadline_ms=1.5s",
            "deadline_ms=1 MiB",
            "deadline_ms=2000000000000",
            "memory_bytes=9_000_000_000",
            "memory_bytes=18446744073709551615 GiB",
            "handles=4294967296",
            "fuel=1s",
            "files=\n",
        ];
        for text in wrong {
            let refused = changes(&[text]).unwrap_err();
            assert!(!refused.message.contains('\n'), "{refused}");
            assert!(refused.hint.is_some(), "{refused}");
        }
        let unknown = changes(&["deadline=5"]).unwrap_err();
        assert!(unknown.hint.unwrap().contains("deadline_ms"));
    }

    #[test]
    fn a_plugin_that_needs_more_than_it_has_does_not_load() {
        let text = "name = \"x\"\nversion = \"0.1.0\"\nkind = \"tool\"\ndescription = \"d\"\n\
                    [limits]\nmemory_mib = 128\n";
        let manifest = Manifest::parse(text).unwrap();
        let denied = check_needs(&manifest, &Limits::STANDARD).unwrap_err();
        assert!(denied.hint.unwrap().contains("limits.memory_bytes = 134217728"));
        let granted = Limits { memory_bytes: 128 << 20, ..Limits::STANDARD };
        assert_eq!(check_needs(&manifest, &granted), Ok(()));
    }
}
