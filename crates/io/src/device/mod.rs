//! Device decoders as pure `push(&[u8])` state machines, each with the encoder of its emulator.
//!
//! Any split of the bytes gives the same frames. Not for ports, threads or timing: frames leave with the device's own
//! counter and clock, the engine relates them to host time.

pub mod ascii;

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
