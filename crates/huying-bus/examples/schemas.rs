//! Writes the schemas of all messages to `schemas/`. Run it by `make schemas`.

use huying_bus::schema::{all, file_text};
use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    fs::create_dir_all(&folder)?;
    all().iter().try_for_each(|(name, schema)| fs::write(folder.join(name), file_text(schema)))
}
