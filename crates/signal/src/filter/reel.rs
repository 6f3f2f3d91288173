//! Interleaved frames with room for padding, and one filter forwards and backwards over them.

use crate::chain::Rectify;
use crate::design::{MAX_SECTIONS, Sos};
use crate::kernel::Cascade;

/// Frames that are brought in, filtered and taken out at a time: they stay in the cache.
const PART: usize = 256;

/// Signals of one length, interleaved. Nothing is ever turned round: the second pass walks backwards.
#[derive(Clone, Debug)]
pub(super) struct Reel {
    channels: usize,
    len: usize,
    /// Frames of room on each side.
    room: usize,
    frames: Vec<f64>,
    cascade: Cascade,
}

/// Work on the frames that start at an index: fills them before the first pass or takes them after the second.
pub(super) type OnPart<'a> = &'a mut dyn FnMut(usize, &mut [f64]);

impl Reel {
    /// Room for `channels` signals of `len` samples and paddings of at most `pad`. What the frames hold is not defined.
    pub(super) fn new(channels: usize, len: usize, pad: usize) -> Self {
        let mut reel =
            Self { channels: 0, len: 0, room: 0, frames: Vec::new(), cascade: Cascade::new(0, MAX_SECTIONS) };
        reel.resize(channels, len, pad);
        reel
    }

    /// As [`Reel::new`], with the memory that is there.
    pub(super) fn resize(&mut self, channels: usize, len: usize, pad: usize) {
        if channels != self.channels {
            self.cascade = Cascade::new(channels, MAX_SECTIONS);
        }
        (self.channels, self.len) = (channels, len);
        self.room = pad.min(len.saturating_sub(1));
        let values = (len + 2 * self.room) * channels;
        if values > self.frames.capacity() {
            // Fresh pages are zero already; what the frames hold is not needed.
            self.frames = vec![0.0; values];
        }
        self.frames.resize(values, 0.0);
    }

    /// One filter forwards and backwards with odd padding of `pad` frames. `fill` gets every part of the frames before the first pass
    /// reaches it, and the two ends before all; `take` gets every part once it is done.
    pub(super) fn filter(&mut self, sos: &Sos, pad: usize, fill: OnPart<'_>, take: OnPart<'_>) {
        if self.len == 0 || self.channels == 0 {
            return;
        }
        let pad = pad.min(self.room);
        self.fill_ends(pad, &mut *fill);
        self.pad(pad);
        self.cascade.design([Some(sos), None], Rectify::None, None);
        let (first, end) = (self.room * self.channels, (self.room + self.len) * self.channels);
        let (low, high) = (first - pad * self.channels, end + pad * self.channels);
        let part = PART * self.channels;

        self.start_at(low);
        for start in (low..high).step_by(part) {
            let stop = (start + part).min(high);
            let inner = start.max(first)..stop.min(end);
            if !inner.is_empty() {
                fill((inner.start - first) / self.channels, &mut self.frames[inner]);
            }
            self.cascade.run_in_place(&mut self.frames[start..stop]);
        }

        self.cascade.reset();
        self.start_at(high - self.channels);
        let mut stop = high;
        // What the second pass would make of the padding before the signal is nobody's.
        while stop > first {
            let start = stop.saturating_sub(part).max(first);
            self.cascade.run_backwards(&mut self.frames[start..stop]);
            let inner = start..stop.min(end);
            if !inner.is_empty() {
                take((inner.start - first) / self.channels, &mut self.frames[inner]);
            }
            stop = start;
        }
    }

    /// The frames that the padding is made of.
    fn fill_ends(&mut self, pad: usize, fill: OnPart<'_>) {
        let first = self.room * self.channels;
        let end = first + self.len * self.channels;
        let used = (pad + 1) * self.channels;
        fill(0, &mut self.frames[first..end.min(first + used)]);
        let from = first.max(end.saturating_sub(used));
        fill((from - first) / self.channels, &mut self.frames[from..end]);
    }

    /// `2·x[0] − x[i]` before, `2·x[last] − x[last − i]` after.
    fn pad(&mut self, pad: usize) {
        let channels = self.channels;
        let (first, last) = (self.room, self.room + self.len - 1);
        for i in 1..=pad {
            for channel in 0..channels {
                let value = |frame: usize| self.frames[frame * channels + channel];
                let before = 2.0 * value(first) - value(first + i);
                let after = 2.0 * value(last) - value(last - i);
                self.frames[(first - i) * channels + channel] = before;
                self.frames[(last + i) * channels + channel] = after;
            }
        }
    }

    /// Starts every channel from the settled state of the frame at `at`; a value that is not finite makes its channel NaN.
    fn start_at(&mut self, at: usize) {
        for (channel, &value) in self.frames[at..at + self.channels].iter().enumerate() {
            self.cascade.prime_channel(channel, value);
        }
    }
}
