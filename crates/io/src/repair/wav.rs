//! WAV whose recorder died before it wrote the sizes.

use super::{Out, Repair};
use crate::error::{Blame, Error, Position};
use crate::input::Input;

pub(super) fn repair(input: &Input<'_>, out: &mut Out<'_>) -> Result<Repair, Error> {
    let mut repair = Repair::new("WAV");
    let length = input.len();
    let mut at = 12u64;
    let mut frame = 0u64;
    let mut patches = Vec::new();
    let mut end = length;
    let mut found = false;
    while at + 8 <= length {
        let head = input.piece(at, 8)?;
        let size = u64::from(u32::from_le_bytes([head[4], head[5], head[6], head[7]]));
        let content = at + 8;
        if &head[..4] == b"fmt " && size >= 14 {
            let format = input.piece(content, 14)?;
            frame = format.get(12..14).map_or(0, |b| u64::from(u16::from_le_bytes([b[0], b[1]])));
        }
        if &head[..4] == b"data" {
            found = true;
            let there = length - content;
            // A recorder that was not closed leaves 0 or the largest number; one that was cut says more than there is.
            if size == 0 || size > there {
                let whole = there - there % frame.max(1);
                end = content + whole;
                let stated = u32::try_from(whole).unwrap_or(u32::MAX);
                patches.push((at + 4, stated.to_le_bytes().to_vec()));
                repair.say(
                    "wav_sizes",
                    format!("the header states {size} bytes of samples, the file holds {whole}: the header was corrected"),
                );
                if there > whole {
                    repair.lost_bytes = there - whole;
                    repair.say(
                        "wav_torn_frame",
                        format!("{} bytes of a torn last frame were left out", there - whole),
                    );
                }
                break;
            }
        }
        at = content + size + size % 2;
    }
    let blame = Blame { path: &input.name, format: "WAV" };
    if !found || frame == 0 {
        return Err(blame.malformed(
            Position::Byte(at.min(length)),
            "no samples follow the header",
            "nothing can be saved from it",
        ));
    }
    let riff = input.piece(4, 4)?;
    let stated = riff.get(..4).map_or(0, |b| u64::from(u32::from_le_bytes([b[0], b[1], b[2], b[3]])));
    if stated != end - 8 && (!patches.is_empty() || stated == 0 || stated > length) {
        patches.push((4, u32::try_from(end - 8).unwrap_or(u32::MAX).to_le_bytes().to_vec()));
        if patches.len() == 1 {
            repair.say(
                "wav_sizes",
                format!("the header states a file of {stated} bytes: corrected to {}", end - 8),
            );
        }
    }
    out.copy(input, end, &patches)?;
    Ok(repair)
}
