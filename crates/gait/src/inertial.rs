//! Inertial sensors of a trial: three-axis gyroscopes, and the accelerometers that belong to them, told by their labels.
//!
//! A sensor is `segment`, `side`, and three gyroscope channels of one stream whose labels differ in the axis only
//! (`R shank gyro x`, `shank_r_gyr_y`, `RShankGyrZ`). Sensors whose segment or leg the label does not say are not used. Not for
//! orientation or joint angles.

use surae_trial::{Channel, Kind, Side, Stream, Trial, Unit};

/// Standard gravity in m/s^2.
pub const GRAVITY: f64 = 9.806_65;

/// What a sensor is strapped to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Segment {
    /// Between hip and knee.
    Thigh,
    /// Between knee and ankle.
    Shank,
    /// Below the ankle.
    Foot,
}

/// One sensor.
#[derive(Clone, Debug, PartialEq)]
pub struct Sensor {
    /// What it is strapped to.
    pub segment: Segment,
    /// The leg.
    pub side: Side,
    /// Position of its stream in the trial.
    pub stream: usize,
    /// Labels of its gyroscope, for notes.
    pub labels: String,
    /// Samples per second.
    pub rate_hz: f64,
    /// Time of the first sample.
    pub start_s: f64,
    /// Angular velocity in rad/s; `NaN` where samples were lost.
    pub gyro: Vec<[f64; 3]>,
    /// Acceleration in m/s^2 (at rest 9.81 upwards); empty without an accelerometer.
    pub acc: Vec<[f64; 3]>,
}

/// All sensors whose segment and leg are stated and whose units are known.
#[must_use]
pub fn sensors(trial: &Trial) -> Vec<Sensor> {
    let mut found: Vec<Sensor> = Vec::new();
    for (at, stream) in trial.streams.iter().enumerate() {
        if !(stream.rate_hz.is_finite() && stream.rate_hz > 0.0 && stream.start_s.0.is_finite()) {
            continue;
        }
        for (stem, gyro) in triples(stream, Kind::Gyro) {
            let Some((segment, side)) = segment(&stem).zip(side(&stem, &stream.channels[gyro[0]])) else {
                continue;
            };
            let Some(values) = vectors(stream, gyro) else { continue };
            if found.iter().any(|s| (s.segment, s.side) == (segment, side)) {
                continue;
            }
            let acc = triples(stream, Kind::Acceleration)
                .into_iter()
                .find(|(other, _)| *other == stem)
                .and_then(|(_, channels)| vectors(stream, channels))
                .unwrap_or_default();
            found.push(Sensor {
                segment,
                side,
                stream: at,
                labels: gyro.map(|c| stream.channels[c].label.as_str()).join(" "),
                rate_hz: stream.rate_hz,
                start_s: stream.start_s.0,
                gyro: values,
                acc,
            });
        }
    }
    found
}

/// Channels of one kind in threes, by the label without its axis and without the words of the kind.
fn triples(stream: &Stream, kind: Kind) -> Vec<(String, [usize; 3])> {
    let mut groups: Vec<(String, [Option<usize>; 3])> = Vec::new();
    for (at, channel) in stream.of_kind(kind) {
        let Some((stem, axis)) = stem_and_axis(&channel.label) else { continue };
        match groups.iter_mut().find(|(other, _)| *other == stem) {
            Some((_, slots)) => slots[axis] = slots[axis].or(Some(at)),
            None => {
                let mut slots = [None; 3];
                slots[axis] = Some(at);
                groups.push((stem, slots));
            }
        }
    }
    groups.into_iter().filter_map(|(stem, [x, y, z])| Some((stem, [x?, y?, z?]))).collect()
}

/// Words that say what a sensor measures, not where it is.
const KIND_WORDS: [&str; 17] = [
    "gyroscope",
    "gyro",
    "gyr",
    "accelerometer",
    "acceleration",
    "accel",
    "acc",
    "angular",
    "velocity",
    "rate",
    "omega",
    "imu",
    "sensor",
    "dps",
    "rad",
    "deg",
    "g",
];

/// `"R shank gyro x"` to `("r shank", 0)`; `None` without an axis at the end.
fn stem_and_axis(label: &str) -> Option<(String, usize)> {
    let spaced = spaced(label);
    let mut words: Vec<&str> = spaced.split_whitespace().collect();
    // The axis is the last word that is one, whole ("x") or glued to a word of the kind ("gyrx").
    let axis_of = |c: char| "xyz".find(c);
    let at = words.iter().rposition(|w| {
        w.len() == 1 && w.chars().next().and_then(axis_of).is_some()
            || w.len() > 1
                && w.chars().last().and_then(axis_of).is_some()
                && KIND_WORDS.contains(&&w[..w.len() - 1])
    })?;
    let axis = words[at].chars().last().and_then(axis_of)?;
    words.remove(at);
    words.retain(|w| !KIND_WORDS.contains(w));
    Some((words.join(" "), axis))
}

/// Lower case, with spaces for punctuation and before capitals and digits.
fn spaced(label: &str) -> String {
    let mut out = String::with_capacity(label.len() + 8);
    let mut before = ' ';
    for c in label.chars() {
        if !c.is_ascii_alphanumeric() {
            out.push(' ');
        } else {
            if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
                out.push(' ');
            }
            out.push(c.to_ascii_lowercase());
        }
        before = c;
    }
    // `RShank` is R and Shank, though two capitals stand together.
    out.split_whitespace()
        .map(|w| match w.strip_prefix(['r', 'l']) {
            Some(rest) if segment(rest).is_some() => format!("{} {rest}", &w[..1]),
            _ => w.to_owned(),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn segment(stem: &str) -> Option<Segment> {
    let starts = |names: &[&str]| stem.split_whitespace().any(|w| names.iter().any(|n| w.starts_with(n)));
    if starts(&["thigh", "femur", "upperleg", "oberschenkel", "cuisse", "muslo"]) {
        Some(Segment::Thigh)
    } else if starts(&["shank", "tibia", "lowerleg", "unterschenkel", "calf", "jambe", "pierna"]) {
        Some(Segment::Shank)
    } else if starts(&["foot", "shoe", "fuss", "pied", "pie"]) {
        Some(Segment::Foot)
    } else {
        None
    }
}

fn side(stem: &str, channel: &Channel) -> Option<Side> {
    channel.role.side.or_else(|| {
        stem.split_whitespace().find_map(|w| match w {
            "r" | "right" | "rechts" | "rt" => Some(Side::Right),
            "l" | "left" | "links" | "lt" => Some(Side::Left),
            _ => None,
        })
    })
}

/// Values of three channels in rad/s or m/s^2; `None` when a unit is not known.
fn vectors(stream: &Stream, channels: [usize; 3]) -> Option<Vec<[f64; 3]>> {
    let mut columns = [Vec::new(), Vec::new(), Vec::new()];
    for (column, at) in columns.iter_mut().zip(channels) {
        let factor = match &stream.channels[at].unit {
            Unit::DegreePerSecond => 1.0_f64.to_radians(),
            Unit::Gravity => GRAVITY,
            Unit::Other(text) => match text.replace([' ', '^', '*'], "").as_str() {
                "rad/s" | "m/s2" | "m/s\u{b2}" | "ms-2" => 1.0,
                "mg" => GRAVITY / 1000.0,
                _ => return None,
            },
            _ => return None,
        };
        *column = stream.column(at);
        column.iter_mut().for_each(|v| *v *= factor);
    }
    let [x, y, z] = columns;
    Some(x.iter().zip(&y).zip(&z).map(|((x, y), z)| [*x, *y, *z]).collect())
}

/// The direction in which a vector series varies most: principal axis of its second moments, by power iteration.
///
/// `None` when nothing moves.
#[must_use]
pub fn principal_axis(values: &[[f64; 3]]) -> Option<[f64; 3]> {
    let mut moment = [[0.0; 3]; 3];
    for v in values.iter().filter(|v| v.iter().all(|x| x.is_finite())) {
        for (row, a) in moment.iter_mut().zip(v) {
            for (cell, b) in row.iter_mut().zip(v) {
                *cell += a * b;
            }
        }
    }
    let start = (0..3).max_by(|a, b| moment[*a][*a].total_cmp(&moment[*b][*b]))?;
    let mut axis = [0.1; 3];
    axis[start] = 1.0;
    for _ in 0..200 {
        let next = [0, 1, 2].map(|i: usize| moment[i].iter().zip(&axis).map(|(m, a)| m * a).sum::<f64>());
        let length = next.iter().map(|x| x * x).sum::<f64>().sqrt();
        if length <= 0.0 || !length.is_finite() {
            return None;
        }
        axis = next.map(|x| x / length);
    }
    Some(axis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_in_use_are_taken_apart() {
        for (label, stem, axis) in [
            ("R shank gyro x", "r shank", 0),
            ("shank_r_gyr_y", "shank r", 1),
            ("RShankGyrZ", "r shank", 2),
            ("Right Tibia.Gyroscope.X", "right tibia", 0),
            ("L_Thigh_GyroX", "l thigh", 0),
        ] {
            let found = stem_and_axis(label).unwrap_or_default();
            assert_eq!(found, (stem.to_owned(), axis), "{label}");
            assert!(segment(stem).is_some());
        }
        assert_eq!(stem_and_axis("R shank gyro"), None);
        assert_eq!(segment("pelvis"), None);
    }

    #[test]
    fn the_axis_of_a_hinge_is_found() {
        let axis = [0.6, -0.48, 0.64];
        let values: Vec<[f64; 3]> =
            (0..500).map(|i| axis.map(|a| a * (f64::from(i) * 0.1).sin() * 3.0)).collect();
        let found = principal_axis(&values).unwrap();
        let aligned: f64 = found.iter().zip(axis).map(|(a, b)| a * b).sum();
        assert!((aligned.abs() - 1.0).abs() < 1e-9);
        assert!(principal_axis(&[[0.0; 3]; 5]).is_none());
    }
}
