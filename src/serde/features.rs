//! Errors for options that need a feature.

use super::located::Located;

#[cfg(not(feature = "json"))]
pub(super) fn needs_json() -> Located {
    needs("json")
}

#[cfg(not(feature = "hmac"))]
pub(super) fn needs_hmac() -> Located {
    needs("hmac")
}

fn needs(feature: &str) -> Located {
    let problem = format!("needs the feature `{feature}` of tower-metadata-headers");
    Located::new(problem)
}
