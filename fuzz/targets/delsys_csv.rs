//! The reader of format `delsys-csv`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| surae_fuzz::read_as("delsys-csv", data));
