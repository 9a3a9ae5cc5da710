//! Writes golden vectors that are not there yet, and fails on one that would change.
//!
//! `cargo run -p writ-envelope --example vectors`

use std::fs;
use std::path::Path;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../schemas");
    let made = writ_envelope::vectors();
    // All are compared before any is written: a change writes nothing.
    for (path, contents) in &made {
        let path = schemas.join(path);
        if path.exists() && fs::read_to_string(&path)? != *contents {
            return Err(format!("{} is frozen and would change", path.display()).into());
        }
    }
    for (path, contents) in &made {
        let path = schemas.join(path);
        if let Some(directory) = path.parent() {
            fs::create_dir_all(directory)?;
        }
        fs::write(path, contents)?;
    }
    Ok(())
}
