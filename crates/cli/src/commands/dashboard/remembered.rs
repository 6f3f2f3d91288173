//! What the window keeps from one start to the next: a small TOML file in the person's configuration folder.
//!
//! A file that cannot be read is as good as none: the window starts with its defaults.

use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};
use surae_dashboard::request::Remembered;

/// The file.
#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Kept {
    recents: Vec<PathBuf>,
    lab_is_light: bool,
    review_is_dark: bool,
    zoom: Option<f32>,
    device: String,
    port: String,
    reduces_motion: bool,
    layouts: std::collections::BTreeMap<String, String>,
}

/// `dashboard.toml` in the configuration folder; `None` for a system without one.
fn path() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "surae").map(|folders| folders.config_dir().join("dashboard.toml"))
}

/// What was kept last; trials that are gone are left out.
pub fn read() -> Remembered {
    path().map(|path| read_from(&path)).unwrap_or_default()
}

fn read_from(path: &Path) -> Remembered {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let kept: Kept = toml::from_str(&text).unwrap_or_default();
    Remembered {
        recents: kept.recents.into_iter().filter(|path| path.exists()).collect(),
        lab_is_light: kept.lab_is_light,
        review_is_dark: kept.review_is_dark,
        zoom: kept.zoom.unwrap_or(1.0),
        device: kept.device,
        port: kept.port,
        reduces_motion: kept.reduces_motion,
        layouts: kept.layouts.into_iter().collect(),
    }
}

/// Keeps it.
pub fn write(what: &Remembered) -> Result<(), String> {
    let path = path().ok_or("this system has no configuration folder")?;
    write_to(&path, what)
}

fn write_to(path: &Path, what: &Remembered) -> Result<(), String> {
    let kept = Kept {
        recents: what.recents.clone(),
        lab_is_light: what.lab_is_light,
        review_is_dark: what.review_is_dark,
        zoom: Some(what.zoom),
        device: what.device.clone(),
        port: what.port.clone(),
        reduces_motion: what.reduces_motion,
        layouts: what.layouts.iter().cloned().collect(),
    };
    let text = toml::to_string(&kept).map_err(|error| error.to_string())?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| error.to_string())?;
    }
    std::fs::write(path, text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_comes_back_without_trials_that_are_gone() {
        let folder = tempfile::tempdir().unwrap();
        let (file, trial) = (folder.path().join("deep/dashboard.toml"), folder.path().join("walk.c3d"));
        std::fs::write(&trial, "").unwrap();
        let what = Remembered {
            recents: vec![trial.clone(), folder.path().join("gone.c3d")],
            lab_is_light: true,
            zoom: 1.25,
            port: "/dev/ttyACM0".to_owned(),
            reduces_motion: true,
            layouts: vec![("wide map".to_owned(), "v(1:signals,2:map)".to_owned())],
            ..Remembered::default()
        };
        write_to(&file, &what).unwrap();
        assert_eq!(read_from(&file), Remembered { recents: vec![trial], ..what });
    }

    #[test]
    fn a_broken_file_is_as_good_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("dashboard.toml");
        std::fs::write(&file, "recents = 7 [").unwrap();
        assert_eq!(read_from(&file), Remembered { zoom: 1.0, ..Remembered::default() });
    }
}
