//! Where the tests on real recordings find them.

use std::path::{Path, PathBuf};
use surae_trial::Trial;

/// A folder of the recordings; `None`, and a line that says so, where `SURAE_TRIALS` names none.
pub fn folder(name: &str) -> Option<PathBuf> {
    match std::env::var_os("SURAE_TRIALS") {
        Some(root) => Some(Path::new(&root).join(name)),
        None => {
            assert!(
                std::env::var("SURAE_REQUIRE_TRIALS").as_deref() != Ok("1"),
                "SURAE_REQUIRE_TRIALS=1 but SURAE_TRIALS is not set"
            );
            println!("skipped: SURAE_TRIALS not set");
            None
        }
    }
}

/// The trial of a file that must open.
pub fn read(path: &Path) -> Trial {
    surae_io::read_trial(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
