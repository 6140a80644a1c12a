//! A side file as it stands now: whoever writes it, the command line or a page, it is read anew at the next look.

use huying_engine::side::{SideFile, Stamp};
use std::{
    error::Error,
    io,
    sync::{Arc, Mutex, MutexGuard},
};

/// What stands in a side file.
pub trait Kept: Clone + PartialEq + Default {
    /// Why it cannot be read or written.
    type Error: Error + From<io::Error> + 'static;
    /// What it is, for the log.
    const WHAT: &'static str;

    /// Reads it.
    ///
    /// # Errors
    /// The bytes are no such thing.
    fn read(bytes: &[u8]) -> Result<Self, Self::Error>;

    /// Its bytes.
    ///
    /// # Errors
    /// It is more than may be.
    fn bytes(&self) -> Result<Vec<u8>, Self::Error>;
}

/// What stands in a side file, and the stamp of the file that it was read from.
pub struct Stamped<T> {
    side: SideFile,
    read: Mutex<(Stamp, Arc<T>)>,
    turn: tokio::sync::Mutex<()>,
}

impl<T: Kept> Stamped<T> {
    /// What stands in this file; nothing where it was never written.
    ///
    /// # Errors
    /// It cannot be read, or is no such file.
    pub fn open(side: SideFile) -> Result<Self, T::Error> {
        // The stamp first: what is written between the two is read at the next look.
        let stamp = side.stamp();
        let read = Mutex::new((stamp, Arc::new(parse::<T>(&side)?)));
        Ok(Self { side, read, turn: tokio::sync::Mutex::default() })
    }

    /// All, as it stands now. A file that cannot be read leaves what was read before.
    pub fn all(&self) -> Arc<T> {
        Arc::clone(&self.current().1)
    }

    fn current(&self) -> MutexGuard<'_, (Stamp, Arc<T>)> {
        let mut read = self.read.lock().expect("nobody panics over a side file");
        let stamp = self.side.stamp();
        if stamp != read.0 {
            match parse::<T>(&self.side) {
                Ok(now) => *read = (stamp, Arc::new(now)),
                Err(error) => {
                    tracing::error!(
                        error = &error as &dyn Error,
                        file = T::WHAT,
                        "what was read before stays"
                    );
                }
            }
        }
        read
    }

    /// Changes it and writes it down, if it is other then.
    ///
    /// # Errors
    /// It cannot be written, or is more than may be, and stays as it was.
    pub fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> Result<R, T::Error> {
        let mut read = self.current();
        let mut now = T::clone(&read.1);
        let said = change(&mut now);
        if now != *read.1 {
            self.side.write(&now.bytes()?)?;
            *read = (self.side.stamp(), Arc::new(now));
        }
        Ok(said)
    }

    /// The turn of whoever looks, has a record written, and then changes: one at a time.
    pub(crate) async fn turn(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.turn.lock().await
    }
}

fn parse<T: Kept>(side: &SideFile) -> Result<T, T::Error> {
    match side.read()? {
        Some(bytes) => T::read(&bytes),
        None => Ok(T::default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[derive(Clone, PartialEq, Eq, Default, Debug)]
    struct Word(String);

    impl Kept for Word {
        type Error = io::Error;
        const WHAT: &'static str = "word";

        fn read(bytes: &[u8]) -> io::Result<Self> {
            let text = String::from_utf8(bytes.to_vec()).map_err(io::Error::other)?;
            Ok(Self(text))
        }

        fn bytes(&self) -> io::Result<Vec<u8>> {
            if self.0.len() > 8 {
                Err(io::ErrorKind::FileTooLarge.into())
            } else {
                Ok(self.0.clone().into_bytes())
            }
        }
    }

    #[test]
    fn what_somebody_else_wrote_is_seen_and_what_is_none_leaves_the_old() {
        let folder = tempfile::tempdir().expect("a folder");
        let side = SideFile::new(folder.path(), "word");
        let stamped: Stamped<Word> = Stamped::open(side.clone()).expect("nothing is there yet");
        stamped.change(|word| word.0.push_str("one")).expect("it can be written");
        assert_eq!(Stamped::<Word>::open(side.clone()).expect("it is there").all().0, "one");
        side.write(b"another").expect("it can be written");
        assert_eq!(stamped.all().0, "another");
        fs::write(side.path(), [0xff, 0xfe]).expect("it can be written");
        assert_eq!(stamped.all().0, "another", "what cannot be read leaves the old");
    }

    #[test]
    fn what_is_more_than_may_be_stays_as_it_was() {
        let folder = tempfile::tempdir().expect("a folder");
        let side = SideFile::new(folder.path(), "word");
        let stamped: Stamped<Word> = Stamped::open(side.clone()).expect("nothing is there yet");
        stamped.change(|word| word.0.push_str("one")).expect("it can be written");
        assert!(stamped.change(|word| word.0.push_str("and much more")).is_err());
        assert_eq!(stamped.all().0, "one");
        assert_eq!(side.read().expect("it is there"), Some(b"one".to_vec()));
    }
}
