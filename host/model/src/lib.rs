//! Where an agent's completions come from.
//!
//! An agent names its model; [`ModelName`] says which provider that is. A plugin's model is
//! the engine's business; the ones behind a network are [`RemoteModel`]s: one provider's wire
//! format over one [`Transport`]. A remote model makes one attempt. Trying again is the
//! caller's business, because every attempt is an event in the session's log; [`Backoff`]
//! says how long to wait.
//!
//! Nothing here reads the environment, a file or the clock: settings come in, timers are the
//! async runtime's.
#![forbid(unsafe_code)]

mod anthropic;
pub mod cassette;
mod error;
mod key;
mod name;
mod openai;
mod price;
mod remote;
mod retry;
mod settings;
mod sse;
mod transport;
mod wire;

pub use error::{ModelError, ModelErrorKind};
pub use key::Key;
pub use name::ModelName;
pub use price::Prices;
pub use remote::RemoteModel;
pub use retry::Backoff;
pub use settings::RemoteSettings;
pub use transport::{HttpRequest, HttpResponse, HttpTransport, Transport};
