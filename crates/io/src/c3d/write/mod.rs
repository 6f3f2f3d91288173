//! C3D, written: Intel, 32-bit floats, native analog values with their scale.
//!
//! One point rate, one analog rate that is a whole multiple of it, one start; what does not fit is said and left out.

mod parameters;
mod plan;
mod section;

use super::C3d;
use crate::error::{Blame, Error, Position};
use crate::writer::Writer;
use plan::{AnalogChannel, HEADER_FRAMES, Plan, Track};
use std::io::{self, Write};
use std::path::Path;
use surae_trial::{Kind, Note, Trial};

impl Writer for C3d {
    fn name(&self) -> &'static str {
        "c3d"
    }

    fn title(&self) -> &'static str {
        "C3D"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["c3d"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        let shown = path.display().to_string();
        let plan = Plan::of(trial, &shown)?;
        let mut notes = Vec::new();
        let section = section(&plan, &shown, &mut notes)?;
        let mut rounded = false;
        crate::target::written(path, |out| {
            out.write_all(&header(&plan, section.len() / 512))?;
            out.write_all(&section)?;
            frames(&plan, out, &mut rounded)
        })?;
        let mut all = plan.notes;
        all.append(&mut notes);
        if rounded {
            let text =
                "C3D stores 32-bit floats: values, scales and times differ by up to 6e-8 of themselves";
            all.push(Note::info("c3d_float32", text));
        }
        all.extend(lost(trial));
        Ok(all)
    }
}

fn lost(trial: &Trial) -> Option<Note> {
    let text = "C3D does not hold the session log (estimates, settings, clocks)";
    trial.log.is_some().then(|| Note::warning("c3d_cannot_hold", text))
}

/// The parameter section, which must know where the data begin: its length does not depend on that number.
fn section(plan: &Plan<'_>, path: &str, notes: &mut Vec<Note>) -> Result<Vec<u8>, Error> {
    for descriptions in [true, false] {
        let Some(first) = parameters::encode(plan, 0, descriptions, &mut Vec::new()) else { continue };
        let data_block = (first.len() / 512 + 2) as u16;
        if !descriptions {
            let text = "the parameter section is full: descriptions of channels are left out";
            notes.push(Note::warning("c3d_descriptions_left_out", text));
        }
        if let Some(section) = parameters::encode(plan, data_block, descriptions, notes) {
            return Ok(section);
        }
    }
    let blame = Blame { path, format: "C3D" };
    let what = format!("labels of {} points and {} channels", plan.points.len(), plan.analog.len());
    Err(blame.limit(Position::Whole, what, "255 blocks of parameters"))
}

fn header(plan: &Plan<'_>, parameter_blocks: usize) -> Vec<u8> {
    let mut header = vec![0u8; 512];
    header[0] = 2;
    header[1] = 0x50;
    let mut word = |number: usize, value: usize| {
        let value = value.min(HEADER_FRAMES) as u16;
        header[(number - 1) * 2..number * 2].copy_from_slice(&value.to_le_bytes());
    };
    word(2, plan.points.len());
    word(3, plan.analog.len() * plan.samples_per_frame);
    word(4, plan.first_frame);
    word(5, plan.first_frame + plan.frames - 1);
    word(9, parameter_blocks + 2);
    // Also without analog data: readers compare it with the ratio of the rates.
    word(10, plan.samples_per_frame);
    header[12..16].copy_from_slice(&(-1.0f32).to_le_bytes());
    header[20..24].copy_from_slice(&(plan.rate_hz as f32).to_le_bytes());
    header
}

/// Factor of the stored values: the channel's gain, or 1 where a 32-bit float cannot hold it.
pub(super) fn stored_gain(analog: &AnalogChannel<'_>) -> f64 {
    let gain = analog.stream.channels[analog.channel].scale.gain;
    let usable = (gain as f32).is_normal() && analog.column.is_none();
    if usable { gain } else { 1.0 }
}

/// Native value without its offset, so that OFFSET is 0 whatever the source's was; `NaN` past the end.
fn stored(analog: &AnalogChannel<'_>, index: usize) -> f64 {
    if let Some(column) = &analog.column {
        return column.get(index).copied().unwrap_or(f64::NAN);
    }
    let at = index * analog.stream.channels.len() + analog.channel;
    if index >= analog.stream.frames() {
        return f64::NAN;
    }
    let scale = analog.stream.channels[analog.channel].scale;
    let native = analog.stream.samples.get(at);
    if stored_gain(analog) == scale.gain { native - scale.offset } else { scale.physical(native) }
}

fn frames(plan: &Plan<'_>, out: &mut dyn Write, rounded: &mut bool) -> io::Result<()> {
    let mut put = |out: &mut dyn Write, value: f64| {
        let single = value as f32;
        *rounded |= f64::from(single) != value && !value.is_nan();
        out.write_all(&single.to_le_bytes())
    };
    for frame in 0..plan.frames {
        for point in &plan.points {
            let position = coordinates(&point.track, frame);
            let missing = position.iter().any(|v| !v.is_finite());
            for value in if missing { [0.0; 3] } else { position } {
                put(out, value)?;
            }
            put(out, if missing { -1.0 } else { 0.0 })?;
        }
        for sample in 0..plan.samples_per_frame {
            for analog in &plan.analog {
                put(out, stored(analog, frame * plan.samples_per_frame + sample))?;
            }
        }
    }
    // Whole blocks, as the format asks.
    let values = plan.frames * (plan.points.len() * 4 + plan.analog.len() * plan.samples_per_frame);
    let rest = (values * 4) % 512;
    if rest > 0 {
        out.write_all(&vec![0; 512 - rest])?;
    }
    *rounded |= plan.analog.iter().any(|a| f64::from(stored_gain(a) as f32) != stored_gain(a));
    Ok(())
}

fn coordinates(track: &Track<'_>, frame: usize) -> [f64; 3] {
    match track {
        Track::Marker(positions) => positions.get(frame).copied().unwrap_or([f64::NAN; 3]),
        Track::Output { stream, channels } => {
            if frame >= stream.frames() {
                return [f64::NAN; 3];
            }
            let value = |channel: Option<usize>| {
                let Some(channel) = channel else { return 0.0 };
                let native = stream.samples.get(frame * stream.channels.len() + channel);
                stream.channels[channel].scale.physical(native)
            };
            let position = channels.map(value);
            let angle = channels[0].is_some_and(|c| stream.channels[c].role.kind == Kind::Angle);
            if angle && position == [0.0; 3] {
                // Programs take (0, 0, 0) for a gap: an angle of exactly zero becomes the smallest number above it.
                return [f64::from(f32::MIN_POSITIVE), 0.0, 0.0];
            }
            position
        }
    }
}
