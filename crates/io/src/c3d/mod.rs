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

use crate::error::{Blame, Error};
use crate::input::Input;
use crate::registry::{Confidence, Format};
pub(crate) use events::kind_of as event_kind_of;
pub(crate) use events::side_of as event_side;
use parameters::Parameters;
use surae_trial::{Note, Subject, Trial};

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
        let blame = Blame { path: &input.name, format: "C3D" };
        let bytes = input.bytes()?;
        let (header, data) = header::read(bytes, &blame)?;
        let parameters = Parameters::read(&data, header.parameters_at);
        let mut notes = Vec::new();
        parameter_notes(&parameters, &mut notes);
        let section = data::section(&header, &parameters, bytes.len(), &blame, &mut notes)?;
        let origin_s = (section.first_frame - 1) as f64 / section.rate_hz;
        let duration_s = section.frames as f64 / section.rate_hz;
        let mut streams: Vec<_> =
            analog::stream(data, &section, &parameters, &mut notes).into_iter().collect();
        let channels = streams.first().map_or(0, |stream| stream.channels.len());
        let plates = plates::read(&parameters, channels, &mut notes);
        let points = points::read(data, &section, &parameters, &mut notes);
        streams.extend(points.streams);
        let mut trial = Trial {
            time_origin_s: origin_s,
            subject: subject(&parameters),
            events: events::read(&header, &parameters, origin_s, duration_s, &mut notes),
            streams,
            markers: points.markers,
            plates,
            notes,
            ..Trial::default()
        };
        trial.notes.push(Note::info(
            "c3d_layout",
            format!(
                "{} {}, first frame {}: trial time 0 is {origin_s:.4} s on the file's clock",
                data.processor.name(),
                if section.float { "float" } else { "integer" },
                section.first_frame
            ),
        ));
        crate::roles::assign(&mut trial);
        Ok(trial)
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
