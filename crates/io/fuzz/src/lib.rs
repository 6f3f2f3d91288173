//! What must hold whatever the bytes: no panic, no overflow, bounded memory, and the promises of readers and decoders.
//!
//! A target is the name of a format (`c3d`), `device-` and the name of a decoder (`device-cyton`), `any` (the format is told by
//! the content, as for a user's file), `repair`, `map`, `profile`, or `xdf-log` (the log within a recording of our own). A new
//! format is a target at once. The promises are those of `crates/io/tests/all/mutated`, which asks for them in every test run.

#[path = "../../tests/all/mutated/devices.rs"]
mod devices;
#[path = "../../tests/all/mutated/layouts.rs"]
mod layouts;
mod memory;
#[path = "../../tests/all/mutated/promises.rs"]
mod promises;
mod recording;
mod texts;

use promises::promises;
use std::path::Path;
use surae_io::{Error, FORMATS, Format, HEAD_BYTES, Input};

#[global_allocator]
static MEMORY: memory::Counting = memory::Counting;

/// Bytes that an input may take at most: this, and [`TIMES`] its size. Compressed formats are given [`INFLATED`] times their size.
const CONSTANT: usize = 16 << 20;
const TIMES: usize = 4;
const INFLATED: usize = 1200;

/// What is fuzzed.
pub enum Target {
    /// One reader, whether it recognises the bytes or not.
    Reader(&'static dyn Format),
    /// The reader that the content chooses.
    Any,
    /// The session log of a recording.
    Log,
    /// `surae repair`.
    Repair,
    /// A map of channels.
    Map,
    /// A profile.
    Profile,
    /// One device decoder.
    Device(devices::Make),
}

const OTHERS: [&str; 5] = ["any", "map", "profile", "repair", "xdf-log"];

/// All names.
#[must_use]
pub fn names() -> Vec<String> {
    let formats = FORMATS.iter().map(|format| format.name().to_owned());
    let devices = devices::DECODERS.iter().map(|(name, _, _)| format!("device-{name}"));
    formats.chain(devices).chain(OTHERS.map(str::to_owned)).collect()
}

impl Target {
    /// The target of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let device = |name: &str| {
            devices::DECODERS.iter().find(|(known, _, _)| *known == name).map(|(_, make, _)| *make)
        };
        match name {
            "any" => Some(Self::Any),
            "map" => Some(Self::Map),
            "profile" => Some(Self::Profile),
            "repair" => Some(Self::Repair),
            "xdf-log" => Some(Self::Log),
            _ => match name.strip_prefix("device-") {
                Some(name) => device(name).map(Self::Device),
                None => {
                    FORMATS.iter().find(|format| format.name() == name).map(|format| Self::Reader(*format))
                }
            },
        }
    }

    /// One input.
    ///
    /// # Panics
    /// When a promise is broken: that is the finding.
    pub fn run(&self, data: &[u8]) {
        let mut size = data.len();
        let held = memory::most_held(|| match self {
            Self::Reader(format) => read_as(*format, data),
            Self::Any => answer(surae_io::read_bytes("fuzz", data)),
            Self::Log => {
                let bytes = recording::around(data);
                size = bytes.len();
                read_as(reader("xdf"), &bytes);
            }
            Self::Repair => repair(data),
            Self::Map => texts::map(&String::from_utf8_lossy(data)),
            Self::Profile => texts::profile(&String::from_utf8_lossy(data)),
            Self::Device(make) => devices::any_split_is_the_same(*make, data),
        });
        let times = if self.inflates() { INFLATED } else { TIMES };
        assert!(held <= CONSTANT + times * size, "{held} bytes of memory for {size} bytes");
    }

    /// Whether the input may be compressed: its size says little of what is in it.
    fn inflates(&self) -> bool {
        match self {
            Self::Reader(format) => ["hdf5", "mat", "npz", "parquet"].contains(&format.name()),
            Self::Any => true,
            _ => false,
        }
    }
}

fn reader(name: &str) -> &'static dyn Format {
    *FORMATS.iter().find(|format| format.name() == name).expect("a format of this name")
}

fn answer(read: Result<surae_trial::Trial, Error>) {
    match read {
        Ok(trial) => promises(&trial),
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn read_as(format: &dyn Format, data: &[u8]) {
    let _ = format.recognise(&data[..data.len().min(HEAD_BYTES)]);
    answer(format.read(&Input::memory("fuzz", data)));
    if let Ok(mut pieces) = format.open(Input::memory("fuzz", data)) {
        while let Ok(Some(_)) = pieces.next_chunk() {}
    }
}

/// What is repaired once is whole for good.
fn repair(data: &[u8]) {
    match surae_io::repair_bytes("fuzz", data) {
        Ok((repaired, _)) => {
            let (again, done) =
                surae_io::repair_bytes("fuzz", &repaired).expect("repaired, it can be repaired");
            assert!(done.notes.is_empty(), "repaired again: {done:?}");
            assert!(again == repaired, "a whole file stays as it is");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

/// Inputs to start from that are no files of `fixtures/`.
///
/// # Panics
/// When the folder cannot be written.
pub fn write_seeds(name: &str, folder: &Path) {
    let layouts = || layouts::LAYOUTS.iter().map(|text| text.as_bytes().to_vec()).collect();
    let seeds: Vec<Vec<u8>> = match name.strip_prefix("device-") {
        Some(device) => devices::seeds(device),
        None => match name {
            "xdf-log" => vec![recording::LOG.as_bytes().to_vec()],
            "xdf" | "repair" => vec![recording::around(recording::LOG.as_bytes())],
            "map" => vec![texts::MAP.as_bytes().to_vec()],
            "profile" => vec![texts::PROFILE.as_bytes().to_vec()],
            _ => layouts(),
        },
    };
    for (number, bytes) in seeds.iter().enumerate() {
        std::fs::write(folder.join(format!("seed-{number}")), bytes).expect("the folder can be written");
    }
}
