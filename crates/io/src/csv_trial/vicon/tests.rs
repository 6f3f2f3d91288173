use surae_trial::{EventKind, Joint, Muscle, Side, Unit};

const TWO: &str = "Devices\n1000\n,,Imported AMTI OR6 Series Force Plate #1 - Force,,,Imported AMTI OR6 Series Force Plate #2 - Force,,,EMG - Voltage,\n\
    Frame,Sub Frame,Fx,Fy,Fz,Fx,Fy,Fz,RSOL,RGM\n,,N,N,N,N,N,N,V,V\n\
    3,0,0,0,-700.5,1,2,3,0.001,-0.002\n3,1,0,0,-701,1,2,3,-0.001,0.002\n4,0,0,0,-702,1,2,3,0.003,-0.004\n4,1,0,0,-703,1,2,3,0.001,\n\n\
    Trajectories\n500\n,,Anna:RKNE,,,Anna:RANK,,\nFrame,Sub Frame,X,Y,Z,X,Y,Z\n,,mm,mm,mm,mm,mm,mm\n\
    3,0,1.5,2,3,4,5,6\n4,0,2.5,2,3,,,\n\n\
    Model Outputs\n500\n,,Anna:RKneeAngles,,,Anna:RKneeMoment,,\nFrame,Sub Frame,X,Y,Z,X,Y,Z\n,,deg,deg,deg,N.mm,N.mm,N.mm\n\
    3,0,10.5,1,2,100,0,0\n4,0,11.5,1,2,200,0,0\n";

fn read(text: &str) -> surae_trial::Trial {
    let trial = crate::read_bytes("walk.csv", text.as_bytes()).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(trial.format, "vicon-csv");
    trial
}

#[test]
fn devices_trajectories_and_outputs_share_one_clock() {
    let trial = read(TWO);
    let analog = &trial.streams[0];
    assert_eq!(
        (analog.name.as_str(), analog.rate_hz, analog.frames(), analog.start_s.0),
        ("analog", 1000.0, 4, 0.0)
    );
    assert_eq!(analog.column(2), [-700.5, -701.0, -702.0, -703.0]);
    assert!(
        analog.channels[2].label.contains("#1") && analog.channels[5].label.contains("#2"),
        "two plates, two names"
    );
    assert_eq!(
        (analog.channels[2].unit.clone(), analog.channels[6].unit.clone()),
        (Unit::Newton, Unit::Volt)
    );
    let muscle = |muscle| analog.emg(muscle, Side::Right);
    assert!(muscle(Muscle::SOL).is_some() && muscle(Muscle::MG).is_some());
    assert!(analog.column(7)[3].is_nan(), "an empty cell is missing, not zero");
    let set = trial.markers.as_ref().expect("markers");
    assert_eq!(
        (set.rate_hz, set.unit.clone(), set.markers[0].label.as_str()),
        (500.0, Unit::Millimetre, "RKNE")
    );
    assert_eq!(set.markers[0].position, [[1.5, 2.0, 3.0], [2.5, 2.0, 3.0]]);
    assert!(set.markers[1].position[1][0].is_nan());
    let angles = trial.streams.iter().find(|stream| stream.name == "angles").expect("angles");
    assert!(angles.channels[0].is_angle_of(Joint::Knee, Side::Right));
    assert_eq!(angles.column(0), [10.5, 11.5]);
    let model = trial.streams.iter().find(|stream| stream.name == "model").expect("moments");
    assert_eq!(
        (model.channels[0].unit.clone(), model.column(0)),
        (Unit::NewtonMillimetre, vec![100.0, 200.0])
    );
}

#[test]
fn semicolons_decimal_commas_and_padding_are_the_same_file() {
    let german = TWO.replace(',', ";").replace('.', ",").replace("N,mm", "N.mm");
    let padded = german.replace("Devices\n1000\n", "Devices;;;;\n1000;;;;\n").replace("\n\n", "\n;;;;\n");
    let (english, german, padded) = (read(TWO), read(&german), read(&padded));
    // `NaN` is not equal to itself: the last sample of the last channel is left out.
    for other in [german, padded] {
        assert_eq!(english.streams[0].column(6), other.streams[0].column(6));
        assert_eq!(english.streams[1], other.streams[1]);
        assert_eq!(
            english.markers.as_ref().map(|set| &set.markers[0]),
            other.markers.as_ref().map(|set| &set.markers[0])
        );
    }
}

#[test]
fn events_are_placed_against_the_first_frame() {
    let events = "Events\n500\nSubject,Context,Name,Time (s),Description\nAnna,Right,Foot Strike,0.006,The instant the heel strikes\n\
        Anna,Left,Foot Off,0.008,The instant the toe leaves\n\n";
    let trial = read(&format!("{events}{TWO}"));
    // Frame 3 of 500 Hz is trial time 0: frame 1 was 4 ms before.
    let found: Vec<_> = trial.events.iter().map(|e| ((e.time_s.0 * 1e6).round(), e.kind, e.side)).collect();
    assert_eq!(
        found,
        [(2000.0, EventKind::FootContact, Some(Side::Right)), (4000.0, EventKind::FootOff, Some(Side::Left))]
    );
}

#[test]
fn missing_frames_are_a_gap() {
    let text = "Devices\n1000\n,,EMG - Voltage,\nFrame,Sub Frame,RSOL,RGM\n,,V,V\n1,0,1,1\n1,1,1,1\n3,0,2,2\n3,1,2,2\n";
    let trial = read(text);
    let gap = &trial.streams[0].gaps[0];
    assert_eq!((gap.index.0, gap.lost_samples, gap.certain), (2, 2, true));
    assert_eq!(trial.streams[0].frames(), 4);
}

#[test]
fn a_file_without_numbers_says_what_to_export() {
    let events = "Events\n100\nSubject,Context,Name,Time (s),Description\nAnna,Right,Foot Strike,0.006,x\n";
    let error = crate::read_bytes("e.csv", events.as_bytes()).expect_err("refused").to_string();
    assert!(error.contains("tick devices"), "{error}");
    let damaged = "Trajectories\n100\n,,A,,\nnothing here\n";
    assert!(crate::read_bytes("d.csv", damaged.as_bytes()).is_err());
}

#[test]
fn frame_numbers_that_leave_a_hole_of_hours_cost_no_memory() {
    let far = TWO.replace("4,0,2.5,2,3,,,\n", "1000000,0,2.5,2,3,,,\n");
    let trial = read(&far);
    assert!(trial.markers.is_none());
    assert!(trial.notes.iter().any(|note| note.code == "section_left_out"), "{:?}", trial.notes);
    let near = read(&TWO.replace("4,0,2.5,2,3,,,\n", "1004,0,2.5,2,3,,,\n"));
    assert_eq!(near.markers.expect("a hole of seconds is one").markers[0].position.len(), 1002);
}
