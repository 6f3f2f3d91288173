//! Colours of the printed page: the light theme of the dashboard, and the dark one beside it for pages on a screen.
//!
//! Warm is gastrocnemius, blue is soleus; a word, a place or a shape always says the same (UI rule 2).

/// Text.
pub const TEXT: &str = "#10151B";
/// Secondary text.
pub const MUTED: &str = "#4E5A67";
/// Grid lines.
pub const GRID: &str = "#E3E8EC";
/// Frames of plots.
pub const FRAME: &str = "#B9C2CB";
/// Stance, balanced zone.
pub const SHADE: &str = "#F0F3F5";
/// Background of plots.
pub const PLOT: &str = "#FFFFFF";
/// Medial gastrocnemius and the gastrocnemius class.
pub const MG: &str = "#AD4200";
/// Lateral gastrocnemius.
pub const LG: &str = "#7E5F10";
/// Soleus and its class.
pub const SOL: &str = "#0058A6";
/// Tibialis anterior.
pub const TA: &str = "#00684C";
/// Left leg beside the right one; a second trial.
pub const LEFT: &str = "#7A2E8E";

/// Name, light and dark value of every colour.
pub const THEME: [(&str, &str, &str); 16] = [
    ("text", TEXT, "#E6EAF0"),
    ("muted", MUTED, "#9AA6B4"),
    ("grid", GRID, "#222A33"),
    ("frame", FRAME, "#4A5561"),
    ("shade", SHADE, "#1A212A"),
    ("plot", PLOT, "#0B0E12"),
    ("mg", MG, "#FF9B3D"),
    ("lg", LG, "#FFD0A1"),
    ("sol", SOL, "#4FB3FF"),
    ("ta", TA, "#5FD3A6"),
    ("left", LEFT, "#D79BE8"),
    ("window", "#E9EDF1", "#0F1318"),
    ("panel", "#F7F9FA", "#171C23"),
    ("rule", "#D3DAE0", "#2B343E"),
    ("fair", "#6B5600", "#F2DE4A"),
    ("bad", "#B00030", "#FF7A90"),
];

/// The name of a light colour in [`THEME`].
pub fn name(light: &str) -> Option<&'static str> {
    THEME.iter().find(|(_, value, _)| *value == light).map(|(name, ..)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// WCAG 2 contrast of two `#RRGGBB` colours.
    fn contrast(a: &str, b: &str) -> f64 {
        let luminance = |colour: &str| {
            let part = |at: usize| {
                let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).unwrap()) / 255.0;
                if value <= 0.03928 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
            };
            0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
        };
        let (a, b) = (luminance(a) + 0.05, luminance(b) + 0.05);
        if a > b { a / b } else { b / a }
    }

    #[test]
    fn text_and_curves_stand_out_from_every_background_in_both_themes() {
        let of = |name: &str| THEME.iter().find(|(n, ..)| *n == name).unwrap();
        for ink in ["text", "muted", "mg", "lg", "sol", "ta", "left", "fair", "bad"] {
            for ground in ["plot", "panel", "shade"] {
                let ((_, light, dark), (_, light_ground, dark_ground)) = (of(ink), of(ground));
                assert!(contrast(light, light_ground) >= 4.5, "{ink} on {ground}, light");
                assert!(contrast(dark, dark_ground) >= 4.5, "{ink} on {ground}, dark");
            }
        }
    }

    #[test]
    fn every_colour_has_one_name() {
        for (at, (name_at, light, _)) in THEME.iter().enumerate() {
            assert!(
                THEME[..at].iter().all(|(name, value, _)| name != name_at && value != light),
                "{name_at}"
            );
            assert_eq!(name(light), Some(*name_at));
        }
    }
}
