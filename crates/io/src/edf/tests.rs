//! Files built field by field from the specifications, and round trips of what is written.

use super::write::encode;
use super::{Edf, Width};
use crate::input::Input;
use crate::registry::{Confidence, Format};
use surae_trial::{
    Channel, Event, EventKind, EventSource, Gap, Kind, Muscle, Role, SampleIndex, Samples, Scale, Seconds,
    Side, Stream, Trial, Unit,
};

/// One signal of a built file: label, unit, limits as the header writes them, samples per record.
struct Made {
    label: &'static str,
    unit: &'static str,
    limits: [&'static str; 4],
    samples: usize,
}

const CALF: Made =
    Made { label: "EMG RSOL", unit: "uV", limits: ["-1000", "1000", "-2000", "2000"], samples: 4 };
const NOTES: Made =
    Made { label: "EDF Annotations", unit: "", limits: ["-1", "1", "-32768", "32767"], samples: 20 };

/// A header by the specification, with the fields that tests vary.
fn header(wide: bool, reserved: &str, records: &str, record_s: &str, signals: &[Made]) -> Vec<u8> {
    let pad = |text: &str, width: usize| format!("{text:<width$.width$}").into_bytes();
    let mut bytes = if wide { b"\xffBIOSEMI".to_vec() } else { pad("0", 8) };
    bytes.extend(pad("X F X Jane_Roe", 80));
    bytes.extend(pad("Startdate 16-MAR-2020 X X X", 80));
    bytes.extend(pad("16.03.20", 8));
    bytes.extend(pad("19.12.51", 8));
    bytes.extend(pad(&(256 * (signals.len() + 1)).to_string(), 8));
    bytes.extend(pad(reserved, 44));
    bytes.extend(pad(records, 8));
    bytes.extend(pad(record_s, 8));
    bytes.extend(pad(&signals.len().to_string(), 4));
    let mut each = |width: usize, of: &dyn Fn(&Made) -> String| {
        signals.iter().for_each(|s| bytes.extend(pad(&of(s), width)));
    };
    each(16, &|s| s.label.to_owned());
    each(80, &|_| String::new());
    each(8, &|s| s.unit.to_owned());
    for k in 0..4 {
        each(8, &|s| s.limits[k].to_owned());
    }
    each(80, &|_| String::new());
    each(8, &|s| s.samples.to_string());
    each(32, &|_| String::new());
    bytes
}

fn words(values: &[i16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn list(text: &str) -> Vec<u8> {
    let mut bytes = text.replace('/', "\x14").into_bytes();
    bytes.push(0);
    bytes
}

/// Annotation bytes of one record, padded to 20 samples.
fn lists(texts: &[&str]) -> Vec<u8> {
    let mut bytes: Vec<u8> = texts.iter().flat_map(|text| list(text)).collect();
    bytes.resize(40, 0);
    bytes
}

fn read(bytes: &[u8]) -> Trial {
    Edf.read(&Input::memory("made.edf", bytes)).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(bytes: &[u8]) -> String {
    Edf.read(&Input::memory("made.edf", bytes)).expect_err("refused").to_string()
}

fn has(trial: &Trial, code: &str) -> bool {
    trial.notes.iter().any(|note| note.code == code)
}

#[test]
fn two_rates_are_two_streams_with_the_declared_scale() {
    let slow = Made { label: "FSR right heel", unit: "V", limits: ["0", "5", "0", "1000"], samples: 1 };
    let mut bytes = header(false, "", "2", "0.5", &[CALF, slow]);
    assert_eq!(Edf.recognise(&bytes), Confidence::Sure);
    bytes.extend(words(&[-2000, 0, 1000, 2000, 500, 1, 2, 3, 4, 1000]));
    let trial = read(&bytes);
    let [fast, slow] = &trial.streams[..] else { panic!("{:?}", trial.streams) };
    assert_eq!((fast.name.as_str(), fast.rate_hz, slow.rate_hz), ("signals_8_hz", 8.0, 2.0));
    assert_eq!(fast.column(0), [-1000.0, 0.0, 500.0, 1000.0, 0.5, 1.0, 1.5, 2.0]);
    assert_eq!(slow.column(0), [2.5, 5.0]);
    let role = &fast.channels[0].role;
    assert_eq!(
        (role.muscle, role.side, &fast.channels[0].unit),
        (Some(Muscle::SOL), Some(Side::Right), &Unit::Microvolt)
    );
    assert_eq!(slow.channels[0].role.kind, Kind::Switch);
    assert_eq!(trial.subject.name.as_deref(), Some("X F X Jane_Roe"));
    assert!(trial.notes.iter().any(|n| n.code == "recorded_at" && n.text.contains("2020-03-16T19:12:51")));
}

#[test]
fn records_apart_in_time_leave_a_gap_and_annotations_are_events() {
    let mut bytes = header(false, "EDF+D", "3", "1", &[CALF, NOTES]);
    for (record, texts) in [
        (0, vec!["+0.5//", "+0.75/Right Heel Strike/"]),
        (1, vec!["+1.5//", "+2\x150.25/turn/second text/"]),
        (2, vec!["+5.5//", "no list"]),
    ] {
        bytes.extend(words(&[record, 1, 2, 3]));
        bytes.extend(lists(&texts));
    }
    let trial = read(&bytes);
    let stream = &trial.streams[0];
    let gap = Gap { index: SampleIndex(8), time_s: Seconds(2.0), lost_samples: 12, certain: true };
    assert_eq!(stream.gaps, [gap]);
    assert_eq!((stream.frames(), stream.span()), (12, 24));
    let told: Vec<(f64, EventKind, &str)> =
        trial.events.iter().map(|e| (e.time_s.0, e.kind, e.label.as_str())).collect();
    assert_eq!(
        told,
        [
            (0.25, EventKind::FootContact, "Right Heel Strike"),
            (1.5, EventKind::Mark, "turn (0.25 s)"),
            (1.5, EventKind::Mark, "second text (0.25 s)")
        ]
    );
    assert!(has(&trial, "edf_annotations_damaged") && has(&trial, "annotation_duration"));
    assert_eq!(trial.subject.name.as_deref(), Some("Jane Roe"));
}

#[test]
fn a_continuous_file_with_odd_stamps_stays_continuous() {
    let mut bytes = header(false, "EDF+C", "2", "1", &[CALF, NOTES]);
    for _ in 0..2 {
        bytes.extend(words(&[0, 1, 2, 3]));
        bytes.extend(lists(&["+0//"]));
    }
    let trial = read(&bytes);
    assert!(trial.streams[0].gaps.is_empty() && has(&trial, "edf_record_time"));
}

#[test]
fn a_damaged_record_time_does_not_ask_for_all_memory() {
    let mut bytes = header(false, "EDF+D", "2", "1", &[CALF, NOTES]);
    for stamp in ["+0//", "+99999999999999//"] {
        bytes.extend(words(&[0, 1, 2, 3]));
        bytes.extend(lists(&[stamp]));
    }
    let trial = read(&bytes);
    assert!(trial.streams[0].gaps.is_empty() && has(&trial, "edf_record_time"));
}

#[test]
fn headers_that_bend_the_rules_are_read_and_said() {
    let odd = Made { label: "EMG LMG", unit: "mV", limits: ["3,3", "-3,3", "-330", "330"], samples: 2 };
    let flat = Made { label: "CH2", unit: "V", limits: ["0", "0", "-1", "1"], samples: 2 };
    let mut bytes = header(false, "", "-1", "1", &[odd, flat]);
    bytes[184..192].copy_from_slice(b"512     ");
    bytes.extend(words(&[100, -100, 7, 8, 1, 2, 3, 4, 9]));
    let trial = read(&bytes);
    let stream = &trial.streams[0];
    let column = stream.column(0);
    assert!((column[0] + 1.0).abs() < 1e-12 && (column[1] - 1.0).abs() < 1e-12, "{column:?}");
    assert_eq!((stream.column(1), &stream.channels[1].unit), (vec![7.0, 8.0, 3.0, 4.0], &Unit::Count));
    for code in ["edf_header_length", "edf_record_count", "edf_cut", "edf_inverted", "edf_no_scale"] {
        assert!(has(&trial, code), "{code}: {:?}", trial.notes);
    }
}

#[test]
fn what_cannot_be_read_says_where_and_what_to_do() {
    let whole = header(false, "", "1", "1", &[CALF]);
    assert!(refused(&whole[..100]).contains("256 bytes"));
    assert!(refused(&whole[..400]).contains("needs 512 bytes"));
    assert!(refused(&whole).contains("not one whole record"));
    let mut still = header(false, "", "1", "0", &[CALF]);
    still.extend(words(&[1, 2, 3, 4]));
    assert!(refused(&still).contains("at byte 244"));
    let mut unnumbered = header(false, "", "1", "1", &[CALF]);
    unnumbered[252..256].copy_from_slice(b"two ");
    assert_eq!(Edf.recognise(&unnumbered), Confidence::Sure);
    assert!(refused(&unnumbered).contains("number of signals"));
}

#[test]
fn bdf_has_24_bits_and_its_status_channel_gives_events() {
    let emg =
        Made { label: "RMG", unit: "uV", limits: ["-262144", "262143", "-8388608", "8388607"], samples: 3 };
    let status = Made {
        label: "Status",
        unit: "Boolean",
        limits: ["-8388608", "8388607", "-8388608", "8388607"],
        samples: 3,
    };
    let mut bytes = header(true, "24BIT", "1", "1", &[emg, status]);
    for value in [-8_388_608i32, 32, -32, 0x10_0000, 0x10_0007, 0x10_0007] {
        bytes.extend_from_slice(&value.to_le_bytes()[..3]);
    }
    let trial = read(&bytes);
    let column = trial.streams[0].column(0);
    // By the standard's formula; the limits that BioSemi writes make a step a little less than 1/32 uV.
    let expected = -262_144.0 + f64::from(32 + 8_388_608) * 524_287.0 / 16_777_215.0;
    assert!((column[0] + 262_144.0).abs() < 1e-6 && (column[1] - expected).abs() < 1e-6, "{column:?}");
    assert_eq!(trial.streams[0].channels[1].role.kind, Kind::Event);
    let [event] = &trial.events[..] else { panic!("{:?}", trial.events) };
    assert_eq!((event.label.as_str(), event.time_s.0), ("trigger 7", 1.0 / 3.0));
}

fn made(name: &str, rate_hz: f64, samples: Samples, labels: &[&str]) -> Stream {
    let channel = |label: &&str| {
        let role = Role {
            kind: Kind::RawEmg,
            muscle: Some(Muscle::SOL),
            side: Some(Side::Right),
            ..Role::unknown("")
        };
        let mut channel = Channel::new(*label, role, Unit::Volt);
        channel.scale = Scale { gain: 3.814_697_265_625e-9, offset: 3.0 };
        channel
    };
    Stream {
        name: name.to_owned(),
        rate_hz,
        measured_rate_hz: None,
        start_s: Seconds(0.0),
        channels: labels.iter().map(channel).collect(),
        samples,
        gaps: Vec::new(),
        times_s: Vec::new(),
    }
}

fn there_and_back(trial: &Trial, width: Width) -> (Trial, Vec<surae_trial::Note>) {
    let mut bytes = Vec::new();
    let notes = encode(trial, width, &mut bytes).expect("written");
    (read(&bytes), notes)
}

#[test]
fn integers_with_holes_two_rates_and_events_come_back_exactly() {
    let fast: Vec<i16> = (0..3000).map(|k| ((k * 7919) % 65_535 - 32_767) as i16).collect();
    let mut emg =
        made("emg", 1000.0, Samples::I16(fast), &["RSOL", "a label of more than sixteen characters"]);
    emg.gaps = vec![
        Gap { index: SampleIndex(100), time_s: Seconds(0.1), lost_samples: 20, certain: true },
        Gap { index: SampleIndex(700), time_s: Seconds(0.7), lost_samples: 3000, certain: true },
    ];
    let mut slow = made("slow", 100.0, Samples::I32((0..200).map(|k| k - 100).collect()), &["knee"]);
    slow.start_s = Seconds(0.05);
    let event = Event {
        time_s: Seconds(0.123),
        kind: EventKind::FootOff,
        side: Some(Side::Left),
        source: EventSource::File,
        label: "step".to_owned(),
    };
    let trial = Trial { streams: vec![emg.clone(), slow.clone()], events: vec![event], ..Trial::default() };
    for width in [Width::Two, Width::Three] {
        let (back, notes) = there_and_back(&trial, width);
        assert!(!notes.iter().any(|n| n.code == "quantised"), "{notes:?}");
        assert_eq!(back.streams.len(), 2);
        for (there, here) in trial.streams.iter().zip(&back.streams) {
            assert_eq!((there.rate_hz, &there.gaps), (here.rate_hz, &here.gaps));
            assert!((there.start_s.0 - here.start_s.0).abs() < 1e-12);
            assert_eq!(there.samples.len(), here.samples.len());
            let equal = (0..there.samples.len()).all(|k| there.samples.get(k) == here.samples.get(k));
            assert!(equal, "{}", there.name);
            for (a, b) in there.channels.iter().zip(&here.channels) {
                assert_eq!((&a.label, a.scale, &a.unit), (&b.label, b.scale, &b.unit));
                assert_eq!((a.role.muscle, a.role.side), (b.role.muscle, b.role.side));
            }
        }
        let told: Vec<_> = back.events.iter().filter(|e| e.kind != EventKind::Mark).collect();
        assert_eq!(told.len(), 1);
        assert!((told[0].time_s.0 - 0.123).abs() < 1e-7);
        assert_eq!((told[0].kind, told[0].side), (EventKind::FootOff, Some(Side::Left)));
    }
}

#[test]
fn floats_are_rounded_by_half_a_stated_step_and_missing_values_stay_missing() {
    let values: Vec<f64> = (0..1259)
        .flat_map(|k| {
            let x = f64::from(k) * 0.037;
            [x.sin() * 1.7e5 + 0.3, if k % 10 == 3 { f64::NAN } else { x.cos() * 1e5 }]
        })
        .collect();
    let stream = made("emg", 34_000.0 / 27.0, Samples::F64(values), &["RSOL", "RMG"]);
    let trial = Trial { streams: vec![stream], ..Trial::default() };
    for (width, levels) in [(Width::Two, 65_000.0), (Width::Three, 16_000_000.0)] {
        let (back, notes) = there_and_back(&trial, width);
        assert!(notes.iter().any(|n| n.code == "quantised"));
        let (there, here) = (&trial.streams[0], &back.streams[0]);
        assert!((there.rate_hz - here.rate_hz).abs() < 1e-9 * there.rate_hz, "{}", here.rate_hz);
        for channel in 0..2 {
            let (a, b) = (there.column(channel), here.column(channel));
            let per = there.channels[channel].unit.volts().expect("volts")
                / here.channels[channel].unit.volts().expect("volts");
            let range = a.iter().filter(|v| v.is_finite()).fold(0.0f64, |m, v| m.max(v.abs())) * 2.0 * per;
            assert_eq!(a.len(), b.len());
            for (x, y) in a.iter().zip(&b) {
                assert!(
                    x.is_nan() == y.is_nan() && (x.is_nan() || (x * per - y).abs() <= 0.55 * range / levels),
                    "{x} {y}"
                );
            }
        }
    }
}

#[test]
fn what_edf_cannot_hold_is_said_or_refused() {
    let mut irregular = made("odd", 100.0, Samples::F64(vec![1.0, 2.0]), &["x"]);
    irregular.times_s = vec![0.0, 0.5];
    let nothing = Trial { streams: vec![irregular.clone()], ..Trial::default() };
    assert!(encode(&nothing, Width::Two, &mut Vec::new()).is_err());
    let stream = made("emg", 1000.0, Samples::F32(vec![0.5; 100]), &["RSOL"]);
    let trial = Trial { streams: vec![stream, irregular], ..Trial::default() };
    let (back, notes) = there_and_back(&trial, Width::Two);
    assert!(notes.iter().any(|n| n.code == "edf_cannot_hold" && n.text.contains("odd")));
    assert_eq!(back.streams[0].frames(), 100);
}
