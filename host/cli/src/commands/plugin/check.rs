//! `lucid plugin check`.

use lucid_runtime::RuntimeOptions;
use lucid_runtime::conformance::{CheckOptions, DEADLINE_MS, check};

use super::read;
use crate::failure::Ended;
use crate::show::{check as show, print, print_json};

pub(crate) async fn run(
    options: RuntimeOptions,
    plugin: &str,
    json: bool,
) -> crate::failure::Result {
    let bytes = read(&options, plugin)?;
    let scratch = std::env::temp_dir();
    let options = CheckOptions { runtime: options, scratch, deadline_ms: DEADLINE_MS };
    let conformance = check(&options, &bytes).await?;
    if json {
        print_json(&show::document(plugin, &conformance))?;
    } else {
        print(&show::render(&conformance))?;
    }
    Ok(if conformance.passed { Ended::Done } else { Ended::Failed })
}
