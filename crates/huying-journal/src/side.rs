//! The side file: accounts and sessions. They are no facts of cases and their secrets may stand in no record, so they
//! lie beside the journal, for their owner's eyes alone, put in place whole or not at all.

use std::{
    fs, io,
    io::{Read, Write},
    os::unix::fs::{MetadataExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

/// Most bytes of a side file.
pub const SIDE_FILE_BYTES_MAX: u64 = 64 * 1024 * 1024;
/// Read and write for the owner, nothing for anybody else.
const OWNER_ALONE: u32 = 0o600;

/// A small file beside the journal.
#[derive(Clone, Debug)]
pub struct SideFile {
    path: PathBuf,
}

/// What tells one content from the next without reading it.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Stamp {
    inode: u64,
    bytes: u64,
    seconds: i64,
    nanos: i64,
}

impl SideFile {
    /// The file of this name in a data folder.
    pub fn new(folder: &Path, name: &str) -> Self {
        Self { path: folder.join(name) }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its bytes; none where it was never written.
    ///
    /// # Errors
    /// It cannot be read, or is longer than [`SIDE_FILE_BYTES_MAX`].
    pub fn read(&self) -> io::Result<Option<Vec<u8>>> {
        match fs::metadata(&self.path) {
            Ok(about) if about.len() > SIDE_FILE_BYTES_MAX => Err(io::ErrorKind::FileTooLarge.into()),
            Ok(_) => fs::read(&self.path).map(Some),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Puts these bytes in its place: written aside, synced, renamed, the folder synced.
    ///
    /// # Errors
    /// The folder cannot be written; the old content stays.
    pub fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let mut aside = self.path.clone().into_os_string();
        aside.push(".new");
        let mut options = fs::OpenOptions::new();
        let mut file = options.write(true).create(true).truncate(true).mode(OWNER_ALONE).open(&aside)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        fs::rename(&aside, &self.path)?;
        sync_folder_of(&self.path)
    }

    /// Takes the place of another, whose bytes are overwritten with zeroes first: on a disk that writes in place nothing
    /// of them is left.
    ///
    /// # Errors
    /// The folder cannot be written; one of the two stands under the other's name or both under their own.
    pub fn replace(&self, other: &Self) -> io::Result<()> {
        other.overwrite()?;
        fs::rename(&self.path, &other.path)?;
        sync_folder_of(&other.path)
    }

    /// Overwrites it with zeroes and takes it away. Says whether there was one.
    ///
    /// # Errors
    /// It cannot be written or removed.
    pub fn destroy(&self) -> io::Result<bool> {
        match self.overwrite().and_then(|()| fs::remove_file(&self.path)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            done => done.and_then(|()| sync_folder_of(&self.path)).map(|()| true),
        }
    }

    fn overwrite(&self) -> io::Result<()> {
        let mut file = fs::OpenOptions::new().write(true).open(&self.path)?;
        let length = file.metadata()?.len();
        io::copy(&mut io::repeat(0).take(length), &mut file)?;
        file.sync_all()
    }

    /// Its stamp; another one means that it was written since.
    pub fn stamp(&self) -> Stamp {
        fs::metadata(&self.path).map_or_else(
            |_| Stamp::default(),
            |about| Stamp {
                inode: about.ino(),
                bytes: about.len(),
                seconds: about.mtime(),
                nanos: about.mtime_nsec(),
            },
        )
    }
}

fn sync_folder_of(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    fs::File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_by_its_owner_alone_and_stands_whole() {
        let folder = tempfile::tempdir().expect("a folder");
        let side = SideFile::new(folder.path(), "accounts.json");
        assert_eq!(side.read().expect("absent is no fault"), None);
        let before = side.stamp();
        side.write(b"one").expect("the folder can be written");
        assert_ne!(side.stamp(), before);
        side.write(b"two").expect("the folder can be written");
        assert_eq!(side.read().expect("it can be read"), Some(b"two".to_vec()));
        let mode = fs::metadata(side.path()).expect("it is there").mode();
        assert_eq!(mode & 0o777, OWNER_ALONE);
    }
}
