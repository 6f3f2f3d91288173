//! A label cut into plain lower-case words.

/// One word of a label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Word {
    /// As written.
    pub written: String,
    /// Lower case, without diacritics.
    pub plain: String,
}

/// Cuts at everything that is not a letter or digit, at lower-to-upper changes (`RightFootSwitch`), between letters
/// and digits (`EMG12`), and before a lower-case side letter that ends a capital word (`SOLr`).
pub(super) fn split(label: &str) -> Vec<Word> {
    let mut words = Vec::new();
    let mut current = String::new();
    let mut last: Option<char> = None;
    for c in label.chars() {
        let boundary = match last {
            Some(last) => {
                (last.is_lowercase() && c.is_uppercase())
                    || (last.is_alphabetic() && c.is_ascii_digit())
                    || (last.is_ascii_digit() && c.is_alphabetic())
            }
            None => false,
        };
        if boundary || !c.is_alphanumeric() {
            push(&mut words, &mut current);
        }
        if c.is_alphanumeric() {
            current.push(c);
            last = Some(c);
        } else {
            last = None;
        }
    }
    push(&mut words, &mut current);
    words
}

fn push(words: &mut Vec<Word>, current: &mut String) {
    if current.is_empty() {
        return;
    }
    let written = std::mem::take(current);
    let count = written.chars().count();
    let ends_with_side = written.ends_with(['r', 'l']) && count >= 3;
    if ends_with_side && written.chars().take(count - 1).all(char::is_uppercase) {
        let (head, tail) = written.split_at(written.len() - 1);
        words.push(word(head.to_owned()));
        words.push(word(tail.to_owned()));
    } else {
        words.push(word(written));
    }
}

fn word(written: String) -> Word {
    let plain = plain(&written);
    Word { written, plain }
}

/// Lower case, without the diacritics of Western European languages.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' => plain.push('a'),
            'ç' => plain.push('c'),
            'è' | 'é' | 'ê' | 'ë' => plain.push('e'),
            'ì' | 'í' | 'î' | 'ï' => plain.push('i'),
            'ñ' => plain.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' | 'ö' => plain.push('o'),
            'ù' | 'ú' | 'û' | 'ü' => plain.push('u'),
            'ß' => plain.push_str("ss"),
            'œ' => plain.push_str("oe"),
            c => plain.push(c),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_fall_into_words() {
        let plain = |label: &str| split(label).into_iter().map(|w| w.plain).collect::<Vec<_>>();
        assert_eq!(plain("RightFootSwitch"), ["right", "foot", "switch"]);
        assert_eq!(plain("Delt_ant.EMG1"), ["delt", "ant", "emg", "1"]);
        assert_eq!(plain("SOLr"), ["sol", "r"]);
        assert_eq!(plain("Soléaire Droit"), ["soleaire", "droit"]);
        assert_eq!(plain("med_gas_r"), ["med", "gas", "r"]);
        assert_eq!(plain("RSOL"), ["rsol"]);
    }
}
