//! Colours, type sizes and spacing as data, and the egui style made of them.
//!
//! Warm is gastrocnemius and blue is soleus everywhere; no colour speaks alone (a word, glyph or place says the same).
//! Not for geometry of panels ([`crate::layout`]) and not for words ([`crate::text`]).

use egui::{
    Color32, CornerRadius, FontDefinitions, FontFamily, FontId, Stroke, Visuals, epaint::Shadow,
    style::WidgetVisuals,
};
use surae_trial::{Muscle, Side};

/// Type sizes of Lab and Review, in points; nothing is smaller than a tick label.
pub mod size {
    /// Tick labels.
    pub const TICK: f32 = 11.0;
    /// Notes and captions.
    pub const NOTE: f32 = 12.0;
    /// Body text and controls.
    pub const BODY: f32 = 13.0;
    /// Titles of panels.
    pub const TITLE: f32 = 15.0;
    /// Muscle names and large numbers.
    pub const MUSCLE: f32 = 19.0;
    /// The class in words.
    pub const HEADLINE: f32 = 33.0;
}

/// Gap between panels.
pub const GAP: f32 = 8.0;
/// Padding inside a panel.
pub const PADDING: f32 = 12.0;
/// Corner radius of panels and controls.
pub const RADIUS: u8 = 4;

const fn rgb(hex: u32) -> Color32 {
    Color32::from_rgb((hex >> 16) as u8, (hex >> 8) as u8, hex as u8)
}

/// One theme. All colours are opaque.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Theme {
    /// For egui's own widgets.
    pub is_dark: bool,
    /// Behind the panels.
    pub window: Color32,
    /// A panel.
    pub panel: Color32,
    /// Inside a plot.
    pub plot: Color32,
    /// Text, and the right leg.
    pub text: Color32,
    /// Captions, axes, hatches.
    pub muted: Color32,
    /// Medial gastrocnemius and the gastrocnemius class.
    pub mg: Color32,
    /// Lateral gastrocnemius.
    pub lg: Color32,
    /// Soleus and the soleus class.
    pub sol: Color32,
    /// Tibialis anterior.
    pub ta: Color32,
    /// The left leg.
    pub left: Color32,
    /// The balanced class.
    pub balanced: Color32,
    /// The rest class.
    pub rest: Color32,
    /// Fair quality, warnings.
    pub fair: Color32,
    /// Bad quality, gaps, errors.
    pub bad: Color32,
    /// Recording.
    pub recording: Color32,
    /// A running source.
    pub running: Color32,
    /// Fill of a control.
    pub control: Color32,
    /// Fill of a control under the pointer or selected.
    pub control_strong: Color32,
    /// Strokes of panels and controls.
    pub line: Color32,
    /// Grid lines inside plots.
    pub grid: Color32,
}

/// The dark theme: Lab.
pub const DARK: Theme = Theme {
    is_dark: true,
    window: rgb(0x0F1318),
    panel: rgb(0x171C23),
    plot: rgb(0x0B0E12),
    text: rgb(0xE6EAF0),
    muted: rgb(0x9AA6B4),
    mg: rgb(0xFF9B3D),
    lg: rgb(0xFFD0A1),
    sol: rgb(0x4FB3FF),
    ta: rgb(0x5FD3A6),
    left: rgb(0xD79BE8),
    balanced: rgb(0xD9DEE5),
    rest: rgb(0x39424D),
    fair: rgb(0xF2DE4A),
    bad: rgb(0xFF7A90),
    recording: rgb(0xFF5A5F),
    running: rgb(0x5FD3A6),
    control: rgb(0x222932),
    control_strong: rgb(0x36414D),
    line: rgb(0x2C343F),
    grid: rgb(0x1D232B),
};

/// The light theme: Review.
pub const LIGHT: Theme = Theme {
    is_dark: false,
    window: rgb(0xE9EDF1),
    panel: rgb(0xF7F9FA),
    plot: rgb(0xFFFFFF),
    text: rgb(0x10151B),
    muted: rgb(0x4E5A67),
    mg: rgb(0xAD4200),
    lg: rgb(0x7E5F10),
    sol: rgb(0x0058A6),
    ta: rgb(0x00684C),
    left: rgb(0x7A2E8E),
    balanced: rgb(0x3B4754),
    rest: rgb(0xCBD2DA),
    fair: rgb(0x6B5600),
    bad: rgb(0xB00030),
    recording: rgb(0xB00030),
    running: rgb(0x00684C),
    control: rgb(0xE6EBF0),
    control_strong: rgb(0xCFD8E1),
    line: rgb(0xC3CCD5),
    grid: rgb(0xE9EDF1),
};

/// The sunlight theme: Coach.
pub const COACH: Theme = Theme {
    is_dark: false,
    window: rgb(0xFFFFFF),
    panel: rgb(0xF3F5F7),
    plot: rgb(0xFFFFFF),
    text: rgb(0x0A0E13),
    muted: rgb(0x35404C),
    mg: rgb(0x8F3600),
    lg: rgb(0x5F4700),
    sol: rgb(0x004A8F),
    ta: rgb(0x00523C),
    left: rgb(0x63207A),
    fair: rgb(0x554400),
    bad: rgb(0x8E0026),
    recording: rgb(0x8E0026),
    running: rgb(0x00523C),
    ..LIGHT
};

impl Theme {
    /// The colour of a muscle; muscles without one of their own are muted and told by their label.
    #[must_use]
    pub fn muscle(&self, muscle: Option<Muscle>) -> Color32 {
        match muscle {
            Some(Muscle::MG | Muscle::GAS) => self.mg,
            Some(Muscle::LG) => self.lg,
            Some(Muscle::SOL) => self.sol,
            Some(Muscle::TA) => self.ta,
            _ => self.muted,
        }
    }

    /// The colour of a leg.
    #[must_use]
    pub fn side(&self, side: Option<Side>) -> Color32 {
        if side == Some(Side::Left) { self.left } else { self.text }
    }

    /// A colour mixed into the panel: for tints under text in the colour of text.
    #[must_use]
    pub fn tint(&self, color: Color32, share: f32) -> Color32 {
        mix(self.panel, color, share)
    }

    /// The egui visuals of this theme: flat, 1 px strokes, no shadows.
    #[must_use]
    pub fn visuals(&self) -> Visuals {
        let mut visuals = if self.is_dark { Visuals::dark() } else { Visuals::light() };
        let radius = CornerRadius::same(RADIUS);
        let widget = |fill: Color32, stroke: Color32| WidgetVisuals {
            bg_fill: fill,
            weak_bg_fill: fill,
            bg_stroke: Stroke::new(1.0, stroke),
            corner_radius: radius,
            fg_stroke: Stroke::new(1.0, self.text),
            expansion: 0.0,
        };
        visuals.widgets.noninteractive = widget(self.panel, self.line);
        visuals.widgets.inactive = widget(self.control, self.line);
        visuals.widgets.hovered = widget(self.control_strong, self.muted);
        visuals.widgets.active = widget(self.control_strong, self.text);
        visuals.widgets.open = widget(self.control_strong, self.line);
        visuals.override_text_color = Some(self.text);
        visuals.selection.bg_fill = self.control_strong;
        visuals.selection.stroke = Stroke::new(1.0, self.text);
        visuals.panel_fill = self.window;
        visuals.window_fill = self.panel;
        visuals.window_stroke = Stroke::new(1.0, self.line);
        visuals.extreme_bg_color = self.plot;
        visuals.faint_bg_color = self.control;
        visuals.window_shadow = Shadow::NONE;
        visuals.popup_shadow = Shadow::NONE;
        visuals.window_corner_radius = radius;
        visuals.menu_corner_radius = radius;
        visuals
    }
}

/// egui's bundled fonts, with Hack behind the others in the text family: it has the triangles and discs they lack.
#[must_use]
pub fn fonts() -> FontDefinitions {
    let mut fonts = FontDefinitions::default();
    if let Some(family) = fonts.families.get_mut(&FontFamily::Proportional) {
        family.push("Hack".to_owned());
    }
    fonts
}

/// Text font of a size.
#[must_use]
pub fn text_font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Proportional)
}

/// Figure font of a size: every digit has the same width, so that numbers do not jump.
#[must_use]
pub fn figure_font(size: f32) -> FontId {
    FontId::new(size, FontFamily::Monospace)
}

/// `share` of `over` on top of `under`, both opaque, mixed in gamma space as the screen does.
#[must_use]
pub fn mix(under: Color32, over: Color32, share: f32) -> Color32 {
    let channel = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share).round() as u8;
    Color32::from_rgb(
        channel(under.r(), over.r()),
        channel(under.g(), over.g()),
        channel(under.b(), over.b()),
    )
}

/// Contrast of two opaque colours after WCAG 2.2: 1 to 21.
#[must_use]
pub fn contrast(a: Color32, b: Color32) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

/// Relative luminance after WCAG 2.2.
fn luminance(color: Color32) -> f64 {
    let linear = |value: u8| {
        let value = f64::from(value) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * linear(color.r()) + 0.7152 * linear(color.g()) + 0.0722 * linear(color.b())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The lowest contrast of the colours that carry meaning, on panel and plot.
    fn lowest(theme: &Theme) -> f64 {
        let inks = [
            theme.text,
            theme.muted,
            theme.mg,
            theme.lg,
            theme.sol,
            theme.ta,
            theme.left,
            theme.balanced,
            theme.fair,
            theme.bad,
            theme.running,
        ];
        let grounds = [theme.panel, theme.plot];
        inks.iter().flat_map(|ink| grounds.map(|ground| contrast(*ink, ground))).fold(f64::MAX, f64::min)
    }

    #[test]
    fn contrast_follows_wcag() {
        assert!((contrast(Color32::BLACK, Color32::WHITE) - 21.0).abs() < 1e-9);
        // #767676 on white is the published 4.54 : 1 border of WCAG AA.
        assert!((contrast(Color32::from_gray(0x76), Color32::WHITE) - 4.54).abs() < 0.01);
    }

    #[test]
    fn every_theme_reaches_its_stated_contrast() {
        assert!(lowest(&DARK) >= 6.85, "dark {:.2}", lowest(&DARK));
        assert!(lowest(&LIGHT) >= 5.4, "light {:.2}", lowest(&LIGHT));
        assert!(lowest(&COACH) >= 7.1, "coach {:.2}", lowest(&COACH));
        for (theme, least) in [(&DARK, 5.55), (&LIGHT, 5.4), (&COACH, 7.1)] {
            assert!(contrast(theme.recording, theme.panel) >= least);
            assert!(contrast(theme.recording, theme.plot) >= least);
        }
    }

    #[test]
    fn text_is_readable_on_controls_and_tints() {
        for theme in [&DARK, &LIGHT, &COACH] {
            assert!(contrast(theme.text, theme.control) >= 7.0);
            assert!(contrast(theme.text, theme.control_strong) >= 7.0);
            for color in [theme.mg, theme.sol, theme.fair, theme.bad] {
                assert!(contrast(theme.text, theme.tint(color, 0.2)) >= 7.0);
            }
        }
    }
}
