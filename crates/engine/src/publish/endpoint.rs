//! Where results go, as a user writes it: `tcp://127.0.0.1:7474`, `ws://127.0.0.1:7475`, `osc://127.0.0.1:9000`.

use std::fmt;
use std::net::{SocketAddr, ToSocketAddrs};
use std::str::FromStr;

/// Where results go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Endpoint {
    /// JSON lines to whoever connects.
    Tcp(SocketAddr),
    /// JSON text frames to whoever connects.
    WebSocket(SocketAddr),
    /// OSC messages to this address.
    Osc(SocketAddr),
}

/// An endpoint that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is no endpoint: tcp://HOST:PORT, ws://HOST:PORT or osc://HOST:PORT")]
pub struct EndpointError(String);

impl FromStr for Endpoint {
    type Err = EndpointError;

    fn from_str(text: &str) -> Result<Self, EndpointError> {
        let wrong = || EndpointError(text.to_owned());
        let (scheme, address) = text.split_once("://").ok_or_else(wrong)?;
        // A name such as localhost may have addresses of both kinds; IPv4 is what most listeners expect.
        let found: Vec<SocketAddr> =
            address.trim_end_matches('/').to_socket_addrs().map_err(|_| wrong())?.collect();
        let address = found.iter().find(|a| a.is_ipv4()).or(found.first()).copied().ok_or_else(wrong)?;
        match scheme {
            "tcp" => Ok(Self::Tcp(address)),
            "ws" => Ok(Self::WebSocket(address)),
            "osc" => Ok(Self::Osc(address)),
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "tcp://{address}"),
            Self::WebSocket(address) => write!(f, "ws://{address}"),
            Self::Osc(address) => write!(f, "osc://{address}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints_are_read_and_written_alike() {
        for text in ["tcp://127.0.0.1:7474", "ws://[::1]:7475", "osc://127.0.0.1:9000"] {
            let endpoint: Endpoint = text.parse().expect(text);
            assert_eq!(endpoint.to_string(), text);
        }
        assert_eq!(
            "ws://localhost:80/".parse(),
            Ok::<_, EndpointError>(Endpoint::WebSocket(([127, 0, 0, 1], 80).into()))
        );
        for bad in ["127.0.0.1:7474", "tcp://", "tcp://127.0.0.1", "http://127.0.0.1:80", "udp://127.0.0.1:1"]
        {
            assert!(
                bad.parse::<Endpoint>().is_err_and(|e| e.to_string().contains("tcp://HOST:PORT")),
                "{bad}"
            );
        }
    }
}
