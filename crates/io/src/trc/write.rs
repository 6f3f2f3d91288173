//! TRC, written.

use super::Trc;
use crate::error::{Blame, Error, Position};
use crate::writer::Writer;
use std::io::{self, Write};
use std::path::Path;
use surae_trial::{MarkerSet, Note, Trial};

impl Writer for Trc {
    fn name(&self) -> &'static str {
        "trc"
    }

    fn title(&self) -> &'static str {
        "TRC"
    }

    fn extensions(&self) -> &'static [&'static str] {
        &["trc"]
    }

    fn write(&self, trial: &Trial, path: &Path) -> Result<Vec<Note>, Error> {
        let Some(set) = trial.markers.as_ref().filter(|set| set.frames() > 0) else {
            let blame = Blame { path: &path.display().to_string(), format: "TRC" };
            let what = "writing a trial without markers";
            return Err(blame.unsupported(Position::Whole, what, "write streams to .sto, .csv or .c3d"));
        };
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let origin = (trial.time_origin_s * set.rate_hz).round().max(0.0) as u64 + 1;
        crate::target::written(path, |out| put(set, &name, origin, out))?;
        Ok(losses(trial))
    }
}

fn losses(trial: &Trial) -> Vec<Note> {
    let streams: Vec<&str> = trial.streams.iter().map(|s| s.name.as_str()).collect();
    let streams_text = format!("streams ({})", crate::text::list(&streams, 6));
    let lost = [
        (!streams.is_empty(), streams_text.as_str()),
        (!trial.events.is_empty(), "events"),
        (!trial.plates.is_empty(), "the description of force plates"),
        (trial.log.is_some(), "the session log"),
    ];
    lost.into_iter()
        .filter(|(there, _)| *there)
        .map(|(_, what)| Note::warning("trc_cannot_hold", format!("TRC does not hold {what}")))
        .collect()
}

fn put(set: &MarkerSet, name: &str, first_frame: u64, out: &mut dyn Write) -> io::Result<()> {
    let (rate, frames, markers) = (set.rate_hz, set.frames(), set.markers.len());
    writeln!(out, "PathFileType\t4\t(X/Y/Z)\t{name}")?;
    writeln!(
        out,
        "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames"
    )?;
    let unit = set.unit.symbol();
    writeln!(out, "{rate}\t{rate}\t{frames}\t{markers}\t{unit}\t{rate}\t{first_frame}\t{frames}")?;
    write!(out, "Frame#\tTime")?;
    for marker in &set.markers {
        let label: String = marker.label.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        write!(out, "\t{label}\t\t")?;
    }
    write!(out, "\n\t")?;
    for k in 1..=markers {
        write!(out, "\tX{k}\tY{k}\tZ{k}")?;
    }
    writeln!(out, "\n")?;
    for frame in 0..frames {
        // Nine decimals place frames of any rate.
        write!(out, "{}\t{:.9}", frame + 1, set.start_s.0 + frame as f64 / rate)?;
        for marker in &set.markers {
            match marker.position.get(frame).filter(|p| p.iter().all(|v| v.is_finite())) {
                Some([x, y, z]) => write!(out, "\t{x}\t{y}\t{z}")?,
                None => write!(out, "\t\t\t")?,
            }
        }
        writeln!(out)?;
    }
    Ok(())
}
