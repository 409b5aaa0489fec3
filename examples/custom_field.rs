//! Custom fields: an id, and an enum.
//!
//! Run it with `cargo run --example custom_field`.

use http::HeaderMap;
use tower_metadata_headers::{
    Class, Convention, ConventionSet, Field, Id, Metadata, Rule, SessionId, Stability,
    metadata_field,
};

metadata_field! {
    /// The tenant that pays.
    pub struct TenantId("tenant-id"): Identity;
}

/// Urgency of a request.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Urgency {
    Interactive,
    Batch,
}

impl Field for Urgency {
    const NAME: &'static str = "urgency";
    const CLASS: Class = Class::Correlation;
    const STABILITY: Stability = Stability::Stable;
    type Value = Id;

    fn into_value(self) -> Id {
        match self {
            Self::Interactive => const { Id::from_static("interactive") },
            Self::Batch => const { Id::from_static("batch") },
        }
    }

    fn from_value(value: Id) -> Option<Self> {
        match value.as_str() {
            "interactive" => Some(Self::Interactive),
            "batch" => Some(Self::Batch),
            _ => None,
        }
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    // `Convention::vendor` writes every field. A rule is needed to read a custom
    // field, or to write it to a header with another name.
    let acme = Convention::vendor("acme")?
        .to_builder()
        .rule(Rule::header::<TenantId>("x-acme-tenant-id"))
        .rule(Rule::header::<Urgency>("x-acme-priority"))
        .build()?;

    let metadata = Metadata::new()
        .with(SessionId::new())
        .with(TenantId::try_from("tenant-7")?)
        .with(Urgency::Batch);
    println!("{metadata:?}");

    let mut headers = HeaderMap::new();
    acme.write(&metadata, &mut headers);
    for (name, value) in &headers {
        println!("{name}: {value:?}");
    }

    let extracted = ConventionSet::from(acme).read_trusted(&headers);
    assert_eq!(extracted.metadata.get(), Some(Urgency::Batch));
    assert_eq!(extracted.metadata, metadata);
    Ok(())
}
