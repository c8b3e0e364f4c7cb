//! `lucid plugin inspect`.

use lucid_runtime::RuntimeOptions;
use lucid_runtime::conformance::{compare, inspect};

use super::read;
use crate::failure::Ended;
use crate::show::{inspect as show, print, print_json};

pub(crate) async fn run(
    options: &RuntimeOptions,
    plugin: &str,
    json: bool,
) -> crate::failure::Result {
    let inspection = inspect(options, &read(options, plugin)?).await?;
    if json {
        print_json(&show::document(&inspection))?;
    } else {
        print(&show::render(&inspection))?;
    }
    Ok(Ended::Done)
}

pub(crate) async fn difference(
    options: &RuntimeOptions,
    old: &str,
    new: &str,
    json: bool,
) -> crate::failure::Result {
    let about = |plugin: &str| {
        let plugin = plugin.to_owned();
        move |failure: lucid_core::Failure| failure.about(plugin)
    };
    let before = inspect(options, &read(options, old)?).await.map_err(about(old))?;
    let after = inspect(options, &read(options, new)?).await.map_err(about(new))?;
    let difference = compare(&before, &after);
    if json {
        print_json(&difference)?;
    } else {
        print(&show::difference(&difference))?;
    }
    Ok(Ended::Done)
}
