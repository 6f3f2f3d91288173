//! Settings of the analysis: everything that changes a number, in one `Copy` struct.
//!
//! Defaults are those of the task tables in `docs/method.md` (sources there). Not for window layout or file names.

use crate::{Muscle, TaskReference};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the person does: chooses defaults and which published ranges apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// Quiet standing.
    Standing,
    /// Isometric or slow plantar flexion (heel raises included).
    PlantarFlexion,
    /// Walking.
    #[default]
    Walk,
    /// Running below sprint.
    Run,
    /// Sprinting and acceleration steps.
    Sprint,
    /// Jumps and hops.
    Jump,
    /// Squats, stairs, cycling: knee extension effort confounds the angle test.
    KneeExtension,
}

/// Correction of the cut-off for the forward-backward pass.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// Nominal cut-offs are those of one pass; two passes give -6 dB there.
    None,
    /// Net response is -3 dB at the nominal cut-off (Winter).
    #[default]
    Winter,
}

/// A mains notch.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notch {
    /// Centre frequency.
    pub centre_hz: f64,
    /// Quality factor: centre / -3 dB width.
    pub quality: f64,
}

/// From raw EMG to envelope.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Conditioning {
    /// Lower band edge.
    pub band_low_hz: f64,
    /// Upper band edge; reduced to 0.45 of the rate where the rate is too low, with a note.
    pub band_high_hz: f64,
    /// Order of the prototype of the band-pass (2 = four poles).
    pub band_order: u8,
    /// Mains notch; none by default, it sits inside the EMG band.
    pub notch: Option<Notch>,
    /// Envelope low-pass.
    pub envelope_hz: f64,
    /// Order of the envelope low-pass.
    pub envelope_order: u8,
    /// Cut-off correction of zero-phase filters; causal filters have one pass and need none.
    pub correction: Correction,
}

impl Default for Conditioning {
    fn default() -> Self {
        Self {
            band_low_hz: 20.0,
            band_high_hz: 450.0,
            band_order: 2,
            notch: None,
            envelope_hz: 6.0,
            envelope_order: 2,
            correction: Correction::Winter,
        }
    }
}

/// The dominance metric.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct DominanceSettings {
    /// Dominant beyond this |D| (0.2 = 1.5 : 1).
    pub class_threshold: f64,
    /// A dominant class is left below this |D|.
    pub hysteresis: f64,
    /// Shortest duration of a shown class.
    pub dwell_s: f64,
    /// Weight of the medial head; the lateral one has the rest (0.69 from the capacity ratio of the heads, Fukunaga 1992).
    pub medial_weight: f64,
    /// Width of a knee-angle bin.
    pub angle_bin_deg: f64,
}

impl Default for DominanceSettings {
    fn default() -> Self {
        Self {
            class_threshold: 0.2,
            hysteresis: 0.15,
            dwell_s: 0.05,
            medial_weight: 0.69,
            angle_bin_deg: 10.0,
        }
    }
}

/// Event detection.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct EventSettings {
    /// Vertical force that counts as contact.
    pub force_threshold_n: f64,
    /// Shortest contact and shortest flight.
    pub debounce_s: f64,
    /// Window before contact that counts as pre-activation.
    pub preactivation_s: f64,
    /// Window before contact from which the gastrocnemius lead accumulates EMG.
    pub lead_window_s: f64,
}

impl Default for EventSettings {
    fn default() -> Self {
        Self { force_threshold_n: 20.0, debounce_s: 0.05, preactivation_s: 0.1, lead_window_s: 0.15 }
    }
}

/// The spectrum.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SpectrumSettings {
    /// Length of a Welch segment; rounded to the next power of two of samples.
    pub segment_s: f64,
    /// Overlap of segments, 0 to below 1.
    pub overlap: f64,
    /// Lower edge of the band for median and mean frequency.
    pub low_hz: f64,
    /// Upper edge of that band.
    pub high_hz: f64,
}

impl Default for SpectrumSettings {
    fn default() -> Self {
        Self { segment_s: 0.5, overlap: 0.5, low_hz: 20.0, high_hz: 450.0 }
    }
}

/// Everything that changes a number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    /// What the person does.
    pub task: Task,
    /// Raw EMG to envelope.
    pub conditioning: Conditioning,
    /// Dominance.
    pub dominance: DominanceSettings,
    /// Events.
    pub events: EventSettings,
    /// Spectrum.
    pub spectrum: SpectrumSettings,
    /// Low-pass of the knee angle (zero-phase in review; live the angle takes the envelope's filter).
    pub angle_hz: f64,
    /// Period of live decisions.
    pub tick_s: f64,
    /// How long a decision waits for the knee angle, in stream time.
    pub angle_wait_s: f64,
    /// Longest gap that the filter path bridges linearly.
    pub bridge_s: f64,
    /// What amplitudes are relative to in review where the profile has no reference.
    pub task_reference: TaskReference,
}

impl Default for Settings {
    fn default() -> Self {
        Self::for_task(Task::Walk)
    }
}

/// A setting that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// Its path, such as `conditioning.band_low_hz`.
    pub setting: &'static str,
    /// What is wrong and what is allowed.
    pub message: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "setting {}: {}", self.setting, self.message)
    }
}

impl std::error::Error for SettingsError {}

impl Settings {
    /// The defaults of a task.
    #[must_use]
    pub fn for_task(task: Task) -> Self {
        let (band_low_hz, envelope_hz, angle_hz, dwell_s) = match task {
            Task::Standing | Task::PlantarFlexion | Task::Walk | Task::KneeExtension => {
                (20.0, 6.0, 6.0, 0.05)
            }
            Task::Run => (20.0, 10.0, 12.0, 0.03),
            Task::Sprint => (30.0, 20.0, 20.0, 0.03),
            Task::Jump => (20.0, 10.0, 20.0, 0.03),
        };
        Self {
            task,
            conditioning: Conditioning { band_low_hz, envelope_hz, ..Conditioning::default() },
            dominance: DominanceSettings { dwell_s, ..DominanceSettings::default() },
            events: EventSettings::default(),
            spectrum: SpectrumSettings::default(),
            angle_hz,
            tick_s: 0.02,
            angle_wait_s: 0.1,
            bridge_s: 0.005,
            task_reference: TaskReference::default(),
        }
    }

    /// The weight of a head of gastrocnemius; 1 for a single or unstated head, 0 for other muscles.
    #[must_use]
    pub fn head_weight(&self, muscle: Muscle) -> f64 {
        match muscle {
            Muscle::MG => self.dominance.medial_weight,
            Muscle::LG => 1.0 - self.dominance.medial_weight,
            Muscle::GAS => 1.0,
            _ => 0.0,
        }
    }

    /// Checks every value by itself; what depends on a rate is checked where filters are designed.
    ///
    /// # Errors
    /// The first setting that is not finite or out of its range.
    pub fn validate(&self) -> Result<(), SettingsError> {
        let c = &self.conditioning;
        let d = &self.dominance;
        positive("conditioning.band_low_hz", c.band_low_hz)?;
        positive("conditioning.band_high_hz", c.band_high_hz)?;
        if c.band_high_hz <= c.band_low_hz {
            return Err(refuse("conditioning.band_high_hz", "must be above band_low_hz".to_owned()));
        }
        order("conditioning.band_order", c.band_order)?;
        order("conditioning.envelope_order", c.envelope_order)?;
        positive("conditioning.envelope_hz", c.envelope_hz)?;
        if let Some(notch) = c.notch {
            positive("conditioning.notch.centre_hz", notch.centre_hz)?;
            positive("conditioning.notch.quality", notch.quality)?;
        }
        within("dominance.class_threshold", d.class_threshold, 0.01, 0.9)?;
        within("dominance.hysteresis", d.hysteresis, 0.0, d.class_threshold)?;
        within("dominance.dwell_s", d.dwell_s, 0.0, 5.0)?;
        within("dominance.medial_weight", d.medial_weight, 0.0, 1.0)?;
        within("dominance.angle_bin_deg", d.angle_bin_deg, 1.0, 45.0)?;
        positive("events.force_threshold_n", self.events.force_threshold_n)?;
        within("events.debounce_s", self.events.debounce_s, 0.0, 1.0)?;
        within("events.preactivation_s", self.events.preactivation_s, 0.01, 0.5)?;
        within("events.lead_window_s", self.events.lead_window_s, 0.01, 0.5)?;
        within("spectrum.segment_s", self.spectrum.segment_s, 0.05, 10.0)?;
        within("spectrum.overlap", self.spectrum.overlap, 0.0, 0.95)?;
        positive("spectrum.low_hz", self.spectrum.low_hz)?;
        if self.spectrum.high_hz <= self.spectrum.low_hz || !self.spectrum.high_hz.is_finite() {
            return Err(refuse("spectrum.high_hz", "must be finite and above low_hz".to_owned()));
        }
        positive("angle_hz", self.angle_hz)?;
        within("tick_s", self.tick_s, 0.005, 1.0)?;
        within("angle_wait_s", self.angle_wait_s, 0.0, 5.0)?;
        within("bridge_s", self.bridge_s, 0.0, 0.05)
    }
}

fn refuse(setting: &'static str, message: String) -> SettingsError {
    SettingsError { setting, message }
}

fn positive(setting: &'static str, value: f64) -> Result<(), SettingsError> {
    if value.is_finite() && value > 0.0 {
        Ok(())
    } else {
        Err(refuse(setting, format!("{value} is not a positive number")))
    }
}

fn within(setting: &'static str, value: f64, low: f64, high: f64) -> Result<(), SettingsError> {
    if (low..=high).contains(&value) {
        Ok(())
    } else {
        Err(refuse(setting, format!("{value} is not between {low} and {high}")))
    }
}

fn order(setting: &'static str, value: u8) -> Result<(), SettingsError> {
    if (1..=4).contains(&value) {
        Ok(())
    } else {
        Err(refuse(setting, format!("{value} is not between 1 and 4")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_of_every_task_are_valid() {
        for task in [
            Task::Standing,
            Task::PlantarFlexion,
            Task::Walk,
            Task::Run,
            Task::Sprint,
            Task::Jump,
            Task::KneeExtension,
        ] {
            assert_eq!(Settings::for_task(task).validate(), Ok(()));
        }
    }

    #[test]
    fn nan_and_crossed_edges_are_refused_by_name() {
        let mut settings = Settings::default();
        settings.conditioning.envelope_hz = f64::NAN;
        assert_eq!(settings.validate().map_err(|e| e.setting), Err("conditioning.envelope_hz"));
        let mut settings = Settings::default();
        settings.conditioning.band_low_hz = 500.0;
        assert_eq!(settings.validate().map_err(|e| e.setting), Err("conditioning.band_high_hz"));
    }
}
