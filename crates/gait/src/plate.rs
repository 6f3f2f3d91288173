//! Vertical force of force plates of types 1 to 4.
//!
//! Not for centre of pressure or moments.

use surae_trial::{ForcePlate, Note, Side, Trial, Unit};

/// Vertical force of one plate, positive when loaded.
#[derive(Clone, Debug, PartialEq)]
pub struct PlateForce {
    /// Position of the plate in the trial.
    pub plate: usize,
    /// Samples per second.
    pub rate_hz: f64,
    /// Time of the first sample in s.
    pub start_s: f64,
    /// Force along the plate's normal in N; `NaN` where samples were lost.
    pub vertical_n: Vec<f64>,
    /// Unloaded baseline that was subtracted from it, in N and in its sign; 0 when none was.
    pub baseline_n: f64,
    /// The foot, where the source gives one force per foot (OpenSim `ground_force_r_vy`); `None` for a plate.
    pub side: Option<Side>,
}

/// A baseline with more load than this is not a baseline.
const LOADED_BASELINE_N: f64 = 100.0;

/// Vertical forces of all plates that can be read; what cannot is noted.
///
/// Types 1, 2 and 4 have Fz as third channel, type 3 has four vertical sensors (channels 5-8). A calibration matrix is
/// applied where the file has one. The baseline frames of the file are subtracted unless somebody stands on the plate
/// in them. The sign is chosen so that load is positive.
pub fn vertical_forces(trial: &Trial, notes: &mut Vec<Note>) -> Vec<PlateForce> {
    let mut forces = Vec::new();
    for (index, plate) in trial.plates.iter().enumerate() {
        match vertical_force(trial, plate, index, notes) {
            Ok(force) => forces.push(force),
            Err(why) => notes
                .push(Note::warning("plate", format!("Force plate {}: {why}; it is not used.", index + 1))),
        }
    }
    forces
}

fn vertical_force(
    trial: &Trial,
    plate: &ForcePlate,
    index: usize,
    notes: &mut Vec<Note>,
) -> Result<PlateForce, String> {
    let stream =
        trial.stream(&plate.stream).ok_or_else(|| format!("stream '{}' is missing", plate.stream))?;
    if !(stream.rate_hz.is_finite() && stream.rate_hz > 0.0) {
        return Err(format!("its rate of {} Hz cannot be used", stream.rate_hz));
    }
    if plate.channels.iter().any(|c| *c >= stream.channels.len()) {
        return Err("it names a channel that does not exist".to_owned());
    }
    let weights = component_weights(plate, 2)?;
    // Frames of the baseline are counted in marker frames.
    let per_frame = trial.markers.as_ref().map_or(1.0, |set| stream.rate_hz / set.rate_hz);
    let columns: Vec<(f64, Vec<f64>)> = plate
        .channels
        .iter()
        .zip(&weights)
        .filter(|(_, weight)| **weight != 0.0)
        .map(|(channel, weight)| (*weight, stream.column(*channel)))
        .collect();
    let length = columns.first().map_or(0, |(_, column)| column.len());
    let mut force: Vec<f64> =
        (0..length).map(|i| columns.iter().map(|(weight, column)| weight * column[i]).sum()).collect();
    let mut baseline_n = 0.0;
    if let Some(baseline) = baseline(&force, plate, per_frame) {
        if baseline.abs() < LOADED_BASELINE_N {
            force.iter_mut().for_each(|f| *f -= baseline);
            baseline_n = baseline;
        } else {
            notes.push(Note::warning(
                "plate_baseline",
                format!(
                    "Force plate {}: {baseline:.0} N in the frames that the file calls unloaded; no baseline subtracted.",
                    index + 1
                ),
            ));
        }
    }
    let peak = force
        .iter()
        .copied()
        .filter(|f| f.is_finite())
        .fold(0.0, |m: f64, f| if f.abs() > m.abs() { f } else { m });
    let newtons = plate.channels.iter().all(|c| {
        matches!(stream.channels[*c].unit, Unit::Newton | Unit::NewtonMillimetre | Unit::NewtonMetre)
    });
    if !newtons && plate.calibration.is_none() {
        notes.push(Note::warning(
            "plate_unit",
            format!(
                "Force plate {}: its channels are not stated to be in N; the threshold in N may not hold.",
                index + 1
            ),
        ));
    }
    if peak < 0.0 {
        force.iter_mut().for_each(|f| *f = -*f);
        baseline_n = -baseline_n;
    }
    Ok(PlateForce {
        plate: index,
        rate_hz: stream.rate_hz,
        start_s: stream.start_s.0,
        vertical_n: force,
        baseline_n,
        side: None,
    })
}

/// Vertical forces that the source already gives by foot: channels `ground_force_<r|l>_vy` of OpenSim, whose y axis is up.
///
/// Their `plate` is past the last plate of the trial.
#[must_use]
pub fn forces_by_foot(trial: &Trial) -> Vec<PlateForce> {
    let mut found = Vec::new();
    for stream in trial.streams.iter().filter(|s| s.rate_hz.is_finite() && s.rate_hz > 0.0) {
        for (at, channel) in stream.of_kind(surae_trial::Kind::Force) {
            let label = channel.label.to_lowercase();
            let side = match label.strip_prefix("ground_force_").and_then(|rest| rest.strip_suffix("_vy")) {
                Some("r" | "right") => Side::Right,
                Some("l" | "left") => Side::Left,
                _ => continue,
            };
            found.push(PlateForce {
                plate: trial.plates.len() + found.len(),
                rate_hz: stream.rate_hz,
                start_s: stream.start_s.0,
                vertical_n: stream.column(at),
                baseline_n: 0.0,
                side: Some(side),
            });
        }
    }
    found
}

/// How much of each channel makes a force component (0 Fx, 1 Fy, 2 Fz) in the plate's own axes.
pub(crate) fn component_weights(plate: &ForcePlate, row: usize) -> Result<Vec<f64>, String> {
    let n = plate.channels.len();
    let mut weights = vec![0.0; n];
    match (plate.plate_type, n) {
        // Kistler: fx12 fx34 fy14 fy23 fz1 fz2 fz3 fz4.
        (3, 8..) => weights[[0..2, 2..4, 4..8][row.min(2)].clone()].fill(1.0),
        (1 | 2 | 4, 6..) => match plate.calibration.as_ref().and_then(|matrix| matrix.get(row)) {
            Some(row) if row.len() >= n.min(6) => {
                for (weight, c) in weights.iter_mut().zip(row) {
                    *weight = *c;
                }
            }
            Some(_) => return Err("its calibration matrix is too small".to_owned()),
            None if plate.plate_type == 4 => return Err("type 4 without a calibration matrix".to_owned()),
            None => weights[row.min(2)] = 1.0,
        },
        (1..=4, _) => return Err(format!("type {} with {n} channels", plate.plate_type)),
        (other, _) => return Err(format!("type {other} is not supported (1 to 4 are)")),
    }
    Ok(weights)
}

/// Mean force over the file's unloaded frames.
fn baseline(force: &[f64], plate: &ForcePlate, per_frame: f64) -> Option<f64> {
    let (first, last) = plate.zero_frames?;
    let from = (f64::from(first.max(1) - 1) * per_frame) as usize;
    let to = ((f64::from(last) * per_frame) as usize).min(force.len());
    crate::stats::mean(force.get(from..to)?)
}

/// A loaded interval in samples: first sample over the threshold, first sample under it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    /// First loaded sample.
    pub on: usize,
    /// First unloaded sample after it.
    pub off: usize,
    /// False when the record starts loaded.
    pub has_onset: bool,
    /// False when the record ends loaded.
    pub has_end: bool,
}

/// Intervals over `threshold` that last at least `debounce` samples; interruptions shorter than `debounce` are part of
/// the interval, but runs shorter than a tenth of `debounce` at its ends are the plate ringing and are cut off. `NaN`
/// counts as unloaded.
#[must_use]
pub fn loaded_intervals(force: &[f64], threshold: f64, debounce: usize) -> Vec<Loaded> {
    let mut groups: Vec<Vec<(usize, usize)>> = Vec::new();
    let mut start = None;
    for i in 0..=force.len() {
        let loaded = force.get(i).is_some_and(|f| *f > threshold);
        match (start, loaded) {
            (None, true) => start = Some(i),
            (Some(on), false) => {
                start = None;
                match groups.last_mut() {
                    Some(group) if group.last().is_some_and(|run| on - run.1 < debounce) => {
                        group.push((on, i))
                    }
                    _ => groups.push(vec![(on, i)]),
                }
            }
            _ => {}
        }
    }
    let ringing = debounce / 10;
    let mut found: Vec<Loaded> = groups
        .iter()
        .filter_map(|group| {
            let long = |run: &&(usize, usize)| run.1 - run.0 >= ringing;
            let on = group.iter().find(long).or(group.first())?.0;
            let off = group.iter().rfind(long).or(group.last())?.1;
            Some(Loaded { on, off, has_onset: on > 0, has_end: off < force.len() })
        })
        .collect();
    found.retain(|l| l.off - l.on >= debounce || !l.has_onset || !l.has_end);
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Channel, Role, Samples, Seconds, Stream};

    fn trial(plate_type: u8, channels: usize, frame: &[f64], calibration: Option<Vec<Vec<f64>>>) -> Trial {
        let mut values = vec![0.0; channels * 4];
        values.extend(frame.repeat(4));
        Trial {
            streams: vec![Stream {
                name: "analog".into(),
                rate_hz: 1000.0,
                measured_rate_hz: None,
                start_s: Seconds(0.0),
                channels: (0..channels)
                    .map(|i| Channel::new(format!("c{i}"), Role::unknown("test"), Unit::Newton))
                    .collect(),
                samples: Samples::F64(values),
                gaps: Vec::new(),
                times_s: Vec::new(),
            }],
            plates: vec![ForcePlate {
                plate_type,
                stream: "analog".into(),
                channels: (0..channels).collect(),
                corners_mm: [[0.0; 3]; 4],
                origin_mm: [0.0; 3],
                calibration,
                zero_frames: None,
            }],
            ..Trial::default()
        }
    }

    #[test]
    fn each_type_has_its_own_vertical() {
        let mut notes = Vec::new();
        let two = vertical_forces(&trial(2, 6, &[1.0, 2.0, -800.0, 0.0, 0.0, 0.0], None), &mut notes);
        assert_eq!(two[0].vertical_n[7], 800.0, "load is positive whatever the sign of the axis");
        let three =
            vertical_forces(&trial(3, 8, &[9.0, 9.0, 9.0, 9.0, 100.0, 200.0, 300.0, 50.0], None), &mut notes);
        assert_eq!(three[0].vertical_n[7], 650.0);
        let mut matrix = vec![vec![0.0; 6]; 6];
        matrix[2][2] = 10.0;
        matrix[2][0] = 0.5;
        let four = vertical_forces(&trial(4, 6, &[2.0, 0.0, 70.0, 0.0, 0.0, 0.0], Some(matrix)), &mut notes);
        assert_eq!(four[0].vertical_n[7], 701.0);
        assert!(notes.is_empty());
    }

    #[test]
    fn what_cannot_be_read_is_noted_and_left_out() {
        let mut notes = Vec::new();
        assert!(vertical_forces(&trial(4, 6, &[0.0; 6], None), &mut notes).is_empty());
        assert!(vertical_forces(&trial(2, 3, &[0.0; 3], None), &mut notes).is_empty());
        assert!(vertical_forces(&trial(9, 6, &[0.0; 6], None), &mut notes).is_empty());
        assert_eq!(notes.len(), 3);
    }

    #[test]
    fn chatter_is_debounced_and_edges_are_known() {
        let force = [30.0, 30.0, 0.0, 0.0, 0.0, 30.0, 0.0, 30.0, 30.0, 30.0, 0.0, 0.0, 0.0, 30.0];
        let found = loaded_intervals(&force, 20.0, 3);
        assert_eq!(found.len(), 3);
        assert!(!found[0].has_onset && found[0].has_end);
        assert_eq!(found[1], Loaded { on: 5, off: 10, has_onset: true, has_end: true });
        assert!(!found[2].has_end);
        let mut ringing = vec![0.0; 200];
        ringing[20..120].fill(500.0);
        ringing[122..124].fill(25.0);
        assert_eq!(
            loaded_intervals(&ringing, 20.0, 50),
            [Loaded { on: 20, off: 120, has_onset: true, has_end: true }]
        );
    }
}
