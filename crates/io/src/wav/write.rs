//! WAV written: native numbers as they are, labels and calibration as SpikeRecorder states them, everything else in a
//! chunk of our own that other programs skip. RF64 from 4 GiB on.

use super::OURS;
use crate::described::Described;
use std::io::{self, Write};
use surae_trial::{NativeType, Samples, Stream, Trial, Unit};

/// Largest size that the 32-bit fields of RIFF hold, with room for the other chunks.
const RIFF_MOST: u64 = u32::MAX as u64 - (1 << 20);

/// Writes one stream; `companions` are the files of the others.
pub(crate) fn encode(
    trial: &Trial,
    stream: &Stream,
    companions: &[String],
    out: &mut dyn Write,
) -> io::Result<()> {
    encode_with_limit(trial, stream, companions, RIFF_MOST, out)
}

/// As [`encode`] with the size at which RF64 begins, for tests.
pub(super) fn encode_with_limit(
    trial: &Trial,
    stream: &Stream,
    companions: &[String],
    riff_most: u64,
    out: &mut dyn Write,
) -> io::Result<()> {
    let (kind, bytes): (u16, u16) = match stream.samples.native_type() {
        NativeType::I16 => (1, 2),
        NativeType::I32 => (1, 4),
        NativeType::F32 => (3, 4),
        NativeType::F64 => (3, 8),
    };
    let refuse = |text: &str| io::Error::new(io::ErrorKind::InvalidInput, text.to_owned());
    let channels = u16::try_from(stream.channels.len()).map_err(|_| refuse("more than 65535 channels"))?;
    let rate = stream.rate_hz.round();
    if !(1.0..=f64::from(u32::MAX)).contains(&rate) || channels == 0 {
        return Err(refuse("WAV needs a channel and a rate of 1 Hz or more"));
    }
    let rate = rate as u32;
    let frame = channels.checked_mul(bytes).ok_or_else(|| refuse("frames of more than 65535 bytes"))?;
    let data = stream.samples.len() as u64 * u64::from(bytes);
    let tail = tail(trial, stream, companions);
    let total = 4 + 36 + 24 + 12 + 8 + data + (data & 1) + tail.len() as u64;
    let long = total > riff_most;
    let short = |size: u64| if long { u32::MAX } else { size as u32 };
    let mut head = if long { b"RF64".to_vec() } else { b"RIFF".to_vec() };
    let frames = stream.frames() as u64;
    let body = 4
        + if long { 36 } else { 0 }
        + 24
        + if kind == 3 { 12 } else { 0 }
        + 8
        + data
        + (data & 1)
        + tail.len() as u64;
    head.extend(short(body).to_le_bytes());
    head.extend(b"WAVE");
    if long {
        head.extend(b"ds64");
        head.extend(28u32.to_le_bytes());
        for size in [body, data, frames] {
            head.extend(size.to_le_bytes());
        }
        head.extend(0u32.to_le_bytes());
    }
    head.extend(b"fmt ");
    head.extend(16u32.to_le_bytes());
    head.extend(kind.to_le_bytes());
    head.extend(channels.to_le_bytes());
    head.extend(rate.to_le_bytes());
    head.extend(rate.saturating_mul(u32::from(frame)).to_le_bytes());
    head.extend(frame.to_le_bytes());
    head.extend((8 * bytes).to_le_bytes());
    if kind == 3 {
        // Required beside formats other than integers.
        head.extend(b"fact");
        head.extend(4u32.to_le_bytes());
        head.extend((frames.min(u64::from(u32::MAX)) as u32).to_le_bytes());
    }
    head.extend(b"data");
    head.extend(short(data).to_le_bytes());
    out.write_all(&head)?;
    samples(&stream.samples, out)?;
    if data & 1 == 1 {
        out.write_all(&[0])?;
    }
    out.write_all(&tail)
}

fn samples(samples: &Samples, out: &mut dyn Write) -> io::Result<()> {
    const PIECE: usize = 1 << 14;
    fn put<T: Copy, const N: usize>(
        values: &[T],
        bytes: impl Fn(T) -> [u8; N],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        for piece in values.chunks(PIECE) {
            let all: Vec<u8> = piece.iter().flat_map(|v| bytes(*v)).collect();
            out.write_all(&all)?;
        }
        Ok(())
    }
    match samples {
        Samples::I16(v) => put(v, i16::to_le_bytes, out),
        Samples::I32(v) => put(v, i32::to_le_bytes, out),
        Samples::F32(v) => put(v, f32::to_le_bytes, out),
        Samples::F64(v) => put(v, f64::to_le_bytes, out),
    }
}

/// A chunk with its padding.
fn chunk(id: &[u8; 4], body: &[u8]) -> Vec<u8> {
    let mut bytes = id.to_vec();
    bytes.extend(u32::try_from(body.len()).unwrap_or(u32::MAX).to_le_bytes());
    bytes.extend(body);
    if body.len() % 2 == 1 {
        bytes.push(0);
    }
    bytes
}

/// Labels and calibration as SpikeRecorder writes them, and our own description.
fn tail(trial: &Trial, stream: &Stream, companions: &[String]) -> Vec<u8> {
    let names: String = stream.channels.iter().map(|c| format!("{};", c.label.replace(';', ","))).collect();
    let text = |text: &str| [text.as_bytes(), &[0]].concat();
    let mut info = b"INFO".to_vec();
    info.extend(chunk(b"cnam", &text(&names)));
    if let Some(per_count) = calibration(stream) {
        info.extend(chunk(b"clbr", &text(&format!("{per_count:e};"))));
    }
    let mut described = Described::of(trial, &[stream]);
    described.companions = companions.to_vec();
    [chunk(b"LIST", &info), chunk(OURS, described.json().as_bytes())].concat()
}

/// mV per count, where all channels of 16 bits share it and zero is zero.
fn calibration(stream: &Stream) -> Option<f64> {
    let first = stream.channels.first()?;
    let same = stream.channels.iter().all(|c| c.scale == first.scale && c.unit == first.unit);
    let millivolt = first.unit.volts()? / Unit::Millivolt.volts()?;
    let fits = same && first.scale.offset == 0.0 && stream.samples.native_type() == NativeType::I16;
    fits.then_some(first.scale.gain * millivolt)
}
