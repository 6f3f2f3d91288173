//! Streams: channels that share a clock and a rate, with native values kept as the source gave them.

use crate::{Channel, Kind, Muscle, SampleIndex, Seconds, Side};
use serde::{Deserialize, Serialize};

/// The number type a device or file stores.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NativeType {
    /// 16-bit signed.
    I16,
    /// 32-bit signed (also holds 24-bit and unsigned 16-bit).
    I32,
    /// 32-bit float.
    F32,
    /// 64-bit float (also decimal text).
    F64,
}

/// Native values, interleaved: frame after frame, one value per channel.
#[derive(Clone, Debug, PartialEq)]
pub enum Samples {
    /// 16-bit signed.
    I16(Vec<i16>),
    /// 32-bit signed.
    I32(Vec<i32>),
    /// 32-bit float.
    F32(Vec<f32>),
    /// 64-bit float.
    F64(Vec<f64>),
}

impl Samples {
    /// Number of values (frames times channels).
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::I16(v) => v.len(),
            Self::I32(v) => v.len(),
            Self::F32(v) => v.len(),
            Self::F64(v) => v.len(),
        }
    }

    /// True without values.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value at `at`, exact in f64 for every native type. Panics out of range, as slices do.
    #[must_use]
    pub fn get(&self, at: usize) -> f64 {
        match self {
            Self::I16(v) => f64::from(v[at]),
            Self::I32(v) => f64::from(v[at]),
            Self::F32(v) => f64::from(v[at]),
            Self::F64(v) => v[at],
        }
    }

    /// The native type.
    #[must_use]
    pub fn native_type(&self) -> NativeType {
        match self {
            Self::I16(_) => NativeType::I16,
            Self::I32(_) => NativeType::I32,
            Self::F32(_) => NativeType::F32,
            Self::F64(_) => NativeType::F64,
        }
    }
}

/// A hole in a stream: samples that were sent and never arrived, or were never sent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gap {
    /// Index of the first lost sample.
    pub index: SampleIndex,
    /// Time of the first lost sample.
    pub time_s: Seconds,
    /// How many samples are missing.
    pub lost_samples: u64,
    /// False when the length is an estimate (a small device counter wrapped, or there was none).
    pub certain: bool,
}

/// Frames that [`Stream::columns`] takes apart at a time: they stay in the first-level cache.
const TOGETHER: usize = 256;

/// Channels that share a clock and a rate.
///
/// Frames are stored without the lost ones: frame `k` of the store has the stream index `k` plus all samples lost
/// before it (see [`Stream::index_of_frame`]).
#[derive(Clone, Debug, PartialEq)]
pub struct Stream {
    /// Name, unique within the trial (`"analog"`, `"angles"`).
    pub name: String,
    /// Nominal rate; filters are designed for it.
    pub rate_hz: f64,
    /// Rate measured against the host clock, where there was one.
    pub measured_rate_hz: Option<f64>,
    /// Time of index 0.
    pub start_s: Seconds,
    /// The channels, in the order of a frame.
    pub channels: Vec<Channel>,
    /// Native values, interleaved.
    pub samples: Samples,
    /// Holes, by ascending index.
    pub gaps: Vec<Gap>,
    /// Times of the stored frames in s, only where the source is irregular; else empty and `start_s`, `rate_hz` hold.
    pub times_s: Vec<f64>,
}

impl Stream {
    /// Number of stored frames.
    #[must_use]
    pub fn frames(&self) -> usize {
        if self.channels.is_empty() { 0 } else { self.samples.len() / self.channels.len() }
    }

    /// Number of indices the stream spans: stored frames plus lost samples.
    #[must_use]
    pub fn span(&self) -> u64 {
        self.frames() as u64 + self.gaps.iter().map(|gap| gap.lost_samples).sum::<u64>()
    }

    /// The stream index of stored frame `frame`.
    #[must_use]
    pub fn index_of_frame(&self, frame: usize) -> SampleIndex {
        let mut index = frame as u64;
        for gap in &self.gaps {
            if gap.index.0 <= index {
                index += gap.lost_samples;
            } else {
                break;
            }
        }
        SampleIndex(index)
    }

    /// Physical values of one channel over the whole span, `NaN` where samples were lost.
    ///
    /// Element `k` has stream index `k`, so gaps keep their place in time. Allocates.
    #[must_use]
    pub fn column(&self, channel: usize) -> Vec<f64> {
        match &self.samples {
            Samples::I16(values) => self.column_of(values, channel),
            Samples::I32(values) => self.column_of(values, channel),
            Samples::F32(values) => self.column_of(values, channel),
            Samples::F64(values) => self.column_of(values, channel),
        }
    }

    fn column_of<T: Copy + Into<f64>>(&self, values: &[T], channel: usize) -> Vec<f64> {
        let (scale, width) = (self.channels[channel].scale, self.channels.len());
        let mut column = Vec::with_capacity(self.span() as usize);
        let mut gaps = self.gaps.iter().peekable();
        for frame in values.chunks_exact(width) {
            while let Some(gap) = gaps.next_if(|gap| gap.index.0 as usize <= column.len()) {
                column.resize(column.len() + gap.lost_samples as usize, f64::NAN);
            }
            column.push(scale.physical(frame[channel].into()));
        }
        column
    }

    /// The first finite physical values of each of these channels, at most `most` of each; lost samples are passed over.
    ///
    /// One pass over the frames for all of them, no further than it must.
    #[must_use]
    pub fn first_values(&self, channels: &[usize], most: usize) -> Vec<Vec<f64>> {
        match &self.samples {
            Samples::I16(values) => self.first_of(values, channels, most),
            Samples::I32(values) => self.first_of(values, channels, most),
            Samples::F32(values) => self.first_of(values, channels, most),
            Samples::F64(values) => self.first_of(values, channels, most),
        }
    }

    fn first_of<T: Copy + Into<f64>>(&self, values: &[T], channels: &[usize], most: usize) -> Vec<Vec<f64>> {
        let width = self.channels.len();
        let room = most.min(values.len() / width.max(1)) + TOGETHER;
        let mut found: Vec<Vec<f64>> = channels.iter().map(|_| Vec::with_capacity(room)).collect();
        for frames in values.chunks(TOGETHER * width.max(1)) {
            if found.iter().all(|column| column.len() >= most) {
                break;
            }
            for (channel, column) in channels.iter().zip(&mut found) {
                let (scale, before) = (self.channels[*channel].scale, column.len());
                column.extend(frames.chunks_exact(width).map(|frame| scale.physical(frame[*channel].into())));
                // Values that are missing are rare: all are taken, and looked through only where there are any.
                if column[before..].iter().any(|value| !value.is_finite()) {
                    let finite = column.split_off(before).into_iter().filter(|value| value.is_finite());
                    column.extend(finite);
                }
                column.truncate(most);
            }
        }
        found
    }

    /// [`Stream::column`] of several channels, in one pass over the frames: the frames of a long stream go through memory once.
    #[must_use]
    pub fn columns(&self, channels: &[usize]) -> Vec<Vec<f64>> {
        match &self.samples {
            Samples::I16(values) => self.columns_of(values, channels),
            Samples::I32(values) => self.columns_of(values, channels),
            Samples::F32(values) => self.columns_of(values, channels),
            Samples::F64(values) => self.columns_of(values, channels),
        }
    }

    fn columns_of<T: Copy + Into<f64>>(&self, values: &[T], channels: &[usize]) -> Vec<Vec<f64>> {
        if !self.gaps.is_empty() {
            return channels.iter().map(|channel| self.column_of(values, *channel)).collect();
        }
        let width = self.channels.len();
        let mut columns: Vec<Vec<f64>> =
            channels.iter().map(|_| Vec::with_capacity(self.span() as usize)).collect();
        for frames in values.chunks(TOGETHER * width.max(1)) {
            for (channel, column) in channels.iter().zip(&mut columns) {
                let scale = self.channels[*channel].scale;
                column.extend(frames.chunks_exact(width).map(|frame| scale.physical(frame[*channel].into())));
            }
        }
        columns
    }

    /// Seconds from trial start of stream index `index` (nominal rate).
    #[must_use]
    pub fn time_of(&self, index: u64) -> Seconds {
        SampleIndex(index).at(self.rate_hz, self.start_s)
    }

    /// Seconds from the first to one past the last sample.
    #[must_use]
    pub fn duration_s(&self) -> f64 {
        self.span() as f64 / self.rate_hz
    }

    /// The first EMG channel of a muscle and side.
    #[must_use]
    pub fn emg(&self, muscle: Muscle, side: Side) -> Option<usize> {
        self.channels.iter().position(|channel| channel.is_emg_of(muscle, side))
    }

    /// True when any channel is EMG.
    #[must_use]
    pub fn has_emg(&self) -> bool {
        self.channels.iter().any(|channel| channel.role.kind.is_emg())
    }

    /// Channels of one kind.
    pub fn of_kind(&self, kind: Kind) -> impl Iterator<Item = (usize, &Channel)> {
        self.channels.iter().enumerate().filter(move |(_, channel)| channel.role.kind == kind)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Role, Unit};

    fn stream(values: Vec<i16>, gaps: Vec<Gap>) -> Stream {
        let mut channel = Channel::new("A", Role::unknown("test"), Unit::Count);
        channel.scale = crate::Scale { gain: 2.0, offset: 1.0 };
        Stream {
            name: "analog".to_owned(),
            rate_hz: 10.0,
            measured_rate_hz: None,
            start_s: Seconds(1.0),
            channels: vec![channel],
            samples: Samples::I16(values),
            gaps,
            times_s: Vec::new(),
        }
    }

    #[test]
    fn a_gap_keeps_its_place_in_time() {
        let gap = Gap { index: SampleIndex(2), time_s: Seconds(1.2), lost_samples: 3, certain: true };
        let stream = stream(vec![1, 2, 3, 4], vec![gap]);
        let column = stream.column(0);
        assert_eq!(stream.span(), 7);
        assert_eq!(stream.first_values(&[0], 3), [[0.0, 2.0, 4.0]]);
        assert_eq!(column[..2], [0.0, 2.0]);
        assert!(column[2..5].iter().all(|v| v.is_nan()));
        assert_eq!(column[5..], [4.0, 6.0]);
        assert_eq!(stream.index_of_frame(1), SampleIndex(1));
        assert_eq!(stream.index_of_frame(2), SampleIndex(5));
        assert_eq!(stream.time_of(5), Seconds(1.5));
    }

    #[test]
    fn columns_are_those_of_each_channel() {
        let mut wide = stream((0..3000).map(|k| k as i16).collect(), Vec::new());
        wide.channels = vec![wide.channels[0].clone(), wide.channels[0].clone(), wide.channels[0].clone()];
        wide.channels[2].scale = crate::Scale { gain: -0.5, offset: 3.0 };
        assert_eq!(wide.columns(&[2, 0]), [wide.column(2), wide.column(0)]);
        let gap = Gap { index: SampleIndex(700), time_s: Seconds(71.0), lost_samples: 3, certain: true };
        wide.gaps.push(gap);
        let (together, apart) = (wide.columns(&[1]), wide.column(1));
        assert!(
            together[0].iter().zip(&apart).all(|(a, b)| a.to_bits() == b.to_bits()) && apart.len() == 1003
        );
    }
}
