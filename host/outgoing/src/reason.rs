//! Why something could not be sent, below what clients wrap around it.

use std::error::Error;
use std::io;
use std::iter::successors;

use tokio_rustls::rustls;

/// A layer of an error.
type Layer = dyn Error + 'static;

/// The reason under all the layers: `Connection refused`, not `error sending request`.
#[must_use]
pub fn innermost(error: &(dyn Error + 'static)) -> String {
    layers(error).last().unwrap_or(error).to_string()
}

/// Whether it is that nobody who is believed vouches for the server.
#[must_use]
pub fn is_untrusted(error: &(dyn Error + 'static)) -> bool {
    let mut tls = layers(error).filter_map(|layer| layer.downcast_ref::<rustls::Error>());
    tls.any(|error| {
        use rustls::Error::{InvalidCertificate, NoCertificatesPresented};
        matches!(error, InvalidCertificate(_) | NoCertificatesPresented)
    })
}

/// An error and what is below it, outermost first.
fn layers(error: &Layer) -> impl Iterator<Item = &Layer> {
    successors(Some(error), |&error| below(error))
}

fn below(error: &Layer) -> Option<&Layer> {
    // What an I/O error holds is not its source: that is what is below what it holds.
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(held) => Some(held),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use rustls::CertificateError;

    use super::*;

    #[test]
    fn the_reason_is_what_is_under_all_layers() {
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        let plain = refused.to_string();
        assert_eq!(innermost(&refused), plain);
        assert_eq!(innermost(&io::Error::other(io::Error::other(refused))), plain);
    }

    #[test]
    fn a_certificate_that_is_not_believed_is_found_under_all_layers() {
        let error = rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer);
        assert!(is_untrusted(&error));
        assert!(is_untrusted(&io::Error::other(io::Error::other(error))));
        assert!(is_untrusted(&rustls::Error::NoCertificatesPresented));
        assert!(!is_untrusted(&io::Error::other(rustls::Error::DecryptError)));
        assert!(!is_untrusted(&io::Error::from(io::ErrorKind::ConnectionRefused)));
    }
}
