//! The data folder of a simulation: fresh, or one that the same simulation left unfinished.

use serde::{Deserialize, Serialize};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use thiserror::Error;

/// The file that says which simulation a folder belongs to.
pub const STAMP_FILE: &str = "simulation.json";
/// How a fresh folder's name begins.
const FRESH_PREFIX: &str = "huying-";

/// Why a folder cannot be used.
#[derive(Debug, Error)]
pub enum FolderError {
    /// Something else is in it.
    #[error("{} is not empty and holds no simulation: give an empty folder or none", .0.display())]
    Foreign(PathBuf),
    /// Another simulation is in it.
    #[error("{} holds another simulation ({found}); this one is {wanted}", path.display())]
    Other {
        /// The folder.
        path: PathBuf,
        /// What is there.
        found: String,
        /// What was asked.
        wanted: String,
    },
    /// The folder cannot be read or written.
    #[error("cannot use the folder {}", path.display())]
    Disk {
        /// The folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// The folder and how often the simulation was started in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Folder {
    /// Where it is.
    pub path: PathBuf,
    /// 1 for a fresh folder, one more for each start after a stop.
    pub run: u64,
}

#[derive(Serialize, Deserialize)]
struct Stamp {
    simulation: String,
    run: u64,
}

/// Opens the folder for a simulation, which `what` names with everything that makes it what it is.
pub fn open(path: Option<&Path>, what: &str) -> Result<Folder, FolderError> {
    let Some(path) = path else {
        let fresh = tempfile::Builder::new().prefix(FRESH_PREFIX).tempdir();
        let fresh =
            fresh.map_err(|source| FolderError::Disk { path: PathBuf::from(FRESH_PREFIX), source })?;
        return stamp(fresh.keep(), what, 1);
    };
    let broken = |source| FolderError::Disk { path: path.to_owned(), source };
    fs::create_dir_all(path).map_err(broken)?;
    let known = match fs::read_to_string(path.join(STAMP_FILE)) {
        Ok(text) => serde_json::from_str::<Stamp>(&text).ok(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(broken(error)),
    };
    match known {
        Some(known) if known.simulation == what => stamp(path.to_owned(), what, known.run + 1),
        Some(known) => Err(FolderError::Other {
            path: path.to_owned(),
            found: known.simulation,
            wanted: what.to_owned(),
        }),
        None if fs::read_dir(path).map_err(broken)?.next().is_none() => stamp(path.to_owned(), what, 1),
        None => Err(FolderError::Foreign(path.to_owned())),
    }
}

fn stamp(path: PathBuf, what: &str, run: u64) -> Result<Folder, FolderError> {
    let text = serde_json::to_vec(&Stamp { simulation: what.to_owned(), run }).expect("a text and a number");
    // Written aside and moved: a stop in between must not leave a folder that nobody knows.
    let aside = path.join(format!("{STAMP_FILE}.new"));
    let written = fs::write(&aside, text).and_then(|()| fs::rename(&aside, path.join(STAMP_FILE)));
    written.map_err(|source| FolderError::Disk { path: path.clone(), source })?;
    Ok(Folder { path, run })
}
