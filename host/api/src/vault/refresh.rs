//! Having an access token anew (RFC 6749, section 6): what is sent, and what comes back.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;

use super::auth::{Refresh, TokenEndpointAuth};
use super::credential::{SecretField, Secrets};
use super::secret::Secret;

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What is sent to a token endpoint.
#[derive(Debug)]
pub struct RefreshRequest {
    /// Where it goes.
    pub url: String,
    /// The value of the header `authorization`, where there is one.
    pub authorization: Option<Secret>,
    /// The body, a form.
    pub form: Secret,
}

impl RefreshRequest {
    /// Writes the request; none without a refresh token.
    #[must_use]
    pub fn new(refresh: &Refresh, secrets: &Secrets) -> Option<Self> {
        let token = secrets.get(&SecretField::RefreshToken)?;
        let client_secret = secrets.get(&SecretField::ClientSecret).map_or("", Secret::reveal);
        let mut pairs = vec![("grant_type", "refresh_token"), ("refresh_token", token.reveal())];
        let mut authorization = None;
        match refresh.token_endpoint_auth {
            TokenEndpointAuth::None => pairs.push(("client_id", &refresh.client_id)),
            TokenEndpointAuth::ClientSecretPost => {
                pairs.push(("client_id", &refresh.client_id));
                pairs.push(("client_secret", client_secret));
            }
            TokenEndpointAuth::ClientSecretBasic => {
                let pair = format!("{}:{}", encoded(&refresh.client_id), encoded(client_secret));
                authorization = Some(Secret::new(format!("Basic {}", STANDARD.encode(pair))));
            }
        }
        pairs.extend(refresh.scope.as_deref().map(|scope| ("scope", scope)));
        pairs.extend(refresh.resource.as_deref().map(|resource| ("resource", resource)));
        let form: Vec<_> =
            pairs.into_iter().map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let form = Secret::new(form.join("&"));
        Some(Self { url: refresh.token_endpoint.clone(), authorization, form })
    }
}

fn encoded(text: &str) -> impl fmt::Display + '_ {
    utf8_percent_encode(text, UNRESERVED)
}

/// What a token endpoint answers.
#[derive(Debug, Deserialize)]
pub struct Refreshed {
    /// The new token.
    pub access_token: Secret,
    /// Seconds until it ends, where the endpoint says so.
    #[serde(default)]
    pub expires_in: Option<u64>,
    /// The token to have the next one with, where it is another than before.
    #[serde(default)]
    pub refresh_token: Option<Secret>,
}

impl Refreshed {
    /// Reads the answer; none when there is no token in it that could be sent.
    #[must_use]
    pub fn read(body: &[u8]) -> Option<Self> {
        let read: Self = serde_json::from_slice(body).ok()?;
        let fits = |secret: &Secret| super::auth::token("token", secret).is_ok();
        (fits(&read.access_token) && read.refresh_token.as_ref().is_none_or(fits)).then_some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(token_endpoint_auth: TokenEndpointAuth) -> RefreshRequest {
        let refresh = Refresh {
            client_id: "me&you".into(),
            token_endpoint: "https://auth.test/token".into(),
            token_endpoint_auth,
            scope: Some("read write".into()),
            resource: None,
        };
        let secrets = Secrets::from([
            (SecretField::RefreshToken, Secret::new("r=1")),
            (SecretField::ClientSecret, Secret::new("s:é")),
        ]);
        RefreshRequest::new(&refresh, &secrets).unwrap()
    }

    #[test]
    fn the_client_proves_itself_as_it_was_said() {
        let begin = "grant_type=refresh_token&refresh_token=r%3D1";
        let none = request(TokenEndpointAuth::None);
        let expected = format!("{begin}&client_id=me%26you&scope=read%20write");
        assert_eq!((none.form.reveal(), none.authorization.is_none()), (expected.as_str(), true));
        let post = request(TokenEndpointAuth::ClientSecretPost);
        assert!(post.form.reveal().contains("&client_secret=s%3A%C3%A9&"));
        let basic = request(TokenEndpointAuth::ClientSecretBasic);
        assert_eq!(basic.form.reveal(), format!("{begin}&scope=read%20write"));
        let expected = format!("Basic {}", STANDARD.encode("me%26you:s%3A%C3%A9"));
        assert_eq!(basic.authorization.unwrap().reveal(), expected);
    }

    #[test]
    fn an_answer_without_a_token_is_none() {
        let read = Refreshed::read(br#"{"access_token":"a","expires_in":60,"other":1}"#).unwrap();
        assert_eq!((read.access_token.reveal(), read.expires_in), ("a", Some(60)));
        for wrong in ["", "{}", "[]", r#"{"access_token":"a b"}"#, r#"{"access_token":""}"#] {
            assert!(Refreshed::read(wrong.as_bytes()).is_none(), "{wrong}");
        }
    }
}
