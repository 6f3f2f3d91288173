//! A Trigno base station as a byte source: commands on one connection, EMG on a second, auxiliary values on a third.
//!
//! `tcp://host` or `tcp://host:port` names the command connection (50040); EMG comes three ports above it and auxiliary values four.
//! The control utility stalls when a data connection is not read. So the auxiliary one is a source of its own where sensors have such
//! channels ([`ByteSource::companion`]), and is emptied otherwise. The base station is one device: where one of its
//! connections ends, all of them do, and they are opened again together.

use super::{ByteSource, READ_TIMEOUT, connect, idle_is_zero};
use crate::device::Protocol;
use crate::device::trigno::{AUX_OF_SENSOR, AUX_PORT, COMMAND_PORT, EMG_CHANNELS, EMG_PORT};
use crate::error::Error;
use std::fmt::Write as _;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Longest wait for a reply.
const REPLY: Duration = Duration::from_secs(2);

struct Trigno {
    command: TcpStream,
    emg: TcpStream,
    /// Until somebody takes it as a source of its own.
    aux: Option<TcpStream>,
    has_aux: bool,
    name: String,
    told: String,
    over: Arc<AtomicBool>,
}

/// The auxiliary connection.
struct Aux {
    inner: TcpStream,
    name: String,
    told: String,
    over: Arc<AtomicBool>,
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
        let mut source = Trigno {
            command: connect(&at(0))?,
            emg: connect(&at(EMG_PORT - COMMAND_PORT))?,
            aux: Some(connect(&at(AUX_PORT - COMMAND_PORT))?),
            has_aux: false,
            name: port.to_owned(),
            told: String::new(),
            over: Arc::default(),
        };
        source.start()?;
        Ok(source)
    };
    opened().map(|source| Box::new(source) as Box<dyn ByteSource>).map_err(|error| problem(error.to_string()))
}

impl Trigno {
    /// Asks which sensors are there, at which rate, and with which auxiliary channels, and starts the stream.
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
            if let Some(rate) = rate(&self.ask(&format!("SENSOR {first} CHANNEL 1 RATE?"))?) {
                let _ = writeln!(told, "rate_hz={rate}");
            }
            let unit = self.ask(&format!("SENSOR {first} CHANNEL 1 UNITS?"))?;
            let _ = writeln!(told, "unit={unit}");
        }
        self.auxiliary(&sensors, &mut told)?;
        self.told = told;
        let answer = self.ask("START")?;
        if answer == "OK" {
            Ok(())
        } else {
            Err(io::Error::other(format!("START was answered by '{answer}'")))
        }
    }

    /// Asks for the auxiliary channels of the sensors and the rate of their sets.
    fn auxiliary(&mut self, sensors: &[usize], told: &mut String) -> io::Result<()> {
        let mut of_channel = None;
        for sensor in sensors {
            let mut count = |question: &str| -> io::Result<usize> {
                Ok(self.ask(&format!("SENSOR {sensor} {question}"))?.parse().unwrap_or(0))
            };
            // Channels are numbered through: EMG first.
            let (emg, aux) = (count("EMGCHANNELCOUNT?")?, count("AUXCHANNELCOUNT?")?);
            for channel in (emg + 1..=emg + aux).take(AUX_OF_SENSOR) {
                let unit = self.ask(&format!("SENSOR {sensor} CHANNEL {channel} UNITS?"))?;
                let unit: String = unit.chars().filter(|c| !c.is_control()).collect();
                let _ = writeln!(told, "aux={sensor}\t{unit}");
                if of_channel.is_none() {
                    of_channel = rate(&self.ask(&format!("SENSOR {sensor} CHANNEL {channel} RATE?"))?);
                }
                self.has_aux = true;
            }
        }
        if !self.has_aux {
            return Ok(());
        }
        // All sensors share the sets of the connection: their rate is that of the fastest sensor.
        let interval_s = rate(&self.ask("FRAME INTERVAL?")?);
        let sets = rate(&self.ask("MAX SAMPLES AUX?")?);
        if let Some(rate_hz) = sets.zip(interval_s).map(|(sets, s)| sets / s).or(of_channel) {
            let _ = writeln!(told, "aux_rate_hz={rate_hz}");
        }
        Ok(())
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

/// A reply that is a number above zero.
fn rate(reply: &str) -> Option<f64> {
    reply.parse().ok().filter(|rate: &f64| rate.is_finite() && *rate > 0.0)
}

/// Reads from a data connection of a base station that may be over.
fn read(stream: &mut TcpStream, over: &AtomicBool, buffer: &mut [u8]) -> io::Result<usize> {
    let ended = || io::Error::new(io::ErrorKind::UnexpectedEof, "the other side closed the connection");
    if over.load(Ordering::Relaxed) {
        return Err(ended());
    }
    match stream.read(buffer) {
        Ok(0) => Err(ended()),
        read => idle_is_zero(read),
    }
}

impl ByteSource for Trigno {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(aux) = &mut self.aux {
            let mut waste = [0; 4096];
            aux.set_nonblocking(true)?;
            while matches!(aux.read(&mut waste), Ok(n) if n > 0) {}
        }
        read(&mut self.emg, &self.over, buffer)
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

    fn companion(&mut self) -> Option<(Protocol, Box<dyn ByteSource>)> {
        let inner = self.aux.take_if(|_| self.has_aux)?;
        inner.set_nonblocking(false).ok()?;
        let name = format!("{} (auxiliary)", self.name);
        let aux = Aux { inner, name, told: self.told.clone(), over: Arc::clone(&self.over) };
        Some((Protocol::TrignoAux, Box::new(aux)))
    }
}

impl ByteSource for Aux {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        read(&mut self.inner, &self.over, buffer)
    }

    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn told(&self) -> &str {
        &self.told
    }
}

impl Drop for Aux {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
    }
}

impl Drop for Trigno {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        // In order where the other side is still there.
        let _ = self.command.set_write_timeout(Some(READ_TIMEOUT));
        let _ = write!(self.command, "STOP\r\n\r\n");
    }
}
