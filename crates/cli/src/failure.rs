//! How a command ends when it cannot do what was asked: what, where, what to do, and the exit code.
//!
//! Not for findings in a trial: those are notes of the report.

use miette::Diagnostic;
use std::fmt;
use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;

/// A command that did not do what was asked.
#[derive(Debug)]
pub enum Failure {
    /// The input was refused, or the machine refused: exit code 1.
    Refused(Message),
    /// The command line asks for something that does not exist or contradicts itself: exit code 2.
    Usage(Message),
    /// The reader of our output went away: success, silently.
    BrokenPipe,
}

/// What is wrong and what to do about it.
#[derive(Debug)]
pub struct Message {
    what: String,
    help: Option<String>,
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Message {}

impl Diagnostic for Message {
    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }
}

impl fmt::Display for Failure {
    /// What is wrong and what to do, in one line: for a note in the window.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(message) | Self::Usage(message) => match &message.help {
                Some(help) => write!(f, "{message}; {help}"),
                None => message.fmt(f),
            },
            Self::BrokenPipe => f.write_str("the reader of the output went away"),
        }
    }
}

impl Failure {
    /// An input or a machine that refuses: `what` names the file, channel or port; `help` says what to do next.
    pub fn refused(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Refused(Message { what: what.into(), help: Some(help.into()) })
    }

    /// A wrong command line.
    pub fn usage(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage(Message { what: what.into(), help: Some(help.into()) })
    }

    /// What is wrong, without what to do about it.
    pub fn what(&self) -> String {
        match self {
            Self::Refused(message) | Self::Usage(message) => message.what.clone(),
            Self::BrokenPipe => self.to_string(),
        }
    }

    /// A file that could not be written.
    pub fn writing(path: &Path, error: &io::Error) -> Self {
        Self::refused(
            format!("{}: cannot be written: {error}", path.display()),
            "check that the folder exists, that it may be written and that the disk is not full",
        )
    }

    /// Tells the failure on stderr, once, and gives the exit code.
    pub fn report(self) -> ExitCode {
        let (message, code) = match self {
            Self::BrokenPipe => return ExitCode::SUCCESS,
            Self::Refused(message) => (message, 1),
            Self::Usage(message) => (message, 2),
        };
        // stderr may be closed too; then there is nobody left to tell.
        let _ = writeln!(io::stderr(), "{:?}", miette::Report::new(message));
        ExitCode::from(code)
    }
}

/// Errors of files and ports already say what, where and what to do.
impl From<surae_io::Error> for Failure {
    fn from(error: surae_io::Error) -> Self {
        Self::Refused(Message { what: error.to_string(), help: None })
    }
}

/// For our own output on stdout; files have [`Failure::writing`], which knows their path.
impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            Self::BrokenPipe
        } else {
            Self::refused(format!("standard output: {error}"), "check where the output is sent")
        }
    }
}
