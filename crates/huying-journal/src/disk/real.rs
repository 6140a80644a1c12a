//! A folder of the file system.

use super::{Disk, DiskFile, Mode};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io,
    os::unix::fs::{DirBuilderExt, FileExt, OpenOptionsExt},
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

/// How often a lock that somebody holds is looked at before the folder is called taken: two seconds.
const LOCK_LOOKS_MAX: u32 = 40;
/// The pause between two looks.
const LOCK_LOOK_EVERY: Duration = Duration::from_millis(50);

/// A folder of the file system; its folders and files are the owner's alone.
#[derive(Clone, Debug)]
pub struct RealDisk {
    dir: PathBuf,
}

impl RealDisk {
    /// Takes this folder, making it when it is not there.
    pub fn new(dir: impl Into<PathBuf>) -> io::Result<Self> {
        let disk = Self { dir: dir.into() };
        for folder in ["log", "keys", "rulebook"] {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(disk.dir.join(folder))?;
        }
        Ok(disk)
    }

    /// Takes a folder only to read it: nothing is made.
    pub fn existing(dir: impl Into<PathBuf>) -> Self {
        Self { dir: dir.into() }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.join(name)
    }
}

impl Disk for RealDisk {
    type File = File;
    type Lock = File;

    fn lock(&self, name: &str) -> io::Result<Option<File>> {
        let file =
            OpenOptions::new().create(true).truncate(false).write(true).mode(0o600).open(self.path(name))?;
        // A program that an engine was starting when it was killed holds the engine's lock until it is begun.
        for _ in 0..LOCK_LOOKS_MAX {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(TryLockError::WouldBlock) => thread::sleep(LOCK_LOOK_EVERY),
                Err(TryLockError::Error(error)) => return Err(error),
            }
        }
        Ok(None)
    }

    fn open(&self, name: &str, mode: Mode) -> io::Result<File> {
        let mut options = OpenOptions::new();
        options.read(true).mode(0o600);
        match mode {
            Mode::Read => &mut options,
            Mode::Write => options.write(true),
            Mode::Create => options.write(true).create(true).truncate(true),
        }
        .open(self.path(name))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(self.path(folder)) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut names = Vec::new();
        for entry in entries {
            names.push(entry?.file_name().to_string_lossy().into_owned());
        }
        names.sort_unstable();
        Ok(names)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path(from), self.path(to))
    }

    fn remove(&self, name: &str) -> io::Result<()> {
        match fs::remove_file(self.path(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn sync_dir(&self, folder: &str) -> io::Result<()> {
        File::open(self.path(folder))?.sync_all()
    }

    fn folder(&self) -> Option<&Path> {
        Some(&self.dir)
    }
}

impl DiskFile for File {
    fn len(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        while done < buffer.len() {
            match FileExt::read_at(self, &mut buffer[done..], offset + done as u64) {
                Ok(0) => break,
                Ok(read) => done += read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(done)
    }

    fn write_at(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        FileExt::write_all_at(self, bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }
}
