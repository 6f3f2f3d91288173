//! Jumps in plain sentences, each with its number and its doubt.

use crate::report::{JumpReport, JumpSideReport};
use crate::stats::{mean_ci90, median, percentile};
use crate::words::{lead_call, signed};

/// Residual speed of the integration that is worth a word, in m/s.
const NOTABLE_RESIDUAL_MPS: f64 = 0.1;

/// The jump in one sentence.
pub(super) fn jump(number: usize, jump: &JumpReport) -> String {
    let how = match jump.start.as_str() {
        "countermovement" => " (countermovement)",
        "squat" => " (without countermovement)",
        "drop" => " (drop jump)",
        "rebound" => " (out of the landing before)",
        _ => "",
    };
    let mut text = format!(
        "Jump {number}{how} at {:.2} s: {:.3} s in the air, {:.1} cm by flight time (posture at landing counts as height)",
        jump.take_off_s,
        jump.flight_time_s,
        jump.height_flight_m * 100.0
    );
    if let (Some(height_m), Some(mass_kg)) = (jump.height_impulse_m, jump.body_mass_kg) {
        text.push_str(&format!(", {:.1} cm by impulse ({mass_kg:.1} kg", height_m * 100.0));
        if let Some(residual) = jump.integration_residual_mps.filter(|r| r.abs() > NOTABLE_RESIDUAL_MPS) {
            text.push_str(&format!("; doubtful: {} m/s left when standing again", signed(residual, 2)));
        }
        text.push(')');
    }
    if let Some(contact_s) = jump.contact_time_s {
        text.push_str(&format!(", contact {:.0} ms", contact_s * 1e3));
    }
    if let (Some(rsi), Some(definition)) = (jump.rsi, jump.rsi_definition.as_deref()) {
        text.push_str(&format!(", RSI {rsi:.2} ({definition})"));
    }
    text.push('.');
    text
}

/// Many jumps in one sentence: medians, and the range of the heights.
pub(super) fn series(jumps: &[JumpReport]) -> Option<String> {
    let over = |value: &dyn Fn(&JumpReport) -> Option<f64>| {
        median(&jumps.iter().filter_map(value).collect::<Vec<f64>>())
    };
    let heights: Vec<f64> = jumps.iter().map(|j| j.height_flight_m * 100.0).collect();
    let (low, high) = (percentile(&heights, 0.0)?, percentile(&heights, 100.0)?);
    let mut text = format!(
        "{} jumps: median {:.3} s in the air, {:.1} cm by flight time ({low:.1} to {high:.1})",
        jumps.len(),
        over(&|j| Some(j.flight_time_s))?,
        median(&heights)?
    );
    let landed: Vec<&JumpReport> = jumps.iter().filter(|j| j.contact_time_s.is_some()).collect();
    if let (Some(contact_s), Some(rsi)) =
        (over(&|j| j.contact_time_s), median(&landed.iter().filter_map(|j| j.rsi).collect::<Vec<f64>>()))
    {
        text.push_str(&format!(
            "; {} out of a landing: contact {:.0} ms, RSI {rsi:.2} (height by flight time / contact time, in m/s)",
            landed.len(),
            contact_s * 1e3
        ));
    }
    text.push('.');
    Some(text)
}

/// The calf of one leg over many jumps: medians of what each has.
pub(super) fn series_leg(side: &str, jumps: &[JumpReport]) -> Option<String> {
    let legs: Vec<&JumpSideReport> =
        jumps.iter().filter(|j| j.contact_s.is_some()).filter_map(|j| j.sides.get(side)).collect();
    let leads: Vec<f64> = legs.iter().filter_map(|leg| leg.gastrocnemius_lead_ms).collect();
    let (centre, ci) = mean_ci90(&leads)?;
    let leg_word = if side == "left" { "Left" } else { "Right" };
    Some(format!(
        "{leg_word} leg, {} jumps out of a landing: {} (mean).",
        leads.len(),
        lead_words(centre, ci)
    ))
}

/// Who was first, by how much, and the doubt, all counted from the muscle that was first.
fn lead_words(lead_ms: f64, [low, high]: [f64; 2]) -> String {
    let call = lead_call([low, high]).to_lowercase();
    let (value, low, high) = if high < 0.0 { (-lead_ms, -high, -low) } else { (lead_ms, low, high) };
    let by = if call == "no clear lead" { "" } else { " by" };
    format!(
        "{call}{by} {} ms (90 % interval {} \u{2026} {})",
        signed(value, 0),
        signed(low, 0),
        signed(high, 0)
    )
}

/// The calf of one leg through the jump; nothing without EMG.
pub(super) fn jump_leg(number: usize, side: &str, leg: &JumpSideReport) -> Option<String> {
    let mut parts: Vec<String> = Vec::new();
    if let (Some(lead), [Some(low), Some(high)]) = (leg.gastrocnemius_lead_ms, leg.lead_ci90_ms) {
        parts.push(lead_words(lead, [low, high]));
    }
    for (name, muscle) in &leg.muscles {
        let time = |value: Option<f64>| {
            value.map_or("not isolated".to_owned(), |ms| format!("{} ms", signed(ms, 0)))
        };
        if muscle.on_ms.is_some() || muscle.off_ms.is_some() {
            parts.push(format!(
                "{name} on {}, off {} from take-off",
                time(muscle.on_ms),
                time(muscle.off_ms)
            ));
        }
    }
    if let Some(deg) = leg.knee_at_take_off_deg {
        parts.push(format!("knee {}\u{b0} at take-off", signed(deg, 0)));
    }
    if parts.is_empty() {
        return None;
    }
    let leg_word = if side == "left" { "Left" } else { "Right" };
    Some(format!("{leg_word} leg, jump {number}: {}.", parts.join("; ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lead_is_counted_from_the_muscle_that_was_first() {
        assert_eq!(
            lead_words(-69.0, [-103.0, -34.0]),
            "soleus first by 69 ms (90 % interval 34 \u{2026} 103)"
        );
        assert_eq!(
            lead_words(-5.0, [-15.0, 5.0]),
            "no clear lead \u{2212}5 ms (90 % interval \u{2212}15 \u{2026} 5)"
        );
    }
}
