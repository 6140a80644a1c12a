//! Writes `docs/ACCESS.md` from the rights in the code.

use huying_web::rights::matrix;
use std::{fs, io, path::Path};

fn main() -> io::Result<()> {
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs");
    fs::create_dir_all(&docs)?;
    fs::write(docs.join("ACCESS.md"), matrix())
}
