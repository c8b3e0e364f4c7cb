//! What one call may send, and what it has sent.

use std::sync::Arc;

use lucid_core::{Denial, Limits};
use lucid_policy::Secret;
use lucid_policy::http::{HostRule, Target, may_send};
use lucid_policy::redact::Redactor;
use wasmtime_wasi_http::Error;

use super::client::HttpClient;
use super::meter::Meter;
use crate::effects::EffectLog;

/// What all requests of one call share.
pub(super) struct Session {
    pub(super) rules: Vec<HostRule>,
    pub(super) secrets: Arc<[Secret]>,
    /// Masks all secrets of the call in every answer: who was given one may pass it on.
    pub(super) redactor: Redactor,
    pub(super) client: Arc<HttpClient>,
    pub(super) meter: Arc<Meter>,
    effects: EffectLog,
}

impl Session {
    pub(super) fn new(
        rules: Vec<HostRule>,
        secrets: Arc<[Secret]>,
        limits: &Limits,
        client: Arc<HttpClient>,
        effects: EffectLog,
    ) -> Self {
        let meter = Arc::new(Meter::new(limits.http_requests, limits.http_bytes));
        let redactor = Redactor::of(secrets.iter());
        Self { rules, secrets, redactor, client, meter, effects }
    }

    /// Asks policy about a request, counts it, and says where it goes. Nothing was looked up
    /// or connected to yet.
    pub(super) fn admit<B>(&self, request: &http::Request<B>) -> Result<Target, Error> {
        let uri = request.uri();
        let scheme = uri.scheme_str().unwrap_or_default();
        let authority = uri.authority().map_or("", |authority| authority.as_str());
        let checked = Target::parse(scheme, authority).and_then(|target| {
            target.check_line(request.method().as_str(), &path_of(uri))?;
            may_send(&self.rules, &target)?;
            Ok(target)
        });
        let target = checked.map_err(|denial| {
            self.denied(denial);
            Error::HttpRequestDenied
        })?;
        // What follows costs the host something, so it is paid for first.
        if self.meter.count_request() { Ok(target) } else { Err(Error::ConnectionLimitReached) }
    }

    /// Notes what was denied.
    pub(super) fn denied(&self, denial: Denial) {
        self.effects.denied(denial);
    }
}

/// Path and query as they will stand in the request.
pub(super) fn path_of(uri: &http::Uri) -> String {
    match uri.path_and_query().map(http::uri::PathAndQuery::as_str) {
        None | Some("") => "/".to_owned(),
        Some(query) if query.starts_with('?') => format!("/{query}"),
        Some(path) => path.to_owned(),
    }
}
