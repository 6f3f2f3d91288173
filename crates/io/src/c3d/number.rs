//! Numbers of the three processor types, read with bounds.

/// The machine whose byte order and float format a file uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Processor {
    /// Little-endian, IEEE floats.
    Intel,
    /// Little-endian integers, VAX F floats.
    Dec,
    /// Big-endian, IEEE floats.
    Mips,
}

impl Processor {
    /// The processor of the code in the parameter section.
    pub fn from_code(code: u8) -> Option<Self> {
        match code {
            84 => Some(Self::Intel),
            85 => Some(Self::Dec),
            86 => Some(Self::Mips),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Intel => "Intel",
            Self::Dec => "DEC (VAX)",
            Self::Mips => "SGI/MIPS",
        }
    }

    pub fn i16(self, bytes: [u8; 2]) -> i16 {
        match self {
            Self::Intel | Self::Dec => i16::from_le_bytes(bytes),
            Self::Mips => i16::from_be_bytes(bytes),
        }
    }

    /// A float; a VAX reserved operand becomes `NaN`.
    pub fn f32(self, bytes: [u8; 4]) -> f32 {
        match self {
            Self::Intel => f32::from_le_bytes(bytes),
            Self::Mips => f32::from_be_bytes(bytes),
            Self::Dec => vax_f(bytes),
        }
    }
}

/// VAX F_floating: 16-bit words swapped, exponent bias 129 with the binary point before the hidden bit, so the
/// value is a quarter of the IEEE reading. Every VAX F value is exact in f64; the smallest round to f32 subnormals.
fn vax_f(bytes: [u8; 4]) -> f32 {
    let bits = u32::from_le_bytes([bytes[2], bytes[3], bytes[0], bytes[1]]);
    let exponent = (bits >> 23) & 0xff;
    let negative = bits >> 31 == 1;
    if exponent == 0 {
        return if negative { f32::NAN } else { 0.0 };
    }
    let mantissa = f64::from((bits & 0x007f_ffff) | 0x0080_0000) / f64::from(1u32 << 24);
    let value = mantissa * 2f64.powi(exponent as i32 - 128);
    (if negative { -value } else { value }) as f32
}

/// Bytes of a file with a processor: every read is checked.
#[derive(Clone, Copy, Debug)]
pub struct Bytes<'a> {
    pub all: &'a [u8],
    pub processor: Processor,
}

impl<'a> Bytes<'a> {
    pub fn slice(&self, at: usize, len: usize) -> Option<&'a [u8]> {
        self.all.get(at..at.checked_add(len)?)
    }

    pub fn u8(&self, at: usize) -> Option<u8> {
        self.all.get(at).copied()
    }

    pub fn i16(&self, at: usize) -> Option<i16> {
        let bytes = self.slice(at, 2)?;
        Some(self.processor.i16([bytes[0], bytes[1]]))
    }

    pub fn u16(&self, at: usize) -> Option<u16> {
        self.i16(at).map(i16::cast_unsigned)
    }

    pub fn f32(&self, at: usize) -> Option<f32> {
        let bytes = self.slice(at, 4)?;
        Some(self.processor.f32([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the VAX Architecture Reference: 1.0 = 0x00004080, -2.5 = 0x0000C120.
    #[test]
    fn vax_floats_are_those_of_the_architecture_manual() {
        assert_eq!(vax_f([0x80, 0x40, 0x00, 0x00]), 1.0);
        assert_eq!(vax_f([0x20, 0xc1, 0x00, 0x00]), -2.5);
        assert_eq!(vax_f([0, 0, 0, 0]), 0.0);
        assert!(vax_f([0x00, 0x80, 0, 0]).is_nan());
    }
}
