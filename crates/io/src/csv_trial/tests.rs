use crate::read_bytes;
use surae_trial::{
    Channel, Event, EventKind, EventSource, Gap, Joint, Kind, Muscle, Role, SampleIndex, Samples, Scale,
    Seconds, Side, Stream, Task, Trial, Unit,
};

fn emg(label: &str, muscle: Muscle) -> Channel {
    let role = Role {
        kind: Kind::RawEmg,
        muscle: Some(muscle),
        side: Some(Side::Right),
        joint: None,
        reason: "test".to_owned(),
    };
    let mut channel = Channel::new(label, role, Unit::Microvolt);
    channel.scale = Scale { gain: 0.25, offset: 3.0 };
    channel
}

/// A trial with a gap, two streams and values that are hard to print.
fn trial() -> Trial {
    let gap = Gap {
        index: SampleIndex(2),
        time_s: Seconds(0.014 + 2.0 / 1111.11),
        lost_samples: 5,
        certain: false,
    };
    let analog = Stream {
        name: "analog".to_owned(),
        rate_hz: 1111.11,
        measured_rate_hz: None,
        start_s: Seconds(0.014),
        channels: vec![emg("MG, right", Muscle::MG), emg("SOL \"x\"", Muscle::SOL)],
        samples: Samples::F32(vec![0.1, -1e-30, 3.402_823_5e4, f32::NAN, 1.0 / 3.0, -0.0, 7.0, 8.0]),
        gaps: vec![gap],
        times_s: Vec::new(),
    };
    let role = Role {
        kind: Kind::Angle,
        muscle: None,
        side: Some(Side::Right),
        joint: Some(Joint::Knee),
        reason: "test".to_owned(),
    };
    let angles = Stream {
        name: "knee angle".to_owned(),
        rate_hz: 100.0,
        start_s: Seconds(0.0),
        channels: vec![Channel::new("knee", role, Unit::Degree)],
        samples: Samples::F64(vec![0.1 + 0.2, 61.7, std::f64::consts::PI]),
        gaps: Vec::new(),
        measured_rate_hz: None,
        times_s: Vec::new(),
    };
    Trial {
        time_origin_s: 1.196,
        task: Some(Task::Run),
        synthetic: true,
        streams: vec![angles, analog],
        events: vec![Event {
            time_s: Seconds(0.412),
            kind: EventKind::FootContact,
            side: Some(Side::Right),
            source: EventSource::File,
            label: "Foot Strike".to_owned(),
        }],
        ..Trial::default()
    }
}

fn bits(samples: &Samples) -> Vec<u64> {
    (0..samples.len()).map(|k| samples.get(k).to_bits()).collect()
}

#[test]
fn our_csv_reads_back_exactly() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("walk.csv");
    let before = trial();
    super::write(&before, &path).expect("written");
    let after = crate::read_trial(&path).expect("read");
    assert_eq!((after.task, after.synthetic, after.time_origin_s), (Some(Task::Run), true, 1.196));
    assert_eq!(after.events, before.events);
    for stream in &before.streams {
        let read = after.stream(&stream.name).expect("there");
        assert_eq!((read.rate_hz, read.start_s, &read.gaps), (stream.rate_hz, stream.start_s, &stream.gaps));
        assert_eq!(read.samples.native_type(), stream.samples.native_type());
        assert_eq!(bits(&read.samples), bits(&stream.samples));
        for (a, b) in read.channels.iter().zip(&stream.channels) {
            assert_eq!((&a.label, a.scale, &a.unit), (&b.label, b.scale, &b.unit));
            assert_eq!(
                (a.role.kind, a.role.muscle, a.role.side, a.role.joint),
                (b.role.kind, b.role.muscle, b.role.side, b.role.joint)
            );
        }
    }
    assert_eq!(after.master_stream(), Some(0), "the EMG stream comes first");
}

#[test]
fn a_missing_companion_is_said_and_the_rest_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("walk.csv");
    super::write(&trial(), &path).expect("written");
    std::fs::remove_file(folder.path().join("walk.knee_angle.csv")).expect("removed");
    let after = crate::read_trial(&path).expect("read");
    assert_eq!(after.streams.len(), 1);
    assert!(after.notes.iter().any(|note| note.code == "companion_missing"));
}

#[test]
fn a_generic_table_is_guessed_and_the_guess_is_said() {
    for text in [
        "time,GM,SO\n0.014,1,2\n0.015,3,4\n0.016,5,6\n",
        "\"Time (s)\"\tGM\tSO\r\n0.014\t1\t2\r\n0.015\t3\t4\r\n0.016\t5\t6\r\n",
        "some program\n\ntime_ms;GM;SO\n14,0;1,0;2\n15,0;3;4\n16,0;5;6\n",
        "time   GM   SO\n0.014  1  2\n0.015  3  4\n0.016  5  6\n",
    ] {
        let trial = read_bytes("t.csv", text.as_bytes()).unwrap_or_else(|e| panic!("{text}: {e}"));
        let stream = &trial.streams[0];
        assert_eq!((stream.rate_hz, stream.frames()), (1000.0, 3), "{text}");
        assert!((stream.start_s.0 - 0.014).abs() < 1e-12);
        assert_eq!(stream.column(1), [2.0, 4.0, 6.0]);
        assert_eq!(stream.channels[0].role.muscle, Some(Muscle::MG), "{}", stream.channels[0].role.reason);
        assert!(trial.notes.iter().any(|note| note.code == "csv_guessed"));
    }
}

#[test]
fn units_in_labels_are_read() {
    let trial = read_bytes("t.csv", b"time,SOL (uV),knee_angle [deg]\n0,1,2\n0.01,3,4\n").expect("readable");
    assert_eq!(trial.streams[0].channels[0].unit, Unit::Microvolt);
    assert_eq!(trial.streams[0].channels[0].label, "SOL");
    assert_eq!(trial.streams[0].channels[1].role.joint, Some(Joint::Knee));
}

#[test]
fn a_table_without_time_is_refused_with_the_remedy() {
    let error = read_bytes("t.csv", b"n,mV\n0,1\n1,2\n2,3\n").expect_err("no time column");
    assert!(error.to_string().contains("unknown rate") && error.to_string().contains("time"), "{error}");
    let error = read_bytes("t.csv", b"1,2\n3,4\n5,6\n").expect_err("no labels");
    assert!(error.to_string().contains("labels"), "{error}");
}

#[test]
fn damage_is_counted_and_located() {
    let text =
        "# schema = \"surae.csv/1\"\n# rate_hz = 100.0\ntime_s,SOL\n0,1\n0.01,x\n0.02,3,4\n0.03,4\n0.04";
    let trial = read_bytes("t.csv", text.as_bytes()).expect("readable");
    let codes: Vec<&str> = trial.notes.iter().map(|note| note.code.as_str()).collect();
    assert!(codes.contains(&"rows_skipped") && codes.contains(&"cells_not_numbers"), "{codes:?}");
    let stream = &trial.streams[0];
    assert_eq!((stream.frames(), stream.span()), (3, 4));
    let error = read_bytes("t.csv", b"# schema = \"surae.csv/1\"\n# rate_hz = \"x\"\ntime_s,a\n")
        .expect_err("bad rate");
    assert!(error.to_string().contains("line 2"), "{error}");
    let error = read_bytes("t.csv", b"# schema = \"surae.csv/1\"\n# rate_hz = 0.0\ntime_s,a\n0,1\n")
        .expect_err("0 Hz");
    assert!(error.to_string().contains("above 0 Hz"), "{error}");
}

#[test]
fn event_tables_name_kinds_by_column() {
    let events =
        super::read_events("e.csv", b"touchdown_s,liftoff_s\n1.414,2.074\n2.448,\n").expect("readable");
    let kinds: Vec<(f64, EventKind)> = events.iter().map(|(t, k, _)| (*t, *k)).collect();
    assert_eq!(
        kinds,
        [(1.414, EventKind::FootContact), (2.074, EventKind::FootOff), (2.448, EventKind::FootContact)]
    );
    assert!(super::read_events("e.csv", b"a,b\n1,2\n").is_err());
}

fn table(text: &str) -> Trial {
    read_bytes("table.csv", text.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn a_counter_may_stand_before_the_time_and_a_line_above_may_state_the_unit() {
    let text = "BTS ASCII format\n\nType:\tEmg tracks\nMeasure unit:\tV\nTracks:\t2\nFrequency:\t1000 Hz\n\n\
        Frame\tTime\tR.Soleus\tR.Tibialis anterior\t\n1\t0.0000\t0.001\t0.002\t\n2\t0.0010\t-0.001\t0.002\t\n3\t0.0020\t0.003\t0.002\t\n";
    let trial = table(text);
    assert_eq!(trial.format, "csv");
    let stream = &trial.streams[0];
    assert_eq!((stream.rate_hz, stream.channels.len()), (1000.0, 2));
    assert!(stream.emg(Muscle::SOL, Side::Right).is_some());
    assert_eq!((stream.channels[0].unit.clone(), stream.column(0)), (Unit::Volt, vec![0.001, -0.001, 0.003]));
}

#[test]
fn a_rate_above_the_table_stands_for_times_and_a_counter_tells_holes() {
    let text = "\"Sample Rate (Hz)\",\"2000\"\n\"n\",\"R Soleus\",\"R Med Gastroc\"\n\"\",\"mV\",\"mV\"\n0,0.5,1\n1,0.25,\n2,1,2\n3,1,2\n4,1,2\n\
        5,1,2\n6,1,2\n7,1,2\n8,1,2\n9,1,2\n12,3,4\n13,1,2\n";
    let trial = table(text);
    let stream = &trial.streams[0];
    assert_eq!((stream.rate_hz, stream.channels.len(), stream.frames()), (2000.0, 2, 12));
    assert_eq!(stream.channels[1].unit, Unit::Millivolt);
    assert_eq!((stream.gaps.len(), stream.gaps[0].index.0, stream.gaps[0].lost_samples), (1, 10, 2));
}

#[test]
fn utf16_and_german_spelling_are_the_same_table() {
    let text =
        "Zeit;Soleus re;Kniewinkel re\r\n[s];[mV];[°]\r\n0,000;0,5;10\r\n0,001;-0,25;11\r\n0,002;1;12\r\n";
    let little: Vec<u8> =
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(|word: u16| word.to_le_bytes()).collect();
    let big: Vec<u8> =
        [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(|word: u16| word.to_be_bytes()).collect();
    let plain = table(text);
    assert_eq!(plain.streams[0].column(0), [0.5, -0.25, 1.0]);
    assert_eq!(plain.streams[0].channels[0].unit, Unit::Millivolt);
    assert!(plain.streams[0].channels[1].is_angle_of(Joint::Knee, Side::Right));
    for bytes in [little, big] {
        let trial = read_bytes("table.csv", &bytes).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(trial.streams, plain.streams);
    }
}

#[test]
fn a_column_that_is_mostly_empty_is_kept() {
    let trial = table("time,SOL,knee\n0.000,1,\n0.001,2,\n0.002,3,\n0.003,4,5\n");
    assert_eq!(trial.streams[0].column(1)[3], 5.0);
    let repeated = table("time,EMG,EMG\n0.000,1,2\n0.001,2,3\n0.002,3,4\n");
    assert_eq!(repeated.streams[0].channels.len(), 2);
}

#[test]
fn labchart_names_its_columns_in_a_row_of_titles() {
    let text = "Interval=\t0.5 ms\nChannelTitle=\tSoleus R\tGastroc med R\nRange=\t10 mV\t10 mV\n0\t1\t2\n0.0005\t3\t4\n0.001\t5\t6\n";
    let trial = table(text);
    assert_eq!(trial.streams[0].rate_hz, 2000.0);
    assert!(trial.streams[0].emg(Muscle::SOL, Side::Right).is_some());
}

#[test]
fn without_times_and_rate_the_message_says_what_to_add() {
    let error = read_bytes("bare.txt", b"1 2\n3 4\n5 6\n").expect_err("refused").to_string();
    assert!(error.contains("--rate HZ") && error.contains("rate_hz"), "{error}");
}
