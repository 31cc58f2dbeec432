//! `smtp`: a mail. TLS is verified; without TLS only this machine's own mail server is taken. A mail that is sent twice
//! has the same `Message-ID`, and what becomes of a notice answers the mail that told it. Accepted is not delivered: the
//! server may lose it later.

use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MessageBuilder};
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::{Kind, Setup, TIMEOUT};
use crate::core::web;
use crate::core::launch::Undelivered;
use crate::core::notice::{Act, Message};
use crate::core::text::OneOrMany;

/// `smtp = { host = "mail.example.com", user = "tminus", password = "${secret.mail}", from = "…", to = ["…"] }`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Smtp {
    /// The mail server.
    host: String,
    /// Its port; 587 unless given, 465 with `tls = "tls"`, 25 with `tls = "none"`.
    #[serde(default)]
    port: Option<u16>,
    /// How the connection is kept private.
    #[serde(default)]
    tls: Privacy,
    /// A PEM file with further authorities to trust, beside the plan.
    #[serde(default)]
    ca: Option<String>,
    /// Who logs in; nobody unless given.
    #[serde(default)]
    user: Option<String>,
    /// With which password, as `${secret.mail}`.
    #[serde(default)]
    password: Option<String>,
    /// Whom the mail is from: `tminus@example.com`, `Launches <tminus@example.com>`.
    from: String,
    /// Whom it is to; one or several.
    #[schemars(with = "OneOrMany")]
    to: Vec<String>,
}

/// How a connection is kept private.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Privacy {
    /// It begins in clear and must change to TLS before anything is said.
    #[default]
    Starttls,
    /// TLS from the beginning.
    Tls,
    /// In clear: only to this machine itself.
    None,
}

impl Smtp {
    fn port(&self) -> u16 {
        self.port.unwrap_or(match self.tls {
            Privacy::Starttls => 587,
            Privacy::Tls => 465,
            Privacy::None => 25,
        })
    }
}

impl Kind for Smtp {
    fn address(&self) -> Option<String> {
        Some(format!("{}:{}", self.host, self.port()))
    }

    fn target(&self) -> String {
        format!("{} by {}", self.to.join(", "), self.host)
    }

    fn problems(&self) -> Vec<(&'static str, String)> {
        let mut problems = Vec::new();
        let written = |text: &str| !text.contains("${");
        if self.tls == Privacy::None && written(&self.host) && !web::is_loopback(&self.host) {
            let why = format!("in clear `{}` is told everything on the way: only this machine is taken so", self.host);
            problems.push(("tls", why));
        }
        let mut address = |key, text: &String| {
            if written(text) && text.parse::<Mailbox>().is_err() {
                problems.push((key, format!("`{text}` is no mail address")));
            }
        };
        address("from", &self.from);
        self.to.iter().for_each(|to| address("to", to));
        if self.to.is_empty() {
            problems.push(("to", "the mail is to nobody".to_owned()));
        }
        if self.user.is_some() != self.password.is_some() {
            problems.push(("user", "user and password belong together".to_owned()));
        }
        if self.password.as_ref().is_some_and(|p| !p.contains("${secret.")) {
            problems.push(("password", "a password is a secret: write ${secret.NAME}".to_owned()));
        }
        problems
    }

    async fn send(&self, message: &Message, setup: &Setup) -> Result<(), Undelivered> {
        // In the binary it is installed already; a second call changes nothing.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let host = self.host.as_str();
        let tls = match self.tls {
            Privacy::None if !web::is_loopback(host) => {
                return Err(Undelivered::refused(format!("{host} is another machine, and tls = \"none\"")));
            }
            Privacy::None => Tls::None,
            Privacy::Starttls => Tls::Required(self.parameters(setup)?),
            Privacy::Tls => Tls::Wrapper(self.parameters(setup)?),
        };
        let port = self.port();
        let mut server = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(TIMEOUT));
        if let (Some(user), Some(password)) = (&self.user, &self.password) {
            server = server.credentials(Credentials::new(setup.fill(user)?, setup.fill(password)?));
        }
        let mail = self.mail(message)?;
        match server.build().send(mail).await {
            Ok(_) => Ok(()),
            Err(e) => Err(said(&e, &format!("{host}:{port}"))),
        }
    }
}

impl Smtp {
    fn parameters(&self, setup: &Setup) -> Result<TlsParameters, Undelivered> {
        let mut builder = TlsParameters::builder(self.host.clone());
        if let Some(ca) = &self.ca {
            let path = setup.dir.join(ca);
            let wrong = |why: String| Undelivered::refused(format!("ca {}: {why}", path.display()));
            let pem = std::fs::read(&path).map_err(|e| wrong(e.to_string()))?;
            builder = builder.add_root_certificate(Certificate::from_pem(&pem).map_err(|e| wrong(causes(&e)))?);
        }
        builder.build_rustls().map_err(|e| Undelivered::new(format!("TLS can't be set up: {}", causes(&e))))
    }

    fn mail(&self, message: &Message) -> Result<lettre::Message, Undelivered> {
        let address = |text: &String| {
            text.parse::<Mailbox>().map_err(|e| Undelivered::refused(format!("`{text}` is no mail address: {e}")))
        };
        let first = id(message, Act::Trigger);
        let act = message.act();
        let from = address(&self.from)?;
        let mut mail: MessageBuilder = lettre::Message::builder()
            .from(from)
            .subject(message.title.clone())
            .message_id(Some(id(message, act)))
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .header(ContentType::TEXT_PLAIN);
        if act != Act::Trigger {
            mail = mail.in_reply_to(first.clone()).references(first);
        }
        for to in &self.to {
            mail = mail.to(address(to)?);
        }
        mail.body(message.body()).map_err(|e| Undelivered::refused(format!("the mail can't be written: {e}")))
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// The same for the same message, whenever and however often it is sent.
fn id(message: &Message, act: Act) -> String {
    let hash = Sha256::digest(message.key().as_bytes());
    let hex: String = hash.iter().take(16).map(|b| format!("{b:02x}")).collect();
    format!("<{hex}.{}.{}@tminus>", act.name(), message.notices.len())
}

/// 5xx is a refusal; anything else may be better later.
fn said(error: &SmtpError, place: &str) -> Undelivered {
    let why = format!("{place}: {}", causes(error));
    if error.is_permanent() { Undelivered::refused(why) } else { Undelivered::new(why) }
}

/// The last cause, which has the words that help, with the code of an answer.
fn causes(error: &SmtpError) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(next) = cause.source() {
        cause = next;
    }
    if let Some(code) = error.status() {
        return format!("answered {code} {cause}");
    }
    match cause.to_string() {
        // It is what lettre says where a server hangs up.
        text if text == "incomplete response" => "it hung up without an answer".to_owned(),
        text if error.is_response() => format!("answered what is no mail server's word: {text}"),
        text => text.split(" (os error").next().unwrap_or(&text).to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::net::TcpListener;

    use super::*;
    use crate::notify::tests::{message, setup};

    /// A server that greets, takes each word and says `to_rcpt` to the recipient; without a word it hangs up at once.
    fn server(to_rcpt: Option<&'static str>) -> Smtp {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            for mut stream in listener.incoming().flatten() {
                let Some(to_rcpt) = to_rcpt else { continue };
                let lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let _ = stream.write_all(b"220 here\r\n");
                for line in lines.map_while(Result::ok) {
                    let said = if line.starts_with("RCPT") { to_rcpt } else { "250 ok" };
                    let _ = stream.write_all(format!("{said}\r\n").as_bytes());
                }
            }
        });
        let table = serde_json::json!({
            "host": "127.0.0.1", "port": port, "tls": "none", "from": "a@example.com", "to": ["b@example.com"],
        });
        serde_json::from_value(table).unwrap()
    }

    #[tokio::test]
    async fn what_a_server_answers_is_told_with_its_code_and_that_it_hung_up() {
        for (says, words, refused) in [
            (Some("550 no such user"), "answered 550 no such user", true),
            (Some("451 try later"), "answered 451 try later", false),
            (None, "it hung up without an answer", false),
        ] {
            let failed = server(says).send(&message("x"), &setup()).await.unwrap_err();
            assert!(failed.why.ends_with(&format!(": {words}")), "{}", failed.why);
            assert_eq!(failed.refused, refused, "{words}");
        }
    }
}
