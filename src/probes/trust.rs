//! Whose certificates are trusted beside those that the machine trusts: the authorities in a file of the plan, and servers
//! whose own certificate stands in it.
//!
//! `openssl req -x509` makes a certificate that signs itself and says of itself that it is an authority's. The rules of
//! the web let no server show one; here it is taken from a server if that very certificate is in the file, it is in its
//! time, and it is for the server's name.
//!
//! What the machine trusts is read once for all probes that are opened together, and no connection goes on from an earlier
//! one's TLS session: each shows its certificate anew.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rustls::client::Resumption;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::verify_server_name;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{
    CertificateError, ClientConfig, ConfigBuilder, DigitallySignedStruct, Error, RootCertStore, SignatureScheme,
    WantsVerifier,
};
use rustls_platform_verifier::Verifier;

use super::tls;

/// For so long what the machine trusts is taken as it was read: the probes of a plan are opened at once, and each of its own
/// would take 100 KB.
const FRESH: Duration = Duration::from_secs(10);

/// What the machine trusts, and when it was read.
static MACHINE: Mutex<Option<(Instant, Arc<dyn ServerCertVerifier>)>> = Mutex::new(None);

/// How to speak TLS where the machine's certificates are trusted. An error in words.
pub(super) fn machine() -> Result<ClientConfig, String> {
    let mut machine = MACHINE.lock().unwrap_or_else(PoisonError::into_inner);
    let verifier = match &*machine {
        Some((read, verifier)) if read.elapsed() < FRESH => verifier.clone(),
        _ => {
            let read = Verifier::new(Arc::new(rustls::crypto::ring::default_provider())).map_err(|e| tls::plain(&e))?;
            let verifier: Arc<dyn ServerCertVerifier> = Arc::new(read);
            *machine = Some((Instant::now(), verifier.clone()));
            verifier
        }
    };
    by(verifier)
}

/// Where no TLS is spoken: it trusts nobody.
pub(super) fn nobody() -> Result<ClientConfig, String> {
    Ok(anew(ours()?.with_root_certificates(RootCertStore::empty()).with_no_client_auth()))
}

/// How to speak TLS where that verifies.
fn by(verifier: Arc<dyn ServerCertVerifier>) -> Result<ClientConfig, String> {
    Ok(anew(ours()?.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()))
}

/// How all speak TLS, without whom they trust yet.
fn ours() -> Result<ConfigBuilder<ClientConfig, WantsVerifier>, String> {
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()));
    config.with_safe_default_protocol_versions().map_err(|e| tls::plain(&e))
}

/// Each connection shows its certificate: one that goes on from an earlier one would hide that it has expired since.
fn anew(mut config: ClientConfig) -> ClientConfig {
    config.resumption = Resumption::disabled();
    config
}

/// How to speak TLS where the certificates of a PEM file are trusted too. An error in words, without the file's name.
pub(super) fn with(path: &Path) -> Result<ClientConfig, String> {
    let pem = std::fs::read(path).map_err(|e| e.to_string())?;
    let named: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    let named = named.map_err(|e| format!("it can't be read as PEM: {e}"))?;
    if named.is_empty() {
        return Err("it has no certificate in it".to_owned());
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let machine = Verifier::new_with_extra_roots(named.clone(), provider).map_err(|e| tls::plain(&e))?;
    by(Arc::new(Trust { machine, named }))
}

/// As the machine verifies, but a server may show a certificate of the file itself.
#[derive(Debug)]
struct Trust {
    machine: Verifier,
    named: Vec<CertificateDer<'static>>,
}

impl ServerCertVerifier for Trust {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.machine.verify_server_cert(end_entity, intermediates, name, ocsp, now) {
            // The verifier looks at the dates first: what it says of an authority's certificate is about one in its time.
            Err(Error::InvalidCertificate(why)) if is_authority(&why) && self.named.contains(end_entity) => {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, name)?;
                Ok(ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.machine.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.machine.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.machine.supported_verify_schemes()
    }
}

/// Whether it is refused because it is an authority's, and for nothing else before that.
pub(super) fn is_authority(why: &CertificateError) -> bool {
    format!("{why:?}").contains("CaUsedAsEndEntity")
}
