//! Real recordings for tests, from the folder that `SURAE_TRIALS` names.

use std::path::PathBuf;

/// The path of a recording; `None` (with a plain line) where there are no recordings.
///
/// # Panics
/// When `SURAE_REQUIRE_TRIALS=1` and the recording is absent.
pub fn recording(name: &str) -> Option<PathBuf> {
    let required = std::env::var("SURAE_REQUIRE_TRIALS").is_ok_and(|value| value == "1");
    let Some(root) = std::env::var_os("SURAE_TRIALS") else {
        assert!(!required, "SURAE_REQUIRE_TRIALS=1 but SURAE_TRIALS is not set");
        println!("skipped: SURAE_TRIALS not set");
        return None;
    };
    let path = PathBuf::from(root).join(name);
    if path.exists() {
        return Some(path);
    }
    assert!(!required, "{} is missing", path.display());
    println!("skipped: {} is missing", path.display());
    None
}
