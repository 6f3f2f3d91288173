//! Chunks of an XDF file, written.

use std::fmt::Write as _;
use std::io::{self, Write};
use surae_trial::NativeType;

/// Chunk tags of the format.
pub mod tag {
    pub const FILE_HEADER: u16 = 1;
    pub const STREAM_HEADER: u16 = 2;
    pub const SAMPLES: u16 = 3;
    pub const CLOCK_OFFSET: u16 = 4;
    pub const BOUNDARY: u16 = 5;
    pub const STREAM_FOOTER: u16 = 6;
}

/// The bytes by which a reader finds its way back after damage.
pub const BOUNDARY: [u8; 16] =
    [0x43, 0xa5, 0x46, 0xdc, 0xcb, 0xf5, 0x41, 0x0f, 0xb3, 0x0e, 0xd5, 0x46, 0x73, 0x83, 0xcb, 0xe4];

/// Writes one chunk; `content` begins with the stream number where the tag has one.
pub fn chunk(out: &mut impl Write, tag: u16, content: &[u8]) -> io::Result<()> {
    let length = content.len() as u64 + 2;
    match u32::try_from(length) {
        Ok(length) => {
            out.write_all(&[4])?;
            out.write_all(&length.to_le_bytes())?;
        }
        Err(_) => {
            out.write_all(&[8])?;
            out.write_all(&length.to_le_bytes())?;
        }
    }
    out.write_all(&tag.to_le_bytes())?;
    out.write_all(content)
}

/// A count in the format's variable-length form.
pub fn count(out: &mut Vec<u8>, count: usize) {
    out.push(4);
    out.extend_from_slice(&(count as u32).to_le_bytes());
}

/// The XML of a footer.
pub fn footer(first: f64, last: f64, samples: u64) -> String {
    format!(
        "<?xml version=\"1.0\"?><info><first_timestamp>{first}</first_timestamp><last_timestamp>{last}</last_timestamp>\
         <sample_count>{samples}</sample_count></info>"
    )
}

/// The format's name of a number type.
pub fn format_name(native: NativeType) -> &'static str {
    match native {
        NativeType::I16 => "int16",
        NativeType::I32 => "int32",
        NativeType::F32 => "float32",
        NativeType::F64 => "double64",
    }
}

/// Labels, units and kinds as the `<channels>` of a description.
pub fn channels_xml<'a>(channels: impl Iterator<Item = (&'a str, &'a str, &'a str)>) -> String {
    let mut xml = String::from("<channels>");
    for (label, unit, kind) in channels {
        // Writing into a String cannot fail.
        let _ = write!(
            xml,
            "<channel><label>{}</label><unit>{}</unit><type>{}</type></channel>",
            escape(label),
            escape(unit),
            escape(kind)
        );
    }
    xml.push_str("</channels>");
    xml
}

/// Text escaped for XML.
pub fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            // XML 1.0 has no other control characters.
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}

/// The header of a stream.
#[derive(Debug)]
pub struct StreamHeader<'a> {
    pub name: &'a str,
    pub kind: &'a str,
    pub channels: usize,
    pub rate_hz: f64,
    pub format: &'a str,
    pub source_id: &'a str,
    /// Inner XML of `<desc>`.
    pub desc: &'a str,
}

impl StreamHeader<'_> {
    pub fn xml(&self) -> String {
        let mut xml = String::from("<?xml version=\"1.0\"?><info>");
        // Writing into a String cannot fail.
        let _ = write!(
            xml,
            "<name>{}</name><type>{}</type><channel_count>{}</channel_count><nominal_srate>{}</nominal_srate>\
             <channel_format>{}</channel_format><source_id>{}</source_id><version>1.1</version>\
             <desc>{}</desc></info>",
            escape(self.name),
            escape(self.kind),
            self.channels,
            self.rate_hz,
            self.format,
            escape(self.source_id),
            self.desc
        );
        xml
    }
}
