//! The whole vertical force on a jumper: all plates, or the vertical force channels of the trial.
//!
//! Not for telling legs apart, and not for horizontal forces.

use crate::plate::{Loaded, PlateForce, loaded_intervals};
use surae_trial::{EventSettings, Kind, Note, Trial, Unit};

/// Vertical force on both feet.
#[derive(Clone, Debug, PartialEq)]
pub struct VerticalForce {
    /// Where it comes from, in words.
    pub source: String,
    /// Samples per second.
    pub rate_hz: f64,
    /// Time of the first sample in s.
    pub start_s: f64,
    /// Force in N, positive under load; `NaN` where samples were lost.
    pub newtons: Vec<f64>,
    /// Stretches with load over the threshold.
    pub loaded: Vec<Loaded>,
    /// The threshold in N.
    pub threshold_n: f64,
}

impl VerticalForce {
    /// Time of a sample in s.
    #[must_use]
    pub fn time_of(&self, sample: usize) -> f64 {
        self.start_s + sample as f64 / self.rate_hz
    }

    /// Nearest sample of a time, clamped to the record.
    #[must_use]
    pub fn index_of(&self, time_s: f64) -> usize {
        ((time_s - self.start_s) * self.rate_hz).round().clamp(0.0, self.newtons.len() as f64) as usize
    }
}

/// Slowest force that a take-off may be timed from, in Hz.
const SLOWEST_HZ: f64 = 100.0;

/// The whole vertical force of a trial; `None` without one. What cannot be used is noted.
///
/// Plates come first and are added up (a jumper stands on two); then force channels in newtons that are vertical by their label
/// (`Fz`, `GRF`, `vertical`), or the only force channel of the trial.
#[must_use]
pub fn vertical_force(
    trial: &Trial,
    plates: &[PlateForce],
    settings: &EventSettings,
    notes: &mut Vec<Note>,
) -> Option<VerticalForce> {
    let (source, rate_hz, start_s, newtons) = of_plates(plates).or_else(|| of_channels(trial, notes))?;
    if rate_hz < SLOWEST_HZ {
        notes.push(Note::warning(
            "force_rate",
            format!("{source}: {rate_hz:.1} Hz is too slow to time a take-off ({SLOWEST_HZ:.0} Hz are needed); not used for jumps."),
        ));
        return None;
    }
    let debounce = ((settings.debounce_s * rate_hz).round() as usize).max(1);
    let loaded = loaded_intervals(&newtons, settings.force_threshold_n, debounce);
    Some(VerticalForce { source, rate_hz, start_s, newtons, loaded, threshold_n: settings.force_threshold_n })
}

type Series = (String, f64, f64, Vec<f64>);

fn of_plates(plates: &[PlateForce]) -> Option<Series> {
    let first = plates.first()?;
    let alike: Vec<&PlateForce> =
        plates.iter().filter(|p| p.rate_hz == first.rate_hz && p.start_s == first.start_s).collect();
    let length = alike.iter().map(|p| p.vertical_n.len()).min()?;
    let sum = (0..length).map(|i| alike.iter().map(|p| p.vertical_n[i]).sum()).collect();
    let word = if alike.len() == 1 {
        "one force plate".to_owned()
    } else {
        format!("{} force plates added", alike.len())
    };
    Some((word, first.rate_hz, first.start_s, sum))
}

fn of_channels(trial: &Trial, notes: &mut Vec<Note>) -> Option<Series> {
    let newton = |unit: &Unit| matches!(unit, Unit::Newton);
    let all: Vec<(usize, usize)> = trial
        .streams
        .iter()
        .enumerate()
        .flat_map(|(s, stream)| stream.of_kind(Kind::Force).map(move |(c, _)| (s, c)))
        .filter(|(s, c)| newton(&trial.streams[*s].channels[*c].unit))
        .collect();
    let label = |at: &(usize, usize)| trial.streams[at.0].channels[at.1].label.as_str();
    let named: Vec<(usize, usize)> = all.iter().copied().filter(|at| is_vertical(label(at))).collect();
    let chosen = match (named.is_empty(), all.as_slice()) {
        (false, _) => named,
        (true, [only]) => {
            notes.push(Note::info(
                "force_vertical",
                format!(
                    "'{}' is the only force of the trial and is taken for the vertical one.",
                    label(only)
                ),
            ));
            vec![*only]
        }
        (true, _) => return None,
    };
    let (first, _) = *chosen.first()?;
    let stream = &trial.streams[first];
    if !(stream.rate_hz.is_finite() && stream.rate_hz > 0.0 && stream.start_s.0.is_finite()) {
        return None;
    }
    let columns: Vec<Vec<f64>> =
        chosen.iter().filter(|(s, _)| *s == first).map(|(_, c)| stream.column(*c)).collect();
    let length = columns.iter().map(Vec::len).min()?;
    let mut sum: Vec<f64> = (0..length).map(|i| columns.iter().map(|column| column[i]).sum()).collect();
    let peak =
        sum.iter().filter(|f| f.is_finite()).fold(0.0, |m: f64, f| if f.abs() > m.abs() { *f } else { m });
    if peak < 0.0 {
        sum.iter_mut().for_each(|f| *f = -*f);
    }
    let names: Vec<&str> = chosen.iter().filter(|(s, _)| *s == first).map(label).collect();
    Some((format!("vertical force {}", names.join(" + ")), stream.rate_hz, stream.start_s.0, sum))
}

/// True when a label names the vertical component of a force.
fn is_vertical(label: &str) -> bool {
    let plain: String = label.to_lowercase().chars().filter(|c| c.is_alphabetic()).collect();
    plain.contains("fz")
        || plain.contains("forcez")
        || plain.contains("vertical")
        || plain.contains("forcevy")
        || plain == "grf"
        || plain == "vgrf"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vertical_component_is_told_by_its_label() {
        for label in [
            "Fz",
            "Fz1",
            "FORCE.Fz2",
            "GRF",
            "vGRF",
            "Vertical force",
            "ground_force_vy",
            "1_ground_force_vy",
        ] {
            assert!(is_vertical(label), "{label}");
        }
        for label in ["Fx", "Fy1", "force cell", "ground_force_vx", "grf_x"] {
            assert!(!is_vertical(label), "{label}");
        }
    }

    #[test]
    fn plates_are_added_because_a_jumper_stands_on_two() {
        let plate = |plate, n| PlateForce {
            plate,
            rate_hz: 1000.0,
            start_s: 0.0,
            vertical_n: vec![n; 10],
            baseline_n: 0.0,
            side: None,
        };
        let (source, _, _, sum) = of_plates(&[plate(0, 300.0), plate(1, 400.0)]).unwrap();
        assert_eq!((source.as_str(), sum[3]), ("2 force plates added", 700.0));
    }
}
