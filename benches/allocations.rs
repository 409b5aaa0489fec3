//! Allocations of each case, and the limits of ours.

use allocation_counter::measure;
use benches::{
    cases::{self, Case, Inner, Run},
    limits::LIMITS,
};

#[test]
fn ours_allocate_no_more_than_their_limits() {
    let mut above = Vec::new();
    println!("{:<44} {:>11} {:>5}", "case", "allocations", "limit");
    for case in cases::all() {
        let count = allocations(&case, case.run(Inner::DROP));
        let baseline = allocations(&case, case.baseline());
        assert_eq!(baseline, 0, "{}", case.name);

        let limit = LIMITS.iter().find(|limit| limit.case == case.name);
        match limit {
            None => println!("{:<44} {count:>11}", case.name),
            Some(limit) => {
                println!("{:<44} {count:>11} {:>5}", case.name, limit.allocations);
                if count > limit.allocations {
                    above.push(format!("{}: {count}", case.name));
                }
            }
        }
    }
    assert_eq!(above, [""; 0]);
}

#[test]
fn every_limit_is_of_a_case() {
    let cases: Vec<String> = cases::all().into_iter().map(|case| case.name).collect();
    for limit in LIMITS {
        assert!(
            cases.iter().any(|case| case == limit.case),
            "{}",
            limit.case
        );
    }
}

/// Returns the allocations of one call after others. A block that grows counts
/// again.
fn allocations(case: &Case, mut run: Run) -> u64 {
    let mut make = case.make();
    for _ in 0..64 {
        run(make());
    }
    let request = make();
    measure(|| run(request)).count_total
}
