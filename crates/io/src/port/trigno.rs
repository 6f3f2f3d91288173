//! A Trigno base station as a byte source: commands on one connection, samples on another.
//!
//! `tcp://host` or `tcp://host:port` names the command connection (50040); EMG comes three ports above it and auxiliary values four. The
//! auxiliary connection is emptied, because the control utility stalls otherwise; its values are not used.

use super::{ByteSource, READ_TIMEOUT, connect, idle_is_zero};
use crate::device::trigno::{AUX_PORT, COMMAND_PORT, EMG_CHANNELS, EMG_PORT};
use crate::error::Error;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

/// Longest wait for a reply.
const REPLY: Duration = Duration::from_secs(2);

struct Trigno {
    command: TcpStream,
    emg: TcpStream,
    aux: TcpStream,
    name: String,
    told: String,
}

pub(super) fn open(port: &str) -> Result<Box<dyn ByteSource>, Error> {
    let problem = |what: String| {
        Error::Port {
        port: port.to_owned(),
        what,
        todo: "give tcp://HOST of the computer that runs the Trigno Control Utility, and start the utility first"
            .to_owned(),
    }
    };
    let address = port.strip_prefix("tcp://").ok_or_else(|| problem("it is no tcp:// address".to_owned()))?;
    let (host, number) = match address.rsplit_once(':') {
        Some((host, number)) => (host, number.parse().map_err(|_| problem(format!("no port '{number}'")))?),
        None => (address, COMMAND_PORT),
    };
    let at = |offset: u16| format!("{host}:{}", number.saturating_add(offset));
    let opened = || -> io::Result<Trigno> {
        let command = connect(&at(0))?;
        let emg = connect(&at(EMG_PORT - COMMAND_PORT))?;
        let aux = connect(&at(AUX_PORT - COMMAND_PORT))?;
        aux.set_nonblocking(true)?;
        let mut source = Trigno { command, emg, aux, name: port.to_owned(), told: String::new() };
        source.start()?;
        Ok(source)
    };
    opened().map(|source| Box::new(source) as Box<dyn ByteSource>).map_err(|error| problem(error.to_string()))
}

impl Trigno {
    /// Asks which sensors are there and at which rate, and starts the stream.
    fn start(&mut self) -> io::Result<()> {
        // The banner.
        self.reply()?;
        self.ask("ENDIAN LITTLE")?;
        let mut sensors = Vec::new();
        for sensor in 1..=EMG_CHANNELS {
            if self.ask(&format!("SENSOR {sensor} PAIRED?"))? == "YES" {
                sensors.push(sensor);
            }
        }
        let list: Vec<String> = sensors.iter().map(ToString::to_string).collect();
        let mut told = format!("sensors={}\n", list.join(","));
        if let Some(first) = sensors.first() {
            let rate = self.ask(&format!("SENSOR {first} CHANNEL 1 RATE?"))?;
            if rate.parse::<f64>().is_ok_and(|rate| rate.is_finite() && rate > 0.0) {
                let _ = writeln!(told, "rate_hz={rate}");
            }
            let unit = self.ask(&format!("SENSOR {first} CHANNEL 1 UNITS?"))?;
            let _ = writeln!(told, "unit={unit}");
        }
        self.told = told;
        let answer = self.ask("START")?;
        if answer == "OK" {
            Ok(())
        } else {
            Err(io::Error::other(format!("START was answered by '{answer}'")))
        }
    }

    fn ask(&mut self, command: &str) -> io::Result<String> {
        write!(self.command, "{command}\r\n\r\n")?;
        self.reply()
    }

    /// One reply: text up to an empty line.
    fn reply(&mut self) -> io::Result<String> {
        let started = Instant::now();
        let (mut text, mut byte) = (Vec::new(), [0]);
        while started.elapsed() < REPLY && text.len() < 4096 {
            match idle_is_zero(self.command.read(&mut byte)) {
                Ok(0) => {}
                Ok(_) => text.push(byte[0]),
                Err(error) => return Err(error),
            }
            if text.ends_with(b"\r\n\r\n") {
                return Ok(String::from_utf8_lossy(&text).trim().to_owned());
            }
        }
        Err(io::Error::new(io::ErrorKind::TimedOut, "the command connection gives no answer"))
    }
}

impl ByteSource for Trigno {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut waste = [0; 4096];
        while matches!(self.aux.read(&mut waste), Ok(n) if n > 0) {}
        match self.emg.read(buffer) {
            Ok(0) => {
                Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the other side closed the connection"))
            }
            read => idle_is_zero(read),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.command.write_all(bytes)
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn told(&self) -> &str {
        &self.told
    }
}

impl Drop for Trigno {
    fn drop(&mut self) {
        // In order where the other side is still there.
        let _ = self.command.set_write_timeout(Some(READ_TIMEOUT));
        let _ = write!(self.command, "STOP\r\n\r\n");
    }
}
