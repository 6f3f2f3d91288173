//! What can go wrong between bytes and trials, with the place and what to do about it.

use std::fmt;
use std::io;

/// Where in a source something was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Position {
    /// Offset from the start of the file, in bytes.
    Byte(u64),
    /// Line of a text file, counted from 1.
    Line(u64),
    /// The source as a whole.
    Whole,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Byte(at) => write!(f, " at byte {at}"),
            Self::Line(at) => write!(f, ", line {at}"),
            Self::Whole => Ok(()),
        }
    }
}

/// Why a source could not be read or written. Every variant says what, where, and what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("{path}: cannot {action}: {source}")]
    Io {
        /// File or folder, as the user gave it.
        path: String,
        /// `"open"`, `"read"`, `"write"`, `"create"`.
        action: &'static str,
        /// The system's reason.
        source: io::Error,
    },
    /// A file of 0 bytes.
    #[error("{path}: the file is empty (0 bytes); copy or export it again from its source")]
    Empty {
        /// File.
        path: String,
    },
    /// No format of this version matches the content.
    #[error(
        "{path}: not a recording that Surae reads: {found}; readable: {readable}. Export one of these from the program that made the file"
    )]
    Unrecognised {
        /// File.
        path: String,
        /// What the content looks like.
        found: String,
        /// The formats that can be read.
        readable: String,
    },
    /// The format is known, the content breaks its rules.
    #[error("{path}: {format}{at}: {what}; {todo}")]
    Malformed {
        /// File.
        path: String,
        /// Format name.
        format: &'static str,
        /// Where.
        at: Position,
        /// What is wrong.
        what: String,
        /// What the user can do.
        todo: String,
    },
    /// The format allows it, Surae does not read it.
    #[error("{path}: {format}{at}: {what} is not supported; {todo}")]
    Unsupported {
        /// File.
        path: String,
        /// Format name.
        format: &'static str,
        /// Where.
        at: Position,
        /// What is not supported.
        what: String,
        /// What the user can do.
        todo: String,
    },
    /// A size beyond what Surae accepts; protects memory against damaged headers.
    #[error("{path}: {format}{at}: {what} is beyond the limit of {limit}; the header is probably damaged")]
    Limit {
        /// File.
        path: String,
        /// Format name.
        format: &'static str,
        /// Where.
        at: Position,
        /// What is too large, with its value.
        what: String,
        /// The limit, with its unit.
        limit: String,
    },
    /// A serial port or network address.
    #[error("port {port}: {what}; {todo}")]
    Port {
        /// The port as the user gave it.
        port: String,
        /// What happened.
        what: String,
        /// What the user can do.
        todo: String,
    },
}

impl Error {
    /// The file or port concerned.
    #[must_use]
    pub fn subject(&self) -> &str {
        match self {
            Self::Io { path, .. }
            | Self::Empty { path }
            | Self::Unrecognised { path, .. }
            | Self::Malformed { path, .. }
            | Self::Unsupported { path, .. }
            | Self::Limit { path, .. } => path,
            Self::Port { port, .. } => port,
        }
    }

    /// Where in the file.
    #[must_use]
    pub fn position(&self) -> Position {
        match self {
            Self::Malformed { at, .. } | Self::Unsupported { at, .. } | Self::Limit { at, .. } => *at,
            _ => Position::Whole,
        }
    }
}

/// Builds errors of one file and format, so that parsers name only what and where.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Blame<'a> {
    pub path: &'a str,
    pub format: &'static str,
}

impl Blame<'_> {
    pub fn malformed(&self, at: Position, what: impl Into<String>, todo: impl Into<String>) -> Error {
        Error::Malformed {
            path: self.path.to_owned(),
            format: self.format,
            at,
            what: what.into(),
            todo: todo.into(),
        }
    }

    pub fn unsupported(&self, at: Position, what: impl Into<String>, todo: impl Into<String>) -> Error {
        Error::Unsupported {
            path: self.path.to_owned(),
            format: self.format,
            at,
            what: what.into(),
            todo: todo.into(),
        }
    }

    pub fn limit(&self, at: Position, what: impl Into<String>, limit: impl Into<String>) -> Error {
        Error::Limit {
            path: self.path.to_owned(),
            format: self.format,
            at,
            what: what.into(),
            limit: limit.into(),
        }
    }
}

/// An I/O error of a path.
pub(crate) fn io_error(path: &std::path::Path, action: &'static str, source: io::Error) -> Error {
    Error::Io { path: path.display().to_string(), action, source }
}
