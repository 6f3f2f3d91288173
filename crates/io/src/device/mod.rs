//! Device decoders as pure `push(&[u8])` state machines, each with the encoder of its emulator.
//!
//! Any split of the bytes gives the same frames. On a candidate that cannot be a frame a decoder advances one byte, so that one
//! lost byte costs one frame. Not for ports, threads or timing: frames leave with the device's own counter and clock, the engine
//! relates them to host time.

pub mod ascii;
pub mod backyard;
pub mod bitalino;
pub mod chords;
pub mod cobs;
pub mod cyton;
pub mod driver;
pub mod facts;
pub mod faults;
pub mod freeeeg;
pub mod hackeeg;
pub mod knight;
pub mod lsl;
pub mod protocol;
pub mod trigno;
pub mod twin;

mod bytes;
mod framer;
#[cfg(test)]
mod golden;

pub use driver::Driver;
pub use facts::Facts;
pub use protocol::{Options, Protocol};
pub use twin::Twin;

/// One frame of a device as its decoder hands it out; borrows the decoder's buffers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Frame<'a> {
    /// One native value per channel, in the order of the layout; `NaN` = not sent or not readable.
    pub values: &'a [f64],
    /// The device's sample counter as sent, where it has one (it may wrap).
    pub counter: Option<u64>,
    /// The device's clock in microseconds, unwrapped, where it has one; `None` where it was unreadable.
    pub device_us: Option<u64>,
    /// True when the device's clock started again (reset): times before and after do not relate.
    pub clock_reset: bool,
}

/// What a device says beside its samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Message<'a> {
    /// A marker, at the next frame.
    Marker(u32),
    /// A reply or report in words.
    Text(&'a str),
    /// How many samples are missing before the next frame is an estimate.
    Estimated,
}

/// What a decoder hands out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Item<'a> {
    /// A frame.
    Frame(Frame<'a>),
    /// A message between frames.
    Message(Message<'a>),
}

/// A push decoder.
pub trait Decode: Send {
    /// Takes bytes in any split and hands out what they complete.
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>));

    /// Nothing came for two frame periods: a complete frame that waits for its successor may go.
    fn idle(&mut self, _out: &mut dyn FnMut(Item<'_>)) {}

    /// Nothing comes any more: whatever waits may go.
    fn finish(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        self.idle(out);
    }

    /// What was counted.
    fn counts(&self) -> Counts;
}

/// What a decoder counted since it was made. Bytes and lines are told exactly; nothing is dropped uncounted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Bytes pushed.
    pub bytes: u64,
    /// Frames handed out.
    pub frames: u64,
    /// Bytes skipped to find a frame, the first partial one included.
    pub skipped_bytes: u64,
    /// Frames or lines that were complete and unusable.
    pub bad_frames: u64,
    /// Single values that were not readable (the frame was used, the value is `NaN`).
    pub bad_values: u64,
    /// Values that the device itself sent as missing (`NaN`, `-`, empty).
    pub missing_values: u64,
    /// Clock readings that went backwards and were not used.
    pub clock_errors: u64,
}

impl Decode for ascii::Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        ascii::Decoder::push(self, bytes, &mut |frame| out(Item::Frame(frame)));
    }

    fn counts(&self) -> Counts {
        ascii::Decoder::counts(self)
    }
}
