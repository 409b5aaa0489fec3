//! AWS SDK: an interceptor writes the metadata of one conversation before a request is
//! signed.

use aws_sdk_bedrockruntime::{
    Client,
    config::{
        ConfigBag, Intercept, RuntimeComponents, interceptors::BeforeTransmitInterceptorContextMut,
    },
    operation::invoke_model::InvokeModelOutput,
    primitives::Blob,
};
use http::Uri;
use tower_metadata_headers::{Destinations, Metadata};

use crate::BoxError;

/// Interceptor that writes the metadata of one conversation.
#[derive(Clone, Debug)]
pub struct WriteMetadata {
    /// Conventions by host.
    pub destinations: Destinations,
    /// Metadata of the conversation.
    pub conversation: Metadata,
}

impl Intercept for WriteMetadata {
    fn name(&self) -> &'static str {
        "WriteMetadata"
    }

    // Before signing, because the signature covers the headers. The SDK calls it for each
    // attempt.
    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        let uri: Uri = request.uri().parse()?;
        // The SDK has a header type of its own, so the changes are applied one by one.
        let headers = request.headers().iter_bytes();
        let changes = self.destinations.changes(&uri, &self.conversation, headers);
        for name in changes.removed() {
            request.headers_mut().remove(name);
        }
        for (name, value) in changes.inserted() {
            let (name, value) = (name.to_owned(), value.to_owned());
            request.headers_mut().try_insert(name, value)?;
        }
        Ok(())
    }
}

/// Invokes a model with one prompt of a conversation.
///
/// # Errors
///
/// Returns an error if the request fails.
pub async fn invoke(
    client: &Client,
    model: &str,
    prompt: &str,
    interceptor: WriteMetadata,
) -> Result<InvokeModelOutput, BoxError> {
    let call = client
        .invoke_model()
        .model_id(model)
        .body(Blob::new(prompt));
    Ok(call.customize().interceptor(interceptor).send().await?)
}
