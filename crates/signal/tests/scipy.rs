//! Every stage against SciPy: 1e-9 of the peak at the five rates of the reference set.

#![allow(clippy::unwrap_used, reason = "a failed set-up is a failed test")]

mod support;

use support::{RATES, Reference, assert_close, json, numbers, rows, sos_of};
use surae_signal::chain::{Chain, ChainDesign, Rectify};
use surae_signal::design::{Band, butterworth, notch};
use surae_signal::filter::{FilterBank, zero_phase, zero_phase_padded};
use surae_signal::spectrum::{Bins, Detrend, MedianRule, Stft, Welch, WelchSettings};

const TOLERANCE: f64 = 1e-9;

fn band_of(kind: &str, edges: &[f64]) -> Band {
    match kind {
        "lowpass" => Band::LowPass(edges[0]),
        "highpass" => Band::HighPass(edges[0]),
        "bandpass" => Band::BandPass(edges[0], edges[1]),
        "bandstop" => Band::BandStop(edges[0], edges[1]),
        _ => panic!("unknown kind {kind}"),
    }
}

#[test]
fn designs_of_every_kind_and_order() {
    let designs = json("scipy_designs.json");
    for row in designs["butter"].as_array().unwrap() {
        let (rate, order) = (row["rate"].as_f64().unwrap(), row["order"].as_u64().unwrap() as usize);
        let kind = row["kind"].as_str().unwrap();
        let edges = numbers(&row["edges"]);
        let sos = butterworth(order, band_of(kind, &edges), rate).unwrap();
        let expected = rows(&row["sos"]);
        assert_eq!(sos.sections().len(), expected.len(), "{kind} {order} at {rate}");
        for (i, (section, expected)) in sos.sections().iter().zip(&expected).enumerate() {
            let actual = [section.b[0], section.b[1], section.b[2], 1.0, section.a[0], section.a[1]];
            assert_close(
                &format!("{kind} {order} {edges:?} at {rate}, section {i}"),
                &actual,
                expected,
                1e-12,
            );
        }
        let zi: Vec<f64> = sos.zi()[..expected.len()].concat();
        let expected_zi: Vec<f64> = rows(&row["zi"]).concat();
        assert_close(&format!("zi of {kind} {order} {edges:?} at {rate}"), &zi, &expected_zi, TOLERANCE);
    }
}

#[test]
fn designs_at_the_exact_delsys_rates() {
    let designs = json("designs.json");
    for (name, rate) in
        [("10000/9", 10000.0 / 9.0), ("34000/27", 34000.0 / 27.0), ("58000/27", 58000.0 / 27.0)]
    {
        for (key, order, band) in [
            ("bp2_20_450", 2, Band::BandPass(20.0, 450.0)),
            ("bp4_20_450", 4, Band::BandPass(20.0, 450.0)),
            ("hp4_20", 4, Band::HighPass(20.0)),
            ("lp2_3", 2, Band::LowPass(3.0)),
            ("lp4_10", 4, Band::LowPass(10.0)),
        ] {
            let expected = sos_of(&rows(&designs["fs"][name][key]));
            let actual = butterworth(order, band, rate).unwrap();
            for (a, e) in actual.sections().iter().zip(expected.sections()) {
                assert_close(key, &[a.b.as_slice(), &a.a].concat(), &[e.b.as_slice(), &e.a].concat(), 1e-12);
            }
        }
    }
}

#[test]
fn notches_equal_iirnotch() {
    for row in json("scipy_designs.json")["notch"].as_array().unwrap() {
        let [rate, centre, q] = ["rate", "centre", "q"].map(|k| row[k].as_f64().unwrap());
        let sos = notch(centre, q, rate).unwrap();
        let section = sos.sections()[0];
        assert_close("notch b", &section.b, &numbers(&row["b"]), 1e-14);
        assert_close("notch a", &section.a, &numbers(&row["a"])[1..], 1e-14);
    }
}

#[test]
fn response_and_group_delay() {
    for row in json("scipy_designs.json")["delay"].as_array().unwrap() {
        let corner = row["corner"].as_f64().unwrap();
        let sos =
            butterworth(row["order"].as_u64().unwrap() as usize, Band::LowPass(corner), 2000.0).unwrap();
        let frequencies = numbers(&row["frequencies"]);
        let delays: Vec<f64> = frequencies.iter().map(|&f| sos.group_delay_s(f, 2000.0) * 2000.0).collect();
        assert_close("group delay", &delays, &numbers(&row["delay_samples"]), 1e-6);
        let (re, im): (Vec<f64>, Vec<f64>) =
            frequencies.iter().map(|&f| sos.response(f, 2000.0)).map(|h| (h.re, h.im)).unzip();
        assert_close("response, real part", &re, &numbers(&row["re"]), TOLERANCE);
        assert_close("response, imaginary part", &im, &numbers(&row["im"]), TOLERANCE);
    }
}

fn chain_design(rate: f64) -> ChainDesign {
    ChainDesign {
        band: butterworth(4, Band::BandPass(20.0, 450.0), rate).unwrap(),
        notch: Some(notch(50.0, 30.0, rate).unwrap()),
        rectify: Rectify::Absolute,
        envelope: butterworth(4, Band::LowPass(6.0), rate).unwrap(),
    }
}

#[test]
fn causal_filters() {
    for (name, rate) in RATES {
        let reference = Reference::open(name);
        let design = chain_design(rate);
        let mut band = reference.get("x").to_vec();
        FilterBank::new(&design.band, 1).process(&mut band);
        assert_close(&format!("band-pass at {name}"), &band, reference.get("bp_causal"), TOLERANCE);
        FilterBank::new(&design.notch.unwrap(), 1).process(&mut band);
        assert_close(&format!("notch at {name}"), &band, reference.get("bpn_causal"), TOLERANCE);
        let mut envelope: Vec<f64> = band.iter().map(|x| x.abs()).collect();
        assert_close(&format!("rectified at {name}"), &envelope, reference.get("rect_causal"), TOLERANCE);
        FilterBank::new(&design.envelope, 1).process(&mut envelope);
        assert_close(&format!("envelope at {name}"), &envelope, reference.get("env_causal"), TOLERANCE);
    }
}

#[test]
fn primed_filter() {
    for (name, rate) in RATES {
        let reference = Reference::open(name);
        let mut primed = reference.get("x").to_vec();
        let mut bank = FilterBank::new(&chain_design(rate).band, 1);
        bank.prime(&primed[..1]);
        bank.process(&mut primed);
        assert_close(&format!("primed at {name}"), &primed, reference.get("bp_causal_zi_x0"), TOLERANCE);
    }
}

#[test]
fn fused_chain() {
    for (name, rate) in RATES {
        let reference = Reference::open(name);
        let x = reference.get("x");
        let (mut band, mut envelope) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        Chain::new(&chain_design(rate), 1).process(x, &mut band, &mut envelope);
        assert_close(&format!("chain band at {name}"), &band, reference.get("bpn_causal"), TOLERANCE);
        assert_close(&format!("chain envelope at {name}"), &envelope, reference.get("env_causal"), TOLERANCE);
    }
}

#[test]
fn zero_phase_filters() {
    for (name, rate) in RATES {
        let reference = Reference::open(name);
        let design = chain_design(rate);
        let band = zero_phase(&design.band, reference.get("x"));
        assert_close(&format!("band-pass at {name}"), &band, reference.get("bp_zero"), TOLERANCE);
        let notched = zero_phase(&design.notch.unwrap(), &band);
        assert_close(&format!("notch at {name}"), &notched, reference.get("bpn_zero"), TOLERANCE);
        let rectified: Vec<f64> = notched.iter().map(|x| x.abs()).collect();
        let envelope = zero_phase(&design.envelope, &rectified);
        assert_close(&format!("envelope at {name}"), &envelope, reference.get("env_zero"), TOLERANCE);
    }
}

#[test]
fn zero_phase_of_odd_order_and_with_explicit_padding() {
    let outputs = json("scipy_outputs.json");
    let reference = Reference::open("2000");
    let x = &reference.get("x")[..600];
    let low = butterworth(3, Band::LowPass(6.0), 2000.0).unwrap();
    assert_close("order 3", &zero_phase(&low, x), &numbers(&outputs["zero_phase_order3"]), TOLERANCE);
    let band = butterworth(4, Band::BandPass(20.0, 450.0), 2000.0).unwrap();
    let padded = zero_phase_padded(&band, x, 200);
    assert_close("padding of 200", &padded, &numbers(&outputs["zero_phase_pad200"]), TOLERANCE);
}

#[test]
fn welch_density() {
    for (name, rate) in RATES {
        let reference = Reference::open(name);
        let y = reference.get("bpn_causal");
        let expected_f = reference.get("welch_f");
        for (detrend, key) in [(Detrend::Constant, "welch_p"), (Detrend::None, "welch_p_nodetrend")] {
            let settings = WelchSettings { segment: 512, overlap: 256, detrend, rate_hz: rate };
            let spectrum = Welch::new(settings).unwrap().density(y);
            assert_close(&format!("{key} at {name}"), &spectrum.density, reference.get(key), TOLERANCE);
            let f: Vec<f64> = (0..spectrum.density.len()).map(|i| spectrum.frequency(i)).collect();
            assert_close("frequencies", &f, expected_f, TOLERANCE);
        }
    }
}

#[test]
fn median_and_mean_frequency() {
    for (name, rate) in RATES {
        let reference = Reference::open(name);
        let bins = Bins { resolution_hz: rate / 512.0, density: reference.get("welch_p") };
        let median = |rule| bins.median_frequency(0.0, rate / 2.0, rule).unwrap();
        for (rule, key) in [
            (MedianRule::FirstBin, "mdf_bin"),
            (MedianRule::Interpolated, "mdf_interp"),
            (MedianRule::Trapezoid, "mdf_trapz"),
        ] {
            assert_close(&format!("{key} at {name}"), &[median(rule)], reference.get(key), TOLERANCE);
        }
        let mean = bins.mean_frequency(0.0, rate / 2.0).unwrap();
        assert_close(&format!("mnf at {name}"), &[mean], reference.get("mnf"), TOLERANCE);
    }
}

#[test]
fn welch_with_an_odd_segment_and_stft() {
    let outputs = json("scipy_outputs.json");
    let reference = Reference::open("2000");
    let x = reference.get("x");
    let settings = WelchSettings { segment: 301, overlap: 100, detrend: Detrend::Constant, rate_hz: 2000.0 };
    let spectrum = Welch::new(settings).unwrap().density(x);
    assert_close("odd segment", &spectrum.density, &numbers(&outputs["welch_odd"]), TOLERANCE);

    let mut stft = Stft::new(256, 32, 2000.0).unwrap();
    let columns = outputs["stft_columns"].as_u64().unwrap() as usize;
    assert_eq!(stft.columns(1000), columns);
    let mut column = vec![Default::default(); stft.bins()];
    stft.column(&x[..1000], columns - 1, &mut column);
    let re: Vec<f64> = column.iter().map(|c| c.re).collect();
    let im: Vec<f64> = column.iter().map(|c| c.im).collect();
    assert_close("STFT, real part", &re, &numbers(&outputs["stft_last_re"]), TOLERANCE);
    assert_close("STFT, imaginary part", &im, &numbers(&outputs["stft_last_im"]), TOLERANCE);
}
