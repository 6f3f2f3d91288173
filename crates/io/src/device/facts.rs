//! What a device's frames hold: channels with their units, how values are stored, the rate and the width of the counter.
//!
//! The same facts serve the session and the emulator. Boards with labelled inputs are EMG boards here, so their inputs count as EMG
//! until a map states otherwise; which muscle and leg an input carries no board knows.

use super::protocol::{Options, Protocol};
use super::{ascii, bitalino, chords, cyton, freeeeg, hackeeg, knight, trigno};
use surae_trial::label::{Labelled, roles_of};
use surae_trial::{Channel, Kind, NativeType, Role, Scale, Unit};

/// What is known of a device once its first frames were read.
#[derive(Clone, Debug, PartialEq)]
pub struct Facts {
    /// The channels, in the order of a frame.
    pub channels: Vec<Channel>,
    /// How native values are stored.
    pub native: NativeType,
    /// The rate by the device's specification; `None` where only a measurement can tell.
    pub rate_hz: Option<f64>,
    /// Values that the counter takes before it starts again; `None` without a counter, or where nothing says how wide it is.
    pub modulus: Option<u64>,
}

/// The facts of a device whose frames have `width` values. `said` is what the device told about itself in words.
#[must_use]
pub fn facts(protocol: Protocol, options: &Options, width: usize, said: &str) -> Facts {
    let fact = |channels, native, rate_hz, modulus| Facts { channels, native, rate_hz, modulus };
    match protocol {
        Protocol::Ascii | Protocol::Auto => fact(plain(width), NativeType::F64, None, None),
        Protocol::Surae => fact(plain(width), NativeType::I16, None, Some(1 << 16)),
        Protocol::Cyton | Protocol::CytonDaisy => {
            let daisy = width >= 16;
            let native =
                if options.aux == cyton::Aux::Acceleration { NativeType::F64 } else { NativeType::I32 };
            let (rate_hz, modulus) = if daisy { (125.0, 128) } else { (cyton::RATE_HZ, 256) };
            fact(of_cyton(options, daisy), native, Some(rate_hz), Some(modulus))
        }
        Protocol::Chords => {
            let board = options.board.or_else(|| said.lines().find_map(chords::Board::named));
            let bits = board.map(|board| board.bits);
            let channels = (1..=width).map(|k| counted(format!("CH{k}"), bits)).collect();
            fact(channels, NativeType::I32, board.map(|board| board.rate_hz), Some(256))
        }
        Protocol::Backyard => {
            // 14-bit boards say who they are; all others have 10 bits.
            let wide = ["HUMANSB", "UNIBOX", "NRNSBPRO", "HHIBOX"].iter().any(|name| said.contains(name));
            let bits = if wide { 14 } else { 10 };
            let channels = (1..=width).map(|k| counted(format!("CH{k}"), Some(bits))).collect();
            // 10 000 samples a second shared by the channels; those boards are half a percent off, which the measured rate shows.
            let rate_hz = (!wide && width > 0).then(|| 10_000.0 / width as f64);
            fact(channels, NativeType::I16, rate_hz, None)
        }
        Protocol::Bitalino => {
            let analog = width.saturating_sub(bitalino::DIGITAL.len());
            let rate_hz = options.rate_hz.unwrap_or(1000.0);
            fact(of_bitalino(analog), NativeType::I16, Some(rate_hz), Some(16))
        }
        Protocol::HackEeg => {
            let inputs = width.saturating_sub(hackeeg::AUX.len());
            let gain = options.gain.unwrap_or(24.0);
            let uv = hackeeg::uv_per_count(options.vref_v.unwrap_or(4.5), gain);
            let mut channels: Vec<Channel> =
                (1..=inputs).map(|k| input(format!("CH{k}"), uv, gain, 24)).collect();
            channels.extend(hackeeg::AUX.iter().map(|name| line(name)));
            fact(channels, NativeType::I32, options.rate_hz.or(Some(1000.0)), Some(1 << 32))
        }
        Protocol::FreeEeg => {
            let channels =
                (1..=width).map(|k| input(format!("CH{k}"), freeeeg::UV_PER_COUNT, 8.0, 24)).collect();
            fact(channels, NativeType::I32, None, Some(256))
        }
        Protocol::Knight => of_knight(options, width),
        Protocol::Trigno => of_trigno(said),
        Protocol::TrignoAux => of_trigno_aux(said),
        Protocol::Lsl => of_lsl(width, said),
    }
}

/// The facts of ASCII lines, once their columns are known.
#[must_use]
pub fn of_ascii(decoder: &ascii::Decoder) -> Option<Facts> {
    let layout = decoder.layout("", 1.0)?;
    Some(Facts { channels: layout.channels, native: layout.native, rate_hz: None, modulus: None })
}

/// Channels of which nothing is known but their number.
fn plain(width: usize) -> Vec<Channel> {
    let role = || Role {
        kind: Kind::RawEmg,
        ..Role::unknown("an input of an EMG board, taken for EMG; state muscle, side and unit with --map")
    };
    (1..=width).map(|k| Channel::new(format!("CH{k}"), role(), Unit::Arbitrary)).collect()
}

fn emg() -> Role {
    Role {
        kind: Kind::RawEmg,
        ..Role::unknown("an input of an EMG board, taken for EMG; state muscle and side with --map")
    }
}

/// An input whose counts are microvolts at the electrode by the amplifier's gain.
fn input(label: String, uv_per_count: f64, gain: f64, bits: u8) -> Channel {
    let mut channel = Channel::new(label, emg(), Unit::Microvolt);
    channel.scale = Scale { gain: uv_per_count, offset: 0.0 };
    channel.amplifier.gain = Some(gain);
    channel.amplifier.resolution_bits = Some(bits);
    let full = f64::from(1_u32 << (bits - 1));
    channel.amplifier.rails = Some((-full, full - 1.0));
    channel.amplifier.input_referred = true;
    channel
}

/// An unsigned converter behind an amplifier of unknown gain: no volts, zero at its middle.
fn counted(label: String, bits: Option<u8>) -> Channel {
    let role = Role {
        kind: Kind::RawEmg,
        ..Role::unknown(
            "an input of an EMG board, taken for EMG; the board states no volts; state muscle, side, unit and \
             scale with --map",
        )
    };
    let mut channel = Channel::new(label, role, Unit::Arbitrary);
    if let Some(bits) = bits {
        channel.scale = Scale { gain: 1.0, offset: f64::from(1_u32 << (bits - 1)) };
        channel.amplifier.resolution_bits = Some(bits);
        channel.amplifier.rails = Some((0.0, f64::from((1_u32 << bits) - 1)));
    }
    channel
}

/// A digital line or a status byte.
fn line(label: &str) -> Channel {
    let reason =
        "a digital line or status of the board; state kind = \"switch\" with --map for a foot switch";
    Channel::new(label, Role::unknown(reason), Unit::Count)
}

fn acceleration(label: &str) -> Channel {
    let role = Role { kind: Kind::Acceleration, ..Role::unknown("the board's acceleration sensor") };
    Channel::new(label, role, Unit::Gravity)
}

fn of_cyton(options: &Options, daisy: bool) -> Vec<Channel> {
    let gain = options.gain.unwrap_or(cyton::GAIN);
    let inputs = if daisy { 16 } else { 8 };
    let mut channels: Vec<Channel> =
        (1..=inputs).map(|k| input(format!("EXG{k}"), cyton::uv_per_count(gain), gain, 24)).collect();
    channels.extend(options.aux.names().iter().map(|name| match options.aux {
        cyton::Aux::Acceleration => acceleration(name),
        cyton::Aux::Analog => {
            let reason = "an analog pin of 10 bits; state what is wired to it with --map";
            let mut channel = Channel::new(*name, Role::unknown(reason), Unit::Count);
            channel.amplifier.rails = Some((0.0, 1023.0));
            channel
        }
        _ => line(name),
    }));
    channels
}

fn of_bitalino(analog: usize) -> Vec<Channel> {
    let mut channels: Vec<Channel> = (0..analog.min(6))
        .map(|k| {
            let bits = bitalino::BITS[k];
            let label = format!("A{}", k + 1);
            let mut channel = if bits == 10 {
                Channel::new(label, emg(), Unit::Microvolt)
            } else {
                let reason = "an input of 6 bits: too coarse for EMG; state what is wired to it with --map";
                Channel::new(label, Role::unknown(reason), Unit::Microvolt)
            };
            // emg_mv is a straight line through its value at half scale, which is 0.
            let offset = f64::from(1_u32 << (bits - 1));
            let gain = (bitalino::emg_mv(offset + 1.0, bits) - bitalino::emg_mv(offset, bits)) * 1e3;
            channel.scale = Scale { gain, offset };
            channel.amplifier.gain = Some(1009.0);
            channel.amplifier.resolution_bits = Some(bits);
            channel.amplifier.rails = Some((0.0, 2.0 * offset - 1.0));
            channel.amplifier.input_referred = true;
            channel
        })
        .collect();
    channels.extend(bitalino::DIGITAL.iter().map(|name| line(name)));
    channels
}

fn of_knight(options: &Options, width: usize) -> Facts {
    let gain = options.gain.unwrap_or(12.0);
    let mut channels: Vec<Channel> =
        (1..=8).map(|k| input(format!("CH{k}"), knight::uv_per_count(gain), gain, 16)).collect();
    channels.extend(["LOFF P", "LOFF N"].map(line));
    let imu = width > 10;
    if imu {
        channels.extend(knight::IMU.iter().map(|name| match &name[..3] {
            "ACC" => Channel::new(*name, acceleration(name).role, Unit::Arbitrary),
            "GYR" => {
                let role = Role { kind: Kind::Gyro, ..Role::unknown("the board's gyroscope") };
                Channel::new(*name, role, Unit::Arbitrary)
            }
            _ => Channel::new(*name, Role::unknown("the board's magnetometer"), Unit::Arbitrary),
        }));
    }
    let native = if imu { NativeType::F32 } else { NativeType::I16 };
    Facts { channels, native, rate_hz: None, modulus: Some(256) }
}

/// Sensors that the base station said are there; without its word, all of them. `said` is what [`crate::port`] read on the
/// command connection: one `name=value` a line.
fn of_trigno(said: &str) -> Facts {
    let told = |name: &str| told_value(said, name);
    let paired: Option<Vec<usize>> =
        told("sensors").map(|list| list.split(',').filter_map(|n| n.trim().parse().ok()).collect());
    let rate_hz = told("rate_hz").and_then(|rate| rate.parse().ok()).unwrap_or_else(|| trigno::rate_hz(26));
    let volts = told("unit").is_none_or(|unit| unit == "V");
    let channels = (1..=trigno::EMG_CHANNELS)
        .map(|k| {
            let there = paired.as_ref().is_none_or(|paired| paired.contains(&k));
            let role = if there { emg() } else { Role::unknown("no sensor in this slot") };
            let mut channel =
                Channel::new(format!("S{k}"), role, if volts { Unit::Volt } else { Unit::Arbitrary });
            channel.amplifier.rails = volts.then_some((-0.011, 0.011));
            channel.amplifier.input_referred = volts;
            channel
        })
        .collect();
    Facts { channels, native: NativeType::F32, rate_hz: Some(rate_hz), modulus: None }
}

/// Auxiliary channels of the sensors that have any, named by their units: `S3 ACC X`, `S3 GYRO Y`.
fn of_trigno_aux(said: &str) -> Facts {
    let told = trigno::told_aux(said);
    let channels = trigno::Slots::of(&told)
        .iter()
        .map(|(sensor, k, _)| {
            let units: Vec<&str> =
                told.iter().filter(|c| c.sensor == sensor).map(|c| c.unit.as_str()).collect();
            let Some(unit) = units.get(k) else {
                return Channel::new(
                    format!("S{sensor} AUX{}", k + 1),
                    Role::unknown("this sensor has no such channel"),
                    Unit::Arbitrary,
                );
            };
            let nth = units[..k].iter().filter(|other| *other == unit).count();
            // The degree sign comes in the code page of the control utility's computer.
            let unit = if unit.ends_with("/s") && unit.chars().next().is_some_and(|c| !c.is_ascii()) {
                Unit::DegreePerSecond
            } else {
                Unit::parse(unit)
            };
            let (kind, word, what) = match &unit {
                Unit::Gravity => (Kind::Acceleration, "ACC", "an acceleration sensor, by its unit"),
                Unit::DegreePerSecond => (Kind::Gyro, "GYRO", "a gyroscope, by its unit"),
                Unit::Other(text) if text.ends_with('T') => {
                    (Kind::Unknown, "MAG", "a magnetometer, by its unit")
                }
                _ => (Kind::Unknown, "AUX", "an auxiliary channel; state what it is with --map"),
            };
            let label = match ["X", "Y", "Z"].get(nth) {
                Some(axis) if word != "AUX" => format!("S{sensor} {word} {axis}"),
                _ => format!("S{sensor} AUX{}", k + 1),
            };
            Channel::new(label, Role { kind, ..Role::unknown(what) }, unit)
        })
        .collect();
    let rate_hz = told_value(said, "aux_rate_hz").and_then(|rate| rate.parse().ok());
    Facts { channels, native: NativeType::F32, rate_hz, modulus: None }
}

/// The value of the last `name=value` line.
fn told_value<'a>(said: &'a str, name: &str) -> Option<&'a str> {
    said.lines().rev().find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
}

/// What a stream says of itself, as [`crate::port`] read it: `name=value` a line, `channel=LABEL<tab>UNIT<tab>TYPE` for each channel.
fn of_lsl(width: usize, said: &str) -> Facts {
    let told = |name: &str| said.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    let native = match told("format") {
        Some("int8" | "int16") => NativeType::I16,
        Some("int32") => NativeType::I32,
        Some("float32") => NativeType::F32,
        _ => NativeType::F64,
    };
    let stream_is_emg = told("type").is_some_and(|kind| kind.eq_ignore_ascii_case("EMG"));
    // A stream that was opened again has told it twice.
    let described = said.lines().filter_map(|line| line.strip_prefix("channel=")).take(width);
    let mut lines: Vec<&str> = described.collect();
    lines.resize(width, "");
    let parts: Vec<(String, Unit, &str)> = (lines.iter().zip(1..))
        .map(|(line, k)| {
            let mut cells = line.split('\t').map(str::trim);
            let label = cells.next().filter(|label| !label.is_empty());
            let label = label.map_or_else(|| format!("CH{k}"), str::to_owned);
            (label, Unit::parse(cells.next().unwrap_or_default()), cells.next().unwrap_or_default())
        })
        .collect();
    let labelled: Vec<Labelled<'_>> =
        parts.iter().map(|(label, unit, kind)| Labelled { label, description: kind, unit }).collect();
    let channels = roles_of(&labelled)
        .into_iter()
        .zip(&parts)
        .map(|(mut role, (label, unit, kind))| {
            let is_emg = kind.eq_ignore_ascii_case("EMG") || (kind.is_empty() && stream_is_emg);
            if is_emg && role.kind == Kind::Unknown {
                let reason = "the stream says that this is EMG; state muscle and side with --map";
                role = Role { kind: Kind::RawEmg, ..Role::unknown(reason) };
            }
            let mut channel = Channel::new(label.clone(), role, unit.clone());
            channel.amplifier.input_referred = is_emg && unit.volts().is_some();
            channel
        })
        .collect();
    let rate_hz = told("rate_hz").and_then(|rate| rate.parse().ok()).filter(|rate: &f64| *rate > 0.0);
    Facts { channels, native, rate_hz, modulus: None }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Full scales that the makers and BrainFlow state.
    #[test]
    fn counts_become_the_microvolts_that_the_makers_state() {
        let physical = |protocol, options: &Options, width, channel: usize, native| {
            facts(protocol, options, width, "").channels[channel].scale.physical(native)
        };
        let plain = Options::default();
        assert!((physical(Protocol::Cyton, &plain, 11, 0, 8_388_607.0) - 187_500.0).abs() < 1e-6);
        let gain = Options { gain: Some(12.0), ..Options::default() };
        assert!((physical(Protocol::Cyton, &gain, 11, 7, 8_388_607.0) - 375_000.0).abs() < 1e-6);
        // (0/1024 - 1/2) * 3.3 V / 1009 = -1.6353 mV.
        assert!((physical(Protocol::Bitalino, &plain, 10, 0, 0.0) + 1_635.282_457).abs() < 1e-5);
        assert!((physical(Protocol::Bitalino, &plain, 10, 5, 0.0) + 1_635.282_457).abs() < 1e-5);
        assert!((physical(Protocol::FreeEeg, &plain, 32, 3, 8_388_607.0) - 312_500.0).abs() < 1e-6);
        assert!((physical(Protocol::Knight, &plain, 10, 3, 32_767.0) - 333_333.333).abs() < 1e-2);
        assert!((physical(Protocol::HackEeg, &plain, 14, 0, 8_388_607.0) - 187_500.0).abs() < 1e-6);
        assert_eq!(physical(Protocol::Backyard, &plain, 2, 1, 512.0), 0.0);
        assert_eq!(facts(Protocol::Backyard, &plain, 2, "HWT:HUMANSB").channels[0].scale.offset, 8192.0);
    }

    #[test]
    fn a_stream_is_what_its_description_says() {
        let said = "type=EMG\nformat=float32\nrate_hz=1000\nchannel=RMG\tmicrovolts\tEMG\nchannel=2\tmV\t\n\
                    channel=knee\tdeg\tAngle\n";
        let facts = facts(Protocol::Lsl, &Options::default(), 4, said);
        let found: Vec<(&str, Kind, &Unit)> =
            facts.channels.iter().map(|c| (c.label.as_str(), c.role.kind, &c.unit)).collect();
        assert_eq!((facts.rate_hz, facts.native), (Some(1000.0), NativeType::F32));
        assert_eq!(found[0], ("RMG", Kind::RawEmg, &Unit::Microvolt));
        assert_eq!(facts.channels[0].role.muscle, Some(surae_trial::Muscle::MG));
        assert_eq!(found[1], ("2", Kind::RawEmg, &Unit::Millivolt));
        assert_eq!(found[2], ("knee", Kind::Angle, &Unit::Degree));
        // One more than is described.
        assert_eq!(found[3], ("CH4", Kind::RawEmg, &Unit::Arbitrary));
    }

    #[test]
    fn boards_and_sensors_are_known_by_what_they_say() {
        let chords = facts(Protocol::Chords, &Options::default(), 6, "UNO-R4\n");
        assert_eq!((chords.rate_hz, chords.channels[0].scale.offset), (Some(500.0), 8192.0));
        let trigno =
            facts(Protocol::Trigno, &Options::default(), 16, "sensors=1,3\nrate_hz=2148.15\nunit=V\n");
        assert_eq!(trigno.rate_hz, Some(2148.15));
        let said = "sensors=3\naux_rate_hz=148.148\naux=3\tg\naux=3\tg\naux=3\tg\naux=3\t\u{fffd}/s\naux=3\tdeg/s\naux=3\tuT\n";
        let aux = facts(Protocol::TrignoAux, &Options::default(), 6, said);
        let labels: Vec<&str> = aux.channels.iter().map(|c| c.label.as_str()).collect();
        assert_eq!(labels[..3], ["S3 ACC X", "S3 ACC Y", "S3 ACC Z"]);
        assert_eq!((aux.channels[3].role.kind, &aux.channels[3].unit), (Kind::Gyro, &Unit::DegreePerSecond));
        assert_eq!(aux.rate_hz, Some(148.148));
        let emg: Vec<bool> = trigno.channels.iter().map(|c| c.role.kind.is_emg()).collect();
        assert_eq!(emg[..4], [true, false, true, false]);
    }
}
