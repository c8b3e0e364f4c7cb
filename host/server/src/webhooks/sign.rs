//! Signatures by Standard Webhooks, so that a receiver knows who sent a delivery, and that
//! nobody changed it or sends it again.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use lucid_core::{Entropy, Failure, Result};
use sha2::Sha256;

/// What every secret begins with.
const PREFIX: &str = "whsec_";

/// Makes a secret of 32 random bytes.
pub(crate) fn new_secret(entropy: &dyn Entropy) -> String {
    let bytes: Vec<u8> = (0..4).flat_map(|_| entropy.next_u64().to_le_bytes()).collect();
    format!("{PREFIX}{}", STANDARD.encode(bytes))
}

/// The value of `webhook-signature` for one attempt, at a time in seconds.
///
/// # Errors
/// Failed, when the secret is none; it is not repeated.
pub(crate) fn sign(secret: &str, id: &str, seconds: u64, body: &str) -> Result<String> {
    let wrong = || Failure::failed("the signing secret of a webhook endpoint is none");
    let encoded = secret.strip_prefix(PREFIX).ok_or_else(wrong)?;
    let key = STANDARD.decode(encoded).map_err(|_| wrong())?;
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).map_err(|_| wrong())?;
    mac.update(format!("{id}.{seconds}.{body}").as_bytes());
    Ok(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
}

#[cfg(test)]
mod tests {
    use lucid_core::SeededEntropy;

    use super::*;

    #[test]
    fn a_signature_is_that_of_the_standards_own_example() {
        let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
        let id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
        let signed = sign(secret, id, 1_614_265_330, r#"{"test": 2432232314}"#).unwrap();
        assert_eq!(signed, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_secret_is_of_32_bytes_and_can_be_signed_with() {
        let secret = new_secret(&SeededEntropy::new(1));
        assert_eq!(STANDARD.decode(&secret[PREFIX.len()..]).unwrap().len(), 32);
        assert!(sign(&secret, "whe_1", 0, "").is_ok());
        assert!(sign("secret", "whe_1", 0, "").is_err());
    }
}
