use std::borrow::Cow;

use super::ConventionBuilder;
#[cfg(feature = "json")]
use crate::limits::ValueLimits;
use crate::rule::Place;

/// Places of fields and properties without a rule.
impl ConventionBuilder {
    /// Writes every field that no rule writes to a header with this prefix, named after the
    /// field. With `x-acme-`, the project is written to `x-acme-project-id`.
    ///
    /// Fields of your own are included. To read one, add a rule for it.
    ///
    /// The order of this call and calls of [`rule`](Self::rule) does not matter. The last
    /// call of this method or of `other_fields_in_object` counts.
    pub fn other_fields_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.0.other_fields = Some(Place::Headers(prefix.into()));
        self
    }

    /// Writes every field that no rule writes as a member of the JSON object in this
    /// header, named after the field with underscores, for example `project_id`.
    ///
    /// Fields of your own are included. To read one, add a rule for it.
    ///
    /// The order of this call and calls of [`rule`](Self::rule) does not matter. The last
    /// call of this method or of [`other_fields_prefix`](Self::other_fields_prefix) counts.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use tower_metadata_headers::{Convention, Metadata, Mode, TaskId, ValueLimits};
    ///
    /// let acme = Convention::builder("acme")
    ///     .other_fields_in_object("acme-metadata", ValueLimits::new())
    ///     .max_members(1)
    ///     .build()?;
    /// let metadata = Metadata::new()
    ///     .with(TaskId::try_from("t-1")?)
    ///     .with(Mode::try_from("plan")?);
    /// let mut headers = HeaderMap::new();
    /// let report = acme.write(&metadata, &mut headers);
    /// assert_eq!(headers["acme-metadata"], r#"{"task_id":"t-1"}"#);
    /// assert!(!report.contains::<Mode>());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "json")]
    pub fn other_fields_in_object(
        mut self,
        header: impl Into<Cow<'static, str>>,
        limits: ValueLimits,
    ) -> Self {
        self.0.other_fields = Some(Place::Members(header.into(), limits));
        self
    }

    /// Writes each of the [`Properties`](crate::Properties) to a header with this prefix,
    /// named after its key, and reads every header with this prefix and without a rule as a
    /// property.
    ///
    /// In a written name `_` and `.` become `-`, because some proxies drop other names. A
    /// property is not written, but reported, if its name is that of another field or of a
    /// session, or reserved.
    ///
    /// By default the place of the other fields is the place of the properties too. The
    /// last call of this method or of `properties_in_object` counts.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use tower_metadata_headers::{Convention, Metadata, Properties};
    ///
    /// let acme = Convention::builder("acme").properties_prefix("x-acme-meta-").build()?;
    /// let properties = Properties::new([("cost_center", "4711")])?;
    /// let mut headers = HeaderMap::new();
    /// acme.write(&Metadata::new().with(properties), &mut headers);
    /// assert_eq!(headers["x-acme-meta-cost-center"], "4711");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn properties_prefix(mut self, prefix: impl Into<Cow<'static, str>>) -> Self {
        self.0.properties = Some(Place::Headers(prefix.into()));
        self
    }

    /// Writes each of the [`Properties`](crate::Properties) as a member of the JSON object
    /// in this header, named by its key, and reads every member without a rule as a
    /// property. Numbers and booleans are read as text.
    ///
    /// The limits apply to each value. The last call of this method or of
    /// [`properties_prefix`](Self::properties_prefix) counts.
    ///
    /// ```
    /// use http::HeaderMap;
    /// use tower_metadata_headers::{Convention, Properties, ValueLimits};
    ///
    /// let acme = Convention::builder("acme")
    ///     .properties_in_object("acme-metadata", ValueLimits::new())
    ///     .build()?;
    /// let mut headers = HeaderMap::new();
    /// headers.insert("acme-metadata", r#"{"team":"search","tier":2}"#.parse()?);
    /// let properties: Properties = acme.read_trusted(&headers).metadata.get().unwrap();
    /// assert!(properties.iter().eq([("team", "search"), ("tier", "2")]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "json")]
    pub fn properties_in_object(
        mut self,
        header: impl Into<Cow<'static, str>>,
        limits: ValueLimits,
    ) -> Self {
        self.0.properties = Some(Place::Members(header.into(), limits));
        self
    }

    /// Sets the places of fields and properties without a rule. `None` changes nothing.
    pub(crate) fn places(mut self, other_fields: Option<Place>, properties: Option<Place>) -> Self {
        self.0.other_fields = other_fields.or(self.0.other_fields);
        self.0.properties = properties.or(self.0.properties);
        self
    }
}
