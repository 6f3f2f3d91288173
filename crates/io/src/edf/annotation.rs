//! Time-stamped annotation lists (EDF+ §2.2.4): `+12.5 21 1.5 20 text 20 text 20 0`.

/// One annotation.
#[derive(Clone, Debug, PartialEq)]
pub struct Annotation {
    /// Seconds from the start stated in the header.
    pub onset_s: f64,
    pub duration_s: Option<f64>,
    pub text: String,
}

/// What the annotation bytes of one record say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Lists {
    /// Start of the record: the first list's onset where its first annotation is empty.
    pub record_s: Option<f64>,
    pub annotations: Vec<Annotation>,
    /// Lists that could not be understood.
    pub damaged: usize,
}

const AFTER_ONSET: u8 = 21;
const AFTER_TEXT: u8 = 20;

/// Reads the lists of one annotation signal in one record. Only the first annotation signal keeps time.
pub fn lists(bytes: &[u8], keeps_time: bool) -> Lists {
    let mut found = Lists::default();
    let mut first = true;
    for list in bytes.split(|b| *b == 0).filter(|list| !list.is_empty()) {
        match one(list) {
            Some((onset_s, duration_s, texts)) => {
                let mut texts = texts.into_iter();
                if first && keeps_time && texts.as_slice().first().is_none_or(String::is_empty) {
                    found.record_s = Some(onset_s);
                }
                first = false;
                let told = texts.by_ref().filter(|text| !text.is_empty());
                found.annotations.extend(told.map(|text| Annotation { onset_s, duration_s, text }));
            }
            None => found.damaged += 1,
        }
    }
    found
}

fn one(list: &[u8]) -> Option<(f64, Option<f64>, Vec<String>)> {
    let end = list.iter().position(|b| *b == AFTER_TEXT)?;
    let (stamp, texts) = (&list[..end], &list[end + 1..]);
    let mut parts = stamp.splitn(2, |b| *b == AFTER_ONSET);
    let onset = std::str::from_utf8(parts.next()?).ok()?.trim();
    // The sign is required by the standard; files without one are met.
    let onset_s: f64 = onset.parse().ok().filter(|v: &f64| v.is_finite())?;
    let duration_s = parts
        .next()
        .and_then(|part| std::str::from_utf8(part).ok())
        .and_then(|text| text.trim().parse::<f64>().ok())
        .filter(|v| v.is_finite() && *v >= 0.0);
    let texts = texts.split(|b| *b == AFTER_TEXT).map(crate::text::latin).collect();
    Some((onset_s, duration_s, texts))
}

/// One list as bytes, with its end.
pub fn encode(onset_s: f64, duration_s: Option<f64>, text: &str) -> Vec<u8> {
    let mut bytes = stamp(onset_s).into_bytes();
    if let Some(duration_s) = duration_s {
        bytes.push(AFTER_ONSET);
        bytes.extend(plain(duration_s).into_bytes());
    }
    bytes.push(AFTER_TEXT);
    bytes.extend(text.bytes().filter(|b| !matches!(*b, 0 | AFTER_TEXT | AFTER_ONSET)));
    bytes.extend([AFTER_TEXT, 0]);
    bytes
}

fn stamp(onset_s: f64) -> String {
    let text = plain(onset_s);
    if text.starts_with('-') { text } else { format!("+{text}") }
}

/// Seconds to 0.1 us without an exponent: seven decimals are what readers keep.
fn plain(seconds: f64) -> String {
    let text = format!("{seconds:.7}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}
