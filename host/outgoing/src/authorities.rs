//! Who may vouch for a server.

use lucid_core::{Failure, Result};
use tokio_rustls::rustls::RootCertStore;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;

/// Authorities whose certificates are believed.
#[derive(Debug, Clone)]
pub struct Authorities(RootCertStore);

impl Authorities {
    /// The public ones, as this program was built with them.
    #[must_use]
    pub fn public() -> Self {
        Self(RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() })
    }

    /// Those whose certificates a PEM text holds, and no others. What else is in it is passed
    /// over.
    ///
    /// # Errors
    /// Invalid, when it holds no certificate, or one that is broken.
    pub fn of_pem(text: &[u8]) -> Result<Self> {
        let mut these = Self(RootCertStore::empty());
        let hint = "give certificates of authorities as PEM: each begins with \
                    `-----BEGIN CERTIFICATE-----`";
        for (at, certificate) in CertificateDer::pem_slice_iter(text).enumerate() {
            let added = match certificate {
                Ok(certificate) => these.add(&certificate).map_err(|failure| failure.message),
                Err(error) => Err(error.to_string()),
            };
            added.map_err(|why| {
                Failure::invalid(format!("certificate {} is not usable: {why}", at + 1)).hint(hint)
            })?;
        }
        if these.0.is_empty() {
            return Err(Failure::invalid("there is no certificate in it").hint(hint));
        }
        Ok(these)
    }

    /// Adds one by its certificate, as DER.
    ///
    /// # Errors
    /// Invalid, when it is no certificate.
    pub fn add(&mut self, certificate: &[u8]) -> Result<()> {
        let added = self.0.add(CertificateDer::from(certificate));
        added.map_err(|error| Failure::invalid(error.to_string()))
    }

    /// As TLS takes them.
    pub(crate) fn into_roots(self) -> RootCertStore {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use lucid_core::FailureKind;

    use super::*;

    fn pem(label: &str, der: &[u8]) -> String {
        let text = STANDARD.encode(der);
        format!("-----BEGIN {label}-----\n{text}\n-----END {label}-----\n")
    }

    fn certificate() -> Vec<u8> {
        let made = rcgen::generate_simple_self_signed(["a.example".to_owned()]).unwrap();
        made.cert.der().to_vec()
    }

    #[test]
    fn a_pem_text_names_all_its_authorities_and_no_others() {
        let two = pem("CERTIFICATE", &certificate()) + &pem("CERTIFICATE", &certificate());
        let text = format!("Our own:\n{}{two}", pem("PRIVATE KEY", b"not looked at"));
        assert_eq!(Authorities::of_pem(text.as_bytes()).unwrap().0.len(), 2);
        assert!(Authorities::public().0.len() > 2);
    }

    #[test]
    fn what_holds_no_authority_is_refused_and_not_taken_for_none_needed() {
        let whole = pem("CERTIFICATE", &certificate());
        let cut = whole.get(..whole.len() / 2).unwrap().to_owned();
        for (text, why) in [
            (String::new(), "no certificate"),
            ("no PEM".to_owned(), "no certificate"),
            (pem("PRIVATE KEY", b"tell no one"), "no certificate"),
            (cut.clone(), "certificate"),
            (pem("CERTIFICATE", b"no certificate"), "certificate 1 is not usable"),
            (format!("{whole}{}", pem("CERTIFICATE", b"none")), "certificate 2 is not usable"),
            (format!("{whole}{cut}"), "certificate 2 is not usable"),
        ] {
            let failure = Authorities::of_pem(text.as_bytes()).unwrap_err();
            assert_eq!(failure.kind, FailureKind::Invalid, "{text}");
            assert!(failure.message.contains(why) && failure.hint.is_some(), "{failure}");
            assert!(!format!("{failure:?}").contains("tell"), "{failure:?}");
        }
        assert!(Authorities::of_pem(&[0xff; 64]).is_err());
    }
}
