//! The side words of six languages.

use crate::Side;

/// The side that a whole word states.
pub(super) fn side(plain: &str) -> Option<Side> {
    match plain {
        "r" | "rt" | "right" | "rgt" | "rechts" | "rechte" | "rechter" | "rechtes" | "re" | "droit"
        | "droite" | "drt" | "derecho" | "derecha" | "der" | "dch" | "dcha" | "direito" | "direita"
        | "dir" | "destro" | "destra" | "dx" => Some(Side::Right),
        "l" | "lt" | "left" | "lft" | "links" | "linke" | "linker" | "linkes" | "li" | "gauche" | "gau"
        | "izquierdo" | "izquierda" | "izq" | "izda" | "esquerdo" | "esquerda" | "esq" | "sinistro"
        | "sinistra" | "sx" => Some(Side::Left),
        _ => None,
    }
}

/// The side letters that stand glued before a muscle (`RSOL`, `LTTI`), and the rest.
pub(super) fn glued(plain: &str) -> Option<(Side, &'static str, &str)> {
    for (prefix, side) in [("r", Side::Right), ("l", Side::Left)] {
        if let Some(rest) = plain.strip_prefix(prefix) {
            return Some((side, prefix, rest));
        }
    }
    None
}
