//! Files that were cut short: what comes back is a prefix of what was there, and it says what is lost.

use crate::common::recording;
use crate::recorder::record_session;
use std::fs;
use std::path::{Path, PathBuf};
use surae_io::{Repair, read_trial, repair};

fn repaired(folder: &Path, name: &str, bytes: &[u8]) -> (Repair, PathBuf) {
    let (from, to) = (folder.join(format!("torn-{name}")), folder.join(name));
    fs::write(&from, bytes).expect("written");
    let done = repair(&from, &to).unwrap_or_else(|error| panic!("{name}: {error}"));
    (done, to)
}

fn codes(repair: &Repair) -> Vec<&str> {
    repair.notes.iter().map(|note| note.code.as_str()).collect()
}

#[test]
fn a_torn_recording_is_closed_with_every_whole_chunk_of_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("session.xdf");
    record_session(&path);
    let bytes = fs::read(&path).expect("readable");
    let (whole, copy) = repaired(folder.path(), "whole.xdf", &bytes);
    assert!(whole.notes.is_empty(), "{whole:?}");
    assert_eq!(fs::read(copy).expect("readable"), bytes, "a whole recording stays as it is");
    for part in [3, 5, 7, 9] {
        let torn = &bytes[..bytes.len() * part / 10 + 3];
        let (done, to) = repaired(folder.path(), "part.xdf", torn);
        assert!(codes(&done).contains(&"xdf_footers"), "{done:?}");
        let (before, after) =
            (surae_io::read_bytes("torn.xdf", torn).expect("readable"), read_trial(&to).expect("readable"));
        assert_eq!(before.streams, after.streams, "the repair keeps what can be read, and adds nothing");
        assert_eq!(before.log, after.log);
        let (again, _) = repaired(folder.path(), "again.xdf", &fs::read(&to).expect("readable"));
        assert!(again.notes.is_empty(), "repaired once, whole for good: {again:?}");
    }
    // A hole punched into the middle: reading goes on at the next boundary chunk, if there is one.
    let mut punched = bytes.clone();
    let middle = bytes.len() / 2;
    punched[middle..middle + 300].fill(0xEE);
    let (done, to) = repaired(folder.path(), "punched.xdf", &punched);
    assert!(done.lost_bytes > 0 && read_trial(&to).is_ok(), "{done:?}");
}

#[test]
fn a_wav_whose_sizes_are_zero_gets_those_of_the_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let samples: Vec<i16> = (0..1000).map(|k| k * 31 % 1000 - 500).collect();
    let mut wav = b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0".to_vec();
    wav.extend_from_slice(&10_000u32.to_le_bytes());
    wav.extend_from_slice(&20_000u32.to_le_bytes());
    wav.extend_from_slice(&[2, 0, 16, 0]);
    wav.extend_from_slice(b"data\0\0\0\0");
    samples.iter().for_each(|v| wav.extend_from_slice(&v.to_le_bytes()));
    wav.push(7);
    let (done, to) = repaired(folder.path(), "a.wav", &wav);
    assert_eq!(codes(&done), ["wav_sizes", "wav_torn_frame"]);
    assert_eq!(done.lost_bytes, 1);
    let fixed = fs::read(to).expect("readable");
    assert_eq!(fixed.len(), 44 + 2000);
    assert_eq!(fixed[4..8], (36 + 2000u32).to_le_bytes());
    assert_eq!(fixed[40..44], 2000u32.to_le_bytes());
    assert_eq!(fixed[44..], wav[44..44 + 2000], "no sample is touched");
    let (again, _) = repaired(folder.path(), "b.wav", &fixed);
    assert!(again.notes.is_empty(), "{again:?}");
}

#[test]
fn an_edf_without_its_count_gets_the_whole_records_that_are_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let field = |text: &str, width: usize| format!("{text:<width$}");
    let mut header = field("0", 8) + &field("X X X X", 80) + &field("Startdate", 80);
    header += &(field("22.11.26", 8) + &field("10.00.00", 8) + &field("512", 8) + &field("", 44));
    header += &(field("-1", 8) + &field("1", 8) + &field("1", 4));
    header +=
        &(field("EMG SOL", 16) + &field("", 80) + &field("uV", 8) + &field("-100", 8) + &field("100", 8));
    header += &(field("-32768", 8) + &field("32767", 8) + &field("", 80) + &field("50", 8) + &field("", 32));
    assert_eq!(header.len(), 512);
    let mut edf = header.into_bytes();
    edf.extend((0..50 * 2 * 3 + 17).map(|k| k as u8));
    let (done, to) = repaired(folder.path(), "a.edf", &edf);
    assert_eq!(codes(&done), ["edf_records", "edf_torn_record"]);
    let fixed = fs::read(to).expect("readable");
    assert_eq!(&fixed[236..244], b"3       ");
    assert_eq!((fixed.len(), done.lost_bytes), (512 + 300, 17));
    assert_eq!(fixed[512..], edf[512..812]);
}

#[test]
fn a_cut_table_loses_its_torn_line_and_counts_its_rows() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut mot =
        "grf\nversion=1\nnRows=500\nnColumns=2\ninDegrees=yes\nendheader\ntime\tknee_angle_r\n".to_owned();
    (0..100).for_each(|k| mot.push_str(&format!("{:.2}\t{k}.5\n", f64::from(k) * 0.01)));
    let torn = mot.clone() + "1.00\t10";
    let (done, to) = repaired(folder.path(), "a.mot", torn.as_bytes());
    assert_eq!(codes(&done), ["text_last_line", "rows"], "its last number may be cut");
    assert_eq!(fs::read_to_string(&to).expect("text"), mot.replace("nRows=500", "nRows=100"));
    assert_eq!(read_trial(&to).expect("readable").streams[0].frames(), 100);

    let csv = "time_s,SOL\n0.0,1\n0.001,2\n0.0";
    let zeros = [csv.as_bytes(), &[0; 500]].concat();
    let (done, to) = repaired(folder.path(), "a.csv", &zeros);
    assert_eq!(codes(&done), ["text_zeros", "text_torn_line"]);
    assert_eq!(fs::read_to_string(to).expect("text"), "time_s,SOL\n0.0,1\n0.001,2\n");
}

#[test]
fn a_cut_trc_counts_the_frames_that_are_there() {
    let folder = tempfile::tempdir().expect("a folder");
    let head = "PathFileType\t4\t(X/Y/Z)\tcut.trc\nDataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n\
        50\t50\t50\t1\tmm\t50\t1\t50\nFrame#\tTime\tRHEE\t\t\n\t\tX1\tY1\tZ1\n\n";
    let rows: String =
        (0..20).map(|k| format!("{}\t{:.2}\t{k}.5\t1.0\t2.0\n", k + 1, f64::from(k) / 50.0)).collect();
    let (done, to) = repaired(folder.path(), "cut.trc", format!("{head}{rows}21\t0.40\t20").as_bytes());
    assert_eq!(codes(&done), ["text_torn_line", "rows"]);
    let text = fs::read_to_string(&to).expect("text");
    // The third number only: rates and the original count are what they were.
    assert_eq!(text, format!("{}{rows}", head.replace("50\t50\t50\t1", "50\t50\t20\t1")));
    assert_eq!(read_trial(&to).expect("a trial").markers.map(|m| m.frames()), Some(20));
}

#[test]
fn what_cannot_be_repaired_is_refused_and_leaves_no_file() {
    let folder = tempfile::tempdir().expect("a folder");
    let (from, to) = (folder.path().join("a.bin"), folder.path().join("b.bin"));
    for bytes in [
        &b""[..],
        b"XDF:",
        b"XDF:\x04\xff\xff",
        b"\x89HDF\r\n\x1a\n\0\0\0",
        b"RIFF\0\0\0\0WAVEdata",
        b"no line end",
    ] {
        fs::write(&from, bytes).expect("written");
        let error = repair(&from, &to).expect_err("nothing to save").to_string();
        assert!(error.contains("a.bin"), "{error}");
        assert!(!to.exists(), "{error}");
    }
    fs::write(&from, "a,b\n1,2\n").expect("written");
    assert!(repair(&from, &from).is_err(), "the damaged file is the only witness");
}

#[test]
fn a_cut_c3d_holds_its_whole_frames() {
    for name in ["pc_int.c3d", "pc_real.c3d", "DEC_INT.C3D", "Dec_real.c3d", "PiG_Motion-FlatFoot-Full.c3d"] {
        let Some(path) = recording(&format!("11_btkdata/c3d/{name}")) else { return };
        let bytes = fs::read(&path).expect("readable");
        let full = read_trial(&path).expect("readable");
        let folder = tempfile::tempdir().expect("a folder");
        let (done, to) = repaired(folder.path(), name, &bytes[..bytes.len() * 7 / 10]);
        assert!(codes(&done).contains(&"c3d_frames"), "{name}: {done:?}");
        let part = read_trial(&to).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert!(!part.notes.iter().any(|note| note.code == "truncated"), "{name}: {:?}", part.notes);
        let frames = |trial: &surae_trial::Trial| trial.markers.as_ref().map_or(0, |set| set.frames());
        assert!(frames(&part) > 0 && frames(&part) < frames(&full), "{name}");
        for (before, after) in full.streams.iter().zip(&part.streams) {
            for column in 0..before.channels.len() {
                let (all, kept) = (before.column(column), after.column(column));
                let same = all.iter().zip(&kept).all(|(a, b)| a == b || a.is_nan() && b.is_nan());
                assert!(same && kept.len() < all.len(), "{name}: {} {column}", before.name);
            }
        }
        let whole = repaired(folder.path(), name, &bytes).0;
        assert!(whole.notes.is_empty(), "{name}: {whole:?}");
    }
}

/// Found by `crates/io/fuzz`: text enough as a whole, and no text once its last line is gone.
#[test]
fn what_is_left_of_a_text_must_be_text() {
    let torn = [&b"a\x01\n"[..], &[b'b'; 200]].concat();
    let error = surae_io::repair_bytes("torn.csv", &torn).expect_err("nothing is left").to_string();
    assert!(error.contains("nothing can be saved"), "{error}");
    let whole = [&b"a,b\n1,2\n"[..], &[b'3'; 200]].concat();
    let (repaired, done) = surae_io::repair_bytes("torn.csv", &whole).expect("two lines are left");
    assert_eq!((repaired.as_slice(), done.lost_bytes), (&b"a,b\n1,2\n"[..], 200));
}
