//! The reader of format `c3d`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| surae_fuzz::read_as("c3d", data));
