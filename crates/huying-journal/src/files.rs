//! Photographs and papers beside the journal: each under the hash of its content, sealed, so that whoever takes the
//! disk sees nothing. Records name the hash.
//!
//! The key stands in a file of its own, [`FILES_KEY`], which a backup keeps apart like all keys. While another key takes
//! its place ([`reseal`]) there are two, and a file opens under one of them.

use crate::{
    disk::{Disk, real::RealDisk},
    journal::LOCK_FILE,
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

/// The key that takes the place of [`FILES_KEY`], until every file is sealed by it.
pub const FILES_KEY_NEXT: &str = "files.key.next";

/// The files of a data folder.
pub struct Files {
    folder: PathBuf,
    cipher: XChaCha20Poly1305,
    /// The key before, where the change to this one was cut off.
    before: Option<XChaCha20Poly1305>,
    entropy: Entropy,
}

/// What a change of the key did.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct Resealed {
    /// Files that are sealed by the new key now.
    pub files: u64,
    /// Files that open under neither key: the old one stays as long as there are any.
    pub unopened: Vec<String>,
}

/// Destroys a file of a data folder, for which no key is needed: overwritten with zeroes, then taken away. Says whether
/// there was one.
///
/// # Errors
/// It cannot be written or removed.
pub fn destroy(data: &Path, hash: Hash) -> io::Result<bool> {
    SideFile::new(&data.join(FILES_FOLDER), &hash.to_string()).destroy()
}

/// Whether the keys that there are can be keys; nothing is opened or made.
///
/// # Errors
/// One cannot be read, or is none.
pub fn check(data: &Path) -> io::Result<()> {
    [FILES_KEY, FILES_KEY_NEXT].into_iter().try_for_each(|name| key_of(data, name).map(drop))
}

/// The key of this name; none where there is none.
fn key_of(data: &Path, name: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
    match SideFile::new(data, name).read()?.map(Zeroizing::new) {
        Some(key) if key.len() != KEY_BYTES => {
            Err(io::Error::new(io::ErrorKind::InvalidData, "the key of the files is none"))
        }
        key => Ok(key),
    }
}

/// The key of this name, which is drawn where there is none.
fn key_or_new(data: &Path, name: &str, entropy: &mut Entropy) -> io::Result<Zeroizing<Vec<u8>>> {
    if let Some(key) = key_of(data, name)? {
        return Ok(key);
    }
    let mut key = Zeroizing::new(vec![0; KEY_BYTES]);
    entropy(&mut key);
    SideFile::new(data, name).write(&key)?;
    Ok(key)
}

fn cipher(key: &[u8]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(Key::from_slice(key))
}

/// Seals every file of a free folder by another key and lets the old one go. What was cut off is gone on with when it
/// is called again; until then every file opens, and a new one is sealed by the new key.
///
/// # Errors
/// An engine has the folder, or a file or a key cannot be read or written.
pub fn reseal(data: &Path, mut entropy: Entropy) -> io::Result<Resealed> {
    let disk = RealDisk::new(data)?;
    let _lock = disk.lock(LOCK_FILE)?.ok_or(io::ErrorKind::WouldBlock)?;
    if key_of(data, FILES_KEY)?.is_none() {
        return Ok(Resealed::default());
    }
    key_or_new(data, FILES_KEY_NEXT, &mut entropy)?;
    let mut files = Files::open(data, entropy)?;
    let mut done = Resealed::default();
    for entry in fs::read_dir(&files.folder)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        // What bears another name is a file that was being written when the power went.
        let Ok(hash) = name.parse() else { continue };
        if files.seal_anew(hash)? { done.files += 1 } else { done.unopened.push(name) }
    }
    if done.unopened.is_empty() {
        SideFile::new(data, FILES_KEY_NEXT).replace(&SideFile::new(data, FILES_KEY))?;
    }
    done.unopened.sort();
    Ok(done)
}

impl Files {
    /// The files of this data folder; the first opening draws the key.
    ///
    /// # Errors
    /// The folder or the key cannot be read or made.
    pub fn open(data: &Path, mut entropy: Entropy) -> io::Result<Self> {
        let folder = data.join(FILES_FOLDER);
        fs::create_dir_all(&folder)?;
        let key = key_or_new(data, FILES_KEY, &mut entropy)?;
        let (cipher, before) = match key_of(data, FILES_KEY_NEXT)? {
            Some(next) => (cipher(&next), Some(cipher(&key))),
            None => (cipher(&key), None),
        };
        Ok(Self { folder, cipher, before, entropy })
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
        self.write(hash, bytes)?;
        Ok(hash)
    }

    fn write(&mut self, hash: Hash, bytes: &[u8]) -> io::Result<()> {
        let mut sealed = vec![0; NONCE_BYTES];
        (self.entropy)(&mut sealed);
        let nonce = *XNonce::from_slice(&sealed);
        let body = self.cipher.encrypt(&nonce, Payload { msg: bytes, aad: &hash.0 });
        sealed.extend(body.expect("a file is far below what the cipher takes"));
        self.place(hash).write(&sealed)
    }

    /// Seals a file by the key in force; false where it opens under none.
    fn seal_anew(&mut self, hash: Hash) -> io::Result<bool> {
        let sealed = self.place(hash).read()?.unwrap_or_default();
        if opened(&self.cipher, hash, &sealed).is_some() {
            return Ok(true);
        }
        let Some(bytes) = self.before.as_ref().and_then(|before| opened(before, hash, &sealed)) else {
            return Ok(false);
        };
        self.write(hash, &bytes)?;
        Ok(true)
    }

    /// The content of this hash; none where there is no such file.
    ///
    /// # Errors
    /// It cannot be read, or was altered.
    pub fn get(&self, hash: Hash) -> io::Result<Option<Vec<u8>>> {
        let Some(sealed) = self.place(hash).read()? else { return Ok(None) };
        let mut ciphers = std::iter::once(&self.cipher).chain(&self.before);
        let bytes = ciphers.find_map(|cipher| opened(cipher, hash, &sealed));
        let altered = || io::Error::new(io::ErrorKind::InvalidData, "the file was altered");
        bytes.map(Some).ok_or_else(altered)
    }
}

fn opened(cipher: &XChaCha20Poly1305, hash: Hash, sealed: &[u8]) -> Option<Vec<u8>> {
    let (nonce, body) = sealed.split_at_checked(NONCE_BYTES)?;
    cipher.decrypt(XNonce::from_slice(nonce), Payload { msg: body, aad: &hash.0 }).ok()
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

    /// A folder with so many files; their hashes.
    fn folder_with(files: u8) -> (tempfile::TempDir, Vec<Hash>) {
        let folder = tempfile::tempdir().expect("a folder");
        let mut kept = Files::open(folder.path(), entropy()).expect("the folder can be written");
        let hashes = (0..files).map(|file| kept.put(&[file; 9]).expect("it fits"));
        let hashes = hashes.collect();
        (folder, hashes)
    }

    fn other_entropy() -> Entropy {
        Box::new(|bytes| bytes.fill(0xa5))
    }

    #[test]
    fn under_another_key_every_file_opens_and_under_the_old_one_none() {
        let (folder, hashes) = folder_with(3);
        let old = fs::read(folder.path().join(FILES_KEY)).expect("it is there");
        let done = reseal(folder.path(), other_entropy()).expect("nobody has the folder");
        assert_eq!(done, Resealed { files: 3, unopened: Vec::new() });
        let files = Files::open(folder.path(), entropy()).expect("the key is there");
        assert!(files.before.is_none(), "one key is left");
        for (nth, hash) in hashes.iter().enumerate() {
            assert_eq!(files.get(*hash).expect("it is whole"), Some(vec![nth as u8; 9]));
            let sealed = fs::read(files.folder.join(hash.to_string())).expect("it is there");
            assert_eq!(opened(&cipher(&old), *hash, &sealed), None);
        }
    }

    #[test]
    fn a_change_of_the_key_that_was_cut_off_loses_no_file_and_is_gone_on_with() {
        let (folder, hashes) = folder_with(2);
        key_or_new(folder.path(), FILES_KEY_NEXT, &mut other_entropy()).expect("it can be written");
        let mut half = Files::open(folder.path(), entropy()).expect("both keys are there");
        assert!(half.seal_anew(hashes[0]).expect("it can be written"));
        let new = half.put(b"taken meanwhile").expect("it fits");
        let all = [hashes[0], hashes[1], new];
        assert!(all.iter().all(|hash| half.get(*hash).expect("it opens").is_some()));
        let done = reseal(folder.path(), other_entropy()).expect("nobody has the folder");
        assert_eq!(done.files, 3);
        let files = Files::open(folder.path(), entropy()).expect("the key is there");
        assert!(all.iter().all(|hash| files.get(*hash).expect("it opens").is_some()));
    }

    #[test]
    fn as_long_as_a_file_does_not_open_both_keys_stay_and_it_is_named() {
        let (folder, hashes) = folder_with(2);
        let path = folder.path().join(FILES_FOLDER).join(hashes[1].to_string());
        let mut sealed = fs::read(&path).expect("it is there");
        sealed[30] ^= 1;
        fs::write(&path, sealed).expect("it can be written");
        let done = reseal(folder.path(), other_entropy()).expect("nobody has the folder");
        assert_eq!(done, Resealed { files: 1, unopened: vec![hashes[1].to_string()] });
        assert!(folder.path().join(FILES_KEY_NEXT).exists() && folder.path().join(FILES_KEY).exists());
    }

    #[test]
    fn the_key_of_a_folder_that_somebody_has_stays_what_it_is() {
        let (folder, _) = folder_with(1);
        let disk = RealDisk::new(folder.path()).expect("it is there");
        let lock = disk.lock(LOCK_FILE).expect("it can be locked");
        assert!(reseal(folder.path(), other_entropy()).is_err());
        drop(lock);
        assert!(!folder.path().join(FILES_KEY_NEXT).exists());
    }
}
