//! The reader of format `opensignals-txt`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| surae_fuzz::read_as("opensignals-txt", data));
