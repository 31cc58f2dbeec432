//! The JSON Schema of the plan file, from the same types that read it, for editors.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::file::*;
use crate::core::outline::Role;
use crate::probes::Spec;

/// The schema.
pub fn schema() -> Value {
    let mut generator = SchemaGenerator::default();
    let mut probe = of::<ProbeTable>(&mut generator);
    let kinds = Spec::schemas(&mut generator);
    let names: Vec<Value> = kinds.iter().map(|(name, _)| json!({ "required": [name] })).collect();
    for (name, schema) in kinds {
        add(&mut probe, name, schema.to_value());
    }
    put(&mut probe, "oneOf", Value::from(names));
    let mut step = of::<StepTable>(&mut generator);
    let undo = json!({ "anyOf": [{ "type": "string" }, generator.subschema_for::<UndoTable>()] });
    add(&mut step, "undo", undo);
    let mut phase = of::<PhaseTable>(&mut generator);
    let scalar = json!({ "type": ["string", "number", "boolean"] });
    add(&mut phase, "step", json!({ "type": "array", "items": { "$ref": "#/$defs/Step" } }));
    add(
        &mut phase,
        "each",
        json!({
            "type": "array", "items": { "type": "object", "additionalProperties": scalar },
            "description": "The steps of the phase once a row; previous_… is the row before, 0 at the first."
        }),
    );
    let mut rollback = of::<RollbackTable>(&mut generator);
    add(&mut rollback, "step", json!({ "type": "array", "items": { "$ref": "#/$defs/Step" } }));
    let mut environment = of::<EnvironmentTable>(&mut generator);
    let secrets = json!({
        "type": "object", "additionalProperties": { "type": "string", "pattern": "^\\$\\{(env|file):.+\\}$" }
    });
    add(&mut environment, "vars", json!({ "type": "object", "additionalProperties": scalar }));
    add(&mut environment, "secrets", secrets.clone());
    add(&mut environment, "probe", json!({ "type": "object", "additionalProperties": { "type": "object" } }));
    let by_name = |schema: Value| json!({ "type": "object", "additionalProperties": schema });
    let list = |schema: Value| json!({ "type": "array", "items": schema });
    let properties = json!({
        "plan": of::<PlanTable>(&mut generator),
        "vars": { "type": "object", "additionalProperties": scalar },
        "secrets": secrets,
        "environment": by_name(environment),
        "roles": by_name(of::<Role>(&mut generator)),
        "probe": list(probe),
        "phase": list(phase),
        "trigger": list(of::<TriggerTable>(&mut generator)),
        "rollback": by_name(rollback),
        "severity": by_name(of::<SeverityTable>(&mut generator)),
    });
    let mut definitions = generator.take_definitions(true);
    definitions.insert("Step".to_owned(), step);
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A launch plan of tminus",
        "type": "object",
        "required": ["plan"],
        "additionalProperties": false,
        "properties": properties,
        "$defs": definitions,
    })
}

/// A type's schema, in place.
fn of<T: schemars::JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    let schema: Schema = T::json_schema(generator);
    let mut value = schema.to_value();
    if value.get("type").is_none() {
        value = json_schema!({ "allOf": [value] }).to_value();
    }
    value
}

fn add(schema: &mut Value, key: &str, value: Value) {
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        properties.insert(key.to_owned(), value);
    }
}

fn put(schema: &mut Value, key: &str, value: Value) {
    if let Some(object) = schema.as_object_mut() {
        object.insert(key.to_owned(), value);
    }
}
