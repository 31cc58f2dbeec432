//! What a TLS connection that could not be made means, in plain words, and whose trouble it is.
//!
//! What would turn every user away is the server's: a certificate that has expired, is not valid yet, is for another name,
//! was revoked or is broken, and no TLS in common. That we do not trust who signed it is ours, also where an authority that
//! we trust has the same name: we cannot tell, and `ca` mends it.

use rustls::pki_types::UnixTime;
use rustls::{CertificateError as C, Error};

use super::client::Trouble;
use super::trust::is_authority;

/// How a probe of some kind can be made to trust a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WayOut {
    /// The plan names a PEM file.
    Ca,
    /// The URL does.
    Url,
    /// Only the machine's own can be trusted.
    Machine,
}

impl WayOut {
    /// Where an authority is not known.
    fn unknown(self) -> &'static str {
        match self {
            WayOut::Ca => "name it with `ca`",
            WayOut::Url => "name it with `sslrootcert` in the url",
            WayOut::Machine => "add it to those of this machine, as with update-ca-certificates",
        }
    }

    /// Where a server shows an authority's own.
    fn own(self) -> &'static str {
        match self {
            WayOut::Ca => "name that very one with `ca`",
            WayOut::Url | WayOut::Machine => "the server needs one that an authority has signed",
        }
    }
}

/// What an error of TLS with that place means.
pub(super) fn trouble(tls: &Error, place: &str, way_out: WayOut) -> Trouble {
    Trouble::Theirs(match tls {
        Error::InvalidCertificate(C::UnknownIssuer) => {
            return Trouble::Ours(format!(
                "{place} has a certificate that is self-signed, or from an authority that this machine does not know: {}",
                way_out.unknown()
            ));
        }
        // The signer has the name of an authority that is trusted, and another key.
        Error::InvalidCertificate(C::BadSignature) => {
            return Trouble::Ours(format!(
                "{place} has a certificate that no authority of this machine has signed, though one has the signer's name: \
                 {}",
                way_out.unknown()
            ));
        }
        Error::InvalidCertificate(C::Expired) => format!("the certificate of {place} has expired"),
        Error::InvalidCertificate(C::ExpiredContext { not_after, .. }) => {
            format!("the certificate of {place} has expired{}", at(", on", *not_after))
        }
        Error::InvalidCertificate(C::NotValidYet) => format!("the certificate of {place} is not valid yet"),
        Error::InvalidCertificate(C::NotValidYetContext { not_before, .. }) => {
            format!("the certificate of {place} is not valid yet{}", at(", but from", *not_before))
        }
        Error::InvalidCertificate(C::NotValidForName | C::NotValidForNameContext { .. }) => {
            format!("the certificate of {place} is for another name")
        }
        Error::InvalidCertificate(C::Revoked) => format!("the certificate of {place} has been revoked"),
        Error::InvalidCertificate(why) if is_authority(why) => {
            return Trouble::Ours(format!(
                "the certificate of {place} is an authority's own, as a self-signed one is: {}",
                way_out.own()
            ));
        }
        Error::InvalidCertificate(why) => {
            format!("the certificate of {place} is not accepted: {}", words(&format!("{why:?}")))
        }
        Error::InvalidMessage(_) => format!("{place} does not speak TLS"),
        Error::AlertReceived(why) => format!("{place} refused TLS: {}", words(&format!("{why:?}"))),
        Error::PeerIncompatible(why) => format!("no TLS in common with {place}: {}", words(&format!("{why:?}"))),
        Error::PeerMisbehaved(why) => format!("{place} breaks the rules of TLS: {}", words(&format!("{why:?}"))),
        Error::General(why) => format!("TLS with {place} failed: {why}"),
        other => format!("TLS with {place} failed: {}", words(&format!("{other:?}"))),
    })
}

/// A moment of a certificate, after some words.
fn at(words: &str, time: UnixTime) -> String {
    let at = i64::try_from(time.as_secs()).ok().and_then(|secs| chrono::DateTime::from_timestamp(secs, 0));
    at.map_or_else(String::new, |at| format!("{words} {}", at.format("%Y-%m-%d at %H:%M UTC")))
}

/// An error of setting TLS up.
pub(super) fn plain(tls: &Error) -> String {
    match tls {
        Error::General(why) => why.clone(),
        other => words(&format!("{other:?}")),
    }
}

/// The words of a name of Rust's, the innermost where it holds others: `Other(CaUsedAsEndEntity)` is `ca used as end
/// entity`.
fn words(name: &str) -> String {
    let name = name.split(['{', ',']).next().unwrap_or_default().trim_end_matches([')', ' ']);
    let name = name.rsplit('(').next().unwrap_or_default();
    let mut words = String::new();
    let mut last_was_small = false;
    for c in name.chars() {
        if c.is_uppercase() && last_was_small {
            words.push(' ');
        }
        last_was_small = !c.is_uppercase();
        words.extend(c.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustls::{AlertDescription, PeerIncompatible};

    use super::*;

    #[test]
    fn no_name_of_rust_is_shown() {
        for (error, said) in [
            (
                Error::InvalidCertificate(C::UnknownIssuer),
                "a:443 has a certificate that is self-signed, or from an authority that this machine does not know: name it with \
                 `ca`",
            ),
            (Error::InvalidCertificate(C::NotValidYet), "the certificate of a:443 is not valid yet"),
            (Error::InvalidCertificate(C::BadEncoding), "the certificate of a:443 is not accepted: bad encoding"),
            (
                Error::InvalidCertificate(C::BadSignature),
                "a:443 has a certificate that no authority of this machine has signed, though one has the signer's name: \
                 name it with `ca`",
            ),
            (
                Error::InvalidCertificate(C::ExpiredContext {
                    time: UnixTime::since_unix_epoch(Duration::from_secs(1_800_000_000)),
                    not_after: UnixTime::since_unix_epoch(Duration::from_secs(1_793_570_400)),
                }),
                "the certificate of a:443 has expired, on 2026-11-01 at 22:00 UTC",
            ),
            (Error::AlertReceived(AlertDescription::HandshakeFailure), "a:443 refused TLS: handshake failure"),
            (
                Error::PeerIncompatible(PeerIncompatible::NoCipherSuitesInCommon),
                "no TLS in common with a:443: no cipher suites in common",
            ),
            (Error::NoCertificatesPresented, "TLS with a:443 failed: no certificates presented"),
        ] {
            assert_eq!(trouble(&error, "a:443", WayOut::Ca).why(), said);
        }
        assert_eq!(words("Other(OtherError(CaUsedAsEndEntity))"), "ca used as end entity");
        assert_eq!(
            words("UnsupportedSignatureAlgorithmContext { id: [1] }"),
            "unsupported signature algorithm context"
        );
    }
}
