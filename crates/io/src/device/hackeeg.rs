//! HackEEG (ADS129x): one JSON line or one MessagePack map a sample, with the device's microseconds, a 32-bit counter, lead-off bits
//! and four digital lines.
//!
//! Payload: `u32` microseconds and `u32` counter (least significant byte first), three status bytes (1100, lead-off of the
//! positive inputs, of the negative ones, four lines), one signed 24-bit value a channel. Source: the driver's firmware.

use super::bytes::{Unwrap, i24, put_i24, u32_le, whole};
use super::{Counts, Decode, Frame, Item, Message};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

/// Longest line or map.
const LONGEST: usize = 1024;
/// Bytes before the channels.
const HEAD: usize = 11;

/// Names of what follows the channels: lead-off bits of the positive and negative inputs, then the digital lines.
pub const AUX: [&str; 6] = ["LOFF P", "LOFF N", "GPIO1", "GPIO2", "GPIO3", "GPIO4"];

/// Microvolts at the electrode for each count, at a reference voltage (4.5 V ADS1299; 2.4 or 4 V ADS1298) and gain.
#[must_use]
pub fn uv_per_count(vref_v: f64, gain: f64) -> f64 {
    vref_v / 8_388_607.0 / gain * 1e6
}

/// Decodes both forms, also mixed with replies in words. The first sample fixes the number of channels (1 to 32).
#[derive(Clone, Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    channels: Option<usize>,
    clock: Unwrap,
    values: Vec<f64>,
    counts: Counts,
}

/// What stands at the front of the buffer.
enum Front {
    /// A sample: where its payload stands, and bytes of the whole.
    Sample(Vec<u8>, usize),
    /// Bytes of a line that is no sample.
    Line(usize),
    Skip,
    Wait,
}

impl Decoder {
    /// A decoder that may join a running stream.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// `silent`: nothing follows for now.
    fn front(&self, window: &[u8], silent: bool) -> Front {
        const MAP: [u8; 8] = [0x82, 0xa1, 0x43, 0xcc, 0xc8, 0xa1, 0x44, 0xc4];
        let seen = window.len().min(MAP.len());
        if window[..seen] == MAP[..seen] {
            let Some(&length) = window.get(MAP.len()) else { return Front::Wait };
            let from = MAP.len() + 1;
            if !self.fits(usize::from(length)) {
                return Front::Skip;
            }
            // A map has no checksum: the next one must begin where this one ends. Its first byte may be the one that was lost;
            // were it a byte of this payload, that first byte would be taken for the payload's last.
            let end = from + usize::from(length);
            let headless =
                |payload: &[u8]| payload.last() != Some(&MAP[0]) && window[end..].starts_with(&MAP[1..3]);
            return match (window.get(from..end), window.get(end)) {
                (Some(payload), Some(0x82)) => Front::Sample(payload.to_vec(), end),
                (Some(_), Some(0xa1)) if window.len() == end + 1 => Front::Wait,
                (Some(payload), Some(_)) if headless(payload) => Front::Sample(payload.to_vec(), end),
                (Some(_), Some(_)) => Front::Skip,
                (Some(payload), None) if silent => Front::Sample(payload.to_vec(), end),
                _ => Front::Wait,
            };
        }
        if !(window[0] == b'{' || window[0].is_ascii_graphic() || window[0] == b' ') {
            return Front::Skip;
        }
        let Some(end) = window.iter().position(|byte| *byte == b'\n') else {
            let binary = window.iter().any(|byte| !(byte.is_ascii_graphic() || b" \r\t".contains(byte)));
            return if binary || window.len() > LONGEST { Front::Skip } else { Front::Wait };
        };
        let line = &window[..end];
        if line.iter().any(|byte| !(byte.is_ascii_graphic() || b" \r\t".contains(byte))) {
            return Front::Skip;
        }
        match payload(line).filter(|payload| self.fits(payload.len())) {
            Some(payload) => Front::Sample(payload, end + 1),
            None => Front::Line(end + 1),
        }
    }

    fn fits(&self, payload: usize) -> bool {
        let Some(values) = payload.checked_sub(HEAD) else { return false };
        let channels = values / 3;
        values.is_multiple_of(3)
            && (1..=32).contains(&channels)
            && self.channels.is_none_or(|known| known == channels)
    }

    fn sample(&mut self, payload: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        let status = u32::from_be_bytes([0, payload[8], payload[9], payload[10]]);
        if status >> 20 != 0b1100 {
            self.counts.bad_frames += 1;
            return;
        }
        self.channels = Some((payload.len() - HEAD) / 3);
        let (us, clock_reset) = self.clock.read(u32_le(payload));
        self.values.clear();
        self.values.extend(payload[HEAD..].chunks_exact(3).map(|bytes| f64::from(i24(bytes))));
        self.values.extend([f64::from(status >> 12 & 0xff), f64::from(status >> 4 & 0xff)]);
        self.values.extend((0..4).map(|line| f64::from(status >> line & 1)));
        self.counts.frames += 1;
        out(Item::Frame(Frame {
            values: &self.values,
            counter: Some(u64::from(u32_le(&payload[4..]))),
            device_us: Some(us),
            clock_reset,
        }));
    }

    /// A line that holds no sample: a reply, or a damaged sample.
    fn line(&mut self, line: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        let text = String::from_utf8_lossy(line);
        let text = text.trim();
        let damaged = text.contains("\"C\":200") || text.contains("\"D\":\"");
        if damaged {
            self.counts.bad_frames += 1;
            self.counts.skipped_bytes += line.len() as u64;
        } else if !text.is_empty() {
            out(Item::Message(Message::Text(text)));
        }
    }
}

/// The payload of a JSON line `{"C":200,"D":"<base64>"}`.
fn payload(line: &[u8]) -> Option<Vec<u8>> {
    let json: serde_json::Value = serde_json::from_slice(line).ok()?;
    (json.get("C")?.as_u64()? == 200).then_some(())?;
    BASE64.decode(json.get("D")?.as_str()?).ok()
}

impl Decoder {
    fn advance(&mut self, silent: bool, out: &mut dyn FnMut(Item<'_>)) {
        let buffer = std::mem::take(&mut self.buffer);
        let mut at = 0;
        while at < buffer.len() {
            let window = &buffer[at..];
            match self.front(window, silent) {
                Front::Sample(payload, len) => {
                    self.sample(&payload, out);
                    at += len;
                }
                Front::Line(len) => {
                    self.line(&window[..len], out);
                    at += len;
                }
                Front::Skip => {
                    // Line ends between replies are no loss.
                    self.counts.skipped_bytes += u64::from(!b"\r\n".contains(&window[0]));
                    at += 1;
                }
                Front::Wait => break,
            }
        }
        self.buffer = buffer;
        self.buffer.drain(..at);
    }
}

impl Decode for Decoder {
    fn push(&mut self, bytes: &[u8], out: &mut dyn FnMut(Item<'_>)) {
        self.counts.bytes += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        self.advance(false, out);
    }

    fn idle(&mut self, out: &mut dyn FnMut(Item<'_>)) {
        self.advance(true, out);
    }

    fn counts(&self) -> Counts {
        self.counts
    }
}

/// How samples are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// One line a sample.
    #[default]
    JsonLines,
    /// One map a sample.
    MessagePack,
}

/// Appends one sample: device time, counter, lead-off bits (positive, negative), lines (bit 0 is the first), channels in counts.
pub fn encode(
    style: Style,
    us: u32,
    counter: u32,
    lead_off: [u8; 2],
    lines: u8,
    channels: &[f64],
    out: &mut Vec<u8>,
) {
    let mut payload = Vec::with_capacity(HEAD + 3 * channels.len());
    payload.extend_from_slice(&us.to_le_bytes());
    payload.extend_from_slice(&counter.to_le_bytes());
    let status =
        0b1100 << 20 | u32::from(lead_off[0]) << 12 | u32::from(lead_off[1]) << 4 | u32::from(lines & 0x0f);
    payload.extend_from_slice(&status.to_be_bytes()[1..]);
    for value in channels {
        put_i24(whole(*value, -8_388_608, 8_388_607), &mut payload);
    }
    match style {
        Style::JsonLines => {
            out.extend_from_slice(
                format!("{{\"C\":200,\"D\":\"{}\"}}\n", BASE64.encode(&payload)).as_bytes(),
            );
        }
        Style::MessagePack => {
            out.extend_from_slice(&[0x82, 0xa1, 0x43, 0xcc, 0xc8, 0xa1, 0x44, 0xc4, payload.len() as u8]);
            out.extend_from_slice(&payload);
        }
    }
}

#[cfg(test)]
mod tests;
