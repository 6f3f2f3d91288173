//! What goes wrong between a device and its reader, on demand: the switches of `surae emulate --fault NAME=VALUE`.
//!
//! Everything is counted in frames and bytes, so that the same switches give the same damage. Times are in seconds from the start.

/// Faults, each off by default; `every` 0 is off.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// Every n-th byte is lost.
    pub drop_byte_every: u64,
    /// Every n-th byte has a bit flipped, a different one each time.
    pub flip_bit_every: u64,
    /// Every n-th frame is lost by the radio: its counter is used up.
    pub drop_frame_every: u64,
    /// Every n-th frame is sent twice.
    pub duplicate_every: u64,
    /// Frames of this half-open range are not sent.
    pub hole: Option<(u64, u64)>,
    /// The device is silent between these times; its counter runs on.
    pub silence_s: Option<(f64, f64)>,
    /// This channel (from 1) stands on the bytes of the protocol's header.
    pub stuck: Option<usize>,
    /// This channel (from 1) stands on its upper rail.
    pub rail: Option<usize>,
    /// This channel (from 1) is 0.
    pub flat: Option<usize>,
    /// So many bytes of noise come before the first frame.
    pub garbage: usize,
    /// The first frame starts in its middle.
    pub partial_first: bool,
    /// Bytes come in bursts of so many milliseconds.
    pub burst_ms: f64,
    /// The device starts again at this time: counter 0, settings forgotten.
    pub reset_s: Option<f64>,
    /// The port goes away and comes back under another name.
    pub replug_s: Option<(f64, f64)>,
    /// After the port was opened the device says nothing useful for so long (a boot loader).
    pub boot_s: f64,
    /// The device sends a marker with every n-th frame; where the protocol has messages, it cuts the frame.
    pub marker_every: u64,
}

impl Faults {
    /// Names that [`Faults::set`] takes, each with its meaning.
    pub const NAMES: [(&'static str, &'static str); 16] = [
        ("drop-byte", "lose every n-th byte"),
        ("flip-bit", "flip a bit of every n-th byte"),
        ("drop-frame", "lose every n-th frame on the radio"),
        ("duplicate", "send every n-th frame twice"),
        ("hole", "FIRST..END: frames that are not sent"),
        ("silence", "FROM..TO seconds without a byte; the counter runs on"),
        ("stuck", "channel number: its values look like the protocol's header"),
        ("rail", "channel number: stands on its upper rail"),
        ("flat", "channel number: is 0"),
        ("garbage", "bytes of noise before the first frame"),
        ("partial-first", "true: start in the middle of a frame"),
        ("burst", "milliseconds: bytes come in bursts, as over Bluetooth or an FTDI chip"),
        ("reset", "second at which the device starts again, counter at 0"),
        ("replug", "FROM..TO seconds: the port goes away and comes back under another name"),
        ("boot", "seconds of boot loader after the port was opened"),
        ("marker", "the device sends a marker with every n-th frame (cyton, backyard)"),
    ];

    /// Sets a fault by name; `Ok(false)` for a name that is not of this list.
    ///
    /// # Errors
    /// In words: the value is not what it takes.
    pub fn set(&mut self, name: &str, value: &str) -> Result<bool, String> {
        let number =
            || value.parse::<u64>().map_err(|_| format!("{name} takes a whole number, not '{value}'"));
        let seconds = |text: &str| text.parse::<f64>().ok().filter(|s| s.is_finite() && *s >= 0.0);
        let range_s = || {
            let parsed = value.split_once("..").and_then(|(a, b)| Some((seconds(a)?, seconds(b)?)));
            parsed.filter(|(a, b)| a <= b).ok_or_else(|| format!("{name} takes FROM..TO in s, not '{value}'"))
        };
        let channel = || match value.parse::<usize>() {
            Ok(n) if n > 0 => Ok(Some(n)),
            _ => Err(format!("{name} takes a channel number from 1, not '{value}'")),
        };
        let plain_s = || seconds(value).ok_or_else(|| format!("{name} takes a time, not '{value}'"));
        match name {
            "drop-byte" => self.drop_byte_every = number()?,
            "flip-bit" => self.flip_bit_every = number()?,
            "drop-frame" | "drop-line" => self.drop_frame_every = number()?,
            "duplicate" => self.duplicate_every = number()?,
            "hole" => {
                let parsed =
                    value.split_once("..").and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
                self.hole = Some(parsed.ok_or_else(|| format!("hole takes FIRST..END, not '{value}'"))?);
            }
            "silence" => self.silence_s = Some(range_s()?),
            "stuck" => self.stuck = channel()?,
            "rail" => self.rail = channel()?,
            "flat" => self.flat = channel()?,
            "garbage" => self.garbage = number()?.min(1 << 20) as usize,
            "partial-first" => {
                self.partial_first =
                    value.parse().map_err(|_| format!("{name} takes true or false, not '{value}'"))?;
            }
            "burst" => self.burst_ms = plain_s()?,
            "reset" => self.reset_s = Some(plain_s()?),
            "replug" => self.replug_s = Some(range_s()?),
            "boot" => self.boot_s = plain_s()?,
            "marker" => self.marker_every = number()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// A wire with faults: frames in, bytes out.
#[derive(Clone, Debug)]
pub struct Wire {
    faults: Faults,
    bytes: u64,
    flips: u32,
    started: bool,
    /// Frames that were not sent, or sent damaged.
    pub hit_frames: u64,
}

impl Wire {
    /// A wire on which nothing was sent yet.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self { faults, bytes: 0, flips: 0, started: false, hit_frames: 0 }
    }

    /// The faults.
    #[must_use]
    pub fn faults(&self) -> &Faults {
        &self.faults
    }

    /// Replaces values of channels that are stuck; `header_like` and `rail` are the device's.
    pub fn values(&self, values: &mut [f64], header_like: f64, rail: impl Fn(usize) -> f64) {
        let mut put = |channel: Option<usize>, value: &dyn Fn(usize) -> f64| {
            if let Some(at) = channel.and_then(|channel| channel.checked_sub(1))
                && let Some(slot) = values.get_mut(at)
            {
                *slot = value(at);
            }
        };
        put(self.faults.stuck, &|_| header_like);
        put(self.faults.rail, &rail);
        put(self.faults.flat, &|_| 0.0);
    }

    /// True when the frame of this number, at this time, never leaves the device.
    #[must_use]
    pub fn swallows(&self, frame: u64, time_s: f64) -> bool {
        let every = self.faults.drop_frame_every;
        self.faults.hole.is_some_and(|(from, to)| (from..to).contains(&frame))
            || self.faults.silence_s.is_some_and(|(from, to)| (from..to).contains(&time_s))
            || (every > 0 && (frame + 1).is_multiple_of(every))
    }

    /// True when the device sends a marker with this frame.
    #[must_use]
    pub fn marks(&self, frame: u64) -> bool {
        let every = self.faults.marker_every;
        every > 0 && (frame + 1).is_multiple_of(every)
    }

    /// Sends one frame's bytes.
    pub fn send(&mut self, frame: u64, bytes: &[u8], out: &mut Vec<u8>) {
        let mut bytes = bytes;
        if !std::mem::replace(&mut self.started, true) {
            // Noise of a fixed seed: the same every time.
            let mut state = 0x2545_f491_4f6c_dd1d_u64;
            out.extend((0..self.faults.garbage).map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 32) as u8
            }));
            if self.faults.partial_first {
                bytes = &bytes[bytes.len() / 2..];
            }
        }
        let every = self.faults.duplicate_every;
        let times = if every > 0 && (frame + 1).is_multiple_of(every) { 2 } else { 1 };
        for _ in 0..times {
            let before = out.len();
            let mut hit = false;
            for byte in bytes {
                self.bytes += 1;
                let every = |n: u64| n > 0 && self.bytes.is_multiple_of(n);
                if every(self.faults.drop_byte_every) {
                    hit = true;
                    continue;
                }
                let mut byte = *byte;
                if every(self.faults.flip_bit_every) {
                    byte ^= 1 << (self.flips % 8);
                    self.flips += 1;
                    hit = true;
                }
                out.push(byte);
            }
            self.hit_frames += u64::from(hit || out.len() == before);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn switches_are_read_and_nonsense_says_what_it_takes() {
        let mut faults = Faults::default();
        for (name, value) in [("drop-byte", "100"), ("hole", "5..9"), ("silence", "1.5..3.5"), ("rail", "2")]
        {
            assert_eq!(faults.set(name, value), Ok(true), "{name}");
        }
        assert_eq!((faults.hole, faults.silence_s, faults.rail), (Some((5, 9)), Some((1.5, 3.5)), Some(2)));
        assert_eq!(faults.set("nan", "4"), Ok(false));
        assert!(faults.set("silence", "3..1").is_err() && faults.set("rail", "0").is_err());
    }

    #[test]
    fn bytes_are_lost_where_they_are_said_to_be() {
        let mut faults = Faults::default();
        faults.set("drop-byte", "10").expect("known");
        let mut wire = Wire::new(faults);
        let mut out = Vec::new();
        for frame in 0..20 {
            wire.send(frame, &[1, 2, 3, 4, 5], &mut out);
        }
        assert_eq!((out.len(), wire.hit_frames), (90, 10));
    }
}
