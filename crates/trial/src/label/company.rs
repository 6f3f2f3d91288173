//! Labels that only their company explains: `GM`, `ME`, `MA`, and an `L` that is left or lateral.

use super::Labelled;
use super::words;
use crate::{Muscle, Side};

/// All labels of a stream as plain words, to look for company.
pub(super) struct Company {
    /// Whole labels, plain, without separators and digits at the end.
    wholes: Vec<String>,
    /// All words.
    words: Vec<String>,
}

/// What the company says about one word.
pub(super) struct Told {
    pub muscle: Muscle,
    pub side: Option<Side>,
    pub why: String,
}

impl Company {
    pub fn new(labels: &[Labelled<'_>]) -> Self {
        let split: Vec<Vec<String>> =
            labels.iter().map(|l| words::split(l.label).into_iter().map(|w| w.plain).collect()).collect();
        Self { wholes: split.iter().map(|words| words.concat()).collect(), words: split.concat() }
    }

    fn has_whole(&self, text: &str) -> bool {
        self.wholes.iter().any(|whole| whole == text)
    }

    fn any(&self, names: &[&str]) -> Option<&str> {
        self.words
            .iter()
            .find(|word| {
                let bare = word.strip_prefix(['r', 'l']).unwrap_or(word);
                names.contains(&word.as_str()) || names.contains(&bare)
            })
            .map(String::as_str)
    }

    /// `GM` (also `RGM`), `ME`, `MA`, `FL`.
    pub fn ambiguous(&self, plain: &str) -> Option<Told> {
        let (bare, side) = match plain {
            "rgm" => ("gm", Some(Side::Right)),
            "lgm" => ("gm", Some(Side::Left)),
            other => (other, None),
        };
        match bare {
            "gm" => self.gm(side),
            "me" | "ma" | "fl" if self.any(&["gm"]).is_some() && self.any(&["gl", "so"]).is_some() => {
                let (muscle, name) = match bare {
                    "me" => (Muscle::GMED, "ME = gluteus medius"),
                    "ma" => (Muscle::GMAX, "MA = gluteus maximus"),
                    _ => (Muscle::Other, "FL = tensor fasciae latae"),
                };
                Some(Told { muscle, side, why: format!("{name}, as in sets with GM, GL and SO") })
            }
            _ => None,
        }
    }

    /// `GM` is gastrocnemius medialis beside GL or soleus, unless another channel already is that head.
    fn gm(&self, side: Option<Side>) -> Option<Told> {
        let calf = self.any(&["gl", "so", "sol", "soleus"])?.to_uppercase();
        if let Some(taken) = self.any(&["mg", "mgas", "mgast", "gasmed", "medgas", "gas", "gast", "ji"]) {
            let why =
                format!("GM could be gastrocnemius or gluteus: '{taken}' is here too; name it in a map");
            return Some(Told { muscle: Muscle::Other, side, why });
        }
        let separate = self.any(&["gmed", "gmax", "me", "ma", "glmed", "glmax", "glutmed", "glutmax"]);
        let gluteus = match separate {
            Some(word) => format!("the gluteus has its own channel '{}'", word.to_uppercase()),
            None => "no gluteus is named".to_owned(),
        };
        let why = format!("GM = gastrocnemius medialis because '{calf}' is here and {gluteus}");
        Some(Told { muscle: Muscle::MG, side, why })
    }

    /// Whether the `L` of `LGAST`, `LHAM`, `LVAS`, `LJUM`, `LG` is left (`Some(true)`) or lateral (`Some(false)`).
    pub fn l_is_left(&self, whole: &str, rest: &str) -> Option<(bool, String)> {
        let upper = |text: &str| text.to_uppercase();
        let right = format!("r{rest}");
        let medial = format!("m{rest}");
        if self.has_whole(&right) || self.words.contains(&right) {
            return Some((true, format!("L = left because '{}' is here", upper(&right))));
        }
        if self.has_whole(&medial) || self.words.contains(&medial) {
            return Some((false, format!("L = lateral because '{}' is here", upper(&medial))));
        }
        let clear = ["rsol", "rta", "rtib", "lsol", "lta", "ltib", "rrf", "lrf", "rrec", "lrec"];
        let other = self.words.iter().find(|w| clear.contains(&w.as_str()) && *w != whole)?;
        Some((true, format!("L = left because '{}' is here", upper(other))))
    }
}
