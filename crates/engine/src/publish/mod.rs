//! Results for other programs: JSON lines over TCP and WebSocket, and OSC messages over UDP.
//!
//! The caller hands over each line once; every listener has a bounded queue and a thread of its own, so that one that
//! stops reading loses lines (counted, and told to it in a `drop` line) and holds up nobody. What is sent is what the
//! command line prints. Not for commands: nothing that arrives here changes the session.

mod client;
mod endpoint;
#[cfg(feature = "lsl")]
mod lsl;
mod osc;
mod server;

pub use endpoint::{Endpoint, EndpointError};

use crate::session::Session;
use crossbeam_channel::{Sender, TrySendError};
use osc::OscTarget;
use server::Server;
use std::net::SocketAddr;
use std::sync::Arc;
use surae_gait::pipeline::Record;

/// Lines that wait for one listener: 5 s of two legs at 50 decisions a second.
const WAITING: usize = 512;

/// Why results cannot be published.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PublishError {
    /// The address is taken or may not be used.
    #[error("{endpoint}: {reason}")]
    Bind {
        /// As the user wrote it.
        endpoint: String,
        /// What the system says.
        reason: std::io::Error,
    },
    /// An address that other machines reach, without a token.
    #[error(
        "{endpoint}: other machines can reach this address, and results are about a person: a token is required"
    )]
    TokenRequired {
        /// As the user wrote it.
        endpoint: String,
    },
    /// Lab Streaming Layer cannot be used.
    #[error("{0}")]
    Lsl(String),
}

/// How much was sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublishCounts {
    /// Listeners connected now.
    pub listeners: usize,
    /// Lines that listeners were too slow for, all listeners together.
    pub dropped_lines: u64,
    /// OSC packets the system refused.
    pub osc_failed: u64,
    /// Samples that liblsl refused.
    pub lsl_failed: u64,
}

/// A listener that passed its handshake.
pub(crate) struct Listener {
    queue: Sender<Arc<str>>,
    /// Lines it lost since it was last told.
    lost: u64,
}

/// Sends results to every listener. Dropping it delivers what waits and ends the threads.
pub struct Publisher {
    servers: Vec<Server>,
    osc: Vec<OscTarget>,
    #[cfg(feature = "lsl")]
    lsl: Option<lsl::LslOut>,
    listeners: Vec<Listener>,
    header: Arc<str>,
    counts: PublishCounts,
}

impl Publisher {
    /// Opens the endpoints. `header` is the first line every listener gets; `token`, when there is one, must be given by every
    /// listener of TCP and WebSocket.
    ///
    /// # Errors
    /// An address that cannot be bound, or one beyond this machine without a token.
    pub fn open(endpoints: &[Endpoint], token: Option<&str>, header: &str) -> Result<Self, PublishError> {
        let mut publisher = Self {
            servers: Vec::new(),
            osc: Vec::new(),
            #[cfg(feature = "lsl")]
            lsl: None,
            listeners: Vec::new(),
            header: header.into(),
            counts: PublishCounts::default(),
        };
        for endpoint in endpoints {
            let refused = |reason| PublishError::Bind { endpoint: endpoint.to_string(), reason };
            match *endpoint {
                Endpoint::Osc(to) => publisher.osc.push(OscTarget::open(to).map_err(refused)?),
                Endpoint::Tcp(at) | Endpoint::WebSocket(at) => {
                    if !at.ip().is_loopback() && token.is_none() {
                        return Err(PublishError::TokenRequired { endpoint: endpoint.to_string() });
                    }
                    let websocket = matches!(endpoint, Endpoint::WebSocket(_));
                    publisher.servers.push(Server::open(at, websocket, token).map_err(refused)?);
                }
            }
        }
        Ok(publisher)
    }

    /// Addresses that are listened on, in the order of the endpoints; a port given as 0 is the one the system chose.
    pub fn addresses(&self) -> impl Iterator<Item = SocketAddr> + '_ {
        self.servers.iter().map(|server| server.address)
    }

    /// Offers the session's results as Lab Streaming Layer streams whose names begin with `name`.
    ///
    /// # Errors
    /// This build has no LSL, or there is no liblsl.
    #[cfg(feature = "lsl")]
    pub fn offer(&mut self, name: &str, session: &Session) -> Result<(), PublishError> {
        self.lsl =
            Some(lsl::LslOut::open(name, session).map_err(|error| PublishError::Lsl(error.to_string()))?);
        Ok(())
    }

    /// Offers the session's results as Lab Streaming Layer streams: not in this build.
    ///
    /// # Errors
    /// Always.
    #[cfg(not(feature = "lsl"))]
    pub fn offer(&mut self, _: &str, _: &Session) -> Result<(), PublishError> {
        Err(PublishError::Lsl(format!(
            "{}: build it with `cargo build --release --features lsl`",
            surae_io::NO_LSL
        )))
    }

    /// Sends the envelopes that wait, to be called before records are drained. Only LSL takes them.
    pub fn follow(&mut self, session: &mut Session) {
        #[cfg(feature = "lsl")]
        if let Some(lsl) = &mut self.lsl {
            lsl.follow(session);
        }
        #[cfg(not(feature = "lsl"))]
        let _ = session;
    }

    /// True when lines have anywhere to go: the caller need not make them otherwise.
    #[must_use]
    pub fn wants_lines(&self) -> bool {
        !self.servers.is_empty()
    }

    /// Sends one JSON line (without its end) to every listener of TCP and WebSocket.
    pub fn line(&mut self, line: &str) {
        self.welcome();
        if self.listeners.is_empty() {
            return;
        }
        let line: Arc<str> = line.into();
        let counts = &mut self.counts;
        self.listeners.retain_mut(|listener| listener.send(&line, counts));
        counts.listeners = self.listeners.len();
    }

    /// Sends a record to every OSC target and to the streams of LSL.
    pub fn record(&mut self, record: &Record) {
        for target in &self.osc {
            self.counts.osc_failed += u64::from(!target.send(record));
        }
        #[cfg(feature = "lsl")]
        if let Some(lsl) = &mut self.lsl {
            lsl.record(record);
        }
    }

    /// How much was sent.
    pub fn counts(&mut self) -> PublishCounts {
        self.welcome();
        #[cfg(feature = "lsl")]
        if let Some(lsl) = &self.lsl {
            self.counts.lsl_failed = lsl.failed;
        }
        self.counts
    }

    /// Takes in those who connected: each begins with the header.
    fn welcome(&mut self) {
        for server in &self.servers {
            while let Ok(queue) = server.joined.try_recv() {
                let mut listener = Listener { queue, lost: 0 };
                if listener.send(&self.header, &mut self.counts) {
                    self.listeners.push(listener);
                }
            }
        }
        self.counts.listeners = self.listeners.len();
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        self.welcome();
        // Closed queues are emptied by their threads, which then end.
        self.listeners.clear();
        for server in &mut self.servers {
            server.stop();
        }
    }
}

impl Listener {
    /// False when the listener has gone.
    fn send(&mut self, line: &Arc<str>, counts: &mut PublishCounts) -> bool {
        if self.lost > 0 {
            let told = format!(r#"{{"type":"drop","lines":{},"text":"read too slowly"}}"#, self.lost);
            match self.queue.try_send(told.into()) {
                Ok(()) => self.lost = 0,
                Err(TrySendError::Full(_)) => {}
                Err(TrySendError::Disconnected(_)) => return false,
            }
        }
        match self.queue.try_send(Arc::clone(line)) {
            Ok(()) => true,
            Err(TrySendError::Full(_)) => {
                self.lost += 1;
                counts.dropped_lines += 1;
                true
            }
            Err(TrySendError::Disconnected(_)) => false,
        }
    }
}
