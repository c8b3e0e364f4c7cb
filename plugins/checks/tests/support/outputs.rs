//! A large outputs folder and a rubric of 10,000 criteria for it, always the same.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// How many criteria the rubric has.
pub(crate) const CRITERIA: usize = 10_000;
/// One in so many is not met.
pub(crate) const FALSE_EVERY: usize = 100;
/// How many files of each kind there are.
pub(crate) const FILES: usize = 40;
const ROWS: usize = 9_500;
const SITES: usize = 8_000;
const PARAGRAPHS: usize = 4_500;

/// Writes about 50 MB of JSON, CSV and Markdown; returns how many bytes.
pub(crate) fn write(folder: &Path) -> u64 {
    let mut bytes = 0;
    let mut put = |path: String, content: &str| {
        bytes += content.len() as u64;
        fs::write(folder.join(path), content).unwrap();
    };
    fs::create_dir(folder.join("data")).unwrap();
    for file in 0..FILES {
        let mut json = format!("{{\"n\":{SITES},\"totals\":{{\"file\":{file}}},\"sites\":[");
        for at in 0..SITES {
            let comma = if at == 0 { "" } else { "," };
            let value = (at * 7 + file) % 1_000;
            let _ = write!(json, "{comma}{{\"id\":{at},\"site\":\"site {at}\",\"v\":{value}.5}}");
        }
        json.push_str("]}");
        put(format!("data/sites-{file}.json"), &json);
        let mut csv = "id,site,v,note\n".to_owned();
        for at in 0..ROWS {
            let _ = writeln!(csv, "{at},site {at},{}.5,measured twice and noted", at % 977);
        }
        put(format!("data/rows-{file}.csv"), &csv);
        let mut text = format!("# Notes {file}\n\n");
        for at in 0..PARAGRAPHS {
            let _ = writeln!(
                text,
                "## Note {at}\n\nAt site {at} everything was as expected, \
                                    which was written down in full on the spot.\n"
            );
        }
        put(format!("notes-{file}.md"), &text);
        put(format!("summary-{file}.md"), &text[..1_500]);
    }
    bytes
}

/// The rubric: every check is another one.
pub(crate) fn rubric() -> String {
    let mut rubric = "# Done\n\n".to_owned();
    for at in 0..CRITERIA {
        let (file, item) = (at / 10 % FILES, at % 997);
        let (json, csv) = (format!("data/sites-{file}.json"), format!("data/rows-{file}.csv"));
        let check = match at % 10 {
            0 => format!("json('{json}').sites[{item}].id == {item} && {at} >= 0"),
            1 => format!("csv('{csv}')[{item}].v < 977.5 && {at} >= 0"),
            2 => format!("text('notes-{file}.md').contains('Note {item}') && {at} >= 0"),
            3 => format!("size('{csv}') > {at}"),
            4 => format!("lines('notes-{file}.md') > {item} && {at} >= 0"),
            5 => format!("sha256('{json}') != 'no {at}'"),
            6 => format!("json('{json}').sites.size() + {at} >= json('{json}').n"),
            7 => format!("json('{json}').totals.file == {file} && {at} >= 0"),
            8 => format!("files('data/*-{file}.*').size() == 2 && {at} >= 0"),
            _ => format!("text('summary-{file}.md').matches('(?m)^# Notes {file}$') || {at} < 0"),
        };
        let not = if at % FALSE_EVERY == 0 { " && false" } else { "" };
        let _ = writeln!(rubric, "- {at} `check: {check}{not}`");
    }
    rubric
}
