//! What the journal asks of a disk. There are two: a folder, and one in memory that can lose its power.

pub mod real;
pub mod sim;

use std::{io, path::Path};

/// How a file is opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// The file is there and is only read.
    Read,
    /// The file is there and is written in place.
    Write,
    /// The file is made; one of the same name is emptied.
    Create,
}

/// A folder of files with names such as `log/00000000000000000001.seg`.
///
/// Nothing is safe from a cut of power before it was synced: bytes by [`DiskFile::sync`], names by
/// [`Disk::sync_dir`].
pub trait Disk: Send + Sync + 'static {
    /// An open file.
    type File: DiskFile;
    /// Held for as long as nobody else may open the folder.
    type Lock: Send + 'static;

    /// Takes the folder's one lock; `None` when somebody else has it.
    fn lock(&self, name: &str) -> io::Result<Option<Self::Lock>>;
    /// Opens a file.
    fn open(&self, name: &str, mode: Mode) -> io::Result<Self::File>;
    /// Names of the files in a folder, sorted; empty when the folder is not there.
    fn list(&self, folder: &str) -> io::Result<Vec<String>>;
    /// Gives a file another name, in place of whatever had that name.
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;
    /// Takes a file away; it is no fault if it is not there.
    fn remove(&self, name: &str) -> io::Result<()>;
    /// Makes the names in a folder safe from a cut of power.
    fn sync_dir(&self, folder: &str) -> io::Result<()>;
    /// The folder that sled may use; only a real disk has one.
    fn folder(&self) -> Option<&Path>;
}

/// An open file, read and written at offsets, from several threads.
pub trait DiskFile: Send + Sync + 'static {
    /// Its length in bytes.
    fn len(&self) -> io::Result<u64>;
    /// Reads at an offset; fewer bytes than asked for only at the file's end.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes all of these bytes at an offset.
    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Waits until the bytes written are on the platter (`fdatasync`).
    fn sync(&self) -> io::Result<()>;

    /// Whether it holds no bytes.
    fn is_empty(&self) -> io::Result<bool> {
        Ok(self.len()? == 0)
    }

    /// The bytes from an offset on, at most `length`.
    fn bytes_at(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut buffer = vec![0; length];
        let read = self.read_at(offset, &mut buffer)?;
        buffer.truncate(read);
        Ok(buffer)
    }
}

/// Bytes of zeroes written at once when a file is made ready.
const ZEROES_BYTES: usize = 1024 * 1024;

/// Writes zeroes over a span. A file whose blocks were written once can be overwritten and synced without a
/// commit of the file system's own journal, which saves a third of each sync.
pub fn write_zeroes<F: DiskFile>(file: &F, from: u64, to: u64) -> io::Result<()> {
    let zeroes = vec![0; ZEROES_BYTES.min(usize::try_from(to.saturating_sub(from)).unwrap_or(ZEROES_BYTES))];
    let mut offset = from;
    while offset < to {
        let length = (to - offset).min(zeroes.len() as u64);
        file.write_at(offset, &zeroes[..usize::try_from(length).expect("a chunk fits the memory")])?;
        offset += length;
    }
    Ok(())
}

/// Puts a small file in place whole or not at all: written beside it, synced, renamed, the folder synced.
pub fn put_file<D: Disk>(disk: &D, folder: &str, name: &str, bytes: &[u8]) -> io::Result<()> {
    let beside = format!("{folder}/{name}.tmp");
    let file = disk.open(&beside, Mode::Create)?;
    file.write_at(0, bytes)?;
    file.sync()?;
    disk.rename(&beside, &format!("{folder}/{name}"))?;
    disk.sync_dir(folder)
}

/// Whether an error says that there is no room left.
pub fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}
