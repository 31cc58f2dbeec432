//! The JSON Schema of the plan file, from the same types that read it, for editors.

use schemars::{Schema, SchemaGenerator, json_schema};
use serde_json::{Value, json};

use super::file::*;
use super::forms::{Id, Reference, Shell, names};
use super::scenario::SetTable;
use super::shifts::{ShiftsTable, TurnTable};
use crate::core::outline::Role;
use crate::notify;
use crate::probes::Spec;

/// The schema.
pub fn schema() -> Value {
    let mut generator = SchemaGenerator::default();
    let mut probe = of::<ProbeTable>(&mut generator);
    let kinds = Spec::schemas(&mut generator);
    let one: Vec<Value> = kinds.iter().map(|(name, _)| json!({ "required": [name] })).collect();
    for (name, schema) in kinds {
        add(&mut probe, name, schema.to_value());
    }
    put(&mut probe, "oneOf", Value::from(one));
    let mut plan = of::<PlanTable>(&mut generator);
    add(&mut plan, "vantage", vantage(&probe));
    let mut step = of::<StepTable>(&mut generator);
    let undo = json!({ "anyOf": [generator.subschema_for::<Shell>(), generator.subschema_for::<UndoTable>()] });
    add(&mut step, "undo", undo);
    let mut phase = of::<PhaseTable>(&mut generator);
    let named = |schema: Value| json!({ "type": "object", "propertyNames": names(), "additionalProperties": schema });
    let variables = named(json!({ "type": ["string", "number", "boolean"] }));
    add(&mut phase, "step", json!({ "type": "array", "items": { "$ref": "#/$defs/Step" } }));
    add(
        &mut phase,
        "each",
        json!({
            "type": "array", "minItems": 1, "items": variables,
            "description": "The steps of the phase once a row; previous_… is the row before, 0 at the first."
        }),
    );
    let mut trigger = of::<TriggerTable>(&mut generator);
    put(&mut trigger, "oneOf", json!([{ "required": ["when"] }, { "required": ["ask"] }]));
    let mut watch = of::<WatchTable>(&mut generator);
    put(&mut watch, "oneOf", json!([{ "required": ["rounds"] }, { "required": ["at"] }]));
    let mut rollback = of::<RollbackTable>(&mut generator);
    add(&mut rollback, "step", json!({ "type": "array", "items": { "$ref": "#/$defs/Step" } }));
    let mut environment = of::<EnvironmentTable>(&mut generator);
    let secrets = named(generator.subschema_for::<Reference>().to_value());
    add(&mut environment, "vars", variables.clone());
    add(&mut environment, "secrets", secrets.clone());
    add(&mut environment, "probe", json!({ "type": "object", "additionalProperties": { "type": "object" } }));
    let mut channel = of::<ChannelTable>(&mut generator);
    let kinds = notify::Spec::schemas(&mut generator);
    let one: Vec<Value> = kinds.iter().map(|(name, _)| json!({ "required": [name] })).collect();
    for (name, schema) in kinds {
        add(&mut channel, name, schema.to_value());
    }
    put(&mut channel, "oneOf", Value::from(one));
    let mut shifts = of::<ShiftsTable>(&mut generator);
    let turn = of::<TurnTable>(&mut generator);
    add(
        &mut shifts,
        "turns",
        json!({
            "type": "array", "minItems": 1, "items": turn,
            "description": "Who is on shift from when on, in time, as { at = \"T+8h\", who = \"Ben\" }."
        }),
    );
    let by_name = |schema: Value| json!({ "type": "object", "additionalProperties": schema });
    let keyed =
        |keys: Value, schema: Value| json!({ "type": "object", "propertyNames": keys, "additionalProperties": schema });
    let list = |schema: Value| json!({ "type": "array", "items": schema });
    let properties = json!({
        "plan": plan,
        "vars": variables,
        "secrets": secrets,
        "environment": by_name(environment),
        "roles": by_name(of::<Role>(&mut generator)),
        "probe": list(probe),
        "phase": list(phase),
        "trigger": list(trigger),
        "rollback": keyed(generator.subschema_for::<Id>().to_value(), rollback),
        "severity": keyed(json!({ "enum": ["1", "2", "3", "4"] }), of::<SeverityTable>(&mut generator)),
        "channel": by_name(channel),
        "notify": list(of::<NotifyTable>(&mut generator)),
        "watch": list(watch),
        "shifts": shifts,
        "criterion": list(of::<CriterionTable>(&mut generator)),
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

/// The schema of a scenario's file.
pub fn scenario() -> Value {
    let mut generator = SchemaGenerator::default();
    let mut set = of::<SetTable>(&mut generator);
    let one = ["value", "failing", "no-data"].map(|key| json!({ "required": [key] }));
    put(&mut set, "oneOf", json!(one));
    json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A scenario for rehearsals of a plan of tminus",
        "type": "object",
        "additionalProperties": false,
        "properties": { "set": { "type": "array", "items": set } },
        "$defs": generator.take_definitions(true),
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

/// `vantage` of `[plan]`: a probe without a name, or names of probes.
fn vantage(probe: &Value) -> Value {
    let mut own = probe.clone();
    put(&mut own, "required", json!([]));
    if let Some(properties) = own.get_mut("properties").and_then(Value::as_object_mut) {
        properties.remove("id");
    }
    json!({
        "description": "What our own side must reach: a kind of probe, as { tcp = \"gateway:443\" }, which then is a probe \
            called `vantage`, or the names of probes that measure health. While none of them answers, our own side is cut \
            off: what fails is unknown, clocks stand still and no measured trigger fires, whatever its `no-data` says. So a \
            failure counts only once the vantage has answered after it; ask it as often as what you watch.",
        "anyOf": [own, { "type": "string" }, { "type": "array", "minItems": 1, "items": { "type": "string" } }]
    })
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
