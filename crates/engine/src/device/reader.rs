//! One port's reader thread: bytes with the host time of their reading, and reopening when the port is gone.

use crate::Error;
use crate::device::Message;
use crate::session::DeviceSpec;
use crossbeam_channel::Sender;
use std::thread;
use std::time::{Duration, Instant};
use surae_io::port::{self, ByteSource};
use surae_trial::HostNs;

/// First and longest wait between two tries to reopen.
const BACK_OFF: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(2)];

/// Most bytes of one read.
const READ: usize = 4096;

/// What a port says.
#[derive(Clone, Debug)]
pub(crate) enum Received {
    /// Bytes, and when they were read.
    Bytes(HostNs, Vec<u8>),
    /// The port is gone.
    Gone(String),
    /// It is open again.
    Back,
}

pub(crate) struct Reader {
    port: usize,
    spec: DeviceSpec,
    source: Option<Box<dyn ByteSource>>,
    zero: Instant,
    out: Sender<Message>,
}

impl Reader {
    pub(crate) fn open(
        port: usize,
        spec: &DeviceSpec,
        zero: Instant,
        out: Sender<Message>,
    ) -> Result<Self, Error> {
        let source = port::open(&spec.port, spec.baud)
            .map_err(|error| Error::Port { port: spec.port.clone(), reason: error.to_string() })?;
        Ok(Self { port, spec: spec.clone(), source: Some(source), zero, out })
    }

    /// Reads until nobody listens any more.
    pub(crate) fn run(mut self) {
        let mut buffer = vec![0_u8; READ];
        let mut back_off = BACK_OFF[0];
        loop {
            let message = match &mut self.source {
                Some(source) => match source.read(&mut buffer) {
                    Ok(0) => None,
                    Ok(n) => {
                        let host = HostNs(self.zero.elapsed().as_nanos() as i64);
                        Some(Received::Bytes(host, buffer[..n].to_vec()))
                    }
                    Err(error) => {
                        self.source = None;
                        back_off = BACK_OFF[0];
                        Some(Received::Gone(error.to_string()))
                    }
                },
                None => {
                    thread::sleep(back_off);
                    back_off = (back_off * 2).min(BACK_OFF[1]);
                    self.source = port::open(&self.spec.port, self.spec.baud).ok();
                    self.source.is_some().then_some(Received::Back)
                }
            };
            let alive = match message {
                Some(message) => self.out.send((self.port, message)).is_ok(),
                // An empty message costs nothing and shows whether anyone is there.
                None => self.out.send((self.port, Received::Bytes(HostNs(0), Vec::new()))).is_ok(),
            };
            if !alive {
                return;
            }
        }
    }
}
