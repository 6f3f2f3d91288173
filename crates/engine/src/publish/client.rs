//! One listener: who may listen, and lines from its queue to its socket.

use crossbeam_channel::{Receiver, RecvTimeoutError};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;
use tungstenite::handshake::server::{Callback, ErrorResponse, Request, Response};
use tungstenite::http::{StatusCode, Uri, header};
use tungstenite::protocol::WebSocketConfig;
use tungstenite::{Error, Message, WebSocket};

/// Longest wait for a token or a handshake.
const HANDSHAKE: Duration = Duration::from_secs(5);

/// Longest a write may hang before the listener is given up.
const WRITE: Duration = Duration::from_secs(5);

/// Time between two looks at what a listener says when nothing is to be sent.
const IDLE: Duration = Duration::from_millis(100);

/// Longest first line of a TCP listener, bytes.
const MOST_TOKEN: u64 = 1024;

/// Who may listen.
pub(super) struct Guard {
    pub(super) token: Option<String>,
    pub(super) websocket: bool,
}

impl Guard {
    /// Compares without telling by its time how much was right.
    fn accepts(&self, given: Option<&str>) -> bool {
        let Some(token) = &self.token else { return true };
        let given = given.unwrap_or_default().as_bytes();
        let differ = token
            .bytes()
            .enumerate()
            .fold(0, |differ, (at, byte)| differ | (byte ^ given.get(at).copied().unwrap_or(!byte)));
        differ == 0 && given.len() == token.len()
    }
}

type Lines = Receiver<Arc<str>>;

/// Runs one listener until it or the publisher leaves. `join` makes its queue and is called once it may listen.
pub(super) fn serve(
    stream: TcpStream,
    guard: &Guard,
    join: impl FnOnce(&mut Option<Lines>) -> bool,
) -> io::Result<()> {
    // Accepted sockets inherit the listener's mode on some systems.
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(HANDSHAKE))?;
    stream.set_write_timeout(Some(WRITE))?;
    if guard.websocket {
        let config = WebSocketConfig::default().max_message_size(Some(4096)).max_frame_size(Some(4096));
        let socket = tungstenite::accept_hdr_with_config(stream, Door(guard), Some(config))
            .map_err(|error| io::Error::other(error.to_string()))?;
        socket.get_ref().set_read_timeout(Some(Duration::from_millis(1)))?;
        websocket(socket, queue(join)?)
    } else {
        tcp(stream, guard, join)
    }
}

fn queue(join: impl FnOnce(&mut Option<Lines>) -> bool) -> io::Result<Lines> {
    let mut lines = None;
    let joined = join(&mut lines);
    lines.filter(|_| joined).ok_or_else(|| io::Error::other("the session is over"))
}

/// With a token, the listener's first line is `token SECRET`; without one it need not say anything.
fn tcp(
    mut stream: TcpStream,
    guard: &Guard,
    join: impl FnOnce(&mut Option<Lines>) -> bool,
) -> io::Result<()> {
    if guard.token.is_some() {
        let mut first = String::new();
        BufReader::new(stream.try_clone()?.take(MOST_TOKEN)).read_line(&mut first)?;
        if !guard.accepts(first.trim_end().strip_prefix("token ")) {
            return stream.write_all(b"{\"type\":\"refused\",\"text\":\"first line: token SECRET\"}\n");
        }
    }
    let lines = queue(join)?;
    let mut text = String::new();
    loop {
        match lines.recv_timeout(IDLE) {
            Ok(line) => {
                text.clear();
                text.push_str(&line);
                text.push('\n');
                stream.write_all(text.as_bytes())?;
            }
            Err(RecvTimeoutError::Timeout) if has_left(&stream)? => return Ok(()),
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// What a listener of TCP says after its token is of no interest; that it closed is.
fn has_left(stream: &TcpStream) -> io::Result<bool> {
    stream.set_nonblocking(true)?;
    let mut said = [0; 256];
    let read = (&mut &*stream).read(&mut said);
    stream.set_nonblocking(false)?;
    Ok(matches!(read, Ok(0)))
}

fn websocket(mut socket: WebSocket<TcpStream>, lines: Lines) -> io::Result<()> {
    let failed = |error: Error| io::Error::other(error.to_string());
    loop {
        match lines.recv_timeout(IDLE) {
            Ok(line) => socket.send(Message::text(&*line)).map_err(failed)?,
            // Reading answers pings and a close; what it says otherwise is of no interest.
            Err(RecvTimeoutError::Timeout) => match socket.read() {
                Ok(_) => {}
                Err(Error::Io(error))
                    if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {}
                Err(error) => return Err(failed(error)),
            },
            Err(RecvTimeoutError::Disconnected) => {
                socket.close(None).map_err(failed)?;
                return socket.flush().map_err(failed);
            }
        }
    }
}

/// Lets a browser in only from this machine or with the token: a page of another site could otherwise read along.
struct Door<'a>(&'a Guard);

impl Callback for Door<'_> {
    fn on_request(self, request: &Request, response: Response) -> Result<Response, ErrorResponse> {
        let refused = |status: StatusCode, text: &str| {
            let mut response = ErrorResponse::new(Some(text.to_owned()));
            *response.status_mut() = status;
            response
        };
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        if self.0.token.is_some() {
            let bearer = header(header::AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
            if self.0.accepts(bearer.or_else(|| token_of(request.uri()))) {
                return Ok(response);
            }
            return Err(refused(StatusCode::UNAUTHORIZED, "give the token: ws://HOST:PORT/?token=SECRET"));
        }
        match header(header::ORIGIN) {
            Some(origin) if !is_local(origin) => {
                Err(refused(StatusCode::FORBIDDEN, "pages of other sites need a token"))
            }
            _ => Ok(response),
        }
    }
}

fn token_of(uri: &Uri) -> Option<&str> {
    uri.query()?.split('&').find_map(|pair| pair.strip_prefix("token="))
}

/// `http://localhost:3000`, `http://127.0.0.1`, `http://[::1]:80`, or a page opened from a file (`null`, `file://`).
fn is_local(origin: &str) -> bool {
    if origin == "null" || origin.starts_with("file://") {
        return true;
    }
    let Ok(uri) = origin.parse::<Uri>() else { return false };
    matches!(uri.host(), Some("localhost" | "127.0.0.1" | "[::1]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_token_is_accepted() {
        let guard = Guard { token: Some("secret".to_owned()), websocket: false };
        assert!(guard.accepts(Some("secret")));
        for bad in [None, Some(""), Some("secre"), Some("secrets"), Some("Secret")] {
            assert!(!guard.accepts(bad), "{bad:?}");
        }
        assert!(Guard { token: None, websocket: false }.accepts(None));
    }

    #[test]
    fn origins_of_other_sites_are_not_local() {
        for good in ["http://localhost:3000", "http://127.0.0.1", "http://[::1]:80", "null", "file://"] {
            assert!(is_local(good), "{good}");
        }
        for bad in
            ["https://example.org", "http://localhost.example.org", "http://127.0.0.1.example.org", "x y"]
        {
            assert!(!is_local(bad), "{bad}");
        }
    }
}
