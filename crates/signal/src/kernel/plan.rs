//! How a cascade is cut into passes.

use crate::design::Section;

/// Where the samples go after a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Destination {
    Scratch,
    /// The caller's band-passed output; scratch where it was not asked for.
    Band,
    End,
}

/// `count` sections from `first` on, in one pass. A count of 0 is a copy.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) first: usize,
    pub(super) count: usize,
    /// Every section has the same first and last numerator coefficient.
    pub(super) symmetric: bool,
    /// The rectifier comes before these sections.
    pub(super) rectify: bool,
    pub(super) destination: Destination,
}

/// Most sections in a pass over one vector of channels, and over two: what the registers hold.
const MOST: [usize; 2] = [5, 3];

/// Steps enough for any cascade: one a section, and two copies.
pub(super) fn capacity(sections: usize) -> usize {
    sections + 2
}

/// Fills `steps` for `vectors` (1 or 2) vectors of channels side by side. The first `front` sections come before the rectifier and the
/// band-passed output; `None` means that there is neither.
pub(super) fn plan(sections: &[Section], front: Option<usize>, vectors: usize, steps: &mut Vec<Step>) {
    steps.clear();
    let most = MOST[vectors - 1];
    match front {
        // Filtering in place cannot read and write the same memory in one pass: a lone pass needs a copy after it.
        None => {
            cut(sections, 0, sections.len(), most, steps);
            if steps.len() == 1 {
                cut(sections, 0, 0, most, steps);
            }
        }
        Some(front) => {
            cut(sections, 0, front, most, steps);
            let back = steps.len();
            steps[back - 1].destination = Destination::Band;
            cut(sections, front, sections.len(), most, steps);
            steps[back].rectify = true;
        }
    }
    if let Some(last) = steps.last_mut() {
        last.destination = Destination::End;
    }
}

/// Steps for sections `from..to`, as even as possible; one copy step for none.
fn cut(sections: &[Section], from: usize, to: usize, most: usize, steps: &mut Vec<Step>) {
    let mut first = from;
    loop {
        let left = to - first;
        let count = left.div_ceil(left.div_ceil(most).max(1));
        let symmetric = sections[first..first + count].iter().all(|s| s.b[0] == s.b[2]);
        steps.push(Step { first, count, symmetric, rectify: false, destination: Destination::Scratch });
        first += count;
        if first >= to {
            return;
        }
    }
}
