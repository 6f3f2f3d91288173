//! XDF that was not closed or is damaged within: every chunk that can be read, whole samples only, and the footers.

use super::{Out, Repair};
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::xdf::chunk::{Chunks, Cursor};
use crate::xdf::streams::{XdfStream, header};
use crate::xdf::writer::{self, tag};
use std::collections::BTreeMap;

/// A stream as far as it was copied.
struct Copied {
    stream: XdfStream,
    samples: u64,
    first: f64,
    last: f64,
    footer: bool,
}

pub(super) fn repair(input: &Input<'_>, out: &mut Out<'_>) -> Result<Repair, Error> {
    let mut repair = Repair::new("XDF");
    let mut streams: BTreeMap<u32, Copied> = BTreeMap::new();
    let mut chunks = Chunks::new(input);
    let mut torn_samples = 0usize;
    out.put(b"XDF:")?;
    while let Some(chunk) = chunks.next()? {
        let mut content = chunk.content.to_vec();
        let id = content.get(..4).map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
        match (chunk.tag, id) {
            (tag::STREAM_HEADER, Some(id)) => {
                if let Ok(stream) = header(&content[4..]) {
                    let copied =
                        Copied { stream, samples: 0, first: f64::NAN, last: f64::NAN, footer: false };
                    streams.entry(id).or_insert(copied);
                }
            }
            (tag::SAMPLES, Some(id)) => {
                let Some(copied) = streams.get_mut(&id) else {
                    torn_samples += 1;
                    repair.lost_bytes += content.len() as u64;
                    continue;
                };
                let (count, whole, end) = walk(copied, &content);
                if whole < count {
                    torn_samples += 1;
                    let mut kept = content[..4].to_vec();
                    writer::count(&mut kept, whole as usize);
                    let begin = begin_of_samples(&content);
                    kept.extend_from_slice(&content[begin.min(end)..end]);
                    repair.lost_bytes += content.len().saturating_sub(kept.len()) as u64;
                    content = kept;
                }
            }
            (tag::STREAM_FOOTER, Some(id)) => {
                if let Some(copied) = streams.get_mut(&id) {
                    copied.footer = true;
                }
            }
            _ => {}
        }
        let mut bytes = Vec::with_capacity(content.len() + 7);
        // Writing into memory cannot fail.
        let _ = writer::chunk(&mut bytes, chunk.tag, &content);
        out.put(&bytes)?;
    }
    let damage = chunks.damage;
    if streams.is_empty() {
        return Err(Blame { path: &input.name, format: "XDF" }.malformed(
            Position::Byte(damage.torn_at.unwrap_or(4)),
            "no stream header can be read",
            "nothing can be saved from it",
        ));
    }
    for (from, to) in &damage.skipped {
        repair.lost_bytes += to - from;
        repair.say("xdf_damaged", format!("bytes {from} to {to} hold no readable chunk and were left out"));
    }
    if let Some(at) = damage.torn_at {
        repair.lost_bytes += input.len() - at;
        repair.say(
            "xdf_torn",
            format!("{} bytes of a torn chunk from byte {at} on were left out", input.len() - at),
        );
    }
    if torn_samples > 0 {
        repair.say(
            "xdf_samples",
            format!("{torn_samples} chunks held damaged samples; their whole ones were kept"),
        );
    }
    footers(&streams, &mut repair, out)?;
    Ok(repair)
}

/// Footers for the streams that have none: what a closed recording ends with.
fn footers(streams: &BTreeMap<u32, Copied>, repair: &mut Repair, out: &mut Out<'_>) -> Result<(), Error> {
    let open: Vec<_> = streams.iter().filter(|(_, copied)| !copied.footer).collect();
    for (id, copied) in &open {
        let mut content = id.to_le_bytes().to_vec();
        content.extend_from_slice(writer::footer(copied.first, copied.last, copied.samples).as_bytes());
        let mut bytes = Vec::new();
        // Writing into memory cannot fail.
        let _ = writer::chunk(&mut bytes, tag::STREAM_FOOTER, &content);
        out.put(&bytes)?;
    }
    if !open.is_empty() {
        let ends: Vec<String> = open
            .iter()
            .map(|(_, c)| match c.samples {
                0 => format!("'{}' (no samples)", c.stream.name),
                n => format!("'{}' ({n} samples, to {:.3} s)", c.stream.name, c.last - c.first),
            })
            .collect();
        let text =
            format!("the recording was not closed; footers were added for {}", crate::text::list(&ends, 8));
        repair.say("xdf_footers", text);
    }
    Ok(())
}

fn begin_of_samples(content: &[u8]) -> usize {
    let mut cursor = Cursor { bytes: content, at: 4 };
    let _ = cursor.count();
    cursor.at
}

/// Goes through the samples of a chunk: how many it states, how many are whole, where those end.
fn walk(copied: &mut Copied, content: &[u8]) -> (u64, u64, usize) {
    let mut cursor = Cursor { bytes: content, at: 4 };
    let Some(count) = cursor.count() else { return (1, 0, cursor.at.min(content.len())) };
    let step = if copied.stream.rate_hz > 0.0 { 1.0 / copied.stream.rate_hz } else { 0.0 };
    let mut whole = 0;
    let mut end = cursor.at;
    while whole < count {
        let stamp = match cursor.u8() {
            Some(8) => cursor.f64(),
            Some(0) => Some(if copied.last.is_nan() { 0.0 } else { copied.last + step }),
            _ => None,
        };
        let (Some(stamp), true) = (stamp, skip_values(&copied.stream, &mut cursor)) else { break };
        if copied.samples == 0 {
            copied.first = stamp;
        }
        copied.last = stamp;
        copied.samples += 1;
        whole += 1;
        end = cursor.at;
    }
    (count, whole, end)
}

fn skip_values(stream: &XdfStream, cursor: &mut Cursor<'_>) -> bool {
    match stream.format.size() {
        0 => (0..stream.channels).all(|_| {
            let length = cursor.count().and_then(|length| usize::try_from(length).ok());
            length.is_some_and(|length| cursor.take(length).is_some())
        }),
        size => cursor.take(size * stream.channels).is_some(),
    }
}
