//! ASCII lines, as Arduino sketches, MyoWare boards and the Serial Plotter write them.
//!
//! `GM:512,SOL:300 knee:12.5` or `512,300,12.5`, ended by LF or CRLF, separated by space, comma, tab or `;`
//! (with `;`, commas are decimal commas). A line without any number is a line of column names. Columns named
//! `t|time|timestamp|micros|millis` (optionally `_us`, `_ms`, `_s`) are the device clock, `n|seq|counter|sample` the
//! device counter. The first line after opening may be partial and is skipped. The columns are fixed once two lines in a
//! row agree on them.
//!
//! A lost byte spoils at most two lines. A lost or changed digit inside a number cannot be detected: the protocol has
//! no checksum.

mod decoder;
mod encoder;
mod line;

pub use decoder::{ClockUnit, Columns, Decoder};
pub use encoder::{Encoder, Faults, Style};
