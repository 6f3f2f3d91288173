//! The other end of every protocol: a device that is not there, for emulators and tests.
//!
//! It answers commands as the device does and writes frames with the encoders of this folder. When a frame is due, and what goes wrong
//! on the way, is for whoever drives it (`surae emulate`, [`super::faults`]).

use super::facts::{Facts, facts};
use super::protocol::{Options, Protocol, ads1299_rate_code};
use super::{ascii, backyard, bitalino, chords, cobs, cyton, freeeeg, hackeeg, knight, lsl, trigno};
use surae_trial::NativeType;

/// An emulated device.
#[derive(Debug)]
pub struct Twin {
    protocol: Protocol,
    options: Options,
    facts: Facts,
    streaming: bool,
    /// Sample number at which counter and clock were 0.
    zero: u64,
    /// Bytes of a command that is not complete.
    heard: Vec<u8>,
    cyton: cyton::Responder,
    ascii: Option<ascii::Encoder>,
    ascii_clock: AsciiClock,
    cobs: cobs::Encoder,
    json: bool,
}

/// Columns that ASCII lines carry before the channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct AsciiClock {
    /// `n`: the sample counter.
    pub counter: bool,
    /// `t_us`: microseconds.
    pub time: bool,
}

/// Extra bytes of an emulated FreeEEG's frames; the board's own number is not published.
const FREEEEG_EXTRA: usize = 6;

impl Twin {
    /// A device that was just switched on. `channels` is how many inputs are wanted where the protocol leaves that open.
    #[must_use]
    pub fn new(protocol: Protocol, mut options: Options, channels: usize) -> Self {
        let width = match protocol {
            Protocol::Ascii | Protocol::Auto | Protocol::Surae | Protocol::Lsl => {
                options.channels.unwrap_or(channels).max(1)
            }
            Protocol::Cyton => 8 + options.aux.names().len(),
            Protocol::CytonDaisy => 16 + options.aux.names().len(),
            Protocol::Chords => {
                let board = options.board.get_or_insert(chords::BOARDS[0]);
                options.channels.unwrap_or(board.channels).min(chords::MAX_CHANNELS)
            }
            Protocol::Backyard => options.channels.unwrap_or(channels.clamp(1, 8)),
            Protocol::Bitalino => options.channels.unwrap_or(6).min(6) + bitalino::DIGITAL.len(),
            Protocol::HackEeg => options.channels.unwrap_or(8).min(32) + hackeeg::AUX.len(),
            Protocol::FreeEeg => {
                if options.channels == Some(128) {
                    128
                } else {
                    32
                }
            }
            Protocol::Knight => 10 + if options.imu { knight::IMU.len() } else { 0 },
            Protocol::Trigno => trigno::EMG_CHANNELS,
            Protocol::TrignoAux => trigno::AUX_CHANNELS,
        };
        let facts = facts(protocol, &options, width, "");
        let streaming = !matches!(
            protocol,
            Protocol::Cyton
                | Protocol::CytonDaisy
                | Protocol::Chords
                | Protocol::Bitalino
                | Protocol::HackEeg
                | Protocol::Trigno
                | Protocol::TrignoAux
        );
        Self {
            protocol,
            facts,
            streaming,
            zero: 0,
            heard: Vec::new(),
            cyton: cyton::Responder::new(protocol == Protocol::CytonDaisy),
            ascii: None,
            ascii_clock: AsciiClock::default(),
            cobs: cobs::Encoder::default(),
            json: options.style == hackeeg::Style::JsonLines,
            options,
        }
    }

    /// An emulated sketch: lines with columns of these names.
    #[must_use]
    pub fn ascii(names: &[String], clock: AsciiClock, faults: ascii::Faults) -> Self {
        let mut twin = Self::new(Protocol::Ascii, Options::default(), names.len());
        let mut columns = Vec::new();
        columns.extend(clock.counter.then(|| "n".to_owned()));
        columns.extend(clock.time.then(|| "t_us".to_owned()));
        columns.extend_from_slice(names);
        twin.ascii = Some(ascii::Encoder::new(columns, ascii::Style::Labelled, faults));
        twin.ascii_clock = clock;
        twin
    }

    /// Its channels, in the order of the values of a frame.
    #[must_use]
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Frames a second at which it runs, where the protocol or the options say; else the emulator's trial does.
    #[must_use]
    pub fn rate_hz(&self) -> Option<f64> {
        match self.protocol {
            Protocol::FreeEeg => Some(if self.facts.channels.len() > 32 { 256.0 } else { 512.0 }),
            Protocol::Knight => Some(125.0),
            Protocol::Backyard => Some(10_000.0 / self.facts.channels.len().max(1) as f64),
            _ => self.facts.rate_hz,
        }
    }

    /// True while it sends samples.
    #[must_use]
    pub fn is_streaming(&self) -> bool {
        match self.protocol {
            Protocol::Cyton | Protocol::CytonDaisy => self.cyton.streaming,
            _ => self.streaming,
        }
    }

    /// Switched off and on at sample `index`: counter and clock start at 0, settings are forgotten, and it says what it says then.
    pub fn reset(&mut self, index: u64, out: &mut Vec<u8>) {
        let fresh = Self::new(self.protocol, self.options.clone(), self.facts.channels.len());
        let ascii = self.ascii.take();
        let ascii_clock = self.ascii_clock;
        *self = Self { ascii, ascii_clock, zero: index, ..fresh };
        out.extend_from_slice(self.boot_text());
    }

    /// Sample at which it was switched on last.
    #[must_use]
    pub fn switched_on_at(&self) -> u64 {
        self.zero
    }

    /// What the device says when it is switched on.
    #[must_use]
    pub fn boot_text(&self) -> &'static [u8] {
        match self.protocol {
            Protocol::Cyton => {
                b"OpenBCI V3 8-16 channel\nOn Board ADS1299 Device ID: 0x3E\nLIS3DH Device ID: 0x33\nFirmware: v3.1.2\n$$$"
            }
            Protocol::HackEeg => b"Ready\n",
            _ => b"",
        }
    }

    /// Takes what the host sent; appends the answers. `index` is the sample that comes next: a start sets the counter to 0.
    pub fn receive(&mut self, bytes: &[u8], index: u64, out: &mut Vec<u8>) {
        for byte in bytes {
            match self.protocol {
                Protocol::Cyton | Protocol::CytonDaisy => {
                    let before = self.cyton.streaming;
                    self.cyton.receive(&[*byte], out);
                    if !before && self.cyton.streaming {
                        self.zero = index;
                    }
                }
                Protocol::Bitalino => self.bitalino(*byte, index, out),
                Protocol::Chords => self.line(*byte, index, out, Self::chords),
                Protocol::HackEeg => self.line(*byte, index, out, Self::hackeeg),
                Protocol::Backyard => self.line(*byte, index, out, Self::backyard),
                Protocol::Trigno => self.trigno(*byte, index, out),
                _ => {}
            }
        }
    }

    fn start(&mut self, index: u64) {
        if !self.streaming {
            self.zero = index;
        }
        self.streaming = true;
    }

    /// Gathers a line and hands it on.
    fn line(
        &mut self,
        byte: u8,
        index: u64,
        out: &mut Vec<u8>,
        take: fn(&mut Self, &str, u64, &mut Vec<u8>),
    ) {
        // As its firmware: a board that streams is stopped by any byte.
        if self.protocol == Protocol::Chords {
            self.streaming = false;
        }
        if byte != b'\n' {
            if self.heard.len() < 256 {
                self.heard.push(byte);
            }
            return;
        }
        let line = String::from_utf8_lossy(&std::mem::take(&mut self.heard)).trim().to_owned();
        take(self, &line, index, out);
    }

    fn chords(&mut self, line: &str, index: u64, out: &mut Vec<u8>) {
        match line {
            "WHORU" => {
                let id = self.options.board.map_or("UNO-R3", |board| board.id);
                out.extend_from_slice(format!("{id}\n").as_bytes());
            }
            "START" => self.start(index),
            "STATUS" => out.extend_from_slice(if self.streaming { b"START\n" } else { b"STOP\n" }),
            "STOP" | "" => {}
            _ => out.extend_from_slice(b"UNKNOWN COMMAND\n"),
        }
    }

    fn backyard(&mut self, line: &str, _index: u64, out: &mut Vec<u8>) {
        if line.starts_with("b:") {
            backyard::encode_message("HWT:MUSCLESS;", out);
        } else if line.starts_with("board:") {
            backyard::encode_message("BRD:0;", out);
        }
    }

    fn hackeeg(&mut self, line: &str, index: u64, out: &mut Vec<u8>) {
        let json: Option<serde_json::Value> = serde_json::from_str(line).ok();
        let command = json
            .as_ref()
            .and_then(|json| json.get("COMMAND"))
            .and_then(|name| name.as_str())
            .unwrap_or_else(|| line.split_whitespace().next().unwrap_or_default())
            .to_owned();
        let known = ["sdatac", "reset", "version", "status", "micros", "text", "wreg", "rreg"];
        match command.as_str() {
            "" => return,
            "start" | "rdatac" => {
                if command == "rdatac" {
                    self.start(index);
                }
            }
            "stop" => self.streaming = false,
            "jsonlines" => self.json = true,
            "messagepack" => self.json = false,
            other if known.contains(&other) => self.hackeeg_register(line),
            _ => {
                out.extend_from_slice(b"406 Error: Unrecognized command.\n");
                return;
            }
        }
        if command == "sdatac" {
            self.streaming = false;
        }
        // Text mode until a start; then replies would stand among the samples.
        if !self.streaming {
            out.extend_from_slice(b"200 Ok\n");
        }
    }

    /// `wreg 1 94` sets the rate.
    fn hackeeg_register(&mut self, line: &str) {
        let words: Vec<&str> = line.split_whitespace().collect();
        let ["wreg", register, value] = words[..] else { return };
        let number = |text: &str| u8::from_str_radix(text, 16).ok();
        let Some((register, value)) = number(register).zip(number(value)) else { return };
        let rates = [250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 16_000.0];
        if register == 1 {
            let found = rates.into_iter().find(|rate| ads1299_rate_code(*rate) == Some(value & 0x07));
            self.facts.rate_hz = found.or(self.facts.rate_hz);
        }
    }

    fn bitalino(&mut self, byte: u8, index: u64, out: &mut Vec<u8>) {
        match byte {
            0x00 | 0xff => self.streaming = false,
            0x07 => out.extend_from_slice(b"BITalino_v5.2\n"),
            _ if byte & 0x3f == 0x03 => {
                let rate_hz = [1.0, 10.0, 100.0, 1000.0][usize::from(byte >> 6)];
                self.facts.rate_hz = Some(rate_hz);
            }
            _ if matches!(byte & 0x03, 0x01 | 0x02) => {
                let channels = (byte >> 2 & 0x3f).count_ones() as usize;
                let width = channels.max(1) + bitalino::DIGITAL.len();
                let rate_hz = self.facts.rate_hz;
                self.facts = Facts { rate_hz, ..facts(self.protocol, &self.options, width, "") };
                self.start(index);
            }
            _ => {}
        }
    }

    /// Commands end with an empty line, and so do the replies.
    fn trigno(&mut self, byte: u8, index: u64, out: &mut Vec<u8>) {
        self.heard.push(byte);
        let Some(command) = self.heard.strip_suffix(b"\r\n\r\n") else {
            if self.heard.len() > 512 {
                self.heard.clear();
            }
            return;
        };
        let command = String::from_utf8_lossy(command).trim().to_owned();
        self.heard.clear();
        let words: Vec<&str> = command.split_whitespace().collect();
        let reply = match words[..] {
            ["MASTER"] => "NEW MASTER".to_owned(),
            ["START"] => {
                self.start(index);
                "OK".to_owned()
            }
            ["STOP"] => {
                self.streaming = false;
                "OK".to_owned()
            }
            ["QUIT"] => {
                self.streaming = false;
                "BYE".to_owned()
            }
            ["ENDIAN", _] | ["UPSAMPLE", _] | ["BACKWARDS", "COMPATIBILITY", _] => "OK".to_owned(),
            ["ENDIANNESS?"] => "LITTLE".to_owned(),
            ["FRAME", "INTERVAL?"] => "0.0135".to_owned(),
            ["MAX", "SAMPLES", "EMG?"] => "26".to_owned(),
            ["MAX", "SAMPLES", "AUX?"] => "2".to_owned(),
            ["SENSOR", n, question, ..] => self.sensor(n, question, &words),
            _ => "INVALID COMMAND".to_owned(),
        };
        out.extend_from_slice(reply.as_bytes());
        out.extend_from_slice(b"\r\n\r\n");
    }

    fn sensor(&self, number: &str, question: &str, words: &[&str]) -> String {
        let wanted = self.options.channels.unwrap_or(trigno::EMG_CHANNELS);
        let there = number.parse::<usize>().is_ok_and(|n| (1..=wanted).contains(&n));
        let yes = if there { "YES" } else { "NO" };
        match question {
            "PAIRED?" | "ACTIVE?" => yes.to_owned(),
            _ if !there => "CANNOT COMPLETE".to_owned(),
            "TYPE?" => "O".to_owned(),
            "EMGCHANNELCOUNT?" => "1".to_owned(),
            "AUXCHANNELCOUNT?" => if self.options.imu { "6" } else { "0" }.to_owned(),
            "CHANNELCOUNT?" => if self.options.imu { "7" } else { "1" }.to_owned(),
            "STARTINDEX?" => number.to_owned(),
            // An Avanti sensor: acceleration and gyroscope behind the EMG.
            "CHANNEL" if self.options.imu && words.get(3).is_some_and(|n| *n != "1") => match words[3..] {
                [_, "RATE?"] => "148.148148148148".to_owned(),
                [_, "SAMPLES?"] => "2".to_owned(),
                ["2" | "3" | "4", "UNITS?"] => "g".to_owned(),
                ["5" | "6" | "7", "UNITS?"] => "deg/s".to_owned(),
                _ => "INVALID COMMAND".to_owned(),
            },
            "CHANNEL" => match words.last() {
                Some(&"RATE?") => "1925.92592592593".to_owned(),
                Some(&"SAMPLES?") => "26".to_owned(),
                Some(&"GAIN?") => "300".to_owned(),
                Some(&"UNITS?") => "V".to_owned(),
                _ => "INVALID COMMAND".to_owned(),
            },
            _ => "INVALID COMMAND".to_owned(),
        }
    }

    /// A marker that the device itself sends: appends its message, or puts it into the next frame.
    pub fn mark(&mut self, code: u8, out: &mut Vec<u8>) {
        match self.protocol {
            Protocol::Backyard => backyard::encode_message(&format!("EVNT:{code};"), out),
            Protocol::Cyton | Protocol::CytonDaisy => self.cyton.marker = Some(code),
            _ => {}
        }
    }

    /// Appends the frame of sample `index` with native `values`, one a channel; missing ones are what a converter would send.
    pub fn frame(&mut self, index: u64, values: &[f64], out: &mut Vec<u8>) {
        let counter = index.saturating_sub(self.zero);
        let rate_hz = self.facts.rate_hz.unwrap_or(1000.0);
        self.frame_at(counter, (counter as f64 / rate_hz * 1e6) as u64, values, out);
    }

    /// As [`Twin::frame`], for devices whose rate the protocol does not state: `us` is the time of the sample from the start.
    pub fn frame_timed(&mut self, index: u64, us: u64, values: &[f64], out: &mut Vec<u8>) {
        self.frame_at(index.saturating_sub(self.zero), us, values, out);
    }

    fn frame_at(&mut self, counter: u64, us: u64, values: &[f64], out: &mut Vec<u8>) {
        let value = |k: usize| values.get(k).copied().unwrap_or(0.0);
        match self.protocol {
            Protocol::Ascii | Protocol::Auto => {
                let Some(encoder) = &mut self.ascii else { return };
                let mut row = Vec::with_capacity(values.len() + 2);
                row.extend(self.ascii_clock.counter.then_some(counter as f64));
                row.extend(self.ascii_clock.time.then_some((us % (1 << 32)) as f64));
                row.extend_from_slice(values);
                encoder.frame(&row, out);
            }
            Protocol::Surae => self.cobs.frame(counter as u16, us as u32, values, out),
            Protocol::Cyton => {
                let aux = self.cyton_aux(&values[values.len().min(8)..]);
                cyton::Encoder::starting_at(counter as u8).frame(values, aux, out);
            }
            Protocol::CytonDaisy => {
                // One sample is a pair: the board's own channels with the odd counter, the Daisy's with the even one.
                let aux = self.cyton_aux(&values[values.len().min(16)..]);
                let mut encoder = cyton::Encoder::starting_at((2 * counter + 1) as u8);
                let (own, daisy) = values.split_at(values.len().min(8));
                encoder.frame(own, aux, out);
                encoder.frame(daisy, aux, out);
            }
            Protocol::Chords => chords::encode(counter as u8, values, out),
            Protocol::Backyard => backyard::encode(values, out),
            Protocol::Bitalino => {
                let analog = self.facts.channels.len() - bitalino::DIGITAL.len();
                let lines = std::array::from_fn(|k| value(analog + k) > 0.5);
                bitalino::encode(counter as u8, &values[..values.len().min(analog)], lines, out);
            }
            Protocol::HackEeg => {
                let inputs = self.facts.channels.len() - hackeeg::AUX.len();
                let lines = (0..4).fold(0, |bits, k| bits | u8::from(value(inputs + 2 + k) > 0.5) << k);
                let style = if self.json { hackeeg::Style::JsonLines } else { hackeeg::Style::MessagePack };
                let channels: Vec<f64> = (0..inputs).map(value).collect();
                hackeeg::encode(style, us as u32, counter as u32, [0, 0], lines, &channels, out);
            }
            Protocol::FreeEeg => freeeeg::encode(counter as u8, values, FREEEEG_EXTRA, out),
            Protocol::Knight => {
                let imu: Vec<f64> = if self.options.imu { (10..19).map(value).collect() } else { Vec::new() };
                let lead_off = [value(8) as u8, value(9) as u8];
                knight::encode(counter as u8, &values[..values.len().min(8)], lead_off, &imu, out);
            }
            Protocol::Trigno => trigno::encode(values, trigno::EMG_CHANNELS, out),
            Protocol::TrignoAux => trigno::encode(values, trigno::AUX_CHANNELS, out),
            Protocol::Lsl => lsl::encode(0.0, us as f64 * 1e-6, false, values, out),
        }
    }

    fn cyton_aux(&mut self, values: &[f64]) -> cyton::AuxValues {
        if let Some(code) = self.cyton.marker.take() {
            return cyton::AuxValues::Marker(code.into());
        }
        let value = |k: usize| values.get(k).copied().filter(|v| v.is_finite()).unwrap_or(0.0);
        match self.cyton.aux() {
            cyton::Aux::Acceleration if values.first().is_none_or(|v| v.is_nan()) => cyton::AuxValues::None,
            cyton::Aux::Acceleration => cyton::AuxValues::Acceleration([value(0), value(1), value(2)]),
            cyton::Aux::Analog => {
                cyton::AuxValues::Analog(std::array::from_fn(|k| value(k).round().clamp(0.0, 1023.0) as u16))
            }
            cyton::Aux::Digital => cyton::AuxValues::Digital(std::array::from_fn(|k| value(k) > 0.5)),
            cyton::Aux::Marker => cyton::AuxValues::None,
        }
    }

    /// Native values that look like the protocol's own header: what a channel stuck on them would send.
    #[must_use]
    pub fn header_like(&self) -> f64 {
        match self.protocol {
            Protocol::Cyton | Protocol::CytonDaisy => f64::from(0x00a0c0),
            Protocol::FreeEeg => f64::from(0xc0a0c0 - (1 << 24)),
            Protocol::Chords => f64::from(0xc77c),
            Protocol::Knight => f64::from(-24_384), // A0 C0
            Protocol::Backyard => f64::from(0x3fff),
            _ => 0.0,
        }
    }

    /// The upper rail of a channel.
    #[must_use]
    pub fn rail(&self, channel: usize) -> f64 {
        let rails = self.facts.channels.get(channel).and_then(|channel| channel.amplifier.rails);
        let full = match self.facts.native {
            NativeType::I16 => 32_767.0,
            _ => 8_388_607.0,
        };
        rails.map_or(full, |(_, upper)| upper)
    }
}
