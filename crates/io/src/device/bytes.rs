//! Integers out of bytes and into them.

/// Signed 24-bit, most significant byte first.
pub(crate) fn i24(bytes: &[u8]) -> i32 {
    i32::from_be_bytes([bytes[0], bytes[1], bytes[2], 0]) >> 8
}

/// The three low bytes, most significant first; `value` must fit 24 bits.
pub(crate) fn put_i24(value: i32, out: &mut Vec<u8>) {
    out.extend_from_slice(&value.to_be_bytes()[1..]);
}

/// A native value as an integer of `low ..= high`: nearest, `NaN` as 0 (an emulator sends what a converter would).
pub(crate) fn whole(value: f64, low: i32, high: i32) -> i32 {
    // `as` saturates and takes NaN to 0.
    (value.round() as i32).clamp(low, high)
}

/// Signed 16-bit, most significant byte first.
pub(crate) fn i16_be(bytes: &[u8]) -> i16 {
    i16::from_be_bytes([bytes[0], bytes[1]])
}

/// Unsigned 32-bit, least significant byte first.
pub(crate) fn u32_le(bytes: &[u8]) -> u32 {
    u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
}

/// A counter or clock of 32 bits, unwrapped: steps of less than half of its range count forwards, others are a restart.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Unwrap {
    last: Option<u64>,
}

impl Unwrap {
    /// The unwrapped value, and whether the device started again.
    pub(crate) fn read(&mut self, raw: u32) -> (u64, bool) {
        let Some(last) = self.last else {
            self.last = Some(u64::from(raw));
            return (u64::from(raw), false);
        };
        let step = raw.wrapping_sub(last as u32);
        let reset = step >= 1 << 31;
        let now = if reset { u64::from(raw) } else { last + u64::from(step) };
        self.last = Some(now);
        (now, reset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_of_24_bits_keep_their_sign() {
        for value in [0, 1, -1, 8_388_607, -8_388_608, 0x00a0c0] {
            let mut bytes = Vec::new();
            put_i24(value, &mut bytes);
            assert_eq!(i24(&bytes), value);
        }
    }

    #[test]
    fn a_wrapping_clock_goes_on_and_a_restarted_one_is_told() {
        let mut clock = Unwrap::default();
        assert_eq!(clock.read(u32::MAX - 9), (u64::from(u32::MAX) - 9, false));
        assert_eq!(clock.read(10), (u64::from(u32::MAX) + 11, false));
        assert_eq!(clock.read(5), (5, true));
    }
}
