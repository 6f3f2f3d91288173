//! The last seconds of a live session as a trial of their own: for what needs the samples themselves, such as the
//! review of the push-off that just ended.
//!
//! Of a trial nothing is kept here: it is there as a whole. What finds no room makes the stretch shorter.

use std::collections::VecDeque;
use surae_trial::log::BlockHeader;
use surae_trial::{Gap, SampleIndex, Samples, Seconds, SessionLayout, Stream, Trial};

/// The last seconds of a live session. Times in the trial are from its own start.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    /// Session time of the trial's time 0.
    pub from_s: f64,
    /// The samples, native, with their holes; no events: whoever needs some finds them in switches and forces.
    pub trial: Trial,
}

impl Recent {
    /// Session time of the last sample.
    #[must_use]
    pub fn to_s(&self) -> f64 {
        self.from_s + self.trial.duration_s()
    }
}

/// Seconds that are kept.
const KEPT_S: f64 = 30.0;
/// Values of one stream that are kept at most.
const MAX_VALUES: usize = 8 << 20;

/// The newest blocks of each stream.
#[derive(Debug, Default)]
pub(super) struct Newest {
    streams: Vec<VecDeque<(BlockHeader, Vec<f64>)>>,
}

impl Newest {
    pub(super) fn new(streams: usize) -> Self {
        Self { streams: vec![VecDeque::new(); streams] }
    }

    /// Takes a block; what is older than is kept goes.
    pub(super) fn push(&mut self, header: BlockHeader, native: Vec<f64>, master_hz: f64) {
        let Some(blocks) = self.streams.get_mut(usize::from(header.stream.0)) else { return };
        // A source that begins anew counts from 0 again.
        if blocks.back().is_some_and(|(last, _)| header.first < last.first) {
            blocks.clear();
        }
        let oldest = header.position - KEPT_S * master_hz;
        blocks.push_back((header, native));
        let mut values: usize = blocks.iter().map(|(_, native)| native.len()).sum();
        while blocks.len() > 1 && (blocks[0].0.position < oldest || values > MAX_VALUES) {
            values -= blocks.pop_front().map_or(0, |(_, native)| native.len());
        }
    }

    /// What is kept, as a trial; `None` before the first block of the master.
    pub(super) fn trial(&self, layout: &SessionLayout, origin_s: f64) -> Option<Recent> {
        let master_hz = layout.master_stream()?.rate_hz;
        let master = self.streams.get(usize::from(layout.master?.0))?;
        let from_s = origin_s + master.front()?.0.position / master_hz;
        let streams = self.streams.iter().zip(&layout.streams);
        let streams = streams.filter_map(|(blocks, stream)| {
            let (first, _) = blocks.front()?;
            let (samples, gaps) = joined(blocks, stream.channels.len(), stream.rate_hz);
            let start_s = origin_s + first.position / master_hz - from_s;
            Some(Stream {
                name: stream.name.clone(),
                rate_hz: stream.rate_hz,
                measured_rate_hz: None,
                start_s: Seconds(start_s),
                channels: stream.channels.clone(),
                samples: Samples::F64(samples),
                gaps: gaps
                    .into_iter()
                    .map(|gap| Gap { time_s: Seconds(gap.time_s.0 + start_s), ..gap })
                    .collect(),
                times_s: Vec::new(),
            })
        });
        Some(Recent { from_s, trial: Trial { streams: streams.collect(), ..Trial::default() } })
    }
}

/// Blocks one after the other, and the holes between them; indices count from the first block.
fn joined(blocks: &VecDeque<(BlockHeader, Vec<f64>)>, width: usize, rate_hz: f64) -> (Vec<f64>, Vec<Gap>) {
    let mut samples = Vec::with_capacity(blocks.iter().map(|(_, native)| native.len()).sum());
    let mut gaps = Vec::new();
    let base = blocks.front().map_or(0, |(first, _)| first.first.0);
    let mut next = base;
    for (header, native) in blocks {
        let lost_samples = header.first.0.saturating_sub(next);
        if lost_samples > 0 {
            let index = SampleIndex(next - base);
            gaps.push(Gap { index, time_s: Seconds(index.0 as f64 / rate_hz), lost_samples, certain: true });
        }
        samples.extend_from_slice(native);
        next = header.first.0 + (native.len() / width.max(1)) as u64;
    }
    (samples, gaps)
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Channel, Kind, NativeType, Role, StreamId, StreamLayout, Unit};

    fn layout() -> SessionLayout {
        let channel =
            |label: &str, kind| Channel::new(label, Role { kind, ..Role::unknown("test") }, Unit::Volt);
        let stream = |name: &str, rate_hz, kind| StreamLayout {
            name: name.to_owned(),
            rate_hz,
            native: NativeType::F64,
            channels: vec![channel(name, kind)],
        };
        SessionLayout::new(vec![stream("emg", 1000.0, Kind::RawEmg), stream("switch", 100.0, Kind::Switch)])
    }

    fn push(newest: &mut Newest, stream: u8, first: u64, values: std::ops::Range<u64>) {
        let step = if stream == 0 { 1.0 } else { 10.0 };
        let header = BlockHeader {
            stream: StreamId(stream),
            first: SampleIndex(first),
            frames: (values.end - values.start) as u32,
            position: first as f64 * step,
            step,
        };
        newest.push(header, values.map(|v| v as f64).collect(), 1000.0);
    }

    #[test]
    fn blocks_become_a_trial_with_its_holes_and_its_own_zero() {
        let mut newest = Newest::new(2);
        for at in (0..40_000).step_by(100) {
            if at != 39_000 {
                push(&mut newest, 0, at, at..at + 100);
            }
            if at % 1000 == 0 {
                push(&mut newest, 1, at / 10, at / 10..at / 10 + 100);
            }
        }
        let recent = newest.trial(&layout(), 5.0).unwrap();
        let emg = &recent.trial.streams[0];
        // 30 s before the last block at 39.9 s; the session began at 5 s.
        assert!((recent.from_s - 14.9).abs() < 1e-9, "{}", recent.from_s);
        assert!((recent.to_s() - 45.0).abs() < 0.01, "{}", recent.to_s());
        assert_eq!(emg.column(0)[0], 9900.0);
        assert_eq!((emg.gaps.len(), emg.gaps[0].lost_samples), (1, 100));
        assert!((emg.gaps[0].time_s.0 - 29.1).abs() < 1e-9);
        assert!(emg.column(0)[29_100].is_nan() && emg.column(0)[29_200] == 39_100.0);
        let switch = &recent.trial.streams[1];
        assert!((switch.start_s.0 - (switch.column(0)[0] / 100.0 + 5.0 - recent.from_s)).abs() < 1e-9);
    }

    #[test]
    fn a_source_that_begins_anew_leaves_nothing_old_behind() {
        let mut newest = Newest::new(2);
        push(&mut newest, 0, 5000, 0..100);
        push(&mut newest, 0, 0, 7..17);
        let recent = newest.trial(&layout(), 0.0).unwrap();
        assert_eq!(recent.trial.streams[0].frames(), 10);
        assert_eq!(recent.trial.streams.len(), 1);
        assert!(Newest::new(2).trial(&layout(), 0.0).is_none());
    }
}
