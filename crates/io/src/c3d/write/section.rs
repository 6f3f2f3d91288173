//! The parameter section, encoded for Intel.

/// Longest string in a parameter: 255 of them stay below the 32767 bytes that an entry's pointer can count.
const LONGEST: usize = 120;
/// Items that one dimension can count; more go on in `NAME2`, `NAME3`, ...
const MOST: usize = 255;

/// Groups and parameters, appended in order.
#[derive(Debug, Default)]
pub struct Section {
    bytes: Vec<u8>,
    groups: u8,
    /// Where the pointer of the last entry stands: it is set to 0.
    last_pointer: usize,
}

impl Section {
    /// Begins a group; parameters that follow belong to it.
    pub fn group(&mut self, name: &str) {
        self.groups += 1;
        self.head(name, (-i16::from(self.groups)) as i8);
        self.body(&[]);
    }

    /// A parameter of integers with the given dimensions.
    pub fn ints(&mut self, name: &str, dims: &[u8], values: &[i16]) {
        let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.parameter(name, 2, dims, &data);
    }

    /// A single integer; counts above 32767 are stored as their 16 bits, as all programs do.
    pub fn count(&mut self, name: &str, value: usize) {
        self.ints(name, &[], &[(value.min(usize::from(u16::MAX)) as u16).cast_signed()]);
    }

    /// A parameter of floats with the given dimensions.
    pub fn floats(&mut self, name: &str, dims: &[u8], values: &[f32]) {
        let data: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.parameter(name, 4, dims, &data);
    }

    /// One string.
    pub fn text(&mut self, name: &str, text: &str) {
        let bytes = clipped(text);
        self.parameter(name, -1, &[bytes.len() as u8], bytes);
    }

    /// A list of floats, continued in `NAME2`, ... beyond 255.
    pub fn float_list(&mut self, name: &str, values: &[f32]) {
        for (part, values) in parts(name, values) {
            self.floats(&part, &[values.len() as u8], values);
        }
    }

    /// A list of integers, continued in `NAME2`, ... beyond 255.
    pub fn int_list(&mut self, name: &str, values: &[i16]) {
        for (part, values) in parts(name, values) {
            self.ints(&part, &[values.len() as u8], values);
        }
    }

    /// A list of strings, continued in `NAME2`, ... beyond 255; all as long as the longest.
    pub fn texts(&mut self, name: &str, texts: &[String]) {
        let width = texts.iter().map(|text| clipped(text).len()).max().unwrap_or(0).max(1);
        for (part, texts) in parts(name, texts) {
            let mut data = Vec::with_capacity(width * texts.len());
            for text in texts {
                let bytes = clipped(text);
                data.extend_from_slice(bytes);
                data.resize(data.len() + width - bytes.len(), b' ');
            }
            self.parameter(&part, -1, &[width as u8, texts.len() as u8], &data);
        }
    }

    fn parameter(&mut self, name: &str, kind: i8, dims: &[u8], data: &[u8]) {
        self.head(name, self.groups.cast_signed());
        let mut body = vec![kind.cast_unsigned(), dims.len() as u8];
        body.extend_from_slice(dims);
        body.extend_from_slice(data);
        self.body(&body);
    }

    fn head(&mut self, name: &str, id: i8) {
        self.bytes.push(name.len() as u8);
        self.bytes.push(id.cast_unsigned());
        self.bytes.extend_from_slice(name.as_bytes());
    }

    /// The pointer to the next entry, the body, an empty description.
    fn body(&mut self, body: &[u8]) {
        self.last_pointer = self.bytes.len();
        let next = (2 + body.len() + 1) as u16;
        self.bytes.extend_from_slice(&next.to_le_bytes());
        self.bytes.extend_from_slice(body);
        self.bytes.push(0);
    }

    /// Whole blocks of 512 bytes with the preamble; `None` when they are more than the 255 that the format can count.
    pub fn finish(mut self) -> Option<Vec<u8>> {
        if let Some(pointer) = self.bytes.get_mut(self.last_pointer..self.last_pointer + 2) {
            pointer.fill(0);
        }
        // At least two zero bytes end the section for readers that look for them.
        let blocks = (4 + self.bytes.len() + 2).div_ceil(512);
        let mut section = vec![1, 0x50, u8::try_from(blocks).ok()?, 84];
        section.append(&mut self.bytes);
        section.resize(blocks * 512, 0);
        Some(section)
    }
}

fn parts<'a, T>(name: &'a str, values: &'a [T]) -> impl Iterator<Item = (String, &'a [T])> {
    let numbered = move |part: usize| if part == 0 { name.to_owned() } else { format!("{name}{}", part + 1) };
    values.chunks(MOST).enumerate().map(move |(part, values)| (numbered(part), values))
}

/// The bytes of a string, cut at a character boundary.
fn clipped(text: &str) -> &[u8] {
    let mut end = text.len().min(LONGEST);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text.as_bytes()[..end]
}
