//! The streams of an XDF file: headers, samples, stamps, clock offsets.

use super::chunk::{Chunks, Cursor};
use super::writer::tag;
use crate::error::Error;
use std::collections::BTreeMap;
use surae_trial::{Note, Samples};

/// How a stream stores its values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Double64,
    Text,
}

impl Format {
    fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "int8" => Self::Int8,
            "int16" => Self::Int16,
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            "float32" => Self::Float32,
            "double64" => Self::Double64,
            "string" => Self::Text,
            _ => return None,
        })
    }

    /// The word of the header.
    #[cfg(feature = "lsl")]
    pub fn name(self) -> &'static str {
        match self {
            Self::Int8 => "int8",
            Self::Int16 => "int16",
            Self::Int32 => "int32",
            Self::Int64 => "int64",
            Self::Float32 => "float32",
            Self::Double64 => "double64",
            Self::Text => "string",
        }
    }

    /// Bytes of one value; 0 for text.
    pub fn size(self) -> usize {
        match self {
            Self::Int8 => 1,
            Self::Int16 => 2,
            Self::Int32 | Self::Float32 => 4,
            Self::Int64 | Self::Double64 => 8,
            Self::Text => 0,
        }
    }
}

/// A channel as the header describes it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChannelInfo {
    pub label: String,
    pub unit: String,
    pub kind: String,
}

/// One stream with everything the file holds of it.
#[derive(Clone, Debug)]
pub struct XdfStream {
    pub name: String,
    pub kind: String,
    pub channels: usize,
    pub rate_hz: f64,
    pub format: Format,
    pub can_drop_samples: bool,
    pub info: Vec<ChannelInfo>,
    /// One stamp per sample, on the stream's own clock.
    pub stamps: Vec<f64>,
    pub values: Samples,
    pub texts: Vec<String>,
    /// Collection time and offset.
    pub offsets: Vec<(f64, f64)>,
    pub footer: bool,
}

impl XdfStream {
    /// Codes that come when something happens, as trigger boxes send them: no signal.
    pub fn is_triggers(&self) -> bool {
        let named = ["markers", "marker", "events", "event", "triggers", "trigger", "stim"];
        self.rate_hz == 0.0
            && self.channels == 1
            && matches!(self.format, Format::Int8 | Format::Int16 | Format::Int32 | Format::Int64)
            && named.iter().any(|name| self.kind.eq_ignore_ascii_case(name))
    }
}

const MAX_CHANNELS: usize = 1024;

/// Gathers the streams by number; what cannot be used is a note.
pub fn gather(chunks: &mut Chunks<'_, '_>, notes: &mut Vec<Note>) -> Result<BTreeMap<u32, XdfStream>, Error> {
    let mut streams: BTreeMap<u32, XdfStream> = BTreeMap::new();
    let mut unusable: Vec<String> = Vec::new();
    let mut orphans = 0usize;
    while let Some(chunk) = chunks.next()? {
        let mut cursor = Cursor { bytes: chunk.content, at: 0 };
        if !matches!(chunk.tag, tag::STREAM_HEADER | tag::SAMPLES | tag::CLOCK_OFFSET | tag::STREAM_FOOTER) {
            continue;
        }
        let Some(id) = cursor.u32() else {
            unusable.push(format!("chunk at byte {}", chunk.at));
            continue;
        };
        if chunk.tag == tag::STREAM_HEADER {
            match header(&chunk.content[4..]) {
                Ok(stream) => {
                    streams.entry(id).or_insert(stream);
                }
                Err(why) => unusable.push(format!("stream {id} ({why})")),
            }
            continue;
        }
        let Some(stream) = streams.get_mut(&id) else {
            orphans += 1;
            continue;
        };
        match chunk.tag {
            tag::SAMPLES if !samples(stream, &mut cursor) => {
                unusable.push(format!(
                    "samples of '{}' at byte {}",
                    stream.name,
                    chunk.at + cursor.at as u64
                ));
            }
            tag::CLOCK_OFFSET => {
                let offset = cursor.f64().zip(cursor.f64());
                stream.offsets.extend(offset.filter(|(time, offset)| time.is_finite() && offset.is_finite()));
            }
            tag::STREAM_FOOTER => stream.footer = true,
            _ => {}
        }
    }
    if orphans > 0 {
        unusable.push(format!("{orphans} chunks of streams without a header"));
    }
    if !unusable.is_empty() {
        let text = format!("damaged parts were left out: {}", crate::text::list(&unusable, 8));
        notes.push(Note::warning("xdf_damaged", text));
    }
    Ok(streams)
}

/// A stream from its header, without samples; the error says what is wrong with it.
pub fn header(xml: &[u8]) -> Result<XdfStream, String> {
    let text = crate::text::decode(xml);
    let text = text.trim_matches(|c: char| c == '\0' || c.is_whitespace());
    let document = roxmltree::Document::parse(text).map_err(|e| format!("header: {e}"))?;
    let root = document.root_element();
    let get = |name: &str| {
        let node = root.children().find(|node| node.has_tag_name(name));
        node.and_then(|node| node.text()).map_or(String::new(), |text| text.trim().to_owned())
    };
    let format = get("channel_format");
    let format = Format::parse(&format).ok_or_else(|| format!("channel format '{format}'"))?;
    let channels: usize = get("channel_count").parse().map_err(|_| "no channel count".to_owned())?;
    if channels == 0 || channels > MAX_CHANNELS {
        return Err(format!("{channels} channels"));
    }
    let rate_hz: f64 = get("nominal_srate").parse().unwrap_or(0.0);
    let rate_hz = if rate_hz.is_finite() && rate_hz > 0.0 && rate_hz < 1e7 { rate_hz } else { 0.0 };
    let drop = root.descendants().find(|node| node.has_tag_name("can_drop_samples"));
    let info = root.descendants().filter(|node| node.has_tag_name("channel")).take(channels).map(|node| {
        let get = |name: &str| {
            let child = node.children().find(|child| child.has_tag_name(name));
            child.and_then(|child| child.text()).map_or(String::new(), |text| text.trim().to_owned())
        };
        ChannelInfo { label: get("label"), unit: get("unit"), kind: get("type") }
    });
    let values = match format {
        Format::Int8 | Format::Int16 => Samples::I16(Vec::new()),
        Format::Int32 => Samples::I32(Vec::new()),
        Format::Float32 => Samples::F32(Vec::new()),
        Format::Int64 | Format::Double64 | Format::Text => Samples::F64(Vec::new()),
    };
    Ok(XdfStream {
        name: get("name"),
        kind: get("type"),
        channels,
        rate_hz,
        format,
        can_drop_samples: drop.and_then(|node| node.text()).is_some_and(|text| text.trim() == "true"),
        info: info.collect(),
        stamps: Vec::new(),
        values,
        texts: Vec::new(),
        offsets: Vec::new(),
        footer: false,
    })
}

/// Reads the samples of one chunk; false when it ends inside one (whole ones are kept).
fn samples(stream: &mut XdfStream, cursor: &mut Cursor<'_>) -> bool {
    let Some(count) = cursor.count() else { return false };
    let step = if stream.rate_hz > 0.0 { 1.0 / stream.rate_hz } else { 0.0 };
    for _ in 0..count {
        let start = cursor.at;
        let stamp = match cursor.u8() {
            Some(8) => match cursor.f64() {
                Some(stamp) => stamp,
                None => return false,
            },
            // Without a stamp of its own a sample follows its predecessor.
            Some(0) => stream.stamps.last().map_or(0.0, |last| last + step),
            _ => return false,
        };
        if !values(stream, cursor) {
            cursor.at = start;
            return false;
        }
        stream.stamps.push(stamp);
    }
    true
}

fn values(stream: &mut XdfStream, cursor: &mut Cursor<'_>) -> bool {
    if stream.format == Format::Text {
        let mut texts = Vec::with_capacity(stream.channels.min(8));
        for _ in 0..stream.channels {
            let length = cursor.count().and_then(|length| usize::try_from(length).ok());
            let Some(text) = length.and_then(|length| cursor.take(length)) else { return false };
            texts.push(crate::text::string(text).into_owned());
        }
        stream.texts.append(&mut texts);
        return true;
    }
    let size = stream.format.size();
    let Some(bytes) = cursor.take(size * stream.channels) else { return false };
    let items = bytes.chunks_exact(size);
    match (&mut stream.values, stream.format) {
        (Samples::I16(v), Format::Int8) => v.extend(bytes.iter().map(|b| i16::from(b.cast_signed()))),
        (Samples::I16(v), _) => v.extend(items.map(|b| i16::from_le_bytes([b[0], b[1]]))),
        (Samples::I32(v), _) => v.extend(items.map(|b| i32::from_le_bytes([b[0], b[1], b[2], b[3]]))),
        (Samples::F32(v), _) => v.extend(items.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))),
        (Samples::F64(v), Format::Int64) => v.extend(
            items.map(|b| i64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]]) as f64),
        ),
        (Samples::F64(v), _) => {
            v.extend(items.map(|b| f64::from_le_bytes([b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]])));
        }
    }
    true
}
