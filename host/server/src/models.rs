//! The models that can be named: bundled plugins of that kind, and those with known prices.

use axum::Router;
use axum::extract::Path;
use axum::routing::get;
use lucid_api::ApiError;
use lucid_api::model::{Model, page};
use lucid_policy::manifest::{Kind, Manifest, SECTION};
use lucid_policy::section;
use lucid_runtime::{Bundled, Prices};
use tokio::task::spawn_blocking;

use crate::answer::{Answer, answer};
use crate::app::App;
use crate::extract::Asked;
use crate::space::{Caller, Space};

/// How models are named that are plugins.
const PLUGIN: &str = "plugin:";
/// How those are named that Anthropic's API has.
const CLAUDE: &str = "claude-";

pub(crate) fn routes() -> Router<App> {
    Router::new().route("/v1/models", get(list)).route("/v1/models/{model_id}", get(retrieve))
}

async fn list(Caller { space, .. }: Caller, Asked(mut query): Asked) -> Answer {
    answer(page(&models(&space).await?, &mut query)?)
}

async fn retrieve(Caller { space, .. }: Caller, Path(model_id): Path<String>) -> Answer {
    let found = models(&space).await?.into_iter().find(|model| model.id == model_id);
    answer(found.ok_or_else(|| ApiError::not_found("model", &model_id))?)
}

async fn models(space: &Space) -> Result<Vec<Model>, ApiError> {
    let bundled = space.runtime.bundled.clone();
    let plugins = spawn_blocking(move || plugins(&bundled)).await;
    let plugins = plugins.map_err(|error| ApiError::internal(format!("models: {error}")))?;
    let prices = Prices::bundled();
    let known = prices.names().into_iter().filter(|name| name.starts_with(CLAUDE));
    let known = known.map(|name| Model::new(name, prices.context_tokens(name)));
    Ok(plugins.into_iter().chain(known).collect())
}

/// The bundled plugins that are models. One that cannot be read is none.
fn plugins(bundled: &Bundled) -> Vec<Model> {
    let is_model = |name: &String| {
        let Ok(bytes) = bundled.read(name) else { return false };
        let Ok(Some(text)) = section::find(&bytes, SECTION) else { return false };
        let manifest = std::str::from_utf8(text).ok().map(Manifest::parse);
        matches!(manifest, Some(Ok(manifest)) if manifest.kind == Kind::Model)
    };
    let names = bundled.names().into_iter().filter(is_model);
    names.map(|name| Model::new(&format!("{PLUGIN}{name}"), None)).collect()
}

#[cfg(test)]
mod tests {
    use crate::testing::TestServer;

    #[tokio::test]
    async fn known_models_are_listed_and_found() {
        let server = TestServer::new().await;
        let (status, page) = server.get("/v1/models?limit=1").await;
        assert_eq!((status, page["has_more"].as_bool()), (200, Some(true)));
        let first = page["data"][0]["id"].as_str().unwrap();
        assert!(first.starts_with("claude-"), "{page}");
        assert_eq!((&page["first_id"], &page["last_id"]), (&first.into(), &first.into()));
        let (status, model) = server.get(&format!("/v1/models/{first}")).await;
        assert_eq!((status, &model), (200, &page["data"][0]));
        let (_, next) = server.get(&format!("/v1/models?after_id={first}&limit=1")).await;
        assert_ne!(next["first_id"], page["first_id"]);
        assert_eq!(server.get("/v1/models/plugin:none").await.0, 404);
        assert_eq!(server.get("/v1/models?lifecycle[]=new").await.0, 400);
    }
}
