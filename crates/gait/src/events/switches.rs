//! Foot switches under heel and toe: first press of any is contact, last release of all is off.

use crate::plate::loaded_intervals;
use surae_trial::{Event, EventKind, EventSettings, EventSource, Kind, Note, Side, Stream, Trial};

/// Contacts and offs of every foot switch whose leg is stated.
pub(super) fn events(trial: &Trial, settings: &EventSettings, notes: &mut Vec<Note>) -> Vec<Event> {
    let mut events = Vec::new();
    for stream in trial.streams.iter().filter(|s| s.rate_hz.is_finite() && s.rate_hz > 0.0) {
        for side in Side::BOTH {
            let labels: Vec<&str> = stream
                .of_kind(Kind::Switch)
                .filter(|(_, c)| c.role.side == Some(side))
                .map(|(_, c)| c.label.as_str())
                .collect();
            if labels.is_empty() {
                continue;
            }
            let label = format!("{} over half of its range", labels.join(" or "));
            let debounce = ((settings.debounce_s * stream.rate_hz).round() as usize).max(1);
            for loaded in loaded_intervals(&pressed(stream, side), 0.5, debounce) {
                let event = |kind, sample: usize| Event {
                    time_s: stream.time_of(sample as u64),
                    kind,
                    side: Some(side),
                    source: EventSource::FootSwitch,
                    label: label.clone(),
                };
                events.extend(loaded.has_onset.then(|| event(EventKind::FootContact, loaded.on)));
                events.extend(loaded.has_end.then(|| event(EventKind::FootOff, loaded.off)));
            }
        }
        if stream.of_kind(Kind::Switch).any(|(_, c)| c.role.side.is_none()) {
            notes.push(Note::warning(
                "switch_side",
                format!(
                    "Stream '{}': a foot switch without a side is not used; state its side with --map.",
                    stream.name
                ),
            ));
        }
    }
    events
}

/// 1 where any switch of the foot is over half of its own range, else 0; a switch that never changes is never pressed.
fn pressed(stream: &Stream, side: Side) -> Vec<f64> {
    let mut pressed: Vec<f64> = Vec::new();
    for (at, _) in stream.of_kind(Kind::Switch).filter(|(_, c)| c.role.side == Some(side)) {
        let column = stream.column(at);
        let (low, high) = column
            .iter()
            .filter(|v| v.is_finite())
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
        pressed.resize(column.len(), 0.0);
        if high > low {
            for (p, v) in pressed.iter_mut().zip(&column) {
                *p = p.max(f64::from(u8::from(*v > 0.5 * (low + high))));
            }
        }
    }
    pressed
}

#[cfg(test)]
mod tests {
    use super::*;
    use surae_trial::{Channel, Role, Samples, Seconds, Unit};

    #[test]
    fn heel_first_and_toe_last_make_one_contact() {
        let role = Role { kind: Kind::Switch, side: Some(Side::Left), ..Role::unknown("test") };
        let (mut heel, mut toe) = (vec![0.0; 1000], vec![0.1; 1000]);
        heel[100..450].fill(3.0);
        toe[220..700].fill(2.9);
        let samples = heel.iter().zip(&toe).flat_map(|(a, b)| [*a, *b]).collect();
        let trial = Trial {
            streams: vec![Stream {
                name: "aux".into(),
                rate_hz: 1000.0,
                measured_rate_hz: None,
                start_s: Seconds(0.0),
                channels: vec![
                    Channel::new("heel", role.clone(), Unit::Volt),
                    Channel::new("toe", role, Unit::Volt),
                ],
                samples: Samples::F64(samples),
                gaps: Vec::new(),
                times_s: Vec::new(),
            }],
            ..Trial::default()
        };
        let found = events(&trial, &EventSettings::default(), &mut Vec::new());
        let times: Vec<(EventKind, f64)> = found.iter().map(|e| (e.kind, e.time_s.0)).collect();
        assert_eq!(times, [(EventKind::FootContact, 0.1), (EventKind::FootOff, 0.7)]);
    }
}
