//! C3D: Intel, DEC (VAX) and MIPS, integer and float; points, analog, events, force plates.
//!
//! Our own reader: units, gaps, offsets and event times decide every later number, and files of many programs bend
//! the format. Not for computing forces (the plates are only described) and not for joint angles from markers.

mod analog;
mod data;
mod events;
mod header;
mod number;
mod parameters;
mod plates;
mod points;
mod write;

use crate::error::{Blame, Error};
use crate::input::Input;
use crate::reader::{Chunk, Reader};
use crate::registry::{Confidence, Format};
pub(crate) use events::kind_of as event_kind_of;
pub(crate) use events::side_of as event_side;
use parameters::Parameters;
use std::collections::VecDeque;
use surae_trial::{Note, Samples, Subject, Trial};

/// Bytes in which header and parameters must lie; a section is at most 255 blocks, files that overflow it stay far below.
const HEADER_BYTES: usize = 4 << 20;

/// The C3D format.
pub struct C3d;

impl Format for C3d {
    fn name(&self) -> &'static str {
        "c3d"
    }

    fn title(&self) -> &'static str {
        "C3D"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        if !header::looks_like_c3d(bytes) {
            return Confidence::No;
        }
        // A text file may have 'P' as its second character; its third and fourth bytes are then letters, not a count.
        let text =
            bytes.iter().take(64).all(|b| (0x20..0x7f).contains(b) || matches!(b, b'\t' | b'\r' | b'\n'));
        if text { Confidence::No } else { Confidence::Sure }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let mut scan = Scan::new(input)?;
        scan.reserve();
        while let Some(chunks) = scan.next(input)? {
            for chunk in chunks {
                crate::reader::place(&mut scan.layout, chunk);
            }
        }
        let mut trial = scan.layout;
        scan.points.report(&mut trial.notes);
        if let Some(stream) = trial.streams.iter_mut().find(|stream| stream.name == analog::NAME) {
            analog::wrapped_offsets(stream, &mut trial.notes);
            analog::doubt_rails(stream);
        }
        crate::roles::assign(&mut trial);
        Ok(trial)
    }

    /// What only all samples tell (gaps coded as zero, unsigned words under FORMAT SIGNED, the nature of EMG) is not in
    /// the layout.
    fn open<'a>(&self, input: Input<'a>) -> Result<Box<dyn Reader + 'a>, Error> {
        let mut scan = Scan::new(&input)?;
        crate::roles::label(&mut scan.layout);
        scan.layout.path.clone_from(&input.name);
        self.name().clone_into(&mut scan.layout.format);
        Ok(Box::new(Pieces { input, scan, waiting: VecDeque::new() }))
    }
}

/// A file that is being gone through.
struct Scan {
    layout: Trial,
    points: points::Points,
    frames: data::Frames,
    whole: usize,
    samples_per_frame: usize,
    analog: bool,
}

impl Scan {
    fn new(input: &Input<'_>) -> Result<Self, Error> {
        let blame = Blame { path: &input.name, format: "C3D" };
        let head = input.piece(0, HEADER_BYTES)?;
        let (header, data) = header::read(&head, &blame)?;
        let parameters = Parameters::read(&data, header.parameters_at);
        let mut notes = Vec::new();
        parameter_notes(&parameters, &mut notes);
        let section = data::section(&header, &parameters, input.len(), &blame, &mut notes)?;
        let origin_s = (section.first_frame - 1) as f64 / section.rate_hz;
        let duration_s = section.frames as f64 / section.rate_hz;
        let streams: Vec<_> = analog::stream(&section, &parameters, &mut notes).into_iter().collect();
        let channels = streams.first().map_or(0, |stream| stream.channels.len());
        let plates = plates::read(&parameters, channels, &mut notes);
        let events = events::read(&header, &parameters, origin_s, duration_s, &mut notes);
        let subject = subject(&parameters);
        let mut layout =
            Trial { time_origin_s: origin_s, subject, events, streams, plates, notes, ..Trial::default() };
        let points = points::layout(&section, &parameters, &mut layout);
        layout.notes.push(Note::info(
            "c3d_layout",
            format!(
                "{} {}, first frame {}: trial time 0 is {origin_s:.4} s on the file's clock",
                data.processor.name(),
                if section.float { "float" } else { "integer" },
                section.first_frame
            ),
        ));
        Ok(Self {
            layout,
            points,
            whole: section.frames,
            samples_per_frame: section.samples_per_frame,
            analog: section.channels > 0,
            frames: data::Frames::new(section, data.processor, analog::unsigned(&parameters)),
        })
    }

    /// Room for all samples; the number of frames is bounded by the length of the file.
    fn reserve(&mut self) {
        for stream in &mut self.layout.streams {
            let per_frame = if stream.name == analog::NAME { self.samples_per_frame } else { 1 };
            let values = self.whole * per_frame * stream.channels.len();
            match &mut stream.samples {
                Samples::I16(v) => v.reserve_exact(values),
                Samples::I32(v) => v.reserve_exact(values),
                Samples::F32(v) => v.reserve_exact(values),
                Samples::F64(v) => v.reserve_exact(values),
            }
        }
        for marker in self.layout.markers.iter_mut().flat_map(|set| &mut set.markers) {
            marker.position.reserve_exact(self.whole);
        }
    }

    fn next(&mut self, input: &Input<'_>) -> Result<Option<Vec<Chunk>>, Error> {
        let Some(piece) = self.frames.next(input)? else { return Ok(None) };
        let mut chunks = self.points.chunks(piece.points);
        if self.analog {
            chunks.push(Chunk::Samples { stream: 0, samples: piece.analog, times_s: Vec::new() });
        }
        Ok(Some(chunks))
    }
}

/// A file that is read piece by piece.
struct Pieces<'a> {
    input: Input<'a>,
    scan: Scan,
    waiting: VecDeque<Chunk>,
}

impl Reader for Pieces<'_> {
    fn layout(&self) -> &Trial {
        &self.scan.layout
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        while self.waiting.is_empty() {
            match self.scan.next(&self.input)? {
                Some(chunks) => self.waiting.extend(chunks),
                None => return Ok(None),
            }
        }
        Ok(self.waiting.pop_front())
    }
}

fn parameter_notes(parameters: &Parameters, notes: &mut Vec<Note>) {
    if let Some(at) = parameters.torn_at {
        let text = format!("the parameter section is damaged at byte {at}; parameters after it are missing");
        notes.push(Note::warning("c3d_parameters_damaged", text));
    }
    if !parameters.duplicates.is_empty() {
        let text = format!(
            "parameters stand twice: {}; the first with a value is used",
            crate::text::list(&parameters.duplicates, 6)
        );
        notes.push(Note::info("c3d_duplicate_parameters", text));
    }
}

/// Name, mass in kg and height in m where SUBJECTS and PROCESSING (Plug-in Gait) state them.
fn subject(parameters: &Parameters) -> Subject {
    let name = parameters.strings("SUBJECTS", "NAMES").into_iter().find(|name| !name.is_empty());
    let mass_kg = ["BODYMASS", "MASS"].iter().find_map(|n| parameters.number("PROCESSING", n));
    let height_mm = parameters.number("PROCESSING", "HEIGHT");
    Subject {
        name,
        mass_kg: mass_kg.filter(|kg| *kg > 1.0 && *kg < 500.0),
        height_m: height_mm
            .map(|mm| if mm > 3.0 { mm / 1000.0 } else { mm })
            .filter(|m| *m > 0.3 && *m < 2.6),
    }
}
