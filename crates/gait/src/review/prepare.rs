//! Which channels take part, conditioned.

use crate::emg::{Accepted, Emg, Mode, accept};
use rayon::prelude::*;
use surae_signal::spectrum::{Welch, WelchSettings};
use surae_trial::{Kind, Note, Settings, Trial};

/// Values of a channel that tell an envelope.
const LONGEST: usize = 1 << 17;

/// Turns channels called raw EMG that hold an envelope into envelopes, with a note.
pub(super) fn settle_kinds(trial: &mut Trial) {
    let mut found = Vec::new();
    for stream in &mut trial.streams {
        let is_raw = |at: &usize| stream.channels[*at].role.kind == Kind::RawEmg;
        let raw: Vec<usize> = (0..stream.channels.len()).filter(is_raw).collect();
        for (at, values) in raw.iter().copied().zip(stream.first_values(&raw, LONGEST)) {
            let Some(share) = envelope_share(&values, stream.rate_hz) else { continue };
            let channel = &mut stream.channels[at];
            channel.role.kind = Kind::Envelope;
            channel.role.reason.push_str("; called raw, yet smooth and not below zero");
            found.push(format!("{} ({:.0} % of power at 20-450 Hz)", channel.label, 100.0 * share));
        }
    }
    if !found.is_empty() {
        trial.notes.push(Note::warning(
            "envelope_called_raw",
            format!(
                "Called raw EMG, but envelopes by their spectrum, and taken as such: {}. State raw signals if you have them.",
                found.join(", ")
            ),
        ));
    }
}

/// The share of power in the EMG band of a signal that is an envelope: smooth, hardly below zero, and near zero at times (a raw signal
/// on a converter's offset is far from it). `None` for anything else, or too little to say.
fn envelope_share(values: &[f64], rate_hz: f64) -> Option<f64> {
    const SMOOTH_SHARE: f64 = 0.25;
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(*v), h.max(*v)));
    let shape = high > 0.0 && low >= -0.1 * high && low < 0.5 * high;
    if !shape || !(45.0..=1e6).contains(&rate_hz) {
        return None;
    }
    let mut settings = WelchSettings::for_rate(rate_hz);
    while settings.segment > values.len() && settings.segment > 32 {
        settings.segment /= 2;
        settings.overlap = settings.segment / 2;
    }
    if values.len() < settings.segment {
        return None;
    }
    let spectrum = Welch::new(settings).ok()?.density(values);
    let nyquist = rate_hz / 2.0;
    let share = spectrum.band_power(20.0, nyquist.min(450.0)) / spectrum.band_power(0.0, nyquist);
    (share < SMOOTH_SHARE).then_some(share)
}

/// The conditioned channels of a trial.
#[derive(Default)]
pub(crate) struct Prepared {
    /// In the order of the trial.
    pub emg: Vec<Emg>,
    /// Their physical values as they came, in the same order.
    pub raw: Vec<Vec<f64>>,
}

/// Conditions every EMG channel of known muscle and side; what cannot be filtered is noted.
pub(crate) fn condition(trial: &Trial, settings: &Settings, mode: Mode, notes: &mut Vec<Note>) -> Vec<Emg> {
    prepare(trial, settings, mode, notes).emg
}

/// [`condition`], with the raw channels.
pub(super) fn prepare(trial: &Trial, settings: &Settings, mode: Mode, notes: &mut Vec<Note>) -> Prepared {
    let mut prepared = Prepared::default();
    for (s, stream) in trial.streams.iter().enumerate() {
        let found: Vec<Result<Accepted, String>> =
            (0..stream.channels.len()).filter_map(|at| accept(stream, at)).collect();
        let usable: Vec<Accepted> = found.iter().filter_map(|found| found.as_ref().ok().copied()).collect();
        let kind = |of: &Accepted| stream.channels[of.channel].role.kind;
        let groups: Vec<&[Accepted]> = usable
            .chunk_by(|a, b| kind(a) == kind(b))
            .flat_map(|one_kind| one_kind.chunks(group_of(one_kind.len())))
            .collect();
        let conditioned = groups.par_iter().map(|group| {
            let raw = stream.columns(&group.iter().map(|of| of.channel).collect::<Vec<_>>());
            let emg =
                Emg::of_columns(stream, s, group, &raw, &settings.conditioning, settings.bridge_s, mode);
            emg.into_iter().zip(raw).collect::<Vec<_>>()
        });
        let mut conditioned = conditioned.collect::<Vec<_>>().into_iter().flatten();
        let refuse =
            |why: String| Note::error("channel_unusable", format!("{why}; the channel is not analysed."));
        for found in found {
            match found.map(|_| conditioned.next()) {
                Ok(Some((Ok((emg, doubt)), raw))) => {
                    notes.extend(doubt);
                    prepared.emg.push(emg);
                    prepared.raw.push(raw);
                }
                Ok(Some((Err(why), _))) | Err(why) => notes.push(refuse(why)),
                Ok(None) => {}
            }
        }
    }
    note_kinds(&prepared.emg, notes);
    prepared
}

/// Channels that are conditioned side by side, of so many: as many as fill the vector lanes, and no more than leave work for every
/// processor.
pub(super) fn group_of(channels: usize) -> usize {
    channels.div_ceil(rayon::current_num_threads()).clamp(4, 8)
}

/// Says which channels are not raw EMG and what that costs.
fn note_kinds(emg: &[Emg], notes: &mut Vec<Note>) {
    let labels = |kind| {
        let found: Vec<&str> = emg.iter().filter(|e| e.kind == kind).map(|e| e.label.as_str()).collect();
        (!found.is_empty()).then(|| found.join(", "))
    };
    if let Some(found) = labels(Kind::Envelope) {
        notes.push(Note::warning(
            "envelopes",
            format!(
                "These are envelopes, not raw EMG: {found}. No band-pass, no spectrum, no timing from them; how they were \
                 smoothed is not known, so intervals within one effort are nominal."
            ),
        ));
    }
    if let Some(found) = labels(Kind::RectifiedEmg) {
        notes.push(Note::warning(
            "rectified",
            format!("Rectified by the source: {found}. No band-pass, no spectrum, no timing from them."),
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emg::tests::stream;
    use surae_trial::Muscle;

    fn settled(values: Vec<f64>, rate_hz: f64) -> Trial {
        let mut trial =
            Trial { streams: vec![stream(Kind::RawEmg, Muscle::SOL, rate_hz, values)], ..Trial::default() };
        settle_kinds(&mut trial);
        trial
    }

    #[test]
    fn an_envelope_called_raw_is_found_out_and_raw_emg_on_an_offset_is_not() {
        let wave = |i: i32, rate: f64| (std::f64::consts::TAU * f64::from(i) / rate).sin().max(0.0).powi(2);
        for rate_hz in [100.0, 1000.0] {
            let smooth = settled((0..4000).map(|i| wave(i, rate_hz)).collect(), rate_hz);
            assert_eq!(smooth.streams[0].channels[0].role.kind, Kind::Envelope, "{rate_hz}");
            assert!(smooth.notes.iter().any(|n| n.code == "envelope_called_raw"));
        }
        let rough = |i: i32| (f64::from(i) * 0.9).sin() * wave(i, 1000.0);
        for offset in [0.0, 512.0] {
            // A slow drift under a raw signal on a converter's offset: smooth, but never near zero.
            let drift = |i: i32| 20.0 * (f64::from(i) * 2e-3).sin();
            let raw = settled(
                (0..4000).map(|i| offset + rough(i) + if offset > 0.0 { drift(i) } else { 0.0 }).collect(),
                1000.0,
            );
            assert_eq!(raw.streams[0].channels[0].role.kind, Kind::RawEmg, "{offset}");
        }
        assert_eq!(settled(vec![1.0; 8], 1000.0).streams[0].channels[0].role.kind, Kind::RawEmg);
        assert_eq!(settled(vec![f64::NAN; 4000], 1000.0).streams[0].channels[0].role.kind, Kind::RawEmg);
    }
}
