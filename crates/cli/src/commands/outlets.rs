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
    /// What listeners must give first: `token SECRET` as the first line over TCP, ?token=SECRET over WebSocket. Required where
    /// other machines can connect
    #[arg(long, value_name = "SECRET", requires = "serve", env = "SURAE_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

impl OutletArgs {
    /// Opens the endpoints; `header` is what every listener is told first. Says on standard error where it listens.
    pub fn open(&self, header: &str) -> Result<Option<Publisher>, Failure> {
        if self.serve.is_empty() {
            return Ok(None);
        }
        let publisher = Publisher::open(&self.serve, self.token.as_deref(), header).map_err(|error| {
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
        Ok(Some(publisher))
    }
}

/// Where marks come from besides keys and standard input.
#[derive(ClapArgs, Default)]
pub struct MarkArgs {
    /// Marks from other programs on this machine: datagrams to udp://127.0.0.1:PORT that hold a key 0-9
    #[arg(long, value_name = "UDP")]
    marks: Option<String>,
}

impl MarkArgs {
    /// Listens for marks until what is returned is dropped.
    pub fn open(&self, session: &Session) -> Result<Option<Marks>, Failure> {
        let Some(endpoint) = &self.marks else { return Ok(None) };
        let marks = Marks::open(endpoint, session.marker()).map_err(|error| {
            Failure::usage(error.to_string(), "for example --marks udp://127.0.0.1:12350")
        })?;
        let _ = writeln!(std::io::stderr(), "marks at udp://{}", marks.address());
        Ok(Some(marks))
    }
}
