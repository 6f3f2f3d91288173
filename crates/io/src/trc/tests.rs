use super::*;

fn read(text: &str) -> Result<Trial, Error> {
    crate::read_bytes("a.trc", text.as_bytes())
}

const HEAD: &str = "PathFileType\t4\t(X/Y/Z)\ta.trc\nDataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n100\t100\t3\t2\tmm\t100\t1\t3\n";

#[test]
fn rows_cut_short_blank_cells_and_zeros_are_gaps() {
    let rows = "Frame#\tTime\tR.Knee\t\t\tL.Knee\t\t\n\t\tX1\tY1\tZ1\tX2\tY2\tZ2\n\n1\t0.00\t1\t2\t3\t4\t5\t6\n2\t0.01\t1\t2\t3\n3\t0.02\t0\t0\t0\t\t\t\t\n";
    let trial = read(&format!("{HEAD}{rows}")).expect("readable");
    let set = trial.markers.expect("markers");
    assert_eq!((set.rate_hz, set.unit.clone(), set.frames()), (100.0, Unit::Millimetre, 3));
    assert_eq!(set.markers[0].position[..2], [[1.0, 2.0, 3.0]; 2]);
    assert!(set.markers[0].position[2][0].is_nan());
    assert_eq!(set.markers[1].position[0], [4.0, 5.0, 6.0]);
    assert!(set.markers[1].position[1][0].is_nan() && set.markers[1].position[2][0].is_nan());
}

#[test]
fn blanks_instead_of_tabs_windows_ends_and_no_blank_line_are_read() {
    let text =
        format!("{HEAD}Frame# Time A B\r\nX1 Y1 Z1 X2 Y2 Z2\r\n1 0.00 1 2 3 4 5 6\r\n2 0.01 1 2 3 4 5 6\r\n");
    let trial = read(&text).expect("readable");
    assert!(trial.notes.iter().any(|n| n.code == "trc_counts_differ"), "{:?}", trial.notes);
    assert_eq!(trial.markers.expect("markers").frames(), 2);
}

#[test]
fn a_rate_that_the_times_contradict_gives_way() {
    let rows: String =
        (0..20).map(|k| format!("{}\t{}\t1\t2\t3\t4\t5\t6\n", k + 1, f64::from(k) / 200.0)).collect();
    let trial = read(&format!("{HEAD}Frame#\tTime\tA\t\t\tB\n{rows}")).expect("readable");
    assert!((trial.markers.as_ref().expect("markers").rate_hz - 200.0).abs() < 0.01);
    assert!(trial.notes.iter().any(|n| n.code == "trc_rates_differ"));
}

#[test]
fn without_labels_or_rows_the_place_is_named() {
    for text in [HEAD.to_owned(), format!("{HEAD}Frame#\tTime\n"), format!("{HEAD}Frame#\tTime\tA\n")] {
        let error = read(&text).expect_err("nothing to read").to_string();
        assert!(error.contains("TRC") && error.contains(';'), "{error}");
    }
}

#[test]
fn what_is_written_reads_back_exactly() {
    let gap = [f64::NAN; 3];
    let set = MarkerSet {
        rate_hz: 120.5,
        start_s: Seconds(0.25),
        unit: Unit::Metre,
        markers: vec![
            Marker { label: "RKNE".to_owned(), position: vec![[0.1, -2.5e-7, 1.0 / 3.0], gap] },
            Marker { label: "LKNE".to_owned(), position: vec![gap, [1.0, 2.0, 3.0]] },
        ],
    };
    let trial = Trial { markers: Some(set.clone()), ..Trial::default() };
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.trc");
    assert!(crate::write_trial(&trial, &path).expect("written").is_empty());
    let back = crate::read_trial(&path).expect("readable").markers.expect("markers");
    assert_eq!((back.rate_hz, back.start_s, &back.unit), (set.rate_hz, set.start_s, &set.unit));
    assert_eq!(format!("{:?}", back.markers), format!("{:?}", set.markers));
}
