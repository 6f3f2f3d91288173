//! A Lab Streaming Layer stream as a byte source: its samples in the form of [`crate::device::lsl`], each with its stamp.
//!
//! A stream is named by its name, or by what it says of itself: `type=EMG`, `source_id=abc`, several with commas. More than one that fits
//! is refused, because two electrodes must not be taken for each other. When the connection ends, the source is gone and is opened again
//! by the same words.

use super::{ByteSource, READ_TIMEOUT};
use crate::device::lsl::{encode, frame_len};
use crate::error::Error;
use crate::lsl::{Found, Inlet, LslError, local_clock, resolve};
use crate::xdf::streams::header as stream_header;
use std::fmt::Write as _;
use std::io;
use std::time::{Duration, Instant};

/// How long a stream is looked for, s.
const FIND_S: f64 = 2.0;
/// How long another one that fits is looked for when one was found, s: questions are asked again after half a second.
const ANOTHER_S: f64 = 0.7;
/// Longest wait for a description and a clock, s.
const ANSWER_S: f64 = 3.0;
/// Time between two comparisons of the clocks.
const COMPARE_EVERY: Duration = Duration::from_secs(1);
/// Silence after which the network is asked whether the stream is still that one.
const SILENT: Duration = Duration::from_secs(5);
/// Stamps further in the past, or in the future, are not on LSL's clock, s.
const AGES: std::ops::Range<f64> = -0.5..600.0;

/// What to do where the library refuses.
const CHECK: &str = "check that the program that streams is running";

/// What of a stream may be stated.
const KEYS: [&str; 5] = ["name", "type", "source_id", "hostname", "uid"];

struct Lsl {
    inlet: Inlet,
    predicate: String,
    name: String,
    told: String,
    uid: String,
    rate_hz: f64,
    channels: usize,
    correction_s: f64,
    compared: Instant,
    heard: Instant,
    /// Samples that wait to be read, in bytes, and how far they were.
    bytes: Vec<u8>,
    given: usize,
    stamps: Vec<f64>,
    values: Vec<f64>,
    age_s: f64,
}

/// `NAME`, or `type=EMG,source_id=abc`, as a predicate of XPath.
fn predicate(stated: &str) -> Result<String, String> {
    let stated = stated.strip_prefix("lsl://").unwrap_or(stated);
    let parts = stated.split(',').map(|part| part.trim().split_once('='));
    let by_key: Option<Vec<(&str, &str)>> = parts.collect();
    let by_key = by_key.filter(|parts| parts.iter().all(|(key, _)| KEYS.contains(&key.trim())));
    let by_key = by_key.unwrap_or_else(|| vec![("name", stated)]);
    let quoted = |text: &str| match (text.contains('\''), text.contains('"')) {
        (false, _) => Ok(format!("'{text}'")),
        (true, false) => Ok(format!("\"{text}\"")),
        _ => Err(format!("{text}: quotes of both kinds cannot be asked for")),
    };
    let terms: Result<Vec<String>, String> =
        by_key.iter().map(|(key, value)| Ok(format!("{}={}", key.trim(), quoted(value.trim())?))).collect();
    Ok(terms?.join(" and "))
}

/// The one stream that is meant: a name, or `type=EMG,source_id=abc`.
///
/// # Errors
/// There is no library, no such stream, or more than one; the message lists what there is.
pub fn find(port: &str) -> Result<Found, Error> {
    let problem =
        |what: String, todo: &str| Error::Port { port: port.to_owned(), what, todo: todo.to_owned() };
    let refused = |error: LslError| problem(error.to_string(), CHECK);
    let predicate = predicate(port).map_err(|what| problem(what, "name the stream by its source_id"))?;
    let mut found = resolve(Some(&predicate), 1, FIND_S).map_err(refused)?;
    if !found.is_empty() {
        let again = resolve(Some(&predicate), 2, ANOTHER_S).map_err(refused)?;
        found = if again.is_empty() { found } else { again };
    }
    if found.is_empty() {
        let all = resolve(None, 1, 1.0).map_err(refused)?;
        let there = if all.is_empty() { "none".to_owned() } else { listed(&all) };
        return Err(problem(
            format!("no such LSL stream; streams on the network: {there}"),
            "start the program that streams, on this network, with a firewall that lets UDP 16571 and TCP 16572 on pass",
        ));
    }
    if found.len() > 1 {
        return Err(problem(
            format!("several LSL streams fit: {}", listed(&found)),
            "name one, for example by source_id=... or hostname=...",
        ));
    }
    Ok(found.remove(0))
}

pub(super) fn open(port: &str) -> Result<Box<dyn ByteSource>, Error> {
    let problem =
        |what: String, todo: &str| Error::Port { port: port.to_owned(), what, todo: todo.to_owned() };
    let refused = |error: LslError| problem(error.to_string(), CHECK);
    let found = find(port)?;
    if found.is_text {
        return Err(problem(
            format!("{} sends text, no samples", found.name),
            "take its marks with --marks lsl://NAME",
        ));
    }
    let inlet = Inlet::open(&found, ANSWER_S).map_err(refused)?;
    let xml = inlet.xml(ANSWER_S).map_err(refused)?;
    let told = told(&xml).map_err(|what| problem(what, "tell the makers of the program that streams"))?;
    let correction_s = inlet.time_correction(ANSWER_S).map_err(refused)?;
    let now = Instant::now();
    Ok(Box::new(Lsl {
        inlet,
        predicate: predicate(port).unwrap_or_default(),
        name: port.to_owned(),
        told,
        rate_hz: found.rate_hz,
        channels: found.channels,
        uid: found.uid,
        correction_s,
        compared: now,
        heard: now,
        bytes: Vec::new(),
        given: 0,
        stamps: Vec::new(),
        values: Vec::new(),
        age_s: 0.0,
    }))
}

fn listed(found: &[Found]) -> String {
    let one = |f: &Found| format!("{} (type={}, source_id={}, {})", f.name, f.kind, f.source_id, f.hostname);
    let names: Vec<String> = found.iter().map(one).collect();
    crate::text::list(&names, 8)
}

/// What the description says, one `name=value` a line, in ASCII.
fn told(xml: &str) -> Result<String, String> {
    let stream = stream_header(xml.as_bytes())?;
    let mut told = format!("type={}\nformat={}\n", line_of(&stream.kind), stream.format.name());
    if stream.rate_hz > 0.0 {
        let _ = writeln!(told, "rate_hz={}", stream.rate_hz);
    }
    for channel in &stream.info {
        // Micro is the one sign of a unit that is not ASCII.
        let unit = channel.unit.replace(['\u{b5}', '\u{3bc}'], "u");
        let cells = [&channel.label, &unit, &channel.kind].map(|cell| line_of(cell));
        let _ = writeln!(told, "channel={}", cells.join("\t"));
    }
    Ok(told)
}

fn line_of(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).take(80).collect()
}

impl Lsl {
    /// Takes what came, waiting up to 20 ms.
    fn pull(&mut self) -> Result<(), LslError> {
        self.stamps.clear();
        self.values.clear();
        self.bytes.clear();
        self.given = 0;
        self.inlet.pull(READ_TIMEOUT.as_secs_f64(), &mut self.stamps, &mut self.values)?;
        if self.stamps.is_empty() {
            return self.still_there();
        }
        self.heard = Instant::now();
        if self.compared.elapsed() >= COMPARE_EVERY {
            self.compared = Instant::now();
            // Until there is a new comparison the last one holds.
            self.correction_s = self.inlet.time_correction(0.0).unwrap_or(self.correction_s);
        }
        let now_s = local_clock()?;
        for (stamp, values) in self.stamps.iter().zip(self.values.chunks_exact(self.channels)) {
            let foreign = !AGES.contains(&(now_s - stamp - self.correction_s));
            encode(self.rate_hz, *stamp, foreign, values, &mut self.bytes);
        }
        Ok(())
    }

    /// A source that was switched off leaves a connection that is silent for ever: whether it started anew only the network knows.
    fn still_there(&mut self) -> Result<(), LslError> {
        if self.heard.elapsed() < SILENT {
            return Ok(());
        }
        self.heard = Instant::now();
        let found = resolve(Some(&self.predicate), 1, 0.5)?;
        let anew = !found.is_empty() && found.iter().all(|found| found.uid != self.uid);
        if anew { Err(LslError::Lost) } else { Ok(()) }
    }
}

impl ByteSource for Lsl {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.given == self.bytes.len() {
            self.pull().map_err(|error| io::Error::new(io::ErrorKind::UnexpectedEof, error.to_string()))?;
        }
        let n = buffer.len().min(self.bytes.len() - self.given);
        buffer[..n].copy_from_slice(&self.bytes[self.given..self.given + n]);
        self.given += n;
        let whole = self.given / frame_len(self.channels);
        let newest = self.stamps.get(whole.saturating_sub(1)).filter(|_| n > 0);
        let age_s = newest.zip(local_clock().ok()).map(|(stamp, now_s)| now_s - stamp - self.correction_s);
        self.age_s = age_s.filter(|age_s| AGES.contains(age_s)).unwrap_or(0.0);
        Ok(n)
    }

    fn write(&mut self, _: &[u8]) -> io::Result<()> {
        Ok(())
    }

    fn age_s(&self) -> f64 {
        self.age_s
    }

    fn name(&self) -> &str {
        &self.name
    }

    fn told(&self) -> &str {
        &self.told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_asked_for_by_name_or_by_what_they_say() {
        assert_eq!(predicate("My EMG").as_deref(), Ok("name='My EMG'"));
        assert_eq!(predicate("type=EMG, source_id=x1").as_deref(), Ok("type='EMG' and source_id='x1'"));
        // No key of LSL: part of a name.
        assert_eq!(predicate("a=b").as_deref(), Ok("name='a=b'"));
        assert_eq!(predicate("Anna's").as_deref(), Ok("name=\"Anna's\""));
        assert!(predicate("a'b\"c").is_err());
    }

    #[test]
    fn a_description_becomes_lines() {
        let xml = "<?xml version=\"1.0\"?><info><name>x</name><type>EMG</type><channel_count>2</channel_count>\
                   <channel_format>float32</channel_format><nominal_srate>500</nominal_srate><desc><channels>\
                   <channel><label>RMG</label><unit>\u{b5}V</unit><type>EMG</type></channel>\
                   <channel><label>a\nb</label></channel></channels></desc></info>";
        let lines = "type=EMG\nformat=float32\nrate_hz=500\nchannel=RMG\tuV\tEMG\nchannel=a b\t\t\n";
        assert_eq!(told(xml).as_deref(), Ok(lines));
        assert!(told("<info").is_err());
    }
}
