//! Sealing: what must be kept secret and yet be used again is kept encrypted.
//!
//! One key for each state folder, in a file that its owner alone may read. A text is sealed
//! for one place (`vcrd_…/token`): put into another document or another field, it does not
//! open. Whoever has the database without the key has nothing.

use std::fmt;
use std::hint::black_box;
use std::io::{self, ErrorKind, Read as _, Write as _};

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::rand;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cap_std::fs::{Dir, OpenOptions};
use lucid_core::{Failure, Result};

pub(crate) use lucid_api::vault::Secret;

const FILE: &str = "seal.key";
const KEY_BYTES: usize = 32;
/// The form of what is sealed: this byte, a nonce, then the ciphertext with its tag.
const FORM: u8 = 1;

/// Seals and opens secrets with the key of a state folder.
pub(crate) struct Sealer(RandomizedNonceKey);

impl Sealer {
    /// Takes the key of a folder; makes one where there is none.
    ///
    /// # Errors
    /// Failed, when the key cannot be read or made, is none, or may be read by others.
    pub(crate) fn open(folder: &Dir) -> Result<Self> {
        let wrong = |why: String| Failure::failed(format!("{FILE} of the state folder: {why}"));
        let mut key = match read(folder) {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                make(folder).map_err(|error| wrong(format!("it cannot be made: {error}")))?;
                read(folder)
            }
            found => found,
        }
        .map_err(|error| wrong(error.to_string()))?;
        let sealer = RandomizedNonceKey::new(&AES_256_GCM, &key);
        overwrite(&mut key);
        sealer.map(Self).map_err(|_| {
            wrong(format!("it is not a key of {KEY_BYTES} bytes"))
                .hint("put the file back from where it was saved; without it nothing opens")
        })
    }

    /// Seals a secret for a place, such as `vcrd_…/token`.
    ///
    /// # Errors
    /// A bug, when the cipher cannot be used.
    pub(crate) fn seal(&self, about: &str, secret: &str) -> Result<String> {
        let mut text = secret.as_bytes().to_vec();
        let sealed = self.0.seal_in_place_append_tag(Aad::from(about.as_bytes()), &mut text);
        let nonce = sealed.map_err(|_| {
            overwrite(&mut text);
            Failure::bug(format!("{about} cannot be sealed"))
        })?;
        let mut bytes = vec![FORM];
        bytes.extend_from_slice(nonce.as_ref());
        bytes.append(&mut text);
        Ok(STANDARD.encode(bytes))
    }

    /// Opens what was sealed for a place.
    ///
    /// # Errors
    /// Failed, when it was sealed with another key or for another place, or was changed.
    pub(crate) fn open_sealed(&self, about: &str, sealed: &str) -> Result<Secret> {
        let wrong = || {
            Failure::failed(format!("{about} does not open: {FILE} is another, or it was changed"))
                .hint("put the state folder's seal.key back, or set the secret again")
        };
        let bytes = STANDARD.decode(sealed).map_err(|_| wrong())?;
        let (form, rest) = bytes.split_first().ok_or_else(wrong)?;
        let (nonce, text) = rest.split_at_checked(NONCE_LEN).ok_or_else(wrong)?;
        if *form != FORM {
            return Err(wrong());
        }
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| wrong())?;
        let mut text = text.to_vec();
        let opened = self.0.open_in_place(nonce, Aad::from(about.as_bytes()), &mut text);
        let secret = opened.ok().and_then(|text| std::str::from_utf8(text).ok()).map(Secret::new);
        overwrite(&mut text);
        secret.ok_or_else(wrong)
    }
}

/// Says nothing of its key.
impl fmt::Debug for Sealer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Sealer")
    }
}

fn overwrite(bytes: &mut [u8]) {
    bytes.fill(0);
    // Seen by nobody, the writes above would be left out.
    black_box(&bytes);
}

/// Makes a key that is its owner's alone from its first byte on, and is there whole or not at
/// all: another process that does the same at this moment makes the key, or takes this one.
fn make(folder: &Dir) -> io::Result<()> {
    let unspecified = |_| io::Error::other("there are no random numbers");
    let mut name = [0; 9];
    rand::fill(&mut name).map_err(unspecified)?;
    let name = format!("{FILE}.{}", URL_SAFE_NO_PAD.encode(name));
    let mut key = [0; KEY_BYTES];
    rand::fill(&mut key).map_err(unspecified)?;
    let written = write(folder, &name, &key);
    overwrite(&mut key);
    let linked = written.and_then(|()| match folder.hard_link(&name, folder, FILE) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => Err(error),
        _ => Ok(()),
    });
    folder.remove_file(&name)?;
    linked?;
    // The name has to survive a power failure like the bytes; not every system can say so.
    let _ = folder.try_clone()?.into_std_file().sync_all();
    Ok(())
}

fn write(folder: &Dir, name: &str, key: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    cap_std::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = folder.open_with(name, &options)?;
    file.write_all(key)?;
    file.sync_all()
}

fn read(folder: &Dir) -> io::Result<Vec<u8>> {
    // Of the name itself: a link could lead to what others may read.
    if !folder.symlink_metadata(FILE)?.is_file() {
        return Err(io::Error::other("it is not a file"));
    }
    let file = folder.open(FILE)?;
    #[cfg(unix)]
    {
        let mode = cap_std::fs::MetadataExt::mode(&file.metadata()?);
        if mode & 0o077 != 0 {
            let why = "others can read or change it: run `chmod 600` on it, and set what it sealed \
                       again if somebody may have";
            return Err(io::Error::other(why));
        }
    }
    let mut key = Vec::with_capacity(KEY_BYTES * 2);
    file.take(KEY_BYTES as u64 + 1).read_to_end(&mut key)?;
    Ok(key)
}

#[cfg(test)]
mod tests {
    use cap_std::ambient_authority;

    use super::*;

    const ABOUT: &str = "vcrd_01/token";

    fn folder() -> (tempfile::TempDir, Dir) {
        let path = tempfile::tempdir().unwrap();
        #[expect(clippy::disallowed_methods, reason = "a test's own folder")]
        let folder = Dir::open_ambient_dir(path.path(), ambient_authority()).unwrap();
        (path, folder)
    }

    #[test]
    fn what_was_sealed_opens_where_it_was_sealed_for_and_nowhere_else() {
        let (_path, folder) = folder();
        let sealed = Sealer::open(&folder).unwrap().seal(ABOUT, "canary-1").unwrap();
        // With the key that was kept, too.
        let sealer = Sealer::open(&folder).unwrap();
        assert_eq!(sealer.open_sealed(ABOUT, &sealed).unwrap().reveal(), "canary-1");
        for other in ["vcrd_01/access_token", "vcrd_02/token", ""] {
            assert!(sealer.open_sealed(other, &sealed).is_err(), "{other}");
        }
        assert_ne!(sealer.seal(ABOUT, "canary-1").unwrap(), sealed);
        assert!(!format!("{sealer:?}{sealed}").contains("canary"));
        let (_other_path, other) = self::folder();
        assert!(Sealer::open(&other).unwrap().open_sealed(ABOUT, &sealed).is_err());
    }

    #[test]
    fn what_was_changed_does_not_open() {
        let (_path, folder) = folder();
        let sealer = Sealer::open(&folder).unwrap();
        let sealed = STANDARD.decode(sealer.seal(ABOUT, "canary-1").unwrap()).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(sealer.open_sealed(ABOUT, &STANDARD.encode(changed)).is_err(), "byte {at}");
            assert!(sealer.open_sealed(ABOUT, &STANDARD.encode(&sealed[..at])).is_err());
        }
        assert!(sealer.open_sealed(ABOUT, "no base64").is_err());
    }

    #[test]
    fn a_file_that_is_no_key_is_not_replaced() {
        let (_path, folder) = folder();
        for wrong in [&b""[..], &[7; KEY_BYTES - 1], &[7; KEY_BYTES + 1]] {
            write(&folder, FILE, wrong).unwrap();
            assert!(Sealer::open(&folder).unwrap_err().message.contains(FILE));
            assert_eq!(folder.read(FILE).unwrap(), wrong);
            folder.remove_file(FILE).unwrap();
        }
        folder.create_dir(FILE).unwrap();
        assert!(Sealer::open(&folder).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn the_key_is_its_owners_alone_or_is_not_used() {
        use cap_std::fs::{MetadataExt as _, Permissions, PermissionsExt as _};

        let (_path, folder) = folder();
        Sealer::open(&folder).unwrap();
        assert_eq!(folder.metadata(FILE).unwrap().mode() & 0o777, 0o600);
        let names: Vec<_> = folder.entries().unwrap().map(|one| one.unwrap().file_name()).collect();
        assert_eq!(names, [FILE]);
        for mode in [0o640, 0o604, 0o620] {
            folder.set_permissions(FILE, Permissions::from_mode(mode)).unwrap();
            let refused = Sealer::open(&folder).unwrap_err();
            assert!(refused.message.contains("chmod 600"), "{mode:o}: {refused}");
        }
        folder.rename(FILE, &folder, "elsewhere").unwrap();
        folder.symlink("elsewhere", FILE).unwrap();
        assert!(Sealer::open(&folder).is_err());
    }

    #[test]
    fn keys_made_at_the_same_moment_are_one() {
        let (_path, folder) = folder();
        let keys: Vec<_> = std::thread::scope(|scope| {
            let open = || scope.spawn(|| Sealer::open(&folder).unwrap());
            let all: Vec<_> = (0..8).map(|_| open()).collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        let sealed = keys[0].seal(ABOUT, "canary-1").unwrap();
        assert!(keys.iter().all(|key| key.open_sealed(ABOUT, &sealed).is_ok()));
    }
}
