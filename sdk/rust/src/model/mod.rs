//! Models: they answer conversations.
//!
//! The same types serve plugins that *are* a model ([`Model`], [`export_model!`]) and
//! plugins that were granted one and ask it ([`complete`]).
//!
//! [`export_model!`]: crate::export_model
//!
//! ```
//! use lucid_sdk::model::{Completion, Model, ModelError, Request};
//!
//! /// Calls `look` once, then says what it saw.
//! pub struct Looker;
//!
//! impl Model for Looker {
//!     fn complete(request: &Request) -> Result<Completion, ModelError> {
//!         Ok(match request.last_result() {
//!             Some(result) => Completion::text(format!("I saw this: {}", result.text)),
//!             None if request.offers("look") => {
//!                 Completion::calls([("look", serde_json::json!({ "place": "here" }))])
//!             }
//!             None => Completion::text("I cannot look."),
//!         })
//!     }
//! }
//!
//! lucid_sdk::export_model!(Looker);
//!
//! # fn main() {
//! use lucid_sdk::testing::Conversation;
//!
//! let mut talk = Conversation::new("You look at places.").offering("look").saying("Look.");
//! assert_eq!(talk.turn::<Looker>().unwrap().tool_uses().count(), 1);
//! talk.result("a door");
//! assert_eq!(talk.turn::<Looker>().unwrap().plain_text(), "I saw this: a door");
//! # }
//! ```

mod conversation;
mod fence;

pub use crate::bindings::imports::lucid::plugin::model_types::{
    Block, Completion, Image, Message, ModelError, Request, Role, StopReason, ToolDefinition,
    ToolResult, ToolUse, Usage,
};
use crate::host;
pub use fence::Fence;

/// A model.
///
/// ```
/// use lucid_sdk::model::{Completion, Model, ModelError, Request};
///
/// pub struct Polite;
///
/// impl Model for Polite {
///     fn complete(_request: &Request) -> Result<Completion, ModelError> {
///         Ok(Completion::text("Thank you."))
///     }
/// }
/// ```
pub trait Model {
    /// Continues a conversation.
    ///
    /// # Errors
    /// A [`ModelError`] when there is no answer.
    fn complete(request: &Request) -> Result<Completion, ModelError>;
}

/// Asks the model that the plugin was granted: `model = true` in its manifest.
///
/// # Errors
/// A [`ModelError`] when there is no answer.
///
/// ```
/// use lucid_sdk::model::{Completion, Request, complete};
/// use lucid_sdk::testing::Host;
///
/// let host = Host::new();
/// host.answer(Completion::text("Four."));
///
/// let answer = complete(&Request::asking("What is two and two?")).unwrap();
/// assert_eq!(answer.plain_text(), "Four.");
/// ```
pub fn complete(request: &Request) -> Result<Completion, ModelError> {
    host::complete(request)
}

/// Exports a plugin of kind `model`: a type that implements
/// [`Model`](crate::model::Model).
///
/// An answer without a count of its tokens is given an estimate of it.
///
/// ```
/// # use lucid_sdk::model::{Completion, Model, ModelError, Request};
/// pub struct Polite;
///
/// impl Model for Polite {
///     fn complete(_request: &Request) -> Result<Completion, ModelError> {
///         Ok(Completion::text("Thank you."))
///     }
/// }
///
/// lucid_sdk::export_model!(Polite);
/// # fn main() {}
/// ```
#[macro_export]
macro_rules! export_model {
    ($model:ty) => {
        const _: () = {
            struct Plugin;
            impl $crate::bindings::model::exports::lucid::plugin::model::Guest for Plugin {
                fn complete(
                    request: $crate::model::Request,
                ) -> ::std::result::Result<$crate::model::Completion, $crate::model::ModelError>
                {
                    let completion = <$model as $crate::model::Model>::complete(&request)?;
                    let counted = completion.usage.output_tokens > 0;
                    Ok(if counted { completion } else { completion.estimating_usage(&request) })
                }
            }
            $crate::generated! {
                $crate::bindings::model::export_model!(
                    Plugin with_types_in $crate::bindings::model
                );
            }
        };
    };
}
