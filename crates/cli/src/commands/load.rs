//! Reading what a command works on: trials with their companions and maps, profiles.

use crate::failure::Failure;
use std::path::Path;
use surae_trial::{Muscle, Profile, Trial};

/// A trial, with its map applied.
pub fn trial(path: &Path, map: Option<&Path>) -> Result<Trial, Failure> {
    trial_at(path, map, None)
}

/// As [`trial`], with a rate for a table that has none; it goes before that of the map.
pub fn trial_at(path: &Path, map: Option<&Path>, rate_hz: Option<f64>) -> Result<Trial, Failure> {
    let map = map.map(surae_io::map::read).transpose()?;
    let rate_hz = rate_hz.or_else(|| map.as_ref().and_then(|map| map.rate_hz));
    let mut trial = surae_io::read_trial_at(path, rate_hz)?;
    if let Some(map) = map {
        map.apply(&mut trial);
    }
    Ok(trial)
}

/// A profile.
pub fn profile(path: Option<&Path>) -> Result<Option<Profile>, Failure> {
    Ok(path.map(surae_io::profile::read).transpose()?)
}

/// The trials of a command line: `companions` (of `--with`) join the first, and two files of which one has calf EMG
/// without an angle and the other an angle without calf EMG are one trial. Each joining is a note in the trial.
pub fn trials(
    paths: &[impl AsRef<Path>],
    companions: &[impl AsRef<Path>],
    map: Option<&Path>,
    rate_hz: Option<f64>,
) -> Result<Vec<Trial>, Failure> {
    let mut read =
        paths.iter().map(|path| trial_at(path.as_ref(), map, rate_hz)).collect::<Result<Vec<_>, _>>()?;
    if let ([first, second], true) = (&read[..], companions.is_empty())
        && are_companions(first, second)
    {
        let (second, first) = (read.pop(), read.pop());
        if let (Some(first), Some(second)) = (first, second) {
            let (main, companion) = if has_calf_emg(&first) { (first, second) } else { (second, first) };
            read.push(surae_io::merge(main, companion));
        }
        return Ok(read);
    }
    if !companions.is_empty() {
        if read.len() != 1 {
            return Err(Failure::usage(
                "--with joins files to one trial, but several trials are given",
                "review them one at a time",
            ));
        }
        for companion in companions {
            let companion = trial(companion.as_ref(), map)?;
            read = read.into_iter().map(|main| surae_io::merge(main, companion.clone())).collect();
        }
    }
    Ok(read)
}

/// One has calf EMG and no angle, the other an angle and no calf EMG.
fn are_companions(first: &Trial, second: &Trial) -> bool {
    let has_angle = |trial: &Trial| {
        let channels = || trial.streams.iter().flat_map(|stream| &stream.channels);
        channels().any(|channel| channel.role.kind == surae_trial::Kind::Angle) || trial.markers.is_some()
    };
    let pair = |emg: &Trial, angle: &Trial| {
        has_calf_emg(emg) && !has_angle(emg) && has_angle(angle) && !has_calf_emg(angle)
    };
    pair(first, second) || pair(second, first)
}

fn has_calf_emg(trial: &Trial) -> bool {
    let mut channels = trial.streams.iter().flat_map(|stream| &stream.channels);
    channels.any(|channel| channel.role.muscle.is_some_and(Muscle::is_triceps_surae))
}
