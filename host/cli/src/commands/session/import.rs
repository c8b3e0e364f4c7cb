//! `lucid session import`.

use std::io::Read as _;
use std::path::Path;

use lucid_core::{Failure, Result};
use lucid_verbs::ImportSessions;
use serde_json::json;

use crate::failure::{self, Ended};
use crate::place::Site;
use crate::show::{print, print_list};

pub(super) async fn import(site: Site, file: &Path, json: bool) -> failure::Result {
    let text = read(file)?;
    let place = site.open_or_make()?;
    let imported = place.ask(ImportSessions { text }).await;
    place.close().await?;
    let ids = imported.map_err(|failure| failure.about(file.display()))?;
    if json {
        print_list(ids.iter().map(|id| json!({"id": id, "type": "session"})))?;
    } else {
        print(&ids.iter().map(|id| format!("{id}\n")).collect::<String>())?;
    }
    Ok(Ended::Done)
}

fn read(file: &Path) -> Result<String> {
    let bytes = if file == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(file)
    };
    let bytes = bytes.map_err(|error| {
        let failure = Failure::invalid(format!("{}: {error}", file.display()));
        failure.hint("give a file that `lucid session export` wrote, or `-`")
    })?;
    String::from_utf8(bytes).map_err(|_| {
        Failure::invalid(format!("{} is not text in UTF-8", file.display()))
            .hint("sessions are JSON lines, as `lucid session export` writes them")
    })
}
