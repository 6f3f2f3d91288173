//! What every reader does last: channels get their roles, EMG is judged by its signal, units are doubted.

use crate::nature::{LONGEST, Nature, nature_of};
use rayon::prelude::*;
use surae_trial::label::{Labelled, roles_of};
use surae_trial::{Channel, Kind, Note, Samples, Stream, Trial, Unit};

/// Largest voltage that any amplifier's output or any electrode gives, in V; more is another unit.
const LARGEST_VOLT: f64 = 20.0;
/// Largest surface EMG at the skin in V; more is at an amplifier's output.
const LARGEST_AT_SKIN_VOLT: f64 = 0.02;

/// Frames that one processor looks through at a time.
const FRAMES_TOGETHER: usize = 1 << 15;

/// A reason that marks a channel as not looked at yet.
pub(crate) const UNSEEN: &str = "not looked at yet";

/// [`Unit::parse`] plus the spellings of old programs (`nt`, `ntmm`, `d.u.`, `µVolts`).
pub(crate) fn parse_unit(text: &str) -> Unit {
    let compact: String = text.to_lowercase().chars().filter(|c| !c.is_whitespace() && *c != '.').collect();
    match compact.as_str() {
        "nt" | "newtons" => Unit::Newton,
        "ntmm" => Unit::NewtonMillimetre,
        "ntm" => Unit::NewtonMetre,
        "du" | "unknown" | "none" | "-" | "?" | "n/a" | "na" => Unit::Arbitrary,
        "mvolt" | "mvolts" => Unit::Millivolt,
        "uvolt" | "uvolts" | "µvolt" | "µvolts" | "μvolts" | "microv" => Unit::Microvolt,
        "raw" => Unit::Count,
        _ => Unit::parse(text),
    }
}

/// Gives every channel that a reader left [`UNSEEN`] its role, then judges EMG channels by their signal.
pub(crate) fn assign(trial: &mut Trial) {
    label(trial);
    let mut notes = Vec::new();
    for stream in &mut trial.streams {
        judge(stream, &mut notes);
        ambiguities(stream, &mut notes);
    }
    trial.notes.append(&mut notes);
    side_note(trial);
}

/// Roles by label alone, for layouts without samples.
pub(crate) fn label(trial: &mut Trial) {
    plate_channels(trial);
    for stream in &mut trial.streams {
        let labelled: Vec<Labelled<'_>> = stream
            .channels
            .iter()
            .map(|c| Labelled { label: &c.label, description: &c.description, unit: &c.unit })
            .collect();
        let roles = roles_of(&labelled);
        for (channel, role) in stream.channels.iter_mut().zip(roles) {
            if channel.role.reason == UNSEEN {
                channel.role = role;
            }
        }
    }
}

/// Channels that a force plate lists are force and moment components whatever their labels and units say.
fn plate_channels(trial: &mut Trial) {
    for (number, plate) in trial.plates.iter().enumerate() {
        let Some(stream) = trial.streams.iter_mut().find(|stream| stream.name == plate.stream) else {
            continue;
        };
        for (position, at) in plate.channels.iter().enumerate() {
            let moment = match plate.plate_type {
                1 => position == 5,
                3 => false,
                _ => position >= 3,
            };
            let Some(channel) = stream.channels.get_mut(*at) else { continue };
            let reason =
                format!("channel {} of force plate {} (type {})", position + 1, number + 1, plate.plate_type);
            channel.role = surae_trial::Role {
                kind: if moment { Kind::Moment } else { Kind::Force },
                ..surae_trial::Role::unknown(reason)
            };
        }
    }
}

/// Raw, rectified or envelope for each EMG channel, and whether its unit can be believed.
fn judge(stream: &mut Stream, notes: &mut Vec<Note>) {
    let emg: Vec<usize> =
        (0..stream.channels.len()).filter(|k| stream.channels[*k].role.kind == Kind::RawEmg).collect();
    let mut found: [Vec<String>; 4] = Default::default();
    let mut doubted: Vec<String> = Vec::new();
    let mut amplified: Vec<String> = Vec::new();
    let peaks = peaks(stream, &emg);
    // A few channels at a time: their first minutes need not all be in memory.
    let group = emg.len().div_ceil(rayon::current_num_threads()).clamp(1, 8);
    let natures: Vec<Nature> = emg
        .par_chunks(group)
        .flat_map_iter(|some| stream.first_values(some, LONGEST))
        .map(|values| nature_of(&values, stream.rate_hz))
        .collect();
    for ((k, peak), nature) in emg.into_iter().zip(peaks).zip(natures) {
        let channel = &mut stream.channels[k];
        let label = channel.label.clone();
        match nature {
            Nature::Rectified { share } => {
                channel.role.kind = Kind::RectifiedEmg;
                found[0].push(described(&label, share));
            }
            Nature::Envelope { share } => {
                channel.role.kind = Kind::Envelope;
                found[1].push(described(&label, share));
            }
            Nature::SmoothBothSigns { share } => found[2].push(described(&label, share)),
            Nature::Flat => found[3].push(label.clone()),
            Nature::Raw { .. } | Nature::Unknown => {}
        }
        doubt_unit(channel, peak, &mut doubted, &mut amplified);
    }
    nature_notes(&stream.name, &found, notes);
    unit_notes(&stream.name, &doubted, &amplified, notes);
    if stream.rate_hz < 45.0 && stream.has_emg() {
        notes.push(Note::warning(
            "emg_rate_too_low",
            format!(
                "stream '{}': {} Hz is too slow to tell raw EMG from an envelope; no spectrum or band-pass is meaningful",
                stream.name, stream.rate_hz
            ),
        ));
    }
}

/// Largest finite magnitude of each of these channels. One pass over the frames: a channel at a time would go through all
/// of a large file as often as it has channels.
fn peaks(stream: &Stream, channels: &[usize]) -> Vec<f64> {
    fn of<T: Copy + Into<f64> + Sync>(values: &[T], stream: &Stream, channels: &[usize]) -> Vec<f64> {
        let scales: Vec<_> = channels.iter().map(|k| (*k, stream.channels[*k].scale)).collect();
        let width = stream.channels.len();
        let none = || vec![0.0f64; channels.len()];
        let among = |frames: &[T]| {
            let mut peaks = none();
            for frame in frames.chunks_exact(width) {
                for (peak, (k, scale)) in peaks.iter_mut().zip(&scales) {
                    let value = scale.physical(frame[*k].into()).abs();
                    if value.is_finite() && value > *peak {
                        *peak = value;
                    }
                }
            }
            peaks
        };
        let larger = |a: Vec<f64>, b: Vec<f64>| a.into_iter().zip(b).map(|(a, b)| a.max(b)).collect();
        values.par_chunks(FRAMES_TOGETHER * width).map(among).reduce(none, larger)
    }
    if channels.is_empty() {
        return Vec::new();
    }
    match &stream.samples {
        Samples::I16(v) => of(v, stream, channels),
        Samples::I32(v) => of(v, stream, channels),
        Samples::F32(v) => of(v, stream, channels),
        Samples::F64(v) => of(v, stream, channels),
    }
}

fn described(label: &str, share: f64) -> String {
    format!("{label} ({:.0} % of power at 20-450 Hz)", 100.0 * share)
}

fn nature_notes(stream: &str, found: &[Vec<String>; 4], notes: &mut Vec<Note>) {
    let texts = [
        (
            "emg_rectified",
            "are rectified EMG, never below zero: no band-pass and no spectrum is computed from them",
        ),
        (
            "emg_envelope",
            "are envelopes, smooth and not below zero: no band-pass and no spectrum is computed from them",
        ),
        (
            "emg_smooth",
            "are labelled EMG but have little power in the EMG band: drift, motion or a filtered signal",
        ),
        ("emg_flat", "are labelled EMG but hold one value throughout"),
    ];
    for ((code, text), labels) in texts.into_iter().zip(found) {
        if !labels.is_empty() {
            let list = crate::text::list(labels, 12);
            notes.push(Note::warning(code, format!("stream '{stream}': {list} {text}")));
        }
    }
}

/// A voltage that no amplifier gives is not a voltage; one that no skin gives is at an amplifier's output.
fn doubt_unit(channel: &mut Channel, peak: f64, doubted: &mut Vec<String>, amplified: &mut Vec<String>) {
    let Some(volt) = channel.unit.volts() else { return };
    if peak * volt > LARGEST_VOLT {
        doubted.push(format!("{} (unit {}, peak {peak:.4})", channel.label, channel.unit));
        channel.unit = Unit::Arbitrary;
        channel.amplifier.input_referred = false;
    } else if peak * volt > LARGEST_AT_SKIN_VOLT {
        amplified.push(format!("{} ({peak:.3} {})", channel.label, channel.unit));
    } else {
        channel.amplifier.input_referred = peak > 0.0;
    }
}

fn unit_notes(stream: &str, doubted: &[String], amplified: &[String], notes: &mut Vec<Note>) {
    if !doubted.is_empty() {
        let list = crate::text::list(doubted, 8);
        let text = format!(
            "stream '{stream}': {list}: no amplifier gives such voltages; the unit is taken as unknown (a.u.). State it with a map"
        );
        notes.push(Note::warning("unit_implausible", text));
    }
    if !amplified.is_empty() {
        let text = format!(
            "stream '{stream}': {} exceed 20 mV, so they are at an amplifier's output whose gain is not stated; voltages at the skin are smaller by it",
            crate::text::list(amplified, 8)
        );
        notes.push(Note::info("emg_amplified", text));
    }
}

/// Labels that could not be decided, each with its reason.
fn ambiguities(stream: &Stream, notes: &mut Vec<Note>) {
    for channel in &stream.channels {
        let reason = &channel.role.reason;
        if reason.contains("may be left or lateral")
            || reason.contains("name it in a map")
            || reason.contains("because '")
        {
            notes.push(Note::info("label_by_company", reason.clone()));
        }
    }
}

/// Says once that no label of a calf channel states its leg.
fn side_note(trial: &mut Trial) {
    let calf: Vec<String> = trial
        .streams
        .iter()
        .flat_map(|stream| &stream.channels)
        .filter(|c| c.role.kind.is_emg() && c.role.side.is_none())
        .filter(|c| c.role.muscle.is_some_and(|m| m.is_triceps_surae()))
        .map(|c| c.label.clone())
        .collect();
    if !calf.is_empty() {
        trial.notes.push(Note::warning(
            "side_not_stated",
            format!(
                "no label states the leg of {}: state it with a map, or with --side where the command has it",
                crate::text::list(&calf, 6)
            ),
        ));
    }
}
