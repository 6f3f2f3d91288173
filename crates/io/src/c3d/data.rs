//! The data section: frames of points followed by analog samples.

use super::header::Header;
use super::number::Processor;
use super::parameters::Parameters;
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use surae_trial::{Note, Samples};

/// Values a file may hold before its header is called damaged.
const MAX_VALUES: usize = 1 << 32;
/// Bytes of frames that are in memory at a time.
const PIECE_BYTES: usize = 1 << 20;

/// Where the frames are and how many are whole.
#[derive(Clone, Debug)]
pub struct Section {
    pub at: usize,
    pub float: bool,
    pub points: usize,
    pub channels: usize,
    pub samples_per_frame: usize,
    pub frames: usize,
    /// 1-based number of the first frame.
    pub first_frame: u64,
    pub rate_hz: f64,
    /// Factor of integer coordinates.
    pub scale: f64,
}

impl Section {
    fn value_bytes(&self) -> usize {
        if self.float { 4 } else { 2 }
    }

    fn frame_values(&self) -> usize {
        self.points * 4 + self.channels * self.samples_per_frame
    }

    fn frame_bytes(&self) -> usize {
        self.frame_values() * self.value_bytes()
    }

    fn frame_at(&self, frame: usize) -> u64 {
        self.at as u64 + frame as u64 * self.frame_bytes() as u64
    }

    /// Frames that are read at a time: about [`PIECE_BYTES`].
    fn piece(&self) -> usize {
        (PIECE_BYTES / self.frame_bytes()).max(1)
    }
}

/// Works out the section from header and parameters, and how much of it is there.
pub fn section(
    header: &Header,
    parameters: &Parameters,
    length: u64,
    blame: &Blame<'_>,
    notes: &mut Vec<Note>,
) -> Result<Section, Error> {
    let rate_hz = rate(header, parameters, notes).ok_or_else(|| {
        blame.malformed(
            Position::Byte(20),
            format!("the point rate is {} Hz and ANALOG:RATE gives none either", header.rate_hz),
            "set POINT:RATE in the program that wrote the file and export it again",
        )
    })?;
    let samples_per_frame = header.analog_samples.max(usize::from(header.analog_per_frame > 0));
    let channels = header.analog_per_frame.checked_div(samples_per_frame).unwrap_or(0);
    disagreements(header, parameters, channels, notes);
    let (first_frame, declared) = frame_numbers(header, parameters);
    let point_scale = parameters.number("POINT", "SCALE").unwrap_or_else(|| f64::from(header.scale));
    let mut section = Section {
        at: data_start(header, parameters),
        float: header.scale < 0.0,
        points: header.points,
        channels,
        samples_per_frame,
        frames: 0,
        first_frame,
        rate_hz,
        scale: point_scale.abs(),
    };
    if section.frame_values() == 0 {
        return Err(blame.malformed(
            Position::Byte(2),
            "the header declares neither points nor analog channels",
            "export the trial again with data in it",
        ));
    }
    if channels > surae_trial::SessionLayout::MAX_CHANNELS {
        return Err(blame.limit(Position::Byte(4), format!("{channels} analog channels"), "1024 channels"));
    }
    let present = length.saturating_sub(section.at as u64) / section.frame_bytes() as u64;
    let present = usize::try_from(present).unwrap_or(usize::MAX);
    // Word 5 cannot count beyond 65535: such files are read to their end.
    section.frames = declared.map_or(present, |n| usize::try_from(n).unwrap_or(usize::MAX)).min(present);
    if section.frames == 0 {
        return Err(blame.malformed(
            Position::Byte(length.min(section.at as u64)),
            format!("no whole frame: data start at byte {} and the file ends at {length}", section.at),
            "the file was cut; copy or export it again",
        ));
    }
    if section.frames.saturating_mul(section.frame_values()) > MAX_VALUES {
        let what = format!("{} frames of {} values", section.frames, section.frame_values());
        return Err(blame.limit(Position::Byte(6), what, "2^32 values"));
    }
    if let Some(declared) = declared.filter(|n| *n > section.frames as u64) {
        notes.push(Note::warning(
            "truncated",
            format!(
                "the file ends at byte {length}, inside frame {} of {declared}: {} whole frames were read ({:.3} s)",
                section.frames + 1,
                section.frames,
                section.frames as f64 / rate_hz
            ),
        ));
    }
    Ok(section)
}

/// Point rate; files without points may carry it in ANALOG:RATE only.
fn rate(header: &Header, parameters: &Parameters, notes: &mut Vec<Note>) -> Option<f64> {
    let good = |rate: &f64| rate.is_finite() && *rate > 0.0 && *rate < 1e6;
    let stated = parameters.number("POINT", "RATE").filter(good);
    let in_header = Some(f64::from(header.rate_hz)).filter(good);
    if let (Some(parameter), Some(header)) = (stated, in_header)
        && (parameter - header).abs() > 1e-3 * header
    {
        notes.push(Note::warning(
            "c3d_rates_differ",
            format!("header and POINT:RATE give {header} and {parameter} Hz; the header's rate is used"),
        ));
    }
    let samples = header.analog_samples.max(1) as f64;
    let from_analog = || parameters.number("ANALOG", "RATE").map(|rate| rate / samples).filter(good);
    in_header.or(stated).or_else(from_analog)
}

fn data_start(header: &Header, parameters: &Parameters) -> usize {
    let block = parameters.count("POINT", "DATA_START").filter(|block| *block > 1);
    if header.data_at > 0 { header.data_at } else { block.map_or(512, |block| (block - 1) * 512) }
}

/// First frame (1-based) and the number of frames, `None` when only the file's end tells.
fn frame_numbers(header: &Header, parameters: &Parameters) -> (u64, Option<u64>) {
    let words = |name: &str| -> Option<u64> {
        let parts = parameters.get("TRIAL", name)?.numbers();
        let low = *parts.first()?;
        let high = parts.get(1).copied().unwrap_or(0.0);
        let unsigned = |v: f64| if v < 0.0 { v + 65536.0 } else { v };
        Some((unsigned(low) + 65536.0 * unsigned(high)) as u64)
    };
    if let (Some(first), Some(last)) = (words("ACTUAL_START_FIELD"), words("ACTUAL_END_FIELD"))
        && first >= 1
        && last >= first
        && last > 65535
    {
        return (first, Some(last - first + 1));
    }
    let first = u64::from(header.first_frame.max(1));
    let last = u64::from(header.last_frame);
    if let Some(long) = parameters.number("POINT", "LONG_FRAMES").filter(|n| *n > 65535.0) {
        return (first, Some(long as u64));
    }
    if let Some(frames) = parameters.number("POINT", "FRAMES").filter(|n| *n > 65535.0) {
        return (first, Some(frames as u64));
    }
    if header.last_frame == u16::MAX || last < first {
        return (first, None);
    }
    (first, Some(last - first + 1))
}

/// The header decides the layout of the data; parameters that say otherwise are reported.
fn disagreements(header: &Header, parameters: &Parameters, channels: usize, notes: &mut Vec<Note>) {
    for (group, found, what) in [("POINT", header.points, "points"), ("ANALOG", channels, "analog channels")]
    {
        if let Some(used) = parameters.count(group, "USED").filter(|used| *used != found) {
            notes.push(Note::warning(
                "c3d_counts_differ",
                format!("header and {group}:USED give {found} and {used} {what}; the header decides how data are laid out"),
            ));
        }
    }
}

/// The frames of a file, read in pieces.
#[derive(Debug)]
pub struct Frames {
    section: Section,
    processor: Processor,
    unsigned: bool,
    next: usize,
    buffer: Vec<u8>,
}

/// Some frames, decoded.
#[derive(Debug)]
pub struct Piece {
    /// Tracks of the points: position and residual, `None` nowhere; a negative residual means not measured.
    pub points: Vec<Vec<RawPoint>>,
    /// Analog words as stored, interleaved by channel.
    pub analog: Samples,
}

/// One point as stored.
#[derive(Clone, Copy, Debug)]
pub struct RawPoint {
    /// Coordinates in the unit of the file.
    pub position: [f64; 3],
    /// Negative: the point was not measured.
    pub residual: f64,
}

impl Frames {
    pub fn new(section: Section, processor: Processor, unsigned: bool) -> Self {
        Self { section, processor, unsigned, next: 0, buffer: Vec::new() }
    }

    /// The next frames; `None` after the last one.
    pub fn next(&mut self, input: &Input<'_>) -> Result<Option<Piece>, Error> {
        let frames = self.section.piece().min(self.section.frames - self.next);
        if frames == 0 {
            return Ok(None);
        }
        let size = self.section.frame_bytes();
        self.buffer.resize(frames * size, 0);
        let read = input.read_at(self.section.frame_at(self.next), &mut self.buffer)?;
        if read < self.buffer.len() {
            let blame = Blame { path: &input.name, format: "C3D" };
            return Err(blame.malformed(
                Position::Byte(self.section.frame_at(self.next) + read as u64),
                "the file became shorter while it was read",
                "wait until it is copied and open it again",
            ));
        }
        self.next += frames;
        Ok(Some(Piece { points: self.points(frames), analog: self.analog(frames) }))
    }

    fn points(&self, frames: usize) -> Vec<Vec<RawPoint>> {
        let (section, processor) = (&self.section, self.processor);
        let mut tracks: Vec<Vec<RawPoint>> =
            (0..section.points).map(|_| Vec::with_capacity(frames)).collect();
        for frame in self.buffer.chunks_exact(section.frame_bytes()) {
            let stored = frame.chunks_exact(4 * section.value_bytes());
            for (track, bytes) in tracks.iter_mut().zip(stored) {
                let value = |k: usize| {
                    if section.float {
                        let b = &bytes[4 * k..];
                        f64::from(processor.f32([b[0], b[1], b[2], b[3]]))
                    } else {
                        f64::from(processor.i16([bytes[2 * k], bytes[2 * k + 1]]))
                    }
                };
                let scale = if section.float { 1.0 } else { section.scale };
                let position = [value(0) * scale, value(1) * scale, value(2) * scale];
                track.push(RawPoint { position, residual: value(3) });
            }
        }
        tracks
    }

    fn analog(&self, frames: usize) -> Samples {
        let section = &self.section;
        let total = frames * section.channels * section.samples_per_frame;
        let size = section.value_bytes();
        let skip = section.points * 4 * size;
        let run = section.channels * section.samples_per_frame * size;
        let blocks = self.buffer.chunks_exact(section.frame_bytes()).map(|frame| &frame[skip..skip + run]);
        if section.float {
            let mut values = Vec::with_capacity(total);
            for block in blocks {
                values.extend(block.chunks_exact(4).map(|b| self.processor.f32([b[0], b[1], b[2], b[3]])));
            }
            Samples::F32(values)
        } else if self.unsigned {
            Samples::I32(words(self.processor, blocks, total, |v| i32::from(v.cast_unsigned())))
        } else {
            Samples::I16(words(self.processor, blocks, total, |v| v))
        }
    }
}

fn words<'a, T>(
    processor: Processor,
    blocks: impl Iterator<Item = &'a [u8]>,
    total: usize,
    convert: impl Fn(i16) -> T,
) -> Vec<T> {
    let mut values = Vec::with_capacity(total);
    for block in blocks {
        values.extend(block.chunks_exact(2).map(|b| convert(processor.i16([b[0], b[1]]))));
    }
    values
}
