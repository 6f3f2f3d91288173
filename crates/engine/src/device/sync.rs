//! Devices that see the same pulse: how far apart their clocks put it, and what remains after that was taken out.
//!
//! The host's clock relates devices to a few milliseconds, because it sees bytes, not samples: what waits in one device's radio longer
//! than in another's shows as an offset. A pulse that is wired to both (a push-button, a digital line, a foot switch) shows that
//! offset. A channel labelled `sync` carries it.

use std::collections::VecDeque;
use surae_trial::{Kind, StreamLayout};

/// Edges of two devices further apart than this are not the same pulse, s.
const SAME_S: f64 = 0.25;

/// Pulses that are remembered, and that are needed before anything is corrected.
const MEMORY: usize = 64;
const ENOUGH: usize = 3;

/// The channel of a stream that carries the pulse: one labelled `sync` or `trigger`, or one that a map calls an event channel.
pub(super) fn channel_of(stream: &StreamLayout) -> Option<usize> {
    stream.channels.iter().position(|channel| {
        let label = channel.label.to_lowercase();
        label.contains("sync") || label.contains("trigger") || channel.role.kind == Kind::Event
    })
}

/// Rising edges of one channel, found as its samples come: it rises above the middle of what was seen.
#[derive(Clone, Debug)]
pub(super) struct Edges {
    low: f64,
    high: f64,
    above: bool,
    last: Option<f64>,
}

impl Default for Edges {
    fn default() -> Self {
        Self { low: f64::INFINITY, high: f64::NEG_INFINITY, above: true, last: None }
    }
}

impl Edges {
    /// Samples were lost here: no rise can be told across the hole.
    pub(super) fn cut(&mut self) {
        self.last = None;
    }

    /// Takes one sample at `position`; gives where the rise crossed the middle, between samples.
    pub(super) fn push(&mut self, value: f64, position: f64, step: f64) -> Option<f64> {
        if value.is_nan() {
            return None;
        }
        self.low = self.low.min(value);
        self.high = self.high.max(value);
        let span = self.high - self.low;
        let middle = 0.5 * (self.low + self.high);
        let last = self.last.replace(value);
        // A rise is over when the channel has come down to a quarter.
        if self.above {
            self.above = value > self.low + 0.25 * span || span == 0.0;
            return None;
        }
        if value <= middle || span <= 0.0 {
            return None;
        }
        self.above = true;
        let last = last?;
        let part = if value > last { (value - middle) / (value - last) } else { 0.0 };
        Some(position - part.clamp(0.0, 1.0) * step)
    }
}

/// What the pulses of a device and of the master say.
#[derive(Clone, Debug)]
pub(super) struct Sync {
    /// Samples of the master a second.
    rate_hz: f64,
    /// Edges of the master and of the device that have no partner yet, as positions on the master's clock.
    master: VecDeque<f64>,
    device: VecDeque<f64>,
    /// Device's position less master's, of the last pulses, before any correction.
    apart: VecDeque<f64>,
}

impl Sync {
    pub(super) fn new(rate_hz: f64) -> Self {
        Self { rate_hz, master: VecDeque::new(), device: VecDeque::new(), apart: VecDeque::new() }
    }

    pub(super) fn master_edge(&mut self, position: f64) {
        keep(&mut self.master, position);
        self.pair();
    }

    /// `position` is that by the host's clock, uncorrected.
    pub(super) fn device_edge(&mut self, position: f64) {
        keep(&mut self.device, position);
        self.pair();
    }

    fn pair(&mut self) {
        let same = SAME_S * self.rate_hz;
        while let (Some(&master), Some(&device)) = (self.master.front(), self.device.front()) {
            if (device - master).abs() <= same {
                keep(&mut self.apart, device - master);
                self.master.pop_front();
                self.device.pop_front();
            } else if device < master {
                self.device.pop_front();
            } else {
                self.master.pop_front();
            }
        }
    }

    /// How much later than the master's the device's pulses come, master samples; `None` until three were seen.
    pub(super) fn offset(&self) -> Option<f64> {
        (self.apart.len() >= ENOUGH).then(|| median(self.apart.iter().copied()))
    }

    /// The same in ms, and the median distance of single pulses from it; `NaN` until three were seen.
    pub(super) fn offset_and_residual_ms(&self) -> (f64, f64) {
        let Some(offset) = self.offset() else { return (f64::NAN, f64::NAN) };
        let residual = median(self.apart.iter().map(|apart| (apart - offset).abs()));
        (offset / self.rate_hz * 1e3, residual / self.rate_hz * 1e3)
    }
}

fn keep(list: &mut VecDeque<f64>, value: f64) {
    if list.len() == MEMORY {
        list.pop_front();
    }
    list.push_back(value);
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let n = values.len();
    if n == 0 { f64::NAN } else { 0.5 * (values[(n - 1) / 2] + values[n / 2]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square pulse of 100 ms each second, seen by a master at 2000 Hz and by a device at 100 Hz whose bytes come 40 ms late, with
    /// 3 ms of jitter.
    #[test]
    fn a_shared_pulse_shows_the_offset_and_what_remains() {
        let pulse = |time_s: f64| if time_s.fract() < 0.1 { 1.0 } else { 0.0 };
        let mut sync = Sync::new(2000.0);
        let (mut master, mut device) = (Edges::default(), Edges::default());
        for second in 0..20_u32 {
            for k in 0..2000_u32 {
                let at = f64::from(second * 2000 + k);
                if let Some(edge) = master.push(pulse(at / 2000.0 + 0.35), at, 1.0) {
                    sync.master_edge(edge);
                }
                if k % 20 == 0 {
                    let jitter_s = 0.003 * (f64::from(second) * 2.4).sin();
                    let position = at + (0.040 + jitter_s) * 2000.0;
                    if let Some(edge) = device.push(pulse(at / 2000.0 + 0.35), position, 20.0) {
                        sync.device_edge(edge);
                    }
                }
            }
        }
        let (offset_ms, residual_ms) = sync.offset_and_residual_ms();
        // A device of 100 Hz sees the edge up to one of its samples late: on average half of one earlier by interpolation.
        assert!((offset_ms - 40.0).abs() <= 5.5, "{offset_ms}");
        assert!(residual_ms > 0.2 && residual_ms < 3.1, "{residual_ms}");
    }

    #[test]
    fn pulses_that_only_one_device_saw_do_not_count() {
        let mut sync = Sync::new(1000.0);
        for second in 0..10 {
            sync.master_edge(f64::from(second) * 1000.0);
            if second % 3 != 0 {
                sync.device_edge(f64::from(second) * 1000.0 + 12.0);
            }
        }
        assert_eq!(sync.offset_and_residual_ms(), (12.0, 0.0));
        assert_eq!(Sync::new(1000.0).offset(), None);
    }
}
