//! Addresses of the web as a plan writes them: what counts as one, and what is said of others. Probes and channels ask
//! here, so that both say the same. It asks nobody.

use url::Url;

/// An `http:` or `https:` URL whose secrets are filled in. What is wrong with it is said of `written`, without them.
///
/// # Errors
/// It is no URL, or one of another kind.
pub fn url(written: &str, filled: &str) -> Result<Url, String> {
    let url = Url::parse(filled.trim()).map_err(|e| format!("`{written}` is no URL: {e}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(format!("`{written}` begins with `{other}:`, not with http: or https:")),
    }
}

/// What is wrong with a URL as the plan writes it, if it can be said without the secrets.
pub fn problem(written: &str) -> Option<String> {
    if written.contains("${") {
        return None;
    }
    match Url::parse(written) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => None,
        Ok(_) => Some(format!("`{written}` does not begin with http:// or https://")),
        Err(e) => Some(format!("`{written}` is no URL: {e}")),
    }
}

/// The host and port of a URL, which hide nothing that is secret where the whole URL is.
pub fn place(url: &Url) -> Option<String> {
    Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
}

/// Whether a host is this machine, by its name or address alone.
pub fn is_loopback(host: &str) -> bool {
    let host = host.trim_matches(['[', ']']);
    host == "localhost" || host.parse::<std::net::IpAddr>().is_ok_and(|ip| ip.is_loopback())
}
