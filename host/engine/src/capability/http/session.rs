//! What one call may send, and what it has sent.

use std::collections::BTreeSet;
use std::slice;
use std::sync::Arc;

use lucid_core::{Denial, Limits};
use lucid_policy::Secret;
use lucid_policy::http::{Domains, HostRule, Target, may_send};
use lucid_policy::redact::Redactor;
use wasmtime_wasi_http::Error;

use super::client::HttpClient;
use super::lending::{Lender, Lent, NotLent};
use super::meter::Meter;
use crate::effects::EffectLog;

/// What all requests of one call share.
pub(super) struct Session {
    pub(super) rules: Vec<HostRule>,
    pub(super) secrets: Arc<[Secret]>,
    /// Masks all secrets of the call in every answer: who was given one may pass it on.
    redactor: Redactor,
    pub(super) client: Arc<HttpClient>,
    pub(super) meter: Arc<Meter>,
    effects: EffectLog,
    /// Lists of domains that a request has to satisfy, each of them.
    domains: Arc<[Domains]>,
    lender: Option<Arc<Lender>>,
    /// The variables that the plugin may see, and so use.
    variables: BTreeSet<String>,
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
        let (domains, lender, variables) = (Arc::default(), None, BTreeSet::new());
        Self { rules, secrets, redactor, client, meter, effects, domains, lender, variables }
    }

    /// Sends to domains alone that these lists have.
    pub(super) fn narrowed(self, domains: Arc<[Domains]>) -> Self {
        Self { domains, ..self }
    }

    /// Sends with what a lender has, as far as the plugin may see these variables.
    pub(super) fn lending(self, lender: Option<Arc<Lender>>, variables: BTreeSet<String>) -> Self {
        Self { lender, variables, ..self }
    }

    /// Masks all secrets that were sent, or could have been.
    pub(super) fn redactor(&self) -> Redactor {
        let lent = self.lender.as_ref().map(|lender| lender.redactor());
        lent.map_or_else(|| self.redactor.clone(), |lent| self.redactor.and(&lent))
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
            self.domains.iter().try_for_each(|domains| domains.allow(&target))?;
            Ok(target)
        });
        let target = checked.map_err(|denial| {
            self.denied(denial);
            Error::HttpRequestDenied
        })?;
        // What follows costs the host something, so it is paid for first.
        if self.meter.count_request() { Ok(target) } else { Err(Error::ConnectionLimitReached) }
    }

    /// What is lent to a request that was admitted.
    pub(super) async fn lend(&self, target: &Target, path: &str) -> Result<Lent, Error> {
        let Some(lender) = &self.lender else { return Ok(Lent::default()) };
        match lender.credentials().lend(target, path).await {
            Ok(lent) => Ok(self.of_the_plugin(lender, target, lent)),
            Err(why) => {
                self.not_lent(target, why);
                Err(Error::HttpRequestDenied)
            }
        }
    }

    /// What is lent to it once more, because its server refused what was lent.
    pub(super) async fn renew(&self, target: &Target, path: &str, refused: &Lent) -> Option<Lent> {
        let lender = self.lender.as_ref().filter(|_| refused.renewable)?;
        match lender.credentials().renew(target, path, refused).await {
            Ok(renewed) => renewed.map(|lent| self.of_the_plugin(lender, target, lent)),
            Err(why) => {
                self.not_lent(target, why);
                None
            }
        }
    }

    /// What of it this plugin can use. All of it is masked from now on.
    fn of_the_plugin(&self, lender: &Lender, target: &Target, mut lent: Lent) -> Lent {
        lender.remember(&lent);
        if !self.is_granted_by_name(target) {
            lent.header = None;
            lent.renewable = false;
        }
        lent.variables.retain(|variable| self.variables.contains(&variable.name));
        lent
    }

    /// Whether somebody meant this very host. A plugin that may send anywhere is led by what it
    /// reads, and who granted `*` gave it nobody's account.
    fn is_granted_by_name(&self, target: &Target) -> bool {
        let mut named = self.rules.iter().filter(|rule| !rule.is_any());
        named.any(|rule| may_send(slice::from_ref(rule), target).is_ok())
    }

    fn not_lent(&self, target: &Target, NotLent { failure, credential }: NotLent) {
        let next = failure.hint.map(|hint| format!("; {hint}")).unwrap_or_default();
        self.denied(Denial {
            capability: "http".to_owned(),
            what: target.to_string(),
            rule: "credential".to_owned(),
            hint: format!("{}{next}", failure.message),
        });
        if let Some(credential) = credential {
            self.effects.unusable(credential);
        }
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
