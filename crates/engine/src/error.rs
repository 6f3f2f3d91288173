//! Why a session cannot start.

use std::path::PathBuf;
use surae_gait::pipeline::PipelineError;

/// Why a session cannot start. After the start nothing is an error: a source changes state, a loss is counted.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The session's streams cannot be analysed.
    #[error(transparent)]
    Pipeline(#[from] PipelineError),
    /// A port that cannot be opened.
    #[error("port {port}: {reason}")]
    Port {
        /// As the user named it.
        port: String,
        /// What the system says, and what to do.
        reason: String,
    },
    /// A device that sends nothing that can be understood.
    #[error("port {port}: {reason}")]
    Silent {
        /// As the user named it.
        port: String,
        /// What came, and what to do.
        reason: String,
    },
    /// The recording cannot be made.
    #[error("recording {}: {reason}", path.display())]
    Recording {
        /// File.
        path: PathBuf,
        /// What the system says.
        reason: String,
    },
    /// The operating system refused a thread.
    #[error("cannot start a thread: {0}")]
    Thread(#[from] std::io::Error),
    /// There is nothing to play or to read.
    #[error("{0}")]
    Empty(String),
}
