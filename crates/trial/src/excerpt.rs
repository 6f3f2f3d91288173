//! A stretch of a trial as a trial of its own, on the same time axis.
//!
//! For what needs samples but not all of them. Not for cutting a trial for good: native values, scales and roles stay,
//! and so does the session log, which is that of the whole.

use crate::{Event, Gap, Marker, MarkerSet, SampleIndex, Samples, Seconds, Stream, Trial};

impl Trial {
    /// The stretch from `from_s` up to `to_s` (not included), in s of trial time, which stays as it is: streams and markers
    /// start where the stretch does. Holes are cut at its ends; events outside it are left out; a stream that has nothing in it
    /// keeps its channels and no samples. Sides of the stretch that are `NaN` give no samples.
    #[must_use]
    pub fn excerpt(&self, from_s: f64, to_s: f64) -> Self {
        let inside = |event: &&Event| (from_s..to_s).contains(&event.time_s.0);
        Self {
            path: self.path.clone(),
            sha256: self.sha256.clone(),
            format: self.format.clone(),
            time_origin_s: self.time_origin_s,
            recorded_on: self.recorded_on.clone(),
            task: self.task,
            synthetic: self.synthetic,
            subject: self.subject.clone(),
            streams: self.streams.iter().map(|stream| stream.excerpt(from_s, to_s)).collect(),
            markers: self.markers.as_ref().map(|set| set.excerpt(from_s, to_s)),
            plates: self.plates.clone(),
            events: self.events.iter().filter(inside).cloned().collect(),
            notes: self.notes.clone(),
            log: self.log.clone(),
        }
    }
}

impl Stream {
    /// As [`Trial::excerpt`], for one stream.
    #[must_use]
    pub fn excerpt(&self, from_s: f64, to_s: f64) -> Self {
        if !self.times_s.is_empty() {
            return self.excerpt_of_times(from_s, to_s);
        }
        let first = index_at(from_s, self.rate_hz, self.start_s).min(self.span());
        let end = index_at(to_s, self.rate_hz, self.start_s).clamp(first, self.span());
        let mut gaps = Vec::new();
        let mut lost = [0, 0];
        for gap in &self.gaps {
            let (begin, after) = (gap.index.0, gap.index.0.saturating_add(gap.lost_samples));
            lost[0] += after.min(first).saturating_sub(begin);
            lost[1] += after.min(end).saturating_sub(begin);
            let (begin, after) = (begin.max(first), after.min(end));
            if begin < after {
                gaps.push(Gap {
                    index: SampleIndex(begin - first),
                    time_s: self.time_of(begin),
                    lost_samples: after - begin,
                    certain: gap.certain,
                });
            }
        }
        let frame = |index: u64, lost: u64| usize::try_from(index - lost).unwrap_or(usize::MAX);
        Self {
            name: self.name.clone(),
            rate_hz: self.rate_hz,
            measured_rate_hz: self.measured_rate_hz,
            start_s: if first == 0 { self.start_s } else { self.time_of(first) },
            channels: self.channels.clone(),
            samples: self.samples_of(frame(first, lost[0]), frame(end, lost[1])),
            gaps,
            times_s: Vec::new(),
        }
    }

    fn excerpt_of_times(&self, from_s: f64, to_s: f64) -> Self {
        let inside = |time: &f64| (from_s..to_s).contains(time);
        let from = self.times_s.iter().position(inside).unwrap_or(0);
        let to = self.times_s.iter().rposition(inside).map_or(from, |last| last + 1);
        let times_s = self.times_s[from..to].to_vec();
        Self {
            name: self.name.clone(),
            rate_hz: self.rate_hz,
            measured_rate_hz: self.measured_rate_hz,
            start_s: times_s.first().map_or(self.start_s, |first| Seconds(*first)),
            channels: self.channels.clone(),
            samples: self.samples_of(from, to),
            gaps: Vec::new(),
            times_s,
        }
    }

    /// Values of the stored frames `from..to`, as far as there are such.
    fn samples_of(&self, from: usize, to: usize) -> Samples {
        fn part<T: Copy>(values: &[T], from: usize, to: usize) -> Vec<T> {
            let to = to.min(values.len());
            values[from.min(to)..to].to_vec()
        }
        let width = self.channels.len();
        let (from, to) = (from.saturating_mul(width), to.saturating_mul(width));
        match &self.samples {
            Samples::I16(v) => Samples::I16(part(v, from, to)),
            Samples::I32(v) => Samples::I32(part(v, from, to)),
            Samples::F32(v) => Samples::F32(part(v, from, to)),
            Samples::F64(v) => Samples::F64(part(v, from, to)),
        }
    }
}

impl MarkerSet {
    /// As [`Trial::excerpt`], for markers.
    #[must_use]
    pub fn excerpt(&self, from_s: f64, to_s: f64) -> Self {
        let frame =
            |time_s| usize::try_from(index_at(time_s, self.rate_hz, self.start_s)).unwrap_or(usize::MAX);
        let first = frame(from_s).min(self.frames());
        let end = frame(to_s).clamp(first, self.frames());
        let cut = |marker: &Marker| {
            let to = end.min(marker.position.len());
            Marker { label: marker.label.clone(), position: marker.position[first.min(to)..to].to_vec() }
        };
        Self {
            rate_hz: self.rate_hz,
            start_s: SampleIndex(first as u64).at(self.rate_hz, self.start_s),
            unit: self.unit.clone(),
            markers: self.markers.iter().map(cut).collect(),
        }
    }
}

/// The first index whose time is not before `time_s`; a time within a millionth of a sample of an index is that of the index.
fn index_at(time_s: f64, rate_hz: f64, start_s: Seconds) -> u64 {
    // A float beyond the range of the integer, and NaN, become its nearest end and 0.
    ((time_s - start_s.0) * rate_hz - 1e-6).ceil().max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channel, EventKind, EventSource, Role, Unit};

    /// 10 Hz from 1 s: indices 0-3, three lost, 7-19; each value is its index, the second channel its negative.
    fn stream() -> Stream {
        let channel = |label: &str| Channel::new(label, Role::unknown("test"), Unit::Count);
        let kept = (0..20i16).filter(|k| !(4..7).contains(k));
        Stream {
            name: "analog".to_owned(),
            rate_hz: 10.0,
            measured_rate_hz: Some(10.01),
            start_s: Seconds(1.0),
            channels: vec![channel("A"), channel("B")],
            samples: Samples::I16(kept.flat_map(|k| [k, -k]).collect()),
            gaps: vec![Gap { index: SampleIndex(4), time_s: Seconds(1.4), lost_samples: 3, certain: true }],
            times_s: Vec::new(),
        }
    }

    #[test]
    fn every_stretch_holds_what_the_whole_holds_there() {
        let whole = stream();
        let columns = [whole.column(0), whole.column(1)];
        for first in 0..=20usize {
            for end in first..=22 {
                let at = |index: usize| 1.0 + index as f64 / 10.0;
                let part = whole.excerpt(at(first), at(end));
                let end = end.min(20);
                assert_eq!(part.span() as usize, end - first, "{first}..{end}");
                for (channel, column) in columns.iter().enumerate() {
                    for (found, held) in part.column(channel).iter().zip(&column[first..end]) {
                        assert!(found == held || found.is_nan() && held.is_nan(), "{first}..{end}");
                    }
                }
                if end > first {
                    assert!((part.start_s.0 - at(first)).abs() < 1e-9);
                }
                for gap in &part.gaps {
                    assert!((part.time_of(gap.index.0).0 - gap.time_s.0).abs() < 1e-9);
                }
            }
        }
        assert_eq!(whole.excerpt(f64::NEG_INFINITY, f64::INFINITY), whole);
        assert!(whole.excerpt(f64::NAN, f64::NAN).samples.is_empty());
        assert!(whole.excerpt(2.0, 1.5).samples.is_empty());
    }

    #[test]
    fn own_times_markers_and_events_are_cut_alike() {
        let mut timed = stream();
        timed.gaps.clear();
        timed.times_s = (0..17).map(|k| 1.0 + f64::from(k) * 0.13).collect();
        let marker = |n: usize| Marker { label: format!("M{n}"), position: vec![[n as f64; 3]; n] };
        let markers = MarkerSet {
            rate_hz: 5.0,
            start_s: Seconds(0.0),
            unit: Unit::Millimetre,
            markers: vec![marker(20), marker(8)],
        };
        let event = |time_s| Event {
            time_s: Seconds(time_s),
            kind: EventKind::Mark,
            side: None,
            source: EventSource::File,
            label: String::new(),
        };
        let events = vec![event(0.9), event(1.2), event(2.0)];
        let trial = Trial { streams: vec![timed], markers: Some(markers), events, ..Trial::default() };
        let part = trial.excerpt(1.2, 2.0);
        // 1.26 to 1.91 s are samples 2 to 7.
        assert_eq!(part.streams[0].times_s.len(), 6);
        assert_eq!(part.streams[0].samples.get(0), trial.streams[0].samples.get(4));
        assert_eq!(part.streams[0].start_s, Seconds(trial.streams[0].times_s[2]));
        let set = part.markers.expect("markers");
        assert_eq!((set.markers[0].position.len(), set.markers[1].position.len()), (4, 2));
        assert!((set.start_s.0 - 1.2).abs() < 1e-12);
        assert_eq!(part.events, [event(1.2)]);
    }
}
