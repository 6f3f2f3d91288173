//! A signal of the header as a channel: scale from the four limits, what Surae wrote beside it, doubts as notes.

use super::Width;
use super::header::{Header, Signal};
use crate::roles::{UNSEEN, parse_unit};
use serde::de::DeserializeOwned;
use surae_trial::{Channel, Joint, Kind, Muscle, Note, Role, Scale, Side, Unit};

/// Marks fields that Surae wrote.
pub const OURS: &str = "surae ";

/// A channel and, in files of Surae, the code that stands for "no sample".
pub struct Read {
    pub channel: Channel,
    pub void: Option<i32>,
}

/// What was odd about the limits of signals, by kind of oddity.
#[derive(Default)]
pub struct Oddities {
    unscaled: Vec<String>,
    inverted: Vec<String>,
    filters: Vec<String>,
}

pub fn channel(signal: &Signal, width: Width, odd: &mut Oddities) -> Read {
    let mut channel = Channel::new(signal.label.clone(), Role::unknown(UNSEEN), parse_unit(&signal.unit));
    let limits = width.limits();
    match scale(signal) {
        Some(scale) => {
            channel.scale = scale;
            if scale.gain < 0.0 {
                odd.inverted.push(signal.label.clone());
            }
        }
        None => {
            channel.unit = Unit::Count;
            odd.unscaled.push(signal.label.clone());
        }
    }
    if let Some((low, high)) = signal.digital.filter(|(low, high)| low < high) {
        let full = (f64::from(limits.0), f64::from(limits.1));
        channel.amplifier.rails = Some((low.max(full.0), high.min(full.1)));
    }
    let mut void = None;
    if let Some(told) = signal.transducer.strip_prefix(OURS) {
        void = ours(told, &mut channel);
    } else {
        channel.description.clone_from(&signal.transducer);
    }
    if let Some(told) = signal.prefilter.strip_prefix(OURS) {
        exact_scale(told, &mut channel);
    } else if !signal.prefilter.is_empty() && !odd.filters.contains(&signal.prefilter) {
        odd.filters.push(signal.prefilter.clone());
    }
    Read { channel, void }
}

/// `None` where the limits say nothing: equal, missing or no numbers.
fn scale(signal: &Signal) -> Option<Scale> {
    let (low, high) = signal.physical?;
    let (first, last) = signal.digital?;
    let gain = (high - low) / (last - first);
    let offset = first - low / gain;
    (gain != 0.0 && gain.is_finite() && offset.is_finite()).then_some(Scale { gain, offset })
}

/// `raw_emg SOL right void=-32768 | full label`: role, filler and label of a file that Surae wrote.
fn ours(told: &str, channel: &mut Channel) -> Option<i32> {
    let (words, label) = told.split_once('|').unwrap_or((told, ""));
    if !label.trim().is_empty() {
        label.trim().clone_into(&mut channel.label);
    }
    let mut void = None;
    let mut role = Role::unknown("stated by Surae when the file was written");
    let mut stated = false;
    for word in words.split_whitespace() {
        if let Some(code) = word.strip_prefix("void=") {
            void = code.parse().ok();
        } else if let Some(kind) = named::<Kind>(word) {
            role.kind = kind;
            stated = true;
        } else if let Some(side) = named::<Side>(word) {
            role.side = Some(side);
        } else if let Some(joint) = named::<Joint>(word) {
            role.joint = Some(joint);
        } else if let Some(muscle) = named::<Muscle>(word) {
            role.muscle = Some(muscle);
        }
    }
    if stated {
        channel.role = role;
    }
    void
}

fn named<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).ok()
}

/// `gain=1.22e-4 zero=3 unit=V`: the scale that eight characters a limit cannot hold.
fn exact_scale(told: &str, channel: &mut Channel) {
    let value = |key: &str| told.split_whitespace().find_map(|word| word.strip_prefix(key));
    let number = |key: &str| value(key).and_then(|text| text.parse::<f64>().ok()).filter(|v| v.is_finite());
    if let (Some(gain), Some(offset)) = (number("gain="), number("zero=")) {
        channel.scale = Scale { gain, offset };
        if let Some((_, unit)) = told.split_once("unit=") {
            channel.unit = Unit::parse(unit.trim());
        }
    }
}

impl Oddities {
    pub fn notes(&self, header: &Header) -> Vec<Note> {
        let mut notes = Vec::new();
        if !self.unscaled.is_empty() {
            let list = crate::text::list(&self.unscaled, 6);
            let text = format!(
                "{list}: the header's physical and digital limits give no scale; values are counts. State unit and scale with a map"
            );
            notes.push(Note::warning("edf_no_scale", text));
        }
        if !self.inverted.is_empty() {
            let list = crate::text::list(&self.inverted, 6);
            let text = format!("{list}: physical minimum above maximum: the polarity is inverted, as stated");
            notes.push(Note::info("edf_inverted", text));
        }
        if !self.filters.is_empty() {
            let list = crate::text::list(&self.filters, 6);
            notes.push(Note::info("filtered_at_source", format!("filters stated by the source: {list}")));
        }
        if header.signals.iter().any(|s| s.samples == 0) {
            let text = "signals without samples in a record are left out";
            notes.push(Note::info("edf_empty_signals", text));
        }
        notes
    }
}
