//! Muscle names and abbreviations of six languages.
//!
//! Tables hold what was met in recordings and what textbooks of English, German, French, Spanish, Portuguese and
//! Italian use. `GM`, `ME`, `MA` and `FL` are not here: they depend on the company they keep (see `company`).

use crate::Muscle::{self, BF, GAS, GMAX, GMED, LG, MG, Other, PL, RF, SOL, ST, TA, VL, VM};

/// A muscle and the words that named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named {
    pub muscle: Muscle,
    /// Name for the reason.
    pub name: &'static str,
}

/// Abbreviations that may stand alone or after a side letter.
const SHORT: &[(&str, Muscle, &str)] = &[
    ("sol", SOL, "soleus"),
    ("so", SOL, "soleus"),
    ("soleus", SOL, "soleus"),
    ("msol", SOL, "soleus"),
    ("msoleus", SOL, "soleus"),
    ("mg", MG, "medial gastrocnemius"),
    ("mgas", MG, "medial gastrocnemius"),
    ("mgast", MG, "medial gastrocnemius"),
    ("mgastroc", MG, "medial gastrocnemius"),
    ("medgas", MG, "medial gastrocnemius"),
    ("medgast", MG, "medial gastrocnemius"),
    ("gasmed", MG, "medial gastrocnemius"),
    ("gastmed", MG, "medial gastrocnemius"),
    ("gasm", MG, "medial gastrocnemius"),
    ("gam", MG, "gastrocnemius medialis"),
    ("gcm", MG, "gastrocnemius medialis"),
    ("gmh", MG, "gastrocnemius, medial head"),
    ("ji", MG, "jumeau interne"),
    ("jumint", MG, "jumeau interne"),
    ("lg", LG, "lateral gastrocnemius"),
    ("latgas", LG, "lateral gastrocnemius"),
    ("medialgastroc", MG, "medial gastrocnemius"),
    ("lateralgastroc", LG, "lateral gastrocnemius"),
    // After a side letter only (`RLGAS`): alone their L may be left or lateral.
    ("lgas", LG, "lateral gastrocnemius"),
    ("lgast", LG, "lateral gastrocnemius"),
    ("latgast", LG, "lateral gastrocnemius"),
    ("gaslat", LG, "lateral gastrocnemius"),
    ("gastlat", LG, "lateral gastrocnemius"),
    ("gasl", LG, "lateral gastrocnemius"),
    ("gal", LG, "gastrocnemius lateralis"),
    ("gcl", LG, "gastrocnemius lateralis"),
    ("gl", LG, "gastrocnemius lateralis"),
    ("je", LG, "jumeau externe"),
    ("jumext", LG, "jumeau externe"),
    ("gas", GAS, "gastrocnemius, head not stated"),
    ("gast", GAS, "gastrocnemius, head not stated"),
    ("gastroc", GAS, "gastrocnemius, head not stated"),
    ("gastrocs", GAS, "gastrocnemius, head not stated"),
    ("gc", GAS, "gastrocnemius, head not stated"),
    ("jum", GAS, "jumeau (gastrocnemius), head not stated"),
    ("tga", GAS, "gastrocnemius, head not stated"),
    ("ta", TA, "tibialis anterior"),
    ("tib", TA, "tibialis (anterior)"),
    ("tibant", TA, "tibialis anterior"),
    ("tti", TA, "tibialis (anterior)"),
    ("pl", PL, "peroneus longus"),
    ("per", PL, "peroneus (longus)"),
    ("perlong", PL, "peroneus longus"),
    ("perl", PL, "peroneus longus"),
    ("pe", PL, "peroneus"),
    ("fl", Other, "FL: several muscles have this name"),
    ("tp", Other, "tibialis posterior"),
    ("vm", VM, "vastus medialis"),
    ("vmo", VM, "vastus medialis obliquus"),
    ("vasmed", VM, "vastus medialis"),
    ("vl", VL, "vastus lateralis"),
    ("vaslat", VL, "vastus lateralis"),
    ("vas", Other, "vastus, head not stated"),
    ("rf", RF, "rectus femoris"),
    ("rec", RF, "rectus (femoris)"),
    ("recfem", RF, "rectus femoris"),
    ("rectfem", RF, "rectus femoris"),
    ("tre", RF, "rectus (femoris)"),
    ("bf", BF, "biceps femoris"),
    ("bfl", BF, "biceps femoris, long head"),
    ("bflh", BF, "biceps femoris, long head"),
    ("bifem", BF, "biceps femoris"),
    ("bifemlh", BF, "biceps femoris, long head"),
    ("bifemsh", BF, "biceps femoris, short head"),
    ("bic", Other, "biceps, arm or thigh not stated"),
    ("st", ST, "semitendinosus"),
    ("sm", ST, "semimembranosus"),
    ("semimem", ST, "semimembranosus"),
    ("semiten", ST, "semitendinosus"),
    ("semit", ST, "semitendinosus"),
    ("mham", ST, "medial hamstrings"),
    ("mhams", ST, "medial hamstrings"),
    ("mh", ST, "medial hamstrings"),
    ("ham", Other, "hamstrings, side of thigh not stated"),
    ("hams", Other, "hamstrings, side of thigh not stated"),
    ("tha", Other, "hamstrings, side of thigh not stated"),
    ("isc", Other, "ischio-jambiers (hamstrings)"),
    ("gmax", GMAX, "gluteus maximus"),
    ("glmax", GMAX, "gluteus maximus"),
    ("glutmax", GMAX, "gluteus maximus"),
    ("gmed", GMED, "gluteus medius"),
    ("glmed", GMED, "gluteus medius"),
    ("glutmed", GMED, "gluteus medius"),
    ("tfl", Other, "tensor fasciae latae"),
    ("add", Other, "adductors"),
    ("addmagnus", Other, "adductor magnus"),
    ("es", Other, "erector spinae"),
    ("edl", Other, "extensor digitorum longus"),
    ("fhl", Other, "flexor hallucis longus"),
    ("fdl", Other, "flexor digitorum longus"),
    ("pb", Other, "peroneus brevis"),
    ("vi", Other, "vastus intermedius"),
    ("ti", TA, "tibialis (anterior)"),
];

/// An abbreviation as a whole word.
pub(super) fn short(plain: &str) -> Option<Named> {
    SHORT.iter().find(|(text, ..)| *text == plain).map(|(_, muscle, name)| Named { muscle: *muscle, name })
}

const MEDIAL: &[&str] =
    &["med", "medial", "medialis", "mediale", "medialer", "int", "interne", "interno", "interna", "innen"];
const LATERAL: &[&str] = &[
    "lat",
    "lateral",
    "lateralis",
    "laterale",
    "lateraler",
    "ext",
    "externe",
    "externo",
    "externa",
    "esterno",
    "aussen",
];

/// A muscle written in words. `words` are plain and without side words.
pub(super) fn long(words: &[&str]) -> Option<Named> {
    let starts = |stems: &[&str]| words.iter().any(|w| stems.iter().any(|stem| w.starts_with(stem)));
    let is = |names: &[&str]| words.iter().any(|w| names.contains(w));
    let lateral = is(LATERAL);
    // `GAS M` is the medial head; an M in front (`M. gastrocnemius lateralis`) is musculus.
    let medial = is(MEDIAL) || (words.iter().skip(1).any(|word| *word == "m") && !lateral);
    let named = |muscle, name| Some(Named { muscle, name });
    if starts(&["solea", "soleo", "soleu", "schollenmuskel"]) || (is(&["sol"]) && words.len() > 1) {
        return named(SOL, "soleus");
    }
    if starts(&["gastro", "jumeau", "gemel", "gemeo", "zwillingswaden"]) || is(&["gas", "gast", "jum", "gc"])
    {
        return match (medial, lateral) {
            (true, false) => named(MG, "medial gastrocnemius"),
            (false, true) => named(LG, "lateral gastrocnemius"),
            _ => named(GAS, "gastrocnemius, head not stated"),
        };
    }
    leg(words, medial, lateral).or_else(|| elsewhere(words))
}

/// Muscles of thigh, hip and shank other than the calf.
fn leg(words: &[&str], medial: bool, lateral: bool) -> Option<Named> {
    let starts = |stems: &[&str]| words.iter().any(|w| stems.iter().any(|stem| w.starts_with(stem)));
    let is = |names: &[&str]| words.iter().any(|w| names.contains(w));
    let named = |muscle, name| Some(Named { muscle, name });
    if starts(&["tibial"]) || is(&["tib", "jambier", "schienbeinmuskel"]) {
        let posterior = starts(&["post", "hint"]);
        return if posterior { named(Other, "tibialis posterior") } else { named(TA, "tibialis anterior") };
    }
    if is(&["ant"]) && is(&["tib"]) {
        return named(TA, "tibialis anterior");
    }
    if starts(&["peron", "fibularis", "wadenbein"]) || is(&["per"]) {
        let short = starts(&["brev", "court", "corto", "curto", "kurz"]);
        return if short { named(Other, "peroneus brevis") } else { named(PL, "peroneus longus") };
    }
    if starts(&["vastus", "vaste", "vasto"]) || is(&["vas", "vast"]) {
        return match (medial || is(&["medius"]), lateral) {
            (true, false) => named(VM, "vastus medialis"),
            (false, true) => named(VL, "vastus lateralis"),
            _ => named(Other, "vastus, head not stated"),
        };
    }
    let straight = starts(&["rectus", "recto", "retto", "reto"]) || is(&["rect", "rec"]);
    if straight && !starts(&["abdom"]) {
        return named(RF, "rectus femoris");
    }
    if is(&["droit"]) && starts(&["anter", "femor", "cuisse"]) {
        return named(RF, "droit antérieur (rectus femoris)");
    }
    if (starts(&["bicep", "bicip"]) || is(&["bic"])) && starts(&["fem", "cuisse", "crural"]) {
        return named(BF, "biceps femoris");
    }
    if starts(&["semi"]) {
        return named(ST, "medial hamstrings");
    }
    if starts(&["hamstring", "ischio", "isquio"]) || is(&["ham", "hams", "ischios"]) {
        return match (medial, lateral) {
            (true, false) => named(ST, "medial hamstrings"),
            (false, true) => named(BF, "lateral hamstrings"),
            _ => named(Other, "hamstrings, side of thigh not stated"),
        };
    }
    if starts(&["glut", "fessier", "gesass"]) {
        return match (
            starts(&["max", "grand", "mayor", "gross"]),
            medial || starts(&["med", "moyen", "mitt"]),
        ) {
            (true, _) => named(GMAX, "gluteus maximus"),
            (false, true) => named(GMED, "gluteus medius"),
            _ => named(Other, "gluteus, part not stated"),
        };
    }
    None
}

/// Other muscles, so that their channels are known to be EMG.
fn elsewhere(words: &[&str]) -> Option<Named> {
    const STEMS: &[&str] = &[
        "quad",
        "adduct",
        "addmag",
        "abduct",
        "sartor",
        "gracil",
        "tensor",
        "iliop",
        "psoas",
        "erector",
        "multif",
        "obliq",
        "abdom",
        "delt",
        "trap",
        "bicep",
        "tricep",
        "pector",
        "latiss",
        "dorsal",
        "infra",
        "supra",
        "subscap",
        "serrat",
        "rhomb",
        "brachi",
        "extensor",
        "flexor",
        "masset",
        "temporal",
        "orbic",
        "sterno",
        "splenius",
        "plantar",
        "submental",
    ];
    words
        .iter()
        .any(|w| STEMS.iter().any(|stem| w.starts_with(stem)))
        .then_some(Named { muscle: Other, name: "a muscle that takes no part in dominance" })
}
