//! Tests of the public face of `surae-io`, most of them on real recordings.

mod any_bytes;
mod c3d_against_readers;
mod common;
mod recorder;
mod recordings;
