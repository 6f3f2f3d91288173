//! Profiles (calibration of one person, one placement, one day) as TOML files.

use crate::error::{Blame, Error, Position, io_error};
use crate::toml_file;
use std::path::Path;
use surae_trial::Profile;

const FORMAT: &str = "profile";

/// Reads a profile.
///
/// # Errors
/// The file cannot be read, is no profile, or holds numbers that cannot be used.
pub fn read(path: &Path) -> Result<Profile, Error> {
    let profile: Profile = toml_file::read(path, FORMAT)?;
    check(profile, &path.display().to_string())
}

/// As [`read`], from text.
///
/// # Errors
/// As [`read`].
pub fn parse(text: &str) -> Result<Profile, Error> {
    let blame = Blame { path: "profile", format: FORMAT };
    check(toml_file::parse(text, 0, &blame)?, "profile")
}

/// Writes a profile, replacing the file in one step.
///
/// # Errors
/// The file cannot be written.
pub fn write(path: &Path, profile: &Profile) -> Result<(), Error> {
    let text = to_string(profile).map_err(|e| io_error(path, "write", std::io::Error::other(e)))?;
    crate::target::written(path, |out| std::io::Write::write_all(out, text.as_bytes()))
}

/// A profile as TOML text.
///
/// # Errors
/// A value that TOML cannot hold.
pub fn to_string(profile: &Profile) -> Result<String, toml::ser::Error> {
    toml::to_string_pretty(profile)
}

fn check(profile: Profile, path: &str) -> Result<Profile, Error> {
    let blame = Blame { path, format: FORMAT };
    if profile.schema != Profile::SCHEMA {
        let what = format!("schema is '{}'", profile.schema);
        return Err(blame.unsupported(
            Position::Whole,
            what,
            format!("a profile has schema = \"{}\"", Profile::SCHEMA),
        ));
    }
    for reference in &profile.references {
        let usable = reference.value.is_finite() && reference.value > 0.0 && reference.rest.is_finite();
        if !usable || reference.rest < 0.0 || reference.rest >= reference.value {
            return Err(blame.malformed(
                Position::Whole,
                format!(
                    "reference of {} {}: value {} and rest {}",
                    reference.muscle, reference.side, reference.value, reference.rest
                ),
                "the value must be positive and above the rest level",
            ));
        }
    }
    for straight in &profile.straight {
        if !(straight.log_ratio.is_finite()
            && straight.standard_error >= 0.0
            && straight.knee_deg.is_finite())
        {
            return Err(blame.malformed(
                Position::Whole,
                format!(
                    "straight-knee reference of the {} leg holds a number that is not finite",
                    straight.side
                ),
                "measure it again",
            ));
        }
    }
    if let Some(leak) = profile.isolation.iter().find(|leak| !(0.0..1.0).contains(&leak.coefficient)) {
        return Err(blame.malformed(
            Position::Whole,
            format!("isolation coefficient of {} {}: {}", leak.muscle, leak.side, leak.coefficient),
            "it is a part of soleus, from 0 to below 1; measure it again",
        ));
    }
    Ok(profile)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
schema = "surae.profile/1"
athlete = "A1"
date = "2026-03-01"

[[reference]]
muscle = "MG"
side = "right"
kind = "mvc_iso"
estimator = "arv"
value = 120.5
rest = 2.25
unit = "uV"

[[straight]]
side = "right"
log_ratio = 0.1
standard_error = 0.02
n = 8
knee_deg = 5.0
task = "plantar_flexion"
"#;

    #[test]
    fn a_profile_reads_and_writes_itself() {
        let profile = parse(TEXT).expect("a valid profile");
        assert_eq!(profile.references[0].value, 120.5);
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("p.toml");
        write(&path, &profile).expect("written");
        assert_eq!(read(&path).expect("read"), profile);
    }

    #[test]
    fn a_bad_profile_names_line_or_value() {
        let error = parse("schema = \"surae.profile/1\"\nathlete = 3\n").expect_err("athlete is text");
        assert!(error.to_string().contains("line 2"), "{error}");
        let error = parse(&TEXT.replace("rest = 2.25", "rest = 200.0")).expect_err("rest above value");
        assert!(error.to_string().contains("MG right"), "{error}");
        let error = parse(&TEXT.replace("profile/1", "profile/9")).expect_err("unknown version");
        assert!(error.to_string().contains("profile/9"), "{error}");
        assert!(read(Path::new("/nonexistent/p.toml")).is_err());
    }
}
