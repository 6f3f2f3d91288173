//! The formats that can be read, told apart by content.
//!
//! A new format is one file that implements [`Format`] and one line in [`FORMATS`]. Extensions are only ever used to
//! word a message.

use crate::error::Error;
use crate::input::Input;
use crate::reader::{Reader, Whole};
use std::sync::atomic::{AtomicBool, Ordering};
use surae_trial::Trial;

/// Bytes from which on an input is hashed by a thread of its own.
const HASHED_ASIDE: u64 = 256 << 10;

/// How sure a format is that bytes are its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Confidence {
    /// Not this format.
    No,
    /// Could be; taken when nothing is surer.
    Guess,
    /// A signature matches.
    Sure,
}

/// One file format.
pub trait Format: Sync {
    /// Short name, as in [`Trial::format`] and in messages (`"c3d"`).
    fn name(&self) -> &'static str;

    /// What it is, in a few words, for the list of readable formats.
    fn title(&self) -> &'static str;

    /// Whether the content is of this format, by its first [`crate::HEAD_BYTES`] bytes; never panics.
    fn recognise(&self, head: &[u8]) -> Confidence;

    /// Reads a trial. Damage that leaves whole samples becomes a note; damage that leaves none is an error with its
    /// position.
    ///
    /// # Errors
    /// Malformed, unsupported or over a limit; never a panic, whatever the bytes.
    fn read(&self, input: &Input<'_>) -> Result<Trial, Error>;

    /// Files beside this one that belong to it and that it names, by the first [`crate::HEAD_BYTES`] bytes of it.
    fn companions(&self, head: &[u8]) -> Vec<String> {
        let _ = head;
        Vec::new()
    }

    /// True where reading begins with all bytes of the file in memory, which are then hashed from there.
    fn reads_whole(&self) -> bool {
        false
    }

    /// Opens a trial to read it piece by piece. Formats of large files give their chunks from the file; the others read
    /// it whole.
    ///
    /// # Errors
    /// As [`Format::read`].
    fn open<'a>(&self, input: Input<'a>) -> Result<Box<dyn Reader + 'a>, Error> {
        Ok(Box::new(Whole::new(self.read(&input)?)))
    }
}

/// Every format, in the order in which equal confidence is resolved.
pub static FORMATS: &[&dyn Format] = &[
    &crate::c3d::C3d,
    &crate::xdf::Xdf,
    &crate::edf::Edf,
    &crate::wav::Wav,
    &crate::hdf5::Hdf5,
    &crate::parquet_trial::Parquet,
    &crate::arrays::Npy,
    &crate::arrays::Npz,
    &crate::arrays::Mat5,
    &crate::csv_trial::SuraeCsv,
    &crate::opensim::OpenSim,
    &crate::trc::Trc,
    &crate::anc::Anc,
    &crate::csv_trial::tidy::TidyCsv,
    &crate::csv_trial::vicon::Vicon,
    &crate::csv_trial::qualisys::Qualisys,
    &crate::csv_trial::noraxon::Noraxon,
    &crate::csv_trial::acqknowledge::AcqKnowledge,
    &crate::csv_trial::delsys::Delsys,
    &crate::csv_trial::open_signals::OpenSignalsText,
    &crate::csv_trial::open_bci::OpenBci,
    &crate::csv_trial::biometrics::Biometrics,
    &crate::csv_trial::GenericCsv,
];

/// The surest format for a file that begins with these bytes.
#[must_use]
pub fn detect(head: &[u8]) -> Option<&'static dyn Format> {
    let mut best: Option<(&'static dyn Format, Confidence)> = None;
    let head = crate::text::head(head);
    for format in FORMATS {
        let confidence = format.recognise(&head);
        if confidence > best.map_or(Confidence::No, |(_, sure)| sure) {
            best = Some((*format, confidence));
        }
    }
    best.map(|(format, _)| format)
}

/// The format of an input.
pub(crate) fn format_of(input: &Input<'_>) -> Result<&'static dyn Format, Error> {
    if input.is_empty() {
        return Err(Error::Empty { path: input.name.clone() });
    }
    let head = input.head()?;
    detect(&head).ok_or_else(|| Error::Unrecognised {
        path: input.name.clone(),
        found: describe(&head),
        readable: readable(),
    })
}

/// Reads an input in whichever format it is.
pub(crate) fn read_input(input: &Input<'_>) -> Result<Trial, Error> {
    let format = format_of(input)?;
    let (mut trial, sha256) = read_and_hash(format, input)?;
    if let Some(rate_hz) =
        input.rate_hz.filter(|rate| trial.streams.iter().all(|stream| stream.rate_hz != *rate))
    {
        let text =
            format!("the rate stated by the user, {rate_hz} Hz, was not used: the file states its own");
        trial.notes.push(surae_trial::Note::warning("rate_not_used", text));
    }
    trial.path.clone_from(&input.name);
    format.name().clone_into(&mut trial.format);
    trial.sha256 = sha256;
    trial.events.sort_by(|a, b| a.time_s.0.total_cmp(&b.time_s.0));
    Ok(trial)
}

/// Reads an input and hashes it meanwhile: neither waits for the other, and small inputs are not worth a thread.
fn read_and_hash(format: &dyn Format, input: &Input<'_>) -> Result<(Trial, String), Error> {
    let wanted = AtomicBool::new(true);
    let alone = || input.sha256(&wanted).map(Option::unwrap_or_default);
    if input.len() < HASHED_ASIDE {
        return Ok((format.read(input)?, alone()?));
    }
    if format.reads_whole() {
        input.bytes()?;
    }
    std::thread::scope(|scope| {
        let hash = std::thread::Builder::new().spawn_scoped(scope, || input.sha256(&wanted));
        // A file that cannot be read has no use for the rest of its hash.
        let trial = format.read(input).inspect_err(|_| wanted.store(false, Ordering::Relaxed))?;
        // Without a thread the hash is made here; one that panicked has no reason to.
        match hash.ok().and_then(|hash| hash.join().ok()) {
            Some(sha256) => Ok((trial, sha256?.unwrap_or_default())),
            None => Ok((trial, alone()?)),
        }
    })
}

pub(crate) fn readable() -> String {
    FORMATS.iter().map(|format| format.title()).collect::<Vec<_>>().join(", ")
}

/// What unknown bytes look like, for the message.
fn describe(bytes: &[u8]) -> String {
    let known: &[(&[u8], &str)] = &[
        (b"PK\x03\x04", "it is a zip archive without arrays (or an .xlsx)"),
        (b"%PDF", "it is a PDF"),
        (b"RIFF", "it is a RIFF file that is no WAV"),
        (b"\x1f\x8b", "it is gzip-compressed"),
        (b"\xfd7zXZ", "it is xz-compressed (or R data)"),
    ];
    if let Some((_, text)) = known.iter().find(|(magic, _)| bytes.starts_with(magic)) {
        return (*text).to_owned();
    }
    let bytes = &crate::text::head(bytes)[..];
    let head = &bytes[..bytes.len().min(4096)];
    if bytes.iter().all(|b| *b == 0) {
        "it begins with zeros only".to_owned()
    } else if let Some(cell) = clock_time(bytes) {
        format!(
            "it is a table whose first column holds clock times ('{cell}'); write them as seconds from the start, in a column 'time'"
        )
    } else if head.iter().all(|b| *b >= 0x20 || matches!(b, b'\t' | b'\r' | b'\n')) {
        let line: String =
            String::from_utf8_lossy(head).lines().next().unwrap_or("").chars().take(60).collect();
        format!("it is text that starts with '{line}' and has no table of numbers that can be told apart")
    } else {
        let magic: Vec<String> = bytes.iter().take(8).map(|b| format!("{b:02x}")).collect();
        format!("it is binary and starts with {}", magic.join(" "))
    }
}

/// A date or clock time at the beginning of a row: `10:00:00.001`, `2024-03-01T10:00:00`.
fn clock_time(bytes: &[u8]) -> Option<String> {
    let text = crate::text::decode(bytes);
    let cells = text.lines().take(200).filter_map(|line| line.split([',', ';', '\t']).next());
    let is_time = |cell: &&str| {
        cell.matches(':').count() >= 2
            && cell.len() < 40
            && cell.chars().all(|c| c.is_ascii_digit() || ":.+-/T Z".contains(c))
    };
    cells.map(|cell| cell.trim().trim_matches('"')).find(is_time).map(str::to_owned)
}
