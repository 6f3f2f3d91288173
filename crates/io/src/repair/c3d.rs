//! C3D cut within its data: the frame counts of header and parameters are set to the whole frames that are there.

use super::{Out, Patch, Repair};
use crate::error::{Blame, Error, Position};
use crate::input::Input;

/// Word order of the file.
#[derive(Clone, Copy)]
enum Order {
    Intel,
    Dec,
    Mips,
}

impl Order {
    fn word(self, bytes: &[u8]) -> u16 {
        match self {
            Self::Mips => u16::from_be_bytes([bytes[0], bytes[1]]),
            _ => u16::from_le_bytes([bytes[0], bytes[1]]),
        }
    }

    fn bytes(self, word: u16) -> [u8; 2] {
        match self {
            Self::Mips => word.to_be_bytes(),
            _ => word.to_le_bytes(),
        }
    }

    /// The sign bit of a float.
    fn is_negative(self, bytes: &[u8]) -> bool {
        let at = match self {
            Self::Intel => 3,
            Self::Dec => 1,
            Self::Mips => 0,
        };
        bytes[at] & 0x80 != 0
    }
}

pub(super) fn repair(input: &Input<'_>, out: &mut Out<'_>) -> Result<Repair, Error> {
    let mut repair = Repair::new("C3D");
    let blame = Blame { path: &input.name, format: "C3D" };
    let broken = |at: u64, what: &str| {
        blame.malformed(
            Position::Byte(at),
            what.to_owned(),
            "the header is damaged: nothing can be saved without it",
        )
    };
    let header = input.piece(0, 512)?;
    let parameters = (u64::from(header[0]).max(1) - 1) * 512;
    let lead = input.piece(parameters, 4)?;
    let order = match lead.get(3) {
        Some(84) => Order::Intel,
        Some(85) => Order::Dec,
        Some(86) => Order::Mips,
        _ => return Err(broken(parameters + 3, "no processor type")),
    };
    let word = |at: usize| u64::from(order.word(&header[at..]));
    let (points, analog, first, last) = (word(2), word(4), word(6), word(8));
    let data = word(16).max(1).saturating_sub(1) * 512;
    let size = if order.is_negative(&header[12..16]) { 4 } else { 2 };
    let frame = points * 4 * size + analog * size;
    if frame == 0 || data < 1024 {
        return Err(broken(2, "no points and no analog channels in the header"));
    }
    let there = input.len().saturating_sub(data) / frame;
    let stated = (last + 1).saturating_sub(first);
    let found = Counts::find(input, parameters, u64::from(lead[2]) * 512, order)?;
    if there >= stated {
        out.copy(input, input.len(), &[])?;
        return Ok(repair);
    }
    if there == 0 {
        return Err(blame.malformed(Position::Byte(data), "no whole frame", "nothing can be saved from it"));
    }
    let torn = input.len() - data - there * frame;
    repair.lost_bytes = torn;
    repair.say(
        "c3d_frames",
        format!(
            "the header states {stated} frames, the file holds {there} whole ones: {} frames are lost",
            stated - there
        ),
    );
    if torn > 0 {
        repair.say("c3d_torn_frame", format!("{torn} bytes of a torn last frame were left out"));
    }
    let end = first + there - 1;
    let mut patches: Vec<Patch> = vec![(8, order.bytes(end.min(65_535) as u16).to_vec())];
    patches.extend(found.patches(there, end, order));
    let length = data + there * frame;
    out.copy(input, length, &patches)?;
    // Data come in blocks of 512 bytes; readers stop at the frame count.
    out.put(&vec![0; (512 - length % 512) as usize % 512])?;
    Ok(repair)
}

/// Where the parameters keep frame counts.
#[derive(Default)]
struct Counts {
    frames_at: Option<u64>,
    end_field_at: Option<u64>,
}

impl Counts {
    fn find(input: &Input<'_>, start: u64, length: u64, order: Order) -> Result<Self, Error> {
        let bytes = input.piece(start, usize::try_from(length.min(1 << 20)).unwrap_or(0))?;
        let mut groups: Vec<(i8, String)> = Vec::new();
        let mut found: Vec<(i8, String, u64)> = Vec::new();
        let mut at = 4usize;
        while let Some([name_length, id]) = bytes.get(at..at + 2) {
            let (name_length, id) = (usize::from(name_length.cast_signed().unsigned_abs()), id.cast_signed());
            let link = at + 2 + name_length;
            let (Some(name), Some(next), true) =
                (bytes.get(at + 2..link), bytes.get(link..link + 2), name_length > 0)
            else {
                break;
            };
            let name: String = name.iter().map(|b| char::from(*b).to_ascii_uppercase()).collect();
            if id < 0 {
                groups.push((id.wrapping_neg(), name));
            } else if let Some([kind, dimensions]) = bytes.get(link + 2..link + 4) {
                // Integers of two bytes.
                if *kind == 2 {
                    let values = link + 4 + usize::from(*dimensions);
                    found.push((id, name, start + values as u64));
                }
            }
            match usize::from(order.word(next)) {
                0 => break,
                step => at = link + step,
            }
        }
        let place = |group: &str, name: &str| {
            let id = groups.iter().find(|(_, g)| g == group)?.0;
            found.iter().find(|(g, n, _)| *g == id && n == name).map(|(_, _, at)| *at)
        };
        Ok(Self { frames_at: place("POINT", "FRAMES"), end_field_at: place("TRIAL", "ACTUAL_END_FIELD") })
    }

    fn patches(&self, frames: u64, end: u64, order: Order) -> Vec<Patch> {
        let mut patches = Vec::new();
        patches.extend(self.frames_at.map(|at| (at, order.bytes(frames.min(65_535) as u16).to_vec())));
        // Two words, the low one first.
        let field = |at| (at, [order.bytes((end & 0xffff) as u16), order.bytes((end >> 16) as u16)].concat());
        patches.extend(self.end_field_at.map(field));
        patches
    }
}
