//! The reader of format `hdf5`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| surae_fuzz::read_as("hdf5", data));
