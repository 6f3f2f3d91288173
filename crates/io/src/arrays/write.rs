//! NPY written: one file a stream, frames by channels in the native type, and beside it `NAME.npy.json` with the rest.

use crate::described::{Described, file_name, losses};
use crate::error::{Error, io_error};
use crate::writer::Writer;
use std::io::{self, Write};
use std::path::Path;
use surae_trial::{Note, Samples, Stream, Trial};

impl Writer for super::Npy {
    fn name(&self) -> &'static str {
        "npy"
    }

    fn title(&self) -> &'static str {
        "NumPy NPY with a JSON beside it"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["npy"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        let mut notes = losses(trial, "npy_cannot_hold", "NPY");
        let regular = |s: &&Stream| s.times_s.is_empty() && s.frames() > 0;
        let main = trial.master_stream().unwrap_or(0);
        let mut streams: Vec<&Stream> = trial.streams.iter().skip(main).take(1).filter(regular).collect();
        let others = trial.streams.iter().enumerate().filter(|(k, s)| *k != main && regular(s));
        streams.extend(others.map(|(_, s)| s));
        if streams.is_empty() {
            let nothing = "the trial has no stream of a regular rate";
            return Err(io_error(path, "write", io::Error::new(io::ErrorKind::InvalidInput, nothing)));
        }
        let stem = path.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
        let names: Vec<String> =
            streams[1..].iter().map(|s| format!("{stem}.{}.npy", file_name(&s.name))).collect();
        for (k, stream) in streams.iter().enumerate() {
            let target = if k == 0 { path.to_owned() } else { path.with_file_name(&names[k - 1]) };
            crate::target::written(&target, |out| encode(stream, out))?;
            let mut described = Described::of(trial, &[stream]);
            if k == 0 {
                described.companions.clone_from(&names);
            }
            let file = target.file_name().map(|f| f.to_string_lossy().into_owned()).unwrap_or_default();
            let beside = target.with_file_name(format!("{file}.json"));
            crate::target::written(&beside, |out| out.write_all(described.json().as_bytes()))?;
        }
        let text =
            format!("rates, labels, scales, gaps and events are in {stem}.npy.json: keep the files together");
        notes.push(Note::info("npy_files", text));
        let gaps: usize = streams.iter().map(|s| s.gaps.len()).sum();
        if gaps > 0 {
            let text =
                format!("NPY does not hold {gaps} gaps: the pieces are joined, their places are in the JSON");
            notes.push(Note::warning("npy_cannot_hold", text));
        }
        if streams.len() < trial.streams.len() {
            let lost = trial.streams.len() - streams.len();
            let text = format!("NPY does not hold streams of irregular times: {lost} left out");
            notes.push(Note::warning("npy_cannot_hold", text));
        }
        Ok(notes)
    }
}

/// One stream as NPY version 1.
pub(crate) fn encode(stream: &Stream, out: &mut dyn Write) -> io::Result<()> {
    let descr = match stream.samples {
        Samples::I16(_) => "<i2",
        Samples::I32(_) => "<i4",
        Samples::F32(_) => "<f4",
        Samples::F64(_) => "<f8",
    };
    let (frames, channels) = (stream.frames(), stream.channels.len());
    let mut header =
        format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({frames}, {channels}), }}");
    // Magic, version, length and header together end at a multiple of 64 bytes, with a line end.
    let padded = (10 + header.len() + 1).next_multiple_of(64) - 11;
    header = format!("{header:<padded$}\n");
    out.write_all(b"\x93NUMPY\x01\x00")?;
    out.write_all(&(header.len() as u16).to_le_bytes())?;
    out.write_all(header.as_bytes())?;
    match &stream.samples {
        Samples::I16(v) => v.iter().try_for_each(|x| out.write_all(&x.to_le_bytes())),
        Samples::I32(v) => v.iter().try_for_each(|x| out.write_all(&x.to_le_bytes())),
        Samples::F32(v) => v.iter().try_for_each(|x| out.write_all(&x.to_le_bytes())),
        Samples::F64(v) => v.iter().try_for_each(|x| out.write_all(&x.to_le_bytes())),
    }
}
