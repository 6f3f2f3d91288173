//! One program for all fuzz targets: the environment variable `SURAE_FUZZ` names the one to run; `run` sets it.
#![no_main]

use std::sync::OnceLock;
use surae_fuzz::Target;

static TARGET: OnceLock<Target> = OnceLock::new();

libfuzzer_sys::fuzz_target!(
    init: {
        // A panic of a library that a reader catches and answers is no finding; what nobody catches ends the program all the same.
        std::panic::set_hook(Box::new(|panic| {
            if !surae_io::panics_are_answered() {
                eprintln!("{panic}");
            }
        }));
        let name = std::env::var("SURAE_FUZZ").unwrap_or_default();
        let target = Target::named(&name).unwrap_or_else(|| {
            println!("{}", surae_fuzz::names().join("\n"));
            std::process::exit(2)
        });
        if let Some(folder) = std::env::var_os("SURAE_FUZZ_SEEDS") {
            surae_fuzz::write_seeds(&name, std::path::Path::new(&folder));
            std::process::exit(0)
        }
        assert!(TARGET.set(target).is_ok(), "the target is set once");
    },
    |data: &[u8]| TARGET.get().expect("set before the first input").run(data)
);
