//! Foot contacts and offs from a gyroscope on the shank (Aminian et al. 2002, Salarian et al. 2004).
//!
//! The sagittal rate is the axis about which the shank turns most, positive in mid-swing. Each mid-swing peak above 50 deg/s is
//! a step: contact is the first minimum after it. Off, in walking, is where the rate has come back to three quarters of the minimum before
//! the peak (the minimum itself is 40 to 105 ms early in the walks of `docs/validation.md`); in running, where the rate falls
//! fastest before that minimum (which comes 85 to 110 ms after the foot left). Contact may be 10 to 50 ms late.

use crate::emg::{Mode, lowpass};
use crate::inertial::{Segment, principal_axis, sensors};
use crate::stats::{median, percentile};
use surae_trial::{Correction, Event, EventKind, EventSource, Note, Seconds, Side, Task, Trial};

/// Low-pass of the rate.
const RATE_LOWPASS_HZ: f64 = 15.0;
/// Slowest sensor that a contact can be told from.
const SLOWEST_HZ: f64 = 50.0;
/// Smallest mid-swing peak.
const SWING_DEG_S: f64 = 50.0;
/// A mid-swing peak is at least this share of the usual one.
const SWING_SHARE: f64 = 0.5;
/// A peak is the highest within this time to either side.
const PEAK_S: f64 = 0.2;
/// Contact comes within this time after mid-swing, the minimum of the off within this time before it.
const SEARCH_S: f64 = 0.6;
/// Share of the minimum at which the foot is off in walking.
const OFF_SHARE: f64 = 0.75;

/// Events of each shank that carries a sensor.
pub(super) fn events(trial: &Trial, notes: &mut Vec<Note>) -> Vec<Event> {
    let mut found = Vec::new();
    for sensor in sensors(trial) {
        if sensor.segment != Segment::Shank || sensor.rate_hz < SLOWEST_HZ {
            continue;
        }
        let Some(axis) = principal_axis(&sensor.gyro) else { continue };
        let rate: Vec<f64> = sensor
            .gyro
            .iter()
            .map(|v| v.iter().zip(axis).map(|(v, a)| v * a).sum::<f64>().to_degrees())
            .collect();
        let steps = Steps::find(&rate, sensor.rate_hz);
        let running = match trial.task {
            Some(Task::Run | Task::Sprint) => true,
            Some(Task::Walk) => false,
            _ => steps.is_running(),
        };
        let before = found.len();
        let event = |kind, at: f64| Event {
            time_s: Seconds(sensor.start_s + at / sensor.rate_hz),
            kind,
            side: Some(sensor.side),
            source: EventSource::Gyro,
            label: rule(kind, running).to_owned(),
        };
        found.extend(steps.contacts().into_iter().map(|at| event(EventKind::FootContact, at)));
        found.extend(steps.offs(running).into_iter().map(|at| event(EventKind::FootOff, at)));
        if found.len() > before {
            notes.push(note(sensor.side, &sensor.labels, running));
        }
    }
    found
}

fn rule(kind: EventKind, running: bool) -> &'static str {
    match (kind, running) {
        (EventKind::FootContact, _) => "first minimum of the shank's rate after mid-swing",
        (_, false) => "shank's rate back to 3/4 of its minimum before mid-swing",
        (_, true) => "fastest fall of the shank's rate before its minimum",
    }
}

fn note(side: Side, labels: &str, running: bool) -> Note {
    Note::info(
        "event_gyro",
        format!(
            "{side} leg: events from the shank gyroscope ({labels}) by the rule for {}; contact may be 10 to 50 ms late.",
            if running { "running" } else { "walking" }
        ),
    )
}

/// The sagittal rate of a shank and its mid-swing peaks.
struct Steps {
    rate: Vec<f64>,
    rate_hz: f64,
    peaks: Vec<usize>,
}

impl Steps {
    fn find(rate: &[f64], rate_hz: f64) -> Self {
        let cutoff = RATE_LOWPASS_HZ.min(0.2 * rate_hz);
        let mut rate = lowpass(rate, rate_hz, cutoff, Correction::Winter, Mode::ZeroPhase)
            .unwrap_or_else(|_| rate.to_vec());
        // Swing is faster than stance: its side is the one with the larger cubes.
        if rate.iter().filter(|v| v.is_finite()).map(|v| v.powi(3)).sum::<f64>() < 0.0 {
            rate.iter_mut().for_each(|v| *v = -*v);
        }
        let usual = percentile(&rate, 98.0).unwrap_or(0.0);
        let level = SWING_DEG_S.max(SWING_SHARE * usual);
        let half = ((PEAK_S * rate_hz) as usize).max(1);
        let peaks = (half..rate.len().saturating_sub(half))
            .filter(|i| {
                rate[*i] > level
                    && rate[*i] > rate[i - 1]
                    && rate[i - half..=i + half].iter().all(|v| v.is_finite() && *v <= rate[*i])
            })
            .collect();
        Self { rate, rate_hz, peaks }
    }

    fn reach(&self) -> usize {
        (SEARCH_S * self.rate_hz) as usize
    }

    /// First minimum under zero after a peak.
    fn contact(&self, peak: usize) -> Option<usize> {
        let end = (peak + self.reach()).min(self.rate.len().checked_sub(1)?);
        (peak + 1..end).find(|i| {
            self.rate[*i] < 0.0 && self.rate[*i] <= self.rate[i - 1] && self.rate[*i] < self.rate[i + 1]
        })
    }

    /// The last minimum under zero before a peak.
    fn minimum(&self, peak: usize) -> Option<usize> {
        let start = peak.saturating_sub(self.reach()).max(1);
        (start..peak).rev().find(|i| {
            self.rate[*i] < 0.0 && self.rate[*i] < self.rate[i - 1] && self.rate[*i] <= self.rate[i + 1]
        })
    }

    fn contacts(&self) -> Vec<f64> {
        self.peaks.iter().filter_map(|p| self.contact(*p)).map(|at| at as f64).collect()
    }

    fn offs(&self, running: bool) -> Vec<f64> {
        self.peaks
            .iter()
            .filter_map(|peak| {
                let minimum = self.minimum(*peak)?;
                if running {
                    self.fastest_fall(minimum)
                } else {
                    let level = OFF_SHARE * self.rate[minimum];
                    (minimum..*peak).find(|i| self.rate[*i] > level).map(|i| i as f64)
                }
            })
            .collect()
    }

    /// Steepest fall between the local maximum before a minimum and that minimum.
    fn fastest_fall(&self, minimum: usize) -> Option<f64> {
        let start = minimum.saturating_sub(self.reach()).max(1);
        let top = (start..minimum).rev().find(|i| self.rate[*i] > self.rate[i - 1])?;
        (top..minimum)
            .min_by(|a, b| (self.rate[a + 1] - self.rate[*a]).total_cmp(&(self.rate[b + 1] - self.rate[*b])))
            .map(|i| i as f64 + 0.5)
    }

    /// Running: by its own rule for the off, contact lasts less than half of the stride.
    fn is_running(&self) -> bool {
        let (contacts, offs) = (self.contacts(), self.offs(true));
        let stances: Vec<f64> = contacts
            .windows(2)
            .filter_map(|pair| {
                let off = offs.iter().find(|off| **off > pair[0] && **off < pair[1])?;
                Some((off - pair[0]) / (pair[1] - pair[0]))
            })
            .collect();
        median(&stances).is_some_and(|stance| stance < 0.4)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Channel, Kind, Role, Samples, Stream, Unit};

    /// Shank rate of a walk, deg/s at percent of a 1.1 s stride that starts at contact: a swing hump, the drop at contact,
    /// a slow forward lean in stance, and a deep minimum before the foot leaves at 62 %.
    fn rate_at(percent: f64) -> f64 {
        let bump = |centre: f64, width: f64, height: f64| {
            let d = ((percent - centre + 150.0).rem_euclid(100.0) - 50.0) / width;
            height * (-d * d).exp()
        };
        -40.0 + bump(82.0, 9.0, 400.0) + bump(0.0, 2.5, -160.0) + bump(56.0, 5.0, -150.0)
    }

    fn trial(turned: f64) -> Trial {
        let role = Role { kind: Kind::Gyro, ..Role::unknown("test") };
        let rate = 200.0;
        let samples = (0..1760)
            .flat_map(|i| {
                let w = turned * rate_at((f64::from(i) / rate + 0.3) / 1.1 * 100.0);
                [0.1 * w, 0.98 * w, -0.17 * w]
            })
            .collect();
        let channel =
            |axis: &str| Channel::new(format!("L shank gyro {axis}"), role.clone(), Unit::DegreePerSecond);
        Trial {
            streams: vec![Stream {
                name: "imu".into(),
                rate_hz: rate,
                measured_rate_hz: None,
                start_s: Seconds(0.0),
                channels: vec![channel("x"), channel("y"), channel("z")],
                samples: Samples::F64(samples),
                gaps: Vec::new(),
                times_s: Vec::new(),
            }],
            ..Trial::default()
        }
    }

    #[test]
    fn contact_and_off_are_found_whichever_way_the_sensor_sits() {
        for turned in [1.0, -1.0] {
            let mut notes = Vec::new();
            let found = events(&trial(turned), &mut notes);
            let times =
                |kind| -> Vec<f64> { found.iter().filter(|e| e.kind == kind).map(|e| e.time_s.0).collect() };
            let contacts = times(EventKind::FootContact);
            assert!((7..=8).contains(&contacts.len()), "{contacts:?}");
            for time in &contacts {
                let percent = ((time + 0.3) / 1.1 * 100.0).rem_euclid(100.0);
                assert!(percent.min(100.0 - percent) < 2.0, "contact at {percent} %");
            }
            for time in times(EventKind::FootOff) {
                let percent = ((time + 0.3) / 1.1 * 100.0).rem_euclid(100.0);
                assert!((56.0..64.0).contains(&percent), "off at {percent} %");
            }
            assert!(found.iter().all(|e| e.side == Some(Side::Left)));
            assert_eq!(notes[0].code, "event_gyro");
        }
    }
}
