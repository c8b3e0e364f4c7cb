//! HTTP: requests to the hosts a plugin was granted, sent by the host and by nobody else.
//!
//! WASI's own client would connect to whatever a name leads to, wait ten minutes and read
//! without end, so it is not compiled in. Here a request goes through these steps, each in a
//! file of its own:
//!
//! 1. [`session`] asks policy about method, host and path, and counts the request;
//! 2. [`client`] looks the name up once, asks policy about each address, and connects to an
//!    address that was allowed, through [`network`] and TLS with the name that was asked for;
//! 3. [`exchange`] writes the head anew (the host frames messages, and attaches secrets) and
//!    reads the answer's, HTTP/1.1 only; what is lent to this one request ([`lending`]) is put
//!    into head and body ([`draft`], [`replace`]);
//! 4. [`body`] passes bytes on both ways and masks what was attached; [`meter`] counts every
//!    byte, in both directions, and stops at the limit.
//!
//! Nothing is followed, unpacked or kept: a redirect is an answer, and what the guest sends next
//! is decided anew. Nothing is retried but a request whose credential a server refused, once,
//! where there is a newer one. Nothing outlives the call: what still runs is dropped with it.

mod body;
mod client;
mod draft;
mod exchange;
mod lending;
mod meter;
mod network;
mod replace;
mod session;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use wasmtime::StoreContextMut;
use wasmtime::component::{Linker, Resource};
use wasmtime_wasi_http::p2::bindings::http::outgoing_handler::Host as _;
use wasmtime_wasi_http::p2::bindings::http::types;
use wasmtime_wasi_http::p2::types::{HostFutureIncomingResponse, HostOutgoingRequest};
use wasmtime_wasi_http::p2::{HttpError, HttpResult, bindings};
use wasmtime_wasi_http::{
    Error, ForbiddenHeaderFilter, RequestOptions, WasiBody, WasiHttp, WasiHttpCtx, WasiHttpCtxView,
    WasiHttpHooks, WasiHttpView,
};

use crate::call::Call;
use crate::effects::EffectLog;
use crate::plugin::Plugin;
use crate::state::State;
use crate::stopped::LimitReached;

pub(crate) use client::HttpClient;
pub use lending::{Credentials, Lender, Lent, LentVariable, NotLent, UnusableCredential};
pub use network::{Connection, Network, SystemNetwork};
use session::Session;

/// Bytes of the header fields of one message that a guest makes, as they lie in memory.
pub(crate) const FIELD_BYTES_MAX: usize = 16 << 10;

/// Bytes of a body that a guest can give in one write. Each body that it has open holds up to
/// two of them in the host's memory, sent or not.
const WRITE_BYTES_MAX: usize = 32 << 10;

/// What one call holds: nothing but two words for a plugin without http.
pub(crate) struct HttpState {
    context: WasiHttpCtx,
    hooks: Hooks,
}

impl HttpState {
    /// Gives a call what its plugin was granted.
    pub(crate) fn new(plugin: &Plugin, call: &Call, effects: EffectLog) -> Self {
        let rules = &plugin.capabilities().http;
        let session = (!rules.is_empty()).then(|| {
            let client = plugin.engine.http.clone();
            let secrets = call.secrets.clone();
            let session = Session::new(rules.clone(), secrets, &call.limits, client, effects);
            let variables = plugin.capabilities().environment.clone();
            let session = session.narrowed(call.domains.clone());
            Arc::new(session.lending(call.lender.clone(), variables))
        });
        let mut context = WasiHttpCtx::new();
        context.set_field_size_limit(FIELD_BYTES_MAX);
        Self { context, hooks: Hooks(session) }
    }

    /// Requests that were sent, or were about to be.
    pub(crate) fn requests(&self) -> u64 {
        self.hooks.0.as_ref().map_or(0, |session| session.meter.requests())
    }

    /// Bytes of bodies and heads, sent and received.
    pub(crate) fn bytes(&self) -> u64 {
        self.hooks.0.as_ref().map_or(0, |session| session.meter.bytes())
    }

    /// The limit that was reached: a guest may pass over the error of a stream.
    pub(crate) fn reached(&self) -> Option<LimitReached> {
        self.hooks.0.as_ref().and_then(|session| session.meter.reached())
    }
}

/// The interface through which requests are sent.
const SENDING: &str = "wasi:http/outgoing-handler@0.2.12";

/// Links the capability, for plugins that were granted a host.
pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let options = bindings::LinkOptions::default();
    types::add_to_linker::<State, WasiHttp>(linker, &(&options).into(), WasiHttpView::http)?;
    // Sending is linked by hand, so that a request over a limit ends the call.
    let handle = |mut store: StoreContextMut<'_, State>, (request, options)| match store
        .data_mut()
        .send(request, options)
    {
        Ok(answer) => Ok((Ok(answer),)),
        Err(error) => Ok((Err(error.downcast()?),)),
    };
    linker.instance(SENDING)?.func_wrap("handle", handle)
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        let HttpState { context, hooks } = &mut self.http;
        WasiHttpCtxView { ctx: context, hooks, table: &mut self.wasi.table }
    }
}

impl State {
    fn send(
        &mut self,
        request: Resource<HostOutgoingRequest>,
        options: Option<Resource<RequestOptions>>,
    ) -> HttpResult<Resource<HostFutureIncomingResponse>> {
        self.count_host_call().map_err(HttpError::trap)?;
        let sent = WasiHttpView::http(self).handle(request, options);
        // Over a limit there is no use in an error that the guest could try again after.
        match self.http.reached() {
            Some(reached) => Err(HttpError::trap(reached)),
            None => sent,
        }
    }
}

/// How `wasmtime-wasi-http` asks; none for a plugin that was granted no host.
struct Hooks(Option<Arc<Session>>);

/// What sending gives: the answer, and what keeps its connection going.
type Sent = (http::Response<WasiBody>, Box<dyn Future<Output = Result<(), Error>> + Send>);

impl WasiHttpHooks for Hooks {
    fn is_forbidden_header(&mut self, name: &http::HeaderName) -> bool {
        !lucid_policy::http::header_allowed(name.as_str())
    }

    /// The other way to ask the same; trailers are decided by it (GHSA-jxcf-8qw5-5c33).
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(|name| !lucid_policy::http::header_allowed(name.as_str()))
    }

    /// Policy decides, so that a denial is noted.
    fn is_supported_scheme(&mut self, _: &http::uri::Scheme) -> bool {
        true
    }

    /// It is written where the request is checked.
    fn set_host_header(&mut self) -> bool {
        false
    }

    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        WRITE_BYTES_MAX
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<dyn Future<Output = Result<Sent, Error>> + Send> {
        let admitted = match &self.0 {
            Some(session) => session.admit(&request).map(|target| (session.clone(), target)),
            None => Err(Error::HttpRequestDenied),
        };
        Box::new(async move {
            let (session, target) = admitted?;
            exchange::send(session, target, request, options.unwrap_or_default()).await
        })
    }
}
