//! Frames to bytes: the emulator's side, with faults on demand.

use std::fmt::Write as _;

/// How lines are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Style {
    /// `MG:512,SOL:300`.
    #[default]
    Labelled,
    /// `512,300`, with one line of names at the start.
    Header,
    /// `512,300`.
    Plain,
}

/// Faults of the wire and of sketches, each off by default. Frames are counted from 0; `every` 0 is off.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    /// Every n-th byte is lost.
    pub drop_byte_every: u64,
    /// Every n-th line is lost.
    pub drop_line_every: u64,
    /// Every n-th line is sent twice.
    pub duplicate_every: u64,
    /// Every n-th byte has its lowest bit flipped.
    pub flip_bit_every: u64,
    /// Every n-th line loses its line end.
    pub fuse_every: u64,
    /// Every n-th line has `NaN` as its first value.
    pub nan_every: u64,
    /// Every n-th line has `-` as its first value.
    pub dash_every: u64,
    /// Every n-th line has nothing as its first value.
    pub empty_every: u64,
    /// The first line starts in its middle.
    pub partial_first: bool,
    /// Lines end with CR LF.
    pub crlf: bool,
    /// Decimal commas, values separated by `;`.
    pub decimal_comma: bool,
    /// Frames of this half-open range are not sent.
    pub hole: Option<(u64, u64)>,
}

impl Faults {
    /// Names that [`Faults::set`] takes, each with its meaning.
    pub const NAMES: [(&'static str, &'static str); 12] = [
        ("drop-byte", "lose every n-th byte"),
        ("drop-line", "lose every n-th line"),
        ("duplicate", "send every n-th line twice"),
        ("flip-bit", "flip a bit of every n-th byte"),
        ("fuse", "lose the line end of every n-th line"),
        ("nan", "NaN as the first value of every n-th line"),
        ("dash", "- as the first value of every n-th line"),
        ("empty", "nothing as the first value of every n-th line"),
        ("partial-first", "true: start in the middle of a line"),
        ("crlf", "true: lines end with CR LF"),
        ("decimal-comma", "true: decimal commas and ;"),
        ("hole", "FIRST..END: frames that are not sent"),
    ];

    /// Sets a fault by name, as from `--fault NAME=VALUE`.
    ///
    /// # Errors
    /// In words: the name is unknown or the value is not what it takes.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let number =
            || value.parse::<u64>().map_err(|_| format!("{name} takes a whole number, not '{value}'"));
        let flag = || value.parse::<bool>().map_err(|_| format!("{name} takes true or false, not '{value}'"));
        match name {
            "drop-byte" => self.drop_byte_every = number()?,
            "drop-line" => self.drop_line_every = number()?,
            "duplicate" => self.duplicate_every = number()?,
            "flip-bit" => self.flip_bit_every = number()?,
            "fuse" => self.fuse_every = number()?,
            "nan" => self.nan_every = number()?,
            "dash" => self.dash_every = number()?,
            "empty" => self.empty_every = number()?,
            "partial-first" => self.partial_first = flag()?,
            "crlf" => self.crlf = flag()?,
            "decimal-comma" => self.decimal_comma = flag()?,
            "hole" => {
                let parsed =
                    value.split_once("..").and_then(|(a, b)| Some((a.parse().ok()?, b.parse().ok()?)));
                self.hole = Some(parsed.ok_or_else(|| format!("hole takes FIRST..END, not '{value}'"))?);
            }
            _ => {
                let names: Vec<&str> = Self::NAMES.iter().map(|(name, _)| *name).collect();
                return Err(format!("no fault '{name}'; faults: {}", names.join(", ")));
            }
        }
        Ok(())
    }
}

/// Writes frames as lines. Numbers are written so that they read back exactly.
#[derive(Clone, Debug)]
pub struct Encoder {
    names: Vec<String>,
    style: Style,
    faults: Faults,
    frames: u64,
    bytes: u64,
    line: String,
}

impl Encoder {
    /// An encoder for channels of these names; with a clock or counter, name the columns `micros` and `n` and give
    /// their values in the frames.
    #[must_use]
    pub fn new(names: Vec<String>, style: Style, faults: Faults) -> Self {
        Self { names, style, faults, frames: 0, bytes: 0, line: String::new() }
    }

    /// Frames asked for so far, sent or not.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Appends the bytes of one frame to `out`; `NaN` is written as `NaN`. In labelled style, `None`-like values can
    /// be left out by [`Encoder::sparse`].
    pub fn frame(&mut self, values: &[f64], out: &mut Vec<u8>) {
        self.sparse(values.iter().map(|v| Some(*v)), out);
    }

    /// As [`Encoder::frame`], leaving `None` out: how a slower channel rides along in labelled lines (in the other
    /// styles it is an empty value).
    pub fn sparse(&mut self, values: impl Iterator<Item = Option<f64>>, out: &mut Vec<u8>) {
        let number = self.frames;
        self.frames += 1;
        if number == 0 && self.style == Style::Header {
            let header = self.names.join(self.separator());
            self.line = header;
            self.end(out, false);
        }
        self.line.clear();
        let mut first = true;
        let separator = self.separator();
        let replaced = self.replacement(number);
        for (name, value) in self.names.iter().zip(values) {
            if value.is_none() && self.style == Style::Labelled {
                continue;
            }
            if !std::mem::take(&mut first) {
                self.line.push_str(separator);
            } else if let Some(text) = replaced {
                if self.style == Style::Labelled {
                    self.line.push_str(name);
                    self.line.push(':');
                }
                self.line.push_str(text);
                continue;
            }
            if self.style == Style::Labelled {
                self.line.push_str(name);
                self.line.push(':');
            }
            if let Some(value) = value {
                let start = self.line.len();
                // Writing into a String cannot fail.
                let _ = write!(self.line, "{value}");
                if self.faults.decimal_comma {
                    let comma = self.line[start..].replace('.', ",");
                    self.line.replace_range(start.., &comma);
                }
            }
        }
        let hit = |every: u64| every > 0 && (number + 1).is_multiple_of(every);
        let hole = self.faults.hole.is_some_and(|(from, to)| (from..to).contains(&number));
        if hole || hit(self.faults.drop_line_every) {
            return;
        }
        if number == 0 && self.faults.partial_first {
            let middle =
                (0..=self.line.len() / 2).rev().find(|at| self.line.is_char_boundary(*at)).unwrap_or(0);
            self.line.drain(..middle);
        }
        let fused = hit(self.faults.fuse_every);
        self.end(out, fused);
        if hit(self.faults.duplicate_every) {
            self.end(out, false);
        }
    }

    fn separator(&self) -> &'static str {
        if self.faults.decimal_comma { ";" } else { "," }
    }

    fn replacement(&self, number: u64) -> Option<&'static str> {
        let hit = |every: u64| every > 0 && (number + 1).is_multiple_of(every);
        let table =
            [(self.faults.nan_every, "NaN"), (self.faults.dash_every, "-"), (self.faults.empty_every, "")];
        table.into_iter().find(|(every, _)| hit(*every)).map(|(_, text)| text)
    }

    /// Appends the line with its end, byte by byte through the faults of the wire.
    fn end(&mut self, out: &mut Vec<u8>, fused: bool) {
        let end: &[u8] = match (fused, self.faults.crlf) {
            (true, _) => b"",
            (false, true) => b"\r\n",
            (false, false) => b"\n",
        };
        for byte in self.line.bytes().chain(end.iter().copied()) {
            self.bytes += 1;
            let hit = |every: u64| every > 0 && self.bytes.is_multiple_of(every);
            if hit(self.faults.drop_byte_every) {
                continue;
            }
            out.push(if hit(self.faults.flip_bit_every) { byte ^ 1 } else { byte });
        }
    }
}
