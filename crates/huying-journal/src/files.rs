//! Photographs and papers beside the journal: each under the hash of its content, sealed, so that whoever takes the
//! disk sees nothing. Records name the hash.
//!
//! The key stands in a file of its own, [`FILES_KEY`], which a backup keeps apart like all keys.

use crate::{
    seal::{Entropy, KEY_BYTES, NONCE_BYTES},
    side::SideFile,
};
use chacha20poly1305::{
    Key, XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use huying_domain::record::Hash;
use sha2::{Digest, Sha256};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use zeroize::Zeroizing;

/// The folder within the data folder.
pub const FILES_FOLDER: &str = "files";
/// The key of the files in the data folder.
pub const FILES_KEY: &str = "files.key";
/// Most bytes of one file: a telephone's photograph, a minute of sound.
pub const FILE_BYTES_MAX: usize = 10 * 1024 * 1024;

/// The files of a data folder.
pub struct Files {
    folder: PathBuf,
    cipher: XChaCha20Poly1305,
    entropy: Entropy,
}

impl Files {
    /// The files of this data folder; the first opening draws the key.
    ///
    /// # Errors
    /// The folder or the key cannot be read or made.
    pub fn open(data: &Path, mut entropy: Entropy) -> io::Result<Self> {
        let folder = data.join(FILES_FOLDER);
        fs::create_dir_all(&folder)?;
        let side = SideFile::new(data, FILES_KEY);
        let key = match side.read()? {
            Some(key) if key.len() == KEY_BYTES => Zeroizing::new(key),
            Some(_) => {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "the key of the files is none"));
            }
            None => {
                let mut key = Zeroizing::new(vec![0; KEY_BYTES]);
                entropy(&mut key);
                side.write(&key)?;
                key
            }
        };
        Ok(Self { folder, cipher: XChaCha20Poly1305::new(Key::from_slice(&key)), entropy })
    }

    fn place(&self, hash: Hash) -> SideFile {
        SideFile::new(&self.folder, &hash.to_string())
    }

    /// Keeps a file and says its hash. The same content is kept once.
    ///
    /// # Errors
    /// It is longer than [`FILE_BYTES_MAX`], or cannot be written.
    pub fn put(&mut self, bytes: &[u8]) -> io::Result<Hash> {
        if bytes.len() > FILE_BYTES_MAX {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let hash = Hash(Sha256::digest(bytes).into());
        let place = self.place(hash);
        if place.path().exists() {
            return Ok(hash);
        }
        let mut sealed = vec![0; NONCE_BYTES];
        (self.entropy)(&mut sealed);
        let nonce = *XNonce::from_slice(&sealed);
        let body = self.cipher.encrypt(&nonce, Payload { msg: bytes, aad: &hash.0 });
        sealed.extend(body.expect("a file is far below what the cipher takes"));
        place.write(&sealed)?;
        Ok(hash)
    }

    /// The content of this hash; none where there is no such file.
    ///
    /// # Errors
    /// It cannot be read, or was altered.
    pub fn get(&self, hash: Hash) -> io::Result<Option<Vec<u8>>> {
        let Some(sealed) = self.place(hash).read()? else { return Ok(None) };
        let altered = || io::Error::new(io::ErrorKind::InvalidData, "the file was altered");
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(altered)?;
        let payload = Payload { msg: body, aad: &hash.0 };
        let bytes = self.cipher.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| altered())?;
        Ok(Some(bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entropy() -> Entropy {
        let mut next = 0_u8;
        Box::new(move |bytes| {
            bytes.iter_mut().for_each(|byte| {
                next = next.wrapping_add(1);
                *byte = next;
            })
        })
    }

    #[test]
    fn a_file_is_found_by_its_content_lies_sealed_and_tells_when_it_was_altered() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut files = Files::open(folder.path(), entropy()).expect("the folder can be written");
        let hash = files.put(b"a photograph").expect("it fits");
        assert_eq!(files.put(b"a photograph").expect("it fits"), hash);
        let again = Files::open(folder.path(), entropy()).expect("the key is there");
        assert_eq!(again.get(hash).expect("it is whole"), Some(b"a photograph".to_vec()));
        assert_eq!(again.get(Hash::ZERO).expect("absent is no fault"), None);
        let path = folder.path().join(FILES_FOLDER).join(hash.to_string());
        let mut sealed = fs::read(&path).expect("it is there");
        assert!(!sealed.windows(5).any(|window| window == b"photo"));
        sealed[30] ^= 1;
        fs::write(&path, sealed).expect("it can be written");
        assert!(again.get(hash).is_err());
    }
}
