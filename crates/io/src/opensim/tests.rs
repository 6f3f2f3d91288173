use crate::read_bytes;
use surae_trial::{Joint, Kind, Side};

fn table(header: &str) -> String {
    format!(
        "{header}time\tknee_angle_r\tpelvis_tx\tsoleus_r\n0\t-0.5\t1.0\t0.1\n0.01\t-0.6\t1.1\t0.2\n0.02\t-0.7\t1.2\t0.3\n"
    )
}

#[test]
fn header_variants_of_all_versions_are_read() {
    for header in [
        "Coordinates\nversion=1\nnRows=3\nnColumns=4\ninDegrees=yes\nendheader\n",
        "Coordinates\nnRows=3\nnColumns=4\n\nendheader\n",
        "\nDataType=double\nversion=3\nOpenSimVersion=4.3\nendheader\n",
        "name x\r\ndatacolumns 4\r\ndatarows 3\r\nrange 0 0.02\r\nendheader\r\n",
        "endheader\n",
    ] {
        let trial = read_bytes("a.mot", table(header).as_bytes()).expect(header);
        let stream = &trial.streams[0];
        assert_eq!((stream.rate_hz, stream.frames()), (100.0, 3), "{header}");
        assert!(stream.channels[0].is_angle_of(Joint::Knee, Side::Right));
        assert_eq!(stream.column(0), [-0.5, -0.6, -0.7], "the sign is left as it is");
    }
}

#[test]
fn radians_become_degrees_and_a_missing_unit_is_noted() {
    let radians = read_bytes("a.mot", table("c\ninDegrees=no\nendheader\n").as_bytes()).expect("readable");
    let degrees = radians.streams[0].column(0)[0];
    assert!((degrees + 28.647_889_756_541_16).abs() < 1e-12, "{degrees}");
    assert_eq!(radians.streams[0].column(1)[0], 1.0, "a translation keeps its metres");
    let silent = read_bytes("a.mot", table("c\nendheader\n").as_bytes()).expect("readable");
    assert!(silent.notes.iter().any(|note| note.code == "opensim_degrees_assumed"));
}

#[test]
fn a_torn_last_row_is_left_out_and_said() {
    let mut text = table("c\nnRows=4\nendheader\n");
    text.push_str("0.03\t-0.");
    let trial = read_bytes("a.mot", text.as_bytes()).expect("readable");
    assert_eq!(trial.streams[0].frames(), 3);
    assert!(trial.notes.iter().any(|note| note.code == "rows_skipped" && note.text.contains("cut")));
}

#[test]
fn text_in_a_cell_is_a_missing_value() {
    let text = "c\nendheader\ntime\tsoleus_r\n0\t1\n0.1\tnan\n0.2\toops\n0.3\t4\n";
    let stream = read_bytes("a.sto", text.as_bytes()).expect("readable").streams.remove(0);
    assert_eq!(stream.channels[0].role.kind, Kind::RawEmg);
    let column = stream.column(0);
    assert!(column[1].is_nan() && column[2].is_nan());
    assert_eq!(column[3], 4.0);
}

#[test]
fn errors_name_line_and_remedy() {
    let error = read_bytes("a.mot", b"c\nendheader\nfoo\tbar\n1\t2\n").expect_err("no time column");
    assert!(error.to_string().contains("line 3") && error.to_string().contains("time"), "{error}");
    let error = read_bytes("a.mot", b"c\nendheader\ntime\tbar\n").expect_err("no rows");
    assert!(error.to_string().contains("0 usable rows"), "{error}");
}

#[test]
fn a_file_of_coordinates_holds_no_emg() {
    let text = "Coordinates\nendheader\ntime\tarm_add_r\n0\t0.1\n0.01\t0.2\n";
    let trial = read_bytes("a.mot", text.as_bytes()).expect("readable");
    assert_eq!(trial.streams[0].channels[0].role.kind, Kind::Unknown);
}

#[test]
fn what_is_written_reads_back_exactly() {
    let text = "Coordinates\nversion=1\ninDegrees=yes\nendheader\ntime\tknee_angle_r\tpelvis_tx\n0.25\t0.1\t1e-9\n0.26\tnan\t-2.5\n0.27\t33.333333333333336\t0\n";
    let trial = crate::read_bytes("a.mot", text.as_bytes()).expect("readable");
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["b.mot", "b.sto"] {
        let path = folder.path().join(name);
        let notes = crate::write_trial(&trial, &path).expect("written");
        assert!(notes.iter().any(|n| n.code == "opensim_cannot_hold" && n.text.contains('m')), "{notes:?}");
        let back = crate::read_trial(&path).expect("readable");
        let (a, b) = (&trial.streams[0], &back.streams[0]);
        assert_eq!((a.rate_hz, a.start_s, &a.name), (b.rate_hz, b.start_s, &b.name));
        for k in 0..2 {
            assert_eq!(a.channels[k].label, b.channels[k].label);
            assert_eq!(format!("{:?}", a.column(k)), format!("{:?}", b.column(k)));
        }
    }
    let mut signals = trial.clone();
    signals.streams[0].channels.iter_mut().for_each(|c| c.role.kind = Kind::Unknown);
    let error =
        crate::write_trial(&signals, &folder.path().join("c.mot")).expect_err("no angles").to_string();
    assert!(error.contains(".sto"), "{error}");
}
