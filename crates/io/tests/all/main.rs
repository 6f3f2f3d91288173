//! Tests of the public face of `surae-io`, most of them on real recordings.

// Skipped recordings and the count of those compared are told on the terminal.
#![allow(clippy::print_stdout)]

mod any_bytes;
mod bio_against_readers;
mod c3d_against_readers;
mod c3d_written;
mod common;
mod mutated;
mod odd_files;
mod other_labs;
mod recorder;
mod recorder_faults;
mod recordings;
mod repair;
mod text_against_readers;
