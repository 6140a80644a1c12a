//! Writes the schemas of all messages and the AsyncAPI document to `schemas/`. Run it by `make schemas`.

use huying_bus::schema::files;
use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    fs::create_dir_all(&folder)?;
    files().iter().try_for_each(|(name, text)| fs::write(folder.join(name), text))
}
