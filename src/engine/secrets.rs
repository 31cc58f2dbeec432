//! Values of secrets: resolved in the engine alone, from its environment, from files, or from a person (`tminus do env`).
//! They are held in memory only. On disk is a salted digest of each, so that an engine that takes a launch up in another
//! environment notices a value that is not the one before; such a value is not used until a person has confirmed it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::log;
use crate::core::secret::{Carried, Hidden, MissingSecret, Secrets};

/// What is kept of secrets between engines.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Digests {
    salt: String,
    of: BTreeMap<String, String>,
}

/// The launch's secrets, as they are known to this engine. It can't be printed.
pub struct Vault {
    file: PathBuf,
    digests: Digests,
    values: BTreeMap<String, Hidden>,
    missing: Vec<MissingSecret>,
    /// Every value that this engine ever saw, used or not: commands have its environment, so that also one that waits
    /// for a person, or had to give way, may come out of them.
    seen: BTreeSet<Hidden>,
    secrets: Arc<Secrets>,
}

impl Vault {
    /// Resolves all references. `file` holds the digests; it is made where it is missing and there is room for it.
    pub fn open(file: &Path, references: &BTreeMap<String, String>) -> Self {
        let digests = match std::fs::read(file) {
            Ok(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
            Err(_) => Digests::default(),
        };
        let mut vault = Self {
            file: file.to_owned(),
            digests,
            values: BTreeMap::new(),
            missing: Vec::new(),
            seen: BTreeSet::new(),
            secrets: Arc::default(),
        };
        if vault.digests.salt.is_empty() {
            vault.digests = Digests { salt: format!("{:032x}", rand::random::<u128>()), of: BTreeMap::new() };
        }
        vault.resolve(references);
        if let Err(e) = vault.save() {
            // A full disk must not keep the engine away. The next one asks for what this one learnt.
            tracing::warn!("{}: the digests of the secrets can't be written: {e}", file.display());
        }
        vault
    }

    /// Resolves the references that have no value yet; those that are no longer in the plan are forgotten.
    pub fn resolve(&mut self, references: &BTreeMap<String, String>) {
        self.values.retain(|name, _| references.contains_key(name));
        self.missing.clear();
        for (name, reference) in references {
            if self.values.contains_key(name) {
                continue;
            }
            match resolve(reference) {
                Err(why) => self.missing.push(MissingSecret {
                    name: name.clone(),
                    why,
                    out: format!("give it with `tminus do env {name}`"),
                }),
                Ok(value) => {
                    let value = Hidden::from(value);
                    self.seen.insert(value.clone());
                    let digest = self.digest(name, &value);
                    match self.digests.of.get(name) {
                        Some(before) if *before != digest => self.missing.push(MissingSecret {
                            name: name.clone(),
                            why: format!("{reference} is another value than before"),
                            out: format!("confirm it with `tminus do env {name}`"),
                        }),
                        _ => {
                            self.digests.of.insert(name.clone(), digest);
                            self.values.insert(name.clone(), value);
                        }
                    }
                }
            }
        }
        self.secrets = Arc::new(Secrets::with(self.values.clone(), self.seen.iter().cloned().collect()));
        log::mask(self.secrets.clone());
    }

    /// Whether it is another value than the one that was used so far.
    pub fn is_another(&self, name: &str, value: &Hidden) -> bool {
        self.digests.of.get(name).is_some_and(|before| *before != self.digest(name, value))
    }

    /// Takes values from a person, who thereby confirms them.
    pub fn take(&mut self, given: Carried, references: &BTreeMap<String, String>) -> std::io::Result<()> {
        for (name, value) in given.0 {
            self.seen.insert(value.clone());
            let digest = self.digest(&name, &value);
            self.digests.of.insert(name.clone(), digest);
            self.values.insert(name, value);
        }
        self.resolve(references);
        self.save()
    }

    /// The values that may be used; it masks all that were ever seen.
    pub fn secrets(&self) -> Arc<Secrets> {
        self.secrets.clone()
    }

    /// Secrets without a usable value, each with the reason.
    pub fn missing(&self) -> &[MissingSecret] {
        &self.missing
    }

    fn digest(&self, name: &str, value: &Hidden) -> String {
        let mut hash = Sha256::new();
        for part in [&self.digests.salt, name, value.reveal()] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        hash.finalize().iter().map(|b| format!("{b:02x}")).collect()
    }

    fn save(&self) -> std::io::Result<()> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt as _;
        let text = serde_json::to_vec(&self.digests).map_err(std::io::Error::other)?;
        let new = self.file.with_extension("new");
        let mut file = std::fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
        file.write_all(&text)?;
        file.sync_all()?;
        std::fs::rename(new, &self.file)
    }
}

/// The value that `${env:NAME}` or `${file:PATH}` refers to, in this process.
pub fn resolve(reference: &str) -> Result<String, String> {
    let inner = reference.trim().strip_prefix("${").and_then(|r| r.strip_suffix('}'));
    match inner.and_then(|r| r.split_once(':')) {
        Some(("env", name)) => match std::env::var(name) {
            Ok(value) if value.is_empty() => Err(format!("{name} is empty")),
            Ok(value) => Ok(value),
            Err(std::env::VarError::NotPresent) => Err(format!("{name} is not set")),
            Err(std::env::VarError::NotUnicode(_)) => Err(format!("{name} is not UTF-8")),
        },
        Some(("file", path)) => match std::fs::read_to_string(path) {
            Ok(text) => match text.trim_end_matches(['\r', '\n']) {
                "" => Err(format!("{path} is empty")),
                value => Ok(value.to_owned()),
            },
            Err(e) => Err(format!("{path}: {e}")),
        },
        _ => Err(format!("`{reference}` refers to nothing: write ${{env:NAME}} or ${{file:/path}}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn carried(values: &[(&str, &str)]) -> Carried {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), Hidden::from((*value).to_owned())));
        Carried(values.collect())
    }

    #[test]
    fn a_changed_value_is_withheld_until_a_person_confirms_it() {
        let dir = tempfile::tempdir().unwrap();
        let (file, secret) = (dir.path().join("digests"), dir.path().join("token"));
        let references: BTreeMap<_, _> = [
            ("token".to_owned(), format!("${{file:{}}}", secret.display())),
            ("gone".to_owned(), "${env:TMINUS_NOT_SET}".to_owned()),
        ]
        .into();
        std::fs::write(&secret, "one\n").unwrap();
        let vault = Vault::open(&file, &references);
        assert_eq!(vault.secrets().get("token"), Some("one"));
        let missing: Vec<String> = vault.missing().iter().map(ToString::to_string).collect();
        assert_eq!(missing, ["gone: TMINUS_NOT_SET is not set; give it with `tminus do env gone`"]);
        assert!(!std::fs::read_to_string(&file).unwrap().contains("one\""));

        std::fs::write(&secret, "two\n").unwrap();
        let mut vault = Vault::open(&file, &references);
        assert_eq!(vault.secrets().get("token"), None);
        assert!(vault.missing().iter().any(|m| m.name == "token" && m.why.contains("another value")));
        let is_another = |name: &str, value: &str| vault.is_another(name, &Hidden::from(value.to_owned()));
        assert!(is_another("token", "two") && !is_another("token", "one") && !is_another("gone", "x"));
        vault.take(carried(&[("token", "two"), ("gone", "x")]), &references).unwrap();
        assert_eq!(vault.secrets().get("token"), Some("two"));
        assert!(vault.missing().is_empty());

        let vault = Vault::open(&file, &references);
        assert_eq!(vault.secrets().get("token"), Some("two"));
        for nothing in ["", "\n", "\r\n"] {
            std::fs::write(&secret, nothing).unwrap();
            let reference = format!("${{file:{}}}", secret.display());
            assert_eq!(resolve(&reference).unwrap_err(), format!("{} is empty", secret.display()));
        }
    }

    #[test]
    fn a_value_that_waits_for_a_person_or_gave_way_is_masked_too() {
        let dir = tempfile::tempdir().unwrap();
        let (file, secret) = (dir.path().join("digests"), dir.path().join("token"));
        let references: BTreeMap<_, _> = [("token".to_owned(), format!("${{file:{}}}", secret.display()))].into();
        std::fs::write(&secret, "the-first").unwrap();
        drop(Vault::open(&file, &references));
        std::fs::write(&secret, "the-second").unwrap();
        let mut vault = Vault::open(&file, &references);
        assert_eq!(vault.secrets().get("token"), None);
        assert_eq!(vault.secrets().mask("token=the-second"), "token=••••••");
        vault.take(carried(&[("token", "the-third")]), &references).unwrap();
        assert_eq!(vault.secrets().mask("token=the-second, then the-third"), "token=••••••, then ••••••");
        vault.resolve(&BTreeMap::new());
        assert_eq!(vault.secrets().mask("no secret any more: the-third"), "no secret any more: ••••••");
    }

    /// Does not compile where a type has the trait: which of the two is meant could not be told.
    macro_rules! has_not {
        ($($kind:ty: $trait:path;)*) => {$({
            trait Which<A> { fn of() {} }
            impl<T: ?Sized> Which<()> for T {}
            impl<T: ?Sized + $trait> Which<u8> for T {}
            <$kind as Which<_>>::of();
        })*};
    }

    #[test]
    fn what_holds_values_of_secrets_can_not_be_printed_and_goes_out_by_one_type_alone() {
        use crate::core::mask::{Mask, Stream};
        use crate::{notify, probes};
        use std::fmt::{Debug, Display};
        has_not! {
            Hidden: Serialize;
            Hidden: Display;
            Carried: Display;
            Secrets: Serialize;
            Secrets: Display;
            Mask: Serialize;
            Mask: Debug;
            Stream: Serialize;
            Stream: Debug;
            Vault: Serialize;
            Vault: Debug;
            probes::Setup: Serialize;
            probes::AnyProber: Serialize;
            probes::AnyProber: Debug;
            notify::Setup: Serialize;
        }
    }
}
