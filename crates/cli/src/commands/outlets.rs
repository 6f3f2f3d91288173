//! `--serve` and `--marks`: results to other programs, and marks from them.

use crate::failure::Failure;
use clap::Args as ClapArgs;
use std::io::Write;
use surae_engine::publish::{Endpoint, Publisher};
use surae_engine::{Marks, Session};

/// Where results go besides standard output.
#[derive(ClapArgs, Default)]
pub struct OutletArgs {
    /// Results to other programs as well: tcp://HOST:PORT, ws://HOST:PORT (JSON lines of surae.stream/1 to whoever connects) or
    /// osc://HOST:PORT (OSC messages to that address); repeatable
    #[arg(long, value_name = "ENDPOINT")]
    serve: Vec<Endpoint>,
    /// Results as Lab Streaming Layer streams: NAME-envelope, NAME-right, NAME-left and NAME-events (a build with --features lsl)
    #[arg(long, value_name = "NAME")]
    lsl_out: Option<String>,
    /// What listeners must give first: `token SECRET` as the first line over TCP, ?token=SECRET over WebSocket. Required where
    /// other machines can connect
    #[arg(long, value_name = "SECRET", requires = "serve", env = "SURAE_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl OutletArgs {
    /// Opens the endpoints; `header` is what every listener is told first. Says on standard error where it listens.
    pub fn open(&self, header: &str, session: &Session) -> Result<Option<Publisher>, Failure> {
        if self.serve.is_empty() && self.lsl_out.is_none() {
            return Ok(None);
        }
        let mut publisher = Publisher::open(&self.serve, self.token.as_deref(), header).map_err(|error| {
            Failure::refused(
                error.to_string(),
                "choose a free port; beyond this machine give --token SECRET as well",
            )
        })?;
        let listening = self.serve.iter().filter(|endpoint| !matches!(endpoint, Endpoint::Osc(_)));
        for (endpoint, address) in listening.zip(publisher.addresses()) {
            let scheme = if matches!(endpoint, Endpoint::Tcp(_)) { "tcp" } else { "ws" };
            let _ = writeln!(std::io::stderr(), "results at {scheme}://{address}");
        }
        if let Some(name) = &self.lsl_out {
            publisher.offer(name, session).map_err(|error| {
                Failure::refused(
                    format!("--lsl-out {name}: {error}"),
                    "docs/devices.md says how LSL is set up",
                )
            })?;
            let _ = writeln!(std::io::stderr(), "results as LSL streams {name}-*");
        }
        Ok(Some(publisher))
    }

    /// Whether envelopes are wanted of the session.
    pub fn wants_envelopes(&self) -> bool {
        self.lsl_out.is_some()
    }
}

/// Where marks come from besides keys and standard input.
#[derive(ClapArgs, Default)]
pub struct MarkArgs {
    /// Marks from other programs: datagrams to udp://127.0.0.1:PORT on this machine that hold a key 0-9, or the texts of a Lab
    /// Streaming Layer stream, lsl://NAME (a build with --features lsl)
    #[arg(long, value_name = "UDP|LSL")]
    marks: Option<String>,
}

impl MarkArgs {
    /// Listens for marks until what is returned is dropped.
    pub fn open(&self, session: &Session) -> Result<Option<Listening>, Failure> {
        let Some(endpoint) = &self.marks else { return Ok(None) };
        if endpoint.starts_with("lsl://") {
            return Listening::to_stream(endpoint, session).map(Some);
        }
        let marks = Marks::open(endpoint, session.marker()).map_err(|error| {
            Failure::usage(error.to_string(), "for example --marks udp://127.0.0.1:12350")
        })?;
        let _ = writeln!(std::io::stderr(), "marks at udp://{}", marks.address());
        Ok(Some(Listening::Udp(marks)))
    }
}

/// Marks are taken until it is dropped.
#[expect(dead_code, reason = "what it holds is kept for its end")]
pub enum Listening {
    Udp(Marks),
    #[cfg(feature = "lsl")]
    Lsl(surae_engine::LslMarks),
}

impl Listening {
    #[cfg(feature = "lsl")]
    fn to_stream(endpoint: &str, session: &Session) -> Result<Self, Failure> {
        use surae_engine::{LslMarks, Marker};
        let (key, words) = (session.marker(), session.noter());
        let mark = move |marker| match marker {
            Marker::Key(code) => key(code),
            Marker::Words(text) => words(&text),
        };
        let marks = LslMarks::open(endpoint.trim_start_matches("lsl://"), mark).map_err(|error| {
            Failure::refused(format!("--marks {endpoint}: {error}"), "docs/devices.md says how LSL is set up")
        })?;
        let _ = writeln!(std::io::stderr(), "marks from {endpoint}");
        Ok(Self::Lsl(marks))
    }

    #[cfg(not(feature = "lsl"))]
    fn to_stream(endpoint: &str, _: &Session) -> Result<Self, Failure> {
        Err(Failure::refused(
            format!("--marks {endpoint}: {}", surae_io::NO_LSL),
            "build it with `cargo build --release --features lsl`",
        ))
    }
}
