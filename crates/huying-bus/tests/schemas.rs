//! The schemas that others were given are those of the types.

use huying_bus::schema::{all, file_text};
use std::{fs, path::Path};

#[test]
fn the_schemas_in_the_project_are_those_of_the_types() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    for (name, schema) in all() {
        let given = fs::read_to_string(folder.join(name)).unwrap_or_default();
        assert!(
            given == file_text(&schema),
            "schemas/{name} differs from its type: run `make schemas`, and see whether readers can still follow"
        );
    }
}
