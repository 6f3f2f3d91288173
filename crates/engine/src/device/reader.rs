//! One port's reader thread: bytes with the host time of their reading, what is to be sent, and reopening when the port is gone.

use crate::Error;
use crate::device::Message;
use crate::session::DeviceSpec;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};
use surae_io::device::Protocol;
use surae_io::port::{ByteSource, Ports, UsbIdentity};
use surae_trial::HostNs;

/// First and longest wait between two tries to reopen.
const BACK_OFF: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(2)];

/// Longest nap between two looks at whether the session is over.
const NAP: Duration = Duration::from_millis(50);

/// Most bytes of one read.
const READ: usize = 4096;

/// What a port says.
#[derive(Clone, Debug)]
pub(crate) enum Received {
    /// Bytes, and when they were read; where the source stamps samples, when the newest of them was taken.
    Bytes(HostNs, Vec<u8>),
    /// Words that the port learnt while it was opened.
    Told(String),
    /// The port is gone.
    Gone(String),
    /// It is open again, under this name.
    Back(String),
}

/// Companions that may wait to be read: each is one opening of the port that it came with.
const COMPANIONS: usize = 4;

/// A source that came with another one, and those that come when that one is opened again.
pub(crate) struct Companion {
    pub(crate) device: Protocol,
    pub(crate) source: Box<dyn ByteSource>,
    later: Receiver<Box<dyn ByteSource>>,
}

/// How a source that is gone is had again.
enum Origin {
    /// By opening its port; a companion is handed on.
    Port(Arc<dyn Ports>, Option<Sender<Box<dyn ByteSource>>>),
    /// From the reader of the port that it came with.
    Companion(Receiver<Box<dyn ByteSource>>),
}

pub(crate) struct Reader {
    port: usize,
    spec: DeviceSpec,
    origin: Origin,
    source: Option<Box<dyn ByteSource>>,
    /// The device behind the port, where the system knows one: it may come back under another name.
    identity: Option<UsbIdentity>,
    zero: Instant,
    out: Sender<Message>,
    say: Receiver<Vec<u8>>,
}

impl Reader {
    /// Opens a port; gives what is to be read beside it too.
    pub(crate) fn open(
        port: usize,
        spec: &DeviceSpec,
        ports: Arc<dyn Ports>,
        zero: Instant,
        out: Sender<Message>,
        say: Receiver<Vec<u8>>,
    ) -> Result<(Self, Option<Companion>), Error> {
        let mut source = ports.open(&spec.port, spec.baud, spec.device).map_err(|error| {
            // The port stands in this error already.
            let (reason, named) = (error.to_string(), format!("port {}: ", spec.port));
            let reason = reason.strip_prefix(&named).unwrap_or(&reason).to_owned();
            Error::Port { port: spec.port.clone(), reason }
        })?;
        let identity = identity_of(&*ports, source.name());
        let spec = spec.clone();
        let (mut hand_on, mut beside) = (None, None);
        if let Some((device, source)) = source.companion() {
            let (sender, later) = bounded(COMPANIONS);
            (hand_on, beside) = (Some(sender), Some(Companion { device, source, later }));
        }
        let origin = Origin::Port(ports, hand_on);
        Ok((Self { port, spec, origin, source: Some(source), identity, zero, out, say }, beside))
    }

    /// A reader of what came with another port.
    pub(crate) fn beside(
        port: usize,
        spec: &DeviceSpec,
        companion: Companion,
        zero: Instant,
        out: Sender<Message>,
        say: Receiver<Vec<u8>>,
    ) -> Self {
        let Companion { source, later, .. } = companion;
        let (spec, origin) = (spec.clone(), Origin::Companion(later));
        Self { port, spec, origin, source: Some(source), identity: None, zero, out, say }
    }

    /// Reads until nobody listens any more.
    pub(crate) fn run(mut self) {
        let mut buffer = vec![0_u8; READ];
        let mut back_off = BACK_OFF[0];
        let told = self.source.as_ref().map(|source| source.told().to_owned()).unwrap_or_default();
        if !told.is_empty() && !self.tell(Received::Told(told)) {
            return;
        }
        loop {
            let alive = match &mut self.source {
                Some(source) => {
                    let done = self.say.try_iter().try_for_each(|bytes| source.write(&bytes));
                    match done.and_then(|()| source.read(&mut buffer)) {
                        Ok(n) => {
                            let age_ns = (source.age_s() * 1e9) as i64;
                            let host = HostNs(self.zero.elapsed().as_nanos() as i64 - age_ns);
                            // An empty message costs nothing and shows whether anyone is there.
                            self.tell(Received::Bytes(host, buffer[..n].to_vec()))
                        }
                        Err(error) => {
                            self.source = None;
                            back_off = BACK_OFF[0];
                            self.tell(Received::Gone(error.to_string()))
                        }
                    }
                }
                None if matches!(self.origin, Origin::Companion(_)) => self.wait_beside(),
                None => {
                    let alive = self.nap(back_off);
                    // Looking for a stream on the network waits by itself.
                    let longest = BACK_OFF[usize::from(self.spec.device != Protocol::Lsl)];
                    back_off = (back_off * 2).min(longest);
                    alive && self.reopen()
                }
            };
            if !alive {
                return;
            }
        }
    }

    fn tell(&self, message: Received) -> bool {
        self.out.send((self.port, message)).is_ok()
    }

    /// Waits until it is time for another try, or the port appears; false when the session is over meanwhile.
    fn nap(&self, duration: Duration) -> bool {
        let (until, was_there) = (Instant::now() + duration, self.is_there());
        let mut looked = Instant::now();
        while Instant::now() < until {
            thread::sleep(NAP);
            if !self.tell(Received::Bytes(HostNs(0), Vec::new())) {
                return false;
            }
            if looked.elapsed() >= BACK_OFF[0] {
                looked = Instant::now();
                if !was_there && self.is_there() {
                    return true;
                }
            }
        }
        true
    }

    /// True when the system shows the port or the device; nothing is opened.
    fn is_there(&self) -> bool {
        let Origin::Port(ports, _) = &self.origin else { return false };
        let device = self.identity.as_ref().and_then(|identity| find(&**ports, identity));
        device.is_some() || Path::new(&self.spec.port).exists()
    }

    /// Opens the same device again, wherever it is now; false when the session is over.
    fn reopen(&mut self) -> bool {
        // What was to be said to the port that is gone is stale.
        while self.say.try_recv().is_ok() {}
        let Origin::Port(ports, hand_on) = &self.origin else { return true };
        let name = self.identity.as_ref().and_then(|identity| find(&**ports, identity));
        let name = name.unwrap_or_else(|| self.spec.port.clone());
        let Ok(mut source) = ports.open(&name, self.spec.baud, self.spec.device) else { return true };
        self.identity = identity_of(&**ports, source.name()).or_else(|| self.identity.take());
        if let Some((hand_on, (_, beside))) = hand_on.as_ref().zip(source.companion()) {
            // One that nobody takes ends its device, which is then opened once more.
            let _ = hand_on.try_send(beside);
        }
        self.take(source)
    }

    /// Waits for the port that this source came with; false when the session is over meanwhile.
    fn wait_beside(&mut self) -> bool {
        let Origin::Companion(later) = &self.origin else { return true };
        match later.recv_timeout(NAP) {
            Ok(source) => self.take(source),
            Err(RecvTimeoutError::Timeout) => self.tell(Received::Bytes(HostNs(0), Vec::new())),
            // Its port has no reader any more: the session ends.
            Err(RecvTimeoutError::Disconnected) => false,
        }
    }

    /// Goes on with a source that was opened again.
    fn take(&mut self, source: Box<dyn ByteSource>) -> bool {
        let (name, told) = (source.name().to_owned(), source.told().to_owned());
        self.source = Some(source);
        (told.is_empty() || self.tell(Received::Told(told))) && self.tell(Received::Back(name))
    }
}

/// The USB identity of the port of this name.
fn identity_of(ports: &dyn Ports, name: &str) -> Option<UsbIdentity> {
    ports.list().ok()?.into_iter().find(|port| port.path == name)?.usb
}

/// The port where this device is now: by its serial number, else by maker and product if only one such device is there.
fn find(ports: &dyn Ports, identity: &UsbIdentity) -> Option<String> {
    let same = |usb: &UsbIdentity| (usb.vendor, usb.product) == (identity.vendor, identity.product);
    let mut there: Vec<_> =
        ports.list().ok()?.into_iter().filter(|port| port.usb.as_ref().is_some_and(same)).collect();
    let serial = |usb: &UsbIdentity| usb.serial.is_some() && usb.serial == identity.serial;
    if let Some(at) = there.iter().position(|port| port.usb.as_ref().is_some_and(serial)) {
        return Some(there.swap_remove(at).path);
    }
    // Another serial number is another device: it is not opened.
    there.retain(|port| {
        identity.serial.is_none() || port.usb.as_ref().is_some_and(|usb| usb.serial.is_none())
    });
    (there.len() == 1).then(|| there.swap_remove(0).path)
}
