//! Who connected: the kernel's word for the user, and who is attached at the moment.

use tokio::net::UnixStream;
use tokio::sync::watch;

use crate::core::order::Operator;
use crate::core::text::clean;
use crate::wire::message::Person;

/// The user at the other end, if it may speak to us: our own user, or root.
pub fn user(stream: &UnixStream) -> Result<String, String> {
    let cred = stream.peer_cred().map_err(|e| format!("who you are can't be known: {e}"))?;
    admit(cred.uid(), rustix::process::geteuid().as_raw())
}

/// The name of a user who may speak to an engine of `own`.
fn admit(uid: u32, own: u32) -> Result<String, String> {
    if uid != own && uid != 0 {
        return Err(format!(
            "this launch is driven by user {}, you are {}: ask its owner, or use a shared account with --as",
            name(own),
            name(uid)
        ));
    }
    Ok(name(uid))
}

/// A name as somebody may go by it: `engine` is the engine's own in the log. The error is for who declared it.
pub fn name_to_go_by(declared: &str) -> Result<String, String> {
    if clean(declared).trim().eq_ignore_ascii_case("engine") {
        return Err("`engine` is what the engine is called in the log: go by another name".to_owned());
    }
    Ok(declared.to_owned())
}

/// Who speaks: the declared name, marked so where it isn't the kernel's.
pub fn operator(user: String, declared: Option<String>, session: u64) -> Operator {
    let declared = declared.map(|d| clean(&d).trim().chars().take(40).collect::<String>());
    match declared.filter(|d| !d.is_empty() && *d != user) {
        Some(name) => Operator { name, declared: true, session },
        None => Operator { name: user, declared: false, session },
    }
}

/// Whether a user is that of the engine. Where the launch was opened under a declared name that account is shared: who
/// comes from it without a name can't be told from the others, and observes.
pub fn is_own(user: &str) -> bool {
    user == name(rustix::process::geteuid().as_raw())
}

/// Who opens a launch: the user of this process, or the declared name.
pub fn owner(declared: Option<String>) -> Operator {
    operator(name(rustix::process::geteuid().as_raw()), declared, 0)
}

/// The name of a user; its number where it has none.
fn name(uid: u32) -> String {
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let found = users.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(uid)).then(|| name.to_owned())
    });
    found.unwrap_or_else(|| format!("uid {uid}"))
}

/// Somebody's presence: ends when dropped.
pub struct Presence<'a> {
    people: &'a watch::Sender<Vec<(u64, Person)>>,
    session: u64,
}

impl<'a> Presence<'a> {
    /// Somebody is here.
    pub fn new(people: &'a watch::Sender<Vec<(u64, Person)>>, session: u64, person: Person) -> Self {
        people.send_modify(|people| people.push((session, person)));
        Self { people, session }
    }
}

impl Drop for Presence<'_> {
    fn drop(&mut self) {
        self.people.send_modify(|people| people.retain(|(session, _)| *session != self.session));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_name_is_marked_and_made_safe() {
        let by = |declared: Option<&str>| operator("root".into(), declared.map(str::to_owned), 1);
        assert_eq!((by(None).name.as_str(), by(None).declared), ("root", false));
        assert_eq!((by(Some("ana")).name.as_str(), by(Some("ana")).declared), ("ana", true));
        assert!(!by(Some("root")).declared);
        assert_eq!(by(Some("a\u{1b}[2J\n")).name, "a[2J");
        assert!(!by(Some(" ")).declared);
        assert!(name_to_go_by(" Engine\u{1b} ").is_err() && name_to_go_by("engineer").is_ok());
    }

    #[test]
    fn the_owner_and_root_are_admitted_and_nobody_else() {
        assert_eq!(admit(4_000_000_001, 4_000_000_001).unwrap(), "uid 4000000001");
        assert_eq!(admit(0, 4_000_000_001).unwrap(), "root");
        let refused = admit(4_000_000_002, 4_000_000_001).unwrap_err();
        assert!(refused.contains("driven by user uid 4000000001, you are uid 4000000002"), "{refused}");
        assert!(admit(4_000_000_002, 0).is_err());
    }

    #[test]
    fn users_have_names() {
        assert_eq!(name(0), "root");
        assert_eq!(name(4_000_000_000), "uid 4000000000");
    }
}
