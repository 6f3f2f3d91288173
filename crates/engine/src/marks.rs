//! Marks from other programs, as UDP datagrams on this machine: a stimulus, a light gate, a stopwatch.
//!
//! A datagram holds one mark a line: a key `0`-`9`, or `mark KEY`. Anything else is ignored. Only
//! addresses of this machine are bound, because anyone who reaches the port can write into the recording.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs, UdpSocket};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

/// Longest wait for a datagram: costs nothing, and the thread ends soon after the session.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Longest datagram read, bytes.
const MOST: usize = 512;

/// Why marks cannot be received.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MarksError {
    /// No address.
    #[error("'{0}' is no address for marks: udp://127.0.0.1:PORT")]
    Address(String),
    /// Other machines reach the address.
    #[error("{0}: marks are taken from this machine only; use 127.0.0.1")]
    NotLoopback(SocketAddr),
    /// The system refuses.
    #[error("{address}: {reason}")]
    Bind {
        /// Address.
        address: SocketAddr,
        /// What the system says.
        reason: io::Error,
    },
}

/// Takes keys from other programs; the port is free again soon after this is dropped.
pub struct Marks {
    address: SocketAddr,
    stop: Arc<AtomicBool>,
}

impl Marks {
    /// Listens at `udp://HOST:PORT`; port 0 lets the system choose. `mark` gets each key 0-9 as it comes, on a thread that
    /// waits for nothing else.
    ///
    /// # Errors
    /// No such address, one that other machines reach, or one the system refuses.
    pub fn open(endpoint: &str, mark: impl FnMut(u8) + Send + 'static) -> Result<Self, MarksError> {
        let wrong = || MarksError::Address(endpoint.to_owned());
        let text = endpoint.strip_prefix("udp://").ok_or_else(wrong)?;
        let address = text.to_socket_addrs().map_err(|_| wrong())?.next().ok_or_else(wrong)?;
        if !address.ip().is_loopback() {
            return Err(MarksError::NotLoopback(address));
        }
        let refused = |reason| MarksError::Bind { address, reason };
        let socket = UdpSocket::bind(address).map_err(refused)?;
        socket.set_read_timeout(Some(LOOK_EVERY)).map_err(refused)?;
        let address = socket.local_addr().map_err(refused)?;
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let run = move || receive(&socket, mark, &stopped);
        thread::Builder::new().name("marks".to_owned()).spawn(run).map_err(refused)?;
        Ok(Self { address, stop })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Marks {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
    }
}

fn receive(socket: &UdpSocket, mut mark: impl FnMut(u8), stopped: &AtomicBool) {
    let mut bytes = [0; MOST];
    while !stopped.load(Ordering::Relaxed) {
        let Ok(n) = socket.recv(&mut bytes) else { continue };
        let text = String::from_utf8_lossy(&bytes[..n]);
        text.lines().filter_map(key_of).for_each(&mut mark);
    }
}

/// `3`, `mark 3`.
pub(crate) fn key_of(line: &str) -> Option<u8> {
    let line = line.trim();
    let key = line.strip_prefix("mark").map_or(line, str::trim_start);
    match key.as_bytes() {
        [digit @ b'0'..=b'9'] => Some(digit - b'0'),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_arrive_and_nonsense_does_not() {
        let (tx, keys) = crossbeam_channel::unbounded();
        let marks = Marks::open("udp://127.0.0.1:0", move |key| {
            let _ = tx.send(key);
        })
        .expect("a socket");
        let sender = UdpSocket::bind("127.0.0.1:0").expect("a socket");
        for datagram in
            [&b"3"[..], b"mark 4\n5\n", b"\xff\xfe", b"12", b"mark", b"set envelope_hz 10", b"", b" 9 \r\n"]
        {
            sender.send_to(datagram, marks.address()).expect("sent");
        }
        let got: Vec<u8> =
            (0..4).map(|_| keys.recv_timeout(Duration::from_secs(5)).expect("a key")).collect();
        assert_eq!(got, [3, 4, 5, 9]);
        assert!(keys.recv_timeout(Duration::from_millis(300)).is_err());
    }

    #[test]
    fn addresses_of_other_machines_are_refused() {
        assert!(matches!(Marks::open("udp://0.0.0.0:0", |_| ()), Err(MarksError::NotLoopback(_))));
        assert!(matches!(Marks::open("127.0.0.1:9", |_| ()), Err(MarksError::Address(_))));
        assert!(matches!(Marks::open("udp://nowhere", |_| ()), Err(MarksError::Address(_))));
    }
}
