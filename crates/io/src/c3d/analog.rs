//! The analog stream: labels, units and scales of its channels.

use super::data::Section;
use super::parameters::Parameters;
use crate::roles::parse_unit;
use surae_trial::{Amplifier, Channel, Note, Role, Samples, Scale, Seconds, Stream, Unit};

/// Name of the analog stream.
pub const NAME: &str = "analog";

/// True when ANALOG:FORMAT says that the words are unsigned.
pub fn unsigned(parameters: &Parameters) -> bool {
    parameters.text("ANALOG", "FORMAT").is_some_and(|format| format.to_uppercase().starts_with("UNSIGNED"))
}

/// The analog stream without its samples; `None` when the file has none. Roles are set later.
pub fn stream(section: &Section, parameters: &Parameters, notes: &mut Vec<Note>) -> Option<Stream> {
    if section.channels == 0 {
        return None;
    }
    let format = parameters.text("ANALOG", "FORMAT").unwrap_or_default().to_uppercase();
    let unsigned = unsigned(parameters);
    if !format.is_empty() && !unsigned && !format.starts_with("SIGNED") {
        let text = format!("ANALOG:FORMAT is '{format}'; it is read as SIGNED");
        notes.push(Note::warning("c3d_analog_format", text));
    }
    let rate_hz = section.rate_hz * section.samples_per_frame as f64;
    if let Some(stated) = parameters.number("ANALOG", "RATE").filter(|r| (r - rate_hz).abs() > 1e-3 * rate_hz)
    {
        notes.push(Note::warning(
            "c3d_rates_differ",
            format!(
                "ANALOG:RATE is {stated} Hz, the data hold {} samples per point frame at {} Hz = {rate_hz} Hz; {rate_hz} Hz is used",
                section.samples_per_frame, section.rate_hz
            ),
        ));
    }
    let samples = match (section.float, unsigned) {
        (true, _) => Samples::F32(Vec::new()),
        (false, true) => Samples::I32(Vec::new()),
        (false, false) => Samples::I16(Vec::new()),
    };
    Some(Stream {
        name: NAME.to_owned(),
        rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels: channels(section, parameters, unsigned, notes),
        samples,
        gaps: Vec::new(),
        times_s: Vec::new(),
    })
}

/// Float files may hold unsigned 16-bit words under FORMAT SIGNED: values up to 65535 whose OFFSET of 32768 was stored
/// as -32768. No signed word exceeds 32767, so such channels are unsigned.
pub fn wrapped_offsets(stream: &mut Stream, notes: &mut Vec<Note>) {
    let width = stream.channels.len();
    let mut wrapped = Vec::new();
    for (k, channel) in stream.channels.iter_mut().enumerate().filter(|(_, c)| c.scale.offset < 0.0) {
        let values = (k..stream.samples.len()).step_by(width).map(|at| stream.samples.get(at));
        let (low, high) = values.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
        if low >= 0.0 && high > 32767.0 && high <= 65535.0 {
            channel.scale.offset += 65536.0;
            wrapped.push(channel.label.clone());
        }
    }
    if !wrapped.is_empty() {
        notes.push(Note::warning(
            "c3d_offset_wrapped",
            format!(
                "{} hold values above 32767 under FORMAT SIGNED: they are unsigned and their negative OFFSET is read as unsigned",
                crate::text::list(&wrapped, 6)
            ),
        ));
    }
}

/// Native values at which the converter clips: a converter of `bits` is signed about 0 or counts up from 0.
fn rails(bits: Option<u8>, offset: f64) -> Option<(f64, f64)> {
    let half = f64::from(1u32 << (bits.filter(|bits| (8..=16).contains(bits))? - 1));
    if offset == 0.0 {
        Some((-half, half - 1.0))
    } else if (offset - half).abs() <= 1.0 {
        Some((0.0, 2.0 * half - 1.0))
    } else {
        None
    }
}

/// Rails that the samples exceed are not those of the converter that made them.
pub fn doubt_rails(stream: &mut Stream) {
    let width = stream.channels.len();
    for (k, channel) in stream.channels.iter_mut().enumerate() {
        let Some((low, high)) = channel.amplifier.rails else { continue };
        let outside = |v: f64| v < low || v > high;
        if (k..stream.samples.len()).step_by(width).any(|at| outside(stream.samples.get(at))) {
            channel.amplifier.rails = None;
        }
    }
}

fn channels(
    section: &Section,
    parameters: &Parameters,
    unsigned: bool,
    notes: &mut Vec<Note>,
) -> Vec<Channel> {
    let labels = parameters.strings("ANALOG", "LABELS");
    let descriptions = parameters.strings("ANALOG", "DESCRIPTIONS");
    let units = parameters.strings("ANALOG", "UNITS");
    let scales = parameters.numbers("ANALOG", "SCALE");
    let offsets = parameters.numbers("ANALOG", "OFFSET");
    let general = parameters.number("ANALOG", "GEN_SCALE").unwrap_or(1.0);
    let bits = parameters.count("ANALOG", "BITS").and_then(|bits| u8::try_from(bits).ok()).filter(|b| *b > 0);
    let mut unlabelled = 0;
    let mut zero_scale: Vec<String> = Vec::new();
    let channels = (0..section.channels)
        .map(|k| {
            let mut label = labels.get(k).cloned().unwrap_or_default();
            if label.is_empty() {
                unlabelled += 1;
                label = format!("analog {}", k + 1);
            }
            let stated = units.get(k).map_or(Unit::Arbitrary, |unit| parse_unit(unit));
            let mut channel = Channel::new(label, Role::unknown(crate::roles::UNSEEN), stated);
            channel.description = descriptions.get(k).cloned().unwrap_or_default();
            channel.amplifier = Amplifier { resolution_bits: bits, ..Amplifier::default() };
            let gain = scales.get(k).copied().unwrap_or(1.0) * general;
            let mut offset = offsets.get(k).copied().unwrap_or(0.0);
            if unsigned && offset < 0.0 {
                // OFFSET is a signed word; for unsigned data 32769 is stored as -32767.
                offset += 65536.0;
            }
            channel.amplifier.rails = rails(bits, offset).filter(|_| !section.float);
            if gain == 0.0 || !gain.is_finite() {
                zero_scale.push(channel.label.clone());
                channel.unit = Unit::Arbitrary;
                channel.scale = Scale { gain: 1.0, offset };
            } else {
                channel.scale = Scale { gain, offset };
            }
            channel
        })
        .collect();
    if unlabelled > 0 {
        let text = format!("{unlabelled} analog channels have no label; they are named by their number");
        notes.push(Note::warning("unlabelled_channels", text));
    }
    if !zero_scale.is_empty() {
        notes.push(Note::warning(
            "c3d_scale_unusable",
            format!(
                "ANALOG:SCALE x GEN_SCALE of {} is 0 or not a number; these channels are shown unscaled in a.u.",
                crate::text::list(&zero_scale, 6)
            ),
        ));
    }
    channels
}
