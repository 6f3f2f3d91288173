//! The reader of format `surae-csv`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| surae_fuzz::read_as("surae-csv", data));
