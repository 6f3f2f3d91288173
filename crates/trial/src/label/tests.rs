use super::*;
use crate::Joint;
use Muscle::{BF, GAS, GMAX, GMED, LG, MG, Other, PL, RF, SOL, ST, TA, VL, VM};
use Side::{Left, Right};

fn roles(labels: &[&str]) -> Vec<(Option<Muscle>, Option<Side>)> {
    let labelled: Vec<Labelled<'_>> =
        labels.iter().map(|label| Labelled { label, description: "", unit: &Unit::Volt }).collect();
    roles_of(&labelled).into_iter().map(|role| (role.muscle, role.side)).collect()
}

fn one(label: &str) -> (Option<Muscle>, Option<Side>) {
    let role = role_of(label, "", &Unit::Volt);
    assert_eq!(role.kind, Kind::RawEmg, "{label}: {}", role.reason);
    (role.muscle, role.side)
}

/// Spellings of the recordings listed in the catalogue of real data.
#[test]
fn spellings_of_real_recordings() {
    let table: &[(&str, Muscle, Option<Side>)] = &[
        ("MGAST", MG, None),
        ("MSOLEUS", SOL, None),
        ("LSOL", SOL, Some(Left)),
        ("RSOL", SOL, Some(Right)),
        ("LTIB", TA, Some(Left)),
        ("L Jum Int", MG, Some(Left)),
        ("R Jum Int", MG, Some(Right)),
        ("Soleus Droit", SOL, Some(Right)),
        ("Soleus Gauche", SOL, Some(Left)),
        ("Tibialis Anterior Gauche", TA, Some(Left)),
        ("Rectus Femoris Droit", RF, Some(Right)),
        ("soleus_r", SOL, Some(Right)),
        ("med_gas_r", MG, Some(Right)),
        ("lat_gas_r", LG, Some(Right)),
        ("tib_ant_r", TA, Some(Right)),
        ("gasmed_r", MG, Some(Right)),
        ("gaslat_l", LG, Some(Left)),
        ("R_GL", LG, Some(Right)),
        ("L_GL", LG, Some(Left)),
        ("R_PE", PL, Some(Right)),
        ("GL", LG, None),
        ("SO", SOL, None),
        ("SOL", SOL, None),
        ("GAS", GAS, None),
        ("TA", TA, None),
        ("PL", PL, None),
        ("Medial Gastroc", MG, None),
        ("Right Gastrocnemius Lateralis", LG, Some(Right)),
        ("Left Tibialis Anterior", TA, Some(Left)),
        ("Left Biceps Femoris Caput Longus", BF, Some(Left)),
        ("R.Gastroc", GAS, Some(Right)),
        ("L.Ant.Tib", TA, Some(Left)),
        ("RTGA", GAS, Some(Right)),
        ("LTTI", TA, Some(Left)),
        ("gastrocnemius", GAS, None),
        ("tibialis_anterior", TA, None),
        ("vastus_medius", VM, None),
        ("medial_hamstrings", ST, None),
        ("JI", MG, None),
        ("JE", LG, None),
        ("semimem_r", ST, Some(Right)),
        ("bifemlh_r", BF, Some(Right)),
        ("vas_lat_r", VL, Some(Right)),
        ("rect_fem_r", RF, Some(Right)),
        ("GMAX", GMAX, None),
        ("gluteus_medius", GMED, None),
        ("Delt_ant.EMG1", Other, None),
    ];
    for (label, muscle, side) in table {
        assert_eq!(one(label), (Some(*muscle), *side), "{label}");
    }
}

#[test]
fn names_in_six_languages() {
    let table: &[(&str, Muscle, Option<Side>)] = &[
        ("Right medial gastrocnemius", MG, Some(Right)),
        ("M. gastrocnemius medialis rechts", MG, Some(Right)),
        ("Zwillingswadenmuskel lateral links", LG, Some(Left)),
        ("Schollenmuskel links", SOL, Some(Left)),
        ("Wadenbeinmuskel rechts", PL, Some(Right)),
        ("Jumeau interne droit", MG, Some(Right)),
        ("Jumeau externe gauche", LG, Some(Left)),
        ("Soléaire droit", SOL, Some(Right)),
        ("Jambier antérieur gauche", TA, Some(Left)),
        ("Droit antérieur gauche", RF, Some(Left)),
        ("Gemelo interno derecho", MG, Some(Right)),
        ("Sóleo izquierdo", SOL, Some(Left)),
        ("Gastrocnemio lateral izquierdo", LG, Some(Left)),
        ("Gêmeo medial direito", MG, Some(Right)),
        ("Gastrocnêmio lateral esquerdo", LG, Some(Left)),
        ("Gemello mediale destro", MG, Some(Right)),
        ("Gastrocnemio laterale sinistro", LG, Some(Left)),
        ("Soleo destro", SOL, Some(Right)),
        ("Tibiale anteriore sx", TA, Some(Left)),
        ("Tibial anterior der", TA, Some(Right)),
        ("Vaste interne droit", VM, Some(Right)),
        ("Moyen fessier gauche", GMED, Some(Left)),
    ];
    for (label, muscle, side) in table {
        assert_eq!(one(label), (Some(*muscle), *side), "{label}");
    }
}

#[test]
fn an_l_is_left_or_lateral_by_its_company() {
    assert_eq!(
        roles(&["MGAST", "LGAST", "MSOLEUS", "MHAMS", "LHAMS"]),
        [(Some(MG), None), (Some(LG), None), (Some(SOL), None), (Some(ST), None), (Some(BF), None)]
    );
    assert_eq!(roles(&["RGAS", "LGAS"]), [(Some(GAS), Some(Right)), (Some(GAS), Some(Left))]);
    assert_eq!(roles(&["LJUM", "RJUM"]), [(Some(GAS), Some(Left)), (Some(GAS), Some(Right))]);
    assert_eq!(roles(&["MG", "LG", "SOL"]), [(Some(MG), None), (Some(LG), None), (Some(SOL), None)]);
    assert_eq!(roles(&["RG", "LG"]), [(Some(GAS), Some(Right)), (Some(GAS), Some(Left))]);
    let alone = role_of("LGAST", "", &Unit::Volt);
    assert_eq!((alone.muscle, alone.side), (Some(GAS), None));
    assert!(alone.reason.contains("left or lateral"), "{}", alone.reason);
}

#[test]
fn gm_is_gastrocnemius_only_in_the_right_company() {
    let santuz = ["ME", "MA", "FL", "RF", "VM", "VL", "ST", "BF", "TA", "PL", "GM", "GL", "SO"];
    let expected = [GMED, GMAX, Other, RF, VM, VL, ST, BF, TA, PL, MG, LG, SOL];
    let found: Vec<_> = roles(&santuz).into_iter().map(|(muscle, _)| muscle).collect();
    assert_eq!(found, expected.map(Some));
    let labelled: Vec<Labelled<'_>> =
        santuz.iter().map(|label| Labelled { label, description: "", unit: &Unit::Volt }).collect();
    let reason = roles_of(&labelled).remove(10).reason;
    assert!(reason.contains("because 'GL'") && reason.contains("gluteus"), "{reason}");

    let alone = role_of("GM", "", &Unit::Volt);
    assert_eq!((alone.kind, alone.muscle), (Kind::Unknown, None));
    let gluteus = roles(&["GM", "RF", "VL"]);
    assert_eq!(gluteus[0].0, None);
    let taken = roles(&["GM", "MG", "SOL"]);
    assert_eq!((taken[0].0, taken[1].0), (Some(Other), Some(MG)));
}

#[test]
fn a_description_completes_a_label() {
    let role = role_of("LJUM", "L Jum Int", &Unit::Volt);
    assert_eq!((role.muscle, role.side), (Some(MG), Some(Left)));
    let role = role_of("RGAS", "R Gastrocnemius Med", &Unit::Volt);
    assert_eq!((role.muscle, role.side), (Some(MG), Some(Right)));
    assert!(role.reason.contains("description"), "{}", role.reason);
}

#[test]
fn what_is_not_emg_is_not_called_emg() {
    let kind = |label: &str, unit: Unit| role_of(label, "", &unit).kind;
    assert_eq!(kind("Fz1", Unit::Newton), Kind::Force);
    assert_eq!(kind("F1X1", Unit::Count), Kind::Force);
    assert_eq!(kind("Mx1", Unit::NewtonMillimetre), Kind::Moment);
    assert_eq!(kind("LeftFootSwitch", Unit::Volt), Kind::Switch);
    assert_eq!(kind("fsr_heel", Unit::Arbitrary), Kind::Switch);
    assert_eq!(kind("ax", Unit::Arbitrary), Kind::Acceleration);
    assert_eq!(kind("TA ACC X", Unit::Gravity), Kind::Acceleration);
    assert_eq!(kind("seq", Unit::Arbitrary), Kind::Counter);
    assert_eq!(kind("timestamp_us", Unit::Arbitrary), Kind::DeviceTime);
    assert_eq!(kind("Voltage.1", Unit::Volt), Kind::Unknown);
    assert_eq!(kind("Pin 1", Unit::Volt), Kind::Unknown);
    let sensor = role_of("Sensor 12.EMG12", "", &Unit::Volt);
    assert_eq!((sensor.kind, sensor.muscle), (Kind::RawEmg, None));
}

#[test]
fn joint_angles_have_joint_and_side() {
    let angle = |label: &str, unit: Unit| {
        let role = role_of(label, "", &unit);
        (role.kind, role.joint, role.side)
    };
    let knee = Some(Joint::Knee);
    assert_eq!(angle("knee_angle_r", Unit::Degree), (Kind::Angle, knee, Some(Right)));
    assert_eq!(angle("knee_angle_l", Unit::Radian), (Kind::Angle, knee, Some(Left)));
    assert_eq!(angle("knee", Unit::Arbitrary), (Kind::Angle, knee, None));
    assert_eq!(angle("RKnee", Unit::Degree), (Kind::Angle, knee, Some(Right)));
    assert_eq!(angle("Kniewinkel rechts", Unit::Degree), (Kind::Angle, knee, Some(Right)));
    assert_eq!(angle("ankle_angle_r", Unit::Degree).1, Some(Joint::Ankle));
    assert_eq!(angle("hip_flexion_l", Unit::Degree).1, Some(Joint::Hip));
    assert_eq!(angle("hip_adduction_r", Unit::Degree).1, None);
    assert_eq!(angle("knee_angle_r_beta", Unit::Degree).1, None);
    assert_eq!(angle("knee goniometer", Unit::Volt).0, Kind::Unknown);
}

#[test]
fn any_text_is_answered() {
    for label in ["", " ", ":", "ß", "éé", "L", "R", "l", "rl", "LG LG", "\u{0}", "İ", "ﬀR"] {
        let role = role_of(label, label, &Unit::Arbitrary);
        assert!(!role.reason.is_empty());
    }
}

/// Spellings of programs and labs whose recordings are not in the collection: Noraxon, Cometa, Vicon, Qualisys, Visual3D, OpenSim.
#[test]
fn spellings_of_other_labs() {
    let table: &[(&str, Muscle, Option<Side>)] = &[
        ("LT MED GASTRO", MG, Some(Left)),
        ("RT LAT. GASTRO", LG, Some(Right)),
        ("RT SOLEUS", SOL, Some(Right)),
        ("SOLEUS LT", SOL, Some(Left)),
        ("LT TIB.ANT.", TA, Some(Left)),
        ("R Gastroc Med", MG, Some(Right)),
        ("R_Gastrocnemius_Lateralis", LG, Some(Right)),
        ("LGastrocnemiusMedialis", MG, Some(Left)),
        ("RightGastrocnemiusLateralis", LG, Some(Right)),
        ("GasMed_L", MG, Some(Left)),
        ("GASTROC_MED_R", MG, Some(Right)),
        ("TibAnt_R", TA, Some(Right)),
        ("EMG_MG_R", MG, Some(Right)),
        ("EMG1_SOL_L", SOL, Some(Left)),
        ("MedGastroc_L", MG, Some(Left)),
        ("LatGastroc_R", LG, Some(Right)),
        ("Gastroc Medial Head R", MG, Some(Right)),
        ("Gastrocnemius (lateral head), left", LG, Some(Left)),
        ("medialgastroc_r", MG, Some(Right)),
        ("RMGAS", MG, Some(Right)),
        ("LLGAS", LG, Some(Left)),
        ("LMG", MG, Some(Left)),
        ("RLG", LG, Some(Right)),
        ("RMG", MG, Some(Right)),
        ("LLG", LG, Some(Left)),
        ("LSOLEUS", SOL, Some(Left)),
        ("RTibialisAnterior", TA, Some(Right)),
        ("L_TIB_ANT", TA, Some(Left)),
        ("R PERONEUS LONGUS", PL, Some(Right)),
        ("L Fibularis longus", PL, Some(Left)),
        ("medgas_l", MG, Some(Left)),
        ("gaslat_r", LG, Some(Right)),
        ("soleus_l", SOL, Some(Left)),
        ("M. gastrocnemius rechts", GAS, Some(Right)),
        ("GAS M re", MG, Some(Right)),
        ("tibant_l", TA, Some(Left)),
        ("perlong_r", PL, Some(Right)),
        ("M. soleus re", SOL, Some(Right)),
        ("M. gastrocnemius lateralis li", LG, Some(Left)),
        ("Gastrocnémien médial gauche", MG, Some(Left)),
        ("Gemelo externo izquierdo", LG, Some(Left)),
        ("Gastrocnemio mediale dx", MG, Some(Right)),
        ("Gastrocnêmio medial D", MG, None),
        ("Panturrilha solear esquerda", SOL, Some(Left)),
        ("Trigno 3: R SOL: EMG 3", SOL, Some(Right)),
    ];
    let mut wrong = Vec::new();
    for (label, muscle, side) in table {
        let role = role_of(label, "", &Unit::Volt);
        if (role.kind, role.muscle, role.side) != (Kind::RawEmg, Some(*muscle), *side) {
            wrong.push(format!("{label}: {:?} {:?} ({})", role.muscle, role.side, role.reason));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
