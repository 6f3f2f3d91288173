//! Serial ports and TCP addresses as byte sources.
//!
//! Not for reconnecting or timing: the engine's port thread decides that. Modem lines are never needed: a
//! pseudo-terminal has none.

#[cfg(feature = "lsl")]
mod lsl;
mod trigno;

#[cfg(feature = "lsl")]
pub use lsl::find as find_stream;

use crate::device::Protocol;
use crate::error::Error;
use std::io::{self, Read};
use std::net::{TcpStream, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Longest wait of one read.
const READ_TIMEOUT: Duration = Duration::from_millis(20);
/// Longest wait for a TCP connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// Something that delivers bytes.
pub trait ByteSource: Send {
    /// Reads what is there. `Ok(0)` means that nothing arrived within about 20 ms.
    ///
    /// # Errors
    /// The source is gone (unplugged, closed); it stays gone, open it again.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize>;

    /// Sends bytes to the device.
    ///
    /// # Errors
    /// The source is gone or does not take bytes.
    fn write(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// How long ago the newest of the samples in the last read was taken, s, where the source itself stamps them: else 0.
    fn age_s(&self) -> f64 {
        0.0
    }

    /// What was opened: the path a glob was resolved to, or the address.
    fn name(&self) -> &str;

    /// What was learnt about the device while opening it, one `name=value` a line.
    fn told(&self) -> &str {
        ""
    }

    /// A second source that came with this one, to be read beside it, and its protocol; given once.
    fn companion(&mut self) -> Option<(Protocol, Box<dyn ByteSource>)> {
        None
    }
}

/// Where ports are found and opened: the system's, or a stand-in that a test plugs and unplugs.
pub trait Ports: Send + Sync {
    /// The serial ports that are there.
    ///
    /// # Errors
    /// The system does not give a list.
    fn list(&self) -> Result<Vec<PortInfo>, Error>;

    /// Opens a path, a glob, `tcp://host:port`, or for [`Protocol::Lsl`] a stream by name or `type=EMG`, for a device of this protocol.
    ///
    /// # Errors
    /// As [`open`].
    fn open(&self, port: &str, baud: u32, protocol: Protocol) -> Result<Box<dyn ByteSource>, Error>;
}

/// The ports of this machine.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemPorts;

impl Ports for SystemPorts {
    fn list(&self) -> Result<Vec<PortInfo>, Error> {
        list()
    }

    fn open(&self, port: &str, baud: u32, protocol: Protocol) -> Result<Box<dyn ByteSource>, Error> {
        match protocol {
            Protocol::Trigno | Protocol::TrignoAux => trigno::open(port),
            #[cfg(feature = "lsl")]
            Protocol::Lsl => lsl::open(port),
            #[cfg(not(feature = "lsl"))]
            Protocol::Lsl => Err(Error::Port {
                port: port.to_owned(),
                what: crate::NO_LSL.to_owned(),
                todo: "build it with `cargo build --release --features lsl`".to_owned(),
            }),
            _ => open(port, baud),
        }
    }
}

/// What tells one USB device from another, whatever the system calls its port today.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsbIdentity {
    /// Maker.
    pub vendor: u16,
    /// Product.
    pub product: u16,
    /// Serial number; many boards have none.
    pub serial: Option<String>,
}

/// A serial port that the system lists. Pseudo-terminals are never listed; type their path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PortInfo {
    /// Path to open.
    pub path: String,
    /// What the system says about it (`"USB 2341:0043 Arduino Uno"`), or empty.
    pub description: String,
    /// The USB device behind it.
    pub usb: Option<UsbIdentity>,
}

/// Opens `port`: a path (`/dev/ttyACM0`, `COM3`), a glob in a folder (`/dev/ttyUSB*`) or `tcp://host:port`.
///
/// # Errors
/// Nothing matches, several ports match, or the system refuses; the message lists what is there.
pub fn open(port: &str, baud: u32) -> Result<Box<dyn ByteSource>, Error> {
    if let Some(address) = port.strip_prefix("tcp://") {
        return tcp(port, address);
    }
    let path = resolve(port)?;
    let opened = serialport::new(&path, baud).timeout(READ_TIMEOUT).open();
    match opened {
        Ok(inner) => Ok(Box::new(Serial { inner, name: path })),
        Err(error) => Err(refused(&path, &error)),
    }
}

/// The serial ports that the system lists.
///
/// # Errors
/// The system does not give a list.
pub fn list() -> Result<Vec<PortInfo>, Error> {
    let ports = serialport::available_ports().map_err(|error| Error::Port {
        port: "(list)".to_owned(),
        what: error.description,
        todo: "type the path of the port".to_owned(),
    })?;
    Ok(ports
        .into_iter()
        .map(|p| PortInfo { description: describe(&p.port_type), usb: usb(&p.port_type), path: p.port_name })
        .collect())
}

fn usb(kind: &serialport::SerialPortType) -> Option<UsbIdentity> {
    let serialport::SerialPortType::UsbPort(usb) = kind else { return None };
    Some(UsbIdentity { vendor: usb.vid, product: usb.pid, serial: usb.serial_number.clone() })
}

fn describe(kind: &serialport::SerialPortType) -> String {
    match kind {
        serialport::SerialPortType::UsbPort(usb) => {
            let names: Vec<&str> =
                [usb.manufacturer.as_deref(), usb.product.as_deref()].into_iter().flatten().collect();
            format!("USB {:04x}:{:04x} {}", usb.vid, usb.pid, names.join(" ")).trim_end().to_owned()
        }
        serialport::SerialPortType::BluetoothPort => "Bluetooth".to_owned(),
        serialport::SerialPortType::PciPort => "built in".to_owned(),
        serialport::SerialPortType::Unknown => String::new(),
    }
}

fn refused(path: &str, error: &serialport::Error) -> Error {
    let todo = match error.kind() {
        serialport::ErrorKind::NoDevice | serialport::ErrorKind::Io(io::ErrorKind::NotFound) => {
            let listed = list().unwrap_or_default();
            let names: Vec<String> = listed.into_iter().map(|p| p.path).collect();
            let names = if names.is_empty() { "none".to_owned() } else { names.join(", ") };
            format!("plug the device in; ports listed by the system: {names}")
        }
        serialport::ErrorKind::Io(io::ErrorKind::PermissionDenied) => {
            "allow your user to open it (on Linux: group dialout), or close the program that holds it"
                .to_owned()
        }
        _ => "check the path and that no other program holds the port".to_owned(),
    };
    Error::Port { port: path.to_owned(), what: error.description.clone(), todo }
}

/// A typed path, or the one path that a glob matches.
fn resolve(port: &str) -> Result<String, Error> {
    if !port.contains(['*', '?']) {
        return Ok(port.to_owned());
    }
    let path = Path::new(port);
    let folder =
        path.parent().filter(|p| !p.as_os_str().is_empty()).map_or(PathBuf::from("."), Path::to_path_buf);
    let pattern = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    let entries = std::fs::read_dir(&folder).map_err(|e| crate::error::io_error(&folder, "list", e))?;
    let mut found: Vec<String> = entries
        .flatten()
        .filter(|entry| matches(pattern.as_bytes(), entry.file_name().to_string_lossy().as_bytes()))
        .map(|entry| entry.path().display().to_string())
        .collect();
    found.sort();
    let problem =
        |what: String, todo: &str| Error::Port { port: port.to_owned(), what, todo: todo.to_owned() };
    match found.len() {
        0 => Err(problem("no path matches".to_owned(), "plug the device in, or type its path")),
        1 => Ok(found.remove(0)),
        _ => Err(problem(format!("several paths match: {}", found.join(", ")), "type one of them")),
    }
}

/// `*` any run, `?` any one byte.
fn matches(pattern: &[u8], name: &[u8]) -> bool {
    let (mut p, mut n) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while n < name.len() {
        if p < pattern.len() && pattern[p] == b'*' {
            retry = Some((p, n));
            p += 1;
        } else if p < pattern.len() && (pattern[p] == b'?' || pattern[p] == name[n]) {
            p += 1;
            n += 1;
        } else if let Some((star, from)) = retry {
            retry = Some((star, from + 1));
            p = star + 1;
            n = from + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|b| *b == b'*')
}

struct Serial {
    inner: Box<dyn serialport::SerialPort>,
    name: String,
}

impl ByteSource for Serial {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        idle_is_zero(self.inner.read(buffer))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::Write::write_all(&mut self.inner, bytes)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

fn idle_is_zero(read: io::Result<usize>) -> io::Result<usize> {
    match read {
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
            ) =>
        {
            Ok(0)
        }
        other => other,
    }
}

struct Tcp {
    inner: TcpStream,
    name: String,
}

fn tcp(port: &str, address: &str) -> Result<Box<dyn ByteSource>, Error> {
    let problem = |what: String| Error::Port {
        port: port.to_owned(),
        what,
        todo: "give tcp://host:port of a device or emulator that is running".to_owned(),
    };
    let connect = || connect(address);
    let inner = connect().map_err(|e| problem(e.to_string()))?;
    Ok(Box::new(Tcp { inner, name: port.to_owned() }))
}

fn connect(address: &str) -> io::Result<TcpStream> {
    let bad = |why: &str| io::Error::new(io::ErrorKind::InvalidInput, why.to_owned());
    let mut addresses = address.to_socket_addrs().map_err(|e| bad(&format!("not an address: {e}")))?;
    let first = addresses.next().ok_or_else(|| bad("the host has no address"))?;
    let stream = TcpStream::connect_timeout(&first, CONNECT_TIMEOUT)?;
    stream.set_read_timeout(Some(READ_TIMEOUT))?;
    stream.set_nodelay(true)?;
    Ok(stream)
}

impl ByteSource for Tcp {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        match self.inner.read(buffer) {
            Ok(0) => {
                Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the other side closed the connection"))
            }
            read => idle_is_zero(read),
        }
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        io::Write::write_all(&mut self.inner, bytes)
    }

    fn name(&self) -> &str {
        &self.name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_match_as_a_shell_does() {
        assert!(matches(b"ttyUSB*", b"ttyUSB0"));
        assert!(matches(b"*ACM?", b"ttyACM1"));
        assert!(matches(b"a*b*c", b"aXbbYc"));
        assert!(!matches(b"ttyUSB?", b"ttyUSB10"));
        assert!(!matches(b"a*b", b"ac"));
    }

    #[test]
    fn a_missing_port_says_what_to_do() {
        let error = open("/nonexistent/ttyX9", 115_200).err().expect("it is not there");
        assert!(error.to_string().contains("plug the device in"), "{error}");
        let error = open("/dev/no-such-prefix-*", 115_200).err().expect("it is not there");
        assert!(error.to_string().contains("no path matches"), "{error}");
        assert!(open("tcp://not an address", 0).is_err());
    }

    #[test]
    fn a_tcp_source_reads_idles_and_ends() {
        let server = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = server.local_addr().expect("bound");
        let mut source = open(&format!("tcp://{address}"), 0).expect("it listens");
        let (mut peer, _) = server.accept().expect("connected");
        let mut buffer = [0u8; 16];
        assert_eq!(source.read(&mut buffer).expect("idle"), 0);
        io::Write::write_all(&mut peer, b"hello").expect("sent");
        let mut got = Vec::new();
        while got.len() < 5 {
            let n = source.read(&mut buffer).expect("open");
            got.extend_from_slice(&buffer[..n]);
        }
        assert_eq!(got, b"hello");
        drop(peer);
        let gone = (0..200).any(|_| source.read(&mut buffer).is_err());
        assert!(gone, "a closed connection is an error");
    }

    #[cfg(unix)]
    #[test]
    fn a_pseudo_terminal_opens_by_its_path() {
        use serialport::SerialPort;
        let (mut master, slave) = serialport::TTYPort::pair().expect("a pseudo-terminal");
        let path = slave.name().expect("it has a path");
        // A port is held exclusively: whoever opened the path must let go of it first.
        drop(slave);
        let mut source = open(&path, 115_200).expect("it opens");
        io::Write::write_all(&mut master, b"1,2\n").expect("sent");
        let mut buffer = [0u8; 16];
        let mut got = Vec::new();
        for _ in 0..200 {
            let n = source.read(&mut buffer).expect("open");
            got.extend_from_slice(&buffer[..n]);
            if got.len() >= 4 {
                break;
            }
        }
        assert_eq!(got, b"1,2\n");
    }
}
