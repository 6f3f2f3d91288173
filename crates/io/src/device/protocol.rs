//! The protocols by name, and what a user may state about a device that its bytes do not say.

use super::chords::Board;
use super::cyton::Aux;
use super::hackeeg::Style;

/// A protocol that Surae speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Protocol {
    /// Lines of text, labelled or not (Arduino, MyoWare).
    #[default]
    Ascii,
    /// Surae's reference frame: COBS with a checksum (`docs/firmware`).
    Surae,
    /// OpenBCI Cyton; a Daisy is found by what the board says of itself.
    Cyton,
    /// OpenBCI Cyton with a Daisy.
    CytonDaisy,
    /// Upside Down Labs Chords boards.
    Chords,
    /// Backyard Brains SpikerBoxes.
    Backyard,
    /// BITalino (r)evolution.
    Bitalino,
    /// HackEEG (ADS1299).
    HackEeg,
    /// FreeEEG32 and FreeEEG128.
    FreeEeg,
    /// NeuroPawn Knight, with or without IMU.
    Knight,
    /// Delsys Trigno over TCP.
    Trigno,
    /// The auxiliary channels of a Trigno base station: opened with [`Self::Trigno`], never named, so not in [`Self::ALL`].
    TrignoAux,
    /// A Lab Streaming Layer stream.
    Lsl,
    /// Whichever of these the chosen port speaks.
    Auto,
}

impl Protocol {
    /// All that can be named.
    pub const ALL: [Self; 13] = [
        Self::Ascii,
        Self::Surae,
        Self::Cyton,
        Self::CytonDaisy,
        Self::Chords,
        Self::Backyard,
        Self::Bitalino,
        Self::HackEeg,
        Self::FreeEeg,
        Self::Knight,
        Self::Trigno,
        Self::Lsl,
        Self::Auto,
    ];

    /// The name used on the command line and in recordings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ascii => "ascii",
            Self::Surae => "surae",
            Self::Cyton => "cyton",
            Self::CytonDaisy => "cyton-daisy",
            Self::Chords => "chords",
            Self::Backyard => "backyard",
            Self::Bitalino => "bitalino",
            Self::HackEeg => "hackeeg",
            Self::FreeEeg => "freeeeg",
            Self::Knight => "knight",
            Self::Trigno => "trigno",
            Self::TrignoAux => "trigno-aux",
            Self::Lsl => "lsl",
            Self::Auto => "auto",
        }
    }

    /// What it is, in a line.
    #[must_use]
    pub fn what(self) -> &'static str {
        match self {
            Self::Ascii => "lines of text, labelled or not (Arduino, MyoWare)",
            Self::Surae => "Surae's own frame with checksum, counter and device time (docs/firmware)",
            Self::Cyton => "OpenBCI Cyton, 8 channels; a Daisy is found by itself",
            Self::CytonDaisy => "OpenBCI Cyton with Daisy, 16 channels",
            Self::Chords => "Upside Down Labs Chords boards",
            Self::Backyard => "Backyard Brains SpikerBoxes",
            Self::Bitalino => "BITalino (r)evolution",
            Self::HackEeg => "HackEEG (ADS1299 shield)",
            Self::FreeEeg => "FreeEEG32 and FreeEEG128",
            Self::Knight => "NeuroPawn Knight, with or without IMU",
            Self::Trigno => "Delsys Trigno through the control utility's TCP server",
            Self::TrignoAux => "acceleration, gyroscope and the like of the sensors of a Trigno base station",
            Self::Lsl => "a Lab Streaming Layer stream, by name or type=EMG",
            Self::Auto => "whichever of these the chosen port speaks",
        }
    }

    /// Bits per second of a serial line, where the user states none.
    #[must_use]
    pub fn baud(self) -> u32 {
        match self {
            Self::Surae => 500_000,
            Self::Chords => 230_400,
            Self::Backyard => 222_222,
            Self::FreeEeg => 921_600,
            _ => 115_200,
        }
    }

    /// True where the protocol was tried with an emulator only, for want of a device or of its maker's word.
    #[must_use]
    pub fn is_emulator_tested_only(self) -> bool {
        !matches!(self, Self::Ascii | Self::Surae | Self::Lsl | Self::Auto)
    }
}

/// What a user may state about a device. `None` and defaults mean: as the device says, else its factory setting.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Options {
    /// Channels to ask for (BITalino, HackEEG), or that are sent (Backyard Brains, Chords, emulators).
    pub channels: Option<usize>,
    /// Samples a second to ask for (BITalino, HackEEG).
    pub rate_hz: Option<f64>,
    /// Amplifier gain to ask for (Cyton, HackEEG), or that is set (Knight).
    pub gain: Option<f64>,
    /// Reference voltage of the converter (HackEEG).
    pub vref_v: Option<f64>,
    /// What rides along (Cyton).
    pub aux: Aux,
    /// The board (Chords).
    pub board: Option<Board>,
    /// How samples are written (HackEEG).
    pub style: Style,
    /// With an IMU (Knight, Trigno; emulator only, a session finds out).
    pub imu: bool,
    /// Least significant byte first (Knight).
    pub little_endian: bool,
}

impl Options {
    /// Names that [`Options::set`] takes, each with its meaning.
    pub const NAMES: [(&'static str, &'static str); 8] = [
        ("channels", "number of channels (bitalino 1-6, backyard, chords, hackeeg, surae)"),
        ("gain", "amplifier gain (cyton, hackeeg: 1 2 4 6 8 12 24; knight)"),
        ("vref", "reference voltage in V (hackeeg: 4.5 for an ADS1299, 2.4 or 4 for an ADS1298)"),
        ("aux", "what rides along (cyton): acceleration, analog, digital or marker"),
        ("board", "board name (chords), such as UNO-R4"),
        ("style", "jsonlines or messagepack (hackeeg)"),
        ("imu", "true: with IMU (emulators of knight and trigno)"),
        ("little-endian", "true: least significant byte first (knight)"),
    ];

    /// States something by name, as from `--device-option NAME=VALUE`.
    ///
    /// # Errors
    /// In words: the name is unknown or the value is not what it takes.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let wrong = |takes: &str| format!("{name} takes {takes}, not '{value}'");
        let flag = || value.parse::<bool>().map_err(|_| wrong("true or false"));
        let positive = |takes: &str| {
            value.parse::<f64>().ok().filter(|v| v.is_finite() && *v > 0.0).ok_or_else(|| wrong(takes))
        };
        match name {
            "channels" => {
                let number = value.parse::<usize>().ok().filter(|n| (1..=128).contains(n));
                self.channels = Some(number.ok_or_else(|| wrong("a number from 1 to 128"))?);
            }
            "gain" => self.gain = Some(positive("a gain")?),
            "vref" => self.vref_v = Some(positive("a voltage")?),
            "aux" => {
                self.aux = match value {
                    "acceleration" => Aux::Acceleration,
                    "analog" => Aux::Analog,
                    "digital" => Aux::Digital,
                    "marker" => Aux::Marker,
                    _ => return Err(wrong("acceleration, analog, digital or marker")),
                }
            }
            "board" => {
                let names: Vec<&str> = super::chords::BOARDS.iter().map(|board| board.id).collect();
                self.board = Some(Board::named(value).ok_or_else(|| wrong(&names.join(", ")))?);
            }
            "style" => {
                self.style = match value {
                    "jsonlines" => Style::JsonLines,
                    "messagepack" => Style::MessagePack,
                    _ => return Err(wrong("jsonlines or messagepack")),
                }
            }
            "imu" => self.imu = flag()?,
            "little-endian" => self.little_endian = flag()?,
            _ => {
                let names: Vec<&str> = Self::NAMES.iter().map(|(name, _)| *name).collect();
                return Err(format!("no option '{name}'; options: {}", names.join(", ")));
            }
        }
        Ok(())
    }

    /// What cannot be asked of a device of this protocol, in words.
    ///
    /// # Errors
    /// A gain or rate that the device does not have.
    pub fn check(&self, protocol: Protocol) -> Result<(), String> {
        let ads = matches!(protocol, Protocol::Cyton | Protocol::CytonDaisy | Protocol::HackEeg);
        if let Some(gain) = self.gain.filter(|gain| ads && gain_code(*gain).is_none()) {
            return Err(format!("gain {gain}: the amplifier has 1, 2, 4, 6, 8, 12 and 24"));
        }
        if let Some(rate_hz) = self.rate_hz {
            let known = match protocol {
                Protocol::Bitalino => super::bitalino::rate_command(rate_hz).is_some(),
                Protocol::HackEeg => ads1299_rate_code(rate_hz).is_some(),
                _ => true,
            };
            if !known {
                let rates = match protocol {
                    Protocol::Bitalino => "1, 10, 100 and 1000 Hz",
                    _ => "250, 500, 1000, 2000, 4000, 8000 and 16000 Hz",
                };
                return Err(format!("rate {rate_hz} Hz: the device has {rates}"));
            }
        }
        let most = if protocol == Protocol::Bitalino { 6 } else { 128 };
        match self.channels {
            Some(channels) if channels > most => Err(format!("{channels} channels: the device has {most}")),
            _ => Ok(()),
        }
    }
}

/// Code of a gain of the ADS1299's amplifier, as its registers and the Cyton's commands write it.
pub(crate) fn gain_code(gain: f64) -> Option<u8> {
    [1.0, 2.0, 4.0, 6.0, 8.0, 12.0, 24.0].iter().position(|known| *known == gain).map(|code| code as u8)
}

/// Code of a rate in the ADS1299's CONFIG1 register.
pub(crate) fn ads1299_rate_code(rate_hz: f64) -> Option<u8> {
    let rates = [16_000.0, 8000.0, 4000.0, 2000.0, 1000.0, 500.0, 250.0];
    rates.iter().position(|known| *known == rate_hz).map(|code| code as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read_and_nonsense_says_what_is_known() {
        let mut options = Options::default();
        for (name, value) in [("channels", "4"), ("aux", "analog"), ("board", "uno-r4"), ("gain", "12")] {
            options.set(name, value).expect("known");
        }
        assert_eq!((options.channels, options.aux, options.gain), (Some(4), Aux::Analog, Some(12.0)));
        assert_eq!(options.board.map(|board| board.rate_hz), Some(500.0));
        assert!(options.set("colour", "red").is_err_and(|e| e.contains("channels")));
        assert!(options.set("gain", "-1").is_err());
        assert!(options.set("board", "UNO-R9").is_err_and(|e| e.contains("UNO-R4")));
    }

    #[test]
    fn what_a_device_does_not_have_is_refused() {
        let gain = Options { gain: Some(5.0), ..Options::default() };
        assert!(gain.check(Protocol::Cyton).is_err() && gain.check(Protocol::Knight).is_ok());
        let rate = Options { rate_hz: Some(250.0), ..Options::default() };
        assert!(rate.check(Protocol::Bitalino).is_err() && rate.check(Protocol::HackEeg).is_ok());
        let channels = Options { channels: Some(7), ..Options::default() };
        assert!(channels.check(Protocol::Bitalino).is_err_and(|e| e.contains('6')));
    }

    #[test]
    fn names_are_all_different() {
        let names: std::collections::BTreeSet<_> = Protocol::ALL.iter().map(|p| p.name()).collect();
        assert_eq!(names.len(), Protocol::ALL.len());
    }
}
