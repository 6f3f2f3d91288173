//! Tables of text whose last line is torn; headers of OpenSim and TRC that count rows.

use super::{Out, Repair};
use crate::error::{Blame, Error, Position};
use crate::input::Input;

/// True for what a text file may begin with.
pub(super) fn is_text(head: &[u8]) -> bool {
    let strange = |b: &&u8| **b < 0x20 && !matches!(**b, b'\t' | b'\r' | b'\n' | 0);
    head.first().is_some_and(|b| *b != 0) && head.iter().filter(strange).count() * 100 <= head.len()
}

pub(super) fn repair(input: &Input<'_>, out: &mut Out<'_>) -> Result<Repair, Error> {
    let mut repair = Repair::new("text");
    let bytes = input.bytes()?;
    // What a disk gives back for a block that was promised and never written.
    let solid = bytes.iter().rposition(|b| *b != 0).map_or(0, |last| last + 1);
    if solid < bytes.len() {
        repair.lost_bytes += (bytes.len() - solid) as u64;
        repair.say("text_zeros", format!("{} zero bytes at the end were left out", bytes.len() - solid));
    }
    let text = &bytes[..solid];
    let end = text.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let end = if end < text.len() {
        let torn = String::from_utf8_lossy(&text[end..]);
        let shown: String = torn.chars().take(40).collect();
        if is_whole_row(text, end) {
            repair.say(
                "text_last_line",
                format!(
                    "the last line ('{shown}') has no line end and was left out: its last number may be cut"
                ),
            );
        } else {
            repair.say("text_torn_line", format!("the torn last line ('{shown}') was left out"));
        }
        repair.lost_bytes += (text.len() - end) as u64;
        end
    } else {
        end
    };
    if end == 0 {
        return Err(Blame { path: &input.name, format: "text" }.malformed(
            Position::Line(1),
            "no whole line",
            "nothing can be saved from it",
        ));
    }
    // What was taken for text may have been the torn end of something else.
    if !is_text(&bytes[..end.min(crate::HEAD_BYTES)]) {
        return Err(Blame { path: &input.name, format: "text" }.malformed(
            Position::Line(1),
            "the whole lines hold bytes that no text has",
            "nothing can be saved from it",
        ));
    }
    let whole = &bytes[..end];
    let patched = opensim_header(whole, &mut repair).or_else(|| trc_header(whole, &mut repair));
    out.put(patched.as_deref().unwrap_or(whole))?;
    Ok(repair)
}

/// Whether the line from `end` on has as many cells as the one before it.
fn is_whole_row(text: &[u8], end: usize) -> bool {
    let start = text[..end - end.min(1)].iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1);
    let cells = |line: &[u8]| line.iter().filter(|b| matches!(b, b'\t' | b',' | b';')).count();
    cells(&text[start..end]) == cells(&text[end..])
}

/// OpenSim tables with `nRows=` or `datarows` set to the rows that are there; `None` for all other text and for whole ones.
fn opensim_header(text: &[u8], repair: &mut Repair) -> Option<Vec<u8>> {
    let head = &text[..text.len().min(64 << 10)];
    let lower = head.to_ascii_lowercase();
    let at = lower.windows(9).position(|window| window == b"endheader")?;
    repair.format = "OpenSim table";
    let key = [&b"nrows="[..], b"datarows "].into_iter().find_map(|key| {
        lower[..at].windows(key.len()).position(|w| w == key).map(|found| found + key.len())
    })?;
    let digits = text[key..].iter().take_while(|b| b.is_ascii_digit()).count();
    let stated: usize = std::str::from_utf8(&text[key..key + digits]).ok()?.parse().ok()?;
    let body = text[at..].iter().position(|b| *b == b'\n').map(|nl| at + nl + 1)?;
    let lines = text[body..].split(|b| *b == b'\n');
    // The first line with content holds the labels.
    let rows = lines.filter(|line| line.iter().any(|b| !b.is_ascii_whitespace())).count().saturating_sub(1);
    if rows == stated {
        return None;
    }
    repair
        .say("rows", format!("the header states {stated} rows, {rows} are there: the header was corrected"));
    let mut patched = text[..key].to_vec();
    patched.extend_from_slice(rows.to_string().as_bytes());
    patched.extend_from_slice(&text[key + digits..]);
    Some(patched)
}

/// TRC with `NumFrames` set to the frames that are there; `None` for all other text and for whole files.
fn trc_header(text: &[u8], repair: &mut Repair) -> Option<Vec<u8>> {
    if !text.starts_with(b"PathFileType") {
        return None;
    }
    repair.format = "TRC";
    let mut starts = text.iter().enumerate().filter(|(_, b)| **b == b'\n').map(|(at, _)| at + 1);
    let (names, values, body) = (starts.next()?, starts.next()?, starts.next()?);
    let place = cells(&text[names..values]).position(|cell| cell.eq_ignore_ascii_case(b"NumFrames"))?;
    let cell = cells(&text[values..body]).nth(place)?;
    let stated: usize = std::str::from_utf8(cell).ok()?.parse().ok()?;
    // A row of data begins with the number of its frame; the rows of names and axes do not.
    let is_row = |line: &[u8]| cells(line).next().is_some_and(|cell| cell.iter().all(u8::is_ascii_digit));
    let frames = text[body..].split(|b| *b == b'\n').filter(|line| is_row(line)).count();
    if frames == stated {
        return None;
    }
    repair.say(
        "rows",
        format!("the header states {stated} frames, {frames} are there: the header was corrected"),
    );
    let line = &text[values..body];
    let at = values + line.windows(cell.len()).position(|found| std::ptr::eq(found, cell))?;
    Some([&text[..at], frames.to_string().as_bytes(), &text[at + cell.len()..]].concat())
}

/// Cells between white space.
fn cells(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(u8::is_ascii_whitespace).filter(|cell| !cell.is_empty())
}
