//! The document as it is served.

use serde_json::{Value, json};
use utoipa::openapi::path::{Paths, PathsBuilder};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ComponentsBuilder, InfoBuilder, LicenseBuilder, OpenApiBuilder, ServerBuilder,
};

use super::sharing::share_answers;
use super::{Document, shared};

impl Document {
    /// The whole, as OpenAPI 3.1.
    #[must_use]
    pub fn render(self, title: &str, version: &str, description: &str) -> Value {
        let mut components = ComponentsBuilder::new();
        for (name, scheme) in shared::security() {
            components = components.security_scheme(name, scheme);
        }
        let info = InfoBuilder::new()
            .title(title)
            .version(version)
            .description(Some(description))
            .license(Some(
                LicenseBuilder::new()
                    .name("Apache-2.0")
                    .identifier(Some("Apache-2.0"))
                    .build(),
            ))
            .build();
        let tags = self.tags.iter().map(|(name, description)| {
            TagBuilder::new()
                .name(*name)
                .description(Some(*description))
                .build()
        });
        let mut paths: Paths = PathsBuilder::new().build();
        for operation in self.operations {
            let (path, method) = (operation.path, operation.method.clone());
            paths.add_path_operation(path, vec![method], operation.render());
        }
        let built = OpenApiBuilder::new()
            .info(info)
            .servers(Some([ServerBuilder::new().url("/").build()]))
            .tags(Some(tags.collect::<Vec<_>>()))
            .paths(paths)
            .components(Some(components.build()))
            .build();
        // SUBTLE: schemas are put in as they are. utoipa's types hold a part of JSON Schema, and
        // those of commands and changes have more.
        let mut document = serde_json::to_value(&built).unwrap_or_default();
        let schemas = self.schemas.with("Problem", shared::problem()).into_map();
        let parameters = shared::parameters().into_iter();
        let parameters: serde_json::Map<String, Value> = parameters
            .map(|one| (one.name().to_owned(), json!(one.render())))
            .collect();
        let headers = shared::headers().into_iter();
        let headers: serde_json::Map<String, Value> = headers
            .map(|(name, header)| (name.to_owned(), json!(header)))
            .collect();
        if let Some(Value::Object(components)) = document.get_mut("components") {
            components.insert("schemas".to_owned(), schemas.into());
            components.insert("parameters".to_owned(), parameters.into());
            components.insert("headers".to_owned(), headers.into());
        }
        share_answers(&mut document);
        document
    }
}
