//! Samples and their meaning.

use super::chunks::{self, Coding, Wave};
use super::events;
use crate::described::Described;
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::roles::UNSEEN;
use surae_trial::{Channel, Event, Note, Role, Samples, Scale, Seconds, Stream, Trial, Unit};

pub fn read(input: &Input<'_>) -> Result<Trial, Error> {
    let told = companion_events(input);
    trial_of(&input.name, input.bytes()?, told.as_deref())
}

/// `<name>-events.txt` beside the file, as SpikeRecorder writes it.
fn companion_events(input: &Input<'_>) -> Option<Vec<u8>> {
    let stem = std::path::Path::new(&input.name).file_stem()?.to_string_lossy().into_owned();
    let beside = input.companion(&format!("{stem}-events.txt")).ok()?;
    beside.bytes().ok().map(<[u8]>::to_vec)
}

/// A trial from the bytes of a WAV and of its events file.
pub(crate) fn trial_of(name: &str, bytes: &[u8], events_file: Option<&[u8]>) -> Result<Trial, Error> {
    let blame = Blame { path: name, format: "WAV" };
    let mut notes = Vec::new();
    let wave = chunks::parse(bytes, &blame, &mut notes)?;
    let samples = samples(&wave, &bytes[wave.data.clone()], &mut notes);
    if samples.is_empty() {
        let todo = "record it again; the header is intact";
        return Err(blame.malformed(Position::Byte(wave.data.start as u64), "no sample follows", todo));
    }
    let mut events = Vec::new();
    if let Some(file) = events_file {
        events = events::parse(&crate::text::decode(file), &mut notes);
        let text = format!("{} events are taken from the events file beside it", events.len());
        notes.push(Note::info("events_beside", text));
    }
    if let Some(trial) = described(&wave, &samples, &events, &mut notes) {
        return Ok(trial);
    }
    let stream = Stream {
        name: "signals".to_owned(),
        rate_hz: f64::from(wave.rate_hz),
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels: channels(&wave, &mut notes),
        samples,
        gaps: Vec::new(),
        times_s: Vec::new(),
    };
    let mut trial = Trial { streams: vec![stream], events, notes, ..Trial::default() };
    crate::roles::assign(&mut trial);
    Ok(trial)
}

/// What Surae wrote beside the samples.
fn described(wave: &Wave, samples: &Samples, events: &[Event], notes: &mut Vec<Note>) -> Option<Trial> {
    let described = Described::parse(wave.ours.as_deref()?)?;
    let [stream] = &described.streams[..] else { return None };
    if stream.channels.len() != wave.channels || samples.native_type() != stream.native {
        let text = "the description that Surae wrote does not fit the samples and is not used";
        notes.push(Note::warning("wav_description", text));
        return None;
    }
    let mut stream = stream.stream(samples.clone(), Vec::new());
    stream.gaps.retain(|gap| gap.index.0 <= stream.samples.len() as u64 + crate::text::MOST_LOST_SAMPLES);
    let mut trial = described.clone().trial(vec![stream], std::mem::take(notes));
    if trial.events.is_empty() {
        trial.events = events.to_vec();
    }
    if !described.companions.is_empty() {
        let list = crate::text::list(&described.companions, 6);
        trial.notes.push(Note::info("companions", format!("other streams of this trial are in {list}")));
    }
    crate::roles::assign(&mut trial);
    Some(trial)
}

fn samples(wave: &Wave, data: &[u8], notes: &mut Vec<Note>) -> Samples {
    let rest = data.len() % wave.frame_bytes;
    if rest > 0 {
        let text = format!("the last {rest} bytes are no whole frame of {} bytes", wave.frame_bytes);
        notes.push(Note::info("wav_rest", text));
    }
    let size = wave.coding.bytes();
    let values =
        data.chunks_exact(wave.frame_bytes).flat_map(|frame| frame.chunks_exact(size).take(wave.channels));
    match wave.coding {
        Coding::U8 => Samples::I16(values.map(|b| i16::from(b[0])).collect()),
        Coding::I16 => Samples::I16(values.map(|b| i16::from_le_bytes([b[0], b[1]])).collect()),
        Coding::I24 => Samples::I32(values.map(|b| i32::from_le_bytes([0, b[0], b[1], b[2]]) >> 8).collect()),
        Coding::I32 => Samples::I32(values.map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()),
        Coding::F32 => Samples::F32(values.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])).collect()),
        Coding::F64 => Samples::F64(
            values.map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])).collect(),
        ),
    }
}

/// Native full scale: counts of the largest value, and the count of zero; `None` for floats.
fn full_scale(coding: Coding) -> Option<(f64, f64)> {
    match coding {
        Coding::U8 => Some((128.0, 128.0)),
        Coding::I16 => Some((32_768.0, 0.0)),
        Coding::I24 => Some((8_388_608.0, 0.0)),
        Coding::I32 => Some((2_147_483_648.0, 0.0)),
        Coding::F32 | Coding::F64 => None,
    }
}

fn channels(wave: &Wave, notes: &mut Vec<Note>) -> Vec<Channel> {
    let entry = |key: &str| wave.info.iter().find(|(id, _)| id == key).map(|(_, text)| text.as_str());
    let names: Vec<&str> = entry("cnam").unwrap_or("").split(';').map(str::trim).collect();
    let calibration = entry("clbr")
        .and_then(|text| text.split(';').next()?.trim().parse::<f64>().ok())
        .filter(|v| v.is_finite() && *v > 0.0);
    let range = full_scale(wave.coding);
    match (calibration, wave.coding) {
        (Some(per_count), Coding::I16) => notes.push(Note::info(
            "wav_calibrated",
            format!("the file's calibration (LIST/INFO clbr) gives {per_count} mV per count"),
        )),
        _ => notes.push(Note::warning(
            "wav_no_unit",
            "WAV states no unit: values are shares of full scale (a.u.). State unit and scale with a map",
        )),
    }
    (0..wave.channels)
        .map(|k| {
            let name = names.get(k).copied().unwrap_or("");
            let label = if name.is_empty() { format!("channel {}", k + 1) } else { name.to_owned() };
            let mut channel = Channel::new(label, Role::unknown(UNSEEN), Unit::Arbitrary);
            if let Some((full, zero)) = range {
                channel.scale = Scale { gain: 1.0 / full, offset: zero };
                channel.amplifier.rails = Some((zero - full, zero + full - 1.0));
            }
            // SpikeRecorder calibrates its 16-bit counts.
            if let (Some(per_count), Coding::I16) = (calibration, wave.coding) {
                channel.scale = Scale { gain: per_count, offset: 0.0 };
                channel.unit = Unit::Millivolt;
            }
            channel
        })
        .collect()
}
