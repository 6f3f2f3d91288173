//! Surface EMG signal processing: numbers in, numbers out. (Full page below is completed with the modules.)

pub mod chain;
pub mod columns;
pub mod design;
pub mod envelope;
pub mod feature;
pub mod filter;
pub mod gap;
mod kernel;
pub mod level;
pub mod onset;
pub mod quality;
pub mod resample;
pub mod spectrum;
pub mod tkeo;

/// Samples that form whole frames; a caller's incomplete frame is a mistake that debug builds catch.
pub(crate) fn whole_frames(len: usize, channels: usize) -> usize {
    let whole = len.checked_rem(channels).map_or(0, |rest| len - rest);
    debug_assert!(whole == len, "{len} samples are not whole frames of {channels} channels");
    whole
}
