//! What the readers make of real recordings: values of the catalogue of real data.

use crate::common::recording;
use surae_io::{map, merge, read_trial};
use surae_trial::{EventKind, Joint, Kind, Muscle, Side, Trial, Unit};

fn read(name: &str) -> Option<Trial> {
    recording(name).map(|path| read_trial(&path).unwrap_or_else(|error| panic!("{error}")))
}

fn has(trial: &Trial, code: &str) -> bool {
    trial.notes.iter().any(|note| note.code == code)
}

fn kinds(trial: &Trial, stream: &str) -> Vec<Kind> {
    let emg = |kind: &Kind| kind.is_emg();
    trial.stream(stream).expect(stream).channels.iter().map(|c| c.role.kind).filter(emg).collect()
}

#[test]
fn the_jog_has_raw_calf_emg_at_an_amplifiers_output() {
    let Some(trial) = read("01_dorn2012_jog/JA1Gait21.c3d") else { return };
    let stream = trial.stream("analog").expect("analog");
    let muscle = |label: &str| {
        let channel = stream.channels.iter().find(|c| c.label == label).expect(label);
        (channel.role.kind, channel.role.muscle, channel.role.side)
    };
    assert_eq!(muscle("MGAST"), (Kind::RawEmg, Some(Muscle::MG), None));
    assert_eq!(muscle("LGAST"), (Kind::RawEmg, Some(Muscle::LG), None));
    assert_eq!(muscle("MSOLEUS"), (Kind::RawEmg, Some(Muscle::SOL), None));
    assert_eq!(muscle("LHAMS"), (Kind::RawEmg, Some(Muscle::BF), None));
    assert!(has(&trial, "side_not_stated") && has(&trial, "emg_amplified"));
    assert_eq!(trial.plates.len(), 8);
    assert_eq!(stream.rate_hz, 1500.0);
    assert_eq!(trial.subject.name.as_deref(), Some("JA1"));
}

#[test]
fn the_walk_has_both_legs_and_medial_gastrocnemius_by_description_or_not_at_all() {
    let Some(trial) = read("03_bmc_gait/Gait.c3d") else { return };
    let stream = trial.stream("analog").expect("analog");
    for side in Side::BOTH {
        assert!(stream.emg(Muscle::SOL, side).is_some());
        assert!(stream.emg(Muscle::MG, side).is_some(), "LJUM is described as 'L Jum Int'");
        assert!(stream.emg(Muscle::TA, side).is_some());
    }
    let plate = &trial.plates[0];
    assert_eq!(plate.plate_type, 4);
    let matrix = plate.calibration.as_ref().expect("type 4 has one");
    assert!((matrix[0][0] - 2.9446).abs() < 1e-4 && matrix.len() == 6);
}

#[test]
fn rectified_emg_is_found_by_its_signal() {
    for name in ["ADemo1_rewrite_c3d_pc_float.c3d", "ADemo1_rewrite_c3d_pc_integer.c3d"] {
        let Some(trial) = read(&format!("11_btkdata/c3d/{name}")) else { return };
        let kinds = kinds(&trial, "analog");
        assert_eq!(kinds.len(), 8);
        assert!(
            kinds.iter().all(|kind| matches!(kind, Kind::RectifiedEmg | Kind::Envelope)),
            "{name}: {kinds:?}"
        );
        assert_eq!(trial.plates[0].plate_type, 3);
    }
}

#[test]
fn raw_emg_of_other_labs_is_raw() {
    for (name, least) in [
        ("1123x01EMG.c3d", 8),
        ("PiG_Motion-FlatFoot-Full.c3d", 10),
        ("type-2a.c3d", 8),
        ("Res16bits.c3d", 12),
    ] {
        let Some(trial) = read(&format!("11_btkdata/c3d/{name}")) else { return };
        let kinds = kinds(&trial, "analog");
        let raw = kinds.iter().filter(|kind| **kind == Kind::RawEmg).count();
        assert!(raw >= least, "{name}: {kinds:?} {:?}", trial.notes);
    }
    let Some(trial) = read("11_btkdata/c3d/1123x01EMG.c3d") else { return };
    assert!(trial.markers.is_none());
    for side in Side::BOTH {
        assert!(trial.emg(Muscle::LG, side).is_some() && trial.emg(Muscle::TA, side).is_some());
    }
}

#[test]
fn an_upper_limb_trial_has_no_calf() {
    let Some(trial) = read("27_pyomeca/markers_analogs.c3d") else { return };
    let calf = |c: &surae_trial::Channel| c.role.muscle.is_some_and(Muscle::is_triceps_surae);
    assert!(!trial.streams.iter().flat_map(|s| &s.channels).any(calf));
    assert!(has(&trial, "subject_prefix"));
    assert!(trial.markers.expect("markers").find("ASISr").is_some());
}

/// 04: the shipped `.sto` of EMG is an envelope; the angle is in degrees, flexion positive, 0.5 to 72.2.
#[test]
fn opensim_files_of_one_walk_merge() {
    let Some(emg) = read("04_rajagopal_walk/electromyography.sto") else { return };
    let Some(angles) = read("04_rajagopal_walk/coordinates.mot") else { return };
    let trial = merge(emg, angles);
    assert_eq!(trial.streams.len(), 2);
    assert!(has(&trial, "merged") && has(&trial, "emg_envelope"));
    let emg = &trial.streams[0];
    assert_eq!((emg.rate_hz, emg.frames()), (2000.0, 4780));
    assert!(emg.channels.iter().all(|c| c.role.kind == Kind::Envelope), "{:?}", emg.channels);
    assert_eq!(emg.channels[1].role.muscle, Some(Muscle::GAS));
    let angles = trial.stream("coordinates").expect("angles");
    let knee = angles.channels.iter().position(|c| c.is_angle_of(Joint::Knee, Side::Right)).expect("knee");
    let column = angles.column(knee);
    let (low, high) = column.iter().fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(*v), h.max(*v)));
    assert!((low - 0.5).abs() < 0.1 && (high - 72.2).abs() < 0.1, "{low} to {high} deg");
    assert_eq!(angles.rate_hz, 100.0);
}

/// 06: envelopes at 100 Hz by the signal, maxima of the catalogue; the knee is flexion NEGATIVE and stays so here.
#[test]
fn ceinms_envelopes_and_their_negative_knee() {
    for (folder, soleus, medial) in [("walk36", 0.139, 0.620), ("run81", 1.00, 0.80)] {
        let Some(trial) = read(&format!("06_ceinmsrt_walk_run/{folder}/emgFilt.sto")) else { return };
        let stream = &trial.streams[0];
        assert_eq!(stream.rate_hz, 100.0);
        for (muscle, expected) in [(Muscle::SOL, soleus), (Muscle::MG, medial)] {
            let k = stream.emg(muscle, Side::Right).expect("labelled");
            assert_eq!(stream.channels[k].role.kind, Kind::Envelope);
            let largest = stream.column(k).into_iter().fold(0.0, f64::max);
            assert!((largest - expected).abs() <= 0.005, "{folder} {muscle}: {largest}");
        }
        let angles = read(&format!("06_ceinmsrt_walk_run/{folder}/ik.sto")).expect("beside it");
        let stream = &angles.streams[0];
        let k = stream.channels.iter().position(|c| c.is_angle_of(Joint::Knee, Side::Right)).expect("knee");
        let lowest = stream.column(k).into_iter().fold(0.0, f64::min);
        assert!(lowest < -40.0, "flexion is negative in this file: {lowest}");
    }
}

#[test]
fn opensim_ground_forces_are_forces() {
    let Some(trial) = read("04_rajagopal_walk/grf_walk_smoothed.mot") else { return };
    let stream = &trial.streams[0];
    let kind = |label: &str| stream.channels.iter().find(|c| c.label == label).expect(label).role.kind;
    assert_eq!(kind("ground_force_r_vy"), Kind::Force);
    assert_eq!(kind("ground_force_r_px"), Kind::Unknown);
    assert_eq!(kind("ground_torque_r_x"), Kind::Moment);
}

/// 05: a generic table; events and side come from a map, nothing is picked up silently.
#[test]
fn the_treadmill_walk_comes_in_with_a_map() {
    let Some(path) = recording("05_santuz_treadmill_walk/ID0012_TW_01_emg.DERIVED.csv") else { return };
    let mut trial = read_trial(&path).expect("readable");
    let stream = &trial.streams[0];
    assert_eq!((stream.rate_hz, stream.channels.len()), (1000.0, 13));
    assert!((stream.start_s.0 - 0.014).abs() < 1e-12);
    assert!(stream.channels.iter().all(|c| c.role.kind == Kind::RawEmg), "{:?}", trial.notes);
    assert!(trial.events.is_empty() && has(&trial, "csv_guessed") && has(&trial, "side_not_stated"));

    let folder = tempfile::tempdir().expect("a folder");
    let cycles = path.with_file_name("ID0012_TW_01_cycles.DERIVED.csv");
    std::fs::copy(cycles, folder.path().join("cycles.csv")).expect("copied");
    let file = folder.path().join("map.toml");
    let text = "schema = \"surae.map/1\"\nside = \"right\"\nunit = \"uV\"\ntask = \"walk\"\nevents = \"cycles.csv\"\n";
    std::fs::write(&file, text).expect("written");
    map::read(&file).expect("a valid map").apply(&mut trial);
    let times = |kind: EventKind| -> Vec<f64> {
        let mine = |e: &&surae_trial::Event| e.kind == kind && e.side == Some(Side::Right);
        trial.events.iter().filter(mine).map(|e| e.time_s.0).collect()
    };
    let strikes = times(EventKind::FootContact);
    let strides: Vec<f64> = strikes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    // METHOD row 40.
    for (found, expected) in strides.iter().zip([1.034, 1.040, 1.027, 1.034, 1.047]) {
        assert!((found - expected).abs() <= 0.001, "{strides:?}");
    }
    for muscle in [Muscle::MG, Muscle::LG, Muscle::SOL] {
        let (s, k) = trial.emg(muscle, Side::Right).expect("labelled and sided");
        assert_eq!(trial.streams[s].channels[k].unit, Unit::Microvolt);
    }
}

#[test]
fn files_of_other_kinds_are_refused_or_read_with_words() {
    for (name, words) in [
        ("11_btkdata/other/Set1[Rep2]_v3.emg", "not a recording"),
        ("23_myoware_adc/3-reps-01.csv", "time"),
        ("05_santuz_treadmill_walk/RAW_DATA.RData", "xz-compressed"),
        ("04_rajagopal_walk/SOURCE_README.md", "text"),
    ] {
        let Some(path) = recording(name) else { return };
        let error = read_trial(&path).err().unwrap_or_else(|| panic!("{name} was read"));
        assert!(error.to_string().contains(words), "{name}: {error}");
    }
}

#[derive(serde::Deserialize)]
struct XdfExpected {
    files: Vec<XdfFile>,
}

#[derive(serde::Deserialize)]
struct XdfFile {
    file: String,
    streams: Vec<XdfStream>,
}

#[derive(serde::Deserialize)]
struct XdfStream {
    name: String,
    rate_hz: f64,
    channels: usize,
    samples: usize,
    text: bool,
    first_s: Option<f64>,
    last_s: Option<f64>,
    raw_span_s: Option<f64>,
    sum: Option<f64>,
    size: Option<f64>,
}

/// Counts and values equal pyxdf's; times within two samples, the span within 1 ms where stamps are kept.
#[test]
fn foreign_xdf_files_read_as_pyxdf_reads_them() {
    let text = include_str!("../../../../fixtures/expected/xdf.json");
    let expected: XdfExpected = serde_json::from_str(text).expect("the fixture is valid");
    for file in &expected.files {
        let Some(trial) = read(&file.file) else { return };
        let texts: usize = file.streams.iter().filter(|s| s.text).map(|s| s.samples).sum();
        assert_eq!(trial.events.len(), texts, "{}", file.file);
        for wanted in file.streams.iter().filter(|s| s.samples > 0) {
            let what = format!("{} '{}'", file.file, wanted.name);
            let (first_s, last_s) = (wanted.first_s.expect("there"), wanted.last_s.expect("there"));
            if wanted.text {
                let near = |time_s: f64| trial.events.iter().any(|e| (e.time_s.0 - time_s).abs() < 0.1);
                assert!(near(first_s) && near(last_s), "{what}");
                continue;
            }
            let stream = trial.stream(&wanted.name).unwrap_or_else(|| panic!("{what}"));
            assert_eq!((stream.frames(), stream.channels.len()), (wanted.samples, wanted.channels), "{what}");
            let sum: f64 = (0..stream.samples.len()).map(|k| stream.samples.get(k)).sum();
            assert!(
                (sum - wanted.sum.expect("there")).abs() <= 1e-6 * wanted.size.expect("there"),
                "{what}: {sum}"
            );
            if stream.times_s.is_empty() {
                let two = 2.0 / wanted.rate_hz;
                let end_s = stream.time_of(stream.span() - 1).0;
                assert!((stream.start_s.0 - first_s).abs() <= two, "{what}: starts at {}", stream.start_s.0);
                assert!((end_s - last_s).abs() <= two, "{what}: ends at {end_s}, not {last_s}");
            } else {
                // A stream off its nominal rate keeps its stamps; pyxdf smooths their jitter away.
                let span_s = stream.times_s[stream.times_s.len() - 1] - stream.times_s[0];
                let raw_span_s = wanted.raw_span_s.expect("there");
                assert!((stream.start_s.0 - first_s).abs() <= 0.1, "{what}: starts at {}", stream.start_s.0);
                assert!((span_s - raw_span_s).abs() <= 0.001, "{what}: {span_s} s, not {raw_span_s}");
            }
        }
    }
    let Some(empty) = read("25_xdf/empty_streams.xdf") else { return };
    assert!(has(&empty, "xdf_empty_streams"));
}
