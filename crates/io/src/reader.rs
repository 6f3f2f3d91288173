//! Reading piece by piece: first what a file says of itself, then its samples in chunks.
//!
//! For files that are larger than one wants in memory. [`crate::read_trial`] gathers the chunks of such formats.

use crate::error::Error;
use surae_trial::{Samples, Stream, Trial};

/// Frames that a chunk of [`Whole`] holds at most.
const CHUNK_FRAMES: usize = 1 << 16;

/// A part of the samples of a file.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Chunk {
    /// Frames of one stream, interleaved, in the order of the file.
    Samples {
        /// Position of the stream in the layout.
        stream: usize,
        /// Native values.
        samples: Samples,
        /// Times of the frames in s, only for streams that keep the times of the file (irregular ones).
        times_s: Vec<f64>,
    },
    /// Frames of all markers: one track per marker of the layout, all equally long.
    Markers(Vec<Vec<[f64; 3]>>),
}

/// A trial that is read piece by piece.
pub trait Reader {
    /// What the file says before its samples: streams with their channels and rates and no samples, markers with their
    /// labels and no positions, events, plates, notes. Roles are those of the labels alone.
    fn layout(&self) -> &Trial;

    /// The next part; `None` at the end. After an error nothing follows.
    ///
    /// # Errors
    /// With the place, as [`crate::Format::read`].
    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error>;
}

/// Appends `more` to `samples`; false (and nothing done) when the number types differ.
fn append(samples: &mut Samples, more: &Samples) -> bool {
    match (samples, more) {
        (Samples::I16(all), Samples::I16(part)) => all.extend_from_slice(part),
        (Samples::I32(all), Samples::I32(part)) => all.extend_from_slice(part),
        (Samples::F32(all), Samples::F32(part)) => all.extend_from_slice(part),
        (Samples::F64(all), Samples::F64(part)) => all.extend_from_slice(part),
        _ => return false,
    }
    true
}

/// The layout with all chunks put in their places.
///
/// # Errors
/// The first error of the reader.
pub fn gather(reader: &mut dyn Reader) -> Result<Trial, Error> {
    let mut trial = reader.layout().clone();
    while let Some(chunk) = reader.next_chunk()? {
        place(&mut trial, chunk);
    }
    Ok(trial)
}

/// Puts a chunk behind what the trial already holds.
pub(crate) fn place(trial: &mut Trial, chunk: Chunk) {
    match chunk {
        Chunk::Samples { stream, samples, times_s } => {
            let Some(stream) = trial.streams.get_mut(stream) else { return };
            if !append(&mut stream.samples, &samples) && stream.samples.is_empty() {
                stream.samples = samples;
            }
            stream.times_s.extend(times_s);
        }
        Chunk::Markers(tracks) => {
            let markers = trial.markers.iter_mut().flat_map(|set| &mut set.markers);
            for (marker, track) in markers.zip(tracks) {
                marker.position.extend(track);
            }
        }
    }
}

/// Values `from..to` of `samples`.
pub(crate) fn part(samples: &Samples, from: usize, to: usize) -> Samples {
    match samples {
        Samples::I16(v) => Samples::I16(v[from..to].to_vec()),
        Samples::I32(v) => Samples::I32(v[from..to].to_vec()),
        Samples::F32(v) => Samples::F32(v[from..to].to_vec()),
        Samples::F64(v) => Samples::F64(v[from..to].to_vec()),
    }
}

/// No values of the same number type.
pub(crate) fn none_of(samples: &Samples) -> Samples {
    part(samples, 0, 0)
}

/// A trial that was read at once, handed out in chunks.
pub(crate) struct Whole {
    layout: Trial,
    samples: Vec<(Samples, Vec<f64>)>,
    markers: Option<Vec<Vec<[f64; 3]>>>,
    stream: usize,
    frame: usize,
}

impl Whole {
    pub fn new(mut trial: Trial) -> Self {
        let take = |stream: &mut Stream| {
            let empty = none_of(&stream.samples);
            (std::mem::replace(&mut stream.samples, empty), std::mem::take(&mut stream.times_s))
        };
        let samples = trial.streams.iter_mut().map(take).collect();
        let markers = trial
            .markers
            .as_mut()
            .map(|set| set.markers.iter_mut().map(|m| std::mem::take(&mut m.position)).collect());
        Self { layout: trial, samples, markers, stream: 0, frame: 0 }
    }
}

impl Reader for Whole {
    fn layout(&self) -> &Trial {
        &self.layout
    }

    fn next_chunk(&mut self) -> Result<Option<Chunk>, Error> {
        if let Some(tracks) = self.markers.take() {
            return Ok(Some(Chunk::Markers(tracks)));
        }
        while let Some((samples, times_s)) = self.samples.get(self.stream) {
            let width = self.layout.streams[self.stream].channels.len().max(1);
            let frames = samples.len() / width;
            if self.frame >= frames {
                self.stream += 1;
                self.frame = 0;
                continue;
            }
            let (from, to) = (self.frame, (self.frame + CHUNK_FRAMES).min(frames));
            self.frame = to;
            return Ok(Some(Chunk::Samples {
                stream: self.stream,
                samples: part(samples, from * width, to * width),
                times_s: times_s.get(from..to).unwrap_or(&[]).to_vec(),
            }));
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Channel, Role, Seconds, Unit};

    #[test]
    fn chunks_put_together_are_the_trial() {
        let frames = CHUNK_FRAMES + 10;
        let channel = |label: &str| Channel::new(label, Role::unknown("test"), Unit::Count);
        let values: Vec<i16> = (0..2 * frames).map(|k| (k % 30_000) as i16).collect();
        let stream = Stream {
            name: "a".to_owned(),
            rate_hz: 1000.0,
            measured_rate_hz: None,
            start_s: Seconds(0.0),
            channels: vec![channel("x"), channel("y")],
            samples: Samples::I16(values),
            gaps: Vec::new(),
            times_s: (0..frames).map(|k| k as f64).collect(),
        };
        let whole = Trial { streams: vec![stream], ..Trial::default() };
        let mut reader = Whole::new(whole.clone());
        assert!(reader.layout().streams[0].samples.is_empty());
        let first = reader.next_chunk().expect("memory does not fail").expect("there is one");
        let Chunk::Samples { stream: 0, samples, times_s } = first else { panic!("no markers here") };
        assert_eq!((samples.len(), times_s.len()), (2 * CHUNK_FRAMES, CHUNK_FRAMES));
        assert_eq!(gather(&mut Whole::new(whole.clone())).expect("memory does not fail"), whole);
        let mut found = Samples::I16(Vec::new());
        assert!(append(&mut found, &Samples::I16(vec![1])));
        assert!(!append(&mut found, &Samples::F32(vec![1.0])));
    }
}
