//! `lucid key`.

use std::path::Path;

use lucid_core::Result;
use lucid_runtime::{Runtime, RuntimeOptions};
use lucid_server::keys::{self, ApiKey, NewKey, Workspace};
use serde_json::{Value, json};

use crate::args::KeyCommand;
use crate::failure::{self, Ended};
use crate::show::{print, print_json, print_list, short, table};
use lucid_verbs::pick;

pub(crate) async fn run(
    options: RuntimeOptions,
    command: KeyCommand,
    json: bool,
) -> failure::Result {
    let state = options.state.clone();
    // A key can be made before anything else is there: a server that others reach needs one.
    let runtime = Runtime::open(options)?;
    let done = on(&runtime, &state, command, json).await;
    runtime.store.close().await?;
    done?;
    Ok(Ended::Done)
}

async fn on(runtime: &Runtime, state: &Path, command: KeyCommand, json: bool) -> Result<()> {
    match command {
        KeyCommand::Create { name, workspace, environment } => {
            let new = NewKey { name, workspace, environment };
            let (key, text) = keys::create(runtime, state, new).await?;
            if json {
                let mut object = object(&key);
                object["key"] = text.into();
                return print_json(&object);
            }
            // The key alone on standard output, so that it can be piped.
            anstream::eprintln!("{} opens workspace {}", key.id, key.workspace_id);
            anstream::eprintln!("this is its text; it is not shown again:");
            print(&format!("{text}\n"))
        }
        KeyCommand::List => {
            let all = keys::list(runtime).await?;
            match json {
                true => print_list(all.iter().map(object)),
                false => print(&listed(&all)),
            }
        }
        KeyCommand::Revoke { key } => {
            let all = keys::list(runtime).await?;
            let id = pick(&all, |key| key.id.as_str(), &key, "key")?.id.clone();
            let key = keys::revoke(runtime, &id).await?;
            match json {
                true => print_json(&object(&key)),
                false => print(&format!("{} is revoked\n", key.id)),
            }
        }
        KeyCommand::Workspace { name: Some(name) } => {
            let workspace = keys::workspace(runtime, &name).await?;
            match json {
                true => print_json(&workspace),
                false => print(&format!("{}\n", workspace.id)),
            }
        }
        KeyCommand::Workspace { name: None } => {
            let all = keys::workspaces(runtime).await?;
            match json {
                true => print_list(all.iter().map(|workspace| json!(workspace))),
                false => print(&workspaces(&all)),
            }
        }
    }
}

fn object(key: &ApiKey) -> Value {
    json!(key)
}

fn listed(all: &[ApiKey]) -> String {
    let header = ["id", "name", "begins", "opens", "created", "last used", "revoked"];
    let mut rows = table::table(&header);
    for key in all {
        let at = |time: Option<lucid_core::Timestamp>| {
            time.map_or("-".to_owned(), |time| time.to_string())
        };
        let opens = key.environment_id.as_ref().map_or(key.workspace_id.as_str(), |id| id.as_str());
        rows.add_row(vec![
            key.id.to_string(),
            short(&key.name, 30),
            short(&key.prefix, 30),
            opens.to_owned(),
            key.created_at.to_string(),
            at(key.last_used_at),
            at(key.revoked_at),
        ]);
    }
    table::text(&rows)
}

fn workspaces(all: &[Workspace]) -> String {
    let mut rows = table::table(&["id", "name", "created"]);
    for workspace in all {
        let created = workspace.created_at.to_string();
        rows.add_row(vec![workspace.id.to_string(), short(&workspace.name, 64), created]);
    }
    table::text(&rows)
}
