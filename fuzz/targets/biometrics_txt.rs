//! The reader of format `biometrics-txt`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| surae_fuzz::read_as("biometrics-txt", data));
