//! Frames of fixed length between a header and an end byte, with a counter of eight bits: Cyton, Chords, Knight, FreeEEG.
//!
//! Such a frame has no checksum, and its data may hold header and end bytes. What tells a frame from chance is the counter: once
//! in step, a frame that follows its predecessor's counter is taken at once; after an error the next one is taken when its
//! successor counts on from it. A channel stuck on the header's bytes repeats them at one place of every frame, but it does not
//! count.

use super::Counts;

/// What a frame looks like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shape {
    /// Bytes of the header.
    pub(crate) header: &'static [u8],
    /// Bytes of a frame, header and end included.
    pub(crate) len: usize,
    /// Whether a byte may end a frame.
    pub(crate) is_end: fn(u8) -> bool,
}

impl Shape {
    /// The counter follows the header.
    fn counter(&self, frame: &[u8]) -> u8 {
        frame[self.header.len()]
    }

    /// `window` starts with what looks like a frame; false when it is too short.
    fn fits(&self, window: &[u8]) -> bool {
        window.len() >= self.len && window.starts_with(self.header) && (self.is_end)(window[self.len - 1])
    }

    /// The end byte may be the counter of the next frame, whose header stands before it: bytes were lost in this one.
    fn may_hold_next(&self, window: &[u8], counter: u8) -> bool {
        let end = self.len - 1;
        window[end] == counter.wrapping_add(1) && window[..end].ends_with(self.header)
    }
}

/// Finds frames in a stream of bytes.
#[derive(Clone, Debug)]
pub(crate) struct Framer {
    shape: Shape,
    buffer: Vec<u8>,
    /// Counter of the frame directly before, while in step.
    last: Option<u8>,
}

enum Verdict {
    Take,
    Skip,
    Wait,
}

impl Framer {
    pub(crate) fn new(shape: Shape) -> Self {
        Self { shape, buffer: Vec::new(), last: None }
    }

    /// Takes bytes; hands out each whole frame, header and end included.
    pub(crate) fn push(&mut self, bytes: &[u8], counts: &mut Counts, frame: &mut dyn FnMut(&[u8])) {
        counts.bytes += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        let buffer = std::mem::take(&mut self.buffer);
        let mut at = 0;
        while at < buffer.len() {
            let window = &buffer[at..];
            match self.judge(window) {
                Verdict::Take => {
                    self.last = Some(self.shape.counter(window));
                    counts.frames += 1;
                    frame(&window[..self.shape.len]);
                    at += self.shape.len;
                }
                Verdict::Skip => {
                    if self.last.take().is_some() {
                        counts.bad_frames += 1;
                    }
                    counts.skipped_bytes += 1;
                    at += 1;
                }
                Verdict::Wait => break,
            }
        }
        self.buffer = buffer;
        self.buffer.drain(..at);
    }

    fn judge(&self, window: &[u8]) -> Verdict {
        let Shape { header, len, .. } = self.shape;
        let seen = window.len().min(header.len());
        if window[..seen] != header[..seen] {
            return Verdict::Skip;
        }
        if window.len() < len {
            return Verdict::Wait;
        }
        if !self.shape.fits(window) {
            return Verdict::Skip;
        }
        let counter = self.shape.counter(window);
        let counts_on = self.last.is_some_and(|last| counter == last.wrapping_add(1));
        if counts_on && !self.shape.may_hold_next(window, counter) {
            return Verdict::Take;
        }
        // The next one decides: in step its header must stand where it belongs, out of step it must count on as well.
        let next = &window[len..];
        let seen = next.len().min(header.len());
        if next[..seen] != header[..seen] {
            return Verdict::Skip;
        }
        if self.last.is_some() {
            return if seen == header.len() { Verdict::Take } else { Verdict::Wait };
        }
        if next.len() < len {
            return Verdict::Wait;
        }
        let follows = self.shape.fits(next) && self.shape.counter(next) == counter.wrapping_add(1);
        if follows { Verdict::Take } else { Verdict::Skip }
    }

    /// Silence: a whole frame with nothing behind it is taken.
    pub(crate) fn idle(&mut self, counts: &mut Counts, frame: &mut dyn FnMut(&[u8])) {
        if self.buffer.len() == self.shape.len && self.shape.fits(&self.buffer) {
            self.last = Some(self.shape.counter(&self.buffer));
            counts.frames += 1;
            frame(&self.buffer);
            self.buffer.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHAPE: Shape = Shape { header: &[0xa0], len: 6, is_end: |byte| byte == 0xc0 };

    fn stream(n: u32, data: impl Fn(u32) -> [u8; 3]) -> Vec<u8> {
        (0..n).flat_map(|k| [&[0xa0, k as u8][..], &data(k), &[0xc0]].concat()).collect()
    }

    fn counters(pieces: &[&[u8]]) -> Vec<u8> {
        let mut framer = Framer::new(SHAPE);
        let mut counts = Counts::default();
        let mut found = Vec::new();
        for piece in pieces {
            framer.push(piece, &mut counts, &mut |frame| found.push(frame[1]));
        }
        framer.idle(&mut counts, &mut |frame| found.push(frame[1]));
        assert_eq!(counts.frames as usize, found.len());
        assert_eq!(counts.bytes, counts.frames * 6 + counts.skipped_bytes + framer.buffer.len() as u64);
        found
    }

    #[test]
    fn one_lost_byte_costs_one_frame_wherever_it_stood_and_whatever_the_data() {
        let datas: [fn(u32) -> [u8; 3]; 4] =
            [|k| [k as u8, 7, 9], |_| [0xa0, 0xc0, 0xa0], |_| [0xc0, 0xa0, 0xc0], |_| [0xa0, 0xa0, 0xa0]];
        for data in datas {
            let bytes = stream(200, data);
            for lost in 30..36 + 6 {
                let mut cut = bytes.clone();
                cut.remove(lost);
                let found = counters(&[&cut]);
                let expected: Vec<u8> = (0..200).filter(|k| usize::from(*k) != lost / 6).collect();
                assert_eq!(found, expected, "byte {lost} of {:?}", data(1));
            }
        }
    }

    #[test]
    fn every_split_gives_the_same_frames() {
        let bytes = stream(6, |k| [0xa0, k as u8, 0xc0]);
        let whole = counters(&[&bytes]);
        for at in 0..bytes.len() {
            assert_eq!(counters(&[&bytes[..at], &bytes[at..]]), whole);
        }
        let singles: Vec<&[u8]> = bytes.chunks(1).collect();
        assert_eq!(counters(&singles), whole);
    }

    #[test]
    fn a_frame_lost_by_the_radio_does_not_cost_another_one() {
        let mut bytes = stream(20, |_| [1, 2, 3]);
        bytes.drain(60..66);
        assert_eq!(counters(&[&bytes]), (0..20).filter(|k| *k != 10).collect::<Vec<u8>>());
    }
}
