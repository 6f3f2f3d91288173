//! MATLAB level 5 files (versions 5 to 7): numeric arrays, also inside structures, and texts. From MathWorks' MAT-file
//! format document. Not for objects, sparse matrices, functions, nor level 4.

use super::{Array, Element, Found, Texts};
use crate::error::{Blame, Error, Position};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use flate2::read::ZlibDecoder;
use std::io::Read;
use surae_trial::Trial;

/// Most bytes that one variable may unpack to.
const MOST_BYTES: u64 = 2 << 30;
/// Structures inside structures.
const DEEPEST: usize = 12;
/// Most arrays taken from one file.
const MOST_ARRAYS: usize = 10_000;

const MATRIX: u32 = 14;
const COMPRESSED: u32 = 15;

/// MATLAB 5 to 7.
pub struct Mat5;

impl Format for Mat5 {
    fn name(&self) -> &'static str {
        "mat"
    }

    fn title(&self) -> &'static str {
        "MATLAB 5 to 7"
    }

    fn recognise(&self, bytes: &[u8]) -> Confidence {
        let marked = matches!(bytes.get(126..128), Some(b"IM" | b"MI"));
        match (marked, bytes.starts_with(b"MATLAB 5.0")) {
            (true, true) => Confidence::Sure,
            // Other programs write other first words.
            (true, false) if matches!(bytes.get(124..126), Some([0, 1] | [1, 0])) => Confidence::Guess,
            _ => Confidence::No,
        }
    }

    fn read(&self, input: &Input<'_>) -> Result<Trial, Error> {
        let blame = Blame { path: &input.name, format: "MATLAB" };
        let bytes = input.bytes()?;
        let reader = Reader { big: bytes.get(126..128) == Some(b"MI") };
        let mut found = Found::default();
        let mut at = 128;
        let mut damage = None;
        while at + 8 <= bytes.len() {
            let Some(element) = reader.element(bytes, at) else {
                damage = Some(at);
                break;
            };
            match element.kind {
                COMPRESSED => match unpacked(element.body) {
                    Some(all) => match reader.element(&all, 0) {
                        Some(inner) if inner.kind == MATRIX => reader.matrix(inner.body, "", 0, &mut found),
                        _ => damage = Some(at),
                    },
                    None => damage = Some(at),
                },
                MATRIX => reader.matrix(element.body, "", 0, &mut found),
                _ => {}
            }
            if damage.is_some() {
                break;
            }
            at = element.end;
        }
        if let Some(at) = damage {
            found.skipped.push(format!("what follows from byte {at} on (damaged or cut)"));
            if found.arrays.is_empty() {
                let todo = "the file is damaged or cut; save it again";
                return Err(blame.malformed(Position::Byte(at as u64), "no whole variable before it", todo));
            }
        }
        super::trial(found, input, &blame)
    }
}

fn unpacked(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut all = Vec::new();
    ZlibDecoder::new(bytes).take(MOST_BYTES).read_to_end(&mut all).ok()?;
    Some(all)
}

/// One data element.
struct Piece<'a> {
    kind: u32,
    body: &'a [u8],
    /// Where the next one begins.
    end: usize,
}

struct Reader {
    big: bool,
}

impl Reader {
    fn u32(&self, bytes: &[u8], at: usize) -> Option<u32> {
        let own: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
        Some(if self.big { u32::from_be_bytes(own) } else { u32::from_le_bytes(own) })
    }

    /// The element at `at`; `None` when it is cut.
    fn element<'a>(&self, bytes: &'a [u8], at: usize) -> Option<Piece<'a>> {
        let first = self.u32(bytes, at)?;
        if first >> 16 != 0 {
            // Small elements hold up to four bytes beside their length.
            let (kind, length) = (first & 0xffff, (first >> 16) as usize);
            let body = bytes.get(at + 4..at + 4 + length.min(4))?;
            return Some(Piece { kind, body, end: at + 8 });
        }
        let length = self.u32(bytes, at + 4)? as usize;
        let from = at + 8;
        let body = bytes.get(from..from.checked_add(length)?)?;
        // Padded to eight bytes, except for compressed ones.
        let padded = if first == COMPRESSED { length } else { length.next_multiple_of(8) };
        Some(Piece { kind: first, body, end: from + padded })
    }

    /// A matrix: numbers and texts are taken, structures and cells are entered, everything else is named as skipped.
    fn matrix(&self, body: &[u8], prefix: &str, depth: usize, found: &mut Found) {
        if self.try_matrix(body, prefix, depth, found).is_none() {
            found.skipped.push(format!("a damaged variable in '{prefix}'"));
        }
    }

    fn try_matrix(&self, body: &[u8], prefix: &str, depth: usize, found: &mut Found) -> Option<()> {
        if body.is_empty() || depth > DEEPEST || found.arrays.len() + found.texts.len() > MOST_ARRAYS {
            return Some(());
        }
        let flags = self.element(body, 0)?;
        let word = self.u32(flags.body, 0)?;
        let (class, complex) = (word & 0xff, word & 0x0800 != 0);
        let dims = self.element(body, flags.end)?;
        let shape: Vec<usize> =
            (0..dims.body.len() / 4).filter_map(|k| Some(self.u32(dims.body, 4 * k)? as usize)).collect();
        let label = self.element(body, dims.end)?;
        let own = crate::text::latin(label.body);
        let name = match (prefix.is_empty(), own.is_empty()) {
            (true, _) => own,
            (false, true) => prefix.to_owned(),
            (false, false) => format!("{prefix}.{own}"),
        };
        let rest = body.get(label.end..).unwrap_or(&[]);
        match class {
            1 => self.cells(rest, &name, depth, found),
            2 => self.structure(rest, &name, &shape, depth, found),
            4 => {
                let items = self.text(rest, &shape)?;
                found.texts.push(Texts { name, items });
                Some(())
            }
            6..=15 => {
                let numbers = self.element(rest, 0)?;
                let element = element_of(numbers.kind)?;
                let count = shape.iter().try_fold(1usize, |all, n| all.checked_mul(*n))?;
                let bytes = numbers.body.get(..count.checked_mul(element.bytes())?)?;
                if complex {
                    found.skipped.push(format!("the imaginary part of '{name}'"));
                }
                let values = element.decode(bytes, self.big);
                found.arrays.push(Array { name, shape, column_major: true, values });
                Some(())
            }
            other => {
                let kind = match other {
                    3 => "an object",
                    5 => "a sparse matrix",
                    16 => "a function",
                    _ => "of a kind that is not read",
                };
                found.skipped.push(format!("'{name}' ({kind})"));
                Some(())
            }
        }
    }

    fn structure(
        &self,
        bytes: &[u8],
        name: &str,
        shape: &[usize],
        depth: usize,
        found: &mut Found,
    ) -> Option<()> {
        let width = self.element(bytes, 0)?;
        let length = self.u32(width.body, 0)? as usize;
        let names = self.element(bytes, width.end)?;
        if length == 0 {
            return Some(());
        }
        let fields: Vec<String> = names.body.chunks_exact(length).map(crate::text::latin).collect();
        let count = shape.iter().try_fold(1usize, |all, n| all.checked_mul(*n))?;
        let mut at = names.end;
        for item in 0..count.min(MOST_ARRAYS) {
            for field in &fields {
                if at + 8 > bytes.len() {
                    return Some(());
                }
                let piece = self.element(bytes, at)?;
                let path = if count > 1 {
                    format!("{name}({}).{field}", item + 1)
                } else {
                    format!("{name}.{field}")
                };
                self.matrix(piece.body, &path, depth + 1, found);
                at = piece.end;
            }
        }
        Some(())
    }

    /// A cell of texts is one list; other cells are numbered.
    fn cells(&self, bytes: &[u8], name: &str, depth: usize, found: &mut Found) -> Option<()> {
        let mut inner = Found::default();
        let mut at = 0;
        let mut number = 0;
        while at + 8 <= bytes.len() && number < MOST_ARRAYS {
            let piece = self.element(bytes, at)?;
            number += 1;
            self.matrix(piece.body, &format!("{name}{{{number}}}"), depth + 1, &mut inner);
            at = piece.end;
        }
        if inner.arrays.is_empty() && !inner.texts.is_empty() {
            let items = inner.texts.into_iter().map(|t| t.items.join(" ")).collect();
            found.texts.push(Texts { name: name.to_owned(), items });
        } else {
            found.arrays.extend(inner.arrays);
            found.texts.extend(inner.texts);
        }
        found.skipped.extend(inner.skipped);
        Some(())
    }

    /// Rows of a character matrix, stored column by column.
    fn text(&self, bytes: &[u8], shape: &[usize]) -> Option<Vec<String>> {
        if bytes.is_empty() {
            return Some(Vec::new());
        }
        let piece = self.element(bytes, 0)?;
        let letters: Vec<char> = match piece.kind {
            4 | 17 => piece
                .body
                .chunks_exact(2)
                .map(|two| {
                    let own = [two[0], two[1]];
                    let code = if self.big { u16::from_be_bytes(own) } else { u16::from_le_bytes(own) };
                    char::from_u32(u32::from(code)).unwrap_or('?')
                })
                .collect(),
            _ => crate::text::decode(piece.body).chars().collect(),
        };
        let rows = shape.first().copied().unwrap_or(1).max(1);
        if rows > letters.len().max(1) {
            return Some(Vec::new());
        }
        let row = |row: usize| letters.iter().skip(row).step_by(rows).collect::<String>().trim().to_owned();
        Some((0..rows).map(row).collect())
    }
}

/// Storage types of numbers; small integers are stored small whatever their class.
fn element_of(kind: u32) -> Option<Element> {
    Some(match kind {
        1 => Element::I8,
        2 => Element::U8,
        3 => Element::I16,
        4 => Element::U16,
        5 => Element::I32,
        6 => Element::U32,
        7 => Element::F32,
        9 => Element::F64,
        12 => Element::I64,
        13 => Element::U64,
        _ => return None,
    })
}
